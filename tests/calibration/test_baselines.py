"""Baselines: their sampler against closed forms, their forecasts against what they were made from."""

from __future__ import annotations

import numpy as np
from scipy import stats

from calibration.held_out import baselines


def test_resampling_finds_a_known_posterior():
    mean, cov = np.array([1.0, -0.5]), np.array([[0.5, 0.2], [0.2, 0.3]])
    law = stats.multivariate_normal(mean, cov)
    draws, size = baselines.resample(law.logpdf, np.zeros(2), 8000, 1)
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=0.04)
    np.testing.assert_allclose(np.cov(draws.T), cov, atol=0.04)
    assert size > 3000


def test_drift_is_found_and_carried_ahead():
    rng = np.random.default_rng(2)
    years = np.arange(1972, 2025)
    steps = np.array([0.05, -0.05]) + 0.1 * np.sqrt(0.5) * rng.standard_t(4, (52, 2))
    shares = np.concatenate([np.zeros((1, 2)), steps.cumsum(axis=0)]) - 3.0
    weight = (years < 2015).astype(float)
    found = baselines.drift(years, shares, weight, 2000, 1)
    last = years == 2024
    assert found.loglik.shape == found.simulated.shape == (2000, 53, 2)
    ahead = np.median(found.simulated[:, last], axis=0)[0] - shares[years == 2014][0]
    np.testing.assert_allclose(ahead, 10 * np.diff(shares[years < 2015], axis=0).mean(axis=0), atol=0.25)
    first = years == 2015
    assert found.simulated[:, first].std() < found.simulated[:, last].std()


def test_drift_forecasts_do_not_see_the_future():
    years = np.arange(1972, 2025)
    shares = np.random.default_rng(3).normal(-3.0, 0.3, (53, 4)).cumsum(axis=0) * 0.1 - 3.0
    weight = (years < 2000).astype(float)
    poisoned = np.where((years >= 2000)[:, None], 99.0, shares)
    one, other = (baselines.drift(years, s, weight, 500, 1).simulated for s in (shares, poisoned))
    assert np.array_equal(one, other, equal_nan=True)
