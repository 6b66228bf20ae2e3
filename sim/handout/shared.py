"""What all handouts say in the same way: sources, versions, status. Part of the handouts (floor 6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim import library, provenance
from sim.handout.parts import Source

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.summary import Context


MOST_IDS = 8
"""Ids that still fit into one line."""


def sources(scenarios: Sequence[Scenario]) -> tuple[Source, ...]:
    """Exactly what was used, as ``padma cite`` gives it; of several scenarios together, each source once."""
    cards = library.sources()
    found = provenance.references(*scenarios)
    return tuple(Source(key, text, cards[key].value.url or "", why) for key, text, why in found)


def versions(manifests: Sequence[dict[str, Any]]) -> tuple[tuple[str, str], ...]:
    """What the numbers depend on, from the manifests: names and values."""
    first = manifests[0]
    rows = [("padma", str(first["padma"]))]
    rows += [("commit", str(first["commit"]))] if first.get("commit") else []
    rows += [("seed", str(first["seed"])), ("runs", f"{first['runs']:,}"), ("engine", str(first["engine"]))]
    rows += [(name, str(number)) for name, number in dict(first.get("versions", {})).items()]
    hashes = {"rules_sha256": "rules", "content_sha256": "content", "posterior_sha256": "posterior"}
    rows += [(f"{name} (SHA-256)", str(first[key])[:16]) for key, name in hashes.items() if first.get(key)]
    return tuple(rows)


def credit(context: Context) -> str:
    """Status, size and manifest on one line."""
    from sim.plots.style import credit as line

    return line(context)


def identity(manifests: Sequence[dict[str, Any]]) -> str:
    """One id for all: of a few results theirs joined, of many a digest of these."""
    ids = [str(m["id"]) for m in manifests]
    return "+".join(ids) if len(ids) <= MOST_IDS else provenance.digest("+".join(ids))[:10]


def day_of(manifests: Sequence[dict[str, Any]]) -> str:
    """When the last of the results was finished."""
    return max(str(m["finished"]) for m in manifests)
