"""What a scenario is: settings, a bent run, and the truth about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from trainer.hooks import Hooks
from trainer.settings import Settings

FAMILIES: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "transformer": {"USE_TRANSFORMER": True, "DROPOUT_TRANS": 0.0},
        "conv": {"USE_CONV": True},
        "tcn": {"USE_TCN": True},
        "long_lstm": {"USE_LONG_LSTM": True},
        "short_lstm": {"USE_SHORT_LSTM": True},
    }
)
"""The model families by the settings that choose them."""

CORPUS_FAMILIES = ("transformer", "conv", "tcn", "long_lstm")
Kind: TypeAlias = Literal["healthy", "fault", "trap"]
Harm: TypeAlias = Literal[
    "late val_rmse",
    "worst val_rmse",
    "test gap",
    "epoch time",
    "GPU memory",
    "printed error",
    "persistence",
    "lines lost",
    "",
]
"""What is compared with the clean twin; harm.py defines each. Empty for runs without a fault."""

SGD: Mapping[str, object] = MappingProxyType(
    {"OPTIMIZER": "sgd", "ONECYCLE_MAX_LR": 0.1, "CLIPNORM": 3.0}
)


SLOW_TARGET: Mapping[str, object] = MappingProxyType(
    {"TARGET_INERTIA": 0.998, "AUGMENT_NOISE": 0.0, "MAX_EPOCHS": 20}
)


@dataclass(frozen=True)
class Scenario:
    """One condition and what a correct diagnosis of it says.

    expects    codes of which any one is a correct diagnosis, the best name first
    forbids    codes that would be a wrong diagnosis
    accepts    true side effects: codes that are neither a hit nor a false alarm
    twin       the scenario without the fault, run with the same family and seed
    until      the run is interrupted after this epoch and resumed from its checkpoint
    rewrite    what happens to the finished log: (this log, the twin's log of another seed) -> log
    """

    name: str
    kind: Kind
    about: str
    settings: Mapping[str, object] = field(default_factory=dict)
    hooks: Callable[[], Hooks] = Hooks
    expects: tuple[str, ...] = ()
    forbids: tuple[str, ...] = ()
    accepts: tuple[str, ...] = ()
    twin: str = ""
    harm: Harm = ""
    until: int | None = None
    rewrite: Callable[[str], str] | None = None
    needs_cuda: bool = False

    def resolved(self, family: str, seed: int) -> Settings:
        """The settings of one run; fp32 unless the scenario says otherwise."""
        base = {"SEED": seed, "PRECISION": "fp32", **FAMILIES[family]}
        return Settings.from_mapping({**base, **self.settings})


NEVER = ("LOSS001", "BASE001", "BASE002")
"""What every run that learned nothing may be called as well."""


def fault(name: str, about: str, *expects: str, **rest: object) -> Scenario:
    """A fault, by default against a healthy OneCycle run and by its late validation error."""
    given = {"twin": "healthy-onecycle", "harm": "late val_rmse", **rest}
    return Scenario(name, "fault", about, expects=expects, **given)  # type: ignore[arg-type]
