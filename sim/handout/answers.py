"""The answer in three sentences: which way, how sure, and what else, in words with their uncertainty.

Part of the handouts (floor 6). The question decides what is answered: where it names partners, these come first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim import quarters, words
from sim.findings import listed
from sim.handout import ties
from sim.handout.ties import Tie
from sim.measures import MEASURES
from sim.plots.captions import caption_fan
from sim.plots.phrases import LONG, ends, spoken
from sim.summary import fan
from sim.words import signed

if TYPE_CHECKING:
    from sim.comparison import Pair
    from sim.run import Results
    from sim.summary import Context, Fan

Answer = tuple[str, str, str]


# --- one world ------------------------------------------------------------------------------------------------------------


def of_run(results: Results, state: str) -> Answer:
    """What becomes of a state's ties in one scenario."""
    context, every = results.context, ties.levels(results, state)
    asked = ties.asked_about(results.scenario.question or "", results.scenario.states, state)
    near = ties.of_partners(every, asked)
    first, last = (quarters.name(q) for q in (results.scenario.start, results.scenario.until))
    same, warmer, cooler = ties.grades(near)
    who = whom(asked, context) or f"its {len({tie.partner for tie in every})} partners"
    course = (
        f"In the median of {context.runs:,} runs of “{context.title}”, {mostly(same, warmer, cooler)} between"
        f" {context.names[state]} and {who}: from {first} to {last}, {counted(same, warmer, cooler, len(near))}."
    )
    most = max(near, key=lambda tie: abs(tie.move))
    move = words.change(most.move)
    which = "largest of these moves" if len(near) < len(every) else "largest move"  # figures speak of all partners
    how = f"Even the {which} is small" if move == words.change(0.0) else f"The {which} is {move}"
    sure = (
        f"{how}, {most.named(context)}: on the index from -1 to 1 cooperation goes from {signed(most.first)} to"
        f" {signed(most.last)}{_interval(most)}{_open(most)}."
    )
    if len(results.scenario.quarters) >= LONG:  # ups and downs matter, not first and last
        runs = [fan(results.table, "cooperation", dyad=f"{state}>{t.partner}", issue=t.issue, runs=context.runs) for t in near]
        sure = caption_fan(max(runs, key=reach), context)
    return course, sure, _whole(every, last, context)


def reach(fan: Fan) -> float:
    """How far a median moves: from first to last, over a long record from its lowest to its highest."""
    if len(fan.quarters) >= LONG:
        return float(np.ptp(fan.median))
    return abs(float(fan.median[-1] - fan.median[0]))


def mostly(same: int, warmer: int, cooler: int) -> str:
    """The direction of most ties.

    >>> mostly(4, 1, 1), mostly(0, 2, 4), mostly(2, 2, 2), mostly(3, 0, 3)
    ('little changes', 'most ties cool', 'ties move in different directions', 'half of the ties cool')
    """
    count = same + warmer + cooler
    if 2 * same > count:
        return "little changes"
    if 2 * warmer > count:
        return "most ties warm"
    if 2 * cooler > count:
        return "most ties cool"
    if warmer and cooler:
        return "ties move in different directions"
    return "half of the ties warm" if warmer else "half of the ties cool"  # the other half stays


def counted(same: int, warmer: int, cooler: int, count: int) -> str:
    """How many of the ties go which way.

    >>> counted(4, 0, 2, 6)
    '4 of 6 ties stay about the same, none gets warmer and 2 get cooler'
    """
    of = f"{same or 'none'} of {count} ties {'stays' if same < 2 else 'stay'} about the same"
    return f"{of}, {_some(warmer)} warmer and {_some(cooler)} cooler"


def _some(number: int) -> str:
    return f"{number or 'none'} {'gets' if number < 2 else 'get'}"


def whom(partners: Sequence[str], context: Context) -> str:
    """Partners as they stand in a sentence."""
    return listed([spoken(code, context) for code in partners], "and")


def _interval(tie: Tie) -> str:
    return f" (80 % interval {signed(tie.low)} to {signed(tie.high)})"


def _open(tie: Tie) -> str:
    """Whether the interval at the end says on which side of the usual level a tie is."""
    if tie.clear:
        return f", which lies {'above' if tie.low > 0 else 'below'} the usual level of 0 throughout"
    return ", which leaves open whether that is above or below the usual level of 0"


def _whole(every: Sequence[Tie], last: str, context: Context) -> str:
    """Warmest, coolest, and how many have a clear sign."""
    warmest, coolest = max(every, key=lambda tie: tie.last), min(every, key=lambda tie: tie.last)
    most, least = ends(warmest.last, coolest.last, MEASURES["cooperation"])
    text = f"Of all {len(every)} ties the {most} in {last} is that {warmest.named(context)} ({_number(warmest)})"
    text += f" and the {least} that {coolest.named(context)} ({_number(coolest)})"
    sure = sum(tie.clear for tie in every)
    return f"{text}; in {sure or 'none'} of them the 80 % interval leaves out the usual level, so all else is a tendency."


def _number(tie: Tie) -> str:
    return f"{signed(tie.last)}, {signed(tie.low)} to {signed(tie.high)}"


# --- paired worlds --------------------------------------------------------------------------------------------------------


def of_pair(pair: Pair) -> Answer:
    """What other worlds change, run by run with the same luck; with several, the one that changes most comes first."""
    found = {s.name: ties.differences(pair, s.name) for s in pair.scenarios[1:]}
    name = max(found, key=lambda n: max(abs(tie.last) for tie in found[n]))
    other, base = next(s for s in pair.scenarios if s.name == name), pair.scenarios[0]
    context, every, last = pair.context(name), found[name], quarters.name(base.until)
    asked = ties.asked_about(other.question or "", base.states, pair.state)
    near = ties.of_partners(every, asked)
    most = max(near, key=lambda tie: abs(tie.last))
    lead = (
        f"With the same luck in both worlds, “{other.title}” instead of “{base.title}” makes most difference"
        f" {most.named(context)}: in {last} cooperation is {abs(most.last):.2f} index points {_apart(most)} in the median"
        f"{_interval(most)}, and higher in {100 * most.above:.0f} % of the runs."
    )
    if abs(most.last) < ties.SMALL:
        lead = (
            f"With the same luck in both worlds, “{other.title}” instead of “{base.title}” hardly changes anything"
            f" {'with ' + whom(asked, context) if asked else 'anywhere'}: the largest difference in {last} is"
            f" {signed(most.last)} index points {most.named(context)}{_interval(most)}."
        )
    return lead, _sureness(pair, name, near, whom(asked, context)), _rest(pair, found, asked, context)


def _apart(tie: Tie) -> str:
    return "higher" if tie.last > 0 else "lower"


def _sureness(pair: Pair, name: str, near: Sequence[Tie], who: str) -> str:
    """In how many ties the difference is large enough to name, and its sign sure."""
    from sim.comparison import since

    context = pair.context(name)
    large = [tie for tie in near if abs(tie.last) >= ties.SMALL]
    sure = [tie for tie in near if tie.clear]
    told = [(t, since(pair, name, "cooperation", pair.state, t.partner, t.issue)) for t in near]
    told = [(tie, when) for tie, when in told if when]
    count = f"{len(large) or 'none'} {'differs' if len(large) < 2 else 'differ'}"
    text = f"Of the {len(near)} ties{' with ' + who if who else ''}, {count} by 0.05 or more"
    text += f" and in {len(sure) or 'none'} the 80 % interval of the difference leaves out zero"
    if not told:
        return f"{text}; by the sterner 90 % interval no difference can be told from none at the end."
    named = listed([f"{tie.named(context)} (from {when})" for tie, when in told[:3]], "and")
    return f"{text}; by the sterner 90 % interval the difference can be told from none {named}" + (
        f" and {len(told) - 3} more." if len(told) > 3 else "."
    )


def _rest(pair: Pair, found: dict[str, list[Tie]], asked: Sequence[str], context: Context) -> str:
    """What hardly differs; with several worlds, what each of the others changes most."""
    if len(found) > 1:
        parts = []
        for scenario in pair.scenarios[1:]:
            most = max(found[scenario.name], key=lambda tie: abs(tie.last))
            parts.append(f"“{scenario.title}” {signed(most.last)} {most.named(context)}")
        return f"The largest difference of each world: {listed(parts, 'and')}."
    (every,) = found.values()
    quiet = [k for k in dict.fromkeys(t.issue for t in every) if all(abs(t.last) < ties.SMALL for t in every if t.issue == k)]
    none = f"in {listed([context.names[k].lower() for k in quiet], 'and')} no tie differs by that much" if quiet else ""
    most = max(every, key=lambda tie: abs(tie.last))
    if asked and most.partner not in asked:
        text = f"Over all {len(every)} ties the largest difference is {most.named(context)} ({_number(most)})"
        return f"{text}; {none}." if none else f"{text}."
    least = min(every, key=lambda tie: tie.last)
    text = f"Over all {len(every)} ties the differences go from {signed(least.last)} {least.named(context)} to"
    top = max(every, key=lambda tie: tie.last)
    return f"{text} {signed(top.last)} {top.named(context)}" + (f"; {none}." if none else ".")


# --- several worlds, each on its own --------------------------------------------------------------------------------------


def of_runs(held: Sequence[Results], state: str) -> Answer:
    """Where several scenarios end, side by side."""
    every = {r.scenario.title: {(t.partner, t.issue): t for t in ties.levels(r, state)} for r in held}
    shared = set.intersection(*(set(found) for found in every.values()))
    places = [place for place in next(iter(every.values())) if place in shared]
    spread = {p: max(f[p].last for f in every.values()) - min(f[p].last for f in every.values()) for p in places}
    widest = max(places, key=lambda place: spread[place])
    by_end = sorted(every, key=lambda title: every[title][widest].last)
    low, high = every[by_end[0]][widest], every[by_end[-1]][widest]
    context = held[0].context
    near = sum(s < ties.SMALL for s in spread.values())
    first = (
        f"The {len(held)} scenarios end furthest apart {low.named(context)}: from {signed(low.last)} in “{by_end[0]}”"
        f"{_interval(low)} to {signed(high.last)} in “{by_end[-1]}”{_interval(high)}."
    )
    second = f"In {near or 'none'} of {len(places)} ties their medians lie within 0.05 of each other, that is, about the same."
    overlap = high.low < low.high
    third = (
        f"{'Even there the intervals overlap: luck' if overlap else 'Luck'} and what we do not know of the rules matter beside"
        " who governs; padma compare takes the differences run by run, with intervals of their own."
    )
    return first, second, third
