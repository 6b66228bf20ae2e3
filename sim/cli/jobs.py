"""Commands that compute. Part of the door."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim import failures
from sim.cli.options import AsJson, Posterior, Quiet, Runs, Seed, Settings, Until, command_line, folders_of, settings_of
from sim.cli.output import print_json, print_run
from sim.errors import PadmaError

if TYPE_CHECKING:
    from sim.run import Results


def run(
    scenarios: Annotated[list[str], typer.Argument(metavar="SCENARIO...", help="Built-in names, paths, or SCENARIO+OVERLAY.")],
    runs: Runs = 1000,
    seed: Seed = 1,
    until: Until = None,
    set_: Settings = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Results folder (default results/NAME).")] = None,
    engine: Annotated[
        str, typer.Option("--engine", metavar="ensemble|mesa", help="Arrays, or one agent model per run.")
    ] = "ensemble",
    posterior: Posterior = None,
    figures: Annotated[bool, typer.Option("--figures/--no-figures", help="Draw the default figures.")] = True,
    as_json: AsJson = False,
    quiet: Quiet = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a results folder that holds another run.")] = False,
) -> None:
    """Simulate an ensemble of one or several scenarios: results, table, figures."""
    from sim import run as job
    from sim.progress import Progress
    from sim.scenario import read_scenario
    from sim.tables import run_document

    settings = settings_of(set_ or []) | ({"posterior": posterior} if posterior else {})
    read = [read_scenario(name, settings=settings, until=until) for name in scenarios]
    folders = folders_of(read, out)
    for scenario, folder in zip(read, folders, strict=True):  # before any work: a wrong option costs no time
        job.check_all(scenario, folder, runs=runs, seed=seed, engine_name=engine, force=force)
    documents: list[dict[str, Any]] = []
    finished: list[Path] = []
    for scenario, folder in zip(read, folders, strict=True):
        try:
            with Progress(scenario.name, quiet=quiet or as_json) as progress:
                results = job.run(
                    scenario,
                    folder,
                    runs=runs,
                    seed=seed,
                    engine_name=engine,
                    force=force,
                    command=command_line(),
                    progress=progress,
                    draw=_default_figures if figures else lambda r: None,
                )
        except KeyboardInterrupt:
            raise failures.interrupted(finished, folder) from None
        except Exception:
            failures.kept(finished)
            raise
        finished.append(folder)
        if as_json:
            documents.append(run_document(results, progress.elapsed))
        elif not quiet:
            print_run(results, progress.elapsed)
    if as_json:
        print_json(documents[0] if len(documents) == 1 else documents)


def _default_figures(results: Results) -> None:
    from sim.figures import draw_defaults

    try:
        draw_defaults(results)
    except PadmaError as error:  # too few runs, or a state left out: no reason to lose the results
        failures.say(f"Note: not all figures are drawn: {error.what}; {error.how}")
