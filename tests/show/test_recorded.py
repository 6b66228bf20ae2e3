"""The record beside what is simulated: points are those of the tables, and measures mean what they say."""

from __future__ import annotations

import csv

import numpy as np
import pytest

import sim
from sim import library
from sim.figure_summaries import acts, alignment, sides
from sim.measures import MEASURES
from sim.recorded import RECORD_END, dated_acts, like_texts, recorded
from sim.scenario import read_scenario
from sim.summary import fan, summarise

YEARS = ("2000Q1", "2010Q4")


@pytest.fixture(scope="module")
def history():
    return sim.simulate("from_2022", runs=60)


@pytest.fixture(scope="module")
def table(history):
    return summarise(history)


def rows(name):
    with (library.data_root() / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- measures ---------------------------------------------------------------------------------------------------------


def score(ties):
    """The hedging score of a state whose stance index is ``ties`` in every issue area; norms are zero."""
    stance = 2 * np.arctanh(np.clip(ties, -1 + 1e-12, 1 - 1e-12))
    values = {
        "stance": np.broadcast_to(stance[None, :, None, None], (1, len(ties), 6, 1)),
        "norm": np.zeros((1, len(ties), 6, 1)),
    }
    return float(MEASURES["hedging"].function(values.__getitem__)[0, 0])


@pytest.mark.parametrize(
    ("ties", "expected"),
    [([0, 0, 0, 0, 0], 1.0), ([0, 0.5, 0.5, 0.5, 0.5], 1.0), ([0, 1, 1, -1, -1], 0.0), ([0, 0.6, -0.6, 0.6, -0.6], 0.4)],
)
def test_who_is_as_close_to_all_hedges_fully_and_who_sides_with_half_not_at_all(ties, expected):
    assert score(np.array(ties, float)) == pytest.approx(expected, abs=1e-6)


def test_offsetting_issue_areas_count_as_hedging():
    values = np.zeros((1, 5, 6, 1))
    values[0, 1, 0], values[0, 1, 1] = 3.0, -3.0  # close to one power in votes, far from it in arms
    got = {"stance": values, "norm": np.zeros_like(values)}
    assert MEASURES["hedging"].function(got.__getitem__)[0, 0] == pytest.approx(1.0)


def test_the_score_of_a_run_is_one_less_the_spread_of_its_mean_ties(history, table):
    part = history[["stance", "norm"]].sel(state="BGD", partner=["RUS", "IND", "CHN", "USA"], quarter="2024Q2")
    ties = np.tanh((part["stance"] - part["norm"]).values / 2).mean(axis=1)
    row = table[(table.measure == "hedging") & (table.state == "BGD") & (table.quarter == "2024Q2")].iloc[0]
    assert row["mean"] == pytest.approx((1 - ties.std(axis=0)).mean())
    assert set(table[table.measure == "hedging"].state) == {"BGD"}, "hedging is a matter of small states"


def test_votes_against_and_for_leave_room_for_abstention(table):
    votes = table[(table.quarter == "2023Q4") & table.measure.isin(["vote_yes", "vote_no"])]
    both = votes.pivot(index="issue", columns="measure", values="mean")
    assert len(both) == 7 and ((both.vote_yes + both.vote_no) < 1).all() and (both > 0).all(axis=None)


# --- points of the record ---------------------------------------------------------------------------------------------


def test_shares_of_orders_are_those_of_the_register():
    found = recorded("order_share", "BGD", "CHN", "", YEARS)
    every = {int(r["year"]): [int(r[s]) for s in ("CHN", "RUS", "IND", "USA", "other")] for r in rows("orders")}
    wanted = {year: orders[0] / sum(orders) for year, orders in every.items() if 2000 <= year <= 2010 and sum(orders)}
    assert dict(zip(found.years.tolist(), found.values.tolist(), strict=True)) == pytest.approx(wanted)


def test_orders_add_up_from_the_first_quarter_and_only_from_the_start_of_a_year():
    found = recorded("orders", "BGD", "CHN", "", YEARS)
    assert found.values[-1] == sum(int(r["CHN"]) for r in rows("orders") if 2000 <= int(r["year"]) <= 2010)
    assert recorded("orders", "BGD", "CHN", "", ("2000Q2", "2010Q4")) is None


def test_years_that_are_not_whole_are_left_out():
    assert recorded("aid", "USA", "BGD", "", ("2000Q2", "2003Q3")).years.tolist() == [2001, 2002]


@pytest.mark.parametrize("measure", ["stance", "cooperation", "hedging", "trade_volume"])
def test_what_has_no_record_of_its_own_has_no_points(measure):
    assert recorded(measure, "BGD", "RUS", "diplomacy", YEARS) is None


def test_texts_like_a_described_one_are_those_with_the_same_votes_and_a_like_majority():
    found, against = like_texts("ukraine_rights", "yes"), like_texts("ukraine_rights", "no")
    low, high = library.agenda()["ukraine_rights"].value.assembly.range
    alike = [r for r in rows("votes") if (r["RUS"], r["IND"], r["CHN"], r["USA"], r["whole"]) == ("-1", "0", "-1", "1", "1")
             and int(r["year"]) >= 2016 and low - 0.125 <= float(r["lean"]) <= high + 0.125]  # fmt: skip
    assert found.counts.sum() == sum(int(r["yes"]) + int(r["no"]) + int(r["abstain"]) for r in alike)
    assert (found.values * found.counts).sum() == pytest.approx(sum(int(r["yes"]) for r in alike))
    assert (against.values * against.counts).sum() == pytest.approx(sum(int(r["no"]) for r in alike))


def test_no_point_lies_beyond_the_cut():
    for item in library.agenda():
        assert like_texts(item, "yes").years.max() <= 2024
    every = [when for found in dated_acts("BGD", 1970, 2040).values() for when, _, _ in found]
    assert max(every) <= RECORD_END


# --- larger summaries -------------------------------------------------------------------------------------------------


def test_fans_of_summaries_carry_their_record(table):
    assert fan(table, "order_share", dyad="BGD>CHN").observed.years.tolist() == [2022, 2023]
    assert fan(table, "stance").observed is None


def test_a_map_is_made_of_the_runs(history):
    made = alignment(history)
    part = history[["stance", "norm"]].sel(state="BGD", quarter="2024Q2")
    ties = np.tanh((part["stance"] - part["norm"]) / 2).mean("issue")
    across = ((ties.sel(partner="CHN") - ties.sel(partner="IND")) / 2).values
    up = ((ties.sel(partner="USA") - ties.sel(partner="RUS")) / 2).values
    np.testing.assert_allclose(made.path[-1], [np.median(across), np.median(up)])
    from matplotlib.path import Path

    for share, outline in made.regions[len(made.quarters) - 1].items():
        inside = Path(outline).contains_points(np.column_stack([across, up])).mean()
        assert inside == pytest.approx(share, abs=0.03)
    with pytest.raises(Exception, match="not known"):
        alignment(history, issue="weather")


def test_sides_are_those_of_the_agenda(table):
    made = sides(table, read_scenario("from_2022"), runs=60)
    assert len(made.panels) == 7 and made.cut is not None and made.cut.quarter == "2024Q3"
    crimea = next(p for p in made.panels if p.label.startswith("Crimea"))
    assert (crimea.yes, crimea.no, crimea.window) == (("USA",), ("RUS", "CHN"), ("2016Q1", "2024Q2"))
    with pytest.raises(Exception, match="does not come to a vote"):
        sides(table, read_scenario("from_2022"), item="cold_war_withdrawal")


def test_acts_of_a_run_are_those_it_recorded(history):
    made = acts(history, run=3)
    done = history["act_done"].sel(state=["BGD", "RUS"], partner=["BGD", "RUS"]).values
    both = done[:, 0, 1] + done[:, 1, 0]
    lane = next(lane for lane in made.lanes if lane.power == "RUS")
    assert len(lane.simulated) == both[:, :, 3].sum()
    span = history.sizes["quarter"] / 4
    assert lane.rate[0] == pytest.approx(both.sum(axis=(0, 1)).mean() / span)
    mine = [r for r in rows("episodes") if r["in_likelihood"] == "yes" and {r["initiator"], r["target"]} == {"BGD", "RUS"}]
    assert len(lane.recorded) == sum(r["date"] >= "2021-10" and r["date"] < "2024-07" for r in mine)
