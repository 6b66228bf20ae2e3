"""The shape of a design file: factors, how their values are combined, and what is kept of every point.

Part of the sweeps (floor 5). Whether scenarios and keys exist is for :mod:`sim.sweep.design`.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from sim.codebook import codebook, of_kind
from sim.errors import nearest
from sim.fields import Number, Once, Quarter, Sources, Strict, Text, Texts, Truth, wrong
from sim.laws import ARGUMENTS
from sim.measures import MEASURES
from sim.shocks import MAX_SEED

MOST_RUNS = 100_000
"""Runs of one point: all of them are held in memory while the point is summarised."""

MOST_POINTS = 1_000_000

Group = Literal["leader", "system", "image", "domestic", "commitments", "response", "other"]
_Alone = BeforeValidator(lambda v: v if isinstance(v, list) else [v])
Names = Annotated[Sources, _Alone]
TRAITS = tuple(of_kind("trait"))
LAWS = ("normal", "halfnormal", "lognormal", "beta")
"""Distributions of a factor besides a range, written with the numbers that :mod:`sim.laws` asks for."""


class FactorForm(Strict):
    """One factor: what is varied, and over which values."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
    key: Names
    values: Annotated[list[str | bool | int | float], Field(min_length=1)] | None = None
    labels: Texts = []
    range: tuple[Number, Number] | None = None
    distribution: dict[Text, Annotated[list[Number], Field(min_length=1)]] | None = None
    levels: Annotated[int, Field(ge=1, le=1000)] | None = None
    shift: Truth = False
    label: Text | None = None
    group: Group = "other"

    @model_validator(mode="after")
    def _one_of(self) -> FactorForm:
        given = [key for key in ("values", "range", "distribution") if getattr(self, key) is not None]
        if len(given) != 1:
            raise wrong("exactly one of 'values', 'range' and 'distribution' is expected", "keep the one you mean.")
        if self.range and not self.range[0] < self.range[1]:
            raise wrong(f"the range {list(self.range)} runs backward or is empty", "write the lower number first.", "range")
        if self.values and len({repr(v) for v in self.values}) < len(self.values):
            raise wrong("a value stands twice", "keep one of the two.", "values")
        if self.values and any(isinstance(v, float) and not math.isfinite(v) for v in self.values):
            raise wrong("one of the values is no finite number", "write plain numbers.", "values")
        if self.labels and len(self.labels) != len(self.values or ()):
            raise wrong("there is not one label for each value", "give as many labels as values.", "labels")
        if "scenario" in self.key and (len(self.key) > 1 or self.values is None):
            raise wrong("scenarios are categories", "list their names under 'values'.", "key")
        return self

    @model_validator(mode="after")
    def _leaders_keys(self) -> FactorForm:
        for key in self.key:
            if key.startswith("leader."):
                trait = key.split(".", 2)[-1].partition(".")[0]
                if trait not in TRAITS or key.count(".") != (3 if trait == "image_of" else 2):
                    how = "write leader.BGD.image_of.russia or leader.BGD.assertiveness, for whoever leads that state."
                    raise wrong(f"'{key}' names no trait of a state's leader", how, "key")
            elif self.shift:
                raise wrong(
                    "only a trait of whoever leads can be shifted", "use a key such as leader.BGD.image_of.russia.", "key"
                )
        if self.shift and any(isinstance(v, str | bool) for v in self.values or ()):
            raise wrong("a shift is a number", "write plain numbers.", "values")
        for key in self.key if self.shift else ():
            low, high = codebook()[trait := key.split(".")[2]].range
            for place, numbers in (("values", self.values), ("range", self.range)):
                if (largest := max((abs(float(v)) for v in numbers or ()), default=0.0)) > high - low:
                    what = f"a shift of {largest:g} is wider than {trait}, which runs from {low:g} to {high:g}"
                    raise wrong(what, f"stay below {high - low:g}.", place)
        return self

    @model_validator(mode="after")
    def _known_law(self) -> FactorForm:
        for name, numbers in (self.distribution or {}).items():
            if name not in LAWS:
                raise wrong(f"'{name}' is not a distribution", nearest(name, LAWS), "distribution")
            if len(numbers) != len(ARGUMENTS[name]) or any(v <= 0 for v in numbers[0 if name == "beta" else 1 :]):
                how = f"write {name}: [{', '.join(ARGUMENTS[name])}], widths above zero."
                raise wrong(f"the distribution '{name}' is written with {numbers}", how, "distribution")
        if self.distribution is not None and len(self.distribution) != 1:
            raise wrong("a distribution has one name", "write, e.g., distribution: {normal: [0, 0.2]}.", "distribution")
        return self


class KeptForm(Strict):
    """Numbers to keep of every run: a measure of a state, toward partners, in issue areas, at quarters or over a window."""

    measure: Text
    state: Text = "BGD"
    partner: Names | None = None
    issue: Names | None = None
    quarter: Annotated[list[Quarter], Once, _Alone] | None = None
    window: tuple[Quarter, Quarter] | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> KeptForm:
        if self.measure not in MEASURES:
            raise wrong(f"there is no measure '{self.measure}'", nearest(self.measure, MEASURES), "measure")
        if (self.quarter is None) == (self.window is None):
            raise wrong("either 'quarter' or 'window' is expected", "say when: quarter: 2030Q4, or window: [2027Q1, 2030Q4].")
        if self.window and self.window[0] > self.window[1]:
            raise wrong("the window ends before it begins", "write the earlier quarter first.", "window")
        axes = MEASURES[self.measure].axes
        kind = next((axis for axis in ("issue", "item", "act") if axis in axes), None)
        for key, axis in (("partner", "partner" if "partner" in axes else None), ("issue", kind)):
            if (getattr(self, key) is None) != (axis is None):
                verb, how = ("has no place for", "take out") if axis is None else ("needs", "add")
                raise wrong(f"the measure '{self.measure}' {verb} '{key}'", f"{how} '{key}'.", key)
        return self


class PlanForm(Strict):
    """How values of factors are combined into points."""

    kind: Literal["grid", "list", "latin_hypercube", "sobol"]
    points: Annotated[int, Field(ge=1, le=MOST_POINTS)] | list[dict[Text, Any]] | None = None
    levels: Annotated[int, Field(ge=1, le=1000)] | None = None

    @model_validator(mode="after")
    def _number_of_points(self) -> PlanForm:
        if self.kind == "grid" and self.points is not None:
            raise wrong("a grid has as many points as its values combine to", "take 'points' out.", "points")
        if self.kind == "list" and not (isinstance(self.points, list) and self.points):
            raise wrong("a list of points is expected", "write one line per point: {factor: value, ...}.", "points")
        if self.kind in ("latin_hypercube", "sobol"):
            if not isinstance(self.points, int):
                raise wrong("the number of points is missing", "write, e.g., points: 64.", "points")
            if self.kind == "sobol" and self.points & (self.points - 1):
                how = f"choose {2 ** (self.points.bit_length() - 1)} or {2 ** self.points.bit_length()}."
                raise wrong(f"{self.points} is not a power of two, which a Sobol sequence needs", how, "points")
        if self.levels is not None and self.kind != "grid":
            raise wrong("only a grid has levels", "take 'levels' out, or write kind: grid.", "levels")
        return self


class DesignForm(Strict):
    """A design as it is written."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=120)]
    title: Text
    question: Text
    base: Text
    until: Quarter | None = None
    settings: dict[Text, Any] = {}
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] = 1
    runs: Annotated[int, Field(ge=2, le=MOST_RUNS)] = 256
    factors: Annotated[list[FactorForm], Field(min_length=1)]
    design: PlanForm
    measures: Annotated[list[KeptForm], Field(min_length=1), Once]
    keep: Literal["summary", "runs"] = "summary"
    outcome: str = ""
    assumptions: Texts = []
    sources: Texts = []
    note: Text | None = None

    @model_validator(mode="after")
    def _factors_apart(self) -> DesignForm:
        names = [factor.name for factor in self.factors]
        varied: dict[str, str] = {}
        for index, factor in enumerate(self.factors):
            for key in factor.key if factor.key != ["scenario"] else ():
                if key in varied:
                    what = f"'{varied[key]}' and '{factor.name}' both vary '{key}'"
                    raise wrong(what, "take one of them out: only one could count.", "factors", index, "key")
                varied[key] = factor.name
        for index, name in enumerate(names):
            if name in names[:index]:
                raise wrong(f"two factors are called '{name}'", "rename one of them.", "factors", index, "name")
            if name in ("point", "reason"):
                raise wrong(f"'{name}' is a column of every sweep", "choose another name.", "factors", index, "name")
        return self
