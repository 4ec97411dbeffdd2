"""The text report: exact snapshots, widths, ASCII, and text that nobody should trust."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import replace

import pytest
from golden import compare
from reports import HOSTILE, REPORTS, full_report, judged, one_run, seed_report, three_runs
from symptoms import INERT_CLIP, WORSE_THAN_PERSISTENCE

from logparse.errors import NoSuchRunError
from logparse.findings import (
    Check,
    Finding,
    Outcome,
    Report,
    RunReport,
    SourceFailure,
    UsedBaseline,
)
from logparse.renderers.layout import Page
from logparse.renderers.spans import cells, plain
from logparse.renderers.text import brief, render

CALM = ("seed", "full", "three_runs")


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", REPORTS)
def test_report_reads_as_it_did(name: str, width: int, update_golden: bool) -> None:
    compare(f"{name}-{width}", render(REPORTS[name](), width=width), update=update_golden)


def test_report_in_ascii_with_unparsed_lines_reads_as_it_did(update_golden: bool) -> None:
    text = render(full_report(), ascii_only=True, show_unparsed=True)
    assert text.isascii()
    compare("full-ascii-80", text, update=update_golden)


def test_every_run_in_full_reads_as_it_did(update_golden: bool) -> None:
    compare("three_runs-all-80", render(three_runs(), run="all"), update=update_golden)


@pytest.mark.parametrize("width", [30, 40, 59, 60, 72, 80, 100, 120, 200])
@pytest.mark.parametrize("name", CALM)
def test_no_line_is_wider_than_the_page(name: str, width: int) -> None:
    text = render(REPORTS[name](), width=width, run="all", show_unparsed=True)
    # A source with its line is a path to copy; no test report has one that long elsewhere.
    assert [line for line in text.splitlines() if cells(line) > width and ":1" not in line] == []


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_ends_in_a_space_and_no_two_lines_are_blank(width: int) -> None:
    text = render(full_report(), width=width)
    assert all(line == line.rstrip() for line in text.splitlines())
    assert "\n\n\n" not in text
    assert text.endswith("\n")


def test_a_long_path_is_never_broken() -> None:
    source = "runs/" + "very-long-directory/" * 9 + "run.log"
    report = seed_report()
    run = replace(report.runs[0].run, source=source)
    text = render(Report((replace(report.runs[0], run=run),)), width=80)
    assert f"{source}:115" in text
    assert source in text.splitlines()[0]


@pytest.mark.parametrize("ascii_only", [False, True])
def test_control_characters_of_a_log_are_shown_escaped(ascii_only: bool) -> None:
    report = REPORTS["hostile"]()
    text = render(report, ascii_only=ascii_only, show_unparsed=True)
    unsafe = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert {char for char in text if unicodedata.category(char) in unsafe} == {"\n"}
    assert "\\x1b[31mred" in text
    assert "\\u202eevil" in text


def test_brief_lines_are_safe_and_name_the_place() -> None:
    report = full_report()
    told = [plain(line) for line in brief(report, Page())]
    assert told == [
        "run.log:175: error BASE002 worse-than-persistence E31-E70",
        "run.log:175: warning GEN001 overfitting E31-E70",
    ]
    (hostile,) = [plain(line) for line in brief(REPORTS["hostile"](), Page())]
    assert HOSTILE not in hostile
    assert "\\x1b" in hostile


def test_nobody_is_called_healthy() -> None:
    texts = [render(make(), run="all") for make in REPORTS.values()]
    assert not any("healthy" in text.lower() for text in texts)


def test_silence_says_how_many_checks_were_silent() -> None:
    assert "no symptom found by the 21 checks that ran" in render(three_runs())


def test_known_findings_are_counted_and_never_called_absent() -> None:
    report = full_report()
    (run,) = report.runs
    used = UsedBaseline("known.json")
    all_known = replace(run, findings=(), known=run.findings)
    text = render(Report((all_known,), baseline=used), width=120)
    assert "no new symptom found by the 23 checks that ran" in text
    assert "2 known findings hidden (baseline known.json)" in text
    one_known = replace(run, findings=run.findings[:1], known=run.findings[1:])
    text = render(Report((one_known,), baseline=used))
    assert "1 error · 23 of 25 checks ran · 1 known finding hidden (baseline known.json)" in text
    first, second, third = three_runs().runs
    second = replace(second, findings=(), known=second.findings)
    rows = render(Report((first, second, third), baseline=used)).splitlines()
    assert [row.rpartition("  ")[2] for row in rows[1:3]] == [
        "no symptom found",
        "no new symptom found",
    ]


def test_nothing_judged_is_said_and_not_passed_over() -> None:
    check = Check("LR001", "early-lr-drop", Outcome.TOO_SHORT, "needs 6 epochs, has 0")
    text = render(Report((RunReport(one_run({}), (), (check,)),)))
    assert "no epochs" in text
    assert "nothing was judged: no check could run" in text
    assert "no symptom" not in text


def test_a_header_alone_is_not_called_free_of_symptoms() -> None:
    clear = Check("LOG003", "truncated-record", Outcome.CLEAR)
    lacking = Check("LR001", "early-lr-drop", Outcome.NOT_APPLICABLE, "no epochs")
    text = render(Report((RunReport(one_run({}), (), (clear, lacking)),)))
    assert "nothing was judged: the log has no epochs of this run\n" in text
    assert "no symptom" not in text


def test_an_unread_source_is_named_unless_told_elsewhere() -> None:
    report = Report((), (SourceFailure("a.log", "no such file"),))
    assert "not read a.log: no such file" in render(report)
    assert "a.log" not in render(report, show_errors=False)


def test_one_run_can_be_asked_for_by_number() -> None:
    assert "run 2 of 3" in render(three_runs(), run=2)
    assert "run 1 of 3" in render(three_runs(), run=-3)
    assert "cut off in E12, line 139" in render(three_runs(), run=1)


def test_findings_of_a_run_in_brief_lead_to_it() -> None:
    assert render(three_runs()).splitlines()[-1] == "next  logdiag analyze run.log --run 2"


def test_a_metric_that_never_moves_is_called_flat() -> None:
    run = one_run({"lr": [1e-3] * 3, "val_rmse": [0.3, 0.2, 0.2]})
    text = render(Report((judged(run),)))
    assert "learning rate   1.0e-3 → 1.0e-3  flat" in text
    assert "best 0.2000 E02" in text


def test_a_name_that_would_break_a_shell_is_quoted() -> None:
    report = three_runs()
    runs = tuple(
        replace(one, run=replace(one.run, source="my run.log"), findings=()) for one in report.runs
    )
    assert "next  logdiag export 'my run.log' --table" in render(Report(runs))


def test_a_metric_that_ends_in_nan_is_shown_to_end_so() -> None:
    run = one_run({"val_rmse": [0.3, 0.2, math.nan, math.nan]})
    text = render(Report((judged(replace(run, nonfinite={"val_rmse": [3, 4]})),)))
    assert "val rmse        0.3000 → nan  best 0.2000 E02  ▇▁!!" in text
    # A value that was not printed is no nan: the last one printed is the newest there is.
    assert "0.3000 → 0.2000  best 0.2000 E02  ▇▁\n" in render(Report((judged(run),)))


def test_a_best_within_the_digits_shown_of_a_baseline_has_beaten_nothing() -> None:
    def said(best: float) -> str:
        run = one_run({"val_rmse": [0.3, best]}, baselines={"val_mean_rmse": 0.1})
        return render(Report((judged(run),)))

    assert "mean 0.1 level (1.00x)" in said(0.0999)
    assert "mean 0.1 level (1.00x)" in said(0.1001)
    assert "mean 0.1 beaten (0.99x)" in said(0.0990)
    assert "mean 0.1 not beaten (1.01x)" in said(0.1010)


def test_a_fault_of_the_tool_is_not_explained() -> None:
    crash = replace(WORSE_THAN_PERSISTENCE, code="TOOL001", name="rule-crashed")
    run = one_run({"val_rmse": [0.3, 0.2]})

    def last(*found: Finding) -> str:
        return render(Report((RunReport(run, found, ()),))).splitlines()[-1]

    assert last(crash, INERT_CLIP) == "next  logdiag explain HYP001"
    assert last(crash, WORSE_THAN_PERSISTENCE) == "next  logdiag explain BASE002"
    assert last(crash).startswith("next  logdiag export")


@pytest.mark.parametrize("run", [0, 4, -4, 5])
def test_a_run_that_is_not_there_is_an_error(run: int) -> None:
    with pytest.raises(NoSuchRunError, match=f"no run {run}, there are 3"):
        render(three_runs(), run=run)


def test_more_epochs_than_planned_are_told_apart() -> None:
    run = one_run({"val_rmse": [0.3, 0.2, 0.1]}, planned=2)
    assert "E01-E03, 3 epochs, 2 planned" in render(Report((judged(run),)))


def test_unparsed_lines_whose_text_is_not_kept_are_counted() -> None:
    report = full_report()
    run = replace(report.runs[0].run, unparsed=report.runs[0].run.unparsed[:1])
    text = render(Report((replace(report.runs[0], run=run),)), show_unparsed=True)
    assert "\n  and 2 lines more, of which only the number is kept\n" in text
    assert "lines more" not in render(report, show_unparsed=True)
