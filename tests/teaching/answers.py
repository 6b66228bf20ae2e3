"""The numbers in ``scenarios/teaching/ANSWERS.md``, from the commands of the worksheet: ``python -m tests.teaching.answers``.

The words around the numbers are written by hand and hold for any fit; what depends on the fit is made here, sentences included,
with the seed and the number of runs that students use, so that nobody copies a number by hand (``make teaching``).
"""

from __future__ import annotations

import csv
import json
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import sim
from sim import library, words
from sim.explain import explain
from sim.tables import markdown
from sim.words import signed

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "scenarios" / "teaching"
ANSWERS = PACK / "ANSWERS.md"
REFERENCE = ROOT / "results" / "reference"
BASE, OTHER, READING = "bnp_government", "awami_league_return", str(PACK / "another_reading.yaml")
RUNS, SEED, END = 200, 1, "2031Q1"
TURNOVERS = {"from_1975": "1975", "from_1996": "1996", "from_2001": "2001", "from_2009": "2009", "from_2024": "2024"}
MODELS = {"no_filter": "system only", "persistence": "persistence", "autoregression": "autoregression"}
MODELS |= {"leader_only": "leader only", "static": "fixed norm", "drift": "drift"}


@cache
def compared() -> Any:
    """Tasks 1, 2 and 5: the base world, another government, and another reading of one image."""
    return sim.compare(BASE, OTHER, READING, runs=RUNS, seed=SEED, names=("cooperation",))


@cache
def without_leaders() -> Any:
    """Task 3: the same two governments where leaders cannot matter."""
    off = [sim.read_scenario(name, settings={"switches.leader": "off"}) for name in (BASE, OTHER)]
    return sim.compare(*off, runs=RUNS, seed=SEED, names=("cooperation",))


def contrasts(found: Any, scenario: str) -> list[dict[str, Any]]:
    """Differences of Bangladesh's cooperation at the end, one row a power and issue area."""
    table = found.contrasts
    mine = (table.scenario == scenario) & (table.quarter == END) & (table.state == "BGD")
    return list(table[mine].to_dict(orient="records"))


def power(code: str) -> str:
    return str(library.states()[code].value.name)


def label(issue: str) -> str:
    return str(library.issues()[issue].value.label).lower()


def interval(low: float, high: float) -> str:
    return f"{signed(low)} to {signed(high)}"


def listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


# --- one block a task -----------------------------------------------------------------------------------------------------


def reading_a_table() -> str:
    """Task 1: defence with the four powers."""
    table = compared().table
    mine = table[(table.scenario == BASE) & (table.state == "BGD") & (table.issue == "defence")]
    rows = []
    for code in dict.fromkeys(mine.partner):
        first, last = mine[mine.partner == code].iloc[[0, -1]].to_dict(orient="records")
        said = f"{words.temperature(last['q50'])}, {words.change(last['q50'] - first['q50'])}"
        rows.append((power(code), signed(first["q50"]), signed(last["q50"]), interval(last["q10"], last["q90"]), said))
    return markdown(("defence with", "2026Q1", END, "80 % interval", "in words"), rows)


def another_government() -> str:
    """Task 2: where the government makes a difference, and where it does not."""
    rows = contrasts(compared(), OTHER)
    most = [
        max((r for r in rows if r["issue"] == k), key=lambda r: abs(r["q50"])) for k in dict.fromkeys(r["issue"] for r in rows)
    ]
    shown = [
        (label(r["issue"]), power(r["partner"]), signed(r["q50"]), interval(r["q10"], r["q90"]), words.change(r["q50"]))
        for r in most
    ]
    felt = [r for r in rows if words.change(r["q50"]) != "about the same"]
    clear = [f"{power(r['partner'])} in {label(r['issue'])}" for r in rows if r["q05"] > 0 or r["q95"] < 0]
    quiet = [label(r["issue"]) for r in most if words.change(r["q50"]) == "about the same"]
    return (
        markdown(("issue area", "largest with", "difference", "80 % interval", "in words"), shown)
        + f"\n\n{len(felt)} of {len(rows)} differences are more than 'about the same'. The 90 % interval"
        f" leaves out zero in {END} for: {listed(clear)}. Issue areas in which no power's difference counts: {listed(quiet)}."
    )


def leaders_off() -> str:
    """Task 3: nothing is left."""
    rows = contrasts(without_leaders(), OTHER)
    most = max(rows, key=lambda r: max(abs(r["q025"]), abs(r["q975"])))
    bounds = interval(most["q025"], most["q975"])
    return f"Largest of the {len(rows)} differences in {END}: {signed(most['q50'])} (95 % interval {bounds})."


def why() -> str:
    """Task 4: the explanation as it is printed."""
    found = explain(sim.read_scenario(BASE), SEED, RUNS, state="BGD", partner="IND", issue="defence", quarter="2030Q4")
    return "```text\n" + "\n".join(textwrap.fill(line, 110) for line in found.text.splitlines()) + "\n```"


def another_reading() -> str:
    """Task 5: what the ready file changes toward Russia."""
    rows = [r for r in contrasts(compared(), "another_reading") if r["partner"] == "RUS"]
    shown = [
        (
            label(r["issue"]),
            signed(r["q50"]),
            interval(r["q10"], r["q90"]),
            f"{100 * r['p_positive']:.0f} %",
            words.change(r["q50"]),
        )
        for r in rows
    ]
    others = max(abs(r["q50"]) for r in contrasts(compared(), "another_reading") if r["partner"] != "RUS")
    return (
        markdown(("issue area, Russia", "difference", "80 % interval", "above zero", "in words"), shown)
        + f"\n\nLargest median difference with any other power: {signed(others)}."
    )


def evidence() -> str:
    """Task 5: what the coded values of the leader rest on."""
    entries = [e for _, _, history in library.leaders()["tarique_rahman"].value.traits.each() for e in history]
    bases, risks = Counter(e.basis for e in entries), Counter(e.circularity for e in entries)
    told = [", ".join(f"{n} {kind}" for kind, n in sorted(found.items())) for found in (bases, risks)]
    return f"{len(entries)} values. Basis: {told[0]}. Circularity: {told[1]}."


def turnovers() -> str:
    """Task 6: the stored split of five turnovers, toward Russia."""
    rows = []
    for folder, year in TURNOVERS.items():
        with (REFERENCE / "attribution" / f"{folder}.csv").open(encoding="utf-8", newline="") as file:
            parts = {(r["issue"], r["part"]): float(r["mean"]) for r in csv.DictReader(file) if r["partner"] == "RUS"}
        for issue, name in (("diplomacy", "votes"), ("defence", "arms")):
            leader = parts[issue, "images"] + parts[issue, "traits"]
            rows.append(
                (
                    year,
                    name,
                    *(signed(x) for x in (parts[issue, "total"], leader, parts[issue, "chance"], parts[issue, "system"])),
                )
            )
    return markdown(("turnover", "in", "whole", "leader", "luck", "system"), rows)


def scores() -> str:
    """Task 7: who forecasts best, and how far the full model is from that."""
    found = json.loads((REFERENCE / "backtest" / "backtest.json").read_text(encoding="utf-8"))
    whole = {r["target"]: r for r in found["rows"] if r["part"] == "forward" and r["score"] == "log" and r["regime"] == "all"}
    rows = []
    for target in ("votes", "arms", "trade"):
        of = {
            name: whole[target][key]
            for key, name in ({"model": "full model"} | MODELS).items()
            if whole[target][key] is not None
        }
        best = max(of, key=lambda name: of[name])
        beaten = [name for name, score in of.items() if name != "full model" and score < of["full model"]]
        rows.append((target, best, f"{of['full model'] - of[best]:+.1f}", listed(beaten)))
    return markdown(("record", "best forecaster", "full model against it, nats", "full model ahead of"), rows)


def gains() -> str:
    """Task 7: what the fit says of leaders, from the card of the shipped posterior."""
    card = json.loads((ROOT / "calibration" / "posterior" / "card.json").read_text(encoding="utf-8"))
    of = {row["parameter"]: row for row in card["parameters"]}
    rows = []
    for issue, record in (("diplomacy", "votes"), ("defence", "arms"), ("trade", "trade")):
        row = of[f"leader_gain.small.{issue}"]
        rows.append((record, signed(row["mean"]), interval(row["q05"], row["q95"]), f"{100 * row['above_zero']:.0f} %"))
    return markdown(("record", "gain per standard deviation of image", "90 % interval", "above zero"), rows)


BLOCKS: dict[str, Callable[[], str]] = {
    "reading_a_table": reading_a_table,
    "another_government": another_government,
    "leaders_off": leaders_off,
    "why": why,
    "another_reading": another_reading,
    "evidence": evidence,
    "turnovers": turnovers,
    "scores": scores,
    "gains": gains,
}


def written(text: str, block: str) -> str:
    """What stands between the marks of a block."""
    return text.split(f"<!-- generated: {block} -->")[1].split(f"<!-- end: {block} -->")[0].strip()


def renewed(text: str) -> str:
    """The page with every block made anew."""
    for block, maker in BLOCKS.items():
        pattern = re.compile(f"(<!-- generated: {block} -->\n).*?(<!-- end: {block} -->)", re.DOTALL)
        assert pattern.search(text), f"the block '{block}' is missing from {ANSWERS.name}"
        content = maker()
        text = pattern.sub(lambda found, content=content: f"{found[1]}\n{content}\n\n{found[2]}", text)
    return text


if __name__ == "__main__":
    ANSWERS.write_text(renewed(ANSWERS.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
