"""Heatmaps: one measure over partners and issue areas, a panel for each chosen quarter.

Floor 6. Every cell also says its number, its word and its interval, so that nothing depends on seeing colour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, Colormap, LinearSegmentedColormap, ListedColormap, Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim import words
from sim.plots import captions, timeline
from sim.plots.style import (
    FINE, INK, LABEL, PAPER, QUIET, SMALL, WIDTH, Page, credit, points, size_of, style, typeset, wrapped,
)  # fmt: skip

if TYPE_CHECKING:
    from sim.summary import Context, Heatmap

STEPS = ("#053061", "#2f79b5", "#a5cde3", "#f5f5f5", "#f9c3a0", "#dd7a45", "#9c3a06")
"""Hostile to very warm: blue to orange, which every common kind of colour blindness keeps apart."""


def scale(heatmap: Heatmap) -> tuple[Colormap, Normalize]:
    """Colours of the words for an index; for other measures, pale to dark, centred where there is a neutral value."""
    if captions.index(heatmap.measure):
        edges = sorted([-1.0, *(limit for limit, _ in words.BINS), 1.0001])
        return ListedColormap(list(STEPS)), BoundaryNorm(edges, len(STEPS))
    low, high = heatmap.measure.range or (min(0.0, float(heatmap.values.min())), float(heatmap.values.max()) or 1.0)
    if heatmap.measure.neutral is None:
        return LinearSegmentedColormap.from_list("pale", ["#f5f5f5", "#2f79b5", "#053061"]), Normalize(low, high)
    reach = max(high - heatmap.measure.neutral, heatmap.measure.neutral - low) or 1.0
    centre = heatmap.measure.neutral
    return LinearSegmentedColormap.from_list("two", list(STEPS)), Normalize(centre - reach, centre + reach)


def on(fill: tuple[float, ...]) -> str:
    """Ink or paper, whichever reads better on a fill."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in fill[:3])
    return INK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.22 else PAPER


def tiles(ax: Axes, heatmap: Heatmap, at: int) -> None:
    """The coloured grid: issue areas down, partners across."""
    cmap, norm = scale(heatmap)
    cells = heatmap.values[at].T
    ax.pcolormesh(np.arange(cells.shape[1] + 1), np.arange(cells.shape[0] + 1), cells, cmap=cmap, norm=norm,
                  edgecolors=PAPER, linewidth=2, gid="cells")  # fmt: skip
    ax.set_xlim(0, cells.shape[1])
    ax.set_ylim(cells.shape[0], 0)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def texts(ax: Axes, heatmap: Heatmap, at: int) -> None:
    """Number, word and 80 % interval of every cell, as far as the cells have room; bold where the sign is clear."""
    cmap, norm = scale(heatmap)
    box, shape = ax.get_window_extent(), heatmap.values[at].shape
    wide, high = box.width / shape[0], box.height / shape[1]
    sure, m = captions.clear(heatmap)[at], heatmap.measure
    figure = ax.get_figure(root=True)
    big = next((s for s in (24, 22, 20, 18, 16) if size_of(figure, "+0.00", s, fontweight="bold")[0] < 0.8 * wide), 14)
    for p, k in np.ndindex(*shape):
        value, low, high_ = (float(part[at, p, k]) for part in (heatmap.values, heatmap.low, heatmap.high))
        ink = on(to_rgb(cmap(norm(value))))
        lines = [(captions.number(value, m), float(big), "bold" if sure[p, k] else "normal")]
        if captions.index(m):
            lines.append((words.temperature(value), SMALL, "normal"))
        bounds = captions.interval(low, high_, m)
        size = next((s for s in (SMALL, 14, FINE, 12, 11) if size_of(figure, typeset(bounds), s)[0] < wide - 6), None)
        if size:
            lines.append((bounds, size, "normal"))
        stack(ax, (p + 0.5, k + 0.5), lines, high, ink)


def stack(ax: Axes, centre: tuple[float, float], lines: list[tuple[str, float, str]], room: float, ink: str) -> None:
    """Lines of different size, one below the other, around the centre of a cell; the last are left out where it is full."""
    while len(lines) > 1 and sum(s for _, s, _ in lines) * 1.25 > room:
        lines = lines[:-1]
    total = sum(size for _, size, _ in lines) * 1.22
    y = total / 2
    for text, size, weight in lines:
        y -= size * 0.61
        ax.annotate(typeset(text), centre, (0, points(y)), textcoords="offset points", ha="center", va="center_baseline",
                    fontsize=points(size), fontweight=weight, color=ink, annotation_clip=False)  # fmt: skip
        y -= size * 0.61


def heads(ax: Axes, heatmap: Heatmap, context: Context | None, *, rows: bool = True) -> None:
    """Names of partners above, of issue areas at the left."""
    figure, shape = ax.get_figure(root=True), heatmap.values[0].shape
    wide = ax.get_window_extent().width / shape[0]
    names = [captions.name(p, context) for p in heatmap.partners]
    size = next((s for s in (LABEL, SMALL, 14, FINE, 12) if fits(figure, names, s, wide - 6)), 11)
    ax.xaxis.tick_top()
    ax.set_xticks(np.arange(shape[0]) + 0.5, [wrapped(figure, n, size, wide - 6) for n in names], fontsize=points(size))
    labels = [captions.name(k, context) if k else heatmap.measure.label for k in heatmap.issues]
    ax.set_yticks(np.arange(shape[1]) + 0.5, labels if rows else [""] * shape[1], fontsize=points(LABEL))


def fits(figure: Any, names: list[str], size: float, room: float) -> bool:
    """Whether every single word is narrow enough."""
    return all(size_of(figure, word, size)[0] <= room for n in names for word in n.split(" "))


def draw_heatmap(ax: Axes, heatmap: Heatmap, context: Context | None = None, at: int = 0) -> None:
    """Draw the map of one quarter on given axes.

    Parameters
    ----------
    ax : where; only this panel is touched
    heatmap : from :func:`sim.summary.heatmap`
    context : gives names, and adds the line with status and manifest
    at : which of the quarters
    """
    with style():
        tiles(ax, heatmap, at)
        heads(ax, heatmap, context)
        texts(ax, heatmap, at)
        ax.set_xlabel(typeset(f"{heatmap.quarters[at]}: {unit(heatmap)}"), fontsize=points(SMALL))
        ax.xaxis.set_label_position("bottom")
        if context:
            ax.annotate(credit(context), (1, 0), (0, -points(34)), xycoords="axes fraction", textcoords="offset points",
                        ha="right", va="top", fontsize=points(FINE))  # fmt: skip


def unit(heatmap: Heatmap) -> str:
    """What the numbers are."""
    m = heatmap.measure
    return f"{m.label} ({m.unit}{f'; {m.neutral:g} = as usual' if m.neutral is not None else ''})"


def in_office(heatmap: Heatmap, at: int, context: Context) -> str:
    """The leader in office at the end of a quarter."""
    last = timeline.moment(heatmap.quarters[at], end=True) - 1e-6
    spans = timeline.clipped(context.leaders.get(heatmap.state, ()), last - 1, last)
    return spans[-1][0].label if spans else ""


def key(page: Page, heatmap: Heatmap) -> None:
    """The colours in words along the foot of the page, and what is bold."""
    y, height = page.bottom, 26
    note = "Cell: median, word, 80 % interval."
    if heatmap.measure.neutral is not None:
        note += " Bold: the interval excludes the usual level."
    page.figure.text(page.right / WIDTH, (y + 13) / page.height, typeset(note), ha="right", va="center", fontsize=points(FINE))
    label = page.figure.text(page.left / WIDTH, (y + 13) / page.height, typeset(unit(heatmap)), va="center", fontsize=points(FINE))
    page.bottom += height + 12
    del label


def figure_heatmap(heatmap: Heatmap, context: Context) -> Figure:
    """Partners and issue areas on a slide, one panel per chosen quarter, on one scale of colour."""
    with style():
        page = Page.blank()
        page.head(captions.headline_heatmap(heatmap, context), captions.caption_heatmap(heatmap, context))
        page.foot(context)
        key(page, heatmap)
        left, gap, count = page.left + 118, 22.0, len(heatmap.quarters)
        wide = (page.right - left + gap) / count
        for at, quarter in enumerate(heatmap.quarters):
            ax = page.axes(left + at * wide, page.bottom, left + (at + 1) * wide - gap, page.top - 78)
            tiles(ax, heatmap, at)
            heads(ax, heatmap, context, rows=at == 0)
            texts(ax, heatmap, at)
            who = in_office(heatmap, at, context)
            spot = {"xycoords": "figure pixels", "va": "top"}
            x = left + at * wide
            ax.annotate(quarter, (x, page.top - 4), fontsize=points(LABEL), fontweight="bold", **spot)
            ax.annotate(who, (x + 84, page.top - 6), fontsize=points(SMALL), color=QUIET, **spot)
        return page.figure


__all__ = ["Rectangle"]
