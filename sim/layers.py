"""Laying YAML on YAML: a scenario on its base, overlays on scenarios, settings on top, changes on a leader.

Floor 3. Merges plain content key by key and remembers where every value stands, so that a message names the right file
and line. Whether the result makes sense is for :mod:`sim.consistency`.
"""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

from sim import library, quarters, yamlfile
from sim.codebook import codebook
from sim.consistency import check_once
from sim.errors import InputError, nearest
from sim.scenario_form import ScenarioFile
from sim.validate import validate
from sim.yamlfile import Document

MERGED = ("inputs", "contracts", "parameters", "switches", "leaders", "event_definitions", "contract_definitions")
LISTS = ("events", "sources", "assumptions", "cotenability", "states")
NOT_SET = ("based_on", "overlay")
"""Keys that decide what lies on what, and so cannot be changed by a setting."""


def lay_out(name: str, settings: dict[str, Any], until: str | None) -> Document:
    """All that a name and settings stand for, merged; ``chain`` holds the names from the scenario to its last base.

    Raises
    ------
    InputError : a file that is missing or misshapen, or layers that do not go together
    """
    parts = [name] if library.scenario_path(name) else name.split("+")
    if twice := next((part for index, part in enumerate(parts) if part in parts[:index]), None):
        why, how = "laid on a second time it changes nothing.", "name it once."
        raise InputError(f"'{twice}' stands twice in '{name}'", where="SCENARIO", why=why, how=how)
    chains = [_with_bases(part, index == 0) for index, part in enumerate(parts)]
    for chain in chains[1:]:
        if not chain[0].content.get("overlay"):
            raise InputError(
                f"'{chain[0].content['name']}' is not an overlay",
                where=chain[0].where(("name",)),
                why="two scenarios that both say who governs and when cannot be laid on each other.",
                how="put an overlay (overlay: true) after the +; `padma show scenarios` says which are.",
            )
    raw = _lay_chain(chains[0])
    for chain in chains[1:]:
        raw = _lay(raw, _own(chain[0]))
    raw["chain"] = list(dict.fromkeys(str(d.content["name"]) for d in [*chains[0], *(c[0] for c in chains[1:])]))
    if len(parts) > 1:
        raw["name"] = "+".join(str(c[0].content["name"]) for c in chains)
        raw["title"] = "; ".join(str(c[0].content["title"]) for c in chains)
    laid = Document(chains[0][0].path, raw, {}, _places(raw, [*reversed(chains[0]), *(c[0] for c in chains[1:])]))
    return change(laid, settings, until)


def change(laid: Document, settings: dict[str, Any], until: str | None = None) -> Document:
    """Lay settings on top of what is laid already; the document given is changed and given back.

    Raises
    ------
    InputError : a path that leads nowhere
    """
    for path, value in settings.items():
        _set(laid, path, value)
    if until is not None:
        laid.content["until"], laid.places["until",] = until, "--until"
    return laid


# --- files ------------------------------------------------------------------------------------------------------------


def _document(path: Path) -> Document:
    own = path.parent == library.root()
    document = library.shipped(path) if own else yamlfile.read(path, library.shown(path))
    library.mapping(document)
    validate(ScenarioFile, document)
    return document


def _with_bases(name: str, base_too: bool) -> list[Document]:
    """A scenario and what it is based on, base last (an overlay after ``+`` stays by itself)."""
    path = library.scenario_path(name)
    if path is None:
        what, how = f"there is no scenario called '{name}'", nearest(name, library.scenario_names())
        how += " `padma show scenarios` lists all; a path to a YAML file works too."
        if not name:
            what, how = "a scenario without a name is asked for", "name a scenario before and an overlay after each '+'."
        elif os.path.isdir(name):
            what, how = f"'{name}' is a folder", f"to run what a results folder holds, name {Path(name) / 'scenario.yaml'}."
        raise InputError(what, where="SCENARIO", why="nothing can be run.", how=how)
    chain, seen = [_document(path)], [os.path.realpath(path)]
    while (base := chain[-1].content.get("based_on")) and (base_too or not chain[-1].content.get("overlay")):
        where = chain[-1].where(("based_on",))
        path = _base_path(str(base), Path(seen[-1]).parent, where)
        chain.append(_document(path))
        if os.path.realpath(path) in seen:
            names = [str(document.content["name"]) for document in chain]
            itself = len(names) == 2
            raise InputError(
                f"'{names[0]}' is based on itself"
                if itself
                else f"these scenarios are based on each other in a circle: {' -> '.join(names)}",
                where=where,
                why="there is no first one to start from.",
                how="name another scenario there." if itself else "remove one 'based_on'.",
            )
        seen.append(os.path.realpath(path))
    return chain


def _base_path(name: str, beside: Path, where: str) -> Path:
    """The file of a base: a path from the scenario's own folder, a path from here, or a built-in name."""
    path = beside / name if os.path.isfile(beside / name) else library.scenario_path(name)
    if path is None or not os.path.isfile(path):
        raise InputError(
            f"there is no scenario called '{name}' to be based on",
            where=where,
            why="the scenario says only what is different from its base.",
            how=nearest(name, library.scenario_names()),
        )
    check_within(path, name, beside, where)
    return path


def check_within(path: Path, name: str, beside: Path, where: str) -> None:
    """Refuse the base of a file that reaches out of the file's own folder, the one worked in and padma's own.

    Raises
    ------
    InputError : it lies outside
    """
    if not any(Path(os.path.realpath(path)).is_relative_to(os.path.realpath(home)) for home in (beside, ".", library.root())):
        raise InputError(
            f"the base '{name}' lies outside the folder of the file that names it and the one you work in",
            where=where,
            why="a file that somebody else wrote must not reach for files that were never part of it.",
            how="put the base beside it, or work in a folder that holds both.",
        )


# --- merging ----------------------------------------------------------------------------------------------------------


def _lay_chain(chain: list[Document]) -> dict[str, Any]:
    merged = _own(chain[-1])
    for child in reversed(chain[:-1]):
        merged = _lay(merged, _own(child))
    return merged


def _own(document: Document) -> dict[str, Any]:
    """What a file itself says, with seats under the codes of their states."""
    raw: dict[str, Any] = copy.deepcopy(document.content)
    raw.pop("based_on", None)
    if "seats" in raw:
        raw["seats"] = _by_code(raw["seats"], document)
    return raw


def _by_code(named: dict[str, Any], document: Document) -> dict[str, Any]:
    seats: dict[str, Any] = {}
    for name, entries in named.items():
        where = document.where(("seats", name))
        if (code := library.state_code(name, where)) in seats:
            raise InputError(
                f"the seats of {code} stand twice",
                where=where,
                why="only one of the two could count, and a reader would not know which.",
                how="put them into one list.",
            )
        seats[code] = entries
    return seats


def _lay(base: dict[str, Any], child: dict[str, Any]) -> dict[str, Any]:
    """Lay a scenario on its base, key by key."""
    merged = copy.deepcopy(base)
    for key, value in child.items():
        if key in MERGED:
            merged[key] = _deep(merged.get(key) or {}, value)
        elif key == "seats":
            merged[key] = _seats(merged.get(key) or {}, value)
        elif key in LISTS:
            merged[key] = list(dict.fromkeys([*(merged.get(key) or []), *value]))
        elif key != "overlay":
            merged[key] = value
    if "differs" not in child:
        merged.pop("differs", None)
    merged["overlay"] = bool(child.get("overlay")) and "start" not in merged
    return merged


def _seats(base: dict[str, Any], child: dict[str, Any]) -> dict[str, Any]:
    """The child's seats replace the base's from the child's first day on."""
    merged = dict(base)
    for code, entries in child.items():
        first = min(quarters.day(entry["from"]) for entry in entries)
        merged[code] = [e for e in merged.get(code, []) if quarters.day(e["from"]) < first] + list(entries)
    return merged


def _deep(base: Any, child: Any) -> Any:
    if isinstance(base, dict) and isinstance(child, dict):
        return {key: _deep(base.get(key), child[key]) if key in child else base[key] for key in {**base, **child}}
    return copy.deepcopy(base if child is None else child)


def _places(raw: dict[str, Any], documents: list[Document]) -> dict[tuple[Any, ...], str]:
    """Where every merged value stands: in the last document that says it."""
    places: dict[tuple[Any, ...], str] = {}
    for document in documents:
        moved = _moved_items(document.content, raw)
        for keys, line in document.lines.items():
            length = next((n for n in (3, 2) if keys[:n] in moved), 0)
            if length or keys[:1] not in {(key,) for key in LISTS} or len(keys) == 1:
                places[(*moved.get(keys[:length], ()), *keys[length:])] = f"{document.path}:{line}"
    return places


def _moved_items(own: dict[str, Any], raw: dict[str, Any]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Where the list items of one file went in the merged content."""
    moved: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for key in LISTS:
        for index, value in enumerate(own.get(key) or []):
            if value in raw[key]:
                moved[key, index] = (key, raw[key].index(value))
    for name, entries in (own.get("seats") or {}).items():
        code = library.state_code(name)
        moved["seats", name] = ("seats", code)
        for index, entry in enumerate(entries):
            if entry in raw["seats"][code]:
                moved["seats", name, index] = ("seats", code, raw["seats"][code].index(entry))
    return moved


def _set(laid: Document, path: str, value: Any) -> None:
    """Set one key by its path, creating what is missing on the way."""
    keys, where = path.split("."), f"--set {path}"
    known = [key for key in ScenarioFile.model_fields if key not in NOT_SET]
    if keys[0] not in known:
        raise InputError(
            f"'{keys[0]}' is not a key of a scenario that can be set",
            where=where,
            why="a key that nothing reads would be silently without effect.",
            how=nearest(keys[0], known),
        )
    if keys[0] == "seats" and len(keys) > 1:
        keys[1] = library.state_code(keys[1], where)
    elif keys[0] == "seats" and isinstance(value, dict):
        value = _by_code(value, Document(where, value))
    place = laid.content
    for depth, key in enumerate(keys[:-1], start=1):
        place[key] = {} if place.get(key) is None else place[key]
        place = place[key]
        if not isinstance(place, dict):
            raise InputError(
                f"'{'.'.join(keys[:depth])}' holds {'a list' if isinstance(place, list) else 'one value'}, not keys",
                where=where,
                why="there is no such place to set.",
                how=f"set it as a whole: --set {'.'.join(keys[:depth])}=VALUE",
            )
    place[keys[-1]] = value
    for inner in [k for k in laid.places if k[: len(keys)] == tuple(keys)]:
        del laid.places[inner]
    for depth in range(1, len(keys)):
        laid.places.setdefault(tuple(keys[:depth]), where)
    laid.places[tuple(keys)] = where


# --- changes of a leader ----------------------------------------------------------------------------------------------


def lay_on_leader(base: dict[str, Any], overlay: dict[str, Any], place: Document, keys: tuple[Any, ...]) -> dict[str, Any]:
    """Lay changes on a leader; a bare number replaces a trait for all time and keeps the width of its range.

    Raises
    ------
    InputError : a key that the leader does not have, or something else than a number where a number belongs
    """
    merged = dict(base)
    for key, value in overlay.items():
        old, here = merged.get(key), (*keys, key)
        if key == "image_of" and isinstance(value, dict) and isinstance(old, dict):
            seen: dict[Any, Any] = {}
            for partner in value:
                known = _partner_key(partner, old, place, (*here, partner))
                check_once(known, partner, seen, f"the image of '{known}'", place.where((*here, partner)))
            value = {known: value[partner] for known, partner in seen.items()}
        if isinstance(value, dict) and isinstance(old, dict):
            merged[key] = lay_on_leader(old, value, place, here)
        elif isinstance(value, int | float) and not isinstance(value, bool) and isinstance(old, list):
            merged[key] = [_moved(old[-1], float(value), here, place)]
        elif isinstance(old, dict | list) and not isinstance(value, dict | list):
            raise InputError(
                f"{'.'.join(map(str, here))} is {value!r}: a number was expected",
                where=place.where(here),
                why="a trait is a number with a range.",
                how="write a number, or a full entry as in scenarios/README.md.",
            )
        elif base and key not in merged and key != "note":
            raise InputError(
                f"'{key}' is not a key of this leader",
                where=place.where(here),
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
    low, high = codebook()["image_of" if "image_of" in keys else str(keys[-1])].range
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
    return moved | {
        "basis": "assumption",
        "sources": ["set_by_user"],
        "evidence": "set by the user",
        "cutoff": "1900-01",
        "circularity": "low",
    }
