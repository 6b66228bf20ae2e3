"""Where the world stood at the end of some quarters, for every draw of a posterior: a start for simulations.

Bangladesh's stances in votes and arms are those that the fit found, its trade the recorded share (simulated after the record
ends). Energy, aid and people, and the powers' side, follow the coupled yearly model on the same parameters that simulation
will use, with luck of their own. Powers stand at their norm toward each other, as in the fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.model import paths, readings
from calibration.model.annual import HOME
from calibration.model.core import Core, Draws
from calibration.model.powers import DONOR
from calibration.sources.raw import POWERS
from sim import posterior as artefact
from sim import priors, quarters
from sim.axes import frame
from sim.rulebook import RULES

Numbers = NDArray[np.float64]

MOMENTS = tuple(quarters.quarter(f"{year}Q4") for year in (1971, 1974, 1980, 1990, 1995, 2000, 2006, 2008, 2023))
MOMENTS += (quarters.quarter("2024Q2"),)
"""Quarters at whose end the world is kept: before the turnovers that counterfactuals start from, and where the record ends."""


@dataclass(frozen=True)
class Worlds:
    """The coupled yearly model on draws of the core fit.

    Attributes
    ----------
    core, draws : the fit; ``draws`` hold as many draws as the artefact
    values : site -> (draw, ...) parameters that were learned, under the names that simulation looks up
    images : (leader, partner) -> (draw,) standard normal luck of images that were learned
    donor : (draw, 1 + year) the American stance toward Bangladesh, before the first year and at year ends; None if not known
    seed : of all luck that no record touches
    """

    core: Core
    draws: Draws
    values: dict[str, Numbers]
    images: dict[tuple[str, str], Numbers]
    donor: Numbers | None
    seed: int

    @property
    def size(self) -> int:
        """Number of draws."""
        return len(self.draws.flat)

    @cached_property
    def parameters(self) -> dict[str, Numbers]:
        """All parameters as simulation draws them: learned ones, and the rest from their priors; frames with draws last."""
        world = self.core.annual.world
        nothing = np.zeros((self.size, 0, 1, 1, 1))
        held = artefact.Posterior(
            path=Path(),
            version="",
            cut="",
            data="",
            rules="",
            size=self.size,
            values=self.values,
            powers=POWERS,
            images=self.images,
            states=(),
            issues=(),
            moments=(),
            stances=nothing,
            home=HOME,
            luck=nothing,
            luck_years=(),
            luck_areas=(),
        )
        order = np.argsort(held.draws(0, range(self.size)))
        drawn = priors.draw(replace(world.scenario, posterior=held), 0, range(self.size))
        drawn["norm"] = drawn["norm"] * world.not_self
        return {name: value[..., order] if value.shape[-1] > 1 else value for name, value in drawn.items()}

    @cached_property
    def found(self) -> dict[str, Numbers]:
        """What the core says of each draw: stances, steps of trade."""
        return self.core.evaluate(self.draws)

    @cached_property
    def trade(self) -> Numbers:
        """(draw, power, year) log shares of trade: recorded, then simulated."""
        return readings.trade_paths(self.core, self.draws, self.found, seed=self.seed, paths=1)[0]

    @cached_property
    def luck(self) -> Numbers:
        """(draw, year, power, issue area) luck behind Bangladesh's stances; NaN for trade where no year before is known."""
        shape = self.core.shapes[0]
        own = self.draws.flat[:, self.core.luck].reshape(-1, *shape).transpose(0, 3, 2, 1)
        before = np.concatenate([np.full_like(self.trade[..., :1], np.nan), self.trade[..., :-1]], axis=-1)
        expected = self.found["trade_kept"][:, None] * before + self.found["trade_goal"]
        trade = (self.trade - expected) / self.found["trade_size"]
        return np.concatenate([own, trade.swapaxes(1, 2)[..., None]], axis=-1)

    def each(self, say: Callable[[str], None] = lambda line: None) -> Iterator[tuple[Numbers, Numbers]]:
        """For each draw the stances (state, partner, issue, 1 + year), the first entry before the first year, and warmth
        (state, partner, year)."""
        annual, rng = self.core.annual, np.random.default_rng(self.seed)
        states, issues = annual.world.labels["state"], annual.world.labels["issue"]
        at, donor, years = self.core.at, states.index(DONOR), len(annual.years)
        home, columns = states.index(HOME), [issues.index(i) for i in self.core.row.issues]
        shape = (len(states), len(states), 1, len(issues), 1, 1)
        power = annual.given["power"]
        first = self.draws.flat[:, self.core.first]
        for i in range(self.size):
            own = [rng.normal(size=(*shape, n)) for n in (years, 1)]
            shared = [rng.normal(size=(*shape[:3], 1, 1, 1, n)) for n in (years, 1)]
            luck, begin = (np.where(power > 0, s, o) * annual.clamp for s, o in zip(shared, own, strict=True))
            begin[home, at, 0, columns[0], 0, 0, 0], begin[home, at, 0, columns[1], 0, 0, 0] = first[i].reshape(2, -1)
            seen = np.full((*shape, years), np.nan)
            for k in range(2):
                seen[home, at, 0, columns[k], 0, 0] = self.found["stance"][i][:, k]
            seen[home, at, 0, columns[2], 0, 0] = self.trade[i]
            if self.donor is not None:
                seen[donor, home, 0, :, 0, 0] = self.donor[i, 1:]
            numbers = np.array([self.images[pair][i] if pair in self.images else rng.normal() for pair in annual.draws])
            parameters = {n: v[..., i : i + 1] if v.shape[-1] > 1 else v for n, v in self.parameters.items()}
            board = paths.yearly_board(annual, parameters, annual.images(numbers))
            out = paths.run(annual, board, luck, begin, seen)
            start = paths.start(annual, {n: v[..., :1] for n, v in _begin(annual, board).items()}, begin)
            for k in range(2):  # as fitted: the levers of this draw differ from those of the fit
                start[home, at, 0, columns[k], 0, 0, 0] = self.found["start"][i][:, k]
            if self.donor is not None:
                start[donor, home] = self.donor[i, 0]
            stance = np.concatenate([start, out["stance"]], axis=-1)[:, :, 0, :, 0, 0]
            deviation = RULES["deviation"].function(stance=out["stance"], norm=board["norm"])
            warmth = RULES["warmth"].function(deviation=deviation)[:, :, 0, 0, 0, 0]
            if (i + 1) % 250 == 0:
                say(f"worlds of {i + 1}/{self.size} draws")
            yield stance, warmth

    def world_stances(self, say: Callable[[str], None] = lambda line: None) -> Numbers:
        """(draw, moment, state, partner, issue) in log points."""
        at = [self.place(moment) for moment in MOMENTS]
        return np.stack([np.moveaxis(stance[..., at], -1, 0) for stance, _ in self.each(say)])

    def mean_warmth(self) -> Any:
        """Frame by year of warmth, the mean over draws."""
        total = sum(warmth for _, warmth in self.each()) / self.size
        return frame(total, ("state", "partner", "run"))

    def place(self, moment: int) -> int:
        """Number of the year at whose end, counted from before the first, a quarter ends."""
        return int(moment // 4 - self.core.years[0]) + 1


def _begin(annual: Any, board: dict[str, Any]) -> dict[str, Any]:
    return board | {"commitment": annual.contracts}
