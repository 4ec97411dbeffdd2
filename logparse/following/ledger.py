"""Findings of a run that goes on: raised once they have held, cleared once they are gone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from logparse.following.events import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from logparse.findings import Finding, RunReport, Severity

Turn: TypeAlias = "tuple[Kind, Finding, str]"
"""What became of a finding: raised, worse or cleared; the finding; why, where that is known."""

_Key: TypeAlias = tuple[str, str, int]


@dataclass(slots=True)
class _Entry:
    """A finding as it was last seen; counts are of epochs, `worst` is what was told of it."""

    finding: Finding
    since: int
    gone_since: int | None = None
    worst: Severity | None = None


class Ledger:
    """What is said of one run, judgement by judgement.

    `settling` is, by code, for how many epochs a finding must stand before it is raised, and be
    gone before it is cleared; 0 where it is not named.
    """

    def __init__(self, settling: Mapping[str, int]) -> None:
        self._settling = settling
        self._entries: dict[_Key, _Entry] = {}

    @property
    def standing(self) -> tuple[Finding, ...]:
        """The findings that were raised and not cleared, as they were last seen."""
        told = (one for one in self._entries.values() if one.worst is not None)
        return tuple(one.finding for one in told)

    def take(self, judged: RunReport, *, is_final: bool) -> Iterator[Turn]:
        """What a judgement turns; where it `is_final`, nothing is waited for."""
        count = len(judged.run.epochs)
        found = dict(_keyed(judged.findings))
        echoes = {one.finding.code: one.by for one in judged.suppressed}
        for key, finding in found.items():
            yield from self._stands(key, finding, count, is_final=is_final)
        for key in [key for key in self._entries if key not in found]:
            yield from self._is_gone(key, count, echoes, is_final=is_final)

    def _stands(self, key: _Key, finding: Finding, count: int, *, is_final: bool) -> Iterator[Turn]:
        entry = self._entries.setdefault(key, _Entry(finding, count))
        # Rows become fewer where a log by steps turns out to have many epochs.
        entry.finding, entry.gone_since, entry.since = finding, None, min(entry.since, count)
        if entry.worst is None:
            if is_final or self._has_settled(finding, entry.since, count):
                entry.worst = finding.severity
                yield Kind.RAISED, finding, ""
        elif finding.severity.rank > entry.worst.rank:
            before, entry.worst = entry.worst, finding.severity
            yield Kind.WORSE, finding, f"{before} before"

    def _is_gone(
        self, key: _Key, count: int, echoes: Mapping[str, str], *, is_final: bool
    ) -> Iterator[Turn]:
        entry = self._entries[key]
        if entry.worst is None:
            del self._entries[key]
            return
        entry.gone_since = min(count, count if entry.gone_since is None else entry.gone_since)
        if is_final or self._has_settled(entry.finding, entry.gone_since, count):
            del self._entries[key]
            by = echoes.get(entry.finding.code)
            yield Kind.CLEARED, entry.finding, f"an echo of {by}" if by else ""

    def _has_settled(self, finding: Finding, since: int, count: int) -> bool:
        return count - since >= self._settling.get(finding.code, 0)


def _keyed(findings: Iterable[Finding]) -> Iterator[tuple[_Key, Finding]]:
    """Each finding with what it is known by: its rule and its metric, and which of several."""
    seen: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        key = (finding.code, str(finding.measured.get("metric", "")))
        yield (*key, seen[key]), finding
        seen[key] += 1
