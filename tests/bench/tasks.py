"""What the benchmark measures inside a process of its own: ``python -m tests.bench.tasks NAME NUMBER`` prints JSON.

Each task takes a number of runs and gives costs by name, in seconds. The benchmark (:mod:`tests.bench.bench`) calls them.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

SCENARIO = "bnp_government"

SETTINGS: dict[str, Any] = {}
"""Changes of the scenario for the comparison with Mesa; a test plays fewer quarters."""

UNTIL = "2030Q4"
"""Twenty quarters."""


def mesa_batch(runs: int) -> dict[str, float]:
    """Mesa's own ``batch_run`` on the model of agents, one process: CPU seconds a run."""
    import mesa
    import numpy as np

    from sim import history
    from sim.agents import StateSystem
    from sim.scenario import read_scenario
    from sim.world import World

    collected = {}

    class Collected(StateSystem):
        """The model, its recorded variables collected quarter by quarter by Mesa's data collector."""

        def __init__(self, world: World, run: int, rng: object = None) -> None:  # Mesa 3.4 hands every model a seed
            super().__init__(world, run)
            reporters = {name: (lambda m, n=name: m.board[n].copy()) for name in history.variables()}
            self.datacollector = collected[run] = mesa.DataCollector(model_reporters=reporters)
            for _ in range(len(world.span) - len(world.scenario.quarters)):
                StateSystem.step(self)  # the spin-up is not recorded

        def step(self) -> None:
            super().step()
            self.datacollector.collect(self)
            self.running = self.played < len(self.world.span)

    world = World(read_scenario(SCENARIO, settings=SETTINGS), seed=1)
    steps = len(world.scenario.quarters)

    def batch(which: range) -> list[dict[str, Any]]:
        parameters = {"world": world, "run": which}
        return mesa.batch_run(
            Collected, parameters, number_processes=1, max_steps=steps, data_collection_period=1, display_progress=False
        )

    batch(range(runs, runs + 1))  # warm
    began = time.process_time()
    rows = batch(range(runs))
    cpu = time.process_time() - began
    assert len(rows) == runs * steps
    stances = collected[0].model_vars["stance"]  # Mesa 3.4 gives its rows other step numbers than 3.3
    return {"cpu": cpu / runs, "check": float(np.mean([stance.mean() for stance in stances]))}


def ensemble(runs: int) -> dict[str, float]:
    """The same runs and variables as arrays: CPU seconds a run."""
    from sim import engine

    return _arrays(runs, engine.simulate)


def compiled(runs: int) -> dict[str, float]:
    """As :func:`ensemble`, by the compiled engine, once it is compiled."""
    from sim import compiled as engine

    return _arrays(runs, engine.simulate)


def _arrays(runs: int, simulate: Any) -> dict[str, float]:
    """One thread, as Mesa has one; chunk after chunk into the same arrays, so that no memory is asked for in between."""
    from sim import engine, history
    from sim.scenario import read_scenario
    from sim.world import World

    world, names = World(read_scenario(SCENARIO, settings=SETTINGS), seed=1), history.variables()
    parts = engine.chunks(runs)
    kept = engine.room(world, names, len(parts[0]))
    began = time.perf_counter()
    simulate(world, parts[0], names, out=kept)  # warm
    warm, check = time.perf_counter() - began, float(kept["stance"][..., 0].mean())
    began = time.process_time()
    for part in parts:
        simulate(world, part, names, out={name: values[..., : len(part)] for name, values in kept.items()})
    return {"cpu": (time.process_time() - began) / runs, "warm": warm, "check": check}


def kernel(runs: int) -> dict[str, float]:
    """The hand-written kernel against both array engines on one core: CPU seconds a run; empty without a C compiler."""
    from sim.scenario import read_scenario
    from sim.world import World
    from tests.bench import kernel as yardstick

    world = World(read_scenario(SCENARIO, settings=SETTINGS), seed=1)
    with tempfile.TemporaryDirectory() as made:
        library = yardstick.compiled(Path(made))
        if library is None:
            return {}
        apart = max(yardstick.check(library, yardstick.prepare(world, range(runs), drawn=d)) for d in (True, False))
        assert apart < 1e-10, f"the kernel is {apart} away from the engine"
        found = yardstick.seconds(library, world, range(runs), repeats=7)
    return {name: median(values) / runs for name, values in found.items()}


def single(runs: int) -> dict[str, float]:
    """One run of twenty quarters as Mesa agents: seconds."""
    from sim import history
    from sim.agents import StateSystem
    from sim.scenario import read_scenario
    from sim.world import World

    world = World(read_scenario(SCENARIO, until=UNTIL), seed=1)
    names = history.variables()
    seconds = []
    for number in range(runs + 1):
        began = time.perf_counter()
        StateSystem(world, number).simulate(names)
        seconds.append(time.perf_counter() - began)
    return {"seconds": median(seconds[1:]), "quarters": len(world.scenario.quarters)}


def stages(runs: int) -> dict[str, float]:
    """CPU seconds of the stages of ``padma run``."""
    import matplotlib.figure  # noqa: F401
    import pandas  # noqa: F401
    import scipy.special  # noqa: F401
    import xarray  # noqa: F401
    import zarr  # noqa: F401

    from sim import cli, engine, figures, history, scenario  # noqa: F401
    from sim import run as job

    spent = {"start Python, import": time.process_time()}

    def timed(module: Any, name: str, stage: str, clock: Callable[[], float] = time.process_time) -> Callable[..., Any]:
        function = getattr(module, name)

        def wrapped(*arguments: Any, **named: Any) -> Any:
            began = clock()
            try:
                return function(*arguments, **named)
            finally:
                spent[stage] = spent.get(stage, 0.0) + clock() - began

        setattr(module, name, wrapped)
        return wrapped

    read = timed(scenario, "read_scenario", "read")
    draw = timed(figures, "draw_defaults", "draw")
    timed(engine, "simulate", "simulate", time.thread_time)  # one chunk in each thread
    timed(history, "on_disk", "store")
    timed(job, "summarise", "summarise")
    with tempfile.TemporaryDirectory() as made:
        job.run(read(SCENARIO), Path(made) / SCENARIO, runs=runs, draw=draw)
    spent["store"] -= spent["simulate"]
    spent["manifest, tables, files"] = time.process_time() - sum(spent.values())
    return spent


TASKS: dict[str, Callable[[int], dict[str, float]]] = {
    f.__name__: f for f in (mesa_batch, ensemble, compiled, kernel, single, stages)
}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](int(sys.argv[2]))))
