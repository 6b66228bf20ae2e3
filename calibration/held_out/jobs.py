"""Which fits a back-test consists of: model by fold, placebo codings, robustness runs; each with a key for its stored result.

All rivals are special cases of the model (:data:`calibration.model.core.CASES`), fitted by the same code with the same priors
and as many draws. Jobs come in the order of their worth, so that an interrupted back-test has done the most telling part.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.held_out import folds
from calibration.held_out.folds import Fold

PARTS = ("forward", "two_sided", "placebo", "whole", "rolling", "robustness", "unconditional")
"""Parts of a back-test, in order of worth."""

PERMUTATIONS = 35
"""Placebo codings: with 35, the least p that a rank can give is 1 in 36."""


@dataclass(frozen=True)
class Model:
    """One model of the contest.

    Attributes
    ----------
    case : name in :data:`calibration.model.core.CASES`
    words : what it says, for tables
    column : name in the rows of ``backtest.json``
    codings : name in :data:`VARIANTS` whose codings it uses
    changes : switches beside those of the case
    votes_only : says nothing of its own about arms and trade
    """

    case: str
    words: str
    column: str
    codings: str = "as coded"
    changes: tuple[tuple[str, float], ...] = ()
    votes_only: bool = False


MODELS: dict[str, Model] = {
    "full": Model("full", "system and leader, with inertia and luck", "model"),
    "persistence": Model("persistence", "stances only drift: nothing pulls them anywhere", "persistence"),
    "autoregression": Model("autoregression", "stances return to a norm; neither system nor leader", "autoregression"),
    "system": Model("system", "system only: who leads does not matter", "no_filter"),
    "leader": Model("leader", "leader only: the system does not matter", "leader_only"),
    "static": Model("static", "a fixed norm toward each power", "static"),
    "regime_mean": Model("regime_mean", "a fixed level for each party line", "regime_mean", codings="party means"),
    "no_moderation": Model("full", "system and leader, whatever the clarity", "no_moderation", changes=(("moderation", 0.0),)),
    "agenda": Model("agenda", "the text's appeal alone: no power is followed", "agenda", votes_only=True),
}
"""Models in the order in which they are fitted."""

TRIED: dict[str, Model] = {
    "no_trade_leader": Model(
        "full", "as full, but leaders do not move trade", "no_trade_leader", changes=(("leader_gain.trade", 0.0),)
    ),
    "party_images": Model("full", "as full, but images are those of party lines", "party_images", codings="party means"),
}
"""Variants of the full model that were tried; all of them are reported and counted in ``calibration/variants.json``."""

ALL = MODELS | TRIED

DRIFT = "drift"
"""The rival for trade that is no special case: :func:`calibration.held_out.baselines.drift`."""


@dataclass(frozen=True)
class Variant:
    """What a fit changes of codings or record.

    Attributes
    ----------
    words : for tables
    codings : how images are coded: as coded, collapsed, party means, not high, low only
    since : first year that counts
    votes : weight of the roll calls
    whole_only : leave out votes on amendments and paragraphs
    """

    words: str
    codings: str = "as coded"
    since: int = 0
    votes: float = 1.0
    whole_only: bool = False


VARIANTS: dict[str, Variant] = {
    "as coded": Variant("the record and the codings as they are"),
    "collapsed": Variant("one row of images per leader (the placebo's reference)", codings="collapsed"),
    "party means": Variant("every leader sees the powers as his party line does", codings="party means"),
    "not high": Variant("codings at high risk of circularity replaced by party means", codings="not high"),
    "low only": Variant("only codings at low risk of circularity, others party means", codings="low only"),
    "votes half": Variant("roll calls at half weight", votes=0.5),
    "votes quarter": Variant("roll calls at quarter weight", votes=0.25),
    "from 1976": Variant("record from 1976", since=1976),
    "from 1991": Variant("record from 1991", since=1991),
    "whole resolutions": Variant("without votes on amendments and paragraphs", whole_only=True),
}
"""Robustness runs (how the leader gain depends on codings, years and weights)."""


@dataclass(frozen=True)
class Settings:
    """How long each fit samples.

    Attributes
    ----------
    seed : of the sampler
    warmup, draws : of each of the sampler's chains; draws are those kept
    paths : in forecasts that nothing later informs, paths of luck drawn afresh for each draw of parameters
    """

    seed: int = 1
    warmup: int = 65
    draws: int = 80
    paths: int = 4

    @property
    def size(self) -> int:
        """Draws of all chains together."""
        from calibration.model.sampler import CHAINS

        return CHAINS * self.draws


@dataclass(frozen=True)
class Job:
    """One fit.

    Attributes
    ----------
    part : of :data:`PARTS`; variants that were tried are part of the forward contest
    fold : what is held out
    model : of :data:`MODELS`, or drift
    variant : of :data:`VARIANTS`, or ``permuted-N``
    """

    part: str
    fold: Fold
    model: str
    variant: str = "as coded"

    @property
    def name(self) -> str:
        """Short name for files and messages."""
        words = (self.part, self.fold.name, self.model, "" if self.variant == "as coded" else self.variant)
        return "-".join(word.replace(" ", "_") for word in words if word)

    def key(self, settings: Settings, marks: dict[str, str]) -> str:
        """Hash of everything the result rests on; ``marks`` are hashes of record, rules, content and code."""
        case = asdict(ALL[self.model]) if self.model in ALL else {}
        variant = asdict(VARIANTS[self.variant]) if self.variant in VARIANTS else {}
        what = [asdict(self), case, variant, asdict(settings), marks]
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]


def jobs(years: NDArray[np.int64], parts: tuple[str, ...] = PARTS, *, quick: bool = False) -> list[Job]:
    """Fits of some parts of a back-test, the most telling first.

    Parameters
    ----------
    years : of the model, (year,)
    quick : two regimes, three models, three permutations, to see whether everything runs
    """
    regimes, origins = (folds.REGIMES[2:4], folds.ORIGINS[:2]) if quick else (folds.REGIMES, folds.ORIGINS)
    first, later = (("full", "persistence", "system"), ()) if quick else (FIRST, LATER)
    everything = folds.whole(years)
    found = [Job("forward", folds.forward(r), DRIFT) for r in regimes]
    found += [Job("forward", folds.forward(r), m) for m in first for r in regimes]
    found += [Job("two_sided", folds.two_sided(r), m) for m in first for r in regimes]
    found += [Job("placebo", everything, "full", v) for v in ("as coded", "collapsed")]
    found += [Job("placebo", everything, "full", f"permuted-{i}") for i in range(1, (3 if quick else PERMUTATIONS) + 1)]
    found += [Job("whole", everything, m) for m in (*first, *later)]
    found += [Job("robustness", everything, "full", v) for v in VARIANTS if v not in ("as coded", "collapsed")]
    found += [Job("forward", folds.forward(r), m) for m in later for r in regimes]
    found += [Job("unconditional", folds.forward(r), "full") for r in regimes]
    found += [Job("rolling", folds.rolling(o), m) for m in ROLLED if m in (*first, *later, DRIFT) for o in origins]
    found += [Job("two_sided", folds.two_sided(r), m) for m in later for r in regimes]
    found += [] if quick else [Job("forward", folds.forward(r), m) for m in TRIED for r in regimes]
    return [job for job in found if job.part in parts]


FIRST = ("full", "persistence", "autoregression", "system", "leader", "static")
LATER = tuple(name for name in MODELS if name not in FIRST)
"""Models whose fits come first, and after the other parts."""

ROLLED = (DRIFT, "full", "persistence", "autoregression", "system")
"""Models refitted at every rolling origin."""
