"""Manners of ``padma report`` and ``padma deck``: what they refuse, what they overwrite, what they leave behind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sim.errors import PadmaError
from sim.handout import files
from tests.cli.small_runs import run
from tests.command import SMALL, padma


@pytest.fixture
def spoiled(hostile, tmp_path) -> Path:
    """A copy of results to spoil."""
    return Path(shutil.copytree(hostile, tmp_path / "results"))


def refused(*arguments: object, says: tuple[str, ...]) -> None:
    done = padma(*arguments)
    assert done.code == 2 and done.out == "", done
    for words in says:
        assert words in done.err, (words, done.err)


@pytest.mark.parametrize("command", ["report", "deck"])
def test_refusals_say_what_is_wrong(command, spoiled, tmp_path):
    refused(command, tmp_path / "nothing", says=("there is no such folder", "results"))
    refused(command, tmp_path, "--out", tmp_path / "x.txt", says=("does not end in",))
    with (spoiled / "summary.csv").open("a") as stream:
        stream.write("\n")
    refused(command, spoiled, says=("'summary.csv' is not as padma wrote it", "checksum"))


def test_results_of_another_version_are_refused(spoiled):
    manifest = json.loads((spoiled / "manifest.json").read_text())
    (spoiled / "manifest.json").write_text(json.dumps(manifest | {"padma": "9.9"}))
    refused("report", spoiled, says=("made by padma 9.9", "make them again: padma run"))


def test_too_few_runs_are_refused(tmp_path):
    few = run(tmp_path / "few", runs=5)
    refused("report", few, says=("5 runs cannot support", "--runs 40"))


def test_results_that_cannot_stand_side_by_side(hostile, paired):
    refused("report", hostile, paired, says=("only single scenarios stand side by side",))


@pytest.mark.parametrize(("command", "suffix"), [("report", ".html"), ("deck", ".pptx")])
def test_only_its_own_file_is_overwritten(command, suffix, hostile, swept, tmp_path):
    out = tmp_path / "deep" / f"mine{suffix}"
    first = json.loads(padma(command, swept, "--out", out, "--json").out)
    assert first["file"] == str(out) and first["bytes"] == out.stat().st_size and len(first["answer"]) == 3
    assert files.made_of(out) == first["id"]
    refused(command, hostile, "--out", out, says=(f"made of other results (id {first['id']})", "--force"))
    again = padma(command, swept, "--out", out)
    assert again.code == 0 and str(out) in again.out
    out.write_bytes(b"a thesis")
    refused(command, swept, "--out", out, says=("padma did not write", "--force"))
    assert out.read_bytes() == b"a thesis"
    assert [p.name for p in out.parent.iterdir()] == [out.name], "nothing half-written is left"
    assert padma(command, swept, "--out", out, "--force", "--quiet").code == 0
    assert files.made_of(out) == first["id"]


def test_a_failed_write_leaves_the_earlier_file(tmp_path, monkeypatch):
    out = tmp_path / "report.html"
    out.write_bytes(b"whole")

    def full(self, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(PadmaError, match="No space left"):
        files.write_whole(out, b"half")
    assert out.read_text() == "whole" and len(list(tmp_path.iterdir())) == 1


def test_what_is_handed_out_does_not_stand_in_the_way_of_a_new_run(hostile):
    """The report lies in the results folder by default; running again replaces the folder with it."""
    assert (hostile / "report.html").is_file() and (hostile / "deck.pptx").is_file()
    copy = Path(shutil.copytree(hostile, hostile.parent / "again"))
    scenario = hostile.parent / "hostile.yaml"
    done = padma("run", scenario, "--runs", 41, "--out", copy, "--quiet", "--force", *SMALL)
    assert done.code == 0, done
    assert not (copy / "report.html").exists()
