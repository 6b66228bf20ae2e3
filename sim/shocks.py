"""Where chance comes from: every draw is a pure function of (seed, channel, names, quarter, run).

Floor 1. A counter-based generator (Philox; Salmon et al. 2011) is addressed by names and position instead of being
advanced, so any run can be drawn alone, in any chunk, on any worker. More runs, more quarters, another chunk size,
another order of states or a sixth state never change an earlier draw, and two scenarios share every draw they have in
common: that is what pairs counterfactuals.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_SEED = 2**63 - 1
Floats = NDArray[np.float64]
_LOCAL = threading.local()
_EMPTY = (0, 0, 0, 0)
_UNUSED = np.uint64(12)


def key(seed: int, channel: str, *names: str) -> NDArray[np.uint64]:
    """The two words that address a stream of draws.

    Parameters
    ----------
    seed : 0 to ``MAX_SEED``
    channel : what kind of chance, a shock of the codebook or ``parameter``, ``trait``
    names : who it happens to: states, issue area, leader, parameter

    Returns
    -------
    array (2,): a hash, so that streams of different names have nothing in common
    """
    text = "\x1f".join((str(seed), channel, *names)).encode()
    return np.frombuffer(blake2b(text, digest_size=16).digest(), dtype=np.uint64)


def uniform(address: NDArray[np.uint64], position: int, runs: range) -> Floats:
    """Uniform draws in the open interval (0, 1) for consecutive runs.

    Parameters
    ----------
    address : from :func:`key`
    position : the quarter (or 0 for draws made once per run), counted absolutely
    runs : consecutive run numbers

    Returns
    -------
    array (run,)

    >>> a = uniform(key(1, "demo"), 0, range(0, 100))
    >>> bool((uniform(key(1, "demo"), 0, range(37, 41)) == a[37:41]).all())
    True
    """
    one: Floats = uniforms([address], position, runs)[0]
    return one


def uniforms(addresses: Sequence[NDArray[np.uint64]], position: int, runs: range) -> Floats:
    """As :func:`uniform`, for several addresses at once.

    Returns
    -------
    array (address, run)
    """
    block, offset = divmod(runs.start, 4)
    filled = getattr(_LOCAL, "filler", None)
    if filled is not None:
        drawn = np.empty((len(addresses), 4 * ((offset + len(runs) + 3) // 4)))
        filled(np.ascontiguousarray(addresses), block, position, drawn)
        return drawn[:, offset : offset + len(runs)]
    generator = _generator()
    place: dict[str, Any] = {"counter": (block, position, 0, 0)}
    state = {"bit_generator": "Philox", "state": place, "buffer": _EMPTY, "buffer_pos": 4, "has_uint32": 0, "uinteger": 0}
    drawn = np.empty((len(addresses), len(runs)))
    for row, address in zip(drawn, addresses, strict=True):
        place["key"] = address.tolist()
        generator.state = state
        np.right_shift(generator.random_raw(offset + len(runs))[offset:], _UNUSED, out=row.view(np.uint64))
    # 52 bits: the half is exact, so 1.0 never comes
    drawn[...] = drawn.view(np.uint64)
    drawn += 0.5
    drawn *= 2.0**-52
    return drawn


Filler = Callable[[Any, int, int, Floats], None]
"""Fills an array (address, run) with uniform draws: (addresses, first block of four runs, position, array)."""

FILLER_IN_C = """
#include <stdint.h>
void fill(const uint64_t *keys, int64_t addresses, uint64_t first, uint64_t position, int64_t blocks, double *out) {
    for (int64_t a = 0; a < addresses; a++)
        for (int64_t b = 0; b < blocks; b++, out += 4) {
            uint64_t w[4] = {first + (uint64_t)b + 1, position, 0, 0}, k0 = keys[2 * a], k1 = keys[2 * a + 1];
            for (int round = 0; round < 10; round++) {
                unsigned __int128 p = (unsigned __int128)0xD2E7470EE14C6C93ULL * w[0];
                unsigned __int128 q = (unsigned __int128)0xCA5A826395121157ULL * w[2];
                w[0] = (uint64_t)(q >> 64) ^ w[1] ^ k0, w[1] = (uint64_t)q;
                w[2] = (uint64_t)(p >> 64) ^ w[3] ^ k1, w[3] = (uint64_t)p;
                k0 += 0x9E3779B97F4A7C15ULL, k1 += 0xBB67AE8584CAA73BULL;
            }
            for (int i = 0; i < 4; i++) out[i] = ((double)(w[i] >> 12) + 0.5) * 0x1p-52;
        }
}
"""
"""The same generator (Philox 4x64, ten rounds) for whoever compiles: whole numbers, so the same draws to the last bit."""


@contextmanager
def filled_by(filler: Filler) -> Iterator[None]:
    """Within it, this thread's draws are made by another, faster program that gives the same numbers."""
    before = getattr(_LOCAL, "filler", None)
    _LOCAL.filler = filler
    try:
        yield
    finally:
        _LOCAL.filler = before


def _generator() -> Any:
    """This thread's Philox. Addressing one is four times as fast as making one; its own state never matters."""
    if not hasattr(_LOCAL, "philox"):
        _LOCAL.philox = np.random.Philox(0)
    return _LOCAL.philox


def normal(u: Floats) -> Floats:
    """Standard normal draws from uniform ones (inverse CDF).

    >>> float(normal(np.array(0.5)))
    0.0
    """
    from scipy.special import ndtri

    result: Floats = ndtri(u)
    return result


def student_t4(u: Floats) -> Floats:
    """Student-t draws with 4 degrees of freedom, scaled to unit variance, from uniform ones.

    The quantile has a closed form (Shaw 2006, J. Comput. Finance 9(4)).

    >>> float(student_t4(np.array(0.5)))
    0.0
    """
    alpha = np.sqrt(4.0 * u * (1.0 - u))
    q = np.cos(np.arccos(alpha) / 3.0) / alpha
    result: Floats = np.sign(u - 0.5) * 2.0 * np.sqrt(np.maximum(q - 1.0, 0.0)) / np.sqrt(2.0)
    return result


LAWS: dict[str, Callable[[Floats], Floats]] = {"normal": normal, "student_t4": student_t4, "uniform": lambda u: u}
"""How uniform draws become shocks; an issue area names its own law."""


def spread_out(kind: str, seed: int, points: int, dimensions: int) -> Floats:
    """Points spread evenly over the unit cube: a scrambled Sobol sequence or a Latin hypercube (scipy.stats.qmc).

    Parameters
    ----------
    kind : ``sobol`` (Owen 1998 scrambling; powers of two) or ``latin_hypercube`` (McKay, Beckman and Conover 1979)

    Returns
    -------
    array (point, dimension) in the open interval (0, 1)
    """
    from scipy.stats import qmc

    if not dimensions:
        return np.empty((points, 0))
    maker = {"sobol": qmc.Sobol, "latin_hypercube": qmc.LatinHypercube}[kind]
    drawn: Floats = maker(d=dimensions, scramble=True, seed=np.random.default_rng(seed)).random(points)
    return np.clip(drawn, 2.0**-53, 1 - 2.0**-53)
