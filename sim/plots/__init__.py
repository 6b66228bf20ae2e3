"""Figures: fans, heatmaps and single runs, in one house style.

Floor 6. Every figure says one thing in words, with its uncertainty, its source, its status and its manifest. Drawing
consumes finished summaries (:mod:`sim.summary`) and never touches the engine. ``draw_*`` draws one panel on given axes;
``figure_*`` makes a slide; ``caption_*`` gives the sentence; :func:`save` writes files that are the same every day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from matplotlib.figure import Figure

from sim.plots.box import Axis, Discovery, Row, draw_path, draw_points, draw_tree, figure_discovery
from sim.plots.captions import (
    caption_differences,
    caption_fan,
    caption_fans,
    caption_heatmap,
    caption_text,
    caption_trajectories,
)
from sim.plots.contrast import Contrast, caption_contrast, draw_contrast, figure_contrast
from sim.plots.fan import draw_fan, figure_differences, figure_fan, figure_fans
from sim.plots.heatmap import draw_heatmap, figure_heatmap
from sim.plots.indices import Bar, Bars, draw_bars, draw_plane, figure_indices
from sim.plots.style import DPI, credit, house
from sim.plots.sweep import Outcomes, Panel, Shares, draw_outcome, draw_shares, figure_outcomes, figure_shares
from sim.plots.trajectories import draw_trajectories, figure_trajectories
from sim.plots.waterfall import Step, Waterfall, draw_waterfall, figure_waterfall

if TYPE_CHECKING:
    from sim.summary import Context

KINDS: dict[str, tuple[str, Callable[..., Figure]]] = {
    "fan": ("One measure over time with 50, 80 and 95 % intervals", figure_fan),
    "fans": ("The same for every power and issue area, on one scale", figure_fans),
    "heatmap": ("Powers and issue areas at chosen quarters", figure_heatmap),
    "trajectories": ("A dozen single runs", figure_trajectories),
    "contrast": ("Two worlds with the same luck, and their paired difference", figure_contrast),
    "differences": ("Paired differences for every power and issue area, on one scale", figure_differences),
}
"""Kinds of figure: what each shows, and the function (summary, context) that makes it."""

CAPTIONS: dict[str, Callable[..., str]] = {
    "fan": caption_fan,
    "fans": caption_fans,
    "heatmap": caption_heatmap,
    "trajectories": caption_trajectories,
    "contrast": caption_contrast,
    "differences": caption_differences,
}
"""The caption of each kind of figure, from (summary, context)."""

FORMATS = ("png", "svg", "pdf")

PACKED = 3
"""How hard PNG files are packed: twice as fast as the usual 6, and a little larger."""


def save(
    figure: Figure,
    path_without_suffix: Path | str,
    caption: str,
    context: Context,
    kinds: Sequence[str] = ("png", "svg"),
) -> list[Path]:
    """Write a figure in several formats; the same figure always gives the same bytes.

    Parameters
    ----------
    path_without_suffix : e.g. ``figures/fan_BGD_RUS_energy``; its folder is made if need be
    caption : the sentence, stored inside the files as well, where screen readers and archives find it
    context : gives title, source and manifest of the files
    kinds : any of png, svg, pdf

    Returns
    -------
    paths written
    """
    base = Path(path_without_suffix)
    base.parent.mkdir(parents=True, exist_ok=True)
    paths = []
    for kind in kinds:
        path = base.with_name(f"{base.name}.{kind}")
        save_to(path, figure, caption, context, kind)
        paths.append(path)
    return paths


def save_to(out: Path | BinaryIO, figure: Figure, caption: str, context: Context, kind: str) -> None:
    """Write a figure in one format into a file or a stream; for the arguments see :func:`save`."""
    with house():
        more: dict[str, Any] = {"pil_kwargs": {"compress_level": PACKED}} if kind == "png" else {}
        figure.savefig(out, format=kind, dpi=DPI, metadata=_metadata(kind, caption, context), **more)


def _metadata(kind: str, caption: str, context: Context) -> dict[str, Any]:
    """What a file says of itself; never a date, never the version of the drawing library."""
    title, source = f"{context.title} ({context.scenario})", f"{context.source}; {credit(context)}"
    if kind == "png":
        return {"Title": title, "Description": caption, "Source": source, "Software": None}
    if kind == "pdf":
        return {
            "Title": title,
            "Subject": caption,
            "Keywords": source,
            "Creator": "padma",
            "Producer": None,
            "CreationDate": None,
        }
    return {"Title": title, "Description": caption, "Source": source, "Creator": "padma", "Date": None}


__all__ = [
    "CAPTIONS",
    "FORMATS",
    "KINDS",
    "Axis",
    "Bar",
    "Bars",
    "Contrast",
    "Discovery",
    "Row",
    "Outcomes",
    "Panel",
    "Shares",
    "Step",
    "Waterfall",
    "caption_contrast",
    "caption_differences",
    "caption_fan",
    "caption_fans",
    "caption_heatmap",
    "caption_text",
    "caption_trajectories",
    "draw_bars",
    "draw_contrast",
    "draw_fan",
    "draw_heatmap",
    "draw_path",
    "draw_plane",
    "draw_points",
    "draw_outcome",
    "draw_shares",
    "draw_trajectories",
    "draw_tree",
    "draw_waterfall",
    "figure_contrast",
    "figure_differences",
    "figure_discovery",
    "figure_fan",
    "figure_fans",
    "figure_heatmap",
    "figure_indices",
    "figure_outcomes",
    "figure_shares",
    "figure_trajectories",
    "figure_waterfall",
    "save",
    "save_to",
]
