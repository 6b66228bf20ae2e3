"""The dated acts: who did what to whom, with the source of each, who governed in Dhaka, and what has to be corrected.

The wording is that of the project's coders; the two source texts are cited, never copied. Where sources contradict a
text, the remark stands in ``calibration/record_notes.yaml`` and travels with the act.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from calibration.sources.raw import Raw, Rows
from calibration.sources.standards import FIRST_ACT, kept
from calibration.sources.tables import is_after
from calibration.sources.votes import day_of, seat_on
from sim.yamlfile import read

HERE = Path(__file__).resolve().parents[1]
TEXTS = {"seed000": "rahman2026", "seed001": "morsalin_hosen2024"}
"""The two source texts: tag in the raw table, key in scenarios/sources.yaml."""


def precision(when: str, text: str) -> str:
    """How exactly an act is dated: day, month, year, or approximate where the coder says so.

    >>> precision("1985-06", "a credit (year only)"), precision("1980-01", "an act"), precision("1980-01-31", "an act")
    ('year', 'month', 'day')
    """
    if re.search(r"approximate|placeholder|mid-March|before September", text):
        return "approximate"
    if re.search(r"year only|year from|\(statistic", text):
        return "year"
    return "day" if len(when) == 10 else "month"


def references(raw: Raw, source: str) -> list[str]:
    """Sources of an act as references: a key of scenarios/sources.yaml with its place, or the address of a page."""
    return [_reference(raw, part) for part in re.split(r"; (?![^(]*\))", source)]


def _reference(raw: Raw, part: str) -> str:
    if part in TEXTS:
        return TEXTS[part]
    if part.startswith("SIPRI"):
        return "sipri-arms-2025"
    if part.startswith("UN voting record"):
        place = part.rsplit(", ", 1)[1]
        found = [row["source"] for row in raw.rows("unga_votes") if row["resolution"] == place]
        return f"{'un-resolutions-xml' if 'UNxml' in found else 'unvotes-2021'} {place}"
    return part


def from_text(source: str) -> str:
    """Which of the two source texts reports the act.

    >>> from_text("seed001; a page"), from_text("seed000; seed001"), from_text("a page")
    ('morsalin_hosen2024', 'both', 'none')
    """
    named = [key for tag, key in TEXTS.items() if tag in source.split("; ")]
    return "both" if len(named) == len(TEXTS) else (named[0] if named else "none")


def episodes(raw: Raw, cut: date) -> Rows:
    """Dated acts up to the cut, each with a name made of date, dyad and issue."""
    notes = read(HERE / "record_notes.yaml", "calibration/record_notes.yaml").content
    names: Counter[str] = Counter()
    found = []
    for row in raw.rows("episodes"):
        if is_after(row["date"], cut):
            continue
        name = "-".join(row[key] for key in ("date", "initiator", "target", "issue_area")).lower()
        names[name] += 1
        name += f"-{names[name]}" if names[name] > 1 else ""
        found.append(_act(raw, row, name, notes["acts"].get(name, {})))
    return found


def _act(raw: Raw, row: Mapping[str, str], name: str, remark: Mapping[str, str]) -> dict[str, Any]:
    text = row["short_description"]
    return {
        "id": name,
        "date": row["date"],
        "precision": precision(row["date"], text),
        "initiator": row["initiator"],
        "target": row["target"],
        "issue": row["issue_area"],
        "goldstein": float(row["goldstein"]),
        "head_of_government": seat_on(day_of(row["date"])),
        "text": remark.get("text", text),
        "sources": "; ".join(references(raw, row["source"])),
        "from_text": from_text(row["source"]),
        "in_likelihood": "yes" if row["date"] >= FIRST_ACT and kept({**row, "date": FIRST_ACT}) else "no",
        "note": remark.get("note", ""),
    }
