"""The same model as Mesa agents: five states that perceive, decide and act, one run at a time.

Floor 4, and the only place that imports Mesa. This is the readable, inspectable twin of the ensemble: run r
of Mesa equals row r of :mod:`sim.engine`. Override :meth:`StateAgent.decide` to let a state decide otherwise.
"""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np

from sim import library, quarters
from sim.axes import POSITION, Array
from sim.codebook import codebook, of_kind
from sim.errors import InputError, nearest
from sim.rulebook import RULES, bind
from sim.rules.turn import CARRIED, PHASES
from sim.words import explanation
from sim.world import World

_STATE = POSITION["state"]


class StateAgent(mesa.Agent):  # type: ignore[misc]
    """One state. It sees the board of the system through :meth:`look` and writes only its own row of it.

    Attributes
    ----------
    iso3 : code of the state
    row : its place on the ``state`` axis
    """

    def __init__(self, model: StateSystem, iso3: str, row: int) -> None:
        super().__init__(model)
        self.iso3 = iso3
        self.row = row

    def look(self, name: str, turned: tuple[int, ...] | None = None) -> Array:
        """What this state sees of a variable: its own row, with one run.

        Parameters
        ----------
        name : codebook variable
        turned : how the frame is turned first (see ``sim.rulebook.VIEWS``); None to look straight at it
        """
        value = self.model.board[name]
        value = value if turned is None else value.transpose(turned)
        if value.shape[_STATE] == 1:
            return value
        return value[self.row : self.row + 1]

    def value(self, name: str, partner: str | None = None, issue: str | None = None) -> float:
        """One number of this state, e.g. ``agent.value("perceived", "RUS", "defence")``."""
        labels = self.model.world.labels
        index = [0] * len(POSITION)
        for axis, label in (("state", self.iso3), ("partner", partner), ("issue", issue)):
            if axis in codebook()[name].axes and label is not None:
                index[list(POSITION).index(axis)] = labels[axis].index(label)
        return float(self.model.board[name][tuple(index)])

    def follow(self, phase: str) -> None:
        """Apply the rules of a phase to the own row."""
        for name in PHASES[phase]:
            rule = RULES[name]
            if "state" in rule.axes:
                value = bind(rule, self.look, self.model.seen)
                if "partner" in rule.axes:
                    value = value * self.model.world.not_self[self.row : self.row + 1]
                self.model.write(name, self.row, value)

    def appraise(self) -> None:
        """R1, R3a, R5: the system and oneself."""
        self.follow("appraise")

    def perceive(self) -> None:
        """R2 to R4, R6 to R9: what the system asks for, through the leader's eyes."""
        self.follow("perceive")

    def decide(self) -> None:
        """R10, R11: what to do toward each partner. Override this to let a state decide otherwise."""
        self.follow("decide")

    def act(self) -> None:
        """R12 to R14: move as far as home allows, keep and sign contracts."""
        self.follow("act")

    def deliver(self) -> None:
        """R15 and the observables: what comes of it together with the others."""
        self.follow("deliver")

    def explain(self, variable: str = "stance", partner: str = "RUS", issue: str = "diplomacy") -> str:
        """In words: what pressure there was, what the leader saw, what was chosen and why, in the quarter just played.

        Raises
        ------
        InputError : unknown variable, partner or issue area
        """
        known = {*RULES, *CARRIED}
        if variable not in known:
            raise InputError(f"'{variable}' is nothing a state computes", how=nearest(variable, known))
        code = library.state_code(partner)
        if issue not in self.model.world.scenario.issues:
            raise InputError(f"'{issue}' is not an issue area", how=nearest(issue, self.model.world.scenario.issues))
        if code == self.iso3:
            raise InputError("a state has no relation with itself", how="name another partner.")
        if self.model.quarter is None:
            raise InputError("no quarter has been played yet", how="call model.step() first.")
        leaders = self.model.world.in_office(self.iso3, self.model.quarter)
        names = [self.model.world.scenario.leaders[slug].name for slug in leaders]
        return explanation(
            lambda name: self.value(name, code, issue),
            state=library.states()[self.iso3].value.name,
            partner=library.states()[code].value.name,
            issue=issue,
            variable=variable,
            quarter=quarters.name(self.model.quarter),
            leader=" and ".join(names) or "nobody in particular",
        )


class StateSystem(mesa.Model):  # type: ignore[misc]
    """The international system of one run.

    Parameters
    ----------
    world : the exogenous side of a scenario
    run : which run of the ensemble this is the twin of
    agents : other classes of agent for some states, e.g. ``{"IND": Stubborn}`` with a ``StateAgent`` that decides otherwise
    """

    def __init__(self, world: World, run: int = 0, agents: dict[str, type[StateAgent]] | None = None) -> None:
        super().__init__(rng=0)  # Mesa insists on a generator; padma never draws from it
        self.world = world
        self.run = range(run, run + 1)
        self.seen = world.lengths | {"state": 1}
        self.constants: dict[str, Array] = world.fixed | world.parameters(self.run)
        self.quarter: int | None = None
        self.played = 0
        self.board: dict[str, Array] = dict(self.constants)
        for row, iso3 in enumerate(world.scenario.states):
            kind = (agents or {}).get(iso3, StateAgent)
            kind(self, iso3, row)
        self._begin()

    def write(self, name: str, row: int, value: Array) -> None:
        """Put a state's row on the board.

        Parameters
        ----------
        name : of a rule
        row : number of the state
        value : frame of that state's results, length one on the axis ``state``
        """
        shape = [self.world.lengths[a] if a in RULES[name].axes else 1 for a in list(POSITION)[:-1]]
        board = self.board.setdefault(name, np.zeros([*shape, 1]))
        board[row : row + 1] = value

    def _world_rules(self, phase: str) -> None:
        for name in PHASES[phase]:
            if "state" not in RULES[name].axes:
                self.board[name] = bind(RULES[name], lambda n, turned: self.board[n], self.world.lengths)

    def _inputs(self, t: int) -> None:
        quarter = self.world.span[t]
        self.board |= {name: values[t] for name, values in self.world.series.items()}
        self.board |= self.world.traits(quarter, self.run)
        drawn = of_kind("shock") if quarter >= self.world.scenario.start else ("stance_shock",)
        self.board |= {name: self.world.shock(name, quarter, self.run) for name in drawn}

    def _begin(self) -> None:
        """Every state stands where a posterior says, or does what it would decide on with neutral partners (see the ODD)."""
        norm = self.constants["norm"]
        self._inputs(0)
        self.board |= {"stance": norm, "anchor": norm, "commitment": self.world.in_force + 0.0 * norm}
        for phase in ("appraise", "perceive", "decide"):
            self._phase(phase)
        known = self.world.standing(self.run)
        stance: Array = np.where(np.isnan(known), self.board["desired"], known)
        self.board |= {"stance": stance, "anchor": stance.copy()}

    def _phase(self, phase: str) -> None:
        self._world_rules(phase)
        self.agents.do(phase)

    def step(self) -> None:
        """One quarter: all appraise, all perceive, all decide, all act; the quarter ends; all deliver.

        Raises
        ------
        InputError : the last quarter has been played
        """
        if self.played == len(self.world.span):
            last = quarters.name(self.world.scenario.until)
            raise InputError(f"'{self.world.scenario.name}' ends in {last}", how="read the scenario with a later 'until'.")
        self.quarter = self.world.span[self.played]
        self._inputs(self.played)
        recorded = self.quarter >= self.world.scenario.start
        for phase in ("appraise", "perceive", "decide", "act"):
            self._phase(phase)
        self.board |= {name: self.board[f"next_{name}"].copy() for name in CARRIED}
        if recorded:  # in the spin-up only what is carried on matters
            self._phase("deliver")
        self.played += 1

    def simulate(self, record: tuple[str, ...]) -> dict[str, Array]:
        """Play every quarter and keep what is asked for.

        Returns
        -------
        name -> array (quarter, *axes of the variable, 1), as :func:`sim.engine.simulate` gives for one run
        """
        kept: dict[str, list[Array]] = {name: [] for name in record}
        for quarter in self.world.span:
            self.step()
            if quarter >= self.world.scenario.start:
                for name in record:
                    axes = codebook()[name].axes
                    shape = [self.world.lengths[a] for a in axes]
                    full = [self.world.lengths[a] if a in axes else 1 for a in list(POSITION)[:-1]]
                    kept[name].append(np.broadcast_to(self.board[name], [*full, 1]).reshape([*shape, 1]).copy())
        return {name: np.stack(values) for name, values in kept.items()}

    def agent(self, state: str) -> Any:
        """The agent of a state given by code or name."""
        code = library.state_code(state)
        return next(agent for agent in self.agents if agent.iso3 == code)
