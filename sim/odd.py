"""The generated tables of ``sim/README.md``, the ODD+D description of the model.

Floor 6. Reads the codebook, the rules, the turn, the priors and the heads of the world files, and writes Markdown
between ``<!-- generated: NAME -->`` and ``<!-- end: NAME -->``. The words around the tables are written by hand; a test
compares the tables with the code. ``python -m sim.odd`` (``make odd``) renews them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args

from sim import catalogue, library
from sim.codebook import codebook
from sim.errors import PadmaError
from sim.priors import parameters
from sim.rulebook import RULES
from sim.rules.turn import PHASES
from sim.schema import Block
from sim.tables import markdown, text

README = Path(__file__).with_name("README.md")

KINDS = {
    "attribute": "Attributes: fixed properties of states, issue areas, roll calls and acts",
    "input": "Inputs: exogenous, dated",
    "constant": "Constants: fixed numbers with their window or reason",
    "trait": "Traits of whoever leads",
    "parameter": "Parameters: drawn once per run",
    "shock": "Shocks: chance",
    "carried": "Carried: the state variables proper, passed from quarter to quarter",
    "computed": "Computed: follow by a rule in every quarter",
    "observable": "Observables: what can be held against a record",
}
"""How the kinds of the codebook are introduced, in the order of the document."""


def variables() -> str:
    """Every variable of the codebook, by kind."""
    parts = []
    for kind, title in KINDS.items():
        rows = [
            (f"`{v.name}`", ", ".join(v.axes) or "world", v.unit, v.meaning, v.source or _rule_source(v.name))
            for v in codebook().values()
            if v.kind == kind
        ]
        table = markdown(("name", "varies by", "unit", "meaning", "source"), rows)
        parts.append(f"**{title}** (kind `{kind}`)\n\n{table}")
    return "\n\n".join(parts)


def _rule_source(name: str) -> str:
    """The source of the rule that yields a variable; chance has none."""
    rule = RULES.get(name) or RULES.get(f"next_{name}")
    return rule.source if rule else "-"


def schedule() -> str:
    """Every rule in the order of a quarter."""
    rows = []
    for phase, names in PHASES.items():
        for name in names:
            rule = RULES[name]
            sentence = (rule.function.__doc__ or "").split("\n", 1)[0]
            reads = ", ".join(argument.name for argument in rule.arguments)
            rows.append((phase, f"`{name}`", sentence, reads, rule.source))
    return markdown(("phase", "rule", "what it says", "reads", "source"), rows)


def inputs() -> str:
    """Every world input with its coverage, and how many of its values are judgement."""
    rows = []
    for name, entry in library.world_inputs().items():
        v = entry.value
        data, judged = v.counts
        rows.append((f"`{name}`", v.unit, v.coverage, str(data), str(judged), v.basis, ", ".join(v.sources)))
    return markdown(("input", "unit", "coverage", "values", "judged", "basis", "sources"), rows)


def priors() -> str:
    """Every parameter with its switch, class and prior."""
    table = catalogue.catalogue("parameters")
    rows = [(f"`{row[0]}`", row[1], *(text(row[k]).replace("\n", "; ") for k in (2, 4))) for row in table.rows]
    return markdown(("parameter", "switch", "class", "prior [before a fit]"), rows)


def switches() -> str:
    """What each switch sets to which value."""
    rows = []
    for block in get_args(Block):
        held = ", ".join(f"`{p.name}` = {p.off:g}" for p in parameters().values() if p.block == block)
        luck = "; luck of votes, orders and acts at its median" if block == "chance" else ""
        rows.append((f"`{block}`", held + luck))
    return markdown(("switch", "when off"), rows)


def cases() -> str:
    """What the record holds of each power: arms orders, trade, and how often its vote was opposed to that of another power."""
    orders, trade, sides = (library.record_table(name) for name in ("orders", "trade", "sides"))
    powers = [code for code, entry in library.states().items() if entry.value.power]
    total = sum(float(row[key]) for row in orders for key in (*powers, "other"))
    rows = []
    for code in powers:
        ordered = sum(float(row[code]) for row in orders)
        shares = [float(row["share"]) for row in trade if row["partner"] == code and row["share"]]
        opposed = sum(int(row["n_opposed"]) for row in sides if code in (row["power_a"], row["power_b"]))
        name = library.states()[code].value.name
        cells = (f"{ordered:.0f} ({ordered / total:.0%})", f"{sum(shares) / len(shares):.1%}", f"{opposed:,}")
        rows.append((name, *(cell.replace("%", " %") for cell in cells)))
    first, last = orders[0]["year"], orders[-1]["year"]
    traded = sorted(int(row["year"]) for row in trade if row["share"])
    columns = (
        "power",
        f"arms orders {first}-{last}",
        f"share of trade, mean {traded[0]}-{traded[-1]}",
        f"votes against another of the four, {sides[0]['year']}-{sides[-1]['year']}",
    )
    return markdown(columns, rows)


def judged() -> str:
    """How many values the model is given, and what share of them is assumption or otherwise judged."""
    inputs = [entry.value for entry in library.world_inputs().values()]
    values, by_judgement = (sum(counts) for counts in zip(*(v.counts for v in inputs), strict=True))
    whole = sum(v.basis == "assumption" for v in inputs)
    changes = [change for entry in library.events().values() for change in entry.value.changes]
    areas = [held for entry in library.issues().values() for held in (entry.value.exposure, entry.value.lifetime)]
    rows = [
        _counted("trait values of leaders", catalogue.trait_values()),
        (
            "dated values of world inputs",
            f"{values + by_judgement:,}",
            _percent(by_judgement, values + by_judgement),
            f"{whole} of {len(inputs)} inputs are judgement as a whole",
        ),
        _counted("contracts", [entry.value for entry in library.contracts().values()]),
        _counted("sizes of event effects", changes),
        _counted("numbers of issue areas", areas),
        ("parameters", str(len(parameters())), "all have priors", "the record, as far as the card of the posterior says"),
    ]
    return markdown(("what", "number", "assumption", "on what else"), rows)


def _counted(what: str, entries: Sequence[Any]) -> tuple[str, ...]:
    """Entries with a basis: how many, what share is assumption, and what the others rest on."""
    bases = Counter(entry.basis for entry in entries)
    others = [f"{_percent(n, len(entries))} {basis}" for basis, n in bases.most_common() if basis != "assumption"]
    return what, str(len(entries)), _percent(bases["assumption"], len(entries)), ", ".join(others) or "-"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %"


NAMED = ("goh2007", "kitchen2010", "kuik2016", "morsalin_hosen2024", "rahman2026")
"""Works that the text cites beside those that rules, codebook and inputs name."""


def references() -> str:
    """The works and datasets behind rules, codebook and world inputs, and the others that the description names."""
    measured = {key for entry in library.world_inputs().values() for key in entry.value.sources}
    keys = sorted(library.rule_sources() | measured | set(NAMED))
    return "\n".join(f"- `{key}`: {library.sources()[key].value.text}" for key in keys)


BLOCK_MAKERS: dict[str, Callable[[], str]] = {
    "cases": cases,
    "variables": variables,
    "schedule": schedule,
    "inputs": inputs,
    "priors": priors,
    "switches": switches,
    "judged": judged,
    "references": references,
}


def renewed(text: str) -> str:
    """The document with every generated block made anew.

    Raises
    ------
    PadmaError : a block is missing from the document
    """
    for name, maker in BLOCK_MAKERS.items():
        pattern = re.compile(f"(<!-- generated: {name} -->\n).*?(<!-- end: {name} -->)", re.DOTALL)
        if not pattern.search(text):
            raise PadmaError(f"the block '{name}' is missing", where="sim/README.md", how="put its two markers back.")
        content = maker()
        text = pattern.sub(lambda found, content=content: f"{found[1]}\n{content}\n\n{found[2]}", text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
