"""A posterior with known content, written as calibration writes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from sim import library, quarters
from sim.posterior import BLANK, model_hash, sealed

SIZE = 40
POWERS = ("RUS", "IND", "CHN", "USA")
MOMENTS = ("2008Q4", "2024Q2")


def content(size: int = SIZE, seed: int = 0) -> xr.Dataset:
    """Draws of two gains, one norm vector and two images; stances that say their own place."""
    rng = np.random.default_rng(seed)
    states, issues = ("BGD", *POWERS), tuple(library.issues())
    stances = np.zeros((size, len(MOMENTS), 5, 5, len(issues))) + np.arange(size)[:, None, None, None, None] / 100
    return xr.Dataset(
        {
            "site.leader_gain.small.diplomacy": ("draw", rng.normal(0.4, 0.05, size)),
            "site.share_mix": ("draw", rng.uniform(size=size)),
            "site.norm.small.diplomacy": (("draw", "power"), rng.normal(size=(size, 4))),
            "image": (("draw", "pair"), rng.normal(size=(size, 2))),
            "image_leader": ("pair", np.array([b"tarique_rahman", b"sheikh_hasina"])),
            "image_partner": ("pair", np.array([b"RUS", b"IND"])),
            "power": ("power", np.array([p.encode() for p in POWERS])),
            "state": ("state", np.array([s.encode() for s in states])),
            "issue": ("issue", np.array([k.encode() for k in issues])),
            "moment": ("moment", np.array([m.encode() for m in MOMENTS])),
            "luck": (("draw", "luck_year", "power", "luck_area"), rng.normal(size=(size, 3, 4, 1))),
            "luck_year": ("luck_year", np.array([2022, 2023, 2024], dtype="i4")),
            "luck_area": ("luck_area", np.array([b"diplomacy"])),
            "world_stance": (("draw", "moment", "state", "partner", "issue"), stances),
        },
        attrs={"version": "planted", "cut": "2024-08-04", "data": "none", "rules": model_hash(), "home": "BGD"},
    )


def write(folder: Path, dataset: xr.Dataset | None = None) -> Path:
    """The file of a planted posterior."""
    path = folder / "planted.nc"
    made = content() if dataset is None else dataset
    made.assign_attrs(sha256=BLANK).to_netcdf(path, engine="scipy")
    path.write_bytes(sealed(path.read_bytes()))
    return path


def quarter(text: str) -> int:
    """Number of a quarter."""
    return quarters.quarter(text)
