"""Time along the lower edge of a panel: years, leaders in office as a labelled band, systemic events as quiet marks.

Floor 6. Names are never shortened: a leader whose time in office is too short for the full name is listed below the
figure instead.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.transforms import Affine2D, ScaledTranslation, Transform, blended_transform_factory

from sim import quarters
from sim.errors import InputError
from sim.plots.style import INK, PAPER, QUIET, SMALL, points, size_of, wrapped

if TYPE_CHECKING:
    from sim.summary import Mark, Span

BAND = ("#e4e4e4", "#d0d0d0")
"""Two greys that take turns along the band of leaders."""

Box = tuple[int, float, float]
"""Row, left and right edge of a label, in pixels."""


def year(quarter: str) -> float:
    """The middle of a quarter as a decimal year.

    >>> year("2026Q1")
    2026.125
    """
    return (quarters.quarter(quarter) + 0.5) / 4


def moment(text: str, *, end: bool = False) -> float:
    """A date or quarter as a decimal year; ``end`` takes the last moment of a quarter or day.

    >>> moment("2026Q1"), moment("2026Q1", end=True), round(moment("2026-02-17"), 2)
    (2026.0, 2026.25, 2026.13)
    """
    try:
        return (quarters.quarter(text) + end) / 4
    except InputError:
        day = quarters.day(text)
        first = date(day.year, 1, 1)
        return day.year + ((day - first).days + end) / (date(day.year + 1, 1, 1) - first).days


def window(names: Sequence[str]) -> tuple[float, float]:
    """From the first moment of the first quarter to the last moment of the last."""
    return moment(names[0]), moment(names[-1], end=True)


def width(ax: Axes) -> float:
    """Width of the panel in pixels."""
    return float(ax.get_window_extent().width)


def time_axis(ax: Axes, names: Sequence[str], pixels: float, *, label: bool = True) -> None:
    """Years along the panel, as many as there is room for."""
    first, last = window(names)
    room = width(ax) / (pixels * 4.2)
    step = next((s for s in (1, 2, 5, 10, 20, 50) if (last - first) / s <= room), 100)
    years = range(math.ceil(first / step) * step, math.floor(last) + 1, step)
    ax.set_xlim(first, last)
    ax.set_xticks(list(years), [str(y) for y in years], fontsize=points(pixels))
    ax.tick_params(axis="x", length=0)
    ax.grid(axis="x")
    if label:
        ax.set_xlabel("Year (one value per quarter)", loc="left")


def below(ax: Axes, *, top: bool = False) -> Transform:
    """Years across, points up from the lower (or upper) edge of the panel."""
    edge = ScaledTranslation(0, int(top), ax.transAxes)
    return blended_transform_factory(ax.transData, Affine2D().scale(1 / 72) + ax.get_figure(root=True).dpi_scale_trans + edge)


def clipped(spans: Sequence[Span], first: float, last: float) -> list[tuple[Span, float, float]]:
    """Spans inside the window; whoever follows ends the span before."""
    ends = [moment(s.end, end=True) if s.end else last for s in spans]
    starts = [moment(s.start) if s.start else first for s in spans]
    ends = [min(e, *starts[i + 1 : i + 2]) if starts[i + 1 : i + 2] else e for i, e in enumerate(ends)]
    found = [(s, max(a, first), min(b, last)) for s, a, b in zip(spans, starts, ends, strict=True)]
    return [(s, a, b) for s, a, b in found if b > a]


def fitted(
    figure: Figure | SubFigure, spans: Sequence[Span], limits: tuple[float, float], room: float, height: float, pixels: float
) -> list[tuple[Span, float, float, str]]:
    """Spans inside the limits with their labels broken into lines; '' where a label does not fit."""
    found, scale = [], room / (limits[1] - limits[0])
    for span, start, end in clipped(spans, *limits):
        free = (end - start) * scale - 5
        lines = wrapped(figure, span.label, pixels, free)
        wide, high = size_of(figure, lines, pixels, linespacing=1.05)
        found.append((span, start, end, lines if wide <= free and high <= height - 1 else ""))
    return found


def leaders(ax: Axes, spans: Sequence[Span], *, at: float, height: float, pixels: float, name: str = "") -> None:
    """A band of leaders in office below the panel, labelled where the full name fits.

    Parameters
    ----------
    at, height : upper edge (negative: below the panel) and height of the band, in pixels
    pixels : size of type
    name : of the state, written left of the band
    """
    transform, figure = below(ax), ax.get_figure(root=True)
    type_ = {"fontsize": points(pixels), "linespacing": 1.05, "va": "center"}
    labels = fitted(figure, spans, ax.get_xlim(), width(ax), height, pixels)
    for index, (span, start, end, lines) in enumerate(labels):
        ax.broken_barh(
            [(start, end - start)], (points(at - height), points(height)), facecolor=BAND[index % 2], edgecolor=PAPER,
            linewidth=0.8, transform=transform, clip_on=False, gid=f"leader-{span.label}",
        )  # fmt: skip
        if lines:
            middle = (start + end) / 2, points(at - height / 2)
            ax.text(*middle, lines, transform=transform, ha="center", color=INK, **type_)
    if name:
        offset = {"xycoords": "axes fraction", "textcoords": "offset points"}
        ax.annotate(name, (0, 0), (points(-8), points(at - height / 2)), ha="right", color=QUIET, **type_, **offset)
    ax.tick_params(axis="x", pad=points(height - at + 5))


def marks(ax: Axes, events: Sequence[Mark], *, rows: int = 0, pixels: float = SMALL) -> None:
    """Events as dotted lines through the panel, labelled above it where there is room in ``rows`` rows."""
    first, last = ax.get_xlim()
    inside = [(m, year(m.quarter)) for m in events if first <= year(m.quarter) <= last]
    transform, figure = below(ax, top=True), ax.get_figure(root=True)
    scale, pitch = width(ax) / (last - first), pixels * 1.35
    placed: list[Box] = []
    stems: list[tuple[int, float]] = []
    for mark, when in sorted(inside, key=lambda pair: -pair[1]):
        ax.axvline(when, color="#8c8c8c", linewidth=1, linestyle=(0, (1, 2.5)), zorder=1.5, gid=f"mark-{mark.label}")
        x = (when - first) * scale
        wide = size_of(figure, mark.label, pixels)[0] + 6
        box = next((b for b in boxes(x, wide, rows, (last - first) * scale) if free(b, x, placed, stems)), None)
        if box is None:
            continue
        placed.append(box)
        stems.append((box[0], x))
        base, right = points(3 + box[0] * pitch), box[1] < x
        ax.plot([when, when], [0, base + points(pixels)], transform=transform, clip_on=False, color="#8c8c8c", linewidth=1)
        ax.text(
            when + (-4 if right else 4) / scale, base, mark.label, transform=transform, ha="right" if right else "left",
            va="bottom", fontsize=points(pixels), color=QUIET,
        )  # fmt: skip


def boxes(x: float, wide: float, rows: int, room: float) -> list[Box]:
    """Where a label may stand: right of its mark, else left of it, from the lowest row up."""
    sides = [(x, x + wide)] if x + wide <= room else [(x - wide, x)]
    return [(row, left, right) for row in range(rows) for left, right in sides if left >= 0]


def free(box: Box, x: float, placed: Sequence[Box], stems: Sequence[tuple[int, float]]) -> bool:
    """Whether neither label nor stem would meet another."""
    row, left, right = box
    labels = all(r != row or right < a - 6 or left > b + 6 for r, a, b in placed)
    crossed = any(r > row and left - 3 < at < right + 3 for r, at in stems)
    crossing = any(r < row and a - 3 < x < b + 3 for r, a, b in placed)
    return labels and not crossed and not crossing


def listed(spans: Sequence[Span], first: float, last: float) -> str:
    """Leaders in words, with the time each was in office: for those whose label did not fit.

    >>> from sim.summary import Span
    >>> listed([Span("A. Bee", "2024-08-08", "2026-02-16")], 2026.0, 2031.25)
    'A. Bee (to 2026Q1)'
    """
    fine = last - first < 15

    def when(t: float) -> str:
        return quarters.name(math.floor(t * 4)) if fine else str(math.floor(t))

    parts = []
    for span in spans:
        start, end = moment(span.start or str(first)), moment(span.end, end=True) if span.end else last
        a, b = when(start), when(end - 1e-6)
        parts.append(f"{span.label} ({'to ' + b if start < first else a if a == b else f'{a}-{b}'})")
    return ", ".join(parts)

