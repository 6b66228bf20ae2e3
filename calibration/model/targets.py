"""How likely the record is: roll calls, arms orders, trade, American aid, each year by year.

Every probability comes out of the observation rules that simulate the same acts (:mod:`sim.rules.observation`). What
stands here is the bookkeeping of counts and the laws of chance around them. Numbers of the record that belong to no rule
(``NUISANCE``) are fitted with the rest and never used in simulation.

Arrays may be NumPy or JAX arrays; all results are log-probabilities per year (t,), so that a held-out year is a weight of
zero and no shape ever changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.model.annual import HOME, Annual
from calibration.model.paths import rule, spread
from calibration.observed import Record
from calibration.sources.raw import POWERS
from calibration.sources.tables import SUPPLIERS
from calibration.sources.votes import SUBJECTS
from sim.axes import Array, frame, namespace
from sim.rulebook import RULES, bind

SERIES = ("votes", "orders", "trade", "aid")
MOST_ORDERS = 16
"""Most arms orders that a year of the record holds; a power of two."""
AID_YEAR = 1998
"""Year at which the level of the aid trend is read."""

NUISANCE: dict[str, dict[str, Any]] = {
    "order_concentration": {"law": "lognormal", "median": 4.48, "spread": 0.7},
    "aid_level": {"law": "normal", "mean": 5.0, "sd": 2.0},
    "aid_trend": {"law": "normal", "mean": 0.0, "sd": 0.05},
    "aid_spread": {"law": "halfnormal", "sd": 1.0},
}
"""Priors of what only the record needs: how far orders of a year cluster beyond chance (Dirichlet weight); log of American
aid in 1998 (USD million), its trend a year, and its scatter (log points)."""


@dataclass(frozen=True)
class Targets:
    """The record laid on the years of the annual model.

    Attributes
    ----------
    asked : what describes groups of roll calls, as frames by item and year, padded with groups that hold no vote
    counts : frame stack (answer, *frame): how often Bangladesh said no, abstained, said yes
    orders : (year, supplier) in the order of SUPPLIERS; zeros where a year has no record
    trade : frame by year of recorded log shares, NaN elsewhere
    chained : 1 where a share and that of the year before are recorded
    aid : (year,) log of USD million; 0 where not known
    aid_known : (year,) 1 where known
    """

    asked: dict[str, Array]
    counts: Array
    orders: NDArray[np.float64]
    trade: Array
    chained: Array
    aid: NDArray[np.float64] | None = None
    aid_known: NDArray[np.float64] | None = None


def lay(record: Record, annual: Annual) -> Targets:
    """Lay a record on the years of an annual model; years that the model does not cover are left out."""
    years, length = annual.years, len(annual.years)
    states = annual.world.labels["state"]
    rows = np.isin(record.votes["year"], years)
    at = np.searchsorted(years, record.votes["year"][rows])
    item = np.array([int((at[:i] == t).sum()) for i, t in enumerate(at)], dtype=int)
    items = int(item.max()) + 1 if len(item) else 1
    powers, counts = np.zeros((len(states), items, length)), np.zeros((3, items, length))
    asked = {name: np.zeros((items, length)) for name in ("assembly", *SUBJECTS)}
    for name, of in asked.items():
        of[item, at] = record.votes["lean" if name == "assembly" else name][rows]
    for j, power in enumerate(POWERS):
        powers[states.index(power), item, at] = record.vote_positions()[rows, j]
    counts[:, item, at] = record.vote_counts()[rows].T
    order_years, orders = record.order_counts()
    trade_years, shares = record.trade_shares()
    aid_years, aid = record.aid_flow()
    trade = annual.place(trade_years, shares, POWERS, "trade")
    known = np.isfinite(trade)
    flow = _on_years(years, aid_years, np.log(aid))
    return Targets(
        asked={name: frame(of, ("item", "run")) for name, of in asked.items()}
        | {"power_vote": frame(powers, ("partner", "item", "run"))},
        counts=np.stack([frame(c, ("item", "run")) for c in counts]),
        orders=_on_years(years, order_years, orders.astype(float)),
        trade=trade,
        chained=np.concatenate([np.zeros_like(known[..., :1]), known[..., 1:] & known[..., :-1]], axis=-1) * 1.0,
        aid=flow,
        aid_known=np.isin(years, aid_years) * 1.0,
    )


def _on_years(years: NDArray[np.int64], own: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    out = np.zeros((len(years), *values.shape[1:]))
    out[np.isin(years, own)] = values[np.isin(own, years)]
    return out


def log_likelihood(annual: Annual, board: dict[str, Array], nuisance: dict[str, Array], targets: Targets) -> dict[str, Array]:
    """Log-probability of the record in each year, by series.

    Parameters
    ----------
    annual, board : from :func:`calibration.model.paths.run`
    nuisance : values of :data:`NUISANCE`
    targets : the record
    """
    return {
        "votes": votes(annual, board, targets),
        "orders": orders(annual, board, nuisance["order_concentration"], targets.orders),
        "trade": trade(targets.trade, targets.chained, board["expected"], spread(board)),
        "aid": aid(annual, board, nuisance, targets),
    }


def vote_probabilities(annual: Annual, board: dict[str, Array], asked: dict[str, Array]) -> tuple[Array, ...]:
    """Probabilities of no, abstention, yes on recorded roll calls, as frames by item and year.

    No and yes are the rules ``vote_no`` and ``vote_yes``. Abstention is what is left, written as a product that loses
    nothing to rounding: not no, times not yes, times 1 - exp(-yes_gap), where "not yes" is ``vote_no`` at the upper cut.
    The two cuts stand where the binder expects two states, so that what both share is computed once.
    """
    xp, cut, gap = namespace(board["stance"]), board["no_cut"], board["yes_gap"]
    no, not_yes = _each(chance(annual, board, "vote_no", asked, no_cut=xp.concatenate([cut, cut + gap])))
    yes, not_no = _each(chance(annual, board, "vote_yes", asked, yes_gap=xp.concatenate([gap, 0.0 * gap])))
    return no, not_no * not_yes * -xp.expm1(-gap), yes


def chance(annual: Annual, board: dict[str, Array], name: str, asked: dict[str, Array], **changes: Array) -> Array:
    """Rule ``vote_no`` or ``vote_yes`` on roll calls; changed parameters may hold several values on the state axis.

    ``asked`` describes the roll calls in the words of the rules (``assembly``, subjects, ``power_vote``), as frames.
    """
    home = annual.world.labels["state"].index(HOME)
    seen = board | {"stance": board["stance"][home : home + 1]} | asked | changes
    rows = max([1, *(value.shape[0] for value in changes.values())])
    n = annual.world.lengths | {"state": rows, "item": asked["assembly"].shape[4]}

    def look(key: str, turn: tuple[int, ...] | None) -> Array:
        return seen[key] if turn is None else seen[key].transpose(turn)

    seen["appeal"] = bind(RULES["appeal"], look, n)
    return bind(RULES[name], look, n)


def _each(rows: Array) -> tuple[Array, Array]:
    return rows[:1], rows[1:]


def votes(annual: Annual, board: dict[str, Array], targets: Targets) -> Array:
    """Ordered logit of the grouped roll calls (t,)."""
    chances = vote_probabilities(annual, board, targets.asked)
    return sum(counted(count, p) for count, p in zip(targets.counts, chances, strict=True))


def counted(count: Array, p: Array) -> Array:
    """Log-probability of answers that were given so often, added up over roll calls (t,)."""
    xp = namespace(p)
    return (count * xp.log(xp.maximum(p, 1e-300))).sum(axis=tuple(range(6)))


def orders(annual: Annual, board: dict[str, Array], concentration: Array, counts: NDArray[np.float64]) -> Array:
    """Dirichlet-multinomial of a year's arms orders over the powers and all others, given their total (t,).

    The shares are those of rule ``order_share``; what the powers do not get goes to the others.
    """
    states = annual.world.labels["state"]
    share = board["order_share"][states.index(HOME)].reshape(len(states), -1)
    powers = [share[states.index(power)] for power in SUPPLIERS[:-1]]
    xp = namespace(share)
    alpha = concentration * xp.stack([*powers, 1.0 - sum(powers)], axis=-1)
    total = counts.sum(axis=-1)
    one = xp.ones(())
    ways = log_rising(one, total) - log_rising(one, counts).sum(axis=-1)
    return ways - log_rising(concentration, total) + log_rising(alpha, counts).sum(axis=-1)


def log_rising(a: Array, n: Array) -> Array:
    """Log of a (a + 1) ... (a + n - 1) = gamma(a + n) / gamma(a), for whole n up to :data:`MOST_ORDERS`.

    >>> round(float(np.exp(log_rising(np.array(1.0), np.array(4.0)))), 9)
    24.0
    """
    xp, steps = namespace(a, n), np.arange(MOST_ORDERS)
    factors = xp.where(n[..., None] > steps, xp.asarray(a)[..., None] + steps, 1.0)
    while (half := factors.shape[-1] // 2) > 0:
        factors = factors[..., :half] * factors[..., half:]
    return xp.log(factors[..., 0])


def trade(shares: Array, chained: Array, expected: Array, size: Array) -> Array:
    """Each year's log share given the year before: rule R13 with Student-t luck of unit variance (t,).

    Parameters
    ----------
    shares, chained : recorded shares, and 1 where that of the year before is known too, with years on the last axis
    expected, size : what the year before let expect, and the size of luck, that go with them
    """
    known, xp = chained > 0, namespace(expected)
    size = xp.where(known, size, 1.0)
    luck = (xp.where(known, xp.nan_to_num(shares), 0.0) - expected) / size
    each = log_student_t4(xp.where(known, luck, 0.0)) - xp.log(size)
    return (chained * each).reshape(-1, each.shape[-1]).sum(axis=0)


def aid(annual: Annual, board: dict[str, Array], nuisance: dict[str, Array], targets: Targets) -> Array:
    """American aid: rule ``aid`` around a trend, with Student-t scatter (t,). The board may be the donor's row alone."""
    states = annual.world.labels["state"]
    trend = nuisance["aid_level"] + nuisance["aid_trend"] * (annual.years - AID_YEAR)
    xp = namespace(trend)
    expected = rule(board, "aid", aid_reference=xp.exp(trend).reshape((1,) * 6 + (-1,)))
    donor = states.index("USA") if expected.shape[0] > 1 else 0
    expected = expected[donor, states.index(HOME)].reshape(-1)
    size = nuisance["aid_spread"]
    return targets.aid_known * (log_student_t4((targets.aid - xp.log(expected)) / size) - xp.log(size))


def log_student_t4(x: Array) -> Array:
    """Log density of Student's t with 4 degrees of freedom scaled to unit variance, the law of :func:`sim.shocks.student_t4`.

    >>> round(float(np.exp(log_student_t4(np.array(0.0)))), 4)
    0.5303
    """
    return np.log(0.375 * np.sqrt(2.0)) - 2.5 * namespace(x).log1p(0.5 * x * x)
