"""The file of claims, the verdicts, the claims about the model, and the command."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from calibration.claims import main
from calibration.observed import load
from calibration.texts import cells as claims_cells
from calibration.texts import learned as claims_model
from calibration.texts.judging import FILE, TEXTS, VERDICTS, Finding, Thresholds, judge, read, together, verdict
from calibration.texts.learned import MODEL_TESTS
from calibration.texts.record import TESTS
from calibration.texts.table import table
from sim.errors import InputError

TEXT = FILE.read_text(encoding="utf-8")
THRESHOLDS = Thresholds(supported_at=0.9, why="as shipped")


@pytest.fixture(scope="module")
def shipped():
    return read()


# --- the file -----------------------------------------------------------------------------------------------------------


def test_both_texts_are_heard_and_every_claim_says_what_would_count_against_it(shipped):
    claims = shipped.file.claims
    by_text = {text: [c for c in claims if c.source.startswith(text)] for text in TEXTS}
    assert len(claims) >= 24 and min(map(len, by_text.values())) >= 10
    assert len({c.text for c in claims}) == len(claims)
    assert {c.proposition for c in claims} == {"S", "L", "P", "N", "I", "outlook"}
    assert all(len(c.against) > 20 for c in claims)


def test_every_group_is_used_and_every_named_test_serves_a_claim(shipped):
    used = re.findall(r"\b(?:group|than|like|rather_than): (\w+)", TEXT) + re.findall(
        r"\w+", " ".join(re.findall(r"\[[^\]]*\]", TEXT))
    )
    assert set(shipped.file.groups) <= set(used)
    assert {part.name for parts in shipped.parts.values() for part in parts} == set(TESTS) | set(MODEL_TESTS)


def test_margins_are_the_same_for_both_texts(shipped):
    """No claim of one text is asked for more or less than one of the other: the same test in the same unit, the same margin."""
    margins: dict[tuple, set] = {}
    for parts in shipped.parts.values():
        for part in parts:
            if "of" in part.arguments and "by" in part.arguments:
                unit = claims_cells.unit(part.arguments["of"])
                margins.setdefault((unit, part.name == "rises"), set()).add(part.arguments["by"])
    assert margins and all(len(found) == 1 for found in margins.values())


def broken(tmp_path, old: str, new: str) -> str:
    assert old in TEXT
    path = tmp_path / "claims.yaml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read(path)
    return error.value.message


@pytest.mark.parametrize(
    "old, new, says",
    [
        ("id: peak_since_1991", "id: peak_under_awami_league", ["two claims are called", "claims.yaml:"]),
        ("name: balanced", "name: balanse", ["no test 'balanse'", "did you mean 'balanced'?"]),
        ("group: mujib}", "group: mujeeb}", ["no group 'mujeeb'", "did you mean 'mujib'?"]),
        ("{sides: [RUS, USA]}, group: mujib}", "{sites: [RUS, USA]}, group: mujib}", ["a measure is one of"]),
        ("group: mujib}", "gruop: mujib}", ["'gruop' is not a parameter of balanced", "did you mean 'group'?"]),
        ("source: morsalin_hosen2024 s.5", "source: morsalin_hosen2024", ["does not say where"]),
        ("source: morsalin_hosen2024 s.5", "source: waltz1979 s.5", ["the texts are"]),
        ("source: morsalin_hosen2024 s.5", "source: morsalin2024 s.5", ["has no card"]),
        ("supported_at: 0.9", "supported_at: 0.4", ["supported_at", "greater than 0.5"]),
        ("proposition: L", "proposition: X", ["proposition is 'X'"]),
        ("    against: votes under Mujib", "    angainst: votes under Mujib", ["'angainst' is not a key"]),
        ("rahman: not_1975", "rahman: not_1957", ["no claim 'not_1957'", "did you mean 'not_1975'?"]),
        ("rahman: not_1975", "rahman: turn_of_1975", ["is a claim of Morsalin and Hosen 2024"]),
        ("name: lowest_year, trade: RUS, year: 2002,", "name: lowest_year, trade: RUS,", ["lowest_year needs year"]),
    ],
)
def test_mistakes_in_the_file_are_named_with_their_remedy(tmp_path, old, new, says):
    message = broken(tmp_path, old, new)
    for words in says:
        assert words in message


def test_no_sentence_of_a_claim_is_typed_with_its_verdict():
    """Verdicts are computed: the file holds none."""
    assert not re.search(r"verdict:|probability:|evidence:", TEXT)


# --- verdicts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "finding, expected",
    [
        (Finding(0.95, ""), "supported"),
        (Finding(0.05, ""), "not supported"),
        (Finding(0.5, ""), "cannot tell"),
        (Finding(None, ""), "cannot tell"),
        (Finding(0.05, "", contrary=0.4), "cannot tell"),
        (Finding(0.2, "", contrary=0.93), "not supported"),
    ],
)
def test_a_verdict_follows_from_the_probabilities_alone(finding, expected):
    assert verdict(finding, THRESHOLDS) == expected


def test_all_tests_of_a_claim_must_hold():
    assert together(["supported", "supported"]) == "supported"
    assert together(["supported", "cannot tell"]) == "cannot tell"
    assert together(["supported", "not supported", "cannot tell"]) == "mixed"
    assert together(["cannot tell", "cannot tell"]) == "cannot tell"


def test_probability_of_a_claim_is_that_of_its_weakest_test(shipped):
    found = judge(shipped, load(), None, ["turn_of_1975"])[0]
    assert found.probability == min(finding.probability for _, finding, _ in found.findings)


# --- claims about the model ---------------------------------------------------------------------------------------------


class Planted:
    """A posterior whose draws are known."""

    name = "planted"

    def __init__(self, **means: float) -> None:
        self.means = means

    def parameter(self, name: str, issue: str) -> np.ndarray:
        rng = np.random.default_rng(len(name) + len(issue))
        return self.means[f"{name}_{issue}" if issue else name] + 0.1 * rng.normal(size=2000)


def told(name: str, model: Planted, **arguments) -> str:
    return verdict(MODEL_TESTS[name](model, **arguments), THRESHOLDS)


def test_a_planted_gain_is_judged_by_its_bound():
    asks = dict(parameter="leader_gain", issue="defence", bound=0.1)
    assert told("parameter_above", Planted(leader_gain_defence=0.5), **asks) == "supported"
    assert told("parameter_above", Planted(leader_gain_defence=-0.2), **asks) == "not supported"
    assert told("parameter_above", Planted(leader_gain_defence=0.1), **asks) == "cannot tell"
    assert told("parameter_above", Planted(clarity_exponent=2.0), parameter="clarity_exponent", bound=0.5) == "supported"


def test_a_posterior_that_is_only_its_prior_supports_nothing():
    """A weight that is positive by its prior is mostly above a small bound; that is no evidence."""

    class Untaught(Planted):
        def parameter(self, name, issue):
            return np.abs(0.3 + 0.25 * np.random.default_rng(8).normal(size=4000))  # nearly all above 0.1

    asks = dict(parameter="supply_effect", issue="defence", bound=0.1)
    assert claims_model.prior_above("supply_effect", "defence", 0.1) > 0.8
    assert told("parameter_above", Untaught(), **asks) == "cannot tell"
    assert told("parameter_above", Planted(supply_effect_defence=0.9), **asks) == "supported"
    assert told("parameter_above", Planted(supply_effect_defence=-0.1), **asks) == "not supported"


def test_of_a_lever_that_the_fit_holds_nothing_can_be_told():
    assert told("parameter_above", Planted(), parameter="coercion_weight", bound=0.1) == "cannot tell"


def test_planted_speeds_are_put_in_order():
    issues = ["defence", "diplomacy", "trade"]
    fast = {"adjustment_rate_defence": 2.0, "adjustment_rate_diplomacy": 1.0, "adjustment_rate_trade": 0.3}
    assert told("parameter_order", Planted(**fast), parameter="adjustment_rate", issues=issues) == "supported"
    assert told("parameter_order", Planted(**fast), parameter="adjustment_rate", issues=issues[::-1]) == "not supported"
    even = dict.fromkeys(fast, 1.0)
    assert told("parameter_order", Planted(**even), parameter="adjustment_rate", issues=issues) == "cannot tell"


def test_a_planted_contrast_of_stances_is_judged():
    class Smoothed(Planted):
        def stance(self, power, issue):
            years = np.arange(1972, 2024)
            league = np.isin([claims_cells.governing(int(y)) for y in years], ["sheikh_mujibur_rahman", "sheikh_hasina"])
            rng = np.random.default_rng(4)
            return years, self.means["lift"] * league + self.means["noise"] * rng.normal(size=(2000, 1)) * league

    asks = dict(power="RUS", issue="defence", group={"party": ["AL"]}, than={"not_party": ["AL"]}, by=0.25)
    assert told("stance_higher", Smoothed(lift=1.0, noise=0.2), **asks) == "supported"
    assert told("stance_higher", Smoothed(lift=-0.5, noise=0.2), **asks) == "not supported"
    assert told("stance_higher", Smoothed(lift=0.3, noise=1.0), **asks) == "cannot tell"
    assert told("stance_higher", Smoothed(lift=1.0, noise=0.2), **(asks | {"group": {"years": [1950, 1960]}})) == "cannot tell"


def test_planted_courses_are_judged(monkeypatch):
    xr = pytest.importorskip("xarray")
    rng = np.random.default_rng(2)

    def ensemble(scenario: str, posterior: str):
        rise = {"rising": 1.0, "level": 0.0, "falling": -1.0, "wild": 0.0}[scenario]
        noise = 3.0 if scenario == "wild" else 0.05
        values = np.array([0.0, rise])[:, None] + noise * rng.normal(size=(2, 2000)) * np.array([0.0, 1.0])[:, None]
        axes = ("quarter", "state", "partner", "issue", "run")
        places = {"quarter": ["2024Q3", "2027Q4"], "state": ["BGD"], "partner": ["RUS"], "issue": ["trade"]}
        yes = xr.DataArray(1 / (1 + np.exp(-3 * values[:, None, None])), dims=("quarter", "state", "item", "run"))
        yes = yes.assign_coords(quarter=places["quarter"], state=["BGD"], item=["ukraine_rights"])
        return {"stance": xr.DataArray(values[:, None, None, None], dims=axes, coords=places), "vote_yes": yes}

    monkeypatch.setattr(claims_model, "_ensemble", ensemble)
    at = dict(variable="stance", dyad="BGD>RUS", issue="trade")
    path = dict(start="2024Q3", end="2027Q4", by=0.25)
    model = Planted()
    assert told("scenario_moves", model, scenario="rising", **at, **path) == "supported"
    assert told("scenario_moves", model, scenario="falling", **at, **path) == "not supported"
    assert told("scenario_moves", model, scenario="wild", **at, **path) == "cannot tell"
    assert told("scenario_stays", model, scenario="level", **at, **path) == "supported"
    assert told("scenario_stays", model, scenario="rising", **at, **path) == "not supported"
    differ = dict(quarter="2027Q4", by=0.25, **at)
    assert told("scenarios_differ", model, first="rising", second="level", **differ) == "supported"
    assert told("scenarios_differ", model, first="level", second="level", **differ) == "not supported"
    assert told("scenarios_differ", model, first="wild", second="level", **differ) == "cannot tell"
    votes = dict(item="ukraine_rights", quarter="2027Q4", yes_below=0.5)
    assert told("vote_expected", model, scenario="falling", **votes) == "supported"
    assert told("vote_expected", model, scenario="rising", **votes) == "not supported"
    with pytest.raises(InputError, match="did you mean 'trade'"):
        MODEL_TESTS["scenario_moves"](model, scenario="level", **(at | {"issue": "trad"}), **path)


def test_without_a_posterior_nothing_is_said_about_the_model(shipped):
    found = judge(shipped, load(), None, ["leaders_filter"])[0]
    assert (found.verdict, found.probability) == ("cannot tell", None)
    assert "No posterior" in found.evidence


# --- the command --------------------------------------------------------------------------------------------------------


def test_json_is_the_contract(capsys):
    assert main(["--json", "cold_war_withdrawals", "labour_opens"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in rows] == ["cold_war_withdrawals", "labour_opens"]
    for row in rows:
        assert list(row)[:7] == ["id", "text", "source", "test", "verdict", "probability", "evidence"]
        assert row["verdict"] in VERDICTS
        assert row["probability"] is None or 0 <= row["probability"] <= 1
    assert re.search(r"\d", rows[0]["evidence"])


def test_the_table_shows_the_texts_side_by_side(shipped):
    words = table(shipped, judge(shipped, load(), None, ["turn_of_1975", "not_1975"]))
    assert words.index("Morsalin and Hosen 2024") < words.index("Rahman 2026") < words.index("Side by side")
    left, right = (re.search(rf"^ +{short} .*$", words, re.MULTILINE) for short in ("M&H", "R"))
    assert "After Mujib's death" in left[0] and "Applied to 1975" in right[0]
    assert "2 claims:" in words


def test_an_unknown_claim_is_refused_kindly(capsys):
    assert main(["turn_of_1957"]) == 2
    assert "did you mean 'turn_of_1975'?" in capsys.readouterr().err


@pytest.mark.slow
def test_the_same_record_always_gives_the_same_verdicts(shipped):
    first, second = (judge(shipped, load(), None) for _ in range(2))
    assert [one.row() for one in first] == [one.row() for one in second]
    assert all(one.verdict in VERDICTS for one in first)


@pytest.mark.slow
def test_every_claim_about_the_model_is_answered_by_the_shipped_posterior(shipped):
    model = claims_model.learned()
    if model is None:
        pytest.skip("no posterior ships yet")
    asked = [name for name, parts in shipped.parts.items() if any(part.on == "model" for part in parts)]
    for one in judge(shipped, load(), model, asked):
        assert "No posterior" not in one.evidence
        assert one.probability is not None
