"""What the fit learned, as draws that simulation can use: parameters, images, and where the states stood.

Floor 3. Reads the artefact that :mod:`calibration.posteriors.posterior` writes (NetCDF 3; its layout stands there). Run r of an
ensemble takes draw r (modulo the number of draws, shifted by the seed), with everything the draw holds together: what was
learned jointly is used jointly. What no record touches is drawn from its prior, at the number of the draw.
"""

from __future__ import annotations

import ast
import hashlib
import io
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sim import library, quarters, shocks
from sim.codebook import codebook
from sim.errors import InputError, nearest
from sim.shocks import Floats

SHIPPED, NONE = "shipped", "none"
"""Words of the key ``posterior`` in a scenario, besides a path: what comes with padma, and the priors."""

SEED = 1972
"""Seed of what a posterior leaves to its priors, the same for every user of it (an arbitrary number)."""

FARTHEST = 10.0
"""Standard normal luck beyond which no draw lies."""

SEAL = re.compile(rb"sha256\0\0\0\0\0\x02\0\0\0\x40([0-9a-f]{64})")
"""The attribute of an artefact that vouches for the whole file, as NetCDF 3 writes it: name, kind (text), length, value."""

BLANK = "0" * 64
"""What stands there while the checksum is taken."""

NEEDED = ("version", "cut", "data", "rules", "home")
"""Attributes that an artefact must have."""


@dataclass(frozen=True)
class Posterior:
    """Draws from the posterior.

    Attributes
    ----------
    path : where it was read from
    version, cut, data, rules : version, last day of the record, hashes of the record and of the rules that it was fitted with
    size : number of draws
    values : site (``leader_gain.small.diplomacy``) -> (draw,) or, where it varies by partner, (draw, power)
    powers : codes of the partners
    images : (leader, partner code) -> (draw,) standard normal luck of the leader's image
    states, issues, moments : axes of ``stances``; ``moments`` are quarters at whose end it holds
    stances : (draw, moment, state, partner, issue) in log points
    home : the state whose dyads have a record
    luck : (draw, year, power, area) standard normal luck of its stances; NaN where there is none
    luck_years, luck_areas : labels of its axes
    left : what it leaves to priors, (draw,) by parameter, place and law: kept by :mod:`sim.priors` once it is drawn
    """

    path: Path
    version: str
    cut: str
    data: str
    rules: str
    size: int
    values: dict[str, Floats] = field(repr=False)
    powers: tuple[str, ...]
    images: dict[tuple[str, str], Floats] = field(repr=False)
    states: tuple[str, ...]
    issues: tuple[str, ...]
    moments: tuple[int, ...]
    stances: Floats = field(repr=False)
    home: str
    luck: Floats = field(repr=False)
    luck_years: tuple[int, ...]
    luck_areas: tuple[str, ...]
    left: dict[Any, Floats] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def label(self) -> str:
        """What every output says of it."""
        return f"calibrated to {self.cut} (posterior {self.version}); other levers from priors"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the file."""
        return _digest(self.path)

    def draws(self, seed: int, *runs: range) -> Any:
        """Number of the draw that each run takes, (run,); stretches of runs one after the other."""
        shift = int(shocks.key(seed, "posterior")[0] % np.uint64(self.size))
        return (np.concatenate([np.arange(part.start, part.stop) for part in runs]) + shift) % self.size

    def begins(self, spin_up_from: int, start: int) -> int:
        """First quarter to simulate: after the last moment at which the stances are known, no earlier than asked."""
        known = [moment + 1 for moment in self.moments if spin_up_from <= moment + 1 <= start]
        return max(known, default=spin_up_from)

    def standing(self, quarter: int, states: tuple[str, ...], issues: tuple[str, ...]) -> Floats:
        """Stances when a quarter begins, (state, partner, issue, draw); NaN where they are not known."""
        found = np.full((len(states), len(states), len(issues), self.size), np.nan)
        if quarter - 1 in self.moments:
            held = self.stances[:, self.moments.index(quarter - 1)]
            for i, state in enumerate(states):
                for j, partner in enumerate(states):
                    for k, issue in enumerate(issues):
                        if state in self.states and partner in self.states and issue in self.issues:
                            place = self.states.index(state), self.states.index(partner), self.issues.index(issue)
                            found[i, j, k] = held[:, *place]
        return found


def shipped() -> Path:
    """The artefact that comes with padma."""
    return library.data_root().parent / "posterior" / "posterior.nc"


def find(name: str, where: str = "posterior") -> Posterior | None:
    """The posterior that a scenario names: ``shipped``, ``none`` or a path. None stands for the priors.

    Parameters
    ----------
    where : file and line of the name, for messages

    Raises
    ------
    InputError : there is no such file, it is no posterior, or it was made for another model
    """
    if name == NONE or (name == SHIPPED and not shipped().is_file()):
        return None
    path = shipped() if name == SHIPPED else Path(name)
    if not path.is_file():
        how = "name a file that `padma calibrate` wrote, or write none: then parameters are drawn from their priors"
        hint = nearest(name, (SHIPPED, NONE)) if len(path.parts) == 1 else how
        raise InputError(f"there is no posterior '{name}'", where=where, why="no run can be drawn from it.", how=hint)
    return read(path.resolve())


HOW = "name a file that `padma calibrate` wrote, or draw from the priors with --posterior none."


def sealed(content: bytes) -> bytes:
    """An artefact whose attribute ``sha256`` is the checksum of the file with :data:`BLANK` in its place.

    Raises
    ------
    ValueError : it has no such attribute
    """
    found = SEAL.search(content)
    if found is None:
        raise ValueError("it does not carry the checksum of itself that `padma calibrate` writes")
    start, end = found.span(1)
    whole = hashlib.sha256(content[:start] + BLANK.encode() + content[end:]).hexdigest()
    return content[:start] + whole.encode() + content[end:]


@cache
def read(path: Path) -> Posterior:
    """Read an artefact.

    Raises
    ------
    InputError : it is no posterior of padma, not as it was written, or was fitted with other rules
    """
    try:
        content = path.read_bytes()
        whole = sealed(content) == content
    except (OSError, ValueError, MemoryError) as error:
        why = f"it cannot be read ({error})."
        raise InputError("this is not a posterior of padma", where=str(path), why=why, how=HOW) from error
    if not whole:
        why = "its checksum does not agree: it was damaged, cut short or changed by hand."
        raise InputError("this posterior is not as padma wrote it", where=str(path), why=why, how=HOW)
    return parse(content, path)


def parse(content: bytes, path: Path) -> Posterior:
    """An artefact from its bytes, whoever vouches for them.

    Raises
    ------
    InputError : it is no posterior of padma, or was fitted with other rules
    """
    from scipy.io import netcdf_file

    try:
        with netcdf_file(io.BytesIO(content), "r", mmap=False, maskandscale=True) as file:
            held = {name: _plain(variable[:]) for name, variable in file.variables.items()}
            attributes = {name: getattr(file, name).decode("utf-8") for name in NEEDED}
        found = _posterior(path, held, attributes)
    except (OSError, ValueError, KeyError, AttributeError, TypeError, IndexError, EOFError, MemoryError) as error:
        reason = str(error) or "it asks for more memory than there is"  # a damaged header names any size
        raise InputError(
            "this is not a posterior of padma", where=str(path), why=f"it cannot be read ({reason}).", how=HOW
        ) from error
    if found.rules != model_hash():
        raise InputError(
            "this posterior was fitted with other rules",
            where=str(path),
            why="its numbers mean something else in the present model.",
            how="fit it again with `padma calibrate`, or draw from the priors with --posterior none.",
        )
    return found


def _plain(values: Any) -> Any:
    """Numbers with NaN where the file says that there are none; characters as they are."""
    return np.ma.filled(values.astype(float), np.nan) if values.dtype.kind in "fiu" else np.array(values)


@cache
def model_hash() -> str:
    """One hash of what the rules compute: their code without comments and docstrings, and names and axes of the codebook."""
    text = [f"{name} {v.kind} {v.axes} {v.law} {v.value}" for name, v in codebook().items()]
    for file in sorted((Path(__file__).resolve().parent / "rules").glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.Module) and ast.get_docstring(node) is not None:
                node.body = node.body[1:]
            if isinstance(node, ast.FunctionDef):
                node.decorator_list = []
        text.append(ast.unparse(tree))
    return hashlib.sha256("\n".join(text).encode()).hexdigest()


def _posterior(path: Path, held: dict[str, Any], attributes: dict[str, str]) -> Posterior:
    images = held["image"].astype(float)
    pairs = zip(_texts(held["image_leader"]), _texts(held["image_partner"]), strict=True)
    values = {name.removeprefix("site."): v.astype(float) for name, v in held.items() if name.startswith("site.")}
    stances = held["world_stance"].astype(float)
    if not all(np.isfinite(v).all() for v in (*values.values(), images, stances)):
        raise ValueError("some of its numbers are missing or infinite")
    _check_scales(values, images)
    return Posterior(
        path=path,
        **attributes,
        size=len(images),
        values=values,
        powers=_texts(held["power"]),
        images={(leader, partner): images[:, i] for i, (leader, partner) in enumerate(pairs)},
        states=_texts(held["state"]),
        issues=_texts(held["issue"]),
        moments=tuple(quarters.quarter(text) for text in _texts(held["moment"])),
        stances=stances,
        luck=held["luck"].astype(float),
        luck_years=tuple(int(year) for year in held["luck_year"]),
        luck_areas=_texts(held["luck_area"]),
    )


def _check_scales(values: dict[str, Floats], images: Floats) -> None:
    """Refuse numbers that no fit can give: a damaged file, or one made by hand."""
    for name, draws in values.items():
        variable = codebook().get(name.split(".")[0])  # what the fit alone needs has no place in the codebook
        low, high = variable.range if variable else (-np.inf, np.inf)
        if draws.size and not low <= draws.min() <= draws.max() <= high:
            raise ValueError(f"{name} leaves its scale, which runs from {low:g} to {high:g}")
    if images.size and np.abs(images).max() > FARTHEST:
        raise ValueError(f"luck of an image is more than {FARTHEST:g} standard deviations from none")


def _texts(characters: Any) -> tuple[str, ...]:
    """Labels, from the rows of single bytes in which NetCDF 3 keeps them."""
    return tuple(b"".join(row).rstrip(b"\0 ").decode("utf-8") for row in characters)


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
