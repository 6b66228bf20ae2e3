"""One explorer for all tests, as a command of its own, and one headless browser to look at it."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run"),
]
BASE = {"base": "bnp_government"}


@dataclass
class Served:
    """A running explorer."""

    process: subprocess.Popen[str]
    port: int
    said: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def request(
        self, path: str, body: bytes | None = None, method: str = "", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """One request with exactly these headers: status, headers, content."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        line.putrequest(method or ("GET" if body is None else "POST"), path, skip_host="Host" in headers)
        for name, value in headers.items():
            line.putheader(name.replace("_", "-"), value)
        if body is not None:
            line.putheader("Content-Length", str(len(body)))
        line.endheaders(body)
        answer = line.getresponse()
        found = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        line.close()
        return found

    def ask(self, question: str, **asked: Any) -> tuple[int, dict[str, Any]]:
        """A question as a page asks it."""
        status, _, text = self.request(f"/ask/{question}", json.dumps({"a": BASE} | asked).encode(), **JSON)
        return status, json.loads(text)

    @property
    def cpu(self) -> float:
        """Seconds that all cores together have worked for it; zero where the system does not say."""
        stat = Path(f"/proc/{self.process.pid}/stat")
        if not stat.exists():
            return 0.0
        fields = stat.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


JSON = {"Content_Type": "application/json"}


def start(*arguments: str, cwd: Path = ROOT) -> Served:
    """Start the command and wait until it says where it is."""
    command = [sys.executable, "-m", "sim.cli", "explore", "--no-browser", "--port", "0", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    )
    assert process.stdout is not None
    said = [process.stdout.readline(), process.stdout.readline()]
    found = re.search(r":(\d+)/", said[0])
    if not found:
        process.kill()
        raise AssertionError("".join(said) + process.communicate()[0])
    return Served(process, int(found[1]), said)


def stop(served: Served) -> tuple[int, str]:
    """Ctrl-C: exit code, and what was still said."""
    served.process.send_signal(signal.SIGINT)
    rest = served.process.communicate(timeout=30)[0]
    return served.process.returncode, rest


@pytest.fixture(scope="session")
def explorer() -> Iterator[Served]:
    """An explorer on a free port."""
    served = start()
    yield served
    served.process.kill()
    served.process.communicate()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A headless browser."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine (Debian and Ubuntu: apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any, explorer: Served) -> Iterator[Any]:
    """A fresh page at projector size; any word in its console, any error, any request elsewhere fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, accept_downloads=True)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("console", lambda message: wrong.append(message.text) if "422" not in message.text else None)
    page.on("request", lambda asked: wrong.append(asked.url) if not asked.url.startswith((explorer.address, "blob:")) else None)
    yield page
    context.close()
    assert not wrong


def painted(page: Any, at_least: int = 1) -> int:
    """Wait until the fans have been painted so often and nothing is under way; how often it was."""
    page.wait_for_selector("#finding[aria-busy=false]", timeout=60_000)
    page.locator("html[data-painted]").wait_for(state="attached", timeout=60_000)
    for _ in range(600):
        if (count := int(page.get_attribute("html", "data-painted"))) >= at_least:
            return count
        page.wait_for_timeout(50)
    raise AssertionError(f"painted {count} times, not {at_least}")


def opened(page: Any, served: Served, fragment: str = "") -> Any:
    """The page with its first fans."""
    page.goto(served.address + fragment)
    painted(page)
    return page
