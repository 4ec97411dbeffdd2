"""The rules of the house: types, lint, import contracts, public names."""

import ast
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import logparse

ROOT = Path(__file__).parent.parent
INSTALLED = [*ROOT.glob("logparse/**/*.py"), *ROOT.glob("cli/**/*.py")]
SOURCES = [*INSTALLED, *ROOT.glob("trainer/**/*.py"), *ROOT.glob("benchmarks/*.py")]


@pytest.mark.parametrize(
    "tool",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]],
    ids=" ".join,
)
def test_the_tools_agree(tool: list[str]) -> None:
    command = [sys.executable, "-m", *tool]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch's types are not installed")
def test_the_types_of_the_trainer_agree() -> None:
    command = [sys.executable, "-m", "mypy", "trainer", "benchmarks"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", INSTALLED, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_installed_knows_nothing_of_the_trainer(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        assert not {name.partition(".")[0] for name in names} & {"trainer", "torch", "fixtures"}


def test_imports_go_down_only() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_public_names_are_those_promised() -> None:
    assert len(logparse.__all__) <= 16
    for name in logparse.__all__:
        assert getattr(logparse, name).__doc__, name
    assert set(logparse.__all__) <= set(dir(logparse))
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = logparse.nothing_like_it


def test_importing_the_package_costs_nothing() -> None:
    code = "import logparse, sys; print({'pandas', 'numpy', 'lark'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


def test_two_single_runs_are_compared_without_scipy() -> None:
    logs = [str(ROOT / "fixtures" / name) for name in ("early_lr_drop.log", "never_learned.log")]
    code = f"import logparse, sys; logparse.compare(*{logs}); print('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
            assert node.end_lineno - node.body[0].lineno < 50, node.name


def test_every_public_thing_has_a_docstring() -> None:
    missing = []
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if ast.get_docstring(tree) is None:
            missing.append(str(path))
        for node in tree.body:
            is_named = isinstance(node, ast.FunctionDef | ast.ClassDef)
            if is_named and not node.name.startswith("_") and ast.get_docstring(node) is None:
                missing.append(f"{path}:{node.name}")
    assert not missing
