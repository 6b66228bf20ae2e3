"""Figures of an attribution: the staircase of causes of one tie.

Floor 6. Joins an attribution to :mod:`sim.plots`; touches neither the engine nor the drawing library.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.attribution import in_words
from sim.errors import InputError
from sim.figures import check_kinds, write_captions
from sim.measures import MEASURES
from sim.mixed import LABELS, spoken
from sim.run import context
from sim.words import signed

if TYPE_CHECKING:
    from sim import plots
    from sim.attribution import Attribution
    from sim.summary import Context


def largest(found: Attribution, partner: str = "", issue: str = "") -> tuple[str, str]:
    """Partner and issue area of what moved most; of one partner or issue area where they are named.

    Raises
    ------
    InputError : there is nothing of that name
    """
    whole = found.table[found.table.part == "total"]
    near = whole[
        whole.partner.isin([partner] if partner else whole.partner) & whole.issue.isin([issue] if issue else whole.issue)
    ]
    if near.empty:
        raise InputError(f"there is no {partner} {issue} to draw", where="--dyad", how="name a partner and an issue area.")
    most = near.loc[near["mean"].abs().idxmax()]
    return str(most.partner), str(most.issue)


def waterfall(found: Attribution, partner: str, issue: str, shared: Context) -> plots.Waterfall:
    """The staircase of causes of one tie, the largest first."""
    from sim import plots

    rows = found.table[(found.table.partner == partner) & (found.table.issue == issue)]
    steps = [
        plots.Step(LABELS.get(str(r.part), "Whole"), float(r.mean), float(r.q10), float(r.q90))
        for r in rows.itertuples()
        if r.part == "total" or abs(r.mean) >= 0.005 or r.q90 - r.q10 >= 0.05
    ]
    whole, causes = steps[0], sorted(steps[1:], key=lambda step: -abs(step.mean))
    first = causes[0] if causes else whole
    tie = f"{shared.names[partner]}, {shared.names[issue].lower()}"
    called = next((spoken(part) for part, label in LABELS.items() if label == first.label), first.label.lower())
    most = f"{called} ({signed(first.mean)} of {signed(whole.mean)})"
    unit = f"{MEASURES[found.measure].label} (index points)"
    sentence = in_words(found, partner, issue, shared.names)
    return plots.Waterfall(f"{tie}: most of it is {most}", sentence, unit, tuple(causes), whole)


def draw_attribution(
    found: Attribution,
    partner: str,
    issue: str,
    formats: tuple[str, ...],
    folder: Path,
    manifest: str,
    size: str = "screen",
) -> list[Path]:
    """Draw one staircase of causes and write it with its caption, or a message; empty names take what moved most."""
    from sim import plots

    check_kinds([], [], formats)
    shared = context(found.scenarios[-1], manifest, found.runs)
    partner, issue = largest(found, partner, issue)
    summary, name = waterfall(found, partner, issue, shared), f"waterfall_{found.measure}_{partner}_{issue}"
    picture = plots.figure_waterfall(summary, shared)
    written = plots.save(picture, folder / name, summary.sentence, shared, formats, size)
    return [*written, write_captions(folder, {name: plots.caption_text(name, summary.sentence, shared)})]
