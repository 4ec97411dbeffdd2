"""Configurations from tables: what they select and change, and how each mistake is told."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logparse.api import analyze
from logparse.configuration import Configuration, configuration_from
from logparse.errors import ConfigurationError, LogParseError, NoRuleError
from logparse.findings import Severity
from logparse.renderers.layout import Page
from logparse.renderers.settings import document, lines
from logparse.renderers.spans import plain
from logparse.rules import Rule, Selection, all_rules, find_rule, select_rules

ROOT = Path(__file__).parent.parent
LOG = ROOT / "fixtures" / "early_lr_drop.log"


def made(toml: str, *, folder: str = "/project") -> Configuration:
    return configuration_from(tomllib.loads(toml), file="logdiag.toml", folder=folder)


def refused(toml: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        made(toml)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def codes(rules: tuple[Rule, ...]) -> list[str]:
    return [rule.code for rule in rules]


def shown(configuration: Configuration) -> str:
    return "\n".join(plain(line) for line in lines(configuration, Page(80)))


def test_an_empty_table_changes_nothing() -> None:
    assert made("").judges() == all_rules()
    assert not made("").severities
    assert Configuration().judges() == all_rules()


def test_rules_are_selected_by_code_family_and_name() -> None:
    toml = 'select = ["lr", "never-learned"]\nextend-select = ["NUM001"]\nignore = ["LR001"]'
    chosen = made(toml).judges()
    assert "LOSS001" in codes(chosen) and "NUM001" in codes(chosen)
    assert "LR001" not in codes(chosen) and "BASE001" not in codes(chosen)
    assert chosen == select_rules(["LR", "LOSS001", "NUM001"], ["early-lr-drop"])


def test_the_default_set_is_extended_too() -> None:
    assert made('extend-select = ["LR001"]').judges() == all_rules()


def test_a_selection_on_the_command_line_beats_the_file() -> None:
    settings = made('select = ["LR", "BASE"]\nignore = ["BASE002", "LR001"]')
    assert codes(settings.judges(Selection(select=("BASE002",)))) == ["BASE002"]
    assert "LR001" in codes(settings.judges(Selection(extend=("LR001",))))
    assert "BASE001" not in codes(settings.judges(Selection(extend=("LR001",), ignore=("BASE",))))
    with pytest.raises(NoRuleError):
        settings.judges(Selection(ignore=("LR", "BASE")))


def test_options_reach_the_rule_and_no_other() -> None:
    settings = made("[rules.early-lr-drop]\nearly_epochs = 3\nmin_z = 4")
    changed = next(rule for rule in settings.judges() if rule.code == "LR001")
    assert (getattr(changed, "early_epochs", 0), getattr(changed, "min_z", 0)) == (3, 4.0)
    assert isinstance(getattr(changed, "min_z", 0), float)
    assert find_rule("LR001") != changed
    same = [rule for rule in settings.judges() if rule.code != "LR001"]
    assert same == [rule for rule in all_rules() if rule.code != "LR001"]


def test_an_option_changes_what_is_found() -> None:
    settings = made("[rules.LR001]\nearly_epochs = 1\nearly_share = 0.01")
    found = analyze(LOG, select=["LR001"]).runs[0].findings
    assert codes_of(found) == ["LR001"]
    assert analyze(LOG, select=["LR001"], configuration=settings).runs[0].findings == ()


def codes_of(findings: object) -> list[str]:
    return [finding.code for finding in findings]  # type: ignore[attr-defined]


def test_a_severity_replaces_the_rules_own_and_the_order() -> None:
    settings = made('[rules.worse-than-persistence]\nseverity = "note"')
    assert codes_of(analyze(LOG).runs[0].findings)[0] == "BASE002"
    findings = analyze(LOG, configuration=settings).runs[0].findings
    assert codes_of(findings)[0] == "LR001"
    (known,) = [finding for finding in findings if finding.code == "BASE002"]
    assert known.severity is Severity.NOTE


@pytest.mark.parametrize(
    ("pattern", "path", "is_ignored"),
    [
        ("runs/old/*.log", "/project/runs/old/a.log", True),
        ("runs/old/*.log", "/project/runs/old/deep/a.log", True),
        ("runs/old/*.log", "/project/runs/new/a.log", False),
        ("./runs/*", "/project/runs/a.log", True),
        ("runs/old/", "/project/runs/old/a.log", True),
        ("runs/old", "/project/runs/old/a.log", False),
        ("a.log", "/project/runs/a.log", True),
        ("runs/a.log", "/elsewhere/runs/a.log", False),
        ("/elsewhere/*", "/elsewhere/a.log", True),
        ("../other/*.log", "/other/a.log", True),
        ("*.LOG", "/project/a.log", False),
        ("run[0-9].log", "/project/run7.log", True),
    ],
)
def test_a_pattern_is_matched_from_the_files_folder(
    pattern: str, path: str, is_ignored: bool
) -> None:
    settings = made(f"[per-path-ignores]\n'{pattern}' = ['LR', 'never-learned']")
    left = codes(settings.judges_of(path, settings.judges()))
    assert ("LR001" not in left, "LOSS001" not in left) == (is_ignored, is_ignored)
    assert "BASE001" in left


def test_a_log_for_which_every_rule_is_ignored_is_a_failure() -> None:
    settings = made(f"[per-path-ignores]\n'{LOG.name}' = ['LR']", folder=str(LOG.parent))
    report = analyze(LOG, select=["LR"], configuration=settings)
    assert report.runs == ()
    (failure,) = report.errors
    assert failure.message == "every selected rule is ignored for it by per-path-ignores"


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("selct = []", "unknown key 'selct'; did you mean select?"),
        ("fail_on = 'note'", "unknown key 'fail_on'; did you mean fail-on?"),
        ("select = 'LR'", 'select: expected a list of rules, as ["LR", "NUM001"], not a text'),
        ("select = [1]", "select: expected texts in the list, not an integer"),
        ("ignore = [0]", "ignore: expected texts in the list, not an integer"),
        ("select = []", "select: names no rule: there is nothing to judge by"),
        ("select = ['LR01']", "select: unknown rule 'LR01'; did you mean LR001?"),
        ("ignore = ['BASE02']", "ignore: unknown rule 'BASE02'; did you mean BASE002?"),
        ("extend-select = ['nonfinite']", "did you mean non-finite?"),
        ("fail-on = 'warn'", "fail-on: unknown severity 'warn'; did you mean warning?"),
        ("fail-on = true", "fail-on: expected one of error, warning, note, never, not true or"),
        ("baseline = 3", "baseline: expected the path of a file, not an integer"),
        ("baseline = ''", "baseline: names no file"),
        ("rules = 3", "rules: expected a table, not an integer"),
        ("rules.LR001 = 2025-11-03", "rules.LR001: expected a table, not a date"),
        ("rules.early-lr-dorp = {}", "rules: unknown rule 'early-lr-dorp'; did you mean early-lr"),
        ("rules.LR.severity = 'note'", "rules.LR: LR is a family: name one rule of it"),
        (
            "rules.LR001.early-epochs = 3",
            "rules.LR001: unknown option of LR001 'early-epochs'; did you mean early_epochs?",
        ),
        ("rules.LOG003.threshold = 3", "unknown option of LOG003 'threshold'; known: severity"),
        ("rules.LR001.early_epochs = 3.5", "early_epochs: expected an integer, not a number"),
        ("rules.LR001.early_epochs = true", "expected an integer, not true or false"),
        ("rules.LR001.early_epochs = '3'", "expected an integer, not a text"),
        ("rules.LR001.min_z = '2'", "rules.LR001.min_z: expected a number, not a text"),
        ("rules.LR001.min_z = nan", "rules.LR001.min_z: expected a finite number, not nan"),
        (f"rules.LR001.min_z = 1{'0' * 400}", "expected a finite number, not inf"),
        ("rules.LR001.severity = 'off'", "rules.LR001.severity: unknown severity 'off'; known: "),
        ("rules.LR001.severity = 'never'", "unknown severity 'never'"),
        ("rules.LR001 = {}\nrules.early-lr-drop = {}", "LR001 has a table already: LR001"),
        ("per-path-ignores = []", "per-path-ignores: expected a table, not a list"),
        ("per-path-ignores.'a/*' = 'LR'", 'per-path-ignores."a/*": expected a list of rules'),
        ('per-path-ignores."a\\n" = 3', 'per-path-ignores."a\\n": expected a list of rules'),
        ("per-path-ignores.'a/*' = ['LR01']", "did you mean LR001?"),
        ("per-path-ignores.'' = ['LR']", "an empty pattern matches no path"),
    ],
)
def test_a_mistake_names_the_file_the_key_and_the_way_out(toml: str, told: str) -> None:
    message = refused(toml)
    assert message.startswith("logdiag.toml: ")
    assert told in message


def test_the_place_of_a_table_is_part_of_the_key() -> None:
    with pytest.raises(ConfigurationError) as caught:
        configuration_from({"select": 3}, file="pyproject.toml", place="tool.logdiag")
    assert str(caught.value).startswith("pyproject.toml: tool.logdiag.select: expected a list")
    with pytest.raises(ConfigurationError, match=r"^configuration: select: "):
        configuration_from({"select": 3})


_KEYS = st.sampled_from(
    ["select", "ignore", "fail-on", "baseline", "rules", "per-path-ignores", "LR001", "min_z", "x"]
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["LR", "note", ""]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_KEYS, inner, max_size=2),
    max_leaves=6,
)


@given(st.dictionaries(_KEYS, _VALUES, max_size=3))
def test_any_table_is_a_configuration_or_one_clear_error(table: dict[str, object]) -> None:
    try:
        configuration_from(table).judges()
    except LogParseError as error:
        assert "\n" not in str(error)


FULL = """\
select = ["LR", "GRAD"]
extend-select = ["NUM001"]
ignore = ["GRAD001"]
fail-on = "note"
baseline = "b.json"
[rules.LR001]
severity = "error"
min_z = 3
[rules.BASE001]
sigmas = 1e-9
[per-path-ignores]
"a \\"b\\" \\\\ é \\u001b\\U000e0041/*" = ["LR001", "NUM"]
"""


@pytest.mark.parametrize("toml", ["", FULL], ids=["default", "full"])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_what_is_shown_is_the_same_configuration(toml: str, ascii_only: bool) -> None:
    settings = made(toml)
    text = "\n".join(plain(line) for line in lines(settings, Page(30, ascii_only=ascii_only)))
    assert "\x1b" not in text and (text.isascii() or not ascii_only)
    again = made(text)
    assert again.judges() == settings.judges()
    for name in ("selection", "severities", "baseline", "per_path_ignores", "folder"):
        assert getattr(again, name) == getattr(settings, name), name
    assert (settings.fail_on or "error") == again.fail_on


@pytest.mark.parametrize("page", ["README.md", "docs/configuration.md"])
def test_the_examples_of_the_documents_are_configurations(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert examples
    for example in examples:
        settings = made(example)
        assert settings.judges() and settings.severities and settings.baseline == "known.json"


def test_every_value_is_shown_with_where_it_comes_from() -> None:
    text = shown(made(FULL))
    assert 'fail-on = "note"  # logdiag.toml, default "error"\n' in text
    assert '[rules.LR001]  # early-lr-drop\nseverity = "error"  # logdiag.toml, default ' in text
    assert "min_z = 3.0  # logdiag.toml, default 2.0\n" in text
    assert "window = 5  # default\n" in text
    assert "[rules.BASE001]  # no-better-than-mean, not selected\n" in text
    assert "[rules.BASE002]" not in text
    plain_text = shown(made(""))
    assert "# select: every rule  # default\n" in plain_text
    assert "# baseline: none  # default\n" in plain_text
    values = [line for line in plain_text.splitlines() if " = " in line]
    assert len(values) > len(all_rules())
    assert all(line.endswith("# default") for line in values)


def test_programs_get_every_rule_and_option_with_its_origin() -> None:
    told = document(made(FULL))
    assert told["file"] == "logdiag.toml"
    assert told["fail-on"] == {"value": "note", "default": "error", "origin": "logdiag.toml"}
    assert set(told["rules"]) == {rule.code for rule in all_rules()}
    rule = told["rules"]["LR001"]
    assert rule["selected"] and not told["rules"]["GRAD001"]["selected"]
    assert rule["severity"] == {"value": "error", "default": "warning", "origin": "logdiag.toml"}
    assert set(rule["options"]) == {option.name for option in fields(find_rule("LR001"))}
    assert rule["options"]["min_z"] == {"value": 3.0, "default": 2.0, "origin": "logdiag.toml"}
    assert rule["options"]["window"] == {"value": 5, "default": 5, "origin": "default"}
    assert document(Configuration())["file"] is None
