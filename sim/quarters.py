"""Quarters, years and dates as plain numbers.

Floor 0. A quarter is an integer: year * 4 + (0 to 3). Dates are ``datetime.date``.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from sim.errors import InputError

_QUARTER = re.compile(r"(1[0-9]{3}|2[0-9]{3})\s*-?Q([1-4])", re.IGNORECASE)
_DATE = re.compile(r"(1[0-9]{3}|2[0-9]{3})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_SOME_QUARTER = re.compile(r"\s*\d+\s*-?Q[1-4]\s*", re.IGNORECASE)
YEARS = "choose a year from 1950 to 2100."
"""What to do about a quarter of any other year."""

STEP = 0.25
"""Length of a quarter in years."""


def quarter(text: object, where: str = "") -> int:
    """The quarter that ``text`` names.

    Raises
    ------
    InputError : not of the form 2026Q1

    >>> quarter("2026Q1")
    8104
    """
    match = _QUARTER.fullmatch(str(text).strip())
    if not match:
        year = re.fullmatch(r"\s*(\d{4})\s*", str(text))
        how = f"write {year[1]}Q4 for its end, or {year[1]}Q1 for its beginning." if year else "write it like 2026Q1."
        how = YEARS if _SOME_QUARTER.fullmatch(str(text)) else how
        raise InputError(f"'{text}' is not a quarter", where=where, why="time runs in quarters.", how=how)
    return int(match[1]) * 4 + int(match[2]) - 1


def name(index: int) -> str:
    """The name of a quarter.

    >>> name(8104)
    '2026Q1'
    """
    return f"{index // 4}Q{index % 4 + 1}"


def first_day(index: int) -> date:
    """First day of a quarter."""
    return date(index // 4, index % 4 * 3 + 1, 1)


def last_day(index: int) -> date:
    """Last day of a quarter."""
    return first_day(index + 1) - timedelta(days=1)


def of_date(day: date) -> int:
    """The quarter that a day falls in.

    >>> name(of_date(date(2024, 8, 5)))
    '2024Q3'
    """
    return day.year * 4 + (day.month - 1) // 3


def day(text: object, where: str = "") -> date:
    """The first day that ``text`` (a date, a month, a year or a quarter) stands for.

    Raises
    ------
    InputError : not a date

    >>> day("2026-02-17"), day("2014-01"), day("2022Q1")
    (datetime.date(2026, 2, 17), datetime.date(2014, 1, 1), datetime.date(2022, 1, 1))
    """
    text = str(text).strip()
    if _QUARTER.fullmatch(text):
        return first_day(quarter(text))
    match = _DATE.fullmatch(text)
    try:
        if match:
            return date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        pass
    how = YEARS if _SOME_QUARTER.fullmatch(text) else "write it like 2026-02-17 or 2026Q1."
    raise InputError(f"'{text}' is not a date", where=where, why="values hold from a date on.", how=how)


def years_between(earlier: date, later: date) -> float:
    """Time between two days in years of 365.25 days; negative when out of order."""
    return (later - earlier).days / 365.25
