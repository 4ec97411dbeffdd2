"""Depth from names: which layers are shallow, and which do not count."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from logparse.records import Resolution
from logparse.signals import Signals
from tests.runs import make_parameters, make_run

EVEN = [1e-3] * 4


def profile_of(norms: dict[str, list[float]], *, is_sorted: bool = True) -> Any:
    run = make_run(val_rmse=[1.0] * 4, parameters=make_parameters(norms, is_sorted=is_sorted))
    return Signals(run).depth_profile


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


def test_a_label_printed_twice_counts_once_with_its_larger_norm() -> None:
    frame = make_parameters({f"{k}.weight": EVEN for k in range(3)})
    doubled = frame.assign(grad_norm=frame["grad_norm"] / 10)
    import pandas as pd

    run = make_run(val_rmse=[1.0] * 4, parameters=pd.concat([frame, doubled], ignore_index=True))
    profile = Signals(run).depth_profile
    assert profile is not None and np.allclose(profile.at(-1), 1e-3)


def test_a_norm_printed_as_0_000_has_vanished_and_is_not_frozen() -> None:
    norms = {f"layers.{k}.weight": [0.4, 0.01, 0.001, 0.0, 0.0] for k in range(3)}
    norms |= {f"layers.{k}.weight": [5.0] * 5 for k in range(3, 9)}
    run = make_run(
        val_rmse=[1.0] * 5,
        parameters=make_parameters(norms),
        resolution={"parameters/grad_norm": Resolution(3)},
    )
    profile = Signals(run).depth_profile
    assert profile is not None and len(profile.names) == 9 and not profile.has_zeros
    assert profile.shallow_norm == pytest.approx(0.0005)
