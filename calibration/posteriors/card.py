"""The card of a posterior: what was learned, how well it was sampled, what it reproduces, what the record cannot tell.

``card.json`` holds the figures; ``README.md`` is written from it, so that the two never disagree.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.model.core import Core, Draws
from calibration.sources.raw import POWERS
from calibration.sources.tables import SUPPLIERS
from sim import priors
from sim.rulebook import RULES

Numbers = NDArray[np.float64]
RUS, USA = POWERS.index("RUS"), POWERS.index("USA")
ORDER = ("defence", "diplomacy", "trade")
"""Issue areas from the fastest to the slowest, as the design expects (arms, votes, trade)."""


def quantiles(x: Any) -> list[float]:
    """5 %, 50 %, 95 %."""
    return [round(float(q), 4) for q in np.quantile(np.asarray(x, dtype=float), [0.05, 0.5, 0.95])]


# --- what the posterior reproduces ------------------------------------------------------------------------------------


def features(core: Core, votes: Numbers, orders: Numbers, trade: Numbers) -> dict[str, float]:
    """Features of a record that no likelihood term fits by itself.

    Parameters
    ----------
    votes, orders, trade : (cell, answer), (year, supplier), (power, year), as :class:`calibration.model.core.Observed`
    """
    powers = core.cells.powers
    opposed = powers[:, RUS] * powers[:, USA] == -1
    net = (votes[:, 2] - votes[:, 0]) * powers[:, RUS]
    found = {"votes other than yes": votes[:, :2].sum(), "net votes with Russia against the United States": net[opposed].sum()}
    found |= {f"arms orders from {s}": orders[:, i].sum() for i, s in enumerate(SUPPLIERS)}
    found["longest run of years without a Russian order"] = longest(orders[:, RUS] == 0)
    for j, power in enumerate(POWERS):
        found[f"lag-1 autocorrelation of the trade share with {power}"] = lag_one(trade[j])
    return {name: float(value) for name, value in found.items()}


def longest(flags: Any) -> int:
    """Length of the longest run of true values.

    >>> longest([True, False, True, True])
    2
    """
    best = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        best = max(best, run)
    return best


def lag_one(x: Numbers) -> float:
    """Correlation of neighbours, where both are known."""
    both = np.isfinite(x[1:]) & np.isfinite(x[:-1])
    return float(np.corrcoef(x[:-1][both], x[1:][both])[0, 1])


def reproduced(core: Core, draws: Draws, *, seed: int) -> list[dict[str, Any]]:
    """Features of the record beside those of replicated records, with the share of the latter at or below the former."""
    real, told = draws.targets, core.simulate(draws, seed=seed)
    years = core.years <= core.record.orders["year"].max()
    observed = features(core, real.votes, real.orders[years], real.trade)
    trade = np.where(np.isfinite(real.trade), told["trade_free"], np.nan)
    each = [
        features(core, v, o[years], t)
        for v, o, t in zip(told["votes"].astype(float), told["orders"].astype(float), trade, strict=True)
    ]
    return [
        {
            "feature": name,
            "observed": round(value, 4),
            "replicated": quantiles([row[name] for row in each]),
            "at_or_below": float(np.mean([row[name] <= value for row in each])),
        }
        for name, value in observed.items()
    ]


# --- what it says -------------------------------------------------------------------------------------------------------


def half_lives(core: Core, values: dict[str, Numbers]) -> dict[str, Any]:
    """Years in which half of a gap to the desired stance closes, at the mean domestic constraint of the record."""
    veto, lives = float(core.row.given["veto"].mean()), {}
    slows = priors.parameters()["veto_effect"].law("all", "default", fit=True)["value"]
    for issue in core.row.issues:
        rate = RULES["rate"].function(adjustment_rate=values[f"adjustment_rate.small.{issue}"], veto_effect=slows, veto=veto)
        lives[issue] = np.log(2.0) / rate
    fast, middle, slow = (lives[issue] for issue in ORDER)
    return {
        "years": {issue: quantiles(x) for issue, x in lives.items()},
        "arms before votes": float((fast < middle).mean()),
        "votes before trade": float((middle < slow).mean()),
        "arms before votes before trade": float(((fast < middle) & (middle < slow)).mean()),
    }


def readme(card: dict[str, Any]) -> str:
    """The card in words."""
    verdict, lives = card["verdict"], card["half_lives"]
    lines = [
        "# The shipped posterior",
        "",
        f"Version {card['version']} · record to {card['cut']} · fitted by `padma calibrate` (seed {card['seed']},"
        f" {verdict['chains']} chains of {verdict['draws']} draws after {card['warmup']} of warm-up).",
        f"This page is written from `card.json`; `posterior.nc` holds {card['size']} thinned draws.",
        "",
        "## Can the chains be believed?",
        "",
        f"Highest R-hat {verdict['highest_rhat']:.3f}, lowest bulk effective size {verdict['lowest_bulk_size']:.0f},"
        f" {verdict['divergent']} divergences, over all parameters, images and luck"
        f" ({'usable' if verdict['usable'] else 'NOT usable: a bar of 1.01, 400 and 0 is missed'}).",
        f"The second stage (the powers, from American aid): R-hat {card['powers']['highest_rhat']:.3f},"
        f" size {card['powers']['lowest_bulk_size']:.0f}, {card['powers']['divergent']} divergences.",
        "",
        "## How long things last",
        "",
        "Years in which half of a gap between a stance and what the government wants closes, with 90 % intervals:",
        "",
        "| issue area | 5 % | median | 95 % |",
        "|---|---:|---:|---:|",
        *("| {} | {:.1f} | {:.1f} | {:.1f} |".format(issue, *lives["years"][issue]) for issue in ORDER),
        "",
        f"Arms faster than votes with probability {lives['arms before votes']:.2f}, votes faster than trade with"
        f" {lives['votes before trade']:.2f}, the whole order with {lives['arms before votes before trade']:.2f}.",
        "",
        "## What was learned",
        "",
        "Class A: meant to be learned; B: partly; C: a lever with a prior. Contraction is 1 - (sd / prior sd) squared: near 1",
        "the record spoke, near 0 only the prior did. **A number with a contraction below 0.2 is an assumption, whatever its",
        "class.**",
        "",
        "| parameter | class | mean | sd | 5 % | 95 % | P(>0) | contraction | R-hat | size |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(
            f"| {r['parameter']} | {r['class']} | {r['mean']:.2f} | {r['sd']:.2f} | {r['q05']:.2f} | {r['q95']:.2f} |"
            f" {r['above_zero']:.2f} | {r['contraction']:.2f} | {r['rhat']:.3f} | {r['bulk_size']:.0f} |"
            for r in card["parameters"]
        ),
        "",
        "## What it reproduces",
        "",
        "Records replicated from the posterior beside the real one; a share near 0 or 1 means that the model misses it.",
        "",
        "| feature | record | 5 % | median | 95 % | replicated at or below |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {r['feature']} | {r['observed']:.2f} | {r['replicated'][0]:.2f} | {r['replicated'][1]:.2f} |"
            f" {r['replicated'][2]:.2f} | {r['at_or_below']:.2f} |"
            for r in card["reproduced"]
        ),
        "",
        "## What the record cannot tell",
        "",
        *(f"- {line}" for line in card["cannot_tell"]),
        "",
    ]
    return "\n".join(lines)


def levers() -> list[str]:
    """Levers of class C at which a fit takes the middle of what simulation draws, with that value."""
    held = []
    for name, parameter in priors.parameters().items():
        law = parameter.law("all", "default", fit=True) if "all" in parameter.laws else {}
        if law.get("law") == "fixed" and parameter.law("all", "default") != law:
            held.append(f"{name} {law['value']:g}")
    return held


def cannot_tell(rows: list[dict[str, Any]]) -> list[str]:
    """Sentences on what was not learned."""
    open_ = [row["parameter"] for row in rows if row["contraction"] < 0.2]
    return [
        f"Hardly moved from their priors (contraction below 0.2): {', '.join(open_)}.",
        f"Held where simulation draws them around, because no record can teach them: {', '.join(levers())}.",
        "Reciprocity, jealousy and omnibalancing of Bangladesh are off in this fit and drawn from their priors in simulation.",
        "Energy, aid and people have no record in the likelihood: their gains borrow from votes, arms and trade, their rates"
        " from the lifetime of contracts.",
        "The powers' side rests on American aid alone; Russia, India and China share its numbers. Nothing of it reaches back"
        " into Bangladesh's own gains.",
        "Of the powers' side only rate, volatility and aid loading are handed on to simulation. The gain on leaders' images is"
        " not: with one donor its sign is open (both signs fit), and Washington says nothing about how Moscow or Delhi see"
        " Bangladesh.",
        "A power's goodwill toward Bangladesh stands at its norm while Bangladesh is fitted, so arms orders above the norm are"
        " bounded by the rule that cooperation takes two.",
    ]
