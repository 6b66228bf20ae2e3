"""What commands print. Part of the door."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

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


MANY, LONG, NARROW = 6, 40, 130
"""Columns and letters beyond which a table on a terminal narrower than this is printed row by row: narrow cells break words."""


def print_table(table: Table) -> None:
    """A table in plain text."""
    from rich.console import Console
    from rich.table import Table as Rich

    from sim.tables import text

    console = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 160, highlight=False, markup=False)
    keyed = [table.columns if any(table.columns) else ("", row[0]) for row in table.rows]
    rows = [[text(cell, key) for cell, key in zip(row, keys, strict=True)] for row, keys in zip(table.rows, keyed, strict=True)]
    if len(table.columns) > MANY and console.width < NARROW and any(len(cell) > LONG for row in rows for cell in row):
        _print_rows(table, rows, console)
        return
    drawn = Rich(title=table.title, title_justify="left", show_header=any(table.columns), show_edge=False, pad_edge=False)
    widths = _widths([table.columns, *rows], console.width)
    if widths:
        drawn.box = None  # in a narrow terminal words need the room of the lines between columns
    for column, width in zip_longest(table.columns, widths):
        drawn.add_column(column, overflow="fold", width=width)
    previous = ""
    for first, *others in rows:
        drawn.add_row("" if first == previous else first, *others)
        previous = first
    console.print(drawn)
    if table.note:
        console.print(table.note)


def _print_rows(table: Table, rows: Sequence[Sequence[str]], console: Console) -> None:
    """Each row as a paragraph: its first cell, then what the columns say."""
    console.print(table.title)
    for first, *others in rows:
        said = "; ".join(f"{column} {cell}" for column, cell in zip(table.columns[1:], others, strict=True))
        console.print(f"\n{first}: {said}")
    if table.note:
        console.print(f"\n{table.note}")


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """How wide columns are where a table is too wide for the terminal: as few words as possible break over lines.

    Empty where there is room for all.

    >>> rows = [("issue area", "x"), ("diplomacy", "+0.1")]
    >>> _widths(rows, 20), _widths(rows, 15), _widths(rows, 10)
    ([], [9, 4], [4, 4])
    """
    columns = list(zip(*rows, strict=True))
    whole = [max(len(line) for cell in cells for line in f"{cell}\n".split("\n")) for cells in columns]
    if sum(whole) + 3 * (len(columns) - 1) <= width:
        return []
    words = [max((len(word) for cell in cells for word in cell.split()), default=1) for cells in columns]
    room = width - 2 * (len(columns) - 1)
    cap = next((c for c in range(max(words), 0, -1) if sum(min(n, c) for n in words) <= room), 1)
    found = [min(n, cap) for n in words]
    while sum(found) < room and found != whole:
        found[max(range(len(found)), key=lambda i: whole[i] / found[i])] += 1
    return found
