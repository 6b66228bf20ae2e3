"""Where files of a sweep go: a folder, or any store that fsspec reaches; each file is whole or absent.

Part of the sweeps (floor 5). On a disk a file is written under another name and renamed; an object store puts an object in
one piece by its nature.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from sim import folders
from sim.errors import InputError, PadmaError
from sim.files import alone

UNFINISHED = ".part"
"""End of the name of a file in the making."""


class Place(Protocol):
    """A folder by whatever means."""

    def put(self, name: str, data: bytes) -> None:
        """Write a file, whole or not at all."""

    def writing(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """Write a file bit by bit; it is there when the context ends well, and not otherwise."""

    def get(self, name: str) -> bytes | None:
        """Content of a file, None if there is none."""

    def names(self, inside: str = "") -> set[str]:
        """Names of the files directly in a subfolder; files in the making are none."""

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""

    def clear(self, name: str) -> None:
        """Remove a subfolder with all that is in it."""

    def tidy(self) -> None:
        """Remove what interrupted writers left behind."""

    def alone(self) -> AbstractContextManager[None]:
        """Keep other processes out while a sweep is planned, computed and finished here."""


@dataclass(frozen=True)
class Folder:
    """A folder on a disk, perhaps one that several machines share."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def put(self, name: str, data: bytes) -> None:
        """Write a file, whole or not at all."""
        with self.writing(name) as file:
            file.write(data)

    @contextmanager
    def writing(self, name: str) -> Iterator[IO[bytes]]:
        """Write beside and rename; what was killed leaves a ``.part`` that nobody reads.

        Raises
        ------
        whatever the writer raises; the half-made file is taken away
        """
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.{os.getpid()}-{threading.get_ident()}{UNFINISHED}")
        try:
            with beside.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            beside.replace(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise

    def get(self, name: str) -> bytes | None:
        """Content of a file, None if there is none."""
        try:
            return (self.path / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def names(self, inside: str = "") -> set[str]:
        """Names of the files directly in a subfolder."""
        try:
            found = os.scandir(self.path / inside)
        except (FileNotFoundError, NotADirectoryError):
            return set()
        with found:
            return {e.name for e in found if e.is_file() and not e.name.endswith(UNFINISHED)}

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        (self.path / name).unlink(missing_ok=True)

    def clear(self, name: str) -> None:
        """Remove a subfolder with all that is in it."""
        shutil.rmtree(self.path / name, ignore_errors=True)

    def tidy(self) -> None:
        """Remove what interrupted writers left behind."""
        for left in self.path.rglob(f".*{UNFINISHED}"):
            left.unlink(missing_ok=True)

    def alone(self) -> AbstractContextManager[None]:
        """Keep other processes out."""
        folders.check_writable(self.path)
        return alone(self.path)


@dataclass(frozen=True)
class Remote:
    """A store that fsspec reaches, such as ``s3://bucket/sweep``."""

    url: str

    def __str__(self) -> str:
        return self.url

    def _at(self, name: str) -> tuple[Any, str]:
        try:
            import fsspec
        except ModuleNotFoundError as error:
            raise missing(error) from error
        system, root = fsspec.core.url_to_fs(self.url)
        return system, f"{root.rstrip('/')}/{name}".rstrip("/")

    def put(self, name: str, data: bytes) -> None:
        """Put one object."""
        system, path = self._at(name)
        system.pipe_file(path, data)

    @contextmanager
    def writing(self, name: str) -> Iterator[IO[bytes]]:
        """Write an object in parts; a store shows it when the last one is there."""
        system, path = self._at(name)
        with tempfile.TemporaryFile() as file:
            yield file
            file.seek(0)
            with system.open(path, "wb") as target:
                shutil.copyfileobj(file, target)

    def get(self, name: str) -> bytes | None:
        """Content of an object, None if there is none."""
        system, path = self._at(name)
        try:
            return bytes(system.cat_file(path))
        except FileNotFoundError:
            return None

    def names(self, inside: str = "") -> set[str]:
        """Names of the objects directly below a prefix."""
        system, path = self._at(inside)
        system.invalidate_cache()
        try:
            listed = system.ls(path, detail=True)
        except FileNotFoundError:
            return set()
        return {str(entry["name"]).rstrip("/").rpartition("/")[2] for entry in listed if entry["type"] == "file"}

    def remove(self, name: str) -> None:
        """Remove an object, if it is there."""
        system, path = self._at(name)
        if system.exists(path):
            system.rm_file(path)

    def clear(self, name: str) -> None:
        """Remove all objects below a prefix."""
        system, path = self._at(name)
        if system.exists(path):
            system.rm(path, recursive=True)

    def tidy(self) -> None:
        """Objects are put in one piece; there is nothing to tidy."""

    def alone(self) -> AbstractContextManager[None]:
        """A store has no lock: two sweeps of one design in it write the same bytes twice."""
        return nullcontext()


def place(where: str | Path) -> Folder | Remote:
    """The place that a path or URL names.

    >>> str(place("results/a"))
    'results/a'

    Raises
    ------
    InputError : an URL that no installed library can reach
    """
    text = str(where)
    if "://" not in text:
        return Folder(Path(where))
    if text.startswith(("file://", "local://")):
        return Folder(Path(text.split("://", 1)[1]))
    found = Remote(text)
    try:
        found._at("")
    except (ValueError, ImportError) as error:
        how = "choose another --out, or install the library that reaches it (s3fs, gcsfs, adlfs, ...)."
        raise InputError(f"this store cannot be reached ({error})", where=text, why="results need a place.", how=how) from error
    return found


def missing(error: ModuleNotFoundError) -> PadmaError:
    """What to say when the libraries of a cluster are not installed."""
    return PadmaError(
        f"the library '{error.name}' is not installed",
        why="several processes or machines, and stores that are no folder, need libraries that one computer does not.",
        how="install them with: pip install 'padma[cluster]'  (in a checkout: pip install -e '.[cluster]')",
    )
