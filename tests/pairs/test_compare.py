"""Paired counterfactuals: the same worlds do not differ, one change has one effect, and what cannot be paired is refused."""

import json

import numpy as np
import pytest

from sim import comparison, library
from sim.errors import InputError
from sim.paired import COMPARED, check_paired, clear_from, compare, partner
from sim.scenario import read_scenario, read_scenario_content
from tests.command import padma

SHORT = {"until": "2027Q4", "spin_up_from": "2025Q3", "posterior": "none"}


def read(name="bnp_government", as_name="", **settings):
    found = read_scenario(name, settings=SHORT | settings)
    return read_scenario_content(found.raw | {"name": as_name}, as_name) if as_name else found


@pytest.mark.parametrize("runs", [1, 7, 513])
def test_two_identical_worlds_do_not_differ_at_all(runs):
    found = compare(read(), read(as_name="twin"), runs=runs).contrasts
    numbers = found[["mean", "q05", "q50", "q95", "sd"]].to_numpy()
    assert set(found.measure) == set(COMPARED)
    assert (
        (numbers[np.isfinite(numbers)] == 0.0).all()
        and (found.p_positive == 0).all()
        and (found.p_relevant.dropna() == 0).all()
    )


def test_one_image_moves_its_own_dyad_and_the_way_it_points():
    """With hedging, all answers and shared contracts off, nobody else is touched, to the bit."""
    off = ("hedging", "reciprocity", "jealousy", "omnibalancing", "rivalry_follow", "signing_rate")
    alone = {f"parameters.{name}": 0 for name in off}
    warmer = read(as_name="warmer", **alone, **{"leaders.tarique_rahman.traits.image_of.russia": 0.9})
    rows = compare(read(**alone), warmer, runs=200, names=("stance",)).contrasts
    end = rows[rows.quarter == "2027Q4"].set_index(["state", "partner"])
    assert (end.loc[("BGD", "RUS"), "q05"] > 0).all()
    others = end.drop(index=("BGD", "RUS"))
    assert (others[["mean", "sd"]] == 0).all(axis=None)


def test_differences_are_those_of_the_single_runs():
    import sim

    a, b = read(), read("awami_league_return")
    rows = compare(a, b, runs=60, names=("stance",)).contrasts
    left, right = (np.tanh((h.stance - h.norm) / 2) for h in (sim.simulate(s, runs=60) for s in (a, b)))
    gap = (right - left).sel(state="BGD", partner="IND", issue="diplomacy", quarter="2027Q4").values
    row = rows.query("state == 'BGD' and partner == 'IND' and issue == 'diplomacy' and quarter == '2027Q4'").iloc[0]
    np.testing.assert_allclose([row["mean"], row["q50"], row["sd"]], [gap.mean(), np.median(gap), gap.std(ddof=1)], atol=1e-6)
    assert row.p_positive == (gap > 0).mean()


def test_pairing_pays():
    """Unpaired, a change of government would take several times the runs."""
    rows = compare(read(), read("awami_league_return"), runs=300, names=("stance",)).contrasts
    ratio = rows[(rows.state == "BGD") & (rows.quarter == "2026Q4")].variance_ratio
    assert ratio.median() < 0.25


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"until": "2027Q3"}, "last quarter 2027Q4 against 2027Q3"),
        ({"spin_up_from": "2025Q4"}, "first simulated quarter 2025Q3 against 2025Q4"),
        ({"states": ["BGD", "RUS", "IND"]}, "states BGD RUS IND CHN USA against BGD RUS IND"),
    ],
)
def test_what_shares_no_draws_is_refused(settings, said):
    with pytest.raises(InputError) as caught:
        compare(read(), read(as_name="other", **settings), runs=2)
    assert said in caught.value.what and "share every draw" in caught.value.why


SCENARIOS = [name for name in library.scenario_names() if read_scenario(name).cotenability]


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_counterfactual_says_what_it_rests_on_and_pairs_with_its_base(name):
    found = read_scenario(name)
    assert found.question.endswith("?") and found.differs and found.sources and found.cotenability
    base = partner(found)
    check_paired((read_scenario(base), found), "BGD")
    assert base.startswith("from_") == (found.luck == "record")


def test_the_counterfactuals_that_ship():
    """Each with its base; whatever is another world than its base says what else would have to be different."""
    asked = """coup_1975_fails from_1975  bnp_wins_2008 from_2009  awami_league_wins_2001 from_2001  no_uprising_2024 from_2024
        no_invasion_2022 from_2022  awami_league_return baseline  jamaat_led baseline  national_unity baseline
        interim_stays baseline  military_caretaker baseline  sanctions_lifted_2027 bnp_government
        india_bangladesh_crisis_mediated bnp_government  rooppur_cancelled bnp_government  rooppur_on_time bnp_government"""
    words = asked.split()
    for name, base in zip(words[::2], words[1::2], strict=True):
        assert partner(read_scenario(name)) == base
    others = set(library.scenario_names()) - set(SCENARIOS)
    assert {name for name in others if partner(read_scenario(name))} == set()
    assert partner(read_scenario("bnp_government+sanctions_tighten")) == "bnp_government"


def test_whoever_names_one_world_is_told_the_other():
    for name, pair in {"no_uprising_2024": "from_2024 no_uprising_2024", "from_1975": "from_1975 coup_1975_fails"}.items():
        with pytest.raises(InputError) as caught:
            compare(read_scenario(name), runs=2)
        assert f"padma compare {pair}" in caught.value.how


def test_one_world_or_the_same_name_twice_is_refused():
    with pytest.raises(InputError, match="one scenario is no comparison"):
        compare(read(), runs=2)
    with pytest.raises(InputError, match="named twice"):
        compare(read(), read(), runs=2)


@pytest.mark.parametrize(
    ("q05", "q95", "since"),
    [
        ([-1, 0.1, 0.2], [1, 1, 1], "b"),
        ([0.1, -1, 0.2], [1, 1, 1], "c"),
        ([0.1, 0.1, 0.2], [1, 1, 1], "a"),
        ([-1, -1, -1], [-0.5, -0.5, 1], None),
        ([-2, -2, -2], [1, -0.5, -0.5], "b"),
    ],
)
def test_since_when_a_difference_shows(q05, q95, since):
    assert clear_from("abc", np.array(q05), np.array(q95)) == since


OPTIONS = ("--runs", 60, "--set", "spin_up_from=2025Q4", "--set", "posterior=none", "--until", "2027Q2")


def test_the_command_writes_a_whole_folder_that_can_be_read_and_drawn_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = padma("compare", "bnp_government", "jamaat_led", "interim_stays", *OPTIONS, "--json", "--out", "pair")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert list(document["scenarios"]) == ["bnp_government", "jamaat_led", "interim_stays"]
    assert {row["against"] for row in document["contrasts"]} == {"bnp_government"}
    assert {"mean", "q05", "q50", "q95", "p_positive", "variance_ratio"} <= set(document["contrasts"][0])
    told = [row for row in document["findings"] if (row["measure"], row["partner"]) == ("cooperation", "IND")]
    assert {row["scenario"] for row in told} == {"jamaat_led", "interim_stays"} and len(told) == 2 * 6
    assert all("80 %" in row["sentence"] and "above zero in" in row["sentence"] for row in told)
    pair = comparison.read_pair(tmp_path / "pair")
    assert pair.manifest["kind"] == "comparison" and len(pair.scenarios) == 3
    assert len(pair.contrasts) == len(document["contrasts"])
    drawn = padma("figure", "pair", "contrast", "--dyad", "BGD>CHN", "--issue", "trade", "--formats", "svg")
    assert drawn.code == 0, drawn.err
    assert (tmp_path / "pair/figures/contrast_cooperation_jamaat_led_CHN_trade.svg").is_file()
    again = padma("compare", "bnp_government", "jamaat_led", *OPTIONS, "--out", "pair")
    assert again.code == 2 and "holds another run" in again.err
    assert "compared bnp_government and jamaat_led and interim_stays there, bnp_government and jamaat_led here" in again.err


def test_the_table_names_both_worlds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = padma("compare", "bnp_government", "jamaat_led", *OPTIONS, "--no-figures")
    assert done.code == 0, done.err
    assert "What else would have to be different" in done.out and "above zero in" in done.out
    assert "jamaat_led" in done.out and "bnp_government" in done.out and "Clear from" in done.out
    notes = [line for line in done.out.splitlines() if "trait values of the leaders seated" in line]
    assert [note.split()[1] for note in notes] == ["bnp_government:", "jamaat_led:"]
    assert padma("compare", "bnp_government", "jamat_led", *OPTIONS).code == 2
