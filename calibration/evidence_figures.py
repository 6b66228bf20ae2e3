"""Figures of the evidence: posterior against prior, and the record against what was foretold of it without having seen it.

.. code-block:: sh

    python -m calibration.evidence_figures --fits results/backtest --out results/reference

Consumes the shipped posterior with its card and the stored fits of a back-test; fits nothing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from calibration.held_out import folds
from calibration.held_out.fits import SIMULATED
from sim import library, posterior, priors
from sim.errors import InputError, nearest
from sim.run import context
from sim.scenario import read_scenario
from sim.summary import Context
from sim.words import signed

if TYPE_CHECKING:
    from sim.redraw import Wish

GROUPS = (
    ("Leader gain", "log points per sd of image", "leader_gain.small", ("diplomacy", "defence", "trade")),
    ("System gain", "log points per sd of pull", "system_gain.small", ("diplomacy", "defence", "trade")),
    ("Norm, diplomacy", "log points", "norm.small.diplomacy", ("RUS", "IND", "CHN", "USA")),
    ("Norm, defence", "log points", "norm.small.defence", ("RUS", "IND", "CHN", "USA")),
    ("Adjustment rate", "per year", "adjustment_rate.small", ("diplomacy", "defence", "trade")),
    ("Volatility", "log points per root year", "volatility.small", ("diplomacy", "defence", "trade")),
    ("Roughness of trade", "times the volatility", "roughness.small.trade", ("RUS", "IND", "CHN", "USA")),
    ("Subjects of roll calls", "log-odds of a yes", "", ("palestine_effect", "disarmament_effect")),
)
"""What the figure shows: title, unit, stem of the names, members."""

PANELS = (
    ("net_russia", "Net votes toward Russia where Russia and the USA oppose each other", "votes a year", "RUS"),
    ("orders_RUS", "Arms orders from Russia", "orders a year", "RUS"),
    ("orders_CHN", "Arms orders from China", "orders a year", "CHN"),
    ("trade_IND", "Trade with India", "log share of all trade", "IND"),
    ("trade_RUS", "Trade with Russia", "log share of all trade", "RUS"),
)
AREAS = {"votes": "diplomacy", "arms orders": "defence", "trade": "trade"}
SURE = 0.95
"""Probability of a sign from which the headline takes it for shown."""
LEVELS = (0.95, 0.8, 0.5)
TAILS = (0.05, 0.5, 0.95)


def main(arguments: Sequence[str] | None = None) -> int:
    """``python -m calibration.evidence_figures``."""
    parser = argparse.ArgumentParser(prog="python -m calibration.evidence_figures", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--fits", type=Path, help="folder of a back-test; without it only the first figure is drawn")
    parser.add_argument("--out", type=Path, default=Path("results/reference"))
    asked = parser.parse_args(arguments)
    paths = _draw("posterior", taught_by_the_record(), asked.out / "posterior")
    if asked.fits:
        paths += _draw("held_out", held_out(asked.fits), asked.out / "held_out")
    print(*paths, sep="\n")
    return 0


def _draw(name: str, summary: Any, folder: Path, formats: Sequence[str] = ("png", "svg"), size: str = "screen") -> list[Path]:
    """Draw one figure and write it with its caption."""
    from sim import plots
    from sim.figures import write_captions
    from sim.plots import learned, record

    figure = {"posterior": learned.figure_learned, "held_out": record.figure_replay}[name]
    about = _about(name)
    written = plots.save(figure(summary, about), folder / name, summary.sentence, about, formats, size)
    return [*written, write_captions(folder, {name: plots.caption_text(name, summary.sentence, about)})]


def redraw(folder: Path, wish: Wish) -> list[Path]:
    """Draw the figures of a back-test's folder, or of the posterior's: ``padma figure``.

    Raises
    ------
    InputError : a kind, format or size that is not there
    """
    from sim import plots
    from sim.figures import check_kinds

    if wish.size not in plots.SIZES:
        raise InputError(f"'{wish.size}' is no size", where="--size", how=nearest(wish.size, plots.SIZES))
    tested = (folder / "backtest.json").is_file()
    possible = ["scoreboard", "reliability"] if tested else ["posterior"]
    possible += ["held_out"] if (folder / "fits").is_dir() else []
    check_kinds(wish.kinds, possible, wish.formats)
    chosen, out = wish.kinds or possible, wish.out or folder / "figures"
    written: list[Path] = []
    if board := [kind for kind in chosen if kind in ("scoreboard", "reliability")]:
        from calibration.held_out.figures import draw

        document = json.loads((folder / "backtest.json").read_text(encoding="utf-8"))
        written += draw(document, out, board, wish.formats, wish.size)
    if "held_out" in chosen:
        written += _draw("held_out", held_out(folder), out, wish.formats, wish.size)
    if "posterior" in chosen:
        written += _draw("posterior", taught_by_the_record(folder / "card.json"), out, wish.formats, wish.size)
    return list(dict.fromkeys(written))


def _about(name: str) -> Context:
    """What both figures say of themselves."""
    shared = context(read_scenario("history"), name, 1000)
    source = "UN votes (Voeten), SIPRI arms transfers, Correlates of War trade; calibration/data"
    version = posterior.read(posterior.shipped()).version
    about = replace(shared, title="The evidence", manifest=version, source=source)
    if name == "held_out":
        return replace(about, status="fitted anew for each regime, to the years before it alone", runs=SIMULATED)
    return about


# --- posterior against prior ------------------------------------------------------------------------------------------


def taught_by_the_record(path: Path | None = None) -> Any:
    """A posterior (default: the shipped one) beside its priors, from its card."""
    from sim.plots.learned import Learned

    card = json.loads((path or posterior.shipped().with_name("card.json")).read_text(encoding="utf-8"))
    rows = {row["parameter"]: row for row in card["parameters"]}
    names = {code: entry.value.name for code, entry in library.states().items()} | {"palestine_effect": "Palestine"}
    groups = []
    for title, unit, stem, members in GROUPS:
        shown = [(rows.get(f"{stem}.{m}".strip(".")), names.get(m, m.removesuffix("_effect"))) for m in members]
        groups.append((title, unit, tuple(_parameter(row, label) for row, label in shown if row)))
    gains = {word: rows[f"leader_gain.small.{k}"] for word, k in AREAS.items()}
    sure = [word for word, row in gains.items() if max(row["above_zero"], 1 - row["above_zero"]) >= SURE]
    headline = f"Leaders' images show in {' and '.join(sure)}" if sure else "No leader effect is beyond doubt"
    said = "{} {} ({} to {}; above zero with probability {:.2f})"
    told = [(word, *(signed(row[name]) for name in ("mean", "q05", "q95")), row["above_zero"]) for word, row in gains.items()]
    parts = ", ".join(said.format(*one) for one in told)
    return Learned(headline, f"Leader gain with 90 % intervals: {parts}.", tuple(groups))


def _parameter(row: dict[str, Any], label: str) -> Any:
    from sim.plots.learned import Parameter

    prior = tuple(float(x) for x in prior_quantiles(row["parameter"]))
    return Parameter(label, prior, (row["q05"], row["median"], row["q95"]), row["contraction"], row["class"])


def prior_quantiles(name: str) -> Any:
    """5 %, 50 % and 95 % of a parameter's prior, by its name in the card.

    >>> [round(float(x), 2) for x in prior_quantiles("leader_gain.small.diplomacy")]
    [-0.82, 0.0, 0.82]
    """
    parameter, group, issue = (*name.split("."), "all", "default")[:3]
    law = dict(priors.parameters()[parameter].law(group, issue, fit=True))
    kind = law.pop("law")
    u = np.array(TAILS)
    if kind == "kept":  # the law falls with the share that is kept
        u = u[::-1] if priors.LAWS[kind](np.array([0.9]), **law) < priors.LAWS[kind](np.array([0.1]), **law) else u
    return priors.LAWS[kind](u, **law)


# --- the record, held out ---------------------------------------------------------------------------------------------


def held_out(folder: Path) -> Any:
    """Forecasts of each regime from the years before it, beside what happened."""
    from sim.plots.record import Held, Replay

    found = _forecasts(folder)
    years = np.arange(folds.REGIMES[0].first, folds.REGIMES[-1].last + 1)
    panels = []
    for key, title, unit, partner in PANELS:
        draws, happened = found[key]
        bands = {level: (_over(years, draws, (1 - level) / 2), _over(years, draws, (1 + level) / 2)) for level in LEVELS}
        observed = np.array([happened.get(int(y), np.nan) for y in years])
        low, high = bands[max(LEVELS)]
        known = np.isfinite(observed) & np.isfinite(low)
        inside = float(((observed >= low) & (observed <= high))[known].mean())
        panels.append(Held(title, unit, partner, years * 1.0, observed, _over(years, draws, 0.5), bands, inside))
    share = np.mean([p.inside for p in panels])
    return Replay(
        "The record, foretold regime by regime",
        f"Each regime is forecast from the years before it alone; {100 * share:.0f} % of the years lie inside the 95 % bands.",
        "Given who governed, what the system was and what was tabled; Bangladesh's own record is unseen from the first year of"
        " a regime on. Vertical lines: first years of regimes.",
        tuple(panels),
        tuple(r.first for r in folds.REGIMES),
        "BGD",
    )


def _over(years: Any, draws: dict[int, Any], probability: float) -> Any:
    return np.array([np.nanquantile(draws[int(y)], probability) if int(y) in draws else np.nan for y in years])


def _forecasts(folder: Path) -> dict[str, tuple[dict[int, Any], dict[int, float]]]:
    """Statistic -> (year -> draws, year -> what happened), from the stored fits of the full model."""
    from calibration.held_out import observables
    from calibration.observed import load

    found: dict[str, tuple[dict[int, Any], dict[int, float]]] = {key: ({}, {}) for key, *_ in PANELS}
    for regime in folds.REGIMES:
        (file,) = sorted((folder / "fits").glob(f"forward-{regime.name.replace(' ', '_')}-full-*.npz"))[-1:]
        with np.load(file, allow_pickle=False) as held:
            for key, *_ in PANELS:
                for column, year in enumerate(held["years"]):
                    found[key][0][int(year)] = held[f"sim/{key}"][:, column].astype(float)
    years = np.arange(folds.REGIMES[0].first, folds.REGIMES[-1].last + 1)
    happened = observables.observed(load(), years)
    for key, *_ in PANELS:
        found[key][1].update({int(y): float(v) for y, v in zip(years, happened[key], strict=True)})
    return found


if __name__ == "__main__":
    raise SystemExit(main())
