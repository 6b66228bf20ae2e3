"""Fit the model to the record and write the shipped posterior: NUTS in NumPyro, four chains, resumable.

    python -m calibration.fit --quick        # short chains into results/: does it run, roughly where does it go
    python -m calibration.fit                # four chains of 300 + 750 draws in two processes

Needs the extra ``calibrate``. Many short chains first find where the density lies and how wide it is; the four chains of NUTS
start from there. Two stages. First the core model of Bangladesh's own dyads (:mod:`calibration.model.core`):
votes, arms orders and trade. Then, given that, the powers' side from American aid (:mod:`calibration.model.powers`). The
coupled fit of all dyads at once (:mod:`calibration.model.coupled`) was set aside: a gradient of its 1,703 unknowns takes 2.5
ms (measured), so four chains of 2,000 draws need at least 45 minutes of a core if 127 steps a draw are enough (not measured:
it was never seen to converge), against a few for both stages, and what it could add, how the powers answer, no record but
aid shows. Chains are kept in ``--work`` and are not drawn again by the same command.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration import processes
from calibration.model import diagnostics
from calibration.model.core import Core, Draws, Scale
from calibration.model.powers import LEARNED, Powers
from calibration.model.sampler import STATISTICS
from calibration.observed import load
from calibration.posteriors import card as posterior_card
from calibration.posteriors import carry, posterior
from calibration.posteriors.world import Worlds
from sim import library
from sim.errors import PadmaError
from sim.files import replacing

Numbers = NDArray[np.float64]

CHAINS = {"full": (4, 300, 750), "quick": (2, 100, 100)}
"""Chains, and draws of each for warm-up and for keeping."""

SCALE = {"warmup": 65, "draws": 120}
"""Short chains that find the scale."""

ACCEPT = 0.97
"""Acceptance that the step size of NUTS aims at: high, so that no draw diverges."""

POWERS_CHAINS = {"full": (4, 500, 4000), "quick": (2, 100, 100)}
"""The same for the second stage: two signs of a gain fit, so it takes long chains, and its gradients cost little."""


def main(arguments: list[str] | None = None) -> int:
    """``python -m calibration.fit``; exit code 1 where the chains cannot be believed."""
    asked = _parser().parse_args(arguments)
    kind = "quick" if asked.quick else "full"
    out = asked.out or (Path("results/calibration/quick") if asked.quick else library.data_root().parent / "posterior")
    work = (asked.work or Path("results/calibration")) / f"{kind}-{asked.seed}"
    work.mkdir(parents=True, exist_ok=True)
    _prepare(work)
    core = Core(load())
    if asked.process >= 0:
        processes.follow_parent()
        for chain in range(asked.process, CHAINS[kind][0], asked.processes):
            _chain(core, kind, work, asked.seed, chain)
        return 0
    begun = time.monotonic()
    _scale(core, work, asked.seed)
    _processes(asked, work)
    parts = [np.load(_file(work, chain), allow_pickle=False) for chain in range(CHAINS[kind][0])]
    z, statistics = np.concatenate([p["z"] for p in parts]), {k: np.concatenate([p[k] for p in parts]) for k in STATISTICS}
    found = finish(core, z, statistics, kind=kind, seed=asked.seed, work=work, out=out, say=_say)
    _say(f"written to {out} after {time.monotonic() - begun:.0f} s")
    print(diagnostics.write(found["parameters"]))
    print(json.dumps(found["verdict"] | {"powers": found["powers"]}, indent=1))
    return 0 if found["verdict"]["usable"] else 1


def finish(
    core: Core,
    z: Numbers,
    statistics: dict[str, Numbers],
    *,
    kind: str,
    seed: int,
    work: Path,
    out: Path,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """From the chains of the core to artefact, card and page; returns the card."""
    whole = Draws(z, core.weights(), {}, core.codings, core.targets)
    thin = whole.thin(posterior.SIZE)
    by_chain = {name: v.reshape(*z.shape[:2], *v.shape[1:]) for name, v in core.parameters(whole).items()}
    rows = diagnostics.table(core.sites, by_chain, core.powers)
    verdict = diagnostics.verdict(rows, z, statistics)
    say(f"core: R-hat {verdict['highest_rhat']:.3f}, size {verdict['lowest_bulk_size']:.0f}, {verdict['divergent']} divergent")

    values = core.parameters(thin)
    images = {pair: thin.flat[:, core.images][:, i] for i, pair in enumerate(core.row.draws)}
    powers, power_z, told = _powers(core, whole, kind=kind, seed=seed, work=work)
    power_rows = diagnostics.table(powers.packed.sites, powers.parameters(power_z), core.powers)
    second = diagnostics.verdict(power_rows, power_z, told)
    say(f"powers: R-hat {second['highest_rhat']:.3f}, size {second['lowest_bulk_size']:.0f}, {second['divergent']} divergent")
    theirs = power_z.reshape(-1, power_z.shape[-1])
    theirs = theirs[np.random.default_rng(seed).choice(len(theirs), len(thin.flat), replace=len(theirs) < len(thin.flat))]
    values |= {name: powers.parameters(theirs)[name] for name in LEARNED}
    values |= posterior.borrowed(values, core.annual.world.labels["issue"], seed=seed)
    named = posterior.names_in_simulation(values, core.annual.world.labels["issue"])
    world = Worlds(core, thin, named, images, powers.stances(theirs), seed)
    stances = world.world_stances(say)
    chains, warmup, _ = CHAINS[kind]
    told_of = {"seed": seed, "chains": chains, "highest_rhat": verdict["highest_rhat"], "divergent": verdict["divergent"]}
    told_of |= {"lowest_bulk_size": verdict["lowest_bulk_size"], "kind": kind}
    version = posterior.write(out / "posterior.begun", core, thin, world, stances, told_of)
    say("replaying the record with each draw")
    card = {
        "version": version,
        "cut": str(core.record.cut),
        "data": core.record.fingerprint,
        "seed": seed,
        "warmup": warmup,
        "size": len(thin.flat),
        "verdict": verdict,
        "powers": second,
        "parameters": rows + power_rows,
        "half_lives": posterior_card.half_lives(core, core.parameters(whole)),
        "reproduced": posterior_card.reproduced(core, thin, seed=seed),
        "cannot_tell": posterior_card.cannot_tell(rows + power_rows),
    }
    carry.complete(out / "posterior.begun", out / "posterior.nc")
    (out / "card.json").write_text(json.dumps(card, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    (out / "README.md").write_text(posterior_card.readme(card), encoding="utf-8")
    return card


def _powers(core: Core, whole: Draws, *, kind: str, seed: int, work: Path) -> tuple[Powers, Numbers, dict[str, Numbers]]:
    """The second stage, given Bangladesh's mean warmth toward each power."""
    few = whole.thin(100)
    values = posterior.names_in_simulation(core.parameters(few), core.annual.world.labels["issue"])
    images = {pair: few.flat[:, core.images][:, i] for i, pair in enumerate(core.row.draws)}
    world = Worlds(core, few, values, images, None, seed)
    warmth = world.mean_warmth()
    warmth[1:] = 0.0
    known = {name: float(v.mean()) for name, v in core.parameters(whole).items() if v.ndim == 1}
    powers = Powers(core.record, core.annual, warmth, known)
    file = work / "powers.npz"
    if not file.exists():
        chains, warmup, draws = POWERS_CHAINS[kind]
        z, told = powers.sample(seed=seed, chains=chains, warmup=warmup, draws=draws, accept=ACCEPT)
        _save(file, {"z": z, **told})
    with np.load(file, allow_pickle=False) as held:
        return powers, held["z"], {name: held[name] for name in STATISTICS}


# --- chains -----------------------------------------------------------------------------------------------------------


def _scale(core: Core, work: Path, seed: int) -> Scale:
    """Where the density lies, found once."""
    file = work / "scale.npz"
    if not file.exists():
        found = Scale.spread(core.sample(core.weights(), seed=seed, **SCALE)[0].z)
        _save(file, {"point": found.point, "factor": found.factor})
        _say("scale found")
    with np.load(file, allow_pickle=False) as held:
        return Scale(held["point"], held["factor"])


def _chain(core: Core, kind: str, work: Path, seed: int, chain: int) -> None:
    """Draw one chain, unless it was drawn before."""
    if _file(work, chain).exists():
        return
    _, warmup, draws = CHAINS[kind]
    run = {"seed": 1000 * seed + chain, "warmup": warmup, "draws": draws, "scale": _scale(core, work, seed), "accept": ACCEPT}
    kept, told = core.chain(**run, say=lambda line: _say(f"chain {chain + 1}: {line}"))  # type: ignore[arg-type]
    _save(_file(work, chain), {"z": kept.z, **told})


def _file(work: Path, chain: int) -> Path:
    return work / f"chain-{chain}.npz"


def _save(file: Path, content: dict[str, Any]) -> None:
    with replacing(file) as partial:
        np.savez(partial, **content)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _prepare(work: Path) -> None:
    """Double precision, and compiled code that outlives the process."""
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_compilation_cache_dir", str((work.parent / "compiled").absolute()))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)


def _processes(asked: argparse.Namespace, work: Path) -> None:
    """One process of one thread for each share of the chains."""
    command = [sys.executable, "-m", "calibration.fit", f"--seed={asked.seed}", f"--processes={asked.processes}"]
    command += [f"--work={work.parent}", *(["--quick"] if asked.quick else []), "--process"]
    if not processes.together([[*command, str(i)] for i in range(asked.processes)], processes.one_thread()):
        raise PadmaError(
            "a process of the fit stopped",
            where=str(work),
            why="its chains are missing.",
            how="finished chains are kept; the same command goes on from there.",
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m calibration.fit", description="Fit the model to the record.")
    parser.add_argument("--quick", action="store_true", help="short chains, to see whether it runs")
    parser.add_argument("--out", type=Path, help="folder of posterior.nc, card.json and README.md")
    parser.add_argument("--work", type=Path, help="folder where chains are kept (default: results/calibration)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--process", type=int, default=-1, help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
