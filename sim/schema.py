"""The shape of every YAML file a coder writes, checked before anything is computed.

Floor 3. Pydantic checks types and ranges; :func:`validate` turns its findings into padma's four-part messages with file and
line. Nothing here knows a particular state, leader or number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from sim import quarters
from sim.codebook import codebook
from sim.errors import InputError, nearest
from sim.yamlfile import Document

Basis = Literal["dataset", "speech-coding", "expert", "proxy", "assumption"]
Circularity = Literal["low", "medium", "high"]
Block = Literal["system", "leader", "domestic", "commitments", "response", "chance"]
BLOCKS: tuple[str, ...] = ("system", "leader", "domestic", "commitments", "response", "chance")


def _as_day(value: object) -> date:
    try:
        return value if isinstance(value, date) else quarters.day(value)
    except InputError as error:
        raise ValueError(f"{error.what}; {error.how}") from None


def _as_quarter(value: object) -> int:
    try:
        return value if isinstance(value, int) and value > 3000 else quarters.quarter(value)
    except InputError as error:
        raise ValueError(f"{error.what}; {error.how}") from None


Day = Annotated[date, BeforeValidator(_as_day)]
Quarter = Annotated[int, BeforeValidator(_as_quarter)]
Number = Annotated[float, Field(allow_inf_nan=False, strict=True)]
Text = Annotated[str, BeforeValidator(lambda v: str(v) if isinstance(v, int | float) else v), Field(min_length=1, max_length=4000)]
Sources = Annotated[list[Text], Field(min_length=1)]


class Strict(BaseModel):
    """Base of all schemas: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Valued(Strict):
    """A number with its range, basis and sources: how every number enters the model."""

    value: Number
    range: tuple[Number, Number]
    basis: Basis
    sources: Sources
    unit: Text | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _range_holds_value(self) -> Valued:
        low, high = self.range
        if not low <= self.value <= high:
            raise ValueError(f"the range [{low}, {high}] does not contain the value {self.value}")
        return self


class TraitEntry(Valued):
    """A leader's trait from a date on."""

    from_: Day = Field(alias="from")
    evidence: Text
    cutoff: Text
    circularity: Circularity
    coded_by: list[Text] = Field(min_length=1)
    checked_on: Day
    second_coding: Number | None = None


def _latest_last(entries: list[TraitEntry]) -> list[TraitEntry]:
    days = [entry.from_ for entry in entries]
    if len(set(days)) < len(days):
        raise ValueError(f"two entries hold from {max(d for d in days if days.count(d) > 1)}")
    return sorted(entries, key=lambda entry: entry.from_)


TraitHistory = Annotated[list[TraitEntry], Field(min_length=1), BeforeValidator(lambda v: v)]


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
            for entry in _latest_last(entries):
                if not (low <= entry.range[0] and entry.range[1] <= high):
                    raise ValueError(f"the range {list(entry.range)} of {label} leaves [{low:g}, {high:g}]")
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
    """A country. ``inputs`` are for a state that the shipped world files do not cover; what is left out takes its default."""

    name: Text
    iso3: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    adjective: Text
    power: bool
    sources: Sources
    note: Text | None = None
    inputs: dict[Text, Any] = {}


class Issue(Strict):
    """An issue area."""

    label: Text
    meaning: Text
    exposure: Valued
    lifetime: Valued
    unilateral: Literal[0, 1]
    priority_sign: Literal[-1, 1]
    shock: Literal["normal", "student_t4"]
    shows_in: Literal["votes", "orders", "trade", "aid", "none"]


class Card(Strict):
    """A source."""

    text: Text
    kind: Literal["book", "article", "dataset", "press", "page", "document", "judgement", "chapter", "report"]
    year: int | None = None
    url: Text | None = None
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
    scale: Number | None = None
    fade_years: Annotated[Number, Field(ge=0)] = 0.0
    range: tuple[Number, Number] | None = None
    basis: Basis
    sources: list[Text] = []
    note: Text | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Change:
        sizes = [x for x in (self.set, self.add, self.scale) if x is not None]
        if len(sizes) != 1:
            raise ValueError("give exactly one of 'set', 'add' and 'scale'")
        if self.range and not self.range[0] <= sizes[0] <= self.range[1]:
            raise ValueError(f"the range {list(self.range)} does not contain the size {sizes[0]}")
        if self.fade_years and self.add is None:
            raise ValueError("'fade_years' goes with 'add' only")
        variable = codebook().get(self.input)
        if variable is None or variable.kind != "input" or self.input in ("step", "scheduled"):
            raise ValueError(f"'{self.input}' is not a world input; {nearest(self.input, input_names())}")
        for key, axis in (("of", "state"), ("toward", "partner"), ("issue", "issue")):
            if (axis in variable.axes) != (getattr(self, key) is not None):
                verb = "needs" if axis in variable.axes else "has no place for"
                raise ValueError(f"the input '{self.input}' {verb} '{key}'")
        return self


def input_names() -> list[str]:
    """World inputs that a file may set."""
    return [n for n, v in codebook().items() if v.kind == "input" and n not in ("step", "scheduled")]


class Event(Strict):
    """A dated event: a mark in figures and changes of world inputs."""

    label: Annotated[str, Field(min_length=1, max_length=40)]
    from_: Day = Field(alias="from")
    until: Day | None = None
    powers: list[Text] = []
    why: Text | None = None
    changes: list[Change] = []
    sources: Sources

    @model_validator(mode="after")
    def _in_order(self) -> Event:
        if self.until and self.until < self.from_:
            raise ValueError("'until' is before 'from'")
        return self


class Contract(Strict):
    """A commitment in being: what was signed, when, how large, and how long it binds."""

    name: Text
    label: Text
    dyad: Text
    issue: Text
    signed: Day
    amount: dict[Text, Any] | None = None
    size: Annotated[Number, Field(ge=0, le=100)]
    range: tuple[Number, Number]
    lifetime_years: Annotated[Number, Field(gt=0, le=200)]
    schedule: list[dict[Text, Text]] = []
    basis: Basis
    sources: Sources
    note: Text | None = None

    @model_validator(mode="after")
    def _range_holds_size(self) -> Contract:
        if not self.range[0] <= self.size <= self.range[1]:
            raise ValueError(f"the range {list(self.range)} does not contain the size {self.size}")
        return self


class ContractChange(Strict):
    """What a scenario does to a contract."""

    cancel_on: Day | None = None
    delay_years: Number | None = None
    size: Number | None = None


class RollCall(Strict):
    """A kind of General Assembly text that comes to a recorded vote again and again."""

    label: Text
    description: Text
    issue_text: Text | None = None
    from_: Quarter = Field(alias="from")
    until: Quarter | None = None
    season: list[Annotated[int, Field(ge=1, le=4)]] = [4]
    assembly: dict[Text, Any]
    votes: dict[Text, Literal["yes", "no", "abstain", "absent"]]
    basis: Basis
    sources: Sources
    examples: list[Text] = []
    record: dict[Text, int] = {}
    note: Text | None = None


class WorldInput(Strict):
    """A file of ``scenarios/world``: one exogenous input as dated values."""

    variable: Text
    description: Text
    unit: Text
    axes: list[Literal["state", "partner", "issue"]] = []
    symmetric: bool = False
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


class Seat(Strict):
    """Who leads a state from a day on."""

    leader: Text
    from_: Day = Field(alias="from")
    sources: list[Text] = []
    note: Text | None = None


class ScenarioFile(Strict):
    """A scenario as it is written, before it is laid on what it is based on."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_+.-]+$", max_length=120)]
    title: Text
    question: Text | None = None
    based_on: Text | None = None
    overlay: bool = False
    differs: Text | None = None
    start: Quarter | None = None
    until: Quarter | None = None
    spin_up_from: Quarter | None = None
    seats: dict[Text, list[Seat]] = {}
    events: list[Text] = []
    event_definitions: dict[Text, Event] = {}
    inputs: dict[Text, dict[Text, Any]] = {}
    contracts: dict[Text, ContractChange] = {}
    contract_definitions: dict[Text, Contract] = {}
    parameters: dict[Text, Any] = {}
    switches: dict[Block, Literal["on", "off"]] = {}
    leaders: dict[Text, Any] = {}
    states: list[Text] = []
    cotenability: Text | list[Text] | None = None
    sources: list[Text] = []
    assumptions: list[Text] = []
    note: Text | None = None


M = TypeVar("M", bound=BaseModel)


def validate(model: type[M], document: Document, keys: tuple[Any, ...] = (), content: Any = None) -> M:
    """Check part of a document against a schema.

    Parameters
    ----------
    model : schema
    document : the file, for lines in messages
    keys : where in the file the part stands
    content : the part (default: the whole content)

    Raises
    ------
    InputError : the first finding, with file and line, and how many more there are
    """
    content = document.content if content is None and not keys else content
    try:
        return model.model_validate(content)
    except ValidationError as error:
        findings = error.errors(include_url=False)
        raise _message(model, findings, document, keys, content) from None
    except RecursionError:
        raise InputError("the nesting is too deep to read", where=document.where(keys)) from None


def _message(
    model: type[BaseModel], findings: list[Any], document: Document, keys: tuple[Any, ...], content: Any
) -> InputError:
    finding = next((f for f in findings if f["type"] == "extra_forbidden"), findings[0])
    loc = tuple(part for part in finding["loc"] if not (isinstance(part, str) and part.startswith("function-")))
    loc = tuple("from" if part == "from_" else part for part in loc)
    where = document.where((*keys, *loc))
    key = ".".join(map(str, loc)) or "the file"
    kind = finding["type"]
    more = f" ({len(findings) - 1} more finding{'s' if len(findings) > 2 else ''} in this part)" if len(findings) > 1 else ""
    given = finding.get("input")
    if kind == "extra_forbidden":
        parent = _model_at(model, loc[:-1])
        known = [f.alias or n for n, f in parent.model_fields.items()] if parent else []
        return InputError(
            f"'{loc[-1]}' is not a key here{more}",
            where=where,
            why="a key that nothing reads would be silently without effect.",
            how=nearest(str(loc[-1]), known),
        )
    if kind == "missing":
        where = document.where((*keys, *loc[:-1]))
        return InputError(
            f"the key '{loc[-1]}' is missing{more}",
            where=where,
            why="every value must say where it comes from and how sure it is."
            if loc[-1] in ("sources", "range", "basis", "from", "evidence")
            else "the entry cannot be understood without it.",
            how=f"add '{loc[-1]}:'; scenarios/README.md shows a complete example.",
        )
    if kind == "value_error":
        text = str(finding["msg"]).removeprefix("Value error, ")
        return InputError(
            f"{key}: {text}{more}", where=where, why="the value would not mean what it says.", how="correct one of the two."
        )
    reason = str(finding["msg"])
    shown = repr(given) if not isinstance(given, dict | list) else f"a {type(given).__name__}"
    if isinstance(given, float) and not math.isfinite(given):
        reason = "a plain finite number is expected"
    return InputError(
        f"{key} is {shown}: {reason[0].lower() + reason[1:]}{more}",
        where=where,
        why="the model would compute with something else than you meant.",
        how="see scenarios/README.md for the form of this entry.",
    )


def _model_at(model: type[BaseModel], loc: tuple[Any, ...]) -> type[BaseModel] | None:
    """The schema that governs the place ``loc`` leads to."""
    current: Any = model
    for part in loc:
        if isinstance(current, type) and issubclass(current, BaseModel):
            field = current.model_fields.get(part) or next(
                (f for f in current.model_fields.values() if f.alias == part), None
            )
            current = _inner(field.annotation) if field else None
        elif not isinstance(current, type):
            return None
    return current if isinstance(current, type) and issubclass(current, BaseModel) else None


def _inner(annotation: Any) -> Any:
    """The schema inside a list, dictionary or optional annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _inner(argument)
        if found is not None:
            return found
    return None
