"""Every named test of claims on records planted to support it, to refute it, and to be too thin for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy.special import expit

import calibration.texts.turnovers  # noqa: F401
from calibration.observed import Record, load
from calibration.sources.votes import SUBJECTS
from calibration.texts import cells as claims_cells
from calibration.texts.judging import Thresholds, verdict
from calibration.texts.record import TESTS

RECORD = load()
THRESHOLDS = Thresholds(supported_at=0.9, why="as shipped")
YEARS = range(1975, 2021)
SIDES = {"sides": ["RUS", "USA"]}
ZIA, ERSHAD = {"leaders": ["ziaur_rahman"]}, {"leaders": ["hm_ershad"]}
HASINA = {"leaders": ["sheikh_hasina"], "years": [2009, 2020]}
KHALEDA = {"leaders": ["khaleda_zia"], "years": [2001, 2006]}
HASINA_1 = {"leaders": ["sheikh_hasina"], "years": [1996, 2001]}


def seat(year: int) -> str:
    return claims_cells.governing(year)


def voted(side, n: int = 30, years=YEARS) -> Record:
    """A record of roll calls on which Russia and the United States differ; ``side(year)`` is Bangladesh's side in logits."""
    rows = []
    for year in years:
        for lean in np.arange(-2.0, 2.5, 0.5):
            up, down = expit(1.3 * lean + side(year) - 0.7), expit(-1.3 * lean - side(year) - 0.7)
            yes, no = round(n * up), round(n * down)
            rows.append((year, seat(year), lean, 0, 0, 1, 0, 0, -1, 1, no, n - yes - no, yes))
    names = list(RECORD.votes)
    kinds = {name: RECORD.votes[name].dtype for name in names}
    order = ("year", "seat", "lean", *SUBJECTS, "RUS", "IND", "CHN", "USA", "whole", "no", "abstain", "yes")
    table = {
        name: np.array([row[order.index(name)] for row in rows], dtype="U40" if name == "seat" else kinds[name])
        for name in names
    }
    return replace(RECORD, votes=table)


def ordered(share) -> Record:
    """A record of arms orders: ``share(year)`` of ten a year go to Russia."""
    years = np.array(list(YEARS))
    rus = np.array([round(10 * share(int(y))) for y in years])
    zero = np.zeros_like(years)
    table = {"year": years, "RUS": rus, "IND": zero, "CHN": zero, "USA": zero, "other": 10 - rus, "uncertain": zero}
    return replace(RECORD, orders=table)


def traded(log_share, years=YEARS) -> Record:
    """A record of trade with Russia: ``log_share(year)`` of USD 10 billion."""
    share = np.exp([log_share(y) for y in years])
    nation = np.full(len(share), 10_000.0)
    columns = {"year": np.array(list(years)), "partner": np.full(len(share), "RUS"), "total_musd": share * nation}
    return replace(RECORD, trade=columns | {"national_musd": nation, "share": share})


def acted(score) -> Record:
    """A record of two acts of Bangladesh toward Russia each year, worth ``score(year)`` give or take half a point."""
    days = [(y, m) for y in YEARS for m in (3, 9)]
    n = len(days)
    table = {name: np.full(n, "") for name in RECORD.episodes}
    table |= {"date": np.array([f"{y}-0{m}-01" for y, m in days]), "initiator": np.full(n, "BGD"), "target": np.full(n, "RUS")}
    table |= {"issue": np.full(n, "diplomacy"), "in_likelihood": np.full(n, "yes"), "from_text": np.full(n, "none")}
    table |= {"head_of_government": np.array([seat(y) for y, _ in days])}
    table |= {"goldstein": np.array([score(y) + (0.5 if m == 3 else -0.5) for y, m in days])}
    return replace(RECORD, episodes=table)


def told(name: str, record: Record, **arguments) -> str:
    return verdict(TESTS[name](record, **arguments), THRESHOLDS)


def flat(level: float = 0.0):
    return lambda year: level


def wavy(year: int) -> float:
    """Small changes from year to year that have nothing to do with anything."""
    return 0.15 * np.sin(2.1 * year)


def under(person: str, high: float, low: float = 0.0):
    return lambda year: (high if seat(year) == person else low) + wavy(year)


def image(year: int) -> float:
    """Coded image of Russia less that of the United States, in standard deviations."""
    russia, america = (claims_cells.trait(seat(year), year, "image_of", power) for power in ("RUS", "USA"))
    return (russia - america) / 0.4


# --- differences --------------------------------------------------------------------------------------------------------

CASES = {
    "higher": (dict(of=SIDES, group=ZIA, than=ERSHAD, by=0.25), under("ziaur_rahman", 2.0), under("hm_ershad", 2.0)),
    "alike": (dict(of=SIDES, group=ZIA, than=ERSHAD, by=0.5), flat(0.3), under("hm_ershad", 2.5)),
    "balanced": (dict(of=SIDES, group=ERSHAD, by=0.5), flat(0.0), flat(2.5)),
    "highest": (
        dict(of=SIDES, group=HASINA, among=[ZIA, ERSHAD, KHALEDA]), lambda y: 2.0 * (y > 2008), under("hm_ershad", 2.5)
    ),
    "predicts": (
        dict(of=SIDES, group=KHALEDA, like=ERSHAD, rather_than=HASINA, by=0.5),
        lambda y: 2.0 * (y > 2006) + wavy(y),
        lambda y: 2.0 * (y > 1990) + wavy(y),
    ),
    "turnovers_small": (dict(of=SIDES, groups=[ZIA, ERSHAD, KHALEDA, HASINA], by=0.4), flat(0.2), lambda y: {
        "ziaur_rahman": 2.0, "hm_ershad": -2.0, "khaleda_zia": 2.0}.get(seat(y), -2.0)),
    "shifts_shrink": (
        dict(of=SIDES, early=[ZIA, ERSHAD], late=[KHALEDA, HASINA]),
        under("ziaur_rahman", 3.0),
        lambda y: 3.0 * (y > 2006),
    ),
    "image_matters": (
        dict(sides=["RUS", "USA"], by=0.1),
        lambda y: 0.5 * image(y),
        lambda y: -0.5 * image(y),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_votes_planted_for_a_test_support_it_and_against_it_refute_it(name):
    arguments, supporting, refuting = CASES[name]
    assert told(name, voted(supporting), **arguments) == "supported"
    assert told(name, voted(refuting), **arguments) == "not supported"


@pytest.mark.parametrize("name", CASES)
def test_without_departures_from_the_assembly_votes_say_nothing(name):
    """Always on the side of the Assembly, and always at a strong lean."""
    record = voted(flat(), n=8)
    votes = dict(record.votes)
    votes["lean"], votes["no"], votes["abstain"], votes["yes"] = (
        np.full(len(votes["lean"]), 3.0),
        0 * votes["no"],
        0 * votes["no"],
        votes["yes"] * 0 + 8,
    )
    assert told(name, replace(record, votes=votes), **CASES[name][0]) == "cannot tell"


@pytest.mark.parametrize(
    "of, make",
    [({"orders": "RUS"}, ordered), ({"acts": "BGD>RUS"}, acted), ({"trade": "RUS"}, traded)],
    ids=["orders", "acts", "trade"],
)
def test_differences_are_found_in_every_measure(of, make):
    level = {"orders": (0.8, 0.2), "acts": (5.0, -3.0), "trade": (-2.0, -5.0)}[next(iter(of))]
    margin = 1.0 if "acts" in of else 0.25

    def planted(first, second):
        return make(lambda y: first if seat(y) == "hm_ershad" else second)

    arguments = {"of": of, "group": ERSHAD, "than": HASINA, "by": margin}
    assert told("higher", planted(*level), **arguments) == "supported"
    assert told("higher", planted(*level[::-1]), **arguments) == "not supported"
    assert told("higher", planted(*level), of=of, group={"years": [2050, 2060]}, than=HASINA, by=margin) == "cannot tell"


def test_a_single_jump_is_no_proof_where_levels_wander():
    """A record that drifts like a random walk makes a later government higher; the test must not be sure of it too often."""
    sure = 0
    for number in range(8):
        rng = np.random.default_rng(number)
        walk = dict(zip(YEARS, np.cumsum(0.4 * rng.normal(size=len(YEARS))), strict=True))
        found = TESTS["higher"](voted(walk.__getitem__, n=10), of=SIDES, group=HASINA_1, than={"years": [1991, 1995]}, by=0.25)
        sure += found.probability is not None and found.probability >= 0.9
    assert sure <= 2


# --- turnovers, levels, courses -----------------------------------------------------------------------------------------


def by_seat(year: int) -> float:
    return {"ziaur_rahman": 1.5, "hm_ershad": -1.5, "khaleda_zia": 1.0}.get(seat(year), -0.5)


def test_steps_at_turnovers_are_told_from_steps_elsewhere():
    assert told("turnovers_move", voted(by_seat), of=SIDES) == "supported"
    assert told("turnovers_idle", voted(by_seat), of=SIDES) == "not supported"
    assert told("turnovers_move", voted(lambda y: by_seat(min(y + 4, 2020))), of=SIDES) != "supported"
    assert told("turnovers_move", voted(flat(), years=range(1983, 1989)), of=SIDES) == "cannot tell"
    assert told("turnovers_move", traded(lambda y: -4 + by_seat(y)), of={"trade": "RUS"}) == "supported"


def test_answers_are_counted_on_the_described_texts_only():
    abstains = dict(votes={"RUS": 1, "USA": -1}, years=[1980, 1990], answer="yes", more_than=0.5)
    assert told("answers", voted(flat(3.0)), **abstains) == "supported"
    assert told("answers", voted(flat(-3.0)), **abstains) == "not supported"
    assert told("answers", voted(flat(3.0)), **abstains | {"votes": {"RUS": -1, "USA": -1}}) == "cannot tell"
    few = dict(votes={"RUS": 1}, years=[1980, 1990], answer="no", less_than=0.2)
    assert told("answers", voted(flat(3.0)), **few) == "supported"


def test_a_rise_is_told_from_a_fall():
    arguments = dict(of={"trade": "RUS"}, years=[1980, 2010], by=0.1)
    assert told("rises", traded(lambda y: -5 + 0.08 * (y - 1980) + wavy(y)), **arguments) == "supported"
    assert told("rises", traded(lambda y: -5 - 0.08 * (y - 1980) + wavy(y)), **arguments) == "not supported"
    assert told("rises", traded(flat(-4), years=range(1980, 1983)), **arguments) == "cannot tell"


def test_the_lowest_year_must_be_clearly_lowest():
    arguments = dict(trade="RUS", year=2002, years=[1992, 2011])
    assert told("lowest_year", traded(lambda y: -6.0 if y == 2002 else -4.0), **arguments) == "supported"
    assert told("lowest_year", traded(lambda y: -6.0 if y == 1995 else -4.0), **arguments) == "not supported"
    assert told("lowest_year", traded(flat(-4.0)), **arguments) == "not supported"  # one of twenty like years
    assert told("lowest_year", traded(flat(-4), years=range(2001, 2004)), **arguments) == "cannot tell"


def test_series_that_move_together_are_no_strangers():
    saw = lambda y: 0.8 * (-1) ** y + 0.1 * np.sin(y)  # noqa: E731
    both = replace(voted(saw), trade=traded(lambda y: -4 + saw(y)).trade)
    apart = replace(voted(saw), trade=traded(lambda y: -4 + 0.5 * ((y // 2) % 2)).trade)
    arguments = dict(of={"trade": "RUS"}, to=SIDES, below=0.3)
    assert told("unrelated", both, **arguments) == "not supported"
    assert TESTS["unrelated"](apart, **arguments).probability > 0.8
    assert told("unrelated", replace(both, trade=traded(saw, years=range(1990, 1995)).trade), **arguments) == "cannot tell"


@pytest.mark.parametrize("when", ["slack", "insecurity"])
def test_an_interaction_is_found_when_it_is_there(when):
    def level(y):
        return claims_cells.slack()[y] if when == "slack" else claims_cells.trait(seat(y), y, "insecurity")

    raw = np.array([level(y) for y in YEARS])
    arguments = dict(sides=["RUS", "USA"], by=0.25, when=when)
    for sign, expected in ((1, "supported"), (-1, "not supported")):
        planted = lambda y, s=sign: s * 0.6 * image(y) * (level(y) - raw.mean()) / raw.std()  # noqa: E731
        assert told("image_matters", voted(planted, n=60), **arguments) == expected


def test_what_is_not_observed_is_said_to_be_so():
    found = TESTS["not_observed"](RECORD, needs="a series of permits")
    assert found.probability is None and "a series of permits" in found.evidence and str(date(2024, 8, 4)) in found.evidence


def test_every_test_is_tried_here():
    tried = {*CASES, "turnovers_move", "turnovers_idle", "answers", "rises", "lowest_year", "unrelated", "not_observed"}
    assert tried == set(TESTS)


# --- who governed -------------------------------------------------------------------------------------------------------


def test_groups_follow_party_person_and_year():
    year, who = np.array([1974, 1979, 1992, 2000, 2007]), np.array([seat(y) for y in (1974, 1979, 1992, 2000, 2007)])
    assert claims_cells.members({"party": ["AL"]}, year, who).tolist() == [True, False, False, True, False]
    assert claims_cells.members({"not_party": ["AL"], "years": [1990, 2010]}, year, who).tolist() == [
        False,
        False,
        True,
        False,
        True,
    ]


def test_slack_is_known_for_every_year_of_the_record():
    assert set(range(1972, 2024)) <= set(claims_cells.slack())
    assert all(0.0 < value < 1.0 for value in claims_cells.slack().values())
