"""Generic JSON documents: lists of objects, and lists of numbers by name."""

from __future__ import annotations

import json

import pytest

from logparse.errors import NotALogError
from logparse.readers.json_places import MAX_BYTES
from logparse.run import Run
from logparse.session import Session

HISTORY = {"loss": [3.0, 2.0, 1.5], "val_loss": [3.5, 2.5, 2.0]}
RECORDS = [{"epoch": at, "loss": 1 / at, "val": {"loss": 2 / at}} for at in range(1, 7)]


def run_of(text: str, name: str = "x.json") -> Run:
    session = Session(name, rules=())
    session.feed(text.encode())
    (run,) = session.runs()
    return run


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("wrapped", [False, True])
def test_lists_of_numbers_are_columns(wrapped: bool, indent: int | None) -> None:
    document = {"config": {"lr": 0.1}, "history": HISTORY, "best": 2.0} if wrapped else HISTORY
    run = run_of(json.dumps(document, indent=indent))
    assert run.format == "json-document" and run.axis == "epoch"
    assert run.epochs["train_loss"].tolist() == HISTORY["loss"]
    assert run.epochs["val_loss"].tolist() == HISTORY["val_loss"]
    assert dict(run.settings) == ({"lr": 0.1, "best": 2.0} if wrapped else {})


def test_items_on_lines_of_their_own_have_these_lines() -> None:
    assert run_of(json.dumps(HISTORY, indent=1)).epochs["line"].tolist() == [3, 4, 5]
    assert run_of(json.dumps(HISTORY)).epochs["line"].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(RECORDS),
        json.dumps(RECORDS, indent=2),
        "[\n" + ",\n".join(map(json.dumps, RECORDS)) + "\n]\n",
        json.dumps({"args": {"lr": 0.1}, "log": RECORDS, "epochs": 6}),
    ],
)
def test_objects_of_a_list_are_points(text: str) -> None:
    run = run_of(text)
    assert run.format == "json-document" and run.coverage.unparsed == 0
    assert run.epochs["epoch"].tolist() == [1, 2, 3, 4, 5, 6]
    assert run.epochs["val_loss"].iloc[-1] == pytest.approx(1 / 3)


@pytest.mark.parametrize(("kept", "losses"), [(28, [3.0, 2.0, 1.5]), (20, [3.0, 2.0])])
def test_a_cut_list_is_read_up_to_its_cut(kept: int, losses: list[float]) -> None:
    run = run_of(json.dumps(HISTORY)[:kept])
    assert run.epochs["train_loss"].tolist() == losses
    assert run.truncation is not None and run.truncation.line == 1


def test_behind_a_fault_reading_goes_on_at_the_next_object() -> None:
    text = json.dumps({"log": RECORDS, "seed": 1}, indent=1).replace('"epoch": 3', '"epoch" 3')
    run = run_of(text)
    assert run.epochs["epoch"].tolist() == [1, 2, 4, 5, 6]
    assert run.truncation is None and dict(run.settings) == {"seed": 1}
    assert run.coverage.unparsed > 0


def test_a_shorter_list_is_of_what_is_logged_less_often_or_was_cut() -> None:
    steps = {"train_losses": [1.0 / at for at in range(1, 13)], "val_losses": [0.5, 0.25, 0.2]}
    run = run_of(json.dumps(steps))
    assert run.epochs["val_loss"].dropna().index.tolist() == [3, 7, 11]
    run = run_of(json.dumps({"loss": [4, 3, 2, 1], "val_loss": [4, 3, 2]}))
    assert run.epochs["val_loss"].dropna().index.tolist() == [0, 1, 2]


@pytest.mark.parametrize("key", ["%d", "epoch_%d", "Epoch %d"])
def test_objects_under_keys_that_count_are_points(key: str) -> None:
    epochs = {key % at: {"loss": 1 / at, "val": {"loss": 2 / at}} for at in range(1, 6)}
    run = run_of(json.dumps({"seed": 1, "results": epochs}, indent=1))
    assert run.epochs["epoch"].tolist() == [1, 2, 3, 4, 5]
    assert run.epochs["val_loss"].iloc[1] == 1.0 and dict(run.settings) == {"seed": 1}


def test_lists_of_two_splits() -> None:
    run = run_of(json.dumps({"train": {"loss": [2, 1]}, "valid": {"loss": [3, 2]}}))
    assert run.epochs["train_loss"].tolist() == [2, 1]
    assert run.epochs["val_loss"].tolist() == [3, 2]


def test_a_norm_in_a_file_of_gradients_is_that_of_the_gradient() -> None:
    text = json.dumps({"norm": [1.5, 2.5]})
    assert run_of(text, "out/gradient_norms.json").epochs["grad_norm"].tolist() == [1.5, 2.5]
    with pytest.raises(NotALogError):
        run_of(text, "gradual/weights.json")


@pytest.mark.parametrize(
    "document",
    [
        {"images": [{"id": 1, "width": 640}] * 5},
        {"name": "x", "files": ["a", "b"]},
        {"sizes": [1, 2, 3]},
        [1, 2, 3],
        [],
    ],
)
def test_documents_of_other_kinds_are_no_logs(document: object) -> None:
    with pytest.raises(NotALogError, match="json-document: no list of numbers"):
        run_of(json.dumps(document))


def test_a_document_beyond_the_limit_is_refused() -> None:
    session = Session("x.json", rules=())
    session.feed(json.dumps(HISTORY)[:-1].encode() + b', "x": "' + b"y" * (1 << 18))
    session.feed(b"y" * MAX_BYTES)
    assert session.is_hopeless
    with pytest.raises(NotALogError, match="larger than 64 MiB"):
        session.runs()
