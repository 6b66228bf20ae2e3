"""The registered forecast: statements that can be decided, formulas against known answers, a seal that notices edits."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import calibration.outlook.base  # noqa: F401
from calibration.forecast import OUT, SCENARIO, SEAL, check, main, make
from calibration.observed import load
from calibration.outlook.odds import BASE, FORMULAS, MODEL, Ground, jeffreys
from calibration.outlook.statements import FILE, ask, read
from calibration.sources.raw import ISSUES, POWERS
from calibration.sources.tables import CUT
from sim.errors import InputError, PadmaError
from sim.scenario import read_scenario

xr = pytest.importorskip("xarray")
TEXT = FILE.read_text(encoding="utf-8")
RECORD = load()
QUARTERS = [f"{year}Q{n}" for year in range(2024, 2028) for n in range(1, 5)][2:]
STATES = ["BGD", *POWERS]
RUNS = 400


def ground(**values) -> Ground:
    """An ensemble in which every variable has one value everywhere, unless an array over the runs is given."""
    labels = {"quarter": QUARTERS, "state": STATES, "partner": STATES, "item": ["ukraine_rights", "ukraine_withdrawal"]}
    labels |= {"act": ["accord", "rupture"]}
    axes = {name: ("quarter", "state", "item", "run") for name in ("vote_yes", "vote_no")}
    axes |= {name: ("quarter", "state", "partner", "run") for name in ("orders", "trade_volume", "aid")}
    axes |= {"act_done": ("quarter", "state", "partner", "act", "run")}
    known = {"vote_yes": 0.5, "vote_no": 0.1, "orders": 0.0, "trade_volume": 1.0, "aid": 100.0, "act_done": 0.0} | values
    arrays = {}
    for name, dims in axes.items():
        shape = [len(labels[d]) for d in dims[:-1]] + [RUNS]
        arrays[name] = (dims, np.broadcast_to(known[name], shape).copy())
    return Ground(xr.Dataset(arrays, coords=labels), RECORD)


def odds(name: str, on: Ground, **arguments) -> float:
    return FORMULAS[name](on, **arguments).probability


# --- the statements -----------------------------------------------------------------------------------------------------


def test_every_power_and_issue_area_is_asked_about_in_both_directions():
    statements = read()
    assert len(statements) >= 40
    assert {s.power for s in statements} == set(POWERS) and {s.issue for s in statements} == set(ISSUES)
    for power in POWERS:
        own = [s for s in statements if s.power == power]
        assert 10 <= len(own) <= len(statements) / 3
        assert {s.leans for s in own} >= {"warmer", "colder"}
    colder = sum(s.leans == "colder" for s in statements)
    assert 0.35 <= colder / len(statements) <= 0.65


def test_statements_are_decided_after_the_cut_and_say_where():
    for one in read():
        assert CUT < one.by <= date(2029, 12, 31)
        assert len(one.decided_by) > 5
        assert re.search(r"20(24|25|26|27)|renewed", one.text), one.id


@pytest.mark.parametrize(
    "old, new, says",
    [
        ("id: first_visit_china", "id: first_visit_india", ["two statements are called", "statements.yaml:"]),
        ("power: CHN", "power: PRC", ["'PRC' is not a power"]),
        ("issue: energy", "issue: enegry", ["did you mean 'energy'?"]),
        ("leans: colder", "leans: sideways", ["leans"]),
        ("by: 2026-03-31", "by: 2024-07-31", ["would be decided by 2024-07-31"]),
        ("name: orders_lead", "name: order_lead", ["no formula 'order_lead'", "did you mean 'orders_lead'?"]),
        ("donor: USA", "doner: USA", ["'doner' is not a parameter of aid", "did you mean 'donor'?"]),
        ("name: vote, item: ukraine_withdrawal, answer", "name: vote, answer", ["vote needs item"]),
    ],
)
def test_mistakes_in_the_statements_are_named_with_their_remedy(tmp_path, old, new, says):
    assert old in TEXT
    path = tmp_path / "statements.yaml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read(path)
    for words in says:
        assert words in error.value.message


def test_a_formula_that_fails_names_its_statement():
    one = next(s for s in read() if s.id == "no_teesta")
    wrong = one.model_copy(update={"formula": one.formula | {"words": ["no such words anywhere"]}})
    with pytest.raises(InputError, match="statement no_teesta"):
        ask([wrong], ground())


# --- formulas of the model ----------------------------------------------------------------------------------------------


def test_a_vote_is_a_thinned_poisson_stream():
    """Seven texts in eight autumns; three autumns from 2024 to 2026."""
    expected = 3 * 7 / 8
    asks = dict(item="ukraine_rights", start="2024Q3", end="2026Q4")
    assert odds("vote", ground(), answer="yes", **asks) == pytest.approx(1 - np.exp(-0.5 * expected))
    always = odds("vote", ground(vote_yes=0.0, vote_no=0.0), answer="abstain", every=True, **asks)
    assert always == pytest.approx(1 - np.exp(-expected))  # certain unless nothing is tabled
    assert odds("vote", ground(vote_yes=1.0, vote_no=0.0), answer="abstain", **asks) == pytest.approx(0.0)
    some = odds("vote", ground(vote_yes=0.0, vote_no=0.4), answer="abstain", every=True, **asks)
    assert some == pytest.approx(np.exp(-0.4 * expected) - np.exp(-expected))


def test_orders_are_counted_over_the_window_only():
    luck = np.zeros((len(QUARTERS), 1, 1, RUNS))
    luck[QUARTERS.index("2025Q1")] = np.arange(RUNS) < 100
    luck[QUARTERS.index("2027Q4")] = np.arange(RUNS) < 200
    here = ground(orders=luck)
    assert odds("orders", here, supplier="CHN", start="2025Q1", end="2025Q4") == 0.25
    assert odds("orders", here, supplier="CHN", start="2025Q1", end="2027Q4") == 0.5
    assert odds("orders", here, supplier="CHN", start="2025Q1", end="2027Q4", at_least=2) == 0.25
    assert odds("orders", here, supplier="CHN", start="2024Q3", end="2024Q4", none=True) == 1.0
    assert odds("orders_lead", here, supplier="CHN", start="2025Q1", end="2027Q4") == 0.0  # all four get the same
    with pytest.raises(InputError, match="is not forecast"):
        odds("orders", here, supplier="CHN", start="2025Q1", end="2028Q1")


def test_a_kind_of_order_is_thinned_by_its_share_in_the_record():
    here = ground(orders=np.where(np.arange(len(QUARTERS)) == 3, 2.0, 0.0)[:, None, None, None])
    words = ["MiG-21 squadron", "buys eight MiG-29s"]
    share = jeffreys(2, int(RECORD.orders["RUS"].sum()))
    assert odds("orders_of", here, supplier="RUS", start="2024Q3", end="2027Q4", words=words) == pytest.approx(
        1 - (1 - share) ** 2
    )
    with pytest.raises(InputError, match="no act of the record"):
        odds("orders_of", here, supplier="RUS", start="2024Q3", end="2027Q4", words=["MiG-99"])


def test_trade_in_dollars_grows_with_all_trade_and_with_the_share():
    asks = dict(partner="IND", year=2026, against=2024)
    same = odds("trade", ground(), above=1.0, **asks)
    assert 0.6 < same < 1.0  # all trade grew in most pairs of years
    doubled = np.where(np.array([int(q[:4]) for q in QUARTERS]) >= 2026, 2.0, 1.0)[:, None, None, None]
    assert odds("trade", ground(trade_volume=doubled), above=1.0, **asks) > same + 0.05
    assert odds("trade", ground(), below=1.0, **asks) == pytest.approx(1 - same, abs=1e-12)


def test_aid_is_compared_year_with_year():
    halved = np.where(np.array([int(q[:4]) for q in QUARTERS]) == 2026, 0.5, 1.0)[:, None, None, None] * 100.0
    assert odds("aid", ground(aid=halved), donor="USA", year=2026, against=2024, below=0.9) == 1.0
    assert odds("aid", ground(aid=halved), donor="USA", year=2027, against=2024, below=0.9) == 0.0


def test_acts_are_counted_by_class():
    done = np.zeros((len(QUARTERS), 1, 1, 2, RUNS))
    done[2:4, :, :, 1, :100] = 1.0
    here, asks = ground(act_done=done), dict(dyad="USA>BGD", act="rupture", start="2024Q3", end="2027Q4")
    assert odds("act", here, **asks) == 0.25
    assert odds("act", here, at_least=2, **asks) == 0.25
    assert odds("act", here, at_least=3, **asks) == 0.0
    assert odds("act", here, never=True, **asks) == 0.75
    with pytest.raises(InputError, match="no class of acts 'ruptur'"):
        odds("act", here, **(asks | {"act": "ruptur"}))


def test_runs_of_one_draw_are_not_counted_as_independent():
    """Four hundred runs of twenty draws whose answers differ only by draw carry the error of twenty numbers."""
    by_draw = np.tile(np.arange(20) % 2, 20)
    shared, own = replace(ground(), draws=20).odds(by_draw, MODEL, ""), ground().odds(by_draw, MODEL, "")
    assert shared.probability == own.probability == 0.5
    assert shared.mc_error == pytest.approx(by_draw[:20].std(ddof=1) / np.sqrt(20))
    assert own.mc_error < shared.mc_error / 4


# --- base rates ---------------------------------------------------------------------------------------------------------


def test_rates_follow_the_rule_and_say_that_they_are_no_model():
    words = ["Vajpayee in Dhaka", "Modi in Dhaka"]
    asks = dict(from_="IND", to="BGD", start="2024Q3", end="2027Q4", words=words)
    found = FORMULAS["acts_like"](ground(), **asks)
    hits = len({d for d, t in zip(RECORD.episodes["date"], RECORD.episodes["text"], strict=True) if any(w in t for w in words)})
    years = (CUT - date(1972, 1, 1)).days / 365.25
    assert found.basis == BASE and hits >= 2
    assert found.probability == pytest.approx(1 - (years / (years + 3.5)) ** (hits + 0.5))
    assert odds("acts_like", ground(), never=True, **asks) == pytest.approx(1 - found.probability)


def test_what_never_happened_stays_possible():
    nothing = odds("contracts_like", ground(), issue="people", power="CHN", start="2024Q3", end="2027Q4", since=1975)
    assert 0.0 < nothing < 0.05


def test_first_visits_add_up_to_less_than_one():
    chances = [odds("first_visit", ground(), power=power) for power in POWERS]
    assert 0.5 < sum(chances) < 1.0
    assert max(chances) == chances[POWERS.index("IND")]


def test_cases_must_stand_in_the_record():
    names = RECORD.episodes["id"].tolist()
    assert odds("cases", ground(), happened=names[:1], not_happened=names[1:3]) == pytest.approx(1.5 / 4)
    with pytest.raises(InputError, match="did you mean"):
        odds("cases", ground(), happened=[names[0] + "x"])


def test_a_late_work_may_be_finished_and_each_year_more_likely():
    asks = dict(contract="rooppur_main", like=["bheramara_link", "adani_godda", "diesel_pipeline_2017"])
    early, late = (odds("completion", ground(), by=by, **asks) for by in ("2025-12-31", "2026-12-31"))
    assert 0.0 < early < late < 1.0
    assert odds("completion", ground(), by="2025-12-31", reverse=True, **asks) == pytest.approx(1 - early)


# --- the scenario -------------------------------------------------------------------------------------------------------


def test_the_scenario_knows_offices_and_no_outcome():
    scenario = read_scenario(SCENARIO)
    assert scenario.leader_on("BGD", date(2025, 6, 1)) == "muhammad_yunus"
    assert scenario.leader_on("BGD", date(2026, 6, 1)) == "tarique_rahman"
    assert all(event.from_ <= CUT for event in scenario.events.values())
    assert not scenario.cancelled and not scenario.delayed
    assert all(contract.signed <= CUT for contract in scenario.contracts.values())
    seated = {slug for held in scenario.seats.values() for _, slug in held}
    for slug in seated:
        for label, _, entries in scenario.leaders[slug].traits.each():
            for entry in entries:
                assert entry.cutoff[:7] <= "2024-08", f"{slug} {label}: coded from evidence of {entry.cutoff}"


# --- the seal -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    out = tmp_path_factory.mktemp("forecast") / "sealed"
    seal = make(out, runs=40, scenario=read_scenario(SCENARIO, settings={"spin_up_from": "2024Q1"}))
    return out, seal


@pytest.fixture
def copy(sealed, tmp_path):
    import shutil

    return shutil.copytree(sealed[0], tmp_path / "copy")


def test_the_folder_holds_all_that_a_judge_needs(sealed):
    import pandas as pd

    out, seal = sealed
    statements, quantiles = pd.read_csv(out / "statements.csv"), pd.read_csv(out / "quantiles.csv")
    assert len(statements) == len(read()) == seal["statements"]
    assert statements.probability.between(0, 1).all()
    assert (statements.mc_error.isna() == (statements.basis == BASE)).all()
    assert set(statements.basis) >= {MODEL, BASE}
    assert set(quantiles.measure) == {"vote_yes", "order_share", "orders", "trade_volume", "aid", "act_probability"}
    assert set(quantiles.quarter) == set(QUARTERS)
    assert ((quantiles.state == "BGD") | (quantiles.partner == "BGD")).all()
    assert {"date", "cut", "padma", "rules_sha256", "record_sha256", "parameters", "files", "seal"} <= set(seal)
    assert seal["record_sha256"] == RECORD.fingerprint


def test_a_sealed_forecast_passes_and_cannot_be_made_again(sealed, capsys):
    out, seal = sealed
    assert check(out)["seal"] == check(out, seal["seal"])["seal"] == seal["seal"]
    with pytest.raises(InputError, match="sealed here already"):
        make(out, runs=10)
    assert main(["--check", str(out)]) == 0
    assert seal["seal"] in capsys.readouterr().out


@pytest.mark.parametrize("name", ["statements.csv", "quantiles.csv", "scenario.yaml", "README.md"])
def test_one_changed_digit_is_noticed(copy, name):
    path = copy / name
    path.write_text(path.read_text(encoding="utf-8").replace("2", "3", 1), encoding="utf-8")
    with pytest.raises(PadmaError, match=f"'{name}' is not as it was sealed"):
        check(copy)


def test_the_shipped_forecast_is_as_it_was_sealed():
    folder = Path(__file__).resolve().parents[2] / OUT
    if not folder.exists():
        pytest.skip("no forecast is sealed yet")
    check(folder)


def test_line_ends_of_another_system_are_no_edit(copy):
    path = copy / "statements.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    check(copy)


def test_a_missing_or_an_added_file_is_noticed(copy, capsys):
    (copy / "scores.csv").write_text("made later", encoding="utf-8")
    with pytest.raises(PadmaError, match=r"'scores.csv' is new"):
        check(copy)
    (copy / "scores.csv").unlink()
    (copy / "quantiles.csv").unlink()
    assert main(["--check", str(copy)]) == 1
    assert "'quantiles.csv' is missing" in capsys.readouterr().err


def test_a_rewritten_seal_is_noticed(copy, sealed):
    path = copy / SEAL
    seal = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(seal | {"date": "2024-08-05"}), encoding="utf-8")
    with pytest.raises(PadmaError, match="the seal was rewritten"):
        check(copy)
    path.write_text(json.dumps(seal), encoding="utf-8")
    with pytest.raises(PadmaError, match="the seal was rewritten"):
        check(copy, "0" * 64)  # published elsewhere under another hash
    path.unlink()
    with pytest.raises(InputError, match="no sealed forecast"):
        check(copy)


def test_the_same_seed_makes_the_same_numbers(sealed, tmp_path):
    scenario = read_scenario(SCENARIO, settings={"spin_up_from": "2024Q1"})
    again = make(tmp_path / "again", runs=40, scenario=scenario)
    names = ("statements.csv", "quantiles.csv", "scenario.yaml")
    assert [again["files"][name] for name in names] == [sealed[1]["files"][name] for name in names]


def test_a_later_record_changes_base_rates_only(sealed):
    """Statements of the model do not read the acts of the record."""
    acts = dict(RECORD.episodes)
    acts["text"] = np.array([f"{text} bus" for text in acts["text"]])
    here = ground()
    before, after = (ask(read_these(), Ground(here.history, r)) for r in (RECORD, replace(RECORD, episodes=acts)))
    assert before.probability[0] == after.probability[0] and before.probability[1] != after.probability[1]


def read_these():
    return [next(s for s in read() if s.id == name) for name in ("vote_crimea_no", "indian_people_link")]
