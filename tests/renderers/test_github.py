"""Workflow commands: one a line, escaped, and none that a log could have written."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import REPORTS, full_report, judged, learning, one_run, seed_report, three_runs
from symptoms import INERT_CLIP, OVERFITTING, WORSE_THAN_PERSISTENCE

from logparse.errors import NoSuchRunError
from logparse.findings import Confidence, Finding, Report, SourceFailure
from logparse.renderers import github, renderer

COMMAND = re.compile(r"::(error|warning|notice) ((?:\w+=[^,:]*,)*\w+=[^,:]*)::(.*)")
EVIL = "x\r\n::error file=a::y\n##[add-mask]z%0A::stop-commands::t,title=:u%"


def parsed(line: str) -> tuple[str, dict[str, str], str]:
    """A command as the runner reads it."""
    match = COMMAND.fullmatch(line)
    assert match is not None, line
    given = dict(pair.split("=", 1) for pair in match[2].split(","))
    codes = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}

    def unescaped(text: str) -> str:
        return re.sub("%0D|%0A|%3A|%2C|%25", lambda code: codes[code[0]], text)

    return match[1], {key: unescaped(value) for key, value in given.items()}, unescaped(match[3])


def commands(report: Report, **options: Any) -> list[tuple[str, dict[str, str], str]]:
    return [parsed(line) for line in github.render(report, **options).splitlines()]


def from_source(source: str, *findings: Finding) -> Report:
    return Report((judged(one_run(learning(12), source=source), *findings),))


def test_an_annotation_has_file_line_title_and_message() -> None:
    first, second = commands(full_report())
    assert first == (
        "error",
        {
            "file": "run.log",
            "line": "175",
            "title": "BASE002 worse-than-persistence, E31-E70, high confidence",
        },
        f"{WORSE_THAN_PERSISTENCE.reading}\nTry: (1) set USE_DELTA = True, so that the model "
        "predicts the change; (2) check the shift of the target against LOOK_BACK = 60; "
        "(3) do not simply train longer: val rmse is flat since E31",
    )
    assert second[0] == "warning"


def test_a_note_is_a_notice() -> None:
    assert [name for name, _, _ in commands(seed_report())] == ["notice"]


def test_what_would_end_a_part_is_escaped() -> None:
    line = github.command("error", "50%\r\n: a,b", file="a:b,c%\n.log")
    assert line == "::error file=a%3Ab%2Cc%25%0A.log::50%25%0D%0A: a,b"
    assert parsed(line) == ("error", {"file": "a:b,c%\n.log"}, "50%\r\n: a,b")


def test_a_log_cannot_write_a_command() -> None:
    found = replace(
        INERT_CLIP, reading=EVIL, name=EVIL, remedies=(EVIL, EVIL), measured={EVIL: EVIL}
    )
    report = replace(from_source(EVIL, found), errors=(SourceFailure(EVIL, EVIL),))
    text = github.render(report)
    assert text.count("\n") == len(text.splitlines()) == 2
    assert "##[" not in text
    error, notice = (parsed(line) for line in text.splitlines())
    assert (error[0], notice[0]) == ("error", "notice")
    assert set(error[1]) == {"file", "title"} and set(notice[1]) == {"file", "line", "title"}
    assert notice[2].startswith("x\\r\\n::error file=a::y\\n## [add-mask]z%0A::stop-commands")


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_is_said_is_one_line_of_one_command(reading: str, name: str) -> None:
    found = replace(INERT_CLIP, reading=reading, name=name, remedies=(reading,), epochs=None)
    text = github.render(from_source("run.log", found))
    assert re.split("[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", text)[1:] == [""]
    assert parsed(text.removesuffix("\n"))[1]["file"] == "run.log"
    assert "##[" not in text


def test_the_worst_and_surest_come_first_over_all_runs() -> None:
    unsure = replace(WORSE_THAN_PERSISTENCE, confidence=Confidence.LOW)
    runs = (
        judged(one_run(learning(12), source="a.log"), OVERFITTING, INERT_CLIP),
        judged(one_run(learning(12), source="b.log"), unsure),
        judged(one_run(learning(12), source="c.log"), WORSE_THAN_PERSISTENCE, OVERFITTING),
    )
    told = [(name, given["file"]) for name, given, _ in commands(Report(runs))]
    assert told == [
        ("error", "c.log"),
        ("error", "b.log"),
        ("warning", "a.log"),
        ("warning", "c.log"),
        ("notice", "a.log"),
    ]


def test_the_run_is_named_where_a_file_has_several() -> None:
    assert github.render(three_runs()) == ""
    (title, _) = [given["title"] for _, given, _ in commands(three_runs(), run=2)]
    assert title == "BASE002 worse-than-persistence, run 2, E31-E70, high confidence"
    assert len(commands(three_runs(), run="all")) == 2
    with pytest.raises(NoSuchRunError):
        github.render(three_runs(), run=4)


def test_without_findings_there_is_nothing_to_mark() -> None:
    assert github.render(from_source("run.log")) == ""
    assert github.render(Report()) == ""


def test_a_source_that_was_not_read_is_an_error_beside_good_ones() -> None:
    errors = (SourceFailure("a b/ü.log", "no such file"), SourceFailure("<stdin>", "empty"))
    told = commands(replace(seed_report(), errors=errors))
    title = "logdiag could not judge this"
    assert told[0] == (
        "error",
        {"file": "a b/ü.log", "title": title},
        "a b/ü.log: no such file",
    )
    assert told[1] == ("error", {"title": title}, "<stdin>: empty")
    assert told[2][0] == "notice"


@pytest.mark.parametrize(
    ("source", "file"),
    [
        ("runs/a b.log", "sub/runs/a b.log"),
        ("../größe.log", "größe.log"),
        ("/repo/x.log", "x.log"),
        ("/tmp/x.log", "/tmp/x.log"),
        ("../../x.log", "../../x.log"),
    ],
)
def test_a_file_is_named_from_the_root_of_the_checkout(source: str, file: str) -> None:
    report = from_source(source, OVERFITTING)
    ((_, given, _),) = commands(report, folder="/repo/sub", root="/repo")
    assert given["file"] == file


def test_standard_input_has_no_file_to_mark() -> None:
    ((_, given, _),) = commands(from_source("-", OVERFITTING), folder="/repo", root="/repo")
    assert set(given) == {"title"}


def test_a_finding_without_a_line_marks_the_file() -> None:
    found = replace(OVERFITTING, lines=(), epochs=None, remedies=())
    ((_, given, text),) = commands(from_source("run.log", found))
    assert given == {"file": "run.log", "title": "GEN001 overfitting, medium confidence"}
    assert text == OVERFITTING.reading


def test_it_is_ascii_where_it_must_be_and_found_by_name() -> None:
    assert github.render(REPORTS["hostile"](), ascii_only=True).isascii()
    assert renderer("github")(full_report()) == github.render(full_report())
