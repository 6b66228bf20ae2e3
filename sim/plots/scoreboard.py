"""The scoreboard of a back-test, and whether its forecasts were calibrated: two slides.

Floor 6. Finished numbers only: what is compared, and every word about it, is decided where they are made. A dot right of zero
says that the model beat a rival, a bar shows two standard errors each way, and where the model lost is drawn like the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.plots.heatmap import on
from sim.plots.style import FINE, INK, LABEL, PAPER, QUIET, RULE, SMALL, Page, beside, house, mix, points, typeset

if TYPE_CHECKING:
    from sim.summary import Context

BETTER, WORSE = "#2f79b5", "#c2571a"
"""Blue and orange, kept apart by every common kind of colour blindness."""


@dataclass(frozen=True)
class Contest:
    """The model against its rivals on one series.

    Attributes
    ----------
    title : series, years and unit
    differences, errors : by rival: score of the model less that of the rival, and its standard error; None if not played
    """

    title: str
    differences: tuple[float | None, ...]
    errors: tuple[float | None, ...]


@dataclass(frozen=True)
class Scoreboard:
    """What a back-test found.

    Attributes
    ----------
    headline, sentence : the finding in words
    rivals : their names
    contests : one for each series
    regimes : names of the held-out regimes
    strips : (label, difference in each regime), None where there is no record
    """

    headline: str
    sentence: str
    rivals: tuple[str, ...]
    contests: tuple[Contest, ...]
    regimes: tuple[str, ...]
    strips: tuple[tuple[str, tuple[float | None, ...]], ...]


@dataclass(frozen=True)
class Reliability:
    """How often intervals held what happened, and where it lay in its forecast.

    Attributes
    ----------
    headline, sentence : the finding in words
    series : (name, number of years, share inside each interval, counts of the PIT in ten bins)
    levels : nominal shares of the intervals
    """

    headline: str
    sentence: str
    series: tuple[tuple[str, int, tuple[float, ...], tuple[int, ...]], ...]
    levels: tuple[float, ...]


def draw_contest(ax: Axes, contest: Contest, rivals: Sequence[str], *, names: bool = True) -> None:
    """Draw differences to all rivals, best placed rival at the bottom line as given, on given axes."""
    with house():
        rows = np.arange(len(rivals))[::-1]
        ends = [abs(d) + 2 * (e or 0.0) for d, e in zip(contest.differences, contest.errors, strict=True) if d is not None]
        reach = 1.1 * max((end for end in ends if end <= 3 * np.median(ends)), default=1.0)
        ax.axvline(0, color=QUIET, linewidth=1.2, zorder=1)
        for y, d, e in zip(rows, contest.differences, contest.errors, strict=True):
            if d is None:
                beside(ax, "not played", (0, y), (6, 0), FINE, coords="data", va="center", color=QUIET)
                continue
            hue, sure = (BETTER if d > 0 else WORSE), e is not None and abs(d) > 2 * e
            at = float(np.clip(d, -0.95 * reach, 0.95 * reach))
            if e is not None:
                low, high = np.clip([d - 2 * e, d + 2 * e], -reach, reach)
                ax.plot([low, high], [y, y], color=hue, linewidth=2.2, solid_capstyle="butt", zorder=2)
            ax.plot([at], [y], "o" if at == d else (">" if d > 0 else "<"), markersize=8, zorder=3, clip_on=False,
                    markerfacecolor=hue if sure else PAPER, markeredgecolor=hue, markeredgewidth=1.8)  # fmt: skip
            beside(ax, f"{round(d, 1) + 0.0:+.1f}", (1, y), (8, 0), SMALL, coords=ax.get_yaxis_transform(), va="center",
                   fontweight="bold" if sure else "normal", color=hue)  # fmt: skip
        ax.set_xlim(-reach, reach)
        ax.set_ylim(-0.6, len(rivals) - 0.4)
        ax.set_yticks(rows, [typeset(name) for name in rivals] if names else [""] * len(rivals), fontsize=points(SMALL))
        ax.tick_params(axis="x", labelsize=points(FINE))
        ax.xaxis.set_major_formatter(lambda value, _: typeset(f"{value:g}"))
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        for y in rows:
            ax.axhline(y, color=RULE, linewidth=0.8, zorder=0)


def draw_strips(ax: Axes, board: Scoreboard) -> None:
    """Draw the differences regime by regime as tiles with their numbers, on given axes."""
    with house():
        ax.set_xlim(0, len(board.regimes))
        ax.set_ylim(len(board.strips), 0)
        for row, (_, values) in enumerate(board.strips):
            largest = max((abs(v) for v in values if v is not None), default=1.0) or 1.0
            for column, value in enumerate(values):
                share = 0.0 if value is None else min(1.0, abs(value) / largest)
                fill = mix(BETTER if (value or 0.0) > 0 else WORSE, 0.12 + 0.78 * share) if value is not None else "#f5f5f5"
                ax.fill_between([column + 0.02, column + 0.98], row + 0.04, row + 0.96, color=fill, linewidth=0)
                text = "no record" if value is None else f"{round(value, 1) + 0.0:+.1f}"
                beside(ax, text, (column + 0.5, row + 0.5), (0, 0), SMALL if value is not None else FINE, coords="data",
                       ha="center", va="center", color=on(to_rgb(fill)))  # fmt: skip
        ax.xaxis.tick_top()
        ax.set_xticks(np.arange(len(board.regimes)) + 0.5, [typeset(r) for r in board.regimes], fontsize=points(FINE))
        ax.set_yticks(np.arange(len(board.strips)) + 0.5, [typeset(label) for label, _ in board.strips], fontsize=points(SMALL))
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)


def figure_scoreboard(board: Scoreboard, context: Context) -> Figure:
    """The model against every rival on every series, and regime by regime, on a slide."""
    with house():
        page = Page.blank()
        page.head(board.headline, board.sentence)
        page.foot(context)
        page.note("Dot: sum over held-out years of the model's log score less the rival's (nats). Bar: two standard errors over"
                  " years, cut off at the frame. Filled: beyond two standard errors. Tiles: the same by regime.")  # fmt: skip
        left, gap = page.left + 150, 74.0
        tiles = 30 + 30 * len(board.strips)
        bottom = page.bottom + tiles + 34
        wide = (page.right - left + gap - 50) / len(board.contests)
        for i, contest in enumerate(board.contests):
            ax = page.axes(left + i * wide, bottom, left + (i + 1) * wide - gap, page.top - 26)
            draw_contest(ax, contest, board.rivals, names=i == 0)
            beside(ax, contest.title, (0, 1), (0, 6), LABEL, va="bottom", fontweight="bold")
            beside(ax, "nats", (1, 1), (0, 7), FINE, ha="right", va="bottom", color=QUIET)
        strip = page.axes(left + 40, page.bottom + 4, page.right, page.bottom + tiles - 24)
        draw_strips(strip, board)
        return page.figure


def draw_coverage(ax: Axes, reliability: Reliability) -> None:
    """Draw shares of years inside intervals against what the intervals promise, on given axes."""
    with house():
        ax.plot([0.4, 1], [0.4, 1], color=QUIET, linewidth=1.2, zorder=1)
        for i, (_, _, inside, _) in enumerate(reliability.series):
            hue, mark = HUES[i % len(HUES)], MARKS[i % len(MARKS)]
            shift = 0.004 * (i - (len(reliability.series) - 1) / 2)
            ax.plot(
                np.array(reliability.levels) + shift, inside, mark, color=hue, markersize=8, markeredgecolor=PAPER, zorder=2
            )
        ax.set_xlim(0.42, 1.0)
        ax.set_ylim(min([0.4, *(min(s[2]) - 0.05 for s in reliability.series)]), 1.03)
        ax.set_xticks(reliability.levels, [f"{100 * level:.0f}" for level in reliability.levels])
        ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}")
        ax.set_xlabel(typeset("interval (%)"), fontsize=points(SMALL))
        ax.grid(axis="y")


HUES = ("#1a1a1a", "#00609c", "#d55e00", "#5b2a68", "#e69f00", "#009e73", "#882255", "#7f7f7f")
MARKS = ("o", "s", "D", "^", "v", "P", "X", "p")
"""Colour and mark of each series."""


def draw_pit(ax: Axes, counts: Sequence[int], hue: str) -> None:
    """Draw one PIT histogram with the band of what chance allows a calibrated forecast, on given axes."""
    with house():
        n, bins = sum(counts), len(counts)
        expected = n / bins
        spread = 2 * np.sqrt(expected * (1 - 1 / bins))
        ax.fill_between([0, 1], max(0.0, expected - spread), expected + spread, color=RULE, linewidth=0, zorder=0)
        ax.axhline(expected, color=QUIET, linewidth=1.0, zorder=2)
        ax.bar((np.arange(bins) + 0.5) / bins, counts, width=0.9 / bins, color=hue, zorder=1)
        ax.set_xlim(0, 1)
        ax.set_xticks([0, 0.5, 1], ["0", ".5", "1"], fontsize=points(FINE))
        ax.yaxis.set_major_locator(MaxNLocator(2, integer=True))
        ax.tick_params(axis="y", labelsize=points(FINE), length=0)


def figure_reliability(reliability: Reliability, context: Context) -> Figure:
    """Coverage of intervals beside the PIT histograms, on a slide."""
    with house():
        page = Page.blank()
        page.head(reliability.headline, reliability.sentence)
        page.foot(context)
        page.note("Left: share of held-out years inside the interval; on the line, intervals keep their promise. Right: where"
                  " the outcome lay in its forecast (PIT, ten bins); flat is right, grey is what chance allows (two standard"
                  " errors); high at both ends means too narrow, high in the middle too wide.")  # fmt: skip
        middle, top = page.left + 500, page.top - 52
        ax = page.axes(page.left + 50, page.bottom + 54, middle - 30, top)
        draw_coverage(ax, reliability)
        beside(ax, "years inside (%)", (0, 1), (-50, 8), SMALL, va="bottom")
        columns, rows = 3, -(-len(reliability.series) // 3)
        wide, high = (page.right - middle - 20) / columns, (top - page.bottom + 10) / rows
        beside(ax, "years in each tenth of the forecast (PIT)", (1, 1), (60, 30), SMALL, va="bottom")
        for i, (name, n, _, counts) in enumerate(reliability.series):
            x, y = middle + 30 + (i % columns) * wide, top - (i // columns) * high
            panel = page.axes(x + 12, y - high + 64, x + wide - 26, y - 4)
            draw_pit(panel, counts, HUES[i % len(HUES)])
            beside(panel, f"{name} ({n} y)", (0, 1), (14, 6), FINE, va="bottom", color=INK)
            dot = Line2D([0.02], [1.12], marker=MARKS[i % len(MARKS)], color=HUES[i % len(HUES)], markersize=7,
                         linestyle="", transform=panel.transAxes, clip_on=False)  # fmt: skip
            panel.add_artist(dot)
        return page.figure


def caption_scoreboard(board: Scoreboard, context: Context | None = None) -> str:
    """One sentence: what was found."""
    return f"{board.headline}. {board.sentence}"


def caption_reliability(reliability: Reliability, context: Context | None = None) -> str:
    """One sentence: what was found."""
    return f"{reliability.headline}. {reliability.sentence}"
