"""Named tests of claims on what the fit learned, and on scenarios run with it.

Claims about mechanism (does a leader's image count, does the system) are read off the posterior; claims about outlook are read
off ensembles whose parameters come from it. Without a posterior nothing is said: before a fit the signs of the gains are the
theory's, so a verdict would only repeat the assumption. Scenarios say who sits where, and no outcome after the cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from calibration.texts.cells import Group, governing, members
from calibration.texts.record import Finding, Test
from calibration.texts.stats import Floats, Spread
from sim import posterior as artefact
from sim import priors
from sim.errors import InputError, nearest
from sim.posterior import Posterior

RUNS, SEED = 2000, 1
"""Size and seed of the ensembles that claims are read off."""


class Learned(Protocol):
    """What a claim needs of a posterior."""

    @property
    def name(self) -> str:
        """What scenarios call it."""

    def parameter(self, name: str, issue: str) -> Floats:
        """Draws of a parameter of Bangladesh (draw,); ``issue`` is '' where it does not vary by issue area."""

    def stance(self, power: str, issue: str) -> tuple[NDArray[np.int64], Floats]:
        """Years (year,) and Bangladesh's smoothed stance toward a power at their ends, log points (draw, year)."""


@dataclass(frozen=True)
class Shipped:
    """The posterior as an artefact: the file that scenario runs use by default, or another."""

    held: Posterior

    @property
    def name(self) -> str:
        """Its path."""
        return str(self.held.path)

    def parameter(self, name: str, issue: str) -> Floats:
        """Draws of a parameter, (draw,), under the name that simulation looks up.

        Raises
        ------
        InputError : the posterior has no such parameter
        """
        tail = [issue] if issue else []
        for parts in ([name, "small", *tail], [name, *tail], [name, "small"], [name]):
            if (site := ".".join(parts)) in self.held.values:
                return self.held.values[site]
        why = "it was not learned, so its prior would be judged instead."
        raise InputError(
            f"the posterior has no '{_named(name, issue)}'", where=self.name, why=why, how=nearest(name, self.held.values)
        )

    def stance(self, power: str, issue: str) -> tuple[NDArray[np.int64], Floats]:
        """Years (year,) and smoothed stances (draw, year), in log points."""
        from calibration.posteriors.posterior import read

        found = read(self.held.path)["stance"].sel(power=power, learned_issue=issue)
        ends = [str(end) for end in found["year_end"].values]
        whole = [i for i, end in enumerate(ends) if end.endswith("Q4")]
        years = np.array([int(ends[i][:4]) for i in whole], dtype=np.int64)
        return years, found.transpose("draw", "year_end").values[:, whole].astype(float)


def learned(name: str = artefact.SHIPPED) -> Shipped | None:
    """The posterior of a name or path; None while there is none."""
    held = artefact.find(name)
    return None if held is None else Shipped(held)


MODEL_TESTS: dict[str, Test] = {}
NO_POSTERIOR = Finding(None, "No posterior.")


def model_test(function: Test) -> Test:
    """Register a test under its name and return it untouched."""
    MODEL_TESTS[function.__name__] = function
    return function


def _spread(draws: Floats) -> Spread:
    return Spread(draws, np.full(draws.size, 1.0 / draws.size))


# --- parameters -----------------------------------------------------------------------------------------------------------


@model_test
def parameter_above(model: Learned, *, parameter: str, issue: str = "", bound: float) -> Finding:
    """A parameter of Bangladesh is larger than a bound, by the posterior and by what the record added to even odds.

    A weight that is positive by its prior is above a small bound before any record is read. So the probability is the smaller
    of two: the posterior's, and the one that the same record gives who starts from even odds (odds of the posterior over odds
    of the prior). What refutes the claim must do so by both, too. Of a lever that no record teaches, and that the fit therefore
    holds, it cannot tell.
    """
    if held_in_fit(parameter, issue):
        return Finding(0.5, f"{_named(parameter, issue)}: a lever that no record teaches, so the fit holds it", 0.5)
    found = _spread(model.parameter(parameter, issue))
    after, before = found.above(bound), prior_above(parameter, issue, bound)
    fair = from_even_odds(after, before)
    words = f"{_named(parameter, issue)}: {found.text()}, bound {bound:g}; above it {after:.2f}, prior {before:.2f}"
    return Finding(min(after, fair), words, 1.0 - max(after, fair))


def prior_above(parameter: str, issue: str, bound: float) -> float:
    """Prior probability that a parameter of Bangladesh is larger than a bound.

    >>> prior_above("leader_gain", "defence", 0.0)
    0.5
    """
    entry = priors.parameters()[parameter]
    law = dict(entry.law("small", issue or "default", fit=True))
    u = (np.arange(20_000) + 0.5) / 20_000
    return float((priors.LAWS[law.pop("law")](u, **law) > bound).mean())


def held_in_fit(parameter: str, issue: str) -> bool:
    """Whether a fit takes a parameter of Bangladesh as given.

    >>> held_in_fit("coercion_weight", ""), held_in_fit("leader_gain", "trade")
    (True, False)
    """
    return bool(priors.parameters()[parameter].law("small", issue or "default", fit=True)["law"] == "fixed")


def from_even_odds(after: float, before: float) -> float:
    """Probability that a record leads to from even odds, when it led from ``before`` to ``after``.

    >>> from_even_odds(0.8, 0.8), round(from_even_odds(0.8, 0.2), 2)
    (0.5, 0.94)
    """
    for_it, against = after * (1.0 - before), (1.0 - after) * before
    return for_it / (for_it + against)


@model_test
def parameter_order(model: Learned, *, parameter: str, issues: Sequence[str]) -> Finding:
    """A parameter falls from each issue area to the next."""
    draws = [model.parameter(parameter, issue) for issue in issues]
    falls = np.all([a > b for a, b in pairwise(draws)], axis=0)
    words = ", ".join(f"{issue} {np.median(d):.2f}" for issue, d in zip(issues, draws, strict=True))
    return Finding(float(falls.mean()), f"{parameter}: {words}; in this order in {falls.mean():.0%} of draws")


def _named(parameter: str, issue: str) -> str:
    return f"{parameter} ({issue})" if issue else parameter


@model_test
def stance_higher(model: Learned, *, power: str, issue: str, group: Group, than: Group, by: float) -> Finding:
    """Bangladesh's smoothed stance toward a power is higher in the years of one group of governments than of another.

    Where the record is thin a smoothed stance follows the coding of whoever governed, so this is the model's reading.
    """
    years, stance = model.stance(power, issue)
    seats = np.array([governing(int(year)) for year in years], dtype=np.str_)
    first, second = (members(one, years, seats) for one in (group, than))
    if not first.any() or not second.any():
        return Finding(None, "Too thin: a group has no year.")
    found = _spread(stance[:, first].mean(axis=1) - stance[:, second].mean(axis=1))
    return Finding(found.above(by), f"stance toward {power} ({issue}): difference {found.text('log points')}, margin {by:g}")


# --- scenarios ------------------------------------------------------------------------------------------------------------


@cache
def _ensemble(scenario: str, posterior: str) -> Any:
    from sim.run import simulate
    from sim.scenario import read_scenario

    resolved = read_scenario(scenario, settings={"posterior": posterior})
    return simulate(resolved, runs=RUNS, seed=SEED, record=("stance", "cooperation", "vote_yes"))


def _path(model: Learned, scenario: str, variable: str, dyad: str, issue: str, quarter: str) -> Floats:
    """A variable of a dyad in a quarter, by run."""
    state, _, partner = dyad.partition(">")
    found = _ensemble(scenario, model.name)[variable]
    at = {"state": state, "partner": partner, "issue": issue, "quarter": quarter}
    for axis, label in at.items():
        known = [str(x) for x in found[axis].values]
        if label not in known:
            raise InputError(
                f"'{label}' is no {axis} of scenario {scenario}", where="calibration/claims.yaml", how=nearest(label, known)
            )
    values: Floats = found.sel(at).values
    return values


@model_test
def scenarios_differ(
    model: Learned, *, first: str, second: str, variable: str, dyad: str, issue: str, quarter: str, by: float
) -> Finding:
    """Two scenarios with the same luck differ in a quarter by more than a margin, either way."""
    gap = _spread(_path(model, first, variable, dyad, issue, quarter) - _path(model, second, variable, dyad, issue, quarter))
    words = f"{variable} {dyad} {issue} {quarter}, {first} less {second}: {gap.text('log points')}, margin {by:g}"
    return Finding(gap.beyond(by), words, gap.within(by))


@model_test
def scenario_moves(
    model: Learned, *, scenario: str, variable: str, dyad: str, issue: str, start: str, end: str, by: float
) -> Finding:
    """A variable rises in a scenario by more than a margin."""
    change, words = _change(model, scenario, variable, dyad, issue, start, end, by)
    return Finding(change.above(by), words)


@model_test
def scenario_stays(
    model: Learned, *, scenario: str, variable: str, dyad: str, issue: str, start: str, end: str, by: float
) -> Finding:
    """A variable changes in a scenario by less than a margin, luck included."""
    change, words = _change(model, scenario, variable, dyad, issue, start, end, by)
    return Finding(change.within(by), words)


def _change(
    model: Learned, scenario: str, variable: str, dyad: str, issue: str, start: str, end: str, by: float
) -> tuple[Spread, str]:
    """How a variable changes between two quarters, and the same in words."""
    change = _spread(_path(model, scenario, variable, dyad, issue, end) - _path(model, scenario, variable, dyad, issue, start))
    return change, f"{variable} {dyad} {issue} {start} to {end}: {change.text('log points')}, margin {by:g}"


@model_test
def vote_expected(model: Learned, *, scenario: str, item: str, quarter: str, yes_below: float) -> Finding:
    """The probability of a yes on a described roll call lies below a bound."""
    found = _ensemble(scenario, model.name)["vote_yes"].sel(state="BGD", item=item, quarter=quarter)
    spread = _spread(found.values)
    return Finding(
        1.0 - spread.above(yes_below), f"probability of yes on {item} in {quarter}: {spread.text(sign='')}, bound {yes_below:g}"
    )
