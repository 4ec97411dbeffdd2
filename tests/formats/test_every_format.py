"""What holds of every format, on the samples that `fixtures/formats` writes."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest

from fixtures.formats import FILES, all_samples
from logparse.errors import LogParseError
from logparse.formats import all_formats, format_named
from logparse.readers.points.reader import PointsReader
from logparse.run import Run
from logparse.session import Session
from tests.mutations import damaged
from tests.test_golden import compare, records, report

SAMPLES = {name: raw for samples in all_samples().values() for name, raw in samples.items()}
FORMAT_OF = {
    name: module.replace("_", "-") for module, samples in all_samples().items() for name in samples
}
NAMES = sorted(SAMPLES)


def runs(raw: bytes, source: str = "test", cuts: tuple[int, ...] = ()) -> list[Run]:
    session = Session(source, rules=())
    for start, stop in pairwise((0, *sorted(cuts), len(raw))):
        session.feed(raw[start:stop])
    return session.runs()


def lines_of(raw: bytes) -> int:
    text = raw.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return len(text) - (text[-1] == "")


def test_every_format_of_points_has_a_sample() -> None:
    own = {one.format for one in all_formats() if issubclass(one, PointsReader)}
    assert own == set(FORMAT_OF.values())
    assert sum(map(len, all_samples().values())) == len(SAMPLES), "two samples of one name"


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_the_one_its_maker_writes(name: str) -> None:
    assert (FILES / name).read_bytes() == SAMPLES[name]


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_read_as_what_it_is(name: str) -> None:
    found = runs(SAMPLES[name], name)
    assert {run.format for run in found} == {FORMAT_OF[name]}
    assert all(len(run.epochs) for run in found)


@pytest.mark.parametrize("name", NAMES)
def test_records_and_report_are_the_golden_ones(name: str, update_golden: bool) -> None:
    path = FILES / name
    if b"\0" not in SAMPLES[name]:
        compare(_golden(path, "records.jsonl"), records(path), update=update_golden)
    compare(_golden(path, "report.txt"), report(path), update=update_golden)


@pytest.mark.parametrize("name", NAMES)
def test_no_line_is_lost_and_rows_rise(name: str) -> None:
    raw = SAMPLES[name]
    found = runs(raw, name)
    assert all(run.epochs["epoch"].is_monotonic_increasing for run in found)
    assert all(run.epochs["epoch"].is_unique for run in found)
    parts = (c for run in found for c in (run.coverage.parsed, run.coverage.legend,
                                          run.coverage.blank, run.coverage.unparsed))  # fmt: skip
    total = sum(run.coverage.lines for run in found)
    assert sum(parts) == total
    if b"\0" not in raw:
        assert total == lines_of(raw)


@pytest.mark.parametrize("name", NAMES)
def test_cutting_is_invisible(name: str) -> None:
    raw, rng = SAMPLES[name], random.Random(name)
    whole = runs(raw, name)
    for count in (1, 3, 12):
        cuts = tuple(rng.randrange(len(raw) + 1) for _ in range(count))
        for run, again in zip(whole, runs(raw, name, cuts), strict=True):
            assert run.format == again.format and run.coverage == again.coverage
            assert run.epochs.equals(again.epochs)


@pytest.mark.parametrize("name", NAMES)
def test_damage_raises_nothing_but_a_clear_word(name: str) -> None:
    rng = random.Random(name)
    for times in (1, 2, 5):
        raw = damaged(SAMPLES[name], rng, times=times)
        for session in (Session(name), Session(name)):
            session.feed(raw)
            for build in session.so_far():
                build()
            try:
                for judged in session.close().runs:
                    assert not [f for f in judged.findings if f.code == "TOOL001"], judged.findings
            except LogParseError as error:
                assert "\n" not in str(error)


@pytest.mark.parametrize("name", NAMES)
def test_what_was_built_on_the_way_stays_as_it_is(name: str) -> None:
    session, raw = Session(name, rules=()), SAMPLES[name]
    session.feed(raw[: len(raw) // 2])
    early = [build() for build in session.so_far()]
    before = [run.epochs.copy() for run in early]
    session.feed(raw[len(raw) // 2 :])
    session.runs()
    assert all(run.epochs.equals(kept) for run, kept in zip(early, before, strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_the_reader_is_chosen_by_name_too(name: str) -> None:
    reader = format_named(FORMAT_OF[name])
    assert reader is not None
    own = reader(name)
    own.feed(SAMPLES[name])
    assert [build().epochs.shape for build in own.close()] == [
        run.epochs.shape for run in runs(SAMPLES[name], name)
    ]


def _golden(path: Path, kind: str) -> Path:
    return path.with_name(f"{path.name}.{kind}")
