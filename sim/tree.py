"""A shallow tree beside the box: the same question asked step by step, as a check that does not share the box's method.

Floor 5. Works on plain arrays and runs no model. The tree is grown by scikit-learn (Pedregosa et al. 2011).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.discovery import SUPPORT, Floats, Limit
from sim.sensitivity import libraries

WORTH = 0.01
"""Share of the variance that a question must take away to be asked."""


@dataclass(frozen=True)
class Node:
    """A node of the tree: the share of runs with the outcome, and the question that splits it.

    Attributes
    ----------
    share, points : share of runs with the outcome; points
    factor, limit : what is asked (None at a leaf)
    yes, no : the two sides
    """

    share: float
    points: int
    factor: int = -1
    limit: Limit | None = None
    yes: Node | None = None
    no: Node | None = None


def tree(columns: Floats, levels: Sequence[int], outcome: Floats, depth: int = 3) -> Node:
    """A classification tree (Breiman et al. 1984) of the same points; each level of a category is a question of its own.

    Parameters
    ----------
    columns : (point, factor): numbers, or levels counted from 0
    levels : how many levels a factor has; 0 for numbers
    outcome : (point,) share of runs in which it happens; a point with NaN is left out
    depth : most questions on the way to a leaf
    """
    kept = np.isfinite(outcome)
    columns, outcome = columns[kept], outcome[kept]
    asked: list[tuple[int, int]] = [(f, k) for f, n in enumerate(levels) for k in (range(n) if n else (-1,))]
    table = np.stack([columns[:, f] if k < 0 else (columns[:, f] == k).astype(float) for f, k in asked], axis=1)
    with libraries():
        from sklearn.tree import DecisionTreeRegressor
    grower = DecisionTreeRegressor(
        max_depth=depth, min_samples_leaf=SUPPORT, min_impurity_decrease=WORTH * float(outcome.var()), random_state=0
    )
    grown = grower.fit(table, outcome).tree_
    return _node(grown, 0, asked)


def _node(grown: Any, place: int, asked: Sequence[tuple[int, int]]) -> Node:
    share, points = float(grown.value[place].ravel()[0]), int(grown.n_node_samples[place])
    if grown.children_left[place] < 0:
        return Node(share, points)
    factor, level = asked[grown.feature[place]]
    below, above = (_node(grown, int(side[place]), asked) for side in (grown.children_left, grown.children_right))
    if level >= 0:
        return Node(share, points, factor, Limit(levels=frozenset({level})), yes=above, no=below)
    return Node(share, points, factor, Limit(high=float(grown.threshold[place])), yes=below, no=above)
