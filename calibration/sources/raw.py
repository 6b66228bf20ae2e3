"""Reads the raw extracts and does the small arithmetic that several inputs share.

It knows the shape of a CSV table and of a dated series, and no variable of the model. A *series* is a plain dictionary
from year to number; a year without a datum is simply absent.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any, TypeVar

STATES = ("BGD", "RUS", "IND", "CHN", "USA")
POWERS = STATES[1:]
ISSUES = ("diplomacy", "defence", "energy", "trade", "aid", "people")
PAIRS = tuple((a, b) for i, a in enumerate(STATES) for b in STATES[i + 1 :])
DYADS = tuple((a, b) for a in STATES for b in STATES if a != b)
FIRST, LAST = 1972, 2026
WINDOW = (1972, 2008)
"""Years over which everything is standardised: fixed, so that a later datum never moves an earlier value."""

Series = dict[int, float]
Rows = list[dict[str, Any]]
Key = TypeVar("Key", bound=Hashable)


class Raw:
    """A folder of raw CSV tables, each read once."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._tables: dict[str, list[dict[str, str]]] = {}

    def rows(self, name: str) -> list[dict[str, str]]:
        """All rows of table ``name`` (without .csv)."""
        if name not in self._tables:
            with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                self._tables[name] = list(csv.DictReader(file))
        return self._tables[name]

    def series(self, name: str, column: str, **where: str) -> Series:
        """Column ``column`` by year of the rows whose cells equal ``where``; empty cells are left out."""
        found: Series = {}
        for row in self.rows(name):
            value = number(row[column])
            if value is not None and all(row[key] == wanted for key, wanted in where.items()):
                found[int(row["year"])] = value
        return found


def number(text: str) -> float | None:
    """The number in a cell, or None if it is empty."""
    return float(text) if text.strip() else None


def pair_rows(rows: Iterable[Mapping[str, str]], a: str, b: str) -> list[Mapping[str, str]]:
    """Rows about the pair in either order."""
    return [row for row in rows if {row["state_a"], row["state_b"]} == {a, b}]


def held(series: Mapping[int, float], year: int) -> float | None:
    """Last datum at or before ``year``.

    >>> held({1990: 1.0, 1995: 2.0}, 1994)
    1.0
    """
    years = [known for known in series if known <= year]
    return series[max(years)] if years else None


def within(series: Mapping[int, float], first: int = FIRST, last: int = LAST) -> Series:
    """The part of a series between two years, in order."""
    return {year: series[year] for year in sorted(series) if first <= year <= last}


def trailing(series: Mapping[int, float], year: int, length: int) -> list[float]:
    """The data of the ``length`` years that end with ``year``."""
    return [series[known] for known in range(year - length + 1, year + 1) if known in series]


def standardised(group: Mapping[Key, Mapping[int, float]]) -> dict[Key, Series]:
    """Subtract the mean and divide by the spread of all series together, both over ``WINDOW`` only.

    >>> standardised({"x": {1972: 0.0, 2008: 2.0, 2020: 5.0}})
    {'x': {1972: -1.0, 2008: 1.0, 2020: 4.0}}
    """
    centre, spread = centre_spread(group)
    return {key: {year: (value - centre) / spread for year, value in series.items()} for key, series in group.items()}


def centre_spread(group: Mapping[Key, Mapping[int, float]]) -> tuple[float, float]:
    """Mean and spread (population) over ``WINDOW`` of all series of the group together."""
    pooled = [value for series in group.values() for value in within(series, *WINDOW).values()]
    spread = pstdev(pooled)
    if spread == 0.0 or not math.isfinite(spread):
        raise ValueError(f"nothing varies between {WINDOW[0]} and {WINDOW[1]}")
    return fmean(pooled), spread


def decayed(shocks: Mapping[int, float], memory: float, first: int, last: int) -> Series:
    """``h(t) = max(shock(t), memory * h(t - 1))``.

    >>> decayed({2000: 1.0}, 0.5, 2000, 2002)
    {2000: 1.0, 2001: 0.5, 2002: 0.25}
    """
    level, found = 0.0, {}
    for year in range(first, last + 1):
        level = max(shocks.get(year, 0.0), memory * level)
        found[year] = level
    return found


def changes(series: Mapping[int, float]) -> Series:
    """Only the years in which the value differs from the year before."""
    found: Series = {}
    for year in sorted(series):
        if not found or series[year] != found[max(found)]:
            found[year] = series[year]
    return found


def year_of(date: int | str) -> int:
    """Year of a date key (``2022`` or ``2022Q1``)."""
    return int(str(date)[:4])


def entry(value: float, bounds: tuple[float, float], sources: list[str], note: str, digits: int = 4) -> dict[str, Any]:
    """One judgement entry in the layout of ``assumed``."""
    low, high = sorted(round(float(bound), digits) for bound in bounds)
    middle = round(float(value), digits)
    return {"value": middle, "range": [min(low, middle), max(high, middle)], "sources": list(sources), "note": note}
