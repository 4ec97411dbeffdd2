"""Mixed precision changes no result beyond its rounding; the guard lets no bad batch through."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install 'logdiag[trainer]'")

from torch import Tensor, nn  # noqa: E402

from trainer import devices  # noqa: E402
from trainer.hooks import Hooks  # noqa: E402
from trainer.precision import Precision  # noqa: E402
from trainer.records import EpochRecord, SeriesMetrics  # noqa: E402
from trainer.run_files import RunFiles  # noqa: E402
from trainer.settings import Settings  # noqa: E402
from trainer.training import Training  # noqa: E402

CPU = devices.choose("cpu")
_DATA = {"TRAIN_WINDOWS": 128, "VAL_WINDOWS": 64, "AUGMENT_NOISE": 0.0}
_MODEL = {"USE_TCN": True, "TCN_CHANNELS": 8, "PRED_HIDDEN": 8}
_PACE = {"TRAIN_BATCH": 32, "MAX_EPOCHS": 1, "SCHEDULE": "constant"}
TINY: dict[str, Any] = _DATA | _MODEL | _PACE | {"WEIGHT_DECAY": 0.0, "MICRO_SAMPLE_K": 0}
SGD = {"OPTIMIZER": "sgd", "LEARNING_RATE": 0.1}
ONE_STEP = {**TINY, **SGD, "TRAIN_BATCH": 128}


def training(folder: Path, given: dict[str, Any], hooks: Hooks | None = None) -> Training:
    settings = Settings.from_mapping(given)
    files = RunFiles(folder, settings, device="cpu", keeps_checkpoints=False)
    return Training(settings, CPU, files, hooks=hooks)


def weights(run: Training) -> dict[str, Tensor]:
    return {name: p.detach().clone() for name, p in run.model.named_parameters()}


def moved(run: Training) -> tuple[dict[str, Tensor], EpochRecord]:
    """How far one epoch moves the weights, and its record."""
    before = weights(run)
    [record] = run.run().records
    return {name: after - before[name] for name, after in weights(run).items()}, record


def length(parts: dict[str, Tensor]) -> float:
    return math.sqrt(math.fsum(float(part.square().sum()) for part in parts.values()))


# ---- gradients of half precision ---------------------------------------------------------------


@pytest.mark.parametrize(("precision", "close"), [("fp16", 0.01), ("bf16", 0.05)])
def test_gradients_are_measured_in_true_units(tmp_path: Path, precision: str, close: float) -> None:
    _, plain = moved(training(tmp_path, ONE_STEP | {"PRECISION": "fp32"}))
    _, mixed = moved(training(tmp_path, ONE_STEP | {"PRECISION": precision}))
    assert mixed.skipped_batches == 0
    assert mixed.step_grad_norms == pytest.approx(plain.step_grad_norms, rel=close)
    largest = max(tensor.grad_norm for tensor in plain.parameters)
    for one, other in zip(plain.parameters, mixed.parameters, strict=True):
        assert one.name == other.name
        assert other.grad_norm == pytest.approx(one.grad_norm, rel=close, abs=close * largest)


class ClipsBefore(Hooks):
    """The classic mistake."""

    clips_before_unscaling = True


@pytest.mark.parametrize("precision", ["fp32", "fp16", "bf16"])
def test_clipping_works_on_unscaled_gradients(tmp_path: Path, precision: str) -> None:
    given = ONE_STEP | {"CLIPNORM": 0.05, "PRECISION": precision}
    found, record = moved(training(tmp_path, given))
    assert record.step_grad_norms[0] > 0.5
    assert length(found) == pytest.approx(0.1 * 0.05, rel=0.01)
    plain, _ = moved(training(tmp_path, given | {"PRECISION": "fp32"}))
    away = {name: found[name] - plain[name] for name in plain}
    assert length(away) < 0.05 * length(plain)


def test_clipping_before_unscaling_leaves_next_to_nothing(tmp_path: Path) -> None:
    given = ONE_STEP | {"CLIPNORM": 0.05, "PRECISION": "fp16"}
    right, _ = moved(training(tmp_path, given))
    wrong, _ = moved(training(tmp_path, given, ClipsBefore()))
    assert 0 < length(wrong) < 1e-3 * length(right)
    plain, _ = moved(training(tmp_path, given | {"PRECISION": "fp32"}, ClipsBefore()))
    assert length(plain) == pytest.approx(length(right), rel=0.01)


class Enlarged(Hooks):
    """One loss so large that half precision cannot hold its gradients."""

    def on_loss(self, epoch: int, step: int, loss: Tensor) -> Tensor:
        return loss * 1e6 if step == 2 else loss


def test_an_overflow_updates_nothing_and_halves_the_loss_scale(tmp_path: Path) -> None:
    given = TINY | {"PRECISION": "fp16"}
    _, calm = moved(training(tmp_path, given))
    watch = Watched(Enlarged())
    _, record = moved(training(tmp_path, given, watch))
    assert calm.loss_scale is not None and record.loss_scale == calm.loss_scale / 2
    assert record.skipped_batches == 1
    assert watch.unchanged == [False, False, True, False]


def test_only_fp16_has_a_loss_scale(tmp_path: Path) -> None:
    for name in ("fp32", "bf16"):
        assert moved(training(tmp_path, TINY | {"PRECISION": name}))[1].loss_scale is None
    assert Precision("fp16", CPU).loss_scale == 65536


@pytest.mark.parametrize(
    ("precision", "dtype"), [("bf16", "bfloat16"), ("fp16", "float16"), ("fp32", "float32")]
)
def test_predictions_are_full_precision_before_any_figure(
    tmp_path: Path, precision: str, dtype: str
) -> None:
    run = training(tmp_path, TINY | {"PRECISION": precision, "USE_DELTA": True})
    x, y = next(run.task.train.batches(32))
    with run.precision.autocast():
        raw = run.model(x)
        loss, outputs = run.task.forward(run.model, x, y)
    assert {raw.base.dtype, raw.delta.dtype} == {getattr(torch, dtype)}
    assert {out.dtype for out in (loss, *outputs)} == {torch.float32}


# ---- the guard --------------------------------------------------------------------------------


class Poisoned(Hooks):
    """One loss that is not finite."""

    def __init__(self, value: float, step: int) -> None:
        self.value, self.step = value, step

    def on_loss(self, epoch: int, step: int, loss: Tensor) -> Tensor:
        return loss * self.value if step == self.step else loss


class Shifted(Hooks):
    """One loss that is nan although its gradients are finite."""

    def on_loss(self, epoch: int, step: int, loss: Tensor) -> Tensor:
        return loss + math.nan if step == 2 else loss


class Watched(Hooks):
    """Bends what the inner hooks bend, and notes losses and which steps changed nothing at all."""

    def __init__(self, inner: Hooks) -> None:
        self.inner = inner
        self.run: Training | None = None
        self.losses: list[float] = []
        self.unchanged: list[bool] = []
        self._before: list[Tensor] = []

    def on_loss(self, epoch: int, step: int, loss: Tensor) -> Tensor:
        loss = self.inner.on_loss(epoch, step, loss)
        self.losses.append(float(loss.detach()))
        self._before = self._state()
        return loss

    def on_model(self, model: nn.Module) -> None:
        self._model = model

    def on_update(self, epoch: int, step: int, model: nn.Module) -> None:
        pairs = zip(self._before, self._state(), strict=False)
        self.unchanged.append(all(torch.equal(a, b) for a, b in pairs))

    def _state(self) -> list[Tensor]:
        """Weights, and the optimizer's moments and step counts, copied."""
        found = [p.detach() for p in self._model.parameters()]
        if self.run is not None:
            kept = self.run.optimizer.state.values()
            found += [part for state in kept for part in state.values()]
        return [part.clone() for part in found]


def watched(folder: Path, given: dict[str, Any], inner: Hooks) -> tuple[Training, Watched]:
    watch = Watched(inner)
    watch.run = training(folder, given, watch)
    return watch.run, watch


def all_finite(run: Training) -> bool:
    return all(bool(p.isfinite().all()) for p in run.model.parameters())


def figures(record: EpochRecord) -> list[float]:
    assert isinstance(record.series, SeriesMetrics)
    series = record.series
    splits = [x for m in (series.train, series.val) for x in (m.rmse, m.mae, m.r2)]
    losses = [record.train_loss, record.val_loss, series.base_loss, series.delta_loss]
    return [*splits, *losses, series.base_rmse, series.val_base_rmse, series.slope_rmse]


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_bad_loss_changes_nothing(
    tmp_path: Path, optimizer: str, precision: str, value: float
) -> None:
    given = TINY | {"OPTIMIZER": optimizer, "PRECISION": precision, "USE_DELTA": True}
    run, watch = watched(tmp_path, given, Poisoned(value, 2))
    _, record = moved(run)
    assert len(run.optimizer.state) == len(list(run.model.parameters()))
    assert watch.unchanged == [False, False, True, False]
    assert record.skipped_batches == 1
    assert all_finite(run) and all(map(math.isfinite, figures(record)))


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_a_bad_loss_with_finite_gradients_is_kept_out_too(tmp_path: Path, precision: str) -> None:
    run, watch = watched(tmp_path, TINY | {"PRECISION": precision}, Shifted())
    _, record = moved(run)
    assert [math.isnan(norm) for norm in record.step_grad_norms] == [False, False, True, False]
    assert watch.unchanged == [False, False, True, False]
    assert record.skipped_batches == 1 and all(map(math.isfinite, figures(record)))


def test_figures_are_those_of_the_batches_that_counted(tmp_path: Path) -> None:
    run, watch = watched(tmp_path, TINY | {"PRECISION": "fp32"}, Poisoned(math.nan, 2))
    _, record = moved(run)
    good = [loss for loss in watch.losses if math.isfinite(loss)]
    assert len(good) == 3
    assert record.train_loss == pytest.approx(math.fsum(good) / 3, rel=1e-5)
    assert record.series is not None
    assert record.series.base_loss == pytest.approx(record.train_loss, rel=1e-5)
    assert record.series.train.rmse == pytest.approx(math.sqrt(record.train_loss), rel=1e-5)
    assert math.isnan(record.step_grad_norms[2])


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_without_the_guard_the_weights_are_lost(
    tmp_path: Path, optimizer: str, precision: str
) -> None:
    given = TINY | {"NAN_GUARD": False, "OPTIMIZER": optimizer, "PRECISION": precision}
    run = training(tmp_path, given, Poisoned(math.nan, 2))
    _, record = moved(run)
    assert all(bool(p.isnan().all()) for p in run.model.parameters())
    assert record.skipped_batches == 0
    assert math.isnan(record.train_loss) and math.isnan(record.val_loss)


def test_the_guard_changes_nothing_where_all_is_well(tmp_path: Path) -> None:
    for precision in ("fp32", "bf16", "fp16"):
        given = TINY | {"PRECISION": precision}
        guarded, _ = moved(training(tmp_path, given))
        free, _ = moved(training(tmp_path, given | {"NAN_GUARD": False}))
        assert all(torch.equal(guarded[name], free[name]) for name in guarded)


def test_an_epoch_of_bad_batches_alone_has_no_training_figures(tmp_path: Path) -> None:
    given = ONE_STEP | {"PRECISION": "fp32", "OPTIMIZER": "adamw"}
    run, watch = watched(tmp_path, given, Poisoned(math.nan, 0))
    _, record = moved(run)
    assert watch.unchanged == [True] and record.skipped_batches == 1
    assert math.isnan(record.train_loss) and math.isfinite(record.val_loss)
    assert record.series is not None and math.isnan(record.series.train.rmse)


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_a_bad_loss_in_the_very_first_step_changes_nothing_either(
    tmp_path: Path, optimizer: str, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory that nobody wrote to is nan here, so that reading it shows."""
    given = TINY | {"OPTIMIZER": optimizer, "PRECISION": precision}
    monkeypatch.setattr(torch, "empty_like", lambda like, **rest: torch.full_like(like, math.nan))
    run, watch = watched(tmp_path, given, Poisoned(math.nan, 0))
    _, record = moved(run)
    assert watch.unchanged == [True, False, False, False]
    assert record.skipped_batches == 1
    assert all_finite(run) and all(map(math.isfinite, figures(record)))
