"""logparse: reads training logs into typed runs, and judges them.

    run = logparse.read("run.log")        # the last run in the file
    run.epochs[["epoch", "lr", "val_rmse"]]
    report = logparse.analyze("run.log")
    print(logparse.render(report))

Names are loaded when they are first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logparse.api import analyze, compare, follow, read, read_all, render
    from logparse.comparison import Comparison
    from logparse.errors import LogParseError
    from logparse.findings import Finding, Report, Severity
    from logparse.readers.base import Reader
    from logparse.records import Record
    from logparse.rules.base import Rule
    from logparse.run import Run
    from logparse.session import Session

__all__ = [
    "Comparison",
    "Finding",
    "LogParseError",
    "Reader",
    "Record",
    "Report",
    "Rule",
    "Run",
    "Session",
    "Severity",
    "analyze",
    "compare",
    "follow",
    "read",
    "read_all",
    "render",
]

_HOMES = {
    "Comparison": "logparse.comparison",
    "Finding": "logparse.findings",
    "LogParseError": "logparse.errors",
    "Reader": "logparse.readers.base",
    "Record": "logparse.records",
    "Report": "logparse.findings",
    "Rule": "logparse.rules.base",
    "Run": "logparse.run",
    "Session": "logparse.session",
    "Severity": "logparse.findings",
    "analyze": "logparse.api",
    "compare": "logparse.api",
    "follow": "logparse.api",
    "read": "logparse.api",
    "read_all": "logparse.api",
    "render": "logparse.api",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'logparse' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
