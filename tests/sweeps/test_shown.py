"""What a sweep shows: its table, its document, its figures, and the plan of one that has not begun."""

from __future__ import annotations

import json

import little
import pytest
from command import padma

from sim import library
from sim.check import check
from sim.sweep import points


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A sweep of planted numbers made by the command: its folder, and what was printed."""
    folder = tmp_path_factory.mktemp("shown")
    path = little.write(folder, runs=100)
    path.write_text(path.read_text().replace("range: [-1, 1]", "values: [-1, 1]").replace(", levels: 4", ""))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(points, "one", little.planted)
        done = padma("sweep", path, "--out", folder / "out")
    assert done.code == 0, done.err
    return path, folder / "out", done.out


def test_the_table_names_every_number_and_ends_in_sentences(swept):
    _, folder, printed = swept
    text = " ".join(printed.split())
    assert "Who wins the election explains" in text and "of what we do not know about 2026Q2." in text
    assert text.count("BGD>RUS") == 2 and "Cooperation" in text and f"Results in {folder}" in text


def test_figures_say_what_they_rest_on_and_are_the_same_when_redrawn(swept):
    _, folder, _ = swept
    before = {p.name: p.read_bytes() for p in (folder / "figures").glob("*.png")}
    assert sorted(before) == ["outcomes.png", "shares.png"]
    done = padma("figure", folder, "--formats", "png,svg")
    assert done.code == 0, done.err
    assert {p.name: p.read_bytes() for p in (folder / "figures").glob("*.png")} == before
    manifest = json.loads((folder / "manifest.json").read_text())
    caption = (folder / "figures" / "caption.txt").read_text()
    assert caption.count(manifest["id"]) == 2 and "4 points of 100 runs" in caption
    refused = padma("figure", folder, "fans")
    assert refused.code == 2 and "shares" in refused.err


def test_the_document_is_one_piece_of_json(swept, monkeypatch):
    monkeypatch.setattr(points, "one", little.planted)
    path, folder, _ = swept
    done = padma("sweep", path, "--out", folder, "--json")
    document = json.loads(done.out)
    assert document["points"] == 4 and document["failed"] == 0
    blocks = {row["block"] for row in document["variance"]}
    assert {"who governs", "the systemic path", "luck", "parameters and images"} <= blocks
    assert any(s.startswith("Who wins the election") for s in document["sentences"])


def test_a_dry_run_counts_and_writes_nothing(tmp_path):
    path = little.write(tmp_path, runs=100)
    done = padma("sweep", path, "--out", tmp_path / "out", "--dry-run")
    assert done.code == 0 and "8 points of 100 runs each" in done.out and "2,000 runs" in done.out
    assert not (tmp_path / "out").exists()


def test_numbers_that_do_not_fit_are_refused_before_any_work(tmp_path):
    path = little.write(tmp_path)
    for option, words in (
        (("--points", 8), "a grid has no number"),
        (("--runs", 1), "a spread needs two"),
        (("--chunk", 0), "0 points"),
    ):
        done = padma("sweep", path, *option)
        assert done.code == 2 and words in done.err, done.err
    done = padma("sweep", "who_governs")
    assert done.code == 2 and "who_governs_image_sanctions" in done.err


def test_check_knows_designs(tmp_path):
    shipped = check(library.root() / "sweeps")
    assert shipped and all(f.kind == "design" and f.problem is None for f in shipped)
    path = little.write(tmp_path)
    path.write_text(path.read_text().replace("jamaat_led]", "jamat_led]"))
    (finding,) = check(path)
    assert finding.problem and "did you mean 'jamaat_led'" in finding.problem
