"""What drove it: pressures and readings from the stored tables, and why the ties that matter most stand where they do.

Part of the handouts (floor 6). The explanations are those of ``padma explain``: the same runs, had again from scenario and
seed, as long as rules and content are still the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import comparison, provenance, quarters, words
from sim.errors import InputError
from sim.explain import MEAN_OVER, Explanation, explain
from sim.handout.parts import Section
from sim.plots.phrases import spoken
from sim.tables import Table
from sim.words import signed

if TYPE_CHECKING:
    from sim.comparison import Pair
    from sim.handout.ties import Tie
    from sim.run import Results
    from sim.scenario import Scenario
    from sim.summary import Context

PUSHES = {"system_push": "System", "leader_push": "Leader"}
"""The two forces that the theory sets beside each other, as measures."""

CHANGED = "Why, run by run: rules or content have changed since these results were made, so their runs cannot be had again."


def of_run(results: Results, state: str, tie: Tie) -> Section:
    """Pressures and readings of every partner, and the explanation of one tie."""
    context, when = results.context, quarters.name(results.scenario.until)
    rows = results.table[(results.table.state == state) & (results.table.quarter == when)]
    at = rows.set_index(["measure", "partner", "issue"])["q50"]
    pushes = {name: np.abs(rows.loc[rows.measure == name, "q50"]).mean() for name in PUSHES}
    headline = _heavier(pushes["leader_push"], pushes["system_push"])
    table = _pushes(at, results.scenario, state, when, context)
    size = (
        f"Size. Over all ties of {context.names[state]} in {when}, what the leader's images of the partners add is"
        f" {pushes['leader_push']:.2f} log points in the mean, what the pull of the system adds once it is heard"
        f" {pushes['system_push']:.2f} (sizes of medians; below {words.ROPE:g} counts as hardly anything)."
    )
    try:
        provenance.check_same_model(results.manifest, results.scenario)
    except InputError:
        return Section(headline, (size, table, CHANGED), brief=(size,))
    told = _explained(results.scenario, results.manifest, state, tie)
    why = _paragraphs(told, context.runs)
    brief = (size, f"{why[0].split('. Means')[0]}. {why[2].removeprefix('Perception. ')}")
    return Section(headline, (size, table, *why, *_others(told, context, tie)), brief=brief)


def _heavier(leader: float, system: float) -> str:
    if max(leader, system) < 1.5 * min(leader, system):
        return "The leader's images and the pull of the system weigh about the same"
    first, second = ("The leader's images weigh", "the pull of the system") if leader > system else (
        "The pull of the system weighs", "the leader's images"
    )  # fmt: skip
    return f"{first} more than {second}{', and neither weighs much' if max(leader, system) < words.ROPE else ''}"


def _pushes(at: Any, scenario: Scenario, state: str, when: str, context: Context) -> Table:
    """Both forces for every partner and issue area."""
    rows = []
    for partner in [p for p in scenario.states if p != state]:
        pressure = signed(float(at["pressure", partner, ""]))
        for name, label in PUSHES.items():
            numbers = [signed(float(at[name, partner, issue])) for issue in scenario.issues]
            rows.append((context.names[partner], label, *numbers, pressure if name == "system_push" else ""))
    columns = ("Toward", "What pushes", *(context.names[k] for k in scenario.issues), "Pressure")
    note = (
        f"Medians in {when}; pushes in log points: above zero toward the partner, below away from it. Pressure: the pull of the"
        " partner before anybody interprets it, in standard deviations."
    )
    return Table(f"What pushes {context.names[state]}", columns, rows, note)


def _explained(scenario: Scenario, manifest: dict[str, Any], state: str, tie: Tie) -> Explanation:
    runs, seed, when = int(manifest["runs"]), int(manifest["seed"]), quarters.name(scenario.until)
    return explain(scenario, seed, runs, state=state, partner=tie.partner, issue=tie.issue, quarter=when)


def _paragraphs(told: Explanation, runs: int, world: str = "") -> list[str]:
    """The explanation, its first line as a run-in heading."""
    head, *lines = told.text.split("\n")
    where = f", in “{world}”" if world else ""
    return [f"{head}{where}. Means of the first {min(runs, MEAN_OVER)} runs, in log points unless a unit is given.", *lines]


def _others(told: Explanation, context: Context, tie: Tie) -> tuple[Table, ...]:
    """Who else could have sat there, with the same luck."""
    if not told.alternatives:
        return ()
    rows = [(a.name, signed(a.stance), signed(a.difference), words.change(a.difference)) for a in told.alternatives]
    where = f"toward {spoken(tie.partner, context)} in {context.names[tie.issue].lower()}"
    note = f"Stance {where} in {told.quarter}, index from -1 to 1, if somebody else had the seat from {told.since} on."
    columns = ("Another leader, the same luck", "Stance", "Difference", "In words")
    return (Table(f"Who else could have sat there: {where}", columns, rows, note),)


# --- of paired worlds -----------------------------------------------------------------------------------------------------


def of_pair(pair: Pair, name: str, tie: Tie) -> Section:
    """What the worlds differ in, and the tie that differs most explained in both."""
    context, base = pair.context(name), pair.scenarios[0]
    other = next(s for s in pair.scenarios if s.name == name)
    texts = [f"{s.title}. {_differs(s)}" for s in pair.scenarios]
    headline = _seats(pair, context)
    runs, seed = int(pair.manifest["runs"]), int(pair.manifest["seed"])
    if comparison.identity(pair.scenarios, runs, seed, pair.state) != pair.manifest["id"]:
        return Section(headline, (*texts, CHANGED), brief=tuple(texts))
    brief = tuple(texts)
    told = {s.title: _explained(s, pair.manifest, pair.state, tie) for s in (base, other)}
    for title, found in told.items():
        texts += _paragraphs(found, runs, title)
    return Section(headline, (*texts, *_others(told[base.title], context, tie)), brief=brief)


def _differs(scenario: Scenario) -> str:
    """What a scenario says of itself, as a sentence."""
    text = (scenario.differs or scenario.question or "").strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def _seats(pair: Pair, context: Context) -> str:
    """What the worlds differ in: who governs at the end, if that differs."""
    last = quarters.last_day(pair.scenarios[0].until)
    held = [s.leader_on(pair.state, last) for s in pair.scenarios]
    names = [s.leaders[slug].name if slug else "nobody in particular" for s, slug in zip(pair.scenarios, held, strict=True)]
    if len(set(names)) == 1:
        return f"What differs is what the scenarios say; the same leader governs {context.names[pair.state]}"
    return f"What differs is who governs {context.names[pair.state]}: {' or '.join(dict.fromkeys(names))}"


def of_runs(held: Sequence[Results], state: str) -> Section:
    """How heavy both forces are in each of several scenarios."""
    rows = []
    for results in held:
        when = quarters.name(results.scenario.until)
        end = results.table[(results.table.state == state) & (results.table.quarter == when)]
        sizes = [f"{np.abs(end.loc[end.measure == name, 'q50']).mean():.2f}" for name in PUSHES]
        leader = results.context.leaders.get(state, ())
        rows.append((results.scenario.title, leader[-1].label if leader else "nobody in particular", *sizes))
    note = "Mean size of the medians over all ties at the end, in log points; 0.25 counts as hardly anything."
    columns = ("Scenario", "In office at the end", "Push of the system", "Push of the leader's images")
    texts = tuple(f"{r.scenario.title}. {_differs(r.scenario)}" for r in held)
    table = Table("What pushes in each scenario", columns, rows, note)
    return Section("Who governs differs, and with it the push of the leader's images", (*texts, table), brief=texts)
