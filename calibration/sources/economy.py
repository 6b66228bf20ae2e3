"""The inputs about trade, aid, supply and prices: one function per input, from the raw tables to dated values.

Words are in inputs.yaml, judgement in assumptions.yaml. Current and constant dollars are kept apart with care: the
record of current-dollar GDP starts in 1990, so earlier years are spliced as the functions say.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import fmean
from typing import Any

from calibration.sources.raw import (
    DYADS,
    FIRST,
    ISSUES,
    POWERS,
    STATES,
    WINDOW,
    Raw,
    Series,
    centre_spread,
    entry,
    held,
    standardised,
    trailing,
    within,
    year_of,
)
from calibration.sources.system import Entries, Found, Judgement, Maker, dated, merge, rounded

LAST_FULL_YEAR = 2025


def us_prices(raw: Raw, judgement: Judgement) -> Series:
    """United States price level (2015 = 1): GDP in current over constant dollars, extended by assumed inflation."""
    numbers = judgement["numbers"]
    constant = raw.series("wdi", "gdp_const2015_usd", iso3="USA")
    current = raw.series("wdi", "gdp_current_usd_weo2019", iso3="USA")
    current |= raw.series("wdi", "gdp_current_usd", iso3="USA")
    level = {year: current[year] / constant[year] for year in sorted(current) if year in constant}
    first, last = min(level), max(level)
    before = 1.0 + numbers["us_inflation_before_1980"]["value"]
    after = 1.0 + numbers["us_inflation_after_record"]["value"]
    level |= {year: level[first] / before ** (first - year) for year in range(1970, first)}
    level |= {year: level[last] * after ** (year - last) for year in range(last + 1, LAST_FULL_YEAR + 1)}
    return level


def nominal_gdp(raw: Raw, state: str, prices: Series) -> Series:
    """GDP in current dollars: the World Bank from 1990, then external debt over its share of GNI, then the IMF, each
    spliced to the first World Bank year; before all of them constant prices times United States inflation."""
    gdp = raw.series("wdi", "gdp_current_usd", iso3=state)
    debt = raw.series("wdi", "external_debt_usd", iso3=state)
    share = raw.series("wdi", "external_debt_pct_gni", iso3=state)
    earlier = [
        {year: debt[year] / share[year] * 100.0 for year in debt if year in share},
        raw.series("wdi", "gdp_current_usd_weo2019", iso3=state),
    ]
    splice = min(gdp)
    for source in earlier:
        if splice in source:
            gdp = {year: value * gdp[splice] / source[splice] for year, value in source.items() if year < splice} | gdp
            splice = min(gdp)
    constant = raw.series("wdi", "gdp_const2015_usd", iso3=state)
    factor = gdp[splice] / constant[splice] / prices[splice]
    back = {y: v * factor * prices[y] for y, v in constant.items() if y < splice and y in prices and state != "RUS"}
    return back | gdp


def total_exports(raw: Raw, state: str, prices: Series) -> Series:
    """All exports of goods and services in million current dollars."""
    share = raw.series("wdi", "exports_gs_pct_gdp", iso3=state)
    gdp = nominal_gdp(raw, state, prices)
    return {year: share[year] / 100.0 * gdp[year] / 1e6 for year in sorted(share) if year in gdp}


def exports_to(raw: Raw, a: str, b: str) -> Series:
    """Exports from a to b in million current dollars, as b reports them."""
    if a == "BGD":
        return raw.series("trade_bgd", "bgd_exports_musd", partner=b)
    return raw.series("trade_dyads_cow", "imports_musd", exporter=a, importer=b)


def later_exports(raw: Raw, a: str, b: str, early: Series) -> Series:
    """Exports after the trade record ends, level-shifted to the mean of its last five years."""
    forward = raw.series("trade_fbic_chn_ind_usa", "exports_a_to_b_usd", country_a=a, country_b=b)
    backward = raw.series("trade_fbic_chn_ind_usa", "imports_a_from_b_usd", country_a=b, country_b=a)
    later = {year: value / 1e6 for year, value in (backward | forward).items()}
    end = max(early, default=0)
    if not later or end not in later:
        return {}
    shift = fmean(trailing(early, end, 5)) / fmean(trailing(later, end, 5))
    return {year: value * shift for year, value in later.items() if year > end}


def denominators(raw: Raw, judgement: Judgement, state: str, prices: Series) -> Series:
    """All exports, plus all net aid for Bangladesh. Soviet and Russian exports before 1995 are judged: the record has
    none before 1990, and the fall of the rouble distorts the first years."""
    totals = within(total_exports(raw, state, prices))
    if state == "RUS":
        judged = {year: item["value"] for year, item in judgement["russian_exports"].items()}
        totals = between_rounds(judged) | within(totals, max(judged) + 1)
    if state == "BGD":
        aid = all_aid(raw, prices)
        totals = {year: value + aid[year] for year, value in totals.items() if year in aid}
    return totals


def all_aid(raw: Raw, prices: Series) -> Series:
    """Net aid received by Bangladesh from everybody, in million dollars of the year."""
    constant = raw.series("wdi", "net_oda_received_const2023_usd", iso3="BGD")
    return {year: value * prices[year] / prices[2023] / 1e6 for year, value in constant.items()}


def dependence(raw: Raw, judgement: Judgement) -> Found:
    """Share of the partner in a state's export earnings (and, for Bangladesh, aid)."""
    prices, found = us_prices(raw, judgement), Found(assumed=dated(judgement["dependence"]))
    totals = {state: denominators(raw, judgement, state, prices) for state in STATES}
    gift = raw.series("aid_bgd", "value_musd", donor="USA", measure="net_bilateral_oda_dac")
    for a, b in DYADS:
        exports = exports_to(raw, a, b)
        exports |= later_exports(raw, a, b, exports)
        aid = gift if (a, b) == ("BGD", "USA") else {}
        shares = {
            year: min(1.0, max(0.0, (exports[year] + aid.get(year, 0.0)) / totals[a][year]))
            for year in within(exports)
            if totals[a].get(year, 0.0) > 0.0
        }
        found.values[f"{a}>{b}"] = rounded(shares)
    return found


def aid_reference(raw: Raw, judgement: Judgement) -> Found:
    """Five-year means of aid to Bangladesh from the United States and China; the rest by judgement.

    A mean that reaches back before a record begins takes the judged level for the years it misses, so that one large
    first year does not stand for five.
    """
    found = Found(assumed=dated(judgement["aid_reference"]))
    for donor, measure in (("USA", "net_bilateral_oda_dac"), ("CHN", "aid_oda_like")):
        flow = raw.series("aid_bgd", "value_musd", donor=donor, measure=measure)
        whole = with_judgement(flow, judgement["aid_reference"].get(f"{donor}>BGD", {}), float)
        found.values[f"{donor}>BGD"] = rounded({year: fmean(trailing(whole, year, 5)) for year in flow}, 2)
    return found


def in_force(found: Found, key: str, year: int) -> float | None:
    """Value of a key in a year, judgement before data on the same date."""
    both: dict[int, float] = {year_of(date): value for date, value in found.values.get(key, {}).items()}
    both |= {year_of(date): item["value"] for date, item in found.assumed.get(key, {}).items()}
    return held(both, year)


def capacity(raw: Raw, judgement: Judgement) -> Found:
    """Standardised supply of each power in each issue area."""
    found, table = Found(), judgement["capacity"]
    for state in STATES:
        for issue in ISSUES:
            if state == "BGD" or issue == "diplomacy":
                found.values[f"{state}:{issue}"] = {FIRST: 0.0}
    for part in (arms_supply, market_size, aid_supply, labour_demand):
        piece = part(raw, judgement)
        merge(found.values, piece.values)
        merge(found.assumed, piece.assumed)
    merge(found.assumed, dated({f"{power}:energy": dates for power, dates in table["energy"].items()}))
    return Found(*centred(found))


def centred(found: Found) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values and judgement with each key's mean of ``WINDOW`` taken off, so that a dyad's norm stands for the usual supply."""
    values, assumed = {}, {}
    for key, series in found.values.items():
        usual = fmean(in_force(found, key, year) or 0.0 for year in range(WINDOW[0], WINDOW[1] + 1))
        values[key] = rounded({year: value - usual for year, value in series.items()})
        assumed[key] = {
            date: item | {"value": round(item["value"] - usual, 4), "range": [round(edge - usual, 4) for edge in item["range"]]}
            for date, item in found.assumed.get(key, {}).items()
        }
    return values, {key: dates for key, dates in assumed.items() if dates}


def on_scale(group: Mapping[str, Mapping[int, float]], dates: Mapping[Any, Any], log: Any) -> dict[Any, Any]:
    """Judgement entries in raw units, moved to the standardised scale of ``group`` through ``log``."""
    centre, spread = centre_spread(group)

    def scaled(value: float) -> float:
        return float((log(value) - centre) / spread)

    return {
        date: entry(
            scaled(item["value"]), (scaled(item["range"][0]), scaled(item["range"][1])), item["sources"], item["reason"]
        )
        for date, item in dates.items()
    }


def with_judgement(series: Mapping[int, float], dates: Mapping[Any, Any], log: Any) -> Series:
    """A series on the log scale with judged years filled in before its first datum, for pooling only."""
    first = min(series, default=WINDOW[1] + 1)
    judged = {year_of(date): log(item["value"]) for date, item in dates.items()}
    return {year: value for year in range(FIRST, first) if (value := held(judged, year)) is not None} | dict(series)


def arms_supply(raw: Raw, judgement: Judgement) -> Found:
    """Log arms exports; the Soviet years by judgement."""
    table, group = judgement["capacity"], {}
    floor = table["floor"]["value"]

    def log(tiv: float) -> float:
        return math.log(floor + tiv)

    for power in POWERS:
        tiv = raw.series("wdi", "arms_exports_tiv_mn", iso3=power)
        years = range(1992 if power == "RUS" else FIRST, max(tiv) + 1)
        group[power] = {year: log(tiv.get(year, 0.0)) for year in years}
    soviet = table["soviet_arms_exports"]
    pooled = group | {"RUS": with_judgement(group["RUS"], soviet, log)}
    centre, spread = centre_spread(pooled)
    values = {f"{p}:defence": rounded({y: (v - centre) / spread for y, v in s.items()}) for p, s in group.items()}
    return Found(values, {"RUS:defence": on_scale(pooled, soviet, log)})


def market_size(raw: Raw, judgement: Judgement) -> Found:
    """Log share in the GDP of the four powers at constant prices; Soviet years by an assumed ratio to US GDP."""
    gdp = {power: raw.series("wdi", "gdp_const2015_usd", iso3=power) for power in POWERS}
    item, start = judgement["numbers"]["soviet_gdp_to_us"], min(gdp["RUS"])

    def logs(ratio: float) -> dict[str, Series]:
        full = gdp | {"RUS": {year: gdp["USA"][year] * ratio for year in range(FIRST, start)} | gdp["RUS"]}
        years = sorted(set.intersection(*(set(series) for series in full.values())))
        totals = {year: math.fsum(full[power][year] for power in POWERS) for year in years}
        return {power: {year: math.log(full[power][year] / totals[year]) for year in years} for power in POWERS}

    main = logs(item["value"])
    centre, spread = centre_spread(main)
    scaled = standardised(main)
    ends = [{y: (v - centre) / spread for y, v in logs(bound)["RUS"].items()} for bound in item["range"]]
    soviet: dict[int | str, Any] = {
        year: entry(scaled["RUS"][year], (ends[0][year], ends[1][year]), item["sources"], item["reason"])
        for year in range(FIRST, start, 4)
    }
    values = {f"{power}:trade": rounded(within(series)) for power, series in scaled.items()}
    values["RUS:trade"] = {year: value for year, value in values["RUS:trade"].items() if year_of(year) >= start}
    return Found(values, {"RUS:trade": soviet})


def aid_supply(raw: Raw, judgement: Judgement) -> Found:
    """Log of recent aid to Bangladesh."""
    found, reference = Found(), aid_reference(raw, judgement)
    years = range(FIRST, LAST_FULL_YEAR + 1)
    group = {power: {year: math.log1p(in_force(reference, f"{power}>BGD", year) or 0.0) for year in years} for power in POWERS}
    for power, series in standardised(group).items():
        key, source = f"{power}:aid", f"{power}>BGD"
        judged = on_scale(group, judgement["aid_reference"].get(source, {}), math.log1p)
        known = [year_of(date) for date in reference.values.get(source, {})]
        found.values[key] = rounded({year: series[year] for year in known})
        found.assumed[key] = judged
    return found


def labour_demand(raw: Raw, judgement: Judgement) -> Found:
    """Log stock of Bangladeshis in each power, linear between rounds, the first held backward; Russia by judgement."""
    group: dict[str, Series] = {}
    for power in POWERS:
        stock = raw.series("migrant_stock_bgd", "migrant_stock", origin="BGD", destination=power)
        if stock:
            group[power] = between_rounds({year: math.log(value) for year, value in stock.items()})
    russia = judgement["capacity"]["people_in_russia"]
    centre, spread = centre_spread(group)
    values = {f"{p}:people": rounded({y: (v - centre) / spread for y, v in s.items()}) for p, s in group.items()}
    return Found(values, {"RUS:people": on_scale(group, russia, math.log)})


def between_rounds(rounds: Mapping[int, float]) -> Series:
    """Linear interpolation between census rounds; the first value also for all years before it.

    >>> between_rounds({1973: 1.0, 1975: 3.0})
    {1972: 1.0, 1973: 1.0, 1974: 2.0, 1975: 3.0}
    """
    years, found = sorted(rounds), {}
    for year in range(FIRST, years[-1] + 1):
        after = next(known for known in years if known >= year)
        before = max([known for known in years if known <= year], default=after)
        share = 0.0 if after == before else (year - before) / (after - before)
        found[year] = rounds[before] + share * (rounds[after] - rounds[before])
    return found


def price(raw: Raw, judgement: Judgement) -> Found:
    """Standardised log real prices: oil for energy, food and fertiliser for trade; 0 elsewhere."""
    prices, found = us_prices(raw, judgement), Found()

    def real(column: str) -> Series:
        nominal = within(raw.series("commodity_prices_annual", column, months="12"), FIRST, LAST_FULL_YEAR)
        return {year: value / prices[year] for year, value in nominal.items()}

    basket = [real(column) for column in ("wheat_us_hrw_usd_t", "rice_thai5_usd_t", "urea_usd_t", "potash_usd_t")]
    means = [fmean(within(series, *WINDOW).values()) for series in basket]
    years = set.intersection(*(set(series) for series in basket))
    index = {year: fmean(s[year] / m for s, m in zip(basket, means, strict=True)) for year in sorted(years)}
    for issue, series in (("energy", real("oil_average_usd_bbl")), ("trade", index)):
        logs = {year: math.log(value) for year, value in series.items()}
        found.values[issue] = rounded(standardised({issue: logs})[issue])
    found.values |= {issue: {FIRST: 0.0} for issue in ISSUES if issue not in found.values}
    return found


def price_taker(_: Raw, judgement: Judgement) -> Found:
    """Judgement only."""
    table = judgement["price_taker"]
    assumed: Entries = {
        key: {FIRST: entry(item["value"], item["range"], table["sources"], item["reason"])}
        for key, item in table.items()
        if key != "sources"
    }
    return Found({}, assumed)


ECONOMY: dict[str, Maker] = {maker.__name__: maker for maker in (dependence, capacity, price, price_taker, aid_reference)}
