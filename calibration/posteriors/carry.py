"""Where all states stood at chosen moments of the past, for every draw of a posterior.

The yearly fit ends with Bangladesh's dyads at the ends of years; the powers stand at their norm toward each other. A
simulation that begins in 1975 or 2024 needs all dyads, at the quarter where the worlds part. This file replays the quarters
since 1972 with the rules of :mod:`sim`, each draw with its own parameters, images and luck, holds what was fitted to its
fitted path, and keeps the stances at the moments where counterfactuals branch off.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calibration import observed
from sim import engine, quarters
from sim.axes import frame
from sim.files import replacing
from sim.posterior import BLANK, SEED, Posterior, parse, sealed
from sim.rulebook import needed
from sim.rules.turn import CARRIED
from sim.scenario import read_scenario
from sim.world import World

HOME = "BGD"
STEPS = {"world_stance": 0.0005, "stance": 0.0005, "luck": 0.002}
"""Steps in which stances (log points) and luck (standard deviations) are stored: far below what is known of them."""
MOMENTS = (
    ("1971Q4", "1975Q1", "1980Q4", "1990Q2", "1995Q4", "2001Q1", "2006Q3", "2008Q3", "2021Q3", "2024Q1", "2024Q2")
)  # fmt: skip
"""The beginning; half a year before the turnovers of 1975, 1981, 1990, 1996, 2001, 2007, 2009 and 2024 and the war of 2022, so
that the last quarter of the old world can be recorded; the end of the record."""


def carry(
    learned: Posterior, path: NDArray[np.float64], moments: tuple[str, ...], powers: tuple[str, ...], issues: tuple[str, ...]
) -> NDArray[np.float64]:
    """Replay the record for every draw.

    Parameters
    ----------
    learned : the draws; their ``stances`` are not used
    path : (draw, moment, power, issue) fitted stances of Bangladesh, in log points
    moments : quarters at whose end they hold, in order; between two of them the path is straight
    powers, issues : labels of the last two axes

    Returns
    -------
    (draw, MOMENTS, state, partner, issue) stances in log points
    """
    scenario = replace(read_scenario("history", settings={"posterior": "none"}), posterior=learned)
    world, runs = World(scenario, SEED), range(learned.size)
    order, wanted = learned.draws(SEED, runs), [quarters.quarter(text) for text in MOMENTS]
    rules = needed({f"next_{name}" for name in CARRIED}, set())
    constants = world.fixed | world.parameters(runs)
    carried = engine.start(world, runs, constants)
    held = _held(world, path[order], [quarters.quarter(text) for text in moments], powers, issues)
    carried["stance"] = held(world.span[0] - 1, carried["stance"])
    kept = {world.span[0] - 1: carried["stance"]}
    for t, quarter in enumerate(world.span):
        board = constants | carried | engine.inputs_at(world, t) | world.traits(quarter, runs)
        board = engine.turn(world, board | {"stance_shock": world.shock("stance_shock", quarter, runs)}, rules)
        carried = {name: board[name] for name in CARRIED}
        carried["stance"] = held(quarter, carried["stance"])
        if quarter in wanted:
            kept[quarter] = carried["stance"]
    out = np.empty((learned.size, len(wanted), *(world.lengths[a] for a in ("state", "partner", "issue"))))
    for at, quarter in enumerate(wanted):
        out[order, at] = np.moveaxis(kept[quarter].squeeze(axis=(2, 4, 5)), -1, 0)
    return out


def _held(world: World, path: NDArray[np.float64], moments: list[int], powers: tuple[str, ...], issues: tuple[str, ...]):
    """A function (quarter, stances) -> stances with what was fitted in place of what was simulated."""
    states, areas = world.labels["state"], world.labels["issue"]
    rows, columns = [states.index(p) for p in powers], [areas.index(k) for k in issues]
    fitted = np.full((len(states), len(states), len(areas), len(path)), np.nan)

    def hold(quarter: int, stance: NDArray[np.float64]) -> NDArray[np.float64]:
        after = int(np.clip(np.searchsorted(moments, quarter), 1, len(moments) - 1))
        share = np.clip((quarter - moments[after - 1]) / (moments[after] - moments[after - 1]), 0.0, 1.0)
        now = (1 - share) * path[:, after - 1] + share * path[:, after]
        fitted[states.index(HOME)][np.ix_(rows, columns)] = np.moveaxis(now, 0, -1)
        known = frame(fitted, ("state", "partner", "issue", "run"))
        return np.where(np.isnan(known), stance, known)

    return hold


def complete(begun: Path, path: Path) -> None:
    """Write an artefact with the stances of all dyads at :data:`MOMENTS`, and with the checksum that makes it one to draw from.

    Parameters
    ----------
    begun : as :func:`calibration.posteriors.posterior.write` left it; what it says of Bangladesh's dyads stays; then removed
    path : of the whole artefact, which is there only once it is whole
    """
    import xarray

    with xarray.open_dataset(begun, engine="scipy") as opened:
        held = opened.load()
    learned = parse(begun.read_bytes(), begun)
    ends, areas = [str(x) for x in held["year_end"].values], [str(x) for x in held["learned_issue"].values]
    recorded = _with_trade(held["stance"].values.astype(float), ends)
    stances = carry(learned, recorded, tuple(ends), learned.powers, (*areas, TRADE))
    home = learned.states.index(HOME)
    for at, moment in enumerate(quarters.quarter(text) for text in MOMENTS):
        if moment in learned.moments:
            fitted = learned.stances[:, learned.moments.index(moment)]
            stances[:, at, home], stances[:, at, :, home] = fitted[:, home], fitted[:, :, home]
    kept = held.drop_vars(["world_stance", "moment"])
    dims = ("draw", "moment", "state", "partner", "issue")
    whole = kept.assign(world_stance=(dims, stances.astype(np.float32))).assign_coords(moment=np.array(MOMENTS))
    whole.attrs["sha256"] = BLANK
    encoding = {name: {"dtype": "int16", "scale_factor": step, "_FillValue": -32768} for name, step in STEPS.items()}
    with replacing(path) as partial:
        whole.to_netcdf(partial, engine="scipy", format="NETCDF3_CLASSIC", encoding=encoding)
        partial.write_bytes(sealed(partial.read_bytes()))
    begun.unlink()


TRADE = "trade"


def _with_trade(path: NDArray[np.float64], ends: list[str]) -> NDArray[np.float64]:
    """The path with recorded log shares of trade as a last issue area; NaN in years without."""
    years, shares = observed.load().trade_shares()
    at = {f"{year}Q4": row for year, row in zip(years, shares, strict=True)}
    nothing = np.full(path.shape[2], np.nan)
    trade = np.broadcast_to(np.array([at.get(end, nothing) for end in ends]), path.shape[:3])
    return np.concatenate([path, trade[..., None]], axis=-1)
