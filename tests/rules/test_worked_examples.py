"""R1 to R15 and the observables on numbers small enough to check by hand (model.md, section 3)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pytest import approx

from sim.axes import frame
from sim.rules import decision, perception, system
from sim.rules.decision import desired, interaction, wish
from sim.rules.system import clarity, restrictiveness
from tests.rules.by_hand import DYAD, DYAD_ISSUE, FIVE, ISSUE, LN2, POWERS, STATE, THREE, WORLD, evaluate

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
    args |= {"anchor": 0.1, "other_anchor": -0.2}  # warming counts from where each side stood when the record ended
    since = system.rivalry(record_over=1.0, stance=here, other_stance=there, **args)
    assert since.item() == approx(math.tanh(0.8 - 0.5 * (0.3 + 0.8) / 2))


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


def test_a_deviation_is_counted_from_the_norm():
    assert decision.deviation(0.5, -1.2) == approx(1.7)


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
