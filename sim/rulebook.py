"""How a rule is stated, looked up and bound to its arguments.

Floor 1. A rule is an ordinary function. Its argument names are codebook variables, its annotations say on which axes they
are seen, its body is assignments and a return. ``@rule`` registers it and returns it untouched. :func:`bind` is the one
place where arguments meet rules; the ensemble hands it whole arrays, an agent hands it its own row.

Prefixes say from where a variable is seen (a: the state that acts, b: the partner, c: a third state):

=================  ==================  =================================
argument           variable on dyads   variable on states
=================  ==================  =================================
``x``              x[a, b]             x[a]
``other_x``        x[b, a]             x[b]
``third_x``        x[a, c]             x[c]
``other_third_x``  x[b, c]
``third_other_x``  x[c, b]
=================  ==================  =================================
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

from sim.axes import AXES, Array
from sim.codebook import codebook
from sim.errors import PadmaError

_S, _P, _T = 0, 1, 2
_REST = tuple(range(3, len(AXES)))
VIEWS: dict[str, tuple[int, ...]] = {
    "other_third_": (_T, _S, _P, *_REST),
    "third_other_": (_T, _P, _S, *_REST),
    "other_": (_P, _S, _T, *_REST),
    "third_": (_S, _T, _P, *_REST),
}
"""How each prefix permutes a frame: new axis i is old axis VIEWS[prefix][i]."""

_STATE_ONLY_THIRD = (_T, _P, _S, *_REST)


@dataclass(frozen=True)
class Argument:
    """One argument of a rule: its name, the codebook variable behind it, and how the frame is turned to be seen."""

    name: str
    variable: str
    turn: tuple[int, ...] | None


@dataclass(frozen=True)
class Rule:
    """A registered rule.

    Attributes
    ----------
    name : name of the function and of the variable it yields
    function : the function itself
    arguments : what it reads
    axes : axes of its result, from the annotation
    source : key of the publication behind it
    claims : statements of the form ``"rises with hostility"`` that tests check numerically
    """

    name: str
    function: Callable[..., Array]
    arguments: tuple[Argument, ...]
    axes: tuple[str, ...]
    source: str
    claims: tuple[str, ...]

    @property
    def reads(self) -> frozenset[str]:
        """Names of the codebook variables it reads."""
        return frozenset(argument.variable for argument in self.arguments)


RULES: dict[str, Rule] = {}


def rule(*, source: str, claims: tuple[str, ...] = ()) -> Callable[[Callable[..., Array]], Callable[..., Array]]:
    """Register a function as a rule and return it untouched.

    Raises
    ------
    PadmaError : the annotated result has other axes than the codebook says
    """

    def register(function: Callable[..., Array]) -> Callable[..., Array]:
        hints = get_type_hints(function, include_extras=True)
        name = function.__name__
        result = hints.pop("return").__metadata__[0]
        arguments = tuple(_argument(name, argument, hint.__metadata__[0]) for argument, hint in hints.items())
        if codebook()[name].axes != result:
            raise PadmaError(f"rule '{name}' promises the axes {result}, the codebook says {codebook()[name].axes}")
        RULES[name] = Rule(name, function, arguments, result, source, claims)
        return function

    return register


def _argument(rule_name: str, name: str, seen: tuple[str, ...]) -> Argument:
    prefix = next((p for p in VIEWS if name.startswith(p) and name.removeprefix(p) in codebook()), "")
    base = name.removeprefix(prefix)
    if base not in codebook():
        raise PadmaError(f"rule '{rule_name}' reads '{name}', which is not in the codebook")
    axes = codebook()[base].axes
    turn = _STATE_ONLY_THIRD if prefix == "third_" and "partner" not in axes else VIEWS.get(prefix)
    shown = axes if turn is None else tuple(n for i, n in enumerate(AXES) if AXES[turn[i]] in axes)
    if shown != seen:
        raise PadmaError(f"rule '{rule_name}' annotates '{name}' with {seen}; seen from there it lies on {shown}")
    return Argument(name, base, turn)


class ShapeError(PadmaError):
    """A rule returned axes that its annotation does not promise."""


def bind(rule: Rule, look: Callable[[str, tuple[int, ...] | None], Array], n: dict[str, int]) -> Array:
    """Evaluate a rule.

    Parameters
    ----------
    rule : the rule
    look : gives the frame of a variable, turned as asked
    n : full length of each axis as the caller sees it (an agent sees one state)

    Returns
    -------
    frame of the result

    Raises
    ------
    ShapeError : the result varies on an axis that the annotation lacks, or lacks one that it promises
    """
    values = {argument.name: look(argument.variable, argument.turn) for argument in rule.arguments}
    out = rule.function(**values)
    for index, name in enumerate(AXES[:-1]):
        promised = n[name] if name in rule.axes else 1
        if out.shape[index] != promised:
            raise ShapeError(
                f"rule '{rule.name}' returned length {out.shape[index]} on the axis '{name}', {promised} was promised",
                why="a sum over the wrong axis gives plausible numbers that mean something else.",
                how="compare its folds with its annotations.",
            )
    return out


def needed(names: set[str], available: set[str]) -> set[str]:
    """Rules to evaluate so that all of ``names`` are known, given what is ``available`` without rules."""
    found: set[str] = set()
    queue = [name for name in names if name in RULES]
    while queue:
        name = queue.pop()
        if name in found:
            continue
        found.add(name)
        queue += [read for read in RULES[name].reads if read in RULES and read not in available]
    return found


def resting_on(names: set[str]) -> set[str]:
    """Rules whose result can change when one of ``names`` does, directly or through other rules.

    >>> from sim import rules
    >>> "constraint" in resting_on({"clarity"}), "threat" in resting_on({"stance"})
    (True, False)
    """
    found = set(names)
    while more := {name for name, rule in RULES.items() if name not in found and not rule.reads.isdisjoint(found)}:
        found |= more
    return found & RULES.keys()


def signature(rule: Rule) -> str:
    """A rule in one line, for documentation: ``threat = f(capability_share, ...)``."""
    return f"{rule.name} <- {', '.join(argument.name for argument in rule.arguments)}"


__all__: list[Any] = ["RULES", "Rule", "ShapeError", "bind", "needed", "resting_on", "rule", "signature"]
