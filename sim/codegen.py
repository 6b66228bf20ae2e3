"""A computation written down (:mod:`sim.trace`), as one C function: loops around what the rules do.

Floor 4. Values that are used once are written out where they are used; others get a name, in one loop with whatever lies on the
same axes and is known by then, so that they need not travel through memory. Nothing here knows a rule or a variable.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.trace import COSTLY, FOLDS, MANY, Graph, Node

WIDTH = 256
"""Runs that go through a quarter together: what they need stays in the caches of one core."""

OPERATORS = {
    "add": "({} + {})",
    "subtract": "({} - {})",
    "multiply": "({} * {})",
    "divide": "({} / {})",
    "negative": "(-{})",
    "greater": "({} > {} ? 1.0 : 0.0)",
    "less": "({} < {} ? 1.0 : 0.0)",
    "where": "({} != 0.0 ? {} : {})",
    "maximum": "larger({}, {})",
    "arctanh": "atanh({})",
    "same": "{}",
}
"""How an operation is written in C; a function without an entry has the name that it has in NumPy."""

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
            return (
                node in handed
                or node.op in FOLDS
                or len(used) > 1
                or (spread and node.op in COSTLY)
                or "view" in {u.op for u in used}
            )

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
            terms = [
                self._read(node.args[0], [*at[: node.extra], str(j), *at[node.extra + 1 :]], loop)
                for j in range(node.args[0].shape[node.extra])
            ]
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
            return (
                f"given[{self.given.index(node.extra)}][{f'({_flat(node, at)}) * runs + b + r' if many else _flat(node, at)}]"
            )
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
