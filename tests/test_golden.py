"""Each fixture with what was read from it, and what was said of it."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path

import pytest

from fixtures.make import FOLDER, PLANS, logs
from logparse.formats.any_format import AnyFormat
from logparse.lines import LineAssembler
from logparse.renderers import render
from logparse.renderers.as_json import tool_version
from logparse.rules import select_rules
from logparse.session import Session

KINDS = ("*.log", "*_metrics.json", "*_diagnostics.jsonl")
LOGS = {path.stem: path for kind in KINDS for path in FOLDER.glob(kind)}
CASES = sorted(LOGS)
# Judged by the rules that fire on it only, because SARIF holds the words of every rule asked.
SHARED = ("early_lr_drop", ("LR001", "BASE002"))
SUFFIXES = {"markdown": "md", "sarif": "sarif", "github": "github.txt"}


def records(path: Path) -> str:
    """One JSON object a line; numbers that are not finite as text."""
    assembler = LineAssembler()
    lines = assembler.feed(path.read_bytes()) + assembler.close()
    return "".join(
        json.dumps({"kind": type(record).__name__, **plain(asdict(record))}, default=str) + "\n"
        for record in AnyFormat(path.name).records(lines)
    )


def plain(value: object) -> object:
    match value:
        case float() if not math.isfinite(value):
            return str(value)
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    return value


def report(path: Path) -> str:
    session = Session(path.name)
    session.feed(path.read_bytes())
    return render(session.close(), width=96, show_unparsed=True)


def compare(golden: Path, text: str, *, update: bool) -> None:
    if update:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", [case for case in CASES if case not in PLANS])
def test_the_records_are_those_of_the_golden_file(case: str, update_golden: bool) -> None:
    compare(FOLDER / f"{case}.records.jsonl", records(LOGS[case]), update=update_golden)


@pytest.mark.parametrize("case", CASES)
def test_the_report_is_that_of_the_golden_file(case: str, update_golden: bool) -> None:
    compare(FOLDER / f"{case}.report.txt", report(LOGS[case]), update=update_golden)


@pytest.mark.parametrize("format", SUFFIXES)
def test_the_shared_report_is_that_of_the_golden_file(format: str, update_golden: bool) -> None:
    case, codes = SHARED
    session = Session(f"{case}.log", rules=select_rules(codes))
    session.feed((FOLDER / f"{case}.log").read_bytes())
    text = render(session.close(), format).replace(
        f'"version": "{tool_version()}"', '"version": ""'
    )
    compare(FOLDER / f"{case}.report.{SUFFIXES[format]}", text, update=update_golden)


@pytest.mark.parametrize("name", sorted(logs()))
def test_the_logs_are_those_their_maker_writes(name: str) -> None:
    assert logs()[name] == (FOLDER / name).read_text(encoding="utf-8")
