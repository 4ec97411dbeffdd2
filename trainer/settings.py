"""The settings of a run: the names of the run log's HYPERPARAMS block, checked before training.

A configuration is a flat TOML file of these keys. Only what a run really uses is printed in its
log: the keys of the schedule that was chosen, not those of the others.
"""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from trainer.errors import TrainerError

ENCODERS = ("USE_CONV", "USE_TCN", "USE_SHORT_LSTM", "USE_TRANSFORMER", "USE_LONG_LSTM")
"""Exclusive: a run has exactly one of them."""


_SERIES_ONLY = (
    *("FEATURES", "LOOK_BACK", "TARGET_", "AUGMENT_", "USE_", "CONV_", "TCN_", "SHORT_", "LONG_"),
    *("DROPOUT_SHORT", "DROPOUT_LONG", "TRANSFORMER_HEADS", "FLATTEN_", "PRED_", "ACTIVATION"),
    *("INIT_", "LAST_", "HUBER_", "LAMBDA_", "MICRO_"),
)
"""How the names of settings begin that the letters task has no use for."""
_BELOW_ONE = ("TARGET_INERTIA", "ALPHA_SMOOTH", "LR_FACTOR")
_LARGEST = 2**31 - 1
_POSITIVE = 1e-12


def _of(
    default: object, *, choices: tuple[str, ...] = (), needs: str = "", least: float = 0
) -> Any:
    """A field: its default, its choices or least value, and the SCHEDULE values that use it."""
    about = {"choices": choices, "needs": tuple(needs.split()), "least": least}
    return field(default=default, metadata=about)


@dataclass(frozen=True)
class Settings:
    """Every setting with its default; units are epochs unless the name says steps or batch."""

    TASK: str = _of("series", choices=("series", "letters"))
    SEED: int = 0
    FEATURES: int = _of(6, least=6)
    TRAIN_WINDOWS: int = _of(1280, least=8)
    VAL_WINDOWS: int = _of(384, least=8)
    LOOK_BACK: int = _of(12, least=8)
    TARGET_NOISE: float = 0.25
    TARGET_INERTIA: float = 0.0
    AUGMENT_NOISE: float = 0.15
    AUGMENT_OFF_LAST: int = 0
    USE_CONV: bool = False
    CONV_K: int = _of(3, least=1)
    CONV_DILATION: int = _of(1, least=1)
    CONV_CHANNELS: int = _of(32, least=1)
    USE_TCN: bool = False
    TCN_LAYERS: int = _of(2, least=1)
    TCN_KERNEL: int = _of(3, least=2)
    TCN_CHANNELS: int = _of(16, least=1)
    USE_SHORT_LSTM: bool = False
    SHORT_UNITS: int = _of(24, least=1)
    DROPOUT_SHORT: float = 0.1
    USE_TRANSFORMER: bool = True
    TRANSFORMER_D_MODEL: int = _of(16, least=1)
    TRANSFORMER_LAYERS: int = _of(2, least=1)
    TRANSFORMER_HEADS: int = _of(2, least=1)
    TRANSFORMER_FF_MULT: int = _of(2, least=1)
    DROPOUT_TRANS: float = 0.1
    USE_LONG_LSTM: bool = False
    DROPOUT_LONG: float = 0.1
    LONG_UNITS: int = _of(24, least=1)
    FLATTEN_MODE: str = _of("last", choices=("last", "mean", "attn", "full"))
    PRED_HIDDEN: int = _of(32, least=1)
    PRED_LAYERS: int = _of(1, least=1)
    ACTIVATION: str = _of("relu", choices=("relu", "gelu", "tanh", "sigmoid"))
    INIT_SCALE: float = _of(1.0, least=_POSITIVE)
    LAST_VALUE_SKIP: bool = False
    ALPHA_SMOOTH: float = 0.0
    USE_HUBER: bool = False
    HUBER_DELTA: float = _of(1.0, least=_POSITIVE)
    USE_DELTA: bool = False
    LAMBDA_DELTA: float = 0.1
    MAX_EPOCHS: int = _of(40, least=1)
    EARLY_STOP_PATIENCE: int = 0
    OPTIMIZER: str = _of("adamw", choices=("adamw", "sgd"))
    WEIGHT_DECAY: float = 0.01
    CLIPNORM: float = 3.0
    PRECISION: str = _of("bf16", choices=("bf16", "fp16", "fp32"))
    NAN_GUARD: bool = True
    SCHEDULE: str = _of(
        "onecycle",
        choices=("onecycle", "cosine", "restarts", "linear", "multistep", "plateau", "constant"),
    )
    ONECYCLE_MAX_LR: float = _of(0.005, needs="onecycle", least=_POSITIVE)
    ONECYCLE_DIV_FACTOR: float = _of(10.0, needs="onecycle", least=_POSITIVE)
    ONECYCLE_FINAL_DIV: float = _of(100.0, needs="onecycle", least=_POSITIVE)
    ONECYCLE_PCT_START: float = _of(0.1, needs="onecycle")
    ONECYCLE_STRATEGY: str = _of("cos", choices=("cos", "linear"), needs="onecycle")
    LEARNING_RATE: float = _of(
        0.003, needs="cosine restarts linear multistep plateau constant", least=_POSITIVE
    )
    MIN_LR: float = _of(3e-05, needs="cosine restarts linear plateau")
    RESTART_EPOCHS: int = _of(10, needs="restarts", least=1)
    MILESTONES: tuple[int, ...] = _of((), needs="multistep")
    LR_FACTOR: float = _of(0.1, needs="multistep plateau")
    PLATEAU_PATIENCE: int = _of(4, needs="plateau")
    PLATEAU_THRESHOLD: float = _of(0.0001, needs="plateau")
    WARMUP_STEPS: int = _of(0, needs="cosine linear multistep plateau constant")
    TRAIN_BATCH: int = _of(64, least=1)
    VAL_BATCH: int = _of(384, least=1)
    MICRO_SAMPLE_K: int = 16

    @classmethod
    def from_mapping(cls, given: Mapping[str, object]) -> "Settings":
        """The settings with these values; raises TrainerError for what makes no sense."""
        known = {f.name: f.default for f in fields(cls)}
        values: dict[str, Any] = {k: _typed(k, value, known) for k, value in given.items()}
        values |= _single_encoder(given)
        found = cls(**values)
        _check(found, given)
        return found

    @classmethod
    def from_toml(cls, path: Path) -> "Settings":
        """The settings of a TOML file; raises TrainerError naming the file."""
        try:
            return cls.from_mapping(tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as problem:
            raise TrainerError(f"{path}: cannot be read as a configuration: {problem}") from None
        except TrainerError as problem:
            raise TrainerError(f"{path}: {problem}") from None

    def printed(self) -> dict[str, object]:
        """What the log's HYPERPARAMS block shows: every setting that this run uses."""
        used = [f for f in fields(self) if not self._unused(f)]
        return {f.name: _plain(getattr(self, f.name)) for f in used}

    def _unused(self, each: Field[Any]) -> str:
        """What the setting belongs to, where this run does not have that; empty if it is used."""
        needs = each.metadata.get("needs", ())
        if needs and self.SCHEDULE not in needs:
            return f"SCHEDULE {' or '.join(needs)}, not {self.SCHEDULE}"
        if self.TASK == "letters" and each.name.startswith(_SERIES_ONLY):
            return "TASK series, not letters"
        return ""


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _typed(key: str, value: object, known: Mapping[str, object]) -> object:
    """The value in the type of the key's default; ints pass for floats, lists for tuples."""
    if key not in known:
        near = difflib.get_close_matches(key.upper(), known, n=1)
        hint = f", did you mean {near[0]}?" if near else ""
        raise TrainerError(f"unknown setting {key}{hint}")
    default = known[key]
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(min(value, 10 * _LARGEST))
    if isinstance(default, tuple) and isinstance(value, list | tuple):
        if all(type(item) is int and item > 0 for item in value):
            return tuple(value)
        raise TrainerError(f"{key} must be a list of positive epoch numbers, not {value!r}")
    if type(value) is not type(default):
        raise TrainerError(f"{key} must be {_kind(default)}, not {value!r}")
    return value


def _kind(default: object) -> str:
    names = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    return names.get(type(default), "a list of numbers")


def _single_encoder(given: Mapping[str, object]) -> dict[str, object]:
    """Choosing another encoder switches off the default one, unless that was asked for too."""
    chosen = any(given.get(key) for key in ENCODERS)
    return {"USE_TRANSFORMER": False} if chosen and "USE_TRANSFORMER" not in given else {}


def _check(settings: Settings, given: Mapping[str, object]) -> None:
    """Raises TrainerError where two settings exclude each other or a value is out of range."""
    chosen = [key for key in ENCODERS if getattr(settings, key)]
    if settings.TASK == "series" and len(chosen) != 1:
        found = " and ".join(chosen) or "none"
        raise TrainerError(f"exactly one of {', '.join(ENCODERS)} must be true, found {found}")
    for each in fields(settings):
        _check_range(each.name, getattr(settings, each.name), each.metadata)
        belongs = settings._unused(each) if each.name in given else ""
        if belongs:
            raise TrainerError(f"{each.name} belongs to {belongs}")
    _check_pairs(settings)


def _check_range(key: str, value: object, about: Mapping[str, Any]) -> None:
    choices = about.get("choices", ())
    if choices and value not in choices:
        raise TrainerError(f"{key} must be one of {', '.join(choices)}, not {value!r}")
    least = about.get("least", 0)
    if isinstance(value, int | float) and not least <= value <= _LARGEST:
        least = "above 0" if least == _POSITIVE else f"at least {least}"
        raise TrainerError(f"{key} must be {least} and at most {_LARGEST}, not {value}")
    below_one = key.startswith("DROPOUT") or key in _BELOW_ONE
    if below_one and isinstance(value, float) and value >= 1:
        raise TrainerError(f"{key} must be below 1, not {value}")


def _check_pairs(settings: Settings) -> None:
    falls_short = settings.MIN_LR > settings.LEARNING_RATE
    width, heads = settings.TRANSFORMER_D_MODEL, settings.TRANSFORMER_HEADS
    if width % heads or width % 2:
        raise TrainerError(
            f"TRANSFORMER_D_MODEL must be even and a multiple of TRANSFORMER_HEADS, "
            f"not {width} and {heads}"
        )
    if not 0 < settings.ONECYCLE_PCT_START < 1:
        raise TrainerError(
            f"ONECYCLE_PCT_START must lie between 0 and 1, not {settings.ONECYCLE_PCT_START}"
        )
    if settings.SCHEDULE in ("cosine", "restarts", "linear") and falls_short:
        raise TrainerError("MIN_LR must not be above LEARNING_RATE")
    if settings.SCHEDULE == "multistep" and not settings.MILESTONES:
        raise TrainerError("SCHEDULE multistep needs MILESTONES")
    if settings.AUGMENT_OFF_LAST > settings.MAX_EPOCHS:
        raise TrainerError("AUGMENT_OFF_LAST is longer than MAX_EPOCHS")
