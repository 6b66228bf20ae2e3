"""Can the core fit find what was planted? Records simulated from known parameters, fitted again, and compared.

    python -m calibration.model.recovery --records 40                 # planted near the shipped posterior, gains drawn anew
    python -m calibration.model.recovery --records 100 --truth prior  # simulation-based calibration: ranks must be uniform

Truths of ``posterior`` are draws of the shipped posterior in which all system and leader gains and all luck are drawn anew
from their priors, and every fourth record has leader gains of exactly zero: a fit that finds them there would find them
anywhere.
Truths of ``prior`` are draws from all priors at once (Talts et al. 2018; Modrak et al. 2023). Each record's result is kept as
it comes, so that the command goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.model import readings
from calibration.model.core import Core, Draws
from calibration.observed import load

Numbers = NDArray[np.float64]
GAINS = ("system_gain", "leader_gain")
ZERO_EVERY = 4
"""Every so many records have leader gains of zero."""

RUNS = {"posterior": {"warmup": 100, "draws": 120}, "prior": {"warmup": 100, "draws": 60}}
"""Short chains: what counts is many records. Far from the posterior chains have a longer way to go."""


def from_prior(core: Core, rng: np.random.Generator) -> Numbers:
    """One vector of all unknowns from the prior, on the real line."""
    z = rng.normal(size=core.size)
    for site in core.sites:
        place, law, n = core.packed.places[site.name], site.law, max(site.size, 1)
        if law["law"] == "halfnormal":
            z[place] = np.log(np.abs(rng.normal(size=n)))
        elif law["law"] in ("beta", "kept"):
            share = rng.beta(law["a"], law["b"], size=n)
            z[place] = np.log(share) - np.log1p(-share)
    return z


def planted(core: Core, fitted: Draws, i: int, seed: int) -> Numbers:
    """One vector of unknowns near the fitted ones, gains and luck drawn anew, leader gains zero in every fourth record."""
    rng = np.random.default_rng([seed, i])
    z = fitted.flat[rng.integers(len(fitted.flat))].copy()
    for site in core.sites:
        if site.parameter in GAINS:
            zero = site.parameter == "leader_gain" and i % ZERO_EVERY == 0
            z[core.packed.places[site.name]] = 0.0 if zero else rng.normal()
    n = core.packed.size
    z[n:] = rng.normal(size=len(z) - n)
    return z


def recover(core: Core, z: Numbers, *, seed: int, truth: str) -> dict[str, Any]:
    """Simulate a record from unknowns, fit it, and say where the truth lies in what was found.

    Parameters
    ----------
    z : the truth
    seed : of the simulated record and the sampler
    truth : of :data:`RUNS`, how far from the posterior it may lie

    Returns
    -------
    for each number of each site: truth, mean, sd, 5 % and 95 %, rank of the truth among 100 thinned draws; and divergences
    """
    real = Draws(z[None, None], core.weights(), {}, core.codings, core.targets)
    target = readings.replicated(core, core.simulate(real, seed=seed), 0)
    found, told = core.sample(core.weights(), targets=target, seed=seed, **RUNS[truth])
    rows, planted_values, values = [], core.parameters(real), core.parameters(found)
    for site in core.sites:
        for j in range(max(site.size, 1)):
            x = values[site.name][:, j] if site.size else values[site.name]
            true = float(planted_values[site.name][0, j] if site.size else planted_values[site.name][0])
            low, high = np.quantile(x, [0.05, 0.95])
            thin = x[np.linspace(0, len(x) - 1, 100).astype(int)]
            name = site.name + (f".{core.powers[j]}" if site.size else "")
            rank = int((thin < true).sum())
            rows.append([name, site.grade, true, float(x.mean()), float(x.std()), float(low), float(high), rank])
    return {"rows": rows, "divergent": int(told["diverging"].sum())}


def summary(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By parameter: how often 90 % intervals hold the truth, how truth and estimate go together, how ranks spread."""
    found = []
    for k, first in enumerate(results[0]["rows"]):
        rows = [result["rows"][k] for result in results]
        true, mean = np.array([r[2] for r in rows]), np.array([r[3] for r in rows])
        inside = np.array([r[5] <= r[2] <= r[6] for r in rows])
        ranks = np.array([r[7] for r in rows])
        together = float(np.corrcoef(true, mean)[0, 1]) if true.std() > 0 and mean.std() > 0 else float("nan")
        entry = {"parameter": first[0], "class": first[1], "covered": float(inside.mean()), "correlation": together}
        entry |= {"ranks": np.histogram(ranks, bins=5, range=(0, 100))[0].tolist(), "records": len(rows)}
        if first[0].startswith("leader_gain"):
            nothing = [r for r in rows if r[2] == 0.0]
            entry |= {"planted_zero": len(nothing), "zero_found": sum(not r[5] <= 0.0 <= r[6] for r in nothing)}
        found.append(entry)
    return found


def main(arguments: list[str] | None = None) -> int:
    """``python -m calibration.model.recovery``."""
    parser = argparse.ArgumentParser(prog="python -m calibration.model.recovery", description="Fit records with known truth.")
    parser.add_argument("--records", type=int, default=40)
    parser.add_argument("--truth", choices=("posterior", "prior"), default="posterior")
    parser.add_argument("--chains", type=Path, default=Path("results/calibration/full-1"), help="folder of a fit's chains")
    parser.add_argument("--out", type=Path, default=Path("results/calibration/recovery"))
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_compilation_cache_dir", str((asked.out.parent / "compiled").absolute()))
    core = Core(load())
    z = np.concatenate([np.load(file, allow_pickle=False)["z"] for file in sorted(asked.chains.glob("chain-*.npz"))])
    fitted = Draws(z, core.weights(), {}, core.codings, core.targets)
    asked.out.mkdir(parents=True, exist_ok=True)
    begun, results = time.monotonic(), []
    for i in range(asked.records):
        file = asked.out / f"{asked.truth}-{asked.seed}-{i:04d}.json"
        if not file.exists():
            rng = np.random.default_rng([asked.seed, i])
            z_true = from_prior(core, rng) if asked.truth == "prior" else planted(core, fitted, i, asked.seed)
            file.write_text(json.dumps(recover(core, z_true, seed=1000 * asked.seed + i, truth=asked.truth)), encoding="utf-8")
            print(f"record {i + 1}/{asked.records}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
        results.append(json.loads(file.read_text(encoding="utf-8")))
    report = {"truth": asked.truth, "records": len(results), "seed": asked.seed, "parameters": summary(results)}
    report["divergent"] = sum(result["divergent"] for result in results)
    (asked.out / f"{asked.truth}.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    for row in report["parameters"]:
        zero = f"  zero found {row['zero_found']}/{row['planted_zero']}" if "zero_found" in row else ""
        found = f"covered {row['covered']:.2f}  r {row['correlation']:5.2f}  {row['ranks']}{zero}"
        print(f"{row['parameter']:36s} {row['class']}  {found}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
