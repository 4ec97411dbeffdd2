"""`logdiag export`: tables that other programs read back."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from logs import log_text, write_log

from logdiag.main import main
from logparse.renderers.tabular import pairs, write_csv

if TYPE_CHECKING:
    from pathlib import Path

TABLES = ("epochs", "parameters", "features", "tidy", "settings")


def told(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> str:
    assert main(["export", *arguments]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    return out


def test_epochs_as_csv_read_back_as_the_frame(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from logparse.api import read

    path = write_log(tmp_path)
    frame = pd.read_csv(io.StringIO(told([str(path)], capfd)))
    pd.testing.assert_frame_equal(frame, read(path).epochs, check_dtype=False)


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_strict_json_lines(
    tmp_path: Path, table: str, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    path = write_log(tmp_path)
    out = told([str(path), "--table", table, "--to", "jsonl"], capfd)
    rows = [json.loads(line, parse_constant=refuse) for line in out.splitlines()]
    assert len({tuple(row) for row in rows}) <= 1
    assert rows or table == "features"


def test_settings_keep_what_was_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = told([str(write_log(tmp_path)), "--table", "settings"], capfd)
    assert out.splitlines()[0] == "key,value,raw,line"
    assert "USE_TRANSFORMER,True,True,11" in out.splitlines()


@pytest.mark.parametrize(
    "value", ["0x" + "f" * 4000, "[0x" + "f" * 4000 + "]", "'\\ud800'", "{'a': '\\ud800'}"]
)
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_setting_that_no_text_can_hold_stays_as_printed(
    tmp_path: Path, value: str, form: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path, target = write_log(tmp_path), tmp_path / "settings"
    path.write_text(path.read_text().replace("LOOK_BACK = 60", f"LOOK_BACK = {value}"))
    told([str(path), "--table", "settings", "--to", form, "-o", str(target)], capfd)
    (line,) = [line for line in target.read_text().splitlines() if "LOOK_BACK" in line]
    assert form == "csv" or json.loads(line)["raw"] == value


def test_a_run_is_chosen_by_number(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "two.log"
    path.write_text(log_text(3) + log_text(5))
    assert told([str(path)], capfd).count("\n") == 6
    assert told([str(path), "--run", "1"], capfd).count("\n") == 4
    assert main(["export", str(path), "--run", "7"]) == 2
    assert capfd.readouterr().err.count("\n") == 1


def test_a_table_goes_to_a_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "epochs.csv"
    assert told([str(write_log(tmp_path)), "-o", str(target)], capfd) == ""
    assert target.read_text().startswith("epoch,")
    log = (tmp_path / "run.log").read_text()
    assert main(["export", str(tmp_path / "run.log"), "-o", str(tmp_path / "run.log")]) == 2
    assert (tmp_path / "run.log").read_text() == log


class Terminal(io.StringIO):
    """A text stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "text"), [(io.StringIO(), "\x1b[2J,1.5,,True"), (Terminal(), "\\x1b[2J,1.5,,True")]
)
def test_a_name_cannot_steer_a_terminal_but_is_kept_in_a_file(
    stream: io.StringIO, text: str
) -> None:
    write_csv(stream, ["a", "b", "c", "d"], iter([("\x1b[2J", 1.5, float("nan"), True)]))
    assert stream.getvalue() == f"a,b,c,d\n{text}\n"


def test_what_json_cannot_say_is_null_and_named() -> None:
    given = {"a": float("nan"), "b": float("-inf"), "c": (1, float("inf")), "d": pd.NA, "e": 2}
    assert dict(pairs(given.items())) == {
        "a": None,
        "b": None,
        "b_nonfinite": "-inf",
        "c": [1, "inf"],
        "d": None,
        "e": 2,
    }
