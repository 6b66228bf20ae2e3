"""kill -9 at any moment: what passes for whole is whole, and the same command ends with the same content.

A few moments in the default suite, fifty of each command in the slow one.
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from sim import posterior
from sim.check import check
from sim.errors import PadmaError
from tests.command import SMALL, padma, start
from tests.sweeps import little

FEW, MANY = 3, 50
HOW_MANY = [FEW, pytest.param(MANY, marks=pytest.mark.slow)]


def content(folder: Path) -> dict[str, bytes]:
    """Files of a folder but its manifest, which knows the time, and figures."""
    files = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if not name.startswith(("manifest", "figures", "."))}


def kill_after(seconds: float, *arguments: object, cwd: Path) -> bool:
    """Start a command and kill it some time later; whether it was still at work."""
    with start(*arguments, cwd=cwd) as process:
        try:
            process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            return True
    return False


def assert_nothing_half_written_passes(folder: Path, expected: dict[str, bytes]) -> None:
    """Whatever lies around says itself that it is not whole, or is whole."""
    for manifest in folder.rglob("manifest.json"):
        (finding,) = check(manifest.parent)
        if finding.problem is None:
            assert content(manifest.parent) == expected, manifest.parent


def try_it(count: int, expected: dict[str, bytes], took: float, command: tuple[object, ...], home: Path, again: float) -> None:
    """Kill the command ``count`` times while it is at work, at random moments; one that ends before its kill does not count.

    Parameters
    ----------
    again : share of the kills after which the command is run to its end, and starts anew afterwards
    """
    rng, out, kills, early = random.Random(11), home / "out", 0, 0
    while kills < count:
        fresh = not out.exists()
        killed = kill_after(rng.uniform(0.05, 0.95) * took, *command, "--out", out, cwd=home)
        kills, early = kills + killed, early + (not killed)
        assert early <= 3 * count, "it is never met at work"
        if fresh and not killed:
            took *= 0.8  # the machine is quicker than it was when the time was taken
        assert_nothing_half_written_passes(home, expected)
        if not killed or rng.random() < again:
            done = padma(*command, "--out", out)
            assert done.code == 0, done
            assert content(out) == expected
            assert [p.name for p in home.iterdir() if p.name.startswith(".")] == [], "what was left is swept up"
            shutil.rmtree(out)
    assert padma(*command, "--out", out).code == 0
    assert content(out) == expected


def uninterrupted(command: tuple[object, ...], out: Path) -> tuple[dict[str, bytes], float]:
    """What the command makes when nobody kills it, and how long it takes as a process of its own."""
    begun = time.monotonic()
    with start(*command, "--out", out, cwd=out.parent) as process:
        said = process.communicate()
    assert process.returncode == 0, said
    return content(out), time.monotonic() - begun


@pytest.mark.parametrize("count", HOW_MANY)
def test_a_run(count, tmp_path):
    command = ("run", "bnp_government", "--runs", 400, *SMALL, "--quiet")
    expected, took = uninterrupted(command, tmp_path / "never_killed")
    home = tmp_path / "home"
    home.mkdir()
    try_it(count, expected, took, command, home, again=1.0)


@pytest.mark.parametrize("count", HOW_MANY)
def test_a_sweep(count, tmp_path):
    design = little.write(tmp_path, levels=12)
    command = ("sweep", design, "--chunk", 1, "--no-figures", "--quiet")
    expected, took = uninterrupted(command, tmp_path / "never_killed")
    home = tmp_path / "home"
    home.mkdir()
    try_it(count, expected, took, command, home, again=0.2)


@pytest.mark.parametrize("count", [pytest.param(MANY, marks=pytest.mark.slow)])
def test_a_study(count, tmp_path):
    design = little.write(tmp_path)
    command = ("sensitivity", design, "--points", 16, "--runs", 8, "--no-figures", "--quiet")
    expected, took = uninterrupted(command, tmp_path / "never_killed")
    home = tmp_path / "home"
    home.mkdir()
    try_it(count, expected, took, command, home, again=0.1)


def reads(file: Path) -> bool:
    """Whether a run would draw from a file."""
    try:
        return posterior.read.__wrapped__(file).size > 0
    except PadmaError:
        return False


@pytest.mark.slow
def test_a_calibration(tmp_path):
    """Short chains: finished ones are kept, the rest is drawn again, and the posterior is the same to the last byte."""
    pytest.importorskip("numpyro")
    command = ("calibrate", "--quick")
    alone, home = tmp_path / "alone", tmp_path / "home"
    alone.mkdir(), home.mkdir()
    begun = time.monotonic()
    with start(*command, "--out", "made", cwd=alone) as process:
        process.communicate()
    took = time.monotonic() - begun
    expected = (alone / "made" / "posterior.nc").read_bytes()
    rng, kills, early = random.Random(3), 0, 0
    while kills < MANY:
        killed = kill_after(rng.uniform(0.02, 0.95) * took, *command, "--out", "made", cwd=home)
        kills, early = kills + killed, early + (not killed)
        assert early <= 3 * MANY, "it is never met at work"
        took *= 1.0 if killed else 0.8  # chains that are kept make the next one shorter
        for left in (home / "made").glob("*"):
            if reads(left):
                assert left.read_bytes() == expected, left
        shutil.rmtree(home / "made", ignore_errors=True)
    with start(*command, "--out", "made", cwd=home) as process:
        process.communicate()
    assert (home / "made" / "posterior.nc").read_bytes() == expected
