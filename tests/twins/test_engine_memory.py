"""What the ensemble engine remembers from quarter to quarter, and where it saves a pass: never at the price of a number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim import engine, folders
from sim.codebook import of_kind
from sim.rulebook import RULES, resting_on
from sim.rules.turn import CARRIED


def test_only_rules_that_rest_on_nothing_that_moves_are_remembered():
    moving = resting_on({*CARRIED, *of_kind("shock")})
    assert {"rivalry", "pull", "wish", "next_stance", "cooperation", "act_done"} <= moving
    assert {"clarity", "threat", "coercion", "constraint", "leader_reading", "rate"} <= set(RULES) - moving
    assert resting_on({"veto"}) == {"rate", "moved", "next_stance"}


def test_a_rule_is_computed_again_only_where_something_changed(world, monkeypatch):
    w = world(settings={"spin_up_from": "2026Q1", "until": "2029Q4"})
    counted = dict.fromkeys(RULES, 0)
    bind = engine.bind

    def counting(rule, look, n):
        counted[rule.name] += 1
        return bind(rule, look, n)

    monkeypatch.setattr(engine, "bind", counting)
    engine.simulate(w, range(2), ("stance",))
    assert counted["next_stance"] == len(w.span)
    changes = sum(not np.array_equal(a, b) for a, b in zip(w.series["veto"], w.series["veto"][1:], strict=False))
    assert counted["rate"] == 1 + changes < len(w.span)


def test_an_event_is_not_forgotten(world):
    """A change of inputs in the middle shows in the quarter it comes, whatever was remembered before."""
    w = world("bnp_government+sanctions_tighten", {"spin_up_from": "2026Q1", "until": "2029Q4"})
    found = engine.simulate(w, range(2), ("coercion", "felt_coercion", "rate", "constraint"))
    for t in range(len(w.scenario.quarters)):
        board = w.fixed | engine.inputs_at(w, t) | w.parameters(range(2)) | w.traits(w.span[t], range(2))
        board = engine.evaluate(w, board, ("appraise", "perceive", "act"), {"coercion", "felt_coercion", "rate"})
        for name in ("coercion", "felt_coercion", "rate"):
            expected = (
                np.broadcast_to(board[name].squeeze(), found[name][t].shape)
                if board[name].shape[-1] > 1
                else board[name].squeeze()
            )
            assert np.array_equal(
                found[name][t][..., 0], expected[..., 0] if expected.ndim == found[name][t].ndim else expected
            ), (name, t)


def test_what_a_rule_hands_through_is_not_touched(world):
    w, rule = world(), RULES["deviation"]
    given = np.ones((5, 5, 1, 6, 1, 1, 3))
    for value in (given, given.transpose((1, 0, 2, 3, 4, 5, 6)), given[:]):
        result = engine.neutral(w, rule, value, [given])
        assert given.all()
        assert np.array_equal(result, value * w.not_self)
    own = -given
    assert np.array_equal(engine.neutral(w, rule, own, [given]), -given * w.not_self)
    assert np.signbit(own[0, 0]).all()  # minus zero, as the multiplication gives


def test_traits_are_made_once_for_each_cabinet(world):
    w, runs = world(settings={"until": "2030Q4"}), range(6)
    quarters = [w.traits(q, runs) for q in w.span]
    assert quarters[-1]["image_of"] is quarters[-2]["image_of"]
    assert len({id(q["image_of"]) for q in quarters}) < len(quarters)
    fresh = world(settings={"until": "2030Q4"})
    for q, held in zip(reversed(w.span), reversed(quarters), strict=True):
        for name, values in fresh.traits(q, runs).items():
            assert np.array_equal(values, held[name])
    w.forget(runs)
    assert not [key for key in w._cache if key[0] == "traits"]


@pytest.mark.parametrize("missing", [float("nan"), None])
def test_tables_are_written_as_pandas_writes_them(tmp_path, missing):
    rng = np.random.default_rng(3)
    table = pd.DataFrame(
        {
            "quarter": ["2026Q1", "a, b", 'say "so"'] * 40,
            "run": range(120),
            "mean": rng.normal(size=120) * 10.0 ** rng.integers(-9, 9, 120),
        }
    )
    table.loc[5, "mean"], table["label"] = float("nan"), ["x", missing, ""] * 40
    table.loc[6, "mean"], table.loc[7, "mean"] = 0.0, -0.0
    folders.write_csv(table, tmp_path / "ours.csv")
    table.to_csv(tmp_path / "theirs.csv", index=False, float_format="%.6g", lineterminator="\n")
    assert (tmp_path / "ours.csv").read_bytes() == (tmp_path / "theirs.csv").read_bytes()
