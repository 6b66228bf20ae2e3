"""Folds: every year is held out once, nothing later is seen, and poison touches outcomes only."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.held_out import folds
from calibration.observed import load

YEARS = np.arange(1972, 2025)


def test_regimes_follow_each_other_without_gap():
    assert [r.number for r in folds.REGIMES] == list(range(1, 9))
    assert (folds.REGIMES[0].first, folds.REGIMES[-1].last) == (1975, 2023)
    assert all(a.last + 1 == b.first for a, b in zip(folds.REGIMES, folds.REGIMES[1:], strict=False))
    numbers = folds.regime_of(YEARS)
    assert numbers[YEARS == 1974] == 0 and numbers[YEARS == 2024] == 0
    assert sorted(set(numbers[(YEARS >= 1975) & (YEARS <= 2023)])) == list(range(1, 9))


@pytest.mark.parametrize("make", [folds.forward, folds.two_sided])
def test_every_year_since_1975_is_held_out_once(make):
    held = sum(make(regime).tested(YEARS).astype(int) for regime in folds.REGIMES)
    assert (held[(YEARS >= 1975) & (YEARS <= 2023)] == 1).all() and held.sum() == 49


@pytest.mark.parametrize("fold", [*map(folds.forward, folds.REGIMES), *map(folds.rolling, folds.ORIGINS)])
def test_forecasts_see_nothing_from_their_first_year_on(fold):
    seen, held = fold.trained(YEARS), fold.tested(YEARS)
    assert YEARS[seen].max() < YEARS[held].min()
    assert all((w[fold.first <= YEARS] == 0).all() for w in fold.weights(YEARS).values())


@pytest.mark.parametrize("regime", folds.REGIMES)
def test_two_sided_folds_see_all_but_the_regime(regime):
    fold = folds.two_sided(regime)
    assert np.array_equal(fold.trained(YEARS), ~fold.tested(YEARS))


def test_rolling_origins_are_scored_at_their_horizons():
    assert YEARS[folds.rolling(1985).tested(YEARS)].tolist() == [1986, 1987, 1988, 1990]
    assert folds.ORIGINS[0] == 1985 and set(np.diff(folds.ORIGINS)) == {2}


def test_weights_start_late_and_scale():
    weights = folds.whole(YEARS).weights(YEARS, since=1991, votes=0.5)
    assert weights["votes"][YEARS == 1990] == 0 and weights["votes"][YEARS == 1991] == 0.5
    assert weights["orders"][YEARS == 1991] == 1 and set(weights) == set(folds.SERIES)


def test_poison_changes_outcomes_of_the_future_and_nothing_else():
    record, future = load(), np.arange(1991, 2025)
    poisoned = folds.poison(record, future)
    late = record.votes["year"] >= 1991
    assert np.array_equal(poisoned.vote_positions(), record.vote_positions())
    assert np.array_equal(poisoned.vote_counts()[~late], record.vote_counts()[~late])
    assert np.array_equal(poisoned.vote_counts().sum(axis=1), record.vote_counts().sum(axis=1))
    assert (poisoned.vote_counts()[late, 2] == 0).mean() > (record.vote_counts()[late, 2] == 0).mean() + 0.1
    years, orders = record.order_counts()
    assert np.array_equal(poisoned.order_counts()[1][years < 1991], orders[years < 1991])
    assert np.array_equal(poisoned.order_counts()[1].sum(axis=1), orders.sum(axis=1))
    assert not np.array_equal(poisoned.order_counts()[1], orders)
    years, shares = record.trade_shares()
    again = poisoned.trade_shares()[1]
    assert np.array_equal(again[years < 1991], shares[years < 1991], equal_nan=True)
    assert not np.isclose(again[years >= 1991], shares[years >= 1991]).any()
