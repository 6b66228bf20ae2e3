"""Figures of a study: chooses what to draw of what was found and writes it with its captions.

Floor 6. Joins a study to :mod:`sim.plots`; touches neither the engine nor the drawing library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import findings, provenance
from sim.findings import Names
from sim.run import context
from sim.study.job import coordinates

if TYPE_CHECKING:
    from sim import plots
    from sim.study.job import Study
    from sim.summary import Context
    from sim.tree import Node


SPREAD = (
    "A step: half of a factor's distribution, or another value. Spread: how much the effect depends on where the step is taken"
    " (of several values, between which)."
)
ENDS = (("low", "q05"), ("high", "q95"))


def study_context(study: Study, identity: str) -> Context:
    """What every figure of a study shares."""
    shared = context(study.design.scenario({}), identity, study.runs)
    size = f"{len(study.points):,} points of {study.runs} runs"
    source = f"padma {provenance.version()}, {size}; sources: padma cite {study.design.base}"
    return replace(shared, scenario=study.design.name, title=study.design.title, question=study.design.question, source=source)


def draw_study(study: Study, shared: Context, folder: Path, formats: Sequence[str] = ("png",)) -> list[Path]:
    """Draw the indices and, where there is a box, what surrounds it.

    Returns
    -------
    files written, ``caption.txt`` last
    """
    from sim import plots

    bars = indices_summary(study, shared.names)
    pictures: dict[str, tuple[Any, str]] = {
        f"indices_{study.method}": (plots.figure_indices(bars, shared), f"{bars.headline}. {bars.sentence}")
    }
    if study.found is not None and study.found.box.limits:
        found = box_summary(study, shared.names)
        pictures["box"] = (plots.figure_discovery(found, shared), f"{found.headline}. {found.sentence}")
    written, captions = [], []
    for name, (picture, caption) in pictures.items():
        written += plots.save(picture, folder / name, caption, shared, formats)
        captions.append(plots.caption_text(name, caption, shared))
    path = folder / "caption.txt"
    path.write_text("\n\n".join(text.strip() for text in captions) + "\n", encoding="utf-8")
    return [*written, path]


def indices_summary(study: Study, names: Names) -> plots.Bars:
    """Indices as bars, factors first."""
    from sim import plots
    from sim.plots.phrases import upper

    screening = study.method == "morris"
    main, inner = ("mu_star", "sigma") if screening else ("total", "first")
    bars = []
    for kind, found in study.indices.items():
        column = found.columns
        for place in np.argsort(-column[main]):
            factor = study.factors[place] if kind == "factor" else None
            bars.append(
                plots.Bar(
                    label=upper(factor.label) if factor else f"All of: {found.names[place]}",
                    group=factor.group if factor else "",
                    value=float(column[main][place]),
                    low=float(column[f"{main}_q05"][place]),
                    high=float(column[f"{main}_q95"][place]),
                    inner=float(column[inner][place]),
                    **{} if screening else {f"inner_{end}": float(column[f"first_{q}"][place]) for end, q in ENDS},
                )
            )
    what = findings.quantity(study.outcome, names)
    unit = f"share of the variance of {what}" if not screening else f"mean effect of a step on {what}"
    return plots.Bars(
        headline=_first(study, names),
        sentence=findings.indices_sentence(study, names),
        note=" ".join([SPREAD if screening else findings.shares_sentence(study), *findings.notes(study)]).strip(),
        unit=upper(unit),
        bars=tuple(bars),
        plane=screening,
    )


def _first(study: Study, names: Names) -> str:
    """The finding without numbers: which factors come first."""
    from sim.plots.phrases import lower, upper

    found = study.indices["factor"]
    column = found.columns["total" if study.method == "sobol" else "mu_star"]
    order = [place for place in np.argsort(-column) if column[place] >= 0.25 * column.max()]
    called = [lower(study.factors[place].label) for place in order[:3]]
    verb = "moves" if len(called) == 1 else "move"
    return upper(f"{findings.listed(called, 'and')} {verb} {findings.subject(study.outcome, names)} most")


def box_summary(study: Study, names: Names) -> plots.Discovery:
    """The box among the points of the design, and the tree."""
    from sim import plots
    from sim.plots.phrases import upper

    found = study.found
    assert found is not None
    columns = coordinates(study.factors, study.points)
    share = study.outcome.happens(study.numbers)
    whole = np.isfinite(share)
    first = sorted(found.box.limits, key=lambda f: found.p_values[f])[:2]
    axes = [_axis(study, place, columns[whole, place]) for place in first]
    said = findings.box_sentence(study, names)
    head, _, rest = said.rpartition(" (")
    rows = _lines(study, study.tree, 0, "All runs of the design") if study.tree else []
    box, asked = found.box, len(found.box.limits)
    shades = f"{100 * np.nanmin(share):.0f} to {100 * np.nanmax(share):.0f} %"
    drawn = f"Points of the design: the darker, the more of their runs have it ({shades})"
    only = f"; the box has {asked} limits, two of them are drawn" if asked > 2 else ""
    return plots.Discovery(
        headline=upper(head),
        sentence=f"{upper(rest.rstrip(').'))}. {findings.trust_sentence(study)}",
        note=f"{drawn}{only}. Box by patient rule induction (PRIM), tree of depth three by another method (CART).",
        coverage=np.array([b.coverage for b in found.path]),
        density=np.array([b.density for b in found.path]),
        chosen=(box.coverage, box.density),
        x=axes[0],
        y=axes[1] if len(axes) > 1 else None,
        share=share[whole],
        tree=tuple(rows),
    )


def _axis(study: Study, place: int, values: Any) -> plots.Axis:
    from sim import plots
    from sim.plots.phrases import upper

    assert study.found is not None
    factor, limit = study.factors[place], study.found.box.limits[place]
    levels = tuple(factor.shown(value) for value in factor.values)
    return plots.Axis(upper(factor.label), values, levels, limit.low, limit.high, tuple(sorted(limit.levels or ())))


def _lines(study: Study, node: Node, depth: int, text: str) -> list[plots.Row]:
    """The tree as lines: a node, then its two sides, each a step further in."""
    from sim import plots
    from sim.plots.phrases import upper

    rows = [plots.Row(depth, text, node.share, node.points)]
    if node.limit is None or node.yes is None or node.no is None:
        return rows
    factor = study.factors[node.factor]
    rows += _lines(study, node.yes, depth + 1, f"{upper(factor.label)}: {findings.bounds(factor, node.limit)}")
    return rows + _lines(study, node.no, depth + 1, "otherwise")
