"""The log of model variants: everything that was tried, with its held-out scores, so that the number of looks is known.

Who tries many variants and reports the best has tuned to the test. So each variant that a back-test has scored is written to
``calibration/variants.json``, winners and losers alike, under the version of rules, content and code that made it; entries are
never removed. Notes by hand go into the same file (``note``).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from calibration.held_out.jobs import ALL

LOG = Path(__file__).resolve().parents[1] / "variants.json"

TARGETS = ("votes", "arms", "trade")


def entries(document: dict[str, Any]) -> list[dict[str, Any]]:
    """One entry for each model and each part that a document scores, with the sums of its log scores (nats)."""
    found = []
    for part in ("forward", "two_sided", "unconditional"):
        rows = [r for r in document["rows"] if (r["part"], r["score"], r.get("regime")) == (part, "log", "all")]
        for name, model in ALL.items():
            scores = {r["target"]: r[model.column] for r in rows if r["target"] in TARGETS and r[model.column] is not None}
            if scores:
                found.append({"variant": name, "words": model.words, "part": part, "scores": scores, **_marks(document)})
    for fit in document["robustness"]:
        if fit["variant"] != "as coded":
            scores = {f"waic {target}": fit["waic"][target] for target in TARGETS}
            found.append(
                {"variant": fit["variant"], "words": fit["words"], "part": "whole", "scores": scores, **_marks(document)}
            )
    return found


def _marks(document: dict[str, Any]) -> dict[str, Any]:
    """Under which version something was tried; words, layout and length of the chains make no new variant."""
    return {"made_from": {name: mark[:10] for name, mark in document["made_from"].items()}, "settings": document["settings"]}


def read(path: Path = LOG) -> list[dict[str, Any]]:
    """All that has been tried."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def append(document: dict[str, Any], path: Path = LOG) -> list[dict[str, Any]]:
    """Add what a document scores; the same variant under the same marks and settings is replaced, nothing else is removed."""
    kept = {_key(entry): entry for entry in read(path)}
    for entry in entries(document):
        note = kept.get(_key(entry), {}).get("note")
        kept[_key(entry)] = entry | ({"note": note} if note else {})
    path.write_text(json.dumps(list(kept.values()), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return list(kept.values())


def _key(entry: dict[str, Any]) -> str:
    return json.dumps([entry.get(word) for word in ("variant", "part", "made_from", "settings", "words")], sort_keys=True)
