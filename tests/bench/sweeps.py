"""How large a sweep fits: ``python -m tests.bench.sweeps [--points N]``, also ``python -m tests.bench.bench --sweep``.

A sweep of the tutorial's factors in a process of its own: memory at the peak, time, and the share of CPU time that the engine
takes. All 192 points together are a million runs of 20 quarters, those that split the variance included.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DESIGN = "who_governs_image_sanctions"
RUNS = 3_680
"""Runs of a point; those that split the variance come on top."""


@dataclass(frozen=True)
class Cost:
    """What a sweep took: runs, seconds, CPU seconds, gigabytes at the peak, and the engine's share of CPU time."""

    runs: int
    wall: float
    cpu: float
    memory: float
    engine: float


def within(points: int, runs: int) -> dict[str, Any]:
    """Sweep some points of the design in this process."""
    from sim import history
    from sim.sweep import job
    from sim.sweep.design import read_design
    from sim.sweep.work import runs_per_point

    spent, lock, block = 0.0, threading.Lock(), history.block

    def timed(*arguments: Any) -> Any:
        nonlocal spent
        before = time.thread_time()
        found = block(*arguments)
        with lock:
            spent += time.thread_time() - before
        return found

    history.block = timed
    design = read_design(DESIGN)
    listed = design.points()
    chosen = tuple(listed[:: max(1, len(listed) // points)][:points])
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as made:
        planned = job.plan(replace(design, kind="list", listed=chosen), Path(made) / "out", runs=runs)
        job.sweep(planned)
        wall = time.perf_counter() - started
    cpu = time.process_time()
    return {
        "runs": planned.layout.points * runs_per_point(planned.layout),
        "wall": wall,
        "cpu": cpu,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "engine": spent / cpu,
    }


def measure(points: int = 192, runs: int = RUNS) -> Cost:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.sweeps", "--within", str(points), str(runs)]
    return Cost(**json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout))


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sweeps", description=__doc__.split("\n")[0])
    parser.add_argument("--points", type=int, default=192, help="fewer take less time")
    parser.add_argument("--within", nargs=2, type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.within:
        print(json.dumps(within(*asked.within)))
        return
    cost = measure(asked.points)
    print(f"{cost.runs:,} runs: {cost.wall:.0f} s, {cost.cpu:.0f} s of CPU, {cost.memory:.2f} GB at the peak,")
    print(f"{100 * cost.engine:.0f} % of the CPU time in the engine, {cost.runs / cost.cpu:,.0f} runs per CPU second.")


if __name__ == "__main__":
    main()
