"""Loads the `.lark` files: the only module that builds Lark parsers.

LALR with the contextual lexer, one physical line at a time: the basic lexer trips over names
such as `2.linear2.weight`, and Earley is an order of magnitude slower. A Lark object cannot be
pickled, so each process builds its own, when it is first needed.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lark import Lark

GRAMMAR_PACKAGE = "logparse.grammars"


def grammar_text(name: str) -> str:
    """The text of `<name>.lark`. Raises FileNotFoundError, where Lark's own loader would not."""
    return files(GRAMMAR_PACKAGE).joinpath(f"{name}.lark").read_text(encoding="utf-8")


def build(name: str, *, starts: tuple[str, ...]) -> Lark:
    """A parser of the grammar `<name>.lark` that keeps every token, punctuation included."""
    from lark import Lark
    from lark.lexer import ContextualLexer

    class Lexer(ContextualLexer):
        """Without the search for colliding terminals.

        Lark makes it whenever the package interegular happens to be installed, and on terminals
        with a lookahead it does not end within minutes.
        """

        def __init__(self, conf: Any, states: Any, always_accept: Any = ()) -> None:
            conf.skip_validation = True
            super().__init__(conf, states, always_accept)

    def load_import(base: object, path: str) -> tuple[str, str]:
        return path, files(GRAMMAR_PACKAGE).joinpath(path).read_text(encoding="utf-8")

    return Lark(
        grammar_text(name),
        start=list(starts),
        parser="lalr",
        lexer="contextual",
        keep_all_tokens=True,
        maybe_placeholders=False,
        import_paths=[load_import],
        _plugins={"ContextualLexer": Lexer},
    )


@cache
def load(name: str, starts: tuple[str, ...]) -> Lark:
    """The parser of a grammar, built once per process."""
    return build(name, starts=starts)
