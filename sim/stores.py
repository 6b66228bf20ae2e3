"""Single runs and points on disk: what vouches for them, and what of them is opened at all.

Floor 5. Reads file names, sizes, checksums and the headers of arrays; values are read elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.errors import InputError

STORE = "history.zarr"
STORES = {"sweep": "sweep.zarr"}
"""Where single runs or points stand, in folders that hold something else than one ensemble."""


def store_sums(folder: Path, name: str = STORE) -> dict[str, Any]:
    """What vouches for the runs of a folder: how many files, how many bytes, and for each array a checksum of its files."""
    files = _stored(folder / name)
    sums = {array: _sum(files, array) for array in dict.fromkeys(_array(file) for file, _ in files)}
    return {"files": len(files), "bytes": sum(path.stat().st_size for _, path in files), "sha256": sums}


def _array(file: str) -> str:
    """The array that a file of a store belongs to; what belongs to the whole store stands for itself."""
    return file.split("/")[0]


def _sum(files: list[tuple[str, Path]], array: str) -> str:
    """SHA-256 of the names, sizes and contents of an array's files."""
    whole = hashlib.sha256()
    for file, path in files:
        if _array(file) == array:
            whole.update(f"{file}\0{path.stat().st_size}\0".encode())
            with path.open("rb") as stream:
                while part := stream.read(1 << 20):
                    whole.update(part)
    return whole.hexdigest()


def _stored(store: Path) -> list[tuple[str, Path]]:
    return sorted((path.relative_to(store).as_posix(), path) for path in store.rglob("*") if path.is_file())


def check_store(folder: Path, record: dict[str, Any], asked: Callable[[str], bool] = lambda array: False) -> None:
    """Refuse runs that are not as they were written: by number and size of all files, and by every byte of some arrays.

    Parameters
    ----------
    asked : whether every byte of an array is read (240 MB take a second)

    Raises
    ------
    InputError : something was taken away, cut short or changed
    """
    name = STORES.get(str(record.get("kind")), STORE)
    expected, files = dict(record.get("store") or {}), _stored(folder / name)
    _check_plain(files)
    same = expected.get("files") == len(files) and expected.get("bytes") == sum(p.stat().st_size for _, p in files)
    sums = dict(expected.get("sha256") or {})
    spoilt = [array for array, known in sums.items() if same and asked(array) and _sum(files, array) != known]
    if not same or spoilt:
        raise InputError(
            f"'{'/'.join([name, *spoilt[:1]])}' is {'not as padma wrote it' if files else 'missing'}",
            where=str(folder / name),
            why="the single runs stand there; figures and exports that read damaged ones would mislead.",
            how="run the scenario again, or name another folder.",
        )


PLAIN = ("blosc", "zstd", "lz4", "zlib", "gzip")
"""Ways of packing numbers. Others, among them one that runs whatever a file says (pickle), are not opened."""


def _check_plain(files: list[tuple[str, Path]]) -> None:
    """Refuse a store that asks for more than unpacking numbers and text: whoever made the folder also made its checksums.

    Raises
    ------
    InputError : names the array
    """
    for name, path in files:
        if path.name == "zarr.json":
            plain = False
        elif path.name == ".zarray":
            plain = _is_plain(path)
        else:
            continue
        if not plain:
            raise InputError(
                f"'{name}' asks for a way of unpacking that padma does not use",
                where=str(path),
                why="some ways of unpacking run programs; a results folder holds numbers and text only.",
                how="do not open this folder elsewhere either; run the scenario again.",
            )


def _is_plain(path: Path) -> bool:
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        packed = card["compressor"] is None or card["compressor"]["id"] in PLAIN
        return bool(packed and not card["filters"] and card["dtype"][1] in "fiubUS")
    except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError):
        return False
