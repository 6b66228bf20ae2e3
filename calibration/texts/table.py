"""Shows the verdicts on the claims of the two texts to a reader: text by text, then side by side where they disagree."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from calibration.texts.judging import TEXTS, VERDICTS, Claims, Judged
from sim import library


def table(claims: Claims, judged: Sequence[Judged], width: int = 118) -> str:
    """The verdicts for a reader, the two texts one after the other, then side by side where they disagree."""
    by_id = {one.claim.id: one for one in judged}
    lines: list[str] = []
    for key, title in TEXTS.items():
        own = [one for one in judged if library.source_key(one.claim.source) == key]
        lines += [title, "=" * len(title)] if own else []
        for one in own:
            lines += [f"{_odds(one)}  {one.verdict.upper()}  {one.claim.id}  ({one.claim.proposition}; {one.claim.source})"]
            lines += textwrap.wrap(one.claim.text, width, initial_indent="      ", subsequent_indent="      ")
            for part, finding, verdict_ in one.findings:
                words = f"- {part.name}: {verdict_}. {finding.evidence}"
                lines += textwrap.wrap(words, width, initial_indent="      ", subsequent_indent="        ")
        lines += [""] if own else []
    pairs = [p for p in claims.file.disagreements if p.morsalin_hosen in by_id and p.rahman in by_id]
    lines += ["Side by side", "============"] if pairs else []
    for pair in pairs:
        lines.append(f"{pair.topic}{f' ({pair.note})' if pair.note else ''}")
        for short, name in (("M&H", pair.morsalin_hosen), ("R", pair.rahman)):
            one = by_id[name]
            words = f"{short:3} {_odds(one)} {one.verdict.upper():14} {one.claim.text}"
            lines += textwrap.wrap(words, width, initial_indent="    ", subsequent_indent=" " * 28)
    lines += [""] if pairs else []
    counts = ", ".join(f"{sum(one.verdict == v for one in judged)} {v}" for v in VERDICTS)
    return "\n".join(
        [*lines, f"{len(judged)} claims: {counts}. Probabilities are that a claim holds by the margin of its file."]
    )


def _odds(one: Judged) -> str:
    return " -- " if one.probability is None else f"{one.probability:4.2f}"
