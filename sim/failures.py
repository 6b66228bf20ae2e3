"""What to say, and with which exit code to leave, when a command does not succeed.

Floor 7. Exit codes: 1 the work failed, 2 the input is wrong, 130 interrupted. There is never a traceback.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from pathlib import Path
from typing import Any

from sim.errors import InputError, PadmaError, nearest

WRONG_PATH = (errno.ENAMETOOLONG, errno.EINVAL, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.EACCES)
"""Failures of the system that mean that a path was wrong, not that the work failed."""


_NOT_A_NUMBER = re.compile(r"Invalid value for '(--[\w-]+)'.*integer")


class Interrupted(PadmaError):
    """The user pressed Ctrl-C (exit code 130)."""

    code = 130


def interrupted(finished: list[Path], folder: Path) -> Interrupted:
    """What to say when Ctrl-C comes while ``folder`` is being made."""
    kept = ", ".join(map(str, finished)) or "nothing yet"
    lost = "" if folder in finished else f"; of {folder.name} nothing was written"
    return Interrupted(
        f"interrupted while {folder.name} was running",
        why=f"whole and kept: {kept}{lost}.",
        how="run the same command again; finished folders of the same run are simply replaced.",
    )


def paused(whole: int, chunks: int, where: str) -> Interrupted:
    """What to say when Ctrl-C comes during a sweep."""
    return Interrupted(
        "interrupted while the sweep was running",
        where=where,
        why=f"{whole} of {chunks} chunks are whole and kept.",
        how="run the same command again: only what is missing is computed.",
    )


def paused_study(folder: Path) -> Interrupted:
    """What to say when Ctrl-C comes while the points of a study are simulated."""
    return Interrupted(
        f"interrupted while {folder.name} was running",
        why="finished points are kept; the folder itself is written only when all are there.",
        how="run the same command again: only what is missing is simulated.",
    )


def kept(finished: list[Path]) -> None:
    """Say what survives when a later scenario of the same command fails."""
    if finished:
        say(f"Whole and kept: {', '.join(map(str, finished))}.")


def say(text: str) -> None:
    """One message on standard error."""
    sys.stderr.write(text.rstrip() + "\n")


def report(error: BaseException) -> int:
    """Say what happened; the exit code."""
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stdout.write(error.format_message() + "\n")  # type: ignore[attr-defined]
        return 0
    if isinstance(error, SystemExit):
        if isinstance(error.code, str):  # what a program of its own would have said on leaving
            return report(PadmaError(error.code, why="the work is not finished.", how="look at what was said before this."))
        return int(error.code or 0)
    if isinstance(error, BrokenPipeError):  # the reader of a pipe went away; nothing more can be said to it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort":
        error = Interrupted(
            "interrupted",
            why="nothing half-written is left, and nothing finished is lost.",
            how="run the same command again.",
        )
    found = error if isinstance(error, PadmaError) else _known(error)
    say(f"padma: {found.message}")
    return found.code


def _known(error: BaseException) -> PadmaError:
    if hasattr(error, "format_message"):
        return _usage(error)
    if isinstance(error, MemoryError):
        return PadmaError("the memory is full", why="nothing was written.", how="use fewer --runs or a shorter --until.")
    if isinstance(error, OSError):
        kind = InputError if error.errno in WRONG_PATH else PadmaError
        why = "a file that the command needs cannot be read or written."
        return kind(
            error.strerror or str(error),
            where=str(error.filename or ""),
            why=why,
            how="check the path and its permissions.",
        )
    return PadmaError(
        f"something failed that should not ({type(error).__name__}: {error})",
        why="this is a mistake in padma, not in your files.",
        how="please report it with the command you gave.",
    )


def _usage(error: Any) -> InputError:
    """Wrong commands and options, as the option parser reports them."""
    context, text = getattr(error, "ctx", None), str(error.format_message())
    how = f"`{context.command_path} --help` shows what there is." if context else "`padma --help` shows what there is."
    typed = text.split("'")[1] if "'" in text else ""
    if text.startswith("No such command") and context:
        text, how = f"there is no command '{typed}'", nearest(typed, context.command.list_commands(context))
    elif hasattr(error, "option_name") and text.startswith("No such option") and context:
        words = [name[2:] for parameter in context.command.params for name in parameter.opts if name.startswith("--")]
        hint = nearest(error.option_name.lstrip("-"), words)
        text = f"there is no option '{error.option_name}'"
        how = hint.replace(" '", " '--") if hint.startswith("did you mean") else how
    elif match := _NOT_A_NUMBER.search(text):
        text, how = f"{match[1]} takes a whole number", f"write it in digits, e.g. {match[1]} 500."
    text = text[0].lower() + text[1:]
    return InputError(text.rstrip("."), why="nothing was started.", how=how)
