"""Starts runs for the command line: device, folder, signals, progress bar, closing line."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from trainer import checkpoints, devices
from trainer.errors import TrainerError
from trainer.outputs.diagnostics import diagnostics_dir
from trainer.records import EpochRecord
from trainer.run_files import RunFiles
from trainer.scenarios import FAMILIES, find
from trainer.scenarios.play import play
from trainer.settings import Settings
from trainer.stopping import StopRequest
from trainer.training import Result, Training


@dataclass(frozen=True)
class Target:
    """Where a run computes and writes."""

    folder: Path
    device: str
    dialect: str
    part: str

    def files(self, settings: Settings, device: str, *, resume: bool = False) -> RunFiles:
        """The run's files; raises TrainerError where the folder cannot be written."""
        return RunFiles(
            writable(self.folder),
            settings,
            device=device,
            dialect=self.dialect,
            part=self.part,
            diagnostics=self.folder / diagnostics_dir(),
            resume=resume,
        )


def run_settings(settings: Settings, where: Target) -> int:
    """A run of its own."""
    device = devices.choose(where.device)
    training = Training(settings, device, where.files(settings, device.type))
    return _watched(training, where)


def resume_run(checkpoint: Path, where: Target) -> int:
    """The rest of a run, in the same files, under the settings of its checkpoint."""
    device = devices.choose(where.device)
    settings = Settings.from_mapping(checkpoints.load(checkpoint, device)["settings"])
    files = where.files(settings, device.type, resume=True)
    return _watched(Training(settings, device, files, resume=checkpoint), where)


def run_scenario(name: str, family: str, seed: int, where: Target) -> int:
    """A scenario; only its run log is written."""
    scenario, device = find(name), devices.choose(where.device)
    if family not in FAMILIES:
        raise TrainerError(f"--family must be one of {', '.join(FAMILIES)}, not {family!r}")
    if scenario.needs_cuda and device.type != "cuda":
        raise TrainerError(f"scenario {name} needs a CUDA device")
    total = scenario.resolved(family, seed).MAX_EPOCHS
    with StopRequest() as stop, progress(total) as watch:
        played = play(scenario, family, seed, device, writable(where.folder), stop, watch)
    print(f"{played.log}: {scenario.kind}, {scenario.about}", file=sys.stderr)
    return stop.exit_code


def _watched(training: Training, where: Target) -> int:
    with StopRequest() as stop, progress(training.settings.MAX_EPOCHS, training.done) as watch:
        result = training.run(stop, watch=watch)
    print(_closing(result, where), file=sys.stderr)
    return stop.exit_code


def _closing(result: Result, where: Target) -> str:
    if not result.records:
        return f"no epoch completed ({result.ended}); files in {where.folder}"
    last = result.records[-1]
    return (
        f"E{last.epoch:02d}, {result.ended}: train loss {last.train_loss:.4g}, "
        f"val loss {last.val_loss:.4g}, {last.total_s:.1f} s; files in {where.folder}"
    )


@contextmanager
def progress(total: int, done: int = 0) -> Iterator[Callable[[EpochRecord], None]]:
    """A bar on standard error where that is a terminal, else nothing."""
    console = Console(stderr=True)
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total, completed=done)

        def show(record: EpochRecord) -> None:
            text = f"train {record.train_loss:.4g}  val {record.val_loss:.4g}  lr {record.lr:.1e}"
            bar.update(task, completed=record.epoch, description=text)

        yield show


def writable(folder: Path) -> Path:
    """The folder, made if missing; raises TrainerError where nothing can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as problem:
        raise TrainerError(f"{folder}: cannot be written: {problem.strerror}") from None
    return folder
