"""Findings in words: the headline and the one-sentence caption of every figure, with its uncertainty.

Floor 6. No drawing. Numbers come from the summary, words for sizes from :mod:`sim.words`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim import words

if TYPE_CHECKING:
    from sim.measures import Measure
    from sim.summary import Context, Fan, Heatmap, Trajectories

WITH = ("cooperation", "commitment")
"""Measures of what two states do with each other."""

LONG = 80
"""Quarters from which a figure is about ups and downs rather than about first and last."""


def index(measure: Measure) -> bool:
    """Whether the measure is an index around a neutral zero, for which padma has words such as warm and cool."""
    return measure.range == (-1.0, 1.0) and measure.neutral == 0


def number(value: float, measure: Measure) -> str:
    """A value with the digits and sign that suit its measure."""
    if measure.range is not None or measure.neutral is not None or abs(value) < 10:
        sign = "+" if measure.neutral == 0 and round(value, 2) else ""
        return f"{round(value, 2) + 0.0:{sign}.2f}"
    return f"{value:,.0f}"


def interval(low: float, high: float, measure: Measure) -> str:
    """Two bounds in words."""
    return f"{number(low, measure)} to {number(high, measure)}"


def name(code: str, context: Context | None) -> str:
    """The name of a state, issue area or roll call, as a heading."""
    known = context.names.get(code) if context else None
    return known or code.replace("_", " ")


def spoken(code: str, context: Context | None) -> str:
    """The name of a state in a sentence.

    >>> spoken("United States", None)
    'the United States'
    """
    text = name(code, context)
    return f"the {text}" if text.startswith("United ") else text


def lower(text: str) -> str:
    """The text as it stands inside a sentence.

    >>> lower("Yes vote"), lower("UN vote")
    ('yes vote', 'UN vote')
    """
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def of(state: str) -> str:
    """The possessive.

    >>> of("Bangladesh"), of("the United States")
    ("Bangladesh's", "the United States'")
    """
    return f"{state}'" if state.endswith("s") else f"{state}'s"


def upper(text: str) -> str:
    """The text at the start of a sentence."""
    return text[:1].upper() + text[1:]


def tie(partner: str, issue: str, measure: Measure, context: Context | None) -> str:
    """Toward whom and in what."""
    to = f" {'with' if measure.name in WITH else 'toward'} {spoken(partner, context)}" if partner else ""
    about = f" {'in' if 'issue' in measure.axes else 'on'} {lower(name(issue, context))}" if issue else ""
    return (to + about).strip()


def subject(summary: Fan | Trajectories, context: Context | None) -> str:
    """Whose, what, toward whom, in what."""
    what = lower(summary.measure.label)
    return f"{of(spoken(summary.state, context))} {what} {tie(summary.partner, summary.issue, summary.measure, context)}".strip()


def scene(context: Context | None) -> str:
    """The opening of a caption: which scenario."""
    return f'In "{context.title}", ' if context else ""


def difference(start: float, end: float, measure: Measure) -> str:
    """A change in words; measures without an index are compared with their own scale."""
    if index(measure):
        return words.change(end - start)
    scale = measure.range[1] - measure.range[0] if measure.range else max(abs(start), abs(end))
    if abs(end - start) <= 0.05 * scale:
        return "about the same"
    return "higher" if end > start else "lower"


def _at(fan: Fan, place: int) -> str:
    low, high = fan.bands[0.8]
    m = fan.measure
    return (
        f"{number(fan.median[place], m)} in {fan.quarters[place]} (80 % interval {interval(low[place], high[place], m)})"
    )


def _doubt(fan: Fan) -> str:
    """Whether the interval at the end leaves the direction open."""
    low, high = (float(bound[-1]) for bound in fan.bands[0.8])
    if fan.measure.neutral is None or not low < fan.measure.neutral < high:
        return ""
    return ", and whether it ends above or below its usual level is open"


def _extremes(fan: Fan) -> tuple[int, int, str, str]:
    most, least = ("warmest", "coolest") if index(fan.measure) else ("highest", "lowest")
    return int(np.argmax(fan.median)), int(np.argmin(fan.median)), most, least


def headline_fan(fan: Fan, context: Context | None = None) -> str:
    """The finding of one fan, without numbers."""
    ends = tie(fan.partner, fan.issue, fan.measure, context)
    what = f"{spoken(fan.state, context)} {ends}" if fan.measure.name == "stance" else subject(fan, context)
    if len(fan.quarters) < LONG:
        return f"{upper(what)}: {difference(fan.median[0], fan.median[-1], fan.measure)}"
    high, low, most, least = _extremes(fan)
    return f"{upper(what)}: {most} in {fan.quarters[high][:4]}, {least} in {fan.quarters[low][:4]}"


def caption_fan(fan: Fan, context: Context | None = None) -> str:
    """One sentence on one fan: from where to where, with the 80 % interval."""
    what = scene(context) + subject(fan, context)
    if len(fan.quarters) >= LONG:
        high, low, most, least = _extremes(fan)
        return upper(f"{what} is {most} at {_at(fan, high)} and {least} at {_at(fan, low)}, and ends at {_at(fan, -1)}.")
    first, verdict = fan.median[0], difference(fan.median[0], fan.median[-1], fan.measure)
    start = f"{number(first, fan.measure)} in {fan.quarters[0]}"
    return upper(f"{what} moves from {start} to {_at(fan, -1)}: {verdict}{_doubt(fan)}.")


def _moves(fans: Sequence[Fan]) -> tuple[Fan, int]:
    """The fan that moves most, and how many stay about the same."""
    same = sum(difference(f.median[0], f.median[-1], f.measure) == "about the same" for f in fans)
    return max(fans, key=lambda f: abs(f.median[-1] - f.median[0])), same


def headline_fans(fans: Sequence[Fan], context: Context | None = None) -> str:
    """The finding of many fans: how many stay, which moves most."""
    most, same = _moves(fans)
    verdict = difference(most.median[0], most.median[-1], most.measure)
    if verdict == "about the same":
        return f"By {most.quarters[-1]} all {len(fans)} stay about the same"
    stay = "none stays" if not same else "1 stays" if same == 1 else f"{same} stay"
    ends = tie(most.partner, most.issue, most.measure, context) or name(most.state, context)
    return f"By {most.quarters[-1]} {stay} about the same of {len(fans)}; the largest move is {verdict}, {ends}"


def caption_fans(fans: Sequence[Fan], context: Context | None = None) -> str:
    """One sentence on many fans: the largest move with its interval, and how many directions are clear."""
    most, _ = _moves(fans)
    m = most.measure
    text = f"{scene(context)}{subject(most, context)} moves most, from {number(most.median[0], m)} in {most.quarters[0]}"
    text += f" to {_at(most, -1)}"
    if m.neutral is not None:
        clear = sum(not f.bands[0.8][0][-1] <= m.neutral <= f.bands[0.8][1][-1] for f in fans)
        text += f"; at the end the interval excludes the usual level in {clear} of {len(fans)} panels"
    return upper(text + ".")


def headline_heatmap(heatmap: Heatmap, context: Context | None = None) -> str:
    """The finding of the last map: where the state is warmest and coolest."""
    (_, high), (_, low), most, least = _cells(heatmap, context)
    return upper(f"{spoken(heatmap.state, context)} in {heatmap.quarters[-1]}: {most} {high}, {least} {low}")


def caption_heatmap(heatmap: Heatmap, context: Context | None = None) -> str:
    """One sentence on the last map: extremes with their intervals, and how many cells have a clear sign."""
    (top, high), (bottom, low), most, least = _cells(heatmap, context)
    m, whose = heatmap.measure, of(spoken(heatmap.state, context))
    text = f"{scene(context)}{whose} {lower(m.label)} in {heatmap.quarters[-1]} is {most} {high} ({top}) and {least} {low} ({bottom})"
    if m.neutral is not None:
        text += f"; the interval excludes the usual level in {int(clear(heatmap)[-1].sum())} of {heatmap.values[-1].size} cells"
    return upper(text + ".")


def clear(heatmap: Heatmap) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Cells whose 80 % interval does not hold the neutral value."""
    neutral = heatmap.measure.neutral
    if neutral is None:
        return np.zeros(heatmap.values.shape, dtype=bool)
    return np.asarray((heatmap.low > neutral) | (heatmap.high < neutral))


def _cells(heatmap: Heatmap, context: Context | None) -> tuple[tuple[str, str], tuple[str, str], str, str]:
    """Numbers and names of the highest and the lowest cell of the last map, and the words for them."""
    m, last = heatmap.measure, heatmap.values[-1]

    def cell(place: int) -> tuple[str, str]:
        p, k = divmod(place, last.shape[1])
        bounds = interval(heatmap.low[-1, p, k], heatmap.high[-1, p, k], m)
        return f"{number(last[p, k], m)}, 80 % interval {bounds}", tie(heatmap.partners[p], heatmap.issues[k], m, context)

    both = ("warmest", "coolest") if index(m) else ("highest", "lowest")
    return cell(int(last.argmax())), cell(int(last.argmin())), *both


def headline_trajectories(trajectories: Trajectories, context: Context | None = None) -> str:
    """The finding of single runs: how far apart the same scenario can end."""
    ends, m = trajectories.values[:, -1], trajectories.measure
    return f"One scenario, {len(ends)} runs: they end anywhere from {interval(ends.min(), ends.max(), m)}"


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
