"""Samplers for a density whose data are arguments: compiled once, run for every fold, rival and planted record.

Both work in coordinates in which the density is round: a point, and the root of the inverse of the curvature found there
(:class:`Scale`). Many short chains side by side (Hamiltonian Monte Carlo with paths of random length, Neal 2011) serve the
hundreds of fits of a back-test, because gradients of many points at once cost a third of what they cost one by one. NUTS from
NumPyro draws the long chains of the shipped posterior. A test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

OPTIONS = {"xla_cpu_experimental_ynn_fusion_type": ""}
"""Of the compiler: its fused reductions are slower than plain loops on arrays of this size."""

STATISTICS = ("diverging", "num_steps", "accept_prob", "energy")
CHAINS = 16
"""Points whose gradients are taken together."""
SPREAD = 0.5
"""Chains start around the point of the scale, with this share of its width."""
FLOOR = 0.5
"""Least curvature that a scale believes; that of the prior is 1 in nearly all directions."""
SHRINK = 0.1
"""Share of a covariance of draws that is put down to chance, beside the diagonal."""
LEAP = 1e-4
"""Step of the differences of gradients from which curvature is found."""
PATH = 14
"""Mean number of steps of a path; the length is drawn anew for each, from one up to twice as many."""
ACCEPT = 0.75
"""Acceptance that the step size aims at (many chains)."""
LOST = 1000.0
"""Error of the energy from which on a path counts as divergent, as in NUTS."""


@cache
def _settings() -> dict[str, Any]:
    """:data:`OPTIONS`, unless the installed compiler does not know them."""
    import jax

    try:
        jax.jit(lambda x: x + 1.0, compiler_options=OPTIONS)(0.0)
    except (TypeError, ValueError, RuntimeError):
        return {}
    return {"compiler_options": OPTIONS}


def compiled(function: Callable[..., Any]) -> Any:
    """A function compiled with :data:`OPTIONS`."""
    import jax

    return jax.jit(function, **_settings())


@dataclass(frozen=True)
class Scale:
    """Where a density lies and how wide it is.

    Attributes
    ----------
    point : (n,)
    factor : (n, n) symmetric root of the inverse of the curvature; times standard normal numbers it spreads around the point
    """

    point: Numbers
    factor: Numbers

    @staticmethod
    def of(point: Numbers, curvature: Numbers) -> Scale:
        """From the negative second derivatives of a log density, made positive."""
        values, vectors = np.linalg.eigh(curvature)
        return Scale(point, (vectors / np.sqrt(np.maximum(values, FLOOR))) @ vectors.T)

    def met(self, z: Numbers) -> Scale:
        """Half of what this scale believes, half of the covariance of draws (chain, draw, unknown)."""
        flat = z.reshape(-1, z.shape[-1])
        values, vectors = np.linalg.eigh((self.factor @ self.factor + np.cov(flat, rowvar=False)) / 2.0)
        return Scale(self.point, (vectors * np.sqrt(values)) @ vectors.T)

    @staticmethod
    def spread(z: Numbers) -> Scale:
        """From draws (chain, draw, unknown): their mean and covariance, shrunk a little toward its diagonal."""
        flat = z.reshape(-1, z.shape[-1])
        found = np.cov(flat, rowvar=False)
        values, vectors = np.linalg.eigh((1.0 - SHRINK) * found + SHRINK * np.diag(np.diag(found)))
        return Scale(flat.mean(axis=0), (vectors * np.sqrt(values)) @ vectors.T)


@dataclass
class Pace:
    """A step size that learns from how often paths are accepted (dual averaging, Hoffman and Gelman 2014)."""

    size: float
    aim: float = ACCEPT
    _errors: float = 0.0
    _told: int = 0
    _mean: float = 0.0
    _centre: float = field(init=False)

    def __post_init__(self) -> None:
        self._centre = np.log(2.0 * self.size)

    def learn(self, accepted: float) -> None:
        """Take in a share of accepted paths."""
        self._told += 1
        weight = 1.0 / (self._told + 10.0)
        self._errors += weight * (self.aim - accepted - self._errors)
        log_size = float(np.clip(self._centre - self._errors * np.sqrt(self._told) / 0.05, -5.0, -0.3))
        share = self._told**-0.75
        self._mean += share * (log_size - self._mean)
        self.size = float(np.exp(log_size))

    def settle(self) -> None:
        """Keep to the mean of what was learned."""
        self.size = float(np.exp(self._mean))


@dataclass
class Sampler:
    """Draws from a log density of (vector, data).

    Attributes
    ----------
    log_density : function of (z, given)
    start : a point in the middle of the prior
    held : (n,) what stays there while the scale is sought: spreads and rates, at which a short record has no best value
    """

    log_density: Callable[[Any, Any], Any]
    start: Numbers
    held: NDArray[np.bool_]
    _nuts: dict[Any, Any] = field(default_factory=dict)

    # --- the lie of the land ---------------------------------------------------------------------------------------------

    @cached_property
    def _slopes(self) -> Any:
        import jax

        return compiled(jax.vmap(jax.value_and_grad(self.log_density), in_axes=(0, None)))

    @cached_property
    def _slope(self) -> Any:
        import jax

        return compiled(jax.value_and_grad(self.log_density))

    def curvature(self, point: Numbers, given: Any) -> Numbers:
        """Negative second derivatives at a point (n, n), by differences of gradients."""
        n = len(point)
        moves = LEAP * np.eye(n)
        ends = np.concatenate([point + moves, point - moves])
        ends = np.concatenate([ends, np.repeat(ends[-1:], -len(ends) % CHAINS, axis=0)])
        slopes = np.concatenate([self._slopes(ends[i : i + CHAINS], given)[1] for i in range(0, len(ends), CHAINS)])
        found = (slopes[n : 2 * n] - slopes[:n]) / (2.0 * LEAP)
        return (found + found.T) / 2.0

    def scale(self, given: Any) -> Scale:
        """The scale at the best point, what is ``held`` kept in the middle of its prior."""
        import jax
        from scipy import optimize

        given = jax.device_put(given)

        def down(z: Numbers) -> tuple[float, Numbers]:
            value, upward = self._slope(z, given)
            return -float(value), -np.asarray(upward)

        bounds = [(x, x) if h else (None, None) for x, h in zip(self.start, self.held, strict=True)]
        best = optimize.minimize(
            down, self.start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 150, "maxcor": 20}
        ).x
        return Scale.of(best, self.curvature(best, given))

    # --- many short chains -----------------------------------------------------------------------------------------------

    @cached_property
    def _moves(self) -> tuple[Any, Any]:
        """Kick and drift of a leapfrog step in round coordinates."""
        return compiled(lambda p, slope, factor, step: p + step * (slope @ factor)), compiled(
            lambda z, p, factor, step: z + step * (p @ factor)
        )

    def _paths(self, z: Any, given: Any, factor: Numbers, pace: Pace, rng: np.random.Generator) -> Iterator[Any]:
        """Points after one path each, whether they diverged, steps, acceptance, energy: (chain, ...), for ever."""
        import jax.numpy as jnp

        kick, drift = self._moves
        held, (log_density, slope) = jnp.asarray(factor), self._slopes(z, given)
        while True:
            p = speed = rng.normal(size=z.shape)
            steps, half = int(rng.integers(1, 2 * PATH)), pace.size / 2.0
            there, slope_there = z, slope
            p = kick(p, slope, held, half)
            for left in reversed(range(steps)):
                there = drift(there, p, held, pace.size)
                value, slope_there = self._slopes(there, given)
                p = kick(p, slope_there, held, pace.size if left else half)
            energy = np.stack([0.5 * (speed**2).sum(axis=1) - log_density, 0.5 * (np.asarray(p) ** 2).sum(axis=1) - value])
            gain = np.where(np.isfinite(energy[1]), energy[0] - energy[1], -np.inf)
            accepted = rng.uniform(size=len(gain)) < np.exp(np.minimum(gain, 0.0))
            z, slope = jnp.where(accepted[:, None], there, z), jnp.where(accepted[:, None], slope_there, slope)
            log_density = jnp.where(accepted, value, log_density)
            told = (gain < -LOST, np.full(len(gain), steps), np.exp(np.minimum(gain, 0.0)), np.where(accepted, *energy[::-1]))
            yield z, np.stack(told, axis=1)

    def _warm(
        self, z: Any, given: Any, factor: Numbers, pace: Pace, rng: np.random.Generator, steps: int
    ) -> tuple[Any, list[Numbers]]:
        """Some paths by which the step size learns; where the chains are, and where they were."""
        walk, path = self._paths(z, given, factor, pace, rng), []
        for _ in range(steps):
            z, told = next(walk)
            pace.learn(float(told[:, 2].mean()))
            path.append(np.asarray(z))
        pace.settle()
        return z, path

    def sample(
        self, given: Any, scale: Scale, *, seed: int, warmup: int = 65, draws: int = 80
    ) -> tuple[Numbers, dict[str, NDArray[Any]], Scale]:
        """Many short chains.

        Parameters
        ----------
        given : data
        scale : of this density, or of one alike; it is found anew from where the chains went in the warm-up
        seed, warmup, draws : of the chains; warmup and draws for each

        Returns
        -------
        draws (chain, draw, unknown), :data:`STATISTICS` (chain, draw), and the scale that was used
        """
        import jax

        given, rng = jax.device_put(given), np.random.default_rng(seed)
        pace, point = Pace(0.15), scale.point
        z: Any = point + SPREAD * rng.normal(size=(CHAINS, len(point))) @ scale.factor
        z, _ = self._warm(z, given, scale.factor, pace, rng, warmup // 3)
        few = np.asarray(z)[[0, CHAINS // 2]]
        scale = Scale.of(np.asarray(z).mean(axis=0), np.mean([self.curvature(point, given) for point in few], axis=0))
        pace = Pace(pace.size)
        z, path = self._warm(z, given, scale.factor, pace, rng, warmup - 2 * (warmup // 3))
        scale = scale.met(np.stack(path[len(path) // 3 :], axis=1))
        pace = Pace(pace.size)
        z, _ = self._warm(z, given, scale.factor, pace, rng, warmup // 3)
        walk = self._paths(z, given, scale.factor, pace, rng)
        kept = [next(walk) for _ in range(draws)]
        told = np.stack([row for _, row in kept], axis=1)
        return np.stack([z for z, _ in kept], axis=1), {name: told[..., j] for j, name in enumerate(STATISTICS)}, scale

    # --- long chains -----------------------------------------------------------------------------------------------------

    def _kernel(self, warmup: int, accept: float) -> tuple[Any, Any]:
        """First state and next state of NUTS, compiled once for each length of warm-up."""
        if (warmup, accept) not in self._nuts:
            import jax
            from numpyro.infer.hmc import hmc

            def potential(given: Any, point: Any, factor: Any) -> Any:
                return lambda u: -self.log_density(point + factor @ u, given)

            init, step = hmc(potential_fn_gen=potential, algo="NUTS")

            def begin(rng: Any, u: Any, *data: Any) -> Any:
                own = {"inverse_mass_matrix": jax.numpy.ones(len(self.start)), "adapt_mass_matrix": False}
                own |= {"step_size": 0.15, "target_accept_prob": accept, "max_tree_depth": 8}
                return init(u, warmup, model_args=data, rng_key=rng, **own)

            self._nuts[warmup, accept] = compiled(begin), compiled(lambda state, *data: step(state, data, {}))
        return self._nuts[warmup, accept]  # type: ignore[no-any-return]

    def nuts(
        self,
        given: Any,
        scale: Scale,
        *,
        seed: int,
        warmup: int,
        draws: int,
        accept: float = 0.9,
        say: Callable[[str], None] = lambda line: None,
    ) -> tuple[Numbers, dict[str, NDArray[Any]]]:
        """One chain of the No-U-Turn Sampler (1, draw, unknown) and :data:`STATISTICS` (1, draw)."""
        import jax

        begin, advance = self._kernel(warmup, accept)
        rng = np.random.default_rng(seed)
        data = tuple(jax.device_put(x) for x in (given, scale.point, scale.factor))
        state = begin(jax.random.PRNGKey(int(rng.integers(2**31))), SPREAD * rng.normal(size=len(scale.point)), *data)
        path, told = [], []
        for i in range(warmup + draws):
            state = advance(state, *data)
            if i >= warmup:
                path.append(np.asarray(state.z))
                told.append([float(getattr(state, name)) for name in STATISTICS])
            if (i + 1) % 250 == 0:
                say(f"{i + 1}/{warmup + draws} draws, {int(state.num_steps)} steps")
        rows = np.array(told)
        return (scale.point + np.stack(path) @ scale.factor)[None], {
            name: rows[None, :, j] for j, name in enumerate(STATISTICS)
        }
