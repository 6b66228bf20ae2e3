"""Studies from an outcome in words to sentences, with a planted model in place of the real one."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

pytest.importorskip("SALib")
pytest.importorskip("sklearn")

from sim import findings, sensitivity
from sim.discovery import discover
from sim.errors import InputError, PadmaError
from sim.findings_table import document, indices_table
from sim.study import job
from sim.sweep.design import read_design
from sim.sweep.outcome import read_outcome

NAMES = {"BGD": "Bangladesh", "RUS": "Russia", "defence": "Defence"}


@pytest.fixture(scope="module", autouse=True)
def few_resamples():
    """Five instead of fifty: how boxes come back is tested with the boxes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "discover", partial(discover, resamples=5))
        yield


@pytest.fixture(scope="module")
def design():
    return read_design("what_moves_defence_ties")


def planted(fails=lambda point: False):
    """Stands in for the model: the stance falls under two of four governments, with the image, and by luck."""

    def evaluate(design, points, *, runs, seed, progress):
        values, reasons = np.full((len(points), len(design.measures), runs), np.nan), [None] * len(points)
        luck = np.linspace(-1, 1, runs)
        for place, point in enumerate(points):
            progress(place + 1, len(points))
            if fails(point):
                reasons[place] = "planted failure"
                continue
            lower = (0.1 if point["who"] in ("bnp_government", "jamaat_led") else -0.5) - point["image_russia"]
            values[place] = np.array([0.2 - lower + 0.1 * luck, np.full(runs, 0.2)])[: len(design.measures)]
        return values, reasons

    return evaluate


@pytest.fixture(scope="module")
def found(design):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "evaluate", planted())
        return job.study(job.plan(design, job.outcome_of(design), size=64, runs=20))


# --- outcomes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kept", "sign", "offset"),
    [
        ("stance BGD>RUS defence 2030Q4", ["stance BGD>RUS defence 2030Q4"], "", 0),
        ("stance bangladesh>russia defence 2030Q4 > 0.3", ["stance BGD>RUS defence 2030Q4"], ">", 0.3),
        ("stance BGD>RUS defence 2030Q4<2024Q2", ["stance BGD>RUS defence 2030Q4", "stance BGD>RUS defence 2024Q2"], "<", 0),
        (
            "stance BGD>RUS defence 2030Q4 < 2024Q2 - 0.1",
            ["stance BGD>RUS defence 2030Q4", "stance BGD>RUS defence 2024Q2"],
            "<",
            -0.1,
        ),
        ("order_share BGD>RUS 2027Q1-2030Q4 < 0.05", ["order_share BGD>RUS 2027Q1-2030Q4"], "<", 0.05),
    ],
)
def test_outcomes_are_read(text, kept, sign, offset):
    outcome = read_outcome(text)
    assert [k.name for k in outcome.kept] == kept
    assert (outcome.sign, outcome.offset) == (sign, offset)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("stanc BGD>RUS defence 2030Q4", "did you mean 'stance'"),
        ("stance BGD>RUSS defence 2030Q4", "did you mean 'RUS'"),
        ("stance BGD>RUS defense 2030Q4", "did you mean 'defence'"),
        ("stance BGD>RUS 2030Q4", "needs 'issue'"),
        ("stance BGD>RUS defence 2030Q4 <", "is not an outcome"),
        ("stance BGD>RUS defence", "is not an outcome"),
        ("stance BGD>RUS defence 2030Q4 < 2030Q4", "against itself"),
        ("", "is not an outcome"),
    ],
)
def test_what_is_no_outcome_is_refused(text, hint):
    with pytest.raises(InputError, match=hint) as refused:
        read_outcome(text)
    assert "--outcome" in refused.value.where


def test_a_number_is_a_level_or_a_change():
    values = np.array([[[0.1, 0.5], [0.2, 0.2]], [[np.nan, np.nan], [0.2, 0.2]]])
    level, change = read_outcome("stance BGD>RUS defence 2030Q4 > 0.3"), read_outcome("stance BGD>RUS defence 2030Q4 < 2024Q2")
    assert level.number(values[:, :1])[0].tolist() == [0.1, 0.5]
    np.testing.assert_allclose(change.number(values)[0], [-0.1, 0.3])
    np.testing.assert_array_equal(change.happens(change.number(values)), [0.5, np.nan])
    np.testing.assert_array_equal(level.happens(level.number(values)), [0.5, np.nan])


def test_every_event_has_words():
    said = {findings.event(read_outcome(f"stance BGD>RUS defence 2030Q4 {rest}")) for rest in (
        "< 0.1", "> 0.1", "< 2024Q2", "> 2024Q2", "< 2024Q2 - 0.1", "> 2024Q2 + 0.1", "< 2024Q2 + 0.1", "> 2024Q2 - 0.1"
    )}  # fmt: skip
    assert len(said) == 8
    assert all(text.startswith("is ") for text in said)


# --- layout -----------------------------------------------------------------------------------------------------------------


def test_points_come_once_and_groups_share_them(design):
    points, rows, places = job.lay_out(design.factors, "sobol", 32, seed=1)
    assert set(rows) == {"factor", "group"}
    assert len(rows["factor"]) == 32 * 9
    assert len(rows["group"]) == 32 * 6
    assert len(points) == len({tuple(p.values()) for p in points}) < 32 * 11
    for kind in rows:
        for row, unit in list(zip(rows[kind], places[kind], strict=True))[::17]:
            assert points[row] == {f.name: f.value(float(u)) for f, u in zip(design.factors, unit, strict=True)}


def test_every_level_gets_its_share(design):
    points, rows, _ = job.lay_out(design.factors, "sobol", 64, seed=1)
    alone = rows["factor"][sensitivity.independent(len(rows["factor"]), 7)]
    held = [points[row]["who"] for row in alone]
    assert all(held.count(value) == 32 for value in design.factor("who").values)


# --- the planted model --------------------------------------------------------------------------------------------------------


def test_indices_of_the_planted_model(found):
    factors = found.indices["factor"]
    truth = {"who": 0.3**2, "image_russia": 0.8**2 / 12}
    whole = sum(truth.values())
    for name, total in zip(factors.names, factors.columns["total"], strict=True):
        assert total == pytest.approx(truth.get(name, 0) / whole, abs=0.12)
    groups = found.indices["group"]
    assert groups.columns["total"][groups.names.index("leader")] == pytest.approx(1, abs=0.15)
    assert groups.columns["total"][groups.names.index("system")] == 0


def test_the_planted_conditions_are_said(found):
    assert {found.factors[f].name for f in found.found.box.limits} == {"who", "image_russia"}
    said = findings.box_sentence(found, NAMES)
    assert said.startswith("Bangladesh's stance toward Russia in defence is lower in 2030Q4 than in 2024Q2 in ")
    assert "the government is BNP or Jamaat-led" in said
    assert "the shift of the image of Russia is below 0." in said
    box = found.found.box
    assert f"{100 * box.density:.0f} % of the runs where" in said
    assert f"covers {100 * box.coverage:.0f} % of all such runs" in said
    assert box.density > 0.9


def test_luck_has_its_share(found):
    assert found.shares.factors + found.shares.draws + found.shares.interplay == pytest.approx(1)
    luck = (0.1 * np.linspace(-1, 1, 20)).var(ddof=1)
    assert found.shares.draws == pytest.approx(luck / (luck + 0.3**2 + 0.8**2 / 12), abs=0.02)
    assert found.shares.interplay < 1e-9
    assert found.apart < 1e-9, "luck that only shifts everything changes no index"


def test_the_document_is_json_and_says_the_same(found):
    text = json.dumps(document(found, NAMES, "results/x", 1.0), allow_nan=False)
    read = json.loads(text)
    assert read["box"]["limits"][0] == {
        "factor": "who", "condition": "BNP or Jamaat-led", "low": None, "high": None,
        "values": ["bnp_government", "jamaat_led"],
        "quasi_p": read["box"]["limits"][0]["quasi_p"], "frequency": read["box"]["limits"][0]["frequency"],
    }  # fmt: skip
    assert read["box"]["limits"][0]["quasi_p"] < 0.001
    assert len(read["indices"]) == 7 + 4
    assert read["tree"]["yes"]["share"] != read["tree"]["no"]["share"]


def test_the_table_puts_the_largest_first(found):
    rows = indices_table(found, NAMES).rows
    assert [row[0] for row in rows[:2]] == ["The government", "The shift of the image of Russia"]
    assert rows[7][0] == "all of: leader"
    assert not any(cell == "-0.00" for row in rows for cell in row)


def test_failed_points_are_counted_and_named(design, monkeypatch):
    monkeypatch.setattr(job, "evaluate", planted(lambda point: point["image_russia"] > 0.38))
    held = job.study(job.plan(design, job.outcome_of(design), size=64, runs=4))
    assert 0 < held.indices["factor"].dropped < 16
    failed = sum(reason is not None for reason in held.reasons)
    assert findings.notes(held)[0].startswith(f"{failed} of {len(held.points)} points failed and took")
    assert "planted failure" in findings.notes(held)[0]
    monkeypatch.setattr(job, "evaluate", planted(lambda point: True))
    with pytest.raises(PadmaError, match="every point failed; the first: planted failure"):
        job.study(job.plan(design, job.outcome_of(design), size=8, runs=4))


def test_a_screening_has_no_box(design, monkeypatch):
    monkeypatch.setattr(job, "evaluate", planted())
    held = job.study(job.plan(design, job.outcome_of(design), method="morris", size=10, runs=4))
    effects = dict(zip(held.indices["factor"].names, held.indices["factor"].columns["mu_star"], strict=True))
    assert effects["image_russia"] == pytest.approx(0.4)
    assert effects["sanctions"] == 0
    assert held.found is None
    assert held.shares is None
    assert "screening" in findings.box_sentence(held, NAMES)


def test_without_an_event_there_is_no_box(design, monkeypatch):
    monkeypatch.setattr(job, "evaluate", planted())
    held = job.study(job.plan(design, read_outcome("stance BGD>RUS defence 2030Q4"), size=8, runs=4))
    assert held.found is None
    assert "names no event" in findings.box_sentence(held, NAMES)


def test_a_parameter_on_its_own_is_called_a_lever(design, found):
    factors = (*found.factors[:-1], replace(found.factors[-1], keys=("parameters.hedging",)))
    held = replace(found, design=replace(design, factors=factors))
    assert any("lever, no uncertainty" in note for note in findings.notes(held))


@pytest.mark.parametrize(
    ("change", "asked", "hint"),
    [
        ({}, {"method": "sobl"}, "did you mean 'sobol'"),
        ({}, {"size": 4}, "4 base points"),
        ({}, {"size": 0}, "0 base points"),
        ({}, {"runs": 1}, "one run"),
        ({}, {"runs": 0}, "0 runs"),
        ({}, {"seed": -1}, "the seed is -1"),
        ({}, {"size": 1 << 20}, "too many"),
        ({"factors": 1}, {}, "one factor"),
    ],
)
def test_wrong_plans_are_refused(design, change, asked, hint):
    changed = replace(design, factors=design.factors[:1]) if change else design
    with pytest.raises(InputError, match=hint):
        job.plan(changed, job.outcome_of(design), **asked)


def test_a_factor_with_one_value_is_refused(design):
    still = replace(design.factors[0], values=("bnp_government",))
    with pytest.raises(InputError, match="has one value"):
        job.plan(replace(design, factors=(still, *design.factors[1:])), job.outcome_of(design))


def test_a_quarter_outside_is_refused(design):
    with pytest.raises(InputError, match="lies outside"):
        job.plan(design, read_outcome("stance BGD>RUS defence 2040Q4"))


def test_an_interrupted_study_goes_on_where_it_stopped(design, monkeypatch, tmp_path):
    """Finished points are read again, whole files only, and the findings are those of an undisturbed study."""
    plan = job.plan(design, job.outcome_of(design), size=32, runs=4)
    monkeypatch.setattr(job, "evaluate", planted())
    whole = job.study(plan)
    simulated = []

    def stopping(design, points, **more):
        if len(simulated) == 2:
            raise KeyboardInterrupt
        simulated.append(len(points))
        return planted()(design, points, **more)

    monkeypatch.setattr(job, "evaluate", stopping)
    with pytest.raises(KeyboardInterrupt):
        job.study(plan, shelf=tmp_path / "shelf")
    assert len(list((tmp_path / "shelf").glob("*.npz"))) == 2
    (tmp_path / "shelf" / "128.half").write_bytes(b"torn")
    again = []

    def counting(design, points, **more):
        again.append(len(points))
        return planted()(design, points, **more)

    monkeypatch.setattr(job, "evaluate", counting)
    found = job.study(plan, shelf=tmp_path / "shelf")
    assert sum(again) + sum(simulated) == len(whole.points)
    assert (found.numbers == whole.numbers).all()
    assert found.found == whole.found
