"""What is given from outside, laid on the axes of the model: attributes, constants, dated world inputs, events, contracts.

Floor 3. Everything here follows from the scenario alone, without chance: :mod:`sim.world` adds who sits where and luck.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, get_args

import numpy as np

from sim import library, quarters, schema
from sim.axes import Array, frame
from sim.codebook import Variable, codebook
from sim.consistency import check_input_key
from sim.rules.implementation import next_commitment
from sim.scenario import Scenario
from sim.shocks import Floats

Series = dict[date, float]
LATER = date(9998, 1, 1)
"""After every run."""


@dataclass(frozen=True)
class Inputs:
    """The given side of a scenario.

    Attributes
    ----------
    scenario : what it was made from
    """

    scenario: Scenario

    # --- axes -------------------------------------------------------------------------------------------------------------

    @cached_property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """Labels of every axis but ``run``."""
        states = self.scenario.states
        acts = tuple(library.world_file("act_rates")["values"])
        return {
            "state": states,
            "partner": states,
            "third": states,
            "issue": self.scenario.issues,
            "item": tuple(library.agenda()),
            "act": acts,
        }

    @cached_property
    def lengths(self) -> dict[str, int]:
        """Length of every axis but ``run``."""
        return {axis: len(names) for axis, names in self.labels.items()}

    @cached_property
    def not_self(self) -> Array:
        """Frame with 0 for a state toward itself and 1 elsewhere: the one place where self-dyads are made neutral."""
        return frame(1.0 - np.eye(len(self.scenario.states)), ("state", "partner"))

    @cached_property
    def span(self) -> range:
        """All simulated quarters, spin-up included."""
        return range(self.scenario.spin_up_from, self.scenario.until + 1)

    # --- what does not change -----------------------------------------------------------------------------------------------

    @cached_property
    def fixed(self) -> dict[str, Array]:
        """Attributes and constants as frames."""
        states = [library.states()[s].value for s in self.scenario.states]
        issues = [library.issues()[k].value for k in self.scenario.issues]
        found = {
            "power": frame([float(s.power) for s in states], ("state",)),
            "exposure": frame([k.exposure.value for k in issues], ("issue",)),
            "lifetime": frame([k.lifetime.value for k in issues], ("issue",)),
            "unilateral": frame([float(k.unilateral) for k in issues], ("issue",)),
            "priority_sign": frame([float(k.priority_sign) for k in issues], ("issue",)),
            "step": frame(quarters.STEP, ()),
        }
        for record in ("votes", "orders", "trade", "aid"):
            found[f"{record}_here"] = frame([float(k.shows_in == record) for k in issues], ("issue",))
        found |= self._agenda() | self._acts() | self._standards()
        found |= {n: frame(v.value, ()) for n, v in codebook().items() if v.kind == "constant" and v.value is not None}
        return found

    def _agenda(self) -> dict[str, Array]:
        items = [entry.value for entry in library.agenda().values()]
        votes = np.zeros((len(self.scenario.states), len(items)))
        for j, item in enumerate(items):
            for name, cast in item.votes.items():
                code = library.state_code(name)
                if code in self.scenario.states:
                    votes[self.scenario.states.index(code), j] = {"yes": 1.0, "no": -1.0}.get(cast, 0.0)
        lean = [item.assembly.value for item in items]
        subjects = {
            f"on_{subject}": frame([float(subject in item.subjects) for item in items], ("item",))
            for subject in get_args(schema.Subject)
        }
        return {"assembly": frame(lean, ("item",)), **subjects, "power_vote": frame(votes, ("partner", "item"))}

    def _acts(self) -> dict[str, Array]:
        classes = library.world_file("act_rates")["values"]
        goldstein = [float(entry["goldstein"]) for entry in classes.values()]
        group = ["powers" if library.states()[s].value.power else "bangladesh" for s in self.scenario.states]
        rates = [[float(entry["rate"][g]) for entry in classes.values()] for g in group]
        return {"act_goldstein": frame(goldstein, ("act",)), "act_rate": frame(rates, ("state", "act"))}

    def _standards(self) -> dict[str, Array]:
        """Fixed standardisation numbers of 1972-2008; a state they do not cover has the usual structure zero."""
        standards = library.world_file("standards")["values"]
        states = self.scenario.states
        relative, weight, pressure = (standards[k] for k in ("relative_capability", "counterweight", "restrictiveness"))
        dyads = [[float(weight["mean"].get(f"{a}>{b}", 0.0)) for b in states] for a in states]
        return {
            "usual_counterweight": frame(dyads, ("state", "partner")),
            "capability_spread": frame(float(relative["sd"]), ()),
            "counterweight_spread": frame(float(weight["sd"]), ()),
            "usual_pressure": frame(float(pressure["mean"]), ()),
            "pressure_spread": frame(float(pressure["sd"]), ()),
        }

    # --- what changes with the quarter ----------------------------------------------------------------------------------------

    @cached_property
    def series(self) -> dict[str, Array]:
        """World inputs: a frame per quarter of :attr:`span`, stacked on a first axis."""
        found = {}
        for name in schema.input_names():
            if name in self.fixed:
                continue
            values = self._input(codebook()[name])
            found[name] = np.stack([frame(v, codebook()[name].axes) for v in values])
        found["scheduled"], _ = self._contracts
        return found

    @cached_property
    def in_force(self) -> Array:
        """Contracts in force when the first quarter begins, as a frame (unit: contracts)."""
        return self._contracts[1]

    def _input(self, variable: Variable) -> Floats:
        """Values (quarter, *axes) of one world input: dated record, then the scenario's changes, then events."""
        axes = variable.axes
        lengths = [self.lengths[a] for a in axes]
        values = np.full([len(self.span), *lengths], float(variable.default or 0.0))
        for codes, series in self._dated(variable).items():
            for place in self._places(axes, codes, variable.symmetric):
                values[(slice(None), *place)] = self._steps(series)
        for event in self.scenario.events.values():
            for change in event.changes:
                if change.input == variable.name:
                    self._apply(values, variable, change, event)
        if "partner" in axes:
            for i in range(lengths[0]):
                values[:, i, i] = 0.0
        low, high = variable.range
        within: Floats = np.clip(values, low if "partner" not in axes else min(low, 0.0), high)
        return within

    def _dated(self, variable: Variable) -> dict[tuple[str, ...], Series]:
        """Dated values of a world input by codes, in rising order of precedence."""
        found: dict[tuple[str, ...], Series] = {}
        for code in self.scenario.states:
            own = library.states()[code].value.inputs.get(variable.name)
            if own is not None:
                for key, value in own.items() if isinstance(own, dict) else {code: own}.items():
                    found[self._state_file_key(variable, code, key)] = {date(1900, 1, 1): float(value)}
        entry = library.world_inputs().get(variable.name)
        if entry is not None:
            for part in ("values", "assumed"):
                for key, dated in getattr(entry.value, part).items():
                    codes = check_input_key(variable.name, key, entry.where)
                    found.setdefault(codes, {}).update(_parse(dated))
        for key, dated in self.scenario.inputs.get(variable.name, {}).items():
            codes = check_input_key(variable.name, key)
            series = found.setdefault(codes, {})
            changes = _parse(dated)
            first = min(changes)
            before = {d: v for d, v in series.items() if d < first} or {date(1900, 1, 1): float(variable.default or 0.0)}
            found[codes] = before | changes
        return found

    def _state_file_key(self, variable: Variable, code: str, key: str) -> tuple[str, ...]:
        """A key in a state's own file: a partner or an issue area, or the state itself."""
        if variable.axes == ("state",):
            return (code,)
        if variable.axes == ("state", "partner"):
            return check_input_key(variable.name, f"{code}>{key}")
        return (code, key)

    def _places(self, axes: tuple[str, ...], codes: tuple[str, ...], symmetric: bool) -> list[Any]:
        if any(code not in self.labels[axis] for axis, code in zip(axes, codes, strict=True)):
            return []
        place = tuple(self.labels[axis].index(code) for axis, code in zip(axes, codes, strict=True))
        return [place, place[::-1]] if symmetric else [place]

    def _steps(self, series: Series) -> Floats:
        """Value in force in the middle of each quarter: a date holds until the next; the first also before it."""
        days = sorted(series)
        middle = [date.fromordinal(quarters.first_day(q).toordinal() + 45) for q in self.span]
        index = np.searchsorted([d.toordinal() for d in days], [m.toordinal() for m in middle], side="right") - 1
        return np.array([series[days[max(i, 0)]] for i in index])

    def _apply(self, values: Floats, variable: Variable, change: schema.Change, event: schema.Event) -> None:
        codes = [library.state_code(s) for s in (change.of, change.toward) if s] + ([change.issue] if change.issue else [])
        weight = self._weights(event, change.fade_years)
        for place in self._places(variable.axes, tuple(codes), variable.symmetric):
            now: Any = values[(slice(None), *place)]
            if change.set is not None:
                new = change.set
            elif change.add is not None:
                new = now + change.add
            else:
                new = now * change.scale
            values[(slice(None), *place)] = now + weight * (new - now)

    def _weights(self, event: schema.Event, fade_years: float) -> Floats:
        """How far an event is in force in each quarter: the share of its days, fading by half-life."""
        until = event.until or LATER
        weights = []
        for q in self.span:
            first, last = quarters.first_day(q), quarters.last_day(q)
            days = (min(last, until) - max(first, event.from_)).days + 1
            share = max(0.0, days / ((last - first).days + 1))
            age = max(0.0, quarters.years_between(event.from_, first))
            weights.append(share * (0.5 ** (age / fade_years) if fade_years else 1.0))
        return np.array(weights)

    @cached_property
    def _contracts(self) -> tuple[Array, Array]:
        """Scheduled changes (quarter, frame) and what is in force at the start.

        A contract binds by exp(-age / its own lifetime) of its size. Rule R14 runs everything down at the lifetime of the
        issue area; ``scheduled`` carries the difference, so that each contract keeps its own lifetime exactly.
        """
        scenario = self.scenario
        shape = [self.lengths[a] for a in ("state", "partner", "issue")]
        starts = [quarters.first_day(q) for q in self.span] + [quarters.first_day(self.span[-1] + 1)]
        path = np.zeros([len(starts), *shape])
        for name, contract in scenario.contracts.items():
            codes = check_input_key("demand", f"{contract.dyad}:{contract.issue}")
            for place in self._places(("state", "partner", "issue"), codes, False):
                end = min(scenario.cancelled.get(name, LATER), contract.ends or LATER)
                delay = scenario.delayed.get(name, 0.0)
                for i, day in enumerate(starts):
                    if contract.signed < day < end:
                        held_up = quarters.years_between(quarters.first_day(scenario.start), day)
                        age = quarters.years_between(contract.signed, day) - min(max(held_up, 0.0), delay)
                        path[(i, *place)] += contract.size * np.exp(-age / contract.lifetime_years)
        lifetimes = np.array([library.issues()[k].value.lifetime.value for k in scenario.issues])
        scheduled = path[1:] - next_commitment(path[:-1], lifetimes, quarters.STEP, 0.0, 0.0, 0.0, 0.0)
        axes = ("state", "partner", "issue")
        return np.stack([frame(s, axes) for s in scheduled]), frame(path[0], axes)


def _parse(dated: Any) -> Series:
    """Dated values as written: a bare number, date -> number, or date -> {value: ...}."""
    items = dated.items() if isinstance(dated, dict) else [("1900Q1", dated)]
    return {quarters.day(d): float(v["value"] if isinstance(v, dict) else v) for d, v in items}
