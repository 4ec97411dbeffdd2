"""`logdiag rules` and `logdiag explain`."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest

from logdiag.main import main
from logparse.renderers.spans import cells
from logparse.rules import Rule, all_rules


def said(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> str:
    assert main(arguments) == 0
    out, err = capfd.readouterr()
    assert err == ""
    return out


def test_every_rule_is_listed_with_what_it_says(capfd: pytest.CaptureFixture[str]) -> None:
    entries = json.loads(said(["rules", "--format", "json"], capfd))
    assert {entry["code"] for entry in entries} == {rule.code for rule in all_rules()}
    assert [entry["code"] for entry in entries] == sorted(entry["code"] for entry in entries)
    assert all(entry["summary"] and "\n" not in entry["summary"] for entry in entries)


@pytest.mark.parametrize("width", ["60", "80", "120"])
def test_the_list_fits_its_width(
    width: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    text = said(["rules"], capfd)
    assert max(map(cells, text.splitlines())) <= int(width)
    assert all(rule.name in text for rule in all_rules())


def test_a_rule_is_explained_by_code_and_by_name(capfd: pytest.CaptureFixture[str]) -> None:
    by_code = said(["explain", "BASE001"], capfd)
    assert by_code == said(["explain", "no-better-than-mean"], capfd)
    assert by_code.startswith("BASE001 no-better-than-mean  error\n")
    assert by_code.endswith("next  logdiag analyze run.log --select BASE001\n")


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_every_explanation_fits_its_width_and_names_the_options(
    rule: Rule, capfd: pytest.CaptureFixture[str]
) -> None:
    text = said(["explain", rule.code], capfd)
    assert max(map(cells, text.splitlines())) <= 80
    assert all(option.name in text for option in fields(rule))


def test_a_family_is_answered_with_its_rules(capfd: pytest.CaptureFixture[str]) -> None:
    text = said(["explain", "loss"], capfd)
    assert "LOSS001" in text and "LOSS002" in text and "LR001" not in text
    assert text.endswith("next  logdiag explain CODE\n")
