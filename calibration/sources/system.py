"""The inputs that describe the state system: one function per input, from the raw tables to dated values.

Words (description, caveats) are in inputs.yaml, judgement in assumptions.yaml; here is arithmetic only. What states
trade, sell and give is in economy.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import fmean, pstdev
from typing import Any

from calibration.sources.raw import (
    FIRST,
    LAST,
    PAIRS,
    POWERS,
    STATES,
    Raw,
    Series,
    changes,
    decayed,
    entry,
    held,
    number,
    pair_rows,
    standardised,
    trailing,
    within,
)

Judgement = Mapping[str, Any]
Entries = dict[str, dict[int | str, Any]]


@dataclass
class Found:
    """What one input came to: data (``values``) and judgement (``assumed``), both by key and date."""

    values: Entries = field(default_factory=dict)
    assumed: Entries = field(default_factory=dict)


Maker = Callable[[Raw, Judgement], Found]


def dated(table: Mapping[str, Mapping[int | str, Mapping[str, Any]]]) -> Entries:
    """Judgement entries by key and date, from the layout of assumptions.yaml."""
    return {
        key: {date: entry(item["value"], item["range"], item["sources"], item["reason"]) for date, item in dates.items()}
        for key, dates in table.items()
    }


def rounded(series: Mapping[int, float], digits: int = 4) -> dict[int | str, Any]:
    """Numbers short enough to read, in order."""
    return {year: round(series[year], digits) + 0.0 for year in sorted(series)}


def capability(raw: Raw, _: Judgement) -> Found:
    """CINC of the five states; Bangladesh 1972, coded without military spending, repeats 1973."""
    values: Entries = {}
    for state in STATES:
        series = within(raw.series("cinc", "cinc", iso3=state))
        if state == "BGD" and 1973 in series:
            series[1972] = series[1973]
        values[state] = rounded(series, 6)
    return Found(values)


def proximity(raw: Raw, judgement: Judgement) -> Found:
    """Land borders from the record, everything else by judgement; both directions written out."""
    table, found = judgement["proximity"], Found()
    for a, b in PAIRS:
        land = any(row["conttype"] == "1.0" for row in pair_rows(raw.rows("contiguity"), a, b))
        for key in (f"{a}>{b}", f"{b}>{a}"):
            if land:
                found.values[key] = {FIRST: 1.0}
            else:
                item = table["dyads"][f"{a}-{b}"]
                found.assumed[key] = {FIRST: entry(item["value"], item["range"], table["sources"], item["reason"])}
    return found


def disputes(raw: Raw, a: str, b: str) -> Series:
    """Worst hostility level of each year in either dispute dataset, over 5."""
    worst: Series = {}
    for row in pair_rows(raw.rows("mids"), a, b):
        level = number(row["hostlev"])
        if level is not None and level > 0:
            year = int(row["year"])
            worst[year] = max(worst.get(year, 0.0), level / 5.0)
    return worst


def clash_years(judgement: Judgement, a: str, b: str, bound: str) -> Series:
    """Clashes entered by hand for a pair: their ``value``, or the ``low`` or ``high`` end of their range."""
    found: Series = {}
    for clash in judgement["clashes"]:
        if clash["dyad"] == f"{a}-{b}":
            levels = {"value": clash["value"], "low": clash["range"][0], "high": clash["range"][1]}
            found[clash["year"]] = levels[bound]
    return found


def clash_words(judgement: Judgement, a: str, b: str, year: int) -> tuple[list[str], str]:
    """Sources and reason of the clashes of a pair up to ``year``."""
    past = [clash for clash in judgement["clashes"] if clash["dyad"] == f"{a}-{b}" and clash["year"] <= year]
    sources = list(dict.fromkeys(source for clash in past for source in clash["sources"]))
    return sources, "; ".join(f"{clash['reason']} ({clash['year']})" for clash in past)


def hostility(raw: Raw, judgement: Judgement) -> Found:
    """Decayed disputes; from the first clash entered by hand on, the whole path of that pair is judgement."""
    memory, found = judgement["numbers"]["hostility_memory"]["value"], Found()
    start = min(int(row["year"]) for row in raw.rows("mids"))
    for a, b in PAIRS:
        record = disputes(raw, a, b)
        paths = {
            bound: decayed(record | clash_years(judgement, a, b, bound), memory, start, LAST)
            for bound in ("value", "low", "high")
        }
        split_at_clash(found, judgement, (a, b), paths)
    return found


def split_at_clash(found: Found, judgement: Judgement, pair: tuple[str, str], paths: Mapping[str, Series]) -> None:
    """Write the years before the first clash as data and the years after it as judgement with a range."""
    a, b = pair
    first_clash = min(clash_years(judgement, a, b, "value"), default=LAST + 1)
    key = f"{a}-{b}"
    found.values[key] = rounded(within(paths["value"], FIRST, first_clash - 1))
    if first_clash <= LAST:
        found.assumed[key] = {
            year: entry(
                paths["value"][year],
                (paths["low"][year], paths["high"][year]),
                *clash_words(judgement, a, b, year),
            )
            for year in range(first_clash, LAST + 1)
        }


def listed_rivals(raw: Raw, a: str, b: str, year: int) -> bool:
    """Strategic rivals in the list of Thompson, Sakuwa and Suhas; rivalries open in its last year stay open."""
    rows = [row for row in pair_rows(raw.rows("rivalries"), a, b) if row["dataset"] == "TSS"]
    end_of_list = max(int(row["end_year"]) for row in raw.rows("rivalries"))
    return any(int(row["start_year"]) <= year <= int(row["end_year"]) for row in rows) or (
        year > end_of_list and any(int(row["end_year"]) == end_of_list for row in rows)
    )


def allied(raw: Raw, a: str, b: str, year: int) -> bool:
    """A treaty of defence, neutrality or consultation in force (pacts of mere non-aggression do not count)."""
    rows = {int(row["year"]): row for row in pair_rows(raw.rows("alliances"), a, b)}
    row = rows.get(min(year, max(rows))) if rows else None
    return row is not None and any(row[f"atop_{kind}"] == "1" for kind in ("defense", "neutral", "consul"))


def voting_distance(raw: Raw, a: str, b: str, year: int) -> float:
    """Distance of ideal points; before a state votes its first point counts, after the record its last."""
    points = []
    for state in (a, b):
        series = raw.series("unga_ideal_points", "ideal_point", iso3=state)
        known = held(series, year)
        points.append(series[min(series)] if known is None else known)
    return abs(points[0] - points[1])


def recent_disputes(record: Series, clashes: Series, years: tuple[int, int], length: int) -> Series:
    """Mean level of the last ``length`` years; years after the record repeat its last mean unless a clash is higher."""
    begin, end = years
    full = {year: record.get(year, 0.0) for year in range(begin, end + 1)}
    last = fmean(trailing(full, end, length))
    full |= {year: max(last, clashes.get(year, 0.0)) for year in range(end + 1, LAST + 1)}
    return {year: fmean(trailing(full, year, length)) for year in range(FIRST, LAST + 1)}


def rivalry_record(raw: Raw, judgement: Judgement) -> Found:
    """Weighted sum of listed rivalry, recent disputes, treaties and voting distance, squashed into (-1, 1)."""
    weights, found = {key: item["value"] for key, item in judgement["numbers"].items()}, Found()
    dispute_years = [int(row["year"]) for row in raw.rows("mids")]
    span, length = (min(dispute_years), max(dispute_years)), int(weights["dispute_years"])
    for a, b in PAIRS:
        record, paths = disputes(raw, a, b), {}
        for bound in ("value", "low", "high"):
            recent = recent_disputes(record, clash_years(judgement, a, b, bound), span, length)
            paths[bound] = {year: rivalry_of_year(raw, weights, (a, b), year, recent[year]) for year in recent}
        split_at_clash(found, judgement, (a, b), paths)
    merge(found.assumed, dated(judgement["rivalry_record"]))
    return found


def rivalry_of_year(raw: Raw, weights: Mapping[str, float], pair: tuple[str, str], year: int, recent: float) -> float:
    """Rivalry of one pair in one year."""
    rivals = listed_rivals(raw, *pair, year)
    total = (
        weights["rivalry_listed"] * rivals
        + weights["rivalry_disputes"] * recent
        - weights["rivalry_alliance"] * (allied(raw, *pair, year) and not rivals)
        + weights["rivalry_distance"] * min(voting_distance(raw, *pair, year), weights["rivalry_distance_cap"])
        - weights["rivalry_offset"]
    )
    return max(-0.99, min(0.99, math.tanh(total)))


def merge(into: Entries, more: Entries) -> None:
    """Add dated entries to those already there."""
    for key, dates in more.items():
        into[key] = {**into.get(key, {}), **dates}


def sanctions(raw: Raw, judgement: Judgement) -> Found:
    """Share of trade, arms and financial sanctions of the United States in force, where any ever was."""
    rows = [row for row in raw.rows("sanctions_gsdb") if row["sender"] == "USA"]
    years = range(FIRST, max(int(row["year"]) for row in rows) + 1)
    found = Found(assumed=dated(judgement["sanctions"]))
    for target in STATES:
        shares = {
            int(row["year"]): fmean(float(row[kind]) for kind in ("trade", "arms", "financial"))
            for row in rows
            if row["target"] == target
        }
        if any(shares.values()):
            found.values[f"USA>{target}"] = rounded(changes({year: shares.get(year, 0.0) for year in years}))
    return found


def concentration(raw: Raw, _: Judgement) -> Found:
    """Standardised concentration of capabilities in the system."""
    series = raw.series("cinc_system", "singer_ray_con")
    return Found({"world": rounded(within(standardised({"world": series})["world"]))})


def shares_of_powers(capabilities: Mapping[str, Mapping[int, float]]) -> dict[str, Series]:
    """Capability of every state over the sum of the four powers, so a common factor cancels."""
    years = set.intersection(*(set(capabilities[power]) for power in POWERS))
    totals = {year: math.fsum(capabilities[power][year] for power in POWERS) for year in years}
    return {
        state: {year: value / totals[year] for year, value in sorted(series.items()) if year in totals}
        for state, series in capabilities.items()
    }


def power_shift(raw: Raw, _: Judgement) -> Found:
    """Standardised five-year spread of the powers' shares, averaged over the powers."""
    shares = shares_of_powers({power: raw.series("cinc", "cinc", iso3=power) for power in POWERS})
    years = [year for year in shares["USA"] if year >= FIRST]
    spread = {year: fmean(pstdev(trailing(shares[power], year, 5)) for power in POWERS) for year in years}
    return Found({"world": rounded(standardised({"world": spread})["world"])})


def risk(raw: Raw, _: Judgement) -> Found:
    """Standardised yearly index of geopolitical risk; years with fewer than twelve months are left out."""
    series = raw.series("gpr_annual", "GPRH", months="12")
    return Found({"world": rounded(within(standardised({"world": series})["world"]))})


def territorial_threat(raw: Raw, _: Judgement) -> Found:
    """Latent territorial threat, standardised over the five states together."""
    group = {state: raw.series("territorial_threat", "lterrthreat", iso3=state) for state in STATES}
    return Found({state: rounded(within(series)) for state, series in standardised(group).items()})


def veto(raw: Raw, _: Judgement) -> Found:
    """Mean of legislative and judicial constraint on the executive."""
    found = Found()
    for state in STATES:
        legislative = raw.series("vdem", "v2xlg_legcon", iso3=state)
        judicial = raw.series("vdem", "v2x_jucon", iso3=state)
        both = {year: (legislative[year] + judicial[year]) / 2 for year in legislative if year in judicial}
        found.values[state] = rounded(within(both))
    return found


def record_over(_: Raw, judgement: Judgement) -> Found:
    """0 in the record; 1 from the judgement entry on."""
    return Found({"world": {FIRST: 0.0}}, dated({"world": judgement["record_over"]}))


def demand(_: Raw, __: Judgement) -> Found:
    """Empty: scenarios and events set it."""
    return Found()


SYSTEM: dict[str, Maker] = {
    maker.__name__: maker
    for maker in (
        capability,
        proximity,
        hostility,
        rivalry_record,
        sanctions,
        concentration,
        power_shift,
        risk,
        territorial_threat,
        veto,
        record_over,
        demand,
    )
}
