"""The command ``padma`` for tests: in this process, where it is quick, or in one of its own."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from sim import cli

ROOT = Path(__file__).resolve().parents[1]
SMALL = ("--no-figures", "--set", "spin_up_from=2025Q3", "--until", "2026Q4")
"""Options that keep a run within a second."""


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


class Stream(io.TextIOWrapper):
    """Like a pipe: text over bytes, so that a change of encoding is harmless."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    @property
    def text(self) -> str:
        return self.buffer.getvalue().decode("utf-8")


def padma(*arguments: object) -> Done:
    """Run ``padma ARGUMENTS`` in this process."""
    out, err, code = Stream(), Stream(), None
    with (
        mock.patch.object(sys, "argv", ["padma", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code
    assert isinstance(code, int), f"padma {arguments} did not leave by sys.exit(code)"
    assert "Traceback" not in err.text + out.text
    return Done(code, out.text, err.text)


def start(*arguments: object, cwd: Path, **environment: str) -> subprocess.Popen[str]:
    """Start ``padma ARGUMENTS`` as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "sim.cli", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        preexec_fn=_heed_ctrl_c,
    )


def _heed_ctrl_c() -> None:
    """A shell that starts tests in the background lets them ignore Ctrl-C; the command under test must not inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
