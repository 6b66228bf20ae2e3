"""The benchmark itself works: it compares like with like, shows a missed bar as such, and runs to the end with tiny sizes."""

from __future__ import annotations

import resource

import pytest

from tests.bench import bench, tasks


def test_both_engines_are_measured_on_the_same_numbers(monkeypatch):
    monkeypatch.setattr(tasks, "SETTINGS", {"spin_up_from": "2025Q3", "until": "2026Q4"})
    agents, arrays = tasks.mesa_batch(1), tasks.ensemble(2)
    assert agents["check"] == pytest.approx(arrays["check"], rel=0, abs=1e-12)
    assert agents["cpu"] > 0
    assert arrays["cpu"] > 0


def test_a_process_is_accounted_for():
    here = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    cost = bench.process("-c", "held = bytearray(60_000_000); print('done')")
    assert cost.out == "done\n"
    assert 60e6 < cost.peak < 300e6 + here  # a child counts what its parent held when it was born
    assert 0 < cost.cpu < 60
    with pytest.raises(SystemExit, match="failed"):
        bench.process("-c", "raise SystemExit(3)")


def test_a_missed_bar_is_shown():
    kept = bench.at_most("memory", 1.5, "GB", [0.7, 0.5, 0.6])
    missed = bench.at_least("speed", 100, "times", [50.0])
    assert (kept.share, kept.measured) == (pytest.approx(0.4), "0.60 GB (0.50 to 0.70)")
    assert missed.share == 2
    text = bench.markdown([kept, missed], [("read", 1.0), ("draw", 3.0)], ["a note"], bench.QUICK, "0.0 to 1.2")
    assert "| memory | under 1.5 GB | 0.60 GB (0.50 to 0.70) | 40 % |" in text
    assert "| speed | at least 100 times | 50 times | 200 %, missed |" in text
    assert "| draw | 3.00 | 75 % |" in text
    assert "- a note" in text
    assert "Load: 0.0 to 1.2." in text


@pytest.mark.slow
def test_the_whole_benchmark_runs_with_tiny_sizes(capsys):
    bench.main(["--quick"])
    printed = capsys.readouterr().out
    for what in (
        "batch_run",
        "of its speed",
        "figures included",
        "paired runs",
        "GB",
        "--help",
        "import sim",
        "Mesa agents",
        "summarise",
    ):
        assert what in printed
