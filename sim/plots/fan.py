"""Fans: the median and the central 50, 80 and 95 % intervals of one measure over time.

Floor 6. One panel on given axes, one panel on a slide, or one panel for every issue area and power.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.plots import captions, events, panel, phrases, timeline
from sim.plots.style import HEIGHT, INK, LABEL, PAPER, SMALL, TINTS, Page, beside, colour, house, mix, points

if TYPE_CHECKING:
    from sim.recorded import Points
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
    if fan.observed is not None:
        points_of_record(ax, fan.observed)


def points_of_record(ax: Axes, observed: Points, mark: str = "o", size: float = 6.5) -> None:
    """What happened, year by year, at the middle of each year."""
    ax.plot(observed.years + 0.5, observed.values, mark, **POINT, markersize=size, gid="observed")


POINT: dict[str, Any] = {
    "clip_on": False,
    "color": INK,
    "markeredgecolor": PAPER,
    "markeredgewidth": 0.9,
    "linestyle": "",
    "zorder": 4,
}


def extent(fans: Sequence[Fan]) -> tuple[float, float]:
    """Lowest and highest value that any band or point of the record reaches."""
    edges = [bound for fan in fans for pair in fan.bands.values() for bound in pair]
    edges += [fan.observed.values for fan in fans if fan.observed is not None]
    return float(min(map(np.min, edges))), float(max(map(np.max, edges)))


def key(fans: Sequence[Fan] = ()) -> list[Artist]:
    """What band and line mean, and points where there are any."""
    items: list[Artist] = [Line2D([], [], color=INK, linewidth=2.6, label="median")]
    for level in sorted(TINTS):
        label = f"{'middle ' if level == 0.5 else ''}{100 * level:.0f}\u00a0%{' of runs' if level == 0.95 else ''}"
        items.append(Patch(facecolor=mix(GREY, TINTS[level]), edgecolor=mix(GREY, 0.75), linewidth=0.5, label=label))
    if any(fan.observed is not None for fan in fans):
        items.append(Line2D([], [], marker="o", markersize=6.5, **POINT, label="on record, a year"))
    return items


def draw_fan(ax: Axes, fan: Fan, context: Context | None = None) -> None:
    """Draw one fan on given axes.

    Parameters
    ----------
    ax : where; only this panel is touched
    fan : from :func:`sim.summary.fan`
    context : adds leaders, events, and the line with status and manifest
    """
    with house():
        bands(ax, fan)
        panel.on_axes(ax, fan, context, extent([fan]))


def figure_fan(fan: Fan, context: Context) -> Figure:
    """One fan on a slide, with its finding as headline and caption."""
    with house():
        page = Page.blank()
        page.head(captions.headline_fan(fan, context), captions.caption_fan(fan, context))
        bands(panel.slide(page, fan, context, extent([fan]), key([fan])), fan)
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
    return multiples(fans, context, captions.headline_fans(fans, context), captions.caption_fans(fans, context))


def figure_differences(fans: Sequence[Fan], context: Context) -> Figure:
    """Small multiples of paired differences: what another world changes, a panel for each power and issue area."""
    return multiples(fans, context, captions.headline_differences(fans, context), captions.caption_differences(fans, context))


def multiples(fans: Sequence[Fan], context: Context, headline: str, sentence: str) -> Figure:
    """A grid of small panels on one scale under a finding in words."""
    with house():
        rows, columns = grid(fans)
        page = Page.blank(HEIGHT if len(rows) <= 3 else 960)
        page.head(headline, sentence)
        left, gap, top = page.left + 152, 16.0, page.top - 62
        wide = (page.right + gap - left) / len(columns)
        page.foot(context)
        page.note(footnote(page, fans, context, wide - gap))
        foot = page.bottom + 68
        high = (top - foot) / len(rows)
        for fan in fans:
            row, column = rows.index(fan.issue), columns.index((fan.state, fan.partner))
            west, south = left + column * wide, top - (row + 1) * high
            ax = page.axes(west, south + 4, west + wide - gap, south + high - SMALL - 5)
            small(ax, fan, fans, context, first=column == 0, last=row == len(rows) - 1)
            if row == 0:
                heading(ax, columns, column, context)
            if row == column == 0:
                page.title_row(ax, panel.y_label(fan.measure), key(fans))
        return page.figure


def band_height(fan: Fan) -> int:
    """Two lines of names for a long record, one for a short one."""
    return 34 if len(fan.quarters) >= phrases.LONG else 24


def footnote(page: Page, fans: Sequence[Fan], context: Context, room: float) -> str:
    """What the figures above the panels are, and the leaders whose names do not fit."""
    limits = timeline.window(fans[0].quarters)
    states = list(dict.fromkeys(f.state for f in fans if context.leaders.get(f.state)))
    note = f"Above each panel: median in {fans[0].quarters[-1]} and 80 % interval. "
    note += next((f"{fan.observed.what} " for fan in fans if fan.observed is not None), "")
    note += f"{events.said(context.marks, limits).strip()} " if events.inside(context.marks, limits) else ""
    heights = [band_height(fans[0]) + 3] * len(states)
    return note + panel.unlabelled(page, context, states, limits, room, heights).strip()


def heading(ax: Axes, columns: Sequence[tuple[str, str]], column: int, context: Context) -> None:
    """The head of a column: the partner, and who acts where that differs between columns."""
    state, partner = columns[column]
    text = phrases.name(partner or state, context)
    if partner and len({s for s, _ in columns}) > 1:
        text = f"{phrases.name(state, context)} → {text}"
    ink = mix(colour(partner or state), 0.6, "#000000")
    beside(ax, text, (0, 1), (0, SMALL + 9), LABEL, fontweight="bold", color=ink)


def small(ax: Axes, fan: Fan, fans: Sequence[Fan], context: Context, *, first: bool, last: bool) -> None:
    """One panel of the multiples: bands, few ticks, and the value at the end in figures."""
    bands(ax, fan)
    panel.y_axis(ax, fan.measure, *extent(fans), few=True)
    timeline.time_axis(ax, fan.quarters, SMALL, label=first and last)
    events.notches(ax, context.marks)
    ax.tick_params(axis="y", labelsize=points(14), length=0, labelleft=first)
    if not last:
        ax.tick_params(axis="x", labelbottom=False)
    elif context.leaders.get(fan.state):
        timeline.leaders(ax, context.leaders[fan.state], at=-3, height=band_height(fan), pixels=14)
    if first and fan.issue:
        beside(ax, phrases.name(fan.issue, context), (0, 0.5), (-52, 0), LABEL, ha="right", va="center")
    low, high = (bound[-1] for bound in fan.bands[0.8])
    ends = f"{phrases.number(fan.median[-1], fan.measure)} ({phrases.interval(low, high, fan.measure)})"
    beside(ax, ends, (1, 1), (0, 3), SMALL, ha="right", va="bottom")
