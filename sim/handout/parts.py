"""The parts of a handout. Part of the handouts (floor 6): plain data, no layout."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.summary import Context
    from sim.tables import Table

ANYWHERE, PAGE, SLIDES = "anywhere", "page", "slides"
"""Where a finding is shown."""


@dataclass(frozen=True)
class Picture:
    """A figure, as a rule still to be drawn.

    Attributes
    ----------
    draw : gives the matplotlib figure, called inside :func:`sim.plots.bare`; or the file of a figure that cannot be drawn again
    caption : its one sentence, with the uncertainty
    alt : what it shows, for those who cannot see it
    context : source, status and manifest
    flat : height in pixels that suits a slide beside headline and caption (0: it keeps its own, and becomes narrower)
    """

    draw: Callable[[], Any] | Path = field(repr=False)
    caption: str
    alt: str
    context: Context = field(repr=False)
    flat: int = 0

    def png(self, height: int = 0, *, sharp: float = 1.0) -> bytes:
        """The figure without words beside it, as PNG.

        Parameters
        ----------
        height : in pixels of a sheet 1280 wide (0: its usual one)
        sharp : how many dots each of these pixels gets in width
        """
        from sim.plots.style import DPI, bare, house

        if isinstance(self.draw, Path):
            return self.draw.read_bytes()
        packed = io.BytesIO()
        with bare(height), house():
            self.draw().savefig(packed, format="png", dpi=sharp * DPI, metadata={"Software": None})
        return packed.getvalue()


@dataclass(frozen=True)
class Finding:
    """One thing found.

    Attributes
    ----------
    headline : a sentence without numbers
    sentence : the same with numbers and uncertainty
    picture, table : what shows it; either may be missing
    where : ``anywhere``, or only on the ``page`` or on ``slides``
    """

    headline: str
    sentence: str
    picture: Picture | None = None
    table: Table | None = None
    where: str = ANYWHERE


@dataclass(frozen=True)
class Section:
    """Paragraphs and tables under a heading.

    Attributes
    ----------
    headline : what it comes to, as a sentence (the headline of its slide)
    parts : paragraphs and tables in their order; a paragraph that begins with a name and a full stop ("Pressure. ...") has it
        as a run-in heading
    items : a list below them
    brief : the paragraphs that a slide has room for, the most important first
    """

    headline: str
    parts: tuple[str | Table, ...] = ()
    items: tuple[str, ...] = ()
    brief: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The paragraphs."""
        return tuple(part for part in self.parts if isinstance(part, str))

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables."""
        return tuple(part for part in self.parts if not isinstance(part, str))


@dataclass(frozen=True)
class Source:
    """A reference: its key, text, address (http or https, or '') and what it was used for."""

    key: str
    text: str
    url: str
    used_for: str


@dataclass(frozen=True)
class Handout:
    """Everything said of some results.

    Attributes
    ----------
    kind : run, runs, comparison, attribution, sweep or study
    title, question : whose results, and what was asked
    about : what was done, in one line
    answer : three sentences
    findings : the figures and small tables, the most important first
    tables : the whole result
    chart : data of the interactive chart, or None where nothing runs over time
    causes, trust, assumptions : what drove it, how good the model is, what rests on assumption
    sources : exactly what was used
    commands, versions : how to have it again
    identity : of the manifests, joined by "+"
    credit : status, size and manifest, in one line
    day : when the results were finished, in UTC
    """

    kind: str
    title: str
    question: str
    about: str
    answer: tuple[str, ...]
    findings: tuple[Finding, ...]
    tables: tuple[Table, ...]
    chart: dict[str, Any] | None
    causes: Section
    trust: Section
    assumptions: Section
    sources: tuple[Source, ...]
    commands: tuple[str, ...]
    versions: tuple[tuple[str, str], ...]
    identity: str
    credit: str
    day: str

    def shown(self, where: str) -> list[Finding]:
        """The findings that belong there."""
        return [finding for finding in self.findings if finding.where in (ANYWHERE, where)]


def typeset(text: str) -> str:
    """Minus signs and unbreakable spaces as the figures have them.

    >>> typeset("-0.31 to +0.35, 80 % interval") == "\\u22120.31 to +0.35, 80\\u00a0% interval"
    True
    """
    from sim.plots.style import typeset as set_

    return set_(text)


WEB = re.compile(r"https?://[^\s<>\"'{}|\\^`]+[^\s<>\"'{}|\\^`.,;:!?)\]]", re.IGNORECASE)
"""An address that may become a link; nothing but http and https ever does."""
