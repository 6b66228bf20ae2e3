"""Where a state stands among four powers: a map with two pairs of poles, and its closeness to each over time.

Floor 6. Across and up are halves of differences between two stances, so the map shows toward whom a state leans and not how
close it is to all of them at once; that is what the lines beside it are for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sim.plots import events, panel, phrases, timeline
from sim.plots.style import (
    FINE,
    INK,
    LABEL,
    PAPER,
    QUIET,
    RULE,
    SMALL,
    Page,
    beside,
    colour,
    house,
    mix,
    points,
    room,
    sheet,
    size_of,
    typeset,
)

if TYPE_CHECKING:
    from sim.summary import Context, Fan

Path2 = NDArray[np.float64]

BAND = 40
"""Height of the band of leaders, in pixels: two lines of names."""

LINES = {"RUS": "-", "IND": (0, (5, 1.6)), "CHN": (0, (1.2, 1.2)), "USA": (0, (7, 1.6, 1.4, 1.6))}
"""A line style for each power, so that lines differ without colour."""


@dataclass(frozen=True)
class Alignment:
    """A state among four powers.

    Attributes
    ----------
    fans : one for each power: its mean stance index over issue areas (or that of one issue area)
    poles : codes of the powers at the left, right, lower and upper edge of the map
    path : (quarter, 2) median place across and up
    regions : place of a quarter -> share of runs -> (corner, 2) outline of the ellipse that holds them
    closer : share of runs in which the power that is closest at the end is closer than the one that is farthest
    issue : '' for the mean over issue areas
    """

    fans: tuple[Fan, ...]
    poles: tuple[str, str, str, str]
    path: Path2
    regions: dict[int, dict[float, Path2]]
    closer: float
    issue: str

    @property
    def quarters(self) -> tuple[str, ...]:
        """Names of the quarters."""
        return self.fans[0].quarters

    def ends(self) -> tuple[Fan, Fan]:
        """The power that is closest at the end, and the one that is farthest."""
        ranked = sorted(self.fans, key=lambda f: float(f.median[-1]))
        return ranked[-1], ranked[0]


def draw_alignment(ax: Axes, alignment: Alignment, context: Context | None = None) -> None:
    """Draw the map on given axes: the path of the median, and where 50 and 80 % of the runs are at its two ends."""
    with house():
        every = [alignment.path, np.zeros((1, 2)), *(line for of in alignment.regions.values() for line in of.values())]
        corners = np.concatenate(every)
        middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
        reach = 1.08 * float(np.abs(corners - middle).max())
        ax.set_xlim(middle[0] - reach, middle[0] + reach)
        ax.set_ylim(middle[1] - reach, middle[1] + reach)
        ax.set_aspect("equal", adjustable="box")
        for line in (ax.axhline, ax.axvline):
            line(0, color=QUIET, linewidth=1.2, zorder=1)
        places = sorted(alignment.regions)
        for at, hue, style in zip((places[0], places[-1]), ("#8a8a8a", "#00609c"), ("--", "-"), strict=True):
            for share, outline in sorted(alignment.regions[at].items(), reverse=True):
                ax.fill(*outline.T, facecolor=mix(hue, 0.16 if share > 0.6 else 0.34), edgecolor=hue, linestyle=style,
                        linewidth=1.3, alpha=0.75, zorder=2, gid=f"region-{at}-{100 * share:.0f}")  # fmt: skip
        ax.plot(*alignment.path.T, color=PAPER, linewidth=4.6, zorder=3)
        ax.plot(*alignment.path.T, color=INK, linewidth=2.2, zorder=4, gid="path")
        _years(ax, alignment)
        _scale(ax)
        _poles(ax, alignment, context)


def _years(ax: Axes, alignment: Alignment) -> None:
    """Dots and years along the path, ends first, as many as keep apart."""
    wide, high = room(ax)
    (left, right), (low, top) = ax.get_xlim(), ax.get_ylim()
    spot = np.column_stack(((alignment.path[:, 0] - left) / (right - left) * wide,
                            (alignment.path[:, 1] - low) / (top - low) * high))  # fmt: skip
    last, names = len(spot) - 1, alignment.quarters
    step = max(1, len(spot) // 40)
    taken: list[tuple[float, float]] = []
    for at in [last, 0, *range(step, last, step)]:
        x, y = (float(v) for v in spot[at])
        if at and any(abs(x - a) < 48 and abs(y - b) < 22 for a, b in taken):
            continue
        taken.append((x, y))
        mark = "s" if at == 0 else "D" if at == last else "o"
        size = 9 if at in (0, last) else 5
        ax.plot(*alignment.path[at], mark, color=INK, markeredgecolor=PAPER, markersize=size, zorder=5)
        before = x > wide - 60 or (at in (0, last) and x > 60 and x < float(spot[last - at, 0]))
        beside(ax, names[at][:4] if at not in (0, last) else names[at], tuple(alignment.path[at]), (-9 if before else 9, 1),
               SMALL if at in (0, last) else FINE, coords="data", ha="right" if before else "left", va="center", zorder=6,
               fontweight="bold" if at in (0, last) else "normal",
               path_effects=[withStroke(linewidth=3, foreground=PAPER)])  # fmt: skip


def _scale(ax: Axes) -> None:
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(lambda value, _: typeset(f"{round(value, 6) + 0.0:g}"))
    ax.tick_params(labelsize=points(FINE), color=QUIET)
    ax.grid(color=RULE)
    ax.set_axisbelow(True)
    ax.spines[:].set_visible(False)


def _poles(ax: Axes, alignment: Alignment, context: Context | None) -> None:
    """Names of the powers at the edges they stand for, and what the scales are."""
    left, right, low, top = (phrases.name(code, context) for code in alignment.poles)
    hues = [mix(colour(code), 0.7, "#000000") for code in alignment.poles]
    bold = {"fontweight": "bold", "zorder": 6}
    beside(ax, f"↑ {top}", (0.5, 1), (0, 5), SMALL, ha="center", va="bottom", color=hues[3], **bold)
    beside(ax, f"↓ {low}", (0.5, 0), (0, -24), SMALL, ha="center", va="top", color=hues[2], **bold)
    beside(ax, f"← {left}", (0, 0), (0, -24), SMALL, ha="left", va="top", color=hues[0], **bold)
    beside(ax, f"{right} →", (1, 0), (0, -24), SMALL, ha="right", va="top", color=hues[1], **bold)


def draw_closeness(ax: Axes, alignment: Alignment, context: Context | None = None) -> None:
    """Draw the stance toward each power over time on given axes: medians, and bars with 50 and 80 % of the runs at the end."""
    with house():
        x = [timeline.year(q) for q in alignment.quarters]
        lines = [(fan.median, fan.bands[0.8][0][-1:], fan.bands[0.8][1][-1:]) for fan in alignment.fans]
        every = np.concatenate([part for line in lines for part in line])
        low, high = float(every.min()) - 0.04, float(every.max()) + 0.04
        ax.axhline(0, color=QUIET, linewidth=1.2, zorder=1)
        timeline.time_axis(ax, alignment.quarters, SMALL)
        ax.set_ylim(low, high)
        last = timeline.window(alignment.quarters)[1]
        scale = (last - ax.get_xlim()[0]) / room(ax)[0]
        for place, fan in enumerate(alignment.fans):
            hue = mix(colour(fan.partner), 0.75, "#000000")
            ax.plot(x, fan.median, color=hue, linestyle=LINES.get(fan.partner, "-"), linewidth=2.6, zorder=4,
                    gid=f"close-{fan.partner}")  # fmt: skip
            at = last + (10 + 13 * place) * scale
            for level, width in ((0.8, 2.0), (0.5, 5.5)):
                ends = [float(bound[-1]) for bound in fan.bands[level]]
                ax.plot([at, at], ends, color=hue, linewidth=width, solid_capstyle="butt", clip_on=False,
                        gid=f"end-{fan.partner}-{100 * level:.0f}")  # fmt: skip
            ax.plot([at], [fan.median[-1]], "o", color=PAPER, markeredgecolor=hue, markersize=5, clip_on=False, zorder=5)
        ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        ax.yaxis.set_major_formatter(lambda value, _: typeset(f"{round(value, 6) + 0.0:g}"))
        ax.tick_params(axis="y", labelsize=points(SMALL))
        ax.grid(axis="y")
        ax.set_axisbelow(True)
        _names(ax, alignment, context)
        if context is not None:
            events.notches(ax, context.marks)
            if context.leaders.get(alignment.fans[0].state):
                panel.band(ax, context, [alignment.fans[0].state], (BAND,))


def _names(ax: Axes, alignment: Alignment, context: Context | None) -> None:
    """Powers beside the bars at the end of their lines, kept apart."""
    high, (low, top) = room(ax)[1], ax.get_ylim()
    ranked = sorted(alignment.fans, key=lambda f: float(f.median[-1]))
    places = [(float(f.median[-1]) - low) / (top - low) * high for f in ranked]
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + 21)
    over = max(0.0, places[-1] - high + 8)
    for fan, y in zip(ranked, places, strict=True):
        beside(ax, phrases.name(fan.partner, context), (1, 0), (10 + 13 * len(ranked), y - over), SMALL, va="center",
               color=mix(colour(fan.partner), 0.7, "#000000"), fontweight="bold")  # fmt: skip


def said(alignment: Alignment, context: Context | None) -> str:
    """What is averaged, in words."""
    return f"in {phrases.lower(phrases.name(alignment.issue, context))}" if alignment.issue else "over all issue areas"


def headline_alignment(alignment: Alignment, context: Context | None = None) -> str:
    """The finding: toward whom the state is above what is usual with it, and toward whom below; no power is closer by that."""
    near, far = alignment.ends()
    who = phrases.spoken(near.state, context)
    if near.median[-1] - far.median[-1] < 0.05:
        return phrases.upper(f"{who} in {alignment.quarters[-1]}: against the usual, as warm toward one as toward another")
    most, least = phrases.ends(float(near.median[-1]), float(far.median[-1]), near.measure)
    return phrases.upper(
        f"{who} in {alignment.quarters[-1]}: against the usual, {most} toward {phrases.spoken(near.partner, context)},"
        f" {least} toward {phrases.spoken(far.partner, context)}"
    )


def caption_alignment(alignment: Alignment, context: Context | None = None) -> str:
    """One sentence: closest and farthest with their intervals, and how sure the order of the two is."""
    near, far = alignment.ends()
    parts = []
    for fan in (near, far):
        who = phrases.spoken(fan.partner, context)
        parts.append(f"{who} ({phrases.number(fan.median[-1], fan.measure)}; {phrases.bounds(fan)})")
    return phrases.upper(
        f"{phrases.scene(context)}the stance {said(alignment, context)} in {alignment.quarters[-1]} is highest toward"
        f" {parts[0]} and lowest toward {parts[1]}, medians with 80 % intervals; the first is above the second in"
        f" {100 * alignment.closer:.0f} % of the runs."
    )


def figure_alignment(alignment: Alignment, context: Context) -> Figure:
    """The map and the lines on a slide."""
    with house():
        page = Page.blank()
        page.head(headline_alignment(alignment, context), caption_alignment(alignment, context))
        page.foot(context)
        left = page.left + 480
        wide = page.right - 188 - left - 52
        limits, state = timeline.window(alignment.quarters), alignment.fans[0].state
        short = panel.unlabelled(page, context, [state] if context.leaders.get(state) else [], limits, wide, [BAND])
        page.note(
            "Left: half the difference between the stances toward opposite powers, each against what is usual with it; line:"
            " median; shaded: 50 and 80 % of the runs in the first (grey) and last quarter. Right: medians; bars: 50 and 80 %"
            f" of the runs at the end.{events.said(context.marks, limits)} {short}".strip()
        )
        top = page.top - 50
        side = min(top - page.bottom - 46, 430)
        draw_alignment(
            page.axes(page.left + 34, page.bottom + 46, page.left + 34 + side, page.bottom + 46 + side), alignment, context
        )
        draw_closeness(page.axes(left + 52, page.bottom + 46 + BAND, page.right - 188, top), alignment, context)
        label = typeset(f"Stance {said(alignment, context)} (index from -1 to 1; 0 = as usual)")
        size = LABEL if size_of(sheet(page.figure.axes[1]), label, LABEL)[0] < page.right - left else SMALL
        beside(page.figure.axes[1], label, (0, 1), (-52, 24), size, va="bottom")
        beside(page.figure.axes[0], "Toward whom it leans (index points)", (0, 1), (-34, 24), size, va="bottom")
        return page.figure
