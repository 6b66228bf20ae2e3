"""Sweeps: what explains what we do not know, and how outcomes differ by who governs and what else was varied.

Floor 6. Bars are shares of variance; dots are means of points with their 80 % intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, pairwise
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from sim.plots.heatmap import on
from sim.plots.style import (
    FINE,
    PAPER,
    QUIET,
    RULE,
    SMALL,
    Page,
    beside,
    house,
    points,
    room,
    sheet,
    size_of,
    typeset,
    wrapped,
)  # fmt: skip

if TYPE_CHECKING:
    from sim.summary import Context

HUES = ("#00609c", "#e69f00", "#d55e00", "#009e73", "#882255", "#56b4e9", "#b8b8b8", "#595959")
"""One per block; neighbours differ in lightness."""

HATCHES = ("", "", "///", "...", "", "\\\\\\", "", "xx")
"""Hatching of the blocks: neighbours that a grey printer would make alike differ by it."""

OWN = {"parameters and images": 0, "luck": 4, "in combination": 6}
"""Blocks that look the same in every figure; the others take what is free, in their order."""

LEVELS = ("#00609c", "#d55e00", "#009e73", "#882255")
MARKS = ("o", "s", "^", "D")
ROW = 34
"""Height of a bar with its room, in pixels."""


@dataclass(frozen=True)
class Shares:
    """Shares of variance of several numbers.

    Attributes
    ----------
    headline, sentence : the finding in words
    blocks : what the segments of a bar stand for
    bars : (label, share of every block); shares below zero are drawn as none
    """

    headline: str
    sentence: str
    blocks: tuple[str, ...]
    bars: tuple[tuple[str, tuple[float, ...]], ...]


def looks_of(blocks: Sequence[str]) -> list[int]:
    """Place of each block in :data:`HUES` and :data:`HATCHES`.

    >>> looks_of(["Parameters and images", "Who governs", "Luck", "In combination"])
    [0, 1, 4, 6]
    """
    free = cycle([i for i in range(len(HUES)) if i not in OWN.values()])
    return [OWN[block.lower()] if block.lower() in OWN else next(free) for block in blocks]


def draw_shares(ax: Axes, shares: Shares) -> None:
    """Draw one bar per number, split into blocks, on given axes."""
    with house():
        rows, looks = np.arange(len(shares.bars))[::-1], looks_of(shares.blocks)
        for y, (_, parts) in zip(rows, shares.bars, strict=True):
            shown = np.maximum(parts, 0.0)
            starts = np.concatenate([[0.0], np.cumsum(shown / shown.sum())]) if shown.sum() > 0 else np.zeros(len(parts) + 1)
            for i, (left, right) in enumerate(pairwise(starts)):
                hue, hatch = HUES[looks[i]], HATCHES[looks[i]]
                ax.barh(y, right - left, left=left, height=0.72, color=hue, edgecolor=PAPER, hatch=hatch, gid=f"share-{i}")
                if right - left >= 0.045:
                    said, halo = f"{100 * (right - left):.0f}", [withStroke(linewidth=4, foreground=hue)]
                    beside(ax, said, ((left + right) / 2, y), (0, 0), FINE, coords="data", ha="center", va="center",
                           color=on(to_rgb(hue)), path_effects=halo)  # fmt: skip
        ax.set_yticks(rows, [typeset(label) for label, _ in shares.bars], fontsize=points(SMALL))
        ax.set_xlim(0, 1)
        ax.set_ylim(-0.6, len(rows) - 0.4)
        ax.set_xticks(np.linspace(0, 1, 6), [typeset(f"{p} %") for p in range(0, 101, 20)], fontsize=points(SMALL))
        ax.tick_params(length=0)
        ax.spines["left"].set_visible(False)


def figure_shares(shares: Shares, context: Context) -> Figure:
    """Bars of shares on a slide as tall as they need."""
    with house():
        page = Page.blank(max(480, 300 + ROW * len(shares.bars)))
        page.head(shares.headline, shares.sentence)
        page.foot(context)
        page.note(
            "First-order shares of variance over all points and runs (pick-freeze on blocks; Saltelli et al. 2010), in per"
            " cent, with 90 % intervals in variance.csv; shares below zero are drawn as none, and the others"
            " then scaled to 100. All points of the design count equally."
        )
        keys = [
            Patch(facecolor=HUES[look], edgecolor=PAPER, hatch=HATCHES[look], label=block)
            for look, block in zip(looks_of(shares.blocks), shares.blocks, strict=True)
        ]
        page.figure.legend(
            handles=keys, ncols=len(keys), loc="upper left", borderaxespad=0, handlelength=1.0, columnspacing=1.2,
            bbox_to_anchor=(page.left / 1280, page.top / page.height), handletextpad=0.5, fontsize=points(SMALL),
        )  # fmt: skip
        wide = max(size_of(page.figure, label, SMALL)[0] for label, _ in shares.bars)
        draw_shares(page.axes(page.left + wide + 10, page.bottom + 34, page.right - 16, page.top - 30), shares)
        return page.figure


@dataclass(frozen=True)
class Panel:
    """One kept number by two factors.

    Attributes
    ----------
    title, unit : what is shown
    levels : names of the levels of the second factor, and what it is called before them
    by : what the second factor is called
    values : per level of the second factor and category of the first, (mean, low, high)
    """

    title: str
    unit: str
    by: str
    levels: tuple[str, ...]
    values: tuple[tuple[tuple[float, float, float], ...], ...]


@dataclass(frozen=True)
class Outcomes:
    """Small multiples: every panel has the same categories from top to bottom."""

    headline: str
    sentence: str
    categories: tuple[str, ...]
    panels: tuple[Panel, ...]
    note: str


def draw_outcome(ax: Axes, panel: Panel, categories: tuple[str, ...], limits: tuple[float, float], named: bool) -> None:
    """Draw one panel on given axes; the names of the categories only where asked for."""
    with house():
        rows = np.arange(len(categories))[::-1]
        step = 0.62 / max(len(panel.levels), 1)
        for i, level in enumerate(panel.values):
            hue, shift = LEVELS[i % len(LEVELS)], step * ((len(panel.levels) - 1) / 2 - i)
            for y, (mean, low, high) in zip(rows, level, strict=True):
                ax.plot([low, high], [y + shift] * 2, color=hue, linewidth=2.0, solid_capstyle="butt", gid=f"interval-{i}")
                ax.plot([mean], [y + shift], MARKS[i % len(MARKS)], color=hue, markersize=points(10), gid=f"mean-{i}")
        ax.axvline(0, color=QUIET, linewidth=1.0, zorder=0)
        for y in rows[:-1]:
            ax.axhline(y - 0.5, color=RULE, linewidth=0.8, zorder=0)
        ax.set_xlim(*limits)
        ax.set_ylim(-0.5, len(rows) - 0.5)
        ax.set_yticks(rows, [typeset(c) for c in categories] if named else [""] * len(rows), fontsize=points(SMALL))
        ax.tick_params(axis="y", length=0)
        ax.tick_params(axis="x", labelsize=points(FINE))
        ax.locator_params(axis="x", nbins=5)
        ax.xaxis.set_major_formatter(lambda value, _: typeset(f"{round(value, 6) + 0.0:g}"))
        ax.spines["left"].set_visible(False)
        beside(ax, panel.title, (0, 1), (0, 46), SMALL, va="bottom", fontweight="bold")
        beside(ax, panel.by, (0, 1), (0, 27), FINE, va="bottom", color=QUIET)
        _name_levels(ax, panel.levels)


def _name_levels(ax: Axes, levels: tuple[str, ...]) -> None:
    """Names of the levels in their colours above the panel, cut where they would run into the next one."""
    figure, width, gap = sheet(ax), room(ax)[0], 14.0
    names = [typeset(name) for name in levels]
    wide = [size_of(figure, name, FINE, fontweight="bold")[0] for name in names]
    while sum(wide) + gap * (len(names) - 1) > width and max(map(len, names)) > 4:
        longest = max(range(len(names)), key=lambda i: len(names[i]))
        names[longest] = names[longest].rstrip("…")[:-1].rstrip() + "…"
        wide[longest] = size_of(figure, names[longest], FINE, fontweight="bold")[0]
    x = 0.0
    for i, name in enumerate(names):
        beside(ax, name, (0, 1), (x, 9), FINE, va="bottom", color=LEVELS[i % len(LEVELS)], fontweight="bold")
        x += wide[i] + gap


def figure_outcomes(outcomes: Outcomes, context: Context) -> Figure:
    """Small multiples on a slide, four in a row."""
    with house():
        across = min(4, len(outcomes.panels))
        down = -(-len(outcomes.panels) // across)
        height = 26 * len(outcomes.categories) * max(1, max(len(p.levels) for p in outcomes.panels) - 1) + 20
        page = Page.blank(max(520, 270 + down * (height + 120)))
        page.head(outcomes.headline, outcomes.sentence)
        page.foot(context)
        page.note(outcomes.note)
        labels = tuple(wrapped(page.figure, c, SMALL, 130) for c in outcomes.categories)
        wide = max(size_of(page.figure, c, SMALL)[0] for c in labels) + 12
        across_room = (page.right - page.left - wide) / across
        tall = (page.top - page.bottom) / down
        for index, panel in enumerate(outcomes.panels):
            row, column = divmod(index, across)
            left, top = page.left + wide + column * across_room, page.top - row * tall
            ax = page.axes(left + 4, top - tall + 52, left + across_room - 18, top - 72)
            draw_outcome(ax, panel, labels, _limits(outcomes, panel), column == 0)
            beside(ax, panel.unit, (0, 0), (0, -26), FINE, va="top", color=QUIET)
        return page.figure


def _limits(outcomes: Outcomes, panel: Panel) -> tuple[float, float]:
    """One scale for all panels in the same unit."""
    ends = [v for p in outcomes.panels if p.unit == panel.unit for level in p.values for one in level for v in one[1:]]
    low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
    margin = 0.06 * (high - low or 1.0)
    return low - margin, high + margin
