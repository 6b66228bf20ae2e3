"""A sweep so small that a test can run it many times; not a test itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from sim import priors, shocks
from sim.priors import STRAIGHT, Pairing
from sim.sweep.design import Design
from sim.sweep.factors import Point

TEXT = """
name: little
title: A little sweep
question: Does anything change?
base: bnp_government
until: 2026Q2
settings: {{spin_up_from: 2025Q4, posterior: none}}
runs: {runs}
factors:
  - {{name: who, key: scenario, values: [bnp_government, jamaat_led], labels: [BNP, Jamaat-led], group: leader}}
  - {{name: price, label: Price of energy, key: inputs.price.energy.2026Q1, range: [-1, 1], group: system}}
design: {{kind: grid, levels: {levels}}}
measures:
  - {{measure: stance, partner: [RUS, USA], issue: diplomacy, quarter: 2026Q2}}
  - {{measure: cooperation, partner: RUS, issue: energy, quarter: 2026Q2}}
keep: {keep}
"""


def write(folder: Path, *, runs: int = 40, levels: int = 4, keep: str = "summary") -> Path:
    """The design as a file."""
    path = folder / "little.yaml"
    path.write_text(TEXT.format(runs=runs, levels=levels, keep=keep), encoding="utf-8")
    return path


WEIGHTS = {"who": 1.0, "price": 0.7, "learned": 0.9, "assumed": 0.6, "luck": 1.3}
"""Standard deviations of what the planted numbers are the sum of."""


def planted(
    design: Design,
    point: Point,
    *,
    runs: range,
    seed: int,
    pairing: Pairing = STRAIGHT,
    alive: Callable[[int], None] = lambda runs: None,
) -> tuple[np.ndarray, str | None]:
    """In place of the model: a sum of independent causes whose shares of variance are known."""
    u = {
        "learned": pairing.learned(runs),
        "assumed": pairing.assumed(runs),
        "luck": pairing.luck(runs),
    }
    chance = sum(
        WEIGHTS[name] * shocks.normal(priors.uniform(shocks.key(seed, "planted", name), taken)) for name, taken in u.items()
    )
    who = WEIGHTS["who"] * (1.0 if point["who"] == "jamaat_led" else -1.0)
    level = WEIGHTS["price"] * point["price"] * (1.0 if point["price"] in (-1, 1) else 0.0)
    alive(len(runs))
    return np.stack([who + level + chance + m for m in range(len(design.measures))]), None


def content(folder: Path) -> dict[str, bytes]:
    """All files of a sweep by name but its manifest, which knows the time, and figures."""
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if not name.startswith(("manifest", "figures"))}
