"""Cards: everything known of one entry of the catalogue, with sources under the values.

Floor 6. Consumes checked content; never the engine. A card is plain data (numbers stay numbers), so that the same card serves
the screen and ``--json``.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

from sim import library, priors, quarters
from sim.catalogue import agreement, assumed, catalogue, episodes, learned
from sim.codebook import Variable, codebook
from sim.errors import InputError, nearest
from sim.measures import MEASURES
from sim.paired import partner
from sim.rulebook import RULES, Rule
from sim.rules.turn import PHASES
from sim.scenario import read_scenario
from sim.schema import TraitEntry
from sim.tables import Table

Card = dict[str, Any]


def card(kind: str, name: str) -> Table:
    """Everything known about one entry: a table of (what, value), or one row for each dated value of a leader.

    Raises
    ------
    InputError : unknown kind or name
    """
    if kind == "episodes":
        return episodes(name)
    whole = catalogue(kind)
    keys = [row[0] for row in whole.rows]
    if kind == "states":
        name = library.state_code(name)
    if name not in keys:
        raise InputError(
            f"there is nothing called '{name}' among the {kind}",
            where="padma show",
            why=f"only what is listed by 'padma show {kind}' has a card.",
            how=nearest(name, keys),
        )
    if kind == "leaders":
        return _leader(name)
    entries = {key: value for key, value in CARDS[kind](name).items() if value not in ("", None, [], {})}
    return Table(name, ("", ""), list(entries.items()))


# --- one kind after the other -----------------------------------------------------------------------------------------------


def _state(code: str) -> Card:
    found = _written(library.states()[code].value)
    seats = [leader.value.name for leader in library.leaders().values() if library.state_code(leader.value.heads) == code]
    return {"code": code, **found, "leaders coded": seats, "inputs": _last_inputs(code)}


def _last_inputs(code: str) -> dict[str, Any]:
    """The last value of each world input of a state, with unit, day and sources; toward whom or in what stands in the key."""
    found = {}
    for name, entry in library.world_inputs().items():
        for key, dated in entry.value.values.items():
            if key.replace(":", ">").split(">")[0] == code:
                day = max(dated) if isinstance(dated, dict) else None
                value = dated[day] if day is not None else dated
                of = {"value": value, "unit": entry.value.unit, "last": day, "sources": entry.value.sources}
                found[f"{name} {key.removeprefix(code).lstrip('>:')}".strip()] = of
    return found


def _variable(name: str) -> Card:
    v = codebook()[name]
    found: Card = {"name": name, "kind": v.kind, "varies by": list(v.axes) or "world", "unit": v.unit, "meaning": v.meaning}
    found |= {"range": _range(v), "value": v.value, "default": v.default, "law of chance": v.law}
    rule = RULES.get(name) or RULES.get(f"next_{name}")
    if rule:
        found |= _rule(rule)
    if name in library.world_inputs():
        found |= _world_input(name)
    if v.kind == "parameter":
        found["prior and posterior"] = f"padma show parameters {name}"
    found["read by"] = [r.name for r in RULES.values() if name in r.reads]
    source = v.source or (rule.source if rule else "")
    return found | {"source": f"{source}: {library.sources()[source].value.text}" if source else ""}


def _range(v: Variable) -> list[float | None] | str:
    low, high = (None if math.isinf(bound) else bound for bound in v.range)
    return "any number" if low is high is None else [low, high]


def _rule(rule: Rule) -> Card:
    """How a variable follows from others: the rule's own words and lines."""
    text = inspect.getdoc(rule.function) or ""
    lines = inspect.getsource(rule.function).split('"""')[-1].strip().splitlines()
    phase = next(phase for phase, names in PHASES.items() if rule.name in names)
    return {
        "phase": phase,
        "in words": " ".join(text.split(">>>")[0].split()),
        "formula": "; ".join(line.strip() for line in lines),
        "reads": [argument.name for argument in rule.arguments],
        "claims tested": list(rule.claims),
    }


def _world_input(name: str) -> Card:
    v = library.world_inputs()[name].value
    values, judged = v.counts
    written = {"basis": v.basis, "coverage": v.coverage, "values": values, "values judged": judged, "derived": v.derived}
    return written | {"caveats": v.caveats, "file": f"scenarios/world/{name}.yaml", "sources": list(v.sources)}


def _parameter(name: str) -> Card:
    v, p = codebook()[name], priors.parameters()[name]
    found: Card = {"name": name, "meaning": v.meaning, "unit": v.unit, "range": _range(v), "varies by": list(p.varies)}
    found |= {"switch": p.block, "value when the switch is off": p.off if p.block else None, "class": p.classes}
    found |= {"prior (before a fit)": p.laws, "learned": learned(name), "note": p.note, "sources of the prior": list(p.sources)}
    return found | {"source of the idea": f"{v.source}: {library.sources()[v.source].value.text}" if v.source else ""}


def _measure(name: str) -> Card:
    m = MEASURES[name]
    return {"name": name, "meaning": m.meaning, "unit": m.unit, "varies by": list(m.axes), "range": list(m.range or ())}


def _source(key: str) -> Card:
    """A source, and what rests on it."""
    used = {
        "rules": [r.name for r in RULES.values() if r.source == key],
        "variables": [v.name for v in codebook().values() if v.source == key],
        "world inputs": [n for n, e in library.world_inputs().items() if key in map(library.source_key, e.value.sources)],
        "leaders": [
            slug
            for slug, entry in library.leaders().items()
            if any(key in map(library.source_key, e.sources) for _, _, h in entry.value.traits.each() for e in h)
        ],
        "contracts": [n for n, e in library.contracts().items() if key in map(library.source_key, e.value.sources)],
        "events": [n for n, e in library.events().items() if key in map(library.source_key, e.value.sources)],
    }
    return {"key": key, **_written(library.sources()[key].value), "used by": {k: v for k, v in used.items() if v}}


def _scenario(name: str) -> Card:
    s = read_scenario(name)
    found: Card = {"title": s.title, "question": s.question, "differs from its base": s.differs}
    found |= {"based on": " -> ".join(s.chain[1:]) or "nothing"}
    found |= {
        "recorded": f"{quarters.name(s.start)} to {quarters.name(s.until)}",
        "spin-up from": quarters.name(s.spin_up_from),
    }
    seats = {state: [f"{slug} from {day}" for day, slug in held[-3:]] for state, held in s.seats.items()}
    found |= {"who leads (last seats)": seats, "events with effect": [k for k, e in s.events.items() if e.changes] or "none"}
    base = partner(s)
    found |= {"compare with its base": f"padma compare {base} {s.name}" if base else ""}
    found |= {"what else would have to be different": list(s.cotenability)}
    return found | {"assumptions": list(s.assumptions), "sources": list(s.sources)}


def _written(entry: Any) -> Card:
    """An entry as it is written in its file."""
    return dict(entry.model_dump(mode="json", by_alias=True, exclude_none=True))


CARDS: dict[str, Callable[[str], Card]] = {
    "scenarios": _scenario,
    "states": _state,
    "issues": lambda name: {"name": name, **_written(library.issues()[name].value)},
    "events": lambda name: {"name": name, **_written(library.events()[name].value)},
    "contracts": lambda name: _written(library.contracts()[name].value),
    "variables": _variable,
    "sources": _source,
    "parameters": _parameter,
    "measures": _measure,
}
"""What is known of one entry of each kind; leaders and dated acts are tables of their own."""


def _leader(slug: str) -> Table:
    leader = library.leaders()[slug].value
    rows = [
        (label, str(e.from_), e.value, list(e.range), e.basis, e.circularity, e.evidence, e.cutoff, e.sources, _coders(e))
        for label, _, entries in leader.traits.each()
        for e in entries
    ]
    columns = ("trait", "from", "value", "range", "basis", "circularity", "evidence", "evidence to", "sources", "coders")
    entries = [e for _, _, history in leader.traits.each() for e in history]
    twice = [e for e in entries if e.second_coding is not None]
    note = " ".join([leader.summary, assumed(entries), *([agreement(twice)] if twice else [])])
    return Table(f"{leader.name} ({leader.party}), heads {leader.heads}", columns, rows, note)


def _coders(entry: TraitEntry) -> str:
    """Who coded a value, and what the second coder found."""
    second = "" if entry.second_coding is None else f"; second coding {entry.second_coding:g}"
    return ", ".join(entry.coded_by) + second
