"""The shipped content: finds and reads states, leaders, issue areas, events, contracts, world inputs and sources.

Floor 3. Content is YAML; this file turns it into checked objects and knows where each came from. A path given by the
user always wins over a built-in name. It computes nothing.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from sim import fields, schema, yamlfile
from sim.codebook import codebook
from sim.errors import InputError, nearest
from sim.validate import validate
from sim.yamlfile import Document


@cache
def root() -> Path:
    """The folder ``scenarios``: beside the package in a checkout, inside it once installed."""
    package = Path(__file__).resolve().parent
    beside = package.parent / "scenarios"
    return beside if (beside / "issues.yaml").exists() else package / "content" / "scenarios"


def data_root() -> Path:
    """The folder of the record, ``calibration/data``, beside the package in a checkout as well as once installed."""
    return Path(__file__).resolve().parent.parent / "calibration" / "data"


def shown(path: Path) -> str:
    """How a content file is named in messages: from ``scenarios/`` on."""
    real, content = os.path.realpath(path), os.path.realpath(root())
    return os.path.join("scenarios", os.path.relpath(real, content)) if real.startswith(content + os.sep) else str(path)


def read(name: str) -> Document:
    """Read a content file, e.g. ``issues.yaml``."""
    path = root() / name
    return yamlfile.read(path, shown(path))


@cache
def shipped(path: Path) -> Document:
    """A content file, read once; whoever changes its content works on a copy."""
    return yamlfile.read(path, shown(path))


def mapping(document: Document) -> dict[str, Any]:
    """The content as a mapping.

    Raises
    ------
    InputError : it is empty or something else
    """
    content = document.content
    if not isinstance(content, dict):
        raise InputError(
            "the file is empty" if content is None else "a mapping (key: value) was expected here",
            where=document.where(),
            why="padma reads named entries.",
            how="scenarios/README.md shows a complete example of each kind of file.",
        )
    return content


@dataclass(frozen=True)
class Entry:
    """A checked object with the document and keys it came from."""

    value: Any
    document: Document = field(repr=False)
    keys: tuple[Any, ...] = ()

    @property
    def where(self) -> str:
        """``file:line``."""
        return self.document.where(self.keys)


def _file(path: Path, model: type[BaseModel]) -> Entry:
    """The one entry that a file holds."""
    document = yamlfile.read(path, shown(path))
    mapping(document)
    return Entry(validate(model, document), document)


@cache
def states() -> dict[str, Entry]:
    """States by ISO3 code. The order of files does not matter anywhere; neighbours in a figure follow it."""
    read = [_file(path, schema.State) for path in sorted((root() / "states").glob("*.yaml"))]
    found: dict[str, Entry] = {}
    for entry in read:
        if (code := entry.value.iso3) in found:
            raise _second(f"the code {code}", found[code], entry.document.where(("iso3",)))
        found[code] = entry
    order = [iso3 for iso3 in ("BGD", "RUS", "IND", "CHN", "USA") if iso3 in found]
    return {iso3: found[iso3] for iso3 in [*order, *(i for i in found if i not in order)]}


def state_code(name: str, where: str = "") -> str:
    """ISO3 code of a state given by code or name.

    Raises
    ------
    InputError : unknown; the message carries the nearest name

    >>> state_code("russia"), state_code("united_states"), state_code("BGD")
    ('RUS', 'USA', 'BGD')
    """
    known, text = states(), str(name).strip()
    for code, entry in known.items():
        if text.upper() == code or text.lower().replace(" ", "_") == entry.value.name.lower().replace(" ", "_"):
            return code
    names = [*known, *(entry.value.name.lower().replace(" ", "_") for entry in known.values())]
    raise InputError(
        f"'{name}' is not a state padma knows",
        where=where,
        why="an act needs an actor.",
        how=nearest(text, names),
    )


@cache
def issues() -> dict[str, Entry]:
    """Issue areas by name, in file order; no two show in one record."""
    return each_unlike(entries(read("issues.yaml"), schema.Issue), "label", "shows_in")


@cache
def sources() -> dict[str, Entry]:
    """Source cards by key."""
    return entries(read("sources.yaml"), schema.Card)


@cache
def agenda() -> dict[str, Entry]:
    """Kinds of roll call by name."""
    return each_unlike(entries(read("agenda.yaml"), schema.RollCall), "label")


@cache
def leaders() -> dict[str, Entry]:
    """Leaders by file name."""
    return {path.stem: read_leader(path) for path in sorted((root() / "leaders").glob("*.yaml"))}


def read_leader(path: Path) -> Entry:
    """One leader file."""
    return _file(path, schema.Leader)


@cache
def events() -> dict[str, Entry]:
    """Named events of all files in ``events``.

    Raises
    ------
    InputError : an event that is misshapen or defined twice
    """
    found: dict[str, Entry] = {}
    for path in sorted((root() / "events").glob("*.yaml")):
        for name, entry in entries(yamlfile.read(path, shown(path)), schema.Event).items():
            if name in found:
                raise _second(f"the event '{name}'", found[name], entry.where)
            found[name] = entry
    return found


@cache
def contracts() -> dict[str, Entry]:
    """Commitments in being by name: those entered by hand, then the arms orders of the register."""
    found = read_contracts(read("commitments.yaml"))
    return read_contracts(read("world/arms_contracts.yaml"), found)


def read_contracts(document: Document, before: Mapping[str, Entry] = MappingProxyType({})) -> dict[str, Entry]:
    """The contracts of a file, a list with one entry each, after those that came ``before``.

    Raises
    ------
    InputError : no list, a misshapen entry, or a name that stands twice
    """
    if not isinstance(document.content, list):
        raise InputError(
            "a list of contracts was expected",
            where=document.where(),
            why="padma reads one contract per list item.",
            how="begin every contract with '- name:'; scenarios/README.md shows a complete example.",
        )
    found = dict(before)
    for index, item in enumerate(document.content):
        contract = validate(schema.Contract, document, (index,), item)
        if contract.name in found:
            raise _second(f"the contract '{contract.name}'", found[contract.name], document.where((index, "name")))
        found[contract.name] = Entry(contract, document, (index,))
    return found


@cache
def world_inputs() -> dict[str, Entry]:
    """World inputs by variable, in codebook order (inputs that no file states are absent: they hold their default)."""
    paths = {name: root() / "world" / f"{name}.yaml" for name in schema.input_names()}
    return {name: _file(path, schema.WorldInput) for name, path in paths.items() if path.exists()}


@cache
def world_file(name: str) -> dict[str, Any]:
    """A world file that is not one input: ``standards`` or ``act_rates``."""
    return mapping(read(f"world/{name}.yaml"))


@cache
def parameters() -> Document:
    """The parameter file, as a document; :mod:`sim.priors` reads it."""
    return read("parameters.yaml")


def record_table(name: str) -> list[dict[str, str]]:
    """The rows of a table of the record, each cell as text by its column."""
    with (data_root() / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _second(what: str, first: Entry, where: str) -> InputError:
    why = "only one of the two could count, and a reader would not know which."
    return InputError(f"{what} stands twice (first at {first.where})", where=where, why=why, how="keep one, or rename it.")


def each_unlike(entries: dict[str, Entry], *keys: str) -> dict[str, Entry]:
    """The entries, refused where two hold the same under one of ``keys`` ('none' may stand any number of times)."""
    for key in keys:
        seen: dict[Any, Entry] = {}
        for entry in entries.values():
            held = getattr(entry.value, key)
            if held in seen and held != "none":
                raise _second(f"{key}: {held}", seen[held], entry.document.where((*entry.keys, key)))
            seen[held] = entry
    return entries


def entries(document: Document, model: type[BaseModel]) -> dict[str, Entry]:
    """The named entries of a file, each checked against its schema.

    Raises
    ------
    InputError : a name that could not be written elsewhere, or an entry that is misshapen
    """
    for name in mapping(document):
        fields.check_name(document, name, dots=model is schema.Card)
    return {
        name: Entry(validate(model, document, (name,), content), document, (name,))
        for name, content in mapping(document).items()
    }


def lookup(kind: str, name: str, entries: dict[str, Entry], where: str = "") -> Entry:
    """The entry called ``name``, or a message with the nearest name.

    Raises
    ------
    InputError : there is none; the message carries the nearest name
    """
    if name not in entries:
        raise InputError(
            f"there is no {kind} called '{name}'",
            where=where,
            why=f"the scenario cannot be run without that {kind}.",
            how=nearest(name, entries) + f" `padma show {kind}s` lists all.",
        )
    return entries[name]


def source_key(reference: str) -> str:
    """The key of a reference such as ``walt1987 p.12``."""
    return reference.split(" ", 1)[0]


def check_sources(references: list[str], where: str) -> None:
    """Refuse references that no card stands for.

    Raises
    ------
    InputError : the first reference without a card
    """
    for reference in references:
        if source_key(reference) not in sources():
            raise InputError(
                f"the source '{source_key(reference)}' has no card",
                where=where,
                why="a reader must be able to find what a value rests on.",
                how=f"add it to scenarios/sources.yaml, or {nearest(source_key(reference), sources())}",
            )


def scenario_path(name: str) -> Path | None:
    """The file of a scenario given by path or built-in name; None if there is neither."""
    given = Path(name)
    if given.suffix in (".yaml", ".yml") or os.path.isfile(given):  # unlike Path.is_file it takes names that cannot be
        return given
    built_in = root() / f"{name}.yaml"
    return built_in if os.path.isfile(built_in) and name not in NOT_SCENARIOS else None


@cache
def is_overlay(name: str) -> bool:
    """Whether the file of a scenario says that it is laid on another."""
    path = scenario_path(name)
    return bool(path and os.path.isfile(path) and mapping(yamlfile.read(path, shown(path))).get("overlay"))


def names() -> dict[str, str]:
    """How states, issue areas and kinds of roll calls are called, by code."""
    found = {code: entry.value.name for code, entry in states().items()}
    return found | {key: entry.value.label for kinds in (issues(), agenda()) for key, entry in kinds.items()}


NOT_SCENARIOS = {"sources", "issues", "parameters", "commitments", "agenda"}


def scenario_names() -> list[str]:
    """Built-in scenarios."""
    return sorted(path.stem for path in root().glob("*.yaml") if path.stem not in NOT_SCENARIOS)


def rule_sources() -> set[str]:
    """Keys of the publications behind the rules and the codebook."""
    from sim.rulebook import RULES
    from sim.rules import turn  # noqa: F401

    return {rule.source for rule in RULES.values()} | {v.source for v in codebook().values() if v.source}
