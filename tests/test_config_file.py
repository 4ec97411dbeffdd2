"""Which file is the configuration, and what is said of one that cannot be read."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from logparse.config_file import (
    FOLDER_VARIABLE,
    MAX_BYTES,
    find_configuration,
    read_configuration,
)
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
        "name = 'no UTF-8: é'",
    ],
)
def test_a_project_file_that_does_not_speak_of_us_is_passed_over(nest: Path, foreign: str) -> None:
    (nest / "pyproject.toml").write_text(foreign, encoding="latin-1")
    (nest.parent / "logdiag.toml").write_text('select = ["NUM"]')
    assert find_configuration(nest).selection.select == ("NUM",)


def test_without_a_file_the_configuration_is_the_empty_one(nest: Path) -> None:
    (nest / "logdiag.toml").mkdir()
    assert find_configuration(nest) == Configuration()


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("logdiag.toml", "too many levels of symbolic links"),
        ("not/there.toml", "no such file or directory"),
        (".", "is a directory"),
    ],
)
def test_a_link_that_leads_nowhere_is_not_passed_over(nest: Path, target: str, told: str) -> None:
    (nest.parent / "logdiag.toml").write_text("")
    (nest / "logdiag.toml").symlink_to(target)
    with pytest.raises(ConfigurationError, match=rf"^logdiag\.toml: {told}$"):
        find_configuration(nest)


def test_links_are_followed_and_paths_start_where_the_link_lies(nest: Path) -> None:
    (nest.parent / "real.toml").write_text(OURS.partition("\n")[2])
    (nest / "logdiag.toml").symlink_to("../real.toml")
    found = find_configuration(nest)
    assert (found.file, found.folder) == ("logdiag.toml", str(nest))
    assert found.selection.select == ("LR",)
    (nest / "logdiag.toml").unlink()
    (nest / "logdiag.toml").symlink_to("/dev/null")
    assert find_configuration(nest).file == "logdiag.toml"


def test_the_users_own_file_comes_last(
    nest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "logdiag.toml").write_text('select = ["NUM"]')
    monkeypatch.setenv(FOLDER_VARIABLE, str(home))
    found = find_configuration(nest)
    assert found.selection.select == ("NUM",)
    assert (found.file, found.folder) == (str(home / "logdiag.toml"), str(home))
    (nest.parent / "logdiag.toml").write_text("")
    assert find_configuration(nest).selection.select == ()
    (nest.parent / "logdiag.toml").unlink()
    monkeypatch.setenv(FOLDER_VARIABLE, "")
    assert find_configuration(nest) == Configuration()


@pytest.mark.skipif(sys.platform != "linux", reason="the folder has another name elsewhere")
def test_the_users_own_file_lies_where_the_system_wants_it(
    nest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "logdiag").mkdir()
    (tmp_path / "logdiag" / "logdiag.toml").write_text('select = ["NUM"]')
    monkeypatch.delenv(FOLDER_VARIABLE)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert find_configuration(nest).selection.select == ("NUM",)


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
        ("logdiag.toml", b"\x00\x01\x02", "logdiag.toml: no TOML: "),
        ("logdiag.toml", b"#" * (MAX_BYTES + 1), "logdiag.toml: larger than 1 MiB"),
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
    with pytest.raises(ConfigurationError, match=r"^/dev/zero: larger than 1 MiB$"):
        read_configuration(Path("/dev/zero"))
    (nest / "pyproject.toml").write_text("[tool.other]")
    with pytest.raises(ConfigurationError, match=r"^pyproject\.toml: has no \[tool\.logdiag\]$"):
        read_configuration(Path("pyproject.toml"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(nest: Path) -> None:
    (nest / "logdiag.toml").write_text("")
    (nest / "logdiag.toml").chmod(0)
    with pytest.raises(ConfigurationError, match=r"^logdiag\.toml: permission denied$"):
        find_configuration(nest)
