"""Files that are whole or absent, and folders in which one process works at a time.

Floor 0. The lock of a folder is the system's own, on a small hidden file beside it: it ends with the process that holds it,
however that ends, so that a kill leaves nothing to clean up by hand. Stores that are no folder have no lock.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.errors import InputError

HELD: set[Path] = set()
"""Folders that this process holds already: whoever holds one may ask again."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name to write a file under; it takes the place of ``path`` when the block ends well, and is gone otherwise."""
    beside = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Hold the place of a results folder while the block runs.

    Raises
    ------
    InputError : another process works there
    OSError : nothing can be written there
    """
    place = Path(os.path.abspath(out))
    if place in HELD:
        yield
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    file = place.parent / f".{place.name}.lock"
    handle = None
    try:
        with _undisturbed():
            handle = _take(file, out)
            HELD.add(place)
        yield
    finally:
        if handle is not None:
            with _undisturbed():
                HELD.discard(place)
                if os.name == "posix":  # elsewhere an open file cannot be removed, and an empty one does no harm
                    file.unlink(missing_ok=True)
                os.close(handle)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C waits until the block has ended, so that what was made in it is known and can be removed."""
    before = signal.getsignal(signal.SIGINT)
    if before is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    met: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: met.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if met:
            signal.raise_signal(signal.SIGINT)


def _take(file: Path, out: Path) -> int:
    """An open, locked file; taken anew where its last holder removed it in between."""
    while True:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(handle)
            if os.name != "posix" or os.stat(file).st_ino == os.fstat(handle).st_ino:
                return handle
        except FileNotFoundError:
            pass
        except BlockingIOError as error:
            os.close(handle)
            raise InputError(
                "another padma is at work in this folder",
                where=str(out),
                why="two at once would mix their files, or compute everything twice.",
                how="wait until it is done, or choose another --out.",
            ) from error
        os.close(handle)


def _lock(handle: int) -> None:
    """Lock an open file for this process. A file system that knows no locks does not stop the work.

    Raises
    ------
    BlockingIOError : another process holds it
    """
    try:
        if os.name == "posix":
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
    except BlockingIOError:
        raise
    except PermissionError as error:  # how Windows says it
        raise BlockingIOError(*error.args) from error
    except OSError:
        return
