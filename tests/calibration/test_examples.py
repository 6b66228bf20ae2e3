"""What the documentation shows is made by commands that exist, and its pages say what the tables hold."""

import pandas as pd

from calibration import examples
from sim.scenario import read_scenario
from sim.sweep.design import read_design


def table(**means):
    parts = ("total", "system", "images", "traits", "domestic", "commitments", "response", "chance", "inherited")
    rows = [
        {"partner": "RUS", "issue": issue, "part": part, "mean": means.get(part, 0.0), "q10": -0.5, "q90": 0.25}
        for issue in ("diplomacy", "defence")
        for part in parts
    ]
    return pd.DataFrame(rows).set_index(["partner", "issue", "part"])


def test_the_page_of_turnovers_adds_the_leaders_parts_and_names_the_largest_of_the_rest():
    tables = dict.fromkeys(examples.TURNOVERS, table())
    tables["from_1996"] = table(total=0.3, images=0.2, traits=0.06, chance=0.04, commitments=-0.02)
    page = examples.attribution_page(tables)
    line = "| 1996, the Awami League returns | 1996Q1 to 1999Q1 | +0.30 (-0.50 to +0.25) | +0.26 | 0.00 | +0.04 | 0.00 |"
    assert page.count(line) == 2 and "add at\nmost 0.02" in page
    assert all(len(row) <= 128 for row in page.splitlines())


def test_what_is_made_is_there_to_be_made():
    for base, (_, first, last) in examples.TURNOVERS.items():
        found = read_scenario(base, until=last)
        assert first < last and found.luck == "record"
    for name in ("who_governs_image_sanctions", "what_moves_defence_ties"):
        assert read_design(name).points()
