"""Designs of sweeps: finds one by path or name, reads it, and has it checked.

Part of the sweeps (floor 5). What it reads is a :class:`sim.sweep.plan.Design`; nothing is simulated here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sim import library, quarters, yamlfile
from sim.errors import InputError, nearest
from sim.layers import check_within
from sim.sweep import checks
from sim.sweep.factors import Factor
from sim.sweep.form import DesignForm, FactorForm
from sim.sweep.outcome import measures_of
from sim.sweep.plan import Design
from sim.validate import validate
from sim.yamlfile import Document

__all__ = ["Design", "design_names", "design_path", "read_design"]


def design_names() -> list[str]:
    """Built-in designs."""
    return sorted(path.stem for path in (library.root() / "sweeps").glob("*.yaml"))


def design_path(name: Path | str) -> Path:
    """The file of a design given by path or built-in name; a path wins.

    Raises
    ------
    InputError : there is neither
    """
    given = Path(name)
    if given.suffix in (".yaml", ".yml") or os.path.isfile(given):
        return given
    built_in = library.root() / "sweeps" / f"{name}.yaml"
    if os.path.isfile(built_in):
        return built_in
    how = nearest(str(name), design_names()) + " A path to a YAML file works too."
    raise InputError(f"there is no design called '{name}'", where="DESIGN", why="nothing can be swept.", how=how)


def read_design(name: Path | str, *, settings: dict[str, Any] | None = None) -> Design:
    """Read and check a design.

    Parameters
    ----------
    name : a path to YAML, or a built-in name
    settings : changes that all points share, on top of the design's own

    Raises
    ------
    InputError : anything in the file that does not fit, with file and line
    """
    path = design_path(name)
    document = yamlfile.read(path, library.shown(path))
    library.mapping(document)
    form = validate(DesignForm, document)
    if settings:
        document.content["settings"] = dict(form.settings) | settings
    for base in form.base.split("+"):
        if "/" in base or base.endswith((".yaml", ".yml")):
            check_within(Path(base), base, path.parent, document.where(("base",)))
    design = _design(form, document, dict(form.settings) | (settings or {}))
    checks.check(design, form, document)
    return design


def _design(form: DesignForm, document: Document, settings: dict[str, Any]) -> Design:
    plan = form.design
    return Design(
        name=form.name,
        title=form.title,
        question=form.question,
        base=form.base,
        until=quarters.name(form.until) if form.until is not None else "",
        settings=settings,
        seed=form.seed,
        runs=form.runs,
        factors=tuple(_factor(one) for one in form.factors),
        kind=plan.kind,
        size=plan.points if isinstance(plan.points, int) else 0,
        levels=plan.levels or 1,
        listed=tuple(plan.points) if isinstance(plan.points, list) else (),
        measures=measures_of(form.measures, document),
        keep=form.keep,
        outcome=form.outcome,
        assumptions=tuple(form.assumptions),
        sources=tuple(form.sources),
        text=yamlfile.write(document.content),
    )


def _factor(form: FactorForm) -> Factor:
    law, numbers = "uniform" if form.range else "", tuple(form.range or ())
    if form.distribution:
        law, numbers = next((law, tuple(written)) for law, written in form.distribution.items())
    return Factor(
        name=form.name,
        label=form.label or form.name.replace("_", " "),
        group=form.group,
        keys=tuple(form.key),
        values=tuple(form.values or ()),
        labels=tuple(form.labels),
        law=law,
        numbers=numbers,
        levels=form.levels,
        shift=form.shift,
    )
