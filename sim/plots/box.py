"""When does it happen: the way from everything to a box, the box among the points, and the same as a shallow tree.

Floor 6. Coverage says how much of the outcome lies in the box, density how sure the outcome is inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from sim.plots.style import INK, LABEL, PAPER, QUIET, RULE, SMALL, Page, beside, house, mix, points, typeset, wrapped

if TYPE_CHECKING:
    from sim.summary import Context

HUE, BOX = "#00609c", "#d55e00"
TITLE = 24
"""Size of the title in pixels: a whole sentence, with all its conditions."""


@dataclass(frozen=True)
class Axis:
    """One factor as an axis.

    Attributes
    ----------
    label : what it is
    values : (point,)
    levels : names of categories, in order; none for a number
    low, high : limits of the box (infinite where it has none); for categories ``inside`` says which are in it
    inside : places of the categories in the box
    """

    label: str
    values: NDArray[np.float64]
    levels: tuple[str, ...]
    low: float
    high: float
    inside: tuple[int, ...] = ()


@dataclass(frozen=True)
class Row:
    """One line of the tree: how deep it stands, what it says, and the share of runs with the outcome."""

    depth: int
    text: str
    share: float
    points: int


@dataclass(frozen=True)
class Discovery:
    """A box and what is drawn around it.

    Attributes
    ----------
    headline, sentence, note : the finding in words
    coverage, density : of the boxes on the way
    chosen : coverage and density of the box chosen
    x, y : the two factors that restrict most (``y`` is None where the box asks for one only)
    share : (point,) of runs with the outcome
    tree : its lines, from the root
    """

    headline: str
    sentence: str
    note: str
    coverage: NDArray[np.float64]
    density: NDArray[np.float64]
    chosen: tuple[float, float]
    x: Axis
    y: Axis | None
    share: NDArray[np.float64]
    tree: tuple[Row, ...]


def draw_path(ax: Axes, found: Discovery) -> None:
    """Draw coverage against density of all boxes, from everything (right) to the smallest (left)."""
    with house():
        ax.plot(found.coverage, found.density, "-o", color=mix(HUE, 0.6), markersize=5, linewidth=1.2, gid="path")
        coverage, density = found.chosen
        ax.plot([coverage], [density], "s", color=BOX, markersize=11, gid="chosen")
        side, shift = ("left", (12, 8)) if coverage < 0.8 else ("right", (-12, -20))  # the curve falls to the right
        beside(ax, "this box", (coverage, density), shift, SMALL, coords="data", ha=side, color=BOX, fontweight="bold")
        ax.set_xlim(0, 1.03)
        low, high = float(found.density.min()), max(float(found.density.max()), density)
        ax.set_ylim(max(0.0, low - 0.15 * (high - low)), min(1.02, high + 0.25 * (high - low)))
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(lambda value, _: typeset(f"{100 * value:.0f} %"))
        ax.tick_params(labelsize=points(SMALL))
        ax.set_xlabel("coverage: share of all such runs that lie in the box", fontsize=points(SMALL))
        ax.grid(color=RULE)
        ax.set_axisbelow(True)
        beside(ax, "density: share of the runs in the box that have it", (0, 1), (0, 8), SMALL, va="bottom")


def draw_points(ax: Axes, found: Discovery) -> None:
    """Draw the points, darker where it happens in more runs, and the box around those it holds."""
    with house():
        x, y = found.x, found.y
        xs = _spread(x, 0)
        ys = _spread(y, 1) if y else found.share
        span = float(np.ptp(found.share)) or 1.0
        grade = (found.share - found.share.min()) / span
        hues = [mix(HUE, 0.12 + 0.88 * float(g)) for g in grade]
        ax.scatter(xs, ys, c=hues, s=22, linewidths=0.4, edgecolors=PAPER, gid="points")
        _scale(ax, x, "x")
        if y:
            _scale(ax, y, "y")
        else:
            ax.yaxis.set_major_formatter(lambda value, _: typeset(f"{100 * value:.0f} %"))
        ax.tick_params(labelsize=points(SMALL))
        for left, width in _sides(x, ax.get_xlim()):
            for bottom, height in _sides(y, ax.get_ylim()) if y else [(ax.get_ylim()[0], float(np.ptp(ax.get_ylim())))]:
                frame = Rectangle(
                    (left, bottom), width, height, fill=False, edgecolor=BOX, linewidth=2.4, gid="box", clip_on=False
                )
                ax.add_patch(frame)
        ax.set_xlabel(x.label, fontsize=points(SMALL))
        top = y.label if y else "share of runs with it"
        beside(ax, top, (0, 1), (0, 8), SMALL, va="bottom")


def _spread(axis: Axis, turn: int) -> NDArray[np.float64]:
    """Values; categories spread a little, evenly, so that points do not lie on each other."""
    if not axis.levels:
        return axis.values
    steps = (np.arange(len(axis.values)) * (0.618034, 0.754878)[turn]) % 1
    return axis.values + 0.7 * (steps - 0.5)


def _scale(ax: Axes, axis: Axis, which: str) -> None:
    if axis.levels:
        figure = ax.figure.get_figure(root=True)
        assert figure is not None
        room = 120.0 if which == "y" else ax.get_window_extent().width / len(axis.levels) - 8
        names = [wrapped(figure, name, SMALL, room) for name in axis.levels]
        (ax.set_xticks if which == "x" else ax.set_yticks)(range(len(names)), names)
        (ax.set_xlim if which == "x" else ax.set_ylim)(-0.55, len(names) - 0.45)
        ax.tick_params(axis="x" if which == "x" else "y", length=0)
        return
    low, high = float(axis.values.min()), float(axis.values.max())
    edge = 0.04 * (high - low)
    (ax.set_xlim if which == "x" else ax.set_ylim)(low - edge, high + edge)
    (ax.xaxis if which == "x" else ax.yaxis).set_major_formatter(lambda value, _: typeset(f"{round(value, 6) + 0.0:g}"))


def _sides(axis: Axis, ends: tuple[float, float]) -> list[tuple[float, float]]:
    """Where the box begins, and how wide it is: one piece for each run of neighbouring categories."""
    if not axis.levels:
        low, high = max(axis.low, ends[0]), min(axis.high, ends[1])
        return [(low, high - low)]
    pieces: list[list[int]] = []
    for place in axis.inside:
        if pieces and pieces[-1][-1] == place - 1:
            pieces[-1].append(place)
        else:
            pieces.append([place])
    return [(piece[0] - 0.45, len(piece) - 0.1) for piece in pieces]


def draw_tree(ax: Axes, rows: Sequence[Row], pixels: float) -> None:
    """Write the tree line by line, the share of runs as a bar at the right."""
    with house():
        ax.set_xlim(0, 1)
        ax.set_ylim(0, 1)
        ax.axis("off")
        figure = ax.figure.get_figure(root=True)
        assert figure is not None
        step = min(1.0 / len(rows), 0.085)
        for place, row in enumerate(rows):
            y = 1 - (place + 0.5) * step
            indent = 0.05 * row.depth
            room = (0.74 - indent) * pixels
            text = wrapped(figure, typeset(row.text), SMALL, room)
            ax.text(indent, y, text, va="center", fontsize=points(SMALL), fontweight="bold" if not row.depth else "normal")
            ax.add_patch(Rectangle((0.78, y - 0.25 * step), 0.12, 0.5 * step, color=RULE, linewidth=0))
            ax.add_patch(
                Rectangle((0.78, y - 0.25 * step), 0.12 * row.share, 0.5 * step, color=HUE, linewidth=0, gid=f"share-{place}")
            )
            ax.text(1.0, y, typeset(f"{100 * row.share:.0f} %"), va="center", ha="right", fontsize=points(SMALL), color=INK)
            if row.depth:
                ax.plot([indent - 0.03, indent - 0.01], [y, y], color=QUIET, linewidth=1.0)


def figure_discovery(found: Discovery, context: Context) -> Figure:
    """Path, points and tree on one sheet."""
    with house():
        page = Page.blank(960)
        page.top -= page.write(found.headline, page.top, TITLE, fontweight="bold")[1] + 11
        page.top -= page.write(found.sentence, page.top, LABEL, color=QUIET)[1] + 14
        page.foot(context)
        page.note(found.note)
        middle = page.left + 640
        high = (page.top - page.bottom - 220) / 2
        draw_path(page.axes(page.left + 130, page.top - 34 - high, middle - 30, page.top - 34), found)
        lower = page.top - 34 - high - 108
        draw_points(page.axes(page.left + 130, page.bottom + 62, middle - 30, lower), found)
        right = page.axes(middle + 20, page.bottom + 20, page.right, page.top - 34)
        draw_tree(right, found.tree, page.right - middle - 20)
        beside(right, "The same as a tree: share of runs with it", (0, 1), (0, 8), SMALL, va="bottom")
        return page.figure
