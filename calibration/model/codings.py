"""Images of leaders coded otherwise: permuted, by party, without those at risk of circularity.

A back-test asks whether the codings carry information or only freedom. Each function takes the images that count in the
record (:attr:`calibration.model.annual.Annual.codings`) and gives the same images, in the same order, with other values and
ranges. Only leaders of Bangladesh are touched. Who belongs to which party line stands in ``calibration/turnovers.yaml``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from calibration.model.annual import HOME, Annual, Coding
from sim import yamlfile

Codings = tuple[Coding, ...]

UNCODED = 0.35
"""Standard deviation of an image that nobody coded (its party line's mean and this spread; an assumption)."""

SPREADS = 3.3
"""Standard deviations in a coded range, as in :meth:`calibration.model.annual.Annual.images`."""


@cache
def turnovers() -> dict[str, Any]:
    """The content of ``calibration/turnovers.yaml``: rules, coalitions, turnovers."""
    return dict(yamlfile.read(Path(__file__).resolve().parents[1] / "turnovers.yaml", "calibration/turnovers.yaml").content)


def coalition_of(leader: str) -> str:
    """The party line, or support coalition, of a leader of Bangladesh."""
    return next(name for name, members in turnovers()["coalitions"].items() if leader in members)


def rows(codings: Codings) -> dict[str, dict[str, tuple[float, float, float]]]:
    """Leader of Bangladesh -> power -> (value, low, high), averaged over his time in office."""
    found: dict[str, dict[str, tuple[float, float, float]]] = {}
    for leader in dict.fromkeys(c.leader for c in codings if c.state == HOME):
        own = [c for c in codings if c.leader == leader and c.state == HOME]
        found[leader] = {p: _mean([c for c in own if c.partner == p]) for p in dict.fromkeys(c.partner for c in own)}
    return found


def _mean(codings: list[Coding]) -> tuple[float, float, float]:
    """Mean value and range, by days in office (alike where nobody was in office for a day)."""
    days = np.array([c.weight.sum() for c in codings]) + 1e-6
    value, low, high = (np.average([x[i] for x in ((c.value, *c.range) for c in codings)], weights=days) for i in range(3))
    return float(value), float(low), float(high)


def _changed(codings: Codings, new: Callable[[Coding], tuple[float, float, float] | None]) -> Codings:
    """Bangladesh's codings with new values; None leaves one as it is."""

    def one(coding: Coding) -> Coding:
        found = new(coding) if coding.state == HOME else None
        return coding if found is None else replace(coding, value=found[0], range=(found[1], found[2]))

    return tuple(one(coding) for coding in codings)


def collapsed(codings: Codings) -> Codings:
    """One row per leader, as permuted rows have: the fair reference of the placebo."""
    table = rows(codings)
    return _changed(codings, lambda c: table[c.leader][c.partner])


def permuted(codings: Codings, seed: int) -> Codings:
    """Whole rows of images dealt out to other leaders at random: what a coder knew is kept, whom it fits is lost."""
    table = rows(codings)
    leaders = list(table)
    dealt = np.random.default_rng(seed).permutation(len(leaders))
    given = dict(zip(leaders, (leaders[i] for i in dealt), strict=True))
    return _changed(codings, lambda c: table[given[c.leader]][c.partner])


def party_means(codings: Codings) -> Codings:
    """Every leader sees the powers as his party line does on average."""
    return _changed(codings, lambda c: _line(codings, c))


def _line(codings: Codings, coding: Coding, use: Callable[[Coding], bool] = lambda c: True) -> tuple[float, float, float]:
    """Mean of the party line's codings of a partner; zero with a wide range where it has none that may be used."""
    members = turnovers()["coalitions"][coalition_of(coding.leader)]
    of = [c for c in codings if c.state == HOME and c.partner == coding.partner and c.leader in members and use(c)]
    return _mean(of) if of else _wide(0.0)


def _wide(value: float) -> tuple[float, float, float]:
    reach = UNCODED * SPREADS / 2
    return value, value - reach, value + reach


def without_circular(annual: Annual, codings: Codings, risks: tuple[str, ...] = ("high",)) -> Codings:
    """Codings at risk of circularity replaced by the mean of the party line's others, with the spread of the uncoded."""
    risk = circularity(annual, codings)
    trusted = {id(c) for c, r in zip(codings, risk, strict=True) if r not in risks}

    def new(coding: Coding) -> tuple[float, float, float] | None:
        if id(coding) in trusted:
            return None
        return _wide(_line(codings, coding, lambda c: id(c) in trusted)[0])

    return _changed(codings, new)


def circularity(annual: Annual, codings: Codings) -> tuple[str, ...]:
    """Risk that a coding was made knowing what it is to explain: low, medium or high, for each coding."""
    from sim import library

    found = []
    for c in codings:
        histories = annual.world.scenario.leaders[c.leader].traits.image_of
        entries = next(h for partner, h in histories.items() if library.state_code(partner) == c.partner)
        match = [e for e in entries if e.value == c.value and tuple(e.range) == tuple(c.range)]
        found.append(match[0].circularity)
    return tuple(found)
