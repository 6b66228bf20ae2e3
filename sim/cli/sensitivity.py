"""What moves an outcome, and when it happens: ``padma sensitivity``. Part of the door.

``--json`` prints one document::

    {"design", "outcome", "method", "points", "failed", "runs", "seed",
     "sentences": [text, ...],
     "indices": [{"kind": "factor" or "group", "name",
                  with sobol: "first", "first_q05", "first_q95", "total", "total_q05", "total_q95",
                  with morris: "mu_star", "mu_star_q05", "mu_star_q95", "mu", "sigma"}],
     "halves_differ_by": largest difference between indices from the two halves of the runs,
     "shares": {"factors", "draws", "interplay"} of the variance of single runs, or null,
     "box": null, or {"base", "density", "coverage", "support", "held_out": {"coverage", "density"},
                      "limits": [{"factor", "condition", "low", "high", "values", "quasi_p", "frequency"}]},
     "tree": null, or {"share", "points"} and, where it asks, {"if", "yes": tree, "no": tree},
     "results": folder, "elapsed_s", "warnings": [text, ...]}

Numbers that do not exist are null.
"""

from __future__ import annotations

from pathlib import Path
from shutil import rmtree
from typing import Annotated

import typer

from sim import failures
from sim.cli.options import AsJson, Figures, Force, Posterior, Quiet, Settings, command_line, settings_of
from sim.cli.output import print_end, print_json, print_table


def sensitivity(
    design: Annotated[str, typer.Argument(metavar="DESIGN", help="A built-in design, or a path to YAML.")],
    outcome: Annotated[
        str,
        typer.Option(
            "--outcome",
            metavar="TEXT",
            help='What is asked about, e.g. "stance BGD>RUS defence 2030Q4 < 2024Q2" (default: as the design says).',
        ),
    ] = "",
    method: Annotated[
        str, typer.Option("--method", metavar="sobol|morris", help="Indices and a box, or a screening.")
    ] = "sobol",
    points: Annotated[
        int | None,
        typer.Option(
            "--points", "-n", metavar="N", help="Base points, a power of two (64), or trajectories of a screening (20)."
        ),
    ] = None,
    runs: Annotated[
        int | None, typer.Option("--runs", metavar="N", help="Runs of each point (default: as the design says).")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed of all chance (default: the design's).")] = None,
    set_: Settings = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder (default results/sensitivity_DESIGN).")
    ] = None,
    posterior: Posterior = None,
    figures: Figures = True,
    as_json: AsJson = False,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """What moves an outcome (Sobol, Morris), and when it happens (PRIM), over the factors of a design."""
    from sim import findings, folders
    from sim.files import alone
    from sim.findings_table import box_rows, document, indices_rows, indices_table
    from sim.progress import Progress
    from sim.study import folder as home
    from sim.study import job
    from sim.study_figures import draw_study, shown, study_context
    from sim.sweep.design import read_design
    from sim.sweep.outcome import read_outcome

    settings = settings_of(set_, posterior)
    read = read_design(design, settings=settings)
    asked = read_outcome(outcome) if outcome else job.outcome_of(read)
    plan = job.plan(read, asked, method=method, size=points, runs=runs, seed=seed)
    place = out or Path("results") / f"sensitivity_{read.name}"
    folders.check_out(place, home.identity(plan), force, home.facts(plan))
    shelf = home.shelf(plan, place)
    with alone(place), Progress(place.name, quiet=quiet or as_json) as progress:
        try:
            found = job.study(plan, progress, shelf)
        except KeyboardInterrupt:
            raise failures.paused_study(place) from None
        names = study_context(found, "").names
        tables = {"indices": indices_rows(found), "box": box_rows(found)}
        said = [*findings.sentences(found, names), *findings.notes(found)]

        def draw(folder: Path, identity: str) -> None:
            if figures:
                draw_study(found, study_context(found, identity), folder / "figures")

        manifest = home.write(found, place, tables, said, shown(found, names), force=force, command=command_line(), draw=draw)
        rmtree(shelf, ignore_errors=True)
    if as_json:
        print_json(document(found, names, str(place), progress.elapsed))
    elif not quiet:
        print_table(indices_table(found, names))
        for text in said:
            typer.echo(text)
        print_end(place, manifest, progress.elapsed)
