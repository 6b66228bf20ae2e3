"""The tables of a sweep: points with their reasons, summaries, and the split of variance; written chunk by chunk.

Part of the sweeps (floor 5). Reads the store and writes tidy CSV; computes nothing but shares of variance.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable
from typing import Any

from sim.quantiles import STATISTICS
from sim.sweep import store, variance
from sim.sweep.design import Design
from sim.sweep.factors import Kept, Point
from sim.sweep.places import Place
from sim.sweep.store import Layout

WHAT = ("measure", "state", "partner", "issue", "quarter")
SHARES = (*WHAT, "block", "part_of", "share", "q05", "q95")


def write(place: Place, layout: Layout, design: Design, points: list[Point]) -> tuple[dict[str, str], int]:
    """Write ``points.csv``, ``summary.csv`` and ``variance.csv``; their checksums, and how many points failed."""
    names = [factor.name for factor in design.factors]
    failed = 0

    def of_points() -> Iterable[list[Any]]:
        nonlocal failed
        for span, chunk in store.each(place, layout, (store.LAST,)):
            for point, reason in zip(span, chunk[store.LAST], strict=True):
                failed += bool(reason)
                yield [point, *(points[point][name] for name in names), str(reason)]

    def of_statistics() -> Iterable[list[Any]]:
        for span, chunk in store.each(place, layout, ("statistic",)):
            for point, rows in zip(span, chunk["statistic"], strict=True):
                values = [points[point][name] for name in names]
                for kept, row in zip(design.measures, rows, strict=True):
                    yield [point, *values, *what(kept), *map(_number, row)]

    def of_variance() -> Iterable[list[Any]]:
        blocks = variance.blocks(points, design.factors)
        for s in variance.split(place, layout, blocks, range(layout.measures), design.seed):
            yield [*what(design.measures[s.measure]), s.block, s.part_of, *map(_number, (s.share, s.q05, s.q95))]

    sums = {
        "points.csv": _csv(place, "points.csv", ["point", *names, "reason"], of_points()),
        "summary.csv": _csv(place, "summary.csv", ["point", *names, *WHAT, *STATISTICS], of_statistics()),
        "variance.csv": _csv(place, "variance.csv", SHARES, of_variance()),
        "design.yaml": hashlib.sha256(place.get("design.yaml") or b"").hexdigest(),
    }
    return sums, failed


def what(kept: Kept) -> tuple[str, str, str, str, str]:
    """What a number is about, in the columns ``WHAT``."""
    return kept.measure, kept.state, kept.partner, kept.issue, kept.when


def _number(value: float) -> str:
    return "" if value != value else f"{value:.6g}"


def _csv(place: Place, name: str, columns: Iterable[str], rows: Iterable[list[Any]]) -> str:
    """Write a table row by row; its checksum."""
    seen = hashlib.sha256()
    with place.writing(name) as file:
        line = io.StringIO()
        writer = csv.writer(line, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow(row)
            if line.tell() > 1_000_000:
                _flush(line, file, seen)
        _flush(line, file, seen)
    return seen.hexdigest()


def _flush(line: io.StringIO, file: Any, seen: Any) -> None:
    data = line.getvalue().encode()
    file.write(data)
    seen.update(data)
    line.seek(0)
    line.truncate()
