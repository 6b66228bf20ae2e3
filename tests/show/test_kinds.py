"""The larger kinds of figure: the numbers they are given, every word in its place, and differences that no eye misses."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

from sim import plots
from sim.measures import MEASURES
from sim.plots import events, governments, scoreboard, sides, style, timeline, tornado, waterfall
from tests.show import kinds
from tests.show.seeing import SEEN, apart, by_gid, check_boxes, drawn, lab
from tests.show.summaries import MANIFEST, STATUS, context, fan
from tests.show.test_evidence_plots import steps


def crossing():
    """A context whose window holds the training cut."""
    shared = context("forward")
    return dataclasses.replace(shared, marks=(kinds.CUT, *shared.marks[:2]))


FIGURES = {
    "alignment": lambda: plots.figure_alignment(kinds.alignment(), context()),
    "alignment, long record": lambda: plots.figure_alignment(kinds.alignment("record"), context("record")),
    "hedging": lambda: plots.figure_hedging(kinds.score(), context()),
    "hedging, long record": lambda: plots.figure_hedging(kinds.score("record"), context("record")),
    "sides": lambda: plots.figure_sides(kinds.sides(), context()),
    "sides, one": lambda: plots.figure_sides(kinds.sides(1), context()),
    "sides, eight": lambda: plots.figure_sides(kinds.sides(8), context()),
    "acts": lambda: plots.figure_acts(kinds.acts(), context("record")),
    "acts, no record": lambda: plots.figure_acts(kinds.acts("forward"), context()),
    "governments": lambda: plots.figure_governments(kinds.governments(), context()),
    "governments, two": lambda: plots.figure_governments(kinds.governments(2), context()),
    "governments, no index": lambda: plots.figure_governments(kinds.governments(3, "commitment"), context()),
    "tornado": lambda: plots.figure_tornado(kinds.tornado(), context()),
    "fan with record": lambda: plots.figure_fan(kinds.observed(), context("record")),
    "scoreboard": lambda: scoreboard.figure_scoreboard(board(), context()),
    "reliability": lambda: scoreboard.figure_reliability(reliability(), context()),
    "waterfall": lambda: plots.figure_waterfall(steps(), context()),
}
UNITS = {
    "alignment": "index from -1 to 1",
    "hedging": "equally close to all",
    "sides": "Probability",
    "acts": "Goldstein value (points)",
    "governments": "index from -1 to 1",
    "governments, no index": "contracts",
    "tornado": "index points",
    "fan with record": "share",
    "scoreboard": "nats",
    "reliability": "%",
    "waterfall": "index points",
}


def board():
    rivals = ("persistence", "autoregression", "system only", "leader only", "fixed norm")
    contests = [
        scoreboard.Contest(f"Series {k}, 40 years", (1.0, -2.0, 30.0, None, 0.1), (3.0, 0.5, 4.0, None, None)) for k in range(3)
    ]
    regimes = tuple(f"Regime {k}" for k in range(8))
    strips = tuple((f"series {k}, over persistence", (1.0, None, -3.0, 0.0, 2.0, -1.0, 5.0, 0.4)) for k in range(3))
    return scoreboard.Scoreboard("It ties", "Mostly.", rivals, tuple(contests), regimes, strips)


def reliability():
    series = tuple((f"series number {k}", 40, (0.5, 0.78, 0.9, 0.94), (4,) * 10) for k in range(8))
    return scoreboard.Reliability("They hold", "About.", series, (0.5, 0.8, 0.9, 0.95))


@pytest.mark.parametrize("kind", FIGURES)
def test_every_kind_is_legible_credited_and_has_units(kind, monkeypatch):
    figure = FIGURES[kind]()
    texts = drawn(figure, monkeypatch)
    check_boxes(figure, texts)
    said = " ".join(t.get_text().replace("\n", " ").replace("\u00a0", " ").replace("\u2212", "-") for t in texts)
    for needed in (STATUS, MANIFEST, "made-up numbers", UNITS[next(k for k in (kind, kind.split(",")[0]) if k in UNITS)]):
        assert needed in said
    assert min(t.get_fontsize() for t in texts) >= style.points(style.FINE) - 0.01, "too small for the back row"


@pytest.mark.parametrize("kind", ["alignment", "sides", "acts", "governments", "tornado", "hedging, long record"])
def test_figures_are_as_legible_on_a_larger_screen(kind, monkeypatch):
    """Drawn at 1920 pixels across: letters are set a little differently there, and still nothing meets or is cut."""
    figure = FIGURES[kind]()
    figure.set_dpi(1.5 * style.DPI)
    check_boxes(figure, drawn(figure, monkeypatch))


# --- the numbers --------------------------------------------------------------------------------------------------------


def test_a_map_draws_its_path_and_its_regions():
    made = kinds.alignment()
    ground, lines = plots.figure_alignment(made, context()).axes
    np.testing.assert_array_equal(by_gid(ground, "path").get_xydata(), made.path)
    for at, held in made.regions.items():
        for share, outline in held.items():
            np.testing.assert_allclose(by_gid(ground, f"region-{at}-{100 * share:.0f}").get_xy()[:-1], outline)
    for one in made.fans:
        np.testing.assert_array_equal(by_gid(lines, f"close-{one.partner}").get_ydata(), one.median)
        ends = by_gid(lines, f"end-{one.partner}-80").get_ydata()
        np.testing.assert_allclose(ends, [bound[-1] for bound in one.bands[0.8]])
    near, far = made.ends()
    caption = plots.caption_alignment(made, context())
    assert f"{near.median[-1]:+.2f}" in caption and f"{far.median[-1]:+.2f}" in caption and "83 % of the runs" in caption


def test_a_map_holds_all_that_it_shows():
    made = kinds.alignment()
    ground = plots.figure_alignment(made, context()).axes[0]
    (left, right), (low, top) = ground.get_xlim(), ground.get_ylim()
    corners = np.concatenate([made.path, *(o for held in made.regions.values() for o in held.values())])
    assert left < corners[:, 0].min() and corners[:, 0].max() < right
    assert low < corners[:, 1].min() and corners[:, 1].max() < top
    assert right - left == pytest.approx(top - low), "a step across is as long as a step up"


def test_governments_are_drawn_on_one_scale_with_their_paired_differences():
    made = kinds.governments()
    axes = plots.figure_governments(made, context()).axes
    assert len({ax.get_ylim() for ax in axes}) == 1
    for ax, (partner, fans) in zip(axes, made.fans.items(), strict=True):
        for place, one in enumerate(fans):
            np.testing.assert_array_equal(by_gid(ax, f"median-{place}").get_ydata(), one.median)
            ends = by_gid(ax, f"end-{place}-95").get_ydata()
            np.testing.assert_allclose(ends, [bound[-1] for bound in one.bands[0.95]])
        said = {t.get_text().replace("\u2212", "-") for t in ax.texts}
        assert {f"{m:+.2f} ({low:+.2f} to {high:+.2f})" for m, low, high in made.differences[partner]} <= said
    assert f"{made.differences['USA'][-1][0]:+.2f}" in plots.caption_governments(made, context())


def test_votes_are_drawn_with_their_record():
    made = kinds.sides(3)
    for ax, one in zip(plots.figure_sides(made, context()).axes, made.panels, strict=True):
        for name, line, points in (("yes", one.fan_yes, one.record_yes), ("no", one.fan_no, one.record_no)):
            np.testing.assert_array_equal(by_gid(ax, f"median-{name}").get_ydata(), line.median)
            np.testing.assert_array_equal(
                by_gid(ax, f"record-{name}").get_xydata(), np.column_stack([points.years + 0.5, points.values])
            )
        assert ax.get_ylim() == (0, 1) and ax.get_xlim() == timeline.window(one.window)
        assert by_gid(ax, f"mark-{kinds.CUT.label}").get_xdata()[0] == timeline.year("2024Q3")
    most = made.open()
    assert f"at {most.fan_yes.median[-1]:.2f}" in plots.caption_sides(made, context())


def test_acts_stand_when_they_were_and_as_warm_as_they_were():
    made = kinds.acts()
    for ax, lane in zip(plots.figure_acts(made, context("record")).axes, made.lanes, strict=True):
        for name, every, base in (("simulated", lane.simulated, 0.0), ("recorded", lane.recorded, 2 * plots.acts.REACH)):
            for own, which in ((True, "own"), (False, "power")):
                wanted = [(a.when, base + a.goldstein) for a in every if a.own == own]
                np.testing.assert_allclose(by_gid(ax, f"{name}-{which}").get_xydata(), wanted)
        low, top = ax.get_ylim()
        assert all(low < base + a.goldstein < top for a in lane.recorded for base in (2 * plots.acts.REACH,))


def test_a_tornado_goes_from_the_mean_to_its_ends_widest_first():
    made = kinds.tornado()
    ax = plots.figure_tornado(made, context()).axes[0]
    rows = []
    for swing in made.swings:
        for end, name in ((swing.low, "low"), (swing.high, "high")):
            bar = by_gid(ax, f"{name}-{swing.label}")
            assert bar.get_x() == pytest.approx(made.base) and bar.get_width() == pytest.approx(end.mean - made.base)
        rows.append(bar.get_y())
    assert rows == sorted(rows, reverse=True), "the widest on top"


def test_points_of_the_record_are_drawn_in_the_middle_of_their_years():
    made = kinds.observed()
    figure = plots.figure_fan(made, context("record"))
    points = by_gid(figure.axes[0], "observed")
    np.testing.assert_array_equal(points.get_xydata(), np.column_stack([made.observed.years + 0.5, made.observed.values]))
    assert any("on record" in t.get_text() for legend in figure.legends for t in legend.get_texts())
    assert any(made.observed.what in t.get_text().replace("\n", " ") for t in figure.texts)
    bare = plots.figure_fan(dataclasses.replace(made, observed=None), context("record"))
    assert not bare.axes[0].findobj(lambda a: a.get_gid() == "observed")
    assert not any("on record" in t.get_text() for legend in bare.legends for t in legend.get_texts())


def test_the_training_cut_is_marked_where_it_lies_in_the_window_and_nowhere_else(monkeypatch):
    made = dataclasses.replace(fan(), quarters=kinds.CROSSING)
    figure = plots.figure_fan(made, crossing())
    line = by_gid(figure.axes[0], f"mark-{kinds.CUT.label}")
    assert line.get_xdata()[0] == pytest.approx(timeline.year("2024Q3"))
    assert line.get_linewidth() > events.QUIETLY["linewidth"]
    assert kinds.CUT.label in {t.get_text() for t in drawn(figure, monkeypatch)}
    multiples = plots.figure_fans([made], crossing())
    assert by_gid(multiples.axes[0], f"mark-{kinds.CUT.label}")
    assert "Dashes: training cut 2024-08-04." in events.said(crossing().marks, timeline.window(kinds.CROSSING))
    assert not plots.figure_fan(fan(), crossing()).axes[0].findobj(lambda a: a.get_gid() == f"mark-{kinds.CUT.label}")


def test_hedging_keeps_the_whole_fan_on_its_scale_and_says_which_way_it_goes():
    made = kinds.score()
    ax = plots.figure_hedging(made, context()).axes[0]
    assert ax.get_ylim()[0] <= made.bands[0.95][0].min() and ax.get_ylim()[1] == 1
    np.testing.assert_array_equal(by_gid(ax, "median").get_ydata(), made.median)
    same = dataclasses.replace(made, median=0 * made.median + 0.8)
    assert "as much as before" in plots.hedging.headline_hedging(same)
    more = dataclasses.replace(made, median=np.linspace(0.7, 0.8, len(made.median)))
    assert "more than before" in plots.hedging.headline_hedging(more)


def test_captions_are_one_sentence_with_an_interval():
    made = {
        "alignment": kinds.alignment(), "hedging": kinds.score(), "sides": kinds.sides(), "acts": kinds.acts(),
        "governments": kinds.governments(),
    }  # fmt: skip
    for kind, summary in made.items():
        text = plots.CAPTIONS[kind](summary, context())
        assert text.endswith(".") and text.count(". ") == 0 and "80 % interval" in text and "nan" not in text, kind


def test_files_for_paper_are_three_times_as_large_and_stand_beside_those_for_the_screen(tmp_path):
    figure = FIGURES["hedging"]()
    (screen,) = plots.save(figure, tmp_path / "a", "A sentence.", context(), ("png",))
    paper, vector = plots.save(figure, tmp_path / "a", "A sentence.", context(), ("png", "pdf"), "print")
    assert (screen.name, paper.name, vector.name) == ("a.png", "a_print.png", "a.pdf")
    wide = [int.from_bytes(path.read_bytes()[16:20], "big") for path in (screen, paper)]
    assert wide == [1280, 3840]


# --- colour -------------------------------------------------------------------------------------------------------------

PAIRS = {
    "sides of a vote": [sides.YES, sides.NO],
    "ends of a tornado": [tornado.LOWER, tornado.UPPER],
    "steps of a waterfall": [waterfall.UP, waterfall.DOWN, waterfall.WHOLE],
    "better and worse": [scoreboard.BETTER, scoreboard.WORSE],
    "prior and posterior": [plots.learned.PRIOR, plots.learned.LEARNED],
    "governments": [hue for hue, _, _ in governments.WORLDS],
}


@pytest.mark.parametrize("seen", SEEN)
@pytest.mark.parametrize("name", PAIRS)
def test_hues_that_mean_something_differ_for_every_eye(name, seen):
    for a, b in combinations(PAIRS[name], 2):
        assert apart(a, b, seen) > 12, (a, b)


def test_where_grey_print_would_confuse_two_hues_something_else_tells_them_apart():
    """Lightness, or line style and mark, or hatching."""
    for (a, *one), (b, *two) in combinations(governments.WORLDS, 2):
        assert one[0] != two[0] and one[1] != two[1], (a, b)
    assert abs(lab(plots.learned.PRIOR)[0] - lab(plots.learned.LEARNED)[0]) > 15
    ax = plots.figure_tornado(kinds.tornado(), context()).axes[0]
    low, high = (by_gid(ax, f"{end}-{kinds.tornado().swings[0].label}").get_hatch() for end in ("low", "high"))
    assert low and not high
    ax = plots.figure_sides(kinds.sides(1), context()).axes[0]
    yes, no = (by_gid(ax, f"median-{name}").get_linestyle() for name in ("yes", "no"))
    assert yes != no and by_gid(ax, "band-no-80").get_hatch() and not by_gid(ax, "band-yes-80").get_hatch()
    ax = plots.figure_waterfall(steps(), context()).axes[0]
    assert by_gid(ax, "step-1").get_hatch() and not by_gid(ax, "step-0").get_hatch()


@pytest.mark.parametrize("kind", FIGURES)
def test_every_kind_survives_a_grey_printer(kind):
    """Texts keep their contrast against the paper (or the fill they stand on is theirs to know)."""
    figure = FIGURES[kind]()
    for text in figure.texts:
        assert 100 - lab(to_hex(to_rgb(text.get_color())))[0] > 40, text.get_text()


def test_measures_of_votes_and_hedging_are_described():
    assert MEASURES["hedging"].range == (0.0, 1.0) and "Kuik" in (MEASURES["hedging"].function.__doc__ or "")
    assert MEASURES["vote_no"].unit == "probability"
