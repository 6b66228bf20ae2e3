"""The world inputs: small arithmetic on hand-made tables, and the committed files as they stand.

Tests that need the real raw tables run only where the environment variable PADMA_RAW names their folder.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibration.derive import OUT, build, checksum, main, settled
from calibration.sources import raw as raw_tables
from calibration.sources.arms import BY_HAND, UNIT, arms_contracts
from calibration.sources.economy import aid_reference, between_rounds, capacity, in_force
from calibration.sources.raw import DYADS, ISSUES, POWERS, STATES, Raw, changes, decayed, standardised
from calibration.sources.rebuild import differing
from calibration.sources.standards import class_of, kept
from calibration.sources.system import Found, capability, hostility, recent_disputes, rivalry_record, sanctions
from sim.yamlfile import parse, read
from tests.calibration.tiny_inputs import (
    make_raw,
)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Raw:
    return make_raw(tmp_path_factory.mktemp("raw"))


@pytest.fixture(scope="module")
def judgement() -> Any:
    return read(Path(raw_tables.__file__).parents[1] / "assumptions.yaml").content


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


def test_arms_orders_become_contracts_once_and_bind_from_the_next_year(tiny: Raw) -> None:
    (made,) = arms_contracts(tiny)
    assert (made["name"], made["signed"], made["note"]) == ("arms_china_1989", date(1989, 12, 31), "Above all: 20 F-7M.")
    assert made["size"] == pytest.approx(230 / 275, abs=1e-3)
    assert made["range"][0] < made["size"] < made["range"][1]


def test_aid_before_a_record_begins_counts_at_its_judged_level(tiny: Raw, judgement: Any) -> None:
    found = aid_reference(tiny, judgement).values["CHN>BGD"]
    assert found[2000] == pytest.approx((100 + 4 * 10) / 5)
    assert found[2004] == pytest.approx(102)


def test_supply_is_counted_against_what_the_power_usually_could(tiny: Raw, judgement: Any) -> None:
    found = capacity(tiny, judgement)
    for key in ("USA:defence", "IND:trade", "RUS:people", "CHN:energy"):
        assert np.mean([in_force(found, key, year) or 0.0 for year in range(1972, 2009)]) == pytest.approx(0.0, abs=1e-3)
    assert all(e["range"][0] <= e["value"] <= e["range"][1] for dates in found.assumed.values() for e in dates.values())
    assert np.ptp(list(found.values["USA:defence"].values())) > 0.1


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

COMMITTED = sorted(path for path in OUT.glob("*.yaml") if path.stem != "arms_contracts")
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
def test_contracts_by_hand_hold_orders_of_the_register_and_the_unit_is_a_year_of_them() -> None:
    rows = Raw(os.environ["PADMA_RAW"]).rows("arms_bgd_deals")
    known = {(row["supplier_iso3"], int(row["order_year"]), row["designation"]) for row in rows}
    assert {(*key, what) for key, held in BY_HAND.items() for what in held} <= known
    recent = [float(row["tiv_order"] or 0) for row in rows if 2009 <= int(row["order_year"]) <= 2023]
    assert sum(recent) / 15 == pytest.approx(UNIT, abs=1)


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
