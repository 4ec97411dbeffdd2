"""All files of one run, in one folder, started, extended and finished together."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trainer.outputs.diagnostics import DiagnosticsWriter
from trainer.outputs.metrics_json import MetricsJson, metrics_path
from trainer.outputs.run_log import RunLogWriter
from trainer.records import EpochRecord, RunHeader
from trainer.settings import Settings


class RunFiles:
    """The run log (regression) or the metrics JSON (letters), diagnostics and checkpoints.

    The run log and the diagnostics are appended to, so a resumed run goes on in the same files.
    """

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        *,
        device: str,
        dialect: str = "F2",
        part: str = "part1",
        diagnostics: Path | None = None,
        keeps_checkpoints: bool = True,
        resume: bool = False,
    ) -> None:
        self.folder, self.settings, self.keeps_checkpoints = folder, settings, keeps_checkpoints
        self.run_log = RunLogWriter(folder / "run.log", dialect)
        self.diagnostics = None if diagnostics is None else DiagnosticsWriter(diagnostics)
        self.metrics: MetricsJson | None = None
        if settings.TASK == "letters":
            self.metrics = _metrics(settings, metrics_path(part, folder / "output"), device, resume)

    def start(self, header: RunHeader) -> None:
        """Before the first epoch."""
        if self.metrics is None:
            self.run_log.start(header)

    def epoch(self, record: EpochRecord) -> None:
        """After every epoch."""
        if self.metrics is None:
            self.run_log.epoch(record)
        else:
            self.metrics.epoch(record)
        if self.diagnostics is not None:
            self.diagnostics.epoch(record)

    def finish(
        self, accuracies: tuple[float, float], total_s: float, example: dict[str, Any]
    ) -> None:
        """After the last epoch of the letters task: shares of train and validation."""
        if self.metrics is not None:
            self.metrics.finish(*accuracies, total_s)
            self.metrics.inference(**example)


def _metrics(settings: Settings, path: Path, device: str, resume: bool) -> MetricsJson:
    """The document of seed 002, its hyperparameters told apart by what they shape."""
    printed = settings.printed()
    model = {key: printed.pop(key) for key in list(printed) if key.startswith("TRANSFORMER")}
    return MetricsJson(
        path,
        task="letter_counting",
        timestamp=datetime.now(UTC),
        device=device,
        model=model,
        training=printed,
        resume=resume,
    )
