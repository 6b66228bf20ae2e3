"""Checks files without running anything: YAML of every kind, folders, results.

Floor 5. Every finding is a four-part message; all files are looked at, so that one mistake does not hide another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sim import consistency, library, priors, provenance, schema, stores, yamlfile
from sim.errors import InputError, PadmaError
from sim.run import read_results
from sim.scenario import read_scenario
from sim.scenario_form import ScenarioFile
from sim.sweep.design import read_design
from sim.validate import validate
from sim.yamlfile import Document

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
            return [_finding(path, "results", lambda: _check_folder(path))]
        files = sorted(path.rglob("*.yaml"))
        if not files:
            raise InputError("no YAML file stands in this folder", where=str(path), how="name another folder or a file.")
        return [finding for file in files for finding in check(file)]
    kind = kind_of(path)
    return [_finding(path, kind, lambda: _check_file(path, kind), _notes(path, kind))]


def _check_folder(path: Path) -> None:
    """Read a results folder with every byte of its store; of one that holds no ensemble, the manifest vouches for the files."""
    record = provenance.read_manifest(path)
    if record.get("kind") not in provenance.FILES_OF_KIND:
        record = read_results(path).manifest
    if record.get("store"):
        stores.check_store(path, record, lambda array: True)


def kind_of(path: Path) -> str:
    """What a YAML file is, by its name where it is the only one of its kind, else by the keys it holds."""
    try:
        content = yamlfile.read(path, library.shown(path)).content
    except PadmaError:
        return "YAML file"
    if path.name in ("sources.yaml", "issues.yaml", "agenda.yaml", "parameters.yaml", "commitments.yaml"):
        return path.stem
    if isinstance(content, list):
        return "commitments"
    keys = {str(key) for key in content} if isinstance(content, dict) else set()
    told = (
        ("leader", {"traits", "heads"}),
        ("state", {"iso3", "adjective"}),
        ("world input", {"variable", "checksum"}),
        ("design", {"factors", "measures"}),
    )
    for kind, marks in told:
        if keys & marks:
            return kind
    entries = [set(entry) for entry in content.values() if isinstance(entry, dict)] if keys else []
    own = set(ScenarioFile.model_fields)
    if path.parent.name == "events" or (
        entries and not keys & own and any(e & {"label", "changes", "powers"} for e in entries)
    ):
        return "events"
    return "scenario"


def _check_file(path: Path, kind: str) -> None:
    document = yamlfile.read(path, library.shown(path))
    if kind != "commitments":
        library.mapping(document)
    CHECKS.get(kind, _check_nothing)(document)
    if kind == "scenario":
        read_scenario(path)
    if kind == "design":
        read_design(path)


def _check_nothing(document: Document) -> None:
    """What :func:`sim.scenario.read_scenario` and :func:`sim.sweep.design.read_design` check themselves."""


def _check_leader(document: Document) -> None:
    consistency.check_leader(validate(schema.Leader, document), document)


def _check_state(document: Document) -> None:
    consistency.check_state(validate(schema.State, document), document)


def _check_world(document: Document) -> None:
    if document.content.get("variable") not in ("standards", "act_rates"):
        consistency.check_world_input(validate(schema.WorldInput, document), document)


def _check_commitments(document: Document) -> None:
    for entry in library.read_contracts(document).values():
        consistency.check_contract(entry.value, document, entry.keys)


def _check_events(document: Document) -> None:
    for entry in library.entries(document, schema.Event).values():
        consistency.check_event(entry.value, document, entry.keys)


def _check_agenda(document: Document) -> None:
    for entry in library.each_unlike(library.entries(document, schema.RollCall), "label").values():
        consistency.check_roll_call(entry.value, document, entry.keys)


def _check_issues(document: Document) -> None:
    for name, entry in library.each_unlike(library.entries(document, schema.Issue), "label", "shows_in").items():
        for key in ("exposure", "lifetime"):
            consistency.check_references(getattr(entry.value, key).sources, document, (name, key, "sources"))


def _check_sources(document: Document) -> None:
    library.entries(document, schema.Card)


CHECKS: dict[str, Callable[[Document], Any]] = {
    "leader": _check_leader,
    "state": _check_state,
    "world input": _check_world,
    "commitments": _check_commitments,
    "events": _check_events,
    "agenda": _check_agenda,
    "issues": _check_issues,
    "sources": _check_sources,
    "parameters": priors.read,
}
"""What is checked in a file of each kind; scenarios and designs are checked by reading them."""


def _notes(path: Path, kind: str) -> tuple[str, ...]:
    """What is not wrong but worth knowing: codings that nobody has looked at for a year, and codings with hindsight."""
    if kind != "leader":
        return ()
    try:
        leader = library.read_leader(path).value
    except PadmaError:
        return ()
    old = [label for label, _, entries in leader.traits.each() if (date.today() - entries[-1].checked_on).days > OLD_AFTER_DAYS]
    late = [
        f"{label} from {e.from_} (to {e.cutoff}, circularity {e.circularity})"
        for label, _, entries in leader.traits.each()
        for e in entries
        if e.hindsight > schema.HINDSIGHT
    ]
    notes = (f"not looked at for a year: {', '.join(old)}",) if old else ()
    return (*notes, f"evidence more than a year later than the first day: {'; '.join(late)}") if late else notes


def _finding(path: Path, kind: str, look: Callable[[], object], notes: tuple[str, ...] = ()) -> Finding:
    try:
        look()
    except PadmaError as error:
        return Finding(str(path), kind, error.message)
    return Finding(str(path), kind, None, notes)
