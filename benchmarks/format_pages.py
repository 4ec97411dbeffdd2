"""`python -m benchmarks.format_pages`: writes the tables of docs/formats.md.

What is read from each format is what came out of its samples in `fixtures`; the words around the
tables are written by hand and stay as they are.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.figures import table
from logparse.errors import LogParseError
from logparse.findings import plural
from logparse.formats import all_formats
from logparse.metrics import ordered
from logparse.readers.base import Reader
from logparse.readers.points.meanings import AXES, meaning
from logparse.run import Run
from logparse.session import Session

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "formats.md"
SAMPLES = (ROOT / "fixtures", ROOT / "fixtures" / "formats" / "files")
_OUTPUTS = re.compile(r".+\.(?:records\.jsonl|report\..+|py|md)")
_MOST = 6
"""So many columns of a kind are named, the others are counted."""
_MEMORY = frozenset(("gpu_gib", "rss_gib"))
_TIMES = frozenset(
    ("elapsed_s", "throughput", "batches_per_s", "step_time_s", "data_time_s", "tokens_per_s")
)
PRINTED = (
    *("epoch", "Epoch", "current_epoch", "step", "global_step", "iteration", "iter", "_step"),
    *("tokens_seen", "num_input_tokens_seen", "consumed_samples", "_runtime", "_timestamp"),
    *("loss", "train/loss", "train_loss_epoch", "val_loss", "validation/loss", "eval_loss"),
    *("accuracy", "acc", "top1", "val_acc", "eval_accuracy", "acc_top5", "rmse", "val_mae", "r2"),
    *("ppl", "eval_perplexity", "bbox_mAP", "metrics/mAP50-95(B)", "metrics/mAP50(B)"),
    *("f1", "eval_f1", "auroc", "reward", "ep_rew_mean", "bpb"),
    *("lr", "learning_rate", "lr-Adam"),
    *("grad_norm", "gnorm", "gradient_norm", "train/grad_norm"),
)
"""Names as programs print them; what they mean is asked of the code."""


def filled(page: str) -> str:
    """The page with its tables as they are now; other text stays."""
    found = runs_by_format()
    parts = {
        "formats": _formats(),
        "read": _read(found),
        "names": _names(),
    }
    for name, text in parts.items():
        begin, end = f"<!-- {name}: made -->", f"<!-- /{name} -->"
        head, _, rest = page.partition(begin)
        _, _, tail = rest.partition(end)
        page = f"{head}{begin}\n{text}\n{end}{tail}"
    return page


def runs_by_format() -> dict[str, list[Run]]:
    """The runs of all samples, by the format that they were read as."""
    found: dict[str, list[Run]] = defaultdict(list)
    for path in (path for folder in SAMPLES for path in sorted(folder.iterdir())):
        if path.is_file() and not _OUTPUTS.fullmatch(path.name):
            session = Session(path.name, rules=())
            session.feed(path.read_bytes())
            try:
                runs = session.runs()
            except LogParseError:
                continue
            for run in runs:
                found[run.format].append(run)
    return found


def _formats() -> str:
    rows = [
        [f"`{one.format}`", one.about, f"`logdiag[{one.extra}]`" if one.extra else ""]
        for one in all_formats()
        if _is_own(one)
    ]
    return table(["format", "what it is", "needs"], rows)


def _is_own(reader: type[Reader]) -> bool:
    return reader.__module__.startswith("logparse.")


def _read(found: Mapping[str, Sequence[Run]]) -> str:
    heads = ["format", "rows", "loss", "metrics", "rate", "gradients", "time, memory", "other"]
    rows = [
        [f"`{one.format}`", *_kinds(found.get(one.format, ()))]
        for one in all_formats()
        if _is_own(one)
    ]
    return table(heads, rows)


def _kinds(runs: Sequence[Run]) -> list[str]:
    """The cells of a format: which columns of each kind its samples have."""
    present = {str(name) for run in runs for name in run.epochs if run.has(str(name))}
    columns = ordered(sorted(present))
    kinds: dict[str, list[str]] = defaultdict(list)
    for column in columns:
        kinds[_kind(column)].append(column)
    gradients = kinds["gradients"]
    gradients += ["`run.parameters`"] if any(len(run.parameters) for run in runs) else []
    other = [*kinds["other"]]
    other += ["settings"] if any(run.settings for run in runs) else []
    other += ["start"] if any(run.has_start for run in runs) else []
    axes = ", ".join(sorted({run.axis for run in runs}))
    told = [kinds["loss"], kinds["metrics"], kinds["rate"], gradients, kinds["time"], other]
    return [axes, *map(_some, told)]


def _kind(column: str) -> str:
    name = column.partition("/")[0]
    if name in ("epoch", "line") or name in AXES:
        return "axis"
    if name in ("lr", "lr_main") or name.startswith(("opt_", "sched_")):
        return "rate"
    if "grad" in name or name.startswith("update_ratio"):
        return "gradients"
    if name in _TIMES or name in _MEMORY:
        return "time"
    if name.endswith("loss"):
        return "loss"
    return "metrics" if name.startswith(("train_", "val_")) else "other"


def _some(columns: Iterable[str]) -> str:
    """Columns by name, those of parts as one: `opt_lr/..`."""
    names = [f"{c.partition('/')[0]}/.." if "/" in c else c for c in columns]
    names = [*dict.fromkeys(names)]
    shown = [name if name.startswith("`") else f"`{name}`" for name in names[:_MOST]]
    return ", ".join(shown) + (f" and {len(names) - _MOST} more" if len(names) > _MOST else "")


def _names() -> str:
    by_column: dict[str, list[str]] = defaultdict(list)
    for name in PRINTED:
        by_column[meaning(name).column].append(f"`{name}`")
    columns = sorted(by_column, key=[*AXES, *ordered(by_column)].index)
    return table(["column", "printed as, for instance"], _rows(columns, by_column))


def _rows(columns: Sequence[str], names: Mapping[str, list[str]]) -> Iterator[list[str]]:
    for column in columns:
        yield [f"`{column}`", ", ".join(names[column])]


def main() -> int:
    """Writes the tables of docs/formats.md."""
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {plural(len(all_formats()), 'format')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
