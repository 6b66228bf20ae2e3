"""Shared by all tests: small worlds to run, and boards of random admissible values to hand to rules."""

from __future__ import annotations

import math
import os
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim.axes import AXES, frame
from sim.codebook import Variable, codebook
from sim.scenario import read_scenario
from sim.world import World

os.environ.pop("COLUMNS", None)  # workers of pytest-xdist are told the width of a terminal that they do not have

pytest_plugins = ["tests.cli.small_runs", "tests.calibration.tiny_record", "tests.handout.handed", "tests.explorer.served"]
"""Fixtures of one folder each: a small results folder, the raw tables of a tiny world, handouts, a running explorer."""

SHORT = {"spin_up_from": "2024Q1", "until": "2028Q4", "posterior": "none"}
LENGTHS = {"state": 5, "partner": 5, "third": 5, "issue": 6, "item": 4, "act": 3}
"""Lengths of the random boards: as few equal ones as possible, so that a fold over the wrong axis shows."""

UNBOUNDED = 4.0
"""Where the codebook sets no limit, values are drawn this far from the other limit, or from zero."""

PER_RUN = ("trait", "parameter", "shock", "carried", "computed", "observable")


def build_world(name: str = "bnp_government", settings: dict[str, Any] | None = None, seed: int = 7) -> World:
    """A small world: 2024Q1 to 2028Q4, recorded from 2026Q1, with parameters from priors, unless ``settings`` say otherwise."""
    return World(read_scenario(name, settings={**SHORT, **(settings or {})}), seed)


def bounds(variable: Variable) -> tuple[float, float]:
    """Finite limits to draw a variable within."""
    if variable.law == "uniform":
        return 0.0, 1.0
    low, high = variable.range
    low = (high - 2 * UNBOUNDED if math.isfinite(high) else -UNBOUNDED) if math.isinf(low) else low
    return low, (low + 2 * UNBOUNDED if math.isinf(high) else high)


def draw_value(variable: Variable, shape: list[int], rng: np.random.Generator) -> np.ndarray:
    """Random values that the codebook allows; numbers that are fixed there stay fixed."""
    if variable.name == "power":  # at least two powers, or a share of the powers' capabilities means nothing
        value = np.ones(shape)
        value[0] = 0.0
        return value
    if variable.kind == "constant" and variable.value is not None:
        return np.full(shape, variable.value)
    if variable.unit in ("0 or 1", "-1 or 1", "-1, 0 or 1"):
        choices = [float(word) for word in variable.unit.replace("or", " ").replace(",", " ").split()]
        return rng.choice(choices, size=shape)
    low, high = bounds(variable)
    return low + (high - low) * rng.uniform(0.001, 0.999, size=shape)


def draw_board(seed: int, runs: int = 3, lengths: dict[str, int] | None = None) -> dict[str, np.ndarray]:
    """A frame for every variable of the codebook, filled at random; what a state does toward itself is zero.

    Each variable has its own stream, so that another entry in the codebook changes no other value.
    """
    lengths = lengths or LENGTHS
    others = frame(1.0 - np.eye(lengths["state"]), ("state", "partner"))
    board = {}
    for name, variable in codebook().items():
        rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
        axes = (*variable.axes, "run") if variable.kind in PER_RUN else variable.axes
        value = frame(draw_value(variable, [({**lengths, "run": runs})[a] for a in axes], rng), axes)
        board[name] = value * others if {"state", "partner"} <= set(axes) else value
        board[name].flags.writeable = False
    assert all(value.ndim == len(AXES) for value in board.values())
    return board


@pytest.fixture(scope="session")
def world() -> Callable[..., World]:
    """Function (scenario, settings, seed) -> small world."""
    return build_world


@pytest.fixture(scope="session")
def board() -> Callable[..., dict[str, np.ndarray]]:
    """Function (seed, runs, lengths) -> board of random admissible values."""
    return draw_board


@pytest.fixture(scope="session")
def lengths() -> dict[str, int]:
    """Lengths of the axes of a random board."""
    return dict(LENGTHS)
