"""What is particular to the text logs of nanoGPT, build-nanogpt, llm.c and modded-nanogpt."""

from __future__ import annotations

import pytest

from fixtures.formats.llmc import RULE
from fixtures.formats.llmc import samples as llmc
from fixtures.formats.modded_nanogpt import HEADING
from fixtures.formats.nanogpt import samples as nanogpt
from logparse.formats import all_formats, format_named
from logparse.run import Run
from logparse.session import Session

LLMC = (
    "step {:4d}/99 | loss 3.1000{:02d} (+0.10z)| norm 0.5000 (-1.00z)| "
    "lr 6.00e-04 | 10.00 ms | 9 tok/s\n"
)
BUILD = "step {:5d} | loss: 9.100000 | lr 6.0000e-04 | norm: 1.0000 | dt: 1.00ms | tok/sec: 9.00\n"


def runs(text: str, source: str = "test.log") -> list[Run]:
    session = Session(source, rules=())
    session.feed(text.encode())
    return session.runs()


def only(text: str) -> Run:
    (run,) = runs(text)
    return run


@pytest.mark.parametrize(
    ("line", "owner"),
    [
        ("iter 10: loss 3.2153, time 250.12ms, mfu 12.30%", "nanogpt"),
        ("step 0: train loss 4.2874, val loss 4.2823", "nanogpt"),
        ("0 val 10.9310", "build-nanogpt"),
        ("step 12 | loss: 9.1 | lr 6.0e-04", "build-nanogpt"),
        ("step    1/74: train loss 4.367631 (80.639939 ms, 50794 tok/s)", "llmc"),
        ("s:0 tel:10.9", "llmc"),
        ("step:1/1555 train_time:75ms step_avg:74.87ms", "modded-nanogpt"),
        ("iter 10: 3.2153", ""),
        ("step 12, loss: 9.1", ""),
        ("0 test 10.9310", ""),
        ("step 1/74 loss 4.367631", ""),
        ("steps: 1/1555 val_loss:4.1", ""),
        ("1 train loss", ""),
    ],
)
def test_a_line_has_one_owner_or_none(line: str, owner: str) -> None:
    owners = [reader.format for reader in all_formats() if reader.owns(line)]
    assert owners == ([owner] if owner else [])


def test_scores_placeholders_and_milliseconds() -> None:
    run = only(
        "step    1/99 | loss 11.010252 (+nanz)| norm 15.1374 (+nanz)| lr 8.57e-07 | "
        "4621.47 ms | -100.0% bf16 MFU | 113446 tok/s\n"
    )
    row = run.points.iloc[0].to_dict()
    assert row == {
        "line": 1,
        "step": 1,
        "train_loss": 11.010252,
        "grad_norm": 15.1374,
        "lr": 8.57e-07,
        "step_time_s": pytest.approx(4.62147),
        "tokens_per_s": 113446,
    }
    assert not run.nonfinite and run.settings["max_steps"] == 99


def test_a_padded_nan_of_c_is_a_fault() -> None:
    lost = LLMC.format(2, 1).replace("3.100001", "    nan")
    run = only(LLMC.format(1, 0) + lost + "step    3/99 | loss")
    assert [*run.nonfinite] == ["train_loss"]
    assert [u.line for u in run.unparsed] == [3]


def test_an_evaluation_of_llmc_follows_its_step() -> None:
    steps = "".join(LLMC.format(at, at) for at in (1, 2))
    run = only(f"val loss 4.100000\n{steps}val loss 3.900000\nHellaSwag: 5/10 = 0.500000\n")
    told = run.points.set_index("line")
    assert told["step"].tolist() == [0, 1, 2, 2, 2]
    assert told["val_loss"].dropna().to_dict() == {1: 4.1, 4: 3.9}
    assert told["val_hellaswag_accuracy"].dropna().to_dict() == {5: 0.5}


def test_an_evaluation_before_the_first_step_of_a_resumed_process_has_its_step() -> None:
    table = RULE + "| Parameter             | Value                     |\n" + RULE
    before = "".join(LLMC.format(at, at) for at in range(1, 13))
    run = only(before + table + "val loss 3.900000\n" + LLMC.format(11, 11))
    assert run.points.set_index("line")["val_loss"].dropna().index.tolist() == [16]
    assert run.points.set_index("line").loc[16, "step"] == 10
    assert len(run.seams) == 1


def test_an_evaluation_of_build_nanogpt_is_of_the_step_below_it() -> None:
    text = "validation loss: 4.1000\n" + BUILD.format(0) + "validation loss: 3.9000\n"
    told = only(text + BUILD.format(1) + "validation loss: 3.8000\n").points
    assert told["step"].tolist() == [0, 0, 1, 1, 2]


def test_text_that_a_model_wrote_is_passed_over_but_not_what_follows_it() -> None:
    text = LLMC.format(1, 1) + "generating:\n---\nstop\n---\nval loss 3.900000\nstop\n"
    run = only(text)
    assert run.coverage.legend == 4 and [u.line for u in run.unparsed] == [7]


def test_settings_of_nanogpt_are_those_it_runs_with() -> None:
    run = only(nanogpt()["nanogpt_overfits.log"].decode())
    assert run.settings["dropout"] == 0.1
    assert run.settings["learning_rate"] == 1e-3
    assert run.settings["tokens_per_step"] == 16384
    assert run.settings["out_dir"] == "out-small"
    assert "mfu" in run.points and run.points["mfu"].min() > 0


def test_settings_of_llmc_go_by_common_names() -> None:
    run = only(llmc()["llmc_cancelled.log"].decode())
    told = {key: run.settings[key] for key in ("learning_rate", "scheduler", "max_steps")}
    assert told == {"learning_rate": 6e-4, "scheduler": "cosine", "max_steps": 400}
    assert run.coverage.unparsed == 0


def test_the_source_above_a_log_is_legend_and_says_nothing() -> None:
    steps = "step:0/9 val_loss:10.8258 train_time:0ms step_avg:nanms\n"
    steps += "step:1/9 train_time:75ms step_avg:74.87ms val_bpb:1.2\n"
    run = only(HEADING + steps)
    assert run.coverage.unparsed == 0
    assert run.coverage.legend == HEADING.count("\n") - HEADING.count("\n\n")
    row = run.points.iloc[1].dropna().to_dict()
    assert row["since_start_s"] == pytest.approx(0.075) and row["val_bpb"] == 1.2
    assert "step_time_s" not in run.points.iloc[0].dropna()


def test_without_source_a_foreign_line_is_not_passed_over() -> None:
    run = only("nothing of the kind\nstep:0/9 val_loss:10.8258 train_time:0ms step_avg:nanms\n")
    assert [u.line for u in run.unparsed] == [1]


@pytest.mark.parametrize("name", ["nanogpt", "build-nanogpt", "llmc", "modded-nanogpt"])
def test_a_format_asked_for_by_name_makes_no_run_of_other_text(name: str) -> None:
    reader = format_named(name)
    assert reader is not None
    other = reader("test")
    other.feed(b"epoch 1: loss=0.3\nepoch 2: loss=0.2\n")
    assert other.close() == [] and other.recognised == 0
