"""The ensemble, compiled: the same turn as :mod:`sim.engine`, its rules translated into one C function.

Floor 4. The rules are not written again: they are traced (:mod:`sim.trace`), and loops are laid around what they do, so that
intermediate results stay in registers instead of travelling through memory. Needs a C compiler when it runs. Numbers agree with
the ensemble engine to rounding (1e-10 and better), not to the last bit: another library rounds exp and log.
"""

from __future__ import annotations

import ctypes
import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from sim import engine, shocks
from sim.axes import AXES, Array
from sim.codebook import codebook, of_kind
from sim.codegen import WIDTH, Writer
from sim.errors import PadmaError
from sim.rulebook import RULES, needed
from sim.rules.turn import CARRIED
from sim.trace import MANY, Graph, Node
from sim.world import World

FLAGS = ("-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast", "-fopenmp-simd", "-shared")
WIDE = ("-mprefer-vector-width=512",)
"""Tried first: not every compiler and processor knows it."""

_ONE_AT_A_TIME = Lock()
"""What two threads want is compiled once."""


@dataclass(frozen=True)
class Program:
    """A compiled turn.

    Attributes
    ----------
    function : of pointers to what is given, to what is carried on, to what is kept, to a place for notes, and of the runs
    filler : makes uniform draws
    given : names of what it reads, in order
    notes : length of the place for notes
    """

    function: Any
    filler: shocks.Filler
    given: tuple[str, ...]
    notes: int


@dataclass(frozen=True)
class _Outline:
    """What the engine asks of a world while a turn is traced."""

    lengths: dict[str, int]
    not_self: Node


@cache
def program(
    shapes: tuple[tuple[str, tuple[int, ...]], ...],
    lengths: tuple[tuple[str, int], ...],
    rules: frozenset[str],
    record: tuple[str, ...],
    single: bool,
) -> Program:
    """Trace and compile a turn.

    Parameters
    ----------
    shapes : name and shape of every frame on the board, and of ``not_self``
    lengths : of every axis but ``run``
    rules : to evaluate
    record : variables to keep
    single : keep them in single precision

    Raises
    ------
    PadmaError : no compiler, or it failed
    """
    graph = Graph()
    board = {name: graph.given(name, shape) for name, shape in shapes}
    outline: Any = _Outline(dict(lengths), board.pop("not_self"))
    after = engine.turn(outline, board, set(rules))

    def whole(name: str) -> Node:
        axes, n = codebook()[name].axes, dict(lengths)
        shape = (*(n[a] if a in axes else 1 for a in AXES[:-1]), MANY)
        return graph.node("same", (after[name],), shape)

    writer = Writer(graph, {n: whole(n) for n in CARRIED}, {n: whole(n) for n in record})
    text = writer.text().replace("KEPT", "float" if single else "double")
    library = build(text + shocks.FILLER_IN_C)
    library.quarter.restype = None
    return Program(library.quarter, filler_of(library), tuple(writer.given), writer.size)


def filler_of(library: Any) -> shocks.Filler:
    """What makes uniform draws in a library that holds :data:`sim.shocks.FILLER_IN_C`."""
    library.fill.restype = None

    def filler(addresses: Any, block: int, position: int, out: Any) -> None:
        n, blocks = len(addresses), out.shape[1] // 4
        library.fill(*_pointers([addresses]), *map(ctypes.c_int64, (n, block, position, blocks)), *_pointers([out]))

    return filler


def build(text: str) -> Any:
    """The library that a C file makes.

    Raises
    ------
    PadmaError : no compiler, or it failed
    """
    command = shlex.split(os.environ.get("CC", "cc"))
    with tempfile.TemporaryDirectory() as made:
        source, library = Path(made) / "quarter.c", Path(made) / "quarter.so"
        source.write_text(text, encoding="utf-8")
        said = "it was not found"
        for flags in ((*FLAGS, *WIDE), FLAGS):
            try:
                arguments = [*command, *flags, "-fPIC", str(source), "-o", str(library), "-lmvec", "-lm"]
                done = subprocess.run(arguments, capture_output=True, text=True, check=False)
            except OSError:
                break
            if done.returncode == 0:
                return ctypes.CDLL(str(library))
            said = done.stderr.strip().splitlines()[0] if done.stderr.strip() else f"it ended with {done.returncode}"
    raise PadmaError(
        f"the C compiler '{command[0]}' could not be used: {said}",
        where="--engine compiled",
        why="this engine compiles the rules when it runs.",
        how="install a C compiler (gcc), name yours in the variable CC, or run without --engine compiled.",
    )


def simulate(
    world: World,
    runs: range,
    record: tuple[str, ...],
    progress: Callable[[int], None] = lambda done: None,
    precision: type = np.float64,
    out: dict[str, Array] | None = None,
) -> dict[str, Array]:
    """Simulate consecutive runs: parameters and result as :func:`sim.engine.simulate`.

    Raises
    ------
    PadmaError : no compiler, or it failed
    """
    engine.check_record(record)
    asked, runs = runs, range(runs.start, max(runs.stop, runs.start + WIDTH))
    if asked != runs:  # too few for a block: the runs after them are played as well
        more = simulate(world, runs, record, progress, precision)
        few = {name: values[..., : len(asked)] for name, values in more.items()}
        if out is None:
            return few
        for name in record:
            out[name][:] = few[name]
        return out
    out = engine.room(world, record, len(runs), precision) if out is None else out
    constants = world.fixed | world.parameters(runs) | {"not_self": world.not_self}
    first = engine.start(world, runs, constants)
    carried = {name: np.array(np.broadcast_to(value, first["stance"].shape)) for name, value in first.items()}
    after = {name: np.empty_like(value) for name, value in carried.items()}
    spin_up, recorded = (_turn(world, constants | carried, kept, np.dtype(precision) == np.float32) for kept in ((), record))
    notes = np.empty(max(spin_up[0].notes, recorded[0].notes))
    for t, quarter in enumerate(world.span):
        index = quarter - world.scenario.start
        compiled, luck = recorded if index >= 0 else spin_up
        board = constants | carried | engine.inputs_at(world, t) | world.traits(quarter, runs)
        with shocks.filled_by(compiled.filler):
            board |= {name: world.shock(name, quarter, runs) for name in luck}
        kept = [out[name][index] for name in record] if index >= 0 else []
        _play(compiled, board, [after[name] for name in CARRIED], kept, notes)
        carried, after = after, carried
        progress(t + 1)
    world.forget(runs)
    return out


def _turn(world: World, board: dict[str, Array], record: tuple[str, ...], single: bool) -> tuple[Program, list[str]]:
    """The program of a quarter, and the luck that it needs."""
    rules = needed({f"next_{name}" for name in CARRIED} | set(record), set())
    luck = [s for s in of_kind("shock") if s in record or any(s in RULES[r].reads for r in rules)]
    n = world.lengths
    shapes = {name: (*tuple(value.shape[:-1]), min(value.shape[-1], MANY)) for name, value in board.items()}
    for kind, runs in (("input", 1), ("trait", MANY), ("shock", MANY)):
        for name, variable in of_kind(kind).items():
            shapes.setdefault(name, (*(n[a] if a in variable.axes else 1 for a in AXES[:-1]), runs))
    with _ONE_AT_A_TIME:
        return program(tuple(shapes.items()), tuple(n.items()), frozenset(rules), record, single), luck


def _play(compiled: Program, board: dict[str, Array], after: list[Array], kept: list[Array], notes: Array) -> None:
    """One quarter."""
    given = [np.ascontiguousarray(board[name]) for name in compiled.given]
    tables = [(ctypes.c_void_p * len(arrays))(*(p.value for p in _pointers(arrays))) for arrays in (given, after, kept)]
    far = [array.strides[-2] // array.itemsize for array in kept if array.ndim > 1]
    runs, stride = ctypes.c_ssize_t(after[0].shape[-1]), ctypes.c_ssize_t(far[0] if far else 0)
    compiled.function(*tables, ctypes.c_void_p(notes.ctypes.data), runs, stride)


def _pointers(arrays: list[Array]) -> list[Any]:
    return [ctypes.c_void_p(array.ctypes.data) for array in arrays]
