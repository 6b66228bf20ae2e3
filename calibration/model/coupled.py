"""The coupled model of all dyads on the record: its unknowns, its stances, its density.

The reference for :mod:`calibration.model.core`, which leaves out what no record teaches. It has 1,703 unknowns and one
gradient takes 2.5 ms, five times that of the core, and it would learn nothing about Bangladesh that the core does not. So the
shipped fit uses the core; this one says what the core leaves out, and tests compare the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from calibration.model import paths, targets
from calibration.model.annual import HOME, Annual
from calibration.model.unknowns import Layout, Site, layout
from calibration.observed import Record
from sim import library
from sim.axes import Array, namespace


@dataclass(frozen=True)
class Fit:
    """A model and a record.

    Attributes
    ----------
    annual : the exogenous side; a scenario that fixes parameters or switches blocks off is a special case of the model
    record : what was observed
    """

    annual: Annual
    record: Record

    @cached_property
    def layout(self) -> Layout:
        """Unknown parameters."""
        return layout(self.annual.world.scenario)

    @cached_property
    def targets(self) -> targets.Targets:
        """The record laid on the years."""
        return targets.lay(self.record, self.annual)

    @cached_property
    def nuisance(self) -> tuple[Site, ...]:
        """Unknowns that only the record needs."""
        return tuple(Site(n, n, "all", "default", law, 0, "A") for n, law in targets.NUISANCE.items())

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the standard normal unknowns: paths by (kind of stance, power, year), first stances, images.

        The kinds are Bangladesh's stance in each issue area, and the power's stance toward Bangladesh.
        """
        kinds, powers = len(self.annual.world.labels["issue"]) + 1, len(self.powers)
        shapes = {"path": (kinds, powers, len(self.annual.years)), "first": (kinds, powers)}
        return shapes | {"image": (len(self.annual.draws),)}

    @cached_property
    def powers(self) -> tuple[str, ...]:
        """The powers, in model order."""
        return tuple(s for s in self.annual.world.labels["state"] if library.states()[s].value.power)

    def laid(self, unknown: Array) -> Array:
        """Frame by year of standard numbers (kind, power, year): one number a dyad where a power acts."""
        xp, labels = namespace(unknown), self.annual.world.labels
        kinds = xp.moveaxis(unknown, 0, 1)
        home, states, issues = labels["state"].index(HOME), len(labels["state"]), len(labels["issue"])
        nothing = xp.zeros((1, issues, unknown.shape[-1]))
        at = [self.powers.index(s) if s in self.powers else -1 for s in labels["state"]]
        rows = []
        for i in range(states):
            if i == home:
                rows.append(xp.stack([nothing[0] if j < 0 else kinds[j, :-1] for j in at]))
            else:
                one = kinds[at[i], -1:] + nothing[0]
                rows.append(xp.stack([one if k == home else nothing[0] for k in range(states)]))
        return xp.stack(rows).reshape(states, states, 1, issues, 1, 1, unknown.shape[-1])

    def taken(self, luck: Array) -> Array:
        """(kind, power, year) of a frame of luck: the inverse of :meth:`laid`."""
        xp, labels = namespace(luck), self.annual.world.labels
        home, there = labels["state"].index(HOME), [labels["state"].index(p) for p in self.powers]
        own = xp.stack([luck[home, j, 0, :, 0, 0] for j in there], axis=1)
        theirs = xp.stack([luck[j, home, 0, 0, 0, 0] for j in there])
        return xp.concatenate([own, theirs[None]])

    @cached_property
    def free(self) -> NDArray[np.float64]:
        """(kind, power, year): 0 where the record itself stands in for a stance."""
        return 1.0 - np.isfinite(self.taken(self.targets.trade + self.laid(np.zeros(self.shapes["path"]))))

    def board(self, draws: dict[str, Array]) -> dict[str, Array]:
        """Everything the rules make of one draw of all unknowns, as frames; trade starts each year from the record."""
        board = paths.yearly_board(self.annual, self.layout.frames(draws), self.annual.images(draws["image"]))
        first = self.laid(draws["first"][..., None])
        return paths.run_around(self.annual, board, self.laid(draws["path"]), first, self.targets.trade)

    def log_luck(self, board: dict[str, Array]) -> Array:
        """Log density of the luck that the stances needed, by (kind, power, year)."""
        luck = self.taken(board["stance_shock"])
        xp, issues = namespace(luck), library.issues()
        heavy = np.array([issues[k].value.shock == "student_t4" for k in self.annual.world.labels["issue"]] + [False])
        normal = -0.5 * luck * luck - 0.5 * np.log(2 * np.pi)
        return self.free * xp.where(heavy[:, None, None], targets.log_student_t4(luck), normal)

    def density(self, draws: dict[str, Array], weights: dict[str, Array]) -> Array:
        """Log-probability of the record, and of the luck that the stances needed where their paths were standard normal.

        Draws and weights are arrays by name; the answer is one number (nats). The paths are sampled as if they were luck; the
        difference gives them the density that the model gives its luck.
        """
        board = self.board(draws)
        path = draws["path"]
        taken_back = self.free * (-0.5 * path * path - 0.5 * np.log(2 * np.pi))
        by_series = targets.log_likelihood(self.annual, board, draws, self.targets)
        return (self.log_luck(board) - taken_back).sum() + sum((weights[k] * v).sum() for k, v in by_series.items())

    def weights(self, **changes: float) -> dict[str, NDArray[np.float64]]:
        """Weight one for every year of every series, (year,), or a number for a whole series."""
        return {series: np.full(len(self.annual.years), float(changes.get(series, 1.0))) for series in targets.SERIES}
