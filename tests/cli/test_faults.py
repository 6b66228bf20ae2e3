"""Things that go wrong on the way: interruptions, full disks, odd places. Results are written whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim import folders, history
from sim import run as job
from sim.errors import PadmaError
from sim.run import read_results
from tests.command import ROOT, SMALL, padma, start

SLOW = ("--runs", 1500, "--no-figures")
"""Enough work to be interrupted in."""


def wait_for(condition, process: subprocess.Popen[str], seconds: float = 60) -> None:
    """Wait until something is true while a process runs."""
    until = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, f"too quick: {process.communicate()}"
        assert time.monotonic() < until, "too slow"
        time.sleep(0.01)


def hidden(folder: Path) -> list[Path]:
    """Folders in the making."""
    return [p for p in folder.iterdir() if p.name.startswith(".") and p.is_dir()] if folder.exists() else []


def whole(folder: Path) -> bool:
    try:
        return read_results(folder).manifest["status"] == "complete"
    except PadmaError:
        return False


# --- interrupted -----------------------------------------------------------------------------------------------------


def test_ctrl_c_keeps_what_is_whole_and_says_so(tmp_path):
    """In the middle of the second of two scenarios."""
    options = ("--runs", 250, "--no-figures", "--set", "spin_up_from=2020Q1")
    with start("run", "bnp_government", "jamaat_led", *options, "--out", "out", cwd=tmp_path) as process:
        out = tmp_path / "out"
        wait_for(lambda: (out / "bnp_government").exists() and any("jamaat" in path.name for path in out.iterdir()), process)
        process.send_signal(signal.SIGINT)
        text, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert [p.name for p in out.iterdir()] == ["bnp_government"], "nothing of the second is left"
    assert whole(out / "bnp_government")
    for word in (
        "padma: interrupted while jamaat_led was running",
        "whole and kept: out/bnp_government",
        "run the same command again",
    ):
        assert word in said
    assert "Traceback" not in said + text
    assert "Results in out/bnp_government" in text and "jamaat_led" not in text


def test_ctrl_c_that_only_the_option_parser_meets_is_told_too(monkeypatch):
    """Typer turns a Ctrl-C of the first moments into a bare code."""
    monkeypatch.setattr("sim.cli.app", lambda **options: 130)
    done = padma("run", "bnp_government")
    assert done.code == 130 and "interrupted" in done.err and "run the same command again" in done.err


def test_ctrl_c_in_the_first_leaves_nothing(tmp_path):
    with start("run", "history", *SLOW, cwd=tmp_path) as process:
        wait_for(lambda: hidden(tmp_path / "results"), process)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in said
    assert "whole and kept: nothing yet" in said
    assert not list((tmp_path / "results").iterdir())


def test_a_killed_run_leaves_no_folder_that_passes_for_results(tmp_path):
    out = tmp_path / "out"
    with start("run", "history", *SLOW, "--out", out, cwd=tmp_path) as process:
        wait_for(lambda: hidden(tmp_path) and list(hidden(tmp_path)[0].rglob("stance")), process)
        process.kill()
    assert not out.exists()
    left = [Path(folder) for folder, _, _ in os.walk(tmp_path)]
    assert len(left) > 3 and not any(whole(folder) for folder in left)
    done = padma("run", "history", "--runs", 2, "--no-figures", "--set", "start=2024Q1", "--out", out, "--quiet")
    assert done.code == 0 and whole(out)


def test_ctrl_c_while_the_folder_is_put_in_place_keeps_the_earlier_one(tmp_path, monkeypatch):
    out = tmp_path / "out"
    assert padma("run", "bnp_government", "--runs", 2, "--out", out, *SMALL, "--quiet").code == 0
    before = (out / "manifest.json").read_bytes()
    rename = Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        if target == out and self.name == "out":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    done = padma("run", "bnp_government", "--runs", 3, "--out", out, *SMALL, "--quiet", "--force")
    assert done.code == 130
    assert (out / "manifest.json").read_bytes() == before and whole(out)
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


# --- no room, no permission ------------------------------------------------------------------------------------------


def full(*arguments: object, **named: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("where", [(history, "on_disk"), (folders, "write_csv"), (Path, "write_text"), (folders, "_move")])
@pytest.mark.parametrize("earlier", [False, True])
def test_a_full_disk_leaves_nothing_half_written(where, earlier, tmp_path, monkeypatch):
    out = tmp_path / "out"
    if earlier:
        assert padma("run", "bnp_government", "--runs", 2, "--out", out, *SMALL, "--quiet").code == 0
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    monkeypatch.setattr(*where, full)
    done = padma("run", "bnp_government", "--runs", 2, "--out", out, *SMALL)
    assert (done.code, done.out) == (1, "")
    assert f"{out}: the results could not be written (No space left on device)" in done.err
    assert "nothing half-written is left" in done.err and "make room" in done.err
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"] * earlier


def test_what_is_finished_is_named_when_a_later_scenario_fails(tmp_path, monkeypatch):
    compute = job._compute

    def fail(world, folder, *rest):
        full() if folder.name == "jamaat_led" else compute(world, folder, *rest)

    monkeypatch.setattr(job, "_compute", fail)
    done = padma("run", "bnp_government", "jamaat_led", "--runs", 2, "--out", tmp_path, *SMALL, "--quiet")
    assert done.code == 1
    assert f"Whole and kept: {tmp_path / 'bnp_government'}." in done.err and "No space left" in done.err
    assert [p.name for p in tmp_path.iterdir()] == ["bnp_government"] and whole(tmp_path / "bnp_government")


def test_files_that_may_not_grow(tmp_path):
    """A real limit of the system, met deep inside the libraries: still one message, and nothing is left."""
    options = ("run", "bnp_government", "--runs", "300", "--out", "out", *SMALL)
    done = subprocess.run(
        [sys.executable, "-m", "sim.cli", *options],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )
    assert done.returncode == 1
    assert "the results could not be written (File too large)" in done.stderr and "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.geteuid() == 0, reason="nobody can be kept out")
def test_a_folder_that_may_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    done = padma("run", "bnp_government", "--runs", 2, "--out", tmp_path / "out", *SMALL)
    tmp_path.chmod(0o700)
    assert done.code == 2 and "nothing may be written here" in done.err and "choose another --out" in done.err


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no place that refuses even root")
def test_a_place_where_nothing_can_be_made():
    done = padma("run", "bnp_government", "--runs", 2, "--out", "/proc/padma", *SMALL)
    assert done.code == 1 and "/proc/padma: the results could not be written" in done.err and "--out" in done.err


# --- what nobody foresaw ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), ("the memory is full", "fewer --runs")),
        (ZeroDivisionError("division by zero"), ("something failed that should not (ZeroDivisionError", "please report it")),
        (RecursionError("too deep"), ("something failed that should not (RecursionError", "please report it")),
    ],
)
def test_a_mistake_in_padma_is_one_message_too(error, words, tmp_path, monkeypatch):
    def fail(*arguments: object, **named: object) -> None:
        raise error

    monkeypatch.setattr(job, "_compute", fail)
    done = padma("run", "bnp_government", "--runs", 2, "--out", tmp_path / "out", *SMALL)
    assert done.code == 1 and done.out == "" and done.err.startswith("padma: ")
    for word in (*words, "Why it matters: ", "What to do: "):
        assert word in done.err
    assert not list(tmp_path.iterdir())


# --- odd places ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "environment",
    [
        {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "C.UTF-8", "TERM": "dumb", "COLUMNS": "20", "NO_COLOR": "1"},
    ],
    ids=["ASCII", "narrow"],
)
def test_bengali_folders_without_home_locale_or_terminal(environment, tmp_path):
    folder = tmp_path / "আমার ফলাফল (২০২৬)"
    folder.mkdir()
    (folder / "দৃশ্য.yaml").write_text("name: mine\ntitle: শিরোনাম\nbased_on: baseline\n", encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if key not in ("HOME", "LANG", "TERM", "USER", "LOGNAME")}
    done = subprocess.run(
        [sys.executable, "-m", "sim.cli", "run", "দৃশ্য.yaml", "--runs", "25", "--out", "ফল এক", *SMALL],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=120,
    )
    said = done.stderr.decode("utf-8")
    assert done.returncode == 0, said
    assert "শিরোনাম" in done.stdout.decode("utf-8") and "Traceback" not in said and "Error" not in said
    assert whole(folder / "ফল এক")
    manifest = json.loads((folder / "ফল এক" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["scenario"] == "mine" and "'ফল এক'" in manifest["command"]
    assert not (tmp_path / ".cache").exists() and sorted(p.name for p in folder.iterdir()) == ["দৃশ্য.yaml", "ফল এক"]


def test_progress_goes_to_standard_error_in_plain_lines(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.progress.EVERY_SECONDS", 0.0)
    done = padma("run", "bnp_government", "--runs", 30, "--out", tmp_path / "a", *SMALL)
    assert done.code == 0 and "bnp_government: " in done.err and " s left" in done.err
    assert "\x1b" not in done.err + done.out and " s left" not in done.out
    quiet = padma("run", "bnp_government", "--runs", 31, "--out", tmp_path / "b", *SMALL, "--quiet")
    assert (quiet.out, quiet.err) == ("", "")
    as_json = padma("run", "bnp_government", "--runs", 32, "--out", tmp_path / "c", *SMALL, "--json")
    assert as_json.err == ""


@pytest.mark.slow
def test_two_at_once_into_one_folder_leave_one_whole_result(tmp_path):
    """Whoever comes second replaces the same run, or is told that the place is taken; nothing is mixed."""
    options = ("run", "bnp_government", "--runs", 20, "--out", "out", "--quiet", *SMALL)
    with start(*options, cwd=tmp_path) as one, start(*options, cwd=tmp_path) as two:
        said = one.communicate(timeout=120)[1] + two.communicate(timeout=120)[1]
    codes = {one.returncode, two.returncode}
    assert codes == {0} or (codes == {0, 2} and "another padma is at work in this folder" in said)
    assert "Traceback" not in said
    assert [p.name for p in tmp_path.iterdir()] == ["out"] and whole(tmp_path / "out")
