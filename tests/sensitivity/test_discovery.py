"""Boxes and trees against planted ones: what is there is found, what is not there is not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim import discovery
from sim.discovery import Box, Limit
from sim.errors import InputError

LEVELS = [0, 0, 0, 3, 0, 2]


def planted(points=800, seed=1, high=0.9, low=0.1, runs=30):
    """Six factors; the thing happens where the first is below 0.3, the second above 0.4 and the category is 0 or 2."""
    rng = np.random.default_rng(seed)
    columns = rng.random((points, len(LEVELS)))
    for factor, n in enumerate(LEVELS):
        if n:
            columns[:, factor] = rng.integers(n, size=points)
    there = (columns[:, 0] < 0.3) & (columns[:, 1] > 0.4) & (columns[:, 3] != 1)
    return columns, there, rng.binomial(runs, np.where(there, high, low)) / runs


@pytest.fixture(scope="module")
def case():
    columns, there, outcome = planted()
    return columns, there, outcome, discovery.discover(columns, LEVELS, outcome, seed=1)


def test_the_planted_box_is_found(case):
    columns, there, outcome, found = case
    assert set(found.box.limits) == {0, 1, 3}
    assert found.box.limits[0].high == pytest.approx(0.3, abs=0.03)
    assert found.box.limits[0].low == -math.inf
    assert found.box.limits[1].low == pytest.approx(0.4, abs=0.03)
    assert found.box.limits[3].levels == {0, 2}
    mask = discovery.inside(found.box.limits, columns)
    assert (mask == there).mean() > 0.98
    assert found.box.density == pytest.approx(outcome[mask].mean())
    assert found.box.coverage == pytest.approx(outcome[mask].sum() / outcome.sum())
    assert found.box.density == pytest.approx(0.9, abs=0.04)


def test_limits_that_matter_are_told_from_those_that_do_not(case):
    found = case[3]
    assert all(p < 1e-6 for p in found.p_values.values())
    assert all(found.frequency[f] > 0.95 for f in (0, 1, 3))
    assert all(found.frequency[f] < 0.3 for f in (2, 4, 5))


def test_points_left_out_agree(case):
    found = case[3]
    assert found.held_out == pytest.approx((found.box.coverage, found.box.density), abs=0.06)


def test_the_path_trades_coverage_for_density(case):
    path = case[3].path
    assert path[0] == Box({}, 1.0, pytest.approx(case[3].base), 1.0)
    assert path[-1].density > path[0].density
    assert min(box.support for box in path) >= discovery.SUPPORT


def test_a_mirror_gives_the_mirrored_box(case):
    columns, _, outcome, found = case
    flipped = columns.copy()
    flipped[:, [0, 1, 2, 4]] *= -1
    other = discovery.discover(flipped, LEVELS, outcome, seed=1, resamples=1).box
    assert other.limits[0].low == pytest.approx(-found.box.limits[0].high)
    assert other.limits[1].high == pytest.approx(-found.box.limits[1].low)
    assert other.coverage == pytest.approx(found.box.coverage)


def test_names_of_levels_do_not_matter(case):
    columns, _, outcome, found = case
    renamed = columns.copy()
    renamed[:, 3] = np.array([2, 0, 1])[columns[:, 3].astype(int)]
    other = discovery.discover(renamed, LEVELS, outcome, seed=1, resamples=1).box
    assert other.limits[3].levels == {2, 1}
    assert other.coverage == pytest.approx(found.box.coverage)


def test_the_same_seed_finds_the_same(case):
    columns, _, outcome, found = case
    one, two = (discovery.discover(columns, LEVELS, outcome, seed=1, resamples=3) for _ in range(2))
    assert one == two
    assert one.box == found.box


def test_blocks_are_resampled_together(case):
    """Points that come twice count once: the box is the same, the quasi-p values are those of half the trials."""
    columns, _, outcome, found = case
    twice, blocks = np.repeat(columns, 2, axis=0), np.repeat(np.arange(len(outcome)), 2)
    other = discovery.discover(twice, LEVELS, np.repeat(outcome, 2), seed=1, blocks=blocks, independent=0.5, resamples=8)
    assert set(other.box.limits) == set(found.box.limits)
    same = discovery.discover(columns, LEVELS, outcome, seed=1, resamples=8)
    assert other.frequency == same.frequency
    assert other.held_out == pytest.approx(same.held_out, abs=0.03)
    drawn, left = discovery._resampled(blocks, 1, 0)
    assert not set(blocks[drawn]) & set(blocks[left])
    assert len(set(blocks[drawn]) | set(blocks[left])) == len(outcome)


def test_a_failed_point_is_left_out(case):
    columns, _, outcome, _ = case
    holed = outcome.copy()
    holed[:5] = np.nan
    found = discovery.discover(columns, LEVELS, holed, seed=1, resamples=1)
    assert found.points == 795
    assert found.box == discovery.discover(columns[5:], LEVELS, outcome[5:], seed=1, resamples=1).box


@pytest.mark.parametrize("seed", range(4))
def test_in_noise_there_is_hardly_a_box(seed):
    """Where no factor matters, boxes are few, and what is claimed does not hold on points left out."""
    rng = np.random.default_rng(seed)
    columns, outcome = rng.random((200, 3)), rng.binomial(30, 0.4, 200) / 30
    found = discovery.discover(columns, [0, 0, 0], outcome, seed=seed)
    assert found.box.density < 0.45
    assert found.held_out[1] == pytest.approx(0.4, abs=0.02)


def test_a_rare_and_a_common_thing_have_the_same_box():
    """The box of what happens almost nowhere else, and of what happens almost always there."""
    for high, low in ((0.3, 0.02), (0.98, 0.7)):
        columns, there, outcome = planted(seed=2, high=high, low=low)
        found = discovery.discover(columns, LEVELS, outcome, seed=2, resamples=1)
        assert (discovery.inside(found.box.limits, columns) == there).mean() > 0.95


@pytest.mark.parametrize("outcome", [np.zeros(100), np.ones(100), np.full(100, 0.3), np.full(100, np.nan), np.arange(9) / 9])
def test_never_always_or_too_few(outcome):
    with pytest.raises(InputError, match=r"too few for conditions|at each of"):
        discovery.discover(np.random.default_rng(1).random((len(outcome), 2)), [0, 0], outcome, seed=1)


def test_a_limit_holds_what_it_says():
    assert Limit(low=0.2).holds(np.array([0.1, 0.2, 0.9])).tolist() == [False, True, True]
    assert Limit(levels=frozenset({0, 2})).holds(np.array([0.0, 1.0, 2.0])).tolist() == [True, False, True]


def test_the_tree_asks_about_the_same_factors(case):
    pytest.importorskip("sklearn")
    from sim.tree import tree

    columns, _, outcome, _ = case
    root = tree(columns, LEVELS, outcome)
    asked, leaves = set(), []

    def walk(node, depth=0):
        assert depth <= 3
        if node.limit is None:
            leaves.append(node)
            return
        asked.add(node.factor)
        assert node.points == node.yes.points + node.no.points
        walk(node.yes, depth + 1)
        walk(node.no, depth + 1)

    walk(root)
    assert asked == {0, 1, 3}
    assert root.share == pytest.approx(outcome.mean())
    assert max(leaf.share for leaf in leaves) > 0.85
    assert sum(leaf.points for leaf in leaves) == 800


def test_the_tree_sends_points_the_way_it_says():
    pytest.importorskip("sklearn")
    from sim.tree import tree

    columns, _, outcome = planted(seed=3)
    root = tree(columns, LEVELS, outcome, depth=1)
    yes = root.limit.holds(columns[:, root.factor])
    assert root.yes.share == pytest.approx(outcome[yes].mean())
    assert root.no.points == (~yes).sum()
