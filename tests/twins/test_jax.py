"""The same rules on JAX arrays: nothing in them is NumPy's own. Slow, and skipped where JAX is not installed."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from sim import engine
from sim.rulebook import RULES, bind, needed
from sim.rules.turn import CARRIED

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed (pip install 'padma[jax]')"),
]


@pytest.fixture(scope="module")
def jax():
    """JAX in double precision; put back afterwards."""
    import jax

    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield jax
    jax.config.update("jax_enable_x64", before)


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_rule_gives_the_same_numbers_on_jax(name, jax, board, lengths):
    values = board(6, runs=5)
    moved = {key: jax.numpy.asarray(value) for key, value in values.items()}
    assert moved["stance"].dtype == np.float64

    def look(source):
        return lambda key, turn: source[key] if turn is None else source[key].transpose(turn)

    expected = bind(RULES[name], look(values), lengths)
    found = bind(RULES[name], look(moved), lengths)
    assert isinstance(found, jax.Array)
    np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-8, atol=1e-10)


def test_a_whole_turn_compiled_equals_the_turn_of_the_engine(jax, world):
    w = world()
    runs = range(4)
    constants = w.fixed | w.parameters(runs)
    quarter = w.scenario.start
    t = quarter - w.span[0]
    before = constants | engine.start(w, runs, constants) | engine.inputs_at(w, t) | w.traits(quarter, runs)
    before |= {name: w.shock(name, quarter, runs) for name in ("stance_shock", "vote_shock", "order_shock", "act_shock")}
    rules = needed({*RULES, *(f"next_{name}" for name in CARRIED)}, set())
    expected = engine.turn(w, dict(before), rules)
    compiled = jax.jit(lambda b: engine.turn(w, dict(b), rules))
    found = compiled({name: jax.numpy.asarray(value) for name, value in before.items()})
    assert set(found) == set(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(np.asarray(found[name]), value, rtol=1e-8, atol=1e-10, err_msg=name)


def test_a_stance_can_be_differentiated_with_respect_to_an_image(jax, world):
    """What calibration needs: a gradient through a whole turn, of the sign the theory states."""
    w = world(settings={"parameters.leader_gain": 0.4, "parameters.hedging": 0.2})
    runs = range(2)
    constants = w.fixed | w.parameters(runs)
    quarter = w.scenario.start
    board = constants | engine.start(w, runs, constants) | engine.inputs_at(w, 8) | w.traits(quarter, runs)
    board |= {"stance_shock": w.shock("stance_shock", quarter, runs)}
    board = {name: jax.numpy.asarray(value) for name, value in board.items()}
    rules = needed({f"next_{name}" for name in CARRIED}, set())

    def stance(image):
        phases = ("appraise", "perceive", "decide", "act")
        return engine.evaluate(w, {**board, "image_of": image}, phases, rules)["next_stance"][0, 1].sum()

    gradient = np.asarray(jax.grad(stance)(board["image_of"]))
    assert np.isfinite(gradient).all()
    assert (gradient[0, 1] > 0).all()
