"""Scenarios: who sits where, from which values, with which dated changes.

Floor 3. Has what :mod:`sim.layers` laid out checked, and returns plain data; :mod:`sim.world` turns it into numbers.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from sim import consistency, library, posterior, quarters, schema, yamlfile
from sim.errors import InputError
from sim.layers import lay_on_leader, lay_out
from sim.posterior import Posterior
from sim.scenario_form import ScenarioFile, Seat, check_end, check_parameters, check_seats, check_span, check_taken
from sim.validate import validate
from sim.yamlfile import Document


@dataclass(frozen=True)
class Scenario:
    """A resolved scenario.

    Attributes
    ----------
    name, title, question, differs : text
    start, until : first and last recorded quarter (see :mod:`sim.quarters`)
    spin_up_from : first simulated quarter: as written, or after the last one at whose end a posterior knows all stances
    states, issues : codes in model order
    seats : per state, (day, leader) in order, from whoever is in office on the first simulated day on
    leaders : everyone in ``seats``
    events : events that apply, by name
    contracts : commitments in being, by name, with the scenario's changes applied
    cancelled : contract -> day from which it no longer binds
    delayed : contract -> years by which delivery slips
    inputs : direct changes of world inputs: input -> key -> quarter or date -> value
    parameters : fixed parameters: name -> number or issue -> number
    posterior : what the other parameters are drawn from; None stands for their priors
    luck : ``record`` keeps what the record says of chance in its years, ``drawn`` draws all of it
    off : blocks that are switched off
    sources, assumptions, cotenability : as written over the whole chain; the last: what else would have to differ
    chain : names from the scenario to its last base
    raw : the merged file, which :attr:`text` writes out
    """

    name: str
    title: str
    question: str
    differs: str
    start: int
    until: int
    spin_up_from: int
    states: tuple[str, ...]
    issues: tuple[str, ...]
    seats: dict[str, tuple[tuple[date, str], ...]]
    leaders: dict[str, schema.Leader]
    events: dict[str, schema.Event]
    contracts: dict[str, schema.Contract]
    cancelled: dict[str, date]
    delayed: dict[str, float]
    inputs: dict[str, dict[str, dict[str, float]]]
    parameters: dict[str, Any]
    posterior: Posterior | None
    luck: str
    off: frozenset[str]
    sources: tuple[str, ...]
    assumptions: tuple[str, ...]
    cotenability: tuple[str, ...]
    chain: tuple[str, ...]
    raw: dict[str, Any] = field(repr=False)

    @cached_property
    def text(self) -> str:
        """The resolved scenario as YAML: leaders, events and contracts written out, so that it runs again as it is."""
        return yamlfile.write(self.raw)

    @property
    def quarters(self) -> range:
        """Recorded quarters."""
        return range(self.start, self.until + 1)

    def leader_on(self, state: str, day: date) -> str:
        """Who leads a state on a day ('' where nobody is seated)."""
        held = [leader for since, leader in self.seats.get(state, ()) if since <= day]
        return held[-1] if held else ""

    def terms(self, state: str) -> list[tuple[str, date, date]]:
        """Who leads a state in order, each from a day to the day before another; nobody follows the last one."""
        held = self.seats.get(state, ())
        ends = [*(since for since, _ in held[1:]), date.max]
        return [(leader, since, end) for (since, leader), end in zip(held, ends, strict=False)]


def read_scenario(name: str | Path, *, settings: dict[str, Any] | None = None, until: str | None = None) -> Scenario:
    """Read and check a scenario.

    Parameters
    ----------
    name : a built-in name, a path to YAML, or several joined by ``+`` (a scenario and overlays on top of it)
    settings : changes by path, e.g. ``{"leaders.tarique_rahman.traits.image_of.russia": 0.4}``
    until : last quarter, e.g. ``"2030Q4"``

    Raises
    ------
    InputError : anything in the files or settings that does not fit

    >>> read_scenario("history").leader_on("BGD", date(1974, 1, 1))
    'sheikh_mujibur_rahman'
    """
    place = lay_out(str(name), settings or {}, until)
    found = resolve(place)
    check_taken(place, found.leaders, found.events)
    return found


def read_scenarios(names: Iterable[str], *, settings: dict[str, Any], until: str | None = None) -> list[Scenario]:
    """Several scenarios with the same settings; what is set of a leader must matter in one of them.

    Raises
    ------
    InputError : anything that does not fit, or a leader who is seated in none of them
    """
    found = [read_scenario(name, settings=settings, until=until) for name in names]
    seated = list(dict.fromkeys(slug for scenario in found for slug in scenario.leaders))
    for path in settings:
        slug = path.split(".")[1] if path.startswith("leaders.") else ""
        if slug and slug not in seated:
            why, how = "the setting would be silently without effect.", f"set it for one of: {', '.join(seated)}."
            raise InputError(f"'{slug}' leads nobody in this run", where=f"--set {path}", why=why, how=how)
    return found


def read_scenario_content(raw: dict[str, Any], name: str) -> Scenario:
    """A scenario from content already merged, such as :attr:`Scenario.raw` with a change."""
    return resolve(Document(name, copy.deepcopy(raw)))


def resolve(place: Document) -> Scenario:
    """The scenario that laid-out content stands for (:func:`sim.layers.lay_out`), checked; the content is used up."""
    raw = place.content
    chain = tuple(raw.pop("chain", [raw["name"]]))
    file = validate(ScenarioFile, place)
    start, until, spin_up_from = check_span(file, place)
    learned = posterior.find(file.posterior, place.where(("posterior",)))
    consistency.check_agenda()
    states = _states(file, place)
    leaders, documents = _leaders(file, place)
    check_seats(file, place, states, leaders, spin_up_from)
    kept = {s: _from_first_day(file.seats[s], spin_up_from) for s in states if s in file.seats}
    seats = {state: tuple((seat.from_, seat.leader) for seat in entries) for state, entries in kept.items()}
    events = _events(file, place, until)
    contracts, cancelled, delayed = _contracts(file, place, until)
    check_parameters(file, place)
    consistency.check_references(file.sources, place, ("sources",))
    used = {slug: leaders[slug] for slug in dict.fromkeys(s for held in seats.values() for _, s in held)}
    for slug, leader in used.items():
        consistency.check_leader(leader, *documents[slug])
    return Scenario(
        name=file.name,
        title=file.title,
        question=file.question or "",
        differs=file.differs or "",
        start=start,
        until=until,
        spin_up_from=learned.begins(spin_up_from, start) if learned else spin_up_from,
        states=tuple(states),
        issues=tuple(library.issues()),
        seats=seats,
        leaders=used,
        events=events,
        contracts=contracts,
        cancelled=cancelled,
        delayed=delayed,
        inputs=_inputs(file, place, until),
        parameters=dict(file.parameters),
        posterior=learned,
        luck=file.luck,
        off=frozenset(block for block, state in file.switches.items() if state == "off"),
        sources=tuple(dict.fromkeys([*file.sources, *(s for event in events.values() for s in event.sources)])),
        assumptions=tuple(file.assumptions),
        cotenability=tuple(file.cotenability),
        chain=chain,
        raw=_written_out(
            raw
            | {"posterior": file.posterior}
            | {"seats": {s: raw["seats"][s][-len(entries) :] for s, entries in kept.items()}},
            used,
            events,
            contracts,
        ),
    )


def _from_first_day(entries: list[Seat], spin_up_from: int) -> list[Seat]:
    """The seats from whoever is in office on the first simulated day on; nobody before matters to the run."""
    first = quarters.first_day(spin_up_from)
    earlier = sum(seat.from_ <= first for seat in entries)
    return entries[max(earlier - 1, 0) :]


def _states(file: ScenarioFile, place: Document) -> list[str]:
    """Codes of the states in the run."""
    found: list[str] = []
    for index, name in enumerate(file.states):
        where = place.where(("states", index))
        code = library.state_code(name, where)
        if code in found:
            why = "it would act twice."
            raise InputError(f"the state {code} is named twice", where=where, why=why, how="take one of the two out.")
        found.append(code)
    found = found or list(library.states())
    powers = [code for code in found if library.states()[code].value.power]
    if len(powers) < 2:
        raise InputError(
            f"{len(powers)} of the states in this run is a power",
            where=place.where(("states",)),
            why="the pull of a power is measured against the other powers.",
            how="name two powers or more, or take 'states' out: then all take part.",
        )
    for code in found:
        entry = library.states()[code]
        consistency.check_state(entry.value, entry.document)
    return found


def _leaders(
    file: ScenarioFile, place: Document
) -> tuple[dict[str, schema.Leader], dict[str, tuple[Document, tuple[Any, ...]]]]:
    """Library leaders, with the scenario's own ones and changes, and where each stands."""
    found = {slug: entry.value for slug, entry in library.leaders().items()}
    places: dict[str, tuple[Document, tuple[Any, ...]]] = {s: (e.document, e.keys) for s, e in library.leaders().items()}
    for slug, overlay in file.leaders.items():
        keys = ("leaders", slug)
        if not isinstance(overlay, dict):
            why, how = "one value cannot say which trait it is.", f"write {slug}: {{traits: {{assertiveness: 0.4}}}}."
            raise InputError("keys of a leader were expected", where=place.where(keys), why=why, how=how)
        base: dict[str, Any] = {}
        if slug in library.leaders():
            base = copy.deepcopy(library.leaders()[slug].document.content)
        elif not {"traits", "heads"} <= set(overlay):
            library.lookup("leader", slug, library.leaders(), place.where(keys))
        raw = lay_on_leader(base, overlay, place, keys)
        found[slug] = validate(schema.Leader, place, keys, raw)
        places[slug] = (place, keys)
        consistency.check_leader(found[slug], place, keys)
    return found, places


def _events(file: ScenarioFile, place: Document, until: int) -> dict[str, schema.Event]:
    known = {name: (entry.value, entry.document, entry.keys) for name, entry in library.events().items()}
    known |= {name: (event, place, ("event_definitions", name)) for name, event in file.event_definitions.items()}
    found = {}
    for index, name in enumerate(file.events):
        where = place.where(("events", index))
        if name not in known:
            library.lookup("event", name, library.events(), where)
        event, document, keys = known[name]
        if quarters.of_date(event.from_) > until and event.changes:
            raise InputError(
                f"the event '{name}' begins on {event.from_}, after the last quarter {quarters.name(until)}",
                where=where,
                why="it could have no effect.",
                how="move 'until' or take the event out.",
            )
        consistency.check_event(event, document, keys)
        found[name] = event
    return found


def _inputs(file: ScenarioFile, place: Document, until: int) -> dict[str, dict[str, dict[str, float]]]:
    found: dict[str, dict[str, dict[str, float]]] = {}
    for name, keyed in file.inputs.items():
        consistency.check_input_name(name, place.where(("inputs", name)))
        seen: dict[Any, Any] = {}
        for key, dated in keyed.items():
            keys = ("inputs", name, key)
            series = consistency.check_dated(name, key, dated, place, keys, seen)
            first = min(quarters.day(day) for day in series)
            if quarters.of_date(first) > until:
                raise InputError(
                    f"'{name}' of '{key}' changes on {first}, after the last quarter {quarters.name(until)}",
                    where=place.where(keys),
                    why="it could have no effect.",
                    how="move 'until' or take the change out.",
                )
            found.setdefault(name, {})[key] = series
    return found


def _contracts(
    file: ScenarioFile, place: Document, until: int
) -> tuple[dict[str, schema.Contract], dict[str, date], dict[str, float]]:
    known = {name: entry.value for name, entry in library.contracts().items()} | file.contract_definitions
    for name in file.contract_definitions:
        consistency.check_contract(known[name], place, ("contract_definitions", name))
    cancelled: dict[str, date] = {}
    delayed: dict[str, float] = {}
    for name, change in file.contracts.items():
        where = place.where(("contracts", name))
        if name not in known:
            library.lookup("contract", name, library.contracts(), where)
        contract = known[name]
        updates: dict[str, Any] = {}
        if change.size is not None:
            low, high = contract.range
            updates |= {"size": change.size, "range": (min(change.size, low), max(change.size, high))}
        if change.delay_years is not None:
            delayed[name] = change.delay_years
        if change.cancel_on is not None:
            check_end(name, change.cancel_on, contract.signed, until, where)
            cancelled[name] = change.cancel_on
        known[name] = contract.model_copy(update=updates)
    return known, cancelled, delayed


def _written_out(
    raw: dict[str, Any],
    leaders: dict[str, schema.Leader],
    events: dict[str, schema.Event],
    contracts: dict[str, schema.Contract],
) -> dict[str, Any]:
    """The scenario with everything it uses written out in place."""
    out = {k: v for k, v in copy.deepcopy(raw).items() if k not in ("overlay", "chain", "contracts") and v not in ("", [], {})}
    out["leaders"] = {slug: _plain(leader) for slug, leader in leaders.items()}
    out["event_definitions"] = {name: _plain(event) for name, event in events.items()}
    out["contract_definitions"] = {name: _plain(contract) for name, contract in contracts.items()}
    if raw.get("contracts"):
        out["contracts"] = {n: {k: v for k, v in c.items() if k != "size"} for n, c in raw["contracts"].items()}
    return out


def _plain(value: Any) -> Any:
    """A checked object as plain YAML content."""
    data = value.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {k: v for k, v in data.items() if v not in ([], {})}
