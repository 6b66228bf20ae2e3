"""Results are never overwritten by accident, and what was changed by hand is not taken for results."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim import folders
from tests.cli.small_runs import FILES, NAME, RUNS, run
from tests.command import SMALL, padma

# --- never overwritten by accident -----------------------------------------------------------------------------------


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_another_run_is_never_overwritten_without_force(copy):
    before = snapshot(copy)
    for options, differs in (
        (["--seed", 2], "seed 1 there, 2 here."),
        (["--runs", 7], f"runs {RUNS} there, 7 here."),
        (["--until", "2026Q3"], "what differs: what the scenario says."),
        (["--engine", "mesa"], "engine ensemble there, mesa here."),
        (["--set", "switches.chance=off"], "what differs: what the scenario says."),
        (["--posterior", "none"], "the posterior."),
    ):
        done = padma("run", NAME, "--runs", RUNS, "--out", copy, *SMALL, *options)
        assert differs in done.err
        assert done.code == 2 and "this folder holds another run (id " in done.err and "add --force" in done.err
        assert snapshot(copy) == before
    done = padma("run", NAME, "--runs", 7, "--out", copy, *SMALL, "--quiet", "--force")
    assert done.code == 0 and json.loads((copy / "manifest.json").read_text())["runs"] == 7
    assert [p.name for p in copy.parent.iterdir()] == ["copy"]


def test_the_same_run_replaces_itself(copy):
    (copy / "summary.csv").write_text("spoiled")
    assert padma("check", copy).code == 2
    run(copy)
    assert padma("check", copy).code == 0


def test_what_padma_did_not_write_is_never_deleted(copy):
    (copy / "notes.txt").write_text("mine")
    before = snapshot(copy)
    for options in ([], ["--force"], ["--seed", 2, "--force"]):
        done = padma("run", NAME, "--runs", RUNS, "--out", copy, *SMALL, *options)
        assert done.code == 2 and "padma did not write (notes.txt)" in done.err
        assert snapshot(copy) == before


def test_padma_knows_its_own_files(held, copy):
    """Whatever the commands write into a results folder may be replaced with it."""
    assert padma("export", copy, "--to", "csv").code == 0
    assert padma("figure", copy, "trajectories", "--formats", "svg").code == 0
    assert {p.name for p in copy.iterdir()} <= folders.OURS
    run(copy)
    assert {p.name for p in copy.iterdir()} == FILES


def test_several_scenarios_are_all_looked_at_before_any_is_run(copy):
    """The second folder holds another run: the first is not computed in vain."""
    shutil.move(copy, copy.parent / "jamaat_led")
    done = padma("run", NAME, "jamaat_led", "--runs", 3, "--out", copy.parent, *SMALL)
    assert done.code == 2 and "this folder holds another run" in done.err
    assert [p.name for p in copy.parent.iterdir()] == ["jamaat_led"]


# --- results that are not as they were written -----------------------------------------------------------------------

SPOILED = {
    "changed summary": (lambda f: append(f / "summary.csv"), "'summary.csv' is not as padma wrote it", "checksum"),
    "changed scenario": (lambda f: append(f / "scenario.yaml"), "'scenario.yaml' is not as padma wrote it", "checksum"),
    "no events": (lambda f: (f / "events.csv").unlink(), "'events.csv' is missing", "checksum"),
    "a chunk of a run gone": (lambda f: chunk(f).unlink(), "'history.zarr' is not as padma wrote it", "single runs"),
    "a chunk of a run cut": (lambda f: chunk(f).write_bytes(chunk(f).read_bytes()[:9]), "'history.zarr' is not", "single runs"),
    "an array gone": (lambda f: shutil.rmtree(f / "history.zarr" / "stance"), "'history.zarr' is not as", "single runs"),
    "no history": (lambda f: shutil.rmtree(f / "history.zarr"), "'history.zarr' is missing", "single runs"),
    "no manifest": (lambda f: (f / "manifest.json").unlink(), "not a results folder", "no manifest.json"),
    "no JSON": (lambda f: (f / "manifest.json").write_text("{"), "the manifest is damaged", "nothing vouches"),
    "a list": (lambda f: (f / "manifest.json").write_text("[]"), "the manifest is damaged", "nothing vouches"),
    "deep": (lambda f: (f / "manifest.json").write_text("[" * 100_000), "the manifest is damaged", "nothing vouches"),
    "binary": (lambda f: (f / "manifest.json").write_bytes(b"\xff\xfe\0"), "the manifest is damaged", "nothing vouches"),
    "unfinished": (lambda f: change(f, status="running"), "the run was not finished (status 'running')", "half a result"),
    "no checksums": (lambda f: change(f, sha256={}), "the manifest is damaged", "nothing vouches"),
    "odd checksums": (lambda f: change(f, sha256=[1]), "the manifest is damaged", "nothing vouches"),
    "odd runs": (lambda f: change(f, runs="many"), "the manifest is damaged", "nothing vouches"),
    "no seed": (lambda f: change(f, seed=None), "the manifest is damaged", "nothing vouches"),
    "another seed": (lambda f: change(f, seed=2), "the manifest is not as padma wrote it", "its own checksum does not agree"),
    "another id": (
        lambda f: change(f, id="0" * 10),
        "the manifest is not as padma wrote it",
        "its own checksum does not agree",
    ),
    "another share of assumptions": (lambda f: change(f, trait_values_assumed=0), "the manifest is not as", "its own checksum"),
    "no checksum of itself": (lambda f: change(f, manifest_sha256=""), "the manifest is not as padma wrote it", "its own"),
    "another version": (lambda f: change(f, padma="9.9.9"), "made by padma 9.9.9", "names and meanings may have changed"),
}


def chunk(folder: Path) -> Path:
    """A file that holds numbers of runs."""
    return next(p for p in sorted((folder / "history.zarr" / "cooperation").iterdir()) if not p.name.startswith("."))


def append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def change(folder: Path, **entries: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | entries), encoding="utf-8")


@pytest.mark.parametrize("kind", SPOILED)
def test_spoiled_results_are_refused_by_every_command(kind, copy):
    spoil, what, why = SPOILED[kind]
    spoil(copy)
    commands = [["explain", copy], ["figure", copy], ["export", copy], ["cite", copy]]
    for command in commands if kind == "no manifest" else [*commands, ["check", copy]]:
        done = padma(*command)
        assert done.code == 2, (command, done)
        assert what in done.err and why in done.err and "What to do: " in done.err
        assert str(copy) in done.err
    assert "export" not in {p.name for p in copy.iterdir()}


READERS = {
    "stance": (
        ("figure", "trajectories", "--measure", "stance"),
        ("figure", "alignment"),
        ("export", "--to", "netcdf"),
        ("check",),
    ),
    "norm": (("figure", "trajectories"), ("figure", "alignment"), ("export", "--to", "netcdf"), ("check",)),
    "cooperation": (("figure", "trajectories"), ("export", "--to", "netcdf"), ("check",)),
    "act_done": (("figure", "acts"), ("export", "--to", "netcdf"), ("check",)),
    "partner": (("figure", "trajectories"), ("figure", "acts"), ("export", "--to", "netcdf"), ("check",)),
    ".zattrs": (("figure", "trajectories"), ("export", "--to", "netcdf"), ("check",)),
}
"""Parts of the store, and the commands that read them; what only draws tables does not open the store."""


@pytest.mark.parametrize("part", READERS)
def test_a_flipped_bit_in_the_runs_is_found_by_whoever_reads_it(part, copy):
    """Sizes are compared whenever results are opened; the bytes of an array when it is read."""
    place = copy / "history.zarr" / part
    spoilt = max((p for p in place.iterdir() if p.is_file()), key=lambda p: p.stat().st_size) if place.is_dir() else place
    held = bytearray(spoilt.read_bytes())
    held[len(held) // 2] ^= 1
    spoilt.write_bytes(held)
    for command, *options in READERS[part]:
        done = padma(command, copy, *options)
        assert done.code == 2 and f"'history.zarr/{part}' is not as padma wrote it" in done.err, (command, options, done)
    assert "export" not in {p.name for p in copy.iterdir()} or not list((copy / "export").iterdir())
    assert padma("figure", copy, "fan").code == 0, "which reads a table only"


def test_what_a_killed_run_left_is_swept_up(tmp_path):
    """Hidden folders of processes that are no more go; those of a living one, and of other results, stay."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead, other, living = (tmp_path / f".{n}.{p}" for n, p in (("out", gone.pid), ("outer", gone.pid), ("out", os.getppid())))
    for folder in (dead, other, living):
        folder.mkdir()
    run(tmp_path / "out")
    assert not dead.exists() and other.exists() and living.exists()


def test_a_folder_that_is_no_result(tmp_path):
    (tmp_path / "letter.txt").write_text("hello")
    for command in ("explain", "figure", "export", "cite"):
        done = padma(command, tmp_path)
        assert done.code == 2 and "this is not a results folder of padma" in done.err and str(tmp_path) in done.err
    assert padma("explain", tmp_path / "nowhere").code == 2
