"""What a back-test holds out: regimes forward and two-sided, and rolling origins.

The eight regimes are those of Bangladesh's rulers since 1975; years belong to whoever ruled when most of their roll calls
were taken (autumn). *Forward* fits on the years before a regime and predicts all of it; *two-sided* fits on all other years,
which is easier, because it may interpolate; a *rolling origin* fits up to a year and predicts one, two, three and five years
ahead. A fold is nothing but weights of zero, so that no shape ever changes and the same compiled code serves all of them.

What is held out is Bangladesh's own record, and with it the contracts that it signed in those years. Inputs, leaders in
office, their coded images, the Assembly's lean and the powers' own votes are known throughout: scores are conditional on who
ruled and on what was tabled.

>>> forward(REGIMES[2]).name, forward(REGIMES[2]).weights(np.array([1990, 1991, 1995, 1996]))["votes"].tolist()
('Khaleda Zia I', [1.0, 0.0, 0.0, 0.0])
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calibration.observed import Record
from calibration.sources.tables import SUPPLIERS

SERIES = ("votes", "orders", "trade")
"""Series of the record that are held out and scored."""

Years = NDArray[np.int64]


@dataclass(frozen=True)
class Regime:
    """Years under one ruler, or a line of rulers.

    Attributes
    ----------
    number : 1 to 8
    name : who ruled
    first, last : years, both included
    """

    number: int
    name: str
    first: int
    last: int


REGIMES = (
    Regime(1, "after Mujib", 1975, 1981),
    Regime(2, "Ershad", 1982, 1990),
    Regime(3, "Khaleda Zia I", 1991, 1995),
    Regime(4, "Hasina I", 1996, 2001),
    Regime(5, "Khaleda Zia II", 2002, 2006),
    Regime(6, "caretaker", 2007, 2008),
    Regime(7, "Hasina II", 2009, 2013),
    Regime(8, "Hasina III-V", 2014, 2023),
)

ORIGINS = tuple(range(1985, 2023, 2))
"""Last years seen by the rolling fits."""

HORIZONS = (1, 2, 3, 5)
"""Years ahead at which rolling fits are scored."""


@dataclass(frozen=True)
class Fold:
    """One split of the years.

    Attributes
    ----------
    part : forward, two_sided, rolling or whole
    name : of the regime, or the last year seen
    first, last : years that are predicted, both included; for ``whole`` none is held out
    """

    part: str
    name: str
    first: int
    last: int

    def trained(self, years: Years) -> NDArray[np.bool_]:
        """Which years the fit sees, (year,)."""
        if self.part == "whole":
            return np.ones(len(years), dtype=bool)
        if self.part == "two_sided":
            return (years < self.first) | (years > self.last)
        return years < self.first

    def tested(self, years: Years) -> NDArray[np.bool_]:
        """Which years are scored, (year,)."""
        held = (years >= self.first) & (years <= self.last)
        if self.part == "rolling":
            held &= np.isin(years - self.first + 1, HORIZONS)
        return held

    def weights(self, years: Years, since: int = 0, **scale: float) -> dict[str, NDArray[np.float64]]:
        """Weights of years by series, (year,): 0 where held out or before ``since``, else 1 or the series' ``scale``."""
        seen = (self.trained(years) & (years >= since)).astype(float)
        return {series: seen * scale.get(series, 1.0) for series in SERIES}


def forward(regime: Regime) -> Fold:
    """Fit before a regime, predict it."""
    return Fold("forward", regime.name, regime.first, regime.last)


def two_sided(regime: Regime) -> Fold:
    """Fit before and after a regime, predict it."""
    return Fold("two_sided", regime.name, regime.first, regime.last)


def rolling(origin: int) -> Fold:
    """Fit up to a year, predict the next five."""
    return Fold("rolling", str(origin), origin + 1, origin + max(HORIZONS))


def whole(years: Years) -> Fold:
    """Fit and score on everything."""
    return Fold("whole", "all years", int(years[0]), int(years[-1]))


def regime_of(years: Years) -> NDArray[np.int64]:
    """Number of the regime of each year, (year,): 0 before the first and after the last."""
    numbers = np.zeros(len(years), dtype=np.int64)
    for regime in REGIMES:
        numbers[(years >= regime.first) & (years <= regime.last)] = regime.number
    return numbers


POISONED = 7
"""Every so many groups of roll calls are turned into no."""


def poison(record: Record, years: Years, seed: int = 0) -> Record:
    """The record with Bangladesh's own outcomes of some years replaced by nonsense; what is known beforehand stays.

    Known beforehand are the roll calls and the yearly number of arms orders. A forecast of those years made from it must not
    differ in one bit from a forecast made from the record itself.
    """
    votes, orders, trade = dict(record.votes), dict(record.orders), dict(record.trade)
    here = np.isin(votes["year"], years) & (np.arange(len(votes["year"])) % POISONED == 0)
    votes["no"] = np.where(here, votes["no"] + votes["abstain"] + votes["yes"], votes["no"])
    votes |= {word: np.where(here, 0, votes[word]) for word in ("abstain", "yes")}
    here = np.isin(orders["year"], years)
    total = sum(orders[supplier] for supplier in SUPPLIERS)
    orders |= {supplier: np.where(here, 0, orders[supplier]) for supplier in SUPPLIERS}
    orders["other"] = np.where(here, total, orders["other"])
    here = np.isin(trade["year"], years)
    noise = np.random.default_rng(seed).uniform(0.0, 0.2, len(here))
    trade["total_musd"] = np.where(here, noise * trade["national_musd"], trade["total_musd"])
    return replace(record, votes=votes, orders=orders, trade=trade, fingerprint="poisoned")
