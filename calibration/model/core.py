"""The core model: Bangladesh's own dyads, fitted fast enough to be refitted hundreds of times.

Back-tests, placebo permutations and recovery studies need one fit for every fold, rival and planted record. Here the
couplings that no record teaches are off (:mod:`calibration.model.row`), and everything by which such fits differ (which
years are held out, which parameters are switched off, how leaders are coded, the record itself) is an argument of one
compiled sampler (:mod:`calibration.model.sampler`). Trade is an observed autoregression; where its
record is held out its path is simulated.

    core = Core(load())
    draws, stats = core.sample(core.weights(), seed=1)
    score = core.pointwise(draws)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from calibration.model import readings
from calibration.model.density import BLOCKS, CASES, SERIES, Model, Numbers, Observed
from calibration.model.sampler import Sampler, Scale, compiled
from calibration.model.targets import vote_probabilities
from sim.axes import Array

__all__ = ["BLOCKS", "CASES", "SERIES", "Core", "Draws", "Observed", "Scale"]


@dataclass(frozen=True)
class Draws:
    """Draws of the core model and what they were drawn under.

    Attributes
    ----------
    z : (chain, draw, unknown) on the real line: parameters, then luck by issue area, power and year, first luck, images
    weights, switches, codings, targets : as given to :meth:`Core.sample`
    scale : where the sampler took the density to lie, for the next fit of one alike
    """

    z: Numbers
    weights: dict[str, Numbers]
    switches: dict[str, Any]
    codings: tuple[Numbers, Numbers]
    targets: Observed
    scale: Scale | None = None

    @property
    def flat(self) -> Numbers:
        """(draw, unknown), chains one after the other."""
        return self.z.reshape(-1, self.z.shape[-1])

    def thin(self, n: int) -> Draws:
        """At most n draws, evenly spaced, as one chain."""
        rows = np.unique(np.linspace(0, len(self.flat) - 1, n).round().astype(int))
        return Draws(self.flat[rows][None], self.weights, self.switches, self.codings, self.targets)


@dataclass(frozen=True)
class Core(Model):
    """The core model of a record, with its sampler."""

    # --- fit, score, simulate --------------------------------------------------------------------------------------------

    @cached_property
    def sampler(self) -> Sampler:
        """The compiled sampler."""
        luck = np.zeros(self.size - self.packed.size)
        return Sampler(self.log_density, np.concatenate([self.packed.start, luck]), np.append(self.packed.open, luck > 0))

    def sample(
        self,
        weights: dict[str, Numbers],
        *,
        switches: dict[str, Any] | None = None,
        seed: int = 1,
        warmup: int = 65,
        draws: int = 80,
        codings: tuple[Numbers, Numbers] | None = None,
        targets: Observed | None = None,
        scale: Scale | None = None,
    ) -> tuple[Draws, dict[str, Any]]:
        """Fit, by many short chains.

        Parameters
        ----------
        weights : from :meth:`weights`
        switches : one of :data:`CASES`, or your own
        seed, warmup, draws : of the sampler; warmup and draws for each of its chains
        codings : other coded images and standard deviations (placebo)
        targets : another record (recovery)
        scale : ``draws.scale`` of an earlier fit of something alike, which saves looking for it

        Returns
        -------
        draws, and statistics of the sampler (chain, draw) by name
        """
        _double()
        switches, codings, targets = switches or {}, codings or self.codings, targets or self.targets
        given = self.arguments(weights, switches, codings, targets)
        scale = scale or self.sampler.scale(given)
        z, statistics, scale = self.sampler.sample(given, scale, seed=seed, warmup=warmup, draws=draws)
        return Draws(z, weights, switches, codings, targets, scale), statistics

    def chain(self, *, seed: int, warmup: int, draws: int, scale: Scale, **settings: Any) -> tuple[Draws, dict[str, Any]]:
        """One long chain of NUTS on the whole record; settings are ``accept`` and ``say`` of the sampler."""
        _double()
        given = self.arguments(self.weights(), {}, self.codings, self.targets)
        z, statistics = self.sampler.nuts(given, scale, seed=seed, warmup=warmup, draws=draws, **settings)
        return Draws(z, self.weights(), {}, self.codings, self.targets, scale), statistics

    def parameters(self, draws: Draws) -> dict[str, Numbers]:
        """Site -> (draw, ...) parameters, before switches."""
        return self.packed.named(np.stack([self.packed.value(z) for z in draws.flat[:, : self.packed.size]]))

    @cached_property
    def _batched(self) -> Any:
        """Compiled for many draws: log-probabilities, stances, shares of orders, steps of trade, vote probabilities."""
        import jax

        _double()

        def one(z: Array, given: Any) -> dict[str, Array]:
            board = self.board(z, given)
            return {**self.log_likelihood(board, given), **self.steps(board)}

        return compiled(jax.vmap(one, in_axes=(0, None)))

    def evaluate(self, draws: Draws, targets: Observed | None = None) -> dict[str, Numbers]:
        """Everything of :meth:`steps`, and log-probabilities by series, for each draw (draw, ...)."""
        given = self.arguments(draws.weights, draws.switches, draws.codings, targets or draws.targets)
        return in_batches(self._batched, draws.flat, given)

    def vote_chances(self, draws: Draws) -> Numbers:
        """(draw, cell, answer) probabilities of no, abstention, yes."""
        given = self.arguments(draws.weights, draws.switches, draws.codings, draws.targets)
        return np.asarray(self._voting(draws.flat, given))

    @cached_property
    def _voting(self) -> Any:
        import jax

        asked, carry = self._roll_calls
        grid = self.cells.grid

        def one(z: Array, given: Any) -> Array:
            board = self.board(z, given)
            stance = board["stance"][:, self.at, :, :1] @ carry
            board = board | {"votes_here": board["votes_here"][:, :, :, :1], "stance": stance}
            found = vote_probabilities(self.annual, board, asked)
            return jax.numpy.stack([p[0, 0, 0, 0, grid.item, 0, grid.block] for p in found], axis=-1)

        return compiled(lambda z, given: jax.lax.map(lambda x: one(x, given), z))

    def pointwise(self, draws: Draws, targets: Observed | None = None, *, seed: int = 0) -> dict[str, Numbers]:
        """See :func:`calibration.model.readings.pointwise`."""
        return readings.pointwise(self, draws, targets, seed=seed)

    def simulate(self, draws: Draws, *, seed: int = 0) -> dict[str, Any]:
        """See :func:`calibration.model.readings.simulate`."""
        return readings.simulate(self, draws, seed=seed)


BATCH = 50
"""Draws that are evaluated together."""


def in_batches(function: Any, z: Numbers, given: Any) -> dict[str, Numbers]:
    """A compiled function of several draws and data, on all draws."""
    import jax

    given, n = jax.device_put(given), len(z)
    z = np.concatenate([z, np.repeat(z[-1:], -n % BATCH, axis=0)])
    parts = [function(z[i : i + BATCH], given) for i in range(0, n, BATCH)]
    return {name: np.concatenate([part[name] for part in parts])[:n] for name in parts[0]}


def _double() -> None:
    """Calculate in double precision."""
    import jax

    jax.config.update("jax_enable_x64", True)
