"""Posterior against prior: what the record taught, parameter by parameter.

Floor 6. Grey is what was believed before, colour what is believed after; where the two coincide the record said nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.plots.style import FINE, INK, LABEL, PAPER, QUIET, RULE, SMALL, Page, beside, house, points, typeset

if TYPE_CHECKING:
    from sim.summary import Context

PRIOR, LEARNED = "#9a9a9a", "#00609c"


@dataclass(frozen=True)
class Parameter:
    """One number, before and after.

    Attributes
    ----------
    label : what it is, in words
    prior, posterior : 5 %, 50 % and 95 % quantiles
    contraction : 1 - (posterior sd / prior sd)²: 0 nothing learned, 1 everything
    grade : class A learned, B partly, C prior only
    """

    label: str
    prior: tuple[float, float, float]
    posterior: tuple[float, float, float]
    contraction: float
    grade: str


@dataclass(frozen=True)
class Learned:
    """Groups of parameters on one scale each, and the finding in words."""

    headline: str
    sentence: str
    groups: tuple[tuple[str, str, tuple[Parameter, ...]], ...]
    """(title, unit, parameters)."""


def draw_parameters(ax: Axes, parameters: Sequence[Parameter]) -> None:
    """Draw prior and posterior intervals (90 %) with medians, one row each, on given axes."""
    with house():
        rows = np.arange(len(parameters))[::-1]
        ends = [value for p in parameters for value in (*p.posterior, *p.prior)]
        low, high = min(ends), max(ends)
        ax.axvline(0, color=QUIET, linewidth=1.2, zorder=1)
        for y, p in zip(rows, parameters, strict=True):
            ax.plot([p.prior[0], p.prior[2]], [y + 0.16] * 2, color=PRIOR, linewidth=6, solid_capstyle="butt", gid="prior")
            ax.plot(
                [p.posterior[0], p.posterior[2]],
                [y - 0.16] * 2,
                color=LEARNED,
                linewidth=6,
                solid_capstyle="butt",
                gid="learned",
            )
            for value, at, ink in ((p.prior[1], y + 0.16, INK), (p.posterior[1], y - 0.16, PAPER)):
                ax.plot([value] * 2, [at - 0.13, at + 0.13], color=ink, linewidth=1.6, zorder=3)
            said = f"{p.grade}  {100 * max(p.contraction, 0.0):.0f} %"
            beside(ax, said, (1, y), (8, 0), SMALL, coords=ax.get_yaxis_transform(), va="center", color=QUIET)
            ax.axhline(y - 0.5, color=RULE, linewidth=0.6, zorder=0)
        margin = 0.05 * (high - low)
        ax.set_xlim(low - margin, high + margin)
        ax.set_ylim(-0.6, len(parameters) - 0.4)
        ax.set_yticks(rows, [typeset(p.label) for p in parameters], fontsize=points(SMALL))
        ax.tick_params(axis="y", length=0)
        ax.tick_params(axis="x", labelsize=points(FINE))
        ax.xaxis.set_major_formatter(lambda value, _: typeset(f"{round(value, 6) + 0.0:g}"))
        ax.spines["left"].set_visible(False)


def figure_learned(learned: Learned, context: Context) -> Figure:
    """Groups of parameters, before and after, on a slide."""
    with house():
        page = Page.blank(960)
        page.head(learned.headline, learned.sentence)
        page.foot(context)
        page.note("Bars: 90 % intervals with medians. At the right: class (A learned, B partly, C prior only) and contraction,"
                  " the share of the prior variance that the record removed.")  # fmt: skip
        key = [Line2D([], [], color=hue, linewidth=6, label=text) for hue, text in ((PRIOR, "prior"), (LEARNED, "posterior"))]
        columns = 2
        wide = (page.right - page.left) / columns
        halves = [learned.groups[i::columns] for i in range(columns)]
        unit = (page.top - page.bottom - 40) / max(sum(len(ps) + 2.4 for _, _, ps in half) for half in halves)
        for column, groups in enumerate(halves):
            top = page.top - 34
            for title, measured, parameters in groups:
                left = page.left + column * wide + 168
                high = unit * len(parameters)
                ax = page.axes(left, top - 26 - high, page.left + (column + 1) * wide - 96, top - 26)
                draw_parameters(ax, parameters)
                beside(ax, title, (0, 1), (-168, 8), LABEL, va="bottom", fontweight="bold")
                beside(ax, measured, (1, 1), (0, 8), FINE, ha="right", va="bottom", color=QUIET)
                top -= unit * (len(parameters) + 2.4)
        corner = (page.right / 1280, (page.top + 6) / page.height)
        page.figure.legend(handles=key, ncols=2, loc="upper right", bbox_to_anchor=corner, borderaxespad=0, handlelength=1.4)
        return page.figure
