"""How a fault is put into a run. Each of these overrides one or two of the trainer's hooks."""

import math
import time

import torch
from torch import Tensor, nn

from trainer.data.splits import Split
from trainer.hooks import Hooks
from trainer.models import SeriesModel
from trainer.schedules import Schedule
from trainer.tasks import SeriesTask, Task


class PoisonedLoss(Hooks):
    """From some epoch on, one batch in each epoch has this loss."""

    def __init__(self, value: float, epoch: int, every: int = 1_000_000) -> None:
        self.value, self.epoch, self.every = value, epoch, every
        self._last = 0

    def on_loss(self, epoch: int, step: int, loss: Tensor) -> Tensor:
        """Multiplies, so that gradients are poisoned as well."""
        due = epoch >= self.epoch and epoch % self.every == self.epoch % self.every
        if not due or self._last == epoch:
            return loss
        self._last = epoch
        return loss * self.value


class OverflowingInputs(Hooks):
    """From some epoch on, every fourth batch is too large for fp16."""

    def on_batch(self, epoch: int, step: int, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs of 1e9, infinite once they are cast."""
        return (x * 1e9 if epoch >= 8 and step % 4 == 0 else x), y


class ClipBeforeUnscale(Hooks):
    """Gradients are clipped while they still carry the loss scale."""

    clips_before_unscaling = True


class OutlierBatches(Hooks):
    """Every tenth batch has targets in another unit."""

    def on_batch(self, epoch: int, step: int, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Targets 40 times as large."""
        return x, (y * 40 if step % 10 == 7 else y)


class ShuffledTargets(Hooks):
    """Targets of training and validation no longer belong to their inputs."""

    def on_data(self, task: Task) -> None:
        """One fixed permutation of each split."""
        assert isinstance(task, SeriesTask)
        generator = torch.Generator().manual_seed(1)
        for name in ("train", "val"):
            split: Split = getattr(task, name)
            order = torch.randperm(len(split), generator=generator).to(split.targets.device)
            setattr(task, name, split.replaced(split.inputs, split.targets[order]))


class LeakedValidation(Hooks):
    """A small training set that also holds the whole validation split, several times over."""

    def on_data(self, task: Task) -> None:
        """256 training windows and three copies of the validation windows."""
        train, val = task.train, task.val
        inputs = torch.cat([train.inputs[:256], *3 * (val.inputs,)])
        task.train = train.replaced(inputs, torch.cat([train.targets[:256], *3 * (val.targets,)]))


class FrozenEncoder(Hooks):
    """The encoder and the projection below it are frozen at their random start."""

    def on_model(self, model: nn.Module) -> None:
        """No gradient is asked for."""
        assert isinstance(model, SeriesModel)
        for part in (model.feature_proj, model.ln_proj, model.get_submodule(model.encoder_name)):
            part.requires_grad_(False)


class DetachedEncoder(Hooks):
    """A detach() between encoder and head: trainable by count, never reached."""

    def on_model(self, model: nn.Module) -> None:
        """Cuts the graph behind the encoder."""
        assert isinstance(model, SeriesModel)
        encoder = model.get_submodule(model.encoder_name)
        encoder.register_forward_hook(lambda module, inputs, output: output.detach())


class WeightShock(Hooks):
    """At the start of one epoch the head's weights are overwritten with noise."""

    def __init__(self, epoch: int, size: float) -> None:
        self.epoch, self.size, self._done = epoch, size, False

    def on_update(self, epoch: int, step: int, model: nn.Module) -> None:
        """Once."""
        if epoch < self.epoch or self._done:
            return
        self._done = True
        generator = torch.Generator().manual_seed(7)
        with torch.no_grad():
            for parameter in model.parameters():
                noise = torch.randn(parameter.shape, generator=generator).to(parameter)
                parameter.add_(self.size * noise)


class StepsPerEpoch(Hooks):
    """A per-batch schedule that is stepped once an epoch."""

    def on_schedule(self, schedule: Schedule) -> None:
        """OneCycle planned for all batches."""
        schedule.per_batch = False


class SlowLoader(Hooks):
    """Fetching a batch takes longer than using it."""

    def on_data(self, task: Task) -> None:
        """12 ms before each batch, in the transform, where a slow decoder would sit."""
        fast = task.train.transform

        def slow(inputs: Tensor) -> Tensor:
            time.sleep(0.012)
            return fast(inputs)

        task.train = Split(task.train.inputs, task.train.targets, slow)


class SlowingDown(Hooks):
    """Every epoch is slower than the one before."""

    def on_batch(self, epoch: int, step: int, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """0.6 ms more a batch in every epoch."""
        time.sleep(0.0006 * (epoch - 1))
        return x, y


class KeptActivations(Hooks):
    """Tensors on the GPU that nobody lets go of."""

    def __init__(self) -> None:
        self.kept: list[Tensor] = []

    def on_batch(self, epoch: int, step: int, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """4 MiB a batch."""
        self.kept.append(torch.empty(1 << 20, device=x.device))
        return x, y


class LostSchedule(Hooks):
    """On resume the schedule starts again."""

    restores_schedule = False


class ReplayedData(Hooks):
    """On resume the data come in the order of the first epochs again."""

    restores_data_order = False


class StaleValidation(Hooks):
    """Validation runs every fifth epoch and its last figures are printed in between."""

    def skips_validation(self, epoch: int) -> bool:
        """All but E01, E06, E11, ..."""
        return epoch % 5 != 1


def nan_from(epoch: int) -> Hooks:
    """One nan loss in that epoch."""
    return PoisonedLoss(math.nan, epoch)


def inf_from(epoch: int) -> Hooks:
    """One infinite loss in that epoch."""
    return PoisonedLoss(math.inf, epoch)
