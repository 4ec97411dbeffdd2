"""The table of norms: every k-th list of a very long run, and nothing called dead that moved."""

from __future__ import annotations

import numpy as np
import pytest

from logparse.run import Run
from logparse.signals.gradients.dead import flow
from logparse.signals.gradients.tensors import TensorTable, tensor_table
from tests.runs import Array, make_parameters, make_run

EPOCHS = 50
FLAT = np.full(EPOCHS, 0.1)


def table_of(most: int, **norms: Array) -> tuple[Run, TensorTable]:
    run = make_run(val_rmse=FLAT, parameters=make_parameters(norms))
    table = tensor_table(run, most)
    assert table is not None
    return run, table


@pytest.mark.parametrize(("most", "every"), [(100, 1), (99, 2), (50, 2), (30, 4)])
def test_of_too_many_entries_every_kth_list_is_looked_at(most: int, every: int) -> None:
    rise = np.arange(1.0, EPOCHS + 1)
    _, table = table_of(most, **{"a.weight": rise, "b.weight": rise / 10})
    assert table.every == every
    assert table.epochs.tolist() == list(range(EPOCHS, 0, -every))[::-1]
    assert table.norms[:, 0].tolist() == table.epochs.tolist()


def test_a_tensor_that_moves_between_the_lists_looked_at_is_not_dead() -> None:
    moves, dead, alive = np.zeros(EPOCHS), np.zeros(EPOCHS), np.full(EPOCHS, 0.5)
    moves[20] = 1e-3  # E21, which a table of every other list up to E50 leaves out
    names = {"moves.weight": moves, "dead.weight": dead, "alive.weight": alive}
    run, table = table_of(75, **names)
    assert table.every == 2
    assert not table.norms[:, 0].any()
    (found,) = flow(run, table).dead(least=5)
    assert found.names == ("dead.weight",)


def test_a_tensor_that_stopped_before_the_last_lists_is_dead_in_a_thinned_table_too() -> None:
    stops = np.concatenate([np.full(20, 0.5), np.zeros(EPOCHS - 20)])
    run, table = table_of(50, **{"stops.weight": stops, "alive.weight": np.full(EPOCHS, 0.5)})
    (found,) = flow(run, table).dead(least=5)
    assert (found.names, found.moved, found.epochs) == (("stops.weight",), True, (22, 50))
