"""The core model: Bangladesh's own dyads, fitted fast enough to be refitted hundreds of times.

Back-tests, placebo permutations and recovery studies need one fit for every fold, rival and planted record. Here the
couplings that no record teaches are off (:mod:`calibration.model.row`), and everything by which such fits differ (which
years are held out, which parameters are switched off, how leaders are coded, the record itself) is an argument of one
compiled sampler: NUTS in NumPyro with a dense metric for parameters. Trade is an observed autoregression; where its
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

from calibration.model import readings as core_scores
from calibration.model.density import BLOCKS, CASES, SERIES, Model, Numbers, Observed
from calibration.model.sampler import Metric, Sampler, compiled
from calibration.model.targets import vote_probabilities
from sim.axes import Array

__all__ = ["BLOCKS", "CASES", "SERIES", "Core", "Draws", "Metric", "Observed"]


@dataclass(frozen=True)
class Draws:
    """Draws of the core model and what they were drawn under.

    Attributes
    ----------
    z : (chain, draw, unknown) on the real line: parameters, then luck by issue area, power and year, first luck, images
    weights, switches, codings, targets : as given to :meth:`Core.sample`
    """

    z: Numbers
    weights: dict[str, Numbers]
    switches: dict[str, Any]
    codings: tuple[Numbers, Numbers]
    targets: Observed
    metric: Metric | None = None

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
        return Sampler(self.log_density, np.concatenate([self.packed.start, luck]), self.packed.size)

    def sample(
        self,
        weights: dict[str, Numbers],
        *,
        switches: dict[str, Any] | None = None,
        seed: int = 1,
        chains: int = 2,
        warmup: int = 500,
        draws: int = 500,
        codings: tuple[Numbers, Numbers] | None = None,
        targets: Observed | None = None,
        metric: Metric | None = None,
        **settings: Any,
    ) -> tuple[Draws, dict[str, Any]]:
        """Fit.

        Parameters
        ----------
        weights : from :meth:`weights`
        switches : one of :data:`CASES`, or your own
        seed, chains, warmup, draws : of the sampler; warmup and draws for each chain
        codings : other coded images and standard deviations (placebo)
        targets : another record (recovery)
        metric : ``draws.metric`` of an earlier fit; then a warm-up of 150 is enough
        settings : accept (target acceptance), depth (of the tree), say (called with lines of progress)

        Returns
        -------
        draws, and statistics of the sampler (chain, draw) by name
        """
        import jax

        jax.config.update("jax_enable_x64", True)
        switches, codings, targets = switches or {}, codings or self.codings, targets or self.targets
        given = self.arguments(weights, switches, codings, targets)
        run = {"seed": seed, "chains": chains, "warmup": warmup, "draws": draws, "metric": metric}
        z, statistics = self.sampler.sample(given, **run, **settings)
        return Draws(z, weights, switches, codings, targets, Metric.of(z, self.packed.size)), statistics

    def parameters(self, draws: Draws) -> dict[str, Numbers]:
        """Site -> (draw, ...) parameters, before switches."""
        return self.packed.named(np.stack([self.packed.value(z) for z in draws.flat[:, : self.packed.size]]))

    @cached_property
    def _batched(self) -> Any:
        """Compiled for many draws: log-probabilities, stances, shares of orders, steps of trade, vote probabilities."""
        import jax

        jax.config.update("jax_enable_x64", True)

        def one(z: Array, given: Any) -> dict[str, Array]:
            board = self.board(z, given)
            return {**self.log_likelihood(board, given), **self.steps(board)}

        return compiled(lambda z, given: jax.lax.map(lambda x: one(x, given), z))

    def evaluate(self, draws: Draws, targets: Observed | None = None) -> dict[str, Numbers]:
        """Everything of :meth:`steps`, and log-probabilities by series, for each draw (draw, ...)."""
        given = self.arguments(draws.weights, draws.switches, draws.codings, targets or draws.targets)
        return {name: np.asarray(value) for name, value in self._batched(draws.flat, given).items()}

    def vote_chances(self, draws: Draws) -> Numbers:
        """(draw, cell, answer) probabilities of no, abstention, yes."""
        given = self.arguments(draws.weights, draws.switches, draws.codings, draws.targets)
        return np.asarray(self._voting(draws.flat, given))

    @cached_property
    def _voting(self) -> Any:
        import jax

        lean, powers, carry = self._roll_calls
        grid = self.cells.grid

        def one(z: Array, given: Any) -> Array:
            board = self.board(z, given)
            stance = board["stance"][:, self.at, :, :1] @ carry
            board = board | {"votes_here": board["votes_here"][:, :, :, :1], "stance": stance}
            found = vote_probabilities(self.annual, board, lean, powers)
            return jax.numpy.stack([p[0, 0, 0, 0, grid.item, 0, grid.block] for p in found], axis=-1)

        return compiled(lambda z, given: jax.lax.map(lambda x: one(x, given), z))

    def pointwise(self, draws: Draws, targets: Observed | None = None, *, seed: int = 0) -> dict[str, Numbers]:
        """See :func:`calibration.model.readings.pointwise`."""
        return core_scores.pointwise(self, draws, targets, seed=seed)

    def simulate(self, draws: Draws, *, seed: int = 0) -> dict[str, Any]:
        """See :func:`calibration.model.readings.simulate`."""
        return core_scores.simulate(self, draws, seed=seed)
