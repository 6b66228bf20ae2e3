"""The door: commands, options, messages, exit codes. It decides nothing that another floor could.

Floor 7. Standard output carries results (or one JSON document), standard error progress and messages. Exit codes: 0 done,
1 the work failed, 2 the input is wrong, 130 interrupted.
"""

from __future__ import annotations

import gc
import json
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim import failures
from sim.errors import InputError, PadmaError

if TYPE_CHECKING:
    from sim.run import Results
    from sim.scenario import Scenario
    from sim.tables import Table

app = typer.Typer(
    name="padma",
    help="Simulate foreign policy: five states, sourced leaders, neoclassical realism put to the test.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Runs = Annotated[int, typer.Option("--runs", metavar="N", help="Runs in the ensemble.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Seed of all chance.")]
Until = Annotated[str | None, typer.Option("--until", metavar="2030Q4", help="Last quarter.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change any key of the scenario; may be repeated.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no table.")]
Dyad = Annotated[str, typer.Option("--dyad", metavar="BGD>RUS", help="Who toward whom (quote the >).")]
IssueArea = Annotated[str, typer.Option("--issue", metavar="NAME", help="Issue area.")]
Folder = Annotated[Path, typer.Argument(metavar="RESULTS", help="A results folder, such as results/bnp_government.")]


@app.command()
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

    settings = _settings(set_ or [])
    read = [read_scenario(name, settings=settings, until=until) for name in scenarios]
    folders = _folders(read, out)
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
                    command=_command(),
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
            _print_run(results, progress.elapsed)
    if as_json:
        _print_json(documents[0] if len(documents) == 1 else documents)


@app.command()
def figure(
    results: Folder,
    kinds: Annotated[
        list[str] | None, typer.Argument(metavar="[KIND...]", help="fan heatmap trajectories (default: all).")
    ] = None,
    dyad: Dyad = "",
    issue: IssueArea = "",
    measure: Annotated[
        str, typer.Option("--measure", metavar="NAME", help="What to draw; see padma show measures.")
    ] = "cooperation",
    at: Annotated[
        list[str] | None, typer.Option("--at", metavar="2027Q1", help="Quarters of a heatmap; may be repeated.")
    ] = None,
    formats: Annotated[str, typer.Option("--formats", help="png, svg, pdf, separated by commas.")] = "png,svg",
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where to (default RESULTS/figures).")] = None,
) -> None:
    """Redraw figures from stored results."""
    from sim.figures import draw
    from sim.run import read_results

    wanted = tuple(formats.split(","))
    for path in draw(read_results(results), kinds or [], dyad, issue, measure, at or [], wanted, out):
        typer.echo(path)


@app.command()
def explain(
    results: Folder,
    dyad: Dyad = "BGD>RUS",
    issue: IssueArea = "diplomacy",
    quarter: Annotated[str, typer.Option("--quarter", metavar="2027Q3", help="When (default: the last quarter).")] = "",
    run: Annotated[int | None, typer.Option("--run", metavar="N", help="One run (default: the mean of the ensemble).")] = None,
    as_json: AsJson = False,
) -> None:
    """Why this number: pressure, perception, choice, and what another leader would have done with the same luck."""
    from sim import quarters
    from sim.explain import explain as explained
    from sim.provenance import check_same_model
    from sim.run import read_results
    from sim.summary import dyad as parse
    from sim.words import change

    held = read_results(results)
    check_same_model(held.manifest, held.scenario)
    state, partner = parse(dyad)
    when = quarter or quarters.name(held.scenario.until)
    runs, seed = int(held.manifest["runs"]), int(held.manifest["seed"])
    found = explained(held.scenario, seed, runs, state=state, partner=partner, issue=issue, quarter=when, run=run)
    if as_json:
        _print_json(
            {
                "dyad": f"{state}>{partner}",
                "issue": issue,
                "quarter": found.quarter,
                "run": run,
                "text": found.text,
                "alternatives": [vars(a) for a in found.alternatives],
            }
        )
        return
    typer.echo(found.text)
    typer.echo("Another leader in this seat, with the same luck:" if found.alternatives else "")
    for a in found.alternatives:
        typer.echo(f"  {a.name}: {a.stance:+.2f} ({change(a.difference)}, {a.difference:+.2f})")
    which = "mean of the first runs" if run is None else f"run {run}"
    typer.echo(f"({held.manifest['parameters']}; {which}; id {held.manifest['id']})")


@app.command()
def show(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="scenarios leaders states issues events contracts variables sources parameters measures episodes",
        ),
    ],
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One entry, in full.")] = None,
    as_json: AsJson = False,
) -> None:
    """What exists and where it comes from."""
    from sim.tables import card, catalogue

    table = card(kind, name) if name else catalogue(kind)
    if as_json:
        _print_json([dict(zip(table.columns, row, strict=True)) for row in table.rows] if any(table.columns) else table.rows)
    else:
        _print_table(table)


@app.command()
def check(paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="YAML files, folders or results.")]) -> None:
    """Validate YAML files or results without running."""
    from sim.check import check as look

    findings = [finding for path in paths for finding in look(path)]
    wrong = [f for f in findings if f.problem]
    for f in findings:
        if f.problem is None:
            typer.echo(f"ok    {f.path} ({f.kind})" + "".join(f"\n      {note}" for note in f.notes))
    for f in wrong:
        typer.echo(f.problem, err=True)
    typer.echo(f"{len(findings)} checked, {len(wrong)} with a mistake")
    if wrong:
        raise typer.Exit(2)


@app.command()
def cite(
    what: Annotated[str, typer.Argument(metavar="SCENARIO or RESULTS")],
    bibtex: Annotated[bool, typer.Option("--bibtex", help="BibTeX instead of text.")] = False,
) -> None:
    """References of exactly the rules, values and data used."""
    from sim import provenance
    from sim.run import read_results
    from sim.scenario import read_scenario

    scenario = read_results(what).scenario if Path(what).is_dir() else read_scenario(what)
    if bibtex:
        typer.echo(provenance.bibtex(scenario))
        return
    for key, text, why in provenance.references(scenario):
        typer.echo(f"[{key}] {text}\n    used for: {why}")


@app.command()
def export(
    results: Folder,
    to: Annotated[str, typer.Option("--to", metavar="csv,parquet,stata,netcdf", help="Formats, separated by commas.")] = "csv",
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where to (default RESULTS/export).")] = None,
) -> None:
    """Write results for R, Stata and Excel."""
    from sim.export import export as write
    from sim.run import read_results

    held = read_results(results)
    for path in write(held, [part.strip() for part in to.split(",") if part.strip()], out or results / "export"):
        typer.echo(path)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from sim.provenance import version as number

        typer.echo(f"padma {number()}")
        raise typer.Exit


# --- helpers ----------------------------------------------------------------------------------------------------------------


def _settings(pairs: list[str]) -> dict[str, Any]:
    from sim import yamlfile

    found = {}
    for pair in pairs:
        path, sign, value = pair.partition("=")
        if not sign or not path:
            why = "it must be clear what is set to what."
            raise InputError(
                f"'{pair}' is not a setting", where="--set", why=why, how="write PATH=VALUE, e.g. switches.leader=off."
            )
        found[path.strip()] = yamlfile.parse(value, f"--set {path}").content
    return found


def _folders(scenarios: list[Scenario], out: Path | None) -> list[Path]:
    names = [s.name for s in scenarios]
    if twice := next((n for n in names if names.count(n) > 1), None):
        raise InputError(f"the scenario '{twice}' is named twice", why="both would write to one folder.", how="name it once.")
    if out is None:
        return [Path("results") / name for name in names]
    return [out] if len(names) == 1 else [out / name for name in names]


def _command() -> str:
    text = shlex.join(["padma", *sys.argv[1:]])
    return os.fsencode(text).decode("utf-8", "replace")  # whatever the locale, a manifest is UTF-8


def _default_figures(results: Results) -> None:
    from sim.figures import draw_defaults

    try:
        draw_defaults(results)
    except PadmaError as error:  # too few runs, or a state left out: no reason to lose the results
        failures.say(f"Note: not all figures are drawn: {error.what}; {error.how}")


def _print_json(document: Any) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False, default=str) + "\n")


def _print_run(results: Results, elapsed: float) -> None:
    from sim.tables import relations_table

    states = results.scenario.states
    _print_table(relations_table(results, "BGD" if "BGD" in states else states[0]))
    for warning in results.manifest["warnings"]:
        typer.echo(f"Note: {warning}")
    typer.echo(f"Results in {results.folder} (id {results.manifest['id']}, {elapsed:.1f} s)")


def _print_table(table: Table) -> None:
    from rich.console import Console
    from rich.table import Table as Rich

    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False, markup=False)
    drawn = Rich(title=table.title, title_justify="left", show_header=any(table.columns), show_edge=False, pad_edge=False)
    for column in table.columns:
        drawn.add_column(column, overflow="fold")
    previous = ""
    for row in table.rows:
        drawn.add_row(*row, end_section=False) if row[0] != previous else drawn.add_row("", *row[1:])
        previous = row[0]
    console.print(drawn)
    if table.note:
        console.print(table.note)


def main() -> None:
    """Entry point of the command ``padma``."""
    gc.set_threshold(200_000, 20, 20)  # figures make many small objects, none of them in circles that matter
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        code = app(prog_name="padma", standalone_mode=False) or 0
        sys.stdout.flush()
    except BaseException as error:
        code = failures.report(error)
    sys.exit(code)


if __name__ == "__main__":
    main()
