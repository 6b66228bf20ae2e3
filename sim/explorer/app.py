"""The web application: one page, its assets, and a few questions that answer in JSON.

A request cannot name a file: assets are read once at the start and found by name. Only requests that a page of this explorer
sends are answered: the Host header must be ours (a stranger's name that resolves to this machine is refused), and a browser
that says where a request comes from must say that it comes from here.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError
from importlib import resources
from ipaddress import ip_address
from threading import Event
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sim.errors import InputError, PadmaError
from sim.explorer import choices, keep, state, views
from sim.explorer.scene import scene
from sim.explorer.state import Asked, Opened

LARGEST = 64_000
"""Bytes of a request's body."""

KINDS = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Nothing is loaded from elsewhere, nothing inline is executed, nobody may frame the page."""

Answer = Callable[[Asked, Opened, views.Stopped], Any]


class Guard:
    """Refuses requests under a foreign name or from a foreign page, and puts the headers on every answer.

    Parameters
    ----------
    hosts : names under which this explorer is reached
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self.app, self.hosts = app, hosts

    def known(self, host: str) -> bool:
        """Whether a Host header names us: one of our names, or a bare address where others were let in ("")."""
        name = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
        if name in self.hosts:
            return True
        with contextlib.suppress(ValueError):
            return "" in self.hosts and bool(ip_address(name.strip("[]")))
        return False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *((k.lower().encode(), v.encode()) for k, v in HEADERS.items())]
            await send(message)

        found = dict(scope["headers"])
        host, origin = found.get(b"host", b"").decode("latin-1"), found.get(b"origin", b"").decode("latin-1")
        foreign = not self.known(host)
        if foreign or (origin and origin.partition("://")[2] != host):
            error = InputError(
                "this request does not come from a page of this explorer",
                where="Host" if foreign else "Origin",
                why="another web site could otherwise use the explorer in your browser.",
                how="open the address that `padma explore` prints.",
            )
            await refused(error, 403)(scope, receive, dressed)
            return
        await self.app(scope, receive, dressed)


def refused(error: PadmaError, status: int) -> JSONResponse:
    """A message in four parts, as the page shows it."""
    parts = {"what": error.what, "where": error.where, "why": error.why, "how": error.how}
    return JSONResponse({"error": parts}, status)


async def body(request: Request) -> bytes:
    """What a page sent.

    Raises
    ------
    InputError : not JSON, or too long
    """
    how = "open the explorer again without the part after '#'."
    if request.headers.get("content-type", "").split(";")[0] != "application/json":
        raise InputError("JSON was expected", where="the request", why="the page sends nothing else.", how=how)
    found = b""
    async for part in request.stream():
        found += part
        if len(found) > LARGEST:
            raise InputError("the request is too long", where="the request", why="no page has so much to say.", how=how)
    return found


async def stop_when_gone(request: Request, gone: Event) -> None:
    """Note when nobody waits for the answer any more: the page asked for something newer, or was closed."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    gone.set()


def endpoint(
    answer: Answer, opened: Opened, bench: asyncio.Semaphore, closing: Event
) -> Callable[[Request], Awaitable[Response]]:
    """A question that a page may ask: its state in, a JSON document (or a response) out."""

    async def handle(request: Request) -> Response:
        gone = Event()

        def stopped() -> bool:
            return gone.is_set() or closing.is_set()

        try:
            asked = state.read(await body(request))
            watch = asyncio.create_task(stop_when_gone(request, gone))
            try:
                async with bench:
                    found = await run_in_threadpool(answer, asked, opened, stopped)
            finally:
                watch.cancel()
        except CancelledError:
            return Response(status_code=499)
        except PadmaError as error:
            return refused(error, 422 if isinstance(error, InputError) else 500)
        return found if isinstance(found, Response) else JSONResponse(found)

    return handle


# --- questions --------------------------------------------------------------------------------------------------------------


def _knobs(asked: Asked, opened: Opened, stopped: views.Stopped) -> Any:
    return choices.knobs_document(asked, opened)


def _fans(asked: Asked, opened: Opened, stopped: views.Stopped) -> Any:
    return views.fans_document(scene(asked, opened), opened, stopped)


def _map(asked: Asked, opened: Opened, stopped: views.Stopped) -> Any:
    return views.map_document(scene(asked, opened), stopped)


def _walk(asked: Asked, opened: Opened, stopped: views.Stopped) -> Any:
    return keep.walk_document(scene(asked, opened), stopped)


def _why(asked: Asked, opened: Opened, stopped: views.Stopped) -> Any:
    return keep.why_document(scene(asked, opened), stopped)


def _file(which: str) -> Answer:
    def answer(asked: Asked, opened: Opened, stopped: views.Stopped) -> Response:
        name, text = keep.scenario_file(asked, opened, which)
        return _download(name, text.encode(), "application/yaml")

    return answer


def _figure(kind: str) -> Answer:
    def answer(asked: Asked, opened: Opened, stopped: views.Stopped) -> Response:
        name, content = keep.figure(scene(asked, opened), opened, kind, stopped)
        return _download(name, content, keep.FORMATS[kind])

    return answer


def _download(name: str, content: bytes, kind: str) -> Response:
    safe = "".join(c if (c.isalnum() and c.isascii()) or c in "._-" else "_" for c in name)
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{safe}"'})


def application(opened: Opened, hosts: frozenset[str], closing: Event) -> Starlette:
    """The explorer as an ASGI application.

    Parameters
    ----------
    opened : scenarios that can be chosen
    hosts : names in the Host header that are answered; '' stands for every bare address, which no stranger can usurp
    closing : once it is set, work in hand is dropped
    """
    questions: dict[str, Answer] = {"knobs": _knobs, "fans": _fans, "map": _map, "walk": _walk, "why": _why}
    questions |= {f"figure.{kind}": _figure(kind) for kind in keep.FORMATS}
    questions |= {f"world_{which}.yaml": _file(which) for which in ("a", "b")}
    bench = asyncio.Semaphore(4)  # more at the same time would only slow each other down
    routes = [
        Route(f"/ask/{name}", endpoint(answer, opened, bench, closing), methods=["POST"], name=name)
        for name, answer in questions.items()
    ]
    routes += [Route(f"/{'' if name == 'index.html' else name}", _asset(name, text)) for name, text in assets().items()]
    routes += [Route("/ask/start", _start(opened), methods=["GET"])]
    app = Starlette(routes=routes)
    app.add_middleware(Guard, hosts=hosts)
    return app


def _start(opened: Opened) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(choices.start_document, opened))

    return handle


def assets() -> dict[str, bytes]:
    """The page and what it loads, by name."""
    folder = resources.files("sim.explorer") / "static"
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name.rpartition(".")[2] in KINDS}


def _asset(name: str, content: bytes) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        return Response(content, media_type=KINDS[name.rpartition(".")[2]])

    return handle


async def warm_up(opened: Opened, closing: Event) -> None:
    """Do in the background what the first page would wait for: load libraries, play the first scenario once."""
    asked = Asked(a=state.World(base=opened.first))
    with contextlib.suppress(PadmaError, CancelledError):
        await run_in_threadpool(_fans, asked, opened, closing.is_set)
    await run_in_threadpool(__import__, "sim.agents")
