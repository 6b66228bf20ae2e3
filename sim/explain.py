"""Why a number is what it is, and what another leader would have done with the same luck.

Floor 5. Re-simulates the run (or the mean of the ensemble) from the stored scenario and seed; nothing is
guessed from summaries.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import date
from typing import Any

from sim import library, quarters
from sim.codebook import codebook
from sim.engine import simulate
from sim.errors import InputError, nearest
from sim.scenario import Scenario, read_scenario_content
from sim.words import explanation, index
from sim.world import World

READS = (
    "pull", "counterweight", "threat", "coercion", "constraint", "systemic_signal", "image_of", "leader_reading", "perceived",
    "support", "interaction", "wish", "hedged", "norm", "desired", "moved", "stance_shock", "stance",
)  # fmt: skip
"""What an explanation reads."""

WITHIN_DAYS = 12 * 365
"""Alternatives are taken from the same dozen years: somebody coded for 1991 is no answer for 2026."""

MEAN_OVER = 200
"""Runs averaged when no single run is asked for."""


@dataclass(frozen=True)
class Alternative:
    """Another leader in the same seat with the same luck.

    Attributes
    ----------
    slug, name : who
    stance : index from -1 to 1 in the quarter explained
    difference : against whoever really sat there
    """

    slug: str
    name: str
    stance: float
    difference: float


@dataclass(frozen=True)
class Explanation:
    """An explanation in words, and the alternatives: others in the seat from the day ``since`` on."""

    text: str
    alternatives: tuple[Alternative, ...]
    quarter: str
    run: int | None
    since: date | None


def explain(
    scenario: Scenario, seed: int, runs: int, *, state: str, partner: str, issue: str, quarter: str, run: int | None = None
) -> Explanation:
    """Explain one stance.

    Parameters
    ----------
    scenario, seed, runs : of the ensemble
    state, partner, issue, quarter : what to explain
    run : a run number, or None for the mean of the first 200 runs

    Raises
    ------
    InputError : a quarter, run or issue area that the ensemble does not have
    """
    when = quarters.quarter(quarter, "--quarter")
    if when not in scenario.quarters:
        span = f"{quarters.name(scenario.start)} to {quarters.name(scenario.until)}"
        raise InputError(f"{quarter} is not in these results", where="--quarter", how=f"choose a quarter from {span}.")
    for name in (state, partner):
        if name not in scenario.states:
            how = f"name two of: {', '.join(scenario.states)}."
            raise InputError(f"{name} takes no part in these results", where="--dyad", how=how)
    if run is not None and not 0 <= run < runs:
        raise InputError(f"there is no run {run}", where="--run", how=f"choose 0 to {runs - 1}.")
    if issue not in scenario.issues:
        raise InputError(f"'{issue}' is not an issue area", where="--issue", how=nearest(issue, scenario.issues))
    chosen = range(run, run + 1) if run is not None else range(min(runs, MEAN_OVER))
    world = World(scenario, seed)
    found = simulate(world, chosen, READS)
    at = _place(world, state, partner, issue)

    def value(name: str) -> float:
        axes = codebook()[name].axes
        return float(found[name][(when - scenario.start, *(at[a] for a in axes))].mean())

    leaders = world.in_office(state, when)
    names = " and ".join(scenario.leaders[slug].name for slug in leaders) or "nobody in particular"
    text = explanation(
        value,
        state=named(state),
        partner=named(partner),
        issue=issue,
        variable="stance",
        quarter=quarters.name(when),
        leader=names,
        mean=run is None,
    )
    here = index(value("stance") - value("norm"))
    seated = scenario.leader_on(state, quarters.last_day(when))
    since = max((day for day, slug in scenario.seats[state] if slug == seated and day <= quarters.last_day(when)), default=None)
    others = tuple(_alternatives(scenario, seed, chosen, state, when, at, here, seated, since)) if seated and since else ()
    return Explanation(text, others, quarters.name(when), run, since)


def named(code: str) -> str:
    """Name of a state."""
    return str(library.states()[code].value.name)


def _place(world: World, state: str, partner: str, issue: str) -> dict[str, int]:
    labels = world.labels
    where = {"state": state, "partner": partner, "issue": issue}
    return {axis: labels[axis].index(name) for axis, name in where.items()}


def _alternatives(
    scenario: Scenario,
    seed: int,
    runs: range,
    state: str,
    when: int,
    at: dict[str, int],
    here: float,
    seated: str,
    since: date,
) -> list[Alternative]:
    """Others who could sit in the same seat, from the day the present leader took it; everything else stays."""
    found = []
    for slug in candidates(state, seated, since):
        other = World(reseated(scenario, state, slug, since), seed)
        run = simulate(other, runs, ("stance", "norm"))
        place = (when - scenario.start, at["state"], at["partner"], at["issue"])
        there = index(float((run["stance"][place] - run["norm"][place]).mean()))
        found.append(Alternative(slug, library.leaders()[slug].value.name, there, there - here))
    return sorted(found, key=lambda a: a.stance)


def candidates(state: str, seated: str, since: date) -> list[str]:
    """Leaders of a state whose coding begins nearest to a day, at most six, the seated one apart."""
    found = []
    for slug, entry in library.leaders().items():
        if slug != seated and library.state_code(entry.value.heads) == state:
            first = min(e.from_ for _, _, entries in entry.value.traits.each() for e in entries)
            found.append((abs((first - since).days), slug))
    return [slug for days, slug in sorted(found)[:6] if days < WITHIN_DAYS]


def reseated(scenario: Scenario, state: str, slug: str, since: date) -> Scenario:
    """The same scenario with another leader in a seat from a day on, until the next change of office."""
    raw: dict[str, Any] = copy.deepcopy(scenario.raw)
    raw["leaders"].pop(slug, None)
    key = next(k for k in raw["seats"] if library.state_code(k) == state)
    for seat in raw["seats"][key]:
        if quarters.day(seat["from"]) == since:
            seat["leader"] = slug
    return read_scenario_content(raw, scenario.name)
