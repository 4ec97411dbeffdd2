"""Options that usually exclude each other, and options that do nothing without another: data.

Nothing here is certain of a program that we do not know. A rule may read a group as exclusive
only where the log says so, and a default only where the log shows whose settings these are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from logparse.settings import Settings


@dataclass(frozen=True, slots=True)
class OptionGroup:
    """Switches of which programs usually have one on.

    what     what they choose between, in plural
    modules  switch -> how names of its tensors begin, at any segment
    """

    what: str
    modules: Mapping[str, tuple[str, ...]]

    def shows(self, switch: str, tensors: Iterable[str]) -> bool:
        """Whether one of the tensors belongs to the module of a switch."""
        starts = self.modules[switch]
        return any(part.startswith(starts) for name in tensors for part in name.split("."))


GROUPS = (
    OptionGroup(
        "encoders",
        {
            "USE_CONV": ("conv",),
            "USE_TCN": ("tcn",),
            "USE_SHORT_LSTM": ("short_lstm",),
            "USE_TRANSFORMER": ("transformer", "self_attn"),
            "USE_LONG_LSTM": ("long_lstm",),
        },
    ),
    OptionGroup(
        "decoders",
        {
            "ENABLE_MDN_DECODER": ("mdn_decoder",),
            "USE_MIXTURE_DECODER": ("mixture_decoder",),
            "USE_SEQUENTIAL_MIXTURE_DECODER": ("sequential_mixture_decoder",),
        },
    ),
)

DECLARES_EXCLUSIVE = re.compile(r"(?<!NON_)(?<!NOT_)(?<![A-Z])(EXCLUSIVE|ONE_OF)(?![A-Z])")
"""A setting with such a name lists switches that exclude each other."""

CHILDREN: Mapping[str, tuple[str, ...]] = {
    "USE_CONV": ("CONV_K", "CONV_DILATION", "CONV_CHANNELS"),
    "USE_TCN": ("TCN_LAYERS", "TCN_KERNEL", "TCN_CHANNELS"),
    "USE_SHORT_LSTM": ("SHORT_UNITS", "DROPOUT_SHORT"),
    "USE_TRANSFORMER": (
        *("TRANSFORMER_D_MODEL", "TRANSFORMER_LAYERS", "TRANSFORMER_HEADS"),
        *("TRANSFORMER_FF_MULT", "DROPOUT_TRANS"),
    ),
    "USE_LONG_LSTM": ("LONG_UNITS", "DROPOUT_LONG"),
    "USE_HUBER": ("HUBER_DELTA",),
    "USE_DELTA": ("LAMBDA_DELTA",),
}
"""Switch -> the settings that only its module reads."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """A program's own defaults, with the settings that together only its logs declare."""

    program: str
    known_by: frozenset[str]
    values: Mapping[str, object]


KNOWN_DEFAULTS = (
    Defaults(
        "the reference trainer",
        frozenset({"TASK", "TARGET_NOISE", "AUGMENT_NOISE", "LAST_VALUE_SKIP"}),
        {
            "CONV_K": 3,
            "CONV_DILATION": 1,
            "CONV_CHANNELS": 32,
            "TCN_LAYERS": 2,
            "TCN_KERNEL": 3,
            "TCN_CHANNELS": 16,
            "SHORT_UNITS": 24,
            "DROPOUT_SHORT": 0.1,
            "TRANSFORMER_D_MODEL": 16,
            "TRANSFORMER_LAYERS": 2,
            "TRANSFORMER_HEADS": 2,
            "TRANSFORMER_FF_MULT": 2,
            "DROPOUT_TRANS": 0.1,
            "LONG_UNITS": 24,
            "DROPOUT_LONG": 0.1,
            "HUBER_DELTA": 1.0,
            "LAMBDA_DELTA": 0.1,
        },
    ),
)


def switches(settings: Settings, keys: Mapping[str, object] | tuple[str, ...]) -> dict[str, str]:
    """Those of the keys that are declared True or False, in any case: key -> as declared."""
    declared = {key.upper(): key for key in settings if isinstance(settings[key], bool)}
    return {key: declared[key.upper()] for key in keys if key.upper() in declared}


def has_other_on(switch: str, settings: Settings) -> bool:
    """Whether a usual alternative to a switch is on: both together would exclude each other."""
    groups = (switches(settings, group.modules) for group in GROUPS if switch in group.modules)
    return any(settings[name] for own in groups for key, name in own.items() if key != switch)


def declared_groups(settings: Settings, given: str = "") -> tuple[tuple[str, ...], ...]:
    """Groups of switches that the log, or `given`, says exclude each other.

    `given` has names apart by spaces or commas, and a semicolon between groups.
    """
    texts = given.split(";") + [
        settings.raw.get(key, "") for key in settings if DECLARES_EXCLUSIVE.search(key.upper())
    ]
    named = (tuple(dict.fromkeys(re.findall(r"[A-Za-z_]\w*", text))) for text in texts)
    groups = (tuple(switches(settings, names).values()) for names in named)
    return tuple(dict.fromkeys(group for group in groups if len(group) >= 2))


@dataclass(frozen=True, slots=True)
class Inert:
    """A setting that was changed from its default and that nothing reads: its switch is off."""

    key: str
    default: object
    switch: str
    program: str


def inert_settings(settings: Settings) -> tuple[Inert, ...]:
    """Changed settings of modules that are switched off; empty where no default is known."""
    known = next((found for found in KNOWN_DEFAULTS if found.known_by <= settings.keys()), None)
    if known is None:
        return ()
    return tuple(
        Inert(key, known.values[key], switch, known.program)
        for switch, keys in CHILDREN.items()
        if settings.get(switch) is False
        for key in keys
        if key in settings and settings[key] != known.values[key]
    )
