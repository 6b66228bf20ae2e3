"""What exists in the model: reads ``codebook.yaml`` and answers questions about variables by name.

Floor 1. It holds meanings, units and ranges; it computes nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sim import yamlfile
from sim.axes import AXES
from sim.errors import InputError, nearest

KINDS = ("attribute", "input", "trait", "parameter", "constant", "shock", "carried", "computed", "observable")


@dataclass(frozen=True)
class Variable:
    """One entry of the codebook.

    Attributes
    ----------
    name, kind, unit, meaning : text; ``kind`` is one of :data:`KINDS`
    axes : axes it varies on, in the order of ``AXES``
    range : lowest and highest possible value (unit of the variable)
    source : key in ``scenarios/sources.yaml`` of the idea or dataset behind it
    value : the number itself, for constants that are not derived from data
    default : value where nothing is said, for inputs that may be left out
    symmetric : a dyadic input that is the same in both directions
    law : for shocks, the probability law (``uniform`` or ``stance``)
    """

    name: str
    kind: str
    axes: tuple[str, ...]
    unit: str
    meaning: str
    range: tuple[float, float] = (-math.inf, math.inf)
    source: str = ""
    value: float | None = None
    default: float | None = None
    symmetric: bool = False
    law: str = ""


@cache
def codebook() -> dict[str, Variable]:
    """All variables by name, in the order of ``codebook.yaml``.

    Raises
    ------
    InputError : a variable of an unknown kind, or with axes out of order
    """
    document = yamlfile.read(Path(__file__).with_name("codebook.yaml"), "sim/codebook.yaml")
    book = {}
    for name, entry in document.content.items():
        variable = Variable(name=name, **{**entry, "axes": tuple(entry["axes"]), "range": tuple(entry.get("range", _ALL))})
        if variable.kind not in KINDS or [a for a in AXES if a in variable.axes] != list(variable.axes):
            raise InputError(f"'{name}' has an unknown kind or axes out of order", where=document.where((name,)))
        book[name] = variable
    return book


_ALL = (-math.inf, math.inf)


def variable(name: str, where: str = "") -> Variable:
    """The variable called ``name``.

    Raises
    ------
    InputError : there is none; the message carries the nearest name

    >>> variable("pull").unit
    'sd'
    """
    book = codebook()
    if name not in book:
        raise InputError(
            f"'{name}' is not in the codebook",
            where=where,
            why="a name that no rule reads would be silently without effect.",
            how=nearest(name, book),
        )
    return book[name]


def of_kind(*kinds: str) -> dict[str, Variable]:
    """The variables of some kinds, in codebook order."""
    return {name: v for name, v in codebook().items() if v.kind in kinds}
