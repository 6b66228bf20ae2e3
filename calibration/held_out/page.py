"""The page of plain words: what a back-test found, losses included, written from its JSON document alone.

Four habits of wording: every score where the model loses is printed, the eight regime numbers are shown and not only their
sum, conditions are stated, and nothing within two standard errors is called a win.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from calibration.held_out.observables import WORDS
from calibration.held_out.scores import COVERAGE_BAR

Document = dict[str, Any]

NAMES = {
    "model": "full", "persistence": "persistence", "autoregression": "autoregression", "no_filter": "system only",
    "leader_only": "leader only", "static": "fixed norm", "regime_mean": "party means", "no_moderation": "no moderation",
    "agenda": "agenda alone", "drift": "drift", "no_trade_leader": "no leaders in trade", "party_images": "party images",
}  # fmt: skip
"""Columns of the rows, as tables call them."""

RIVALS = {
    "persistence": "persistence", "autoregression": "autoregression", "system": "system only", "leader": "leader only",
    "static": "fixed norm", "regime_mean": "party means", "no_moderation": "no moderation", "agenda": "agenda alone",
    "drift": "drift", "no_trade_leader": "no leaders in trade", "party_images": "party images",
}  # fmt: skip
"""Models, as tables call them."""

PARTS = {
    "forward": "Forward (fit on the years before a regime, predict all of it)",
    "two_sided": "Leave one regime out (fit on all other years)",
    "unconditional": "Forward with systemic inputs guessed by random walks (in the full model only)",
}

SERIES = ("votes", "arms", "trade", "votes and arms")

SAID = {"wins": "beats", "ties": "ties", "loses": "loses to"}
"""Verdicts before the name of a rival."""


def verdict(difference: dict[str, Any]) -> str:
    """Won, tied or lost by the full model: what lies within two standard errors is a tie.

    >>> verdict({"difference": -5.5, "se_years": 2.6}), verdict({"difference": 0.8, "se_years": 7.3})
    ('loses', 'ties')
    """
    if abs(difference["difference"]) <= 2 * (difference["se_years"] or 0.0):
        return "ties"
    return "wins" if difference["difference"] > 0 else "loses"


def number(value: float | None, places: int = 1, *, sign: bool = False) -> str:
    """A number for a table; a dash where there is none.

    >>> number(1.25), number(2, sign=True), number(None)
    ('1.2', '+2.0', '-')
    """
    return "-" if value is None else f"{value:{'+' if sign else ''}.{places}f}"


def grid(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A Markdown table, first column left and the others right."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in body)])


def page(document: Document) -> str:
    """The whole page in Markdown."""
    parts = [
        _head(document),
        _short(document),
        *(_contest(document, part, title) for part, title in PARTS.items()),
        _errors(document),
        _losses(document),
        _rolling(document),
        _whole(document),
        coverage(document),
        _placebo(document),
        _robustness(document),
        _turnovers(document),
        _bars(document),
        _account(document),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(d: Document) -> str:
    s = d["settings"]
    draws = f"{s['draws']:,} draws from {s['chains']} {'chain' if s['chains'] == 1 else 'chains'} each"
    return (
        "# Back-test\n\nMade by `python -m calibration.backtest`; every figure below comes out of `backtest.json`"
        f" (id {d.get('id', '')}, record to {d['record']['cut']}).\n\n{d['conditions']} Each fit: {draws}; forward forecasts"
        f" follow {s['paths']} paths of luck for each draw ({s['draws'] * s['chains'] * s['paths']:,} in all). Log scores in"
        " nats, the higher the better; differences above zero favour the full model; SE is the standard error of a sum over"
        " years, in brackets over regimes (8 blocks, sterner). What lies within two standard errors is a tie."
        f"\n\n{d['hindsight']}"
    )


def _short(d: Document) -> str:
    """The finding in words: beaten, tied or lost by two standard errors."""
    lines = []
    for target in SERIES[:3]:
        found: dict[str, list[str]] = {words: [] for words in SAID.values()}
        for one in versus(d, part="forward", score="log", target=target):
            found[SAID[verdict(one)]].append(f"{RIVALS[one['against']]} ({number(one['difference'], sign=True)})")
        said = [f"{words} {', '.join(rivals)}" for words, rivals in found.items() if rivals]
        lines += [f"- **{target}**: the full model {'; '.join(said)}."] if said else []
    missed = [bar["bar"] for bar in d["bars"] if bar["reached"] is False]
    lines += [f"- **suggested bars missed**: {'; '.join(missed)}."] if missed else []
    return "## In short, forward log score\n\n" + "\n".join(lines) if lines else ""


def find(d: Document, **wanted: Any) -> list[dict[str, Any]]:
    """Rows that match."""
    return [r for r in d["rows"] if all(r.get(k) == v for k, v in wanted.items())]


def versus(d: Document, **wanted: Any) -> list[dict[str, Any]]:
    """Differences that match."""
    return [r for r in d["differences"] if all(r.get(k) == v for k, v in wanted.items())]


def _contest(d: Document, part: str, title: str) -> str:
    rows = [r for target in SERIES for r in find(d, part=part, score="log", target=target, regime="all")]
    if not rows:
        return ""
    shown = [c for c in NAMES if any(r.get(c) is not None for r in rows)]
    text = [f"## {title}", "Log score, sum over held-out years:"]
    body = [[f"{r['target']} ({r['n']} years)", *(_best(r, c) for c in shown)] for r in rows]
    text.append(grid(["", *(NAMES[c] for c in shown)], body))
    if error := d["sampling_error"].get(part):
        text.append(f"Monte Carlo error of the full model's sums: {', '.join(f'{t} {number(e)}' for t, e in error.items())}.")
    text.append("Full model less rival, SE over years [over regimes]:")
    body = []
    for rival in RIVALS:
        cells = [next(iter(versus(d, part=part, score="log", target=t, against=rival)), None) for t in SERIES]
        if any(cells):
            body.append([RIVALS[rival], *map(_difference, cells)])
    text.append(grid(["against", *SERIES], body))
    for rival in ("persistence", "autoregression"):
        body = []
        for target in SERIES[:3]:
            for one in versus(d, part=part, score="log", target=target, against=rival):
                body.append([target, *(number(one["by_regime"].get(r), sign=True) for r in d["regimes"])])
        if body:
            text += [f"The eight regimes, full model less {RIVALS[rival]}:", grid(["", *d["regimes"].values()], body)]
    return "\n\n".join(text)


def _best(row: dict[str, Any], column: str) -> str:
    values = [v for c, v in row.items() if c in NAMES and v is not None]
    text = number(row.get(column))
    return f"**{text}**" if row.get(column) == max(values) else text


def _difference(one: dict[str, Any] | None) -> str:
    if one is None:
        return "-"
    return f"{number(one['difference'], sign=True)} ({number(one['se_years'])}) [{number(one['se_regimes'])}]"


def _errors(d: Document) -> str:
    rows = [r for r in find(d, part="forward", regime="all") if r["score"] != "log"]
    if not rows:
        return ""
    shown = [c for c in NAMES if any(r.get(c) is not None for r in rows)]
    body = []
    for r in rows:
        values = [v for c, v in r.items() if c in NAMES and v is not None]
        cells = [f"**{number(r[c], 3)}**" if r[c] == min(values) else number(r[c], 3) for c in shown]
        score = "CRPS" if r["score"] == "crps" else "Brier"
        body.append([f"{score}, {WORDS[r['target']]} ({r['n']} years)", *cells])
    return f"## Errors of yearly figures, forward (mean; lower is better)\n\n{grid(['', *(NAMES[c] for c in shown)], body)}"


def _losses(d: Document) -> str:
    if not d["differences"]:
        return ""
    lines = ["## Where the full model loses", "Every contest with a difference below zero, the clearest first:"]
    body = []
    for one in d["losses"]:
        contest = f"{one['part']}, {one['score']}, {WORDS.get(one['target'], one['target'])}"
        numbers = number(one["difference"], 2, sign=True), number(one["se_years"], 2), f"{one['n']}"
        body.append([contest, RIVALS[one["against"]], *numbers])
    clear = sum(verdict(one) == "loses" for one in d["losses"])
    played = len([x for x in d["differences"] if x["part"] in ("forward", "two_sided")])
    lines.append(grid(["contest", "loses to", "difference", "SE", "years"], body))
    told = f"{len(d['losses'])} of {played} contests are lost, {clear} of them by more than two standard errors."
    ahead = [x for x in d["differences"] if x["part"] == "rolling"]
    lost = sum(x["difference"] < 0 for x in ahead), sum(verdict(x) == "loses" for x in ahead)
    rolling = f" With rolling origins {lost[0]} of {len(ahead)} are, {lost[1]} of them so." if ahead else ""
    lines.append(f"Over held-out regimes {told}{rolling}")
    return "\n\n".join(lines)


def _rolling(d: Document) -> str:
    rows = [r for r in find(d, part="rolling", score="log")]
    if not rows:
        return ""
    shown = [c for c in NAMES if any(r.get(c) is not None for r in rows)]
    body = [[f"{r['target']}, {r['horizon']} ahead ({r['n']})", *(_best(r, c) for c in shown)] for r in rows]
    title = "## Rolling origins (refitted every second year from 1985), log score"
    return f"{title}\n\n{grid(['', *(NAMES[c] for c in shown)], body)}"


def _whole(d: Document) -> str:
    if not d["whole"]:
        return ""
    body = [[RIVALS.get(f["model"], "full"), *(number(f["waic"][t]) for t in ("votes", "arms", "trade"))] for f in d["whole"]]
    return f"## In sample: WAIC of fits to all years\n\n{grid(['', 'votes', 'arms', 'trade'], body)}"


def coverage(d: Document) -> str:
    """How often intervals of the full model held the record, forward."""
    if not d["reliability"]:
        return ""
    levels = list(next(iter(d["reliability"].values()))["coverage"])
    body = [
        [
            f"{WORDS[n]} ({r['n']} {'shares' if n == 'trade' else 'years'})",
            *(number(r["coverage"][x], 2) for x in levels),
            number(r["outside_by_chance"], 2),
        ]
        for n, r in d["reliability"].items()
    ]
    low, high = COVERAGE_BAR
    said = (
        f"Last column: how often the coverage of 90 % intervals would leave {low:.2f} to {high:.2f} if the forecasts were"
        " perfectly calibrated, by simulation. Years of a held-out regime hang together, so one power's trade leaves that range"
        " often by chance; the suggested bar is asked of the four powers together."
    )
    table = grid(["", *(f"{x} %" for x in levels), "outside by chance"], body)
    return f"## Coverage of the full model's intervals, forward\n\n{table}\n\n{said}"


def _placebo(d: Document) -> str:
    found = d["placebo"]
    if not found:
        return ""
    body = [
        [f"{r['what']} ({r['codings']})", number(r["real"], 2), number(r["mean"], 2), number(r["sd"], 2), number(r["best"], 2),
         number(r["p"], 3)]
        for r in found["ranks"]
    ]  # fmt: skip
    head = ["", "real", "permuted, mean", "sd", "best", "rank p"]
    return (
        f"## Placebo: {found['permutations']} permutations of image rows among leaders, all years\n\n"
        "`collapsed` is the fair comparison: real codings with one row per leader, as permuted codings have. In-sample scores"
        f" (WAIC, PSIS-LOO by year).\n\n{grid(head, body)}"
    )


def _robustness(d: Document) -> str:
    if not d["robustness"]:
        return ""
    gains = [g for g in d["robustness"][0]["gains"] if g.startswith("leader_gain")]
    body = [
        [fit["words"], *(_gain(fit["gains"].get(g)) for g in gains), number(fit["waic"]["joint"])] for fit in d["robustness"]
    ]
    head = ["", *(g.rpartition(".")[2] for g in gains), "WAIC (joint)"]
    return f"## Robustness of the leader gain: mean (sd), P(>0)\n\n{grid(head, body)}"


def _gain(gain: dict[str, float] | None) -> str:
    return "-" if gain is None else f"{gain['mean']:.2f} ({gain['sd']:.2f}), {gain['above_zero']:.2f}"


def _turnovers(d: Document) -> str:
    found = d["turnovers"]
    if not found:
        return ""
    body = [
        [issue, number(x["size_changed"], 2), number(x["size_unchanged"], 2), number(x["size_other_years"], 2),
         number(x["p_changed_larger"], 3), number(x["image_slope"], 2), number(x["p_image_slope"], 3),
         number(x["same_sign"], 2)]
        for issue, x in found["by_issue"].items()
    ]  # fmt: skip
    head = ["", "coalition changed", "not changed", "other years", "rank p", "slope on images", "rank p", "same sign"]
    return (
        f"## Turnovers\n\n{found['n']} turnovers, {found['changed']} with a change of support coalition (coded in"
        " `calibration/turnovers.yaml`). Mean size of shifts (logits) in the stances of the autoregression, which knows no"
        f" leaders, over {found['window_years']} years each way:\n\n{grid(head, body)}\n\nNearly every turnover changed the"
        " coalition, so that the variable can hardly be told from turnover itself."
    )


def _bars(d: Document) -> str:
    body = []
    for bar in d["bars"]:
        asked = (
            f"at least {bar['at_least']:g}" if "at_least" in bar
            else f"{bar['between'][0]:.2f} to {bar['between'][1]:.2f}" if "between" in bar
            else f"best rival: {bar.get('best', '-')}, SE {number(bar.get('se'))}"
        )  # fmt: skip
        told = {None: "not measured", True: "reached", False: "not reached"}[bar["reached"]]
        body.append([bar["bar"], asked, number(bar["found"], 2), told])
    return f"## Suggested bars\n\n{grid(['', 'asked', 'found', ''], body)}"


def _account(d: Document) -> str:
    f = d["fits"]
    text = f"## Fits\n\n{f['done']} of {f['planned']} fits done, {number(f['median_seconds'], 0)} s each (median);"
    text += f" {f['divergent']} divergent draws in all; {f['rhat_above_1.05']} fits with a parameter's R-hat above 1.05"
    text += f" (the highest R-hat of a fit is {number(f['median_rhat'], 3)} in the median)."
    return text + (f" Not done yet: {', '.join(f['missing'])}." if f["missing"] else "")
