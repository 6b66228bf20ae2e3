"""The yearly step of the fit: the engine's own rules, drivers and images, on NumPy and on JAX arrays."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from calibration.model import paths
from calibration.model.annual import HOME, Annual
from calibration.model.unknowns import LEFT_OUT, layout
from sim import engine, priors, quarters, shocks
from sim.axes import AXES, frame
from sim.codebook import codebook
from sim.scenario import read_scenario
from sim.world import World

needs_jax = pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed (padma[calibrate])")


@pytest.fixture(scope="module")
def annual() -> Annual:
    return Annual()


def draw(annual: Annual, seed: int, *, luck: float = 1.0) -> dict:
    """Arguments of paths.run drawn at random: parameters from their priors, images, luck."""
    rng = np.random.default_rng(seed)
    world, years = annual.world, len(annual.years)
    parameters = {k: v.copy() for k, v in World(world.scenario, seed).parameters(range(1)).items()}
    size = (5, 5, 1, 6, 1, 1)
    for name in ("leader_gain", "system_gain", "adjustment_rate", "volatility"):
        parameters[name][1:] = parameters[name][1:, :, :, :1]  # a power has one number for all issue areas
    each = [
        np.where(annual.given["power"] > 0, rng.normal(size=(*size[:3], 1, 1, 1, n)), rng.normal(size=(*size, n)))
        for n in (years, 1)
    ]
    return {
        "parameters": parameters,
        "image": annual.images(rng.normal(size=len(annual.draws))),
        "luck": luck * each[0] * annual.clamp,
        "start_luck": luck * each[1] * annual.clamp,
    }


def simulate(annual: Annual, given: dict, run=paths.run, observed=None) -> dict:
    """Run the years on arguments as :func:`draw` makes them."""
    board = paths.yearly_board(annual, given["parameters"], given["image"])
    return run(annual, board, given["luck"], given["start_luck"], observed)


# --- drivers ---------------------------------------------------------------------------------------------------------


def test_years_are_means_of_their_quarters(annual):
    at = [i for i, q in enumerate(annual.world.span) if q // 4 == 2001]
    t = int(np.searchsorted(annual.years, 2001))
    for name in ("capability", "risk", "sanctions", "veto"):
        expected = annual.world.series[name][at][..., 0].mean(axis=0)
        np.testing.assert_allclose(annual.given[name][..., t], expected, rtol=1e-14)
    assert annual.given["step"].ravel()[[0, -1]].tolist() == [1.0, 0.5]  # the record ends in the middle of 2024


def test_images_are_those_of_the_engine_weighted_by_days(annual):
    """One run of the quarterly world, with the same draws, averaged over the quarters of each year."""
    address = [shocks.key(annual.world.seed, "trait", leader, "image_of", partner) for leader, partner in annual.draws]
    found = annual.images(shocks.normal(shocks.uniforms(address, 0, range(1))[:, 0]))
    for year in (1972, 1975, 1982, 1996, 2001, 2006, 2009, 2022, 2024):
        t = int(np.searchsorted(annual.years, year))
        span = [q for q in annual.world.span if q // 4 == year]
        days = np.array([(quarters.last_day(q) - quarters.first_day(q)).days + 1 for q in span])
        each = np.stack([annual.world.traits(q, range(1))["image_of"][..., 0] for q in span])
        expected = np.tensordot(days / days.sum(), each, axes=1) * (annual.clamp[..., 0] > 0)
        np.testing.assert_allclose(found[..., t], expected, atol=1e-12)


def test_leaders_count_by_their_days_in_the_year(annual):
    t = int(np.searchsorted(annual.years, 1975))
    weight = {c.leader: c.weight[t] for c in annual.codings if (c.state, c.partner) == (HOME, "RUS") and c.weight[t]}
    assert sum(weight.values()) == pytest.approx(1.0)
    assert weight["sheikh_mujibur_rahman"] == pytest.approx(226 / 365, abs=1e-9)
    assert weight["ziaur_rahman"] == pytest.approx(55 / 365, abs=1e-9)


def test_contracts_in_force_are_those_of_the_engine_where_none_is_signed(annual):
    given = draw(annual, 3)
    given["parameters"]["signing_rate"] = 0.0 * given["parameters"]["signing_rate"]
    found = simulate(annual, given)["commitment"]
    own = annual.world
    world = World(read_scenario("history", settings={"parameters.signing_rate": 0.0}), 1)
    last = [max(i for i, q in enumerate(own.span) if q // 4 == year) for year in annual.years]
    expected = engine.simulate(world, range(1), ("commitment",))["commitment"][last, ..., 0]
    begun = np.moveaxis(found[:, :, 0, :, 0, 0, :], -1, 0)
    np.testing.assert_allclose(begun[1:], expected[:-1], atol=1e-12)


# --- rules -----------------------------------------------------------------------------------------------------------


def test_every_rule_that_the_likelihoods_need_belongs_to_one_tier():
    given, yearly, moving = paths.tiers()
    assert not given & yearly and not yearly & moving and not given & moving
    assert given | yearly | moving == paths.needed(set(paths.WANTED), set())


def test_the_tiers_together_are_the_turn_of_the_engine(annual):
    """Year by year the whole turn of the engine, on boards that were not split, gives the same path."""
    given = draw(annual, 11)
    found = simulate(annual, given)
    rules = paths.needed({"next_stance"}, set())
    for t in (1, 3, 20, 52):
        board = {k: v[..., t : t + 1] if v.shape[-1] > 1 else v for k, v in annual.given.items()} | given["parameters"]
        stance = found["stance"][..., t - 1 : t]
        board |= {"stance": stance, "anchor": stance, "image_of": given["image"][..., t : t + 1]}
        board |= {"commitment": annual.contracts[..., t : t + 1], "stance_shock": 0.0 * stance}
        board = engine.evaluate(annual.world, board, paths.BEFORE, rules)
        expected = paths.alike(annual, board["next_stance"])
        np.testing.assert_allclose(found["expected"][..., t : t + 1], expected, atol=1e-12)


def test_powers_are_clamped_among_themselves_and_alike_in_all_issue_areas(annual):
    given = draw(annual, 5)
    stance = simulate(annual, given)["stance"]
    assert not stance[1:, 1:].any()
    np.testing.assert_allclose(stance[1:, 0] - stance[1:, 0, :, :1], 0.0, atol=1e-12)


def test_a_recorded_stance_replaces_the_expected_one_and_is_built_on(annual):
    given = draw(annual, 8)
    t, seen = 30, np.full((5, 5, 1, 6, 1, 1, 53), np.nan)
    free = simulate(annual, given)
    seen[0, 1, 0, 3, 0, 0, t] = -2.0
    held = simulate(annual, given, observed=seen)
    spot = (0, 1, 0, 3, 0, 0)
    assert held["stance"][(*spot, t)] == -2.0
    np.testing.assert_allclose(held["expected"][..., : t + 1], free["expected"][..., : t + 1], atol=1e-12)
    assert abs(held["expected"][(*spot, t + 1)] - free["expected"][(*spot, t + 1)]) > 1e-3


# --- one year is four quarters -----------------------------------------------------------------------------------------


COUPLINGS = ("reciprocity", "jealousy", "omnibalancing", "lock_in")


def turns(annual: Annual, board: dict, length: float, times: int, luck: float = 0.0) -> np.ndarray:
    """Stances after some turns of the engine's rules, all with the same drivers and the same luck."""
    rules = paths.needed({"next_stance"}, set())
    board = board | {"step": frame(length, ())}
    for _ in range(times):
        now = board | {"stance_shock": luck + 0.0 * board["stance"], "anchor": board["stance"]}
        board = board | {"stance": engine.evaluate(annual.world, now, paths.BEFORE, rules)["next_stance"]}
    return board["stance"]


@pytest.mark.parametrize("seed", range(3))
def test_a_year_with_constant_drivers_is_four_quarters(annual, seed):
    """Whole turns of the engine, couplings off: the same mean to 1e-12, and the same variance."""
    given, t = draw(annual, seed), 25 + seed
    for name in COUPLINGS:
        given["parameters"][name] *= 0
    given["parameters"]["adjustment_rate"][0, 0, 0, 0] = 0.0
    board = {k: v[..., t : t + 1] if v.shape[-1] > 1 else v for k, v in annual.given.items()} | given["parameters"]
    board |= {"image_of": given["image"][..., t : t + 1], "commitment": annual.contracts[..., t : t + 1]}
    board |= {"stance": np.random.default_rng(seed).normal(size=(5, 5, 1, 6, 1, 1, 1)) * annual.world.not_self}
    year, quarterly = turns(annual, board, 1.0, 1), turns(annual, board, 0.25, 4)
    np.testing.assert_allclose(year, quarterly, atol=1e-12)
    assert np.abs(year - board["stance"]).max() > 0.1
    # variance: what one unit of luck adds in a quarter, carried to the end of the year by what a quarter keeps
    quarter = turns(annual, board, 0.25, 1)
    noise = turns(annual, board, 0.25, 1, luck=1.0) - quarter
    kept = turns(annual, board | {"stance": board["stance"] + annual.world.not_self}, 0.25, 1) - quarter
    variance = sum(noise**2 * kept ** (2 * n) for n in range(4))
    np.testing.assert_allclose((turns(annual, board, 1.0, 1, luck=1.0) - year) ** 2, variance, rtol=1e-9, atol=1e-15)


# --- JAX ---------------------------------------------------------------------------------------------------------------


@needs_jax
@pytest.mark.slow
def test_numpy_and_jax_agree(annual):
    """Both ways through the years, compiled."""
    import jax

    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        given = draw(annual, 21)
        moved = jax.tree_util.tree_map(jax.numpy.asarray, given)
        for way in (paths.run, paths.run_around):
            expected = simulate(annual, given, way)
            found = jax.jit(lambda g, way=way: {k: simulate(annual, g, way)[k] for k in NAMES})(moved)
            for name in NAMES:
                np.testing.assert_allclose(np.asarray(found[name]), expected[name], rtol=1e-8, atol=1e-10, err_msg=name)
    finally:
        jax.config.update("jax_enable_x64", before)


NAMES = ("stance", "expected", "stance_shock", "cooperation", "order_share")


# --- unknowns ------------------------------------------------------------------------------------------------------------


def test_every_parameter_of_the_codebook_is_unknown_fixed_or_left_out_by_name():
    found = layout(read_scenario("history"))
    assert set(found.places) | set(LEFT_OUT) == set(priors.parameters())
    for name, (fixed, _) in found.places.items():
        assert fixed.ndim == len(AXES)
        shown = tuple(axis for axis, length in zip(AXES, fixed.shape, strict=True) if length > 1)
        assert set(shown) <= set(codebook()[name].axes)


def test_a_fit_starts_from_the_prior_and_not_from_what_simulation_draws_before_one():
    sites = {site.name: site for site in layout(read_scenario("history")).sites}
    assert sites["leader_gain.small.diplomacy"].law == {"law": "normal", "mean": 0, "sd": 0.5}
    assert sites["leader_gain.small.diplomacy"].grade == "A"
    assert sites["norm.small.defence"].size == 4
    assert "leader_gain.power" in sites and "norm.power" not in sites


def test_special_cases_are_the_same_model_with_fewer_unknowns():
    whole = {site.name for site in layout(read_scenario("history")).sites}
    system = layout(read_scenario("history", settings={"switches.leader": "off"}))
    assert {n for n in whole if n.startswith(("leader_gain", "omnibalancing"))}.isdisjoint(s.name for s in system.sites)
    one = layout(read_scenario("history", settings={"parameters.leader_gain": 0.0}))
    assert whole - {s.name for s in one.sites} == {n for n in whole if n.startswith("leader_gain")}


def test_values_are_laid_where_they_belong():
    found = layout(read_scenario("history"))
    draws = {s.name: np.full(s.shape, 0.5) for s in found.sites}
    draws["norm.small.trade"] = np.array([1.0, 2.0, 3.0, 4.0])
    draws["adjustment_rate.small.diplomacy"] = np.array(np.exp(-0.3))
    frames = found.frames(draws)
    assert frames["norm"][0, :, 0, 3, 0, 0, 0].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert not frames["norm"][1:].any()
    assert frames["adjustment_rate"][0, 0, 0, 0, 0, 0, 0] == pytest.approx(0.3)
    assert frames["leader_gain"][0, 0, 0, 2, 0, 0, 0] == pytest.approx(0.5 + 0.5 * 0.5)  # energy: mean + spread x own
