"""A finished sweep: its folder read back, and what it says in sentences.

Part of the sweeps (floor 5). Computes nothing; figures and tables read from here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import provenance
from sim.errors import InputError
from sim.quantiles import STATISTICS
from sim.sweep.design import Design, read_design
from sim.sweep.variance import GROUPS, PARAMETERS, TOGETHER

if TYPE_CHECKING:
    import pandas as pd


PLURAL = (PARAMETERS, GROUPS["image"], GROUPS["commitments"], GROUPS["other"])
"""Blocks that take a verb in the plural."""


@dataclass(frozen=True)
class Sweep:
    """A results folder of a sweep.

    Attributes
    ----------
    folder, manifest : where it is, and what it says of itself
    design : as it was run
    points : one row per point: values of factors, and why it failed
    summary : one row per point and kept number
    variance : one row per kept number and block
    """

    folder: Path
    manifest: dict[str, Any]
    design: Design
    points: pd.DataFrame = field(repr=False)
    summary: pd.DataFrame = field(repr=False)
    variance: pd.DataFrame = field(repr=False)


def read_sweep(folder: Path) -> Sweep:
    """Read a sweep.

    Raises
    ------
    InputError : no sweep, not whole, or changed by hand
    """
    import pandas as pd

    record = provenance.read_manifest(folder)
    if record.get("kind") != "sweep":
        how = "make one with padma sweep DESIGN."
        raise InputError("this folder holds no sweep", where=str(folder), why="there are no points to show.", how=how)
    design = read_design(folder / "design.yaml")
    text = {name: str for name in ("partner", "issue", "reason", "part_of", *(f.name for f in design.factors if f.categorical))}
    tables = [
        pd.read_csv(
            folder / name, dtype=text, keep_default_na=False, na_values={column: [""] for column in (*STATISTICS, "share")}
        )
        for name in ("points.csv", "summary.csv", "variance.csv")
    ]
    return Sweep(folder, record, design, *tables)


def sentences(variance: list[dict[str, Any]]) -> list[str]:
    """What the split of variance says of the moment that most numbers are about: one sentence per block, largest first.

    Parameters
    ----------
    variance : rows of ``variance.csv``
    """
    whens = [row["quarter"] for row in variance]
    if not whens:
        return []
    when = max(dict.fromkeys(whens), key=whens.count)
    rows = [r for r in variance if r["quarter"] == when and not r["part_of"] and r["block"] != TOGETHER]
    by_block = {b: [r for r in rows if r["block"] == b] for b in dict.fromkeys(r["block"] for r in rows)}
    ordered = sorted(by_block, key=lambda b: -_mean(by_block[b]))
    moment = when[:4] if when.endswith("Q4") and len(when) == 6 else when
    return [f"{_subject(block)} {_range(by_block[block])} of what we do not know about {moment}." for block in ordered]


def _mean(rows: list[dict[str, Any]]) -> float:
    return sum(float(r["share"]) for r in rows) / len(rows)


def _subject(block: str) -> str:
    if block.startswith("who governs"):
        return "Who wins the election" + block.removeprefix("who governs") + " explains"
    several = block in PLURAL or " and " in block
    return f"{block[:1].upper()}{block[1:]} {'explain' if several else 'explains'}"


def _range(rows: list[dict[str, Any]]) -> str:
    """``1 to 18 %``, with the numbers that these are about when there are few."""
    low, high = (percent(pick(float(r["share"]) for r in rows)) for pick in (min, max))
    return f"{low} %" if low == high else f"{low} to {high} %"


def percent(share: float) -> str:
    """A share in words: whole per cents, never below none or above all, which an estimate can be.

    >>> percent(0.004), percent(0.123), percent(-0.02), percent(1.13)
    ('under 1', '12', '0', '100')
    """
    if share <= 0.0005:
        return "0"
    return "under 1" if share < 0.01 else f"{100 * min(share, 1.0):.0f}"
