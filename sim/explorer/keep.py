"""What leaves a page: a scenario file, a figure, and an explanation of the ensemble in words."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

from sim import library, provenance, run, yamlfile
from sim.errors import InputError, nearest
from sim.explain import explain
from sim.explorer.scene import Scene
from sim.explorer.state import Asked, Opened
from sim.explorer.views import Stopped, contrast, shown
from sim.plots.captions import caption_fan
from sim.walk import quarter_named, walk
from sim.words import change

SHORT = 36
"""Letters of a title that the key of a figure has room for."""

FORMATS = {"svg": "image/svg+xml", "png": "image/png"}


def scenario_file(asked: Asked, opened: Opened, which: str) -> tuple[str, str]:
    """A world as a scenario file: name and text. It runs as it is, and says at its head what was changed."""
    world = asked.b if which == "b" and asked.b else asked.a
    found = opened.scenario(world)
    name = opened.file_name(world, which)
    changed = [f"{path} = {text}" for path, text in opened.pairs(world)] or ["nothing"]
    differs = "; ".join(changed)
    title = f"{found.title}, changed by hand" if opened.pairs(world) else found.title
    content = {**found.raw, "name": name, "title": title[:4000], "differs": f"in the explorer: {differs}"[:4000]}
    head = [f"# Made by padma explore {provenance.version()} from {opened.spec(world)}. Changed by hand:"]
    head += [f"#   {line[:200]}" for line in changed]
    return f"{name}.yaml", "\n".join(head).replace("\r", " ") + "\n" + yamlfile.write(content)


def figure(scene: Scene, opened: Opened, kind: str, stopped: Stopped) -> tuple[str, bytes]:
    """The chart of a page in the house style, with its caption, source and manifest id: name and bytes.

    Raises
    ------
    InputError : another format than svg or png
    """
    from sim.comparison import identity
    from sim.plots import caption_contrast, figure_contrast, figure_fan, save_to

    if kind not in FORMATS:
        raise InputError(f"'{kind}' is not a format", where="format", why="no browser shows it.", how=nearest(kind, FORMATS))
    asked, found = scene.asked, shown(scene, stopped)
    made = provenance.run_id(scene.a, asked.runs, asked.seed, "ensemble")
    if scene.b:
        made = identity([replace(scene.b, name="b"), replace(scene.a, name="a")], asked.runs, asked.seed, asked.view.state)
    held = run.context(scene.a, made, asked.runs)
    if scene.b:
        pair = contrast(scene, found, _titles(scene, opened))
        drawn, caption = figure_contrast(pair, held), caption_contrast(pair, held)
    else:
        drawn, caption = figure_fan(found.a[scene.at], held), caption_fan(found.a[scene.at], held)
    out = BytesIO()
    save_to(out, drawn, caption, held, kind)
    dyad = "_".join(part for part in (*scene.dyads[scene.at], scene.kind) if part)
    return f"{opened.file_name(asked.a, 'a')}_{scene.measure.name}_{dyad}.{kind}", out.getvalue()


def _titles(scene: Scene, opened: Opened) -> tuple[str, str]:
    """What the two worlds are called on a figure: by their titles where these are short and tell them apart."""
    held = [(scene.b, scene.asked.b), (scene.a, scene.asked.a)]
    b, a = (f"{s.title}{', changed' if opened.pairs(w) else ''}" for s, w in held if s and w)
    return (b, a) if a != b and max(len(a), len(b)) <= SHORT else ("world B", "World A")


def walk_document(scene: Scene, stopped: Stopped) -> dict[str, Any]:
    """One quarter of one run: what every state did, and why."""
    asked = scene.asked
    issue = scene.kind if "issue" in scene.measure.axes else scene.a.issues[0]
    played = walk(scene.a, asked.seed, asked.view.run or 0, asked.runs)
    quarter = quarter_named(scene.a, asked.view.quarter)
    return {
        "run": asked.view.run or 0,
        "quarter": asked.view.quarter,
        "issue": issue,
        "issue_label": library.issues()[issue].value.label,
        "steps": [vars(step) | {"acts": [act.replace("_", " ") for act in step.acts]} for step in played.steps(quarter, issue)],
    }


def why_document(scene: Scene, stopped: Stopped) -> dict[str, Any]:
    """Why the ensemble stands where it does, and where others in the seat would have taken it with the same luck.

    Raises
    ------
    InputError : the measure is not what a state does toward another in an issue area, or there is no such quarter
    """
    asked = scene.asked
    state, partner = scene.dyads[scene.at]
    if "issue" not in scene.measure.axes or not partner:
        why = "only what a state does toward another in an issue area has an explanation."
        raise InputError(f"'{scene.measure.name}' cannot be explained", where="measure", why=why, how="choose stance.")
    quarter_named(scene.a, asked.view.quarter)
    found = explain(scene.a, asked.seed, asked.runs, state=state, partner=partner, issue=scene.kind, quarter=asked.view.quarter)
    others = [vars(a) | {"change": change(a.difference)} for a in found.alternatives]
    return {"text": found.text, "alternatives": others, "since": str(found.since or ""), "quarter": found.quarter}
