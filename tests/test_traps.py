"""The traps of the run log: files that were appended to, trimmed, torn and doubled."""

import bz2
import gzip
import lzma
from pathlib import Path

import numpy as np
import pytest

from fixtures.dialects import epoch_block, simulate, write
from logparse.api import analyze, read, read_all
from logparse.errors import LogParseError, NoSuchRunError, NotALogError, SourceError
from tests.reading import runs_of

RULE = "-" * 150


def test_runs_are_appended_and_dialects_change_between_them() -> None:
    text = "".join(write(simulate(d, epochs=3, seed=i)) for i, d in enumerate("ABCDEG"))
    runs = runs_of(text)
    assert [run.dialect for run in runs] == list("ABCDEG")
    assert [(run.index, run.count) for run in runs] == [(i, 6) for i in range(1, 7)]
    assert sum(run.coverage.lines for run in runs) == text.count("\n")


def test_an_epoch_number_that_does_not_rise_opens_a_run() -> None:
    run = simulate("F2", epochs=4)
    text = write(run) + "".join(epoch_block(run, at) for at in range(3))
    first, second = runs_of(text)
    assert list(first.epochs["epoch"]) == [1, 2, 3, 4] and list(second.epochs["epoch"]) == [1, 2, 3]
    assert second.started is None and not second.settings
    assert second.predecessor is not None and second.predecessor.last_epoch == 4


def test_a_repeated_epoch_opens_a_run() -> None:
    run = simulate("G", epochs=3)
    text = write(run) + epoch_block(run, 2)
    assert [list(r.epochs["epoch"]) for r in runs_of(text)] == [[1, 2, 3], [3]]


def test_a_file_may_start_in_the_middle_of_a_run() -> None:
    run = simulate("F2", epochs=30, started=None)
    (headless,) = runs_of("".join(epoch_block(run, at) for at in range(23, 30)))
    assert headless.first_epoch == 24 and headless.started is None
    assert headless.coverage.unparsed == 0


def test_a_list_before_any_epoch_belongs_to_none_and_is_counted() -> None:
    block = epoch_block(simulate("E", epochs=2), 1)
    stray = block.strip().split("\n")[1]
    (run,) = runs_of(stray + "\n" + block)
    assert set(run.parameters["epoch"]) == {2} and run.coverage.parsed == 3


def test_a_header_without_epochs_is_a_run() -> None:
    simulated = simulate("F2", epochs=2)
    aborted = write(simulated).split("\nE01", maxsplit=1)[0]
    first, second = runs_of(aborted + write(simulated))
    assert len(first.epochs) == 0 and first.settings and len(second.epochs) == 2


def test_a_second_header_without_its_start_line_opens_a_run() -> None:
    simulated = simulate("G", epochs=2)
    headless = write(simulated).split("BASELINES:", maxsplit=1)[1]
    first, second = runs_of(write(simulated) + "\nBASELINES:" + headless)
    assert len(first.epochs) == len(second.epochs) == 2 and second.started is None


def test_decoys_in_the_legend_are_no_records() -> None:
    legend = (
        "SINGLE RUN DIAGNOSTIC FORMAT (explanatory)\n"
        "    BATCH_SHAPE B=32 groups=451 seq_len_full=60 feat=20 : a sample\n"
        "    MICRODETAIL ms: <k=v ...> : a dump\n"
        "  E{ep:02d} : epoch\n  KEY = 3\n  TRAIN mean RMSE = 0.1\n\n"
    )
    (run,) = runs_of(legend + "BATCH_SHAPE B=64 groups=1 seq_len_full=20 feat=20\n")
    assert run.batch["B"] == 64 and not run.settings and not run.baselines
    assert run.coverage.legend == 6


def test_debug_lines_between_epochs_belong_to_the_run() -> None:
    run = simulate("F2", epochs=3)
    text = write(run).split("\nE03")[0] + "\nDEBUG_GRADS backbone=True head=None aux=False\n"
    (found,) = runs_of(text + epoch_block(run, 2))
    assert len(found.epochs) == 3 and found.micro["debug_grads/aux"] is False


def test_dialects_may_mix_within_a_run() -> None:
    f2, g = simulate("F2", epochs=4), simulate("G", epochs=4)
    (run,) = runs_of(write(f2).split("\nE03")[0] + epoch_block(g, 2) + epoch_block(g, 3))
    assert sorted(run.dialect.split("+")) == ["F2", "G"] and len(run.epochs) == 4


def test_mojibake_crlf_and_bytes_that_are_no_utf8_cost_nothing() -> None:
    text = write(simulate("F2", epochs=3))
    mangled = text.encode().replace("–".encode(), "â€“".encode()).replace(b"\n", b"\r\n")
    (run,) = runs_of(mangled.replace(b"explanatory", b"expl\xff\xfenatory", 1))
    assert len(run.epochs) == 3 and run.coverage.lines == text.count("\n")


def test_nonfinite_numbers_are_kept_in_every_slot() -> None:
    text = (
        "E01 | OPTS[1:nan|cnts=[3]] | GN[a=nan,TOT=inf] | GD[nan,inf,nan] | UR[nan,inf] | "
        "LR_MAIN=nan | lr=nan | TR[nan,inf,-inf] | VAL[nan,nan,nan] | SR=nan | SL=nan,HR=inf\n"
        "G/U=a.weight:nan/inf,b.weight:inf/nan\n"
    )
    (run,) = runs_of(text)
    assert run.coverage.unparsed == 0
    assert np.isneginf(run.epochs["train_r2"].iloc[0]) and list(run.nonfinite["val_rmse"]) == [1]
    assert np.isnan(run.parameters["grad_norm"].iloc[0])
    assert list(run.nonfinite["parameters/a.weight"]) == [1]


def test_a_number_in_an_unknown_field_is_kept_under_its_own_name() -> None:
    (run,) = runs_of("E01 | GN[a=0.100,TOT=0.100] | lr=1.0e-03 | EMA=0.99 | TAG=warm up\n")
    assert run.epochs["EMA"].iloc[0] == 0.99 and "TAG" not in run.epochs


@pytest.mark.parametrize("dialect", ["A", "C", "D", "E", "F2", "G"])
def test_a_last_line_cut_anywhere_is_reported_and_nothing_before_it_is_lost(dialect: str) -> None:
    simulated = simulate(dialect, epochs=4)
    text = write(simulated)
    whole = text.rindex("\nE04") + 1
    for cut in range(whole + 4, len(text.rstrip("\n")), 7):
        (run,) = runs_of(text[:cut])
        assert list(run.epochs["epoch"])[:3] == [1, 2, 3]
        assert run.coverage.lines == text[:cut].count("\n") + (text[cut - 1] != "\n")
        if run.last_epoch == 3:
            assert run.truncation is not None, text[cut - 30 : cut]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_logs_are_known_by_their_first_bytes(pack, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    log = tmp_path / "named_anything.txt"
    log.write_bytes(pack(write(simulate("F2", epochs=2)).encode()))
    assert len(read(log).epochs) == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig"])
def test_windows_encodings_are_known_by_their_marks(encoding: str, tmp_path: Path) -> None:
    log, mark = tmp_path / "run.log", "\ufeff" if encoding == "utf-16-be" else ""
    log.write_bytes((mark + write(simulate("F2", epochs=2))).encode(encoding))
    assert len(read(log).epochs) == 2


def test_zst_is_read_with_its_extra(tmp_path: Path) -> None:
    zstd = pytest.importorskip("backports.zstd")
    log = tmp_path / "run.zst"
    log.write_bytes(zstd.compress(write(simulate("F2", epochs=2)).encode()))
    assert len(read(log).epochs) == 2


def test_a_torn_archive_gives_what_it_holds_and_an_error(tmp_path: Path) -> None:
    log = tmp_path / "run.log.gz"
    packed = gzip.compress(write(simulate("F2", epochs=400)).encode())
    log.write_bytes(packed[: len(packed) // 2])
    report = analyze(log)
    assert "broken" in report.errors[0].message


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    log = tmp_path / "bomb.log.gz"
    with gzip.open(log, "wb") as stream:
        for _ in range(300):
            stream.write(b"\0" * (1 << 20))
    (error,) = analyze(log).errors
    assert "no training log" in error.message or "refused" in error.message


def test_a_bomb_of_lines_is_refused(tmp_path: Path) -> None:
    log = tmp_path / "bomb.log.xz"
    with lzma.open(log, "wb", preset=0) as stream:
        for _ in range(300):
            stream.write((b"x" * 1023 + b"\n") * 1024)
    (error,) = analyze(log).errors
    assert "refused" in error.message


def test_a_gigantic_line_is_one_unparsed_line() -> None:
    text = write(simulate("F2", epochs=2)).encode()
    (run,) = runs_of(text + b"E03 | " + b"x" * (5 << 20) + b"\n" + b"\n")
    assert len(run.epochs) == 2 and run.coverage.unparsed == 1
    assert len(run.unparsed[0].text) == 200


def test_runs_are_counted_from_one_and_from_the_end(tmp_path: Path) -> None:
    log = tmp_path / "two.log"
    log.write_text(write(simulate("F2", epochs=2)) + write(simulate("G", epochs=3)))
    assert read(log, 1).dialect == "F2" and read(log).dialect == read(log, -1).dialect == "G"
    assert len(read_all(log)) == 2
    for wrong in (0, 3, -3):
        with pytest.raises(NoSuchRunError, match="the file has 2"):
            read(log, wrong)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n \n", "blank"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 40, "binary"),
        (b"hello\nworld\n", "tried run-log: 0 of 2 lines fit"),
    ],
)
def test_what_is_no_log_is_said_to_be_none(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(NotALogError, match=words):
        read(path)
    assert words in analyze(path).errors[0].message


def test_missing_files_and_directories_are_errors_of_their_own(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        read(tmp_path / "none.log")
    with pytest.raises(SourceError, match="is a directory"):
        read(tmp_path)
    assert "no training log among its 0 files" in analyze(tmp_path).errors[0].message
    assert issubclass(SourceError, LogParseError)


def test_a_directory_is_searched_and_what_is_no_log_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for name in ("a/run10.log", "a/run9.log"):
        (tmp_path / name).write_text(write(simulate("F2", epochs=2)))
    (tmp_path / "notes.md").write_text("# notes\n")
    report = analyze(tmp_path)
    assert len(analyze(f"{tmp_path}/*").runs) == 2 and len(analyze(f"{tmp_path}/a/*9*").runs) == 1
    assert "no file matches" in analyze(f"{tmp_path}/*.none").errors[0].message
    assert [Path(run.run.source).name for run in report.runs] == ["run9.log", "run10.log"]
    assert not report.errors
