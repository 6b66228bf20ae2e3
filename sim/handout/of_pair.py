"""The handout of a comparison: paired worlds and their differences. Part of the handouts (floor 6)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim import comparison, quarters, words
from sim.figure_summaries import governments
from sim.figures import contrast_of, only
from sim.findings import listed
from sim.handout import answers, causes, chart, ties, trust
from sim.handout.of_runs import grid
from sim.handout.parts import ANYWHERE, PAGE, SLIDES, Finding, Handout
from sim.handout.pictures import finding
from sim.handout.shared import credit, day_of, sources, versions
from sim.handout.ties import Tie
from sim.plots.captions import headline_differences
from sim.plots.governments import MOST, headline_governments
from sim.plots.phrases import upper
from sim.tables import contrast_table

if TYPE_CHECKING:
    from sim.comparison import Pair

ROWS = 3
"""Issue areas that a slide has room for: those in which the worlds differ most."""


def of_pair(pair: Pair) -> Handout:
    """The handout of a comparison."""
    base, others = pair.scenarios[0], pair.scenarios[1:]
    found = {s.name: ties.differences(pair, s.name) for s in others}
    name = max(found, key=lambda n: max(abs(tie.last) for tie in found[n]))
    other = next(s for s in others if s.name == name)
    asked = ties.asked_about(other.question, base.states, pair.state)
    most = max(ties.of_partners(found[name], asked), key=lambda tie: abs(tie.last))
    titles = listed([f"“{s.title}”" for s in others], "or")
    span = f"{quarters.name(base.start)} to {quarters.name(base.until)}"
    context = pair.context(name)
    question = other.question if len(others) == 1 and other.question else f"What would differ under {titles}?"
    return Handout(
        kind="comparison",
        title=f"{listed([s.title for s in others], 'or')}, instead of: {base.title}",
        question=question,
        about=f"{titles} against “{base.title}”, {span}, {context.runs:,} pairs of simulated histories with the same luck",
        answer=answers.of_pair(pair),
        findings=(*_together(pair), *(f for s in others for f in _findings(pair, s.name, found[s.name], asked))),
        tables=tuple(contrast_table(pair, s.name) for s in others),
        chart=chart.of_pair(pair, (most.partner, most.issue)),
        causes=causes.of_pair(pair, name, most),
        trust=trust.trust(pair.scenarios),
        assumptions=trust.assumptions(pair.scenarios),
        sources=sources(pair.scenarios),
        commands=(str(pair.manifest["command"]),),
        versions=versions([pair.manifest]),
        identity=str(pair.manifest["id"]),
        credit=credit(context),
        day=day_of([pair.manifest]),
    )


def _together(pair: Pair) -> list[Finding]:
    """All worlds in one figure, where there are more than two and not too many to tell apart."""
    if not 2 < len(pair.scenarios) <= MOST:
        return []
    summary, context = governments(pair, "cooperation"), replace(pair.context(pair.scenarios[-1].name), title="Who governs")
    return [finding("governments", summary, context, headline_governments(summary, context))]


def _findings(pair: Pair, name: str, every: list[Tie], asked: list[str]) -> list[Finding]:
    """All differences, the table of them, and both worlds where they differ most with each partner (first the largest)."""
    context, several = pair.context(name), len(pair.scenarios) > 2
    which = f"{next(s.title for s in pair.scenarios if s.name == name)}: " if several else ""
    narrow = replace(pair, table=only(pair.table, "cooperation"), contrasts=only(pair.contrasts, "cooperation"))
    fans = {
        (t.partner, t.issue): comparison.difference_fan(narrow, name, "cooperation", pair.state, t.partner, t.issue)
        for t in every
    }
    shown: list[Any] = list(fans.values())
    reach: dict[str, float] = {}
    for tie in every:
        reach[tie.issue] = max(reach.get(tie.issue, 0.0), abs(tie.last))
    largest = sorted(reach, key=lambda k: -reach[k])[:ROWS]
    few = [fan for fan in shown if fan.issue in largest]
    found = [
        finding("differences", shown, context, which + headline_differences(shown, context), PAGE),
        finding("differences", few, context, which + headline_differences(few, context), SLIDES),
        Finding(which + _sure_headline(every), _sure(every, pair), table=_matrix(every, pair, name), where=SLIDES),
    ]
    best = [max(ties.of_partners(every, [p]), key=lambda t: abs(t.last)) for p in dict.fromkeys(t.partner for t in every)]
    for place, tie in enumerate(sorted(best, key=lambda t: (t.partner not in asked, -abs(t.last)))[: 1 if several else 3]):
        contrast = contrast_of(narrow, name, "cooperation", fans[tie.partner, tie.issue])
        headline = f"{upper(words.change(tie.last))} {tie.named(context)} under “{contrast.names[1]}”"
        found.append(finding("contrast", contrast, context, headline, SLIDES if place else ANYWHERE))
    return found


def _sure_headline(every: list[Tie]) -> str:
    clear = sum(tie.clear for tie in every)
    verb = "differs" if clear < 2 else "differ"
    return f"{upper(str(clear or 'none'))} of {len(every)} ties {verb} with a clear sign"


def _sure(every: list[Tie], pair: Pair) -> str:
    last = quarters.name(pair.scenarios[0].until)
    large = sum(abs(tie.last) >= ties.SMALL for tie in every)
    return (
        f"Paired differences of cooperation in {last}, medians with 80 % intervals: {large or 'none'} of {len(every)} are 0.05"
        f" or more, and in {sum(t.clear for t in every) or 'none'} the interval leaves out zero (*)."
    )


def _matrix(every: list[Tie], pair: Pair, name: str) -> Any:
    last = quarters.name(pair.scenarios[0].until)
    return grid(
        every,
        pair.context(name).names,
        f"Difference in cooperation in {last}",
        "Median difference and 80 % interval, index points.",
    )
