"""Fans: the median and the central 50, 80 and 95 % intervals of one measure over time.

Floor 6. One panel on given axes, one panel on a slide, or one panel for every issue area and power.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.plots import captions, panel, timeline
from sim.plots.style import (
    FINE, HEIGHT, INK, LABEL, PAPER, SMALL, TINTS, Page, colour, mix, points, style, typeset,
)  # fmt: skip

if TYPE_CHECKING:
    from sim.summary import Context, Fan

GREY = "#595959"
"""The key of the bands, which stands for every colour."""


def bands(ax: Axes, fan: Fan) -> None:
    """The three bands, widest first, and the median; nothing else."""
    hue, x = colour(fan.partner or fan.state), [timeline.year(q) for q in fan.quarters]
    for level in sorted(fan.bands, reverse=True):
        low, high = fan.bands[level]
        tint = mix(hue, TINTS[level])
        ax.fill_between(x, low, high, facecolor=tint, edgecolor=mix(hue, 0.75), linewidth=0.5, gid=f"band-{100 * level:.0f}")
    ax.plot(x, fan.median, color=PAPER, linewidth=4.4, solid_capstyle="butt", gid="halo")
    ax.plot(x, fan.median, color=mix(hue, 0.6, "#000000"), linewidth=2.6, solid_capstyle="butt", gid="median")


def extent(fans: Sequence[Fan]) -> tuple[float, float]:
    """Lowest and highest value that any band reaches."""
    edges = [bound for fan in fans for pair in fan.bands.values() for bound in pair]
    return float(min(map(np.min, edges))), float(max(map(np.max, edges)))


def key(ax: Axes, *, lift: float = 0) -> None:
    """What band and line mean, in one row above the panel; ``lift`` in pixels."""
    items: list[Patch | Line2D] = [Line2D([], [], color=INK, linewidth=2.6, label="median of all runs")]
    for level in sorted(TINTS):
        swatch = {"facecolor": mix(GREY, TINTS[level]), "edgecolor": mix(GREY, 0.75), "linewidth": 0.5}
        items.append(Patch(**swatch, label=f"{100 * level:.0f}\u00a0% of runs"))
    panel.legend(ax, items, lift=lift)


def draw_fan(ax: Axes, fan: Fan, context: Context | None = None) -> None:
    """Draw one fan on given axes.

    Parameters
    ----------
    ax : where; only this panel is touched
    fan : from :func:`sim.summary.fan`
    context : adds leaders, events, and the line with status and manifest
    """
    with style():
        bands(ax, fan)
        panel.on_axes(ax, fan, context, extent([fan]))


def figure_fan(fan: Fan, context: Context) -> Figure:
    """One fan on a slide, with its finding as headline and caption."""
    with style():
        page = Page.blank()
        page.head(captions.headline_fan(fan, context), captions.caption_fan(fan, context))
        ax, lift = panel.slide(page, fan, context, extent([fan]))
        bands(ax, fan)
        key(ax, lift=lift)
        return page.figure


def grid(fans: Sequence[Fan]) -> tuple[list[str], list[tuple[str, str]]]:
    """Rows (issue areas) and columns (who toward whom) of the small multiples, in order of appearance."""
    return list(dict.fromkeys(f.issue for f in fans)), list(dict.fromkeys((f.state, f.partner) for f in fans))


def figure_fans(fans: Sequence[Fan], context: Context) -> Figure:
    """Small multiples on one scale: a row for each issue area, a column for each power.

    Parameters
    ----------
    fans : of one measure over the same quarters, e.g. four powers in six issue areas
    context : what the figures of the folder share
    """
    with style():
        rows, columns = grid(fans)
        page = Page.blank(HEIGHT if len(rows) <= 3 else 960)
        page.head(captions.headline_fans(fans, context), captions.caption_fans(fans, context))
        page.foot(context)
        left, gap, foot, top = 190.0, 14.0, page.bottom + 76, page.top - 62
        wide, high = (page.right - left) / len(columns), (top - foot) / len(rows)
        for fan in fans:
            row, column = rows.index(fan.issue), columns.index((fan.state, fan.partner))
            corner = left + column * wide, top - (row + 1) * high
            ax = page.axes(corner[0], corner[1] + 6, corner[0] + wide - gap, corner[1] + high)
            small(ax, fan, fans, context, first=column == 0, last=row == len(rows) - 1)
            if row == 0:
                heading(ax, columns, column, context)
        return page.figure


def heading(ax: Axes, columns: Sequence[tuple[str, str]], column: int, context: Context) -> None:
    """The head of a column: the partner, and who acts where that differs between columns."""
    state, partner = columns[column]
    text = captions.name(partner or state, context)
    if partner and len({s for s, _ in columns}) > 1:
        text = f"{captions.name(state, context)} → {text}"
    size = {"fontsize": points(LABEL), "fontweight": "bold", "color": mix(colour(partner or state), 0.6, "#000000")}
    ax.annotate(text, (0, 1), (0, points(5)), xycoords="axes fraction", textcoords="offset points", **size)
    if column == 0:
        key(ax, lift=30)


def small(ax: Axes, fan: Fan, fans: Sequence[Fan], context: Context, *, first: bool, last: bool) -> None:
    """One panel of the multiples: bands, few ticks, and the value at the end in figures."""
    bands(ax, fan)
    panel.y_axis(ax, fan.measure, *extent(fans), ticks=3)
    timeline.time_axis(ax, fan.quarters, SMALL, label=False)
    timeline.marks(ax, context.marks)
    ax.tick_params(axis="y", labelsize=points(FINE), length=0, labelleft=first)
    if not last:
        ax.tick_params(axis="x", labelbottom=False)
    elif context.leaders.get(fan.state):
        spans, height = context.leaders[fan.state], 32 if len(fan.quarters) >= captions.LONG else 22
        timeline.leaders(ax, spans, at=-3, height=height, pixels=FINE)
    if first and fan.issue:
        spot = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "right", "va": "center"}
        ax.annotate(captions.name(fan.issue, context), (0, 0.5), (-points(34), 0), fontsize=points(LABEL), **spot)
    low, high = (bound[-1] for bound in fan.bands[0.8])
    ends = f"{captions.number(fan.median[-1], fan.measure)} ({captions.interval(low, high, fan.measure)})"
    ax.annotate(typeset(ends), (1, 1), (-3, -2), xycoords="axes fraction", textcoords="offset points", ha="right",
                va="top", fontsize=points(FINE), color=INK)  # fmt: skip
