"""Designs of sweeps are read strictly, and their points are what they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.errors import InputError
from sim.sweep import points as sweep_points
from sim.sweep.design import design_names, read_design

BASE = """
name: little
title: A little sweep
question: Does anything change?
base: bnp_government
until: 2026Q4
settings: {spin_up_from: 2025Q3, posterior: none}
runs: 8
factors:
  - {name: who, key: scenario, values: [bnp_government, jamaat_led], group: leader}
  - {name: price, key: inputs.price.energy.2026Q1, range: [-1, 1], group: system}
design: {kind: grid, levels: 3}
measures:
  - {measure: stance, partner: [RUS, USA], issue: diplomacy, quarter: 2026Q4}
  - {measure: stance, partner: RUS, issue: defence, window: [2026Q2, 2026Q4]}
"""


@pytest.fixture
def design(tmp_path):
    def make(change=lambda text: text):
        path = tmp_path / "little.yaml"
        path.write_text(change(BASE), encoding="utf-8")
        return read_design(path)

    return make


@pytest.mark.parametrize("name", design_names())
def test_shipped_designs_can_be_read(name):
    design = read_design(name)
    assert design.points()
    assert design.question.endswith("?")
    assert design.scenario(design.points()[-1]).name


def test_a_grid_is_every_combination_with_the_first_factor_slowest(design):
    found = design().points()
    assert len(found) == 6
    assert [p["who"] for p in found] == ["bnp_government"] * 3 + ["jamaat_led"] * 3
    assert [p["price"] for p in found[:3]] == [-1.0, 0.0, 1.0]


@pytest.mark.parametrize("kind", ["sobol", "latin_hypercube"])
def test_categories_are_strata_that_all_meet_the_same_numeric_points(design, kind):
    text = f"design: {{kind: {kind}, points: 16}}"
    found = design(lambda t: t.replace("design: {kind: grid, levels: 3}", text)).points()
    prices = {who: [p["price"] for p in found if p["who"] == who] for who in ("bnp_government", "jamaat_led")}
    assert prices["bnp_government"] == prices["jamaat_led"]
    cells = np.floor((np.array(prices["jamaat_led"]) + 1) / 2 * 16)
    assert sorted(cells) == list(range(16)), "one point in each sixteenth of the range"


def test_the_same_seed_spreads_the_same_points_and_another_does_not(design):
    def sobol(seed):
        plan = f"design: {{kind: sobol, points: 8}}\nseed: {seed}"
        return design(lambda t: t.replace("design: {kind: grid, levels: 3}", plan)).points()

    assert sobol(1) == sobol(1)
    assert sobol(1) != sobol(2)


def test_a_distribution_is_spread_by_its_inverse_cdf(design):
    normal = "distribution: {normal: [0.5, 2]}"
    factor = design(lambda t: t.replace("range: [-1, 1]", normal)).factor("price")
    assert factor.value(0.5) == pytest.approx(0.5)
    assert factor.value(0.8413447) == pytest.approx(2.5, abs=1e-6)


def test_a_scenario_stands_in_for_the_base_and_an_overlay_lies_on_top(design):
    found = design(lambda t: t.replace("[bnp_government, jamaat_led]", "[none, jamaat_led, sanctions_tighten]"))
    names = [found.scenario_name({"who": value}) for value in found.factor("who").values]
    assert names == ["bnp_government", "jamaat_led", "bnp_government+sanctions_tighten"]
    assert found.scenario({"who": "jamaat_led"}).seats["BGD"][-1][1] == "shafiqur_rahman"


def test_the_image_of_whoever_leads_is_shifted_from_its_own_coding_and_stays_on_the_scale(design):
    factor = "key: leader.BGD.image_of.russia, shift: true, values: [-2, 0.1]"
    found = design(lambda t: t.replace("key: inputs.price.energy.2026Q1, range: [-1, 1]", factor))

    def image(who, shift):
        scenario = found.scenario({"who": who, "price": shift})
        leader = scenario.leaders[scenario.leader_on("BGD", scenario.seats["BGD"][-1][0])]
        return leader.traits.image_of["russia"][-1].value

    assert image("jamaat_led", 0.1) - image("jamaat_led", 0.0) == pytest.approx(0.1)
    assert image("bnp_government", 0.1) != image("jamaat_led", 0.1)
    assert image("jamaat_led", -2) == -1.0


MISTAKES = {
    "an unknown key": ("runs: 8", "rusn: 8", ["little.yaml:8", "rusn", "did you mean 'runs'"]),
    "a key no scenario has": ("inputs.price", "inptus.price", ["little.yaml:11", "inptus", "inputs"]),
    "an unknown scenario": ("jamaat_led]", "jamat_led]", ["little.yaml:10", "jamat_led", "jamaat_led"]),
    "an unknown base": ("base: bnp_government", "base: bnp_goverment", ["little.yaml:5", "bnp_government"]),
    "an unknown measure": ("measure: stance, partner: [", "measure: stanse, partner: [", ["little.yaml:14", "stance"]),
    "an unknown issue": ("issue: diplomacy", "issue: diplomcy", ["little.yaml:14", "diplomacy"]),
    "a quarter outside": ("quarter: 2026Q4", "quarter: 2028Q4", ["2028Q4", "2026Q1 to 2026Q4"]),
    "a backward range": ("[-1, 1]", "[1, -1]", ["little.yaml:11", "backward"]),
    "no levels": (", levels: 3", "", ["little.yaml:11", "levels"]),
    "not a power of two": ("{kind: grid, levels: 3}", "{kind: sobol, points: 12}", [":12", "power of two", "8 or 16"]),
    "a factor twice": ("name: price", "name: who", ["two factors are called 'who'"]),
    "a list without points": ("{kind: grid, levels: 3}", "{kind: list}", ["little.yaml:12", "list of points"]),
    "a number as a scenario range": ("values: [bnp_government, jamaat_led]", "range: [0, 1]", ["scenarios are categories"]),
    "a category that is none": (
        "{kind: grid, levels: 3}",
        "{kind: list, points: [{who: jamat_led, price: 0}]}",
        ["little.yaml:12", "jamat_led", "jamaat_led"],
    ),
    "a state with itself": ("partner: RUS", "partner: BGD", ["little.yaml:15", "itself"]),
    "two ways to vary": ("range: [-1, 1]", "range: [-1, 1], values: [0, 1]", ["little.yaml:11", "exactly one of"]),
    "a value twice": ("jamaat_led]", "bnp_government]", ["little.yaml:10", "stands twice"]),
    "a label short": ("jamaat_led]", "jamaat_led], labels: [BNP]", ["little.yaml:10", "one label for each value"]),
    "no trait": ("inputs.price.energy.2026Q1", "leader.BGD.bravery", [":11", "no trait", "leader.BGD.assertiveness"]),
    "a shift of no trait": ("range: [-1, 1]", "range: [-1, 1], shift: true", ["little.yaml:11", "can be shifted"]),
    "a shift in words": (
        "inputs.price.energy.2026Q1, range: [-1, 1]",
        "leader.BGD.assertiveness, shift: true, values: [less, more]",
        ["little.yaml:11", "a shift is a number"],
    ),
    "an unknown law": ("range: [-1, 1]", "distribution: {nromal: [0, 1]}", ["little.yaml:11", "nromal", "normal"]),
    "a law of no width": ("range: [-1, 1]", "distribution: {normal: [0, 0]}", ["little.yaml:11", "widths above zero"]),
    "two laws": (
        "range: [-1, 1]",
        "distribution: {normal: [0, 1], lognormal: [1, 0.2]}",
        ["little.yaml:11", "a distribution has one name"],
    ),
    "a window that runs backward": ("[2026Q2, 2026Q4]", "[2026Q4, 2026Q2]", ["little.yaml:15", "ends before it begins"]),
    "no quarter at all": (", window: [2026Q2, 2026Q4]", "", ["little.yaml:15", "either 'quarter' or 'window'"]),
    "a measure without its issue": (", issue: defence", "", ["little.yaml:15", "needs 'issue'"]),
    "points of a grid": ("levels: 3", "levels: 3, points: 9", ["little.yaml:12", "take 'points' out"]),
    "no number of points": ("{kind: grid, levels: 3}", "{kind: sobol}", ["little.yaml:12", "points: 64"]),
    "levels of no grid": ("kind: grid, levels: 3", "kind: sobol, points: 8, levels: 3", ["little.yaml:12", "only a grid"]),
    "a column of every sweep": ("name: price", "name: point", ["little.yaml:11", "a column of every sweep"]),
    "aid that nobody models": ("measure: stance, partner: RUS, issue: defence", "measure: aid, partner: RUS", ["not modelled"]),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_its_line_and_remedy(design, mistake):
    old, new, words = MISTAKES[mistake]
    assert old in BASE
    with pytest.raises(InputError) as caught:
        design(lambda text: text.replace(old, new))
    assert all(word in caught.value.message for word in words), caught.value.message


def test_a_path_wins_over_a_name_and_a_wrong_name_is_met_with_the_nearest(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("who_governs_image_sanctions").write_text(BASE, encoding="utf-8")
    assert read_design("who_governs_image_sanctions").name == "little"
    with pytest.raises(InputError, match="did you mean 'who_governs_image_sanctions'"):
        read_design("who_governs_image_sanction")


def test_points_are_what_their_scenarios_give_with_the_same_luck(design):
    import sim

    found = design()
    values, reasons = sweep_points.evaluate(found, found.points(), runs=8, seed=3)
    assert reasons == [None] * 6 and values.shape == (6, 3, 8)
    alone = sim.simulate(found.scenario(found.points()[4]), runs=8, seed=3)
    stance = np.tanh((alone["stance"] - alone["norm"]) / 2)
    at = stance.sel(state="BGD", partner="RUS", issue="diplomacy", quarter="2026Q4")
    np.testing.assert_array_equal(values[4, 0], at.to_numpy())
    window = stance.sel(state="BGD", partner="RUS", issue="defence").isel(quarter=slice(1, 4)).mean("quarter")
    np.testing.assert_allclose(values[4, 2], window.to_numpy(), rtol=1e-14)


def test_a_failed_point_is_a_row_with_its_reason_and_the_others_go_on(design):
    found = design(lambda t: t.replace("inputs.price.energy.2026Q1, range: [-1, 1]", "until, values: [2026Q4, 2025Q1]"))
    values, reasons = sweep_points.evaluate(found, found.points(), runs=4, seed=1)
    failed = [i for i, point in enumerate(found.points()) if point["price"] == "2025Q1"]
    assert failed and all("2025Q1" in reasons[i] and np.isnan(values[i]).all() for i in failed)
    assert all(np.isfinite(values[i]).all() for i in range(len(values)) if i not in failed)
