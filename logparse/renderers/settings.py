"""The configuration in effect: TOML that can be used as it is, each value with its origin."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeAlias

from logparse.rules import all_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.configuration import Configuration
    from logparse.renderers.layout import Page
    from logparse.renderers.spans import Line
    from logparse.rules import Rule

DEFAULT = "default"
Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """A value in effect; None where nothing is set. `default` is what it would be otherwise."""

    key: str
    value: object
    default: object
    origin: str


def general(configuration: Configuration) -> tuple[Setting, ...]:
    """The settings that are not about one rule or path."""
    chosen = configuration.selection
    return (
        _setting(configuration, "select", list(chosen.select), []),
        _setting(configuration, "extend-select", list(chosen.extend), []),
        _setting(configuration, "ignore", list(chosen.ignore), []),
        _setting(configuration, "fail-on", configuration.fail_on, "error"),
        _setting(configuration, "baseline", configuration.baseline, None),
    )


def severity_of(configuration: Configuration, rule: Rule) -> Setting:
    """The severity of the rule's findings; its default is the usual one, a rule may deviate."""
    given = configuration.severities.get(rule.code)
    return _setting(configuration, "severity", given and given.value, rule.severity.value)


def options_of(configuration: Configuration, rule: Rule) -> Iterator[Setting]:
    """Every option of the rule."""
    settings = configuration.rules.get(rule.code)
    for option in fields(rule):
        given = settings.options.get(option.name) if settings else None
        yield _setting(configuration, option.name, given, getattr(rule, option.name))


def document(configuration: Configuration) -> Json:
    """The configuration in effect for programs."""
    judges = {rule.code for rule in configuration.judges()}
    ignores = configuration.per_path_ignores.items()
    return {
        "schema_version": 1,
        "file": configuration.file or None,
        **{setting.key: _entry(setting) for setting in general(configuration)},
        "per-path-ignores": {
            pattern: {"value": list(names), "origin": configuration.file}
            for pattern, names in ignores
        },
        "formats": {
            key: {name: {"value": said, "origin": configuration.file} for name, said in table}
            for key, table in _columns(configuration)
        },
        "rules": {
            rule.code: {
                "name": rule.name,
                "selected": rule.code in judges,
                "severity": _entry(severity_of(configuration, rule)),
                "options": {one.key: _entry(one) for one in options_of(configuration, rule)},
            }
            for rule in all_rules()
        },
    }


def lines(configuration: Configuration, page: Page) -> Iterator[Line]:
    """The configuration in effect as TOML for a `logdiag.toml`; rules not selected are left out
    unless they are configured."""
    judges = {rule.code for rule in configuration.judges()}
    for setting in general(configuration):
        is_set = setting.value is not None and (setting.value or setting.key != "select")
        yield _line(setting, page) if is_set else _unset(setting, page)
    if configuration.per_path_ignores:
        yield ()
        yield (page.span("[per-path-ignores]", "title"),)
    for pattern, names in configuration.per_path_ignores.items():
        yield _line(Setting(_text(pattern, page), list(names), None, configuration.file), page)
    for key, table in _columns(configuration):
        if table:
            yield ()
            yield (page.span(f"[formats.{key}]", "title"),)
        for name, said in table:
            yield _line(Setting(_text(name, page), said, None, configuration.file), page)
    for rule in all_rules():
        if rule.code in judges or rule.code in configuration.rules:
            yield ()
            yield from _rule(configuration, rule, page, is_selected=rule.code in judges)


def _columns(
    configuration: Configuration,
) -> tuple[tuple[str, list[tuple[str, object]]], ...]:
    """What is said of columns: the tables of [formats] by key, each by column."""
    names = configuration.hints.names
    columns = dict.fromkeys(names.values())
    printed = [(column, [name for name in names if names[name] == column]) for column in columns]
    better = [(column, way.value) for column, way in configuration.hints.better.items()]
    return ("map", [*printed]), ("better", [*better])


def _rule(
    configuration: Configuration, rule: Rule, page: Page, *, is_selected: bool
) -> Iterator[Line]:
    about = rule.name if is_selected else f"{rule.name}, not selected"
    yield (page.span(f"[rules.{rule.code}]", "title"), page.span(f"  # {about}", "dim"))
    severity = severity_of(configuration, rule)
    # Written out, the usual severity would replace that of every finding.
    is_usual = severity.origin == DEFAULT
    line = _line(severity, page)
    yield (page.span("# ", "dim"), *line) if is_usual else line
    for option in options_of(configuration, rule):
        yield _line(option, page)


def _setting(configuration: Configuration, key: str, given: object, default: object) -> Setting:
    if given is None or given == []:
        return Setting(key, default, default, DEFAULT)
    return Setting(key, given, default, configuration.file)


def _entry(setting: Setting) -> Json:
    return {"value": setting.value, "default": setting.default, "origin": setting.origin}


def _line(setting: Setting, page: Page) -> Line:
    origin = setting.origin
    if origin != DEFAULT and setting.default not in (None, []):
        origin = f"{origin}, default {_toml(setting.default, page)}"
    assigned = f" = {_toml(setting.value, page)}"
    return (
        (setting.key, "metric"),
        (assigned, ""),
        page.span(f"  # {origin}", "dim"),
    )


def _unset(setting: Setting, page: Page) -> Line:
    nothing = "every rule" if setting.key == "select" else "none"
    return (page.span(f"# {setting.key}: {nothing}  # {DEFAULT}", "dim"),)


def _toml(value: object, page: Page) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_toml(one, page) for one in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value, page) if isinstance(value, str) else repr(value)


def _text(value: str, page: Page) -> str:
    """The text in quotes as TOML has it, safe to show."""
    return f'"{"".join(_char(char, page) for char in value)}"'


def _char(char: str, page: Page) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable() and (char.isascii() or not page.ascii_only):
        return char
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"
