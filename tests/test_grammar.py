"""Every grammar says in its header what must parse and what must not; both are tried."""

import re
from contextlib import suppress
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.lark import from_lark
from lark import Lark
from lark.exceptions import UnexpectedInput

from logparse.formats import all_formats
from logparse.formats.run_log import GRAMMAR, STARTS
from logparse.grammar import build, grammar_text, load

GRAMMARS: dict[str, tuple[str, ...]] = {
    GRAMMAR: STARTS,
    **{one.grammar: one.starts for one in all_formats() if hasattr(one, "grammar")},
}
SAMPLE = re.compile(r"//([+-]) (\w+): (.*)")
SAMPLES = [
    (name, *found.groups())
    for name in GRAMMARS
    for found in map(SAMPLE.fullmatch, grammar_text(name).split("\n"))
    if found
]


@pytest.mark.parametrize(("grammar", "sign", "start", "text"), SAMPLES)
def test_header_samples(grammar: str, sign: str, start: str, text: str) -> None:
    try:
        load(grammar, GRAMMARS[grammar]).parse(text, start=start)
        parses = True
    except UnexpectedInput:
        parses = False
    assert parses == (sign == "+")


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_there_are_samples_of_both_kinds(grammar: str) -> None:
    signs = [sign for name, sign, _, _ in SAMPLES if name == grammar]
    assert set(signs) == {"+", "-"} and len(signs) > 5


def test_what_is_printed_is_understood_as_a_message_too() -> None:
    parser = load("production_log", GRAMMARS["production_log"])
    for name, sign, start, text in SAMPLES:
        if (name, sign, start) == ("production_log", "+", "line"):
            kinds = {parser.parse(text, start=start).data for start in ("line", "message")}
            assert len(kinds) == 1, text


def test_every_grammar_file_is_found_in_the_package() -> None:
    names = {
        file.name for file in files("logparse.grammars").iterdir() if file.name.endswith(".lark")
    }
    assert names == {"terminals.lark", *(f"{name}.lark" for name in GRAMMARS)}


def test_a_missing_grammar_says_so() -> None:
    with pytest.raises(FileNotFoundError):
        build("no_such_grammar", starts=("start",))


@given(st.text(), st.sampled_from([*GRAMMARS.items()]))
def test_any_text_parses_or_raises_unexpected_input(
    text: str, grammar: tuple[str, tuple[str, ...]]
) -> None:
    for start in grammar[1]:
        with suppress(UnexpectedInput):
            load(*grammar).parse(text, start=start)


def test_names_like_numbers_need_the_contextual_lexer() -> None:
    line = "G/U=2.linear2.weight:4.9e-03/5.4e-08,0.bias:1.0e-01/1.0e-02"
    load(GRAMMAR, STARTS).parse(line, start="line")
    basic = Lark(
        'start: "G=" NAME ":" SCI\nNAME: /[0-9a-z.]+/\nSCI: /[0-9]\\.[0-9]e[+-][0-9]+/',
        parser="lalr",
        lexer="basic",
    )
    with pytest.raises(UnexpectedInput):
        basic.parse("G=1.0e-01:1.0e-01")


# Text made from terminals with a lookahead would rarely meet it: these stand in for them.
NAMES = st.sampled_from(["2.linear2.weight", "head_flat.0.bias", "weight", "zero", "0.bias"])
EXPLICIT = {
    "LABEL": NAMES,
    "MODULE": st.sampled_from(["head", "transformer", "0"]),
    "FEATURE": st.sampled_from(["kc_w_20_20_1.5", "a:b", "minute time"]),
    "BARE": st.sampled_from(["7216", "torch.float16", "NVIDIA RTX 5080", "56.75ms"]),
    "LEGEND_TEXT": st.sampled_from(["    -> B: words", " E{ep:02d} | GN[reg]"]),
    "OTHER_VALUE": st.sampled_from(["0.99", "warm up"]),
    "_BAR": st.just(" | "),
}


@given(from_lark(load(GRAMMAR, STARTS), start="line", explicit=EXPLICIT))
@settings(max_examples=150, deadline=None)
def test_text_made_from_the_grammar_parses(text: str) -> None:
    if "\n" not in text:
        load(GRAMMAR, STARTS).parse(text, start="line")
