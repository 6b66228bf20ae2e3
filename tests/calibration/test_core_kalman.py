"""The second opinion: luck integrated out in closed form is luck averaged over."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.model.core import Core, Draws
from calibration.model.kalman import HELD, Marginal, compare
from calibration.observed import load

pytest.importorskip("jax")


@pytest.fixture(scope="module")
def marginal() -> Marginal:
    core = Core(load())
    value, sd = core.codings
    start = np.concatenate([core.packed.start, np.zeros(core.size - core.packed.size)])
    z = start + 0.1 * np.random.default_rng(1).normal(size=(1, 4, core.size))
    z[..., core.packed.places["volatility.small.diplomacy"]] -= np.log(30.0)  # luck of about 0.007 log points a year
    return Marginal(core, Draws(z, core.weights(orders=0.0, trade=0.0), {}, (value, 0.0 * sd), core.targets))


def test_only_what_votes_and_trade_rest_on_moves(marginal):
    core = marginal.core
    moved = {s.name for s in core.sites if core.packed.places[s.name].start in marginal.active}
    assert {"norm.small.diplomacy", "leader_gain.small.trade", "hedging.small"} <= moved
    assert not moved & {*HELD, "norm.small.defence", "flow.defence", "supply_effect.defence"}


@pytest.mark.slow
def test_luck_integrated_out_is_luck_averaged_over(marginal):
    import jax

    jax.config.update("jax_enable_x64", True)
    core, rng = marginal.core, np.random.default_rng(2)
    path, slope, bend = marginal.summed_up
    n, low = core.packed.size, marginal.centre.copy()
    low[n:] = 0.0
    draws = np.tile(low, (4000, 1))
    draws[:, core.luck], draws[:, core.first] = (rng.normal(size=(4000, p.stop - p.start)) for p in (core.luck, core.first))
    d = marginal.draws
    away = core.evaluate(Draws(draws[None], d.weights, d.switches, d.codings, d.targets))["stance"][:, :, 0] - path
    scores = (slope * away).sum(axis=(1, 2)) - 0.5 * np.einsum("djt,tjk,dkt->d", away, bend, away)
    averaged = scores.max() + np.log(np.exp(scores - scores.max()).mean())
    found = float(marginal.log_density(marginal.centre[marginal.active])) - float(core.packed.log_density(marginal.centre[:n]))
    assert found == pytest.approx(averaged, abs=0.1)


def test_both_answers_are_set_side_by_side(marginal):
    points = np.tile(marginal.centre[marginal.active], (10, 1))
    rows = compare(marginal.core, marginal.draws, marginal, points)
    assert len(rows) == 2 * (4 + 3) + 4  # four norms and three others for votes and for trade; four roughnesses
    assert all(row["emcee"][1] == pytest.approx(0.0, abs=1e-12) and row["apart"] < 3 for row in rows)
