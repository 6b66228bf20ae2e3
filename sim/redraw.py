"""Draws figures of whatever a folder holds: runs, a comparison, a sweep, a study, an attribution.

Floor 6. Says which kinds there are for each; the drawing is done where the folder is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sim import provenance
from sim.errors import InputError, nearest


@dataclass(frozen=True)
class Wish:
    """What is to be drawn and how.

    Attributes
    ----------
    kinds : kinds of figure (empty: all that the folder allows)
    dyad, issue, measure, at : which relations, and quarters of a heatmap
    formats : png, svg, pdf
    out : folder (None: ``figures`` inside the results)
    size : ``screen`` or ``print``, of PNG files
    """

    kinds: list[str]
    dyad: str
    issue: str
    measure: str
    at: list[str]
    formats: tuple[str, ...]
    out: Path | None
    size: str


def redraw(folder: Path, wish: Wish) -> list[Path]:
    """Draw figures of a results folder and write them with their captions.

    Returns
    -------
    files written, ``caption.txt`` last

    Raises
    ------
    InputError : a kind, format, size, dyad, issue area, measure or quarter that is not there, or a folder that is not whole
    """
    from sim import figures, plots

    if wish.size not in plots.SIZES:
        raise InputError(f"'{wish.size}' is no size", where="--size", how=nearest(wish.size, plots.SIZES))
    kind = provenance.kind_of(folder)
    if kind == "sweep":
        from sim.sweep.results import read_sweep
        from sim.sweep_views import draw_sweep

        return draw_sweep(read_sweep(folder), wish.kinds, wish.formats, wish.out, wish.size)
    if kind == "study":
        from sim.study_figures import draw_stored

        return draw_stored(folder, wish.kinds, wish.formats, wish.out, wish.size)
    if kind == "attribution":
        from sim.attribution_figures import draw_attribution
        from sim.attribution_folder import read
        from sim.provenance import read_manifest

        figures.check_kinds(wish.kinds, ("waterfall",), wish.formats)
        place = wish.out or folder / "figures"
        number = str(read_manifest(folder)["id"])
        return draw_attribution(read(folder), _partner(wish.dyad), wish.issue, wish.formats, place, number, wish.size)
    if kind == "comparison":
        from sim.comparison import read_pair

        pair = read_pair(folder)
        return figures.draw_pair(pair, wish.kinds, wish.dyad, wish.issue, wish.measure, wish.formats, wish.out, wish.size)
    from sim.run import read_results

    results = read_results(folder)
    asked = wish.kinds, wish.dyad, wish.issue, wish.measure, wish.at, wish.formats, wish.out
    return figures.draw(results, *asked, wish.size)


def _partner(dyad: str) -> str:
    from sim.summary import dyad as parse

    return parse(dyad)[1] if dyad else ""
