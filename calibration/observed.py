"""The record as arrays: reads the small tables of calibration/data, or of a folder in the same format, and checks them.

A table is refused if it is not the one its card describes, if it has a column nobody declared, or if anything in it
lies after the cut. Nothing is computed here beyond laying columns side by side; ``calibration/record.py`` makes the
tables and ``calibration/sources/tables.py`` says what they look like.

>>> record = load()
>>> record.vote_counts().shape[1], record.vote_positions().shape[1]
(3, 4)
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.sources.raw import POWERS
from calibration.sources.tables import (
    CUT,
    KINDS,
    MEANING,
    SCHEMA,
    SUPPLIERS,
    TYPES,
    WORDS,
    checksum,
    fingerprint,
    is_after,
    last_year,
)
from sim import library, yamlfile
from sim.errors import InputError, nearest

Columns = dict[str, NDArray[Any]]
"""One table: arrays of equal length by column; whole numbers int64, numbers float64 (NaN if empty), the rest text."""

# --- one table -------------------------------------------------------------------------------------------------------


def read(name: str, folder: Path | str | None = None) -> Columns:
    """One table of the record.

    ``name`` is a table of SCHEMA, ``folder`` where it lies (default: the shipped record).

    Raises
    ------
    InputError : no such table, or file and card do not fit each other, the schema or the cut
    """
    words = card(name, folder)
    path = _place(folder) / f"{name}.csv"
    shown = _shown(path, folder)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"the table cannot be read ({error.strerror})",
            where=shown,
            why="its card stands there without the figures it describes.",
            how="rebuild it: python -m calibration.record --raw DIR",
        ) from error
    if checksum(content) != words["sha256"]:
        raise InputError(
            "the table is not the one its card describes (their sha256 differ)",
            where=shown,
            why="its source, date and coding rules would be claimed for figures they do not belong to.",
            how="rebuild both with python -m calibration.record --raw DIR; or, if the change is meant, say in the card"
            f" what changed and set sha256: {checksum(content)}",
        )
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"))))
    _check_columns(name, list(rows[0]) if rows else list(SCHEMA[name]), shown)
    if len(rows) != int(words["rows"]):
        raise InputError(
            f"{len(rows)} rows, but the card says {words['rows']}",
            where=shown,
            why="rows have been lost or added since the card was written.",
            how="rebuild both with python -m calibration.record --raw DIR",
        )
    columns = {column: _array(rows, column, kind, shown) for column, kind in SCHEMA[name].items()}
    _check_cut(name, columns, date.fromisoformat(str(words["cut"])), shown)
    return columns


def card(name: str, folder: Path | str | None = None) -> dict[str, Any]:
    """What the card of a table says: description, unit, columns, coding, sources, licence, caveats, cut, checksum.

    Raises
    ------
    InputError : no such table, no card, or a card that leaves something out
    """
    if name not in SCHEMA:
        raise InputError(f"the record has no table '{name}'", where="the record", how=nearest(name, SCHEMA))
    path = _place(folder) / f"{name}.card.yaml"
    document = yamlfile.read(path, _shown(path, folder))
    content = library.mapping(document)
    if missing := [word for word in WORDS if content.get(word) is None]:
        raise InputError(
            f"the card says nothing about {', '.join(missing)}",
            where=document.path,
            why="a figure without unit, source, licence and cut cannot be used or cited.",
            how="complete it; any card of calibration/data shows how.",
        )
    if folder is None and str(content["cut"]) != CUT.isoformat():
        raise InputError(
            f"the cut is {content['cut']}, the shipped record ends on {CUT}",
            where=document.where(("cut",)),
            why="later outcomes are kept to test the model, and no fit may see them.",
            how="build a later record elsewhere: python -m calibration.record --raw DIR --cut DATE --out FOLDER",
        )
    return content


def _place(folder: Path | str | None) -> Path:
    return library.data_root() if folder is None else Path(folder)


def _shown(path: Path, folder: Path | str | None) -> str:
    return f"calibration/data/{path.name}" if folder is None else str(path)


def _check_columns(name: str, found: list[str], shown: str) -> None:
    unknown = [column for column in found if column not in SCHEMA[name]]
    if unknown or (missing := [column for column in SCHEMA[name] if column not in found]):
        raise InputError(
            f"unknown column '{unknown[0]}'" if unknown else f"the column '{missing[0]}' is missing",
            where=f"{shown}:1",
            why="every column has one meaning, written in the card.",
            how=nearest(unknown[0], SCHEMA[name]) if unknown else f"the columns are {', '.join(SCHEMA[name])}.",
        )


def _array(rows: list[dict[str, str]], column: str, kind: str, shown: str) -> NDArray[Any]:
    values = []
    for number, row in enumerate(rows, start=2):
        try:
            values.append(KINDS[kind](row[column] or ""))
        except (ValueError, KeyError) as error:
            raise InputError(
                f"'{row[column]}' is no {kind} (column {column})",
                where=f"{shown}:{number}",
                why="a value that cannot be read would be counted as something else.",
                how=f"kinds of values: {MEANING[kind]}.",
            ) from error
    return np.array(values, dtype=TYPES.get(kind, np.str_))


def _check_cut(name: str, columns: Columns, cut: date, shown: str) -> None:
    """Refuse what lies, or may lie, after the cut."""
    if "year" in columns:
        late = columns["year"] > last_year(name, cut)
    else:
        dates = columns["ends" if name == "trade_reported" else "date"]
        late = np.array([is_after(str(text), cut) for text in dates], dtype=bool)
    if late.any():
        raise InputError(
            f"an outcome after the cut ({cut})",
            where=f"{shown}:{int(np.argmax(late)) + 2}",
            why="what the model is later tested on must not be seen by a fit.",
            how="remove it, or rebuild with python -m calibration.record --raw DIR, which cuts.",
        )


# --- the whole record ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """Everything that was observed, as tables (see SCHEMA) and as the arrays a likelihood needs.

    Attributes
    ----------
    cut : last day covered
    fingerprint : SHA-256 over all tables; a fit and its posterior name it
    votes, sides, orders, tiv, trade, trade_reported, aid, episodes, powers : columns by name
    """

    cut: date
    fingerprint: str
    votes: Columns
    sides: Columns
    orders: Columns
    tiv: Columns
    trade: Columns
    trade_reported: Columns
    aid: Columns
    episodes: Columns
    powers: Columns

    def vote_positions(self) -> NDArray[np.int64]:
        """Votes of the powers, (row, power) in the order of POWERS: 1 yes, 0 abstained or absent, -1 no."""
        return np.stack([self.votes[power] for power in POWERS], axis=1)

    def vote_counts(self) -> NDArray[np.int64]:
        """How often Bangladesh said no, abstained, said yes: (row, 3)."""
        return np.stack([self.votes[word] for word in ("no", "abstain", "yes")], axis=1)

    def order_counts(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Years (t,) and arms orders (t, supplier) in the order of SUPPLIERS."""
        return self.orders["year"], np.stack([self.orders[s] for s in SUPPLIERS], axis=1)

    def trade_shares(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Years (t,) and log((trade with the power + 1) / all trade), (t, power); NaN where not known."""
        years = np.unique(self.trade["year"])
        logs = np.full((len(years), len(POWERS)), np.nan)
        for year, partner, total, nation in zip(*(self.trade[c] for c in list(SCHEMA["trade"])[:4]), strict=True):
            logs[np.searchsorted(years, year), POWERS.index(str(partner))] = np.log((total + 1.0) / nation)
        return years, logs

    def aid_flow(self, donor: str = "USA") -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Years (t,) and million dollars (t,) of the flow from a donor that a likelihood may use."""
        used = (self.aid["donor"] == donor) & (self.aid["in_likelihood"] == "yes")
        return self.aid["year"][used], self.aid["value_musd"][used]


def load(folder: Path | str | None = None) -> Record:
    """The shipped record, or a later one in the same format. A later one may lack tables: those come out empty.

    Raises
    ------
    InputError : as :func:`read`; no table at all; tables with different cuts
    """
    there = [name for name in SCHEMA if folder is None or (_place(folder) / f"{name}.card.yaml").exists()]
    if not there:
        raise InputError(
            "no table of a record lies here",
            where=str(folder),
            why="there is nothing to score the model on.",
            how="build one: python -m calibration.record --raw DIR --cut DATE --out FOLDER",
        )
    cards = {name: card(name, folder) for name in there}
    if len(cuts := {str(words["cut"]) for words in cards.values()}) > 1:
        raise InputError(
            f"the tables end on different days ({', '.join(sorted(cuts))})",
            where=str(folder or "calibration/data"),
            why="one record has one cut.",
            how="rebuild all of them: python -m calibration.record --raw DIR",
        )
    tables = {name: read(name, folder) if name in there else _empty(name) for name in SCHEMA}
    return Record(date.fromisoformat(cuts.pop()), fingerprint(cards), **tables)


def _empty(name: str) -> Columns:
    return {column: np.array([], dtype=TYPES.get(kind, np.str_)) for column, kind in SCHEMA[name].items()}
