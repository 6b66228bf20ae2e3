"""What is printed of results: the tables a lecturer reads, and the documents behind ``--json``.

Floor 6. Consumes finished summaries; never the engine. Everything is plain data first (rows), so that the
same rows serve the screen and ``--json``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim import comparison, priors, quarters, words
from sim.mixed import LABELS
from sim.words import signed

if TYPE_CHECKING:
    from sim.attribution import Attribution
    from sim.comparison import Pair
    from sim.run import Results


@dataclass(frozen=True)
class Table:
    """Rows with a heading and a note; ``columns`` name the cells (all empty: rows of what and value). Cells are plain data."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    note: str = ""

    @property
    def document(self) -> Any:
        """The same as plain data: a list of objects, or one object."""
        if not any(self.columns):
            return dict(self.rows)
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def text(cell: Any, key: str = "") -> str:
    """How a cell reads, beside the word ``key``: entries of a dictionary, and dictionaries in a list, on lines of their own.

    >>> text([1, 0.25]), text({"law": "normal", "mean": 0, "sd": 1}), text({"q05": 1.0, "q50": 2.0, "q95": 3.0})
    ('1, 0.25', 'normal(mean 0, sd 1)', '2 (1 to 3)')
    >>> text({"value": 2, "range": [1, None], "sources": []})
    'value: 2\\nrange: 1 to no bound'
    """
    if isinstance(cell, dict) and not _formula(cell):
        return "\n".join(f"{key}: {_line(value, key)}" for key, value in cell.items() if value not in ([], {}, None, ""))
    if isinstance(cell, list | tuple) and any(isinstance(value, dict) or len(str(value)) > 40 for value in cell):
        return "\n".join(_line(value) for value in cell)
    return _line(cell, key)


def _formula(cell: dict[str, Any]) -> bool:
    return "law" in cell or "prior" in cell or set(cell) == {"q05", "q50", "q95"}


def _line(cell: Any, key: str = "") -> str:
    """One line of a cell."""
    if isinstance(cell, dict) and "law" in cell:
        return f"{cell['law']}({', '.join(f'{k} {_line(v)}' for k, v in cell.items() if k != 'law')})"
    if isinstance(cell, dict) and "prior" in cell:
        return _line(cell["prior"]) + (f" [{_line(cell['before_fit'])}]" if "before_fit" in cell else "")
    if isinstance(cell, dict) and _formula(cell):
        return f"{cell['q50']:.3g} ({cell['q05']:.3g} to {cell['q95']:.3g})"
    if isinstance(cell, dict):
        return "; ".join(f"{k}: {_line(v, k)}" for k, v in cell.items() if v not in ([], {}, None, ""))
    if isinstance(cell, list | tuple):
        return (" to " if key == "range" else ", ").join(_line(value) for value in cell)
    return "no bound" if cell is None else f"{cell:g}" if isinstance(cell, float) else str(cell)


def markdown(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table; a bar inside a cell is escaped.

    >>> print(markdown(("a", "b"), [("1", "x|y")]))
    | a | b |
    |---|---|
    | 1 | x\\|y |
    """
    cells = [columns, *([text(cell, key) for cell, key in zip(row, columns, strict=True)] for row in rows)]
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in cells]
    return "\n".join([lines[0], "|" + "---|" * len(columns), *lines[1:]])


# --- the main table -------------------------------------------------------------------------------------------------------


def relations_table(results: Results, state: str = "BGD") -> Table:
    """Per power and issue area: cooperation now, after one year and at the end, with its 80 % interval, in words.

    Runs of more than ten years show every tenth year instead of the first, so that no government hides between two columns.
    """
    scenario = results.scenario
    shown = [quarters.name(q) for q in _columns(scenario.start, scenario.until)]
    table = results.table[results.table.state == state].set_index(["measure", "quarter", "partner", "issue"])
    names = results.context.names
    rows = []
    for partner in [p for p in scenario.states if p != state]:
        for issue in scenario.issues:
            levels = [float(table.at[("cooperation", q, partner, issue), "q50"]) for q in shown]
            end = table.loc[("cooperation", shown[-1], partner, issue)]
            leans = float(table.at[("stance", shown[-1], partner, issue), "q50"])
            in_words = f"{words.temperature(levels[-1])}, {words.change(levels[-1] - levels[0])}"
            rows.append(
                (names[partner], names[issue], *map(signed, levels), _interval(end.q10, end.q90), in_words, signed(leans))
            )
    columns = ("With", "Issue area", *shown, "80 % interval", "In words", f"{names[state]} alone")
    note = (
        "Cooperation that both sides carry out, contracts and supply included, as an index from -1 to 1 against the usual level"
        " with that partner: compare rows over time rather than partners with each other. The last column is the stance of"
        f" {names[state]} alone in {shown[-1]}. Medians of {results.manifest['runs']:,} runs; the interval is that of"
        f" {shown[-1]}, the change is since {shown[0]}."
        f" Parameters: {results.manifest['parameters']}."
    )
    return Table(f"{scenario.title} ({scenario.name}, {shown[0]} to {shown[-1]})", columns, rows, note)


def _columns(first: int, last: int) -> list[int]:
    if last - first <= 40:
        return list(dict.fromkeys([first, min(first + 4, last), last]))
    decades = [q for q in range(first + 1, last) if q % 40 == 0 and q - first > 8 and last - q > 8]
    return [first, *decades, last]


def _interval(low: float, high: float) -> str:
    return f"{signed(low)} to {signed(high)}" if low == low and high == high else "too few runs"


def contrast_table(pair: Pair, name: str) -> Table:
    """What one world changes against the first, per power and issue area, at the end: cooperation, in words."""
    base, other = pair.scenarios[0], next(s for s in pair.scenarios if s.name == name)
    names, last = pair.context(name).names, quarters.name(base.until)
    at = ["measure", "quarter", "state", "partner", "issue"]
    levels = pair.table[pair.table.scenario == base.name].set_index(at)
    others = pair.table[pair.table.scenario == name].set_index(at)
    changes = pair.contrasts[pair.contrasts.scenario == name].set_index(at)
    rows, most, largest = [], -1.0, ""
    for state, partner in comparison.dyads(pair):
        for issue in base.issues:
            key = ("cooperation", last, state, partner, issue)
            since = comparison.since(pair, name, "cooperation", state, partner, issue) or "never"
            change = changes.loc[key]
            if abs(change.q50) > most:
                place = dict(zip(at, key, strict=True))
                most, largest = abs(change.q50), comparison.sentence(change.to_dict() | place | {"clear_from": since})
            shown = [signed(value) for value in (levels.at[key, "q50"], others.at[key, "q50"], change.q50)]
            above = f"{100 * change.p_positive:.0f} %"
            bounds = _interval(change.q10, change.q90)
            rows.append((names[partner], names[issue], *shown, bounds, above, since, words.change(change.q50)))
    columns = (
        "With",
        "Issue area",
        base.name,
        name,
        "Difference",
        "80 % interval",
        "Above zero",
        "Clear from",
        "In words",
    )
    note = (
        f"Cooperation in {last}, index from -1 to 1; medians of {pair.manifest['runs']:,} runs that share luck and parameters."
        " The difference is the median of the differences run by run. 'Clear from': quarter from which its 90 %"
        f" interval of the difference leaves out zero. Parameters: {pair.manifest['parameters']}."
    )
    note += f" The largest: {largest[:1].lower()}{largest[1:]}"
    extra = [text for text in other.cotenability if text not in base.cotenability]
    note += f" What else would have to be different: {' '.join(extra)}" if extra else ""
    return Table(f"{other.title} ({name}), against: {base.title} ({base.name})", columns, rows, note)


def attribution_table(found: Attribution, names: dict[str, str]) -> Table:
    """A difference and its causes, per power and issue area: means, and the 80 % interval of the whole."""
    parts = [part for part in dict.fromkeys(found.table.part) if part != "total"]
    at = found.table.set_index(["partner", "issue", "part"])
    moved = [part for part in parts if (at.xs(part, level="part")["mean"].abs() >= 0.005).any()]
    still = ", ".join(LABELS[part].lower() for part in parts if part not in moved)
    rows = []
    for partner, issue in dict.fromkeys(zip(found.table.partner, found.table.issue, strict=True)):
        whole = at.loc[(partner, issue, "total")]
        shares = [signed(at.at[(partner, issue, part), "mean"]) for part in moved]
        rows.append((names[partner], names[issue], signed(whole["mean"]), _interval(whole.q10, whole.q90), *shares))
    what = " against ".join(s.name for s in reversed(found.scenarios))
    when = found.last if found.first == found.last else f"{found.first} to {found.last}"
    note = (
        f"{found.measure.capitalize()} of {names[found.state]}, index points; means of {found.runs:,} paired runs."
        " Parts are Shapley values and add up to the whole."
        + (f" Below 0.005 throughout: {still}." if still else "")
        + f" Parameters: {priors.label(found.scenarios[0])}."
    )
    columns = ("Toward", "Issue area", "Whole", "80 % interval", *(LABELS[part] for part in moved))
    return Table(f"Who did it: {what}, {when}", columns, rows, note)


def parts_table(found: Attribution, partner: str, issue: str, names: dict[str, str]) -> Table:
    """Every cause of one tie with its interval; the largest first."""
    at = found.table[(found.table.partner == partner) & (found.table.issue == issue)]
    at = at.reindex(at["mean"].abs().sort_values(ascending=False).index)
    shown = [at[at.part == "total"], at[(at.part != "total") & ((at["mean"].abs() >= 0.005) | (at.q90 - at.q10 >= 0.05))]]
    rows = [
        (LABELS.get(str(r.part), "Whole"), signed(r.mean), _interval(r.q10, r.q90), f"{100 * r.p_positive:.0f} %")
        for part in shown
        for r in part.itertuples()
    ]
    title = f"{names[found.state]} toward {names[partner]}, {names[issue].lower()}"
    return Table(title, ("Part", "Mean", "80 % interval", "Above zero"), rows)


def attribution_document(found: Attribution, elapsed: float) -> dict[str, Any]:
    """An attribution as one JSON document: ``padma attribute --json``."""
    rows = found.table.astype(object)
    return {
        "scenarios": [s.name for s in found.scenarios],
        "state": found.state,
        "measure": found.measure,
        "from": found.first,
        "to": found.last,
        "runs": found.runs,
        "seed": found.seed,
        "parts": rows.where(rows.notna(), None).to_dict(orient="records"),
        "elapsed_s": round(elapsed, 3),
    }


def pair_document(pair: Pair, elapsed: float) -> dict[str, Any]:
    """A comparison as one JSON document: ``padma compare --json``."""

    def plain(table: Any, columns: list[str]) -> Any:
        rows = table[columns].astype(object)
        return rows.where(rows.notna(), None).to_dict(orient="records")

    place = ["quarter", "state", "partner", "issue", "measure", "mean"]
    bounds = ["q025", "q05", "q10", "q25", "q50", "q75", "q90", "q95", "q975"]
    return {
        "scenarios": {
            s.name: {
                "scenario": s.name,
                "runs": pair.manifest["runs"],
                "seed": pair.manifest["seed"],
                "quarters": [quarters.name(q) for q in s.quarters],
                "summary": plain(
                    pair.table[pair.table.scenario == s.name], [*place, "q05", "q25", "q50", "q75", "q95", "mc_error"]
                ),
            }
            for s in pair.scenarios
        },
        "contrasts": plain(
            pair.contrasts, ["scenario", "against", *place, *bounds, "p_positive", "p_relevant", "variance_ratio", "mc_error"]
        ),
        "findings": plain(found := comparison.findings(pair.contrasts), list(found.columns)),
        "results": str(pair.folder),
        "elapsed_s": round(elapsed, 3),
        "warnings": pair.manifest["warnings"],
    }


def run_document(results: Results, elapsed: float) -> dict[str, Any]:
    """A run as one JSON document: ``padma run --json``."""
    columns = ["quarter", "state", "partner", "issue", "measure", "mean", "q05", "q25", "q50", "q75", "q95", "mc_error"]
    rows = results.table[columns].astype(object).where(results.table[columns].notna(), None)
    return {
        "scenario": results.scenario.name,
        "runs": results.manifest["runs"],
        "seed": results.manifest["seed"],
        "quarters": [quarters.name(q) for q in results.scenario.quarters],
        "summary": rows.to_dict(orient="records"),
        "results": str(results.folder),
        "elapsed_s": round(elapsed, 3),
        "warnings": results.manifest["warnings"],
    }
