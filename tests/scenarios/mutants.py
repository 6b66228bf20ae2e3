"""What slips of the hand, of an editor and of a disk make of files. Not a test itself.

    python -m tests.scenarios.mutants SEED COUNT

looks at COUNT mutants in this process and prints one JSON document: how many there were of each kind, how many were accepted,
the longest time and the memory at its highest.
"""

from __future__ import annotations

import json
import math
import random
import re
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim import library, yamlfile
from sim.posterior import SEAL, sealed
from tests.posterior import planted
from tests.scenarios.judgement import examine

HANG = 5
"""Seconds of computing after which a file counts as hanging; of waiting, on a busy machine, ten times as many."""

FOLDERS = {
    "leader": "leaders/*.yaml",
    "state": "states/*.yaml",
    "events": "events/*.yaml",
    "design": "sweeps/*.yaml",
    "scenario": "*.yaml",
}
ALONE = ("issues", "agenda", "parameters", "commitments", "sources")
"""Kinds of which there is one file each, known by its name."""

SPICE = [
    *"{}[]:,-#&*!|>'\"%@`?\n\t ",
    *("~", "null", "true", "no", ".nan", ".inf", "-.inf", "1e999", "-1e9", "1e-400", "99999999999999999999", "0x10", "1_000"),
    *(
        "-0.0001",
        "1.0001",
        "20260217",
        "2026-02-31",
        "2026Q5",
        "0000-00-00",
        "9999Q4",
        "- ",
        ": ",
        "\r",
        "\r\n",
        "\x00",
        "\x7f",
    ),
    *(
        "\u2028",
        "\ufeff",
        "é",
        "বাংলাদেশ",
        "🇧🇩",
        "BGD>BGD",
        "../../etc/passwd",
        "<script>alert(1)</script>",
        "!!python/name:os.system",
    ),
    *("&a [*a, *a]", "<<: *a", "${HOME}", "{{7*7}}", "%s%s%s%n", "a" * 5000),
]
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.-])")
WORD = re.compile(r"[A-Za-z_]{3,}")


def samples() -> dict[str, list[bytes]]:
    """Right files of every kind, as bytes."""
    found = {kind: [p.read_bytes() for p in sorted(library.root().glob(glob))] for kind, glob in FOLDERS.items()}
    found["scenario"] = [text for text in found["scenario"] if re.search(rb"(?m)^title:", text)]
    found |= {name: [(library.root() / f"{name}.yaml").read_bytes()] for name in ALONE}
    with tempfile.TemporaryDirectory() as folder:
        found["posterior"] = [planted.write(Path(folder)).read_bytes()]
    return found


def name_of(kind: str) -> str:
    """What a file of a kind is called: some kinds are known by their names only."""
    return f"{kind}.yaml" if kind in ALONE else "file.nc" if kind == "posterior" else "file.yaml"


# --- mutation -----------------------------------------------------------------------------------------------------------


def mutate(kind: str, whole: bytes, rng: random.Random) -> bytes:
    """One to three changes; of long files often only a part."""
    if kind == "posterior":
        spoilt = _damage(whole, rng)
        return sealed(spoilt) if rng.random() < 0.7 and SEAL.search(spoilt) else spoilt  # a seal is made as easily as a file
    text = whole.decode()
    if kind not in ("parameters", "scenario", "leader", "state", "design") and rng.random() < 0.7:
        blocks = re.split(r"(?m)^(?=[^\s#])", text)
        text = "".join(rng.sample(blocks, min(len(blocks), 3)))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        text = rng.choice(CHANGES)(text, rng) if text else text
    data = text.encode("utf-8", "surrogatepass")
    return _damage(data, rng) if rng.random() < 0.05 else data


def _number(text: str, rng: random.Random) -> str:
    """Another number in the place of one."""
    found = list(NUMBER.finditer(text))
    if not found:
        return text
    at = rng.choice(found)
    value = float(at[0])
    other = rng.choice((-value - 1, value * 10 + 1, value + 1, -1e9, 1e9, 1.0001, -0.0001, 1e308, 0, math.nan, math.inf))
    return text[: at.start()] + yamlfile.write(other).split("\n")[0] + text[at.end() :]


def _word(text: str, rng: random.Random) -> str:
    """A letter lost, doubled or swapped in a word; or another word of the file in its place."""
    found = list(WORD.finditer(text))
    if not found:
        return text
    at = rng.choice(found)
    word, i = at[0], rng.randrange(len(at[0]) - 1)
    slip = (word[:i] + word[i + 1 :], word[:i] + word[i] + word[i:], word[:i] + word[i + 1] + word[i] + word[i + 2 :])
    return text[: at.start()] + rng.choice((*slip, rng.choice(found)[0])) + text[at.end() :]


def _spice(text: str, rng: random.Random) -> str:
    """Something that YAML, a shell or a browser would take for more than text."""
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(SPICE) + text[at:]


def _value(text: str, rng: random.Random) -> str:
    """The same in the place of a whole value."""
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    lines[at] = lines[at].partition(":")[0] + ": " + rng.choice(SPICE)
    return "\n".join(lines)


def _lines(text: str, rng: random.Random) -> str:
    """Lines that are lost, repeated, swapped, indented otherwise or cut off."""
    lines = text.split("\n")
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(6):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at] = rng.choice((" ", "  ", "\t")) + lines[at]
        case 4:
            lines[at] = lines[at].lstrip()
        case _:
            lines[at] = lines[at][: rng.randrange(len(lines[at]) + 1)]
    return "\n".join(lines)


def _dress(text: str, rng: random.Random) -> str:
    """Other line ends, a byte order mark, a file cut short or said twice."""
    cut = rng.randrange(len(text) + 1)
    return rng.choice(
        (text.replace("\n", "\r\n"), text.replace("\n", "\r"), "\ufeff" + text, text[:cut], text + text, text[cut:])
    )


CHANGES: tuple[Callable[[str, random.Random], str], ...] = (
    _number,
    _number,
    _word,
    _word,
    _spice,
    _value,
    _lines,
    _lines,
    _dress,
)


def _damage(data: bytes, rng: random.Random) -> bytes:
    """Bytes that were flipped, lost or made up."""
    held = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        if not held:
            break
        at = min(rng.randrange(len(held)), rng.choice((len(held), 200, 2000)))
        match rng.randrange(6):
            case 0 | 1:
                held[at % len(held)] ^= 1 << rng.randrange(8)
            case 2:
                held[at % len(held)] = rng.choice((0, 255, 127))
            case 3:
                del held[at : at + rng.choice((1, 4, 8, 100))]
            case 4:
                held[at:at] = rng.randbytes(rng.choice((1, 4, 8)))
            case _:
                del held[rng.randrange(len(held)) :]
    return bytes(held)


# --- many ---------------------------------------------------------------------------------------------------------------


class Hung(AssertionError):
    """A file took too long."""


def look_at(seed: int, count: int) -> dict[str, Any]:
    """Mutate and examine ``count`` files; what was found."""
    found = samples()
    kinds, accepted, order = Counter(), Counter(), sorted(found)
    failures, longest = [], 0.0
    for alarm in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(alarm, _hung)
    with tempfile.TemporaryDirectory() as made:
        for number in range(count):
            rng = random.Random(f"{seed} {number}")
            kind = order[number % len(order)]
            data = mutate(kind, rng.choice(found[kind]), rng)
            path = Path(made) / name_of(kind)
            path.write_bytes(data)
            begun = time.process_time()
            _alarm(HANG)
            try:
                accepted[kind] += examine(kind, path)
            except BaseException as error:
                failures.append(f"{seed} {number} {kind}: {type(error).__name__}: {error}"[:600])
            finally:
                _alarm(0)
            kinds[kind] += 1
            longest = max(longest, time.process_time() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"mutants": kinds, "accepted": accepted, "failures": failures, "longest_s": longest, "peak_mb": peak}


def _alarm(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 10 * seconds)


def _hung(number: int, frame: Any) -> None:
    raise Hung(f"more than {HANG} seconds")


if __name__ == "__main__":
    print(json.dumps(look_at(int(sys.argv[1]), int(sys.argv[2])), indent=1))
