"""A sweep can be left at any moment and taken up again; what is finished is never lost, and never differs."""

from __future__ import annotations

import errno
import json
import signal
import time

import little
import numpy as np
import pytest
from command import padma, start

from sim import failures
from sim.errors import InputError
from sim.sweep import job, places, points, store, work
from sim.sweep.design import read_design


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """The design, and the content of its sweep when nothing interrupts it, with planted numbers."""
    folder = tmp_path_factory.mktemp("whole")
    path = little.write(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(points, "one", little.planted)
        run(path, folder / "out")
    return path, little.content(folder / "out")


@pytest.fixture
def whole(uninterrupted, monkeypatch):
    """The same, with numbers that cost no time while the test runs."""
    monkeypatch.setattr(points, "one", little.planted)
    return uninterrupted


def run(path, out, **options):
    return job.sweep(job.plan(read_design(path), out, chunk=1), **options)


def same(out, whole):
    found = little.content(out)
    assert sorted(found) == sorted(whole)
    assert all(found[name] == whole[name] for name in whole)


def test_the_store_is_zarr_with_named_axes_that_xarray_reads(whole, tmp_path):
    import xarray as xr

    path, _ = whole
    run(path, tmp_path / "out")
    held = xr.open_zarr(tmp_path / "out" / "sweep.zarr", consolidated=False)
    assert held["statistic"].dims == ("point", "measure", "statistic")
    assert held["statistic"].shape == (8, 3, 12)
    assert list(held["factor_who"].values[[0, 7]]) == ["bnp_government", "jamaat_led"]
    means = held["value"].mean("run").values
    np.testing.assert_allclose(means, held["statistic"].values[..., 0], atol=1e-6)
    assert set(held["reason"].values.tolist()) == {""}


class Stop(BaseException):
    """As abrupt as a signal, but inside this process."""


@pytest.mark.parametrize("moment", range(0, 44, 5))
def test_stopped_at_any_write_it_goes_on_and_ends_the_same(whole, tmp_path, monkeypatch, moment):
    path, expected = whole
    put, count = places.Folder.put, 0

    def interrupted(self, name, data):
        nonlocal count
        count += 1
        if count == 20 + moment:
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.with_name(f".{target.name}.1-1.part").write_bytes(data[: len(data) // 2])  # as a kill leaves it
            raise Stop
        put(self, name, data)

    with monkeypatch.context() as patch:
        patch.setattr(places.Folder, "put", interrupted)
        with pytest.raises(Stop):
            run(path, tmp_path / "out")
    run(path, tmp_path / "out")
    same(tmp_path / "out", expected)


@pytest.mark.slow
def test_killed_at_many_random_moments_it_ends_byte_for_byte_the_same(tmp_path):
    path = little.write(tmp_path)
    run(path, tmp_path / "never_killed")
    expected = little.content(tmp_path / "never_killed")
    moments, kills = np.random.default_rng(5).uniform(0.6, 3.0, size=12), 0
    for moment in moments:
        process = start("sweep", path, "--chunk", 1, "--out", tmp_path / "out", "--no-figures", "--quiet", cwd=tmp_path)
        time.sleep(moment)
        kills += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close(), process.stderr.close()
    assert kills >= 3
    run(path, tmp_path / "out")
    same(tmp_path / "out", expected)


def test_only_what_is_missing_is_computed(whole, tmp_path, monkeypatch):
    path, expected = whole
    run(path, tmp_path / "out")
    for chunk in (2, 5):
        (tmp_path / "out" / "sweep.zarr" / store.LAST / str(chunk)).unlink()
    done, do = [], work.do
    monkeypatch.setattr(work, "do", lambda task, alive: done.append(task.chunk) or do(task, alive))
    run(path, tmp_path / "out")
    assert sorted(done) == [2, 5]
    same(tmp_path / "out", expected)


def test_numbers_do_not_depend_on_chunks_threads_or_order(whole, tmp_path):
    path, expected = whole
    design = read_design(path)

    def backward(tasks, alive):
        yield from job.in_threads(tasks[::-1], alive, threads=3)

    for chunk, execute in ((3, backward), (8, None)):
        out = tmp_path / str(chunk)
        job.sweep(job.plan(design, out, chunk=chunk), execute=execute)
        tables = {name: data for name, data in little.content(out).items() if name.endswith(".csv")}
        assert tables == {name: data for name, data in expected.items() if name.endswith(".csv")}


def test_a_sweep_that_was_begun_keeps_its_chunks(whole, tmp_path):
    path, expected = whole
    run(path, tmp_path / "out")
    assert job.plan(read_design(path), tmp_path / "out", chunk=5).layout.chunk == 1
    run(path, tmp_path / "out")
    same(tmp_path / "out", expected)


def test_another_design_seed_or_theory_in_the_folder_is_refused(whole, tmp_path, monkeypatch):
    path, expected = whole
    out = tmp_path / "out"
    run(path, out)
    design = read_design(path)
    for other, differs in (({"runs": 41}, "runs 40 there, 41 here"), ({"seed": 2}, "seed 1 there, 2 here")):
        with pytest.raises(InputError, match=f"what differs: {differs}."):
            job.plan(design, out, **other)
    changed = path.with_name("changed.yaml")
    changed.write_text(path.read_text(encoding="utf-8").replace("question: ", "question: Now, ", 1), encoding="utf-8")
    with pytest.raises(InputError, match="the text of the design"):
        job.plan(read_design(changed), out)
    with monkeypatch.context() as patch:
        patch.setattr("sim.provenance.rules_hash", lambda: "other rules")
        with pytest.raises(InputError, match="what differs: the rules"):
            job.plan(design, out)
    same(out, expected)
    job.sweep(job.plan(design, out, seed=2, force=True, chunk=1))
    assert json.loads((out / "manifest.json").read_text())["seed"] == 2


@pytest.mark.parametrize("writes", [45, 52])
def test_a_full_disk_is_reported_and_nothing_finished_is_lost(whole, tmp_path, monkeypatch, writes):
    path, expected = whole
    put, count = places.Folder.put, 0

    def full(self, name, data):
        nonlocal count
        count += 1
        if count > writes:
            raise OSError(errno.ENOSPC, "No space left on device")
        put(self, name, data)

    with monkeypatch.context() as patch:
        patch.setattr(places.Folder, "put", full)
        with pytest.raises(job.Unfinished) as caught:
            run(path, tmp_path / "out")
    kept = len(little.content(tmp_path / "out").keys() & {f"sweep.zarr/{store.LAST}/{c}" for c in range(8)})
    assert "No space left on device" in caught.value.message and f"{kept} of 8 chunks are whole" in caught.value.message
    assert kept >= 1
    run(path, tmp_path / "out")
    same(tmp_path / "out", expected)


def test_ctrl_c_leaves_with_130_and_says_how_to_go_on(tmp_path):
    path = little.write(tmp_path, levels=60)
    process = start("sweep", path, "--chunk", 1, "--no-figures", cwd=tmp_path)
    chunks = tmp_path / "results" / "little" / "sweep.zarr" / store.LAST
    for _ in range(600):
        if chunks.is_dir() and len(list(chunks.glob("[0-9]*"))) >= 2:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "chunks are whole and kept" in said and "run the same command again" in said and "Traceback" not in said
    kept = len(list(chunks.glob("[0-9]*")))
    assert 2 <= kept < 120
    planned = job.plan(read_design(path), tmp_path / "results" / "little")
    assert len(planned.missing()) == 120 - kept


def test_what_is_said_of_an_interruption():
    assert failures.paused(3, 10, "results/x").message.startswith("results/x: interrupted")


def test_failed_points_are_rows_of_points_csv(tmp_path):
    path = little.write(tmp_path)
    text = path.read_text().replace("key: inputs.price.energy.2026Q1, range: [-1, 1]", "key: leader.BGD.assertiveness, {}")
    path.write_text(text.replace("{}", "values: [0.4, 1.4]"))
    done = padma("sweep", path, "--out", tmp_path / "out", "--json")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert document["failed"] == 2 and "2 of 4 points failed" in " ".join(document["warnings"])
    rows = (tmp_path / "out" / "points.csv").read_text().splitlines()[1:]
    assert [row.endswith(",") for row in rows] == [True, False, True, False], "a reason where the trait leaves its scale"
    assert all("assertiveness" in row and "the trait runs from 0 to 1" in row for row in rows[1::2]), "and why it fails"


def test_an_object_store_holds_the_same_bytes(whole):
    fsspec = pytest.importorskip("fsspec")
    path, expected = whole
    run(path, "memory://sweeps/little")
    system = fsspec.filesystem("memory")
    found = {name.removeprefix("/sweeps/little/"): system.cat_file(name) for name in system.find("/sweeps/little")}
    assert {n: d for n, d in found.items() if n != "manifest.json"} == expected
    system.rm_file(f"/sweeps/little/sweep.zarr/{store.LAST}/3")
    run(path, "memory://sweeps/little")
    assert system.cat_file(f"/sweeps/little/sweep.zarr/{store.LAST}/3") == expected[f"sweep.zarr/{store.LAST}/3"]
    with pytest.raises(InputError, match="holds another sweep"):
        job.plan(read_design(path), "memory://sweeps/little", seed=3)
    system.rm("/sweeps", recursive=True)
