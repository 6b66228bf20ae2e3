"""A sixth state is one file: no code, no other file, and nothing about the first five is drawn anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from sim import agents, library, priors
from sim.engine import simulate
from sim.scenario import read_scenario

SMALL = """\
name: Ruritania
iso3: RUR
adjective: Ruritanian
power: false
sources: [coder_judgement]
note: An invented country, for a test.
"""
RICH = (
    SMALL.replace("power: false", "power: true")
    + """\
inputs:
  capability: 0.05
  proximity: {bangladesh: 0.8, russia: 0.5}
  sanctions: {russia: 0.5}
  veto: 0.7
"""
)
RECORD = ("stance", "cooperation", "pull", "threat", "vote_yes", "act_probability", "stance_shock", "act_shock")


def clear() -> None:
    """Forget every content file that was read."""
    for module in (library, priors):
        for thing in vars(module).values():
            if hasattr(thing, "cache_clear"):
                thing.cache_clear()


@pytest.fixture
def six(tmp_path, monkeypatch):
    """Function (text) -> content folder with one more state file; everything is put back afterwards."""
    shutil.copytree(library.root(), tmp_path / "scenarios")

    def write(text: str) -> Path:
        path = tmp_path / "scenarios" / "states" / "ruritania.yaml"
        path.write_text(text, encoding="utf-8")
        clear()
        monkeypatch.setattr(library, "root", lambda: tmp_path / "scenarios")
        return path

    yield write
    monkeypatch.undo()
    clear()


def test_a_small_sixth_state_runs_and_leaves_the_first_five_alone(six, world):
    """With rivalry as recorded: a newcomer has none. (Let free, rivalry would follow the stances toward it.)"""
    settings = {"parameters.rivalry_follow": 0}
    five = simulate(world(settings=settings), range(5), RECORD)
    five_parameters = world(settings=settings).parameters(range(5))
    six(SMALL)
    w = world(settings=settings)
    assert w.scenario.states == ("BGD", "RUS", "IND", "CHN", "USA", "RUR")
    found = simulate(w, range(5), RECORD)
    assert found["stance"].shape[1:3] == (6, 6)
    assert all(np.isfinite(values).all() for values in found.values())
    assert np.abs(found["stance"][:, 5, :5]).max() > 0.01  # it acts
    for name in ("stance_shock", "act_shock"):  # luck is the same to the last bit
        assert np.array_equal(found[name][:, :5, :5], five[name])
    for name, values in w.parameters(range(5)).items():
        kept = values[:5] if values.shape[0] == 6 else values
        kept = kept[:, :5] if kept.shape[1] == 6 else kept
        assert np.array_equal(kept, five_parameters[name]), name
    for name in ("stance", "pull", "vote_yes"):  # a small state far away, with no record, moves nobody
        old = found[name][:, :5, :5] if found[name].ndim == 5 or name == "pull" else found[name][:, :5]
        np.testing.assert_allclose(old, five[name], rtol=1e-9, atol=1e-9, err_msg=name)


def test_a_sixth_power_with_its_own_inputs_pulls_and_is_the_same_in_both_executors(six, world):
    alone = simulate(world(), range(3), ("pull",))["pull"]
    six(RICH)
    w = world()
    assert w.series["capability"][0, 5].item() == 0.05
    assert w.series["proximity"][0, 5, :2].ravel().tolist() == [0.8, 0.5]
    assert w.series["sanctions"][0, 5, 1].item() == 0.5
    assert w.series["veto"][0, 5].item() == 0.7
    found = simulate(w, range(3), RECORD)
    assert np.abs(found["pull"][:, 0, 5]).max() > 0
    assert not np.allclose(found["pull"][:, :5, :5], alone)
    mesa = agents.StateSystem(w, 2).simulate(RECORD)
    for name in RECORD:
        np.testing.assert_allclose(mesa[name], found[name][..., 2:3], rtol=1e-12, atol=1e-12, err_msg=name)


def test_it_can_be_left_out_again_and_be_governed(six):
    six(SMALL)
    assert read_scenario("bnp_government", settings={"states": ["BGD", "RUS", "IND", "CHN", "USA"]}).states == (
        "BGD", "RUS", "IND", "CHN", "USA",
    )  # fmt: skip


def test_afterwards_there_are_five_again():
    assert len(library.states()) == 5
