"""Under which conditions does something happen? Boxes of factors that can be said in a sentence.

Floor 5. The patient rule induction method (Friedman and Fisher 1999, Statistics and Computing 9(2)) as scenario discovery uses
it (Bryant and Lempert 2010, Technological Forecasting and Social Change 77(1)). Works on plain arrays, runs no model. Factors
are what somebody can decide or look up; luck is none, it only makes the share of runs in which the thing happens.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim import shocks
from sim.errors import InputError

Floats = NDArray[np.float64]

PEEL = 0.05
"""Share of the points in a box that one step takes away, where a factor is a number."""
SUPPORT = 0.05
"""Share of all points that a box must keep."""
RESAMPLES = 50


@dataclass(frozen=True)
class Limit:
    """What a box asks of one factor: values from ``low`` to ``high``, or one of the levels."""

    low: float = -math.inf
    high: float = math.inf
    levels: frozenset[int] | None = None

    def holds(self, column: Floats) -> NDArray[np.bool_]:
        """Which values fit: (point,) to (point,)."""
        if self.levels is not None:
            return np.isin(column, list(self.levels))
        return (column >= self.low) & (column <= self.high)


@dataclass(frozen=True)
class Box:
    """A box and how good it is.

    Attributes
    ----------
    limits : factor (its place) -> what is asked of it; factors that do not matter are not there
    coverage : share of all runs with the outcome that lie in the box
    density : share of the runs in the box that have the outcome
    support : share of all points in the box
    """

    limits: dict[int, Limit]
    coverage: float
    density: float
    support: float


@dataclass(frozen=True)
class Found:
    """What scenario discovery found.

    Attributes
    ----------
    base : share of all runs that have the outcome
    box : the box chosen, without limits where nothing makes the outcome likelier
    path : boxes on the way from everything to the smallest, for the curve of coverage against density
    p_values : factor -> quasi-p value: how probable so dense a box would be if its limit on that factor did nothing
    frequency : factor -> share of resamples in which the factor is limited, too
    held_out : (coverage, density) of boxes found in resamples, on the points that were left out of them
    points : how many there were
    """

    base: float
    box: Box
    path: tuple[Box, ...]
    p_values: dict[int, float]
    frequency: dict[int, float]
    held_out: tuple[float, float]
    points: int


def discover(
    columns: Floats,
    levels: Sequence[int],
    outcome: Floats,
    seed: int,
    *,
    blocks: NDArray[np.int64] | None = None,
    independent: float = 1.0,
    resamples: int = RESAMPLES,
) -> Found:
    """Find the box of factors in which an outcome is concentrated.

    Parameters
    ----------
    columns : (point, factor): numbers, or levels counted from 0
    levels : of each factor; 0 for a number
    outcome : (point,) share of the runs of each point in which it happened, 0 to 1; points with a NaN are left out
    seed, resamples : of the resamples, and how many
    blocks : (point,) points with the same number share coordinates; they are resampled, and left out, together
    independent : share of the points that are independent of each other: the trials of the quasi-p values

    Raises
    ------
    InputError : it happens never, always, or too few points are left
    """
    blocks = np.arange(len(outcome)) if blocks is None else blocks
    kept = np.isfinite(outcome)
    columns, outcome, blocks = columns[kept], outcome[kept], blocks[kept]
    _check(outcome)
    path = [_measured(limits, columns, outcome) for limits in _peel(columns, levels, outcome)]
    box = _chosen(path, columns, levels, outcome, independent)
    again = []
    for number in range(resamples):
        drawn, left = _resampled(blocks, seed, number)
        if 0 < outcome[drawn].mean() < 1 and outcome[left].sum() > 0:
            part, happened = columns[drawn], outcome[drawn]
            peeled = [_measured(limits, part, happened) for limits in _peel(part, levels, happened)]
            other = _chosen(peeled, part, levels, happened, independent)
            again.append((other, *_elsewhere(other, columns[left], outcome[left])))
    return Found(
        base=float(outcome.mean()),
        box=box,
        path=tuple(path),
        p_values={f: _quasi_p(f, box, columns, outcome, independent) for f in box.limits},
        frequency={f: sum(f in other.limits for other, _, _ in again) / max(len(again), 1) for f in range(len(levels))},
        held_out=(_mean([c for _, c, _ in again]), _mean([d for _, _, d in again])),
        points=len(outcome),
    )


def _check(outcome: Floats) -> None:
    if len(outcome) >= 1 / SUPPORT and np.ptp(outcome) > 0:
        return
    what = f"{len(outcome)} points are too few for conditions"
    if len(outcome) >= 1 / SUPPORT:
        what = f"it happens in {100 * outcome.mean():.0f} % of the runs at each of {len(outcome):,} points"
    why = "conditions can be told from others only where it happens more often at some of many points."
    raise InputError(what, where="--outcome", why=why, how="move the threshold, or take more points.")


def inside(limits: dict[int, Limit], columns: Floats) -> NDArray[np.bool_]:
    """Which points lie in a box.

    Parameters
    ----------
    limits : factor (its place) -> what is asked of it
    columns : (point, factor)

    Returns
    -------
    array (point,)
    """
    found = np.ones(len(columns), dtype=bool)
    for factor, limit in limits.items():
        found &= limit.holds(columns[:, factor])
    return found


# --- peeling and pasting ------------------------------------------------------------------------------------------------


def _peel(columns: Floats, levels: Sequence[int], outcome: Floats) -> list[dict[int, Limit]]:
    """Boxes from everything down to the least support; each step takes what makes the rest densest per point lost.

    Losses differ between categories and numbers, so gains are compared per point (Kwakkel and Jaxa-Rozen 2016, Environmental
    Modelling and Software 79).
    """
    held: dict[int, Limit] = {}
    path = [held]
    mask = np.ones(len(outcome), dtype=bool)
    while True:
        best, gain = None, 0.0
        for factor, limit in _peels(columns, levels, mask, held):
            left = mask & limit.holds(columns[:, factor])
            lost = mask.sum() - left.sum()
            if lost and left.sum() >= SUPPORT * len(outcome):
                rate = (outcome[left].mean() - outcome[mask].mean()) / lost
                if rate > gain + 1e-15:
                    best, gain = (factor, limit, left), rate
        if best is None:
            return path
        held = held | {best[0]: best[1]}
        mask = best[2]
        path.append(held)


def _peels(columns: Floats, levels: Sequence[int], mask: NDArray[np.bool_], held: dict[int, Limit]) -> list[tuple[int, Limit]]:
    """Every way to take a little off a box."""
    found = []
    for factor, n in enumerate(levels):
        limit, values = held.get(factor, Limit()), columns[mask, factor]
        if n:
            present = limit.levels if limit.levels is not None else frozenset(range(n))
            found += [(factor, replace(limit, levels=present - {level})) for level in sorted(present) if len(present) > 1]
            continue
        ordered = np.sort(values)
        step = max(1, int(PEEL * len(ordered)))
        low, high = np.searchsorted(ordered, ordered[step - 1], "right"), np.searchsorted(ordered, ordered[-step])
        if low < len(ordered):
            found.append((factor, replace(limit, low=float(ordered[low - 1 : low + 1].mean()))))
        if high > 0:
            found.append((factor, replace(limit, high=float(ordered[high - 1 : high + 1].mean()))))
    return found


def _pasted(box: Box, columns: Floats, levels: Sequence[int], outcome: Floats) -> Box:
    """Grow a box by a level, a slice or a whole factor as long as that makes it go better with the outcome."""
    base = float(outcome.mean())
    while True:
        wider = [_measured(limits, columns, outcome) for limits in _pastes(columns, levels, box.limits)]
        best = max(wider, key=lambda other: _phi(other, base), default=box)
        if _phi(best, base) <= _phi(box, base) + 1e-12:
            return box
        box = best


def _pastes(columns: Floats, levels: Sequence[int], held: dict[int, Limit]) -> list[dict[int, Limit]]:
    found = []
    for factor, limit in held.items():
        rest = {f: other for f, other in held.items() if f != factor}
        found.append(rest)
        if limit.levels is not None:
            missing = sorted(set(range(levels[factor])) - limit.levels)
            wider = [replace(limit, levels=limit.levels | {level}) for level in missing]
            found += [rest | {factor: w} for w in wider if len(w.levels or ()) < levels[factor]]
            continue
        values = np.sort(columns[inside(rest, columns), factor])
        step = max(1, round(PEEL * limit.holds(values).sum()))
        below, above = values[values < limit.low], values[values > limit.high]
        if len(below) > step:
            found.append(rest | {factor: replace(limit, low=float((below[-step] + below[-step - 1]) / 2))})
        if len(above) > step:
            found.append(rest | {factor: replace(limit, high=float((above[step - 1] + above[step]) / 2))})
    return found


# --- choosing and judging -----------------------------------------------------------------------------------------------


def _measured(limits: dict[int, Limit], columns: Floats, outcome: Floats) -> Box:
    mask = inside(limits, columns)
    return Box(limits, float(outcome[mask].sum() / outcome.sum()), float(outcome[mask].mean()), float(mask.mean()))


def _chosen(path: Sequence[Box], columns: Floats, levels: Sequence[int], outcome: Floats, independent: float) -> Box:
    """The box that goes best with the outcome, without limits that might as well be chance (quasi-p above 0.05).

    Best is the highest correlation of being in the box with having the outcome (phi), which is as hard on a box that leaves
    much out as on one that lets much in, however rare the outcome.
    """
    best = _pasted(max(path, key=lambda box: _phi(box, float(outcome.mean()))), columns, levels, outcome)
    while best.limits:
        weak = {f: _quasi_p(f, best, columns, outcome, independent) for f in best.limits}
        worst = max(weak, key=lambda f: weak[f])
        if weak[worst] <= 0.05:
            break
        best = _measured({f: limit for f, limit in best.limits.items() if f != worst}, columns, outcome)
    return best


def _phi(box: Box, base: float) -> float:
    if not 0 < box.support < 1:
        return 0.0
    return (box.density - base) * math.sqrt(box.support / ((1 - box.support) * base * (1 - base)))


def _quasi_p(factor: int, box: Box, columns: Floats, outcome: Floats, independent: float) -> float:
    """How probable so dense a box would be if its limit on a factor only took points at random.

    Bryant and Lempert ask the binomial distribution, because their cases happen or do not. Here each point has a share of runs,
    which varies less than yes and no; so the mean of as many independent points, drawn without replacement, is asked.
    """
    from scipy.special import ndtr

    without = outcome[inside({f: limit for f, limit in box.limits.items() if f != factor}, columns)]
    within = outcome[inside(box.limits, columns)]
    apart = math.sqrt(without.var() / (independent * len(within)) * (1 - len(within) / len(without)))
    return float(ndtr(-(within.mean() - without.mean()) / apart)) if apart > 0 else 1.0


def _resampled(blocks: NDArray[np.int64], seed: int, number: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Points of a resample of blocks, with repetition, and the points left out of it."""
    names = np.unique(blocks)
    drawn = names[(shocks.uniform(shocks.key(seed, "resample", str(number)), 0, range(len(names))) * len(names)).astype(int)]
    times = (drawn[:, None] == names).sum(axis=0)[np.searchsorted(names, blocks)]
    points = np.arange(len(blocks))
    return np.repeat(points, times), points[times == 0]


def _elsewhere(box: Box, columns: Floats, outcome: Floats) -> tuple[float, float]:
    """Coverage and density of a box on points that it was not made from."""
    there = inside(box.limits, columns)
    return float(outcome[there].sum() / outcome.sum()), float(outcome[there].mean()) if there.any() else math.nan


def _mean(values: Sequence[float]) -> float:
    known = [v for v in values if v == v]
    return sum(known) / len(known) if known else math.nan
