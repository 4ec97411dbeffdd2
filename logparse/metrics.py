"""The canonical metric names: one name, one meaning, in every dialect and format.

Columns of `Run.epochs` carry these names. A name may be followed by `/<part>` (a module, a
layer, an optimizer group): `grad_norm/transformer` has the unit and direction of `grad_norm`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class Better(StrEnum):
    """Which direction of a metric is an improvement; `NEITHER` for facts without one."""

    LOWER = "lower"
    HIGHER = "higher"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Metric:
    """What a column means: canonical name, unit ('' when dimensionless), better direction."""

    name: str
    unit: str
    better: Better
    meaning: str

    @property
    def split(self) -> str:
        """`train`, `val`, or '' for a metric that belongs to neither."""
        head = self.name.partition("_")[0]
        return head if head in ("train", "val") else ""


_LOW, _HIGH, _NONE = Better.LOWER, Better.HIGHER, Better.NEITHER

_MORE = (
    ("mse", "", _LOW, "mean squared error"),
    ("accuracy_top5", "", _HIGH, "share with the right class among the five likeliest"),
    ("perplexity", "", _LOW, "exp of the mean cross-entropy of a token"),
    ("map", "", _HIGH, "mean average precision over the thresholds of the task"),
    ("map50", "", _HIGH, "mean average precision at an overlap of 0.5"),
    ("f1", "", _HIGH, "harmonic mean of precision and recall"),
    ("auc", "", _HIGH, "area under the ROC curve"),
    ("reward", "", _HIGH, "mean reward of an episode or an answer"),
    ("bpb", "bits", _LOW, "cross-entropy in bits per byte"),
)


def _on_both_sets() -> Iterator[Metric]:
    for split, words in (("train", "training"), ("val", "validation")):
        for name, unit, better, meaning in _MORE:
            yield Metric(f"{split}_{name}", unit, better, f"{meaning}, {words} set")


_TABLE = (
    Metric("lr", "", _NONE, "learning rate of the first optimizer group at the epoch's end"),
    Metric("lr_main", "", _NONE, "representative learning rate, as printed beside lr"),
    Metric("opt_groups", "", _NONE, "number of optimizer parameter groups"),
    Metric("opt_lr", "", _NONE, "learning rate of one optimizer group"),
    Metric("opt_params", "", _NONE, "number of tensors in one optimizer group"),
    Metric("train_loss", "", _LOW, "mean of the main training objective"),
    Metric(
        "train_batch_loss", "", _LOW, "mean of the losses of batches, of all or of those printed"
    ),
    Metric("train_rmse", "", _LOW, "root mean squared error on the training set"),
    Metric("train_mae", "", _LOW, "mean absolute error on the training set"),
    Metric("train_r2", "", _HIGH, "coefficient of determination on the training set"),
    Metric("train_accuracy", "", _HIGH, "share of the training samples that are classified right"),
    Metric("train_dir_accuracy", "%", _HIGH, "steps whose direction is right, printed batches"),
    Metric("train_base_rmse", "", _LOW, "training RMSE of the base prediction alone"),
    Metric("train_delta_rmse", "", _LOW, "training RMSE with the delta head; absent without one"),
    Metric("val_loss", "", _LOW, "mean of the main objective on the validation set"),
    Metric("val_rmse", "", _LOW, "root mean squared error on the validation set"),
    Metric("val_mae", "", _LOW, "mean absolute error on the validation set"),
    Metric("val_r2", "", _HIGH, "coefficient of determination on the validation set"),
    Metric("val_accuracy", "", _HIGH, "share of the validation samples that are classified right"),
    Metric("val_dir_accuracy", "%", _HIGH, "steps whose direction is right, validation set"),
    Metric("val_base_rmse", "", _LOW, "validation RMSE of the base prediction alone"),
    Metric("val_delta_rmse", "", _LOW, "validation RMSE with the delta head; absent without one"),
    *_on_both_sets(),
    Metric("base_rmse", "", _LOW, "train_base_rmse again, as the loss field prints it"),
    Metric("delta_rmse", "", _LOW, "train_delta_rmse again, as the loss field prints it"),
    Metric("aux_enabled", "", _NONE, "1 when the auxiliary head is on, 0 when disabled"),
    Metric("aux_loss", "", _LOW, "loss of the auxiliary or delta head"),
    Metric("aux_ratio", "", _NONE, "auxiliary loss over main loss"),
    Metric("sched_pct", "%", _NONE, "share of the learning-rate schedule that has passed"),
    Metric("slope_rmse", "", _LOW, "trend calibration error on the validation set"),
    Metric("slip", "", _NONE, "slip fraction of the hub"),
    Metric("hub_max", "", _NONE, "largest hub weight"),
    Metric("beats_base_share", "", _HIGH, "share of validation samples better than the base"),
    Metric("grad_norm", "", _NONE, "L2 norm of all gradients of the epoch's last batch"),
    Metric("grad_norm_median", "", _NONE, "upper median of the per-tensor gradient norms"),
    Metric("grad_norm_p90", "", _NONE, "index-based 90th percentile of the per-tensor norms"),
    Metric("grad_norm_max", "", _NONE, "largest per-tensor gradient norm"),
    Metric("grad_norm_step_max", "", _NONE, "largest total gradient norm of the epoch's steps"),
    Metric("grad_norm_step_min", "", _NONE, "smallest total gradient norm of the epoch's steps"),
    Metric("update_ratio_median", "", _NONE, "median of lr*|g|/|w| over tensors (a proxy)"),
    Metric("update_ratio_max", "", _NONE, "largest lr*|g|/|w| over tensors (a proxy)"),
    Metric("zero_grad_params", "", _NONE, "number of tensors with a gradient norm <= 1e-6"),
    Metric("layer_grad_norm", "", _NONE, "gradient norm of one monitored layer"),
    Metric("layer_grad_ratio", "", _NONE, "the layer's gradient norm over its first one"),
    Metric("max_weight_change", "", _NONE, "largest change in the first tensor; 0 if not known"),
    Metric("num_batches", "", _NONE, "number of batches in the epoch"),
    Metric("skipped_batches", "", _LOW, "batches that updated no weights"),
    Metric("loss_scale", "", _NONE, "factor of the loss scaler at the epoch's end"),
    Metric("elapsed_s", "s", _NONE, "wall-clock time of the epoch"),
    Metric("throughput", "samples/s", _HIGH, "samples (or segments) per second"),
    Metric("batches_per_s", "batches/s", _HIGH, "training batches per second"),
    Metric("gpu_gib", "GiB", _NONE, "high-water mark of allocated GPU memory"),
    Metric("rss_gib", "GiB", _NONE, "main memory that the process holds"),
    Metric("step", "steps", _NONE, "optimizer steps done"),
    Metric("tokens", "tokens", _NONE, "tokens trained on so far"),
    Metric("samples", "samples", _NONE, "samples trained on so far"),
    Metric("since_start_s", "s", _NONE, "wall-clock time since the start"),
    Metric("clock_s", "s", _NONE, "wall-clock time since 1970, UTC"),
    Metric("step_time_s", "s", _NONE, "wall-clock time of a step"),
    Metric("data_time_s", "s", _NONE, "part of step_time_s that waits for data"),
    Metric("tokens_per_s", "tokens/s", _HIGH, "tokens trained on per second"),
    Metric("checkpoint_flag", "", _NONE, "flag as printed: tells of the epoch before"),
    Metric("checkpoint", "", _NONE, "1 when this epoch's weights were saved, absent if unknown"),
)

KINDS = ("rmse", "loss", "mae", "r2", "accuracy")
OTHER_KINDS = (
    *("perplexity", "bpb", "mse", "map", "map50", "auc", "f1", "accuracy_top5", "reward"),
)
MAIN_METRICS = (
    *(f"val_{kind}" for kind in (*KINDS, *OTHER_KINDS)),
    "train_reward",
    *(f"train_{kind}" for kind in (*KINDS, *OTHER_KINDS[:-1])),
)
"""Metrics by which a run is judged, the first that is there."""
METRICS: dict[str, Metric] = {metric.name: metric for metric in _TABLE}


def metric(column: str) -> Metric | None:
    """The metric a column of `Run.epochs` holds, or None for a column of the log's own making."""
    return METRICS.get(column.partition("/")[0])


_LOWER_WORDS = frozenset(
    (
        *("loss", "losses", "error", "err", "wer", "cer", "ter", "eer", "fid", "kid", "perplexity"),
        *("ppl", "mse", "mae", "rmse", "mape", "smape", "mase", "nll", "bpb", "bpc", "kl", "ece"),
        *("brier", "logloss", "crps", "ade", "fde", "hausdorff", "lpips", "deviance"),
    )
)
_HIGHER_WORDS = frozenset(
    (
        *("accuracy", "acc", "r2", "auc", "auroc", "auprc", "f1", "fbeta", "map", "ap", "ar"),
        *("mar", "bleu", "sacrebleu", "chrf", "rouge", "rougel", "meteor", "cider", "iou", "miou"),
        *("giou", "jaccard", "dice", "ndcg", "mrr", "hit", "hits", "recall", "precision", "score"),
        *("psnr", "ssim", "kappa", "mcc", "matthews", "reward", "rewards", "return"),
        *(
            "success",
            "exact",
            "pass",
            "spearman",
            "pearson",
            "bertscore",
            "sensitivity",
            "specificity",
            "top",
        ),
    )
)
_NO_METRIC = frozenset(
    (
        "runtime",
        "time",
        "second",
        "seconds",
        "sec",
        "samples",
        "steps",
        "count",
        "num",
        "size",
        "lr",
    )
)
_HIGHER_ENDS = ("accuracy", "acc", "r2", "auc", "f1", "map")
_SPLITS = ("train_", "val_")
_BOUNDLESS = frozenset(["reward", "rewards", "return", "score", "psnr", "cider"])
"""Higher is better, but nothing is perfect."""


def better_by_name(column: str) -> Better | None:
    """The direction that a metric's name tells, where it is not in the table; None for none."""
    words = _words(column)
    if words & _LOWER_WORDS:
        return Better.LOWER
    return Better.HIGHER if words & _HIGHER_WORDS else None


def direction(column: str, told: Mapping[str, Better] | None = None) -> Better:
    """Which way the column improves: as the user has told, as is known, or as its name says.

    Neither way for a metric of a split of which nothing is known; others are better lower.
    """
    if told and column in told:
        return told[column]
    known, named = metric(column), better_by_name(column)
    if known is not None:
        return known.better
    if column.casefold().endswith(_HIGHER_ENDS):
        return Better.HIGHER
    is_unknown = named is None and column.startswith(_SPLITS)
    return Better.NEITHER if is_unknown else named or Better.LOWER


def without_direction(
    columns: Iterable[str], told: Mapping[str, Better] | None = None
) -> tuple[str, ...]:
    """Metrics of a split of which nobody knows whether lower or higher is better."""
    unknown = (name for name in columns if metric(name) is None)
    unknown = (name for name in unknown if direction(name, told) is Better.NEITHER)
    return tuple(name for name in unknown if not _words(name) & _NO_METRIC)


def is_boundless(column: str) -> bool:
    """True for rewards and scores, which have no best value and may pass zero."""
    return bool(_words(column) & _BOUNDLESS)


def _words(column: str) -> set[str]:
    """The words of a name, with and without the digits at their end: `map50` is `map` too."""
    words = set(re.findall(r"[a-z0-9]+", column.casefold()))
    return words | {word.rstrip("0123456789") for word in words}


def ordered(columns: Iterable[str]) -> list[str]:
    """Columns in the order of the table above: epoch first, unknown ones last, then line."""
    rank = {name: at for at, name in enumerate(("epoch", *METRICS))}
    last = len(rank)
    return sorted(
        columns, key=lambda c: last + 1 if c == "line" else rank.get(c.partition("/")[0], last)
    )
