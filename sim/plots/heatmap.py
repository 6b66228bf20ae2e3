"""Heatmaps: one measure over partners and issue areas, a panel for each chosen quarter.

Floor 6. Every cell also says its number, its word and its interval, so that nothing depends on seeing colour.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, Colormap, LinearSegmentedColormap, ListedColormap, Normalize, to_rgb
from matplotlib.figure import Figure

from sim import words
from sim.plots import captions, phrases, timeline
from sim.plots.style import (
    FINE,
    HEIGHT,
    INK,
    LABEL,
    PAPER,
    QUIET,
    SMALL,
    WIDTH,
    Page,
    beside,
    credit,
    house,
    points,
    room,
    sheet,
    size_of,
    typeset,
    wrapped,
)

if TYPE_CHECKING:
    from sim.summary import Context, Heatmap

STEPS = ("#053061", "#2f79b5", "#a5cde3", "#f5f5f5", "#f9c3a0", "#dd7a45", "#9c3a06")
"""Hostile to very warm: blue to orange, which every common kind of colour blindness keeps apart."""


ROUNDING = 0.005
"""Colours and words change where the number written in the cell does."""


def scale(heatmap: Heatmap) -> tuple[Colormap, Normalize]:
    """Colours of the words for an index; for other measures, pale to dark, centred where there is a neutral value."""
    if phrases.index(heatmap.measure):
        edges = sorted([-1.01, *(limit - ROUNDING for limit, _ in words.BINS), 1.01])
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


WIDE, TALL = 200, 120
"""Width in pixels from which a cell has room for number and word on one line, and the greatest height of a cell."""


def texts(ax: Axes, heatmap: Heatmap, at: int) -> None:
    """Number, word and 80 % interval of every cell, as far as the cells have room; bold where the sign is clear."""
    cmap, norm = scale(heatmap)
    figure, shape = sheet(ax), heatmap.values[at].shape
    wide, high = (length / cells for length, cells in zip(room(ax), shape, strict=True))
    sure, m = captions.clear(heatmap)[at], heatmap.measure
    sizes = [s for s in (24, 22, 20, 18, 16) if s <= 0.36 * high]
    big = next((s for s in sizes if size_of(figure, "+0.00", s, fontweight="bold")[0] < 0.8 * wide), 14)
    parts = heatmap.values[at], heatmap.low[at], heatmap.high[at]
    every = [[float(part[cell]) for part in parts] for cell in np.ndindex(shape)]
    said = [phrases.interval(low, top, m) for _, low, top in every]
    bounds, size = narrow(figure, said, wide - 9)
    if size < FINE and high >= FOLDED:
        bounds, size = folding(figure, said, wide - 9), float(FINE)
    for place, (p, k) in enumerate(np.ndindex(shape)):
        value = every[place][0]
        word = words.temperature(value) if phrases.index(m) else ""
        beyond = f"  {word}" if word and wide >= WIDE else ""
        lines = [(phrases.number(value, m) + beyond, float(big), "bold" if sure[p, k] else "normal")]
        lines += [(line, size, "normal") for line in bounds[place].split("\n")] if size else []
        lines += [(word, float(FINE), "normal")] if word and not beyond else []
        stack(ax, (p + 0.5, k + 0.5), lines, high, on(to_rgb(cmap(norm(value)))))


FOLDED = 66
"""Height of a cell in pixels from which an interval that would be too small on one line takes two."""


def folding(figure: Figure, bounds: list[str], wide: float) -> list[str]:
    """Intervals on two lines, the second beginning with the word between the bounds; without leading zeros if need be."""
    folded = [text.replace(" to ", "\nto ") for text in bounds]
    if all(size_of(figure, typeset(line), FINE)[0] <= wide for text in folded for line in text.split("\n")):
        return folded
    return [re.sub(r"(?<!\d)0\.", ".", text) for text in folded]


def narrow(figure: Figure, bounds: list[str], wide: float) -> tuple[list[str], float]:
    """Intervals, and the one size in which all of them fit: without leading zeros if need be, 0 if they never fit."""
    short = [re.sub(r"(?<!\d)0\.", ".", text) for text in bounds]
    for texts_, sizes in ((bounds, (16, SMALL, 14, FINE)), (short, (14, FINE, 12, 11))):
        widest = max(size_of(figure, typeset(text), 16)[0] for text in texts_)
        for size in sizes:
            if widest * size / 16 <= wide:
                return texts_, float(size)
    return bounds, 0.0


PITCH = 1.16
"""Height of a line in sizes of type."""


def stack(ax: Axes, centre: tuple[float, float], lines: list[tuple[str, float, str]], high: float, ink: str) -> None:
    """Lines of different size below each other, around the centre of a cell; the last are left out where it is full."""
    while len(lines) > 1 and sum(s for _, s, _ in lines) * PITCH > high - 3:
        lines = lines[:-1]
    total = sum(size for _, size, _ in lines) * PITCH
    y = total / 2
    for text, size, weight in lines:
        y -= size * PITCH / 2
        beside(ax, text, centre, (0, y), size, coords="data", ha="center", va="center", fontweight=weight, color=ink)
        y -= size * PITCH / 2


def heads(ax: Axes, heatmap: Heatmap, context: Context | None, *, rows: bool = True) -> None:
    """Names of partners above, of issue areas at the left."""
    figure, shape = sheet(ax), heatmap.values[0].shape
    wide = room(ax)[0] / shape[0]
    names = [phrases.name(p, context) for p in heatmap.partners]
    size = next((s for s in (LABEL, SMALL, 14, FINE, 12) if fits(figure, names, s, wide - 6)), 11)
    ax.xaxis.tick_top()
    ax.set_xticks(np.arange(shape[0]) + 0.5, [wrapped(figure, n, size, wide - 6) for n in names], fontsize=points(size))
    labels = [phrases.name(k, context) if k else heatmap.measure.label for k in heatmap.issues]
    ax.set_yticks(np.arange(shape[1]) + 0.5, labels if rows else [""] * shape[1], fontsize=points(LABEL))


def fits(figure: Figure, names: list[str], size: float, wide: float) -> bool:
    """Whether every single word is narrow enough."""
    return all(size_of(figure, word, size)[0] <= wide for n in names for word in n.split(" "))


def draw_heatmap(ax: Axes, heatmap: Heatmap, context: Context | None = None, at: int = 0) -> None:
    """Draw the map of one quarter on given axes.

    Parameters
    ----------
    ax : where; only this panel is touched
    heatmap : from :func:`sim.summary.heatmap`
    context : gives names, and adds the line with status and manifest
    at : which of the quarters
    """
    with house():
        tiles(ax, heatmap, at)
        heads(ax, heatmap, context)
        texts(ax, heatmap, at)
        ax.set_xlabel(typeset(f"{heatmap.quarters[at]}: {unit(heatmap)}"), fontsize=points(SMALL))
        ax.xaxis.set_label_position("bottom")
        if context:
            beside(ax, credit(context), (1, 0), (0, -34), FINE, ha="right", va="top")


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
    note = f"In each cell: median, 80 % interval{', word' if phrases.index(heatmap.measure) else ''}."
    if heatmap.measure.neutral is not None:
        note += f" Bold: the interval excludes {heatmap.measure.neutral:g}."
    page.figure.text(page.right / WIDTH, (y + 13) / page.height, typeset(note), ha="right", va="center", fontsize=points(FINE))
    page.figure.text(page.left / WIDTH, (y + 13) / page.height, typeset(unit(heatmap)), va="center", fontsize=points(SMALL))
    page.bottom += height + 12


def figure_heatmap(heatmap: Heatmap, context: Context) -> Figure:
    """Partners and issue areas on a slide, one panel per chosen quarter, on one scale of colour."""
    with house():
        page = Page.blank(HEIGHT if len(heatmap.quarters) < 3 else 960)
        page.head(captions.headline_heatmap(heatmap, context), captions.caption_heatmap(heatmap, context))
        page.foot(context)
        key(page, heatmap)
        left, gap, count = page.left + 106, 18.0, len(heatmap.quarters)
        wide, rows = (page.right - left + gap) / count, len(heatmap.issues)
        for at, quarter in enumerate(heatmap.quarters):
            top = page.top - 74
            ax = page.axes(left + at * wide, max(page.bottom, top - TALL * rows), left + (at + 1) * wide - gap, top)
            tiles(ax, heatmap, at)
            heads(ax, heatmap, context, rows=at == 0)
            texts(ax, heatmap, at)
            who = in_office(heatmap, at, context)
            beside(ax, quarter, (0, 1), (0, 70), LABEL, va="top", fontweight="bold")
            beside(ax, who, (0, 1), (84, 68), SMALL, va="top", color=QUIET)
        return page.figure
