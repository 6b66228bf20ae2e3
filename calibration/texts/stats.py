"""Small honest statistics for claims: yearly values with error, differences between groups of years, shares of few orders.

Years under one government are neither independent nor exact. So every difference is a regression on cells (one government in
one year) whose errors have a measured part and a part that scatters from year to year and fades slowly; size and memory of
that part are averaged over, not chosen (generalised least squares with restricted likelihood, Patterson and Thompson 1971,
Biometrika 58(3)). Shares of arms orders use the Dirichlet-multinomial of the fit (:func:`calibration.model.targets.orders`),
reduced to one supplier against the rest. Roll calls have a regression of their own (:mod:`calibration.texts.votes`). The same
record always gives the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, expit, logit, ndtri

from calibration.texts.votes import Rows, fit
from sim import shocks

Floats = NDArray[np.float64]

SCATTER = np.linspace(0.02, 1.5, 25)
"""Sizes of year-to-year scatter that are averaged over, in standard deviations of the cells; flat prior."""

MEMORY = np.array([0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98])
"""Correlations of that scatter from one year to the next that are averaged over; flat prior."""

LADDER = ndtri((np.arange(400) + 0.5) / 400)
"""Points that stand for a normal distribution."""

SHARES = np.linspace(-9.0, 7.0, 321)
"""Log-odds on which a share is known."""


@dataclass(frozen=True)
class Spread:
    """What is known of one number: points with weights that sum to one."""

    points: Floats
    weights: Floats

    def above(self, bound: float) -> float:
        """Probability of more than ``bound``."""
        return float(np.clip(self.weights[self.points > bound].sum(), 0.0, 1.0))

    def within(self, bound: float) -> float:
        """Probability of lying less than ``bound`` from zero."""
        return float(np.clip(self.weights[np.abs(self.points) < bound].sum(), 0.0, 1.0))

    def beyond(self, bound: float) -> float:
        """Probability of lying more than ``bound`` from zero on the likelier side: what refutes likeness.

        A wide spread is mostly outside any narrow band, so ``1 - within`` would refute likeness by ignorance alone.
        """
        return max(self.above(bound), float(np.clip(self.weights[self.points < -bound].sum(), 0.0, 1.0)))

    def quantile(self, share: float) -> float:
        """The point below which a share of the probability lies."""
        order = np.argsort(self.points)
        place = np.searchsorted(np.cumsum(self.weights[order]), share)
        return float(self.points[order][min(int(place), len(order) - 1)])

    def text(self, unit: str = "", *, sign: str = "+") -> str:
        """Median and 90 % interval in words; ``sign`` is '+' or ''.

        >>> Spread(np.array([1.0, 2.0, 3.0]), np.ones(3) / 3).text("logits")
        '+2.00 logits [+1.00, +3.00]'
        """
        low, middle, high = (self.quantile(q) for q in (0.05, 0.5, 0.95))
        return f"{middle:{sign}.2f}{' ' + unit if unit else ''} [{low:{sign}.2f}, {high:{sign}.2f}]"


@dataclass(frozen=True)
class Cells:
    """One value for every government in every year that has one.

    Attributes
    ----------
    year, seat : (cell,) when, and who governed
    value, covariance : (cell,) and (cell, cell) estimate and error of measurement
    size : (cell,) how many votes, acts or figures stand behind it
    unit : of the value
    votes : the roll calls behind the cells, if there are any; the regression then reads them instead of the values
    """

    year: NDArray[np.int64]
    seat: NDArray[np.str_]
    value: Floats
    covariance: Floats
    size: Floats
    unit: str
    votes: Rows | None = None


@dataclass(frozen=True)
class Fit:
    """Coefficients of a regression on cells, for every size and memory of the scatter.

    Attributes
    ----------
    weight : (case,) probability of each case
    mean : (case, coefficient)
    covariance : (case, coefficient, coefficient)
    """

    weight: Floats
    mean: Floats
    covariance: Floats

    def of(self, contrast: Floats) -> Spread:
        """A weighted sum of coefficients, (coefficient,)."""
        middle = self.mean @ contrast
        width = np.sqrt(np.einsum("i,cij,j->c", contrast, self.covariance, contrast))
        points = middle[:, None] + width[:, None] * LADDER
        return Spread(points.ravel(), np.repeat(self.weight / len(LADDER), len(LADDER)))

    def draws(self, number: int = 4000) -> Floats:
        """Joint draws of all coefficients (draw, coefficient); the same ones every time."""
        k = self.mean.shape[1]
        u = shocks.uniforms([shocks.key(1, "claims", str(j)) for j in range(k + 1)], 0, range(number))
        case = np.searchsorted(np.cumsum(self.weight), u[-1]).clip(max=len(self.weight) - 1)
        lower = np.linalg.cholesky(self.covariance)
        return self.mean[case] + np.einsum("nij,jn->ni", lower[case], shocks.normal(u[:-1]))


def regress(cells: Cells, design: Floats) -> Fit:
    """Regression of the cells on the columns of ``design`` (cell, coefficient)."""
    if cells.votes is not None:
        return Fit(*fit(cells.votes, cells.year, design)[:3])
    gap = np.abs(cells.year[:, None] - cells.year)
    spread = max(float(cells.value.std()), 1e-6)
    found, weights = [], []
    for memory in MEMORY:
        shape = np.where(gap == 0, 1.0, memory ** np.maximum(gap, 1))
        for scatter in SCATTER * spread:
            own = np.eye(len(gap)) * (1e-6 * spread) ** 2
            lower = np.linalg.cholesky(cells.covariance + scatter**2 * shape + own)
            x, y = np.linalg.solve(lower, design), np.linalg.solve(lower, cells.value)
            precision = x.T @ x
            covariance = np.linalg.inv(precision)
            mean = covariance @ (x.T @ y)
            logs = -np.log(np.diag(lower)).sum() - 0.5 * np.linalg.slogdet(precision)[1] - 0.5 * ((y - x @ mean) ** 2).sum()
            found.append((mean, covariance))
            weights.append(logs)
    weight = np.exp(np.array(weights) - max(weights))
    return Fit(weight / weight.sum(), np.array([m for m, _ in found]), np.array([c for _, c in found]))


def by_group(cells: Cells, *groups: NDArray[np.bool_]) -> Fit:
    """Means of groups of cells; every other government has a mean of its own, so the whole record teaches the scatter."""
    taken = np.any(groups, axis=0)
    others = [~taken & (cells.seat == seat) for seat in dict.fromkeys(cells.seat[~taken])]
    return regress(cells, np.stack([*groups, *others], axis=1).astype(float))


def contrast(fit: Fit, *weights: float) -> Spread:
    """A weighted sum of the first coefficients: ``contrast(fit, 1, -1)`` is the first less the second."""
    return fit.of(np.array([*weights, *[0.0] * (fit.mean.shape[1] - len(weights))]))


# --- shares of few orders ---------------------------------------------------------------------------------------------


def share(chosen: Floats, total: Floats, concentrations: Floats) -> Floats:
    """Log-weights of a share on the grid ``SHARES`` for each concentration (concentration, grid), up to a constant.

    Yearly counts are beta-binomial around the share (orders of one year come in batches); the prior of the share is Jeffreys'.
    """
    p = expit(SHARES)
    jeffreys = 0.5 * np.log(p) + 0.5 * np.log1p(-p)
    alpha = concentrations[:, None] * p
    beta = concentrations[:, None] * (1 - p)
    logs = np.broadcast_to(jeffreys, alpha.shape).copy()
    for k, n in zip(chosen, total, strict=True):
        logs += betaln(alpha + k, beta + n - k) - betaln(alpha, beta)
    return logs


def share_difference(first: tuple[Floats, Floats], second: tuple[Floats, Floats], median: float, spread: float) -> Spread:
    """Difference of two log-odds of choosing a supplier; ``first`` and ``second`` are arrays by year: orders from it, all.

    The concentration has the log-normal prior of the fit (``median``, ``spread``) and is averaged over.
    """
    concentrations = median * np.exp(spread * ndtri((np.arange(9) + 0.5) / 9))  # nine equally probable values
    a, b = (share(*group, concentrations) for group in (first, second))
    joint = a[:, :, None] + b[:, None, :]
    weights = np.exp(joint - joint.max()).sum(axis=0)
    points = SHARES[:, None] - SHARES
    return Spread(points.ravel(), (weights / weights.sum()).ravel())


def proportion(hits: float, trials: float) -> Spread:
    """A proportion from hits in trials, with Jeffreys' prior."""
    from scipy.stats import beta

    points = expit(np.linspace(logit(1e-6), logit(1 - 1e-6), 4001))
    edges = np.concatenate([[0.0], (points[1:] + points[:-1]) / 2, [1.0]])
    weights = np.diff(beta.cdf(edges, hits + 0.5, trials - hits + 0.5))
    return Spread(points, weights / weights.sum())
