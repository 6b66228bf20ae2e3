"""A small results folder for tests of what is written, kept and refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.command import SMALL, padma

NAME, RUNS = "bnp_government", 40
FILES = {"manifest.json", "scenario.yaml", "history.zarr", "summary.csv", "events.csv"}
STATES = ("BGD", "RUS", "IND", "CHN", "USA")
QUARTERS = ["2026Q1", "2026Q2", "2026Q3", "2026Q4"]
QUANTILES = ["q025", "q05", "q10", "q25", "q50", "q75", "q90", "q95", "q975"]


def run(out: Path, name: str = NAME, *options: object, runs: int = RUNS) -> Path:
    """Run a scenario and return its results folder."""
    done = padma("run", name, "--runs", runs, "--out", out, "--quiet", *SMALL, *options)
    assert (done.code, done.out, done.err) == (0, "", ""), done
    return out


def table(folder: Path) -> pd.DataFrame:
    """The summary as R or Excel would read it."""
    return pd.read_csv(folder / "summary.csv", keep_default_na=False, na_values={q: [""] for q in QUANTILES})


@pytest.fixture(scope="module")
def held(tmp_path_factory) -> Path:
    """A small results folder that no test may change."""
    return run(tmp_path_factory.mktemp("held") / NAME)


@pytest.fixture
def copy(held, tmp_path) -> Path:
    """A copy of it to spoil."""
    return Path(shutil.copytree(held, tmp_path / "copy"))
