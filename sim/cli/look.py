"""Commands that show what exists and what was computed. Part of the door."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import AsJson, Dyad, Folder, IssueArea
from sim.cli.output import print_json, print_table
from sim.errors import InputError


def figure(
    results: Folder,
    kinds: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KIND...]",
            help="Of runs: fan heatmap trajectories alignment hedging sides acts. Of a comparison: differences contrast"
            " governments. Of an attribution: waterfall. Of a study: indices tornado box. Of a sweep: shares outcomes."
            " Of a back-test: scoreboard reliability held_out. Of calibration/posterior: posterior. Default: all.",
        ),
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
    size: Annotated[
        str, typer.Option("--size", metavar="screen|print", help="PNG of 1280 pixels across, or of 3840 for paper.")
    ] = "screen",
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where to (default RESULTS/figures).")] = None,
) -> None:
    """Redraw figures from stored results."""
    from sim.cli.evidence import draw_evidence, is_evidence
    from sim.redraw import Wish, redraw

    wish = Wish(kinds or [], dyad, issue, measure, at or [], tuple(formats.split(",")), out, size)
    for path in draw_evidence(results, wish) if is_evidence(results) else redraw(results, wish):
        typer.echo(path)


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
    from sim.explain import MEAN_OVER
    from sim.explain import explain as explained
    from sim.provenance import check_same_model
    from sim.run import read_results
    from sim.summary import dyad as parse
    from sim.words import change, signed

    held = read_results(results)
    check_same_model(held.manifest, held.scenario)
    state, partner = parse(dyad)
    when = quarter or quarters.name(held.scenario.until)
    runs, seed = int(held.manifest["runs"]), int(held.manifest["seed"])
    found = explained(held.scenario, seed, runs, state=state, partner=partner, issue=issue, quarter=when, run=run)
    if as_json:
        print_json(
            {
                "dyad": f"{state}>{partner}",
                "issue": issue,
                "quarter": found.quarter,
                "run": run,
                "text": found.text,
                "alternatives": [vars(a) for a in found.alternatives],
                "alternatives_from": found.since,
            }
        )
        return
    typer.echo(found.text)
    if found.alternatives:
        typer.echo(f"Another leader in this seat from {found.since} on, with the same luck:")
    for a in found.alternatives:
        typer.echo(f"  {a.name}: {signed(a.stance)} ({change(a.difference)}, {signed(a.difference)})")
    which = f"mean of the first {min(runs, MEAN_OVER)} runs" if run is None else f"run {run}"
    typer.echo(f"({held.manifest['parameters']}; {which}; id {held.manifest['id']})")


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
    from sim.cards import card
    from sim.catalogue import catalogue

    table = card(kind, name) if name else catalogue(kind)
    if as_json:
        print_json(table.document)
    else:
        print_table(table)


def check(paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="YAML files, folders or results.")]) -> None:
    """Validate YAML files or results without running."""
    from sim.check import check as look

    if "" in paths:
        raise InputError("an empty name is no file", how="name a YAML file, a folder or results.")
    findings = [finding for path in paths for finding in look(Path(path))]
    wrong = [f for f in findings if f.problem]
    for f in findings:
        if f.problem is None:
            typer.echo(f"ok    {f.path} ({f.kind})" + "".join(f"\n      {note}" for note in f.notes))
    for f in wrong:
        typer.echo(f.problem, err=True)
    typer.echo(f"{len(findings)} checked, {len(wrong)} with a mistake")
    if wrong:
        raise typer.Exit(2)


def cite(
    what: Annotated[str, typer.Argument(metavar="SCENARIO or RESULTS")],
    bibtex: Annotated[bool, typer.Option("--bibtex", help="BibTeX instead of text.")] = False,
    as_json: AsJson = False,
) -> None:
    """References of exactly the rules, values and data used."""
    from sim import provenance
    from sim.comparison import is_pair, read_pair
    from sim.run import read_results
    from sim.scenario import read_scenario

    if not Path(what).is_dir():
        scenarios = [read_scenario(what)]
    else:
        scenarios = list(read_pair(Path(what)).scenarios) if is_pair(Path(what)) else [read_results(what).scenario]
    if bibtex:
        entries = [entry for scenario in scenarios for entry in provenance.bibtex(scenario).split("\n\n")]
        typer.echo("\n\n".join(dict.fromkeys(entries)))
        return
    found = provenance.references(*scenarios)
    if as_json:
        names = ("key", "reference", "used_for")
        print_json([dict(zip(names, entry, strict=True)) for entry in found])
        return
    for key, text, why in found:
        typer.echo(f"[{key}] {text}\n    used for: {why}")


def export(
    results: Folder,
    to: Annotated[str, typer.Option("--to", metavar="csv,parquet,stata,netcdf", help="Formats, separated by commas.")] = "csv",
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where to (default RESULTS/export).")] = None,
) -> None:
    """Write results for R, Stata and Excel."""
    from sim import provenance
    from sim.export import export as write
    from sim.run import read_results

    if kind := provenance.kind_of(results):
        why = "only a run keeps every history; its tables are CSV files already, for R, Stata and Excel."
        raise InputError(f"a {kind} is not exported", where=str(results), why=why, how="read the CSV files of the folder.")
    held = read_results(results)
    for path in write(held, [part.strip() for part in to.split(",") if part.strip()], out or results / "export"):
        typer.echo(path)
