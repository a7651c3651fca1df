"""Recomputes what chips do and cost: stocks on sites, prices, taxes, resale (SEMANTICS 3)."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer import units
from optimizer.instance.instance import Instance
from optimizer.instance.schema import Chip, ChipPrice, Site
from optimizer.plan.audit.clock import Clock, Series
from optimizer.plan.audit.ledger import NOTHING, Ledger
from optimizer.plan.audit.levies import levy_share
from optimizer.plan.audit.selection import RuleBook
from optimizer.plan.tables import ChipInstallation


@dataclass(frozen=True)
class Fleet:
    """Chips of one kind on one site, by period [million chips]; money in B USD.

    Attributes
    ----------
    value_at_end
        Resale value, at the end of the plan, of the chips that work in its last period (6.5).
    """

    site: Site
    chip: Chip
    installed: Series
    retired: Series
    working: Series
    price: Series
    taxes: Series
    resale: Series
    value_at_end: float

    @property
    def gw(self) -> Series:
        """IT power of the working chips [GW]."""
        return self.working * self.chip.it_power_kw

    @property
    def compute(self) -> Series:
        """Working compute [million H100e]."""
        return self.working * self.chip.performance_h100e


def audit_chips(
    ledger: Ledger, instance: Instance, clock: Clock, rows: Sequence[ChipInstallation]
) -> dict[tuple[str, str], Fleet]:
    """Check every arrival and departure; return the chips of each site by kind."""
    book = RuleBook.of(instance, clock)
    grouped: dict[tuple[str, str], list[ChipInstallation]] = defaultdict(list)
    for row in rows:
        grouped[row.site, row.chip].append(row)
    market = {chip.chip: Market.of(instance, chip) for chip in instance.chips}
    fleets: dict[tuple[str, str], Fleet] = {}
    for (site, chip), group in grouped.items():
        fleet = _fleet(ledger, book, instance.site_by_id[site], market[chip], group)
        _audit_rows(ledger, instance, clock, fleet, group)
        fleets[site, chip] = fleet
    return fleets


@dataclass(frozen=True)
class Market:
    """Prices of a chip over time (SEMANTICS 3.6)."""

    chip: Chip
    prices: tuple[ChipPrice, ...]
    ages: tuple[int, ...]
    shares: tuple[float, ...]

    @classmethod
    def of(cls, instance: Instance, chip: Chip) -> Market:
        """Market of one chip."""
        prices = sorted((p for p in instance.chip_prices if p.chip == chip.chip), key=lambda price: price.since)
        points = sorted(
            (point.age_months, point.share)
            for point in instance.resale_curves
            if chip.resale_curve is not None and point.curve == chip.resale_curve
        )
        return cls(chip, tuple(prices), tuple(age for age, _ in points), tuple(share for _, share in points))

    def price(self, month: int) -> float:
        """Price in a month [B USD per million]: the last that began by then, else the first."""
        begun = [price for price in self.prices if price.since <= month]
        return units.kusd((begun[-1] if begun else self.prices[0]).price_usd)

    def resale(self, month: int) -> float:
        """Resale value in a month [B USD per million]."""
        if not self.ages:
            return 0.0
        share = float(np.interp(month - self.chip.release, self.ages, self.shares))
        return share * units.kusd(self.prices[0].price_usd)


def tax_share(instance: Instance, site: Site, chip: Chip) -> float:
    """Taxes of the country on top of the price of a chip, as a share of it (3.7); levies of rules come besides."""
    country = instance.country_by_code[site.country]
    tariff = country.import_tariff_fraction if chip.design_country != country.country else 0.0
    return country.it_sales_tax_fraction + tariff


def _fleet(ledger: Ledger, book: RuleBook, site: Site, market: Market, rows: Iterable[ChipInstallation]) -> Fleet:
    chip, clock = market.chip, book.clock
    installed, retired = clock.zeros(), clock.zeros()
    for row in rows:
        installed[clock.index[row.period]] += row.installed_million
        retired[clock.index[row.period]] += row.retired_early_million
    key = f"{site.site} {chip.chip}"
    working = _working(ledger, clock, installed, retired, chip.life_months, key)
    price = installed * np.array([market.price(month) for month in clock.starts])
    resale = retired * np.array([market.resale(month) for month in clock.starts])
    taxes = price * (tax_share(book.instance, site, chip) + levy_share(book, site, chip))
    value = float(working[-1]) * market.resale(clock.end)
    return Fleet(site, chip, installed, retired, working, price, taxes, resale, value)


def _working(ledger: Ledger, clock: Clock, installed: Series, retired: Series, life_months: int, key: str) -> Series:
    """Follow the chips of each arrival until they leave, the oldest first when sold early (3.2)."""
    cohorts: deque[list[float]] = deque()
    working = clock.zeros()
    for t, start in enumerate(clock.starts):
        while cohorts and cohorts[0][0] + life_months <= start:
            cohorts.popleft()
        to_leave = retired[t]
        if to_leave > 0:
            present = sum(amount for _, amount in cohorts)
            where = f"{key} {clock.labels[t]}"
            ledger.at_most("chips.retired_early", "chips", where, float(to_leave), present)
        while cohorts and to_leave > 0:
            leaving = min(to_leave, cohorts[0][1])
            cohorts[0][1] -= leaving
            to_leave -= leaving
            if cohorts[0][1] > 0:
                break
            cohorts.popleft()
        if installed[t] != 0:
            cohorts.append([start, installed[t]])
        working[t] = sum(amount for _, amount in cohorts)
    return working


def _audit_rows(
    ledger: Ledger, instance: Instance, clock: Clock, fleet: Fleet, rows: Iterable[ChipInstallation]
) -> None:
    """Check each row of one kind on one site (3.1, 3.2, 3.6, 3.7)."""
    chip = fleet.chip
    early = instance.settings.model.early_retirement
    for row in rows:
        t = clock.index[row.period]
        moved = max(row.installed_million, row.retired_early_million) > 0
        ledger.holds("chips.row", row, "installed_million", moved, "nothing arrives and nothing leaves")
        if row.installed_million > NOTHING:
            on_sale = chip.release < clock.ends[t] and clock.starts[t] < chip.end_of_sale
            ledger.holds("chips.on_sale", row, "period", on_sale, "the chip is not on sale")
        stays = early or row.retired_early_million == 0
        ledger.holds("chips.early_retirement", row, "retired_early_million", stays, "early retirement is switched off")
        ledger.number("chips.installed_gw", row, "installed_gw", row.installed_million * chip.it_power_kw)
        ledger.number("chips.cost", row, "cost_busd", float(fleet.price[t]))
        ledger.number("chips.taxes", row, "taxes_busd", float(fleet.taxes[t]))
        ledger.number("chips.resale", row, "resale_busd", float(fleet.resale[t]))
