"""Looking at figures: what reaches the canvas, whether texts meet or are cut, and how colours look to other eyes."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox


def by_gid(ax: Axes, gid: str) -> Any:
    """The first artist of that name."""
    return next(a for a in ax.findobj(lambda a: a.get_gid() == gid))


def drawn(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> list[Text]:
    """Texts that really reach the canvas."""
    seen: dict[int, Text] = {}
    original = Text.draw

    def draw(self: Text, renderer: Any) -> None:
        if self.get_visible() and self.get_text().strip():
            seen[id(self)] = self
        return original(self, renderer)

    monkeypatch.setattr(Text, "draw", draw)
    figure.canvas.draw()
    monkeypatch.undo()
    return list(seen.values())


def check_boxes(figure: Figure, texts: list[Text]) -> None:
    """No text is cut off by the sheet, and no two texts meet."""
    page = figure.bbox
    boxes = [(t.get_text(), t.get_window_extent()) for t in texts]
    for text, box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= page.x1 and box.y1 <= page.y1, f"cut off: {text!r}"
    for (one, a), (two, b) in combinations(boxes, 2):
        met = Bbox.intersection(a, b)
        assert met is None or min(met.width, met.height) <= 1.5, f"{one!r} meets {two!r}"


SEEN = {
    "normal": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}
"""Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB."""


def lab(colour: str, seen: str = "normal") -> Any:
    """A colour in CIELAB as some eye sees it; the first number is its lightness, which is all that a grey print keeps."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(SEEN[seen] @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ linear
    relative = xyz / [0.9505, 1.0, 1.089]
    f = np.where(relative > 0.008856, np.cbrt(relative), 7.787 * relative + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one: str, two: str, seen: str = "normal") -> float:
    """How far two colours are apart for some eye (CIE76)."""
    return float(np.linalg.norm(lab(one, seen) - lab(two, seen)))
