"""The types of which every YAML file is made: days, quarters, numbers with range and source, texts.

Floor 1. :mod:`sim.schema` puts them together to files.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from sim import quarters
from sim.errors import InputError
from sim.yamlfile import Document

Basis = Literal["dataset", "speech-coding", "expert", "proxy", "assumption"]

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
"""Days that a file may name."""


def wrong(what: str, how: str = "correct one of the two.", *keys: object) -> PydanticCustomError:
    """A finding in padma's words; ``keys`` lead from the object checked to the value that is wrong."""
    return PydanticCustomError("wrong", "{what}", {"what": what, "how": how, "keys": keys})


def ordered(first: Any, last: Any, begins: str, ends: str) -> None:
    """Refuse an end before its beginning, both days or both quarters; no end is right."""
    if last is not None and last < first:
        raise wrong(f"'{ends}' is before '{begins}'", "correct one of the two.", ends)


def within(given: tuple[float, float], scale: tuple[float, float], name: str, *keys: object) -> None:
    """Refuse a range that runs backward or leaves the scale of the variable ``name``."""
    if not scale[0] <= given[0] <= given[1] <= scale[1]:
        text = f"the range {list(given)} leaves [{scale[0]:g}, {scale[1]:g}], where {name} runs"
        raise wrong(text, "choose a range inside.", *keys, "range")


def contains(given: tuple[float, float], value: float, what: str) -> None:
    """Refuse a range without the number that it is about, which stands under the key ``what``."""
    if not given[0] <= value <= given[1]:
        raise wrong(f"the range {list(given)} does not contain the {what} {value}", "correct one of the two.", what)


def each_once(entries: list[Any]) -> list[Any]:
    """Refuse a list that holds the same entry twice."""
    for index, entry in enumerate(entries):
        if entry in entries[:index]:
            what = f"'{entry}'" if isinstance(entry, str | int | float) else "the same entry"
            raise wrong(f"{what} stands twice in this list", "keep one of the two.", index)
    return entries


Once = AfterValidator(each_once)


_UNFIT = re.compile(r"[\s/\\:<>|*?\"'`$,;\x00-\x1f\u200b-\u200f\u202a-\u202e]")


def unfit(name: str) -> str:
    """The first character by which a name could not be written in an option, a key or a file name; '' if there is none."""
    found = _UNFIT.search(name) or re.match(r"[.-]", name)
    return found[0] if found else ""


RESERVED = ("default", "prior", "none", "all")
"""Words that the files use for something else."""


def check_name(document: Document, name: object, *, dots: bool = False) -> None:
    """Refuse a name that could not be written in an option, a key or a file name.

    Raises
    ------
    InputError : with the character that does not fit
    """
    bad = unfit(str(name)) or ("." if "." in str(name) and not dots else "")
    if bad or name in RESERVED:
        raise InputError(
            f"the name {str(name)!r} " + (f"holds {bad!r}" if bad else "is reserved"),
            where=document.where((name,)),
            why="options, keys and names of files are made of it.",
            how="use letters, digits and underscores.",
        )


def _named(name: str) -> str:
    if bad := unfit(name) or ("." if "." in name else ""):
        raise wrong(f"the name {name!r} holds {bad!r}", "use letters, digits and underscores.")
    return name


def published(amount: dict[str, Any]) -> dict[str, Any]:
    """Refuse an amount that is not a number above zero with its unit."""
    value = amount.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise wrong(f"its value is {value!r}, no number above zero", "write the amount as published.", "value")
    if set(amount) != {"value", "unit"} or not isinstance(amount["unit"], str):
        raise wrong("it needs a value and a unit, and nothing else", "write {value: 500, unit: USD million}.")
    return amount


def in_years(given: Valued) -> Valued:
    """Refuse a time that is not in years."""
    if given.unit not in (None, "years"):
        raise wrong(f"its unit is '{given.unit}'", "give it in years.", "unit")
    return given


def _as_day(value: object) -> date:
    try:
        found = value if isinstance(value, date) else quarters.day(value)
    except InputError as error:
        raise wrong(error.what, error.how) from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise wrong(f"the day {found} is outside {FIRST_DAY.year} to {LAST_DAY.year}", "check the year.")
    return found


def written(text: str) -> str:
    """Refuse a text of nothing but spaces."""
    if not text.strip():
        raise wrong("the text is blank", "write it out, or take the key out.")
    return text


def _month(text: str) -> str:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise wrong(f"{text!r} is not a month", "write it like 2026-02.")
    return text


def _address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+\S*", text):
        raise wrong(f"{text!r} is not an address on the web", "write it like https://www.un.org/en/.")
    return text


def _as_quarter(value: object) -> int:
    try:
        return quarters.quarter(value)
    except InputError as error:
        raise wrong(error.what, error.how) from None


Day = Annotated[date, BeforeValidator(_as_day)]
Quarter = Annotated[int, BeforeValidator(_as_quarter)]
Truth = Annotated[bool, Field(strict=True)]
Number = Annotated[float, Field(allow_inf_nan=False, strict=True)]
Text = Annotated[
    str,
    BeforeValidator(lambda v: str(v) if isinstance(v, int | float) else v),
    Field(min_length=1, max_length=4000),
    AfterValidator(written),
]
Month = Annotated[str, AfterValidator(_month)]
Address = Annotated[str, AfterValidator(_address)]
Name = Annotated[Text, AfterValidator(_named)]
"""What options, keys and file names are made of: no separators, spaces or dots."""
Texts = Annotated[list[Text], Once]
Sources = Annotated[Texts, Field(min_length=1)]


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
            raise wrong(f"the range [{low}, {high}] does not contain the value {self.value}")
        return self
