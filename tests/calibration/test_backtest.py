"""The back-test's own work, on a stand-in for the fit: jobs, store, leaks, report. The real fit is in the slow tests."""

from __future__ import annotations

import importlib.util
import json

import numpy as np
import pytest
from scipy import stats

from calibration.held_out import figures, folds, observables, turnovers, unconditional, variants
from calibration.held_out import page as backtest_page
from calibration.held_out import report as backtest_report
from calibration.held_out import summary as backtest_summary
from calibration.held_out.fits import Backtest
from calibration.held_out.jobs import ALL, PARTS, VARIANTS, Job, Settings, jobs
from calibration.model import codings
from calibration.observed import load
from tests.calibration.fake_core import ANNUAL, FakeCore

pytestmark = [
    pytest.mark.skipif(
        any(importlib.util.find_spec(name) is None for name in ("scoringrules", "arviz", "numpyro")),
        reason="padma[calibrate] is not installed",
    ),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

SETTINGS = Settings(draws=16, warmup=10)


def made(folder, record=None) -> Backtest:
    record = record or load()
    return Backtest(record, folder, SETTINGS, FakeCore(record), FakeCore)


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> tuple[Backtest, list[Job], dict]:
    test = made(tmp_path_factory.mktemp("backtest"))
    todo = jobs(test.years, quick=True)
    for job in todo:
        test.fit(job)
    return test, todo, backtest_report.write(test, todo, test.folder)


# --- jobs --------------------------------------------------------------------------------------------------------------


def test_a_whole_backtest_has_every_part_model_and_fold_once():
    todo = jobs(ANNUAL.years)
    assert len({job.name for job in todo}) == len(todo)
    assert {job.part for job in todo} == set(PARTS)
    assert sum(job.part == "forward" for job in todo) == 8 * (len(ALL) + 1)
    assert sum(job.variant.startswith("permuted") for job in todo) >= 35


def test_a_key_names_all_that_a_fit_rests_on():
    job = jobs(ANNUAL.years, ("forward",))[0]
    key = job.key(SETTINGS, {"record": "a"})
    assert key == job.key(SETTINGS, {"record": "a"})
    assert key != job.key(SETTINGS, {"record": "b"})
    assert key != job.key(Settings(draws=17, warmup=10), {"record": "a"})
    assert key != jobs(ANNUAL.years, ("forward",))[1].key(SETTINGS, {"record": "a"})


# --- the store ---------------------------------------------------------------------------------------------------------


def test_stored_fits_are_not_fitted_again(done, tmp_path):
    from calibration.backtest import _fit_all

    test, todo, _ = done
    before = test.core.fits
    _fit_all(test, todo, -1)
    assert test.core.fits == before and not test.missing(todo)
    other = made(tmp_path)
    assert len(other.missing(todo)) == len(todo) and other.result(todo[0]) is None


def test_processes_share_all_fits():
    from calibration.backtest import _share

    todo = jobs(ANNUAL.years, ("forward",))
    shares = [_share(todo, i, 2) for i in range(2)]
    assert all(sorted(s, key=lambda j: j.name) == sorted(todo, key=lambda j: j.name) for s in shares)
    assert shares[0][0] != shares[1][0]


# --- no leaks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["full", "drift"])
def test_poisoning_the_future_changes_no_forecast(tmp_path, model):
    record = load()
    job = Job("forward", folds.forward(folds.REGIMES[4]), model)
    future = ANNUAL.years[job.fold.first <= ANNUAL.years]
    results = []
    for number, one in enumerate((record, folds.poison(record, future))):
        test = made(tmp_path / str(number), one)
        test.fit(job)
        results.append(test.result(job))
    simulated = [name for name in results[0] if name.startswith("sim/")]
    assert simulated
    for name in simulated:
        assert np.array_equal(results[0][name], results[1][name], equal_nan=True), name


# --- statistics --------------------------------------------------------------------------------------------------------


def test_statistics_of_the_record_by_hand():
    record = load()
    found = observables.observed(record, ANNUAL.years)
    at = int(np.flatnonzero(ANNUAL.years == 1975)[0])
    rows = record.votes["year"] == 1975
    v = {k: record.votes[k][rows] for k in ("no", "abstain", "yes", "RUS", "USA")}
    assert found["non_yes"][at] == v["no"].sum() + v["abstain"].sum()
    opposed = v["RUS"] * v["USA"] == -1
    assert found["net_russia"][at] == ((v["yes"] - v["no"]) * v["RUS"])[opposed].sum()
    assert np.isnan(found["non_yes"][ANNUAL.years == 1972]).all()
    assert set(found) == {*observables.COUNTS, *observables.EVENTS, *observables.SHARES} == set(observables.WORDS) - {"trade"}


def test_simulated_statistics_have_draws_first():
    counts = np.array([[[1, 0], [0, 0]], [[0, 1], [0, 0]], [[0, 0], [1, 1]]])
    found = observables.of_votes(counts, np.array([0, 1]), np.array([-1.0, 0.0]), 3)
    np.testing.assert_array_equal(found["non_yes"], [[1, 1, np.nan], [0, 0, np.nan]])
    np.testing.assert_array_equal(found["net_russia"], [[1, np.nan, np.nan], [-1, np.nan, np.nan]])


# --- codings -----------------------------------------------------------------------------------------------------------


def test_permuted_codings_deal_whole_rows():
    own = FakeCore(load()).row.codings
    real, dealt = codings.rows(own), codings.rows(codings.permuted(own, 3))

    def sums(table):
        return sorted(round(float(np.sum(list(row.values()))), 6) for row in table.values())

    assert sums(dealt) == sums(real) and [sum(r["RUS"]) for r in dealt.values()] != [sum(r["RUS"]) for r in real.values()]
    for leader, row in codings.rows(codings.collapsed(own)).items():
        for partner, values in row.items():
            assert values == pytest.approx(real[leader][partner])


def test_party_means_are_shared_by_a_party_line():
    own = FakeCore(load()).row.codings
    table = codings.rows(codings.party_means(own))
    for partner, values in table["ziaur_rahman"].items():
        assert values == pytest.approx(table["khaleda_zia"][partner])
    assert table["ziaur_rahman"]["RUS"] != pytest.approx(table["sheikh_hasina"]["RUS"])


def test_codings_at_risk_of_circularity_are_replaced():
    own = FakeCore(load()).row.codings
    risk = codings.circularity(ANNUAL, own)
    changed = codings.without_circular(ANNUAL, own)
    for before, after, r in zip(own, changed, risk, strict=True):
        assert (after == before) == (r != "high")
        if r == "high":
            assert after.range[1] - after.range[0] == pytest.approx(codings.UNCODED * codings.SPREADS)


def test_every_turnover_is_sourced_and_every_ruler_has_a_coalition():
    found = codings.turnovers()
    members = [leader for group in found["coalitions"].values() for leader in group]
    assert len(members) == len(set(members))
    assert {c.leader for c in FakeCore(load()).row.codings} <= set(members)
    for one in found["turnovers"]:
        assert one["sources"] and one["reason"] and one["basis"] in ("expert", "assumption")


# --- guessed inputs ----------------------------------------------------------------------------------------------------


def test_guessed_inputs_keep_the_past_and_lose_the_future():
    guessed, again, other = (unconditional.guess(ANNUAL, 1991, seed) for seed in (1, 1, 2))
    past = ANNUAL.years < 1991
    for name in ("capability_share", "threat", "clarity"):
        known, found = ANNUAL.given[name], guessed.given[name]
        np.testing.assert_allclose(found[..., past], known[..., past])
        assert np.isfinite(found).all() and not np.allclose(found[..., ~past], known[..., ~past])
        assert np.array_equal(found, again.given[name]) and not np.array_equal(found, other.given[name])
    assert guessed.contracts[..., -1].max() < 0.1 < ANNUAL.contracts[..., -1].max()


# --- report ------------------------------------------------------------------------------------------------------------


def test_rows_add_up_and_carry_the_agreed_names(done):
    test, todo, document = done
    wanted = {"target", "score", "model", "persistence", "regime_mean", "drift", "no_filter", "n"}
    assert document["rows"] and all(wanted <= set(row) for row in document["rows"])
    assert all("regime" in row or "origin" in row for row in document["rows"])
    assert set(document["coverage"]) >= {"50", "80", "95"}
    votes = [r for r in document["rows"] if (r["part"], r["score"], r["target"]) == ("forward", "log", "votes")]
    whole = next(r for r in votes if r["regime"] == "all")
    assert whole["model"] == pytest.approx(sum(r["model"] for r in votes if r["regime"] != "all"), rel=1e-4)
    assert whole["n"] == sum(r["n"] for r in votes if r["regime"] != "all") == 11
    job = next(j for j in todo if j.model == "full" and j.fold.name == "Hasina I")
    loglik = test.result(job)["loglik/votes"].astype(float)
    by_hand = (np.log(np.exp(loglik - loglik.max(0)).mean(0)) + loglik.max(0)).sum()
    assert next(r for r in votes if r["regime"] == 4)["model"] == pytest.approx(by_hand, rel=1e-5)


def test_differences_are_those_of_the_rows(done):
    document = done[2]
    for one in document["differences"]:
        if (one["part"], one["score"]) == ("forward", "log") and one["target"] in ("votes", "arms"):
            row = backtest_page.find(document, part="forward", score="log", target=one["target"], regime="all")[0]
            rival = row[backtest_summary.COLUMNS[one["against"]]]
            assert one["difference"] == pytest.approx(row["model"] - rival, abs=1e-3)
            assert sum(one["by_regime"].values()) == pytest.approx(one["difference"], abs=1e-3)


def test_every_loss_is_printed(done):
    document = done[2]
    page = backtest_page.page(document)
    lost = [d for d in document["differences"] if d["difference"] < 0 and d["part"] in ("forward", "two_sided")]
    assert len(document["losses"]) == len(lost) and lost
    for one in lost:
        what = observables.WORDS.get(one["target"], one["target"])
        assert f"{one['part']}, {one['score']}, {what} | {backtest_page.RIVALS[one['against']]} |" in page


def test_coverage_strays_by_chance_as_far_as_years_hang_together():
    rng, seen = np.random.default_rng(4), np.zeros(5)
    apart = [(rng.normal(size=(4000, 5)), seen) for _ in range(8)]
    chained = [(np.repeat(rng.normal(size=(4000, 1)), 5, axis=1), seen) for _ in range(8)]
    independent = stats.binom(40, 0.9).cdf(31) + stats.binom(40, 0.9).sf(39)  # fewer than 32 or all of 40 inside
    together = 1.0 - stats.binom(8, 0.9).pmf(7)  # of 8 independent regimes only 7 inside keep the bar
    assert backtest_summary.chance_outside(apart) == pytest.approx(independent, abs=0.03)
    assert backtest_summary.chance_outside(chained) == pytest.approx(together, abs=0.07)
    missing = [(d, np.where(np.arange(5) < 3, s, np.nan)) for d, s in chained]
    assert backtest_summary.chance_outside(missing) == pytest.approx(together, abs=0.07)


def test_the_bar_on_coverage_is_asked_of_counts_and_of_all_trade_together(done):
    document = done[2]
    asked = [b for b in document["bars"] if b["bar"].startswith("coverage")]
    assert [b["bar"].split(", ")[1] for b in asked] == ["non_yes", "net_russia", "orders_RUS", "orders_CHN", "trade"]
    found = document["reliability"]
    powers = [found[name] for name in observables.SHARES]
    assert found["trade"]["n"] == sum(p["n"] for p in powers)
    mean = sum(p["n"] * p["coverage"]["90"] for p in powers) / found["trade"]["n"]
    assert found["trade"]["coverage"]["90"] == pytest.approx(mean, abs=1e-5)


NAMED = "Beaten by variants of its own: party images on trade."


@pytest.mark.parametrize(("error", "said"), [(0.9, NAMED), (1.1, "contests.")])
def test_the_scoreboard_names_variants_that_are_better_by_two_standard_errors(tmp_path, done, error, said):
    contest = {"part": "forward", "score": "log", "target": "trade", "against": "party_images"}
    found = contest | {"difference": -2.0, "se_years": error, "n": 40, "by_regime": {}}
    document = {**done[2], "differences": [found], "losses": [found]}
    figures.draw(document, tmp_path, ("scoreboard",), ("png",))
    assert f"{said} " in (tmp_path / "caption.txt").read_text()


def test_document_is_json_and_files_are_there(done):
    test, _, document = done
    assert json.loads((test.folder / "backtest.json").read_text()) == document
    for name in ("backtest.md", "scoreboard.png", "scoreboard.svg", "reliability.png", "caption.txt"):
        assert (test.folder / name).stat().st_size > 100
    assert "nan" not in (test.folder / "backtest.md").read_text()


def test_placebo_ranks_count_the_real_coding():
    fits = [
        {"variant": v, "waic": w, "loo": w, "gains": {"leader_gain.small.diplomacy": {"mean": g}}}
        for v, g in (("collapsed", 0.3), ("permuted-1", 0.1), ("permuted-2", 0.4), ("permuted-3", 0.0))
        for w in [{"joint": g, "votes": g, "arms": g, "trade": g}]
    ]
    found = backtest_summary.placebo(fits)
    assert found["permutations"] == 3
    assert {r["p"] for r in found["ranks"]} == {0.5}
    assert backtest_summary.placebo([]) == {}


def test_every_variant_can_be_coded():
    core = FakeCore(load())
    test = Backtest(core.record, None, SETTINGS, core)
    for variant in VARIANTS.values():
        found = test.coded(variant.codings)
        assert found is None or (len(found[0]) == len(found[1]) == len(core.row.codings) and (found[1] >= 0).all())


# --- variants, turnovers -----------------------------------------------------------------------------------------------


def test_the_log_of_variants_grows_and_forgets_nothing(done, tmp_path):
    document, path = done[2], tmp_path / "variants.json"
    first = variants.append(document, path)
    assert {e["variant"] for e in first} >= {"full", "persistence", "system", "party means"}
    assert variants.append(document, path) == first == variants.read(path)
    other = document | {"made_from": {"code": "another version"}}
    assert len(variants.append(other, path)) == 2 * len(first)


def test_shifts_that_follow_images_are_found():
    codings_ = FakeCore(load()).row.codings
    years, seated = ANNUAL.years, np.zeros((4, len(ANNUAL.years)))
    for c in codings_:
        seated[observables.POWERS.index(c.partner)] += c.value * c.weight
    rng = np.random.default_rng(1)
    luck = {issue: 0.05 * rng.normal(size=seated.shape) for issue in ("diplomacy", "defence")}
    found = turnovers.analyse(
        years, {"stance/diplomacy": seated + luck["diplomacy"], "stance/defence": luck["defence"]}, codings_, 1
    )["by_issue"]
    assert found["diplomacy"]["p_image_slope"] < 0.01 and found["diplomacy"]["image_slope"] == pytest.approx(1.0, abs=0.3)
    assert found["diplomacy"]["p_changed_larger"] < 0.05 and abs(found["defence"]["image_slope"]) < 0.1
