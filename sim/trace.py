"""What the rules compute, written down instead of computed: a graph of operations on frames.

Floor 4. Rules accept any array; given a :class:`Node` they return one, and every operation between is a node too. So a compiler
(:mod:`sim.compiled`) can read the theory from the rules themselves. Nothing here knows a rule or a variable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sim.axes import AXES

MANY = 2
"""Length of the axis ``run`` of whatever differs between runs: how many there are is not known yet."""

FUNCTIONS = ("exp", "expm1", "log", "log2", "sqrt", "tanh", "arctanh")
"""Elementwise functions by their name in the array standard's namespace."""

FOLDS = ("sum", "mean", "max")
COSTLY = {*FUNCTIONS, "pow", "divide"}


@dataclass(eq=False)
class Graph:
    """All nodes of one computation; the same operation on the same nodes is made once.

    Attributes
    ----------
    nodes : in an order in which they can be computed
    """

    nodes: list[Node] = field(default_factory=list)
    _known: dict[Any, Node] = field(default_factory=dict)

    def node(self, op: str, args: tuple[Node, ...], shape: tuple[int, ...], extra: Any = None) -> Node:
        """A node, new or known."""
        key = (op, tuple(id(a) for a in args), shape, extra)
        if key not in self._known:
            self._known[key] = Node(self, len(self.nodes), op, args, shape, extra)
            self.nodes.append(self._known[key])
        return self._known[key]

    def given(self, name: str, shape: tuple[int, ...]) -> Node:
        """An array that is handed in under a name."""
        return self.node("given", (), (*shape[:-1], MANY if shape[-1] > 1 else 1), name)


@dataclass(eq=False)
class Node:
    """One operation and its result, seen as an array.

    Attributes
    ----------
    graph, number : where it stands
    op : ``given``, ``number``, ``view``, a fold, a function or an operator
    args : what it is computed from
    shape : lengths of the axes of a frame
    extra : name, number, order of axes or position of the axis folded
    """

    graph: Graph = field(repr=False)
    number: int
    op: str
    args: tuple[Node, ...] = field(repr=False)
    shape: tuple[int, ...]
    extra: Any = None

    __array_ufunc__ = None  # a NumPy array on the left leaves the operation to the node

    def __array_namespace__(self) -> Namespace:
        return Namespace(self.graph)

    def transpose(self, order: tuple[int, ...]) -> Node:
        """The frame with its axes in another order."""
        return self.graph.node("view", (self,), tuple(self.shape[i] for i in order), order)

    def __neg__(self) -> Node:
        return self.graph.node("negative", (self,), self.shape)


def _elementwise(graph: Graph, op: str, *values: Any) -> Node:
    args = tuple(v if isinstance(v, Node) else graph.node("number", (), (1,) * len(AXES), float(v)) for v in values)
    return graph.node(op, args, tuple(max(lengths) for lengths in zip(*(a.shape for a in args), strict=True)))


def _operator(op: str, swapped: bool) -> Callable[[Node, Any], Node]:
    def apply(self: Node, other: Any) -> Node:
        return _elementwise(self.graph, op, *((other, self) if swapped else (self, other)))

    return apply


for _name, _op in {"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "pow": "pow"}.items():
    setattr(Node, f"__{_name}__", _operator(_op, False))
    setattr(Node, f"__r{_name}__", _operator(_op, True))
for _name, _op in {"gt": "greater", "lt": "less"}.items():
    setattr(Node, f"__{_name}__", _operator(_op, False))


class Namespace:
    """The array functions that rules reach through :func:`sim.axes.namespace`, on nodes."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def __getattr__(self, name: str) -> Callable[..., Node]:
        if name in FUNCTIONS or name in ("maximum", "where"):
            return lambda *values: _elementwise(self._graph, name, *values)
        if name in FOLDS:
            return lambda x, axis, keepdims: self._fold(name, x, axis % len(AXES))
        raise AttributeError(f"'{name}' has no translation; add it to sim/trace.py and sim/codegen.py")

    def _fold(self, op: str, x: Node, axis: int) -> Node:
        return self._graph.node(op, (x,), tuple(1 if i == axis else n for i, n in enumerate(x.shape)), axis)
