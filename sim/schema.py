"""The shape of every YAML file a coder writes, checked before anything is computed.

Floor 3. Pydantic checks; :mod:`sim.validate` words the findings; :mod:`sim.consistency` compares files with each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from sim import fields
from sim.codebook import codebook
from sim.errors import nearest
from sim.fields import Basis, Day, Number, Once, Quarter, Sources, Strict, Text, Texts, Valued, contains, ordered, within, wrong

Circularity = Literal["low", "medium", "high"]
Answer = Literal["yes", "no", "abstain", "absent"]
Subject = Literal["palestine", "disarmament"]
Block = Literal["system", "leader", "domestic", "commitments", "response", "chance"]

Amount = Annotated[Number, Field(ge=0, le=100)]
"""Size of a contract."""

RECORD_BEGINS = date(1972, 1, 1)
"""What was known of a leader before is no hindsight: no act of the record is older."""

HINDSIGHT = 12
"""Months of evidence after a coding's first day that still count as contemporary: first speeches, first programme."""


class TraitEntry(Valued):
    """A leader's trait from a date on."""

    from_: Day = Field(alias="from")
    evidence: Text
    cutoff: fields.Month
    circularity: Circularity
    coded_by: Sources
    checked_on: Day
    second_coding: Number | None = None

    @property
    def hindsight(self) -> int:
        """Months from the first day that counts (the model begins in 1972) to the end of the evidence; below one: none."""
        begins = max(self.from_, RECORD_BEGINS)
        year, month = (int(part) for part in self.cutoff.split("-"))
        return 12 * (year - begins.year) + month - begins.month

    @model_validator(mode="after")
    def _honest_about_hindsight(self) -> TraitEntry:
        if self.hindsight > HINDSIGHT and self.circularity == "low":
            what = f"the evidence runs to {self.cutoff}, {self.hindsight} months after {self.from_}, with circularity 'low'"
            raise wrong(what, "code from what was known by then, or write circularity: medium or high.", "circularity")
        if f"{self.checked_on:%Y-%m}" < self.cutoff:
            what = f"it was checked on {self.checked_on}, before the evidence ends ({self.cutoff})"
            raise wrong(what, "correct one of the two.", "checked_on")
        return self


TraitHistory = Annotated[list[TraitEntry], Field(min_length=1)]


class Traits(Strict):
    """The traits of a leader; each a list of dated entries."""

    image_of: dict[Text, TraitHistory]
    insecurity: TraitHistory
    economic_priority: TraitHistory
    assertiveness: TraitHistory

    @model_validator(mode="after")
    def _within_codebook(self) -> Traits:
        for label, trait, entries in self.each():
            low, high = codebook()[trait].range
            for index, entry in enumerate(entries):
                place = (*label.split(".", 1), index)
                within(entry.range, (low, high), trait, *place)
                second = entry.second_coding
                if second is not None and not low <= second <= high:
                    text = f"the second coding {second:g} leaves [{low:g}, {high:g}], where {trait} runs"
                    raise wrong(text, "choose a value inside.", *place, "second_coding")
                if entry.from_ in [earlier.from_ for earlier in entries[:index]]:
                    raise wrong(f"two entries hold from {entry.from_}", "keep one of them.", *place)
        return self

    def each(self) -> Iterable[tuple[str, str, list[TraitEntry]]]:
        """Label, trait and entries of every history, images one by one."""
        for partner, entries in self.image_of.items():
            yield f"image_of.{partner}", "image_of", entries
        for trait in ("insecurity", "economic_priority", "assertiveness"):
            yield trait, trait, getattr(self, trait)


class Leader(Strict):
    """Whoever sits in office: a person, or a described kind of government."""

    name: Text
    heads: Text
    party: Text
    summary: Text
    traits: Traits
    note: Text | None = None


class State(Strict):
    """A country. ``inputs`` are for a state that the world files do not cover; what is left out takes its default."""

    name: Text
    iso3: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    adjective: Text
    power: fields.Truth
    sources: Sources
    note: Text | None = None
    inputs: dict[Text, Any] = {}


class Issue(Strict):
    """An issue area."""

    label: Text
    meaning: Text
    exposure: Valued
    lifetime: Annotated[Valued, AfterValidator(fields.in_years)]
    unilateral: Literal[0, 1]
    priority_sign: Literal[-1, 1]
    shock: Literal["normal", "student_t4"]
    shows_in: Literal["votes", "orders", "trade", "aid", "none"]

    @model_validator(mode="after")
    def _inside_their_scales(self) -> Issue:
        for name in ("exposure", "lifetime"):
            held: Valued = getattr(self, name)
            low, high = codebook()[name].range
            if not low <= held.range[0] <= held.range[1] <= high:
                what = f"its value or range leaves the scale, which runs from {low:g} to {high:g}"
                raise wrong(what, "choose a value and a range inside.", name)
        return self


class Card(Strict):
    """A source."""

    text: Text
    kind: Literal["book", "article", "dataset", "press", "page", "document", "judgement", "chapter", "report"]
    year: Annotated[int, Field(ge=1000, le=2100)] | None = None
    url: fields.Address | None = None
    note: Text | None = None
    bibtex: dict[Text, Text] | None = None
    licence: Text | None = None


class Change(Strict):
    """What an event does to one world input."""

    input: Text
    of: Text | None = None
    toward: Text | None = None
    issue: Text | None = None
    set: Number | None = None
    add: Number | None = None
    scale: Annotated[Number, Field(ge=0, le=100)] | None = None
    fade_years: Annotated[Number, Field(ge=0, le=200)] = 0.0
    range: tuple[Number, Number] | None = None
    basis: Basis
    sources: Texts = []
    note: Text | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Change:
        sizes = [x for x in (self.set, self.add, self.scale) if x is not None]
        if len(sizes) != 1:
            raise wrong("exactly one of 'set', 'add' and 'scale' is expected", "keep the one you mean.")
        if self.add == 0 or self.scale == 1:
            raise wrong(
                "it changes nothing", "write another size, or take the change out.", "add" if self.add == 0 else "scale"
            )
        if self.range and not self.range[0] <= sizes[0] <= self.range[1]:
            raise wrong(f"the range {list(self.range)} does not contain the size {sizes[0]}")
        if self.fade_years and self.add is None:
            raise wrong("'fade_years' goes with 'add' only", "take it out, or write 'add'.", "fade_years")
        variable = codebook().get(self.input)
        if variable is None or variable.kind != "input" or self.input in ("step", "scheduled"):
            raise wrong(f"'{self.input}' is not a world input", nearest(self.input, input_names()), "input")
        for key, axis in (("of", "state"), ("toward", "partner"), ("issue", "issue")):
            if (axis in variable.axes) != (getattr(self, key) is not None):
                verb, how = ("needs", "add") if axis in variable.axes else ("has no place for", "take out")
                raise wrong(f"the input '{self.input}' {verb} '{key}'", f"{how} '{key}'.", key)
        return self


def input_names() -> list[str]:
    """World inputs that a file may set."""
    return [n for n, v in codebook().items() if v.kind == "input" and n not in ("step", "scheduled")]


class Event(Strict):
    """A dated event: a mark in figures and changes of world inputs."""

    label: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(fields.written)]
    from_: Day = Field(alias="from")
    until: Day | None = None
    powers: Texts = []
    why: Text | None = None
    changes: Annotated[list[Change], Once] = []
    sources: Sources

    @model_validator(mode="after")
    def _in_order(self) -> Event:
        ordered(self.from_, self.until, "from", "until")
        if self.until == self.from_:
            what = f"it ends on its first day ({self.from_}), which no quarter would feel"
            raise wrong(what, "write its last day; a quarter means its first day.", "until")
        return self


class Stage(Strict):
    """What falls due under a contract on a day, for the reader; the model runs a contract down by its lifetime."""

    on: Day
    what: Text


class Contract(Strict):
    """A commitment in being: what was signed, when, how large, and how long it binds."""

    name: fields.Name
    label: Text
    dyad: Text
    issue: Text
    signed: Day
    amount: Annotated[dict[Text, Any], AfterValidator(fields.published)] | None = None
    size: Amount
    range: tuple[Amount, Amount]
    lifetime_years: Annotated[Number, Field(gt=0, le=200)]
    ends: Day | None = None
    schedule: Annotated[list[Stage], Once] = []
    basis: Basis
    sources: Sources
    note: Text | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Contract:
        ordered(self.signed, self.ends, "signed", "ends")
        if self.ends == self.signed:
            raise wrong("'ends' is the day on which it is signed", "a contract binds for a day or more.", "ends")
        contains(self.range, self.size, "size")
        return self


class Lean(Strict):
    """How the rest of the Assembly leans on a kind of text."""

    value: Number
    range: tuple[Number, Number]
    note: Text | None = None

    @model_validator(mode="after")
    def _within_codebook(self) -> Lean:
        within(self.range, codebook()["assembly"].range, "assembly")
        contains(self.range, self.value, "value")
        return self


class RollCall(Strict):
    """A kind of General Assembly text that comes to a recorded vote again and again."""

    label: Text
    description: Text
    issue_text: Text | None = None
    from_: Quarter = Field(alias="from")
    until: Quarter | None = None
    season: Annotated[list[Annotated[int, Field(ge=1, le=4)]], Field(min_length=1), Once] = [4]
    assembly: Lean
    subjects: Annotated[list[Subject], Once] = []
    votes: dict[Text, Answer]
    basis: Basis
    sources: Sources
    examples: Texts = []
    record: dict[Answer, Annotated[int, Field(ge=0)]] = {}
    note: Text | None = None

    @model_validator(mode="after")
    def _in_order(self) -> RollCall:
        ordered(self.from_, self.until, "from", "until")
        return self


class WorldInput(Strict):
    """A file of ``scenarios/world``: one exogenous input as dated values."""

    variable: Text
    description: Text
    unit: Text
    axes: Annotated[list[Literal["state", "partner", "issue"]], Once] = []
    symmetric: fields.Truth = False
    range: tuple[Number, Number] | None = None
    basis: Basis
    sources: Sources
    derived: Text
    caveats: Text | None = None
    coverage: Text
    checksum: Text
    values: dict[Text, Any] = {}
    assumed: dict[Text, Any] = {}
    window: Text | None = None

    @property
    def counts(self) -> tuple[int, int]:
        """How many values stand in the file: from data, and by judgement."""
        parts = (self.values, self.assumed)
        data, judged = (sum(len(dated) if isinstance(dated, dict) else 1 for dated in part.values()) for part in parts)
        return data, judged
