"""The gallery of figures: a small picture of each kind with the command that draws it.

Floor 7. ``python -m sim.gallery`` (``make gallery``) gives the commands as a user would, in a folder of its own so that no
results are touched, and writes ``results/GALLERY.md`` beside the pictures in ``results/reference/gallery``. Captions are those
that the commands write.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "results" / "GALLERY.md"
REFERENCE = ROOT / "results" / "reference"
COLOURS = 192
"""Colours kept of a picture: enough for the house style, and files stay small."""


@dataclass(frozen=True)
class Shot:
    """One kind of figure.

    Attributes
    ----------
    name : of the picture
    title : what it shows, for whoever looks for a kind
    kind : as the command calls it
    run : the command whose results are drawn ('' where they come with padma)
    figure : the command that draws it
    kept : a picture of a long job under ``results/reference``, which is shown as it is; '' draws it anew
    """

    name: str
    title: str
    kind: str
    run: str
    figure: str
    kept: str = ""

    @property
    def picture(self) -> Path:
        """Where its picture stands."""
        return REFERENCE / (self.kept or f"gallery/{self.name}.png")


BNP, RECORD = "padma run bnp_government", "padma run history"
WHO = "padma compare bnp_government awami_league_return jamaat_led national_unity --out results/who_governs"
UPRISING = "padma compare from_2024 no_uprising_2024"
TURN = "padma attribute from_1975 --from 1975Q2 --to 1978Q2 --runs 200"
STUDY = "padma sensitivity what_moves_defence_ties"
SWEEP = "padma sweep who_governs_image_sanctions"

SHOTS = (
    Shot("fan", "Fan of one tie, with the record", "fan", RECORD,
         'padma figure results/history fan --measure order_share --dyad "BGD>CHN"'),
    Shot("fans", "Fans of all powers and issue areas", "fan", BNP, "padma figure results/bnp_government fan"),
    Shot("heatmap", "Heatmap of powers and issue areas", "heatmap", BNP,
         "padma figure results/bnp_government heatmap --at 2026Q1 --at 2028Q1 --at 2031Q1"),
    Shot("trajectories", "Single runs", "trajectories", BNP,
         'padma figure results/bnp_government trajectories --dyad "BGD>IND" --issue diplomacy'),
    Shot("contrast", "A pair of worlds and their contrast", "contrast", UPRISING,
         "padma figure results/from_2024_vs_no_uprising_2024 contrast"),
    Shot("differences", "All paired differences", "differences", UPRISING,
         "padma figure results/from_2024_vs_no_uprising_2024 differences"),
    Shot("governments", "Who governs", "governments", WHO, "padma figure results/who_governs governments"),
    Shot("alignment", "Where Bangladesh stands among the powers", "alignment", RECORD,
         "padma figure results/history alignment"),
    Shot("hedging", "Hedging over time", "hedging", RECORD, "padma figure results/history hedging"),
    Shot("sides", "With whom Bangladesh votes", "sides", BNP, "padma figure results/bnp_government sides"),
    Shot("acts", "Dated acts, simulated and on record", "acts", RECORD, "padma figure results/history acts"),
    Shot("waterfall", "Who did it: a waterfall of causes", "waterfall", TURN,
         'padma figure results/attribution_from_1975 waterfall --dyad "BGD>RUS" --issue defence'),
    Shot("tornado", "What moves it: a tornado", "tornado", STUDY, "padma figure results/reference/sensitivity tornado"),
    Shot("posterior", "Posterior against prior", "posterior", "", "padma figure calibration/posterior posterior"),
    Shot("scoreboard", "Back-test: the scoreboard", "scoreboard", "padma backtest",
         "padma figure results/reference/backtest scoreboard"),
    Shot("reliability", "Back-test: coverage and PIT", "reliability", "padma backtest",
         "padma figure results/reference/backtest reliability"),
    Shot("held_out", "Back-test: the record, held out", "held_out", "padma backtest --out results/backtest",
         "padma figure results/backtest held_out", "held_out/held_out.png"),
    Shot("indices", "Sensitivity indices", "indices", "", STUDY, "sensitivity/figures/indices_sobol.png"),
    Shot("box", "Under which conditions it happens", "box", "", STUDY, "sensitivity/figures/box.png"),
    Shot("shares", "What explains what", "shares", SWEEP, "padma figure results/who_governs_image_sanctions shares",
         "sweep_who_governs/shares.png"),
    Shot("outcomes", "Outcomes by who governs", "outcomes", SWEEP,
         "padma figure results/who_governs_image_sanctions outcomes", "sweep_who_governs/outcomes.png"),
)  # fmt: skip
"""Every kind of figure."""

HEAD = """# Gallery

One picture of each kind of figure, and the commands that make it. `padma figure RESULTS KIND` draws PNG and SVG into
`RESULTS/figures`, with one sentence each in `caption.txt`; `--formats png,svg,pdf` chooses formats, `--size print` gives PNG
files of 3,840 pixels for paper, `--dyad`, `--issue`, `--measure` and `--at` choose what is shown. In Python each kind is a
function `sim.plots.draw_KIND(ax, summary)` for axes of your own, and `sim.plots.figure_KIND(summary, context)` for a slide.

What all share: one colour for each power, told apart by every common kind of colour blindness and in grey print; line styles,
marks and hatching beside colour; fans of 50, 80 and 95 % of the runs; points for what is on record; leaders in office as a
band along time; systemic events as quiet marks; heavy dashes where the record ends that the model was fitted to (2024-08-04);
and at the foot the source, what the parameters rest on, and the id of the manifest. `make gallery` renews this page.
"""


def main() -> int:
    """Draw every kind and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Path(folder)
        (desk / "results").mkdir()
        for shared in ("results/reference", "calibration"):
            (desk / shared).symlink_to(ROOT / shared, target_is_directory=True)
        entries = [_entry(shot, _caption(shot.picture) if shot.kept else _drawn(shot, desk)) for shot in SHOTS]
    PAGE.write_text("\n".join([HEAD, *entries]), encoding="utf-8", newline="\n")
    return 0


def _drawn(shot: Shot, desk: Path) -> str:
    """Draw a picture from runs on the desk, computed where they are not there yet; its caption."""
    if not (desk / shlex.split(shot.figure)[2]).is_dir():
        _give(desk, shot.run, "--quiet", *([] if shot.run.startswith("padma attribute") else ["--no-figures"]))
    out = desk / shot.name
    _give(desk, shot.figure, "--formats", "png", "--out", str(out))
    (picture,) = out.glob("*.png")
    shot.picture.parent.mkdir(parents=True, exist_ok=True)
    _shrink(picture, shot.picture)
    return _caption(picture)


def _give(desk: Path, command: str, *more: str) -> None:
    """Give a command as a user would."""
    sys.stderr.write(f"{command}\n")
    arguments = [*shlex.split(command)[1:], *more]
    subprocess.run([sys.executable, "-m", "sim.cli", *arguments], cwd=desk, check=True, stdout=subprocess.DEVNULL)


def _shrink(picture: Path, to: Path) -> None:
    """A copy with few colours, without metadata that differs from day to day."""
    from PIL import Image

    with Image.open(picture) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(to, optimize=True)


def _caption(picture: Path) -> str:
    """What ``caption.txt`` beside a picture says of it."""
    blocks = (picture.parent / "caption.txt").read_text(encoding="utf-8").split("\n\n")
    return next(block.strip().splitlines()[1] for block in blocks if block.strip().startswith(picture.stem))


def _entry(shot: Shot, caption: str) -> str:
    """Title, picture, caption and commands."""
    commands = "\n".join(part for part in (shot.run, shot.figure) if part)
    where = shot.picture.relative_to(PAGE.parent).as_posix()
    return f"## {shot.title}\n\n![{shot.title}]({where})\n\n{caption}\n\n```sh\n{commands}\n```\n"


if __name__ == "__main__":
    raise SystemExit(main())
