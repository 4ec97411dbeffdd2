"""What is learned from a grammar says the same as the grammar, in every format of lines."""

from __future__ import annotations

import pytest

from fixtures.formats import all_samples
from logparse.formats import all_formats
from logparse.readers.points_of_lines import GrammarPoints

READERS = {one.format: one for one in all_formats() if issubclass(one, GrammarPoints)}
SAMPLES = [
    (module.replace("_", "-"), name, raw)
    for module, samples in all_samples().items()
    for name, raw in samples.items()
    if module.replace("_", "-") in READERS
]


@pytest.mark.parametrize(("format", "name", "raw"), SAMPLES, ids=[one[1] for one in SAMPLES])
def test_learned_patterns_read_as_the_grammar_does(format: str, name: str, raw: bytes) -> None:
    raw = raw[:20_000]
    found = []
    for learn in (True, False):
        reader = READERS[format](name, learn=learn)
        reader.feed(raw)
        found.append([build() for build in reader.close()])
    learned, parsed = found
    assert len(learned) == len(parsed) > 0
    assert all(a.points.equals(b.points) for a, b in zip(learned, parsed, strict=True))
    assert [run.settings for run in learned] == [run.settings for run in parsed]
    assert [run.unparsed for run in learned] == [run.unparsed for run in parsed]
    assert [run.coverage for run in learned] == [run.coverage for run in parsed]
