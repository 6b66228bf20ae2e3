"""An attribution is handed out like everything else: question, answer, staircase of causes, table, trust, sources, command."""

from __future__ import annotations

import csv
import json

import pytest
from pptx import Presentation

from tests.handout.handed import ran


@pytest.fixture(scope="module")
def split(tmp_path_factory):
    """An attribution with its report and deck."""
    out = tmp_path_factory.mktemp("handed") / "split"
    ran("attribute", "bnp_government", "awami_league_return", "--runs", 40, "--out", out, "--set", "until=2026Q4")
    ran("report", out)
    ran("deck", out)
    return out


def test_the_report_says_what_the_table_holds(split):
    page = (split / "report.html").read_text(encoding="utf-8").replace("\u2212", "-").replace("\u00a0", " ")
    with (split / "attribution.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    most = max((r for r in rows if r["part"] == "total"), key=lambda r: abs(float(r["mean"])))
    answer = page.split('class="answer">')[1].split("</p>")[0]
    assert f"{float(most['mean']):+.2f} in {json.loads((split / 'manifest.json').read_text())['last']}" in answer
    assert page.count("<figure>") == 1 and "data:image/png;base64," in page
    record = json.loads((split / "manifest.json").read_text(encoding="utf-8"))
    for said in (record["id"], record["command"], "Who did it", "Shapley", "How good is the model?", "used for:"):
        assert said in page, said
    parts = {r["part"] for r in rows} - {"total"}
    assert page.count("</tr>") > len(parts) + sum(r["part"] == "total" for r in rows)


def test_the_deck_shows_the_staircase_and_an_editable_table(split):
    deck = Presentation(str(split / "deck.pptx"))
    shapes = [shape for slide in deck.slides for shape in slide.shapes]
    assert any(shape.has_table for shape in shapes) and any(shape.shape_type == 13 for shape in shapes)
    assert all("Caveats" in slide.notes_slide.notes_text_frame.text for slide in list(deck.slides)[:-1])
