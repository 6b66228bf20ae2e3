"""What one worker does: compute the points of a chunk and write it. The same wherever it runs.

Part of the sweeps (floor 5). Nothing here knows of threads, processes or clusters.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim import provenance
from sim.errors import PadmaError
from sim.priors import Pairing
from sim.quantiles import statistics
from sim.sweep import points, store
from sim.sweep.design import Design
from sim.sweep.factors import Point
from sim.sweep.places import place
from sim.sweep.store import Layout


@dataclass(frozen=True)
class Task:
    """One chunk of a sweep, with all that a worker needs to compute it anywhere.

    Attributes
    ----------
    design : what is swept
    seed : of all chance
    layout : of the store
    where : path or URL of the results folder
    chunk : which one
    points : its points
    model : version and hashes of rules and content that it is to be computed with
    """

    design: Design
    seed: int
    layout: Layout
    where: str
    chunk: int
    points: tuple[Point, ...]
    model: str


@dataclass(frozen=True)
class Done:
    """What became of a chunk: its number, its runs, and the seconds spent on runs and on everything."""

    chunk: int
    runs: int
    simulating: float
    seconds: float


def model() -> str:
    """Version, rules and content of the padma at hand."""
    return " ".join((provenance.version(), provenance.rules_hash()[:16], provenance.content_hash()[:16]))


def runs_per_point(layout: Layout) -> int:
    """Runs computed for a point: its own, and those that exchange draws."""
    return layout.runs + 3 * layout.pairs


def do(task: Task, alive: Callable[[int], None] = lambda runs: None) -> Done:
    """Compute a chunk and write it.

    Parameters
    ----------
    alive : called with the number of runs done since the last call; what it raises ends the work

    Raises
    ------
    OSError : the chunk cannot be written
    PadmaError : this worker has another model than whoever asked
    """
    if task.model != model():
        raise PadmaError(
            f"a worker has another padma ({model()}) than the sweep ({task.model})",
            why="its numbers would not be those of the others.",
            how="install the same version everywhere, then run the same command again.",
        )
    started = time.perf_counter()
    rows = [_point(task, point, alive) for point in task.points]
    simulating = time.perf_counter() - started
    content = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    store.write(place(task.where), task.layout, task.chunk, content)
    runs = runs_per_point(task.layout) * len(task.points)
    return Done(task.chunk, runs, simulating, time.perf_counter() - started)


def _point(task: Task, point: Point, alive: Callable[[int], None]) -> dict[str, Any]:
    """All arrays of one point."""
    layout, k, n = task.layout, task.layout.pairs, task.layout.runs
    pairing = Pairing(((n, 0, 0, 0), (k, 0, k, k), (k, k, 0, 0), (k, 0, k, 0)))
    runs = range(runs_per_point(layout))
    found, reason = points.one(task.design, point, runs=runs, seed=task.seed, pairing=pairing, alive=alive)
    row = {
        "statistic": np.moveaxis(statistics(found[:, :n]), 0, -1),
        "value": found[:, : layout.kept],
        "exchanged": found[:, n : n + 2 * k],
        "relearned": found[:, n + 2 * k :],
        store.LAST: np.array(reason or "", dtype=store.REASON),
    }
    return {name: row[name] for name in layout.arrays()}
