"""Planting and finding: what is planted is what was asked for; whether it is found again is for the slow suite."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from calibration.model import recovery as core_recovery
from calibration.model.core import Core, Draws
from calibration.observed import load


@pytest.fixture(scope="module")
def core() -> Core:
    return Core(load())


def test_truths_from_the_prior_follow_it(core):
    rng = np.random.default_rng(1)
    z = np.stack([core_recovery.from_prior(core, rng) for _ in range(3000)])
    values = core.packed.named(np.stack([core.packed.value(row) for row in z[:, : core.packed.size]]))
    for name, law in {
        "leader_gain.small.trade": stats.norm(0, 0.1),
        "volatility.small.defence": stats.halfnorm(scale=0.3),
        "hedging.small": stats.beta(1, 3),
        "yes_gap": stats.lognorm(0.7, scale=2.72),
    }.items():
        assert stats.kstest(values[name], law.cdf).pvalue > 1e-3, name
    assert stats.kstest(np.exp(-values["adjustment_rate.small.defence"]), stats.beta(3, 2).cdf).pvalue > 1e-3


def test_every_fourth_record_has_no_leader_effect(core):
    start = np.concatenate([core.packed.start, np.zeros(core.size - core.packed.size)])
    fitted = Draws(np.tile(start, (1, 3, 1)), core.weights(), {}, core.codings, core.targets)
    for i in range(8):
        z = core_recovery.planted(core, fitted, i, seed=1)
        named = core.packed.named(core.packed.value(z[: core.packed.size]))
        gains = [named[f"leader_gain.small.{issue}"] for issue in core.row.issues]
        assert (gains == [0.0, 0.0, 0.0]) == (i % 4 == 0)
        assert named["system_gain.small.defence"] != 0.0


def test_a_summary_counts_what_was_found():
    def record(true, low, high, rank):
        return {"rows": [["leader_gain.small.trade", "A", true, (low + high) / 2, 0.1, low, high, rank]], "divergent": 0}

    results = [record(0.0, -0.1, 0.2, 40), record(0.0, 0.1, 0.4, 1), record(0.5, 0.3, 0.6, 70), record(0.3, 0.1, 0.4, 55)]
    (row,) = core_recovery.summary(results)
    assert row["covered"] == 0.75 and (row["planted_zero"], row["zero_found"]) == (2, 1)
    assert sum(row["ranks"]) == 4 and row["correlation"] > 0.5


@pytest.mark.slow
def test_ranks_of_planted_truths_are_uniform(core):
    """Simulation-based calibration on twelve records: gains, rates and volatilities together."""
    pytest.importorskip("numpyro")
    ranks = []
    for i in range(12):
        z = core_recovery.from_prior(core, np.random.default_rng([7, i]))
        rows = core_recovery.recover(core, z, seed=i, truth="prior")["rows"]
        ranks += [r[7] for r in rows if r[0].startswith(("leader_gain", "system_gain", "adjustment_rate", "volatility"))]
    counts = np.histogram(ranks, bins=5, range=(0, 100.001))[0]
    assert stats.chisquare(counts).pvalue > 1e-3
