"""Which format a beginning tells, how far the others come, and what is said where none fits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from logdiag.main import main
from logparse import analyze, read
from logparse.errors import NotALogError, UnknownNameError
from logparse.formats.choosing import choice
from logparse.formats.trials import trials

FIXTURES = Path(__file__).parents[2] / "fixtures"
GENERIC = b'{"pass": 1, "my_loss": 0.5}\n{"pass": 2, "my_loss": 0.4}\n'
NO_LOGS = {
    "half.json": b'{"metadata": {"name": "x"}, "rows": [{"a',
    "table.csv": b"id,age,income\n1,33,1000\n2,44,2000\n3,25,1500\n",
    "rubbish.csv": bytes(range(256)) * 40,
    "empty.log": b"",
    "photo.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 40,
    "letter.txt": b"Dear reader,\n\nthe training went well: we lost 3 kg in 20 weeks.\n" * 9,
}


def test_a_line_that_only_one_format_has_is_told_with_its_number() -> None:
    found = choice(b"noise\n\nBASELINES:\nE01 | x\n")
    assert (found.format, found.how, found.line) == ("run-log", "line", 3)
    assert found.text == "BASELINES:"


def test_a_beginning_is_told_by_the_line_that_settles_it() -> None:
    raw = (FIXTURES / "letters_training_metrics.json").read_bytes()
    found = choice(raw)
    assert (found.format, found.how) == ("metrics-json", "beginning")
    before = raw.decode().splitlines()[: found.line]
    assert before[-1].startswith(found.text) and "hyperparameters" in "".join(before)


@pytest.mark.parametrize(
    ("head", "format", "how"), [(GENERIC, "jsonl", "generic"), (b"[3]", "run-log", "last")]
)
def test_where_no_program_is_told(head: bytes, format: str, how: str) -> None:
    assert (choice(head).format, choice(head).how) == (format, how)


def test_the_format_that_fits_best_is_first_among_those_tried() -> None:
    found = trials(GENERIC + b"torn", "x")
    assert (found[0].format, found[0].fits, found[0].seen) == ("jsonl", 2, 2)
    assert found[0].told == "jsonl: 2 of 2 lines fit"
    assert "metrics-json: no epochs of metrics" in {one.told for one in found}


@pytest.mark.parametrize("name", NO_LOGS)
def test_what_is_no_log_is_one_line_and_code_2(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(NO_LOGS[name])
    assert main(["analyze", str(path)]) == 2
    err = capfd.readouterr().err
    assert err.count("\n") == 1 and err.startswith(f"logdiag: {path}: ")
    assert ("empty" in err) if not NO_LOGS[name] else ("; tried " in err and " of " in err)
    assert ("binary data" in err) == (b"\0" in NO_LOGS[name])


def test_formats_that_matched_something_are_told_first(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text(json.dumps({"text": "hello"}) + "\n")
    with pytest.raises(NotALogError, match=r"tried .*\(logdiag formats\)") as told:
        read(log)
    assert "more (logdiag formats)" in str(told.value)


def test_names_that_tell_of_no_run_are_shown(tmp_path: Path) -> None:
    log = tmp_path / "x.jsonl"
    log.write_text('{"age": 3, "income": 4}\n' * 3)
    with pytest.raises(NotALogError, match=r"3 lines, no metric among age, income"):
        read(log)


def test_a_format_may_be_forced_and_must_be_one(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(GENERIC)
    assert read(log, format_in="jsonl").format == "jsonl"
    with pytest.raises(UnknownNameError, match="did you mean jsonl"):
        analyze(log, format_in="jsnl")
    failure = analyze(log, format_in="run-log").errors[0]
    assert failure.message.endswith("tried run-log: 0 of 2 lines fit, as asked")


def test_a_forced_format_is_the_only_one_looked_for_in_a_directory(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes((FIXTURES / "dialect_a.log").read_bytes())
    (tmp_path / "b.jsonl").write_bytes(GENERIC)
    assert {one.run.format for one in analyze(tmp_path).runs} == {"run-log", "jsonl"}
    assert {one.run.format for one in analyze(tmp_path, format_in="jsonl").runs} == {"jsonl"}
