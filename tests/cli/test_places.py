"""Disks that are full, folders that may not be written, clocks that go back, machines without home, network or terminal."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sim import folders
from tests.cli.test_killed import content
from tests.command import ROOT, SMALL, padma
from tests.sweeps import little

RUN = ("run", "bnp_government", "--runs", "200", *SMALL, "--quiet")


@pytest.fixture
def small_disk(tmp_path):
    """Function: a file system of so many kilobytes, which only root can make."""
    made = []

    def disk(kilobytes: int) -> Path:
        place = tmp_path / f"disk{len(made)}"
        place.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "padma-test", str(place)]
        if os.geteuid() != 0 or shutil.which("mount") is None or subprocess.run(command, check=False).returncode:
            pytest.skip("no small disk can be made here")
        made.append(place)
        return place

    yield disk
    for place in made:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("kilobytes", [16, 200, 600])
def test_a_run_onto_a_full_disk(kilobytes, small_disk):
    place = small_disk(kilobytes)
    done = padma(*RUN, "--out", place / "out")
    assert done.code == 1 and "No space left on device" in done.err and "make room" in done.err, done
    assert not list(place.iterdir()), "nothing half-written is left"


def test_a_run_onto_a_full_disk_keeps_the_earlier_results(small_disk, tmp_path):
    place = small_disk(900)
    assert padma("run", "bnp_government", "--runs", 2, *SMALL, "--quiet", "--out", place / "out").code == 0
    before = content(place / "out")
    done = padma(*RUN, "--out", place / "out", "--force")
    assert done.code == 1 and "No space left on device" in done.err, done
    assert content(place / "out") == before and padma("check", place / "out").code == 0
    assert [p.name for p in place.iterdir()] == ["out"]


def test_a_sweep_onto_a_full_disk_goes_on_where_there_is_room(small_disk, tmp_path):
    design = little.write(tmp_path, levels=12)
    command = ("sweep", design, "--chunk", 1, "--no-figures", "--quiet")
    assert padma(*command, "--out", tmp_path / "whole").code == 0
    place = small_disk(300)
    done = padma(*command, "--out", place / "out")
    assert done.code == 1 and "No space left on device" in done.err and "chunks are whole and kept" in done.err, done
    moved = shutil.copytree(place / "out", tmp_path / "moved")
    assert padma("check", moved).code == 2
    assert padma(*command, "--out", moved).code == 0
    assert content(moved) == content(tmp_path / "whole")


def test_a_comparison_and_an_export_onto_a_full_disk(small_disk, tmp_path):
    place = small_disk(200)
    done = padma("compare", "bnp_government", "jamaat_led", "--runs", 4, *SMALL, "--quiet", "--out", place / "out")
    assert done.code == 1 and "No space left on device" in done.err and not list(place.iterdir()), done
    assert padma(*RUN, "--out", tmp_path / "run").code == 0
    done = padma("export", tmp_path / "run", "--to", "csv", "--out", place / "export")
    assert done.code == 1 and "No space left on device" in done.err, done
    assert not list((place / "export").iterdir())


def test_a_disk_that_may_only_be_read(small_disk):
    place = small_disk(2000)
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    for command in (RUN, ("compare", "bnp_government", "jamaat_led", "--runs", 4, *SMALL)):
        done = padma(*command, "--out", place / "out")
        assert done.code in (1, 2) and "Why it matters: " in done.err and "--out" in done.err, done
        assert "Read-only" in done.err or "nothing may be written here" in done.err


# --- time -------------------------------------------------------------------------------------------------------------


def test_a_clock_that_was_set_back(tmp_path, monkeypatch):
    """Results from the future are read, replaced and taken up like others; the times written down are those of the clock."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "4102444800")  # the year 2100
    design = little.write(tmp_path)
    sweep = ("sweep", design, "--chunk", 1, "--no-figures", "--quiet", "--out", tmp_path / "sweep")
    assert padma(*RUN, "--out", tmp_path / "run").code == 0 and padma(*sweep).code == 0
    future = 4102444800
    for path in (tmp_path / "run").rglob("*"):
        os.utime(path, (future, future))
    (tmp_path / "sweep" / "sweep.zarr" / "reason" / "2").unlink()
    whole = content(tmp_path / "run")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")  # the second day of 1970
    assert padma("check", tmp_path / "run").code == 0
    assert padma(*RUN, "--out", tmp_path / "run").code == 0 and padma(*sweep).code == 0
    assert content(tmp_path / "run") == whole
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["started"].startswith("1970-01-02")
    assert padma("check", tmp_path / "sweep").code == 0


@pytest.mark.skipif(shutil.which("faketime") is None, reason="faketime is not installed")
def test_a_clock_that_runs_backward_while_padma_runs(tmp_path):
    command = ["faketime", "-f", "@2040-01-01 00:00:00 x-100", sys.executable, "-m", "sim.cli", *RUN, "--out", "out"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert padma("check", tmp_path / "out").code == 0


# --- what a machine may lack ------------------------------------------------------------------------------------------


def environment(*without: str, **more: str) -> dict[str, str]:
    """The environment, less some of it."""
    kept = {key: value for key, value in os.environ.items() if key not in without}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def test_no_home_no_terminal_no_network_an_odd_locale_and_an_odd_folder(tmp_path):
    """All at once; a network that is asked for anything ends the process."""
    place = tmp_path / "আমার ফলাফল and spaces"
    place.mkdir()
    (tmp_path / "sitecustomize.py").write_text(
        "import socket\n\ndef refuse(*arguments, **named):\n    raise SystemExit('the network was asked')\n\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
    )
    told = environment("HOME", "TERM", "USER", "LOGNAME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", LANG="C", LC_ALL="C")
    told["PYTHONPATH"] = f"{tmp_path}{os.pathsep}{ROOT}"
    told["MPLCONFIGDIR"] = ""
    design = little.write(place)
    for command in (
        (*RUN[:1], "bnp_government", "--runs", "40", *SMALL[1:], "--out", "run"),  # with figures
        ("compare", "bnp_government", "jamaat_led", "--runs", "40", *SMALL, "--out", "pair"),
        ("sweep", design.name, "--out", "sweep"),
        ("check", "run", "pair", "sweep"),
        ("cite", "bnp_government"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "sim.cli", *command],
            cwd=place,
            env=told,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=600,
            start_new_session=True,
        )
        said = done.stderr.decode("utf-8")
        assert done.returncode == 0, (command, said)
        assert "the network was asked" not in said and "Traceback" not in said
    assert {p.name for p in place.iterdir()} == {"run", "pair", "sweep", design.name}


def test_a_network_is_indeed_refused_in_that_test(tmp_path):
    """The trap above works: a socket that connects ends the process."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        (tmp_path / "sitecustomize.py").write_text(
            "import socket\n\ndef no(*a, **k):\n    raise SystemExit('asked')\n\nsocket.socket.connect = no\n"
        )
        code = f"import socket; socket.socket().connect(('127.0.0.1', {server.getsockname()[1]}))"
        done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(tmp_path)}, capture_output=True, check=False)
    assert done.returncode == 1 and b"asked" in done.stderr


def test_a_folder_above_that_may_not_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr(folders.os, "access", lambda path, mode: False)
    done = padma(*RUN, "--out", tmp_path / "out")
    assert done.code == 2 and "nothing may be written here" in done.err
