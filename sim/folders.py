"""Where results go: refuses to overwrite what it should not, and puts a finished folder in place as a whole.

Floor 5. Knows names of files only, not what stands in them.
"""

from __future__ import annotations

import glob
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import InputError, PadmaError
from sim.files import alone
from sim.stores import STORE, STORES

if TYPE_CHECKING:
    import pandas as pd

FOUND = ("indices.csv", "box.csv", "path.csv", "findings.txt", "findings.csv", "attribution.csv", "figures.json")
TABLES = ("summary.csv", "contrasts.csv", "events.csv", "points.csv", "variance.csv", *FOUND)
HANDED_OUT = ("report.html", "deck.pptx")
SAID = ("manifest.json", "scenario.yaml", "scenarios", "design.yaml")
OURS = frozenset((*SAID, "figures", "export", STORE, *STORES.values(), *TABLES, *HANDED_OUT))
"""What padma writes into a results folder; nothing else is ever deleted with one."""


@contextmanager
def whole(out: Path, what: str) -> Iterator[Path]:
    """A folder to fill, put in the place of ``out`` when the block ends well; nothing half-written is left otherwise.

    Parameters
    ----------
    what : what is made, for the message: "the results", "the comparison"

    Raises
    ------
    PadmaError : the disk is full or the folder cannot be written
    InputError : another process is making it
    """
    try:
        with alone(out), _workshop(out) as made:
            folder = made / out.name
            folder.mkdir()
            yield folder
            _move(folder, out)
    except OSError as error:
        raise PadmaError(
            f"{what} could not be written ({error.strerror or error})",
            where=str(out),
            why="nothing half-written is left behind.",
            how="make room or choose another folder with --out, then run the same command again.",
        ) from error


@contextmanager
def _workshop(out: Path) -> Iterator[Path]:
    """A hidden folder beside ``out`` in which it is made; gone afterwards, whatever happened in it."""
    out.parent.mkdir(parents=True, exist_ok=True)
    made = _in_the_making(out)
    _sweep_up(out)
    try:
        clear(out)
        made.mkdir()
        yield made
    finally:
        clear(out)


def _in_the_making(out: Path) -> Path:
    """Where ``out`` is made by this process: known before it is there, so that an interruption always knows what to remove."""
    return out.parent / f".{out.name}.{os.getpid()}"


def _sweep_up(out: Path) -> None:
    """Remove what a process that is no more (killed, or the machine went down) was making of ``out``."""
    for left in out.parent.glob(f".{glob.escape(out.name)}.*"):
        number = left.name.rpartition(".")[2]
        if left.is_dir() and number.isdigit() and not _lives(int(number)):
            shutil.rmtree(left, ignore_errors=True)


def _lives(process: int) -> bool:
    """Whether a process of that number is there; in doubt, it is."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def clear(out: Path, *, patience: int = 1) -> None:
    """Remove what this process was making of ``out``; gone means not there ``patience`` times in a row, 0.05 s apart.

    After an interruption storage may write on in the background for a moment, and make the folder anew.
    """
    made, absent = _in_the_making(out), 0
    for _ in range(60):
        shutil.rmtree(made, ignore_errors=True)
        absent = 0 if made.exists() else absent + 1
        if absent >= patience:
            break
        time.sleep(0.05)


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV with six digits, missing values empty: the bytes that pandas would write, several times as fast.

    Parameters
    ----------
    table : any columns of numbers or words; the index is not written
    """
    columns = [_cells(table[name]) for name in table.columns]
    lines = [",".join(map(_quoted, table.columns)), *map(",".join, zip(*columns, strict=True)), ""]
    path.write_text("\n".join(lines), encoding="utf-8", newline="\n")


def _cells(column: pd.Series[Any]) -> list[str]:
    values = column.tolist()
    if column.dtype.kind == "f":
        return ["" if value != value else f"{value:.6g}" for value in values]
    known = {value: "" if value is None or value != value else _quoted(str(value)) for value in set(values)}
    return [known[value] for value in values]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text


def holds(out: Path, run_id: str) -> bool:
    """Whether a folder holds a whole run of that id."""
    try:
        found = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        return bool(found["id"] == run_id and found["status"] == "complete")
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def check_writable(out: Path) -> Path:
    """The folder, or the nearest one above it that is there.

    Raises
    ------
    InputError : it is a file, or nothing may be written into it
    """
    held = next((p for p in [out, *out.absolute().parents] if p.exists()), out)
    if not held.is_dir():
        raise InputError(f"{held} is a file", where=str(out), why="results need a folder.", how="choose another --out.")
    if not os.access(held, os.W_OK):
        why = "the results would have nowhere to go."
        raise InputError("nothing may be written here", where=str(held), why=why, how="choose another --out.")
    return held


TOLD = (
    "kind",
    "design",
    "scenario",
    "compared",
    "state",
    "measure",
    "from",
    "to",
    "outcome",
    "method",
    "base_points",
    "points",
)
COUNTED = ("runs", "seed", "engine", "padma")
HASHED = {
    "design_sha256": "the text of the design",
    "scenario_sha256": "what the scenario says",
    "content_sha256": "the shipped inputs",
    "rules_sha256": "the rules",
    "posterior_sha256": "the posterior",
}
"""What a manifest says that decides its numbers: told by value, and by hash only."""


def told_apart(old: dict[str, Any], new: dict[str, Any]) -> str:
    """What differs between two computations, in words.

    >>> told_apart({"seed": 1, "rules_sha256": "a"}, {"seed": 2, "rules_sha256": "b"})
    'seed 1 there, 2 here; the rules'
    """
    both = [key for key in new if key in old and old[key] != new[key]]

    def said(value: Any) -> str:
        return " and ".join(map(str, value)) if isinstance(value, list) else str(value) or "none"

    values = [f"{key} {said(old[key])} there, {said(new[key])} here" for key in (*TOLD, *COUNTED) if key in both]
    said_already = {"scenario_sha256"} if {"scenario", "compared", "design"} & set(both) else set()
    said_already |= {"design_sha256"} if {"runs", "seed", "points"} & set(both) else set()  # a design names them too
    return "; ".join([*values, *(words for key, words in HASHED.items() if key in both and key not in said_already)])


def check_out(out: Path, new_id: str, force: bool, facts: dict[str, Any]) -> None:
    """Refuse to overwrite anything but an earlier folder of the same run, or with ``force`` of another run.

    Parameters
    ----------
    facts : entries of the manifest to be, for saying what differs

    Raises
    ------
    InputError : says what is there
    """
    if re.match(r"[a-z][a-z0-9+.-]+:/", str(out)):
        why = "a folder of that name would be made here."
        how = "name a folder; only `padma sweep` writes to stores."
        raise InputError("this is the address of a store", where=str(out), why=why, how=how)
    held = check_writable(out)
    if Path.cwd().is_relative_to(os.path.realpath(out)):
        why = "it would have to be replaced as a whole."
        how = "name a folder inside it, such as --out results/mine."
        raise InputError("this folder holds the one you work in", where=str(out), why=why, how=how)
    if held is not out or not any(out.iterdir()):
        return
    manifest = out / "manifest.json"
    foreign = sorted(path.name for path in out.iterdir() if path.name not in OURS and not path.name.startswith("."))
    if foreign or not manifest.is_file() or '"rules_sha256"' not in manifest.read_text(encoding="utf-8", errors="replace"):
        named = f" ({', '.join(foreign[:3])}{', ...' if len(foreign) > 3 else ''})" if foreign else ""
        raise InputError(
            f"this folder holds something that padma did not write{named}",
            where=str(out),
            why="it would be lost.",
            how="choose another --out, or move it elsewhere; --force does not delete it either.",
        )
    try:
        old = json.loads(manifest.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        old = {}
    check_same(old, new_id, force, facts, str(out), "folder holds another run")


def check_same(old: dict[str, Any], new_id: str, force: bool, facts: dict[str, Any], where: str, what: str) -> None:
    """Refuse to replace results by others without ``force``; says what differs.

    Parameters
    ----------
    old : the manifest that is there

    Raises
    ------
    InputError : it is of other results
    """
    if old.get("id") == new_id or force:
        return
    differs = told_apart(old, facts)
    raise InputError(
        f"this {what} (id {old.get('id') or 'unknown'}; this one would be {new_id})",
        where=where,
        why=f"its results would be lost{'; what differs: ' + differs if differs else ''}.",
        how="choose another --out, or add --force to overwrite it.",
    )


def _move(folder: Path, out: Path) -> None:
    """Put the finished folder in place; an earlier one is set aside first and removed last."""
    if not out.exists():
        folder.rename(out)
        return
    aside = folder.parent / "earlier"
    try:
        out.rename(aside)
        folder.rename(out)
    except BaseException:
        if aside.exists() and not out.exists():
            aside.rename(out)
        raise
    shutil.rmtree(aside, ignore_errors=True)
