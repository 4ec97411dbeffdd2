"""The Markdown report: its parts, its limit, and text of a log that stays text."""

from __future__ import annotations

import html
import math
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from reports import REPORTS, full_report, judged, learning, one_run, seed_report, three_runs
from symptoms import INERT_CLIP, OVERFITTING, WORSE_THAN_PERSISTENCE

from logparse.errors import NoSuchRunError
from logparse.findings import Check, Finding, Outcome, Report, RunReport, SourceFailure
from logparse.renderers import markdown, renderer
from logparse.renderers.markup import block, code, prose
from logparse.renderers.spans import escape

RENDERED = MarkdownIt("commonmark").enable(["table", "strikethrough"])
EVIL = (
    "a|b `c` <img src=x onerror=y> @owner #12 GH-3 org/repo#4 [t](http://e.org) **b** www.e.org "
    ":shipit: :+1:"
)
STARTS = ("# x", "- x", "+ x", "* x", "1. x", "23) x", "> x", "---", "===", "```x", "~~~", "    x")


def from_source(source: str, *findings: Finding) -> Report:
    return Report((judged(one_run(learning(12), source=source), *findings),))


def kinds(text: str) -> list[str]:
    """The types of everything that the Markdown makes, nested ones included."""
    tokens = RENDERED.parse(text)
    return [one.type for token in tokens for one in (token, *(token.children or ()))]


def cells_per_row(text: str) -> set[int]:
    body = RENDERED.render(text)
    return {row.count("<td") + row.count("<th") for row in re.findall("<tr>.*?</tr>", body, re.S)}


def test_the_table_has_a_row_for_every_run() -> None:
    text = markdown.render(three_runs(), run=2)
    assert text.splitlines()[:9] == [
        "## logdiag: 1 error, 1 warning in 1 run",
        "",
        "| log | run | epochs | best | errors | warnings | notes |",
        "| --- | ---: | --- | --- | ---: | ---: | ---: |",
        "| `run.log` | 1 of 3 | E01-E12, 12 of 70 epochs | val rmse 0.0515 E12 | 0 | 0 | 0 |",
        "| `run.log` | 2 of 3 | E01-E70, 70 of 70 epochs | val rmse 0.0388 E33 | 1 | 1 | 0 |",
        "| `run.log` | 3 of 3 | E01-E18, 18 of 70 epochs | val rmse 0.0447 E17 | 0 | 0 | 0 |",
        "",
        "2 runs in this table only: `--run all` shows what was found.",
    ]
    assert "### `run.log`, run 2 of 3" in text
    assert "run 1 of 3\n" not in text


def test_a_finding_has_all_its_parts() -> None:
    text = markdown.render(full_report())
    start = text.index("#### error BASE002")
    assert text[start : text.index("#### warning GEN001")] == (
        "#### error BASE002 worse-than-persistence\n"
        "\n"
        "line 175, E31-E70, high confidence\n"
        "\n"
        "Copying the last value still beats the model: it predicts the level of the target but "
        "not its change.\n"
        "\n"
        "**Measured:** best val rmse `0.03877`; persistence rmse `0.012`; ratio `3.231`; "
        "margin `2`\n"
        "\n"
        "**Causes, the most likely first:**\n"
        "\n"
        "1. the target is predicted as a level although it moves little between steps\n"
        "2. the target is shifted against LOOK_BACK\n"
        "\n"
        "**Try:**\n"
        "\n"
        "1. set USE_DELTA = True, so that the model predicts the change\n"
        "2. check the shift of the target against LOOK_BACK = 60\n"
        "3. do not simply train longer: val rmse is flat since E31\n"
        "\n"
        "**Confirm:** BASE002 should clear within 5 epochs of a rerun.\n"
        "\n"
    )


def test_an_edit_of_a_setting_is_code() -> None:
    edits = ("USE_DELTA False -> True", "train -> validate", "CLIPNORM 5 -> 1.67")
    text = markdown.render(from_source("run.log", replace(OVERFITTING, remedies=edits)))
    assert (
        "1. `USE_DELTA False -> True`\n2. train -&gt; validate\n3. `CLIPNORM 5 -> 1.67`\n" in text
    )


def test_the_checks_are_folded_and_told_apart() -> None:
    text = markdown.render(full_report())
    folded = text[text.index("<details>") : text.index("</details>")]
    assert folded.startswith("<details>\n<summary>23 of 25 checks ran, 2 could not</summary>\n\n- ")
    assert "\n- not applicable: no loss scale in the log (NUM003)\n" in folded
    assert "\n- suppressed: by GEN001 (LOSS002)\n" in folded
    assert "\n- clear: OneCycle as declared, off by 0.3% at most (LR003)\n" in folded
    assert "\n- read: 2489 lines, of them 2431 parsed, " in folded
    assert ", 3 unparsed: 118, 402-403\n" in folded
    assert "\n- too short: needs 2 epochs, has 1 (LR003" in markdown.render(seed_report())


def test_silence_says_how_many_checks_were_silent() -> None:
    text = markdown.render(three_runs())
    assert text.startswith("## logdiag: no symptom found in 1 run\n")
    assert "\nNo symptom found by the 21 checks that ran.\n" in text


def test_known_findings_are_counted_and_never_called_none() -> None:
    run = judged(one_run(learning(12)), OVERFITTING)
    text = markdown.render(Report((replace(run, findings=(), known=run.findings),)))
    assert text.startswith("## logdiag: no new symptom found in 1 run")
    assert "No new symptom found by" in text
    assert "- known: 1 finding hidden by the baseline" in text


@pytest.mark.parametrize("name", REPORTS)
def test_nobody_is_called_healthy(name: str) -> None:
    words = markdown.render(REPORTS[name](), run="all").lower()
    assert not re.search(r"healthy|looks good|all good|no problem|passed|success", words)


def test_nothing_judged_is_said_and_not_counted_as_nothing_found() -> None:
    check = Check("LR001", "early-lr-drop", Outcome.TOO_SHORT, "needs 6 epochs, has 0")
    lacking = RunReport(one_run({}), (), (check,))
    text = markdown.render(Report((lacking,)))
    assert text.startswith("## logdiag: nothing was judged\n")
    assert "| `run.log` | 1 | no epochs | - | - | - | - |" in text
    assert "\nNothing was judged: no check could run.\n" in text
    assert "o symptom" not in text
    both = markdown.render(Report((lacking, replace(seed_report().runs[0]))), run="all")
    assert both.startswith("## logdiag: 1 note in 1 run, 1 run not judged\n")


def test_a_source_that_was_not_read_stands_beside_good_ones() -> None:
    failure = SourceFailure("a|b @x.log", "no such <file>")
    text = markdown.render(replace(seed_report(), errors=(failure,)))
    assert text.startswith("## logdiag: 1 note in 1 run, problems with 1 source\n")
    assert "**Not judged:**\n\n- a&#124;b @&#8203;x.log: no such &lt;file&gt;\n" in text
    text = markdown.render(Report((), (SourceFailure("a.log", "no such file"),)))
    assert text == (
        "## logdiag: no training run was read, problems with 1 source\n\n"
        "**Not judged:**\n\n- `a.log`: no such file\n"
    )


def test_numbers_that_are_not_finite_are_named() -> None:
    measured = {"ratio": math.inf, "loss": math.nan, "is_over": True, "none": ""}
    text = markdown.render(from_source("run.log", replace(OVERFITTING, measured=measured)))
    assert "**Measured:** ratio `inf`; loss `nan`; is over `yes`; none\n" in text
    run = one_run({"val_rmse": [math.nan, math.inf]})
    assert "| E01-E02, 2 of 70 epochs | - |" in markdown.render(Report((judged(run),)))


@pytest.mark.parametrize("source", ["runs/a b.log", "größe/漢字.log", "a`b``c.log", "a|b.log", "`"])
def test_a_path_is_shown_as_it_is(source: str) -> None:
    text = markdown.render(from_source(source, OVERFITTING))
    assert cells_per_row(text) == {7}
    assert html.escape(source) in RENDERED.render(text)
    assert "link_open" not in kinds(text)


def evil_report(text: str) -> Report:
    found = replace(
        INERT_CLIP,
        code=text,
        name=text,
        reading=text,
        measured={text: text, "x": math.inf},
        causes=(text, text),
        remedies=(text, f"KEY {text} -> {text}"),
        confirm=text,
    )
    checks = tuple(Check("LR001", text, outcome, text) for outcome in Outcome)
    run = one_run(learning(3), source=text)
    return Report((RunReport(run, (found,), checks),), (SourceFailure(text, text),))


@pytest.mark.parametrize("text", [EVIL, *STARTS, *(f"{start} {EVIL}" for start in STARTS)])
def test_a_log_cannot_write_markdown(text: str) -> None:
    calm = kinds(markdown.render(evil_report("calm")))
    report = markdown.render(evil_report(text))
    made = kinds(report)
    for kind in ("heading_open", "list_item_open", "html_block", "tr_open", "td_open", "hr"):
        assert made.count(kind) == calm.count(kind), kind
    assert not {"html_inline", "link_open", "image", "em_open", "s_open", "fence", "code_block"} & {
        *made
    }
    assert made.count("strong_open") == calm.count("strong_open")
    assert made.count("blockquote_open") == 0
    outside_code = re.sub(r"<code>.*?</code>", "", RENDERED.render(report), flags=re.DOTALL)
    assert not re.search(r"@\w|#\d|GH-\d|://|www\.|:[\w+-]+:", outside_code)


@given(
    st.text(max_size=40) | st.lists(st.sampled_from("ab1 `*_~[]()<>|\\@#!&;.-+=:/$")).map("".join)
)
def test_prose_reads_as_the_text_and_makes_nothing_else(text: str) -> None:
    shown = escape(text).strip()
    within = RENDERED.render(f"x {prose(shown)} y").replace("\u200b", "")
    assert within == f"<p>x {html_text(shown)} y</p>\n"
    at_start = RENDERED.render(f"1. {block(text)}").replace("\u200b", "")
    assert at_start == f"<ol>\n<li>{html_text(escape(text.strip()))}</li>\n</ol>\n"
    row = RENDERED.render(f"| a | b |\n| --- | --- |\n| {prose(text)} | {code(text)} |")
    assert row.count("<td>") == 2


def html_text(text: str) -> str:
    return html.escape(text).replace("&#x27;", "'")


@given(st.text(max_size=30) | st.lists(st.sampled_from("ab `\\<*")).map("".join))
def test_code_shows_the_text(text: str) -> None:
    shown = escape(text).strip()
    if shown and "|" not in shown:
        assert RENDERED.render(code(text)) == f"<p><code>{html_text(shown)}</code></p>\n"


def test_a_report_keeps_its_limit_and_says_what_it_left_out() -> None:
    runs = tuple(
        judged(one_run(learning(12), source=f"runs/{at}.log"), WORSE_THAN_PERSISTENCE, OVERFITTING)
        for at in range(300)
    )
    text = markdown.render(Report(runs))
    assert 50_000 < len(text.encode()) < 65_536
    assert "200 runs more, which this table leaves out." in text
    left = re.search(r"\*\*Left out for length:\*\* (\d+) findings and (\d+) runs;", text)
    assert left is not None
    assert text.count("\n#### ") + int(left[1]) == 600
    assert text.count("\n### ") + int(left[2]) == 300
    whole = markdown.render(Report(runs), limit=10**9)
    assert whole.count("\n#### ") == 600 and "Left out" not in whole


@pytest.mark.parametrize("limit", [3000, 10_000, 65_000])
def test_long_names_and_many_failures_keep_the_limit(limit: int) -> None:
    name = "<" * 200
    runs = tuple(
        judged(one_run(learning(12), source=f"{at}{name}"), OVERFITTING) for at in range(90)
    )
    errors = tuple(SourceFailure(f"{at}{name}", name) for at in range(15))
    text = markdown.render(Report(runs, errors), limit=limit)
    assert 0.5 * limit < len(text.encode()) <= limit
    rest = re.search(r"(\d+) runs more, which this table leaves out", text)
    assert text.count("\n| `") + int(rest[1] if rest else 0) == 90
    more = re.search(r"- and (\d+) more", text)
    assert text.count("\n- `") + int(more[1] if more else 0) == 15
    assert cells_per_row(text) == {7}


def test_checks_that_are_left_out_are_no_findings() -> None:
    report = full_report()
    whole = len(markdown.render(report).encode())
    text = markdown.render(report, limit=whole)
    assert "**Left out for length:** the checks that ran; " in text
    assert "#### warning GEN001" in text and "<details>" not in text
    assert "Left out" not in markdown.render(report, limit=whole + 150)


def test_the_command_that_helps_most_is_last() -> None:
    assert markdown.render(full_report()).endswith("\nNext: `logdiag explain BASE002`\n")
    assert markdown.render(three_runs()).endswith("`logdiag analyze run.log --run 2`\n")


@pytest.mark.parametrize("name", REPORTS)
def test_the_text_is_ascii_where_it_must_be(name: str) -> None:
    assert markdown.render(REPORTS[name](), run="all", ascii_only=True).isascii()


def test_a_run_that_is_not_there_is_an_error() -> None:
    with pytest.raises(NoSuchRunError):
        markdown.render(three_runs(), run=4)


def test_the_renderer_is_found_by_name() -> None:
    options: dict[str, Any] = {"run": "all"}
    assert renderer("markdown")(full_report(), **options) == markdown.render(
        full_report(), **options
    )
