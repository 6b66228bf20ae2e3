"""The record of a measure, year by year: points that figures draw beside what is simulated.

Floor 5. Reads the small tables of ``calibration/data``, which end on 2024-08-04, and computes no theory. A measure without a
record of its own (stances, cooperation, pressures) has no points; nothing is made up for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sim import library, quarters

FEW = "Points: shares of the orders of a year, few as they are; bands are of the expected share, so points scatter wider."

Table = tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Points:
    """Yearly values of the record.

    Attributes
    ----------
    years : (t,) calendar years
    values : (t,) in the unit of the measure
    counts : (t,) what each rests on: orders placed, votes cast; 0 where it is no count
    what : what the points are, in a sentence below the figure
    """

    years: NDArray[np.int64]
    values: NDArray[np.float64]
    counts: NDArray[np.int64]
    what: str


@cache
def _table(name: str) -> Table:
    return tuple(library.record_table(name))


def recorded(measure: str, state: str, partner: str, issue: str, names: tuple[str, ...]) -> Points | None:
    """The record of a measure within some quarters; None where there is none.

    Parameters
    ----------
    measure, state, partner, issue : as in a summary
    names : quarters that are shown; only whole years inside them are given, as yearly figures are of whole years

    >>> found = recorded("order_share", "BGD", "CHN", "", ("1972Q1", "1980Q4"))
    >>> int(found.years[-1]), round(float(found.values[-1]), 2), int(found.counts[-1])
    (1980, 0.67, 6)
    """
    points = of_record(measure, state, partner, issue, quarters.quarter(names[0]))
    if points is None:
        return None
    first, last = -(-quarters.quarter(names[0]) // 4), (quarters.quarter(names[-1]) + 1) // 4 - 1
    kept = (points.years >= first) & (points.years <= last)
    if not kept.any():
        return None
    return Points(points.years[kept], points.values[kept], points.counts[kept], points.what)


def of_record(measure: str, state: str, partner: str, issue: str, start: int = 0) -> Points | None:
    """The whole record of a measure; ``start`` is the quarter from which sums over time are taken."""
    if measure in ("order_share", "orders") and state == "BGD":
        return _orders(measure, partner, start)
    if (measure, state, partner) == ("aid", "USA", "BGD"):
        rows = [row for row in _table("aid") if row["donor"] == "USA" and row["in_likelihood"] == "yes"]
        return _points([(int(r["year"]), float(r["value_musd"]), 0) for r in rows], "Points: net aid of a year on record.")
    if measure in ("vote_yes", "vote_no") and state == "BGD":
        return like_texts(issue, measure.removeprefix("vote_"))
    return None


def _orders(measure: str, partner: str, start: int) -> Points | None:
    """Shares of arms orders of a year, or orders added up from the beginning of a year on."""
    suppliers = ("RUS", "IND", "CHN", "USA", "other")
    rows = [(int(r["year"]), int(r[partner]), sum(int(r[s]) for s in suppliers)) for r in _table("orders") if partner in r]
    if measure == "order_share":
        return _points([(y, n / every, every) for y, n, every in rows if every], FEW)
    if start % 4:
        return None  # the first year of the sum is not whole
    kept = [(y, n) for y, n, _ in rows if 4 * y >= start]
    added = np.cumsum([n for _, n in kept]).tolist()
    return _points([(y, float(s), n) for (y, n), s in zip(kept, added, strict=True)], "Points: orders on record, added up.")


VOTE = {"yes": "1", "no": "-1", "abstain": "0"}


def like_texts(item: str, side: str) -> Points | None:
    """How often Bangladesh voted ``yes`` or ``no`` on recorded texts like a described one, year by year.

    Like: whole drafts on the same subject, on which the four powers voted as described and the rest of the Assembly leaned
    within the described range (leans are recorded in steps of a quarter), from the year on in which such texts first come.
    """
    call = library.agenda()[item].value
    low, high = call.assembly.range
    found: dict[int, tuple[int, int]] = {}
    for row in (r for r in _table("votes") if int(r["year"]) >= call.from_ // 4):
        alike = all(row[power] == VOTE.get(vote, "0") for power, vote in call.votes.items())
        alike = alike and all(row[f"on_{subject}"] == "1" for subject in call.subjects)
        if alike and row["whole"] == "1" and low - 0.125 <= float(row["lean"]) <= high + 0.125:
            said = {key: int(row[key]) for key in VOTE}
            had, every = found.get(int(row["year"]), (0, 0))
            found[int(row["year"])] = had + said[side], every + sum(said.values())
    return _points(
        [(year, n / every, every) for year, (n, every) in sorted(found.items())],
        "Points: shares of a year on recorded texts like it.",
    )


def _points(rows: list[tuple[int, float, int]], what: str) -> Points | None:
    if not rows:
        return None
    years, values, counts = zip(*rows, strict=True)
    return Points(np.array(years), np.array(values), np.array(counts), what)


def dated_acts(state: str, start: float, end: float) -> dict[str, list[tuple[float, float, bool]]]:
    """Acts on record between a state and the powers within a window of decimal years: power -> (when, Goldstein value, own).

    Those that a simulated act can stand for: no arms deliveries, statistics or votes (``in_likelihood``).
    """
    found: dict[str, list[tuple[float, float, bool]]] = {}
    for row in _table("episodes"):
        pair = row["initiator"], row["target"]
        if state not in pair or row["in_likelihood"] != "yes":
            continue
        day = quarters.day(row["date"])
        when = day.year + (day.timetuple().tm_yday - 0.5) / 366
        if start <= when < end:
            own = pair[0] == state
            found.setdefault(pair[1] if own else pair[0], []).append((when, float(row["goldstein"]), own))
    return found


RECORD_END = 2024.59
"""The 4th of August 2024 as a decimal year: the cut of every table."""
