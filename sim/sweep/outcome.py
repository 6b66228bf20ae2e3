"""Numbers of a run: those that a design keeps, and the one that a sensitivity study asks about, written as one line.

Part of the sweeps (floor 5). ``stance BGD>RUS defence 2030Q4`` is a number of every run; ``... < 2024Q2`` asks besides when it
lies below its level at another quarter, ``... < 2024Q2 - 0.1`` when by more than 0.1, and ``... > 0.3`` when above a number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim import library, quarters
from sim.errors import InputError, nearest
from sim.measures import MEASURES
from sim.sweep.factors import Kept
from sim.sweep.form import KeptForm
from sim.validate import validate
from sim.yamlfile import Document

Floats = NDArray[np.float64]

_WHEN = r"[0-9]{4}Q[1-4]"
_NUMBER = r"[+-]?\s*[0-9]*\.?[0-9]+"
_LINE = re.compile(
    rf"(?P<measure>\w+)\s+(?P<state>[^\s>]+)(?:>(?P<partner>\S+))?(?:\s+(?P<kind>[a-z][\w-]*))?\s+(?P<when>{_WHEN}(?:-{_WHEN})?)"
    rf"(?:\s*(?P<sign>[<>])\s*(?P<against>{_WHEN})?\s*(?P<offset>{_NUMBER})?)?"
)
HOW = 'write it like "stance BGD>RUS defence 2030Q4 < 2024Q2", "... < 2024Q2 - 0.1" or "... > 0.3", in quotes.'


@dataclass(frozen=True)
class Outcome:
    """What is asked about.

    Attributes
    ----------
    text : as it was written
    kept : the number; and, where it is held against another quarter, the same number there
    sign : ``<`` or ``>`` ('' where no event is asked about)
    offset : what the number, or its change, has to be below or above
    """

    text: str
    kept: tuple[Kept, ...]
    sign: str = ""
    offset: float = 0.0

    def number(self, values: Floats) -> Floats:
        """The number, or its change since the other quarter: (..., measure, run) -> (..., run)."""
        found: Floats = values[..., 0, :] - values[..., 1, :] if len(self.kept) > 1 else values[..., 0, :]
        return found

    def happens(self, number: Floats) -> Floats:
        """Share of runs in which the event happens: (..., run) -> (...); NaN where there is no number."""
        there = number < self.offset if self.sign == "<" else number > self.offset
        share: Floats = np.where(np.isfinite(number).all(axis=-1), there.mean(axis=-1), np.nan)
        return share


def read_outcome(text: str, where: str = "--outcome") -> Outcome:
    """Read an outcome.

    Raises
    ------
    InputError : the line is not of that form, or names a measure, state or kind that is not there

    >>> read_outcome("stance BGD>russia defence 2030Q4 < 2024Q2 - 0.1").kept[1].name
    'stance BGD>RUS defence 2024Q2'
    """
    line = _LINE.fullmatch(text.strip())
    if line is None or (line["sign"] and not (line["against"] or line["offset"])):
        why = "it says what is to be explained."
        raise InputError(f"'{text}' is not an outcome", where=where, why=why, how=HOW)
    asked = {
        key: line[name] for key, name in (("measure", "measure"), ("state", "state"), ("partner", "partner"), ("issue", "kind"))
    }
    found = [_kept(asked, when, where) for when in (line["when"], line["against"]) if when]
    if len(found) > 1 and found[0] == found[1]:
        raise InputError(f"'{text}' holds a quarter against itself", where=where, how="name another quarter.")
    offset = float(line["offset"].replace(" ", "")) if line["offset"] else 0.0
    return Outcome(" ".join(text.split()), tuple(found), line["sign"] or "", offset)


def _kept(asked: dict[str, str | None], when: str, where: str) -> Kept:
    first, _, last = when.partition("-")
    content: dict[str, object] = {key: value for key, value in asked.items() if value}
    content |= {"window": [first, last]} if last else {"quarter": first}
    document = Document(where, {"measures": [content]}, places={(): where})
    (kept,) = measures_of([validate(KeptForm, document, ("measures", 0), content)], document)
    return kept


def span(kept: Kept) -> str:
    """When a number is read, in words.

    >>> span(read_outcome("stance BGD>RUS defence 2027Q1-2030Q4").kept[0])
    'over 2027Q1 to 2030Q4'
    """
    if kept.first == kept.last:
        return f"in {quarters.name(kept.first)}"
    return f"over {quarters.name(kept.first)} to {quarters.name(kept.last)}"


def measures_of(forms: Sequence[KeptForm], document: Document) -> tuple[Kept, ...]:
    """The numbers that entries under ``measures`` stand for.

    Raises
    ------
    InputError : a state, issue area, roll call or act that is not there
    """
    found: dict[Kept, None] = {}
    for index, kept in enumerate(forms):
        keys = ("measures", index)
        state = library.state_code(kept.state, document.where((*keys, "state")))
        partners = [library.state_code(p, document.where((*keys, "partner"))) for p in kept.partner or []] or [""]
        kinds = _kinds(kept.measure)
        for issue in kept.issue or []:
            if issue not in kinds:
                why = "there would be nothing to keep."
                where = document.where((*keys, "issue"))
                raise InputError(f"'{kept.measure}' has no '{issue}'", where=where, why=why, how=nearest(issue, kinds))
        if state in partners:
            where = document.where((*keys, "partner"))
            raise InputError(f"{state} has no relation with itself", where=where, why="there is none.", how="name another.")
        spans = [kept.window] if kept.window else [(q, q) for q in kept.quarter or []]
        found |= {
            Kept(kept.measure, state, partner, issue, *span): None
            for partner in partners
            for issue in kept.issue or [""]
            for span in spans
        }
    return tuple(found)


def _kinds(measure: str) -> Sequence[str]:
    """Names of the issue areas, roll calls or acts of a measure."""
    axes = MEASURES[measure].axes
    if "item" in axes:
        return tuple(library.agenda())
    return tuple(library.world_file("act_rates")["values"]) if "act" in axes else tuple(library.issues())
