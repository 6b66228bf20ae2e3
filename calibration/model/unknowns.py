"""What a fit does not know: parameters with the priors of scenarios/parameters.yaml, images, luck.

``prior`` is read, never ``before_fit``: gains start centred on zero. A parameter that a scenario fixes or a switch turns
off has no place here, so that every special case of the model is fitted by the same code. Powers share one number for all
issue areas, because their stance toward Bangladesh is one number a dyad. Sites have names like
``leader_gain.small.diplomacy``; what varies by partner is a vector over the powers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import library, priors, shocks
from sim.axes import Array, frame, namespace
from sim.codebook import codebook
from sim.scenario import Scenario

LEFT_OUT = ("rivalry_follow", "signing_rate", "order_rate", "act_slope")
"""Parameters that no likelihood of the record rests on: drawn from their priors when a posterior is used."""


@dataclass(frozen=True)
class Site:
    """One unknown, or a vector of them over the powers.

    Attributes
    ----------
    name : parameter, group and, where it varies, issue area
    parameter, group, issue : of the codebook; group is small, power or all
    law : as written in parameters.yaml, with ``law`` naming it
    size : 0 for a number, else length of the vector
    grade : class A learned, B partly, C prior only
    """

    name: str
    parameter: str
    group: str
    issue: str
    law: dict[str, Any]
    size: int
    grade: str

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of its draws."""
        return (self.size,) if self.size else ()

    def distribution(self) -> Any:
        """Its prior as a NumPyro distribution, before :meth:`value`."""
        from numpyro import distributions as dist

        law = self.law
        made = {
            "normal": lambda: dist.Normal(law["mean"], law["sd"]),
            "halfnormal": lambda: dist.HalfNormal(law["sd"]),
            "lognormal": lambda: dist.LogNormal(np.log(law["median"]), law["spread"]),
            "beta": lambda: dist.Beta(law["a"], law["b"]),
            "kept": lambda: dist.Beta(law["a"], law["b"]),
            "lifetime": lambda: dist.Normal(0.0, 1.0),
            "pooled": lambda: dist.Normal(0.0, 1.0),
        }[law["law"]]()
        return made.expand(self.shape)

    def value(self, draw: Array, shared: dict[str, Array] | None = None) -> Array:
        """The parameter, from a draw of :meth:`distribution` (and, where it is pooled, its shared mean and spread)."""
        kind = self.law["law"]
        xp = namespace(draw)
        if kind == "kept":
            return -xp.log(draw)
        if kind == "lifetime":
            return xp.exp(self.law["spread"] * draw) / library.issues()[self.issue].value.lifetime.value
        if kind == "pooled" and shared is not None:
            stem = f"{self.parameter}.{self.group}"
            return shared[f"{stem}.mean"] + shared[f"{stem}.spread"] * draw
        return draw

    def prior_sd(self) -> float:
        """Standard deviation of the parameter under its prior, by quantiles."""
        kind, u = self.law["law"], (np.arange(20_000) + 0.5) / 20_000
        if kind == "pooled":
            return float(np.hypot(self.law["mean_sd"], self.law["spread_sd"]))
        if kind == "lifetime":
            return float(np.std(self.value(shocks.normal(u))))
        return float(np.std(priors.LAWS[kind](u, **{k: v for k, v in self.law.items() if k != "law"})))


@dataclass(frozen=True)
class Layout:
    """All sites, and how their values are laid into the frames that rules read.

    Attributes
    ----------
    sites : unknowns, shared means and spreads first
    places : parameter -> frame of what is fixed, and for each site frames with 1 where it goes, side by side
    """

    sites: tuple[Site, ...]
    places: dict[str, tuple[NDArray[np.float64], tuple[tuple[str, NDArray[np.float64]], ...]]]

    def frames(self, draws: dict[str, Array]) -> dict[str, Array]:
        """Parameter -> frame, from draws by site name."""
        values = {site.name: site.value(draws[site.name], draws) for site in self.sites}
        return {
            parameter: sum(
                ((where * namespace(values[name]).reshape(values[name], -1)).sum(axis=-1) for name, where in parts), fixed
            )
            for parameter, (fixed, parts) in self.places.items()
        }


def layout(scenario: Scenario) -> Layout:
    """Sites and places for the states and issue areas of a scenario, less what it fixes or switches off."""
    sites: dict[str, Site] = {}
    places = {}
    for name, parameter in priors.parameters().items():
        if name in LEFT_OUT:
            continue
        axes = codebook()[name].axes
        lengths = {"state": len(scenario.states), "partner": len(scenario.states), "issue": len(scenario.issues)}
        fixed = np.zeros([lengths[a] for a in axes])
        where: dict[str, NDArray[np.float64]] = {}
        for place in np.ndindex(*fixed.shape):
            at = dict(zip(axes, place, strict=True))
            site = _site(parameter, scenario, at)
            if isinstance(site, float):
                fixed[place] = site
            elif site is not None:
                sites.setdefault(site.name, site)
                number = _power_number(scenario, at["partner"]) if site.size else 0
                where.setdefault(site.name, np.zeros((*fixed.shape, max(site.size, 1))))[(*place, number)] = 1.0
        places[name] = (frame(fixed, axes), tuple((key, _columns(array, axes)) for key, array in where.items()))
    return Layout((*_shared(sites), *sites.values()), places)


def _columns(where: NDArray[np.float64], axes: tuple[str, ...]) -> NDArray[np.float64]:
    """Frames side by side on a last axis, one for each number of a site."""
    return np.stack([frame(where[..., j], axes) for j in range(where.shape[-1])], axis=-1)


def _shared(sites: dict[str, Site]) -> list[Site]:
    """Mean and spread of what is pooled over issue areas, once for each parameter and group."""
    found: dict[str, Site] = {}
    for site in sites.values():
        if site.law["law"] == "pooled":
            for part, law in (
                ("mean", {"law": "normal", "mean": 0.0, "sd": site.law["mean_sd"]}),
                ("spread", {"law": "halfnormal", "sd": site.law["spread_sd"]}),
            ):
                name = f"{site.parameter}.{site.group}.{part}"
                found[name] = Site(name, site.parameter, site.group, part, law, 0, "C")
    return list(found.values())


def _site(parameter: priors.Parameter, scenario: Scenario, at: dict[str, int]) -> Site | float | None:
    """The unknown behind one place of a parameter; a number where nothing is unknown; None for oneself."""
    small = "state" not in at or not _is_power(scenario, at["state"])
    if "partner" in parameter.varies and small and not _is_power(scenario, at["partner"]):
        return None
    group = "all" if "state" not in at else ("small" if small else "power")
    varies = "issue" in parameter.varies and "issue" in at and group != "power"
    issue = scenario.issues[at["issue"]] if varies else "default"
    law = parameter.law(group, issue, fit=True)
    given = scenario.parameters.get(parameter.name)
    given = given.get(scenario.issues[at["issue"]]) if isinstance(given, dict) else given
    if parameter.block in scenario.off:
        return float(parameter.off)
    if given is not None:
        return float(given)
    if law["law"] == "fixed":
        return float(law["value"])
    size = sum(_is_power(scenario, i) for i in range(len(scenario.states))) if "partner" in parameter.varies else 0
    name = ".".join([parameter.name, *([group] if group != "all" else []), *([issue] if varies else [])])
    return Site(name, parameter.name, group, issue, law, size, parameter.grade(issue))


def _is_power(scenario: Scenario, state: int) -> bool:
    return bool(library.states()[scenario.states[state]].value.power)


def _power_number(scenario: Scenario, state: int) -> int:
    return sum(_is_power(scenario, i) for i in range(state))
