"""The hedging score over time: how evenly a state spreads its ties over the powers.

Floor 6. The score is a measure like any other (:func:`sim.measures.hedging`, after Kuik 2008) and is drawn as a fan; here it
gets words of its own, and a scale that does not waste the half on which no state stands.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots import fan as fans
from sim.plots import panel, phrases
from sim.plots.style import QUIET, SMALL, Page, beside, house

if TYPE_CHECKING:
    from sim.summary import Context, Fan

SAME = 0.05
"""A change of the score that is called none."""


def draw_hedging(ax: Axes, fan: Fan, context: Context | None = None) -> None:
    """Draw the score on given axes; see :func:`sim.plots.draw_fan` for the arguments."""
    with house():
        fans.bands(ax, fan)
        panel.on_axes(ax, fan, context, fans.extent([fan]))
        _scale(ax, fan)


def _scale(ax: Axes, fan: Fan) -> None:
    low = math.floor(10 * fans.extent([fan])[0]) / 10
    ax.set_ylim(low, 1)
    step = 0.1 if low >= 0.5 else 0.2
    ax.set_yticks(np.arange(round((1 - low) / step) + 1)[::-1] * -step + 1)


def _change(fan: Fan) -> str:
    change = float(fan.median[-1] - fan.median[0])
    return "as much as before" if abs(change) < SAME else "more than before" if change > 0 else "less than before"


def headline_hedging(fan: Fan, context: Context | None = None) -> str:
    """The finding: whether the state concentrates its ties."""
    who = phrases.spoken(fan.state, context)
    if len(fan.quarters) < phrases.LONG:
        return phrases.upper(f"{who} in {fan.quarters[-1]} hedges {_change(fan)}")
    high, low = int(np.argmax(fan.median)), int(np.argmin(fan.median))
    return phrases.upper(f"{who} hedges most in {fan.quarters[high][:4]}, least in {fan.quarters[low][:4]}")


def caption_hedging(fan: Fan, context: Context | None = None) -> str:
    """One sentence: the score at its ends (of a long record: at its extremes) with the 80 % interval."""
    who = phrases.of(phrases.spoken(fan.state, context))
    if len(fan.quarters) < phrases.LONG:
        places = {"begins": 0, "ends": len(fan.quarters) - 1}
    else:
        places = {"is highest": int(np.argmax(fan.median)), "is lowest": int(np.argmin(fan.median))}
    said = []
    for verb, at in places.items():
        value, bounds = phrases.number(fan.median[at], fan.measure), phrases.bounds(fan, at)
        said.append(f"{verb} at {value} in {fan.quarters[at]} (80 % interval {bounds})")
    return phrases.upper(f"{phrases.scene(context)}the median of {who} hedging score {' and '.join(said)}; 1 is even-handed.")


def figure_hedging(fan: Fan, context: Context) -> Figure:
    """The score on a slide."""
    with house():
        page = Page.blank()
        page.head(headline_hedging(fan, context), caption_hedging(fan, context))
        ax = panel.slide(page, fan, context, fans.extent([fan]), fans.key([fan]))
        fans.bands(ax, fan)
        _scale(ax, fan)
        for text, y, va in (("evenly\nspread", 1.0, "top"), ("sides with\nsome", 0.0, "bottom")):
            beside(ax, text, (1, y), (12, 0), SMALL, va=va, color=QUIET)
        return page.figure
