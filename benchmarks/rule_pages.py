"""`python -m benchmarks.rule_pages`: writes docs/rules, a page for every rule and their index.

A page is the rule's docstring with its needs, its options and what its source tags stand for.
The index shows what docs/score.md has measured, where that file exists.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.figures import table
from logparse.findings import plural
from logparse.renderers.markup import prose
from logparse.renderers.rule_docs import as_markdown, relations, summary, while_it_goes_on
from logparse.rules import Rule, all_rules

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "rules"
SCORE = ROOT / "docs" / "score.md"
INDEX = "README.md"

_HEAD = """\
# Rules

Written by `make rules` from the rules themselves. `logdiag explain CODE` shows a page in the
terminal. Severity is that of a usual finding; a rule may find less, or worse, and say so.
*Caused by* names the rules that, found in the same run and not later, stand first among the
causes; *Hides* those that would only echo the finding.
"""
_MEASURED = """
Recall and false alarms are those of the held-out families in [score.md](../score.md). Recall: of
the faulty runs that expect the rule, those on which it fired. A run may expect several rules, any
of which is a diagnosis: where gradients explode until the loss is nan, NUM001 says so, and GRAD002
need not. False alarms: of the healthy runs and traps, those on which it was an error or a warning.
"""


def pages(rules: Sequence[Rule], score: str = "") -> dict[str, str]:
    """Every file of the folder by its name; `score` is the text of docs/score.md."""
    found = {f"{rule.code}.md": page(rule) for rule in rules}
    return {INDEX: index(rules, score), **found}


def page(rule: Rule) -> str:
    """The page of one rule."""
    parts = [
        f"# {rule.code} {rule.name}",
        f"Severity: {rule.severity.value}. {_needs(rule)}",
        as_markdown(rule),
        f"**While a run goes on:** {while_it_goes_on(rule)}",
        *(f"**{label}:** {_linked(codes)}" for label, codes in relations(rule).items()),
        f"```sh\nlogdiag analyze run.log --select {rule.code}\n```",
        f"[All rules]({INDEX})",
    ]
    return "\n\n".join(parts) + "\n"


def index(rules: Sequence[Rule], score: str = "") -> str:
    """The table of all rules, with what was measured of each where the score says so."""
    recall = _column(score, "expected: tuning")
    alarms = _column(score, "error or warning: tuning")
    heads = ["code", "name", "severity", "what it says"]
    is_measured = bool(recall or alarms)
    rows = []
    for rule in rules:
        link = f"[{rule.code}]({rule.code}.md)"
        row = [link, rule.name, rule.severity.value, prose(summary(rule))]
        measured = [recall.get(rule.code, "-"), alarms.get(rule.code, "-")]
        rows.append(row + measured if is_measured else row)
    heads += ["recall", "false alarms"] if is_measured else []
    return f"{_HEAD}{_MEASURED if is_measured else ''}\n{table(heads, rows)}\n"


def write(folder: Path, found: Mapping[str, str]) -> None:
    """Makes the folder hold these pages and no others."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        if old.name not in found:
            old.unlink()
    for name, text in found.items():
        (folder / name).write_text(text, encoding="utf-8")


def main() -> int:
    """Writes docs/rules."""
    found = pages(all_rules(), score_text())
    write(FOLDER, found)
    print(f"{FOLDER.relative_to(ROOT)}: {plural(len(found) - 1, 'rule')}")
    return 0


def score_text() -> str:
    """docs/score.md, empty where it has not been made."""
    return SCORE.read_text(encoding="utf-8") if SCORE.exists() else ""


def _linked(codes: Sequence[str]) -> str:
    return ", ".join(f"[{code}]({code}.md)" for code in codes)


def _needs(rule: Rule) -> str:
    needs = [f"`{need}`" for need in rule.needs]
    if rule.min_epochs:
        needs.append(f"{plural(rule.min_epochs, 'epoch')} or more")
    return f"Needs {', '.join(needs)}." if needs else "Needs nothing in particular."


def _column(score: str, head: str) -> dict[str, str]:
    """Code -> the held-out cell of the table whose second head this is; empty without it."""
    found: dict[str, str] = {}
    is_inside = False
    for line in score.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            is_inside = False
        elif cells[:2] == ["rule", head]:
            is_inside = True
        elif is_inside and len(cells) > 2 and not cells[0].startswith("---"):
            found[cells[0].split()[0]] = cells[2]
    return found


if __name__ == "__main__":
    sys.exit(main())
