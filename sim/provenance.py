"""Where results come from: manifest, hashes, sources used, references.

Floor 5. A figure without its manifest id is not shown; a results folder without a whole manifest is not read.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from sim import library, priors, quarters
from sim.errors import InputError
from sim.scenario import Scenario
from sim.schema import Leader, TraitEntry

FILES = ("scenario.yaml", "summary.csv", "events.csv")
"""Files of a results folder whose checksums stand in the manifest."""

FILES_OF_KIND = {
    "comparison": ("contrasts.csv", "findings.csv"),
    "attribution": ("attribution.csv", "findings.txt"),
    "sweep": ("points.csv", "summary.csv", "variance.csv", "design.yaml"),
    "study": ("points.csv", "indices.csv", "box.csv", "path.csv", "findings.txt", "design.yaml"),
}
"""The same for folders that hold something else than one ensemble."""

MANIFEST = {
    "id": str,
    "runs": int,
    "seed": int,
    "engine": str,
    "parameters": str,
    "warnings": list,
    "rules_sha256": str,
}
"""What a manifest must hold for its folder to be read."""


@cache
def version() -> str:
    """Version of padma."""
    try:
        return metadata.version("padma")
    except metadata.PackageNotFoundError:
        return "0+unknown"


def commit() -> str:
    """Commit of the checkout that padma runs from ('' once installed from a wheel)."""
    folder = Path(__file__).resolve().parent.parent
    if not (folder / ".git").exists():
        return ""
    try:
        asked = subprocess.run(
            ["git", "-C", str(folder), "rev-parse", "--short=12", "HEAD"],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
        return asked.stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def digest(content: bytes | str) -> str:
    """SHA-256 as hexadecimal text."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


@cache
def content_hash() -> str:
    """One hash of all shipped content that a scenario does not write out: inputs, issue areas, parameters, agenda."""
    root = library.root()
    files = sorted([*root.glob("world/*.yaml"), *root.glob("states/*.yaml")])
    files += [root / f"{name}.yaml" for name in ("issues", "parameters", "agenda")]
    return digest("".join(f"{f.name}:{digest(f.read_bytes())}\n" for f in files))


@cache
def rules_hash() -> str:
    """One hash of the theory: every file of rules, and the codebook."""
    folder = Path(__file__).resolve().parent
    files = [*sorted((folder / "rules").glob("*.py")), folder / "codebook.yaml", folder / "axes.py"]
    return digest("".join(f"{f.name}:{digest(f.read_bytes())}\n" for f in files))


def run_id(scenario: Scenario, runs: int, seed: int, engine: str) -> str:
    """Short id of a run: the same computation has the same id, on any machine and at any time."""
    learned = scenario.posterior.fingerprint if scenario.posterior else ""
    what = (version(), digest(scenario.text), content_hash(), rules_hash(), learned, runs, seed, engine)
    return digest(json.dumps(what))[:10]


def facts(scenario: Scenario, runs: int, seed: int, engine: str = "ensemble") -> dict[str, Any]:
    """The part of a manifest that decides the numbers."""
    return {
        "padma": version(),
        "scenario": scenario.name,
        "scenario_sha256": digest(scenario.text),
        "content_sha256": content_hash(),
        "rules_sha256": rules_hash(),
        "posterior_sha256": scenario.posterior.fingerprint if scenario.posterior else "",
        "runs": runs,
        "seed": seed,
        "engine": engine,
    }


def manifest(
    scenario: Scenario, *, runs: int, seed: int, engine: str, command: str, started: datetime, warnings: list[str]
) -> dict[str, Any]:
    """What is known of a run before it is finished."""
    entries = trait_entries(scenario)
    return facts(scenario, runs, seed, engine) | {
        "id": run_id(scenario, runs, seed, engine),
        "commit": commit(),
        "command": command,
        "parameters": priors.label(scenario),
        "versions": {n: metadata.version(n) for n in ("numpy", "scipy", "mesa", "xarray", "zarr")}
        | {"python": platform.python_version()},
        "sources": sources_used(scenario),
        "trait_values": len(entries),
        "trait_values_assumed": sum(entry.basis == "assumption" for entry in entries),
        "started": started.isoformat(timespec="seconds"),
        "finished": None,
        "status": "running",
        "warnings": warnings,
    }


def finish(record: dict[str, Any], folder: Path, files: tuple[str, ...] = FILES) -> dict[str, Any]:
    """Write the manifest of a finished run into its folder, with the checksums of its files, and give it back."""
    whole = finished(record, {name: digest((folder / name).read_bytes()) for name in files})
    (folder / "manifest.json").write_bytes(as_file(whole))
    return whole


def finished(record: dict[str, Any], sums: dict[str, str]) -> dict[str, Any]:
    """The manifest of a finished run, with the checksums of its files."""
    return record | {"finished": now().isoformat(timespec="seconds"), "status": "complete", "sha256": sums}


OWN = "manifest_sha256"
"""The entry of a manifest that vouches for all others."""


def as_file(record: dict[str, Any]) -> bytes:
    """The content of ``manifest.json``, with the checksum of what it says."""
    return (json.dumps(record | {OWN: own_sum(record)}, indent=2, ensure_ascii=False) + "\n").encode()


def own_sum(record: dict[str, Any]) -> str:
    """SHA-256 of all that a manifest says besides this."""
    return digest(json.dumps({key: value for key, value in record.items() if key != OWN}, sort_keys=True))


def is_own(references: list[str]) -> bool:
    """Whether sources are nothing but judgements that nobody outside this project can look up."""
    cards = library.sources()
    return all(cards[library.source_key(reference)].value.kind == "judgement" for reference in references)


def now() -> datetime:
    """The time, or the time that SOURCE_DATE_EPOCH sets for reproducible files."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a results folder, checked.

    Raises
    ------
    InputError : no results folder, not finished, damaged, or changed by hand
    """
    path = folder / "manifest.json"
    how = "run the scenario again, or name another folder."
    if not path.is_file():
        raise InputError("this is not a results folder of padma", where=str(folder), why="it has no manifest.json.", how=how)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        status, sums = found["status"], dict(found.get("sha256") or {})
        needed = FILES_OF_KIND.get(str(found.get("kind")), FILES)
        whole = all(type(found[key]) is kind for key, kind in MANIFEST.items()) and set(sums) >= set(needed)
    except (ValueError, KeyError, TypeError, OSError, RecursionError) as error:
        raise InputError("the manifest is damaged", where=str(path), why="nothing vouches for the results.", how=how) from error
    if status != "complete":
        why = "half a result would pass for a whole one."
        raise InputError(f"the run was not finished (status '{status}')", where=str(path), why=why, how=how)
    if not whole:
        raise InputError("the manifest is damaged", where=str(path), why="nothing vouches for the results.", how=how)
    if found.get("padma") != version():
        raise InputError(
            f"these results were made by padma {found.get('padma')}, this is {version()}",
            where=str(path),
            why="names and meanings may have changed in between.",
            how=f"make them again: {found.get('command') or 'padma run ' + str(folder / 'scenario.yaml')}",
        )
    if found.get(OWN) != own_sum(found):
        raise InputError(
            "the manifest is not as padma wrote it",
            where=str(path),
            why="its own checksum does not agree, so seed, runs, id or what else it says may not be that of the results.",
            how=how,
        )
    for name, expected in sums.items():
        file = folder / name
        if not file.is_file() or digest(file.read_bytes()) != expected:
            raise InputError(
                f"'{name}' is {'missing' if not file.is_file() else 'not as padma wrote it'}",
                where=str(file),
                why="its checksum in manifest.json does not agree, so the results may not be what they say.",
                how=how,
            )
    return dict(found)


def kind_of(folder: Path) -> str:
    """What a folder says that it holds: comparison, sweep, study, attribution; '' for runs, or if it says nothing."""
    try:
        return str(json.loads((folder / "manifest.json").read_text(encoding="utf-8")).get("kind") or "")
    except (OSError, ValueError, AttributeError, RecursionError):
        return ""


def check_same_model(record: dict[str, Any], scenario: Scenario) -> None:
    """Refuse to compute runs of a manifest again with rules or content that have changed since.

    Raises
    ------
    InputError : the runs would not be the same
    """
    today = run_id(scenario, record["runs"], record["seed"], record["engine"])
    if today != record["id"]:
        raise InputError(
            f"rules or content have changed since these results were made (id {record['id']}, now {today})",
            why="the runs have to be computed again, and they would not be the same.",
            how="run the scenario again with --force.",
        )


# --- sources ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Use:
    """Why a source is cited: what it was used for."""

    key: str
    used_for: str


def seated(scenario: Scenario) -> list[Leader]:
    """Leaders in office between the first simulated and the last recorded day, in order."""
    first, last = quarters.first_day(scenario.spin_up_from), quarters.last_day(scenario.until)
    slugs = [slug for state in scenario.seats for slug, since, end in scenario.terms(state) if since <= last and end > first]
    return [scenario.leaders[slug] for slug in dict.fromkeys(slugs)]


def trait_entries(scenario: Scenario) -> list[TraitEntry]:
    """Every dated trait value of every leader in office."""
    return [e for leader in seated(scenario) for _, _, entries in leader.traits.each() for e in entries]


def uses(scenario: Scenario) -> list[Use]:
    """Exactly what the rules, values and data of a scenario rest on."""
    found = [Use(key, "theory and definitions") for key in sorted(library.rule_sources())]
    for entry in library.world_inputs().values():
        found += [Use(library.source_key(s), f"input {entry.value.variable}") for s in entry.value.sources]
        found += [Use(library.source_key(s), f"input {entry.value.variable}") for s in _assumed_sources(entry.value.assumed)]
    for entry in library.issues().values():
        found += [
            Use(library.source_key(s), "issue areas") for v in (entry.value.exposure, entry.value.lifetime) for s in v.sources
        ]
    for entry in library.agenda().values():
        found += [Use(library.source_key(s), "roll calls") for s in entry.value.sources]
    for parameter in priors.parameters().values():
        found += [Use(library.source_key(s), "priors") for s in parameter.sources]
    for leader in seated(scenario):
        for _, _, entries in leader.traits.each():
            found += [Use(library.source_key(s), f"leader {leader.name}") for e in entries for s in e.sources]
    for contract in scenario.contracts.values():
        found += [Use(library.source_key(s), "contracts in force") for s in contract.sources]
    for event in scenario.events.values():
        found += [Use(library.source_key(s), f"event {event.label}") for s in event.sources]
    found += [Use(library.source_key(s), "scenario") for s in scenario.sources]
    return list(dict.fromkeys(found))


def _assumed_sources(assumed: dict[str, Any]) -> list[str]:
    entries = [e for dated in assumed.values() for e in (dated.values() if isinstance(dated, dict) else [dated])]
    return [s for e in entries if isinstance(e, dict) for s in e.get("sources", [])]


def sources_used(*scenarios: Scenario) -> list[str]:
    """Keys of the sources used, sorted."""
    return sorted({use.key for scenario in scenarios for use in uses(scenario)})


def references(*scenarios: Scenario) -> list[tuple[str, str, str]]:
    """(key, reference in text, what it was used for) of every source that the scenarios use, sorted by key."""
    why: dict[str, list[str]] = {}
    for use in (use for scenario in scenarios for use in uses(scenario)):
        why.setdefault(use.key, []).append(use.used_for)
    cards = library.sources()
    return [(key, cards[key].value.text, "; ".join(_brief(why[key]))) for key in sorted(why) if key in cards]


def _brief(reasons: list[str]) -> list[str]:
    """The first three reasons, and how many more there are."""
    unique = list(dict.fromkeys(reasons))
    return unique[:3] + ([f"and {len(unique) - 3} more"] if len(unique) > 3 else [])


def bibtex(scenario: Scenario) -> str:
    """BibTeX of the sources used; cards without bibliographic fields become ``@misc``."""
    entries = []
    for key, text, _ in references(scenario):
        card = library.sources()[key].value
        fields = dict(card.bibtex or {})
        kind = fields.pop("type", "misc")
        fields = fields or {"title": text}
        if card.year:
            fields["year"] = str(card.year)
        if card.url:
            fields["url"] = card.url
        body = ",\n".join(f"  {name} = {{{value if name == 'url' else _tex(value)}}}" for name, value in fields.items())
        entries.append(f"@{kind}{{{key},\n{body}\n}}")
    return "\n\n".join(entries)


def _tex(text: str) -> str:
    for char in "\\{}":
        text = text.replace(char, "")
    for char in "&%$#_":
        text = text.replace(char, "\\" + char)
    return text
