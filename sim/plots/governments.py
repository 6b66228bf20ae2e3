"""Who governs: one panel for each power, one line with its fan for each government, all with the same luck.

Floor 6. Governments differ by line style and mark as well as by colour. Fans overlap because most of what is not known is the
same under every government; how much the governments differ run by run is the business of paired differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.plots import events, fan, panel, phrases, timeline
from sim.plots.style import FINE, LABEL, PAPER, SMALL, WIDTH, Page, beside, colour, house, mix, points, room, typeset, wrapped

if TYPE_CHECKING:
    from sim.summary import Context, Fan

WORLDS: tuple[tuple[str, Any, str], ...] = (
    ("#1a1a1a", "-", "o"),
    ("#d55e00", (0, (6, 2)), "s"),
    ("#0072b2", (0, (1.4, 1.2)), "^"),
    ("#e69f00", (0, (7, 1.6, 1.4, 1.6)), "D"),
    ("#5b2a68", (0, (3, 1.2)), "v"),
    ("#56b4e9", (0, (10, 3)), "X"),
)
"""Colour, line style and mark of each government."""

MOST = len(WORLDS)
TINT = 0.22


@dataclass(frozen=True)
class Governments:
    """The same relations under several governments.

    Attributes
    ----------
    names : of the worlds, the one that the others are held against first
    fans : power -> one fan for each world, over the same quarters
    differences : power -> for each later world the paired difference at the end: (median, low, high) of 80 %
    """

    names: tuple[str, ...]
    fans: dict[str, tuple[Fan, ...]]
    differences: dict[str, tuple[tuple[float, float, float], ...]]

    @property
    def one(self) -> Fan:
        """Any of the fans: they share measure, quarters, state and issue area."""
        return next(iter(self.fans.values()))[0]

    def largest(self) -> tuple[str, int]:
        """Power and place of the later world whose paired difference at the end is largest."""
        every = [(abs(d[0]), p, i) for p, found in self.differences.items() for i, d in enumerate(found)]
        _, partner, place = max(every)
        return partner, place


def draw_governments(ax: Axes, fans: Sequence[Fan], context: Context | None = None) -> None:
    """Draw one power under every government on given axes: 80 % bands, medians, and at the right 50, 80 and 95 % at the end."""
    with house():
        x = [timeline.year(q) for q in fans[0].quarters]
        low, high = fan.extent(fans)
        panel.y_axis(ax, fans[0].measure, low, high, few=True)
        timeline.time_axis(ax, fans[0].quarters, SMALL, label=False)
        _zoom(ax, fans)
        last = timeline.window(fans[0].quarters)[1]
        scale = (last - ax.get_xlim()[0]) / room(ax)[0]
        for place, one in enumerate(fans):
            hue, style, mark = WORLDS[place % MOST]
            edge = {"facecolor": mix(hue, TINT), "edgecolor": mix(hue, 0.6), "linestyle": style, "linewidth": 1.0}
            ax.fill_between(x, *one.bands[0.8], **edge, alpha=0.4, zorder=2, gid=f"band-{place}")
            ax.plot(x, one.median, color=PAPER, linewidth=4.4, zorder=3)
            ax.plot(x, one.median, color=hue, linestyle=style, linewidth=2.6, zorder=4, gid=f"median-{place}")
            at = last + (10 + 12 * place) * scale
            for level, width in ((0.95, 1.0), (0.8, 2.6), (0.5, 6.0)):
                ends = [float(bound[-1]) for bound in one.bands[level]]
                ax.plot([at, at], ends, color=hue, linewidth=width, solid_capstyle="butt", clip_on=False,
                        gid=f"end-{place}-{100 * level:.0f}")  # fmt: skip
            ax.plot([at], [one.median[-1]], mark, color=PAPER, markeredgecolor=hue, markersize=6.5, clip_on=False, zorder=5)
        if context is not None:
            events.notches(ax, context.marks)


def _zoom(ax: Axes, fans: Sequence[Fan]) -> None:
    """An index keeps its neutral line in view but not its empty ends: governments differ by less than the scale is long."""
    if not phrases.index(fans[0].measure):
        return
    low, high = (pick(float(pick_of(b)) for b in ends) for pick, pick_of, ends in (
        (min, np.min, [f.bands[0.95][0] for f in fans]), (max, np.max, [f.bands[0.95][1] for f in fans])))  # fmt: skip
    ax.set_ylim(max(-1.0, min(low, 0.0) - 0.05), min(1.0, max(high, 0.0) + 0.05))


def key(names: Sequence[str]) -> list[Artist]:
    """Which line is which government."""
    return [
        Line2D(
            [], [], color=hue, linestyle=style, linewidth=2.6, marker=mark, markersize=6.5, markerfacecolor=PAPER, label=name
        )
        for name, (hue, style, mark) in zip(names, WORLDS, strict=False)
    ]


def headline_governments(found: Governments, context: Context | None = None) -> str:
    """The finding: where it matters most who governs."""
    partner, place = found.largest()
    one, (middle, low, high) = found.one, found.differences[partner][place]
    ends = phrases.tie(partner, one.issue, one.measure, context)
    if abs(middle) < 0.05:
        return f"Who governs hardly matters {phrases.tie('', one.issue, one.measure, context)} by {one.quarters[-1]}".strip()
    sure = "" if low <= 0 <= high else ", a sign that is clear at 80 %"
    return f"Who governs matters most {ends} ({phrases.number(middle, _signed(one))}){sure}"


def _signed(one: Fan) -> Any:
    from dataclasses import replace

    return replace(one.measure, neutral=0.0)


def caption_governments(found: Governments, context: Context | None = None) -> str:
    """One sentence: the largest paired difference at the end with its interval, and in how many the sign is clear."""
    partner, place = found.largest()
    one, (middle, low, high) = found.one, found.differences[partner][place]
    every = [d for of in found.differences.values() for d in of]
    clear = sum(not d[1] <= 0 <= d[2] for d in every)
    signed = _signed(one)
    return (
        f'With the same luck, "{found.names[place + 1]}" differs most from "{found.names[0]}"'
        f" {phrases.tie(partner, one.issue, one.measure, context)} in {one.quarters[-1]}: by"
        f" {phrases.number(middle, signed)} (80 % interval {phrases.interval(low, high, signed)});"
        f" the sign is clear at 80 % in {clear or 'none'} of {len(every)} paired differences."
    )


def figure_governments(found: Governments, context: Context) -> Figure:
    """One panel a power on a slide."""
    with house():
        page, one = Page.blank(), found.one
        page.head(headline_governments(found, context), caption_governments(found, context))
        page.foot(context)
        page.note(
            "Lines: medians; shaded: 80 % of the runs; bars at the right: 50, 80 and 95 % at the end. Below: the paired"
            " difference from the first world at the end, with its 80 % interval."
            + events.said(context.marks, timeline.window(one.quarters))
        )
        _legend(page, found.names)
        left, gap = page.left + 54, 30.0 + 12 * len(found.names)
        wide = (page.right + gap - left - 12 * len(found.names) - 12) / len(found.fans)
        below = 44 + 19 * (len(found.names) - 1)
        page.top -= 28
        for place, (partner, fans) in enumerate(found.fans.items()):
            west = left + place * wide
            ax = page.axes(west, page.bottom + below, west + wide - gap, page.top - 28)
            draw_governments(ax, fans, context)
            ax.tick_params(axis="y", labelsize=points(SMALL), labelleft=place == 0)
            ink = mix(colour(partner), 0.6, "#000000")
            beside(ax, phrases.name(partner, context), (0, 1), (0, 6), LABEL, va="bottom", fontweight="bold", color=ink)
            _written(ax, found, partner)
        _scales(page, found)
        what = f" in {phrases.lower(phrases.name(one.issue, context))}" if one.issue else ""
        label = panel.y_label(one.measure).replace(" (", f"{what} (", 1)
        page.figure.text(page.left / WIDTH, (page.top + 6) / page.height, label, fontsize=points(SMALL), va="bottom")
        return page.figure


def _scales(page: Page, found: Governments) -> None:
    """All panels on one scale."""
    every = [ax.get_ylim() for ax in page.figure.axes]
    for ax in page.figure.axes:
        ax.set_ylim(min(low for low, _ in every), max(high for _, high in every))


def _written(ax: Axes, found: Governments, partner: str) -> None:
    """Paired differences at the end in figures, one line for each later world, with its mark."""
    signed = _signed(found.one)
    for place, (middle, low, high) in enumerate(found.differences[partner]):
        hue, _, mark = WORLDS[(place + 1) % MOST]
        y = -(38 + 19 * place)
        text = f"{phrases.number(middle, signed)} ({phrases.interval(low, high, signed)})"
        beside(ax, text, (0, 0), (16, y), FINE, va="center", fontweight="normal" if low <= 0 <= high else "bold")
        wide, high_ = room(ax)
        ax.plot([6 / wide], [y / high_], mark, transform=ax.transAxes, clip_on=False, markersize=6.5, color=PAPER,
                markeredgecolor=hue, markeredgewidth=1.4)  # fmt: skip


def _legend(page: Page, names: Sequence[str]) -> None:
    """Governments in rows below the sentence."""
    columns = 2 if len(names) in (2, 4) else 3
    free = (page.right - page.left) / columns - 70
    labels = [wrapped(page.figure, typeset(name), SMALL, free) for name in names]
    legend = page.figure.legend(
        handles=key(labels), ncols=columns, loc="upper left", bbox_to_anchor=(page.left / WIDTH, page.top / page.height),
        borderaxespad=0, borderpad=0.1, handlelength=3.2, columnspacing=1.6,
    )  # fmt: skip
    page.top -= float(legend.get_window_extent().height)
