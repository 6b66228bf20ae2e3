"""With whom a state votes when powers oppose each other in the General Assembly: one panel for each described kind of text.

Floor 6. Probabilities come from the model's vote rule for the text as described; points are shares of a year on recorded texts
like it, which the model may have been fitted to up to the training cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.plots import events, phrases, timeline
from sim.plots.fan import POINT
from sim.plots.style import FINE, INK, PAPER, QUIET, SMALL, WIDTH, Page, beside, house, mix, points, typeset, wrapped

if TYPE_CHECKING:
    from sim.recorded import Points
    from sim.summary import Context, Fan, Mark

YES, NO = "#00609c", "#d55e00"
"""The side that says yes and the side that says no: far apart in lightness and for every eye, one solid, one hatched."""


@dataclass(frozen=True)
class Side:
    """One described kind of roll call on which powers oppose each other.

    Attributes
    ----------
    label : what it is
    yes, no : codes of the powers that vote yes and no
    fan_yes, fan_no : probability of voting with either side, over quarters in which such texts come to a vote
    record_yes, record_no : shares on recorded texts like it, year by year; None where there are none
    window : first and last quarter drawn: from the first such text on
    """

    label: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    fan_yes: Fan
    fan_no: Fan
    record_yes: Points | None
    record_no: Points | None
    window: tuple[str, str]


@dataclass(frozen=True)
class Sides:
    """All of them, and the end of the record that the model was fitted to (None: it was fitted to none)."""

    panels: tuple[Side, ...]
    cut: Mark | None = None

    @property
    def state(self) -> str:
        """Who votes."""
        return self.panels[0].fan_yes.state

    def open(self) -> Side:
        """The one whose outcome is most open at the end."""
        return min(self.panels, key=lambda side: abs(float(side.fan_yes.median[-1]) - 0.5))


def draw_sides(ax: Axes, side: Side, cut: Mark | None = None) -> None:
    """Draw one kind of roll call on given axes.

    Parameters
    ----------
    ax : where; only this panel is touched
    side : what
    cut : the end of the record that the model was fitted to
    """
    with house():
        for one, hue, style, name in ((side.fan_yes, YES, "-", "yes"), (side.fan_no, NO, (0, (5, 1.6)), "no")):
            x = [timeline.year(q) for q in one.quarters]
            for level, share in ((0.95, 0.16), (0.8, 0.32)):
                hatched = name == "no" and level == 0.8
                ax.fill_between(x, *one.bands[level], facecolor=mix(hue, share), edgecolor=mix(hue, 0.7), linewidth=0.6,
                                alpha=0.55 if name == "no" else 0.9, hatch="////" if hatched else "", zorder=2,
                                gid=f"band-{name}-{100 * level:.0f}")  # fmt: skip
            ax.plot(x, one.median, color=PAPER, linewidth=4.4, zorder=3)
            ax.plot(
                x, one.median, color=mix(hue, 0.75, "#000000"), linestyle=style, linewidth=2.6, zorder=4, gid=f"median-{name}"
            )
        for found, mark, gid in ((side.record_no, "s", "record-no"), (side.record_yes, "o", "record-yes")):
            if found is not None:
                face = INK if gid == "record-yes" else PAPER
                look = POINT | {"markerfacecolor": face, "markeredgecolor": PAPER if gid == "record-yes" else INK}
                ax.plot(found.years + 0.5, found.values, mark, **look, markersize=7, gid=gid)
        timeline.time_axis(ax, side.window, FINE, label=False)
        ax.set_ylim(0, 1)
        ax.set_yticks([0, 0.5, 1], ["0", "0.5", "1"], fontsize=points(FINE))
        ax.grid(axis="y")
        ax.set_axisbelow(True)
        if cut is not None:
            events.notches(ax, [cut])


def powers(codes: Sequence[str], context: Context | None) -> str:
    """Powers in a row."""
    names = [phrases.name(code, context) for code in codes]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def headline_sides(sides: Sides, context: Context | None = None) -> str:
    """The finding: on how many kinds of text the side is settled, and where it is open."""
    sure = sum(max(float(s.fan_yes.bands[0.8][0][-1]), float(s.fan_no.bands[0.8][0][-1])) > 0.5 for s in sides.panels)
    who, most = phrases.spoken(sides.state, context), sides.open()
    if len(sides.panels) == 1:
        return f"{most.label}: a yes at {phrases.number(float(most.fan_yes.median[-1]), most.fan_yes.measure)}"
    if sure == len(sides.panels):
        return phrases.upper(f"{who} takes a side on all {sure} kinds of text")
    return phrases.upper(f"{who} takes a side on {sure} of {len(sides.panels)} kinds of text; most open: {most.label}")


def caption_sides(sides: Sides, context: Context | None = None) -> str:
    """One sentence on the text whose outcome is most open: probability of either side with its interval."""
    most = sides.open()
    said = []
    for one, codes in ((most.fan_yes, most.yes), (most.fan_no, most.no)):
        names, value = powers([phrases.spoken(c, context) for c in codes], None), phrases.number(one.median[-1], one.measure)
        said.append(f"with {names} at {value} (80 % interval {phrases.bounds(one)})")
    about = most.label if most.label.split()[0] in PROPER else phrases.lower(most.label)
    return (
        f"{phrases.scene(context)}a text on {about} in {most.fan_yes.quarters[-1]} finds"
        f" {phrases.spoken(sides.state, context)} {said[0]} and {said[1]}; the rest is abstention."
    )


PROPER = ("Afghanistan", "Crimea", "Palestine", "Ukraine")
"""First words of labels that keep their capital inside a sentence."""


def key() -> list[Artist]:
    """What lines, areas and points mean."""
    look: dict[str, Any] = POINT | {"markersize": 7}
    return [
        Line2D([], [], color=mix(YES, 0.75, "#000000"), linewidth=2.6, label="with the yes side"),
        Line2D([], [], color=mix(NO, 0.75, "#000000"), linewidth=2.6, linestyle=(0, (5, 1.6)), label="with the no side"),
        Patch(facecolor=mix(YES, 0.32), edgecolor=mix(YES, 0.7), linewidth=0.6, label=typeset("80 % (pale: 95 %)")),
        Patch(facecolor=mix(NO, 0.32), edgecolor=mix(NO, 0.7), linewidth=0.6, hatch="////", label=typeset("80 %")),
        Line2D([], [], marker="o", **look, label="yes on record"),
        Line2D([], [], marker="s", **(look | {"markerfacecolor": PAPER, "markeredgecolor": INK}), label="no on record"),
    ]


def figure_sides(sides: Sides, context: Context) -> Figure:
    """A panel for each kind of text, on a slide."""
    with house():
        page = Page.blank()
        page.head(headline_sides(sides, context), caption_sides(sides, context))
        page.foot(context)
        dashes = f" Dashes: {phrases.lower(sides.cut.label)}." if sides.cut else ""
        page.note(
            "Probability of the vote if such a text is tabled, the powers voting as described; what is left is abstention."
            " Points: shares of a year on recorded whole drafts with the same votes of the four powers and a like majority;"
            f" a dot in a square at 0: all abstentions.{dashes}"
        )
        count = len(sides.panels)
        columns = min(count, 4) if count > 4 or count < 4 else 2
        rows = -(-count // columns)
        left, gap = page.left + 40, 42.0
        wide, high = (page.right + gap - left) / columns, (page.top - 34 - page.bottom) / rows
        page.figure.legend(
            handles=key(), ncols=6, loc="upper left", bbox_to_anchor=(page.left / WIDTH, (page.top + 2) / page.height),
            borderaxespad=0, borderpad=0.1, handlelength=2.2, columnspacing=1.3, handletextpad=0.5,
        )  # fmt: skip
        for place, side in enumerate(sides.panels):
            row, column = divmod(place, columns)
            west, south = left + column * wide, page.top - 34 - (row + 1) * high
            ax = page.axes(west, south + 34, west + wide - gap, south + high - 66)
            draw_sides(ax, side, sides.cut)
            title = wrapped(page.figure, typeset(side.label), SMALL, wide - gap, fontweight="bold").split("\n")[0]
            beside(ax, title, (0, 1), (0, 42), SMALL, va="bottom", fontweight="bold")
            for line, text in enumerate((f"yes: {powers(side.yes, context)}", f"no: {powers(side.no, context)}")):
                hue = mix((YES, NO)[line], 0.75, "#000000")
                beside(ax, text, (0, 1), (0, 24 - 18 * line), FINE, va="bottom", color=hue)
            if column == 0:
                beside(ax, "Probability", (0, 1), (-40, 60), FINE, va="bottom", color=QUIET)
        return page.figure
