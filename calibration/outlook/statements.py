"""Reads calibration/statements.yaml, checks it, and gives every statement its probability.

A statement must say which public record decides it and by when, and for whom it would be a step closer or away; a formula of
calibration/outlook/odds.py must fit it. What cannot be decided, or is told twice, is refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

import calibration.outlook.base  # noqa: F401  (registers its formulas)
from calibration.outlook.odds import FORMULAS, Ground
from calibration.sources.raw import ISSUES, POWERS
from calibration.sources.tables import CUT
from sim import fields, library, yamlfile
from sim.errors import InputError, nearest
from sim.fields import Day, Text
from sim.validate import validate

if TYPE_CHECKING:
    import pandas as pd

FILE = Path(__file__).resolve().parents[1] / "statements.yaml"


class Statement(fields.Strict):
    """One yes/no statement as written."""

    id: Text
    text: Text
    power: Text
    issue: Text
    leans: Literal["warmer", "colder", "neither"]
    decided_by: Text
    by: Day
    formula: dict[Text, Any]


class StatementsFile(fields.Strict):
    """The whole file."""

    statements: list[Statement] = Field(min_length=1)


def read(path: Path | str = FILE) -> list[Statement]:
    """Read and check the statements.

    Raises
    ------
    InputError : anything in the file that does not fit, with file and line
    """
    shown = "calibration/statements.yaml" if Path(path) == FILE else str(path)
    document = yamlfile.read(path, shown)
    library.mapping(document)
    file = validate(StatementsFile, document)
    seen: set[str] = set()
    for index, one in enumerate(file.statements):
        where = document.where(("statements", index))
        if one.id in seen:
            why = "a probability must belong to one statement."
            raise InputError(f"two statements are called '{one.id}'", where=where, why=why, how="give one of them another id.")
        seen.add(one.id)
        for value, known, what in ((one.power, POWERS, "power"), (one.issue, ISSUES, "issue area")):
            if value not in known:
                raise InputError(f"'{value}' is not a {what}", where=where, how=nearest(value, known))
        if one.by <= CUT:
            why = "what is decided before the forecast begins is no forecast."
            raise InputError(f"'{one.id}' would be decided by {one.by}", where=where, why=why, how="name a later day.")
        _check_formula(one.formula, where)
    return list(file.statements)


def _check_formula(given: dict[str, Any], where: str) -> None:
    name = str(given.get("name", ""))
    if name not in FORMULAS:
        why = "the statement would have no probability."
        raise InputError(f"there is no formula '{name}'", where=where, why=why, how=nearest(name, FORMULAS))
    wanted = {k: p for k, p in inspect.signature(FORMULAS[name]).parameters.items() if k != "ground"}
    for key in given:
        if key != "name" and key not in wanted:
            why = "what nothing reads would be silently without effect."
            raise InputError(f"'{key}' is not a parameter of {name}", where=where, why=why, how=nearest(key, wanted))
    missing = [key for key, p in wanted.items() if key not in given and p.default is p.empty]
    if missing:
        raise InputError(f"{name} needs {', '.join(missing)}", where=where, why="it could not be computed.", how="add it.")


def ask(statements: Sequence[Statement], ground: Ground) -> pd.DataFrame:
    """Probability, basis and evidence of every statement, one row each.

    Raises
    ------
    InputError : with the statement whose formula asks for what is not there
    """
    import pandas as pd

    rows = []
    for one in statements:
        formula = {k: v for k, v in one.formula.items() if k != "name"}
        try:
            odds = FORMULAS[one.formula["name"]](ground, **formula)
        except InputError as error:
            raise InputError(error.what, where=f"statement {one.id}", why=error.why, how=error.how) from error
        rows.append(
            {
                "id": one.id,
                "text": one.text,
                "power": one.power,
                "issue": one.issue,
                "leans": one.leans,
                "probability": odds.probability,
                "mc_error": odds.mc_error,
                "basis": odds.basis,
                "evidence": odds.evidence,
                "formula": f"{one.formula['name']}({', '.join(f'{k}={v}' for k, v in formula.items())})",
                "decided_by": one.decided_by,
                "by": one.by.isoformat(),
            }
        )
    return pd.DataFrame(rows)
