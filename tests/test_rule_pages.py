"""The pages in docs/rules are those that the generator writes."""

import re
from pathlib import Path

import pytest

from benchmarks import rule_pages
from benchmarks.figures import table
from benchmarks.score_table import Judged, false_alarms, recall
from logparse.rules import all_rules, find_rule

PAGES = rule_pages.pages(all_rules(), rule_pages.score_text())
MEASURED = [["LR001 early-lr-drop", "1 of 9", "9 of 10 (60-98%)"]]
ALARMS = [["LR001 early-lr-drop", "2 of 99", "0 of 99"]]
SCORE = f"""\
# Score

{table(["rule", "expected: tuning", "held-out"], MEASURED)}

{table(["rule", "error or warning: tuning", "held-out"], ALARMS)}

| rule | something else | here |
| --- | --- | --- |
| LR001 early-lr-drop | no | no |
"""


@pytest.mark.parametrize("name", PAGES)
def test_the_page_on_disk_is_what_the_generator_writes(name: str) -> None:
    """`make rules` writes them."""
    assert (rule_pages.FOLDER / name).read_text(encoding="utf-8") == PAGES[name]


def test_there_is_no_page_of_a_rule_that_is_gone() -> None:
    assert {path.name for path in rule_pages.FOLDER.iterdir()} == set(PAGES)


def test_a_page_has_the_specification_the_options_and_the_sources() -> None:
    text = rule_pages.page(find_rule("LR001"))
    assert text.startswith("# LR001 early-lr-drop\n\nSeverity: warning. Needs `epochs`, `lr`,")
    assert "**False alarms:** smooth plans" in text
    assert "- `min_z = 2.0`: Progress before the cut must be this many sigma.\n" in text
    assert "- TP: Google Research, Deep learning tuning playbook\n" in text


def test_every_link_leads_to_a_page() -> None:
    for text in PAGES.values():
        for target in re.findall(r"\]\(([^)]+)\)", text):
            assert target in PAGES or (rule_pages.FOLDER / target).exists()


def test_the_index_has_a_row_for_every_rule() -> None:
    rows = re.findall(r"^\| \[(\w+)\]", PAGES["README.md"], re.MULTILINE)
    assert rows == [rule.code for rule in all_rules()]


def test_the_index_shows_what_was_measured() -> None:
    text = rule_pages.index(all_rules(), SCORE)
    row = next(line for line in text.splitlines() if line.startswith("| [LR001]"))
    assert row.endswith("| 9 of 10 (60-98%) | 0 of 99 |")
    other = next(line for line in text.splitlines() if line.startswith("| [NUM001]"))
    assert other.endswith("| - | - |")


def test_without_a_score_the_index_has_no_such_columns() -> None:
    assert "recall" not in rule_pages.index(all_rules(), "no table here")


def test_the_heads_are_those_that_the_score_writes() -> None:
    class Empty:
        outcomes = ()
        rules = {"LR001": "early-lr-drop"}  # noqa: RUF012

    judged: Judged = Empty()  # type: ignore[assignment]
    assert recall(judged).startswith("| rule | expected: tuning | held-out |")
    assert false_alarms(judged).startswith("| rule | error or warning: tuning | held-out |")


def test_old_pages_are_taken_away(tmp_path: Path) -> None:
    (tmp_path / "OLD001.md").write_text("gone")
    rule_pages.write(tmp_path, {"NEW001.md": "here"})
    assert [path.name for path in tmp_path.iterdir()] == ["NEW001.md"]
