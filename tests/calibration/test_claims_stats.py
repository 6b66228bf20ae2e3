"""The statistics under the claims: against closed forms, brute force and planted numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from calibration.texts.stats import Cells, Spread, by_group, contrast, proportion, regress, share_difference
from calibration.texts.votes import Rows, fit, log_likelihood, mode, slopes


def cells(value, error=0.1, years=None, seats=None):
    value = np.asarray(value, dtype=float)
    years = np.arange(2000, 2000 + len(value)) if years is None else np.asarray(years)
    seats = np.array(seats if seats is not None else ["a"] * len(value))
    return Cells(years, seats, value, np.eye(len(value)) * error**2, np.ones(len(value)), "points")


def test_a_spread_knows_its_probabilities_and_quantiles():
    spread = Spread(np.array([-2.0, 0.0, 1.0, 3.0]), np.array([0.1, 0.4, 0.3, 0.2]))
    assert spread.above(0.5) == pytest.approx(0.5)
    assert spread.within(1.5) == pytest.approx(0.7)
    assert spread.beyond(0.5) == pytest.approx(0.5)
    assert spread.quantile(0.5) == 0.0
    assert spread.quantile(1.0) == 3.0


def test_without_scatter_the_regression_is_weighted_least_squares():
    """Exact measurements on a line with errors of their own give the textbook answer."""
    rng = np.random.default_rng(1)
    x = np.linspace(-1, 1, 40)
    y = 0.5 + 2.0 * x + 0.05 * rng.normal(size=40)
    found = contrast(regress(cells(y, error=0.05), np.stack([x, np.ones(40)], axis=1)), 1.0)
    slope = np.polyfit(x, y, 1)[0]
    assert found.quantile(0.5) == pytest.approx(slope, abs=0.03)


def test_intervals_of_a_difference_cover_when_years_stick_together():
    """90 % intervals of a difference that is zero, in series with a memory of 0.8, cover it in most of 60 series."""
    rng, covered = np.random.default_rng(7), 0
    for _ in range(60):
        noise = np.zeros(40)
        for t in range(40):
            noise[t] = 0.8 * (noise[t - 1] if t else rng.normal() / 0.6) + rng.normal()
        groups = np.arange(40) // 10
        found = contrast(by_group(cells(0.4 * noise, seats=groups.astype(str)), groups == 1, groups == 2), 1.0, -1.0)
        covered += found.quantile(0.05) < 0.0 < found.quantile(0.95)
    assert covered >= 46  # 54 expected; 46 lies more than three standard deviations below


def test_more_scatter_between_years_widens_a_difference():
    quiet, loud = (
        contrast(by_group(cells(s * np.array([1, -1] * 10), seats=["a"] * 20), *_halves()), 1.0, -1.0) for s in (0.1, 1)
    )
    assert loud.quantile(0.95) - loud.quantile(0.05) > 3 * (quiet.quantile(0.95) - quiet.quantile(0.05))


def _halves():
    return np.arange(20) < 10, np.arange(20) >= 10


def test_draws_agree_with_the_spread_they_stand_for():
    fitted = by_group(cells(np.r_[np.ones(10), -np.ones(10)] + 0.1 * np.sin(np.arange(20))), *_halves())
    draws = fitted.draws()
    assert np.array_equal(draws, fitted.draws())
    assert (draws[:, 0] - draws[:, 1]).mean() == pytest.approx(contrast(fitted, 1.0, -1.0).quantile(0.5), abs=0.05)


# --- roll calls ---------------------------------------------------------------------------------------------------------


def test_derivatives_of_the_vote_likelihood_are_right():
    rng = np.random.default_rng(3)
    eta, answers = rng.normal(size=30), rng.integers(0, 4, size=(30, 3)).astype(float)
    by_eta, by_cut = slopes(eta, 0.8, answers)
    step = 1e-5
    numeric = (log_likelihood(eta, 0.8 + step, answers) - log_likelihood(eta, 0.8 - step, answers)) / (2 * step)
    assert by_cut.sum() == pytest.approx(numeric, rel=1e-6)
    for i in (0, 11, 29):
        shift = np.where(np.arange(30) == i, step, 0.0)
        numeric = (log_likelihood(eta + shift, 0.8, answers) - log_likelihood(eta - shift, 0.8, answers)) / (2 * step)
        assert by_eta[i] == pytest.approx(numeric, rel=1e-5, abs=1e-8)


def test_answers_exhaust_the_possibilities():
    one = np.eye(3)
    total = sum(np.exp(log_likelihood(np.array([0.7]), 0.4, one[i : i + 1])) for i in range(3))
    assert total == pytest.approx(1.0)


def planted_rows(side, lean=None, weight=1.3, cut=0.7, n=60):
    """Roll calls in the expected proportions, for each cell's side."""
    lean = np.linspace(-3, 3, 13) if lean is None else lean
    leans, answers, at = [], [], []
    for c, s in enumerate(side):
        up, down = expit(weight * lean + s - cut), expit(-weight * lean - s - cut)
        leans.append(lean)
        answers.append(n * np.stack([up, 1 - up - down, down], axis=1))
        at.append(np.full(len(lean), c))
    return Rows(np.concatenate(leans), np.concatenate(answers), np.concatenate(at))


def test_planted_sides_are_recovered():
    side = np.array([0.8] * 6 + [-0.7] * 6)
    design = np.stack([side > 0, side < 0], axis=1).astype(float)
    weight, mean, _, level = fit(planted_rows(side), np.arange(12), design)
    assert weight @ mean == pytest.approx([0.8, -0.7], abs=0.1)
    assert level == pytest.approx(side, abs=0.1)


def test_a_year_without_departures_leans_on_its_neighbours():
    """Always with the first power at a strong lean says little: the estimate stays near the other years."""
    rows = planted_rows([1.0] * 8)
    lonely = Rows(np.r_[rows.lean, 4.0], np.r_[rows.answers, [[20.0, 0.0, 0.0]]], np.r_[rows.cell, 8])
    level = fit(lonely, np.arange(9), np.ones((9, 1)))[3]
    assert level[8] == pytest.approx(1.0, abs=0.3)


def test_evidence_prefers_the_right_design():
    side = np.array([0.8] * 6 + [-0.7] * 6)
    right, wrong = np.eye(2)[np.arange(12) // 6], np.eye(2)[np.arange(12) % 2]
    rows, scatter = planted_rows(side), np.eye(12) * 0.09
    assert mode(rows, right, scatter).evidence > mode(rows, wrong, scatter).evidence + 3


# --- shares -------------------------------------------------------------------------------------------------------------


def test_a_proportion_is_its_beta_distribution():
    from scipy.stats import beta

    found = proportion(3, 10)
    assert found.above(0.5) == pytest.approx(beta.sf(0.5, 3.5, 7.5), abs=2e-3)
    assert found.quantile(0.9) == pytest.approx(beta.ppf(0.9, 3.5, 7.5), abs=5e-3)


def test_shares_of_single_orders_differ_as_counted():
    """One order a year leaves no room for batches, so the answer is the difference of two Jeffreys posteriors."""
    first, second = (np.r_[np.ones(8), np.zeros(2)], np.ones(10)), (np.r_[np.ones(2), np.zeros(8)], np.ones(10))
    found = share_difference(first, second, 4.48, 0.7)
    rng = np.random.default_rng(5)
    a, b = rng.beta(8.5, 2.5, 200_000), rng.beta(2.5, 8.5, 200_000)
    exact = np.log(a / (1 - a)) - np.log(b / (1 - b))
    assert found.above(1.0) == pytest.approx((exact > 1.0).mean(), abs=0.01)
    assert found.quantile(0.5) == pytest.approx(np.median(exact), abs=0.06)


def test_orders_that_come_in_one_batch_count_for_less():
    batch = (np.array([6.0]), np.array([6.0]))
    spaced = (np.ones(6), np.ones(6))
    none = (np.zeros(6), np.ones(6))
    assert share_difference(batch, none, 1.0, 0.1).above(2.0) < share_difference(spaced, none, 1.0, 0.1).above(2.0)
