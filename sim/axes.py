"""The axes every number lives on, and the array functions that rules may use.

Floor 0. It states the one physical order of axes, names the shapes that rules are annotated with, and offers elementwise
functions and folds that work alike on NumPy and JAX arrays. It knows no state, no variable and no theory.

Every array inside the model is a *frame*: all axes of ``AXES`` in this order, with length one where a variable does not
vary. Runs come last, because chunks of some thousand runs laid side by side in memory are what a processor reads fastest.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

AXES = ("state", "partner", "third", "issue", "item", "act", "run")
"""state: who acts · partner: toward whom · third: the others looked at over the partner's shoulder · issue: issue area ·
item: roll call on the agenda · act: class of dated act · run: one member of the ensemble."""

POSITION = {name: index - len(AXES) for index, name in enumerate(AXES)}
"""Position of each axis counted from the end, so that further leading axes never disturb a fold."""

Array = Any
"""A NumPy or JAX array. Shapes are given by the annotations below, not by this name."""

World = Annotated[Array, ()]
PerState = Annotated[Array, ("state",)]
PerPartner = Annotated[Array, ("partner",)]
PerIssue = Annotated[Array, ("issue",)]
PerItem = Annotated[Array, ("item",)]
PerAct = Annotated[Array, ("act",)]
PerStateIssue = Annotated[Array, ("state", "issue")]
PerPartnerIssue = Annotated[Array, ("partner", "issue")]
PerStateItem = Annotated[Array, ("state", "item")]
PerPartnerItem = Annotated[Array, ("partner", "item")]
PerStateAct = Annotated[Array, ("state", "act")]
PerDyad = Annotated[Array, ("state", "partner")]
PerDyadIssue = Annotated[Array, ("state", "partner", "issue")]
PerDyadAct = Annotated[Array, ("state", "partner", "act")]
PerThird = Annotated[Array, ("state", "third")]
PartnerThird = Annotated[Array, ("partner", "third")]


def frame(value: Array, axes: tuple[str, ...]) -> Array:
    """Lay ``value``, whose axes are ``axes`` in the order of ``AXES``, into a frame.

    Parameters
    ----------
    value : array with one dimension per name in ``axes``
    axes : names, a subset of ``AXES`` in that order

    Returns
    -------
    array with ``len(AXES)`` dimensions, length one on every other axis

    >>> frame(np.zeros((5, 6)), ("state", "issue")).shape
    (5, 1, 1, 6, 1, 1, 1)
    """
    array = np.asarray(value, dtype=float)
    if array.ndim != len(axes) or [name for name in AXES if name in axes] != list(axes):
        raise ValueError(f"value of shape {array.shape} does not lie on the axes {axes} in the order of AXES")
    lengths = dict(zip(axes, array.shape, strict=True))
    return array.reshape([lengths.get(name, 1) for name in AXES])


def unframe(value: Array, axes: tuple[str, ...]) -> Array:
    """Take a frame back to the axes it varies on; the inverse of :func:`frame`."""
    drop = tuple(index for index, name in enumerate(AXES) if name not in axes)
    return value.squeeze(axis=drop)


def namespace(*values: Array) -> Any:
    """The array library of the first array among ``values`` (NumPy for plain numbers)."""
    for value in values:
        if hasattr(value, "__array_namespace__"):
            return value.__array_namespace__()
    return np


# --- elementwise functions -------------------------------------------------------------------------------------------


def exp(x: Array) -> Array:
    """e to the power x."""
    return namespace(x).exp(x)


def expm1(x: Array) -> Array:
    """exp(x) - 1 without loss for small x; exactly 0 at 0 and exactly -1 at minus infinity."""
    return namespace(x).expm1(x)


def log(x: Array) -> Array:
    """Natural logarithm."""
    return namespace(x).log(x)


def log2(x: Array) -> Array:
    """Logarithm to base two: one unit is one doubling."""
    return namespace(x).log2(x)


def sqrt(x: Array) -> Array:
    """Square root."""
    return namespace(x).sqrt(x)


def tanh(x: Array) -> Array:
    """Hyperbolic tangent: keeps the sign, bounds the size by one."""
    return namespace(x).tanh(x)


def atanh(x: Array) -> Array:
    """Inverse of :func:`tanh`."""
    return namespace(x).arctanh(x)


def maximum(x: Array, y: Array) -> Array:
    """The larger of two values."""
    return namespace(x, y).maximum(x, y)


def logistic(x: Array) -> Array:
    """Probability with log-odds x.

    >>> float(logistic(0.0))
    0.5
    """
    return 1.0 / (1.0 + exp(-x))


def softplus(x: Array) -> Array:
    """log(1 + exp(x)): a smooth version of max(0, x)."""
    return log(1.0 + exp(x))


def smooth_minimum(x: Array, y: Array) -> Array:
    """It takes two: close to the smaller of x and y, equal to both where they agree.

    >>> float(smooth_minimum(1.0, 1.0))
    1.0
    """
    return -log(0.5 * exp(-x) + 0.5 * exp(-y))


def decay_integral(rate: Array, step: Array) -> Array:
    """Integral of exp(-2 rate t) over one step: the variance an Ornstein-Uhlenbeck process gathers per unit of volatility².

    Equal to (1 - exp(-2 rate step)) / (2 rate), and to ``step`` where the rate is zero.

    >>> float(decay_integral(0.0, 0.25))
    0.25
    """
    xp = namespace(rate, step)
    moving = rate > 0
    safe = xp.where(moving, rate, 1.0)
    return xp.where(moving, -xp.expm1(-2.0 * safe * step) / (2.0 * safe), step)


def as_number(condition: Array) -> Array:
    """1.0 where the condition holds, 0.0 elsewhere."""
    return condition * 1.0


def poisson_quantile(uniform: Array, mean: Array, highest: int = 12) -> Array:
    """Smallest count whose Poisson cumulative probability exceeds ``uniform``, capped at ``highest``.

    With the same ``uniform`` a larger mean never gives a smaller count: the coupling that pairs counterfactuals.
    For means below 2 the cap leaves out less than 1e-6 of probability.

    >>> int(poisson_quantile(0.5, 0.1)), int(poisson_quantile(0.999, 0.1))
    (0, 2)
    """
    term = exp(-mean)
    cumulative = term
    count = as_number(uniform > cumulative)
    for n in range(1, highest):
        term = term * mean / n
        cumulative = cumulative + term
        count = count + as_number(uniform > cumulative)
    return count


# --- folds: the only way a rule may lose an axis ---------------------------------------------------------------------


def sum_over(x: Array, axis: str) -> Array:
    """Sum over a named axis; the axis stays with length one.

    >>> sum_over(frame([1.0, 2.0, 3.0], ("partner",)), "partner").item()
    6.0
    """
    return namespace(x).sum(x, axis=POSITION[axis], keepdims=True)


def mean_over(x: Array, axis: str) -> Array:
    """Mean over a named axis; the axis stays with length one."""
    return namespace(x).mean(x, axis=POSITION[axis], keepdims=True)


def max_over(x: Array, axis: str) -> Array:
    """Largest value along a named axis; the axis stays with length one."""
    return namespace(x).max(x, axis=POSITION[axis], keepdims=True)
