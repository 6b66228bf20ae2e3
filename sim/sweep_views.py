"""How a sweep is shown: the table of what explains what, the document behind ``--json``, and its figures.

Floor 6. Consumes finished sweeps; touches neither the engine nor the drawing library.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import library
from sim.measures import MEASURES
from sim.sweep.results import percent, sentences
from sim.sweep.variance import ASSUMED, FEWEST, LEARNED, TOGETHER
from sim.tables import Table

if TYPE_CHECKING:
    from sim.summary import Context
    from sim.sweep.design import Design
    from sim.sweep.factors import Factor
    from sim.sweep.results import Sweep

Rows = list[dict[str, Any]]


def sweep_table(design: Design, variance: Rows) -> Table:
    """Per kept number the share of every block in what is not known of it."""
    blocks = list(dict.fromkeys(row["block"] for row in variance))
    by_number: dict[tuple[str, ...], dict[str, dict[str, Any]]] = {}
    for row in variance:
        by_number.setdefault(number_of(row), {})[row["block"]] = row
    rows = [
        (*titles(number), *(_cell(found[block]) if block in found else "" for block in blocks))
        for number, found in by_number.items()
    ]
    note = (
        f"{' '.join(sentences(variance))} Numbers are first-order shares of the variance over all points and runs, in per cent,"
        f" with 90 % bootstrap intervals; '{LEARNED}' and '{ASSUMED}' are parts of the parameters, each with an error"
        f" of its own, '{TOGETHER}' is what acts only through several causes at once. All points of the design count equally."
    )
    none = f"No split of variance: nothing varies, or a point has fewer than {FEWEST} runs."
    columns = ("Measure", "Tie", "In", "When", *(b[:1].upper() + b[1:] for b in blocks))
    return Table(f"{design.title}: {design.question}", columns, rows, note if rows else none)


def number_of(row: dict[str, Any]) -> tuple[str, ...]:
    """Which kept number a row is about."""
    return tuple(str(row[key]) for key in ("measure", "state", "partner", "issue", "quarter"))


def titles(number: tuple[str, ...]) -> tuple[str, str, str, str]:
    """A kept number in words: measure, tie, issue area, quarter."""
    measure, state, partner, issue, quarter = number
    kinds = {key: entry.value.label for key, entry in (library.issues() | library.agenda()).items()}
    return (
        MEASURES[measure].label,
        f"{state}>{partner}" if partner else state,
        kinds.get(issue, issue),
        quarter.replace("-", " to "),
    )


def _cell(row: dict[str, Any]) -> str:
    """A share with its interval; the parts of a block without, to keep the table narrow."""
    low, high = (max(0.0, 100 * float(row[key])) for key in ("q05", "q95"))
    said = percent(float(row["share"])).replace("under 1", "<1")
    return said if row["part_of"] else f"{said} ({low:.0f}-{high:.0f})"


def sweep_document(design: Design, manifest: dict[str, Any], variance: Rows, where: str, elapsed: float) -> dict[str, Any]:
    """A sweep as one JSON document: ``padma sweep --json``."""
    return {
        "design": design.name,
        "points": manifest["points"],
        "failed": manifest["failed"],
        "runs": manifest["runs"],
        "seed": manifest["seed"],
        "variance": variance,
        "sentences": sentences(variance),
        "results": where,
        "elapsed_s": round(elapsed, 3),
        "warnings": manifest["warnings"],
    }


# --- figures ------------------------------------------------------------------------------------------------------------


def draw_sweep(
    sweep: Sweep, kinds: Iterable[str], formats: tuple[str, ...], out: Path | None = None, size: str = "screen"
) -> list[Path]:
    """Draw figures of a sweep and write them with their captions.

    Parameters
    ----------
    kinds : shares, outcomes (empty: what the design allows)

    Raises
    ------
    InputError : a kind or format that is not there
    """
    from sim import plots
    from sim.figures import check_kinds, write_captions

    check_kinds(kinds, ("shares", "outcomes"), formats)
    folder, written, captions = out or sweep.folder / "figures", [], {}
    context, made = figures_of(sweep)
    for kind in kinds or made:
        if kind not in made:
            continue
        summary, figure = made[kind]
        written += plots.save(figure(summary, context), folder / kind, summary.sentence, context, formats, size)
        captions[kind] = plots.caption_text(kind, summary.sentence, context)
    return [*written, write_captions(folder, captions)] if captions else []


def figures_of(sweep: Sweep) -> tuple[Context, dict[str, tuple[Any, Any]]]:
    """What the figures share, and for each kind that the design allows its summary and the function that draws it."""
    from sim import plots

    made = {
        "shares": (_shares(sweep), plots.figure_shares),
        "outcomes": (_outcomes(sweep), plots.figure_outcomes),
    }
    return _context(sweep), {kind: pair for kind, pair in made.items() if pair[0] is not None}


def _context(sweep: Sweep) -> Context:
    from sim.summary import Context

    record, design = sweep.manifest, sweep.design
    runs = int(record["runs"]) * int(record["points"])
    source = f"padma {record['padma']}, {record['points']:,} points of {record['runs']:,} runs; design: {design.name}"
    names = {code: entry.value.name for code, entry in library.states().items()}
    return Context(
        scenario=design.name, title=design.title, question=design.question, status=str(record["parameters"]),
        manifest=str(record["id"]), runs=runs, leaders={}, marks=(), source=source, names=names,
    )  # fmt: skip


def _shares(sweep: Sweep) -> Any:
    """Bars of the split of variance; None where there is none."""
    from sim import plots

    rows = sweep.variance.fillna("").to_dict(orient="records")
    if not rows:
        return None
    blocks = tuple(dict.fromkeys(r["block"] for r in rows if not r["part_of"]))
    held: dict[tuple[str, ...], dict[str, float]] = {}
    for row in rows:
        held.setdefault(number_of(row), {})[row["block"]] = float(row["share"])
    usual = max(dict.fromkeys(whens := [n[-1] for n in held]), key=whens.count)
    bars = tuple((_label(n, usual), tuple(found.get(b, 0.0) for b in blocks)) for n, found in held.items())
    told = sentences(rows)
    headline = next((s for s in told if s.startswith("Who wins")), told[0])
    others = [s for s in told if s != headline]
    return plots.Shares(headline.rstrip("."), " ".join(others[:2]), blocks, bars)


def _label(number: tuple[str, ...], usual: str = "") -> str:
    """A kept number in words for a figure; the quarter only where it is not the usual one."""
    _, state, partner, _, quarter = number
    measure, _, kind, _ = titles(number)
    names = {code: entry.value.name for code, entry in library.states().items()}
    parts = (names[partner or state], measure.lower(), kind.lower(), quarter if quarter != usual else "")
    return ", ".join(part for part in parts if part)


def _outcomes(sweep: Sweep) -> Any:
    """Means by who governs and by the other factor that moves the number most; None without categories."""
    from sim import plots

    factors = sweep.design.factors
    first = next((f for f in factors if f.categorical and f.group == "leader"), None)
    others = [f for f in factors if f is not first and f.categorical and len(f.values) <= 4]
    if first is None or not others:
        return None
    table = sweep.summary[sweep.summary["mean"].notna()]
    panels, what, most = [], "", list[tuple[float, str]]()
    for number, rows in table.groupby(["measure", "state", "partner", "issue", "quarter"], sort=False, dropna=False):
        effects = {f.name: _spread_of(rows, f.name) for f in others}
        by = max(others, key=lambda f: effects[f.name])
        panels.append(_panel(number, rows, first, by))
        own = _spread_of(rows, first.name)
        if MEASURES[number[0]].range == (-1.0, 1.0) and max(own, effects[by.name]) > max(
            (size for size, _ in most), default=0.0
        ):
            what, most = _label(number, number[-1]), [(own, first.label), (effects[by.name], by.label)]
    shown = tuple(panels[:8])
    headline, sentence = f"{first.label}, and what else moves these outcomes most", "Means over all other factors."
    if what:
        both = (f"{size:.2f} by {label[:1].lower()}{label[1:]}" for size, label in sorted(most, reverse=True))
        headline = f"{what}, differs most: {', '.join(both)}"
        sentence = "Differences between the means of levels, in index points; all other factors are averaged over."
    note = (
        "Dots: means over all points with this level; lines: their mean 80 % interval over runs (luck, parameters and images)."
        " Each panel shows the factor that moves its number most, beside who governs."
    )
    return plots.Outcomes(headline, sentence, tuple(first.shown(v) for v in first.values), shown, note)


def _spread_of(rows: Any, name: str) -> float:
    means = rows.groupby(name)["mean"].mean()
    return float(means.max() - means.min())


def _panel(number: tuple[str, ...], rows: Any, first: Factor, by: Factor) -> Any:
    from sim import plots

    measure = MEASURES[number[0]]
    _, _, kind, quarter = titles(tuple(map(str, number)))
    values: list[Any] = []
    for level in by.values:
        own = rows[rows[by.name].astype(str) == str(level)]
        at = own.groupby(own[first.name].astype(str))[["mean", "q10", "q90"]].mean().reindex(map(str, first.values))
        values.append(tuple(tuple(map(float, row)) for row in at.to_numpy()))  # NaN where all points failed
    names = {code: entry.value.name for code, entry in library.states().items()}
    title = ", ".join(part for part in (names[number[2] or number[1]], kind.lower()) if part)
    unit = f"{measure.label} in {quarter}, {measure.unit}"
    return plots.Panel(title, unit, by.label, tuple(by.shown(v) for v in by.values), tuple(values))
