"""The shipped scenarios hold together, and layers lie on each other as the coder's manual says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim import consistency, library, priors, provenance, quarters
from sim.codebook import codebook
from sim.errors import InputError
from sim.scenario import Scenario, read_scenario, read_scenario_content
from sim.world import World

NAMES = library.scenario_names()
OVERLAYS = [n for n in NAMES if library.read(f"{n}.yaml").content.get("overlay")]
WHOLE = [n for n in NAMES if n not in OVERLAYS]


def own(name: str) -> dict:
    """What the file of a scenario itself says."""
    return library.read(f"{name}.yaml").content


# --- what is shipped -------------------------------------------------------------------------------------------------


def test_there_are_scenarios_and_overlays():
    assert len(WHOLE) >= 10 and len(OVERLAYS) >= 8
    assert {"history", "baseline", "bnp_government"} <= set(WHOLE)


@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_resolves_and_says_what_it_asks(name):
    scenario = read_scenario(name)
    assert scenario.name == name, "a scenario is called like its file"
    assert scenario.states == ("BGD", "RUS", "IND", "CHN", "USA")
    assert scenario.issues == ("diplomacy", "defence", "energy", "trade", "aid", "people")
    assert own(name)["question"].strip().endswith("?")
    assert len(own(name)["differs"]) > 20
    assert name == "history" or own(name)["sources"], "a scenario says what it rests on"
    assert scenario.assumptions or name == "history"


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("baseline", "history", "bnp_government")])
def test_every_scenario_differs_from_what_it_is_based_on(name):
    """Not in words only: something that the model reads is different."""
    scenario, base = read_scenario(name), read_scenario(own(name)["based_on"])
    different = [
        key
        for key in ("seats", "events", "contracts", "cancelled", "delayed", "inputs", "parameters", "off", "until", "start")
        if getattr(scenario, key) != getattr(base, key)
    ]
    assert different, f"{name} is the same as {base.name}"
    assert scenario.question != base.question


@pytest.mark.parametrize("name", NAMES)
def test_every_number_carries_a_source(name):
    scenario = read_scenario(name)
    cards = library.sources()
    references = list(scenario.sources)
    for entry in provenance.trait_entries(scenario):
        assert entry.range[0] <= entry.value <= entry.range[1]
        references += entry.sources
    for event in scenario.events.values():
        references += event.sources
        for change in event.changes:
            assert change.range is not None, f"{event.label}: a change without a range"
    for contract in scenario.contracts.values():
        references += contract.sources
    for state, entries in (own(name).get("seats") or {}).items():
        for seat in entries:
            assert seat["sources"], f"{name}: nobody says how we know who leads {state} from {seat['from']}"
            references += seat["sources"]
    assert {library.source_key(str(r)) for r in references} <= set(cards)
    assert set(provenance.sources_used(scenario)) <= set(cards)


@pytest.mark.parametrize("name", NAMES)
def test_every_leader_has_an_image_of_every_other_state(name):
    scenario = read_scenario(name)
    for state, held in scenario.seats.items():
        for _, slug in held:
            seen = {library.state_code(partner) for partner in scenario.leaders[slug].traits.image_of}
            assert seen == set(scenario.states) - {state}, f"{slug} of {name}"


@pytest.mark.parametrize("name", NAMES)
def test_somebody_leads_every_state_on_every_day(name):
    scenario = read_scenario(name)
    assert set(scenario.seats) == set(scenario.states)
    for state in scenario.states:
        assert scenario.leader_on(state, quarters.first_day(scenario.spin_up_from))
        for since, slug in scenario.seats[state]:
            first = min(e.from_ for _, _, entries in scenario.leaders[slug].traits.each() for e in entries)
            assert first <= since, f"{slug} takes office on {since}, the coding begins on {first}"


@pytest.mark.parametrize("name", [*NAMES, "jamaat_led+sanctions_tighten+rooppur_delay"])
def test_a_resolved_scenario_runs_again_as_it_is(name, tmp_path):
    scenario = read_scenario(name)
    path = tmp_path / "scenario.yaml"
    path.write_text(scenario.text, encoding="utf-8")
    again = read_scenario(path)
    assert again.text == scenario.text
    assert provenance.run_id(again, 100, 1, "ensemble") == provenance.run_id(scenario, 100, 1, "ensemble")
    for key in ("seats", "leaders", "events", "contracts", "cancelled", "delayed", "inputs", "parameters", "off"):
        assert getattr(again, key) == getattr(scenario, key), key
    assert (again.start, again.until, again.spin_up_from) == (scenario.start, scenario.until, scenario.spin_up_from)
    assert set(scenario.sources) == set(again.sources)


def test_reading_leaves_no_trace():
    """The same name read twice is the same scenario, whatever was read or set in between."""
    before = read_scenario("bnp_government").text
    read_scenario("bnp_government+sanctions_tighten", settings={"leaders.tarique_rahman.traits.image_of.russia": 0.9})
    assert read_scenario("bnp_government").text == before


def test_a_change_changes_the_id():
    plain = read_scenario("bnp_government")
    ids = {
        provenance.run_id(plain, *rest) for rest in ((9, 1, "ensemble"), (8, 1, "ensemble"), (9, 2, "ensemble"), (9, 1, "mesa"))
    }
    changed = read_scenario("bnp_government", settings={"parameters.coercion_weight": 0.5})
    assert len(ids | {provenance.run_id(changed, 9, 1, "ensemble")}) == 5


# --- layers ----------------------------------------------------------------------------------------------------------


def write(folder, text: str, name: str = "child") -> Scenario:
    path = folder / f"{name}.yaml"
    path.write_text(f"name: {name}\ntitle: A test\nbased_on: baseline\n" + text, encoding="utf-8")
    return read_scenario(path)


def test_seats_of_the_child_replace_those_of_its_base_from_its_first_day_on(tmp_path):
    base = read_scenario("baseline").seats["BGD"]
    child = write(tmp_path, "seats:\n  BGD:\n    - {leader: sheikh_hasina, from: 2024-08-09}\n").seats
    assert child["BGD"] == (*[seat for seat in base if seat[0] < date(2024, 8, 9)], (date(2024, 8, 9), "sheikh_hasina"))
    assert child["USA"] == read_scenario("baseline").seats["USA"]


def test_events_sources_and_assumptions_add_up(tmp_path):
    child = write(tmp_path, "events: [ukraine_settlement, july_uprising]\nassumptions: [One more.]\n")
    base = read_scenario("baseline")
    assert list(child.events) == [*base.events, "ukraine_settlement"]
    assert child.assumptions == (*base.assumptions, "One more.")


def test_maps_merge_key_by_key(tmp_path):
    write(
        tmp_path,
        "parameters: {leader_gain: {defence: 0.5, aid: 0.25}, coercion_weight: 1}\nswitches: {chance: off}\n"
        'inputs: {dependence: {"BGD>USA": {2027Q1: 0.3}, "BGD>CHN": {2027Q1: 0.2}}}\n',
        "middle",
    )
    top = tmp_path / "top.yaml"
    top.write_text(
        "name: top\ntitle: T\nbased_on: middle.yaml\n"
        "parameters: {leader_gain: {aid: 0.75}}\nswitches: {chance: on, leader: off}\n"
        'inputs: {dependence: {"BGD>USA": {2028Q1: 0.4}}}\n'
    )
    scenario = read_scenario(top)
    assert scenario.parameters == {"leader_gain": {"defence": 0.5, "aid": 0.75}, "coercion_weight": 1}
    assert scenario.off == {"leader"}
    assert scenario.inputs["dependence"] == {"BGD>USA": {"2027Q1": 0.3, "2028Q1": 0.4}, "BGD>CHN": {"2027Q1": 0.2}}
    assert scenario.chain == ("top", "middle", "baseline", "history")


def test_a_child_does_not_inherit_what_its_base_says_of_itself(tmp_path):
    child = write(tmp_path, "question: Mine?\n")
    assert (child.question, child.differs) == ("Mine?", "")


def test_an_overlay_runs_on_its_own_base_and_on_any_other():
    alone, laid = read_scenario("sanctions_tighten"), read_scenario("jamaat_led+sanctions_tighten")
    assert alone.chain[0] == "sanctions_tighten" and own("sanctions_tighten")["based_on"] in alone.chain
    assert laid.name == "jamaat_led+sanctions_tighten"
    assert laid.seats == read_scenario("jamaat_led").seats
    assert "sanctions_tighten" in laid.events and "sanctions_tighten" not in read_scenario("jamaat_led").events
    assert laid.title == f"{read_scenario('jamaat_led').title}; {own('sanctions_tighten')['title']}"


def test_the_order_of_overlays_does_not_change_the_world():
    one = read_scenario("bnp_government+sanctions_tighten+rooppur_delay")
    two = read_scenario("bnp_government+rooppur_delay+sanctions_tighten")
    assert set(one.events) == set(two.events) and one.delayed == two.delayed and one.seats == two.seats


def test_a_bare_number_for_a_trait_keeps_the_width_and_says_whose_it_is():
    path = "leaders.tarique_rahman.traits.image_of.RUS"
    entry = read_scenario("bnp_government").leaders["tarique_rahman"].traits.image_of["russia"][-1]
    moved = read_scenario("bnp_government", settings={path: 0.5}).leaders["tarique_rahman"].traits.image_of["russia"]
    assert len(moved) == 1 and moved[0].value == 0.5
    assert moved[0].range[1] - moved[0].range[0] == pytest.approx(entry.range[1] - entry.range[0])
    assert (moved[0].basis, moved[0].sources) == ("assumption", ["set_by_user"])
    edge = read_scenario("bnp_government", settings={path: 1.0}).leaders["tarique_rahman"].traits.image_of["russia"]
    assert edge[0].range[1] == 1.0


def test_an_own_leader_can_be_seated(tmp_path):
    """A leader written out in the scenario file itself: whole, checked, and in office."""
    raw = read_scenario("bnp_government").raw
    raw["leaders"]["somebody"] = {**raw["leaders"]["tarique_rahman"], "name": "Somebody"}
    raw["seats"]["BGD"][-1]["leader"] = "somebody"
    assert read_scenario_content(raw, "test").leader_on("BGD", date(2030, 1, 1)) == "somebody"


# --- inputs and the past ---------------------------------------------------------------------------------------------

SHORT = {"spin_up_from": "2025Q1", "until": "2028Q4"}


def series(inputs: dict) -> dict[str, np.ndarray]:
    return World(read_scenario("bnp_government", settings={**SHORT, "inputs": inputs}), 1).series


@pytest.mark.parametrize(
    ("name", "key", "place"),
    [
        ("demand", "BGD>USA:energy", (0, 4, 0, 2)),
        ("hostility", "RUS-BGD", (0, 1, 0, 0)),
        ("hostility", "BGD-RUS", (1, 0, 0, 0)),
        ("dependence", "bangladesh>united_states", (0, 4, 0, 0)),
        ("capacity", "RUS:energy", (1, 0, 0, 2)),
        ("price", "energy", (0, 0, 0, 2)),
        ("veto", "IND", (2, 0, 0, 0)),
        ("risk", "world", (0, 0, 0, 0)),
    ],
)
def test_a_change_of_an_input_holds_from_its_date_and_leaves_the_past_alone(name, key, place):
    before, after = series({})[name], series({name: {key: {"2027Q1": 0.77}}})[name]
    changed = quarters.quarter("2027Q1") - quarters.quarter("2025Q1")
    assert np.array_equal(after[:changed], before[:changed])
    assert (after[(slice(changed, None), *place)] == 0.77).all()
    others = after != before
    assert others.sum() == (after.shape[0] - changed) * (2 if name == "hostility" else 1)


def test_a_bare_number_holds_always():
    assert (series({"dependence": {"BGD>USA": 0.4}})["dependence"][:, 0, 4] == 0.4).all()


def test_an_event_after_the_last_quarter_is_refused_only_if_it_would_do_something():
    with pytest.raises(InputError, match="could have no effect"):
        read_scenario("ukraine_settlement", until="2026Q4")
    assert "us_tariffs_2025" in read_scenario("baseline", settings={"start": "2024Q1", "until": "2024Q4"}).events


def test_only_who_leads_from_the_first_simulated_day_on_is_carried_along():
    """Whoever left office before has no part in the run: not in the resolved file, the references or the id."""
    scenario = read_scenario("bnp_government", settings={"spin_up_from": "2025Q1"})
    assert [slug for _, slug in scenario.seats["BGD"]] == ["muhammad_yunus", "tarique_rahman"]
    assert [slug for _, slug in scenario.seats["USA"]] == ["joe_biden", "donald_trump", "united_states_successor"]
    assert "mao_zedong" not in scenario.text and "xi_jinping" in scenario.text
    assert "mao_zedong" in read_scenario("history").leaders
    short = read_scenario("bnp_government", until="2026Q4")
    assert "united_states_successor" in short.leaders, "a later rerun with another --until needs who comes next"
    assert "United States" not in {leader.name for leader in provenance.seated(short) if "successor" in leader.name.lower()}


# --- content that somebody changed -------------------------------------------------------------------------------------


def test_a_run_refuses_a_changed_agenda_as_the_check_does(monkeypatch):
    entry = library.agenda()["ukraine_withdrawal"]
    votes = {code: vote for code, vote in entry.value.votes.items() if code != "CHN"}
    changed = replace(entry, value=entry.value.model_copy(update={"votes": votes}))
    monkeypatch.setattr(library, "agenda", lambda: {"ukraine_withdrawal": changed})
    consistency.check_agenda.cache_clear()
    with pytest.raises(InputError, match="the vote of CHN is missing"):
        read_scenario("baseline")
    monkeypatch.undo()
    consistency.check_agenda()


def test_two_states_with_one_code_are_named_with_both_files(monkeypatch, tmp_path):
    (tmp_path / "states").mkdir()
    for name in ("russia", "soviet_union"):
        text = (library.root() / "states" / "russia.yaml").read_text(encoding="utf-8")
        (tmp_path / "states" / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(library, "root", lambda: tmp_path)
    with pytest.raises(InputError) as caught:
        library.states.__wrapped__()
    assert "the code RUS stands twice (first at" in caught.value.what and "russia.yaml" in caught.value.what
    assert "soviet_union.yaml:" in caught.value.where


def test_judgements_of_experts_are_as_wide_as_the_manual_asks():
    assert "at least 0.3 from end to end" in (library.root() / "README.md").read_text(encoding="utf-8")
    for slug, entry in library.leaders().items():
        for label, _, codings in entry.value.traits.each():
            for coding in (c for c in codings if c.basis == "expert"):
                assert coding.range[1] - coding.range[0] >= 0.3 - 1e-9, f"{slug} {label} {coding.from_}"


def test_no_law_draws_what_a_parameter_cannot_be():
    """The prior of yes_gap reaches above its range in three of a hundred draws; they count as its end."""
    drawn = priors.draw(read_scenario("baseline", settings={"posterior": "none"}), 1, range(5000))
    for name, values in drawn.items():
        low, high = codebook()[name].range
        assert low <= values.min() and values.max() <= high, name
    assert drawn["yes_gap"].max() == codebook()["yes_gap"].range[1]
