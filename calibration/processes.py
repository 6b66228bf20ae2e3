"""Several processes of one fit: started together, stopped together, however their parent ends.

A process that was started here holds the reading end of a pipe whose other end its parent holds. When the parent goes, by
whatever means, the pipe closes, and the process leaves: no chain goes on in the background that nobody asks for any more.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from threading import Thread
from types import TracebackType

from sim import failures
from sim.errors import PadmaError


def together(commands: Sequence[Sequence[str]], environment: Mapping[str, str]) -> bool:
    """Run commands at the same time and wait for all of them; whether each left with 0.

    Each must call :func:`follow_parent` when it begins.
    """
    running = [subprocess.Popen(command, env=dict(environment), stdin=subprocess.PIPE) for command in commands]
    try:
        return not any([process.wait() for process in running])
    except BaseException:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()
        raise


def resumable(work: Callable[[], int]) -> int:
    """Exit code of work that goes on where it stopped; what fails is said as a command says it."""
    try:
        return work()
    except PadmaError as error:
        print(error.message, file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        print("Interrupted. Finished fits are kept; the same command goes on from there.", file=sys.stderr)
        return 130


def one_thread() -> dict[str, str]:
    """The environment of a process whose compiled code keeps to one thread, so that several do not hinder each other."""
    flags = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    return {**os.environ, "XLA_FLAGS": " ".join([os.environ.get("XLA_FLAGS", ""), flags]).strip()}


def follow_parent() -> None:
    """Leave as soon as the parent does; say what fails as a command does."""
    sys.excepthook = _say
    Thread(target=_wait_for_the_end, daemon=True).start()


def _say(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    failures.report(error)


def _wait_for_the_end() -> None:
    while os.read(0, 1024):  # not through sys.stdin, whose lock a thread may not hold when the interpreter ends
        pass
    os._exit(1)
