"""Lays the record out for claims: one value for every government in every year, by measure and by group of governments.

Measures are written in calibration/claims.yaml, for example ``{sides: [RUS, USA]}`` (whom Bangladesh sided with when the two
opposed each other, given the rest of the Assembly), ``{orders: RUS}``, ``{acts: BGD>RUS}`` or ``{trade: RUS}``. Groups say
which governments and years: ``{party: [AL], years: [1991, 2024]}``. Nothing is tested here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.observed import Record
from calibration.sources.tables import SUPPLIERS
from calibration.texts.stats import Cells, Floats
from calibration.texts.votes import Rows, fit
from sim import library, quarters
from sim.errors import InputError, nearest
from sim.scenario import read_scenario
from sim.world import World

HOME = "BGD"
KINDS = {"sides": "logits", "orders": "logits", "acts": "Goldstein points", "trade": "log points"}
"""Measures and their units."""

FEWEST = {"sides": 5, "orders": 5, "acts": 5, "trade": 3}
"""What a group must have, or one batch decides: departures from the side of the Assembly, orders, acts, years of trade."""

GROUP_KEYS = ("leaders", "party", "not_party", "years")
CODED_TO = 1.0
"""How far an estimated Goldstein score may be off, in points, as the card of the acts says."""

TRADE_ERROR = 0.1
"""Standard deviation by which two reporters of one trade flow usually differ, log points: an assumption."""

Measure = Mapping[str, Any]
Group = Mapping[str, Any]


def kind(of: Measure) -> str:
    """Name of a measure.

    Raises
    ------
    InputError : it names no measure, or two

    >>> kind({"sides": ["RUS", "USA"]})
    'sides'
    """
    named = [key for key in of if key in KINDS]
    if len(named) != 1:
        raise InputError(
            f"a measure is one of {', '.join(KINDS)}, not {', '.join(map(str, of)) or 'empty'}",
            where="of",
            why="a test needs one quantity of the record.",
            how="write it like {sides: [RUS, USA]}, {orders: RUS}, {acts: BGD>RUS} or {trade: RUS}.",
        )
    return named[0]


def unit(of: Measure) -> str:
    """Unit of a measure."""
    return KINDS[kind(of)]


# --- who governed -------------------------------------------------------------------------------------------------------


@cache
def _history() -> World:
    return World(read_scenario("history"), 1)


@cache
def governing(year: int) -> str:
    """Who governed Bangladesh for most months of a year.

    >>> governing(1975), governing(2009)
    ('sheikh_mujibur_rahman', 'sheikh_hasina')
    """
    held = [_history().scenario.leader_on(HOME, date(year, month, 15)) for month in range(1, 13)]
    return Counter(held).most_common(1)[0][0]


def trait(seat: str, year: int, name: str, partner: str = "") -> float:
    """Coded trait of a head of government in a year (0 for an image that is not coded)."""
    entry = _history().entry(seat, name, partner, quarters.quarter(f"{year}Q3"))
    return 0.0 if entry is None else entry.value


@cache
def slack() -> dict[int, float]:
    """How little the environment constrained Bangladesh, by year: 1 - ``constraint`` of the model's own rules."""
    from sim.run import simulate

    recorded = simulate("history", runs=1, record=("constraint",))["constraint"].sel(state=HOME).values.ravel()
    first = quarters.quarter(str(_history().scenario.quarters.start // 4) + "Q1")
    years = (first + np.arange(len(recorded))) // 4
    return {int(y): float(1.0 - recorded[years == y].mean()) for y in np.unique(years)}


def members(group: Group, year: NDArray[np.int64], seat: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Which cells belong to a group, (cell,).

    Raises
    ------
    InputError : an unknown key or leader
    """
    leaders = library.leaders()
    for key in group:
        if key not in GROUP_KEYS:
            raise InputError(f"'{key}' does not describe a group of governments", where="group", how=nearest(key, GROUP_KEYS))
    for slug in group.get("leaders", ()):
        if slug not in leaders:
            raise InputError(f"there is no leader called '{slug}'", where="group", how=nearest(slug, leaders))
    party = np.array([leaders[s].value.party if s in leaders else "" for s in seat])
    inside = np.ones(len(year), dtype=bool)
    if "leaders" in group:
        inside &= np.isin(seat, list(group["leaders"]))
    if "party" in group:
        inside &= np.isin(party, list(group["party"]))
    if "not_party" in group:
        inside &= ~np.isin(party, list(group["not_party"]))
    if "years" in group:
        first, last = group["years"]
        inside &= (year >= first) & (year <= last)
    return inside


# --- measures -----------------------------------------------------------------------------------------------------------


def cells(record: Record, of: Measure) -> Cells:
    """The cells of a measure other than orders."""
    return {"sides": _sides, "acts": _acts, "trade": _trade}[kind(of)](record, of)


def opposed(record: Record, a: str, b: str) -> tuple[NDArray[np.bool_], Floats, Floats]:
    """Rows of roll calls on which a and b opposed each other; the Assembly's lean toward a; Bangladesh with a, neither, b.

    Arrays (vote,), (opposed,) and (opposed, 3).
    """
    votes = record.votes
    rows = votes[a] * votes[b] == -1
    side = votes[a][rows].astype(float)
    no, abstain, yes = record.vote_counts()[rows].T.astype(float)
    answers = np.stack([np.where(side > 0, yes, no), abstain, np.where(side > 0, no, yes)], axis=1)
    return rows, votes["lean"][rows] * side, answers


def _numbered(year: NDArray[np.int64], seat: NDArray[np.str_]) -> tuple[NDArray[np.int64], list[tuple[int, str]]]:
    """Number of the cell of each row, and (year, seat) of each cell in order."""
    keys = list(zip(year.tolist(), seat.tolist(), strict=True))
    order = sorted(set(keys))
    return np.array([order.index(key) for key in keys], dtype=int), order


def _sides(record: Record, of: Measure) -> Cells:
    a, b = of["sides"]
    rows, lean, answers = opposed(record, a, b)
    cell, order = _numbered(record.votes["year"][rows], record.votes["seat"][rows])
    if not order:
        return _made([], np.zeros(0), np.zeros((0, 0)), np.zeros(0), unit(of))
    votes = Rows(lean, answers, cell)
    year = np.array([y for y, _ in order], dtype=np.int64)
    value = fit(votes, year, np.ones((len(order), 1)))[3]
    left = answers[:, 1] + np.where(lean < 0, answers[:, 0], answers[:, 2])
    error = np.diag(1.0 / np.bincount(cell, answers.sum(axis=1), len(order)))
    return _made(order, value, error, np.bincount(cell, left, len(order)), unit(of), votes)


def _acts(record: Record, of: Measure) -> Cells:
    table = record.episodes
    initiator, _, target = of["acts"].partition(">")
    rows = (table["initiator"] == initiator) & (table["target"] == target) & (table["in_likelihood"] == "yes")
    if "issues" in of:
        rows &= np.isin(table["issue"], list(of["issues"]))
    if of.get("without_texts"):
        rows &= table["from_text"] == "none"
    year = np.array([int(str(day)[:4]) for day in table["date"][rows]], dtype=int)
    cell, order = _numbered(year, table["head_of_government"][rows])
    if not order:
        return _made([], np.zeros(0), np.zeros((0, 0)), np.zeros(0), unit(of))
    size = np.bincount(cell).astype(float)
    score = table["goldstein"][rows]
    value = np.bincount(cell, score) / size
    within = ((score - value[cell]) ** 2).sum() / max(len(score) - len(order), 1)
    return _made(order, value, np.diag((within + CODED_TO**2) / size), size, unit(of))


def _trade(record: Record, of: Measure) -> Cells:
    table = record.trade
    rows = (table["partner"] == of["trade"]) & np.isfinite(table["share"])
    year = table["year"][rows]
    value = np.log((table["total_musd"][rows] + 1.0) / table["national_musd"][rows])
    order = [(int(y), governing(int(y))) for y in year]
    return _made(order, value, np.eye(len(order)) * TRADE_ERROR**2, np.ones(len(order)), unit(of))


def _made(
    order: list[tuple[int, str]], value: Floats, covariance: Floats, size: Floats, unit: str, votes: Rows | None = None
) -> Cells:
    year = np.array([y for y, _ in order], dtype=np.int64)
    return Cells(year, np.array([s for _, s in order], dtype=np.str_), value, covariance, size, unit, votes)


def orders(record: Record, supplier: str, group: Group) -> tuple[Floats, Floats]:
    """Orders placed with a supplier and with all, (year,) both; a year goes to who governed most of it."""
    years, counts = record.order_counts()
    seats = np.array([governing(int(year)) for year in years], dtype=np.str_)
    inside = members(group, years, seats) & (counts.sum(axis=1) > 0)
    return counts[inside, SUPPLIERS.index(supplier)].astype(float), counts[inside].sum(axis=1).astype(float)


def yearly(found: Cells) -> tuple[NDArray[np.int64], Floats]:
    """Years and mean value of the cells of each year, (year,) both."""
    years = np.unique(found.year)
    return years, np.array([found.value[found.year == year].mean() for year in years])
