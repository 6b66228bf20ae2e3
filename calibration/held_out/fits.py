"""One fit of a back-test: sample, score what was held out, store the result; a stored result is never fitted again.

Every fit is one file in ``fits``, named by a hash of all it rests on (model, fold, record, rules, content, code, seed,
settings). It holds log-probabilities and simulated statistics of the held-out years by draw, the gains, and whether the chains
can be believed; scores are computed from it when a report is made.
"""

from __future__ import annotations

import ast
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.held_out import baselines, observables, unconditional
from calibration.held_out.folds import SERIES
from calibration.held_out.jobs import ALL, DRIFT, VARIANTS, Job, Settings, Variant
from calibration.model import codings, diagnostics
from calibration.model.annual import Annual
from calibration.observed import Record
from calibration.sources.raw import POWERS
from sim.provenance import content_hash, digest, rules_hash

CODE = ("model/*.py", "held_out/baselines.py")
"""Modules whose change makes stored fits stale; changes of words and layout do not."""
BESIDE = ("recovery.py", "kalman.py")
"""Checks of the fit, which no stored fit rests on."""

GAINS = ("leader_gain", "system_gain")

SIMULATED = 400
"""Simulated records of which statistics are kept."""

GUESSES = 10
"""Paths of guessed inputs in an unconditional forecast."""

Arrays = dict[str, NDArray[Any]]


@dataclass
class Backtest:
    """A record, where fits are stored, and how long each samples.

    Attributes
    ----------
    record : what was observed
    folder : holds ``fits``
    settings : of the sampler
    core : :class:`calibration.model.core.Core` of the record, or something that behaves like it
    elsewhere : makes the like of it for a record and another exogenous side
    """

    record: Record
    folder: Path
    settings: Settings
    core: Any
    elsewhere: Callable[[Record, Annual], Any] = unconditional.Stepwise
    marks: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.marks = self.marks or {"record": self.record.fingerprint, **_marks()}

    @property
    def years(self) -> NDArray[np.int64]:
        """Years of the model, (year,)."""
        return np.asarray(self.core.years)

    @cached_property
    def observed(self) -> Arrays:
        """What happened: statistic -> (year,)."""
        return observables.observed(self.record, self.years)

    # --- the store -------------------------------------------------------------------------------------------------------

    def file(self, job: Job) -> Path:
        """Where a fit's result is stored."""
        return self.folder / "fits" / f"{job.name}-{job.key(self.settings, self.marks)}.npz"

    def missing(self, todo: Iterable[Job]) -> list[Job]:
        """Fits that are not stored yet."""
        return [job for job in todo if not self.file(job).exists()]

    def result(self, job: Job) -> Arrays | None:
        """A stored result, None if there is none."""
        if not self.file(job).exists():
            return None
        with np.load(self.file(job), allow_pickle=False) as found:
            return {name: found[name] for name in found.files}

    def fit(self, job: Job) -> None:
        """Fit one job and store its result whole."""
        begun = time.monotonic()
        result = self._drift(job) if job.model == DRIFT else self._model(job)
        result["seconds"] = np.array(time.monotonic() - begun)
        file = self.file(job)
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(f".{os.getpid()}.partial")
        with partial.open("wb") as stream:
            np.savez_compressed(stream, **{k: _small(v) for k, v in result.items()})
        partial.replace(file)

    # --- one fit ---------------------------------------------------------------------------------------------------------

    def _model(self, job: Job) -> Arrays:
        from calibration.model.core import CASES

        model, variant = ALL[job.model], VARIANTS.get(job.variant, Variant(job.variant))
        switches = dict(CASES[model.case]) | dict(model.changes)
        chosen = job.variant if job.variant.startswith("permuted") else variant.codings
        if model.codings != "as coded":
            chosen = model.codings
        laid = self.core.lay(self.record, self.record.votes["whole"] == 1) if variant.whole_only else None
        weights = job.fold.weights(self.years, since=variant.since, votes=variant.votes)
        s, coded = self.settings, self.coded(chosen)
        run = {"seed": s.seed, "warmup": s.warmup, "draws": s.draws}
        draws, statistics = self.core.sample(weights, switches=switches, codings=coded, targets=laid, **run)
        if job.part == "unconditional":
            found = self._guessing(draws, job.fold.first)
        else:
            found = self.forecast(self.core, draws, s.seed, simulate=job.part != "placebo")
        if job.part in ("forward", "rolling"):
            found |= self._afresh(draws, job.fold.first, found)
        held = job.fold.tested(self.years)
        found = {name: values[:, held] for name, values in found.items()} | {"years": self.years[held]}
        if job.part == "whole":
            stance = self.core.evaluate(draws)["stance"].mean(axis=0)
            found |= {f"stance/{issue}": stance[:, k] for k, issue in enumerate(self.core.row.issues[:-1])}
        return found | self._learned(draws, statistics)

    def forecast(self, core: Any, draws: Any, seed: int, *, simulate: bool = True) -> Arrays:
        """What a fit says of all years: log-probabilities of the record and statistics of simulated ones, (draw, year)."""
        loglik = core.pointwise(draws, seed=seed)
        found = {f"loglik/{series}": _by_year(loglik[series]) for series in SERIES}
        if simulate:
            found |= {
                f"sim/{name}": values
                for name, values in self.simulated(core.simulate(draws.thin(SIMULATED), seed=seed)).items()
            }
        return found

    def _afresh(self, draws: Any, first: int, found: Arrays) -> Arrays:
        """Log-probabilities under several paths of luck for each draw of parameters, from a year on that the fit did not see.

        Nothing later informs that luck: its law is its prior. Drawing it again for the same parameters costs little and makes
        joint scores steadier.
        """
        size, (kinds, powers, length) = self.core.packed.size, self.core.shapes[0]
        late, rng = self.years >= first, np.random.default_rng([self.settings.seed, first])
        parts = [found]
        for i in range(1, self.settings.paths):
            z = draws.z.copy()
            luck = z[..., size : size + kinds * powers * length].reshape(*z.shape[:2], kinds, powers, length)
            luck[..., late] = rng.normal(size=(*z.shape[:2], kinds, powers, int(late.sum())))
            z[..., size : size + kinds * powers * length] = luck.reshape(*z.shape[:2], -1)
            loglik = self.core.pointwise(replace(draws, z=z), seed=self.settings.seed + i)
            parts.append({f"loglik/{series}": _by_year(loglik[series]) for series in SERIES})
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[-1]}

    def _guessing(self, draws: Any, first: int) -> Arrays:
        """Log-probabilities with systemic inputs guessed from a year on, each guess for its own share of the draws."""
        seed, share = self.settings.seed, draws.z.shape[0] * draws.z.shape[1] // GUESSES
        parts = []
        for i in range(GUESSES):
            world = unconditional.guess(self.core.annual, first, seed * 1000 + i)
            few = replace(draws, z=draws.z.reshape(1, -1, draws.z.shape[-1])[:, i::GUESSES][:, :share])
            parts.append(self.forecast(self.elsewhere(self.record, world), few, seed + i, simulate=False))
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def coded(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Values and standard deviations of the images under a coding, (image,) each; None for the codings as they are."""
        own = self.core.row.codings
        if name == "as coded":
            return None
        if name.startswith("permuted-"):
            changed = codings.permuted(own, int(name.partition("-")[2]))
        else:
            changed = {
                "collapsed": codings.collapsed,
                "party means": codings.party_means,
                "not high": lambda c: codings.without_circular(self.core.annual, c),
                "low only": lambda c: codings.without_circular(self.core.annual, c, ("high", "medium")),
            }[name](own)
        spread = [(c.range[1] - c.range[0]) / codings.SPREADS for c in changed]
        return np.array([c.value for c in changed]), np.array(spread)

    def simulated(self, made: Arrays) -> Arrays:
        """Statistics of simulated records, (draw, year)."""
        cells = self.core.cells
        counts = np.moveaxis(made["votes"], -1, 0)
        found = observables.of_votes(counts, cells.number, observables.toward_russia(cells.powers), len(self.years))
        found |= observables.of_orders(made["orders"])
        return found | {f"trade_{power}": made["trade"][:, j] for j, power in enumerate(POWERS)}

    def _learned(self, draws: Any, statistics: Arrays) -> Arrays:
        """Gains, and whether the chains can be believed."""
        found: Arrays = {"divergent": np.array(int(np.sum(statistics["diverging"])))}
        checks = []
        for name, values in self.core.parameters(draws).items():
            if name.startswith(GAINS):
                found[f"gain/{name}"] = values
            by_chain = values.reshape(*draws.z.shape[:2], -1)
            checks += [diagnostics.believable(by_chain[..., j]) for j in range(by_chain.shape[-1])]
        found["rhat"] = np.array(max(c["rhat"] for c in checks))
        found["size"] = np.array(min(c["bulk_size"] for c in checks))
        return found

    def _drift(self, job: Job) -> Arrays:
        trade_years, known = self.record.trade_shares()
        shares = np.full((len(self.years), len(POWERS)), np.nan)
        shares[np.isin(self.years, trade_years)] = known[np.isin(trade_years, self.years)]
        weight = job.fold.weights(self.years)["trade"]
        s = self.settings
        made = baselines.drift(self.years, shares, weight, s.size, s.seed)
        held = job.fold.tested(self.years)
        found: Arrays = {"years": self.years[held], "loglik/trade": _by_year(made.loglik)[:, held], "size": np.array(made.size)}
        return found | {f"sim/trade_{power}": made.simulated[:, held, j] for j, power in enumerate(POWERS)}


def _by_year(loglik: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-probability of a year's whole record (draw, year), powers added up; 0 where nothing is known."""
    return np.nan_to_num(loglik).sum(axis=-1) if loglik.ndim == 3 else np.nan_to_num(loglik)


def _small(values: NDArray[Any]) -> NDArray[Any]:
    return values.astype(np.float32) if values.dtype == np.float64 and values.ndim > 1 else values


def _marks() -> dict[str, str]:
    """Hashes of rules, content and the code that fits."""
    from sim.scenario import read_scenario

    folder = Path(__file__).parents[1]
    files = [file for pattern in CODE for file in sorted(folder.glob(pattern)) if file.name not in BESIDE]
    code = "".join(_without_words(file) for file in files)
    scenario = digest(read_scenario("history", settings={"posterior": "none"}).text)
    return {"rules": rules_hash(), "content": content_hash(), "history": scenario, "code": digest(code)}


def _without_words(file: Path) -> str:
    """What a module does: its syntax tree without docstrings, comments and layout."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [x for x in body if not (isinstance(x, ast.Expr) and isinstance(x.value, ast.Constant))]  # type: ignore[attr-defined]
    return ast.dump(tree)
