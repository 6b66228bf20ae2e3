"""What a page asks: two worlds and a view, checked, and turned into the settings that ``padma run`` would be given.

The settings are text first, as on a command line, and are read as the command line reads them: the command shown under a chart
cannot differ from what the chart was made with.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from sim import fields, library, live, quarters, yamlfile
from sim.errors import InputError, nearest
from sim.scenario import Scenario
from sim.validate import validate
from sim.words import signed
from sim.yamlfile import Document

Name = Annotated[str, Field(min_length=1, max_length=120)]
SIGNS = str.maketrans(">-:", "___")
FIRST = date(1972, 1, 1)
"""The first day that any scenario can hold."""
MOST = 40
"""Changes of one kind that a page may send."""


class Seat(fields.Strict):
    """Who governs the home state, from a day on and to the end."""

    leader: Name
    from_: fields.Day = Field(alias="from")


class Turned(fields.Strict):
    """A world input that was moved: its value from a quarter on."""

    from_: fields.Quarter = Field(alias="from")
    value: fields.Number


class World(fields.Strict):
    """One world: a scenario, overlays on it, and what was changed by hand.

    Attributes
    ----------
    base, overlays : names of scenarios
    seat : who governs instead
    traits : leader -> trait (``image_of.russia``, ``insecurity``) -> value
    inputs : world input -> key (``USA>RUS``) -> change
    events : event -> first day
    posterior : what parameters are drawn from ('' as the scenario says)
    """

    base: Name
    overlays: Annotated[list[Name], Field(max_length=8)] = []
    seat: Seat | None = None
    traits: Annotated[dict[Name, dict[Name, fields.Number]], Field(max_length=MOST)] = {}
    inputs: Annotated[dict[Name, dict[Name, Turned]], Field(max_length=MOST)] = {}
    events: Annotated[dict[Name, fields.Day], Field(max_length=MOST)] = {}
    posterior: Annotated[str, Field(pattern="^(shipped|none|)$")] = ""


class View(fields.Strict):
    """What is looked at."""

    measure: Name = "cooperation"
    state: Name = "BGD"
    partner: Annotated[str, Field(max_length=40)] = "RUS"
    issue: Annotated[str, Field(max_length=80)] = "diplomacy"
    quarter: Annotated[str, Field(max_length=12)] = ""
    run: Annotated[int, Field(ge=0, strict=True)] | None = None


class Asked(fields.Strict):
    """Everything a page says in one request."""

    a: World
    b: World | None = None
    view: View = View()
    runs: Annotated[int, Field(ge=40, le=2000, strict=True)] = 500
    seed: Annotated[int, Field(ge=0, le=2**53 - 1, strict=True)] = 1
    leader: Annotated[str, Field(max_length=120)] = ""


def read(text: bytes) -> Asked:
    """The state in the body of a request.

    Raises
    ------
    InputError : no JSON, unknown keys, wrong types, NaN or infinity
    """

    def refuse(word: str) -> float:
        raise ValueError(f"{word} is not a number")

    why, how = "the page and its link hold numbers and names only.", "open the explorer again without the part after '#'."
    try:
        content = json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise InputError(f"this is not a state of the explorer ({error})", where="the request", why=why, how=how) from error
    if not isinstance(content, dict):
        raise InputError("this is not a state of the explorer", where="the request", why=why, how=how)
    return validate(Asked, Document("the page", content))


@dataclass(frozen=True)
class Opened:
    """What ``padma explore`` was given: a scenario file under its name, beside those that are built in.

    Attributes
    ----------
    names : name on the page -> what :func:`sim.scenario.read_scenario` is given (a name, or the path of a file)
    first : the one that opens
    """

    names: dict[str, str]
    first: str

    def spec(self, world: World) -> str:
        """The scenario that a world begins with, as the command line names it.

        Raises
        ------
        InputError : a name that is not on the list; paths from a page are never opened
        """
        for name in (world.base, *world.overlays):
            if name not in self.names:
                raise InputError(
                    f"there is no scenario called '{name}' here",
                    where="scenario",
                    why="the explorer opens what is built in and what it was started with, no other file.",
                    how=nearest(name, self.names),
                )
        return "+".join(self.names[name] for name in (world.base, *world.overlays))

    def untouched(self, world: World) -> Scenario:
        """The scenario of a world before anything was changed by hand, with whoever was seated."""
        plain = World(base=world.base, overlays=world.overlays, seat=world.seat, posterior=world.posterior)
        return self.scenario(plain)

    def scenario(self, world: World) -> Scenario:
        """The scenario that a world stands for.

        Raises
        ------
        InputError : anything in it that does not fit, in the words of the scenario reader
        """
        return live.scenario(self.spec(world), {path: parsed(path, text) for path, text in self.pairs(world)})

    def pairs(self, world: World) -> list[tuple[str, str]]:
        """What was changed by hand, as PATH and VALUE of ``--set``."""
        found = [("posterior", world.posterior)] if world.posterior else []
        for part in (self._seat, self._traits, self._inputs, self._events):
            found += part(world)
        return found

    def changes(self, world: World) -> list[str]:
        """What was changed by hand, in words."""
        base, found = self._base(world), []
        names = {slug: entry.value.name for slug, entry in library.leaders().items()}
        names |= {slug: leader.name for slug, leader in base.leaders.items()}
        if world.seat:
            found.append(f"{names.get(world.seat.leader, world.seat.leader)} governs from {world.seat.from_}")
        for slug, traits in world.traits.items():
            for trait, value in traits.items():
                of, _, partner = trait.partition(".")
                whom = f" {library.states()[library.state_code(partner)].value.name}" if partner else ""
                found.append(f"{of.replace('_', ' ')}{whom} of {names.get(slug, slug)} {signed(value)}")
        for name, keyed in world.inputs.items():
            for key, turned in keyed.items():
                found.append(f"{name.replace('_', ' ')} {key} {turned.value:g} from {quarters.name(turned.from_)}")
        found += [f"{base.events[name].label} from {day}" for name, day in world.events.items() if name in base.events]
        chosen = {"none": "parameters from the priors", "shipped": "parameters calibrated"}
        return found + ([chosen[world.posterior]] if world.posterior else [])

    def _base(self, world: World) -> Scenario:
        return live.scenario(self.spec(world), {})

    def _seat(self, world: World) -> list[tuple[str, str]]:
        if world.seat is None:
            return []
        home = home_of(self._base(world))
        _reached(world.seat.from_, self._base(world))
        held = [(day, slug) for day, slug in self._base(world).seats.get(home, ()) if day < world.seat.from_]
        entries = [{"leader": slug, "from": str(day)} for day, slug in [*held, (world.seat.from_, world.seat.leader)]]
        return [(f"seats.{home}", written(entries))]

    def _traits(self, world: World) -> list[tuple[str, str]]:
        found = []
        for slug, traits in world.traits.items():
            for trait, value in traits.items():
                plain(slug, "leader")
                plain(trait.replace(".", "_"), "trait")
                found.append((f"leaders.{slug}.traits.{trait}", repr(value)))
        return found

    def _inputs(self, world: World) -> list[tuple[str, str]]:
        found = []
        for name, keyed in world.inputs.items():
            for key, turned in keyed.items():
                plain(name, "input")
                plain(key.translate(SIGNS), "input")
                dated = written({quarters.name(turned.from_): turned.value})
                found.append((f"inputs.{name}.{key}", dated))
        return found

    def _events(self, world: World) -> list[tuple[str, str]]:
        """Moved events, written out: what they do stays, and so does how long they last."""
        found, base = [], self._base(world)
        for name, day in world.events.items():
            if name not in base.events:
                library.lookup("event", name, {n: library.events()[n] for n in base.events if n in library.events()}, "events")
            event = base.events[name].model_dump(mode="json", by_alias=True, exclude_none=True)
            if until := base.events[name].until:
                event["until"] = str(day + (until - base.events[name].from_))
            kept = ("label", "until", "powers", "changes", "sources")
            whole = {"label": event["label"], "from": str(day)} | {k: event[k] for k in kept if event.get(k)}
            found.append((f"event_definitions.{name}", written(whole)))
        return found

    def command(self, asked: Asked) -> str:
        """The command, or the commands, that reproduce a view."""
        if asked.b is None:
            return run_command(self.spec(asked.a), self.pairs(asked.a), asked)
        names = self.files(asked) or [self.spec(world) for world, _ in worlds(asked)]
        return shlex.join(["padma", "compare", *names, *numbers(asked), "--state", asked.view.state])

    def files(self, asked: Asked) -> list[str]:
        """Scenario files that the command reads and that must be saved first: two worlds, one of which was changed by hand."""
        pair = worlds(asked)
        if len(pair) < 2 or (len({self.spec(w) for w, _ in pair}) == 2 and not any(self.pairs(w) for w, _ in pair)):
            return []
        return [f"{self.file_name(world, which)}.yaml" for world, which in pair]

    def file_name(self, world: World, which: str) -> str:
        """The name of a world saved as a scenario."""
        return f"{world.base.split('/')[-1].removesuffix('.yaml')}_world_{which}"


def worlds(asked: Asked) -> list[tuple[World, str]]:
    """The worlds compared, the one that the other is held against first."""
    return [(world, which) for world, which in ((asked.b, "b"), (asked.a, "a")) if world is not None]


def run_command(spec: str, pairs: list[tuple[str, str]], asked: Asked) -> str:
    """The command that plays one world."""
    settings = [word for path, text in pairs for word in ("--set", f"{path}={text}")]
    return shlex.join(["padma", "run", spec, *settings, *numbers(asked)])


def numbers(asked: Asked) -> list[str]:
    """Options for the size of the ensemble and the seed."""
    return ["--runs", str(asked.runs), "--seed", str(asked.seed)]


def parsed(path: str, text: str) -> Any:
    """A value as the command line would read it."""
    return yamlfile.parse(text, f"--set {path}").content


def written(value: Any) -> str:
    """A value as text on one line that YAML reads back."""
    return json.dumps(value, ensure_ascii=False)


def plain(name: str, kind: str) -> None:
    """Refuse a name that could lead to another key than the one meant.

    Raises
    ------
    InputError : something else than letters, digits and underscores
    """
    if not name.replace("_", "").isalnum():
        raise InputError(
            f"'{name}' is not the name of a {kind}",
            where=kind,
            why="a setting must reach the key that is shown and no other.",
            how="use the names that `padma show` lists.",
        )


def _reached(day: date, scenario: Scenario) -> None:
    """Refuse a day of taking office on which the story has not begun anywhere, or is over.

    Raises
    ------
    InputError : before 1972, or after the last quarter
    """
    last = quarters.last_day(scenario.until)
    if not FIRST <= day <= last:
        raise InputError(
            f"the leader is to govern from {day}",
            where="Who governs, from",
            why="nothing is simulated then, so the choice would change nothing or another time than the one meant.",
            how=f"choose a day from {FIRST} to {last}.",
        )


def home_of(scenario: Scenario) -> str:
    """The state whose government is asked about: the first one that is no power."""
    small = [code for code in scenario.states if not library.states()[code].value.power]
    return (small or list(scenario.states))[0]
