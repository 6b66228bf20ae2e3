"""From a results folder to its handout; what no handout can be made of is refused, and the message says what to do instead.

Part of the handouts (floor 6).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim import provenance
from sim.errors import InputError, TooFewRuns
from sim.handout import shared
from sim.quantiles import runs_needed

if TYPE_CHECKING:
    from sim.handout.parts import Handout

FEWEST = runs_needed(0.025)
"""Runs below which there is no 95 % interval to show."""


def read(folders: Sequence[Path]) -> Handout:
    """The handout of one results folder, or of several scenarios (named one by one, or the folder that holds them).

    Raises
    ------
    InputError : no results, not whole, changed, of another version, or of a kind that has no handout
    TooFewRuns : the ensemble is too small for intervals
    """
    places = results_in(folders)
    kind = kind_of(places[0])
    if kind == "run":
        return _of_runs(places)
    if kind == "attribution":
        from sim.handout.of_attribution import of_attribution

        _enough(int(provenance.read_manifest(places[0])["runs"]), places[0])
        return of_attribution(places[0])
    if kind == "comparison":
        from sim.comparison import read_pair
        from sim.handout.of_pair import of_pair

        pair = read_pair(places[0])
        _enough(int(pair.manifest["runs"]), places[0])
        return of_pair(pair)
    from sim.handout.of_designs import of_study, of_sweep

    return of_sweep(places[0]) if kind == "sweep" else of_study(places[0])


def _of_runs(places: Sequence[Path]) -> Handout:
    from sim.handout.of_runs import of_run, of_runs
    from sim.run import read_results

    held = [read_results(place) for place in places]
    for results in held:
        _enough(int(results.manifest["runs"]), results.folder)
    if len(held) == 1:
        return of_run(held[0])
    for what, values in (("states", [r.scenario.states for r in held]), ("issue areas", [r.scenario.issues for r in held])):
        if any(value != values[0] for value in values):
            why = "their ties could not stand in one table."
            raise InputError(f"the scenarios have different {what}", where=str(places[0]), why=why, how="name one of them.")
    return of_runs(held)


def identity(folders: Sequence[Path]) -> str:
    """The id of the results, known before they are read: the same that their handout has."""
    return shared.identity([provenance.read_manifest(place) for place in results_in(folders)])


def results_in(folders: Sequence[Path]) -> list[Path]:
    """The folders themselves, or the results folders in them where they hold several scenarios.

    Raises
    ------
    InputError : something else than single scenarios beside each other
    """
    places = [place for folder in folders for place in _results_in(folder)]
    if len(places) > 1 and any(kind_of(place) != "run" for place in places):
        how = "name folders of padma run, or one folder of another kind."
        raise InputError(
            "only single scenarios stand side by side", where=str(places[0]), why="a comparison is whole.", how=how
        )
    return places


def _results_in(folder: Path) -> list[Path]:
    if not folder.exists():
        near = (
            sorted(p.name for p in folder.parent.glob("*") if (p / "manifest.json").is_file()) if folder.parent.is_dir() else []
        )
        here = f" (in {folder.parent} there are: {', '.join(near[:6])})" if near else ""
        how = f"name a results folder{here}, or make one: padma run bnp_government"
        raise InputError("there is no such folder", where=str(folder), why="a handout is made of stored results.", how=how)
    if (folder / "manifest.json").is_file() or not folder.is_dir():
        return [folder]
    return sorted(p.parent for p in folder.glob("*/manifest.json")) or [folder]


def kind_of(folder: Path) -> str:
    """What a results folder says that it holds: run, comparison, attribution, sweep or study."""
    try:
        kind = json.loads((folder / "manifest.json").read_text(encoding="utf-8")).get("kind", "run")
    except (OSError, ValueError, AttributeError, RecursionError):
        return "run"  # reading it says what is wrong
    return str(kind)


def _enough(runs: int, folder: Path) -> None:
    if runs < FEWEST:
        raise TooFewRuns(
            f"{runs} runs cannot support the 95 % intervals of a report",
            where=str(folder),
            why="the bounds would be the luck of one run.",
            how=f"use --runs {FEWEST} or more; 1000 is the default.",
        )
