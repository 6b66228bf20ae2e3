"""The split of variance finds planted causes, and the ensemble exchanges draws and luck as it should."""

from __future__ import annotations

import little
import numpy as np
import pytest

from sim import history
from sim.priors import Pairing
from sim.scenario import read_scenario
from sim.sweep import job, points
from sim.sweep.design import read_design
from sim.sweep.results import percent, read_sweep, sentences
from sim.sweep.variance import ASSUMED, LEARNED, LUCK, PARAMETERS, TOGETHER
from sim.world import World


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """A sweep of planted numbers: independent causes that add up, of known variance."""
    folder = tmp_path_factory.mktemp("planted")
    path = little.write(folder, runs=1024, levels=3)
    path.write_text(path.read_text().replace("range: [-1, 1]", "values: [-1, 1]").replace(", levels: 3", ""))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(points, "one", little.planted)
        job.sweep(job.plan(read_design(path), folder / "out"))
    return read_sweep(folder / "out")


def shares(sweep):
    first = sweep.variance[(sweep.variance.partner == "RUS") & (sweep.variance.issue == "diplomacy")]
    return first.set_index("block")


def test_planted_causes_are_found(planted):
    squares = {name: weight**2 for name, weight in little.WEIGHTS.items()}
    whole, found = sum(squares.values()), shares(planted)
    truth = {
        "who governs": squares["who"],
        "the systemic path": squares["price"],
        LEARNED: squares["learned"],
        ASSUMED: squares["assumed"],
        PARAMETERS: squares["learned"] + squares["assumed"],
        LUCK: squares["luck"],
        TOGETHER: 0.0,
    }
    for block, square in truth.items():
        assert found.at[block, "share"] == pytest.approx(square / whole, abs=0.04), block
        assert found.at[block, "q05"] - 0.02 <= square / whole <= found.at[block, "q95"] + 0.02, block


def test_shares_of_blocks_add_up_to_one(planted):
    found = planted.variance[~planted.variance.part_of.astype(bool)].groupby(["partner", "issue"])["share"].sum()
    np.testing.assert_allclose(found, 1.0, atol=1e-4)


def test_the_sentence_says_who_wins_the_election_explains_so_much(planted):
    rows = planted.variance.fillna("").to_dict(orient="records")
    found = [s for s in sentences(rows) if s.startswith("Who wins the election explains")]
    share = percent(shares(planted).at["who governs", "share"])
    assert found == [f"Who wins the election explains {share} % of what we do not know about 2026Q2."]


def test_without_a_posterior_nothing_is_learned(tmp_path):
    path = little.write(tmp_path, runs=40, levels=2)
    job.sweep(job.plan(read_design(path), tmp_path / "out"))
    found = shares(read_sweep(tmp_path / "out"))
    assert found.at[LEARNED, "share"] == 0.0
    assert found.at[PARAMETERS, "share"] != 0.0


@pytest.mark.parametrize("posterior", ["none", "shipped"])
def test_runs_that_exchange_their_draws_keep_their_luck(posterior):
    settings = {"posterior": posterior, "spin_up_from": "2025Q3", "until": "2026Q2"}
    scenario = read_scenario("bnp_government", settings=settings)
    straight = World(scenario, 3)
    other = World(scenario, 3, Pairing(((4, 0, 6, 6), (2, 6, 0, 0), (3, 1, 2, 1))))
    runs, quarter = range(1, 9), scenario.start

    def of(world, picked, value):
        return np.concatenate([value(world, range(r, r + 1)) for r in picked], axis=-1)

    def luck(world, part):
        return world.shock("stance_shock", quarter, part)

    def norm(world, part):
        return world.parameters(part)["norm"]

    np.testing.assert_array_equal(luck(other, runs), of(straight, [1, 2, 3, 6, 7, 1, 2, 3], luck))
    if posterior == "none":
        np.testing.assert_array_equal(norm(other, runs), of(straight, [7, 8, 9, 0, 1, 1, 2, 3], norm))
    else:  # toward Russia the norm in diplomacy is learned
        at = (scenario.states.index("BGD"), scenario.states.index("RUS"), 0, scenario.issues.index("diplomacy"))
        np.testing.assert_array_equal(norm(other, runs)[at], of(straight, [7, 8, 9, 0, 1, 2, 3, 4], norm)[at])
    traits = other.traits(quarter, runs)["assertiveness"]
    np.testing.assert_array_equal(
        traits, of(straight, [7, 8, 9, 0, 1, 1, 2, 3], lambda w, part: w.traits(quarter, part)["assertiveness"])
    )


def test_exchanging_nothing_changes_nothing():
    scenario = read_scenario("bnp_government", settings={"spin_up_from": "2025Q3", "until": "2026Q2"})
    record = ("stance", "norm")
    plain = history.block(World(scenario, 3), range(8), record, lambda done: None)
    paired = history.block(World(scenario, 3, Pairing(((8, 0, 0, 0),))), range(8), record, lambda done: None)
    for name in record:
        np.testing.assert_array_equal(plain[name], paired[name])
