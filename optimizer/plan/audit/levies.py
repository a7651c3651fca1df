"""Tariffs and revenue shares that rules lay on chips (SEMANTICS 7.14)."""

from __future__ import annotations

from optimizer.instance.schema import LEVIES, Chip, Site
from optimizer.plan.audit.clock import Series
from optimizer.plan.audit.selection import RuleBook


def levy_share(book: RuleBook, site: Site, chip: Chip) -> Series:
    """Levies on the installation of a chip at a site in each period, as a share of its price."""
    share = book.clock.zeros()
    for selection in book.with_effect(*LEVIES):
        if chip.chip in selection.chip_names:
            levied = selection.force & selection.selects(site)
            share += selection.quantity * selection.rule.pass_through * levied
    return share
