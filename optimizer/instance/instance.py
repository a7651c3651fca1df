"""The Instance: every table and setting, validated and immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from optimizer.instance.calendar import Calendar
from optimizer.instance.diagnostics import Diagnostic
from optimizer.instance.places import Locator
from optimizer.instance.schema import (
    Assumption,
    Budget,
    Chip,
    ChipPrice,
    ChipSupply,
    Climate,
    CommittedBuild,
    Country,
    Demand,
    DemandRegion,
    DispatchLoad,
    DispatchMode,
    FuelPrice,
    GridHeadroom,
    GridRegion,
    GridStep,
    GroupMembership,
    HourlyValue,
    InstalledBase,
    Latency,
    Limit,
    OptionYear,
    PortfolioPart,
    PowerNeeds,
    PowerOption,
    PriceBlock,
    Regime,
    RequiredCompute,
    ResalePoint,
    Rule,
    RuleStep,
    Settings,
    Site,
    SitePower,
    Slots,
    SlotUse,
    Sovereignty,
    SpendMilestone,
    StackPrice,
    SupplyResponse,
    TechnologyCost,
    TechnologyLimit,
    TechnologyRow,
    Workload,
)

#: Name of the regime without rules.
NO_REGIME = "none"
#: What a site asks for that has no row in power_needs.csv.
NO_NEEDS = PowerNeeds(site="any", source="nothing asked for")


@dataclass(frozen=True)
class Instance:
    """One planning problem.

    Tables are tuples of rows in file order. The lookups below are the only derived data; anything
    that interprets a rule or a date belongs to `policy`, `model` or `plan.audit`.
    """

    settings: Settings
    calendar: Calendar
    sites: tuple[Site, ...]
    countries: tuple[Country, ...]
    power_options: tuple[PowerOption, ...]
    grid_regions: tuple[GridRegion, ...]
    chips: tuple[Chip, ...]
    chip_prices: tuple[ChipPrice, ...]
    chip_supply: tuple[ChipSupply, ...]
    demand_regions: tuple[DemandRegion, ...]
    workloads: tuple[Workload, ...]
    demand: tuple[Demand, ...]
    price_blocks: tuple[PriceBlock, ...]
    latency: tuple[Latency, ...]
    budgets: tuple[Budget, ...]
    committed: tuple[CommittedBuild, ...] = ()
    spend_profiles: tuple[SpendMilestone, ...] = ()
    grid_steps: tuple[GridStep, ...] = ()
    grid_headroom: tuple[GridHeadroom, ...] = ()
    slots: tuple[Slots, ...] = ()
    slot_use: tuple[SlotUse, ...] = ()
    technologies: tuple[TechnologyRow, ...] = ()
    technology_costs: tuple[TechnologyCost, ...] = ()
    fuel_prices: tuple[FuelPrice, ...] = ()
    climates: tuple[Climate, ...] = ()
    site_power: tuple[SitePower, ...] = ()
    power_needs: tuple[PowerNeeds, ...] = ()
    technology_limits: tuple[TechnologyLimit, ...] = ()
    hourly_profiles: tuple[HourlyValue, ...] = ()
    portfolio_parts: tuple[PortfolioPart, ...] = ()
    option_years: tuple[OptionYear, ...] = ()
    dispatch_modes: tuple[DispatchMode, ...] = ()
    dispatch_loads: tuple[DispatchLoad, ...] = ()
    supply_response: tuple[SupplyResponse, ...] = ()
    resale_curves: tuple[ResalePoint, ...] = ()
    installed_base: tuple[InstalledBase, ...] = ()
    stack_prices: tuple[StackPrice, ...] = ()
    sovereignty: tuple[Sovereignty, ...] = ()
    required_compute: tuple[RequiredCompute, ...] = ()
    limits: tuple[Limit, ...] = ()
    rules: tuple[Rule, ...] = ()
    rule_steps: tuple[RuleStep, ...] = ()
    regimes: tuple[Regime, ...] = ()
    country_groups: tuple[GroupMembership, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    folder: Path | None = field(default=None, compare=False)
    """Folder the instance was read from; None when made in memory."""
    locator: Locator = field(default=Locator(), compare=False, repr=False)
    """Knows in which file and line each cell stands."""
    warnings: tuple[Diagnostic, ...] = field(default=(), compare=False, repr=False)
    """What was noticed when the instance was checked; none of it is an error."""

    @property
    def name(self) -> str:
        """Name of the instance."""
        return self.settings.name

    @cached_property
    def site_by_id(self) -> Mapping[str, Site]:
        """Sites by identifier."""
        return {site.site: site for site in self.sites}

    @cached_property
    def country_by_code(self) -> Mapping[str, Country]:
        """Countries by ISO code."""
        return {country.country: country for country in self.countries}

    @cached_property
    def chip_by_id(self) -> Mapping[str, Chip]:
        """Chips by identifier."""
        return {chip.chip: chip for chip in self.chips}

    @cached_property
    def workload_by_id(self) -> Mapping[str, Workload]:
        """Workloads by identifier."""
        return {workload.workload: workload for workload in self.workloads}

    @cached_property
    def region_by_id(self) -> Mapping[str, DemandRegion]:
        """Demand regions by identifier."""
        return {region.region: region for region in self.demand_regions}

    @cached_property
    def options_of_site(self) -> Mapping[str, tuple[PowerOption, ...]]:
        """Power options offered to each site."""
        offered: dict[str, list[PowerOption]] = {site.site: [] for site in self.sites}
        for option in self.power_options:
            offered[option.site].append(option)
        return {site: tuple(options) for site, options in offered.items()}

    @cached_property
    def parts_of_option(self) -> Mapping[tuple[str, str], tuple[PortfolioPart, ...]]:
        """What each computed power option is made of, by site and option; given options are not in it."""
        made: dict[tuple[str, str], list[PortfolioPart]] = {}
        for part in self.portfolio_parts:
            made.setdefault((part.site, part.option), []).append(part)
        return {key: tuple(parts) for key, parts in made.items()}

    @cached_property
    def dispatched_sites(self) -> frozenset[str]:
        """Sites whose technologies are options of their own, dispatched by modes or hour by hour."""
        is_exact = self.settings.power.method.is_exact
        return frozenset(row.site for row in self.site_power) if is_exact else frozenset()

    def is_dispatched(self, option: PowerOption) -> bool:
        """Whether an option is a technology of a dispatched site, and not given beside these."""
        return option.site in self.dispatched_sites and (option.site, option.option) in self.parts_of_option

    @cached_property
    def modes_of_site(self) -> Mapping[str, Mapping[str, tuple[DispatchMode, ...]]]:
        """Rows of each dispatch mode of a site, by site and mode."""
        known: dict[str, dict[str, list[DispatchMode]]] = {}
        for row in self.dispatch_modes:
            known.setdefault(row.site, {}).setdefault(row.mode, []).append(row)
        return {site: {mode: tuple(rows) for mode, rows in modes.items()} for site, modes in known.items()}

    @cached_property
    def needs_of_site(self) -> Mapping[str, PowerNeeds]:
        """What the load of a site asks of computed power, where it asks for anything beside energy."""
        return {row.site: row for row in self.power_needs}

    def needs(self, site: str) -> PowerNeeds:
        """What the load of a site asks of computed power; `NO_NEEDS` where nothing is said."""
        return self.needs_of_site.get(site, NO_NEEDS)

    @cached_property
    def load_of_dispatch(self) -> Mapping[tuple[str, str], DispatchLoad]:
        """How modes and computed options serve the load, by site and their name; those that serve all are not in it."""
        return {(row.site, row.dispatch): row for row in self.dispatch_loads}

    def option_in_year(self, option: PowerOption, year: int) -> PowerOption:
        """A power option with the numbers of a year, where `option_years` has any for it."""
        return self._options_by_year.get((option.site, option.option, year), option)

    @cached_property
    def _options_by_year(self) -> Mapping[tuple[str, str, int], PowerOption]:
        options = {(option.site, option.option): option for option in self.power_options}
        return {
            (row.site, row.option, row.year): options[row.site, row.option].model_copy(
                update=row.model_dump(exclude={"site", "option", "year", "source"})
            )
            for row in self.option_years
            if (row.site, row.option) in options
        }

    @cached_property
    def groups(self) -> Mapping[str, tuple[GroupMembership, ...]]:
        """Memberships of each country group, in file order."""
        members: dict[str, list[GroupMembership]] = {}
        for membership in self.country_groups:
            members.setdefault(membership.group, []).append(membership)
        return {group: tuple(rows) for group, rows in members.items()}

    @cached_property
    def active_rules(self) -> tuple[Rule, ...]:
        """Rules of the active regime, in file order; none for the regime ``none``."""
        regime = self.settings.policy.regime
        active = {row.rule for row in self.regimes if row.regime == regime and regime != NO_REGIME}
        return tuple(rule for rule in self.rules if rule.rule in active)
