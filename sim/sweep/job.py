"""A sweep from a design to a results folder that can be left and taken up again.

Part of the sweeps (floor 5). The folder says from the first moment what it is for (``manifest.json``, status ``running``), so
that the same command goes on where it stopped and another one is refused. How chunks are computed (threads here, processes or
machines in :mod:`sim.sweep.cluster`) makes no difference to any number.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Lock
from typing import Any

from sim import folders, provenance, run, stores
from sim.errors import InputError, PadmaError
from sim.history import Progress
from sim.scenario import Scenario
from sim.sweep import store, tables, variance, work
from sim.sweep.design import Design
from sim.sweep.factors import Point
from sim.sweep.places import UNFINISHED, Folder, Remote, place
from sim.sweep.store import Layout

Execute = Callable[[list[work.Task], Callable[[int], None]], Iterator[work.Done]]
"""Does tasks in any order and gives back each when its chunk is written."""

AT_ONCE = 4096
"""Runs of a chunk unless another size is asked for: some seconds of work."""


@dataclass(frozen=True)
class Plan:
    """A sweep that is about to run.

    Attributes
    ----------
    design : with the seed and runs asked for
    points : of the design
    layout : of its store
    where : the folder or store
    worlds : scenarios of the base and of every category
    id : hash of all that its numbers depend on
    replaces : whether another sweep stands there, which goes when this one begins
    """

    design: Design
    points: list[Point]
    layout: Layout
    where: Folder | Remote
    worlds: tuple[Scenario, ...]
    id: str
    replaces: bool = False

    @property
    def local(self) -> Path | None:
        """The folder, where the results go into one."""
        return self.where.path if isinstance(self.where, Folder) else None

    def missing(self) -> list[work.Task]:
        """What is still to be computed."""
        return [self._task(chunk) for chunk in store.missing(self.where, self.layout)]

    def _task(self, chunk: int) -> work.Task:
        points = tuple(self.points[p] for p in self.layout.span(chunk))
        return work.Task(self.design, self.design.seed, self.layout, str(self.where), chunk, points, work.model())


class Unfinished(PadmaError):
    """A sweep stopped before its end: what is whole is kept."""


def plan(
    design: Design,
    out: Path | str,
    *,
    runs: int | None = None,
    seed: int | None = None,
    points: int | None = None,
    chunk: int | None = None,
    force: bool = False,
) -> Plan:
    """Say what a sweep will do, and refuse what can be refused before any work; nothing is changed yet.

    Parameters
    ----------
    out : a folder, or the URL of a store that fsspec reaches
    runs, seed, points : in place of the design's own
    chunk : points computed and written together; a sweep that was begun keeps its own
    force : replace another sweep in the folder

    Raises
    ------
    InputError : a number or a folder that does not fit
    """
    changed = design.changed(runs=runs, seed=seed, size=points)
    run.check_numbers(changed.runs, changed.seed)
    where, listed = place(out), changed.points()
    worlds = worlds_of(changed)
    base, identity = worlds[0], _identity(changed, worlds)
    replaces = _check_place(where, identity, force, _facts(changed, base, len(listed)))
    k = variance.pairs(changed.runs, base.posterior.size if base.posterior else 0)
    layout = Layout(
        points=len(listed),
        measures=len(changed.measures),
        runs=changed.runs,
        kept=changed.runs if changed.keep == "runs" else 2 * k,
        pairs=k,
        chunk=1,
    )
    if chunk is not None and not 1 <= chunk <= 100_000:
        raise InputError(f"a chunk of {chunk} points was asked for", where="--chunk", how="choose 1 to 100,000.")
    usual = max(1, AT_ONCE // work.runs_per_point(layout))
    held = None if replaces else store.stored_chunk(where)
    size = held or min(chunk or usual, len(listed))
    return Plan(changed, listed, replace(layout, chunk=size), where, worlds, identity, replaces)


def _identity(design: Design, worlds: tuple[Scenario, ...]) -> str:
    """Hash of all that the numbers of a sweep depend on."""
    posteriors = sorted({w.posterior.fingerprint if w.posterior else "" for w in worlds})
    texts = [provenance.digest(w.text) for w in worlds]
    what = (provenance.version(), design.text, texts, posteriors)
    return provenance.digest(json.dumps([what, provenance.content_hash(), provenance.rules_hash()]))[:10]


def worlds_of(design: Design) -> tuple[Scenario, ...]:
    """The base and the scenario of every category that can be read by itself."""
    found = [design.scenario({})]
    for factor in design.factors:
        for value in factor.values:
            try:
                found.append(design.scenario({factor.name: value}))
            except PadmaError:  # its points will be rows with a reason
                continue
    return tuple(found)


def _facts(design: Design, base: Scenario, points: int) -> dict[str, Any]:
    """Entries of the manifest that decide the numbers of a sweep."""
    of_design = {"design": design.name, "design_sha256": provenance.digest(design.text), "points": points}
    return provenance.facts(base, design.runs, design.seed) | {"kind": "sweep"} | of_design


def _check_place(where: Folder | Remote, identity: str, force: bool, facts: dict[str, Any]) -> bool:
    """Refuse a folder or store that holds something else; whether it holds another sweep that is to be replaced."""
    if isinstance(where, Folder):
        left = list(where.path.iterdir()) if where.path.is_dir() else []
        if not left or not all(p.name.endswith(UNFINISHED) for p in left):  # else killed while its first file was written
            folders.check_out(where.path, identity, force, facts)
    held = where.get("manifest.json")
    if not held:
        return False
    try:
        old = dict(json.loads(held))
    except (ValueError, TypeError, RecursionError):
        old = {}
    folders.check_same(old, identity, force, facts, str(where), "place holds another sweep")
    return old.get("id") != identity


def _clear(where: Folder | Remote) -> None:
    """Take out what padma wrote into a place."""
    for folder in (store.ROOT, stores.STORE, "figures", "export", "scenarios"):
        where.clear(folder)
    for name in sorted(where.names()):
        where.remove(name)


def sweep(
    planned: Plan,
    *,
    execute: Execute | None = None,
    command: str = "",
    progress: Progress = lambda done, total: None,
) -> dict[str, Any]:
    """Compute what is missing of a sweep and finish its folder; the manifest.

    Raises
    ------
    Unfinished : the disk is full, or workers failed; says what is kept
    InputError : another process is at this sweep
    KeyboardInterrupt : Ctrl-C; finished chunks are kept
    """
    try:
        with planned.where.alone():
            return _sweep(planned, execute or in_threads, command, progress)
    except OSError as error:
        kept = planned.layout.chunks - len(store.missing(planned.where, planned.layout))
        raise Unfinished(
            f"the results could not be written ({error.strerror or error})",
            where=str(planned.where),
            why=f"{kept} of {planned.layout.chunks} chunks are whole and kept.",
            how="make room, then run the same command again: only what is missing is computed.",
        ) from error


def _sweep(planned: Plan, execute: Execute, command: str, progress: Progress) -> dict[str, Any]:
    record = _begin(planned, command)
    tasks = planned.missing()
    total = sum(len(task.points) for task in tasks) * work.runs_per_point(planned.layout)
    done = 0

    def alive(runs: int) -> None:
        nonlocal done
        done += runs
        progress(done, total)

    for _ in execute(tasks, alive) if tasks else ():
        pass
    return _finish(planned, record)


def in_threads(tasks: list[work.Task], alive: Callable[[int], None], threads: int | None = None) -> Iterator[work.Done]:
    """Do tasks in this process, on all cores; each thread holds one chunk, so that memory stays bounded.

    Raises
    ------
    whatever a task raises; the tasks not yet begun are then dropped
    """
    stop, lock = Event(), Lock()

    def tell(runs: int) -> None:
        with lock:
            if stop.is_set():
                raise CancelledError
            alive(runs)

    def follow(task: work.Task) -> work.Done | None:
        return None if stop.is_set() else work.do(task, tell)

    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        try:
            for found in pool.map(follow, tasks):
                if found:
                    yield found
        except BaseException:
            stop.set()  # whoever still computes ends with the next batch
            pool.shutdown(cancel_futures=True)
            raise


def _begin(planned: Plan, command: str) -> dict[str, Any]:
    """Say in the folder what it is for; a sweep that is taken up keeps the time at which it began."""
    design, where, worlds = planned.design, planned.where, planned.worlds
    where.tidy()
    if planned.replaces:
        _clear(where)
    warnings = run.warnings(worlds[0], design.runs)
    record = provenance.manifest(
        worlds[0],
        runs=design.runs,
        seed=design.seed,
        engine="ensemble",
        command=command,
        started=provenance.now(),
        warnings=list(dict.fromkeys(warnings)),
    )
    record |= _facts(design, worlds[0], planned.layout.points) | {"id": planned.id}
    record["sources"] = sorted({*provenance.sources_used(*worlds), *design.sources})
    held = where.get("manifest.json")
    if held:
        record["started"] = json.loads(held).get("started", record["started"])
    where.put("manifest.json", provenance.as_file(record))
    where.put("design.yaml", design.text.encode())
    attributes = {"design": design.name, "seed": design.seed, "runs": design.runs, "id": planned.id}
    store.write_skeleton(where, planned.layout, planned.points, design.factors, design.measures, attributes)
    return record


def _finish(planned: Plan, record: dict[str, Any]) -> dict[str, Any]:
    """Tables and the manifest of a whole sweep."""
    sums, failed = tables.write(planned.where, planned.layout, planned.design, planned.points)
    planned.where.tidy()
    if failed == planned.layout.points:
        reason = store.read(planned.where, planned.layout, 0, (store.LAST,))[store.LAST][0]
        raise PadmaError(
            f"all {failed} points failed; the first one says: {reason}",
            where=str(planned.where),
            why="there is nothing to summarise.",
            how="mend the design; points.csv has the reason of every point.",
        )
    if failed:
        note = f"{failed} of {planned.layout.points} points failed and are left out; points.csv says why."
        record["warnings"] = [*record["warnings"], note]
    if planned.local:
        record["store"] = stores.store_sums(planned.local, store.ROOT)
    whole = provenance.finished(record | {"failed": failed}, sums)
    planned.where.put("manifest.json", provenance.as_file(whole))
    return whole


def variance_rows(planned: Plan) -> list[dict[str, Any]]:
    """Rows of ``variance.csv``, with numbers as numbers."""
    text = (planned.where.get("variance.csv") or b"").decode()
    numbers = ("share", "q05", "q95")
    return [{k: float(v) if k in numbers else v for k, v in row.items()} for row in csv.DictReader(io.StringIO(text))]
