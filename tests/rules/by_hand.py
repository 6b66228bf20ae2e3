"""Rules called by hand, one number for each argument."""

from __future__ import annotations

import math

import numpy as np

from sim.axes import frame
from sim.rulebook import RULES, bind
from sim.rules import implementation

LN2 = math.log(2.0)


def next_stance(stance, desired, rate, step, volatility, stance_shock, roughness=1.0):
    """R13a and R13 together."""
    moved = implementation.moved(rate, step)
    return implementation.next_stance(stance, desired, moved, rate, step, volatility, roughness, stance_shock)


def next_commitment(commitment, lifetime, step, signing_rate, joint, scheduled, record_over=1.0):
    """R14 after the record."""
    return implementation.next_commitment(commitment, lifetime, step, record_over, signing_rate, joint, scheduled)


def evaluate(name: str, n: dict[str, int], **values) -> np.ndarray:
    """A rule on a small board; each value is given as (numbers, axes). The result comes without axes of length one."""
    board = {key: frame(np.array(value), axes) for key, (value, axes) in values.items()}
    lengths = dict.fromkeys(("state", "partner", "third", "issue", "item", "act"), 1) | n
    out = bind(RULES[name], lambda key, turn: board[key] if turn is None else board[key].transpose(turn), lengths)
    return out.squeeze()


STATE, DYAD, DYAD_ISSUE, ISSUE, WORLD = ("state",), ("state", "partner"), ("state", "partner", "issue"), ("issue",), ()
FIVE = {"state": 5, "partner": 5, "third": 5}
THREE = {"state": 3, "partner": 3, "third": 3}
POWERS = ([0.0, 1.0, 1.0, 1.0, 1.0], STATE)
