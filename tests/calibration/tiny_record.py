"""A tiny world on paper: raw tables of which every derived figure can be worked out by hand."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import pytest

from calibration.record import main
from calibration.sources.raw import STATES, Raw

RAW = os.environ.get("PADMA_RAW", "")
needs_raw = pytest.mark.skipif(not RAW, reason="PADMA_RAW does not name the folder of raw tables")


def vote(day: str, answers: str, totals: tuple[Any, Any, Any] = (100, 10, 20), **more: Any) -> dict[str, Any]:
    """One roll call; ``answers`` are those of BGD RUS IND CHN USA (y, n, a, - absent, . not entitled)."""
    words = {"y": "yes", "n": "no", "a": "abstain", "-": "absent", ".": ""}
    row = dict(zip(STATES, (words[letter] for letter in answers), strict=True))
    row |= {"vote_id": f"V{day}{answers}", "date": day, "date_precision": "day", "year": day[:4], "resolution": day}
    row |= {"amend": "0", "para": "", "me": "0", "nu": "0", "di": "0", "source": "unvotes"}
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
