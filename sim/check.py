"""Checks files without running anything: YAML of every kind, folders, results.

Floor 5. Every finding is a four-part message; all files are looked at, so that one mistake does not hide another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sim import library, schema, yamlfile
from sim.errors import InputError, PadmaError
from sim.run import read_results
from sim.scenario import read_scenario

OLD_AFTER_DAYS = 365


@dataclass(frozen=True)
class Finding:
    """What was found in one file: ``problem`` is None where nothing is wrong."""

    path: str
    kind: str
    problem: str | None
    notes: tuple[str, ...] = ()


def check(path: Path) -> list[Finding]:
    """Check a file, a folder of files, or a results folder.

    Raises
    ------
    InputError : there is nothing at the path
    """
    if not path.exists():
        raise InputError("there is nothing here to check", where=str(path), how="name a YAML file, a folder or results.")
    if path.is_dir():
        if (path / "manifest.json").exists():
            return [_finding(path, "results", lambda: read_results(path))]
        files = sorted(path.rglob("*.yaml"))
        if not files:
            raise InputError("no YAML file stands in this folder", where=str(path), how="name another folder or a file.")
        return [finding for file in files for finding in check(file)]
    kind = kind_of(path)
    return [_finding(path, kind, lambda: _check_file(path, kind), _notes(path, kind))]


def kind_of(path: Path) -> str:
    """What a YAML file is, by its keys (and, for content files, by its name)."""
    try:
        content = yamlfile.read(path, library.shown(path)).content
    except PadmaError:
        return "YAML file"
    if path.name in ("sources.yaml", "issues.yaml", "agenda.yaml", "parameters.yaml", "commitments.yaml"):
        return path.stem
    if isinstance(content, list):
        return "commitments"
    if not isinstance(content, dict):
        return "scenario"
    keys = set(content)
    if "traits" in keys or "heads" in keys:
        return "leader"
    if "iso3" in keys:
        return "state"
    if "variable" in keys:
        return "world input"
    if path.parent.name == "events" or (content and all(isinstance(v, dict) and "label" in v for v in content.values())):
        return "events"
    return "scenario"


def _check_file(path: Path, kind: str) -> None:
    document = yamlfile.read(path, library.shown(path))
    if kind == "leader":
        _check_leader(path)
    elif kind == "state":
        library.read_state(path)
    elif kind in ("sources", "issues", "agenda", "events"):
        models = {"sources": schema.Card, "issues": schema.Issue, "agenda": schema.RollCall, "events": schema.Event}
        for name, content in library.mapping(document).items():
            entry = schema.validate(models[kind], document, (name,), content)
            library.check_sources(list(getattr(entry, "sources", [])), document.where((name,)))
    elif kind == "commitments":
        for index, item in enumerate(document.content or []):
            contract = schema.validate(schema.Contract, document, (index,), item)
            library.check_sources(list(contract.sources), document.where((index,)))
    elif kind == "world input":
        library.mapping(document)
        if document.content.get("variable") in schema.input_names():
            schema.validate(schema.WorldInput, document)
    elif kind == "scenario":
        scenario = read_scenario(path)
        for slug in scenario.leaders:
            _check_sources_of_leader(scenario.leaders[slug], str(path))


def _check_leader(path: Path) -> None:
    entry = library.read_leader(path)
    library.state_code(entry.value.heads, entry.document.where(("heads",)))
    _check_sources_of_leader(entry.value, entry.document.path)


def _check_sources_of_leader(leader: schema.Leader, where: str) -> None:
    for label, _, entries in leader.traits.each():
        for trait in entries:
            library.check_sources(list(trait.sources), f"{where} ({label}, from {trait.from_})")


def _notes(path: Path, kind: str) -> tuple[str, ...]:
    """What is not wrong but worth knowing: codings that nobody has looked at for a year."""
    if kind != "leader":
        return ()
    try:
        leader = library.read_leader(path).value
    except PadmaError:
        return ()
    old = [label for label, _, entries in leader.traits.each() if (date.today() - entries[-1].checked_on).days > OLD_AFTER_DAYS]
    return (f"not looked at for a year: {', '.join(old)}",) if old else ()


def _finding(path: Path, kind: str, look: object, notes: tuple[str, ...] = ()) -> Finding:
    try:
        look()  # type: ignore[operator]
    except PadmaError as error:
        return Finding(str(path), kind, error.message)
    return Finding(str(path), kind, None, notes)
