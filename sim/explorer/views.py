"""What a page shows: fans, paired differences, ties on a map, as plain documents made of finished summaries.

Quantiles are those of ``summary.csv`` and ``contrasts.csv``: numbers pass through single precision where they do on disk.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim import live, measures, priors, quarters, words
from sim.comparison import as_difference
from sim.explorer.scene import Scene, needs
from sim.explorer.state import Opened, worlds
from sim.live import Ensemble
from sim.measures import Measure
from sim.paired import clear_from
from sim.quantiles import STATISTICS, Floats, statistics
from sim.run import context, warnings
from sim.scenario import Scenario
from sim.summary import LEVELS, Context, Fan

DIGITS = 6
"""Significant digits of what is sent, as in ``summary.csv``."""

Stopped = Callable[[], bool]


# --- numbers ----------------------------------------------------------------------------------------------------------------


def values(ensemble: Ensemble, measure: Measure, dyad: tuple[str, str], kind: str, *, stored: bool) -> Floats:
    """A measure of one dyad in every run, (quarter, run).

    Parameters
    ----------
    stored : round what is recorded to single precision, as a results folder does; else the measure, as a comparison does
    """
    labels = ensemble.world.labels
    wanted = {"state": dyad[0], "partner": dyad[1], "issue": kind, "item": kind, "act": kind}
    places = {axis: labels[axis].index(wanted[axis]) for axis in measure.axes}

    def get(name: str) -> Any:
        found = there(name)
        return found.astype(np.float32).astype(np.float64) if stored else found

    there = measures.at(ensemble.arrays.__getitem__, places)
    found: Floats = measure.function(get)
    return found if stored else found.astype(np.float32).astype(np.float64)


def fan(found: Floats, scenario: Scenario, measure: Measure, dyad: tuple[str, str], kind: str, runs: int) -> Fan:
    """The summary that figures and captions are made from.

    Parameters
    ----------
    found : (statistic, quarter), in the order of ``STATISTICS``
    """
    at = dict(zip(STATISTICS, found, strict=True))
    bands = {level: (at[low], at[high]) for level, (low, high) in LEVELS.items()}
    names = tuple(quarters.name(q) for q in scenario.quarters)
    return Fan(names, at["q50"], at["mean"], bands, measure, *dyad, kind, runs)


@dataclass(frozen=True)
class Shown:
    """Fans of all panels: of the world that is turned, of the one it is held against, and of the paired difference.

    Attributes
    ----------
    a, b, difference : one for each panel; no second world leaves ``b`` and ``difference`` empty
    p_positive, since, ratio : of the large panel, as :class:`sim.plots.Contrast` wants them
    path : the run that is stepped through, in the large panel
    """

    a: tuple[Fan, ...]
    b: tuple[Fan, ...] = ()
    difference: tuple[Fan, ...] = ()
    p_positive: float = 0.0
    since: str = ""
    ratio: float = 0.0
    path: tuple[float, ...] = ()


def shown(scene: Scene, stopped: Stopped) -> Shown:
    """Play what is asked for and summarise it.

    Raises
    ------
    CancelledError : nobody waits any more
    """
    asked, m, wanted = scene.asked, scene.measure, needs(scene.measure)
    first = live.play(scene.a, asked.seed, asked.runs, wanted, stopped)
    second = live.play(scene.b, asked.seed, asked.runs, wanted, stopped) if scene.b else None
    if stopped():
        raise CancelledError
    here = [values(first, m, dyad, scene.kind, stored=second is None) for dyad in scene.dyads]
    ends = (scene.kind, asked.runs)
    a = tuple(fan(statistics(v), scene.a, m, d, *ends) for v, d in zip(here, scene.dyads, strict=True))
    run = asked.view.run
    path = tuple(here[scene.at][:, run].tolist()) if run is not None and run < asked.runs else ()
    if second is None:
        return Shown(a, path=path)
    there = [values(second, m, dyad, scene.kind, stored=False) for dyad in scene.dyads]
    b = tuple(fan(statistics(v), scene.a, m, d, *ends) for v, d in zip(there, scene.dyads, strict=True))
    apart = [x - y for x, y in zip(here, there, strict=True)]
    table = [statistics(v) for v in apart]
    d = tuple(fan(t, scene.a, as_difference(m), dyad, *ends) for t, dyad in zip(table, scene.dyads, strict=True))
    return Shown(a, b, d, *_contrast(scene, here, there, apart, table), path)


def _contrast(
    scene: Scene, here: list[Floats], there: list[Floats], apart: list[Floats], table: list[Floats]
) -> tuple[float, str, float]:
    """Of the large panel at the end: share of runs above zero, quarter since when it shows, and what pairing is worth."""
    at = scene.at
    one, other, both = (float(found[at][-1].var()) for found in (here, there, apart))
    found = dict(zip(STATISTICS, table[at], strict=True))
    since = clear_from([quarters.name(q) for q in scene.a.quarters], found["q05"], found["q95"]) or ""
    return float((apart[at][-1] > 0).mean()), since, both / (one + other) if one + other else 0.0


# --- documents --------------------------------------------------------------------------------------------------------------


def fans_document(scene: Scene, opened: Opened, stopped: Stopped) -> dict[str, Any]:
    """The chart of a page, with its finding in words."""
    from sim.plots.panel import y_label

    found, held = shown(scene, stopped), context(scene.a, "", scene.asked.runs)
    head, sentence = finding(scene, found, held)
    return {
        "quarters": list(found.a[0].quarters),
        "measure": {"name": scene.measure.name, "label": y_label(scene.measure), "kind": scene.kind}
        | scale(scene.measure)
        | {"difference": y_label(as_difference(scene.measure))},
        "panels": [_panel(found, place) for place in range(len(found.a))],
        "at": scene.at,
        "path": [number(v) for v in found.path],
        "headline": head,
        "sentence": sentence,
        "status": priors.label(scene.a),
        "warnings": warnings(scene.a, scene.asked.runs)[1:],
        "title": scene.a.title,
        "against": scene.b.title if scene.b else "",
        "leaders": {s: [vars(span) for span in spans] for s, spans in held.leaders.items()},
        "marks": [vars(mark) for mark in held.marks],
        "source": held.source,
        "command": opened.command(scene.asked),
        "files": opened.files(scene.asked),
        "changes": {which: opened.changes(world) for world, which in worlds(scene.asked)},
    }


def finding(scene: Scene, found: Shown, held: Context) -> tuple[str, str]:
    """Headline and sentence of the large panel."""
    from sim.plots.captions import caption_fan, headline_fan
    from sim.plots.contrast import caption_contrast, headline_contrast

    if not found.difference:
        return headline_fan(found.a[scene.at], held), caption_fan(found.a[scene.at], held)
    pair = contrast(scene, found, ("world B", "World A"))
    return headline_contrast(pair, held).replace('"', ""), caption_contrast(pair, held)


def contrast(scene: Scene, found: Shown, names: tuple[str, str]) -> Any:
    """What a figure of two worlds is made from; ``names`` are those of the world that A is held against, and of A."""
    from sim.plots import Contrast

    at = scene.at
    return Contrast(found.b[at], found.a[at], found.difference[at], names, found.p_positive, found.since, found.ratio)


def _panel(found: Shown, place: int) -> dict[str, Any]:
    fans = {"a": found.a, "b": found.b, "difference": found.difference}
    one = found.a[place]
    return {"state": one.state, "partner": one.partner} | {k: _fan(f[place]) for k, f in fans.items() if f}


def _fan(one: Fan) -> dict[str, Any]:
    bands = {f"{100 * level:.0f}": [row(low), row(high)] for level, (low, high) in one.bands.items()}
    return {"median": row(one.median), "mean": row(one.mean), "bands": bands}


def scale(measure: Measure) -> dict[str, Any]:
    """Limits, neutral value and words along the axis of a measure."""
    from sim.plots.phrases import index

    bins = [(limit, word) for limit, word in words.BINS] if index(measure) else []
    return {"range": list(measure.range) if measure.range else None, "neutral": measure.neutral, "bins": bins}


def row(found: Floats) -> list[float | None]:
    """An array of numbers as it is sent; what the runs cannot support is null."""
    return [number(v) for v in found.tolist()]


def number(value: float) -> float | None:
    """A number with as many digits as ``summary.csv`` has."""
    return float(f"{value:.{DIGITS}g}") + 0.0 if np.isfinite(value) else None


def map_document(scene: Scene, stopped: Stopped) -> dict[str, Any]:
    """Stances of every state toward every other in one issue area: the median of each quarter."""
    m = measures.MEASURES["stance"] if scene.measure.name not in ("stance", "cooperation") else scene.measure
    kind = scene.kind if "issue" in scene.measure.axes else scene.a.issues[0]
    played = live.play(scene.a, scene.asked.seed, scene.asked.runs, needs(m), stopped)
    ties = {
        f"{a}>{b}": row(np.median(values(played, m, (a, b), kind, stored=True), axis=-1))
        for a in scene.a.states
        for b in scene.a.states
        if a != b
    }
    names = [quarters.name(q) for q in scene.a.quarters]
    return {"quarters": names, "states": list(scene.a.states), "measure": m.name, "label": m.label, "issue": kind, "ties": ties}
