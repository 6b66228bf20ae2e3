"""The core model without a sampler: what it knows, what it does not, and how likely the record is.

See :mod:`calibration.model.core` for what it is for and how it is fitted. Everything by which fits differ enters as an
argument of :meth:`Model.log_density`, so that one compilation serves all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.model import targets as observed_targets
from calibration.model.annual import Annual
from calibration.model.cells import Cells
from calibration.model.packed import Packed
from calibration.model.row import Row
from calibration.model.targets import NUISANCE, chance, counted, vote_probabilities
from calibration.model.unknowns import Site
from calibration.observed import Record
from calibration.sources.raw import POWERS
from sim.axes import Array, namespace
from sim.errors import InputError, nearest

Numbers = NDArray[np.float64]
SERIES = ("votes", "orders", "trade")

BLOCKS = {
    "system": ("system_gain", "coercion_weight", "demand_weight"),
    "leader": ("leader_gain", "priority_effect", "risk_effect"),
    "moderation": ("clarity_exponent",),
    "coercion": ("coercion_weight",),
    "commitments": ("lock_in",),
    "domestic": ("veto_effect",),
    "inertia": ("adjustment_rate",),
    "luck": ("volatility",),
}
"""Short names of switches and the parameters that each multiplies. What moves a stance; what only shows it in the record
(supply_effect, flow) stays in every special case, so that rivals observe the world as the model does."""

_AT_ONCE = {"adjustment_rate": (0.0, 30.0), "volatility.diplomacy": 0.0, "volatility.defence": 0.0}
_AT_ONCE |= {"volatility.trade": float(np.sqrt(60.0))}
CASES: dict[str, dict[str, float | tuple[float, float]]] = {
    "full": {},
    "system": {"leader": 0.0},
    "leader": {"system": 0.0, "moderation": 0.0, "commitments": 0.0},
    "autoregression": {"system": 0.0, "leader": 0.0, "moderation": 0.0, "commitments": 0.0},
    "persistence": {"system": 0.0, "leader": 0.0, "moderation": 0.0, "commitments": 0.0, "inertia": 0.0},
    "static": {"system": 0.0, "leader": 0.0, "moderation": 0.0, "commitments": 0.0, **_AT_ONCE},
    "regime_mean": {"system": 0.0, "moderation": 0.0, "commitments": 0.0, **_AT_ONCE},
    "agenda": {"norm.diplomacy": 0.0, "system": 0.0, "leader": 0.0, "moderation": 0.0, "commitments": 0.0, **_AT_ONCE},
}
"""Special cases of the model (sim/README.md, section 9) as switches. A number multiplies a parameter; (m, c) makes it m x + c.
At once: a rate of 30 a year, with the yearly spread of trade kept at volatility times roughness."""


@dataclass(frozen=True)
class Observed:
    """A record as this model sees it.

    Attributes
    ----------
    votes : (cell, answer) how often Bangladesh said no, abstained, said yes on each of ``Core.cells``
    orders : (year, supplier) arms orders: the powers, then all others
    trade : (power, year) log share of trade, NaN where not known
    """

    votes: Numbers
    orders: Numbers
    trade: Numbers


@dataclass(frozen=True)
class Model:
    """The core model of a record: its unknowns, its rules, its density.

    Attributes
    ----------
    record : what was observed
    annual : the exogenous side
    """

    record: Record
    annual: Annual = field(default_factory=Annual)

    # --- words ---------------------------------------------------------------------------------------------------------

    @cached_property
    def row(self) -> Row:
        """Bangladesh's row of the model."""
        return Row(self.annual)

    @property
    def years(self) -> NDArray[np.int64]:
        """Years of the model, (year,)."""
        return self.annual.years

    @property
    def powers(self) -> tuple[str, ...]:
        """Powers in the order of every array here."""
        return POWERS

    @cached_property
    def packed(self) -> Packed:
        """Parameters and the Dirichlet weight of orders, side by side."""
        law = NUISANCE["order_concentration"]
        return Packed((*self.row.sites, Site("order_concentration", "order_concentration", "all", "default", law, 0, "A")))

    @property
    def sites(self) -> tuple[Site, ...]:
        """Unknown numbers (for tables and priors)."""
        return self.packed.sites

    @cached_property
    def cells(self) -> Cells:
        """The different roll calls of the record."""
        return Cells.of(self.record, self.years)

    @cached_property
    def targets(self) -> Observed:
        """What was observed."""
        return self.lay(self.record)

    def lay(self, record: Record, counted: NDArray[np.bool_] | None = None) -> Observed:
        """A record of the same roll calls as ``targets`` for the other methods.

        ``counted``, (row,) of the votes table, leaves votes out, e.g. ``record.votes["whole"] == 1``.
        """
        laid = observed_targets.lay(record, self.annual)
        return Observed(
            self.cells.count(record, counted), laid.orders, laid.trade[self.row.home, self.at, 0, self._trade, 0, 0]
        )

    @cached_property
    def _trade(self) -> int:
        return self.annual.world.labels["issue"].index(self.row.issues[-1])

    def weights(self, held_out: Any = (), **series: float) -> dict[str, Numbers]:
        """Weights by series and year: 0 in held-out years, else 1 or what is given by name (votes=0.5)."""
        seen = 1.0 - np.isin(self.years, held_out)
        return {name: series.get(name, 1.0) * seen for name in SERIES}

    @cached_property
    def codings(self) -> tuple[Numbers, Numbers]:
        """Coded images and their standard deviations, (coding,) each, in the order of ``row.codings``."""
        found = self.row.codings
        return np.array([c.value for c in found]), np.array([(c.range[1] - c.range[0]) / 3.3 for c in found])

    def switched(self, switches: dict[str, Any]) -> tuple[Numbers, Numbers]:
        """Factor and constant of every number that parameters are laid into.

        Raises
        ------
        InputError : a name that is no switch, parameter or parameter.issue
        """
        labels = self.row.labels()
        factor, constant = np.ones(len(labels)), np.zeros(len(labels))
        names = {*BLOCKS, *(p for p, _ in labels), *(f"{p}.{i}" for p, i in labels if i)}
        for name, given in switches.items():
            if name not in names:
                raise InputError(f"'{name}' is no switch", where="switches", how=nearest(name, names))
            times, plus = given if isinstance(given, tuple) else (given, 0.0)
            here = [p in BLOCKS.get(name, (name,)) or f"{p}.{i}" == name for p, i in labels]
            factor[here] *= times
            constant[here] = constant[here] * times + plus
        return factor, constant

    # --- density -------------------------------------------------------------------------------------------------------

    @cached_property
    def shapes(self) -> tuple[tuple[int, ...], tuple[int, ...], int]:
        """Shapes of luck (issue, power, year), first luck (issue, power), and number of images."""
        n = len(self.row.issues) - 1
        return (n, len(POWERS), len(self.years)), (n, len(POWERS)), len(self.row.draws)

    @cached_property
    def _cuts(self) -> list[int]:
        return [int(n) for n in np.cumsum([self.packed.size, *(np.prod(shape) for shape in self.shapes)])]

    @property
    def size(self) -> int:
        """Number of unknowns."""
        return self._cuts[-1]

    @property
    def luck(self) -> slice:
        """Where luck lies among the unknowns: (issue area but trade, power, year)."""
        return slice(self._cuts[0], self._cuts[1])

    @property
    def first(self) -> slice:
        """Where the luck behind the first stances lies: (issue area but trade, power)."""
        return slice(self._cuts[1], self._cuts[2])

    @property
    def images(self) -> slice:
        """Where the luck of images lies, in the order of ``row.draws``."""
        return slice(self._cuts[2], self._cuts[3])

    @cached_property
    def placement(self) -> tuple[Numbers, Numbers]:
        """Matrix and constant that lay parameters into frames."""
        return self.row.placement(self.packed.places, self.packed.size)

    @cached_property
    def at(self) -> list[int]:
        """Places of the powers on the partner axis."""
        return [self.annual.world.labels["partner"].index(power) for power in POWERS]

    def arguments(self, weights: dict[str, Numbers], switches: dict[str, Any], codings: Any, targets: Observed) -> Any:
        """All by which fits differ, as arrays for one compiled sampler."""
        known, shares = np.isfinite(targets.trade), np.nan_to_num(targets.trade)
        chained = known * np.concatenate([0.0 * known[:, :1], known[:, :-1]], axis=1)
        seen = weights["trade"] * np.concatenate([[0.0], (weights["trade"] > 0)[:-1]])
        record = {"votes": self.cells.arguments(targets.votes), "orders": targets.orders, "shares": shares}
        record |= {"chained": chained}
        factor, constant = self.switched(switches)
        value, sd = codings
        given = {"votes": weights["votes"], "orders": weights["orders"], "trade": seen}
        contracts = self.row.cut(self.annual.known_contracts(unseen(self.years, weights["orders"])))
        given = {"weights": given, "record": record, "contracts": contracts}
        return given | {"factor": factor, "constant": constant, "value": value, "sd": sd}

    @cached_property
    def _spread_out(self) -> Numbers:
        """(power, partner) 1 where a power stands on the partner axis."""
        return np.eye(len(self.annual.world.labels["partner"]))[self.at]

    def board(self, z: Array, given: Any) -> dict[str, Array]:
        """Everything the rules make of one vector of unknowns, (unknown,): frames by name."""
        n = self.packed.size
        matrix, fixed = self.placement
        values = self.packed.value(z[:n])
        laid = given["factor"] * (fixed + matrix @ values) + given["constant"]
        luck = self._spread_out.T @ z[self.luck].reshape(self.shapes[0])
        first = z[self.first].reshape(self.shapes[1]) @ self._spread_out
        xp, shares = namespace(z), given["record"]["shares"]
        before = self._spread_out.T @ xp.concatenate([shares[:, :1], shares[:, :-1]], axis=1)
        image = self.row.image(z[self.images], given["value"], given["sd"])
        board = self.row.path(self.row.frames(laid), image, given["contracts"], luck, first, before)
        return board | {"order_concentration": values[self.packed.places["order_concentration"].start]}

    def log_likelihood(self, board: dict[str, Array], given: Any) -> dict[str, Array]:
        """Log-probability of the record by series and year, (year,) in nats; trade given the year before."""
        record = given["record"]
        return {
            "votes": self._votes(board, record["votes"]),
            "orders": observed_targets.orders(self.annual, board, board["order_concentration"], record["orders"]),
            "trade": observed_targets.trade(
                record["shares"], record["chained"], *(self._spread_out @ board[name] for name in ("expected", "trade_size"))
            ),
        }

    @cached_property
    def _roll_calls(self) -> tuple[dict[str, Array], Numbers]:
        """Frames of all cells, and (year, block) of their grid."""
        return self.cells.grid.frames(self.cells.asked), self.cells.grid.carry(len(self.years))

    def _votes(self, board: dict[str, Array], record: dict[str, Array]) -> Array:
        """Yes votes on all cells, other answers where there are any; of the board only what roll calls rest on."""
        asked, carry = self._roll_calls
        board = board | {"votes_here": board["votes_here"][:, :, :, :1]}
        stance = board["stance"][:, self.at, :, :1]
        yes = chance(self.annual, board | {"stance": stance @ carry}, "vote_yes", asked)
        here = board | {"stance": stance @ record["carry"]}
        others = vote_probabilities(self.annual, here, record["asked"])[:2]
        few = sum(counted(n, p) for n, p in zip(record["few"], others, strict=True))
        return carry @ counted(record["yes"], yes) + record["carry"] @ few

    def log_density(self, z: Array, given: Any) -> Array:
        """Log posterior density of a vector of unknowns, (unknown,), up to a constant (nats)."""
        n, weights = self.packed.size, given["weights"]
        found = self.log_likelihood(self.board(z, given), given)
        seen = sum((weights[name] * found[name]).sum() for name in SERIES)
        return seen + self.packed.log_density(z[:n]) - 0.5 * (z[n:] ** 2).sum()

    def steps(self, board: dict[str, Array]) -> dict[str, Array]:
        """What is needed beyond the density, of one board.

        Returns
        -------
        ``start`` (power, issue area but trade) before the first year, ``stance`` (power, issue area but trade, year) at year
        ends, ``order_share`` (year, supplier),
        ``trade_kept`` (year,) ``trade_goal`` ``trade_size`` (power, year): next share = kept x share + goal + size x t4
        """
        xp, n, at = namespace(board["stance"]), len(self.row.issues) - 1, np.array(self.at)
        powers = board["order_share"][0, :, 0, 0, 0, 0][at]
        return {
            "start": board["start"].T[at],
            "stance": board["stance"][0, :, 0, :n, 0, 0][at],
            "order_share": xp.concatenate([powers, 1.0 - powers.sum(axis=0, keepdims=True)]).T,
            "trade_kept": board["trade_kept"],
            "trade_goal": board["trade_goal"][at],
            "trade_size": board["trade_size"][at],
        }


def unseen(years: NDArray[np.int64], weights: Numbers) -> frozenset[int]:
    """Held-out years: those without weight, except before the first that has some (left out there is not held out).

    Years and weights are (year,) both.
    """
    seen = weights > 0
    return frozenset(years[~seen & (years > years[seen].min(initial=years[-1]))].tolist())
