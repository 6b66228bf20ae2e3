"""The powers' side: what American aid teaches about how a power's stance toward Bangladesh moves.

A second stage after the core model. Bangladesh's own stances are taken as the core fit found them; the row of the United
States answers them by the same rules (leaders' images of Bangladesh, reciprocity, jealousy, inertia), and its yearly aid shows
its stance. What is learned is shared by all powers, as one number each in scenarios/parameters.yaml; only :data:`LEARNED` is
handed on. Nothing of this reaches back into Bangladesh's row: a cut, stated because the joint fit costs many times more
and aid says nothing about Dhaka's own gains.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.model import targets as observed_targets
from calibration.model.annual import HOME, Annual
from calibration.model.packed import Packed
from calibration.model.row import Row, motion, through
from calibration.model.sampler import STATISTICS, Sampler, Scale
from calibration.model.targets import NUISANCE
from calibration.model.unknowns import Site
from calibration.observed import Record
from sim.axes import Array

Numbers = NDArray[np.float64]
DONOR = "USA"
OWN = ("aid_level", "aid_trend", "aid_spread")
LEARNED = ("adjustment_rate.power", "volatility.power", "aid_loading")
"""What is handed on to simulation. The rest of this stage is there to be averaged over: one donor says nothing about how the
leaders of other powers see Bangladesh."""


@dataclass(frozen=True)
class Powers:
    """The donor's row and its record.

    Attributes
    ----------
    record : what was observed
    annual : the exogenous side
    warmth : frame by year of how warm each state is toward each other, Bangladesh's row as the core fit found it
    known : site -> value of parameters that the core fit learned and this stage takes as given
    """

    record: Record
    annual: Annual
    warmth: Array
    known: dict[str, float]

    @cached_property
    def row(self) -> Row:
        """The donor's row."""
        return Row(self.annual, DONOR, ("aid",), {"warmth": self.warmth}, ("next_stance",))

    @cached_property
    def packed(self) -> Packed:
        """Unknown parameters: the powers' own, and those of the aid record."""
        own = [Site(name, name, "all", "default", NUISANCE[name], 0, "A") for name in OWN]
        return Packed((*(site for site in self.row.sites if site.name not in self.known), *own))

    @cached_property
    def _placement(self) -> tuple[Numbers, Numbers]:
        known = Packed(tuple(site for site in self.row.sites if site.name in self.known))
        matrix, fixed = self.row.placement(self.packed.places, self.packed.size)
        given, _ = self.row.placement(known.places, known.size)
        return matrix, fixed + given @ np.array([self.known[site.name] for site in known.sites])

    @property
    def size(self) -> int:
        """Number of unknowns: parameters, luck of each year, first luck, images."""
        return self.packed.size + len(self.annual.years) + 1 + len(self.row.draws)

    @cached_property
    def _home(self) -> int:
        return self.annual.world.labels["partner"].index(HOME)

    def board(self, z: Array) -> dict[str, Array]:
        """Frames that the rules make of unknowns (unknown,); ``stance`` at the end of each year, ``first`` before."""
        n, years, row = self.packed.size, len(self.annual.years), self.row
        matrix, fixed = self._placement
        parameters = row.frames(fixed + matrix @ self.packed.value(z[:n]))
        value = np.array([c.value for c in row.codings])
        sd = np.array([(c.range[1] - c.range[0]) / 3.3 for c in row.codings])
        board = row.evaluate(row.given | parameters | {"image_of": row.image(z[n + years + 1 :], value, sd)}, row.rules[0])
        home = self._home
        kept, toward, size, begin = motion(board)
        added = toward[0, home, 0, 0, 0, 0] + size[0, home, 0, 0, 0, 0] * z[n : n + years]
        first = board["desired"][0, home, 0, 0, 0, 0, 0] + begin[0, home, 0, 0, 0, 0, 0] * z[n + years]
        path = through(kept[0, 0, :, 0, 0, 0], added[None, None], first[None, None])[0, 0]
        place = np.eye(len(self.annual.world.labels["partner"]))[home]
        return board | {"stance": (place[:, None] * path).reshape(1, -1, 1, 1, 1, 1, years), "first": first}

    def stances(self, z: Numbers) -> Numbers:
        """(draw, 1 + year) stance toward Bangladesh, before the first year and at year ends."""
        boards = (self.board(row) for row in z)
        return np.stack([np.append(b["first"], b["stance"][0, self._home, 0, 0, 0, 0]) for b in boards])

    def parameters(self, z: Numbers) -> dict[str, Numbers]:
        """Site -> (...) parameters of vectors of unknowns (..., unknown)."""
        flat = z.reshape(-1, z.shape[-1])[:, : self.packed.size]
        named = self.packed.named(np.stack([self.packed.value(row) for row in flat]))
        return {name: value.reshape(z.shape[:-1]) for name, value in named.items()}

    @cached_property
    def _targets(self) -> Any:
        return observed_targets.lay(self.record, self.annual)

    def log_density(self, z: Array, given: Any) -> Array:
        """Log posterior density of a vector of unknowns, (unknown,), up to a constant (nats); ``given`` weighs the years."""
        n = self.packed.size
        nuisance = {name: self.packed.named(self.packed.value(z[:n]))[name] for name in OWN}
        found = observed_targets.aid(self.annual, self.board(z), nuisance, self._targets)
        return (given * found).sum() + self.packed.log_density(z[:n]) - 0.5 * (z[n:] ** 2).sum()

    def sample(self, *, seed: int, chains: int, warmup: int, draws: int, accept: float) -> tuple[Numbers, dict[str, Any]]:
        """Draws (chain, draw, unknown) and statistics of NUTS, which starts from where many short chains went."""
        import jax

        jax.config.update("jax_enable_x64", True)
        luck = np.zeros(self.size - self.packed.size)
        sampler = Sampler(self.log_density, np.append(self.packed.start, luck), np.append(self.packed.open, luck > 0))
        given = np.ones(len(self.annual.years))
        scale = Scale.spread(sampler.sample(given, sampler.scale(given), seed=seed)[0])
        run = {"warmup": warmup, "draws": draws, "accept": accept}
        told = [sampler.nuts(given, scale, seed=1000 * seed + i, **run) for i in range(chains)]  # type: ignore[arg-type]
        statistics = {name: np.concatenate([one[name] for _, one in told]) for name in STATISTICS}
        return np.concatenate([z for z, _ in told]), statistics
