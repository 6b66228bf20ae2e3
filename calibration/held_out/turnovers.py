"""Do stances move when the ruler's support coalition changes, and do they move the way images say?

Mattes, Leeds and Carroll (2015, ISQ 59(2)) find that votes in the General Assembly shift when leaders change together with
the groups they rest on. Here each turnover of Bangladesh is coded for that (``calibration/turnovers.yaml``), and the stances
are those of the autoregression fitted to all years, which knows no leaders and cannot put into the record what is to be found.
Two questions, each answered by a rank among reshufflings: are shifts around a change of coalition larger than around other
years, and do shifts follow the difference between the images of the two rulers?
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.model.annual import Coding
from calibration.model.codings import rows, turnovers
from calibration.sources.raw import POWERS

WINDOW = 3
"""Years before and after a turnover whose mean stances are compared."""

SHUFFLES = 4999

Floats = NDArray[np.float64]


def shift(years: NDArray[np.int64], stance: Floats, first: int) -> Floats:
    """Mean stance (power, year) in the years from ``first`` on, less that in the years before; (power,)."""
    after = (years >= first) & (years < first + WINDOW)
    before = (years < first) & (years >= first - WINDOW)
    return stance[:, after].mean(axis=1) - stance[:, before].mean(axis=1)


def analyse(
    years: NDArray[np.int64], found: dict[str, NDArray[np.float64]], codings: tuple[Coding, ...], seed: int
) -> dict[str, Any]:
    """Shifts at each turnover, and how they rank.

    Parameters
    ----------
    found : ``stance/diplomacy`` and ``stance/defence``, posterior means (power, year)
    codings : images of Bangladesh's leaders

    Returns
    -------
    by issue area: size of shifts with and without a change of coalition and in other years, with the rank p of the former;
    slope of shifts on image differences, with its rank p; and the list of turnovers
    """
    listed, table = turnovers()["turnovers"], rows(codings)
    image = np.array([[table[t["to"]][p][0] - table[t["from"]][p][0] for p in POWERS] for t in listed])
    first = np.array([int(t["first_year"]) for t in listed])
    changed = np.array([bool(t["changed"]) for t in listed])
    inner = years[WINDOW + 2 : len(years) - WINDOW]
    quiet = np.array([y for y in inner if np.abs(y - first).min() > 1])
    rng = np.random.default_rng([seed, 2])
    out: dict[str, Any] = {"n": len(listed), "changed": int(changed.sum()), "window_years": WINDOW, "by_issue": {}}
    for issue in ("diplomacy", "defence"):
        stance = np.asarray(found[f"stance/{issue}"], dtype=float)
        moved = np.array([shift(years, stance, y) for y in first])
        still = np.array([np.abs(shift(years, stance, y)).mean() for y in quiet])
        size = np.abs(moved).mean(axis=1)
        out["by_issue"][issue] = {
            "size_changed": float(size[changed].mean()),
            "size_unchanged": float(size[~changed].mean()) if (~changed).any() else None,
            "size_other_years": float(still.mean()),
            "p_changed_larger": _rank(size[changed].mean(), _means(rng, size[changed], still)),
            **_slope(rng, moved, image),
            "shifts": {f"{t['first_year']} {t['from']} to {t['to']}": m.tolist() for t, m in zip(listed, moved, strict=True)},
        }
    return out


def _means(rng: np.random.Generator, ours: Floats, others: Floats) -> Floats:
    """Means of as many values drawn from both groups together."""
    together = np.concatenate([ours, others])
    return np.array([rng.permutation(together)[: len(ours)].mean() for _ in range(SHUFFLES)])


def _slope(rng: np.random.Generator, moved: Floats, image: Floats) -> dict[str, float]:
    """Slope of shifts on image differences through the origin, and its rank when turnovers are reshuffled."""
    real = float((moved * image).sum() / (image**2).sum())
    shuffled = np.array([(moved * image[rng.permutation(len(image))]).sum() for _ in range(SHUFFLES)]) / (image**2).sum()
    agree = float((np.sign(moved) == np.sign(image))[np.abs(image) > 0.05].mean())
    return {"image_slope": real, "p_image_slope": _rank(real, shuffled), "same_sign": agree}


def _rank(real: float, others: Floats) -> float:
    return float((1 + (others >= real).sum()) / (1 + len(others)))
