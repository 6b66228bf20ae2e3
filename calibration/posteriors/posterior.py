"""The shipped posterior: 1,000 thinned draws of everything that simulation needs, as one NetCDF 3 file.

Written with xarray's SciPy engine; :mod:`sim.posterior` reads it with SciPy alone. Layout:

- ``site.<name>`` (draw[, power]): parameters, not their real-line images; names as simulation looks them up
- ``image`` (draw, image) with ``image_leader``, ``image_partner``: standard normal luck of leaders' images
- ``world_stance`` (draw, moment, state, partner, issue): log points at the end of the quarters ``moment``
- ``luck`` (draw, luck_year, power, luck_area): the luck behind Bangladesh's stances, for counterfactuals that keep it
- ``stance`` (draw, year_end, power, learned_issue): its smoothed stances in votes and arms, for figures
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.model.annual import HOME
from calibration.model.core import Core, Draws
from calibration.posteriors import world as posterior_world
from calibration.posteriors.world import Worlds
from calibration.sources.raw import POWERS
from sim import posterior as artefact
from sim import priors, provenance, quarters
from sim.files import replacing

Numbers = NDArray[np.float64]
SIZE = 1000
POOLING = 400
"""Proposals of shared mean and spread for each draw, when gains without a record borrow from those with one."""


def names_in_simulation(values: dict[str, Numbers], issues: tuple[str, ...]) -> dict[str, Numbers]:
    """Sites under the names that simulation looks up: a power's one number stands for every issue area."""
    found = {}
    for name, value in values.items():
        parameter = priors.parameters().get(name.split(".")[0])
        if name.endswith(".power") and parameter is not None and "issue" in parameter.varies:
            found |= {f"{name}.{issue}": value for issue in issues}
        else:
            found[name] = value
    return found


def borrowed(values: dict[str, Numbers], issues: tuple[str, ...], *, seed: int) -> dict[str, Numbers]:
    """Gains of issue areas without a record: drawn around a mean that the gains with a record support.

    Partial pooling in a second step: shared mean and spread are drawn from their priors and weighted by the density of the
    learned gains of each draw; each gain without a record is then drawn around that mean.
    """
    rng, found = np.random.default_rng(seed), {}
    for name in ("system_gain", "leader_gain"):
        learned = np.stack([v for site, v in values.items() if site.startswith(f"{name}.small.")], axis=-1)
        law = priors.parameters()[name].law("small", "default", fit=True)
        mean = law["mean_sd"] * rng.normal(size=(len(learned), POOLING))
        spread = law["spread_sd"] * np.abs(rng.normal(size=mean.shape))
        away = (learned[:, None] - mean[..., None]) / spread[..., None]
        log_weight = (-0.5 * away**2).sum(axis=-1) - learned.shape[-1] * np.log(spread)
        chosen = np.argmax(log_weight + rng.gumbel(size=mean.shape), axis=1)
        rows = np.arange(len(learned))
        for issue in issues:
            if f"{name}.small.{issue}" not in values:
                found[f"{name}.small.{issue}"] = mean[rows, chosen] + spread[rows, chosen] * rng.normal(size=len(learned))
    return found


def write(
    path: Path,
    core: Core,
    draws: Draws,
    world: Worlds,
    stances: Numbers,
    attributes: dict[str, Any],
) -> str:
    """Write the artefact but for what :func:`calibration.posteriors.carry.complete` adds, without which nothing draws from it.

    Returns its version (of padma, and of the numbers).

    Parameters
    ----------
    path : where to
    core, draws : the fit, thinned to the size of the artefact
    world, stances : learned parameters and images, and ``world.world_stances()``
    attributes : what is said of the fit (seed, chains, diagnostics)
    """
    import xarray

    labels, found = core.annual.world.labels, world.found
    path_of = np.concatenate([found["start"][..., None], found["stance"]], axis=-1)
    small = {name: value.astype(np.float32) for name, value in sorted(world.values.items())}
    pairs = list(world.images)
    issues = core.row.issues[:-1]
    ends = [f"{core.years[0] - 1}Q4", *(f"{year}Q4" for year in core.years[:-1]), quarters.name(core.annual.world.span[-1])]
    variables = {f"site.{name}": (("draw", "power")[: value.ndim], value) for name, value in small.items()}
    variables |= {
        "image": (("draw", "image"), np.stack([world.images[pair] for pair in pairs], axis=1).astype(np.float32)),
        "image_leader": (("image",), np.array([leader for leader, _ in pairs])),
        "image_partner": (("image",), np.array([partner for _, partner in pairs])),
        "world_stance": (("draw", "moment", "state", "partner", "issue"), stances.astype(np.float32)),
        "stance": (("draw", "year_end", "power", "learned_issue"), np.moveaxis(path_of, 3, 1).astype(np.float32)),
        "luck": (("draw", "luck_year", "power", "luck_area"), world.luck.astype(np.float32)),
    }
    coordinates = {
        "power": np.array(POWERS),
        "state": np.array(labels["state"]),
        "partner": np.array(labels["state"]),
        "issue": np.array(labels["issue"]),
        "moment": np.array([quarters.name(moment) for moment in posterior_world.MOMENTS]),
        "learned_issue": np.array(issues),
        "luck_year": core.years.astype(np.int32),
        "luck_area": np.array(core.row.issues),
        "year_end": np.array(ends),
    }
    numbers = hashlib.sha256(b"".join(value.tobytes() for value in small.values())).hexdigest()
    version = f"{provenance.version()}+{numbers[:8]}"
    told = {
        "version": version,
        "cut": str(core.record.cut),
        "data": core.record.fingerprint,
        "rules": artefact.model_hash(),
        "home": HOME,
    } | {name: str(value) for name, value in attributes.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as partial:
        xarray.Dataset(variables, coords=coordinates, attrs=told).to_netcdf(partial, engine="scipy", format="NETCDF3_CLASSIC")
    return version


def read(path: Path | None = None) -> Any:
    """The artefact as an xarray dataset, loaded.

    >>> read.__name__
    'read'
    """
    import xarray

    with xarray.open_dataset(path or artefact.shipped(), engine="scipy") as held:
        return held.load()
