"""Figures of comparisons and of evidence: the numbers they are given, legible, and every word in its place."""

import dataclasses

import numpy as np
import pytest

from sim import plots
from sim.comparison import as_difference
from sim.measures import MEASURES
from sim.plots import learned, record
from tests.show.seeing import by_gid, check_boxes, drawn
from tests.show.summaries import ISSUES, MANIFEST, POWERS, STATUS, context, fan

DIFFERENCE = as_difference(MEASURES["cooperation"])


def difference(partner="RUS", issue="energy", scale=0.3):
    made = fan("forward", partner, issue, "cooperation")
    t = np.linspace(0, 1, len(made.quarters)) * scale
    bands = {level: (t - k * t, t + k * t) for level, k in ((0.95, 1.2), (0.8, 0.8), (0.5, 0.4))}
    return dataclasses.replace(made, measure=DIFFERENCE, median=t, bands=bands)


def contrast(scale=0.3):
    worlds = [fan("forward", "RUS", "energy", "cooperation") for _ in range(2)]
    return plots.Contrast(*worlds, difference("RUS", "energy", scale), ("One government", "Another one"), 0.93, "2027Q2", 0.11)


def parameter(label, middle, grade="A"):
    return learned.Parameter(label, (-0.8, 0.0, 0.8), (middle - 0.2, middle, middle + 0.2), 0.85, grade)


def taught():
    names = ("diplomacy", "defence", "trade")
    titles = ("Leader gain", "System gain", "Norm, diplomacy", "Norm, defence", "Adjustment rate", "Volatility")
    groups = [(title, "log points", tuple(parameter(n, 0.1 * i) for i, n in enumerate(names))) for title in titles]
    return learned.Learned("The record teaches this", "And this much of it.", tuple(groups))


def replay():
    years = np.arange(1975, 2024)
    middle = 4 + 2 * np.sin(years / 3.0)
    happened = np.where(years % 7 == 0, np.nan, middle + np.cos(years))
    bands = {0.95: (middle - 4, middle + 4), 0.8: (middle - 2, middle + 2), 0.5: (middle - 1, middle + 1)}
    panels = [record.Held(f"Orders from {p}", "orders a year", p, years * 1.0, happened, middle, bands, 0.94) for p in POWERS]
    return record.Replay("It was like that", "And it was foretold.", "Held out in turn.", tuple(panels), (1982, 1991), "BGD")


FIGURES = {
    "contrast": lambda: plots.figure_contrast(contrast(), context()),
    "differences": lambda: plots.figure_differences([difference(p, k) for p in POWERS for k in ISSUES], context()),
    "learned": lambda: learned.figure_learned(taught(), context("record")),
    "replay": lambda: record.figure_replay(replay(), context("record")),
}


@pytest.mark.parametrize("kind", FIGURES)
def test_nothing_overlaps_and_everything_is_credited(kind, monkeypatch):
    figure = FIGURES[kind]()
    texts = drawn(figure, monkeypatch)
    check_boxes(figure, texts)
    said = " ".join(t.get_text().replace("\n", " ") for t in texts)
    for needed in (STATUS, MANIFEST, "made-up numbers"):
        assert needed in said


def test_a_contrast_draws_both_worlds_and_their_difference():
    made = contrast()
    upper, lower = plots.figure_contrast(made, context()).axes[:2]
    np.testing.assert_array_equal(by_gid(upper, "median-other").get_ydata(), made.other.median)
    np.testing.assert_array_equal(by_gid(lower, "median").get_ydata(), made.difference.median)
    caption = plots.caption_contrast(made, context())
    for needed in ("+0.30", "+0.06 to +0.54", "93 %", "2027Q2", "same luck"):
        assert needed in caption
    never = dataclasses.replace(made, since="")
    assert "cannot be told from none" in plots.caption_contrast(never, context())


def test_no_difference_is_called_none():
    same = [difference(p, k, 0.0) for p in POWERS for k in ISSUES]
    assert "hardly differs" in plots.captions.headline_differences(same, context())


def test_posterior_and_prior_are_drawn_where_they_are():
    ax = learned.figure_learned(taught(), context("record")).axes[0]
    posterior = [a.get_xdata() for a in ax.findobj(lambda a: a.get_gid() == "learned")]
    np.testing.assert_allclose(posterior, [[-0.2, 0.2], [-0.1, 0.3], [0.0, 0.4]])
    assert all(tuple(a.get_xdata()) == (-0.8, 0.8) for a in ax.findobj(lambda a: a.get_gid() == "prior"))


def test_the_record_is_drawn_as_points_over_its_forecast():
    made = replay()
    for ax, held in zip(record.figure_replay(made, context("record")).axes, made.panels, strict=True):
        np.testing.assert_array_equal(by_gid(ax, "observed").get_ydata(), held.observed)
        np.testing.assert_array_equal(by_gid(ax, "median").get_ydata(), held.median)


def steps():
    made = [
        plots.Step(label, mean, mean - 0.1, mean + 0.1) for label, mean in (("System", 0.2), ("Chance", -0.35), ("Home", 0.01))
    ]
    whole = plots.Step("Whole", -0.14, -0.3, 0.0)
    return plots.Waterfall("Most of it is chance", "A sentence.", "Stance (index points)", tuple(made), whole)


def test_a_staircase_ends_where_its_steps_lead(monkeypatch):
    figure = plots.figure_waterfall(steps(), context())
    check_boxes(figure, drawn(figure, monkeypatch))
    bars = [by_gid(figure.axes[0], f"step-{x}") for x in range(4)]
    starts, heights = [b.get_y() for b in bars], [b.get_height() for b in bars]
    np.testing.assert_allclose(starts, [0.0, 0.2, -0.15, 0.0])
    np.testing.assert_allclose(heights, [0.2, -0.35, 0.01, -0.14])
