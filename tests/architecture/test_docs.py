"""Documents that cannot rot: generated tables, equations, links, settings and commands are held against the program."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from sim import cli, library, odd, yamlfile
from sim.codebook import codebook, of_kind
from sim.rulebook import RULES
from sim.rules.turn import PHASES
from sim.scenario import read_scenario

ROOT = Path(__file__).resolve().parents[2]
ODD = odd.README.read_text(encoding="utf-8")
GENERATED = re.compile(r"<!-- generated: (\w+) -->\n.*?<!-- end: \1 -->\n", re.DOTALL)
BY_HAND = GENERATED.sub("", ODD)
TEXT = {".md", ".py", ".yaml", ".yml", ".toml", ".cff", ".txt", ""}
MADE = {".json", ".csv", ".svg", ".c", ".html", ".js", ".css"}
"""What no hand may have written."""


def files(*suffixes: str) -> list[Path]:
    """Files of the project; results, environments and caches are none."""
    rooms = ("sim", "scenarios", "calibration", "tests", ".ci")
    found = [*ROOT.iterdir(), ROOT / "results" / "README.md"]
    rooms += ("results/reference",) if set(suffixes) & MADE else ()
    found += [path for room in rooms for path in (ROOT / room).rglob("*") if "__pycache__" not in path.parts]
    return sorted(p for p in found if p.is_file() and p.suffix in suffixes and p.name != ".git")  # a worktree has such a file


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


PAGES = files(".md")
EACH_PAGE = pytest.mark.parametrize("page", PAGES, ids=name)


def anchors(page: Path) -> set[str]:
    """Anchors of the headings of a page, as code hosts make them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def code(text: str) -> list[str]:
    """What a reader would type: lines of shell blocks, and code in running text."""
    blocks = re.findall(r"^```(?:sh|bash|console)?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()] + re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)


# --- the model description --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", odd.BLOCK_MAKERS)
def test_generated_tables_agree_with_the_code(block):
    start, end = f"<!-- generated: {block} -->", f"<!-- end: {block} -->"
    written = ODD.split(start)[1].split(end)[0].strip()
    assert written == odd.BLOCK_MAKERS[block]().strip(), "sim/README.md is out of date: run `make odd`"


def test_renewing_a_current_description_changes_nothing():
    assert odd.renewed(ODD) == ODD


@pytest.mark.parametrize("rule", [rule for names in PHASES.values() for rule in names])
def test_every_rule_has_its_equation_written_by_hand(rule):
    equations = "\n".join(re.findall(r"^```\n(.*?)^```$", BY_HAND, re.MULTILINE | re.DOTALL))
    found = re.search(rf"^{rule}(\[[a-z,]+\])?\s+=", equations, re.MULTILINE)
    assert found, f"sim/README.md, section 8: no equation for {rule}"


SUBMODELS = re.findall(
    r"^```\n(.*?)^```\n(.*?)(?=^```$|^#|\Z)", BY_HAND.split("## 8 Submodels")[1].split("\n## 9 ")[0], re.M | re.S
)


def test_every_equation_has_its_unit_its_source_and_what_would_count_against_it():
    assert len(SUBMODELS) > 15
    for equations, below in SUBMODELS:
        for word in (r"\bUnits?:\s", r"\bSources?:\s", r"\bAgainst\s(it|them):\s"):
            assert re.search(word, below), f"sim/README.md, section 8, under '{equations.split('=')[0].strip()}': {word}"


def test_variables_by_role_name_what_they_are_measured_by_and_the_source():
    """Every world input stands in the table of section 10, beside a source that its own file names."""
    rows = [line for line in BY_HAND.split("## 10 ")[1].split("\n## 11 ")[0].splitlines() if line.startswith("| ")][1:]
    assert {row.split()[1].rstrip(":") for row in rows} == {"independent", "moderating", "intervening", "dependent"}
    keys = {key for row in rows for part in re.findall(r"\[([a-z0-9_., -]+)\](?!\()", row) for key in part.split(", ")}
    assert not {key for key in keys if re.fullmatch(r"[a-z]+[a-z0-9._-]*[0-9-][a-z0-9._-]*", key)} - set(library.sources())
    for name, entry in library.world_inputs().items():
        beside = [row for row in rows if f"`{name}`" in row]
        assert beside, f"section 10 does not say where {name} enters"
        assert any(key in row for row in beside for key in entry.value.sources), f"section 10: no source of {name}"
    assert all(f"`{name}`" in "".join(rows) for name in of_kind("trait"))


def test_every_variable_is_described_and_every_rule_scheduled():
    assert {n for names in PHASES.values() for n in names} == set(RULES)
    missing = [n for n in codebook() if f"`{n}`" not in ODD]
    assert not missing


def test_what_is_written_by_hand_stays_readable():
    assert len(BY_HAND.splitlines()) < 500


def test_shares_of_assumption_are_about_right():
    """The stated percentages may lag behind new content, but not by more than three points."""
    histories = [h for leader in library.leaders().values() for _, _, h in leader.value.traits.each()]
    entries = [entry for history in histories for entry in history]
    worlds = [entry.value for entry in library.world_inputs().values()]
    data, judged = ([len(d) for w in worlds for d in getattr(w, part).values()] for part in ("values", "assumed"))
    present = {
        "trait values of leaders": 100 * Counter(e.basis for e in entries)["assumption"] / len(entries),
        "dated values of world inputs": 100 * sum(judged) / (sum(data) + sum(judged)),
        "contracts": 100 * _share([c.value.basis for c in library.contracts().values()]),
        "sizes of event effects": 100 * _share([c.basis for e in library.events().values() for c in e.value.changes]),
    }
    for what, share in present.items():
        stated = re.search(rf"^\| {what} \| [\d,]+ \| (\d+) %", ODD, re.MULTILINE)
        assert stated and abs(int(stated[1]) - share) <= 3, f"sim/README.md, section 13: {what} is now {share:.0f} %"
    assert f"| parameters | {len(of_kind('parameter'))} |" in ODD


def _share(bases: list[str]) -> float:
    return bases.count("assumption") / len(bases)


# --- all pages --------------------------------------------------------------------------------------------------------


@EACH_PAGE
def test_local_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        goal = (page.parent / path) if path else page
        assert goal.exists(), f"{name(page)}: {target}"
        if anchor:
            assert anchor in anchors(goal), f"{name(page)}: {target}"


@EACH_PAGE
def test_settings_shown_are_accepted(page):
    for line in code(page.read_text(encoding="utf-8")):
        found = re.findall(r"--set ([\w.]+)=(\S+)", line)
        if found and "PATH=VALUE" not in line and "river_bridge" not in line:  # the bridge comes with its recipe
            settings = {key: yamlfile.parse(value.strip("\"'"), key).content for key, value in found}
            assert read_scenario("bnp_government", settings=settings)


@EACH_PAGE
def test_commands_shown_exist(page):
    commands = {c.name or c.callback.__name__ for c in cli.app.registered_commands}
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for line in code(page.read_text(encoding="utf-8")):
        for program, known in (("padma", commands), ("make", targets)):
            used = re.match(rf"\s*{program} ([a-z]+)\b", line)
            assert not used or used[1] in known, f"{name(page)}: '{line}'"


def test_the_makefile_explains_every_target():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)[1].split())
    assert phony == set(re.findall(r"^([a-z]+):.*## ", text, re.MULTILINE))


# --- nothing of the place where it was made ---------------------------------------------------------------------------

FOLDERS = re.compile(r"(?<![\w.>)}\]*])/(?:work|root|home|opt|mnt|Users|tmp/build)/")
REGISTRIES = re.compile(r"\bpypi\b|pythonhosted|devpi|artifactory|index-url")


def traces(text: str) -> list[str]:
    """What in a text names a machine's folder or a package registry."""
    return [found[0] for pattern in (FOLDERS, REGISTRIES) if (found := pattern.search(text))]


def test_no_file_names_a_machine_or_a_registry():
    folder = "/".join(("", "home", ""))
    assert traces(f"see '{folder}ann/padma' or pypi.example") == [folder, "pypi"]
    assert not traces(f"results{folder}, https://example.org{folder}, a/(b){folder}")
    found = {name(path): traces(path.read_text(encoding="utf-8")) for path in files(*TEXT, *MADE) if path != Path(__file__)}
    assert len(found) > 300
    assert not {path: named for path, named in found.items() if named}


def test_variables_are_measured_by_what_their_files_say():
    """Section 10 of the description names the sources of every world input as its file does."""
    section = (ROOT / "sim/README.md").read_text(encoding="utf-8").split("## 10 ")[1].split("## 11 ")[0]
    told = dict(re.findall(r"`(\w+)` \[([\w.,& -]+)\]", section))
    inputs = {name: entry.value for name, entry in library.world_inputs().items() if name in told}
    assert len(inputs) >= 15
    for name, given in inputs.items():
        assert set(told[name].split(", ")) == set(given.sources), name
    assert f"{inputs['sanctions'].counts[1]} of its {sum(inputs['sanctions'].counts)} entries are judged" in section
