"""The comparison as Markdown: tables that stay tables, and a limit that is kept."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from logparse.comparison.facts import Fact, Facts
from logparse.renderers.comparison.markdown import render
from tests.comparison.comparisons import (
    COMPARISONS,
    HOSTILE,
    comparison,
    groups,
    hostile,
    pair,
    ranked,
    side,
)

RENDERED = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def kinds(text: str) -> set[str]:
    """The types of everything that the Markdown makes, nested ones included."""
    tokens = RENDERED.parse(text)
    return {one.type for token in tokens for one in (token, *(token.children or ()))}


def tables(text: str) -> list[list[int]]:
    """For each table the number of cells in each row."""
    found = re.findall("<table>.*?</table>", RENDERED.render(text), re.DOTALL)
    rows = [re.findall("<tr>.*?</tr>", table, re.DOTALL) for table in found]
    return [[len(re.findall("<t[dh]", row)) for row in table] for table in rows]


def test_a_pair_has_its_parts_in_order() -> None:
    text = render(pair())
    assert text.startswith("## logdiag: b.log with a.log, the reference · 1 run each\n")
    titles = re.findall("^### (.*)$", text, re.MULTILINE)
    assert titles == ["settings", "metrics", "findings", "resolution", "limits", "notes"]
    assert "| **hyperparameters** | | |\n" in text and "| WEIGHT_DECAY | 1e-5 | → 1e-4 |\n" in text
    assert text.endswith("\nNext: `logdiag analyze b.log`\n")


def test_groups_have_all_their_evidence() -> None:
    text = render(groups())
    assert "| measure | base | wide | change | 95% |  | p | Holm | n |\n" in text
    assert (
        "| best val rmse ↓ | 0.0391 ±2.4% | 0.0355 ±2.5% | -9.1% | &#91;-13.1, -5.1&#93; | better "
        "| 0.008 | 0.016 | 5+5 |\n" in text
    )


@pytest.mark.parametrize("name", COMPARISONS)
def test_every_row_of_a_table_has_as_many_cells(name: str) -> None:
    found = tables(render(COMPARISONS[name]()))
    assert found
    assert all(len(set(table)) == 1 for table in found)


def test_a_log_cannot_write_markdown() -> None:
    text = render(hostile())
    assert HOSTILE not in text and "\x1b" not in text
    made = kinds(text)
    assert not made & {"html_inline", "html_block", "link_open", "image", "em_open", "s_open"}
    assert not made & {"fence", "code_block", "hr", "blockquote_open"}
    outside_code = re.sub(r"<code>.*?</code>", "", RENDERED.render(text), flags=re.DOTALL)
    assert not re.search(r"@\w|#\d|://", outside_code)


@pytest.mark.parametrize("name", COMPARISONS)
def test_the_text_is_ascii_where_it_must_be(name: str) -> None:
    assert render(COMPARISONS[name](), ascii_only=True).isascii()


@pytest.mark.parametrize("name", COMPARISONS)
def test_nobody_is_called_healthy(name: str) -> None:
    assert not re.search(r"healthy|looks good|passed|success", render(COMPARISONS[name]()).lower())


@pytest.mark.parametrize("limit", [3000, 10_000, 65_000])
def test_the_limit_is_kept_and_what_is_left_out_is_told(limit: int) -> None:
    told = ranked(600)
    text = render(told, limit=limit)
    assert 0.3 * limit < len(text.encode()) <= limit
    rest = re.search(r"(\d+) rows more, left out for length", text)
    assert rest is not None
    assert text.count(".log | ") + int(rest[1]) == 600
    assert {size for table in tables(text) for size in table} <= {2, 14}
    whole = render(told, limit=10**9)
    assert "left out for length" not in whole.lower()


def test_sections_that_do_not_fit_are_named() -> None:
    long = Fact("model", "k" * 40, (("a" * 40,), ("b" * 40,)))
    told = comparison(
        side("a"), side("b"), facts=Facts((long,) * 30, compared=30), remarks=("n" * 2000,)
    )
    text = render(told, limit=1500)
    assert len(text.encode()) <= 1500
    assert "\n**Left out for length:** notes; `--format json` holds all.\n" in text


def test_columns_that_are_left_out_are_named() -> None:
    assert "\nand 2 more that vary: BATCH, host\n" in render(ranked())
