"""`labels.json` of a labelled corpus: what each log is, and what may be said about it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from logparse.rules import all_rules

NAME = "labels.json"
MADE = ("command", "device", "python", "torch", "date")
KINDS = ("healthy", "fault", "trap")
SPLITS = ("tuning", "held-out")
CODES = frozenset(rule.code for rule in all_rules())
"""A label that names another rule is a slip."""


class ScoreError(Exception):
    """The corpus cannot be scored; the message is one clear line."""


@dataclass(frozen=True)
class Evidence:
    """How a fault did against its twin in one family of models, seed by seed."""

    worse: int
    of: int
    p: float
    median_ratio: float | None
    is_kept: bool


@dataclass(frozen=True)
class Scenario:
    """What the runs of a scenario have in common; of `expects` any one code is a diagnosis."""

    name: str
    kind: str
    about: str
    expects: tuple[str, ...]
    forbids: tuple[str, ...]
    accepts: tuple[str, ...]
    twin: str | None
    harm: str
    evidence: Mapping[str, Evidence]

    @property
    def is_fault(self) -> bool:
        """False for healthy runs and traps, on which every warning is a false alarm."""
        return self.kind == "fault"


@dataclass(frozen=True)
class LabelledLog:
    """One log: its path from the corpus folder, and how it came about."""

    path: str
    scenario: str
    family: str
    seed: int
    epochs: int


@dataclass(frozen=True)
class Dropped:
    """A scenario that was taken out for a family of models."""

    scenario: str
    family: str
    why: str


@dataclass(frozen=True)
class Labels:
    """The whole file; `families` says of each whether rules may be tuned on it."""

    made: Mapping[str, str]
    families: Mapping[str, str]
    scenarios: Mapping[str, Scenario]
    logs: tuple[LabelledLog, ...]
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True)
class _Node:
    """A value of the file with the way to it, so that every error can say where."""

    way: str
    value: object

    def wrong(self, what: str) -> ScoreError:
        return ScoreError(f"{NAME}: {self.way} {what}")

    def fields(self) -> dict[str, _Node]:
        if not isinstance(self.value, dict):
            raise self.wrong("is no object")
        start = f"{self.way}." if self.way != "the file" else ""
        return {key: _Node(f"{start}{key}", value) for key, value in self.value.items()}

    def field(self, key: str) -> _Node:
        found = self.fields().get(key)
        if found is None:
            raise self.wrong(f"has no {key!r}")
        return found

    def entries(self) -> list[_Node]:
        if not isinstance(self.value, list):
            raise self.wrong("is no list")
        return [_Node(f"{self.way}[{at}]", value) for at, value in enumerate(self.value)]

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.wrong("is no text")
        return self.value

    def whole(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < 0:
            raise self.wrong("is no whole number from 0 up")
        return self.value

    def number(self) -> float:
        if not isinstance(self.value, int | float) or isinstance(self.value, bool):
            raise self.wrong("is no number")
        return float(self.value)

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.wrong("is neither true nor false")
        return self.value

    def one_of(self, known: tuple[str, ...]) -> str:
        if self.text() not in known:
            raise self.wrong(f"is {self.text()!r}, not one of {', '.join(known)}")
        return self.text()

    def codes(self, known: frozenset[str]) -> tuple[str, ...]:
        found = tuple(entry.text() for entry in self.entries())
        for code in found:
            if code not in known:
                raise self.wrong(f"names {code!r}, which is no rule")
        return found


def read(folder: Path) -> Labels:
    """The labels of a corpus, checked; ScoreError with one line for the first thing wrong."""
    top = _top(folder)
    labels = Labels(
        made={key: top.field("made").field(key).text() for key in MADE},
        families={
            name: node.one_of(SPLITS) for name, node in top.field("families").fields().items()
        },
        scenarios={
            name: _scenario(name, node, CODES)
            for name, node in top.field("scenarios").fields().items()
        },
        logs=tuple(_log(node) for node in top.field("runs").entries()),
        dropped=tuple(_dropped(node) for node in _optional(top, "dropped", []).entries()),
    )
    for complaint in _contradictions(labels, folder):
        raise ScoreError(f"{NAME}: {complaint}")
    return labels


def _top(folder: Path) -> _Node:
    if not folder.is_dir():
        raise ScoreError(f"no corpus: {folder} is no folder")
    try:
        text = (folder / NAME).read_text(encoding="utf-8")
        return _Node("the file", json.loads(text, object_pairs_hook=_without_doubles))
    except FileNotFoundError as error:
        raise ScoreError(f"no labels: {folder / NAME} is missing") from error
    except (OSError, ValueError) as error:
        raise ScoreError(f"{NAME} cannot be read: {error}") from error


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """JSON keeps the last of two equal keys, and a scenario would vanish."""
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{key!r} stands twice in one object")
        found[key] = value
    return found


def _optional(node: _Node, key: str, default: object) -> _Node:
    return node.fields().get(key) or _Node(f"{node.way}.{key}", default)


def _scenario(name: str, node: _Node, known: frozenset[str]) -> Scenario:
    twin = _optional(node, "twin", None)
    evidence = _optional(node, "evidence", {})
    return Scenario(
        name=name,
        kind=node.field("kind").one_of(KINDS),
        about=node.field("about").text(),
        expects=node.field("expects").codes(known),
        forbids=node.field("forbids").codes(known),
        accepts=node.field("accepts").codes(known),
        twin=None if twin.value is None else twin.text(),
        harm=_optional(node, "harm", "").text(),
        evidence={family: _evidence(found) for family, found in evidence.fields().items()},
    )


def _evidence(node: _Node) -> Evidence:
    ratio = node.field("median_ratio")
    found = Evidence(
        worse=node.field("worse").whole(),
        of=node.field("of").whole(),
        p=node.field("p").number(),
        median_ratio=None if ratio.value is None else ratio.number(),
        is_kept=node.field("kept").flag(),
    )
    if found.worse > found.of or not 0 <= found.p <= 1:
        raise node.wrong("has more worse than all, or a p outside 0 to 1")
    return found


def _log(node: _Node) -> LabelledLog:
    path = node.field("log").text()
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise node.field("log").wrong(f"is {path!r}, which leads out of the corpus")
    return LabelledLog(
        path=path,
        scenario=node.field("scenario").text(),
        family=node.field("family").text(),
        seed=node.field("seed").whole(),
        epochs=node.field("epochs").whole(),
    )


def _dropped(node: _Node) -> Dropped:
    return Dropped(*(node.field(key).text() for key in ("scenario", "family", "why")))


def _contradictions(labels: Labels, folder: Path) -> Iterator[str]:
    """What is wrong between the parts of the file, or between the file and the folder."""
    for scenario in labels.scenarios.values():
        yield from _slips(scenario, labels)
    gone = {(dropped.scenario, dropped.family) for dropped in labels.dropped}
    paths: set[str] = set()
    if not labels.logs:
        yield "runs is empty"
    for log in labels.logs:
        if log.scenario not in labels.scenarios:
            yield f"{log.path} is of an unknown scenario {log.scenario!r}"
        elif log.family not in labels.families:
            yield f"{log.path} is of an unknown family {log.family!r}"
        elif log.path in paths:
            yield f"{log.path} is listed twice"
        elif not (folder / log.path).is_file():
            yield f"the log {log.path} is missing"
        elif (log.scenario, log.family) in gone or not _is_kept(log, labels):
            yield f"{log.path} is listed, but {log.scenario} was dropped for {log.family}"
        paths.add(log.path)


def _is_kept(log: LabelledLog, labels: Labels) -> bool:
    evidence = labels.scenarios[log.scenario].evidence.get(log.family)
    return evidence is None or evidence.is_kept


def _slips(scenario: Scenario, labels: Labels) -> Iterator[str]:
    if scenario.is_fault and not scenario.expects:
        yield f"{scenario.name} is a fault and expects no code"
    if scenario.expects and not scenario.is_fault:
        yield f"{scenario.name} is no fault ({scenario.kind}) and expects {scenario.expects[0]}"
    listed = (*scenario.expects, *scenario.forbids, *scenario.accepts)
    for code in listed:
        if listed.count(code) > 1:
            yield f"{scenario.name} lists {code} twice among expects, forbids and accepts"
    if scenario.twin is not None and scenario.twin not in labels.scenarios:
        yield f"the twin of {scenario.name}, {scenario.twin!r}, is an unknown scenario"
    for family in scenario.evidence:
        if family not in labels.families:
            yield f"{scenario.name} has evidence for an unknown family {family!r}"
