"""What may speak against a site: its own numbers, each held against those of the sites that are built."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, Final

from optimizer.instance.instance import Instance
from optimizer.model.context import ModelContext
from optimizer.policy.regime import ActiveRule, Owner
from optimizer.studies.points import PointResult


@dataclass(frozen=True)
class Cause:
    """A number that speaks against a site.

    Attributes
    ----------
    own, reference, best
        Its value at the site, the median of the sites that are built, and the best value there could be.
    shared
        Whether other sites change with it, because it belongs to the country or to a rule.
    whole
        Whether it moves in whole steps (months).
    write
        The instance with another value; the number that `own` is gives the instance back.
    knob
        What is changed, for people.
    """

    name: str
    unit: str
    own: float
    reference: float
    best: float
    write: Callable[[Instance, float], Instance]
    knob: str
    shared: bool = False
    whole: bool = False

    @property
    def has_scale(self) -> bool:
        """Whether values between own and best mean anything."""
        return self.unit != ""


_SITE_COLUMNS: Final = (
    ("module cost", "module_cost_usd_per_kw", "USD per kW", 1.0),
    ("site opening cost", "open_cost_musd", "M USD", 0.0),
    ("site O&M", "om_usd_per_kw_year", "USD per kW and year", 0.0),
    ("lead time", "lead_months", "months", 0.0),
    ("average PUE", "pue_average", "PUE", 1.0),
    ("peak PUE", "pue_peak", "PUE", 1.0),
)
_COUNTRY_COLUMNS: Final = (
    ("cost of capital", "wacc_fraction", "per year", 0.0),
    ("sales tax on chips", "it_sales_tax_fraction", "of the price", 0.0),
    ("import tariff on chips", "import_tariff_fraction", "of the price", 0.0),
    ("property tax", "property_tax_fraction_per_year", "per year", 0.0),
    ("power tax", "power_tax_usd_per_mwh", "USD per MWh", 0.0),
)
_POWER_COLUMNS: Final = (
    ("energy price", "energy_usd_per_mwh", "USD per MWh"),
    ("power capex", "capex_usd_per_kw", "USD per kW"),
    ("capacity charge", "fixed_usd_per_kw_year", "USD per kW and year"),
)


def causes_against(instance: Instance, site: str, base: PointResult, forced: PointResult) -> tuple[Cause, ...]:
    """Everything in which a site is worse than the median of the sites that the base plan builds."""
    assert base.tables is not None
    chosen = [row.site for row in base.tables.sites if row.modules_new > 0]
    if not chosen:
        return tuple(_rules(instance, site))
    found = [
        *_of_site(instance, site, chosen),
        *_of_country(instance, site, chosen),
        *_of_power(instance, site, _main_options(base), _main_options(forced)),
        *_power_date(instance, site, chosen),
        *_rules(instance, site),
    ]
    return tuple(cause for cause in found if not cause.has_scale or cause.own > cause.reference + 1e-12)


def _of_site(instance: Instance, site: str, chosen: list[str]) -> Iterator[Cause]:
    for name, column, unit, best in _SITE_COLUMNS:
        own = float(getattr(instance.site_by_id[site], column))
        values = [float(getattr(instance.site_by_id[other], column)) for other in chosen]
        whole = column == "lead_months"
        reference = float(round(median(values))) if whole else median(values)
        write = _writer("sites", column, (site,), whole=whole)
        yield Cause(name, unit, own, reference, best, write, f"sites[{site}].{column}", whole=whole)


def _of_country(instance: Instance, site: str, chosen: list[str]) -> Iterator[Cause]:
    code = instance.site_by_id[site].country
    for name, column, unit, best in _COUNTRY_COLUMNS:
        own = float(getattr(instance.country_by_code[code], column))
        values = [
            float(getattr(instance.country_by_code[instance.site_by_id[other].country], column)) for other in chosen
        ]
        write = _writer("countries", column, (code,), whole=False)
        knob = f"countries[{code}].{column}"
        yield Cause(name, unit, own, median(values), min(best, own), write, knob, shared=True)


def _main_options(point: PointResult) -> Mapping[str, str]:
    """Option that delivers most energy at each site that is built."""
    assert point.tables is not None
    energy: dict[str, dict[str, float]] = {}
    for row in point.tables.energy:
        of_site = energy.setdefault(row.site, {})
        of_site[row.option] = of_site.get(row.option, 0.0) + row.energy_twh
    built = {row.site for row in point.tables.sites if row.modules_new > 0}
    return {site: max(of_site, key=lambda key: of_site[key]) for site, of_site in energy.items() if site in built}


def _of_power(
    instance: Instance, site: str, chosen: Mapping[str, str], with_site: Mapping[str, str]
) -> Iterator[Cause]:
    """Costs of the option that the site would use most, against those of the options that others use most."""
    options = {(option.site, option.option): option for option in instance.power_options}
    if site not in with_site or not chosen or site in instance.dispatched_sites:
        return  # where technologies run together, no option has a price of its own
    for name, column, unit in _POWER_COLUMNS:
        own = float(getattr(options[site, with_site[site]], column))
        values = [float(getattr(options[key], column)) for key in chosen.items()]
        shift = _shifter(site, column, own)
        yield Cause(name, unit, own, median(values), 0.0, shift, f"power_options[{site},*].{column}")


def _shifter(site: str, column: str, own: float) -> Callable[[Instance, float], Instance]:
    """Move a cost of all options of a site alike; none falls below zero."""

    def write(instance: Instance, value: float) -> Instance:
        rows = tuple(
            option.model_copy(update={column: max(0.0, getattr(option, column) + value - own)})
            if option.site == site
            else option
            for option in instance.power_options
        )
        return replace(instance, power_options=rows)

    return write


def _power_date(instance: Instance, site: str, chosen: list[str]) -> Iterator[Cause]:
    """Months from the start of the plan to the first power; all options of the site move alike."""
    start = instance.calendar.start

    def wait(name: str) -> int:
        options = instance.options_of_site[name]
        return max(0, min((option.available_from for option in options), default=start) - start)

    own = wait(site)

    def write(changed: Instance, value: float) -> Instance:
        rows = tuple(
            option.model_copy(update={"available_from": option.available_from - (own - round(value))})
            if option.site == site
            else option
            for option in changed.power_options
        )
        # What a computed option is made of must be there as early.
        limits = tuple(
            row.model_copy(update={"delay_months": row.delay_months - (own - round(value))})
            if row.site == site
            else row
            for row in changed.technology_limits
        )
        return replace(changed, power_options=rows, technology_limits=limits)

    reference = float(round(median(wait(name) for name in chosen)))
    knob = f"power_options[{site},*].available_from"
    yield Cause("date of power", "months", float(own), reference, 0.0, write, knob, whole=True)


def _rules(instance: Instance, site: str) -> Iterator[Cause]:
    """All export rules that select the site, lifted together."""
    context = ModelContext.of(instance)
    selecting = [rule.rule.rule for rule in context.regime.rules if _selects(context, rule, site)]
    if not selecting:
        return

    def write(changed: Instance, value: float) -> Instance:
        kept = tuple(row for row in changed.regimes if value > 0 or row.rule not in selecting)
        return replace(changed, regimes=kept)

    yield Cause("export rules", "", 1.0, 0.0, 0.0, write, "without " + ", ".join(selecting), shared=True)


def _selects(context: ModelContext, rule: ActiveRule, name: str) -> bool:
    site = context.instance.site_by_id[name]
    owner = Owner.of(site)
    months = [context.timing.start(t) for t in context.timing.periods]
    return any(rule.in_force(month) and rule.covers(site.country, owner, month) for month in months) and any(
        rule.passes_chip(chip) for chip in context.instance.chips
    )


def _writer(table: str, column: str, key: tuple[str, ...], *, whole: bool) -> Callable[[Instance, float], Instance]:
    def write(instance: Instance, value: float) -> Instance:
        rows: list[Any] = [
            row.model_copy(update={column: round(value) if whole else value}) if row.key_values == key else row
            for row in getattr(instance, table)
        ]
        changed: dict[str, Any] = {table: tuple(rows)}
        return replace(instance, **changed)

    return write
