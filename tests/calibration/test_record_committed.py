"""The committed tables of the record: what stands in them, and that the raw tables give them again."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from calibration import observed
from calibration.observed import Record, load
from calibration.record import OUT, main
from calibration.sources.raw import POWERS, Raw
from calibration.sources.tables import CUT, SCHEMA
from sim import library, yamlfile
from sim.cards import card
from sim.catalogue import catalogue
from sim.errors import InputError
from tests.calibration.tiny_record import RAW, needs_raw

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
