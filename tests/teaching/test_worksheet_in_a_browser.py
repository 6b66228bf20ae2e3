"""The worksheet without code: its browser tasks, followed on the explorer's page, give the numbers of the answers."""

from __future__ import annotations

import re
from typing import Any

import sim
from sim import library
from sim.words import signed
from tests.explorer.served import opened
from tests.teaching import answers

POWERS = {code: str(entry.value.name) for code, entry in library.states().items() if entry.value.power}


def shows(page: Any, *texts: str) -> None:
    """Wait until the line under the chart holds all of these."""
    for _ in range(300):
        said = page.inner_text("#readout").replace("\u2212", "-").replace("\u00a0", " ")
        if all(text in said for text in texts):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{texts} not in '{said}'")


def toward(page: Any, code: str) -> None:
    page.locator("#thumbs button", has_text=POWERS[code]).click()


def bounds(row: dict[str, Any]) -> tuple[str, str]:
    return f"median {signed(row['q50'])}", f"80 % {signed(row['q10'])} to {signed(row['q90'])}"


def differences(scenario: str) -> dict[str, tuple[str, str]]:
    """What the difference toward each power in defence should read."""
    return {r["partner"]: bounds(r) for r in answers.contrasts(answers.compared(), scenario) if r["issue"] == "defence"}


def test_the_browser_tasks_give_the_numbers_of_the_answers(page, explorer):
    opened(page, explorer)
    page.select_option("#runs", str(answers.RUNS))
    page.select_option("#issue", "defence")
    table = answers.compared().table
    mine = table[(table.scenario == answers.BASE) & (table.state == "BGD") & (table.quarter == answers.END)]
    for row in mine[mine.issue == "defence"].to_dict(orient="records"):  # task 1
        toward(page, row["partner"])
        shows(page, f"{answers.END}: median", *bounds(row))
    toward(page, "IND")  # task 4
    page.locator("#quarter").evaluate("node => { node.value = node.max - 1; node.dispatchEvent(new Event('input')); }")
    shows(page, "2030Q4: median")
    page.click("#tab-why")
    panel = page.locator("#panel-why")
    panel.get_by_text("Perception.").first.wait_for(timeout=60_000)
    told, answer = (" ".join(text.replace("\u2212", "-").split()) for text in (panel.inner_text(), answers.why()))
    assert re.search(r"the leader's image of India \([^)]*\) [^.]*\([^)]*\)", answer)[0] in told
    page.click("#tab-walk")
    page.get_by_text("Next").first.wait_for()
    page.locator("#quarter").evaluate("node => { node.value = node.max; node.dispatchEvent(new Event('input')); }")
    page.check("#compare")  # task 2
    page.check("#which input[value=a]")
    page.select_option("#base", label=sim.read_scenario(answers.OTHER).title)
    for code, expected in differences(answers.OTHER).items():
        toward(page, code)
        shows(page, "difference", *expected)
    page.select_option("#base", label=sim.read_scenario(answers.BASE).title)  # task 3
    shows(page, "difference, median 0.00", "95 % 0.00 to 0.00")
    toward(page, "RUS")  # task 5
    page.fill("#traits input.exact >> nth=0", "0.2")
    page.keyboard.press("Enter")
    shows(page, *differences("another_reading")["RUS"])
    page.wait_for_timeout(1000)  # the address follows a moment after the hand rests
    link = page.evaluate("location.href")
    toward(page, "IND")
    page.goto("about:blank")
    page.goto(link)
    shows(page, *differences("another_reading")["RUS"])
