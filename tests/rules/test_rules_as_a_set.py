"""All rules together: names, documentation, discovery, and that nothing in a run breaks them."""

from __future__ import annotations

import re
import subprocess
import sys
import warnings
from dataclasses import fields
from inspect import getdoc, getfile
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from logparse.errors import NoRuleError, UnknownNameError
from logparse.judging import judge
from logparse.records import Resolution
from logparse.rules import Rule, all_rules, family, find_rule, select_rules
from logparse.rules.sources import cited
from tests.runs import (
    SEED_BASELINES,
    SEED_SETTINGS,
    constant_lr,
    make_parameters,
    make_run,
    noisy,
    power_law,
    stepped_lr,
)

if TYPE_CHECKING:
    from logparse.run import Run

HEADERS = ("What it does:", "Why it matters:", "Test:", "False alarms:", "Try:", "Source:")
EXPECTED = {
    "LR001": "early-lr-drop",
    "GRAD001": "vanishing-gradient",
    "LOSS001": "never-learned",
    "LOSS002": "premature-plateau",
    "BASE001": "no-better-than-mean",
    "BASE002": "worse-than-persistence",
    "NUM001": "non-finite",
    "LOG001": "missing-or-duplicate-epochs",
    "LOG003": "truncated-record",
}
each_rule = pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)


def test_the_first_nine_are_there_under_their_names() -> None:
    found = {rule.code: rule.name for rule in all_rules()}
    assert EXPECTED.items() <= found.items()


def test_codes_and_names_are_unique() -> None:
    rules = all_rules()
    assert len({rule.code for rule in rules}) == len({rule.name for rule in rules}) == len(rules)
    assert list(rules) == sorted(rules, key=lambda rule: rule.code)


@each_rule
def test_the_docstring_has_its_headed_paragraphs_in_order(rule: Rule) -> None:
    text = (getdoc(type(rule)) or "").splitlines()
    assert text[0].endswith(".") and text[1] == ""
    starts = [[n for n, line in enumerate(text) if line.startswith(h)] for h in HEADERS]
    assert [len(found) for found in starts] == [1] * len(HEADERS)
    assert all(a < b for [a], [b] in pairwise(starts))
    assert all(text[n - 1] == "" for [n] in starts)


@each_rule
def test_every_option_has_a_sentence_and_a_default(rule: Rule) -> None:
    for option in fields(rule):
        assert option.kw_only
        assert str(option.metadata["doc"]).endswith("."), option.name
    assert type(rule)() == rule


@each_rule
def test_every_tag_of_a_source_is_explained(rule: Rule) -> None:
    source = (getdoc(rule) or "").partition("Source:")[2]
    tags = {word for word in re.findall(r"\b[A-Z]{2,3}\b", source) if word not in {"RMSE", "LR"}}
    assert tags == set(cited(source))


@each_rule
def test_one_file_is_one_rule_named_after_it_and_short(rule: Rule) -> None:
    path = Path(getfile(type(rule)))
    assert path.stem == rule.name.replace("-", "_")
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 130


def test_a_rule_is_found_by_code_and_name_in_any_case() -> None:
    assert find_rule("lr001") is find_rule("Early-LR-Drop")


def test_an_unknown_rule_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as caught:
        find_rule("early-lr-dorp")
    assert caught.value.suggestion == "early-lr-drop"


def test_rules_are_selected_by_family_code_and_name() -> None:
    chosen = select_rules(["LOSS", "LR001", "non-finite"], ["premature-plateau"])
    assert [rule.code for rule in chosen if rule.code in EXPECTED] == ["LOSS001", "LR001", "NUM001"]
    assert select_rules() == all_rules()
    assert {family(rule.code) for rule in select_rules(["lr"])} == {"LR"}
    with pytest.raises(UnknownNameError):
        select_rules(ignore=["L"])


def test_one_text_is_a_selection_too() -> None:
    assert select_rules("LR001") == select_rules(["LR001"])
    assert select_rules("LOSS, LR001", "loss") == select_rules(["LR001"])


def test_a_selection_of_nothing_is_refused() -> None:
    with pytest.raises(NoRuleError, match="every selected rule is ignored"):
        select_rules(["LR001"], ["early-lr-drop"])
    with pytest.raises(UnknownNameError):
        select_rules("")


def test_importing_the_rules_loads_nothing_heavy() -> None:
    script = (
        "import sys; from logparse.rules import all_rules; all_rules(); "
        "print(*sorted({'pandas', 'numpy', 'lark', 'scipy'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


NAN = float("nan")
COLUMNS = ("lr", "val_rmse", "train_rmse", "val_r2", "train_loss", "grad_norm")


def everything(values: object, **facts: object) -> Run:
    return make_run(
        **dict.fromkeys(COLUMNS, values),  # type: ignore[arg-type]
        baselines=SEED_BASELINES,
        settings=SEED_SETTINGS,
        **facts,  # type: ignore[arg-type]
    )


def ten_thousand() -> Run:
    curve = noisy(power_law(10_000, rate=0.3), level=0.01)
    return everything(curve, resolution={"val_rmse": Resolution(decimals=4)})


HOSTILE = {
    "no epochs": make_run(),
    "no epochs, but settings": make_run(settings=SEED_SETTINGS, baselines=SEED_BASELINES),
    "one epoch": everything([0.1]),
    "two epochs": everything([0.1, 0.2]),
    "all NaN": everything([NAN] * 20),
    "all NaN as printed": everything(
        [NAN] * 20, nonfinite=dict.fromkeys(COLUMNS, tuple(range(1, 21)))
    ),
    "infinities": everything([np.inf, -np.inf] * 10, nonfinite={"val_rmse": (1, 2)}),
    "constant": everything([0.1] * 30),
    "all zero": everything([0.0] * 30),
    "negative": everything(-power_law(30)),
    "huge": everything(np.geomspace(1e300, 1e308, 30)),
    "tiny": everything(np.geomspace(1e-300, 1e-320, 30)),
    "no columns": make_run(epochs=range(1, 21)),
    "only a learning rate": make_run(lr=stepped_lr(20, [5])),
    "only gradients": make_run(grad_norm=np.geomspace(1, 1e-9, 20)),
    "a metric that comes late": make_run(
        lr=stepped_lr(30, [5]), val_rmse=[NAN] * 20 + [0.1] * 10, train_rmse=power_law(30)
    ),
    "a metric of two values": make_run(lr=constant_lr(30), val_rmse=[NAN] * 28 + [0.1, 0.2]),
    "every fifth epoch": everything(power_law(20), epochs=range(5, 105, 5)),
    "from zero": everything(power_law(20), epochs=range(20)),
    "headless": everything(power_law(20), epochs=range(24, 44), started=None),
    "baselines of nan": make_run(
        val_rmse=power_law(20), baselines=dict.fromkeys(SEED_BASELINES, NAN)
    ),
    "settings of text": make_run(
        val_rmse=power_law(20), lr=power_law(20), settings=dict.fromkeys(SEED_SETTINGS, "None")
    ),
    "settings of zero": make_run(
        val_rmse=power_law(20), lr=power_law(20), settings=dict.fromkeys(SEED_SETTINGS, 0)
    ),
    "parameters of zero": make_run(
        val_rmse=[0.1] * 9, parameters=make_parameters({f"{k}.weight": [0.0] * 9 for k in range(9)})
    ),
    "parameters of nan": make_run(
        val_rmse=[0.1] * 9, parameters=make_parameters({f"{k}.weight": [NAN] * 9 for k in range(9)})
    ),
    "parameters that come and go": make_run(
        val_rmse=[0.1] * 9,
        parameters=make_parameters({f"{k}.weight": [0.1] * (k + 1) for k in range(9)}),
    ),
    "ten thousand epochs": ten_thousand(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_run_makes_a_rule_crash_or_warn(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = judge(HOSTILE[name], all_rules())
    assert [f for f in report.findings if f.code == "TOOL001"] == []
    assert len(report.checks) == len(all_rules())


@pytest.mark.parametrize("name", HOSTILE)
def test_every_finding_is_complete(name: str) -> None:
    for finding in judge(HOSTILE[name], all_rules()).findings:
        assert finding.reading.endswith(".")
        assert finding.confirm.endswith(".")
        assert finding.remedies and finding.causes and finding.measured
        assert finding.epochs is None or finding.epochs[0] <= finding.epochs[1]
        assert all(line > 0 for line in finding.lines)
        assert all(type(value) in (int, float, str, bool) for value in finding.measured.values())


def test_a_seed_like_first_epoch_is_too_short_for_all_but_the_exact_rules() -> None:
    run = make_run(
        lr=[7.2e-05],
        val_rmse=[0.1050],
        train_rmse=[0.1205],
        train_delta_rmse=[NAN],
        nonfinite={"train_delta_rmse": (1,)},
        settings=SEED_SETTINGS,
        baselines=SEED_BASELINES,
    )
    report = judge(run, select_rules(EXPECTED))
    assert report.findings == ()
    clear = {check.code for check in report.checks if check.outcome == "clear"}
    assert clear == {"NUM001", "LOG001", "LOG003"}
