"""Scenario files: the shape in which one is written, and whether its time, its seats and its parameters make sense.

Floor 3. :mod:`sim.layers` lays a file on what it is based on, and :mod:`sim.scenario` has the whole checked here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from sim import fields, library, quarters
from sim.codebook import codebook
from sim.consistency import SILENT, check_issue, check_references
from sim.errors import InputError, nearest
from sim.fields import Day, Number, Quarter, Strict, Text, Texts, Truth, wrong
from sim.schema import Amount, Block, Contract, Event, Leader
from sim.yamlfile import Document

FIRST, LAST = quarters.quarter("1950Q1"), quarters.quarter("2100Q4")
"""Quarters that a run may span."""


class ContractChange(Strict):
    """What a scenario does to a contract."""

    cancel_on: Day | None = None
    delay_years: Annotated[Number, Field(ge=0, le=100)] | None = None
    size: Amount | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> ContractChange:
        if not self.model_dump(exclude_none=True):
            raise wrong("nothing is changed", "write cancel_on, delay_years or size, or take the entry out.")
        return self


class Seat(Strict):
    """Who leads a state from a day on."""

    leader: Text
    from_: Day = Field(alias="from")
    sources: Texts = []
    note: Text | None = None


class ScenarioFile(Strict):
    """A scenario as it is written, before it is laid on what it is based on."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_+.-]*$", max_length=120)]
    title: Text
    question: Text | None = None
    based_on: Text | None = None
    overlay: Truth = False
    differs: Text | None = None
    start: Quarter | None = None
    until: Quarter | None = None
    spin_up_from: Quarter | None = None
    seats: dict[Text, Annotated[list[Seat], Field(min_length=1)]] = {}
    events: Texts = []
    event_definitions: dict[fields.Name, Event] = {}
    inputs: dict[Text, dict[Text, Any]] = {}
    contracts: dict[Text, ContractChange] = {}
    contract_definitions: dict[fields.Name, Contract] = {}
    parameters: dict[Text, Any] = {}
    posterior: Text = "shipped"
    luck: Literal["drawn", "record"] = "drawn"
    switches: dict[Block, Literal["on", "off"]] = {}
    leaders: dict[Text, Any] = {}
    states: Texts = []
    cotenability: Texts = []
    sources: Texts = []
    assumptions: Texts = []
    note: Text | None = None

    @model_validator(mode="after")
    def _overlay_has_no_time(self) -> ScenarioFile:
        for key in ("start", "until", "spin_up_from", "seats") if self.overlay else ():
            if getattr(self, key):
                raise wrong(f"an overlay has no '{key}'", "take it out, or take 'overlay: true' out.", key)
        return self


def check_span(file: ScenarioFile, place: Document) -> tuple[int, int, int]:
    """First and last recorded quarter, and the first one simulated.

    Raises
    ------
    InputError : a time that is missing, that runs backward, or of which nothing is known
    """
    if file.start is None or file.until is None:
        missing = "start" if file.start is None else "until"
        raise InputError(
            f"neither the scenario nor its base says '{missing}'",
            where=place.where((missing,)),
            why="an overlay has no time of its own.",
            how=f"add based_on, or run it on top of a scenario: padma run bnp_government+{file.name}",
        )
    spin_up_from = file.start if file.spin_up_from is None else file.spin_up_from
    if file.until < file.start:
        written = [place.where((key,)) for key in ("until", "start")]  # whichever is nearer to who asked
        raise InputError(
            f"the last quarter {quarters.name(file.until)} is before the first {quarters.name(file.start)}",
            where=max(written, key=lambda where: (where.startswith("--"), where.startswith(place.path))),
            why="no quarter would be recorded.",
            how="choose a later 'until' or an earlier 'start'.",
        )
    if spin_up_from > file.start:
        raise InputError(
            f"'spin_up_from' is {quarters.name(spin_up_from)}, after the first quarter {quarters.name(file.start)}",
            where=place.where(("spin_up_from",)),
            why="the quarters in between would be recorded and not simulated.",
            how="choose an earlier 'spin_up_from' or a later 'start'.",
        )
    for key, quarter in (("spin_up_from", spin_up_from), ("start", file.start), ("until", file.until)):
        if not FIRST <= quarter <= LAST:
            raise InputError(
                f"'{key}' is {quarters.name(quarter)}",
                where=place.where((key,)),
                why="nothing that this model could compute from is known of that time.",
                how=f"choose a quarter from {quarters.name(FIRST)} to {quarters.name(LAST)}.",
            )
    return file.start, file.until, spin_up_from


def check_seats(file: ScenarioFile, place: Document, states: list[str], leaders: dict[str, Leader], first: int) -> None:
    """Who sits where: known leaders, in their own capitals, in order, from the first quarter on.

    Raises
    ------
    InputError : with the seat that does not fit
    """
    for code, entries in file.seats.items():
        for index, seat in enumerate(entries):
            keys = ("seats", code, index)
            if seat.leader not in leaders:
                library.lookup("leader", seat.leader, library.leaders(), place.where((*keys, "leader")))
            heads = library.state_code(leaders[seat.leader].heads)
            if heads != code:
                own = [slug for slug, leader in leaders.items() if library.state_code(leader.heads) == code]
                raise InputError(
                    f"'{seat.leader}' heads {heads}, not {code}",
                    where=place.where((*keys, "leader")),
                    why="images are coded from one capital; they mean nothing in another.",
                    how=f"seat one of: {', '.join(own) or 'nobody yet; add a file to scenarios/leaders'}.",
                )
            if index and seat.from_ <= entries[index - 1].from_:
                raise InputError(
                    f"'{seat.leader}' takes office on {seat.from_}, not after '{entries[index - 1].leader}'"
                    f" ({entries[index - 1].from_})",
                    where=place.where((*keys, "from")),
                    why="terms of office would overlap.",
                    how="put the seats in order of their days.",
                )
            check_references(seat.sources, place, (*keys, "sources"))
        if code in states and entries[0].from_ > quarters.first_day(first):
            raise InputError(
                f"nobody leads {code} before {entries[0].from_}, but the run begins in {quarters.name(first)}",
                where=place.where(("seats", code, 0, "from")),
                why="a gap in office would leave decisions without a decider.",
                how="seat somebody from the first day on.",
            )


def check_parameters(file: ScenarioFile, place: Document) -> None:
    """Fixed parameters: known names, numbers inside their ranges, issue areas where they vary by one.

    Raises
    ------
    InputError : with the parameter that does not fit
    """
    parameters = {name for name, v in codebook().items() if v.kind == "parameter"}
    for name, value in file.parameters.items():
        where = place.where(("parameters", name))
        if name not in parameters:
            raise InputError(f"'{name}' is not a parameter", where=where, why=SILENT, how=nearest(name, parameters))
        low, high = codebook()[name].range
        for issue, number in value.items() if isinstance(value, dict) else [("", value)]:
            spot = place.where(("parameters", name, issue)) if issue else where
            if issue and "issue" not in codebook()[name].axes:
                raise InputError(
                    f"'{name}' does not vary by issue area",
                    where=spot,
                    why="the entry would be silently without effect.",
                    how=f"write {name}: {number}.",
                )
            if issue:
                check_issue(str(issue), spot)
            if isinstance(number, dict):
                raise InputError(
                    f"the parameter '{name}' is set to a mapping",
                    where=spot,
                    why="a parameter is set for all states at once, and for an issue area where it varies by one.",
                    how=f"write {name}: 0.4" + (f", or {name}: {{trade: 0.4}}." if "issue" in codebook()[name].axes else "."),
                )
            if isinstance(number, bool) or not isinstance(number, int | float) or not low <= number <= high:
                raise InputError(
                    f"the parameter '{name}' is set to {number!r}",
                    where=spot,
                    why=f"it runs from {low:g} to {high:g} {codebook()[name].unit}.",
                    how="choose a number inside.",
                )


def check_end(name: str, day: date, signed: date, until: int, where: str) -> None:
    """Refuse the end of a contract that could have no effect.

    Raises
    ------
    InputError : before the signature, or after the last quarter
    """
    late = quarters.of_date(day) > until
    if late or day < signed:
        raise InputError(
            f"the contract '{name}' is cancelled on {day}, "
            + (f"after the last quarter {quarters.name(until)}" if late else f"before it is signed on {signed}"),
            where=where,
            why="it could have no effect." if late else "what is not signed binds nobody.",
            how="choose a day in between, or take the change out.",
        )


def check_taken(place: Document, seated: Iterable[str], listed: Iterable[str]) -> None:
    """Refuse changes of leaders who are never seated, and definitions of events that no list names.

    A leader written out in full is a definition like those of the library, and may wait for a seat. Settings hold for several
    scenarios at once, so :func:`sim.scenario.read_scenarios` looks at theirs.

    Raises
    ------
    InputError : with the first that nothing reads
    """
    why = "it would be silently without effect."
    for name, change in (place.content.get("leaders") or {}).items():
        where = place.where(("leaders", name))
        if change in ({}, {"traits": {}}):
            raise InputError(f"nothing of '{name}' is changed", where=where, why=why, how="take the entry out.")
        if name not in seated and not {"traits", "heads"} <= set(change) and not where.startswith("--"):
            how = f"seat this leader, or change one of: {', '.join(seated)}."
            raise InputError(f"'{name}' leads nobody in this run", where=where, why=why, how=how)
    for name in place.content.get("event_definitions") or {}:
        if name not in listed:
            where, how = place.where(("event_definitions", name)), f"add '{name}' to 'events'."
            raise InputError(f"'{name}' is defined here and not listed under 'events'", where=where, why=why, how=how)
