"""A tiny world on paper: raw tables of which every world input can be worked out by hand."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

from calibration.sources.raw import DYADS, STATES, Raw

YEARS = range(1970, 2024)


def wave(state: str, year: int) -> float:
    """Positive numbers that differ by state and year and repeat exactly."""
    return 1.0 + 0.3 * STATES.index(state) + 0.2 * math.sin(year + STATES.index(state))


def table(folder: Path, name: str, rows: list[dict[str, Any]]) -> None:
    """Write one raw table."""
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def make_raw(folder: Path, cinc_scale: float = 1.0, last_gpr: float = 100.0) -> Raw:
    """A complete folder of made-up tables with the columns that the script reads."""
    by_state = [(s, y) for s in STATES for y in YEARS]
    table(folder, "cinc", [{"iso3": s, "year": y, "cinc": cinc_scale * 0.05 * wave(s, y)} for s, y in by_state])
    table(folder, "cinc_system", [{"year": y, "singer_ray_con": 0.3 + 0.01 * math.sin(y)} for y in YEARS])
    gpr = [{"year": y, "GPRH": last_gpr if y == 2023 else 90 + y % 7, "months": 12} for y in YEARS]
    table(folder, "gpr_annual", [*gpr, {"year": 2024, "GPRH": 999, "months": 4}])
    table(folder, "territorial_threat", [{"iso3": s, "year": y, "lterrthreat": wave(s, y)} for s, y in by_state])
    table(folder, "unga_ideal_points", [{"iso3": s, "year": y, "ideal_point": 2 * wave(s, y)} for s, y in by_state])
    table(
        folder,
        "vdem",
        [{"iso3": s, "year": y, "v2xlg_legcon": 0.2, "v2x_jucon": 0.4 + 0.01 * (y % 3)} for s, y in by_state],
    )
    table(
        folder,
        "contiguity",
        [{"state_a": a, "state_b": b, "conttype": "1.0"} for a, b in (("RUS", "CHN"), ("CHN", "IND"), ("IND", "BGD"))],
    )
    clash = {"state_a": "CHN", "state_b": "IND", "hostlev": 5}
    table(folder, "mids", [{**clash, "year": 2000}, {**clash, "year": 1970, "hostlev": 3}, {**clash, "year": 2014}])
    rivals = {"dataset": "TSS", "state_a": "USA", "state_b": "RUS", "start_year": 1945, "end_year": 1989}
    table(folder, "rivalries", [rivals, {**rivals, "start_year": 2007, "end_year": 2020}])
    treaty = {"state_a": "RUS", "state_b": "IND", "atop_defense": 0, "atop_neutral": 1, "atop_consul": 1}
    table(folder, "alliances", [{**treaty, "year": y} for y in range(1971, 2019)])
    ban = {"sender": "USA", "target": "CHN", "trade": 1, "arms": 1, "financial": 0}
    table(folder, "sanctions_gsdb", [{**ban, "year": 1975}, {**ban, "year": 1976}, {**ban, "year": 2016, "trade": 0}])
    make_economy(folder)
    return Raw(folder)


def make_economy(folder: Path) -> None:
    """The tables about trade, aid, prices and acts."""
    rows = []
    for state in STATES:
        for year in YEARS:
            size = 1e12 * wave(state, year)
            late = size if year >= 1990 else ""
            rows.append(
                {
                    "iso3": state,
                    "year": year,
                    "gdp_const2015_usd": size,
                    "gdp_current_usd": late,
                    "gdp_current_usd_weo2019": size if year >= 1980 else "",
                    "external_debt_usd": 0.1 * size,
                    "external_debt_pct_gni": 10.0,
                    "exports_gs_pct_gdp": 10.0,
                    "net_oda_received_const2023_usd": 1e9,
                    "arms_exports_tiv_mn": 1000 * wave(state, year),
                }
            )
    table(folder, "wdi", rows)
    flows = [(a, b, y) for a, b in DYADS for y in range(1972, 2015)]
    table(folder, "trade_dyads_cow", [{"exporter": a, "importer": b, "year": y, "imports_musd": 900} for a, b, y in flows])
    table(folder, "trade_bgd", [{"partner": b, "year": y, "bgd_exports_musd": 500} for a, b, y in flows if a == "BGD"])
    later = [{"country_a": "CHN", "country_b": "USA", "year": y} for y in range(2010, 2024)]
    amounts = {"exports_a_to_b_usd": 1.8e9, "imports_a_from_b_usd": 1.8e9}
    table(folder, "trade_fbic_chn_ind_usa", [{**row, **amounts} for row in later])
    aid = [("USA", "net_bilateral_oda_dac", y) for y in range(1972, 2024)]
    aid += [("CHN", "aid_oda_like", y) for y in range(2000, 2018)]
    table(folder, "aid_bgd", [{"donor": d, "measure": m, "year": y, "value_musd": y - 1900} for d, m, y in aid])
    deals = [("CHN", 1989, "F-7M", 220, ""), ("CHN", 1989, "PL-2", 10, ""), ("CHN", 2012, "Type-056", 332, "")]
    deals += [("USA", 1997, "Bell-206L", 1, "")]
    deals += [("RUS", 2001, "BTR-80", 27, "financed by UN"), ("RUS", 2014, "BTR-80", 119, ""), ("PAK", 1989, "J-6", 80, "")]
    columns = ("supplier_iso3", "order_year", "designation", "tiv_order", "comments")
    table(folder, "arms_bgd_deals", [dict(zip(columns, deal, strict=True)) | {"n_ordered": 20} for deal in deals])
    stocks = [(p, y) for p in ("IND", "CHN", "USA") for y in (1990, 2000, 2010)]
    table(
        folder,
        "migrant_stock_bgd",
        [{"origin": "BGD", "destination": p, "year": y, "migrant_stock": round(1000 * wave(p, y))} for p, y in stocks],
    )
    goods = ("oil_average_usd_bbl", "wheat_us_hrw_usd_t", "rice_thai5_usd_t", "urea_usd_t", "potash_usd_t")
    table(folder, "commodity_prices_annual", [{"year": y, "months": 12, **{g: 50 + y % 11 for g in goods}} for y in YEARS])
    acts = [("1975-06", "BGD", 7.4, "a credit", "aid"), ("1980-01", "USA", -2.0, "votes for a text", "diplomacy")]
    acts += [("1990-01", "USA", g, "an act", "diplomacy") for g in (6.0, 4.0, 2.5, 1.6, -1.0, -4.0, -6.0)]
    keys = ("date", "initiator", "goldstein", "short_description", "issue_area")
    table(folder, "episodes", [{**dict(zip(keys, act, strict=True)), "source": "page"} for act in acts])
