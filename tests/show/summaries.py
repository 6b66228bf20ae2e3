"""Synthetic summaries to draw."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import numpy as np

from sim import plots, quarters
from sim.measures import MEASURES
from sim.summary import Context, Fan, Heatmap, Mark, Span, Trajectories

NAMES = {
    "BGD": "Bangladesh", "RUS": "Russia", "IND": "India", "CHN": "China", "USA": "United States",
    "diplomacy": "Diplomacy", "defence": "Defence", "energy": "Energy", "trade": "Trade", "aid": "Aid",
    "people": "People",
}  # fmt: skip
POWERS, ISSUES = ("RUS", "IND", "CHN", "USA"), ("diplomacy", "defence", "energy", "trade", "aid", "people")
STATUS, MANIFEST = "prior, not yet calibrated", "3f9a2c71"
LONG_NAME = "Somebody With Quite a Long Name"


def names(start: str, count: int) -> tuple[str, ...]:
    first = quarters.quarter(start)
    return tuple(quarters.name(first + i) for i in range(count))


SPANS = {"forward": names("2026Q1", 21), "record": names("1972Q1", 210)}


def fan(span: str = "forward", partner: str = "RUS", issue: str = "energy", measure: str = "stance", state: str = "BGD") -> Fan:
    m, t = MEASURES[measure], np.linspace(0, 1, len(SPANS[span]))
    low, high = m.range or (0.0, 900.0)
    middle = low + (high - low) * (0.5 + 0.2 * np.sin(5 * t + len(partner + issue) + ord(partner[:1] or "a")))
    reach = 0.12 * (high - low) * (1 + t)
    bands = {level: (middle - k * reach, middle + k * reach) for level, k in ((0.95, 1.2), (0.8, 0.8), (0.5, 0.4))}
    return Fan(SPANS[span], middle, middle + 0.01, bands, m, "BGD", partner, issue, 300)


def heat(count: int = 3, measure: str = "stance") -> Heatmap:
    values = np.linspace(-0.9, 0.9, count * 24).reshape(count, 4, 6)
    return Heatmap(names("2026Q1", count), POWERS, ISSUES, values, values - 0.3, values + 0.3, MEASURES[measure], "BGD", 300)


def runs(span: str = "forward") -> Trajectories:
    t = np.linspace(0, 1, len(SPANS[span]))
    values = np.array([0.8 * np.sin(4 * t + k) for k in range(12)])
    return Trajectories(SPANS[span], values, tuple(range(12)), MEASURES["stance"], "BGD", "RUS", "energy")


def context(span: str = "forward", leaders: int = 15, marks: int = 20, status: str = STATUS) -> Context:
    first, last = (quarters.quarter(SPANS[span][i]) for i in (0, -1))
    days = (quarters.last_day(last) - quarters.first_day(first)).days
    cuts = [quarters.first_day(first) + timedelta(days=int(days * (k / leaders) ** 1.3)) for k in range(leaders + 1)]
    people = [Span(f"{LONG_NAME[: 9 + k]} {k}", a.isoformat(), b.isoformat()) for k, (a, b) in enumerate(pairwise(cuts))]
    moments = np.linspace(first, last, marks).astype(int) if marks else []
    dated = tuple(Mark(f"Event number {k} of many", quarters.name(int(q))) for k, q in enumerate(moments))
    both = {
        "BGD": tuple(people),
        "RUS": (Span("First", "1964-10-14", "2007-05-06"), Span("Second", "2007-05-07", "2031-03-31")),
    }
    return Context("made_up", "A made-up scenario", "What if?", status, MANIFEST, 300, both, dated, "made-up numbers", NAMES)


def all_fans(span: str) -> list[Fan]:
    return [fan(span, p, k) for p in POWERS for k in ISSUES]


FIGURES = {
    "fan": lambda span, c: plots.figure_fan(fan(span), c),
    "fans": lambda span, c: plots.figure_fans(all_fans(span), c),
    "few_fans": lambda span, c: plots.figure_fans(all_fans(span)[:2], c),
    "heatmap": lambda span, c: plots.figure_heatmap(heat(), c),
    "one_map": lambda span, c: plots.figure_heatmap(heat(1), c),
    "trajectories": lambda span, c: plots.figure_trajectories(runs(span), c),
}
CASES = [(kind, span) for kind in FIGURES for span in SPANS]
