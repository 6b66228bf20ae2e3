"""Measures: what users read off a history. Each is one function marked ``@measure``; tables and figures follow unasked.

Floor 5. A measure turns recorded variables into numbers with a unit, for every run. It computes no theory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim import library, quarters
from sim.codebook import codebook

Get = Callable[[str], Any]
"""Gives a recorded variable as an array with runs last."""


@dataclass(frozen=True)
class Measure:
    """One measure.

    Attributes
    ----------
    name, label, unit, meaning : text
    axes : what it varies by, besides quarter and run
    needs : recorded variables it reads
    function : (get) -> array (quarter, *axes, run); what it gives at a place rests on what ``get`` gives there
    range : limits of the scale, for figures; None where open
    neutral : the value that means "no different from usual"
    """

    name: str
    label: str
    unit: str
    meaning: str
    axes: tuple[str, ...]
    needs: tuple[str, ...]
    function: Callable[[Get], Any]
    range: tuple[float, float] | None = None
    neutral: float | None = None


MEASURES: dict[str, Measure] = {}


def measure(**card: Any) -> Callable[[Callable[[Get], Any]], Callable[[Get], Any]]:
    """Register a function as a measure and return it untouched; its name is the measure's name."""

    def register(function: Callable[[Get], Any]) -> Callable[[Get], Any]:
        meaning = (function.__doc__ or "").split("\n", 1)[0]
        MEASURES[function.__name__] = Measure(name=function.__name__, meaning=meaning, function=function, **card)
        return function

    return register


DYAD_ISSUE = ("state", "partner", "issue")


@measure(label="Stance", unit="index from -1 to 1", axes=DYAD_ISSUE, needs=("stance", "norm"), range=(-1.0, 1.0), neutral=0.0)
def stance(get: Get) -> Any:
    """What a state does toward a partner, against its norm: tanh of half the deviation."""
    return np.tanh((get("stance") - get("norm")) / 2)


@measure(
    label="Cooperation",
    unit="index from -1 to 1",
    axes=DYAD_ISSUE,
    needs=("cooperation", "norm"),
    range=(-1.0, 1.0),
    neutral=0.0,
)
def cooperation(get: Get) -> Any:
    """What the two sides carry out together, against the norm: supply and contracts included."""
    return np.tanh((get("cooperation") - get("norm")) / 2)


@measure(label="Hedging", unit="1 = equally close to all", axes=("state",), needs=("stance", "norm"), range=(0.0, 1.0))
def hedging(get: Get) -> Any:
    """How little a small state concentrates its ties: 1 less the spread of its mean stance index over the other states.

    Kuik (2008): who hedges offsets closeness to one power by closeness to others instead of siding. The stance index is
    averaged over issue areas first, so arms from one power and votes with another offset each other; then 1 less the
    standard deviation over partners. 1: as close to each as usual, or equally more or less so. 0: wholly with one half and
    wholly against the other. It measures what is done against what is usual with each partner, and no intention.
    """
    ties = np.tanh((get("stance") - get("norm")) / 2).mean(axis=-2)
    others = ties.shape[-2] - 1  # a state toward itself is zero in all sums
    mean = ties.sum(axis=-2) / others
    spread = (ties**2).sum(axis=-2) / others - mean**2
    return 1 - np.sqrt(np.maximum(spread, 0.0))


@measure(label="Contracts in force", unit="contracts", axes=DYAD_ISSUE, needs=("commitment",))
def commitment(get: Get) -> Any:
    """Contracts in force: 1 is USD 12.65 billion, or one year of average supply."""
    return get("commitment")


@measure(label="Pressure", unit="standard deviations", axes=("state", "partner"), needs=("pull",), neutral=0.0)
def pressure(get: Get) -> Any:
    """Systemic pull of the partner, before anybody interprets it."""
    return get("pull")


@measure(label="System", unit="log points", axes=DYAD_ISSUE, needs=("systemic_signal",), neutral=0.0)
def system_push(get: Get) -> Any:
    """What the systemic pull asks for, as it is heard."""
    return get("systemic_signal")


@measure(label="Leader", unit="log points", axes=DYAD_ISSUE, needs=("leader_reading",), neutral=0.0)
def leader_push(get: Get) -> Any:
    """What the leader's image of the partner adds."""
    return get("leader_reading")


@measure(label="Share of arms orders", unit="share", axes=("state", "partner"), needs=("order_share",), range=(0.0, 1.0))
def order_share(get: Get) -> Any:
    """Expected share of a small state's new arms orders that goes to each power."""
    return get("order_share")


@measure(label="Arms orders since the start", unit="orders", axes=("state", "partner"), needs=("orders",))
def orders(get: Get) -> Any:
    """Arms orders that a small state has placed with each power since the first recorded quarter."""
    return np.cumsum(get("orders"), axis=0)


@measure(label="Trade", unit="multiple of its norm", axes=("state", "partner"), needs=("trade_volume",), neutral=1.0)
def trade_volume(get: Get) -> Any:
    """Trade between the two as a multiple of the dyad's norm."""
    return get("trade_volume")


@measure(label="Aid", unit="USD million a year", axes=("state", "partner"), needs=("aid",))
def aid(get: Get) -> Any:
    """Aid from the state to the partner."""
    return get("aid")


@measure(label="Yes vote", unit="probability", axes=("state", "item"), needs=("vote_yes",), range=(0.0, 1.0))
def vote_yes(get: Get) -> Any:
    """Probability of a yes vote on a described kind of roll call."""
    return get("vote_yes")


@measure(label="No vote", unit="probability", axes=("state", "item"), needs=("vote_no",), range=(0.0, 1.0))
def vote_no(get: Get) -> Any:
    """Probability of a no vote on a described kind of roll call."""
    return get("vote_no")


@measure(
    label="Dated act",
    unit="probability",
    axes=("state", "partner", "act"),
    needs=("act_probability",),
    range=(0.0, 1.0),
)
def act_probability(get: Get) -> Any:
    """Probability that a quarter brings at least one act of a class."""
    return get("act_probability")


VOTES = ("vote_yes", "vote_no")
"""Measures of described roll calls, which are there only while such texts come to a vote."""

SIMULATED_ACTS = ("vote", "orders", "act_done")
"""What was cast, ordered and done in each run: recorded beside the probabilities that the measures need."""


def recorded() -> tuple[str, ...]:
    """Variables that the measures together need, ``norm`` apart, and the simulated acts."""
    names = [name for m in MEASURES.values() for name in m.needs if name != "norm"]
    return tuple(dict.fromkeys([*names, *SIMULATED_ACTS]))


def at(get: Get, places: dict[str, int]) -> Get:
    """The same variables at some places only: a measure of them is the measure there, and costs that much less.

    Parameters
    ----------
    places : axis -> position on it; other axes stay whole
    """

    def there(name: str) -> Any:
        variable = codebook()[name]
        here = tuple(places.get(axis, slice(None)) for axis in variable.axes)
        return get(name)[here if variable.kind == "parameter" else (slice(None), *here)]

    return there


# --- what is modelled for whom ---------------------------------------------------------------------------------------


def skip(measure: Measure, state: str) -> bool:
    """Votes, arms orders and hedging are modelled for small states only."""
    small = (*VOTES, "order_share", "orders", "hedging")
    return measure.name in small and bool(library.states()[state].value.power)


def skip_partner(measure: Measure, state: str, partner: str) -> bool:
    """Aid runs from powers to small states, dated acts between a power and a small state."""
    donor, receiver = library.states()[state].value.power, library.states()[partner].value.power
    if measure.name == "aid":
        return bool(not donor or receiver)
    if measure.name == "act_probability":
        return bool(donor and receiver)
    return bool(measure.name in ("order_share", "orders") and not receiver)


def on_agenda(item: str, quarter: str) -> bool:
    """Whether a kind of roll call comes to a vote in a quarter's years (the season is not asked for)."""
    call, when = library.agenda()[item].value, quarters.quarter(quarter)
    return bool(call.from_ <= when and (call.until is None or when <= call.until))
