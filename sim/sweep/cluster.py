"""Chunks computed by several processes or machines, through Dask; the only place that knows it.

Part of the sweeps (floor 5). A worker gets a task, computes it and writes it itself; only a few numbers travel back. A worker
that dies costs the chunk it was at: the scheduler gives it to another one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib import import_module
from itertools import islice
from typing import Any

from sim.errors import InputError, PadmaError
from sim.run import check_workers
from sim.sweep import work
from sim.sweep.places import missing

AHEAD = 4
"""Tasks that wait at every worker: enough that none is idle, few enough that the scheduler stays small."""

RETRIES = 5
"""How often a chunk is tried again when its worker dies."""

PATIENCE = 30
"""Seconds to wait for a scheduler, and for its first worker."""


def on_cluster(
    workers: int | None = None, scheduler: str | None = None
) -> Callable[[list[work.Task], Callable[[int], None]], Iterator[work.Done]]:
    """How a sweep is executed by ``workers`` local processes, or by the cluster of a scheduler.

    Raises
    ------
    InputError : a number of workers or an address that cannot be
    PadmaError : the libraries are not installed
    """
    if workers is not None:
        check_workers(workers)
    if scheduler is not None and workers is not None:
        why = "an existing cluster has its own workers."
        raise InputError("--workers and --scheduler are both given", why=why, how="take one of the two out.")
    if scheduler is not None and not re.fullmatch(r"\w+://\S+:\d+", scheduler):
        why, how = "workers are found through it.", "write it like tcp://127.0.0.1:8786."
        raise InputError(f"{scheduler!r} is not the address of a scheduler", where="--scheduler", why=why, how=how)
    try:
        import_module("distributed")
    except ModuleNotFoundError as error:
        raise missing(error) from error

    def execute(tasks: list[work.Task], alive: Callable[[int], None]) -> Iterator[work.Done]:
        done = 0
        try:
            with ExitStack() as open_:
                for found in _rolling(_client(workers, scheduler, open_), tasks, alive):
                    done += 1
                    yield found
        except TimeoutError as error:
            if done == len(tasks):  # everything is computed and written: a cluster that closes slowly is no failure
                return
            raise PadmaError(
                "the cluster did not answer in time",
                why="the chunks that were finished are whole and kept.",
                how="run the same command again, perhaps with fewer --workers: only what is missing is computed.",
            ) from error

    return execute


def _client(workers: int | None, scheduler: str | None, open_: ExitStack) -> Any:
    """A client of the cluster; a local one is started without any page or port for others, and closed at the end."""
    distributed: Any = import_module("distributed")
    if scheduler is None:
        cluster = distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None, silence_logs=50
        )
        open_.enter_context(cluster)
        return open_.enter_context(distributed.Client(cluster))
    try:
        client = open_.enter_context(distributed.Client(scheduler, timeout=PATIENCE))
        client.wait_for_workers(1, timeout=PATIENCE)
    except (OSError, ValueError, TimeoutError) as error:
        raise InputError(
            f"no cluster answers ({error})",
            where=f"--scheduler {scheduler}",
            why="the chunks would be computed by nobody.",
            how="start one with `dask scheduler` and `dask worker tcp://HOST:PORT`, and give its address.",
        ) from error
    return client


def _rolling(client: Any, tasks: list[work.Task], alive: Callable[[int], None]) -> Iterator[work.Done]:
    """Keep a few tasks at every worker until none is left."""
    distributed: Any = import_module("distributed")
    waiting = iter(tasks)

    def submit(task: work.Task) -> Any:
        return client.submit(work.do, task, key=f"sweep-{task.where}-{task.chunk}-{id(tasks)}", pure=False, retries=RETRIES)

    width = AHEAD * max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
    pool = distributed.as_completed([submit(task) for task in islice(waiting, width)])
    for future in pool:
        if future.status == "error":
            error = future.exception()
            if isinstance(error, OSError | PadmaError):
                raise error
            raise PadmaError(
                f"a chunk failed on its worker ({type(error).__name__}: {error})",
                why="the chunks that were finished are whole and kept.",
                how="look at the worker's log, then run the same command again: only what is missing is computed.",
            )
        done = future.result()
        alive(done.runs)
        if (task := next(waiting, None)) is not None:
            pool.add(submit(task))
        yield done
