"""The folder of a study: what was asked, every point, what was found; written whole or not at all.

Part of the studies (floor 5). Single runs can be had again from the design and the seed, so they are not kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import folders, provenance, run
from sim.study.job import Plan, Study
from sim.sweep.job import worlds_of

if TYPE_CHECKING:
    import pandas as pd

Tables = dict[str, list[dict[str, Any]]]
SHOWN = "figures.json"
"""File with what the figures show."""


def identity(asked: Plan) -> str:
    """Short id of a study: hash of all that its numbers depend on."""
    worlds = worlds_of(asked.design)
    posteriors = sorted({w.posterior.fingerprint if w.posterior else "" for w in worlds})
    design = (asked.design.text, asked.design.settings, asked.outcome.text)
    what = (provenance.version(), design, asked.method, asked.size, asked.runs, asked.seed, posteriors)
    texts = [provenance.digest(w.text) for w in worlds]
    return provenance.digest(json.dumps([what, texts, provenance.content_hash(), provenance.rules_hash()], default=str))[:10]


def facts(asked: Plan) -> dict[str, Any]:
    """Entries of the manifest that decide the numbers of a study."""
    base = worlds_of(asked.design)[0]
    return provenance.facts(base, asked.runs, asked.seed) | {
        "kind": "study",
        "design": asked.design.name,
        "design_sha256": provenance.digest(asked.design.text),
        "outcome": asked.outcome.text,
        "method": asked.method,
        "base_points": asked.size,
    }


def shelf(asked: Plan, out: Path) -> Path:
    """Where finished points of a study wait until all are there: hidden, beside its folder."""
    return out.parent / f".{out.name}.{identity(asked)}.points"


def write(
    found: Study,
    out: Path,
    tables: Tables,
    sentences: list[str],
    shown: str,
    *,
    force: bool = False,
    command: str = "",
    draw: Callable[[Path, str], None] = lambda folder, identity: None,
) -> dict[str, Any]:
    """Write a study; the manifest.

    Parameters
    ----------
    out : the folder; another study in it is replaced only with ``force``
    tables : rows of ``indices`` and ``box``
    sentences : what is said of it
    shown : what its figures show, as text, so that they can be drawn again without the runs
    draw : adds figures to the folder (its path, the study's id) before it is moved into place

    Raises
    ------
    InputError : the folder holds something else
    PadmaError : the disk is full or the folder cannot be written; nothing half-written is left
    """
    name = identity(found)
    folders.check_out(out, name, force, facts(found))
    record = _record(found, name, command)
    with folders.whole(out, "the study") as folder:
        whole = _files(found, folder, tables, sentences, shown, record)
        draw(folder, name)
    return whole


def _record(found: Study, name: str, command: str) -> dict[str, Any]:
    worlds = worlds_of(found.design)
    warnings = [text for text in run.warnings(worlds[0], found.runs) if "too few" not in text]  # no quantiles are given
    record = provenance.manifest(
        worlds[0],
        runs=found.runs,
        seed=found.seed,
        engine="ensemble",
        command=command,
        started=provenance.now(),
        warnings=warnings,
    )
    record |= facts(found) | {
        "id": name,
        "points": len(found.points),
        "failed": sum(reason is not None for reason in found.reasons),
        "sources": sorted({*provenance.sources_used(*worlds), *found.design.sources}),
    }
    return record


def _files(
    found: Study, folder: Path, tables: Tables, sentences: list[str], shown: str, record: dict[str, Any]
) -> dict[str, Any]:
    import pandas as pd

    frames = {
        "points": _points(found),
        "indices": pd.DataFrame(tables["indices"]),
        "box": pd.DataFrame(tables["box"]),
        "path": pd.DataFrame(
            [
                {
                    "step": step,
                    "coverage": box.coverage,
                    "density": box.density,
                    "support": box.support,
                    "limits": len(box.limits),
                }
                for step, box in enumerate(found.found.path if found.found else ())
            ],
            columns=["step", "coverage", "density", "support", "limits"],
        ),
    }
    for name, frame in frames.items():
        frame.to_csv(folder / f"{name}.csv", index=False, float_format="%.10g", lineterminator="\n")
    (folder / "design.yaml").write_text(found.design.text, encoding="utf-8")
    (folder / "findings.txt").write_text("\n".join(sentences) + "\n", encoding="utf-8")
    (folder / SHOWN).write_text(shown, encoding="utf-8")
    return provenance.finish(record, folder, (*provenance.FILES_OF_KIND["study"], SHOWN))


def _points(found: Study) -> pd.DataFrame:
    """Every point: its values, the mean and spread of the outcome's number over runs, and how often the event happens."""
    import pandas as pd

    table = pd.DataFrame(list(found.points))
    table.insert(0, "point", np.arange(len(table)))
    table["mean"], table["sd"] = found.numbers.mean(axis=1), found.numbers.std(axis=1, ddof=1)
    if found.outcome.sign:
        table["share"] = found.outcome.happens(found.numbers)
    table["reason"] = [reason or "" for reason in found.reasons]
    return table
