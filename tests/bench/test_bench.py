"""The benchmark itself works, with tiny sizes: it measures what it says, and a missed bar is shown as such."""

from __future__ import annotations

import pytest

from tests.bench import bench


@pytest.mark.parametrize("name", bench.TASKS)
def test_each_task_measures_something(name):
    found = bench.TASKS[name](3)
    assert found
    assert all(seconds == seconds for seconds in found.values())
