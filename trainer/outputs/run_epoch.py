"""The block of one epoch in the run log."""

import math
from collections.abc import Iterable, Mapping, Sequence

from trainer.errors import TrainerError
from trainer.records import EpochRecord, Regression, SeriesMetrics, TensorNorms

_SHOWN_RATES = 3


def epoch_block(
    record: EpochRecord,
    dialect: str,
    first: Mapping[str, float] | None,
    counts: Sequence[int] | None = None,
) -> str:
    """A blank line and the epoch's lines, every one ended: two in `F2`, three or four in `G`.

    first   gradient norms of the log's first epoch by full tensor name, None in that epoch
    counts  tensors of each optimizer group; not printed when None

    Raises TrainerError for an epoch without regression metrics, which the format is made of.
    """
    if record.series is None:
        raise TrainerError(f"epoch {record.epoch}: a run log needs the metrics of a regression")
    is_g = dialect == "G"
    fields = [
        *_gradients(record, counts),
        *([] if is_g else [f"LR_MAIN={record.lr:.1e}"]),
        f"lr={record.lr:.1e}",
        *_metrics(record.series),
        _schedule(record),
        *_trend(record.series),
        *_machine(record),
        "" if is_g else _layers(record.parameters, first),
    ]
    bar = " | " if is_g else ""
    lines = ["", " | ".join(fields), f"G/U={_parameters(record)}{bar}"]
    if is_g:
        lines += _g_lines(record, record.series)
    return "".join(f"{line}\n" for line in lines)


def short_name(name: str) -> str:
    """The last three segments of a tensor's path name."""
    return ".".join(name.split(".")[-3:])


def _rank(norm: float) -> float:
    """What to sort by: nan counts as the largest number, so that no list hides it."""
    return math.inf if math.isnan(norm) else norm


def _ratio(tensor: TensorNorms, lr: float) -> float:
    return lr * tensor.grad_norm / max(tensor.weight_norm, 1e-8)


def _gradients(record: EpochRecord, counts: Sequence[int] | None) -> list[str]:
    norms = sorted((t.grad_norm for t in record.parameters), key=_rank)
    ratios = sorted((_ratio(t, record.lr) for t in record.parameters), key=_rank)
    shown = [f"{_at(norms, share):.1e}" for share in ("median", "p90", "max")]
    return [
        f"E{record.epoch:02d}",
        _groups(record.group_lrs, counts),
        _group_norms(record.parameters),
        f"GD[{','.join(shown)}]",
        f"UR[{_at(ratios, 'median'):.1e},{_at(ratios, 'max'):.1e}]",
    ]


def _at(ascending: Sequence[float], share: str) -> float:
    """Upper median, 90th percentile by index, or largest; 0 of none."""
    if not ascending:
        return 0.0
    size = len(ascending)
    index = {"median": size // 2, "p90": math.floor(0.9 * (size - 1)), "max": size - 1}
    return ascending[index[share]]


def _groups(rates: Sequence[float], counts: Sequence[int] | None) -> str:
    shown = [f"{lr:.1e}" for lr in rates[:_SHOWN_RATES]]
    more = ["..."] if len(rates) > _SHOWN_RATES else []
    sizes = "" if counts is None else f"|cnts={list(counts)}"
    return f"OPTS[{len(rates)}:{','.join(shown + more)}{sizes}]"


def _group_norms(parameters: Iterable[TensorNorms]) -> str:
    """Gradient norms by first name segment, falling, and of all tensors together."""
    groups: dict[str, list[float]] = {}
    for tensor in parameters:
        groups.setdefault(tensor.name.split(".", 1)[0], []).append(tensor.grad_norm)
    norms = {name: math.hypot(*found) for name, found in groups.items()}
    named = [f"{name}={norms[name]:.3f}" for name in sorted(norms, key=lambda n: -_rank(norms[n]))]
    return f"GN[{','.join(named)},TOT={math.hypot(*norms.values()):.3f}]"


def _metrics(series: SeriesMetrics) -> list[str]:
    base, delta = series.base_rmse, series.delta_rmse
    losses = f"BASE_LOSS={series.base_loss:.4e},DELTA_LOSS={series.delta_loss:.4e}"
    ratio = f"DELTA_RATIO={_quotient(series.delta_loss, series.base_loss):.3e}"
    return [
        f"TR[{_regression(series.train)},BASE_RMSE={base:.4f},DELTA_RMSE={delta:.4f}]",
        f"VAL[{_regression(series.val)},BASE_RMSE={series.val_base_rmse:.4f}]",
        f"{losses},{ratio},BASE_RMSE={base:.5f},DELTA_RMSE={delta:.5f}",
    ]


def _regression(metrics: Regression) -> str:
    return f"{metrics.rmse:.4f},{metrics.mae:.4f},{metrics.r2:.4f}"


def _quotient(part: float, whole: float) -> float:
    """part / whole; 0 for no part at all, inf for a part of nothing."""
    if part == 0:
        return 0.0
    return part / whole if whole else part * math.inf


def _schedule(record: EpochRecord) -> str:
    return "" if record.sched_pct is None else f"SCHED_PCT={record.sched_pct:.1f}%"


def _trend(series: SeriesMetrics) -> list[str]:
    return [
        f"SR={series.slope_rmse:.3f}",
        "SL=0.00,HR=0.000",
        f"FMB={series.improved_share:.4f}",
    ]


def _machine(record: EpochRecord) -> list[str]:
    return [
        f"T={record.elapsed_s:.1f}s,TP={record.throughput:.1f}seg/s",
        f"chk={record.checkpointed:d}",
        f"GPU={record.gpu_gib:.2f}GiB",
    ]


def _layers(parameters: Iterable[TensorNorms], first: Mapping[str, float] | None) -> str:
    """LAYER_GN of the first and the last weight matrix; empty without one."""
    weights = [t for t in parameters if "weight" in t.name.rpartition(".")[2]]
    ends = {short_name(t.name): t for t in (weights[:1] + weights[-1:])}
    shown = [f"{name}:{t.grad_norm:.3e}/{_growth(t, first):.2f}" for name, t in ends.items()]
    return f"LAYER_GN[{','.join(shown)}]" if shown else ""


def _growth(tensor: TensorNorms, first: Mapping[str, float] | None) -> float:
    """The gradient norm over that of the first epoch."""
    before = (first or {}).get(tensor.name, tensor.grad_norm)
    return tensor.grad_norm / max(before, 1e-12)


def _parameters(record: EpochRecord) -> str:
    """The G/U list: of equal short names the largest gradient, sorted by falling gradient."""
    falling = sorted(record.parameters, key=lambda tensor: -_rank(tensor.grad_norm))
    shown: dict[str, str] = {}
    for tensor in falling:
        name, ratio = short_name(tensor.name), _ratio(tensor, record.lr)
        shown.setdefault(name, f"{name}:{tensor.grad_norm:.1e}/{ratio:.1e}")
    return ",".join(shown.values())


def _g_lines(record: EpochRecord, series: SeriesMetrics) -> list[str]:
    """FEAT_TOP, and what was saved straight after this epoch."""
    ranked = sorted(series.features, key=lambda feature: -_rank(feature[1]))
    lines = ["FEAT_TOP=" + ",".join(f"{name}:{weight:.2e}" for name, weight in ranked)]
    if record.saved_path is not None:
        lines.append(f"CHKPT SAVED val={series.val.rmse:.3f} path={record.saved_path}")
    return lines
