"""The real fit sees nothing of what it is to predict: a poisoned future changes no draw and no forecast, to the last bit."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from calibration.held_out import folds
from calibration.observed import load

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        any(importlib.util.find_spec(name) is None for name in ("jax", "numpyro")), reason="padma[calibrate] is not installed"
    ),
    pytest.mark.filterwarnings("ignore"),
]

LENGTH = {"seed": 3, "warmup": 20, "draws": 5}


@pytest.fixture(scope="module")
def core():
    from calibration.model.core import Core

    return Core(load())


@pytest.mark.parametrize("make", [folds.forward, folds.two_sided])
def test_the_density_does_not_rest_on_what_is_held_out(core, make):
    fold = make(folds.REGIMES[4])
    poisoned = core.lay(folds.poison(core.record, core.years[~fold.trained(core.years)]))
    weights, rng = fold.weights(core.years), np.random.default_rng(2)
    for _ in range(3):
        z = np.concatenate([core.packed.start, rng.normal(size=core.size - core.packed.size)])
        real, other = (
            float(core.log_density(z, core.arguments(weights, {}, core.codings, targets)))
            for targets in (core.targets, poisoned)
        )
        assert other == pytest.approx(real, abs=1e-8)


def test_poisoning_what_is_held_out_changes_no_draw_and_no_forecast(core):
    fold = folds.forward(folds.REGIMES[4])
    held = core.years[~fold.trained(core.years)]
    weights, poisoned = fold.weights(core.years), core.lay(folds.poison(core.record, held))
    assert not np.array_equal(poisoned.votes, core.targets.votes) and not np.array_equal(poisoned.orders, core.targets.orders)
    made = []
    for targets in (core.targets, poisoned):
        draws, _ = core.sample(weights, targets=targets, **LENGTH)
        made.append((draws, core.simulate(draws, seed=1)))
    (real, one), (other, two) = made
    assert np.array_equal(real.z, other.z)
    unseen = ~fold.trained(core.years)
    assert np.array_equal(one["votes"], two["votes"]) and np.array_equal(one["orders"], two["orders"])
    assert np.array_equal(one["trade"][..., unseen], two["trade"][..., unseen])


def test_poisoning_what_is_seen_does_change_the_fit(core):
    fold = folds.forward(folds.REGIMES[4])
    poisoned = core.lay(folds.poison(core.record, core.years[fold.trained(core.years)]))
    real, other = (core.sample(fold.weights(core.years), targets=t, **LENGTH)[0] for t in (core.targets, poisoned))
    assert not np.array_equal(real.z, other.z)


def test_held_out_luck_is_drawn_from_its_law_in_forward_folds(core):
    """What makes it right to draw that luck afresh: no likelihood touches it."""
    fold = folds.forward(folds.REGIMES[4])
    weights = fold.weights(core.years)
    given = core.arguments(weights, {}, core.codings, core.targets)
    size, (kinds, powers, length) = core.packed.size, core.shapes[0]
    rng = np.random.default_rng(1)
    z = np.concatenate([core.packed.start, 0.1 * rng.normal(size=core.size - size)])
    moved = z.copy()
    luck = moved[size : size + kinds * powers * length].reshape(kinds, powers, length)
    luck[..., core.years >= fold.first] = rng.normal(size=luck[..., core.years >= fold.first].shape)
    before, after = (float(core.log_density(x, given) + 0.5 * (x[size:] ** 2).sum()) for x in (z, moved))
    assert after == pytest.approx(before, abs=1e-8)
