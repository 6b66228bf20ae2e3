"""Ensembles that are played again and again give the numbers of the main job, and remember only what is the same."""

from __future__ import annotations

from concurrent.futures import CancelledError

import numpy as np
import pytest

from sim import live
from sim.agents import StateSystem
from sim.errors import InputError
from sim.history import in_memory
from sim.scenario import read_scenario
from sim.walk import Walk, walk
from sim.world import World

SHORT = {"spin_up_from": "2025Q3", "until": "2026Q4"}
IMAGE = "leaders.tarique_rahman.traits.image_of.russia"
CHANGES = [
    {IMAGE: 0.4},
    {IMAGE: -0.7},
    {"inputs.sanctions.USA>RUS": {"2026Q2": 0.2}},
    {"inputs.sanctions.USA>RUS": {"2026Q2": 0.9}},
    {"inputs.sanctions.USA>RUS": {"2026Q4": 0.9}},
    {"parameters.adjustment_rate": 0.5},
    {"posterior": "none"},
    {"switches.chance": "off"},
    {"luck": "record"},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_a_turned_world_has_the_numbers_of_a_fresh_one(change):
    """Whatever was played before: memory must never lend a number to a world in which it is another."""
    for settings in (SHORT, SHORT | change):
        played = live.play(live.scenario("bnp_government", settings), 3, 70, ("cooperation", "norm"))
        fresh = in_memory(World(read_scenario("bnp_government", settings=settings), 3), 70, ("cooperation",))
        for name in ("cooperation", "norm"):
            assert (played.arrays[name] == fresh[name].to_numpy()).all(), name


def test_what_a_turn_does_not_reach_is_not_played_again():
    """Until 2026Q1, when the leader whose image is turned takes office, the world is the one before."""

    def quarters(settings):
        asked = []
        live.play(live.scenario("bnp_government", SHORT | settings), 11, 40, ("cooperation",), lambda: asked.append(1) or False)
        return len(asked)

    whole = quarters({})
    assert quarters({IMAGE: 0.31}) == whole, "the first turn finds out where the worlds part"
    assert quarters({IMAGE: 0.32}) == whole * 4 // 6, "two quarters of six are the same"
    assert quarters({IMAGE: 0.32, "inputs.sanctions.USA>RUS": {"2026Q3": 0.3}}) == whole * 4 // 6
    assert quarters({IMAGE: 0.32, "inputs.sanctions.USA>RUS": {"2026Q3": 0.4}}) == whole * 2 // 6
    assert quarters({IMAGE: 0.32}) == 0, "and what was played before is remembered"


def test_seed_runs_and_states_are_kept_apart():
    scenario = live.scenario("bnp_government", SHORT)
    few, many = (live.play(scenario, 1, runs, ("stance",)).arrays["stance"] for runs in (40, 90))
    assert (few == many[..., :40]).all()
    assert not (few == live.play(scenario, 2, 40, ("stance",)).arrays["stance"]).all()
    fewer = live.scenario("bnp_government", SHORT | {"states": ["BGD", "RUS", "IND"]})
    assert live.play(fewer, 1, 40, ("stance",)).arrays["stance"].shape[1] == 3


def test_what_nobody_waits_for_is_dropped():
    scenario = live.scenario("bnp_government", SHORT | {IMAGE: 0.123})
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    with pytest.raises(CancelledError):
        live.play(scenario, 1, 400, ("stance",), stopped)
    assert asked < 12


def test_memory_is_bounded_and_forgets_the_least_used():
    memory, made = live.Memory(100), []

    def get(key):
        return memory.get(key, lambda: made.append(key) or np.zeros(5), lambda found: found.nbytes)

    for key in ("a", "b", "a", "c", "a", "d"):
        get(key)
    assert memory.held <= 100
    assert made == ["a", "b", "c", "d"]
    get("b")
    assert made[-1] == "b"


def test_a_scenario_is_read_as_everywhere_else():
    settings = SHORT | {IMAGE: 0.4}
    assert live.scenario("bnp_government+rooppur_delay", settings) == read_scenario(
        "bnp_government+rooppur_delay", settings=settings
    )
    with pytest.raises(InputError, match="russia"):
        live.scenario("bnp_government", {IMAGE.replace("russia", "rusia"): 0.4})


def test_a_walk_is_a_row_of_the_ensemble_in_the_words_of_the_agent():
    scenario = live.scenario("bnp_government", SHORT)
    played = live.play(scenario, 1, 60, ("stance",)).arrays
    steps = walk(scenario, 1, 7, 60).steps(scenario.start + 2, "defence")
    assert [step.state for step in steps[::4]] == list(scenario.states)
    first = next(step for step in steps if (step.state, step.partner) == ("BGD", "RUS"))
    stance = [played["stance"][q, 0, 1, 1, 7] - played["norm"][0, 1, 1, 7] for q in (1, 2)]
    assert [first.before, first.after] == pytest.approx(np.tanh(np.array(stance) / 2), abs=1e-12)
    system = StateSystem(World(scenario, 1), 7)
    while system.quarter != scenario.start + 2:
        system.step()
    assert first.why == system.agent("BGD").explain("stance", "RUS", "defence")


def test_reading_one_quarter_does_not_disturb_another():
    scenario = live.scenario("bnp_government", SHORT)
    held = Walk(scenario, 1, 3)
    once = held.steps(scenario.start, "trade")
    held.steps(scenario.until, "aid")
    assert held.steps(scenario.start, "trade") == once


@pytest.mark.parametrize(("name", "run", "words"), [("bnp_government", 60, "no run 60"), ("history", 0, "quarters")])
def test_a_walk_that_cannot_be_is_refused(name, run, words):
    with pytest.raises(InputError, match=words):
        walk(live.scenario(name, {}), 1, run, 60)
