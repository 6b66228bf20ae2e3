"""The coupled fit, and what a fit says of itself. Parts need ArviZ (padma[calibrate])."""

from __future__ import annotations

import importlib.util
import warnings

import numpy as np
import pytest

from calibration.model import diagnostics
from calibration.model.annual import Annual
from calibration.model.coupled import Fit
from calibration.model.unknowns import Site
from calibration.observed import load

needs_numpyro = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("numpyro", "arviz")), reason="padma[calibrate] is not installed"
)


@pytest.fixture(scope="module")
def fit() -> Fit:
    return Fit(Annual(), load())


def test_what_is_laid_into_a_frame_is_taken_out_again(fit):
    unknown = np.random.default_rng(1).normal(size=fit.shapes["path"])
    laid = fit.laid(unknown)
    assert np.array_equal(fit.taken(laid), unknown)
    assert np.array_equal(laid, laid * fit.annual.clamp)


def test_only_recorded_shares_of_trade_stand_in_for_a_path(fit):
    assert fit.free.shape == (7, 4, 53)
    trade = fit.annual.world.labels["issue"].index("trade")
    assert fit.free[np.arange(7) != trade].all()
    assert fit.annual.years[fit.free[trade, 0] == 0].tolist() == list(range(1973, 2015))


def test_prior_spreads_are_those_of_the_laws():
    def site(**law):
        return Site("x", "x", "all", "default", law, 0, "A")

    assert site(law="normal", mean=1.0, sd=0.5).prior_sd() == pytest.approx(0.5, rel=1e-3)
    assert site(law="halfnormal", sd=0.5).prior_sd() == pytest.approx(0.5 * np.sqrt(1 - 2 / np.pi), rel=1e-3)
    assert site(law="beta", a=2, b=2).prior_sd() == pytest.approx(np.sqrt(1 / 20), rel=1e-3)
    assert site(law="pooled", mean_sd=0.3, spread_sd=0.4).prior_sd() == pytest.approx(0.5)


@needs_numpyro
def test_contraction_is_near_one_where_the_record_spoke():
    rng = np.random.default_rng(2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sites = tuple(
            Site(n, n, "all", "default", {"law": "normal", "mean": 0.0, "sd": 1.0}, 0, "A") for n in ("learned", "open")
        )
        draws = {"learned": 0.3 + 0.1 * rng.normal(size=(4, 500)), "open": rng.normal(size=(4, 500))}
        learned, unlearned = diagnostics.table(sites, draws, ())
    assert learned["contraction"] == pytest.approx(0.99, abs=0.01) and abs(unlearned["contraction"]) < 0.1
    assert learned["rhat"] < 1.02 and learned["bulk_size"] > 1000
    assert "learned" in diagnostics.write([learned, unlearned])


@pytest.mark.slow
@needs_numpyro
def test_from_chains_to_artefact_and_card(tmp_path, monkeypatch):
    """Everything after the chains of the core, on few draws; what is there already is not drawn again."""
    from calibration import fit as command
    from calibration.model.core import Core
    from calibration.model.sampler import STATISTICS
    from calibration.posteriors import posterior

    monkeypatch.setattr(command, "POWERS_CHAINS", {"quick": (2, 10, 5)})
    monkeypatch.setattr(posterior, "SIZE", 12)
    command._prepare(tmp_path / "work")
    core, rng = Core(load()), np.random.default_rng(1)
    start = np.concatenate([core.packed.start, np.zeros(core.size - core.packed.size)])
    z, told = start + 0.2 * rng.normal(size=(2, 30, core.size)), {name: np.zeros((2, 30)) for name in STATISTICS}
    (tmp_path / "work").mkdir(exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = {"kind": "quick", "seed": 3, "work": tmp_path / "work", "out": tmp_path, "say": lambda line: None}
        one = command.finish(core, z, told, **run)
        drawn = (tmp_path / "work" / "powers.npz").stat().st_mtime_ns
        two = command.finish(core, z, told, **run)
    assert one == two and (tmp_path / "work" / "powers.npz").stat().st_mtime_ns == drawn
    held = posterior.read(tmp_path / "posterior.nc")
    assert held.sizes["draw"] == 12 and held.attrs["version"] == one["version"]
    assert {row["parameter"] for row in one["parameters"]} >= {"leader_gain.small.defence", "aid_loading"}
    assert (tmp_path / "README.md").read_text(encoding="utf-8").startswith("# The shipped posterior")
