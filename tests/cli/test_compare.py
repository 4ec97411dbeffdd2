"""`logdiag compare` as a process: arguments, exit codes, what goes to which stream."""

from __future__ import annotations

import gzip
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.logs import f2_log
from logdiag.main import main
from tests.cli.logs import log_text
from tests.cli.program import environment, run_program

Done = subprocess.CompletedProcess[str]


def text_of_run(seed: int, *, worse: float = 1.0, epochs: int = 12) -> str:
    """A log of which every number of val_rmse is its own, and `worse` times as bad."""
    lines = []
    for line in log_text(epochs).splitlines(keepends=True):
        head, mark, tail = line.partition("VAL[")
        if mark:
            first, rest = tail.split(",", maxsplit=1)
            noise = 1 + 0.004 * ((7 * seed + 3 * len(lines)) % 11 - 5) / 5
            line = f"{head}VAL[{float(first) * worse * noise:.5f},{rest}"
        lines.append(line)
    return "".join(lines).replace("  CLIPNORM = 3\n", f"  CLIPNORM = 3\n  SEED = {seed}\n")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Five runs of one configuration, and five of one that is a tenth worse."""
    for seed in range(5):
        (tmp_path / f"base-{seed}.log").write_text(text_of_run(seed), encoding="utf-8")
        text = text_of_run(seed + 5, worse=1.1).replace("LOOK_BACK = 60", "LOOK_BACK = 30")
        (tmp_path / f"wide-{seed}.log").write_text(text, encoding="utf-8")
    return tmp_path


def compare(here: Path, *arguments: str, **options: str | None) -> Done:
    return run_program(["compare", *arguments], cwd=here, **options)  # type: ignore[arg-type]


def labels(done: Done) -> list[str]:
    return [side["label"] for side in json.loads(done.stdout)["sides"]]


class TestArguments:
    """Labels, globs, numbers and epochs."""

    def test_groups_by_quoted_globs(self, here: Path) -> None:
        done = compare(here, "base=base-*.log", "wide=wide-*.log")
        assert (done.returncode, done.stderr) == (0, "")
        assert "LOOK_BACK" in done.stdout
        assert "wide (5 runs) with base (5 runs)" in done.stdout
        assert "n 5+5" in done.stdout

    def test_groups_by_globs_that_the_shell_expanded(self, here: Path) -> None:
        quoted = compare(here, "--format", "json", "b=base-0.log", "b=base-1.log", "w=wide-*.log")
        assert labels(quoted) == ["b", "w"]
        shell = compare(here, "--format", "json", "base-0.log", "base-1.log", "wide-0.log")
        assert labels(shell) == ["base-0.log", "base-1.log", "wide-0.log"]
        assert labels(compare(here, "--format", "json", ".", "--baseline", "wide-3.log"))[0] == (
            "wide-3.log"
        )

    def test_runs_of_one_file_and_their_beginnings(self, here: Path) -> None:
        (here / "two.log").write_text(text_of_run(1) + text_of_run(2), encoding="utf-8")
        done = compare(here, "--format", "json", "two.log#1", "two.log#2", "two.log#2@6")
        assert done.returncode == 0
        assert labels(done) == ["two.log#1", "two.log#2", "two.log#2@6"]

    def test_paths_with_signs_in_them(self, here: Path) -> None:
        names = ["lr=0.1.log", "a#2", "b@30"]
        for seed, name in enumerate(names):
            (here / name).write_text(text_of_run(seed), encoding="utf-8")
        done = compare(here, "--format", "json", *names, "x=lr=0.1.log@5")
        assert done.returncode == 0, done.stderr
        assert labels(done) == [*names, "x"]

    def test_standard_input_is_one_of_them(self, here: Path) -> None:
        done = compare(
            here, "--format", "json", "base-0.log", "-", "--stdin-name", "ci", stdin=text_of_run(7)
        )
        assert done.returncode == 0, done.stderr
        assert labels(done) == ["base-0.log", "ci"]

    def test_a_label_cannot_steer_the_terminal(self, here: Path) -> None:
        label = "x\x1b[31m\x07<b>|*"
        for form in ("text", "markdown"):
            done = compare(here, "--format", form, f"{label}=base-0.log", "wide-0.log")
            assert done.returncode == 0
            assert "\x1b" not in done.stdout
            assert "\x07" not in done.stdout
        done = compare(here, f"{label}=no.log", "base-0.log", "wide-0.log")
        assert done.returncode == 2
        assert "\x1b" not in done.stderr

    def test_a_configuration_and_flags_choose_the_rules(self, here: Path) -> None:
        def found(*flags: str) -> list[str]:
            done = compare(here, "--format", "csv", "--table", "findings", *flags, ".")
            assert done.returncode == 0, done.stderr
            return [row.partition(",")[0] for row in done.stdout.splitlines()[1:]]

        assert "BASE002" in found()
        assert found("--select", "BASE002") == ["BASE002"]
        (here / "logdiag.toml").write_text('ignore = ["BASE002"]\n')
        assert "BASE002" not in found()
        assert "BASE002" in found("--isolated")


class TestFailures:
    """Broken runs among good ones: said, and the rest compared."""

    def test_the_rest_is_compared(self, here: Path) -> None:
        (here / "empty.log").touch()
        (here / "picture.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 50)
        whole = gzip.compress(text_of_run(9, epochs=60).encode())
        (here / "torn.log.gz").write_bytes(whole[: len(whole) // 2])
        broken = ["empty.log", "picture.jpg", "torn.log.gz", "no.log", "x=none*.log"]
        done = compare(here, "--format", "json", "base-0.log", *broken, "wide-0.log")
        assert done.returncode == 2
        assert labels(done) == ["base-0.log", "wide-0.log"]
        said = done.stderr.splitlines()
        assert len(said) == 6
        assert all(line.startswith("logdiag: ") for line in said)
        assert said[-1] == "logdiag: x: no run could be read"

    def test_junk_in_a_directory_is_passed_over(self, here: Path) -> None:
        (here / "notes.txt").write_text("nothing to see\n")
        (here / "picture.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 50)
        done = compare(here, ".")
        assert (done.returncode, done.stderr) == (0, "")

    def test_the_same_file_twice(self, here: Path) -> None:
        done = compare(here, "base-0.log", "./base-0.log", "wide-0.log")
        assert done.returncode == 2
        assert done.stderr == "logdiag: ./base-0.log: is given twice: counted once\n"
        assert "wide-0.log" in done.stdout

    def test_nothing_is_left_to_compare(self, here: Path) -> None:
        done = compare(here, "base-0.log", "base-0.log", "no.log")
        assert (done.returncode, done.stdout) == (2, "")
        told = done.stderr.splitlines()
        assert told[0] == "logdiag: no.log: no such file"
        assert told[1] == "logdiag: base-0.log: is given twice: counted once"
        assert told[2].startswith("logdiag: nothing to compare ")
        assert len(told) == 3

    def test_without_its_baseline_nothing_is_compared(self, here: Path) -> None:
        done = compare(here, "base-0.log", "wide-0.log", "--baseline", "no.log")
        assert (done.returncode, done.stdout) == (2, "")
        assert "no.log" in done.stderr

    @pytest.mark.parametrize(
        "flags",
        [
            ["--fail-if", "val_rmse"], ["--target", "0.04"], ["--seed-noise", "x%"],
            ["--metric", "val_rmsee"], ["--by", "val_rmsee"], ["--select", "XX"],
            ["--align", "week"], ["--top", "0"], ["--table", "runs"], ["--config", "no.toml"],
        ],
        ids=" ".join,
    )  # fmt: skip
    def test_options_that_cannot_be_meant(
        self,
        here: Path,
        flags: list[str],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.chdir(here)
        assert main(["compare", "base-0.log", "wide-0.log", *flags]) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err
        assert "internal error" not in told.err

    def test_an_input_is_never_overwritten(self, here: Path) -> None:
        before = (here / "wide-0.log").read_bytes()
        for out in ("wide-0.log", "./wide-0.log"):
            done = compare(here, "base-0.log", "w=wide-*.log", "-o", out)
            assert done.returncode == 2
            assert "write the result to another file" in done.stderr
        assert (here / "wide-0.log").read_bytes() == before
        done = compare(here, "base-0.log", "wide-0.log", "-o", "out.txt")
        assert (done.returncode, done.stdout) == (0, "")
        assert "LOOK_BACK" in (here / "out.txt").read_text(encoding="utf-8")

    def test_nobody_reads_the_result(self, here: Path) -> None:
        command = f"{sys.executable} -m logdiag compare . | head -1; echo ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", command], cwd=here, env=environment(), text=True,
                              capture_output=True, timeout=60, check=False)  # fmt: skip
        assert done.stderr == ""
        assert done.stdout.splitlines()[-1] == "0"


class TestExitCodes:
    """0 compared, 1 a regression, 2 not to be judged; findings never decide."""

    @pytest.mark.parametrize(
        ("limit", "code"),
        [("val_rmse:5%", 1), ("val_rmse:30%", 0), ("val_rmse:0.5", 0), ("val_accuracy:5%", 2)],
    )
    def test_limits_decide(self, here: Path, limit: str, code: int) -> None:
        done = compare(here, "base=base-*.log", "wide=wide-*.log", "--fail-if", limit)
        assert done.returncode == code, done.stdout + done.stderr

    def test_several_limits_are_all_looked_at(self, here: Path) -> None:
        flags = ["--fail-if", "val_rmse:30%", "--fail-if", "val_mae:30%"]
        assert compare(here, "base-0.log", "wide-0.log", *flags).returncode == 0
        flags += ["--fail-if", "val_rmse:1%"]
        assert compare(here, "base-0.log", "wide-0.log", *flags).returncode == 1

    def test_a_limit_nobody_can_judge_beats_one_that_is_broken(self, here: Path) -> None:
        flags = ["--fail-if", "val_rmse:1%", "--fail-if", "val_accuracy:1%"]
        assert compare(here, "base-0.log", "wide-0.log", *flags).returncode == 2

    def test_the_baseline_is_the_reference(self, here: Path) -> None:
        flags = ["--fail-if", "val_rmse:5%", "--baseline"]
        assert compare(here, "base-0.log", "wide-0.log", *flags, "base-0.log").returncode == 1
        assert compare(here, "base-0.log", "wide-0.log", *flags, "wide-0.log").returncode == 0


class TestForms:
    """Text, and what programs read."""

    def test_a_ranking_is_as_long_as_asked(self, here: Path) -> None:
        flags = [".", "--by", "best_val_rmse"]
        short = compare(here, *flags, "--top", "3")
        assert (short.returncode, short.stderr) == (0, "")
        assert "the ranking shows 3 of 10 places" in short.stdout
        assert len(short.stdout.splitlines()) < len(compare(here, *flags).stdout.splitlines())
        whole = compare(here, *flags, "--top", "3", "--format", "json")
        assert len(json.loads(whole.stdout)["ranking"]["places"]) == 10

    @pytest.mark.parametrize("table", ["metrics", "runs", "settings", "findings"])
    def test_every_table_is_csv(self, here: Path, table: str) -> None:
        done = compare(here, "--format", "csv", "--table", table, "base-0.log", "wide-0.log")
        assert (done.returncode, done.stderr) == (0, "")
        assert "," in done.stdout.splitlines()[0]

    def test_json_is_strict(self, here: Path) -> None:
        done = compare(here, "--format", "json", "base-0.log", "wide-0.log")
        json.loads(done.stdout, parse_constant=lambda name: pytest.fail(name))

    def test_lines_fit_the_terminal(self, here: Path) -> None:
        done = compare(here, ".", COLUMNS="80")
        assert max(map(len, done.stdout.splitlines())) <= 80


def test_on_a_terminal_a_bar_shows_how_far_it_is_and_goes_away(here: Path) -> None:
    """Slow reading is feigned: the bar is there for what takes longer than a second."""
    code = (
        "import sys, time\n"
        "from logdiag import main\n"
        "from logparse.gathering import workers\n"
        "inner = workers.read\n"
        "workers.read = lambda job: (time.sleep(0.2), inner(job))[1]\n"
        "sys.exit(main.main(['compare', '.']))\n"
    )
    parent, child = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", code], cwd=here, stdout=subprocess.PIPE,
                          stderr=child, env=environment(TERM="xterm")) as process:  # fmt: skip
        os.close(child)
        told = b""
        try:
            while chunk := os.read(parent, 4096):
                told += chunk
        except OSError:  # how Linux says that the other end is closed
            pass
        assert process.stdout is not None
        result = process.stdout.read()
    os.close(parent)
    assert process.returncode == 0
    assert b"reading" in told
    assert b"10/10" in told
    assert told.rstrip().endswith(b"\x1b[2K")
    assert b"reading" not in result


@pytest.mark.skipif(sys.platform == "win32", reason="no process groups")
@pytest.mark.parametrize("seconds", [1.0, 2.5])
def test_an_interrupt_ends_all_processes_in_silence(tmp_path: Path, seconds: float) -> None:
    """As a terminal sends it: to the program and to those that it started for many logs."""
    (tmp_path / "0.log").write_bytes(f2_log(70))
    for number in range(1, 600):  # enough for half a minute
        os.link(tmp_path / "0.log", tmp_path / f"{number}.log")
    command = [sys.executable, "-m", "logdiag", "compare", "."]
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), start_new_session=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # fmt: skip
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"", b"")
