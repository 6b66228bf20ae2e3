"""Synthetic summaries of the larger kinds of figure."""

from __future__ import annotations

import dataclasses

import numpy as np

from sim import plots
from sim.measures import MEASURES
from sim.recorded import Points
from sim.summary import Fan, Mark
from tests.show.summaries import POWERS, SPANS, fan, names

CUT = Mark("Training cut 2024-08-04", "2024Q3", cut=True)


def score(span: str = "forward") -> Fan:
    """A hedging score."""
    t = np.linspace(0, 1, len(SPANS[span]))
    middle = 0.8 + 0.1 * np.sin(6 * t)
    bands = {level: (middle - k, middle + 0.3 * k) for level, k in ((0.95, 0.2), (0.8, 0.12), (0.5, 0.06))}
    return Fan(SPANS[span], middle, middle, bands, MEASURES["hedging"], "BGD", "", "", 300)


def alignment(span: str = "forward") -> plots.Alignment:
    """A path that turns, and two ellipses."""
    t = np.linspace(0, 1, len(SPANS[span]))
    path = np.column_stack([0.2 * np.cos(3 * t), 0.2 * np.sin(4 * t)])
    turn = np.linspace(0, 2 * np.pi, 40)
    circle = np.column_stack([np.cos(turn), np.sin(turn)])
    regions = {at: {s: path[at] + r * circle for s, r in ((0.5, 0.1), (0.8, 0.2))} for at in (0, len(t) - 1)}
    fans = tuple(fan(span, p, "energy", "stance") for p in POWERS)
    return plots.Alignment(fans, ("IND", "CHN", "RUS", "USA"), path, regions, 0.83, "")


WORLDS = ("One government", "Another government with a long title of many words", "A third one", "A fourth")


def governments(worlds: int = 4, measure: str = "cooperation") -> plots.Governments:
    """The same relations under several governments."""
    fans = {p: tuple(_moved(fan("forward", p, "energy", measure), 0.04 * i) for i in range(worlds)) for p in POWERS}
    differences = {p: tuple((0.1 * i + 0.02 * k, -0.1, 0.4) for i in range(1, worlds)) for k, p in enumerate(POWERS)}
    return plots.Governments(WORLDS[:worlds], fans, differences)


def _moved(one: Fan, by: float) -> Fan:
    bands = {level: (low + by, high + by) for level, (low, high) in one.bands.items()}
    return dataclasses.replace(one, median=one.median + by, bands=bands)


def side(label: str, level: float, yes: tuple[str, ...], no: tuple[str, ...]) -> plots.Side:
    """One described kind of roll call with a record of ten years."""
    quarters = SPANS["forward"]
    fans = []
    for measure, middle in (("vote_yes", level), ("vote_no", 0.6 * (1 - level))):
        line = np.full(len(quarters), middle)
        bands = {k: (np.clip(line - w, 0, 1), np.clip(line + w, 0, 1)) for k, w in ((0.95, 0.3), (0.8, 0.2), (0.5, 0.1))}
        fans.append(Fan(quarters, line, line, bands, MEASURES[measure], "BGD", "", "palestine", 300))
    years = np.arange(2014, 2024)
    record = [Points(years, np.full(10, v), np.full(10, 3), "Points: texts like it.") for v in (level, 0.0)]
    return plots.Side(label, yes, no, *fans, *record, ("2014Q1", quarters[-1]))


def sides(count: int = 7) -> plots.Sides:
    """Kinds of roll call on which powers oppose each other."""
    kinds = [
        side(f"Kind {k} of text, described", 0.1 + 0.12 * k, ("IND", "CHN", "RUS")[: 1 + k % 3], ("USA",)) for k in range(count)
    ]
    return plots.Sides(tuple(kinds), CUT)


def acts(span: str = "record") -> plots.Acts:
    """Acts on record and simulated with every power."""
    first, last = (int(SPANS[span][i][:4]) for i in (0, -1))
    rng = np.random.default_rng(5)
    lanes = []
    for power in POWERS:
        had, made = (
            tuple(
                plots.Act(first + (last - first) * u, float(v), bool(k % 2))
                for k, (u, v) in enumerate(zip(*draws, strict=True))
            )
            for draws in ((rng.random(30), rng.uniform(-9, 8.3, 30)), (rng.random(20), rng.uniform(-6, 7, 20)))
        )
        known = span == "record"
        warm = float(np.mean([a.goldstein > 0 for a in had]))
        rate = 1.4 if known else None
        lanes.append(plots.Lane(power, had if known else (), made, rate, (1.3, 0.9, 1.7), warm if known else None, 0.7))
    return plots.Acts(tuple(lanes), SPANS[span], "BGD", 0, (5.2, 4.4, 6.1), 5.6 if span == "record" else None)


def tornado() -> plots.Tornado:
    """Factors from wide to narrow, the last one of no effect."""
    swings = [
        plots.Swing(f"Factor number {k} with a name of some length", plots.End("its lower end", -0.2 - w, 0.02),
                    plots.End("the other, upper end", -0.2 + w, 0.02))
        for k, w in enumerate((0.3, 0.2, 0.1, 0.02, 0.0))
    ]  # fmt: skip
    return plots.Tornado(
        "The first moves it most", "By this much.", "What bars are.", "Change (index points)", -0.2, tuple(swings)
    )


def observed() -> Fan:
    """A share of orders with its record, over the record."""
    made = fan("record", "CHN", "", "order_share")
    years = np.arange(1972, 2024, 2)
    return dataclasses.replace(
        made, observed=Points(years, np.linspace(0, 1, len(years)), np.full(len(years), 3), "Points: what is on record.")
    )


CROSSING = names("2022Q1", 21)
"""Quarters that the training cut lies within."""
