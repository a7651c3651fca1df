"""A sheet of A4 on which text, tables and charts are set from top to bottom."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from maps.static.panel import EDGE, INK, QUIET

WIDTH, HEIGHT, MARGIN = 8.27, 11.69, 0.55
INNER = WIDTH - 2 * MARGIN
_SIZE = 7.4
_LINE = 0.155  # inches


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: where it starts, in inches from the left margin, and what fits."""

    heading: str
    left: float
    longest: int
    right_aligned: bool = False


@dataclass
class Sheet:
    """A page; `top` is where the next thing goes, in inches from the lower edge."""

    figure: Figure = field(default_factory=lambda: Figure(figsize=(WIDTH, HEIGHT), dpi=150, facecolor="white"))
    top: float = HEIGHT - MARGIN

    def __post_init__(self) -> None:
        FigureCanvasAgg(self.figure)

    def skip(self, inches: float) -> None:
        """Leave room."""
        self.top -= inches

    def axes(self, left: float, width: float, height: float) -> Axes:
        """Axes with their upper edge at the top; does not move it."""
        place = ((MARGIN + left) / WIDTH, (self.top - height) / HEIGHT, width / WIDTH, height / HEIGHT)
        return self.figure.add_axes(place)

    def text(self, left: float, text: str, *, size: float = _SIZE, **style: object) -> None:
        """A line of text with its top at the top, smaller if it would leave the page; does not move the top."""
        words: dict[str, object] = {"fontsize": size, "color": INK, "va": "top", **style}
        drawn = self.figure.text((MARGIN + left) / WIDTH, self.top / HEIGHT, text, **words)  # type: ignore[arg-type]
        edge = (WIDTH - MARGIN) * self.figure.dpi
        box = drawn.get_window_extent(self.figure.canvas.get_renderer())  # type: ignore[attr-defined]
        if box.x1 > edge:
            drawn.set_fontsize(size * 0.97 * (edge - box.x0) / box.width)

    def heading(self, text: str) -> None:
        """Heading of a section, with a line above."""
        y = (self.top + 0.03) / HEIGHT
        self.figure.add_artist(Line2D([MARGIN / WIDTH, 1 - MARGIN / WIDTH], [y, y], color=EDGE, linewidth=0.7))
        self.skip(0.03)
        self.text(0, text, size=9, weight="bold")
        self.skip(0.21)

    def paragraph(self, text: str, *, most: int = 126) -> None:
        """Text in lines of at most so many characters."""
        for line in textwrap.wrap(text, most) or [""]:
            self.text(0, line)
            self.skip(_LINE)

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """Rows under headings; texts that are too long are cut."""
        self._row(columns, [column.heading for column in columns], color=QUIET)
        for row in rows:
            self._row(columns, row)

    def _row(self, columns: Sequence[Column], row: Sequence[str], color: str = INK) -> None:
        for column, text in zip(columns, row, strict=True):
            side = "right" if column.right_aligned else "left"
            self.text(column.left, cut(text, column.longest), ha=side, color=color)
        self.skip(_LINE)


def cut(text: str, longest: int) -> str:
    """One line of printable text of at most so many characters."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
