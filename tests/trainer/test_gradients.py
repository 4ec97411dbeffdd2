"""Norms measured with foreach operations are the norms of the tensors, one by one."""

from __future__ import annotations

import math
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install 'logdiag[trainer]'")

from torch import Tensor, nn  # noqa: E402

from trainer import devices  # noqa: E402
from trainer.gradients import Gradients  # noqa: E402

CPU = devices.choose("cpu")


class Half(nn.Module):
    """Two layers in use, and between them one that no output depends on."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.idle, self.last = nn.Linear(4, 5), nn.Linear(3, 3), nn.Linear(5, 2)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.last(torch.tanh(self.first(x)))
        return found


@pytest.fixture
def model() -> Half:
    torch.manual_seed(0)
    return Half()


def backward(model: Half, scale: float = 1.0) -> dict[str, Tensor]:
    """Fresh gradients by name, copied."""
    model.zero_grad()
    x = torch.randn(16, 4, generator=torch.Generator().manual_seed(3))
    (scale * model(x).square().sum()).backward()
    return {
        name: torch.zeros_like(p) if p.grad is None else p.grad.clone()
        for name, p in model.named_parameters()
    }


def total_of(grads: dict[str, Tensor]) -> float:
    return math.sqrt(math.fsum(float(g.double().square().sum()) for g in grads.values()))


def test_every_tensors_norms_are_its_own(model: Half) -> None:
    measured = Gradients(model)
    true = backward(model)
    measured.measure()
    found = measured.tensors()
    assert measured.names == list(true)
    assert found["grad"].tolist() == pytest.approx([float(g.norm()) for g in true.values()])
    weights = [float(p.detach().norm()) for p in model.parameters()]
    assert found["weight"].tolist() == pytest.approx(weights)


def test_the_total_is_the_root_of_their_squares(model: Half) -> None:
    measured = Gradients(model)
    true = backward(model)
    assert float(measured.measure()) == pytest.approx(total_of(true), rel=1e-5)


def test_a_tensor_without_a_gradient_has_norm_0(model: Half) -> None:
    measured = Gradients(model)
    assert measured.tensors()["grad"].tolist() == [0.0] * 6
    backward(model)
    measured.measure()
    found = dict(zip(measured.names, measured.tensors()["grad"].tolist(), strict=True))
    assert found["idle.weight"] == found["idle.bias"] == 0
    assert all(norm > 0 for name, norm in found.items() if not name.startswith("idle"))


def test_norms_are_those_of_the_last_step(model: Half) -> None:
    measured = Gradients(model)
    backward(model, 100.0)
    for p in model.idle.parameters():
        p.grad = torch.ones_like(p)
    measured.measure()
    true = backward(model)
    measured.measure()
    assert measured.tensors()["grad"].tolist() == pytest.approx(
        [float(g.norm()) for g in true.values()]
    )


def test_a_frozen_tensor_stays_in_its_place(model: Half) -> None:
    model.first.requires_grad_(False)
    measured = Gradients(model)
    true = backward(model)
    measured.measure()
    found = measured.tensors()["grad"].tolist()
    assert found[:4] == [0.0] * 4
    assert found[4:] == pytest.approx([float(true[n].norm()) for n in ("last.weight", "last.bias")])


@pytest.mark.parametrize("share", [0.01, 0.5])
def test_clipping_scales_all_gradients_to_the_limit(model: Half, share: float) -> None:
    measured = Gradients(model)
    true = backward(model)
    total = measured.measure()
    measured.clip(share * float(total), total)
    for name, p in model.named_parameters():
        if p.grad is not None:
            torch.testing.assert_close(p.grad, share * true[name], rtol=1e-4, atol=1e-7)
    after = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
    assert total_of(after) == pytest.approx(share * total_of(true), rel=1e-4)


@pytest.mark.parametrize("limit", [0.0, 1e9])
def test_without_a_limit_or_below_it_gradients_stay_as_they_are(model: Half, limit: float) -> None:
    measured = Gradients(model)
    true = backward(model)
    measured.clip(limit, measured.measure())
    for name, p in model.named_parameters():
        if p.grad is not None:
            assert torch.equal(p.grad, true[name])


def test_norms_are_those_before_clipping(model: Half) -> None:
    measured = Gradients(model)
    true = backward(model)
    measured.clip(1e-3, measured.measure())
    assert measured.tensors()["grad"].tolist() == pytest.approx(
        [float(g.norm()) for g in true.values()]
    )


def change_of(measured: Gradients) -> float:
    found: dict[str, Any] = measured.tensors()
    return float(found["change"])


def test_the_largest_change_is_that_of_the_first_tensor_since_the_last_call(model: Half) -> None:
    measured = Gradients(model)
    backward(model)
    measured.measure()
    assert change_of(measured) == 0
    with torch.no_grad():
        model.first.weight[2, 1] -= 0.25
        model.first.weight[0, 0] += 0.125
        model.last.weight += 3.0
    assert change_of(measured) == pytest.approx(0.25, abs=1e-6)
    assert change_of(measured) == 0
    with torch.no_grad():
        model.first.weight[4, 3] += 0.5
    assert change_of(measured) == pytest.approx(0.5, abs=1e-6)


def test_norms_of_gradients_that_are_not_finite_are_not_finite(model: Half) -> None:
    measured = Gradients(model)
    backward(model, math.nan)
    assert math.isnan(float(measured.measure()))
    assert math.isnan(measured.tensors()["grad"].tolist()[0])
