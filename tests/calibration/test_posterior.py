"""The artefact of a fit: what is written is what was drawn, and simulation reads it under the right names."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from calibration.model.core import Core, Draws
from calibration.model.powers import LEARNED, Powers
from calibration.model.row import Row
from calibration.observed import load
from calibration.posteriors import card as posterior_card
from calibration.posteriors import posterior
from calibration.posteriors.world import MOMENTS, Worlds
from sim import posterior as artefact
from sim import priors, quarters
from sim.scenario import read_scenario


@pytest.fixture(scope="module")
def core() -> Core:
    return Core(load())


@pytest.fixture(scope="module")
def draws(core) -> Draws:
    pytest.importorskip("jax")
    rng = np.random.default_rng(4)
    start = np.concatenate([core.packed.start, np.zeros(core.size - core.packed.size)])
    return Draws(start + 0.3 * rng.normal(size=(1, 5, core.size)), core.weights(), {}, core.codings, core.targets)


@pytest.fixture(scope="module")
def world(core, draws) -> Worlds:
    values = core.parameters(draws)
    issues = core.annual.world.labels["issue"]
    values |= {name: np.full(5, 0.3) for name in LEARNED} | posterior.borrowed(values, issues, seed=1)
    images = {pair: draws.flat[:, core.images][:, i] for i, pair in enumerate(core.row.draws)}
    donor = np.linspace(-0.5, 0.5, 5)[:, None] * np.ones(54)
    return Worlds(core, draws, posterior.names_in_simulation(values, issues), images, donor, 1)


@pytest.fixture(scope="module")
def written(core, draws, world, tmp_path_factory) -> artefact.Posterior:
    path = tmp_path_factory.mktemp("posterior") / "posterior.nc"
    posterior.write(path, core, draws, world, world.world_stances(), {"seed": 1})
    return artefact.parse(path.read_bytes(), path)


def test_simulation_reads_what_the_fit_drew(core, draws, world, written):
    assert written.size == 5 and written.cut == "2024-08-04" and written.data == core.record.fingerprint
    fitted = core.parameters(draws)
    for name in ("norm.small.defence", "leader_gain.small.trade", "hedging.small", "adjustment_rate.small.diplomacy"):
        np.testing.assert_allclose(written.values[name], fitted[name], rtol=1e-6)
    assert set(written.images) == set(core.row.draws)
    np.testing.assert_allclose(written.values["volatility.power.energy"], 0.3, rtol=1e-6)
    np.testing.assert_allclose(written.luck[:, 1:43, :, 2], world.luck[:, 1:43, :, 2], rtol=1e-4, atol=1e-5)


def test_every_learned_parameter_reaches_a_run(written):
    """Under the name that simulation looks up, for the draw that the run takes."""
    scenario = replace(read_scenario("history", settings={"posterior": "none"}), posterior=written)
    drawn, order = priors.draw(scenario, 3, range(5)), written.draws(3, range(5))
    labels = {"issue": scenario.issues, "state": scenario.states}
    for site, held in written.values.items():
        name, *rest = site.split(".")
        if name == "order_concentration":
            continue
        frame = drawn[name]
        issue = labels["issue"].index(rest[-1]) if rest and rest[-1] in labels["issue"] else 0
        state = 1 if "power" in rest else 0
        row = frame[min(state, frame.shape[0] - 1)]
        if held.ndim == 2:
            at = [labels["state"].index(power) for power in written.powers]
            np.testing.assert_array_equal(row[at, 0, issue, 0, 0], held[order].T)
        else:
            np.testing.assert_array_equal(row[0, 0, min(issue, row.shape[2] - 1), 0, 0], held[order], err_msg=site)


def test_stances_are_those_of_the_fit(core, draws, world, written):
    stance = core.evaluate(draws)["stance"]
    assert written.moments == MOMENTS and quarters.name(written.moments[-1]) == "2024Q2"
    for moment in ("1990Q4", "2008Q4", "2024Q2"):
        held = written.stances[:, written.moments.index(quarters.quarter(moment))]
        year = int(moment[:4]) - 1972
        for k, issue in enumerate(core.row.issues[:2]):
            column = written.issues.index(issue)
            np.testing.assert_allclose(held[:, 0, core.at, column], stance[:, :, k, year], rtol=1e-5, atol=1e-6)
        donor = written.states.index("USA")
        np.testing.assert_allclose(held[:, donor, 0, 0], np.linspace(-0.5, 0.5, 5), atol=1e-6)
        assert not held[:, 1:, 1:].any()
    first = written.stances[:, 0, 0, core.at, written.issues.index("diplomacy")]
    np.testing.assert_allclose(first, core.evaluate(draws)["start"][:, :, 0], rtol=1e-4, atol=1e-5)


def test_gains_without_a_record_borrow_from_those_with_one():
    rng = np.random.default_rng(2)
    close = {f"leader_gain.small.{issue}": 0.8 + 0.02 * rng.normal(size=4000) for issue in ("diplomacy", "defence", "trade")}
    values = close | {f"system_gain.small.{i}": 0.5 * rng.normal(size=4000) for i in ("diplomacy", "defence", "trade")}
    found = posterior.borrowed(values, ("diplomacy", "defence", "trade", "energy"), seed=3)
    assert set(found) == {"leader_gain.small.energy", "system_gain.small.energy"}
    assert found["leader_gain.small.energy"].mean() == pytest.approx(0.78, abs=0.05)
    assert found["leader_gain.small.energy"].std() < 0.25 < found["system_gain.small.energy"].std()


# --- the powers ---------------------------------------------------------------------------------------------------------


def test_the_donor_follows_its_own_rules(core):
    """Without luck and images and with a warm Bangladesh, reciprocity lifts the donor's stance to what it desires."""
    warmth = np.zeros((5, 5, 1, 1, 1, 1, 53))
    usa = core.annual.world.labels["state"].index("USA")
    warmth[0, usa] = 0.5
    known = {s.name: 0.0 for s in Row(core.annual, "USA", ("aid",), {"warmth": warmth}).sites if s.group != "power"}
    known = {name: value for name, value in known.items() if name != "aid_loading"}
    powers = Powers(core.record, core.annual, warmth, known)
    z = np.concatenate([powers.packed.start, np.zeros(powers.size - powers.packed.size)])
    stances, named = powers.stances(z[None])[0], powers.parameters(z)
    places = powers.packed.places
    assert named["reciprocity.power"] > 0 and places["reciprocity.power"].stop <= powers.packed.size
    np.testing.assert_allclose(stances, named["reciprocity.power"] * 0.5, rtol=1e-9)
    assert np.isfinite(powers.log_density(z, np.ones(53)))


# --- the card -----------------------------------------------------------------------------------------------------------


def test_features_of_the_record(core):
    real = core.targets
    found = posterior_card.features(core, real.votes, real.orders[:52], real.trade)
    assert found["votes other than yes"] == real.votes[:, :2].sum()
    assert found["arms orders from RUS"] == 25 and found["longest run of years without a Russian order"] == 7
    assert 0.7 < found["lag-1 autocorrelation of the trade share with USA"] < 1.0


def test_the_shipped_page_is_written_from_the_shipped_card():
    folder = artefact.shipped().parent
    if not artefact.shipped().is_file():
        pytest.skip("no posterior is shipped yet")
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    assert (folder / "README.md").read_text(encoding="utf-8") == posterior_card.readme(card)
    held = artefact.find("shipped")
    assert held is not None and held.version == card["version"] and held.size == card["size"] == posterior.SIZE
    assert card["verdict"]["usable"] and held.data == load().fingerprint
