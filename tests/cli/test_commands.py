"""Commands and options: what is refused and in which words, what help and catalogue say, and which exit code comes back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim import library
from tests.command import SMALL, padma

COMMANDS = ["run", "figure", "explain", "show", "check", "cite", "export"]


@pytest.fixture(scope="module")
def held(tmp_path_factory) -> Path:
    """A tiny results folder that no test changes."""
    out = tmp_path_factory.mktemp("held") / "held"
    assert padma("run", "bnp_government", "--runs", 4, "--out", out, "--quiet", *SMALL).code == 0
    return out


def refused(*arguments: object, says: tuple[str, ...], out: str = "") -> None:
    """The command leaves with 2, with one message in four parts on standard error and nothing on standard output."""
    done = padma(*arguments)
    assert done.code == 2, done
    assert done.out == out
    assert done.err.startswith("padma: ") and done.err.count("padma: ") == 1, done.err
    for word in (*says, "Why it matters: ", "What to do: "):
        assert word in done.err, f"{word!r} is not in:\n{done.err}"
    assert "something failed that should not" not in done.err


# --- options of run --------------------------------------------------------------------------------------------------

OPTIONS = {
    "no runs": (["--runs", 0], "--runs: 0 runs were asked for", "choose 1 to 10,000,000"),
    "negative runs": (["--runs", -5], "--runs: -5 runs", "choose 1 to 10,000,000"),
    "too many runs": (["--runs", 10**11], "--runs: 100000000000 runs", "choose 1 to 10,000,000"),
    "runs in words": (["--runs", "many"], "--runs takes a whole number", "write it in digits"),
    "half a run": (["--runs", 4.5], "--runs takes a whole number", "write it in digits"),
    "runs without number": (["--runs"], "option '--runs' requires an argument", "--help"),
    "negative seed": (["--seed", -1], "--seed: the seed is -1", "from 0 to 9223372036854775807"),
    "large seed": (["--seed", 2**63], "--seed: the seed is 9223372036854775808", "from 0 to"),
    "until before start": (["--until", "2025Q4"], "--until: the last quarter 2025Q4 is before the first 2026Q1", "later"),
    "until no quarter": (["--until", "2030"], "--until: until: '2030' is not a quarter", "write 2030Q4 for its end"),
    "until empty": (["--until", ""], "--until: until: '' is not a quarter", "write it like 2026Q1"),
    "until far away": (["--until", "2999Q4"], "--until: 'until' is 2999Q4", "1950Q1 to 2100Q4"),
    "unknown engine": (["--engine", "mes"], "--engine: there is no engine 'mes'", "did you mean 'mesa'?"),
    "unknown option": (["--rnus", 3], "there is no option '--rnus'", "did you mean '--runs'?"),
    "value for a switch": (["--json=3"], "option '--json' does not take a value", "--help"),
}


@pytest.mark.parametrize("kind", OPTIONS)
def test_wrong_options_of_run(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options, *says = OPTIONS[kind]
    refused("run", "bnp_government", "--no-figures", *options, says=tuple(says))
    assert not list(tmp_path.iterdir())


SETTINGS = {
    "no value": ("switches.leader", "--set: 'switches.leader' is not a setting", "write PATH=VALUE"),
    "nothing": ("", "--set: '' is not a setting", "write PATH=VALUE"),
    "no path": ("=3", "--set: '=3' is not a setting", "write PATH=VALUE"),
    "unknown key": ("swiches.leader=off", "--set swiches.leader: 'swiches' is not a key", "did you mean 'switches'?"),
    "an option": ("runs=5", "--set runs: 'runs' is not a key of a scenario", "choose one of: "),
    "base": ("based_on=history", "--set based_on: 'based_on' is not a key of a scenario that can be set", "choose one"),
    "unknown switch": ("switches.leaders=off", "switches.leaders is 'leaders'", "did you mean 'leader'?"),
    "switch value": ("switches.leader=maybe", "--set switches.leader: switches.leader is 'maybe'", "choose one of: off, on"),
    "parameter outside": ("parameters.coercion_weight=99", "is set to 99", "choose a number inside"),
    "parameter in words": ("parameters.coercion_weight=strong", "is set to 'strong'", "choose a number inside"),
    "parameter unknown": (
        "parameters.coercion_wait=1",
        "'coercion_wait' is not a parameter",
        "did you mean 'coercion_weight'?",
    ),
    "parameter issue": ("parameters.leader_gain.defense=1", "'defense' is not an issue area", "did you mean 'defence'?"),
    "image outside": ("leaders.tarique_rahman.traits.image_of.russia=4", "is set to 4", "choose a value inside"),
    "image of nobody": ("leaders.tarique_rahman.traits.image_of.rusia=.4", "'rusia' is not a state", "did you mean 'russia'?"),
    "image in words": ("leaders.tarique_rahman.traits.image_of.russia=high", "a number was expected", "write a number"),
    "unknown trait": ("leaders.tarique_rahman.traits.openness=.4", "'openness' is not a key of this leader", "choose one of: "),
    "unknown leader": (
        "leaders.tarique_rehman.traits.image_of.russia=.4",
        "there is no leader called 'tarique_rehman'",
        "did you mean 'tarique_rahman'?",
    ),
    "input outside": ("inputs.dependence.BGD>USA.2026Q2=7", "'dependence' is set to 7", "choose a value inside"),
    "input of itself": ("inputs.dependence.BGD>BGD=.7", "is a dyad of BGD with itself", "name two states"),
    "seats of nobody": (
        "seats.BDG=[{leader: tarique_rahman, from: 2009-01-01}]",
        "'BDG' is not a state",
        "did you mean 'BGD'?",
    ),
    "seats empty": ("seats.BGD=[]", "at least one entry is expected", "README"),
    "wrong capital": ("seats.BGD=[{leader: joe_biden, from: 2009-01-01}]", "'joe_biden' heads USA, not BGD", "seat one of"),
    "input without key": ("inputs.dependence=7", "inputs.dependence is 7", "keys with values are expected"),
    "input unknown": ("inputs.dependance.BGD>USA=.7", "'dependance' is not a world input", "did you mean 'dependence'?"),
    "start in words": ("start=tomorrow", "--set start: start: 'tomorrow' is not a quarter", "write it like 2026Q1"),
    "name upward": ("name=../x", "--set name: name is '../x'", "should match pattern"),
    "name of dots": ("name=..", "--set name: name is '..'", "should match pattern"),
    "below a value": ("title.x=1", "'title' holds one value, not keys", "set it as a whole"),
    "below a list": ("events.0=x", "'events' holds a list, not keys", "set it as a whole"),
    "one power": ("states=[BGD, RUS]", "1 of the states in this run is a power", "name two powers"),
    "unknown event": ("events=[nothing]", "there is no event called 'nothing'", "padma show events"),
    "bad YAML": ("switches={leader: off", "this is not valid YAML", "brackets"),
    "tag": ("note=!!python/name:os.system", "the tag ", "remove the tag"),
    "alias": ("assumptions=&a [*a]", "anchors and aliases", "write the value out"),
}


@pytest.mark.parametrize("kind", SETTINGS)
def test_wrong_settings(kind, tmp_path):
    setting, *says = SETTINGS[kind]
    where = "--set" if "not a setting" in says[0] else f"--set {setting.partition('=')[0]}"
    arguments = ("run", "bnp_government", "--runs", 2, "--out", tmp_path / "out", *SMALL, "--set", setting)
    refused(*arguments, says=(where, *says))
    assert not list(tmp_path.iterdir())


def test_settings_that_fit(tmp_path):
    settings = [
        "switches.leader=off",
        "leaders.muhammad_yunus.traits.image_of.russia=0.4",
        "inputs.dependence.BGD>USA.2026Q2=0.3",
        "parameters.leader_gain.defence=0.5",
        "contracts.rooppur_main={delay_years: 2}",
        "seats.bangladesh=[{leader: muhammad_yunus, from: 2009-01-01}]",
        "title=শিরোনাম",
        "name=mine",
    ]
    options = [part for setting in settings for part in ("--set", setting)]
    done = padma("run", "bnp_government", "--runs", 2, "--out", tmp_path / "out", *SMALL, *options, "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["scenario"] == "mine"
    text = (tmp_path / "out" / "scenario.yaml").read_text(encoding="utf-8")
    assert "muhammad_yunus" in text and "tarique" not in text.partition("contract")[0]
    assert "title: শিরোনাম" in text and "leader: 'off'" in text.replace('"', "'")


# --- which scenario --------------------------------------------------------------------------------------------------

NAMES = {
    "misspelt": (["bnp_govenment"], "there is no scenario called 'bnp_govenment'", "did you mean 'bnp_government'?"),
    "a content file": (["sources"], "there is no scenario called 'sources'", "padma show scenarios"),
    "nothing": ([""], "a scenario without a name is asked for", "name a scenario before"),
    "no argument": ([], "missing argument 'SCENARIO...'", "padma run --help"),
    "a plus": (["+"], "a scenario without a name is asked for", "an overlay after each '+'"),
    "a folder": (["/"], "'/' is a folder", "to run what a results folder holds"),
    "a device": (["/dev/zero"], "there is no scenario called '/dev/zero'", "a path to a YAML file"),
    "endless": (["a" * 5000], "there is no scenario called 'aaa", "choose one of"),
    "no overlay": (["bnp_government+history"], "'history' is not an overlay", "put an overlay (overlay: true) after the +"),
    "itself": (["bnp_government+bnp_government"], "'bnp_government' stands twice", "name it once"),
    "unknown overlay": (["bnp_government+sanction_tighten"], "'sanction_tighten'", "did you mean 'sanctions_tighten'?"),
    "twice": (["jamaat_led", "jamaat_led"], "the scenario 'jamaat_led' is named twice", "name it once"),
    "twice by path": (
        ["jamaat_led", str(library.root() / "jamaat_led.yaml")],
        "the scenario 'jamaat_led' is named twice",
        "name it once",
    ),
    "a leader": ([str(library.root() / "leaders" / "joe_biden.yaml")], "'heads' is not a key here", "joe_biden.yaml:"),
    "events": ([str(library.root() / "events" / "systemic.yaml")], "is not a key here", "systemic.yaml:"),
}


@pytest.mark.parametrize("kind", NAMES)
def test_wrong_scenarios(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names, *says = NAMES[kind]
    refused("run", *names, "--runs", 2, *SMALL, says=tuple(says))
    assert not list(tmp_path.iterdir())


def test_a_path_wins_over_a_built_in_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("baseline").write_text("name: mine\ntitle: Mine\nbased_on: history\nstart: 2023Q1\n", encoding="utf-8")
    done = padma("run", "baseline", "--runs", 2, "--no-figures", "--json", "--set", "spin_up_from=2023Q1")
    assert done.code == 0 and json.loads(done.out)["scenario"] == "mine"


# --- where to --------------------------------------------------------------------------------------------------------


def test_wrong_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("x")
    Path("foreign").mkdir()
    Path("foreign/letter.txt").write_text("mine")
    (tmp_path / "inside").mkdir()
    for out, *says in (
        ("file", "file is a file", "choose another --out"),
        ("file/below/it", "file is a file", "choose another --out"),
        ("foreign", "holds something that padma did not write (letter.txt)", "--force does not delete it either"),
        (".", "this folder holds the one you work in", "such as --out results/mine"),
        ("", "this folder holds the one you work in", "such as --out results/mine"),
        ("..", "this folder holds the one you work in", "such as --out results/mine"),
        ("/", "this folder holds the one you work in", "such as --out results/mine"),
    ):
        for force in ([], ["--force"]):
            refused("run", "bnp_government", "--runs", 2, "--out", out, *SMALL, *force, says=tuple(says))
    assert Path("foreign/letter.txt").read_text() == "mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "foreign", "inside"]
    assert padma("run", "bnp_government", "--runs", 2, "--out", "inside", *SMALL, "--quiet").code == 0, (
        "an empty folder will do"
    )
    assert (tmp_path / "inside" / "manifest.json").exists()


# --- the other commands ----------------------------------------------------------------------------------------------

ASKED = {
    "half a dyad": (["explain", "--dyad", "BGD"], "--dyad: 'BGD' is not a dyad", "write it like BGD>RUS"),
    "self-dyad": (["explain", "--dyad", "BGD>bangladesh"], "is a state toward itself", "name two states"),
    "unknown state": (["explain", "--dyad", "BGD>RSU"], "--dyad: 'RSU' is not a state", "did you mean 'RUS'?"),
    "three states": (["explain", "--dyad", "BGD>RUS>IND"], "is not a dyad", "write it like BGD>RUS"),
    "unknown issue": (["explain", "--issue", "enrgy"], "--issue: 'enrgy' is not an issue area", "did you mean 'energy'?"),
    "quarter outside": (["explain", "--quarter", "2040Q1"], "--quarter: 2040Q1 is not in these results", "2026Q1 to 2026Q4"),
    "no quarter": (["explain", "--quarter", "soon"], "--quarter: 'soon' is not a quarter", "write it like 2026Q1"),
    "run outside": (["explain", "--run", 4], "--run: there is no run 4", "choose 0 to 3"),
    "negative run": (["explain", "--run", -1], "--run: there is no run -1", "choose 0 to 3"),
    "unknown format": (["export", "--to", "docx"], "--to: 'docx' is not a format padma writes", "choose one of: csv"),
    "misspelt format": (["export", "--to", "csv,parqet"], "'parqet' is not a format", "did you mean 'parquet'?"),
    "no format": (["export", "--to", ""], "--to: no format is named", "choose one of: csv"),
    "unknown figure": (["figure", "fann"], "'fann' is not a kind of figure", "did you mean 'fan'?"),
    "unknown measure": (["figure", "--measure", "coperation"], "'coperation' is not a measure", "did you mean 'cooperation'?"),
}


@pytest.mark.parametrize("kind", ASKED)
def test_wrong_questions_to_results(kind, held, tmp_path):
    (command, *options), *says = ASKED[kind]
    before = sorted(held.rglob("*"))
    refused(command, held, *options, says=tuple(says))
    assert sorted(held.rglob("*")) == before


def test_wrong_targets_of_export(held, tmp_path):
    (tmp_path / "file").write_text("x")
    done = padma("export", held, "--out", tmp_path / "file")
    assert done.code == 2 and "File exists" in done.err and "What to do: " in done.err
    assert (tmp_path / "file").read_text() == "x"


def test_unknown_commands_and_missing_arguments():
    refused("rn", says=("there is no command 'rn'", "did you mean 'run'?"))
    refused("rune", "bnp_government", says=("there is no command 'rune'", "did you mean 'run'?"))
    refused("xyz", says=("there is no command 'xyz'", "choose one of: ", "explain"))
    refused("--verson", says=("there is no option '--verson'", "did you mean '--version'?"))
    refused("explain", says=("missing argument 'RESULTS'", "padma explain --help"))
    refused("check", says=("missing argument 'PATH...'", "padma check --help"))
    refused("cite", "bnp_govenment", says=("there is no scenario called 'bnp_govenment'", "did you mean 'bnp_government'?"))
    refused("explain", "a", "b", says=("extra argument", "padma explain --help"))


def test_a_setting_of_a_leader_must_matter_in_one_of_the_scenarios(tmp_path):
    setting = ("--set", "leaders.shafiqur_rahman.traits.image_of.russia=0.4")
    refused(
        "run",
        "bnp_government",
        "--runs",
        2,
        "--out",
        tmp_path / "a",
        *SMALL,
        *setting,
        says=("shafiqur_rahman", "leads nobody"),
    )
    done = padma("compare", "bnp_government", "jamaat_led", "--runs", 2, "--out", tmp_path / "b", *SMALL, *setting)
    assert done.code == 0, done.err
