"""Reads the claims of the two texts with their tests, and judges them: which test needs what, and when a verdict is given.

Thresholds are those of the file, the same for both texts; no verdict and no probability is typed.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

import calibration.texts.turnovers  # noqa: F401  (registers its tests)
from calibration.observed import Record
from calibration.texts import cells
from calibration.texts.learned import MODEL_TESTS, NO_POSTERIOR, Learned
from calibration.texts.record import TESTS, Finding
from sim import fields, library, yamlfile
from sim.errors import InputError, nearest
from sim.fields import Number, Text
from sim.validate import validate
from sim.yamlfile import Document

FILE = Path(__file__).resolve().parent.parent / "claims.yaml"
TEXTS = {"morsalin_hosen2024": "Morsalin and Hosen 2024", "rahman2026": "Rahman 2026"}
VERDICTS = ("supported", "mixed", "not supported", "cannot tell")
GROUPED = ("group", "than", "like", "rather_than")
GROUP_LISTS = ("groups", "among", "early", "late")


class Margin(fields.Strict):
    """A region of practical equivalence and its reason."""

    value: Number
    why: Text


class Thresholds(fields.Strict):
    """Probability from which on a test is supported, or refuted by its contrary."""

    supported_at: Number = Field(gt=0.5, lt=1)
    why: Text


class Claim(fields.Strict):
    """One claim as written."""

    id: Text
    text: Text
    source: Text
    proposition: Literal["S", "L", "P", "N", "I", "outlook"]
    against: Text
    tests: list[dict[Text, Any]] = Field(min_length=1)


class Disagreement(fields.Strict):
    """Claims of the two texts that cannot both hold."""

    topic: Text
    morsalin_hosen: Text
    rahman: Text
    note: Text | None = None


class ClaimsFile(fields.Strict):
    """The whole file."""

    thresholds: Thresholds
    margins: dict[Text, Margin]
    groups: dict[Text, dict[Text, Any]]
    claims: list[Claim] = Field(min_length=1)
    disagreements: list[Disagreement]


@dataclass(frozen=True)
class Part:
    """A test ready to run: its name, whether it needs a posterior, and its arguments."""

    name: str
    on: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Claims:
    """The checked file, and the tests of every claim."""

    file: ClaimsFile
    parts: dict[str, tuple[Part, ...]]


@dataclass(frozen=True)
class Judged:
    """A claim with its verdict; ``findings`` has one entry for each test."""

    claim: Claim
    verdict: str
    probability: float | None
    findings: tuple[tuple[Part, Finding, str], ...]

    @property
    def evidence(self) -> str:
        """One sentence with the numbers."""
        return "; ".join(finding.evidence.rstrip(".") for _, finding, _ in self.findings) + "."

    def row(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "id": self.claim.id,
            "text": self.claim.text,
            "source": self.claim.source,
            "test": " and ".join(part.name for part, _, _ in self.findings),
            "verdict": self.verdict,
            "probability": None if self.probability is None else round(self.probability, 4),
            "evidence": self.evidence,
            "proposition": self.claim.proposition,
            "against": self.claim.against,
            "tests": [
                {
                    "name": part.name,
                    "on": part.on,
                    "with": part.arguments,
                    "verdict": verdict,
                    "probability": None if finding.probability is None else round(finding.probability, 4),
                    "evidence": finding.evidence,
                }
                for part, finding, verdict in self.findings
            ],
        }


# --- reading ------------------------------------------------------------------------------------------------------------


def read(path: Path | str = FILE) -> Claims:
    """Read and check a file of claims.

    Raises
    ------
    InputError : anything in it that does not fit, with file and line
    """
    shown = "calibration/claims.yaml" if Path(path) == FILE else str(path)
    document = yamlfile.read(path, shown)
    library.mapping(document)
    file = validate(ClaimsFile, document)
    parts: dict[str, tuple[Part, ...]] = {}
    for index, claim in enumerate(file.claims):
        if claim.id in parts:
            raise InputError(
                f"two claims are called '{claim.id}'",
                where=document.where(("claims", index, "id")),
                why="a verdict must belong to one claim.",
                how="give one of them another id.",
            )
        _check_source(claim.source, document.where(("claims", index, "source")))
        parts[claim.id] = tuple(
            _part(file, test, document, ("claims", index, "tests", j)) for j, test in enumerate(claim.tests)
        )
    texts = {claim.id: library.source_key(claim.source) for claim in file.claims}
    for index, pair in enumerate(file.disagreements):
        for side, text in (("morsalin_hosen", "morsalin_hosen2024"), ("rahman", "rahman2026")):
            name, where = getattr(pair, side), document.where(("disagreements", index, side))
            if name not in texts:
                raise InputError(f"there is no claim '{name}'", where=where, how=nearest(name, texts))
            if texts[name] != text:
                why = "the two columns would show one author against himself."
                raise InputError(
                    f"'{name}' is a claim of {TEXTS[texts[name]]}", where=where, why=why, how="name one of the other."
                )
    return Claims(file, parts)


def _check_source(source: str, where: str) -> None:
    library.check_sources([source], where)
    key, _, place = source.partition(" ")
    if key not in TEXTS or not place:
        raise InputError(
            f"'{source}' does not say where in which of the two texts the claim stands",
            where=where,
            why="a reader must be able to look it up.",
            how=f"write the text and its section, for example {next(iter(TEXTS))} s.5; the texts are {', '.join(TEXTS)}.",
        )


def _part(file: ClaimsFile, test: dict[str, Any], document: Document, keys: tuple[Any, ...]) -> Part:
    where, known = document.where(keys), {**TESTS, **MODEL_TESTS}
    given = dict(test)
    name = str(given.pop("name", ""))
    if name not in known:
        raise InputError(f"there is no test '{name}'", where=where, why="nothing could be computed.", how=nearest(name, known))
    wanted = {k: p for k, p in inspect.signature(known[name]).parameters.items() if k not in ("record", "model")}
    for key in given:
        if key not in wanted:
            why = "what nothing reads would be silently without effect."
            raise InputError(f"'{key}' is not a parameter of {name}", where=where, why=why, how=nearest(key, wanted))
    for key in GROUPED:
        if key in given:
            given[key] = _group(file, given[key], where)
    for key in GROUP_LISTS:
        if key in given:
            given[key] = [_group(file, one, where) for one in given[key]]
    unit = _unit(name, given)
    for key in ("by", "below", "bound"):
        if key in wanted and key not in given:
            given[key] = _margin(file, unit, where)
    missing = [key for key, p in wanted.items() if key not in given and p.default is p.empty]
    if missing:
        raise InputError(
            f"{name} needs {', '.join(missing)}", where=where, why="the test would not be complete.", how="add it."
        )
    return Part(name, "record" if name in TESTS else "model", given)


def _unit(name: str, given: dict[str, Any]) -> str:
    named = {"rises": "decade", "unrelated": "correlation", "parameter_above": "leader effect"}
    if name == "image_matters":
        return "logits" if given.get("when") else "leader effect"
    return named.get(name) or (cells.unit(given["of"]) if "of" in given else "log points")


def _margin(file: ClaimsFile, unit: str, where: str) -> float:
    if unit not in file.margins:
        raise InputError(
            f"there is no margin for {unit}", where=where, why="what counts as a difference would be open.", how="add it."
        )
    return file.margins[unit].value


def _group(file: ClaimsFile, name: Any, where: str) -> dict[str, Any]:
    if name not in file.groups:
        raise InputError(f"there is no group '{name}'", where=where, how=nearest(str(name), file.groups))
    return file.groups[name]


# --- judging ------------------------------------------------------------------------------------------------------------


def judge(claims: Claims, record: Record, model: Learned | None, only: Sequence[str] = ()) -> list[Judged]:
    """Verdicts on all claims, or on those named.

    Raises
    ------
    InputError : a name that no claim has
    """
    ids = [claim.id for claim in claims.file.claims]
    for name in only:
        if name not in ids:
            raise InputError(f"there is no claim '{name}'", where="ID", how=nearest(name, ids))
    return [_judge(claim, claims, record, model) for claim in claims.file.claims if not only or claim.id in only]


def _judge(claim: Claim, claims: Claims, record: Record, model: Learned | None) -> Judged:
    found = []
    for part in claims.parts[claim.id]:
        if part.on == "record":
            finding = TESTS[part.name](record, **part.arguments)
        else:
            finding = NO_POSTERIOR if model is None else MODEL_TESTS[part.name](model, **part.arguments)
        found.append((part, finding, verdict(finding, claims.file.thresholds)))
    known = [finding.probability for _, finding, _ in found if finding.probability is not None]
    return Judged(claim, together([v for _, _, v in found]), min(known) if known else None, tuple(found))


def verdict(finding: Finding, thresholds: Thresholds) -> str:
    """The verdict of one test."""
    if finding.probability is None:
        return "cannot tell"
    if finding.probability >= thresholds.supported_at:
        return "supported"
    return "not supported" if finding.refuted >= thresholds.supported_at else "cannot tell"


def together(verdicts: Sequence[str]) -> str:
    """The verdict of a claim whose tests must all hold.

    >>> together(["supported", "not supported"]), together(["not supported", "cannot tell"])
    ('mixed', 'not supported')
    """
    some, none = "supported" in verdicts, "not supported" in verdicts
    if some and none:
        return "mixed"
    if none:
        return "not supported"
    return "supported" if set(verdicts) == {"supported"} else "cannot tell"
