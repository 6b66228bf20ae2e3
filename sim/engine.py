"""The ensemble: many runs of one scenario at once, as arrays over all states and runs.

Floor 4. Hands whole arrays to the same rules that a Mesa agent follows for its own row (:mod:`sim.agents`); the two
never import each other. No formula of the theory stands here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import repeat
from operator import is_

import numpy as np

from sim.axes import AXES, Array
from sim.codebook import codebook, of_kind
from sim.errors import InputError, nearest
from sim.rulebook import RULES, Rule, bind, needed, resting_on
from sim.rules.turn import CARRIED, PHASES
from sim.world import World

CHUNK = 1024
"""Runs computed together at most: enough that arithmetic outweighs bookkeeping, few enough to bound memory."""

THREADS = min(4, os.cpu_count() or 1)
"""Chunks computed at the same time; NumPy lets threads run side by side."""

Kept = dict[str, tuple[list[Array], Array] | None]
"""Rule -> what it read and what came of it the last time."""

Standing = tuple[int, dict[str, Array]]
"""Quarters done, and frames of what is carried into the next."""


def check_record(record: tuple[str, ...]) -> None:
    """Refuse to record what the model does not compute.

    Raises
    ------
    InputError : with the nearest name
    """
    possible = {*RULES, *CARRIED, *of_kind("input", "trait", "parameter", "shock")} - {f"next_{name}" for name in CARRIED}
    for name in record:
        if name not in possible:
            raise InputError(f"'{name}' cannot be recorded", where="--record", how=nearest(name, possible))


def simulate(
    world: World,
    runs: range,
    record: tuple[str, ...],
    progress: Callable[[int], None] = lambda done: None,
    precision: type = np.float64,
    out: dict[str, Array] | None = None,
    since: Standing | None = None,
    passed: Callable[[int, dict[str, Array]], None] = lambda done, carried: None,
) -> dict[str, Array]:
    """Simulate consecutive runs.

    Parameters
    ----------
    world : the exogenous side of a scenario
    runs : consecutive run numbers; any split into ranges gives the same numbers
    record : variables to keep
    progress : called with the number of quarters done
    precision : of what is kept; computed is always in float64
    out : where to keep it (default: new arrays), as it is returned
    since : where these runs stood when some quarters were done: they go on from there, and nothing is kept of what was before
    passed : called after every quarter with the quarters done and what is carried on

    Returns
    -------
    name -> array (quarter, *axes of the variable, run)
    """
    check_record(record)
    out = room(world, record, len(runs), precision) if out is None else out
    frames = {name: out[name].reshape(-1, *_full(world, codebook()[name].axes, len(runs))) for name in record}
    for done, board in _quarters(world, runs, set(record), since):
        index = world.span[done - 1] - world.scenario.start
        if index >= 0:
            for name, frame in frames.items():
                frame[index] = board[name]  # what was current when the quarter ended
        passed(done, {name: board[name] for name in CARRIED})
        progress(done)
    world.forget(runs)
    return out


def _full(world: World, axes: tuple[str, ...], runs: int) -> tuple[int, ...]:
    return (*(world.lengths[a] if a in axes else 1 for a in AXES[:-1]), runs)


def room(world: World, record: tuple[str, ...], runs: int, precision: type = np.float64) -> dict[str, Array]:
    """Empty arrays for what is kept of some runs: name -> (quarter, *axes of the variable, run)."""
    n = len(world.scenario.quarters)
    return {name: np.empty([n, *(world.lengths[a] for a in codebook()[name].axes), runs], precision) for name in record}


def _quarters(world: World, runs: range, record: set[str], since: Standing | None) -> Iterator[tuple[int, dict[str, Array]]]:
    """Every quarter that is still to be played: how many are done with it, and its board at the end."""
    wanted = {f"next_{name}" for name in CARRIED} | record
    rules = needed(wanted, set())
    spin_up = needed({f"next_{name}" for name in CARRIED}, set())
    shocks = [name for name in of_kind("shock") if name in record or any(name in RULES[r].reads for r in rules)]
    constants = world.fixed | world.parameters(runs)
    begun, carried = since or (0, start(world, runs, constants))
    given: dict[str, Array] = {}
    kept: Kept = dict.fromkeys(rules - resting_on({*CARRIED, *of_kind("shock")}))
    for t, quarter in enumerate(world.span[begun:], start=begun):
        index = quarter - world.scenario.start
        given = unchanged(given, inputs_at(world, t) | world.traits(quarter, runs))
        board = constants | carried | given
        board |= {s: world.shock(s, quarter, runs) for s in shocks if index >= 0 or s == "stance_shock"}
        board = turn(world, board, rules if index >= 0 else spin_up, kept)
        carried = {name: board[name] for name in CARRIED}
        yield t + 1, board


def inputs_at(world: World, t: int) -> dict[str, Array]:
    """World inputs of the t-th simulated quarter, as frames."""
    return {name: values[t] for name, values in world.series.items()}


def unchanged(before: dict[str, Array], now: dict[str, Array]) -> dict[str, Array]:
    """What is given in a quarter, as the very arrays of the quarter before where the numbers are the same."""
    same = {n for n in before if before[n] is now[n] or np.array_equal(before[n], now[n])}
    return {n: before[n] if n in same else value for n, value in now.items()}


def start(world: World, runs: range, constants: dict[str, Array]) -> dict[str, Array]:
    """The world when the first quarter begins: where a posterior says the states stood, with contracts in force.

    Where nothing is known every state already does what it would decide on with neutral partners: an assumption, weakened by
    the spin-up of forward scenarios.

    Parameters
    ----------
    constants : frames of what stays: attributes, constants and the parameters of the runs

    Returns
    -------
    frames (state, partner, issue, run) of what is carried: stance and anchor in log points, commitment in contracts
    """
    first = world.span[0]
    board = constants | inputs_at(world, 0) | world.traits(first, runs)
    norm = constants["norm"]
    board |= {"stance": norm, "anchor": norm, "commitment": world.in_force + 0.0 * norm}
    board = evaluate(world, board, ("appraise", "perceive", "decide"), needed({"desired"}, set()))
    known = world.standing(runs)
    stance = np.where(np.isnan(known), board["desired"], known)
    return {"stance": stance, "anchor": stance, "commitment": board["commitment"]}


def turn(world: World, board: dict[str, Array], rules: set[str], kept: Kept | None = None) -> dict[str, Array]:
    """One quarter on the whole board: four phases, then the quarter ends, then delivery.

    Parameters
    ----------
    board : frame of every variable by name; what is computed is added, and what is carried moves on
    rules : names of the rules that are needed
    kept : as in :func:`evaluate`

    Returns
    -------
    the board at the end of the quarter
    """
    board = evaluate(world, board, ("appraise", "perceive", "decide", "act"), rules, kept)
    board |= {name: board[f"next_{name}"] for name in CARRIED}
    return evaluate(world, board, ("deliver",), rules, kept)


def evaluate(
    world: World, board: dict[str, Array], phases: tuple[str, ...], rules: set[str], kept: Kept | None = None
) -> dict[str, Array]:
    """Evaluate the needed rules of some phases in order; what a state does toward itself is neutral.

    Parameters
    ----------
    board : frame of every variable by name; results are added to it
    kept : rules worth remembering: where all that one reads is what it read the last time, its result is taken from there
    """

    def look(name: str, turned: tuple[int, ...] | None) -> Array:
        value = board[name]
        return value if turned is None else value.transpose(turned)

    kept = {} if kept is None else kept
    for phase in phases:
        for name in PHASES[phase]:
            if name in rules:
                reads = [board[argument.variable] for argument in RULES[name].arguments]
                known = kept.get(name)
                if known is None or not all(map(is_, reads, known[0])):
                    known = reads, neutral(world, RULES[name], bind(RULES[name], look, world.lengths), reads)
                    if name in kept:
                        kept[name] = known
                board[name] = known[1]
    return board


def neutral(world: World, rule: Rule, value: Array, reads: list[Array]) -> Array:
    """A result with zero times what a state does toward itself.

    Only these places are touched, in a result that is nobody else's: a multiplication by one elsewhere changes nothing.

    Parameters
    ----------
    value : frame with the result of the rule
    reads : frames that the rule has read; a result that shares memory with one of them is copied
    """
    if not {"state", "partner"} <= set(rule.axes):
        return value
    if not isinstance(value, np.ndarray) or value.base is not None or any(map(is_, reads, repeat(value))):
        return value * world.not_self
    toward_itself = np.einsum("ii...->i...", value)  # a view
    toward_itself *= 0.0
    return value


def chunks(runs: int, size: int = CHUNK) -> list[range]:
    """Run numbers 0 to ``runs - 1`` in consecutive ranges.

    >>> chunks(5, 2)
    [range(0, 2), range(2, 4), range(4, 5)]
    """
    return [range(a, min(a + size, runs)) for a in range(0, runs, size)]
