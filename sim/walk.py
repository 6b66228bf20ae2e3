"""One run, quarter by quarter, with the Mesa twin: who did what, and why each state acted.

Floor 5. The twin of run r is row r of the ensemble: what is read here is a line of the fan, in the agent's own words.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sim import library, live, quarters
from sim.axes import Array
from sim.errors import InputError
from sim.scenario import Scenario
from sim.words import change, index, temperature

LONGEST = 48
"""Recorded quarters up to which a run can be stepped through: a board of each is kept."""

_ONE_AT_A_TIME = Lock()
"""Stepping puts a board before the agents, so two readers take turns."""

_WALKS = live.Memory(60_000_000)


@dataclass(frozen=True)
class Step:
    """What one state did toward one partner in one quarter of one run.

    Attributes
    ----------
    state, partner : codes
    leader : who was in office
    before, after : stance as an index from -1 to 1, before and after the quarter
    moved, stands : change and level in words
    acts : labels of the dated acts done
    why : the agent's explanation, in paragraphs
    """

    state: str
    partner: str
    leader: str
    before: float
    after: float
    moved: str
    stands: str
    acts: tuple[str, ...]
    why: str


class Walk:
    """A played run of which the board of every recorded quarter is kept.

    Parameters
    ----------
    scenario, seed : of the ensemble
    run : which run of it
    """

    def __init__(self, scenario: Scenario, seed: int, run: int) -> None:
        from sim.agents import StateSystem

        self.system = StateSystem(live.stage(scenario, seed), run)
        self.boards: dict[int, dict[str, Array]] = {}
        for quarter in self.system.world.span:
            self.system.step()
            if quarter >= scenario.start - 1:
                self.boards[quarter] = {name: value.copy() for name, value in self.system.board.items()}

    @property
    def size(self) -> int:
        """Bytes of the boards kept."""
        return sum(value.nbytes for board in self.boards.values() for value in board.values())

    def steps(self, quarter: int, issue: str) -> list[Step]:
        """What every state did toward every other in a quarter, the largest move of each state first."""
        states = self.system.world.scenario.states
        with _ONE_AT_A_TIME:
            found = [self._step(quarter, a, b, issue) for a in states for b in states if a != b]
        return sorted(found, key=lambda step: (states.index(step.state), -abs(step.after - step.before)))

    def _step(self, quarter: int, state: str, partner: str, issue: str) -> Step:
        now = self._stance(quarter, state, partner, issue)
        before = self._stance(quarter - 1, state, partner, issue) if quarter - 1 in self.boards else now
        self.system.board, self.system.quarter = self.boards[quarter], quarter
        why = self.system.agent(state).explain("stance", partner, issue)
        scenario = self.system.world.scenario
        leaders = [scenario.leaders[slug].name for slug in self.system.world.in_office(state, quarter)]
        acts = self._acts(quarter, state, partner)
        moved, stands = change(now - before), temperature(now)
        return Step(state, partner, " and ".join(leaders), before, now, moved, stands, acts, why)

    def _stance(self, quarter: int, state: str, partner: str, issue: str) -> float:
        self.system.board = self.boards[quarter]
        agent = self.system.agent(state)
        return index(agent.value("stance", partner, issue) - agent.value("norm", partner, issue))

    def _acts(self, quarter: int, state: str, partner: str) -> tuple[str, ...]:
        """Dated acts of a state toward a partner; none are modelled among the powers."""
        done: Any = self.boards[quarter].get("act_done")
        if done is None or (library.states()[state].value.power and library.states()[partner].value.power):
            return ()
        labels = self.system.world.labels
        a, b = labels["state"].index(state), labels["partner"].index(partner)
        row = done[a, b, 0, 0, 0, :, 0]
        return tuple(name for name, happened in zip(labels["act"], row, strict=True) if happened > 0)


def walk(scenario: Scenario, seed: int, run: int, runs: int) -> Walk:
    """A run of an ensemble, played once and remembered.

    Raises
    ------
    InputError : no such run, or a record too long to keep
    """
    if not 0 <= run < runs:
        how = f"choose 0 to {runs - 1}."
        raise InputError(f"there is no run {run}", where="run", why="the ensemble has no such history.", how=how)
    if len(scenario.quarters) > LONGEST:
        raise InputError(
            f"'{scenario.name}' has {len(scenario.quarters)} quarters",
            where="scenario",
            why=f"stepping keeps the board of every quarter, for {LONGEST} at most.",
            how="choose a scenario of the coming years, or ask `padma explain` about one quarter.",
        )
    key = json.dumps([scenario.raw, seed, run], default=str)
    return _WALKS.get(key, lambda: Walk(scenario, seed, run), lambda made: made.size)


def quarter_named(scenario: Scenario, name: str) -> int:
    """A recorded quarter by its name.

    Raises
    ------
    InputError : not a quarter, or not one of this scenario
    """
    when = quarters.quarter(name, "quarter")
    if when not in scenario.quarters:
        span = f"{quarters.name(scenario.start)} to {quarters.name(scenario.until)}"
        raise InputError(f"{name} is not in this scenario", where="quarter", how=f"choose a quarter from {span}.")
    return when
