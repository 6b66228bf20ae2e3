"""What draws of the core model say about a record: densities year by year, and replicated records.

Trade in years whose record is held out is simulated from the last year that a fit saw; each year's density is then that of
the year given the simulated share before it, averaged over several paths, so that a draw of parameters counts once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from calibration.model.targets import log_student_t4

if TYPE_CHECKING:
    from calibration.model.core import Core, Draws, Observed

Numbers = NDArray[np.float64]
PATHS = 4
"""Simulated paths of trade for each draw."""


def pointwise(core: Core, draws: Draws, targets: Observed | None = None, *, seed: int = 0) -> dict[str, Numbers]:
    """Log-probability of what was observed, for each draw and year.

    Parameters
    ----------
    core, draws : model and draws; years of weight zero in ``draws.weights`` were not seen by the fit
    targets : the record to score (default: the one the draws were fitted to)
    seed : of the simulated paths of trade

    Returns
    -------
    votes, orders : (draw, year); trade (held-out years by simulation), trade_one_step (given the recorded year before) :
    (draw, year, power), zero where there is no record
    """
    found = core.evaluate(draws, targets)
    record = (targets or draws.targets).trade
    known = np.isfinite(record)
    size = found["trade_size"]
    before = np.concatenate([np.full((len(record), 1), np.nan), record[:, :-1]], axis=1)
    one = _density(record, _expected(found, before), size)
    paths = trade_paths(core, draws, found, seed=seed)
    late = np.concatenate([paths[..., :1] * np.nan, paths[..., :-1]], axis=-1)
    each = _density(record, _expected(found, late), size)
    with np.errstate(invalid="ignore"):
        top = each.max(axis=0)
        several = top + np.log(np.exp(each - top).mean(axis=0))
    chained = known & np.concatenate([np.zeros((len(record), 1), bool), known[:, :-1]], axis=1)
    return {
        "votes": found["votes"],
        "orders": found["orders"],
        "trade": np.where(chained, several, 0.0).swapaxes(1, 2),
        "trade_one_step": np.where(chained, one, 0.0).swapaxes(1, 2),
    }


def _expected(found: dict[str, Numbers], before: Numbers) -> Numbers:
    return found["trade_kept"][:, None, :] * before + found["trade_goal"]


def _density(record: Numbers, expected: Numbers, size: Numbers) -> Numbers:
    luck = (record - expected) / size
    return np.where(np.isfinite(luck), log_student_t4(np.nan_to_num(luck)) - np.log(size), 0.0)


def trade_paths(
    core: Core, draws: Draws, found: dict[str, Numbers], *, seed: int, paths: int = PATHS, free: bool = False
) -> Numbers:
    """Log shares of trade (path, draw, power, year): recorded where a fit saw them, else simulated from the year before.

    ``free`` simulates every year but the first.
    """
    rng, record = np.random.default_rng(seed), draws.targets.trade
    seen = np.isfinite(record) & (draws.weights["trade"] > 0)
    if free:
        seen = seen & (np.cumsum(seen, axis=1) == 1)
    n = len(found["trade_kept"])
    out = np.empty((paths, n, *record.shape))
    luck = rng.standard_t(4, size=out.shape) / np.sqrt(2.0)
    share = np.broadcast_to(core.parameters(draws)["norm.small.trade"], (paths, n, len(record)))
    for t in range(record.shape[1]):
        moved = found["trade_kept"][:, t, None] * share + found["trade_goal"][:, :, t]
        moved = moved + found["trade_size"][:, :, t] * luck[..., t]
        share = np.where(seen[:, t], np.nan_to_num(record[:, t]), moved)
        out[..., t] = share
    return out


def simulate(core: Core, draws: Draws, *, seed: int = 0) -> dict[str, Any]:
    """One replicated record for each draw.

    Returns
    -------
    votes : (draw, cell, answer) counts of no, abstention, yes on as many roll calls as the record holds of each cell
    orders : (draw, year, supplier) given each year's total
    trade : (draw, power, year) log shares, simulated where a fit did not see them; trade_free : every year but the first
    """
    rng, found, target = np.random.default_rng(seed), core.evaluate(draws), draws.targets
    concentration = core.parameters(draws)["order_concentration"][:, None, None]
    share = rng.standard_gamma(np.maximum(concentration * found["order_share"], 1e-12))
    share = share / share.sum(axis=-1, keepdims=True)
    chances = core.vote_chances(draws)
    return {
        "votes": rng.multinomial(target.votes.sum(axis=1).astype(int), chances / chances.sum(axis=-1, keepdims=True)),
        "orders": rng.multinomial(target.orders.sum(axis=1).astype(int), share),
        "trade": trade_paths(core, draws, found, seed=seed + 1, paths=1)[0],
        "trade_free": trade_paths(core, draws, found, seed=seed + 2, paths=1, free=True)[0],
    }


def replicated(core: Core, simulated: dict[str, Any], i: int, trade: str = "trade_free") -> Observed:
    """The i-th simulated record, as ``targets`` of a fit; missing where the real record is missing."""
    real = core.targets
    return type(real)(
        simulated["votes"][i].astype(float),
        simulated["orders"][i].astype(float),
        np.where(np.isfinite(real.trade), simulated[trade][i], np.nan),
    )
