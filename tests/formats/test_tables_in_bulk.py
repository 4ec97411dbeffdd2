"""Tables are read in bulk where they are clean, with the results of reading line by line."""

from __future__ import annotations

import random

import pandas as pd
import pytest

from logparse.readers import tables
from logparse.run import Run
from logparse.session import Session

ODD = (
    "nan",
    "-nan",
    "inf",
    "",
    "  ",
    "N/A",
    "tensor(0.5)",
    "50%",
    "5.",
    "1e999",
    "1_0",
    "True",
    "x",
)


def table(rng: random.Random, rows: int) -> bytes:
    """A table with strange cells, lines and headers in places."""
    separator, quote = rng.choice(",;\t"), rng.choice(["", "", '"'])
    header = separator.join(("epoch", "train_loss", "val_loss", "note", "other"))
    lines = [header]
    for at in range(rows):
        cells = [str(at), *(repr(rng.uniform(0, 10 ** rng.randrange(-9, 9))) for _ in "ab"), "ok"]
        cells.append(rng.choice(["", str(rng.random()), f" {rng.random()} "]))
        if rng.random() < 0.02:
            cells[rng.randrange(1, 5)] = rng.choice(ODD)
        if rng.random() < 0.01:
            cells = cells[:-1] if rng.random() < 0.5 else [*cells, "1"]
        lines.append(separator.join(quote + cell + quote for cell in cells))
        if rng.random() < 0.01:
            lines.append(rng.choice([header, "", "# a", f"epoch{separator}loss", "a\rb", '"']))
    return (rng.choice(["\n", "\r\n"]).join(lines)).encode()


def read(raw: bytes, step: int) -> list[Run]:
    session = Session("x", rules=())
    for start in range(0, len(raw), step):
        session.feed(raw[start : start + step])
    return session.runs()


@pytest.mark.parametrize("seed", range(12))
def test_in_bulk_as_line_by_line(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = table(random.Random(seed), 300)
    monkeypatch.setattr(tables, "SMALL", 1 << 30)
    slow = read(raw, 1000)
    monkeypatch.setattr(tables, "SMALL", 64)
    for run, again in zip(slow, read(raw, len(raw)), strict=True):
        assert run.coverage == again.coverage and run.unparsed == again.unparsed
        assert run.points is not None and again.points is not None
        pd.testing.assert_frame_equal(run.points, again.points, check_exact=True)
        assert {k: v.tolist() for k, v in run.nonfinite.items()} == {
            k: v.tolist() for k, v in again.nonfinite.items()
        }


def test_clean_lines_are_not_read_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f"{at},{1 / (at + 1)},warm,\n" for at in range(50_000))
    taken: list[int] = []
    take = tables.TableReader.take

    def counted(self: tables.TableReader, number: int, line: str) -> object:
        taken.append(number)
        return take(self, number, line)

    monkeypatch.setattr(tables.TableReader, "take", counted)
    (run,) = read(("step,loss,phase,val_loss\n" + rows).encode(), 1 << 18)
    assert run.coverage.parsed == 50_000 and len(taken) < 1500


def test_a_line_longer_than_the_limit_is_unparsed_in_bulk_too() -> None:
    raw = b"epoch,loss\n1,1\n2," + b"1" * (1 << 20) + b"\n" + b"3,1\n" * 2000
    (run,) = read(raw, len(raw))
    assert run.coverage.unparsed_ranges == ((3, 3),)
