"""Prices, annuities and what is left of an asset: the money side of SEMANTICS 2.7, 3.6, 3.7 and 6."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from optimizer.instance.instance import Instance
from optimizer.instance.schema import Chip, ChipPrice, ResalePoint, Site, SpendMilestone
from optimizer.units import kusd


def capital_recovery_factor(rate: float, years: float) -> float:
    """Yearly payment that repays one dollar with interest; SEMANTICS 6.3."""
    return 1 / years if rate == 0 else rate / (1 - (1 + rate) ** -years)


@dataclass(frozen=True)
class Prices:
    """Everything about money that depends on the instance alone."""

    instance: Instance

    def financing_premium(self, country: str, life_years: float) -> float:
        """Cost of a country's capital above the portfolio's, per dollar spent (SEMANTICS 6.3)."""
        premium = self._premiums.get((country, life_years))
        if premium is None:
            wacc = self.instance.country_by_code[country].wacc_fraction
            portfolio = capital_recovery_factor(self.instance.settings.finance.discount_rate, life_years)
            premium = max(0.0, capital_recovery_factor(wacc, life_years) / portfolio - 1)
            self._premiums[country, life_years] = premium
        return premium

    @cached_property
    def _premiums(self) -> dict[tuple[str, float], float]:
        """Premiums by country and life, asked again for every payment."""
        return {}

    def module_cost(self, site: Site) -> float:
        """Cost of one module, net of investment credit [B USD]."""
        return site.module_cost_busd * (1 - self.instance.country_by_code[site.country].investment_credit_fraction)

    def chip_price(self, chip: Chip, month: int) -> float:
        """Price of a chip in a month [B USD per million chips]."""
        rows = self._prices_of_chip[chip.chip]
        current = [row for row in rows if row.since <= month]
        return kusd((current[-1] if current else rows[0]).price_usd)

    def chip_tax(self, chip: Chip, country: str) -> float:
        """Sales tax and tariff on a chip, as a share of its price (SEMANTICS 3.7)."""
        place = self.instance.country_by_code[country]
        tariff = place.import_tariff_fraction if chip.design_country != country else 0.0
        return place.it_sales_tax_fraction + tariff

    def resale_value(self, chip: Chip, month: int) -> float:
        """What a used chip fetches in a month [B USD per million chips]."""
        if chip.resale_curve is None:
            return 0.0
        first_price = kusd(self._prices_of_chip[chip.chip][0].price_usd)
        return first_price * _interpolate(self._resale_points[chip.resale_curve], month - chip.release)

    def spend_milestones(self, site: Site) -> tuple[tuple[int, float], ...]:
        """Payments of a module: (months after commitment, share)."""
        rows = self._milestones.get(site.spend_profile, ())
        return tuple((row.months_after_commitment, row.share) for row in rows) or ((0, 1.0),)

    @cached_property
    def _prices_of_chip(self) -> dict[str, tuple[ChipPrice, ...]]:
        return {
            chip.chip: tuple(
                sorted((row for row in self.instance.chip_prices if row.chip == chip.chip), key=lambda row: row.since)
            )
            for chip in self.instance.chips
        }

    @cached_property
    def _resale_points(self) -> dict[str, tuple[ResalePoint, ...]]:
        curves: dict[str, list[ResalePoint]] = {}
        for row in self.instance.resale_curves:
            curves.setdefault(row.curve, []).append(row)
        return {name: tuple(sorted(rows, key=lambda row: row.age_months)) for name, rows in curves.items()}

    @cached_property
    def _milestones(self) -> dict[str, tuple[SpendMilestone, ...]]:
        profiles: dict[str, list[SpendMilestone]] = {}
        for row in self.instance.spend_profiles:
            profiles.setdefault(row.profile, []).append(row)
        return {name: tuple(rows) for name, rows in profiles.items()}


def _interpolate(points: Sequence[ResalePoint], age: int) -> float:
    if age <= points[0].age_months:
        return points[0].share
    for left, right in pairwise(points):
        if age <= right.age_months:
            weight = (age - left.age_months) / (right.age_months - left.age_months)
            return left.share + weight * (right.share - left.share)
    return points[-1].share
