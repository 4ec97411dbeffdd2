"""The live block: all that is known, calm, and never higher or wider than its screen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runs import make_run
from states import HOSTILE, NOW, event, found, learning_run, state

from logparse.findings import Severity
from logparse.following.events import Kind
from logparse.following.progress import progress_of
from logparse.following.renderers.block import lines
from logparse.following.renderers.facts import finish, scaled
from logparse.following.state import LogState
from logparse.renderers.layout import Page
from logparse.renderers.spans import cells, escape, plain


def drawn(
    *states: LogState, width: int = 80, height: int | None = 24, ascii_only: bool = False
) -> list[str]:
    page = Page(width, ascii_only=ascii_only)
    return [plain(line) for line in lines(states, page, height, NOW, zone=UTC)]


def test_one_log_is_shown_in_full() -> None:
    text = drawn(state())
    assert text[0] == "run.log  run-log F2" + " " * 48 + "live 12:03:11"
    assert text[1] == "epoch 17 of 70 · 50.2 s/epoch · ETA 44m00s, at 12:47"
    assert text[2].startswith("learning rate 24% of the schedule, annealing · best val rmse ")
    assert any(line.startswith("val rmse ") and "best" in line for line in text)
    assert "now error BASE002 worse-than-persistence · warning GRAD003 gradient-spike" in text
    assert text[-4].startswith("11:48:11  begun     something has happened")
    assert text[-3].startswith("12:01:30  raised    warning  GRAD003 gradient-spike  E15  The grad")
    assert text[-2].startswith("12:02:20  cleared   warning  GRAD003 gradient-spike  E16  ")
    assert text[-1] == "last growth    21s ago · stall alarm after 4m11s · Ctrl-C: report"


def test_throughput_memory_and_batch_are_told_where_the_log_tells_them() -> None:
    run = learning_run(17, throughput=[34086.7] * 17, gpu_gib=[0.18] * 17)
    text = drawn(state(replace(run, micro={"epoch": 18, "batch": 9, "batches": 450})))
    assert text[1].startswith("epoch 17 of 70 · batch   9/450 of the next · 50.2 s/epoch · ETA ")
    assert any(line.startswith("34.1k samples/s · GPU 0.18 GiB · learning rate") for line in text)
    assert "GPU" not in "".join(drawn(state(learning_run(17, gpu_gib=[0.0] * 17))))


def test_a_block_that_will_not_be_drawn_again_says_nothing_of_leaving() -> None:
    text = [plain(line) for line in lines([state()], Page(), None, NOW, zone=UTC, is_live=False)]
    assert text[0].endswith("  12:03:11") and "live" not in text[0]
    assert text[-1] == "last growth    21s ago · stall alarm after 4m11s"


def test_older_events_go_first_then_curves_and_the_course_last() -> None:
    many = state(events=tuple(event(ago_s=900 - at, epoch=at) for at in range(30)))
    whole = drawn(many, height=None)
    assert sum("raised" in line for line in whole) == 30
    high, low, least = (drawn(many, height=height) for height in (20, 8, 1))
    assert sum("raised" in line for line in high) < 30 and "E29" in high[-2]
    assert any("grad norm" in line for line in high)
    assert not any("grad norm" in line for line in low) and "E29" in low[-2]
    assert any(line.startswith("val rmse") for line in low)
    assert len(least) == 1 and least[0].startswith("epoch 17 of 70")
    assert drawn(many, height=0) == []


def test_the_columns_stay_where_they_are_from_epoch_to_epoch() -> None:
    places = set()
    for length in (2, 9, 10, 17, 69, 70):
        text = drawn(state(learning_run(length)), height=None)
        (row,) = (line for line in text if line.startswith("val rmse"))
        places.add((row.index("best"), row.index(" E"), text[1].index("s/epoch")))
    assert len(places) == 1


def test_a_stall_is_said_in_words() -> None:
    late = state(is_stalled=True, last_growth=NOW - timedelta(seconds=312))
    assert drawn(late)[-1] == "STALLED: nothing written for 5m12s · Ctrl-C: report"


def test_what_is_waited_for_is_said_before_and_after_there_is_a_run() -> None:
    before = drawn(LogState(source="new.log", waiting="no such file yet"))
    assert before == [
        "new.log" + " " * 60 + "live 12:03:11",
        "no such file yet",
        "nothing written yet · Ctrl-C: report",
    ]
    gone = drawn(state(waiting="the file is gone"))
    assert gone[1] == "the file is gone" and gone[2].startswith("epoch 17 of 70")


def test_no_epoch_nan_and_a_finished_run_are_shown_as_they_are() -> None:
    empty = drawn(state(learning_run(0), findings=(), events=()))
    assert "epoch  0 of 70" in empty[1] and "nothing to judge yet" in empty
    assert drawn(state(make_run(), events=()))[1] == "no epoch yet"
    broken = replace(learning_run(3, val_rmse=[0.3, 0.2, math.nan]))
    broken = replace(broken, nonfinite={"val_rmse": [3]})  # type: ignore[dict-item]
    (row,) = (line for line in drawn(state(broken)) if line.startswith("val rmse"))
    assert row.split()[2] == "nan" and row.endswith("!")
    assert "all planned epochs done" in drawn(state(learning_run(70)))[1]


def test_several_logs_take_a_row_each_and_share_the_events() -> None:
    calm = state(learning_run(9), "runs/calm.log", findings=(), events=())
    late = state(learning_run(20), "runs/late.log", is_stalled=True)
    new = LogState(source="runs/new.log", waiting="no such file yet")
    text = drawn(calm, late, new, state(learning_run(70), "old/done.log"), width=120)
    assert text[0].startswith("4 logs ") and text[0].endswith("live 12:03:11")
    assert text[1].split() == ["log", "epoch", "metric", "now", "best", "ETA", "standing"]
    assert text[2].startswith("calm.log  E09/70  val rmse") and " none " in text[2]
    assert "stalled  error BASE002 +1" in text[3]
    assert text[4].startswith("new.log ") and text[4].endswith("no such file yet")
    assert "   done  error BASE002 +1" in text[5]
    assert {line.index("val rmse") for line in (text[2], text[3], text[5])} == {18}
    assert text[-2].startswith("12:02:20  done.log  cleared   warning  GRAD003")
    assert text[-1] == "1 stalled · last growth    21s ago · Ctrl-C: report"


def test_rows_of_the_worst_logs_are_kept_where_there_are_too_many() -> None:
    logs = [state(learning_run(9), f"{at}.log", findings=()) for at in range(30)]
    logs[25] = state(learning_run(9), "25.log", findings=(found("NUM001", Severity.ERROR),))
    text = drawn(*logs, height=10)
    assert len(text) == 10 and any(line.startswith("25.log") for line in text)
    assert any("24 more logs, none of them worse" in line for line in text)


def test_no_log_at_all_is_said_too() -> None:
    assert drawn()[1] == "no log yet"


def test_the_text_of_a_log_steers_no_terminal() -> None:
    bad = replace(learning_run(9), source=HOSTILE)
    story = (event(Kind.WAITING, source=HOSTILE, text=HOSTILE), event(Kind.RAISED, text=HOSTILE))
    shown = state(bad, HOSTILE, events=story, waiting=HOSTILE)
    for width in (24, 80, 200):
        for logs in ([shown], [shown, state()]):
            text = "".join(drawn(*logs, width=width))
            assert text.isprintable()
            assert "".join(drawn(*logs, width=width, ascii_only=True)).isascii()


def test_ten_thousand_epochs_are_drawn_once_and_then_only_shown() -> None:
    run = learning_run(10_000, planned=20_000)
    many = state(run)
    first = lines([many], Page(100), 24, NOW, zone=UTC)
    later = lines([replace(many, last_growth=NOW)], Page(100), 24, NOW, zone=UTC)
    assert "epoch 10000 of 20000" in plain(first[1])
    row = next(at for at, line in enumerate(first) if plain(line).startswith("val rmse"))
    assert later[row] is first[row]


def test_the_end_of_another_day_has_its_day() -> None:
    assert finish(NOW + timedelta(hours=2), NOW, UTC) == "14:03"
    assert finish(NOW + timedelta(days=2), NOW, UTC) == "Tue 12:03"
    assert finish(NOW + timedelta(days=40), NOW, UTC) == "2027-01-01 12:03"


@pytest.mark.parametrize(
    ("value", "text"),
    [(34086.7, "34.1k"), (3.2, "3.20"), (512.4, "512"), (999.7, "1.00k"), (2e6, "2.00M")],
)
def test_large_numbers_take_three_digits_and_a_sign(value: float, text: str) -> None:
    assert scaled(value) == text


SOURCES = st.text(max_size=40)
LOGS = st.builds(
    lambda length, source, waiting, text, stalled, far: state(
        RUNS[length],
        source,
        waiting=waiting,
        is_stalled=stalled,
        progress=progress_of(RUNS[length], NOW, (far,), since_s=1.0),
        events=(event(text=text, source=source), event(Kind.STALLED, text=text, source=source)),
    ),
    st.sampled_from([0, 1, 9, 300]),
    SOURCES,
    st.one_of(st.just(""), SOURCES),
    st.text(max_size=200),
    st.booleans(),
    st.floats(min_value=1e-9, max_value=1e300),
)
RUNS = {length: learning_run(length, planned=999_999_999) for length in (0, 1, 9, 300)}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(LOGS, max_size=5, unique_by=lambda one: one.source),
    st.integers(24, 130),
    st.integers(0, 40),
    st.booleans(),
)
def test_the_block_is_never_higher_nor_wider_than_its_screen(
    logs: Sequence[LogState], width: int, height: int, ascii_only: bool
) -> None:
    text = drawn(*logs, width=width, height=height, ascii_only=ascii_only)
    assert len(text) <= height
    assert all(cells(line) <= width for line in text), max(text, key=cells)
    assert all(escape(line) == line for line in text)
