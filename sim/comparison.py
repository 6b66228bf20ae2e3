"""A comparison on disk: its folder, its manifest, and the summaries that figures and tables read from it.

Floor 5. The folder holds what :mod:`sim.paired` found and the resolved scenarios; the single runs can be had again from
these and the seed, so they are not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import folders, history, library, provenance, run, words
from sim.errors import InputError
from sim.measures import MEASURES, Measure
from sim.paired import Comparison, check_paired, clear_from, compare
from sim.scenario import Scenario, read_scenario
from sim.summary import LEVELS, Context, Fan

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Pair:
    """A folder with a comparison.

    Attributes
    ----------
    folder, manifest : where it is, and what it says of itself
    scenarios : the worlds, in the order they were named; the first is what the others are held against
    table, contrasts : as in :class:`sim.paired.Comparison`
    """

    folder: Path
    manifest: dict[str, Any]
    scenarios: tuple[Scenario, ...]
    table: pd.DataFrame = field(repr=False)
    contrasts: pd.DataFrame = field(repr=False)

    @property
    def state(self) -> str:
        """Whose relations are compared."""
        return str(self.manifest["state"])

    def context(self, name: str) -> Context:
        """What every figure of one world against the first shares."""
        other = next(s for s in self.scenarios if s.name == name)
        base = self.scenarios[0]
        shared = run.context(other, self.manifest["id"], int(self.manifest["runs"]))
        source = f"padma {provenance.version()}, {shared.runs:,} paired runs; sources: padma cite {base.name}, {name}"
        return replace(shared, title=f"{other.title}, instead of: {base.title}", source=source)


def write(
    worlds: Sequence[Scenario],
    out: Path,
    *,
    runs: int,
    seed: int,
    state: str,
    force: bool = False,
    command: str = "",
    progress: history.Progress = lambda done, total: None,
    draw: Callable[[Pair], None] = lambda pair: None,
) -> Pair:
    """Compare worlds and write the folder, whole or not at all.

    Parameters
    ----------
    out : the folder; another comparison in it is replaced only with ``force``
    draw : adds figures before the folder is moved into place

    Raises
    ------
    InputError : the worlds cannot be paired, or the folder holds something else
    PadmaError : the disk is full or the folder cannot be written
    """
    check_all(worlds, out, runs=runs, seed=seed, state=state, force=force)
    base = worlds[0]
    warnings = run.warnings_of(worlds, runs)
    record = provenance.manifest(
        base, runs=runs, seed=seed, engine="ensemble", command=command, started=provenance.now(), warnings=warnings
    )
    record |= {
        "id": identity(worlds, runs, seed, state),
        "kind": "comparison",
        "compared": [s.name for s in worlds],
        "state": state,
    }
    record["sources"] = provenance.sources_used(*worlds)
    with folders.whole(out, "the comparison") as folder:
        found = compare(*worlds, runs=runs, seed=seed, state=state, progress=progress)
        (folder / "scenarios").mkdir()
        whole = _write(folder, found, record)
        draw(Pair(folder, whole, tuple(worlds), found.table, found.contrasts))
    return Pair(out, whole, tuple(worlds), found.table, found.contrasts)


def check_all(worlds: Sequence[Scenario], out: Path, *, runs: int, seed: int, state: str, force: bool) -> None:
    """Refuse what can be refused before anything is computed."""
    run.check_numbers(runs, seed)
    check_paired(worlds, state)
    facts = provenance.facts(worlds[0], runs, seed) | {
        "kind": "comparison",
        "compared": [s.name for s in worlds],
        "state": state,
    }
    folders.check_out(out, identity(worlds, runs, seed, state), force, facts)


def identity(worlds: Sequence[Scenario], runs: int, seed: int, state: str) -> str:
    """Short id of a comparison."""
    return provenance.digest(" ".join([state, *(provenance.run_id(s, runs, seed, "ensemble") for s in worlds)]))[:10]


def _write(folder: Path, found: Comparison, record: dict[str, Any]) -> dict[str, Any]:
    tables = {"summary.csv": found.table, "contrasts.csv": found.contrasts, "findings.csv": findings(found.contrasts)}
    for name, table in tables.items():
        folders.write_csv(table, folder / name)
    for scenario in found.scenarios:
        (folder / "scenarios" / f"{scenario.name}.yaml").write_text(scenario.text, encoding="utf-8")
    files = (*tables, *(f"scenarios/{s.name}.yaml" for s in found.scenarios))
    return provenance.finish(record, folder, files)


def is_pair(folder: Path) -> bool:
    """Whether a folder says that it holds a comparison."""
    return provenance.kind_of(folder) == "comparison"


def read_pair(folder: Path) -> Pair:
    """Read a comparison.

    Raises
    ------
    InputError : no comparison, not whole, or changed by hand
    """
    import pandas as pd

    record = provenance.read_manifest(folder)
    if record.get("kind") != "comparison":
        how = "make one with padma compare A B."
        raise InputError("this folder holds no comparison", where=str(folder), why="one world has no difference.", how=how)
    scenarios = tuple(read_scenario(folder / "scenarios" / f"{name}.yaml") for name in record["compared"])
    tables = [
        pd.read_csv(folder / name, keep_default_na=False, na_values={"mean": [""]}) for name in ("summary.csv", "contrasts.csv")
    ]
    return Pair(folder, record, scenarios, *tables)


# --- finished summaries -------------------------------------------------------------------------------------------------


def difference_fan(pair: Pair, name: str, measure: str, state: str, partner: str, issue: str) -> Fan:
    """The fan of a paired difference: world ``name`` minus the first one."""
    rows = _rows(pair.contrasts, name, measure, state, partner, issue)
    return _fan(rows, as_difference(MEASURES[measure]), state, partner, issue, int(pair.manifest["runs"]))


def world_fan(pair: Pair, name: str, measure: str, state: str, partner: str, issue: str) -> Fan:
    """The fan of one of the worlds."""
    rows = _rows(pair.table, name, measure, state, partner, issue)
    return _fan(rows, MEASURES[measure], state, partner, issue, int(pair.manifest["runs"]))


def as_difference(measure: Measure) -> Measure:
    """The measure of a difference: the same unit, zero where nothing differs, no fixed scale."""
    unit = "index points" if measure.range == (-1.0, 1.0) else measure.unit
    return replace(
        measure, label=f"Difference in {measure.label[:1].lower()}{measure.label[1:]}", unit=unit, range=None, neutral=0.0
    )


def _rows(table: pd.DataFrame, name: str, measure: str, state: str, partner: str, issue: str) -> pd.DataFrame:
    mine = (table.scenario == name) & (table.measure == measure) & (table.state == state)
    found = table[mine & (table.partner == partner) & (table.issue == issue)]
    if found.empty:
        tie = f"{state}>{partner}" if partner else state
        raise InputError(
            f"there is no '{measure}' for {tie} {issue}".rstrip(), how="look into contrasts.csv for what there is."
        )
    return found


def _fan(rows: pd.DataFrame, measure: Measure, state: str, partner: str, issue: str, runs: int) -> Fan:
    bands = {level: (rows[low].to_numpy(float), rows[high].to_numpy(float)) for level, (low, high) in LEVELS.items()}
    median, mean = rows["q50"].to_numpy(float), rows["mean"].to_numpy(float)
    return Fan(tuple(rows.quarter), median, mean, bands, measure, state, partner, issue, runs)


PLACE = ["scenario", "against", "measure", "state", "partner", "issue"]
FOUND = ["quarter", "q50", "q025", "q975", "q10", "q90", "q25", "q75", "p_positive", "p_relevant", "variance_ratio"]


def findings(contrasts: pd.DataFrame) -> pd.DataFrame:
    """What every difference comes to: a row for each world, measure, dyad and kind.

    Returns
    -------
    the columns of ``contrasts`` at the last quarter, ``clear_from`` (see :func:`sim.paired.clear_from`) and a ``sentence``
    """
    import pandas as pd

    where: dict[tuple[str, ...], list[int]] = {}
    for number, place in enumerate(zip(*(contrasts[name].tolist() for name in PLACE), strict=True)):
        where.setdefault(place, []).append(number)
    held = {name: contrasts[name].to_numpy() for name in {*FOUND, "q05", "q95"}}
    rows = []
    for place, numbers in where.items():
        row = dict(zip(PLACE, place, strict=True)) | {name: held[name][numbers[-1]] for name in FOUND}
        row["clear_from"] = clear_from(*(held[name][numbers] for name in ("quarter", "q05", "q95"))) or ""
        rows.append(row | {"sentence": sentence(row)})
    return pd.DataFrame(rows, columns=[*PLACE, *FOUND, "clear_from", "sentence"])


def sentence(row: dict[str, Any]) -> str:
    """A finding in words."""
    measure, names = MEASURES[row["measure"]], library.names()
    who = " and ".join(names.get(code, code) for code in (row["state"], row["partner"]) if code)
    what = ", ".join(part for part in (who, names.get(row["issue"], row["issue"]).lower()) if part)
    index, unit = measure.range == (-1.0, 1.0), "" if measure.range else f" {measure.unit}"

    def said(value: float) -> str:
        digits = 3 if measure.range == (0.0, 1.0) else 2
        rounded = round(value, digits) + 0.0
        return f"{rounded:+.{digits}f}" if rounded else f"{rounded:.{digits}f}"

    size = f"{words.change(row['q50'])}, {said(row['q50'])}" if index else f"{said(row['q50'])}{unit}"
    known = [(level, row[low], row[high]) for level, (low, high) in sorted(LEVELS.items()) if row[low] == row[low]]
    bands = "; ".join(f"{100 * level:.0f} % {said(low)} to {said(high)}" for level, low, high in known) or "too few runs"
    above = f"above zero in {100 * row['p_positive']:.0f} % of the runs"
    clear = f"clear of zero from {row['clear_from']} on" if row["clear_from"] not in ("", "never") else "never clear of zero"
    return f"{measure.label} in {row['quarter']}, {what}: {size} (intervals: {bands}); {above}, {clear}."


def since(pair: Pair, name: str, measure: str, state: str, partner: str, issue: str) -> str | None:
    """First quarter from which a difference can be told from none."""
    rows = _rows(pair.contrasts, name, measure, state, partner, issue)
    return clear_from(*(rows[column].to_numpy() for column in ("quarter", "q05", "q95")))


def dyads(pair: Pair) -> list[tuple[str, str]]:
    """The acting state toward each of the others."""
    return [(pair.state, s) for s in pair.scenarios[0].states if s != pair.state]


def issues(pair: Pair) -> tuple[str, ...]:
    """Issue areas of the worlds."""
    return pair.scenarios[0].issues or tuple(library.issues())
