"""Commands that make something to hand out: ``padma report`` and ``padma deck``. Part of the door.

``--json`` prints one document::

    {"file": path, "id": of the results, "kind": run, runs, comparison, sweep or study, "question": text,
     "answer": [three sentences], "findings": [headline, ...], "sources": number, "bytes": size, "elapsed_s": seconds}
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import AsJson, Quiet
from sim.cli.output import print_json

if TYPE_CHECKING:
    from sim.handout.parts import Handout

Folders = Annotated[
    list[Path], typer.Argument(metavar="RESULTS...", help="A results folder; several runs are set side by side.")
]
OverAFile = Annotated[bool, typer.Option("--force", help="Overwrite a file that is something else.")]


def report(
    results: Folders,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="The page (default RESULTS/report.html).")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    force: OverAFile = False,
) -> None:
    """One self-contained HTML page: answer, figures, chart, causes, trust, sources; opens offline, prints on A4."""

    def make(handout: Handout) -> bytes:
        from sim.report import page

        return page(handout).encode()

    _hand_out(results, out or _default(results, "report.html"), ".html", make, as_json, quiet, force)


def deck(
    results: Folders,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="The slides (default RESULTS/deck.pptx).")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    force: OverAFile = False,
) -> None:
    """PowerPoint slides: a finding on each, figures, tables that can be edited, speaker notes with caveats and sources."""

    def make(handout: Handout) -> bytes:
        from sim.deck import slides

        return slides(handout)

    _hand_out(results, out or _default(results, "deck.pptx"), ".pptx", make, as_json, quiet, force)


def _default(results: list[Path], name: str) -> Path:
    """In the folder of the results; beside the folders where there are several."""
    return (results[0] if len(results) == 1 else results[0].parent) / name


def _hand_out(
    results: list[Path],
    out: Path,
    suffix: str,
    make: Callable[[Handout], bytes],
    as_json: bool,
    quiet: bool,
    force: bool,
) -> None:
    from sim.handout import files
    from sim.handout.reading import identity, read

    begun = time.monotonic()
    files.check_file(out, suffix)
    files.check_overwrites(out, identity(results), force)
    handout = read(results)
    content = make(handout)
    files.write_whole(out, content)
    elapsed = time.monotonic() - begun
    if as_json:
        print_json(_document(handout, out, len(content), elapsed))
    elif not quiet:
        for sentence in handout.answer:
            typer.echo(sentence)
        typer.echo(f"{out} ({len(content) / 1e6:.1f} MB, id {handout.identity}, {elapsed:.1f} s)")


def _document(handout: Handout, out: Path, size: int, elapsed: float) -> dict[str, Any]:
    return {
        "file": str(out),
        "id": handout.identity,
        "kind": handout.kind,
        "question": handout.question,
        "answer": list(handout.answer),
        "findings": [finding.headline for finding in handout.findings],
        "sources": len(handout.sources),
        "bytes": size,
        "elapsed_s": round(elapsed, 3),
    }
