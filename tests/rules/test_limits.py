"""The rival theories are exact special cases (model.md, section 4): they must hold bit for bit, in the ensemble itself.

Each test also runs the case in which the limit does *not* hold: a model in which nothing ever happened would fail.
"""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest

from sim import priors, quarters
from sim.codebook import codebook
from sim.engine import simulate
from sim.rulebook import RULES
from sim.rules.turn import CARRIED
from sim.schema import Block
from sim.world import World

RUNS = range(6)
EVERYTHING = (*sorted(name for name in RULES if not name.startswith("next_")), *CARRIED)
OTHER_LEADERS = {
    "BGD": "khaleda_zia",
    "RUS": "boris_yeltsin",
    "IND": "indira_gandhi",
    "CHN": "mao_zedong",
    "USA": "jimmy_carter",
}
SWAPPED = {"seats": {state: [{"leader": leader, "from": "1970-01-01"}] for state, leader in OTHER_LEADERS.items()}}
ALONE = {  # nothing but norm, system, leader and inertia
    "switches": {"response": "off", "commitments": "off"},
    "parameters.omnibalancing": 0,
    "parameters.coercion_weight": 0,
    "parameters.demand_weight": 0,
    "parameters.hedging": 0,
}


def switches(*off: str) -> dict[str, dict[str, str]]:
    return {"switches": dict.fromkeys(off, "off")}


def noise(world: World, *names: str, seed: int = 1) -> World:
    """Replace some world inputs (all but domestic constraint, if none is named) by admissible noise."""
    rng = np.random.default_rng(seed)
    for name in names or [n for n in world.series if n != "veto"]:
        low, high = codebook()[name].range
        old = world.series[name]
        new = low + (high - low) * rng.uniform(0.01, 0.99, size=old.shape)
        if "partner" in codebook()[name].axes:
            new = new * world.not_self
        if codebook()[name].symmetric:
            new = (new + new.swapaxes(1, 2)) / 2
        if name == "record_over":
            new = np.round(new)
        world.series[name] = new
    return world


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> list[str]:
    """Names of the variables that are equal to the last bit."""
    return [name for name in one if np.array_equal(one[name], other[name])]


def dyads(world: World, values: np.ndarray) -> np.ndarray:
    """(quarter, state, partner, ...) -> (quarter, dyad of two different states, ...)."""
    return values[:, ~np.eye(world.lengths["state"], dtype=bool)]


# --- the four theories ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bnp_government", "history"])
def test_system_only_swapping_every_leader_changes_nothing(name, world):
    """Neorealism: whoever rules, the history is the same, in every variable that is computed."""
    short = {"until": "1980Q4", "spin_up_from": "1972Q1", "events": ["vietnam_cambodia"]} if name == "history" else {}
    off = short | switches("leader")
    real, swapped = (simulate(world(name, off | seats), RUNS, EVERYTHING) for seats in ({}, SWAPPED))
    assert same(real, swapped) == list(EVERYTHING)
    filtered = simulate(world(name, short | SWAPPED), RUNS, ("stance",))
    assert not np.array_equal(filtered["stance"], simulate(world(name, short), RUNS, ("stance",))["stance"])


def test_leader_only_noise_in_place_of_the_system_changes_no_stance(world):
    settings = switches("system", "response") | {"parameters.omnibalancing": 0, "parameters.lock_in": 0}
    record = ("stance", "perceived", "leader_reading")
    real, noisy = (simulate(w, RUNS, record) for w in (world(settings=settings), noise(world(settings=settings))))
    assert same(real, noisy) == list(record)
    assert np.abs(real["leader_reading"]).max() > 0.1
    full, full_noisy = (simulate(w, RUNS, ("stance",)) for w in (world(), noise(world())))
    assert same(full, full_noisy) == []


@pytest.mark.parametrize("seats", [{}, SWAPPED], ids=["real leaders", "other leaders"])
def test_stickiness_only_a_stance_is_the_sum_of_its_shocks(seats, world):
    """Pragmatic continuity: stance minus first stance is the sum of luck, whoever rules and whatever the system."""
    settings = {"parameters.adjustment_rate": 0, "spin_up_from": "2026Q1"} | seats
    increments = []
    for w in (world(settings=settings), noise(world(settings=settings))):
        found = simulate(w, RUNS, ("stance", "stance_shock", "volatility", "roughness", "desired"))
        push = found["volatility"][:, :, None] * math.sqrt(0.25) * found["roughness"] * found["stance_shock"]
        for t in range(1, len(push)):
            assert np.array_equal(found["stance"][t], found["stance"][t - 1] + push[t])
        assert np.abs(found["desired"][-1] - found["stance"][-1]).max() > 0.5  # it would move if it could
        increments.append(push)
    assert np.array_equal(*increments)


def test_stickiness_only_without_luck_nothing_moves_and_contracts_run_on(world):
    settings = switches("chance") | {
        "parameters.adjustment_rate": 0,
        "parameters.signing_rate": 0,
        "spin_up_from": "2026Q1",
    }
    change = {"seats.BGD": [
        {"leader": "muhammad_yunus", "from": "2024-08-08"}, {"leader": "sheikh_hasina_returns", "from": "2027-01-01"},
    ]}  # fmt: skip
    w = world(settings=settings)
    real, turned = (simulate(x, RUNS, ("stance", "commitment")) for x in (w, world(settings=settings | change)))
    assert (real["stance"] == real["stance"][0]).all()
    assert (turned["stance"] == turned["stance"][0]).all()
    assert np.array_equal(real["commitment"], turned["commitment"])
    dyad = w.labels["state"].index("BGD"), w.labels["partner"].index("RUS"), w.labels["issue"].index("energy")
    rooppur = real["commitment"][(slice(None), *dyad)]
    assert (rooppur[-1] > 0).all() and (np.diff(rooppur, axis=0) < 0).all()  # in force throughout, fading


def test_every_contract_keeps_its_own_lifetime(world):
    """R14 runs all contracts of an issue area down alike; what is scheduled carries the difference, exactly."""
    w = world(settings={"parameters.signing_rate": 0})
    found = simulate(w, range(1), ("commitment",))["commitment"][..., 0]
    expected = np.zeros_like(found)
    for contract in w.scenario.contracts.values():
        state, partner = contract.dyad.split(">")
        place = (
            w.labels["state"].index(state),
            w.labels["partner"].index(partner),
            w.labels["issue"].index(contract.issue),
        )
        for t, quarter in enumerate(w.scenario.quarters):
            age = (quarters.first_day(quarter + 1) - contract.signed).days / 365.25
            binds = age > 0 and (contract.ends is None or quarters.first_day(quarter + 1) < contract.ends)
            expected[(t, *place)] += contract.size * math.exp(-age / contract.lifetime_years) if binds else 0.0
    assert expected.max() > 0.3
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_regime_mean_the_leaders_wish_at_once(world):
    """No system, no inertia, no luck: the stance is the norm plus what the leader's image adds."""
    settings = ALONE | {"parameters.system_gain": 0, "parameters.adjustment_rate": math.inf}
    settings["switches"] = ALONE["switches"] | {"chance": "off"}
    w = world(settings=settings)
    found = simulate(w, RUNS, ("stance", "leader_reading", "norm"))
    wish = dyads(w, found["norm"] + found["leader_reading"])
    np.testing.assert_allclose(dyads(w, found["stance"]), wish, atol=1e-12, rtol=0)
    assert np.abs(found["leader_reading"]).max() > 0.1


def test_autoregression_a_gap_halves_in_the_stated_half_life(world):
    """Both gains zero: pushed off its norm by a need that ends, a stance comes back by half every two years."""
    settings = {
        "switches": {"leader": "off", "response": "off", "commitments": "off", "domestic": "off", "chance": "off"},
        "parameters.system_gain": 0,
        "parameters.coercion_weight": 0,
        "parameters.hedging": 0,
        "parameters.demand_weight": 1,
        "parameters.adjustment_rate": math.log(2) / 2,
        "inputs.demand": {"BGD>RUS:energy": {"2020Q1": 1.0, "2026Q2": 0.0}},
        "spin_up_from": "2026Q1",
        "until": "2030Q2",
        "events": [],
    }
    w = world(settings=settings)
    found = simulate(w, RUNS, ("stance", "norm"))
    gap = (found["stance"] - found["norm"])[:, 0, 1]
    energy = w.labels["issue"].index("energy")
    np.testing.assert_allclose(gap[0, energy], 1.0, atol=1e-12)
    np.testing.assert_allclose(gap[8, energy], 0.5, atol=1e-12)
    np.testing.assert_allclose(gap[16, energy], 0.25, atol=1e-12)
    assert (np.delete(gap, energy, axis=1) == 0).all()


# --- one number removes one mechanism -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "inputs"),
    [
        ("clarity_exponent", ("concentration", "power_shift", "risk", "territorial_threat")),
        ("veto_effect", ("veto",)),
        ("coercion_weight", ("dependence",)),
        ("demand_weight", ("demand",)),
    ],
)
def test_a_parameter_of_zero_removes_what_it_weighs(parameter, inputs, world):
    """territorial_threat and dependence also enter restrictiveness, which only clarity moderation reads."""
    settings = {"parameters.clarity_exponent": 0, f"parameters.{parameter}": 0}
    real, noisy = (simulate(w, RUNS, ("stance",)) for w in (world(settings=settings), noise(world(settings=settings), *inputs)))
    assert same(real, noisy) == ["stance"]
    on = {f"parameters.{parameter}": 0.7}
    real, noisy = (simulate(w, RUNS, ("stance",)) for w in (world(settings=on), noise(world(settings=on), *inputs)))
    assert same(real, noisy) == []


def test_commitments_off_a_cancelled_contract_changes_no_stance(world):
    cancelled = {"contracts": {"rooppur_main": {"cancel_on": "2026-06-01"}}}
    for settings, expected in ((switches("commitments"), ["stance", "cooperation"]), ({}, [])):
        runs = [simulate(world(settings=settings | c), RUNS, ("stance", "cooperation")) for c in ({}, cancelled)]
        assert same(*runs) == expected


def test_response_off_states_do_not_answer_each_other(world):
    """With response, omnibalancing and contracts off, Bangladesh's stance cannot depend on anybody's toward it."""
    settings = switches("response", "commitments") | {"parameters.omnibalancing": 0}
    other = {"leaders.vladimir_putin.traits.image_of.bangladesh": 0.9}
    one, two = (simulate(world(settings=settings | more), RUNS, ("stance",))["stance"] for more in ({}, other))
    assert np.array_equal(one[:, 0], two[:, 0])
    assert not np.array_equal(one[:, 1], two[:, 1])


def test_chance_off_runs_differ_only_by_their_parameters_and_images(world):
    one, two = (simulate(world(settings=switches("chance"), seed=s), RUNS, ("act_shock", "vote_shock")) for s in (1, 2))
    assert same(one, two) == ["act_shock", "vote_shock"]
    w = world(settings=switches("chance"))
    assert (simulate(w, RUNS, ("volatility",))["volatility"] == 0).all()


# --- switches -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", get_args(Block))
def test_a_switch_sets_exactly_its_parameters_to_their_off_value(block, world):
    on, off = world().parameters(RUNS), world(settings=switches(block)).parameters(RUNS)
    members = {name for name, p in priors.parameters().items() if p.block == block}
    assert members, "a switch that switches nothing"
    for name in on:
        if name in members:
            assert (off[name] == priors.parameters()[name].off).all()
        else:
            assert np.array_equal(on[name], off[name])
    assert {name for name in on if not np.array_equal(on[name], off[name])} <= members


def test_the_switches_cover_the_mechanisms_they_are_named_after():
    members = {block: {n for n, p in priors.parameters().items() if p.block == block} for block in get_args(Block)}
    assert {"system_gain", "clarity_exponent", "coercion_weight"} <= members["system"]
    assert {"leader_gain", "priority_effect", "risk_effect", "omnibalancing"} <= members["leader"]
    assert {"veto_effect"} <= members["domestic"]
    assert {"lock_in", "flow"} <= members["commitments"]
    assert {"reciprocity", "jealousy", "rivalry_follow"} <= members["response"]
    assert {"volatility"} <= members["chance"]


def test_with_every_switch_off_every_stance_is_its_norm(world):
    w = world(settings=switches(*get_args(Block)))
    found = simulate(w, RUNS, ("stance", "norm"))
    np.testing.assert_allclose(dyads(w, found["stance"]), dyads(w, found["norm"]), atol=1e-12, rtol=0)
