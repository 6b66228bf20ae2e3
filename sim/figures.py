"""Figures of a results folder: chooses what to draw from stored results, draws it, writes files and captions.

Floor 6. Joins finished summaries to :mod:`sim.plots`; touches neither the engine nor the drawing library.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import comparison, figure_summaries, library, quarters
from sim.errors import InputError, nearest
from sim.measures import MEASURES
from sim.summary import dyad as parse_dyad
from sim.summary import fan, heatmap, measure_named, trajectories

if TYPE_CHECKING:
    import pandas as pd

    from sim.comparison import Pair
    from sim.run import Results

STATE = "BGD"
"""Whose figures are drawn unless a dyad is named: the state the project is about."""


def draw_defaults(results: Results) -> list[Path]:
    """What ``padma run`` draws: fans of cooperation over powers and issue areas, and a map of it at three moments.

    As PNG, which every slide and page takes; ``padma figure`` gives SVG and PDF.
    """
    formats = ("png",)
    paths = draw(results, ["fan"], "", "", "cooperation", [], formats, None)
    return paths + draw(results, ["heatmap"], "", "", "cooperation", [], formats, None)


def draw(
    results: Results,
    kinds: list[str],
    dyad: str,
    issue: str,
    measure: str,
    at: list[str],
    formats: tuple[str, ...],
    out: Path | None,
    size: str = "screen",
) -> list[Path]:
    """Draw figures of stored results and write them with their captions.

    Parameters
    ----------
    kinds : names in ``DRAWN`` (empty: all of them)
    dyad, issue : one panel of a fan; empty draws every power and issue area
    measure : what to draw
    at : quarters of a heatmap (empty: first, one year on, last; of more than ten years first, middle, last)
    formats : png, svg, pdf
    out : folder (default ``figures`` inside the results)
    size : ``screen`` or ``print``, of PNG files

    Returns
    -------
    files written, ``caption.txt`` last

    Raises
    ------
    InputError : a kind, format, dyad, issue area, measure or quarter that is not there
    """
    from sim import plots

    check_kinds(kinds, DRAWN, formats)
    measure_named(measure)
    folder = out or results.folder / "figures"
    written: list[Path] = []
    captions = {}
    for kind in kinds or list(DRAWN):
        shape, name, summary = DRAWN[kind](results, dyad, issue, measure, at)
        caption = plots.CAPTIONS[shape](summary, results.context)
        picture = plots.KINDS[shape][1](summary, results.context)
        paths = plots.save(picture, folder / name, caption, results.context, formats, size)
        written += paths
        captions[name] = plots.caption_text(name, caption, results.context)
    return [*written, write_captions(folder, captions)]


def _fan(results: Results, dyad: str, issue: str, measure: str, at: list[str]) -> tuple[str, str, Any]:
    """One fan where a dyad or issue area is named (or the measure has only one); else every power and issue area."""
    axes, runs = MEASURES[measure].axes, int(results.manifest["runs"])
    kinds = _kinds(results, measure)
    if dyad or issue or (len(kinds) == 1 and "partner" not in axes):
        one = fan(results.table, measure, dyad=dyad or f"{STATE}>RUS", issue=issue or kinds[0], runs=runs)
        name = "_".join(part for part in ("fan", measure, one.state, one.partner, one.issue) if part)
        return "fan", name, one
    partners = [s for s in results.scenario.states if s != STATE] if "partner" in axes else [results.scenario.states[1]]
    state = _has(results, measure, STATE)  # aid is measured from the donor's side only
    pairs = [(STATE, p) if state else (p, STATE) for p in partners]
    fans = [fan(results.table, measure, dyad=f"{a}>{b}", issue=k, runs=runs) for k in kinds for a, b in pairs]
    return "fans", f"fan_{measure}", fans


def _has(results: Results, measure: str, state: str) -> bool:
    table = results.table
    return bool(((table.measure == measure) & (table.state == state)).any())


def _kinds(results: Results, measure: str) -> list[str]:
    """Issue areas, roll calls or acts that a measure varies by, in table order ('' if by none)."""
    table = results.table
    return list(dict.fromkeys(table.loc[table.measure == measure, "issue"])) or [""]


def _heatmap(results: Results, dyad: str, issue: str, measure: str, at: list[str]) -> tuple[str, str, Any]:
    scenario = results.scenario
    state = parse_dyad(dyad)[0] if dyad else STATE
    if not {"partner", "issue"} <= set(MEASURES[measure].axes):
        raise InputError(
            f"'{measure}' does not vary by partner and issue area",
            where="--measure",
            why="a map has powers on one side and issue areas on the other.",
            how="use stance, cooperation or commitment, or draw a fan.",
        )
    later = scenario.start + 4 if scenario.until - scenario.start <= 40 else (scenario.start + scenario.until) // 2
    default = dict.fromkeys((scenario.start, min(later, scenario.until), scenario.until))
    chosen = [quarters.quarter(text, "--at") for text in at] or list(default)
    for quarter in chosen:
        if quarter not in scenario.quarters:
            span = f"{quarters.name(scenario.start)} to {quarters.name(scenario.until)}"
            raise InputError(f"{quarters.name(quarter)} is not in these results", where="--at", how=f"choose from {span}.")
    names = tuple(quarters.name(q) for q in chosen)
    summary = heatmap(results.table, measure, state=state, quarters=names, runs=int(results.manifest["runs"]))
    return "heatmap", f"heatmap_{measure}" + (f"_{state}" if state != STATE else ""), summary


def _trajectories(results: Results, dyad: str, issue: str, measure: str, at: list[str]) -> tuple[str, str, Any]:
    needs = measure_named(measure).needs
    lines = trajectories(
        results.recorded(*needs), measure, dyad=dyad or f"{STATE}>RUS", issue=issue or next(iter(library.issues()))
    )
    name = "_".join(part for part in ("trajectories", measure, lines.state, lines.partner, lines.issue) if part)
    return "trajectories", name, lines


def _alignment(results: Results, dyad: str, issue: str, measure: str, at: list[str]) -> tuple[str, str, Any]:
    state = parse_dyad(dyad)[0] if dyad else STATE
    name = "_".join(part for part in ("alignment", state if state != STATE else "", issue) if part)
    return "alignment", name, figure_summaries.alignment(results.recorded("stance", "norm"), state, issue)


def _hedging(results: Results, dyad: str, issue: str, measure: str, at: list[str]) -> tuple[str, str, Any]:
    state, runs = parse_dyad(dyad)[0] if dyad else STATE, int(results.manifest["runs"])
    partner = next(s for s in results.scenario.states if s != state)
    return "hedging", "hedging", fan(results.table, "hedging", dyad=f"{state}>{partner}", runs=runs)


def _sides(results: Results, dyad: str, issue: str, measure: str, at: list[str]) -> tuple[str, str, Any]:
    state = parse_dyad(dyad)[0] if dyad else STATE
    name = "_".join(part for part in ("sides", state if state != STATE else "", issue) if part)
    runs = int(results.manifest["runs"])
    return "sides", name, figure_summaries.sides(results.table, results.scenario, state, issue, runs)


def _acts(results: Results, dyad: str, issue: str, measure: str, at: list[str]) -> tuple[str, str, Any]:
    state = parse_dyad(dyad)[0] if dyad else STATE
    return "acts", "acts" + (f"_{state}" if state != STATE else ""), figure_summaries.acts(results.recorded("act_done"), state)


DRAWN = {
    "fan": _fan,
    "heatmap": _heatmap,
    "trajectories": _trajectories,
    "alignment": _alignment,
    "hedging": _hedging,
    "sides": _sides,
    "acts": _acts,
}
"""Kinds of figure that results can show."""


# --- of a comparison ----------------------------------------------------------------------------------------------------


def draw_pair_defaults(pair: Pair) -> list[Path]:
    """What ``padma compare`` draws for each later world: all differences, and the largest of them with both worlds."""
    return draw_pair(pair, ["differences", "contrast"], "", "", "cooperation", ("png",), None)


def draw_pair(
    pair: Pair,
    kinds: list[str],
    dyad: str,
    issue: str,
    measure: str,
    formats: tuple[str, ...],
    out: Path | None,
    size: str = "screen",
) -> list[Path]:
    """Draw figures of a comparison and write them with their captions.

    Parameters
    ----------
    kinds : names in ``PAIRED`` (empty: all of them)
    dyad, issue : which contrast; empty takes the one that differs most at the end

    Raises
    ------
    InputError : a kind, dyad or issue area that is not there
    """
    from sim import plots

    check_kinds(kinds, PAIRED, formats)
    folder, written, captions = out or pair.folder / "figures", [], {}
    asked = list(kinds or PAIRED)
    if "governments" in asked:
        asked.remove("governments")
        together = figure_summaries.governments(pair, measure, issue)
        shared, name = pair.context(pair.scenarios[-1].name), f"governments_{measure}_{together.one.issue}"
        shared = replace(shared, title="Who governs", source=_compared(pair, shared.source))
        caption = plots.caption_governments(together, shared)
        written += plots.save(plots.figure_governments(together, shared), folder / name, caption, shared, formats, size)
        captions[name] = plots.caption_text(name, caption, shared)
    for scenario in pair.scenarios[1:]:
        context = pair.context(scenario.name)
        narrow = replace(pair, table=only(pair.table, measure), contrasts=only(pair.contrasts, measure))
        fans = {
            (b, k): comparison.difference_fan(narrow, scenario.name, measure, a, b, k)
            for k in comparison.issues(pair)
            for a, b in comparison.dyads(pair)
        }
        for kind in asked:
            if kind == "differences":
                summary: Any = list(fans.values())
            else:
                place = parse_dyad(dyad) if dyad else None
                near = {key: f for key, f in fans.items() if not (place and key[0] != place[1]) and issue in ("", key[1])}
                if not near:
                    raise InputError(
                        f"there is no difference for {dyad} {issue}".rstrip(), where="padma figure", how="name others."
                    )
                most = max(near.values(), key=lambda f: abs(f.median[-1]))
                summary = contrast_of(narrow, scenario.name, measure, most)
            name = f"{kind}_{measure}_{scenario.name}" + (
                f"_{summary.base.partner}_{summary.base.issue}" if kind == "contrast" else ""
            )
            caption = plots.CAPTIONS[kind](summary, context)
            written += plots.save(plots.KINDS[kind][1](summary, context), folder / name, caption, context, formats, size)
            captions[name] = plots.caption_text(name, caption, context)
    return [*written, write_captions(folder, captions)]


def _compared(pair: Pair, source: str) -> str:
    """The source line of a figure of all worlds."""
    names = [s.name for s in pair.scenarios]
    return f"{source.split('; sources')[0]}; sources: padma cite {', '.join(names)}"


def only(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    """The rows of one measure: looking for a dyad among them is several times as fast as in the whole table."""
    return table[table.measure == measure]


def contrast_of(pair: Pair, name: str, measure: str, difference: Any) -> Any:
    """Both worlds and their difference, given the fan of the difference: what ``contrast`` figures show."""
    from sim import plots

    place = (measure, difference.state, difference.partner, difference.issue)
    base, other = pair.scenarios[0], next(s for s in pair.scenarios if s.name == name)
    rows = pair.contrasts[(pair.contrasts.scenario == name) & (pair.contrasts.measure == measure)]
    rows = rows[(rows.state == difference.state) & (rows.partner == difference.partner) & (rows.issue == difference.issue)]
    return plots.Contrast(
        comparison.world_fan(pair, base.name, *place),
        comparison.world_fan(pair, name, *place),
        difference,
        (base.title, other.title),
        float(rows.p_positive.iloc[-1]),
        comparison.since(pair, name, *place) or "",
        float(rows.variance_ratio.iloc[-1]),
    )


PAIRED = ("differences", "contrast", "governments")
"""Kinds of figure that a comparison can show."""


def check_kinds(kinds: Iterable[str], possible: Iterable[str], formats: Iterable[str]) -> None:
    """Refuse kinds and formats that do not exist.

    Raises
    ------
    InputError : the first that does not exist; the message carries the nearest name
    """
    from sim import plots

    for kind in kinds:
        if kind not in possible:
            raise InputError(f"'{kind}' is not a kind of figure", where="padma figure", how=nearest(kind, possible))
    for name in formats:
        if name not in plots.FORMATS:
            raise InputError(f"'{name}' is not a format of figures", where="--formats", how=nearest(name, plots.FORMATS))


def write_captions(folder: Path, captions: dict[str, str]) -> Path:
    """Add captions to ``caption.txt``, replacing those of figures drawn again."""
    path = folder / "caption.txt"
    held = dict(_blocks(path.read_text(encoding="utf-8").split("\n\n"))) if path.exists() else {}
    path.write_text("\n\n".join((held | captions).values()).replace("\n\n\n", "\n\n"), encoding="utf-8")
    return path


def _blocks(texts: Iterable[str]) -> Iterable[tuple[str, str]]:
    return ((text.strip().split("\n", 1)[0], text.strip()) for text in texts if text.strip())
