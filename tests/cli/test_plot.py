"""`logdiag plot` as a process: which files are written, what is said where, exit codes."""

from __future__ import annotations

import lzma
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from logdiag.demo import SAMPLES
from tests.cli.program import caller, run_program

Call = Callable[..., subprocess.CompletedProcess[str]]
PNG = b"\x89PNG"
ROOT = Path(__file__).parents[2]
JSON = ROOT / "fixtures" / "letters_training_metrics.json"


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    for sample in SAMPLES:
        (folder / f"{sample.name}.log").write_bytes(sample.log())
    return folder


@pytest.fixture
def plot(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    return caller("plot", monkeypatch, capfd)


def test_a_picture_goes_beside_its_log_and_its_name_to_standard_output(
    plot: Call, logs: Path
) -> None:
    done = plot(logs.parent, f"{logs.name}/healthy.log")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{logs.name}/healthy.overview.png\n"
    assert (logs / "healthy.overview.png").read_bytes().startswith(PNG)


def test_several_views_make_one_picture(plot: Call, logs: Path) -> None:
    done = plot(logs, "overfitting.log", "--lr", "--loss")
    assert done.stdout == "overfitting.loss+lr.png\n"


@pytest.mark.parametrize(
    ("name", "start"), [("a.svg", b"<svg"), ("a.pdf", b"%PDF"), ("a.PNG", PNG)]
)
def test_the_suffix_says_the_format(
    plot: Call, logs: Path, tmp_path: Path, name: str, start: bytes
) -> None:
    done = plot(logs, "healthy.log", "--grad-norms", "-o", str(tmp_path / name))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert (tmp_path / name).read_bytes().startswith(start)


def test_another_suffix_is_refused_before_logs_are_read(plot: Call, tmp_path: Path) -> None:
    done = plot(tmp_path, "none.log", "-o", "a.gif")
    assert done.returncode == 2 and ".png, .svg or .pdf" in done.stderr
    assert "none.log" not in done.stderr and not list(tmp_path.iterdir())


@pytest.mark.parametrize("metric", ["rmse", "val_rmse"])
@pytest.mark.parametrize("flags", [(), ("--compare",)])
def test_a_metric_is_called_by_its_column_or_its_stem(
    plot: Call, logs: Path, tmp_path: Path, flags: tuple[str, ...], metric: str
) -> None:
    two = ("healthy.log", "early-lr-drop.log")[: 1 + len(flags)]
    done = plot(logs, *two, *flags, "--loss", "--metric", metric, "-o", str(tmp_path / "a.svg"))
    assert done.returncode == 0, done.stderr
    assert "rmse" in (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_several_runs_need_several_files_or_one_that_holds_them(
    plot: Call, logs: Path, tmp_path: Path
) -> None:
    two = ("healthy.log", "overfitting.log", "--loss")
    done = plot(logs, *two, "-o", str(tmp_path / "a.png"))
    assert done.returncode == 2 and "--compare" in done.stderr
    assert plot(logs, *two, "-o", str(tmp_path / "a.pdf")).returncode == 0
    assert (tmp_path / "a.pdf").read_bytes().count(b"/Type /Page ") == 2
    assert plot(logs, *two, "-o", f"{tmp_path}/pictures/").returncode == 0
    assert {path.name for path in (tmp_path / "pictures").iterdir()} == {
        "healthy.loss.png", "overfitting.loss.png",
    }  # fmt: skip


def test_compare_draws_all_runs_in_one(plot: Call, logs: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.svg"
    done = plot(logs, "a=healthy.log", "b=early-lr-drop.log", "--compare", "-o", str(out))
    assert done.returncode == 0, done.stderr
    text = out.read_text(encoding="utf-8")
    assert ">a<" in text and ">b<" in text


def test_the_terminal_gets_a_picture_and_no_file_is_written(
    plot: Call, logs: Path, tmp_path: Path
) -> None:
    (tmp_path / "run.log").write_bytes((logs / "overfitting.log").read_bytes())
    done = plot(tmp_path, "run.log", "--loss", "--terminal", COLUMNS="90")
    assert done.returncode == 0 and "GEN001" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 90
    assert [path.name for path in tmp_path.iterdir()] == ["run.log"]


def test_a_width_in_pixels_is_that_of_the_file(plot: Call, logs: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    assert plot(logs, "healthy.log", "--lr", "--width", "750", "-o", str(out)).returncode == 0
    assert int.from_bytes(out.read_bytes()[16:20]) == 750


def test_dark_pictures_are_dark(plot: Call, logs: Path, tmp_path: Path) -> None:
    from logparse.plots.look import DARK, LIGHT

    out = tmp_path / "a.svg"
    assert plot(logs, "healthy.log", "--lr", "--dark", "-o", str(out)).returncode == 0
    text = out.read_text(encoding="utf-8")
    assert DARK["paper"] in text and LIGHT["ink"] not in text


def test_a_view_without_data_is_a_panel_that_says_so(plot: Call, tmp_path: Path) -> None:
    log = ROOT / "fixtures" / "early_lr_drop.log"
    out = tmp_path / "a.svg"
    done = plot(ROOT, str(log), "--loss", "--attention", "-o", str(out))
    assert done.returncode == 0 and "attention" in out.read_text(encoding="utf-8")


def test_nothing_to_draw_is_a_line_and_exit_code_2(plot: Call, tmp_path: Path) -> None:
    log = ROOT / "fixtures" / "early_lr_drop.log"
    out = tmp_path / "a.svg"
    done = plot(ROOT, str(log), "--attention", "-o", str(out))
    assert done.returncode == 2 and "nothing to draw: attention" in done.stderr
    assert done.stderr.count("\n") == 1 and not out.exists()


def test_an_unreadable_log_beside_a_good_one_is_told(
    plot: Call, logs: Path, tmp_path: Path
) -> None:
    (tmp_path / "picture.jpeg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40)
    out = tmp_path / "a.png"
    done = plot(tmp_path, str(logs / "healthy.log"), "picture.jpeg", "-o", str(out))
    assert done.returncode == 2 and "picture.jpeg" in done.stderr and out.exists()


def test_the_log_itself_is_never_overwritten(plot: Call, logs: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.png"
    log.write_bytes((logs / "healthy.log").read_bytes())
    done = plot(tmp_path, "log.png", "-o", "log.png")
    assert done.returncode == 2 and "what was read" in done.stderr
    assert not log.read_bytes().startswith(PNG)


def test_a_log_on_standard_input_is_drawn_here(logs: Path, tmp_path: Path) -> None:
    text = (logs / "healthy.log").read_text(encoding="utf-8")
    done = run_program(["plot", "-", "--lr"], cwd=tmp_path, stdin=text)
    assert done.stdout == "stdin.lr.png\n" and (tmp_path / "stdin.lr.png").exists()


def test_a_compressed_log_and_a_file_of_several_runs_have_names_of_their_own(
    plot: Call,
    tmp_path: Path,
) -> None:
    text = (ROOT / "fixtures" / "appended_runs.log").read_bytes()
    (tmp_path / "two.log.xz").write_bytes(lzma.compress(text))
    done = plot(tmp_path, "two.log.xz", "--run", "1", "--loss")
    assert done.stdout == "two-1.loss.png\n", done.stderr


def test_attention_of_a_metrics_json_is_drawn(plot: Call, tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    done = plot(ROOT, str(JSON), "--attention", "-o", str(out))
    assert done.returncode == 0, done.stderr
    assert out.read_bytes().startswith(PNG)


def test_only_the_last_epochs_are_drawn(plot: Call, logs: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.svg"
    assert plot(logs, "healthy.log", "--lr", "--last", "5", "-o", str(out)).returncode == 0
    text = out.read_text(encoding="utf-8")
    assert "E36-E40" in text and ">E01<" not in text


def test_a_desktop_without_a_viewer_is_told(plot: Call, logs: Path, tmp_path: Path) -> None:
    done = plot(logs, "healthy.log", "--lr", "-o", str(tmp_path / "a.png"), "--show", PATH="")
    assert done.returncode == 2 and "--terminal" in done.stderr and (tmp_path / "a.png").exists()


def test_other_commands_do_not_import_matplotlib(logs: Path) -> None:
    done = run_program(["analyze", "healthy.log"], cwd=logs, python=["-X", "importtime"])
    assert "matplotlib" not in done.stderr and "jinja2" not in done.stderr
    assert "pandas" in done.stderr


def test_a_dash_is_standard_output_and_makes_no_file(
    plot: Call, logs: Path, tmp_path: Path
) -> None:
    done = plot(tmp_path, str(logs / "healthy.log"), "--lr", "-o", "-")
    assert (
        done.returncode == 0 and done.stdout.startswith("<svg") and "learning rate" in done.stdout
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("flags", [(), ("--compare",)])
def test_a_metric_that_no_log_has_is_told_in_the_picture(
    plot: Call, logs: Path, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    two = ("healthy.log", "early-lr-drop.log")[: 1 + len(flags)]
    out = tmp_path / "a.svg"
    assert plot(logs, *two, *flags, "--metric", "nonsense", "-o", str(out)).returncode == 0
    assert ">nonsense<" in out.read_text(encoding="utf-8")
