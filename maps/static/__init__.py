"""Static maps and charts for print and slides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from maps.plan import AnyPlan
    from maps.static.basemap import UserBasemap

SUFFIXES = (".png", ".svg", ".pdf")


def static_map(
    plan: AnyPlan,
    path: Path | str,
    region: str = "world",
    year: int | None = None,
    *,
    basemap: UserBasemap | None = None,
) -> Path:
    """Draw a plan as a picture; the suffix of the path chooses PNG, SVG or PDF.

    Parameters
    ----------
    plan
        From `maps.Plan.open` or `maps.plan_view`.
    path
        File to write; replaced if it exists.
    region
        Key of `maps.static.areas.AREAS`; hyphens may stand for underscores.
    year
        Calendar year of the plan; default the last. Capacity is that of the end of the year.
    basemap
        Land and borders to draw instead of Natural Earth, from `maps.static.basemap.read_basemap`.

    Raises
    ------
    ValueError
        If the suffix, the region or the year is unknown.
    """
    from maps.plan import as_view

    def drawn() -> Figure:
        from maps.static.figure import draw

        return draw(as_view(plan), region, year, basemap)

    return _save(drawn, Path(path))


def static_charts(plan: AnyPlan, path: Path | str) -> Path:
    """Draw GW, chips and energy by year, and the commitments; path and errors as of `static_map`."""
    from maps.plan import as_view

    def drawn() -> Figure:
        from maps.static.sheets import charts_figure

        return charts_figure(as_view(plan))

    return _save(drawn, Path(path))


def _save(drawn: Callable[[], Figure], path: Path) -> Path:
    """Draw and write a figure in the common style, without dates: the same plan gives the same bytes."""
    import warnings

    from matplotlib import rc_context

    from maps.static.figure import STYLE

    if path.suffix not in SUFFIXES:
        msg = f"a static map ends in {', '.join(SUFFIXES)}, not '{path.suffix}'"
        raise ValueError(msg)
    undated = {".png": {}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None, "ModDate": None}}
    with rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        drawn().savefig(path, metadata=undated[path.suffix])
    return path
