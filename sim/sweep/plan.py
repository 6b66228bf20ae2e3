"""The design of a sweep: the points that its factors combine to, and the scenario of a point.

Part of the sweeps (floor 5). A point is a value for every factor; nothing is simulated here. Categories (who governs, which
sanctions) are strata: a Latin hypercube or Sobol sequence spreads the numeric factors, and every category meets all of it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from sim import library, quarters, shocks, yamlfile
from sim.codebook import codebook
from sim.errors import InputError, nearest
from sim.scenario import Scenario, read_scenario
from sim.sweep.factors import Factor, Kept, Point
from sim.sweep.form import MOST_POINTS, MOST_RUNS

NO_OVERLAY = "none"
"""Category of a scenario factor that changes nothing."""


@dataclass(frozen=True)
class Design:
    """What a sweep varies, how, and what it keeps.

    Attributes
    ----------
    name, title, question : text
    base : scenario that every point starts from, perhaps with overlays (``A+B``)
    until : last quarter ('' as in the scenario)
    settings : changes that all points share, by path as in ``--set``
    seed, runs : of every point; points share all luck
    factors : in file order
    kind, size, levels : how values are combined
    listed : the points of a list
    measures : numbers kept
    keep : ``summary`` or ``runs``
    outcome : what a sensitivity study asks about ('' where nothing is said)
    """

    name: str
    title: str
    question: str
    base: str
    until: str
    settings: dict[str, Any]
    seed: int
    runs: int
    factors: tuple[Factor, ...]
    kind: str
    size: int
    levels: int
    listed: tuple[Point, ...]
    measures: tuple[Kept, ...]
    keep: str
    outcome: str = ""
    assumptions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    text: str = field(default="", repr=False)

    def factor(self, name: str) -> Factor:
        """The factor of that name.

        Raises
        ------
        InputError : there is none
        """
        found = {factor.name: factor for factor in self.factors}
        if name not in found:
            raise InputError(f"there is no factor '{name}' in '{self.name}'", how=nearest(name, found))
        return found[name]

    def points(self) -> list[Point]:
        """All points, in order: categories vary slowest, the same numeric points meet every category."""
        if self.kind == "list":
            return [dict(point) for point in self.listed]
        if self.kind == "grid":
            columns = [factor.grid(factor.levels or self.levels) for factor in self.factors]
            return [dict(zip(self._names, row, strict=True)) for row in itertools.product(*columns)]
        strata = [factor for factor in self.factors if factor.categorical]
        numeric = [factor for factor in self.factors if not factor.categorical]
        places = shocks.spread_out(self.kind, self.seed, self.size, len(numeric))
        spread = [{f.name: f.value(float(u)) for f, u in zip(numeric, row, strict=True)} for row in places]
        met = itertools.product(*(factor.values for factor in strata))
        unordered = [dict(zip((f.name for f in strata), c, strict=True)) | point for c in met for point in spread]
        return [{name: point[name] for name in self._names} for point in unordered]

    def changed(self, *, runs: int | None = None, seed: int | None = None, size: int | None = None) -> Design:
        """The same design with other numbers, written into its text too.

        Raises
        ------
        InputError : runs that one point cannot hold; points that are not drawn, or for Sobol no power of two
        """
        runs, seed = self.runs if runs is None else runs, self.seed if seed is None else seed
        if not 2 <= runs <= MOST_RUNS:
            how = f"choose 2 to {MOST_RUNS:,}, and more points for more."
            raise InputError(f"{runs} runs of a point were asked for", where="--runs", why="a spread needs two.", how=how)
        content = yamlfile.parse(self.text).content | {"runs": runs, "seed": seed}
        if size is not None:
            self._check_size(size)
            content["design"] = content["design"] | {"points": size}
        return replace(self, runs=runs, seed=seed, size=self.size if size is None else size, text=yamlfile.write(content))

    def _check_size(self, size: int) -> None:
        if self.kind not in ("sobol", "latin_hypercube"):
            why = "its points follow from its values."
            raise InputError(f"a {self.kind} has no number of points to choose", where="--points", why=why, how="take it out.")
        if not 1 <= size <= MOST_POINTS or (self.kind == "sobol" and size & (size - 1)):
            how = "choose a power of two, such as 64." if self.kind == "sobol" else f"choose 1 to {MOST_POINTS:,}."
            raise InputError(f"{size} points were asked for", where="--points", why="they could not be spread evenly.", how=how)

    @property
    def _names(self) -> list[str]:
        return [factor.name for factor in self.factors]

    def scenario(self, point: Point) -> Scenario:
        """The scenario of a point.

        Raises
        ------
        InputError : the values do not fit the scenario
        """
        return read_scenario(self.scenario_name(point), settings=self._settings(point))

    def scenario_name(self, point: Point) -> str:
        """Name of the scenario of a point: a scenario stands in for the base, overlays are laid on top."""
        first, *overlays = [self.base] if library.scenario_path(self.base) else self.base.split("+")
        for factor in self.factors:
            if factor.keys == ("scenario",) and factor.name in point and point[factor.name] != NO_OVERLAY:
                head, *more = str(point[factor.name]).split("+")
                first, overlays = (first, [*overlays, head, *more]) if library.is_overlay(head) else (head, [*more, *overlays])
        return "+".join([first, *overlays])

    def _settings(self, point: Point) -> dict[str, Any]:
        found = ({"until": self.until} if self.until else {}) | self.settings
        for factor in self.factors:
            if factor.name not in point:
                continue
            for key in factor.keys:
                if key.startswith("leader."):
                    found |= self._leaders_key(key, factor, point)
                elif key != "scenario":
                    found[key] = point[factor.name]
        return found

    def _leaders_key(self, key: str, factor: Factor, point: Point) -> dict[str, Any]:
        """Settings for whoever leads a state in the recorded quarters: ``leader.BGD.image_of.russia``."""
        _, state, trait = key.split(".", 2)
        scenario = _plain(self.scenario_name(point), self.until)
        code, found = library.state_code(state, key), {}
        for slug in dict.fromkeys(scenario.leader_on(code, quarters.last_day(q)) for q in scenario.quarters):
            if slug:
                path = f"leaders.{slug}.traits.{trait}"
                moved = _coded(scenario, slug, trait) + point[factor.name] if factor.shift else point[factor.name]
                low, high = codebook()[trait.partition(".")[0]].range
                found[path] = min(max(moved, low), high) if factor.shift else moved
        return found


@cache
def _plain(name: str, until: str) -> Scenario:
    """A scenario without settings, read once."""
    return read_scenario(name, until=until or None)


def _coded(scenario: Scenario, slug: str, trait: str) -> float:
    """The last coded value of a leader's trait."""
    kind, _, partner = trait.partition(".")
    traits = scenario.leaders[slug].traits
    if kind == "image_of":
        wanted = library.state_code(partner)
        entries = next((h for p, h in traits.image_of.items() if library.state_code(p) == wanted), None)
        return entries[-1].value if entries else 0.0
    return float(getattr(traits, kind)[-1].value)
