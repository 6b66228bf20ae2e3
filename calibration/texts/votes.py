"""Whom Bangladesh sides with, given the rest of the Assembly: an ordered logit with a scatter that differs from year to year.

For roll calls on which two powers opposed each other: with the first, abstained, with the second. The log-odds follow the lean
of the Assembly, what a claim compares (governments, images, time), and a part that scatters between years and fades slowly; its
size and memory are averaged over. Normal approximation at the mode for each of them (Laplace; Breslow and Clayton 1993, JASA
88(421)). Years in which Bangladesh always sided with one power lean on their neighbours instead of running off to infinity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]

SCATTER = np.array([0.05, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0, 1.3, 1.7])
"""Sizes of the scatter between years that are averaged over, logits; flat prior."""

MEMORY = np.array([0.0, 0.3, 0.6, 0.8, 0.9, 0.95])
"""Correlations of that scatter from one year to the next that are averaged over; flat prior."""

WIDE = 3.0
"""Prior standard deviation of what is compared, logits: odds beyond twenty to one need evidence."""


@dataclass(frozen=True)
class Rows:
    """Roll calls of a pair of powers.

    Attributes
    ----------
    lean : (row,) lean of the rest of the Assembly toward the first power's side, logits
    answers : (row, 3) times with the first power, abstained, with the second
    cell : (row,) which government in which year
    """

    lean: Floats
    answers: Floats
    cell: NDArray[np.int64]


@dataclass(frozen=True)
class Mode:
    """One fit: coefficients, scatter of each cell, weight of the Assembly, log of the cut; their precision; log evidence."""

    at: Floats
    precision: Floats
    evidence: float


def slopes(eta: Floats, cut: float, answers: Floats) -> tuple[Floats, Floats]:
    """First derivatives of the log-likelihood of each row by its log-odds and by the cut, both (row,).

    The cuts lie at plus and minus ``cut``: above is siding with the first power, below with the second.
    """
    up, down = expit(eta - cut), expit(-eta - cut)
    gap = np.maximum(1.0 - up - down, 1e-12)
    rise, fall = up * (1 - up), down * (1 - down)
    first, neither, second = answers.T
    by_eta = first * (1 - up) - second * (1 - down) + neither * (fall - rise) / gap
    by_cut = -first * (1 - up) - second * (1 - down) + neither * (rise + fall) / gap
    return by_eta, by_cut


def log_likelihood(eta: Floats, cut: float, answers: Floats) -> float:
    """Log-probability of the answers.

    >>> round(float(np.exp(log_likelihood(np.array([0.0]), 1.0, np.array([[0.0, 1.0, 0.0]])))), 3)
    0.462
    """
    up, down = expit(eta - cut), expit(-eta - cut)
    chances = np.stack([up, np.maximum(1.0 - up - down, 1e-12), down], axis=1)
    return float((answers * np.log(np.maximum(chances, 1e-300))).sum())


def mode(rows: Rows, design: Floats, scatter: Floats, start: Floats | None = None) -> Mode:
    """The most probable coefficients for one covariance of the scatter between cells.

    Parameters
    ----------
    design : (cell, coefficient)
    scatter : (cell, cell) covariance
    start : where to begin
    """
    n, k = design.shape
    prior = np.zeros((k + n + 2, k + n + 2))
    prior[:k, :k] = np.eye(k) / WIDE**2
    prior[k : k + n, k : k + n] = np.linalg.inv(scatter)
    prior[-2, -2], prior[-1, -1] = 1.0, 1.0
    centre = np.zeros(k + n + 2)
    centre[-2] = 1.0
    at = centre.copy() if start is None else start.copy()
    # derivatives by (coefficients, scatter) are sums over the cells of derivatives by the log-odds
    lift = np.concatenate([design, np.eye(n)], axis=1)

    def gather(values: Floats) -> Floats:
        return np.bincount(rows.cell, values, n)

    def look(at: Floats) -> tuple[Floats, float]:
        return (lift @ at[: k + n])[rows.cell] + at[-2] * rows.lean, float(np.exp(at[-1]))

    def score(at: Floats) -> float:
        return log_likelihood(*look(at), rows.answers) - 0.5 * (at - centre) @ prior @ (at - centre)

    precision, best = prior, score(at)
    for _ in range(60):
        eta, cut = look(at)
        g, h = slopes(eta, cut, rows.answers)
        step = 1e-4
        above, below = slopes(eta + step, cut, rows.answers), slopes(eta - step, cut, rows.answers)
        wide, narrow = slopes(eta, cut + step, rows.answers), slopes(eta, cut - step, rows.answers)
        ee, ec, cc = (above[0] - below[0]) / (2 * step), (above[1] - below[1]) / (2 * step), (wide[1] - narrow[1]) / (2 * step)
        slope = np.concatenate([lift.T @ gather(g), [(g * rows.lean).sum(), cut * h.sum()]]) - prior @ (at - centre)
        precision = prior.copy()
        precision[: k + n, : k + n] -= lift.T @ (gather(ee)[:, None] * lift)
        side, edge = lift.T @ gather(ee * rows.lean), lift.T @ gather(ec) * cut
        precision[: k + n, -2] -= side
        precision[-2, : k + n] -= side
        precision[: k + n, -1] -= edge
        precision[-1, : k + n] -= edge
        precision[-2, -2] -= (ee * rows.lean**2).sum()
        precision[-2, -1] -= cut * (ec * rows.lean).sum()
        precision[-1, -2] -= cut * (ec * rows.lean).sum()
        precision[-1, -1] -= cut**2 * cc.sum() + cut * h.sum()
        move, share = np.linalg.solve(precision, slope), 1.0
        while share > 1e-3 and score(at + share * move) < best - 1e-9:
            share /= 2
        at = at + share * move
        best = score(at)
        if np.abs(share * move).max() < 1e-6:
            break
    logs = best + 0.5 * np.linalg.slogdet(prior)[1] - 0.5 * np.linalg.slogdet(precision)[1]
    return Mode(at, precision, float(logs))


def fit(rows: Rows, year: NDArray[np.int64], design: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Coefficients for every size and memory of the scatter.

    Parameters
    ----------
    year : (cell,)
    design : (cell, coefficient)

    Returns
    -------
    weight (case,), mean (case, coefficient), covariance (case, coefficient, coefficient), and the mean of each cell's
    log-odds at an even Assembly (cell,)
    """
    gap = np.abs(year[:, None] - year)
    k, n = design.shape[1], len(year)
    found: list[Mode] = []
    for memory in MEMORY:
        shape = np.where(gap == 0, 1.0, memory ** np.maximum(gap, 1)) + 1e-6 * np.eye(n)
        for scatter in SCATTER:
            found.append(mode(rows, design, scatter**2 * shape, found[-1].at if found else None))
    evidence = np.array([one.evidence for one in found])
    weight = np.exp(evidence - evidence.max())
    weight /= weight.sum()
    covariance = np.stack([np.linalg.inv(one.precision)[:k, :k] for one in found])
    levels = np.stack([design @ one.at[:k] + one.at[k : k + n] for one in found])
    return weight, np.stack([one.at[:k] for one in found]), covariance, weight @ levels
