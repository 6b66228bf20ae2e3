"""The world inputs: small arithmetic on hand-made tables, and the committed files as they stand.

Tests that need the real raw tables run only where the environment variable PADMA_RAW names their folder.
"""

from __future__ import annotations

import csv
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibration import raw as raw_tables
from calibration.derive import OUT, build, checksum, differing, main, settled
from calibration.economy import between_rounds, in_force
from calibration.inputs import Found, capability, hostility, recent_disputes, rivalry_record, sanctions
from calibration.raw import DYADS, ISSUES, POWERS, STATES, Raw, changes, decayed, standardised
from calibration.standards import class_of, kept
from sim.yamlfile import parse, read

YEARS = range(1970, 2024)


# --- a tiny world on paper -------------------------------------------------------------------------------------------


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


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Raw:
    return make_raw(tmp_path_factory.mktemp("raw"))


@pytest.fixture(scope="module")
def judgement() -> Any:
    return read(Path(raw_tables.__file__).parent / "assumptions.yaml").content


# --- arithmetic ------------------------------------------------------------------------------------------------------


def test_decay_remembers_the_worst_and_forgets_by_a_fixed_share() -> None:
    path = decayed({2000: 1.0, 2002: 0.3}, 0.8, 2000, 2003)
    assert path == pytest.approx({2000: 1.0, 2001: 0.8, 2002: 0.64, 2003: 0.512})


def test_changes_keeps_only_years_in_which_something_changes() -> None:
    assert changes({1990: 0.0, 1991: 0.0, 1992: 1.0, 1993: 0.0}) == {1990: 0.0, 1992: 1.0, 1993: 0.0}


def test_standardising_looks_at_the_window_only() -> None:
    base = {"a": {1972: 1.0, 1990: 2.0, 2008: 6.0}, "b": {1980: 4.0}}
    later = {"a": {**base["a"], 2020: 500.0}, "b": {**base["b"], 1960: -500.0}}
    before, after = standardised(base), standardised(later)
    assert all(after[k][y] == v for k, series in before.items() for y, v in series.items())
    pooled = [v for series in before.values() for v in series.values()]
    assert np.mean(pooled) == pytest.approx(0.0, abs=1e-12)
    assert np.std(pooled) == pytest.approx(1.0)


def test_standardising_refuses_what_never_varies() -> None:
    with pytest.raises(ValueError, match="nothing varies"):
        standardised({"a": {1980: 1.0, 1981: 1.0}})


def test_between_rounds_is_linear_and_holds_the_first_round_backward() -> None:
    found = between_rounds({1990: 1.0, 2000: 3.0})
    assert found[1972] == found[1990] == 1.0
    assert found[1995] == 2.0
    assert max(found) == 2000


def test_values_are_carried_forward_and_judgement_takes_over() -> None:
    found = Found({"x": {1990: 1.0, 1995: 2.0}}, {"x": {"2001Q2": {"value": 9.0}}})
    assert [in_force(found, "x", year) for year in (1989, 1994, 2000, 2026)] == [None, 1.0, 2.0, 9.0]


def test_judgement_amid_data_ends_the_data_and_judgement_before_data_does_not() -> None:
    found = settled(
        Found(
            {"amid": {1990: 1.0, 1995: 2.0, 2000: 3.0}, "before": {1990: 1.0}, "empty": {}},
            {"amid": {1996: {"value": 0.0}}, "before": {1972: {"value": 5.0}}},
        )
    )
    assert found.values == {"amid": {1990: 1.0, 1995: 2.0}, "before": {1990: 1.0}}
    assert set(found.assumed) == {"amid", "before"}


def test_disputes_after_the_record_repeat_its_last_mean_unless_a_clash_is_higher() -> None:
    found = recent_disputes({2010: 1.0}, {2020: 0.8, 2021: 0.1}, (1970, 2014), 5)
    assert found[2014] == found[2019] == pytest.approx(0.2)
    assert found[2020] == found[2021] == pytest.approx((4 * 0.2 + 0.8) / 5)
    assert found[1980] == 0.0


# --- inputs from the tiny tables -------------------------------------------------------------------------------------


def test_bangladesh_1972_repeats_1973(tiny: Raw, judgement: Any) -> None:
    values = capability(tiny, judgement).values["BGD"]
    assert values[1972] == values[1973] != values[1974]
    assert max(values) == 2023


def test_hostility_decays_to_2026_and_marks_what_is_judged(tiny: Raw, judgement: Any) -> None:
    found = hostility(tiny, judgement)
    record, judged = found.values["IND-CHN"], found.assumed["IND-CHN"]
    assert record[2000] == 1.0
    assert record[2001] == pytest.approx(0.8)
    assert record[1973] == pytest.approx(0.6 * 0.8**3, abs=1e-4)
    assert min(judged) == 2017 == max(record) + 1
    assert max(judged) == 2026
    assert all(e["range"][0] <= e["value"] <= e["range"][1] for e in judged.values())
    assert max(found.values["BGD-USA"]) == 2026


def test_rivalry_signs(tiny: Raw, judgement: Any) -> None:
    found = rivalry_record(tiny, judgement)
    assert found.values["RUS-USA"][1980] > 0.3 > found.values["RUS-USA"][1995]
    assert found.values["RUS-IND"][1980] < -0.3
    assert all(abs(v) <= 0.99 for series in found.values.values() for v in series.values())


def test_a_treaty_between_listed_rivals_does_not_count(tiny: Raw, judgement: Any, monkeypatch: Any) -> None:
    rows = tiny.rows("alliances")
    more = [{**row, "state_a": "USA", "state_b": "RUS"} for row in rows]
    monkeypatch.setitem(tiny._tables, "alliances", rows + more)
    with_treaty = rivalry_record(tiny, judgement).values["RUS-USA"]
    monkeypatch.setitem(tiny._tables, "alliances", rows)
    without = rivalry_record(tiny, judgement).values["RUS-USA"]
    assert with_treaty[1980] == without[1980]
    assert with_treaty[1995] < without[1995]


def test_sanctions_are_shares_and_end_when_the_rows_end(tiny: Raw, judgement: Any) -> None:
    series = sanctions(tiny, judgement).values["USA>CHN"]
    assert series == {1972: 0.0, 1975: 0.6667, 1977: 0.0, 2016: 0.3333}


def test_a_common_factor_in_cinc_changes_nothing(tmp_path: Path, tiny: Raw) -> None:
    scaled = build(make_raw(tmp_path, cinc_scale=3.0))
    plain = build(tiny)
    for name in ("standards.yaml", "power_shift.yaml"):
        assert scaled[name] == plain[name]
    assert scaled["capability.yaml"] != plain["capability.yaml"]


def test_a_later_datum_never_moves_an_earlier_value(tmp_path: Path, tiny: Raw) -> None:
    old = parse(build(tiny)["risk.yaml"]).content["values"]["world"]
    new = parse(build(make_raw(tmp_path, last_gpr=400.0))["risk.yaml"]).content["values"]["world"]
    assert {y: v for y, v in old.items() if y < 2023} == {y: v for y, v in new.items() if y < 2023}
    assert new[2023] > old[2023]
    assert 2024 not in new


def test_standards_are_what_the_model_itself_computes_for_1972_to_2008() -> None:
    from sim.engine import simulate
    from sim.scenario import read_scenario
    from sim.world import World

    world = World(read_scenario("history", until="2008Q4"), 1)
    found = simulate(world, range(1), ("relative_capability", "counterweight", "threat", "coercion"))
    values = read(OUT / "standards.yaml").content["values"]
    powers = [STATES.index(p) for p in POWERS]
    relative, weight = found["relative_capability"][..., 0], found["counterweight"][..., 0]
    largest = np.maximum(found["threat"][..., 0], found["coercion"][..., 0].mean(axis=3)).max(axis=2)
    assert values["relative_capability"]["sd"] == pytest.approx(relative[:, powers].std(), abs=2e-5)
    assert values["counterweight"]["sd"] == pytest.approx(weight[:, 0, powers].std(), abs=2e-5)
    assert values["counterweight"]["mean"]["BGD>CHN"] == pytest.approx(weight[:, 0, STATES.index("CHN")].mean(), abs=2e-5)
    assert values["restrictiveness"]["mean"] == pytest.approx(largest.mean(), abs=2e-5)
    assert values["restrictiveness"]["sd"] == pytest.approx(largest.std(), abs=2e-5)


def test_classes_of_acts(tiny: Raw) -> None:
    names = [class_of(g, "trade") for g in (7.4, 6.0, 4.0, 2.5, 1.6, -1.0, -4.0, -6.0)]
    expected = "aid_or_credit accord gift_or_praise visit request criticism protest_or_cancel rupture"
    assert names == expected.split()
    assert [row["short_description"] for row in tiny.rows("episodes") if not kept(row)] == ["votes for a text"]


# --- the command -----------------------------------------------------------------------------------------------------


def test_check_finds_what_was_changed_by_hand(tiny: Raw, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--raw", str(tiny.folder), "--out", str(tmp_path)]
    assert main(arguments) == 0
    assert main([*arguments, "--check"]) == 0
    path = tmp_path / "veto.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# touched\n", encoding="utf-8")
    (tmp_path / "extra.yaml").write_text("a: 1\n", encoding="utf-8")
    assert main([*arguments, "--check"]) == 1
    assert capsys.readouterr().out.splitlines()[-2:] == ["differs: extra.yaml", "differs: veto.yaml"]


def test_a_rebuild_is_the_same_to_the_byte(tiny: Raw) -> None:
    assert build(tiny) == build(Raw(tiny.folder))


def test_checksum_sees_values_and_judgement_but_not_the_order() -> None:
    one = checksum({"a": {1990: 1.0}, "b": {1990: 2.0}}, {})
    assert one == checksum({"b": {1990: 2.0}, "a": {1990: 1.0}}, {})
    assert one != checksum({"a": {1990: 1.0}, "b": {1990: 2.5}}, {})
    assert one != checksum({"a": {1990: 1.0}, "b": {1990: 2.0}}, {"a": {1991: {"value": 1.0}}})


# --- the committed files ---------------------------------------------------------------------------------------------

COMMITTED = sorted(OUT.glob("*.yaml"))
DATED = [path for path in COMMITTED if path.stem not in {"standards", "act_rates"}]


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_committed_checksum(path: Path) -> None:
    content = read(path).content
    assert content["checksum"] == checksum(content["values"], content.get("assumed", {}))
    assert content["variable"] == path.stem


@pytest.mark.parametrize("path", DATED, ids=lambda path: path.stem)
def test_committed_values_lie_in_range_under_known_keys(path: Path) -> None:
    content = read(path).content
    low, high = content["range"]
    keys = {
        (): {"world"},
        ("state",): set(STATES),
        ("issue",): set(ISSUES),
        ("state", "issue"): {f"{s}:{k}" for s in STATES for k in ISSUES},
        ("state", "partner"): {f"{a}-{b}" for a, b in raw_tables.PAIRS}
        if content["symmetric"]
        else {f"{a}>{b}" for a, b in DYADS},
        ("state", "partner", "issue"): set(),
    }[tuple(content["axes"])]
    assert content["values"].keys() | content["assumed"].keys() <= keys
    assert all(low <= v <= high for series in content["values"].values() for v in series.values())
    for series in content["assumed"].values():
        for item in series.values():
            assert low <= item["range"][0] <= item["value"] <= item["range"][1] <= high
            assert item["sources"] and item["note"]


def test_every_judgement_has_range_reason_and_sources(judgement: Any) -> None:
    found = []

    def visit(content: Any, inherited: bool) -> None:
        if isinstance(content, dict):
            known = inherited or "sources" in content
            if "value" in content:
                found.append(content)
                assert content["range"][0] <= content["value"] <= content["range"][1], content
                assert content["reason"] and known, content
            for part in content.values():
                visit(part, known)
        elif isinstance(content, list):
            for part in content:
                visit(part, inherited)

    visit(judgement, False)
    assert len(found) > 80


# --- the real tables, where they are ---------------------------------------------------------------------------------


@pytest.mark.skipif("PADMA_RAW" not in os.environ, reason="the raw tables are not part of the project")
def test_committed_files_agree_with_a_rebuild() -> None:
    assert differing(build(Raw(os.environ["PADMA_RAW"])), OUT) == []


@pytest.mark.skipif(not (OUT / "rivalry_record.yaml").exists(), reason="not built yet")
def test_rivalry_tells_the_known_story() -> None:
    content = read(OUT / "rivalry_record.yaml").content
    found = Found(content["values"], content["assumed"])

    def mean(key: str, first: int, last: int) -> float:
        return float(np.mean([in_force(found, key, year) for year in range(first, last + 1)]))

    assert mean("RUS-USA", 1972, 1989) > 0.8
    assert mean("RUS-USA", 1992, 2006) < 0.4
    assert mean("RUS-USA", 2014, 2023) > 0.8
    assert mean("RUS-CHN", 1972, 1989) > 0.6
    assert mean("RUS-CHN", 2002, 2023) < -0.5
    assert mean("RUS-IND", 1972, 2023) < -0.5
    assert mean("IND-CHN", 1972, 2023) > 0.4
    assert mean("CHN-USA", 1975, 1992) < 0.4 < mean("CHN-USA", 1996, 2023)
