"""Single runs: a dozen lines that show what luck, and not knowing the parameters, can do to one scenario.

Floor 6. Nothing else than lines: intervals belong to fans.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.plots import captions, panel, timeline
from sim.plots.style import Page, colour, house, mix

if TYPE_CHECKING:
    from sim.summary import Context, Trajectories

OTHERS = "#a3a3a3"
"""The runs that are not followed."""


def lines(ax: Axes, trajectories: Trajectories) -> None:
    """One line a run; the first is followed in the partner's colour."""
    x = [timeline.year(q) for q in trajectories.quarters]
    for run, values in zip(trajectories.runs[1:], trajectories.values[1:], strict=True):
        ax.plot(x, values, color=OTHERS, linewidth=1.2, gid=f"run-{run}")
    strong = mix(colour(trajectories.partner or trajectories.state), 0.8, "#000000")
    ax.plot(x, trajectories.values[0], color="#ffffff", linewidth=5.5, zorder=3, gid="halo")
    ax.plot(x, trajectories.values[0], color=strong, linewidth=3.5, zorder=3, gid=f"run-{trajectories.runs[0]}")


def key(trajectories: Trajectories) -> list[Artist]:
    """Which line is followed."""
    strong = mix(colour(trajectories.partner or trajectories.state), 0.8, "#000000")
    followed = Line2D([], [], color=strong, linewidth=3.5, label=f"run {trajectories.runs[0]}, followed")
    return [followed, Line2D([], [], color=OTHERS, linewidth=1.2, label=f"{len(trajectories.runs) - 1} other runs")]


def span(trajectories: Trajectories) -> tuple[float, float]:
    """Lowest and highest value of any run."""
    return float(trajectories.values.min()), float(trajectories.values.max())


def draw_trajectories(ax: Axes, trajectories: Trajectories, context: Context | None = None) -> None:
    """Draw single runs on given axes; see :func:`sim.plots.draw_fan` for the arguments."""
    with house():
        lines(ax, trajectories)
        panel.on_axes(ax, trajectories, context, span(trajectories))


def figure_trajectories(trajectories: Trajectories, context: Context) -> Figure:
    """Single runs on a slide: the same scenario, differing in nothing but luck and the draw of parameters."""
    with house():
        page = Page.blank()
        page.head(captions.headline_trajectories(trajectories, context), captions.caption_trajectories(trajectories, context))
        lines(panel.slide(page, trajectories, context, span(trajectories), key(trajectories)), trajectories)
        return page.figure
