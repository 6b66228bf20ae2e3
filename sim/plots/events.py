"""Systemic events as quiet marks: a dotted line through the panel, a label above it where there is room.

Floor 6. An event whose label finds no room is listed below the figure instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.style import INK, QUIET, SMALL, points, room, sheet, size_of
from sim.plots.timeline import below, year

if TYPE_CHECKING:
    from sim.summary import Mark

LINE = "#8c8c8c"
ROW = 1.3
"""Height of a row of labels, in sizes of type."""

QUIETLY: dict[str, Any] = {"color": LINE, "linewidth": 1, "linestyle": (0, (1, 2.5)), "zorder": 1.5}
CUT: dict[str, Any] = {"color": INK, "linewidth": 1.5, "linestyle": (0, (6, 3)), "zorder": 1.6}
"""The end of the record that the parameters were learned from: the one mark that must not be overlooked."""

Box = tuple[int, float, float]
"""Row, left and right edge of a label, in pixels."""


def inside(events: Sequence[Mark], limits: tuple[float, float]) -> list[tuple[Mark, float]]:
    """Events between the limits with their moment, the last one first."""
    found = [(m, year(m.quarter)) for m in events if limits[0] <= year(m.quarter) <= limits[1]]
    return sorted(found, key=lambda pair: -pair[1])


def said(events: Sequence[Mark], limits: tuple[float, float]) -> str:
    """What strokes and dashes of a panel without labels are, in words; with a space in front, '' where there are none."""
    dated = [mark for mark, _ in inside(events, limits)]
    strokes = " Strokes at the upper edge: systemic events." if any(not mark.cut for mark in dated) else ""
    return strokes + "".join(f" Dashes: {mark.label[:1].lower()}{mark.label[1:]}." for mark in dated if mark.cut)


def notches(ax: Axes, events: Sequence[Mark]) -> None:
    """Events as short strokes at the upper edge, for panels too small for labels; the training cut runs through."""
    for mark, when in inside(events, ax.get_xlim()):
        if mark.cut:
            ax.axvline(when, **CUT, gid=f"mark-{mark.label}")
        else:
            ax.axvline(when, 0.93, 1.0, color=LINE, linewidth=1.2, gid=f"mark-{mark.label}")


def placed(
    figure: Figure, events: Sequence[Mark], limits: tuple[float, float], wide: float, rows: int
) -> list[tuple[Mark, float, Box | None]]:
    """Every event inside the limits with the place of its label; None where it finds no room in ``rows`` rows."""
    scale = wide / (limits[1] - limits[0])
    dated = inside(events, limits)
    spots = [((when - limits[0]) * scale, size_of(figure, mark.label, SMALL)[0] + 6) for mark, when in dated]
    tries = [packed(spots, rows, wide, *order) for order in product((1, -1), (1, -1), (1, -1))]
    must = [place for place, (mark, _) in enumerate(dated) if mark.cut]
    best = max(tries, key=lambda found: (all(found[p] for p in must), sum(box is not None for box in found)))
    return [(mark, when, box) for (mark, when), box in zip(dated, best, strict=True)]


def packed(spots: Sequence[tuple[float, float]], rows: int, wide: float, way: int, side: int, rise: int) -> list[Box | None]:
    """Labels placed one after the other.

    Parameters
    ----------
    spots : place of the mark and width of its label, in pixels
    way, side, rise : 1 or -1: from which end to start, on which side of the mark and from which row to try first
    """
    found: list[Box | None] = [None] * len(spots)
    taken: list[tuple[Box, float]] = []
    for place in range(len(spots))[::way]:
        x, across = spots[place]
        box = next((b for b in boxes(x, across, range(rows)[::rise], wide, side) if free(b, x, taken)), None)
        found[place] = box
        if box:
            taken.append((box, x))
    return found


def boxes(x: float, across: float, rows: Sequence[int], wide: float, side: int) -> list[Box]:
    """Where a label may stand: row by row, right of its mark and left of it."""
    sides = [(x, x + across), (x - across, x)][::side]
    return [(row, left, right) for row in rows for left, right in sides if left >= 0 and right <= wide]


def free(box: Box, x: float, taken: Sequence[tuple[Box, float]]) -> bool:
    """Whether neither the label nor its stem would meet another label or stem."""
    row, left, right = box
    for (r, a, b), at in taken:
        if r == row and left < b + 6 and right > a - 6:
            return False
        if r > row and left - 3 < at < right + 3:
            return False
        if r < row and a - 3 < x < b + 3:
            return False
    return True


def marks(ax: Axes, events: Sequence[Mark], *, rows: int) -> None:
    """Draw the events of a panel."""
    wide, limits, transform = room(ax)[0], ax.get_xlim(), below(ax, top=True)
    for mark, when, box in placed(sheet(ax), events, limits, wide, rows):
        style = CUT if mark.cut else QUIETLY
        ax.axvline(when, **style, gid=f"mark-{mark.label}")
        if box is None:
            continue
        base = points(3 + box[0] * SMALL * ROW)
        ax.plot([when, when], [0, base + points(SMALL)], transform=transform, clip_on=False, color=LINE, linewidth=1)
        before = box[1] < (when - limits[0]) * wide / (limits[1] - limits[0]) - 1
        shift = (-4 if before else 4) * (limits[1] - limits[0]) / wide
        ax.text(
            when + shift, base, mark.label, transform=transform, ha="right" if before else "left", va="bottom",
            fontsize=points(SMALL), color=QUIET,
        )  # fmt: skip
