"""Ensembles for somebody who turns a knob: played again and again, and only what a turn changes is computed anew.

Floor 5. Luck and parameters are pure functions of seed, names, quarter and run, so worlds can share them; world inputs,
laid-out files and finished ensembles are remembered as well. Every number is the one that :func:`sim.run.run` finds.
"""

from __future__ import annotations

import copy
import json
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any, TypeVar

import numpy as np

from sim import engine, history, layers
from sim.axes import Array
from sim.inputs import Inputs
from sim.scenario import Scenario, resolve
from sim.world import World
from sim.yamlfile import Document

T = TypeVar("T")

CALLED_BY_NAME = ("name", "title", "question", "differs", "note", "sources", "assumptions", "cotenability", "leaders", "seats")
"""Keys of a scenario that no world input depends on."""

LUCK, ENSEMBLES, INPUTS = 160_000_000, 160_000_000, 40_000_000
"""Bytes that may be remembered of each."""


class Memory:
    """Results by key, the least used forgotten first; safe to use from several threads.

    Parameters
    ----------
    most : bytes that are kept
    """

    def __init__(self, most: int) -> None:
        self.most, self.held, self._lock = most, 0, Lock()
        self._found: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """What was made for a key, or what ``make`` makes now."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                known: T = self._found[key][0]
                return known
        made = make()  # outside the lock: two threads may make the same thing, and it is the same
        with self._lock:
            if key not in self._found:
                self._found[key] = made, size(made)
                self.held += size(made)
            while self.held > self.most and len(self._found) > 1:
                self.held -= self._found.popitem(last=False)[1][1]
        return made


_LUCK, _INPUTS, _ENSEMBLES = Memory(LUCK), Memory(INPUTS), Memory(ENSEMBLES)
_PLAYERS = ThreadPoolExecutor(engine.THREADS, thread_name_prefix="play")


class Stage(World):
    """A world that shares luck, parameters and inputs with every other world in which they are the same."""

    def shock(self, name: str, quarter: int, runs: range) -> Array:
        """A frame, as in :class:`sim.world.World`; luck that the record speaks of is made anew."""
        if self.scenario.luck == "record" or self.pairing.parts:
            return super().shock(name, quarter, runs)
        at = (self.seed, name, quarter, runs.start, runs.stop, self.scenario.states, "chance" in self.scenario.off)
        return _LUCK.get(at, lambda: World.shock(self, name, quarter, runs), lambda drawn: drawn.nbytes)

    def parameters(self, runs: range) -> dict[str, Array]:
        """Frames by name, as in :class:`sim.world.World`."""
        s = self.scenario
        fixed = json.dumps(s.parameters, sort_keys=True), s.off, s.posterior.fingerprint if s.posterior else ""
        at = ("parameters", self.seed, runs.start, runs.stop, s.states, *fixed)
        drawn = _LUCK.get(at, lambda: World.parameters(self, runs), _bytes)
        return dict(drawn)

    def look_ahead(self) -> None:
        """Find out who leads in every quarter, before several threads would do it one beside the other."""
        for quarter in self.span:
            self._seated(quarter)


def stage(scenario: Scenario, seed: int) -> Stage:
    """The world of a scenario, with inputs that were laid out before where they are the same."""
    world = Stage(scenario, seed)
    span = (scenario.spin_up_from, scenario.start, scenario.until)
    given = json.dumps({k: v for k, v in scenario.raw.items() if k not in CALLED_BY_NAME}, default=str)

    def lay() -> Inputs:
        inputs = Inputs(scenario)
        _ = inputs.series, inputs.fixed
        return inputs

    world.__dict__["inputs"] = _INPUTS.get((span, given), lay, lambda inputs: _bytes(inputs.series))
    return world


def _bytes(arrays: dict[str, Array]) -> int:
    return sum(array.nbytes for array in arrays.values())


# --- scenarios --------------------------------------------------------------------------------------------------------------


@lru_cache(32)
def _laid(name: str) -> Document:
    return layers.lay_out(name, {}, None)


def scenario(name: str, settings: dict[str, Any]) -> Scenario:
    """As :func:`sim.scenario.read_scenario`, with files that are read once.

    Raises
    ------
    InputError : anything in the files or settings that does not fit
    """
    laid = _laid(name)
    whole = Document(laid.path, copy.deepcopy(laid.content), laid.lines, dict(laid.places))
    return resolve(layers.change(whole, settings))


# --- ensembles --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ensemble:
    """Runs of one scenario.

    Attributes
    ----------
    world : what they were played in
    runs : how many
    arrays : recorded variable -> (quarter, *axes, run), parameters without quarter
    """

    world: Stage
    runs: int
    arrays: dict[str, Array] = field(repr=False)


def play(
    scenario: Scenario, seed: int, runs: int, needs: tuple[str, ...], stopped: Callable[[], bool] = lambda: False
) -> Ensemble:
    """Play an ensemble, or take it from memory.

    Parameters
    ----------
    needs : variables to record
    stopped : asked every quarter; once it says yes, nobody waits for the result any more

    Raises
    ------
    CancelledError : nobody waits any more
    """
    world = stage(scenario, seed)
    key = json.dumps([scenario.raw, seed, runs, sorted(needs)], default=str), scenario.spin_up_from
    return _ENSEMBLES.get(key, lambda: _play(world, runs, needs, stopped), lambda found: _bytes(found.arrays))


def _play(world: Stage, runs: int, needs: tuple[str, ...], stopped: Callable[[], bool]) -> Ensemble:
    kept = tuple(name for name in history.variables(needs) if name != "norm")
    whole = engine.room(world, kept, runs)
    world.look_ahead()

    def go_on(done: int) -> None:
        if stopped():
            raise CancelledError

    def work(part: range) -> dict[str, Array]:
        here = {name: values[..., part.start : part.stop] for name, values in whole.items()}
        engine.simulate(world, part, kept, go_on, np.float64, here)
        drawn: dict[str, Array] = history.drawn(world, part)
        return drawn

    parts = list(_PLAYERS.map(work, engine.chunks(runs, chunk(runs, world))))
    return Ensemble(world, runs, whole | {"norm": np.concatenate([part["norm"] for part in parts], axis=-1)})


def chunk(runs: int, world: World) -> int:
    """Runs played together: small enough that every core has some, no more than the main job takes."""
    shared = -(-runs // engine.THREADS)
    return max(1, min(shared, history.together(world)))
