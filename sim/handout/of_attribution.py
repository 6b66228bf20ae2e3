"""The handout of an attribution: one difference or change, and what it is made of. Part of the handouts (floor 6)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from sim import library, plots, provenance
from sim.attribution import in_words
from sim.attribution_figures import largest, waterfall
from sim.attribution_folder import read
from sim.findings import listed
from sim.handout import trust
from sim.handout.parts import Finding, Handout, Picture, Section
from sim.handout.shared import credit, day_of, sources, versions
from sim.mixed import LABELS, MEANINGS, spoken
from sim.run import context as context_of
from sim.tables import Table, attribution_table

if TYPE_CHECKING:
    from sim.attribution import Attribution

SHAPLEY = (
    "Each part is what its cause adds, averaged over all orders in which the causes can come (a Shapley value), so they add"
    " up to the whole. Parts say what moves the model, which is a claim about the world only as far as the model is right."
)


def of_attribution(folder: Path) -> Handout:
    """The handout of an attribution."""
    found, record, names = read(folder), provenance.read_manifest(folder), library.names()
    worlds, context = found.scenarios, context_of(found.scenarios[-1], str(record["id"]), found.runs)
    titles = [f"“{s.title}”" for s in worlds]
    when = found.last if found.first == found.last else f"{found.first} to {found.last}"
    whose = f"the {found.measure.replace('_', ' ')} of {names[found.state]}"
    question = f"Who did it: what changed {whose} from {found.first} to {found.last}?"
    if len(worlds) == 2:
        question = f"Who did it: what makes {whose} differ between {listed(titles, 'and')}?"
    place = largest(found)
    summary = waterfall(found, *place, context)
    picture = Picture(
        lambda: plots.figure_waterfall(summary, context),
        summary.sentence,
        f"A staircase of causes from the largest to the smallest, with the whole. {summary.sentence}",
        context,
        500,
    )
    lead, parts = _leading(found)
    causes = Section(lead, (parts, f"Parts. {SHAPLEY}"), brief=(SHAPLEY,))
    return Handout(
        kind="attribution",
        title=f"Who did it: {' against '.join(s.title for s in reversed(worlds))}, {when}",
        question=question,
        about=f"{' against '.join(reversed(titles))}, {when}, {found.runs:,} simulated histories with the same luck",
        answer=(f"The largest: {in_words(found, *place, names)}", f"{lead}.", SHAPLEY),
        findings=(Finding(summary.headline, summary.sentence, picture),),
        tables=(attribution_table(found, names),),
        chart=None,
        causes=causes,
        trust=trust.trust(worlds),
        assumptions=trust.assumptions(worlds),
        sources=sources(worlds),
        commands=(str(record["command"]),),
        versions=versions([record]),
        identity=str(record["id"]),
        credit=credit(context),
        day=day_of([record]),
    )


def _leading(found: Attribution) -> tuple[str, Table]:
    """Which part is the largest in how many ties, and the size of every part."""
    parts = found.table[found.table.part != "total"].assign(size=lambda rows: rows["mean"].abs())
    ties = parts.groupby(["partner", "issue"], sort=False)["size"]
    counts = Counter(parts.loc[ties.idxmax()[ties.max() >= 0.005], "part"])
    rows = [
        (LABELS[part], MEANINGS[part], f"{size:.2f}", str(counts.get(part, 0)))
        for part, size in parts.groupby("part", sort=False)["size"].mean().sort_values(ascending=False).items()
    ]
    said = [f"{spoken(part)} in {count}" for part, count in counts.most_common(3)]
    still = ties.ngroups - counts.total()
    lead = f"Of {ties.ngroups} ties, the largest part is {listed(said, 'and')}" if said else "Nothing moves any tie"
    lead += f"; {still} {'moves' if still == 1 else 'move'} by less than 0.005" if said and still else ""
    note = "Mean size of a part over all ties, index points, and the number of ties in which it is the largest."
    return lead, Table("What each part is", ("Part", "What it holds", "Mean size", "Largest in"), rows, note)
