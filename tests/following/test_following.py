"""Tail equals batch: what is told of a growing log is in the end what `analyze` says of it."""

import random
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

import logparse
from fixtures.letters import letters_document
from logparse.following.events import Kind
from tests.following.stage import Stage
from tests.fuzz import DOCUMENTS, LOGS
from tests.mutations import damaged

WAITS_S = (0.0, 0.05, 0.3, 1.5, 40.0)


def follow_in_pieces(path: Path, raw: bytes, rng: random.Random, most: int) -> Stage:
    """The stage after the bytes were written in pieces, with looks and pauses between."""
    stage = Stage(path)
    at = 0
    while at < len(raw):
        size = rng.randrange(1, most)
        with path.open("ab") as file:
            file.write(raw[at : at + size])
        at += size
        for _ in range(rng.randrange(3)):
            stage.step(rng.choice(WAITS_S))
    return stage


ALL = [*LOGS, *(document for document in DOCUMENTS if b"\n{" in document)]
"""Logs that grow by lines: the JSON that is a document of its own is written in another way."""


@given(st.integers(0, len(ALL) - 1), st.integers(0, 2**32), st.sampled_from((400, 6_000, 40_000)))
@settings(max_examples=30, deadline=None)
def test_tail_at_the_end_of_a_file_equals_analyze_of_it(log: int, seed: int, most: int) -> None:
    rng = random.Random(seed)
    raw = damaged(ALL[log], rng, times=seed % 4)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "run.log"
        stage = follow_in_pieces(path, raw, rng, most)
        followed, whole = stage.close(), logparse.analyze(path)
        assert logparse.render(followed, "json") == logparse.render(whole, "json")
    if followed.runs and not any(event.kind is Kind.REPLACED for event in stage.events):
        codes = sorted(finding.code for finding in followed.runs[-1].findings)
        assert stage.standing() == codes


@given(st.integers(0, 2**32), st.integers(1, 6))
@settings(max_examples=15, deadline=None)
def test_tail_at_the_end_of_a_document_equals_analyze_of_it(seed: int, times: int) -> None:
    rng = random.Random(seed)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "part1_training_metrics.json"
        stage = Stage(path)
        for epochs in range(1, times + 1):
            raw = letters_document(epochs, planned=times, is_finished=epochs == times).encode()
            raw = damaged(raw, rng, times=rng.choice((0, 0, 1)))
            for end in (rng.randrange(len(raw)), len(raw)):
                path.write_bytes(raw[:end])
                for _ in range(rng.randrange(3)):
                    stage.step(rng.choice(WAITS_S))
        followed, whole = stage.close(), logparse.analyze(path)
        assert logparse.render(followed, "json") == logparse.render(whole, "json")
