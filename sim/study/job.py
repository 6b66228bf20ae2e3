"""A study from design to findings: points, runs, indices, box.

Part of the studies (floor 5). The theory is simulated by :mod:`sim.sweep.points`, numbers are made by :mod:`sim.sensitivity`,
:mod:`sim.discovery` and :mod:`sim.tree`; this module brings them together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sim import sensitivity
from sim.discovery import Found, discover
from sim.errors import InputError, PadmaError, nearest
from sim.run import check_numbers
from sim.sensitivity import Indices, Shares
from sim.sweep.checks import check_measures
from sim.sweep.design import Design
from sim.sweep.factors import Factor, Point
from sim.sweep.outcome import Outcome
from sim.sweep.points import evaluate
from sim.tree import Node, tree
from sim.yamlfile import Document

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

METHODS = ("sobol", "morris")
USUAL = {"sobol": 64, "morris": 20}
"""Base points or trajectories unless a number is named."""
AT_ONCE = 64
"""Points simulated before the next are made."""
MOST = 100_000_000
"""Numbers of single runs held in memory."""


@dataclass(frozen=True)
class Study:
    """What was asked and what was found.

    Attributes
    ----------
    design, outcome, method : what was asked
    size : base points (Sobol) or trajectories (Morris)
    runs, seed : of every point
    points : different points simulated
    numbers : (point, run) the outcome's number; NaN where a point failed
    reasons : of failed points
    rows : ``factor``, and ``group`` where groups differ from factors -> which point stands in each row of the layout
    indices : the same keys -> how much each factor, or group, matters
    apart : largest difference between the indices of factors from the first and the second half of the runs
    shares : of the variance of single runs (None with Morris)
    found, tree : the box and the tree beside it; None where no event is asked about, or with Morris
    why_none : why there is no box
    """

    design: Design
    outcome: Outcome
    method: str
    size: int
    runs: int
    seed: int
    points: tuple[Point, ...] = field(repr=False)
    numbers: Floats = field(repr=False)
    reasons: tuple[str | None, ...] = field(repr=False)
    rows: dict[str, Places] = field(repr=False)
    indices: dict[str, Indices]
    apart: float
    shares: Shares | None
    found: Found | None
    tree: Node | None
    why_none: str

    @property
    def factors(self) -> tuple[Factor, ...]:
        """What is varied."""
        return self.design.factors


def study(
    design: Design,
    outcome: Outcome,
    *,
    method: str = "sobol",
    size: int | None = None,
    runs: int | None = None,
    seed: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Study:
    """Simulate points of a design and find out what moves an outcome.

    Parameters
    ----------
    design : from :func:`sim.sweep.design.read_design`; its factors are used, not its own points
    outcome : from :func:`sim.sweep.outcome.read_outcome`
    method : ``sobol`` (indices, shares and a box) or ``morris`` (a screening, for many factors)
    size : base points, a power of two, or trajectories
    runs, seed : of every point (default: the design's)

    Raises
    ------
    InputError : something that does not fit, or an outcome that is the same everywhere
    PadmaError : every point failed
    """
    size, runs = size or USUAL.get(method, 0), runs or design.runs
    seed = design.seed if seed is None else seed
    design = check(design, outcome, method, runs, seed)
    points, rows, places = lay_out(design.factors, method, size, seed)
    if len(points) * runs > MOST:
        why = "the number of each run is held in memory."
        raise InputError(f"{len(points):,} points of {runs:,} runs are too many", where="--points", why=why, how="take fewer.")
    numbers, reasons = _simulated(design, outcome, points, runs, seed, progress)
    indices = {kind: _indices(design.factors, kind, method, rows, places, numbers.mean(axis=1), seed) for kind in rows}
    halves = [
        _indices(design.factors, "factor", method, rows, places, part.mean(axis=1), seed)
        for part in np.array_split(numbers, 2, axis=1)
    ]
    main = "total" if method == "sobol" else "mu_star"
    apart = float(np.abs(halves[0].columns[main] - halves[1].columns[main]).max())
    shares, found, grown, why_none = None, None, None, "a screening has too few points for it; --method sobol has enough"
    if method == "sobol":
        alone = rows["factor"][sensitivity.independent(len(rows["factor"]), len(design.factors))]
        shares = sensitivity.shares(numbers[alone])
        found, grown, why_none = _box(design.factors, outcome, points, rows["factor"], numbers, seed)
    return Study(
        design, outcome, method, size, runs, seed, tuple(points), numbers, tuple(reasons), rows, indices, apart, shares, found,
        grown, why_none,
    )  # fmt: skip


def check(design: Design, outcome: Outcome, method: str, runs: int, seed: int) -> Design:
    """The design with the outcome as what it keeps; refuses what can be refused before anything is simulated.

    Raises
    ------
    InputError : an unknown method, fewer than two factors, a factor that cannot move, numbers that cannot be
    """
    check_numbers(runs, seed)
    if method not in METHODS:
        raise InputError(f"there is no method '{method}'", where="--method", how=nearest(method, METHODS))
    if runs < 2:
        why = "two halves of the luck are compared."
        raise InputError("one run was asked for", where="--runs", why=why, how="64 is a good number.")
    if len(design.factors) < 2:
        why = "one factor explains everything that is explained."
        raise InputError(f"'{design.name}' has one factor", why=why, how="add another, or use padma sweep.")
    for factor in design.factors:
        if len(factor.values) == 1:
            why = "what never changes moves nothing."
            raise InputError(
                f"the factor '{factor.name}' has one value", why=why, how="add a value, or put it into 'settings'."
            )
    asked = replace(design, measures=outcome.kept)
    check_measures(asked, Document("--outcome", {}))
    return asked


# --- layout -----------------------------------------------------------------------------------------------------------------


def lay_out(
    factors: Sequence[Factor], method: str, size: int, seed: int
) -> tuple[list[Point], dict[str, Places], dict[str, Floats]]:
    """Points for indices of factors and, where groups are fewer, of groups; a point that comes twice is simulated once.

    Returns
    -------
    different points; for ``factor`` and ``group`` which point stands in each row; and the rows in the unit cube
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
    design: Design, outcome: Outcome, points: Sequence[Point], runs: int, seed: int, progress: Callable[[int, int], None]
) -> tuple[Floats, list[str | None]]:
    """The outcome's number in every run of every point, and why points failed."""
    numbers, reasons = np.empty((len(points), runs)), []
    for first in range(0, len(points), AT_ONCE):
        part = points[first : first + AT_ONCE]

        def further(done: int, total: int, first: int = first) -> None:
            progress(first + done, len(points))

        values, failed = evaluate(design, part, runs=runs, seed=seed, progress=further)
        numbers[first : first + len(part)] = outcome.number(values)
        reasons += failed
    if all(reason is not None for reason in reasons):
        raise PadmaError(
            f"every point failed; the first: {reasons[0]}", why="there is nothing to analyse.", how="mend the design."
        )
    return numbers, reasons


# --- analysis -----------------------------------------------------------------------------------------------------------------


def _indices(
    factors: Sequence[Factor],
    kind: str,
    method: str,
    rows: dict[str, Places],
    places: dict[str, Floats],
    outcome: Floats,
    seed: int,
) -> Indices:
    groups = [f.group for f in factors] if kind == "group" else []
    names = list(dict.fromkeys(groups)) or [f.name for f in factors]
    values = outcome[rows[kind]]
    if method == "sobol":
        return sensitivity.sobol(names, values, seed)
    return sensitivity.morris(names, places[kind], values, seed, [len(f.values) for f in factors], groups)


def _box(
    factors: Sequence[Factor], outcome: Outcome, points: Sequence[Point], rows: Places, numbers: Floats, seed: int
) -> tuple[Found | None, Node | None, str]:
    """The box, the tree and '', or why there are none."""
    if not outcome.sign:
        return None, None, 'the outcome names no event; add one, as in "... < 2024Q2"'
    levels, size = [len(f.values) for f in factors], len(factors) + 2
    columns, happened = coordinates(factors, points)[rows], outcome.happens(numbers)[rows]
    blocks = np.arange(len(rows)) // size
    try:
        found = discover(columns, levels, happened, seed, blocks=blocks, independent=2 / size)
    except InputError as error:
        return None, None, error.what
    return found, tree(columns, levels, happened), ""


def coordinates(factors: Sequence[Factor], points: Sequence[Point]) -> Floats:
    """Values of points as numbers, categories as places among their values: array (point, factor)."""
    return np.array([[f.values.index(p[f.name]) if f.categorical else p[f.name] for f in factors] for p in points], dtype=float)
