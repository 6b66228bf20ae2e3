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

from sim.files import replacing
from sim.plots.acts import Act, Acts, Lane, caption_acts, draw_acts, figure_acts
from sim.plots.alignment import Alignment, caption_alignment, draw_alignment, draw_closeness, figure_alignment
from sim.plots.box import Axis, Discovery, Row, draw_path, draw_points, draw_tree, figure_discovery
from sim.plots.captions import (
    caption_differences,
    caption_fan,
    caption_fans,
    caption_heatmap,
    caption_text,
    caption_trajectories,
)
from sim.plots.contrast import Contrast, caption_contrast, draw_contrast, draw_worlds, figure_contrast
from sim.plots.fan import draw_fan, figure_differences, figure_fan, figure_fans
from sim.plots.governments import Governments, caption_governments, draw_governments, figure_governments
from sim.plots.heatmap import draw_heatmap, figure_heatmap
from sim.plots.hedging import caption_hedging, draw_hedging, figure_hedging
from sim.plots.indices import Bar, Bars, draw_bars, draw_plane, figure_indices
from sim.plots.sides import Side, Sides, caption_sides, draw_sides, figure_sides
from sim.plots.style import DPI, bare, credit, house
from sim.plots.sweep import Outcomes, Panel, Shares, draw_outcome, draw_shares, figure_outcomes, figure_shares
from sim.plots.tornado import End, Swing, Tornado, caption_tornado, draw_tornado, figure_tornado
from sim.plots.trajectories import draw_trajectories, figure_trajectories
from sim.plots.waterfall import Step, Waterfall, draw_waterfall, figure_waterfall

if TYPE_CHECKING:
    from sim.summary import Context

KINDS: dict[str, tuple[str, Callable[..., Figure]]] = {
    "fan": ("One measure over time with 50, 80 and 95 % intervals", figure_fan),
    "fans": ("The same for every power and issue area, on one scale", figure_fans),
    "heatmap": ("Powers and issue areas at chosen quarters", figure_heatmap),
    "trajectories": ("A dozen single runs", figure_trajectories),
    "alignment": ("Where the state stands among the four powers over time", figure_alignment),
    "hedging": ("How evenly the state spreads its ties over the powers", figure_hedging),
    "sides": ("With whom the state votes when powers oppose each other at the United Nations", figure_sides),
    "acts": ("A timeline of dated acts, simulated and on record", figure_acts),
    "contrast": ("Two worlds with the same luck, and their paired difference", figure_contrast),
    "differences": ("Paired differences for every power and issue area, on one scale", figure_differences),
    "governments": ("Who governs: a panel for each power, a line with its fan for each government", figure_governments),
}
"""Kinds of figure: what each shows, and the function (summary, context) that makes it."""

CAPTIONS: dict[str, Callable[..., str]] = {
    "fan": caption_fan,
    "fans": caption_fans,
    "heatmap": caption_heatmap,
    "trajectories": caption_trajectories,
    "alignment": caption_alignment,
    "hedging": caption_hedging,
    "sides": caption_sides,
    "acts": caption_acts,
    "contrast": caption_contrast,
    "differences": caption_differences,
    "governments": caption_governments,
}
"""The caption of each kind of figure, from (summary, context)."""

FORMATS = ("png", "svg", "pdf")

SIZES = {"screen": DPI, "print": 3 * DPI}
"""Dots per inch of PNG files: a slide of 1280 pixels across; and for paper 3840 pixels, 32 cm at 300 dots per inch."""

PACKED = 3
"""How hard PNG files are packed: twice as fast as the usual 6, and a little larger."""


def save(
    figure: Figure,
    path_without_suffix: Path | str,
    caption: str,
    context: Context,
    kinds: Sequence[str] = ("png", "svg"),
    size: str = "screen",
) -> list[Path]:
    """Write a figure in several formats; the same figure always gives the same bytes.

    Parameters
    ----------
    path_without_suffix : e.g. ``figures/fan_BGD_RUS_energy``; its folder is made if need be
    caption : the sentence, stored inside the files as well, where screen readers and archives find it
    context : gives title, source and manifest of the files
    kinds : any of png, svg, pdf
    size : ``screen`` or ``print``, of a PNG file; for paper its name ends on ``_print``, so that both can stand side by side

    Returns
    -------
    paths written
    """
    base = Path(path_without_suffix)
    base.parent.mkdir(parents=True, exist_ok=True)
    paths = []
    for kind in kinds:
        large = "_print" if kind == "png" and size == "print" else ""
        path = base.with_name(f"{base.name}{large}.{kind}")
        with replacing(path) as beside:
            save_to(beside, figure, caption, context, kind, size)
        paths.append(path)
    return paths


def save_to(out: Path | BinaryIO, figure: Figure, caption: str, context: Context, kind: str, size: str = "screen") -> None:
    """Write a figure in one format into a file or a stream; for the arguments see :func:`save`."""
    with house():
        more: dict[str, Any] = {"pil_kwargs": {"compress_level": PACKED}} if kind == "png" else {}
        figure.savefig(out, format=kind, dpi=SIZES[size], metadata=_metadata(kind, caption, context), **more)


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
    "SIZES",
    "Act",
    "Acts",
    "Alignment",
    "Axis",
    "Bar",
    "Bars",
    "Contrast",
    "Discovery",
    "End",
    "Governments",
    "Row",
    "Lane",
    "Outcomes",
    "Panel",
    "Shares",
    "Side",
    "Sides",
    "Step",
    "Swing",
    "Tornado",
    "Waterfall",
    "bare",
    "caption_acts",
    "caption_alignment",
    "caption_contrast",
    "caption_differences",
    "caption_fan",
    "caption_fans",
    "caption_governments",
    "caption_heatmap",
    "caption_hedging",
    "caption_sides",
    "caption_text",
    "caption_tornado",
    "caption_trajectories",
    "draw_acts",
    "draw_alignment",
    "draw_bars",
    "draw_closeness",
    "draw_contrast",
    "draw_fan",
    "draw_governments",
    "draw_heatmap",
    "draw_hedging",
    "draw_path",
    "draw_plane",
    "draw_points",
    "draw_outcome",
    "draw_shares",
    "draw_sides",
    "draw_tornado",
    "draw_trajectories",
    "draw_tree",
    "draw_waterfall",
    "draw_worlds",
    "figure_acts",
    "figure_alignment",
    "figure_contrast",
    "figure_differences",
    "figure_discovery",
    "figure_fan",
    "figure_fans",
    "figure_governments",
    "figure_heatmap",
    "figure_hedging",
    "figure_indices",
    "figure_outcomes",
    "figure_shares",
    "figure_sides",
    "figure_tornado",
    "figure_trajectories",
    "figure_waterfall",
    "save",
    "save_to",
]
