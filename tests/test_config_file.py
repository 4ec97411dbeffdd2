"""Which file is the configuration, and what is said of one that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from logparse.config_file import find_configuration, read_configuration
from logparse.configuration import Configuration
from logparse.errors import ConfigurationError

OURS = '[tool.logdiag]\nselect = ["LR"]\n'


@pytest.fixture
def nest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in a folder in the test's own, and the current one."""
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


def test_the_nearest_file_wins_and_nothing_is_merged(nest: Path) -> None:
    (nest.parent.parent / "logdiag.toml").write_text('fail-on = "note"\nselect = ["BASE"]')
    (nest.parent / "pyproject.toml").write_text(OURS)
    found = find_configuration(nest)
    assert found.selection.select == ("LR",)
    assert found.fail_on is None
    assert found.folder == str(nest.parent)
    assert found.file == str(nest.parent / "pyproject.toml")


def test_in_one_folder_our_own_file_comes_first(nest: Path) -> None:
    (nest / "pyproject.toml").write_text(OURS)
    (nest / "logdiag.toml").write_text('select = ["NUM"]')
    found = find_configuration(nest)
    assert found.selection.select == ("NUM",)
    assert found.file == "logdiag.toml"


@pytest.mark.parametrize(
    "foreign",
    [
        "",
        "[project]\nname = 'x'",
        "[project]\nname = 'logdiag'",
        "[tool.other]\nx = 'logdiag'",
        "tool = 3  # logdiag",
        "this is no TOML",
    ],
)
def test_a_project_file_that_does_not_speak_of_us_is_passed_over(nest: Path, foreign: str) -> None:
    (nest / "pyproject.toml").write_text(foreign)
    (nest.parent / "logdiag.toml").write_text('select = ["NUM"]')
    assert find_configuration(nest).selection.select == ("NUM",)


def test_without_a_file_the_configuration_is_the_empty_one(nest: Path) -> None:
    (nest / "logdiag.toml").mkdir()
    assert find_configuration(nest) == Configuration()


def test_an_empty_table_of_ours_ends_the_search(nest: Path) -> None:
    (nest / "pyproject.toml").write_text("[tool.logdiag]")
    (nest.parent / "logdiag.toml").write_text('select = ["NUM"]')
    found = find_configuration(nest)
    assert (found.file, found.selection.select) == ("pyproject.toml", ())


def test_a_named_file_may_have_any_name(nest: Path) -> None:
    (nest / "ci.toml").write_bytes(b'\xef\xbb\xbfselect = ["LR"]\r\n')
    found = read_configuration(Path("ci.toml"))
    assert (found.file, found.folder) == ("ci.toml", str(nest))
    assert found.selection.select == ("LR",)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("logdiag.toml", b"select = [", "logdiag.toml: no TOML: "),
        ("logdiag.toml", b"a = " + b"[" * 100_000, "logdiag.toml: no TOML: nested too deeply"),
        ("logdiag.toml", b"\xff\xfe", "logdiag.toml: no UTF-8 at byte 0"),
        ("logdiag.toml", b"x = 1" + b"0" * 5000, "logdiag.toml: no TOML: "),
        (
            "logdiag.toml",
            OURS.encode(),
            "[tool.logdiag] is for pyproject.toml: here the keys are at the top level",
        ),
        (
            "pyproject.toml",
            b"[tool]\nlogdiag = 3",
            "pyproject.toml: tool.logdiag: expected a table",
        ),
        ("pyproject.toml", b"[tool.logdiag\n", "pyproject.toml: no TOML: "),
        ("pyproject.toml", b"[tool.logdiag]\nselect = ['L']", "tool.logdiag.select: unknown rule"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(
    nest: Path, name: str, text: bytes, told: str
) -> None:
    (nest / name).write_bytes(text)
    for read in (lambda: find_configuration(nest), lambda: read_configuration(Path(name))):
        with pytest.raises(ConfigurationError) as caught:
            read()
        assert told in str(caught.value)
        assert str(caught.value).startswith(f"{name}: ")
        assert "\n" not in str(caught.value)


def test_a_named_file_must_be_there_and_speak_of_us(nest: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^no\.toml: no such file or directory$"):
        read_configuration(Path("no.toml"))
    with pytest.raises(ConfigurationError, match=r"is a directory$"):
        read_configuration(nest)
    (nest / "pyproject.toml").write_text("[tool.other]")
    with pytest.raises(ConfigurationError, match=r"^pyproject\.toml: has no \[tool\.logdiag\]$"):
        read_configuration(Path("pyproject.toml"))
