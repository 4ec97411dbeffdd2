"""Tables of tensors, and what they tell of steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from logparse.records import Resolution
from logparse.signals import Signals
from logparse.signals.gradients.updates import measured_steps, optimizer_family
from tests.runs import constant_lr, make_parameters, make_run

N = 6
FLAT = np.full(N, 1e-3)


def table_of(names: tuple[str, ...]) -> Any:
    run = make_run(val_rmse=FLAT, parameters=make_parameters(dict.fromkeys(names, FLAT)))
    table = Signals(run).gradients.tensors
    assert table is not None
    return table


def test_biases_normalisations_embeddings_and_positions_are_no_matrices() -> None:
    matrices = ("proj.weight", "0.self_attn.in_proj_weight", "head_flat.0.weight", "lstm.weight_ih")
    others = (
        "proj.bias",
        "0.norm1.weight",
        "ln_flat.weight",
        "token_embedding.weight",
        "bn1.weight",
    )
    assert table_of((*matrices, *others, "transformer.position")).matrices.names == matrices


def test_of_a_label_printed_twice_the_larger_norm_counts() -> None:
    once = make_parameters({"a.weight": FLAT})
    twice = once.assign(grad_norm=0.5)
    run = make_run(
        val_rmse=FLAT, parameters=type(once)(np.concatenate([once, twice]), columns=once.columns)
    )
    run = replace(run, parameters=run.parameters.astype(once.dtypes.to_dict()))
    table = Signals(run).gradients.tensors
    assert table is not None and table.norms.tolist() == [[0.5]] * N


@pytest.mark.parametrize(("decimals", "scientific", "exact"), [(3, False, False), (1, True, True)])
def test_a_zero_is_a_zero_only_in_scientific_notation(
    decimals: int, scientific: bool, exact: bool
) -> None:
    printed = {"parameters/grad_norm": Resolution(decimals, scientific)}
    parameters = make_parameters({"a.weight": FLAT})
    run = make_run(val_rmse=FLAT, parameters=parameters, resolution=printed)
    table = Signals(run).gradients.tensors
    assert table is not None and table.is_exact is exact


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("sgd", "sgd"),
        ("SGD", "sgd"),
        ("AdamW", "adam"),
        ("nadam", "adam"),
        ("adafactor", "unknown"),
    ],
)
def test_the_optimizer_by_its_name(name: str, family: str) -> None:
    assert optimizer_family(make_run(settings={"OPTIMIZER": name})) == family


def test_without_a_name_the_optimizer_is_unknown() -> None:
    assert optimizer_family(make_run(settings={"OPTIMIZER": 3})) == "unknown"


def test_times_rounded_to_nothing_still_bound_the_steps_of_an_epoch() -> None:
    """32 steps of 10 samples in 0.03 s, printed as 0.0 s."""
    run = make_run(
        elapsed_s=np.zeros(N),
        throughput=np.full(N, 320 / 0.03),
        settings={"TRAIN_BATCH": 10},
        resolution={"elapsed_s": Resolution(1)},
    )
    steps = measured_steps(run)
    assert steps is not None and 32 <= steps < 64


def adam(names: int = 2, counts: tuple[int, ...] = (2,), **columns: Any) -> Signals:
    """Matrices whose weights have the norm 3, under Adam with a rate of 1e-3."""
    parameters = make_parameters({f"{k}.weight": np.full(N, 0.6) for k in range(names)}, ratio=2e-4)
    lr = columns.pop("lr", constant_lr(N))
    run = make_run(lr=lr, parameters=parameters, settings={"OPTIMIZER": "adam"}, more=columns)
    return Signals(
        replace(run, model={"trainable_params": 9 * names}, optimizer={"counts": counts})
    )


def test_a_step_of_adam_is_its_rate_over_the_root_mean_square_of_the_weights() -> None:
    updates = adam().gradients.updates
    assert updates is not None and np.allclose(updates.typical, 1e-3)  # rms = sqrt(18 / 18)


def test_lists_that_leave_out_half_of_the_tensors_do_not_tell_the_size_of_the_weights() -> None:
    updates = adam(counts=(4,)).gradients.updates
    assert updates is not None and not updates.has_scale


def test_groups_with_rates_of_their_own_do_not_tell_the_size_of_the_weights() -> None:
    groups = {"opt_lr/0": constant_lr(N), "opt_lr/1": constant_lr(N, 1e-4)}
    updates = adam(**groups).gradients.updates
    assert updates is not None and not updates.has_scale
