"""Bangladesh's own row of the yearly model: the same rules, bound to one state, for all years at once.

What no record can teach is left out, exactly: the powers stand at their norm toward Bangladesh, and what would answer
them (reciprocity, jealousy, omnibalancing) is zero. Then no state's stance rests on another's, stances are linear in their
past, and the paths of all years come out at once. Every number still comes out of a registered rule, through the
same binder that serves a Mesa agent its row. Issue areas are those with a record: votes, orders, trade.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.model.annual import HOME, Annual, Coding, drawn_codings
from calibration.model.paths import START_YEARS, WANTED, rule, spread
from calibration.model.unknowns import Layout, Site, layout
from sim.axes import Array, frame, namespace
from sim.codebook import codebook
from sim.rulebook import RULES, Rule, bind, needed
from sim.rules.turn import PHASES

UNANSWERED = ("support", "interaction")
"""Computed variables that are zero where nobody answers anybody."""

OBSERVED = {"votes": ("agenda_weight", "palestine_effect", "disarmament_effect", "no_cut", "yes_gap"), "aid": ("aid_loading",)}
"""Parameters of the observation of a record, which no rule of the path reads."""


@dataclass(frozen=True)
class Row:
    """One state's row, Bangladesh's unless another is named.

    Attributes
    ----------
    annual : the exogenous side
    state : whose row
    series : records that show in it; their issue areas are the row's. Trade, which is observed itself, comes last
    seen_by_others : variables as the others have them, as whole frames; the others' stances stand at their norm, both zero
    wanted : what the likelihoods need
    """

    annual: Annual
    state: str = HOME
    series: tuple[str, ...] = ("votes", "orders", "trade")
    seen_by_others: dict[str, Array] = field(default_factory=dict)
    wanted: tuple[str, ...] = WANTED

    @cached_property
    def issues(self) -> tuple[str, ...]:
        """Issue areas with a record in this row."""
        fixed, names = self.annual.world.fixed, self.annual.world.labels["issue"]
        return tuple(names[int(np.flatnonzero(fixed[f"{series}_here"])[0])] for series in self.series)

    @cached_property
    def unanswered(self) -> tuple[str, ...]:
        """Computed variables that are zero in this row."""
        return () if self.seen_by_others else UNANSWERED

    @cached_property
    def _columns(self) -> NDArray[np.int64]:
        return np.array([self.annual.world.labels["issue"].index(issue) for issue in self.issues])

    @cached_property
    def home(self) -> int:
        """Place of the state on the state axis."""
        return self.annual.world.labels["state"].index(self.state)

    @cached_property
    def seen(self) -> dict[str, int]:
        """Lengths of the axes as this row sees them."""
        return self.annual.world.lengths | {"state": 1, "issue": len(self.issues)}

    def cut(self, value: Array) -> Array:
        """This row, and these issue areas, of a frame."""
        value = value[self.home : self.home + 1] if value.shape[0] > 1 else value
        return value[:, :, :, self._columns] if value.shape[3] > 1 else value

    # --- rules ---------------------------------------------------------------------------------------------------------

    @cached_property
    def rules(self) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
        """Rules to evaluate for a row, in order: up to the stance, and after it."""
        names = needed(set(self.wanted), {*self.annual.given, *self.unanswered, *self.seen_by_others})
        order = [name for members in PHASES.values() for name in members if name in names - {"next_stance"}]
        deliver = [name for name in order if name in PHASES["deliver"]]
        return tuple(RULES[n] for n in order if n not in deliver), tuple(RULES[n] for n in deliver)

    @cached_property
    def given(self) -> dict[str, Array]:
        """Frames of all that holds no unknown, this row of them."""
        nothing = np.zeros((1,) * 7)
        board = {name: self.cut(value) for name, value in self.annual.given.items()}
        return board | {name: nothing for name in self.unanswered} | {"commitment": self.cut(self.annual.contracts)}

    @cached_property
    def turned(self) -> dict[tuple[str, Any], Array]:
        """What the row sees through others' eyes, as frames."""
        found, nothing, others = {}, np.zeros((1,) * 7), self.annual.given | self.seen_by_others
        for one in (*self.rules[0], *self.rules[1]):
            for argument in one.arguments:
                if argument.turn is not None:
                    whole = others.get(argument.variable)
                    key = (argument.variable, argument.turn)
                    found[key] = nothing if whole is None else self.cut(whole.transpose(argument.turn))
        return found

    def evaluate(self, board: dict[str, Array], rules: tuple[Rule, ...]) -> dict[str, Array]:
        """The board of frames with some rules evaluated on it; what a state does toward itself is neutral."""
        board, not_self = dict(board), self.annual.world.not_self[self.home : self.home + 1]

        def look(name: str, turn: tuple[int, ...] | None) -> Array:
            return board[name] if turn is None else self.turned[name, turn]

        for one in rules:
            value = bind(one, look, self.seen)
            board[one.name] = value * not_self if "partner" in one.axes and "state" in one.axes else value
        return board

    # --- unknowns ------------------------------------------------------------------------------------------------------

    @cached_property
    def _layout(self) -> Layout:
        return layout(self.annual.world.scenario)

    @property
    def read_by_records(self) -> tuple[str, ...]:
        """Parameters that only the observation of the row's records reads."""
        return tuple(name for series in self.series for name in OBSERVED.get(series, ()))

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Parameters that the row's rules and the roll calls read."""
        read = {name for one in (*self.rules[0], *self.rules[1], RULES["next_stance"]) for name in one.reads}
        return tuple(n for n in self._layout.places if n in read or n in self.read_by_records)

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """Unknown parameters that show in this row."""
        shown = {name for p in self.parameters for name, where in self._layout.places[p][1] if self.cut(where).any()}
        return tuple(site for site in self._layout.sites if site.name in shown)

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Parameter -> shape of its frame in this row."""
        return {p: self.cut(self._layout.places[p][0]).shape for p in self.parameters}

    def placement(self, places: dict[str, slice], size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Matrix and constant that lay a vector of parameters into all frames of the row, one after the other."""
        blocks, fixed = [], []
        for p in self.parameters:
            constant, parts = self._layout.places[p]
            block = np.zeros((self.cut(constant).size, size))
            for name, where in parts:
                if name in places:
                    block[:, places[name]] = self.cut(where).reshape(len(block), -1)
            blocks.append(block)
            fixed.append(self.cut(constant).ravel())
        return np.concatenate(blocks), np.concatenate(fixed)

    def frames(self, laid: Array) -> dict[str, Array]:
        """Parameter -> frame, from what :meth:`placement` lays out."""
        out, start = {}, 0
        for name, shape in self.shapes.items():
            size = int(np.prod(shape))
            out[name] = laid[start : start + size].reshape(shape)
            start += size
        return out

    def labels(self) -> tuple[tuple[str, str], ...]:
        """(parameter, issue area or '') of each number that :meth:`placement` lays out."""
        found = []
        for name, shape in self.shapes.items():
            issues = self.issues if "issue" in codebook()[name].axes else ("",)
            found += [(name, issues[at[3]]) for at in np.ndindex(*shape)]
        return tuple(found)

    # --- images --------------------------------------------------------------------------------------------------------

    @cached_property
    def codings(self) -> tuple[Coding, ...]:
        """Codings by the state's leaders, numbered by their own draws."""
        own = [c for c in self.annual.codings if c.state == self.state]
        pairs = list(dict.fromkeys((c.leader, c.partner) for c in own))
        return tuple(
            Coding(c.leader, c.state, c.partner, c.value, c.range, pairs.index((c.leader, c.partner)), c.weight) for c in own
        )

    @cached_property
    def draws(self) -> tuple[tuple[str, str], ...]:
        """(leader, partner) of each image that is drawn."""
        return tuple(dict.fromkeys((c.leader, c.partner) for c in self.codings))

    @cached_property
    def _place(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        partners = self.annual.world.labels["partner"]
        place = np.zeros((len(partners), len(self.codings)))
        for i, c in enumerate(self.codings):
            place[partners.index(c.partner), i] = 1.0
        return place, np.stack([c.weight for c in self.codings])

    def image(self, luck: Array, value: Array, sd: Array) -> Array:
        """Frame of images by year, from standard normal numbers, coded values and their standard deviations."""
        place, weight = self._place
        return ((place * drawn_codings(self.codings, luck, value, sd)) @ weight).reshape(1, len(place), 1, 1, 1, 1, -1)

    # --- the path ------------------------------------------------------------------------------------------------------

    def path(
        self, parameters: dict[str, Array], image: Array, contracts: Array, luck: Array, first: Array, trade: Array
    ) -> dict[str, Array]:
        """Stances through the years.

        Parameters
        ----------
        parameters : frames of :attr:`parameters`
        image : frame by year
        contracts : frame by year of contracts in force when it begins. Orders and trade of a year see these too, not what was
            signed in its course, so that no order counts as evidence for itself
        luck : (issue but trade, partner, year) standard deviations
        first : (issue but trade, partner) luck behind the first stances
        trade : (partner, year) log share of trade in the year before

        Returns
        -------
        the board: ``stance`` at the end of each year (trade at its norm), ``expected`` (partner, year) share of trade given
        the year before, ``trade_kept`` (year,), ``trade_goal`` and ``trade_size`` (partner, year) from which it follows,
        ``order_share``, ``start`` (issue but trade, partner): stances before the first year, and what else the rules computed
        """
        xp, n = namespace(luck), len(self.issues) - 1
        board = self.evaluate(self.given | parameters | {"image_of": image, "commitment": contracts}, self.rules[0])
        kept, toward, size, begin = motion(board)
        there = self.annual.world.not_self[self.home].reshape(-1)
        added, size, begin = (xp.moveaxis(value[0, :, 0, :, 0, 0], 0, 1) for value in (toward, size, begin))
        start = xp.moveaxis(board["desired"][0, :, 0, :n, 0, 0, 0], 0, 1) + there * begin[:n, :, 0] * first
        kept = kept[0, 0, 0, :, 0, 0]
        moving = through(kept[:n], added[:n] + there[:, None] * size[:n] * luck, start)
        still = 0.0 * moving[:1] + board["norm"][0, :, 0, n, 0, 0]
        stance = xp.moveaxis(xp.concatenate([moving, still]), 0, 1)[None, :, None, :, None, None]
        board |= {"stance": stance, "commitment": contracts, "start": start}
        board |= {"trade_kept": kept[n], "trade_goal": added[n], "trade_size": size[n]}
        return self.evaluate(board | {"expected": kept[n] * trade + added[n]}, self.rules[1])


def motion(board: dict[str, Array]) -> tuple[Array, Array, Array, Array]:
    """How stances move, as frames: by rule R13 the next stance is ``kept`` x stance + ``toward`` + ``size`` x luck.

    Returns
    -------
    share kept, what the desired stance adds, size of luck, and size of the luck behind the first stances
    """
    zero, one = frame(0.0, ()), frame(1.0, ())
    still = {"stance_shock": zero, "rate": zero, "volatility": zero}
    kept = rule(board, "next_stance", stance=one, desired=zero, **still)
    toward = rule(board, "next_stance", stance=zero, **still)
    first = {name: board[name][..., :1] for name in ("rate", "volatility", "roughness", "moved")} | {
        "step": frame(START_YEARS, ())
    }
    return kept, toward, spread(board), spread(first)


def through(kept: Array, added: Array, start: Array) -> Array:
    """x(t) = kept(t) x(t-1) + added(t) for all t at once, by doubling the span that is summed up.

    Parameters
    ----------
    kept : (k, t) between 0 and 1
    added : (k, j, t)
    start : (k, j) what held before the first t

    >>> through(np.array([[0.5, 0.5, 0.5]]), np.zeros((1, 1, 3)), np.array([[8.0]]))[0, 0].tolist()
    [4.0, 2.0, 1.0]
    """
    xp, length, span = namespace(added), added.shape[-1], 1
    kept = kept[:, None, :]
    x = xp.concatenate([added[..., :1] + kept[..., :1] * start[..., None], added[..., 1:]], axis=-1)
    while span < length:
        x, kept = x + kept * _later(x, span, xp), kept * _later(kept, span, xp)
        span *= 2
    return x


def _later(x: Array, span: int, xp: Any) -> Array:
    return xp.concatenate([0.0 * x[..., :span], x[..., :-span]], axis=-1)
