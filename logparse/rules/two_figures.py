"""Two figures of a run that do not go together, though no arithmetic says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from logparse.findings import Confidence, Severity
from logparse.rules.edits import remedies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals

SCALES = (
    "the loss is summed over the micro-batches of gradient accumulation",
    "one of them is a sum over tokens or samples, the other a mean",
    "one of them has loss terms, weights or label smoothing that the other lacks",
)
SAME_SCALE = (
    "divide the logged loss by the number of accumulation steps",
    "check the reduction of both losses: mean beside mean",
)
AREAS = (
    "scores or labels are inverted, or classes are taken in another order",
    "classes without a positive sample are averaged in",
    "it is computed from other samples than the loss",
)
MIN_AREAS, GUESSING = 5, 0.5
_AREA = re.compile(r"val_(?:.*[_/])?au(?:ro)?c(?:[_/].*)?")


def different_scales(run: Run, signals: Signals) -> Iterator[dict[str, Any]]:
    """That one split's loss is a constant multiple of the other's: fields of a finding."""
    both = signals.generalisation
    if both is None or both.twins.scale is None:
        return
    pair, scale = both.twins, both.twins.scale
    large, small = pair.train_column, pair.val_column
    large, small = (large, small) if scale.ratio > 1 else (small, large)
    first, last = int(pair.epochs[0]), int(pair.epochs[-1])
    yield {
        "severity": Severity.NOTE,
        "reading": f"{large} is about {scale.times:.3g} times {small} while both fall: they "
        "are on different scales, and the gap is no sign of under- or overfitting.",
        "measured": {
            "identity": f"{pair.train_column} against {pair.val_column}",
            "ratio": scale.ratio,
            "ratio_spread": scale.spread,
            "fall": scale.fall,
            "pairs": scale.pairs,
        },
        "causes": SCALES,
        "remedies": remedies(*SAME_SCALE),
        "confirm": f"{large} and {small} of an untrained model are alike.",
        "confidence": Confidence.MEDIUM,
        "epochs": (first, last),
        "lines": tuple(filter(None, (run.line_of(first),))),
    }


def worse_than_guessing(signals: Signals) -> Iterator[dict[str, Any]]:
    """An area under the ROC curve below 0.5 while the metric of the run has improved."""
    main = signals.main_metric or ""
    judged = signals.series(main)
    names = [name for name in map(str, signals.run.epochs) if _AREA.fullmatch(name.casefold())]
    areas = [signals.series(name) for name in names if name != main]
    for area in areas if len(judged) >= MIN_AREAS else ():
        gain = judged.improvement(judged.first.value, judged.level(-3, None))
        if len(area) < MIN_AREAS or gain <= 3 * signals.sigma(main):
            continue
        end, noise = area.level(-3, None), signals.sigma(area.column)
        if end >= GUESSING - 2 * noise:
            continue
        yield {
            "severity": Severity.NOTE,
            "reading": f"{area.column} is {end:.3g}, worse than guessing, while {main} has "
            "improved: one of them is wrong or inverted.",
            "measured": {
                "identity": f"{area.column} against {main}",
                "first": area.first.value,
                "level_at_end": end,
                "guessing": GUESSING,
                "sigma": noise,
            },
            "causes": AREAS,
            "remedies": remedies("recompute it from saved scores and labels, of the same samples"),
            "confirm": f"{area.column} is above {GUESSING:g} for a model that has learned.",
            "confidence": Confidence.MEDIUM,
            "epochs": (area.first.epoch, area.last.epoch),
            "lines": (area.first.line, area.last.line),
        }
