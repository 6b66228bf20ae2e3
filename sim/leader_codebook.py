"""The codebook of leaders, ``scenarios/CODEBOOK.md``: every coded value with what it rests on, one table a leader.

Floor 6. Renders the cards of :mod:`sim.cards` as one page, so that a reader without the program sees what ``padma show leaders
NAME`` prints. ``python -m sim.leader_codebook`` (``make codebook``) renews it; a test compares it with the files.
"""

from __future__ import annotations

from collections import Counter

from sim import library
from sim.cards import card
from sim.catalogue import agreement, assumed, catalogue, trait_values
from sim.tables import markdown

HEAD = """# Codebook of the leaders

Made by `make codebook` from [leaders](leaders); do not edit by hand. `padma show leaders NAME` prints the same for one
leader. How a value is coded, and how to be fair to living persons, stands in the [coder's manual](README.md).

**Read this first.** A value says how a person in office is taken to see a partner state, read from public words, records
and datasets. It is no verdict on the person, and it is meant to be argued with: change it in the file and see what
follows. `image_of` runs from -1 (hostile) to 1 (friendly); `insecurity`, `economic_priority` and `assertiveness` run from
0 to 1. A range is the 90 % interval from which each run draws. *Circularity* is the risk that the evidence is itself an
act the model should explain: values marked `high` stay out of every test of prediction. *Evidence to* is the last month
of the evidence.
"""


def page() -> str:
    """The whole page, as Markdown."""
    leaders = catalogue("leaders").rows
    parts = [HEAD, _totals(), "**Leaders**", _contents([(str(row[2]), str(row[1])) for row in leaders])]
    parts += [_section(str(row[0])) for row in leaders]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _totals() -> str:
    """What all values rest on, counted."""
    values = trait_values()
    counts: list[tuple[str, Counter[str]]] = [
        ("basis", Counter(e.basis for e in values)),
        ("circularity", Counter(e.circularity for e in values)),
    ]
    counts.append(("coded by", Counter("two coders together" if len(e.coded_by) > 1 else "one coder" for e in values)))
    rows = [(what, kind, n, f"{100 * n / len(values):.0f} %") for what, found in counts for kind, n in found.most_common()]
    return f"**In all.** {assumed(values)} {agreement(values)}\n\n" + markdown(("what", "kind", "values", "share"), rows)


def _contents(named: list[tuple[str, str]]) -> str:
    """Links to the leaders, state by state."""
    states = {code: entry.value.name for code, entry in library.states().items()}
    lines = []
    for code, name in states.items():
        links = [f"[{who}](#{anchor(who)})" for state, who in named if state == code]
        lines.append(f"- {name}: {' · '.join(links) or 'nobody coded'}")
    return "\n".join(lines)


def anchor(heading: str) -> str:
    """The anchor of a heading, as code hosts make it.

    >>> anchor("H. M. Ershad")
    'h-m-ershad'
    """
    kept = "".join(c for c in heading.lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def _section(slug: str) -> str:
    """One leader: heading, file, summary and table."""
    leader, table = library.leaders()[slug].value, card("leaders", slug)
    head = f"{leader.party}; heads {leader.heads}. File: [{slug}.yaml](leaders/{slug}.yaml)."
    return f"## {leader.name}\n\n{head} {table.note}\n\n{markdown(table.columns, table.rows)}"


if __name__ == "__main__":
    (library.root() / "CODEBOOK.md").write_text(page(), encoding="utf-8", newline="\n")
