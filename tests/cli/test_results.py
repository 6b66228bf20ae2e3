"""Whole commands: what a run leaves behind, that it is the same every time, and what can be done with it afterwards."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sim import library, provenance
from sim.measures import MEASURES
from sim.run import read_results
from tests.cli.small_runs import FILES, NAME, QUANTILES, QUARTERS, RUNS, STATES, run, table
from tests.command import SMALL, padma

# --- what is written -------------------------------------------------------------------------------------------------


def test_a_run_writes_exactly_the_promised_files(held):
    assert {p.name for p in held.iterdir()} == FILES
    assert [p.name for p in held.parent.iterdir()] == [NAME], "something was left beside the results"


def test_the_manifest_says_where_the_numbers_come_from(held):
    manifest = json.loads((held / "manifest.json").read_text(encoding="utf-8"))
    promised = (
        "id padma commit command scenario scenario_sha256 content_sha256 rules_sha256 parameters runs seed engine"
        " versions sources trait_values trait_values_assumed started finished status warnings sha256"
    )
    assert set(promised.split()) <= set(manifest)
    assert (manifest["runs"], manifest["seed"], manifest["engine"], manifest["status"]) == (RUNS, 1, "ensemble", "complete")
    assert manifest["scenario"] == NAME and manifest["command"].startswith("padma run bnp_government --runs 40")
    assert {"numpy", "scipy", "mesa", "xarray", "zarr", "python"} <= set(manifest["versions"])
    assert set(manifest["sha256"]) == {"scenario.yaml", "summary.csv", "events.csv"}
    for name, checksum in manifest["sha256"].items():
        assert provenance.digest((held / name).read_bytes()) == checksum
    assert set(manifest["sources"]) <= set(library.sources())
    assert manifest["started"] <= manifest["finished"]
    assert re.fullmatch("[0-9a-f]{10}", manifest["id"])


def test_the_command_in_the_manifest_can_be_pasted_into_a_shell(tmp_path):
    out = run(tmp_path / "a b", NAME, "--set", "inputs.dependence.BGD>USA.2026Q2=0.3", runs=2)
    command = json.loads((out / "manifest.json").read_text())["command"]
    assert "'inputs.dependence.BGD>USA.2026Q2=0.3'" in command and "a b'" in command


def test_the_summary_is_tidy(held):
    rows = table(held)
    assert list(rows)[:6] == ["quarter", "state", "partner", "issue", "measure", "mean"]
    assert list(rows)[6:] == [*QUANTILES, "mc_error"]
    assert sorted(set(rows.quarter)) == QUARTERS
    assert set(rows.state) == set(STATES) and set(rows.partner) <= {*STATES, ""}
    assert not (rows.state == rows.partner).any(), "a state has no relation with itself"
    assert set(rows.measure) == set(MEASURES) - {"act_probability"}
    assert not rows.duplicated(["quarter", "state", "partner", "issue", "measure"]).any()
    stance = rows[rows.measure == "stance"]
    assert len(stance) == 4 * 20 * 6
    numbers = rows[["mean", *QUANTILES, "mc_error"]].to_numpy(float)
    assert np.isfinite(numbers).all()
    assert (np.diff(rows[QUANTILES].to_numpy(float), axis=1) >= 0).all(), "quantiles in order"
    assert (rows["mean"] >= rows.q025 - 1e-9).mean() > 0.9
    for name, measure in MEASURES.items():
        if measure.range and name in set(rows.measure):
            values = rows[rows.measure == name][["mean", *QUANTILES]].to_numpy(float)
            assert values.min() >= measure.range[0] and values.max() <= measure.range[1]


def test_the_summary_agrees_with_the_single_runs(held):
    history, rows = read_results(held).history, table(held)
    values = np.tanh((history["stance"] - history["norm"]) / 2).sel(
        quarter="2026Q3", state="BGD", partner="RUS", issue="energy"
    )
    row = rows[(rows.quarter == "2026Q3") & (rows.state == "BGD") & (rows.partner == "RUS") & (rows.issue == "energy")]
    row = row[row.measure == "stance"].iloc[0]
    assert row["mean"] == pytest.approx(float(values.mean()), rel=1e-5)
    assert row.q50 == pytest.approx(float(values.median()), rel=1e-5)
    assert row.mc_error == pytest.approx(float(values.std(ddof=1)) / RUNS**0.5, rel=1e-4)


def test_the_history_has_every_run_quarter_and_dyad(held):
    history = read_results(held).history
    assert dict(history["stance"].sizes) == {"quarter": 4, "state": 5, "partner": 5, "issue": 6, "run": RUNS}
    assert list(history["quarter"].values) == QUARTERS and list(history["state"].values) == list(STATES)
    assert {"stance", "norm", "cooperation", "commitment", "systemic_signal", "leader_reading"} <= set(history)
    assert history.attrs["scenario"] == NAME and history.attrs["runs"] == RUNS
    for variable in history.data_vars.values():
        assert variable.attrs["long_name"] and "units" in variable.attrs
        assert np.isfinite(variable.values).all()


def test_dated_acts_carry_probabilities(held):
    acts = pd.read_csv(held / "events.csv")
    assert list(acts) == ["quarter", "state", "partner", "act", "probability", "q05", "q50", "q95", "mc_error"]
    assert sorted(set(acts.quarter)) == QUARTERS
    assert acts.probability.between(0, 1).all() and not acts.probability.isna().any()
    assert not ((acts.state != "BGD") & (acts.partner != "BGD")).any(), "acts are between a small state and a power"


def test_few_runs_leave_quantiles_empty_instead_of_guessing(tmp_path):
    rows = table(run(tmp_path / "few", runs=5))
    assert rows.q025.isna().all() and rows.q95.isna().all() and not rows.q50.isna().any()
    manifest = json.loads((tmp_path / "few" / "manifest.json").read_text())
    assert any("5 runs are too few" in warning for warning in manifest["warnings"])
    assert table(run(tmp_path / "one", runs=1))["mc_error"].eq("").all()


# --- the same, every time --------------------------------------------------------------------------------------------


def same_files(a: Path, b: Path) -> bool:
    return all((a / n).read_bytes() == (b / n).read_bytes() for n in ("summary.csv", "events.csv", "scenario.yaml"))


def test_the_same_command_gives_the_same_bytes_and_another_seed_does_not(held, tmp_path):
    again, other = run(tmp_path / "again"), run(tmp_path / "other", NAME, "--seed", 2)
    assert same_files(held, again)
    ids = [json.loads((f / "manifest.json").read_text())["id"] for f in (held, again, other)]
    assert ids[0] == ids[1] != ids[2]
    assert table(held)["mean"].tolist() != table(other)["mean"].tolist()


def test_the_resolved_scenario_runs_again_to_the_last_byte(held, tmp_path):
    done = padma("run", held / "scenario.yaml", "--runs", RUNS, "--no-figures", "--quiet", "--out", tmp_path / "again")
    assert done.code == 0, done.err
    assert same_files(held, tmp_path / "again")
    ids = [json.loads((f / "manifest.json").read_text())["id"] for f in (held, tmp_path / "again")]
    assert ids[0] == ids[1]


def test_more_runs_leave_the_first_ones_as_they_are(held, tmp_path):
    few, many = read_results(held).history, read_results(run(tmp_path / "many", runs=RUNS + 20)).history
    for name in few.data_vars:
        assert np.array_equal(few[name].values, many[name].isel(run=slice(0, RUNS)).values), name


def test_more_quarters_leave_the_earlier_ones_as_they_are(held, tmp_path):
    longer = run(tmp_path / "longer", NAME, "--until", "2027Q4")
    rows = table(longer)
    early = rows[rows.quarter.isin(QUARTERS)].reset_index(drop=True)
    pd.testing.assert_frame_equal(early, table(held))
    assert max(rows.quarter) == "2027Q4"


def test_mesa_gives_the_same_summary(tmp_path):
    fast, slow = run(tmp_path / "fast", runs=3), run(tmp_path / "slow", NAME, "--engine", "mesa", runs=3)
    a, b = (pd.read_csv(f / "summary.csv") for f in (fast, slow))
    assert a.drop(columns=["mean", *QUANTILES, "mc_error"]).equals(b.drop(columns=["mean", *QUANTILES, "mc_error"]))
    np.testing.assert_allclose(a[["mean", "q50"]].to_numpy(float), b[["mean", "q50"]].to_numpy(float), rtol=2e-5, atol=1e-6)
    manifests = [json.loads((f / "manifest.json").read_text()) for f in (fast, slow)]
    assert [m["engine"] for m in manifests] == ["ensemble", "mesa"] and manifests[0]["id"] != manifests[1]["id"]


@pytest.mark.slow
@pytest.mark.parametrize("name", library.scenario_names())
def test_every_scenario_runs_and_runs_again(name, tmp_path):
    out = tmp_path / "one"
    assert padma("run", name, "--runs", 20, "--no-figures", "--quiet", "--out", out).code == 0
    done = padma("run", out / "scenario.yaml", "--runs", 20, "--no-figures", "--quiet", "--out", tmp_path / "two")
    assert done.code == 0 and same_files(out, tmp_path / "two")
    assert padma("check", out).code == 0


# --- several at once, standard output --------------------------------------------------------------------------------


def test_several_scenarios_get_a_folder_each(tmp_path):
    done = padma("run", NAME, "jamaat_led", "jamaat_led+rooppur_delay", "--runs", 2, "--out", tmp_path, *SMALL, "--quiet")
    assert done.code == 0, done.err
    assert {p.name for p in tmp_path.iterdir()} == {NAME, "jamaat_led", "jamaat_led+rooppur_delay"}
    for folder in tmp_path.iterdir():
        assert {p.name for p in folder.iterdir()} == FILES
        assert padma("check", folder).code == 0
    alone = run(tmp_path / "alone", "jamaat_led", runs=2)
    assert same_files(alone, tmp_path / "jamaat_led"), "a scenario does not depend on who runs beside it"


def test_without_out_results_go_to_results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert padma("run", NAME, "--runs", 2, *SMALL, "--quiet").code == 0
    assert [p.name for p in tmp_path.iterdir()] == ["results"]
    assert [p.name for p in (tmp_path / "results").iterdir()] == [NAME]


def strict(text: str) -> object:
    """JSON as other programs read it: one document, no NaN."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_json_is_one_document_and_nothing_else(tmp_path):
    done = padma("run", NAME, "--runs", 5, "--out", tmp_path / "one", *SMALL, "--json")
    assert (done.code, done.err) == (0, "") and done.out.count("\n") == 1
    found = strict(done.out)
    assert set(found) == {"scenario", "runs", "seed", "quarters", "summary", "results", "elapsed_s", "warnings"}
    assert (found["scenario"], found["runs"], found["seed"], found["quarters"]) == (NAME, 5, 1, QUARTERS)
    keys = ["quarter", "state", "partner", "issue", "measure", "mean", "q05", "q25", "q50", "q75", "q95", "mc_error"]
    assert all(list(row) == keys for row in found["summary"])
    assert len(found["summary"]) == len(table(tmp_path / "one")) and found["summary"][0]["q05"] is None
    assert found["results"] == str(tmp_path / "one") and found["elapsed_s"] > 0 and len(found["warnings"]) >= 2
    done = padma("run", NAME, "history", "--runs", 2, "--out", tmp_path / "two", "--no-figures", "--json",
                 "--set", "start=2023Q1", "--until", "2024Q2")  # fmt: skip
    assert done.code == 0 and [d["scenario"] for d in strict(done.out)] == [NAME, "history"]


def test_the_table_on_standard_output_names_what_it_shows(tmp_path):
    done = padma("run", NAME, "--runs", RUNS, "--out", tmp_path / "one", *SMALL)
    assert done.code == 0
    for word in (NAME, "Russia", "2026Q4", "80 % interval", "calibrated", str(tmp_path / "one"), "Note: "):
        assert word in done.out
    assert max(map(len, done.out.splitlines())) < 200


def test_too_few_runs_for_figures_are_no_reason_to_lose_the_results(tmp_path):
    options = ("--set", "spin_up_from=2025Q3", "--until", "2026Q4")
    done = padma("run", NAME, "--runs", 3, "--out", tmp_path / "few", *options, "--json")
    assert done.code == 0 and strict(done.out)["runs"] == 3
    assert "Note: not all figures are drawn: 3 runs cannot support" in done.err and "--runs 40 or more" in done.err
    assert padma("check", tmp_path / "few").code == 0
    assert padma("figure", tmp_path / "few", "fan").code == 2


def test_a_run_without_bangladesh_is_a_run_too(tmp_path):
    options = ("--set", "spin_up_from=2025Q3", "--until", "2026Q4", "--set", "states=[IND, CHN, USA, RUS]")
    done = padma("run", NAME, "--runs", RUNS, "--out", tmp_path / "powers", *options)
    assert done.code == 0 and "China" in done.out and "Note: not all figures are drawn" in done.err
    assert set(table(tmp_path / "powers").state) == {"IND", "CHN", "USA", "RUS"}
    refused = padma("explain", tmp_path / "powers")
    assert refused.code == 2 and "BGD takes no part in these results" in refused.err
    assert padma("explain", tmp_path / "powers", "--dyad", "IND>CHN", "--run", 0).code == 0


# --- afterwards ------------------------------------------------------------------------------------------------------


def test_export_reads_back(held, tmp_path):
    done = padma("export", held, "--to", "csv, parquet,stata,netcdf,csv", "--out", tmp_path)
    assert done.code == 0, done.err
    names = [*(f"{NAME}.{end}" for end in ("csv", "parquet", "dta", "nc")), "about.txt"]
    assert done.out.splitlines() == [str(tmp_path / name) for name in names] and len(list(tmp_path.iterdir())) == 5
    rows = table(held)
    for read, path in ((pd.read_parquet, "parquet"), (pd.read_stata, "dta")):
        found = read(tmp_path / f"{NAME}.{path}")
        assert list(found) == list(rows)
        pd.testing.assert_frame_equal(found, rows, check_dtype=False)
    pd.testing.assert_frame_equal(table_of(tmp_path / f"{NAME}.csv"), rows)
    history = read_results(held).history
    with xr.open_dataset(tmp_path / f"{NAME}.nc", engine="h5netcdf") as found:
        assert set(found.data_vars) == set(history.data_vars)
        assert np.array_equal(found["stance"].values, history["stance"].values)
        assert list(found["quarter"].values) == QUARTERS
    assert {p.name for p in held.iterdir()} == FILES


def table_of(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, keep_default_na=False, na_values={q: [""] for q in QUANTILES})


def test_explain_says_why_in_words_and_as_json(held):
    options = ("--dyad", "bangladesh>RUS", "--issue", "energy", "--quarter", "2026Q3")
    text = padma("explain", held, *options)
    assert text.code == 0
    for word in (
        "Bangladesh toward Russia in energy, 2026Q3",
        "Tarique Rahman in office",
        "Pressure.",
        "Perception.",
        "same luck",
    ):
        assert word in text.out
    single = padma("explain", held, *options, "--run", 3, "--json")
    assert single == padma("explain", held, *options, "--run", 3, "--json")
    found = strict(single.out)
    assert set(found) == {"dyad", "issue", "quarter", "run", "text", "alternatives", "alternatives_from"}
    assert (found["dyad"], found["quarter"], found["run"]) == ("BGD>RUS", "2026Q3", 3)
    assert found["alternatives_from"] == "2026-02-17" and "luck cancels out" in text.out and "luck moved" in found["text"]
    assert len(found["alternatives"]) >= 3
    for other in found["alternatives"]:
        assert set(other) == {"slug", "name", "stance", "difference"} and -1 <= other["stance"] <= 1
        assert library.state_code(library.leaders()[other["slug"]].value.heads) == "BGD"
    stances = [a["stance"] for a in found["alternatives"]]
    assert stances == sorted(stances)


def test_explain_speaks_of_the_stored_run(held):
    """The stance that is explained is the one that was recorded."""
    values = read_results(held).history.sel(quarter="2026Q4", state="BGD", partner="IND", issue="trade").isel(run=7)
    index = float(np.tanh((values["stance"] - values["norm"]) / 2))
    text = padma("explain", held, "--dyad", "BGD>IND", "--issue", "trade", "--run", 7).out
    assert f"and {index:+.2f} on the index" in text


def test_explain_refuses_results_of_another_model(copy, monkeypatch):
    monkeypatch.setattr(provenance, "rules_hash", lambda: "another")
    done = padma("explain", copy)
    assert done.code == 2 and "rules or content have changed since these results were made" in done.err
    assert padma("check", copy).code == 0


def test_cite_names_exactly_what_was_used(held):
    text, of_results = padma("cite", "history").out, padma("cite", held)
    assert of_results.code == 0
    keys = re.findall(r"(?m)^\[([^\]]+)\] ", of_results.out)
    assert sorted(keys) == sorted(json.loads((held / "manifest.json").read_text())["sources"])
    assert len(set(keys)) == len(keys) and "used for: " in of_results.out
    assert "waltz1979" in keys and "waltz1979" in text
    assert "leader Tarique Rahman" in of_results.out and "leader Leonid Brezhnev" not in of_results.out
    assert "leader Leonid Brezhnev" in text and "leader Tarique Rahman" not in text
    whole = padma("cite", NAME).out
    assert "leader Sheikh Hasina" in whole and "leader Sheikh Hasina" not in of_results.out, "spin-up from 2009, or 2025"


@pytest.mark.parametrize("name", library.scenario_names())
def test_bibtex_is_well_formed(name):
    done = padma("cite", name, "--bibtex")
    assert done.code == 0
    keys = re.findall(r"(?m)^@(\w+)\{([^,\s]+),$", done.out)
    assert [key for _, key in keys] == provenance.sources_used(provenance_scenario(name))
    assert len(set(keys)) == len(keys) > 40
    for entry in done.out.split("\n\n"):
        depth = 0
        for before, char in zip(" " + entry, entry, strict=False):
            depth += (char == "{") - (char == "}") if before != "\\" else 0
            assert depth >= 0
        assert depth == 0, entry
        fields = re.findall(r"(?m)^  (\w+) = \{.*\},?$", entry)
        assert len(fields) == entry.strip().count("\n") - 1, f"a field runs over its line:\n{entry}"
        assert len(set(fields)) == len(fields) and {"title", "text"} & set(fields), entry
        assert "\\" not in "".join(re.findall(r"(?m)^  url = .*$", entry)), "an address is copied as it is"
        assert not re.search(r"(?<!\\)[&%$#]", re.sub(r"(?m)^  url = .*$", "", entry)), entry


def provenance_scenario(name: str):
    from sim.scenario import read_scenario

    return read_scenario(name)


def test_check_looks_at_all_that_is_shipped():
    done = padma("check", library.root())
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(" checked, 0 with a mistake\n")
    assert done.out.count("\nok    ") + 1 == len(list(library.root().rglob("*.yaml")))
