"""Whatever leaves the program says where its parameters come from: someone will read it without the rest."""

from __future__ import annotations

import pandas as pd
import pytest
import xarray as xr

from sim import provenance
from sim.run import read_results
from tests.cli.small_runs import NAME
from tests.command import SMALL, padma

PRIOR = "prior, not yet calibrated"


@pytest.fixture(scope="module")
def from_priors(tmp_path_factory):
    place = tmp_path_factory.mktemp("status") / "prior"
    options = [option for option in SMALL if option != "--no-figures"]
    done = padma("run", NAME, "--runs", 40, "--posterior", "none", "--out", place, *options)
    assert done.code == 0, done.err
    return place, done.out


def test_what_a_run_prints_draws_and_keeps(from_priors):
    place, printed = from_priors
    assert PRIOR in printed
    assert provenance.read_manifest(place)["parameters"] == PRIOR
    captions = (place / "figures/caption.txt").read_text(encoding="utf-8")
    assert captions.count(PRIOR) == 2  # one for each figure
    assert read_results(place).history.attrs["parameters"] == PRIOR
    told = padma("explain", place, "--dyad", "BGD>RUS", "--issue", "trade", "--quarter", "2026Q3")
    assert PRIOR in told.out


def test_what_is_exported(from_priors, tmp_path):
    place, _ = from_priors
    assert padma("export", place, "--to", "csv,parquet,stata,netcdf", "--out", tmp_path).code == 0
    assert PRIOR in (tmp_path / "about.txt").read_text(encoding="utf-8")
    assert pd.read_parquet(tmp_path / f"{NAME}.parquet").attrs["parameters"] == PRIOR
    with pd.read_stata(tmp_path / f"{NAME}.dta", iterator=True) as stata:
        assert PRIOR in stata.data_label
    with xr.open_dataset(tmp_path / f"{NAME}.nc", engine="h5netcdf") as found:
        assert found.attrs["parameters"] == PRIOR


def test_what_is_handed_out(from_priors, tmp_path):
    place, _ = from_priors
    assert padma("report", place, "--out", tmp_path / "report.html").code == 0
    assert PRIOR in (tmp_path / "report.html").read_text(encoding="utf-8")
