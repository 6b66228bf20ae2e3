"""What a study found, in sentences a lecturer can say.

Floor 6. No drawing and no simulation: numbers come from :mod:`sim.study.job`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.measures import MEASURES
from sim.sweep.outcome import span

if TYPE_CHECKING:
    from sim.discovery import Box, Limit
    from sim.study.job import Study
    from sim.sweep.factors import Factor
    from sim.sweep.outcome import Outcome

Names = dict[str, str]

# --- outcomes -------------------------------------------------------------------------------------------------------------


def subject(outcome: Outcome, names: Names) -> str:
    """Whose what toward whom, e.g. "Bangladesh's stance toward Russia in defence"."""
    from sim.plots.phrases import called, lower, of

    kept = outcome.kept[0]
    measure = MEASURES[kept.measure]
    toward = f" toward {_spoken(kept.partner, names)}" if kept.partner else ""
    about = f" {'in' if 'issue' in measure.axes else 'on'} {lower(names.get(kept.issue, kept.issue))}" if kept.issue else ""
    return f"{of(_spoken(kept.state, names))} {called(measure)}{toward}{about}"


def _spoken(code: str, names: Names) -> str:
    text = names.get(code, code)
    return f"the {text}" if text.startswith("United ") else text


def quantity(outcome: Outcome, names: Names) -> str:
    """What the indices are of."""
    when = span(outcome.kept[0])
    if len(outcome.kept) > 1:
        since = span(outcome.kept[1]).removeprefix("in ")
        return f"the change of {subject(outcome, names)} from {since} to {when.removeprefix('in ')}"
    return f"{subject(outcome, names)} {when}"


def event(outcome: Outcome) -> str:
    """What happens, as the rest of a sentence.

    >>> from sim.sweep.outcome import read_outcome
    >>> event(read_outcome("stance BGD>RUS defence 2030Q4 < 2024Q2"))
    'is lower in 2030Q4 than in 2024Q2'
    >>> event(read_outcome("stance BGD>RUS defence 2030Q4 < 2024Q2 - 0.1"))
    'is lower in 2030Q4 than in 2024Q2 by more than 0.1'
    >>> event(read_outcome("order_share BGD>RUS 2030Q4 > 0.2"))
    'is above 0.2 in 2030Q4'
    """
    when, size = span(outcome.kept[0]), f"{abs(outcome.offset):g}"
    below = outcome.sign == "<"
    if len(outcome.kept) == 1:
        return f"is {'below' if below else 'above'} {outcome.offset:g} {when}"
    than = f"{when} than {span(outcome.kept[1])}"
    if not outcome.offset or (outcome.offset < 0) == below:
        by = f" by more than {size}" if outcome.offset else ""
        return f"is {'lower' if below else 'higher'} {than}{by}"
    return f"is {'higher' if below else 'lower'} {than} by less than {size}, or {'lower' if below else 'higher'}"


# --- boxes ------------------------------------------------------------------------------------------------------------------


def condition(factor: Factor, limit: Limit) -> str:
    """What a box asks of a factor, e.g. "image of Russia is below -0.20"."""
    from sim.plots.phrases import lower

    return f"{lower(factor.label)} is {bounds(factor, limit)}"


def bounds(factor: Factor, limit: Limit) -> str:
    """The same without the name of the factor."""
    if limit.levels is not None:
        called = [factor.shown(value) for place, value in enumerate(factor.values) if place in limit.levels]
        absent = [factor.shown(value) for place, value in enumerate(factor.values) if place not in limit.levels]
        return f"not {absent[0]}" if len(absent) == 1 and len(called) > 2 else listed(called, "or")
    if np.isfinite(limit.low) and np.isfinite(limit.high):
        return f"between {limit.low:.2f} and {limit.high:.2f}"
    return f"above {limit.low:.2f}" if np.isfinite(limit.low) else f"below {limit.high:.2f}"


def conditions(factors: Sequence[Factor], box: Box) -> str:
    """All that a box asks, in the order of the design."""
    return listed([condition(factors[place], box.limits[place]) for place in sorted(box.limits)], "and")


def listed(words: Sequence[str], joint: str) -> str:
    """Words in a row.

    >>> listed(["a", "b", "c"], "and")
    'a, b and c'
    """
    return f"{', '.join(words[:-1])} {joint} {words[-1]}" if len(words) > 1 else "".join(words)


def box_sentence(study: Study, names: Names) -> str:
    """Under which conditions it happens, with density and coverage."""
    found, what = study.found, f"{subject(study.outcome, names)} {event(study.outcome)}"
    if found is None:
        return f"No conditions are named: {study.why_none}."
    if not found.box.limits:
        return f"{what} in {100 * found.base:.0f} % of the runs, and no factor of this design makes that much likelier."
    return (
        f"{what} in {100 * found.box.density:.0f} % of the runs where {conditions(study.factors, found.box)}"
        f" (covers {100 * found.box.coverage:.0f} % of all such runs; in the whole design it is {100 * found.base:.0f} %)."
    )


def trust_sentence(study: Study) -> str:
    """How far the conditions can be trusted ('' without a box)."""
    found = study.found
    if found is None or not found.box.limits:
        return ""
    coverage, density = found.held_out
    again = [f"{_labels(study)[f]} {100 * found.frequency[f]:.0f} %" for f in sorted(found.box.limits)]
    return (
        f"Boxes made from part of the points hold on the rest with density {100 * density:.0f} % and coverage"
        f" {100 * coverage:.0f} %; limits come back in resamples: {', '.join(again)}."
    )


# --- indices ----------------------------------------------------------------------------------------------------------------


def indices_sentence(study: Study, names: Names) -> str:
    """Which factors move the outcome most."""
    found, labels = study.indices["factor"], _labels(study)
    key = "total" if study.method == "sobol" else "mu_star"
    order = np.argsort(-found.columns[key])
    share = study.method == "sobol"

    def said(place: int) -> str:
        low, value, high = (found.columns[f"{key}{end}"][place] for end in ("_q05", "", "_q95"))
        if share:
            return f"{labels[place]} {100 * value:.0f} % ({100 * max(low, 0):.0f} to {100 * high:.0f})"
        return f"{labels[place]} {value:.3f} ({low:.3f} to {high:.3f})"

    shown = [place for place in order if found.columns[key][place] >= 0.1 * found.columns[key][order[0]]][:4]
    rest = len(order) - len(shown)
    least = f"; the other {rest} less than a tenth of the first" if rest else ""
    what = "Share in the variance of" if share else "Mean size of a step's effect on"
    how = ", alone and with others" if share else ""
    return f"{what} {quantity(study.outcome, names)}{how} (90 % interval): {', '.join(map(said, shown))}{least}."


def shares_sentence(study: Study) -> str:
    """What factors leave to draws ('' with a screening)."""
    if study.shares is None:
        return ""
    parts = [100 * part for part in (study.shares.factors, study.shares.draws, study.shares.interplay)]
    return (
        f"Between single runs, the factors of this design explain {parts[0]:.0f} % of the variance; draws of parameters, images"
        f" and luck, taken as one block, {parts[1]:.0f} %, and both only together {parts[2]:.0f} %."
    )


def notes(study: Study) -> list[str]:
    """What a reader of the indices must know."""
    found = []
    failed = [reason for reason in study.reasons if reason]
    kept, dropped = study.indices["factor"].kept, study.indices["factor"].dropped
    if failed:
        block = "blocks" if study.method == "sobol" else "trajectories"
        found.append(
            f"{len(failed)} of {len(study.points):,} points failed and took {dropped} of {kept + dropped} {block} along"
            f" (the first: {failed[0]})."
        )
    alone = [f.label for f in study.factors if any(key.startswith("parameters.") for key in f.keys)]
    if alone:
        found.append(f"{listed(alone, 'and')}: a parameter moved apart from the joint draws is a lever, no uncertainty.")
    found.append(
        f"Between the two halves of the runs the indices differ by up to {study.apart:.2f}; intervals are of points only."
    )
    return found


def sentences(study: Study, names: Names) -> list[str]:
    """All that can be said, the conditions first."""
    said = [box_sentence(study, names), trust_sentence(study), indices_sentence(study, names), shares_sentence(study)]
    return [text[:1].upper() + text[1:] for text in said if text]


def _labels(study: Study) -> list[str]:
    """Factors inside a sentence."""
    from sim.plots.phrases import lower

    return [lower(factor.label) for factor in study.factors]
