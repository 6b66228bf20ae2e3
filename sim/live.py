"""Ensembles for somebody who turns a knob: played again and again, and only what a turn changes is computed anew.

Floor 5. Luck and parameters are pure functions of seed, names, quarter and run, so worlds can share them; world inputs,
laid-out files and finished ensembles are remembered as well, and a world that differs from an earlier one only from some
quarter on is played from there. Every number is the one that :func:`sim.run.run` finds.
"""

from __future__ import annotations

import copy
import json
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from threading import Lock
from typing import Any, TypeVar

import numpy as np

from sim import engine, history, layers, schema
from sim.axes import AXES, Array
from sim.inputs import Inputs
from sim.rules.turn import CARRIED
from sim.scenario import Scenario, resolve
from sim.shocks import Floats
from sim.world import World
from sim.yamlfile import Document

T = TypeVar("T")

CALLED_BY_NAME = ("name", "title", "question", "differs", "note", "sources", "assumptions", "cotenability", "leaders", "seats")
"""Keys of a scenario that no world input depends on."""

LUCK, ENSEMBLES, INPUTS, FORKS = 160_000_000, 160_000_000, 40_000_000, 60_000_000
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

    def known(self, key: Hashable) -> Any:
        """What was made for a key; None if nothing is known of it."""
        with self._lock:
            if key not in self._found:
                return None
            self._found.move_to_end(key)
            return self._found[key][0]


_LUCK, _INPUTS, _ENSEMBLES, _FORKS = Memory(LUCK), Memory(INPUTS), Memory(ENSEMBLES), Memory(FORKS)
_PLAYED: deque[tuple[tuple[bytes, ...], Any]] = deque(maxlen=12)
"""Marks (:meth:`Stage.marks`) of the worlds played last, with runs and what was recorded."""
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

    def _draw(self, slug: str, trait: str, partner: str, entry: schema.TraitEntry, runs: range) -> Floats:
        learned = self.scenario.posterior.fingerprint if self.scenario.posterior else ""
        at = ("trait", self.seed, learned, slug, trait, partner, entry.value, entry.range, runs.start, runs.stop)
        return _LUCK.get(at, lambda: World._draw(self, slug, trait, partner, entry, runs), lambda drawn: drawn.nbytes)

    def marks(self) -> tuple[bytes, ...]:
        """For every quarter a mark of all that world and seed give until it ends; where marks agree, so do the worlds."""
        s = self.scenario
        learned = s.posterior.fingerprint if s.posterior else ""
        always = [self.seed, self.span[0], s.start, s.states, s.issues, sorted(s.off), s.luck, s.parameters, learned]
        mark, before, found = blake2b(json.dumps(always).encode(), digest_size=16), None, []
        mark.update(self.in_force.tobytes())
        for t, quarter in enumerate(self.span):
            for values in self.series.values():
                mark.update(values[t].tobytes())
            seated = self._seated(quarter)
            mark.update(b"." if seated == before else repr(seated).encode())
            before = seated
            found.append(mark.digest())
        return tuple(found)


def stage(scenario: Scenario, seed: int) -> Stage:
    """The world of a scenario, with inputs that were laid out before where they are the same."""
    world = Stage(scenario, seed)
    span = (scenario.spin_up_from, scenario.start, scenario.until)
    given = json.dumps({k: v for k, v in scenario.raw.items() if k not in CALLED_BY_NAME}, default=str)

    def lay() -> Inputs:
        inputs = Inputs(scenario)
        _ = inputs.fixed, inputs.in_force
        inputs.__dict__["series"] = {name: _steps(values) for name, values in inputs.series.items()}
        return inputs

    world.__dict__["inputs"] = _INPUTS.get((span, given), lay, lambda inputs: sum(map(_size, inputs.series.values())))
    return world


def _steps(values: Array) -> list[Array]:
    """Frames by quarter; where one is what the quarter before had, it is the very same array, so nobody need compare them."""
    found: list[Array] = []
    for value in values:
        found.append(found[-1] if found and np.array_equal(found[-1], value) else value)
    return found


def _bytes(arrays: dict[str, Array]) -> int:
    return sum(array.nbytes for array in arrays.values())


def _size(values: list[Array]) -> int:
    return sum(value.nbytes for value in values)


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
    return _resolved(name, json.dumps(settings))


@lru_cache(16)
def _resolved(name: str, settings: str) -> Scenario:
    laid = _laid(name)
    whole = Document(laid.path, copy.deepcopy(laid.content), laid.lines, dict(laid.places))
    return resolve(layers.change(whole, json.loads(settings)))


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


@dataclass(frozen=True)
class Fork:
    """Where an ensemble stood when the quarters were over in which another world was the same.

    Attributes
    ----------
    carried : frames of what was carried on
    before : recorded variable -> (quarter, *axes, run) of those quarters
    """

    carried: dict[str, Array]
    before: dict[str, Array]


def _play(world: Stage, runs: int, needs: tuple[str, ...], stopped: Callable[[], bool]) -> Ensemble:
    kept = tuple(name for name in history.variables(needs) if name != "norm")
    whole, marks, size = engine.room(world, kept, runs), world.marks(), (runs, kept)
    alike = max((_alike(marks, held) for held, played in tuple(_PLAYED) if played == size), default=0)
    forks = ((done, _FORKS.known((marks[done - 1], size))) for done in range(alike, 0, -1))
    begun, fork = next(((done, found) for done, found in forks if found), (0, None))
    shape = (*(world.lengths[axis] if axis in ("state", "partner", "issue") else 1 for axis in AXES[:-1]), runs)
    carried = {name: np.empty(shape) for name in CARRIED} if alike > begun else {}
    if fork:
        for name, values in fork.before.items():
            whole[name][: len(values)] = values

    def go_on(done: int) -> None:
        if stopped():
            raise CancelledError

    def work(part: range) -> dict[str, Array]:
        own = (..., slice(part.start, part.stop))

        def passed(done: int, now: dict[str, Array]) -> None:
            if done == alike:
                for name, values in carried.items():
                    values[own] = now[name]

        here = {name: values[own] for name, values in whole.items()}
        since = (begun, {name: np.ascontiguousarray(values[own]) for name, values in fork.carried.items()}) if fork else None
        engine.simulate(world, part, kept, go_on, np.float64, here, since, passed)
        drawn: dict[str, Array] = history.drawn(world, part)
        return drawn

    parts = list(_PLAYERS.map(work, engine.chunks(runs, chunk(runs, world))))
    if carried:
        recorded = max(alike - (world.scenario.start - world.span[0]), 0)
        left = Fork(carried, {name: values[:recorded].copy() for name, values in whole.items()})
        _FORKS.get((marks[alike - 1], size), lambda: left, lambda fork: _bytes(fork.carried) + _bytes(fork.before))
    _PLAYED.append((marks, size))
    return Ensemble(world, runs, whole | {"norm": np.concatenate([part["norm"] for part in parts], axis=-1)})


def _alike(one: tuple[bytes, ...], other: tuple[bytes, ...]) -> int:
    """Quarters at the start in which two worlds are the same."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def chunk(runs: int, world: World) -> int:
    """Runs played together: small enough that every core has some, no more than the main job takes."""
    shared = -(-runs // engine.THREADS)
    return max(1, min(shared, history.together(world)))
