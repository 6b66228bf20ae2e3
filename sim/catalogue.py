"""The catalogue: what exists and where it comes from, as tables.

Floor 6. Consumes checked content; never the engine. Every kind is a list; every entry a card.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

import numpy as np

from sim import library, posterior, priors, quarters
from sim.codebook import codebook
from sim.errors import InputError, nearest
from sim.measures import MEASURES
from sim.scenario import read_scenario
from sim.tables import Table


def _scenarios() -> Table:
    rows = []
    for name in library.scenario_names():
        scenario = read_scenario(name)
        kind = "overlay" if scenario.chain[0] == name and _is_overlay(name) else "scenario"
        span = f"{quarters.name(scenario.start)} to {quarters.name(scenario.until)}"
        rows.append((name, kind, span, scenario.question))
    return Table(
        "Scenarios", ("name", "kind", "quarters", "question"), rows, "padma run NAME; overlays: padma run SCENARIO+OVERLAY"
    )


def _is_overlay(name: str) -> bool:
    from sim import yamlfile

    path = library.scenario_path(name)
    return bool(path and yamlfile.read(path).content.get("overlay"))


def _leaders() -> Table:
    rows = []
    for slug, entry in library.leaders().items():
        leader = entry.value
        entries = [e for _, _, history in leader.traits.each() for e in history]
        assumed = sum(e.basis == "assumption" for e in entries)
        rows.append((slug, leader.name, library.state_code(leader.heads), leader.party, f"{assumed} of {len(entries)}"))
    rows.sort(key=lambda row: (list(library.states()).index(row[2]), row[0]))
    total = [e for entry in library.leaders().values() for _, _, h in entry.value.traits.each() for e in h]
    share = 100 * sum(e.basis == "assumption" for e in total) / len(total)
    note = f"{share:.0f} % of {len(total)} trait values rest on assumption."
    return Table("Leaders", ("name", "who", "heads", "party", "assumed values"), rows, note)


def _states() -> Table:
    rows = [(code, e.value.name, "power" if e.value.power else "small state") for code, e in library.states().items()]
    return Table("States", ("code", "name", "role"), rows)


def _issues() -> Table:
    rows = [
        (key, e.value.meaning, f"{e.value.lifetime.value:g} years", f"{e.value.exposure.value:g}", e.value.shows_in)
        for key, e in library.issues().items()
    ]
    return Table("Issue areas", ("name", "meaning", "life of a contract", "exposure to sanctions", "shows in"), rows)


def _events() -> Table:
    rows = [(key, e.value.label, str(e.value.from_), str(len(e.value.changes))) for key, e in library.events().items()]
    return Table("Events", ("name", "label", "from", "changes"), rows)


def _contracts() -> Table:
    rows = [
        (
            key,
            e.value.label,
            f"{e.value.dyad} {e.value.issue}",
            str(e.value.signed),
            f"{e.value.size:g}",
            f"{e.value.lifetime_years:g}",
        )
        for key, e in library.contracts().items()
    ]
    return Table("Contracts in force", ("name", "what", "dyad", "signed", "size", "life (years)"), rows)


def _variables() -> Table:
    rows = [(v.name, v.kind, ", ".join(v.axes) or "world", v.unit, v.meaning) for v in codebook().values()]
    return Table("Codebook", ("name", "kind", "varies by", "unit", "meaning"), rows)


def _sources() -> Table:
    rows = [(key, e.value.kind, e.value.text) for key, e in library.sources().items()]
    return Table("Sources", ("key", "kind", "reference"), rows)


def _parameters() -> Table:
    rows = []
    for name, p in priors.parameters().items():
        grades = ", ".join(f"{issue} {grade}" for issue, grade in p.classes.items())
        laws = "; ".join(f"{group} {issue}: {_law(law)}" for group, by in p.laws.items() for issue, law in by.items())
        rows.append((name, p.block or "-", grades, codebook()[name].unit, laws, _learned(name)))
    held = posterior.find(posterior.SHIPPED)
    note = "A meant to be learned from the record, B partly, C prior only. Learned: posterior median (90 % interval); "
    note += f"{held.label}; calibration/posterior/README.md says what moved." if held else priors.LABEL + "."
    return Table("Parameters", ("name", "block", "class", "unit", "prior (before a fit)", "learned"), rows, note)


def _learned(name: str) -> str:
    """Posterior medians and 90 % intervals of a parameter, by what it varies by."""
    held, found = posterior.find(posterior.SHIPPED), []
    for site, values in held.values.items() if held else ():
        if site.split(".")[0] == name:
            rest = " ".join(site.split(".")[1:])
            columns = zip(held.powers, values.T, strict=True) if held and values.ndim > 1 else [("", values)]
            for power, draws in columns:
                low, middle, high = np.quantile(draws, [0.05, 0.5, 0.95])
                found.append(f"{f'{rest} {power}'.strip()} {middle:.2f} ({low:.2f} to {high:.2f})".strip())
    return "; ".join(found) or "-"


def _law(entry: dict[str, Any]) -> str:
    def one(law: dict[str, Any]) -> str:
        rest = ", ".join(f"{k} {v:g}" for k, v in law.items() if k != "law")
        return f"{law['law']}({rest})"

    text = one(entry["prior"])
    return text + (f" [{one(entry['before_fit'])}]" if "before_fit" in entry else "")


def _measures() -> Table:
    rows = [(m.name, m.unit, ", ".join(m.axes), m.meaning) for m in MEASURES.values()]
    return Table("Measures", ("name", "unit", "varies by", "meaning"), rows)


def _episodes(name: str = "") -> Table:
    """Dated acts of the record; with a name those of one source text, government, state, dyad, issue area, year or act."""
    with (library.data_root() / "episodes.csv").open(encoding="utf-8", newline="") as file:
        every = list(csv.DictReader(file))
    acts = [act for act in every if not name or name in _found_under(act)]
    if not acts:
        known = {key for act in every for key in _found_under(act)}
        raise InputError(f"no dated act is found under '{name}'", where="padma show episodes", how=nearest(name, known))
    if len(acts) == 1 and acts[0]["id"] == name:
        return Table(name, ("", ""), [(key, value) for key, value in acts[0].items() if value])
    rows = [
        (a["id"], a["issue"], f"{float(a['goldstein']):+.1f}", a["head_of_government"], a["text"], a["from_text"], a["note"])
        for a in acts
    ]
    columns = ("name", "issue area", "Goldstein", "in office in Dhaka", "what happened", "source text", "correction or remark")
    note = (
        f"{len(rows)} listed. padma show episodes NAME: rahman2026, morsalin_hosen2024, BGD>RUS, defence, sheikh_hasina, 2013."
    )
    return Table("Dated acts", columns, rows, note)


def _found_under(act: dict[str, str]) -> set[str]:
    """Names under which an act is found."""
    texts = {"rahman2026", "morsalin_hosen2024", "both"} if act["from_text"] == "both" else {act["from_text"]}
    keys = ("id", "initiator", "target", "issue", "head_of_government", "date")
    return texts | {act[key] for key in keys} | {act["date"][:4], f"{act['initiator']}>{act['target']}"}


CATALOGUE: dict[str, Callable[[], Table]] = {
    "scenarios": _scenarios,
    "leaders": _leaders,
    "states": _states,
    "issues": _issues,
    "events": _events,
    "contracts": _contracts,
    "variables": _variables,
    "sources": _sources,
    "parameters": _parameters,
    "measures": _measures,
    "episodes": _episodes,
}
"""What ``padma show`` lists."""


def catalogue(kind: str) -> Table:
    """The list of everything of a kind.

    Raises
    ------
    InputError : unknown kind
    """
    if kind not in CATALOGUE:
        raise InputError(f"'{kind}' is nothing padma can show", where="padma show", how=nearest(kind, CATALOGUE))
    return CATALOGUE[kind]()


def card(kind: str, name: str) -> Table:
    """Everything known about one entry, with sources under the values.

    Raises
    ------
    InputError : unknown kind or name
    """
    if kind == "episodes":
        return _episodes(name)
    whole = catalogue(kind)
    keys = [row[0] for row in whole.rows]
    if kind == "states":
        name = library.state_code(name)
    if name not in keys:
        raise InputError(f"there is nothing called '{name}' among the {kind}", where="padma show", how=nearest(name, keys))
    if kind == "leaders":
        return _leader_card(name)
    if kind == "scenarios":
        return _scenario_card(name)
    row = whole.rows[keys.index(name)]
    rows = list(zip(whole.columns, row, strict=True))
    found = {"sources": library.sources, "contracts": library.contracts, "events": library.events}.get(kind)
    if found:
        data = found()[name].value.model_dump(mode="json", by_alias=True, exclude_none=True)
        rows = [(key, _inline(value)) for key, value in data.items()]
    return Table(name, ("", ""), [(str(a), str(b)) for a, b in rows])


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k}: {_inline(v)}" for k, v in value.items())
    if isinstance(value, list):
        return "; ".join(_inline(v) for v in value)
    return str(value)


def _leader_card(slug: str) -> Table:
    leader = library.leaders()[slug].value
    rows = []
    for label, _, entries in leader.traits.each():
        for e in entries:
            low, high = e.range
            rows.append(
                (
                    label,
                    str(e.from_),
                    f"{e.value:+.2f}",
                    f"{low:+.2f} to {high:+.2f}",
                    e.basis,
                    e.circularity,
                    e.evidence,
                    ", ".join(e.sources),
                )
            )
    columns = ("trait", "from", "value", "range", "basis", "circularity", "evidence", "sources")
    return Table(f"{leader.name} ({leader.party}), heads {leader.heads}", columns, rows, leader.summary)


def _scenario_card(name: str) -> Table:
    s = read_scenario(name)
    seats = [f"{state}: " + "; ".join(f"{slug} from {day}" for day, slug in held[-3:]) for state, held in s.seats.items()]
    rows = [
        ("title", s.title),
        ("question", s.question),
        ("differs from its base", s.differs),
        ("based on", " -> ".join(s.chain[1:]) or "nothing"),
        ("recorded", f"{quarters.name(s.start)} to {quarters.name(s.until)}"),
        ("spin-up from", quarters.name(s.spin_up_from)),
        *(("who leads (last seats)", text) for text in seats),
        ("events with effect", "; ".join(k for k, e in s.events.items() if e.changes) or "none"),
        *(("assumption", text) for text in s.assumptions),
        ("sources", ", ".join(s.sources)),
    ]
    return Table(name, ("", ""), [row for row in rows if row[1]])
