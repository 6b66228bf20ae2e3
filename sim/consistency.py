"""Whether content fits together: what one file says about states, issue areas, leaders, sources and ranges of another.

Floor 3. :mod:`sim.schema` checks the shape of a file; this checks what a shape cannot say, for ``padma check`` as for a
scenario that is read. Every function here raises :class:`sim.errors.InputError` at the first thing that does not fit.
"""

from __future__ import annotations

import hashlib
import json
import math
from functools import cache
from typing import Any

from sim import library, quarters, schema
from sim.codebook import codebook
from sim.errors import InputError, nearest
from sim.yamlfile import Document

Keys = tuple[Any, ...]
SILENT = "a name that no rule reads would be silently without effect."


# --- names and numbers ------------------------------------------------------------------------------------------------


def check_references(references: list[str], document: Document, keys: Keys) -> None:
    """Refuse references that no card stands for; ``keys`` lead to the list."""
    for index, reference in enumerate(references):
        library.check_sources([reference], document.where((*keys, index)))


def check_issue(name: str, where: str) -> str:
    """The issue area of that name, or a message with the nearest one."""
    if name not in library.issues():
        raise InputError(f"'{name}' is not an issue area", where=where, why=SILENT, how=nearest(name, library.issues()))
    return name


def check_dyad(text: str, where: str) -> tuple[str, str]:
    """Codes of a directed dyad such as ``BGD>RUS``."""
    parts = str(text).split(">")
    if len(parts) != 2:
        why, how = "who acts toward whom must be clear.", "write it like BGD>RUS."
        raise InputError(f"'{text}' is not a directed dyad", where=where, why=why, how=how)
    return two_states(parts[0], parts[1], where)


def two_states(first: str, second: str, where: str) -> tuple[str, str]:
    """Codes of two states that must differ."""
    a, b = library.state_code(first, where), library.state_code(second, where)
    if a == b:
        raise InputError(
            f"'{first}' toward '{second}' is a dyad of {a} with itself",
            where=where,
            why="a state has no relation with itself.",
            how="name two states.",
        )
    return a, b


def check_once(what: Any, name: Any, seen: dict[Any, Any], called: str, where: str) -> None:
    """Refuse the same thing under two names; ``seen`` holds what came before, by what it is."""
    if what in seen:
        why = "only one of the two could count, and a reader would not know which."
        how = "keep one of them; in a layer on top, name it as the layer below does."
        raise InputError(f"{called} stands twice ('{seen[what]}' and '{name}')", where=where, why=why, how=how)
    seen[what] = name


def check_number(name: str, value: Any, where: str) -> float:
    """A value of an input: a finite number inside its range."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        why, how = f"'{name}' is computed with.", "write a number such as 0.4."
        raise InputError(f"'{value}' is not a number", where=where, why=why, how=how)
    low, high = codebook()[name].range
    if not low <= value <= high:
        why = f"it runs from {low:g} to {high:g} (sim/codebook.yaml)."
        raise InputError(f"'{name}' is set to {value:g}", where=where, why=why, how="choose a value inside.")
    return float(value)


def check_input_name(name: str, where: str) -> None:
    """Refuse what is not a world input."""
    if name not in schema.input_names():
        raise InputError(f"'{name}' is not a world input", where=where, why=SILENT, how=nearest(name, schema.input_names()))


ENTRY = ("value", "range", "basis", "sources", "note", "unit")
"""What a dated value may be written with."""

EXAMPLES = {
    (): "world",
    ("state",): "RUS",
    ("issue",): "energy",
    ("state", "partner"): "USA>RUS",
    ("state", "issue"): "RUS:energy",
    ("state", "partner", "issue"): "BGD>RUS:energy",
}


def check_input_key(name: str, key: str, where: str = "") -> tuple[str, ...]:
    """Codes that the key of an input stands for, such as ``USA>RUS``, ``RUS-USA``, ``RUS:energy``, ``RUS``, ``world``.

    A symmetric input gives the same codes whichever state is named first.

    Raises
    ------
    InputError : the key does not fit the axes of the input, or names a state toward itself
    """
    axes = codebook()[name].axes
    text, colon, issue = str(key).partition(":")
    parts = text.replace("-", ">").split(">") if "partner" in axes else [text]
    parts += [issue] if colon else []
    parts = [] if not axes and text == "world" and not colon else parts
    if len(parts) != len(axes):
        raise InputError(
            f"the key '{key}' does not fit '{name}', which varies by {', '.join(axes) or 'time only'}",
            where=where,
            why="it is not clear what the value is of.",
            how=f"write it like {EXAMPLES[axes]}.",
        )
    named = dict(zip(axes, parts, strict=True))
    if "issue" in named:
        check_issue(named["issue"], where)
    if "partner" in named:
        codes = two_states(named["state"], named["partner"], where)
        named["state"], named["partner"] = sorted(codes) if codebook()[name].symmetric else codes
    elif "state" in named:
        named["state"] = library.state_code(named["state"], where)
    return tuple(named.values())


def check_dated(name: str, key: str, dated: Any, document: Document, keys: Keys, seen: dict[Any, Any]) -> dict[str, float]:
    """Dated values of an input: date or quarter -> number (or a mapping with ``value``); a bare number holds always.

    ``seen`` holds what stands beside it, key by the codes that it stands for.
    """
    check_once(check_input_key(name, key, document.where(keys)), key, seen, f"'{name}'", document.where(keys))
    if dated == {}:
        why, how = "an empty entry would be silently without effect.", "write 2027Q1: 0.4, or take the entry out."
        raise InputError(f"'{name}' has no value for '{key}'", where=document.where(keys), why=why, how=how)
    series = dated if isinstance(dated, dict) else {"1900Q1": dated}
    found, days = {}, dict[Any, Any]()
    for day, entry in series.items():
        where = document.where((*keys, day))
        check_once(quarters.day(day, where), day, days, f"a day of '{key}'", where)
        if isinstance(entry, dict):
            _check_entry(entry, document, (*keys, day))
        found[str(day)] = check_number(name, entry.get("value") if isinstance(entry, dict) else entry, where)
    return found


def _check_entry(entry: dict[Any, Any], document: Document, keys: Keys) -> None:
    """Refuse what nothing reads beside a dated value, and sources that no card stands for."""
    for key in entry:
        if key not in ENTRY:
            where = document.where((*keys, key))
            raise InputError(f"'{key}' is not a key here", where=where, why=SILENT, how=nearest(str(key), ENTRY))
    if not isinstance(sources := entry.get("sources", []), list):
        why, how = "a value may rest on several.", "write sources: [key]."
        raise InputError(f"sources is {sources!r}", where=document.where((*keys, "sources")), why=why, how=how)
    check_references([str(s) for s in sources], document, (*keys, "sources"))


# --- files ------------------------------------------------------------------------------------------------------------


def check_leader(leader: schema.Leader, document: Document, keys: Keys = ()) -> None:
    """A leader's state, partners and sources."""
    heads = library.state_code(leader.heads, document.where((*keys, "heads")))
    seen: dict[Any, Any] = {}
    for partner in leader.traits.image_of:
        where = document.where((*keys, "traits", "image_of", partner))
        _, code = two_states(heads, partner, where)
        check_once(code, partner, seen, f"the image of {code}", where)
    for label, _, entries in leader.traits.each():
        for index, entry in enumerate(entries):
            check_references(entry.sources, document, (*keys, "traits", *label.split(".", 1), index, "sources"))


def check_state(state: schema.State, document: Document) -> None:
    """A state's sources and own inputs: a number each, keyed by partner or issue area where the input varies by one."""
    check_references(state.sources, document, ("sources",))
    for name, own in state.inputs.items():
        keys: Keys = ("inputs", name)
        where = document.where(keys)
        check_input_name(name, where)
        axes = codebook()[name].axes
        if axes not in (("state",), ("state", "partner"), ("state", "issue")):
            raise InputError(
                f"'{name}' varies by {', '.join(axes) or 'time only'}",
                where=where,
                why="it is no input of one state.",
                how="take it out here; a scenario or an event can change it.",
            )
        if axes == ("state",):
            check_number(name, own, where)
            continue
        if not isinstance(own, dict):
            example = "IND" if "partner" in axes else "energy"
            raise InputError(
                f"'{name}' is {own!r}, but it varies by {axes[-1]}",
                where=where,
                why="it is not clear toward whom or in what the value holds.",
                how=f"write {name}: {{{example}: 0.4}}.",
            )
        seen: dict[Any, Any] = {}
        for key, value in own.items():
            spot = document.where((*keys, key))
            if "partner" not in axes:
                check_issue(str(key), spot)
            elif (code := library.state_code(str(key), spot)) == state.iso3:
                two_states(state.iso3, str(key), spot)
            else:
                check_once(code, key, seen, f"'{name}' toward {code}", spot)
            check_number(name, value, spot)


def check_contract(contract: schema.Contract, document: Document, keys: Keys = ()) -> None:
    """A contract's dyad, issue area and sources."""
    where = document.where((*keys, "dyad"))
    first, second = check_dyad(contract.dyad, where)
    if library.states()[first].value.power and not library.states()[second].value.power:
        why = "a contract is entered from the side of the small state, whose stance it holds up."
        raise InputError(f"the dyad {first}>{second} is turned round", where=where, why=why, how=f"write {second}>{first}.")
    check_issue(contract.issue, document.where((*keys, "issue")))
    check_references(contract.sources, document, (*keys, "sources"))


def check_event(event: schema.Event, document: Document, keys: Keys = ()) -> None:
    """An event's powers, sources and what it changes."""
    seen: dict[Any, Any] = {}
    for index, power in enumerate(event.powers):
        where = document.where((*keys, "powers", index))
        code = library.state_code(power, where)
        check_once(code, power, seen, code, where)
    check_references(event.sources, document, (*keys, "sources"))
    for index, change in enumerate(event.changes):
        spot = (*keys, "changes", index)
        if change.of is not None and change.toward is not None:
            two_states(change.of, change.toward, document.where((*spot, "toward")))
        elif change.of is not None:
            library.state_code(change.of, document.where((*spot, "of")))
        if change.issue is not None:
            check_issue(change.issue, document.where((*spot, "issue")))
        if change.set is not None:
            check_number(change.input, change.set, document.where((*spot, "set")))
        low, high = codebook()[change.input].range
        largest = max(map(abs, (change.add, *(change.range or ())))) if change.add is not None else 0.0
        if largest > high - low:
            where = document.where((*spot, "add"))
            why = f"'{change.input}' runs from {low:g} to {high:g}, so that no step in it is that large."
            raise InputError(f"adds up to {largest:g}", where=where, why=why, how=f"stay below {high - low:g}.")
        check_references(change.sources, document, (*spot, "sources"))


def check_roll_call(item: schema.RollCall, document: Document, keys: Keys) -> None:
    """Powers that vote, and sources, of a kind of roll call."""
    seen: dict[Any, Any] = {}
    for name in item.votes:
        where = document.where((*keys, "votes", name))
        code = library.state_code(name, where)
        check_once(code, name, seen, f"the vote of {code}", where)
        if not library.states()[code].value.power:
            why = "only the powers' positions are given; how a small state votes is what the model computes."
            raise InputError(f"{code} is no power", where=where, why=why, how="take its vote out.")
    powers = [code for code, entry in library.states().items() if entry.value.power]
    if missing := [code for code in powers if code not in seen]:
        why = "a power that is not named would count as one that abstains."
        where = document.where((*keys, "votes"))
        raise InputError(f"the vote of {missing[0]} is missing", where=where, why=why, how=f"add {missing[0]}: abstain.")
    check_references(item.sources, document, (*keys, "sources"))


@cache
def check_agenda() -> None:
    """Every kind of roll call in the agenda, as a run takes it."""
    for entry in library.agenda().values():
        check_roll_call(entry.value, entry.document, entry.keys)


def check_world_input(given: schema.WorldInput, document: Document) -> None:
    """Keys, dates, numbers and sources of a file of ``scenarios/world``."""
    check_input_name(given.variable, document.where(("variable",)))
    check_references(given.sources, document, ("sources",))
    for part in ("values", "assumed"):
        seen: dict[Any, Any] = {}
        for key, dated in getattr(given, part).items():
            check_dated(given.variable, key, dated, document, (part, key), seen)
    if given.checksum != checksum(document.content):
        raise InputError(
            "the values were changed by hand: the checksum does not agree",
            where=document.where(("checksum",)),
            why="these files are made from public records, and nobody could tell a change from a record.",
            how="change calibration/derive.py or its assumptions and make the file again, or put the change into a scenario.",
        )


def checksum(content: dict[str, Any]) -> str:
    """SHA-256 of a world file's ``values`` and ``assumed``, as ``calibration/derive.py`` writes it."""
    kept = _text_keys({part: content.get(part) or {} for part in ("values", "assumed")})
    return hashlib.sha256(json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _text_keys(content: Any) -> Any:
    if isinstance(content, dict):
        return {str(key): _text_keys(value) for key, value in content.items()}
    return [_text_keys(value) for value in content] if isinstance(content, list) else content
