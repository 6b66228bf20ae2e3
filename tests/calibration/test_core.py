"""The core model: Bangladesh's row equals the whole model with couplings off, and no held-out figure can reach a fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibration.model import paths, targets
from calibration.model import readings as core_scores
from calibration.model.cells import Grid
from calibration.model.core import CASES, SERIES, Core, Draws
from calibration.model.row import through
from calibration.observed import load
from sim.axes import frame
from sim.codebook import codebook
from sim.errors import InputError


@pytest.fixture(scope="module")
def core() -> Core:
    return Core(load())


def unknown(core: Core, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    spread = np.where(np.arange(core.size) < core.packed.size, 0.4, 1.0)
    return np.concatenate([core.packed.start, np.zeros(core.size - core.packed.size)]) + spread * rng.normal(size=core.size)


def arguments(core: Core, case: str = "full", **changes) -> dict:
    given = {"weights": core.weights(), "switches": CASES[case], "codings": core.codings, "targets": core.targets}
    return core.arguments(**(given | changes))


# --- the same model -------------------------------------------------------------------------------------------------------


def whole(core: Core, z: np.ndarray, given: dict) -> dict:
    """The coupled yearly model on the same unknowns: all states and issue areas, couplings and powers' parameters zero."""
    annual, row, n = core.annual, core.row, core.packed.size
    matrix, fixed = core.placement
    own = row.frames(given["factor"] * (fixed + matrix @ core.packed.value(z[:n])) + given["constant"])
    lengths, columns = annual.world.lengths, [annual.world.labels["issue"].index(i) for i in row.issues]
    parameters = {}
    for name in (n for n, v in codebook().items() if v.kind == "parameter"):
        axes = codebook()[name].axes
        full = np.zeros(frame(np.zeros([lengths[a] for a in axes]), axes).shape)
        if name in own:
            rows = slice(0, 1) if "state" in axes else slice(None)
            if "issue" in axes:
                full[rows, :, :, columns] = own[name]
            else:
                full[rows] = own[name]
        parameters[name] = full
    luck_shape, first_shape, _ = core.shapes
    luck, first = np.zeros((5, 5, 1, 6, 1, 1, 53)), np.zeros((5, 5, 1, 6, 1, 1, 1))
    cuts = np.cumsum([n, np.prod(luck_shape), np.prod(first_shape)])
    for k in range(2):
        luck[0, core.at, 0, columns[k], 0, 0] = z[n : cuts[1]].reshape(luck_shape)[k]
        first[0, core.at, 0, columns[k], 0, 0, 0] = z[cuts[1] : cuts[2]].reshape(first_shape)[k]
    numbers = np.zeros(len(annual.draws))
    numbers[[annual.draws.index(pair) for pair in row.draws]] = z[cuts[2] :]
    image = annual.images(numbers)
    image[1:] = 0.0
    board = paths.yearly_board(annual, parameters, image)
    return paths.run(annual, board, luck, first, targets.lay(core.record, annual).trade)


@pytest.mark.parametrize("seed", range(3))
def test_the_row_is_the_whole_model_with_couplings_off(core, seed):
    z, given = unknown(core, seed), arguments(core)
    found, expected = core.board(z, given), whole(core, z, given)
    steps, laid = core.steps(found), targets.lay(core.record, core.annual)
    for k, issue in enumerate(core.row.issues[:2]):
        column = core.annual.world.labels["issue"].index(issue)
        np.testing.assert_allclose(steps["stance"][:, k], expected["stance"][0, core.at, 0, column, 0, 0], atol=1e-10)
    np.testing.assert_allclose(steps["order_share"][:, :4].T, expected["order_share"][0, core.at, 0, 0, 0, 0], atol=1e-12)
    scores = core.log_likelihood(found, given)
    np.testing.assert_allclose(scores["votes"], targets.votes(core.annual, expected, laid), atol=1e-9)
    np.testing.assert_allclose(scores["trade"], _trade(expected, laid), atol=1e-9)
    orders = targets.orders(core.annual, expected, found["order_concentration"], laid.orders)
    np.testing.assert_allclose(scores["orders"], orders, atol=1e-9)


def _trade(board, laid):
    return targets.trade(laid.trade, laid.chained, board["expected"], paths.spread(board))


def test_doubling_is_the_recursion():
    rng = np.random.default_rng(1)
    kept, added, start = rng.uniform(0, 1, (2, 53)), rng.normal(size=(2, 4, 53)), rng.normal(size=(2, 4))
    kept[:, 7] = 0.0
    expected, x = np.empty_like(added), start
    for t in range(53):
        x = kept[:, None, t] * x + added[..., t]
        expected[..., t] = x
    np.testing.assert_allclose(through(kept, added, start), expected, atol=1e-12)


def test_every_roll_call_has_one_place(core):
    cells = core.cells
    assert core.targets.votes.sum() == core.record.vote_counts().sum()
    assert len({*zip(cells.grid.item, cells.grid.block, strict=True)}) == len(cells.year)
    assert np.array_equal(cells.grid.year[cells.grid.block], cells.number)
    assert Grid.of(np.zeros(9, int), 4, 2).year.tolist() == [0, 0, 0, -1]  # three blocks are needed, two were asked for


# --- special cases --------------------------------------------------------------------------------------------------------


def stances(core: Core, z: np.ndarray, case: str, **changes) -> np.ndarray:
    return core.steps(core.board(z, arguments(core, case, **changes)))["stance"]


def test_without_leaders_it_does_not_matter_who_leads(core):
    z, (value, sd) = unknown(core, 5), core.codings
    others = (value[::-1].copy(), sd)
    assert np.array_equal(stances(core, z, "system"), stances(core, z, "system", codings=others))
    assert not np.allclose(stances(core, z, "full"), stances(core, z, "full", codings=others))


def test_persistence_is_a_random_walk(core):
    z = unknown(core, 6)
    n, (shape, _, _) = core.packed.size, core.shapes
    luck = z[n : n + int(np.prod(shape))].reshape(shape).swapaxes(0, 1)
    volatility = [core.packed.named(core.packed.value(z[:n]))[f"volatility.small.{i}"] for i in core.row.issues[:2]]
    step = np.sqrt(core.annual.given["step"].ravel())
    moves = np.diff(stances(core, z, "persistence"), axis=-1)
    np.testing.assert_allclose(moves, (np.array(volatility)[:, None] * luck * step)[..., 1:], atol=1e-10)


def test_static_is_the_norm_and_regime_means_follow_the_leader_at_once(core):
    z = unknown(core, 7)
    named = core.packed.named(core.packed.value(z[: core.packed.size]))
    still = stances(core, z, "static")
    np.testing.assert_allclose(still[:, 0], np.tile(named["norm.small.diplomacy"][:, None], 53), atol=1e-8)
    regimes = stances(core, z, "regime_mean")
    full_years = [int(np.searchsorted(core.years, year)) for year in (2010, 2011, 2012, 2013)]  # one leader, one coding
    assert np.ptp(regimes[..., full_years], axis=-1).max() < np.ptp(regimes, axis=-1).max() / 5
    with pytest.raises(InputError, match="leader_gain"):
        core.switched({"leader_gian": 0.0})


# --- nothing leaks --------------------------------------------------------------------------------------------------------


def test_poisoning_what_is_held_out_changes_nothing(core):
    z, held_out = unknown(core, 8), np.arange(1982, 1991)
    weights = core.weights(held_out)
    late, cell = np.isin(core.years, held_out), np.isin(core.cells.year, held_out)
    votes, orders, trade = (x.copy() for x in (core.targets.votes, core.targets.orders, core.targets.trade))
    votes[cell] = votes[cell][:, ::-1]
    orders[late] = orders[late][:, ::-1]
    trade[:, late] += 3.0
    poisoned = replace(core.targets, votes=votes, orders=orders, trade=trade)
    clean = core.log_density(z, arguments(core, weights=weights))
    assert core.log_density(z, arguments(core, weights=weights, targets=poisoned)) == clean
    assert core.log_density(z, arguments(core, targets=poisoned)) != core.log_density(z, arguments(core))


def test_contracts_signed_in_held_out_years_are_not_known(core):
    everything = arguments(core)["contracts"]
    held = arguments(core, weights=core.weights(held_out=range(2009, 2014)))["contracts"]
    late = arguments(core, weights=core.weights(held_out=range(1972, 1976)))["contracts"]
    until, after = core.years <= 2009, core.years >= 2014
    np.testing.assert_array_equal(held[..., until], everything[..., until])
    assert 0 < held[..., after].sum() < 0.8 * everything[..., after].sum()
    np.testing.assert_array_equal(late, everything)  # years before the first that counts are left out, not held out


def test_an_order_counts_for_nothing_in_its_own_year(core):
    china, defence = core.annual.world.labels["partner"].index("CHN"), core.row.issues.index("defence")
    stock = arguments(core)["contracts"][0, china, 0, defence, 0, 0]
    year = {int(y): i for i, y in enumerate(core.years)}
    assert stock[year[2009]] < stock[year[2008]]
    assert stock[year[2010]] > stock[year[2009]] + 1.5


def test_weights_count_years_and_series(core):
    weights = core.weights((2000, 2001), votes=0.5)
    assert weights["votes"].sum() == 0.5 * 51 and weights["orders"].sum() == 51
    assert set(weights) == set(SERIES)


# --- draws ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn(core) -> Draws:
    pytest.importorskip("jax")
    z = np.stack([unknown(core, seed) for seed in range(6)])[None]
    return Draws(z, core.weights(range(2005, 2025)), {}, core.codings, core.targets)


def test_numpy_and_jax_agree(core, drawn):
    found = core.evaluate(drawn)
    given = core.arguments(drawn.weights, {}, core.codings, core.targets)
    for i, z in enumerate(drawn.flat):
        board = core.board(z, given)
        for name, expected in {**core.log_likelihood(board, given), **core.steps(board)}.items():
            np.testing.assert_allclose(found[name][i], expected, rtol=1e-8, atol=1e-10, err_msg=name)


def test_trade_is_scored_step_by_step_where_seen_and_by_simulation_where_not(core, drawn):
    found = core.pointwise(drawn)
    seen = core.years < 2006  # the first held-out year still builds on a recorded one
    np.testing.assert_allclose(found["trade"][:, seen], found["trade_one_step"][:, seen], atol=1e-10)
    assert not np.allclose(found["trade"][:, 40], found["trade_one_step"][:, 40])
    whole = core.evaluate(drawn)["trade"]
    np.testing.assert_allclose(found["trade_one_step"].sum(axis=2), whole, atol=1e-9)


def test_simulated_records_have_the_size_of_the_real_one(core, drawn):
    simulated = core.simulate(drawn)
    assert np.array_equal(simulated["votes"].sum(axis=2), np.tile(core.targets.votes.sum(axis=1), (6, 1)))
    assert np.array_equal(simulated["orders"].sum(axis=2), np.tile(core.targets.orders.sum(axis=1), (6, 1)))
    early = core.years < 2005
    seen = np.isfinite(core.targets.trade) & early
    assert np.array_equal(simulated["trade"][0][seen], core.targets.trade[seen])
    again = core_scores.replicated(core, simulated, 2)
    assert np.array_equal(np.isfinite(again.trade), np.isfinite(core.targets.trade))
    chances = core.vote_chances(drawn)
    expected = (chances * core.targets.votes.sum(axis=1)[:, None]).sum(axis=1)
    np.testing.assert_allclose(simulated["votes"].sum(axis=1), expected, atol=6 * np.sqrt(expected.max()))


def test_priors_are_those_of_the_sites(core):
    dist = pytest.importorskip("numpyro.distributions")
    rng = np.random.default_rng(3)
    for site in core.sites:
        packed = type(core.packed)((site,))
        a, b = packed.start + rng.normal(size=(2, packed.size)) * 0.5
        values = np.stack([packed.value(a), packed.value(b)])
        raw = np.exp(-values) if site.law["law"] == "kept" else values
        law = site.distribution()
        slope = [np.log(np.abs(_slope(packed, z, site))).sum() for z in (a, b)]
        logs = [np.sum(law.log_prob(np.squeeze(x) if not site.size else x)) for x in raw]
        expected = logs[0] + slope[0] - logs[1] - slope[1]
        assert packed.log_density(a) - packed.log_density(b) == pytest.approx(float(expected), abs=2e-3), site.name
    assert dist


def _slope(packed, z, site) -> np.ndarray:
    """Numerical derivative of what the prior of a site is stated for."""
    low, high = packed.value(z - 1e-5), packed.value(z + 1e-5)
    return (np.exp(-high) - np.exp(-low)) / 2e-5 if site.law["law"] == "kept" else (high - low) / 2e-5


@pytest.mark.slow
def test_a_fit_is_reproducible_and_a_scale_serves_the_next(core):
    pytest.importorskip("numpyro")
    run = {"warmup": 20, "draws": 10}
    one, statistics = core.sample(core.weights(), seed=3, **run)
    two, _ = core.sample(core.weights(), seed=3, **run)
    assert np.array_equal(one.z, two.z) and statistics["diverging"].shape == (16, 10)
    assert np.isfinite(core.pointwise(one)["votes"]).all()
    again, _ = core.sample(core.weights(range(2000, 2025)), seed=3, scale=one.scale, switches=CASES["persistence"], **run)
    assert again.z.shape == one.z.shape


# --- samplers -------------------------------------------------------------------------------------------------------------


def test_both_samplers_find_a_known_density():
    """A skewed density of three numbers, whose moments are known; the data move its centre."""
    pytest.importorskip("numpyro")
    import jax

    from calibration.model.sampler import Sampler

    jax.config.update("jax_enable_x64", True)

    def log_density(z, given):  # a normal of sd 2, one of sd 0.1 that leans on it, and the log of a half-normal
        return -0.5 * ((z[0] - given) / 2) ** 2 - 0.5 * ((z[1] - z[0]) / 0.1) ** 2 + z[2] - 0.5 * jax.numpy.exp(2 * z[2])

    sampler = Sampler(log_density, np.zeros(3), np.array([False, False, True]))
    scale = sampler.scale(3.0)
    np.testing.assert_allclose(scale.point[:2], 3.0, atol=1e-3)
    many, told, _ = sampler.sample(3.0, scale, seed=1, warmup=60, draws=250)
    long, _ = sampler.nuts(3.0, scale, seed=1, warmup=200, draws=2500)
    assert told["diverging"].mean() < 0.01 and many.shape == (16, 250, 3)
    for z in (many.reshape(-1, 3), long.reshape(-1, 3)):
        np.testing.assert_allclose(z.mean(axis=0)[:2], 3.0, atol=0.25)
        np.testing.assert_allclose(z[:, 0].std(), 2.0, rtol=0.12)
        np.testing.assert_allclose((z[:, 1] - z[:, 0]).std(), 0.1, rtol=0.12)
        np.testing.assert_allclose(np.exp(z[:, 2]).mean(), np.sqrt(2 / np.pi), rtol=0.12)
