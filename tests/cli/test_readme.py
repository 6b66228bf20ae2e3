"""The README, to the letter: every command of the tour, the Python example, and the two commands against what CI calls."""

from __future__ import annotations

import json
import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.command import ROOT, padma

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = [
    shlex.split(line, comments=True)[1:]
    for language, block in BLOCKS
    for line in block.splitlines()
    if language == "sh" and line.startswith("padma ")
]
NEEDS = {"sensitivity": ("SALib", "sklearn")}
"""Libraries of an extra that a command leans on: without them it says so instead of working, which other tests see to."""
MORE = {
    "run": ["--no-figures"],
    "compare": ["--runs", "40"],
    "sweep": ["--dry-run"],
    "sensitivity": ["--method", "morris", "--points", "2", "--runs", "4"],
}
QUICK = ["--runs", "40", "--set", "spin_up_from=2025Q4", "--until", "2028Q4"]
"""What makes a run of the README quick enough for a test; the commands are otherwise as printed."""


def test_every_command_of_the_tour_works_in_the_order_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_scenario.yaml").write_text("name: mine\ntitle: Mine\nbased_on: bnp_government\n", encoding="utf-8")
    assert padma("run", "bnp_government", *QUICK, "--no-figures").code == 0
    assert len(COMMANDS) > 12
    for command in COMMANDS:
        quick = ["--until", "1973Q4", "--runs", "40"] if "history" in command else QUICK
        if any(find_spec(library) is None for library in NEEDS.get(command[0], ())):
            continue
        extra = [*(quick if command[0] == "run" else []), *MORE.get(command[0], [])]
        done = padma(*command, *extra)
        assert done.code == 0, f"padma {' '.join(command)}: {done.err}"
        assert done.out.strip()


def test_the_python_example_works(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = [block for language, block in BLOCKS if language == "python"]
    exec(compile(example.replace("runs=200", "runs=50"), "README.md", "exec"), {})
    said = capsys.readouterr().out
    assert "2031Q1" in said
    assert "Pressure." in said


def test_ci_calls_the_test_command_of_the_readme() -> None:
    (printed,) = [b.strip() for language, b in BLOCKS if language == "sh" and "pytest" in b]
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").strip().endswith(printed)


def test_numbers_of_the_fit_are_those_of_its_card() -> None:
    card = json.loads((ROOT / "calibration" / "posterior" / "card.json").read_text(encoding="utf-8"))
    rows = {row["parameter"]: row for row in card["parameters"]}
    text = " ".join(README.split())
    assert f"R-hat {card['verdict']['highest_rhat']:.3f}, no divergence" in text and card["verdict"]["divergent"] == 0
    years = card["half_lives"]["years"]
    middle = [years[k] for k in ("defence", "diplomacy", "trade")]
    low, mid, high = zip(*middle, strict=True)
    assert f"{mid[0]:.1f} years for arms orders, {mid[1]:.1f} for votes, {mid[2]:.1f} for trade" in text
    assert ", ".join(f"{a:.1f} to {b:.1f}" for a, b in zip(low, high, strict=True)) in text
    votes, arms, trade = (rows[f"leader_gain.small.{k}"] for k in ("diplomacy", "defence", "trade"))
    for row in (votes, arms):
        assert f"{row['mean']:+.2f}" in text and f"{row['q05']:+.2f} to {row['q95']:+.2f}" in text
        assert f"{row['above_zero']:.2f}" in text
    assert abs(trade["mean"]) < 0.05 and "In trade they do not" in text
