"""What must not matter does not matter: names, order, units; and what must matter points the right way."""

from __future__ import annotations

import numpy as np
import pytest

from sim.codebook import codebook
from sim.engine import simulate
from sim.rulebook import RULES, bind

RECORD = (
    "stance",
    "cooperation",
    "commitment",
    "pull",
    "interaction",
    "restrictiveness",
    "vote_yes",
    "order_share",
    "act_done",
    "aid",
)
SCENARIOS = ["bnp_government", "bnp_government+sanctions_tighten"]


def relabelled(values: np.ndarray, axes: tuple[str, ...], place: list[int], first: int = 1) -> np.ndarray:
    """A recorded variable with its states taken in another order."""
    for index, axis in enumerate(axes, start=first):
        if axis in ("state", "partner", "third"):
            values = np.take(values, place, axis=index)
    return values


# --- names and order ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(RULES))
def test_rules_know_no_state_by_its_place(name, board, lengths):
    """Relabel the states of a random board: the result is the old one, relabelled."""
    place = [3, 0, 4, 1, 2]
    values = board(5)
    turned = {key: permuted(values[key], place) for key in values}

    def look(board):
        return lambda key, turn: board[key] if turn is None else board[key].transpose(turn)

    old, new = (bind(RULES[name], look(b), lengths) for b in (values, turned))
    np.testing.assert_allclose(new, permuted(old, place), rtol=1e-12, atol=1e-12)


def permuted(value: np.ndarray, place: list[int]) -> np.ndarray:
    """A frame with its states taken in another order, whoever looks."""
    for axis in range(3):
        if value.shape[axis] == len(place):
            value = np.take(value, place, axis=axis)
    return value


@pytest.mark.parametrize("order", [["USA", "CHN", "IND", "RUS", "BGD"], ["IND", "BGD", "USA", "RUS", "CHN"]])
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_order_of_states_does_not_matter(name, order, world):
    """Chance is keyed by name, so only the order of additions differs."""
    one, two = world(name), world(name, {"states": order})
    assert two.scenario.states == tuple(order)
    usual, other = (simulate(w, range(6), RECORD) for w in (one, two))
    place = [order.index(s) for s in one.scenario.states]
    for variable in RECORD:
        back = relabelled(other[variable], codebook()[variable].axes, place)
        np.testing.assert_allclose(back, usual[variable], rtol=1e-9, atol=1e-9, err_msg=variable)
    assert not np.allclose(other["stance"], usual["stance"])


# --- units of measurement -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [0.37, 12.0])
def test_multiplying_every_capability_by_a_constant_changes_nothing(factor, world):
    one, two = world(), world()
    two.series["capability"] = two.series["capability"] * factor
    usual, scaled = (simulate(w, range(6), RECORD) for w in (one, two))
    for variable in RECORD:
        np.testing.assert_allclose(scaled[variable], usual[variable], rtol=1e-9, atol=1e-9, err_msg=variable)
    two.series["capability"] = two.series["capability"] * np.array([1, 2, 1, 1, 1]).reshape(5, 1, 1, 1, 1, 1, 1)
    assert not np.allclose(simulate(two, range(6), ("stance",))["stance"], usual["stance"])


# --- a friendlier image warms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("hedging", [0.0, 0.5, 0.95])
@pytest.mark.parametrize(("leader", "state", "partner"), [
    ("tarique_rahman", "BGD", "russia"),
    ("tarique_rahman", "BGD", "united_states"),
    ("xi_jinping", "CHN", "bangladesh"),
])  # fmt: skip
def test_raising_an_image_never_lowers_the_stance(leader, state, partner, hedging, world):
    """True where leaders count (gain above zero), hedging is less than complete and nobody is jealous."""
    settings = {
        "parameters.leader_gain": 0.4,
        "parameters.hedging": hedging,
        "parameters.jealousy": 0,
        "parameters.reciprocity": 0.3,
        "parameters.omnibalancing": 0.2,
    }
    path = f"leaders.{leader}.traits.image_of.{partner}"
    before = None
    for image in (-0.6, 0.1, 0.7):
        w = world(settings=settings | {path: image})
        a = w.labels["state"].index(state)
        b = w.labels["partner"].index({"russia": "RUS", "united_states": "USA", "bangladesh": "BGD"}[partner])
        stance = simulate(w, range(12), ("stance",))["stance"][:, a, b]
        if before is not None:
            assert (stance >= before - 1e-12).all()
            assert (stance > before + 1e-4).any()
        before = stance


# --- a minimally different world ------------------------------------------------------------------------------------

CLOSED = {"switches": {"response": "off", "commitments": "off"}, "parameters.omnibalancing": 0}
"""No way for one state's change to reach another's decision."""


@pytest.mark.parametrize(("path", "value", "state"), [
    ("leaders.tarique_rahman.traits.image_of.china", 0.8, "BGD"),
    ("leaders.narendra_modi.traits.image_of.bangladesh", -0.7, "IND"),
    ("leaders.vladimir_putin.traits.assertiveness", 0.1, "RUS"),
    ("leaders.xi_jinping.traits.economic_priority", 0.05, "CHN"),
])  # fmt: skip
def test_one_trait_of_one_leader_changes_that_state_only(path, value, state, world):
    """One trait of one leader, nothing else: only that state's rows of perception, decision and stance differ."""
    settings = CLOSED | {"parameters.risk_effect": 0.5, "parameters.priority_effect": 0.5}
    settings |= {"inputs.sanctions": {"USA>IND": {"2020Q1": 1.0}}, "inputs.dependence": {"RUS>USA": {"2020Q1": 0.3}}}
    record = ("perceived", "felt_coercion", "desired", "stance", "vote_yes")
    one, two = (simulate(world(settings=settings | more), range(8), record) for more in ({}, {path: value}))
    row = world().scenario.states.index(state)
    others = [i for i in range(5) if i != row]
    for variable in record:
        assert np.array_equal(one[variable][:, others], two[variable][:, others]), variable
    assert not np.array_equal(one["stance"][:, row], two["stance"][:, row])


def test_a_change_of_government_counts_from_the_day_it_happens(world):
    """Half of a quarter under another leader counts half; not a quarter earlier, not a quarter later."""
    elected = [{"leader": "sheikh_hasina", "from": "2009-01-06"}, {"leader": "tarique_rahman", "from": "2026-02-17"}]
    image = "leaders.khaleda_zia.traits.image_of.russia"
    settings = {"seats.BGD": elected, "parameters.priority_effect": 0, "parameters.clarity_exponent": 0, image: -0.9}
    later = {"seats.BGD": [*elected, {"leader": "khaleda_zia", "from": "2027-02-15"}]}  # 45 of 90 days of 2027Q1
    one, two = (simulate(world(settings=settings | more), range(6), ("leader_reading",)) for more in ({}, later))
    difference = (two["leader_reading"] - one["leader_reading"])[:, 0, 1]
    assert (difference[:4] == 0).all()
    assert (difference[5:] != 0).all() and (difference[5:] == difference[5]).all()
    np.testing.assert_allclose(difference[4], difference[5] / 2, rtol=1e-9)


def test_with_response_on_the_change_travels(world):
    path = "leaders.narendra_modi.traits.image_of.bangladesh"
    settings = {"parameters.reciprocity": 0.5}
    one, two = (simulate(world(settings=settings | more), range(4), ("stance",))["stance"] for more in ({}, {path: -0.7}))
    assert not np.array_equal(one[:, 0], two[:, 0])
