"""The two tasks: data, model, loss, and what an epoch's passes add up to."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from trainer.data.letters import CLASSES, as_text, make_letters
from trainer.data.series import make_series
from trainer.data.splits import Split
from trainer.letters_model import LettersModel
from trainer.models import Prediction, SeriesModel
from trainer.records import Regression, SeriesMetrics
from trainer.settings import Settings


@dataclass
class Pass:
    """What one pass over a split leaves on the device, a tensor per batch.

    `bad` marks batches that the guard kept from updating the weights; they are left out of all
    figures. Nothing here is read back before `Task.summary`.
    """

    losses: list[Tensor] = field(default_factory=list)
    outputs: list[tuple[Tensor, ...]] = field(default_factory=list)
    norms: list[Tensor] = field(default_factory=list)
    bad: list[Tensor] = field(default_factory=list)

    def column(self, index: int) -> Tensor:
        """One kind of output over all samples of the batches that counted."""
        return torch.cat([out[index].flatten().float() for out in self.outputs])

    def counted(self) -> Tensor:
        """One bool per sample: False where its batch was skipped."""
        flags = self.bad or [torch.zeros_like(loss, dtype=torch.bool) for loss in self.losses]
        rows = zip(flags, self.outputs, strict=True)
        return torch.cat([flag.logical_not().expand(out[0].numel()) for flag, out in rows])

    def mean(self, per_batch: Sequence[Tensor]) -> Tensor:
        """Mean of one figure a batch, over the batches that counted; nan if there were none."""
        found = torch.stack(list(per_batch)).float()
        if not self.bad:
            return found.mean()
        return _mean(found, torch.stack(self.bad).logical_not())


def _mean(values: Tensor, keep: Tensor) -> Tensor:
    """Mean of the kept values; selecting them would wait for the device, this does not."""
    return torch.where(keep, values, 0.0).sum() / keep.sum()


class Task(ABC):
    """One learning problem, on one device."""

    train: Split
    val: Split

    @abstractmethod
    def make_model(self) -> nn.Module:
        """A new model on the host."""

    @abstractmethod
    def forward(self, model: nn.Module, x: Tensor, y: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Loss (0-d) and the outputs that the epoch's figures are made from, detached."""

    @abstractmethod
    def summary(self, train: Pass, val: Pass, model: nn.Module) -> dict[str, Tensor]:
        """The epoch's figures on the device, 1-d or 0-d."""

    @abstractmethod
    def metrics(self, numbers: dict[str, Any]) -> dict[str, Any]:
        """Fields of `EpochRecord` from the figures as read back."""

    @abstractmethod
    def generators(self) -> list[torch.Generator]:
        """The random generators of the training transform."""

    def begin_epoch(self, epoch: int) -> None:  # noqa: B027 - most tasks change nothing
        """What changes with the epoch, such as the augmentation."""


class SeriesTask(Task):
    """Regression on windows, with naive baselines."""

    def __init__(self, settings: Settings, device: torch.device) -> None:
        self.settings, self.data = settings, make_series(settings, device)
        self.train, self.val = self.data.train, self.data.val
        self._criterion = (
            nn.HuberLoss(delta=settings.HUBER_DELTA) if settings.USE_HUBER else nn.MSELoss()
        )

    def make_model(self) -> nn.Module:
        """The model that the settings switch on."""
        return SeriesModel(self.settings)

    def generators(self) -> list[torch.Generator]:
        """That of the jitter."""
        return [self.data.jitter.generator]

    def begin_epoch(self, epoch: int) -> None:
        """Switches the augmentation off for the last epochs where the settings ask for it."""
        last = self.settings.MAX_EPOCHS - self.settings.AUGMENT_OFF_LAST
        self.data.jitter.enabled = epoch <= last

    def forward(self, model: nn.Module, x: Tensor, y: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Outputs: base and total prediction, target (batch,), base and delta loss (0-d)."""
        prediction: Prediction = model(x)
        base = prediction.base.float()
        loss = base_loss = self._criterion(base, (1 - self.settings.ALPHA_SMOOTH) * y)
        delta_loss, total = torch.zeros_like(base_loss), base
        if prediction.delta is not None:
            delta = prediction.delta.float()
            delta_loss = self.settings.LAMBDA_DELTA * self._criterion(delta, (y - base).detach())
            loss, total = base_loss + delta_loss, base + delta
        return loss, (base.detach(), total.detach(), y, base_loss.detach(), delta_loss.detach())

    def summary(self, train: Pass, val: Pass, model: nn.Module) -> dict[str, Tensor]:
        """Regression figures of both passes, slopes, and the weights of the input features."""
        projection: nn.Linear = model.get_submodule("feature_proj")  # type: ignore[assignment]
        base, total, target = (val.column(i) for i in range(3))
        better = (total - target).abs() < (base - target).abs()
        return {
            "train": _figures(train),
            "val": _figures(val),
            "base_loss": train.mean([out[3] for out in train.outputs]),
            "delta_loss": train.mean([out[4] for out in train.outputs]),
            "slope": (total.diff() - target.diff()).square().mean().sqrt(),
            "improved": better.float().mean(),
            "features": projection.weight.detach().norm(dim=0),
        }

    def metrics(self, numbers: dict[str, Any]) -> dict[str, Any]:
        """The regression's own part of the record."""
        has_delta = self.settings.USE_DELTA
        named = zip(self.data.feature_names, numbers["features"], strict=True)
        series = SeriesMetrics(
            train=Regression(*numbers["train"][:3]),
            val=Regression(*numbers["val"][:3]),
            base_loss=numbers["base_loss"],
            delta_loss=numbers["delta_loss"],
            base_rmse=numbers["train"][3],
            val_base_rmse=numbers["val"][3],
            slope_rmse=numbers["slope"],
            delta_rmse=numbers["train"][0] if has_delta else math.nan,
            improved_share=numbers["improved"] if has_delta else 0.0,
            features=tuple(named),
        )
        return {"series": series}


def _figures(found: Pass) -> Tensor:
    """rmse, mae, r2 of the total prediction and rmse of the base: (4,)."""
    base, total, target = (found.column(i) for i in range(3))
    keep = found.counted()
    error = total - target
    spread = _mean((target - _mean(target, keep)).square(), keep)
    mse = _mean(error.square(), keep)
    base_rmse = _mean((base - target).square(), keep).sqrt()
    return torch.stack([mse.sqrt(), _mean(error.abs(), keep), 1 - mse / spread, base_rmse])


class LettersTask(Task):
    """Classification of every position of a text."""

    def __init__(self, settings: Settings, device: torch.device) -> None:
        self.settings, self.data = settings, make_letters(settings, device)
        self.train, self.val = self.data.train, self.data.val

    def make_model(self) -> nn.Module:
        """The transformer with attention maps."""
        return LettersModel(self.settings)

    def generators(self) -> list[torch.Generator]:
        """That of the rotation."""
        return [self.data.rotation.generator]

    def forward(self, model: nn.Module, x: Tensor, y: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Outputs: whether each position was right (batch, 20)."""
        log_probs, _ = model(x)
        flat, smooth = log_probs.reshape(-1, CLASSES), self.settings.ALPHA_SMOOTH
        loss = nn.functional.cross_entropy(flat, y.flatten(), label_smoothing=smooth)
        return loss, ((log_probs.argmax(-1) == y).detach(),)

    def summary(self, train: Pass, val: Pass, model: nn.Module) -> dict[str, Tensor]:
        """Accuracies."""
        return {
            "train_accuracy": _mean(train.column(0), train.counted()),
            "val_accuracy": val.column(0).mean(),
        }

    def metrics(self, numbers: dict[str, Any]) -> dict[str, Any]:
        """Accuracies as shares."""
        return {key: numbers[key] for key in ("train_accuracy", "val_accuracy")}

    def example(self, model: nn.Module) -> dict[str, Any]:
        """The final inference on the first validation text, as nested lists."""
        text = self.data.val.inputs[:1]
        log_probs, maps = model(text)
        return {
            "example_input": as_text(text[0]),
            "log_probs": log_probs[0].tolist(),
            "attention_weights": [layer[0].tolist() for layer in maps],
        }


def make_task(settings: Settings, device: torch.device) -> Task:
    """The task of the settings, with its data on the device."""
    return (LettersTask if settings.TASK == "letters" else SeriesTask)(settings, device)
