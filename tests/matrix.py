"""The same numbers from other Pythons, libraries, processes, chunks and orders: ``make matrix``. Not a test of the suite.

    python -m tests.matrix [--keep DIR] [--only NAME] [--out FILE]

Makes a virtual environment for every line of :data:`ENVIRONMENTS` (this takes packages from the usual place), computes the
same small set of numbers in each, and writes which of them are equal to the last bit, and to how many digits where they are
not. Inside each environment numbers must not depend on workers, chunks, threads or the order of scenarios at all.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
PLAIN = "AVX512_SKX AVX512F AVX2 FMA3"
"""Instructions that an older processor lacks."""


@dataclass(frozen=True)
class Environment:
    """Where the numbers are computed: a Python, versions of packages, instructions that are switched off."""

    name: str
    python: str
    pins: tuple[str, ...] = ()
    without: str = ""
    shares: str = ""
    """Name of the environment whose packages are used, where only the instructions differ."""
    extra: dict[str, str] = field(default_factory=dict)


def oldest() -> tuple[str, ...]:
    """The lowest version of every package that pyproject.toml allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    allowed = [*project["dependencies"], *project["optional-dependencies"]["cluster"]]
    return tuple(re.sub(r"^([\w-]+)>=([\d.]+).*", r"\1==\2", line) for line in allowed)


def lowest(*names: str) -> tuple[str, ...]:
    """The same, of some packages."""
    return tuple(pin for pin in oldest() if pin.partition("==")[0] in names)


ENVIRONMENTS = (
    Environment("3.11, newest", "python3.11"),
    Environment("3.12, newest", "python3.12"),
    Environment("3.13, newest", "python3.13"),
    Environment("3.11, oldest numpy and mesa", "python3.11", lowest("numpy", "mesa")),
    Environment("3.11, oldest of all", "python3.11", oldest()),
    Environment("3.13, newest, older processor", "python3.13", without=PLAIN, shares="3.13, newest"),
)

DESIGN = """
name: little
title: A little sweep
question: Does anything change?
base: bnp_government
until: 2026Q2
settings: {spin_up_from: 2025Q4}
runs: 40
factors:
  - {name: who, key: scenario, values: [bnp_government, jamaat_led], group: leader}
  - {name: price, key: inputs.price.energy.2026Q1, range: [-1, 1], group: system}
design: {kind: grid, levels: 4}
measures:
  - {measure: stance, partner: [RUS, USA], issue: diplomacy, quarter: 2026Q2}
"""

# --- what is computed, inside an environment ----------------------------------------------------------------------------


def numbers(folder: Path) -> dict[str, Any]:
    """All numbers: name -> array."""
    import sim
    from sim.agents import StateSystem
    from sim.paired import compare
    from sim.scenario import read_scenario

    kept = ("stance", "cooperation", "vote", "orders", "trade_volume")
    found: dict[str, Any] = {}
    for name in ("bnp_government", "history"):
        held = sim.simulate(name, runs=24, seed=1, record=kept)
        found |= {f"{name}: {variable}": held[variable].values for variable in kept}
    world = sim.World(read_scenario("bnp_government"), 1)
    found["one agent model per run: stance"] = StateSystem(world, 5).simulate(("stance",))["stance"]
    pair = compare(read_scenario("from_2024"), read_scenario("no_uprising_2024"), runs=40, seed=1, state="BGD")
    found["paired differences"] = pair.contrasts["mean"].to_numpy(float)
    (folder / "little.yaml").write_text(DESIGN, encoding="utf-8")
    padma(folder, "sweep", "little.yaml", "--out", "sweep", "--no-figures", "--quiet")
    padma(folder, "run", "bnp_government", "jamaat_led", *SHORT, "--out", "runs")
    padma(folder, "check", "runs/jamaat_led")
    padma(folder, "export", "--help")
    found |= {f"tables: {name}": table(folder / name) for name in ("sweep/summary.csv", "runs/jamaat_led/summary.csv")}
    return found


SHORT = ("--runs", "40", "--until", "2026Q4", "--no-figures", "--quiet")


def table(path: Path) -> Any:
    """Numbers of a CSV file (row, column), to the last digit written: older pandas reads some of them one bit off."""
    with path.open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    columns = []
    for cells in zip(*rows, strict=True):
        with contextlib.suppress(ValueError):
            columns.append([float(cell or "nan") for cell in cells])
    return np.array(columns).T


def padma(folder: Path, *arguments: str) -> None:
    """Run the command in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "sim.cli", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"padma {' '.join(arguments)}\n{done.stdout}{done.stderr}")


def variants(folder: Path) -> dict[str, bool]:
    """Ways of computing that must not change a byte -> whether they did not."""
    from sim import engine, history

    def files(name: str, *inside: str) -> list[bytes]:
        return [(folder / name / file).read_bytes() for file in inside]

    found = {}
    sweep = ("points.csv", "summary.csv", "variance.csv")
    whole = files("sweep", *sweep)
    for options in (["--chunk", "1"], ["--chunk", "3"], ["--chunk", "8"], *(["--workers", n] for n in "124")):
        name = "sweep" + "".join(options).replace("--", "_")
        padma(folder, "sweep", "little.yaml", "--out", name, "--no-figures", "--quiet", *options)
        found[" ".join(["padma sweep", *options])] = files(name, *sweep) == whole
    padma(folder, "run", "jamaat_led", "bnp_government", *SHORT, "--out", "backward")
    both = [f"{name}/{file}" for name in ("bnp_government", "jamaat_led") for file in ("summary.csv", "events.csv")]
    found["scenarios in another order"] = files("backward", *both) == files("runs", *both)
    found["scenarios from the compiled engine, to seven digits"] = _compiled(folder)
    import sim

    reference = sim.simulate("bnp_government", runs=70, seed=1, record=("stance",))["stance"].values
    for threads, chunk in ((1, 256), (4, 7), (2, 33), (3, 70)):
        history.THREADS, history.CHUNK, engine.CHUNK = threads, chunk, chunk
        again = sim.simulate("bnp_government", runs=70, seed=1, record=("stance",))["stance"].values
        found[f"{threads} threads, {chunk} runs at a time"] = bool(np.array_equal(again, reference))
    return found


def _compiled(folder: Path) -> bool:
    """Whether the compiled engine gives the tables of the ensemble engine, to what a table holds."""
    padma(folder, "run", "jamaat_led", *SHORT, "--out", "compiled", "--engine", "compiled")
    one, other = table(folder / "compiled/summary.csv"), table(folder / "runs/jamaat_led/summary.csv")
    return bool(np.allclose(one, other, rtol=1e-5, atol=1e-6, equal_nan=True))


def inside(target: Path) -> None:
    """Compute everything in this environment, and leave it in a folder."""
    from importlib.metadata import version

    with tempfile.TemporaryDirectory() as made:
        found = numbers(Path(made))
        said = {
            "python": sys.version.split()[0],
            **{name: version(name) for name in ("numpy", "scipy", "mesa", "pandas", "xarray", "zarr")},
        }
        kept = {"versions": said, "variants": variants(Path(made))}
    np.savez(target / "numbers.npz", **found)
    (target / "said.json").write_text(json.dumps(kept), encoding="utf-8")


# --- outside ------------------------------------------------------------------------------------------------------------


def compute(environment: Environment, home: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Versions and variants, and the numbers, of one environment; they are kept in ``home`` and not computed twice."""
    kept = home / re.sub(r"\W+", "-", environment.name)
    if not (kept / "said.json").is_file():
        python = _python(environment, home)
        kept.mkdir(parents=True, exist_ok=True)
        told = {**os.environ, "PYTHONPATH": str(ROOT), "NPY_DISABLE_CPU_FEATURES": environment.without}
        told = {key: value for key, value in told.items() if value}
        subprocess.run([python, "-m", "tests.matrix", "--inside", kept], cwd=ROOT, env=told, check=True)
    with np.load(kept / "numbers.npz") as held:
        return json.loads((kept / "said.json").read_text(encoding="utf-8")), dict(held)


def _python(environment: Environment, home: Path) -> Path:
    """The interpreter of a virtual environment with padma's dependencies in the versions asked for."""
    name = re.sub(r"\W+", "-", environment.shares or environment.name)
    folder = home / f"venv-{name}"
    if not (folder / "ready").exists():
        subprocess.run([environment.python, "-m", "venv", folder], check=True)
        pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, f"{ROOT}[cluster]", *environment.pins], check=True)
        (folder / "ready").touch()
    return folder / "bin/python"


def agreement(one: Any, other: Any) -> str:
    """``same bits``, or to how many digits two arrays agree, relative to the largest number of the array.

    >>> agreement(np.array([1.0, 2.0]), np.array([1.0, 2.0 + 4e-12]))
    '11 digits'
    """
    if one.shape != other.shape:
        return "another shape"
    if np.array_equal(one, other, equal_nan=True):
        return "same bits"
    if not np.array_equal(np.isnan(one), np.isnan(other)):
        return "missing elsewhere"
    difference = np.nanmax(np.abs(one - other)) / np.nanmax(np.abs(one))
    return f"{int(-np.log10(difference))} digits"


def fingerprint(found: dict[str, Any]) -> str:
    """A short hash of all numbers."""
    return hashlib.sha256(b"".join(found[name].tobytes() for name in sorted(found))).hexdigest()[:12]


def page(rows: Sequence[tuple[Environment, dict[str, Any], dict[str, Any]]], digits: Callable[[Any, Any], str]) -> str:
    """What was found, in Markdown."""
    first = rows[0]
    libraries = list(first[1]["versions"])
    lines = [
        "# The same numbers elsewhere",
        "",
        "Written by `make matrix` (tests/matrix.py). Every environment computes the same numbers; they are held against those",
        f"of the first, *{first[0].name}*. Digits count from the largest number of an array.",
        "",
        "| environment | " + " | ".join(libraries) + " | all numbers |",
        "|---|" + "---|" * (len(libraries) + 1),
    ]
    for environment, said, found in rows:
        versions = " | ".join(said["versions"][name] for name in libraries)
        lines.append(f"| {environment.name} | {versions} | `{fingerprint(found)}` |")
    others = rows[1:]
    lines += ["", "| numbers | count | " + " | ".join(row[0].name for row in others) + " |"]
    lines += ["|---|---:|" + "---|" * len(others)]
    for name, values in first[2].items():
        cells = " | ".join(digits(values, row[2][name]) for row in others)
        lines.append(f"| {name} | {values.size:,} | {cells} |")
    ways = list(first[1]["variants"])
    lines += ["", "Inside each environment, against the plain way of computing:", ""]
    lines += ["| way | " + " | ".join(row[0].name for row in rows) + " |", "|---|" + "---|" * len(rows)]
    for way in ways:
        cells = " | ".join("equal" if row[1]["variants"][way] else "**differs**" for row in rows)
        lines.append(f"| {way} | {cells} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Compute and compare; exit code 1 where a way of computing changed a number, or fewer than ten digits agree."""
    parser = argparse.ArgumentParser(prog="python -m tests.matrix", description="The same numbers elsewhere.")
    parser.add_argument("--keep", type=Path, help="folder of environments and numbers (default: .matrix)")
    parser.add_argument("--only", action="append", help="one environment; may be repeated")
    parser.add_argument("--out", type=Path, default=ROOT / "results/reference/matrix.md")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        inside(asked.inside)
        return 0
    home = (asked.keep or ROOT / ".matrix").absolute()
    chosen = [e for e in ENVIRONMENTS if not asked.only or e.name in asked.only]
    rows = [(environment, *compute(environment, home)) for environment in chosen]
    text = page(rows, agreement)
    if missing := [environment.name for environment in ENVIRONMENTS if environment not in chosen]:
        text += f"\nNot computed this time: {'; '.join(missing)}.\n"
    asked.out.write_text(text, encoding="utf-8")
    print(text)
    return int("differs" in text or "another shape" in text or bool(re.search(r"\| [0-9] digits", text)))


if __name__ == "__main__":
    raise SystemExit(main())
