"""How likely the record is: against enumeration on tiny cases, closed forms, and records simulated from the model."""

from __future__ import annotations

import importlib.util
import itertools

import numpy as np
import pytest
from scipy import stats

from calibration.model import paths, targets
from calibration.model.annual import HOME, Annual
from calibration.model.coupled import Fit
from calibration.observed import load
from calibration.sources.raw import POWERS
from calibration.sources.tables import SUPPLIERS
from sim import priors, shocks
from sim.axes import frame

needs_jax = pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed (padma[calibrate])")


@pytest.fixture(scope="module")
def fit() -> Fit:
    return Fit(Annual(), load())


def draw(fit: Fit, seed: int) -> dict[str, np.ndarray]:
    """One value of every unknown, drawn from its prior."""
    rng = np.random.default_rng(seed)
    found = {}
    for site in (*fit.layout.sites, *fit.nuisance):
        law = dict(site.law)
        kind, u = law.pop("law"), rng.uniform(0.02, 0.98, size=site.shape)
        if kind in ("pooled", "lifetime"):
            found[site.name] = shocks.normal(u)
        else:
            found[site.name] = np.asarray(priors.LAWS["beta" if kind == "kept" else kind](u, **law))
    return found | {name: rng.normal(size=shape) for name, shape in fit.shapes.items()}


@pytest.fixture(scope="module")
def one(fit) -> tuple[dict, dict]:
    draws = draw(fit, 4)
    return draws, fit.board(draws)


EFFECTS = {"assembly": "agenda_weight", "on_palestine": "palestine_effect", "on_disarmament": "disarmament_effect"}

# --- roll calls --------------------------------------------------------------------------------------------------------


def test_the_three_answers_are_the_rules_and_add_up(fit, one):
    _, board = one
    no, abstain, yes = targets.vote_probabilities(fit.annual, board, fit.targets.asked)
    np.testing.assert_allclose(no + abstain + yes, 1.0, atol=1e-12)
    alone = targets.chance(fit.annual, board, "vote_yes", fit.targets.asked)
    np.testing.assert_allclose(alone, yes, rtol=1e-12)
    home, t = 0, 10
    asked = {name: of[0, :, 0, 0, :, 0, t] for name, of in fit.targets.asked.items()}
    eta = board["stance"][home, :, 0, 0, 0, 0, t] @ asked["power_vote"]
    for name, effect in EFFECTS.items():
        assert asked[name].any()
        eta = eta + float(board[effect].squeeze()) * asked[name][0]
    cut, gap = float(board["no_cut"].squeeze()), float(board["yes_gap"].squeeze())
    np.testing.assert_allclose(no.squeeze()[:, t], stats.logistic.cdf(cut - eta), rtol=1e-10)
    np.testing.assert_allclose(yes.squeeze()[:, t], stats.logistic.sf(cut + gap - eta), rtol=1e-10)


def test_roll_calls_by_brute_force(fit, one):
    _, board = one
    found = targets.votes(fit.annual, board, fit.targets)
    rows = fit.record.votes["year"] == 1987
    t = int(np.searchsorted(fit.annual.years, 1987))
    cut, gap, *effects = (float(board[n].squeeze()) for n in ("no_cut", "yes_gap", *EFFECTS.values()))
    states = fit.annual.world.labels["state"]
    stance = board["stance"][0, [states.index(p) for p in POWERS], 0, 0, 0, 0, t]
    total = 0.0
    asked = np.stack([fit.record.votes[n][rows] for n in ("lean", "on_palestine", "on_disarmament")], axis=1)
    for of, votes, counts in zip(asked, fit.record.vote_positions()[rows], fit.record.vote_counts()[rows], strict=True):
        eta = of @ effects + votes @ stance
        below, above = stats.logistic.cdf(cut - eta), stats.logistic.cdf(cut + gap - eta)
        total += counts @ np.log([below, above - below, 1 - above])
    assert found[t] == pytest.approx(total, rel=1e-9)
    assert found[:2].tolist() == [0.0, 0.0] and found.shape == (53,)  # no votes before 1974


def test_no_answer_is_ever_impossible(fit, one):
    _, board = one
    far = board | {"stance": board["stance"] + 60.0 * fit.annual.clamp}
    assert np.isfinite(targets.votes(fit.annual, far, fit.targets)).all()


# --- orders ------------------------------------------------------------------------------------------------------------


def test_orders_of_a_year_add_up_to_one_over_all_ways_to_place_them(fit, one):
    _, board = one
    ways = [w for w in itertools.product(range(4), repeat=5) if sum(w) == 3]
    total = np.zeros(53)
    for way in ways:
        total += np.exp(targets.orders(fit.annual, board, np.array(3.0), np.tile(np.array(way, dtype=float), (53, 1))))
    np.testing.assert_allclose(total, 1.0, rtol=1e-10)


def test_orders_in_closed_form(fit, one):
    _, board = one
    found = targets.orders(fit.annual, board, np.array(6.0), fit.targets.orders)
    states = fit.annual.world.labels["state"]
    t = int(np.searchsorted(fit.annual.years, 1999))
    odds = np.exp([board["cooperation"][0, states.index(s), 0, 1, 0, 0, t] for s in SUPPLIERS[:-1]] + [0.0])
    alpha, n = 6.0 * odds / odds.sum(), fit.targets.orders[t]
    assert n.sum() > 0
    expected = stats.dirichlet_multinomial.logpmf(n.astype(int), alpha, int(n.sum()))
    assert found[t] == pytest.approx(expected, rel=1e-9)
    assert found[fit.targets.orders.sum(axis=1) == 0] == pytest.approx(0.0, abs=1e-9)


# --- trade and aid -------------------------------------------------------------------------------------------------------


def test_luck_of_trade_is_the_law_that_simulates_it():
    u = np.array([0.01, 0.2, 0.5, 0.9, 0.999])
    x = shocks.student_t4(u)
    np.testing.assert_allclose(targets.log_student_t4(x), stats.t(4, scale=1 / np.sqrt(2)).logpdf(x), rtol=1e-10)
    grid = np.linspace(-300, 300, 2_000_001)
    density = np.exp(targets.log_student_t4(grid))
    assert np.trapezoid(density, grid) == pytest.approx(1.0, abs=1e-6)
    assert np.trapezoid(density * grid**2, grid) == pytest.approx(1.0, abs=0.01)


def test_trade_is_an_observed_autoregression(fit, one):
    _, board = one
    found = targets.trade(fit.targets.trade, fit.targets.chained, board["expected"], paths.spread(board))
    years, shares = fit.record.trade_shares()
    states = fit.annual.world.labels["state"]
    t, k = int(np.searchsorted(fit.annual.years, 1990)), 3
    total = 0.0
    rate = float(board["rate"][0, 0, 0, k, 0, 0, t])
    volatility = float(board["volatility"].reshape(5, 6)[0, k])
    held = paths.engine.evaluate(fit.annual.world, _before(fit, board), paths.BEFORE, paths.tiers()[2] - {"order_share"})
    for j, power in enumerate(POWERS):
        before, now = shares[years == 1989, j][0], shares[years == 1990, j][0]
        goal = held["desired"][0, states.index(power), 0, k, 0, 0, t]
        expected = before + (1 - np.exp(-rate)) * (goal - before)
        roughness = float(board["roughness"][0, states.index(power), 0, k, 0, 0, 0])
        size = roughness * volatility * np.sqrt((1 - np.exp(-2 * rate)) / (2 * rate))
        total += stats.t(4, loc=expected, scale=size / np.sqrt(2)).logpdf(now)
    assert found[t] == pytest.approx(total, rel=1e-8)
    assert np.flatnonzero(found).tolist() == list(range(2, 43))  # 1974 to 2014, each given the year before


def _before(fit: Fit, board: dict) -> dict:
    late = {"stance": np.concatenate([board["stance"][..., :1], board["stance"][..., :-1]], axis=-1)}
    return board | late | {"commitment": fit.annual.contracts}


def test_aid_follows_the_american_stance_around_a_trend(fit, one):
    draws, board = one
    found = targets.aid(fit.annual, board, draws, fit.targets)
    t = int(np.searchsorted(fit.annual.years, 2006))
    stance = board["stance"][fit.annual.world.labels["state"].index("USA"), 0, 0, 4, 0, 0, t]
    middle = draws["aid_level"] + draws["aid_trend"] * (2006 - 1998) + draws["aid_loading"] * stance
    law = stats.t(4, loc=middle, scale=draws["aid_spread"] / np.sqrt(2))
    years, flow = fit.record.aid_flow()
    assert found[t] == pytest.approx(law.logpdf(np.log(flow[years == 2006][0])), rel=1e-9)
    assert not found[fit.targets.aid_known == 0].any()
    usa = fit.annual.world.labels["state"].index("USA")
    donor = {name: board[name][usa : usa + 1] if board[name].shape[0] > 1 else board[name] for name in board}
    assert np.array_equal(targets.aid(fit.annual, donor, draws, fit.targets), found), "the donor's row is enough"


# --- the whole ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_the_luck_that_a_path_needs_brings_the_path_back(fit, seed):
    """Replay: stepping through the years with that luck gives the same stances and deliveries."""
    draws = draw(fit, seed)
    board = fit.board(draws)
    start = paths.yearly_board(fit.annual, fit.layout.frames(draws), fit.annual.images(draws["image"]))
    again = paths.run(fit.annual, start, board["stance_shock"], fit.laid(draws["first"][..., None]), fit.targets.trade)
    for name in ("stance", "expected", "cooperation", "order_share"):
        np.testing.assert_allclose(board[name], again[name], atol=1e-10, err_msg=name)


def test_without_couplings_a_path_needs_exactly_the_luck_it_was_laid_with(fit):
    draws = draw(fit, 6)
    for name in ("reciprocity.small", "reciprocity.power", "jealousy.small", "jealousy.power", "omnibalancing"):
        draws[name] = np.array(0.0)
    luck = fit.taken(fit.board(draws)["stance_shock"])
    np.testing.assert_allclose(fit.free * luck, fit.free * draws["path"], atol=1e-9)


def test_the_density_of_a_path_is_that_of_its_luck(fit):
    """Change of variables: the map from what is sampled to the stances has the same determinant as that from the luck."""
    draws, small = draw(fit, 2), 1e-5
    spot = [(0, 0, 5), (0, 0, 6), (6, 0, 5), (1, 2, 6)]
    jacobian = np.zeros((len(spot), len(spot)))
    for j, place in enumerate(spot):
        ends = []
        for sign in (1, -1):
            moved = draws["path"].copy()
            moved[place] += sign * small
            ends.append(fit.taken(fit.board(draws | {"path": moved})["stance_shock"]))
        jacobian[:, j] = [(ends[0][s] - ends[1][s]) / (2 * small) for s in spot]
    assert np.linalg.det(jacobian) == pytest.approx(1.0, abs=1e-6)


def test_a_year_of_weight_zero_teaches_nothing(fit):
    draws = draw(fit, 9)
    weights = fit.weights()
    for series in weights:
        weights[series][fit.annual.years >= 2014] = 0.0
    held = fit.density(draws, weights)
    poisoned = Fit(fit.annual, fit.record)
    late = poisoned.targets.counts.copy()
    late[..., fit.annual.years >= 2014] += 5
    other = targets.Targets(**{**vars(fit.targets), "counts": late, "orders": fit.targets.orders + 0.0})
    other.orders[fit.annual.years >= 2014] += 3.0
    poisoned.__dict__["targets"] = other
    assert poisoned.density(draws, weights) == held
    assert poisoned.density(draws, fit.weights()) != fit.density(draws, fit.weights())


@pytest.mark.slow
@needs_jax
def test_numpy_and_jax_agree_on_the_density(fit):
    import jax

    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        for seed in (1, 5):
            draws = draw(fit, seed)
            found = jax.jit(fit.density)({k: jax.numpy.asarray(v) for k, v in draws.items()}, fit.weights())
            assert float(found) == pytest.approx(float(fit.density(draws, fit.weights())), rel=1e-8)
    finally:
        jax.config.update("jax_enable_x64", before)


def simulated(fit: Fit, draws: dict, seed: int) -> tuple[targets.Targets, dict]:
    """A record drawn from the model with the design of the real one: same roll calls, same totals of orders, same years."""
    rng = np.random.default_rng(seed)
    start = paths.yearly_board(fit.annual, fit.layout.frames(draws), fit.annual.images(draws["image"]))
    luck = fit.laid(rng.normal(size=fit.shapes["path"]))
    board = paths.run(fit.annual, start, luck, fit.laid(draws["first"][..., None]))
    chances = np.stack(targets.vote_probabilities(fit.annual, board, fit.targets.asked))
    n = fit.targets.counts.sum(axis=0).astype(int)
    counts = np.moveaxis(rng.multinomial(n, np.moveaxis(chances / chances.sum(axis=0), 0, -1)), -1, 0)
    states = fit.annual.world.labels["state"]
    share = board["order_share"][states.index(HOME), :, 0, 0, 0, 0]
    powers = np.stack([share[states.index(p)] for p in SUPPLIERS[:-1]], axis=-1)
    alpha = draws["order_concentration"] * np.concatenate([powers, 1 - powers.sum(-1, keepdims=True)], axis=-1)
    totals = fit.targets.orders.sum(axis=1).astype(int)
    orders = np.stack([rng.multinomial(m, rng.dirichlet(a + 1e-9)) for m, a in zip(totals, alpha, strict=True)])
    trade = np.where(np.isfinite(fit.targets.trade), board["stance"], np.nan)
    trend = np.exp(draws["aid_level"] + draws["aid_trend"] * (fit.annual.years - targets.AID_YEAR))
    aid = paths.rule(board, "aid", aid_reference=frame(trend, ("run",)))[states.index("USA"), states.index(HOME)].reshape(-1)
    noise = draws["aid_spread"] * shocks.student_t4(rng.uniform(size=len(aid)))
    changed = {"counts": counts.astype(float), "orders": orders.astype(float), "trade": trade, "aid": np.log(aid) + noise}
    return targets.Targets(**{**vars(fit.targets), **changed}), board


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "step"), [("agenda_weight", 0.5), ("no_cut", 0.6), ("norm.small.defence", 1.0), ("aid_level", 1.0)]
)
def test_a_record_drawn_from_the_model_is_likelier_under_the_truth(fit, name, step):
    """On average over records, moving one number away from the truth lowers the score."""
    truth = draw(fit, 12)
    gains = []
    for seed in range(12):
        record, board = simulated(fit, truth, seed)

        def score(draws, record=record, board=board):
            frames = fit.layout.frames(draws)
            moved = {"stance": board["stance"] + frames["norm"] - board["norm"]}
            held = board | frames | moved
            held["rate"], held["step"] = board["rate"], board["step"]
            held = paths.engine.evaluate(fit.annual.world, held, ("deliver",), {"cooperation", "order_share"})
            return sum(v.sum() for v in targets.log_likelihood(fit.annual, held, draws, record).values())

        here = score(truth)
        gains += [here - score(truth | {name: truth[name] + sign * step}) for sign in (1, -1)]
    assert np.mean(gains) > 2 * np.std(gains) / np.sqrt(len(gains))
