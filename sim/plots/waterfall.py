"""Who did it: a change as a staircase, one step for each cause, from where it began to where it ended.

Floor 6. Steps are means over paired runs; whiskers are the 80 % intervals of the single steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.style import INK, LABEL, QUIET, RULE, SMALL, Page, beside, house, points, typeset, wrapped
from sim.words import signed

if TYPE_CHECKING:
    from sim.summary import Context

UP, DOWN, WHOLE = "#00609c", "#d55e00", "#595959"


@dataclass(frozen=True)
class Step:
    """One cause.

    Attributes
    ----------
    label : what it is
    mean, low, high : what it adds, with its 80 % interval
    """

    label: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Waterfall:
    """A whole and its causes.

    Attributes
    ----------
    headline, sentence : the finding in words
    unit : of the steps
    steps : causes, in the order in which they are drawn
    total : the whole
    """

    headline: str
    sentence: str
    unit: str
    steps: tuple[Step, ...]
    total: Step


def draw_waterfall(ax: Axes, waterfall: Waterfall) -> None:
    """Draw the staircase on given axes."""
    with house():
        steps: Sequence[Step] = (*waterfall.steps, waterfall.total)
        level = 0.0
        ends = [0.0]
        for x, step in enumerate(steps):
            start = 0.0 if step is waterfall.total else level
            hue = WHOLE if step is waterfall.total else UP if step.mean >= 0 else DOWN
            hatch = "" if step.mean >= 0 else "///"
            ax.bar([x], [step.mean], bottom=[start], width=0.62, color=hue, edgecolor="#ffffff", hatch=hatch, gid=f"step-{x}")
            ax.plot([x, x], [start + step.low, start + step.high], color=INK, linewidth=1.6, gid=f"whisker-{x}")
            top = max(start, start + step.mean, start + step.high)
            said = signed(step.mean)
            beside(ax, typeset(said), (x, top), (0, 4), SMALL, coords="data", ha="center", va="bottom", fontweight="bold")
            level = start + step.mean
            ends += [level, start + step.low, start + step.high]
            if x < len(steps) - 1:
                ax.plot([x + 0.31, x + 0.69], [level, level], color=QUIET, linewidth=1.0)
        reach = max(ends) - min(ends) or 1.0
        ax.set_ylim(min(ends) - 0.06 * reach, max(ends) + 0.16 * reach)
        ax.set_xlim(-0.6, len(steps) - 0.4)
        ax.axhline(0, color=QUIET, linewidth=1.2, zorder=1)
        figure = ax.figure.get_figure(root=True)
        room = ax.get_window_extent().width / len(steps) - 8
        labels = [wrapped(figure, step.label, SMALL, room) for step in steps] if figure is not None else []
        ax.set_xticks(np.arange(len(steps)), labels, fontsize=points(SMALL))
        ax.tick_params(axis="x", length=0, pad=points(8))
        ax.yaxis.set_major_formatter(lambda value, _: typeset(f"{round(value, 6) + 0.0:g}"))
        ax.tick_params(axis="y", labelsize=points(SMALL))
        ax.grid(axis="y", color=RULE)
        ax.set_axisbelow(True)


def figure_waterfall(waterfall: Waterfall, context: Context) -> Figure:
    """The staircase on a slide."""
    with house():
        page = Page.blank()
        page.head(waterfall.headline, waterfall.sentence)
        page.foot(context)
        note = "Steps: means over paired runs (Shapley values; all causes add up to the whole); lines: their 80 % intervals."
        page.note(f"{note} Left out: causes below 0.005 with intervals narrower than 0.05.")
        ax = page.axes(page.left + 70, page.bottom + 66, page.right, page.top - 30)
        draw_waterfall(ax, waterfall)
        beside(ax, waterfall.unit, (0, 1), (-70, 8), LABEL, va="bottom")
        return page.figure
