"""The one path from bytes to a report, for files and for logs that still grow."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, TypeVar

from logparse.errors import NoSuchRunError, NotALogError
from logparse.findings import Report
from logparse.formats import format_named
from logparse.formats.any_format import AnyFormat
from logparse.judging import judge
from logparse.readers.points.meanings import Hints
from logparse.rules import all_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from logparse.findings import RunReport, Severity
    from logparse.readers.base import Reader
    from logparse.rules.base import Rule
    from logparse.run import Run

T = TypeVar("T")

HOPELESS_BYTES = 8 << 20
"""Binary data that shows no line of a known format within this many bytes is given up."""


def numbered(runs: Sequence[T], number: int, source: str) -> T:
    """One of the runs of a source: 1 is the first, -1 the last. Raises NoSuchRunError."""
    count = len(runs)
    if number == 0 or not -count <= number <= count:
        raise NoSuchRunError(f"{source}: no run {number}, the file has {count}")
    return runs[number - 1 if number > 0 else number]


class Session:
    """Feed the bytes of one source as they come, then close.

    Any cutting of the same bytes gives an equal report. `rules` are those to judge by, all by
    default; `severities` replace, by code, those that the rules give. `format` is the name of
    the format to read it as, '' for what it shows itself to be; UnknownNameError for any other.
    `hints` are what the user says of columns.
    """

    def __init__(
        self,
        source: str,
        *,
        rules: Sequence[Rule] | None = None,
        severities: Mapping[str, Severity] | None = None,
        format: str = "",
        hints: Hints | None = None,
    ) -> None:
        self._source = source
        self._rules = all_rules() if rules is None else tuple(rules)
        self._severities = severities
        self._hints = hints or Hints()
        self._reader = AnyFormat(source, format_named(format) if format else None)
        self._reader.advise(self._hints)
        self._bytes = 0
        self._is_binary = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes, however they are cut."""
        self._bytes += len(chunk)
        self._is_binary = self._is_binary or b"\0" in chunk
        self._reader.feed(chunk)

    @property
    def is_hopeless(self) -> bool:
        """True when reading on is a waste: much binary data and nothing recognised in it."""
        is_waste = self._is_binary and self._bytes > HOPELESS_BYTES
        return self._reader.is_full or (is_waste and not self._reader.recognised)

    @property
    def has_bytes(self) -> bool:
        """True once anything was fed."""
        return self._bytes > 0

    @property
    def recognised(self) -> int:
        """How many lines so far could only be of a known format."""
        return self._reader.recognised

    @property
    def is_rewritten(self) -> bool:
        """True for a source that is written anew as a whole: a later state is a new session's."""
        return self._reader.is_rewritten

    @property
    def reader(self) -> Reader:
        """Who reads the source, as far as that is known."""
        return self._reader.reader

    @property
    def unmet(self) -> tuple[str, ...]:
        """Printed names of the hints that the source does not have, once it has ended."""
        printed = self._reader.printed if self._hints.names else {}
        return tuple(name for name in self._hints.names if name not in printed)

    def so_far(self) -> list[Callable[[], Run]]:
        """What builds each run of the whole lines so far; none before one is recognised.

        More may be fed; a run that was built stays as it is. Raises nothing.
        """
        return self._reader.so_far() if self._reader.recognised else []

    def judge_so_far(self, run: Run, *, is_over: bool) -> RunReport:
        """A run of `so_far` under the rules that may judge one that goes on; all if it is over."""
        rules = [rule for rule in self._rules if is_over or not rule.needs_end]
        return judge(run, rules, self._severities)

    @property
    def settling(self) -> Mapping[str, int]:
        """For how many epochs findings must stand before they are raised, by code."""
        return {rule.code: rule.settles_in for rule in self._rules}

    def runs(self) -> list[Run]:
        """End the input and return its runs, unjudged. Raises NotALogError if there are none.

        This and `run` may be asked more than once, and give the same runs again.
        """
        return [build() for build in self._builders]

    def run(self, number: int) -> Run:
        """As `runs`, but one of them: 1 is the first, -1 the last. Raises NoSuchRunError too."""
        return numbered(self._builders, number, self._source)()

    def close(self) -> Report:
        """End the input and judge every run in it. Raises NotALogError if there is none."""
        return Report(tuple(judge(run, self._rules, self._severities) for run in self.runs()))

    @cached_property
    def _builders(self) -> list[Callable[[], Run]]:
        builders = self._reader.close()
        if not builders or not self._reader.recognised:
            raise NotALogError(f"{self._source}: {self.why_no_log}")
        return [cache(build) for build in builders]

    @property
    def why_no_log(self) -> str:
        """What was seen so far, where no run was: which formats were tried, how far each came."""
        reader = self._reader
        if not self._bytes:
            return "the file is empty"
        if not reader.seen:
            return "nothing but blank lines"
        kind = "binary data, no training log" if self._is_binary else "no training run found"
        return f"{kind}; tried {reader.told}"
