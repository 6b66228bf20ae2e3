"""Stances and contracts through the years of the record, by the registered rules, on NumPy or JAX arrays.

Nothing of the theory is written here: every number comes out of a rule. Years lie on the last axis of every frame (the
one on which the engine lays its runs), so whatever does not rest on the carried state is computed for all years at once.
Two ways lead through the years: :func:`run` steps through them; :func:`run_around`, for samplers, needs no step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import engine
from sim.axes import Array, frame, mean_over, namespace
from sim.codebook import of_kind
from sim.rulebook import RULES, needed

if TYPE_CHECKING:
    from calibration.model.annual import Annual

BEFORE = ("appraise", "perceive", "decide", "act")
"""Phases of a turn before delivery."""

WANTED = ("next_stance", "cooperation", "order_share")
"""What the likelihoods need. Votes and aid are computed there, on the roll calls and the trend of the record."""

RECORDED = {"rivalry": {"rivalry_record"}, "next_commitment": {"scheduled"}}
"""What these rules rest on while the record runs: rivalry is as coded, and no contracts are signed but the dated ones."""

START_YEARS = 5.0
"""Years of luck that the first stances carry: the engine starts from what is desired, a fit leaves room around it."""


def roots(name: str) -> frozenset[str]:
    """What a rule rests on in the end."""
    if name not in RULES:
        return frozenset({name})
    if name in RECORDED:
        return frozenset(RECORDED[name])
    return frozenset().union(*(roots(read) for read in RULES[name].reads))


def tiers() -> tuple[set[str], set[str], set[str]]:
    """Rules by what they wait for: nothing unknown; parameters and images; the state that is carried.

    >>> given, yearly, moving = tiers()
    >>> "threat" in given, "leader_reading" in yearly, "interaction" in moving
    (True, True, True)
    """
    unknown, carried = set(of_kind("parameter", "trait", "shock")), {"stance", "anchor"}
    rules = needed(set(WANTED), set())
    moving = {name for name in rules if roots(name) & carried}
    given = {name for name in rules - moving if not roots(name) & unknown}
    return given, rules - moving - given, moving


def yearly_board(annual: Annual, parameters: dict[str, Array], image: Array) -> dict[str, Array]:
    """Board of frames by year with all that does not rest on the carried state.

    Parameters
    ----------
    annual : the exogenous side
    parameters : a frame for every parameter of the codebook that the rules need
    image : frame of images by year (index)
    """
    board = annual.given | parameters | {"image_of": image, "anchor": parameters["norm"]}
    return engine.evaluate(annual.world, board, BEFORE, tiers()[1])


def run(
    annual: Annual, board: dict[str, Array], luck: Array, start_luck: Array, observed: Array | None = None
) -> dict[str, Array]:
    """Simulate the years one after the other.

    Parameters
    ----------
    annual, board : the exogenous side, and the board of :func:`yearly_board`
    luck : frame of stance shocks by year (standard deviations)
    start_luck : frame of the shock behind the first stances (standard deviations of :data:`START_YEARS` years)
    observed : frame of recorded stances by year (log points), NaN where there is none; each replaces what was expected

    Returns
    -------
    the board with everything computed, ``stance`` at the end of each year, ``expected``: the stance that the year before
    let expect, and ``stance_shock``: the luck
    """
    xp, length = namespace(luck), len(annual.years)
    moving = tiers()[2]
    rules = needed({"next_stance"}, set()) & moving
    board = board | {"luck": luck, "commitment": annual.contracts} | _record(luck, observed)
    by_year = {k: xp.moveaxis(xp.asarray(v), -1, 0)[..., None] for k, v in board.items() if v.shape[-1] == length}
    still = {name: value for name, value in board.items() if name not in by_year}

    def step(stance: Array, now: dict[str, Array]) -> tuple[Array, dict[str, Array]]:
        now = still | now | {"stance": stance, "stance_shock": 0.0 * now["luck"]}
        after = engine.evaluate(annual.world, dict(now), BEFORE, rules)
        expected = alike(annual, after["next_stance"])
        moved = expected + annual.clamp * spread(now) * now["luck"]
        stance = moved + now["known"] * (now["record"] - moved)
        return stance, {"stance": stance, "expected": expected}

    _, path = through_time(step, start(annual, still | {k: v[0] for k, v in by_year.items()}, start_luck), by_year, xp)
    return _deliver(annual, board, {name: xp.moveaxis(value[..., 0], 0, -1) for name, value in path.items()}, luck)


def run_around(
    annual: Annual, board: dict[str, Array], guess: Array, start_luck: Array, observed: Array | None = None
) -> dict[str, Array]:
    """The same model without stepping through it: what a sampler moves is ``guess``, and the luck follows from the rules.

    A path of stances is laid out from ``guess`` as if no state answered another; then all rules are evaluated on that path
    for all years at once, and ``stance_shock`` is the luck that the path needs. Where nothing is coupled the two are equal.
    A path is a shifted and scaled ``guess`` with the same scale as the luck, so that the density of the path under the model
    is the density of ``stance_shock``, with no further factor.

    Parameters and result are those of :func:`run`, with ``guess`` in place of the luck.
    """
    xp, rules = namespace(guess), needed({"next_stance"}, set()) & tiers()[2]
    board = board | {"commitment": annual.contracts, "stance_shock": 0.0 * guess}
    noise, recorded = annual.clamp * spread(board), _record(guess, observed)
    begin = start(annual, {k: v[..., :1] for k, v in board.items()}, start_luck)

    alone = engine.evaluate(annual.world, board | {"stance": board["norm"]}, BEFORE, rules)
    zero, one = frame(0.0, ()), frame(1.0, ())
    kept = rule(board, "next_stance", stance=one, desired=zero)
    added = alike(annual, rule(board, "next_stance", stance=zero, desired=alone["desired"])) + noise * guess
    known = recorded["known"]
    stance = recur((1.0 - known) * kept, added + known * (recorded["record"] - added), begin, xp)

    after = engine.evaluate(annual.world, board | {"stance": before(stance, begin)}, BEFORE, rules)
    expected = alike(annual, after["next_stance"])
    luck = (stance - expected) / xp.where(noise > 0, noise, 1.0)
    return _deliver(annual, board, {"stance": stance, "expected": expected}, luck)


def _deliver(annual: Annual, board: dict[str, Array], path: dict[str, Array], luck: Array) -> dict[str, Array]:
    """The year ends: what stances deliver, and contracts in force when it began (those signed in its course are its record)."""
    board = board | path | {"stance_shock": luck}
    return engine.evaluate(annual.world, board, ("deliver",), tiers()[2])


def rule(board: dict[str, Array], name: str, **changes: Array) -> Array:
    """One rule on whole boards of frames, with some arguments changed. For rules that see no other state's variables."""
    arguments = [argument.name for argument in RULES[name].arguments]
    return RULES[name].function(**{key: changes[key] if key in changes else board[key] for key in arguments})


def before(path: Array, first: Array) -> Array:
    """What held when each year began: the path one year late, (..., year) as it is."""
    xp = namespace(path)
    return xp.concatenate([first + 0.0 * path[..., :1], path[..., :-1]], axis=-1)


def recur(kept: Array, added: Array, first: Array, xp: Any) -> Array:
    """x(t) = kept(t) x(t-1) + added(t), along the last axis of arrays (..., year)."""
    kept, added = xp.broadcast_arrays(kept + 0.0 * added, added)
    given = {"kept": xp.moveaxis(kept, -1, 0), "added": xp.moveaxis(added, -1, 0)}

    def step(x: Array, now: dict[str, Array]) -> tuple[Array, dict[str, Array]]:
        x = now["kept"] * x + now["added"]
        return x, {"x": x}

    return xp.moveaxis(through_time(step, (first + 0.0 * added[..., :1])[..., 0], given, xp)[1]["x"], 0, -1)


def _record(like: Array, observed: Array | None) -> dict[str, Array]:
    """Recorded stances, and 1 where there is one."""
    if observed is None:
        return {"known": np.zeros(like.shape), "record": np.zeros(like.shape)}
    return {"known": np.isfinite(observed) * 1.0, "record": np.nan_to_num(observed)}


def alike(annual: Annual, stance: Array) -> Array:
    """Dyads that move, with one stance for all issue areas where a power acts; frames."""
    power = annual.given["power"]
    return annual.clamp * (stance + power * (mean_over(stance, "issue") - stance))


def start(annual: Annual, first: dict[str, Array], start_luck: Array) -> Array:
    """Stances before the first year, as a frame: what is desired among neutral partners, and luck around it.

    The luck is that of rule R13 over :data:`START_YEARS` years that keep to what is desired.
    """
    rules = needed({"desired"}, set()) & tiers()[2]
    board = engine.evaluate(annual.world, first | {"stance": first["norm"]}, ("appraise", "perceive", "decide"), rules)
    luck = spread(first | {"step": frame(START_YEARS, ())}) * start_luck
    return alike(annual, board["desired"]) + annual.clamp * luck


def spread(board: dict[str, Array]) -> Array:
    """Standard deviation of a year's luck in a stance (frame, log points): rule R13 with one unit of luck alone."""
    zero = frame(0.0, ())
    return rule(board, "next_stance", stance=zero, desired=zero, stance_shock=frame(1.0, ()))


def through_time(step: Callable[..., Any], first: Any, given: dict[str, Array], xp: Any) -> tuple[Any, Any]:
    """Carry a state through the years: a loop on NumPy, ``lax.scan`` on JAX. Arrays of ``given`` have years first."""
    if xp is not np:
        from jax import lax

        return lax.scan(step, first, given)
    rows, carried = [], first
    for t in range(len(next(iter(given.values())))):
        carried, row = step(carried, {name: value[t] for name, value in given.items()})
        rows.append(row)
    return carried, {name: np.stack([row[name] for row in rows]) for name in rows[0]}
