"""A run up to an epoch is what its log told when that epoch was the last in it."""

from __future__ import annotations

import dataclasses
import lzma
from pathlib import Path

import numpy as np
import pytest

from logparse.judging import judge
from logparse.rules import all_rules
from logparse.run import Run
from logparse.signals import Signals
from tests.cli.logs import log_text
from tests.reading import assert_same_run, runs_of

FIXTURES = Path(__file__).parent.parent / "fixtures"
LOGS = (
    # An epoch of the production log begins far above the line of its results.
    *sorted(set(FIXTURES.glob("*.log")) - set(FIXTURES.glob("production_*.log"))),
    *(
        FIXTURES / "scenarios" / f"{name}.log.xz"
        for name in (
            "healthy-onecycle/conv-0", "schedule-cut-short/transformer-1", "truncated-file/tcn-2",
            "missing-epochs/conv-1", "appended-file/conv-0", "clean-resume/transformer-0",
            "nan-loss/conv-0", "guarded-nan/tcn-0", "early-stop/long_lstm-0",
            "resume-lost-schedule/conv-3", "overfitting/conv-2", "warm-restarts/tcn-1",
        )
    ),
)  # fmt: skip


def text_of(path: Path) -> str:
    raw = path.read_bytes()
    return (lzma.decompress(raw) if path.suffix == ".xz" else raw).decode("utf-8", "replace")


def cuts(run: Run) -> list[int]:
    """A few epochs of a run but its last: the first ones, the last but one, some between."""
    epochs = run.epochs["epoch"].tolist()[:-1]
    wanted = {0, 1, 2, len(epochs) // 3, 2 * len(epochs) // 3, len(epochs) - 1}
    return [epochs[at] for at in sorted(wanted) if 0 <= at < len(epochs)]


def written_until(lines: list[str], run: Run, epoch: int) -> Run:
    """The newest run of the log's lines above those of the next epoch."""
    later = run.epochs.loc[run.epochs["epoch"] > epoch, "line"]
    return runs_of("".join(lines[: int(later.iloc[0]) - 1]))[-1]


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_a_run_up_to_an_epoch_is_the_run_of_the_file_cut_there(path: Path) -> None:
    text = text_of(path)
    lines = text.splitlines(keepends=True)
    for run in runs_of(text):
        for epoch in cuts(run):
            cut, written = run.up_to(epoch), written_until(lines, run, epoch)
            assert cut.last_epoch == epoch
            same = dataclasses.replace(written, coverage=cut.coverage)
            assert_same_run(cut, same)
            assert cut.resolution == written.resolution
            assert cut.checkpoints == written.checkpoints
            assert cut.unparsed == written.unparsed
            assert cut.nonfinite.keys() == written.nonfinite.keys()
            for name, epochs in cut.nonfinite.items():
                np.testing.assert_array_equal(epochs, written.nonfinite[name])
            judged, expected = judge(cut, all_rules()), judge(same, all_rules())
            assert judged.findings == expected.findings
            assert judged.checks == expected.checks


def codes(run: Run) -> set[str]:
    return {finding.code for finding in judge(run, all_rules()).findings}


def test_a_run_that_goes_no_further_comes_back_as_it_is() -> None:
    (run,) = runs_of(log_text(12))
    assert run.up_to(12) is run
    assert run.up_to(99) is run
    (header,) = runs_of(log_text(0))
    assert header.up_to(5) is header


def test_before_the_first_epoch_there_is_the_header_only() -> None:
    (run,) = runs_of(log_text(3))
    header = run.up_to(0)
    assert header.last_epoch is None
    assert list(header.epochs.columns) == ["epoch", "line"]
    assert len(header.parameters) == 0
    assert header.settings == run.settings
    assert not header.resolution


def test_an_epoch_that_is_not_logged_stands_for_the_one_before() -> None:
    lines = log_text(12).splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith("E06"))
    (run,) = runs_of("".join(lines[:at] + lines[at + 2 :]))
    assert run.up_to(6).last_epoch == 5


def test_a_record_torn_in_a_later_epoch_is_no_fault_of_the_beginning() -> None:
    (run,) = runs_of(log_text(12) + "E13 | OPTS[1:7.2e-05|cn")
    assert run.truncation is not None
    assert "LOG003" in codes(run)
    for epoch in (12, 11):
        assert run.up_to(epoch).truncation is None
        assert "LOG003" not in codes(run.up_to(epoch))
    assert run.up_to(13) is run


def test_a_record_torn_in_the_last_epoch_itself_stays_told() -> None:
    (run,) = runs_of(log_text(12).rpartition("/9.1e-03,2.linear2")[0])
    assert run.up_to(12).truncation == run.truncation
    assert run.truncation is not None


def test_a_torn_line_between_epochs_makes_no_torn_record() -> None:
    text = log_text(12).replace("E06 | OPTS[1", "E06 | OP#[1")
    (run,) = runs_of(text)
    cut = run.up_to(5)
    assert [line.text[:5] for line in cut.unparsed] == ["E06 |"]
    assert cut.truncation is None
    assert not run.up_to(4).unparsed


def test_a_beginning_is_neither_stopped_nor_followed() -> None:
    text = text_of(FIXTURES / "scenarios" / "schedule-cut-short" / "transformer-1.log.xz")
    run = runs_of(text + text)[0]
    assert Signals(run).ending.kind == "stopped-early"
    assert "LR004" in codes(run)
    assert run.last_epoch is not None
    begun = run.up_to(run.last_epoch - 3)
    assert Signals(begun).ending.kind == "open"
    assert "LR004" not in codes(begun)


def test_columns_that_were_printed_later_are_not_there_yet() -> None:
    head, tail = log_text(9).split("E07", maxsplit=1)
    text = head.replace(" | GPU=0.18GiB", "") + "E07" + tail
    (run,) = runs_of(text)
    assert "gpu_gib" in run.epochs
    assert "gpu_gib" in run.resolution
    cut = run.up_to(6)
    assert "gpu_gib" not in cut.epochs
    assert "gpu_gib" not in cut.resolution
