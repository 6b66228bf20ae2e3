"""How fast padma is, measured: ``python -m tests.bench.bench [--quick] [--repeats N] [--write]``.

Every figure comes from processes of their own, one after another, and is the median of several. Ratios are taken within a
run of this script, so they mean the same on a fast and on a slow machine; seconds and bytes are those of the machine at hand.
CPU time counts all threads. ``--write`` puts the table into ``results/reference/benchmark.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.tasks import SCENARIO, UNTIL

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "results" / "reference" / "benchmark.md"
OTHER = "awami_league_return"
"""The world that is held against it."""

TWENTY_QUARTERS = ("--until", UNTIL)
HEAVY = ("mesa", "matplotlib", "dask", "jax", "pandas", "xarray", "scipy", "numpy")


@dataclass(frozen=True)
class Sizes:
    """How much is run: the sizes that the bars name, or tiny ones to see that everything works."""

    repeats: int = 5
    mesa_runs: int = 20
    ensemble_runs: int = 2048
    kernel_runs: int = 512
    paired_runs: int = 2000
    runs: int = 1000
    many: int = 100_000


QUICK = Sizes(repeats=1, mesa_runs=2, ensemble_runs=64, kernel_runs=128, paired_runs=40, runs=40, many=100)


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured against which bar."""

    what: str
    bar: str
    measured: str
    share: float
    """How much of the bar is used (of a least ratio: how often it fits); below 1 is within the bar."""


# --- processes of their own ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """What a finished process took: seconds on the clock, seconds of CPU, most memory (bytes), what it printed."""

    wall: float
    cpu: float
    peak: int
    out: str


def process(*arguments: str) -> Cost:
    """Run Python with arguments from the root of the checkout, to the end, by the system's own accounting."""
    with tempfile.TemporaryFile() as out:
        began = time.perf_counter()
        child = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=out)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"failed: python {' '.join(arguments)}")
        out.seek(0)
        printed = out.read().decode()
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit, printed)


def task(name: str, number: int) -> Any:
    """What one of :data:`tests.bench.tasks.TASKS` found, in a process of its own."""
    return json.loads(process("-m", "tests.bench.tasks", name, str(number)).out)


def run(runs: int, *options: str) -> Cost:
    """``padma run`` into a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as made:
        command = ("run", SCENARIO, "--runs", str(runs), "--quiet", "--out", f"{made}/{SCENARIO}")
        return process("-m", "sim.cli", *command, *options)


def compare(runs: int, *options: str) -> Cost:
    """``padma compare`` of twenty quarters into a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as made:
        command = ("compare", SCENARIO, OTHER, "--runs", str(runs), "--quiet", "--out", f"{made}/pair", *TWENTY_QUARTERS)
        return process("-m", "sim.cli", *command, *options)


# --- the table ----------------------------------------------------------------------------------------------------------


def at_most(what: str, limit: float, unit: str, values: list[float], form: str = ".2f") -> Row:
    """A row whose measured value must stay under a limit."""
    middle = median(values)
    return Row(what, f"under {limit:g} {unit}", f"{middle:{form}} {unit}{_spread(values, form)}", middle / limit)


def at_least(what: str, limit: float, unit: str, values: list[float], form: str = ".0f") -> Row:
    """A row whose measured value must reach a limit."""
    middle = median(values)
    return Row(what, f"at least {limit:g} {unit}", f"{middle:{form}} {unit}{_spread(values, form)}", limit / middle)


def _spread(values: list[float], form: str) -> str:
    return f" ({min(values):{form}} to {max(values):{form}})" if len(values) > 1 else ""


def measure(sizes: Sizes, say: Callable[[str], None]) -> tuple[list[Row], list[tuple[str, float]], list[str]]:
    """All rows, the stages of a run with their CPU seconds, and notes."""
    several = range(sizes.repeats)
    rows, notes = [], []

    say("ensemble against Mesa's batch_run")
    cc = bool(shutil.which(shlex.split(os.environ.get("CC", "cc"))[0]))
    engines = ("ensemble", "compiled") if cc else ("ensemble",)
    agents, arrays = [], {name: [] for name in engines}
    for _ in several:
        agents.append(task("mesa_batch", sizes.mesa_runs))
        for name in engines:
            arrays[name].append(task(name, sizes.ensemble_runs))
    for name, found in arrays.items():
        assert all(abs(a["check"] - b["check"]) < 1e-12 for a, b in zip(agents, found, strict=True)), "engines do not agree"
        what = f"{name} engine against `mesa.batch_run`, runs per CPU second ({SCENARIO}, same variables, one thread each)"
        rows.append(at_least(what, 200, "times", [a["cpu"] / b["cpu"] for a, b in zip(agents, found, strict=True)]))
        notes.append(f"Runs per CPU second of the {name} engine: {1 / median(f['cpu'] for f in found):.0f}.")
    notes.append(f"Runs per CPU second as Mesa agents under `batch_run`: {1 / median(a['cpu'] for a in agents):.2f}.")
    rows += against_kernel(sizes, notes) if cc else []
    if not cc:
        notes.append("No C compiler here: the compiled engine and the kernel are left out.")

    say("padma run with figures")
    run(sizes.runs)  # warm: caches of the file system and of fonts
    costs = [run(sizes.runs) for _ in several]
    what = f"`padma run {SCENARIO}`, {sizes.runs:,} runs, figures included"
    rows.append(at_most(what, 10, "s", [c.wall for c in costs], ".1f"))
    notes.append(f"`padma run` took {median(c.cpu for c in costs):.1f} s of CPU, {_gigabytes(costs):.2f} GB at the peak.")

    say("padma compare")
    for options, shown in (((), "figures included"), (("--no-figures",), "no figures")):
        costs = [compare(sizes.paired_runs, *options) for _ in several]
        what = f"`padma compare {SCENARIO} {OTHER}`, {sizes.paired_runs:,} paired runs of 20 quarters, {shown}"
        rows.append(at_most(what, 5, "s", [c.wall for c in costs], ".1f"))
        notes.append(f"`padma compare`, {shown}: {median(c.cpu for c in costs):.1f} s of CPU.")

    say(f"{sizes.many:,} runs of 20 quarters")
    cost = run(sizes.many, "--no-figures", *TWENTY_QUARTERS)
    what = f"`padma run`, {sizes.many:,} runs of 20 quarters, summary included: memory at the peak"
    rows.append(at_most(what, 1.5, "GB", [_gigabytes([cost])]))
    notes.append(f"The {sizes.many:,} runs took {cost.wall:.0f} s ({cost.cpu:.0f} s of CPU); measured once.")

    say("start")
    loaded = json.loads(
        process("-c", f"import sim, sys; print([m for m in {HEAVY} if m in sys.modules])").out.replace("'", '"')
    )
    rows.append(
        at_most("`padma --help`", 0.7, "s", [process("-m", "sim.cli", "--help").wall for _ in range(-1, len(several))][1:])
    )
    rows.append(
        at_most("`import sim`, start of Python included", 0.5, "s", [process("-c", "import sim").wall for _ in several])
    )
    notes.append(f"Of {', '.join(HEAVY)}, `import sim` loads {', '.join(loaded) or 'none'}.")

    say("a single run of agents")
    found = [task("single", sizes.mesa_runs) for _ in several]
    rows.append(
        at_most(f"one run of {found[0]['quarters']:.0f} quarters as Mesa agents", 1, "s", [f["seconds"] for f in found])
    )

    say("stages")
    seen = [task("stages", sizes.runs) for _ in several]
    return rows, [(name, median(s[name] for s in seen)) for name in seen[0]], notes


def against_kernel(sizes: Sizes, notes: list[str]) -> list[Row]:
    """How much of the speed of the hand-written kernel is reached, with everything drawn and with the turn alone."""
    found = [task("kernel", sizes.kernel_runs) for _ in range(sizes.repeats)]
    rows, unit = [], "of its speed"
    for part, meaning in (("whole", "parameters, traits and shocks drawn"), ("turn", "the turn alone, all luck drawn before")):
        reached = {name: [f[f"kernel {part}"] / f[f"{name} {part}"] for f in found] for name in ("compiled", "ensemble")}
        what = f"compiled engine against a fused kernel written by hand, one core ({meaning})"
        rows.append(at_least(what, 0.5, unit, reached["compiled"], ".2f"))
        rate = 1 / median(f[f"kernel {part}"] for f in found)
        notes.append(f"The kernel plays {rate:.0f} runs per CPU second, {meaning}; the ensemble engine reaches")
        notes[-1] += f" {median(reached['ensemble']):.2f} of it{_spread(reached['ensemble'], '.2f')}."
    return rows


def _gigabytes(costs: list[Cost]) -> float:
    return median(c.peak for c in costs) / 1e9


def markdown(rows: list[Row], parts: list[tuple[str, float]], notes: list[str], sizes: Sizes, load: str) -> str:
    """The report."""
    total = sum(seconds for _, seconds in parts)
    packages = ", ".join(f"{p} {version(p)}" for p in ("numpy", "scipy", "mesa", "xarray", "zarr", "matplotlib"))
    lines = [
        "# Benchmark",
        "",
        "Made by `make bench`. Median of several processes each, smallest and largest in brackets. *Used* is the share of the "
        "bar that was needed: below 100 % is within the bar. Seconds depend on the machine, ratios hardly. *Load* is how many "
        "processes wanted to compute at the start and at the end, this one apart: where it is not zero the cores were shared, "
        "and seconds on the clock are longer than the work.",
        "",
        f"{os.cpu_count()} cores ({platform.machine()}, {platform.system()}), Python {platform.python_version()}, {packages}. "
        f"Repeats: {sizes.repeats}. Load: {load}.",
        "",
        "| what | bar | measured | used |",
        "|---|---|---|---|",
        *(f"| {r.what} | {r.bar} | {r.measured} | {100 * r.share:.0f} %{', missed' * (r.share > 1)} |" for r in rows),
        "",
        *(f"- {note}" for note in notes),
        "",
        f"Where the CPU time of `padma run {SCENARIO}` with {sizes.runs:,} runs goes ({total:.1f} s in all):",
        "",
        "| stage | CPU s | share |",
        "|---|---|---|",
        *(f"| {name} | {seconds:.2f} | {100 * seconds / total:.0f} % |" for name, seconds in parts),
        "",
    ]
    return "\n".join(lines)


def sweep_rows() -> tuple[list[Row], list[str]]:
    """Rows and a note on a sweep of a million runs."""
    from tests.bench import sweeps

    cost = sweeps.measure()
    what = f"a sweep of {cost.runs:,} runs of 20 quarters"
    rows = [
        at_most(f"{what}: memory at the peak", 2, "GB", [cost.memory]),
        at_least(f"{what}: share of the engine in the CPU time", 80, "%", [100 * cost.engine]),
    ]
    return rows, [f"The sweep took {cost.wall:.0f} s ({cost.cpu:.0f} s of CPU); measured once."]


def main(arguments: list[str] | None = None) -> None:
    """Measure, print the table, and with ``--write`` store it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="tiny sizes, once: does everything work?")
    parser.add_argument("--repeats", type=int, help="how often everything is measured (default 5)")
    parser.add_argument("--write", action="store_true", help=f"store the table in {TABLE.relative_to(ROOT)}")
    parser.add_argument("--sweep", action="store_true", help="also a sweep of a million runs, which takes minutes")
    chosen = parser.parse_args(arguments)
    sizes = QUICK if chosen.quick else Sizes()
    sizes = replace(sizes, repeats=chosen.repeats or sizes.repeats)
    before = os.getloadavg()[1]
    rows, parts, notes = measure(sizes, lambda text: print(f"... {text}", file=sys.stderr))
    if chosen.sweep:
        rows, notes = rows + (measured := sweep_rows())[0], notes + measured[1]
    text = markdown(rows, parts, notes, sizes, f"{before:.1f} to {max(0.0, os.getloadavg()[1] - 1):.1f}")
    print(text)
    if chosen.write:
        TABLE.parent.mkdir(parents=True, exist_ok=True)
        TABLE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
