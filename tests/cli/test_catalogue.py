"""Help, lists and cards: what exists is found, with its sources, on the screen and as JSON."""

from __future__ import annotations

import json
import re

import pytest

from sim import library
from sim.cards import card
from sim.catalogue import CATALOGUE
from sim.cli.output import print_table
from sim.codebook import codebook
from sim.priors import parameters
from tests.cli.test_commands import COMMANDS, refused
from tests.command import padma, start


def test_the_bare_command_and_version():
    bare = padma()
    assert bare.code == 0 and bare.err == ""
    assert all(re.search(rf"(?m)^  {command} ", bare.out) for command in COMMANDS)
    assert bare.out.strip() == padma("--help").out.strip() == padma("-h").out.strip()
    assert re.fullmatch(r"padma \S+\n", padma("--version").out)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command(command):
    done = padma(command, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Usage: padma {command} ")
    described = re.findall(r"(?m)^  (--[\w-]+)[^\n]*?(?:  +\S|\n {10,}\S)", done.out)
    options = re.findall(r"(?m)^  (?:-h, )?(--[\w-]+)", done.out)
    assert set(options) - set(described) <= {"--help"}, "an option without a word about it"


def test_every_command_is_looked_at():
    from sim.cli import app

    assert {c.name or c.callback.__name__ for c in app.registered_commands} >= set(COMMANDS)


@pytest.mark.parametrize("kind", CATALOGUE)
def test_show_lists_and_shows(kind):
    listed, as_json = padma("show", kind), padma("show", kind, "--json")
    assert listed.code == as_json.code == 0 and listed.err == as_json.err == ""
    rows = json.loads(as_json.out)
    assert rows and all(isinstance(row, dict) for row in rows)
    first = next(iter(rows[0].values()))
    assert str(first)[:20] in listed.out
    one = padma("show", kind, first)
    assert one.code == 0 and len(one.out) > 20
    told = json.loads(padma("show", kind, first, "--json").out)
    assert told and all(isinstance(row, dict) for row in (told if isinstance(told, list) else [told]))


SOURCED = (
    [("states", code) for code in library.states()]
    + [("issues", name) for name in library.issues()]
    + [("parameters", name) for name in parameters()]
    + [("variables", name) for name, v in codebook().items() if v.kind in ("parameter", "computed", "carried", "observable")]
    + [("variables", name) for name in library.world_inputs()]
)


@pytest.mark.parametrize("kind,name", SOURCED)
def test_every_card_names_its_sources(kind, name):
    """What a state, an issue area, a number or a formula rests on stands on its card."""
    told = dict(card(kind, name).rows)
    found = re.findall(r"[a-z][\w.-]+", json.dumps(told, default=str))
    assert set(found) & set(library.sources()), f"no source on the card of {name}"


def test_numbers_on_cards_are_numbers():
    told = json.loads(padma("show", "issues", "energy", "--json").out)
    assert told["lifetime"]["value"] == library.issues()["energy"].value.lifetime.value
    assert told["lifetime"]["range"] == list(library.issues()["energy"].value.lifetime.range)
    held = json.loads(padma("show", "leaders", "sheikh_hasina", "--json").out)
    assert all(
        row["range"][0] <= row["value"] <= row["range"][1] and re.fullmatch(r"\d{4}-\d\d", row["evidence to"]) for row in held
    )
    gain = json.loads(padma("show", "parameters", "leader_gain", "--json").out)["learned"]["small diplomacy"]
    assert gain["q05"] < gain["q50"] < gain["q95"]


def test_the_card_of_a_variable_says_how_it_follows():
    told = dict(card("variables", "felt_coercion").rows)
    assert "exp(-risk_effect * (assertiveness - 0.5))" in told["formula"] and told["reads"][0] == "coercion"
    assert "wish" in told["read by"] and told["range"] == [0, None]


def test_check_tells_of_hindsight():
    done = padma("check", library.root() / "leaders" / "sheikh_hasina.yaml")
    assert done.code == 0
    assert "evidence more than a year later than the first day: image_of.china from 2009-01-06 (to 2018-02" in " ".join(
        done.out.split()
    )


def test_cite_as_json_names_the_same_sources_as_the_text():
    told = json.loads(padma("cite", "bnp_government", "--json").out)
    text = padma("cite", "bnp_government").out
    assert told and all(f"[{entry['key']}] {entry['reference']}" in text and entry["used_for"] for entry in told)


@pytest.mark.parametrize("slug", ["tarique_rahman", "sheikh_hasina", "vladimir_putin", "xi_jinping"])
def test_show_a_leader_with_sources_under_the_values(slug):
    done = padma("show", "leaders", slug)
    leader = library.leaders()[slug].value
    assert done.code == 0 and leader.name in done.out and leader.summary[:30] in done.out
    for label, _, entries in leader.traits.each():
        assert label[:12] in done.out
        assert f"{entries[0].value:g}" in done.out and entries[0].cutoff in done.out


@pytest.mark.parametrize("wide", [80, 160])
def test_a_narrow_terminal_breaks_no_words_of_a_leaders_card(wide, capsys, monkeypatch):
    """Ten columns do not fit beside each other on 80 letters: the card then stands row by row, with all it says."""
    monkeypatch.setenv("COLUMNS", str(wide))
    print_table(card("leaders", "ziaur_rahman"))
    said = re.sub(r"\x1b\[\d*m", "", capsys.readouterr().out)
    assert ("image_of.russia: from 1975-11-07; value -0.4; range -0.8 to 0" in said) == (wide == 80)
    for word in ("image_of.russia", "interviewed", "morsalin_hosen2024", "rest on assumption"):
        assert word in " ".join(said.split())
    assert max(map(len, said.splitlines())) <= wide


@pytest.mark.parametrize("name", ["history", "bnp_government", "sanctions_tighten"])
def test_show_a_scenario_says_what_it_asks_and_who_leads(name):
    done = padma("show", "scenarios", name)
    assert done.code == 0
    for word in ("question", "recorded", "who leads", "sources"):
        assert word in done.out


def test_show_refuses_what_there_is_not():
    refused("show", "leders", says=("'leders' is nothing padma can show", "did you mean 'leaders'?"))
    refused("show", "leaders", "tarique", says=("there is nothing called 'tarique' among the leaders",))
    refused("show", "states", "rusia", says=("'rusia' is not a state", "did you mean 'russia'?"))
    refused("show", says=("missing argument 'KIND'", "padma show --help"))


def test_a_closed_pipe_is_no_failure(tmp_path):
    with start("show", "sources", cwd=tmp_path) as process:
        assert process.stdout and process.stderr
        process.stdout.read(20)
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(30) == 0


def test_an_infinite_rate_can_be_asked_for_and_is_written_back(tmp_path):
    """The regime mean is a special case of the model; its resolved scenario runs again."""
    options = ("--runs", 3, "--no-figures", "--quiet", "--set", "spin_up_from=2025Q4", "--until", "2026Q4")
    done = padma("run", "bnp_government", *options, "--set", "parameters.adjustment_rate=inf", "--out", tmp_path / "a")
    assert done.code == 0, done.err
    again = padma("run", tmp_path / "a" / "scenario.yaml", "--runs", 3, "--no-figures", "--quiet", "--out", tmp_path / "b")
    assert again.code == 0, again.err
