"""The contests with settled chains: which fit counts, and that the pages print what the document holds. A stand-in fits."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calibration import settled
from calibration.held_out import folds
from calibration.held_out.fits import Backtest
from calibration.held_out.jobs import Settings
from calibration.observed import load
from tests.calibration.fake_core import FakeCore

pytestmark = [
    pytest.mark.skipif(
        any(importlib.util.find_spec(name) is None for name in ("scoringrules", "arviz", "numpyro")),
        reason="padma[calibrate] is not installed",
    ),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "results/reference/backtest"


@pytest.fixture(scope="module")
def both(tmp_path_factory) -> settled.Settled:
    folder, record = tmp_path_factory.mktemp("settled"), load()
    tries = (Settings(draws=16, warmup=10), Settings(draws=24, warmup=12), Settings(draws=24, warmup=12, seed=2))
    return settled.Settled(tuple(Backtest(record, folder, s, FakeCore(record), FakeCore) for s in tries))


def tampered(test: Backtest, job, rhat: float) -> None:
    """A stored fit with another R-hat."""
    found = test.result(job) | {"rhat": np.array(rhat)}
    with test.file(job).open("wb") as stream:
        np.savez_compressed(stream, **found)


def test_a_fit_that_has_not_settled_is_made_again_and_the_first_regime_at_once_with_more(both):
    first, second = both.todo[0], next(j for j in both.todo if j.fold.name == folds.REGIMES[1].name)
    short, more, other = both.tries
    assert first.fold.name == folds.REGIMES[0].name and both.of(first) is more
    assert both.of(second) is short and not both.done(second)
    short.fit(second)
    tampered(short, second, settled.SETTLED)
    assert both.done(second)
    tampered(short, second, settled.SETTLED + 0.02)
    assert both.of(second) is more and not both.done(second)
    more.fit(second)
    tampered(more, second, settled.SETTLED + 0.01)
    assert both.of(second) is other and not both.done(second)
    other.fit(second)
    tampered(other, second, settled.SETTLED)
    assert both.of(second) is other and both.done(second)
    tampered(other, second, settled.SETTLED + 0.03)
    assert both.of(second) is more and both.done(second), "none has settled: the nearest counts"


def test_the_document_adds_up_and_its_page_says_so(both, tmp_path):
    for job in both.todo:
        both.fit(job)
    document = json.loads(json.dumps(both.summarise()))
    assert {(f["model"], f["regime"]) for f in document["fits"]} == {(j.model, j.fold.name) for j in both.todo}
    kept = [fit for fit in document["fits"] if fit["counts"]]
    assert len(kept) == 5 * 8 and {fit["rhat"] for fit in kept} >= {document["highest_rhat"]}
    for target in ("votes", "arms", "trade"):
        by_regime = [r for r in document["rows"] if (r["target"], r["score"]) == (target, "log")]
        whole = next(r for r in by_regime if r["regime"] == "all")
        assert whole["model"] == pytest.approx(sum(r["model"] for r in by_regime if r["regime"] != "all"))
        for d in (d for d in document["differences"] if (d["target"], d["score"]) == (target, "log")):
            assert d["difference"] == pytest.approx(sum(d["by_regime"].values()))
    settled.write(document, tmp_path)
    page = (tmp_path / "settled.md").read_text(encoding="utf-8")
    assert settled.contests(document) in page and "nan" not in page
    assert json.loads((tmp_path / "settled.json").read_text(encoding="utf-8")) == document


def test_the_tries_differ_in_length_and_seed_alone():
    first = settled.TRIES[0]
    for test in settled.TRIES:
        assert replace(test, draws=first.draws, warmup=first.warmup, seed=first.seed) == first


def test_the_committed_page_is_what_the_document_says_and_the_readme_repeats_it():
    """After a new fit: python -m calibration.settled, then its page, document and table go where this test looks."""
    document = json.loads((PLACE / "settled.json").read_text(encoding="utf-8"))
    assert (PLACE / "settled.md").read_text(encoding="utf-8") == settled.page(document)
    assert settled.contests(document) in (ROOT / "README.md").read_text(encoding="utf-8")
    whole = json.loads((PLACE / "backtest.json").read_text(encoding="utf-8"))
    assert document["made_from"] == whole["made_from"] and document["record"] == whole["record"]
