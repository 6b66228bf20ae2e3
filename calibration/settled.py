"""The forward contests once more, with chains that have settled: five models, five to twelve times the draws.

.. code-block:: sh

    python -m calibration.settled             # about an hour on two cores; an interrupted run goes on
    python -m calibration.settled --report    # only write the page from stored fits

Needs the extra ``calibrate``. The back-test makes hundreds of fits, so its chains are short. Where they have not met, as in the
first regime, which three years precede, luck moves a score by nats, in the full model as in its rivals. Here each fit has a
longer warm-up and more draws; where the highest R-hat still exceeds :data:`SETTLED`, and in the first regime at once, it has
more of both, and then other seeds, because one chain of sixteen may be stuck. Which fit counts is decided by R-hat alone, not
by any score. Nothing else differs from :mod:`calibration.backtest`: model, priors, years, scores.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration import processes
from calibration.backtest import needs_extra
from calibration.held_out import folds, summary
from calibration.held_out.fits import Backtest
from calibration.held_out.jobs import Job, Settings, jobs
from calibration.held_out.observables import WORDS
from calibration.held_out.page import NAMES, RIVALS, coverage, grid, number, verdict
from calibration.observed import load
from sim.errors import PadmaError
from sim.provenance import version

MODELS = ("full", "persistence", "autoregression", "system", "leader")
"""The full model, and what explains as much with less."""

TRIES = (
    Settings(warmup=200, draws=400),
    *(Settings(warmup=300, draws=1000, seed=seed) for seed in (1, 2, 3)),
)
"""What a fit is made with until its chains have settled: 6,400 draws, then 16,000 with up to three seeds."""

SETTLED = 1.03
"""Highest R-hat up to which a fit counts."""

SCORES = {"crps": "CRPS", "brier": "Brier"}

OUT = Path("results/settled")


@dataclass(frozen=True)
class Settled:
    """The fits of every try, and which of them count.

    Attributes
    ----------
    tries : back-tests that differ in the lengths and seeds of their chains alone
    """

    tries: tuple[Backtest, ...]

    @property
    def todo(self) -> list[Job]:
        """One fit for each model and regime, the most telling first."""
        return [job for job in jobs(self.years, ("forward",)) if job.model in MODELS]

    @property
    def years(self) -> NDArray[np.int64]:
        """Years of the model, (year,)."""
        return self.tries[0].years

    @property
    def observed(self) -> dict[str, NDArray[np.float64]]:
        """What happened: statistic -> (year,)."""
        return self.tries[0].observed

    def result(self, job: Job) -> dict[str, Any] | None:
        """The stored fit that counts, None if there is none: arrays by name."""
        return self.of(job).result(job)

    def of(self, job: Job) -> Backtest:
        """Where the fit is that counts (the first that has settled, else the nearest), or where the next one belongs."""
        asked, rhats = self.tries[job.fold.name == folds.REGIMES[0].name :], []
        for test in asked:
            found = test.result(job)
            if found is None or float(found["rhat"]) <= SETTLED:
                return test
            rhats.append(float(found["rhat"]))
        return asked[int(np.argmin(np.nan_to_num(rhats, nan=np.inf)))]

    def done(self, job: Job) -> bool:
        """Whether the fit that counts is stored."""
        return self.of(job).file(job).exists()

    def fit(self, job: Job) -> None:
        """Fit until the chains have settled or the tries are used up."""
        while not self.done(job):
            self.of(job).fit(job)

    def summarise(self) -> dict[str, Any]:
        """Scores and contests as in the back-test, with every fit's length and R-hat."""
        made: summary.Table = {}
        errors = dict.fromkeys(summary.TARGETS, 0.0)
        fits = []
        for job in self.todo:
            test = self.of(job)
            for key, models in summary.table(test, [job]).items():
                for model, values in models.items():
                    before = made.setdefault(key, {}).setdefault(model, np.full(len(values), np.nan))
                    before[np.isfinite(values)] = values[np.isfinite(values)]
            for target, error in summary.sampling_error(test, [job]).items():
                errors[target] += error**2
            fits += [self._told(job, other) for other in self.tries if other.result(job) is not None]
        return {
            "padma": version(),
            "record": {"cut": str(self.tries[0].record.cut), "sha256": self.tries[0].record.fingerprint},
            "made_from": self.tries[0].marks,
            "rows": summary.rows(self.tries[0], "forward", made),
            "differences": summary.differences(self.tries[0], "forward", made),
            "reliability": summary.calibration_of(self, self.todo)["by_statistic"],
            "sampling_error": {target: float(np.sqrt(value)) for target, value in errors.items()},
            "highest_rhat": max(fit["rhat"] for fit in fits if fit["counts"]),
            "fits": fits,
        }

    def _told(self, job: Job, test: Backtest) -> dict[str, Any]:
        """One try: its chains, its scores, and whether it is the one that counts."""
        found = test.result(job) or {}
        chains = {"warmup": test.settings.warmup, "draws": test.settings.size, "seed": test.settings.seed}
        chains |= {"rhat": float(found["rhat"]), "size": float(found["size"])}
        scores = {t: float(np.nansum(v[job.model])) for (s, t), v in summary.table(test, [job]).items() if s == "log"}
        return {"model": job.model, "regime": job.fold.name, "counts": test is self.of(job), **chains, "scores": scores}


def contests(document: dict[str, Any]) -> str:
    """The table of the README: scores, and in brackets the full model's lead and its standard error over years."""
    columns = [column for column in NAMES if column in {"model", "persistence", "autoregression", "no_filter", "leader_only"}]
    body = []
    for target, words in (("votes", "UN votes"), ("arms", "arms orders"), ("trade", "trade")):
        row = next(r for r in document["rows"] if (r["target"], r["score"], r["regime"]) == (target, "log", "all"))
        best = max(row[column] for column in columns)
        leads = {
            RIVALS[d["against"]]: f" ({number(d['difference'], sign=True)}, {number(d['se_years'])})"
            for d in document["differences"]
            if (d["target"], d["score"]) == (target, "log")
        }
        shown = {c: f"**{number(row[c])}**" if row[c] == best else number(row[c]) for c in columns}
        body.append([words, *(shown[c] + leads.get(NAMES[c], "") for c in columns)])
    return grid(["forward, settled chains", "full model", *(NAMES[c] for c in columns[1:])], body)


HEAD = """# The forward contests with settled chains

Made by `python -m calibration.settled`; the numbers are in `settled.json`. Each regime is forecast from the years before it,
as in [the back-test](backtest.md), with a longer warm-up and more draws. Log scores in nats, higher is better; in brackets the
full model's lead and its standard error over years."""

LEADS = """## The full model's lead

With the standard error over years, the sterner one over eight regimes, and the number of each regime. Errors (CRPS and Brier,
sums over years) are turned so that above zero the full model is better. {lost} of these {played} contests are lost, {clearly}
by more than two standard errors: {worst}."""

AGREE = """## How well the chains agree

Highest R-hat of a parameter, and draws. A fit above {settled} is made again with more of both (the first regime at once), then
with other seeds; the first at or below it counts, whatever its score, else the one that came nearest."""

REPLACED = """## Fits that do not count

What was drawn and did not settle, with its log scores and, in brackets, those of the fit that counts: how far chains that have
not met can be off."""


def page(document: dict[str, Any]) -> str:
    """All of it in Markdown: contests, regimes, errors of counts, and how each fit was sampled."""
    played = sorted(document["differences"], key=lambda d: d["score"] != "log")
    leads = []
    for d in played:
        errors = [number(d["se_years"], 2), number(d["se_regimes"], 2)]
        regimes = " ".join(number(v, sign=True) for v in d["by_regime"].values())
        leads.append([RIVALS[d["against"]], _target(d), number(d["difference"], 2, sign=True), *errors, regimes])
    clearly = [d for d in summary.losses(played) if verdict(d) == "loses"]
    worst = [f"{_target(d)}, to {RIVALS[d['against']]} ({number(d['difference'])}, {number(d['se_years'])})" for d in clearly]
    counts = {"lost": sum(d["difference"] < 0 for d in played), "played": len(played), "clearly": len(clearly)}
    counts["worst"] = "; ".join(worst) or "none"
    kept = {(f["model"], f["regime"]): f for f in document["fits"] if f["counts"]}
    agree = [
        [regime.name, *(f"{kept[m, regime.name]['rhat']:.3f} ({kept[m, regime.name]['draws']:,})" for m in MODELS)]
        for regime in folds.REGIMES
    ]
    replaced = [_replaced(f, kept[f["model"], f["regime"]]) for f in document["fits"] if not f["counts"]]
    errors = ", ".join(f"{target} {number(document['sampling_error'][target])}" for target in summary.TARGETS)
    parts = [HEAD, contests(document), f"Error of sampling of the full model's sums (batch means, nats): {errors}."]
    parts += [LEADS.format(**counts), grid(["against", "of", "lead", "SE, years", "SE, regimes", "by regime"], leads)]
    parts += [coverage(document), AGREE.format(settled=SETTLED)]
    parts += [grid(["regime", *(RIVALS.get(m, "full model") for m in MODELS)], agree)]
    parts += [REPLACED, grid(["fit", "R-hat", "draws", "seed", *summary.TARGETS], replaced)] if replaced else []
    return "\n\n".join(parts) + "\n"


def _target(d: dict[str, Any]) -> str:
    return d["target"] if d["score"] == "log" else f"{WORDS[d['target']]} ({SCORES[d['score']]})"


def _replaced(fit: dict[str, Any], kept: dict[str, Any]) -> list[str]:
    """A try that does not count, beside the one that does."""
    scores = [f"{number(fit['scores'][t])} ({number(kept['scores'][t])})" for t in summary.TARGETS]
    name = f"{RIVALS.get(fit['model'], 'full model')}, {fit['regime']}"
    return [name, f"{fit['rhat']:.3f} ({kept['rhat']:.3f})", f"{fit['draws']:,}", f"{fit['seed']}", *scores]


def write(document: dict[str, Any], folder: Path) -> None:
    """``settled.json`` and ``settled.md``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settled.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    (folder / "settled.md").write_text(page(document), encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """``python -m calibration.settled``; exit code as the other commands."""
    asked = _parser().parse_args(arguments)
    return processes.resumable(lambda: _main(asked))


def _main(asked: argparse.Namespace) -> int:
    needs_extra()
    if asked.process < 0 and not asked.report:
        _processes(asked)
    test = _open(asked.out)
    if asked.process >= 0:
        processes.follow_parent()
        _fit_all(test, asked.process, asked.workers)
        return 0
    _check_done(test, asked.out)
    document = test.summarise()
    write(document, asked.out)
    print(page(document), end="")
    return 0


def _check_done(test: Settled, out: Path) -> None:
    if missing := [job for job in test.todo if not test.done(job)]:
        how = "run the command without --report; what is finished is kept."
        raise PadmaError(f"{len(missing)} fits are missing", where=str(out), how=how)


def _open(out: Path) -> Settled:
    import jax

    from calibration.model.core import Core

    jax.config.update("jax_compilation_cache_dir", str((out / "compiled").absolute()))
    record = load()
    core = Core(record)
    return Settled(tuple(Backtest(record, out, settings, core) for settings in TRIES))


def _fit_all(test: Settled, process: int, workers: int) -> None:
    own: Sequence[Job] = test.todo[process::workers]
    for job in [*own, *(job for job in reversed(test.todo) if job not in own)]:
        if not test.done(job):
            begun = time.monotonic()
            test.fit(job)
            missing = sum(not test.done(other) for other in test.todo)
            text = f"process {process}: {job.name} in {time.monotonic() - begun:.0f} s, {missing} missing"
            print(text, file=sys.stderr, flush=True)


def _processes(asked: argparse.Namespace) -> None:
    command = [sys.executable, "-m", "calibration.settled", f"--out={asked.out}", f"--workers={asked.workers}", "--process"]
    environment = processes.one_thread() | {"OMP_NUM_THREADS": "1"}
    if not processes.together([[*command, str(i)] for i in range(asked.workers)], environment):
        raise PadmaError("a process stopped", why="its fits are missing.", how="the same command goes on from there.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m calibration.settled", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT, help="folder of stored fits and page")
    parser.add_argument("--report", action="store_true", help="fit nothing; write the page from what is stored")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--process", type=int, default=-1, help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
