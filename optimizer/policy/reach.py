"""Why a rule selects no installation: the first of its tests that nothing in the instance passes."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.schema import Chip, Site
from optimizer.policy.owners import Owner
from optimizer.policy.rules import ActiveRule


def why_nothing_selected(rule: ActiveRule) -> str:
    """The first test of a rule that no period, chip or site of its instance passes, in words.

    Tests are taken in the order of dates, chips, places and owners; each asks for something that passes all before it.
    Where every test is passed by something, what is selected cannot happen for other reasons.
    """
    months = [span.start for span in rule.instance.calendar.periods if rule.in_force(span.start)]
    if not months:
        return "it is in force at the start of no period of the plan"
    chips = [chip for chip in rule.instance.chips if rule.passes_chip(chip)]
    if not chips:
        return "no chip passes its chip test"
    on_sale = [month for month in months if any(_on_sale(rule, chip, month) for chip in chips)]
    if not on_sale:
        return "no chip that passes its chip test is on sale then"
    places = [(site, month) for month in on_sale for site in _sites_in_destination(rule, month)]
    if not places:
        return f"no site lies in {rule.rule.destination} then"
    if not any(rule.covers_owner(Owner.of(site), month) for site, month in places):
        return "no site in its destination has an owner and operator that it covers"
    return "what it selects is not on offer, has no capacity on line, or is denied by other rules"


def _on_sale(rule: ActiveRule, chip: Chip, month: int) -> bool:
    (span,) = (span for span in rule.instance.calendar.periods if span.start == month)
    return chip.release < span.end and span.start < chip.end_of_sale


def _sites_in_destination(rule: ActiveRule, month: int) -> Iterator[Site]:
    return (site for site in rule.instance.sites if rule.covers_destination(site.country, month))
