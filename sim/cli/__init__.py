"""The door: commands, options, messages, exit codes. It decides nothing that another floor could.

Floor 7. Standard output carries results (or one JSON document), standard error progress and messages. Exit codes: 0 done,
1 the work failed, 2 the input is wrong, 130 interrupted.
"""

from __future__ import annotations

import gc
import sys
from typing import Annotated

import typer

from sim import failures
from sim.cli import evidence, handouts, jobs, look, sweeps
from sim.cli.explore import explore
from sim.cli.sensitivity import sensitivity

app = typer.Typer(
    name="padma",
    help="Simulate foreign policy: five states, sourced leaders, neoclassical realism put to the test.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

INTERRUPTED = 130

COMMANDS = (
    jobs.run, jobs.compare, jobs.attribute, sweeps.sweep, sensitivity, look.figure, handouts.report, handouts.deck,
    explore, look.explain, look.show, look.check, look.cite, look.export,
    evidence.calibrate, evidence.backtest, evidence.claims, evidence.forecast,
)  # fmt: skip
"""All commands, in the order of ``padma --help``."""

for command in COMMANDS:
    app.command()(command)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from sim.provenance import version as number

        typer.echo(f"padma {number()}")
        raise typer.Exit


def main() -> None:
    """Entry point of the command ``padma``."""
    gc.set_threshold(200_000, 20, 20)  # figures make many small objects, none of them in circles that matter
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        code = app(prog_name="padma", standalone_mode=False) or 0
        if code == INTERRUPTED:  # typer makes a code of a Ctrl-C that nobody else has met
            raise KeyboardInterrupt
        sys.stdout.flush()
    except BaseException as error:
        code = failures.report(error)
    sys.exit(code)
