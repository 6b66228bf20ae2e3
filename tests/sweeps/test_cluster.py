"""Sweeps on a Dask cluster: the same bytes from processes and machines, and a lost worker costs only its chunk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import little
import pytest
from command import ROOT

from sim.errors import InputError, PadmaError
from sim.sweep import cluster, job, store, work
from sim.sweep.design import read_design

pytest.importorskip("distributed")


def test_a_missing_library_is_named_with_what_to_install(monkeypatch):
    def absent(name):
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(cluster, "import_module", absent)
    with pytest.raises(PadmaError, match=r"padma\[cluster\]"):
        cluster.on_cluster(2)


def test_numbers_of_workers_and_addresses_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="choose 1 to 1024"):
        cluster.on_cluster(0)
    with pytest.raises(InputError, match="both given"):
        cluster.on_cluster(2, "tcp://127.0.0.1:8786")


def test_a_worker_with_another_model_refuses(tmp_path):
    task = job.plan(read_design(little.write(tmp_path)), tmp_path / "out").missing()[0]
    with pytest.raises(PadmaError, match="another padma"):
        work.do(replace(task, model="0.0.9 other rules"))


@pytest.mark.parametrize("finished", [0, 1])
def test_a_cluster_that_is_late_is_said_so_and_one_that_only_closes_late_is_not(finished, tmp_path, monkeypatch):
    """A timeout is a failure of the system like a full disk, and must not be taken for one."""

    def late(client, tasks, alive):
        for task in tasks[:finished]:
            yield work.do(task)
        raise TimeoutError

    monkeypatch.setattr(cluster, "_client", lambda *arguments: None)
    monkeypatch.setattr(cluster, "_rolling", late)
    plan = job.plan(read_design(little.write(tmp_path, runs=4, levels=2)), tmp_path / "out", chunk=4)
    assert plan.layout.chunks == 1
    if finished:
        assert job.sweep(plan, execute=cluster.on_cluster(2))["status"] == "complete"
        return
    with pytest.raises(PadmaError, match="did not answer in time") as caught:
        job.sweep(plan, execute=cluster.on_cluster(2))
    assert "fewer --workers" in caught.value.how


@pytest.fixture
def served(tmp_path):
    """A real scheduler with two workers, each a process of its own: address, and the workers."""
    # Warnings of the cluster's own processes are not padma's
    told = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    said = tmp_path / "scheduler.json"

    def dask(*arguments):
        command = [sys.executable, "-m", "dask", *map(str, arguments)]
        return subprocess.Popen(command, env=told, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    started = [dask("scheduler", "--host", "127.0.0.1", "--port", 0, "--no-dashboard", "--scheduler-file", said)]
    for _ in range(400):
        if said.exists() and said.read_text():
            break
        time.sleep(0.1)
    workers = [
        dask("worker", "--scheduler-file", said, "--nthreads", 1, "--no-nanny", "--no-dashboard", "--name", name)
        for name in ("one", "two")
    ]
    started += workers
    yield json.loads(said.read_text())["address"], workers
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_real_scheduler_gives_the_same_bytes_even_when_a_worker_is_killed(served, tmp_path):
    address, workers = served
    path = little.write(tmp_path, levels=12)
    design = read_design(path)
    job.sweep(job.plan(design, tmp_path / "alone", chunk=1))
    whole, computed = job.plan(design, tmp_path / "out", chunk=1), 0

    def alive(done, total):
        nonlocal computed
        computed += 1
        if computed == 4:
            workers[0].send_signal(signal.SIGKILL)

    job.sweep(whole, execute=cluster.on_cluster(scheduler=address), progress=alive)
    assert little.content(tmp_path / "out") == little.content(tmp_path / "alone")
    assert computed == whole.layout.chunks, "every chunk is reported once"
    assert store.missing(whole.where, whole.layout) == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_local_processes_give_the_same_bytes(tmp_path):
    design = read_design(little.write(tmp_path))
    job.sweep(job.plan(design, tmp_path / "alone", chunk=1))
    job.sweep(job.plan(design, tmp_path / "out", chunk=1), execute=cluster.on_cluster(2))
    assert little.content(tmp_path / "out") == little.content(tmp_path / "alone")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_does_not_answer_is_said_so(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 2)
    plan = job.plan(read_design(little.write(tmp_path)), tmp_path / "out")
    with pytest.raises(InputError, match="no cluster answers"):
        job.sweep(plan, execute=cluster.on_cluster(scheduler="tcp://127.0.0.1:1"))
