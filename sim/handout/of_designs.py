"""The handouts of sweeps and of sensitivity studies: many points instead of one course over time.

Part of the handouts (floor 6). A study's figures are those of its folder: they were drawn from points that are not kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import provenance
from sim.errors import InputError
from sim.handout import trust
from sim.handout.parts import Finding, Handout, Picture, Section
from sim.handout.shared import credit, day_of, sources, versions
from sim.plots.phrases import upper
from sim.run import context as context_of
from sim.sweep.design import read_design
from sim.sweep.job import worlds_of
from sim.sweep.results import read_sweep, sentences
from sim.sweep_views import figures_of, sweep_table
from sim.tables import Table

if TYPE_CHECKING:
    from sim.summary import Context
    from sim.sweep.design import Design


def of_sweep(folder: Path) -> Handout:
    """The handout of a sweep.

    Raises
    ------
    InputError : it has no split of variance, and so nothing to say
    """
    sweep = read_sweep(folder)
    rows = sweep.variance.fillna("").to_dict(orient="records")
    told = sentences(rows)
    if not told:
        how = "give the design a factor that varies, and every point at least a few dozen runs."
        raise InputError("this sweep explains nothing", where=str(folder), why="it has no split of variance.", how=how)
    context, drawn = figures_of(sweep)
    findings = [Finding(s.headline, s.sentence, _picture(s, draw, context)) for s, draw in drawn.values()]
    causes = Section(told[0].rstrip("."), (*told, _factors(sweep.design)), brief=tuple(told))
    return _handout("sweep", sweep.design, sweep.manifest, tuple(told[:3]), findings, sweep_table(sweep.design, rows), causes)


def _picture(summary: Any, draw: Any, context: Context) -> Picture:
    return Picture(lambda: draw(summary, context), summary.sentence, f"{summary.headline}. {summary.sentence}", context)


def of_study(folder: Path) -> Handout:
    """The handout of a sensitivity study."""
    import pandas as pd

    record = provenance.read_manifest(folder)
    design = read_design(folder / "design.yaml")
    told = (folder / "findings.txt").read_text(encoding="utf-8").split("\n")
    said = tuple(text for text in told if text.strip())
    found = pd.read_csv(folder / "indices.csv")
    columns = [c for c in found.columns if not found[c].isna().all()]
    rows = [tuple(f"{v:.3f}" if isinstance(v, float) else v for v in row) for row in found[columns].itertuples(index=False)]
    heads = tuple(upper(c.replace("_", " ").replace("q05", "5 %").replace("q95", "95 %")) for c in columns)
    table = Table(f"What moves {record['outcome']}", heads, rows, "As in indices.csv; 5 % and 95 %: bounds of 90 % intervals.")
    causes = Section("What moves the outcome, and under which conditions it comes about", (*said, _factors(design)), brief=said)
    return _handout("study", design, record, said[:3], _kept(folder, record), table, causes)


def _handout(
    kind: str,
    design: Design,
    record: dict[str, Any],
    answer: tuple[str, ...],
    findings: list[Finding],
    table: Table,
    causes: Section,
) -> Handout:
    worlds = worlds_of(design)
    base = context_of(worlds[0], str(record["id"]), int(record["runs"]))
    size = f"{record['points']:,} points of {record['runs']:,} runs"
    return Handout(
        kind=kind,
        title=design.title,
        question=design.question or design.title,
        about=f"{design.title} ({design.name}), {size} that share all draws",
        answer=answer,
        findings=tuple(findings),
        tables=(table,),
        chart=None,
        causes=causes,
        trust=trust.trust(worlds[:1]),
        assumptions=trust.assumptions(worlds),
        sources=sources(worlds),
        commands=(str(record["command"]),),
        versions=versions([record]),
        identity=str(record["id"]),
        credit=credit(base),
        day=day_of([record]),
    )


def _factors(design: Design) -> Table:
    """What was varied."""
    rows = [(f.label, f.group, ", ".join(f.shown(v) for v in f.values) if f.categorical else "a range") for f in design.factors]
    return Table("What was varied", ("Factor", "Group", "Values"), rows)


def _kept(folder: Path, record: dict[str, Any]) -> list[Finding]:
    """The figures of a study's folder with their captions."""
    context = context_of(worlds_of(read_design(folder / "design.yaml"))[0], str(record["id"]), int(record["runs"]))
    captions = folder / "figures" / "caption.txt"
    blocks = captions.read_text(encoding="utf-8").split("\n\n") if captions.is_file() else []
    found = []
    for block in blocks:
        name, _, rest = block.strip().partition("\n")
        path, sentence = folder / "figures" / f"{name}.png", rest.split("\n")[0]
        if path.is_file():
            found.append(Finding(sentence.split(". ")[0], sentence, Picture(path, sentence, sentence, context)))
    return found
