"""What is handed out, made once for all tests: results of a scenario that tries to break the page, and a comparison."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.command import SMALL, padma
from tests.sweeps import little

TITLE = '<b>The</b> BNP & </script><script>window.broken=1</script> "so"'
QUESTION = "What becomes of the ties with Russia if <img src=x onerror=window.broken=2> governs?"
LINK = "https://example.org/notes?a=1&b=2"
ASSUMPTION = f"See {LINK}, not javascript:window.broken=3 or <a href='data:text/html,x'>this</a>."
HOSTILE = f"""
name: hostile
title: {TITLE!r}
question: {QUESTION!r}
based_on: bnp_government
differs: "</script><svg onload=window.broken=4>"
sources: [coder_judgement]
assumptions: ["{ASSUMPTION}"]
"""

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
)


def ran(*arguments: object) -> None:
    """Run a command that must succeed."""
    done = padma(*arguments, "--quiet")
    assert (done.code, done.err) == (0, ""), done


@pytest.fixture(scope="session")
def hostile(tmp_path_factory) -> Path:
    """Results of a scenario whose words are markup and scripts, with their report and deck."""
    folder = tmp_path_factory.mktemp("handed")
    (folder / "hostile.yaml").write_text(HOSTILE, encoding="utf-8")
    out = folder / "hostile"
    ran("run", folder / "hostile.yaml", "--runs", 40, "--out", out, *SMALL)
    ran("report", out)
    ran("deck", out)
    return out


@pytest.fixture(scope="session")
def paired(tmp_path_factory) -> Path:
    """A comparison with its report and deck."""
    out = tmp_path_factory.mktemp("handed") / "pair"
    ran("compare", "bnp_government", "awami_league_return", "--runs", 40, "--out", out, *SMALL)
    ran("report", out)
    ran("deck", out)
    return out


@pytest.fixture(scope="session")
def swept(tmp_path_factory) -> Path:
    """A little sweep: the quickest of all to make a handout of."""
    folder = tmp_path_factory.mktemp("handed")
    ran("sweep", little.write(folder), "--out", folder / "sweep", "--no-figures")
    return folder / "sweep"


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """A browser without a window."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium is installed (Debian and Ubuntu: apt install chromium)")
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (pip install -e '.[test]')")
    with sync.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


def opened(browser, file: Path, width: int = 1280, height: int = 720) -> SimpleNamespace:
    """A page in the browser, with all that it said and asked for."""
    page = browser.new_page(viewport={"width": width, "height": height})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    return SimpleNamespace(page=page, said=said, asked=[url for url in asked if not url.startswith("data:")])
