"""The report opened in a browser: nothing overflows, tables sort, the verdict is seen first."""

from __future__ import annotations

from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from logparse.pages.html import render
from logparse.plots.look import DARK, LIGHT
from tests.comparison.comparisons import ranked
from tests.pages import chromium
from tests.pages.logs import found, judged, report, report_of
from tests.pages.test_html_hostile import hostile

pytestmark = pytest.mark.skipif(
    chromium.PROGRAM is None, reason="needs chromium or google-chrome, which is not installed here"
)
LOGS = ("early_lr_drop.log", "vanishing_gradient.log", "appended_runs.log")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """Reports by what is in them."""
    hard = report(hostile("<b>" + "unbroken" * 200), judged("a b" * 300 + ".log", found()))
    return {
        "one": render(report_of("early_lr_drop.log"), command="logdiag report " + "x.log " * 60),
        "several": render(report_of(*LOGS), ranked()),
        "hard": render(hard),
        "none": render(report()),
    }


@pytest.mark.parametrize("width", [360, 800, 1280])
@pytest.mark.parametrize("name", ["one", "several", "hard", "none"])
def test_a_page_is_no_wider_than_its_window(
    pages: dict[str, str], name: str, width: int, tmp_path: Path
) -> None:
    script = """
      for (const one of page.querySelectorAll("details")) one.open = true;
      const edge = view.innerWidth + 1;
      const scrolls = (one) => one.closest(".scroll, .drawing, .hidden, .symbols, .skip, caption");
      const wide = [...page.body.querySelectorAll("*")].filter((one) =>
        !scrolls(one) && one.getBoundingClientRect().right > edge);
      return {inner: view.innerWidth, page: page.documentElement.scrollWidth,
        wide: wide.slice(0, 5).map((one) => one.outerHTML.slice(0, 120))};
    """
    told = chromium.ask(pages[name], script, tmp_path, width=width)
    assert told == {"inner": width, "page": width, "wide": []}


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740)])
def test_the_verdict_is_on_the_first_screen(
    pages: dict[str, str], width: int, height: int, tmp_path: Path
) -> None:
    script = """
      const bottom = (chosen) => page.querySelector(chosen).getBoundingClientRect().bottom;
      return [bottom(".verdict .big"), bottom(".verdict .do")];
    """
    counts, first = chromium.ask(pages["several"], script, tmp_path, width=width, height=height)
    assert 0 < counts <= height and 0 < first <= height


def test_a_click_on_a_heading_sorts_the_table_of_runs(
    pages: dict[str, str], tmp_path: Path
) -> None:
    script = """
      const table = page.querySelector("#runs table");
      const column = (at) =>
        [...table.tBodies[0].rows].map((row) => row.cells[at].textContent.trim());
      const heads = [...table.tHead.rows[0].cells];
      const click = (at) => { heads[at].querySelector("button").click();
        return [heads.map((one) => one.getAttribute("aria-sort")).filter(Boolean), column(at)]; };
      return {epochs: [click(2), click(2)], names: click(0), best: click(3),
        fixed: heads[5].querySelector("button") === null};
    """
    told = chromium.ask(pages["several"], script, tmp_path)
    assert told["fixed"] is True
    assert told["epochs"][0] == [["ascending"], ["1", "2", "3", "20", "20"]]
    assert told["epochs"][1] == [["descending"], ["20", "20", "3", "2", "1"]]
    runs = [f"appended_runs.log · run {at} of 3" for at in (1, 2, 3)]
    assert told["names"] == [["ascending"], [*runs, "early_lr_drop.log", "vanishing_gradient.log"]]
    best = [float(text) for text in told["best"][1]]
    assert best == sorted(best)


def test_the_keyboard_reaches_the_table_and_the_focus_is_seen(
    pages: dict[str, str], tmp_path: Path
) -> None:
    script = """
      const button = page.querySelector("#runs thead button");
      button.focus({focusVisible: true});
      return [page.activeElement === button, view.getComputedStyle(button).outlineStyle];
    """
    assert chromium.ask(pages["several"], script, tmp_path) == [True, "solid"]


def test_a_link_opens_what_is_folded_around_its_target(
    pages: dict[str, str], tmp_path: Path
) -> None:
    # A frame that has no address of its own does not follow fragments; the page's own script does.
    script = """
      const folded = page.getElementById("rule-LR001").closest("details"), before = folded.open;
      view.location.hash = "#rule-LR001";
      view.dispatchEvent(new view.Event("hashchange"));
      return [before, folded.open];
    """
    assert chromium.ask(pages["one"], script, tmp_path) == [False, True]


@pytest.mark.parametrize(("is_dark", "table"), [(False, LIGHT), (True, DARK)])
def test_a_page_has_the_colours_that_the_reader_prefers(
    pages: dict[str, str], tmp_path: Path, is_dark: bool, table: dict[str, str]
) -> None:
    page, out = tmp_path / "page.html", tmp_path / "out.png"
    page.write_text(pages["one"], encoding="utf-8")
    chromium.screenshot(page, out, width=1280, height=800, is_dark=is_dark)
    pixels = np.round(matplotlib.image.imread(out)[..., :3] * 255).astype(int)
    assert pixels.shape == (800, 1280, 3)
    paper = tuple(int(table["paper"][at : at + 2], 16) for at in (1, 3, 5))
    is_paper = (pixels == paper).all(axis=2)
    assert 0.6 < is_paper.mean() < 0.995
    assert is_paper[:, :16].all() and is_paper[:, -16:].all(), "the margins are not empty"
    error = tuple(int(table["error"][at : at + 2], 16) for at in (1, 3, 5))
    rows = np.flatnonzero((pixels == error).all(axis=2).any(axis=1))
    assert len(rows) and rows[0] < 300, "the severity of the worst finding is not near the top"


def test_what_is_folded_is_printed(pages: dict[str, str], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    sizes = []
    for text in (pages["one"], pages["one"].replace("<details", "<details open")):
        page.write_text(text, encoding="utf-8")
        out = tmp_path / f"{len(sizes)}.pdf"
        chromium.printed(page, out)
        sizes.append(out.read_bytes().count(b"/Type /Page\n"))
    assert sizes[0] == sizes[1] > 2
