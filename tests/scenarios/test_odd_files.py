"""Odd files that are right work, and a mistake in one layer of a scenario is found in its own file."""

from __future__ import annotations

import re

import pytest

from sim.scenario import read_scenario
from tests.command import padma
from tests.scenarios.test_broken import FILES, assert_four_parts, said

# --- odd files that are right ----------------------------------------------------------------------------------------

RIGHT = """\
name: example
title: বাংলাদেশ ও রাশিয়া
question: কী হবে?
based_on: baseline
differs: ""  # nothing
until: 2026Q4
seats:
  bangladesh:
    - {leader: tarique_rahman, from: 2026-02-17, sources: [newsdrum2026]}
sources: [coder_judgement]
""".replace('differs: ""  # nothing\n', "")

DRESSED = {
    "as it is": lambda text: text.encode(),
    "Windows line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "old Macintosh line ends": lambda text: text.replace("\n", "\r").encode(),
    "byte order mark": lambda text: text.encode("utf-8-sig"),
    "no last line end": lambda text: text.rstrip().encode(),
    "spaces at the ends of lines": lambda text: text.replace("\n", "   \n").encode(),
    "flow style": lambda text: b"{name: example, title: A, based_on: baseline, until: 2026Q4}",
    "document marks": lambda text: f"---\n{text}...\n".encode(),
    "quoted keys": lambda text: re.sub(r"(?m)^(\w+):", r'"\1":', text).encode(),
    "tabs inside lines": lambda text: text.replace("title: ", "title:\t").encode(),
}


@pytest.mark.parametrize("dress", DRESSED)
def test_the_same_scenario_in_another_dress(dress, tmp_path):
    path = tmp_path / "উদাহরণ.yaml"
    path.write_bytes(DRESSED[dress](RIGHT))
    done = padma("check", path)
    assert (done.code, done.err) == (0, ""), done
    assert read_scenario(path).name == "example"


def test_bengali_names_arrive_unharmed(tmp_path):
    path = tmp_path / "example.yaml"
    path.write_bytes(RIGHT.replace("\n", "\r\n").encode("utf-8-sig"))
    scenario = read_scenario(path)
    assert scenario.title == "বাংলাদেশ ও রাশিয়া"
    again = tmp_path / "again.yaml"
    again.write_text(scenario.text, encoding="utf-8")
    assert read_scenario(again).text == scenario.text
    assert "বাংলাদেশ ও রাশিয়া" in scenario.text


KINDS = ("scenario_unknown_event", "leader_nan", "state_infinity", "event_self_dyad", "design_unknown_measure", "world_value")


@pytest.mark.parametrize("name", [*KINDS, "contract_dyad"])
def test_lines_are_counted_alike_on_windows(name, tmp_path):
    path = tmp_path / "file.yaml"
    path.write_bytes(FILES[name].read_bytes().replace(b"\n", b"\r\n"))
    words, line = said(FILES[name])
    assert_four_parts(padma("check", path).err, words, f"{path}:{line}: ")


# --- places in layers ------------------------------------------------------------------------------------------------


def test_a_mistake_in_a_base_is_reported_where_it_stands(tmp_path):
    """The base is looked for beside the scenario; its mistake carries its own file and line, not the child's."""
    (tmp_path / "base.yaml").write_text(RIGHT.replace("name: example", "name: base") + "events:\n  - ukraine_setlement\n")
    (tmp_path / "child.yaml").write_text("name: child\ntitle: A child\nbased_on: base.yaml\n")
    done = padma("run", tmp_path / "child.yaml")
    assert done.code == 2
    assert_four_parts(done.err, ["'ukraine_setlement'"], f"{tmp_path / 'base.yaml'}:{RIGHT.count(chr(10)) + 2}: ")


def test_a_mistake_that_only_the_layers_together_make_is_reported_in_the_upper_one(tmp_path):
    """The seat fits its own file and clashes with one of the base: line and file are the child's."""
    path = tmp_path / "child.yaml"
    path.write_text(
        "name: child\ntitle: A child\nbased_on: baseline\nseats:\n  USA:\n"
        "    - {leader: joe_biden, from: 2029-06-01}\n    - {leader: donald_trump, from: 2029-06-01}\n"
    )
    assert_four_parts(padma("check", path).err, ["takes office on 2029-06-01"], f"{path}:7: ")


def test_a_base_is_never_sought_outside(tmp_path, monkeypatch):
    """What somebody else's scenario names must lie beside it or in the folder one works in, links followed."""
    (tmp_path / "base.yaml").write_text(RIGHT)
    inner, work = tmp_path / "theirs", tmp_path / "work"
    inner.mkdir(), work.mkdir()
    (inner / "link.yaml").symlink_to(tmp_path / "base.yaml")
    monkeypatch.chdir(work)
    for base in ("../base.yaml", str(tmp_path / "base.yaml"), "link.yaml", "../theirs/../base.yaml"):
        path = inner / "child.yaml"
        path.write_text(f"name: child\ntitle: A child\nbased_on: {base}\n")
        assert_four_parts(padma("run", path).err, ["lies outside the folder of the file"], f"{path}:3: ")
    monkeypatch.chdir(tmp_path)
    assert padma("check", inner / "child.yaml").code == 0, "inside the folder one works in"


def test_a_circle_over_a_crooked_path_ends(tmp_path):
    (tmp_path / "a.yaml").write_text(f"name: a\ntitle: A\nbased_on: ../{tmp_path.name}/a.yaml\n")
    done = padma("check", tmp_path / "a.yaml")
    assert_four_parts(done.err, ["'a' is based on itself"], f"{tmp_path / 'a.yaml'}:3: ")
