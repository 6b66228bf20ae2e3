"""Causes of a difference: planted ones are found, absent ones get nothing, parts add up to the whole."""

import itertools
import re

import numpy as np
import pandas as pd
import pytest

import sim
from sim import history, provenance, quarters
from sim.attribution import attribute, in_words, shapley
from sim.errors import InputError
from sim.mixed import PARTS
from sim.scenario import read_scenario, read_scenario_content
from tests.command import padma

SHORT = {"until": "2027Q4", "spin_up_from": "2025Q3", "posterior": "none"}


def read(name="bnp_government", as_name="", **settings):
    found = read_scenario(name, settings=SHORT | settings)
    return read_scenario_content(found.raw | {"name": as_name}, as_name) if as_name else found


def means(found, partner="RUS", issue="diplomacy"):
    rows = found.table[(found.table.partner == partner) & (found.table.issue == issue)]
    return dict(zip(rows.part, rows["mean"], strict=True))


# --- Shapley's axioms ------------------------------------------------------------------------------------------------


def game(players, seed=0):
    rng = np.random.default_rng(seed)
    sets = [frozenset(c) for n in range(len(players) + 1) for c in itertools.combinations(players, n)]
    return {s: rng.normal(size=7) for s in sets}


@pytest.mark.parametrize("players", ["a", "ab", "abcd", "abcdef"])
def test_shares_add_up_to_what_all_add_to_nobody(players):
    worth = game(players)
    total = worth[frozenset(players)] - worth[frozenset()]
    np.testing.assert_allclose(sum(shapley(worth, players).values()), total, atol=1e-12)


def test_a_player_who_adds_nothing_gets_nothing_and_twins_get_the_same():
    worth = game("abc")
    padded = {s | extra: v for s, v in worth.items() for extra in (frozenset(), frozenset("d"))}
    np.testing.assert_allclose(shapley(padded, "abcd")["d"], 0.0, atol=1e-12)
    twins = {s: np.array(float(len(s & {"a", "b"}) == 2) + 3.0 * ("c" in s)) for s in worth}
    shares = shapley(twins, "abc")
    assert shares["a"] == shares["b"] == pytest.approx(0.5) and shares["c"] == pytest.approx(3.0)


def test_shares_are_the_mean_over_all_orders():
    worth = game("abcd", 3)
    for player in "abcd":
        orders = list(itertools.permutations("abcd"))
        added = [worth[frozenset(o[: o.index(player) + 1])] - worth[frozenset(o[: o.index(player)])] for o in orders]
        np.testing.assert_allclose(shapley(worth, "abcd")[player], np.mean(added, axis=0))


# --- planted causes --------------------------------------------------------------------------------------------------


def test_a_change_of_one_image_is_the_images_doing():
    other = read(as_name="warmer", **{"leaders.tarique_rahman.traits.image_of.russia": 0.9})
    found = means(attribute(read(), other, runs=40))
    assert found["total"] > 0.02 and found["images"] == found["total"]
    assert all(found[part] == 0 for part in PARTS if part not in ("images", "chance"))


def test_a_change_of_sanctions_is_the_systems_doing():
    other = read(as_name="free", **{"inputs.sanctions": {"USA>RUS": {"2026Q1": 0.0}}})
    found = means(attribute(read(), other, runs=40), issue="defence")
    assert found["total"] > 0 and found["system"] == found["total"] and found["images"] == found["response"] == 0


def test_a_neighbours_other_leader_is_the_other_sides_doing():
    other = read(as_name="delhi", **{"leaders.narendra_modi.traits.image_of.bangladesh": -0.9})
    found = means(attribute(read(), other, runs=40), "IND")
    assert found["response"] == found["total"] != 0 and found["images"] == 0


def test_two_causes_share_and_add_up():
    both = read(
        as_name="both",
        **{
            "leaders.tarique_rahman.traits.image_of.russia": 0.9,
            "inputs.sanctions": {"USA>RUS": {"2026Q1": 0.0}},
        },
    )
    found = means(attribute(read(), both, runs=40), issue="defence")
    assert found["images"] > 0 and found["system"] > 0
    assert found["images"] + found["system"] == pytest.approx(found["total"], abs=1e-12)


def test_two_causes_that_push_alike_get_equal_shares():
    """Planted symmetry: a need (system) is added that is as large, in every quarter, as what an image adds to the wish."""
    alike = {"parameters.clarity_exponent": 0, "parameters.priority_effect": 0, "parameters.leader_gain": 0.5}
    alike |= {"parameters.demand_weight": 1.0, "until": "2026Q4"}

    def with_image(value):
        entry = {"from": "1900-01-01", "value": value, "range": [value, value], "basis": "assumption", "evidence": "planted"}
        entry |= {"sources": ["set_by_user"], "cutoff": "1900-01", "circularity": "low", "coded_by": ["AB"]}
        return alike | {"leaders.tarique_rahman.traits.image_of.russia": [entry | {"checked_on": "2026-11-21"}]}

    def added(settings):
        heard = sim.simulate(read(**settings), runs=20, record=("leader_reading",)).leader_reading
        return heard.sel(state="BGD", partner="RUS").values

    gap = added(with_image(0.6)) - added(with_image(0.0))  # quarter, issue area, run
    assert np.ptp(gap, axis=(1, 2)).max() < 1e-12 and gap[1].min() > 0.05
    base = read(**with_image(0.0))
    dated = dict(zip(map(quarters.name, base.quarters), gap[:, 0, 0].tolist(), strict=True))
    needs = {"inputs.demand": {f"BGD>RUS:{issue}": dated for issue in base.issues}}
    found = means(attribute(base, read(as_name="both", **with_image(0.6), **needs), runs=40), issue="defence")
    assert found["total"] > 0.05
    assert found["images"] == pytest.approx(found["system"], abs=1e-9) == pytest.approx(found["total"] / 2, abs=1e-9)


def test_shares_do_not_depend_on_how_many_runs_are_computed_together(monkeypatch):
    other = read("jamaat_led", as_name="other")
    whole = attribute(read(), other, runs=30).table
    monkeypatch.setattr(history, "together", lambda world: 7)
    pd.testing.assert_frame_equal(whole, attribute(read(), other, runs=30).table)


def test_the_command_writes_a_folder_that_says_what_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = ("--runs", 40, "--set", "posterior=none", "--set", "until=2026Q3", "--out", "split")
    done = padma("attribute", "baseline", "jamaat_led", *options, "--dyad", "BGD>RUS", "--issue", "defence")
    assert done.code == 0, done.err
    assert "Bangladesh toward Russia in defence: " in done.out and "the leader's images" in done.out
    one_tie = done.out.split("Bangladesh toward Russia, defence")[1].split("Bangladesh toward")[0]
    assert one_tie.index("Whole") < one_tie.index("Leader: images") and "Above zero" in one_tie
    assert len(re.findall(r"\d\.\d\d to [+-]?\d\.\d\d", one_tie)) >= 2  # every part has its interval
    assert provenance.read_manifest(tmp_path / "split")["kind"] == "attribution"
    assert len((tmp_path / "split/findings.txt").read_text().splitlines()) == 24
    assert (tmp_path / "split/figures/waterfall_stance_RUS_defence.png").is_file()
    again = padma("attribute", "baseline", "national_unity", *options)
    assert again.code == 2 and "holds another run" in again.err
    assert "compared baseline and jamaat_led there, baseline and national_unity here." in again.err


def test_a_change_over_time_adds_up_and_luck_is_part_of_it():
    found = attribute(read(), runs=30, first="2026Q1", last="2027Q2")
    for issue in ("diplomacy", "trade"):
        parts = means(found, issue=issue)
        assert sum(v for k, v in parts.items() if k != "total") == pytest.approx(parts["total"], abs=1e-12)
    spread = found.table[found.table.part == "chance"]["sd"]
    assert (spread > 0).all()


def test_nothing_but_luck_moves_a_world_that_stands_still():
    """Same leader, same inputs, no adjustment: what is left of a change is chance, to the bit."""
    flat = {
        "parameters.adjustment_rate": 0,
        "start": "2026Q3",
        "spin_up_from": "2026Q3",
        "inputs.record_over": {"world": {"2026Q1": 1}},
    }
    parts = means(attribute(read(**flat), runs=30, first="2026Q3", last="2027Q2"))
    assert parts["chance"] == pytest.approx(parts["total"], abs=1e-15) and parts["inherited"] == 0


def test_the_sentence_names_the_largest_part_first():
    other = read(as_name="warmer", **{"leaders.tarique_rahman.traits.image_of.russia": 0.9})
    found = attribute(read(), other, runs=40)
    text = in_words(found, "RUS", "diplomacy", {"BGD": "Bangladesh", "RUS": "Russia"})
    assert (
        text.startswith("Bangladesh toward Russia in diplomacy: +")
        and "the leader's images +" in text
        and "80 % interval" in text
    )


@pytest.mark.parametrize(("runs", "said"), [(9, "(too few runs for an interval)"), (10, "(80 % interval ")])
def test_the_sentence_gives_both_ends_of_its_interval_or_none(runs, said):
    text = in_words(attribute(read(), first="2026Q3", last="2027Q1", runs=runs), "RUS", "diplomacy", {})
    assert said in text and "nan" not in text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"measure": "aid"}, "'aid' is not split"),
        ({"last": "2031Q1"}, "2031Q1 is not in"),
        ({"first": "2027Q2", "last": "2026Q4"}, "ends where it begins"),
    ],
)
def test_what_cannot_be_split_is_refused(wrong, said):
    with pytest.raises(InputError, match=said):
        attribute(read(), runs=2, **wrong)
