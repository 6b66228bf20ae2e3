"""The back-test in short: the few numbers that reports and slides print, small enough to ship with padma.

Made from ``backtest.json`` alone, so that no number is typed by hand:
``python -m calibration.held_out.short results/reference/backtest/backtest.json``. Wins and losses are told apart as everywhere
in the back-test: what lies within two standard errors is a tie.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from calibration.held_out.page import NAMES, RIVALS, SERIES, find, verdict, versus
from sim.posterior import shipped

SHIPPED = shipped().with_name("backtest_short.json")
"""Where padma looks for it: beside the posterior that it is about."""


def short(document: dict[str, Any]) -> dict[str, Any]:
    """What a reader of any result should know of the back-test.

    Parameters
    ----------
    document : as written by :mod:`calibration.held_out.report`

    Returns
    -------
    scores (log, forward, sums over years) and contests per kind of outcome, how many contests are lost, coverage, missed bars
    """
    ranks = document["placebo"].get("ranks", [])  # one row for each leader, as permuted codings have: the fair comparison
    played = [d for d in document["differences"] if d["part"] in ("forward", "two_sided")]
    return {
        "id": document["id"],
        "cut": document["record"]["cut"],
        "made_from": {key: document["made_from"][key] for key in ("rules", "content")},
        "conditions": document["conditions"],
        "regimes": len(document["regimes"]),
        "scores": [_scores(document, target) for target in SERIES[:3] if _scores(document, target)],
        "contests": [
            {"target": d["target"], "against": RIVALS[d["against"]], "lead": d["difference"], "error": d["se_years"]}
            | {"verdict": verdict(d)}
            for target in SERIES[:3]
            for d in versus(document, part="forward", score="log", target=target)
        ],
        "played": len(played),
        "lost": sum(d["difference"] < 0 for d in played),
        "lost_clearly": sum(verdict(d) == "loses" for d in played),
        "coverage": document["coverage"],
        "placebo": next((rank for rank in ranks if (rank["what"], rank["codings"]) == ("waic joint", "collapsed")), None),
        "missed": [bar["bar"] for bar in document["bars"] if bar["reached"] is False],
        "fits": {key: document["fits"][key] for key in ("planned", "done")},
    }


def _scores(document: dict[str, Any], target: str) -> dict[str, Any]:
    """Log scores of the full model and its rivals for one kind of outcome ({} where it was not tested)."""
    row = next(iter(find(document, part="forward", score="log", target=target, regime="all")), None)
    if row is None:
        return {}
    return {"target": target, "years": row["n"]} | {words: row[column] for column, words in NAMES.items() if row.get(column)}


def main(arguments: list[str]) -> None:
    """Write the short form of a back-test to where padma looks for it."""
    document = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    SHIPPED.write_text(json.dumps(short(document), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
