"""Parameters of every run: drawn from the posterior where something was learned, from their priors elsewhere.

Floor 3. Reads ``scenarios/parameters.yaml``. Without a posterior every ensemble draws from the priors, and every output
says so. Laws are turned from uniform draws by the inverse CDF, so that a parameter of a run never depends on how many
runs there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from pydantic import Field

from sim import consistency, fields, laws, library, posterior, shocks
from sim.axes import Array, frame
from sim.codebook import codebook
from sim.errors import InputError, nearest
from sim.scenario import Scenario
from sim.schema import Block
from sim.shocks import Floats
from sim.validate import validate
from sim.yamlfile import Document

LABEL = "prior, not yet calibrated"
"""What every output says of runs that no posterior is behind."""

GROUPS = ("small", "power")


@dataclass(frozen=True)
class Pairing:
    """Whose luck and whose draws each run takes: its own, unless a question asks for other company.

    Attributes
    ----------
    parts : consecutive stretches of runs, each as (how many, first run whose luck they take, first run whose learned draws
        they take, first run whose assumed draws they take); no stretches stand for every run's own
    """

    parts: tuple[tuple[int, int, int, int], ...] = ()

    def luck(self, runs: range) -> list[range]:
        """Runs whose luck these runs take, in order."""
        return self._taken(runs, 1)

    def learned(self, runs: range) -> list[range]:
        """Runs whose draws from a posterior these runs take."""
        return self._taken(runs, 2)

    def assumed(self, runs: range) -> list[range]:
        """Runs whose draws from priors, and from stated ranges of codings, these runs take."""
        return self._taken(runs, 3)

    def _taken(self, runs: range, which: int) -> list[range]:
        if not self.parts:
            return [runs]
        found, begin = [], 0
        for part in self.parts:
            first, last = max(runs.start, begin) - begin, min(runs.stop, begin + part[0]) - begin
            if first < last:
                found.append(range(part[which] + first, part[which] + last))
            begin += part[0]
        return found


STRAIGHT = Pairing()


def uniform(address: Any, runs: list[range]) -> Floats:
    """Draws made once per run, for stretches of runs one after the other, (run,)."""
    return np.concatenate([shocks.uniform(address, 0, part) for part in runs])


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
        """The law for a group of states and an issue area: the prior of a fit, or what is drawn from before one."""
        by_issue = self.laws.get(group) or self.laws["all"]
        chosen = by_issue.get(issue) or by_issue["default"]
        law: dict[str, Any] = chosen["prior"] if fit else chosen.get("before_fit", chosen["prior"])
        return law

    def grade(self, issue: str) -> str:
        """Class of the parameter in an issue area."""
        return self.classes.get(issue, self.classes["default"])


class Entry(fields.Strict):
    """One block of the file."""

    block: Literal["none", Block]
    off: fields.Number = 0.0
    class_: dict[fields.Text, Literal["A", "B", "C"]] = Field(alias="class")
    varies: Annotated[list[Literal["partner", "issue"]], fields.Once] = []
    small: dict[fields.Text, Any] | None = None
    power: dict[fields.Text, Any] | None = None
    all: dict[fields.Text, Any] | None = None
    sources: fields.Sources
    note: fields.Text | None = None


@cache
def parameters() -> dict[str, Parameter]:
    """All parameters by name, in codebook order."""
    return read(library.parameters())


def read(document: Document) -> dict[str, Parameter]:
    """The parameters of a file.

    Raises
    ------
    InputError : a parameter of the codebook has no entry, an entry no place in the codebook, or a prior makes no sense
    """
    written = library.mapping(document)
    names = [name for name, v in codebook().items() if v.kind == "parameter"]
    for name in written:
        if name not in names:
            why = "a name that no rule reads would be silently without effect."
            raise InputError(f"'{name}' is not a parameter", where=document.where((name,)), why=why, how=nearest(name, names))
    found = {}
    for name in names:
        if name not in written:
            why = "no run can be drawn without it."
            raise InputError(
                f"the parameter '{name}' has no prior", where=document.path, why=why, how=f"add a block '{name}:'."
            )
        entry = validate(Entry, document, (name,), written[name])
        consistency.check_references(entry.sources, document, (name, "sources"))
        if entry.block != "none" or "off" in entry.model_fields_set:
            laws.check_number(name, "'off'", entry.off, document.where((name, "off")))
        laws.check_areas(entry.class_, document, (name, "class"))
        given = {group: getattr(entry, group) for group in (*GROUPS, "all")}
        groups = GROUPS if "state" in codebook()[name].axes else ("all",)
        if missing := [group for group in groups if not (given[group] or given["all"])]:
            how = f"add '{missing[0]}:' or 'all:'." if groups is GROUPS else "add 'all:'."
            why = "no run can be drawn without it."
            raise InputError(f"'{name}' has no law for '{missing[0]}'", where=document.where((name,)), why=why, how=how)
        _check_read(name, entry, given, document)
        found[name] = Parameter(
            name=name,
            block="" if entry.block == "none" else entry.block,
            off=entry.off,
            classes=dict(entry.class_),
            varies=tuple(entry.varies),
            laws={group: laws.by_issue(name, document, (name, group), by) for group, by in given.items() if by},
            sources=tuple(entry.sources),
            note=entry.note or "",
        )
    return found


def _check_read(name: str, entry: Entry, given: dict[str, Any], document: Document) -> None:
    """Refuse what is written and never read."""
    axes, silent = codebook()[name].axes, "so that it would be silently without effect."
    if "state" in axes and given["all"] and all(given[group] for group in GROUPS):
        why = f"laws for {' and '.join(GROUPS)} are all that is read, {silent}"
        raise InputError(f"'{name}' has a law for 'all' too", where=document.where((name, "all")), why=why, how="take it out.")
    for group, laws_ in given.items():
        named = [key for key in laws_ or {} if key not in ("default", "prior", "before_fit")]
        if named and "issue" not in entry.varies:
            why = f"'{name}' does not vary by issue area, {silent}"
            where, how = document.where((name, group, named[0])), "add 'issue' to 'varies', or take the law out."
            raise InputError(f"'{name}' has a law for '{named[0]}'", where=where, why=why, how=how)
    if unknown := [axis for axis in entry.varies if axis not in axes]:
        why = f"sim/codebook.yaml gives '{name}' no such axis, {silent}"
        where = document.where((name, "varies"))
        raise InputError(f"'{name}' varies by {unknown[0]}", where=where, why=why, how=f"take '{unknown[0]}' out.")
    if entry.block == "none" and "off" in entry.model_fields_set:
        why = f"no switch turns it off, {silent}"
        raise InputError(f"'{name}' has a value 'off'", where=document.where((name, "off")), why=why, how="take 'off' out.")


def draw(scenario: Scenario, seed: int, runs: range, pairing: Pairing = STRAIGHT) -> dict[str, Array]:
    """Parameters of consecutive runs.

    Parameters
    ----------
    scenario : fixes some parameters, switches blocks off, says which states and issue areas there are
    seed : of the ensemble
    runs : consecutive run numbers
    pairing : whose draws each run takes

    Returns
    -------
    name -> frame, with runs on the last axis
    """
    learned, assumed = scenario.posterior, pairing.assumed(runs)
    places = (learned.draws(seed, *pairing.learned(runs)), learned.draws(seed, *assumed)) if learned else (None, None)
    taken = _Taken(seed, len(runs), assumed, *places)
    return {name: _one(parameter, scenario, taken) for name, parameter in parameters().items()}


def label(scenario: Scenario) -> str:
    """What every output says of where the parameters come from."""
    return scenario.posterior.label if scenario.posterior else LABEL


class _Taken(NamedTuple):
    """Which draws some runs take: of the priors, of what a posterior holds, and of what it leaves to priors."""

    seed: int
    runs: int
    assumed: list[range]
    known: Any
    left: Any


def _one(parameter: Parameter, scenario: Scenario, taken: _Taken) -> Array:
    axes = codebook()[parameter.name].axes
    states, issues = scenario.states, scenario.issues
    lengths = {"state": len(states), "partner": len(states), "issue": len(issues)}
    values = np.zeros([*(lengths[axis] for axis in axes), taken.runs])
    groups = {s: "power" if library.states()[s].value.power else "small" for s in states}
    drawn: dict[tuple[str, ...], Floats] = {}
    for place in np.ndindex(*values.shape[:-1]):
        at = dict(zip(axes, place, strict=True))
        group = groups[states[at["state"]]] if "state" in at else "all"
        names = (group, *_names(parameter, at, states, issues))
        if names not in drawn:
            issue = issues[at["issue"]] if "issue" in at and "issue" in parameter.varies else "default"
            drawn[names] = _value(parameter, group, issue, scenario, names, taken)
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


def _value(parameter: Parameter, group: str, issue: str, scenario: Scenario, names: tuple[str, ...], taken: _Taken) -> Floats:
    if parameter.block in scenario.off:
        return np.full(taken.runs, parameter.off)
    fixed = scenario.parameters.get(parameter.name)
    if isinstance(fixed, dict):
        fixed = fixed.get(issue)
    if fixed is not None:
        return np.full(taken.runs, float(fixed))

    law = dict(parameter.law(group, issue))
    if law["law"] == "lifetime":
        law["years"] = library.issues()[issue].value.lifetime.value
    learned = scenario.posterior

    def u(*more: str) -> Floats:
        address = shocks.key(posterior.SEED if learned else taken.seed, "parameter", parameter.name, *more)
        return uniform(address, [range(learned.size)] if learned else taken.assumed)

    scale = codebook()[parameter.name].range  # what a law would draw beyond it counts as its end
    if learned is None:
        return np.clip(_drawn(law, names, u), *scale)
    found = _learned(learned, parameter, group, issue, names)
    if found is not None:
        return found[taken.known]
    place = (parameter.name, names, *law.items())
    if place not in learned.left:  # the same for every draw of the posterior, whoever uses it
        learned.left[place] = np.clip(_drawn(law, names, u), *scale)
    return learned.left[place][taken.left]


def _drawn(law: dict[str, Any], names: tuple[str, ...], u: Callable[..., Floats]) -> Floats:
    """A law, made from the uniform draws that ``u`` gives at an address."""
    if law["law"] == "pooled":
        shared = law["mean_sd"] * shocks.normal(u("pooled", "mean"))
        own = LAWS["halfnormal"](u("pooled", "spread"), sd=law["spread_sd"]) * shocks.normal(u(*names))
        return shared + own
    if law["law"] == "lifetime":
        result: Floats = np.exp(law["spread"] * shocks.normal(u(*names))) / law["years"]
        return result
    return LAWS[law["law"]](u(*names), **{key: value for key, value in law.items() if key != "law"})


def _learned(
    learned: posterior.Posterior, parameter: Parameter, group: str, issue: str, names: tuple[str, ...]
) -> Floats | None:
    """All draws of one number of a parameter, (draw,); None where the fit had no place for it."""
    site = ".".join([parameter.name, *([group] if group != "all" else []), *([issue] if issue != "default" else [])])
    held = learned.values.get(site)
    if held is None or "partner" not in parameter.varies:
        return held
    partner = names[2]
    return held[:, learned.powers.index(partner)] if partner in learned.powers else None


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
"""Inverse CDFs by name: arguments as in :data:`sim.laws.ARGUMENTS`."""
