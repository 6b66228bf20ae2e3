"""Summaries: small finished objects, ready to be drawn or printed. Whoever draws needs nothing else.

Floor 5. Quantiles are refused where the ensemble is too small to support them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import library, quarters
from sim.errors import InputError, TooFewRuns, nearest
from sim.measures import MEASURES, Measure

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

QUANTILES = {
    "q025": 0.025, "q05": 0.05, "q10": 0.10, "q25": 0.25, "q50": 0.50, "q75": 0.75, "q90": 0.90, "q95": 0.95, "q975": 0.975,
}  # fmt: skip
"""Columns of a summary and the probabilities they stand for."""

COLUMNS = ("quarter", "state", "partner", "issue", "measure", "mean", *QUANTILES, "sd", "mc_error")
LEVELS = {0.95: ("q025", "q975"), 0.80: ("q10", "q90"), 0.50: ("q25", "q75")}
"""Central intervals of a fan and the columns that bound them."""


def runs_needed(probability: float) -> int:
    """Runs below which a quantile would be little more than the most extreme run.

    >>> runs_needed(0.05), runs_needed(0.5)
    (20, 2)
    """
    return math.ceil(1 / min(probability, 1 - probability))


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
    rows = [row for measure in chosen for state in history["state"].values for row in _of_state(history, measure, str(state))]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _of_state(history: xr.Dataset, measure: Measure, state: str) -> list[tuple[Any, ...]]:
    """Rows of one measure and state; only one state's runs are in memory at a time."""
    if skip(measure, state):
        return []
    part = history.sel(state=state)

    def get(name: str) -> Any:
        return part[name].values.astype(np.float64)

    values = measure.function(get)
    axes = [a for a in measure.axes if a != "state"]
    stats = statistics(values)
    labels = [[str(x) for x in history[a].values] for a in axes]
    shape = values.shape[:-1]
    names_of_quarters = [str(q) for q in history["quarter"].values]
    rows = []
    for place in np.ndindex(*shape):
        names = dict(zip(axes, [labels[i][j] for i, j in enumerate(place[1:])], strict=True))
        partner = names.get("partner", "")
        if partner == state or (partner and skip_partner(measure, state, partner)):
            continue
        kind = names.get("issue") or names.get("item") or names.get("act") or ""
        if "item" in names and not on_agenda(kind, names_of_quarters[place[0]]):
            continue
        rows.append((names_of_quarters[place[0]], state, partner, kind, measure.name, *(float(s[place]) for s in stats)))
    return rows


def skip(measure: Measure, state: str) -> bool:
    """Votes and arms orders are modelled for small states only."""
    return measure.name in ("vote_yes", "order_share") and library.states()[state].value.power


def skip_partner(measure: Measure, state: str, partner: str) -> bool:
    """Aid runs from powers to small states, dated acts between a power and a small state."""
    donor, receiver = library.states()[state].value.power, library.states()[partner].value.power
    if measure.name == "aid":
        return not donor or receiver
    if measure.name == "act_probability":
        return donor and receiver
    return measure.name == "order_share" and not receiver


def on_agenda(item: str, quarter: str) -> bool:
    """Whether a kind of roll call comes to a vote in a quarter's years (the season is not asked for)."""
    call, when = library.agenda()[item].value, quarters.quarter(quarter)
    return bool(call.from_ <= when and (call.until is None or when <= call.until))


def statistics(values: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Mean, quantiles, standard deviation and Monte Carlo error of the mean over the last axis, in column order."""
    runs = values.shape[-1]
    usable = [p for p in QUANTILES.values() if runs >= runs_needed(p)]
    found = dict(zip(usable, np.quantile(values, usable, axis=-1), strict=True)) if usable else {}
    empty = np.full(values.shape[:-1], np.nan)
    sd = values.std(axis=-1, ddof=1) if runs > 1 else empty
    return [values.mean(axis=-1), *(found.get(p, empty) for p in QUANTILES.values()), sd, sd / math.sqrt(runs)]


# --- finished objects ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    """A labelled stretch of time: a leader in office."""

    label: str
    start: str
    end: str


@dataclass(frozen=True)
class Mark:
    """A labelled moment: a systemic event."""

    label: str
    quarter: str


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
    """The issue area (or roll call, act class) of that name; '' for measures that do not vary by one."""
    if not {"issue", "item", "act"} & set(measure.axes):
        return ""
    known = library.issues() if "issue" in measure.axes else library.agenda() if "item" in measure.axes else None
    known = library.world_file("act_rates")["values"] if known is None else known
    if name not in known:
        raise InputError(f"'{name}' is not known to '{measure.name}'", where="--issue", how=nearest(name, known))
    return name


def fan(
    table: pd.DataFrame | xr.Dataset, measure: str = "stance", *, dyad: str = "BGD>RUS", issue: str = "diplomacy", runs: int = 0
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
    )


_dyad = dyad


def heatmap(table: pd.DataFrame, measure: str = "stance", *, state: str = "BGD", quarters: tuple[str, ...], runs: int) -> Heatmap:
    """A measure over partners and issue areas at chosen quarters; medians with 80 % intervals."""
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
    return Trajectories(names, values.T, tuple(int(r) for r in part["run"].values), chosen, state, partner, issue if axis else "")
