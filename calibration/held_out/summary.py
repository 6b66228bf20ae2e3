"""From stored fits to finished numbers: scores, paired differences, coverage, placebo, robustness, and where the model loses.

Nothing is fitted here. Of a contest only years are compared that all its models have forecast. Log scores are in nats (higher
is better); CRPS and Brier scores are errors (lower is better); differences are always turned so that above zero the full
model is better.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.held_out import folds, scores
from calibration.held_out.fits import Backtest
from calibration.held_out.jobs import ALL, DRIFT, VARIANTS, Job
from calibration.held_out.observables import COUNTS, EVENTS, SHARES
from sim import shocks

Floats = NDArray[np.float64]

TARGETS = {"votes": "votes", "arms": "orders", "trade": "trade"}
"""Names of the series in reports, and in the fits."""

COLUMNS = {name: model.column for name, model in ALL.items()} | {DRIFT: "drift"}
"""Column of each model in the rows."""

BARRED = (*COUNTS, "trade")
"""What that bar is asked of: trade with all powers together, because the chained shares of one power tell too little."""

PSEUDO_RECORDS = 400
"""Simulated records per held-out regime from which :func:`chance_outside` is read."""

OF_VOTES = ("non_yes", "net_russia")
"""Statistics of the votes."""

Table = dict[tuple[str, str], dict[str, Floats]]
"""(score, target) -> model -> (year,) on the years of the model, NaN where not scored."""


def known(test: Backtest, target: str) -> NDArray[np.bool_]:
    """Years in which a series has a record that can be scored, (year,)."""
    seen = test.observed
    if target == "votes":
        return np.isfinite(seen["non_yes"])
    if target == "arms":
        return np.isfinite(seen["orders_RUS"])
    there = np.stack([np.isfinite(seen[name]) for name in SHARES])
    return np.concatenate([[False], (there[:, 1:] & there[:, :-1]).any(axis=0)])


def scored(test: Backtest, job: Job, found: dict[str, Any]) -> dict[tuple[str, str], Floats]:
    """(score, target) -> (held-out year,) for one stored fit."""
    at = np.isin(test.years, found["years"])
    votes_only = job.model in ALL and ALL[job.model].votes_only
    out = {}
    for target, series in TARGETS.items():
        if f"loglik/{series}" in found and not (votes_only and target != "votes"):
            values = scores.log_score(found[f"loglik/{series}"].astype(float))
            out["log", target] = np.where(known(test, target)[at], values, np.nan)
    for name in (*COUNTS, *SHARES, *EVENTS):
        if f"sim/{name}" in found and not (votes_only and name not in OF_VOTES):
            draws, seen = found[f"sim/{name}"].astype(float), test.observed[name][at]
            out["brier" if name in EVENTS else "crps", name] = (
                scores.brier(draws.mean(axis=0), seen) if name in EVENTS else scores.crps(draws, seen)
            )
    return out


def table(test: Backtest, todo: Iterable[Job], horizon: int = 0) -> Table:
    """Scores of all models by year, from fits whose held-out years do not overlap, or of one horizon (years ahead)."""
    out: Table = {}
    for job in todo:
        found = test.result(job)
        if found is None:
            continue
        kept = (found["years"] - job.fold.first + 1 == horizon) | (horizon == 0)
        at = np.isin(test.years, found["years"][kept])
        for key, values in scored(test, job, found).items():
            by_year = out.setdefault(key, {}).setdefault(job.model, np.full(len(test.years), np.nan))
            by_year[at] = values[kept]
    return out


def rows(test: Backtest, part: str, made: Table) -> list[dict[str, Any]]:
    """Rows of the report: a score of every model for each regime and for all of them, over the years of the full model.

    A model that has not forecast all of these years has no score in the row.
    """
    regime, found = folds.regime_of(test.years), []
    for (score, target), models in made.items():
        shared = np.isfinite(models["full"]) if "full" in models else np.zeros(len(regime), dtype=bool)
        for number in (0, *(r.number for r in folds.REGIMES)):
            here = shared & ((regime == number) if number else (regime > 0))
            if here.any():
                found.append(_row(part, score, target, models, here) | {"regime": number or "all"})
    return found


def _row(part: str, score: str, target: str, models: dict[str, Floats], here: NDArray[np.bool_]) -> dict[str, Any]:
    """One row: log scores added up over years, errors averaged."""
    add = np.sum if score == "log" else np.mean
    whole = {m: v[here] for m, v in models.items() if np.isfinite(v[here]).all()}
    values = dict.fromkeys(COLUMNS.values()) | {COLUMNS[m]: float(add(v)) for m, v in whole.items()}
    return {"part": part, "target": target, "score": score, "n": int(here.sum()), **values}


def differences(test: Backtest, part: str, made: Table) -> list[dict[str, Any]]:
    """The full model against each rival that has forecast all of its years.

    Sum, standard errors over years and over regimes, and the numbers of the eight regimes.
    """
    regime, found = folds.regime_of(test.years), []
    joint: dict[str, Floats] = {}
    for model in made.get(("log", "votes"), {}):
        if model in made.get(("log", "arms"), {}):
            both = [made["log", target][model] for target in ("votes", "arms")]
            joint[model] = np.where(np.isfinite(both[0]) | np.isfinite(both[1]), np.nansum(both, axis=0), np.nan)
    for (score, target), models in [*made.items(), *([(("log", "votes and arms"), joint)] if joint else [])]:
        played = np.isfinite(models.get("full", np.full(len(regime), np.nan)))
        if not played.any():
            continue
        for rival in [m for m in models if m != "full" and np.isfinite(models[m][played]).all()]:
            sign = 1.0 if score == "log" else -1.0
            pair = scores.paired(sign * models["full"], sign * models[rival], regime)
            numbers = regime[played]
            found.append(
                {
                    "part": part, "score": score, "target": target, "against": rival, "n": pair.n,
                    "difference": pair.total, "se_years": pair.error, "se_regimes": pair.block_error,
                    "by_regime": dict(zip(map(str, dict.fromkeys(numbers.tolist())), pair.blocks, strict=True)),
                    "years_won": pair.wins,
                }
            )  # fmt: skip
    return found


def calibration_of(test: Backtest, todo: Iterable[Job]) -> dict[str, Any]:
    """Coverage of central intervals and PIT values of the full model's forecasts, by statistic and in all."""
    hits: dict[str, dict[float, list[Floats]]] = {}
    ranks: dict[str, list[Floats]] = {}
    forecasts: dict[str, list[tuple[Floats, Floats]]] = {}
    for job in todo:
        found = test.result(job)
        if found is None or job.model != "full":
            continue
        at = np.isin(test.years, found["years"])
        for name in (*COUNTS, *SHARES):
            draws, seen = found[f"sim/{name}"].astype(float), test.observed[name][at]
            for level in scores.LEVELS:
                hits.setdefault(name, {}).setdefault(level, []).append(scores.inside(draws, seen, level))
            luck = np.array([shocks.uniform(shocks.key(0, "pit", name), int(year), range(1))[0] for year in found["years"]])
            ranks.setdefault(name, []).append(scores.pit(draws, seen, luck))
            forecasts.setdefault(name, []).append((draws, seen))
    if forecasts:  # draws of one fit are of one world, so the powers of a draw go together
        folds_of = zip(*(forecasts[name] for name in SHARES), strict=True)
        forecasts["trade"] = [(np.hstack([d for d, _ in each]), np.hstack([s for _, s in each])) for each in folds_of]
        hits["trade"] = {level: [h for name in SHARES for h in hits[name][level]] for level in scores.LEVELS}
        ranks["trade"] = [r for name in SHARES for r in ranks[name]]
    by_name = {}
    for name, levels in hits.items():
        inside = {level: np.concatenate(parts) for level, parts in levels.items()}
        values = np.concatenate(ranks[name])
        by_name[name] = {
            "n": int(np.isfinite(values).sum()),
            "coverage": {f"{100 * level:.0f}": float(np.nanmean(v)) for level, v in inside.items()},
            "pit": np.histogram(values[np.isfinite(values)], bins=10, range=(0.0, 1.0))[0].tolist(),
            "outside_by_chance": chance_outside(forecasts[name]),
        }
    pooled = {
        f"{100 * level:.0f}": float(np.nanmean(np.concatenate([np.concatenate(hits[n][level]) for n in (*COUNTS, *SHARES)])))
        for level in scores.LEVELS
        if hits
    }
    return {"coverage": pooled, "by_statistic": by_name}


def chance_outside(forecasts: Sequence[tuple[Floats, Floats]], bar: tuple[float, float] = scores.COVERAGE_BAR) -> float:
    """How often the coverage of 90 % intervals would leave its bar if the forecasts were perfectly calibrated.

    Each held-out regime is answered by a draw of its own forecast instead of the record. Years of a regime hang together, so
    the coverage of few regimes strays far.

    Parameters
    ----------
    forecasts : for each regime draws (draw, outcome) and the record (outcome,), NaN where it says nothing
    """
    rng, counted = np.random.default_rng(0), sum(np.isfinite(seen).sum() for _, seen in forecasts)
    held = np.zeros(PSEUDO_RECORDS)
    for draws, seen in forecasts:
        truths = np.where(np.isfinite(seen), draws[rng.integers(len(draws), size=PSEUDO_RECORDS)], np.nan)
        held += [np.nansum(scores.inside(draws, truth, 0.9)) for truth in truths]
    share = held / counted
    return float(((share < bar[0]) | (share > bar[1])).mean())


def whole_fit(test: Backtest, job: Job) -> dict[str, Any] | None:
    """Scores and gains of a fit that has seen all years: WAIC and PSIS-LOO by series, gains with their probability above 0."""
    found = test.result(job)
    if found is None:
        return None
    out: dict[str, Any] = {"model": job.model, "variant": job.variant, "waic": {}, "loo": {}, "gains": {}}
    worst = 0.0
    for target, series in TARGETS.items():
        here = known(test, target) & (test.years >= VARIANTS[job.variant].since if job.variant in VARIANTS else True)
        loglik = found[f"loglik/{series}"].astype(float)[:, here]
        loo, k = scores.psis_loo(loglik)
        worst = max(worst, float((k > 0.7).mean()))
        out["waic"][target], out["loo"][target] = float(scores.waic(loglik).sum()), float(loo.sum())
    for kind in ("waic", "loo"):
        out[kind]["joint"] = sum(out[kind].values())
    for name in [n for n in found if n.startswith("gain/")]:
        x = found[name].astype(float)
        out["gains"][name.removeprefix("gain/")] = {
            "mean": float(x.mean()), "sd": float(x.std()), "above_zero": float((x > 0).mean()),
        }  # fmt: skip
    return out | {"share_of_bad_k": worst, **{k: float(found[k]) for k in ("divergent", "rhat", "size", "seconds")}}


def placebo(fits: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Where the real codings rank among permuted ones: p = (1 + permutations at least as good) / (1 + permutations)."""
    real = {f["variant"]: f for f in fits if not f["variant"].startswith("permuted")}
    shuffled = [f for f in fits if f["variant"].startswith("permuted")]
    if not real or not shuffled:
        return {}
    out: dict[str, Any] = {"permutations": len(shuffled), "ranks": []}
    for reference, fit in real.items():
        for kind in ("waic", "loo"):
            for target in ("joint", *TARGETS):
                out["ranks"].append(
                    _rank(reference, f"{kind} {target}", fit[kind][target], [f[kind][target] for f in shuffled])
                )
        for gain in [g for g in fit["gains"] if g.startswith("leader_gain")]:
            others = [f["gains"][gain]["mean"] for f in shuffled]
            out["ranks"].append(_rank(reference, gain, fit["gains"][gain]["mean"], others))
    return out


def _rank(reference: str, what: str, real: float, others: list[float]) -> dict[str, Any]:
    x = np.array(others)
    return {
        "codings": reference, "what": what, "real": real, "mean": float(x.mean()), "sd": float(x.std(ddof=1)),
        "best": float(x.max()), "p": float((1 + (x >= real).sum()) / (1 + len(x))),
    }  # fmt: skip


def sampling_error(test: Backtest, todo: Iterable[Job]) -> dict[str, float]:
    """Monte Carlo standard error of the full model's summed log scores, by series."""
    total = dict.fromkeys(TARGETS, 0.0)
    for job in todo:
        found = test.result(job)
        if found is not None and job.model == "full":
            at = np.isin(test.years, found["years"])
            for target, series in TARGETS.items():
                paths = test.settings.paths if job.part == "forward" else 1
                error = scores.log_score_error(found[f"loglik/{series}"].astype(float), paths)
                total[target] += float((error[known(test, target)[at]] ** 2).sum())
    return {target: float(np.sqrt(value)) for target, value in total.items()}


def losses(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Contests that the full model loses, worst first in units of the standard error."""
    lost = [d for d in found if d["difference"] < 0]
    return sorted(lost, key=lambda d: d["difference"] / d["se_years"] if d["se_years"] > 0 else 0.0)
