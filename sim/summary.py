"""Summaries: small finished objects, ready to be drawn or printed. Whoever draws needs nothing else.

Floor 5. Quantiles are refused where the ensemble is too small to support them.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import library
from sim.engine import CHUNK, THREADS
from sim.errors import InputError, TooFewRuns, nearest
from sim.measures import MEASURES, Measure, on_agenda, skip, skip_partner
from sim.quantiles import STATISTICS, runs_needed, statistics
from sim.recorded import Points, recorded

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

COLUMNS = ("quarter", "state", "partner", "issue", "measure", *STATISTICS)
"""Columns of a summary."""

LEVELS = {0.95: ("q025", "q975"), 0.80: ("q10", "q90"), 0.50: ("q25", "q75")}
"""Central intervals of a fan and the columns that bound them."""

RUNS_AT_ONCE = 4 * CHUNK
"""Runs read at a time."""


def summarise(history: xr.Dataset, measures: tuple[str, ...] | None = None) -> pd.DataFrame:
    """All measures of a history over its runs.

    Parameters
    ----------
    history : from :mod:`sim.history`
    measures : names (default: every measure whose variables were recorded)

    Returns
    -------
    tidy table with the columns ``COLUMNS``; quantiles that the runs cannot support are empty. ``issue`` holds the issue
    area, the kind of roll call or the class of act, whichever the measure varies by.
    """
    import pandas as pd

    chosen = [MEASURES[m] for m in measures] if measures else [m for m in MEASURES.values() if set(m.needs) <= set(history)]
    parts = [(measure, str(state)) for measure in chosen for state in history["state"].values]
    with ThreadPoolExecutor(THREADS if history.sizes["run"] <= RUNS_AT_ONCE else 1) as pool:
        tables = list(pool.map(lambda part: _of_state(history, *part), parts))
    return pd.concat([t for t in tables if t is not None] or [pd.DataFrame(columns=list(COLUMNS))], ignore_index=True)


def _of_state(history: xr.Dataset, measure: Measure, state: str) -> pd.DataFrame | None:
    """Rows of one measure and state; of a large ensemble only one state's runs are in memory at a time."""
    import pandas as pd

    labels = {a: [str(x) for x in history[a].values] for a in ("quarter", *measure.axes) if a != "state"}
    part = history[list(measure.needs)].sel(state=state)
    if "partner" in labels:
        labels["partner"] = [p for p in labels["partner"] if p != state and not skip_partner(measure, state, p)]
        part = part.sel(partner=labels["partner"])
    if skip(measure, state) or not all(labels.values()):
        return None
    shape = [len(names) for names in labels.values()]
    columns: dict[str, Any] = {"quarter": "", "state": state, "partner": "", "issue": "", "measure": measure.name}
    for axis, places in zip(labels, np.indices(shape).reshape(len(shape), -1), strict=True):
        columns[axis if axis in columns else "issue"] = np.array(labels[axis])[places]
    found = statistics(_values(part, measure, shape)).reshape(len(STATISTICS), -1)
    table = pd.DataFrame(columns | dict(zip(STATISTICS, found, strict=True)))
    if "item" in labels:
        table = table[[on_agenda(kind, quarter) for kind, quarter in zip(table.issue, table.quarter, strict=True)]]
    return table


def _values(part: xr.Dataset, measure: Measure, shape: list[int]) -> NDArray[np.float64]:
    """A measure in every run; what it is computed from is read a block of runs at a time."""
    runs = part.sizes["run"]
    values = np.empty([*shape, runs])
    for start in range(0, runs, RUNS_AT_ONCE):
        block = part.isel(run=slice(start, start + RUNS_AT_ONCE))
        values[..., start : start + RUNS_AT_ONCE] = measure.function(partial(_exact, block))
    return values


def _exact(block: xr.Dataset, name: str) -> NDArray[np.float64]:
    return np.asarray(block[name].values, dtype=np.float64)


# --- finished objects ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    """A labelled stretch of time: a leader in office."""

    label: str
    start: str
    end: str


@dataclass(frozen=True)
class Mark:
    """A labelled moment: a systemic event, or (``cut``) the end of the record that the parameters were learned from."""

    label: str
    quarter: str
    cut: bool = False


@dataclass(frozen=True)
class Context:
    """What every figure of a results folder shares.

    Attributes
    ----------
    scenario, title, question : of the scenario
    status : what was learned and what is assumed, e.g. "prior, not yet calibrated"
    manifest : short id of the manifest
    runs : size of the ensemble
    leaders : state -> leaders in office over the recorded quarters
    marks : dated events
    source : source line
    names : state code -> name; issue or item -> label
    """

    scenario: str
    title: str
    question: str
    status: str
    manifest: str
    runs: int
    leaders: dict[str, tuple[Span, ...]]
    marks: tuple[Mark, ...]
    source: str
    names: dict[str, str]


@dataclass(frozen=True)
class Fan:
    """Central intervals of one measure over time.

    Attributes
    ----------
    quarters : names
    median, mean : array (quarter,)
    bands : level (0.95, 0.8, 0.5) -> (low, high), arrays (quarter,)
    state, partner, issue : what is shown
    observed : the record of it, where there is one
    """

    quarters: tuple[str, ...]
    median: NDArray[np.float64]
    mean: NDArray[np.float64]
    bands: dict[float, tuple[NDArray[np.float64], NDArray[np.float64]]]
    measure: Measure
    state: str
    partner: str
    issue: str
    runs: int
    observed: Points | None = None


@dataclass(frozen=True)
class Heatmap:
    """One measure over partners and issue areas at chosen quarters.

    Attributes
    ----------
    values : array (quarter, partner, issue), medians
    low, high : bounds of the 80 % interval, same shape
    """

    quarters: tuple[str, ...]
    partners: tuple[str, ...]
    issues: tuple[str, ...]
    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    measure: Measure
    state: str
    runs: int


@dataclass(frozen=True)
class Trajectories:
    """Single runs of one measure: what luck looks like.

    Attributes
    ----------
    values : array (run, quarter)
    runs : which runs
    """

    quarters: tuple[str, ...]
    values: NDArray[np.float64]
    runs: tuple[int, ...]
    measure: Measure
    state: str
    partner: str
    issue: str


def dyad(text: str) -> tuple[str, str]:
    """State and partner of a directed dyad.

    Raises
    ------
    InputError : not of the form BGD>RUS, or a state toward itself

    >>> dyad("BGD>russia")
    ('BGD', 'RUS')
    """
    parts = str(text).split(">")
    if len(parts) != 2:
        raise InputError(f"'{text}' is not a dyad", where="--dyad", how="write it like BGD>RUS (in quotes on a command line).")
    a, b = (library.state_code(part, "--dyad") for part in parts)
    if a == b:
        raise InputError(f"'{text}' is a state toward itself", where="--dyad", how="name two states.")
    return a, b


def measure_named(name: str) -> Measure:
    """The measure of that name, or a message with the nearest name."""
    if name not in MEASURES:
        raise InputError(f"'{name}' is not a measure", where="--measure", how=nearest(name, MEASURES))
    return MEASURES[name]


def issue_named(name: str, measure: Measure) -> str:
    """The issue area (or roll call, act class) of that name, or a message; '' for measures that do not vary by one."""
    if not {"issue", "item", "act"} & set(measure.axes):
        return ""
    known = library.issues() if "issue" in measure.axes else library.agenda() if "item" in measure.axes else None
    known = library.world_file("act_rates")["values"] if known is None else known
    if name not in known:
        raise InputError(f"'{name}' is not known to '{measure.name}'", where="--issue", how=nearest(name, known))
    return name


def fan(
    table: pd.DataFrame | xr.Dataset,
    measure: str = "stance",
    *,
    dyad: str = "BGD>RUS",
    issue: str = "diplomacy",
    runs: int = 0,
) -> Fan:
    """The fan of one measure.

    Parameters
    ----------
    table : a summary table, or a history to summarise first
    measure, dyad, issue : what to show
    runs : size of the ensemble, for the caption (taken from a history)

    Raises
    ------
    InputError : unknown measure, state or issue area
    TooFewRuns : the ensemble cannot support a 95 % interval
    """
    chosen = measure_named(measure)
    state, partner = _dyad(dyad)
    issue = issue_named(issue, chosen)
    if not hasattr(table, "itertuples"):
        runs = int(table.sizes["run"])
        table = summarise(table, (measure,))
    wanted_partner = partner if "partner" in chosen.axes else ""
    rows = table[
        (table.measure == measure) & (table.state == state) & (table.partner == wanted_partner) & (table.issue == issue)
    ]
    if rows.empty:
        raise InputError(
            f"there is no '{measure}' for {state}{'>' + wanted_partner if wanted_partner else ''} {issue}".rstrip(),
            why="votes and arms orders are modelled for small states, aid from powers to them.",
            how="choose another dyad or measure; `padma show measures` lists what each covers.",
        )
    if rows[["q025", "q975"]].isna().any(axis=None):
        raise TooFewRuns(
            f"{runs} runs cannot support a 95 % interval",
            why="the bound would be the luck of one run.",
            how=f"use --runs {runs_needed(0.025)} or more; 1000 is the default.",
        )
    bands = {level: (rows[low].to_numpy(float), rows[high].to_numpy(float)) for level, (low, high) in LEVELS.items()}
    return Fan(
        quarters=tuple(rows.quarter),
        median=rows.q50.to_numpy(float),
        mean=rows["mean"].to_numpy(float),
        bands=bands,
        measure=chosen,
        state=state,
        partner=wanted_partner,
        issue=issue,
        runs=runs,
        observed=recorded(measure, state, wanted_partner, issue, tuple(rows.quarter)),
    )


_dyad = dyad


def heatmap(
    table: pd.DataFrame, measure: str = "stance", *, state: str = "BGD", quarters: tuple[str, ...], runs: int
) -> Heatmap:
    """A measure of a summary table over partners and issue areas at chosen quarters; medians with 80 % intervals.

    Raises
    ------
    TooFewRuns : the ensemble cannot support an 80 % interval
    """
    chosen = measure_named(measure)
    rows = table[(table.measure == measure) & (table.state == state) & table.quarter.isin(quarters)]
    partners, issues = tuple(dict.fromkeys(rows.partner)), tuple(dict.fromkeys(rows.issue))
    if rows.empty or rows[["q10", "q90"]].isna().any(axis=None):
        raise TooFewRuns(f"{runs} runs cannot support an 80 % interval", how=f"use --runs {runs_needed(0.1)} or more.")
    indexed = rows.set_index(["quarter", "partner", "issue"])

    def grid(column: str) -> NDArray[np.float64]:
        return np.array([[[indexed.at[(q, p, k), column] for k in issues] for p in partners] for q in quarters], dtype=float)

    return Heatmap(quarters, partners, issues, grid("q50"), grid("q10"), grid("q90"), chosen, state, runs)


def trajectories(
    history: xr.Dataset, measure: str = "stance", *, dyad: str = "BGD>RUS", issue: str = "diplomacy", runs: int = 12
) -> Trajectories:
    """The first runs of an ensemble, one line each."""
    chosen = measure_named(measure)
    state, partner = _dyad(dyad)
    part = history.isel(run=slice(0, runs)).sel(state=state)
    if "partner" in chosen.axes:
        part = part.sel(partner=partner)
    axis = next((a for a in ("issue", "item", "act") if a in chosen.axes), None)
    if axis:
        part = part.sel({axis: issue_named(issue, chosen)})
    values = chosen.function(lambda name: part[name].values.astype(np.float64))
    names = tuple(str(q) for q in part["quarter"].values)
    return Trajectories(
        names, values.T, tuple(int(r) for r in part["run"].values), chosen, state, partner, issue if axis else ""
    )
