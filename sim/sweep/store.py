"""How a sweep is kept: a Zarr store of uncompressed chunks, each of which is whole or absent.

Part of the sweeps (floor 5). A chunk holds consecutive points with all their numbers and is written by whoever computed it.
Its last file, in ``reason``, says that it is whole: without it a chunk counts as missing and is computed again. The layout is
Zarr 2 without compression, so that what is stored does not depend on the version of a library; Zarr and xarray read it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.quantiles import STATISTICS
from sim.sweep.factors import Factor, Kept
from sim.sweep.places import Place

ROOT = "sweep.zarr"
LAST = "reason"
"""The array whose chunks are written last."""

REASON = "<U200"


@dataclass(frozen=True)
class Layout:
    """Sizes of a store.

    Attributes
    ----------
    points, measures : numbers of
    runs : of every point
    kept : runs whose single values are kept
    pairs : pairs of runs that exchange their draws, see :mod:`sim.sweep.variance`
    chunk : points computed and written together
    """

    points: int
    measures: int
    runs: int
    kept: int
    pairs: int
    chunk: int

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return -(-self.points // self.chunk)

    def span(self, chunk: int) -> range:
        """Points of a chunk."""
        return range(chunk * self.chunk, min((chunk + 1) * self.chunk, self.points))

    def arrays(self) -> dict[str, tuple[str, tuple[str, ...], tuple[int, ...]]]:
        """Name -> (type, dimensions, lengths beyond the first); all are chunked by points only."""
        found = {
            "statistic": ("<f8", ("point", "measure", "statistic"), (self.measures, len(STATISTICS))),
            "value": ("<f4", ("point", "measure", "run"), (self.measures, self.kept)),
            "exchanged": ("<f4", ("point", "measure", "paired_run"), (self.measures, 2 * self.pairs)),
            "relearned": ("<f4", ("point", "measure", "pair"), (self.measures, self.pairs)),
            LAST: (REASON, ("point",), ()),
        }
        return {name: card for name, card in found.items() if 0 not in card[2]}


Chunk = dict[str, NDArray[Any]]
"""Array name -> its part, with points first."""


def write_skeleton(place: Place, layout: Layout, points: list[dict[str, Any]], factors: tuple[Factor, ...],
                   measures: tuple[Kept, ...], attributes: dict[str, Any]) -> None:  # fmt: skip
    """Write everything but the numbers: groups, shapes, labels, and the points."""
    _put_json(place, f"{ROOT}/.zgroup", {"zarr_format": 2})
    _put_json(place, f"{ROOT}/.zattrs", attributes)
    for name, (kind, dims, rest) in layout.arrays().items():
        _describe(place, name, kind, (layout.points, *rest), (layout.chunk, *rest), dims)
    labels: dict[str, tuple[str, NDArray[Any]]] = {
        "measure": ("measure", np.array([kept.name for kept in measures])),
        "statistic_name": ("statistic", np.array(STATISTICS)),
    }
    for factor in factors:
        values = [point[factor.name] for point in points]
        plain = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
        labels[f"factor_{factor.name}"] = ("point", np.array(values, "<f8") if plain else np.array([str(v) for v in values]))
    for name, (dim, held) in labels.items():
        _describe(place, name, held.dtype.str, held.shape, held.shape, (dim,))
        place.put(f"{ROOT}/{name}/0", held.tobytes())


def _describe(
    place: Place, name: str, kind: str, shape: tuple[int, ...], chunks: tuple[int, ...], dims: tuple[str, ...]
) -> None:
    card = {
        "chunks": list(chunks),
        "compressor": None,
        "dimension_separator": ".",
        "dtype": kind,
        "fill_value": None if "U" in kind else "NaN",
        "filters": None,
        "order": "C",
        "shape": list(shape),
        "zarr_format": 2,
    }
    _put_json(place, f"{ROOT}/{name}/.zarray", card)
    _put_json(place, f"{ROOT}/{name}/.zattrs", {"_ARRAY_DIMENSIONS": list(dims)})


def _put_json(place: Place, name: str, content: Any) -> None:
    place.put(name, (json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode())


def stored_chunk(place: Place) -> int | None:
    """Points per chunk of a store that is there already."""
    held = place.get(f"{ROOT}/{LAST}/.zarray")
    return int(json.loads(held)["chunks"][0]) if held else None


def missing(place: Place, layout: Layout) -> list[int]:
    """Chunks that are still to be computed, in order."""
    held = place.names(f"{ROOT}/{LAST}")
    return [chunk for chunk in range(layout.chunks) if str(chunk) not in held]


def write(place: Place, layout: Layout, chunk: int, content: Chunk) -> None:
    """Write one chunk; the file that makes it count comes last."""
    for name, (kind, _, rest) in layout.arrays().items():
        whole = np.full((layout.chunk, *rest), "" if "U" in kind else np.nan, dtype=kind)
        whole[: len(content[name])] = content[name]
        place.put(_key(name, chunk, len(rest)), whole.tobytes())


def read(place: Place, layout: Layout, chunk: int, names: tuple[str, ...]) -> Chunk:
    """Arrays of one chunk, as (point, ...).

    Raises
    ------
    OSError : the chunk has gone since it was written
    """
    found, cards = {}, layout.arrays()
    for name in names:
        kind, _, rest = cards[name]
        raw = place.get(_key(name, chunk, len(rest)))
        if raw is None:
            raise FileNotFoundError(2, "a chunk has gone", _key(name, chunk, len(rest)))
        whole = np.frombuffer(raw, dtype=kind).reshape(layout.chunk, *rest)
        found[name] = whole[: len(layout.span(chunk))]
    return found


def each(place: Place, layout: Layout, names: tuple[str, ...]) -> Iterator[tuple[range, Chunk]]:
    """All chunks in order, one in memory at a time."""
    for chunk in range(layout.chunks):
        yield layout.span(chunk), read(place, layout, chunk, names)


def _key(name: str, chunk: int, more: int) -> str:
    return f"{ROOT}/{name}/" + ".".join([str(chunk), *["0"] * more])
