"""How a statement about the future gets its probability: named formulas on an ensemble or, where it is silent, the record.

A formula of the model counts runs or averages probabilities over runs. Where a statement is narrower than what the model
simulates (a fighter among arms orders), the share of such cases in the dated record thins it, and the basis says so. Where the
model says nothing, :mod:`calibration.outlook.base` answers from the record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from calibration.observed import Record
from calibration.texts.cells import HOME, TRADE_ERROR
from sim import library, quarters, shocks
from sim.errors import InputError, nearest

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]

MODEL, THINNED, BASE = "model", "model, thinned by the record", "base rate, not model"
VARIABLES = ("vote_yes", "vote_no", "orders", "trade_volume", "aid", "act_done")
"""What the formulas read of a run."""


@dataclass(frozen=True)
class Ground:
    """What probabilities are computed from.

    Attributes
    ----------
    history : ensemble from the first quarter of the forecast on, with ``VARIABLES``
    record : to the cut
    draws : number of posterior draws that the runs share; 0 if every run has its own
    """

    history: xr.Dataset
    record: Record
    draws: int = 0

    def odds(self, values: NDArray[np.generic], basis: str, evidence: str) -> Odds:
        """The mean over runs (run,) of probabilities, or of whether something happens.

        Run r takes draw r modulo the number of draws, so runs of one draw are averaged before the error is taken.
        """
        each = np.asarray(values, dtype=float)
        whole = each.size // self.draws if self.draws else 0
        apart = each[: whole * self.draws].reshape(whole, self.draws).mean(axis=0) if whole > 1 else each
        return Odds(float(each.mean()), basis, evidence, float(apart.std(ddof=1) / np.sqrt(apart.size)))


@dataclass(frozen=True)
class Odds:
    """A probability and where it comes from; ``mc_error`` is its Monte Carlo standard error, NaN for a rule without runs."""

    probability: float
    basis: str
    evidence: str
    mc_error: float = float("nan")


FORMULAS: dict[str, Callable[..., Odds]] = {}


def formula(function: Callable[..., Odds]) -> Callable[..., Odds]:
    """Register a formula under its name and return it untouched."""
    FORMULAS[function.__name__] = function
    return function


def span(ground: Ground, start: str, end: str) -> list[str]:
    """Quarters from start to end, all of them simulated.

    Raises
    ------
    InputError : a quarter outside the ensemble
    """
    known = [str(q) for q in ground.history["quarter"].values]
    for name in (start, end):
        if name not in known:
            why = "its probability cannot be read off the ensemble."
            raise InputError(f"{name} is not forecast ({known[0]} to {known[-1]})", where="formula", why=why)
    return known[known.index(start) : known.index(end) + 1]


def jeffreys(hits: float, trials: float) -> float:
    """A chance from hits in trials.

    >>> jeffreys(0, 1), jeffreys(1, 2)
    (0.25, 0.5)
    """
    return (hits + 0.5) / (trials + 1.0)


# --- votes --------------------------------------------------------------------------------------------------------------


def _texts(item: str) -> tuple[float, list[int]]:
    """Roll calls of a kind in a quarter of its season, as often as on record, and the quarters of the year of its season."""
    call = library.agenda()[item].value
    last = quarters.quarter("2024Q2")
    seasons = [q for q in range(call.from_, last + 1) if q % 4 + 1 in call.season]
    return sum(call.record.values()) / max(len(seasons), 1), list(call.season)


@formula
def vote(ground: Ground, *, item: str, answer: str, start: str, end: str, every: bool = False) -> Odds:
    """Bangladesh gives an answer on at least one roll call of a kind, or (``every``) on all of them and on at least one.

    Roll calls come as a Poisson stream at the rate of the record, in their season; none at all counts as no.
    """
    rate, season = _texts(item)
    when = [q for q in span(ground, start, end) if int(q[-1]) in season]
    here = ground.history.sel(state=HOME, item=item, quarter=when)
    yes, no = here["vote_yes"].values, here["vote_no"].values
    chance = {"yes": yes, "no": no, "abstain": 1.0 - yes - no}[answer]
    given, other = np.exp(-rate * chance.sum(axis=0)), np.exp(-rate * (1.0 - chance).sum(axis=0))
    none = np.exp(-rate * len(when))
    found = other - none if every else 1.0 - given
    words = f"{rate * len(when):.1f} roll calls expected, probability of '{answer}' {chance.mean():.2f} on average"
    return ground.odds(found, MODEL, words)


# --- arms orders --------------------------------------------------------------------------------------------------------


def _orders(ground: Ground, supplier: str, start: str, end: str) -> Floats:
    here = ground.history["orders"].sel(state=HOME, partner=supplier, quarter=span(ground, start, end))
    total: Floats = here.sum("quarter").values
    return total


@formula
def orders(ground: Ground, *, supplier: str, start: str, end: str, at_least: int = 1, none: bool = False) -> Odds:
    """Bangladesh places at least so many arms orders with a power, or (``none``) not one."""
    total = _orders(ground, supplier, start, end)
    return ground.odds(total == 0 if none else total >= at_least, MODEL, f"{total.mean():.1f} orders expected")


@formula
def orders_lead(ground: Ground, *, supplier: str, start: str, end: str) -> Odds:
    """A power gets more arms orders than the other three powers together."""
    own = _orders(ground, supplier, start, end)
    powers = [str(p) for p in ground.history["partner"].values if str(p) not in (HOME, supplier)]
    rest = sum((_orders(ground, power, start, end) for power in powers), np.zeros_like(own))
    return ground.odds(own > rest, MODEL, f"{own.mean():.1f} orders against {rest.mean():.1f} expected")


@formula
def orders_of(ground: Ground, *, supplier: str, start: str, end: str, words: Sequence[str]) -> Odds:
    """At least one order of a described kind: simulated orders, each of that kind with its share in the record.

    The share is that of dated acts whose text has one of the words, among all orders of the register.
    """
    total = _orders(ground, supplier, start, end)
    table = ground.record.episodes
    pair = ((table["initiator"] == HOME) & (table["target"] == supplier)) | (
        (table["initiator"] == supplier) & (table["target"] == HOME)
    )
    for word in words:
        check_word(table["text"], word)
    named = pair & (table["issue"] == "defence") & has(table["text"], words)
    placed = int(ground.record.orders[supplier].sum())
    share = jeffreys(int(named.sum()), placed)
    text = f"{total.mean():.1f} orders expected, {int(named.sum())} of {placed} on record were of this kind"
    return ground.odds(1.0 - (1.0 - share) ** total, THINNED, text)


def has(texts: NDArray[np.str_], words: Sequence[str]) -> NDArray[np.bool_]:
    """Which texts, (text,), have one of the words."""
    return np.array([any(word in str(text) for word in words) for text in texts], dtype=bool)


def check_word(texts: NDArray[np.str_], word: str) -> None:
    """Refuse a word that no text, (text,), has.

    Raises
    ------
    InputError : a word that would count as something that never happened
    """
    if not has(texts, [word]).any():
        why = "a misspelt word would count as something that never happened."
        raise InputError(
            f"no act of the record has the words '{word}'", where="formula", why=why, how="copy them from the record."
        )


# --- trade and aid ------------------------------------------------------------------------------------------------------


def _yearly(ground: Ground, variable: str, state: str, partner: str, year: int) -> Floats:
    when = span(ground, f"{year}Q1" if year > 2024 else "2024Q3", f"{year}Q4")
    values: Floats = ground.history[variable].sel(state=state, partner=partner, quarter=when).mean("quarter").values
    return values


def _beyond(change: Floats, above: float | None, below: float | None) -> NDArray[np.bool_]:
    return change > above if above is not None else change < float(below or 0.0)


@formula
def trade(
    ground: Ground, *, partner: str, year: int, against: int, above: float | None = None, below: float | None = None
) -> Odds:
    """Trade with a power, in dollars, in one year is more (or less) than a multiple of that in another.

    The model gives the share in trade; all trade grows as in 23 recorded years since 1991, drawn anew for every run; the
    reporting error of the record is added at both ends. Only the second half of 2024 is simulated and stands for the year.
    """
    share = np.log(
        _yearly(ground, "trade_volume", HOME, partner, year) / _yearly(ground, "trade_volume", HOME, partner, against)
    )
    table = ground.record.trade
    known = {int(y): n for y, n in zip(table["year"], table["national_musd"], strict=True) if np.isfinite(n)}
    grown = np.array([np.log(known[y] / known[y - 1]) for y in sorted(known) if y > 1991 and y - 1 in known])
    runs = range(len(share))
    u = shocks.uniforms([shocks.key(1, "forecast", "nation", str(y)) for y in range(against, year)], 0, runs)
    nation = grown[(u * len(grown)).astype(int)].sum(axis=0)
    noise = shocks.normal(
        shocks.uniforms([shocks.key(1, "forecast", "reported", partner, str(y)) for y in (against, year)], 0, runs)
    )
    change = np.exp(share + nation + TRADE_ERROR * (noise[1] - noise[0]))
    words = f"median change {np.median(change) - 1:+.0%} from {against} to {year}"
    return ground.odds(_beyond(change, above, below), "model for the share, record for all trade", words)


@formula
def aid(ground: Ground, *, donor: str, year: int, against: int, above: float | None = None, below: float | None = None) -> Odds:
    """Aid from a power in one year is more (or less) than a multiple of that in another."""
    change = _yearly(ground, "aid", donor, HOME, year) / _yearly(ground, "aid", donor, HOME, against)
    return ground.odds(
        _beyond(change, above, below), MODEL, f"median change {np.median(change) - 1:+.0%} from {against} to {year}"
    )


# --- dated acts ---------------------------------------------------------------------------------------------------------


@formula
def act(ground: Ground, *, dyad: str, act: str, start: str, end: str, at_least: int = 1, never: bool = False) -> Odds:
    """At least so many quarters (``never``: none) bring an act of a class, at the density of the project's list.

    Raises
    ------
    InputError : a class of acts that nobody knows
    """
    initiator, _, target = dyad.partition(">")
    known = [str(a) for a in ground.history["act"].values]
    if act not in known:
        raise InputError(f"there is no class of acts '{act}'", where="formula", how=nearest(act, known))
    here = ground.history["act_done"].sel(state=initiator, partner=target, act=act, quarter=span(ground, start, end))
    total = here.sum("quarter").values
    return ground.odds(total == 0 if never else total >= at_least, MODEL, f"{total.mean():.2f} such quarters expected")
