"""Colours of pictures: contrast (WCAG 2.2), and what people with a colour blindness see."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from logparse.plots.look import DARK, LIGHT, Look

TABLES = pytest.mark.parametrize("table", [LIGHT, DARK], ids=["light", "dark"])
SURFACES = {"paper", "grid", "shade"}
TOLD_APART = ("val", "train", "part0", "part1", "part2", "part3", "part4")

# Machado, Oliveira and Fernandes 2009, severity 1.0, for linear RGB.
SIGHTS = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
LEAST_DISTANCE = 15.0
"""In CIELAB (CIE 1976): about 2.3 is just noticeable side by side, 15 is seen at a glance."""


def linear(colour: str) -> NDArray[np.float64]:
    shown = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    xyz = to_xyz @ np.clip(rgb, 0, 1) / (to_xyz @ np.ones(3))
    cube = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * cube[1] - 16, 500 * (cube[0] - cube[1]), 200 * (cube[1] - cube[2])])


def distance(one: str, other: str, sight: str) -> float:
    seen = [lab(SIGHTS[sight] @ linear(colour)) for colour in (one, other)]
    return float(np.linalg.norm(seen[0] - seen[1]))


def test_contrast_is_measured_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@TABLES
def test_texts_and_the_names_of_curves_can_be_read(table: Mapping[str, str]) -> None:
    read = {role: contrast(table[role], table["paper"]) for role in table if role not in SURFACES}
    assert {role: at for role, at in read.items() if at < 4.5} == {}


@TABLES
def test_curves_are_seen_on_shaded_phases_too(table: Mapping[str, str]) -> None:
    seen = {role: contrast(table[role], table["shade"]) for role in table if role not in SURFACES}
    assert {role: at for role, at in seen.items() if at < 3} == {}


@TABLES
@pytest.mark.parametrize("sight", SIGHTS)
def test_curves_of_one_panel_are_told_apart(table: Mapping[str, str], sight: str) -> None:
    pairs = [("val", "train"), *combinations([r for r in TOLD_APART if r.startswith("part")], 2)]
    near = {
        pair: round(at, 1)
        for pair in pairs
        if (at := distance(table[pair[0]], table[pair[1]], sight)) < LEAST_DISTANCE
    }
    assert near == {}


@TABLES
def test_no_two_roles_share_a_colour(table: Mapping[str, str]) -> None:
    assert len({*table.values()}) == len(table)
    assert {*table} == {*LIGHT}


def test_a_role_that_nobody_knows_is_muted() -> None:
    assert Look().colour("part99") == LIGHT["muted"]
