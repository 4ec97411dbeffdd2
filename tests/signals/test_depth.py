"""Depth from names: which layers are shallow, and which do not count."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

from logparse.records import Resolution
from logparse.signals import Signals
from tests.runs import make_parameters, make_run

EVEN = [1e-3] * 4


def profile_of(norms: dict[str, list[float]], *, is_sorted: bool = True) -> Any:
    run = make_run(val_rmse=[1.0] * 4, parameters=make_parameters(norms, is_sorted=is_sorted))
    return Signals(run).gradients.depth_profile


def test_integers_in_names_order_the_matrices() -> None:
    profile = profile_of({f"{k}.linear.weight": EVEN for k in (10, 2, 0)})
    assert profile.names == ("0.linear.weight", "2.linear.weight", "10.linear.weight")


def test_biases_norms_and_embeddings_are_dropped() -> None:
    small = ("0.bias", "1.norm2.weight", "2.ln_flat.weight", "3.embed.weight", "4.in_proj_bias")
    names = [*(f"{k}.linear.weight" for k in range(3)), *small]
    profile = profile_of(dict.fromkeys(names, EVEN))
    assert len(profile.names) == 3


def test_without_integers_a_list_in_model_order_tells_the_depth() -> None:
    norms = {"stem.weight": [1e-5] * 4, "body.weight": [1e-3] * 4, "head.weight": [1e-1] * 4}
    assert profile_of(norms, is_sorted=False).names == ("stem.weight", "body.weight", "head.weight")


def test_without_integers_a_list_sorted_by_norm_tells_nothing() -> None:
    norms = {"stem.weight": [1e-5] * 4, "body.weight": [1e-3] * 4, "head.weight": [1e-1] * 4}
    assert profile_of(norms) is None


def test_frozen_matrices_are_left_out() -> None:
    norms = {f"{k}.weight": EVEN for k in range(4)}
    norms["0.weight"] = [0.0] * 4
    norms["1.weight"] = [1e-3, 1e-3, 0.0, 0.0]
    assert profile_of({**norms, "4.weight": EVEN}).names == ("2.weight", "3.weight", "4.weight")


def test_the_gap_is_in_decades_from_deep_to_shallow() -> None:
    profile = profile_of({f"{k}.weight": [10.0 ** (k - 6)] * 4 for k in range(6)})
    assert np.allclose(profile.gaps, -4)
    assert np.isclose(profile.decades_per_layer, 1)


def test_zeros_beside_the_least_of_all_floats_are_drawn_like_it() -> None:
    norms = {f"{k}.weight": [5e-324, 0.0, 5e-324, 5e-324] for k in range(3)} | {"3.weight": EVEN}
    assert np.isfinite(profile_of(norms).log_norms).all()


def test_an_absurdly_long_number_in_a_name_is_no_trouble() -> None:
    profile = profile_of({f"{k}{'9' * 5000}.weight": EVEN for k in range(3)})
    assert len(profile.names) == 3


def test_a_label_printed_twice_counts_once_with_its_larger_norm() -> None:
    frame = make_parameters({f"{k}.weight": EVEN for k in range(3)})
    doubled = frame.assign(grad_norm=frame["grad_norm"] / 10)
    run = make_run(val_rmse=[1.0] * 4, parameters=pd.concat([frame, doubled], ignore_index=True))
    profile = Signals(run).gradients.depth_profile
    assert profile is not None and np.allclose(profile.at(-1), 1e-3)


def test_a_label_printed_in_few_epochs_is_left_out() -> None:
    norms = {f"{k}.weight": EVEN for k in range(3)} | {f"rare.{k}.weight": [1.0] for k in range(9)}
    assert profile_of(norms).names == ("0.weight", "1.weight", "2.weight")


@pytest.mark.parametrize("entries_per_epoch", [4, 10**6], ids=["many epochs", "one epoch"])
def test_ever_new_names_cost_in_proportion_to_their_number(entries_per_epoch: int) -> None:
    def seconds(entries: int) -> float:
        epochs = 1 + np.arange(entries) // entries_per_epoch
        frame = pd.DataFrame({"epoch": epochs, "name": [f"{k}.weight" for k in range(entries)]})
        frame = frame.assign(position=0, grad_norm=1e-3, update_ratio=1e-8, line=1)
        run = make_run(val_rmse=[1.0] * int(epochs[-1]), parameters=frame)

        def once() -> float:
            start = time.process_time()
            assert (Signals(run).gradients.depth_profile is None) == (entries_per_epoch == 4)
            return time.process_time() - start

        return min(once() for _ in range(3))

    # Eight times as many; a cost that grows with the square would be 64 times as high.
    assert seconds(16_000) < 20 * seconds(2_000)


def test_a_norm_printed_as_0_000_has_vanished_and_is_not_frozen() -> None:
    norms = {f"layers.{k}.weight": [0.4, 0.01, 0.001, 0.0, 0.0] for k in range(3)}
    norms |= {f"layers.{k}.weight": [5.0] * 5 for k in range(3, 9)}
    run = make_run(
        val_rmse=[1.0] * 5,
        parameters=make_parameters(norms),
        resolution={"parameters/grad_norm": Resolution(3)},
    )
    profile = Signals(run).gradients.depth_profile
    assert profile is not None and len(profile.names) == 9 and not profile.has_zeros
    assert profile.shallow_norm == pytest.approx(0.0005)
