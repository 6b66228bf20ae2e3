"""The numbers of a point: an ensemble of its scenario, reduced at once to the measures that are kept.

Part of the sweeps (floor 5). Every point has the same luck and the same draws in run r (common random numbers), so that
points differ by their factors and by nothing else. A point that fails is a row of NaN with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from sim import history, measures, quarters
from sim.engine import THREADS, chunks
from sim.errors import InputError, PadmaError, nearest
from sim.priors import STRAIGHT, Pairing
from sim.scenario import Scenario
from sim.sweep.design import Design
from sim.sweep.factors import Kept, Point
from sim.world import World

Floats = NDArray[np.float64]
LONGEST_REASON = 200


def evaluate(
    design: Design,
    points: Sequence[Point],
    *,
    runs: int,
    seed: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Floats, list[str | None]]:
    """Simulate points of a design, side by side.

    Parameters
    ----------
    points : values of every factor; they need not be those of the design
    runs, seed : of every point
    progress : called with (points done, points in all)

    Returns
    -------
    array (point, measure, run), NaN where a point failed; and for every point the reason, or None

    Raises
    ------
    PadmaError : the machine failed (memory, disk), not a point
    """
    values = np.full((len(points), len(design.measures), runs), np.nan)
    reasons: list[str | None] = [None] * len(points)

    def work(index: int) -> None:
        values[index], reasons[index] = one(design, points[index], runs=range(runs), seed=seed)

    with ThreadPoolExecutor(THREADS) as pool:
        try:
            for done, _ in enumerate(pool.map(work, range(len(points))), start=1):
                progress(done, len(points))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return values, reasons


def one(
    design: Design,
    point: Point,
    *,
    runs: range,
    seed: int,
    pairing: Pairing = STRAIGHT,
    alive: Callable[[int], None] = lambda runs_done: None,
) -> tuple[Floats, str | None]:
    """One point: array (measure, run) and None, or NaN and the reason why it failed.

    Parameters
    ----------
    pairing : whose draws each run takes
    alive : called after every batch with its number of runs; what it raises ends the work

    Raises
    ------
    whatever ``alive`` raises; what the point itself raises is returned as its reason
    """
    found = np.full((len(design.measures), len(runs)), np.nan)
    try:
        scenario = design.scenario(point)
        world = World(scenario, seed, pairing)
        places = [_place(scenario, world, kept) for kept in design.measures]
        record = _record(design.measures)
        for part in chunks(len(runs), history.together(world)):
            batch = range(runs.start + part.start, runs.start + part.stop)
            block = history.block(world, batch, record, lambda quarters_done: None)
            found[:, part.start : part.stop] = _read(block, design.measures, places)
            alive(len(part))
    except (CancelledError, MemoryError, OSError):
        raise
    except PadmaError as error:
        head = f"{error.where}: {error.what}" if error.where else error.what
        return np.full_like(found, np.nan), _short(f"{head} ({error.why.rstrip('.')})" if error.why else head)
    except Exception as error:
        return np.full_like(found, np.nan), _short(f"{type(error).__name__}: {error}")
    if not np.isfinite(found).all():
        return np.full_like(found, np.nan), "the model gave no finite number"
    return found, None


def _short(reason: str) -> str:
    return " ".join(reason.split())[:LONGEST_REASON]


def _record(kept: Sequence[Kept]) -> tuple[str, ...]:
    """Variables that the measures need."""
    needs = [name for k in kept for name in measures.MEASURES[k.measure].needs]
    return tuple(dict.fromkeys([*needs, "norm"]))


def _place(scenario: Scenario, world: World, kept: Kept) -> tuple[slice, dict[str, int]]:
    """Where a number stands in the array of its measure: quarters, and the position on every other axis.

    Raises
    ------
    InputError : the scenario of this point has no such state or quarter
    """
    if not scenario.start <= kept.first <= kept.last <= scenario.until:
        span = f"{quarters.name(scenario.start)} to {quarters.name(scenario.until)}"
        raise InputError(f"'{kept.name}' lies outside {span}", where=scenario.name, how="keep another quarter.")
    at = {}
    for axis in measures.MEASURES[kept.measure].axes:
        wanted = {"state": kept.state, "partner": kept.partner}.get(axis, kept.issue)
        if wanted not in world.labels[axis]:
            raise InputError(f"there is no {axis} '{wanted}'", where=scenario.name, how=nearest(wanted, world.labels[axis]))
        at[axis] = world.labels[axis].index(wanted)
    return slice(kept.first - scenario.start, kept.last - scenario.start + 1), at


def _read(block: dict[str, Floats], kept: Sequence[Kept], places: Sequence[tuple[slice, dict[str, int]]]) -> Floats:
    """The numbers kept of a block of runs, (measure, run)."""
    rows = []
    for k, (when, at) in zip(kept, places, strict=True):
        # added up in order, so that a mean does not depend on how many runs are read together
        span = measures.MEASURES[k.measure].function(measures.at(block.__getitem__, at))[when]
        total = span[0].copy()
        for row in span[1:]:
            total += row
        rows.append(total / len(span))
    return np.array(rows)
