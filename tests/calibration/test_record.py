"""The record: how it is cut out of the raw tables, what its reader refuses, and the committed tables as they stand.

Tests that need the real raw tables run only where the environment variable PADMA_RAW names their folder.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibration.record import NEEDS, TABLES, build, main
from calibration.sources.acts import references
from calibration.sources.flows import period_end
from calibration.sources.raw import POWERS, Raw
from calibration.sources.tables import CUT, is_after
from calibration.sources.votes import lean, rest_of_assembly, seat_on, sides, votes
from sim.errors import InputError
from tests.calibration.tiny_record import act, reported, tables, vote, write

# --- votes -----------------------------------------------------------------------------------------------------------


def test_lean_by_hand() -> None:
    """Totals 100, 10, 20; of the five BGD and RUS said yes, IND abstained, USA said no: 98, 9 and 19 remain."""
    rest = rest_of_assembly(vote("2000-01-01", "yya-n"))
    assert rest == {"yes": 98, "no": 9, "abstain": 19}
    p_yes, p_no = 98.5 / 127.5, 9.5 / 127.5
    by_hand = 0.5 * np.log(p_yes / (1 - p_yes)) - 0.5 * np.log(p_no / (1 - p_no))
    assert lean(rest) == pytest.approx(by_hand, rel=1e-12)
    assert by_hand == pytest.approx(1.8711, abs=1e-4)


def test_lean_is_odd_and_does_not_hear_the_five() -> None:
    assert lean({"yes": 30, "abstain": 7, "no": 4}) == pytest.approx(-lean({"yes": 4, "abstain": 7, "no": 30}))
    with_five = rest_of_assembly(vote("2000-01-01", "yyyyy", (105, 10, 20)))
    without = rest_of_assembly(vote("2000-01-01", "-----", (100, 10, 20)))
    assert with_five == without


def test_subjects_are_those_of_the_source_and_alike_means_alike_in_subject_too(tmp_path: Path) -> None:
    """Nuclear weapons and arms control are one subject; the same votes on another subject are another kind of roll call."""
    asked = [{}, {"me": "1"}, {"nu": "1"}, {"di": "1"}, {"nu": "1", "di": "1"}, {}]
    raw = write(tmp_path, {"unga_votes": [vote("2022-03-02", "anaay", **subject) for subject in asked]})
    found = {(row["on_palestine"], row["on_disarmament"]): row["abstain"] for row in votes(raw, CUT)}
    assert found == {(0, 0): 2, (1, 0): 1, (0, 1): 3}


def test_more_votes_of_the_five_than_of_all_members_are_refused() -> None:
    with pytest.raises(InputError, match="more votes than all members"):
        rest_of_assembly(vote("2000-01-01", "yyyyy", (4, 0, 0)))


def test_alike_roll_calls_are_counted_together_and_the_rest_is_left_out(tiny: Raw) -> None:
    rows = votes(tiny, CUT)
    found = {(r["year"], r["whole"], r["seat"], r["no"], r["abstain"], r["yes"]) for r in rows}
    assert found == {
        (1975, 1, "ziaur_rahman", 0, 0, 1),
        (2022, 1, "sheikh_hasina", 0, 2, 0),
        (2022, 0, "sheikh_hasina", 0, 1, 0),
        (2022, 1, "sheikh_hasina", 0, 0, 1),
        (2024, 1, "sheikh_hasina", 0, 0, 1),
    }
    assert [[r[power] for power in POWERS] for r in rows if r["year"] != 2022] == [[1, 1, 0, -1], [1, 1, 1, -1]]
    assert all((4 * r["lean"]).is_integer() for r in rows)


def test_who_governed_on_the_day() -> None:
    days = {
        (1975, 8, 14): "sheikh_mujibur_rahman",
        (1975, 8, 15): "khondaker_mostaq_ahmad",
        (2001, 10, 9): "latifur_rahman",
        (2001, 10, 10): "khaleda_zia",
        (2024, 8, 4): "sheikh_hasina",
        (2026, 2, 17): "tarique_rahman",
    }
    assert {day: seat_on(date(*day)) for day in days} == days


def test_sides_by_hand(tiny: Raw) -> None:
    """2022: RUS no against USA yes in all; BGD abstains three times, says yes twice, is absent once."""
    row = next(r for r in sides(tiny, CUT) if (r["year"], r["power_a"], r["power_b"]) == (2022, "RUS", "USA"))
    counts = [row[key] for key in ("n_opposed", "with_a", "with_b", "abstain", "absent", "partial")]
    assert counts == [6, 0, 2, 3, 1, 0]
    assert all(r["partial"] == int(r["year"] == 2024) for r in sides(tiny, CUT))


# --- flows and acts --------------------------------------------------------------------------------------------------


def test_orders_count_entries_by_year_of_order(tiny: Raw) -> None:
    rows = {r["year"]: r for r in TABLES["orders"](tiny, CUT)}
    assert list(rows) == list(range(1972, 2024))
    assert {k: v for k, v in rows[1999].items() if v} == {"year": 1999, "RUS": 2, "other": 1, "uncertain": 1}
    assert sum(sum(r[s] for s in (*POWERS, "other")) for r in rows.values()) == 4


def test_volume_of_unknown_suppliers_counts_as_other(tiny: Raw) -> None:
    assert [(r["supplier"], r["tiv_mn"]) for r in TABLES["tiv"](tiny, CUT)] == [("RUS", 2.5), ("other", 5.0)]


def test_share_of_trade_by_hand(tiny: Raw) -> None:
    """20 % of a GDP of 100 billion is 20 billion; 1972 has no GDP without judgement, 1974 no total."""
    rows = [(r["year"], r["total_musd"], r["national_musd"], r["share"]) for r in TABLES["trade"](tiny, CUT)]
    assert rows == [(1972, 50.0, "", ""), (1973, 100.0, 20000.0, 0.005)]


def test_reported_periods_end_when_their_calendar_does() -> None:
    ends = {p: period_end(*p) for p in (("2023", "CY"), ("2023-24", "FY-BD"), ("1999-00", "FY-IN"))}
    assert list(ends.values()) == ["2023-12", "2024-06", "2000-03"]
    with pytest.raises(ValueError, match="not understood"):
        period_end("spring", "CY")


def test_only_american_disbursements_enter_the_likelihood(tiny: Raw) -> None:
    assert {r["donor"]: r["in_likelihood"] for r in TABLES["aid"](tiny, CUT)} == {"USA": "yes", "CHN": "no"}


def test_acts_get_names_sources_and_remarks(tiny: Raw) -> None:
    rows = {r["id"]: r for r in TABLES["episodes"](tiny, CUT)}
    assert list(rows)[2:4] == ["1990-06-bgd-usa-diplomacy", "1990-06-bgd-usa-diplomacy-2"]
    thaw, twice = rows["1985-03-bgd-rus-diplomacy"], rows["1990-06-bgd-usa-diplomacy"]
    assert (thaw["from_text"], thaw["head_of_government"], thaw["precision"]) == (
        "morsalin_hosen2024",
        "hm_ershad",
        "month",
    )
    assert "1984" in thaw["note"]
    assert "raw words" not in thaw["text"]
    assert (twice["from_text"], twice["precision"]) == ("both", "year")
    assert twice["sources"] == "rahman2026; morsalin_hosen2024; a page (one; two)"
    assert [r["in_likelihood"] for r in rows.values()] == ["no", "yes", "yes", "no", "yes"]
    assert references(tiny, "UN voting record (unga_votes.csv), 2022-03-02") == ["unvotes-2021 2022-03-02"]


# --- the cut ---------------------------------------------------------------------------------------------------------


def poison() -> dict[str, list[dict[str, Any]]]:
    """The tiny tables with rows after the cut in every table that can hold any."""
    content = tables()
    content["unga_votes"] += [vote("2024-08-05", "nyyyn"), vote("2024-08-01", "nyyyn", date_precision="month")]
    content["arms_bgd_deals"] += [{"supplier_iso3": "RUS", "order_year": 2024, "order_year_uncertain": "?"}]
    content["arms_tiv_supplier_year"] += [{"year": 2024, "recipient": "BGD", "supplier_iso3": "RUS", "tiv_mn": 99.0}]
    content["trade_bgd"] += [{"year": 2024, "partner": "RUS", "total_musd": 5000}]
    content["trade_bgd_reported"] += [reported("2024-25", "FY-BD"), reported("2024", "CY")]
    content["aid_bgd"] += [{**content["aid_bgd"][0], "year": 2024, "value_musd": 900.0}]
    content["episodes"] += [act("2024-08-05", "BGD>RUS"), act("2024-08", "BGD>RUS"), act("2025-01", "BGD>IND")]
    content["unga_agreement"] += [{**content["unga_agreement"][0], "year": 2024}]
    content["trade_dyads_cow"] += [{"year": 2024, "exporter": "RUS", "importer": "CHN", "imports_musd": 1}]
    content["mids"] += [{"state_a": "CHN", "state_b": "IND", "year": 2024, "hostlev": 4}]
    content["wdi"] += [{**row, "year": 2024, "gdp_current_usd": 9e11} for row in content["wdi"] if row["year"] == 2023]
    return content


def test_poisoned_future_changes_nothing(tiny: Raw, tmp_path: Path) -> None:
    content = poison()
    assert content.keys() == NEEDS.keys()
    assert build(write(tmp_path, content)) == build(tiny)


def test_a_later_cut_sees_what_the_shipped_one_must_not(tmp_path: Path) -> None:
    raw = write(tmp_path, poison())
    early, late = build(raw), build(raw, date(2025, 12, 31))
    assert all(late[f"{name}.csv"] != early[f"{name}.csv"] for name in TABLES)
    assert "muhammad_yunus" in late["votes.csv"]


def test_a_month_must_have_ended_before_the_cut() -> None:
    assert [is_after(text, date(2024, 7, 31)) for text in ("2024-07", "2024-07-31", "2024-08-01")] == [
        False,
        False,
        True,
    ]


def test_a_rebuild_is_the_same_to_the_byte(tiny: Raw) -> None:
    assert build(tiny) == build(Raw(tiny.folder))


# --- the command -----------------------------------------------------------------------------------------------------


def test_check_finds_what_was_changed_by_hand(tiny: Raw, made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--raw", str(tiny.folder), "--out", str(made), "--check"]
    assert main(arguments) == 0
    with (made / "votes.csv").open("a", encoding="utf-8") as file:
        file.write("1990,hm_ershad,0.0,1,1,1,1,1,0,0,1\n")
    (made / "extra.csv").write_text("a\n", encoding="utf-8")
    assert main(arguments) == 1
    assert capsys.readouterr().out.splitlines()[-2:] == ["differs: extra.csv", "differs: votes.csv"]


def test_a_later_record_never_replaces_the_shipped_one(tiny: Raw, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--raw", str(tiny.folder), "--cut", "2026-12-31"]) == 2
    assert "no fit may see them" in capsys.readouterr().err


@pytest.mark.parametrize("loss", ["table", "column"])
def test_missing_raw_tables_and_columns_are_named(tmp_path: Path, loss: str, capsys: pytest.CaptureFixture[str]) -> None:
    content = tables()
    if loss == "table":
        del content["aid_bgd"]
    else:
        content["aid_bgd"] = [{("giver" if k == "donor" else k): v for k, v in row.items()} for row in content["aid_bgd"]]
    write(tmp_path, content)
    assert main(["--raw", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    message = capsys.readouterr().err
    assert "aid_bgd.csv" in message
    assert ("'donor'" in message) == (loss == "column")
    assert not (tmp_path / "out").exists()
