"""What the record consists of: its tables, their columns, what kind of value each holds, and where it is cut.

``calibration/record.py`` writes tables of this form and ``calibration/observed.py`` reads them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from calibration.sources.raw import POWERS

CUT = date(2024, 8, 4)
"""Last day whose outcomes the shipped record may hold: the day before the government of Bangladesh fell."""

SUPPLIERS = (*POWERS, "other")

SCHEMA: dict[str, dict[str, str]] = {
    "votes": {
        "year": "year",
        "seat": "text",
        "lean": "number",
        **dict.fromkeys(("on_palestine", "on_disarmament"), "binary"),
        **dict.fromkeys(POWERS, "position"),
        "whole": "binary",
        **dict.fromkeys(("no", "abstain", "yes"), "count"),
    },
    "sides": {
        "year": "year",
        **dict.fromkeys(("power_a", "power_b"), "text"),
        **dict.fromkeys(("n_opposed", "with_a", "with_b", "abstain", "absent"), "count"),
        "partial": "binary",
    },
    "orders": {"year": "year", **dict.fromkeys((*SUPPLIERS, "uncertain"), "count")},
    "tiv": {"year": "year", "supplier": "text", "tiv_mn": "number"},
    "trade": {"year": "year", "partner": "text", "total_musd": "number", "national_musd": "number", "share": "share"},
    "trade_reported": {
        "ends": "date",
        **dict.fromkeys(("period", "calendar", "partner", "flow"), "text"),
        "value_musd": "number",
        "reporter": "text",
        "derived": "binary",
        "in_likelihood": "flag",
        **dict.fromkeys(("page", "note"), "text"),
    },
    "aid": {
        "year": "year",
        **dict.fromkeys(("donor", "measure", "basis", "price_basis"), "text"),
        "value_musd": "number",
        "in_likelihood": "flag",
    },
    "episodes": {
        "id": "text",
        "date": "date",
        **dict.fromkeys(("precision", "initiator", "target", "issue"), "text"),
        "goldstein": "number",
        **dict.fromkeys(("head_of_government", "text", "sources", "from_text"), "text"),
        "in_likelihood": "flag",
        "note": "text",
    },
    "powers": {
        "year": "year",
        **dict.fromkeys(("power_a", "power_b"), "text"),
        "agree_votes": "count",
        "agreement": "share",
        **dict.fromkeys(("ideal_distance", "dispute", "rivalry"), "number"),
        "rivalry_basis": "text",
        "trade_musd": "number",
        **dict.fromkeys(("share_a", "share_b"), "share"),
        "in_likelihood": "flag",
    },
}
"""Tables of the record, their columns in order, and what kind of value each holds."""

ANNUAL = ("orders", "tiv", "trade", "aid", "powers")
"""Tables whose last year must be complete at the cut."""

WORDS = ("description", "unit", "columns", "coding", "sources", "licence", "caveats", "built", "cut", "rows", "sha256")
"""What every card says."""


def checksum(text: bytes) -> str:
    """SHA-256 of a file; how a system ends its lines does not matter.

    >>> checksum(b"a\\r\\n") == checksum(b"a\\n")
    True
    """
    return hashlib.sha256(text.replace(b"\r\n", b"\n")).hexdigest()


def fingerprint(cards: Mapping[str, Mapping[str, Any]]) -> str:
    """SHA-256 over the checksums of several tables, by name: it changes when any of them does."""
    lines = "".join(f"{name} {cards[name]['sha256']}\n" for name in sorted(cards))
    return hashlib.sha256(lines.encode()).hexdigest()


def last_year(table: str, cut: date) -> int:
    """Last year that a table may hold.

    >>> last_year("votes", CUT), last_year("aid", CUT), last_year("aid", date(2026, 12, 31))
    (2024, 2023, 2026)
    """
    whole = table not in ANNUAL or (cut.month, cut.day) == (12, 31)
    return cut.year if whole else cut.year - 1


def is_after(text: str, cut: date) -> bool:
    """Whether a day, or any day of a month, lies after the cut: what is dated by month only must have ended.

    >>> [is_after(text, CUT) for text in ("2024-08-04", "2024-08-05", "2024-07", "2024-08")]
    [False, True, False, True]
    """
    return (text if len(text) == 10 else f"{text}-31") > cut.isoformat()


# --- kinds of values --------------------------------------------------------------------------------------------------


def _within(low: float, high: float, text: str) -> float:
    value = float(text) if text else float("nan")
    if value < low or value > high:
        raise ValueError(text)
    return value


def _whole(low: int, high: int, text: str) -> int:
    if not low <= int(text) <= high:
        raise ValueError(text)
    return int(text)


def _dated(text: str) -> str:
    date.fromisoformat(text if len(text) == 10 else f"{text}-01")
    return text


KINDS: dict[str, Any] = {
    "year": lambda text: _whole(1971, 2100, text),
    "count": lambda text: _whole(0, 10**6, text),
    "position": lambda text: _whole(-1, 1, text),
    "binary": lambda text: _whole(0, 1, text),
    "number": lambda text: _within(-1e9, 1e9, text),
    "share": lambda text: _within(0.0, 1.0, text),
    "date": _dated,
    "flag": lambda text: {"yes": "yes", "no": "no"}[text],
    "text": str,
}
TYPES = {
    **dict.fromkeys(("year", "count", "position", "binary"), np.int64),
    **dict.fromkeys(("number", "share"), np.float64),
}
MEANING = {
    "year": "a year from 1971",
    "count": "a whole number from 0",
    "position": "1 yes, 0 abstained or absent, -1 no",
    "binary": "0 or 1",
    "number": "a number, or empty",
    "share": "a number from 0 to 1, or empty",
    "date": "2024-08-04 or 2024-08",
    "flag": "yes or no",
    "text": "text",
}
