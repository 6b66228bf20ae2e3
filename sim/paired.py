"""Paired counterfactuals: two or more worlds that share every draw of chance and of parameters.

Floor 5. Run r has the same luck, the same parameters and the same reading of the leaders' codings in every world, so that the
difference of the two is caused by what the scenarios say and by nothing else (Pearl 2009, ch. 7; common random numbers:
Glasserman and Yao 1992, Management Science 38(6)). Two worlds that do not share their draws are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import history, library, measures, quarters, words
from sim.engine import THREADS
from sim.errors import InputError
from sim.measures import MEASURES, Measure
from sim.quantiles import STATISTICS, statistics
from sim.run import check_numbers
from sim.scenario import Scenario, read_scenario
from sim.summary import COLUMNS
from sim.world import World

if TYPE_CHECKING:
    import pandas as pd

COMPARED = ("stance", "cooperation", "commitment", "order_share", "trade_volume", "aid", "vote_yes", "act_probability")
"""Measures that are compared unless others are asked for."""

CONTRASTS = ("against", *COLUMNS, "p_positive", "p_relevant", "variance_ratio")
"""Columns of a table of contrasts: as in a summary, then the probabilities that the difference is above zero and outside the
region of practical equivalence, and the variance of the paired difference over that of an unpaired one."""

TEXTS = {"name", "title", "question", "differs", "assumptions", "cotenability", "sources", "note"}
"""Keys of a scenario that change no number."""

Values = dict[tuple[str, str, str], NDArray[np.float32]]
"""(measure, state, partner) -> array (quarter, kind, run); no partner is '', and a measure without kinds has one."""


@dataclass(frozen=True)
class Comparison:
    """What two or more worlds with the same draws have in common and what not.

    Attributes
    ----------
    scenarios : the worlds; the first is what the others are held against
    state : whose relations are compared, in both directions
    runs, seed : of the ensemble
    table : summary of every world, with a column ``scenario``
    contrasts : differences of the later worlds from the first, with the columns ``CONTRASTS`` and ``scenario``
    """

    scenarios: tuple[Scenario, ...]
    state: str
    runs: int
    seed: int
    table: pd.DataFrame = field(repr=False)
    contrasts: pd.DataFrame = field(repr=False)


def compare(
    base: Scenario | str,
    *others: Scenario | str,
    runs: int = 1000,
    seed: int = 1,
    state: str = "BGD",
    names: Sequence[str] = COMPARED,
    progress: history.Progress = lambda done, total: None,
) -> Comparison:
    """Simulate several worlds with the same draws and take differences run by run.

    Parameters
    ----------
    base, others : scenarios or their names
    runs, seed : of the ensemble, the same for all
    state : whose relations
    names : measures
    progress : called with (work done, work in all) in run-quarters

    Raises
    ------
    InputError : the worlds cannot be paired, or a number or name does not fit
    """
    check_numbers(runs, seed)
    worlds = tuple(read_scenario(s) if isinstance(s, str) else s for s in (base, *others))
    check_paired(worlds, state)
    chosen = [measures.MEASURES[name] for name in names]
    total = sum(len(World(s, seed).span) for s in worlds) * runs
    done, found = 0, []
    for scenario in worlds:
        before = done
        values = _values(scenario, seed, runs, state, chosen, lambda d, t, before=before: progress(before + d, total))  # type: ignore[misc]
        done += len(World(scenario, seed).span) * runs
        found.append(values)
    import pandas as pd  # not before: loading it takes as long as some hundred runs, and the door may have begun it

    table = pd.concat([_table(s, v).assign(scenario=s.name) for s, v in zip(worlds, found, strict=True)], ignore_index=True)
    against = [
        _contrasts(worlds[0], s, found[0], v).assign(scenario=s.name) for s, v in zip(worlds[1:], found[1:], strict=True)
    ]
    return Comparison(worlds, state, runs, seed, table, pd.concat(against, ignore_index=True))


def check_paired(worlds: Sequence[Scenario], state: str) -> None:
    """Refuse worlds whose difference would not be that of their stories.

    Raises
    ------
    InputError : fewer than two, one twice, other quarters, states or issue areas, another posterior, or no such state
    """
    if len(worlds) < 2:
        why = "a difference takes two."
        pair = _suggested(worlds[0]) if worlds else "bnp_government jamaat_led"
        raise InputError("one scenario is no comparison", why=why, how=f"name two: padma compare {pair}")
    names = [s.name for s in worlds]
    if twice := next((n for n in names if names.count(n) > 1), None):
        why = "one could not tell which is which."
        raise InputError(f"the scenario '{twice}' is named twice", why=why, how="give one of the two files another name.")
    first = worlds[0]
    if state not in first.states:
        raise InputError(f"{state} is not in '{first.name}'", how=f"choose from {', '.join(first.states)}.")
    for other in worlds[1:]:
        pairs = {
            "first quarter": (quarters.name(first.start), quarters.name(other.start)),
            "last quarter": (quarters.name(first.until), quarters.name(other.until)),
            "first simulated quarter": (quarters.name(first.spin_up_from), quarters.name(other.spin_up_from)),
            "states": (" ".join(first.states), " ".join(other.states)),
            "posterior": tuple(s.posterior.fingerprint[:10] if s.posterior else "none" for s in (first, other)),
        }
        for what, (a, b) in pairs.items():
            if a != b:
                raise InputError(
                    f"'{first.name}' and '{other.name}' cannot be paired: {what} {a} against {b}",
                    why="a difference run by run means something only where both worlds share every draw.",
                    how="base both on the same scenario, or set the key in both with --set or --until.",
                )


def partner(scenario: Scenario) -> str:
    """What a scenario is to be held against: its nearest base over the same quarters that is another world ('' if none is)."""
    above = scenario.name.rpartition("+")[0]
    for name in [above] if above else scenario.chain[1:]:
        base = read_scenario(name)
        try:
            check_paired((base, scenario), base.states[0])
        except InputError:
            continue
        if any(base.raw.get(key) != scenario.raw.get(key) for key in {*base.raw, *scenario.raw} - TEXTS):
            return name
    return ""


def _suggested(scenario: Scenario) -> str:
    """Two names to give to ``padma compare``, one of them the scenario's."""
    if base := partner(scenario):
        return f"{base} {scenario.name}"
    others = (read_scenario(name) for name in library.scenario_names())
    branch = next((s.name for s in others if scenario.name in s.chain[1:] and partner(s) == scenario.name), "OTHER")
    return f"{scenario.name} {branch}"


def _values(
    scenario: Scenario, seed: int, runs: int, state: str, chosen: Sequence[Measure], progress: history.Progress
) -> Values:
    """Every measure of one world in every run, for one state's relations in both directions."""
    world = World(scenario, seed)
    record = tuple(dict.fromkeys(name for m in chosen for name in (*m.needs, "norm")))
    parts = history.blocks_of(world, runs, record, progress, lambda block: _measured(world, block, state, chosen))
    return {key: np.concatenate([part[key] for part in parts], axis=-1) for key in parts[0]}


def _measured(world: World, block: dict[str, Any], state: str, chosen: Sequence[Measure]) -> Values:
    """Measures of one block of runs."""
    states = world.scenario.states
    pairs = [pair for p in states if p != state for pair in ((state, p), (p, state))]
    found = {}
    for m in chosen:
        for a, b in pairs if "partner" in m.axes else [(state, "")]:
            if not measures.skip(m, a) and not (b and measures.skip_partner(m, a, b)):
                places = {"state": states.index(a)} | ({"partner": states.index(b)} if b else {})
                found[m.name, a, b] = _kinds(m.function(measures.at(block.__getitem__, places)))
    return found


def _kinds(values: Any) -> NDArray[np.float32]:
    """(quarter, kind, run), with one kind where the measure has none."""
    return np.asarray(values[:, None] if values.ndim == 2 else values, dtype=np.float32)


def _labels(scenario: Scenario, measure: Measure) -> tuple[str, ...]:
    """What the kinds of a measure are called."""
    axis = next((a for a in ("issue", "item", "act") if a in measure.axes), "")
    return World(scenario, 0).labels[axis] if axis else ("",)


def _table(scenario: Scenario, values: Values) -> pd.DataFrame:
    """The summary of one world."""
    return _rows(scenario, values, lambda v, key: statistics(v.astype(np.float64)), STATISTICS)


def _contrasts(base: Scenario, other: Scenario, left: Values, right: Values) -> pd.DataFrame:
    """Differences of a world from the first, run by run."""

    def held_against(v: NDArray[np.float32], key: tuple[str, str, str]) -> NDArray[np.float64]:
        there, here = left[key].astype(np.float64), v.astype(np.float64)
        difference = here - there
        unpaired = here.var(axis=-1) + there.var(axis=-1)
        ratio = np.divide(difference.var(axis=-1), unpaired, out=np.full(unpaired.shape, np.nan), where=unpaired > 0)
        relevant = (np.abs(difference) > words.index(words.ROPE)).mean(axis=-1)
        if MEASURES[key[0]].range != (-1.0, 1.0):  # how much matters is said on the index alone
            relevant = np.full(ratio.shape, np.nan)
        shares = [(difference > 0).mean(axis=-1), relevant, ratio]
        return np.concatenate([statistics(difference), np.stack(shares)])

    found = _rows(other, right, held_against, (*STATISTICS, "p_positive", "p_relevant", "variance_ratio"))
    return found.assign(against=base.name)


def _rows(scenario: Scenario, values: Values, of: Any, columns: Sequence[str]) -> pd.DataFrame:
    """A tidy table of statistics ``of`` every measure, dyad, kind and quarter."""
    import pandas as pd

    names = np.array([quarters.name(q) for q in scenario.quarters])
    with ThreadPoolExecutor(THREADS) as pool:  # sorting is most of the work, and NumPy sorts beside other threads
        founds = list(pool.map(lambda key: of(values[key], key).reshape(len(columns), -1), values))
    kept: list[NDArray[np.float64]] = []
    labels: dict[str, list[Any]] = {name: [] for name in ("quarter", "state", "partner", "issue", "measure")}
    for (measure, state, partner), found in zip(values, founds, strict=True):
        kinds = _labels(scenario, MEASURES[measure])
        quarter, kind = np.repeat(names, len(kinds)), np.tile(kinds, len(names))
        voted = np.full(len(quarter), True)
        if measure in measures.VOTES:
            voted = np.array([measures.on_agenda(k, q) for k, q in zip(kind.tolist(), quarter.tolist(), strict=True)])
        kept.append(found[:, voted])
        labels["quarter"].append(quarter[voted])
        labels["issue"].append(kind[voted])
        for name, value in {"state": state, "partner": partner, "measure": measure}.items():
            labels[name].append(np.repeat(value, voted.sum()))
    whole = {name: np.concatenate(parts) for name, parts in labels.items()}
    return pd.DataFrame(whole | dict(zip(columns, np.concatenate(kept, axis=1), strict=True)))


# --- findings ---------------------------------------------------------------------------------------------------------------


def clear_from(names: Sequence[str], low: NDArray[np.float64], high: NDArray[np.float64]) -> str | None:
    """First quarter from which to the end the interval of a difference leaves out zero; None if there is none.

    Parameters
    ----------
    names : of the quarters, in their order
    low, high : bounds of its 90 % interval

    >>> clear_from(["2026Q1", "2026Q2", "2026Q3"], np.array([-1.0, 0.1, 0.2]), np.array([1.0, 1.0, 1.0]))
    '2026Q2'
    """
    clear = (low > 0) | (high < 0)
    if not len(clear) or not clear[-1]:
        return None
    since = len(clear) - int(np.argmin(clear[::-1])) if not clear.all() else 0
    return str(names[since])
