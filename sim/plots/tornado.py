"""A tornado: how far each factor carries an outcome from its mean when it stands at its low or its high end.

Floor 6. Bars go from the mean over the whole design to the mean where one factor is at an end, all others varying; the widest
stands on top. The two ends differ by hatching and by the words beside them, not by colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.style import (
    INK,
    PAPER,
    QUIET,
    RULE,
    SMALL,
    Page,
    beside,
    house,
    mix,
    points,
    room,
    sheet,
    size_of,
    typeset,
    wrapped,
)
from sim.words import signed

if TYPE_CHECKING:
    from sim.summary import Context

LOWER, UPPER = "#d55e00", "#00609c"
"""Ends at which the outcome is lower and higher than its mean."""


@dataclass(frozen=True)
class End:
    """One end of a factor.

    Attributes
    ----------
    label : its value in words
    mean : of the outcome there
    error : half the width of the 90 % interval of that mean
    """

    label: str
    mean: float
    error: float


@dataclass(frozen=True)
class Swing:
    """A factor and its two ends, the one with the lower outcome first."""

    label: str
    low: End
    high: End

    @property
    def width(self) -> float:
        """How far the ends are apart."""
        return self.high.mean - self.low.mean


@dataclass(frozen=True)
class Tornado:
    """Factors from wide to narrow.

    Attributes
    ----------
    headline, sentence, note : the finding in words, and what the reader must know
    unit : of the outcome
    base : its mean over the whole design
    swings : widest first
    """

    headline: str
    sentence: str
    note: str
    unit: str
    base: float
    swings: tuple[Swing, ...]


def draw_tornado(ax: Axes, tornado: Tornado) -> None:
    """Draw the swings on given axes, the widest on top."""
    with house():
        ends = [v for s in tornado.swings for e in (s.low, s.high) for v in (e.mean - e.error, e.mean + e.error)]
        low, high = min(ends), max(ends)
        texts = max(size_of(sheet(ax), _said(e), SMALL)[0] for s in tornado.swings for e in (s.low, s.high)) + 16
        wide = room(ax)[0]
        margin = (high - low) * texts / max(wide - 2 * texts, 0.25 * wide)
        ax.set_xlim(low - margin, high + margin)
        rows = np.arange(len(tornado.swings))[::-1]
        for y, swing in zip(rows, tornado.swings, strict=True):
            for end, hue, hatch, side in ((swing.low, LOWER, "///", -1), (swing.high, UPPER, "", 1)):
                ax.barh([y], [end.mean - tornado.base], left=[tornado.base], height=0.56, color=mix(hue, 0.85), edgecolor=PAPER,
                        hatch=hatch, zorder=2, gid=f"{'low' if side < 0 else 'high'}-{swing.label}")  # fmt: skip
                ax.plot([end.mean - end.error, end.mean + end.error], [y, y], color=INK, linewidth=1.6, zorder=3)
                tip = end.mean + side * end.error if side * (end.mean - tornado.base) > 0 else tornado.base + side * end.error
                beside(ax, _said(end), (tip, y), (8 * side, 0), SMALL, coords="data", va="center",
                       ha="left" if side > 0 else "right")  # fmt: skip
        ax.axvline(tornado.base, color=INK, linewidth=1.4, zorder=4)
        ax.set_ylim(-0.6, len(rows) - 0.4)
        free = ax.get_position().x0 * sheet(ax).bbox.width * 100 / sheet(ax).dpi - 40
        labels = [wrapped(sheet(ax), typeset(s.label), SMALL, free) for s in tornado.swings]
        ax.set_yticks(rows, labels, fontsize=points(SMALL))
        ax.tick_params(axis="y", length=0)
        ax.tick_params(axis="x", labelsize=points(SMALL))
        ax.xaxis.set_major_formatter(lambda value, _: typeset(f"{round(value, 6) + 0.0:g}"))
        ax.grid(axis="x", color=RULE)
        ax.set_axisbelow(True)
        ax.spines["left"].set_visible(False)
        ax.set_xlabel(typeset(tornado.unit), fontsize=points(SMALL))


def _said(end: End) -> str:
    return typeset(f"{signed(end.mean)}  {end.label}")


def caption_tornado(tornado: Tornado, context: Context | None = None) -> str:
    """What was found, in words."""
    return f"{tornado.headline}. {tornado.sentence}"


def figure_tornado(tornado: Tornado, context: Context) -> Figure:
    """The swings on a slide."""
    with house():
        page = Page.blank()
        page.head(tornado.headline, tornado.sentence)
        page.foot(context)
        page.note(tornado.note)
        ax = page.axes(page.left + 268, page.bottom + 62, page.right, page.top - 30)
        draw_tornado(ax, tornado)
        mean = f"mean of all {signed(tornado.base)}"
        beside(
            ax, mean, (tornado.base, 1), (0, 6), SMALL, coords=ax.get_xaxis_transform(), ha="center", va="bottom", color=QUIET
        )
        return page.figure
