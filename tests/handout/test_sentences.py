"""What is said: sentences that follow from numbers, losses that are not left out, counts that are those of the manifest."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from calibration.held_out.short import SHIPPED, short, verdict
from sim.handout import answers, trust
from sim.handout.reading import read
from sim.handout.ties import Tie, asked_about
from sim.provenance import as_file, version
from sim.run import read_results
from sim.scenario import read_scenario
from sim.words import signed
from tests.command import SMALL
from tests.handout.handed import ran

ROOT = Path(__file__).resolve().parents[2]
STATES = ("BGD", "RUS", "IND", "CHN", "USA")


@pytest.mark.parametrize(
    ("question", "partners"),
    [
        ("What becomes of the ties with Russia?", ["RUS"]),
        ("Does a quarrel with India push Bangladesh toward China, Russia or both?", ["RUS", "IND", "CHN"]),
        ("Is Indian cooperation needed?", ["IND"]),
        ("Does Indiana matter?", []),
        ("Must Bangladesh choose?", []),
    ],
)
def test_partners_of_a_question(question, partners):
    assert asked_about(question, STATES, "BGD") == partners


def test_directions_differ_only_where_ties_go_both_ways():
    for same, warmer, cooler in ((a, b, 6 - a - b) for a in range(7) for b in range(7 - a)):
        said = answers.mostly(same, warmer, cooler)
        assert ("different directions" not in said) or (warmer and cooler), (same, warmer, cooler)
        if said == "half of the ties cool":
            assert (same, warmer, cooler) == (3, 0, 3)


def test_sure_and_unsure_are_told_apart():
    sure, open_ = Tie("RUS", "aid", 0.0, 0.4, 0.1, 0.7), Tie("RUS", "aid", 0.0, 0.4, -0.1, 0.7)
    assert sure.clear and not open_.clear
    assert "above the usual level" in answers._open(sure)
    assert "leaves open" in answers._open(open_)
    assert "below the usual level" in answers._open(Tie("RUS", "aid", 0.0, -0.4, -0.7, -0.1))


def test_the_short_backtest_is_the_whole_one_in_short():
    """After a new back-test: python -m calibration.held_out.short results/reference/backtest/backtest.json"""
    whole = json.loads((ROOT / "results/reference/backtest/backtest.json").read_text(encoding="utf-8"))
    assert json.loads(SHIPPED.read_text(encoding="utf-8")) == short(whole)
    page = (ROOT / "results/reference/backtest/backtest.md").read_text(encoding="utf-8")
    held = short(whole)
    assert f"{held['lost']} of {held['played']} contests are lost, {held['lost_clearly']} of them" in page


def test_losses_are_told_as_often_as_they_are_there():
    told = trust.trust([read_scenario("bnp_government")])
    found = json.loads(SHIPPED.read_text(encoding="utf-8"))["contests"]
    text = " ".join(told.texts)
    for contest in found:
        assert f"{contest['against']} ({signed(contest['lead'], 1)})" in text
    assert f"loses {sum(c['verdict'] == 'loses' for c in found)}" in told.headline
    assert [verdict({"difference": d, "se_years": 1.0}) for d in (-2.1, -1.9, 2.1)] == ["loses", "ties", "wins"]


def test_priors_borrow_no_trust_from_the_backtest():
    told = trust.trust([read_scenario("bnp_government", settings={"posterior": "none"})])
    assert told.texts[0].startswith("Not about these results.") and "priors" in told.texts[0]
    assumed = trust.assumptions([read_scenario("bnp_government", settings={"posterior": "none"})])
    assert assumed.headline.endswith("of the parameters 100 %")


def test_assumptions_are_counted_as_in_the_manifest(hostile):
    held = read_results(hostile)
    traits = trust.assumptions([held.scenario]).tables[0].rows[0]
    assert traits[1:3] == (held.manifest["trait_values"], held.manifest["trait_values_assumed"])


def test_a_comparison_counts_ties_as_its_table_does(paired):
    handout, (table,) = read([paired]), [pd.read_csv(paired / "contrasts.csv", keep_default_na=False)]
    end = table[(table.measure == "cooperation") & (table.state == "BGD") & (table.quarter == "2026Q4")]
    clear = int(((end.q10 > 0) | (end.q90 < 0)).sum())
    assert f"{clear or 'None'} of 24 ties" in next(f.headline for f in handout.findings if f.table)


def test_changed_rules_are_not_explained(hostile, tmp_path):
    """The runs could not be had again, so nothing is claimed of them."""
    folder = Path(shutil.copytree(hostile, tmp_path / "copy"))
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_bytes(as_file(manifest | {"id": "0" * 10}))
    parts = read([folder]).causes.texts
    assert "cannot be had again" in parts[-1] and not any(p.startswith("Perception.") for p in parts)
    assert any(p.startswith("Perception.") for p in read([hostile]).causes.texts)


# --- other kinds of results -------------------------------------------------------------------------------------------------


def test_several_runs_stand_side_by_side(hostile, tmp_path):
    ran("run", "jamaat_led", "--runs", 40, "--out", tmp_path / "jamaat_led", *SMALL)
    handout = read([hostile, tmp_path / "jamaat_led"])
    assert handout.kind == "runs" and len(handout.answer) == 3
    assert [layer["title"] for layer in handout.chart["layers"]] == [read_scenario(hostile / "scenario.yaml").title,
                                                                    read_scenario("jamaat_led").title]  # fmt: skip
    assert handout.identity.count("+") == 1


def test_a_sweep_and_a_study_have_theirs(swept, tmp_path):
    sweep = read([swept])
    assert (sweep.kind, sweep.chart, sweep.question) == ("sweep", None, "Does anything change?")
    assert all("of what we do not know" in sentence for sentence in sweep.answer)
    copy = Path(shutil.copytree(ROOT / "results/reference/sensitivity", tmp_path / "study"))
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_bytes(as_file(manifest | {"padma": version()}))
    study = read([copy])
    assert study.kind == "study" and len(study.answer) == 3
    assert study.answer[0] in (copy / "findings.txt").read_text()
    assert all(finding.picture.png()[:4] == b"\x89PNG" for finding in study.findings)
