"""R1 to R15 and the observables on numbers small enough to check by hand (model.md, section 3)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pytest import approx

from sim.axes import decay_integral, frame, poisson_quantile, smooth_minimum
from sim.rulebook import RULES, bind
from sim.rules import decision, domestic, implementation, observation, perception, system
from sim.rules.decision import desired, interaction, wish
from sim.rules.implementation import next_anchor
from sim.rules.system import clarity, restrictiveness

LN2 = math.log(2.0)


def next_stance(stance, desired, rate, step, volatility, stance_shock):
    """R13a and R13 together."""
    moved = implementation.moved(rate, step)
    return implementation.next_stance(stance, desired, moved, rate, step, volatility, stance_shock)


def next_commitment(commitment, lifetime, step, signing_rate, joint, scheduled, record_over=1.0):
    """R14 after the record."""
    return implementation.next_commitment(commitment, lifetime, step, record_over, signing_rate, joint, scheduled)


def test_r14_while_the_record_runs_goodwill_signs_nothing():
    assert next_commitment(0.9, 15.0, 0.25, 0.5, 3.0, 0.0, record_over=0.0) == approx(0.9 * math.exp(-0.25 / 15))
    assert next_commitment(0.9, 15.0, 0.25, 0.5, 3.0, 0.0) > 0.9


def evaluate(name: str, n: dict[str, int], **values) -> np.ndarray:
    """A rule on a small board; each value is given as (numbers, axes). The result comes without axes of length one."""
    board = {key: frame(np.array(value), axes) for key, (value, axes) in values.items()}
    lengths = dict.fromkeys(("state", "partner", "third", "issue", "item", "act"), 1) | n
    out = bind(RULES[name], lambda key, turn: board[key] if turn is None else board[key].transpose(turn), lengths)
    return out.squeeze()


STATE, DYAD, DYAD_ISSUE, ISSUE, WORLD = ("state",), ("state", "partner"), ("state", "partner", "issue"), ("issue",), ()
FIVE = {"state": 5, "partner": 5, "third": 5}
THREE = {"state": 3, "partner": 3, "third": 3}
POWERS = ([0.0, 1.0, 1.0, 1.0, 1.0], STATE)


# --- R1 to R5: system -----------------------------------------------------------------------------------------------


def test_r1_an_even_share_is_zero_and_a_doubling_is_one():
    share = evaluate("capability_share", FIVE, capability=([0.05, 0.1, 0.1, 0.1, 0.1], STATE), power=POWERS)
    assert share == approx([0.125, 0.25, 0.25, 0.25, 0.25])
    relative = evaluate("relative_capability", FIVE, capability_share=(share, STATE), power=POWERS)
    assert relative == approx([-1, 0, 0, 0, 0])
    unequal = evaluate("relative_capability", FIVE, capability_share=([0.1, 0.5, 0.25, 0.125, 0.125], STATE), power=POWERS)
    assert unequal[1:] == approx([1, 0, -1, -1])


def test_r2_an_even_sized_neighbour_with_the_worst_record_threatens_by_one():
    threat = evaluate(
        "threat",
        FIVE,
        capability_share=([0.1, 0.25, 0.5, 0.25, 0.0], STATE),
        proximity=(np.array([[0, 1, 0.5, 0.2, 1]] * 5, dtype=float), DYAD),
        hostility=(np.array([[0, 1, 0, 0.5, 1]] * 5, dtype=float), DYAD),
        power=POWERS,
    )
    # 4 * share * proximity * (1 + hostility) / 2
    assert threat[0, 1:] == approx([1.0, 0.5, 4 * 0.25 * 0.2 * 1.5 / 2, 0.0])


def test_r3_three_states_my_enemys_rival_is_worth_something_to_me():
    """A fears C most; B is C's rival. B is worth 0.8 * 0.5 - 0.2 to A; C, whom nobody balances but B, is a threat."""
    counterweight = evaluate(
        "counterweight",
        THREE,
        rivalry=([[0, 0, 0], [0, 0, 0.8], [0, 0.8, 0]], DYAD),
        threat=([[0, 0.2, 0.5], [0.1, 0, 0.3], [0.1, 0.4, 0]], DYAD),
    )
    assert counterweight[0, 1] == approx(0.8 * 0.5 - 0.2)
    assert counterweight[0, 2] == approx(0.8 * 0.2 - 0.5)
    assert counterweight[1, 0] == approx(-0.1)  # A is nobody's rival: only its own threat counts


def test_r3a_rivalry_is_the_record_and_melts_when_both_warm_up_after_it_ends():
    args = {"rivalry_record": math.tanh(0.8), "rivalry_follow": 0.5, "anchor": 0.0, "other_anchor": 0.0}
    here = frame([[[0.4, 0.4]]], DYAD_ISSUE)
    there = frame([[[0.6, 0.6]]], DYAD_ISSUE)
    record = system.rivalry(record_over=0.0, stance=here, other_stance=there, **args)
    free = system.rivalry(record_over=1.0, stance=here, other_stance=there, **args)
    assert record.item() == approx(math.tanh(0.8))
    assert free.item() == approx(math.tanh(0.8 - 0.5 * (0.4 + 0.6) / 2))


def test_r4_pull_is_a_weighted_mean_in_standard_deviations_and_small_states_pull_nobody():
    args = {
        "share_mix": 0.25,
        "other_relative_capability": 1.0,
        "other_usual_capability": 0.2,
        "capability_spread": 0.4,  # (1 - 0.2) / 0.4 = 2
        "counterweight": 0.1,
        "usual_counterweight": -0.1,
        "counterweight_spread": 0.2,  # (0.1 + 0.1) / 0.2 = 1
    }
    assert system.pull(other_power=1.0, **args) == approx(0.25 * 2 + 0.75 * 1)
    assert system.pull(other_power=0.0, **args) == 0


def test_r5_full_sanctions_by_a_state_that_takes_a_quarter_of_ones_exports_count_one():
    coercion = evaluate(
        "coercion",
        THREE | {"issue": 2},
        exposure=([1.0, 0.6], ISSUE),
        sanctions=([[0, 0, 0], [0, 0, 0], [0, 1.0, 0]], DYAD),  # C sanctions B
        dependence=([[0, 0.9, 0.25], [0, 0, 0], [0, 0, 0]], DYAD),  # A depends on C (and on B, which sanctions nobody)
        dependence_unit=(0.25, WORLD),
    )
    assert coercion[0, 1] == approx([1.0, 0.6])
    assert coercion[0, 2] == approx([0.0, 0.0])


def test_clarity_and_restrictiveness_are_a_half_where_nothing_is_unusual():
    assert clarity(0.0, 0.0, 0.0) == approx(0.5)
    assert clarity(3.0, 0.0, 0.0) == approx(1 / (1 + math.exp(-1)))
    assert clarity(0.0, 3.0, 0.0) == approx(1 / (1 + math.exp(1)))
    threat, coercion = frame([[0.2, 0.7]], DYAD), frame([[[0.1, 0.3], [0.0, 0.0]]], DYAD_ISSUE)
    assert restrictiveness(threat, coercion, 0.7, 0.5, 0.0).item() == approx(0.5)  # the largest threat is the usual pressure
    assert restrictiveness(threat, coercion, 0.2, 0.5, 1.0).item() == approx(1 / (1 + math.exp(-1)))


def test_opportunity_rises_with_the_price_for_whoever_sells():
    assert system.opportunity(0.5, 0.4, 2.0) == approx(1.3)


# --- R6 to R9: leader filter ----------------------------------------------------------------------------------------


def test_r6_a_signal_through_a_murky_permissive_environment():
    """sqrt(0.64 * 0.25) = 0.4: the signal counts (0.4 / 0.5)² = 0.64 times, the image (0.6 / 0.5)² = 1.44 times."""
    constraint = perception.constraint(0.64, 0.25)
    assert constraint == approx(0.4)
    signal = perception.systemic_signal(system_gain=0.5, constraint=constraint, clarity_exponent=2.0, pull=1.5)
    assert signal == approx(0.5 * 0.64 * 1.5)
    reading = perception.leader_reading(0.3, constraint, 2.0, 0.0, 0.9, 1.0, image_of=0.2, image_unit=0.4)
    assert reading == approx(0.3 * 1.44 * 0.5)
    assert perception.perceived(signal, reading) == approx(0.48 + 0.216)


def test_r6_an_exponent_of_zero_removes_clarity_bit_for_bit():
    for constraint in (0.001, 0.4, 0.999):
        assert perception.systemic_signal(0.37, constraint, 0.0, 1.3) == 0.37 * 1.3
        assert perception.leader_reading(0.37, constraint, 0.0, 0.0, 0.5, 1.0, 0.3, 0.4) == 0.37 * 0.3 / 0.4


def test_r7_an_insecure_ruler_leans_to_a_supporter():
    assert perception.support(0.4, 0.5, 0.6) == approx(0.12)
    assert perception.support(0.4, 0.5, -0.6) == approx(-0.12)


def test_r8_an_economy_first_leaders_images_move_from_politics_to_economics():
    args = {
        "leader_gain": 0.3,
        "constraint": 0.5,
        "clarity_exponent": 1.0,
        "priority_effect": 2 * LN2,
        "image_unit": 0.4,
    }
    assert perception.leader_reading(economic_priority=1.0, priority_sign=1.0, image_of=0.4, **args) == approx(0.6)
    assert perception.leader_reading(economic_priority=1.0, priority_sign=-1.0, image_of=0.4, **args) == approx(0.15)
    assert perception.leader_reading(economic_priority=0.5, priority_sign=1.0, image_of=0.4, **args) == approx(0.3)


def test_r9_an_assertive_leader_discounts_coercion():
    assert perception.felt_coercion(0.8, 2 * LN2, 1.0) == approx(0.4)
    assert perception.felt_coercion(0.8, 2 * LN2, 0.0) == approx(1.6)
    assert perception.felt_coercion(0.8, 2 * LN2, 0.5) == approx(0.8)


# --- R10, R11: interaction and decision -----------------------------------------------------------------------------


def test_warmth_is_straight_near_zero_and_never_passes_two():
    assert decision.warmth(frame([[[0.01, 0.03]]], DYAD_ISSUE)).item() == approx(0.02, rel=1e-3)
    assert decision.warmth(frame([[[90.0, 90.0]]], DYAD_ISSUE)).item() == approx(2.0)
    assert decision.warmth(frame([[[-90.0, -90.0]]], DYAD_ISSUE)).item() == approx(-2.0)


def test_r10_three_states_answer_warmth_and_resent_warmth_toward_a_rival():
    """A answers B's 0.6 by half and resents, by 0.5 times a rivalry of 0.8, the 0.3 that B gives to C."""
    result = evaluate(
        "interaction",
        THREE,
        reciprocity=([0.5, 0.0, 0.0], STATE),
        jealousy=([0.5, 0.0, 0.0], STATE),
        warmth=([[0, 0.9, 0.9], [0.6, 0, 0.3], [0.2, 0.4, 0]], DYAD),
        rivalry=([[0, 0.1, 0.8], [0.1, 0, 0], [0.8, 0, 0]], DYAD),
    )
    assert result[0, 1] == approx(0.5 * 0.6 - 0.5 * 0.8 * 0.3)
    assert result[0, 2] == approx(0.5 * 0.2 - 0.5 * 0.1 * 0.4)
    assert result[1] == approx([0, 0, 0])
    assert interaction(0.5, 0.6, 0.0, frame([[0.8]], DYAD), frame([[0.3]], DYAD)).item() == approx(0.3)


def test_r11a_a_wish_adds_up():
    assert wish(0.5, 0.1, -0.2, 0.4, 0.25, 2.0, 0.3) == approx(0.5 + 0.1 - 0.2 - 0.1 + 0.6)


@pytest.mark.parametrize(
    ("hedging", "expected"), [(0.0, [1.0, 0.0, -0.4, 0.2]), (0.5, [0.6, 0.1, -0.1, 0.2]), (1.0, [0.2] * 4)]
)
def test_r11b_hedging_contracts_wishes_to_their_mean_over_the_powers(hedging, expected):
    wishes = np.zeros((5, 5, 1))
    wishes[0, 1:, 0] = [1.0, 0.0, -0.4, 0.2]  # mean 0.2
    hedged = evaluate("hedged", FIVE, wish=(wishes, DYAD_ISSUE), hedging=([hedging, 0, 0, 0, 0], STATE), power=POWERS)
    assert hedged[0, 1:] == approx(expected)


def test_r11b_a_power_that_hedges_looks_at_the_three_other_powers():
    wishes = np.zeros((5, 5, 1))
    wishes[1, :, 0] = [0.7, 0.0, 0.3, 0.6, -0.3]  # toward the small state, itself, and the powers: mean 0.2
    hedged = evaluate("hedged", FIVE, wish=(wishes, DYAD_ISSUE), hedging=([0, 1.0, 0, 0, 0], STATE), power=POWERS)
    assert hedged[1, [0, 2, 3, 4]] == approx([0.7, 0.2, 0.2, 0.2])


def test_r11_what_is_desired():
    assert desired(-1.2, 0.3, 0.5, 0.9) == approx(-1.2 + 0.3 + 0.45)


# --- R12, R13: speed and stance -------------------------------------------------------------------------------------


def test_r12_constraint_slows_and_never_aims():
    assert domestic.rate(0.2, LN2, 1.0) == approx(0.1)
    assert domestic.rate(0.2, LN2, 0.0) == approx(0.2)
    assert domestic.rate(0.0, 3.0, 0.7) == 0.0
    assert domestic.rate(math.inf, 3.0, 0.7) == math.inf


def test_r13_half_of_the_gap_closes_in_a_half_life():
    stance = next_stance(1.0, 3.0, rate=LN2, step=1.0, volatility=0.5, stance_shock=2.0)
    assert stance == approx(2.0 + 0.5 * math.sqrt(0.75 / (2 * LN2)) * 2.0)


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


def roll_call(stance: float, power_vote: float, assembly: float = 0.8) -> tuple[float, float]:
    """Probabilities of no and yes of one state on one text with one power."""
    args = (
        1.5,
        assembly,
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


def test_trade_aid_and_acts():
    here, nothing = frame([0.0, 1.0], ISSUE), frame([[[0.0, 0.0]]], DYAD_ISSUE)
    warm = frame([[[7.0, LN2]]], DYAD_ISSUE)
    assert observation.trade_volume(warm, nothing, here).item() == approx(2.0)
    assert observation.aid(300.0, 2.0, warm, nothing, here).item() == approx(1200.0)
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
    from_a_power = observation.act_probability(stance=nothing, norm=nothing, power=1.0, other_power=0.0, **args)
    assert from_a_power.item() == even.item()
    assert observation.act_probability(stance=nothing, norm=nothing, power=1.0, other_power=1.0, **args).item() == 0
    assert observation.act_done(0.3, np.array([0.69, 0.71])).tolist() == [0.0, 1.0]
