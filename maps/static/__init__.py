"""Static maps for print and slides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maps.view import MapPlan

SUFFIXES = (".png", ".svg", ".pdf")


def static_map(plan: MapPlan, path: Path | str, region: str = "world", year: int | None = None) -> Path:
    """Draw a plan as a picture; the suffix of the path chooses PNG, SVG or PDF.

    Parameters
    ----------
    plan
        From `maps.view.plan_view`.
    path
        File to write; replaced if it exists.
    region
        Key of `maps.regions.REGIONS`.
    year
        Calendar year of the plan; default the last. Capacity is that of the end of the year.

    Raises
    ------
    ValueError
        If the suffix, the region or the year is unknown.
    """
    import warnings

    from matplotlib import rc_context

    from maps.static.figure import STYLE, draw

    path = Path(path)
    if path.suffix not in SUFFIXES:
        msg = f"a static map ends in {', '.join(SUFFIXES)}, not '{path.suffix}'"
        raise ValueError(msg)
    # Without dates the same plan gives the same bytes.
    undated = {".png": {}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None, "ModDate": None}}
    with rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        figure = draw(plan, region, year)
        figure.savefig(path, metadata=undated[path.suffix])
    return path
