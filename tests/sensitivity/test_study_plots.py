"""Figures of studies: they draw the numbers they are given, and nothing overlaps or leaves the sheet."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from sim import plots
from sim.summary import Context

CONTEXT = Context(
    "demo", "A demonstration", "What moves it?",
    "calibrated to 2024-08-04 (posterior 0.1.0+71f2eaaf); other levers from priors", "abcdef1234", 64, {}, (),
    "padma 0.1.0, 1,241 points of 64 runs; sources: padma cite bnp_government", {},
)  # fmt: skip
LABELS = ("The government", "The shift of the image of the United States", "The weight of veto players at home")


def bars(plane: bool) -> plots.Bars:
    values = (0.42, 0.3, 0.004)
    made = [plots.Bar(n, "leader", v, 0.8 * v, 1.3 * v, 0.9 * v, 0.6 * v, 1.4 * v) for n, v in zip(LABELS, values, strict=True)]
    whole = [plots.Bar("All of: leader", "", 0.7, 0.6, 0.85, math.nan if plane else 0.65, 0.5, 0.8)]
    sentence = "Share in the variance of something long, alone and with others (90 % interval): " + ", ".join(LABELS)
    return plots.Bars("The government moves it most", sentence, "A note.", "Share of the variance", (*made, *whole), plane)


def discovery(x: str, y: str | None) -> plots.Discovery:
    rng = np.random.default_rng(1)
    axes = {
        "number": plots.Axis("The shift of the image of Russia", rng.uniform(-0.4, 0.4, 200), (), -math.inf, 0.1),
        "category": plots.Axis(
            "The government", rng.integers(4, size=200).astype(float), ("BNP", "Awami League", "Jamaat-led", "national unity"),
            -math.inf, math.inf, (0, 2, 3),
        ),
    }  # fmt: skip
    tree = [plots.Row(0, "All runs of the design", 0.6, 200)]
    for share in (0.9, 0.4):
        tree += [
            plots.Row(depth, f"The sanctions regime on Russia: tighter from 2027, or eased {depth}", share, 20)
            for depth in (1, 2, 3)
        ]
        tree += [plots.Row(3, "otherwise", share / 2, 20)]
    return plots.Discovery(
        "It is lower in 2030Q4 than in 2024Q2 in 81 % of the runs where the government is not Awami League and images are cool",
        "Covers 55 % of all such runs. " * 3,
        "Points of the design.",
        np.array([1.0, 0.8, 0.55, 0.1]), np.array([0.6, 0.7, 0.81, 0.95]), (0.55, 0.81),
        axes[x], axes[y] if y else None, rng.random(200), tuple(tree),
    )  # fmt: skip


def by_gid(figure, gid):
    return [artist for ax in figure.axes for artist in ax.get_children() if artist.get_gid() == gid]


@pytest.mark.parametrize(
    "make",
    [
        lambda: plots.figure_indices(bars(False), CONTEXT),
        lambda: plots.figure_indices(bars(True), CONTEXT),
        lambda: plots.figure_discovery(discovery("category", "number"), CONTEXT),
        lambda: plots.figure_discovery(discovery("number", "category"), CONTEXT),
        lambda: plots.figure_discovery(discovery("number", None), CONTEXT),
    ],
    ids=["bars", "plane", "box", "box turned", "box of one"],
)
def test_texts_stay_on_the_sheet_and_off_each_other(make, monkeypatch):
    figure, seen, original = make(), [], Text.draw

    def draw(self, renderer):
        if self.get_visible() and self.get_text().strip():
            seen.append(self)
        return original(self, renderer)

    monkeypatch.setattr(Text, "draw", draw)
    figure.canvas.draw()
    boxes = {text: text.get_window_extent() for text in seen}
    page = figure.bbox
    for text, box in boxes.items():
        assert box.x0 >= 0 and box.x1 <= page.x1 and box.y0 >= 0 and box.y1 <= page.y1, f"cut off: {text.get_text()!r}"
    for (one, a), (two, b) in combinations(boxes.items(), 2):
        met = Bbox.intersection(a, b)
        assert met is None or min(met.width, met.height) <= 1.5, f"{one.get_text()!r} meets {two.get_text()!r}"


def test_bars_are_as_long_as_the_indices():
    figure = plots.figure_indices(bars(False), CONTEXT)
    for place, bar in enumerate(bars(False).bars):
        for which, value, low, high in ((0, bar.value, bar.low, bar.high), (1, bar.inner, bar.inner_low, bar.inner_high)):
            (drawn,) = by_gid(figure, f"bar-{place}-{which}")
            assert drawn.get_width() == pytest.approx(value)
            (whisker,) = by_gid(figure, f"whisker-{place}-{which}")
            assert list(whisker.get_xdata()) == pytest.approx([low, high])


def test_the_plane_shows_factors_and_no_groups():
    figure = plots.figure_indices(bars(True), CONTEXT)
    for place in range(3):
        (point,) = by_gid(figure, f"point-{place}")
        assert (point.get_xdata()[0], point.get_ydata()[0]) == (bars(True).bars[place].value, bars(True).bars[place].inner)
    assert not by_gid(figure, "point-3")


def test_the_box_holds_what_it_says():
    """Pieces of neighbouring categories, from the lower edge to the limit."""
    figure = plots.figure_discovery(discovery("category", "number"), CONTEXT)
    pieces = [(box.get_x(), box.get_width()) for box in by_gid(figure, "box")]
    np.testing.assert_allclose(sorted(pieces), [(-0.45, 0.9), (1.55, 1.9)])
    for box in by_gid(figure, "box"):
        assert box.get_y() + box.get_height() == pytest.approx(0.1)
    (path,) = by_gid(figure, "path")
    assert list(path.get_ydata()) == [0.6, 0.7, 0.81, 0.95]
    (chosen,) = by_gid(figure, "chosen")
    assert (chosen.get_xdata()[0], chosen.get_ydata()[0]) == (0.55, 0.81)
    assert [by_gid(figure, f"share-{place}")[0].get_width() / 0.12 for place in (0, 1)] == pytest.approx([0.6, 0.9])
