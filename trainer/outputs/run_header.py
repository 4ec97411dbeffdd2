"""The header of a run in the run log: everything that is known before the first epoch."""

from collections.abc import Mapping
from datetime import UTC, datetime

from trainer.outputs.legend import legend
from trainer.records import Baselines, RunHeader

RULE = "-" * 150


def header(known: RunHeader, dialect: str) -> str:
    """The header's text, every line ended, for dialect `F2` or `G`.

    What is not known leaves no line: `baselines` of None, empty `settings`, empty `micro`.
    """
    lines = [
        *("", RULE, f"RUN START: {_stamp(known.started)}", ""),
        *legend(dialect),
        *_baselines(known.baselines),
        *_settings(known.settings),
        *("", " | ".join((_optimizer(known), _model(known), _size(known)))),
        _batch_shape(known.batch_shape),
        *_micro(known.micro),
    ]
    return "".join(f"{line}\n" for line in lines)


def human_bytes(count: int) -> str:
    """A size in binary units: `2.35MB`, `159.4KB`, `68B`."""
    if count >= 1 << 20:
        return f"{count / (1 << 20):.2f}MB"
    return f"{count / 1024:.1f}KB" if count >= 1024 else f"{count}B"


def _stamp(moment: datetime) -> str:
    """An aware time in UTC, ending in Z; microseconds are left out when they are zero."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _baselines(rmse: Baselines | None) -> list[str]:
    if rmse is None:
        return []
    return [
        *("", "BASELINES:"),
        f"  TRAIN mean RMSE        = {rmse.train_mean:.5f}",
        f"  TRAIN persistence RMSE = {rmse.train_persistence:.5f}",
        f"  VAL   mean RMSE        = {rmse.val_mean:.5f}",
        f"  VAL   persistence RMSE = {rmse.val_persistence:.5f}",
    ]


def _settings(settings: Mapping[str, object]) -> list[str]:
    rows = [f"  {key} = {value}" for key, value in settings.items()]
    return ["", "HYPERPARAMS:", *rows] if rows else []


def _optimizer(known: RunHeader) -> str:
    rates = [f"{lr:.1e}" for lr in known.group_lrs]
    counts = list(known.group_counts)
    return f"DEBUG_OPT GROUPS={len(rates)} LRS={rates} COUNTS={counts}"


def _model(known: RunHeader) -> str:
    total, trainable = known.total_params, known.trainable_params
    frozen = total - trainable
    return f"MODEL_STATIC: total_params={total:,} trainable={trainable:,} frozen={frozen:,}"


def _size(known: RunHeader) -> str:
    return f"param_bytes={human_bytes(known.param_bytes)}"


def _batch_shape(shape: tuple[int, int, int, int]) -> str:
    samples, groups, length, features = shape
    return f"BATCH_SHAPE B={samples} groups={groups} seq_len_full={length} feat={features}"


def _micro(measured: Mapping[str, object]) -> list[str]:
    pairs = [f"{key}={_micro_text(key, measured[key])}" for key in sorted(measured)]
    return [f"MICRODETAIL ms: {' '.join(pairs)}"] if pairs else []


def _micro_text(key: str, value: object) -> str:
    """A value as its key wants it: bytes in binary units, shapes as tuples, 2 decimals."""
    if isinstance(value, int) and any(part in key for part in ("bytes", "cpu_copy", "windows")):
        return human_bytes(value)
    if isinstance(value, tuple):
        return str(tuple(value))  # a subclass would print its own name
    return f"{value:.2f}" if isinstance(value, float) else str(value)
