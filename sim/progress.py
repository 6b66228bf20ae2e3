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


def memory() -> str:
    """Largest memory that this process has taken, in words ('' where the system does not say)."""
    try:
        import resource
    except ImportError:
        return ""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return f"{peak / (2**20 if sys.platform == 'darwin' else 2**10):,.0f} MB"


class Progress:
    """Called with (done, total); a context manager that clears its bar on the way out.

    Parameters
    ----------
    label : what is being done
    quiet : say nothing
    unit : what is counted, if its number, its rate and the memory taken are to be shown
    """

    def __init__(self, label: str, *, quiet: bool = False, unit: str = "") -> None:
        self.label, self.quiet, self.unit = label, quiet, unit
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
                TextColumn("{task.fields[more]}"),
                TimeRemainingColumn(),
            )
            self.live = Live(*columns, console=Console(stderr=True), transient=True)
            self.live.start()
            self.task = self.live.add_task(self.label, total=None, more="")
        return self

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self.live is not None:
            self.live.update(self.task, completed=done, total=total, more=self._more(done, total))
        elif not self.quiet and now - self.said >= EVERY_SECONDS and done >= 0.05 * total:
            left = (now - self.started) * (total - done) / done
            more = self._more(done, total)
            share = f"{100 * done / total:.0f} %"
            sys.stderr.write(f"{self.label}: {', '.join(part for part in (share, more) if part)}, about {left:.0f} s left\n")
            self.said = now

    def _more(self, done: int, total: int) -> str:
        """How much is done, how fast, and what memory it takes."""
        if not self.unit:
            return ""
        rate = f"{done / max(self.elapsed, 1e-9):,.0f} {self.unit}/s"
        return ", ".join(part for part in (f"{done:,} of {total:,} {self.unit}", rate, memory()) if part)

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.started

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.live is not None:
            self.live.stop()
