"""What we do not know, split over its causes: parameters, who governs, the systemic path, and luck.

Part of the sweeps (floor 5). First-order shares of variance by pick-freeze on blocks (Sobol 2001; Saltelli et al. 2010,
Comput. Phys. Commun. 181(2)): two sets of runs that share one block and nothing else covary by what that block explains.
Draws from a posterior are one block, never independent margins. Each point is simulated four times for pairs of runs i and
j = i + K:

    own        E(i) = draws i, luck i
    exchanged  X(i) = draws j, luck i            (and X(j) = draws i, luck j)
    relearned  Y(i) = learned draws j, what is assumed i, luck i

Averages over points stand for the expectation over the design, so that with E' = E(j), X' = X(j) and m the mean of all

    luck        (E - X') (X - E') / 2            share of luck: E and X share luck, E and E', X and X' nothing
    parameters  (E - X) (X' - E') / 2            learned and assumed together
    learned     (E' - m) (Y - E)                 E' and Y share what was learned
    assumed     (X' - m) (Y - X)                 X' and Y share what was assumed
    a group     mean over its levels of (E at the level - E) (E' at the level - E')

each divided by the variance of all runs. What is left acts only in combination. Points count equally.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim import shocks
from sim.sweep import store
from sim.sweep.factors import Factor, Point
from sim.sweep.places import Place
from sim.sweep.store import Layout

Floats = NDArray[np.float64]
PAIRED = 1024
"""Runs of a point, at most, that exchange their draws."""

FEWEST = 40
"""Runs of a point, at least, for a split of variance."""

RESAMPLED = 400
"""Bootstrap samples of pairs of runs."""

IN_MEMORY = 256 * 2**20
"""Bytes of sums held at a time."""

GROUPS = {
    "leader": "who governs",
    "system": "the systemic path",
    "image": "shifts of image",
    "domestic": "domestic constraint",
    "commitments": "contracts",
    "response": "the other side's response",
    "other": "other factors",
}
PARAMETERS, LEARNED, ASSUMED, LUCK, TOGETHER = "parameters and images", "learned", "assumed", "luck", "in combination"


@dataclass(frozen=True)
class Share:
    """The part of the variance of one kept number that a block explains, with a 90 % bootstrap interval.

    ``part_of`` names the block that this one is a part of ('' for a block of its own).
    """

    measure: int
    block: str
    part_of: str
    share: float
    q05: float
    q95: float


@dataclass(frozen=True)
class Block:
    """Factors whose values vary together in the design.

    Attributes
    ----------
    name : of the factors together
    level : (point,) number of the level at every point, from 0
    """

    name: str
    level: NDArray[np.int64]

    @property
    def levels(self) -> int:
        """How many levels there are."""
        return int(self.level.max()) + 1 if len(self.level) else 0


def pairs(runs: int, draws: int) -> int:
    """Pairs of runs that exchange draws: half of the runs, never so that both take the same of a posterior's ``draws``.

    Fewer than ``FEWEST`` runs cannot support a split of variance: then there are none.

    >>> pairs(256, 1000), pairs(5000, 1000), pairs(200, 50), pairs(8, 1000)
    (128, 512, 99, 0)
    """
    k = min(runs, PAIRED) // 2 if runs >= FEWEST else 0
    while draws > 1 and k > 1 and k % draws == 0:
        k -= 1
    return k


def blocks(points: Sequence[Point], factors: Sequence[Factor]) -> list[Block]:
    """Groups of factors with their levels; groups that the design does not cross are one block.

    >>> a, b = (Factor(n, n, g, (n,), (0, 1), (), "", ()) for n, g in (("a", "leader"), ("b", "system")))
    >>> [x.name for x in blocks([{"a": i, "b": j} for i in (0, 1) for j in (0, 1)], [a, b])]
    ['who governs', 'the systemic path']
    >>> [x.name for x in blocks([{"a": i, "b": i} for i in (0, 1)], [a, b])]
    ['who governs and the systemic path']
    """
    groups = [group for group in GROUPS if any(f.group == group for f in factors)]
    found = [Block(GROUPS[g], _levels(points, [f.name for f in factors if f.group == g])) for g in groups]
    found = [block for block in found if block.levels > 1]
    while tangled := next(((a, b) for i, a in enumerate(found) for b in found[i + 1 :] if not _crossed(a, b)), None):
        a, b = tangled
        joint = np.unique(np.stack([a.level, b.level]), axis=1, return_inverse=True)[1].reshape(-1)
        found = [Block(f"{a.name} and {b.name}", joint) if x is a else x for x in found if x is not b]
    return found


def _levels(points: Sequence[Point], names: list[str]) -> NDArray[np.int64]:
    seen: dict[tuple[str, ...], int] = {}
    return np.array([seen.setdefault(tuple(repr(p[n]) for n in names), len(seen)) for p in points], dtype=np.int64)


def _crossed(a: Block, b: Block) -> bool:
    met = np.unique(np.stack([a.level, b.level]), axis=1).shape[1]
    return bool(met == a.levels * b.levels)


def split(place: Place, layout: Layout, found: Sequence[Block], measures: Sequence[int], seed: int) -> list[Share]:
    """Shares of variance of some measures, in order of measures and blocks.

    Parameters
    ----------
    found : from :func:`blocks`
    measures : which of the measures kept
    seed : of the bootstrap
    """
    if not layout.pairs:
        return []
    room = 8 * 2 * layout.pairs * (4 + sum(block.levels for block in found))
    together = max(1, IN_MEMORY // room)
    shares = []
    for start in range(0, len(measures), together):
        chosen = list(measures[start : start + together])
        sums = _Sums(layout, found, chosen)
        for span, chunk in store.each(place, layout, ("value", "exchanged", "relearned", store.LAST)):
            sums.add(span, chunk)
        shares += [share for position, m in enumerate(chosen) for share in sums.shares(position, m, seed)]
    return shares


class _Sums:
    """Sums over points, added one point at a time, so that they do not depend on how points were stored."""

    def __init__(self, layout: Layout, found: Sequence[Block], measures: list[int]) -> None:
        k, n = layout.pairs, len(measures)
        self.k, self.blocks, self.measures, self.points = k, found, measures, 0
        self.own, self.exchanged, self.squares = np.zeros((n, 2 * k)), np.zeros((n, 2 * k)), np.zeros((n, 2 * k))
        self.relearned = np.zeros((n, k))
        self.at = [np.zeros((block.levels, n, 2 * k)) for block in found]
        self.met = [np.zeros(block.levels) for block in found]

    def add(self, span: range, chunk: store.Chunk) -> None:
        """Add the points of a chunk; those that failed are left out."""
        for row, point in enumerate(span):
            if chunk[store.LAST][row]:
                continue
            own = chunk["value"][row, self.measures, : 2 * self.k].astype(np.float64)
            self.points += 1
            self.own += own
            self.squares += own**2
            self.exchanged += chunk["exchanged"][row, self.measures]
            self.relearned += chunk["relearned"][row, self.measures]
            for block, at, met in zip(self.blocks, self.at, self.met, strict=True):
                at[block.level[point]] += own
                met[block.level[point]] += 1

    def shares(self, position: int, measure: int, seed: int) -> list[Share]:
        """Shares of one measure."""
        if not self.points:
            return []
        terms, total = self._terms(position)
        weights = _resampled(self.k, seed)
        whole = total.mean()
        if not whole > 1e-14:  # nothing varies, as far as seven digits can tell
            return []
        spread = weights @ total
        found = []
        for name, part_of, term in terms:
            q05, q95 = np.quantile((weights @ term) / spread, [0.05, 0.95])
            found.append(Share(measure, name, part_of, float(term.mean() / whole), float(q05), float(q95)))
        return found

    def _terms(self, position: int) -> tuple[list[tuple[str, str, Floats]], Floats]:
        """What each pair of runs contributes to every block and to the variance of all."""
        k, n = self.k, self.points
        e, f = np.split(self.own[position] / n, [k])
        x, y = np.split(self.exchanged[position] / n, [k])
        z, mean = self.relearned[position] / n, self.own[position].mean() / n
        squares = self.squares[position] / n - mean**2 - 2 * mean * (self.own[position] / n - mean)
        total = (squares[:k] + squares[k:]) / 2
        luck = (e - y) * (x - f) / 2
        parameters = (e - x) * (y - f) / 2
        groups = []
        for block, at, met in zip(self.blocks, self.at, self.met, strict=True):
            there = met > 0
            apart = at[there, position] / met[there, None] - self.own[position] / n
            groups.append((block.name, "", (met[there, None] / n * apart[:, :k] * apart[:, k:]).sum(axis=0)))
        terms = [
            (PARAMETERS, "", parameters),
            (LEARNED, PARAMETERS, (f - mean) * (z - e)),
            (ASSUMED, PARAMETERS, (y - mean) * (z - x)),
            *groups,
            (LUCK, "", luck),
        ]
        alone = sum(term for _, part_of, term in terms if not part_of)
        return [*terms, (TOGETHER, "", total - alone)], total


def _resampled(k: int, seed: int) -> Floats:
    """How often each pair of runs counts in every bootstrap sample, over the number of pairs, (sample, pair)."""
    counts = np.zeros((RESAMPLED, k))
    for row in range(RESAMPLED):
        u = shocks.uniform(shocks.key(seed, "bootstrap", "sweep"), row, range(k))
        counts[row] = np.bincount((u * k).astype(int), minlength=k)
    return counts / k
