"""The explorer in the browser. Part of the door: the work is done by ``sim.explorer``, opened on demand."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from sim.errors import PadmaError


def explore(
    what: Annotated[
        str | None, typer.Argument(metavar="[SCENARIO or RESULTS]", help="What to open first (default: bnp_government).")
    ] = None,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; only this computer unless you say so.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", help="Port (0: a free one).", min=0, max=65535)] = 8765,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")] = True,
) -> None:
    """The explorer in the browser: choose who governs, turn traits and sanctions, see the fans answer."""
    try:
        serving = import_module("sim.explorer.serve")
    except ModuleNotFoundError as error:
        raise PadmaError(
            f"the library '{error.name}' is not installed",
            why="the explorer is a small web server, which the other commands do not need.",
            how="install it with: pip install 'padma[explore]'  (in a checkout: pip install -e '.[explore]')",
        ) from error
    serving.serve(what, host=host, port=port, browser=browser, say=typer.echo)
