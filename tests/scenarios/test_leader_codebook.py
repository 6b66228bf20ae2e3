"""The codebook page of the leaders: it is what the files say and what ``padma show leaders`` prints."""

from __future__ import annotations

import re

import pytest

from sim import leader_codebook, library
from sim.catalogue import agreement, assumed, trait_values
from tests.command import padma

PAGE = (library.root() / "CODEBOOK.md").read_text(encoding="utf-8")
SECTIONS = {
    found[2]: found[0]
    for found in re.finditer(r"^## ([^\n]+)\n\n[^\n]*?\(leaders/(\w+)\.yaml\)\..*?(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}


def test_the_page_is_what_the_files_say():
    assert leader_codebook.page() == PAGE, "scenarios/CODEBOOK.md is out of date: run `make codebook`"


def test_every_leader_has_a_section_with_every_value():
    assert set(SECTIONS) == set(library.leaders())
    for slug, entry in library.leaders().items():
        for label, _, history in entry.value.traits.each():
            for e in history:
                bounds = "{:g} to {:g}".format(*e.range)
                start = f"| {label} | {e.from_} | {e.value:g} | {bounds} | {e.basis} | {e.circularity} |"
                (row,) = [line for line in SECTIONS[slug].splitlines() if line.startswith(start)]
                assert e.evidence[:30].replace("|", "\\|") in row and e.cutoff in row and e.sources[0] in row
                assert ", ".join(e.coded_by) in row.split("|")[-2]


def test_at_most_a_quarter_rests_on_assumption_and_the_share_is_printed():
    values = trait_values()
    share = sum(e.basis == "assumption" for e in values) / len(values)
    assert share <= 0.25
    for told in (PAGE, padma("show", "leaders").out):
        assert f"({100 * share:.0f} %) rest on assumption" in " ".join(told.split())


@pytest.mark.parametrize("slug", sorted(library.leaders()))
def test_show_prints_what_the_page_says(slug, monkeypatch):
    monkeypatch.setenv("COLUMNS", "2000")  # wide enough that no cell breaks over lines
    shown = " ".join(padma("show", "leaders", slug).out.split())
    for heading in ("circularity", "evidence to", "coders", "rest on assumption"):
        assert heading in shown and heading in PAGE
    for row in [line.split(" | ") for line in SECTIONS[slug].splitlines() if re.match(r"\| (image_of|[a-z]+_?[a-z]*) ?", line)]:
        for cell in row[1:]:
            assert cell.strip(" |").replace("\\|", "|") in shown


def test_agreement_of_two_coders_is_counted():
    first, second = trait_values()[:2]
    pair = [first.model_copy(update={"value": 0.2, "range": (0.0, 0.4), "second_coding": 0.3})]
    pair += [second.model_copy(update={"value": 0.2, "range": (0.0, 0.4), "second_coding": 0.6})]
    assert agreement(pair) == "Two coders: 2 values, 0.25 apart on average, 1 of 2 second codings inside the range."
    assert agreement([first.model_copy(update={"second_coding": None})]).startswith("No value")
    guess = [first.model_copy(update={"basis": basis}) for basis in ("assumption", "expert", "proxy", "dataset")]
    assert assumed(guess) == "1 of 4 trait values (25 %) rest on assumption."
