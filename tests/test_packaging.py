"""What is installed: two packages, their data files, and nothing else at the top level."""

import json
import os
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOTS = {"logparse": ROOT / "logparse", "logdiag": ROOT / "cli" / "logdiag"}
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]


def packages_on_disk() -> set[str]:
    found = {"logparse.grammars"}
    for name, folder in ROOTS.items():
        for init in folder.rglob("__init__.py"):
            found.add(".".join([name, *init.parent.relative_to(folder).parts]))
    return found


def test_the_package_list_is_that_of_the_disk() -> None:
    assert set(SETUPTOOLS["packages"]) == packages_on_disk()


def test_every_module_lies_in_a_package() -> None:
    for folder in ROOTS.values():
        for module in folder.rglob("*.py"):
            assert (module.parent / "__init__.py").exists(), module


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean virtual environment with the wheel in it."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT))
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    run(str(python), "-m", "pip", "install", "--quiet", str(wheel))
    return python


def attempted(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True)


def run(*command: str, cwd: Path = ROOT) -> str:
    done = attempted(*command, cwd=cwd)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_only_our_two_packages_arrive(installed: Path) -> None:
    listing = run(
        str(installed), "-c",
        "from importlib.metadata import files; print(*files('logdiag'), sep='\\n')",
        cwd=installed.parent,
    )  # fmt: skip
    tops = {line.split("/")[0] for line in listing.split() if not line.startswith("..")}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"logparse", "logdiag"}
    names = {Path(line).name for line in listing.split()}
    assert {"run_log.lark", "terminals.lark", "report.schema.json", "py.typed"} <= names
    assert {"page.html.j2", "style.css", "sort.js", "healthy.log.xz"} <= names


def test_the_wheel_works_from_another_folder(installed: Path, tmp_path: Path) -> None:
    program = str(installed.parent / "logdiag")
    log = str(ROOT / "fixtures" / "seed_run.log")
    report = json.loads(run(program, "analyze", log, "--format", "json", cwd=tmp_path))
    assert report["runs"][0]["dialect"] == "F2" and not report["errors"]
    assert "LR001" in run(program, "rules", cwd=tmp_path)


def test_the_tour_works_from_the_wheel_without_any_extra(installed: Path, tmp_path: Path) -> None:
    program = str(installed.parent / "logdiag")
    run(program, "demo", "demo", cwd=tmp_path)
    run(program, "plot", "demo/healthy.log", "--loss", cwd=tmp_path)
    run(program, "report", "demo", "-o", "report.html", cwd=tmp_path)
    assert (tmp_path / "demo" / "healthy.loss.png").exists()
    assert "LR001" in (tmp_path / "report.html").read_text(encoding="utf-8")
    refused = attempted(program, "report", "demo", "-o", "report.pdf", cwd=tmp_path)
    assert refused.returncode == 2 and "logdiag[pdf]" in refused.stderr
    assert not (tmp_path / "report.pdf").exists()


def test_a_package_that_happens_to_be_there_does_not_stall_the_parser(installed: Path) -> None:
    """Lark would search the grammar for collisions for minutes when interegular is installed."""
    run(str(installed), "-m", "pip", "install", "--quiet", "interegular")
    code = (
        "import time; from logparse.grammar import build; started = time.process_time();"
        "build('run_log', starts=('line', 'block', 'indented', 'legend'));"
        "assert time.process_time() - started < 10"
    )
    run(str(installed), "-c", code, cwd=installed.parent)
