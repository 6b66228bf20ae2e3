"""The house style: colours, sizes and the page that every figure is set on.

Floor 6. Nothing here touches the settings of the user's matplotlib: figures are built with
``matplotlib.figure.Figure`` and the Agg canvas, inside ``rc_context``; pyplot is never imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.style
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

if TYPE_CHECKING:
    from sim.summary import Context

DPI = 100
WIDTH, HEIGHT = 1280, 720
"""A slide, in pixels."""

HEAD, TEXT, LABEL, SMALL, FINE = 30, 19, 18, 15, 13
"""Type sizes in pixels of a slide 720 pixels high."""

INK, QUIET, RULE, PAPER = "#1a1a1a", "#4d4d4d", "#d9d9d9", "#ffffff"

COLOURS = {"BGD": "#1a1a1a", "USA": "#5b2a68", "RUS": "#00609c", "CHN": "#d55e00", "IND": "#e69f00"}
"""One colour per state in every figure, in order of lightness so that they also differ in black and white."""

SPARE = ("#009e73", "#882255", "#7f7f7f", "#56b4e9")
"""For states that join later."""

TINTS = {0.95: 0.17, 0.80: 0.36, 0.50: 0.60}
"""Share of colour in the three bands of a fan."""


def colour(state: str) -> str:
    """The colour of a state.

    >>> colour("RUS")
    '#00609c'
    """
    return COLOURS.get(state) or SPARE[sum(map(ord, state)) % len(SPARE)]


def mix(hue: str, share: float, other: str = PAPER) -> str:
    """A colour mixed into another; solid, because transparency prints badly.

    >>> mix("#000000", 0.5)
    '#808080'
    """
    red, green, blue = (share * a + (1 - share) * b for a, b in zip(to_rgb(hue), to_rgb(other), strict=True))
    return str(to_hex((red, green, blue)))


_BARE: ContextVar[int | None] = ContextVar("bare", default=None)

SAID = 190
"""Pixels of a sheet that headline, sentence, source and credit take."""


@contextmanager
def bare(height: int = 0) -> Iterator[None]:
    """Figures made inside carry no headline, sentence, source and credit: for a page or slide that says them beside the figure.

    Parameters
    ----------
    height : of the sheets in pixels (0: the usual height without what is left out)
    """
    token = _BARE.set(height)
    try:
        yield
    finally:
        _BARE.reset(token)


def points(pixels: float) -> float:
    """Pixels of the slide in points."""
    return pixels * 72 / DPI


def typeset(text: str) -> str:
    """Minus signs and unbreakable spaces where typesetters put them.

    >>> typeset("-0.31 to +0.35, 80 % interval") == "\u22120.31 to +0.35, 80\u00a0% interval"
    True
    """
    return re.sub(r"(?<![\w\u2212-])-(?=\.?\d)", "\u2212", text).replace(" %", "\u00a0%")


@contextmanager
def house() -> Iterator[None]:
    """The house style for the artists made inside; the user's settings return afterwards."""
    with mpl.style.context(["default", SETTINGS]):
        yield


SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": points(LABEL),
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.labelsize": points(LABEL),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": points(LABEL),
    "ytick.labelsize": points(LABEL),
    "grid.color": RULE,
    "grid.linewidth": 0.8,
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": points(SMALL),
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "svg.hashsalt": "padma",
    "svg.fonttype": "path",
}


def sheet(ax: Axes) -> Figure:
    """The figure that a panel is part of.

    Raises
    ------
    ValueError : the axes belong to no figure
    """
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("these axes belong to no figure; make them with fig.add_subplot() or plt.subplots().")
    return figure


def room(ax: Axes) -> tuple[float, float]:
    """Width and height of a panel in pixels of the slide, whatever the resolution of its figure."""
    box, scale = ax.get_window_extent(), DPI / sheet(ax).dpi
    return float(box.width * scale), float(box.height * scale)


def beside(
    ax: Axes,
    text: str,
    anchor: tuple[float, float],
    shift: tuple[float, float],
    pixels: float,
    *,
    coords: Any = "axes fraction",
    **more: Any,
) -> None:
    """Write a text some pixels right of and above an anchor in the panel; its size is in pixels, too."""
    offset = (points(shift[0]), points(shift[1]))
    ax.annotate(typeset(text), anchor, offset, xycoords=coords, textcoords="offset points", fontsize=points(pixels), **more)


def size_of(figure: Figure, text: str, pixels: float, **more: Any) -> tuple[float, float]:
    """Width and height of a text in pixels of the slide, as it will be drawn; measured once for each text and style."""
    style = (text, pixels, figure.dpi, *sorted(more.items()))
    if style not in _SIZES:
        _SIZES[style] = _measured(figure, text, pixels, **more)
    return _SIZES[style]


_SIZES: dict[tuple[Any, ...], tuple[float, float]] = {}


def _measured(figure: Figure, text: str, pixels: float, **more: Any) -> tuple[float, float]:
    probe = figure.text(0, 0, text, fontsize=points(pixels), **more)
    box, scale = probe.get_window_extent(), DPI / figure.dpi
    probe.remove()
    return float(box.width * scale), float(box.height * scale)


def wrapped(figure: Figure, text: str, pixels: float, room: float, **more: Any) -> str:
    """The text broken into lines no wider than ``room`` pixels (a single word may be).

    A longer beginning is a wider one, so the longest that fits is found by halving: measuring a text is what costs time.
    """
    words, lines = text.split(" "), []
    while words:
        least, most = 1, len(words)
        guess = most
        while least < most:
            fits = size_of(figure, " ".join(words[:guess]), pixels, **more)[0] <= room
            least, most = (guess, most) if fits else (least, guess - 1)
            guess = (least + most + 1) // 2
        lines.append(" ".join(words[:least]))
        words = words[least:]
    return "\n".join(lines)


@dataclass
class Page:
    """A sheet with a headline at the top and a footer at the bottom; what is between is for panels.

    Attributes
    ----------
    figure : the sheet
    top, bottom : free height, in pixels from the lower edge
    left, right : margins, in pixels from the left edge
    """

    figure: Figure
    top: float
    bottom: float
    left: float = 32
    right: float = WIDTH - 32

    @classmethod
    def blank(cls, height: int = HEIGHT) -> Page:
        """An empty sheet as wide as a slide."""
        said = _BARE.get()
        height = height if said is None else said or height - SAID
        figure = Figure(figsize=(WIDTH / DPI, height / DPI), dpi=DPI, facecolor=PAPER)
        FigureCanvasAgg(figure)
        return cls(figure, top=height - 22, bottom=16)

    @property
    def height(self) -> float:
        """Height of the sheet in pixels."""
        return float(self.figure.get_figheight()) * DPI

    def wide(self, pixels: float) -> float:
        """Room for a line: small letters are set up to 4 % wider on a larger screen, on paper and in SVG."""
        return (self.right - self.left) * (0.96 if pixels <= SMALL else 1.0)

    def write(self, text: str, y: float, pixels: float, *, up: bool = False, **more: Any) -> tuple[Text, float]:
        """Write across the page, broken into lines, hanging from ``y`` (or standing on it); gives its height too."""
        weight = {"fontweight": more["fontweight"]} if "fontweight" in more else {}
        lines = wrapped(self.figure, typeset(text), pixels, self.wide(pixels), **weight)
        more = {"va": "bottom" if up else "top", "fontsize": points(pixels), "linespacing": 1.25, **more}
        drawn = self.figure.text(self.left / WIDTH, y / self.height, lines, **more)
        return drawn, float(drawn.get_window_extent().height)

    def _wide(self, headline: str, pixels: float) -> float:
        return size_of(self.figure, typeset(headline), pixels, fontweight="bold")[0]

    def head(self, headline: str, sentence: str) -> None:
        """The finding in words: a headline, and one sentence with its uncertainty."""
        if _BARE.get() is not None:
            return
        fits = (s for s in (HEAD, 28, 26) if self._wide(headline, s) <= self.right - self.left)
        size = next(fits, HEAD)
        self.top -= self.write(headline, self.top, size, fontweight="bold")[1] + 11
        self.top -= self.write(sentence, self.top, TEXT, color=QUIET)[1] + 12

    def foot(self, context: Context) -> None:
        """Status, size of the ensemble and manifest on the last line, the source above it."""
        if _BARE.get() is not None:
            return
        self.bottom += self.write(credit(context), self.bottom, SMALL, up=True, fontweight="bold")[1] + 5
        self.bottom += self.write(f"Source: {context.source}", self.bottom, FINE, up=True, color=QUIET)[1] + 6

    def tall(self, note: str) -> float:
        """Height that a note would take above the footer."""
        lines = wrapped(self.figure, typeset(note), FINE, self.wide(FINE))
        return size_of(self.figure, lines, FINE, linespacing=1.25)[1] + 6 if note else 0.0

    def note(self, text: str) -> None:
        """Write a note above the footer."""
        if text:
            self.bottom += self.write(text, self.bottom, FINE, up=True, color=QUIET)[1] + 6

    def title_row(self, ax: Axes, label: str, items: Sequence[Artist]) -> None:
        """What the vertical axis shows, written flat above it, and the key at the right of the same row."""
        here = 1 - (self.height - self.top) / self.height
        ax.set_ylabel(typeset(label), rotation=0, ha="left", va="top", fontsize=points(LABEL))
        ax.yaxis.set_label_coords(self.left / WIDTH, here, transform=self.figure.transFigure)
        self.figure.legend(
            handles=list(items), ncols=len(items), loc="upper right", bbox_to_anchor=(self.right / WIDTH, here),
            borderaxespad=0, borderpad=0.1, handlelength=1.4, columnspacing=1.3, handletextpad=0.5,
        )  # fmt: skip

    def axes(self, left: float, bottom: float, right: float, top: float) -> Axes:
        """Axes between four lines given in pixels."""
        return self.figure.add_axes((left / WIDTH, bottom / self.height, (right - left) / WIDTH, (top - bottom) / self.height))


def credit(context: Context) -> str:
    """Status, size of the ensemble and manifest of a figure, on one line."""
    return f"Status: {context.status}  ·  {context.runs:,} runs  ·  manifest {context.manifest}"
