"""The recipes of CONTRIBUTING.md, followed to the letter on a copy of the project: one place to touch is a promise.

A recipe says ``New file``, ``Append to`` or ``In ... below ..., insert`` before a block, and what to try after it. The
follower does that and nothing else, except that runs are few and short.
"""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SECTIONS = {title: body for title, body in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)}
EDIT = re.compile(
    r"^(New file|Append to|In) `([^`]+)`(?:, below `([^`]+)`, insert)?:\n\n```(?:yaml|python)\n(.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
TRY = re.compile(r"^Try:\n\n```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SMALL = ["--no-figures", "--set", "spin_up_from=2025Q1", "--until", "2028Q2"]
PLACES = {
    "A state": ["scenarios/states/ruritania.yaml"],
    "A leader": ["scenarios/leaders/example_leader.yaml"],
    "A scenario": ["scenarios/early_election.yaml"],
    "An issue area": ["scenarios/issues.yaml"],
    "An event": ["scenarios/events/scenario_events.yaml"],
    "An overlay": ["scenarios/docks_closed.yaml"],
    "A contract": ["scenarios/commitments.yaml"],
    "A rule": ["sim/rules/decision.py", "sim/rules/turn.py", "sim/codebook.yaml"],
    "A measure": ["sim/measures.py"],
    "A figure": ["sim/plots/doubt.py", *["sim/plots/__init__.py"] * 3, "sim/figures.py"],
}
"""Recipe -> the places it may touch. This is the promise."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the program, its content and what its tests need."""
    for folder in ("sim", "scenarios", "tests/rules"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path / "tests")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def follow(recipe: str, copy: Path) -> list[str]:
    """Make the edits of a recipe; gives the places touched."""
    touched = []
    for verb, name, below, block in EDIT.findall(SECTIONS[recipe]):
        path = copy / name
        if verb == "New file":
            assert not path.exists(), f"{name} is there already"
            path.write_text(block, encoding="utf-8")
        else:
            text = path.read_text(encoding="utf-8")
            if verb == "In":
                assert text.count(below + "\n") == 1, f"'{below}' stands once in {name}"
                text = text.replace(below + "\n", f"{below}\n{block}")
            else:
                text += block
            path.write_text(text, encoding="utf-8")
        touched.append(name)
    return touched


def command(line: str, copy: Path, runs: int = 3) -> str:
    """Run a command of the guide in the copy, with few runs; gives what it printed."""
    words = shlex.split(line)
    words = [sys.executable, *(["-m", "sim.cli", *words[1:]] if words[0] == "padma" else words[1:])]
    if words[3:4] == ["run"]:
        words += [*SMALL, "--runs", str(runs)]
    wide = os.environ | {"COLUMNS": "200"}
    done = subprocess.run(words, cwd=copy, capture_output=True, text=True, encoding="utf-8", check=False, timeout=300, env=wide)
    assert done.returncode == 0, f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def tried(recipe: str, copy: Path) -> list[str]:
    """Run what a recipe says to try; gives what each command printed."""
    lines = TRY.search(SECTIONS[recipe])[1].splitlines()
    drawn = any(line.startswith("padma figure") for line in lines)
    return [command(line, copy, runs=200 if drawn else 3) for line in lines]  # an interval of 95 % needs them


def summary(copy: Path, folder: str) -> list[dict[str, str]]:
    with (copy / "results" / folder / "summary.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def mean(rows: list[dict[str, str]], **where: str) -> float:
    found = [float(row["mean"]) for row in rows if all(row[key] == value for key, value in where.items())]
    assert len(found) == 1, where
    return found[0]


def test_every_recipe_is_tested_and_touches_what_it_promises():
    with_edits = {title for title, body in SECTIONS.items() if EDIT.search(body)}
    assert with_edits == set(PLACES)
    for title in PLACES:
        assert [name for _, name, _, _ in EDIT.findall(SECTIONS[title])] == PLACES[title]
        assert TRY.search(SECTIONS[title]), f"'{title}' says nothing to try"


def test_a_state_is_one_file(copy):
    assert follow("A state", copy) == PLACES["A state"]
    checked, printed = tried("A state", copy)
    assert "0 with a mistake" in checked and "Ruritania" in printed
    rows = summary(copy, "with_ruritania")
    assert {"RUR"} < {row["state"] for row in rows}
    assert {row["partner"] for row in rows if row["state"] == "RUR" and row["measure"] == "stance"} == {
        "BGD", "RUS", "IND", "CHN", "USA",
    }  # fmt: skip
    assert mean(rows, measure="stance", state="RUR", partner="IND", issue="energy", quarter="2026Q4") != 0


def test_a_leader_is_one_file_and_so_is_the_scenario_that_seats_one(copy):
    assert follow("A leader", copy) == PLACES["A leader"]
    assert "Example Leader" in tried("A leader", copy)[1]
    assert follow("A scenario", copy) == PLACES["A scenario"]
    tried("A scenario", copy)
    base, early = (summary(copy, name) for name in ("baseline", "early_election"))
    at = {"measure": "leader_push", "state": "BGD", "partner": "RUS", "issue": "diplomacy"}
    assert mean(base, **at, quarter="2027Q4") == mean(early, **at, quarter="2027Q4")
    assert mean(base, **at, quarter="2028Q2") != mean(early, **at, quarter="2028Q2")


def test_an_issue_area_is_one_block(copy):
    assert follow("An issue area", copy) == PLACES["An issue area"]
    assert "Climate" in tried("An issue area", copy)[1]
    rows = summary(copy, "with_climate")
    assert mean(rows, measure="cooperation", state="BGD", partner="CHN", issue="climate", quarter="2026Q4") != 0


def test_an_event_is_one_entry_and_an_overlay_that_applies_it_one_file(copy):
    assert follow("An event", copy) == PLACES["An event"]
    assert "Port strike" in tried("An event", copy)[1]
    assert follow("An overlay", copy) == PLACES["An overlay"]
    tried("An overlay", copy)
    command("padma run bnp_government", copy)
    at = {"measure": "stance", "state": "BGD", "partner": "CHN", "issue": "trade", "quarter": "2026Q4"}
    assert mean(summary(copy, "bnp_government+docks_closed"), **at) < mean(summary(copy, "bnp_government"), **at)


def test_a_contract_is_one_item_that_every_scenario_sees(copy):
    assert follow("A contract", copy) == PLACES["A contract"]
    tried("A contract", copy)
    at = {"measure": "commitment", "state": "BGD", "partner": "CHN", "issue": "aid", "quarter": "2026Q4"}
    assert mean(summary(copy, "with_bridge"), **at) > mean(summary(copy, "without_bridge"), **at) + 0.3


def test_a_rule_is_one_function_its_line_in_the_turn_and_its_codebook_entry(copy):
    assert follow("A rule", copy) == PLACES["A rule"]
    suite, printed = tried("A rule", copy)
    assert re.search(r"\b([5-9]|\d\d+) passed", suite) and "isolation" in printed


def test_a_measure_is_one_function(copy):
    assert follow("A measure", copy) == PLACES["A measure"]
    shown, *_, drawn = tried("A measure", copy)
    assert "alignment (negative)" in shown and "fan_rivalry_BGD_IND.png" in drawn
    rows = summary(copy, "with_rivalry")
    assert mean(rows, measure="rivalry", state="IND", partner="CHN", issue="", quarter="2026Q4") > 0


def test_a_figure_is_one_module_and_its_places_in_the_registers(copy):
    assert follow("A figure", copy) == PLACES["A figure"]
    *_, printed = tried("A figure", copy)
    assert "doubt_cooperation_BGD_IND_defence.png" in printed
    told = (copy / "results" / "with_doubt" / "figures" / "caption.txt").read_text(encoding="utf-8")
    wide = re.search(r"The 80 % interval is (\d\.\d\d) wide in 2026Q1 and (\d\.\d\d) in 2028Q2", " ".join(told.split()))
    at = {"measure": "cooperation", "state": "BGD", "partner": "IND", "issue": "defence", "quarter": "2026Q1"}
    (row,) = [r for r in summary(copy, "with_doubt") if all(r[key] == value for key, value in at.items())]
    assert abs(float(wide[1]) - (float(row["q90"]) - float(row["q10"]))) < 0.006
    refused = subprocess.run(
        [sys.executable, "-m", "sim.cli", "figure", "results/with_doubt", "dout"], cwd=copy, capture_output=True, text=True
    )
    assert refused.returncode == 2 and "did you mean 'doubt'" in refused.stderr
