"""What a rule is, and the one place that judges a run by all of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, TypeVar, dataclass_transform

from logparse.findings import Confidence, Finding, Measure, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals


OptionValue = TypeVar("OptionValue", int, float, str, bool)


def option(default: OptionValue, doc: str) -> OptionValue:
    """A field of a rule: its default, and the sentence that `explain` prints beside it."""
    return field(default=default, metadata={"doc": doc})


AnyRule = TypeVar("AnyRule", bound="Rule")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(option,))
def rule(cls: type[AnyRule]) -> type[AnyRule]:
    """Make the class a rule: its options become fields, given by name, and never change."""
    return dataclass(frozen=True, kw_only=True)(cls)


@dataclass(frozen=True, slots=True)
class Clear:
    """A rule's word that it judged and found nothing, where the reason is worth a line."""

    reason: str


def lines_of(run: Run, *epochs: int) -> tuple[int, ...]:
    """The log's lines of those epochs that it has."""
    return tuple(line for line in map(run.line_of, epochs) if line is not None)


class NotApplicable(Exception):  # noqa: N818 - an outcome, not an error
    """Raised inside `check` when the run lacks what the rule needs; the text says what."""


class TooShort(Exception):  # noqa: N818 - an outcome, not an error
    """Raised inside `check` when there is too little data; the text says how much is needed."""


@rule
class Rule(ABC):
    """One diagnosis. Fields are its options; the docstring is its specification.

    `needs` names what must be there, else the outcome is *not applicable*: a column of
    `Run.epochs`, `baseline:<key>` or `setting:<KEY>`, `parameters`, `epochs`.
    `min_epochs` is the least number of epoch rows, else the outcome is *too short*.
    `hides` names the codes whose findings are only echoes of this one; `caused_by` those that,
    found in the same run and not later, would bring this one about, the likeliest first.

    While a run goes on, a rule that `needs_end` says nothing, because it judges a run by its end
    or as a whole; a finding of any other is raised once it has stood for `settles_in` epochs, and
    cleared once it has been gone for as many. How they are chosen: docs/living-figures.md.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    needs: ClassVar[tuple[str, ...]] = ("epochs",)
    min_epochs: ClassVar[int] = 0
    hides: ClassVar[tuple[str, ...]] = ()
    caused_by: ClassVar[tuple[str, ...]] = ()
    needs_end: ClassVar[bool] = False
    settles_in: ClassVar[int] = 0

    @abstractmethod
    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        """Yield what is found; yield nothing, or a `Clear`, when the run is clear of it."""

    def suppresses(self, mine: Finding, other: Finding) -> bool:
        """True when `other` is only an echo of this rule's finding `mine`."""
        return other.code in self.hides

    def finding(
        self,
        *,
        reading: str,
        measured: dict[str, Measure],
        remedies: tuple[str, ...],
        confirm: str,
        causes: tuple[str, ...] = (),
        severity: Severity | None = None,
        confidence: Confidence = Confidence.MEDIUM,
        epochs: tuple[int, int] | None = None,
        lines: tuple[int, ...] = (),
    ) -> Finding:
        """A finding under this rule's code and name."""
        return Finding(
            code=self.code,
            name=self.name,
            severity=severity or self.severity,
            confidence=confidence,
            reading=reading,
            measured=measured,
            remedies=remedies,
            confirm=confirm,
            causes=causes,
            epochs=epochs,
            lines=lines,
        )
