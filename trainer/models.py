"""The regression models, switched by the settings' names, and their initialisation.

windows (batch, time, features) -> encoder -> flattened (batch, width) -> prediction head.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from trainer.settings import Settings

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "gelu": nn.GELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}


class Prediction(NamedTuple):
    """Outputs of shape (batch,); `delta` is None without a delta head."""

    base: Tensor
    delta: Tensor | None

    @property
    def total(self) -> Tensor:
        """The base prediction, with the delta head's correction if there is one."""
        return self.base if self.delta is None else self.base + self.delta


class SeriesModel(nn.Module):
    """Projection, one encoder, flattening, prediction head, and a delta head on request."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        width = _width(settings)
        self.feature_proj = nn.Linear(settings.FEATURES, width)
        self.ln_proj = nn.LayerNorm(width)
        name, encoder = _encoder(settings, width)
        self.encoder_name = name
        self.add_module(name, encoder)
        self.adds_last = settings.LAST_VALUE_SKIP
        self.flatten = Flatten(settings.FLATTEN_MODE, width)
        inner = width * (settings.LOOK_BACK if settings.FLATTEN_MODE == "full" else 1)
        self.ln_flat = nn.LayerNorm(inner)
        self.head_flat = _head(settings, inner)
        self.delta_head = nn.Linear(inner, 1) if settings.USE_DELTA else None
        _scale_weights(self, settings.INIT_SCALE)

    def forward(self, windows: Tensor) -> Prediction:
        """(batch, time, features) -> predictions (batch,)."""
        x = self.ln_proj(self.feature_proj(windows))
        x = self.ln_flat(self.flatten(self.get_submodule(self.encoder_name)(x)))
        delta = None if self.delta_head is None else self.delta_head(x).squeeze(-1)
        base = self.head_flat(x).squeeze(-1)
        return Prediction(base + windows[:, -1, -1] if self.adds_last else base, delta)


def _width(settings: Settings) -> int:
    by_encoder = {
        "USE_CONV": settings.CONV_CHANNELS,
        "USE_TCN": settings.TCN_CHANNELS,
        "USE_SHORT_LSTM": settings.SHORT_UNITS,
        "USE_TRANSFORMER": settings.TRANSFORMER_D_MODEL,
        "USE_LONG_LSTM": settings.LONG_UNITS,
    }
    return next(width for key, width in by_encoder.items() if getattr(settings, key))


def _encoder(settings: Settings, width: int) -> tuple[str, nn.Module]:
    """The chosen encoder under the name that its parameters get in the log."""
    if settings.USE_CONV:
        return "conv", ConvEncoder(width, settings.CONV_K, settings.CONV_DILATION)
    if settings.USE_TCN:
        return "tcn", TemporalConvNet(width, settings.TCN_LAYERS, settings.TCN_KERNEL)
    if settings.USE_SHORT_LSTM:
        return "short_lstm", RecurrentEncoder(width, settings.DROPOUT_SHORT, tail=8)
    if settings.USE_LONG_LSTM:
        return "long_lstm", RecurrentEncoder(width, settings.DROPOUT_LONG)
    return "transformer", TransformerEncoder(settings, width)


class ConvEncoder(nn.Module):
    """One convolution over time, batch norm, activation. The norm makes its bias redundant."""

    def __init__(self, width: int, kernel: int, dilation: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(width, width, kernel, dilation=dilation, padding="same")
        self.norm = nn.BatchNorm1d(width)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, time, width) -> the same shape."""
        return torch.relu(self.norm(self.conv(x.transpose(1, 2)))).transpose(1, 2)


class TemporalConvNet(nn.Module):
    """Causal convolutions whose dilation doubles, each with a residual connection."""

    def __init__(self, width: int, layers: int, kernel: int) -> None:
        super().__init__()
        self.reach = [(kernel - 1) * 2**i for i in range(layers)]
        self.layers = nn.ModuleList(
            nn.Conv1d(width, width, kernel, dilation=2**i) for i in range(layers)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, time, width) -> the same shape; no step sees a later one."""
        x = x.transpose(1, 2)
        for reach, layer in zip(self.reach, self.layers, strict=True):
            x = x + torch.relu(layer(nn.functional.pad(x, (reach, 0))))
        return x.transpose(1, 2)


class RecurrentEncoder(nn.Module):
    """An LSTM over the window, or over its last `tail` steps only, then dropout."""

    def __init__(self, width: int, dropout: float, tail: int = 0) -> None:
        super().__init__()
        self.tail = tail
        self.lstm = nn.LSTM(width, width, batch_first=True)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, time, width) -> the same shape; steps before the tail stay as they are."""
        head, tail = x[:, : -self.tail or 0], x[:, -self.tail :]
        found: Tensor = self.dropout(self.lstm(tail)[0])
        return torch.cat([head, found], 1)


class TransformerEncoder(nn.Module):
    """Learned positions and pre-norm encoder layers, under the names that torch gives them."""

    def __init__(self, settings: Settings, width: int) -> None:
        super().__init__()
        self.position = nn.Parameter(0.02 * torch.randn(settings.LOOK_BACK, width))
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width,
                settings.TRANSFORMER_HEADS,
                width * settings.TRANSFORMER_FF_MULT,
                settings.DROPOUT_TRANS,
                batch_first=True,
                norm_first=True,
            )
            for _ in range(settings.TRANSFORMER_LAYERS)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, time, width) -> the same shape."""
        x = x + self.position
        for layer in self.layers:
            x = layer(x)
        return x


class Flatten(nn.Module):
    """(batch, time, width) -> (batch, width), or (batch, time * width) in mode `full`."""

    def __init__(self, mode: str, width: int) -> None:
        super().__init__()
        self.mode = mode
        self.attn_pool = nn.Linear(width, 1) if mode == "attn" else None

    def forward(self, x: Tensor) -> Tensor:
        """Softmax ignores what all steps share, so `attn_pool.bias` never gets a gradient."""
        if self.attn_pool is not None:
            weights: Tensor = self.attn_pool(x).softmax(1)
            return (weights * x).sum(1)
        if self.mode == "mean":
            return x.mean(1)
        return x.flatten(1) if self.mode == "full" else x[:, -1]


def _head(settings: Settings, inner: int) -> nn.Sequential:
    """PRED_LAYERS hidden layers, then the prediction; `head_flat.0`, `head_flat.2`, ..."""
    layers: list[nn.Module] = []
    for _ in range(settings.PRED_LAYERS):
        layers += [nn.Linear(inner, settings.PRED_HIDDEN), ACTIVATIONS[settings.ACTIVATION]()]
        inner = settings.PRED_HIDDEN
    return nn.Sequential(*layers, nn.Linear(inner, 1))


def _scale_weights(model: nn.Module, scale: float) -> None:
    """Multiplies every weight matrix, as a wrong gain in an initialiser would."""
    if scale == 1:
        return
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.mul_(scale)
