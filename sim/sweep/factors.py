"""What a sweep varies and what it keeps: factors with their values, and the numbers read off every run.

Part of the sweeps (floor 5). Which points they combine to is for :mod:`sim.sweep.design`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim import quarters
from sim.laws import ARGUMENTS
from sim.priors import LAWS as INVERSE

Point = dict[str, Any]
"""Factor name -> value."""


@dataclass(frozen=True)
class Factor:
    """What is varied.

    Attributes
    ----------
    name, label, group : text; the group says which block of causes it belongs to
    keys : scenario keys that take its value, ``scenario``, or ``leader.STATE.TRAIT`` for whoever leads that state
    values : categories, empty for a numeric factor
    labels : what the categories are called
    law, numbers : distribution of a numeric factor and its numbers
    levels : how many values it takes in a grid (None: as many as the design says)
    shift : whether its value is added to the coding of a leader instead of replacing it
    """

    name: str
    label: str
    group: str
    keys: tuple[str, ...]
    values: tuple[Any, ...]
    labels: tuple[str, ...]
    law: str
    numbers: tuple[float, ...]
    levels: int | None = None
    shift: bool = False

    @property
    def categorical(self) -> bool:
        """Whether it takes named or listed values instead of any number of a distribution."""
        return bool(self.values)

    def value(self, u: float) -> Any:
        """The value at a place in (0, 1): the inverse CDF, or a category.

        >>> Factor("a", "A", "other", ("x",), (), (), "uniform", (-1.0, 1.0)).value(0.75)
        0.5
        """
        if self.categorical:
            return self.values[min(int(u * len(self.values)), len(self.values) - 1)]
        if self.law == "uniform":
            low, high = self.numbers
            return low + u * (high - low)
        return float(INVERSE[self.law](np.array(u), **dict(zip(ARGUMENTS[self.law], self.numbers, strict=True))))

    def grid(self, levels: int) -> list[Any]:
        """Its values in a grid: all categories, ends and steps of a range, or equally likely values of a distribution."""
        if self.categorical:
            return list(self.values)
        if self.law == "uniform":
            low, high = self.numbers
            return [low] if levels == 1 else [low + (high - low) * k / (levels - 1) for k in range(levels)]
        return [self.value((k + 0.5) / levels) for k in range(levels)]

    def shown(self, value: Any) -> str:
        """How a value is called in tables and figures."""
        if self.categorical and self.labels:
            return self.labels[self.values.index(value)]
        return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Kept:
    """One number kept of every run: a measure of a state, perhaps toward a partner, of a kind, averaged over quarters."""

    measure: str
    state: str
    partner: str
    issue: str
    first: int
    last: int

    @property
    def when(self) -> str:
        """``2030Q4`` or ``2027Q1-2030Q4``."""
        names = dict.fromkeys((quarters.name(self.first), quarters.name(self.last)))
        return "-".join(names)

    @property
    def tie(self) -> str:
        """``BGD>RUS``, or the state alone."""
        return f"{self.state}>{self.partner}" if self.partner else self.state

    @property
    def name(self) -> str:
        """``stance BGD>RUS defence 2030Q4``."""
        return " ".join(part for part in (self.measure, self.tie, self.issue, self.when) if part)
