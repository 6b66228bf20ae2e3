"""Worlds put together from parts of two others, or with parts that stand still: what attribution simulates.

Floor 3. A part is a group of causes that a history can be blamed on. Everything that the engine asks a world for is passed on
to one of two worlds, part by part; nothing is computed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.axes import Array
from sim.codebook import codebook
from sim.scenario import Scenario
from sim.world import HOME_TRAITS, World

PARTS = ("system", "images", "traits", "domestic", "commitments", "response", "parameters", "chance")
"""What can differ: world inputs; the images of the state's leader, and the other traits; constraint at home; contracts; leaders
of the other states; parameters and switches; luck."""

LABELS = {
    "system": "System",
    "images": "Leader: images",
    "traits": "Leader: other traits",
    "domestic": "Domestic constraint",
    "commitments": "Contracts",
    "response": "Leaders of the other side",
    "parameters": "Parameters",
    "chance": "Chance",
    "inherited": "Already under way",
}
"""How the parts are called in tables and figures."""


def spoken(part: str) -> str:
    """The name of a part inside a sentence.

    >>> spoken("images"), spoken("chance")
    ("the leader's images", 'chance')
    """
    return LABELS[part].lower().replace("leader: ", "the leader's ")


MEANINGS = {
    "system": "capabilities, sanctions, rivalries and all else that is given from outside",
    "images": "what the state's leader thinks of the partners",
    "traits": "the leader's insecurity, economic priority and assertiveness",
    "domestic": "how much the home arena lets a leader move",
    "commitments": "contracts signed before",
    "response": "who leads the partners",
    "parameters": "how strongly the rules work, and what is switched off",
    "chance": "luck: the record's where it is known, else drawn",
    "inherited": "what was on its way before the first quarter",
}
"""What each part holds, in a few words."""

CONTRACTS = ("scheduled",)
DOMESTIC = ("veto",)


def part_of(name: str) -> str:
    """The part that a world input belongs to."""
    return "domestic" if name in DOMESTIC else "commitments" if name in CONTRACTS else "system"


@dataclass(frozen=True)
class Held(World):
    """A world that keeps what it has drawn until it is told to let go: many mixtures of it need the same."""

    def shock(self, name: str, quarter: int, runs: range) -> Array:
        """Luck, drawn once: a frame over what the shock varies by, and run."""
        key = ("shock", name, quarter, runs.start, runs.stop)
        if key not in self._cache:
            self._cache[key] = super().shock(name, quarter, runs)
        result: Array = self._cache[key]
        return result

    def forget(self, runs: range) -> None:
        """Nothing yet: other mixtures will ask for the same."""

    def let_go(self, runs: range) -> None:
        """Drop what was drawn for runs that are done with."""
        super().forget(runs)


@dataclass(frozen=True)
class Mixed:
    """A world whose parts come from two others; the engine runs it like any world.

    Attributes
    ----------
    base, other : worlds over the same quarters, states and issue areas
    state : whose leader the parts ``images`` and ``traits`` are about
    taken : parts that come from ``other``
    """

    base: World
    other: Any
    state: str
    taken: frozenset[str]

    def _of(self, part: str) -> Any:
        return self.other if part in self.taken else self.base

    @property
    def scenario(self) -> Scenario:
        """The base scenario: quarters, states, issue areas."""
        return self.base.scenario

    @property
    def seed(self) -> int:
        """Of all chance."""
        return self.base.seed

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """Labels of every axis but ``run``."""
        return self.base.labels

    @property
    def lengths(self) -> dict[str, int]:
        """Length of every axis but ``run``."""
        return self.base.lengths

    @property
    def not_self(self) -> Array:
        """Frame (state, partner): 0 for a state toward itself and 1 elsewhere."""
        return self.base.not_self

    @property
    def span(self) -> range:
        """All simulated quarters."""
        return self.base.span

    @property
    def fixed(self) -> dict[str, Array]:
        """Frames of attributes and constants."""
        return self.base.fixed

    @property
    def series(self) -> dict[str, Array]:
        """World inputs, each from the world that its part is taken from: arrays (quarter, ...) of frames."""
        return {name: self._of(part_of(name)).series[name] for name in self.base.series}

    @property
    def in_force(self) -> Array:
        """Frame (state, partner, issue): contracts in force when the first quarter begins."""
        result: Array = self._of("commitments").in_force
        return result

    def traits(self, quarter: int, runs: range) -> dict[str, Array]:
        """Frames of the traits of whoever leads: the own from ``images`` and ``traits``, the others' from ``response``."""
        here = [s == self.state for s in self.scenario.states]
        found = {}
        for name in ("image_of", *HOME_TRAITS):
            own = self._of("images" if name == "image_of" else "traits").traits(quarter, runs)[name]
            theirs = self._of("response").traits(quarter, runs)[name]
            mask = np.array(here).reshape(-1, *[1] * (own.ndim - 1))
            found[name] = np.where(mask, own, theirs)
        return found

    def shock(self, name: str, quarter: int, runs: range) -> Array:
        """Luck of one quarter: a frame over what the shock varies by, and run."""
        result: Array = self._of("chance").shock(name, quarter, runs)
        return result

    def parameters(self, runs: range) -> dict[str, Array]:
        """Frames of the parameters of the runs."""
        result: dict[str, Array] = self._of("parameters").parameters(runs)
        return result

    def standing(self, runs: range) -> Array:
        """Frame (state, partner, issue, run) of stances when the first quarter begins, in log points."""
        return self.base.standing(runs)

    def forget(self, runs: range) -> None:
        """Drop what was kept for runs that are done."""
        self.base.forget(runs)
        self.other.forget(runs)


@dataclass(frozen=True)
class Still:
    """A world in which nothing moves after a quarter: inputs, leaders and contracts stay, and luck is neither good nor bad.

    Attributes
    ----------
    world : what stands still
    since : last quarter whose inputs and leaders hold from then on
    """

    world: World
    since: int

    @property
    def series(self) -> dict[str, Array]:
        """Arrays (quarter, ...) of inputs, kept at their value in ``since``; no contract begins or ends after it by date."""
        at = self.since - self.world.span[0]
        found = {}
        for name, values in self.world.series.items():
            held = values.copy()
            held[at + 1 :] = 0.0 if name in CONTRACTS else values[at]
            found[name] = held
        return found

    @property
    def in_force(self) -> Array:
        """Frame (state, partner, issue): contracts in force when the first quarter begins."""
        return self.world.in_force

    def traits(self, quarter: int, runs: range) -> dict[str, Array]:
        """Frames of the traits of whoever led in ``since``."""
        return self.world.traits(min(quarter, self.since), runs)

    def shock(self, name: str, quarter: int, runs: range) -> Array:
        """Luck until ``since``, none after it: a frame over what the shock varies by, and run."""
        found = self.world.shock(name, quarter, runs)
        return found if quarter <= self.since else found * 0.0 + (0.5 if codebook()[name].law == "uniform" else 0.0)

    def parameters(self, runs: range) -> dict[str, Array]:
        """Frames of the parameters of the runs."""
        return self.world.parameters(runs)

    def forget(self, runs: range) -> None:
        """Drop what was kept for runs that are done."""
        self.world.forget(runs)
