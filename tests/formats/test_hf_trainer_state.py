"""trainer_state.json: entries of every kind, sets, settings, and what is left of a cut file."""

from __future__ import annotations

import json
import math

import pytest

from fixtures.formats.hf_trainer_state import samples
from logparse.run import Run
from logparse.session import Session

TRAIN = {"epoch": 0.1, "step": 10, "loss": 2.0, "learning_rate": 1e-4}


def run_of(raw: str | bytes) -> Run:
    session = Session("trainer_state.json", rules=())
    session.feed(raw if isinstance(raw, bytes) else raw.encode())
    (run,) = session.runs()
    assert run.format == "hf-trainer-state"
    return run


def state(*entries: dict[str, object], **head: object) -> str:
    return json.dumps({"log_history": entries, **head})


def test_an_evaluation_belongs_to_the_step_it_was_made_at() -> None:
    run = run_of(samples()["trainer_state.json"])
    assert run.axis == "step" and run.epochs["step"].tolist() == list(range(10, 301, 10))
    assert run.epochs.loc[run.epochs["val_loss"].notna(), "step"].tolist() == [*range(50, 301, 50)]
    assert run.nonfinite["grad_norm"].tolist() == [4]
    assert run.coverage.unparsed == 0


def test_the_summary_is_no_point() -> None:
    run = run_of(samples()["trainer_state.json"])
    assert run.micro["summary/train_loss"] == 0.71 and run.micro["summary/train_runtime"] == 91.5
    assert run.epochs["train_loss"].iloc[-1] != 0.71
    assert not {"summary/step", "summary/epoch"} & run.micro.keys()


def test_the_head_tells_settings_with_their_lines() -> None:
    run = run_of(samples()["trainer_state.json"])
    assert {key: run.settings[key] for key in ("max_steps", "global_step", "logging_steps")} == {
        "max_steps": 300, "global_step": 300, "logging_steps": 10
    }  # fmt: skip
    assert run.settings.lines["global_step"] == 3 and "best_metric" not in run.settings


def test_of_several_sets_the_first_stands_for_validation() -> None:
    evaluations = [
        {"step": 10, f"eval_{one}_loss": loss, f"eval_{one}_runtime": 1.5, f"eval_{one}_f1": 0.5}
        for one, loss in (("b_2", 3.0), ("a", 4.0))
    ]
    row = run_of(state(TRAIN, *evaluations)).epochs.iloc[0]
    assert (row["val_loss"], row["val_loss/b_2"], row["val_loss/a"]) == (3.0, 3.0, 4.0)
    assert (row["val_f1"], row["val_f1/a"]) == (0.5, 0.5)
    plain = {"step": 10, "eval_loss": 5.0, "eval_runtime": 1.0}
    row = run_of(state(TRAIN, *evaluations, plain)).epochs.iloc[0]
    assert (row["val_loss"], row["val_loss/b_2"], row["val_loss/a"]) == (5.0, 3.0, 4.0)


def test_rewards_tokens_and_accuracies_of_tokens() -> None:
    more = {"reward": 0.5, "kl": 0.1, "num_tokens": 64.0, "mean_token_accuracy": 0.75,
            "rewards/accuracy/mean": 0.25}  # fmt: skip
    row = run_of(state(TRAIN | more, TRAIN | more | {"step": 20})).epochs.iloc[0]
    assert (row["train_reward"], row["kl"], row["tokens"]) == (0.5, 0.1, 64.0)
    assert (row["train_accuracy"], row["rewards/accuracy/mean"]) == (0.75, 0.25)


def test_whole_epochs_are_rows_where_one_is_logged_a_line() -> None:
    entries = [TRAIN | {"epoch": at, "step": at * 7, "loss": 1 / at} for at in (1, 2, 3)]
    run = run_of(state(*entries))
    assert run.axis == "epoch" and run.epochs["epoch"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_cut_file_is_read_up_to_the_entry_that_is_cut(indent: int | None) -> None:
    entries = [TRAIN | {"step": at, "loss": math.nan if at == 2 else 1.0} for at in range(1, 9)]
    text = json.dumps({"log_history": entries, "max_steps": 9}, indent=indent)
    run = run_of(text[: text.index('"loss"', text.index('"step": 5'))])
    assert run.epochs["step"].tolist() == [1, 2, 3, 4]
    assert run.truncation is not None and "max_steps" not in run.settings
    assert run.nonfinite["train_loss"].tolist() == [2]


def test_behind_a_damaged_entry_the_rest_is_read() -> None:
    text = state(*(TRAIN | {"step": at} for at in range(1, 6)), max_steps=9)
    run = run_of(text.replace('"step": 3', '"step": 3 3'))
    assert run.epochs["step"].tolist() == [1, 2, 4, 5]
    assert run.truncation is None and run.settings["max_steps"] == 9
