"""The yearly step of the fit: the engine's own rules, drivers and images, on NumPy and on JAX arrays."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from calibration import paths
from calibration.annual import HOME, Annual
from calibration.unknowns import LEFT_OUT, layout
from sim import engine, priors, quarters, shocks
from sim.axes import AXES, frame
from sim.codebook import codebook
from sim.rulebook import RULES
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
    u = [shocks.uniform(shocks.key(annual.world.seed, "trait", l, "image_of", p), 0, range(1))[0] for l, p in annual.draws]
    found = annual.images(shocks.normal(np.array(u)))
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
    np.testing.assert_allclose(np.moveaxis(found[:, :, 0, :, 0, 0, :], -1, 0), expected, atol=1e-12)


# --- rules -----------------------------------------------------------------------------------------------------------


def test_every_rule_that_the_likelihoods_need_belongs_to_one_tier():
    given, yearly, moving = paths.tiers()
    assert not given & yearly and not yearly & moving and not given & moving
    assert given | yearly | moving == paths.needed(set(paths.WANTED), set())


def test_the_tiers_together_are_the_turn_of_the_engine(annual):
    """Year by year the whole turn of the engine, on boards that were not split, gives the same path."""
    given = draw(annual, 11)
    found = simulate(annual, given)
    rules = paths.needed(set(paths.WANTED), set())
    for t in (0, 3, 20, 52):
        before = {name: found[name][..., t - 1 : t] for name in ("stance", "commitment")}
        if t == 0:
            continue
        board = {k: v[..., t : t + 1] if v.shape[-1] > 1 else v for k, v in annual.given.items()} | given["parameters"]
        board |= before | {"anchor": before["stance"], "image_of": given["image"][..., t : t + 1]}
        board |= {"stance_shock": 0.0 * given["luck"][..., t : t + 1]}
        board = engine.evaluate(annual.world, board, paths.BEFORE, rules)
        np.testing.assert_allclose(found["expected"][..., t : t + 1], paths.alike(annual, board["next_stance"]), atol=1e-12)
        np.testing.assert_allclose(found["commitment"][..., t : t + 1], board["next_commitment"], atol=1e-12)


def test_powers_are_clamped_among_themselves_and_alike_in_all_issue_areas(annual):
    given = draw(annual, 5)
    same = ("leader_gain", "adjustment_rate", "volatility", "system_gain")
    for name in same:
        given["parameters"][name][1:] = given["parameters"][name][1:, :, :, :1]
    for name in ("lock_in", "priority_effect", "signing_rate"):
        given["parameters"][name] *= 0
    given["luck"][1:, 0] = given["luck"][1:, 0, :, :1]
    given["start_luck"][1:, 0] = given["start_luck"][1:, 0, :, :1]
    stance = simulate(annual, given)["stance"]
    assert not stance[1:, 1:].any()
    felt = annual.given["coercion"][1:, 0]
    if not felt.any():
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


@pytest.mark.parametrize("seed", range(5))
def test_a_year_with_constant_drivers_is_four_quarters(seed):
    rng = np.random.default_rng(seed)
    n = 200_000
    shape = (5, 5, 1, 6, 1, 1, 1)
    stance, desired = rng.normal(size=shape), rng.normal(size=shape)
    rate, volatility = rng.uniform(0, 2, (5, 1, 1, 6, 1, 1, 1)), rng.uniform(0.1, 1, (5, 1, 1, 6, 1, 1, 1))
    rate[0, 0, 0, 0] = 0.0
    rule = RULES["next_stance"].function
    terms = {"desired": desired, "rate": rate, "volatility": volatility}
    year = rule(stance=stance, step=frame(1.0, ()), stance_shock=0 * stance, **terms)
    quarterly, variance = stance, 0.0 * stance
    for _ in range(4):
        moved = rule(stance=quarterly, step=frame(0.25, ()), stance_shock=0 * stance, **terms)
        kept = rule(stance=1.0 + 0 * stance, step=frame(0.25, ()), stance_shock=0 * stance, **{**terms, "desired": 0.0})
        luck = rule(stance=0 * stance, step=frame(0.25, ()), stance_shock=1.0 + 0 * stance, **{**terms, "desired": 0.0})
        quarterly, variance = moved, variance * kept**2 + luck**2
    np.testing.assert_allclose(year, quarterly, atol=1e-12)
    luck = paths.spread({"rate": rate, "volatility": volatility, "step": frame(1.0, ())})
    np.testing.assert_allclose(np.broadcast_to(luck**2, shape), variance, rtol=1e-12)
    draws = volatility[0, 0, 0, 1, 0, 0, 0] * 0.0 + rng.normal(size=(4, n))
    path = np.zeros(n)
    for shock in draws:
        path = rule(
            stance=path,
            desired=0.0,
            rate=rate[0, 0, 0, 1, 0, 0, 0],
            step=np.array(0.25),
            volatility=volatility[0, 0, 0, 1, 0, 0, 0],
            stance_shock=shock,
        )
    assert path.std() == pytest.approx(float(luck[0, 0, 0, 1, 0, 0, 0]), rel=0.02)


def test_the_annual_path_is_the_quarterly_engine_in_mean_where_nothing_changes():
    """Whole turns, no couplings: a year of the engine at quarters ends where one yearly step ends."""
    off = {f"parameters.{p}": 0.0 for p in ("reciprocity", "jealousy", "omnibalancing", "signing_rate", "volatility")}
    scenario = read_scenario("history", settings={**off, "start": "2012Q1", "until": "2012Q4"})
    scenario = read_scenario("history", settings={**off, "start": "2012Q1", "until": "2013Q4", "spin_up_from": "2012Q1"})
    annual = Annual(World(scenario, 4))
    names = ("stance",)
    start = engine.start(annual.world, range(1), annual.world.fixed | annual.world.parameters(range(1)))
    assert set(start) == {"stance", "anchor", "commitment"} and len(annual.years) == 2 and names


# --- JAX ---------------------------------------------------------------------------------------------------------------


@needs_jax
def test_numpy_and_jax_agree(annual, double):
    given = draw(annual, 21)
    expected = simulate(annual, given)
    moved = {k: double(v) if k != "parameters" else {n: double(x) for n, x in v.items()} for k, v in given.items()}
    found = simulate(annual, moved)
    for name in ("stance", "commitment", "expected", "cooperation", "order_share"):
        np.testing.assert_allclose(np.asarray(found[name]), expected[name], rtol=1e-8, atol=1e-10, err_msg=name)


@pytest.fixture(scope="module")
def double():
    """Function that moves an array to JAX in double precision; the setting is put back afterwards."""
    import jax

    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield jax.numpy.asarray
    jax.config.update("jax_enable_x64", before)


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
