"""Windows of a multivariate series, and the naive forecasts that a model has to beat.

Every feature is a sum of remembered shocks (an AR(1) process written as a convolution, so that
it is made on the device at once). The target is a nonlinear function of *lagged* features plus
a little noise: a model that reads its window can do far better than repeating the last value,
and a model that does not learn does no better than the mean.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import conv1d

from trainer.data.splits import Jitter, Split, unchanged
from trainer.records import Baselines
from trainer.settings import Settings

_MEMORY = 256
_GAP = 64
"""Timesteps between the splits, so that no window of one reaches into another."""


@dataclass(frozen=True)
class SeriesData:
    """Training and validation windows, and a test split that no training run looks at.

    Inputs (samples, LOOK_BACK, FEATURES), normalised with the training part's mean and spread;
    the last feature is the target itself, so far. Targets (samples,), normalised likewise.
    """

    train: Split
    val: Split
    test: Split
    jitter: Jitter
    baselines: Baselines

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The features in the order of the inputs' last dimension."""
        return (*(f"driver_{i}" for i in range(self.train.inputs.shape[2] - 1)), "target_past")


def make_series(settings: Settings, device: torch.device) -> SeriesData:
    """The data of a run: the same for the same SEED and sizes on the same kind of device."""
    generator = torch.Generator(device).manual_seed(1_000_003 * settings.SEED + 17)
    look, counts = settings.LOOK_BACK, (settings.TRAIN_WINDOWS, *2 * (settings.VAL_WINDOWS,))
    length = sum(count + look + _GAP for count in counts)
    features, target = _series(settings, length, generator)
    fit = slice(0, settings.TRAIN_WINDOWS + look)
    features = (features - features[fit].mean(0)) / features[fit].std(0)
    target = (target - target[fit].mean()) / target[fit].std()
    jitter = Jitter(settings.AUGMENT_NOISE, torch.Generator(device).manual_seed(settings.SEED))
    splits, start = [], 0
    for count in counts:
        stop = start + count + look
        windows = _windows(features[start:stop], target[start:stop], look)
        splits.append(Split(*windows, unchanged))
        start = stop + _GAP
    train, val, test = splits
    augmented = Split(train.inputs, train.targets, jitter)
    return SeriesData(augmented, val, test, jitter, _baselines(train, val))


def _series(settings: Settings, length: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Drivers and the target itself (length, FEATURES), and the target (length,)."""
    drivers, device = settings.FEATURES - 1, generator.device
    shocks = torch.randn(1, drivers, length + 2 * _MEMORY, generator=generator, device=device)
    x = _remembered(shocks, torch.linspace(0.6, 0.95, drivers, device=device))[0].T
    x = x / x.std(0)

    def lag(feature: int, steps: int) -> Tensor:
        return x[_MEMORY - steps : _MEMORY - steps + length, feature]

    noise = torch.randn(length, generator=generator, device=device)
    y = torch.tanh(1.5 * lag(0, 1)) + 0.6 * lag(1, 2) + 0.4 * lag(2, 1) * lag(3, 2)
    y = y + settings.TARGET_NOISE * noise
    if settings.TARGET_INERTIA > 0:
        padded = torch.cat([y[:_MEMORY], y])[None, None]
        y = _remembered(padded, noise.new_tensor([settings.TARGET_INERTIA]))[0, 0, -length:]
    return torch.column_stack([x[_MEMORY : _MEMORY + length], y]), y


def _remembered(shocks: Tensor, memory: Tensor) -> Tensor:
    """AR(1) over time with each channel's memory: (1, channels, time) -> _MEMORY - 1 shorter."""
    kernel = memory[:, None] ** torch.arange(_MEMORY - 1, -1, -1, device=memory.device)
    return conv1d(shocks, kernel[:, None], groups=len(memory))


def _windows(features: Tensor, target: Tensor, look: int) -> tuple[Tensor, Tensor]:
    """Windows (samples, look, features) that end one step before their target (samples,)."""
    windows = features.unfold(0, look, 1)[: len(target) - look].transpose(1, 2)
    return windows.contiguous(), target[look:].contiguous()


def _baselines(train: Split, val: Split) -> Baselines:
    mean, found = train.targets.mean(), []
    for split in (train, val):
        found += [_rmse(split.targets - mean), _rmse(split.targets - split.inputs[:, -1, -1])]
    return Baselines(*found)


def _rmse(error: Tensor) -> float:
    return float(error.square().mean().sqrt())
