"""Scores against closed forms and enumeration."""

from __future__ import annotations

import importlib.util
import itertools
import math

import numpy as np
import pytest
from scipy import stats

from calibration.held_out import scores

needs_scoringrules = pytest.mark.skipif(
    importlib.util.find_spec("scoringrules") is None, reason="padma[calibrate] is not installed"
)
needs_arviz = pytest.mark.skipif(importlib.util.find_spec("arviz") is None, reason="padma[calibrate] is not installed")


def test_log_score_is_the_log_of_the_exact_mixture():
    """Two coins of unknown bias, three throws: every sequence enumerated, probabilities add up to one."""
    biases, weights = np.array([0.2, 0.7, 0.7]), np.ones(3)
    total = 0.0
    for throws in itertools.product([0, 1], repeat=3):
        heads = sum(throws)
        loglik = (heads * np.log(biases) + (3 - heads) * np.log(1 - biases))[:, None]
        exact = (weights * biases**heads * (1 - biases) ** (3 - heads)).sum() / 3
        assert scores.log_score(loglik)[0] == pytest.approx(math.log(exact), abs=1e-12)
        total += math.exp(scores.log_score(loglik)[0])
    assert total == pytest.approx(1.0, abs=1e-12)


def test_log_score_does_not_underflow():
    assert scores.log_score(np.array([[-2000.0], [-2000.0]]))[0] == pytest.approx(-2000.0)
    assert scores.log_score_error(np.array([[-2000.0], [-2000.0]]))[0] == 0.0


def test_monte_carlo_error_of_the_log_score_is_what_repetition_shows():
    rng = np.random.default_rng(1)
    repeats = [rng.normal(size=(500, 1)) for _ in range(300)]
    spread = np.std([scores.log_score(x)[0] for x in repeats])
    assert np.mean([scores.log_score_error(x)[0] for x in repeats]) == pytest.approx(spread, rel=0.15)


def test_monte_carlo_error_counts_neighbours_that_are_alike_once():
    rng = np.random.default_rng(2)

    def chain():
        slow = np.repeat(rng.normal(size=40), 20)[:, None]
        return np.concatenate([slow + 0.3 * rng.normal(size=slow.shape) for _ in range(3)])

    repeats = [chain() for _ in range(300)]
    spread = np.std([scores.log_score(x)[0] for x in repeats])
    found = np.mean([scores.log_score_error(x, paths=3)[0] for x in repeats])
    assert found == pytest.approx(spread, rel=0.25)


def test_monte_carlo_error_by_hand():
    """Ten batches of mean 1 and ten of mean 3; the last draw fills no batch. Two paths of luck are averaged before."""
    weights = np.array([1.0] * 20 + [3.0] * 20 + [7.0])
    exact = math.sqrt(20 / 19) / 2 / math.sqrt(20)
    assert scores.log_score_error(np.log(weights)[:, None])[0] == pytest.approx(exact)
    apart = np.concatenate([weights + 0.5, weights - 0.5])[:, None]
    assert scores.log_score_error(np.log(apart), paths=2)[0] == pytest.approx(exact)


@needs_scoringrules
def test_crps_of_a_normal_forecast():
    draws = stats.norm.ppf((np.arange(4000) + 0.5) / 4000)[:, None] * 2.0 + 1.0
    for y in (-1.0, 0.5, 4.0):
        z = (y - 1.0) / 2.0
        closed = 2.0 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / math.sqrt(math.pi))
        assert scores.crps(draws, np.array([y]))[0] == pytest.approx(closed, abs=1e-3)


@needs_scoringrules
def test_crps_of_draws_is_the_integral_of_squared_distances_between_distributions():
    draws, y = np.array([[0.0], [1.0], [1.0], [4.0]]), 2.0
    cells = [(0, 1, 0.25), (1, 2, 0.75), (2, 4, 0.75 - 1)]
    exact = sum((high - low) * step**2 for low, high, step in cells)
    assert scores.crps(draws, np.array([y]))[0] == pytest.approx(exact)
    assert np.isnan(scores.crps(draws, np.array([np.nan]))[0])


@needs_scoringrules
def test_crps_of_a_certain_forecast_is_the_absolute_error():
    assert scores.crps(np.full((10, 1), 3.0), np.array([5.5]))[0] == pytest.approx(2.5)


def test_brier_of_the_right_probability_is_its_variance():
    p = 0.3
    expected = p * scores.brier(np.array(p), np.array(1.0)) + (1 - p) * scores.brier(np.array(p), np.array(0.0))
    assert expected == pytest.approx(p * (1 - p))
    worse = p * scores.brier(np.array(0.4), np.array(1.0)) + (1 - p) * scores.brier(np.array(0.4), np.array(0.0))
    assert worse > expected


def test_intervals_hold_their_share_and_pit_is_uniform():
    rng = np.random.default_rng(3)
    draws, seen = rng.poisson(3.0, (1000, 3000)).astype(float), rng.poisson(3.0, 3000).astype(float)
    values = scores.pit(draws, seen, rng.uniform(size=3000))
    assert stats.kstest(values, "uniform").pvalue > 0.01
    smooth = rng.normal(size=(2, 1000, 3000))
    for level in scores.LEVELS:
        assert scores.inside(draws, seen, level).mean() == pytest.approx(level, abs=0.02)
        assert scores.inside(smooth[0], smooth[1, 0], level).mean() == pytest.approx(level, abs=0.02)
        assert scores.inside(0.5 * smooth[0], smooth[1, 0], level).mean() < level - 0.1, "a forecast too sure of itself"
    seen[0] = np.nan
    assert np.isnan(scores.inside(draws, seen, 0.9)[0]) and np.isnan(scores.pit(draws, seen, seen * 0 + 0.5)[0])


def test_a_count_lies_in_an_interval_by_the_share_of_its_step():
    """Draws 0 0 1 1 1 1 1 1 1 2: a one spans 0.2 to 0.9, of which the central half (0.25 to 0.75) holds five sevenths."""
    draws = np.array([0, 0, 1, 1, 1, 1, 1, 1, 1, 2.0])[:, None]
    one, far = np.array([1.0]), np.array([9.0])
    assert scores.inside(draws, one, 0.5)[0] == pytest.approx(0.5 / 0.7)
    assert scores.inside(draws, far, 0.99)[0] == 0.0 and scores.inside(draws, np.array([1.5]), 0.8)[0] == 1.0
    four = np.array([[1.0], [2.0], [3.0], [4.0]])
    assert [scores.inside(four, np.array([at]), 0.5)[0] for at in (0.5, 1.5, 3.5, 4.5)] == [0.0, 1.0, 1.0, 0.0]


def test_paired_differences_by_hand():
    model, rival = np.array([1.0, 3.0, 2.0, np.nan]), np.array([0.0, 1.0, 3.0, 5.0])
    found = scores.paired(model, rival, np.array([1, 1, 2, 2]))
    assert (found.total, found.n, found.blocks) == (2.0, 3, (3.0, -1.0))
    assert found.error == pytest.approx(np.std([1, 2, -1], ddof=1) * math.sqrt(3))
    assert found.block_error == pytest.approx(np.std([3, -1], ddof=1) * math.sqrt(2))
    assert found.wins == pytest.approx(2 / 3)


def test_paired_differences_of_no_and_of_one_year():
    lacking = scores.paired(np.array([np.nan, 1.0]), np.array([0.0, np.nan]), np.array([1, 1]))
    assert (lacking.total, lacking.n, lacking.blocks) == (0.0, 0, ()) and math.isnan(lacking.wins) and math.isnan(lacking.error)
    level = scores.paired(np.array([2.0]), np.array([2.0]), np.array([4]))
    assert (level.total, level.n, level.wins) == (0.0, 1, 0.0), "a tie is no win"
    assert math.isnan(level.error) and math.isnan(level.block_error), "one year shows no scatter"


def _normal_mean(n: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Draws of a normal mean given n observations, and the exact leave-one-out log scores."""
    rng = np.random.default_rng(5)
    y = rng.normal(size=n)
    mean = rng.normal(y.mean(), 1 / math.sqrt(n), size=20_000)
    exact = [stats.norm.logpdf(y[i], np.delete(y, i).mean(), math.sqrt(1 + 1 / (n - 1))) for i in range(n)]
    return stats.norm.logpdf(y[None], mean[:, None]), np.array(exact)


def test_waic_is_close_to_leaving_one_out():
    loglik, exact = _normal_mean()
    np.testing.assert_allclose(scores.waic(loglik), exact, atol=0.02)


def test_waic_by_hand():
    loglik = np.log([[0.2], [0.4]])
    assert scores.waic(loglik)[0] == pytest.approx(math.log(0.3) - math.log(2) ** 2 / 2)


@needs_arviz
@pytest.mark.filterwarnings("ignore")
def test_psis_is_close_to_leaving_one_out():
    loglik, exact = _normal_mean()
    found, k = scores.psis_loo(loglik)
    np.testing.assert_allclose(found, exact, atol=0.02)
    assert (k < 0.7).all()
