"""What a study found as a table, as rows for files, and as the document behind ``--json``.

Floor 6. Sentences come from :mod:`sim.findings`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.findings import Names, bounds, condition, notes, quantity, sentences
from sim.tables import Table

if TYPE_CHECKING:
    from sim.study.job import Study
    from sim.tree import Node

MEANING = {
    "sobol": (
        "First order: share of the variance between points that a factor explains alone; total: with everything that it does"
        " together with others."
    ),
    "morris": (
        "Effect: mean size of the change when a factor takes a step (half of its distribution, or another value);"
        " signed: the same with its sign; spread: how much the effect depends on where the step is taken (of several values,"
        " between which)."
    ),
}


def indices_table(study: Study, names: Names) -> Table:
    """Factors, then groups, in the order of what they matter."""
    columns: tuple[str, ...] = ("Factor", "Group", "First order", "90 % interval", "Total", "90 % interval")
    if study.method == "morris":
        columns = ("Factor", "Group", "Effect", "90 % interval", "Signed", "Spread")
    rows: list[tuple[str, ...]] = []
    for kind, found in study.indices.items():
        main = found.columns["total" if study.method == "sobol" else "mu_star"]
        for place in np.argsort(-main):
            label, group = (
                (study.factors[place].label, study.factors[place].group)
                if kind == "factor"
                else (f"all of: {found.names[place]}", "")
            )
            at = {name: float(column[place]) for name, column in found.columns.items()}
            if study.method == "sobol":
                cells = (_number(at["first"], 2), _interval(at, "first", 2), _number(at["total"], 2), _interval(at, "total", 2))
            else:
                cells = (_number(at["mu_star"], 3), _interval(at, "mu_star", 3), _number(at["mu"], 3), _number(at["sigma"], 3))
            rows.append((label, group, *cells))
    note = f"{MEANING[study.method]} {len(study.points):,} points of {study.runs} runs that share all draws."
    return Table(f"What moves {quantity(study.outcome, names)}", columns, rows, note)


def _interval(at: dict[str, float], name: str, digits: int) -> str:
    return f"{_number(at[f'{name}_q05'], digits)} to {_number(at[f'{name}_q95'], digits)}"


def _number(value: float, digits: int) -> str:
    """A number without minus zero, or nothing.

    >>> _number(-0.001, 2), _number(float("nan"), 2)
    ('0.00', '')
    """
    return f"{round(value, digits) + 0.0:.{digits}f}" if value == value else ""


def document(study: Study, names: Names, folder: str, elapsed: float) -> dict[str, Any]:
    """A study as one JSON document: ``padma sensitivity --json`` (schema in :mod:`sim.cli.sensitivity`)."""
    found = study.found
    return {
        "design": study.design.name,
        "outcome": study.outcome.text,
        "method": study.method,
        "points": len(study.points),
        "failed": sum(reason is not None for reason in study.reasons),
        "runs": study.runs,
        "seed": study.seed,
        "sentences": sentences(study, names),
        "indices": indices_rows(study),
        "halves_differ_by": study.apart,
        "shares": vars(study.shares) if study.shares else None,
        "box": None
        if found is None
        else {
            "base": found.base,
            "density": found.box.density,
            "coverage": found.box.coverage,
            "support": found.box.support,
            "held_out": dict(zip(("coverage", "density"), map(_plain, found.held_out), strict=True)),
            "limits": box_rows(study),
        },
        "tree": None if study.tree is None else _branch(study, study.tree),
        "results": folder,
        "elapsed_s": round(elapsed, 3),
        "warnings": notes(study),
    }


def indices_rows(study: Study) -> list[dict[str, Any]]:
    """One row for each factor and each group."""
    return [
        {"kind": kind, "name": name} | {column: _plain(values[place]) for column, values in found.columns.items()}
        for kind, found in study.indices.items()
        for place, name in enumerate(found.names)
    ]


def box_rows(study: Study) -> list[dict[str, Any]]:
    """One row for each factor: what the box asks of it, and how sure that is."""
    found = study.found
    if found is None:
        return []
    rows = []
    for place, factor in enumerate(study.factors):
        limit = found.box.limits.get(place)
        rows.append(
            {
                "factor": factor.name,
                "condition": bounds(factor, limit) if limit else "",
                "low": _plain(limit.low) if limit else None,
                "high": _plain(limit.high) if limit else None,
                "values": [v for i, v in enumerate(factor.values) if i in limit.levels]
                if limit and limit.levels is not None
                else None,
                "quasi_p": _plain(found.p_values[place]) if limit else None,
                "frequency": found.frequency[place],
            }
        )
    return rows


def _branch(study: Study, node: Node) -> dict[str, Any]:
    head: dict[str, Any] = {"share": node.share, "points": node.points}
    if node.limit is None or node.yes is None or node.no is None:
        return head
    return head | {
        "if": condition(study.factors[node.factor], node.limit),
        "yes": _branch(study, node.yes),
        "no": _branch(study, node.no),
    }


def _plain(value: float) -> float | None:
    """A number as JSON can hold it."""
    return float(value) if np.isfinite(value) else None
