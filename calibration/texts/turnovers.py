"""Named tests of claims on changes of government: do they move the relation, how much, and less than they used to?

Do turnovers matter at all is asked without a model of time: the real sequence of seats is compared with the same sequence moved
along the record, which keeps terms of office as long as they were. How much is asked of the regression of
:mod:`calibration.texts.votes`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from calibration.observed import Record
from calibration.texts import cells as at
from calibration.texts.cells import Group, Measure, unit
from calibration.texts.record import Finding, name_of, record_test, thick
from calibration.texts.stats import Cells, Floats, by_group
from calibration.texts.votes import mode
from sim import shocks

USUAL_SHIFT = 0.7
"""Prior size of a shift between governments, logits: the largest break in Bangladesh's votes (scenarios/README.md)."""

YEAR_SCATTER = 0.3
"""Scatter between years that the comparison of dates allows for, logits: a middle value of those averaged over elsewhere."""


@record_test
def turnovers_move(record: Record, *, of: Measure) -> Finding:
    """Changes of government explain more than the same changes at other dates (all rotations of the sequence of seats)."""
    cells = at.cells(record, of)
    n = len(cells.seat)
    if len(set(cells.seat.tolist())) < 3 or n < 10:
        return Finding(None, f"Too thin: {len(set(cells.seat.tolist()))} governments in {n} years.")
    explained = np.array([_explained(cells, np.roll(cells.seat, k)) for k in range(n)])
    rank = float((explained[1:] < explained[0]).mean())
    return Finding(rank, f"{name_of(of)}: real dates explain more than {rank:.0%} of {n - 1} rotated ones")


@record_test
def turnovers_idle(record: Record, *, of: Measure) -> Finding:
    """Changes of government explain no more than the same changes at other dates: the opposite of ``turnovers_move``."""
    found = turnovers_move(record, of=of)
    return found if found.probability is None else Finding(1.0 - found.probability, found.evidence)


def _explained(cells: Cells, seat: NDArray[np.str_]) -> float:
    """How well levels that change only with the seats fit: log evidence for votes, share of the variation for the rest."""
    terms = np.cumsum(np.concatenate([[0], seat[1:] != seat[:-1]]))
    if cells.votes is not None:
        return mode(cells.votes, np.eye(terms[-1] + 1)[terms], np.eye(len(seat)) * YEAR_SCATTER**2).evidence
    own = np.bincount(terms, cells.value) / np.bincount(terms)
    return float(1.0 - ((cells.value - own[terms]) ** 2).sum() / ((cells.value - cells.value.mean()) ** 2).sum())


def _shifts(cells: Cells, inside: Sequence[NDArray[np.bool_]]) -> Floats:
    """Joint draws of the shifts from each group to the next (draw, shift).

    Each shift has a normal prior of size ``USUAL_SHIFT``, so that what is badly known does not look large.
    """
    raw = np.diff(by_group(cells, *inside).draws()[:, : len(inside)], axis=1)
    sharp = np.linalg.inv(np.cov(raw.T).reshape(raw.shape[1], raw.shape[1]))
    covariance = np.linalg.inv(sharp + np.eye(raw.shape[1]) / USUAL_SHIFT**2)
    streams = [shocks.key(1, "claims", "shift", str(j)) for j in range(raw.shape[1])]
    luck = shocks.normal(shocks.uniforms(streams, 0, range(len(raw))))
    return covariance @ (sharp @ raw.mean(axis=0)) + (np.linalg.cholesky(covariance) @ luck).T


@record_test
def turnovers_small(record: Record, *, of: Measure, groups: Sequence[Group], by: float) -> Finding:
    """More than half of the shifts from one government to the next are smaller than a margin."""
    cells = at.cells(record, of)
    inside, left_out = thick(of, cells, groups)
    if len(inside) < 3:
        return Finding(None, f"Too thin: {len(inside)} governments left the side of the Assembly often enough to be compared.")
    shifts = _shifts(cells, inside)
    small = float(((np.abs(shifts) < by).mean(axis=1) > 0.5).mean())
    large = np.maximum((shifts > by).mean(axis=0), (shifts < -by).mean(axis=0))
    words = ", ".join(f"{m:+.2f}" for m in np.median(shifts, axis=0))
    return Finding(small, f"{name_of(of)}: shifts {words} {unit(of)}{left_out}; margin {by:g}", more_than_half(large))


def more_than_half(chances: Floats) -> float:
    """Probability that more than half of independent events happen.

    >>> more_than_half(np.array([1.0, 1.0, 0.0]))
    1.0
    """
    counts = np.ones(1)
    for chance in chances:
        counts = np.convolve(counts, [1.0 - chance, chance])
    return float(counts[len(chances) // 2 + 1 :].sum())


@record_test
def shifts_shrink(record: Record, *, of: Measure, early: Sequence[Group], late: Sequence[Group]) -> Finding:
    """Shifts between governments are smaller in a late series than in an early one, on average and in absolute size."""
    cells = at.cells(record, of)
    series = [thick(of, cells, groups) for groups in (early, late)]
    if min(len(inside) for inside, _ in series) < 2:
        return Finding(None, "Too thin: fewer than two governments in a series left the side of the Assembly often enough.")
    a, b = (np.abs(_shifts(cells, inside)).mean(axis=1) for inside, _ in series)
    left_out = "".join(remark for _, remark in series)
    words = f"mean shift {np.median(a):.2f} early, {np.median(b):.2f} late, {unit(of)}{left_out}"
    return Finding(float((b < a).mean()), f"{name_of(of)}: {words}")
