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
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from sim import engine
from sim.axes import AXES, Array
from sim.codebook import codebook, of_kind
from sim.errors import PadmaError
from sim.rulebook import RULES, needed
from sim.rules.turn import CARRIED
from sim.trace import COSTLY, FOLDS, MANY, Graph, Node
from sim.world import World

WIDTH = 128
"""Runs that go through a quarter together: what they need stays in the caches of one core."""

FLAGS = ("-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast", "-fopenmp-simd", "-shared")
WIDE = ("-mprefer-vector-width=512",)
"""Tried first: not every compiler and processor knows it."""

OPERATORS = {
    **{"add": "({} + {})", "subtract": "({} - {})", "multiply": "({} * {})", "divide": "({} / {})", "negative": "(-{})"},
    **{"greater": "({} > {} ? 1.0 : 0.0)", "less": "({} < {} ? 1.0 : 0.0)", "where": "({} != 0.0 ? {} : {})"},
    **{"maximum": "larger({}, {})", "arctanh": "atanh({})", "same": "{}"},
}
"""How an operation is written in C; a function without an entry has the name that it has in NumPy."""

_ONE_AT_A_TIME = Lock()
"""What two threads want is compiled once."""

HEAD = """#include <stddef.h>
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__linux__)
#define SIMD __attribute__((simd("notinbranch")))
#else
#define SIMD
#endif
SIMD double exp(double); SIMD double expm1(double); SIMD double log(double); SIMD double log2(double);
SIMD double tanh(double); SIMD double atanh(double); SIMD double pow(double, double);
double sqrt(double);
static inline double larger(double x, double y) { return x > y ? x : y; }
"""


# --- from nodes to C ------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Loop:
    """Nodes of one shape that are computed place by place in one loop."""

    shape: tuple[int, ...]
    nodes: list[Node] = field(default_factory=list)


@dataclass
class Writer:
    """Writes the C function of a graph.

    Attributes
    ----------
    graph : what is computed
    carried, kept : name -> node to hand out, to the next quarter and to whoever keeps a record
    """

    graph: Graph
    carried: dict[str, Node]
    kept: dict[str, Node]

    def __post_init__(self) -> None:
        self.results = [*self.carried.values(), *self.kept.values()]
        self.given = [node.extra for node in self._alive() if node.op == "given"]
        self.stored = self._stored()
        self.loops: list[Loop] = []
        self.loop_of: dict[Node, int] = {}
        for node in self.graph.nodes:
            if node in self.stored:
                self._place(node)
        self.room: dict[Node, int] = {}
        self.size = 0
        for node in self.stored:
            self.room[node] = self.size
            self.size += int(np.prod(node.shape[:-1])) * WIDTH

    def _stored(self) -> dict[Node, None]:
        """Nodes with a value of their own; the others are written out where they are used."""
        uses: dict[Node, list[Node]] = {}
        for node in self._alive():
            for arg in node.args:
                uses.setdefault(arg, []).append(node)
        handed = set(self.results)

        def own(node: Node) -> bool:
            if node.op in ("given", "number", "view"):
                return False
            used = uses.get(node, [])
            spread = any(node.shape != user.shape or user.op in FOLDS for user in used)
            return node in handed or node.op in FOLDS or len(used) > 1 or (spread and node.op in COSTLY) or "view" in {u.op for u in used}

        return {node: None for node in self._alive() if own(node)}

    def _alive(self) -> list[Node]:
        """Nodes that a result rests on, in order."""
        found: set[Node] = set()
        queue = list(self.results)
        while queue:
            node = queue.pop()
            if node not in found:
                found.add(node)
                queue += node.args
        return [node for node in self.graph.nodes if node in found]

    def _place(self, node: Node) -> None:
        """Into the first loop of its shape in which all that it needs is known."""
        first = max((self.loop_of[n] + (not at_hand) for n, at_hand in self._needs(node)), default=0)
        for index in range(first, len(self.loops)):
            if self.loops[index].shape == node.shape:
                break
        else:
            self.loops.append(Loop(node.shape))
            index = len(self.loops) - 1
        self.loops[index].nodes.append(node)
        self.loop_of[node] = index

    def _needs(self, node: Node) -> list[tuple[Node, bool]]:
        """Stored nodes that a node reads, each with whether it reads them at its own place."""
        found, queue = [], [(arg, node.op not in FOLDS and arg.shape == node.shape) for arg in node.args]
        while queue:
            arg, here = queue.pop()
            if arg in self.stored:
                found.append((arg, here))
            else:
                straight = here and arg.op not in (*FOLDS, "view")
                queue += [(a, straight and a.shape == node.shape) for a in arg.args]
        return found

    def text(self) -> str:
        """The function: every loop over places holds one over the runs of a block."""
        self.spilled: set[Node] = set()
        written = [{node: self._written(node, self._at(loop), i) for node in loop.nodes} for i, loop in enumerate(self.loops)]
        lines = [HEAD, "void quarter(const double *const *given, double *const *next, KEPT *const *kept, double *w,"]
        lines += ["ptrdiff_t runs, ptrdiff_t stride) {", f"for (ptrdiff_t n = 0; n < runs; n += {WIDTH}) {{"]
        lines.append(f"const ptrdiff_t b = n + {WIDTH} > runs ? runs - {WIDTH} : n;")
        for loop, held in zip(self.loops, written, strict=True):
            at = self._at(loop)
            lines += [f"for (ptrdiff_t {i} = 0; {i} < {n}; {i}++)" for i, n in zip(at, loop.shape, strict=False) if n > 1]
            lines += ["{", "#pragma omp simd", f"for (ptrdiff_t r = 0; r < {WIDTH if loop.shape[-1] == MANY else 1}; r++) {{"]
            for node, value in held.items():
                lines.append(f"const double v{node.number} = {value};")
                if node in self.spilled:
                    lines.append(f"w[{self.room[node]} + ({_flat(node, at)}) * {WIDTH} + r] = v{node.number};")
                for group, results, far in (("next", self.carried, "runs"), ("kept", self.kept, "stride")):
                    places = [i for i, result in enumerate(results.values()) if result is node]
                    lines += [f"{group}[{i}][({_flat(node, at)}) * {far} + b + r] = v{node.number};" for i in places]
            lines.append("}}")
        return "\n".join([*lines, "}}", ""])

    @staticmethod
    def _at(loop: Loop) -> list[str]:
        """Index on every axis but the runs."""
        return [f"i{i}" if n > 1 else "0" for i, n in enumerate(loop.shape[:-1])]

    def _written(self, node: Node, at: list[str], loop: int) -> str:
        """A node's own operation at a place."""
        if node.op in FOLDS:
            terms = [self._read(node.args[0], [*at[: node.extra], str(j), *at[node.extra + 1 :]], loop) for j in range(node.args[0].shape[node.extra])]
            if node.op == "max":
                whole = terms[0]
                for term in terms[1:]:
                    whole = f"larger({whole}, {term})"
                return whole
            return f"(({' + '.join(terms)}) / {len(terms)}.0)" if node.op == "mean" else f"({' + '.join(terms)})"
        args = [self._read(arg, at, loop) for arg in node.args]
        return OPERATORS.get(node.op, f"{node.op}({', '.join('{}' for _ in args)})").format(*args)

    def _read(self, node: Node, at: list[str], loop: int) -> str:
        """A node's value at a place: a number, an array element, a value at hand, or written out."""
        if node.op == "number":
            return repr(node.extra)
        if node.op == "view":
            inner = ["0"] * len(at)
            for new, old in enumerate(node.extra[:-1]):
                inner[old] = at[new]
            return self._read(node.args[0], inner, loop)
        if node.op == "given":
            many = node.shape[-1] == MANY
            return f"given[{self.given.index(node.extra)}][{f'({_flat(node, at)}) * runs + b + r' if many else _flat(node, at)}]"
        if node not in self.stored:
            return self._written(node, at, loop)
        if self.loop_of[node] == loop:
            return f"v{node.number}"
        self.spilled.add(node)
        return f"w[{self.room[node]} + ({_flat(node, at)}) * {WIDTH}{' + r' * (node.shape[-1] == MANY)}]"


def _flat(node: Node, at: list[str]) -> str:
    """Position of a place among those of a frame; what does not vary on an axis stands at zero there."""
    place = ""
    for index, length in zip(at, node.shape[:-1], strict=True):
        if length > 1:
            place = f"({place}) * {length} + {index}" if place else index
    return place or "0"


# --- from C to numbers ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Program:
    """A compiled turn.

    Attributes
    ----------
    function : of pointers to what is given, to what is carried on, to what is kept, to a place for notes, and of the runs
    given : names of what it reads, in order
    notes : length of the place for notes
    """

    function: Any
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
    return Program(build(text), tuple(writer.given), writer.size)


def build(text: str) -> Any:
    """The function ``quarter`` of a C file.

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
                function = ctypes.CDLL(str(library)).quarter
                function.restype = None
                return function
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
        for name in record if out is not None else ():
            out[name][:] = few[name]
        return few
    out = engine.room(world, record, len(runs), precision) if out is None else out
    constants = world.fixed | world.parameters(runs) | {"not_self": world.not_self}
    first = engine.start(world, runs, constants)
    carried = {name: np.array(np.broadcast_to(value, first["stance"].shape)) for name, value in first.items()}
    after, notes = {name: np.empty_like(value) for name, value in carried.items()}, np.empty(0)
    for t, quarter in enumerate(world.span):
        index = quarter - world.scenario.start
        board = constants | carried | engine.inputs_at(world, t) | world.traits(quarter, runs)
        compiled = _turn(world, board, quarter, runs, record if index >= 0 else (), np.dtype(precision) == np.float32)
        if len(notes) < compiled.notes:
            notes = np.empty(compiled.notes)
        kept = [out[name][index] for name in record] if index >= 0 else []
        _play(compiled, board, [after[name] for name in CARRIED], kept, notes)
        carried, after = after, carried
        progress(t + 1)
    world.forget(runs)
    return out


def _turn(world: World, board: dict[str, Array], quarter: int, runs: range, record: tuple[str, ...], single: bool) -> Program:
    """The program of a quarter, once its luck is on the board."""
    rules = needed({f"next_{name}" for name in CARRIED} | set(record), set())
    shocks = [s for s in of_kind("shock") if s in record or any(s in RULES[r].reads for r in rules)]
    board |= {s: world.shock(s, quarter, runs) for s in shocks}
    shapes = tuple((name, (*value.shape[:-1], min(value.shape[-1], MANY))) for name, value in board.items())
    with _ONE_AT_A_TIME:
        return program(shapes, tuple(world.lengths.items()), frozenset(rules), record, single)


def _play(compiled: Program, board: dict[str, Array], after: list[Array], kept: list[Array], notes: Array) -> None:
    """One quarter."""
    given = [np.ascontiguousarray(board[name]) for name in compiled.given]
    tables = [(ctypes.c_void_p * len(a))(*(array.ctypes.data for array in a)) for a in (given, after, kept)]
    far = [array.strides[-2] // array.itemsize for array in kept if array.ndim > 1]
    runs, stride = ctypes.c_ssize_t(after[0].shape[-1]), ctypes.c_ssize_t(far[0] if far else 0)
    compiled.function(*tables, ctypes.c_void_p(notes.ctypes.data), runs, stride)
