"""Figures of a handout: which ones, with captions and with what they show in words.

Part of the handouts (floor 6). Drawing is left to :mod:`sim.plots`, and done only when a page or slide is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim import plots
from sim.handout.parts import ANYWHERE, Finding, Picture
from sim.plots.phrases import name as called
from sim.plots.phrases import upper

if TYPE_CHECKING:
    from sim.summary import Context

SHOWS = {
    "fan": "median and 50, 80 and 95 % intervals over time, with leaders in office below",
    "fans": "small panels, a row for each issue area and a column for each power, with median and 50, 80 and 95 % intervals",
    "heatmap": "coloured tables of powers by issue areas at several dates; every cell has its number, word and 80 % interval",
    "contrast": "both worlds above as bands over time, their paired difference below",
    "alignment": "where the state stands between the powers at the left, its stance toward each of them over time at the right",
    "sides": "a panel for each kind of UN text, with the chances of voting with the yes and with the no side over time",
    "governments": "a panel for each power, with a line and an 80 % band for each government",
    "differences": "small panels of paired differences, a row for each issue area and a column for each power",
}
"""What each kind of figure shows, for those who cannot see it."""

FLAT = {"contrast": 620, "sides": 560} | dict.fromkeys(
    ("fan", "fans", "heatmap", "differences", "alignment", "governments"), 500
)
"""Height in pixels (of 1280 in width) that suits a slide; 500 is as wide as the slide."""


def finding(shape: str, summary: Any, context: Context, headline: str, where: str = ANYWHERE) -> Finding:
    """A finding with its figure; the sentence is the caption of the figure."""
    caption = plots.CAPTIONS[shape](summary, context)
    alt = upper(f"{SHOWS[shape]}{_about(shape, summary, context)}. {caption}")
    picture = Picture(lambda: plots.KINDS[shape][1](summary, context), caption, alt, context, FLAT[shape])
    return Finding(headline, caption, picture, where=where)


def _about(shape: str, summary: Any, context: Context) -> str:
    if shape in ("alignment", "sides", "governments"):
        return ""
    one = summary[0] if isinstance(summary, Sequence) else summary.base if shape == "contrast" else summary
    ends = f" toward {called(one.partner, context)}, {called(one.issue, context)}" if shape in ("fan", "contrast") else ""
    return f": {one.measure.label.lower()} of {called(one.state, context)}{ends}"
