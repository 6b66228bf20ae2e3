"""Commands that compute. Part of the door."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim import failures
from sim.cli.options import (
    Actor,
    AsJson,
    Figures,
    Force,
    Posterior,
    Quiet,
    Runs,
    Seed,
    Settings,
    Until,
    command_line,
    folders_of,
    settings_of,
)
from sim.cli.output import print_end, print_json, print_run, print_table
from sim.errors import InputError, PadmaError

if TYPE_CHECKING:
    from sim.comparison import Pair
    from sim.run import Results


def run(
    scenarios: Annotated[list[str], typer.Argument(metavar="SCENARIO...", help="Built-in names, paths, or SCENARIO+OVERLAY.")],
    runs: Runs = 1000,
    seed: Seed = 1,
    until: Until = None,
    set_: Settings = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Results folder (default results/NAME).")] = None,
    engine: Annotated[
        str, typer.Option("--engine", metavar="ensemble|compiled|mesa", help="Arrays, arrays through a C compiler, or agents.")
    ] = "ensemble",
    posterior: Posterior = None,
    figures: Figures = True,
    as_json: AsJson = False,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Simulate an ensemble of one or several scenarios: results, table, figures."""
    from sim import folders, provenance
    from sim import run as job
    from sim.progress import Progress
    from sim.scenario import read_scenarios
    from sim.tables import run_document

    settings = settings_of(set_, posterior)
    read = read_scenarios(scenarios, settings=settings, until=until)
    places = folders_of(read, out)
    for scenario, folder in zip(read, places, strict=True):  # before any work: a wrong option costs no time
        job.check_all(scenario, folder, runs=runs, seed=seed, engine_name=engine, force=force)
    documents: list[dict[str, Any]] = []
    finished: list[Path] = []
    for scenario, folder in zip(read, places, strict=True):
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
            folders.clear(folder, patience=12)
            whole = folders.holds(folder, provenance.run_id(scenario, runs, seed, engine))
            raise failures.interrupted([*finished, *([folder] if whole else [])], folder) from None
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


def compare(
    scenarios: Annotated[list[str], typer.Argument(metavar="A B [C...]", help="The worlds; all are held against the first.")],
    runs: Runs = 1000,
    seed: Seed = 1,
    until: Until = None,
    set_: Settings = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder (default results/A_vs_B).")] = None,
    state: Actor = "BGD",
    posterior: Posterior = None,
    figures: Figures = True,
    as_json: AsJson = False,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Paired counterfactuals: the same luck in every world; differences with intervals."""
    from sim import comparison, library
    from sim.progress import Progress
    from sim.scenario import read_scenarios
    from sim.tables import contrast_table, pair_document

    settings = settings_of(set_, posterior)
    worlds = read_scenarios(scenarios, settings=settings, until=until)
    code = library.state_code(state, "--state")
    folder = out or Path("results") / ("_vs_".join(dict.fromkeys(s.name for s in worlds)) or "comparison")
    comparison.check_all(worlds, folder, runs=runs, seed=seed, state=code, force=force)
    _meanwhile("pandas", *(["sim.plots"] if figures else []))
    with Progress(folder.name, quiet=quiet or as_json) as progress:
        pair = comparison.write(
            worlds,
            folder,
            runs=runs,
            seed=seed,
            state=code,
            force=force,
            command=command_line(),
            progress=progress,
            draw=_pair_figures if figures else lambda p: None,
        )
    if as_json:
        print_json(pair_document(pair, progress.elapsed))
    elif not quiet:
        for world in worlds[1:]:
            print_table(contrast_table(pair, world.name))
        print_end(pair.folder, pair.manifest, progress.elapsed)


def attribute(
    scenarios: Annotated[list[str], typer.Argument(metavar="A [B]", help="Two worlds, or one whose change is split.")],
    runs: Runs = 500,
    seed: Seed = 1,
    set_: Settings = None,
    since: Annotated[str, typer.Option("--from", metavar="2009Q1", help="Where a change begins (one world).")] = "",
    to: Annotated[str, typer.Option("--to", metavar="2015Q4", help="Where it ends (default: the last quarter).")] = "",
    dyad: Annotated[str, typer.Option("--dyad", metavar="BGD>RUS", help="Which one to draw (quote the >).")] = "",
    issue: Annotated[str, typer.Option("--issue", metavar="NAME", help="Issue area to draw.")] = "",
    measure: Annotated[str, typer.Option("--measure", metavar="NAME", help="stance, cooperation or commitment.")] = "stance",
    state: Actor = "BGD",
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for the figure and the table.")] = None,
    posterior: Posterior = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Who did it: system, leader, home, contracts, the other side or chance (Shapley values)."""
    from sim import attribution_folder, library
    from sim.attribution_figures import draw_attribution, largest
    from sim.progress import Progress
    from sim.scenario import read_scenarios
    from sim.summary import dyad as parse
    from sim.tables import attribution_document, attribution_table, parts_table

    if len(scenarios) > 2:
        why = "a difference has two sides."
        raise InputError(f"{len(scenarios)} worlds are named", where="padma attribute", why=why, how="name one or two.")
    settings = settings_of(set_, posterior)
    worlds = read_scenarios(scenarios, settings=settings)
    actor, partner = parse(dyad) if dyad else (library.state_code(state, "--state"), "")
    folder = out or Path("results") / ("attribution_" + "_vs_".join(s.name for s in worlds))
    drawn: list[Path] = []
    with Progress("attribution", quiet=quiet or as_json) as progress:
        found, manifest = attribution_folder.write(
            worlds,
            folder,
            runs=runs,
            seed=seed,
            state=actor,
            measure=measure,
            first=since,
            last=to,
            force=force,
            command=command_line(),
            progress=progress,
            draw=lambda f, number, place: drawn.extend(
                draw_attribution(f, partner, issue, ("png",), place / "figures", number)
            ),
        )
    if as_json:
        print_json(attribution_document(found, progress.elapsed) | {"results": str(folder)})
    elif not quiet:
        print_table(attribution_table(found, library.names()))
        typer.echo("")
        print_table(parts_table(found, *largest(found, partner, issue), library.names()))
        typer.echo((folder / "figures" / "caption.txt").read_text(encoding="utf-8").split("\n")[1])
        typer.echo(f"Figure {folder / 'figures' / drawn[0].name}")
        print_end(folder, manifest, progress.elapsed)


def _meanwhile(*modules: str) -> None:
    """Load what is wanted later while the arrays are computed, which leaves the interpreter free for it."""
    Thread(target=lambda: [import_module(name) for name in modules]).start()


def _pair_figures(pair: Pair) -> None:
    from sim.figures import draw_pair_defaults

    draw_pair_defaults(pair)


def _default_figures(results: Results) -> None:
    from sim.figures import draw_defaults

    try:
        draw_defaults(results)
    except PadmaError as error:  # too few runs, or a state left out: no reason to lose the results
        failures.say(f"Note: not all figures are drawn: {error.what}; {error.how}")
