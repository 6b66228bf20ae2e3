"""Numbers in words: sizes, directions, explanations. No statistics and no drawing.

Floor 1. Keeps every sentence that padma says about a stance in one place, so that table, figure and explanation agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable

ROPE = 0.25
"""Region of practical equivalence: differences below 0.25 log points (six points at even odds) count as none (assumption)."""

BINS = ((0.6, "very warm"), (0.3, "warm"), (0.1, "friendly"), (-0.1, "even"), (-0.3, "cool"), (-0.6, "cold"))
"""Stance indices from which on a word applies; below the last it is "hostile" (assumption, words only)."""

SAME, SLIGHT, MUCH = 0.05, 0.12, 0.25
"""Changes of an index: below the first none, below the second slight, from the third on much (assumption, words only)."""

HARDLY, STRONG = 0.05, 0.75
"""Pushes in log points: below the first hardly any, from the second on strong (assumption, words only)."""


def index(log_points: float) -> float:
    """Stance as an index from -1 to 1: the chance of siding minus the chance of opposing at even odds.

    2 * logistic(x) - 1, which equals tanh(x / 2).

    >>> index(0.0), round(index(1.0), 2)
    (0.0, 0.46)
    """
    return math.tanh(log_points / 2)


def temperature(value: float) -> str:
    """A stance index in a word; it changes where the number that stands beside it does.

    >>> temperature(0.4), temperature(-0.05), temperature(-0.8), temperature(0.098)
    ('warm', 'even', 'hostile', 'friendly')
    """
    return next((word for limit, word in BINS if round(value, 2) >= limit), "hostile")


def signed(value: float, digits: int = 2) -> str:
    """A number with its sign; zero has none.

    >>> signed(0.25), signed(-0.001), signed(0.001)
    ('+0.25', '0.00', '0.00')
    """
    text = f"{value:+.{digits}f}"
    return text if float(text) else text[1:]


def change(difference: float) -> str:
    """A change of an index in words.

    >>> change(0.02), change(-0.3)
    ('about the same', 'much cooler')
    """
    size = abs(difference)
    if size < SAME:
        return "about the same"
    grade = "slightly " if size < SLIGHT else "" if size < MUCH else "much "
    return grade + ("warmer" if difference > 0 else "cooler")


def push(value: float, toward: str, away: str, *, plural: bool = False, unit: str = "") -> str:
    """A push in log points in words.

    >>> push(0.4, "toward it", "away from it")
    'pushes toward it (+0.40)'
    >>> push(-0.01, "toward it", "away from it", plural=True)
    'hardly matter (-0.01)'
    """
    s = "" if plural else "s"
    if abs(value) < HARDLY:
        return f"hardly matter{s} ({signed(value)}{unit})"
    strength = " strongly" if abs(value) >= STRONG else ""
    return f"push{'es' if s else ''}{strength} {toward if value > 0 else away} ({signed(value)}{unit})"


def explanation(
    value: Callable[[str], float],
    *,
    state: str,
    partner: str,
    issue: str,
    variable: str,
    quarter: str,
    leader: str,
    mean: bool = False,
) -> str:
    """Why a number is what it is, from pressure to act, in words a student can read aloud.

    Parameters
    ----------
    value : gives the number of a codebook variable for this dyad and issue area
    state, partner, issue, variable, quarter, leader : what is explained
    mean : the values are means over runs, in which luck cancels out

    Returns
    -------
    paragraphs separated by newlines; numbers in log points unless a unit is given
    """
    v = value
    to, away = f"toward {partner}", f"away from {partner}"
    outside = v("wish") - v("perceived") - v("support") - v("interaction")
    hedge = v("hedged") - v("wish")
    held = v("desired") - v("norm") - v("hedged")
    apart = v("stance") - v("norm")
    turned = v("pull") * v("systemic_signal") < 0 and abs(v("systemic_signal")) >= 0.05
    why = " (the gain is negative here: the record does not settle its sign)" if turned else ""
    moved = f"luck moved the stance by {signed(v('stance_shock'), 1)} standard deviations"
    luck = "luck cancels out in the mean" if mean else moved
    lines = [
        f"{state} toward {partner} in {issue}, {quarter} ({leader} in office)",
        f"Pressure. The system {push(v('pull'), to, away, unit=' standard deviations')}: relative capability of {partner}"
        f" and its worth as a counterweight ({signed(v('counterweight'))}) against the threat it poses ({v('threat'):.2f})."
        f" Third-party sanctions weigh {v('coercion'):.2f}.",
        f"Perception. The environment is {'clear and tight' if v('constraint') > 0.5 else 'unclear or permissive'}"
        f" (constraint {v('constraint'):.2f}). Heard through it, the system {push(v('systemic_signal'), to, away)}{why};"
        f" the leader's image of {partner} ({signed(v('image_of'))} on -1..1) {push(v('leader_reading'), to, away)}.",
        f"Others. Support for an insecure ruler {push(v('support'), to, away)}; reciprocity and jealousy"
        f" {push(v('interaction'), to, away, plural=True)}; fear of sanctions and dated needs together"
        f" {push(outside, to, away, plural=True)}.",
        f"Choice. Taken alone the wish is {signed(v('wish'))}; hedging moves it by {signed(hedge)}; contracts in force add"
        f" {signed(held)}; the norm is {signed(v('norm'))}. Desired: {signed(v('desired'))}.",
        f"Act. Home allows {100 * v('moved'):.0f} % of the gap to close in a quarter; {luck}. The stance is now"
        f" {signed(v('stance'))}, which is {signed(apart)} against the norm and {signed(index(apart))} on the index from -1"
        f" to 1 ({temperature(index(apart))}).",
    ]
    if variable not in ("stance", "next_stance"):
        lines.append(f"Asked for: {variable} = {signed(v(variable), 3)}.")
    return "\n".join(lines)
