"""What panels over time share: scale, furniture, and the slide that holds one of them.

Floor 6. Fans and single runs are drawn on the same panel, so that they can be compared by eye.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim import words
from sim.plots import captions, timeline
from sim.plots.style import FINE, LABEL, QUIET, SMALL, Page, credit, points, typeset

if TYPE_CHECKING:
    from sim.measures import Measure
    from sim.summary import Context, Fan, Trajectories


def y_label(measure: Measure) -> str:
    """What the vertical axis shows, with its unit and what counts as usual."""
    usual = f"; {measure.neutral:g} = as usual" if measure.neutral is not None else ""
    return typeset(f"{measure.label}\n({measure.unit}{usual})")


def y_axis(ax: Axes, measure: Measure, low: float, high: float, *, ticks: int = 5) -> None:
    """The scale of the measure, or a round scale around the data; a line at the neutral value."""
    if measure.range:
        low, high = measure.range
        ax.set_yticks(np.linspace(low, high, ticks))
    else:
        floor = 0.0 if low >= 0 else low - 0.06 * (high - low)
        low, high = floor, high + 0.06 * ((high - floor) or 1.0)
        ax.yaxis.set_major_locator(MaxNLocator(ticks - 1))
    ax.set_ylim(low, high)
    ax.yaxis.set_major_formatter(lambda value, _: typeset(f"{round(value, 6) + 0.0:,g}"))
    ax.grid(axis="y")
    if measure.neutral is not None:
        ax.axhline(measure.neutral, color=QUIET, linewidth=1.2, zorder=1.4)


def temperatures(ax: Axes) -> None:
    """What an index means in words, along the right edge."""
    edges = [1.0, *(limit for limit, _ in words.BINS), -1.0]
    side = {"ha": "left", "va": "center", "fontsize": points(SMALL), "color": QUIET}
    for high, low in zip(edges, edges[1:], strict=False):
        middle = (high + low) / 2
        ax.annotate(words.temperature(middle), (1, middle), (points(14), 0), xycoords=("axes fraction", "data"),
                    textcoords="offset points", **side)  # fmt: skip
        ax.plot([1, 1.008], [low, low], transform=ax.get_yaxis_transform(), color=QUIET, linewidth=1, clip_on=False)


def legend(ax: Axes, items: Sequence[Artist], *, lift: float) -> None:
    """A key in one row above the panel; ``lift`` in pixels."""
    high = ax.get_window_extent().height
    ax.legend(
        handles=list(items), ncols=len(items), loc="lower left", bbox_to_anchor=(0, 1 + (lift + 4) / high), borderaxespad=0,
        borderpad=0, handlelength=1.5, columnspacing=1.6, handletextpad=0.6,
    )  # fmt: skip


def acting(summary: Fan | Trajectories, context: Context) -> list[str]:
    """States whose leaders belong under the panel: the one that acts, then its partner."""
    return [state for state in (summary.state, summary.partner) if context.leaders.get(state)]


def band(ax: Axes, context: Context, states: Sequence[str], *, height: float, pixels: float = SMALL) -> None:
    """Leaders of some states, one row each, below the panel."""
    for place, state in enumerate(states):
        name = captions.name(state, context)
        at = -4 - place * height
        timeline.leaders(ax, context.leaders[state], at=at, height=height - 3, pixels=pixels, name=name)


def unlabelled(page: Page, names: Sequence[str], context: Context, states: Sequence[str], *, room: float, height: float) -> str:
    """The line that lists leaders whose names do not fit into the band."""
    limits, parts = timeline.window(names), []
    for state in states:
        labels = timeline.fitted(page.figure, context.leaders[state], limits, room, height - 3, SMALL)
        short = [span for span, _, _, lines in labels if not lines]
        if short:
            parts.append(f"{captions.name(state, context)}: {timeline.listed(short, *limits)}")
    return f"Also in office, too short to label. {'; '.join(parts)}." if parts else ""


def slide(page: Page, summary: Fan | Trajectories, context: Context, span: tuple[float, float]) -> tuple[Axes, float]:
    """The panel of a one-panel slide with all its furniture, and where the key belongs above it, in pixels."""
    busy, names = len(summary.quarters) >= captions.LONG, summary.quarters
    states, height = acting(summary, context), (62 if busy else 30)
    first, last = timeline.window(names)
    rows = (3 if busy else 1) * any(first <= timeline.year(m.quarter) <= last for m in context.marks)
    left, right, lift = 148, page.right - 92, rows * SMALL * 1.35
    page.foot(context, unlabelled(page, names, context, states, room=right - left, height=height))
    ax = page.axes(left, page.bottom + 66 + height * len(states), right, page.top - 26 - lift)
    y_axis(ax, summary.measure, *span)
    ax.set_ylabel(y_label(summary.measure))
    timeline.time_axis(ax, names, LABEL)
    band(ax, context, states, height=height)
    timeline.marks(ax, context.marks, rows=rows)
    if captions.index(summary.measure):
        temperatures(ax)
    return ax, lift


def on_axes(ax: Axes, summary: Fan | Trajectories, context: Context | None, span: tuple[float, float]) -> None:
    """Scale, time, leaders of the acting state, events, status and manifest for a panel that somebody else has laid out."""
    y_axis(ax, summary.measure, *span)
    ax.set_ylabel(y_label(summary.measure))
    timeline.time_axis(ax, summary.quarters, LABEL)
    if context is None:
        return
    states = acting(summary, context)[:1]
    band(ax, context, states, height=30)
    timeline.marks(ax, context.marks, rows=1)
    offset = {"xycoords": "axes fraction", "textcoords": "offset points"}
    low = -points(36 + 30 * len(states) + LABEL * 1.5)
    ax.annotate(credit(context), (1, 0), (0, low), ha="right", va="top", fontsize=points(FINE), **offset)
