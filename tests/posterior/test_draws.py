"""Draws of a posterior in simulation: taken jointly, the same for everybody, refused where they do not fit."""

import numpy as np
import pytest

from sim import priors, provenance
from sim.agents import StateSystem
from sim.engine import simulate
from sim.errors import InputError
from sim.posterior import find, parse, read
from sim.scenario import read_scenario
from sim.world import World
from tests.posterior.planted import POWERS, SIZE, content, quarter, write


@pytest.fixture
def path(tmp_path):
    return write(tmp_path)


def world(path, seed=1, **settings):
    return World(read_scenario("bnp_government", settings={"posterior": str(path), "until": "2027Q1", **settings}), seed)


def test_a_run_takes_everything_from_one_draw(path):
    planted, runs = content(), range(3 * SIZE)
    w = world(path)
    draw = w.scenario.posterior.draws(1, runs)
    found = w.parameters(runs)
    assert sorted(set(draw.tolist())) == list(range(SIZE))
    np.testing.assert_array_equal(
        found["leader_gain"][0, 0, 0, 0, 0, 0], planted["site.leader_gain.small.diplomacy"].values[draw]
    )
    for j, power in enumerate(POWERS):
        column = w.labels["partner"].index(power)
        np.testing.assert_array_equal(
            found["norm"][0, column, 0, 0, 0, 0], planted["site.norm.small.diplomacy"].values[draw, j]
        )
    np.testing.assert_allclose(w.standing(runs)[0, 1, 0, 0, 0, 0], draw / 100)


def test_what_was_not_learned_belongs_to_the_draw_and_luck_to_the_run(path):
    w, runs = world(path), range(2 * SIZE)
    found = w.parameters(runs)
    for name in ("omnibalancing", "reciprocity", "lock_in"):
        values = found[name].reshape(-1, 2 * SIZE)
        np.testing.assert_array_equal(values[:, :SIZE], values[:, SIZE:])
        assert len(np.unique(values[0])) == SIZE
    luck = w.shock("stance_shock", quarter("2025Q1"), runs)[0, 1, 0, 0, 0, 0]
    assert len(np.unique(luck)) == 2 * SIZE


def test_a_power_has_no_gain_of_a_small_state(path):
    found = world(path).parameters(range(SIZE))["leader_gain"]
    assert not np.array_equal(found[1, 0, 0, 0, 0, 0], found[0, 0, 0, 0, 0, 0])


def test_images_come_from_the_draw(path):
    w, runs = world(path), range(SIZE)
    image = w.traits(quarter("2026Q4"), runs)["image_of"][0, 1, 0, 0, 0, 0]
    luck = content()["image"].values[w.scenario.posterior.draws(1, runs), 0]
    assert (np.argsort(image) == np.argsort(luck)).mean() > 0.9  # equal but where the scale ends


def test_simulation_begins_where_the_states_stood(path):
    """With stances that never move, what the draws say of 2024Q2 is what the run shows in 2026."""
    w = world(path, **{"parameters.adjustment_rate": 0, "parameters.volatility": 0})
    stance = simulate(w, range(SIZE), ("stance",))["stance"]
    expected = np.where(np.eye(5)[:, :, None, None] == 1, 0.0, w.scenario.posterior.draws(1, range(SIZE)) / 100)
    np.testing.assert_allclose(stance[-1], np.broadcast_to(expected, stance[-1].shape))


@pytest.mark.parametrize(
    ("asked", "begins"), [("2009Q1", "2024Q3"), ("2024Q3", "2024Q3"), ("2024Q4", "2024Q4"), ("2026Q1", "2026Q1")]
)
def test_the_first_quarter_follows_the_last_known_moment(path, asked, begins):
    assert world(path, spin_up_from=asked).span[0] == quarter(begins)


def test_a_moment_in_the_past_begins_a_counterfactual(path):
    w = world(path, start="2009Q1", until="2010Q4")
    assert w.span[0] == quarter("2009Q1")
    assert np.isfinite(w.standing(range(2))).all()


def test_a_state_that_the_record_does_not_know_starts_as_without_a_posterior(path):
    learned = read(path)
    held = learned.standing(quarter("2024Q3"), ("BGD", "RUS", "NEW"), ("diplomacy",))
    assert np.isfinite(held[:2, :2]).all() and np.isnan(held[2]).all() and np.isnan(held[:, 2]).all()


def test_chunks_and_size_never_change_a_run(path):
    names = ("stance", "vote", "orders")
    w = world(path)
    whole = simulate(w, range(70), names)
    for part in (range(7), range(33, 50)):
        for name, values in simulate(w, part, names).items():
            np.testing.assert_array_equal(values, whole[name][..., part.start : part.stop])


def test_the_mesa_twin_is_equal(path):
    w, names = world(path, seed=3), ("stance", "commitment", "act_done")
    rows = simulate(w, range(12), names)
    twin = StateSystem(w, 11).simulate(names)
    for name in names:
        np.testing.assert_array_equal(twin[name][..., 0], rows[name][..., 11])


def test_every_output_says_where_its_parameters_come_from(path):
    learned, assumed = world(path).scenario, world("none").scenario
    assert assumed.posterior is None and priors.label(assumed) == "prior, not yet calibrated"
    assert "posterior planted" in priors.label(learned) and "2024-08-04" in priors.label(learned)
    assert provenance.run_id(learned, 10, 1, "ensemble") != provenance.run_id(assumed, 10, 1, "ensemble")


def test_other_rules_are_refused(tmp_path):
    made = content()
    made.attrs["rules"] = "0" * 64
    with pytest.raises(InputError, match="fitted with other rules") as caught:
        read(write(tmp_path, made))
    assert "padma calibrate" in caught.value.how


def test_what_is_no_posterior_is_refused(tmp_path):
    for name, bytes_ in (("empty.nc", b""), ("text.nc", b"leader_gain: 1\n"), ("cut.nc", write(tmp_path).read_bytes()[:100])):
        (tmp_path / name).write_bytes(bytes_)
        with pytest.raises(InputError, match="not a posterior of padma"):
            read(tmp_path / name)
    broken = content()
    broken["site.share_mix"][3] = np.nan
    (tmp_path / "again").mkdir()
    with pytest.raises(InputError, match="not a posterior of padma"):
        read(write(tmp_path / "again", broken))


@pytest.mark.parametrize("kept", [slice(0, -1), slice(0, -4), slice(0, 3000)])
def test_a_posterior_cut_short_is_refused_be_it_by_one_byte(kept, path, tmp_path):
    cut = tmp_path / "cut.nc"
    cut.write_bytes(path.read_bytes()[kept])
    with pytest.raises(InputError, match="not as padma wrote it") as caught:
        read(cut)
    assert "its checksum does not agree" in caught.value.why and str(cut) in caught.value.where


def test_one_bit_anywhere_in_a_posterior_is_noticed(path, tmp_path):
    whole = path.read_bytes()
    rng = np.random.default_rng(5)
    for at in (*rng.integers(0, len(whole), 60), len(whole) - 1, len(whole) // 2):
        held = bytearray(whole)
        held[at] ^= 1 << rng.integers(8)
        spoilt = tmp_path / f"{at}.nc"
        spoilt.write_bytes(held)
        with pytest.raises(InputError, match=r"not as padma wrote it|not a posterior of padma"):
            read(spoilt)
    longer = tmp_path / "longer.nc"
    longer.write_bytes(whole + b"\0")
    with pytest.raises(InputError, match="not as padma wrote it"):
        read(longer)


def test_what_the_fit_has_only_begun_is_no_posterior(tmp_path):
    """Without its checksum, which the last step writes, nothing draws from a file, though all else is there."""
    begun = tmp_path / "posterior.begun"
    content().to_netcdf(begun, engine="scipy")
    assert parse(begun.read_bytes(), begun).size == SIZE
    with pytest.raises(InputError, match="not a posterior of padma") as caught:
        read(begun)
    assert "does not carry the checksum" in caught.value.why


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(InputError, match="no posterior 'shiped'") as caught:
        find("shiped")
    assert "shipped" in caught.value.how


def test_luck_of_the_record_adds_up_to_its_year_and_luck_of_the_rest_stays(path):
    from sim.abduction import weights

    settings = {"start": "2023Q1", "until": "2024Q4", "spin_up_from": "2022Q4", "parameters.veto_effect": 0}
    drawn, kept = world(path, **settings), world(path, luck="record", **settings)
    runs = range(SIZE)
    learned = kept.scenario.posterior
    home, partner = kept.labels["state"].index("BGD"), kept.labels["state"].index("IND")
    pace = kept.parameters(runs)["adjustment_rate"][home, 0, 0, 0, 0, 0]
    for year, count in ((2023, 4), (2024, 2)):
        luck = [kept.shock("stance_shock", 4 * year + q, runs) for q in range(4)]
        mine = [found[home, partner, 0, 0, 0, 0] for found in luck[:count]]
        total = (weights(pace, count) * np.stack(mine)).sum(axis=0)
        told = learned.luck[learned.draws(1, runs), learned.luck_years.index(year), POWERS.index("IND"), 0]
        np.testing.assert_allclose(total, told, atol=1e-12)
        for q in range(4):
            other = drawn.shock("stance_shock", 4 * year + q, runs)
            free = np.ones(other.shape, bool)
            if q < count:
                free[home, 1:, 0, 0] = False
            np.testing.assert_array_equal(luck[q][free], other[free])
