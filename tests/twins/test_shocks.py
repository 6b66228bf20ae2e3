"""Chance is a pure function of (seed, channel, names, quarter, run): nothing else may move a draw."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import quarters, shocks
from sim.codebook import of_kind
from sim.shocks import MAX_SEED, key, normal, student_t4, uniform

N = 40_000
SHOCKS = list(of_kind("shock"))


# --- draws stay where they are --------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(0, MAX_SEED), st.integers(0, 12_000), st.integers(0, 10**9), st.integers(1, 300), st.data())
def test_a_draw_does_not_know_which_runs_are_drawn_with_it(seed, quarter, start, length, data):
    address = key(seed, "stance_shock", "BGD", "RUS", "energy")
    whole = uniform(address, quarter, range(start, start + length))
    first = data.draw(st.integers(0, length - 1))
    last = data.draw(st.integers(first + 1, length))
    assert np.array_equal(uniform(address, quarter, range(start + first, start + last)), whole[first:last])
    assert (whole > 0).all() and (whole < 1).all()


@pytest.mark.parametrize("name", SHOCKS)
def test_more_runs_more_quarters_another_chunk_leave_earlier_draws(name, world):
    quarter = quarters.quarter("2027Q2")
    few = world().shock(name, quarter, range(9))
    many = world(settings={"until": "2031Q1", "spin_up_from": "2009Q1"}).shock(name, quarter, range(300))
    later = world().shock(name, quarter, range(5, 9))
    assert np.array_equal(many[..., :9], few)
    assert np.array_equal(few[..., 5:], later)
    assert not np.array_equal(world(seed=8).shock(name, quarter, range(9)), few)


@pytest.mark.parametrize("name", SHOCKS)
def test_another_order_of_states_leaves_every_draw(name, world):
    order = ["USA", "IND", "BGD", "CHN", "RUS"]
    one, two = world(), world(settings={"states": order})
    old, new = (w.shock(name, one.span[9], range(7)) for w in (one, two))
    place = [order.index(s) for s in one.scenario.states]
    new = new[place]
    assert np.array_equal(new[:, place] if new.shape[1] > 1 else new, old)


def test_parameters_and_traits_are_drawn_by_name_too(world):
    one, two = world(), world(settings={"states": ["USA", "IND", "BGD", "CHN", "RUS"]})
    place = [2, 4, 1, 3, 0]  # where BGD, RUS, IND, CHN, USA stand in the second world
    for old, new in (
        (one.parameters(range(9)), two.parameters(range(20))),
        (one.traits(8110, range(9)), two.traits(8110, range(20))),
    ):
        for name, value in old.items():
            moved = new[name] if new[name].shape[0] == 1 else new[name][place]
            moved = moved if moved.shape[1] == 1 else moved[:, place]
            others = one.not_self if value.shape[:2] == (5, 5) else 1.0
            assert np.array_equal(moved[..., :9] * others, value * others), name


def test_an_unrelated_change_of_scenario_leaves_every_draw(world):
    changed = world("bnp_government+sanctions_tighten", {"leaders.tarique_rahman.traits.image_of.russia": 0.4})
    for name in SHOCKS:
        assert np.array_equal(world().shock(name, 8110, range(5)), changed.shock(name, 8110, range(5)))


def test_a_power_is_moved_by_one_shock_for_all_issue_areas_and_a_small_state_by_one_each(world):
    shock = world().shock("stance_shock", 8110, range(3))[..., 0, 0, :]
    assert (shock[1, 0, 0] == shock[1, 0, 0, :1]).all()
    assert len(np.unique(shock[0, 1, 0, :, 0])) == 6
    assert (shock[np.arange(5), np.arange(5)] == 0).all()


# --- the law of chance ----------------------------------------------------------------------------------------------


def streams() -> dict[str, np.ndarray]:
    """Draws that differ in one part of their address each."""
    base = (1, "stance_shock", "BGD", "RUS", "energy")
    addresses = {
        "base": base,
        "another seed": (2, *base[1:]),
        "another channel": (1, "vote_shock", *base[2:]),
        "another state": (1, "stance_shock", "IND", "RUS", "energy"),
        "the other way round": (1, "stance_shock", "RUS", "BGD", "energy"),
        "another issue": (*base[:-1], "trade"),
        "joined names": (1, "stance_shock", "BGDRUS", "energy"),
    }
    drawn = {name: uniform(key(*address), 8110, range(N)) for name, address in addresses.items()}
    drawn["next quarter"] = uniform(key(*base), 8111, range(N))
    drawn["later runs"] = uniform(key(*base), 8110, range(N, 2 * N))
    return drawn


def test_channels_are_uncorrelated():
    matrix = np.corrcoef([normal(u) for u in streams().values()])
    off = matrix[~np.eye(len(matrix), dtype=bool)]
    assert np.abs(off).max() < 4.5 / math.sqrt(N)


def test_runs_are_uncorrelated_with_their_neighbours():
    z = normal(uniform(key(1, "demo"), 0, range(N)))
    for lag in (1, 2, 3, 4, 5, 8):
        assert abs(np.corrcoef(z[lag:], z[:-lag])[0, 1]) < 4.5 / math.sqrt(N)


def test_quarters_of_one_run_are_uncorrelated():
    z = np.array([normal(uniform(key(1, "demo"), q, range(3, 4)))[0] for q in range(4000)])
    assert abs(np.corrcoef(z[1:], z[:-1])[0, 1]) < 4.5 / math.sqrt(4000)


def test_uniform_draws_are_uniform():
    from scipy.stats import kstest

    for name, u in streams().items():
        assert kstest(u, "uniform").pvalue > 1e-4, name


def test_moments_of_the_laws():
    u = uniform(key(5, "demo"), 0, range(400_000))
    z, t = normal(u), student_t4(u)
    error = 1 / math.sqrt(len(u))
    assert abs(z.mean()) < 5 * error and abs(z.var() - 1) < 5 * math.sqrt(2) * error
    assert abs((z**3).mean()) < 5 * math.sqrt(15) * error and abs((z**4).mean() - 3) < 5 * math.sqrt(96) * error
    assert abs(t.mean()) < 5 * error and abs(t.var() - 1) < 0.05  # its fourth moment is infinite
    assert (np.abs(t) > 4).mean() > 50 * (np.abs(z) > 4).mean()  # fat tails are what it is for
    grid = (np.arange(2_000_000) + 0.5) / 2_000_000
    assert normal(grid).var() == pytest.approx(1, abs=1e-4)
    assert student_t4(grid).var() == pytest.approx(1, abs=5e-3)


def test_the_t4_quantile_against_scipy():
    from scipy.stats import t

    u = np.concatenate([np.linspace(1e-6, 1 - 1e-6, 20_001), 10.0 ** -np.arange(3, 16), [0.5, 0.25, 0.75]])
    np.testing.assert_allclose(student_t4(u), t(4).ppf(u) / math.sqrt(2), rtol=1e-9, atol=2e-8)
    assert student_t4(np.array(0.5)) == 0


@pytest.mark.parametrize("law", sorted(shocks.LAWS))
def test_inverse_cdfs_rise_and_are_symmetric(law):
    u = np.linspace(1e-9, 1 - 1e-9, 100_001)
    values = shocks.LAWS[law](u)
    assert (np.diff(values) >= 0).all() and np.isfinite(values).all()
    centre = shocks.LAWS[law](np.array(0.5))
    np.testing.assert_allclose(values + values[::-1], 2 * centre, atol=1e-5)


@pytest.mark.parametrize("word", [0, 2**64 - 1])
def test_the_most_extreme_bits_stay_inside_the_open_interval(word, monkeypatch):
    """A uniform draw of exactly 1 would become an infinite shock."""

    class Extreme:
        def random_raw(self, n: int) -> np.ndarray:
            return np.full(n, word, dtype=np.uint64)

    monkeypatch.setattr(shocks, "_generator", Extreme)
    u = uniform(key(1, "demo"), 0, range(3))
    assert (u > 0).all() and (u < 1).all()
    assert np.isfinite(normal(u)).all() and np.isfinite(student_t4(u)).all()
