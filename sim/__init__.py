"""padma: an agent-based simulation of foreign policy.

>>> import sim
>>> scenario = sim.read_scenario("bnp_government")
>>> scenario.leader_on("BGD", scenario.seats["BGD"][-1][0])
'tarique_rahman'

Everything public is reached from here; heavy libraries are imported where they are used, never by this line.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_PUBLIC = {
    "read_scenario": "sim.scenario",
    "simulate": "sim.run",
    "compare": "sim.paired",
    "read_results": "sim.run",
    "summarise": "sim.summary",
    "fan": "sim.summary",
    "heatmap": "sim.summary",
    "trajectories": "sim.summary",
    "World": "sim.world",
    "StateSystem": "sim.agents",
    "PadmaError": "sim.errors",
    "InputError": "sim.errors",
}

__all__ = ["plots", *_PUBLIC]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    if name == "plots":
        return import_module("sim.plots")
    raise AttributeError(f"module 'sim' has no attribute '{name}'")
