"""The report as one HTML file: what it says, and that it needs nothing but itself."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from logparse.api import compare
from logparse.api import render as render_any
from logparse.findings import Finding, Report, Severity, SourceFailure, Suppressed, UsedBaseline
from logparse.pages import data, entries, style
from logparse.pages.html import render
from logparse.plots.look import DARK, LIGHT
from logparse.renderers import as_json
from logparse.rules import all_rules, find_rule
from tests.comparison.comparisons import COMPARISONS
from tests.pages.logs import FIXTURES, found, judged, report, report_of
from tests.pages.parsed import Element, data_of, parsed
from tests.runs import make_run

if TYPE_CHECKING:
    from collections.abc import Mapping

LOGS = ("early_lr_drop.log", "vanishing_gradient.log", "appended_runs.log")
NO_LOADS = re.compile(r"@import|url\((?!#)|https?:(?!//www\.w3\.org/)", re.IGNORECASE)


@cache
def page_of(*names: str) -> Element:
    return parsed(render(report_of(*names)))


def pages() -> Mapping[str, Report]:
    """Every kind of report there is."""
    whole = judged("a.log", found())
    one, none = make_run(val_rmse=[0.1]), make_run()
    return {
        "a log": report_of("early_lr_drop.log"),
        "several logs": report_of(*LOGS),
        "a log of nan": report_of("diverging_to_nan.log"),
        "a log without a header": report_of("headless_tail.log"),
        "no runs": report(errors=(SourceFailure("gone.log", "no such file"),)),
        "one epoch": report(replace(whole, run=one)),
        "no epochs": report(replace(whole, run=none, findings=())),
        "no findings": report(judged("a.log")),
        "no metrics": report(judged("a.log", lr=[0.1, 0.01])),
        "all nan": report(judged("a.log", found(), val_rmse=[float("nan")] * 3)),
        "known": report(
            replace(judged("a.log"), known=(found(),), suppressed=(Suppressed(found(), "X1"),)),
            baseline=UsedBaseline("known.json"),
        ),
        "a fault of the tool": report(judged("a.log", found("TOOL001"))),
    }


@pytest.mark.parametrize("name", pages())
def test_every_report_is_well_formed_and_needs_nothing_but_itself(name: str) -> None:
    text = render(pages()[name])
    page = parsed(text)
    outside = re.sub(r'<script type="application/json".*?</script>', "", text, flags=re.S)
    assert not NO_LOADS.search(outside)
    ids = Counter(one.attributes["id"] for one in page if "id" in one.attributes)
    assert max(ids.values()) == 1
    for one in page:
        assert one.name not in ("link", "iframe", "object", "embed", "base", "form")
        assert not [key for key in one.attributes if key.startswith("on")]
        for key in ("href", "xlink:href", "src"):
            value = one.attributes.get(key, "#")
            is_image = one.name == "image" and value.startswith("data:image/png;base64,")
            assert is_image or value == "#" or value.removeprefix("#") in ids, value
        for key in ("aria-labelledby", "aria-describedby"):
            assert set(one.attributes.get(key, "").split()) <= set(ids)


def test_the_page_runs_its_own_script_only() -> None:
    page = page_of("early_lr_drop.log")
    (script,) = [one for one in page.all("script") if "type" not in one.attributes]
    digest = hashlib.sha256(script.children[0].texts[0].encode()).digest()
    (policy,) = [
        one.attributes["content"] for one in page.all("meta") if "http-equiv" in one.attributes
    ]
    assert f"'sha256-{base64.b64encode(digest).decode()}'" in policy
    assert policy.startswith("default-src 'none'")


def test_a_page_has_landmarks_and_headings_in_order() -> None:
    page = page_of(*LOGS)
    assert page.one("html").attributes["lang"] == "en"
    assert [len(page.all(name)) for name in ("main", "nav", "h1", "footer")] == [1, 1, 1, 1]
    levels = [int(one.name[1]) for one in page if re.fullmatch("h[1-6]", one.name)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for table in page.all("table"):
        assert table.one("caption").text
        assert all(cell.attributes["scope"] for cell in table.all("th"))
    for drawing in page.all("svg", role="img"):
        assert "aria-label" in drawing.attributes or drawing.one("desc").text


def test_every_part_of_every_finding_is_told_apart() -> None:
    page = page_of("early_lr_drop.log")
    (one,) = report_of("early_lr_drop.log").runs
    cards = page.all("article")
    told = {card.attributes["id"]: card for card in cards}
    assert len(told) == len(one.findings) == len(cards)
    for at, finding in enumerate(one.findings, start=1):
        check_card(told[f"run-1-finding-{at}"], finding)


def check_card(card: Element, finding: Finding) -> None:
    assert card.one("h4").text == f"{finding.severity} {finding.code} {finding.name}"
    assert finding.confidence in card.one("p", class_="where").text
    assert card.one("p", class_="reading").text == f"Read as {finding.reading}"
    measured = card.one("div", class_="measured")
    assert [one.text for one in measured.all("dt")] == [
        name.replace("_", " ") for name in finding.measured
    ]
    assert all(one.text for one in measured.all("dd"))
    for part, texts in (("causes", finding.causes), ("try", finding.remedies)):
        items = [item.text for box in card.all("div", class_=part) for item in box.all("li")]
        assert items == [*texts]
    assert card.one("p", class_="confirm").text == f"Confirm {finding.confirm}"


def test_an_edit_of_a_setting_is_code_and_words_are_not() -> None:
    card = parsed(render(report(judged("a.log", found())))).one("article")
    edit, words = card.one("div", class_="try").all("li")
    assert edit.one("code").text == "LR 0.1 -> 0.01"
    assert not words.all("code")


def test_the_verdict_says_what_is_bad_and_what_to_do_first() -> None:
    verdict = page_of("early_lr_drop.log").one("section", id="verdict")
    assert verdict.one("p", class_="big").text == "1 error 1 warning 3 notes"
    assert verdict.one("p", class_="do").text == "LR_MILESTONES [4] -> [12, 16]"
    assert "LR001 early-lr-drop, which may explain BASE002" in verdict.text
    assert [one.all("a")[0].text for one in verdict.one("div", class_="found").all("li")] == [
        "E01-E20", "E05", "E01-E20", "E01-E20", "whole run",
    ]  # fmt: skip


def test_a_page_never_calls_a_run_healthy() -> None:
    text = render(report(judged("a.log")))
    assert "healthy" not in text
    verdict = parsed(text).one("section", id="verdict")
    assert verdict.text == (
        "Verdict No symptom found by the 1 check that ran; 1 of 2 could not run."
    )


def test_runs_with_the_same_first_step_are_told_together_the_worst_first() -> None:
    same = [judged(f"{name}.log", found()) for name in "abcdefghi"]
    worst = judged("z.log", found("NUM001", Severity.ERROR, remedies=("stop at the first nan",)))
    verdict = parsed(render(report(*same, worst))).one("section", id="verdict")
    steps = verdict.one("div", class_="first").all("li")
    assert [step.one("p", class_="do").text for step in steps] == [
        "stop at the first nan", "LR 0.1 -> 0.01",
    ]  # fmt: skip
    assert [one.text for one in steps[1].all("a")][1:] == [f"{name}.log" for name in "abcdef"]
    assert steps[1].text.endswith("3 more")


def test_sources_that_could_not_be_read_are_told_in_the_verdict() -> None:
    failure = SourceFailure("gone.log", "no such file")
    text = render(report(judged("a.log"), errors=(failure,)))
    assert parsed(text).one("div", class_="failures").text == "Not judged gone.log no such file"


def test_the_table_has_a_row_for_every_run_and_a_column_for_what_varies() -> None:
    table = page_of(*LOGS).one("section", id="runs").one("table")
    rows = table.one("tbody").all("tr")
    names = [row.one("th").text for row in rows]
    assert names == [
        "early_lr_drop.log", "vanishing_gradient.log",
        *(f"appended_runs.log · run {at} of 3" for at in (1, 2, 3)),
    ]  # fmt: skip
    assert [cell.text for cell in rows[0].all("td")][:4] == [
        "1 error 1 warning 3 notes", "20", "0.0674", "E07",
    ]  # fmt: skip
    columns = [cell.text for cell in table.one("thead").all("th")]
    assert columns[:6] == ["run", "found", "epochs", "best val rmse", "at", "course"]
    assert len(columns) > 6
    assert rows[0].one("svg", class_="spark").one("polyline").attributes["points"]


def test_settings_that_no_two_runs_share_are_columns_and_equal_ones_are_not() -> None:
    runs = [judged(f"{name}.log") for name in "ab"]
    second = replace(
        runs[1], run=replace(make_run(settings={"LR": 0.2, "SEED": 7}, val_rmse=[1.0]))
    )
    page = parsed(render(report(runs[0], second)))
    columns = page.one("section", id="runs").one("thead").all("th")
    assert [one.text for one in columns][6:] == ["LR"]


def test_one_run_has_no_table_of_runs() -> None:
    assert not page_of("early_lr_drop.log").all("section", id="runs")


def test_a_figure_stands_beside_the_findings_of_its_view_once() -> None:
    page = page_of("early_lr_drop.log")
    titles = [one.one("title").text for one in page.all("svg", role="img") if one.all("title")]
    assert len(titles) == len({*titles})
    topic = page.one("section", **{"aria-label": "Learning rate"})
    assert topic.one("figure").one("desc").text
    assert [one.one("span", class_="code").text for one in topic.all("article")] == ["LR001"]


def test_checks_that_ran_and_could_not_are_all_listed() -> None:
    (one,) = report_of("early_lr_drop.log").runs
    (table,) = [
        box.one("table")
        for box in page_of("early_lr_drop.log").all("details")
        if box.one("summary").text.startswith("Checks: ")
    ]
    listed = [
        code for row in table.one("tbody").all("tr") for code in row.all("td")[-1].text.split(", ")
    ]
    assert sorted(listed) == sorted(check.code for check in one.checks)


def test_every_finding_leads_to_the_specification_of_its_rule() -> None:
    page = page_of("early_lr_drop.log")
    entry = page.one("div", id="rule-LR001")
    assert "Test. a cut within max(5, 15% of the plan)" in entry.text
    assert "PyTorch documentation, learning-rate schedulers" in entry.text
    for card in page.all("article"):
        (about,) = [one for one in card.all("a") if one.text.startswith("about ")]
        assert page.one("div", id=about.attributes["href"].removeprefix("#"))


def test_thresholds_that_were_set_are_told_first_beside_their_defaults() -> None:
    changed = replace(find_rule("LR001"), min_z=3.5)
    rules = [changed if one.code == "LR001" else one for one in all_rules()]
    page = parsed(render(report(judged("a.log")), rules=rules))
    (box,) = [one for one in page.all("details") if "Thresholds" in one.one("summary").text]
    assert box.one("summary").text.endswith("1 set differently")
    cells = [cell.text for cell in box.one("tbody").all("tr")[0].children]
    assert cells[:3] == ["LR001", "min_z", "3.5 (default 2.0)"]


def test_what_echoes_and_what_is_known_is_said() -> None:
    page = parsed(render(pages()["known"]))
    assert "LOSS002 a-symptom is held back: only an echo of X1" in page.text
    assert "1 known finding hidden (baseline known.json): LOSS002" in page.text
    assert "No new symptom found" in page.one("section", id="verdict").text


def test_lines_that_could_not_be_read_are_kept() -> None:
    text = render(report_of("cut_in_the_last_line.log"))
    assert "Lines that no grammar accepts" in text


@pytest.mark.parametrize("name", COMPARISONS)
def test_every_comparison_is_told(name: str) -> None:
    page = parsed(render(report(judged("a.log"), judged("b.log")), COMPARISONS[name]()))
    section = page.one("section", id="comparison")
    assert section.all("h3")
    for table in section.all("table"):
        width = len(table.one("thead").all("th"))
        for row in table.one("tbody").all("tr"):
            cells = [one for one in row.children if one.name in ("td", "th")]
            assert len(cells) == width or cells[0].attributes["colspan"] == str(width)


def test_twelve_runs_are_compared_and_their_figures_thinned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(entries, "MOST_IN_FULL", 11)
    names = [
        f"scenarios/overfitting/{kind}-{at}.log.xz" for kind in ("conv", "tcn") for at in range(5)
    ]
    names += [f"scenarios/healthy-cosine/conv-{at}.log.xz" for at in range(2)]
    of_logs = report_of(*names)
    told = compare(*(str(FIXTURES / name) for name in names))
    page = parsed(render(of_logs, told))
    assert page.one("section", id="comparison").one("figure").one("desc").text
    assert "figures are thinned" in page.one("section", id="method").text
    drawn = [len(run.all("figure")) for run in page.all("section", class_="run")]
    assert drawn == [1] * 12


def test_why_runs_are_not_compared_is_said() -> None:
    text = render(report_of(*LOGS), why_not_compared="the runs share no metric")
    assert parsed(text).one("section", id="comparison").text == (
        "Comparison Not compared: the runs share no metric"
    )


def test_the_same_logs_make_the_same_bytes() -> None:
    first, second = (render(report_of("early_lr_drop.log"), command="logdiag") for _ in range(2))
    assert first == second
    made = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    assert "2026-01-02 03:04 UTC" in render(report(judged("a.log")), made=made)


@pytest.mark.parametrize("name", pages())
def test_the_data_is_the_json_report_with_the_curves(name: str) -> None:
    given = pages()[name]
    held = data_of(parsed(render(given)))
    Draft202012Validator(as_json.schema()).validate(held["report"])
    assert held["report"] == json.loads(json.dumps(as_json.document(given)))
    assert held["left_out"] == []
    for judged_run, told in zip(given.runs, held["runs"], strict=True):
        assert told["epochs"]["epoch"] == judged_run.run.epochs["epoch"].tolist()
        assert {len(column) for column in told["epochs"].values()} == {len(judged_run.run.epochs)}


def test_data_that_exceeds_its_room_goes_parameters_first(monkeypatch: pytest.MonkeyPatch) -> None:
    logs = report_of("early_lr_drop.log")
    run = logs.runs[0].run
    monkeypatch.setattr(data, "MOST_BYTES", run.epochs.size * 9)
    held = json.loads(data.embedded(logs))
    assert held["left_out"] == ["parameters"]
    assert held["runs"][0]["parameters"] is None and held["runs"][0]["epochs"]["lr"]


def test_many_runs_are_capped_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MOST_SECTIONS", 3)
    runs = [judged(f"{at}.log") for at in range(9)]
    runs += [judged("bad.log", found("NUM001", Severity.ERROR))]
    page = parsed(render(report(*runs)))
    assert len(page.all("section", class_="run")) == 3
    assert len(page.one("section", id="runs").one("tbody").all("tr")) == 10
    assert "The 3 worst of 10 runs have a section of their own." in page.text
    assert page.one("section", id="run-10")


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("table", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_of_the_page_can_be_read(table: Mapping[str, str]) -> None:
    used = {*re.findall(r"[ {;]color: var\(--(\w+)\)", style.style())}
    assert {"ink", "muted", "val", "error", "warning", "note"} <= used
    on_code = [("ink", "shade"), ("muted", "shade")]
    for role, ground in [*((role, "paper") for role in used), *on_code]:
        light, dark = sorted((luminance(table[role]), luminance(table[ground])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (role, ground)


def test_every_colour_of_the_page_is_of_the_figures_tables() -> None:
    sheet = style.style()
    assert {*re.findall(r"var\(--(\w+)\)", sheet)} - {"gap"} <= {*LIGHT}
    assert {*re.findall(r"#[0-9a-f]{6}", sheet)} <= {*LIGHT.values(), *DARK.values()}


def test_a_run_of_seventy_epochs_stays_below_a_megabyte() -> None:
    started = time.process_time()
    text = render(report_of("scenarios/early-lr-drop-milestones/conv-0.log.xz"))
    assert len(text.encode()) < 1_000_000
    assert time.process_time() - started < 15


def test_a_hundred_runs_stay_below_fifteen_megabytes_and_half_a_minute() -> None:
    (one,) = report_of("scenarios/lr-too-high-divergence/transformer-2.log.xz").runs
    runs = [replace(one, run=replace(one.run, source=f"{at}.log")) for at in range(100)]
    started = time.process_time()
    text = render(report(*runs))
    assert time.process_time() - started < 30
    assert len(text.encode()) < 15_000_000
    assert "figures are thinned: each with one figure" in text


def test_the_page_is_one_of_the_forms_of_a_report() -> None:
    read = report_of("early_lr_drop.log")
    assert render_any(read, "html") == render(read)
