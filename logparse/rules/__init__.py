"""The rules, found by walking this package: one module is one rule, and nothing lists them."""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from inspect import isabstract
from typing import TYPE_CHECKING

from logparse.errors import NoRuleError, UnknownNameError
from logparse.rules.base import Clear, NotApplicable, Rule, TooShort, rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "Clear",
    "NotApplicable",
    "Rule",
    "Selection",
    "TooShort",
    "all_rules",
    "find_rule",
    "rule",
    "select_rules",
    "selected_by",
]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rules judge; each entry is a code, a name, or a family such as `LR`.

    `select` starts anew (nothing: it changes nothing), `extend` adds, `ignore` takes away.
    """

    select: tuple[str, ...] = ()
    extend: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


@cache
def all_rules() -> tuple[Rule, ...]:
    """One instance of every rule with its default options, sorted by code.

    A module that fails to import raises: a rule that is not there must not look like silence.
    """
    return tuple(sorted((rule() for rule in _rule_classes()), key=lambda rule: rule.code))


def find_rule(code_or_name: str) -> Rule:
    """The rule with this code or name, in any case; UnknownNameError with the nearest otherwise."""
    wanted = code_or_name.strip().casefold()
    for one in all_rules():
        if wanted in (one.code.casefold(), one.name.casefold()):
            return one
    raise UnknownNameError("rule", code_or_name, _known_names())


def select_rules(select: Iterable[str] = (), ignore: Iterable[str] = ()) -> tuple[Rule, ...]:
    """The selected rules (all if nothing is selected) without the ignored ones, sorted by code.

    Each entry is a code, a name, or a family such as `LR`; one text may hold several, with
    commas between. NoRuleError when no rule is left.
    """
    return selected_by(Selection(entries(select), (), entries(ignore)))


def selected_by(*layers: Selection) -> tuple[Rule, ...]:
    """All rules after one selection upon the other, the strongest last, sorted by code.

    A later `select` makes the earlier layers void. Raises as `select_rules` does.
    """
    left = {rule.code for rule in all_rules()}
    for layer in layers:
        left = codes(layer.select) if layer.select else left
        left = (left | codes(layer.extend)) - codes(layer.ignore)
    if not left:
        raise NoRuleError("every selected rule is ignored: there is nothing to judge by")
    return tuple(rule for rule in all_rules() if rule.code in left)


def entries(given: Iterable[str]) -> tuple[str, ...]:
    """The entries of a selection; one text may hold several, with commas between."""
    return tuple(given.split(",") if isinstance(given, str) else given)


def codes(entries: Iterable[str]) -> set[str]:
    """The codes that the entries stand for; UnknownNameError for one that stands for none."""
    return {code for entry in entries for code in _codes_of(entry)}


def family(code: str) -> str:
    """The letters of a code: `LR` of `LR001`."""
    return code.rstrip("0123456789")


def _codes_of(entry: str) -> list[str]:
    wanted = entry.strip().casefold()
    codes = [rule.code for rule in all_rules() if family(rule.code).casefold() == wanted]
    return codes or [find_rule(entry).code]


def _known_names() -> list[str]:
    rules = all_rules()
    return [
        *sorted({family(rule.code) for rule in rules}),
        *(rule.code for rule in rules),
        *(rule.name for rule in rules),
    ]


def _rule_classes() -> Iterator[type[Rule]]:
    for found in pkgutil.walk_packages(__path__, prefix=f"{__name__}.", onerror=_fail):
        module = import_module(found.name)
        for item in vars(module).values():
            is_rule = isinstance(item, type) and issubclass(item, Rule) and not isabstract(item)
            if is_rule and item.__module__ == module.__name__:
                yield item


def _fail(name: str) -> None:
    raise ImportError(f"the rules in {name} cannot be imported")
