"""Indices against functions whose indices are known, and what happens to categories, groups and failed points."""

from __future__ import annotations

import builtins
import math

import numpy as np
import pytest

pytest.importorskip("SALib")

from sim import sensitivity
from sim.errors import InputError, PadmaError


def ishigami(u, a=7.0, b=0.1):
    x = np.pi * (2 * u - 1)
    return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])


def ishigami_indices(a=7.0, b=0.1):
    """First-order and total indices in closed form (Ishigami and Homma 1990)."""
    one, two, both = 0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8, 8 * b**2 * np.pi**8 / 225
    whole = one + two + both
    return np.array([one, two, 0.0]) / whole, np.array([one + both, two, both]) / whole


def g_function(u, a):
    return np.prod((np.abs(4 * u - 2) + a) / (1 + a), axis=1)


def g_indices(a):
    """First-order and total indices of Sobol's g in closed form (Saltelli et al. 2010)."""
    alone = 1 / (3 * (1 + a) ** 2)
    whole = np.prod(1 + alone) - 1
    return alone / whole, alone * np.prod(1 + alone) / (1 + alone) / whole


def level(u, n):
    return np.minimum((u * n).astype(int), n - 1)


# --- Sobol --------------------------------------------------------------------------------------------------------------


def test_ishigami():
    points = sensitivity.sobol_points(3, 2048, seed=1)
    found = sensitivity.sobol(["a", "b", "c"], ishigami(points), seed=1)
    first, total = ishigami_indices()
    np.testing.assert_allclose(found.columns["first"], first, atol=0.02)
    np.testing.assert_allclose(found.columns["total"], total, atol=0.02)
    assert (found.kept, found.dropped) == (2048, 0)


def test_g_function_and_its_intervals():
    a = np.array([0.0, 1.0, 4.5, 9.0, 99.0])
    points = sensitivity.sobol_points(5, 1024, seed=2)
    found = sensitivity.sobol(list("abcde"), g_function(points, a), seed=2)
    for name, truth in zip(("first", "total"), g_indices(a), strict=True):
        np.testing.assert_allclose(found.columns[name], truth, atol=0.03)
        assert (found.columns[f"{name}_q05"] <= truth + 0.01).all()
        assert (found.columns[f"{name}_q95"] >= truth - 0.01).all()


def test_a_dummy_gets_exactly_nothing_in_total():
    points = sensitivity.sobol_points(3, 64, seed=1)
    found = sensitivity.sobol(["x", "y", "dummy"], points[:, 0] + points[:, 1] ** 2, seed=1)
    assert found.columns["total"][2] == found.columns["total_q95"][2] == 0
    assert abs(found.columns["first"][2]) < 1e-12


EFFECTS = np.array([0.0, 3.0, 1.0])


def additive(points, effects=EFFECTS):
    """Three categories and a number; the number alone has variance 4 / 12."""
    return effects[level(points[:, 0], 3)] + 2 * points[:, 1]


def test_a_category_is_no_number():
    """Shares of an additive model are known, and the order of the levels is nobody's business."""
    points = sensitivity.sobol_points(2, 1024, seed=3)
    for order in ([0, 1, 2], [1, 2, 0], [2, 1, 0]):
        found = sensitivity.sobol(["who", "x"], additive(points, EFFECTS[order]), seed=3)
        truth = np.array([EFFECTS.var(), 4 / 12]) / (EFFECTS.var() + 4 / 12)
        np.testing.assert_allclose(found.columns["first"], truth, atol=0.02)
        np.testing.assert_allclose(found.columns["total"], truth, atol=0.02)


def test_groups_have_indices_of_their_own():
    groups = ["system", "leader", "system"]
    points = sensitivity.sobol_points(3, 2048, seed=4, groups=groups)
    assert len(points) == 2048 * 4
    found = sensitivity.sobol(["system", "leader"], ishigami(points), seed=4)
    first, total = ishigami_indices()
    np.testing.assert_allclose(found.columns["first"], [1 - total[1], first[1]], atol=0.04)
    np.testing.assert_allclose(found.columns["total"], [1 - first[1], total[1]], atol=0.04)


def test_the_same_seed_gives_the_same_and_zero_is_a_seed():
    for seed in (0, 7):
        one, two = (sensitivity.sobol_points(3, 64, seed=seed) for _ in range(2))
        assert (one == two).all()
        first, again = (sensitivity.sobol(["a", "b", "c"], ishigami(one), seed=seed).columns for _ in range(2))
        assert all((first[name] == again[name]).all() for name in first)
    assert (sensitivity.sobol_points(3, 64, seed=0) != sensitivity.sobol_points(3, 64, seed=1)).any()


def test_a_failed_point_takes_its_block_along():
    points = sensitivity.sobol_points(3, 256, seed=1)
    outcome = ishigami(points)
    outcome[[0, 3, 700]] = np.nan  # two in the first block, one in another
    found = sensitivity.sobol(["a", "b", "c"], outcome, seed=1)
    assert (found.kept, found.dropped) == (254, 2)
    left = np.delete(ishigami(points).reshape(256, 5), [0, 140], axis=0).ravel()
    assert (found.columns["total"] == sensitivity.sobol(["a", "b", "c"], left, seed=1).columns["total"]).all()


def test_independent_points_are_independent():
    points = sensitivity.sobol_points(4, 128, seed=1)
    chosen = points[sensitivity.independent(len(points), 4)]
    assert len(chosen) == 256
    assert len(np.unique(chosen[:, 0])) == 256, "no coordinate is used twice"


@pytest.mark.parametrize("base", [0, 1, 3, 100])
def test_points_come_in_powers_of_two(base):
    with pytest.raises(InputError, match="powers of two"):
        sensitivity.sobol_points(3, base, seed=1)


# --- Morris -------------------------------------------------------------------------------------------------------------


def test_elementary_effects_of_a_straight_line():
    """Half a distribution of a number worth 4 is worth 2, in every walk; of a product only the mean is."""
    points = sensitivity.morris_points([0, 0, 0], 20, seed=1)
    found = sensitivity.morris(["a", "b", "dummy"], points, 4 * points[:, 0] - 2 * points[:, 1], seed=1, levels=[0, 0, 0])
    np.testing.assert_allclose(found.columns["mu_star"], [2, 1, 0], atol=1e-12)
    np.testing.assert_allclose(found.columns["mu"], [2, -1, 0], atol=1e-12)
    np.testing.assert_allclose(found.columns["sigma"], 0, atol=1e-12)
    assert found.kept == 20


def test_screening_ranks_the_g_function():
    a = np.array([0.0, 9.0, 1.0, 99.0])
    points = sensitivity.morris_points([0] * 4, 200, seed=1)
    found = sensitivity.morris(list("abcd"), points, g_function(points, a), seed=1, levels=[0] * 4)
    assert list(np.argsort(-found.columns["mu_star"])) == [0, 2, 1, 3]
    assert found.columns["sigma"][0] > 0.1, "curvature and interplay show"
    assert (found.columns["mu_star_q05"] <= found.columns["mu_star"]).all()


def test_every_pair_of_levels_is_walked():
    levels = [3, 0, 2]
    points = sensitivity.morris_points(levels, 300, seed=1)
    walks = points.reshape(300, 4, 3)
    pairs = np.array([np.unique(level(walk[:, 0], 3)) for walk in walks])
    _, counts = np.unique(pairs, axis=0, return_counts=True)
    assert len(counts) == 3
    assert counts.min() > 70
    steps = (np.diff(walks, axis=1) != 0).sum(axis=1)
    assert (steps == 1).all(), "each factor takes one step in each walk"
    assert set(np.unique(points[:, 1])) == {0.125, 0.375, 0.625, 0.875}


def test_effects_of_categories():
    """The mean change is that over pairs of levels; a sign is given to two levels only."""
    levels = [3, 0, 2]
    points = sensitivity.morris_points(levels, 600, seed=2)
    outcome = additive(points) + 5.0 * level(points[:, 2], 2)
    found = sensitivity.morris(["who", "x", "war"], points, outcome, seed=2, levels=levels)
    np.testing.assert_allclose(found.columns["mu_star"], [2.0, 1.0, 5.0], atol=0.08)  # pairs differ by 3, 1 and 2
    assert math.isnan(found.columns["mu"][0])
    np.testing.assert_allclose(found.columns["mu"][1:], [1.0, 5.0], atol=1e-9)
    np.testing.assert_allclose(found.columns["sigma"][1:], 0.0, atol=1e-9)


def test_groups_and_failed_walks():
    groups = ["system", "leader", "system"]
    points = sensitivity.morris_points([0, 0, 0], 30, seed=1, groups=groups)
    assert len(points) == 30 * 3
    outcome = points[:, 1] * 4
    outcome[5] = np.nan
    found = sensitivity.morris(["system", "leader"], points, outcome, seed=1, levels=[0, 0, 0], groups=groups)
    assert (found.kept, found.dropped) == (29, 1)
    np.testing.assert_allclose(found.columns["mu_star"], [0, 2], atol=1e-12)
    assert np.isnan(found.columns["mu"]).all()


def test_one_walk_is_too_few():
    with pytest.raises(InputError, match="spread"):
        sensitivity.morris_points([0, 0], 1, seed=1)


# --- shares of single runs ------------------------------------------------------------------------------------------------


def test_shares_of_a_planted_model():
    """Points, runs and their product with variances 4, 2 and 1."""
    rng = np.random.default_rng(1)
    x, r = rng.standard_normal((400, 1)), rng.standard_normal((1, 300))
    found = sensitivity.shares(2 * x + math.sqrt(2) * r + x * r)
    np.testing.assert_allclose([found.factors, found.draws, found.interplay], np.array([4, 2, 1]) / 7, atol=0.05)
    assert found.factors + found.draws + found.interplay == pytest.approx(1)


def test_shares_at_the_edges():
    x, r = np.arange(8.0)[:, None], np.arange(5.0)[None, :]
    assert sensitivity.shares(x + 0 * r).factors == pytest.approx(1)
    assert sensitivity.shares(r + 0 * x).draws == pytest.approx(1)
    holed = (x + r).copy()
    holed[3, 2] = np.nan
    assert sensitivity.shares(holed).interplay == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: sensitivity.sobol(["a"], np.full(12, 3.0), seed=1),
        lambda: sensitivity.sobol(["a"], np.full(12, np.nan), seed=1),
        lambda: sensitivity.morris(["a"], np.full((4, 1), 0.5), np.ones(4), seed=1, levels=[0]),
        lambda: sensitivity.shares(np.full((5, 4), 0.1)),
    ],
)
def test_where_nothing_varies_nothing_is_explained(ask):
    with pytest.raises(InputError, match="same at every point"):
        ask()


def test_a_missing_library_is_named(monkeypatch):
    real = builtins.__import__

    def absent(name, *rest, **more):
        if name.startswith("SALib"):
            raise ModuleNotFoundError("No module named 'SALib'", name="SALib")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(PadmaError, match=r"padma\[sensitivity\]"):
        sensitivity.sobol_points(3, 8, seed=1)


@pytest.mark.slow
def test_intervals_hold_the_truth():
    """Nine times in ten at least roughly: over 40 seeds, on a function with interplay, at a usual size."""
    first, total = ishigami_indices()
    held = np.zeros((2, 3))
    for seed in range(40):
        found = sensitivity.sobol(["a", "b", "c"], ishigami(sensitivity.sobol_points(3, 256, seed=seed)), seed=seed).columns
        for row, (name, truth) in enumerate((("first", first), ("total", total))):
            held[row] += (found[f"{name}_q05"] <= truth) & (truth <= found[f"{name}_q95"])
    assert (held >= 32).all(), held


@pytest.mark.slow
def test_intervals_of_a_screening_hold_the_effect_of_many_walks():
    a = np.array([0.0, 1.0, 9.0])
    many = sensitivity.morris_points([0] * 3, 4000, seed=99)
    truth = sensitivity.morris(list("abc"), many, g_function(many, a), seed=1, levels=[0] * 3).columns["mu_star"]
    held = np.zeros(3)
    for seed in range(40):
        points = sensitivity.morris_points([0] * 3, 30, seed=seed)
        found = sensitivity.morris(list("abc"), points, g_function(points, a), seed=seed, levels=[0] * 3).columns
        held += (found["mu_star_q05"] <= truth) & (truth <= found["mu_star_q95"])
    assert (held >= 31).all(), held
