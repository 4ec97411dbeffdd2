"""Mixed precision: autocast around forward and loss, backward outside, clipping after unscaling."""

from contextlib import AbstractContextManager

import torch
from torch import Tensor
from torch.optim import Optimizer

_DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}


class Precision:
    """`bf16` needs no scaler, `fp16` has one, `fp32` is plain."""

    def __init__(self, name: str, device: torch.device) -> None:
        self.device, self.dtype = device, _DTYPES.get(name)
        self.scaler = torch.amp.GradScaler(device.type) if name == "fp16" else None

    def autocast(self) -> AbstractContextManager[object]:
        """The context of every forward pass and loss, in training and validation alike."""
        return torch.autocast(self.device.type, self.dtype, enabled=self.dtype is not None)

    def backward(self, loss: Tensor) -> None:
        """Backward of the loss, scaled up where the precision needs it."""
        scaled = loss if self.scaler is None else self.scaler.scale(loss)
        torch.autograd.backward(scaled)

    def unscale(self, optimizer: Optimizer) -> None:
        """True gradients again; before anything looks at or clips them."""
        if self.scaler is not None:
            self.scaler.unscale_(optimizer)

    def step(self, optimizer: Optimizer, is_bad: Tensor | None) -> None:
        """One update, left out where `is_bad` (a 0-d bool tensor) says so; a scaler looks itself.

        Nothing is read back from the device: the fused optimizers skip themselves when
        `found_inf` is 1, which is how GradScaler does it too.
        """
        if self.scaler is not None:
            self.scaler.step(optimizer)
            self.scaler.update()
            return
        if is_bad is not None:
            optimizer.grad_scale = None  # type: ignore[attr-defined]
            optimizer.found_inf = is_bad.float()  # type: ignore[attr-defined]
        optimizer.step()

    @property
    def loss_scale(self) -> float | None:
        """The scaler's factor; reading it waits for the device."""
        return None if self.scaler is None else float(self.scaler.get_scale())
