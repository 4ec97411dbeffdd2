"""What the trainer knows of a run and of an epoch: frozen records, before any formatting.

The writers in `outputs/` print them, so that a log says what was measured and nothing else. A
figure that is not known (GPU memory on a CPU, accuracy in a regression) is None or absent.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Baselines:
    """RMSE of the naive forecasts: the training mean, and the last value repeated."""

    train_mean: float
    train_persistence: float
    val_mean: float
    val_persistence: float


@dataclass(frozen=True)
class RunHeader:
    """Everything known before the first epoch.

    started        when it began, an aware time
    settings       the run's own settings, in the order in which they are printed
    group_lrs      learning rate of each optimizer group at the start
    group_counts   parameter tensors of each optimizer group
    param_bytes    bytes of all parameters
    batch_shape    samples, windows per sample, timesteps, features of the measured batch
    micro          one measurement of the first batch (snapshot.py), by MICRODETAIL key: numbers
                   in the key's unit, bytes as ints, shapes as tuples, absent if unknown
    """

    started: datetime
    settings: Mapping[str, object]
    baselines: Baselines | None
    group_lrs: tuple[float, ...]
    group_counts: tuple[int, ...]
    total_params: int
    trainable_params: int
    param_bytes: int
    batch_shape: tuple[int, int, int, int]
    micro: Mapping[str, object]


@dataclass(frozen=True)
class TensorNorms:
    """One parameter tensor at the end of an epoch, under its full path name.

    `grad_norm` is the L2 norm of the last batch's gradient, unscaled and before clipping;
    `weight_norm` that of the weights after the last update.
    """

    name: str
    grad_norm: float
    weight_norm: float


@dataclass(frozen=True)
class Regression:
    """Metrics of one pass over a split."""

    rmse: float
    mae: float
    r2: float


@dataclass(frozen=True)
class SeriesMetrics:
    """What the regression task measures in an epoch.

    base_loss, delta_loss   mean training losses of the two heads; delta_loss is 0 without one
    base_rmse, val_base_rmse   RMSE of the base prediction alone
    delta_rmse              training RMSE of base and delta head together, nan without one
    slope_rmse              RMSE between predicted and true differences of successive windows
    improved_share          share of validation samples where the delta head helps, 0 without one
    features                input features with the weight that the model gives them
    """

    train: Regression
    val: Regression
    base_loss: float
    delta_loss: float
    base_rmse: float
    val_base_rmse: float
    slope_rmse: float
    delta_rmse: float = math.nan
    improved_share: float = 0.0
    features: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class EpochRecord:
    """One finished epoch.

    lr, group_lrs     learning rates at the end of the epoch, of the first and of every group
    sched_pct         per cent of the planned optimizer steps that are done
    train_loss        mean loss over the batches that counted; nan when there was none
    train_accuracy, val_accuracy   shares between 0 and 1, None in a regression
    step_grad_norms   total gradient norm of every step, also of skipped ones, before clipping
    max_weight_change largest absolute change of a weight of the first tensor in the epoch
    skipped_batches   batches that the guard or the loss scaler kept from updating the weights
    loss_scale        the loss scaler's factor at the end, None without a scaler
    elapsed_s         wall-clock seconds of the epoch; throughput is windows a second
    total_s           wall-clock seconds since the training began
    gpu_gib           most memory allocated on the GPU, 0 without one
    checkpointed      whether the epoch before this one was saved as the best so far
    saved_path        where this epoch was saved, None if it was not the best
    """

    epoch: int
    lr: float
    group_lrs: tuple[float, ...]
    sched_pct: float | None
    train_loss: float
    val_loss: float
    step_grad_norms: tuple[float, ...]
    max_weight_change: float
    elapsed_s: float
    throughput: float
    total_s: float
    gpu_gib: float
    checkpointed: bool
    parameters: tuple[TensorNorms, ...]
    skipped_batches: int = 0
    loss_scale: float | None = None
    series: SeriesMetrics | None = None
    train_accuracy: float | None = None
    val_accuracy: float | None = None
    saved_path: str | None = None
