"""What a back-test looks at besides probabilities: yearly counts and shares of the record, and the same of simulated records.

Votes: how often Bangladesh did not say yes, and its net votes toward Russia on roll calls where Russia and the United States
stand on opposite sides (its vote times Russia's, added up). Arms: Russian and Chinese orders, and whether there was any, in
years with orders. Trade: log shares of the powers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calibration.observed import Record
from calibration.sources.raw import POWERS
from calibration.sources.tables import SUPPLIERS

Floats = NDArray[np.float64]
Years = NDArray[np.int64]

COUNTS = ("non_yes", "net_russia", "orders_RUS", "orders_CHN")
"""Yearly counts that are scored by CRPS."""

EVENTS = ("any_order_RUS", "any_order_CHN")
"""Yes or no a year, scored by Brier's rule."""

SHARES = tuple(f"trade_{power}" for power in POWERS)
"""Log shares of trade, scored by CRPS."""

WORDS = {
    "non_yes": "votes other than yes",
    "net_russia": "net votes toward Russia where Russia and the USA oppose each other",
    "orders_RUS": "arms orders from Russia",
    "orders_CHN": "arms orders from China",
    "any_order_RUS": "any arms order from Russia",
    "any_order_CHN": "any arms order from China",
    **{f"trade_{power}": f"log share of trade with {power}" for power in POWERS},
    "trade": "log shares of trade with all powers",
}


def toward_russia(positions: NDArray[np.int64]) -> Floats:
    """Russia's vote where Russia and the United States oppose each other, else 0, from votes of the powers (group, power)."""
    russia, america = (positions[:, POWERS.index(power)] for power in ("RUS", "USA"))
    return np.where(russia * america == -1, russia, 0).astype(float)


def observed(record: Record, years: Years) -> dict[str, Floats]:
    """Statistic -> value by year (year,); NaN where the record says nothing (no roll call, no order, no trade figure)."""
    counts, rows = record.vote_counts(), np.searchsorted(years, record.votes["year"])
    held = np.isin(record.votes["year"], years)
    order_years, orders = record.order_counts()
    trade_years, shares = record.trade_shares()
    found = of_votes(counts.T[:, held], rows[held], toward_russia(record.vote_positions()[held]), len(years))
    there = np.isin(order_years, years)
    total = np.full((len(years), len(SUPPLIERS)), np.nan)
    total[np.isin(years, order_years)] = orders[there]
    found |= of_orders(total)
    logs = np.full((len(years), len(POWERS)), np.nan)
    logs[np.isin(years, trade_years)] = shares[np.isin(trade_years, years)]
    return found | {f"trade_{power}": logs[:, j] for j, power in enumerate(POWERS)}


def of_votes(counts: NDArray[np.int64], rows: NDArray[np.int64], sides: Floats, length: int) -> dict[str, Floats]:
    """Statistics of the votes by year.

    Parameters
    ----------
    counts : (answer, ..., group) answers no, abstain, yes; what stands between is kept, draws for instance
    rows : (group,) place of each group's year
    sides : (group,) from :func:`toward_russia`
    length : number of years
    """
    year = (rows[:, None] == np.arange(length)) * 1.0
    no, abstain, yes = counts
    cast = year.sum(axis=0) > 0
    opposed = (np.abs(sides) @ year) > 0
    return {
        "non_yes": np.where(cast, (no + abstain) @ year, np.nan),
        "net_russia": np.where(opposed, ((yes - no) * sides) @ year, np.nan),
    }


def of_orders(orders: Floats) -> dict[str, Floats]:
    """Statistics of arms orders (..., year, supplier) by year; NaN in years without any order."""
    some = orders.sum(axis=-1) > 0
    found = {}
    for power in ("RUS", "CHN"):
        number = orders[..., SUPPLIERS.index(power)]
        found[f"orders_{power}"] = np.where(some, number, np.nan)
        found[f"any_order_{power}"] = np.where(some, number > 0, np.nan)
    return found
