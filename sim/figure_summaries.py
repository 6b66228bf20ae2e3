"""Finished summaries of the larger figures: where a state stands, with whom it votes, what acts are dated, who governs.

Floor 6. Turns stored runs, tables and the record into the small objects that :mod:`sim.plots` draws; draws nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import comparison, library, quarters
from sim.errors import InputError, nearest
from sim.measures import MEASURES, VOTES
from sim.quantiles import STATISTICS, statistics
from sim.recorded import RECORD_END, dated_acts, of_record
from sim.run import cut_of
from sim.summary import LEVELS, Fan, fan, issue_named

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sim import plots
    from sim.comparison import Pair
    from sim.scenario import Scenario

Floats = NDArray[np.float64]

POLES = ("IND", "CHN", "RUS", "USA")
"""Left, right, lower and upper edge of the map: two pairs of rivals on most of the record."""

SHARES = (0.5, 0.8)
CORNERS = 90


def alignment(history: xr.Dataset, state: str = "BGD", issue: str = "", poles: tuple[str, ...] = POLES) -> plots.Alignment:
    """Where a state stands among four powers.

    Parameters
    ----------
    history : stored or in memory
    issue : one issue area; '' takes the mean of the index over all
    poles : powers at the left, right, lower and upper edge

    Raises
    ------
    InputError : a power that is not in the history, or an unknown issue area
    """
    from sim import plots

    here = [str(p) for p in history["partner"].values]
    if missing := [p for p in poles if p not in here]:
        raise InputError(f"{', '.join(missing)} is not in these results", why="a map needs its four poles.", how="draw fans.")
    part = history[["stance", "norm"]].sel(state=state, partner=list(poles))
    if issue:
        part = part.sel(issue=[issue_named(issue, MEASURES["stance"])])
    ties = MEASURES["stance"].function(lambda name: part[name].values.astype(float)).mean(axis=-2)  # quarter, power, run
    names = tuple(str(q) for q in history["quarter"].values)
    fans = tuple(_fan(ties[:, i], names, state, p, issue) for i, p in enumerate(poles))
    left, right, low, top = (ties[:, i] for i in range(4))
    place = np.stack([(right - left) / 2, (top - low) / 2], axis=-1)  # quarter, run, 2
    ends = [float(f.median[-1]) for f in fans]
    near, far = ties[-1, int(np.argmax(ends))], ties[-1, int(np.argmin(ends))]
    regions = {at: {share: _ellipse(place[at], share) for share in SHARES} for at in (0, len(names) - 1)}
    order = [p for p in here if p in poles]
    return plots.Alignment(
        tuple(fans[poles.index(p)] for p in order), (poles[0], poles[1], poles[2], poles[3]),
        np.median(place, axis=1), regions, float((near > far).mean()), issue,
    )  # fmt: skip


def _fan(values: Floats, names: tuple[str, ...], state: str, partner: str, issue: str) -> Fan:
    found = dict(zip(STATISTICS, statistics(values), strict=True))
    bands = {level: (found[low], found[high]) for level, (low, high) in LEVELS.items()}
    return Fan(names, found["q50"], found["mean"], bands, MEASURES["stance"], state, partner, issue, values.shape[-1])


def _ellipse(places: Floats, share: float) -> Floats:
    """Outline of the ellipse with the shape of the cloud that holds a share of its points."""
    middle = places.mean(axis=0)
    root = np.linalg.cholesky(np.cov(places.T) + 1e-12 * np.eye(2))
    away = np.linalg.norm(np.linalg.solve(root, (places - middle).T), axis=0)
    turn = np.linspace(0, 2 * np.pi, CORNERS)
    return np.asarray(middle + np.quantile(away, share) * np.column_stack([np.cos(turn), np.sin(turn)]) @ root.T)


def governments(pair: Pair, measure: str, issue: str = "") -> plots.Governments:
    """The worlds of a comparison side by side, one power after the other.

    Parameters
    ----------
    issue : '' takes the issue area in which governments differ most at the end

    Raises
    ------
    InputError : more worlds than can be told apart, a measure that was not compared, or an unknown issue area
    """
    from sim import plots

    state, names = pair.state, [s.name for s in pair.scenarios]
    if len(names) > plots.governments.MOST:
        most = plots.governments.MOST
        raise InputError(f"{len(names)} worlds are too many for one figure", how=f"compare {most} or fewer.")
    mine = pair.contrasts[(pair.contrasts.measure == measure) & (pair.contrasts.state == state)]
    if mine.empty:
        known = sorted(set(pair.contrasts.measure))
        raise InputError(f"'{measure}' was not compared", where="--measure", how=f"choose from {', '.join(known)}.")
    ends = mine[mine.quarter == mine.quarter.iloc[-1]]
    if issue and issue not in set(ends.issue):
        raise InputError(f"there is no '{issue}'", where="--issue", how=nearest(issue, sorted(set(ends.issue))))
    issue = issue or str(ends.loc[ends.q50.abs().idxmax(), "issue"])
    here = ends[ends.issue == issue]
    fans, differences = {}, {}
    for partner in dict.fromkeys(here.partner):
        fans[partner] = tuple(comparison.world_fan(pair, name, measure, state, partner, issue) for name in names)
        rows = here[here.partner == partner].set_index("scenario").loc[names[1:], ["q50", "q10", "q90"]]
        differences[partner] = tuple((float(a), float(b), float(c)) for a, b, c in rows.to_numpy())
    return plots.Governments(tuple(s.title for s in pair.scenarios), fans, differences)


def sides(table: pd.DataFrame, scenario: Scenario, state: str = "BGD", item: str = "", runs: int = 0) -> plots.Sides:
    """With whom a state votes on described texts on which powers oppose each other.

    Parameters
    ----------
    table : a summary with ``vote_yes`` and ``vote_no``
    item : one described kind of roll call; '' takes all that come to a vote

    Raises
    ------
    InputError : no such text comes to a vote in these quarters, or votes of this state are not modelled
    """
    from sim import plots

    voted = table[(table.measure == "vote_yes") & (table.state == state)]
    known = [k for k in library.agenda() if k in set(voted.issue)]
    if item and item not in known:
        raise InputError(f"'{item}' does not come to a vote here", where="--issue", how=nearest(item, known))
    if not known or not (table.measure == "vote_no").any():
        why = "votes are modelled for small states, and results of before this version keep no votes against."
        raise InputError(f"there are no votes of {state} to draw", where="padma figure", why=why, how="run it again.")
    panels = []
    for kind in [item] if item else known:
        call = library.agenda()[kind].value
        yes, no = (tuple(p for p, vote in call.votes.items() if vote == said) for said in ("yes", "no"))
        if yes and no:
            for_it, against = (fan(table, m, dyad=f"{state}>{yes[0]}", issue=kind, runs=runs) for m in VOTES)
            past, refused = (of_record(m, state, "", kind) for m in VOTES)
            first = quarters.name(call.from_ // 4 * 4)  # yearly points stand in the middle of a year
            last = quarters.name(min(scenario.until, call.until or scenario.until))
            panels.append(plots.Side(call.label, yes, no, for_it, against, past, refused, (first, last)))
    return plots.Sides(tuple(panels), cut_of(scenario))


def acts(history: xr.Dataset, state: str = "BGD", run: int = 0) -> plots.Acts:
    """Dated acts of one run beside those on record, and how many a year there are in all runs.

    Parameters
    ----------
    history : stored or in memory, with ``act_done``
    run : which run is followed
    """
    from sim import plots

    names = tuple(str(q) for q in history["quarter"].values)
    rates = library.world_file("act_rates")["values"]
    values = np.array([float(rates[str(k)]["goldstein"]) for k in history["act"].values])
    start, end = quarters.quarter(names[0]) / 4, (quarters.quarter(names[-1]) + 1) / 4
    past = dated_acts(state, start, end)
    lanes, counts = [], []
    for power in (str(p) for p in history["partner"].values if str(p) != state and library.states()[str(p)].value.power):
        done = [
            np.nan_to_num(history["act_done"].sel(state=a, partner=b).values) > 0 for a, b in ((state, power), (power, state))
        ]
        count = sum(d.sum(axis=(0, 1)) for d in done) / (end - start)  # acts a year of each run
        counts.append(count)
        warm = sum(float(d[:, values > 0].sum()) for d in done) / (sum(float(d.sum()) for d in done) or 1.0)
        mine = tuple(plots.Act(*act) for act in past.get(power, ()))
        had = len(mine) / _years(start, end) if past else None
        warmth = sum(a.goldstein > 0 for a in mine) / len(mine) if mine else None
        followed = tuple(_followed(plots.Act, names, values, done, run))
        lanes.append(plots.Lane(power, mine, followed, had, _interval(count), warmth, warm))
    every = sum(len(found) for found in past.values()) / _years(start, end) if past else None
    return plots.Acts(tuple(lanes), names, state, run, _interval(np.sum(counts, axis=0)), every)


def _followed(make: Any, names: tuple[str, ...], values: Floats, done: list[Any], run: int) -> Iterator[Any]:
    """Acts of one run; those of a quarter stand side by side within it."""
    for own, held in zip((True, False), done, strict=True):
        for at, kind in np.argwhere(held[:, :, run]):
            place = (2 * kind + own + 0.5) / (2 * len(values))
            yield make((quarters.quarter(names[at]) + place) / 4, float(values[kind]), own)


def _years(start: float, end: float) -> float:
    """Years of a window that the record reaches into."""
    return min(end, RECORD_END) - start


def _interval(values: Floats) -> tuple[float, float, float]:
    low, high = np.quantile(values, [0.1, 0.9])
    return float(values.mean()), float(low), float(high)
