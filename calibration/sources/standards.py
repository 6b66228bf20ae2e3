"""Two summaries: fixed standardisation numbers for the rules, and how often dated acts of each class occur.

The standardisation numbers evaluate rules R1, R2, R3 and R5 of sim/rules themselves, over 1972-2008, on the inputs just
built, so that one unit means one standard deviation of that period for ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np

from calibration.sources.economy import in_force
from calibration.sources.raw import DYADS, POWERS, STATES, WINDOW, Raw, year_of
from calibration.sources.system import Found
from sim.axes import POSITION, frame, unframe
from sim.codebook import codebook
from sim.rulebook import VIEWS
from sim.rules import system

Built = Mapping[str, Found]
YEARS = range(WINDOW[0], WINDOW[1] + 1)


def value_of(built: Built, name: str, a: str, b: str, year: int) -> float:
    """A dyad's value in a year, whether the input is written by direction or by pair; 0 where nothing is known."""
    for key in (f"{a}>{b}", f"{a}-{b}", f"{b}-{a}"):
        value = in_force(built[name], key, year)
        if value is not None:
            return value
    return 0.0


def board(built: Built, exposure: Sequence[float], year: int) -> dict[str, Any]:
    """The system of one year as the rules see it: R1, R2, R3 and R5 evaluated on the inputs just built.

    Returns
    -------
    frames by name; rivalry is the coded record, as in every year before it is let free
    """
    dyad, other, third = ("state", "partner"), VIEWS["other_"], VIEWS["third_"]
    look = {
        name: frame([[0.0 if a == b else value_of(built, name, a, b, year) for b in STATES] for a in STATES], dyad)
        for name in ("proximity", "hostility", "rivalry_record", "sanctions", "dependence")
    }
    capability = built["capability"].values
    raw = frame([_latest(capability[s], year) for s in STATES], ("state",))
    power = frame([float(s in POWERS) for s in STATES], ("state",)).transpose(other)
    share = system.capability_share(raw, power, raw.transpose(other))
    not_self = frame(1.0 - np.eye(len(STATES)), dyad)
    threat = system.threat(share.transpose(other), look["proximity"], look["hostility"], power) * not_self
    rivalry = look["rivalry_record"].transpose(VIEWS["other_third_"])
    return {
        "relative_capability": system.relative_capability(share, power),
        "threat": threat,
        "counterweight": system.counterweight(rivalry, threat.transpose(third), threat) * not_self,
        "coercion": system.coercion(
            frame(list(exposure), ("issue",)),
            look["sanctions"].transpose(VIEWS["third_other_"]),
            look["dependence"].transpose(third),
            DEPENDENCE_UNIT,
        )
        * not_self,
    }


def _latest(series: Mapping[int | str, float], year: int) -> float:
    """The value in force in a year."""
    known = {year_of(date): value for date, value in series.items()}
    return known[max(y for y in known if y <= max(year, min(known)))]


def usual_capability(built: Built, exposure: Sequence[float]) -> Found:
    """Mean relative capability of each state over the window; the Soviet Union and Russia count apart.

    The series changes its subject with the borders of 1991/92. What a partner is worth to others may have fallen with them;
    that it is measured on other territory is no change of policy anywhere, so the norm absorbs it and not the pull.
    """
    values: dict[str, Any] = {}
    for index, state in enumerate(STATES):
        yearly = {year: board(built, exposure, year)["relative_capability"].reshape(-1)[index] for year in YEARS}
        parts = (
            ((YEARS[0], FIRST_OF_RUSSIA), (FIRST_OF_RUSSIA, YEARS[-1] + 1)) if state == "RUS" else ((YEARS[0], YEARS[-1] + 1),)
        )
        values[state] = {first: round(float(np.mean([yearly[y] for y in range(first, last)])), 5) for first, last in parts}
    return Found(values, {})


FIRST_OF_RUSSIA = 1992
DEPENDENCE_UNIT = float(codebook()["dependence_unit"].value or 0)


def standards(built: Built, exposure: Sequence[float]) -> dict[str, Any]:
    """Means and spreads over the window, given how exposed each issue area is to third-party sanctions.

    Spreads are over all power-years (dyad-years), differences between powers included: the same kind of unit as the
    spread of leaders' images, so that the gains of system and leader can be compared.
    """
    years = [board(built, exposure, year) for year in YEARS]
    relative = np.stack([unframe(y["relative_capability"], ("state",)) for y in years])
    weight = np.stack([unframe(y["counterweight"], ("state", "partner")) for y in years])
    pressure = [np.maximum(y["threat"], y["coercion"].mean(axis=POSITION["issue"], keepdims=True)) for y in years]
    largest = np.stack([unframe(p, ("state", "partner")).max(axis=1) for p in pressure])
    powers = [STATES.index(power) for power in POWERS]
    small = STATES.index("BGD")
    return {
        "relative_capability": {
            "sd": round(float(relative[:, powers].std()), 5),
        },
        "counterweight": {
            "sd": round(float(weight[:, small, powers].std()), 5),
            "mean": {f"{a}>{b}": round(float(weight[:, STATES.index(a), STATES.index(b)].mean()), 5) for a, b in DYADS},
        },
        "restrictiveness": {"mean": round(float(largest.mean()), 5), "sd": round(float(largest.std()), 5)},
    }


# --- dated acts ------------------------------------------------------------------------------------------------------

CLASSES: dict[str, tuple[str, Callable[[float, str], bool]]] = {
    "aid_or_credit": ("Aid or credit", lambda g, issue: 7.0 <= g <= 8.5 or (issue == "aid" and g >= 3.0)),
    "accord": ("Accord or major contract", lambda g, _: g >= 5.5),
    "gift_or_praise": ("Gift, promise or praise", lambda g, _: g >= 3.0),
    "visit": ("Visit or meeting", lambda g, _: g > 1.8),
    "request": ("Request or small courtesy", lambda g, _: g > 0.0),
    "criticism": ("Criticism", lambda g, _: g > -3.0),
    "protest_or_cancel": ("Protest or cancellation", lambda g, _: g > -5.0),
    "rupture": ("Sanction, expulsion or force", lambda _, __: True),
}
"""Classes of acts by Goldstein value and issue area; an act belongs to the first class whose test it passes."""

FIRST_ACT, LAST_ACT = "1972-01", "2024-07"
VOTE = re.compile(r"\bvot(es|ed) (for|against|to)\b|\babstains on\b|opposes the (general assembly|same) resolution", re.I)


def kept(row: Mapping[str, str]) -> bool:
    """Acts inside the period that are neither arms deliveries, statistics nor votes (counted elsewhere)."""
    text = row["short_description"]
    tagged = "SIPRI" in row["source"] + text or "(statistic" in text or "UN voting record" in row["source"]
    return FIRST_ACT <= row["date"][:7] <= LAST_ACT and not tagged and not VOTE.search(text)


def class_of(goldstein: float, issue: str) -> str:
    """Class of an act.

    >>> class_of(7.4, "energy"), class_of(1.6, "aid"), class_of(-5.6, "aid")
    ('aid_or_credit', 'request', 'rupture')
    """
    return next(name for name, (_, test) in CLASSES.items() if test(goldstein, issue))


def act_rates(raw: Raw) -> dict[str, Any]:
    """Number, yearly rate per dyad and mean Goldstein value of each class, by Bangladesh and by the powers."""
    rows = [row for row in raw.rows("episodes") if kept(row)]
    begin, end = (int(text[:4]) + (int(text[5:7]) - 1) / 12 for text in (FIRST_ACT, LAST_ACT))
    dyad_years = len(POWERS) * (end + 1 / 12 - begin)
    found: dict[str, Any] = {}
    for name, (label, _) in CLASSES.items():
        acts = [row for row in rows if class_of(float(row["goldstein"]), row["issue_area"]) == name]
        by = {
            "bangladesh": [row for row in acts if row["initiator"] == "BGD"],
            "powers": [row for row in acts if row["initiator"] != "BGD"],
        }
        found[name] = {
            "label": label,
            "goldstein": round(fmean(float(row["goldstein"]) for row in acts), 2) if acts else None,
            "count": {who: len(some) for who, some in by.items()},
            "rate": {who: round(len(some) / dyad_years, 4) for who, some in by.items()},
        }
    return found
