"""Progress with time left: a live bar on a terminal, a plain line now and then elsewhere, always on standard error.

Floor 6.
"""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

EVERY_SECONDS = 5.0
"""How often a plain line is written where there is no terminal."""


class Progress:
    """Called with (done, total); a context manager that clears its bar on the way out.

    Parameters
    ----------
    label : what is being done
    quiet : say nothing
    """

    def __init__(self, label: str, *, quiet: bool = False) -> None:
        self.label, self.quiet = label, quiet
        self.started = self.said = time.monotonic()
        self.live: Any = None
        self.task: Any = None

    def __enter__(self) -> Progress:
        if not self.quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Live

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.percentage:>3.0f} %"),
                TimeRemainingColumn(),
            )
            self.live = Live(*columns, console=Console(stderr=True), transient=True)
            self.live.start()
            self.task = self.live.add_task(self.label, total=None)
        return self

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self.live is not None:
            self.live.update(self.task, completed=done, total=total)
        elif not self.quiet and now - self.said >= EVERY_SECONDS and done >= 0.05 * total:
            left = (now - self.started) * (total - done) / done
            sys.stderr.write(f"{self.label}: {100 * done / total:.0f} %, about {left:.0f} s left\n")
            self.said = now

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.started

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.live is not None:
            self.live.stop()
