"""How long it takes from an input to what is seen, measured in the browser: `python -m tests.explorer.measure`.

Every step is a world that was never played before. Run it on a quiet machine; the load is printed beside the figures.
"""

from __future__ import annotations

import os
import shutil
import statistics

from playwright.sync_api import Browser, sync_playwright

from tests.explorer.served import FLAGS, Served, opened, painted, start, stop

STEPS = 20


def single(browser: Browser, served: Served, runs: int) -> tuple[list[float], float]:
    """Milliseconds from a key to the painted fans, and seconds of work for each."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    opened(page, served)
    page.click("#tab-rests")  # the map would be asked for as well
    page.select_option("#runs", str(runs))
    painted(page)
    page.focus("#trait-0")
    page.evaluate("padma.times.length = 0")
    before = served.cpu
    for step in range(STEPS):
        page.keyboard.press("ArrowRight")
        painted(page, step + 1)
        page.wait_for_timeout(100)
    times: list[float] = page.evaluate("padma.times")
    page.close()
    return times, (served.cpu - before) / STEPS


def drag(browser: Browser, served: Served) -> list[float]:
    """Milliseconds of every redraw while a pointer draws a slider along for three seconds."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    opened(page, served)
    page.click("#tab-rests")
    box = page.locator("#trait-1").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.3 * box["width"], y)
    page.mouse.down()
    page.evaluate("padma.times.length = 0")
    for step in range(180):
        page.mouse.move(box["x"] + (0.3 + 0.0035 * step) * box["width"], y)
        page.wait_for_timeout(16)
    page.mouse.up()
    painted(page)
    times: list[float] = page.evaluate("padma.times")
    page.close()
    return times


def main() -> None:
    """Measure and print."""
    served = start()
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for runs in (100, 500, 1000):
            times, work = single(browser, served, runs)
            found = f"median {statistics.median(times):.0f} ms, slowest {max(times):.0f} ms, {1000 * work:.0f} ms of work"
            print(f"{runs:>5} runs, one step: {found} (load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)")
        times = drag(browser, served)
        print(f"  500 runs, drag: {len(times)} redraws in 3 s, median {statistics.median(times):.0f} ms from the last event")
        browser.close()
    stop(served)


if __name__ == "__main__":
    main()
