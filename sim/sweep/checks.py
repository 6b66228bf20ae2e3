"""Whether a design holds together: grids, lists, sizes, scenarios and keys, before anything is computed.

Part of the sweeps (floor 5). The shape of the file is checked by :mod:`sim.sweep.form`.
"""

from __future__ import annotations

import os
from dataclasses import replace

from sim import library, measures, quarters
from sim.errors import InputError, PadmaError, nearest
from sim.scenario import Scenario
from sim.sweep.factors import Factor, Kept
from sim.sweep.form import MOST_POINTS, DesignForm, KeptForm
from sim.sweep.outcome import measures_of, read_outcome
from sim.sweep.plan import NO_OVERLAY, Design
from sim.yamlfile import Document


def check(design: Design, form: DesignForm, document: Document) -> None:
    """Refuse a design that could not be swept.

    Raises
    ------
    InputError : with the file and line of what does not fit
    """
    _check_grid(form, document)
    _check_listed(design, document)
    _check_size(design, document)
    _check_values(design, document)
    check_measures(design, document)
    if design.outcome:
        check_measures(replace(design, measures=read_outcome(design.outcome, document.where(("outcome",))).kept), document)
    library.check_sources(list(form.sources), document.where(("sources",)))


def _check_grid(form: DesignForm, document: Document) -> None:
    for index, factor in enumerate(form.factors):
        numeric = factor.values is None
        if form.design.kind == "grid" and numeric and not (factor.levels or form.design.levels):
            raise InputError(
                f"the grid does not say how many values '{factor.name}' takes",
                where=document.where(("factors", index)),
                why="a range holds any number of values.",
                how="add 'levels: 3' to the factor or to the design.",
            )


def _check_listed(design: Design, document: Document) -> None:
    known = {factor.name: factor for factor in design.factors}
    for index, point in enumerate(design.listed):
        where = document.where(("design", "points", index))
        for name, value in point.items():
            if name not in known:
                raise InputError(
                    f"'{name}' is not a factor", where=where, why="it would vary nothing.", how=nearest(name, known)
                )
            if known[name].categorical and value not in known[name].values:
                why, how = "a category must be named before it is used.", nearest(str(value), map(str, known[name].values))
                raise InputError(f"'{value}' is not a value of '{name}'", where=where, why=why, how=how)
        if missing := [name for name in known if name not in point]:
            why = "every point needs a value for every factor."
            raise InputError(f"the point has no '{missing[0]}'", where=where, why=why, how=f"add '{missing[0]}: ...'.")


def _check_size(design: Design, document: Document) -> None:
    size = design.size or 1
    for factor in design.factors:
        if factor.categorical:
            size *= len(factor.values)
        elif design.kind == "grid":
            size *= factor.levels or design.levels
    if design.kind != "list" and size > MOST_POINTS:
        raise InputError(
            f"the design has {size:,} points",
            where=document.where(("design",)),
            why=f"more than {MOST_POINTS:,} scenarios would take weeks to read alone.",
            how="take fewer levels, or spread fewer points with kind: sobol.",
        )


def _check_values(design: Design, document: Document) -> None:
    """Refuse a factor of which no value or no end of its range works; another value that fails is a row of its own later."""
    _base(design, document)
    for index, factor in enumerate(design.factors):
        _check_scenarios(design, factor, document, index)
        candidates = list(factor.values) or [factor.value(u) for u in (0.5, 0.001, 0.999)]
        first: PadmaError | None = None
        for value in candidates:
            try:
                design.scenario({factor.name: value})
                break
            except PadmaError as error:
                first = first or error
        else:
            assert first is not None
            where = document.where(("factors", index, "key"))
            raise InputError(f"{first.where}: {first.what}", where=where, why=first.why, how=first.how) from first
        _check_ends(design, factor, document.where(("factors", index, "range")))


def _check_ends(design: Design, factor: Factor, where: str) -> None:
    """Refuse a range of which an end does not work: all points near it would be rows without numbers."""
    for end, value in zip(("low", "high"), factor.numbers if factor.law == "uniform" else (), strict=False):
        try:
            design.scenario({factor.name: value})
        except PadmaError as error:
            what = f"the {end} end {value:g} of the factor '{factor.name}' does not work: {error.where}: {error.what}"
            raise InputError(what, where=where, why=error.why, how=error.how) from error


def check_measures(design: Design, document: Document) -> None:
    """Refuse numbers that no run of the base would have.

    Raises
    ------
    InputError : with where they are asked for
    """
    base = _base(design, document)
    for kept in design.measures:
        where = document.where(("measures", *_entry(kept, document)))
        if not (kept.state in base.states and (not kept.partner or kept.partner in base.states)):
            how = f"choose from {', '.join(base.states)}."
            raise InputError(f"'{kept.name}' is about a state that takes no part", where=where, how=how)
        unmodelled = measures.skip(measures.MEASURES[kept.measure], kept.state)
        if unmodelled or (kept.partner and measures.skip_partner(measures.MEASURES[kept.measure], kept.state, kept.partner)):
            how = "take it out; `padma show measures` says what is modelled for whom."
            raise InputError(f"'{kept.name}' is not modelled", where=where, why="all of it would be empty.", how=how)
        if not base.start <= kept.first <= kept.last <= base.until:
            raise InputError(
                f"'{kept.name}' lies outside {quarters.name(base.start)} to {quarters.name(base.until)}",
                where=where,
                why="no run reaches that quarter.",
                how="choose a quarter inside, or a later 'until'.",
            )


def _entry(kept: Kept, document: Document) -> tuple[int, ...]:
    """Which entry under ``measures`` a number stands for, where the document is a design."""
    for index, entry in enumerate(document.content.get("measures", ())):
        if kept in measures_of([KeptForm(**entry)], Document("", {})):
            return (index,)
    return ()


def _base(design: Design, document: Document) -> Scenario:
    try:
        return design.scenario({})
    except PadmaError as error:
        where = document.where(("base",)) if error.where == "SCENARIO" else _in_file(error.where, document)
        raise InputError(error.what, where=where, why=error.why, how=error.how) from error


def _in_file(where: str, document: Document) -> str:
    """Where a setting stands that the design makes itself, rather than an option."""
    path = where.removeprefix("--set ")
    keys = ("settings", path) if path in document.content.get("settings", ()) else (path,)
    return document.where(keys) if path != where and keys in document.lines else where


def _check_scenarios(design: Design, factor: Factor, document: Document, index: int) -> None:
    """Scenario names must exist; two factors cannot both say who governs."""
    if factor.keys != ("scenario",):
        return
    for position, value in enumerate(factor.values):
        for part in str(value).split("+") if value != NO_OVERLAY else ():
            path = library.scenario_path(part)
            if path is None or not os.path.isfile(path):
                where = document.where(("factors", index, "values", position))
                why = "the factor could not take this value."
                how = nearest(part, library.scenario_names())
                raise InputError(f"there is no scenario called '{part}'", where=where, why=why, how=how)
    for other in design.factors[:index]:
        if other.keys == ("scenario",) and _replaces(other) and _replaces(factor):
            raise InputError(
                f"'{other.name}' and '{factor.name}' both put a scenario in place of the base",
                where=document.where(("factors", index)),
                why="only one of the two could say who governs.",
                how="use overlays (overlay: true) in one of them.",
            )


def _replaces(factor: Factor) -> bool:
    return any(v != NO_OVERLAY and not library.is_overlay(str(v).split("+")[0]) for v in factor.values)
