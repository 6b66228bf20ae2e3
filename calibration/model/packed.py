"""Unknowns side by side in one vector on the whole real line, for samplers that want few and large arrays.

Each law of scenarios/parameters.yaml has a transformation from the real line and the log density that goes with it
(Jacobian included, constants left out). It is the same prior as :meth:`calibration.model.unknowns.Site.distribution`, written
without NumPyro so that it holds on NumPy and JAX arrays alike; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from calibration.model.unknowns import Site
from sim import library
from sim.axes import Array, namespace

STRAIGHT = ("normal", "lognormal", "lifetime")
"""Laws whose real number is itself standard normal."""


@dataclass(frozen=True)
class Packed:
    """Sites in one vector.

    Attributes
    ----------
    sites : unknowns in order; pooled ones have no place here
    """

    sites: tuple[Site, ...]

    @cached_property
    def places(self) -> dict[str, slice]:
        """Where each site lies."""
        ends = np.cumsum([max(site.size, 1) for site in self.sites])
        return {s.name: slice(int(end) - max(s.size, 1), int(end)) for s, end in zip(self.sites, ends, strict=True)}

    @property
    def size(self) -> int:
        """Length of the vector."""
        return sum(max(site.size, 1) for site in self.sites)

    def _each(self, numbers: list[float]) -> NDArray[np.float64]:
        return np.repeat(numbers, [max(site.size, 1) for site in self.sites])

    @cached_property
    def _laws(self) -> dict[str, NDArray[np.float64]]:
        """By law, 1 where it holds; centre and scale; the two exponents of a beta law."""
        kinds = [site.law["law"] for site in self.sites]
        table = {kind: self._each([float(k == kind) for k in kinds]) > 0 for kind in ("normal", "halfnormal", "beta", "kept")}
        centre, scale, a, b = [], [], [], []
        for site in self.sites:
            law = site.law
            level = {"lognormal": law.get("median"), "lifetime": site.issue in library.issues() and _pace(site)}
            centre.append(law["mean"] if law["law"] == "normal" else np.log(level.get(law["law"]) or 1.0))
            scale.append(law.get("sd", law.get("spread", 1.0)))
            a.append(law.get("a", 1.0))
            b.append(law.get("b", 1.0))
        table |= {"centre": self._each(centre), "scale": self._each(scale), "a": self._each(a), "b": self._each(b)}
        return table

    def value(self, z: Array) -> Array:
        """The parameters at points of the real line, (..., number) both."""
        xp, laws = namespace(z), self._laws
        straight = laws["centre"] + laws["scale"] * z
        positive = xp.where(laws["halfnormal"], laws["scale"] * xp.exp(z), xp.exp(straight))
        bounded = xp.where(laws["kept"], xp.logaddexp(0.0, -z), 1.0 / (1.0 + xp.exp(-z)))
        return xp.where(laws["normal"], straight, xp.where(laws["beta"] | laws["kept"], bounded, positive))

    def real(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points of the real line (..., number) behind parameters: :meth:`value` turned back."""
        laws = self._laws
        with np.errstate(invalid="ignore", divide="ignore"):
            straight, logs = (values - laws["centre"]) / laws["scale"], np.log(values)
            bounded = np.where(laws["kept"], -np.log(np.expm1(values)), logs - np.log1p(-values))
            positive = np.where(laws["halfnormal"], logs - np.log(laws["scale"]), (logs - laws["centre"]) / laws["scale"])
        found: NDArray[np.float64] = np.where(laws["beta"] | laws["kept"], bounded, positive)
        return np.where(laws["normal"], straight, found)

    def log_density(self, z: Array) -> Array:
        """Log prior density of the real numbers, (number,), up to a constant (nats)."""
        xp, laws = namespace(z), self._laws
        half = z - 0.5 * xp.exp(2.0 * xp.where(laws["halfnormal"], z, 0.0))
        beta = -laws["a"] * xp.logaddexp(0.0, -z) - laws["b"] * xp.logaddexp(0.0, z)
        each = xp.where(laws["halfnormal"], half, xp.where(laws["beta"] | laws["kept"], beta, -0.5 * z * z))
        return each.sum()

    def named(self, values: Array) -> dict[str, Array]:
        """Site -> parameter (..., partner), from vectors (..., number)."""
        return {
            s.name: values[..., self.places[s.name]] if s.size else values[..., self.places[s.name].start] for s in self.sites
        }

    @cached_property
    def open(self) -> NDArray[np.bool_]:
        """Spreads, rates and shares, (number,): a short record can leave their density without a highest point."""
        laws = self._laws
        found: NDArray[np.bool_] = laws["halfnormal"] | laws["beta"] | laws["kept"]
        return found

    @cached_property
    def start(self) -> NDArray[np.float64]:
        """A point in the middle of the prior, (number,), from which a sampler may start."""
        laws = self._laws
        return np.where(
            laws["halfnormal"], np.log(0.6745), np.where(laws["beta"] | laws["kept"], np.log(laws["a"] / laws["b"]), 0.0)
        )


def _pace(site: Site) -> float:
    """One over the lifetime of commitments, per year: what a ``lifetime`` law is centred on."""
    return 1.0 / float(library.issues()[site.issue].value.lifetime.value)
