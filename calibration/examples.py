"""What the documentation shows, made anew: after another fit, or a change of the rules, one command renews all of it.

    python -m calibration.examples [PART ...]        (or: make examples PARTS="attribution sweep")

Every part is made by the commands that a reader would type. What they print is kept in ``results/examples`` (to be copied into
the pages that quote it); figures and tables go to ``results/reference``. The time of each part is printed at the end.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from sim import posterior
from sim.words import signed

SAID, REFERENCE = Path("results/examples"), Path("results/reference")

TURNOVERS = {
    "from_1975": ("1975, Mujib falls", "1975Q2", "1978Q2"),
    "from_1996": ("1996, the Awami League returns", "1996Q1", "1999Q1"),
    "from_2001": ("2001, the BNP returns", "2001Q2", "2004Q2"),
    "from_2009": ("2009, the Awami League returns", "2008Q4", "2011Q4"),
    "from_2024": ("2024, the July Uprising", "2024Q2", "2027Q2"),
}
"""Base of each turnover on which the two texts disagree: what it is called, and the quarters before it and three years on."""

SHOWN = {"leader": ("images", "traits"), "system": ("system",), "luck": ("chance",), "already under way": ("inherited",)}
"""Columns of the pages, and the parts that each adds up."""

OTHERS = ("commitments", "domestic", "response")


def padma(name: str, *arguments: str) -> Path:
    """A command as a reader would type it; what it prints is kept under a name. Returns its results folder."""
    out = SAID / name
    command = [sys.executable, "-m", "sim.cli", *arguments, "--out", str(out), "--force"]
    SAID.mkdir(parents=True, exist_ok=True)
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    (SAID / f"{name}.txt").write_text(said, encoding="utf-8")
    return out


def copied(folder: Path, where: str, *names: str) -> None:
    """Files of a results folder into the reference."""
    (REFERENCE / where).mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copyfile(folder / name, REFERENCE / where / Path(name).name)


def run() -> None:
    """The main job, its figures and one explanation."""
    out = padma("bnp_government", "run", "bnp_government")
    copied(
        out,
        "bnp_government",
        *(f"figures/{name}" for name in ("fan_cooperation.png", "heatmap_cooperation.png", "caption.txt")),
    )
    asked = ("--dyad", "BGD>RUS", "--issue", "defence", "--quarter", "2028Q4")
    said = subprocess.run(
        [sys.executable, "-m", "sim.cli", "explain", str(out), *asked], check=True, stdout=subprocess.PIPE, text=True
    )
    (SAID / "explain.txt").write_text(said.stdout, encoding="utf-8")


def compare() -> None:
    """Counterfactuals: of the past, of the present, and three worlds at once."""
    padma("no_uprising_2024", "compare", "from_2024", "no_uprising_2024")
    padma("coup_1975_fails", "compare", "from_1975", "coup_1975_fails")
    padma("crisis", "compare", "bnp_government", "india_bangladesh_crisis", "india_bangladesh_crisis_mediated")


def attribution() -> None:
    """Who did it, for the five turnovers, and the page that shows them side by side."""
    tables = {}
    for base, (_, first, last) in TURNOVERS.items():
        tie = ("--dyad", "BGD>RUS", "--issue", "defence")
        out = padma(f"attribution_{base}", "attribute", base, "--from", first, "--to", last, "--runs", "200", *tie)
        copied(out, "attribution", "attribution.csv")
        (REFERENCE / "attribution/attribution.csv").rename(REFERENCE / f"attribution/{base}.csv")
        tables[base] = pd.read_csv(out / "attribution.csv").set_index(["partner", "issue", "part"])
    figure = next((SAID / "attribution_from_1975/figures").glob("*.png"))
    shutil.copyfile(figure, REFERENCE / "attribution/from_1975.png")
    (REFERENCE / "attribution/README.md").write_text(attribution_page(tables), encoding="utf-8")


def attribution_page(tables: dict[str, pd.DataFrame]) -> str:
    """The page on the five turnovers.

    Parameters
    ----------
    tables : base -> rows of an attribution, by partner, issue area and part
    """
    tables = {base: table.sort_index() for base, table in tables.items()}  # so that rows can be looked up
    rest = max(table["mean"].abs().loc[["RUS"], :, list(OTHERS)].max() for table in tables.values())
    learned = posterior.find(posterior.SHIPPED)
    above = {
        issue: float((learned.values[f"leader_gain.small.{issue}"] > 0).mean()) if learned else float("nan")
        for issue in ("diplomacy", "defence")
    }
    return f"""# Who did it? Five turnovers, split

Change of Bangladesh's stance toward Russia over three years around each change of government, index points, split by
Shapley values over all combinations of causes (means of 200 paired runs with the luck that the record shows; after 2024 luck
is drawn). Leader: images and other traits together; commitments, domestic constraint and the other side's response add at
most {rest:.2f} and are left out here.

Votes (diplomacy):

{rows(tables, "diplomacy")}

Arms (defence):

{rows(tables, "defence")}

The sign of the leader's part follows from the codings, its size from the fit (the gain is above zero with probability
{above["diplomacy"]:.2f} in votes, {above["defence"]:.2f} in arms). "System" is small for two reasons: inputs move little in
three years, and the record cannot tell its gain from zero. "Luck" is what the record shows and the model does not explain.
Contracts act on arms orders and not on the stance in defence, so that they have no part in the second table by construction.
Tables of all powers and issue areas stand beside; each is made by

```sh
padma attribute from_1975 --from 1975Q2 --to 1978Q2 --runs 200     # and from_1996, from_2001, from_2009, from_2024
```

![1975](from_1975.png)
"""


def rows(tables: dict[str, pd.DataFrame], issue: str) -> str:
    """The turnovers as a table in Markdown, toward Russia."""
    lines = [f"| turnover | quarters | whole (80 % interval) | {' | '.join(SHOWN)} |", f"|---|---|---:{'|---:' * len(SHOWN)}|"]
    for base, (called, first, last) in TURNOVERS.items():
        at = tables[base].loc[("RUS", issue)]
        whole = at.loc["total"]
        parts = [signed(float(at.loc[list(names), "mean"].sum())) for names in SHOWN.values()]
        bounds = f"{signed(whole['mean'])} ({signed(whole.q10)} to {signed(whole.q90)})"
        lines.append(f"| {called} | {first} to {last} | {bounds} | {' | '.join(parts)} |")
    return "\n".join(lines)


def sweep() -> None:
    """The tutorial sweep in full: 192 points of 256 runs and those that split the variance."""
    out = padma("who_governs", "sweep", "who_governs_image_sanctions")
    copied(out, "sweep_who_governs", "variance.csv", *(f"figures/{n}" for n in ("shares.png", "outcomes.png", "caption.txt")))


def sensitivity() -> None:
    """The study of defence ties: 1,280 points of 64 runs."""
    out = padma("what_moves_defence_ties", "sensitivity", "what_moves_defence_ties", "--points", "128")
    shutil.rmtree(REFERENCE / "sensitivity", ignore_errors=True)
    shutil.copytree(out, REFERENCE / "sensitivity")


def benchmark() -> None:
    """Speed, and a sweep of a million runs: on a machine that has nothing else to do."""
    subprocess.run([sys.executable, "-m", "tests.bench.bench", "--repeats", "3", "--sweep", "--write"], check=True)


PARTS: dict[str, Callable[[], None]] = {f.__name__: f for f in (run, compare, attribution, sweep, sensitivity, benchmark)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the parts that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m calibration.examples", description=__doc__.split("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"which of {', '.join(PARTS)} (default: all)")
    asked = parser.parse_args(arguments).parts
    if wrong := [name for name in asked if name not in PARTS]:
        parser.error(f"there is no part '{wrong[0]}'; choose from {', '.join(PARTS)}")
    for name in asked or PARTS:
        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        PARTS[name]()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
        print(f"{name}: {time.perf_counter() - began:.0f} s, {cpu:.0f} s of CPU", flush=True)


if __name__ == "__main__":
    main()
