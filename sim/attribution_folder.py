"""An attribution on disk: its table, its findings, its worlds and its manifest, so that its figure can be drawn again.

Floor 5. Runs are not kept; the worlds and the seed give them again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sim import folders, history, library, provenance
from sim.attribution import Attribution, attribute, in_words
from sim.run import check_numbers, warnings_of
from sim.scenario import Scenario, read_scenario

TABLE = "attribution.csv"


def write(
    worlds: Sequence[Scenario],
    out: Path,
    *,
    runs: int,
    seed: int,
    state: str = "BGD",
    measure: str = "stance",
    first: str = "",
    last: str = "",
    force: bool = False,
    command: str = "",
    progress: history.Progress = lambda done, total: None,
    draw: Callable[[Attribution, str, Path], None] = lambda found, identity, folder: None,
) -> tuple[Attribution, dict[str, Any]]:
    """Split a difference or a change and write its folder, whole or not at all; gives the manifest too.

    Parameters
    ----------
    worlds : one (a change) or two (a difference); the others as in :func:`attribute`
    out : the folder; another one in it is replaced only with ``force``
    draw : adds figures, which carry the id, before the folder is moved into place

    Raises
    ------
    InputError : as :func:`attribute`, or the folder holds something else
    PadmaError : the disk is full or the folder cannot be written
    """
    check_numbers(runs, seed)
    ids = (provenance.run_id(s, runs, seed, "ensemble") for s in worlds)
    identity = provenance.digest(" ".join((state, measure, first, last, *ids)))[:10]
    facts = provenance.facts(worlds[-1], runs, seed) | {"kind": "attribution", "compared": [s.name for s in worlds]}
    folders.check_out(out, identity, force, facts | {"state": state, "measure": measure})
    said = warnings_of(worlds, runs)
    numbers = {"runs": runs, "seed": seed, "engine": "ensemble", "command": command, "started": provenance.now()}
    record = provenance.manifest(worlds[-1], warnings=said, **numbers)  # type: ignore[arg-type]
    found = attribute(*worlds, runs=runs, seed=seed, state=state, measure=measure, first=first, last=last, progress=progress)
    record |= {"id": identity, "kind": "attribution", "compared": [s.name for s in worlds]}
    record |= {key: getattr(found, key) for key in ("state", "measure", "first", "last")}
    record |= {"sources": provenance.sources_used(*worlds)}
    names, stored = library.names(), [f"scenarios/{s.name}.yaml" for s in worlds]
    with folders.whole(out, "the attribution") as folder:
        (folder / "scenarios").mkdir()
        for scenario in worlds:
            (folder / "scenarios" / f"{scenario.name}.yaml").write_text(scenario.text, encoding="utf-8")
        folders.write_csv(found.table, folder / TABLE)
        places = dict.fromkeys(zip(found.table.partner, found.table.issue, strict=True))
        told = [in_words(found, partner, issue, names) for partner, issue in places]
        (folder / "findings.txt").write_text("\n".join(told) + "\n", encoding="utf-8")
        draw(found, identity, folder)
        record = provenance.finish(record, folder, (*provenance.FILES_OF_KIND["attribution"], *stored))
    return found, record


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
