"""What the model makes of the record before any fit: signs by era, and some fifty numbers that may move only with a reason.

The baseline is renewed by ``python -m tests.regression.test_history``; a change needs a line in CHANGELOG.md.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import quarters, yamlfile
from sim.engine import simulate
from sim.scenario import read_scenario
from sim.world import World

BASELINE = Path(__file__).with_name("baseline.yaml")
ERAS = {
    "mujib": ("1972Q1", "1975Q2"),
    "zia": ("1976Q1", "1982Q1"),
    "ershad": ("1982Q2", "1990Q4"),
    "hasina": ("2009Q1", "2024Q2"),
}
POWERS = ("RUS", "IND", "CHN", "USA")
TOLERANCE = 1e-6
"""Numbers are of one seed and exact up to the rounding of another processor's exp and log."""


@cache
def stances(contracts: str = "on", posterior: str = "none", runs: int = 128) -> Any:
    """Deviation from the norm through the whole record, as (quarter, state, partner, issue, run)."""
    scenario = read_scenario("history", settings={"switches.commitments": contracts, "posterior": posterior})
    found = simulate(World(scenario, 1), range(runs), ("stance", "norm"))
    return found["stance"] - found["norm"], scenario


def mean(era: str, partner: str, contracts: str = "on", posterior: str = "none") -> float:
    """Mean index of Bangladesh's diplomatic, defence and trade stances toward a power in an era."""
    deviation, scenario = stances(contracts, posterior)
    first, last = (quarters.quarter(q) - scenario.start for q in ERAS[era])
    place = scenario.states.index(partner)
    areas = [scenario.issues.index(k) for k in ("diplomacy", "defence", "trade")]
    return float(np.tanh(deviation[first : last + 1, 0, place][:, areas] / 2).mean())


@pytest.mark.parametrize("posterior", ["none", "shipped"])
@pytest.mark.parametrize("contracts", ["on", "off"])
def test_signs_by_era_follow_from_traits_and_system(contracts: str, posterior: str) -> None:
    """1972-75 leans to Moscow and Delhi; 1976-82 turns away from both and toward Beijing, slowly, because stances last; 1982-90
    leans to Washington and Beijing; 2009-24 back to Delhi and, less, to Moscow.

    Before a fit as after it: free runs that know who governed and what the system was, and no vote or order.
    """
    of = {(era, power): mean(era, power, contracts, posterior) for era in ERAS for power in ("RUS", "IND", "CHN", "USA")}
    assert of["mujib", "RUS"] > 0.15 and of["mujib", "IND"] > 0.15 and of["mujib", "CHN"] < -0.1
    assert of["zia", "RUS"] < of["mujib", "RUS"] - 0.05 and of["zia", "IND"] < of["mujib", "IND"] - 0.05
    assert of["zia", "CHN"] > of["mujib", "CHN"] + 0.05 and of["ershad", "RUS"] < of["zia", "RUS"]
    assert of["ershad", "RUS"] < 0 < of["ershad", "USA"] and of["ershad", "CHN"] > 0
    assert of["hasina", "IND"] > 0.1 and of["hasina", "CHN"] > 0
    assert of["hasina", "RUS"] > of["ershad", "RUS"] + 0.02  # least before a fit, without contracts
    assert of["mujib", "RUS"] > of["hasina", "RUS"]
    assert of["ershad", "USA"] > of["hasina", "USA"]


def numbers(posterior: str) -> dict[str, float]:
    """Some fifty summary numbers of the record and of a forward scenario."""
    found = {
        f"{e} {p} {c}": mean(e, p, c, posterior) for e in ERAS for p in ("RUS", "IND", "CHN", "USA") for c in ("on", "off")
    }
    settings = {"spin_up_from": "2022Q1", "until": "2028Q4", "posterior": posterior}
    scenario = read_scenario("bnp_government", settings=settings)
    run = simulate(World(scenario, 1), range(64), ("cooperation", "commitment", "vote_yes", "order_share", "aid"))
    for partner in ("RUS", "IND", "CHN", "USA"):
        b = scenario.states.index(partner)
        for issue in ("diplomacy", "defence", "energy"):
            found[f"bnp cooperation {partner} {issue}"] = float(
                run["cooperation"][-1, 0, b, scenario.issues.index(issue)].mean()
            )
        found[f"bnp contracts {partner}"] = float(run["commitment"][-1, 0, b].mean())
        found[f"bnp orders {partner}"] = float(run["order_share"][-1, 0, b].mean())
        found[f"bnp aid {partner}"] = float(run["aid"][-1, b, 0].mean())
    found["bnp yes votes"] = float(run["vote_yes"][-1, 0].mean())
    return {f"{posterior}: {name}": round(value, 9) for name, value in found.items()}


@pytest.mark.parametrize("posterior", ["none", "shipped"])
def test_numbers_move_only_with_a_reason(posterior: str) -> None:
    written = {name: value for name, value in yamlfile.read(BASELINE).content.items() if name.startswith(posterior)}
    now = numbers(posterior)
    assert now.keys() == written.keys()
    moved = {name: (written[name], value) for name, value in now.items() if abs(value - written[name]) > TOLERANCE}
    assert not moved, "results moved: say which, how much and why in CHANGELOG.md, then renew the baseline (see the module)"


if __name__ == "__main__":
    text = yamlfile.write(numbers("none") | numbers("shipped"))
    BASELINE.write_text(f"# Renewed by python -m tests.regression.test_history\n{text}", encoding="utf-8")
