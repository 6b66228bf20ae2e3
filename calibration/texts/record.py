"""Named tests of claims on the record: each turns a record and stated parameters into a probability and a sentence.

A test knows no claim: groups, measures and margins stand in calibration/claims.yaml, and thresholds were written there before
any test was run. What the record is too thin to say is said to be too thin, with the number of votes, orders or acts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from calibration.model.targets import NUISANCE
from calibration.observed import Record
from calibration.sources.raw import POWERS
from calibration.texts import cells as at
from calibration.texts.cells import Group, Measure, members, unit
from calibration.texts.stats import LADDER, Cells, Spread, by_group, contrast, proportion, regress, share_difference
from sim import shocks
from sim.codebook import codebook

IMAGE_SD = cast(float, codebook()["image_unit"].value)
"""Leader effects are per standard deviation of an image."""


@dataclass(frozen=True)
class Finding:
    """What a test found.

    Attributes
    ----------
    probability : that the claim holds by the stated margin; None if nothing can be said
    evidence : one sentence with the numbers
    contrary : probability of what refutes the claim (default: all that does not support it)
    """

    probability: float | None
    evidence: str
    contrary: float | None = None

    @property
    def refuted(self) -> float:
        """Probability of what refutes the claim."""
        return 1.0 - float(self.probability or 0.0) if self.contrary is None else self.contrary


Test = Callable[..., Finding]
TESTS: dict[str, Test] = {}


def record_test(function: Test) -> Test:
    """Register a test under its name and return it untouched."""
    TESTS[function.__name__] = function
    return function


def difference(record: Record, of: Measure, first: Group, second: Group) -> tuple[Spread, str]:
    """Mean of the first group less that of the second, and why it is too thin ('' if it is not)."""
    if at.kind(of) == "orders":
        counts = [at.orders(record, of["orders"], group) for group in (first, second)]
        sizes = [float(total.sum()) for _, total in counts]
        law = NUISANCE["order_concentration"]
        found = share_difference(counts[0], counts[1], law["median"], law["spread"])
        return found, _thin(of, sizes)
    cells = at.cells(record, of)
    inside = [members(group, cells.year, cells.seat) for group in (first, second)]
    if thin := _thin(of, [float(cells.size[rows].sum()) for rows in inside]):
        return Spread(np.zeros(1), np.ones(1)), thin
    return contrast(by_group(cells, *inside), 1.0, -1.0), ""


def _thin(of: Measure, sizes: Sequence[float]) -> str:
    fewest = at.FEWEST[at.kind(of)]
    few = [f"{size:.0f}" for size in sizes if size < fewest]
    words = {
        "sides": "roll calls on which Bangladesh left the side of the Assembly",
        "orders": "arms orders",
        "acts": "acts",
        "trade": "years of trade",
    }[at.kind(of)]
    return f"a group has only {few[0]} {words} (at least {fewest} are asked for)" if few else ""


def _finding(thin: str, probability: float, evidence: str, contrary: float | None = None) -> Finding:
    return Finding(None, f"Too thin: {thin}.") if thin else Finding(probability, evidence, contrary)


def name_of(of: Measure) -> str:
    """What a measure is called in a sentence."""
    return {
        "sides": lambda: "siding with {} against {}".format(*of["sides"]),
        "orders": lambda: f"share of arms orders from {of['orders']}",
        "acts": lambda: f"acts {of['acts']}",
        "trade": lambda: f"share of trade with {of['trade']}",
    }[at.kind(of)]()


# --- differences between governments ------------------------------------------------------------------------------------


@record_test
def higher(record: Record, *, of: Measure, group: Group, than: Group, by: float) -> Finding:
    """A group's mean is higher than another's by more than a margin."""
    found, thin = difference(record, of, group, than)
    return _finding(thin, found.above(by), f"{name_of(of)}: difference {found.text(unit(of))}, margin {by:g}")


@record_test
def alike(record: Record, *, of: Measure, group: Group, than: Group, by: float) -> Finding:
    """Two groups differ by less than a margin."""
    found, thin = difference(record, of, group, than)
    words = f"{name_of(of)}: difference {found.text(unit(of))}, margin {by:g} either way"
    return _finding(thin, found.within(by), words, found.beyond(by))


@record_test
def balanced(record: Record, *, of: Measure, group: Group, by: float) -> Finding:
    """A group's mean is within a margin of neutral: of the Assembly in votes, of zero elsewhere."""
    cells = at.cells(record, of)
    inside = members(group, cells.year, cells.seat)
    if thin := _thin(of, [float(cells.size[inside].sum())]):
        return _finding(thin, 0.0, "")
    found = contrast(by_group(cells, inside), 1.0)
    words = f"{name_of(of)}: level {found.text(unit(of))}, margin {by:g} either way"
    return Finding(found.within(by), words, found.beyond(by))


@record_test
def highest(record: Record, *, of: Measure, group: Group, among: Sequence[Group]) -> Finding:
    """A group's mean is the highest of all the groups named; what refutes it is one group that is clearly higher."""
    cells = at.cells(record, of)
    first = members(group, cells.year, cells.seat)
    others, left_out = thick(of, cells, among)
    if thin := _thin(of, [float(cells.size[first].sum())]) or ("" if others else "no group to compare with"):
        return _finding(thin, 0.0, "")
    draws = by_group(cells, first, *others).draws()[:, : len(others) + 1]
    best = float((draws.argmax(axis=1) == 0).mean())
    middle = np.median(draws, axis=0)
    words = f"{middle[0]:+.2f} {unit(of)} against " + ", ".join(f"{m:+.2f}" for m in middle[1:])
    evidence = f"{name_of(of)}: {words}{left_out}; highest in {best:.0%} of draws"
    return Finding(best, evidence, float((draws[:, 1:] > draws[:, :1]).mean(axis=0).max()))


def thick(of: Measure, cells: Cells, groups: Sequence[Group]) -> tuple[list[NDArray[np.bool_]], str]:
    """The groups that are not too thin, as rows of the cells (cell,), and a remark on those left out."""
    inside = [members(one, cells.year, cells.seat) for one in groups]
    kept = [rows for rows in inside if not _thin(of, [float(cells.size[rows].sum())])]
    return kept, f" ({len(inside) - len(kept)} too thin left out)" if len(kept) < len(inside) else ""


@record_test
def predicts(record: Record, *, of: Measure, group: Group, like: Group, rather_than: Group, by: float) -> Finding:
    """A government resembles one earlier one rather than another: odds that it lies within a margin of each."""
    near, thin = difference(record, of, group, like)
    far, thin_too = difference(record, of, group, rather_than)
    a, b = near.within(by), far.within(by)
    words = f"{name_of(of)}: {near.text(unit(of))} from the one, {far.text(unit(of))} from the other"
    return _finding(thin or thin_too, a / max(a + b, 1e-12), words)


# --- levels and courses -------------------------------------------------------------------------------------------------


@record_test
def answers(
    record: Record,
    *,
    votes: dict[str, int],
    years: tuple[int, int],
    answer: str,
    more_than: float | None = None,
    less_than: float | None = None,
) -> Finding:
    """Bangladesh gave an answer on more (or less) than a share of the roll calls on which the powers voted as described."""
    table = record.votes
    rows = (table["year"] >= years[0]) & (table["year"] <= years[1])
    for power in POWERS:
        rows &= (table[power] == votes[power]) if power in votes else True
    given = record.vote_counts()[rows].sum(axis=0)
    hits, total = int(given[("no", "abstain", "yes").index(answer)]), int(given.sum())
    if not total:
        return Finding(None, "Too thin: no such roll call.")
    found = proportion(hits, total)
    chance = found.above(more_than) if more_than is not None else 1.0 - found.above(float(less_than or 0.0))
    split = "no {}, abstained {}, yes {}".format(*given)
    return Finding(chance, f"{total} roll calls {years[0]}-{years[1]}: {split}; share of '{answer}' {found.text(sign='')}")


@record_test
def rises(record: Record, *, of: Measure, years: tuple[int, int], by: float) -> Finding:
    """A measure rises over the years by more than a margin a decade."""
    cells = at.cells(record, of)
    inside = (cells.year >= years[0]) & (cells.year <= years[1])
    if thin := _thin(of, [float(cells.size[inside].sum())]) or ("" if inside.sum() > 3 else "fewer than four years"):
        return _finding(thin, 0.0, "")
    part = Cells(
        cells.year[inside], cells.seat[inside], cells.value[inside], cells.covariance[np.ix_(inside, inside)],
        cells.size[inside], cells.unit,
    )  # fmt: skip
    decades = (part.year - part.year.mean()) / 10.0
    found = contrast(regress(part, np.stack([decades, np.ones(len(decades))], axis=1)), 1.0)
    return Finding(found.above(by), f"{name_of(of)}: {found.text(unit(of))} a decade {years[0]}-{years[1]}, margin {by:g}")


@record_test
def lowest_year(record: Record, *, trade: str, year: int, years: tuple[int, int]) -> Finding:
    """Trade with a power, in dollars, was lowest in a year, reporters differing as ``TRADE_ERROR`` says."""
    table = record.trade
    rows = (table["partner"] == trade) & (table["year"] >= years[0]) & (table["year"] <= years[1])
    found, volume = table["year"][rows], np.log(table["total_musd"][rows] + 1.0)
    if year not in found or len(found) < 5:
        return Finding(None, f"Too thin: {len(found)} years.")
    streams = [shocks.key(1, "claims", "trade", str(y)) for y in found]
    noisy = volume[:, None] + at.TRADE_ERROR * shocks.normal(shocks.uniforms(streams, 0, range(4000)))
    low = int(found[volume.argmin()])
    chance = float((found[noisy.argmin(axis=0)] == year).mean())
    amount = {int(y): float(np.exp(v) - 1.0) for y, v in zip(found, volume, strict=True)}
    return Finding(
        chance, f"trade with {trade} was USD {amount[year]:.0f} million in {year}, lowest {amount[low]:.0f} in {low}"
    )


@record_test
def unrelated(record: Record, *, of: Measure, to: Measure, below: float) -> Finding:
    """Yearly changes of two measures are correlated by less than a bound, either way (Fisher's z)."""
    (first, x), (second, y) = (at.yearly(at.cells(record, m)) for m in (of, to))
    pairs = [t for t in first if {t, t - 1} <= set(first) & set(second)]
    if len(pairs) < 10:
        return Finding(None, f"Too thin: {len(pairs)} yearly changes.")
    change = [np.array([v[years == t][0] - v[years == t - 1][0] for t in pairs]) for years, v in ((first, x), (second, y))]
    r = float(np.corrcoef(*change)[0, 1])
    found = Spread(np.tanh(np.arctanh(r) + LADDER / np.sqrt(len(pairs) - 3)), np.full(len(LADDER), 1 / len(LADDER)))
    words = f"correlation of {len(pairs)} yearly changes {found.text()}, bound {below:g}"
    return Finding(found.within(below), words, found.beyond(below))


# --- leaders' images ----------------------------------------------------------------------------------------------------


@record_test
def image_matters(record: Record, *, sides: tuple[str, str], by: float, when: str = "") -> Finding:
    """Governments side with the power their head is coded to see as friendlier; with ``when``, more so when it is high.

    ``when`` is ``slack`` (an environment that constrains little) or ``insecurity`` (of the ruler). Then the effect tested is
    that of one standard deviation of images at one standard deviation above the mean of ``when``, less that at one below.
    A simple regression on the record, with the codings at their point values: no substitute for the fitted model.
    """
    cells = at.cells(record, {"sides": list(sides)})
    if thin := _thin({"sides": sides}, [float(cells.size.sum())]) or ("" if len(cells.year) > 5 else "fewer than six cells"):
        return _finding(thin, 0.0, "")
    seated = list(zip(cells.seat.tolist(), cells.year.tolist(), strict=True))
    image = np.array(
        [(at.trait(s, y, "image_of", sides[0]) - at.trait(s, y, "image_of", sides[1])) / IMAGE_SD for s, y in seated]
    )
    columns = [image, np.ones(len(image))]
    if when:
        raw = np.array([at.slack()[y] if when == "slack" else at.trait(s, y, "insecurity") for s, y in seated])
        level = (raw - raw.mean()) / raw.std()
        columns = [image * level, level, image, np.ones(len(image))]
    factor = 2.0 if when else 1.0
    found = contrast(regress(cells, np.stack(columns, axis=1)), factor)
    words = f"high less low {when}" if when else "per standard deviation of images"
    return Finding(
        found.above(by), f"siding with {sides[0]} against {sides[1]}, {words}: {found.text('logits')}, margin {by:g}"
    )


# --- what no record holds -----------------------------------------------------------------------------------------------


@record_test
def not_observed(record: Record, *, needs: str) -> Finding:
    """Nothing in the record can decide the claim; says what could."""
    return Finding(None, f"Not in the record to {record.cut}: it would take {needs}.")
