"""The record: how it is cut out of the raw tables, what its reader refuses, and the committed tables as they stand.

Tests that need the real raw tables run only where the environment variable PADMA_RAW names their folder.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibration import observed
from calibration.observed import Record, load, read
from calibration.raw import POWERS, STATES, Raw
from calibration.record import NEEDS, OUT, TABLES, build, main
from calibration.record_acts import references
from calibration.record_flows import period_end
from calibration.record_tables import CUT, SCHEMA, checksum, is_after
from calibration.record_votes import lean, rest_of_assembly, seat_on, sides, votes
from sim import library, yamlfile
from sim.cards import card
from sim.catalogue import catalogue
from sim.errors import InputError

RAW = os.environ.get("PADMA_RAW", "")
needs_raw = pytest.mark.skipif(not RAW, reason="PADMA_RAW does not name the folder of raw tables")


# --- a tiny world on paper -------------------------------------------------------------------------------------------


def vote(day: str, answers: str, totals: tuple[Any, Any, Any] = (100, 10, 20), **more: Any) -> dict[str, Any]:
    """One roll call; ``answers`` are those of BGD RUS IND CHN USA (y, n, a, - absent, . not entitled)."""
    words = {"y": "yes", "n": "no", "a": "abstain", "-": "absent", ".": ""}
    row = dict(zip(STATES, (words[letter] for letter in answers), strict=True))
    row |= {"vote_id": f"V{day}{answers}", "date": day, "date_precision": "day", "year": day[:4], "resolution": day}
    row |= {"amend": "0", "para": "", "source": "unvotes"}
    return row | dict(zip(("n_yes", "n_no", "n_abstain"), map(str, totals), strict=True)) | more


ROLL_CALLS = [
    vote("2022-03-02", "anaay"),
    vote("2022-03-02", "anaay", (101, 10, 20)),
    vote("2022-03-02", "anaay", para="1"),
    vote("2022-03-24", "ynaay", (70, 60, 20)),
    vote("2022-03-24", "-naay"),
    vote("2022-03-24", ".naay"),
    vote("2022-03-24", "ynaay", ("", 10, "")),
    vote("2024-08-04", "yyyyn"),
    vote("1975-11-03", "yyy-n", date_precision="month"),
]


def act(day: str, who: str, text: str = "an act", source: str = "a page", issue: str = "diplomacy") -> dict[str, Any]:
    a, b = who.split(">")
    return {
        "date": day,
        "initiator": a,
        "target": b,
        "issue_area": issue,
        "goldstein": 3.4,
        "short_description": text,
        "source": source,
    }


def tables() -> dict[str, list[dict[str, Any]]]:
    """A complete set of made-up raw tables with the columns that the script reads."""
    years = range(1972, 2024)
    economy = [
        {
            "iso3": state,
            "year": year,
            "gdp_current_usd": 1e11 if year >= 1990 else "",
            "gdp_current_usd_weo2019": "",
            "gdp_const2015_usd": 1e11,
            "external_debt_usd": 1e10 if year >= 1973 else "",
            "external_debt_pct_gni": 10.0 if year >= 1973 else "",
            "merchandise_trade_pct_gdp": 20.0,
        }
        for state in STATES
        for year in years
    ]
    agreement = {"state_a": "CHN", "state_b": "RUS", "n_votes_whole": 10, "agree_half_whole": 0.5, "ideal_distance": 1}
    return {
        "unga_votes": list(ROLL_CALLS),
        "unga_agreement": [{**agreement, "year": 2023}],
        "arms_bgd_deals": [
            {"supplier_iso3": s, "order_year": y, "order_year_uncertain": u}
            for s, y, u in (("RUS", 1999, ""), ("RUS", 1999, "?"), ("TUR", 2023, ""), ("", 1999, ""), ("IND", 1971, ""))
        ],
        "arms_tiv_supplier_year": [
            {"year": 1999, "recipient": r, "supplier_iso3": s, "tiv_mn": 2.5}
            for r, s in (("BGD", "RUS"), ("BGD", "TUR"), ("BGD", ""), ("IND", "RUS"))
        ],
        "trade_bgd": [{"year": y, "partner": "RUS", "total_musd": t} for y, t in ((1972, 50), (1973, 100), (1974, ""))],
        "trade_bgd_reported": [reported("2023-24", "FY-BD")],
        "trade_dyads_cow": [
            {"year": 2000, "exporter": a, "importer": b, "imports_musd": 500} for a, b in (("RUS", "CHN"), ("CHN", "RUS"))
        ],
        "wdi": economy,
        "aid_bgd": [
            {"year": y, "donor": d, "measure": m, "basis": "b", "value_musd": 7.0, "price_basis": "current"}
            for d, m, y in (("USA", "net_bilateral_oda_dac", 2023), ("CHN", "aid_oda_like", 2017))
        ],
        "episodes": [
            act("1971-12-03", "IND>BGD"),
            act("1985-03", "BGD>RUS", "raw words", "seed001"),
            act("1990-06", "BGD>USA", "both report it (year only)", "seed000; seed001; a page (one; two)"),
            act("1990-06", "BGD>USA", "votes for a text"),
            act("2024-08-04", "BGD>USA"),
        ],
        "mids": [{"state_a": "CHN", "state_b": "IND", "year": 2014, "hostlev": 5}],
    }


def reported(period: str, calendar: str) -> dict[str, Any]:
    row = {"period": period, "period_type": calendar, "partner": "RUS", "flow": "total", "value_musd": 9.0}
    return row | {"reporting_body": "press", "derived": 0, "page": "a page", "note": ""}


def write(folder: Path, content: dict[str, list[dict[str, Any]]]) -> Raw:
    for name, rows in content.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return Raw(folder)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Raw:
    return write(tmp_path_factory.mktemp("raw"), tables())


@pytest.fixture
def made(tiny: Raw, tmp_path: Path) -> Path:
    """A small record on disk."""
    folder = tmp_path / "record"
    assert main(["--raw", str(tiny.folder), "--out", str(folder)]) == 0
    return folder


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


# --- what the reader refuses -----------------------------------------------------------------------------------------


def rewrite(folder: Path, name: str, change: Any, *, honest: bool = True) -> None:
    """Change the text of a table; an honest change also brings checksum and number of rows of the card up to date."""
    path = folder / f"{name}.csv"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    if honest:
        rows = len(path.read_text(encoding="utf-8").splitlines()) - 1
        edit_card(folder, name, sha256=checksum(path.read_bytes()), rows=rows)


def edit_card(folder: Path, name: str, **words: Any) -> None:
    path = folder / f"{name}.card.yaml"
    content = yamlfile.read(path).content | words
    path.write_text(yamlfile.write({k: v for k, v in content.items() if v is not None}), encoding="utf-8")


def test_a_small_record_reads_back(made: Path) -> None:
    record = load(made)
    assert record.vote_counts().sum(axis=0).tolist() == [0, 3, 3]
    assert record.order_counts()[1].sum(axis=0).tolist() == [2, 0, 0, 0, 2]
    years, logs = record.trade_shares()
    assert years.tolist() == [1972, 1973]
    assert logs[1, 0] == pytest.approx(np.log(101 / 20000))
    assert np.isnan(logs).sum() == 7
    assert [values.tolist() for values in record.aid_flow()] == [[2023], [7.0]]


def test_a_changed_table_with_an_unchanged_card_is_refused(made: Path) -> None:
    rewrite(made, "orders", lambda text: text.replace("1999,2,", "1999,3,"), honest=False)
    with pytest.raises(InputError) as refused:
        read("orders", made)
    message = refused.value.message
    assert "orders.csv: the table is not the one its card describes" in message
    assert "Why it matters:" in message
    assert "What to do: rebuild both with python -m calibration.record --raw DIR" in message
    assert checksum((made / "orders.csv").read_bytes()) in message


def test_line_ends_of_another_system_are_no_change(made: Path) -> None:
    path = made / "orders.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read("orders", made)["RUS"].sum() == 2


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("orders", lambda t: t.replace("uncertain", "uncertian"), ["unknown column 'uncertian'", "'uncertain'"]),
        ("orders", lambda t: re.sub(r",[^,\n]*$", "", t, flags=re.M), ["column 'uncertain' is missing"]),
        ("orders", lambda t: t.replace("1999,2,", "1999,-2,"), ["'-2' is no count", "orders.csv:29"]),
        ("votes", lambda t: t.replace(",-1,0,0,1,", ",-2,0,0,1,"), ["'-2' is no position"]),
        ("votes", lambda t: t.replace("2024,", "2025,"), ["after the cut (2024-08-04)", "votes.csv:6"]),
        ("aid", lambda t: t.replace("2023,", "2024,"), ["after the cut"]),
        ("episodes", lambda t: t.replace(",2024-08-04,", ",2024-08-05,"), ["after the cut"]),
        ("episodes", lambda t: t.replace(",2024-08-04,", ",2024-08,"), ["after the cut"]),
        ("trade_reported", lambda t: t.replace("2024-06,", "2024-13,"), ["'2024-13' is no date"]),
        ("trade", lambda t: t.replace("0.005", "1.005"), ["'1.005' is no share"]),
        ("aid", lambda t: t.replace(",yes", ",maybe"), ["'maybe' is no flag"]),
    ],
)
def test_what_does_not_fit_is_refused(made: Path, table: str, change: Any, words: list[str]) -> None:
    rewrite(made, table, change)
    with pytest.raises(InputError) as refused:
        read(table, made)
    assert all(word in refused.value.message for word in words), refused.value.message


def test_lost_rows_incomplete_cards_and_unknown_tables_are_refused(made: Path) -> None:
    edit_card(made, "tiv", rows=1)
    with pytest.raises(InputError, match="2 rows, but the card says 1"):
        read("tiv", made)
    edit_card(made, "aid", licence=None)
    with pytest.raises(InputError, match="the card says nothing about licence"):
        load(made)
    (made / "sides.csv").unlink()
    with pytest.raises(InputError, match="cannot be read"):
        read("sides", made)
    with pytest.raises(InputError, match="did you mean 'episodes'"):
        read("episode", made)


def test_the_shipped_record_may_not_be_cut_later(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit_card(made, "votes", cut="2026-12-31")
    assert len(read("votes", made)["year"]) == 5
    monkeypatch.setattr(library, "data_root", lambda: made)
    with pytest.raises(InputError, match="the shipped record ends on 2024-08-04"):
        read("votes")


def test_a_later_record_may_lack_tables_but_has_one_cut(made: Path, tmp_path: Path) -> None:
    full = load(made)
    for name in SCHEMA:
        if name not in ("votes", "orders"):
            (made / f"{name}.card.yaml").unlink()
    part = load(made)
    assert part.vote_counts().tolist() == full.vote_counts().tolist()
    assert part.trade_shares()[1].shape == (0, 4)
    assert part.fingerprint != full.fingerprint
    edit_card(made, "orders", cut="2025-12-31")
    with pytest.raises(InputError, match="the tables end on different days"):
        load(made)
    with pytest.raises(InputError, match="no table of a record lies here"):
        load(tmp_path / "nowhere")


# --- the committed tables --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def record() -> Record:
    return load()


def test_numbers_of_the_committed_record(record: Record) -> None:
    """4,906 roll calls with a position in the raw table, one of them (A/RES/75/290 A) without totals; 365 not yes."""
    assert record.vote_counts().sum(axis=0).tolist() == [105, 260, 4540]
    assert (record.votes["year"].min(), record.votes["year"].max()) == (1974, 2024)
    assert int(record.vote_counts()[record.votes["year"] == 2024].sum()) == 7
    years, counts = record.order_counts()
    assert (years[0], years[-1], len(years)) == (1972, 2023, 52)
    assert counts.sum(axis=0).tolist() == [25, 4, 87, 16, 91]
    assert counts[years >= 2009].sum() == 102
    assert counts[years >= 2009, POWERS.index("RUS")].sum() == 9
    years, logs = record.trade_shares()
    assert (years[0], years[-1], int(np.isfinite(logs).sum())) == (1972, 2014, 168)
    years, flow = record.aid_flow()
    assert years.tolist() == list(range(1972, 2024))
    assert (flow > 0).all()
    assert len(record.powers["year"]) == 6 * 52
    assert set(record.powers["in_likelihood"]) == {"no"}


def test_trade_of_1990_by_hand(record: Record) -> None:
    """India 1990: 185 million of 16.738 % of a GDP of 31.598 billion."""
    here = (record.trade["year"] == 1990) & (record.trade["partner"] == "IND")
    assert record.trade["share"][here][0] == pytest.approx(185 / (0.1673822 * 31598.34), rel=1e-4)


def test_sides_add_up(record: Record) -> None:
    parts = sum(record.sides[key] for key in ("with_a", "with_b", "abstain", "absent"))
    assert (parts == record.sides["n_opposed"]).all()


def test_nothing_lies_after_the_cut(record: Record) -> None:
    assert record.cut == CUT == date(2024, 8, 4)
    for name, columns in SCHEMA.items():
        table = getattr(record, name)
        for column, kind in columns.items():
            if kind == "year":
                assert table[column].max() <= (2024 if name in ("votes", "sides") else 2023)
            if kind == "date":
                assert max(table[column].tolist()) <= "2024-08-04"
    for path in OUT.glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r"(?<![\d/-])(?:2024-(?:08-0[5-9]|08-[123]|09|1[0-2])|202[5-9]-)", text), path.name


def test_the_84_dated_facts_of_the_two_texts_are_there(record: Record) -> None:
    texts = record.episodes["from_text"].tolist()
    assert len(texts) == 309
    assert [texts.count(word) for word in ("rahman2026", "morsalin_hosen2024", "both", "none")] == [1, 83, 0, 225]
    for text, sources in zip(texts, record.episodes["sources"].tolist(), strict=True):
        assert (text == "none") == ("rahman2026" not in sources and "morsalin_hosen2024" not in sources)


CORRECTED = {
    "1985-03-bgd-rus-diplomacy": "Chernenko died in March 1985",
    "1971-12-05-rus-bgd-diplomacy": "5, 6 and 13 December",
    "1979-12-bgd-usa-diplomacy": "abstained on Security Council resolution 461",
    "2015-12-25-rus-bgd-energy": "$11.38bn",
    "1999-06-bgd-rus-defence": "about $115m",
    "2017-11-16-rus-bgd-diplomacy": "all abstained",
    "1993-06-bgd-rus-defence": "other than the Awami League",
}


def test_corrections_travel_with_the_acts(record: Record) -> None:
    notes = dict(zip(record.episodes["id"].tolist(), record.episodes["note"].tolist(), strict=True))
    assert len(notes) == 309
    assert all(words in notes[name] for name, words in CORRECTED.items())
    remarks = yamlfile.read(OUT.parent / "record_notes.yaml").content["acts"]
    assert not remarks.keys() - notes.keys()


def test_acts_name_known_leaders_and_speak_of_no_seed(record: Record) -> None:
    heads = set(record.episodes["head_of_government"].tolist()) | set(record.votes["seat"].tolist())
    assert heads - {""} <= library.leaders().keys()
    assert not [text for text in record.episodes["text"].tolist() if re.search(r"\bseed", text, re.I)]


@pytest.mark.parametrize("name", SCHEMA)
def test_cards_are_complete_and_name_known_sources(name: str) -> None:
    words = observed.card(name)
    library.check_sources(words["sources"], f"calibration/data/{name}.card.yaml")
    assert list(words["columns"]) == list(SCHEMA[name])
    text = (OUT / f"{name}.card.yaml").read_text(encoding="utf-8") + (OUT / f"{name}.csv").read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.:/])/(work|tmp|root|home)/", text)


def test_show_episodes_finds_the_facts_of_a_text() -> None:
    assert len(catalogue("episodes").rows) == 309
    assert len(card("episodes", "rahman2026").rows) == 1
    facts = card("episodes", "morsalin_hosen2024")
    assert len(facts.rows) == 83
    assert facts.columns[0] == "name"
    thaw = dict(card("episodes", "1985-03-bgd-rus-diplomacy").rows)
    assert thaw["sources"] == "morsalin_hosen2024"
    assert "1984" in thaw["note"]
    assert {row[0][:4] for row in card("episodes", "2013").rows} == {"2013"}
    with pytest.raises(InputError, match="did you mean 'rahman2026'"):
        card("episodes", "rahman2062")


# --- against the real raw tables -------------------------------------------------------------------------------------


@needs_raw
def test_the_committed_tables_are_what_the_raw_tables_give() -> None:
    assert main(["--raw", RAW, "--check"]) == 0


@needs_raw
def test_raw_counts(record: Record) -> None:
    """4,906 positions; to session 74 the design counts 329 of 4,551 not yes, the raw table holds 329 of 4,550."""
    positions = [row for row in Raw(RAW).rows("unga_votes") if row["BGD"] in ("yes", "no", "abstain")]
    assert len(positions) == 4906 == record.vote_counts().sum() + 1
    early = [row for row in positions if row["session"].isdigit() and int(row["session"]) <= 74]
    assert (len(early), sum(row["BGD"] != "yes" for row in early)) == (4550, 329)
    whole = record.vote_counts()[record.votes["whole"] == 1].sum()
    assert whole == sum("1" not in (row["amend"], row["para"]) for row in positions) - 1


@needs_raw
def test_sides_equal_the_raw_table_of_sides(record: Record) -> None:
    keys = ("n_opposed", "with_a", "with_b", "abstain", "absent")
    columns = [record.sides[key].tolist() for key in ("year", "power_a", "power_b", *keys)]
    ours = {tuple(row[:3]): row[3:] for row in zip(*columns, strict=True) if row[0] < 2024}
    theirs = {}
    for row in Raw(RAW).rows("unga_sides"):
        if row["state"] == "BGD":
            a, b = row["power_a"], row["power_b"]
            n = {key: int(row[key]) for key in keys}
            if POWERS.index(a) > POWERS.index(b):
                a, b, n["with_a"], n["with_b"] = b, a, n["with_b"], n["with_a"]
            theirs[int(row["year"]), a, b] = tuple(n.values())
    assert ours == theirs


@needs_raw
def test_wording_and_totals_come_from_the_raw_tables(record: Record) -> None:
    raw = Raw(RAW)
    remarks = yamlfile.read(OUT.parent / "record_notes.yaml").content["acts"]
    ours = zip(record.episodes["id"].tolist(), record.episodes["text"].tolist(), strict=True)
    for row, (name, text) in zip(raw.rows("episodes"), ours, strict=True):
        assert text == remarks.get(name, {}).get("text", row["short_description"])
    marked = [row for row in raw.rows("episodes") if row["seed_quote_check"] == "yes"]
    assert len(marked) == 84
    ours_only = [r for r in raw.rows("arms_tiv_supplier_year") if r["recipient"] == "BGD" and r["year"] != "1971"]
    assert record.tiv["tiv_mn"].sum() == pytest.approx(sum(float(r["tiv_mn"]) for r in ours_only), abs=0.1)
    known = [row for row in raw.rows("trade_bgd") if row["total_musd"]]
    assert record.trade["total_musd"].sum() == sum(float(row["total_musd"]) for row in known)
    assert len(record.trade_reported["ends"]) == len(raw.rows("trade_bgd_reported"))


def test_copying_the_committed_folder_keeps_it_readable(tmp_path: Path, record: Record) -> None:
    shutil.copytree(OUT, tmp_path / "copy")
    assert load(tmp_path / "copy").fingerprint == record.fingerprint
