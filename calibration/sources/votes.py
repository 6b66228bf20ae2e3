"""Votes of the General Assembly, as the likelihood needs them: how Bangladesh voted, given the Assembly and the powers.

The lean of the rest of the Assembly absorbs what was tabled, the powers' positions absorb their own moves; what is left
to explain is Bangladesh's choice. Roll calls alike in all of that are counted together.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from itertools import combinations
from typing import Any

from calibration.sources.raw import POWERS, STATES, Raw, Rows, number
from calibration.sources.tables import CUT, is_after
from sim.errors import InputError
from sim.scenario import Scenario, read_scenario

ANSWERS = ("no", "abstain", "yes")
SUBJECTS = {"on_palestine": ("me",), "on_disarmament": ("nu", "di")}
"""Subjects of roll calls that the model knows, and the source's codes that stand for each."""
GRAIN = 0.25
"""Step to which the lean of the Assembly is rounded, so that like roll calls can be counted together."""


def day_of(text: str) -> date:
    """The day that stands for a date: the 15th where only the month is known.

    >>> day_of("1975-11"), day_of("1975-11-26")
    (datetime.date(1975, 11, 15), datetime.date(1975, 11, 26))
    """
    return date.fromisoformat(text if len(text) == 10 else f"{text}-15")


def seat_on(day: date) -> str:
    """Who headed the government of Bangladesh on a day: the record, and after it the seats of the baseline.

    >>> seat_on(date(1975, 11, 15)), seat_on(date(1970, 1, 1))
    ('ziaur_rahman', '')
    """
    return _scenario("history" if day <= CUT else "baseline").leader_on("BGD", day)


@cache
def _scenario(name: str) -> Scenario:
    return read_scenario(name, settings={"posterior": "none"})


def lean(rest: Mapping[str, float]) -> float:
    """How far the rest of the Assembly leans to yes: half the log odds of yes minus half those of no.

    One half is added to each of the three answers, so that unanimity stays finite.

    >>> lean({"yes": 10, "abstain": 5, "no": 10}), round(lean({"yes": 98, "abstain": 19, "no": 9}), 3)
    (0.0, 1.871)
    """
    total = sum(rest[answer] for answer in ANSWERS) + 1.5
    yes, no = ((rest[answer] + 0.5) / total for answer in ("yes", "no"))
    return 0.5 * math.log(yes / (1.0 - yes)) - 0.5 * math.log(no / (1.0 - no))


def rest_of_assembly(row: Mapping[str, str]) -> dict[str, float] | None:
    """Answers of all members but the five states; None where the source has no totals.

    Raises
    ------
    InputError : the five states alone cast more votes than all members
    """
    totals = {answer: number(row[f"n_{answer}"]) for answer in ANSWERS}
    if any(total is None for total in totals.values()):
        return None
    own = Counter(row[state] for state in STATES)
    rest = {answer: (total or 0.0) - own[answer] for answer, total in totals.items()}
    if min(rest.values()) < 0:
        raise InputError(
            f"roll call {row['vote_id']}: the five states alone cast more votes than all members",
            where="unga_votes.csv",
            why="the lean of the rest of the Assembly cannot be computed from it.",
            how="correct n_yes, n_no and n_abstain, or leave them empty to drop the roll call.",
        )
    return rest


def when(row: Mapping[str, str]) -> str:
    """Date of a roll call; the source's day is wrong where it says that only the month is right."""
    return row["date"][:7] if row["date_precision"] == "month" else row["date"]


def within_cut(raw: Raw, cut: date) -> Iterator[Mapping[str, str]]:
    """Roll calls up to the cut in which Bangladesh was entitled to vote."""
    return (row for row in raw.rows("unga_votes") if row["BGD"] and not is_after(when(row), cut))


def votes(raw: Raw, cut: date) -> Rows:
    """Roll calls on which Bangladesh took a position, alike ones counted together."""
    groups: dict[tuple[Any, ...], Counter[str]] = {}
    for row in within_cut(raw, cut):
        rest = rest_of_assembly(row)
        if row["BGD"] not in ANSWERS or rest is None:
            continue
        rounded = round(lean(rest) / GRAIN) * GRAIN + 0.0
        positions = tuple({"yes": 1, "no": -1}.get(row[power], 0) for power in POWERS)
        subjects = tuple(int(any(row[code] == "1" for code in codes)) for codes in SUBJECTS.values())
        whole = int("1" not in (row["amend"], row["para"]))
        seat = seat_on(day_of(when(row)))
        groups.setdefault((int(row["year"]), seat, rounded, *subjects, *positions, whole), Counter())[row["BGD"]] += 1
    keys = ("year", "seat", "lean", *SUBJECTS, *POWERS, "whole")
    return [
        {**dict(zip(keys, group, strict=True)), **{answer: groups[group][answer] for answer in ANSWERS}}
        for group in sorted(groups)
    ]


def sides(raw: Raw, cut: date) -> Rows:
    """Per year and pair of powers that voted yes against no: whom Bangladesh voted with."""
    found: dict[tuple[int, str, str], Counter[str]] = {}
    for row in within_cut(raw, cut):
        for a, b in combinations(POWERS, 2):
            if {row[a], row[b]} == {"yes", "no"}:
                side = {row[a]: "with_a", row[b]: "with_b"}.get(row["BGD"], row["BGD"])
                found.setdefault((int(row["year"]), a, b), Counter())[side] += 1
    order = sorted(found, key=lambda key: (key[0], POWERS.index(key[1]), POWERS.index(key[2])))
    return [
        {
            **dict(zip(("year", "power_a", "power_b"), key, strict=True)),
            "n_opposed": found[key].total(),
            **{side: found[key][side] for side in ("with_a", "with_b", "abstain", "absent")},
            "partial": int(key[0] == cut.year and (cut.month, cut.day) != (12, 31)),
        }
        for key in order
    ]
