"""How to judge, as data: a table of TOML checked key by key. Nothing is read from disk here."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatchcase
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn, TypeAlias, TypeVar

from logparse.column_hints import hints_from
from logparse.errors import ConfigurationError, NoRuleError, UnknownNameError
from logparse.findings import Severity
from logparse.paths import absolute, seen_from
from logparse.readers.points.meanings import Hints
from logparse.rules import Selection, all_rules, codes, family, find_rule, selected_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from logparse.rules import Rule

OptionValue: TypeAlias = bool | int | float | str
_Read = TypeVar("_Read")

KEYS = (
    *("select", "extend-select", "ignore", "fail-on", "baseline"),
    *("rules", "per-path-ignores", "formats"),
)
FAIL_ON = (*(severity.value for severity in Severity), "never")
_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_NAMES: dict[type, str] = {
    bool: "true or false",
    int: "an integer",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a table",
}


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """What a configuration says of one rule: its severity, and the options that it changes."""

    severity: Severity | None = None
    options: Mapping[str, OptionValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A configuration as it was written; what is not written is None or empty.

    `file` is its name for people, '' for none. Relative paths in it start at `folder`. `rules`
    go by code; the patterns of `per_path_ignores` are kept as written.
    """

    file: str = ""
    folder: str = "."
    selection: Selection = field(default_factory=Selection)
    fail_on: str | None = None
    baseline: str | None = None
    rules: Mapping[str, RuleSettings] = field(default_factory=dict)
    per_path_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hints: Hints = field(default_factory=Hints)

    def judges(self, over: Selection | None = None) -> tuple[Rule, ...]:
        """The rules to judge by, with their options; `over` is a selection that beats the file's.

        Raises as `select_rules` does.
        """
        chosen = selected_by(self.selection, over or Selection())
        return tuple(map(self.configured, chosen))

    def configured(self, rule: Rule) -> Rule:
        """The rule with the options that the configuration gives it."""
        settings = self.rules.get(rule.code)
        return replace(rule, **settings.options) if settings else rule

    def judges_of(self, source: str, judges: Sequence[Rule]) -> tuple[Rule, ...]:
        """Those of the judges that are not ignored for the source; NoRuleError if none is left."""
        ignored = codes(self._ignored_for(source)) if self.per_path_ignores else set()
        left = tuple(rule for rule in judges if rule.code not in ignored)
        if not left:
            raise NoRuleError("every selected rule is ignored for it by per-path-ignores")
        return left

    @property
    def severities(self) -> Mapping[str, Severity]:
        """The severities that replace those of the rules, by code."""
        given = self.rules.items()
        return {code: one.severity for code, one in given if one.severity is not None}

    def _ignored_for(self, source: str) -> Iterator[str]:
        names = _names_of(source, self.folder)
        for pattern, ignored in self.per_path_ignores.items():
            wanted = _normal(pattern)
            if any(fnmatchcase(name, wanted) for name in names):
                yield from ignored


def configuration_from(
    table: Mapping[str, object], *, file: str = "", folder: str = ".", place: str = ""
) -> Configuration:
    """The table of a file as a configuration; `place` is the table's own key in it, if any.

    Raises ConfigurationError for the first thing that cannot be meant, with file and key.
    """
    top = _Table(table, file, (*place.split("."),) if place else ())
    top.allow("key", KEYS)
    return Configuration(
        file=file,
        folder=folder,
        selection=Selection(
            _names(top, "select", least=1), _names(top, "extend-select"), _names(top, "ignore")
        ),
        fail_on=top.read("fail-on", lambda value: _one_of("severity", value, FAIL_ON)),
        baseline=top.read("baseline", _path),
        rules=MappingProxyType(dict(_rules(top.table("rules")))),
        per_path_ignores=MappingProxyType(dict(_ignores(top.table("per-path-ignores")))),
        hints=_hints(top.table("formats")),
    )


class _Table:
    """A table with its file and its key, so that every complaint can name them."""

    def __init__(self, values: Mapping[str, object], file: str, path: tuple[str, ...]) -> None:
        self.values, self.file, self.path = values, file, path

    def fail(self, why: object, *key: str) -> NoReturn:
        dotted = ".".join(_quoted(part) for part in (*self.path, *key))
        places = [part for part in (self.file or "configuration", dotted) if part]
        raise ConfigurationError(": ".join([*places, str(why)]))

    def allow(self, kind: str, known: Iterable[str]) -> None:
        """Refuse the first key that is not known."""
        known = tuple(known)
        for key in self.values:
            if key not in known:
                self.fail(UnknownNameError(kind, key, known))

    def read(self, key: str, made: Callable[[object], _Read]) -> _Read | None:
        """What is made of the value of the key, None where there is none."""
        if key not in self.values:
            return None
        try:
            return made(self.values[key])
        except (UnknownNameError, ValueError) as error:
            self.fail(error, key)

    def table(self, key: str) -> _Table:
        value = self.values.get(key, {})
        if not isinstance(value, Mapping):
            self.fail(_expected("a table", value), key)
        return _Table(value, self.file, (*self.path, key))


def _quoted(key: str) -> str:
    return key if key and _BARE.issuperset(key) else json.dumps(key, ensure_ascii=False)


def _expected(what: str, value: object) -> str:
    found = next((name for kind, name in _NAMES.items() if isinstance(value, kind)), "a date")
    return f"expected {what}, not {found}"


def _names(table: _Table, key: str, *, least: int = 0) -> tuple[str, ...]:
    """A list of rules, each of them known."""

    def made(value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise ValueError(_expected('a list of rules, as ["LR", "NUM001"]', value))
        for one in value:
            if not isinstance(one, str):
                raise ValueError(_expected("texts in the list", one))
        if len(value) < least:
            raise ValueError("names no rule: there is nothing to judge by")
        codes(value)
        return tuple(value)

    return table.read(key, made) or ()


def _one_of(kind: str, value: object, known: Sequence[str]) -> str:
    if not isinstance(value, str):
        raise ValueError(_expected(f"one of {', '.join(known)}", value))
    if value not in known:
        raise UnknownNameError(kind, value, known)
    return value


def _path(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(_expected("the path of a file", value) if value != "" else "names no file")
    return value


def _rules(table: _Table) -> Iterator[tuple[str, RuleSettings]]:
    """The settings of each rule that the table names, by code."""
    seen: dict[str, str] = {}
    for key in table.values:
        rule = _rule(table, key)
        if rule.code in seen:
            table.fail(f"{rule.code} has a table already: {seen[rule.code]}", key)
        seen[rule.code] = key
        yield rule.code, _settings(rule, table.table(key))


def _rule(table: _Table, key: str) -> Rule:
    if key.casefold() in {family(rule.code).casefold() for rule in all_rules()}:
        table.fail(f"{key} is a family: name one rule of it, by code or name", key)
    try:
        return find_rule(key)
    except UnknownNameError as error:
        table.fail(error)


def _settings(rule: Rule, table: _Table) -> RuleSettings:
    defaults = {option.name: getattr(rule, option.name) for option in fields(rule)}
    table.allow(f"option of {rule.code}", ("severity", *defaults))
    severities = FAIL_ON[:-1]
    severity = table.read("severity", lambda value: _one_of("severity", value, severities))
    options: dict[str, OptionValue] = {}
    for name, default in defaults.items():
        value = table.read(name, partial(_typed, default=default))
        if value is not None:
            options[name] = value
    return RuleSettings(None if severity is None else Severity(severity), options)


def _typed(value: object, default: OptionValue) -> OptionValue:
    """The value if it has the type of the option's default; an integer is a number too."""
    kind = type(default)
    if kind is float and type(value) is int:
        value = _as_float(value)
    if type(value) is not kind:
        raise ValueError(_expected(_NAMES[kind], value))
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"expected a finite number, not {value}")
    return value


def _as_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _ignores(table: _Table) -> Iterator[tuple[str, tuple[str, ...]]]:
    for pattern in table.values:
        if not pattern:
            table.fail("an empty pattern matches no path")
        yield pattern, _names(table, pattern)


def _hints(table: _Table) -> Hints:
    """What `formats.map` and `formats.better` say of columns."""
    table.allow("key", ("map", "better"))
    hints = Hints()
    for key in ("map", "better"):
        entries = table.table(key)
        for name in entries.values:
            hints = entries.read(name, partial(_hinted, kind=key, name=name, hints=hints)) or hints
    return hints


def _hinted(value: object, kind: str, name: str, hints: Hints) -> Hints:
    if kind == "better":
        if not isinstance(value, str):
            raise ValueError(_expected('"higher" or "lower"', value))
        return hints_from(better={name: value}, beside=hints)
    printed: list[object] = value if isinstance(value, list) else [value]
    for one in printed:
        if not isinstance(one, str):
            raise ValueError(_expected("a name that is printed, or a list of such", one))
    return hints_from({name: [str(one) for one in printed]}, beside=hints)


def _names_of(source: str, folder: str) -> tuple[str, ...]:
    """What a pattern may match of a source: its path from the folder, its whole path, its name."""
    whole = absolute(source)
    return seen_from(folder, source), whole, whole.rpartition("/")[2]


def _normal(pattern: str) -> str:
    """The pattern without a leading `./`; one that ends in `/` stands for all below."""
    wanted = pattern.removeprefix("./")
    return f"{wanted}*" if wanted.endswith("/") else wanted
