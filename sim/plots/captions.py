"""Findings in words: the headline and the one-sentence caption of every figure, with its uncertainty.

Floor 6. No drawing. Numbers come from the summary, phrases from :mod:`sim.plots.phrases`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim import words
from sim.plots.phrases import (
    LONG,
    called,
    difference,
    ends,
    interval,
    number,
    of,
    scene,
    spoken,
    subject,
    tie,
    unit,
    upper,
)

if TYPE_CHECKING:
    from sim.summary import Context, Fan, Heatmap, Trajectories


def _at(fan: Fan, place: int, said: str = "80 % interval ") -> str:
    low, high = fan.bands[0.8]
    bounds = interval(low[place], high[place], fan.measure)
    return f"{number(fan.median[place], fan.measure)} in {fan.quarters[place]} ({said}{bounds})"


def _doubt(fan: Fan) -> str:
    """Whether the interval at the end leaves the direction open."""
    low, high = (float(bound[-1]) for bound in fan.bands[0.8])
    if fan.measure.neutral is None or not low < fan.measure.neutral < high:
        return ""
    return ", above or below usual still open"


def _extremes(fan: Fan) -> tuple[int, int, str, str]:
    return int(np.argmax(fan.median)), int(np.argmin(fan.median)), *ends(fan.median.max(), fan.median.min(), fan.measure)


def headline_fan(fan: Fan, context: Context | None = None) -> str:
    """The finding of one fan, without numbers."""
    toward = tie(fan.partner, fan.issue, fan.measure, context)
    what = f"{spoken(fan.state, context)} {toward}" if fan.measure.name == "stance" else subject(fan, context)
    if len(fan.quarters) < LONG:
        return f"{upper(what)}: {difference(fan.median[0], fan.median[-1], fan.measure)}"
    high, low, most, least = _extremes(fan)
    if difference(fan.median[low], fan.median[high], fan.measure) == "about the same":
        return f"{upper(what)}: about the same throughout"
    return f"{upper(what)}: {most} in {fan.quarters[high][:4]}, {least} in {fan.quarters[low][:4]}"


def caption_fan(fan: Fan, context: Context | None = None) -> str:
    """One sentence on one fan: from where to where, with the 80 % interval."""
    what = f"{scene(context)}the median of {subject(fan, context)}{unit(fan.measure)}"
    if len(fan.quarters) >= LONG:
        high, low, _, _ = _extremes(fan)
        return upper(f"{what} peaks at {_at(fan, high)}, is lowest at {_at(fan, low, '')} and ends at {_at(fan, -1, '')}.")
    first, verdict = fan.median[0], difference(fan.median[0], fan.median[-1], fan.measure)
    start = f"{number(first, fan.measure)} in {fan.quarters[0]}"
    return upper(f"{what} moves from {start} to {_at(fan, -1)}: {verdict}{_doubt(fan)}.")


def _moves(fans: Sequence[Fan]) -> tuple[Fan, int]:
    """The fan that moves most, and how many stay about the same."""
    same = sum(difference(f.median[0], f.median[-1], f.measure) == "about the same" for f in fans)
    return max(fans, key=lambda f: abs(f.median[-1] - f.median[0])), same


def _span(fan: Fan) -> str:
    return f"From {fan.quarters[0]} to {fan.quarters[-1]}"


def headline_fans(fans: Sequence[Fan], context: Context | None = None) -> str:
    """The finding of many fans: how many stay, which moves most."""
    most, same = _moves(fans)
    verdict = difference(most.median[0], most.median[-1], most.measure)
    if verdict == "about the same":
        return f"{_span(most)}, all {len(fans)} stay about the same"
    toward = tie(most.partner, most.issue, most.measure, context) or f"for {spoken(most.state, context)}"
    stay = f"{same or 'none'} of {len(fans)} {'stay' if same > 1 else 'stays'} about the same"
    return f"{_span(most)}, {stay}; the largest move: {verdict} {toward}"


def caption_fans(fans: Sequence[Fan], context: Context | None = None) -> str:
    """One sentence on many fans: the largest move with its interval, and how many directions are clear."""
    most, _ = _moves(fans)
    m = most.measure
    start = f"{number(most.median[0], m)} in {most.quarters[0]}"
    text = f"{scene(context)}the median of {subject(most, context)}{unit(m)} moves most, from {start}"
    text += f" to {_at(most, -1)}"
    if m.neutral is not None:
        clear = sum(not f.bands[0.8][0][-1] <= m.neutral <= f.bands[0.8][1][-1] for f in fans)
        text += f"; in {clear or 'none'} of {len(fans)} panels the interval at the end excludes {m.neutral:g}"
    return upper(text + ".")


def _instead(context: Context | None) -> str:
    return upper(f"{context.title}: ") if context else ""


def headline_differences(fans: Sequence[Fan], context: Context | None = None) -> str:
    """The finding of many paired differences: the largest, and in how many the sign is clear."""
    most = max(fans, key=lambda f: abs(f.median[-1]))
    toward = tie(most.partner, most.issue, most.measure, context) or f"for {spoken(most.state, context)}"
    if abs(most.median[-1]) < 0.05:
        return f"By {most.quarters[-1]} the other world hardly differs anywhere"
    change = words.change(most.median[-1])
    return f"The other world is {change} {toward}; clear at 80 % in {_clear(fans)} of {len(fans)} panels"


def caption_differences(fans: Sequence[Fan], context: Context | None = None) -> str:
    """One sentence on many paired differences, with the interval of the largest."""
    most = max(fans, key=lambda f: abs(f.median[-1]))
    low, high = (float(bound[-1]) for bound in most.bands[0.8])
    what = f"{called(most.measure)} {tie(most.partner, most.issue, most.measure, context)}"
    return (
        f"{_instead(context)}run by run with the same luck, the {what} in {most.quarters[-1]} is"
        f" {number(most.median[-1], most.measure)} in the median (80 % interval {interval(low, high, most.measure)})."
    )


def _clear(fans: Sequence[Fan]) -> int:
    """In how many panels the 80 % interval of the last difference leaves out zero."""
    return sum(not f.bands[0.8][0][-1] <= 0 <= f.bands[0.8][1][-1] for f in fans)


def headline_heatmap(heatmap: Heatmap, context: Context | None = None) -> str:
    """The finding of the last map: where the state is warmest and coolest."""
    most, least = ends(heatmap.values[-1].max(), heatmap.values[-1].min(), heatmap.measure)
    high, low = (_cell(heatmap, place, context)[0] for place in _extreme_cells(heatmap))
    return upper(f"{spoken(heatmap.state, context)} in {heatmap.quarters[-1]}: {most} {high}, {least} {low}")


def caption_heatmap(heatmap: Heatmap, context: Context | None = None) -> str:
    """One sentence on the last map: extremes with their intervals, and how many cells have a clear sign."""
    m = heatmap.measure
    most, least = ends(heatmap.values[-1].max(), heatmap.values[-1].min(), m)
    (high, top, above), (low, bottom, under) = (_cell(heatmap, place, context) for place in _extreme_cells(heatmap))
    what = f"{scene(context)}the median of {of(spoken(heatmap.state, context))} {called(m)}{unit(m)}"
    text = f"{what} in {heatmap.quarters[-1]} is {most} {high} ({top}; 80 % interval {above})"
    text += f" and {least} {low} ({bottom}; {under})"
    if m.neutral is not None:
        sure = int(clear(heatmap)[-1].sum())
        text += f"; the interval excludes {m.neutral:g} in {sure or 'none'} of {heatmap.values[-1].size} cells"
    return upper(text + ".")


def clear(heatmap: Heatmap) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Cells whose 80 % interval does not hold the neutral value."""
    neutral = heatmap.measure.neutral
    if neutral is None:
        return np.zeros(heatmap.values.shape, dtype=bool)
    return np.asarray((heatmap.low > neutral) | (heatmap.high < neutral))


def _extreme_cells(heatmap: Heatmap) -> tuple[int, int]:
    return int(heatmap.values[-1].argmax()), int(heatmap.values[-1].argmin())


def _cell(heatmap: Heatmap, place: int, context: Context | None) -> tuple[str, str, str]:
    """Name, median and 80 % interval of one cell of the last map."""
    m, (p, k) = heatmap.measure, divmod(place, heatmap.values.shape[2])
    bounds = interval(heatmap.low[-1, p, k], heatmap.high[-1, p, k], m)
    return tie(heatmap.partners[p], heatmap.issues[k], m, context), number(heatmap.values[-1, p, k], m), bounds


def headline_trajectories(trajectories: Trajectories, context: Context | None = None) -> str:
    """The finding of single runs: how far apart the same scenario can end."""
    ends, m = trajectories.values[:, -1], trajectories.measure
    return f"Same scenario, {len(ends)} runs: they end anywhere from {interval(ends.min(), ends.max(), m)}"


def caption_trajectories(trajectories: Trajectories, context: Context | None = None) -> str:
    """One sentence on single runs: nothing differs between them but luck and the draw of uncertain parameters."""
    ends, m = trajectories.values[:, -1], trajectories.measure
    return upper(
        f"{scene(context)}{len(ends)} single runs of {subject(trajectories, context)} end between"
        f" {number(ends.min(), m)} and {number(ends.max(), m)} in {trajectories.quarters[-1]}:"
        " nothing differs between them but luck and the draw of uncertain parameters."
    )


def caption_text(figure: str, caption: str, context: Context) -> str:
    """What ``caption.txt`` says of one figure: its name, the sentence, the source line and the manifest."""
    return (
        f"{figure}\n{caption}\nSource: {context.source}\n"
        f"Status: {context.status}; {context.runs} runs; manifest {context.manifest}\n"
    )
