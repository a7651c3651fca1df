"""A plan on two pages, for people who will not open anything else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from maps.brief.prices import KnownPrice, read_prices

if TYPE_CHECKING:
    from maps.plan import Plan

__all__ = ["KnownPrice", "read_prices", "write_brief"]


def write_brief(plan: Plan, path: Path | str, prices: Sequence[KnownPrice] = ()) -> Path:
    """Write the brief as a PDF of two A4 pages; the same plan gives the same bytes.

    Parameters
    ----------
    path
        File that ends in ``.pdf``; replaced if it exists.
    prices
        What limits are worth, from `read_prices`; without any the brief says that they are not known.

    Raises
    ------
    ValueError
        If the path does not end in ``.pdf``.
    """
    import warnings

    from matplotlib import rc_context
    from matplotlib.backends.backend_pdf import PdfPages

    from maps.brief.pages import first_page, second_page
    from maps.static.figure import STYLE

    path = Path(path)
    if path.suffix != ".pdf":
        msg = f"a brief ends in .pdf, not '{path.suffix}'"
        raise ValueError(msg)
    undated = {"Title": f"{plan.view.title}: brief", "CreationDate": None, "ModDate": None}
    with rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        pages = (first_page(plan), second_page(plan, prices))
        with PdfPages(path, metadata=undated) as document:
            for page in pages:
                document.savefig(page)
    return path
