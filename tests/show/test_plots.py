"""Figures say what the summary says, legibly, in colour and without, and say what they rest on."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from sim import plots, words
from sim.measures import MEASURES
from sim.plots import events, heatmap, style, timeline
from sim.summary import Context, Fan, Span
from tests.show.seeing import SEEN, by_gid, check_boxes, drawn, lab
from tests.show.summaries import CASES, FIGURES, MANIFEST, SPANS, STATUS, all_fans, context, fan, heat, runs

# --- what is drawn equals the summary -------------------------------------------------------------------------------


def test_fan_draws_the_numbers_of_the_summary():
    summary = fan()
    ax = plots.figure_fan(summary, context()).axes[0]
    line = by_gid(ax, "median")
    np.testing.assert_allclose(line.get_xdata(), [timeline.year(q) for q in summary.quarters])
    np.testing.assert_array_equal(line.get_ydata(), summary.median)
    for level, (low, high) in summary.bands.items():
        corners = by_gid(ax, f"band-{100 * level:.0f}").get_paths()[0].vertices
        for x, a, b in zip(line.get_xdata(), low, high, strict=True):
            ys = corners[np.isclose(corners[:, 0], x), 1]
            assert ys.min() == pytest.approx(a) and ys.max() == pytest.approx(b)
    assert ax.get_ylim() == (-1, 1)


def test_every_panel_of_the_multiples_draws_its_own_fan():
    fans = all_fans("forward")
    panels = plots.figure_fans(fans, context()).axes
    assert len(panels) == 24
    for ax, summary in zip(panels, fans, strict=True):
        np.testing.assert_array_equal(by_gid(ax, "median").get_ydata(), summary.median)
        assert ax.get_ylim() == (-1, 1)


def test_heatmap_draws_and_writes_the_numbers_of_the_summary():
    summary = heat(2)
    for at, ax in enumerate(plots.figure_heatmap(summary, context()).axes):
        np.testing.assert_array_equal(by_gid(ax, "cells").get_array(), summary.values[at].T)
        said = {t.get_text().replace("\u2212", "-") for t in ax.texts}
        assert {f"{round(v, 2) + 0.0:+.2f}" for v in summary.values[at].ravel()} <= said


def test_colour_and_word_of_a_cell_change_where_its_written_number_does():
    summary = heat(1)
    cmap, norm = heatmap.scale(summary)
    for value in np.linspace(-1, 1, 2001):
        word = words.temperature(round(value, 2))
        peer = next(v for v in (0.8, 0.4, 0.2, 0.0, -0.2, -0.4, -0.8) if words.temperature(v) == word)
        if abs(value * 200 - round(value * 200)) > 1e-6 or round(value * 200) % 2 == 0:
            assert cmap(norm(value)) == cmap(norm(peer)), value


def test_trajectories_draw_every_run():
    summary = runs()
    ax = plots.figure_trajectories(summary, context()).axes[0]
    for run, values in zip(summary.runs, summary.values, strict=True):
        np.testing.assert_array_equal(by_gid(ax, f"run-{run}").get_ydata(), values)


@pytest.mark.parametrize("span", SPANS)
def test_the_band_of_leaders_covers_the_window_and_keeps_to_it(span):
    ax = plots.figure_fan(fan(span), context(span)).axes[0]
    first, last = timeline.window(SPANS[span])
    assert ax.get_xlim() == (first, last)
    bars = ax.findobj(lambda a: str(a.get_gid()).startswith("leader-"))
    edges = [(p.vertices[:, 0].min(), p.vertices[:, 0].max()) for b in bars for p in b.get_paths()]
    assert min(a for a, _ in edges) == first and max(b for _, b in edges) == pytest.approx(last, abs=0.01)


def test_a_leader_is_clipped_where_the_next_begins():
    spans = (Span("A", "2020Q1", "2026Q3"), Span("B", "2026Q3", "2027Q1"), Span("C", "1990-01-01", "1991-01-01"))
    assert [(s.label, a, b) for s, a, b in timeline.clipped(spans[:2], 2026.0, 2027.0)] == [
        ("A", 2026.0, 2026.5), ("B", 2026.5, 2027.0),
    ]  # fmt: skip
    assert timeline.clipped(spans[2:], 2026.0, 2027.0) == []


# --- words on the figure --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "span"), CASES)
def test_nothing_overlaps_nothing_is_cut_off_everything_is_credited(kind, span, monkeypatch):
    figure = FIGURES[kind](span, context(span))
    texts = drawn(figure, monkeypatch)
    check_boxes(figure, texts)
    said = " ".join(t.get_text().replace("\n", " ") for t in texts)
    for needed in (STATUS, MANIFEST, "300 runs", "made-up numbers", "A made-up scenario"):
        assert needed in said
    assert "(index from \u22121 to 1; 0 = as usual)" in said
    assert kind in ("heatmap", "one_map") or "Year" in said


@pytest.mark.parametrize("span", SPANS)
def test_a_panel_on_the_users_own_axes_is_credited_and_clean(span, monkeypatch):
    for draw, summary in (
        (plots.draw_fan, fan(span)),
        (plots.draw_trajectories, runs(span)),
        (plots.draw_heatmap, heat(1)),
    ):
        figure = Figure(figsize=(10, 6), dpi=150)
        FigureCanvasAgg(figure)
        draw(figure.add_axes((0.14, 0.24, 0.82, 0.6)), summary, context(span))
        texts = drawn(figure, monkeypatch)
        check_boxes(figure, texts)
        assert any(STATUS in t.get_text() and MANIFEST in t.get_text() for t in texts)


def test_axis_labels_carry_units():
    ax = plots.figure_fan(fan(), context()).axes[0]
    assert ax.get_xlabel() == "Year" and MEASURES["stance"].unit in ax.get_ylabel().replace("\u2212", "-")


@pytest.mark.parametrize("measure", ["aid", "vote_yes", "trade_volume", "leader_push", "commitment", "order_share"])
def test_other_measures_are_drawn_on_their_own_scale(measure, monkeypatch):
    axes = MEASURES[measure].axes
    issue = "energy" if "issue" in axes else "nuclear_tests" if "item" in axes else ""
    summary = fan(partner="RUS" if "partner" in axes else "", issue=issue, measure=measure)
    figure = plots.figure_fan(summary, context())
    check_boxes(figure, drawn(figure, monkeypatch))
    low, high = figure.axes[0].get_ylim()
    assert low <= min(b[0].min() for b in summary.bands.values()) and high >= max(b[1].max() for b in summary.bands.values())
    assert MEASURES[measure].unit in figure.axes[0].get_ylabel()


def test_a_long_status_and_a_scenario_without_leaders_or_events_fit(monkeypatch):
    long = context(
        "forward",
        1,
        0,
        status="learned from the record to August 2024: sixteen parameters; the other nine are assumptions",
    )
    for c in (long, Context(**{**long.__dict__, "leaders": {}})):
        for make in FIGURES.values():
            figure = make("forward", c)
            check_boxes(figure, drawn(figure, monkeypatch))


def test_labels_of_events_never_meet():
    figure = Figure(figsize=(12.8, 7.2), dpi=100)
    found = events.placed(figure, context("record").marks, timeline.window(SPANS["record"]), 1000, 3)
    boxes = [box for _, _, box in found if box]
    assert len(boxes) >= 8
    assert all(a[0] != b[0] or a[2] < b[1] or b[2] < a[1] for a, b in combinations(boxes, 2))


# --- captions -------------------------------------------------------------------------------------------------------


def test_captions_state_numbers_interval_and_words_in_one_sentence():
    summary = fan()
    low, high = summary.bands[0.8]
    caption = plots.caption_fan(summary, context())
    assert caption.startswith('In "A made-up scenario", the median of Bangladesh\'s stance toward Russia in energy moves from ')
    for value in (summary.median[0], summary.median[-1], low[-1], high[-1]):
        assert f"{value:+.2f}" in caption
    assert "80 % interval" in caption and words.change(summary.median[-1] - summary.median[0]) in caption
    made = [
        plots.CAPTIONS[kind](s, context())
        for kind, s in (("fans", all_fans("record")), ("heatmap", heat()), ("trajectories", runs()))
    ]
    for text in [caption, plots.caption_fan(fan("record"), context("record")), *made]:
        assert text.endswith(".") and text.count(". ") == 0 and "-0.00" not in text and "nan" not in text


def test_the_united_states_take_an_article_and_zero_no_sign():
    flat = fan(partner="USA", issue="trade")
    zero = Fan(flat.quarters, 0 * flat.median - 1e-9, flat.mean, flat.bands, flat.measure, "BGD", "USA", "trade", 300)
    caption = plots.caption_fan(zero, context())
    assert "toward the United States in trade moves from 0.00 in 2026Q1 to 0.00 in 2031Q1" in caption
    assert "about the same" in caption


def test_caption_text_has_sentence_source_status_and_manifest():
    text = plots.caption_text("fan_BGD_RUS_energy", plots.caption_fan(fan(), context()), context())
    assert text.splitlines()[0] == "fan_BGD_RUS_energy"
    assert "Source: made-up numbers" in text and STATUS in text and MANIFEST in text


def test_single_runs_claim_no_more_than_they_show():
    assert "luck and the draw of uncertain parameters" in plots.caption_trajectories(runs(), context())


# --- colour ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seen", SEEN)
def test_states_differ_for_every_eye(seen):
    for a, b in combinations(style.COLOURS.values(), 2):
        assert np.linalg.norm(lab(a, seen) - lab(b, seen)) > 15


def test_states_differ_in_black_and_white():
    lightness = sorted(lab(c)[0] for c in style.COLOURS.values())
    assert min(np.diff(lightness)) > 10


def test_bands_and_median_differ_in_black_and_white():
    for hue in style.COLOURS.values():
        shades = [
            style.mix(hue, 0.6, "#000000"),
            *(style.mix(hue, style.TINTS[level]) for level in (0.5, 0.8, 0.95)),
            style.PAPER,
        ]
        assert min(np.diff([lab(c)[0] for c in shades])) > 3.5


@pytest.mark.parametrize("seen", SEEN)
def test_steps_of_the_map_differ_for_every_eye(seen):
    for (i, a), (j, b) in combinations(enumerate(heatmap.STEPS), 2):
        assert np.linalg.norm(lab(a, seen) - lab(b, seen)) > (12 if j == i + 1 else 18)
    for fill in heatmap.STEPS:
        assert abs(lab(heatmap.on(to_rgb(fill)))[0] - lab(fill)[0]) > 40


# --- files and manners ----------------------------------------------------------------------------------------------


def test_files_are_the_same_every_time_and_know_what_they_show(tmp_path: Path):
    kinds, contents = ("png", "svg", "pdf"), []
    for folder in ("one", "two"):
        figure = plots.figure_fan(fan(), context())
        paths = plots.save(figure, tmp_path / folder / "fan.v1", plots.caption_fan(fan(), context()), context(), kinds)
        assert [p.name for p in paths] == ["fan.v1.png", "fan.v1.svg", "fan.v1.pdf"]
        contents.append([p.read_bytes() for p in paths])
    assert contents[0] == contents[1]
    png, svg, _ = contents[0]
    assert int.from_bytes(png[16:20], "big") == 1280 and int.from_bytes(png[20:24], "big") == 720
    assert MANIFEST.encode() in png and MANIFEST.encode() in svg and b"dc:date" not in svg


@pytest.mark.parametrize("kind", FIGURES)
def test_slides_are_as_wide_as_a_slide(kind):
    width, height = FIGURES[kind]("forward", context()).get_size_inches() * style.DPI
    assert width == 1280 and height in (720, 960)


def test_the_users_settings_are_left_alone():
    with mpl.rc_context({"font.size": 3.0, "axes.grid": True, "svg.hashsalt": "mine"}):
        before = dict(mpl.rcParams)
        figure = plots.figure_fan(fan(), context())
        assert dict(mpl.rcParams) == before
        assert figure.axes[0].get_xticklabels()[0].get_fontsize() > 10


def test_importing_figures_is_light_and_silent():
    code = (
        "import sys, sim.plots; print([m for m in ('pandas', 'xarray', 'mesa', 'zarr', 'scipy', 'matplotlib.pyplot')"
        " if m in sys.modules])"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert out.stdout.strip() == "[]" and out.stderr == ""


def test_kinds_are_described_for_the_command_line():
    kinds = {"fan", "fans", "heatmap", "trajectories", "contrast", "differences"}
    kinds |= {"alignment", "hedging", "sides", "acts", "governments"}
    assert set(plots.KINDS) == set(plots.CAPTIONS) == kinds
    assert all(title and callable(make) for title, make in plots.KINDS.values())


def test_lines_are_as_long_as_fits():
    """Halving finds the breaks that trying word after word finds."""
    from matplotlib.figure import Figure

    from sim.plots import style

    figure = Figure(dpi=100)
    text = "With the same luck in both worlds the stance differs by a lot, and unpronounceablyelongated words stay whole."

    def one_by_one(room):
        lines = []
        for word in text.split(" "):
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and style.size_of(figure, longer, 20)[0] <= room:
                lines[-1] = longer
            else:
                lines.append(word)
        return "\n".join(lines)

    for room in (10, 90, 150, 333, 700, 5000):
        assert style.wrapped(figure, text, 20, room) == one_by_one(room)
    assert style.wrapped(figure, "", 20, 100) == ""
