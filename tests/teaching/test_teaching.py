"""The teaching pack as a class would use it: commands typed, the ready file followed, the notebook run, the numbers checked."""

from __future__ import annotations

import itertools
import json
import re
import shlex
from pathlib import Path

import pytest

import sim
from sim import library, provenance, yamlfile
from tests.command import padma
from tests.teaching import answers
from tests.teaching.answers import ANSWERS, BLOCKS, PACK, ROOT

WORKSHEET, TYPED, README, METHOD = (
    (PACK / f"{name}.md").read_text(encoding="utf-8") for name in ("WORKSHEET", "COMMANDS", "README", "METHOD")
)
COMMANDS = [
    shlex.split(line)[1:]
    for block in re.findall(r"^```sh\n(.*?)^```$", TYPED, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?: %)?")


def differs(now: str, then: str) -> str:
    """Where two texts differ by more than rounding on another machine: a number by more than 0.02 (2 %), or a word."""
    if NUMBER.sub("#", now) != NUMBER.sub("#", then):
        return "other words"
    for a, b in zip(NUMBER.findall(now), NUMBER.findall(then), strict=True):
        slack = 2.0 if a.endswith("%") else 0.021 if "." in a else 0.0
        if abs(float(a.rstrip(" %")) - float(b.rstrip(" %"))) > slack:
            return f"{a} instead of {b}"
    return ""


def test_differences_are_seen():
    assert not differs("is +0.10 in 93 %", "is +0.12 in 92 %")
    assert differs("is +0.10", "is +0.13") == "+0.10 instead of +0.13" and differs("4 of 24", "5 of 24")
    assert differs("warmer", "cooler") == "other words"


@pytest.mark.parametrize("block", BLOCKS)
def test_numbers_in_the_answers_are_those_of_the_program(block):
    said = answers.written(ANSWERS.read_text(encoding="utf-8"), block)
    assert not differs(BLOCKS[block](), said), f"{ANSWERS.name}, {block}: run `make teaching`"


def test_what_the_answers_say_beside_the_numbers_holds():
    """Sentences written by hand that a fit could overturn."""
    assert answers.leaders_off().endswith("0.00 (95 % interval 0.00 to 0.00).")
    reading = answers.contrasts(answers.compared(), "another_reading")
    russia = max(abs(r["q50"]) for r in reading if r["partner"] == "RUS")
    assert russia > 3 * max(abs(r["q50"]) for r in reading if r["partner"] != "RUS"), "the image moves other powers too"
    other = sim.read_scenario(answers.OTHER)
    traits = other.leaders[other.seats["BGD"][-1][1]].traits
    taken = {f"leaders.tarique_rahman.traits.{label}": entries[-1].value for label, _, entries in traits.each()}
    image = "leaders.tarique_rahman.traits.image_of.india"
    parts = [{image: taken[image]}, {k: v for k, v in taken.items() if "image_of" not in k}]
    worlds = [sim.read_scenario(answers.BASE, settings={**part, "name": f"part{i}"}) for i, part in enumerate(parts)]
    found = sim.compare(answers.BASE, *worlds, runs=answers.RUNS, seed=answers.SEED, names=("cooperation",))
    at = {"partner": "IND", "issue": "defence"}
    all_of_it = [answers.contrasts(c, n) for c, n in ((answers.compared(), answers.OTHER), (found, "part0"), (found, "part1"))]
    whole, by_image, by_rest = (next(r["q50"] for r in rows if at.items() <= r.items()) for rows in all_of_it)
    assert abs(by_image) > 0.5 * abs(whole) > abs(by_rest), "task 3: the image brings most of it back, other traits little"


def test_every_command_of_the_worksheet_works_in_the_order_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As typed, apart from fewer runs over fewer years, without figures; files stand where a clone has them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    small = ["--runs", "40", "--set", "spin_up_from=2025Q4", "--no-figures"]
    said = {}
    for command in COMMANDS:
        typed = [word for word in command if word not in ("--runs", "200")]
        done = padma(*typed, *(small if command[0] in ("run", "compare") else []))
        assert done.code == 0, f"padma {shlex.join(command)}: {done.err}"
        said[command[0]] = done.out
    assert [c[0] for c in COMMANDS] == ["run", "compare", "compare", "explain", "show", "check", "compare"]
    assert "Perception." in said["explain"] and "image_of.russia" in said["show"] and "0 with a mistake" in said["check"]


def test_the_exercise_changes_one_value_of_one_leader_and_says_so(tmp_path: Path):
    """Followed to the letter: copy the file, change value, range and evidence, check it, compare it."""
    text = (PACK / "another_reading.yaml").read_text(encoding="utf-8")
    own = tmp_path / "mine.yaml"
    coded = library.leaders()["tarique_rahman"].value.traits.image_of["russia"][-1]
    assert f"# coded in padma: {coded.value:g}" in text, "the comment names the value that is coded now"
    scenario = sim.read_scenario(PACK / "another_reading.yaml")
    base = sim.read_scenario("bnp_government").leaders["tarique_rahman"].traits
    mine = scenario.leaders["tarique_rahman"].traits
    changed = {label: entries for label, _, entries in mine.each() if entries != dict((k, e) for k, _, e in base.each())[label]}
    assert list(changed) == ["image_of.russia"] and changed["image_of.russia"][0].value == 0.2
    own.write_text(text.replace("value: 0.2 ", "value: 0.6 ").replace("[-0.1, 0.5]", "[0.2, 0.9]"), encoding="utf-8")
    assert padma("check", own).code == 0
    small = ["--runs", "40", "--set", "spin_up_from=2025Q4", "--no-figures", "--json", "--out", tmp_path / "out"]
    done = json.loads(padma("compare", "bnp_government", own, *small).out)
    at = {"measure": "stance", "state": "BGD", "partner": "RUS", "issue": "defence", "quarter": "2031Q1"}
    (row,) = [r for r in done["contrasts"] if all(r[k] == v for k, v in at.items())]
    assert row["mean"] > 0.02
    own.write_text(text.replace("value: 0.2 ", "value: 2 "), encoding="utf-8")
    refused = padma("check", own)
    assert refused.code == 2 and "image_of" in refused.err


def test_the_notebook_runs_from_top_to_bottom_and_holds_no_output(capsys: pytest.CaptureFixture[str], monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    notebook = json.loads((PACK / "seminar.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in cells)
    room: dict[str, object] = {}
    for number, cell in enumerate(cells):
        exec(compile("".join(cell["source"]), f"seminar.ipynb, code cell {number}", "exec"), room)
    assert "2031Q1: " in capsys.readouterr().out
    assert float(abs(room["nothing"]).max().max()) == 0.0
    said = answers.written(ANSWERS.read_text(encoding="utf-8"), "reading_a_table")
    assert not differs(f"{room['fan'].median[-1]:+.2f}", re.search(r"\| Russia \| \S+ \| (\S+)", said)[1])


def test_the_notebook_is_well_formed():
    nbformat = pytest.importorskip("nbformat")
    nbformat.validate(nbformat.read(PACK / "seminar.ipynb", as_version=4))


def test_the_browser_tasks_name_scenarios_by_the_titles_shown_there():
    named = set(re.findall(r'choose "([^"]+)"', " ".join(WORKSHEET.split())))
    assert named == {sim.read_scenario(name).title for name in (answers.BASE, answers.OTHER)}


def test_plans_fill_their_time_and_name_what_there_is():
    for minutes in (50, 100):
        plan = README.split(f"## Plan for {minutes} minutes")[1].split("\n## ")[0]
        spans = [(int(a), int(b)) for a, b in re.findall(r"^\| (\d+)-(\d+) \|", plan, re.MULTILINE)]
        assert spans[0][0] == 0 and spans[-1][1] == minutes
        assert all(end == start for (_, end), (start, _) in itertools.pairwise(spans))
    tasks = set(re.findall(r"^## (\d) ", WORKSHEET, re.MULTILINE))
    assert tasks == set(re.findall(r"^## (\d) ", ANSWERS.read_text(encoding="utf-8"), re.MULTILINE)) == set("1234567")
    assert tasks == set(re.findall(r"^## (\d) ", TYPED, re.MULTILINE))
    assert WORKSHEET.count("*Do:*") == len(re.findall(r"^```sh$", TYPED, re.MULTILINE)) == 5  # tasks 6 and 7 look at pages
    assert "```" not in WORKSHEET, "the worksheet is the version without code"
    questions = README.split("## Debrief")[1].split("\n## ")[0]
    assert len(re.findall(r"^\d\. ", questions, re.MULTILINE)) == 8


def test_the_method_page_is_one_page_and_can_be_cited():
    assert len(METHOD.split()) < 550
    assert f"version {provenance.version()}" in METHOD and "must" not in METHOD.split("**To cite.**")[1]
    citation = yamlfile.read(ROOT / "CITATION.cff").content
    assert citation["authors"][0]["name"] in METHOD and str(citation["title"]) in METHOD


def test_limits_of_use_are_stated():
    limits = README.split("## What the model must not be used for")[1].split("\n## ")[0]
    for word in ("judge a person", "decide about a person", "forecast of an event", "advice to act", "Without its interval"):
        assert word in limits
