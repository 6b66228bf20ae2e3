"""The whole command ``padma sensitivity`` on a small design."""

from __future__ import annotations

import csv
import json

import pytest

from tests.command import padma

pytest.importorskip("SALib")
pytest.importorskip("sklearn")

DESIGN = """
name: small
title: A small design
question: Does the image of Russia matter within half a year?
base: bnp_government
until: 2026Q2
settings: {spin_up_from: 2026Q1}
runs: 8
outcome: stance BGD>RUS diplomacy 2026Q2 < 2026Q1
factors:
  - {name: image, label: The image of Russia, key: leader.BGD.image_of.russia, range: [-1, 1], group: leader}
  - name: who
    label: The government
    key: scenario
    values: [bnp_government, jamaat_led]
    labels: [BNP, Jamaat-led]
    group: leader
  - {name: veto, label: The weight of veto players, key: inputs.veto.BGD.2026Q1, range: [0, 1], group: domestic}
design: {kind: latin_hypercube, points: 4}
measures:
  - {measure: stance, partner: RUS, issue: diplomacy, quarter: 2026Q2}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One study with figures, and the folder it was made in."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "small.yaml").write_text(DESIGN, encoding="utf-8")
    done = padma("sensitivity", folder / "small.yaml", "--points", 8, "--out", folder / "out")
    assert done.code == 0, done.err
    return folder, done


def test_the_folder_is_whole(made):
    folder, done = made
    out = folder / "out"
    assert sorted(p.name for p in out.iterdir()) == [
        "box.csv", "design.yaml", "figures", "figures.json", "findings.txt", "indices.csv", "manifest.json", "path.csv",
        "points.csv",
    ]  # fmt: skip
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["kind"], manifest["status"], manifest["outcome"]) == (
        "study", "complete", "stance BGD>RUS diplomacy 2026Q2 < 2026Q1",
    )  # fmt: skip
    with (out / "points.csv").open(encoding="utf-8", newline="") as file:
        points = list(csv.DictReader(file))
    assert len(points) == manifest["points"] <= 8 * 7
    assert all(0 <= float(p["share"]) <= 1 and p["reason"] == "" for p in points)
    assert f"(id {manifest['id']}" in done.out
    assert (out / "figures" / "indices_sobol.png").stat().st_size > 10_000
    assert manifest["id"] in (out / "figures" / "caption.txt").read_text(encoding="utf-8")


def test_every_figure_can_be_drawn_again_and_is_the_same(made, tmp_path):
    folder, _ = made
    done = padma("figure", folder / "out", "--out", tmp_path, "--formats", "png")
    assert done.code == 0, done.err
    for path in sorted((folder / "out" / "figures").iterdir()):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name
    assert padma("figure", folder / "out", "indices", "--out", tmp_path / "one").code == 0
    assert {p.stem for p in (tmp_path / "one").iterdir()} == {"indices_sobol", "caption"}


def test_the_image_moves_it_and_the_screen_says_so(made):
    folder, done = made
    with (folder / "out" / "indices.csv").open(encoding="utf-8", newline="") as file:
        total = {row["name"]: float(row["total"]) for row in csv.DictReader(file)}
    assert total["image"] > total["veto"]
    assert total["leader"] >= total["image"] - 0.2
    for text in (folder / "out" / "findings.txt").read_text(encoding="utf-8").splitlines():
        assert text in done.out


def test_the_same_command_gives_the_same_and_another_is_refused(made):
    folder, _ = made
    before = (folder / "out" / "points.csv").read_bytes()
    asked = ("sensitivity", folder / "small.yaml", "--points", 8, "--out", folder / "out", "--no-figures", "--json")
    again = padma(*asked)
    assert again.code == 0, again.err
    assert (folder / "out" / "points.csv").read_bytes() == before
    document = json.loads(again.out)
    assert document["design"] == "small"
    assert len(document["indices"]) == 3 + 2
    other = padma(*asked, "--seed", 2)
    assert other.code == 2
    assert "holds another run" in other.err
    assert (folder / "out" / "points.csv").read_bytes() == before


def test_check_and_cite_know_a_study(made):
    folder, _ = made
    assert padma("check", folder / "out").code == 0
    assert padma("check", folder / "small.yaml").code == 0


def test_a_screening(made):
    folder, _ = made
    done = padma("sensitivity", folder / "small.yaml", "--method", "morris", "-n", 2, "--out", folder / "morris", "--runs", 4)
    assert done.code == 0, done.err
    assert "Spread" in done.out
    assert not list(folder.glob(".morris.*")), "the shelf of finished points is gone"
    assert (folder / "morris" / "figures" / "indices_morris.png").exists()


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (["--method", "sobl"], "did you mean 'sobol'"),
        (["--points", 12], "powers of two"),
        (["--outcome", "stanc BGD>RUS diplomacy 2026Q2"], "did you mean 'stance'"),
        (["--outcome", "stance BGD>RUS diplomacy 2030Q4"], "lies outside"),
        (["--runs", 1], "one run"),
    ],
)
def test_wrong_options_leave_with_two_and_write_nothing(made, options, hint):
    folder, _ = made
    done = padma("sensitivity", folder / "small.yaml", "--out", folder / "none", *options)
    assert done.code == 2
    assert hint in done.err
    assert "What to do" in done.err
    assert not (folder / "none").exists()


def test_an_outcome_in_a_design_is_checked(made, tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(DESIGN.replace("2026Q2 < 2026Q1", "2036Q4"), encoding="utf-8")
    done = padma("check", wrong)
    assert done.code == 2
    assert "lies outside" in done.err
    wrong.write_text(DESIGN.replace("outcome: stance", "outcome: stanze"), encoding="utf-8")
    done = padma("check", wrong)
    assert done.code == 2
    assert "wrong.yaml:9" in done.err
