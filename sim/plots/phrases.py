"""Phrases that captions are made of: names, numbers, ties, changes.

Floor 6. No drawing. Words for sizes come from :mod:`sim.words`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim import words

if TYPE_CHECKING:
    from sim.measures import Measure
    from sim.summary import Context, Fan, Trajectories

TOWARD = {"cooperation": "with", "commitment": "with", "trade_volume": "with", "aid": "to", "order_share": "from"}
"""The word between two states where it is not "toward"."""

CALLED = {
    "leader_push": "push by its leader",
    "system_push": "push by the system",
    "vote_yes": "chance of a yes vote",
    "act_probability": "chance of a dated act",
}
"""What a measure is called in a sentence where its label is too short for one."""

LONG = 80
"""Quarters from which a figure is about ups and downs rather than about first and last."""


def index(measure: Measure) -> bool:
    """Whether the measure is an index around a neutral zero, for which padma has words such as warm and cool."""
    return measure.range == (-1.0, 1.0) and measure.neutral == 0


def ends(high: float, low: float, measure: Measure) -> tuple[str, str]:
    """What the highest and the lowest of several values are called: an index that is even is neither warmest nor coolest.

    >>> from sim.measures import MEASURES
    >>> ends(0.4, -0.2, MEASURES["stance"]), ends(0.4, 0.02, MEASURES["stance"]), ends(0.05, -0.2, MEASURES["stance"])
    (('warmest', 'coolest'), ('warmest', 'least warm'), ('least cool', 'coolest'))
    >>> ends(0.05, -0.02, MEASURES["stance"]), ends(0.9, 0.1, MEASURES["hedging"])
    (('highest', 'lowest'), ('highest', 'lowest'))
    """
    warm = index(measure) and words.temperature(high) in ("very warm", "warm", "friendly")
    cool = index(measure) and words.temperature(low) in ("cool", "cold", "hostile")
    return (
        "warmest" if warm else "least cool" if cool else "highest",
        "coolest" if cool else "least warm" if warm else "lowest",
    )


def usual(measure: Measure) -> str:
    """What the neutral value stands for."""
    return "no difference" if measure.label.startswith("Difference") else "as usual"


def number(value: float, measure: Measure) -> str:
    """A value with the digits and sign that suit its measure."""
    if measure.range == (0.0, 1.0) and 0 < abs(value) < 0.095:
        return f"{value:.3f}"
    if measure.range is not None or measure.neutral is not None or abs(value) < 10:
        sign = "+" if measure.neutral == 0 and round(value, 2) else ""
        return f"{round(value, 2) + 0.0:{sign}.2f}"
    return f"{value:,.0f}"


def interval(low: float, high: float, measure: Measure) -> str:
    """Two bounds in words."""
    return f"{number(low, measure)} to {number(high, measure)}"


def bounds(fan: Fan, place: int = -1, level: float = 0.8) -> str:
    """The interval of a fan at one of its quarters, in words."""
    low, high = fan.bands[level]
    return interval(float(low[place]), float(high[place]), fan.measure)


def name(code: str, context: Context | None) -> str:
    """The name of a state, issue area or roll call, as a heading."""
    known = context.names.get(code) if context else None
    return known or code.replace("_", " ")


def spoken(code: str, context: Context | None) -> str:
    """The name of a state in a sentence.

    >>> spoken("United States", None)
    'the United States'
    """
    text = name(code, context)
    return f"the {text}" if text.startswith("United ") else text


def lower(text: str) -> str:
    """The text as it stands inside a sentence.

    >>> lower("Yes vote"), lower("UN vote")
    ('yes vote', 'UN vote')
    """
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def of(state: str) -> str:
    """The possessive.

    >>> of("Bangladesh"), of("the United States")
    ("Bangladesh's", "the United States'")
    """
    return f"{state}'" if state.endswith("s") else f"{state}'s"


def upper(text: str) -> str:
    """The text at the start of a sentence."""
    return text[:1].upper() + text[1:]


def tie(partner: str, issue: str, measure: Measure, context: Context | None) -> str:
    """Toward whom and in what."""
    to = f" {TOWARD.get(measure.name, 'toward')} {spoken(partner, context)}" if partner else ""
    about = lower(name(issue, context)) if issue else ""
    if "act" in measure.axes:
        return f"{to} ({about})".strip()
    return (to + (f" {'in' if 'issue' in measure.axes else 'on'} {about}" if about else "")).strip()


def subject(summary: Fan | Trajectories, context: Context | None) -> str:
    """Whose, what, toward whom, in what."""
    what = f"{of(spoken(summary.state, context))} {called(summary.measure)}"
    return f"{what} {tie(summary.partner, summary.issue, summary.measure, context)}".strip()


def called(measure: Measure) -> str:
    """The measure inside a sentence."""
    return CALLED.get(measure.name, lower(measure.label))


def unit(measure: Measure) -> str:
    """The unit in brackets, where the words before do not say it."""
    said = index(measure) or measure.unit in ("share", "probability") or measure.unit in called(measure)
    return "" if said else f" ({measure.unit})"


def scene(context: Context | None) -> str:
    """The opening of a caption: which scenario."""
    return f'In "{context.title}", ' if context else ""


def difference(start: float, end: float, measure: Measure) -> str:
    """A change in words; where the measure is no index, 0.05 (or 5 % of an amount) counts as the same."""
    if index(measure):
        return words.change(end - start)
    scale = 1.0 if measure.range or measure.neutral is not None else max(abs(start), abs(end))
    if abs(end - start) <= 0.05 * scale:
        return "about the same"
    return "higher" if end > start else "lower"
