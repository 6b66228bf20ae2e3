"""Base rates for statements that the model says nothing about: counted from the dated record by rules that are written out.

Never a judgement about the case at hand: a rule names like events, contracts or works of the record and counts them. Rates and
chances have Jeffreys' prior, so what never happened is improbable and not impossible. The basis reads "base rate, not model".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import numpy as np

from calibration.outlook.odds import BASE, Ground, Odds, check_word, formula, has, jeffreys, span
from calibration.sources.standards import class_of
from calibration.texts.cells import HOME
from sim import library, quarters
from sim.errors import InputError, nearest

FIRST_ACT = date(1972, 1, 1)
"""Beginning of the dated record that rates are counted over."""


@formula
def acts_like(
    ground: Ground,
    *,
    start: str,
    end: str,
    from_: str = "",
    to: str = "",
    issue: str = "",
    classes: Sequence[str] = (),
    words: Sequence[str] = (),
    since: int = FIRST_ACT.year,
    never: bool = False,
) -> Odds:
    """At least one (``never``: no) act like those of the dated record: same sides, issue area, classes or words.

    n acts in T years give 1 - (T / (T + w)) ** (n + 1/2) for a window of w years: Poisson with Jeffreys' prior.
    """
    table = ground.record.episodes
    rows = np.array([str(day) >= str(since) for day in table["date"]], dtype=bool)  # text sorts as dates do
    rows &= (table["initiator"] == from_) if from_ else True
    rows &= (table["target"] == to) if to else True
    rows &= (table["issue"] == issue) if issue else True
    for word in words:
        check_word(table["text"], word)
    rows &= has(table["text"], words) if words else True
    if classes:
        kinds = [class_of(float(g), str(i)) for g, i in zip(table["goldstein"], table["issue"], strict=True)]
        rows &= np.isin(kinds, list(classes))
    return _poisson(ground, len({str(day) for day in table["date"][rows]}), since, start, end, "days", never)


PLACES = {"RUS": ("Moscow", "Russia"), "IND": ("Delhi",), "CHN": ("Beijing",), "USA": ("Washington", "White House")}
"""Words by which a dated act says that a head of government went to a power."""


@formula
def first_visit(ground: Ground, *, power: str) -> Odds:
    """A new head of government pays the first visit abroad to a power: as often as on record.

    A head's first visit is the first friendly act of Bangladesh whose text has the name (or its beginning, as in Mujib) and a
    place of ``PLACES``; heads without one went elsewhere or nowhere. Each of the five answers starts with one half.
    """
    table = ground.record.episodes
    columns = ("initiator", "target", "goldstein", "head_of_government", "text", "date")
    first: dict[str, str] = {}
    heads: set[str] = set()
    for a, b, score, who, text, day in zip(*(table[c].tolist() for c in columns), strict=True):
        if not who or str(day) < FIRST_ACT.isoformat():
            continue
        heads.add(who)
        names = library.leaders()[who].value.name.split()
        named = any(len(w) > 2 and w[0].isupper() and name.startswith(w) for w in re.findall(r"\w+", text) for name in names)
        if a == HOME and named and score > 0 and any(place in text for place in PLACES.get(b, ())):
            first.setdefault(who, b)
    went = sum(target == power for target in first.values())
    found = (went + 0.5) / (len(heads) + 2.5)
    return Odds(found, BASE, f"{went} of {len(heads)} heads of government on record")


@formula
def cases(ground: Ground, *, happened: Sequence[str], not_happened: Sequence[str] = ()) -> Odds:
    """As often as in listed cases of the record, each named by its dated act.

    Raises
    ------
    InputError : an act that the record does not have
    """
    known = set(ground.record.episodes["id"].tolist())
    for name in (*happened, *not_happened):
        if name not in known:
            raise InputError(f"the record has no act '{name}'", where="formula", how=nearest(name, known))
    yes, n = len(happened), len(happened) + len(not_happened)
    return Odds(jeffreys(yes, n), BASE, f"{yes} of {n} like cases on record")


@formula
def completion(ground: Ground, *, contract: str, by: str, like: Sequence[str], reverse: bool = False) -> Odds:
    """A work is finished by a day (``reverse``: is not), given that it was not at the cut: by the times of like contracts.

    Counted from signature to the last scheduled event, which is first use.

    Logarithms of those times have a normal law with Jeffreys' prior (so Student's t), cut off at the age already reached.

    Raises
    ------
    InputError : a contract that nobody knows
    """
    from scipy.stats import t

    contracts = library.contracts()
    for name in (contract, *like):
        if name not in contracts:
            raise InputError(f"there is no contract '{name}'", where="formula", how=nearest(name, contracts))
    times = []
    for name in like:
        one = contracts[name].value
        times.append(np.log(quarters.years_between(one.signed, max(stage.on for stage in one.schedule))))
    n, signed = len(times), contracts[contract].value.signed
    scale = float(np.std(times, ddof=1)) * np.sqrt(1.0 + 1.0 / n)
    ages = [np.log(quarters.years_between(signed, day)) for day in (ground.record.cut, quarters.day(by))]
    left = [float(t.sf((age - np.mean(times)) / scale, n - 1)) for age in ages]
    words = f"{n} like works took {', '.join(f'{np.exp(x):.1f}' for x in times)} years; this one is {np.exp(ages[0]):.1f} old"
    late = left[1] / left[0]
    return Odds(late if reverse else 1.0 - late, BASE, words)


@formula
def contracts_like(ground: Ground, *, issue: str, power: str, start: str, end: str, since: int, never: bool = False) -> Odds:
    """At least one (``never``: no) contract of Bangladesh with a power in an issue area, at the rate of the listed ones."""
    cut = ground.record.cut
    listed = [c.value for c in library.contracts().values() if c.value.issue == issue and c.value.dyad == f"{HOME}>{power}"]
    signed = len({c.signed for c in listed if date(since, 1, 1) <= c.signed <= cut})
    return _poisson(ground, signed, since, start, end, "contracts", never)


def _poisson(ground: Ground, happened: int, since: int, start: str, end: str, what: str, never: bool) -> Odds:
    time = quarters.years_between(date(since, 1, 1), ground.record.cut)
    window = len(span(ground, start, end)) * quarters.STEP
    none = (time / (time + window)) ** (happened + 0.5)
    return Odds(none if never else 1.0 - none, BASE, f"{happened} such {what} in {time:.1f} years, window {window:.2f} years")
