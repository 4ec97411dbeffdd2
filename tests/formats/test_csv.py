"""Generic CSV: dialects, cells that are no numbers, headers in the middle, and what is no log."""

from __future__ import annotations

import numpy as np
import pytest

from logparse.errors import NotALogError
from logparse.formats.csv import CsvReader
from logparse.run import Run
from logparse.session import Session

ROWS = "1,0.9,0.8\n2,0.7,0.6\n3,0.5,0.4\n"
HEADER = "epoch,loss,val_loss\n"


def read(text: str | bytes) -> list[Run]:
    session = Session("x.csv", rules=())
    session.feed(text.encode() if isinstance(text, str) else text)
    return session.runs()


def one(text: str | bytes) -> Run:
    (run,) = read(text)
    return run


@pytest.mark.parametrize("separator", [",", ";", "\t", " | "])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff", "\n# of a comment\n"])
def test_dialects_are_one(separator: str, end: str, start: str) -> None:
    text = ("run," + HEADER + ROWS.replace("\n", "\na,")).replace("\n1,", "\na,1,")[:-2]
    run = one((start + text).replace(",", separator).replace("\n", end))
    assert run.format == "csv" and run.coverage.unparsed == 0
    assert run.epochs["val_loss"].tolist() == [0.8, 0.6, 0.4]


def test_cells_that_are_no_plain_numbers() -> None:
    rows = ["4,\"tensor(0.5, device='cuda:0')\",[0.25]", "5,nan,", "6,-inf,N/A", "7,50%,-", ",,"]
    run = one("epoch,my,loss\n1,1,2\n2,1,2\n3,1,2\n" + "\n".join(rows) + "\n")
    assert run.points is not None
    assert run.points["my"].tolist()[3:] == [0.5, pytest.approx(np.nan, nan_ok=True), -np.inf, 50.0]
    assert run.epochs["train_loss"].tolist()[:4] == [2, 2, 2, 0.25]
    assert run.coverage.legend == 2 and not run.nonfinite, "blanks are no NaN that was printed"


def test_decimal_commas_where_cells_are_parted_by_semicolons() -> None:
    assert one("epoch;loss\n1;0,5\n2;1,5e-1\n3;0.1\n").epochs["train_loss"].tolist() == [
        0.5, 0.15, 0.1,
    ]  # fmt: skip


def test_a_text_among_numbers_of_a_known_column_makes_the_line_unclear() -> None:
    run = one("epoch,loss,hash\n1,0.5,12\n2,0.x4,13\n3,0.3,a4\n")
    assert run.coverage.unparsed_ranges == ((3, 3),)
    assert run.unparsed[0].expected == "a number in the column loss"


def test_columns_of_texts_are_passed_over() -> None:
    run = one("date,phase,loss\n" + "2024-01-01,warm,0.5\n" * 4 + "2024-01-01,7,0.5\n")
    assert {*run.epochs} - {"epoch", "line"} == {"train_loss"} and run.coverage.unparsed == 0


def test_rows_of_another_length_are_not_guessed_at() -> None:
    run = one(HEADER + ROWS + "4,0.3\n5,0.2,0.1,7\n6,0.2,0.1,,\n")
    assert run.coverage.unparsed_ranges == ((5, 6),) and run.last_epoch == 6
    assert {u.expected for u in run.unparsed} == {"3 cells, as many as the header has"}


def test_an_appended_run_of_other_columns_under_the_old_header_is_named() -> None:
    run = one(HEADER + ROWS + "1,0.3\n2,0.2\n")
    assert [u.expected.split(":")[0] for u in run.unparsed] == ["a header of 2 columns"] * 2


@pytest.mark.parametrize(
    ("text", "epochs"),
    [
        (HEADER + ROWS + HEADER + ROWS, [3, 3]),
        (HEADER + "1,2,3\n" + HEADER + "1,2,3\n", [1, 1]),
        (HEADER + "1,2,3\n" + HEADER + "2,2,3\n" + HEADER + "3,1,1\n", [3]),
        ("loss,acc\n1,0\n0.5,0\nloss,acc\n1,0\n", [2, 1]),
        (HEADER + ROWS + "epoch,loss,val_loss,lr\n1,2,3,4\n2,2,3,4\n", [3, 2]),
    ],
)
def test_a_header_in_the_middle_begins_a_run_unless_counting_goes_on(
    text: str, epochs: list[int]
) -> None:
    runs = read(text)
    assert [len(run.epochs) for run in runs] == epochs
    assert sum(run.coverage.legend for run in runs) == text.count("loss,") - text.count("_loss,")


def test_a_last_line_that_is_cut_is_no_row() -> None:
    run = one(HEADER + ROWS + "4,0.")
    assert run.truncation is not None and run.truncation.line == 5 and run.last_epoch == 3


@pytest.mark.parametrize(
    "text",
    [
        "id,price,rooms\n1,2.5,3\n2,3.5,4\n",
        "1,2,3\n4,5,6\n7,8,9\n",
        "name,city\nann,rome\nbob,oslo\n",
        b"PK\x03\x04\x00\x00,\x8f\x01\n,\x00\xff\n" * 40,
    ],
)
def test_what_is_no_log_is_refused(text: str | bytes) -> None:
    with pytest.raises(NotALogError):
        read(text)


def test_columns_of_unknown_meaning_are_listed_and_may_be_explained() -> None:
    with pytest.raises(NotALogError, match="known meaning among id, price, rooms"):
        read("id,price,rooms\n1,2.5,3\n2,3.5,4\n")


@pytest.mark.parametrize(
    "head", [b"epoch: 1, loss: 0.5\nepoch: 2, loss: 0.4\n", b"a,b\n", b"Hello, world\n1,2\nx\ny\n"]
)
def test_text_with_commas_is_no_table(head: bytes) -> None:
    assert not CsvReader.begins(head)
