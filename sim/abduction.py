"""Luck as it was: the disturbances of the record, for counterfactuals that branch off the past.

Floor 3. A counterfactual keeps what happened by chance and changes what it asks about (Pearl 2009, ch. 7: abduction,
action, prediction). The fit runs on years, the engine on quarters; here a year's luck is divided over its quarters. Over a
year a stance gathers the luck of its quarters with weights a(q): what a quarter gathers, less what is forgotten by the end of
the year, over what the year gathers; their squares add up to one. Given the luck Z of the year, quarters of independent
standard normal luck e become e + a (Z - sum of a e): they add up to Z exactly and are otherwise as random as they were
(conditional normal distribution).
"""

from __future__ import annotations

import numpy as np

from sim import quarters
from sim.axes import Array, decay_integral
from sim.shocks import Floats


def quarterly(year_luck: Floats, own: Floats, rate: Floats, place: int) -> Floats:
    """Luck of one quarter given that of its year.

    Parameters
    ----------
    year_luck : (...,) standard normal luck of the year
    own : (quarter, ...) independent standard normal luck of its quarters
    rate : (...,) adjustment rate (per year)
    place : which quarter, counted from 0

    Returns
    -------
    (...,) standard normal luck of the quarter

    >>> own = np.random.default_rng(0).normal(size=(4, 1))
    >>> z, k = np.array([1.5]), np.array([0.4])
    >>> a = weights(k, 4)
    >>> bool(np.allclose(sum(a[q] * quarterly(z, own, k, q) for q in range(4)), z))
    True
    """
    a = weights(rate, len(own))
    result: Floats = own[place] + a[place] * (year_luck - (a * own).sum(axis=0))
    return result


def weights(rate: Floats, count: int) -> Floats:
    """What the luck of each of ``count`` quarters adds to that of all of them, (quarter, ...).

    >>> bool(np.allclose((weights(np.array([0.0, 0.7, 30.0]), 4) ** 2).sum(axis=0), 1.0))
    True
    """
    left = quarters.STEP * np.arange(count - 1, -1, -1).reshape(-1, *[1] * np.ndim(rate))
    whole: Array = decay_integral(rate, count * quarters.STEP)
    found: Floats = np.exp(-rate * left) * np.sqrt(decay_integral(rate, quarters.STEP) / whole)
    return found
