"""What the names of numbers mean: every program calls the same things otherwise.

A name is taken apart into the split it speaks of and a quantity. Canonical names of
`logparse.metrics` mean themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from logparse.metrics import METRICS, Better

if TYPE_CHECKING:
    from collections.abc import Mapping

AXES = ("epoch", "step", "tokens", "samples", "since_start_s", "clock_s")
"""Columns that say when; `epoch` and `step` may fall back, where a run begins anew."""

_FILE = re.compile(r"(?<![a-z])(?:val|valid|validation|dev|eval)(?![a-z])")
_SPLITS = {
    **dict.fromkeys(("train", "training", "trn", "tr"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev", "eval", "evaluation", "vl"), "val"),
    "test": "test",
}
_AXIS_NAMES = {
    **dict.fromkeys(("epoch", "epochs", "ep", "epoch_num", "epoch_idx", "current_epoch"), "epoch"),
    **dict.fromkeys(("step", "steps", "global_step", "iteration", "iter", "iters"), "step"),
    **dict.fromkeys(("it", "n_iter", "batch_step", "current_step", "update", "updates"), "step"),
    **dict.fromkeys(("_step", "num_updates", "total_steps_done", "optimizer_step"), "step"),
    **dict.fromkeys(("tokens", "num_tokens", "tokens_seen", "total_tokens"), "tokens"),
    **dict.fromkeys(("num_input_tokens_seen", "consumed_tokens", "tokens_processed"), "tokens"),
    **dict.fromkeys(("samples", "num_samples_seen", "samples_seen", "seen_samples"), "samples"),
    **dict.fromkeys(("consumed_samples", "examples_seen", "total_samples"), "samples"),
    **dict.fromkeys(("elapsed", "elapsed_time", "elapsed_seconds", "_runtime"), "since_start_s"),
    **dict.fromkeys(("wall_time", "timestamp", "_timestamp"), "clock_s"),
}
_LR = re.compile(r"(?:learning_?rate|lr|base_lr|current_lr)(?:[_/](?P<part>.+))?")
_NORM = re.compile(
    r"(?:total_|global_)?(?:grad(?:ient)?_?(?:s_)?norm|gnorm|norm_grad)(?:_total|_2|_l2)?"
)
_QUANTITIES = (
    (r"loss|total_loss|loss_total|objective|cost|ce_loss|cross_entropy|nll_loss", "loss"),
    (r"rmse|root_mean_squared_error", "rmse"),
    (r"mae|l1|mean_absolute_error", "mae"),
    (r"mse|mean_squared_error", "mse"),
    (r"r2|r_2|r2_score", "r2"),
    (
        r"acc|accuracy|(?:sparse_|categorical_|binary_|sparse_categorical_)?accuracy"
        r"|acc(?:uracy)?_?top_?1|top_?1(?:_acc(?:uracy)?)?|mean_token_accuracy|(?:acc|prec)@?1",
        "accuracy",
    ),
    (r"acc(?:uracy)?_?top_?5|top_?5(?:_acc(?:uracy)?)?|(?:acc|prec)@?5", "accuracy_top5"),
    (r"ppl|perplexity", "perplexity"),
    (r"map_?50_?95|map50_95_b|map|ap|bbox_map|coco_bbox_map|segm_map|bbox_ap|coco_ap", "map"),
    (r"map_?50|ap_?50|map50_b|bbox_map_50|coco_bbox_map_50|ap_\.5", "map50"),
    (r"f1|f1_score|(?:macro|micro|weighted)_f1", "f1"),
    (r"auc|auroc|roc_auc|(?:macro|micro)_auroc", "auc"),
    (r"reward|mean_reward|rewards|reward_mean|ep_rew_mean|episode_reward|return", "reward"),
    (r"bpb|bits_per_byte", "bpb"),
)
_QUANTITY = tuple((re.compile(pattern), name) for pattern, name in _QUANTITIES)
_HELD_OUT_ONLY = ("map", "map50")
"""Quantities that are taken on validation, where their name does not say otherwise."""
_MANNER = re.compile(r"(?:avg|average|mean|running|smoothed|epoch|metrics)_")
_WHEN = re.compile(r"(?P<name>.+)_(?P<when>step|epoch)")


@dataclass(frozen=True, slots=True)
class Hints:
    """What the user says of columns: which name stands for which, and which way is better.

    names   canonical name, or one of `loss`, `lr`, `step`, ..., by the name that the log prints
    better  direction by column
    """

    names: Mapping[str, str] = field(default_factory=dict)
    better: Mapping[str, Better] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Meaning:
    """The column that a name stands for.

    column  canonical name, or the name as printed where nothing is known of it
    when    `step` or `epoch` for one of the twins that some programs print; '' for others
    known   False for a name that means nothing to us
    """

    column: str
    when: str = ""
    known: bool = True


@lru_cache(maxsize=4096)
def meaning(name: str) -> Meaning:
    """What a printed name stands for."""
    text = name.strip()
    if text.partition("/")[0] in METRICS or text in AXES:
        return Meaning(text)
    plain = re.sub(r"[^0-9a-z.@]+", "_", text.casefold()).strip("_") or text
    if text in _AXIS_NAMES or plain in _AXIS_NAMES:
        return Meaning(_AXIS_NAMES.get(text) or _AXIS_NAMES[plain])
    split, rest = _split(plain)
    if split == "train" and rest in _AXIS_NAMES:
        return Meaning(_AXIS_NAMES[rest])
    if rate := _LR.fullmatch(rest):
        return Meaning(_rate(rate["part"]))
    when = ""
    if twin := _WHEN.fullmatch(rest):
        rest, when = twin["name"], twin["when"]
    if _NORM.fullmatch(rest):
        return Meaning("grad_norm", when)
    found = _quantity(rest) or _quantity(_MANNER.sub("", rest, count=1))
    if found is not None and split != "test":
        usual = "val" if found in _HELD_OUT_ONLY else "train"
        return Meaning(f"{split or usual}_{found}", when)
    if split and split != "test":
        return Meaning(f"{split}_{rest}", when, known=False)
    return Meaning(text, when, known=False)


def held_out(source: str) -> bool:
    """True where a file is called as those of validation are, as `val_log.csv`."""
    return _FILE.search(re.split(r"[/\\]", source)[-1].casefold()) is not None


def _quantity(plain: str) -> str | None:
    return next((column for pattern, column in _QUANTITY if pattern.fullmatch(plain)), None)


def _split(plain: str) -> tuple[str, str]:
    """The split that a name begins or ends with, and the rest of the name."""
    bare = _MANNER.sub("", plain, count=1)
    plain = bare if bare.partition("_")[0] in _SPLITS else plain
    first, _, rest = plain.partition("_")
    if first in _SPLITS and rest:
        return _SPLITS[first], rest
    rest, _, last = plain.rpartition("_")
    if last in _SPLITS and rest:
        return _SPLITS[last], rest
    return "", plain


def _rate(part: str | None) -> str:
    """The rate of the first group, or of the one that is named."""
    if part is None or part.strip("0pg_") == "" or not part[-1].isdigit():
        return "lr"
    return f"opt_lr/{part.lstrip('pg_')}"
