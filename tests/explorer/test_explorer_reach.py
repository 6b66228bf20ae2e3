"""The page for everybody in the room: by keyboard, on a projector, on a phone."""

from __future__ import annotations

import pytest

from tests.explorer.served import opened, painted


def test_everything_with_the_keyboard(page, explorer):
    """A whole visit without a pointer: the seat, a trait, the second world, a quarter, a tab; focus is always visible."""
    opened(page, explorer)
    count, seen = painted(page), []

    def go_to(wanted: str) -> None:
        for _ in range(120):
            page.keyboard.press("Tab")
            here = page.evaluate("() => { const e = document.activeElement; return [e.id, getComputedStyle(e).outlineStyle] }")
            seen.append(here)
            if here[0] == wanted:
                return
        raise AssertionError(f"no way to {wanted} with the keyboard")

    go_to("compare")
    page.keyboard.press("Space")
    count = painted(page, count + 1)
    go_to("quarter")
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#readout").startswith("2030Q4")
    go_to("tab-map")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#tab-walk", "aria-selected") == "true"
    page.locator("#panel-walk .actor").first.wait_for(timeout=60_000)
    count = painted(page)
    go_to("seat")
    page.keyboard.press("ArrowDown")
    count = painted(page, count + 1)
    go_to("trait-0")
    page.keyboard.press("ArrowRight")
    painted(page, count + 1)
    unseen = [name for name, outline in seen if outline == "none" and name]
    assert not unseen, f"focus cannot be seen on {unseen}"


def test_every_control_has_a_name(page, explorer):
    opened(page, explorer)
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("input, select, textarea, button")].filter((e) => e.offsetParent !== null
        && !(e.labels && e.labels.length) && !e.getAttribute("aria-label") && !e.textContent.trim()).map((e) => e.outerHTML)"""
    )
    assert not nameless


@pytest.mark.parametrize(("width", "height"), [(390, 844), (768, 1024), (1280, 720), (1920, 1080)])
def test_every_screen_has_room(page, explorer, width, height):
    page.set_viewport_size({"width": width, "height": height})
    opened(page, explorer)
    page.check("#compare")
    painted(page, 2)
    for tab in ("walk", "rests", "map"):
        page.click(f"#tab-{tab}")
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width >= 1280:
        assert page.evaluate("document.documentElement.scrollHeight") <= height + 1, "a projector shows all without scrolling"
    box = page.locator("#chart svg").bounding_box()
    for text in page.locator("#chart svg text").all():
        inside = text.bounding_box()
        assert inside["x"] >= box["x"] - 1, text.inner_text()
        assert inside["x"] + inside["width"] <= box["x"] + box["width"] + 1, text.inner_text()


def test_on_a_phone_the_chart_stays_in_sight(page, explorer):
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, explorer)
    page.locator("#trait-3").scroll_into_view_if_needed()
    box = page.locator("#chart").bounding_box()
    assert 0 <= box["y"] < 100
