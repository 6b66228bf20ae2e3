"""A stand-in for the fitted model: it has the same face and takes no time, so that the back-test's own work can be tested.

Its one parameter is the share of yes votes, drawn around the share in the years that it may see; its other draws are chance
with a fixed seed. What it says of a year rests on the weights, the switches and the codings, as a fit would.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy import stats

from calibration.model.annual import HOME, Annual
from calibration.observed import Record

ANNUAL = Annual()


@dataclass
class FakeDraws:
    """Looks like :class:`calibration.model.core.Draws`: shares of yes votes, and luck."""

    z: np.ndarray
    shift: float

    @property
    def share(self) -> np.ndarray:
        return self.z[..., 0]

    def thin(self, n: int) -> FakeDraws:
        return FakeDraws(self.z.reshape(1, -1, self.z.shape[-1])[:, :n], self.shift)


@dataclass
class FakeCore:
    """Looks like :class:`calibration.model.core.Core`."""

    record: Record
    annual: Annual = ANNUAL
    fits: int = 0

    @property
    def sites(self) -> tuple[Any, ...]:
        return (SimpleNamespace(law={"law": "beta"}, size=0),)

    @property
    def packed(self) -> Any:
        return SimpleNamespace(size=1)

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        return ((2, 4, len(self.years)),)

    @property
    def years(self) -> np.ndarray:
        return self.annual.years

    @cached_property
    def row(self) -> Any:
        codings = tuple(c for c in ANNUAL.codings if c.state == HOME)
        return SimpleNamespace(codings=codings, issues=("diplomacy", "defence", "trade"))

    def lay(self, record: Record, counted: Any = None) -> Any:
        return {"counted": counted}

    def sample(
        self,
        weights: Any,
        *,
        seed: int,
        warmup: int,
        draws: int,
        switches: Any = None,
        codings: Any = None,
        targets: Any = None,
    ) -> tuple[Any, Any]:
        self.fits += 1
        chains = 16
        yes, total = self._yearly()
        seen, switches = weights["votes"] > 0, switches or {}
        rng = np.random.default_rng(seed)
        shift = 0.0 if codings is None else 0.2 * float(np.mean(codings[0]))
        shift -= 0.02 * len(switches)
        share = rng.beta(1 + yes[seen].sum(), 1 + (total - yes)[seen].sum(), (chains, draws))
        share = np.clip(share + shift, 0.01, 0.99)[..., None]
        luck = rng.normal(size=(chains, draws, 2 * 4 * len(self.years)))
        return FakeDraws(np.concatenate([share, luck], axis=-1), shift), {"diverging": np.zeros((chains, draws))}

    def _yearly(self) -> tuple[np.ndarray, np.ndarray]:
        counts, year = self.record.vote_counts(), self.record.votes["year"]
        yes = np.array([counts[year == y, 2].sum() for y in self.years])
        return yes, np.array([counts[year == y].sum() for y in self.years])

    @cached_property
    def cells(self) -> Any:
        number = np.searchsorted(self.years, self.record.votes["year"])
        return SimpleNamespace(number=number, powers=self.record.vote_positions())

    def pointwise(self, draws: Any, *, seed: int = 0) -> dict[str, np.ndarray]:
        yes, total = self._yearly()
        votes = stats.binom.logpmf(yes, total, draws.share.reshape(-1, 1))
        n = votes.shape[0]
        rng = np.random.default_rng(seed)
        return {
            "votes": votes,
            "orders": -1.0 + draws.shift + 0.1 * rng.normal(size=votes.shape),
            "trade": -0.5 + draws.shift + 0.1 * rng.normal(size=(n, len(self.years), 4)),
            "trade_one_step": np.zeros((n, len(self.years), 4)),
        }

    def simulate(self, draws: Any, *, seed: int = 0) -> dict[str, np.ndarray]:
        share = draws.share.reshape(-1)
        rng = np.random.default_rng(seed)
        total = self.record.vote_counts().sum(axis=1)
        yes = rng.binomial(total, share[:, None])
        order_years, orders = self.record.order_counts()
        number = np.zeros(len(self.years), dtype=int)
        number[np.isin(self.years, order_years)] = orders.sum(axis=1)
        made = np.stack([rng.multinomial(n, [0.2] * 5, size=len(share)) for n in number], axis=1)
        return {
            "votes": np.stack([total - yes, np.zeros_like(yes), yes], axis=-1),
            "orders": made,
            "trade": -3.0 + 0.3 * rng.normal(size=(len(share), 4, len(self.years))),
        }

    def parameters(self, draws: Any) -> dict[str, np.ndarray]:
        share = draws.share.reshape(-1)
        return {"leader_gain.small.diplomacy": share - 0.8, "norm.small.trade": np.stack([share, 1 - share], axis=-1)}

    def evaluate(self, draws: Any) -> dict[str, np.ndarray]:
        return {"stance": np.random.default_rng(4).normal(size=(8, 4, 2, len(self.years)))}
