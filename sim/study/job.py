"""A study from design to findings: points, runs, indices, box.

Part of the studies (floor 5). The theory is simulated by :mod:`sim.sweep.points`, numbers are made by :mod:`sim.sensitivity`,
:mod:`sim.discovery` and :mod:`sim.tree`; this module brings them together.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from sim import sensitivity
from sim.discovery import Found, discover
from sim.errors import InputError, PadmaError, nearest
from sim.files import replacing
from sim.run import check_numbers
from sim.sensitivity import Indices, Shares
from sim.sweep.checks import check_measures
from sim.sweep.factors import Factor, Point
from sim.sweep.outcome import Outcome, read_outcome
from sim.sweep.plan import Design
from sim.sweep.points import evaluate
from sim.tree import Node, tree
from sim.yamlfile import Document

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

METHODS = ("sobol", "morris")
USUAL = {"sobol": 64, "morris": 20}
"""Base points or trajectories unless a number is named."""
FEWEST = 8
"""Base points of Sobol indices."""
AT_ONCE = 64
"""Points simulated before the next are made."""
MOST = 100_000_000
"""Numbers of single runs held in memory."""


@dataclass(frozen=True)
class Plan:
    """What is asked.

    Attributes
    ----------
    design : keeps what the outcome needs, and nothing else
    outcome, method : what is asked about, and how
    size : base points (Sobol) or trajectories (Morris)
    runs, seed : of every point
    """

    design: Design
    outcome: Outcome
    method: str
    size: int
    runs: int
    seed: int

    @property
    def factors(self) -> tuple[Factor, ...]:
        """What is varied."""
        return self.design.factors


@dataclass(frozen=True)
class Study(Plan):
    """What was asked and what was found.

    Attributes
    ----------
    points : different points simulated
    numbers : (point, run) the outcome's number; NaN where a point failed
    reasons : of failed points
    indices : ``factor``, and ``group`` where groups are fewer than factors -> how much each matters
    apart : largest difference between the indices of factors from the first and the second half of the runs
    shares : of the variance of single runs (None with Morris)
    found, tree : the box and the tree beside it; None where no event is asked about, or with Morris
    why_none : why there is no box
    """

    points: tuple[Point, ...] = field(repr=False)
    numbers: Floats = field(repr=False)
    reasons: tuple[str | None, ...] = field(repr=False)
    indices: dict[str, Indices]
    apart: float
    shares: Shares | None
    found: Found | None
    tree: Node | None
    why_none: str


def outcome_of(design: Design) -> Outcome:
    """What a design asks about: its ``outcome``, or else the first number it keeps."""
    return (
        read_outcome(design.outcome, design.name) if design.outcome else Outcome(design.measures[0].name, design.measures[:1])
    )


def plan(
    design: Design,
    outcome: Outcome,
    *,
    method: str = "sobol",
    size: int | None = None,
    runs: int | None = None,
    seed: int | None = None,
) -> Plan:
    """Say what a study will do, and refuse what can be refused before anything is simulated.

    Parameters
    ----------
    design : from :func:`sim.sweep.design.read_design`; its factors are used, not its own points
    outcome : from :func:`sim.sweep.outcome.read_outcome`
    method : ``sobol`` (indices, shares and a box) or ``morris`` (a screening, for many factors)
    size : base points, a power of two, or trajectories
    runs, seed : of every point (default: the design's)

    Raises
    ------
    InputError : an unknown method, fewer than two factors, a factor that cannot move, numbers that cannot be
    PadmaError : a library is missing
    """
    sensitivity.check_installed()
    if method not in METHODS:
        raise InputError(f"there is no method '{method}'", where="--method", how=nearest(method, METHODS))
    found = Plan(
        replace(design, measures=outcome.kept),
        outcome,
        method,
        USUAL[method] if size is None else size,
        design.runs if runs is None else runs,
        design.seed if seed is None else seed,
    )
    check_numbers(found.runs, found.seed)
    if method == "sobol" and found.size < FEWEST:
        why = "intervals would be wider than all there is to know."
        raise InputError(
            f"{found.size} base points were asked for", where="--points", why=why, how="choose 64, or --method morris."
        )
    if method == "sobol":
        sensitivity.check_base(found.size)
    if found.runs < 2:
        why = "two halves of the luck are compared."
        raise InputError("one run was asked for", where="--runs", why=why, how="64 is a good number.")
    if len(design.factors) < 2:
        why = "one factor explains everything that is explained."
        raise InputError(f"'{design.name}' has one factor", why=why, how="add another, or use padma sweep.")
    for factor in design.factors:
        if len(factor.values) == 1:
            why, how = "what never changes moves nothing.", "add a value, or put it into 'settings'."
            raise InputError(f"the factor '{factor.name}' has one value", why=why, how=how)
    if found.size * found.runs * (len(design.factors) + 2) > MOST:
        why = "the number of each run is held in memory."
        raise InputError("so many points and runs are too many", where="--points", why=why, how="take fewer of either.")
    check_measures(found.design, Document("--outcome", {}))
    return found


def study(asked: Plan, progress: Callable[[int, int], None] = lambda done, total: None, shelf: Path | None = None) -> Study:
    """Simulate points of a design and find out what moves the outcome.

    Parameters
    ----------
    shelf : a folder for finished points; those of the same plan that stand there are not simulated again

    Raises
    ------
    InputError : an outcome that is the same everywhere
    PadmaError : every point failed
    """
    points, rows, places = lay_out(asked.factors, asked.method, asked.size, asked.seed)
    numbers, reasons = _simulated(asked, points, progress, shelf)
    indices = {kind: _indices(asked, kind, rows[kind], places[kind], numbers.mean(axis=1)) for kind in rows}
    first, second = (
        _indices(asked, "factor", rows["factor"], places["factor"], part.mean(axis=1))
        for part in np.array_split(numbers, 2, axis=1)
    )
    main = "total" if asked.method == "sobol" else "mu_star"
    shares, found, grown, why_none = None, None, None, "a screening has too few points for it; --method sobol has enough"
    if asked.method == "sobol":
        alone = rows["factor"][sensitivity.independent(len(rows["factor"]), len(asked.factors))]
        shares = sensitivity.shares(numbers[alone])
        found, grown, why_none = _box(asked, points, rows["factor"], numbers)
    return Study(
        **vars(asked),
        points=tuple(points),
        numbers=numbers,
        reasons=tuple(reasons),
        indices=indices,
        apart=float(np.abs(first.columns[main] - second.columns[main]).max()),
        shares=shares,
        found=found,
        tree=grown,
        why_none=why_none,
    )


# --- layout -----------------------------------------------------------------------------------------------------------------


def lay_out(
    factors: Sequence[Factor], method: str, size: int, seed: int
) -> tuple[list[Point], dict[str, Places], dict[str, Floats]]:
    """Points for indices of factors and, where groups are fewer, of groups; a point that comes twice is simulated once.

    Returns
    -------
    different points; for ``factor`` and ``group`` which point stands in each row; and arrays (row, factor) in the unit cube
    """
    levels, groups = [len(f.values) for f in factors], [f.group for f in factors]
    asked: dict[str, Sequence[str]] = {"factor": ()}
    if 1 < len(set(groups)) < len(factors):
        asked["group"] = groups
    if method == "sobol":
        places = {kind: sensitivity.sobol_points(len(factors), size, seed, names) for kind, names in asked.items()}
    else:
        places = {kind: sensitivity.morris_points(levels, size, seed, names) for kind, names in asked.items()}
    seen: dict[tuple[object, ...], int] = {}
    rows = {}
    for kind, units in places.items():
        values = [tuple(f.value(float(u)) for f, u in zip(factors, row, strict=True)) for row in units]
        rows[kind] = np.array([seen.setdefault(value, len(seen)) for value in values])
    points = [dict(zip((f.name for f in factors), value, strict=True)) for value in seen]
    return points, rows, places


def _simulated(
    asked: Plan, points: Sequence[Point], progress: Callable[[int, int], None], shelf: Path | None
) -> tuple[Floats, list[str | None]]:
    """The outcome's number in every run of every point, and why points failed."""
    numbers, reasons = np.empty((len(points), asked.runs)), []
    for first in range(0, len(points), AT_ONCE):
        part = points[first : first + AT_ONCE]

        def further(done: int, total: int, first: int = first) -> None:
            progress(first + done, len(points))

        held = _held(shelf, first, len(part), asked.runs)
        if held is None:
            values, failed = evaluate(asked.design, part, runs=asked.runs, seed=asked.seed, progress=further)
            held = asked.outcome.number(values), failed
            _hold(shelf, first, *held)
        numbers[first : first + len(part)] = held[0]
        reasons += held[1]
    if all(reason is not None for reason in reasons):
        raise PadmaError(
            f"every point failed; the first: {reasons[0]}", why="there is nothing to analyse.", how="mend the design."
        )
    return numbers, reasons


def _hold(shelf: Path | None, first: int, numbers: Floats, reasons: Sequence[str | None]) -> None:
    """Put finished points on the shelf, whole or not at all."""
    if shelf is None:
        return
    shelf.mkdir(parents=True, exist_ok=True)
    with replacing(shelf / f"{first}.npz") as half, half.open("wb") as file:
        np.savez(file, numbers=numbers, reasons=np.array([reason or "" for reason in reasons]))


def _held(shelf: Path | None, first: int, points: int, runs: int) -> tuple[Floats, list[str | None]] | None:
    """Points from the shelf; None where they are not there, or not as they were put there."""
    if shelf is None or not (shelf / f"{first}.npz").is_file():
        return None
    try:
        with np.load(shelf / f"{first}.npz", allow_pickle=False) as file:
            numbers, reasons = file["numbers"], file["reasons"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error):
        return None
    return (numbers, [str(reason) or None for reason in reasons]) if numbers.shape == (points, runs) else None


# --- analysis -----------------------------------------------------------------------------------------------------------------


def _indices(asked: Plan, kind: str, rows: Places, places: Floats, outcome: Floats) -> Indices:
    groups = [f.group for f in asked.factors] if kind == "group" else []
    names = list(dict.fromkeys(groups)) or [f.name for f in asked.factors]
    if asked.method == "sobol":
        return sensitivity.sobol(names, outcome[rows], asked.seed)
    return sensitivity.morris(names, places, outcome[rows], asked.seed, [len(f.values) for f in asked.factors], groups)


def _box(asked: Plan, points: Sequence[Point], rows: Places, numbers: Floats) -> tuple[Found | None, Node | None, str]:
    """The box, the tree and '', or why there are none."""
    if not asked.outcome.sign:
        return None, None, 'the outcome names no event; add one, as in "... < 2024Q2"'
    levels, size = [len(f.values) for f in asked.factors], len(asked.factors) + 2
    columns, happened = coordinates(asked.factors, points)[rows], asked.outcome.happens(numbers)[rows]
    blocks = np.arange(len(rows)) // size
    try:
        found = discover(columns, levels, happened, asked.seed, blocks=blocks, independent=2 / size)
    except InputError as error:
        return None, None, error.what
    return found, tree(columns, levels, happened), ""


def coordinates(factors: Sequence[Factor], points: Sequence[Point]) -> Floats:
    """Values of points as numbers, categories as places among their values: array (point, factor)."""
    return np.array([[f.values.index(p[f.name]) if f.categorical else p[f.name] for f in factors] for p in points], dtype=float)
