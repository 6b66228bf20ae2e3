"""One process at a time in a results folder: the second is told so, and a dead one keeps nobody out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim import files
from sim.errors import InputError
from sim.files import alone, replacing
from tests.command import ROOT, SMALL, padma
from tests.sweeps import little

HOLD = """
import sys, time
from pathlib import Path
from sim.files import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def hold():
    """Function: let another process hold a folder; it is there when the function returns."""
    started = []

    def begin(folder: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", HOLD, str(folder)]
        process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def commands(folder: Path) -> dict[str, tuple[object, ...]]:
    """What works in a folder."""
    design = little.write(folder, runs=4, levels=2)
    return {
        "run": ("run", "bnp_government", "--runs", 2, *SMALL),
        "compare": ("compare", "bnp_government", "jamaat_led", "--runs", 2, *SMALL),
        "sweep": ("sweep", design, "--no-figures"),
        "sensitivity": ("sensitivity", design, "--points", 8, "--runs", 2, "--no-figures"),
        "backtest": ("backtest", "--quick"),
    }


@pytest.mark.parametrize("command", ["run", "compare", "sweep", "sensitivity", "backtest"])
def test_the_second_process_is_refused_and_the_place_is_free_after_a_kill(command, hold, tmp_path):
    out, given = tmp_path / "out", commands(tmp_path)[command]
    holder = hold(out)
    done = padma(*given, "--out", out)
    assert done.code == 2 and done.out == "", done
    for word in ("another padma is at work in this folder", str(out), "wait until it is done", "Why it matters: "):
        assert word in done.err
    assert not [p for p in tmp_path.iterdir() if p.name not in ("little.yaml", ".out.lock")], "nothing is begun"
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    if command != "backtest":  # which takes minutes
        assert padma(*given, "--out", out, "--quiet").code == 0
        assert {p.name for p in tmp_path.iterdir()} == {"little.yaml", "out"}


def test_calibration_keeps_its_chains_to_itself(hold, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hold(tmp_path / "results" / "calibration")
    done = padma("calibrate", "--quick", "--out", "mine")
    assert done.code == 2 and "another padma is at work in this folder" in done.err


def test_other_folders_are_not_held(hold, tmp_path):
    hold(tmp_path / "one")
    with alone(tmp_path / "two"), alone(tmp_path / "two"):
        assert (tmp_path / ".two.lock").exists()
    assert not (tmp_path / ".two.lock").exists()
    with pytest.raises(InputError, match="at work"), alone(tmp_path / "one"):
        pass


def test_many_at_once_are_never_two_in_the_same_place(tmp_path):
    """Ten processes take turns of a moment; each leaves a mark while it is in, and none ever meets another's."""
    code = """
import os, sys, time
from pathlib import Path
from sim import files
from sim.errors import InputError
from sim.files import alone
out, inside, turns, until = Path(sys.argv[1]), Path(sys.argv[2]), 0, time.monotonic() + 2
while time.monotonic() < until:
    try:
        with alone(out):
            os.close(os.open(inside, os.O_CREAT | os.O_EXCL))
            time.sleep(0.002)
            inside.unlink()
            turns += 1
    except InputError:
        time.sleep(0.001)
print(turns)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "out"), str(tmp_path / "inside")]
    told = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = [
        subprocess.Popen(command, env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(10)
    ]
    said = [process.communicate(timeout=60) for process in started]
    assert all(process.returncode == 0 for process in started), said
    assert sum(int(out) for out, _ in said) > 20
    assert not list(tmp_path.iterdir())


def test_a_single_file_is_whole_or_as_it_was(tmp_path):
    path = tmp_path / "table.csv"
    with replacing(path) as file:
        file.write_text("whole")
    with pytest.raises(OSError, match="full"), replacing(path) as file:
        file.write_text("ha")
        raise OSError("full")
    assert path.read_text() == "whole" and [p.name for p in tmp_path.iterdir()] == ["table.csv"]


def test_children_of_a_fit_leave_with_their_parent(tmp_path):
    """A killed calibration or back-test leaves nobody behind who goes on computing."""
    child = (
        "import time; from calibration.processes import follow_parent; follow_parent(); print('up', flush=True); time.sleep(60)"
    )
    parent = (
        f"import os, sys; from calibration.processes import together\ntogether([[sys.executable, '-c', {child!r}]], os.environ)"
    )
    told = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", parent], env=told, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "up\n"
        process.kill()
        begun = time.monotonic()
        assert process.stdout.read() == "", "ends when the last of them has let go of the pipe"
        assert time.monotonic() - begun < 20


def test_children_of_a_fit_say_what_fails_as_a_command_does():
    child = "from calibration.processes import follow_parent; follow_parent(); open('/nowhere/at/all')"
    told = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", child], env=told, text=True, **pipes) as process:
        said = process.stderr.read()
        process.stdin.close()
        assert process.wait(60) == 1
    assert "padma: /nowhere/at/all: No such file or directory" in said and "Traceback" not in said


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the empty file stays")
@pytest.mark.parametrize("moment", ["_lock", "_take", "close"])
def test_a_ctrl_c_at_any_moment_leaves_no_lock(tmp_path, monkeypatch, moment):
    """While the place is taken, just after, and while it is given back."""
    owner = os if moment == "close" else files
    real, before = getattr(owner, moment), signal.getsignal(signal.SIGINT)

    def disturbed(*given):
        found = real(*given)
        signal.raise_signal(signal.SIGINT)
        return found

    signal.signal(signal.SIGINT, signal.default_int_handler)  # workers of the suite ignore it
    monkeypatch.setattr(owner, moment, disturbed)
    with pytest.raises(KeyboardInterrupt), alone(tmp_path / "out"):
        if moment != "close":
            pytest.fail("the interruption was lost")
    monkeypatch.undo()
    signal.signal(signal.SIGINT, before)
    assert not list(tmp_path.iterdir()) and not files.HELD
    with alone(tmp_path / "out"):
        pass
