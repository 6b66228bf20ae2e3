"""How good a probability forecast was: log score, CRPS, Brier score, coverage, PIT, and paired differences.

Log score, CRPS and Brier score are proper: nobody gains by forecasting anything but what he believes (Gneiting and Raftery
2007, JASA 102). CRPS comes from the package ``scoringrules``. The two scores of a fit that has seen all years, WAIC and
PSIS-LOO, follow Vehtari et al. (2017, Stat. Comput. 27); the latter comes from ArviZ. Log scores are in nats, the higher the
better; CRPS is in the unit of what is forecast and Brier scores are squared probabilities, the lower the better.

>>> loglik = np.log([[0.2, 0.5], [0.4, 0.5]])
>>> np.exp(log_score(loglik)).round(6).tolist()
[0.3, 0.5]
>>> brier(np.array([0.8]), np.array([1.0])).round(6).tolist()
[0.04]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

Floats = NDArray[np.float64]

LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Central intervals whose coverage is measured."""

COVERAGE_BAR = (0.80, 0.98)
"""Between these, the coverage of 90 % intervals, as a prototype on the same record suggested."""


def log_score(loglik: Floats) -> Floats:
    """Log of the mean over draws of the probability of each year's record (nats), from log-probabilities (draw, year)."""
    return logsumexp(loglik, axis=0) - np.log(loglik.shape[0])


BATCHES = 20
"""Consecutive parts of a chain whose spread tells how far its means are to be trusted."""


def log_score_error(loglik: Floats, paths: int = 1) -> Floats:
    """Monte Carlo standard error of :func:`log_score` by year (nats), from means of batches of neighbouring draws.

    Parameters
    ----------
    loglik : (path x draw, year): all draws along one path of luck, then all along the next
    paths : paths of luck for each draw, so that draws of parameters are not counted several times
    """
    weight = np.exp(loglik - loglik.max(axis=0)).reshape(paths, -1, loglik.shape[1]).mean(axis=0)
    length = max(1, len(weight) // BATCHES)
    means = weight[: length * (len(weight) // length)].reshape(-1, length, weight.shape[1]).mean(axis=1)
    return means.std(axis=0, ddof=1) / (means.mean(axis=0) * np.sqrt(len(means)))


def crps(draws: Floats, observed: Floats) -> Floats:
    """Continuous ranked probability score by year, of the distribution of draws (draw, year); NaN where nothing is observed."""
    import scoringrules

    known = np.isfinite(observed)
    out = np.full(len(observed), np.nan)
    if known.any():
        out[known] = scoringrules.crps_ensemble(observed[known], draws[:, known], m_axis=0, estimator="qd")
    return out


def brier(probability: Floats, happened: Floats) -> Floats:
    """Squared distance of a probability from what happened (0 or 1), (year,) all three."""
    return (probability - happened) ** 2


def inside(draws: Floats, observed: Floats, level: float) -> Floats:
    """How far a year's value lies in the central interval of the draws (draw, year), from 0 to 1; NaN where unknown.

    A count takes a step in its distribution; what counts is the share of that step within the interval, which is what the
    randomised transform of :func:`pit` gives on average (Czado, Gneiting and Held 2009, Biometrics 65). Whole-ended intervals
    of small counts hold nearly everything, however well a forecast is calibrated; this holds ``level`` if it is.
    """
    below, upto = (draws < observed).mean(axis=0), (draws <= observed).mean(axis=0)
    low, high = (1 - level) / 2, (1 + level) / 2
    within = np.clip(np.minimum(upto, high) - np.maximum(below, low), 0.0, None)
    step = upto - below
    share = np.where(step > 0, within / np.where(step > 0, step, 1.0), (below >= low) & (below <= high))
    return np.where(np.isfinite(observed), share, np.nan)


def pit(draws: Floats, observed: Floats, uniform: Floats) -> Floats:
    """Randomised probability integral transform by year: uniform on (0, 1) if forecasts are calibrated; NaN where unknown.

    Parameters
    ----------
    draws : (draw, year)
    uniform : one number in (0, 1) a year; it spreads the step that a count makes in its distribution
    """
    below, upto = (draws < observed).mean(axis=0), (draws <= observed).mean(axis=0)
    return np.where(np.isfinite(observed), below + uniform * (upto - below), np.nan)


def waic(loglik: Floats) -> Floats:
    """Expected log score of each year by the widely applicable criterion (nats), for a fit that has seen all years.

    From log-likelihoods (draw, year); gives (year,).
    """
    return log_score(loglik) - loglik.var(axis=0, ddof=1)


def psis_loo(loglik: Floats) -> tuple[Floats, Floats]:
    """Leave-one-year-out log score by Pareto-smoothed importance sampling (nats), and Pareto k: above 0.7 not to be trusted.

    From log-likelihoods (draw, year); gives (year,) both.
    """
    import arviz

    years = loglik.shape[1]
    smoothed, k = np.zeros_like(loglik), np.zeros(years)
    for t in range(years):
        weights, k[t] = arviz.psislw(-loglik[:, t])
        smoothed[:, t] = np.asarray(weights)
    return logsumexp(smoothed + loglik, axis=0), k


@dataclass(frozen=True)
class Paired:
    """A model's scores less a rival's, on the same years.

    Attributes
    ----------
    total : sum over years
    error : standard error of the sum, years as independent
    block_error : standard error of the sum, regimes as independent (sterner)
    blocks : sum by regime
    wins : share of years in which the model scores higher
    n : years compared
    """

    total: float
    error: float
    block_error: float
    blocks: tuple[float, ...]
    wins: float
    n: int


def paired(model: Floats, rival: Floats, regime: NDArray[np.int64]) -> Paired:
    """Compare scores of two models year by year; years that one of them lacks are left out.

    >>> paired(np.array([1.0, 2.0, 3.0]), np.array([0.0, 2.0, 2.0]), np.array([1, 1, 2])).total
    2.0
    """
    known = np.isfinite(model) & np.isfinite(rival)
    gap = (model - rival)[known]
    blocks = [float(gap[regime[known] == r].sum()) for r in dict.fromkeys(regime[known].tolist())]
    return Paired(
        total=float(gap.sum()),
        error=_error_of_sum(gap),
        block_error=_error_of_sum(np.array(blocks)),
        blocks=tuple(blocks),
        wins=float((gap > 0).mean()) if len(gap) else float("nan"),
        n=len(gap),
    )


def _error_of_sum(values: Floats) -> float:
    return float(values.std(ddof=1) * np.sqrt(len(values))) if len(values) > 1 else float("nan")
