"""The naive forecast that is no special case of the model: trade as a random walk with drift.

Each power's log share of trade moves by its own drift and Student-t luck of its own size: one volatility times the roughness of
each tie, with the model's own priors. The posterior of these few unknowns is found by importance resampling around its mode
(a multivariate t with the curvature there), which is exact up to Monte Carlo error and needs nothing but NumPy and SciPy. All
other rivals are special cases of the model and are fitted by its own code (:data:`calibration.model.core.CASES`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from calibration.model import targets
from sim import priors

Floats = NDArray[np.float64]

DRIFT_SD = 0.1
"""Prior spread of a drift (log points a year): a share that doubles or halves in seven years is one standard deviation off."""

PROPOSALS = 6000
TAILS = 6.0
"""Proposals of the importance sampler, and degrees of freedom of their law."""


@dataclass(frozen=True)
class Forecast:
    """What a baseline says of each year.

    Attributes
    ----------
    loglik : log-probability given the year before (draw, year, power); NaN where nothing is known
    simulated : log shares (draw, year, power)
    size : effective number of draws of the importance sampler
    """

    loglik: Floats
    simulated: Floats
    size: float


def resample(density: Callable[[Floats], Floats], start: Floats, draws: int, seed: int) -> tuple[Floats, float]:
    """Draws (draw, unknown) from a density of few unknowns known up to a factor, and their effective number.

    Parameters
    ----------
    density : log-density of points (..., unknown)
    start : a point from which the mode is searched
    """
    found = optimize.minimize(lambda x: -float(density(x)), start, method="BFGS")
    curvature = np.linalg.inv(_hessian(lambda x: -float(density(x)), found.x))
    law = stats.multivariate_t(found.x, 1.2 * (curvature + curvature.T) / 2, df=TAILS, allow_singular=True)
    rng = np.random.default_rng(seed)
    points = law.rvs(PROPOSALS, random_state=rng).reshape(PROPOSALS, -1)
    log_weights = density(points) - law.logpdf(points)
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    ladder = (rng.uniform() + np.arange(draws)) / draws
    chosen = np.minimum(np.searchsorted(np.cumsum(weights), ladder), PROPOSALS - 1)
    return rng.permutation(points[chosen]), float(1.0 / (weights**2).sum())


def _hessian(function: Callable[[Floats], float], x: Floats, step: float = 1e-3) -> Floats:
    """Second derivatives by central differences."""
    n = len(x)
    moves = step * np.eye(n)
    out = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            a, b = moves[i], moves[j]
            corners = function(x + a + b) - function(x + a - b) - function(x - a + b) + function(x - a - b)
            out[i, j] = out[j, i] = corners / (4 * step * step)
    return out


def drift(years: NDArray[np.int64], shares: Floats, weight: Floats, draws: int, seed: int) -> Forecast:
    """Fit and forecast log shares of trade as random walks with drift, several years ahead.

    Parameters
    ----------
    years : (year,)
    shares : (year, power) log shares, NaN where unknown
    weight : (year,) 1 for years that are seen, which all come before those that are not
    """
    seen = weight > 0
    steps = np.diff(np.where(seen[:, None], shares, np.nan), axis=0)
    known = np.isfinite(steps)
    powers = shares.shape[1]
    scale_sd = priors.parameters()["volatility"].law("small", "trade", fit=True)["sd"]
    rough_sd = priors.parameters()["roughness"].law("small", "trade", fit=True)["spread"]

    def parts(x: Floats) -> tuple[Floats, Floats, Floats]:
        return x[..., :powers], x[..., powers], x[..., powers + 1 :]

    def density(x: Floats) -> Floats:
        move, size, rough = parts(x)
        log_size = (size[..., None] + rough)[..., None, :]
        luck = np.where(known, steps - move[..., None, :], 0.0) / np.exp(log_size)
        each = np.where(known, targets.log_student_t4(luck) - log_size, 0.0).sum(axis=(-2, -1))
        spread = ((move / DRIFT_SD) ** 2 + (rough / rough_sd) ** 2).sum(axis=-1)
        result: Floats = each - 0.5 * spread - 0.5 * (np.exp(size) / scale_sd) ** 2 + size
        return result

    begin = np.repeat([0.0, np.log(scale_sd), 0.0], (powers, 1, powers))
    points, found = resample(density, begin, draws, seed)
    move, size, rough = parts(points)
    scale = np.exp(size[:, None] + rough)
    rng = np.random.default_rng([seed, 1])
    path = np.full((draws, *shares.shape), np.nan)
    loglik = np.full((draws, *shares.shape), np.nan)
    for t in range(1, len(years)):
        before = np.where(seen[t - 1], shares[t - 1], path[:, t - 1])
        expected = before + move
        path[:, t] = expected + scale * np.sqrt(0.5) * rng.standard_t(4, size=expected.shape)
        loglik[:, t] = targets.log_student_t4((shares[t] - expected) / scale) - np.log(scale)
    return Forecast(loglik, path, found)
