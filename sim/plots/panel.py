"""What panels over time share: scale, furniture, and the slide that holds one of them.

Floor 6. Fans and single runs are drawn on the same panel, so that they can be compared by eye.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim import words
from sim.plots import events, phrases, timeline
from sim.plots.style import FINE, LABEL, QUIET, SMALL, Page, beside, credit, points, typeset

if TYPE_CHECKING:
    from sim.measures import Measure
    from sim.summary import Context, Fan, Trajectories


GAP = 9
"""Pixels between a panel and the band of leaders below it."""


def y_label(measure: Measure) -> str:
    """What the vertical axis shows, with its unit and what counts as usual."""
    usual = f"; {measure.neutral:g} = {phrases.usual(measure)}" if measure.neutral is not None else ""
    return typeset(f"{measure.label} ({measure.unit}{usual})")


def y_axis(ax: Axes, measure: Measure, low: float, high: float, *, few: bool = False) -> None:
    """The scale of the measure, or one around the data where it has none or they fill little of it; a neutral line."""
    full = measure.range and (measure.range[0] < 0 or high > 0.4 * measure.range[1])
    if measure.range and full:
        low, high = measure.range
        ticks = np.linspace(low, high, 5)
        ax.set_yticks(ticks[1:-1] if few else ticks)
    else:
        floor = 0.0 if low >= 0 else low - 0.06 * (high - low)
        low, high = floor, high + 0.06 * ((high - floor) or 1.0)
        ax.yaxis.set_major_locator(MaxNLocator(2 if few else 4, steps=[1, 2, 5, 10]))
    ax.set_ylim(low, high)
    ax.yaxis.set_major_formatter(lambda value, _: typeset(f"{round(value, 6) + 0.0:,g}"))
    ax.grid(axis="y")
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    if measure.neutral is not None:
        ax.axhline(measure.neutral, color=QUIET, linewidth=1.2, zorder=1.4)


def temperatures(ax: Axes) -> None:
    """What an index means in words, along the right edge."""
    edges = [1.0, *(limit for limit, _ in words.BINS), -1.0]
    for high, low in pairwise(edges):
        middle = (high + low) / 2
        side = ("axes fraction", "data")
        beside(ax, words.temperature(middle), (1, middle), (14, 0), SMALL, coords=side, va="center", color=QUIET)
        ax.plot([1, 1.008], [low, low], transform=ax.get_yaxis_transform(), color=QUIET, linewidth=1, clip_on=False)


def acting(summary: Fan | Trajectories, context: Context) -> list[str]:
    """States whose leaders belong under the panel: the one that acts, then its partner."""
    return [state for state in (summary.state, summary.partner) if context.leaders.get(state)]


def band(ax: Axes, context: Context, states: Sequence[str], heights: Sequence[float]) -> None:
    """Leaders of some states, one row each, below the panel."""
    at = -float(GAP)
    for state, height in zip(states, heights, strict=False):
        timeline.leaders(ax, context.leaders[state], at=at, height=height - 3, pixels=SMALL, name=phrases.name(state, context))
        at -= height


def unlabelled(
    page: Page,
    context: Context,
    states: Sequence[str],
    limits: tuple[float, float],
    room: float,
    heights: Sequence[float],
) -> str:
    """Leaders whose names do not fit into the band, in words."""
    parts = []
    for state, height in zip(states, heights, strict=False):
        labels = timeline.fitted(page.figure, context.leaders[state], limits, room, height - 3, SMALL)
        short = [span for span, _, _, lines in labels if not lines]
        if short:
            parts.append(f"{phrases.name(state, context)}: {timeline.listed(short, *limits)}")
    return f"In office but not named in the band. {'; '.join(parts)}. " if parts else ""


def unplaced(page: Page, context: Context, limits: tuple[float, float], room: float, rows: int) -> str:
    """Events whose labels find no room, in words."""
    labels = events.placed(page.figure, context.marks, limits, room, rows)
    bare = [f"{mark.label} ({mark.quarter[:4]})" for mark, _, box in labels if box is None]
    return f"Other dotted lines: {', '.join(reversed(bare))}." if bare else ""


@dataclass(frozen=True)
class Plan:
    """How a slide spends its height: bands of leaders, rows of events, and the note for what finds no room."""

    states: list[str]
    heights: tuple[int, ...]
    rows: int
    note: str
    height: float


LEAST = 230
"""Pixels below which a panel gives up rows of events and the leaders of the partner."""


def plan(page: Page, summary: Fan | Trajectories, context: Context, wide: float) -> Plan:
    """The richest furniture that leaves the panel its height."""
    limits, busy = timeline.window(summary.quarters), len(summary.quarters) >= phrases.LONG
    most = (3 if busy else 2) if events.inside(context.marks, limits) else 0
    everybody, heights = acting(summary, context), (54, 38) if busy else (30, 30)
    for count, rows in ((2, most), (2, min(most, 2)), (1, most), (1, min(most, 2)), (1, min(most, 1))):
        states = everybody[:count]
        observed = getattr(summary, "observed", None)
        note = f"{observed.what} " if observed is not None else ""
        note += unlabelled(page, context, states, limits, wide, heights) + unplaced(page, context, limits, wide, rows)
        furniture = 66 + GAP + sum(heights[: len(states)]) + rows * SMALL * events.ROW
        height = page.top - page.bottom - furniture - page.tall(note)
        if height >= LEAST:
            break
    return Plan(states, heights, rows, note, height)


def slide(
    page: Page, summary: Fan | Trajectories, context: Context, span: tuple[float, float], items: Sequence[Artist]
) -> Axes:
    """The panel of a one-panel slide with all its furniture; ``items`` is the key."""
    left, right = page.left + 112, page.right - 92
    page.foot(context)
    chosen = plan(page, summary, context, right - left)
    page.note(chosen.note)
    top = page.top - 36 - chosen.rows * SMALL * events.ROW
    ax = page.axes(left, top - chosen.height, right, top)
    y_axis(ax, summary.measure, *span)
    page.title_row(ax, y_label(summary.measure), items)
    timeline.time_axis(ax, summary.quarters, LABEL)
    band(ax, context, chosen.states, chosen.heights)
    events.marks(ax, context.marks, rows=chosen.rows)
    if phrases.index(summary.measure):
        temperatures(ax)
    return ax


def on_axes(ax: Axes, summary: Fan | Trajectories, context: Context | None, span: tuple[float, float]) -> None:
    """Scale, time, leaders of the acting state, events, status and manifest, on axes laid out by somebody else."""
    y_axis(ax, summary.measure, *span)
    ax.set_ylabel(y_label(summary.measure), fontsize=points(SMALL))
    ax.tick_params(axis="y", labelsize=points(SMALL))
    timeline.time_axis(ax, summary.quarters, SMALL)
    if context is None:
        return
    states = acting(summary, context)[:1]
    band(ax, context, states, (30,))
    events.marks(ax, context.marks, rows=1)
    low = -(30 + GAP + 30 * len(states) + LABEL)
    beside(ax, credit(context), (1, 0), (0, low), FINE, ha="right", va="top")
