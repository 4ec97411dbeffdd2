"""An epoch of a classification, and JSON as its standard has it."""

from __future__ import annotations

import json
from typing import Any

from trainer.records import EpochRecord

RECORD = EpochRecord(
    epoch=1,
    lr=0.003,
    group_lrs=(0.003,),
    sched_pct=5.0,
    train_loss=0.123456,
    val_loss=0.5,
    step_grad_norms=(1.0, 4.0, 2.5),
    max_weight_change=0.01,
    elapsed_s=1.0,
    throughput=10.0,
    total_s=12.3456,
    gpu_gib=0.0,
    checkpointed=False,
    parameters=(),
    train_accuracy=0.75,
    val_accuracy=0.56789,
)


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not strict JSON")


def strict(text: str) -> Any:
    return json.loads(text, parse_constant=refuse)
