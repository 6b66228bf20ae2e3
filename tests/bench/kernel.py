"""The yardstick of the benchmark: the turn as one compiled loop (``kernel.c``), verified against the ensemble engine.

Written once more by hand, in C, for the five states, six issue areas, eight roll calls and eight classes of acts that ship; so
it stands here, where nothing is simulated for anybody, and not in :mod:`sim`. It says what the processor could do with this
arithmetic if nothing had to stay general. Needs a C compiler (``cc``, or the one named by ``CC``); without one there is no
yardstick, and :func:`compiled` says so.
"""

from __future__ import annotations

import ctypes
import os
import shlex
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim import compiled as compiled_engine
from sim import engine, history
from sim.codebook import codebook
from sim.world import World

SOURCE = Path(__file__).with_name("kernel.c")
FLAGS = ("-O3", "-march=native", "-ffast-math", "-fopenmp-simd", "-shared", "-fPIC", "-DB=128")
WIDE = ("-mprefer-vector-width=512",)
"""Tried first: not every compiler and processor knows it. Blocks of 128 runs were the fastest of 16 to 128."""

GIVEN = (
    *("power", "exposure", "lifetime", "unilateral", "priority_sign", "votes_here", "orders_here", "trade_here", "aid_here"),
    *("assembly", "on_palestine", "on_disarmament", "power_vote", "act_goldstein", "act_rate", "usual_counterweight"),
    *("step", "capability_spread", "counterweight_spread", "usual_pressure", "pressure_spread"),
    *("image_unit", "dependence_unit", "mean_goldstein", "goldstein_spread"),
)
PARAMETERS = (
    *("norm", "system_gain", "leader_gain", "share_mix", "clarity_exponent", "priority_effect", "risk_effect"),
    *("omnibalancing", "reciprocity", "jealousy", "rivalry_follow", "coercion_weight", "demand_weight", "hedging"),
    *("lock_in", "adjustment_rate", "veto_effect", "volatility", "roughness", "signing_rate", "supply_effect", "flow"),
    *("agenda_weight", "palestine_effect", "disarmament_effect", "no_cut", "yes_gap", "order_rate", "aid_loading"),
    "act_slope",
)
TRAITS = ("image_of", "insecurity", "economic_priority", "assertiveness")
SERIES = (
    *("capability", "proximity", "hostility", "rivalry_record", "record_over", "sanctions", "dependence", "concentration"),
    *("power_shift", "risk", "territorial_threat", "veto", "capacity", "price", "price_taker", "demand", "aid_reference"),
    *("usual_capability", "scheduled"),
)
KEPT = (
    *("stance", "cooperation", "commitment", "pull", "systemic_signal", "leader_reading", "order_share", "orders"),
    *("trade_volume", "aid", "vote_no", "vote_yes", "act_probability", "vote", "act_done"),
)
SHOCKS = ("stance_shock", "vote_shock", "order_shock", "act_shock")


@dataclass(frozen=True)
class Prepared:
    """Everything that a number of runs needs, before the first quarter is played: arrays as the kernel reads them."""

    world: World
    runs: range
    given: list[Any]
    parameters: list[Any]
    traits: list[Any]
    series: list[Any]
    chance: list[Any]
    start: list[Any]


def compiled(folder: Path) -> Any:
    """The kernel, compiled into a folder; None where there is no C compiler that can do it."""
    command = shlex.split(os.environ.get("CC", "cc"))
    library = folder / "kernel.so"
    if shutil.which(command[0]) is None:
        return None
    for flags in ((*FLAGS, *WIDE), FLAGS):
        built = subprocess.run([*command, *flags, str(SOURCE), "-o", str(library), "-lm"], capture_output=True, check=False)
        if built.returncode == 0:
            return ctypes.CDLL(str(library))
    return None


def prepare(world: World, runs: range, *, drawn: bool) -> Prepared:
    """Lay out a world for the kernel.

    Parameters
    ----------
    drawn : the shocks are drawn beforehand, instead of by the kernel
    """
    constants = world.fixed | world.parameters(runs)
    first = engine.start(world, runs, constants)
    traits = [world.traits(quarter, runs) for quarter in world.span]
    return Prepared(
        world=world,
        runs=runs,
        given=[_plain(world.fixed[name]) for name in GIVEN],
        parameters=[_full(world, name, constants[name], len(runs)) for name in PARAMETERS],
        traits=[np.stack([_full(world, name, t[name], len(runs)) for t in traits]) for name in TRAITS],
        series=[_plain(world.series[name]) for name in SERIES],
        chance=_drawn(world, runs) if drawn else _addresses(world),
        start=[_full(world, "stance", first[name], len(runs)) for name in ("stance", "anchor", "commitment")],
    )


def _plain(values: Any) -> Any:
    return np.ascontiguousarray(values, dtype=np.float64)


def _full(world: World, name: str, values: Any, runs: int) -> Any:
    axes = codebook()[name].axes
    lengths = [world.lengths[a] if a in axes else 1 for a in ("state", "partner", "third", "issue", "item", "act")]
    return _plain(np.broadcast_to(values, (*lengths, runs)))


def _drawn(world: World, runs: range) -> list[Any]:
    shocks = [[_full(world, name, world.shock(name, q, runs), len(runs)) for q in world.span] for name in SHOCKS]
    return [np.stack(values) for values in shocks] + [None] * 5


def _addresses(world: World) -> list[Any]:
    keys: list[Any] = []
    places = []
    for name in SHOCKS:
        streams, where = world._streams(name)
        places.append(np.where(where > 0, where + len(keys), 0).astype(np.int64))
        keys += [address for law in sorted(streams) for address in streams[law]]
    return [None, None, None, None, np.ascontiguousarray(keys, dtype=np.uint64), *places]


def simulate(library: Any, prepared: Prepared) -> dict[str, Any]:
    """Play every quarter.

    Returns
    -------
    name -> array (quarter, *axes, run), as :func:`sim.engine.simulate` gives for the same world, runs and variables
    """
    world, runs = prepared.world, prepared.runs
    if len(runs) % library.width() or runs.start % 4:
        raise ValueError(f"the kernel takes runs {library.width()} at a time, from a multiple of four on")
    lengths = [len(world.scenario.quarters)]
    out = {n: np.empty([*lengths, *(world.lengths[a] for a in codebook()[n].axes), len(runs)]) for n in KEPT}
    laws = world._streams("stance_shock")[0]
    streams = 0 if prepared.chance[4] is None else len(prepared.chance[4])
    numbers = (len(laws["normal"]), len(laws["student_t4"]), streams, world.span[0], runs.start)
    chance = (ctypes.c_void_p * 14)(*_pointers(prepared.chance), *numbers)
    groups = (prepared.given, prepared.parameters, prepared.traits, prepared.series)
    tables = [(ctypes.c_void_p * len(group))(*_pointers(group)) for group in groups]
    kept = (ctypes.c_void_p * len(KEPT))(*_pointers([out[name] for name in KEPT]))
    quarters, spin_up = len(world.span), len(world.span) - len(world.scenario.quarters)
    start = [ctypes.c_void_p(array) for array in _pointers(prepared.start)]
    library.simulate(*tables, chance, kept, *start, quarters, spin_up, ctypes.c_int64(len(runs)))
    return out


def _pointers(arrays: list[Any]) -> list[Any]:
    return [None if array is None else array.ctypes.data for array in arrays]


def check(library: Any, prepared: Prepared) -> float:
    """Largest difference of anything recorded from the ensemble engine, relative to one plus its size."""
    found = simulate(library, prepared)
    expected = engine.simulate(prepared.world, prepared.runs, history.variables())
    return max(float((np.abs(found[n] - expected[n]) / (1 + np.abs(expected[n]))).max()) for n in history.variables())


# --- time -----------------------------------------------------------------------------------------------------------------


class Remembered:
    """A world that draws nothing twice: what is left to time is the turn."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._held: dict[Any, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world, name)

    def _once(self, name: str, *arguments: Any) -> Any:
        if (name, *arguments) not in self._held:
            self._held[name, *arguments] = getattr(self._world, name)(*arguments)
        return self._held[name, *arguments]

    def traits(self, quarter: int, runs: range) -> Any:
        """Traits of whoever leads."""
        return self._once("traits", quarter, runs)

    def shock(self, name: str, quarter: int, runs: range) -> Any:
        """Luck."""
        return self._once("shock", name, quarter, runs)

    def parameters(self, runs: range) -> Any:
        """Parameters of the runs."""
        return self._once("parameters", runs)

    def standing(self, runs: range) -> Any:
        """Stances when the first quarter begins."""
        return self._once("standing", runs)

    def forget(self, runs: range) -> None:
        """Keep everything."""


def seconds(library: Any, world: World, runs: range, repeats: int) -> dict[str, list[float]]:
    """CPU seconds of the kernel and of both array engines, taken in turns by one thread.

    Returns
    -------
    name -> seconds of each repeat; ``whole``: from a world to recorded arrays, with parameters, traits and shocks drawn (those
    of the kernel in C, the others by :mod:`sim`); ``turn``: the turn alone, with all that drawn beforehand
    """
    names = history.variables()
    held: Any = Remembered(world)
    ready = prepare(world, runs, drawn=True)
    world.forget(runs)

    def from_the_world() -> None:
        simulate(library, prepare(world, runs, drawn=False))
        world.forget(runs)

    tasks = {
        "kernel whole": from_the_world,
        "ensemble whole": lambda: engine.simulate(world, runs, names),
        "compiled whole": lambda: compiled_engine.simulate(world, runs, names),
        "kernel turn": lambda: simulate(library, ready),
        "ensemble turn": lambda: engine.simulate(held, runs, names),
        "compiled turn": lambda: compiled_engine.simulate(held, runs, names),
    }
    found: dict[str, list[float]] = {name: [] for name in tasks}
    for repeat in range(-1, repeats):  # the first time warms
        for name, work in tasks.items():
            began = time.thread_time()
            work()
            if repeat >= 0:
                found[name].append(time.thread_time() - began)
    return found
