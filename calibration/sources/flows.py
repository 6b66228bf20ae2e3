"""Arms, trade, aid, and the powers among themselves: yearly figures cut out of the raw tables.

National totals of trade are the only figures computed here rather than counted or copied; see ``national_trade``.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from calibration.sources.economy import in_force, nominal_gdp, us_prices
from calibration.sources.raw import FIRST, PAIRS, POWERS, Raw, Rows, Series, number, pair_rows, year_of
from calibration.sources.system import Found, disputes
from calibration.sources.tables import SUPPLIERS, is_after, last_year
from sim import library
from sim.yamlfile import read

HERE = Path(__file__).resolve().parents[1]


def _up_to(rows: Iterable[Mapping[str, str]], key: str, table: str, cut: date) -> list[Mapping[str, str]]:
    """Rows from the first year of the record to the last that the cut allows."""
    return [row for row in rows if FIRST <= int(row[key]) <= last_year(table, cut)]


def _short(value: float | None, digits: int) -> float | str:
    return "" if value is None else round(value, digits) + 0.0


# --- arms ------------------------------------------------------------------------------------------------------------


def orders(raw: Raw, cut: date) -> Rows:
    """Entries of the trade register by year of order and supplier; years without any order count too."""
    rows = _up_to(raw.rows("arms_bgd_deals"), "order_year", "orders", cut)
    count = Counter((int(row["order_year"]), _supplier(row)) for row in rows)
    unsure = Counter(int(row["order_year"]) for row in rows if row["order_year_uncertain"] == "?")
    years = range(FIRST, max((int(row["order_year"]) for row in rows), default=FIRST - 1) + 1)
    return [{"year": y, **{s: count[y, s] for s in SUPPLIERS}, "uncertain": unsure[y]} for y in years]


def tiv(raw: Raw, cut: date) -> Rows:
    """Volume of deliveries to Bangladesh by year and supplier; zeros are left out."""
    volume: defaultdict[tuple[int, str], float] = defaultdict(float)
    for row in _up_to(raw.rows("arms_tiv_supplier_year"), "year", "tiv", cut):
        if row["recipient"] == "BGD":
            volume[int(row["year"]), _supplier(row)] += float(row["tiv_mn"])
    order = sorted(volume, key=lambda key: (key[0], SUPPLIERS.index(key[1])))
    return [{"year": y, "supplier": s, "tiv_mn": _short(volume[y, s], 3)} for y, s in order if volume[y, s]]


def _supplier(row: Mapping[str, str]) -> str:
    return row["supplier_iso3"] if row["supplier_iso3"] in POWERS else "other"


# --- trade and aid ---------------------------------------------------------------------------------------------------


def national_trade(raw: Raw, state: str) -> Series:
    """All merchandise trade of a state in million current dollars: its share in GDP times GDP.

    GDP in current dollars is the World Bank's; before its first year it is external debt over the share of debt in GNI,
    joined there (:func:`calibration.sources.economy.nominal_gdp`). Years that would need judgement are left out.
    """
    judgement = read(HERE / "assumptions.yaml", "calibration/assumptions.yaml").content
    gdp = nominal_gdp(raw, state, us_prices(raw, judgement))
    measured = [raw.series("wdi", column, iso3=state) for column in ("gdp_current_usd", "external_debt_pct_gni")]
    first = min(year for series in measured for year in series)
    share = raw.series("wdi", "merchandise_trade_pct_gdp", iso3=state)
    return {year: share[year] / 100.0 * gdp[year] / 1e6 for year in share if year in gdp and year >= first}


def trade(raw: Raw, cut: date) -> Rows:
    """Trade with each power and its share in all trade, where both directions are known."""
    totals = national_trade(raw, "BGD")
    found = []
    for row in _up_to(raw.rows("trade_bgd"), "year", "trade", cut):
        year, total = int(row["year"]), number(row["total_musd"])
        if row["partner"] in POWERS and total is not None:
            share = _part(total, totals, year)
            found.append((year, row["partner"], _short(total, 1), _short(totals.get(year), 1), share))
    found.sort(key=lambda r: (r[0], POWERS.index(r[1])))
    return [dict(zip(("year", "partner", "total_musd", "national_musd", "share"), r, strict=True)) for r in found]


def period_end(period: str, calendar: str) -> str:
    """Last month of a reported period.

    >>> [period_end(*p) for p in (("2021", "CY"), ("2020-21", "FY-BD"), ("2020-21", "FY-IN"), ("2014", "FY-BD"))]
    ['2021-12', '2021-06', '2021-03', '2014-06']
    >>> period_end("2017-07/2018-05", "part (11 months)")
    '2018-05'
    """
    if "/" in period:
        return period.split("/")[1]
    first = re.match(r"(\d{4})(?:-(\d\d))?$", period)
    if not first:
        raise ValueError(f"period '{period}' is not understood")
    year = int(first[1]) + (1 if first[2] else 0)
    month = {"CY": "12", "FY-BD": "06", "FY-IN": "03"}[calendar]
    return f"{year}-{month}"


def trade_reported(raw: Raw, cut: date) -> Rows:
    """Figures quoted in press and official pages for the years after the dataset: a bridge, never a likelihood."""
    found = []
    for row in raw.rows("trade_bgd_reported"):
        ends = period_end(row["period"], row["period_type"])
        if not is_after(ends, cut):
            found.append(
                {
                    "ends": ends,
                    "period": row["period"],
                    "calendar": row["period_type"],
                    "partner": row["partner"],
                    "flow": row["flow"],
                    "value_musd": _short(float(row["value_musd"]), 2),
                    "reporter": row["reporting_body"],
                    "derived": int(row["derived"]),
                    "in_likelihood": "no",
                    "page": row["page"],
                    "note": row["note"],
                }
            )
    return sorted(found, key=lambda r: (r["ends"], POWERS.index(r["partner"])))


def aid(raw: Raw, cut: date) -> Rows:
    """Aid from the United States (disbursed, for the likelihood) and China (committed, for plots)."""
    found = [
        {
            "year": int(row["year"]),
            **{key: row[key] for key in ("donor", "measure", "basis", "price_basis")},
            "value_musd": _short(float(row["value_musd"]), 3),
            "in_likelihood": "yes" if row["measure"] == "net_bilateral_oda_dac" else "no",
        }
        for row in _up_to(raw.rows("aid_bgd"), "year", "aid", cut)
    ]
    return sorted(found, key=lambda r: (r["donor"], r["measure"], r["year"]))


# --- the powers among themselves -------------------------------------------------------------------------------------


def powers(raw: Raw, cut: date) -> Rows:
    """Agreement, distance, disputes, coded rivalry and trade of each pair of powers, year by year."""
    coded = read(library.root() / "world" / "rivalry_record.yaml").content
    rivalry = Found(coded["values"], coded["assumed"])
    coded_to = max(int(row["year"]) for row in _up_to(raw.rows("mids"), "year", "powers", cut))
    nation = {power: national_trade(raw, power) for power in POWERS}
    found = []
    for a, b in (pair for pair in PAIRS if "BGD" not in pair):
        votes = {int(r["year"]): r for r in pair_rows(raw.rows("unga_agreement"), a, b)}
        clashes = disputes(raw, a, b)
        flows = [raw.series("trade_dyads_cow", "imports_musd", exporter=x, importer=y) for x, y in ((a, b), (b, a))]
        for year in range(FIRST, last_year("powers", cut) + 1):
            vote = votes.get(year, {})
            both = flows[0][year] + flows[1][year] if all(year in flow for flow in flows) else None
            found.append(
                {
                    "year": year,
                    "power_a": a,
                    "power_b": b,
                    "agree_votes": vote.get("n_votes_whole") or 0,
                    "agreement": vote.get("agree_half_whole", ""),
                    "ideal_distance": vote.get("ideal_distance", ""),
                    "dispute": _short(clashes.get(year, 0.0), 1) if year <= coded_to else "",
                    "rivalry": in_force(rivalry, f"{a}-{b}", year),
                    "rivalry_basis": "assumed" if _is_assumed(rivalry, f"{a}-{b}", year) else "record",
                    "trade_musd": _short(both, 1),
                    "share_a": _part(both, nation[a], year),
                    "share_b": _part(both, nation[b], year),
                    "in_likelihood": "no",
                }
            )
    return sorted(found, key=lambda r: (r["year"], POWERS.index(r["power_a"]), POWERS.index(r["power_b"])))


def _part(flow: float | None, totals: Series, year: int) -> float | str:
    return "" if flow is None or year not in totals else _short(flow / totals[year], 6)


def _is_assumed(found: Found, key: str, year: int) -> bool:
    """Whether the entry in force in a year is judgement rather than data."""
    data = {year_of(d) for d in found.values.get(key, {}) if year_of(d) <= year}
    judged = {year_of(d) for d in found.assumed.get(key, {}) if year_of(d) <= year}
    return bool(judged) and max(judged) >= max(data, default=0)
