"""How a sweep is shown: the table of what explains what, the document behind ``--json``, and its figures.

Floor 6. Consumes finished sweeps; touches neither the engine nor the drawing library.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import library
from sim.measures import MEASURES
from sim.sweep.results import percent, sentences
from sim.sweep.variance import ASSUMED, FEWEST, LEARNED, TOGETHER
from sim.tables import Table

if TYPE_CHECKING:
    from sim.sweep.design import Design
    from sim.sweep.results import Sweep

Rows = list[dict[str, Any]]


def sweep_table(design: Design, variance: Rows) -> Table:
    """Per kept number the share of every block in what is not known of it."""
    blocks = list(dict.fromkeys(row["block"] for row in variance))
    by_number: dict[tuple[str, ...], dict[str, dict[str, Any]]] = {}
    for row in variance:
        by_number.setdefault(number_of(row), {})[row["block"]] = row
    rows = [
        (*titles(number), *(_cell(found[block]) if block in found else "" for block in blocks))
        for number, found in by_number.items()
    ]
    told = " ".join(sentences(variance))
    note = (
        f"{told} First-order shares of the variance over all points and runs, in per cent, with 90 % bootstrap intervals;"
        f" '{LEARNED}' and '{ASSUMED}' are parts of the parameters, '{TOGETHER}' is what acts only through several causes at"
        " once. All points of the design count equally."
    )
    none = f"No split of variance: nothing varies, or a point has fewer than {FEWEST} runs."
    columns = ("Measure", "Tie", "In", "When", *(b[:1].upper() + b[1:] for b in blocks))
    return Table(f"{design.title}: {design.question}", columns, rows, note if rows else none)


def number_of(row: dict[str, Any]) -> tuple[str, ...]:
    """Which kept number a row is about."""
    return tuple(str(row[key]) for key in ("measure", "state", "partner", "issue", "quarter"))


def titles(number: tuple[str, ...]) -> tuple[str, str, str, str]:
    """A kept number in words: measure, tie, issue area, quarter."""
    measure, state, partner, issue, quarter = number
    kinds = {key: entry.value.label for key, entry in (library.issues() | library.agenda()).items()}
    return MEASURES[measure].label, f"{state}>{partner}" if partner else state, kinds.get(issue, issue), quarter


def _cell(row: dict[str, Any]) -> str:
    low, high = (percent(float(row[key])) for key in ("q05", "q95"))
    return f"{percent(float(row['share']))} [{low}, {high}]"


def sweep_document(design: Design, manifest: dict[str, Any], variance: Rows, where: str, elapsed: float) -> dict[str, Any]:
    """A sweep as one JSON document: ``padma sweep --json``."""
    return {
        "design": design.name,
        "points": manifest["points"],
        "failed": manifest["failed"],
        "runs": manifest["runs"],
        "seed": manifest["seed"],
        "variance": variance,
        "sentences": sentences(variance),
        "results": where,
        "elapsed_s": round(elapsed, 3),
        "warnings": manifest["warnings"],
    }


def draw_sweep(sweep: Sweep, kinds: Iterable[str], formats: tuple[str, ...], out: Path | None = None) -> list[Path]:
    """Draw."""
    return []
