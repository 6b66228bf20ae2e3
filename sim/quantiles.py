"""Mean, quantiles and their uncertainty over the runs of an ensemble, within bounded memory.

Floor 1. Quantiles that the runs cannot support are left empty.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

QUANTILES = {
    "q025": 0.025, "q05": 0.05, "q10": 0.10, "q25": 0.25, "q50": 0.50,
    "q75": 0.75, "q90": 0.90, "q95": 0.95, "q975": 0.975,
}  # fmt: skip
"""Columns of a summary and the probabilities they stand for."""

STATISTICS = ("mean", *QUANTILES, "sd", "mc_error")
"""What :func:`statistics` gives, in order."""

AT_ONCE = 4_000_000
"""Numbers sorted at a time."""


def runs_needed(probability: float) -> int:
    """Runs below which a quantile would be little more than the most extreme run.

    >>> runs_needed(0.05), runs_needed(0.5)
    (20, 2)
    >>> all(runs_needed(p) == runs_needed(1 - p) for p in QUANTILES.values())  # 1 - 0.9 is not quite 0.1 in binary
    True
    >>> runs_needed(0.1), runs_needed(0.9)
    (10, 10)
    """
    return math.ceil(round(1 / min(probability, 1 - probability), 6))


def statistics(values: Floats) -> Floats:
    """Mean, quantiles, standard deviation and Monte Carlo error of the mean over the last axis.

    Returns
    -------
    array (statistic, ...) in the order of ``STATISTICS``

    >>> statistics(np.zeros((3, 2, 50))).shape
    (12, 3, 2)
    """
    flat = values.reshape(-1, values.shape[-1])
    slabs = np.array_split(flat, 1 + flat.size // AT_ONCE)
    return np.concatenate([_of_rows(slab) for slab in slabs], axis=-1).reshape(-1, *values.shape[:-1])


def _of_rows(values: Floats) -> Floats:
    rows, runs = values.shape
    usable = [p for p in QUANTILES.values() if runs >= runs_needed(p)]
    found = dict(zip(usable, quantiles(values, usable), strict=True))
    empty = np.full(rows, np.nan)
    sd = values.std(axis=-1, ddof=1) if runs > 1 else empty
    return np.array([values.mean(axis=-1), *(found.get(p, empty) for p in QUANTILES.values()), sd, sd / math.sqrt(runs)])


def quantiles(values: Floats, probabilities: list[float]) -> Floats:
    """The numbers of ``numpy.quantile`` over the last axis, from one sort: several times as fast.

    Returns
    -------
    array (probability, ...)

    >>> quantiles(np.array([3.0, 1.0, 2.0]), [0.25, 0.5]).tolist()
    [1.5, 2.0]
    >>> values, wanted = np.sin(np.arange(300.0)).reshape(3, 100), list(QUANTILES.values())
    >>> bool((quantiles(values, wanted) == np.quantile(values, wanted, axis=-1)).all())
    True
    """
    last = values.shape[-1] - 1
    place = np.array(probabilities) * last
    below = np.floor(place).astype(int)
    ordered, share = np.sort(values, axis=-1), place - below
    low, high = ordered[..., below], ordered[..., np.minimum(below + 1, last)]
    found = np.where(share < 0.5, low + (high - low) * share, high - (high - low) * (1 - share))
    result: Floats = np.moveaxis(found, -1, 0) + 0.0  # no minus zero
    return result
