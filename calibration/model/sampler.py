"""NUTS for a density whose data are arguments: compiled once, run for every fold, rival and planted record.

NumPyro's kernel with a dense metric for parameters and a diagonal one for luck. A metric learned in an earlier fit of the
same model can be handed in; then only the step size adapts and a short warm-up is enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPTIONS = {"xla_cpu_experimental_ynn_fusion_type": ""}
"""Of the compiler: its fused reductions are slower than plain loops on arrays of this size."""

STATISTICS = ("diverging", "num_steps", "accept_prob", "energy")
JITTER = 0.1
"""Chains start around the middle of the prior with this much noise (standard normal units)."""


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
class Metric:
    """What a sampler learned of the scale of a density: inverse mass of parameters (n, n) and of luck (m,), step size."""

    parameters: NDArray[np.float64]
    luck: NDArray[np.float64]
    step_size: float = 0.1

    @staticmethod
    def of(z: NDArray[np.float64], dense: int) -> Metric:
        """The metric of draws (chain, draw, unknown): covariance of parameters, variances of luck, shrunk as Stan does."""
        flat = z.reshape(-1, z.shape[-1])
        n = len(flat)
        full = np.cov(flat[:, :dense], rowvar=False) * n / (n + 5.0) + 1e-3 * 5.0 / (n + 5.0) * np.eye(dense)
        return Metric(full, flat[:, dense:].var(axis=0) * n / (n + 5.0) + 1e-3 * 5.0 / (n + 5.0))


@dataclass
class Sampler:
    """NUTS on a log density of (vector, data).

    Attributes
    ----------
    log_density : function of (z, given); the first ``dense`` numbers of z are parameters
    start : point around which chains begin
    dense : how many parameters there are
    """

    log_density: Callable[[Any, Any], Any]
    start: NDArray[np.float64]
    dense: int
    _compiled: dict[Any, Any] = field(default_factory=dict)

    def _kernel(self, warmup: int, accept: float, depth: int, learn: bool) -> tuple[Any, Any]:
        """First state and next state, compiled once for each length of warm-up."""
        key = (warmup, accept, depth, learn)
        if key not in self._compiled:
            import jax
            from numpyro.infer.hmc import hmc

            def potential(given: Any) -> Any:
                return lambda z: -self.log_density(jax.numpy.concatenate([z["parameters"], z["luck"]]), given)

            init, step = hmc(potential_fn_gen=potential, algo="NUTS")

            def begin(rng: Any, z: Any, metric: Any, step_size: Any, given: Any) -> Any:
                return init(
                    z,
                    warmup,
                    step_size=step_size,
                    inverse_mass_matrix=metric,
                    adapt_mass_matrix=learn,
                    dense_mass=[("parameters",)],
                    target_accept_prob=accept,
                    max_tree_depth=depth,
                    model_args=(given,),
                    rng_key=rng,
                )

            def advance(state: Any, given: Any) -> Any:
                return step(state, (given,), {})

            self._compiled[key] = compiled(begin), compiled(advance)
        return self._compiled[key]  # type: ignore[no-any-return]

    def sample(
        self,
        given: Any,
        *,
        seed: int,
        chains: int,
        warmup: int,
        draws: int,
        accept: float = 0.8,
        depth: int = 8,
        metric: Metric | None = None,
        say: Callable[[str], None] = lambda line: None,
    ) -> tuple[NDArray[np.float64], dict[str, NDArray[Any]]]:
        """Draws (chain, draw, unknown) and :data:`STATISTICS` (chain, draw)."""
        import jax

        begin, advance = self._kernel(warmup, accept, depth, metric is None)
        given, rng = jax.device_put(given), np.random.default_rng(seed)
        if metric is None:
            metric = Metric(np.eye(self.dense), np.ones(len(self.start) - self.dense), 0.1)
        mass = {("parameters",): jax.numpy.asarray(metric.parameters), ("luck",): jax.numpy.asarray(metric.luck)}
        kept, statistics = [], []
        for chain in range(chains):
            point = self.start + JITTER * rng.normal(size=self.start.shape)
            z = {"parameters": point[: self.dense], "luck": point[self.dense :]}
            state = begin(jax.random.PRNGKey(int(rng.integers(2**31))), z, mass, metric.step_size, given)
            path, told = [], []
            for i in range(warmup + draws):
                state = advance(state, given)
                if i >= warmup:
                    path.append(np.concatenate([state.z["parameters"], state.z["luck"]]))
                    told.append([getattr(state, name) for name in STATISTICS])
                if (i + 1) % 250 == 0:
                    say(f"chain {chain + 1} of {chains}: {i + 1}/{warmup + draws} draws, {int(state.num_steps)} steps")
            kept.append(np.stack(path))
            statistics.append(np.array(told, dtype=float))
        told_all = np.stack(statistics)
        return np.stack(kept), {name: told_all[..., j] for j, name in enumerate(STATISTICS)}
