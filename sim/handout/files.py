"""Single files that are handed out: refuses to overwrite what it should not, and writes whole or not at all.

Part of the handouts (floor 6). Folders of results have :mod:`sim.folders`.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

from sim.errors import InputError, PadmaError
from sim.files import replacing

MARK = "padma-results"
"""Stands before the id of the results in every file that is handed out."""


def check_file(out: Path, suffix: str) -> None:
    """Refuse places where no such file can be, before any work is done.

    Raises
    ------
    InputError : a folder, another kind of file, or a place that is no folder or may not be written to
    """
    if out.suffix.lower() != suffix:
        why = "programs tell by the ending what to open it with."
        raise InputError(
            f"'{out.name}' does not end in {suffix}", where="--out", why=why, how=f"name a file such as my{suffix}."
        )
    if out.is_dir():
        raise InputError(
            "this is a folder", where=str(out), why="one file is to be written.", how=f"name a file: {out / ('my' + suffix)}"
        )
    held = next((place for place in out.absolute().parents if place.exists()), Path("/"))
    if not held.is_dir() or not os.access(held, os.W_OK):
        what = "nothing may be written here" if held.is_dir() else f"{held} is a file"
        raise InputError(what, where=str(out), why="the file would have nowhere to go.", how="choose another --out.")


def check_overwrites(out: Path, identity: str, force: bool) -> None:
    """Refuse to overwrite anything but an earlier file of the same results, unless forced.

    Raises
    ------
    InputError : says what is there
    """
    if force or not out.exists() or identity == (held := made_of(out)):
        return
    what = f"this file was made of other results (id {held})" if held else "this file holds something that padma did not write"
    how = "choose another --out, or add --force to overwrite it."
    raise InputError(what, where=str(out), why="it would be lost.", how=how)


def made_of(path: Path) -> str:
    """The id of the results that a file was made of ('' if it does not say so)."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as held:
                text = held.read("docProps/core.xml").decode("utf-8", "replace")
        else:
            with path.open("rb") as stream:
                text = stream.read(4096).decode("utf-8", "replace")
    except (OSError, KeyError, zipfile.BadZipFile):
        return ""
    _, mark, rest = text.partition(MARK)
    kept = "".join(char if char.isalnum() or char == "+" else " " for char in rest[:400]).split()
    return next((word for word in kept if word != "content"), "") if mark else ""


def write_whole(out: Path, content: bytes) -> None:
    """Write a file under another name and move it into place.

    Raises
    ------
    PadmaError : the disk is full or the folder cannot be written; nothing half-written is left
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with replacing(out) as beside:
            beside.write_bytes(content)
    except OSError as error:
        raise PadmaError(
            f"the file could not be written ({error.strerror or error})",
            where=str(out),
            why="nothing half-written is left behind, and an earlier file is as it was.",
            how="make room or choose another place with --out, then run the same command again.",
        ) from error
