"""Whatever a slip, an editor or a disk makes of a file: it is right, or gets a message in four parts within seconds.

Values outside their range are never accepted in silence: an accepted file is read once more, past padma, against the codebook.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sim
from sim.errors import PadmaError
from sim.scenario import read_scenario
from tests.command import ROOT
from tests.scenarios import judgement, mutants

FOUND = mutants.samples()
MANY = 20_000
"""Mutants of the slow suite, in four processes."""


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(sorted(FOUND)), seed=st.integers(0, 2**32))
def test_a_few_hundred_mutants(kind, seed, tmp_path_factory):
    rng = random.Random(seed)
    path = tmp_path_factory.getbasetemp() / mutants.name_of(kind)
    path.write_bytes(mutants.mutate(kind, rng.choice(FOUND[kind]), rng))
    judgement.examine(kind, path)


def test_what_is_not_changed_is_accepted(tmp_path):
    """The judge is not so strict that right files fail: nothing above would then mean anything."""
    for kind, texts in FOUND.items():
        path = tmp_path / mutants.name_of(kind)
        path.write_bytes(texts[0])
        assert judgement.examine(kind, path), kind


OUTSIDE = {
    "leader": {"traits": {"insecurity": [{"value": 9.0, "range": [0.0, 9.0]}]}},
    "state": {"inputs": {"capability": -9.0}},
    "issues": {"energy": {"exposure": {"value": 900.0}, "lifetime": {"value": 5.0}}},
    "events": {"strike": {"changes": [{"input": "dependence", "set": 7.0}]}},
    "agenda": {"texts": {"assembly": {"value": -99.0}}},
    "commitments": [{"size": -1.0, "lifetime_years": 4.0}],
    "parameters": {"norm": {"block": "none", "all": {"prior": {"law": "normal", "mean": 0, "sd": -1}}}},
    "design": {"factors": [{"name": "price", "key": "inputs.price.energy.2026Q1", "range": [-900, 900]}]},
}


@pytest.mark.parametrize("kind", OUTSIDE)
def test_the_judge_sees_what_is_outside_its_range(kind, tmp_path):
    seen = judgement.numbers(kind, OUTSIDE[kind], tmp_path)
    assert any(not low <= value <= high for _, value, (low, high) in seen)


def test_accepted_scenarios_run_to_finite_numbers(tmp_path):
    """A scenario that passes the check computes: what can only fail later would be a check that is none."""
    ran, span = 0, {"spin_up_from": "2025Q3", "start": "2025Q3", "until": "2026Q2"}
    for seed in range(60):
        rng = random.Random(f"run {seed}")
        path = tmp_path / "file.yaml"
        path.write_bytes(mutants.mutate("scenario", rng.choice(FOUND["scenario"]), rng))
        try:
            scenario = read_scenario(path, settings=span | {"posterior": "none"})
        except PadmaError:
            continue
        held = sim.simulate(scenario, runs=2, record=("stance",))
        assert np.isfinite(held["stance"].values).all(), path.read_text(encoding="utf-8")
        ran += 1
    assert ran >= 8


@pytest.mark.slow
def test_twenty_thousand_mutants():
    """In processes of their own, whose memory and time are measured."""
    command = [sys.executable, "-m", "tests.scenarios.mutants"]
    told = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = [
        subprocess.Popen([*command, str(seed), str(MANY // 4)], cwd=ROOT, env=told, stdout=subprocess.PIPE, text=True)
        for seed in range(4)
    ]
    found = [json.loads(process.communicate()[0]) for process in started]
    assert sum(sum(one["mutants"].values()) for one in found) >= MANY
    assert not [failure for one in found for failure in one["failures"]]
    assert max(one["longest_s"] for one in found) < mutants.HANG
    assert max(one["peak_mb"] for one in found) < 500
    accepted = sum(sum(one["accepted"].values()) for one in found)
    assert 0.05 * MANY < accepted < 0.8 * MANY, "some change nothing that matters, most do"
