"""Text of a log in a page: it is shown, and never becomes markup, a link or a script."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logparse.findings import Check, Outcome, RunReport, SourceFailure
from logparse.pages.html import render
from logparse.records import Unparsed
from logparse.renderers.spans import escape
from logparse.run import Coverage
from tests.comparison import comparisons
from tests.pages.logs import found, report
from tests.pages.parsed import Element, data_of, parsed
from tests.runs import make_parameters, make_run, make_settings

EVIL = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "--></style></title></svg><img src=x onerror=alert(1)>",
    "\" onmouseover='alert(1)' x=\"",
    "{{ 7 * 7 }}{% raw %}",
    "$\\frac{x}{0}$ __a__ %s {0}",
    "javascript:alert(1)",
    "\x1b[31mred\x07\u202eevil\u2066 \r\n\t\x9b2J \u2028 漢字 é \U000e0041",
    "\udc80 lone",
    "&lt;b&gt; &amp;",
    "",
    " ",
    "x" * 5000,
)


def hostile(evil: str, **changed: Any) -> RunReport:
    """A run in which every text that may come from a log is this one."""
    columns = {f"val_{evil}": [1.0, 0.5, 0.4], f"train_{evil}": [1.0, math.inf, 0.3]}
    norms = {evil: [1.0, 0.5, 0.2], f"{evil}.b": [0.1, 0.0, math.nan]}
    features = pd.DataFrame(
        {"epoch": [1], "position": [1], "name": [evil], "score": [0.5], "line": [9]}
    )
    run = make_run(
        val_rmse=[0.3, 0.2, 0.1],
        grad_norm=[1.0, 1e300, 0.0],
        parameters=make_parameters(norms),
        more={**columns, f"opt_lr/{evil}": [0.1, 0.2, 0.3], f"grad_norm/{evil}": [1, 2, 3]},
    )
    run = replace(
        run,
        source=f"{evil}.log",
        dialect=evil,
        features=features,
        settings=make_settings({evil: evil}),
        model={evil: evil},
        micro={"env": {evil: evil}},
        coverage=Coverage(9, 7, 0, 0, ((3, 4),)),
        unparsed=(Unparsed(3, evil, 1, evil), Unparsed(4, evil)),
    )
    finding = found(
        name=evil,
        reading=evil,
        measured={evil: evil, "n": math.nan, "i": -math.inf, "h": 1e308, "t": True},
        causes=(evil,),
        remedies=(evil, f"LR {evil} -> {evil}"),
        confirm=evil,
        **changed,
    )
    check = Check("LR001", "early-lr-drop", Outcome.NOT_APPLICABLE, evil)
    return RunReport(run, (finding,), (check,), known=(finding,))


def page_of(evil: str) -> tuple[str, Element]:
    runs = [hostile(evil), replace(hostile(evil), known=())]
    failure = SourceFailure(evil, evil or "empty")
    text = render(
        report(*runs, errors=(failure,)), command=evil, why_not_compared=evil or "nothing"
    )
    return text, parsed(text)


@pytest.mark.parametrize("evil", EVIL, ids=lambda text: repr(text[:20]))
def test_text_of_a_log_makes_no_element_and_no_attribute(evil: str) -> None:
    harmless = page_of("harmless")[1]
    text, page = page_of(evil)
    assert {one.name for one in page} <= {one.name for one in harmless}
    assert len(page.all("script")) == 2
    known = {key for one in harmless for key in one.attributes}
    assert {key for one in page for key in one.attributes} <= known
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202e]", text)
    for one in page.all("a"):
        assert one.attributes["href"].startswith("#")


@pytest.mark.parametrize("evil", EVIL[:10], ids=lambda text: repr(text[:20]))
def test_text_of_a_log_is_shown_as_it_is(evil: str) -> None:
    card = page_of(evil)[1].all("article")[0]
    shown = " ".join(escape(evil).split())
    assert card.one("p", class_="reading").text == f"Read as {shown}"
    assert card.one("div", class_="try").all("li")[0].text == shown


@pytest.mark.parametrize("evil", EVIL[:8], ids=lambda text: repr(text[:20]))
def test_the_data_holds_the_text_unchanged(evil: str) -> None:
    text, page = page_of(evil)
    assert data_of(page)["runs"][0]["source"] == f"{evil}.log"
    (data,) = re.findall(r'id="logdiag-report">(.*?)</script>', text, re.S)
    assert not set(data) & set("<>&\u2028\u2029") and data.isascii()


def test_a_hostile_comparison_is_told() -> None:
    page = parsed(render(report(), comparisons.hostile()))
    assert page.one("section", id="comparison").all("h3")
    assert len(page.all("script")) == 2 and not page.all("b")


@settings(max_examples=15, deadline=None)
@given(st.text(st.characters(codec=None), max_size=40))
def test_no_text_breaks_the_page(evil: str) -> None:
    page = page_of(evil)[1]
    assert len(page.all("script")) == 2
    assert len(page.all("article")) == 2


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(), min_size=1, max_size=9), st.lists(st.floats(), min_size=1, max_size=9))
def test_no_numbers_break_the_page(one: list[float], other: list[float]) -> None:
    count = min(len(one), len(other))
    run = make_run(val_rmse=one[:count], lr=other[:count], grad_norm=one[:count])
    page = parsed(render(report(RunReport(run, (found(),), ()))))
    assert len(page.all("article")) == 1
    assert data_of(page)["runs"][0]["epochs"]["epoch"] == [*range(1, count + 1)]
