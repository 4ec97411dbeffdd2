"""A split of the data, how it is transformed, and how batches are drawn from it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

Transform = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Split:
    """Inputs and targets on the device, first dimension samples, and the transform of inputs.

    `transform` is applied to every batch as it is drawn, so that training and validation data
    can differ in it although they come from one source.
    """

    inputs: Tensor
    targets: Tensor
    transform: Transform

    def __len__(self) -> int:
        return len(self.inputs)

    def replaced(self, inputs: Tensor, targets: Tensor) -> "Split":
        """Other samples under the same transform."""
        return replace(self, inputs=inputs, targets=targets)

    def batches(
        self, size: int, shuffle: torch.Generator | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Transformed batches in order, or in the generator's order; the last may be smaller."""
        order = torch.arange(len(self), device=self.inputs.device)
        if shuffle is not None:
            order = torch.randperm(len(self), generator=shuffle).to(order)
        for index in torch.split(order, size):
            yield self.transform(self.inputs[index]), self.targets[index]


def steps(split: Split, batch: int) -> int:
    """Batches in one pass."""
    return -(-len(split) // batch)


class Jitter:
    """The training transform: Gaussian noise on the inputs, in units of their own spread.

    `enabled` switches the augmentation off for the last epochs where the settings ask for it.
    """

    def __init__(self, scale: float, generator: torch.Generator) -> None:
        self.scale, self.generator, self.enabled = scale, generator, True

    def __call__(self, inputs: Tensor) -> Tensor:
        if not self.enabled or self.scale == 0:
            return inputs
        noise = torch.empty_like(inputs).normal_(generator=self.generator)
        return inputs + self.scale * noise


def unchanged(inputs: Tensor) -> Tensor:
    """The validation transform."""
    return inputs
