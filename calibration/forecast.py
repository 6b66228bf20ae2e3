"""The registered forecast: what the record to 4 August 2024 says about 2024Q3 to 2027Q4, written once and sealed.

    python -m calibration.forecast [--runs N] [--seed N] [--out DIR]     make it (refused where one is sealed already)
    python -m calibration.forecast --check [DIR] [--seal HASH]           refuse later edits

It runs the scenario ``forecast_2024q3``, which knows who took office and what prices were and no outcome, with whatever
parameters scenario runs use, and writes quantiles of every observable and probabilities for every statement of
calibration/statements.yaml. Whoever scores it needs only the folder. The seal holds the hash of each file and one over all of
them; publish that one elsewhere (in a paper, a tag), for whoever can edit a file can edit the seal.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calibration.observed import Record, load
from calibration.outlook.odds import VARIABLES, Ground
from calibration.outlook.statements import FILE, ask, read
from calibration.sources.tables import checksum
from sim import folders, provenance
from sim.errors import InputError, PadmaError
from sim.scenario import Scenario, read_scenario

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

SCENARIO = "forecast_2024q3"
OUT = Path("results/reference/forecast-2024Q3")
SEAL = "seal.json"
RUNS = 10_000
OBSERVED = ("vote_yes", "order_share", "orders", "trade_volume", "aid", "act_probability")
"""Measures that records decide; indices of stance and cooperation are none."""

README = """# Registered forecast, 2024Q3 to 2027Q4

Made on {date} by padma {padma} with data to {cut}; parameters: {parameters}. {runs:,} runs, seed {seed}.

Part of the period had passed by then. What was known of it: who took office, and prices. No outcome after the cut was used to
fit, to code leaders, or to choose, word or value a statement; whoever scores this should do so from the records named in it.

| file | holds |
|---|---|
| `quantiles.csv` | mean and quantiles of every observable between Bangladesh and a power, by quarter |
| `statements.csv` | {statements} statements with probability, basis, evidence, deciding record and date |
| `scenario.yaml` | the scenario, resolved |
| `seal.json` | date, versions, hashes of rules, content, record and files |

Do not edit anything here: `python -m calibration.forecast --check {folder}` refuses it. Scores belong beside it.
"""


def make(
    out: Path,
    *,
    runs: int = RUNS,
    seed: int = 1,
    scenario: Scenario | None = None,
) -> dict[str, Any]:
    """Compute the forecast, write it to a folder and seal it.

    Parameters
    ----------
    out : new folder
    runs, seed : of the ensemble
    scenario : another than the shipped one, for tests

    Returns
    -------
    the seal

    Raises
    ------
    InputError : a forecast is sealed there already, or the folder holds something else
    """
    if out.exists():
        sealed = (out / SEAL).exists()
        raise InputError(
            "a forecast is sealed here already" if sealed else "this folder exists and holds something else",
            where=str(out),
            why="a forecast that can be written again is none.",
            how="check it with --check, or choose a new folder with --out.",
        )
    record, asked = load(), read()
    scenario = read_scenario(SCENARIO) if scenario is None else scenario
    history = _simulate(scenario, runs, seed)
    tables = {
        "quantiles.csv": quantiles(history),
        "statements.csv": ask(asked, Ground(history, record, scenario.posterior.size if scenario.posterior else 0)),
    }
    facts = _facts(scenario, record, runs, seed, len(asked))
    with folders.whole(out, "the forecast") as folder:
        for name, table in tables.items():
            table.to_csv(folder / name, index=False, float_format="%.6g", lineterminator="\n")
        (folder / "scenario.yaml").write_text(scenario.text, encoding="utf-8")
        (folder / "README.md").write_text(README.format(**facts, folder=out.as_posix()), encoding="utf-8")
        files = {path.name: checksum(path.read_bytes()) for path in sorted(folder.iterdir())}
        seal = facts | {"files": files}
        seal["seal"] = _over(seal)
        (folder / SEAL).write_text(json.dumps(seal, indent=2) + "\n", encoding="utf-8")
    return seal


def _simulate(scenario: Scenario, runs: int, seed: int) -> xr.Dataset:
    from sim.run import simulate

    wanted = (*VARIABLES, "order_share", "act_probability")
    return simulate(scenario, runs=runs, seed=seed, record=wanted)


def quantiles(history: xr.Dataset) -> pd.DataFrame:
    """Mean and quantiles of every observable that has Bangladesh on one side, tidy."""
    from sim.summary import summarise

    table = summarise(history, OBSERVED).drop(columns="sd")
    return table[(table.state == "BGD") | (table.partner == "BGD")].reset_index(drop=True)


def _facts(scenario: Scenario, record: Record, runs: int, seed: int, statements: int) -> dict[str, Any]:
    """Everything that the numbers depend on."""
    made = provenance.manifest(
        scenario, runs=runs, seed=seed, engine="ensemble", command="", started=provenance.now(), warnings=[]
    )
    kept = (
        "id",
        "padma",
        "commit",
        "scenario",
        "scenario_sha256",
        "content_sha256",
        "rules_sha256",
        "parameters",
        "posterior_sha256",
    )
    return {
        "date": provenance.now().date().isoformat(),
        "cut": record.cut.isoformat(),
        **{key: made[key] for key in kept if key in made},
        "record_sha256": record.fingerprint,
        "statements_sha256": checksum(FILE.read_bytes()),
        "runs": runs,
        "seed": seed,
        "statements": statements,
        "versions": made["versions"],
    }


def _over(seal: dict[str, Any]) -> str:
    """One hash over all that a seal says."""
    return provenance.digest(json.dumps({k: v for k, v in seal.items() if k != "seal"}, sort_keys=True))


def check(folder: Path, published: str = "") -> dict[str, Any]:
    """Refuse a sealed forecast that was edited.

    Parameters
    ----------
    published : the hash over all as printed elsewhere; '' to trust the folder's own

    Raises
    ------
    InputError : no seal, or a damaged one
    PadmaError : a file is missing, changed or new, or the seal was rewritten
    """
    try:
        seal = json.loads((folder / SEAL).read_text(encoding="utf-8"))
        files, own = dict(seal["files"]), str(seal["seal"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError("no sealed forecast lies here", where=str(folder), why="there is nothing to check.") from error
    if _over(seal) != own or (published and published != own):
        raise PadmaError(
            "the seal was rewritten",
            where=str(folder / SEAL),
            why="date, hashes or versions are not those of the day on which the forecast was made.",
            how="restore it from the version that was published.",
        )
    there = {path.name for path in folder.iterdir()} - {SEAL}
    for name in sorted(there | set(files)):
        state = "new" if name not in files else "missing" if name not in there else ""
        if state or checksum((folder / name).read_bytes()) != files[name]:
            raise PadmaError(
                f"'{name}' is {state or 'not as it was sealed'}",
                where=str(folder / name),
                why="a forecast that was edited after the fact proves nothing.",
                how="restore the folder from the version that was published; put scores elsewhere.",
            )
    return dict(seal)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m calibration.forecast", description="Make or check the registered forecast."
    )
    parser.add_argument("--out", type=Path, default=OUT, help=f"new folder (default {OUT})")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--check", type=Path, nargs="?", const=OUT, metavar="DIR", help="refuse later edits of a sealed forecast"
    )
    parser.add_argument("--json", action="store_true", help="print the seal as one JSON document")
    parser.add_argument("--seal", default="", metavar="HASH", help="the hash over all, as published elsewhere")
    given = parser.parse_args(arguments)
    try:
        if given.check:
            seal = check(given.check, given.seal)
            said = f"{given.check}: as sealed on {seal['date']} ({seal['seal']})"
        else:
            seal = make(given.out, runs=given.runs, seed=given.seed)
            said = f"{given.out}: {seal['statements']} statements, parameters: {seal['parameters']}; seal {seal['seal']}"
    except PadmaError as error:
        print(error.message, file=sys.stderr)
        return error.code
    print(json.dumps(seal, ensure_ascii=False) if given.json else said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
