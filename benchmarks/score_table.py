"""From judged logs to docs/score.md: counts, their intervals and the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.figures import table, wilson
from benchmarks.labels import SPLITS, LabelledLog, Labels, Scenario

RANKS = {"note": 1, "warning": 2, "error": 3}
_ABSENT = "-"


@dataclass(frozen=True)
class Outcome:
    """A judged log: every code that fired on any of its runs, with its worst severity.

    `silent` has what became of each check in the last of its runs, `first` the findings behind
    the one thing to do first.
    """

    log: LabelledLog
    scenario: Scenario
    split: str
    fired: Mapping[str, str]
    silent: Mapping[str, str]
    first: Sequence[str] = ()

    def names_any(self, codes: Iterable[str]) -> bool:
        """Whether any of the codes fired, at any severity."""
        return any(code in self.fired for code in codes)

    def alarms(self, *severities: str) -> bool:
        """Whether a code that is neither expected nor accepted fired with such a severity."""
        fine = (*self.scenario.expects, *self.scenario.accepts)
        return any(how in severities for code, how in self.fired.items() if code not in fine)


@dataclass(frozen=True)
class Judged:
    """Everything that the tables are made of.

    rules     the names of the rules, by code
    unread    logs that could not be judged whole, with what was said about them
    tool      the version of logdiag
    corpus    the folder of the corpus, as it is shown
    """

    labels: Labels
    outcomes: Sequence[Outcome]
    rules: Mapping[str, str]
    unread: Mapping[str, str]
    tool: str
    corpus: str


Test = Callable[[Outcome], bool]


def _is_fault(outcome: Outcome) -> bool:
    return outcome.scenario.is_fault


def _is_sound(outcome: Outcome) -> bool:
    """Healthy runs and traps."""
    return not outcome.scenario.is_fault


def _is_found(outcome: Outcome) -> bool:
    return outcome.names_any(outcome.scenario.expects)


def _is_forbidding(outcome: Outcome) -> bool:
    return bool(outcome.scenario.forbids)


def _is_misnamed(outcome: Outcome) -> bool:
    return outcome.names_any(outcome.scenario.forbids)


def _asks_first(outcome: Outcome) -> bool:
    return outcome.scenario.is_fault and bool(outcome.first)


def _is_first_right(outcome: Outcome) -> bool:
    fine = (*outcome.scenario.expects, *outcome.scenario.accepts)
    return any(code in fine for code in outcome.first)


def _has_error(outcome: Outcome) -> bool:
    return outcome.alarms("error")


def _has_alarm(outcome: Outcome) -> bool:
    return outcome.alarms("error", "warning")


def _of_kind(kind: str) -> Test:
    return lambda outcome: outcome.scenario.kind == kind


def _expecting(code: str) -> Test:
    return lambda outcome: code in outcome.scenario.expects


def _expecting_first(code: str) -> Test:
    return lambda outcome: outcome.scenario.expects[:1] == (code,)


def _not_accepting(code: str) -> Test:
    return lambda outcome: _is_sound(outcome) and code not in outcome.scenario.accepts


def _firing(code: str, *severities: str) -> Test:
    return lambda outcome: outcome.fired.get(code, "") in (severities or RANKS)


def _count(outcomes: Iterable[Outcome], hit: Test) -> tuple[int, int]:
    hits = [hit(outcome) for outcome in outcomes]
    return sum(hits), len(hits)


def _percent(share: float) -> str:
    digits = 0 if 0.0995 <= share <= 0.9905 else 1
    return f"{100 * share:.{digits}f}".removesuffix(".0")


def _rate(outcomes: Iterable[Outcome], hit: Test, *, percent: bool = False) -> str:
    """`n of N (lo-hi%)`, with the share itself where `percent` is asked for."""
    hits, of = _count(outcomes, hit)
    if not of:
        return _ABSENT
    least, most = wilson(hits, of)
    share = f" = {_percent(hits / of)}%" if percent else ""
    return f"{hits} of {of}{share} ({_percent(least)}-{_percent(most)}%)"


def _by_split(judged: Judged, among: Test, hit: Test, *, percent: bool = False) -> list[str]:
    """The rate in the tuning families and in the held-out ones."""
    return [
        _rate([o for o in judged.outcomes if o.split == split and among(o)], hit, percent=percent)
        for split in SPLITS
    ]


def summary(judged: Judged) -> str:
    """The corpus in eight lines, tuning and held-out families apart."""
    rows: list[tuple[str, Test, Test]] = [
        ("faults found", _is_fault, _is_found),
        ("faults: to do first", _asks_first, _is_first_right),
        ("healthy + traps: an error", _is_sound, _has_error),
        ("healthy + traps: error or warning", _is_sound, _has_alarm),
        ("healthy: error or warning", _of_kind("healthy"), _has_alarm),
        ("traps: error or warning", _of_kind("trap"), _has_alarm),
        ("faults: a forbidden name", lambda o: _is_fault(o) and _is_forbidding(o), _is_misnamed),
        (
            "healthy + traps: a forbidden name",
            lambda o: _is_sound(o) and _is_forbidding(o),
            _is_misnamed,
        ),
    ]
    return table(
        ["runs", *SPLITS],
        ([what, *_by_split(judged, among, hit, percent=True)] for what, among, hit in rows),
    )


def missed(judged: Judged, looked_into: Mapping[str, str]) -> str:
    """The faults that were not found, one by one, with what a look at each has shown."""
    own = [o for o in judged.outcomes if o.scenario.is_fault and not _is_found(o)]
    rows = [
        [
            outcome.log.path,
            outcome.split,
            "; ".join(f"{c} {outcome.silent.get(c, _ABSENT)}" for c in outcome.scenario.expects),
            ", ".join(sorted(outcome.fired)) or _ABSENT,
            looked_into.get(outcome.log.path, "not looked into"),
        ]
        for outcome in sorted(own, key=lambda outcome: (outcome.split, outcome.log.path))
    ]
    return table(["log", "for", "expected", "named", "a look at it"], rows) if rows else "None."


def _fired(judged: Judged) -> set[str]:
    return {code for outcome in judged.outcomes for code in outcome.fired}


def _rule(code: str, judged: Judged) -> str:
    return f"{code} {judged.rules.get(code, '(a rule crashed)')}"


def recall(judged: Judged) -> str:
    """How often each rule fired where it would have been right."""
    expected = {code for outcome in judged.outcomes for code in outcome.scenario.expects}
    rows = [
        [
            _rule(code, judged),
            *_by_split(judged, _expecting(code), _firing(code)),
            *_by_split(judged, _expecting_first(code), _firing(code)),
        ]
        for code in sorted(expected | _fired(judged))
    ]
    heads = ["expected: tuning", "held-out", "named first: tuning", "held-out"]
    return table(["rule", *heads], rows)


def false_alarms(judged: Judged) -> str:
    """How often each rule fired on healthy runs and traps that do not accept it."""
    rows = [
        [
            _rule(code, judged),
            *_by_split(judged, _not_accepting(code), _firing(code, "error", "warning")),
            *_by_split(judged, _not_accepting(code), _firing(code, "note")),
        ]
        for code in sorted({*judged.rules} | _fired(judged))
    ]
    heads = ["error or warning: tuning", "held-out", "note: tuning", "held-out"]
    return table(["rule", *heads], rows)


def _times(codes: Iterable[str], outcomes: Sequence[Outcome]) -> str:
    """`LR001 3, BASE002 2 (accepted), LOG003 1 (1 as note)`: each with its number of runs."""
    shown = []
    for code in codes:
        severities = [o.fired[code] for o in outcomes if code in o.fired]
        marks = ["accepted"] if code in outcomes[0].scenario.accepts else []
        if notes := severities.count("note"):
            marks.append(f"{notes} as note")
        shown.append(f"{code} {len(severities)}" + (f" ({', '.join(marks)})" if marks else ""))
    return ", ".join(shown) or _ABSENT


def scenarios(judged: Judged) -> str:
    """What was said about the runs of each scenario; a fault found in no run is in bold."""
    by_name: dict[str, list[Outcome]] = {}
    for outcome in sorted(judged.outcomes, key=lambda outcome: outcome.scenario.name):
        by_name.setdefault(outcome.scenario.name, []).append(outcome)
    heads = ["scenario", "kind", "expected", "runs", "found", "forbidden named", "others"]
    return table(heads, (_scenario_row(own[0].scenario, own) for own in by_name.values()))


def _scenario_row(label: Scenario, own: Sequence[Outcome]) -> list[str]:
    fired = {code for outcome in own for code in outcome.fired}
    hits, of = _count(own, _is_found)
    found = f"{hits} of {of}" if hits else f"**0 of {of}**"
    return [
        label.name,
        label.kind,
        _times(label.expects, own),
        str(of),
        found if label.is_fault else _ABSENT,
        _times((code for code in label.forbids if code in fired), own),
        _times(sorted(fired - {*label.expects, *label.forbids}), own),
    ]


def _tuning_first(family: tuple[str, str]) -> tuple[int, str]:
    return SPLITS.index(family[1]), family[0]


def families(judged: Judged) -> str:
    """Faults found and false alarms in each family of models."""
    rows = []
    for name, split in sorted(judged.labels.families.items(), key=_tuning_first):
        own = [outcome for outcome in judged.outcomes if outcome.log.family == name]
        sound = [outcome for outcome in own if not outcome.scenario.is_fault]
        found = _rate(filter(_is_fault, own), _is_found)
        rows.append([name, split, found, _rate(sound, _has_alarm), _rate(sound, _has_error)])
    return table(["family", "for", "faults found", "alarms", "errors"], rows)


def evidence(labels: Labels) -> str:
    """How each fault did against its twin, as the labels have it."""
    rows = []
    for name, scenario in sorted(labels.scenarios.items()):
        if not scenario.is_fault:
            continue
        listed = {log.family for log in labels.logs if log.scenario == name}
        for family in sorted(listed | set(scenario.evidence)):
            rows.append([name, family, *_measured(scenario, family)])
    return table(["fault", "family", "worse", "p", "median ratio", ""], rows)


def _measured(scenario: Scenario, family: str) -> list[str]:
    found = scenario.evidence.get(family)
    if found is None:
        return [_ABSENT, _ABSENT, _ABSENT, "not measured"]
    ratio = _ABSENT if found.median_ratio is None else f"{found.median_ratio:.3g}"
    kept = "kept" if found.is_kept else "**dropped**"
    return [f"{found.worse} of {found.of}", f"{found.p:.2g}", ratio, kept]
