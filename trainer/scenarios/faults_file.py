"""Faults of the file: the run was healthy, its log is not."""

import re

from trainer.scenarios.scenario import fault

_EPOCH = re.compile(r"^\nE\d", re.MULTILINE)


def truncated(log: str) -> str:
    """Cut in the middle of a line, after six tenths of the bytes."""
    at = int(0.6 * len(log))
    return log[: at - 1] if log[at - 1] == "\n" else log[:at]


def without_epochs(log: str) -> str:
    """The blocks of the eleventh to the thirteenth epoch were never written."""
    starts = [match.start() for match in _EPOCH.finditer(log)]
    return log[: starts[10]] + log[starts[13] :]


def appended(log: str) -> str:
    """A second training in the same process: epochs again, without a RUN START."""
    return log + log[_first(log) :]


def _first(log: str) -> int:
    match = _EPOCH.search(log)
    return len(log) if match is None else match.start()


FILE_FAULTS = (
    fault(
        "truncated-file",
        "the log ends in the middle of a line",
        "LOG003",
        "LOG001",
        harm="lines lost",
        rewrite=truncated,
        accepts=("LR004",),
        forbids=("LR001",),
    ),
    fault(
        "missing-epochs",
        "three epochs in the middle are not in the log",
        "LOG001",
        harm="lines lost",
        rewrite=without_epochs,
        forbids=("LOG002", "LOG003"),
    ),
    fault(
        "appended-file",
        "the epochs come a second time, under the same RUN START",
        "LOG002",
        "LOG001",
        harm="lines lost",
        rewrite=appended,
        forbids=("LOG003",),
    ),
)
