"""Roll calls laid out for speed: alike ones counted together, in blocks of equal length, each block within one year.

Bangladesh said yes to 93 of 100 texts. So yes votes stand on one grid of all different roll calls, where only the
probability of a yes is needed, and the few that hold another answer stand on a second, small grid that is an argument of the
sampler: any record of the same roll calls, real or simulated, fits the same compiled code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.observed import Record
from calibration.sources.votes import SUBJECTS
from sim.axes import frame

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """Where cells stand: blocks of some length, each within one year.

    Attributes
    ----------
    item, block : (cell,) place of each cell
    year : (block,) number of the year of each block; -1 for blocks that are not used
    length : of a block
    """

    item: NDArray[np.int64]
    block: NDArray[np.int64]
    year: NDArray[np.int64]
    length: int

    @staticmethod
    def of(year: NDArray[np.int64], length: int, blocks: int = 0) -> Grid:
        """A grid for cells of these years (numbers).

            Parameters
            ----------
            year : of each cell, (cell,)
        blocks : laid out at least (doubled where cells need more), so that different records share what JAX has compiled
        """
        item, block, years = np.empty(len(year), int), np.empty(len(year), int), []
        for t in np.unique(year):
            cells = np.flatnonzero(year == t)
            item[cells] = np.arange(len(cells)) % length
            block[cells] = len(years) + np.arange(len(cells)) // length
            years += [int(t)] * -(-len(cells) // length)
        while 0 < blocks < len(years):
            blocks *= 2
        return Grid(item, block, np.array(years + [-1] * (blocks - len(years))), length)

    def carry(self, years: int) -> Numbers:
        """(year, block) 1 where the block belongs to the year."""
        return (np.arange(years)[:, None] == self.year) * 1.0

    def laid(self, values: NDArray[Any]) -> Numbers:
        """(..., item, block) from values (cell, ...); zero where a block has no cell."""
        out = np.zeros((*values.shape[1:], self.length, len(self.year)))
        out[..., self.item, self.block] = np.moveaxis(values, 0, -1)
        return out

    def frames(self, asked: dict[str, NDArray[Any]]) -> dict[str, Numbers]:
        """Frames of what describes roll calls, (cell,) or for each power (cell, power), blocks on the last axis."""
        return {name: frame(self.laid(of), ("partner", "item", "run")[2 - of.ndim :]) for name, of in asked.items()}


@dataclass(frozen=True)
class Cells:
    """Different roll calls: same year, same lean of the Assembly, same subject, same votes of the powers.

    Attributes
    ----------
    years : years of the model
    key : (cell, 4 + power) year, 100 x lean, whether it is on each of SUBJECTS, votes of the powers
    row_cell : (row of the votes table,) its cell; -1 outside the years
    """

    years: NDArray[np.int64]
    key: NDArray[np.int64]
    row_cell: NDArray[np.int64]

    BLOCK = 16
    RARE = (8, 128)

    @staticmethod
    def of(record: Record, years: NDArray[np.int64]) -> Cells:
        """The cells of a record; ``years`` are those of the model, (year,)."""
        lean = np.round(100 * record.votes["lean"]).astype(int)
        subjects = [record.votes[name] for name in SUBJECTS]
        rows = np.column_stack([record.votes["year"], lean, *subjects, record.vote_positions()]).astype(int)
        here = np.isin(record.votes["year"], years)
        key, inverse = np.unique(rows[here], axis=0, return_inverse=True)
        row_cell = np.full(len(rows), -1)
        row_cell[here] = inverse.ravel()
        return Cells(years, key, row_cell)

    @property
    def year(self) -> NDArray[np.int64]:
        """Year of each cell, (cell,)."""
        return self.key[:, 0]

    @property
    def lean(self) -> Numbers:
        """Lean of the rest of the Assembly (half a difference of log-odds)."""
        return self.key[:, 1] / 100.0

    @property
    def powers(self) -> NDArray[np.int64]:
        """(cell, power) 1 yes, 0 abstained or absent, -1 no."""
        return self.key[:, 2 + len(SUBJECTS) :]

    @cached_property
    def asked(self) -> dict[str, NDArray[Any]]:
        """What describes each cell in the words of the rules: (cell,), and (cell, power) for the powers' votes."""
        subjects = {name: self.key[:, 2 + i] for i, name in enumerate(SUBJECTS)}
        return {"assembly": self.lean, **subjects, "power_vote": self.powers}

    def count(self, record: Record, counted: NDArray[np.bool_] | None = None) -> Numbers:
        """(cell, answer) how often no, abstention, yes; ``counted`` says which rows of the table count.

        Raises
        ------
        ValueError : the record has other roll calls than these cells
        """
        counts = record.vote_counts() * (1 if counted is None else np.asarray(counted)[:, None])
        if len(counts) != len(self.row_cell):
            raise ValueError("the record holds other roll calls; make a Core of it")
        out, here = np.zeros((len(self.key), 3)), self.row_cell >= 0
        np.add.at(out, self.row_cell[here], counts[here])
        return out

    @cached_property
    def number(self) -> NDArray[np.int64]:
        """Number of the year of each cell, (cell,)."""
        return np.searchsorted(self.years, self.year)

    @cached_property
    def grid(self) -> Grid:
        """The grid of all cells."""
        return Grid.of(self.number, self.BLOCK)

    def arguments(self, counts: Numbers) -> dict[str, Numbers]:
        """Counts (cell, answer) as arrays for the sampler; the partner axis of ``asked`` holds the powers alone."""
        rare = np.flatnonzero(counts[:, :2].any(axis=1))
        grid = Grid.of(self.number[rare], *self.RARE)
        asked = grid.frames({name: of[rare] for name, of in self.asked.items()})
        few = np.stack([frame(rows, ("item", "run")) for rows in grid.laid(counts[rare, :2])])
        yes = frame(self.grid.laid(counts[:, 2]), ("item", "run"))
        return {"yes": yes, "asked": asked, "few": few, "carry": grid.carry(len(self.years))}
