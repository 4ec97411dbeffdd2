"""Letter counting (seed 002's task): how often did this letter occur before, 0, 1 or more times?

Texts of 20 characters from a small alphabet with spaces; one of three classes per position.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from trainer.data.splits import Split, unchanged
from trainer.settings import Settings

ALPHABET = "abcdefghijklmnopqrstuvwxyz "
LENGTH = 20
CLASSES = 3
_FREQUENT = 9
"""Each text draws most of its letters from this many, so that repetitions are common."""


@dataclass(frozen=True)
class LettersData:
    """Texts as letter indices (samples, 20) and classes (samples, 20)."""

    train: Split
    val: Split
    rotation: "Rotation"


def make_letters(settings: Settings, device: torch.device) -> LettersData:
    """The data of a run: the same for the same SEED and sizes on the same kind of device."""
    generator = torch.Generator(device).manual_seed(1_000_003 * settings.SEED + 29)
    train, val = (
        _texts(count, generator, device) for count in (settings.TRAIN_WINDOWS, settings.VAL_WINDOWS)
    )
    # Training texts are rotated within the alphabet: the classes do not change by that.
    rotate = Rotation(torch.Generator(device).manual_seed(settings.SEED))
    return LettersData(
        Split(train, classes(train), rotate), Split(val, classes(val), unchanged), rotate
    )


def classes(texts: Tensor) -> Tensor:
    """How often each letter occurred before its position: 0, 1, or 2 for more; same shape."""
    same = texts[:, :, None] == texts[:, None, :]
    return same.tril(-1).sum(2).clamp(max=CLASSES - 1)


def as_text(indices: Tensor) -> str:
    """The string of one text."""
    return "".join(ALPHABET[int(i)] for i in indices)


class Rotation:
    """The training transform: every text's letters are renamed by one random shift."""

    def __init__(self, generator: torch.Generator) -> None:
        self.generator = generator

    def __call__(self, inputs: Tensor) -> Tensor:
        size = len(ALPHABET)
        shape, device = (len(inputs), 1), inputs.device
        shift = torch.randint(size, shape, generator=self.generator, device=device)
        return (inputs + shift) % size


def _texts(count: int, generator: torch.Generator, device: torch.device) -> Tensor:
    size = len(ALPHABET)
    palette = torch.rand(count, size, generator=generator, device=device).argsort(1)
    choice = torch.randint(_FREQUENT, (count, LENGTH), generator=generator, device=device)
    return palette.gather(1, choice)
