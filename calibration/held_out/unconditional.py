"""Inputs as one would have had to guess them: every systemic series as a random walk from the first year that is held out.

The other back-tests are conditional: they know the systemic inputs. Here capability, hostility, rivalry, sanctions, dependence,
prices and the rest start from their last known year and move by chance, each with the spread of its own yearly changes so far;
contracts signed later are not known either. Leaders, their codings and what was tabled are still known.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from calibration.model.annual import Annual
from calibration.model.core import Core, Draws, Observed
from sim.axes import Array
from sim.codebook import codebook
from sim.world import World

KNOWN = ("record_over", "usual_capability", "price_taker", "proximity")
"""Series that are not guessed: geography, and definitions."""

LEAST = 0.5
"""A positive series does not fall below this share of its lowest value so far (shares enter as logarithms)."""


@dataclass(frozen=True)
class Guessed(World):
    """A world with other series.

    Attributes
    ----------
    guessed : as :attr:`sim.world.World.series`
    """

    guessed: dict[str, Array] = field(default_factory=dict, repr=False)

    @property
    def series(self) -> dict[str, Array]:
        """World inputs as frames, guessed where they were not known."""
        return self.guessed


@dataclass(frozen=True)
class Stepwise(Core):
    """The core model draw by draw on NumPy: a guessed world is looked at once, and compiling it would take longer."""

    def evaluate(self, draws: Draws, targets: Observed | None = None) -> dict[str, NDArray[np.float64]]:
        """As :meth:`calibration.model.core.Core.evaluate`: arrays (draw, year, ...) by name."""
        given = self.arguments(draws.weights, draws.switches, draws.codings, targets or draws.targets)
        rows = []
        for z in draws.flat:
            board = self.board(z, given)
            rows.append(self.log_likelihood(board, given) | self.steps(board))
        return {name: np.stack([np.asarray(row[name]) for row in rows]) for name in rows[0]}


def guess(annual: Annual, first: int, seed: int) -> Annual:
    """The exogenous side with systemic inputs guessed from year ``first`` on: one path drawn by ``seed``."""
    rng, series = np.random.default_rng(seed), dict(annual.world.series)
    for name, values in series.items():
        if name == "scheduled":
            late = np.array([q // 4 >= first for q in annual.world.span])
            series[name] = np.where(late.reshape(-1, *[1] * (values.ndim - 1)), 0.0, values)
        elif name not in KNOWN:
            series[name] = _walk(annual, values, codebook()[name].range, first, rng)
    return Annual(Guessed(annual.world.scenario, annual.world.seed, guessed=series))


def _walk(
    annual: Annual, values: Array, limits: tuple[float, float], first: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Random walks by year from the last known year, as a frame a quarter."""
    years = annual.years
    yearly = np.moveaxis(annual.over_years(values), -1, 0)
    past = yearly[years < first]
    spread = np.diff(past, axis=0).std(axis=0)
    luck = rng.normal(size=(int((years >= first).sum()), *spread.shape))
    if values.shape[1] == values.shape[2] > 1 and np.array_equal(values, values.swapaxes(1, 2)):
        luck = (luck + luck.swapaxes(1, 2)) / np.sqrt(2.0)
    low, high = limits
    floor = np.where(past.min(axis=0) > 0, LEAST * past.min(axis=0), low)
    path = np.clip(past[-1] + (spread * luck).cumsum(axis=0), np.maximum(floor, low), high)
    of = np.array([q // 4 for q in annual.world.span])
    out = np.array(values, dtype=float)
    for year, row in zip(years[years >= first], path, strict=True):
        out[of == year] = row
    return out
