"""The catalogue: what exists, as lists. What is known of one entry stands in :mod:`sim.cards`.

Floor 6. Consumes checked content; never the engine. Cells are plain data, so that the same rows serve screen and ``--json``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sim import library, posterior, priors, provenance, quarters
from sim.codebook import codebook
from sim.errors import InputError, nearest
from sim.measures import MEASURES
from sim.scenario import read_scenario
from sim.schema import TraitEntry
from sim.tables import Table


def _scenarios() -> Table:
    rows = []
    for name in library.scenario_names():
        scenario = read_scenario(name)
        kind = "overlay" if scenario.chain[0] == name and library.is_overlay(name) else "scenario"
        span = f"{quarters.name(scenario.start)} to {quarters.name(scenario.until)}"
        rows.append((name, kind, span, scenario.question))
    return Table(
        "Scenarios", ("name", "kind", "quarters", "question"), rows, "padma run NAME; overlays: padma run SCENARIO+OVERLAY"
    )


def _leaders() -> Table:
    rows = []
    for slug, entry in library.leaders().items():
        leader = entry.value
        entries = [e for _, _, history in leader.traits.each() for e in history]
        guesses = sum(e.basis == "assumption" for e in entries)
        rows.append((slug, leader.name, library.state_code(leader.heads), leader.party, guesses, len(entries)))
    rows.sort(key=lambda row: (list(library.states()).index(row[2]), row[0]))
    total = trait_values()
    note = f"{assumed(total)} {agreement(total)}"
    return Table("Leaders", ("name", "who", "heads", "party", "assumed values", "values"), rows, note)


def trait_values() -> list[TraitEntry]:
    """Every dated trait value of every leader."""
    return [e for entry in library.leaders().values() for _, _, history in entry.value.traits.each() for e in history]


def assumed(entries: Sequence[TraitEntry]) -> str:
    """How many trait values rest on assumption, as a sentence."""
    count, n = sum(e.basis == "assumption" for e in entries), len(entries)
    own = sum(e.basis != "assumption" and provenance.is_own(e.sources) for e in entries)
    more = f", {own} more ({100 * own / n:.0f} %) on judgements of this project alone" if own else ""
    return f"{count} of {n} trait values ({100 * count / n:.0f} %) rest on assumption{more}."


def agreement(entries: Sequence[TraitEntry]) -> str:
    """How far two coders agree where two coded independently, as a sentence.

    The mean distance of the two values on the scale of the traits, and how often the second lies in the range of the first.
    """
    pairs = [(e.value, e.second_coding, e.range) for e in entries if e.second_coding is not None]
    if not pairs:
        return "No value has a second, independent coding."
    apart = sum(abs(first - second) for first, second, _ in pairs) / len(pairs)
    inside = sum(low <= second <= high for _, second, (low, high) in pairs)
    within = f"{inside} of {len(pairs)} second codings inside the range"
    return f"Two coders: {len(pairs)} values, {apart:.2f} apart on average, {within}."


def _states() -> Table:
    rows = [(code, e.value.name, "power" if e.value.power else "small state") for code, e in library.states().items()]
    return Table("States", ("code", "name", "role"), rows)


def _issues() -> Table:
    rows = [
        (key, e.value.meaning, e.value.lifetime.value, e.value.exposure.value, e.value.shows_in)
        for key, e in library.issues().items()
    ]
    return Table("Issue areas", ("name", "meaning", "life of a contract (years)", "exposure to sanctions", "shows in"), rows)


def _events() -> Table:
    rows = [(key, e.value.label, str(e.value.from_), len(e.value.changes)) for key, e in library.events().items()]
    return Table("Events", ("name", "label", "from", "changes"), rows)


def _contracts() -> Table:
    rows = [
        (
            key,
            e.value.label,
            f"{e.value.dyad} {e.value.issue}",
            str(e.value.signed),
            e.value.size,
            e.value.lifetime_years,
        )
        for key, e in library.contracts().items()
    ]
    return Table("Contracts in force", ("name", "what", "dyad", "signed", "size", "life (years)"), rows)


def _variables() -> Table:
    rows = [(v.name, v.kind, list(v.axes) or "world", v.unit, v.meaning) for v in codebook().values()]
    return Table("Codebook", ("name", "kind", "varies by", "unit", "meaning"), rows)


def _sources() -> Table:
    rows = [(key, e.value.kind, e.value.text) for key, e in library.sources().items()]
    return Table("Sources", ("key", "kind", "reference"), rows)


def _parameters() -> Table:
    rows = [
        (name, p.block or "-", p.classes, codebook()[name].unit, p.laws, learned(name))
        for name, p in priors.parameters().items()
    ]
    held = posterior.find(posterior.SHIPPED)
    note = "A meant to be learned from the record, B partly, C prior only. Learned: posterior median (90 % interval); "
    note += f"{held.label}; calibration/posterior/README.md says what moved." if held else priors.LABEL + "."
    return Table("Parameters", ("name", "block", "class", "unit", "prior (before a fit)", "learned"), rows, note)


def learned(name: str) -> dict[str, dict[str, float]]:
    """Posterior quantiles of a parameter, by what it varies by; empty where the record says nothing."""
    held, found = posterior.find(posterior.SHIPPED), {}
    for site, values in held.values.items() if held else ():
        if held and site.split(".")[0] == name:
            rest = " ".join(site.split(".")[1:])
            columns = zip(held.powers, values.T, strict=True) if values.ndim > 1 else [("", values)]
            for power, draws in columns:
                low, middle, high = (round(float(q), 4) for q in np.quantile(draws, [0.05, 0.5, 0.95]))
                found[f"{rest} {power}".strip()] = {"q05": low, "q50": middle, "q95": high}
    return found


def _measures() -> Table:
    rows = [(m.name, m.unit, list(m.axes), m.meaning) for m in MEASURES.values()]
    return Table("Measures", ("name", "unit", "varies by", "meaning"), rows)


def episodes(name: str = "") -> Table:
    """Dated acts of the record; with a name those of one source text, government, state, dyad, issue area, year or act.

    Raises
    ------
    InputError : nothing is found under the name; the message carries the nearest one
    """
    every = library.record_table("episodes")
    acts = [act for act in every if not name or name in _found_under(act)]
    if not acts:
        known = {key for act in every for key in _found_under(act)}
        raise InputError(f"no dated act is found under '{name}'", where="padma show episodes", how=nearest(name, known))
    if len(acts) == 1 and acts[0]["id"] == name:
        return Table(name, ("", ""), [(key, value) for key, value in acts[0].items() if value])
    rows = [
        (a["id"], a["issue"], float(a["goldstein"]), a["head_of_government"], a["text"], a["from_text"], a["note"])
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
    "episodes": episodes,
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
