"""The gallery shows every kind there is, in pictures that are there, small, and made by commands that exist."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from sim import gallery, plots
from sim.figures import DRAWN, PAIRED
from sim.plots import style
from sim.provenance import kind_of
from tests.command import padma

PAGE = gallery.PAGE.read_text(encoding="utf-8")
ELSEWHERE = {
    "waterfall",
    "tornado",
    "posterior",
    "scoreboard",
    "reliability",
    "held_out",
    "indices",
    "box",
    "shares",
    "outcomes",
}
"""Kinds that belong to folders of their own."""


def test_every_kind_of_figure_is_shown():
    shown = {shot.kind for shot in gallery.SHOTS}
    assert shown == {*DRAWN, *PAIRED, *ELSEWHERE}
    assert {*plots.KINDS} - {"fans"} <= shown


@pytest.mark.parametrize("shot", gallery.SHOTS, ids=lambda s: s.name)
def test_a_picture_stands_with_its_caption_and_its_commands(shot):
    assert shot.picture.is_file()
    png = shot.picture.read_bytes()
    assert int.from_bytes(png[16:20], "big") == style.WIDTH
    assert shot.kept or len(png) < 120_000
    where = shot.picture.relative_to(gallery.PAGE.parent).as_posix()
    entry = PAGE.split(f"]({where})")[1].split("\n## ")[0]
    assert shot.figure in entry and shot.run in entry
    caption = entry.strip().splitlines()[0]
    assert caption.endswith(".") and len(caption) > 40


def test_every_command_of_the_gallery_is_one_that_padma_has():
    """Options are those of the commands; folders that come with padma are there."""
    commands = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
    assert len(commands) >= len(gallery.SHOTS)
    helped = {name: padma(name, "--help").out for name in {shlex.split(line)[1] for line in commands}}
    for line in commands:
        name, *rest = shlex.split(line)[1:]
        assert all(part in helped[name] for part in rest if part.startswith("--")), line


def test_folders_say_what_they_hold(tmp_path):
    assert kind_of(gallery.REFERENCE / "sensitivity") == "study"
    assert kind_of(tmp_path) == ""


def test_evidence_that_comes_with_padma_is_drawn_by_the_same_command(tmp_path):
    for folder, kind in (("results/reference/backtest", "scoreboard"), ("calibration/posterior", "posterior")):
        done = padma("figure", gallery.ROOT / folder, kind, "--out", tmp_path, "--formats", "svg")
        assert done.code == 0 and (tmp_path / f"{kind}.svg").stat().st_size > 10_000
        wrong = padma("figure", gallery.ROOT / folder, "fan", "--out", tmp_path)
        assert wrong.code == 2 and "'fan' is not a kind of figure" in wrong.err
    captions = (tmp_path / "caption.txt").read_text(encoding="utf-8")
    assert captions.startswith("scoreboard\n") and "\n\nposterior\n" in captions
    wrong = padma("figure", gallery.ROOT / "calibration/posterior", "--size", "huge")
    assert wrong.code == 2 and "'huge' is no size" in wrong.err


def test_a_stored_study_is_drawn_again(tmp_path):
    done = padma(
        "figure", gallery.REFERENCE / "sensitivity", "tornado", "--out", tmp_path, "--formats", "png", "--size", "print"
    )
    assert done.code == 0 and (tmp_path / "tornado_print.png").is_file()
    caption = (tmp_path / "caption.txt").read_text(encoding="utf-8")
    number = json.loads((gallery.REFERENCE / "sensitivity" / "manifest.json").read_text(encoding="utf-8"))["id"]
    assert "move Bangladesh's stance toward Russia in defence most" in caption and number in caption
    assert padma("figure", gallery.REFERENCE / "sensitivity", "box", "--out", tmp_path / "box").code == 0
    assert padma("figure", gallery.REFERENCE / "sensitivity", "fan").code == 2


def test_an_attribution_is_drawn_again_to_the_byte(tmp_path):
    tie = ("--dyad", "BGD>RUS", "--issue", "defence")
    made = padma("attribute", "from_2022", "--to", "2022Q2", "--runs", "40", *tie, "--out", tmp_path / "split")
    assert made.code == 0
    again = padma("figure", tmp_path / "split", "waterfall", *tie, "--formats", "png", "--out", tmp_path / "again")
    assert again.code == 0
    name = "waterfall_stance_RUS_defence.png"
    assert (tmp_path / "split" / "figures" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    assert padma("figure", tmp_path / "split", "fan").code == 2
    (tmp_path / "split" / "attribution.csv").write_text("part\n", encoding="utf-8")
    assert padma("figure", tmp_path / "split").code == 2, "changed by hand"


def test_kinds_of_runs_are_drawn_from_a_results_folder(tmp_path):
    made = padma("run", "from_2022", "--runs", "60", "--no-figures", "--out", tmp_path / "run", "--quiet")
    assert made.code == 0
    done = padma("figure", tmp_path / "run", "alignment", "hedging", "sides", "acts", "--formats", "svg")
    assert done.code == 0
    folder = tmp_path / "run" / "figures"
    assert {p.name for p in folder.glob("*.svg")} == {"alignment.svg", "hedging.svg", "sides.svg", "acts.svg"}
    captions = (folder / "caption.txt").read_text(encoding="utf-8")
    assert captions.count("manifest") == 4 and captions.count("80 % interval") >= 4
    one = padma("figure", tmp_path / "run", "sides", "--issue", "palestine", "--formats", "svg")
    assert one.code == 0 and (folder / "sides_palestine.svg").is_file()
    wrong = padma("figure", tmp_path / "run", "sides", "--issue", "palestin")
    assert wrong.code == 2 and "did you mean 'palestine'?" in wrong.err
