"""Folder of a study: tables as CSV and Parquet, figures as PNG and SVG, and one HTML page that holds them all.

The page asks the network for nothing, runs no script and escapes every text. A study says what it found with a
`StudyReport`; `write_report` does the rest.
"""

from __future__ import annotations

import base64
import hashlib
import html
import math
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import quote

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Cell: TypeAlias = str | float | int | bool | None
PAGE: Final = "report.html"

#: Settings of every figure. A dollar sign in a name must not start a formula.
STYLE: Final[dict[Any, object]] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "gigasite",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#d8dee5",
    "grid.linewidth": 0.6,
}
INK: Final = "#17202b"
ACCENT: Final = "#005a8e"
HEAT: Final = "#d55e00"


@dataclass(frozen=True)
class ReportTable:
    """A table of a study; full precision in its files, rounded on the page.

    Attributes
    ----------
    name
        File stem, e.g. ``prices``.
    columns
        Names with units, e.g. ``npv_busd``.
    key_column
        Column whose cells are keys of plan folders under ``points/``, or "". The page links them.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    key_column: str = ""


@dataclass(frozen=True)
class ReportFigure:
    """A figure of a study.

    Attributes
    ----------
    name
        File stem.
    draw
        Draws on empty axes; called inside ``rc_context(STYLE)``.
    description
        What the figure shows, for readers who cannot see it.
    size
        Width and height in inches.
    """

    name: str
    title: str
    draw: Callable[[Axes], None]
    description: str = ""
    size: tuple[float, float] = (9.0, 4.6)


@dataclass(frozen=True)
class PlanLink:
    """A plan that numbers of the study come from: a result folder, relative to the study's."""

    label: str
    folder: str


@dataclass(frozen=True)
class StudyReport:
    """What a study asked and found.

    Attributes
    ----------
    question
        One sentence.
    findings
        Sentences, the most important first.
    sources
        Plans behind the numbers.
    map_page
        Name of the map page in the folder of the study, or "".
    """

    title: str
    question: str
    findings: tuple[str, ...]
    tables: tuple[ReportTable, ...]
    figures: tuple[ReportFigure, ...] = ()
    sources: tuple[PlanLink, ...] = ()
    map_page: str = ""


def write_report(folder: Path, report: StudyReport) -> None:
    """Write all files of a report into a folder, which may hold other things, e.g. the points of the study.

    Each file appears whole or not at all; the page comes last, so that what it names exists.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with staged_files(folder) as staging:
        for table in report.tables:
            write_frame(staging, table.name, table_frame(table))
        images = {figure.name: _write_figure(staging, figure) for figure in report.figures}
        (staging / PAGE).write_text(report_page(report, images), encoding="utf-8")


@contextmanager
def staged_files(folder: Path) -> Iterator[Path]:
    """Give an empty folder and, if all goes well, move its files into place in order of their making.

    A file of the same name is replaced at once; nobody ever meets half a file.
    """
    staging = Path(tempfile.mkdtemp(prefix=".staging.", dir=folder))
    try:
        yield staging
        for file in sorted(staging.iterdir(), key=lambda path: path.stat().st_mtime_ns):
            file.replace(folder / file.name)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


# --- tables ----------------------------------------------------------------------------------


def table_frame(table: ReportTable) -> pd.DataFrame:
    """Table as a data frame, with text columns as text and numbers as numbers."""
    import pandas as pd

    columns = {name: [row[number] for row in table.rows] for number, name in enumerate(table.columns)}
    return pd.DataFrame({name: _series(cells) for name, cells in columns.items()}, columns=list(table.columns))


def _series(cells: Sequence[Cell]) -> pd.Series[Any]:
    import pandas as pd

    known = {type(cell) for cell in cells if cell is not None}
    if not known or str in known:
        return pd.Series([None if cell is None else str(cell) for cell in cells], dtype="string")
    if known == {bool}:
        return pd.Series(list(cells), dtype="boolean")
    if known == {int}:
        return pd.Series(list(cells), dtype="Int64")
    return pd.Series([float("nan") if cell is None else float(cell) for cell in cells], dtype="float64")


def write_frame(folder: Path, name: str, frame: pd.DataFrame) -> None:
    """Write a data frame as CSV and Parquet."""
    frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    frame.to_parquet(folder / f"{name}.parquet", index=False)


# --- figures ---------------------------------------------------------------------------------


def _write_figure(folder: Path, figure: ReportFigure) -> str:
    """Write PNG and SVG; return the SVG text."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        drawn = Figure(figsize=figure.size, layout="constrained", facecolor="white")
        FigureCanvasAgg(drawn)
        figure.draw(drawn.add_subplot())
        drawn.savefig(folder / f"{figure.name}.png", dpi=150, metadata={"Software": None})
        drawn.savefig(folder / f"{figure.name}.svg", metadata={"Date": None})
    return (folder / f"{figure.name}.svg").read_text(encoding="utf-8")


# --- the page --------------------------------------------------------------------------------

_STYLE_SHEET: Final = """
:root{--paper:#fff;--ink:#17202b;--quiet:#4f5b68;--line:#d8dee5;--accent:#005a8e;--card:#f4f6f9;color-scheme:light}
@media (prefers-color-scheme:dark){:root{--paper:#0c121b;--ink:#e6edf5;--quiet:#a3b0c0;--line:#2a3747;--accent:#7fc4ef;
  --card:#141d29;color-scheme:dark}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1100px;padding:22px 18px 40px;background:var(--paper);color:var(--ink);
  font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans","DejaVu Sans",sans-serif}
h1{font-size:21px;line-height:1.25;margin:0;overflow-wrap:anywhere}
h2{font-size:15px;margin:26px 0 6px}
.quiet,caption,footer{color:var(--quiet)}
p{margin:6px 0;overflow-wrap:anywhere}
.findings{background:var(--card);border:1px solid var(--line);border-radius:8px;margin:14px 0;
  padding:10px 14px 10px 32px}
.findings li{margin:4px 0;overflow-wrap:anywhere}
figure{margin:0}
figure img{max-width:100%;height:auto;background:#fff;border:1px solid var(--line);border-radius:8px}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;font-size:12.5px;font-variant-numeric:tabular-nums;min-width:50%}
caption{text-align:left;font-size:12px;padding:2px 0 6px}
th,td{text-align:left;padding:4px 14px 4px 0;border-bottom:1px solid var(--line);font-weight:400;vertical-align:top}
thead th{color:var(--quiet);font-size:12px;vertical-align:bottom}
.number{text-align:right;white-space:nowrap}
td{max-width:420px;overflow-wrap:anywhere}
a{color:var(--accent)}
.sources{columns:2 320px;padding-left:18px;font-size:12.5px}
:focus-visible{outline:2.5px solid var(--accent);outline-offset:2px}
@media print{body{max-width:none}.scroll{overflow:visible}}
"""


def report_page(report: StudyReport, images: dict[str, str]) -> str:
    """The page as text; ``images`` holds the SVG of each figure by name."""
    digest = base64.b64encode(hashlib.sha256(_STYLE_SHEET.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    findings = "".join(f"<li>{html.escape(text)}</li>" for text in report.findings)
    body = "".join(
        [
            f"<header><h1>{html.escape(report.title)}</h1>",
            f'<p class="quiet">{html.escape(report.question)}</p></header><main>',
            f'<ol class="findings">{findings}</ol>' if findings else "",
            f"<p>{_link(report.map_page, 'The plans on a map, to switch between and compare')}</p>"
            if report.map_page
            else "",
            *(_figure_html(figure, images[figure.name]) for figure in report.figures),
            *(_table_html(table) for table in report.tables),
            _sources_html(report.sources),
            "</main>",
        ]
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{html.escape(report.title)}</title><style>{_STYLE_SHEET}</style></head><body>{body}</body></html>\n"
    )


def _figure_html(figure: ReportFigure, svg: str) -> str:
    data = base64.b64encode(svg.encode()).decode()
    description = html.escape(figure.description or figure.title)
    return (
        f"<section><h2>{html.escape(figure.title)}</h2><figure>"
        f'<img src="data:image/svg+xml;base64,{data}" alt="{description}"></figure>'
        f'<p class="quiet">Files: {_link(f"{figure.name}.png")}, {_link(f"{figure.name}.svg")}</p></section>'
    )


def _table_html(table: ReportTable) -> str:
    numeric = [_is_numeric(cells) for cells in zip(*table.rows, strict=True)] or [False] * len(table.columns)
    head = "".join(
        f'<th scope="col"{_number_class(right)}>{html.escape(name)}</th>'
        for name, right in zip(table.columns, numeric, strict=True)
    )
    rows = "".join(f"<tr>{''.join(_cells_html(table, row, numeric))}</tr>" for row in table.rows)
    caption = f"<caption>{html.escape(table.note)}</caption>" if table.note else ""
    return (
        f'<section><h2>{html.escape(table.title)}</h2><div class="scroll" tabindex="0">'
        f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        f'<p class="quiet">Files: {_link(f"{table.name}.csv")}, {_link(f"{table.name}.parquet")}</p></section>'
    )


def _cells_html(table: ReportTable, row: tuple[Cell, ...], numeric: Sequence[bool]) -> Iterator[str]:
    for name, cell, right in zip(table.columns, row, numeric, strict=True):
        if name == table.key_column and cell:
            yield f"<td>{_link(f'points/{cell}/manifest.json', str(cell)[:10])}</td>"
        else:
            yield f"<td{_number_class(right)}>{html.escape(shown(cell))}</td>"


def _sources_html(sources: Sequence[PlanLink]) -> str:
    if not sources:
        return ""
    items = "".join(f"<li>{_link(f'{link.folder}/manifest.json', link.label)}</li>" for link in sources)
    return (
        "<section><h2>Plans behind the numbers</h2>"
        '<p class="quiet">Each is a result folder with its instance; gigasite audit FOLDER recomputes it.</p>'
        f'<ul class="sources">{items}</ul></section>'
    )


def _link(path: str, text: str = "") -> str:
    # A relative path with ./ before it can never be read as a scheme.
    return f'<a href="./{html.escape(quote(path))}">{html.escape(text or path)}</a>'


def _is_numeric(cells: Sequence[Cell]) -> bool:
    known = [cell for cell in cells if cell is not None]
    return bool(known) and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in known)


def _number_class(right: bool) -> str:
    return ' class="number"' if right else ""


_NOTHING: Final = "-"


def shown(cell: Cell) -> str:
    """Cell as people read it: four significant digits, no exponent where it can be helped."""
    match cell:
        case None:
            return _NOTHING
        case bool():
            return "yes" if cell else "no"
        case float():
            if math.isnan(cell):
                return _NOTHING
            if abs(cell) >= 1000:
                return f"{cell:,.0f}"
            return f"{cell:.4g}" if abs(cell) >= 1e-4 or cell == 0 else f"{cell:.2e}"
        case _:
            return str(cell)
