"""The deck as its readers meet it: read back, converted by LibreOffice, and measured for what hangs over."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pptx import Presentation
from pptx.util import Inches

from sim.deck import layout, slides
from sim.handout.reading import read
from tests.cli.small_runs import table
from tests.handout.handed import QUESTION
from tests.handout.test_report import number


@pytest.fixture(scope="module", params=["hostile", "paired"])
def folder(request) -> Path:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def deck(folder):
    return Presentation(folder / "deck.pptx")


def headlines(deck) -> list[str]:
    return [slide.shapes.title.text_frame.text for slide in deck.slides]


def tables(deck):
    return [shape.table for slide in deck.slides for shape in slide.shapes if shape.has_table]


def test_it_asks_answers_finds_and_ends_with_method(deck):
    found = headlines(deck)
    assert found[1] == "The answer in three sentences" and found[-1] == "Method and citation"
    assert all(text.strip() for text in found) and len(set(found)) == len(found) >= 8
    assert (Inches(13.333), Inches(7.5)) == (deck.slide_width, deck.slide_height)


def test_every_slide_has_notes_with_caveats_and_sources(deck):
    for slide in deck.slides:
        notes = slide.notes_slide.notes_text_frame.text
        assert "Caveats." in notes or slide.shapes.title.text_frame.text == "Method and citation"
        assert re.search(r"\d+ sources, listed|Sources of exactly what was used", notes)
    assert "manifest" in deck.slides[2].notes_slide.notes_text_frame.text
    assert len(deck.slides[len(deck.slides) - 1].notes_slide.notes_text_frame.text.splitlines()) > 100


def test_tables_are_tables(hostile):
    found = tables(Presentation(hostile / "deck.pptx"))
    assert len(found) >= 3
    ties, held = found[0], table(hostile)
    end = held[(held.measure == "cooperation") & (held.state == "BGD") & (held.quarter == "2026Q4")]
    row = end[(end.partner == "RUS") & (end.issue == "diplomacy")].iloc[0]
    assert [cell.text for cell in ties.rows[0].cells] == ["", "Russia", "India", "China", "United States"]
    said = ties.cell(1, 1).text.replace(" *", "").split("\n")
    assert said == [number(row.q50), f"{number(row.q10)} to {number(row.q90)}"]


def test_words_of_a_scenario_stay_words(hostile):
    assert headlines(Presentation(hostile / "deck.pptx"))[0] == QUESTION


def test_figures_are_described_and_nothing_hangs_over_the_edge(deck):
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.left + shape.width <= deck.slide_width, shape.name
            assert shape.top >= 0 and shape.top + shape.height <= deck.slide_height, shape.name
            if shape.shape_type == 13:
                assert len(shape._element.nvPicPr.cNvPr.get("descr")) > 80


def test_texts_fit_into_their_places(deck):
    """By the same generous measure of letters for every text; a browser of slides may have wider letters."""
    for slide in deck.slides:
        for shape in slide.shapes:
            if not shape.has_text_frame or not shape.text_frame.text:
                continue
            tall = sum(
                layout._lines(p.text, shape.width / 914400, round(p.runs[0].font.size.pt))
                * p.runs[0].font.size.pt
                * layout.PITCH
                for p in shape.text_frame.paragraphs
                if p.runs
            )
            assert tall / 72 <= shape.height / 914400 + 0.15, (shape.text_frame.text, tall / 72, shape.height / 914400)


def test_the_same_results_give_the_same_deck(paired):
    assert slides(read([paired])) == (paired / "deck.pptx").read_bytes()


def test_libreoffice_opens_it(hostile, tmp_path):
    if shutil.which("soffice") is None or shutil.which("pdftotext") is None:
        pytest.skip("LibreOffice or poppler is not installed (apt install libreoffice-impress poppler-utils)")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, hostile / "deck.pptx"]
    subprocess.run(convert, check=True, capture_output=True, timeout=240)
    text = subprocess.run(["pdftotext", "-layout", tmp_path / "deck.pdf", "-"], capture_output=True, text=True, check=True)
    pages = text.stdout.split("\f")[:-1]
    deck = Presentation(hostile / "deck.pptx")
    assert len(pages) == len(deck.slides)
    for page, headline in zip(pages, headlines(deck), strict=True):
        assert headline.split()[0] in page and "manifest" in page
    for page, slide in zip(pages, deck.slides, strict=True):  # a word that is too wide for its column is broken in two
        for made in (shape.table for shape in slide.shapes if shape.has_table):
            words = {word for cell in made.iter_cells() for word in cell.text.split()}
            assert not {word for word in words if word not in page}
