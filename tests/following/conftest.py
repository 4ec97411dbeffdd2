"""No test leaves a file open, whatever became of it."""

from collections.abc import Iterator

import pytest

from tests.following.stage import Stage


@pytest.fixture(autouse=True)
def _stages_are_left_empty() -> Iterator[None]:
    yield
    while Stage.all:
        Stage.all.pop().following.release()
