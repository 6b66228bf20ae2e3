"""What an ensemble recorded: an ``xarray.Dataset`` in memory, Zarr on disk.

Floor 5. Dimensions are quarter, state, partner, issue, item, act and run; runs come last, as in the model. On disk
numbers are rounded to single precision (seven digits); in memory they are exact.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from sim import priors, quarters
from sim.codebook import codebook
from sim.engine import CHUNK, THREADS, chunks, room, simulate
from sim.measures import SIMULATED_ACTS, recorded
from sim.world import World

if TYPE_CHECKING:
    import xarray as xr

Result = TypeVar("Result")

MISSING = -128
"""What stands for a missing count on disk."""

Progress = Callable[[int, int], None]
"""Called with (work done, work in all): run-quarters of an ensemble, runs of a sweep."""

Engine = Callable[..., dict[str, Any]]
"""Plays consecutive runs: :func:`sim.engine.simulate`, or another with its parameters and result."""


def coordinates(world: World) -> dict[str, Any]:
    """Labels of every dimension but ``run``."""
    labels = {axis: list(names) for axis, names in world.labels.items() if axis != "third"}
    return {"quarter": [quarters.name(q) for q in world.scenario.quarters], **labels}


def leaders(world: World) -> Any:
    """Who leads each state at the end of each quarter, as an array (quarter, state) of names."""
    days = [quarters.last_day(q) for q in world.scenario.quarters]
    return np.array([[world.scenario.leader_on(s, day) for s in world.scenario.states] for day in days])


def dims(name: str) -> tuple[str, ...]:
    """Dimensions of a recorded variable; parameters do not vary by quarter."""
    axes = codebook()[name].axes
    return (*axes, "run") if codebook()[name].kind == "parameter" else ("quarter", *axes, "run")


def variables(record: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """What varies by quarter among what is recorded (default: what the measures need)."""
    return tuple(name for name in _with_norm(record) if codebook()[name].kind != "parameter")


def drawn(world: World, runs: range, names: tuple[str, ...] = ("norm",)) -> dict[str, Any]:
    """Parameters of consecutive runs, as arrays (*axes, run)."""
    parameters = world.parameters(runs)
    shapes = {name: [world.lengths[a] for a in codebook()[name].axes] for name in names}
    return {name: parameters[name].reshape([*shapes[name], len(runs)]) for name in names}


def block(
    world: World,
    runs: range,
    record: tuple[str, ...],
    done: Callable[[int], None],
    engine: Engine = simulate,
    precision: type = np.float64,
) -> dict[str, Any]:
    """Consecutive runs with the norm that indices are measured from, as arrays (quarter, *axes, run) and (*axes, run)."""
    kept = variables(record)
    constant = drawn(world, runs, tuple(set(record) - set(kept)))  # before the engine forgets these runs
    return engine(world, runs, kept, done, precision) | constant


def in_memory(
    world: World,
    runs: int,
    record: tuple[str, ...] | None = None,
    engine: Engine = simulate,
) -> xr.Dataset:
    """Simulate and keep everything in memory.

    Parameters
    ----------
    engine : plays consecutive runs, as :func:`sim.engine.simulate` does

    Returns
    -------
    Dataset with one variable per recorded name, float64

    See :func:`on_disk` for large ensembles.
    """
    record = _with_norm(record)
    kept = variables(record)
    whole = room(world, kept, runs)

    def work(part: range, done: Callable[[int], None]) -> dict[str, Any]:
        here = slice(part.start, part.stop)
        constant = drawn(world, part, tuple(set(record) - set(kept)))  # before the engine forgets these runs
        engine(world, part, kept, done, np.float64, {name: values[..., here] for name, values in whole.items()})
        return constant

    parts = _side_by_side(world, runs, lambda done, total: None, work)
    data = whole | {name: np.concatenate([part[name] for part in parts], axis=-1) for name in parts[0]}
    return _labelled(world, runs).assign({name: (dims(name), data[name]) for name in record})


def blocks_of(
    world: World, runs: int, record: tuple[str, ...], progress: Progress, reduce: Callable[[dict[str, Any]], Result]
) -> list[Result]:
    """What ``reduce`` keeps of each block of runs, in order; nothing else stays in memory.

    Parameters
    ----------
    record : variables that each block holds, as arrays (quarter, *axes, run); parameters without quarter
    """
    return _side_by_side(world, runs, progress, lambda part, done: reduce(block(world, part, record, done)))


def on_disk(
    world: World,
    runs: int,
    path: Path,
    progress: Progress = lambda done, total: None,
    blocks: Callable[[range, Callable[[int], None]], dict[str, Any]] | None = None,
    engine: Engine = simulate,
) -> None:
    """Simulate chunk by chunk into a Zarr store, so that memory does not grow with the ensemble.

    Parameters
    ----------
    path : folder to create; must not exist
    blocks : gives the recorded arrays of consecutive runs, one range at a time (default: ``engine`` does)
    engine : plays consecutive runs, as :func:`sim.engine.simulate` does
    """
    import zarr

    record = _with_norm(None)
    _skeleton(world, runs, path)
    group = zarr.open_group(str(path), mode="r+")
    stored = {name: _array(group, world, name, runs) for name in record}

    def work(part: range, done: Callable[[int], None]) -> None:
        values = blocks(part, done) if blocks else block(world, part, record, done, engine, np.float32)
        for name in record:
            stored[name][..., part.start : part.stop] = np.asarray(values[name], dtype=stored[name].dtype)

    _side_by_side(world, runs, progress, work, threads=1 if blocks else THREADS)


def together(world: World, runs: int = 2 * CHUNK) -> int:
    """Runs computed and stored together: fewer of a long record, so that memory stays bounded, and of a small ensemble, so
    that two cores share it.

    Parameters
    ----------
    runs : of the ensemble (default: so many that sharing them out does not matter)
    """
    most = max(CHUNK // 8, min(CHUNK, 24 * CHUNK // len(world.scenario.quarters)))
    return min(most, max(CHUNK // 4, -(-runs // 2)))


def _side_by_side(
    world: World,
    runs: int,
    progress: Progress,
    work: Callable[[range, Callable[[int], None]], Result],
    threads: int = THREADS,
) -> list[Result]:
    """What ``work`` makes of each chunk of runs, in order; each thread holds one chunk, so memory stays bounded."""
    length, total, lock, stop = len(world.span), 0, Lock(), Event()
    _ = world.series  # computed here once, not by every thread

    def follow(part: range) -> Result:
        before = 0

        def done(quarters_done: int) -> None:
            nonlocal total, before
            with lock:
                if stop.is_set():
                    raise CancelledError
                total, before = total + (quarters_done - before) * len(part), quarters_done
                progress(total, runs * length)

        return work(part, done)

    with ThreadPoolExecutor(threads) as pool:
        try:
            return list(pool.map(follow, chunks(runs, together(world, runs))))
        except BaseException:
            stop.set()  # whoever still computes ends with the next quarter
            raise


def _labelled(world: World, runs: int) -> xr.Dataset:
    """A dataset with all labels and attributes, and no numbers yet."""
    import xarray as xr

    places = {**coordinates(world), "run": np.arange(runs), "leader": (("quarter", "state"), leaders(world))}
    return xr.Dataset(coords=places, attrs=attributes(world, runs))


def _skeleton(world: World, runs: int, path: Path) -> None:
    """The store with its coordinates and attributes."""
    _labelled(world, runs).to_zarr(path, mode="w-", zarr_format=2, consolidated=False)


def _array(group: Any, world: World, name: str, runs: int) -> Any:
    lengths = {**{axis: len(labels) for axis, labels in coordinates(world).items()}, "run": runs}
    names = dims(name)
    blocks = {"run": min(runs, together(world, runs)), "state": 1}
    dtype = "int8" if name in SIMULATED_ACTS else "float32"
    return group.create_array(
        name,
        shape=tuple(lengths[d] for d in names),
        chunks=tuple(blocks.get(d, lengths[d]) for d in names),
        dtype=dtype,
        fill_value=np.nan if dtype == "float32" else MISSING,  # what xarray reads as missing: never the number zero
        attributes={
            "_ARRAY_DIMENSIONS": list(names),
            "units": codebook()[name].unit,
            "long_name": codebook()[name].meaning,
        },
    )


def _with_norm(record: tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*(recorded() if record is None else record), "norm"]))


def attributes(world: World, runs: int) -> dict[str, Any]:
    """What a history says of itself."""
    parameters = priors.label(world.scenario)
    return {"scenario": world.scenario.name, "seed": world.seed, "runs": runs, "parameters": parameters}


def open_history(path: Path) -> xr.Dataset:
    """Open a stored history without loading it."""
    import xarray as xr

    stored: xr.Dataset = xr.open_zarr(path, consolidated=False, chunks=None)
    return stored
