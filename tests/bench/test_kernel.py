"""The hand-written kernel computes what the ensemble engine does, or it would be no yardstick. Skipped without a C compiler."""

from __future__ import annotations

import numpy as np
import pytest

from sim.scenario import read_scenario
from sim.world import World
from tests.bench import kernel

SETTINGS = {"spin_up_from": "2025Q3", "until": "2027Q2"}


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    found = kernel.compiled(tmp_path_factory.mktemp("kernel"))
    if found is None:
        pytest.skip("no C compiler")
    return found


@pytest.mark.parametrize("scenario", ["bnp_government", "bnp_government+sanctions_tighten"])
@pytest.mark.parametrize("drawn", [True, False], ids=["luck drawn before", "luck drawn by the kernel"])
def test_the_kernel_equals_the_ensemble(library, scenario, drawn):
    world = World(read_scenario(scenario, settings=SETTINGS), seed=5)
    runs = range(4 * 3, 4 * 3 + 2 * library.width())
    assert kernel.check(library, kernel.prepare(world, runs, drawn=drawn)) < 1e-10


def test_a_wrong_kernel_would_be_found(library):
    world = World(read_scenario("bnp_government", settings=SETTINGS), seed=5)
    prepared = kernel.prepare(world, range(library.width()), drawn=True)
    at = kernel.PARAMETERS.index("leader_gain")
    prepared.parameters[at] = prepared.parameters[at] * (1 + 1e-6)
    assert kernel.check(library, prepared) > 1e-9
    with pytest.raises(ValueError, match="runs"):
        kernel.simulate(library, kernel.prepare(world, range(3), drawn=True))


def test_a_world_that_draws_nothing_twice_is_the_same_world():
    world = World(read_scenario("bnp_government", settings=SETTINGS), seed=5)
    held = kernel.Remembered(world)
    for _ in range(2):
        assert np.array_equal(
            held.shock("stance_shock", world.span[0], range(5)), world.shock("stance_shock", world.span[0], range(5))
        )
    assert held.traits(world.span[0], range(5)) is held.traits(world.span[0], range(5))
    assert held.scenario is world.scenario
