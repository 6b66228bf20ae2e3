"""What moves an outcome: Morris screening and Sobol indices of factors and of groups of factors.

Floor 5. Works on plain arrays of points in the unit cube and outcomes, and runs no model itself. SALib (Herman and Usher 2017,
J. Open Source Software 2(9)) lays the points out and estimates; what it does not know is added here: factors that are
categories, points that failed, and draws of parameters, which hang together and are therefore never taken apart.

A coordinate of a point is a probability between 0 and 1: a number is that quantile of its distribution, and a category with L
levels is level ``floor(L * u)``, so that each level holds a stratum of the cube and the order of levels never matters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import shocks
from sim.errors import InputError, PadmaError

Floats = NDArray[np.float64]

GRID = 4
"""Positions of a number in a screening: the middles of the four quarters of its distribution; a step is two of them."""
RESAMPLES = 500
LEVEL = 0.9
"""Of all intervals."""


@dataclass(frozen=True)
class Indices:
    """How much each factor (or group of factors) matters.

    Attributes
    ----------
    method : ``morris`` or ``sobol``
    names : of factors or groups, in the order in which they were given
    columns : name -> (factor,), with ``_q05`` and ``_q95`` for the 90 % interval. Sobol: ``first`` and ``total``, shares of the
        variance between points. Morris: ``mu_star`` (mean size of the change when the factor takes a step: half of its
        distribution, or another level), ``mu`` (mean change with its sign; empty for groups and for more than two levels) and
        ``sigma`` (its spread: curvature or interplay; empty for groups), in units of the outcome
    kept, dropped : blocks of points (one base point with its neighbours, one trajectory) used and left out for want of a number
    """

    method: str
    names: tuple[str, ...]
    columns: dict[str, Floats]
    kept: int
    dropped: int


@dataclass(frozen=True)
class Shares:
    """Variance of single runs, in shares that add up to one.

    Attributes
    ----------
    factors : what the factors of the design decide whatever is drawn
    draws : what draws of parameters, images and luck, taken as one block, decide whatever the factors are
    interplay : what only both together decide
    """

    factors: float
    draws: float
    interplay: float


@contextmanager
def libraries() -> Iterator[None]:
    """Say kindly which extra is missing.

    Raises
    ------
    PadmaError : a library of the extra is not installed
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise PadmaError(
            f"the library '{error.name}' is not installed",
            why="sensitivity and scenario discovery lean on it; nothing else in padma does.",
            how="install it with: pip install 'padma[sensitivity]'  (in a checkout: pip install -e '.[sensitivity]')",
        ) from error


def check_installed() -> None:
    """Say before the work, not after it, that a library is missing.

    Raises
    ------
    PadmaError : one of the extra is not installed
    """
    with libraries():
        for name in ("SALib", "sklearn"):
            if find_spec(name) is None:
                raise ModuleNotFoundError(name=name)


# --- where to look ------------------------------------------------------------------------------------------------------


def check_base(base: int) -> None:
    """Refuse a number of base points that is no power of two.

    Raises
    ------
    InputError : it is not, or below two
    """
    if base < 2 or base & (base - 1):
        lower = 1 << max(base, 2).bit_length() - 1
        raise InputError(
            f"{base} base points were asked for",
            where="--points",
            why="a Sobol sequence is even only in powers of two.",
            how=f"choose {lower} or {2 * lower}.",
        )


def sobol_points(factors: int, base: int, seed: int, groups: Sequence[str] = ()) -> Floats:
    """Points for Sobol indices: Saltelli's arrangement (2010) over a scrambled Sobol sequence.

    Parameters
    ----------
    factors : how many
    base : base points, a power of two; each brings a block of ``factors + 2`` points (``groups + 2`` with groups)
    seed : of the scrambling
    groups : the group of each factor, if indices of groups are wanted

    Returns
    -------
    array (point, factor) inside the unit cube; blocks one after the other, each beginning and ending with an independent point

    Raises
    ------
    InputError : ``base`` is no power of two
    """
    check_base(base)
    with libraries():
        from SALib.sample import sobol
    found = sobol.sample(_problem(factors, groups), base, calc_second_order=False, seed=_seed(seed, "points"))
    inside: Floats = np.clip(found, 2.0**-53, 1 - 2.0**-53)
    return inside


def morris_points(levels: Sequence[int], trajectories: int, seed: int, groups: Sequence[str] = ()) -> Floats:
    """Points for a screening: walks through the cube in which each factor (or group) takes one step.

    A category steps between two levels drawn anew for each walk, every pair as likely as any other.

    Parameters
    ----------
    levels : of each factor; 0 for a number
    trajectories : walks; each brings as many points as there are factors (or groups), and one

    Returns
    -------
    array (point, factor), walks one after the other

    Raises
    ------
    InputError : fewer than two walks
    """
    if trajectories < 2:
        why = "the spread of an effect takes two walks."
        raise InputError(f"{trajectories} trajectories were asked for", where="--points", why=why, how="20 is a good number.")
    with libraries():
        from SALib.sample import morris
    held = morris.sample(_problem(len(levels), groups), trajectories, num_levels=GRID, seed=_seed(seed, "points"))
    found: Floats = (np.rint(held * (GRID - 1)) + 0.5) / GRID
    walks = found.reshape(trajectories, -1, len(levels))
    for factor, n in enumerate(levels):
        if n:
            pairs = np.array([(a, b) for b in range(n) for a in range(b)])
            drawn = pairs[
                (shocks.uniform(shocks.key(seed, "levels", str(factor)), 0, range(trajectories)) * len(pairs)).astype(int)
            ]
            high = walks[:, :, factor] > walks[:, :, factor].mean(axis=1, keepdims=True)
            walks[:, :, factor] = (np.where(high, drawn[:, 1:], drawn[:, :1]) + 0.5) / n
    return found


def independent(points: int, factors: int) -> NDArray[np.int64]:
    """Which of ``points`` Sobol points are independent of each other: the first and the last of every block.

    >>> independent(8, 2).tolist()
    [0, 3, 4, 7]
    """
    blocks = np.arange(0, points, factors + 2)
    return np.sort(np.concatenate([blocks, blocks + factors + 1]))


# --- what was found -----------------------------------------------------------------------------------------------------


def sobol(names: Sequence[str], outcome: Floats, seed: int) -> Indices:
    """First-order and total indices with bootstrap intervals (Saltelli et al. 2010).

    Parameters
    ----------
    names : of the factors, or of the groups in order of appearance
    outcome : (point,) in the order of :func:`sobol_points`; a block with a NaN in it is left out whole
    seed : of the bootstrap

    Raises
    ------
    InputError : nothing varies, or too little is left
    """
    values, dropped = _whole(outcome, len(names) + 2)
    with libraries():
        from SALib.analyze import sobol as analysis
    held = analysis.analyze(
        _problem(len(names), ()), values, calc_second_order=False, num_resamples=RESAMPLES, keep_resamples=True,
        seed=_seed(seed, "bootstrap"),
    )  # fmt: skip
    columns: dict[str, Floats] = {}
    for name, key in (("first", "S1"), ("total", "ST")):
        low, high = np.quantile(np.asarray(held[f"{key}_conf_all"], dtype=float), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
        columns |= {name: np.asarray(held[key], dtype=float), f"{name}_q05": low, f"{name}_q95": high}
    return Indices("sobol", tuple(names), columns, len(values) // (len(names) + 2), dropped)


def morris(
    names: Sequence[str], points: Floats, outcome: Floats, seed: int, levels: Sequence[int], groups: Sequence[str] = ()
) -> Indices:
    """Elementary effects (Morris 1991; Campolongo, Cariboni and Saltelli 2007) with bootstrap intervals.

    Parameters
    ----------
    names : of the factors, or of the groups in order of appearance
    points, levels, groups : as in :func:`morris_points`
    outcome : (point,); a walk with a NaN in it is left out whole

    Raises
    ------
    InputError : nothing varies, or too little is left
    """
    values, dropped = _whole(outcome, len(names) + 1)
    rows = np.isfinite(outcome.reshape(-1, len(names) + 1)).all(axis=1).repeat(len(names) + 1)
    with libraries():
        from SALib.analyze import morris as analysis
    held = analysis.analyze(
        _problem(points.shape[1], groups), points[rows], values, num_resamples=RESAMPLES, conf_level=LEVEL, num_levels=GRID,
        seed=_seed(seed, "bootstrap"),
    )  # fmt: skip
    step = GRID / (2 * (GRID - 1))  # SALib divides by it; a change of half a distribution is easier to say
    mean, half, mu, sigma = (
        step * np.ma.filled(np.ma.asarray(held[key], dtype=float), np.nan) for key in ("mu_star", "mu_star_conf", "mu", "sigma")
    )
    signed = [not groups and n <= 2 for n in levels[: len(names)]]  # of three levels none is before another
    mu = np.where(signed, mu, np.nan)
    columns = {
        "mu_star": mean,
        "mu_star_q05": np.maximum(mean - half, 0.0),
        "mu_star_q95": mean + half,
        "mu": mu,
        "sigma": sigma,
    }
    return Indices("morris", tuple(names), columns, len(values) // (len(names) + 1), dropped)


def shares(values: Floats) -> Shares:
    """Split the variance of single runs between the factors of a design and what is drawn.

    Every point was simulated with the same runs, so points and runs cross: the estimators are those of a two-way analysis of
    variance with random effects (Searle, Casella and McCulloch 1992, ch. 4), none taken below zero.

    Parameters
    ----------
    values : (point, run); the points independent of each other, those with a NaN left out

    Raises
    ------
    InputError : nothing varies, or fewer than two points or runs
    """
    held = values[np.isfinite(values).all(axis=1)]
    points, runs = held.shape
    if min(points, runs) < 2 or _flat(held):
        raise _nothing()
    grand, across, along = held.mean(), held.mean(axis=1), held.mean(axis=0)
    rest = held - across[:, None] - along[None, :] + grand
    both = (rest**2).sum() / ((points - 1) * (runs - 1))
    parts = np.array([across.var(ddof=1) - both / runs, along.var(ddof=1) - both / points, both])
    whole = np.maximum(parts, 0.0)
    return Shares(*map(float, whole / whole.sum()))


def _problem(factors: int, groups: Sequence[str]) -> dict[str, Any]:
    """A design as SALib writes it."""
    found: dict[str, Any] = {"num_vars": factors, "names": [str(i) for i in range(factors)], "bounds": [[0.0, 1.0]] * factors}
    return found | ({"groups": list(groups)} if groups else {})


def _seed(seed: int, channel: str) -> int:
    """A seed as SALib takes it: never 0, which would stand for chance that nobody can repeat."""
    return int(shocks.key(seed, "sensitivity", channel)[0] % np.uint64(2**31 - 1)) + 1


def _whole(outcome: Floats, size: int) -> tuple[Floats, int]:
    """The blocks of an outcome in which every point has a number, and how many blocks have not."""
    blocks = np.asarray(outcome, dtype=float).reshape(-1, size)
    whole = np.isfinite(blocks).all(axis=1)
    values = blocks[whole].ravel()
    if whole.sum() < 2 or _flat(values):
        raise _nothing()
    return values, int((~whole).sum())


def _flat(values: Floats) -> bool:
    """Whether numbers differ by rounding only."""
    return bool(np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())))


def _nothing() -> InputError:
    return InputError(
        "the outcome is the same at every point (or too few points have one)",
        why="there is no difference to be explained.",
        how="choose another outcome or wider factors, and look into the reasons of failed points.",
    )
