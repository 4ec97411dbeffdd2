"""Chromium, where there is one: pages are opened in it as a reader opens them."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

PROGRAM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
"""The browser's program; None where there is none."""

_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
    "--disable-extensions", "--disable-background-networking", "--virtual-time-budget=4000",
)  # fmt: skip
_DARK = "--blink-settings=preferredColorScheme=0"
_HARNESS = """<!doctype html><meta charset="utf-8"><style>body {{ margin: 0 }}</style>
<iframe id="page" style="border: 0; width: {width}px; height: {height}px" srcdoc="{page}"></iframe>
<script>
document.getElementById("page").addEventListener("load", (event) => {{
  const page = event.target.contentDocument, view = event.target.contentWindow;
  let told;
  try {{ told = (() => {{ {script} }})(); }} catch (error) {{ told = {{ error: String(error) }}; }}
  const out = document.createElement("pre");
  out.id = "told";
  out.textContent = JSON.stringify(told);
  document.body.append(out);
}});
</script>
"""


def ask(page: str, script: str, folder: Path, *, width: int = 1280, height: int = 800) -> Any:
    """What a script returns that sees the page as `page` and its window as `view`.

    The page stands in a frame of this size, under its own policy; the script is outside of it.
    """
    harness = folder / "harness.html"
    told = _HARNESS.format(width=width, height=height, page=html.escape(page), script=script)
    harness.write_text(told, encoding="utf-8")
    done = _run(folder, "--dump-dom", "--window-size=1400,1000", harness.as_uri())
    found = re.search(r'<pre id="told">(.*?)</pre>', done, re.S)
    assert found, done[-500:]
    return json.loads(html.unescape(found[1]))


def screenshot(page: Path, out: Path, *, width: int, height: int, is_dark: bool = False) -> None:
    """A picture of the page's top, as PNG."""
    look = (_DARK,) if is_dark else ()
    size = f"--window-size={width},{height}"
    _run(out.parent, *look, size, f"--screenshot={out}", page.as_uri())


def printed(page: Path, out: Path) -> None:
    """The page on paper, as PDF."""
    _run(out.parent, "--no-pdf-header-footer", f"--print-to-pdf={out}", page.as_uri())


def _run(folder: Path, *arguments: str) -> str:
    assert PROGRAM is not None
    profile = f"--user-data-dir={folder / 'profile'}"
    command = [PROGRAM, *_FLAGS, profile, *arguments]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    return done.stdout.decode("utf-8", "replace")
