"""What one request is about: scenarios, measure and dyads, checked before anything is played."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sim import library, measures
from sim.errors import InputError, nearest
from sim.explorer.state import Asked, Opened
from sim.measures import Measure
from sim.paired import check_paired
from sim.scenario import Scenario
from sim.summary import issue_named, measure_named

MOST = 110_000
"""Run-quarters that are held in memory for a page: about 130 MB for each variable recorded."""


@dataclass(frozen=True)
class Scene:
    """What one request is about, checked.

    Attributes
    ----------
    asked : as it came
    a, b : the scenario that is turned, and the one it is held against
    measure, kind : what is measured, in which issue area (roll call, class of act)
    dyads : panels, as (state, partner); no partner is ''
    at : which panel is the large one
    """

    asked: Asked
    a: Scenario
    b: Scenario | None
    measure: Measure
    kind: str
    dyads: tuple[tuple[str, str], ...]
    at: int


def scene(asked: Asked, opened: Opened) -> Scene:
    """Check a request.

    Raises
    ------
    InputError : a scenario, change, measure, state or issue area that does not fit
    """
    a = opened.scenario(asked.a)
    b = opened.scenario(asked.b) if asked.b else None
    if b is not None:  # two worlds may begin with the same scenario, so they are told apart by other names
        check_paired([replace(b, name="world B"), replace(a, name="world A")], asked.view.state)
    if asked.runs * len(a.quarters) > MOST:
        raise InputError(
            f"{asked.runs:,} runs of {len(a.quarters)} quarters are too many for a page",
            where="runs",
            why="all of them are held in memory while you turn.",
            how=f"choose {MOST // len(a.quarters):,} runs or fewer here; `padma run` plays any number.",
        )
    chosen = measure_named(asked.view.measure)
    state = library.state_code(asked.view.state, "state")
    dyads = _dyads(chosen, state, a.states)
    partners = [p if s == state else s for s, p in dyads]
    at = partners.index(asked.view.partner) if asked.view.partner in partners else 0
    return Scene(asked, a, b, chosen, issue_named(asked.view.issue, chosen), dyads, at)


def _dyads(measure: Measure, state: str, states: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Who toward whom; where a measure does not run from the state, the others toward it."""
    if state not in states:
        raise InputError(f"{state} takes no part in this scenario", where="state", how=nearest(state, states))
    if "partner" not in measure.axes:
        found = [(state, "")]
    else:
        found = [(state, p) for p in states if p != state and not measures.skip_partner(measure, state, p)]
        found = found or [(p, state) for p in states if p != state and not measures.skip_partner(measure, p, state)]
    found = [(a, b) for a, b in found if not measures.skip(measure, a)]
    if not found:
        raise InputError(
            f"'{measure.name}' is not modelled for {state}",
            where="measure",
            why="votes and arms orders are modelled for small states, aid from powers to them.",
            how="choose another measure or state.",
        )
    return tuple(found)


def needs(measure: Measure) -> tuple[str, ...]:
    """Variables to record for a measure."""
    return tuple(dict.fromkeys([*measure.needs, "norm"]))
