"""A timeline of dated acts: those on record above, those of one simulated run below, power by power.

Floor 6. A stem stands for an act; its height is the Goldstein value of the act (on record) or of its class (simulated). What
can be compared is how many and how warm, not when: no simulated act is the forecast of a recorded one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.plots import events, panel, phrases, timeline
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
    colour,
    house,
    mix,
    points,
    typeset,
)

if TYPE_CHECKING:
    from sim.summary import Context

REACH = 9.5
"""Half the height of a lane in Goldstein points: acts range from -9 to 8.5."""


@dataclass(frozen=True)
class Act:
    """One dated act.

    Attributes
    ----------
    when : decimal year
    goldstein : from -10 (conflict) to 8.3 (cooperation)
    own : whether the state itself moved; else the power did
    """

    when: float
    goldstein: float
    own: bool


@dataclass(frozen=True)
class Lane:
    """Acts between the state and one power.

    Attributes
    ----------
    power : code
    recorded, simulated : acts of the record and of the followed run
    rate_recorded : acts a year on record within the window (None where it holds no record)
    rate : acts a year, simulated: mean and 80 % interval over all runs
    warm_recorded, warm : share of acts with a Goldstein value above zero (None where there are none)
    """

    power: str
    recorded: tuple[Act, ...]
    simulated: tuple[Act, ...]
    rate_recorded: float | None
    rate: tuple[float, float, float]
    warm_recorded: float | None
    warm: float | None


@dataclass(frozen=True)
class Acts:
    """The lanes of all powers, the quarters they span, and the run that is followed."""

    lanes: tuple[Lane, ...]
    quarters: tuple[str, ...]
    state: str
    run: int
    total: tuple[float, float, float]
    total_recorded: float | None


def draw_acts(ax: Axes, lane: Lane, quarters: Sequence[str], recorded: bool = True) -> None:
    """Draw the acts with one power on given axes.

    Parameters
    ----------
    ax : where; only this panel is touched
    lane : what
    quarters : the window
    recorded : whether a lane for the record is drawn above the simulated one
    """
    with house():
        hue = mix(colour(lane.power), 0.8, "#000000")
        lanes = [("simulated", lane.simulated, 0.0)]
        if recorded:
            lanes.append(("recorded", lane.recorded, 2 * REACH))
        for name, acts, base in lanes:
            ax.axhline(base, color=QUIET, linewidth=1.0, zorder=1)
            for own in (True, False):
                mine = [a for a in acts if a.own == own]
                x, y = [a.when for a in mine], [base + a.goldstein for a in mine]
                ax.vlines(x, base, y, color=mix(hue, 0.75), linewidth=1.1, zorder=2)
                face = hue if name == "recorded" else PAPER
                ax.plot(x, y, "o" if own else "s", color=face, markeredgecolor=hue, markeredgewidth=1.2, markersize=5.5,
                        linestyle="", zorder=3, gid=f"{name}-{'own' if own else 'power'}")  # fmt: skip
        timeline.time_axis(ax, quarters, SMALL)
        ax.set_ylim(-REACH, (3 if recorded else 1) * REACH)
        ticks = [base + value for _, _, base in lanes for value in (-5, 0, 5)]
        ax.set_yticks(
            ticks, [typeset(f"{value:+d}" if value else "0") for _ in lanes for value in (-5, 0, 5)], fontsize=points(FINE)
        )
        ax.tick_params(axis="y", length=0)
        ax.set_axisbelow(True)


def key(recorded: bool, run: int, state: str) -> list[Artist]:
    """What the marks mean."""
    movers = (("o", state), ("s", "the power"))
    look = {"color": PAPER, "markeredgecolor": INK, "markeredgewidth": 1.2, "markersize": 6.5, "linestyle": ""}
    items: list[Artist] = []
    if recorded:
        items += [Line2D([], [], marker=m, **(look | {"color": INK}), label=f"on record, by {who}") for m, who in movers]  # type: ignore[arg-type]
    return items + [Line2D([], [], marker=m, **look, label=f"run {run}, by {who}") for m, who in movers]  # type: ignore[arg-type]


def _rate(found: tuple[float, float, float], what: str = "") -> str:
    mean, low, high = found
    return f"{mean:.1f}{what} a year (80 % interval {low:.1f} to {high:.1f})"


def headline_acts(acts: Acts, context: Context | None = None) -> str:
    """The finding: how many acts a year, simulated and on record."""
    mean = acts.total[0]
    if acts.total_recorded is not None:
        return f"Dated acts: {mean:.1f} a year simulated, {acts.total_recorded:.1f} on record"
    most = max(acts.lanes, key=lambda lane: lane.rate[0])
    return f"About {mean:.1f} dated acts a year are simulated, most with {phrases.spoken(most.power, context)}"


def caption_acts(acts: Acts, context: Context | None = None) -> str:
    """One sentence: acts a year in all with the interval over runs, and the share of warm ones."""
    every = [(lane.warm, lane.rate[0]) for lane in acts.lanes if lane.warm is not None]
    warm = sum(w * n for w, n in every) / (sum(n for _, n in every) or 1.0)
    rate = _rate(acts.total, " dated acts")
    text = f"{phrases.scene(context)}{phrases.spoken(acts.state, context)} and the powers exchange {rate},"
    text += f" {100 * warm:.0f} % of them cooperative"
    had = [(lane.warm_recorded, len(lane.recorded)) for lane in acts.lanes if lane.warm_recorded is not None]
    if acts.total_recorded is not None and had:
        then = sum(w * n for w, n in had) / sum(n for _, n in had)
        text += f"; the list of the record has {acts.total_recorded:.1f} a year, {100 * then:.0f} % cooperative"
    return phrases.upper(text + ".")


def figure_acts(acts: Acts, context: Context) -> Figure:
    """A lane or two for each power, on a slide."""
    with house():
        recorded = acts.total_recorded is not None
        page = Page.blank(960 if recorded else HEIGHT)
        page.head(headline_acts(acts, context), caption_acts(acts, context))
        page.foot(context)
        limits = timeline.window(acts.quarters)
        states = [acts.state] if context.leaders.get(acts.state) else []
        left, right = page.left + 124, page.right - 8
        band = 40 if len(acts.quarters) >= phrases.LONG else 26
        short = panel.unlabelled(page, context, states, limits, right - left, [band])
        page.note(
            "Compare how many and how warm, not when: no simulated act foretells a recorded one. Acts are on the list because a"
            f" source was found; Russia is over-covered.{events.said(context.marks, limits)} {short}".strip()
        )
        top = page.top - 30
        high = (top - page.bottom - band - 38) / len(acts.lanes)
        handles = key(recorded, acts.run, phrases.name(acts.state, context))
        page.figure.legend(
            handles=handles, ncols=4, loc="upper right", borderaxespad=0, borderpad=0.1, handlelength=1.0, columnspacing=1.2,
            bbox_to_anchor=(page.right / WIDTH, (page.top + 2) / page.height), handletextpad=0.4,
        )  # fmt: skip
        for place, lane in enumerate(acts.lanes):
            south = top - (place + 1) * high
            ax = page.axes(left, south + 2, right, south + high - 22)
            draw_acts(ax, lane, acts.quarters, recorded)
            events.notches(ax, context.marks)
            last = place == len(acts.lanes) - 1
            ax.tick_params(axis="x", labelbottom=last)
            if not last:
                ax.set_xlabel("")
            elif states:
                panel.band(ax, context, states, (band,))
            _titled(ax, lane, context, recorded)
        beside(page.figure.axes[0], "Goldstein value (points)", (0, 1), (-124, 28), SMALL, va="bottom")
        return page.figure


def _titled(ax: Axes, lane: Lane, context: Context, recorded: bool) -> None:
    """The power and how many acts a year, above the panel; what each lane is, at its left."""
    ink = mix(colour(lane.power), 0.6, "#000000")
    beside(ax, phrases.name(lane.power, context), (0, 1), (0, 2), LABEL, va="bottom", fontweight="bold", color=ink)
    had = f"on record {lane.rate_recorded:.1f} a year; " if lane.rate_recorded is not None else ""
    beside(ax, f"{had}simulated {_rate(lane.rate)}", (1, 1), (0, 3), FINE, ha="right", va="bottom", color=QUIET)
    for text, y in (("simulated", 0.0), ("on record", 2 * REACH))[: 1 + recorded]:
        beside(ax, text, (0, y), (-36, 0), FINE, coords=ax.get_yaxis_transform(), ha="right", va="center", color=QUIET)
