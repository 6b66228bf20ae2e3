"""Options and arguments that several commands share, and what they mean. Part of the door."""

from __future__ import annotations

import math
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.errors import InputError

if TYPE_CHECKING:
    from sim.scenario import Scenario

Runs = Annotated[int, typer.Option("--runs", metavar="N", help="Runs in the ensemble.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Seed of all chance.")]
Until = Annotated[str | None, typer.Option("--until", metavar="2030Q4", help="Last quarter.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change any key of the scenario; may be repeated.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no table.")]
Figures = Annotated[bool, typer.Option("--figures/--no-figures", help="Draw the default figures.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite a folder that holds something else of padma.")]
Actor = Annotated[str, typer.Option("--state", metavar="BGD", help="Whose relations.")]
Dyad = Annotated[str, typer.Option("--dyad", metavar="BGD>RUS", help="Who toward whom (quote the >).")]
IssueArea = Annotated[str, typer.Option("--issue", metavar="NAME", help="Issue area.")]
Folder = Annotated[Path, typer.Argument(metavar="RESULTS", help="A results folder, such as results/bnp_government.")]
Posterior = Annotated[
    str | None,
    typer.Option("--posterior", metavar="FILE", help="Draw parameters from this posterior (none: from the priors)."),
]


def settings_of(pairs: list[str] | None, posterior: str | None = None) -> dict[str, Any]:
    """What ``--set`` and ``--posterior`` ask for, by path.

    Raises
    ------
    InputError : a pair that is no setting, a key set twice, or a posterior that is not there
    """
    from sim import yamlfile

    found: dict[str, Any] = {}
    if posterior is not None:
        if posterior not in ("none", "shipped") and not Path(posterior).is_file():
            why, how = "no run can be drawn from it.", "name a file made by padma calibrate, or: none, shipped."
            raise InputError(f"there is no file '{posterior}'", where="--posterior", why=why, how=how)
        found["posterior"] = posterior
    for pair in pairs or ():
        path, sign, value = pair.partition("=")
        if not sign or not path:
            why = "it must be clear what is set to what."
            raise InputError(
                f"'{pair}' is not a setting", where="--set", why=why, how="write PATH=VALUE, e.g. switches.leader=off."
            )
        path = path.strip()
        if path in found:
            by = "--posterior" if path == "posterior" and posterior is not None else "--set"
            why, how = "only one of the two values could count.", "give one of them."
            raise InputError(f"'{path}' is set twice (also with {by})", where=f"--set {path}", why=why, how=how)
        endless = value.strip() in ("inf", ".inf")  # a rate of infinity is a special case of the model
        found[path] = math.inf if endless else yamlfile.parse(value, f"--set {path}").content
    return found


def folders_of(scenarios: list[Scenario], out: Path | None) -> list[Path]:
    """Where the results of each scenario go."""
    names = [s.name for s in scenarios]
    if twice := next((n for n in names if names.count(n) > 1), None):
        raise InputError(f"the scenario '{twice}' is named twice", why="both would write to one folder.", how="name it once.")
    if out is None:
        return [Path("results") / name for name in names]
    return [out] if len(names) == 1 else [out / name for name in names]


def command_line() -> str:
    """The command as it was given."""
    text = shlex.join(["padma", *sys.argv[1:]])
    return os.fsencode(text).decode("utf-8", "replace")  # whatever the locale, a manifest is UTF-8
