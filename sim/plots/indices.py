"""What moves an outcome: factors as bars with their intervals, and for a screening the plane of size and spread.

Floor 6. Bars are sorted by what they show; groups stand below the factors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.plots.style import INK, PAPER, QUIET, RULE, SMALL, Page, beside, house, mix, points, typeset, wrapped

if TYPE_CHECKING:
    from sim.summary import Context

HUE = "#00609c"
NUMBERED = 0.1
"""Share of the largest effect from which a factor gets its number in the plane."""


@dataclass(frozen=True)
class Bar:
    """One factor or group.

    Attributes
    ----------
    label, group : what it is (a group has no group)
    value, low, high : its main index (total, or mean size of the effect) with its 90 % interval
    inner : what it explains alone (first order), or the spread of the effect; NaN where unknown
    inner_low, inner_high : its 90 % interval (not of a spread)
    """

    label: str
    group: str
    value: float
    low: float
    high: float
    inner: float
    inner_low: float = float("nan")
    inner_high: float = float("nan")


@dataclass(frozen=True)
class Bars:
    """Factors and groups, and what is said of them.

    Attributes
    ----------
    headline, sentence, note : the finding in words, and what the reader must know
    unit : of the bars
    bars : factors first, each kind from large to small
    plane : whether ``inner`` is a spread, drawn against the effect, instead of a second bar
    """

    headline: str
    sentence: str
    note: str
    unit: str
    bars: tuple[Bar, ...]
    plane: bool


def draw_bars(ax: Axes, bars: Bars) -> None:
    """Draw bars with their intervals on given axes, the first at the top."""
    with house():
        y = 0.0
        ticks, labels = [], []
        room = ax.get_position().x0 * ax.figure.bbox.width - 40
        for place, bar in enumerate(bars.bars):
            y += 1.0 + 0.6 * (place > 0 and bool(bars.bars[place - 1].group) and not bar.group)
            pairs = [(y, bar.value, bar.low, bar.high, HUE)]
            if not bars.plane:
                pairs = [(y - 0.2, *pairs[0][1:]), (y + 0.2, bar.inner, bar.inner_low, bar.inner_high, mix(HUE, 0.4))]
            for which, (at, value, low, high, hue) in enumerate(pairs):
                ax.barh([at], [max(value, 0.0)], height=0.68 / len(pairs), color=hue, gid=f"bar-{place}-{which}")
                ax.plot([max(low, 0.0), max(high, 0.0)], [at, at], color=INK, linewidth=1.4, gid=f"whisker-{place}-{which}")
            said = f"{bar.value:.3f}" if bars.plane else f"{100 * max(bar.value, 0):.0f} %"
            end = max(bar.high, bar.value, 0.0 if bars.plane else bar.inner_high)
            beside(ax, typeset(said), (end, y), (8, 0), SMALL, coords="data", va="center", fontweight="bold")
            ticks.append(y)
            number = f"{place + 1}  " if bars.plane and bar.group else ""
            labels.append(wrapped(ax.figure.get_figure(root=True), number + bar.label, SMALL, room))
        reach = max(max(bar.high, bar.value, 0.0 if bars.plane else bar.inner_high) for bar in bars.bars)
        ax.set_xlim(0, 1.14 * reach)
        ax.set_ylim(y + 0.6, 0.4)
        ax.set_yticks(ticks, labels, fontsize=points(SMALL))
        ax.tick_params(axis="y", length=0)
        ax.tick_params(axis="x", labelsize=points(SMALL))
        if not bars.plane:
            ax.xaxis.set_major_formatter(lambda value, _: typeset(f"{100 * value:.0f} %"))
        ax.grid(axis="x", color=RULE)
        ax.set_axisbelow(True)
        ax.set_xlabel("mean size of the effect of a step" if bars.plane else bars.unit, fontsize=points(SMALL))


def draw_plane(ax: Axes, bars: Bars) -> None:
    """Draw the size of effects against their spread: above the line, what a step does depends on where it is taken."""
    with house():
        shown = [(place, bar) for place, bar in enumerate(bars.bars) if bar.group and bar.inner == bar.inner]
        reach = 1.12 * max(bar.value for _, bar in shown)
        high = 1.12 * max([*(bar.inner for _, bar in shown), 0.25 * reach])
        ax.plot([0, reach], [0, reach], color=QUIET, linewidth=1.0, linestyle="--")
        for place, bar in shown:
            ax.plot([bar.value], [bar.inner], "o", color=HUE, markersize=9, markeredgecolor=PAPER, gid=f"point-{place}")
            if bar.value >= NUMBERED * reach:
                beside(ax, str(place + 1), (bar.value, bar.inner), (8, -18), SMALL, coords="data", fontweight="bold")
        ax.set_xlim(0, reach)
        ax.set_ylim(0, high)
        ax.set_xlabel("mean size of the effect of a step", fontsize=points(SMALL))
        ax.tick_params(labelsize=points(SMALL))
        ax.grid(color=RULE)
        ax.set_axisbelow(True)
        beside(ax, "spread of the effect (dashed: as large as the size)", (0, 1), (0, 10), SMALL, va="bottom")


def figure_indices(bars: Bars, context: Context) -> Figure:
    """Bars on a slide; for a screening with the plane beside them."""
    with house():
        page = Page.blank()
        page.head(bars.headline, bars.sentence)
        page.foot(context)
        page.note(bars.note)
        right = page.left + 700 if bars.plane else page.right
        ax = page.axes(
            page.left + (300 if bars.plane else 370), page.bottom + 62, right - 10, page.top - (12 if bars.plane else 34)
        )
        draw_bars(ax, bars)
        if bars.plane:
            draw_plane(page.axes(right + 90, page.bottom + 62, page.right, page.top - 40), bars)
        else:
            page.figure.legend(
                handles=[
                    Patch(color=HUE, label="alone and with others (total)"),
                    Patch(color=mix(HUE, 0.4), label="alone (first order)"),
                    Line2D([], [], color=INK, linewidth=1.6, label=typeset("90 % interval")),
                ],
                ncols=3, loc="upper right", borderaxespad=0, fontsize=points(SMALL),
                bbox_to_anchor=(page.right / page.figure.bbox.width, page.top / page.height),
            )  # fmt: skip
        return page.figure
