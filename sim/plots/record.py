"""The record against what the model says of it: points that happened, bands that were foretold without having seen them.

Floor 6. One panel for each observable, leaders of the acting state along the foot; each regime was held out in its turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sim.plots import timeline
from sim.plots.style import INK, LABEL, PAPER, QUIET, RULE, SMALL, TINTS, Page, beside, colour, house, mix, points, typeset

if TYPE_CHECKING:
    from sim.summary import Context


@dataclass(frozen=True)
class Held:
    """One observable of the record and its forecast.

    Attributes
    ----------
    title, unit : what it is
    partner : code of the power whose colour it takes
    years : (t,)
    observed : (t,) NaN where nothing was recorded
    median : (t,) of the forecast, NaN where nothing was held out
    bands : level -> (low, high), each (t,)
    inside : share of the observed years inside the widest band
    """

    title: str
    unit: str
    partner: str
    years: NDArray[np.float64]
    observed: NDArray[np.float64]
    median: NDArray[np.float64]
    bands: dict[float, tuple[NDArray[np.float64], NDArray[np.float64]]]
    inside: float


@dataclass(frozen=True)
class Replay:
    """Observables side by side, with the finding in words and the first years of the held-out regimes."""

    headline: str
    sentence: str
    note: str
    panels: tuple[Held, ...]
    breaks: tuple[int, ...]
    state: str


def draw_held(ax: Axes, held: Held, breaks: tuple[int, ...] = ()) -> None:
    """Draw one observable on given axes: bands of the forecast, its median, and what happened."""
    with house():
        hue, x = colour(held.partner), held.years + 0.5
        for year in breaks:
            ax.axvline(year, color=RULE, linewidth=1.0, zorder=0)
        for level in sorted(held.bands, reverse=True):
            low, high = held.bands[level]
            ax.fill_between(
                x, low, high, step="mid", facecolor=mix(hue, TINTS[level]), linewidth=0, gid=f"band-{100 * level:.0f}"
            )
        ax.step(x, held.median, where="mid", color=mix(hue, 0.6, "#000000"), linewidth=1.8, gid="median")
        ax.plot(
            x, held.observed, "o", color=INK, markersize=5, markeredgecolor=PAPER, markeredgewidth=0.8, gid="observed", zorder=4
        )
        ax.set_xlim(held.years[0], held.years[-1] + 1)
        ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        ax.yaxis.set_major_formatter(lambda value, _: typeset(f"{round(value, 6) + 0.0:g}"))
        ax.tick_params(axis="y", labelsize=points(SMALL))
        ax.grid(axis="y")
        ax.set_axisbelow(True)


def figure_replay(replay: Replay, context: Context) -> Figure:
    """Observables above each other, leaders in office at the foot, on a slide."""
    with house():
        page = Page.blank(960)
        page.head(replay.headline, replay.sentence)
        page.foot(context)
        page.note(replay.note)
        items = [Line2D([], [], color=INK, marker="o", linestyle="", markersize=6, label="what happened")]
        items += [Line2D([], [], color=mix(QUIET, 0.8, "#000000"), linewidth=2, label="forecast median")]
        bands = [Patch(facecolor=mix("#595959", TINTS[lv]), label=typeset(f"{100 * lv:.0f} %")) for lv in sorted(TINTS)]
        top, foot = page.top - 34, page.bottom + 76
        high = (top - foot) / len(replay.panels)
        names = tuple(f"{year}Q1" for year in (int(replay.panels[0].years[0]), int(replay.panels[0].years[-1]) + 1))
        for i, held in enumerate(replay.panels):
            ax = page.axes(page.left + 64, top - (i + 1) * high + 8, page.right, top - i * high - 26)
            draw_held(ax, held, replay.breaks)
            beside(
                ax,
                held.title,
                (0, 1),
                (0, 5),
                LABEL,
                va="bottom",
                fontweight="bold",
                color=mix(colour(held.partner), 0.6, "#000000"),
            )
            said = f"{held.unit}; {100 * held.inside:.0f} % of the years inside the {100 * max(held.bands):.0f} % band"
            beside(ax, said, (1, 1), (0, 5), SMALL, ha="right", va="bottom", color=QUIET)
            last = i == len(replay.panels) - 1
            timeline.time_axis(ax, names, SMALL, label=last)
            ax.set_xlim(held.years[0], held.years[-1] + 1)
            ax.tick_params(axis="x", labelbottom=last)
            if last and context.leaders.get(replay.state):
                timeline.leaders(ax, context.leaders[replay.state], at=-6, height=40, pixels=14)
        page.figure.legend(handles=[*items, *bands], ncols=5, loc="upper left", borderaxespad=0, handlelength=1.4,
                           bbox_to_anchor=(page.left / 1280, (page.top + 4) / page.height))  # fmt: skip
        return page.figure
