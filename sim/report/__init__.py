"""The report: one HTML file that opens offline from a mail attachment.

Floor 6. Sets a :class:`sim.handout.parts.Handout`; decides nothing about what is said. The page asks the network for nothing:
style, script, figures and numbers are inside, and its own policy (Content-Security-Policy) forbids everything else, down to
scripts other than the one whose hash it names. Whatever comes from a scenario is text, never markup.
"""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.handout.parts import PAGE, WEB, Handout, typeset
from sim.plots.style import COLOURS

if TYPE_CHECKING:
    from jinja2 import Environment

    from sim.tables import Table

HERE = Path(__file__).resolve().parent

NUMBERS = re.compile(r"[-+\d.,% ]*(\(?[-+\d., %]+ to [-+\d.,% ]+\)?)?( \*)?|never|–")
"""Cells that stand under each other at the right."""


def page(handout: Handout) -> str:
    """The whole page; the same results always give the same bytes."""
    style, script = (_part(name) for name in ("page.css", "chart.js"))
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}';"
        " base-uri 'none'; form-action 'none'"
    )
    findings = [(f, base64.b64encode(f.picture.png()).decode() if f.picture else "") for f in handout.shown(PAGE)]
    return (
        _environment()
        .get_template("page.html")
        .render(
            handout=handout,
            findings=findings,
            policy=policy,
            style=style,
            script=script,
            chart=_data({**handout.chart, "colours": COLOURS}) if handout.chart else "",
        )
    )


@cache
def _part(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """How a policy names an inline style or script."""
    return "sha256-" + base64.b64encode(sha256(text.encode()).digest()).decode()


def _data(document: dict[str, Any]) -> str:
    r"""JSON that can stand inside a script element: no character of it can end the element or begin another.

    >>> _data({"title": "</script>"})
    '{"title":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        autoescape=True,
        loader=FileSystemLoader(HERE),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"typeset": typeset, "linked": _linked, "lead": _lead, "numeric": _numeric}
    return made


def _linked(text: str) -> Any:
    """The text with its http and https addresses as links; everything else is escaped."""
    from markupsafe import Markup, escape

    made, done = Markup(""), 0
    for found in WEB.finditer(text):
        made += escape(text[done : found.start()])
        made += Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>').format(found[0])
        done = found.end()
    return made + escape(text[done:])


def _lead(text: str) -> tuple[str, str]:
    """A paragraph's run-in heading, and the rest.

    >>> _lead("Pressure. The system pushes. A little."), _lead("One sentence only.")
    (('Pressure.', 'The system pushes. A little.'), ('', 'One sentence only.'))
    """
    head, stop, rest = text.partition(". ")
    return (f"{head}.", rest) if stop else ("", text)


def _numeric(table: Table) -> list[bool]:
    """Which columns hold numbers, for their alignment.

    >>> from sim.tables import Table
    >>> _numeric(Table("", ("With", "2026Q1", "80 % interval", "In words"), [("Russia", "+0.40", "-0.08 to +0.71", "warm")]))
    [False, True, True, False]
    """
    columns = zip(*table.rows, strict=True)
    return [all(re.fullmatch(NUMBERS, str(cell)) for cell in cells) for cells in columns]
