"""The laws that parameters can be drawn from, as they are written, and whether one makes sense for its parameter.

Floor 3. It draws nothing: the inverse CDFs stand in :mod:`sim.priors`.
"""

from __future__ import annotations

import math
from typing import Any

from sim import library
from sim.codebook import codebook
from sim.consistency import SILENT
from sim.errors import InputError, nearest
from sim.yamlfile import Document

ARGUMENTS = {
    "fixed": ("value",),
    "normal": ("mean", "sd"),
    "halfnormal": ("sd",),
    "lognormal": ("median", "spread"),
    "beta": ("a", "b"),
    "kept": ("a", "b"),
    "pooled": ("mean_sd", "spread_sd"),
    "lifetime": ("spread",),
}
"""Numbers that each law is written with; ``pooled`` and ``lifetime`` are drawn in :func:`sim.priors.draw`."""

ANY_SIGN = ("value", "mean")
"""Numbers of a law that may be zero or less; all others are widths, shapes and medians."""

MIDDLES = ("value", "mean", "median")
"""Numbers of a law that are values of the parameter."""


def check_number(name: str, what: str, value: float, where: str) -> None:
    """Refuse a value that a parameter cannot take.

    Raises
    ------
    InputError : outside the range in the codebook
    """
    low, high = codebook()[name].range
    if not low <= value <= high:
        why = f"'{name}' runs from {low:g} to {high:g} (sim/codebook.yaml)."
        raise InputError(f"{what} is {value:g}", where=where, why=why, how="choose a number inside.")


def check_areas(written: dict[Any, Any], document: Document, keys: tuple[Any, ...]) -> None:
    """Refuse keys that are neither ``default`` nor an issue area, and a mapping without ``default``.

    Raises
    ------
    InputError : with the nearest name
    """
    known = ("default", *library.issues())
    for area in written:
        if area not in known:
            what = f"'{area}' is neither 'default' nor an issue area"
            raise InputError(what, where=document.where((*keys, area)), why=SILENT, how=nearest(str(area), (*known, "prior")))
    if "default" not in written:
        why = "issue areas that are not named here would have nothing."
        raise InputError("the key 'default' is missing", where=document.where(keys), why=why, how="add 'default:'.")


def by_issue(name: str, document: Document, keys: tuple[str, ...], entry: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Laws of a parameter by issue area, each checked: a known name and numbers that make sense.

    Raises
    ------
    InputError : with file and line of what does not
    """
    found = {"default": entry} if "prior" in entry else entry
    check_areas(found, document, keys)
    for issue, laws in found.items():
        place = keys if found is not entry else (*keys, issue)
        for use in laws if isinstance(laws, dict) else ("",):
            law = laws[use] if isinstance(laws, dict) else laws
            kind = law.get("law") if isinstance(law, dict) else None
            if use not in ("prior", "before_fit") or str(kind) not in ARGUMENTS:
                raise InputError(
                    f"'{kind or use or law}' is not a law that a parameter can be drawn from",
                    where=document.where((*place, use)),
                    why="no run can be drawn without it.",
                    how="write prior: {law: normal, mean: 0, sd: 1}, or " + nearest(str(kind), ARGUMENTS),
                )
            _check_law(name, law, document, (*place, use))
        if "prior" not in laws:
            why = "a fit could not begin without it."
            raise InputError("the key 'prior' is missing", where=document.where(place), why=why, how="add 'prior:'.")
    return found


def _check_law(name: str, law: dict[str, Any], document: Document, place: tuple[Any, ...]) -> None:
    kind, numbers = law["law"], {key: value for key, value in law.items() if key != "law"}
    wrong = [k for k, v in numbers.items() if isinstance(v, bool) or not isinstance(v, int | float) or not math.isfinite(v)]
    if wrong or set(numbers) != set(ARGUMENTS[kind]):
        raise InputError(
            f"the law '{kind}' is written with {', '.join(map(str, wrong or numbers)) or 'nothing'}",
            where=document.where(place),
            why="its shape would not be clear.",
            how=f"give one number each for: {', '.join(ARGUMENTS[kind])}.",
        )
    for key, value in numbers.items():
        what, where = f"the '{key}' of the law '{kind}'", document.where((*place, key))
        if key not in ANY_SIGN and value <= 0:
            why = "no such law exists: widths, shapes and medians are above zero."
            raise InputError(f"{what} is {value:g}", where=where, why=why, how="write a number above zero.")
        if key in MIDDLES:
            check_number(name, what, value, where)
    if kind == "kept" and codebook()[name].unit != "per year":
        why = "it says how much of a gap is kept after a year, which makes a speed."
        how = "choose another law, such as beta."
        raise InputError(f"the law 'kept' is for speeds, and '{name}' is none", where=document.where(place), why=why, how=how)
    _check_reach(name, kind, numbers, document.where(place))


def _reach(kind: str, n: dict[str, float]) -> tuple[float, float]:
    """How far a law reaches: down to four standard deviations, up to its 95 % quantile."""
    up, down = 1.645, 4.0
    if kind == "normal":
        return n["mean"] - down * n["sd"], n["mean"] + up * n["sd"]
    if kind == "pooled":
        spread = math.hypot(n["mean_sd"], n["spread_sd"])
        return -down * spread, up * spread
    if kind == "lognormal":
        return n["median"] * math.exp(-down * n["spread"]), n["median"] * math.exp(min(up * n["spread"], 700.0))
    return 0.0, 1.96 * n["sd"] if kind == "halfnormal" else 0.0


def _check_reach(name: str, kind: str, numbers: dict[str, float], where: str) -> None:
    """Refuse a law that would draw what the parameter cannot be; 'fixed' and the others are bounded by themselves."""
    (low, high), (least, most) = codebook()[name].range, _reach(kind, numbers)
    if kind != "fixed" and (least < low or most > high):
        why = f"'{name}' runs from {low:g} to {high:g} (sim/codebook.yaml), and this law reaches from {least:g} to {most:g}."
        raise InputError(f"the law '{kind}' is too wide", where=where, why=why, how="make it narrower, or choose another law.")
