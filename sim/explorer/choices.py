"""What can be chosen and turned on a page: scenarios, leaders, traits, world inputs, events, each with what it rests on."""

from __future__ import annotations

from datetime import date
from typing import Any

from sim import library, measures, quarters, schema
from sim.codebook import codebook
from sim.explorer.state import Asked, Opened, home_of
from sim.plots.heatmap import STEPS
from sim.plots.style import TINTS, colour
from sim.provenance import is_own, version
from sim.scenario import Scenario

TURNED = ("sanctions", "rivalry_record")
"""World inputs that can be turned on a page; all others by ``--set`` or in a file."""

LABELS = {"sanctions": "Sanctions of {0} on {1}", "rivalry_record": "Rivalry of {0} and {1}"}


def start_document(opened: Opened) -> dict[str, Any]:
    """What does not depend on anything chosen."""
    states = {
        code: {"name": e.value.name, "colour": colour(code), "power": e.value.power} for code, e in library.states().items()
    }
    return {
        "version": version(),
        "first": opened.first,
        "scenarios": [_scenario(name, spec) for name, spec in opened.names.items()],
        "states": states,
        "tints": {f"{100 * level:.0f}": share for level, share in TINTS.items()},
        "ramp": list(STEPS),
        "measures": [_measure(m) for m in measures.MEASURES.values()],
        "runs": [100, 200, 500, 1000, 2000],
    }


def _scenario(name: str, spec: str) -> dict[str, Any]:
    path = library.scenario_path(spec)
    content = library.shipped(path).content if path else {}
    keys = ("title", "question", "differs")
    return {"name": name, "overlay": bool(content.get("overlay"))} | {k: str(content.get(k) or "") for k in keys}


def _measure(m: measures.Measure) -> dict[str, Any]:
    kinds: dict[str, str] = {}
    if "issue" in m.axes:
        kinds = {key: e.value.label for key, e in library.issues().items()}
    elif "item" in m.axes:
        kinds = {key: e.value.label for key, e in library.agenda().items() if e.value.until is None}
    elif "act" in m.axes:
        kinds = {key: key.replace("_", " ") for key in library.world_file("act_rates")["values"]}
    return {"name": m.name, "label": m.label, "unit": m.unit, "meaning": m.meaning, "kinds": kinds}


# --- what can be turned -----------------------------------------------------------------------------------------------------


def knobs_document(asked: Asked, opened: Opened) -> dict[str, Any]:
    """What can be turned in a world, as it is coded: nothing of it changes while a slider moves."""
    scenario = opened.untouched(asked.a)
    home = home_of(scenario)
    seated = in_office(scenario)
    governing = scenario.leader_on(home, quarters.last_day(scenario.until))
    leader = asked.leader if asked.leader in seated else governing
    return {
        "home": home,
        "title": scenario.title,
        "question": scenario.question,
        "differs": scenario.differs,
        "assumptions": list(scenario.assumptions),
        "quarters": [quarters.name(q) for q in scenario.quarters],
        "long": len(scenario.quarters) > 48,
        "candidates": [_candidate(slug, entry) for slug, entry in candidates(home).items()],
        "governing": governing,
        "since": str(max(day for day, slug in scenario.seats[home] if slug == governing)) if governing else "",
        "seated": [
            {"slug": slug, "name": scenario.leaders[slug].name, "heads": library.state_code(scenario.leaders[slug].heads)}
            for slug in seated
        ],
        "leader": leader,
        "about": scenario.leaders[leader].summary if leader else "",
        "traits": traits(scenario, leader) if leader else [],
        "inputs": inputs(scenario),
        "events": events(scenario),
    }


def in_office(scenario: Scenario) -> list[str]:
    """Leaders in office in the recorded quarters, the home state's first, the last one of each state before those before."""
    first = quarters.first_day(scenario.start)
    last = quarters.last_day(scenario.until)
    found: list[str] = []
    for state in sorted(scenario.states, key=lambda s: s != home_of(scenario)):
        held = scenario.seats.get(state, ())
        ends = [day for day, _ in held[1:]] + [date.max] * bool(held)
        found += [slug for (day, slug), end in reversed(list(zip(held, ends, strict=True))) if day <= last and end > first]
    return list(dict.fromkeys(found))


def candidates(home: str) -> dict[str, library.Entry]:
    """Everybody coded for a seat, those coded for the latest days first."""
    found = {slug: e for slug, e in library.leaders().items() if library.state_code(e.value.heads) == home}
    return dict(sorted(found.items(), key=lambda item: _coded_from(item[1].value), reverse=True))


def _coded_from(leader: schema.Leader) -> date:
    return min(e.from_ for _, _, entries in leader.traits.each() for e in entries)


def _candidate(slug: str, entry: library.Entry) -> dict[str, Any]:
    leader: schema.Leader = entry.value
    return {"slug": slug, "name": leader.name, "party": leader.party, "coded": str(_coded_from(leader))}


def traits(scenario: Scenario, slug: str) -> list[dict[str, Any]]:
    """Every trait of a leader as it is coded when the scenario begins, with all that it rests on."""
    found = []
    for label, trait, entries in scenario.leaders[slug].traits.each():
        first = quarters.last_day(scenario.start)
        entry = ([e for e in sorted(entries, key=lambda e: e.from_) if e.from_ <= first] or entries[:1])[-1]
        variable = codebook()[trait]
        partner = label.partition(".")[2]
        code = library.state_code(partner) if partner else ""
        found.append(
            {
                "key": label,
                "label": f"Image of {library.states()[code].value.name}" if code else trait.replace("_", " ").capitalize(),
                "partner": code,
                "meaning": variable.meaning,
                "limits": list(variable.range),
                "value": entry.value,
                "range": list(entry.range),
            }
            | basis(entry)
        )
    return found


def basis(entry: schema.TraitEntry) -> dict[str, Any]:
    """What a coding rests on."""
    return {
        "from": str(entry.from_),
        "basis": entry.basis,
        "own": is_own(entry.sources),
        "evidence": entry.evidence,
        "cutoff": entry.cutoff,
        "circularity": entry.circularity,
        "second": entry.second_coding,
        "sources": cards(entry.sources),
    }


def cards(references: list[str]) -> list[dict[str, str]]:
    """Sources as texts, with an address where there is one that a browser may follow."""
    found = []
    for reference in references:
        card = library.sources()[library.source_key(reference)].value
        address = card.url if (card.url or "").startswith(("https://", "http://")) else ""
        found.append({"key": reference, "text": card.text, "url": address or ""})
    return found


def inputs(scenario: Scenario) -> list[dict[str, Any]]:
    """World inputs that can be turned, as they stand when the scenario begins and where they end."""
    from sim import live

    found = []
    world = live.stage(scenario, 0)
    for name in TURNED:
        variable, entry = codebook()[name], library.world_inputs()[name].value
        for key in dict.fromkeys([*entry.values, *entry.assumed]):
            sign = "-" if variable.symmetric else ">"
            pair = tuple(library.state_code(part) for part in key.split(sign))
            if not set(pair) <= set(scenario.states):
                continue
            places = [world.labels["state"].index(code) for code in pair]
            series = [frame[places[0], places[1]].item() for frame in world.series[name]]
            first = scenario.start - world.span[0]
            names = [library.states()[code].value.name for code in pair]
            found.append(
                {
                    "name": name,
                    "key": key,
                    "label": LABELS[name].format(*names),
                    "meaning": variable.meaning,
                    "limits": list(variable.range),
                    "value": series[first],
                    "last": series[-1],
                    "basis": entry.basis,
                    "evidence": entry.derived,
                    "caveats": entry.caveats or "",
                    "sources": cards(list(entry.sources)),
                }
            )
    return found


def events(scenario: Scenario) -> list[dict[str, Any]]:
    """Events that do something and begin in the recorded quarters: their day can be moved."""
    first = quarters.first_day(scenario.start)
    return [
        {
            "name": name,
            "label": event.label,
            "from": str(event.from_),
            "until": str(event.until or ""),
            "why": event.why or "",
            "sources": cards(event.sources),
        }
        for name, event in scenario.events.items()
        if event.changes and event.from_ >= first
    ]
