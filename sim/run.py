"""The main job: a scenario in, a results folder out.

Floor 5. A folder is written under another name and moved into place when it is whole, so that half a result is never
taken for one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import engine, folders, history, library, priors, provenance, quarters, stores
from sim.codebook import codebook
from sim.errors import InputError, nearest
from sim.measures import MEASURES
from sim.quantiles import STATISTICS
from sim.scenario import Scenario, read_scenario
from sim.shocks import MAX_SEED
from sim.summary import Context, Mark, Span, summarise
from sim.world import World

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

MAX_RUNS = 10_000_000
MAX_WORKERS = 1024
ENGINES = ("ensemble", "compiled", "mesa")


@dataclass(frozen=True)
class Results:
    """A results folder.

    Attributes
    ----------
    folder : where it is
    manifest : as in ``manifest.json``
    scenario : resolved
    table : the summary, tidy
    """

    folder: Path
    manifest: dict[str, Any]
    scenario: Scenario
    table: pd.DataFrame = field(repr=False)

    @property
    def context(self) -> Context:
        """What every figure of this folder shares."""
        return context(self.scenario, self.manifest["id"], int(self.manifest["runs"]))

    @property
    def history(self) -> xr.Dataset:
        """All that was recorded of the runs, not yet loaded; checked as by :meth:`recorded`."""
        return self.recorded(*history.variables(), "norm")

    def recorded(self, *names: str) -> xr.Dataset:
        """Some variables of the runs, not yet loaded.

        Raises
        ------
        InputError : a byte of them or of their labels is not as it was written
        """
        stores.check_store(self.folder, self.manifest, lambda array: array in names or array not in codebook())
        return history.open_history(self.folder / stores.STORE)[list(names)]


def simulate(scenario: Scenario | str, *, runs: int = 1000, seed: int = 1, record: tuple[str, ...] | None = None) -> xr.Dataset:
    """Simulate an ensemble in memory.

    Parameters
    ----------
    scenario : from :func:`sim.read_scenario`, or its name
    runs : size of the ensemble
    seed : of all chance
    record : variables to keep (default: what the measures need)

    Returns
    -------
    Dataset with dimensions quarter, state, partner, issue (item, act) and run, float64

    Raises
    ------
    InputError : a name or number that does not fit
    """
    check_numbers(runs, seed)
    scenario = read_scenario(scenario) if isinstance(scenario, str) else scenario
    return history.in_memory(World(scenario, seed), runs, record)


def check_numbers(runs: int, seed: int) -> None:
    """Refuse ensembles that cannot be.

    Raises
    ------
    InputError : runs outside 1 to ten million, or a seed outside 0 to 2**63 - 1
    """
    if not 1 <= runs <= MAX_RUNS:
        raise InputError(
            f"{runs} runs were asked for",
            where="--runs",
            why="an ensemble needs a run, and more than ten million would take weeks.",
            how=f"choose 1 to {MAX_RUNS:,}; 1000 is the default.",
        )
    if not 0 <= seed <= MAX_SEED:
        raise InputError(
            f"the seed is {seed}",
            where="--seed",
            why="all chance is computed from it.",
            how=f"choose a whole number from 0 to {MAX_SEED}.",
        )


def check_workers(workers: int) -> None:
    """Refuse numbers of processes that cannot be.

    Raises
    ------
    InputError : outside 1 to ``MAX_WORKERS``
    """
    if not 1 <= workers <= MAX_WORKERS:
        why, how = "somebody must work.", f"choose 1 to {MAX_WORKERS}."
        raise InputError(f"{workers} workers were asked for", where="--workers", why=why, how=how)


def run(
    scenario: Scenario,
    out: Path,
    *,
    runs: int = 1000,
    seed: int = 1,
    engine_name: str = "ensemble",
    force: bool = False,
    command: str = "",
    progress: history.Progress = lambda done, total: None,
    draw: Callable[[Results], None] = lambda results: None,
) -> Results:
    """Simulate a scenario and write its results folder.

    Parameters
    ----------
    out : the folder; an earlier folder of the same run is replaced, that of another run only with ``force``
    engine_name : ``ensemble``, ``compiled`` (the same rules translated into C: equal to rounding, faster for large ensembles)
        or ``mesa`` (one agent model per run; slow, the same numbers)
    draw : adds figures to the folder before it is moved into place

    Raises
    ------
    InputError : wrong numbers, or the folder holds something else
    PadmaError : the disk is full or the folder cannot be written; nothing half-written is left
    """
    check_all(scenario, out, runs=runs, seed=seed, engine_name=engine_name, force=force)
    record = provenance.manifest(
        scenario,
        runs=runs,
        seed=seed,
        engine=engine_name,
        command=command,
        started=provenance.now(),
        warnings=warnings(scenario, runs),
    )
    with folders.whole(out, "the results") as folder:
        _compute(World(scenario, seed), folder, runs, engine_name, progress)
        whole, table = _write(folder, scenario, record)
        draw(Results(folder, whole, scenario, table))
    return Results(out, whole, scenario, table)


def _compute(world: World, folder: Path, runs: int, engine_name: str, progress: history.Progress) -> None:
    blocks: Callable[[range, Callable[[int], None]], dict[str, Any]] | None = None
    player: history.Engine = engine.simulate
    if engine_name == "compiled":
        from sim import compiled

        player = compiled.simulate
    if engine_name == "mesa":
        from sim.agents import StateSystem

        n = len(world.span)

        def blocks(part: range, done: Callable[[int], None]) -> dict[str, Any]:
            import numpy as np

            names = history.variables()
            single = []
            for position, r in enumerate(part):
                single.append(StateSystem(world, r).simulate(names))
                done((position + 1) * n // len(part))
            arrays = {name: np.concatenate([s[name] for s in single], axis=-1) for name in names}
            return arrays | history.drawn(world, part)

    history.on_disk(world, runs, folder / stores.STORE, progress=progress, blocks=blocks, engine=player)


def _write(folder: Path, scenario: Scenario, record: dict[str, Any]) -> tuple[dict[str, Any], pd.DataFrame]:
    stored = history.open_history(folder / stores.STORE)
    table = summarise(stored)
    acts = table[table.measure == "act_probability"]
    table = table[table.measure != "act_probability"]
    (folder / "scenario.yaml").write_text(scenario.text, encoding="utf-8")
    folders.write_csv(table.drop(columns="sd"), folder / "summary.csv")
    named = {"issue": "act", "mean": "probability"}
    acts = acts.rename(columns=named)[["quarter", "state", "partner", "act", "probability", "q05", "q50", "q95", "mc_error"]]
    folders.write_csv(acts, folder / "events.csv")
    whole = provenance.finish(record | {"store": stores.store_sums(folder)}, folder)
    return whole, table.drop(columns="sd")


def check_all(scenario: Scenario, out: Path, *, runs: int, seed: int, engine_name: str, force: bool) -> None:
    """Refuse what can be refused before anything is computed.

    Raises
    ------
    InputError : a number, an engine or a folder that does not fit
    """
    check_numbers(runs, seed)
    if engine_name not in ENGINES:
        why = "the model can be computed in three ways only, with the same result."
        raise InputError(f"there is no engine '{engine_name}'", where="--engine", why=why, how=nearest(engine_name, ENGINES))
    facts = provenance.facts(scenario, runs, seed, engine_name)
    folders.check_out(out, provenance.run_id(scenario, runs, seed, engine_name), force, facts)


def read_results(folder: Path | str) -> Results:
    """Read a results folder.

    Raises
    ------
    InputError : not a whole results folder, or one of another version's model
    """
    import pandas as pd

    folder = Path(folder)
    record = provenance.read_manifest(folder)
    stores.check_store(folder, record)
    table = pd.read_csv(folder / "summary.csv", keep_default_na=False, na_values={c: [""] for c in STATISTICS})
    scenario = read_scenario(folder / "scenario.yaml")
    _check_labels(table, scenario, folder / "summary.csv")
    return Results(folder, record, scenario, table)


def _check_labels(table: pd.DataFrame, scenario: Scenario, path: Path) -> None:
    """Refuse a table that speaks of something else than its scenario: whoever made it also made its checksum."""
    known = {
        "quarter": {quarters.name(quarter) for quarter in scenario.quarters},
        "state": set(scenario.states),
        "partner": {"", *scenario.states},
        "measure": set(MEASURES),
    }
    for column, labels in known.items():
        found = set(table[column].unique()) if column in table else {f"no column '{column}'"}
        if odd := sorted(map(str, found - labels)):
            raise InputError(
                f"'{path.name}' does not fit its scenario: {odd[0]!r} is no {column} of it",
                where=str(path),
                why="padma did not write this table for this scenario.",
                how="run the scenario again, or name another folder.",
            )


def warnings(scenario: Scenario, runs: int) -> list[str]:
    """What a reader of the results must know, in sentences."""
    found = [f"Parameters: {priors.label(scenario)}."]
    if scenario.posterior is None:
        found = [f"{found[0]} The sign of leader and system effects is the theory's, the record has not tested it yet."]
    if scenario.posterior is None and scenario.luck == "record":
        found.append("No posterior says what luck the record shows: all of it is drawn.")
    if runs < 40:
        found.append(f"{runs} runs are too few for 95 % intervals; quantiles that they cannot support are left empty.")
    entries = provenance.trait_entries(scenario)
    assumed = sum(e.basis == "assumption" for e in entries)
    if assumed:
        share = 100 * assumed / len(entries)
        found.append(f"{assumed} of {len(entries)} trait values of the leaders seated ({share:.0f} %) are assumptions.")
    own = sum(e.basis != "assumption" and provenance.is_own(e.sources) for e in entries)
    if own:
        found.append(f"{own} more rest on judgements of this project alone ({100 * own / len(entries):.0f} %).")
    return found


def warnings_of(worlds: Sequence[Scenario], runs: int) -> list[str]:
    """The same for several worlds: what is true of all is said once, what is true of one begins with its name."""
    each = {world.name: warnings(world, runs) for world in worlds}
    shared = [text for text in each[worlds[0].name] if all(text in told for told in each.values())]
    own = [f"{name}: {text[:1].lower()}{text[1:]}" for name, told in each.items() for text in told if text not in shared]
    return shared + own


def context(scenario: Scenario, manifest_id: str, runs: int) -> Context:
    """What every figure of a run shares."""
    first, last = quarters.first_day(scenario.start), quarters.last_day(scenario.until)
    marks = [
        Mark(event.label, quarters.name(quarters.of_date(event.from_)))
        for event in scenario.events.values()
        if first <= event.from_ <= last
    ]
    cut = cut_of(scenario)
    if cut and scenario.start <= quarters.quarter(cut.quarter) <= scenario.until:
        marks.append(cut)
    return Context(
        scenario=scenario.name,
        title=scenario.title,
        question=scenario.question,
        status=priors.label(scenario),
        manifest=manifest_id,
        runs=runs,
        leaders={state: _spans(scenario, state, first, last) for state in scenario.states},
        marks=tuple(marks),
        source=f"padma {provenance.version()}, {runs:,} runs; sources: padma cite {scenario.name}",
        names=library.names(),
    )


def cut_of(scenario: Scenario) -> Mark | None:
    """The end of the record that the parameters were learned from; None where they come from the priors."""
    if scenario.posterior is None:
        return None
    day = quarters.day(scenario.posterior.cut)
    return Mark(f"Training cut {day}", quarters.name(quarters.of_date(day)), cut=True)


def _spans(scenario: Scenario, state: str, first: date, last: date) -> tuple[Span, ...]:
    spans = []
    for slug, since, end in scenario.terms(state):
        a, b = max(since, first), min(end - timedelta(days=1), last)
        if a <= b:
            spans.append(Span(scenario.leaders[slug].name, a.isoformat(), b.isoformat()))
    return tuple(spans)
