"""A second opinion on the core fit: stances integrated out in closed form, parameters sampled with emcee.

    python -m calibration.model.kalman                    # after a fit; prints the two answers side by side

Given parameters, stances are linear in luck, so once each year's roll calls are summed up by a normal density around the fitted
path (Laplace), luck can be integrated out exactly, as a Kalman filter would. What is left, some 26 parameters, needs no
gradients: emcee's stretch moves (Foreman-Mackey et al. 2013) share nothing with NUTS but the density. Trade enters exactly.
Images stand at their coded values and the constants of the roll calls at their fitted means, in both answers compared.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.model.core import Core, Draws
from calibration.model.row import OBSERVED, motion, through
from calibration.observed import load
from sim.axes import Array

Numbers = NDArray[np.float64]

HELD = (*OBSERVED["votes"], "order_concentration")
COMPARED = ("norm", "leader_gain", "adjustment_rate", "volatility", "roughness")
"""Parameters that the design expects to be learned (class A), and the roughness of ties, which it does not know."""


@dataclass(frozen=True)
class Marginal:
    """The density of parameters, stances integrated out.

    Attributes
    ----------
    core : the model
    draws : a fit of votes and trade with images at their coded values, around whose mean path votes are summed up
    """

    core: Core
    draws: Draws

    @cached_property
    def given(self) -> Any:
        """Arguments of the density, those of the fit."""
        d = self.draws
        return self.core.arguments(d.weights, d.switches, d.codings, d.targets)

    @cached_property
    def centre(self) -> Numbers:
        """The mean of all unknowns of the fit, on the real line."""
        return self.draws.flat.mean(axis=0)

    @cached_property
    def active(self) -> NDArray[np.int64]:
        """Numbers of the parameters that votes or trade rest on, (active,)."""
        shown = [
            s
            for s in self.core.sites
            if s.name not in HELD and s.issue != "defence" and s.parameter not in ("flow", "supply_effect")
        ]
        places = [self.core.packed.places[s.name] for s in shown]
        return np.concatenate([np.arange(place.start, place.stop) for place in places])

    @cached_property
    def summed_up(self) -> tuple[Numbers, Numbers, Numbers]:
        """Path (power, year), gradient (power, year) and curvature (year, power, power) of the roll calls around it."""
        import jax

        core = self.core
        board = core.board(self.centre, self.given)
        path = core.evaluate(self.draws)["stance"][:, :, 0].mean(axis=0)
        record = self.given["record"]["votes"]

        def score(moved: Array) -> Array:
            stance = jax.numpy.asarray(board["stance"]).at[0, np.array(core.at), 0, 0, 0, 0].set(moved)
            return core._votes(board | {"stance": stance}, record).sum()

        slope = jax.jit(jax.grad(score))
        bend = [jax.jvp(slope, (path,), (np.eye(len(path))[j][:, None] * np.ones_like(path),))[1] for j in range(len(path))]
        return path, np.asarray(slope(path)), -np.stack([np.asarray(b) for b in bend]).transpose(2, 0, 1)

    def log_density(self, x: Array) -> Array:
        """Log posterior density of the active parameters, (active,) on the real line, up to a constant (nats)."""
        from jax import numpy as xp
        from jax.scipy.linalg import solve_triangular

        core, n = self.core, self.core.packed.size
        path, slope, bend = self.summed_up
        powers, years = path.shape
        z = xp.concatenate([xp.asarray(self.centre[:n]).at[self.active].set(x), xp.zeros(core.size - n)])
        board = core.board(z, self.given)
        mean = board["stance"][0, np.array(core.at), 0, 0, 0, 0]
        kept, _, *spreads = motion(board)
        kept, (size, begin) = kept[0, 0, 0, :1, 0, 0], (value[0, core.at[0], 0, :1, 0, 0] for value in spreads)
        luck = xp.concatenate([xp.eye(years) * size[0], xp.zeros((1, years))])[None]
        start = xp.concatenate([xp.zeros(years), begin[0]])[None]
        moves = through(kept, luck, start)[0]  # (luck, year): what one unit of each luck does to the path of any power
        away = mean - path
        first = slope - xp.einsum("tjk,kt->jt", bend, away)  # gradient at the mean path
        weight = xp.einsum("at,tjk,bt->ajbk", moves, bend, moves).reshape(powers * (years + 1), -1)
        lower = xp.linalg.cholesky(weight + xp.eye(len(weight)))
        pushed = solve_triangular(lower, xp.einsum("at,jt->aj", moves, first).reshape(-1), lower=True)
        votes = (slope * away).sum() - 0.5 * xp.einsum("jt,tjk,kt->", away, bend, away)
        votes = votes + 0.5 * (pushed**2).sum() - xp.log(xp.diag(lower)).sum()
        trade = (self.given["weights"]["trade"] * core.log_likelihood(board, self.given)["trade"]).sum()
        return votes + trade + core.packed.log_density(z[:n])

    def sample(self, *, walkers: int, steps: int, seed: int) -> Numbers:
        """(draw, active parameter) on the real line, by emcee; the first third is dropped."""
        import emcee
        import jax

        assert self.summed_up  # once, outside what is compiled
        score = jax.jit(jax.vmap(self.log_density))

        def log_prob(points: Numbers) -> Numbers:
            found = np.asarray(score(points))
            return np.where(np.isfinite(found), found, -np.inf)

        rng = np.random.default_rng(seed)
        spread = self.draws.flat[:, self.active].std(axis=0)
        points = self.centre[self.active] + 0.5 * spread * rng.normal(size=(walkers, len(self.active)))
        np.random.seed(seed)  # noqa: NPY002 (emcee takes its luck from here)
        sampler = emcee.EnsembleSampler(walkers, len(self.active), log_prob, vectorize=True)
        sampler.run_mcmc(points, steps)
        return np.asarray(sampler.get_chain(discard=steps // 3, flat=True))


def compare(core: Core, draws: Draws, marginal: Marginal, points: Numbers) -> list[dict[str, Any]]:
    """Both answers for every parameter compared, and how far apart their means are in standard deviations."""
    n, whole = core.packed.size, np.tile(marginal.centre, (len(points), 1))
    whole[:, marginal.active] = points
    one, two = core.parameters(draws), core.packed.named(np.stack([core.packed.value(z) for z in whole[:, :n]]))
    rows = []
    for site in core.sites:
        if site.parameter in COMPARED and site.issue != "defence":
            for j in range(max(site.size, 1)):
                a, b = ((v[site.name][:, j] if site.size else v[site.name]) for v in (one, two))
                name = site.name + (f".{core.powers[j]}" if site.size else "")
                row = {"parameter": name, "nuts": [float(a.mean()), float(a.std())], "emcee": [float(b.mean()), float(b.std())]}
                rows.append(row | {"apart": float(abs(a.mean() - b.mean()) / a.std())})
    return rows


def main(arguments: list[str] | None = None) -> int:
    """``python -m calibration.model.kalman``."""
    parser = argparse.ArgumentParser(prog="python -m calibration.model.kalman", description="Cross-check the core fit.")
    parser.add_argument("--out", type=Path, default=Path("results/calibration/kalman.json"))
    parser.add_argument("--walkers", type=int, default=64)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_compilation_cache_dir", str((asked.out.parent / "compiled").absolute()))
    core, begun = Core(load()), time.monotonic()
    value, sd = core.codings
    run = {"codings": (value, 0.0 * sd), "warmup": 100, "draws": 300}
    draws, _ = core.sample(core.weights(orders=0.0), seed=asked.seed, **run)  # type: ignore[arg-type]
    print(f"chains: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    marginal = Marginal(core, draws)
    points = marginal.sample(walkers=asked.walkers, steps=asked.steps, seed=asked.seed)
    print(f"emcee: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    rows = compare(core, draws, marginal, points)
    for row in rows:
        one, two = ("{:7.3f} ({:.3f})".format(*row[name]) for name in ("nuts", "emcee"))
        print(f"{row['parameter']:34s} NUTS {one}  emcee {two}  apart {row['apart']:.2f}")
    asked.out.write_text(json.dumps({"rows": rows, "walkers": asked.walkers, "steps": asked.steps}, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
