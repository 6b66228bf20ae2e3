"""Scenarios: who sits where, from which values, with which dated changes.

Floor 3. Reads a scenario file, lays it on what it is based on, applies overlays and settings of the user, and checks the whole.
The result is plain data; :mod:`sim.world` turns it into numbers.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from sim import library, quarters, schema, yamlfile
from sim.codebook import codebook
from sim.errors import InputError, nearest
from sim.yamlfile import Document

MERGED = ("inputs", "contracts", "parameters", "switches", "leaders", "event_definitions", "contract_definitions")
INHERITED = ("start", "until", "spin_up_from")


@dataclass(frozen=True)
class Scenario:
    """A resolved scenario.

    Attributes
    ----------
    name, title, question, differs : text
    start, until : first and last recorded quarter (see :mod:`sim.quarters`)
    spin_up_from : quarter from which real inputs are replayed unrecorded, or ``start``
    states, issues : codes in model order
    seats : per state, (day, leader) in order
    leaders : every leader who can sit
    events : events that apply, by name
    contracts : commitments in being, by name, with the scenario's changes applied
    cancelled : contract -> day from which it no longer binds
    delayed : contract -> years by which delivery slips: from the first recorded quarter on it does not run down so long
    inputs : direct changes of world inputs: input -> key -> quarter or date -> value
    parameters : fixed parameters: name -> number or issue -> number
    switches : blocks that are off
    sources, assumptions : as written, over the whole chain
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
    off: frozenset[str]
    sources: tuple[str, ...]
    assumptions: tuple[str, ...]
    chain: tuple[str, ...]
    raw: dict[str, Any] = field(repr=False)
    warnings: tuple[str, ...] = ()

    @cached_property
    def text(self) -> str:
        """The fully resolved scenario as YAML: leaders, events and contracts written out, so that it runs again as it is."""
        return yamlfile.write(self.raw)

    @property
    def quarters(self) -> range:
        """Recorded quarters."""
        return range(self.start, self.until + 1)

    def leader_on(self, state: str, day: date) -> str:
        """Who leads a state on a day ('' where nobody is seated)."""
        held = [leader for since, leader in self.seats.get(state, ()) if since <= day]
        return held[-1] if held else ""


def read_scenario(
    name: str | Path, *, settings: dict[str, Any] | None = None, until: str | None = None
) -> Scenario:
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
    text = str(name)
    parts = [text] if library.scenario_path(text) else text.split("+")
    documents = [_document(part) for part in parts]
    raws = [_with_bases(document, index == 0) for index, document in enumerate(documents)]
    raw = raws[0]
    for overlay, document in zip(raws[1:], documents[1:], strict=True):
        if not overlay.get("overlay"):
            raise InputError(
                f"'{overlay['name']}' is not an overlay",
                where=document.where(("name",)),
                why="two scenarios that both say who governs and when cannot be laid on each other.",
                how="put an overlay (overlay: true) after the +.",
            )
        raw = _lay(raw, overlay)
    if len(parts) > 1:
        raw["name"] = "+".join(str(r["name"]) for r in raws)
        raw["title"] = "; ".join(str(r["title"]) for r in raws)
    for path, value in (settings or {}).items():
        _set(raw, path, value)
    if until:
        raw["until"] = until
    return _resolve(raw, documents[0])


def read_scenario_content(raw: dict[str, Any], name: str) -> Scenario:
    """A scenario from content already merged, such as :attr:`Scenario.raw` with a change."""
    return _resolve(copy.deepcopy(raw), Document(name, raw))


# --- reading and merging -----------------------------------------------------------------------------------------------


def _document(name: str) -> Document:
    path = library.scenario_path(name)
    if path is None:
        raise InputError(
            f"there is no scenario called '{name}'",
            why="nothing can be run.",
            how=nearest(name, library.scenario_names()) + " `padma show scenarios` lists all; a path to a YAML file works too.",
        )
    document = yamlfile.read(path, library.shown(path))
    library.mapping(document)
    schema.validate(schema.ScenarioFile, document)
    return document


def _with_bases(document: Document, base_too: bool) -> dict[str, Any]:
    """The raw content of a scenario laid on its bases (an overlay after ``+`` stays by itself)."""
    chain = [document]
    raw = document.content
    while raw.get("based_on") and (base_too or not raw.get("overlay")):
        name = str(raw["based_on"])
        if library.scenario_path(name) is None:
            raise InputError(
                f"there is no scenario called '{name}' to be based on",
                where=chain[-1].where(("based_on",)),
                how=nearest(name, library.scenario_names()),
            )
        base = _document(name)
        if any(base.path == seen.path for seen in chain):
            raise InputError(
                "these scenarios are based on each other in a circle: "
                + " -> ".join(str(d.content["name"]) for d in [*chain, base]),
                where=chain[-1].where(("based_on",)),
                why="there is no first one to start from.",
                how="remove one 'based_on'.",
            )
        chain.append(base)
        raw = base.content
    merged = _own(chain[-1])
    for child in reversed(chain[:-1]):
        merged = _lay(merged, _own(child))
    merged["chain"] = [str(d.content["name"]) for d in chain]
    return merged


def _own(document: Document) -> dict[str, Any]:
    raw = copy.deepcopy(document.content)
    raw.pop("based_on", None)
    return dict(raw)


def _lay(base: dict[str, Any], child: dict[str, Any]) -> dict[str, Any]:
    """Lay a scenario on its base, key by key."""
    merged = copy.deepcopy(base)
    for key, value in child.items():
        if key in MERGED:
            merged[key] = _deep(merged.get(key) or {}, value)
        elif key == "seats":
            merged[key] = _seats(merged.get(key) or {}, value)
        elif key in ("events", "sources", "assumptions", "states", "chain"):
            merged[key] = list(dict.fromkeys([*(merged.get(key) or []), *value]))
        elif key != "overlay":
            merged[key] = value
    if child.get("overlay"):
        merged["name"] = child["name"]
    if key_missing := [key for key in ("question", "differs") if key not in child]:
        for key in key_missing:
            merged[key] = merged.get(key, "")
    merged["overlay"] = bool(child.get("overlay")) and "start" not in merged
    return merged


def _seats(base: dict[str, Any], child: dict[str, Any]) -> dict[str, Any]:
    """The child's seats replace the base's from the child's first day on."""
    merged = {library.state_code(state): list(entries) for state, entries in base.items()}
    for state, entries in child.items():
        code = library.state_code(state)
        first = min(quarters.day(entry["from"]) for entry in entries)
        merged[code] = [e for e in merged.get(code, []) if quarters.day(e["from"]) < first] + list(entries)
    return merged


def _deep(base: Any, child: Any) -> Any:
    if isinstance(base, dict) and isinstance(child, dict):
        return {key: _deep(base.get(key), child[key]) if key in child else base[key] for key in {**base, **child}}
    return copy.deepcopy(base if child is None else child)


def _set(raw: dict[str, Any], path: str, value: Any) -> None:
    """Set one key by its path, creating what is missing on the way."""
    keys = path.split(".")
    if keys[0] not in schema.ScenarioFile.model_fields:
        raise InputError(
            f"'{keys[0]}' is not a key of a scenario",
            where=f"--set {path}",
            how=nearest(keys[0], schema.ScenarioFile.model_fields),
        )
    place = raw
    for key in keys[:-1]:
        place = place.setdefault(key, {})
        if not isinstance(place, dict):
            raise InputError(f"'{key}' holds a value, not keys", where=f"--set {path}", how="shorten the path.")
    place[keys[-1]] = value


# --- checking ------------------------------------------------------------------------------------------------------------


def _resolve(raw: dict[str, Any], document: Document) -> Scenario:
    chain = tuple(raw.pop("chain", [raw["name"]]))
    place = Document(document.path, raw, document.lines)
    file = schema.validate(schema.ScenarioFile, place)
    start, until = file.start, file.until
    if start is None or until is None:
        missing = "start" if start is None else "until"
        raise InputError(
            f"neither the scenario nor its base says '{missing}'",
            where=place.where(),
            why="an overlay has no time of its own.",
            how="add based_on, or run it on top of a scenario: padma run bnp_government+" + str(raw["name"]),
        )
    spin_up_from = start if file.spin_up_from is None else min(file.spin_up_from, start)
    if until < start:
        raise InputError(
            f"the last quarter {quarters.name(until)} is before the first {quarters.name(start)}",
            where=place.where(("until",)),
            how="choose a later 'until'.",
        )
    states = _states(file, place)
    issues = tuple(library.issues())
    leaders = _leaders(file, place)
    seats = _check_seats(file, place, states, leaders, spin_up_from, until)
    events = _events(file, place, states, until)
    contracts, cancelled, delayed = _contracts(file, place)
    _check_parameters(file, place)
    references = [*file.sources, *(s for e in events.values() for s in e.sources)]
    library.check_sources(references, place.where(("sources",)))
    used = {slug: leaders[slug] for slug in dict.fromkeys(s for held in seats.values() for _, s in held)}
    resolved = _written_out(raw, used, events, contracts)
    return Scenario(
        name=file.name,
        title=file.title,
        question=file.question or "",
        differs=file.differs or "",
        start=start,
        until=until,
        spin_up_from=spin_up_from,
        states=tuple(states),
        issues=issues,
        seats=seats,
        leaders=used,
        events=events,
        contracts=contracts,
        cancelled=cancelled,
        delayed=delayed,
        inputs=_inputs(file, place),
        parameters=dict(file.parameters),
        off=frozenset(block for block, state in file.switches.items() if state == "off"),
        sources=tuple(dict.fromkeys(references)),
        assumptions=tuple(file.assumptions),
        chain=chain,
        raw=resolved,
    )


def _states(file: schema.ScenarioFile, place: Document) -> list[str]:
    if not file.states:
        return list(library.states())
    return [library.state_code(name, place.where(("states", i))) for i, name in enumerate(file.states)]


def _leaders(file: schema.ScenarioFile, place: Document) -> dict[str, schema.Leader]:
    """Library leaders, with the scenario's own ones and overlays."""
    found = {slug: entry.value for slug, entry in library.leaders().items()}
    for slug, overlay in file.leaders.items():
        keys = ("leaders", slug)
        if not isinstance(overlay, dict):
            raise InputError("keys of a leader were expected", where=place.where(keys), how="see scenarios/README.md.")
        if slug in found:
            base = copy.deepcopy(library.leaders()[slug].document.content)
        elif "traits" in overlay and "heads" in overlay:
            base = {}
        else:
            library.lookup("leader", slug, library.leaders(), place.where(keys))
        raw = _overlay_leader(base, overlay, place, keys)
        found[slug] = schema.validate(schema.Leader, place, keys, raw)
    return found


def _overlay_leader(base: dict[str, Any], overlay: dict[str, Any], place: Document, keys: tuple[Any, ...]) -> dict[str, Any]:
    """Lay changes on a leader; a bare number replaces a trait for all time and keeps the width of its range."""
    merged = dict(base)
    for key, value in overlay.items():
        old = merged.get(key)
        if key == "image_of" and isinstance(value, dict) and isinstance(old, dict):
            value = {_partner_key(p, old, place, (*keys, key, p)): v for p, v in value.items()}
        if isinstance(value, dict) and isinstance(old, dict):
            merged[key] = _overlay_leader(old, value, place, (*keys, key))
        elif isinstance(value, int | float) and isinstance(old, list):
            merged[key] = [_moved(old[-1], float(value), keys, place)]
        elif isinstance(old, dict | list) and not isinstance(value, dict | list):
            raise InputError(
                f"{'.'.join(map(str, (*keys, key)))} is {value!r}: a number was expected",
                where=place.where((*keys, key)),
                why="a trait is a number with a range.",
                how="write a number, or a full entry as in scenarios/README.md.",
            )
        elif base and key not in merged:
            raise InputError(
                f"'{key}' is not a key of this leader",
                where=place.where((*keys, key)) if (*keys, key) in place.lines else f"--set {'.'.join(map(str, (*keys, key)))}",
                why="a key that nothing reads would be silently without effect.",
                how=nearest(str(key), merged),
            )
        else:
            merged[key] = value
    return merged


def _partner_key(name: str, old: dict[str, Any], place: Document, keys: tuple[Any, ...]) -> str:
    if name in old:
        return name
    code = library.state_code(name, place.where(keys))
    return next((key for key in old if library.state_code(key) == code), name)


def _moved(entry: dict[str, Any], value: float, keys: tuple[Any, ...], place: Document) -> dict[str, Any]:
    trait = "image_of" if "image_of" in keys else ""
    low, high = (-1.0, 1.0) if trait else (0.0, 1.0)
    if not low <= value <= high:
        raise InputError(
            f"{'.'.join(map(str, keys))} is set to {value:g}",
            where=place.where(keys),
            why=f"the trait runs from {low:g} to {high:g}.",
            how="choose a value inside.",
        )
    half = (float(entry["range"][1]) - float(entry["range"][0])) / 2
    moved = {k: v for k, v in entry.items() if k not in ("second_coding", "note")}
    moved |= {"from": "1900-01-01", "value": value, "range": [max(low, value - half), min(high, value + half)]}
    return moved | {"basis": "assumption", "sources": ["set_by_user"], "evidence": "set by the user", "circularity": "low"}


def _check_seats(
    file: schema.ScenarioFile,
    place: Document,
    states: list[str],
    leaders: dict[str, schema.Leader],
    first: int,
    last: int,
) -> dict[str, tuple[tuple[date, str], ...]]:
    seats: dict[str, tuple[tuple[date, str], ...]] = {}
    for name, entries in file.seats.items():
        state = library.state_code(name, place.where(("seats", name)))
        for index, seat in enumerate(entries):
            keys = ("seats", name, index)
            if seat.leader not in leaders:
                library.lookup("leader", seat.leader, library.leaders(), place.where(keys))
            heads = library.state_code(leaders[seat.leader].heads)
            if heads != state:
                raise InputError(
                    f"'{seat.leader}' heads {heads}, not {state}",
                    where=place.where(keys),
                    why="images are coded from one capital; they mean nothing in another.",
                    how=f"seat one of: {', '.join(s for s, e in leaders.items() if library.state_code(e.heads) == state)}",
                )
            if index and seat.from_ <= entries[index - 1].from_:
                raise InputError(
                    f"'{seat.leader}' takes office on {seat.from_}, not after '{entries[index - 1].leader}'"
                    f" ({entries[index - 1].from_})",
                    where=place.where(keys),
                    why="terms of office would overlap.",
                    how="put the seats in order of their days.",
                )
            library.check_sources(seat.sources, place.where(keys))
        seats[state] = tuple((seat.from_, seat.leader) for seat in entries)
    for state in states:
        if state in seats and seats[state][0][0] > quarters.first_day(first):
            raise InputError(
                f"nobody leads {state} before {seats[state][0][0]}, but the run begins in {quarters.name(first)}",
                where=place.where(("seats",)),
                why="a gap in office would leave decisions without a decider.",
                how="seat somebody from the first day on.",
            )
    return {state: seats[state] for state in states if state in seats}


def _events(file: schema.ScenarioFile, place: Document, states: list[str], until: int) -> dict[str, schema.Event]:
    known = {name: entry.value for name, entry in library.events().items()} | file.event_definitions
    found = {}
    for index, name in enumerate(file.events):
        where = place.where(("events", index))
        if name not in known:
            library.lookup("event", name, library.events(), where)
        event = known[name]
        if quarters.of_date(event.from_) > until and event.changes:
            raise InputError(
                f"the event '{name}' begins on {event.from_}, after the last quarter {quarters.name(until)}",
                where=where,
                why="it could have no effect.",
                how="move 'until' or take the event out.",
            )
        for change in event.changes:
            _check_change(change, name, states, place, where)
        found[name] = event
    return found


def _check_change(change: schema.Change, name: str, states: list[str], place: Document, where: str) -> None:
    codes = [library.state_code(s, where) for s in (change.of, change.toward) if s]
    if len(set(codes)) < len(codes):
        raise InputError(
            f"the event '{name}' changes '{change.input}' of {codes[0]} toward itself",
            where=where,
            why="a state has no relation with itself.",
            how="name two states.",
        )
    if change.issue is not None and change.issue not in library.issues():
        raise InputError(f"'{change.issue}' is not an issue area", where=where, how=nearest(change.issue, library.issues()))
    if change.set is not None:
        _check_range(change.input, change.set, where)


def _check_range(name: str, value: float, where: str) -> None:
    low, high = codebook()[name].range
    if not low <= value <= high:
        raise InputError(
            f"'{name}' is set to {value:g}",
            where=where,
            why=f"it runs from {low:g} to {high:g} (sim/codebook.yaml).",
            how="choose a value inside.",
        )


def _inputs(file: schema.ScenarioFile, place: Document) -> dict[str, dict[str, dict[str, float]]]:
    found: dict[str, dict[str, dict[str, float]]] = {}
    for name, keyed in file.inputs.items():
        where = place.where(("inputs", name))
        if name not in schema.input_names():
            raise InputError(
                f"'{name}' is not a world input",
                where=where,
                why="a name that no rule reads would be silently without effect.",
                how=nearest(name, schema.input_names()),
            )
        for key, dated in keyed.items():
            keys = ("inputs", name, key)
            check_input_key(name, key, place.where(keys))
            series = dated if isinstance(dated, dict) else {"1900Q1": dated}
            for day, value in series.items():
                spot = place.where((*keys, day))
                quarters.day(day, spot)
                if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
                    raise InputError(f"'{value}' is not a number", where=spot, how="write a number such as 0.4.")
                _check_range(name, float(value), spot)
            found.setdefault(name, {})[key] = {str(d): float(v) for d, v in series.items()}
    return found


def check_input_key(name: str, key: str, where: str = "") -> tuple[str, ...]:
    """Codes that the key of a world input stands for: ``USA>RUS``, ``RUS-USA``, ``RUS:energy``, ``RUS``, ``energy``, ``world``.

    Raises
    ------
    InputError : the key does not fit the axes of the input, or names a state toward itself
    """
    axes = codebook()[name].axes
    text = str(key)
    separator = {("state", "partner"): "-" if codebook()[name].symmetric else ">", ("state", "issue"): ":"}.get(axes)
    if axes == ("state", "partner", "issue"):
        dyad, _, issue = text.rpartition(":")
        parts = [*dyad.split(">"), issue]
    else:
        parts = text.replace("-", ">").split(">") if separator in ("-", ">") else text.split(separator or "\0")
    if not axes:
        parts = [] if text == "world" else parts
    if len(parts) != len(axes):
        example = {0: "world", 1: "energy" if axes == ("issue",) else "RUS"}.get(len(axes), "USA>RUS")
        example = {("state", "issue"): "RUS:energy", ("state", "partner", "issue"): "BGD>RUS:energy"}.get(axes, example)
        raise InputError(
            f"the key '{key}' does not fit '{name}', which varies by {', '.join(axes) or 'time only'}",
            where=where,
            how=f"write it like {example}.",
        )
    codes = []
    for axis, part in zip(axes, parts, strict=True):
        if axis == "issue":
            if part not in library.issues():
                raise InputError(f"'{part}' is not an issue area", where=where, how=nearest(part, library.issues()))
            codes.append(part)
        else:
            codes.append(library.state_code(part, where))
    if "partner" in axes and codes[0] == codes[1]:
        raise InputError(
            f"'{key}' is a dyad of {codes[0]} with itself",
            where=where,
            why="a state has no relation with itself.",
            how="name two states.",
        )
    return tuple(codes)


def _contracts(
    file: schema.ScenarioFile, place: Document
) -> tuple[dict[str, schema.Contract], dict[str, date], dict[str, float]]:
    known = {name: entry.value for name, entry in library.contracts().items()} | file.contract_definitions
    cancelled: dict[str, date] = {}
    delayed: dict[str, float] = {}
    for name, change in file.contracts.items():
        where = place.where(("contracts", name))
        if name not in known:
            library.lookup("contract", name, library.contracts(), where)
        contract = known[name]
        updates: dict[str, Any] = {}
        if change.size is not None:
            updates |= {"size": change.size, "range": (min(change.size, contract.range[0]), max(change.size, contract.range[1]))}
        if change.delay_years is not None:
            delayed[name] = change.delay_years
        if change.cancel_on is not None:
            cancelled[name] = change.cancel_on
        known[name] = contract.model_copy(update=updates)
    return known, cancelled, delayed


def _check_parameters(file: schema.ScenarioFile, place: Document) -> None:
    parameters = {name for name, v in codebook().items() if v.kind == "parameter"}
    for name, value in file.parameters.items():
        where = place.where(("parameters", name))
        if name not in parameters:
            raise InputError(
                f"'{name}' is not a parameter",
                where=where,
                why="a name that no rule reads would be silently without effect.",
                how=nearest(name, parameters),
            )
        low, high = codebook()[name].range
        for issue, number in value.items() if isinstance(value, dict) else [("", value)]:
            if issue and issue not in library.issues():
                raise InputError(f"'{issue}' is not an issue area", where=where, how=nearest(issue, library.issues()))
            if issue and "issue" not in codebook()[name].axes:
                raise InputError(f"'{name}' does not vary by issue area", where=where, how=f"write {name}: {number}")
            if isinstance(number, bool) or not isinstance(number, int | float) or not low <= number <= high:
                raise InputError(
                    f"the parameter '{name}' is set to {number!r}",
                    where=where,
                    why=f"it runs from {low:g} to {high:g} {codebook()[name].unit}.",
                    how="choose a number inside.",
                )


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
