"""Who did it: a difference split into its causes, by Shapley values over groups of causes.

Floor 5. A difference between two worlds, or a change between two quarters of one, is simulated for every set of causes that
could have been present, with the same luck; each cause gets the mean of what it adds over all orders in which causes can come
(Shapley 1953; Owen 2014, SIAM/ASA J. Uncertainty Quantification 2). Parts add up to the whole, to rounding, run by run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import history, measures, quarters
from sim.engine import THREADS, chunks
from sim.errors import InputError
from sim.mixed import PARTS, Held, Mixed, Still, spoken
from sim.paired import check_paired
from sim.quantiles import STATISTICS, statistics
from sim.run import check_numbers
from sim.scenario import Scenario
from sim.summary import measure_named
from sim.words import signed
from sim.world import World

if TYPE_CHECKING:
    import pandas as pd

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Attribution:
    """A difference and its causes.

    Attributes
    ----------
    scenarios : one (a change) or two (a difference)
    state, measure : whose, and of what
    first, last : quarters between which it changed; equal where two worlds are compared at one quarter
    runs, seed : of the ensemble
    table : a row for each partner, issue area and part (``total`` is the whole), with ``part`` and the columns of a summary
    """

    scenarios: tuple[Scenario, ...]
    state: str
    measure: str
    first: str
    last: str
    runs: int
    seed: int
    table: pd.DataFrame = field(repr=False)


def shapley(values: dict[frozenset[str], Numbers], players: Sequence[str]) -> dict[str, Numbers]:
    """What each player adds, averaged over all orders in which they can come.

    Parameters
    ----------
    values : worth of every coalition, arrays of one shape
    players : names

    >>> worth = {frozenset(s): np.array(float(len(s) == 2)) for s in ("", "a", "b", "ab")}
    >>> {name: float(share) for name, share in shapley(worth, "ab").items()}
    {'a': 0.5, 'b': 0.5}
    """
    n, found = len(players), {}
    for player in players:
        rest = [p for p in players if p != player]
        total: Numbers = np.zeros_like(values[frozenset()])
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for held in combinations(rest, size):
                total = total + weight * (values[frozenset(held) | {player}] - values[frozenset(held)])
        found[player] = total
    return found


def attribute(
    base: Scenario,
    other: Scenario | None = None,
    *,
    runs: int = 500,
    seed: int = 1,
    state: str = "BGD",
    measure: str = "stance",
    first: str = "",
    last: str = "",
    progress: history.Progress = lambda done, total: None,
) -> Attribution:
    """Split a difference between two worlds, or a change between two quarters of one, into its causes.

    Parameters
    ----------
    base, other : worlds that share their draws; without ``other`` the change from ``first`` to ``last`` in ``base``
    state, measure : whose relations, and what of them
    first, last : quarters; ``last`` alone matters where two worlds are compared (default: the last recorded one)

    Raises
    ------
    InputError : worlds that cannot be paired, quarters that are not there, a measure without partner and issue area
    """
    check_numbers(runs, seed)
    if not {"partner", "issue"} <= set(measure_named(measure).axes):
        raise InputError(
            f"'{measure}' is not split", where="--measure", why="causes act on relations.", how="use stance or cooperation."
        )
    end = quarters.quarter(last, "--to") if last else base.until
    begin = quarters.quarter(first, "--from") if first else base.start
    for quarter in (begin, end):
        if quarter not in base.quarters:
            span = f"{quarters.name(base.start)} to {quarters.name(base.until)}"
            raise InputError(f"{quarters.name(quarter)} is not in '{base.name}'", how=f"choose quarters from {span}.")
    world = Held(replace(base, until=end), seed)
    if other is None:
        if end <= begin:
            raise InputError("the change ends where it begins", where="--to", how="name a later quarter.")
        table = _change(world, state, measure, begin, runs, progress)
        return Attribution((base,), state, measure, quarters.name(begin), quarters.name(end), runs, seed, table)
    check_paired((base, other), state)
    table = _difference(world, Held(replace(other, until=end), seed), state, measure, runs, progress)
    return Attribution((base, other), state, measure, quarters.name(end), quarters.name(end), runs, seed, table)


def _difference(base: Held, other: Held, state: str, measure: str, runs: int, progress: history.Progress) -> pd.DataFrame:
    players = [part for part in PARTS if part != "chance" and _differ(base, other, state, part)]

    def build(taken: frozenset[str]) -> Mixed:
        return Mixed(base, other, state, taken)

    worths = _worths(build, players, state, measure, runs, (base.scenario.until,), (base, other), progress)
    values = {coalition: worth[0] for coalition, worth in worths.items()}
    shares = shapley(values, players)
    nothing = np.zeros_like(values[frozenset()])
    shares |= {part: nothing for part in PARTS if part not in players and part != "chance"}
    return _table(base, state, shares, values[frozenset(players)] - values[frozenset()])


def _change(world: Held, state: str, measure: str, begin: int, runs: int, progress: history.Progress) -> pd.DataFrame:
    still = Still(world, begin)
    players = [part for part in PARTS if part != "parameters" and _moves(world, still, state, part)]

    def build(present: frozenset[str]) -> Mixed:
        return Mixed(world, still, state, frozenset(PARTS) - present)

    worths = _worths(build, players, state, measure, runs, (begin, world.scenario.until), (world,), progress)
    values, start = {coalition: worth[1] for coalition, worth in worths.items()}, worths[frozenset(players)][0]
    shares = shapley(values, players) | {"inherited": values[frozenset()] - start}
    nothing = np.zeros_like(start)
    shares |= {part: nothing for part in PARTS if part not in shares and part != "parameters"}
    return _table(world, state, shares, values[frozenset(players)] - start)


def _worths(
    build: Callable[[frozenset[str]], Any],
    players: Sequence[str],
    state: str,
    measure: str,
    runs: int,
    at: Sequence[int],
    drawn: Sequence[Held],
    progress: history.Progress,
) -> dict[frozenset[str], Numbers]:
    """The outcome of every coalition of parts in quarters ``at``, (quarter, partner, issue, run), side by side."""
    coalitions = [frozenset(c) for size in range(len(players) + 1) for c in combinations(players, size)]
    worlds = [build(coalition) for coalition in coalitions]
    parts = chunks(runs, history.together(worlds[0]))
    columns: list[list[Numbers]] = [[] for _ in coalitions]
    with ThreadPoolExecutor(THREADS) as pool:
        for number, part in enumerate(parts):
            outcomes = pool.map(lambda world, part=part: _outcome(world, state, measure, part, at), worlds)
            for place, found in enumerate(outcomes):
                columns[place].append(found)
                progress(number * len(worlds) + place + 1, len(parts) * len(worlds))
            for world in drawn:
                world.let_go(part)
    return {c: np.concatenate(column, axis=-1) for c, column in zip(coalitions, columns, strict=True)}


def _outcome(world: Any, state: str, measure: str, runs: range, at: Sequence[int]) -> Numbers:
    """A measure of the state toward every other, (quarter, partner, issue, run)."""
    chosen, states = measures.MEASURES[measure], world.scenario.states
    block = history.block(world, runs, tuple(dict.fromkeys((*chosen.needs, "norm"))), lambda done: None)
    values = chosen.function(measures.at(block.__getitem__, {"state": states.index(state)}))
    found: Numbers = values[[quarter - world.scenario.start for quarter in at]]
    return found[:, [i for i, s in enumerate(states) if s != state]]


def _differ(base: World, other: World, state: str, part: str) -> bool:
    """Whether two worlds differ in a part, in the first few runs (draws of later runs follow the same values)."""
    return _unlike(Mixed(base, other, state, frozenset()), Mixed(base, other, state, frozenset({part})), base.span)


def _moves(world: World, still: Still, state: str, part: str) -> bool:
    """Whether a part moves after the first quarter."""
    return _unlike(Mixed(world, still, state, frozenset()), Mixed(world, still, state, frozenset({part})), world.span)


def _unlike(one: Mixed, two: Mixed, span: range) -> bool:
    runs = range(2)
    if any(not np.array_equal(one.series[name], two.series[name]) for name in one.series):
        return True
    if not np.array_equal(one.in_force, two.in_force):
        return True
    a, b = one.parameters(runs), two.parameters(runs)
    if any(not np.array_equal(a[name], b[name]) for name in a):
        return True
    for quarter in span:
        a, b = one.traits(quarter, runs), two.traits(quarter, runs)
        if any(not np.array_equal(a[name], b[name]) for name in a):
            return True
    last = span[-1]
    return not np.array_equal(one.shock("stance_shock", last, runs), two.shock("stance_shock", last, runs))


def _table(world: World, state: str, shares: dict[str, Numbers], total: Numbers) -> pd.DataFrame:
    import pandas as pd

    partners = [s for s in world.scenario.states if s != state]
    issues = world.scenario.issues
    tables = []
    for part, values in [("total", total), *shares.items()]:
        found = statistics(values).reshape(len(STATISTICS), -1)
        columns = {
            "state": state,
            "partner": np.repeat(partners, len(issues)),
            "issue": np.tile(issues, len(partners)),
            "part": part,
        }
        table = pd.DataFrame(columns | dict(zip(STATISTICS, found, strict=True)))
        table["p_positive"] = (values > 0).mean(axis=-1).ravel()
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def in_words(found: Attribution, partner: str, issue: str, names: dict[str, str]) -> str:
    """One sentence: the whole, and what the largest parts add to it."""
    rows = found.table[(found.table.partner == partner) & (found.table.issue == issue)].set_index("part")
    total = rows.loc["total"]
    parts = rows.drop(index="total").sort_values("mean", key=abs, ascending=False)
    said = [f"{spoken(str(part))} {signed(row['mean'])}" for part, row in parts.iterrows() if abs(row["mean"]) >= 0.005]
    when = f"in {found.last}" if found.first == found.last else f"from {found.first} to {found.last}"
    causes = ", ".join(said[:4]) or "nothing that moved it"
    who = f"{names.get(found.state, found.state)} toward {names.get(partner, partner)} in {names.get(issue, issue).lower()}"
    known = total.q10 == total.q10 and total.q90 == total.q90  # empty where so few runs cannot support it
    bounds = f"80 % interval {signed(total.q10)} to {signed(total.q90)}" if known else "too few runs for an interval"
    return f"{who}: {signed(total['mean'])} {when} ({bounds}); of this {causes}."
