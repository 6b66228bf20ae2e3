"""The record in yearly steps: the same rules as the engine, at step 1, on NumPy or JAX arrays.

The fit runs on years because the record does. This file holds what is given in each year and who sits where;
:mod:`calibration.model.paths` runs the rules. Years lie on the last axis of every frame, where the engine lays its runs.

What a fit simplifies, and says so:

- Inputs of a year are the means of its quarters; leaders count by their days in the year; 2024 is a step of half a year.
- The powers are clamped to the record among themselves: rivalry is the coded one, their stances stay at the norm.
- Toward Bangladesh a power has one stance for all issue areas (its parameters and its luck are the same in all of them).
- Trade is observed: each year starts from the recorded share. Energy, aid and people have no record; they follow their
  expected path without luck of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.model.paths import BEFORE, rule, tiers
from sim import engine, quarters, schema
from sim.axes import Array, frame, namespace
from sim.scenario import read_scenario
from sim.world import World

HOME = "BGD"
"""The small state whose dyads have a record."""

TRAITS = ("insecurity", "economic_priority", "assertiveness")


@dataclass(frozen=True)
class Coding:
    """A dated image of a partner in a leader's file, and in which years it counts.

    Attributes
    ----------
    leader, state, partner : who sees whom
    value, range : as coded (index in [-1, 1])
    draw : number of the (leader, partner) pair, whose codings share one draw
    weight : (year,) share of the year's days
    """

    leader: str
    state: str
    partner: str
    value: float
    range: tuple[float, float]
    draw: int
    weight: NDArray[np.float64]


@dataclass(frozen=True)
class Annual:
    """The exogenous side of the record, year by year.

    Attributes
    ----------
    world : the quarterly world it is averaged from
    goes_on : whether it may go on after the record ends, rivalry at its last recorded value and no contracts but dated ones
    """

    world: World = field(default_factory=lambda: World(read_scenario("history", settings={"posterior": "none"}), 1))
    goes_on: bool = False

    # --- time ----------------------------------------------------------------------------------------------------------

    @cached_property
    def years(self) -> NDArray[np.int64]:
        """Years that the scenario covers, (t,)."""
        return np.unique([q // 4 for q in self.world.span])

    @cached_property
    def _rows(self) -> list[NDArray[np.int64]]:
        """Positions of each year's quarters in the span."""
        of = np.array([q // 4 for q in self.world.span])
        return [np.flatnonzero(of == year) for year in self.years]

    @cached_property
    def _days(self) -> NDArray[np.float64]:
        """Length of each quarter in days."""
        return np.array([(quarters.last_day(q) - quarters.first_day(q)).days + 1.0 for q in self.world.span])

    def over_years(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Means over the quarters of each year: (quarter, ...) -> (..., year)."""
        return np.stack([values[rows].mean(axis=0) for rows in self._rows], axis=-1)

    # --- what is given -------------------------------------------------------------------------------------------------

    @cached_property
    def given(self) -> dict[str, Array]:
        """Frames of all that holds no unknown: attributes, yearly inputs, coded traits, rules that rest on them alone."""
        series = {name: self.over_years(values[..., 0]) for name, values in self.world.series.items()}
        if series["record_over"].any() and not self.goes_on:
            raise ValueError("the record ends within the scenario; the yearly step takes rivalry and contracts as recorded")
        board = dict(self.world.fixed) | series | self._traits()
        board["step"] = frame([len(rows) * quarters.STEP for rows in self._rows], ("run",))
        still = np.zeros((1,) * 7)
        board |= {"stance": still, "anchor": still, "rivalry_follow": still}
        board = engine.evaluate(self.world, board, BEFORE, tiers()[0])
        return {name: value for name, value in board.items() if name not in ("stance", "anchor", "rivalry_follow")}

    @cached_property
    def contracts(self) -> Array:
        """Frame by year of contracts in force when the year begins, by rule R14 quarter by quarter."""
        world = self.world
        nothing = np.zeros((1,) * 7)
        still = world.fixed | {"signing_rate": nothing, "joint": nothing}
        path = [world.in_force]
        for t in range(len(world.span)):
            path.append(rule(still | engine.inputs_at(world, t) | {"commitment": path[-1]}, "next_commitment"))
        return np.concatenate([path[rows[0]] for rows in self._rows], axis=-1)

    def known_contracts(self, unseen: frozenset[int]) -> Array:
        """Frame by year of contracts in force when it begins, without those signed in years that are held out.

        What a government signs belongs to the record that is held out: an order of the register is a contract too.
        """
        if not unseen:
            return self.contracts
        known = {n: c for n, c in self.world.scenario.contracts.items() if c.signed.year not in unseen}
        world = replace(self.world, scenario=replace(self.world.scenario, contracts=known))
        return replace(self, world=world).contracts

    @cached_property
    def clamp(self) -> Array:
        """Frame with 1 for dyads that move: those with one small and one large state."""
        power = self.world.fixed["power"]
        return self.world.not_self * (1 - power * power.transpose(1, 0, *range(2, 7)))

    # --- who sits where ------------------------------------------------------------------------------------------------

    def _seats(self, state: str) -> list[dict[str, float]]:
        """By quarter, leaders of a state with their share of the days of the year."""
        held = []
        for rows in self._rows:
            for i in rows:
                part = self._days[i] / self._days[rows].sum()
                office = self.world.in_office(state, self.world.span[i])
                held.append({leader: share * part for leader, share in office.items()})
        return held

    def _traits(self) -> dict[str, Array]:
        """Traits other than images, at their coded values, by days in office."""
        found = {}
        for trait in TRAITS:
            values = np.zeros((len(self.world.labels["state"]), len(self.years)))
            for i, state in enumerate(self.world.labels["state"]):
                for at, office in zip(self.world.span, self._seats(state), strict=True):
                    for leader, share in office.items():
                        entry = self.world.entry(leader, trait, "", at)
                        values[i, self._year(at)] += share * (0.5 if entry is None else entry.value)
            found[trait] = frame(values, ("state", "run"))
        return found

    def _year(self, quarter: int) -> int:
        return int(np.searchsorted(self.years, quarter // 4))

    @cached_property
    def codings(self) -> tuple[Coding, ...]:
        """Images that count in the record: Bangladesh's leaders of the powers, the powers' leaders of Bangladesh."""
        found: dict[tuple[Any, ...], tuple[schema.TraitEntry, NDArray[np.float64]]] = {}
        states = self.world.labels["state"]
        for state, partner in [(s, p) for s in states for p in states if s != p and HOME in (s, p)]:
            for at, office in zip(self.world.span, self._seats(state), strict=True):
                for leader, share in office.items():
                    entry = self.world.entry(leader, "image_of", partner, at)
                    if entry is not None:
                        key = (leader, state, partner, entry.from_)
                        _, weight = found.setdefault(key, (entry, np.zeros(len(self.years))))
                        weight[self._year(at)] += share
        pairs = list(dict.fromkeys((leader, partner) for leader, _, partner, _ in found))
        return tuple(
            Coding(leader, state, partner, entry.value, entry.range, pairs.index((leader, partner)), weight)
            for (leader, state, partner, _), (entry, weight) in found.items()
        )

    @property
    def draws(self) -> tuple[tuple[str, str], ...]:
        """(leader, partner) of each image that is drawn."""
        return tuple(dict.fromkeys((c.leader, c.partner) for c in self.codings))

    def images(self, luck: Array) -> Array:
        """Frame of images by year, from one standard normal number per (leader, partner) in the order of :attr:`draws`."""
        drawn = drawn_codings(self.codings, luck)
        states = self.world.labels["state"]
        place = np.zeros((len(self.codings), len(states) ** 2))
        for row, c in zip(place, self.codings, strict=True):
            row[states.index(c.state) * len(states) + states.index(c.partner)] = 1.0
        weights = np.stack([c.weight for c in self.codings])
        return ((place.T * drawn) @ weights).reshape(len(states), len(states), 1, 1, 1, 1, len(self.years))

    # --- the recorded state --------------------------------------------------------------------------------------------

    def place(self, years: NDArray[np.int64], values: NDArray[np.float64], powers: tuple[str, ...], record: str) -> Array:
        """Frame of values (t, power) of Bangladesh's dyads in the issue area that shows in ``record``; NaN elsewhere."""
        labels = self.world.labels
        out = np.full((len(labels["state"]),) * 2 + (1, len(labels["issue"]), 1, 1, len(self.years)), np.nan)
        issue = int(np.flatnonzero(self.world.fixed[f"{record}_here"].ravel())[0])
        for j, power in enumerate(powers):
            here = np.isin(self.years, years)
            out[labels["state"].index(HOME), labels["state"].index(power), 0, issue, 0, 0, here] = values[
                np.isin(years, self.years), j
            ]
        return out


def drawn_codings(codings: tuple[Coding, ...], luck: Array, value: Array | None = None, sd: Array | None = None) -> Array:
    """Images as drawn, one for each coding (index).

    The law is that of :func:`sim.world.truncated_normal`, as a function of a normal instead of a uniform draw.

    Parameters
    ----------
    codings : what was coded; their ``draw`` says which number of ``luck`` they take
    luck : standard normal numbers
    value, sd : other values and standard deviations than the codings' own (coding,), for placebo tests
    """
    from scipy.special import ndtr

    xp, special = namespace(luck), special_functions(luck)
    value = np.array([c.value for c in codings]) if value is None else value
    sd = np.array([(c.range[1] - c.range[0]) / 3.3 for c in codings]) if sd is None else sd
    own = ndtr if isinstance(sd, np.ndarray) else special.ndtr
    safe = namespace(sd).where(sd > 0, sd, 1.0)
    low, high = (own((limit - value) / safe) for limit in (-1.0, 1.0))
    u = special.ndtr(luck)[np.array([c.draw for c in codings])]
    return xp.where(sd > 0, value + sd * special.ndtri(low + u * (high - low)), value)


def special_functions(x: Array) -> Any:
    """The module of special functions that goes with an array."""
    if namespace(x) is np:
        from scipy import special

        return special
    from jax.scipy import special as jax_special

    return jax_special
