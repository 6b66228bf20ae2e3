"""Figures of a study: chooses what to draw of what was found and writes it with its captions.

Floor 6. Joins a study to :mod:`sim.plots`; touches neither the engine nor the drawing library.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import findings, provenance
from sim.findings import Names
from sim.measures import MEASURES
from sim.run import context
from sim.study.folder import SHOWN
from sim.study.job import coordinates
from sim.sweep.design import read_design
from sim.sweep.outcome import read_outcome
from sim.words import signed

if TYPE_CHECKING:
    from sim import plots
    from sim.study.job import Study
    from sim.summary import Context
    from sim.sweep.design import Design
    from sim.sweep.factors import Factor
    from sim.sweep.outcome import Outcome
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
    at = coordinates(study.factors, study.points)
    swings = tornado_summary(study.factors, study.outcome, at, study.numbers.mean(axis=1), shared.names)
    pictures["tornado"] = (plots.figure_tornado(swings, shared), plots.caption_tornado(swings))
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


QUARTER = 0.25
"""Share of the points at either end of a factor that is a number."""
SIGMAS = 1.645
"""Standard errors of a mean on each side of its 90 % interval."""


def tornado_summary(factors: Sequence[Factor], outcome: Outcome, points: Any, means: Any, names: Names) -> plots.Tornado:
    """How far each factor carries the outcome at its ends, from the points of any design.

    Parameters
    ----------
    points : array (point, factor) of numbers, categories as places among their values
    means : array (point,) of the outcome's mean; NaN where a point failed
    """
    from sim import plots
    from sim.plots.phrases import upper

    whole = np.isfinite(means)
    points, means = points[whole], means[whole]
    swings = [_swing(plots, f, points[:, place], means) for place, f in enumerate(factors)]
    swings = sorted((s for s in swings if s is not None), key=lambda s: -s.width)
    first, what = swings[0], findings.subject(outcome, names)
    measure = MEASURES[outcome.kept[0].measure]
    unit = "index points" if measure.range == (-1.0, 1.0) else measure.unit
    ends = [_place(end) for end in (first.low, first.high)]
    return plots.Tornado(
        headline=_most([s.label for s in swings if s.width + _error(s) >= first.width - _error(first)][:3], what),
        sentence=f"Mean of {findings.quantity(outcome, names)}: {' against '.join(ends)}, all else varying.",
        note="Bars: from the mean of the whole design to the mean over points with the factor at an end (a category, or the"
        " lowest and highest quarter of a number); lines: 90 % intervals of these means.",
        unit=upper(f"{findings.quantity(outcome, names)} ({unit})"),
        base=float(means.mean()),
        swings=tuple(swings),
    )


def _place(end: plots.End) -> str:
    """A mean with its interval and where it was found, in words."""
    return f"{signed(end.mean)} (90 % interval {signed(end.mean - end.error)} to {signed(end.mean + end.error)}) at {end.label}"


def _swing(plots: Any, factor: Factor, values: Any, means: Any) -> Any:
    """The ends of one factor; None where it does not vary."""
    from sim.plots.phrases import upper

    if factor.categorical:
        parts = [(factor.shown(v), means[values == place]) for place, v in enumerate(factor.values)]
    else:
        low, high = np.quantile(values, [QUARTER, 1 - QUARTER])
        parts = [(f"below {low:.2g}", means[values <= low]), (f"above {high:.2g}", means[values >= high])]
    ends = [
        plots.End(label, float(found.mean()), SIGMAS * float(found.std(ddof=1)) / len(found) ** 0.5)
        for label, found in parts
        if len(found) > 1
    ]
    ranked = sorted(ends, key=lambda end: end.mean)
    return plots.Swing(upper(factor.label), ranked[0], ranked[-1]) if len(ranked) > 1 else None


def shown(study: Study, names: Names) -> str:
    """What indices and box show, as JSON: all of a study that its stored points do not give again."""
    made: dict[str, Any] = {f"indices_{study.method}": asdict(indices_summary(study, names))}
    if study.found is not None and study.found.box.limits:
        made["box"] = asdict(box_summary(study, names))
    return json.dumps(made, ensure_ascii=False, default=lambda array: array.tolist()) + "\n"


def _again(name: str, held: dict[str, Any]) -> Any:
    """A summary as it was before :func:`shown` wrote it."""
    from sim import plots

    if name != "box":
        return plots.Bars(**held | {"bars": tuple(plots.Bar(**bar) for bar in held["bars"])})
    numbers = {key: np.array(held[key]) for key in ("coverage", "density", "share")}
    axes = {
        which: plots.Axis(
            **held[which]
            | {key: tuple(held[which][key]) for key in ("levels", "inside")}
            | {"values": np.array(held[which]["values"])}
        )
        if held[which]
        else None
        for which in ("x", "y")
    }
    tree = tuple(plots.Row(**row) for row in held["tree"])
    return plots.Discovery(**held | numbers | axes | {"chosen": tuple(held["chosen"]), "tree": tree})


def draw_stored(
    folder: Path, kinds: Sequence[str], formats: Sequence[str], out: Path | None, size: str = "screen"
) -> list[Path]:
    """Draw figures of a stored study again: indices, tornado and, where conditions were found, box.

    Raises
    ------
    InputError : another kind of figure, one that this study does not have, or a folder that is not whole
    """
    from sim import plots
    from sim.figures import check_kinds, write_captions

    record = provenance.read_manifest(folder)
    path = folder / SHOWN
    held = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    there = {name.split("_")[0]: name for name in (*held, "tornado")}
    check_kinds(kinds, there, formats)
    design = read_design(folder / "design.yaml")
    shared = context(design.scenario({}), str(record["id"]), int(record["runs"]))
    source = f"padma {record['padma']}, {record['points']:,} points of {record['runs']} runs; sources: padma cite {design.base}"
    shared = replace(shared, scenario=design.name, title=design.title, question=design.question, source=source)
    place, written, captions = out or folder / "figures", [], {}
    for kind in kinds or there:
        name = there[kind]
        summary = _again(name, held[name]) if name in held else _stored_tornado(folder, design, record, shared.names)
        figures: dict[str, Any] = {
            "indices": plots.figure_indices,
            "box": plots.figure_discovery,
            "tornado": plots.figure_tornado,
        }
        caption = plots.caption_tornado(summary) if kind == "tornado" else f"{summary.headline}. {summary.sentence}"
        written += plots.save(figures[kind](summary, shared), place / name, caption, shared, formats, size)
        captions[name] = plots.caption_text(name, caption, shared)
    return [*written, write_captions(place, captions)]


def _stored_tornado(folder: Path, design: Design, record: dict[str, Any], names: Names) -> plots.Tornado:
    import pandas as pd

    table = pd.read_csv(folder / "points.csv", keep_default_na=False, na_values={"mean": [""]})
    rows = [{f.name: _value(f, row[f.name]) for f in design.factors} for row in table.to_dict(orient="records")]
    at, outcome = coordinates(design.factors, rows), read_outcome(str(record["outcome"]))
    return tornado_summary(design.factors, outcome, at, table["mean"].to_numpy(float), names)


def _value(factor: Factor, text: Any) -> Any:
    """A value as the design has it, from how the table writes it."""
    if not factor.categorical:
        return float(text)
    return next(v for v in factor.values if str(v) == str(text) or v == text)


def _first(study: Study, names: Names) -> str:
    """The finding without numbers: which factors come first."""
    found = study.indices["factor"]
    column = found.columns["total" if study.method == "sobol" else "mu_star"]
    order = [place for place in np.argsort(-column) if column[place] >= 0.25 * column.max()]
    return _most([study.factors[place].label for place in order[:3]], findings.subject(study.outcome, names))


def _most(labels: Sequence[str], what: str) -> str:
    """Which factors move something most, as a headline."""
    from sim.plots.phrases import lower, upper

    verb = "moves" if len(labels) == 1 else "move"
    return upper(f"{findings.listed([lower(label) for label in labels], 'and')} {verb} {what} most")


def _error(swing: plots.Swing) -> float:
    """Half the 90 % interval of the width of a swing, whose ends are means of different points."""
    return math.hypot(swing.low.error, swing.high.error)


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
