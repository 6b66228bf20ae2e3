"""An attribution on disk: its table, its worlds and its manifest, so that its figure can be drawn again.

Floor 5. Runs are not kept; the worlds and the seed give them again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sim import folders, provenance, run
from sim.attribution import Attribution
from sim.scenario import read_scenario

TABLE = "attribution.csv"


def identity(found: Attribution) -> str:
    """Short id of an attribution."""
    runs = [provenance.run_id(s, found.runs, found.seed, "ensemble") for s in found.scenarios]
    return provenance.digest(" ".join([found.state, found.measure, found.first, found.last, *runs]))[:10]


def write(found: Attribution, folder: Path, command: str = "") -> dict[str, Any]:
    """Write table, worlds and manifest into a folder, which is made if need be."""
    (folder / "scenarios").mkdir(parents=True, exist_ok=True)
    for scenario in found.scenarios:
        (folder / "scenarios" / f"{scenario.name}.yaml").write_text(scenario.text, encoding="utf-8")
    folders.write_csv(found.table, folder / TABLE)
    base = found.scenarios[-1]
    record = provenance.manifest(
        base, runs=found.runs, seed=found.seed, engine="ensemble", command=command, started=provenance.now(),
        warnings=run.warnings(base, found.runs),
    )  # fmt: skip
    record |= {
        "id": identity(found),
        "kind": "attribution",
        "compared": [s.name for s in found.scenarios],
        **{key: getattr(found, key) for key in ("state", "measure", "first", "last")},
        "sources": sorted({key for s in found.scenarios for key in provenance.sources_used(s)}),
    }
    files = (TABLE, *(f"scenarios/{s.name}.yaml" for s in found.scenarios))
    whole = provenance.finish(record, folder, files=files)
    (folder / "manifest.json").write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return whole


def read(folder: Path) -> Attribution:
    """Read an attribution.

    Raises
    ------
    InputError : no attribution, not whole, or changed by hand
    """
    import pandas as pd

    record = provenance.read_manifest(folder)
    worlds = tuple(read_scenario(folder / "scenarios" / f"{name}.yaml") for name in record["compared"])
    table = pd.read_csv(folder / TABLE)
    text = {key: str(record[key]) for key in ("state", "measure", "first", "last")}
    return Attribution(worlds, **text, runs=int(record["runs"]), seed=int(record["seed"]), table=table)
