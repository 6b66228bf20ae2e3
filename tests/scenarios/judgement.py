"""Whether padma meets a file as it should: with a message that says enough, or accepted with every value in its range.

Not a test itself. An accepted file is read once more, past padma, against the codebook.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sim import posterior, yamlfile
from sim.check import check
from sim.codebook import codebook
from sim.errors import PadmaError
from sim.scenario import read_scenario


def examine(kind: str, path: Path) -> bool:
    """Look at one file as the commands do; whether it was accepted.

    Raises
    ------
    AssertionError : a message without its parts, or a value outside its range that was accepted
    """
    if kind == "posterior":
        return _examine_posterior(path)
    (finding,) = check(path)
    if finding.problem:
        assert "Why it matters: " in finding.problem and "What to do: " in finding.problem, finding.problem
        assert "pydantic" not in finding.problem.lower(), finding.problem
        return False
    content = yamlfile.read(path).content
    for what, value, (low, high) in numbers(finding.kind, content, path):
        assert math.isfinite(value) and low <= value <= high, f"{finding.kind}: {what} = {value} was accepted"
    return True


def _examine_posterior(path: Path) -> bool:
    try:
        held = posterior.read.__wrapped__(path)  # the same path each time, never the same file
    except PadmaError as error:
        assert error.why and error.how and error.where
        return False
    for name, values in held.values.items():
        variable = codebook().get(name.split(".")[0])
        low, high = variable.range if variable else (-math.inf, math.inf)
        assert low <= values.min() and values.max() <= high, f"{name} leaves {low} to {high}"
    return True


Held = tuple[str, float, tuple[float, float]]


def numbers(kind: str, content: Any, path: Path) -> Iterator[Held]:
    """Every number of an accepted file with the scale that the codebook gives it: what, value, limits."""
    if kind == "scenario":
        yield from _of_a_scenario(path)
    elif kind in OF_A_KIND:
        yield from OF_A_KIND[kind](content)


def _of_a_leader(content: Any) -> Iterator[Held]:
    for trait, entries in content["traits"].items():
        for entry in (e for part in entries.values() for e in part) if isinstance(entries, dict) else entries:
            yield trait, entry["value"], codebook()[trait].range
            yield f"{trait} in its range", entry["value"], tuple(entry["range"])


def _of_a_state(content: Any) -> Iterator[Held]:
    for name, value in (content.get("inputs") or {}).items():
        for one in value.values() if isinstance(value, dict) else [value]:
            yield name, one, codebook()[name].range


def _of_issues(content: Any) -> Iterator[Held]:
    for entry in content.values():
        for name in ("exposure", "lifetime"):
            yield name, entry[name]["value"], codebook()[name].range


def _of_contracts(content: Any) -> Iterator[Held]:
    for entry in content:
        yield "size", entry["size"], (0.0, 100.0)
        yield "lifetime", entry["lifetime_years"], (0.0, 200.0)


def _of_parameters(content: Any) -> Iterator[Held]:
    for name, entry in content.items():
        if entry["block"] != "none":
            yield f"{name} off", entry.get("off", 0.0), codebook()[name].range
        for group in (entry[group] for group in ("small", "power", "all") if entry.get(group)):
            for laws in [group] if "prior" in group else group.values():
                for law in laws.values():
                    for key, value in ((key, value) for key, value in law.items() if key != "law"):
                        held = codebook()[name].range if key in ("value", "mean") else (math.ulp(0.0), math.inf)
                        yield f"{name} {key}", value, held


def _of_a_design(content: Any) -> Iterator[Held]:
    for factor in content["factors"]:
        for key in factor["key"] if isinstance(factor["key"], list) else [factor["key"]]:
            head, *rest = str(key).split(".")
            if head in ("inputs", "parameters") and rest:
                for end in factor.get("range") or ():
                    yield f"{factor['name']} at an end", end, codebook()[rest[0]].range


OF_A_KIND: dict[str, Callable[[Any], Iterator[Held]]] = {
    "leader": _of_a_leader,
    "state": _of_a_state,
    "issues": _of_issues,
    "commitments": _of_contracts,
    "parameters": _of_parameters,
    "design": _of_a_design,
    "events": lambda content: (found for event in content.values() for found in _changes(event)),
    "agenda": lambda content: (("assembly", e["assembly"]["value"], codebook()["assembly"].range) for e in content.values()),
}


def _changes(event: dict[str, Any]) -> Iterator[Held]:
    for change in event.get("changes") or ():
        size = next(change[key] for key in ("set", "add", "scale") if change.get(key) is not None)
        yield "size", size, codebook()[change["input"]].range if change.get("set") is not None else (-math.inf, math.inf)
        if change.get("range"):
            yield "size in its range", size, tuple(change["range"])


def _of_a_scenario(path: Path) -> Iterator[Held]:
    scenario = read_scenario(path)
    assert scenario.spin_up_from <= scenario.start <= scenario.until
    for name, value in scenario.parameters.items():
        variable = codebook()[name.split(".")[0]]
        for one in value.values() if isinstance(value, dict) else [value]:
            low, high = variable.range
            yield name, min(float(one), 1e300), (low, high)  # a rate may be infinite: a special case of the model
    for slug in {slug for held in scenario.seats.values() for _, slug in held}:
        for label, trait, entries in scenario.leaders[slug].traits.each():
            for entry in entries:
                yield f"{slug} {label}", entry.value, codebook()[trait].range
    for state, held in scenario.seats.items():
        days = [day for day, _ in held]
        assert days == sorted(set(days)), f"terms of {state} overlap"
    for event in scenario.events.values():
        yield from _changes(event.model_dump(by_alias=True))
