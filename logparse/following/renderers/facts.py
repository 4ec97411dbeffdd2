"""Progress in words whose width hardly changes, so that a block that is drawn anew stays calm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import plural
from logparse.renderers.numbers import duration, number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from logparse.following.progress import Progress

_DURATION = len("44m12s")
_LONG_EPOCH_S = 600
_WEEK_DAYS = 6


def stamp(moment: datetime, zone: tzinfo | None) -> str:
    """Day and time in the zone, that of the machine by default: `2026-11-22 12:01:30`."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def clock(moment: datetime, now: datetime, zone: tzinfo | None) -> str:
    """The time of today, or the day of another: `12:01:30`, `Nov 21  `."""
    then, today = moment.astimezone(zone), now.astimezone(zone).date()
    return f"{then:%H:%M:%S}" if then.date() == today else f"{then:%b %d}  "


def finish(moment: datetime, now: datetime, zone: tzinfo | None) -> str:
    """A time to come, with the day where it is not today: `12:47`, `Tue 12:47`."""
    then, today = moment.astimezone(zone), now.astimezone(zone).date()
    if then.date() == today:
        return f"{then:%H:%M}"
    is_near = 0 < (then.date() - today).days <= _WEEK_DAYS
    return f"{then:%a %H:%M}" if is_near else f"{then:%Y-%m-%d %H:%M}"


def silence(last: datetime | None, now: datetime) -> str:
    """How long ago, in whole seconds: `   21s`; '' where that is not known."""
    if last is None:
        return ""
    return whole_seconds(max((now - last).total_seconds(), 0.0)).rjust(_DURATION)


def whole_seconds(seconds: float) -> str:
    """As `duration`, without the digit of short ones: it would change all the time."""
    return f"{seconds:.0f}s" if seconds < 60 else duration(seconds)


def eta(progress: Progress) -> str:
    """The time that is left: `44m12s`, `done`; '' where it is not known."""
    if progress.is_done:
        return "done"
    return "" if progress.left_s is None else duration(progress.left_s)


def course(progress: Progress, now: datetime, zone: tzinfo | None) -> Iterator[str]:
    """Epoch of how many, batch, pace, what is left."""
    digits = len(str(progress.planned or 0))
    if progress.place:
        yield progress.place
    elif progress.planned is not None:
        yield f"{progress.noun} {progress.done:>{digits}} of {progress.planned}"
    elif progress.epoch is not None:
        yield f"{progress.noun} {progress.epoch}"
    else:
        yield "no epoch yet"
    if progress.batch is not None:
        of = "" if progress.batches is None else f"/{progress.batches}"
        yield f"batch {progress.batch:>{len(str(progress.batches or 0))}}{of} of the next"
    if progress.epoch_s is not None:
        yield _pace(progress.epoch_s, progress.noun)
    if progress.is_done:
        yield f"all planned {'steps' if progress.place else 'epochs'} done"
    elif progress.left_s is not None:
        ends = "" if progress.ends_at is None else f", at {finish(progress.ends_at, now, zone)}"
        yield f"ETA {eta(progress):>{_DURATION}}{ends}"


def details(progress: Progress) -> Iterator[str]:
    """Throughput, memory, the learning rate in its schedule, and how old the best value is."""
    if progress.throughput:
        yield f"{scaled(progress.throughput):>5} samples/s"
    elif progress.batches_per_s:
        yield f"{scaled(progress.batches_per_s):>5} batches/s"
    if progress.memory_gib:  # a run without a GPU prints 0.00
        yield f"GPU {progress.memory_gib:.2f} GiB"
    if progress.rss_gib:
        yield f"main memory {progress.rss_gib:.1f} GiB"
    if progress.lr_place:
        yield f"learning rate {progress.lr_place}"
    if progress.main_metric is not None and progress.since_best is not None:
        yield _best(progress, progress.main_metric.replace("_", " "), progress.since_best)


def _best(progress: Progress, metric: str, since: int) -> str:
    ago = f"{plural(since, progress.noun)} ago" if since else "now"
    patience = progress.patience
    return f"best {metric} {ago}" + ("" if patience is None else f", patience {patience:g}")


def _pace(epoch_s: float, noun: str) -> str:
    if epoch_s >= _LONG_EPOCH_S:
        return f"{duration(epoch_s)}/{noun}"
    return f"{scaled(epoch_s) if epoch_s >= 0.01 else number(epoch_s):>4} s/{noun}"


def scaled(value: float) -> str:
    """Three digits and a sign for thousands: `34.1k`, `3.20`, `512`."""
    rest = value
    for sign in ("", "k", "M", "G"):
        if abs(rest) < 999.5:
            return f"{rest:#.3g}".rstrip(".") + sign
        rest /= 1000
    return number(value)
