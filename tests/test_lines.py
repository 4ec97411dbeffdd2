"""Bytes to lines, however they are cut."""

from hypothesis import given
from hypothesis import strategies as st

from logparse.lines import CutLine, LineAssembler

PIECES = st.lists(
    st.sampled_from(
        [b"a", b"\r", b"\n", b"\r\n", "é".encode(), b"\xff", b"\x1b[31mred\x1b[0m", b" "]
    )
)


def lines_of(raw: bytes, cuts: list[int]) -> list[str]:
    assembler, lines, last = LineAssembler(), [], 0
    for cut in [*sorted(cut % (len(raw) + 1) for cut in cuts), len(raw)]:
        lines += assembler.feed(raw[last:cut])
        last = cut
    return lines + assembler.close()


@given(PIECES, st.lists(st.integers(0, 1000)))
def test_cutting_is_invisible(pieces: list[bytes], cuts: list[int]) -> None:
    raw = b"".join(pieces)
    assert lines_of(raw, cuts) == lines_of(raw, [])


@given(PIECES)
def test_lines_are_those_of_universal_newlines(pieces: list[bytes]) -> None:
    raw = b"".join(pieces).replace(b"\x1b[31m", b"").replace(b"\x1b[0m", b"")
    text = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").decode("utf-8", "replace")
    expected = text.split("\n")
    assert lines_of(raw, []) == (expected if expected[-1] else expected[:-1])


def test_trailing_cr_waits_for_the_next_byte() -> None:
    assembler = LineAssembler()
    assert assembler.feed(b"one\r") == []
    assert assembler.feed(b"\ntwo\r") == ["one"]
    assert assembler.feed(b"three") == ["two"]
    assert assembler.close() == ["three"]


def test_escape_sequences_are_removed() -> None:
    raw = b"\x1b[1;31mE01\x1b[0m | lr=1\x1b]0;title\x07 done\x1bM\n"
    assert lines_of(raw, []) == ["E01 | lr=1 done"]


def test_a_byte_order_mark_is_no_text() -> None:
    assert lines_of(b"\xef\xbb\xbfRUN START: x\n", [1, 2]) == ["RUN START: x"]


def test_an_over_long_line_keeps_its_beginning_and_is_marked() -> None:
    long = b"x" * (3 << 20)
    for cuts in ([], [1 << 20, 2 << 20], list(range(0, 3 << 20, 99991))):
        first, second = lines_of(long + b"\nshort\n", cuts)
        assert isinstance(first, CutLine) and len(first) == 1 << 20
        assert second == "short" and not isinstance(second, CutLine)


def test_a_line_of_exactly_the_limit_is_whole() -> None:
    (line,) = lines_of(b"x" * (1 << 20), [])
    assert not isinstance(line, CutLine) and len(line) == 1 << 20
