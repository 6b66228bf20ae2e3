"""How far results can be trusted: the back-test in short, losses included, and what rests on assumption.

Part of the handouts (floor 6). Reads what ships beside the posterior: ``backtest_short.json`` (made by
:mod:`calibration.held_out.short`) and the posterior's own ``card.json``. Computes no score.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from sim import library, posterior, provenance
from sim.findings import listed
from sim.handout.parts import Section
from sim.tables import Table
from sim.words import signed

if TYPE_CHECKING:
    from datetime import date

    from sim.scenario import Scenario

CALLED = {"votes": "UN votes", "arms": "arms orders", "trade": "trade"}
WEAK = 0.2
"""Contraction below which a number is an assumption, whatever the class of its parameter (the posterior's card says so)."""


@cache
def shipped(name: str) -> dict[str, Any]:
    """A document that ships beside the posterior."""
    return dict(json.loads(posterior.shipped().with_name(name).read_text(encoding="utf-8")))


def trust(scenarios: Sequence[Scenario]) -> Section:
    """How good the model is, as far as it concerns these scenarios."""
    short = shipped("backtest_short.json")
    tested = all(s.posterior and s.posterior.path == posterior.shipped() for s in scenarios)
    if not tested:
        which = "the priors" if all(s.posterior is None for s in scenarios) else "another posterior than the shipped one"
        apart = f"Not about these results. They rest on {which}; the back-test is of the posterior that ships with padma."
    texts = [] if tested else [apart]
    texts += _older(short["made_from"]) if tested else []
    brief = (*texts, _losses(short), _untested(), _coverage(short["coverage"]), _learned())
    texts += [*_contests(short), _losses(short), _coverage(short["coverage"]), _learned(), _untested()]
    won, tied, lost = ([c["verdict"] for c in short["contests"]].count(word) for word in ("wins", "ties", "loses"))
    headline = f"Against rival forecasts of the past the model wins {won} contests, ties {tied} and loses {lost}"
    return Section(headline, (*texts[:-2], _table(short), *texts[-2:]), brief=brief)


def _older(made_from: dict[str, str]) -> list[str]:
    """What to know where the back-test is older than rules or content."""
    today = {"rules": provenance.rules_hash(), "content": provenance.content_hash()}
    changed = [name for name, mark in today.items() if mark != made_from[name]]
    return (
        [f"Of an earlier state. {listed(changed, 'and').capitalize()} changed after the back-test was made."] if changed else []
    )


def _contests(short: dict[str, Any]) -> list[str]:
    """Won, tied and lost, a paragraph for each kind of outcome."""
    years = f"Each of {short['regimes']} regimes from 1975 on was forecast from the years before it, by the model and by rivals"
    lines = [
        f"Back-test. {years} that know less; leads in nats stand in brackets, and within two standard errors counts as a tie."
    ]
    for target, called in CALLED.items():
        found = [c for c in short["contests"] if c["target"] == target]
        said = [f"it {verdict} {_against(found, verdict)}" for verdict in ("wins", "ties", "loses") if _against(found, verdict)]
        lines += [f"{_upper(called)}. {_upper('; '.join(said))}."] if said else []
    return lines


def _against(found: list[dict[str, Any]], verdict: str) -> str:
    joint = {"wins": "against ", "ties": "with ", "loses": "against "}[verdict]
    named = [f"{c['against']} ({signed(c['lead'], 1)})" for c in found if c["verdict"] == verdict]
    return joint + listed(named, "and") if named else ""


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _losses(short: dict[str, Any]) -> str:
    text = (
        f"Losses. Over every measure and rival of the held-out regimes, {short['lost']} of {short['played']} contests are lost,"
        f" {short['lost_clearly']} of them by more than two standard errors; {short['fits']['done']} of"
        f" {short['fits']['planned']} fits of the back-test are done."
    )
    if rank := short["placebo"]:
        shuffled = "worse" if rank["p"] <= 0.05 else "as well"
        text += f" Images shuffled among the leaders fit the record they have seen {shuffled} (rank p {rank['p']:.2f}):"
        text += " the leaders' effect is plausible in size and sign and not proven out of sample."
    return text


def _coverage(coverage: dict[str, float]) -> str:
    levels, shares = (listed(numbers, "and") for numbers in ([*coverage], [f"{100 * s:.0f}" for s in coverage.values()]))
    gap = sum(share - float(level) / 100 for level, share in coverage.items()) / len(coverage)
    verdict = "about as they should be" if abs(gap) < 0.03 else "too narrow" if gap < 0 else "rather too wide than too narrow"
    return f"Intervals. In the back-test the {levels} % intervals held {shares} % of what came: they are {verdict}."


def _learned() -> str:
    """What the record says of leaders and of the system."""
    rows = {row["parameter"]: row for row in shipped("card.json")["parameters"]}
    parts = []
    for issue, called in (("diplomacy", "UN votes"), ("defence", "arms orders"), ("trade", "trade")):
        row = rows.get(f"leader_gain.small.{issue}")
        if row:
            parts.append(f"in {called} {signed(row['mean'])} (90 % interval {signed(row['q05'])} to {signed(row['q95'])})")
    weak = [name for name, row in rows.items() if name.startswith("system_gain.small.") and row["contraction"] < WEAK]
    system = " The record cannot tell the pull of the system from its prior in " if weak else ""
    named = listed([{"diplomacy": "votes", "defence": "arms"}.get(n.split(".")[-1], n.split(".")[-1]) for n in weak], "and")
    return (
        f"Leaders in the record. What a leader's image of a partner moves: {listed(parts, 'and')}.{system}{named}"
        + "." * bool(weak)
    )


def _untested() -> str:
    record = {"votes", "orders", "trade"}
    bare = [e.value.label.lower() for e in library.issues().values() if e.value.shows_in not in record]
    return (
        f"Never tested: {listed(bare, 'and')}."
        " No record stands behind them: their numbers follow from rules, priors and contracts."
    )


def _table(short: dict[str, Any]) -> Table:
    """Log scores of the model and its rivals."""
    columns = list(dict.fromkeys(key for row in short["scores"] for key in row if key not in ("target", "years")))
    rows = []
    for row in short["scores"]:
        best = max(row[c] for c in columns if c in row)
        cells = [f"{row[c]:.1f}{' *' if row[c] == best else ''}" if c in row else "–" for c in columns]
        rows.append((f"{_upper(CALLED[row['target']])}, {row['years']} years", *cells))
    note = f"Log scores in nats, summed over years; higher is better, * is best. {short['conditions']} Back-test {short['id']}."
    return Table(
        "Forecasts of the past", ("Record", *("Full model" if c == "full" else _upper(c) for c in columns)), rows, note
    )


def assumptions(scenarios: Sequence[Scenario]) -> Section:
    """Which share of the values rests on assumption or on judgements of this project alone."""
    traits = [*_traits(scenarios).values()]
    inputs = [entry.value for entry in library.world_inputs().values()]
    contracts = {name: c for s in scenarios for name, c in s.contracts.items()}
    effects = [change for s in scenarios for event in s.events.values() for change in event.changes]
    rows = [
        _row("Traits of the leaders in office", [e.basis for e in traits], own=sum(_own(e) for e in traits)),
        _row("Contracts", [c.basis for c in contracts.values()]),
    ]
    if effects:
        rows.append(_row("Effects of the scenario's events", [c.basis for c in effects]))
    count = sum(_dates(dated) for value in inputs for dated in value.values.values())
    judged = sum(_dates(dated) for value in inputs for dated in value.assumed.values())
    rows.append(("Dated values of world inputs", count + judged, judged, _percent(judged, count + judged), ""))
    parameters = shipped("card.json")["parameters"]
    drawn = all(s.posterior is None for s in scenarios)  # from their priors, whatever the record says
    weak = len(parameters) if drawn else [float(row["contraction"]) < WEAK for row in parameters].count(True)
    rows.append(("Parameters of the rules", len(parameters), weak, _percent(weak, len(parameters)), ""))
    own = [text for s in scenarios for text in s.assumptions]
    columns = ("Values", "Number", "Assumed", "Share", "Judged by this project alone")
    note = (
        "Assumed: labelled so by whoever entered the value; of parameters, those that the record has hardly moved from their"
        f" priors (contraction below {WEAK:g})."
    )
    share = _percent(sum(int(r[2]) for r in rows), sum(int(r[1]) for r in rows))
    headline = f"{share} of all values used are assumptions, of the parameters {_percent(weak, len(parameters))}"
    return Section(headline, (Table("What rests on assumption", columns, rows, note),), tuple(dict.fromkeys(own)))


def _traits(scenarios: Sequence[Scenario]) -> dict[tuple[str, str, date], Any]:
    """Every dated trait value of every leader in office, each once."""
    return {
        (leader.name, label, entry.from_): entry
        for scenario in scenarios
        for leader in provenance.seated(scenario)
        for label, _, entries in leader.traits.each()
        for entry in entries
    }


def _own(entry: Any) -> bool:
    return entry.basis != "assumption" and provenance.is_own(entry.sources)


def _row(what: str, bases: Sequence[str], own: int | str = "") -> tuple[Any, ...]:
    assumed = sum(basis == "assumption" for basis in bases)
    return what, len(bases), assumed, _percent(assumed, len(bases)), own or ""


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def _dates(dated: Any) -> int:
    return len(dated) if isinstance(dated, dict) else 1
