"""Commands about many points of one design. Part of the door."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim import failures
from sim.cli.options import AsJson, Figures, Force, Posterior, Quiet, Settings, command_line, settings_of
from sim.cli.output import print_end, print_json, print_table

if TYPE_CHECKING:
    from sim.sweep.job import Plan

DesignName = Annotated[str, typer.Argument(metavar="DESIGN", help="A built-in design or a path to YAML.")]


def sweep(
    design: DesignName,
    runs: Annotated[int | None, typer.Option("--runs", metavar="N", help="Runs of every point (default: as designed).")] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed of all chance.")] = None,
    points: Annotated[
        int | None, typer.Option("--points", metavar="N", help="Points of a hypercube or Sobol sequence.")
    ] = None,
    set_: Settings = None,
    posterior: Posterior = None,
    out: Annotated[str | None, typer.Option("--out", metavar="DIR|URL", help="Folder or store (default results/NAME).")] = None,
    workers: Annotated[int | None, typer.Option("--workers", metavar="N", help="Local Dask cluster of N processes.")] = None,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="tcp://HOST:PORT", help="Existing Dask cluster.")
    ] = None,
    chunk: Annotated[int | None, typer.Option("--chunk", metavar="N", help="Points computed and written together.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    figures: Figures = True,
    as_json: AsJson = False,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Many scenarios or values at once, resumable: who governs, images, sanctions, any key."""
    from sim.progress import Progress
    from sim.sweep import job
    from sim.sweep.design import read_design
    from sim.sweep_views import sweep_document, sweep_table

    settings = settings_of(set_, posterior)
    asked = read_design(design, settings=settings)
    where = out or str(Path("results") / asked.name)
    execute = _cluster(workers, scheduler)
    planned = job.plan(asked, where, runs=runs, seed=seed, points=points, chunk=chunk, force=force)
    if dry_run:
        _say_plan(planned, as_json)
        return
    with planned.where.alone():
        try:
            with Progress(asked.name, quiet=quiet or as_json, unit="runs") as progress:
                manifest = job.sweep(planned, execute=execute, command=command_line(), progress=progress)
        except KeyboardInterrupt:
            raise failures.paused(planned.layout.chunks - len(planned.missing()), planned.layout.chunks, where) from None
        if figures and planned.local is not None:
            _draw(planned)
    rows = job.variance_rows(planned)
    if as_json:
        print_json(sweep_document(planned.design, manifest, rows, where, progress.elapsed))
    elif not quiet:
        print_table(sweep_table(planned.design, rows))
        print_end(where, manifest, progress.elapsed)


def _cluster(workers: int | None, scheduler: str | None) -> Any:
    """How chunks are computed: None stands for this process."""
    if workers is None and scheduler is None:
        return None
    from sim.sweep.cluster import on_cluster

    return on_cluster(workers, scheduler)


def _say_plan(planned: Plan, as_json: bool) -> None:
    from sim.sweep.work import runs_per_point

    layout = planned.layout
    missing = len(planned.missing())
    document = {
        "design": planned.design.name,
        "points": layout.points,
        "runs": layout.points * runs_per_point(layout),
        "measures": layout.measures,
        "chunks": layout.chunks,
        "missing": missing,
        "results": str(planned.where),
        "id": planned.id,
    }
    if as_json:
        print_json(document)
        return
    typer.echo(f"{planned.design.title}: {layout.points:,} points of {planned.design.runs:,} runs each,")
    typer.echo(f"{document['runs']:,} runs with those that split the variance, {layout.measures} numbers kept of each,")
    typer.echo(f"{layout.chunks} chunks of which {missing} are missing in {planned.where} (id {planned.id}).")


def _draw(planned: Plan) -> None:
    from sim.sweep.results import read_sweep
    from sim.sweep_views import draw_sweep

    assert planned.local is not None
    draw_sweep(read_sweep(planned.local), [], ("png",))
