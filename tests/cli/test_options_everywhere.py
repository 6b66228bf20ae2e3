"""Every command that computes refuses wrong options in the same words, before any work; spoilt folders are refused by all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sim import folders
from tests.command import padma
from tests.posterior import planted
from tests.sweeps import little

DESIGN = "../little.yaml"
COMPUTE = {
    "run": ("run", "bnp_government"),
    "compare": ("compare", "bnp_government", "jamaat_led"),
    "attribute": ("attribute", "from_2009", "--from", "2009Q1", "--to", "2009Q2"),
    "sweep": ("sweep", DESIGN),
    "sensitivity": ("sensitivity", DESIGN),
    "calibrate": ("calibrate", "--quick"),
    "backtest": ("backtest", "--quick"),
}
"""The least that each command needs."""

SIMULATE = ("run", "compare", "attribute", "sweep", "sensitivity")
FIT = ("calibrate", "backtest")


def refused(*arguments: object, says: tuple[str, ...]) -> None:
    """Exit code 2, one message in four parts, nothing on standard output."""
    done = padma(*arguments)
    assert (done.code, done.out) == (2, ""), done
    assert done.err.count("padma: ") == 1, done.err
    for word in (*says, "Why it matters: ", "What to do: "):
        assert word in done.err, f"{word!r} is not in:\n{done.err}"
    assert "something failed that should not" not in done.err


@pytest.fixture(autouse=True)
def nowhere_else(tmp_path, monkeypatch):
    """Commands are given in an empty folder, and leave it empty."""
    work = tmp_path / "work"
    work.mkdir()
    little.write(tmp_path)
    monkeypatch.chdir(work)
    yield
    assert not list(work.iterdir()), "nothing is written"


# --- numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", SIMULATE)
@pytest.mark.parametrize("runs", [-1, 0])
def test_runs_that_cannot_be(command, runs):
    refused(*COMPUTE[command], "--runs", runs, says=(f"--runs: {runs} runs", "choose"))


@pytest.mark.parametrize("command", [*SIMULATE, *FIT])
@pytest.mark.parametrize("seed", [-1, 2**63, 10**30])
def test_seeds_that_cannot_be(command, seed):
    refused(*COMPUTE[command], "--seed", seed, says=("--seed: the seed is", "choose a whole number from 0 to"))


@pytest.mark.parametrize("command", [*SIMULATE, *FIT])
@pytest.mark.parametrize("option", ["--runs", "--seed"])
def test_numbers_in_words(command, option):
    if option == "--runs" and command in FIT:
        option = "--workers"
    refused(*COMPUTE[command], option, "many", says=(f"{option} takes a whole number", "write it in digits"))


@pytest.mark.parametrize("command", ["sweep", *FIT])
@pytest.mark.parametrize("workers", [0, -3, 10**6])
def test_workers_that_cannot_be(command, workers):
    refused(*COMPUTE[command], "--workers", workers, says=(f"--workers: {workers} workers", "choose 1 to 1024"))


@pytest.mark.parametrize("points", [-3, 0, 12, 2**30])
def test_points_of_a_study_that_cannot_be(points):
    refused("sensitivity", DESIGN, "--points", points, says=("--points: ", "choose" if points < 2**30 else "take fewer"))


def test_chunks_and_points_of_a_sweep_that_cannot_be():
    refused("sweep", DESIGN, "--chunk", 0, says=("--chunk: a chunk of 0 points", "choose 1 to 100,000"))
    refused("sweep", "what_moves_defence_ties", "--points", 0, says=("--points: 0 points were asked for", "choose"))
    refused("sweep", DESIGN, "--points", 5, says=("--points: a grid has no number of points",))


@pytest.mark.parametrize("command", SIMULATE)
def test_a_key_that_is_set_twice(command):
    twice = ("--set", "switches.chance=off", "--set", "switches.chance=on")
    refused(*COMPUTE[command], *twice, says=("--set switches.chance: 'switches.chance' is set twice", "give one of them"))
    both = ("--posterior", "none", "--set", "posterior=shipped")
    refused(*COMPUTE[command], *both, says=("'posterior' is set twice (also with --posterior)",))


def test_scenarios_and_overlays_that_are_named_twice():
    refused("run", "bnp_government", "bnp_government", says=("the scenario 'bnp_government' is named twice", "name it once"))
    refused("compare", "bnp_government", "bnp_government", says=("the scenario 'bnp_government' is named twice",))
    overlaid = "bnp_government+sanctions_tighten+sanctions_tighten"
    refused("run", overlaid, says=(f"'sanctions_tighten' stands twice in '{overlaid}'", "name it once"))


# --- time -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "compare"])
def test_an_end_before_the_beginning(command):
    refused(*COMPUTE[command], "--until", "2020Q1", says=("--until: the last quarter 2020Q1 is before the first", "later"))


@pytest.mark.parametrize("command", ["sweep", "sensitivity"])
def test_an_end_before_the_beginning_by_a_setting(command):
    refused(*COMPUTE[command], "--set", "until=2020Q1", says=("--set until: the last quarter 2020Q1 is before", "later"))


def test_a_change_that_ends_before_it_begins():
    refused("attribute", "from_2009", "--from", "2015Q4", "--to", "2009Q1", says=("--to: the change ends where it begins",))
    refused("attribute", "from_2009", "--from", "1960Q1", says=("1960Q1 is not in 'from_2009'", "choose quarters from"))


# --- places -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMPUTE)
def test_a_file_in_the_place_of_the_folder(command, tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    for out in (file, file / "below"):
        refused(*COMPUTE[command], "--out", out, says=(f"{file} is a file", "choose another --out"))
    assert file.read_text() == "mine"


@pytest.mark.parametrize("command", COMPUTE)
def test_a_place_that_may_not_be_written(command, tmp_path, monkeypatch):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    monkeypatch.setattr(folders.os, "access", lambda path, mode: False)  # as for whoever is not root
    refused(*COMPUTE[command], "--out", closed / "out", says=("nothing may be written here", "choose another --out"))


@pytest.mark.parametrize("command", ["compare", "sweep", "sensitivity"])
def test_a_folder_with_something_else_in_it(command, tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter.txt").write_text("mine")
    for force in ([], ["--force"]):
        refused(*COMPUTE[command], "--out", tmp_path / "letters", *force, says=("padma did not write (letter.txt)",))


# --- posteriors -------------------------------------------------------------------------------------------------------


def posteriors(folder: Path) -> dict[str, tuple[Path | str, str]]:
    """Files that no run may draw from, and what is said of them."""
    made = planted.content()
    made.attrs["rules"] = "0" * 64
    other = planted.write(folder, made).rename(folder / "other_model.nc")
    text, cut, one = folder / "text.nc", folder / "cut.nc", folder / "one_byte_less.nc"
    text.write_text("leader_gain: 1\n")
    cut.write_bytes(other.read_bytes()[:3000])
    one.write_bytes(planted.write(folder).read_bytes()[:-1])
    return {
        "of another model": (other, "this posterior was fitted with other rules"),
        "no posterior": (text, "this is not a posterior of padma"),
        "cut short": (cut, "this posterior is not as padma wrote it"),
        "cut by a byte": (one, "this posterior is not as padma wrote it"),
        "absent": (folder / "absent.nc", "there is no file"),
        "a folder": (folder, "there is no file"),
        "no name": ("", "there is no file ''"),
    }


@pytest.mark.parametrize("command", SIMULATE)
def test_posteriors_that_do_not_fit(command, tmp_path):
    for path, says in posteriors(tmp_path).values():
        refused(*COMPUTE[command], "--posterior", path, says=(says, str(path)))


# --- evidence ---------------------------------------------------------------------------------------------------------


def test_parts_claims_and_records_that_are_not_there(tmp_path):
    pytest.importorskip("jax")
    for arguments, *says in (
        (("backtest", "--only", "forwrd"), "--only: a back-test has no part 'forwrd'", "did you mean 'forward'?"),
        (("backtest", "--record", tmp_path / "nowhere"), "nowhere: no table of a record", "build one"),
        (("claims", "peak_all"), "there is no claim 'peak_all'", "did you mean"),
        (("forecast", "--check", "--out", tmp_path), f"{tmp_path}: no sealed forecast lies here", ""),
        (("forecast", "--out", tmp_path), "exists and holds something else", "choose a new folder"),
    ):
        done = padma(*arguments)
        assert done.code == 2 and all(word in done.err for word in (*says, "Why it matters: ", "What to do: ")), done
    shutil.rmtree("results", ignore_errors=True)


# --- results that are not as they were written ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> dict[str, Path]:
    """A comparison, a sweep and a study, each small and whole."""
    home = tmp_path_factory.mktemp("made")
    design = little.write(home, runs=8, levels=2)
    short = ("--set", "spin_up_from=2025Q3", "--until", "2026Q2", "--no-figures")
    commands = {
        "comparison": ("compare", "bnp_government", "jamaat_led", "--runs", 40, *short),
        "sweep": ("sweep", design, "--no-figures"),
        "study": ("sensitivity", design, "--points", 8, "--runs", 4, "--no-figures"),
    }
    for kind, command in commands.items():
        done = padma(*command, "--out", home / kind, "--quiet")
        assert done.code == 0, done
    return {kind: home / kind for kind in commands}


TABLES = {"comparison": "contrasts.csv", "sweep": "summary.csv", "study": "points.csv"}


def change(folder: Path, **entries: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | entries), encoding="utf-8")


SPOILT = {
    "a changed table": (lambda f, t: (f / t).write_bytes((f / t).read_bytes() + b"\n"), "is not as padma wrote it"),
    "a table cut short": (lambda f, t: (f / t).write_bytes((f / t).read_bytes()[:100]), "is not as padma wrote it"),
    "a table gone": (lambda f, t: (f / t).unlink(), "is missing"),
    "a manifest cut short": (
        lambda f, t: (f / "manifest.json").write_bytes((f / "manifest.json").read_bytes()[:300]),
        "the manifest is damaged",
    ),
    "not finished": (lambda f, t: change(f, status="running"), "was not finished"),
    "no checksums": (lambda f, t: change(f, sha256={}), "the manifest is damaged"),
    "another seed": (lambda f, t: change(f, seed=99), "the manifest is not as padma wrote it"),
    "another id": (lambda f, t: change(f, id="0" * 10), "the manifest is not as padma wrote it"),
    "another version": (lambda f, t: change(f, padma="9.9.9"), "made by padma 9.9.9"),
}


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("how", SPOILT)
def test_spoilt_folders_of_every_kind_are_refused_and_named(kind, how, made, tmp_path):
    folder = shutil.copytree(made[kind], tmp_path / "spoilt")
    spoil, says = SPOILT[how]
    spoil(folder, TABLES[kind])
    for command in ("check", "figure"):
        if kind == "study" and command == "figure":
            continue
        done = padma(command, folder)
        assert done.code == 2 and says in done.err and str(folder) in done.err, (command, done)
        assert "Why it matters: " in done.err and "What to do: " in done.err


def test_a_store_of_a_sweep_cut_short_is_found_by_check(made, tmp_path):
    folder = shutil.copytree(made["sweep"], tmp_path / "spoilt")
    chunk = next((folder / "sweep.zarr" / "statistic").glob("[0-9]*"))
    chunk.write_bytes(chunk.read_bytes()[:-8])
    done = padma("check", folder)
    assert done.code == 2 and "'sweep.zarr' is not as padma wrote it" in done.err, done
