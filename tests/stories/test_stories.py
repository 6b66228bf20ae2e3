"""Plays the stories beside this file: given a world, change one thing, expect a difference, because of an idea.

Both worlds have the same runs, the same luck and the same uncertain codings, so that ``warmer`` can be asked of every
single run and not only of an average.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import library, quarters, yamlfile
from sim.codebook import codebook
from sim.engine import simulate

STORIES = sorted(Path(__file__).parent.glob("*.yaml"))
RUNS = range(16)
SEES = 1e-6
"""The smallest difference that counts as one."""

WORDS = {
    "warmer": lambda d: d.min() > SEES,
    "higher": lambda d: d.min() > SEES,
    "cooler": lambda d: d.max() < -SEES,
    "lower": lambda d: d.max() < -SEES,
    "different": lambda d: np.abs(d).min() > SEES,
    "unchanged": lambda d: np.abs(d).max() < 1e-12,
}
KEYS = {"title", "given", "when", "expect", "because", "sources"}


def read(path: Path) -> dict[str, Any]:
    story: dict[str, Any] = yamlfile.read(path).content
    return story


def take(values: np.ndarray, world: Any, sentence: dict[str, str]) -> np.ndarray:
    """The numbers a sentence speaks of: by ``by`` (the last quarter of the story), or in every quarter."""
    axes = codebook()[sentence["the"]].axes
    place: list[Any] = [slice(None)]
    if "by" in sentence:
        place = [quarters.quarter(sentence["by"]) - world.scenario.start]
    for axis, key in (("state", "of"), ("partner", "toward"), ("issue", "in"), ("item", "on"), ("act", "doing")):
        if axis in axes:
            assert key in sentence, f"say '{key}:' of {sentence['the']}"
            name = library.state_code(sentence[key]) if axis in ("state", "partner") else sentence[key]
            place.append(slice(None) if name.startswith("each ") else world.labels[axis].index(name))
        else:
            assert key not in sentence, f"{sentence['the']} has no '{key}'"
    return values[tuple(place)]


def tell(story: dict[str, Any], world: Any) -> list[tuple[dict[str, str], np.ndarray]]:
    """Play both worlds; each sentence with the differences it speaks of."""
    given = story["given"].get("with") or {}
    before = world(story["given"]["scenario"], given, seed=11)
    after = world(story["given"]["scenario"], given | story["when"], seed=11)
    record = tuple({sentence["the"] for sentence in story["expect"]})
    one, two = (simulate(w, RUNS, record) for w in (before, after))
    return [(s, take(two[s["the"]], after, s) - take(one[s["the"]], before, s)) for s in story["expect"]]


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path, world):
    story = read(path)
    for sentence, difference in tell(story, world):
        found = f"differences from {difference.min():+.4f} to {difference.max():+.4f}"
        assert WORDS[sentence["is"]](difference), f"{story['title']}: expected {sentence}, found {found}"


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_a_story_is_complete_and_sourced(path):
    story = read(path)
    assert set(story) == KEYS
    assert len(story["because"]) > 40
    assert story["sources"]
    library.check_sources(story["sources"], path.name)
    directions = [sentence["is"] for sentence in story["expect"]]
    assert set(directions) <= set(WORDS)
    assert set(directions) - {"unchanged"}, "a story in which nothing changes tests nothing"


def test_there_are_stories_and_their_words_can_be_false():
    assert len(STORIES) >= 8
    up, mixed, none = np.array([0.1, 0.2]), np.array([-0.1, 0.2]), np.zeros(2)
    assert [w for w, holds in WORDS.items() if holds(up)] == ["warmer", "higher", "different"]
    assert [w for w, holds in WORDS.items() if holds(mixed)] == ["different"]
    assert [w for w, holds in WORDS.items() if holds(none)] == ["unchanged"]


def test_a_false_story_is_noticed(world):
    story = read(Path(__file__).with_name("friendlier_image.yaml"))
    story["expect"] = [story["expect"][0] | {"is": "cooler"}]
    (sentence, difference), *_ = tell(story, world)
    assert not WORDS[sentence["is"]](difference)
