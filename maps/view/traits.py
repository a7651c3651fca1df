"""Numbers that speak for or against a campus, each held against those of all campuses of the instance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

from maps.view.mode_costs import mode_costs
from maps.view.model import Trait, TraitValue
from optimizer.instance.instance import Instance
from optimizer.instance.schema import Country, PowerOption, Site
from optimizer.plan.audit.money import capital_recovery
from optimizer.units import HOURS_PER_YEAR


@dataclass(frozen=True)
class _Measure:
    """A number of a campus of which less is better; None where it has none."""

    key: str
    label: str
    unit: str
    of: Callable[[Instance, Site], float | None]


def _country(of: Callable[[Country], float]) -> Callable[[Instance, Site], float | None]:
    return lambda instance, site: of(instance.country_by_code[site.country])


def _shell(instance: Instance, site: Site) -> float:
    return site.module_cost_usd_per_kw * (1 - instance.country_by_code[site.country].investment_credit_fraction)


def _options(instance: Instance, site: Site) -> list[PowerOption]:
    """Power options that ever carry anything."""
    later = {(step.site, step.option) for step in instance.grid_steps if step.cumulative_mw > 0}
    return [one for one in instance.options_of_site[site.site] if one.max_mw > 0 or (one.site, one.option) in later]


def _power(instance: Instance, site: Site) -> float | None:
    """All that a MWh costs from the cheapest option, run as much as it is available, or from the cheapest mode."""
    country = instance.country_by_code[site.country]

    def yearly(option: PowerOption) -> float:
        annuity = capital_recovery(country.wacc_fraction, option.life_years)
        return option.fixed_usd_per_kw_year + option.capex_usd_per_kw * annuity

    def cost(option: PowerOption) -> float:
        return option.energy_usd_per_mwh + 1e3 * yearly(option) / (HOURS_PER_YEAR * option.energy_availability)

    given = [cost(option) for option in _options(instance, site) if not instance.is_dispatched(option)]
    cheapest = min([*given, *mode_costs(instance, site, yearly)], default=None)
    return None if cheapest is None else cheapest + country.power_tax_usd_per_mwh


def _wait(instance: Instance, site: Site) -> float | None:
    """Months from the start of the plan to the day on which a module can run: shell and first power."""
    start = instance.calendar.start
    power = min((option.available_from for option in _options(instance, site)), default=None)
    shell = max(site.earliest_start, start) + site.lead_months
    return None if power is None else float(max(shell, power) - start)


_MEASURES = (
    _Measure("power", "cheapest power on offer: energy, capacity, capital and tax", "USD per MWh", _power),
    _Measure("wait", "first possible module on line, shell and power, after", "months", _wait),
    _Measure("shell", "shell cost, after investment credit", "USD per kW", _shell),
    _Measure("opening", "opening cost", "M USD", lambda _, site: site.open_cost_musd),
    _Measure("pue", "average PUE", "MW per MW", lambda _, site: site.pue_average),
    _Measure("wacc", "cost of capital", "% a year", _country(lambda country: 100 * country.wacc_fraction)),
    _Measure("sales_tax", "sales tax on chips", "% of price", _country(lambda one: 100 * one.it_sales_tax_fraction)),
    _Measure("tariff", "import tariff on chips", "% of price", _country(lambda one: 100 * one.import_tariff_fraction)),
)  # fmt: skip


def trait_views(instance: Instance) -> tuple[tuple[Trait, ...], Mapping[str, tuple[TraitValue, ...]]]:
    """What is compared, with its median, and what every campus has of it; what all campuses share is left out.

    It depends on the instance alone, so that a page of many plans says it once.
    """
    sites = instance.sites
    traits, values = [], {site.site: list[TraitValue]() for site in sites}
    for measure in _MEASURES:
        column = {site.site: measure.of(instance, site) for site in sites}
        known = {site: value for site, value in column.items() if value is not None}
        if len(set(known.values())) < 2:
            continue
        traits.append(Trait(measure.key, measure.label, measure.unit, median(known.values()), len(known)))
        ordered = sorted(known.values())
        for site, value in known.items():
            better = ordered.index(value)
            values[site].append(TraitValue(measure.key, value, better, len(known) - better - ordered.count(value)))
    return tuple(traits), {site: tuple(own) for site, own in values.items()}
