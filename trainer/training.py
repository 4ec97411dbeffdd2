"""The training program, from the first line to the last.

One epoch is: every batch once (forward and loss under autocast, backward outside, gradients
unscaled, measured, clipped, one update, one step of the schedule), one pass over the validation
split, and then a single read-back of all figures, from which the epoch's record is made.
"""

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from trainer import checkpoints, resuming, snapshot
from trainer.data.splits import Split
from trainer.devices import peak_gib, synchronize
from trainer.gradients import Gradients
from trainer.hooks import Hooks
from trainer.precision import Precision
from trainer.records import EpochRecord, RunHeader, TensorNorms
from trainer.run_files import RunFiles
from trainer.schedules import Schedule, start_lr
from trainer.settings import Settings
from trainer.stopping import StopRequest
from trainer.tasks import LettersTask, Pass, SeriesTask, make_task


@dataclass(frozen=True)
class Result:
    """How a run ended: its epochs, and why it stopped before MAX_EPOCHS if it did."""

    records: tuple[EpochRecord, ...]
    ended: str


class Training:
    """One run. `diagnostics=False` leaves out all that `make bench-trainer` wants to compare."""

    def __init__(
        self,
        settings: Settings,
        device: torch.device,
        files: RunFiles,
        *,
        hooks: Hooks | None = None,
        resume: Path | None = None,
        diagnostics: bool = True,
    ) -> None:
        self.settings, self.device, self.files = settings, device, files
        self.hooks, self.diagnostics = hooks or Hooks(), diagnostics
        torch.manual_seed(settings.SEED)
        self.task = make_task(settings, device)
        self.hooks.on_data(self.task)
        self.model = self.task.make_model().to(device)
        self.hooks.on_model(self.model)
        self.gradients = Gradients(self.model)
        self.optimizer = _optimizer(settings, self.model)
        self.precision = Precision(settings.PRECISION, device)
        self.steps_per_epoch = -(-len(self.task.train) // settings.TRAIN_BATCH)
        self.schedule = Schedule(settings, self.optimizer, self.steps_per_epoch)
        self.order = torch.Generator().manual_seed(settings.SEED)
        self.done, self.best, self.stale, self.total_s = 0, math.inf, 0, 0.0
        self.saved_best = False
        self.last_val: Pass | None = None
        if resume is not None:
            resuming.restore(self, resume)
        self.hooks.on_schedule(self.schedule)

    def run(
        self,
        stop: StopRequest | None = None,
        *,
        until: int | None = None,
        watch: Callable[[EpochRecord], None] | None = None,
    ) -> Result:
        """Trains up to MAX_EPOCHS, an early stop, or a request to stop; files are then complete.

        `until` interrupts the run after that epoch without ending it, as a lost machine would;
        `watch` is shown every epoch.
        """
        stop = stop or StopRequest()
        self.files.start(self._header())
        records, ended = [], "all epochs"
        last = min(self.settings.MAX_EPOCHS, until or self.settings.MAX_EPOCHS)
        for epoch in range(self.done + 1, last + 1):
            record = self._epoch(epoch, stop)
            if record is None:
                ended = f"stopped by {stop.name}"
                break
            records.append(record)
            self.files.epoch(record)
            if watch is not None:
                watch(record)
            if 0 < self.settings.EARLY_STOP_PATIENCE <= self.stale:
                ended = f"no better for {self.stale} epochs"
                break
        self._finish()
        return Result(tuple(records), ended)

    def _epoch(self, epoch: int, stop: StopRequest) -> EpochRecord | None:
        """One epoch's record; None when a stop was asked for before it was complete."""
        started = time.perf_counter()
        self.task.begin_epoch(epoch)
        train = self.train_pass(epoch, stop)
        if stop.name:
            return None
        if self.last_val is None or not self.hooks.skips_validation(epoch):
            self.last_val = self.validate()
        numbers = self.read_back(train, self.last_val)
        elapsed = time.perf_counter() - started
        self.total_s += elapsed
        lrs = tuple(float(group["lr"]) for group in self.optimizer.param_groups)
        was_saved = self.saved_best
        path = self._keep(epoch, numbers["val_loss"])
        skipped = int(sum(numbers.get("bad", [])))
        if skipped:
            text = f"E{epoch:02d}: {skipped} of {self.steps_per_epoch} batches were not finite"
            print(f"{text} and did not update the weights", file=sys.stderr)
        return EpochRecord(
            epoch=epoch,
            lr=lrs[0],
            group_lrs=lrs,
            sched_pct=self.schedule.progress_pct,
            train_loss=numbers["train_loss"],
            val_loss=numbers["val_loss"],
            step_grad_norms=tuple(numbers.get("norms", ())),
            max_weight_change=numbers.get("change", math.nan),
            elapsed_s=elapsed,
            throughput=len(self.task.train) / elapsed,
            total_s=self.total_s,
            gpu_gib=peak_gib(self.device),
            checkpointed=was_saved,
            parameters=self._norms(numbers),
            skipped_batches=skipped,
            loss_scale=self.precision.loss_scale,
            saved_path=path,
            **self.task.metrics(numbers),
        )

    def train_pass(self, epoch: int, stop: StopRequest) -> Pass:
        """Every batch once."""
        self.model.train()
        found = Pass()
        for x, y in self.task.train.batches(self.settings.TRAIN_BATCH, self.order):
            if stop.name:
                break
            step = self.schedule.steps
            x, y = self.hooks.on_batch(epoch, step, x, y)
            with self.precision.autocast():
                loss, outputs = self.task.forward(self.model, x, y)
            loss = self.hooks.on_loss(epoch, step, loss)
            self.optimizer.zero_grad(set_to_none=True)
            self.precision.backward(loss)
            bad = self._update(loss.detach(), found)
            self.hooks.on_update(epoch, step, self.model)
            self.schedule.after_batch()
            found.losses.append(loss.detach())
            found.outputs.append(outputs)
            if bad is not None:
                found.bad.append(bad)
        return found

    def _update(self, loss: Tensor, found: Pass) -> Tensor | None:
        """Unscale, measure, clip, step. Returns whether the step was skipped (0-d bool)."""
        guards = self.diagnostics and self.settings.NAN_GUARD
        if guards:
            self.gradients.spoil(~torch.isfinite(loss))
        if not self.hooks.clips_before_unscaling:
            self.precision.unscale(self.optimizer)
        if not self.diagnostics:
            self._clip_only()
            self.precision.step(self.optimizer, None)
            return None
        total = self.gradients.measure()
        self.gradients.clip(self.settings.CLIPNORM, total)
        bad = ~torch.isfinite(total) if guards or self.precision.scaler else None
        self.precision.step(self.optimizer, bad)
        found.norms.append(total)
        return bad

    def _clip_only(self) -> None:
        if self.settings.CLIPNORM > 0:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.CLIPNORM)

    @torch.no_grad()
    def validate(self) -> Pass:
        """The whole validation split, through its own transform."""
        self.model.eval()
        found = Pass()
        for x, y in self.task.val.batches(self.settings.VAL_BATCH):
            with self.precision.autocast():
                loss, outputs = self.task.forward(self.model, x, y)
            found.losses.append(loss)
            found.outputs.append(outputs)
        return found

    def read_back(self, train: Pass, val: Pass) -> dict[str, Any]:
        """All figures of the epoch as Python numbers: the only wait for the device."""
        found = {"train_loss": train.mean(train.losses), "val_loss": val.mean(val.losses)}
        found |= self.task.summary(train, val, self.model)
        if self.diagnostics:
            found |= self.gradients.tensors() | {"norms": torch.stack(train.norms)}
        if train.bad:
            found["bad"] = torch.stack(train.bad)
        flat = torch.cat([part.flatten().double() for part in found.values()]).tolist()
        numbers: dict[str, Any] = {}
        for key, part in found.items():
            count = part.numel()
            numbers[key] = flat[0] if part.ndim == 0 else flat[:count]
            del flat[:count]
        return numbers

    def _norms(self, numbers: dict[str, Any]) -> tuple[TensorNorms, ...]:
        if not self.diagnostics:
            return ()
        rows = zip(self.gradients.names, numbers["grad"], numbers["weight"], strict=True)
        return tuple(TensorNorms(*row) for row in rows)

    def _keep(self, epoch: int, val_loss: float) -> str | None:
        """Steps the schedule, counts towards the early stop, saves; the path if it is the best."""
        self.schedule.after_epoch(val_loss)
        self.done, self.saved_best = epoch, val_loss < self.best
        self.stale = 0 if self.saved_best else self.stale + 1
        self.best = min(self.best, val_loss)
        if not self.files.keeps_checkpoints:
            return None
        state = resuming.state(self)
        checkpoints.save(self.files.folder / "last.pt", state)
        if not self.saved_best:
            return None
        best = self.files.folder / "best.pt"
        checkpoints.save(best, state)
        return str(best)

    def _header(self) -> RunHeader:
        parameters = list(self.model.parameters())
        groups = self.optimizer.param_groups
        return RunHeader(
            started=datetime.now(UTC),
            settings=self.settings.printed(),
            baselines=self.task.data.baselines if isinstance(self.task, SeriesTask) else None,
            group_lrs=tuple(float(group["lr"]) for group in groups),
            group_counts=tuple(len(group["params"]) for group in groups),
            total_params=sum(p.numel() for p in parameters),
            trainable_params=sum(p.numel() for p in parameters if p.requires_grad),
            param_bytes=sum(p.nbytes for p in parameters),
            batch_shape=snapshot.batch_shape(self.settings),
            micro=snapshot.measure(self.task, self.model, self.settings, self.device),
        )

    def _finish(self) -> None:
        synchronize(self.device)
        if isinstance(self.task, LettersTask):
            self.model.eval()
            with torch.no_grad(), self.precision.autocast():
                of_train, of_val = (
                    self._accuracy(part) for part in (self.task.train, self.task.val)
                )
                example = self.task.example(self.model)
            self.files.finish((of_train, of_val), self.total_s, example)

    def _accuracy(self, part: Split) -> float:
        """Share of right positions over a whole split, without its transform."""
        size = self.settings.VAL_BATCH
        pairs = zip(torch.split(part.inputs, size), torch.split(part.targets, size), strict=True)
        right = [self.task.forward(self.model, x, y)[1][0] for x, y in pairs]
        return float(torch.cat(right).float().mean())


def _optimizer(settings: Settings, model: nn.Module) -> torch.optim.Optimizer:
    """AdamW or SGD with momentum, fused, over the parameters that may change."""
    trainable = [p for p in model.parameters() if p.requires_grad]
    if settings.OPTIMIZER == "sgd":
        sgd = torch.optim.SGD(
            trainable,
            start_lr(settings),
            momentum=0.9,
            weight_decay=settings.WEIGHT_DECAY,
            fused=True,
        )
        for parameter in trainable:
            # Fused SGD leaves it unwritten where the very first step is skipped.
            sgd.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)
        return sgd
    return torch.optim.AdamW(
        trainable, start_lr(settings), weight_decay=settings.WEIGHT_DECAY, fused=True
    )
