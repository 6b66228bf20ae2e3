"""Figures of a back-test from its document: the scoreboard, and coverage beside PIT histograms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from calibration.held_out import folds
from calibration.held_out.jobs import TRIED
from calibration.held_out.observables import COUNTS, SHARES
from calibration.held_out.page import RIVALS, SAID, verdict, versus
from calibration.held_out.scores import COVERAGE_BAR
from sim.summary import Context

SERIES = {"votes": "UN votes", "arms": "Arms orders", "trade": "Trade"}

SHORT = {
    "non_yes": "votes other than yes", "net_russia": "net votes toward Russia",
    "orders_RUS": "Russian orders", "orders_CHN": "Chinese orders", "trade_RUS": "trade with Russia",
    "trade_IND": "trade with India", "trade_CHN": "trade with China", "trade_USA": "trade with the USA",
}  # fmt: skip
"""Names short enough for a panel."""


def draw(
    document: dict[str, Any],
    out: Path,
    kinds: Sequence[str] = ("scoreboard", "reliability"),
    formats: Sequence[str] = ("png", "svg"),
    size: str = "screen",
) -> list[Path]:
    """Write ``scoreboard`` and ``reliability`` (or one of them), and ``caption.txt``."""
    from sim import plots
    from sim.figures import write_captions
    from sim.plots import scoreboard as board

    context = _context(document)
    made = {"scoreboard": _scoreboard, "reliability": _reliability}
    pictures = {"scoreboard": board.figure_scoreboard, "reliability": board.figure_reliability}
    words = {"scoreboard": board.caption_scoreboard, "reliability": board.caption_reliability}
    written, captions = [], {}
    for name in kinds:
        summary = made[name](document)
        caption = f"{words[name](summary)} {document['conditions']}"
        written += plots.save(pictures[name](summary, context), out / name, caption, context, formats, size)
        captions[name] = plots.caption_text(name, caption, context)
    return [*written, write_captions(out, captions)]


def _context(d: dict[str, Any]) -> Context:
    s = d["settings"]
    return Context(
        scenario="backtest",
        title="Back-test",
        question="",
        status="held out 1975-2023, given who ruled and what was tabled",
        manifest=str(d["id"]),
        runs=s["chains"] * s["draws"],
        leaders={},
        marks=(),
        source="UN General Assembly roll calls (Voeten); SIPRI Arms Transfers; Correlates of War trade (calibration/data)",
        names={},
    )


def _verdict(one: dict[str, Any] | None) -> str:
    """A difference in words: nothing within two standard errors is a win."""
    return "not compared" if one is None else SAID[verdict(one)]


def _one(d: dict[str, Any], target: str, rival: str) -> dict[str, Any] | None:
    return next(iter(versus(d, part="forward", score="log", target=target, against=rival)), None)


def _scoreboard(d: dict[str, Any]) -> Any:
    from sim.plots.scoreboard import Contest, Scoreboard

    rivals = [r for r in RIVALS if r not in TRIED and any(_one(d, target, r) for target in SERIES)]
    contests = []
    for target, title in SERIES.items():
        pairs = [_one(d, target, rival) for rival in rivals]
        years = max((p["n"] for p in pairs if p), default=0)
        contests.append(
            Contest(
                f"{title}, {years} years",
                tuple(p["difference"] if p else None for p in pairs),
                tuple(p["se_years"] if p else None for p in pairs),
            )
        )
    strips = []
    for target in SERIES:
        pair = _one(d, target, "persistence")
        blocks = pair["by_regime"] if pair else {}
        strips.append((f"{target}, over persistence", tuple(blocks.get(r) for r in d["regimes"])))
    return Scoreboard(
        headline=_headline(d),
        sentence=_sentence(d),
        rivals=tuple(RIVALS[r] for r in rivals),
        contests=tuple(contests),
        regimes=tuple(r.name for r in folds.REGIMES),
        strips=tuple(strips),
    )


def _headline(d: dict[str, Any]) -> str:
    by_verdict: dict[str, list[str]] = {}
    for target in SERIES:
        by_verdict.setdefault(_verdict(_one(d, target, "persistence")), []).append(target)
    said = [f"{words} persistence on {_listed(targets)}" for words, targets in by_verdict.items()]
    return "Forward, the model " + ", ".join(said)


def _listed(words: list[str]) -> str:
    """Words in a row, the last after "and"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def _sentence(d: dict[str, Any]) -> str:
    """Leads over persistence, how often a rival is ahead, and which variants of the model are better by two standard errors."""
    parts = []
    for target in SERIES:
        if one := _one(d, target, "persistence"):
            parts.append(f"{target} {one['difference']:+.1f} nats (SE {one['se_years']:.1f})")
    lost = [x for x in d["losses"] if x["part"] == "forward" and x["score"] == "log" and x["against"] not in TRIED]
    behind = sum(x["target"] in SERIES for x in lost)
    played = sum(
        (x["part"], x["score"]) == ("forward", "log") and x["target"] in SERIES and x["against"] not in TRIED
        for x in d["differences"]
    )
    tried = [x for x in d["losses"] if (x["part"], x["score"]) == ("forward", "log") and x["against"] in TRIED]
    beaten = [
        f"{RIVALS[x['against']]} on {x['target']}" for x in tried if x["target"] in SERIES and _verdict(x) == SAID["loses"]
    ]
    variants = f" Beaten by variants of its own: {_listed(beaten)}." if beaten else ""
    return f"Over persistence: {', '.join(parts)}; behind a rival in {behind} of {played} contests.{variants}"


def _reliability(d: dict[str, Any]) -> Any:
    from sim.plots.scoreboard import Reliability

    found = d["reliability"]
    names = [n for n in (*COUNTS, *SHARES) if n in found]
    shares = [found[n]["coverage"]["90"] for n in names]
    wider = [found[n]["coverage"]["80"] for n in names]
    narrow = [_name(n) for n, share in zip(names, shares, strict=True) if share < COVERAGE_BAR[0]]
    wide = [_name(n) for n, share in zip(names, shares, strict=True) if share > COVERAGE_BAR[1]]
    said = [f"too {word} for {_listed(which)}" for word, which in (("narrow", narrow), ("wide", wide)) if which]
    head = f"90 % intervals {', '.join(said)}" if said else "Intervals hold about what they promise"
    return Reliability(
        headline=head if len(head) < 84 else f"Intervals are off for {len(narrow) + len(wide)} of {len(names)} yearly figures",
        sentence=f"Forward forecasts of the full model: 90 % intervals held {100 * min(shares):.0f} to"
        f" {100 * max(shares):.0f} % of held-out years, 80 % intervals {100 * min(wider):.0f} to {100 * max(wider):.0f} %.",
        series=tuple((_name(n), found[n]["n"], tuple(found[n]["coverage"].values()), tuple(found[n]["pit"])) for n in names),
        levels=tuple(float(level) / 100 for level in next(iter(found.values()))["coverage"]),
    )


def _name(statistic: str) -> str:
    return SHORT[statistic]
