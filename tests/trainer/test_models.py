"""The models: shapes, causality, the tensors that never get a gradient, and initialisation."""

from __future__ import annotations

import math
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install 'logdiag[trainer]'")

from torch import Tensor, nn  # noqa: E402

from trainer import devices  # noqa: E402
from trainer.letters_model import LettersModel  # noqa: E402
from trainer.models import (  # noqa: E402
    ACTIVATIONS,
    ConvEncoder,
    Flatten,
    Prediction,
    RecurrentEncoder,
    SeriesModel,
    TemporalConvNet,
)
from trainer.settings import ENCODERS, Settings  # noqa: E402

CPU = devices.choose("cpu")
FLATTEN_MODES = ("last", "mean", "attn", "full")
MODULES = {
    "USE_CONV": "conv",
    "USE_TCN": "tcn",
    "USE_SHORT_LSTM": "short_lstm",
    "USE_TRANSFORMER": "transformer",
    "USE_LONG_LSTM": "long_lstm",
}


def model_of(**given: Any) -> SeriesModel:
    torch.manual_seed(0)
    return SeriesModel(Settings.from_mapping(given))


def randn(*shape: int) -> Tensor:
    found: Tensor = torch.randn(*shape, generator=torch.Generator().manual_seed(1))
    return found


def grad_norms(model: nn.Module, loss: Tensor) -> dict[str, float]:
    model.zero_grad()
    torch.autograd.backward(loss)
    return {
        name: math.nan if p.grad is None else float(p.grad.norm())
        for name, p in model.named_parameters()
    }


def series_norms(model: SeriesModel) -> dict[str, float]:
    found: Prediction = model(randn(32, 12, 6))
    return grad_norms(model, (found.total - randn(32)).square().mean())


# ---- predictions ------------------------------------------------------------------------------


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("mode", FLATTEN_MODES)
@pytest.mark.parametrize("has_delta", [False, True])
def test_every_model_predicts_one_number_a_window(encoder: str, mode: str, has_delta: bool) -> None:
    model = model_of(**{encoder: True, "FLATTEN_MODE": mode, "USE_DELTA": has_delta}).eval()
    windows = randn(5, 12, 6)
    found = model(windows)
    assert found.base.shape == (5,) and len(torch.unique(found.base)) == 5
    if has_delta:
        assert found.delta.shape == (5,)
        torch.testing.assert_close(found.total, found.base + found.delta)
        assert not torch.equal(found.total, found.base)
    else:
        assert found.delta is None and torch.equal(found.total, found.base)
    # A sample's prediction depends on no other sample.
    torch.testing.assert_close(model(windows[2:4]).total, found.total[2:4], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_the_log_finds_the_encoder_under_its_name(encoder: str) -> None:
    names = {name.split(".")[0] for name, _ in model_of(**{encoder: True}).named_parameters()}
    assert names == {"feature_proj", "ln_proj", MODULES[encoder], "ln_flat", "head_flat"}


@pytest.mark.parametrize("encoder", ENCODERS)
def test_the_skip_adds_exactly_the_last_value(encoder: str) -> None:
    plain = model_of(**{encoder: True}).eval()
    skipping = model_of(**{encoder: True, "LAST_VALUE_SKIP": True}).eval()
    skipping.load_state_dict(plain.state_dict())
    windows = randn(5, 12, 6)
    expected = plain(windows).base + windows[:, 11, 5]
    assert torch.equal(skipping(windows).base, expected)


def test_flattening_is_what_its_mode_says() -> None:
    x = randn(3, 12, 4)
    assert torch.equal(Flatten("last", 4)(x), x[:, 11])
    torch.testing.assert_close(Flatten("mean", 4)(x), sum(x[:, t] for t in range(12)) / 12)
    assert torch.equal(Flatten("full", 4)(x), x.reshape(3, 48))
    pool = Flatten("attn", 4)
    assert pool.attn_pool is not None
    scores = x @ pool.attn_pool.weight[0]
    for row, weights, found in zip(x, scores.softmax(1), pool(x), strict=True):
        torch.testing.assert_close(found, weights @ row)


# ---- encoders ---------------------------------------------------------------------------------


def touched(encoder: nn.Module, width: int, at: int) -> list[int]:
    """Steps of the output that change with this step of the input."""
    x = randn(2, 12, width)
    bent = x.clone()
    bent[:, at] += 1
    with torch.no_grad():
        changed = (encoder(bent) - encoder(x)).abs().amax((0, 2))
    return [step for step, size in enumerate(changed.tolist()) if size > 0]


@pytest.mark.parametrize(("layers", "kernel"), [(1, 2), (2, 3), (3, 3), (2, 5)])
def test_the_tcn_is_causal_and_sees_as_far_as_its_dilations_reach(layers: int, kernel: int) -> None:
    torch.manual_seed(0)
    encoder = TemporalConvNet(8, layers, kernel)
    reach = (kernel - 1) * (2**layers - 1)
    assert encoder(randn(2, 12, 8)).shape == (2, 12, 8)
    for at in range(12):
        found = touched(encoder, 8, at)
        assert min(found) == at
        assert max(found) == min(at + reach, 11)


def test_a_long_lstm_is_causal_and_a_short_one_sees_the_tail_only() -> None:
    torch.manual_seed(0)
    long, short = RecurrentEncoder(6, 0.0).eval(), RecurrentEncoder(6, 0.0, tail=8).eval()
    assert touched(long, 6, 2) == list(range(2, 12))
    assert touched(short, 6, 2) == [2]
    assert touched(short, 6, 5) == list(range(5, 12))
    x = randn(2, 12, 6)
    assert torch.equal(short(x)[:, :4], x[:, :4])
    assert short(x).shape == x.shape
    for key, steps in (("USE_SHORT_LSTM", [2]), ("USE_LONG_LSTM", list(range(2, 12)))):
        encoder = model_of(**{key: True}).eval().get_submodule(MODULES[key])
        assert touched(encoder, 24, 2) == steps


@pytest.mark.parametrize(("kernel", "dilation", "reach"), [(3, 1, 1), (3, 2, 2), (5, 1, 2)])
def test_the_convolution_sees_both_sides(kernel: int, dilation: int, reach: int) -> None:
    torch.manual_seed(0)
    found = touched(ConvEncoder(16, kernel, dilation).eval(), 16, 6)
    assert found == list(range(6 - reach, 7 + reach, dilation))


# ---- gradients --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "tied"),
    [
        ({"FLATTEN_MODE": "attn"}, {"flatten.attn_pool.bias"}),
        ({"USE_CONV": True}, {"conv.conv.bias"}),
        (
            {"USE_CONV": True, "FLATTEN_MODE": "attn"},
            {"conv.conv.bias", "flatten.attn_pool.bias"},
        ),
        ({"USE_TCN": True, "FLATTEN_MODE": "mean"}, set()),
        ({"USE_LONG_LSTM": True}, set()),
        ({"USE_SHORT_LSTM": True}, set()),
        ({"USE_DELTA": True}, set()),
    ],
)
def test_only_biases_that_cancel_get_no_gradient(given: dict[str, Any], tied: set[str]) -> None:
    norms = series_norms(model_of(**given))
    largest = max(norms.values())
    assert {name for name, norm in norms.items() if norm < 1e-6 * largest} == tied
    assert all(norms[name] < 1e-6 for name in tied)
    assert all(norm > 1e-4 * largest for name, norm in norms.items() if name not in tied)


def first_gradient(**given: Any) -> float:
    model = model_of(**given)
    return series_norms(model)["feature_proj.weight"]


def test_ten_sigmoid_layers_keep_the_gradient_from_the_encoder() -> None:
    shallow = first_gradient(PRED_LAYERS=1, ACTIVATION="relu")
    deep = first_gradient(PRED_LAYERS=10, ACTIVATION="sigmoid")
    assert 0 < deep < 1e-3 * shallow
    assert first_gradient(PRED_LAYERS=1, ACTIVATION="sigmoid") > 1e-3 * shallow


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("layers", [1, 3])
def test_the_head_is_as_deep_as_asked(name: str, layers: int) -> None:
    head = model_of(PRED_LAYERS=layers, ACTIVATION=name, PRED_HIDDEN=10).head_flat
    shapes = [tuple(m.weight.shape) for m in head if isinstance(m, nn.Linear)]
    assert shapes == [(10, 16), *[(10, 10)] * (layers - 1), (1, 10)]
    between = [type(m).__name__ for m in head if not isinstance(m, nn.Linear)]
    expected = {"relu": "ReLU", "gelu": "GELU", "tanh": "Tanh", "sigmoid": "Sigmoid"}
    assert between == [expected[name]] * layers


# ---- initialisation ---------------------------------------------------------------------------


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("scale", [0.02, 3.0])
def test_the_initial_scale_multiplies_matrices_only(encoder: str, scale: float) -> None:
    plain = dict(model_of(**{encoder: True}).named_parameters())
    scaled = dict(model_of(**{encoder: True, "INIT_SCALE": scale}).named_parameters())
    assert list(plain) == list(scaled)
    assert {p.ndim > 1 for p in plain.values()} == {False, True}
    for name, p in plain.items():
        factor = scale if p.ndim > 1 else 1.0
        torch.testing.assert_close(scaled[name], p * factor, msg=name)


# ---- letters ----------------------------------------------------------------------------------


def letters(**given: Any) -> tuple[LettersModel, Tensor]:
    torch.manual_seed(0)
    model = LettersModel(Settings.from_mapping({"TASK": "letters", **given}))
    texts: Tensor = torch.randint(27, (6, 20), generator=torch.Generator().manual_seed(2))
    return model.eval(), texts


def test_attention_rows_sum_to_one_and_log_probabilities_normalise() -> None:
    model, texts = letters(TRANSFORMER_LAYERS=3)
    with torch.no_grad():
        log_probs, maps = model(texts)
    assert log_probs.shape == (6, 20, 3)
    assert [tuple(each.shape) for each in maps] == [(6, 20, 20)] * 3
    for each in maps:
        torch.testing.assert_close(each.sum(2), torch.ones(6, 20))
        assert float(each.min()) >= 0
        assert float((each.sum(1) - 1).abs().max()) > 1e-3
    torch.testing.assert_close(log_probs.exp().sum(2), torch.ones(6, 20))


def test_letters_have_probabilities_in_full_precision_under_autocast() -> None:
    model, texts = letters()
    with torch.autocast("cpu", torch.bfloat16):
        log_probs, maps = model(texts)
    assert log_probs.dtype == maps[0].dtype == torch.float32
    torch.testing.assert_close(log_probs.exp().sum(2), torch.ones(6, 20))


def test_every_position_can_look_at_every_other() -> None:
    model, texts = letters()
    bent = texts.clone()
    bent[:, 7] = (bent[:, 7] + 1) % 27
    with torch.no_grad():
        changed = (model(bent)[0] - model(texts)[0]).abs().amax((0, 2))
    assert float(changed.min()) > 0


def test_the_keys_bias_is_the_only_one_without_a_gradient() -> None:
    model, texts = letters()
    log_probs, _ = model(texts)
    norms = grad_norms(model, nn.functional.nll_loss(log_probs.flatten(0, 1), texts.flatten() % 3))
    dead = {name for name, norm in norms.items() if norm < 1e-6 * max(norms.values())}
    assert dead == {"layers.0.k_proj.bias", "layers.1.k_proj.bias"}
