"""A record that the posterior has never seen: what counts of it, and that the forecast is the fit's, carried on."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calibration.held_out import unseen
from calibration.held_out.jobs import Settings
from calibration.model.core import Core, Draws
from calibration.observed import Record, load
from sim import library
from sim.errors import InputError

CUT = "2025-12-31"


def later(folder: Path) -> Record:
    """The shipped record, and 2023 over again as if it were 2025."""
    for name in ("votes", "orders", "trade"):
        source = library.data_root() / f"{name}.csv"
        lines = source.read_text(encoding="utf-8").splitlines()
        again = [line.replace("2023,", "2025,", 1) for line in lines if line.startswith("2023,")]
        text = "\n".join(lines + again) + "\n"
        (folder / source.name).write_text(text, encoding="utf-8")
        card = (library.data_root() / f"{name}.card.yaml").read_text(encoding="utf-8")
        old = hashlib.sha256(source.read_bytes()).hexdigest()
        card = card.replace(old, hashlib.sha256(text.encode()).hexdigest()).replace("cut: 2024-08-04", f"cut: {CUT}")
        card = card.replace(f"rows: {len(lines) - 1}", f"rows: {len(lines) - 1 + len(again)}")
        (folder / f"{name}.card.yaml").write_text(card, encoding="utf-8")
    return load(folder)


@pytest.fixture(scope="module")
def record(tmp_path_factory) -> Record:
    return later(tmp_path_factory.mktemp("later"))


def test_only_what_the_shipped_record_lacks_counts(record):
    new = unseen.fresh(record, load())
    assert set(new.votes["year"]) == {2025}
    shipped = load()
    assert new.vote_counts().sum() == shipped.vote_counts()[shipped.votes["year"] == 2023].sum()
    with pytest.raises(InputError, match="holds nothing"):
        unseen.fresh(shipped, shipped)
    votes = dict(shipped.votes)
    votes["yes"] = votes["yes"] + (np.arange(len(votes["yes"])) == 5)
    one = unseen.fresh(replace(shipped, votes=votes), shipped)
    assert one.vote_counts().tolist() == [[0, 0, 1]] and one.votes["year"][0] == shipped.votes["year"][5]


@pytest.fixture(scope="module")
def both(record) -> tuple[Core, Core]:
    return Core(load()), Core(unseen.fresh(record, load()), unseen.beyond(record.cut))


def test_the_fit_is_carried_on_and_only_what_comes_later_is_drawn(both):
    core, wide = both
    assert wide.years[-1] == 2025
    rng = np.random.default_rng(1)
    start = np.concatenate([core.packed.start, np.zeros(core.size - core.packed.size)])
    draws = Draws(start + 0.2 * rng.normal(size=(1, 4, core.size)), core.weights(), {}, core.codings, core.targets)
    on = unseen.carried_on(core, draws, wide, 1)
    for z, own in zip(on.flat, draws.flat, strict=True):
        given = wide.arguments(on.weights, {}, wide.codings, wide.targets)
        stance = wide.steps(wide.board(z, given))["stance"]
        before = core.steps(core.board(own, core.arguments(draws.weights, {}, core.codings, core.targets)))["stance"]
        np.testing.assert_allclose(stance[..., :52], before[..., :52], atol=1e-9)  # to the end of 2023
        assert np.abs(stance[..., -1] - stance[..., 51]).max() > 1e-3


def test_parameters_of_a_posterior_are_turned_back(both):
    core, _ = both
    rng = np.random.default_rng(2)
    z = core.packed.start + 0.3 * rng.normal(size=(5, core.packed.size))
    values = np.stack([core.packed.value(row) for row in z])
    np.testing.assert_allclose(core.packed.real(values), z, atol=1e-9)


@pytest.mark.slow
def test_the_shipped_posterior_and_its_rivals_are_scored(record):
    pytest.importorskip("numpyro")
    found = unseen.score(load(), record, Settings(warmup=20, draws=16))
    assert set(found["series"]) == {"votes", "orders"}
    votes = found["series"]["votes"]
    assert votes["years"] == [2025] and set(votes["log_score"]) >= {"full", "persistence", "autoregression", "system"}
    assert -60 < votes["log_score"]["full"] < 0 and "full less it" in unseen.page(found)


def test_a_posterior_file_is_the_fit_again(both):
    """Its draws as unknowns give the stances that the file holds (which it keeps rounded)."""
    from calibration.posteriors import posterior
    from sim import posterior as artefact

    pytest.importorskip("jax")
    core, _ = both
    draws, held = unseen.from_artefact(core, artefact.read(artefact.shipped())), posterior.read()
    assert draws.z.shape == (1, 1000, core.size)
    given = core.arguments(draws.weights, {}, core.codings, core.targets)
    for i in (0, 500, 999):
        stance = core.steps(core.board(draws.flat[i], given))["stance"]
        kept = held["stance"].values[i].transpose(1, 2, 0)  # power, issue area, year end
        np.testing.assert_allclose(stance, kept[..., 1:], atol=0.03)
