"""The honest back-test: refit the model and its rivals without part of the record, and score what they say of that part.

.. code-block:: sh

    python -m calibration.backtest --quick            # two regimes, three models: does it run
    python -m calibration.backtest                    # everything, in two processes; interrupted runs resume
    python -m calibration.backtest --only forward     # one part (see PARTS in calibration/held_out/jobs.py)
    python -m calibration.backtest --report           # only write the report from stored fits

Needs the extra ``calibrate``. Every fit is one file in ``--out``/fits, named by a hash of all it rests on (model, fold,
record, rules, content, code, seed, settings). Scores are conditional on who ruled and on what was tabled; see
:mod:`calibration.held_out.folds`. What is fitted stands in :mod:`calibration.held_out.jobs`, what is reported in
:mod:`calibration.held_out.report`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from importlib import import_module
from pathlib import Path

from calibration import processes
from calibration.held_out.fits import Backtest
from calibration.held_out.jobs import PARTS, Job, Settings, jobs
from calibration.observed import Record, load
from sim.errors import InputError, PadmaError, nearest


def main(arguments: list[str] | None = None) -> int:
    """``python -m calibration.backtest``; exit code as the other commands."""
    asked = _parser().parse_args(arguments)
    return processes.resumable(lambda: _main(asked))


def _main(asked: argparse.Namespace) -> int:
    if asked.process >= 0:
        processes.follow_parent()
    parts = _parts(asked.only)
    if asked.record:
        return _unseen(asked)
    record = load()
    if asked.process < 0 and not asked.report and asked.workers > 1:
        _processes(asked)
    test = backtest(record, asked)
    todo = jobs(test.years, parts, quick=asked.quick)
    if not asked.report:
        _fit_all(test, _share(todo, asked.process, asked.workers), asked.process)
    if asked.process >= 0:
        return 0
    from calibration.held_out import report as backtest_report
    from calibration.held_out import variants

    summary = backtest_report.write(test, jobs(test.years, quick=asked.quick), asked.out, figures=not asked.quick)
    if asked.log:
        variants.append(summary)
    if asked.json:
        print(json.dumps(summary, indent=1, sort_keys=True))
    else:
        print(backtest_report.page(summary))
    return 0


def _unseen(asked: argparse.Namespace) -> int:
    """Score the shipped posterior, as it is, on a record that it has never seen."""
    needs_extra()
    from calibration.held_out import unseen

    draws = 20 if asked.quick else asked.draws
    found = unseen.score(load(), load(asked.record), Settings(seed=asked.seed, warmup=asked.warmup, draws=draws))
    print(json.dumps(found, indent=1) if asked.json else unseen.page(found))
    return 0


def backtest(record: Record, asked: argparse.Namespace) -> Backtest:
    """The back-test that the options describe."""
    needs_extra()
    import jax

    from calibration.model.core import Core

    jax.config.update("jax_compilation_cache_dir", str((asked.out / "compiled").absolute()))
    draws = 20 if asked.quick else asked.draws
    settings = Settings(seed=asked.seed, warmup=asked.warmup, draws=draws, paths=asked.paths)
    return Backtest(record, asked.out, settings, Core(record))


def needs_extra() -> None:
    """Refuse to begin without the libraries of the extra.

    Raises
    ------
    PadmaError : one of them is not installed
    """
    try:
        for name in ("jax", "numpyro", "arviz", "scoringrules"):
            import_module(name)
    except ModuleNotFoundError as error:
        raise PadmaError(
            f"'{error.name}' is not installed",
            why="a back-test refits the model hundreds of times and scores it.",
            how="pip install 'padma[calibrate]'",
        ) from error


def _parts(only: list[str]) -> tuple[str, ...]:
    for part in only:
        if part not in PARTS:
            raise InputError(f"a back-test has no part '{part}'", where="--only", how=nearest(part, PARTS))
    return tuple(only) or PARTS


def _share(todo: list[Job], process: int, workers: int) -> list[Job]:
    """A process's own fits first, then those of the others from the end, in case they are slower."""
    if process < 0:
        return todo
    own = todo[process::workers]
    return own + [job for job in reversed(todo) if job not in own]


def _fit_all(test: Backtest, todo: list[Job], process: int) -> None:
    begun = time.monotonic()
    who, fitted = f"process {process}: " if process >= 0 else "", 0
    for job in todo:
        if test.file(job).exists():
            continue
        test.fit(job)
        fitted += 1
        spent, missing = time.monotonic() - begun, len(test.missing(todo))
        text = f"{who}{fitted} fits in {spent:.0f} s, {missing} missing, at most {spent / fitted * missing:.0f} s left"
        print(f"{text}: {job.name}", file=sys.stderr, flush=True)


def _processes(asked: argparse.Namespace) -> None:
    """Share the missing fits out to processes of one thread each."""
    environment = processes.one_thread() | {"OMP_NUM_THREADS": "1"}
    given = [f"--{k}={getattr(asked, k)}" for k in ("out", "seed", "warmup", "draws", "paths", "workers")]
    given += ["--quick"] if asked.quick else []
    given += [f"--only={part}" for part in asked.only]
    command = [sys.executable, "-m", "calibration.backtest", *given, "--process"]
    if not processes.together([[*command, str(i)] for i in range(asked.workers)], environment):
        raise PadmaError(
            "a process of the back-test stopped",
            why="its fits are missing from every comparison.",
            how="finished fits are kept; the same command goes on from there.",
        )


def _parser() -> argparse.ArgumentParser:
    words = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser(prog="python -m calibration.backtest", description=words)
    parser.add_argument("--record", type=Path, help="score the shipped posterior on this later record")
    parser.add_argument("--out", type=Path, default=Path("results/backtest"), help="folder of stored fits and report")
    parser.add_argument("--only", action="append", default=[], metavar="PART", help=f"{', '.join(PARTS)}; repeatable")
    parser.add_argument("--quick", action="store_true", help="two regimes, three models, short chains: does it run")
    parser.add_argument("--report", action="store_true", help="fit nothing; report what is stored")
    parser.add_argument("--log", action="store_true", help="add what was scored to calibration/variants.json")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--warmup", type=int, default=Settings.warmup)
    parser.add_argument("--draws", type=int, default=Settings.draws, help="kept by each of 16 chains")
    parser.add_argument("--paths", type=int, default=Settings.paths, help="paths of luck for each draw, in forward forecasts")
    parser.add_argument("--process", type=int, default=-1, help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
