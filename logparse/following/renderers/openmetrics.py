"""The state of followed logs as OpenMetrics text, which Prometheus' own text format accepts too:
gauges without time stamps, for the textfile collector of node_exporter.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from logparse.errors import MissingExtraError
from logparse.findings import Severity
from logparse.following.progress import newest
from logparse.renderers.curves import best, columns
from logparse.renderers.spans import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client.metrics_core import GaugeMetricFamily

    from logparse.following.state import LogState

_GIB = 1 << 30

# By name: unit, labels beside `log`, help.
_GAUGES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "epoch": ("", (), "Newest complete epoch of the run."),
    "epochs_planned": ("", (), "Epochs that the run is planned to have."),
    "epoch_seconds": ("seconds", (), "Time per epoch, lately."),
    "eta_seconds": ("seconds", (), "Time until the planned end of the run."),
    "metric": ("", ("metric",), "Newest value of a metric."),
    "metric_best": ("", ("metric",), "Best value of a metric so far."),
    "learning_rate": ("", (), "Learning rate of the newest epoch."),
    "grad_norm": ("", (), "Gradient norm of the newest epoch."),
    "throughput": ("", (), "Samples or segments per second."),
    "batch_throughput": ("", (), "Batches per second."),
    "memory_bytes": ("bytes", (), "Device memory at its highest."),
    "main_memory_bytes": ("bytes", (), "Main memory that the process holds."),
    "findings": ("", ("severity",), "Number of findings that stand."),
    "finding": ("", ("code", "name", "severity"), "1 for each finding that stands."),
    "last_growth_timestamp_seconds": ("seconds", (), "When the log was last seen to grow."),
    "stalled": ("", (), "1 while nothing is written for far longer than an epoch takes."),
    "up": ("", (), "1 while the log is followed, 0 in the last numbers of one that was."),
}

_Sample = tuple[str, tuple[str, ...], float]


def render(states: Iterable[LogState], *, is_followed: bool = True) -> str:
    """The logs as one text; what is not known of a log has no sample.

    `is_followed` says whether they still are. Raises MissingExtraError without prometheus-client.
    """
    try:
        from prometheus_client import CollectorRegistry
        from prometheus_client.metrics_core import GaugeMetricFamily
        from prometheus_client.openmetrics.exposition import generate_latest
    except ImportError as error:
        raise MissingExtraError(
            "metrics files are written with prometheus-client: pip install 'logdiag[metrics]'"
        ) from error
    families = {
        name: GaugeMetricFamily(f"logdiag_{name}", told, labels=("log", *labels), unit=unit)
        for name, (unit, labels, told) in _GAUGES.items()
    }
    for state in {state.source: state for state in states}.values():
        for name, labels, value in dict.fromkeys(_samples(state, is_followed=is_followed)):
            families[name].add_metric([escape(state.source), *labels], value)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Made([one for one in families.values() if one.samples]))
    text: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
    return text.decode("utf-8")


class _Made:
    """Families that are there already, as the library collects them."""

    def __init__(self, families: list[GaugeMetricFamily]) -> None:
        self._families = families

    def collect(self) -> list[GaugeMetricFamily]:
        return self._families


def _samples(state: LogState, *, is_followed: bool) -> Iterator[_Sample]:
    progress, last = state.progress, state.last_growth
    memory, main = progress.memory_gib, progress.rss_gib
    known = {
        "epoch": progress.epoch,
        "epochs_planned": progress.planned,
        "epoch_seconds": progress.epoch_s,
        "eta_seconds": progress.left_s,
        "learning_rate": progress.lr,
        "grad_norm": progress.grad_norm,
        "throughput": progress.throughput,
        "batch_throughput": progress.batches_per_s,
        "memory_bytes": None if memory is None else memory * _GIB,
        "main_memory_bytes": None if main is None else main * _GIB,
        "last_growth_timestamp_seconds": None if last is None else last.timestamp(),
        "stalled": state.is_stalled,
        "up": is_followed,
    }
    yield from ((name, (), float(value)) for name, value in known.items() if value is not None)
    yield from _metrics(state)
    counts = Counter(found.severity for found in state.findings)
    for severity in Severity:
        yield "findings", (severity.value,), counts[severity]
    for found in state.findings:
        yield "finding", (escape(found.code), escape(found.name), found.severity.value), 1


def _metrics(state: LogState) -> Iterator[_Sample]:
    """The metrics that people are told of too; the other columns are hundreds."""
    run = state.run
    if run is None:
        return
    for column in columns(run):
        value, extreme = newest(run, column), best(run, column)
        if column in ("lr", "grad_norm") or value is None:
            continue
        yield "metric", (escape(column),), value
        if extreme is not None:
            yield "metric_best", (escape(column),), extreme[1]
