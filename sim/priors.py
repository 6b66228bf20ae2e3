"""Parameters drawn from their priors, one draw per run, each addressed by name.

Floor 3. Reads ``scenarios/parameters.yaml``. Until a posterior ships, every ensemble draws from here, and every output says so.
Laws are turned from uniform draws by the inverse CDF, so that a parameter of a run never depends on how many runs there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from sim import library, shocks
from sim.axes import Array, frame
from sim.codebook import codebook
from sim.errors import InputError, nearest
from sim.scenario import Scenario
from sim.shocks import Floats

LABEL = "prior, not yet calibrated"
"""What every output says while no posterior is in use."""

GROUPS = ("small", "power")


@dataclass(frozen=True)
class Parameter:
    """How one parameter is drawn.

    Attributes
    ----------
    name : in the codebook
    block : the switch that turns it off ('' if none)
    off : its value then
    classes : A learned, B partly, C prior only, by issue area or ``default``
    varies : axes on which draws differ beyond the group of states
    laws : group (small, power, all) -> issue area or ``default`` -> {prior, before_fit}
    sources, note : as written
    """

    name: str
    block: str
    off: float
    classes: dict[str, str]
    varies: tuple[str, ...]
    laws: dict[str, dict[str, dict[str, Any]]]
    sources: tuple[str, ...]
    note: str

    def law(self, group: str, issue: str, *, fit: bool = False) -> dict[str, Any]:
        """The law for a group of states and an issue area: the prior of a fit, or what simulation draws from before one."""
        by_issue = self.laws.get(group) or self.laws["all"]
        chosen = by_issue.get(issue) or by_issue["default"]
        law: dict[str, Any] = chosen["prior"] if fit else chosen.get("before_fit", chosen["prior"])
        return law

    def grade(self, issue: str) -> str:
        """Class of the parameter in an issue area."""
        return self.classes.get(issue, self.classes["default"])


@cache
def parameters() -> dict[str, Parameter]:
    """All parameters by name, in codebook order.

    Raises
    ------
    InputError : a parameter of the codebook has no entry, or an entry no place in the codebook
    """
    document = library.parameters()
    written = library.mapping(document)
    names = [name for name, v in codebook().items() if v.kind == "parameter"]
    for name in written:
        if name not in names:
            raise InputError(f"'{name}' is not a parameter", where=document.where((name,)), how=nearest(name, names))
    found = {}
    for name in names:
        if name not in written:
            raise InputError(f"the parameter '{name}' has no prior", where=document.path, how=f"add a block '{name}:'.")
        entry = written[name]
        laws = {g: _by_issue(entry[g]) for g in (*GROUPS, "all") if g in entry}
        block = "" if entry["block"] == "none" else entry["block"]
        found[name] = Parameter(
            name=name,
            block=block,
            off=float(entry.get("off", 0.0)),
            classes=entry["class"],
            varies=tuple(entry.get("varies", ())),
            laws=laws,
            sources=tuple(entry["sources"]),
            note=entry.get("note", ""),
        )
        library.check_sources(list(found[name].sources), document.where((name,)))
    return found


def _by_issue(entry: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {"default": entry} if "prior" in entry else entry


def draw(scenario: Scenario, seed: int, runs: range) -> dict[str, Array]:
    """Parameters of consecutive runs.

    Parameters
    ----------
    scenario : fixes some parameters, switches blocks off, says which states and issue areas there are
    seed : of the ensemble
    runs : consecutive run numbers

    Returns
    -------
    name -> frame, with runs on the last axis
    """
    return {name: _one(parameter, scenario, seed, runs) for name, parameter in parameters().items()}


def _one(parameter: Parameter, scenario: Scenario, seed: int, runs: range) -> Array:
    axes = codebook()[parameter.name].axes
    states, issues = scenario.states, scenario.issues
    lengths = {"state": len(states), "partner": len(states), "issue": len(issues)}
    values = np.zeros([*(lengths[axis] for axis in axes), len(runs)])
    groups = {s: "power" if library.states()[s].value.power else "small" for s in states}
    drawn: dict[tuple[str, ...], Floats] = {}
    for place in np.ndindex(*values.shape[:-1]):
        at = dict(zip(axes, place, strict=True))
        group = groups[states[at["state"]]] if "state" in at else "all"
        names = (group, *_names(parameter, at, states, issues))
        if names not in drawn:
            issue = issues[at["issue"]] if "issue" in at and "issue" in parameter.varies else "default"
            drawn[names] = _value(parameter, group, issue, scenario, seed, names, runs)
        values[place] = drawn[names]
    return frame(values, (*axes, "run"))


def _names(parameter: Parameter, at: dict[str, int], states: tuple[str, ...], issues: tuple[str, ...]) -> tuple[str, ...]:
    """What a draw is addressed by: dyads for what varies by partner, issue areas for what varies by issue."""
    names: list[str] = []
    if "partner" in parameter.varies:
        names += [states[at["state"]], states[at["partner"]]]
    if "issue" in at and "issue" in parameter.varies:
        names.append(issues[at["issue"]])
    return tuple(names)


def _value(
    parameter: Parameter, group: str, issue: str, scenario: Scenario, seed: int, names: tuple[str, ...], runs: range
) -> Floats:
    if parameter.block in scenario.off:
        return np.full(len(runs), parameter.off)
    fixed = scenario.parameters.get(parameter.name)
    if isinstance(fixed, dict):
        fixed = fixed.get(issue)
    if fixed is not None:
        return np.full(len(runs), float(fixed))

    def u(*more: str) -> Floats:
        return shocks.uniform(shocks.key(seed, "parameter", parameter.name, *more), 0, runs)

    law = dict(parameter.law(group, issue))
    kind = law.pop("law")
    if kind == "pooled":
        shared = law["mean_sd"] * shocks.normal(u("pooled", "mean"))
        own = LAWS["halfnormal"](u("pooled", "spread"), sd=law["spread_sd"]) * shocks.normal(u(*names))
        return shared + own
    if kind == "lifetime":
        years = library.issues()[issue].value.lifetime.value
        return np.exp(law["spread"] * shocks.normal(u(*names))) / years
    result: Floats = LAWS[kind](u(*names), **law)
    return result


def _beta(u: Floats, a: float, b: float) -> Floats:
    from scipy.special import betaincinv

    result: Floats = betaincinv(a, b, u)
    return result


LAWS: dict[str, Callable[..., Floats]] = {
    "fixed": lambda u, value: np.full_like(u, value),
    "normal": lambda u, mean, sd: mean + sd * shocks.normal(u),
    "halfnormal": lambda u, sd: sd * shocks.normal((1 + u) / 2),
    "lognormal": lambda u, median, spread: median * np.exp(spread * shocks.normal(u)),
    "beta": _beta,
    "kept": lambda u, a, b: -np.log(_beta(u, a, b)),
}
"""Inverse CDFs by name: arguments as in ``parameters.yaml``."""
