"""What is told of one log while it is written."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from fixtures.dialects import epoch_block, header, simulate, write
from fixtures.letters import letters_document
from logparse.following.events import Kind
from tests.following.stage import Stage

HEALTHY = simulate("F2", epochs=20)
TEXT = write(HEALTHY)


def put(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as log:
        log.write(text)


def blocks(count: int, *, first: int = 0) -> str:
    return "".join(epoch_block(HEALTHY, at) for at in range(first, first + count))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "run.log"


def test_a_run_is_told_from_its_first_line_to_its_end(log: Path) -> None:
    stage = Stage(log)
    assert [event.kind for event in stage.step()] == [Kind.WAITING]
    put(log, header(HEALTHY))
    begun, *_ = stage.step(1)
    assert (begun.kind, begun.run, begun.epoch) == (Kind.BEGUN, 1, None)
    assert begun.text == "the run begins, 20 epochs planned"
    put(log, blocks(3))
    epoch, *_ = stage.step(1)
    assert (epoch.kind, epoch.epoch) == (Kind.EPOCH, 3)
    assert epoch.progress is not None
    assert (epoch.progress.done, epoch.progress.planned) == (3, 20)
    report = stage.close()
    assert stage.events[-1].kind is Kind.ENDED
    assert stage.events[-1].report is not None
    assert stage.events[-1].report.runs[0].run is report.runs[0].run


def test_an_epoch_is_complete_with_its_last_line(log: Path) -> None:
    stage = Stage(log)
    put(log, header(HEALTHY) + blocks(2))
    stage.step()
    block = epoch_block(HEALTHY, 2)
    at = block.index("\nG/U") + 1
    for piece in (block[:30], block[30:at]):
        put(log, piece)
        assert stage.step(0.1) == []
    put(log, block[at:])
    assert [event.epoch for event in stage.step(0.1) if event.kind is Kind.EPOCH] == [3]


def test_an_epoch_whose_rest_never_comes_counts_when_the_log_is_quiet(log: Path) -> None:
    stage = Stage(log)
    line = epoch_block(HEALTHY, 2).partition("\nG/U")[0]
    put(log, header(HEALTHY) + blocks(2) + line + "\n")
    assert stage.step()[-1].epoch == 2
    stage.step(0.5)
    assert [event.epoch for event in stage.step(2.0) if event.kind is Kind.EPOCH] == [3]


def test_a_second_run_in_the_file_begins_and_the_first_gets_its_last_word(log: Path) -> None:
    stage = Stage(log)
    put(log, header(HEALTHY) + blocks(11) + epoch_block(HEALTHY, 11).partition("\nG/U")[0] + "\n")
    stage.rest()
    assert "LOG003" not in stage.standing()
    put(log, header(HEALTHY) + blocks(1))
    told = stage.rest()
    kinds = [event.kind for event in told]
    begun = kinds.index(Kind.BEGUN)
    assert told[begun].text.startswith("run 2 of the file begins")
    before = {event.finding.code for event in told[:begun] if event.finding is not None}
    assert "LOG003" in before, "what can be said of a run only at its end"
    assert {event.run for event in told[:begun]} == {1}
    assert {event.run for event in told[begun:]} == {2}


def test_nan_is_raised_with_its_epoch_and_stands_until_the_end(log: Path) -> None:
    broken = simulate("F2", epochs=20, plan=lambda at, *_: {"val_rmse": math.nan} if at > 8 else {})
    stage = Stage(log)
    put(log, header(broken) + "".join(epoch_block(broken, at) for at in range(8)))
    stage.rest()
    put(log, epoch_block(broken, 8))
    (raised,) = [event for event in stage.step(1) if event.kind is Kind.RAISED]
    assert raised.finding is not None
    assert (raised.finding.code, raised.epoch, raised.severity) == ("NUM001", 9, "error")
    stage.close()
    assert "NUM001" in stage.standing()


def test_what_speaks_of_the_end_is_said_when_all_planned_epochs_are_there(log: Path) -> None:
    stage = Stage(log)
    put(log, header(HEALTHY) + blocks(19))
    stage.rest()
    before = stage.standing()
    put(log, blocks(1, first=19))
    stage.step(1)
    (finished,) = stage.told(Kind.FINISHED)
    assert finished.text == "E20 is logged, MAX_EPOCHS is 20"
    told = stage.standing()
    stage.close()
    assert stage.standing() == told, "nothing is left to say"
    assert set(before) <= set(told)


def test_a_writer_that_falls_silent_is_stalled_after_five_epochs_and_may_go_on(log: Path) -> None:
    stage = Stage(log)
    put(log, header(HEALTHY) + blocks(8))
    stage.rest()
    state = stage.following.states()[0]
    limit = state.stall_after_s
    assert limit is not None and state.progress.epoch_s is not None
    assert limit == pytest.approx(5 * state.progress.epoch_s)
    assert not stage.told(Kind.STALLED)
    stage.step(limit)
    assert [event.severity for event in stage.told(Kind.STALLED)] == ["warning"]
    stage.step(limit)
    assert len(stage.told(Kind.STALLED)) == 1
    put(log, blocks(1, first=8))
    assert [event.kind for event in stage.step(1)][:2] == [Kind.RESUMED, Kind.EPOCH]
    assert not stage.following.states()[0].is_stalled


def test_the_stall_alarm_can_be_set_and_turned_off(log: Path) -> None:
    put(log, header(HEALTHY) + blocks(2))
    early, never = Stage(log, stall_s=5), Stage(log, stall_s=math.inf)
    for stage in (early, never):
        stage.step()
        stage.step(6)
        stage.step(1e6)
    assert len(early.told(Kind.STALLED)) == 1
    assert not never.told(Kind.STALLED)


def test_a_run_that_is_done_does_not_stall(log: Path) -> None:
    stage = Stage(log, stall_s=5)
    put(log, TEXT)
    stage.rest()
    assert not stage.told(Kind.STALLED)


def test_a_run_that_has_stopped_early_is_finished_and_not_stalled(log: Path) -> None:
    rising = {at: {"val_rmse": 0.05 + 0.001 * abs(at - 5)} for at in range(30)}
    run = simulate(
        "F2",
        epochs=13,
        plan=lambda at, *_: rising[at],
        settings={"MAX_EPOCHS": 40, "EARLY_STOP_PATIENCE": 8},
    )
    stage = Stage(log)
    put(log, write(run))
    stage.rest()
    assert not stage.told(Kind.FINISHED), "the next epoch may be on its way"
    stage.step(1e4)
    assert [event.epoch for event in stage.told(Kind.FINISHED)] == [13]
    assert not stage.told(Kind.STALLED)


def test_a_file_that_never_becomes_a_log_is_waited_for_and_said_so_once(log: Path) -> None:
    stage = Stage(log)
    put(log, "downloading weights\n")
    stage.step()
    stage.rest()
    put(log, "done\n")
    stage.rest()
    (waiting,) = stage.told(Kind.WAITING)
    assert "no training run found" in waiting.text and "run-log" in waiting.text
    report = stage.close()
    assert report.runs == () and len(report.errors) == 1


def test_a_missing_file_is_an_error_only_at_the_end(log: Path) -> None:
    stage = Stage(log)
    stage.rest()
    report = stage.close()
    assert [str(error) for error in report.errors] == [f"{log}: no such file"]


def test_a_document_that_is_written_anew_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "part1_training_metrics.json"
    stage = Stage(path)
    for epochs in range(1, 9):
        path.write_text(letters_document(epochs, planned=8, is_finished=epochs == 8))
        stage.step(1)
        stage.step(1)
        stage.step(1)
    assert [event.epoch for event in stage.told(Kind.EPOCH)] == list(range(1, 9))
    assert len(stage.told(Kind.BEGUN)) == 1
    assert not stage.told(Kind.REPLACED)
    stage.close()


def test_a_document_of_another_run_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "part1_training_metrics.json"
    stage = Stage(path)
    for epochs in (5, 1):
        path.write_text(letters_document(epochs, planned=8, is_finished=False))
        for _ in range(3):
            stage.step(1)
    assert [event.kind for event in stage.told(Kind.REPLACED)] == [Kind.REPLACED]
    assert [event.epoch for event in stage.told(Kind.EPOCH)] == [5, 1]


def test_a_log_that_is_truncated_and_written_anew_is_forgotten(log: Path) -> None:
    stage = Stage(log)
    put(log, header(HEALTHY) + blocks(9))
    stage.rest()
    log.write_text(header(HEALTHY) + blocks(2))
    told = stage.rest()
    assert [event.kind for event in told][:3] == [Kind.REPLACED, Kind.BEGUN, Kind.EPOCH]
    report = stage.close()
    assert [len(judged.run.epochs) for judged in report.runs] == [2]


def test_a_rotated_log_goes_on(log: Path) -> None:
    stage = Stage(log)
    put(log, header(HEALTHY) + blocks(9))
    stage.rest()
    log.rename(log.with_name("run.log.1"))
    put(log, blocks(2, first=9))
    told = stage.rest()
    assert [event.kind for event in told if event.kind is not Kind.RAISED][:1] == [Kind.ROTATED]
    report = stage.close()
    assert [len(judged.run.epochs) for judged in report.runs] == [11]
