"""The deck: PowerPoint slides that can be shown unchanged and edited afterwards.

Floor 6. Sets a :class:`sim.handout.parts.Handout`: question, answer, one finding on each slide with its sentence as headline,
tables as tables, figures drawn for the slide, caveats and sources in the speaker notes, method and citation at the end.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING

from sim.deck import layout
from sim.deck.layout import BODY, Box
from sim.handout.files import MARK
from sim.handout.parts import SLIDES, Finding, Handout, Section, typeset

if TYPE_CHECKING:
    from pptx.presentation import Presentation

STAMP = (1980, 1, 1, 0, 0, 0)
"""Date of everything inside the file, so that the same results give the same bytes."""


def slides(handout: Handout) -> bytes:
    """The whole deck; the same results always give the same bytes."""
    deck = layout.blank_deck()
    _title(deck, handout)
    _answer(deck, handout)
    for finding in handout.shown(SLIDES):
        _finding(deck, handout, finding)
    _section(deck, handout, handout.causes, "What drove it")
    _section(deck, handout, handout.trust, "How good the model is")
    _method(deck, handout)
    layout.number(deck, handout.credit)
    _properties(deck, handout)
    return _repacked(deck)


# --- slides -----------------------------------------------------------------------------------------------------------------


def _title(deck: Presentation, handout: Handout) -> None:
    slide = layout.opening(deck, handout.question, handout.about, f"padma · {handout.title}")
    layout.notes(slide, handout.about, *_caveats(handout))


def _answer(deck: Presentation, handout: Handout) -> None:
    slide = layout.headed(deck, "The answer in three sentences")
    layout.paragraphs(
        slide, handout.answer, Box(BODY.left, BODY.top + 0.15, 11.2, BODY.height - 0.2), (24, 22, 20, 18, 16), gap=14
    )
    layout.notes(slide, *handout.answer, *_caveats(handout))


def _finding(deck: Presentation, handout: Handout, finding: Finding) -> None:
    slide = layout.headed(deck, finding.headline)
    said = Box(BODY.left, BODY.bottom - 0.62, BODY.width, 0.62)
    room = Box(BODY.left, BODY.top, BODY.width, BODY.height - 0.7)
    if finding.picture:
        layout.picture(slide, finding.picture.png(finding.picture.flat, sharp=1.5), finding.picture.alt, room)
    elif finding.table:
        layout.table(slide, finding.table, room)
    layout.paragraphs(slide, [finding.sentence], said, (14, 13, 12, 11), quiet=True)
    source = f"Source: {finding.picture.context.source}." if finding.picture else ""
    layout.notes(slide, finding.sentence, finding.table.note if finding.table else "", source, *_caveats(handout))


def _section(deck: Presentation, handout: Handout, section: Section, name: str) -> None:
    """The first table of a section, and below it as much of its text as there is room for; all of it in the notes."""
    slide = layout.headed(deck, section.headline)
    used = 0.0
    for held in section.tables[:1]:
        said = f"{held.title}. {held.note.split('. ')[0]}" if held.note else held.title
        layout.paragraphs(slide, [said], Box(BODY.left, BODY.top, BODY.width, 0.3), (14, 13, 12, 11, 10), gap=0, quiet=True)
        used = 0.55 + layout.table(slide, held, Box(BODY.left, BODY.top + 0.3, BODY.width, 3.1))
    room = Box(BODY.left, BODY.top + used, BODY.width, BODY.height - used)
    layout.paragraphs(slide, layout.that_fit(section.brief, room, 14), room, (14,))
    notes = [table.note for table in section.tables if table.note]
    layout.notes(slide, f"{name}. {section.headline}.", *section.texts, *notes, *_caveats(handout))


def _method(deck: Presentation, handout: Handout) -> None:
    slide = layout.headed(deck, "Method and citation")
    left, right = BODY.columns(0.5)
    method = (
        "Method. padma simulates five states that meet systemic pressures, filtered by whoever leads them (neoclassical"
        " realism), quarter by quarter; every rule cites a publication, every value a source, or it is labelled an assumption.",
        f"Uncertainty. {handout.about}; intervals hold luck, parameters and the reading of leaders.",
        f"Assumptions. {handout.assumptions.headline}.",
        "Limits. Scenarios ask what would follow from stated conditions; they are no prediction about persons or shocks.",
    )
    again = (
        f"Again. {'; '.join(handout.commands)}",
        f"Results. {handout.identity}, finished {handout.day[:10]}, padma {dict(handout.versions)['padma']}.",
        f"Sources. {len(handout.sources)}, listed in the notes of this slide and by padma cite.",
        f"Cite as. The padma developers: padma {dict(handout.versions)['padma']}, {handout.title}. Results {handout.identity},"
        f" {handout.day[:10]}.",
    )
    layout.paragraphs(slide, method, left, (16, 15, 14, 13, 12), gap=9)
    layout.paragraphs(slide, again, right, (16, 15, 14, 13, 12, 11), gap=9)
    listed = [f"[{s.key}] {s.text}{f' {s.url}' if s.url and s.url not in s.text else ''}" for s in handout.sources]
    rows = [
        f"{table.title}: {'; '.join(' '.join(map(str, row)) for row in table.rows)}." for table in handout.assumptions.tables
    ]
    layout.notes(slide, *rows, *handout.assumptions.items, "Sources of exactly what was used:", *listed)


def _caveats(handout: Handout) -> list[str]:
    """What a speaker should say before somebody asks, and where it comes from."""
    return [
        f"Caveats. {handout.trust.headline}. {handout.assumptions.headline}. {handout.trust.texts[-1]}",
        f"{handout.credit}. {len(handout.sources)} sources, listed in the notes of the last slide.",
    ]


# --- the file ---------------------------------------------------------------------------------------------------------------


def _properties(deck: Presentation, handout: Handout) -> None:
    held, day = deck.core_properties, datetime.fromisoformat(handout.day).replace(tzinfo=None)
    held.title, held.subject = typeset(handout.question)[:250], handout.title[:250]
    held.author = held.last_modified_by = "padma"
    held.keywords = f"{MARK} {handout.identity}"[:255]
    held.created = held.modified = day
    held.revision = 1


def _repacked(deck: Presentation) -> bytes:
    """The file with every part dated alike and in the order of their names (the list of contents first)."""
    raw, packed = io.BytesIO(), io.BytesIO()
    deck.save(raw)
    with zipfile.ZipFile(raw) as held, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name in sorted(held.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            part = zipfile.ZipInfo(name, STAMP)
            part.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(part, held.read(name))
    return packed.getvalue()
