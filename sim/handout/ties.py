"""Ties in numbers: where cooperation stands, or how far worlds differ, per partner and issue area.

Part of the handouts (floor 6). Reads finished tables; computes no statistics of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim import library, quarters, words
from sim.measures import MEASURES
from sim.plots.phrases import tie as phrase

if TYPE_CHECKING:
    from sim.comparison import Pair
    from sim.run import Results
    from sim.summary import Context

SMALL = 0.05
"""Index points below which padma says "about the same" (:func:`sim.words.change`)."""


@dataclass(frozen=True)
class Tie:
    """One partner in one issue area.

    Attributes
    ----------
    first, last : medians of cooperation in the first and the last quarter; of a difference, 0 and its median at the end
    low, high : 80 % interval at the end
    above : share of runs in which a difference is above zero (NaN for a level)
    """

    partner: str
    issue: str
    first: float
    last: float
    low: float
    high: float
    above: float = float("nan")

    @property
    def move(self) -> float:
        """From the first to the last quarter."""
        return self.last - self.first

    @property
    def clear(self) -> bool:
        """Whether the interval at the end leaves out zero."""
        return self.low > 0 or self.high < 0

    def named(self, context: Context) -> str:
        """With whom and in what, e.g. "with the United States in aid"."""
        return phrase(self.partner, self.issue, MEASURES["cooperation"], context)


def levels(results: Results, state: str) -> list[Tie]:
    """Where every tie of a state stands."""
    first, last = (quarters.name(q) for q in (results.scenario.start, results.scenario.until))
    rows = results.table[(results.table.measure == "cooperation") & (results.table.state == state)]
    at = rows[rows.quarter.isin((first, last))].set_index(["quarter", "partner", "issue"])
    found = []
    for partner, issue in dict.fromkeys(zip(rows.partner, rows.issue, strict=True)):
        start, end = at.loc[(first, partner, issue)], at.loc[(last, partner, issue)]
        found.append(Tie(partner, issue, float(start.q50), float(end.q50), float(end.q10), float(end.q90)))
    return found


def differences(pair: Pair, name: str) -> list[Tie]:
    """How far one world differs from the first, at the end."""
    table = pair.contrasts
    rows = table[(table.scenario == name) & (table.measure == "cooperation") & (table.state == pair.state)]
    rows = rows[rows.quarter == quarters.name(pair.scenarios[0].until)]
    return [
        Tie(str(r.partner), str(r.issue), 0.0, float(r.q50), float(r.q10), float(r.q90), float(r.p_positive))
        for r in rows.itertuples()
    ]


def asked_about(question: str, states: Sequence[str], state: str) -> list[str]:
    """Partners that a question names, by name or adjective, in the order of the states.

    >>> asked_about("What becomes of the ties with Russia?", ("BGD", "RUS", "IND", "CHN"), "BGD")
    ['RUS']
    """
    found = []
    for code in states:
        entry = library.states()[code].value
        if code != state and re.search(rf"\b({re.escape(entry.name)}|{re.escape(entry.adjective)})\b", question):
            found.append(code)
    return found


def of_partners(ties: Sequence[Tie], partners: Sequence[str]) -> list[Tie]:
    """The ties with some partners (with all where none is named)."""
    return [tie for tie in ties if not partners or tie.partner in partners]


def grades(ties: Sequence[Tie]) -> tuple[int, int, int]:
    """How many stay about the same, get warmer and get cooler."""
    same = sum(words.change(tie.move) == words.change(0.0) for tie in ties)
    warmer = sum(tie.move > 0 and words.change(tie.move) != words.change(0.0) for tie in ties)
    return same, warmer, len(ties) - same - warmer
