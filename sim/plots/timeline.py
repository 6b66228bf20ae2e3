"""Time along the lower edge of a panel: years, and leaders in office as a labelled band.

Floor 6. Names are never shortened: a leader whose time in office is too short for the full name is listed below the
figure instead.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D, Affine2DBase, ScaledTranslation, Transform, blended_transform_factory

from sim import quarters
from sim.errors import InputError
from sim.plots.style import INK, PAPER, QUIET, beside, points, room, sheet, size_of, wrapped

if TYPE_CHECKING:
    from sim.summary import Span

BAND = ("#e4e4e4", "#d0d0d0")
"""Two greys that take turns along the band of leaders."""


BARE = 12
"""Pixels between a panel and its years where no band of leaders lies between."""


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


def time_axis(ax: Axes, names: Sequence[str], pixels: float, *, label: bool = True) -> None:
    """Years along the panel, as many as there is room for."""
    first, last = window(names)
    most = room(ax)[0] / (pixels * 4.2)
    step = next((s for s in (1, 2, 5, 10, 20, 50) if (last - first) / s <= most), 100)
    years = range(math.ceil(first / step) * step, math.floor(last) + 1, step)
    ax.set_xlim(first, last)
    ax.set_xticks(list(years), [str(y) for y in years], fontsize=points(pixels))
    ax.tick_params(axis="x", length=0, pad=points(BARE))
    ax.grid(axis="x")
    if label:
        ax.set_xlabel("Year", ha="right", va="top", fontsize=points(pixels))
        place_year(ax, BARE)


def place_year(ax: Axes, under: float) -> None:
    """Put the label of the time axis left of the years, ``under`` pixels below the panel."""
    wide, high = room(ax)
    ax.xaxis.set_label_coords(-34 / wide, -under / high)


def below(ax: Axes, *, top: bool = False) -> Transform:
    """Years across, points up from the lower (or upper) edge of the panel."""
    edge = ScaledTranslation(0, int(top), cast(Affine2DBase, ax.transAxes))
    return blended_transform_factory(ax.transData, Affine2D().scale(1 / 72) + sheet(ax).dpi_scale_trans + edge)


def clipped(spans: Sequence[Span], first: float, last: float) -> list[tuple[Span, float, float]]:
    """Spans inside the window; whoever follows ends the span before."""
    ends = [moment(s.end, end=True) if s.end else last for s in spans]
    starts = [moment(s.start) if s.start else first for s in spans]
    ends = [min(e, *starts[i + 1 : i + 2]) if starts[i + 1 : i + 2] else e for i, e in enumerate(ends)]
    found = [(s, max(a, first), min(b, last)) for s, a, b in zip(spans, starts, ends, strict=True)]
    return [(s, a, b) for s, a, b in found if b > a]


def fitted(
    figure: Figure,
    spans: Sequence[Span],
    limits: tuple[float, float],
    wide: float,
    height: float,
    pixels: float,
) -> list[tuple[Span, float, float, str]]:
    """Spans inside the limits with their labels broken into lines; '' where a label does not fit."""
    found, scale = [], wide / (limits[1] - limits[0])
    for span, start, end in clipped(spans, *limits):
        free = (end - start) * scale - 5
        lines = wrapped(figure, span.label, pixels, free)
        across, high = size_of(figure, lines, pixels, linespacing=1.05)
        found.append((span, start, end, lines if across <= free and high <= height - 1 else ""))
    return found


def leaders(ax: Axes, spans: Sequence[Span], *, at: float, height: float, pixels: float, name: str = "") -> None:
    """A band of leaders in office below the panel, labelled where the full name fits.

    Parameters
    ----------
    at, height : upper edge (negative: below the panel) and height of the band, in pixels
    pixels : size of type
    name : of the state, written left of the band
    """
    transform = below(ax)
    labels = fitted(sheet(ax), spans, ax.get_xlim(), room(ax)[0], height, pixels)
    for index, (span, start, end, lines) in enumerate(labels):
        ax.broken_barh(
            [(start, end - start)], (points(at - height), points(height)), facecolor=BAND[index % 2], edgecolor=PAPER,
            linewidth=0.8, transform=transform, clip_on=False, gid=f"leader-{span.label}",
        )  # fmt: skip
        if lines:
            ax.text(
                (start + end) / 2, points(at - height / 2), lines, transform=transform, ha="center", va="center",
                color=INK, fontsize=points(pixels), linespacing=1.05,
            )  # fmt: skip
    if name:
        beside(ax, name, (0, 0), (-8, at - height / 2), pixels, ha="right", va="center", color=QUIET)
    ax.tick_params(axis="x", pad=points(height - at + 5))
    place_year(ax, height - at + 5)


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
