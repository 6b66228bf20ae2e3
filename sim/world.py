"""The exogenous side of the world, quarter by quarter: what is given, who sits where, and luck.

Floor 3. Joins :mod:`sim.inputs` to leaders' traits, parameters and shocks. Nothing is decided here; the rules do that.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from sim import abduction, library, priors, quarters, schema, shocks
from sim.axes import Array, frame, unframe
from sim.codebook import codebook
from sim.inputs import Inputs
from sim.priors import STRAIGHT, Pairing
from sim.rules.domestic import rate
from sim.scenario import Scenario
from sim.shocks import Floats

HOME_TRAITS = ("insecurity", "economic_priority", "assertiveness")
"""Traits that a leader has toward nobody in particular."""


@dataclass(frozen=True)
class World:
    """The exogenous side of a scenario.

    Attributes
    ----------
    scenario : what it was made from
    seed : of all chance
    pairing : whose luck and whose draws each run takes
    """

    scenario: Scenario
    seed: int
    pairing: Pairing = STRAIGHT
    _cache: dict[Any, Any] = field(default_factory=dict, repr=False)

    # --- what is given ------------------------------------------------------------------------------------------------------

    @cached_property
    def inputs(self) -> Inputs:
        """Attributes, constants, world inputs and contracts."""
        return Inputs(self.scenario)

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """Labels of every axis but ``run``."""
        return self.inputs.labels

    @property
    def lengths(self) -> dict[str, int]:
        """Length of every axis but ``run``."""
        return self.inputs.lengths

    @property
    def not_self(self) -> Array:
        """Frame with 0 for a state toward itself and 1 elsewhere."""
        return self.inputs.not_self

    @property
    def span(self) -> range:
        """All simulated quarters, spin-up included."""
        return self.inputs.span

    @property
    def fixed(self) -> dict[str, Array]:
        """Attributes and constants as frames."""
        return self.inputs.fixed

    @property
    def series(self) -> dict[str, Array]:
        """World inputs: a frame per quarter of :attr:`span`, stacked on a first axis."""
        return self.inputs.series

    @property
    def in_force(self) -> Array:
        """Contracts in force when the first quarter begins, as a frame (unit: contracts)."""
        return self.inputs.in_force

    # --- who sits where ------------------------------------------------------------------------------------------------------

    def in_office(self, state: str, quarter: int) -> dict[str, float]:
        """Leaders of a state in a quarter with the share of its days that each held office.

        A state in which nobody is seated is led by nobody in particular: neutral images and middling traits.
        """
        key = ("office", state, quarter)
        if key not in self._cache:
            first, last = quarters.first_day(quarter), quarters.last_day(quarter)
            days = (last - first).days + 1
            shares: dict[str, float] = {}
            for leader, since, end in self.scenario.terms(state):
                overlap = (min(end, last.fromordinal(last.toordinal() + 1)) - max(since, first)).days
                if overlap > 0:
                    shares[leader] = shares.get(leader, 0.0) + overlap / days
            self._cache[key] = shares
        result: dict[str, float] = self._cache[key]
        return result

    def traits(self, quarter: int, runs: range) -> dict[str, Array]:
        """Traits of whoever leads, weighted by days in office, as frames with runs last.

        Codings are uncertain: each run draws its own value inside the stated range, the same for a leader wherever seated.
        """
        key = ("traits", self._seated(quarter), runs.start, runs.stop)
        if key not in self._cache:
            self._cache[key] = self._traits(quarter, runs)
        result: dict[str, Array] = self._cache[key]
        return dict(result)

    def _seated(self, quarter: int) -> tuple[Any, ...]:
        """All that traits of a quarter depend on: who leads for how much of it, and the codings in force."""
        key = ("seated", quarter)
        if key not in self._cache:
            held = []
            for state in self.scenario.states:
                for slug, share in self.in_office(state, quarter).items():
                    held.append((state, slug, share, *self._codings(slug, quarter)))
            self._cache[key] = tuple(held)
        result: tuple[Any, ...] = self._cache[key]
        return result

    def _codings(self, slug: str, quarter: int) -> tuple[Any, ...]:
        """Value and range of every coding of a leader in a quarter; they change on the days from which one holds, only."""
        if ("days", slug) not in self._cache:
            days = {entry.from_ for _, _, entries in self.scenario.leaders[slug].traits.each() for entry in entries}
            self._cache["days", slug] = sorted(days)
        key = ("codings", slug, bisect_right(self._cache["days", slug], quarters.last_day(quarter)))
        if key not in self._cache:
            which = [*(("image_of", partner) for partner in self.scenario.states), *((trait, "") for trait in HOME_TRAITS)]
            entries = [self.entry(slug, *one, quarter) for one in which]
            self._cache[key] = tuple((e.value, e.range) if e else None for e in entries)
        result: tuple[Any, ...] = self._cache[key]
        return result

    def _traits(self, quarter: int, runs: range) -> dict[str, Array]:
        states = self.scenario.states
        out = {}
        for trait in ("image_of", *HOME_TRAITS):
            partners = states if trait == "image_of" else ("",)
            values = np.empty((len(states), len(partners), len(runs)))
            for i, state in enumerate(states):
                for j, partner in enumerate(partners):
                    values[i, j] = self._trait(state, trait, partner, quarter, runs)
            axes = codebook()[trait].axes
            out[trait] = frame(values if trait == "image_of" else values[:, 0], (*axes, "run"))
        return out

    def _trait(self, state: str, trait: str, partner: str, quarter: int, runs: range) -> Floats | float:
        neutral = 0.0 if trait == "image_of" else 0.5
        if state == partner:
            return 0.0
        total: Floats | float = 0.0
        shares = self.in_office(state, quarter)
        for slug, share in shares.items():
            entry = self.entry(slug, trait, partner, quarter)
            total = total + share * (neutral if entry is None else self._draw(slug, trait, partner, entry, runs))
        return total if shares else neutral

    def entry(self, slug: str, trait: str, partner: str, quarter: int) -> schema.TraitEntry | None:
        """The dated coding in force in a quarter; None where a leader has no image of a partner."""
        key = ("entry", slug, trait, partner, quarter)
        if key not in self._cache:
            traits = self.scenario.leaders[slug].traits
            history = self._images(slug).get(partner, []) if trait == "image_of" else getattr(traits, trait)
            ordered = sorted(history, key=lambda e: e.from_)
            last = quarters.last_day(quarter)
            in_force = [e for e in ordered if e.from_ <= last] or ordered[:1]
            self._cache[key] = in_force[-1] if in_force else None
        result: schema.TraitEntry | None = self._cache[key]
        return result

    def _images(self, slug: str) -> dict[str, list[schema.TraitEntry]]:
        """Dated images of a leader by the code of the partner."""
        key = ("images", slug)
        if key not in self._cache:
            written = self.scenario.leaders[slug].traits.image_of
            self._cache[key] = {library.state_code(p): h for p, h in written.items()}
        result: dict[str, list[schema.TraitEntry]] = self._cache[key]
        return result

    def _draw(self, slug: str, trait: str, partner: str, entry: schema.TraitEntry, runs: range) -> Floats:
        key = ("draw", slug, trait, partner, entry.value, entry.range, runs.start, runs.stop)
        if key not in self._cache:
            u = self._trait_luck(slug, trait, partner, runs)
            self._cache[key] = truncated_normal(u, entry.value, entry.range, codebook()[trait].range)
        result: Floats = self._cache[key]
        return result

    def _trait_luck(self, slug: str, trait: str, partner: str, runs: range) -> Floats:
        """Where in its stated range each run puts a coding: as learned, if the record says something about it."""
        from scipy.special import ndtr

        learned = self.scenario.posterior
        if learned and trait == "image_of" and (slug, partner) in learned.images:
            told: Floats = ndtr(learned.images[slug, partner][learned.draws(self.seed, *self.pairing.learned(runs))])
            return told
        return priors.uniform(shocks.key(self.seed, "trait", slug, trait, partner), self.pairing.assumed(runs))

    def standing(self, runs: range) -> Array:
        """Stances when the first quarter begins, as a frame; NaN where no posterior knows them."""
        learned = self.scenario.posterior
        if learned is None:
            return frame(np.nan, ())
        held = learned.standing(self.span[0], self.scenario.states, self.scenario.issues)
        return frame(held[..., learned.draws(self.seed, *self.pairing.learned(runs))], ("state", "partner", "issue", "run"))

    # --- chance --------------------------------------------------------------------------------------------------------------

    def shock(self, name: str, quarter: int, runs: range) -> Array:
        """One shock of the codebook for a quarter and consecutive runs, as a frame.

        A power's stance toward a partner is moved by one shock for all issue areas: the record cannot tell them apart.
        """
        streams, where = self._streams(name)
        taken = self.pairing.luck(runs)
        drawn = [
            shocks.LAWS[law](np.concatenate([shocks.uniforms(addresses, quarter, part) for part in taken], axis=-1))
            for law, addresses in streams.items()
        ]
        values = np.concatenate([np.zeros((1, len(runs))), *drawn])[where]
        if name == "stance_shock" and self.scenario.luck == "record":
            values = self._as_it_was(values, quarter, runs)
        if "chance" in self.scenario.off and codebook()[name].law == "uniform":
            values[:] = 0.5
        return frame(values, (*codebook()[name].axes, "run"))

    def _as_it_was(self, values: Floats, quarter: int, runs: range) -> Floats:
        """Luck of a quarter with what the record says of its year in place of what was drawn."""
        learned, year = self.scenario.posterior, quarter // 4
        if learned is None or year not in learned.luck_years or learned.home not in self.scenario.states:
            return values
        last = min(4 * year + 3, quarters.of_date(date.fromisoformat(learned.cut)) - 1)
        if quarter > last:
            return values
        free = World(replace(self.scenario, luck="drawn"), self.seed, self.pairing, self._cache)
        shape = (*codebook()["stance_shock"].axes, "run")
        own = np.stack([unframe(free.shock("stance_shock", q, runs), shape) for q in range(4 * year, last + 1)])
        held = learned.luck[learned.draws(self.seed, *self.pairing.learned(runs)), learned.luck_years.index(year)]
        home, parameters = self.scenario.states.index(learned.home), self.parameters(runs)
        veto = self.series["veto"][max(quarter - self.span[0], 0)]
        rates = unframe(rate(parameters["adjustment_rate"], parameters["veto_effect"], veto), ("state", "issue", "run"))[home]
        for j, power in enumerate(learned.powers):
            for k, area in enumerate(learned.luck_areas):
                if power in self.scenario.states and np.isfinite(held[:, j, k]).all():
                    at = (home, self.scenario.states.index(power), self.scenario.issues.index(area))
                    pace = rates[at[2]]
                    values[at] = abduction.quarterly(held[:, j, k], own[(slice(None), *at)], pace, quarter - 4 * year)
        return values

    def _streams(self, name: str) -> tuple[dict[str, list[Any]], Any]:
        """Addresses of all draws of a shock by law, and which of them (0: none) goes to each place."""
        if ("streams", name) not in self._cache:
            variable = codebook()[name]
            law_of: dict[tuple[str, ...], str] = {}
            taken: dict[tuple[int, ...], tuple[str, ...]] = {}
            for place in np.ndindex(*(self.lengths[a] for a in variable.axes)):
                names = tuple(self.labels[axis][i] for axis, i in zip(variable.axes, place, strict=True))
                law = str(variable.law)
                if "partner" in variable.axes and names[0] == names[1]:
                    continue
                if law == "stance":
                    law = library.issues()[names[2]].value.shock
                    if library.states()[names[0]].value.power:
                        names, law = (*names[:2], "all"), "normal"
                law_of[names], taken[place] = law, names
            ordered = sorted(law_of, key=lambda n: law_of[n])
            row = {names: i for i, names in enumerate(ordered, start=1)}
            where = np.zeros([self.lengths[a] for a in variable.axes], dtype=int)
            for place, names in taken.items():
                where[place] = row[names]
            streams: dict[str, list[Any]] = {}
            for names in ordered:
                streams.setdefault(law_of[names], []).append(shocks.key(self.seed, name, *names))
            self._cache["streams", name] = streams, where
        result: tuple[dict[str, list[Any]], Any] = self._cache["streams", name]
        return result

    def parameters(self, runs: range) -> dict[str, Array]:
        """Parameters of consecutive runs, as frames; toward itself a state has no norm."""
        key = ("parameters", runs.start, runs.stop)
        if key not in self._cache:
            drawn = priors.draw(self.scenario, self.seed, runs, self.pairing)
            self._cache[key] = drawn | {"norm": drawn["norm"] * self.not_self}
        result: dict[str, Array] = self._cache[key]
        return dict(result)

    def forget(self, runs: range) -> None:
        """Drop what was drawn for runs that are done, so that memory does not grow with the ensemble."""
        drawn, which = ("draw", "parameters", "traits", "shock"), (runs.start, runs.stop)
        for key in [k for k in list(self._cache) if k[0] in drawn and k[-2:] == which]:
            del self._cache[key]


def truncated_normal(u: Floats, value: float, given: tuple[float, float], limits: tuple[float, float]) -> Floats:
    """Draws around a coded value: normal with sd (high - low) / 3.3, cut at the limits of the trait.

    The stated range is read as a 90 % interval (3.3 standard deviations wide).

    >>> truncated_normal(np.array([0.5]), 0.2, (0.2, 0.2), (-1.0, 1.0)).tolist()
    [0.2]
    """
    from scipy.special import ndtr, ndtri

    sd = (given[1] - given[0]) / 3.3
    if sd == 0:
        return np.full_like(u, value)
    low, high = ndtr((limits[0] - value) / sd), ndtr((limits[1] - value) / sd)
    draws: Floats = value + sd * ndtri(low + u * (high - low))
    return np.clip(draws, *limits)
