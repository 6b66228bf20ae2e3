"""Serving: a socket on this machine, a line that says where, a browser, and an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import webbrowser
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import uvicorn

from sim import library
from sim.errors import InputError
from sim.explorer.app import application, warm_up
from sim.explorer.state import Opened
from sim.run import read_results

HOME = ("127.0.0.1", "localhost", "::1")
"""Addresses that only this machine can reach."""


def opened(what: str | None) -> Opened:
    """What the explorer can open: everything built in, and the scenario or results folder that it was given.

    Raises
    ------
    InputError : there is no such scenario, or it does not fit; no results folder, or a damaged one
    """
    names = {name: name for name in library.scenario_names() if not name.startswith("forecast")}
    if what is None:
        return Opened(names, "bnp_government")
    if Path(what).is_dir():
        held = read_results(what)
        spec, name = str(Path(what) / "scenario.yaml"), held.scenario.name
    else:
        spec, name = what, what
    if spec not in names:
        from sim.scenario import read_scenario

        name = read_scenario(spec).name
        name = f"{name}_here" if name in names else name
        names = {name: spec} | names
    return Opened(names, name)


def listen(host: str, port: int) -> socket.socket:
    """A socket that waits for browsers; port 0 takes a free one.

    Raises
    ------
    InputError : the address is not one of this machine, or taken
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with contextlib.ExitStack() as undone:
            found = undone.enter_context(socket.socket(family, socket.SOCK_STREAM))
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind(address)
            found.listen(128)  # whoever comes before the server is up waits
            undone.pop_all()
    except (OSError, OverflowError, UnicodeError) as error:
        raise InputError(
            f"cannot listen on {host}:{port} ({getattr(error, 'strerror', None) or error})",
            where="--host, --port",
            why="the page is served from there.",
            how="choose another port, or --port 0 for a free one.",
        ) from error
    return found


def hosts_of(host: str) -> frozenset[str]:
    """What a browser may call us: the names of this machine; where others were let in, its address as well ('')."""
    names = {"127.0.0.1", "localhost", "[::1]"}
    return frozenset(names if host in HOME else names | {host, socket.gethostname(), ""})


def serve(
    what: str | None, *, host: str = "127.0.0.1", port: int = 8765, browser: bool = True, say: Callable[[str], None] = print
) -> None:
    """Serve the explorer until Ctrl-C.

    Parameters
    ----------
    what : a scenario, a path to one, or a results folder
    host, port : where to listen
    browser : open one
    say : told the address

    Raises
    ------
    InputError : no such scenario or address
    """
    known = opened(what)
    wait = listen(host, port)
    taken = wait.getsockname()[1]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{taken}/"
    closing = Event()
    app = application(known, hosts_of(host), closing)
    server = uvicorn.Server(
        uvicorn.Config(
            app, log_level="error", access_log=False, lifespan="off", server_header=False, http="h11", loop="asyncio",
            ws="none", timeout_graceful_shutdown=1,
        )
    )  # fmt: skip

    async def both() -> None:
        warming = asyncio.create_task(warm_up(known, closing))
        try:
            await server.serve(sockets=[wait])
        finally:
            closing.set()
            warming.cancel()

    with contextlib.closing(wait), contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is how it is meant to end
        _announce(address, host, say)
        if browser:
            Thread(target=_open, args=(address,), daemon=True).start()
        asyncio.run(both())
    say("Explorer closed.")


def _announce(address: str, host: str, say: Callable[[str], None]) -> None:
    say(f"Explorer at {address} (Ctrl-C ends it)")
    if host in HOME:
        say("Only this computer can reach it.")
    else:
        say(f"Whoever can reach {host} can use it: there is no password. Without --host only this computer could.")


def _open(address: str) -> None:
    with contextlib.suppress(webbrowser.Error, OSError):
        webbrowser.open(address)
