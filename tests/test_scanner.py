"""The scanner and Lark give equal readings of every line, whole or damaged."""

import random

import pytest

from fixtures.dialects import DIALECTS, simulate, write
from logparse.formats.run_log import STARTS, TABLES
from logparse.lines import LineAssembler
from logparse.scan import Parsed, Rejected, Scanner
from tests.mutations import damaged
from tests.reading import assert_same_run, runs_of


def both(*, warm: str) -> tuple[Scanner, Scanner]:
    """A scanner that has learned from a log, and one that always asks Lark."""
    learned = Scanner("run_log", STARTS, tables=TABLES)
    for line in warm.split("\n") * 2:
        if line:
            learned.parse(line, start_of(line))
    return learned, Scanner("run_log", STARTS, tables=TABLES, learn=False)


def start_of(line: str) -> str:
    return "indented" if line[0].isspace() else "legend" if line[0] == "#" else "line"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_scanner_equals_lark_on_whole_and_damaged_lines(dialect: str) -> None:
    text = "".join(write(simulate(dialect, epochs=6, seed=seed)) for seed in (0, 1))
    learned, reference = both(warm=text)
    rng = random.Random(dialect)
    for _ in range(25):
        raw = damaged(text.encode(), rng, times=60)
        assembler = LineAssembler()
        for line in assembler.feed(raw) + assembler.close():
            if not line or line.isspace():
                continue
            start = start_of(line)
            found, expected = learned.parse(line, start), reference.parse(line, start)
            assert type(found) is type(expected), line
            if isinstance(found, Parsed) and isinstance(expected, Parsed):
                assert (found.shape.kind, found.values) == (expected.shape.kind, expected.values), (
                    line
                )
                assert found.shape.slots == expected.shape.slots, line


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_frames_are_equal_too(dialect: str) -> None:
    text = write(simulate(dialect, epochs=9))
    for fast, slow in zip(runs_of(text), runs_of(text, learn=False), strict=True):
        assert_same_run(fast, slow)


def test_most_lines_of_a_long_log_never_reach_lark(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    ask = Scanner.parse_with_lark
    monkeypatch.setattr(
        Scanner, "parse_with_lark", lambda self, *args: asked.append(args) or ask(self, *args)
    )
    text = write(simulate("F2", epochs=200))
    runs_of(text)
    assert len(asked) < 60 < text.count("\n")


def test_numbers_a_pattern_has_not_seen_still_match_it() -> None:
    text = write(simulate("F2", epochs=2))
    learned, _ = both(warm=text)
    line = next(line for line in text.split("\n") if line.startswith("G/U="))
    odd = line.replace(line.split(":")[1].split("/")[0], "nan", 1)
    found = learned.parse(odd, "line")
    assert isinstance(found, Parsed) and "nan" in found.values[0]


def test_a_rejection_says_where_and_what_was_expected() -> None:
    _, reference = both(warm="")
    found = reference.parse("E01 | GD[4.7e-04,2.6e-0", "line")
    assert (
        isinstance(found, Rejected)
        and found.column == 18
        and found.expected == "a number like 7.2e-05"
    )


def test_hostile_shapes_do_not_grow_the_memory_for_ever() -> None:
    from logparse import scan

    learned, _ = both(warm="")
    for count in range(scan.MAX_SHAPES + 40):
        for _ in range(2):
            learned.parse(
                "E01" + " | " * (count % 300 + 1) + "lr=1.0e-03 | " * (count // 300), "line"
            )
    assert len(learned._shapes) <= scan.MAX_SHAPES
    assert all(
        len(shapes) <= scan.MAX_HOT for hot in learned._hot.values() for shapes in hot.values()
    )
