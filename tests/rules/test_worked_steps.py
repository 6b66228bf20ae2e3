"""Worked examples of speed, stance, contracts, cooperation and observables (rules R12 to R15 and the record side)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pytest import approx

from sim.axes import decay_integral, frame, poisson_quantile, smooth_minimum
from sim.rules import domestic, implementation, observation, perception
from sim.rules.implementation import next_anchor
from tests.rules.by_hand import DYAD_ISSUE, FIVE, ISSUE, LN2, POWERS, evaluate, next_commitment, next_stance

# --- R12, R13: speed and stance -------------------------------------------------------------------------------------


def test_r12_constraint_slows_and_never_aims():
    assert domestic.rate(0.2, LN2, 1.0) == approx(0.1)
    assert domestic.rate(0.2, LN2, 0.0) == approx(0.2)
    assert domestic.rate(0.0, 3.0, 0.7) == 0.0
    assert domestic.rate(math.inf, 3.0, 0.7) == math.inf


def test_r13_half_of_the_gap_closes_in_a_half_life():
    stance = next_stance(1.0, 3.0, rate=LN2, step=1.0, volatility=0.5, stance_shock=2.0)
    assert stance == approx(2.0 + 0.5 * math.sqrt(0.75 / (2 * LN2)) * 2.0)
    rough = next_stance(1.0, 3.0, rate=LN2, step=1.0, volatility=0.5, stance_shock=2.0, roughness=3.0)
    assert rough - 2.0 == approx(3.0 * (stance - 2.0))


def test_decay_integral_against_its_definition():
    for rate in (1e-9, 0.07, 0.7, 5.0, 80.0):
        for step in (0.25, 1.0):
            t = (np.arange(200_000) + 0.5) * step / 200_000
            assert decay_integral(rate, step) == approx(np.exp(-2 * rate * t).mean() * step, rel=1e-6)
    assert decay_integral(0.0, 0.25) == 0.25
    assert decay_integral(math.inf, 0.25) == 0.0
    assert decay_integral(np.array([0.0, 1.0]), 1.0) == approx([1.0, (1 - math.exp(-2)) / 2])


RATES = [0.0, 1e-12, 0.073, 0.2, 0.73, 4.0, 200.0]


@pytest.mark.parametrize("rate", RATES)
def test_four_quarters_are_one_year_in_mean(rate):
    quarterly = 1.3
    for _ in range(4):
        quarterly = next_stance(quarterly, -0.4, rate, 0.25, 0.0, 9.9)
    assert quarterly == approx(next_stance(1.3, -0.4, rate, 1.0, 0.0, 9.9), abs=1e-12)


@pytest.mark.parametrize("rate", RATES)
def test_four_quarters_are_one_year_in_variance(rate):
    kept = math.exp(-rate * 0.25)
    assert sum(kept ** (2 * i) for i in range(4)) * decay_integral(rate, 0.25) == approx(decay_integral(rate, 1.0), abs=1e-12)
    weights = []  # what one unit of luck in each quarter leaves at the end of the year
    for lucky in range(4):
        stance = 0.0
        for quarter in range(4):
            stance = next_stance(stance, 0.0, rate, 0.25, 0.3, float(quarter == lucky))
        weights.append(stance)
    assert sum(w * w for w in weights) == approx(next_stance(0.0, 0.0, rate, 1.0, 0.3, 1.0) ** 2, abs=1e-12)


def test_four_quarters_are_one_year_in_a_simulation():
    rng = np.random.default_rng(1)
    runs = 400_000
    quarterly = np.full(runs, 1.3)
    for _ in range(4):
        quarterly = next_stance(quarterly, -0.4, 0.73, 0.25, 0.3, rng.standard_normal(runs))
    yearly = next_stance(np.full(runs, 1.3), -0.4, 0.73, 1.0, 0.3, rng.standard_normal(runs))
    error = yearly.std() / math.sqrt(runs)
    assert abs(quarterly.mean() - yearly.mean()) < 5 * math.sqrt(2) * error
    assert quarterly.std() == approx(yearly.std(), rel=0.01)


def test_r13_a_rate_of_zero_is_a_random_walk_bit_for_bit():
    rng = np.random.default_rng(2)
    stance, start = rng.normal(size=500), rng.normal(size=500)
    stance = start
    walk = start
    for _ in range(12):
        shock = rng.standard_normal(500)
        stance = next_stance(stance, rng.normal(size=500) * 100, 0.0, 0.25, 0.31, shock)
        walk = walk + 0.31 * math.sqrt(0.25) * shock
    assert np.array_equal(stance, walk)


def test_r13_without_volatility_at_rate_zero_nothing_ever_moves():
    assert next_stance(0.1, 50.0, 0.0, 0.25, 0.0, 3.0) == 0.1


def test_r13_an_infinite_rate_arrives_at_once_and_forgets_luck():
    for stance in (-7.0, 0.3, 12.0):
        assert next_stance(stance, 0.7, math.inf, 0.25, 0.5, 3.0) == approx(0.7, abs=1e-14)


# --- R14, R15: contracts and cooperation ----------------------------------------------------------------------------


def test_r14_while_the_record_runs_goodwill_signs_nothing():
    assert next_commitment(0.9, 15.0, 0.25, 0.5, 3.0, 0.0, record_over=0.0) == approx(0.9 * math.exp(-0.25 / 15))
    assert next_commitment(0.9, 15.0, 0.25, 0.5, 3.0, 0.0) > 0.9


def test_r14_contracts_run_down_over_their_lifetime_and_goodwill_signs_new_ones():
    after = next_commitment(0.9, lifetime=2.0, step=2.0, signing_rate=0.1, joint=0.0, scheduled=0.05)
    assert after == approx(0.9 / math.e + 0.1 * LN2 * 2.0 * (1 - 1 / math.e) + 0.05)
    assert next_commitment(0.9, 15.0, 0.25, 0.0, 3.0, 0.0) == approx(0.9 * math.exp(-0.25 / 15))


@pytest.mark.parametrize("lifetime", [0.25, 1.0, 15.0])
def test_r14_four_quarters_are_one_year(lifetime):
    quarterly = 0.9
    for _ in range(4):
        quarterly = next_commitment(quarterly, lifetime, 0.25, 0.05, 0.6, 0.0)
    assert quarterly == approx(next_commitment(0.9, lifetime, 1.0, 0.05, 0.6, 0.0), abs=1e-12)


def test_the_anchor_follows_the_stance_until_the_record_ends():
    assert next_anchor(0.0, 0.2, 0.9) == 0.9
    assert next_anchor(1.0, 0.2, 0.9) == 0.2


def test_smooth_minimum_takes_two():
    assert smooth_minimum(0.7, 0.7) == approx(0.7)
    assert smooth_minimum(0.0, 50.0) == approx(LN2)  # one side's boundless goodwill helps by ln 2 at most
    assert smooth_minimum(0.2, 1.0) == smooth_minimum(1.0, 0.2)
    assert min(0.2, 1.0) < smooth_minimum(0.2, 1.0) < (0.2 + 1.0) / 2
    assert perception.joint(0.2, 1.0) == smooth_minimum(0.2, 1.0)


def test_r15_alone_where_one_can_and_together_where_it_takes_two():
    args = {
        "norm": -1.0,
        "other_norm": 0.5,
        "supply_effect": 0.3,
        "other_opportunity": 2.0,
        "flow": 0.2,
        "commitment": 0.5,
    }
    rest = 0.3 * 2.0 + 0.2 * 0.5
    alone = implementation.cooperation(stance=0.0, other_stance=-9.0, unilateral=1.0, **args)
    assert alone == approx(-1.0 + 1.0 + rest)
    agreed = implementation.cooperation(stance=0.0, other_stance=1.5, unilateral=0.0, **args)  # both are 1.0 above their norm
    assert agreed == approx(-1.0 + 1.0 + rest)
    refused = implementation.cooperation(stance=0.0, other_stance=-8.5, unilateral=0.0, **args)
    assert refused == approx(-1.0 - 9.0 + LN2 + rest, abs=1e-3)


# --- observables ----------------------------------------------------------------------------------------------------


def roll_call(stance: float, power_vote: float, on_palestine: float = 0.0, on_disarmament: float = 0.0) -> tuple[float, float]:
    """Probabilities of no and yes of one state on one text with one power."""
    args = (
        observation.appeal(1.5, 0.8, 2.0, on_palestine, 1.0, on_disarmament),
        frame([[[stance, 5.0]]], DYAD_ISSUE),
        frame([1.0, 0.0], ISSUE),
        frame([[power_vote]], ("partner", "item")),
    )
    return observation.vote_no(*args, -1.4).item(), observation.vote_yes(*args, -1.4, 1.0).item()


def test_votes_follow_the_assembly_and_the_powers_one_likes():
    no, yes = roll_call(stance=0.6, power_vote=1.0)  # eta = 1.5 * 0.8 + 0.6 = 1.8; cuts at -1.4 and -0.4
    assert no == approx(1 / (1 + math.exp(1.8 + 1.4)))
    assert yes == approx(1 / (1 + math.exp(-(1.8 + 0.4))))
    assert 0 < 1 - yes - no < 1
    assert roll_call(0.6, 0.0) == roll_call(-3.0, 0.0)  # a power that abstains pulls nobody
    assert roll_call(0.6, -1.0)[1] < roll_call(0.6, 0.0)[1] < yes


def test_a_cause_of_ones_own_adds_to_what_the_assembly_thinks():
    no, yes = roll_call(stance=0.6, power_vote=-1.0, on_palestine=1.0)  # eta = 1.5 * 0.8 + 2.0 - 0.6 = 2.6
    assert no == approx(1 / (1 + math.exp(2.6 + 1.4))) and yes == approx(1 / (1 + math.exp(-(2.6 + 0.4))))
    both = roll_call(stance=0.6, power_vote=-1.0, on_palestine=1.0, on_disarmament=1.0)  # eta = 3.6
    assert both[1] == approx(1 / (1 + math.exp(-(3.6 + 0.4))))


def test_a_vote_is_read_off_one_uniform_draw():
    votes = observation.vote(vote_yes=0.5, vote_no=0.2, vote_shock=np.array([0.1, 0.3, 0.6, 0.9]))
    assert votes.tolist() == [-1.0, 0.0, 1.0, 1.0]


def test_order_shares_are_a_softmax_with_everybody_else_counting_one():
    cooperation = np.zeros((5, 5, 2))
    cooperation[0, 1, 0] = math.log(4)  # odds 4 : 1 : 1 : 1, and 1 for all others; the second issue area does not count
    cooperation[0, 1:, 1] = 9.0
    shares = evaluate(
        "order_share",
        FIVE | {"issue": 2},
        cooperation=(cooperation, DYAD_ISSUE),
        orders_here=([1.0, 0.0], ISSUE),
        power=POWERS,
    )
    assert shares[0] == approx([0, 4 / 8, 1 / 8, 1 / 8, 1 / 8])
    assert (shares[1:] == 0).all()  # the powers' own orders are not modelled


def test_poisson_quantiles_against_scipy():
    from scipy.stats import poisson

    u = np.linspace(0.001, 0.999, 500)
    for mean in (0.01, 0.3, 1.05, 2.0):
        assert np.array_equal(poisson_quantile(u, np.array(mean)), poisson.ppf(u, mean))


def test_orders_are_counted_by_the_year_and_placed_by_the_quarter():
    luck = np.array([0.1, 0.5, 0.95])
    placed = observation.orders(order_rate=8.0, step=0.25, order_share=0.5, order_shock=luck)
    assert np.array_equal(placed, poisson_quantile(luck, np.array(1.0))) and placed.tolist() == [0.0, 1.0, 3.0]


def test_trade_aid_and_acts():
    here, nothing = frame([0.0, 1.0], ISSUE), frame([[[0.0, 0.0]]], DYAD_ISSUE)
    warm = frame([[[7.0, LN2]]], DYAD_ISSUE)
    assert observation.trade_volume(warm, nothing, here).item() == approx(2.0)
    assert observation.aid(300.0, 2.0, warm, nothing, here).item() == approx(1200.0)
    norm = frame([[[3.0, 2 * LN2]]], DYAD_ISSUE)  # both are counted from the norm
    assert observation.trade_volume(warm, norm, here).item() == approx(1 / 2)
    assert observation.aid(300.0, 2.0, warm, norm, here).item() == approx(75.0)
    args = {
        "act_rate": 0.8,
        "act_slope": 0.5,
        "act_goldstein": 5.75,
        "mean_goldstein": 2.0,
        "goldstein_spread": 3.75,
        "step": 0.25,
    }
    even = observation.act_probability(stance=nothing, norm=nothing, power=0.0, other_power=1.0, **args)
    assert even.item() == approx(1 - math.exp(-0.2))
    friendly = observation.act_probability(
        stance=frame([[[LN2, 3 * LN2]]], DYAD_ISSUE), norm=nothing, power=0.0, other_power=1.0, **args
    )
    assert friendly.item() == approx(1 - math.exp(-0.2 * 2))  # 0.5 * one sd friendlier * 2 ln 2: twice as often
    usual = frame([[[LN2, 3 * LN2]]], DYAD_ISSUE)
    assert observation.act_probability(stance=usual, norm=usual, power=0.0, other_power=1.0, **args).item() == even.item()
    from_a_power = observation.act_probability(stance=nothing, norm=nothing, power=1.0, other_power=0.0, **args)
    assert from_a_power.item() == even.item()
    assert observation.act_probability(stance=nothing, norm=nothing, power=1.0, other_power=1.0, **args).item() == 0
    assert observation.act_done(0.3, np.array([0.69, 0.71])).tolist() == [0.0, 1.0]
