"""`logdiag formats`, `formats explain`, and the flags about formats of the other commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from program import caller

from logdiag.main import main
from logparse.formats import all_formats
from logparse.renderers.spans import cells

FIXTURES = Path(__file__).parents[2] / "fixtures"
ROWS = [
    {"epoch": at, "my_loss": 2 / at, "vl": 2.1 / at, "foo": 3, "fit": at} for at in range(1, 31)
]
LOG = "".join(json.dumps(row) + "\n" for row in ROWS)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a log of odd names."""
    (tmp_path / "x.jsonl").write_text(f"{LOG[:40]}\x1b[31m\n\n{LOG}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(arguments: list[str], capfd: pytest.CaptureFixture[str], code: int = 0) -> Any:
    assert main(arguments) == code
    return json.loads(capfd.readouterr().out)


def test_every_format_is_listed(capfd: pytest.CaptureFixture[str]) -> None:
    found = told(["formats", "--format", "json"], capfd)
    assert [one["name"] for one in found["formats"]] == [one.format for one in all_formats()]
    assert all(one["about"] for one in found["formats"])


@pytest.mark.parametrize("width", ["60", "80"])
def test_the_list_and_an_explanation_fit_their_width(
    width: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    call = caller("formats", monkeypatch, capfd)
    listed = call(folder, COLUMNS=width)
    log = str(FIXTURES / "dialect_g.log")
    whole = call(folder, "explain", log, "--lines", COLUMNS=width)
    assert (listed.returncode, whole.returncode) == (0, 0)
    for text in (listed.stdout, whole.stdout.partition("\n")[2]):
        assert max(map(cells, text.splitlines())) <= int(width)
    assert all(one.format in listed.stdout for one in all_formats())


def test_an_explanation_for_people(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    call = caller("formats", monkeypatch, capfd)
    done = call(folder, "explain", "x.jsonl", "--lines", "--map", "loss=my_loss")
    assert (done.returncode, done.stderr) == (0, "")
    words = " ".join(done.stdout.split())
    assert "chosen no program's format; of the others, tried in order" in words
    assert "lines 32: 30 parsed, 0 legend, 1 blank, 1 unparsed" in words
    assert "unparsed line 1, column 41: expected" in words
    assert "run 1 axis epoch, 30 rows of 30 points, epoch 1 to 30" in words
    assert "my_loss 30 values → train_loss" in words and "foo 30 values no known mean" in words
    assert "2 blank 3 parsed epoch=1 my_loss=2" in words
    assert "\x1b" not in done.stdout and "metrics-json" in done.stdout


def test_an_explanation_for_programs(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    found = told(["formats", "explain", "x.jsonl", "--lines", "--format", "json"], capfd)
    assert (found["format"], found["chosen"]["how"]) == ("jsonl", "generic")
    kinds = [line["kind"] for line in found["lines"]]
    assert kinds == ["unparsed", "blank", *["parsed"] * 30]
    assert found["lines"][2]["says"] == ROWS[0]
    names = {one["printed"]: (one["column"], one["known"], one["values"]) for one in found["names"]}
    assert names["epoch"] == ("epoch", True, 30) and names["foo"] == ("foo", False, 30)
    assert found["runs"][0]["spans"] == {"epoch": [1, 30]}


def test_lines_of_formats_with_grammars_are_counted_as_the_reader_does(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("dialect_f2.log", "production_whole.log", "cut_in_the_last_line.log"):
        log = str(FIXTURES / name)
        found = told(["formats", "explain", log, "--lines", "--format", "json"], capfd)
        kinds = [line["kind"] for line in found["lines"]]
        counts = {kind: kinds.count(kind) for kind in ("parsed", "legend", "blank", "unparsed")}
        assert {"lines": len(kinds), **counts} == found["coverage"]
        assert found["chosen"]["how"] == "line" and found["chosen"]["line"]


def test_why_a_file_is_no_log_is_explained_with_code_2(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "x.csv").write_text("id,age\n1,2\n")
    found = told(["formats", "explain", "x.csv", "--format", "json"], capfd, code=2)
    assert found["why_not"].startswith("no training run found; tried ")
    assert len(found["tried"]) == len(all_formats())


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--map", "losss=my_loss"], "unknown column 'losss'; did you mean loss?"),
        (["--map", "my_loss"], "--map my_loss: give it as loss=my_loss."),
        (["--better", "fit=up"], "unknown direction 'up'"),
        (["--format-in", "jsnl"], "unknown format 'jsnl'; did you mean jsonl?"),
    ],
)
def test_what_cannot_be_meant_is_one_line_and_code_2(
    flags: list[str], said: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for command in ("analyze", "compare", "plot", "report", "export", "tail"):
        assert main([command, "x.jsonl", *flags]) == 2
        assert said in capfd.readouterr().err


def test_a_name_is_taken_for_a_column_and_one_that_is_not_there_is_told(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    flags = ["--map", "loss=my_loss", "--map", "val_loss=vll", "--better", "fit=higher"]
    said = "x.jsonl: no 'vll' to take for val_loss; it has epoch, my_loss, vl, foo, fit"
    assert main(["export", "x.jsonl", *flags]) == 0
    out, err = capfd.readouterr()
    assert out.startswith("epoch,train_loss,vl,foo,fit,line\n1,2.0,2.1,3.0,1.0,3\n")
    assert err == f"logdiag: {said}\n"
    report = folder / "report.json"
    assert main(["analyze", "x.jsonl", "-o", str(report), "--format", "json", *flags]) == 0
    assert capfd.readouterr().err == f"logdiag: {said}\n"
    assert main(["tail", "x.jsonl", "--once", *flags[:2]]) == 0
    (folder / "y.jsonl").write_text(LOG)
    flags[3] = "val_loss=nope"
    assert main(["compare", "x.jsonl", "y.jsonl", *flags]) == 0
    assert "no run has a val_loss: is 'nope' printed" in " ".join(capfd.readouterr().out.split())


def test_the_configuration_says_it_for_all_and_flags_come_after_it(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "logdiag.toml").write_text(
        '[formats.map]\nloss = ["my_loss", "old"]\nval_loss = "foo"\n'
        '[formats.better]\nfit = "lower"\n'
    )
    assert main(["export", "x.jsonl", "--map", "val_loss=vl", "--map", "rmse=foo"]) == 0
    out, err = capfd.readouterr()
    assert (out.partition("\n")[0], err) == ("epoch,train_loss,train_rmse,val_loss,fit,line", "")
    shown = told(["config", "--show", "--format", "json"], capfd)["formats"]
    assert shown["map"]["train_loss"]["value"] == ["my_loss", "old"]
    assert shown["better"]["fit"]["value"] == "lower"
    assert main(["config", "--show"]) == 0
    (folder / "logdiag.toml").write_text(capfd.readouterr().out)
    assert told(["config", "--show", "--format", "json"], capfd)["formats"] == shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[formats.map]\nlos = "x"', "formats.map.los: unknown column 'los'; did you mean loss?"),
        ("[formats.map]\nloss = 3", "formats.map.loss: expected a name that is printed"),
        ('[formats.better]\nfit = "up"', "formats.better.fit: unknown direction 'up'"),
        ("[formats]\nmaps = 3", "formats: unknown key 'maps'; did you mean map?"),
    ],
)
def test_a_mistake_in_the_configuration_is_named(
    text: str, said: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "logdiag.toml").write_text(text)
    assert main(["analyze", "x.jsonl"]) == 2
    assert said in capfd.readouterr().err
