"""The compiled engine is the ensemble engine: every variable to rounding, luck to the bit. Skipped without a C compiler."""

from __future__ import annotations

import os
import shlex
import shutil

import numpy as np
import pytest

from sim import compiled, engine, history, shocks
from sim.axes import AXES, sum_over
from sim.errors import InputError, PadmaError
from sim.rulebook import RULES
from sim.rules.turn import CARRIED
from sim.trace import MANY, Graph
from tests.command import padma

needs_compiler = pytest.mark.skipif(not shutil.which(shlex.split(os.environ.get("CC", "cc"))[0]), reason="no C compiler")
EVERYTHING = tuple(n for n in (*RULES, *CARRIED, "image_of", "veto", "norm", "act_shock") if not n.startswith("next_"))
SETTINGS = {"spin_up_from": "2025Q3", "until": "2026Q4"}


@needs_compiler
@pytest.mark.parametrize("posterior", ["none", "shipped"])
def test_every_variable_equals_the_ensemble(world, posterior):
    w = world(settings=SETTINGS | {"posterior": posterior})
    found = compiled.simulate(w, range(300), EVERYTHING)
    expected = engine.simulate(w, range(300), EVERYTHING)
    for name in EVERYTHING:
        assert found[name].shape == expected[name].shape, name
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-10, atol=1e-10, err_msg=name)
    assert np.array_equal(found["act_shock"], expected["act_shock"])


@needs_compiler
def test_special_cases_hold(world):
    """No adjustment at all, and adjustment at once."""
    for rate in (0.0, np.inf):
        w = world(settings=SETTINGS | {"parameters.adjustment_rate": rate})
        found, expected = (e.simulate(w, range(8), ("stance", "moved")) for e in (compiled, engine))
        np.testing.assert_allclose(found["stance"], expected["stance"], rtol=1e-10, atol=1e-10)
        assert (found["moved"] == (rate > 0)).all()


@needs_compiler
def test_any_split_into_chunks_gives_the_same_numbers(world):
    w, record = world(settings=SETTINGS), ("stance", "vote_yes", "act_done")
    whole = compiled.simulate(w, range(600), record)
    for runs in (range(3), range(7, 300), range(599, 600), range(100, 600)):
        part = compiled.simulate(w, runs, record)
        for name in record:
            assert np.array_equal(part[name], whole[name][..., runs.start : runs.stop]), (name, runs)


@needs_compiler
def test_both_engines_fill_a_history_side_by_side(world):
    w = world(settings=SETTINGS)
    one, two = (history.in_memory(w, 530, ("stance", "aid"), engine=e.simulate) for e in (engine, compiled))
    assert one.sizes == two.sizes
    assert float(abs(one.stance - two.stance).max()) < 1e-10
    assert np.array_equal(one.stance.isel(run=slice(512, 530)), engine.simulate(w, range(512, 530), ("stance",))["stance"])


@needs_compiler
def test_a_run_by_the_compiled_engine(tmp_path):
    short = ("--runs", 30, "--until", "2026Q2", "--set", "spin_up_from=2025Q4", "--no-figures", "--quiet")
    for name in ("compiled", "ensemble"):
        done = padma("run", "bnp_government", *short, "--engine", name, "--out", tmp_path / name)
        assert done.code == 0, done.err
    tables = [(tmp_path / name / "summary.csv").read_text().splitlines() for name in ("compiled", "ensemble")]
    assert len(tables[0]) == len(tables[1])
    assert (tmp_path / "compiled" / "manifest.json").read_text().count('"compiled"') == 1
    stored = [history.open_history(tmp_path / name / "history.zarr") for name in ("compiled", "ensemble")]
    assert float(abs(stored[0].cooperation - stored[1].cooperation).max()) < 1e-5


def test_without_a_compiler_it_says_what_to_do(monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(PadmaError, match="no-such-compiler") as caught:
        compiled.build("int x;")
    assert "gcc" in str(caught.value.how)


@needs_compiler
def test_a_compiler_that_refuses_is_quoted():
    with pytest.raises(PadmaError, match="error"):
        compiled.build("this is not C")


def test_what_cannot_be_recorded_is_refused(world):
    with pytest.raises(InputError, match="cannot be recorded"):
        compiled.simulate(world(), range(2), ("stances",))


def test_a_graph_keeps_shapes_and_makes_nothing_twice():
    graph = Graph()
    x = graph.given("x", (5, 5, 1, 6, 1, 1, 40))
    y = graph.given("y", (5, 1, 1, 1, 1, 1, 1))
    assert (x * y + 1).shape == (5, 5, 1, 6, 1, 1, MANY)
    assert x * y is x * y
    assert x - y is not y - x
    assert sum_over(x, "partner").shape == (5, 1, 1, 6, 1, 1, MANY)
    assert x.transpose((1, 0, 2, 3, 4, 5, 6)).shape == x.shape
    assert (np.ones((1,) * len(AXES)).item() - y).op == "subtract"
    with pytest.raises(AttributeError, match="no translation"):
        x.__array_namespace__().arcsin(x)


@needs_compiler
def test_the_filler_makes_the_same_draws_to_the_bit():
    library = compiled.build(shocks.FILLER_IN_C)
    filler = compiled.filler_of(library)
    addresses = [shocks.key(3, "demo", str(i)) for i in range(5)]
    for runs in (range(1), range(9), range(37, 300), range(4096, 5000)):
        expected = shocks.uniforms(addresses, 8123, runs)
        with shocks.filled_by(filler):
            assert np.array_equal(shocks.uniforms(addresses, 8123, runs), expected)
        assert shocks.uniforms(addresses, 8123, runs).base is None  # and afterwards as before
