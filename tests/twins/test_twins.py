"""Two executors, one theory: run r of Mesa equals row r of the ensemble, in every variable that can be recorded."""

from __future__ import annotations

import numpy as np
import pytest

from sim import agents, engine
from sim.codebook import codebook, of_kind
from sim.errors import InputError
from sim.rulebook import RULES
from sim.rules.turn import CARRIED, PHASES

SCENARIOS = {
    "bnp_government": {"spin_up_from": "2026Q1", "until": "2035Q4"},
    "history": {"spin_up_from": "1972Q1", "until": "1981Q4", "events": ["vietnam_cambodia", "afghanistan_1979"]},
    "bnp_government+sanctions_tighten": {"spin_up_from": "2025Q1", "until": "2035Q4"},
}
"""Forty recorded quarters each."""


def recordable(name: str) -> bool:
    try:
        engine.check_record((name,))
    except InputError:
        return False
    return True


RECORDABLE = tuple(name for name in codebook() if recordable(name))


# --- the same numbers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 20240804])
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_run_of_mesa_is_a_row_of_the_ensemble(name, seed, world):
    w = world(name, SCENARIOS[name], seed)
    assert len(w.scenario.quarters) == 40
    assert {*RULES, *CARRIED, *of_kind("trait", "parameter", "shock")} - {f"next_{c}" for c in CARRIED} <= set(RECORDABLE)
    ensemble = engine.simulate(w, range(4), RECORDABLE)
    run = 3 if seed == 1 else 0
    mesa = agents.StateSystem(w, run).simulate(RECORDABLE)
    for variable in RECORDABLE:
        row = ensemble[variable][..., run : run + 1]
        assert mesa[variable].shape == row.shape, variable
        np.testing.assert_allclose(mesa[variable], row, rtol=1e-12, atol=1e-12, err_msg=variable)
    assert np.ptp(ensemble["stance"], axis=0).max() > 0.5  # something happened


def test_what_is_recorded_does_not_change_what_happens(world):
    w = world()
    whole = engine.simulate(w, range(5), RECORDABLE)
    for variable in ("stance", "act_done", "norm", "act_shock", "image_of", "orders"):
        alone = engine.simulate(w, range(5), (variable,))
        assert np.array_equal(alone[variable], whole[variable]), variable


def test_any_split_into_chunks_gives_the_same_numbers(world):
    w = world()
    record = ("stance", "cooperation", "commitment", "act_done", "vote", "orders", "aid")
    whole = engine.simulate(w, range(23), record)
    parts = [engine.simulate(w, runs, record) for runs in (range(5), range(5, 18), range(18, 19), range(19, 23))]
    for name in record:
        assert np.array_equal(np.concatenate([part[name] for part in parts], axis=-1), whole[name]), name
    assert engine.chunks(23, 9) == [range(9), range(9, 18), range(18, 23)]


def test_recorded_quarters_do_not_depend_on_how_long_the_run_goes_on(world):
    longer = engine.simulate(world(settings={"until": "2031Q1"}), range(4), ("stance", "act_done"))
    shorter = engine.simulate(world(settings={"until": "2027Q4"}), range(4), ("stance", "act_done"))
    for name in longer:
        assert np.array_equal(longer[name][:8], shorter[name])


# --- simultaneous moves ---------------------------------------------------------------------------------------------


class Shuffled(agents.StateSystem):
    """The same system with the states called in another order every time."""

    def _phase(self, phase: str) -> None:
        self._world_rules(phase)
        self.agents.shuffle_do(phase)


def test_the_order_of_agents_does_not_matter(world):
    w = world()
    usual, shuffled = (kind(w, 2).simulate(RECORDABLE) for kind in (agents.StateSystem, Shuffled))
    for name in RECORDABLE:
        assert np.array_equal(usual[name], shuffled[name]), name


@pytest.mark.parametrize("phase", PHASES)
def test_within_a_phase_no_state_looks_at_what_another_computes_in_it(phase):
    members = PHASES[phase]
    for name in members:
        if "state" not in RULES[name].axes:
            continue  # a rule about the world as a whole is evaluated before any state moves
        for argument in RULES[name].arguments:
            elsewhere = argument.turn is not None and argument.turn[0] != 0  # another state's row
            assert not (elsewhere and argument.variable in members), f"'{name}' reads '{argument.name}' in '{phase}'"


def test_rules_about_the_world_read_nothing_that_states_compute_in_the_same_phase():
    for members in PHASES.values():
        for name in members:
            if "state" not in RULES[name].axes:
                assert not {read for read in RULES[name].reads if read in members and "state" in RULES[read].axes}


# --- what the readable twin is for ----------------------------------------------------------------------------------


def test_twenty_quarters_one_by_one(world):
    system = agents.StateSystem(world(settings={"spin_up_from": "2026Q1", "until": "2030Q4"}))
    assert [agent.iso3 for agent in system.agents] == list(system.world.scenario.states)
    seen = []
    for _ in range(20):
        system.step()
        seen.append(system.agent("bangladesh").value("stance", "RUS", "defence"))
    assert np.isfinite(seen).all() and len(set(seen)) == 20
    assert system.agent("BGD").value("stance", "BGD", "defence") == 0


def test_an_agent_sees_its_own_row(world):
    system = agents.StateSystem(world(), 1)
    system.step()
    india = system.agent("IND")
    assert india.look("stance").shape == (1, 5, 1, 6, 1, 1, 1)
    assert india.look("clarity").size == 1
    other = india.look("stance", (1, 0, 2, 3, 4, 5, 6))[0, 0, 0, 3, 0, 0, 0]  # Bangladesh toward India, in trade
    assert other == system.agent("BGD").value("stance", "IND", "trade")


def test_explain_names_the_leader_the_partner_and_the_numbers(world):
    system = agents.StateSystem(world())
    with pytest.raises(InputError, match="no quarter has been played"):
        system.agent("BGD").explain()
    for _ in range(12):
        system.step()
    agent = system.agent("BGD")
    words = agent.explain("stance", "russia", "energy")
    for expected in (
        "Bangladesh toward Russia in energy",
        "2026Q4",
        "Tarique Rahman",
        f"{agent.value('stance', 'RUS', 'energy'):+.2f}",
    ):
        assert expected in words
    assert "Vladimir Putin" in system.agent("RUS").explain("stance", "BGD", "trade")
    assert "pull = " in agent.explain("pull", "IND", "trade")
    for question, answer in (
        (("stanse", "RUS"), "stance"),
        (("stance", "BGD"), "no relation with itself"),
        (("pull", "Rusia"), "russia"),
    ):
        with pytest.raises(InputError, match=answer):
            agent.explain(*question)


class Stubborn(agents.StateAgent):
    """Follows the rules, then asks for its norm whatever they said."""

    def decide(self) -> None:
        super().decide()
        self.model.write("desired", self.row, self.look("norm") * self.model.world.not_self[self.row : self.row + 1])


def test_a_state_that_decides_otherwise_changes_itself_only(world):
    """With response, contracts and omnibalancing off nobody answers: other states' stances stay as they were."""
    settings = {"switches": {"response": "off", "commitments": "off"}, "parameters.omnibalancing": 0}
    usual = agents.StateSystem(world(settings=settings), 1)
    stubborn = agents.StateSystem(world(settings=settings), 1, {"IND": Stubborn})
    one, two = (system.simulate(("stance", "cooperation")) for system in (usual, stubborn))
    row = usual.agent("IND").row
    others = [i for i in range(5) if i != row]
    assert np.array_equal(one["stance"][:, others], two["stance"][:, others])
    assert np.abs(one["stance"][:, row] - two["stance"][:, row]).max() > 0.1
    assert not np.array_equal(one["cooperation"][:, others], two["cooperation"][:, others])  # it takes two


def test_a_state_that_decides_otherwise_is_answered_where_states_respond(world):
    answering = world(settings={"parameters.reciprocity": 0.5})
    usual, stubborn = agents.StateSystem(answering, 1), agents.StateSystem(answering, 1, {"IND": Stubborn})
    one, two = (system.simulate(("stance",))["stance"] for system in (usual, stubborn))
    assert not np.array_equal(one[:, 0, 2], two[:, 0, 2])


def test_the_twin_says_that_the_scenario_is_over(world):
    model = agents.StateSystem(world(settings={"spin_up_from": "2026Q1", "until": "2026Q2"}), 0)
    model.simulate(("stance",))
    with pytest.raises(InputError, match="'bnp_government' ends in 2026Q2"):
        model.step()
