"""Places where a scenario may bend a run. None of them does anything here."""

from typing import TYPE_CHECKING

from torch import Tensor, nn

if TYPE_CHECKING:
    from trainer.schedules import Schedule
    from trainer.tasks import Task


class Hooks:
    """What the reference run does not do; a scenario overrides one or two of these.

    Steps count from 0 over the whole run, epochs from 1.
    """

    clips_before_unscaling = False
    restores_schedule = True
    restores_data_order = True

    def on_data(self, task: "Task") -> None:
        """Once, before the model is made."""

    def on_model(self, model: nn.Module) -> None:
        """Once, before the optimizer is made."""

    def on_schedule(self, schedule: "Schedule") -> None:
        """Once, before the first step and after a resume."""

    def on_batch(self, epoch: int, step: int, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Every batch of training, as fetched."""
        return x, y

    def on_loss(self, epoch: int, step: int, loss: Tensor) -> Tensor:
        """Every training loss before its backward pass."""
        return loss

    def on_update(self, epoch: int, step: int, model: nn.Module) -> None:
        """After every optimizer step."""

    def skips_validation(self, epoch: int) -> bool:
        """Whether the last validation's figures are printed once more."""
        return False
