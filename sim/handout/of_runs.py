"""The handout of one scenario, or of several side by side. Part of the handouts (floor 6)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim import quarters, words
from sim.errors import InputError
from sim.figures import DRAWN
from sim.handout import answers, causes, chart, ties, trust
from sim.handout.parts import ANYWHERE, PAGE, SLIDES, Finding, Handout
from sim.handout.pictures import finding
from sim.handout.shared import credit, day_of, identity, sources, versions
from sim.handout.ties import Tie
from sim.plots.alignment import headline_alignment
from sim.plots.captions import headline_fan, headline_fans, headline_heatmap
from sim.plots.phrases import LONG, spoken, upper
from sim.plots.sides import headline_sides
from sim.tables import Table, relations_table
from sim.words import signed

if TYPE_CHECKING:
    from sim.run import Results
    from sim.summary import Context


def home(states: Sequence[str]) -> str:
    """Whose relations a handout is about: Bangladesh, or the first state where it takes no part."""
    return "BGD" if "BGD" in states else states[0]


def of_run(results: Results) -> Handout:
    """The handout of one scenario."""
    scenario, context, state = results.scenario, results.context, home(results.scenario.states)
    every = ties.levels(results, state)
    asked = ties.asked_about(scenario.question, scenario.states, state)
    most = max(ties.of_partners(every, asked), key=lambda tie: abs(tie.move))
    span = f"{quarters.name(scenario.start)} to {quarters.name(scenario.until)}"
    return Handout(
        kind="run",
        title=scenario.title,
        question=scenario.question or scenario.title,
        about=f"{scenario.title} ({scenario.name}), {span}, {context.runs:,} simulated histories",
        answer=answers.of_run(results, state),
        findings=tuple(_findings(results, state, every, asked)),
        tables=(relations_table(results, state), *_observed(results, state)),
        chart=chart.of_runs([results], state, (most.partner, most.issue)),
        causes=causes.of_run(results, state, most),
        trust=trust.trust([scenario]),
        assumptions=trust.assumptions([scenario]),
        sources=sources([scenario]),
        commands=(str(results.manifest["command"]),),
        versions=versions([results.manifest]),
        identity=str(results.manifest["id"]),
        credit=credit(context),
        day=day_of([results.manifest]),
    )


def _findings(results: Results, state: str, every: Sequence[Tie], asked: Sequence[str]) -> list[Finding]:
    """The map, all fans (in parts that a slide has room for), one fan for each partner, the asked ones first."""
    context = results.context
    _, _, heat = DRAWN["heatmap"](results, "", "", "cooperation", [])
    found = [
        finding("heatmap", heat, context, headline_heatmap(heat, context)),
        Finding(_sure_headline(every), _sure(every, results), table=matrix(every, results), where=SLIDES),
    ]
    partners = sorted(dict.fromkeys(t.partner for t in every), key=lambda p: p not in asked)
    _, _, fans = DRAWN["fan"](results, "", "", "cooperation", [])
    for partner in partners:
        one = max((fan for fan in fans if fan.partner == partner), key=answers.reach)
        tie = next(t for t in every if (t.partner, t.issue) == (partner, one.issue))
        said = headline_fan(one, context) if len(one.quarters) >= LONG else tie_headline(tie, context)
        found.append(finding("fan", one, context, said, ANYWHERE if partner in asked else SLIDES))
    found += _votes_and_leanings(results, state)
    found.append(finding("fans", fans, context, headline_fans(fans, context), PAGE))
    return found


def _votes_and_leanings(results: Results, state: str) -> list[Finding]:
    """Toward whom the state leans, and with whom it votes, where the world has the powers and the votes for it."""
    found = []
    for shape, headline in (("alignment", headline_alignment), ("sides", headline_sides)):
        with suppress(InputError):
            _, _, summary = DRAWN[shape](results, f"{state}>{results.scenario.states[-1]}", "", "", [])
            found.append(finding(shape, summary, results.context, headline(summary, results.context)))
    return found


def tie_headline(tie: Tie, context: Context) -> str:
    """Where a tie goes, as a sentence.

    >>> from types import SimpleNamespace
    >>> names = SimpleNamespace(names={"RUS": "Russia", "diplomacy": "Diplomacy"})
    >>> tie_headline(Tie("RUS", "diplomacy", 0.07, -0.02, -0.44, 0.41), names)
    'Cooperation with Russia in diplomacy gets slightly cooler; above or below usual stays open'
    """
    change = words.change(tie.move)
    verb = "stays" if change == words.change(0.0) else "gets"
    side = "above or below usual stays open"
    if tie.clear:
        side = f"it ends {'above' if tie.low > 0 else 'below'} usual"
    return f"Cooperation {tie.named(context)} {verb} {change}; {side}"


def _sure_headline(every: Sequence[Tie]) -> str:
    clear = sum(tie.clear for tie in every)
    verb = "ends" if clear < 2 else "end"
    return f"{upper(str(clear or 'none'))} of {len(every)} ties {verb} clearly above or below the usual level"


def _sure(every: Sequence[Tie], results: Results) -> str:
    last = quarters.name(results.scenario.until)
    named = [f"{tie.named(results.context)} ({signed(tie.last)})" for tie in every if tie.clear]
    which = f": {', '.join(named[:6])}{' and others' if len(named) > 6 else ''}" if named else ""
    return (
        f"Medians of cooperation in {last} with 80 % intervals; in {len(named) or 'none'} of {len(every)} the interval leaves"
        f" out 0, the usual level (*){which}."
    )


def matrix(every: Sequence[Tie], results: Results) -> Table:
    """Issue areas by partners at the end, medians with 80 % intervals: what a slide has room for."""
    names, last = results.context.names, quarters.name(results.scenario.until)
    return grid(every, names, f"Cooperation in {last}", "Median and 80 % interval, index from -1 to 1; 0 = as usual.")


def grid(every: Sequence[Tie], names: dict[str, str], title: str, note: str) -> Table:
    """Ties as a table of issue areas by partners."""
    at = {(t.partner, t.issue): t for t in every}
    partners, issues = (tuple(dict.fromkeys(getattr(t, a) for t in every)) for a in ("partner", "issue"))
    rows = [
        (
            names[k],
            *(
                f"{signed(at[p, k].last)}{' *' * at[p, k].clear}\n{signed(at[p, k].low)} to {signed(at[p, k].high)}"
                for p in partners
            ),
        )
        for k in issues
    ]
    return Table(title, ("", *(names[p] for p in partners)), rows, note)


def _observed(results: Results, state: str) -> tuple[Table, ...]:
    """What can be held against a record: shares of arms orders and votes, where they are modelled."""
    table, names = results.table, results.context.names
    rows: list[tuple[str, ...]] = []
    for measure, what in (("order_share", "Share of arms orders"), ("vote_yes", "Yes in the UN")):
        own = table[(table.measure == measure) & (table.state == state)]
        for (partner, issue), found in own.groupby(["partner", "issue"], sort=False):
            start, end = found.iloc[0], found.iloc[-1]
            bounds = f"{_percent(end.q10)} to {_percent(end.q90)} %"
            rows.append((what, names[partner or issue], *(f"{_percent(q.q50)} %" for q in (start, end)), bounds))
    if not rows:
        return ()
    span = [quarters.name(q) for q in (results.scenario.start, results.scenario.until)]
    columns = ("What", "From whom, or on what", *span, "80 % interval")
    note = "Medians of expected shares and probabilities; roll calls of these years, where they come up first and last."
    return (Table(f"Arms orders and UN votes of {names[state]}", columns, rows, note),)


def _percent(share: Any) -> str:
    return f"{100 * share:.0f}"


# --- several scenarios ----------------------------------------------------------------------------------------------------


def of_runs(held: Sequence[Results]) -> Handout:
    """The handout of several scenarios side by side, each simulated on its own."""
    scenarios, state = [r.scenario for r in held], home(held[0].scenario.states)
    maps, lines = [], []
    for results in held:
        _, _, heat = DRAWN["heatmap"](results, "", "", "cooperation", [])
        context = results.context
        maps.append(finding("heatmap", heat, context, f"{context.title}: {headline_heatmap(heat, context)}"))
        lines.append(results.manifest)
    place = _widest(held, state)
    asked = "; ".join(dict.fromkeys(s.question for s in scenarios if s.question))
    first, shared = held[0].context, replace(held[0].context, manifest=identity(lines))
    fans = [
        finding("fan", DRAWN["fan"](r, f"{state}>{place.partner}", place.issue, "cooperation", [])[2], r.context,
                f"{r.scenario.title}: {_small(tie_headline(_same(r, state, place), r.context))}")
        for r in held
    ]  # fmt: skip
    return Handout(
        kind="runs",
        title=" · ".join(s.title for s in scenarios),
        question=f"What differs between {len(held)} scenarios for {first.names[state]}?",
        about=f"{len(held)} scenarios of {first.runs:,} simulated histories each. {asked}",
        answer=answers.of_runs(held, state),
        findings=(_side_by_side(held, state), *fans, *maps),
        tables=tuple(relations_table(r, state) for r in held),
        chart=chart.of_runs(held, state, (place.partner, place.issue)),
        causes=causes.of_runs(held, state),
        trust=trust.trust(scenarios),
        assumptions=trust.assumptions(scenarios),
        sources=sources(scenarios),
        commands=tuple(dict.fromkeys(str(m["command"]) for m in lines)),
        versions=versions(lines),
        identity=identity(lines),
        credit=credit(shared),
        day=day_of(lines),
    )


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _same(results: Results, state: str, place: Tie) -> Tie:
    return next(t for t in ties.levels(results, state) if (t.partner, t.issue) == (place.partner, place.issue))


def _widest(held: Sequence[Results], state: str) -> Tie:
    """The tie in which the scenarios end furthest apart."""
    every = [{(t.partner, t.issue): t for t in ties.levels(r, state)} for r in held]
    shared = [place for place in every[0] if all(place in found for found in every)]
    return every[0][max(shared, key=lambda p: max(f[p].last for f in every) - min(f[p].last for f in every))]


def _side_by_side(held: Sequence[Results], state: str) -> Finding:
    """Where every scenario ends, per partner: the tie that differs most."""
    every = [{(t.partner, t.issue): t for t in ties.levels(r, state)} for r in held]
    context, shared = held[0].context, [p for p in every[0] if all(p in found for found in every)]
    spread = {p: max(f[p].last for f in every) - min(f[p].last for f in every) for p in shared}
    places = [
        max((p for p in shared if p[0] == partner), key=lambda p: spread[p]) for partner in dict.fromkeys(p for p, _ in shared)
    ]
    rows = [
        (r.scenario.title, *(f"{signed(f[p].last)}\n{signed(f[p].low)} to {signed(f[p].high)}" for p in places))
        for r, f in zip(held, every, strict=True)
    ]
    columns = ("Scenario", *(f"{context.names[partner]}, {context.names[issue].lower()}" for partner, issue in places))
    note = "Per partner the tie in which the medians differ most: cooperation at the end, medians and 80 % intervals."
    widest = _widest(held, state)
    where = f"{spoken(widest.partner, context)} in {context.names[widest.issue].lower()}"
    headline = f"The scenarios end furthest apart with {where}"
    return Finding(headline, note, table=Table("Where the scenarios end", columns, rows, note))
