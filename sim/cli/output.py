"""What commands print. Part of the door."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from sim.run import Results
    from sim.tables import Table


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False, default=str) + "\n")


def print_run(results: Results, elapsed: float) -> None:
    """Table, notes and folder of a run."""
    from sim.tables import relations_table

    states = results.scenario.states
    print_table(relations_table(results, "BGD" if "BGD" in states else states[0]))
    print_end(results.folder, results.manifest, elapsed)


def print_end(folder: Path | str, manifest: dict[str, Any], elapsed: float) -> None:
    """Notes, and where the results are."""
    for warning in manifest["warnings"]:
        if warning != f"Parameters: {manifest['parameters']}.":  # stands under the table already
            typer.echo(f"Note: {warning}")
    typer.echo(f"Results in {folder} (id {manifest['id']}, {elapsed:.1f} s)")


def print_table(table: Table) -> None:
    """A table in plain text."""
    from rich.console import Console
    from rich.table import Table as Rich

    from sim.tables import text

    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False, markup=False)
    drawn = Rich(title=table.title, title_justify="left", show_header=any(table.columns), show_edge=False, pad_edge=False)
    for column in table.columns:
        drawn.add_column(column, overflow="fold")
    previous = ""
    for row in table.rows:
        keys = table.columns if any(table.columns) else ("", row[0])
        cells = [text(cell, key) for cell, key in zip(row, keys, strict=True)]
        drawn.add_row("" if cells[0] == previous else cells[0], *cells[1:])
        previous = cells[0]
    console.print(drawn)
    if table.note:
        console.print(table.note)
