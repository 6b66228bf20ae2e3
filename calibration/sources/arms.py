"""Arms orders of the register as contracts: what each power sold to Bangladesh in a year, in years of orders.

A volume says how much was ordered, not what was paid; ``scenarios/commitments.yaml`` holds by hand what has a price or a
credit of its own, and these rows are left out here. Only the year of an order is known; its last day is written, so that an
order never counts as evidence for itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from calibration.sources.raw import POWERS, Raw, number

FIRST, LAST = 1971, 2023
UNIT = 275.0
"""SIPRI volume, in millions, of one year of Bangladesh's arms orders: mean of 2009-23, the unit of ``commitments.yaml``."""
SMALLEST = 0.02
"""Years of orders below which what a supplier sold in a year is left out."""
PRICE_OVER_VOLUME = (0.4, 1.5)
"""Span of price (dollars of 2016) over volume, in round figures, where the register gives both: 0.7 for the MiG-29 of 1999,
0.4 for the C-130 of 1999, 1.0 for the tanks of 2011 and 1.5 for the submarines of 2013."""
LIFETIME = 10.0
"""E-folding life in years, as of tanks and fighters entered by hand: spare parts, training, ammunition. A judgement."""
CREDIT = (2013, 2015)
"""Years of Russian orders that the credit of 2013 pays for."""

BY_HAND: Mapping[tuple[str, int], tuple[str, ...]] = {
    ("RUS", 1999): ("MiG-29S", "R-73"),
    ("RUS", 2017): ("Mi-17",),
    ("CHN", 2011): ("Type-90-2M", "F-7MG"),
    ("CHN", 2012): ("Type-056", "FL-3000N"),
    ("CHN", 2013): ("Type-035G", "Yu-4"),
    ("CHN", 2015): ("Type-056", "C-802A", "FL-3000N"),
    ("CHN", 2018): ("Type-053H3", "C-802A", "FM-90"),
    ("CHN", 2019): ("VT-5",),
    ("IND", 2020): ("OFB E1 120mm",),
}
"""What contracts entered by hand hold, with the missiles bought for it: supplier and year of order -> designations."""

NAMES = {"RUS": "russia", "IND": "india", "CHN": "china", "USA": "united_states"}
ADJECTIVES = {"RUS": "Russian", "IND": "Indian", "CHN": "Chinese", "USA": "American"}


def counts(row: Mapping[str, str]) -> bool:
    """Whether a row of the register is a contract of its own: ordered for sure, unpaid by others, not entered by hand."""
    supplier, year = row["supplier_iso3"], int(row["order_year"])
    if supplier not in POWERS or not FIRST <= year <= LAST or number(row["tiv_order"]) in (None, 0.0):
        return False
    if "status uncertain" in row["comments"] or "financed" in row["comments"]:
        return False
    in_credit = supplier == "RUS" and CREDIT[0] <= year <= CREDIT[1]
    return not in_credit and row["designation"] not in BY_HAND.get((supplier, year), ())


def arms_contracts(raw: Raw) -> list[dict[str, Any]]:
    """Contracts as ``commitments.yaml`` writes them, by power and year."""
    sold: dict[tuple[str, int], list[Mapping[str, str]]] = defaultdict(list)
    for row in raw.rows("arms_bgd_deals"):
        if counts(row):
            sold[row["supplier_iso3"], int(row["order_year"])].append(row)
    groups = sorted(sold.items(), key=lambda item: (POWERS.index(item[0][0]), item[0][1]))
    made = [contract(supplier, year, rows) for (supplier, year), rows in groups]
    return [one for one in made if one["size"] >= SMALLEST]


def contract(supplier: str, year: int, rows: list[Mapping[str, str]]) -> dict[str, Any]:
    """What one power sold in one year."""
    volume = sum(float(row["tiv_order"]) for row in rows)
    chief = max(rows, key=lambda row: float(row["tiv_order"]))
    low, high = (round(volume / UNIT * edge, 3) for edge in PRICE_OVER_VOLUME)
    soviet = supplier == "RUS" and year < 1992
    return {
        "name": f"arms_{NAMES[supplier]}_{year}",
        "label": f"{'Soviet' if soviet else ADJECTIVES[supplier]} arms ordered in {year}",
        "dyad": f"BGD>{supplier}",
        "issue": "defence",
        "signed": date(year, 12, 31),
        "amount": {"value": round(volume, 1), "unit": "million of SIPRI volume"},
        "size": round(volume / UNIT, 3),
        "range": [low, high],
        "lifetime_years": LIFETIME,
        "basis": "proxy",
        "sources": ["sipri-arms-2025"],
        "note": f"{'Above all' if len(rows) > 1 else 'All of it'}: {chief['n_ordered']} {chief['designation']}.",
    }
