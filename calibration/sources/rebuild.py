"""Built files against the committed ones: compared, or written in their place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def differing(files: Mapping[str, str], folder: Path) -> list[str]:
    """Names whose committed text is missing, different, or no longer made; files of other kinds are left alone."""
    kinds = tuple({name[name.index(".") :] for name in files})
    on_disk = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*") if path.name.endswith(kinds)}
    return sorted(name for name in files.keys() | on_disk.keys() if files.get(name) != on_disk.get(name))


def check(files: Mapping[str, str], folder: Path) -> int:
    """Print which committed files differ from a rebuild; the exit code, 1 if any does."""
    changed = differing(files, folder)
    print("\n".join(f"differs: {name}" for name in changed) or f"{len(files)} files agree with a rebuild")
    return 1 if changed else 0


def write(files: Mapping[str, str], folder: Path) -> int:
    """Write the files and print how many; the exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    print(f"wrote {len(files)} files")
    return 0
