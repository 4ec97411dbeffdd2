"""Comparisons built by hand, so that what shows them is tested without a log or a statistic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any

from logparse.comparison import Comparison
from logparse.comparison.facts import Fact, Facts
from logparse.comparison.found import Found, Resolution
from logparse.comparison.model import Change, Entrant, Measure, Row, Side, Summary, Value, Verdict
from logparse.comparison.options import Limit, Target
from logparse.comparison.ranking import Ranked, Ranking
from logparse.comparison.regressions import Outcome, Regression
from logparse.comparison.scaling import ScalePoint, Scaling, ScalingFamily
from logparse.comparison.tasks import Interval, Pooled, Tasks
from logparse.findings import Confidence, Finding, RunReport, Severity, SourceFailure
from logparse.metrics import Better
from tests.runs import make_run

HOSTILE = "\x1b[31mred\x1b[0m \x07\u202eevil|`<b>**x** @me #1 https://e.org \r\n\t\x9b2J 漢字 é"
BEST = Measure("best_val_rmse", "best val rmse", "", Better.LOWER, "quality", "val_rmse")
AT_30 = Measure("val_rmse_at", "val rmse at E30", "", Better.LOWER, "quality", "val_rmse")
R2 = Measure("best_val_r2", "best val r2", "", Better.HIGHER, "quality", "val_r2")
SKILL = Measure("val_rmse/mean", "best val rmse / mean", "x", Better.LOWER, "quality", "val_rmse")
TIME = Measure("total_s", "time in all", "s", Better.LOWER, "cost", "elapsed_s")
RATE = Measure("throughput", "throughput", "samples/s", Better.HIGHER, "cost", "throughput")
MEMORY = Measure("gpu_gib", "GPU memory", "GiB", Better.LOWER, "cost", "gpu_gib")
SIZE = Measure("total_params", "parameters", "parameters", Better.LOWER, "cost")
NORM = Measure("grad_norm/transformer", "grad norm transformer", "", Better.NEITHER, "flow")
NO_CHANGE = Change(0.0, None, Verdict.UNTESTED)
LIMIT = Limit("val_rmse", 0.05, True, "val_rmse:5%")


def finding(code: str = "GEN001", name: str = "overfitting", **changed: Any) -> Finding:
    """A warning with every part filled."""
    given = Finding(
        code=code,
        name=name,
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        reading="Validation gets worse while training gets better.",
        measured={"rise": 0.21},
        remedies=("DROPOUT 0.1 -> 0.2",),
        confirm="The gap closes.",
    )
    return replace(given, **changed)


def side(label: str, count: int = 1, *codes: str) -> Side:
    """A side of so many runs, the first of which has findings of these codes."""
    entrants = []
    for at in range(count):
        name = label if count == 1 else f"{label}-{at}"
        run = replace(make_run(val_rmse=[0.1, 0.05, 0.04]), source=name)
        found = tuple(finding(code) for code in codes) if not at else ()
        entrants.append(Entrant(name, RunReport(run, found, ())))
    return Side(label, tuple(entrants))


def summary(*numbers: float, epoch: int | None = None, lacking: int = 0) -> Summary:
    """What runs r0, r1, ... have of a measure; the epoch is that of a single one."""
    values = tuple(Value(number, epoch) for number in numbers)
    return Summary(values, tuple(f"r{at}" for at in range(len(numbers))), lacking)


def changed(first: Summary, second: Summary, *, share: bool = True, **more: Any) -> Change:
    """The change between two summaries, of single runs unless told otherwise."""
    difference = fmean(second.numbers) - fmean(first.numbers)
    relative = difference / fmean(first.numbers) if share else None
    return Change(difference, relative, **{"verdict": Verdict.SINGLE, **more})


def row(measure: Measure, *told: Summary, task: str = "", **more: Any) -> Row:
    """A row in which every side but the first has a change of the same worth."""
    share = not measure.is_share
    changes = (changed(told[0], one, share=share, **more) for one in told[1:])
    return Row(measure, told, (None, *changes), task)


def single(measure: Measure, *numbers: float, epochs: Sequence[int | None] = ()) -> Row:
    """A row of one run a side."""
    given = [*epochs, *[None] * len(numbers)]
    return row(measure, *(summary(one, epoch=at) for one, at in zip(numbers, given, strict=False)))


def comparison(*sides: Side, **given: Any) -> Comparison:
    """A comparison in which nothing is said but what is given."""
    measured = tuple(tuple({BEST: Value(0.04, 3)} for _ in side.entrants) for side in sides)
    usual = {"main": "val_rmse", "axis": "epoch", "at": 30.0, "target": None, "measured": measured}
    return Comparison(sides=sides, **{**usual, "facts": Facts(), "rows": (), "found": (), **given})


def pair() -> Comparison:
    """One run a side, with everything that such a comparison can say."""
    first, second = summary(0.0390, epoch=30), summary(0.0371, epoch=30)
    unresolved = finding(
        "REP002",
        "unresolvable-difference",
        severity=Severity.NOTE,
        reading="The difference of 0.0036 in val_rmse rests on a single run.",
        remedies=("train 4 seeds on each side", "train at least 3 seeds to measure the SD"),
    )
    return comparison(
        side("a.log", 1, "GEN001", "BASE002"),
        side("b.log", 1, "BASE002", "LOSS005"),
        target=Target("val_rmse", 0.0388),
        facts=Facts(
            (
                Fact("hyperparameters", "DROPOUT_TRANS", (("0.1",), ("0.2",))),
                Fact("hyperparameters", "WEIGHT_DECAY", (("1e-5",), ("1e-4",))),
                Fact("hyperparameters", "LABEL_SMOOTHING", (("",), ("0.1",))),
                Fact("environment", "torch", (("2.6.0",), ("2.7.0",))),
            ),
            compared=47,
        ),
        rows=(
            single(BEST, 0.0388, 0.0352, epochs=(31, 44)),
            Row(AT_30, (first, second), (None, changed(first, second, noise_sd=4e-4, noises=3.13))),
            single(R2, 0.874, 0.896, epochs=(31, 44)),
            single(SKILL, 0.357, 0.324, epochs=(31, 44)),
            single(TIME, 3511.0, 3602.0),
            single(RATE, 34100.0, 33900.0),
            single(MEMORY, 0.18, 0.18),
            single(NORM, 2.1e-3, 2.7e-3),
        ),
        found=(
            Found("BASE002", "worse-than-persistence", Severity.ERROR, (1, 1), (1, 1)),
            Found("GEN001", "overfitting", Severity.WARNING, (1, 0), (1, 1)),
            Found("LOSS005", "loss-spike", Severity.WARNING, (0, 1), (1, 1)),
        ),
        resolutions=(Resolution("b.log", unresolved),),
        regressions=(
            Regression(LIMIT, "b.log", Outcome.HELD, "", 0.0388, 0.0352, -0.0928),
            Regression(
                Limit("epoch_s", 0.02, True, "epoch_s:2%"), "b.log",
                Outcome.REGRESSED, "", 50.2, 51.5, 0.0259,
            ),
            Regression(
                Limit("val_mape", 0.1, False, "val_mape:0.1"), "b.log",
                Outcome.REFUSED, "a.log: it lacks val_mape",
            ),
        ),
        remarks=("a.log and b.log declare no seed: whether they differ in it is not known.",),
    )  # fmt: skip


def groups() -> Comparison:
    """Five runs a side, tested."""
    base = summary(0.0391, 0.0402, 0.0377, 0.0388, 0.0395)
    wide = summary(0.0355, 0.0361, 0.0349, 0.0366, 0.0344)
    mae = summary(0.0260, 0.0271, 0.0252), summary(0.0262, 0.0268, 0.0255)
    few = summary(0.87, 0.88), summary(0.91, 0.92, lacking=3)
    times = summary(3511.0, 3550.0, 3490.0), summary(4400.0, 4450.0, 4380.0)
    test = "exact permutation"
    known = {"test": test, "least_p": 0.0079}
    return comparison(
        side("base", 5, "GEN001"),
        side("wide", 5),
        facts=Facts(
            (Fact("hyperparameters", "D_MODEL", (("64",) * 5, ("128",) * 5)),),
            (Fact("hyperparameters", "SEED", (("1", "2", "3", "4", "5"),) * 2),),
            47,
        ),
        rows=(
            row(BEST, base, wide, verdict=Verdict.BETTER, low=-0.0051, high=-0.0020, p=0.0079,
                holm=0.0159, noise_sd=9e-4, noises=6.2, **known),
            row(MAE, *mae, verdict=Verdict.NONE, low=-0.0005, high=0.0007, p=0.55, holm=0.55,
                **known),
            row(R2, *few, verdict=Verdict.TOO_FEW, p=0.33, test=test, least_p=0.33),
            row(TIME, *times, verdict=Verdict.UNTESTED, low=820.0, high=970.0),
        ),
        found=(
            Found("BASE002", "worse-than-persistence", Severity.ERROR, (5, 5), (5, 5)),
            Found("GEN001", "overfitting", Severity.WARNING, (4, 0), (5, 5)),
            Found("LOSS005", "loss-spike", Severity.WARNING, (2, 2), (5, 5)),
        ),
        resolutions=(Resolution("wide", said="val_rmse differs by 0.00356, least 0.00114"),),
    )  # fmt: skip


MAE = Measure("best_val_mae", "best val mae", "", Better.LOWER, "quality", "val_mae")


def three_sides() -> Comparison:
    """Groups of three, two of them against the first; one lacks a measure."""
    base, wide, deep = (
        summary(0.0391, 0.0402, 0.0377),
        summary(0.0355, 0.0361, 0.0349),
        summary(0.0412, 0.0431, 0.0407),
    )
    known = {"low": -0.004, "high": 0.004, "p": 0.1, "least_p": 0.1, "test": "exact permutation"}
    lacking = Row(R2, (summary(0.9), None, summary(0.91)), (None, None, NO_CHANGE))
    return comparison(
        side("base", 3),
        side("wide", 3),
        side("deep", 3, "GEN001"),
        facts=Facts(
            (
                Fact("hyperparameters", "LAYERS", (("2",) * 3, ("2",) * 3, ("8",) * 3)),
                Fact("hyperparameters", "D_MODEL", (("64",) * 3, ("128",) * 3, ("64",) * 3)),
                Fact("batch", "B", (("8", "16", "32"), ("8",) * 3, ("",) * 3)),
            ),
            compared=47,
        ),
        rows=(row(BEST, base, wide, deep, verdict=Verdict.TOO_FEW, **known), lacking),
        found=(Found("GEN001", "overfitting", Severity.WARNING, (0, 0, 1), (3, 3, 3)),),
        resolutions=(
            Resolution("wide", unknown="no seed noise is known"),
            Resolution("deep", unknown="no seed noise is known"),
        ),
    )


def ranked(count: int = 12) -> Comparison:
    """Many single runs by their best value, with settings that vary."""
    sides = [
        side(f"runs/sweep/{at:03}.log", 1, *(("GEN001",) if at % 3 else ())) for at in range(count)
    ]
    values = [0.05 - 0.0007 * at for at in range(count)]
    keys = ("LR", "DROPOUT", "WEIGHT_DECAY", "D_MODEL", "LAYERS", "HEADS", "CLIPNORM", "BATCH")
    facts = [
        Fact(
            "hyperparameters", key, tuple((str(round(1 / (at + 2 + k), 4)),) for at in range(count))
        )
        for k, key in enumerate(keys)
    ]
    facts.insert(0, Fact("environment", "host", tuple((f"node-{at}",) for at in range(count))))
    places = [
        Ranked(
            at,
            count - at,
            summary(values[at], epoch=60),
            ("time", "size") if at == count - 1 else ("size",) if not at else (),
            at == count - 2,
        )
        for at in reversed(range(1, count))
    ]
    return comparison(
        *sides,
        facts=Facts(tuple(facts), compared=47),
        rows=(
            single(BEST, *values, epochs=(60,) * count),
            single(TIME, *(3000.0 + 10 * at for at in range(count))),
            single(SIZE, *(100_000.0 + 5000 * at for at in range(count))),
        ),
        found=(
            Found("GEN001", "overfitting", Severity.WARNING,
                  tuple(int(at % 3 > 0) for at in range(count)), (1,) * count),
        ),
        ranking=Ranking(BEST, (*places, Ranked(0, None, None)), 0.0008),
        resolutions=(
            Resolution(sides[1].label, unknown="no seed noise is known"),
            *(Resolution(one.label, said=f"differs by {one.label}") for one in sides[2:5]),
            *(Resolution(one.label, finding("REP002", reading=one.label)) for one in sides[5:]),
        ),
        regressions=tuple(
            Regression(LIMIT, one.label, Outcome.HELD, "", 0.05, 0.04, -0.2) for one in sides[1:]
        ),
    )  # fmt: skip


def scaling() -> Comparison:
    """Two data scales, one of which bends, and a third without a fit."""
    points = tuple(
        ScalePoint(f"{size}k.log", 1000.0 * size, value, value * 1.01, -0.00995)
        for size, value in ((10, 0.058), (40, 0.045), (160, 0.035), (640, 0.0275))
    )
    fits = (
        Scaling("10000", 0.31, -0.182, -0.21, -0.154, 0.0121, 0.4, 0.73, points),
        Scaling("20000", 0.28, -0.19, -0.31, -0.07, 0.002, 5.1, 0.036, points[:2]),
    )
    lacks = ("40000: one size only",)
    sides = [side(point.name) for point in points]
    return comparison(*sides, scaling=ScalingFamily(BEST, fits, lacks))


def tasks() -> Comparison:
    """Two groups over three tasks, one of which only one of them has."""
    known: dict[str, Any] = {"low": -0.004, "high": -0.001, "p": 0.0079, "holm": 0.0237,
                             "least_p": 0.0079, "test": "exact permutation"}  # fmt: skip
    rows = tuple(
        row(BEST, summary(0.04 * at, 0.041 * at, 0.039 * at), summary(0.037 * at, 0.036 * at),
            task=f"city-{at}", verdict=Verdict.BETTER, **known)
        for at in (1, 2)
    )  # fmt: skip
    pooled = Pooled(
        "wide", ("city-1", "city-2"), Interval(0.912, 0.89, 0.93), Interval(1.0, 0.98, 1.02),
        Interval(0.912, 0.89, 0.93), Interval(0.81, 0.7, 0.9), 0.002, 0.002, Verdict.BETTER,
    )  # fmt: skip
    told = Tasks("CITY", BEST, rows, (pooled,), {"city-3": ("base has no run of it",)})
    return comparison(side("base", 6), side("wide", 4), rows=rows[:1], tasks=told)


def hostile() -> Comparison:
    """Texts of a log that nobody should trust, long ones, and numbers that are none."""
    long = f"{'x' * 120}A{'y' * 80}", f"{'x' * 120}B{'y' * 80}"
    evil = finding(reading=HOSTILE, remedies=(HOSTILE, "z" * 300))
    evil = replace(evil, measured={HOSTILE: math.nan, "over": math.inf})
    measure = replace(BEST, name=HOSTILE, label=HOSTILE, unit=HOSTILE)
    odd = [
        Row(measure, (summary(math.nan), summary(math.inf)),
            (None, Change(math.nan, math.inf, Verdict.SINGLE, noises=math.nan))),
        Row(TIME, (summary(-math.inf), None), (None, None)),
        Row(SKILL, (summary(1e300, 1.0), summary(-1e-300, 0.0)),
            (None, Change(-1e300, None, Verdict.NONE, -math.inf, math.inf, p=math.nan))),
        Row(NORM, (None, summary(1.0)), (None, None)),
    ]  # fmt: skip
    point = ScalePoint(HOSTILE, math.inf, math.nan, -math.inf, math.nan)
    odd_fit = Scaling(HOSTILE, math.nan, math.inf, -math.inf, math.inf, *[math.nan] * 3, (point,))
    odd_limit = Limit(HOSTILE, math.inf, True, HOSTILE)
    interval = Interval(math.nan, -math.inf, math.inf)
    pooled = Pooled(HOSTILE, (HOSTILE,), *[interval] * 4, math.nan, math.nan, Verdict.WORSE)
    return comparison(
        side(HOSTILE),
        side(f"{HOSTILE} {'w' * 200}", 1, "GEN001"),
        main=HOSTILE,
        axis="time",
        at=math.inf,
        target=Target(HOSTILE, math.nan, is_given=True),
        facts=Facts(
            (
                Fact("hyperparameters", HOSTILE, ((HOSTILE,), ("",))),
                Fact("hyperparameters", "LONG", ((long[0],), (long[1],))),
                Fact("model", "k" * 200, (("1",), ("2",))),
            ),
            (Fact("log", HOSTILE, (("1",), ("2",))),),
            3,
        ),
        rows=tuple(odd),
        found=(Found("GEN001", "overfitting", Severity.NOTE, (0, 1), (0, 1)),),
        resolutions=(Resolution(HOSTILE, evil), Resolution(HOSTILE, unknown=HOSTILE)),
        regressions=(
            Regression(odd_limit, HOSTILE, Outcome.REGRESSED, "", math.nan, math.inf, math.inf),
            Regression(odd_limit, HOSTILE, Outcome.REFUSED, HOSTILE),
        ),
        ranking=Ranking(
            measure, (Ranked(1, 1, summary(math.nan), (HOSTILE,), True), Ranked(0, None, None)),
            math.inf,
        ),
        scaling=ScalingFamily(measure, (odd_fit,), (HOSTILE,)),
        tasks=Tasks(HOSTILE, measure, (replace(odd[0], task=HOSTILE),), (pooled,),
                    {HOSTILE: (HOSTILE,)}),
        remarks=(HOSTILE, "v" * 300),
        errors=(SourceFailure(HOSTILE, HOSTILE),),
    )  # fmt: skip


COMPARISONS = {
    "pair": pair,
    "groups": groups,
    "three_sides": three_sides,
    "ranked": ranked,
    "scaling": scaling,
    "tasks": tasks,
    "hostile": hostile,
}
