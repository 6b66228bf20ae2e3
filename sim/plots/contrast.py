"""Two worlds with the same luck: both fans above, their paired difference below.

Floor 6. The difference is taken run by run, so its band is narrower than the gap of the two fans suggests; that is the point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim import words
from sim.plots import events, panel, phrases, timeline
from sim.plots import fan as fans
from sim.plots.style import INK, LABEL, PAPER, TINTS, Page, colour, house, mix, typeset

if TYPE_CHECKING:
    from sim.summary import Context, Fan

BASE = "#6b6b6b"
"""The world that the other is held against."""


@dataclass(frozen=True)
class Contrast:
    """What is drawn: the base world, the other world, and their paired difference, of one dyad and issue area.

    Attributes
    ----------
    base, other, difference : fans over the same quarters
    names : of the two worlds
    p_positive : share of runs in which the difference at the end is above zero
    since : quarter from which on the difference can be told from none ('' if never)
    variance_ratio : variance of the paired difference at the end over that of an unpaired one
    """

    base: Fan
    other: Fan
    difference: Fan
    names: tuple[str, str]
    p_positive: float
    since: str
    variance_ratio: float


def headline_contrast(contrast: Contrast, context: Context | None = None) -> str:
    """The finding: which way the other world differs."""
    last = contrast.difference
    ends = phrases.tie(last.partner, last.issue, contrast.base.measure, context)
    change = phrases.difference(0.0, last.median[-1], last.measure)
    change = words.change(last.median[-1]) if phrases.index(contrast.base.measure) else change
    return f'"{contrast.names[1]}" against "{contrast.names[0]}": {change} {ends}{_doubt(contrast, change)}'


def _doubt(contrast: Contrast, change: str) -> str:
    """Whether the intervals of a difference that counts leave its direction open."""
    if contrast.since or change == "about the same":
        return ""
    low, high = (float(bound[-1]) for bound in contrast.difference.bands[0.8])
    return "; which way stays open" if low <= 0 <= high else "; which way is clear at 80 %, not at 90 %"


def caption_contrast(contrast: Contrast, context: Context | None = None) -> str:
    """One sentence: the paired difference at the end with its interval, and since when it shows."""
    d = contrast.difference
    low, high = (float(bound[-1]) for bound in d.bands[0.8])
    what = f"{phrases.called(contrast.base.measure)} {phrases.tie(d.partner, d.issue, contrast.base.measure, context)}"
    shown = f"it can be told from none from {contrast.since} on" if contrast.since else "it cannot be told from none"
    return (
        f"With the same luck in both worlds, the {what} in {d.quarters[-1]} differs by"
        f" {phrases.number(d.median[-1], d.measure)} (80 % interval {phrases.interval(low, high, d.measure)}); it is higher in"
        f" {100 * contrast.p_positive:.0f} % of the runs, and {shown} (90 % interval)."
    )


def draw_contrast(ax: Axes, contrast: Contrast, context: Context | None = None) -> None:
    """Draw the paired difference on given axes; see :func:`sim.plots.draw_fan` for the arguments."""
    with house():
        fans.bands(ax, contrast.difference)
        panel.on_axes(ax, contrast.difference, context, fans.extent([contrast.difference]))


def draw_worlds(ax: Axes, contrast: Contrast, context: Context | None = None) -> None:
    """Draw both worlds on given axes; see :func:`sim.plots.draw_fan` for the arguments."""
    with house():
        _worlds(ax, contrast)
        panel.on_axes(ax, contrast.base, context, fans.extent([contrast.base, contrast.other]))


def _worlds(ax: Axes, contrast: Contrast) -> None:
    """Both fans: 80 % bands and medians, the base hatched so that the two differ without colour."""
    x = [timeline.year(q) for q in contrast.base.quarters]
    for which, hue, hatch in ((contrast.base, BASE, "///"), (contrast.other, colour(contrast.other.partner or "BGD"), "")):
        low, high = which.bands[0.8]
        edge = mix(hue, 0.75)
        ax.fill_between(x, low, high, facecolor=mix(hue, 0.18), edgecolor=edge, linewidth=0.8, hatch=hatch, alpha=0.75)
        ax.plot(x, which.median, color=PAPER, linewidth=4.4)
        style = "--" if hatch else "-"
        ax.plot(
            x, which.median, color=mix(hue, 0.6, "#000000"), linewidth=2.6, linestyle=style, gid=f"median-{hatch or 'other'}"
        )


def _key(contrast: Contrast) -> list[Artist]:
    hue = mix(colour(contrast.other.partner or "BGD"), 0.6, "#000000")
    return [
        Line2D([], [], color=hue, linewidth=2.6, label=f"{contrast.names[1]} (80 %)"),
        Line2D([], [], color=mix(BASE, 0.6, "#000000"), linewidth=2.6, linestyle="--", label=f"{contrast.names[0]} (80 %)"),
    ]


def _band_key(levels: Sequence[float]) -> list[Artist]:
    items: list[Artist] = [Line2D([], [], color=INK, linewidth=2.6, label="median")]
    for level in levels:
        label = typeset(f"{100 * level:.0f} %")
        items.append(Patch(facecolor=mix(fans.GREY, TINTS[level]), edgecolor=mix(fans.GREY, 0.75), linewidth=0.5, label=label))
    return items


def _seated(contrast: Contrast, context: Context) -> str:
    """Of which world the band of leaders is."""
    return f' In office: as in "{contrast.names[1]}".' if context.leaders.get(contrast.base.state) else ""


def figure_contrast(contrast: Contrast, context: Context) -> Figure:
    """Both worlds and their difference on one slide."""
    with house():
        page = Page.blank(960)
        page.head(headline_contrast(contrast, context), caption_contrast(contrast, context))
        page.foot(context)
        page.note(
            f"Pairing shrinks the variance of the difference to {100 * contrast.variance_ratio:.0f} % of an unpaired one."
            f"{events.said(context.marks, timeline.window(contrast.base.quarters))}"
            f"{_seated(contrast, context)}"
        )
        left, right = page.left + 112, page.right - 92
        high = (page.top - page.bottom - 182) / 2
        upper = page.axes(left, page.top - 40 - high, right, page.top - 40)
        panel.y_axis(upper, contrast.base.measure, *fans.extent([contrast.base, contrast.other]))
        page.title_row(upper, panel.y_label(contrast.base.measure), _key(contrast))
        _worlds(upper, contrast)
        timeline.time_axis(upper, contrast.base.quarters, LABEL, label=False)
        upper.tick_params(axis="x", labelbottom=False)
        events.notches(upper, context.marks)
        if phrases.index(contrast.base.measure):
            panel.temperatures(upper)
        page.top -= high + 74
        lower = page.axes(left, page.top - 40 - high, right, page.top - 40)
        panel.y_axis(lower, contrast.difference.measure, *fans.extent([contrast.difference]))
        page.title_row(lower, panel.y_label(contrast.difference.measure), _band_key(sorted(TINTS)))
        fans.bands(lower, contrast.difference)
        timeline.time_axis(lower, contrast.base.quarters, LABEL)
        events.notches(lower, context.marks)
        if context.leaders.get(contrast.base.state):
            panel.band(lower, context, [contrast.base.state], (30,))
        return page.figure
