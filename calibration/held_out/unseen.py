"""A record that the shipped posterior has never seen, scored without fitting the model again.

    padma backtest --record DIR         # DIR: tables and cards in the format of calibration/data, with a later cut

What counts is what the shipped record does not hold: new roll calls, and years of orders and trade that it lacks. The shipped
posterior forecasts them; its rivals are fitted to the shipped record as in the back-test and forecast the same. After the
record ends the world goes on as the scenario ``baseline`` says: who governs, and inputs at their last known values.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.held_out import baselines, scores
from calibration.held_out.folds import SERIES
from calibration.held_out.jobs import MODELS, Settings
from calibration.model.annual import Annual
from calibration.model.core import CASES, Core, Draws
from calibration.observed import Record
from calibration.posteriors import posterior
from calibration.sources.tables import CUT
from sim import posterior as artefact
from sim.errors import InputError
from sim.scenario import read_scenario
from sim.world import World

Numbers = NDArray[np.float64]

RIVALS = tuple(name for name, model in MODELS.items() if name != "full" and not model.changes and model.codings == "as coded")
"""Rivals that are special cases of the model."""


def beyond(cut: Any) -> Annual:
    """The exogenous side up to the year of a cut."""
    if cut <= CUT:
        return Annual()
    settings = {"posterior": "none", "start": "1972Q1", "spin_up_from": "1972Q1", "until": f"{cut.year}Q4"}
    return Annual(World(read_scenario("baseline", settings=settings), 1), goes_on=True)


def fresh(record: Record, shipped: Record) -> Record:
    """The record with the shipped roll calls taken out of its votes; the other tables as they are.

    Raises
    ------
    InputError : it holds nothing that the shipped record lacks
    """
    keys = [name for name in record.votes if name not in ("no", "abstain", "yes")]
    known = {
        tuple(row): counts
        for row, counts in zip(zip(*(shipped.votes[k] for k in keys), strict=True), shipped.vote_counts(), strict=True)
    }
    nothing = np.zeros(3, dtype=np.int64)
    counts = record.vote_counts()
    for i, row in enumerate(zip(*(record.votes[k] for k in keys), strict=True)):
        counts[i] = np.maximum(counts[i] - known.get(tuple(row), nothing), 0)
    new = counts.any(axis=1)
    votes = {name: values[new] for name, values in record.votes.items()}
    votes |= {word: counts[new, j] for j, word in enumerate(("no", "abstain", "yes"))}
    if not new.any() and not _new_years(record, shipped)["orders"] and not _new_years(record, shipped)["trade"]:
        raise InputError(
            "this record holds nothing that the shipped one lacks",
            where="--record",
            why="a forecast can only be scored on what the fit has not seen.",
            how="build a later one: python -m calibration.record --raw DIR --cut DATE --out FOLDER",
        )
    return replace(record, votes=votes)


def _new_years(record: Record, shipped: Record) -> dict[str, set[int]]:
    """Years of orders and trade that only the one record has."""
    own = {"orders": (record.orders["year"], shipped.orders["year"])}
    own["trade"] = record.trade_shares()[0], shipped.trade_shares()[0]
    return {name: {int(y) for y in a} - {int(y) for y in b} for name, (a, b) in own.items()}


def from_artefact(core: Core, held: artefact.Posterior) -> Draws:
    """The draws of a posterior file as unknowns of the core model.

    The luck behind the first stances is not in the file; it is what makes them come out as the file has them.
    """
    z = np.zeros((1, held.size, core.size))
    sites = np.concatenate([held.values[s.name].reshape(held.size, -1) for s in core.sites], axis=1)
    z[0, :, : core.packed.size] = core.packed.real(sites)
    luck = held.luck[:, :, :, : core.shapes[0][0]].transpose(0, 3, 2, 1)
    z[0, :, core.luck] = luck.reshape(held.size, -1)
    z[0, :, core.images] = np.stack([held.images[pair] for pair in core.row.draws], axis=1)
    draws = Draws(z, core.weights(), {}, core.codings, core.targets)
    first = posterior.read(held.path)["stance"].values[:, 0]  # draw, power, issue area
    without = core.evaluate(draws)["start"]
    z[0, :, core.first] = 1.0
    z[0, :, core.first] = ((first - without) / (core.evaluate(draws)["start"] - without)).swapaxes(1, 2).reshape(held.size, -1)
    return draws


def carried_on(core: Core, draws: Draws, later: Core, seed: int) -> Draws:
    """Draws of a fit as unknowns of a model that covers more years and leaders: what the fit has no luck for is drawn.

    Where the record ends within a year, the luck of its first half is the fit's and that of its second half is drawn.
    """
    rng, z = np.random.default_rng(seed), draws.flat
    out = rng.normal(size=(len(z), later.size))
    n = core.packed.size
    out[:, :n], out[:, later.first] = z[:, :n], z[:, core.first]
    luck = out[:, later.luck].reshape(-1, *later.shapes[0])
    own = z[:, core.luck].reshape(-1, *core.shapes[0])
    share = core.annual.given["step"].ravel() / later.annual.given["step"].ravel()[: len(core.years)]
    luck[..., : len(core.years)] = np.sqrt(share) * own + np.sqrt(1.0 - share) * luck[..., : len(core.years)]
    out[:, later.luck] = luck.reshape(len(z), -1)
    images = out[:, later.images]
    for i, pair in enumerate(later.row.draws):
        if pair in core.row.draws:
            images[:, i] = z[:, core.images][:, core.row.draws.index(pair)]
    out[:, later.images] = images
    seen = np.append(np.ones(len(core.years)), np.zeros(len(later.years) - len(core.years)))
    weights = {"votes": seen, "orders": seen, "trade": seen}
    return Draws(out[None], weights, draws.switches, later.codings, later.targets)


def score(shipped: Record, record: Record, settings: Settings) -> dict[str, Any]:
    """Log scores (nats) of the shipped posterior and its rivals on a record that none of them has seen.

    Returns
    -------
    cut of the record; for each series the years that count, the sum of each model's log scores, and the posterior's less each
    rival's with its standard error over years
    """
    new = fresh(record, shipped)
    core, later = Core(shipped), Core(new, beyond(record.cut))
    held = artefact.read(artefact.shipped())
    fits = {"full": from_artefact(core, held)}
    for name in RIVALS:
        run = {"seed": settings.seed, "warmup": settings.warmup, "draws": settings.draws}
        fits[name], _ = core.sample(core.weights(), switches=dict(CASES[MODELS[name].case]), **run)
    by_year = {}
    for name, draws in fits.items():
        found = later.pointwise(carried_on(core, draws, later, settings.seed), seed=settings.seed)
        by_year[name] = {s: scores.log_score(_by_year(found[s])) for s in SERIES}
    by_year["drift"] = {"trade": _drift(core, later, settings)}
    years = {name: np.isin(later.years, list(found)) for name, found in _new_years(record, shipped).items()}
    years["votes"] = np.isin(later.years, new.votes["year"])
    document: dict[str, Any] = {"cut": str(record.cut), "posterior": held.version, "series": {}}
    for series in SERIES:
        at = years[series] & (np.arange(len(later.years)) > 0)
        if at.any():
            document["series"][series] = _compared(by_year, series, at, later.years)
    return document


def _compared(by_year: dict[str, dict[str, Numbers]], series: str, at: NDArray[np.bool_], years: Any) -> dict[str, Any]:
    found = {name: each[series][at] for name, each in by_year.items() if series in each}
    told: dict[str, Any] = {"years": [int(y) for y in years[at]], "log_score": {n: float(v.sum()) for n, v in found.items()}}
    pairs = {n: scores.paired(found["full"], v, years[at]) for n, v in found.items() if n != "full"}
    return told | {"full_less": {n: {"difference": p.total, "error": p.error} for n, p in pairs.items()}}


def _by_year(loglik: Numbers) -> Numbers:
    return np.nan_to_num(loglik).sum(axis=-1) if loglik.ndim == 3 else loglik


def _drift(core: Core, later: Core, settings: Settings) -> Numbers:
    """Log score by year of trade as a random walk with drift, fitted to the shipped record."""
    seen = np.append(np.ones(len(core.years)), np.zeros(len(later.years) - len(core.years)))
    made = baselines.drift(later.years, later.targets.trade.T, seen, settings.size, settings.seed)
    return scores.log_score(_by_year(made.loglik))


def page(document: dict[str, Any]) -> str:
    """The comparison in words."""
    lines = [f"# A record to {document['cut']}, never seen by posterior {document['posterior']}", ""]
    for series, told in document["series"].items():
        years = told["years"]
        lines += [
            f"## {series}: {len(years)} years, {years[0]} to {years[-1]}",
            "",
            "| model | log score (nats) | full less it (SE) |",
        ]
        lines += ["|---|---:|---:|"]
        for name, value in told["log_score"].items():
            gap = told["full_less"].get(name)
            less = f"{gap['difference']:+.1f} ({gap['error']:.1f})" if gap else ""
            lines.append(f"| {name} | {value:.1f} | {less} |")
        lines.append("")
    return "\n".join(lines)
