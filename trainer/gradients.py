"""Gradient and weight norms of every tensor, without waiting for the device."""

import torch
from torch import Tensor, nn


class Gradients:
    """The parameters of a model, measured with foreach operations.

    `measure` is called every step and costs what clipping costs anyway, since the total norm is
    made from the norms of the tensors. Nothing is copied to the host before the epoch's end.
    """

    def __init__(self, model: nn.Module) -> None:
        self.names = [name for name, _ in model.named_parameters()]
        self.parameters = list(model.parameters())
        self._norms: tuple[Tensor, ...] = ()
        self._present: list[int] = []
        self._first = self.parameters[0].detach().clone()

    def restart(self) -> None:
        """Counts the largest change from the weights as they are now."""
        self._first.copy_(self.parameters[0].detach())

    def spoil(self, is_bad: Tensor) -> None:
        """Makes one gradient nan where `is_bad` (0-d bool): scaler and norms then see it too."""
        grad = next(p.grad for p in self.parameters if p.grad is not None)
        grad.add_(torch.where(is_bad, torch.nan, 0.0))

    def measure(self) -> Tensor:
        """The total L2 norm, 0-d; the tensors' own norms are kept until the next call."""
        self._present = [i for i, p in enumerate(self.parameters) if p.grad is not None]
        grads = [p.grad for p in self.parameters if p.grad is not None]
        self._norms = tuple(torch._foreach_norm(grads))
        total: Tensor = torch.linalg.vector_norm(torch.stack(self._norms))
        return total

    def clip(self, max_norm: float, total: Tensor) -> None:
        """Scales all gradients so that their total norm is at most `max_norm`; 0 is no limit."""
        if max_norm > 0:
            nn.utils.clip_grads_with_norm_(self.parameters, max_norm, total, foreach=True)

    def tensors(self) -> dict[str, Tensor]:
        """Gradient norms of the last step (0 where none arrived), weight norms, largest change.

        Shapes (tensors,), (tensors,), (): `grad`, `weight`, and `change` of the first tensor
        since the last call.
        """
        grad = torch.zeros(len(self.parameters), device=self._first.device)
        if self._norms:
            present = torch.tensor(self._present, device=grad.device)
            grad.index_copy_(0, present, torch.stack(self._norms).float())
        weights = [p.detach() for p in self.parameters]
        change = (weights[0] - self._first).abs().max()
        self.restart()
        return {"grad": grad, "weight": torch.stack(torch._foreach_norm(weights)), "change": change}
