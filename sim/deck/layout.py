"""How slides look: sizes, places, tables and notes. Part of the deck (floor 6); knows nothing of results."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from sim.handout.parts import typeset

if TYPE_CHECKING:
    from pptx.presentation import Presentation as Deck
    from pptx.slide import Slide

    from sim.tables import Table

WIDE, HIGH = 13.333, 7.5
"""A slide, in inches."""

FONT = "Arial"
INK, QUIET, RULE = "1A1A1A", "4D4D4D", "D9D9D9"

PITCH, NARROW, BOLD = 1.32, 0.53, 0.2
"""Height of a line, mean width of a letter of that font (rather too wide), how much wider a bold one is, in sizes of type."""

PLAIN = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""The style of tables without colours and lines."""


@dataclass(frozen=True)
class Box:
    """A place on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height

    @property
    def measures(self) -> tuple[Any, Any, Any, Any]:
        """As python-pptx takes it."""
        return Inches(self.left), Inches(self.top), Inches(self.width), Inches(self.height)

    def columns(self, gap: float) -> tuple[Box, Box]:
        """Two of the same width."""
        wide = (self.width - gap) / 2
        return Box(self.left, self.top, wide, self.height), Box(self.left + wide + gap, self.top, wide, self.height)


HEAD = Box(0.6, 0.38, WIDE - 1.2, 0.98)
BODY = Box(0.6, 1.42, WIDE - 1.2, 5.4)
FOOT = Box(0.6, 6.98, WIDE - 1.2, 0.3)


# --- slides -----------------------------------------------------------------------------------------------------------------


def blank_deck() -> Deck:
    """A deck without slides, 16:9 down to its masters, in one font."""
    deck = Presentation()
    ratio = WIDE * 914400 / deck.slide_width
    deck.slide_width, deck.slide_height = Inches(WIDE), Inches(HIGH)
    for sheet in (deck.slide_master, *deck.slide_layouts):
        for shape in sheet.placeholders:
            if shape._element.spPr.find(qn("a:xfrm")) is not None:  # others take their place from the master
                shape.left, shape.width = int(shape.left * ratio), int(shape.width * ratio)
    theme = next(rel.target_part for rel in deck.slide_master.part.rels.values() if rel.reltype.endswith("/theme"))
    theme._blob = theme.blob.replace(b'<a:latin typeface="Calibri"', f'<a:latin typeface="{FONT}"'.encode())
    return deck


def headed(deck: Deck, headline: str) -> Slide:
    """A slide with a finding as its title."""
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    title = slide.shapes.title
    _place(title, HEAD)
    _write(title.text_frame, [headline], size_for([headline], HEAD, (28, 26, 24, 22, 20, 18, 16), bold=True), bold=True)
    title.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    return slide


def opening(deck: Deck, question: str, about: str, kicker: str) -> Slide:
    """The title slide: the question, and what was done to answer it."""
    slide = deck.slides.add_slide(deck.slide_layouts[0])
    title, subtitle = slide.shapes.title, slide.placeholders[1]
    here, below = Box(1.1, 1.9, 11.1, 2.4), Box(1.1, 4.5, 11.1, 1.4)
    _place(title, here)
    _write(title.text_frame, [question], size_for([question], here, (44, 40, 36, 32, 28, 24, 20), bold=True), bold=True)
    title.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    _place(subtitle, below)
    _write(subtitle.text_frame, [about], size_for([about], below, (22, 20, 18, 16, 14, 12)), hue=QUIET)
    paragraphs(slide, [kicker], Box(1.1, 1.2, 11.1, 0.6), (16, 14, 12, 10), quiet=True)
    bar = slide.shapes.add_shape(1, *Box(0.75, 1.2, 0.07, 4.7).measures)
    bar.fill.solid()
    bar.fill.fore_color.rgb = _colour(INK)
    bar.line.fill.background()
    return slide


def number(deck: Deck, credit: str) -> None:
    """Status and manifest at the foot of every slide, and its number."""
    for at, slide in enumerate(deck.slides, start=1):
        text = slide.shapes.add_textbox(*Box(FOOT.left, FOOT.top, FOOT.width - 0.8, FOOT.height).measures)
        _write(text.text_frame, [credit], size_for([credit], Box(0, 0, FOOT.width - 0.8, 0.3), (11, 10, 9, 8)), hue=QUIET)
        last = slide.shapes.add_textbox(*Box(WIDE - 1.4, FOOT.top, 0.8, FOOT.height).measures)
        _write(last.text_frame, [str(at)], 11, hue=QUIET)
        last.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT


def notes(slide: Slide, *texts: str) -> None:
    """What the speaker sees."""
    frame: Any = slide.notes_slide.notes_text_frame
    frame.text = "\n".join(typeset(text) for text in texts if text)


# --- what stands on them ----------------------------------------------------------------------------------------------------


def paragraphs(
    slide: Slide, texts: Sequence[str], box: Box, sizes: Sequence[int], *, gap: int = 5, quiet: bool = False
) -> None:
    """Paragraphs in the largest of the sizes that fits; run-in headings ("Pressure. ...") bold unless the text is quiet."""
    if not texts:
        return
    made = slide.shapes.add_textbox(*box.measures)
    _write(made.text_frame, texts, size_for(texts, box, sizes, gap=gap), hue=QUIET if quiet else INK, gap=gap, lead=not quiet)


def picture(slide: Slide, png: bytes, alt: str, box: Box) -> None:
    """A figure as large as its place allows, in the middle of it, with a description for those who cannot see it."""
    made: Any = slide.shapes.add_picture(io.BytesIO(png), Inches(box.left), Inches(box.top))
    scale = min(Inches(box.width) / made.width, Inches(box.height) / made.height)
    made.width, made.height = int(made.width * scale), int(made.height * scale)
    made.left += (Inches(box.width) - made.width) // 2
    made.top += (Inches(box.height) - made.height) // 2
    made._element.nvPicPr.cNvPr.set("descr", typeset(alt))


def table(slide: Slide, held: Table, box: Box) -> float:
    """A table that can be edited, in the largest type that fits; its height in inches.

    Cells of two lines have the second one smaller.
    """
    rows = [tuple(map(str, held.columns)), *(tuple(map(str, row)) for row in held.rows)]
    rows = [("" if up and row[0] == up[0] else row[0], *row[1:]) for row, up in zip(rows, [None, *rows], strict=False)]
    size = next((s for s in range(16, 8, -1) if _fits(rows, box, s)), 8)
    widths = _widths(rows, box.width, size)
    heights = _heights(rows, widths, size)
    frame: Any = slide.shapes.add_table(len(rows), len(rows[0]), *Box(box.left, box.top, box.width, sum(heights)).measures)
    made = frame.table
    made._tbl.tblPr.find(qn("a:tableStyleId")).text = PLAIN
    for at, wide in enumerate(widths):
        made.columns[at].width = Inches(wide)
    for down, row in enumerate(rows):
        made.rows[down].height = Inches(heights[down])
        for across, text in enumerate(row):
            _cell(made.cell(down, across), text, size, head=down == 0, first=across == 0)
    return sum(heights)


def _cell(cell: Any, text: str, size: int, *, head: bool, first: bool) -> None:
    cell.margin_left, cell.margin_right = Inches(0 if first else 0.06), Inches(0.06)
    cell.margin_top = cell.margin_bottom = Inches(0.03)
    cell.vertical_anchor = MSO_ANCHOR.BOTTOM if head else MSO_ANCHOR.MIDDLE
    main, _, below = text.partition("\n")
    _write(cell.text_frame, [main], size, bold=head or first, margins=False)
    if below:
        more = cell.text_frame.add_paragraph()
        _run(more, below, max(size - 4, 8), QUIET)
    _line(cell, INK if head else RULE, 1.5 if head else 0.75)


def _line(cell: Any, hue: str, points: float) -> None:
    """A line under a cell."""
    held = cell._tc.get_or_add_tcPr()
    line = held.makeelement(qn("a:lnB"), {"w": str(int(points * 12700))})
    fill = line.makeelement(qn("a:solidFill"), {})
    fill.append(fill.makeelement(qn("a:srgbClr"), {"val": hue}))
    line.append(fill)
    held.insert(0, line)


def _fits(rows: Sequence[tuple[str, ...]], box: Box, size: int) -> bool:
    """Whether a table fits into a place without breaking a word."""
    widths = _widths(rows, box.width, size)
    return sum(widths) <= box.width + 0.01 and sum(_heights(rows, widths, size)) <= box.height


def _widths(rows: Sequence[tuple[str, ...]], wide: float, size: int) -> list[float]:
    """Widths of the columns: each has room for its longest word, what is left goes by the longest lines, within reason."""
    columns = [[line for row in rows for line in row[at].split("\n")] for at in range(len(rows[0]))]
    letter, bold = size * (NARROW + 0.12) / 72, size * (NARROW + BOLD) / 72
    words = [
        [(word, at == 0 or down == 0) for down, row in enumerate(rows) for word in row[at].split()]
        for at in range(len(columns))
    ]
    least = [max([len(word) * (bold if fat else letter) for word, fat in held] or [0.0]) + 0.14 for held in words]
    wished = [min(max(map(len, lines)), 34) * letter + 0.14 for lines in columns]
    spare, missing = wide - sum(least), sum(w - m for w, m in zip(wished, least, strict=True))
    if spare <= 0:
        return least
    if missing >= spare:
        return [m + spare * (w - m) / missing for w, m in zip(wished, least, strict=True)]
    return [w + (spare - missing) * w / sum(wished) for w in wished]


def _heights(rows: Sequence[tuple[str, ...]], widths: Sequence[float], size: int) -> list[float]:
    """Heights of the rows in inches."""
    found = []
    for down, row in enumerate(rows):
        most = 0.0
        for at, (text, wide) in enumerate(zip(row, widths, strict=True)):
            main, _, below = text.partition("\n")
            lines = _lines(main, wide - 0.12, size, bold=down == 0 or at == 0) * size
            lines += _lines(below, wide - 0.12, max(size - 4, 8)) * max(size - 4, 8) if below else 0
            most = max(most, lines)
        found.append(most * PITCH / 72 + 0.07)
    return found


# --- text -------------------------------------------------------------------------------------------------------------------


def size_for(texts: Sequence[str], box: Box, sizes: Sequence[int], *, bold: bool = False, gap: int = 0) -> int:
    """The largest type in which the texts fit into a place; the smallest if none does."""
    return next((s for s in sizes if _tall(texts, box.width, s, bold=bold, gap=gap) <= box.height), sizes[-1])


def that_fit(texts: Sequence[str], box: Box, size: int) -> list[str]:
    """The first texts, as many as fit into a place."""
    kept: list[str] = []
    for text in texts:
        if _tall([*kept, text], box.width, size, gap=5) > box.height:
            break
        kept.append(text)
    return kept


def _tall(texts: Sequence[str], wide: float, size: int, *, bold: bool = False, gap: int = 0) -> float:
    lines = sum(_lines(text, wide, size, bold=bold) for text in texts)
    return (lines * size * PITCH + gap * len(texts)) / 72


def _lines(text: str, wide: float, size: int, *, bold: bool = False) -> int:
    letters = max(int(wide * 72 / (size * (NARROW + BOLD * bold))), 1)
    return max(len(textwrap.wrap(text, letters)), 1)


def _write(
    frame: Any, texts: Sequence[str], size: int, *, bold: bool = False, hue: str = INK, gap: int = 0, lead: bool = False,
    margins: bool = True,
) -> None:  # fmt: skip
    frame.word_wrap = True
    if margins:
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for at, text in enumerate(texts):
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.LEFT
        paragraph.space_after = Pt(gap)
        head, stop, rest = text.partition(". ")
        if lead and stop and len(head) <= 60:
            _run(paragraph, f"{head}. ", size, hue, bold=True)
            _run(paragraph, rest, size, hue)
        else:
            _run(paragraph, text, size, hue, bold=bold)


def _run(paragraph: Any, text: str, size: int, hue: str, *, bold: bool = False) -> None:
    run = paragraph.add_run()
    run.text = typeset(text)
    paragraph._p.get_or_add_endParaRPr().set("sz", str(size * 100))  # an empty cell is as high as this
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, FONT
    run.font.color.rgb = _colour(hue)


def _colour(hue: str) -> RGBColor:
    return RGBColor.from_string(hue)  # type: ignore[no-untyped-call]


def _place(shape: Any, box: Box) -> None:
    shape.left, shape.top, shape.width, shape.height = box.measures
