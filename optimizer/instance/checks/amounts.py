"""Shares that must add up or fall, and amounts that must not exceed one another."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from optimizer.instance.calendar import format_month
from optimizer.instance.checks.context import Context
from optimizer.instance.codes import Code
from optimizer.instance.columns import format_value
from optimizer.instance.country_sets import parse_country_set
from optimizer.instance.expressions import ExpressionError
from optimizer.instance.instance import Instance
from optimizer.instance.places import CellRef, Finding
from optimizer.instance.schema import Chip, LimitKind

_TOLERANCE = 1e-9


def check_profiles(instance: Instance, context: Context) -> Iterator[Finding]:
    """Spend profiles add up to 1 and are paid within the lead time of the sites that use them."""
    if not context.is_whole("spend_profiles"):
        return
    total: dict[str, float] = {}
    last: dict[str, int] = {}
    first_row: dict[str, int] = {}
    for index, row in enumerate(instance.spend_profiles):
        total[row.profile] = total.get(row.profile, 0.0) + row.share
        last[row.profile] = max(last.get(row.profile, 0), row.months_after_commitment)
        first_row.setdefault(row.profile, index)
    for profile, share in total.items():
        if abs(share - 1) > _TOLERANCE:
            at = CellRef("spend_profiles", first_row[profile], "share")
            message = f"shares of spend profile '{profile}' add up to {share:.10g}"
            yield Finding(Code.PROFILE_SUM, at, message, f"{share:.10g}", "1")
    for index, site in enumerate(instance.sites):
        months = last.get(site.spend_profile, 0)
        if months > site.lead_months:
            message = (
                f"site '{site.site}': the last payment of profile '{site.spend_profile}' comes {months} months after "
                f"commitment, later than the lead time of {site.lead_months} months"
            )
            yield Finding(Code.MILESTONE_LATE, CellRef("sites", index, "spend_profile"), message, site.spend_profile)


def check_price_blocks(instance: Instance, context: Context) -> Iterator[Finding]:
    """Price multipliers fall from block to block, and quantity shares add up to 1."""
    if not context.is_whole("price_blocks"):
        return
    for workload in dict.fromkeys(row.workload for row in instance.price_blocks):
        rows = sorted(
            ((index, row) for index, row in enumerate(instance.price_blocks) if row.workload == workload),
            key=lambda item: item[1].block,
        )
        for (_, before), (index, row) in pairwise(rows):
            if row.price_multiplier >= before.price_multiplier:
                message = (
                    f"block {row.block} of '{workload}' pays {row.price_multiplier}, not less than "
                    f"{before.price_multiplier} of block {before.block}"
                )
                yield Finding(Code.PRICES_RISE, CellRef("price_blocks", index, "price_multiplier"), message)
        share = sum(row.quantity_share for _, row in rows)
        if abs(share - 1) > _TOLERANCE:
            message = f"quantity shares of '{workload}' add up to {share:.10g}"
            at = CellRef("price_blocks", rows[0][0], "quantity_share")
            yield Finding(Code.QUANTITY_SUM, at, message, f"{share:.10g}", "1")


def check_resale(instance: Instance, context: Context) -> Iterator[Finding]:
    """Resale values fall with age and stay below what the chip costs."""
    if not context.is_whole("resale_curves", "chip_prices", "chips"):
        return
    curves: dict[str, list[tuple[int, float, int]]] = {}
    for index, point in enumerate(instance.resale_curves):
        curves.setdefault(point.curve, []).append((point.age_months, point.share, index))
    for curve, points in curves.items():
        points.sort()
        for (_, before, _), (age, share, index) in pairwise(points):
            if share > before:
                message = f"resale curve '{curve}' rises to {share} at {age} months"
                yield Finding(Code.RESALE_RISES, CellRef("resale_curves", index, "share"), message)
    prices: dict[str, list[tuple[int, float]]] = {}
    for price in instance.chip_prices:
        prices.setdefault(price.chip, []).append((price.since, price.price_usd))
    for index, chip in enumerate(instance.chips):
        if chip.resale_curve in curves and chip.chip in prices:
            yield from _resale_above_price(index, chip, curves[chip.resale_curve], sorted(prices[chip.chip]))


def _resale_above_price(
    index: int, chip: Chip, curve: Sequence[tuple[int, float, int]], prices: Sequence[tuple[int, float]]
) -> Iterator[Finding]:
    """The first month on sale in which buying and selling at once would make money."""
    dates = [since for since, _ in prices]
    for month in range(chip.release, chip.end_of_sale):
        price = prices[max(0, bisect_right(dates, month) - 1)][1]
        value = share_at(curve, month - chip.release) * prices[0][1]
        if value > price * (1 + _TOLERANCE):
            message = (
                f"chip '{chip.chip}' can be resold for {format_value(round(value, 2))} USD in {format_month(month)}, "
                f"when it costs {format_value(price)} USD"
            )
            yield Finding(Code.RESALE_ABOVE_PRICE, CellRef("chips", index, "resale_curve"), message)
            return


def share_at(curve: Sequence[tuple[int, float, int]], age: int) -> float:
    """Share of a resale curve at an age: linear between its points, constant outside (SEMANTICS 3.6)."""
    ages = [point[0] for point in curve]
    right = bisect_right(ages, age)
    if right == 0:
        return curve[0][1]
    if right == len(curve):
        return curve[-1][1]
    (age0, share0, _), (age1, share1, _) = curve[right - 1], curve[right]
    return share0 + (share1 - share0) * (age - age0) / (age1 - age0)


def check_modules(instance: Instance, context: Context) -> Iterator[Finding]:
    """Committed modules fit on their site."""
    if not context.is_whole("committed"):
        return
    built: dict[str, int] = {}
    last_row: dict[str, int] = {}
    for index, build in enumerate(instance.committed):
        built[build.site] = built.get(build.site, 0) + build.modules
        last_row[build.site] = index
    for site, modules in built.items():
        row = instance.site_by_id.get(site)
        if row is not None and modules > row.max_modules:
            message = f"site '{site}' has {modules} committed modules, but only {row.max_modules} fit"
            at = CellRef("committed", last_row[site], "modules")
            yield Finding(Code.TOO_MANY_COMMITTED, at, message, str(modules), f"at most {row.max_modules}")


def check_pairs(instance: Instance, context: Context) -> Iterator[Finding]:  # noqa: ARG001 - rows stand alone
    """Pairs of columns of one row of which one bounds the other."""
    for index, supply in enumerate(instance.chip_supply):
        if supply.minimum_units > supply.units:
            message = (
                f"'{supply.chip}': {format_value(supply.minimum_units)} chips must be taken, "
                f"but only {format_value(supply.units)} are supplied"
            )
            yield Finding(Code.TAKE_OR_PAY_ABOVE_SUPPLY, CellRef("chip_supply", index, "minimum_units"), message)
    for index, site in enumerate(instance.sites):
        if site.pue_peak < site.pue_average:
            message = f"site '{site.site}': pue_peak {site.pue_peak} is below pue_average {site.pue_average}"
            yield Finding(Code.PEAK_BELOW_AVERAGE, CellRef("sites", index, "pue_peak"), message)
    for index, limit in enumerate(instance.limits):
        if limit.kind is LimitKind.CAPITAL_SHARE and limit.value > 1:
            message = f"limit '{limit.limit}': a share of {limit.value} is above 1"
            yield Finding(Code.SHARE_ABOVE_ONE, CellRef("limits", index, "value"), message, expected="0 to 1")
    for index, row in enumerate(instance.assumptions):
        if not row.low <= row.central <= row.high:
            message = f"assumption '{row.assumption}': {row.low}, {row.central}, {row.high} are not in order"
            yield Finding(Code.RANGE_DISORDER, CellRef("assumptions", index, "central"), message)


def check_sovereign_sites(instance: Instance, context: Context) -> Iterator[Finding]:
    """Some site lies in the countries that must serve a market."""
    if not context.is_whole("sites", "country_groups") or not context.settings_known:
        return
    calendar = instance.calendar
    countries = {site.country for site in instance.sites}
    for index, row in enumerate(instance.sovereignty):
        try:
            allowed = parse_country_set(row.allowed)
        except ExpressionError:
            continue  # reported elsewhere
        month = max(calendar.start, 12 * row.first_year)
        if row.minimum_share > 0 and not any(allowed.contains(c, month, instance.groups) for c in countries):
            message = f"no site lies in '{row.allowed}', which must serve '{row.region}'"
            hint = "nothing can be sold there from that year on"
            yield Finding(Code.NO_SOVEREIGN_SITE, CellRef("sovereignty", index, "allowed"), message, hint=hint)


CHECKS = (check_profiles, check_price_blocks, check_resale, check_modules, check_pairs, check_sovereign_sites)
