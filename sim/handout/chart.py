"""Data of the interactive chart: medians and intervals of every measure over time, as plain numbers.

Part of the handouts (floor 6). The numbers are those of the tables, digit for digit; what would not fit into a mail attachment
(long records of all states) is left to the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sim.measures import MEASURES
from sim.summary import LEVELS
from sim.words import BINS

if TYPE_CHECKING:
    import pandas as pd

    from sim.comparison import Pair
    from sim.run import Results
    from sim.summary import Context

COLUMNS = ("q50", *(bound for pair in LEVELS.values() for bound in pair))
"""What is kept of each quarter: the median, then low and high of the 95, 80 and 50 % intervals."""

MOST = 330_000
"""Numbers that a chart may hold: some 2.5 megabytes."""

PLACE = ["measure", "state", "partner", "issue"]


def of_runs(held: Sequence[Results], state: str, first: tuple[str, str]) -> dict[str, Any]:
    """The chart of one or several scenarios.

    Parameters
    ----------
    state : whose ties are kept where not all fit
    first : partner and issue area shown at the beginning
    """
    worlds = [(r.scenario.title, r.table) for r in held]
    return _chart(worlds, held[0].context, state, first, [])


def of_pair(pair: Pair, first: tuple[str, str]) -> dict[str, Any]:
    """The chart of a comparison: every world, and every difference from the first."""
    worlds = [(s.title, pair.table[pair.table.scenario == s.name]) for s in pair.scenarios]
    base = pair.scenarios[0]
    apart = [
        (f"Difference: {s.title} minus {base.title}", pair.contrasts[pair.contrasts.scenario == s.name])
        for s in pair.scenarios[1:]
    ]
    return _chart(worlds, pair.context(pair.scenarios[1].name), pair.state, first, apart)


def _chart(
    worlds: list[tuple[str, pd.DataFrame]],
    context: Context,
    state: str,
    first: tuple[str, str],
    apart: list[tuple[str, pd.DataFrame]],
) -> dict[str, Any]:
    tables = _that_fit([table for _, table in (*worlds, *apart)], state)
    layers: list[dict[str, Any]] = []
    for (title, _), table in zip((*worlds, *apart), tables, strict=True):
        layers.append({"title": title, "difference": len(layers) >= len(worlds), **_series(table)})
    used = dict.fromkeys(key.split("|")[0] for layer in layers for key in layer["series"])
    codes = dict.fromkeys(part for layer in layers for key in layer["series"] for part in key.split("|")[1:] if part)
    return {
        "layers": layers,
        "measures": {name: _measure(name) for name in MEASURES if name in used},
        "names": {code: context.names.get(code, code) for code in codes},
        "words": [[limit, word] for limit, word in BINS],
        "start": {"measure": "cooperation", "state": state, "partner": first[0], "issue": first[1]},
    }


def _that_fit(tables: list[pd.DataFrame], state: str) -> list[pd.DataFrame]:
    """All rows, or else the ties of one state, or else only what it does itself."""
    choices: tuple[Callable[[pd.DataFrame], pd.DataFrame], ...] = (
        lambda t: t,
        lambda t: t[(t.state == state) | (t.partner == state)],
        lambda t: t[t.state == state],
        lambda t: t[(t.state == state) & t.measure.isin(("stance", "cooperation"))],
    )
    chosen = tables
    for choice in choices:
        chosen = [choice(table) for table in tables]
        if sum(map(len, chosen)) * len(COLUMNS) <= MOST:
            break
    return chosen


def _series(table: pd.DataFrame) -> dict[str, Any]:
    """``measure|state|partner|issue`` -> numbers (quarter x column) in one row; None where there is none."""
    quarters = list(dict.fromkeys(table.quarter))
    place = {name: at * len(COLUMNS) for at, name in enumerate(quarters)}
    series: dict[str, list[float | None]] = {}
    keys = zip(*(table[name] for name in PLACE), strict=True)
    for key, quarter, values in zip(keys, table.quarter, table[list(COLUMNS)].to_numpy(float).tolist(), strict=True):
        numbers = series.setdefault("|".join(key), [None] * (len(quarters) * len(COLUMNS)))
        numbers[place[quarter] : place[quarter] + len(COLUMNS)] = _plain(values)
    return {"quarters": quarters, "series": series}


def _plain(values: Iterable[float]) -> list[float | None]:
    """Six digits, as in the tables; JSON knows no NaN."""
    return [float(f"{value:.6g}") + 0.0 if value == value else None for value in values]


def _measure(name: str) -> dict[str, Any]:
    m = MEASURES[name]
    words = "index" if m.range == (-1.0, 1.0) else ""
    return {"label": m.label, "unit": m.unit, "meaning": m.meaning, "neutral": m.neutral, "range": m.range, "words": words}
