"""Frozen records behind every map. Tuples of numbers run over `MapPlan.years`.

A stock of a year (GW on line, chips at work, power capacity) is that of the last period of the year; a flow
(chips installed, energy, cash, tokens) is the sum over the periods of the year.
"""

from __future__ import annotations

from dataclasses import dataclass

from maps.view.law import Arrivals, ChipLaw, ChipView, PolicyView, RuleRoom
from maps.view.supply import PlanSupply, PowerSourceView, SiteSupply

Yearly = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart: a value for every year of the plan."""

    key: str
    label: str
    values: Yearly


@dataclass(frozen=True, slots=True)
class PhaseView:
    """Modules of a site that come together (labels as in the plan tables)."""

    fact: bool
    committed: str
    energised: str
    modules: float
    it_gw: float
    cost_busd: float
    """Opening and module cost; for facts what is still to be paid."""
    decide_by: str = ""
    """Last decision date that still brings the modules on line then; empty for facts."""


@dataclass(frozen=True, slots=True)
class SiteAccount:
    """What a campus costs and earns, with its share of what its country, zone and stack sell [B USD]."""

    present_busd: tuple[float, ...]
    """Present value of each of `MapPlan.site_categories`."""
    yearly_busd: tuple[Series, ...]
    """Undiscounted cash of each year in a few groups, inflow positive."""
    value_busd: float
    """Sum of `present_busd`."""
    revenue_usd_per_h100e_hour: float | None
    cost_usd_per_h100e_hour: float | None
    """All but revenue, less what is left at the end: present values over the present value of compute at work."""


@dataclass(frozen=True, slots=True)
class SiteLimit:
    """A limit, or a rule with a quantity, that leaves nothing in some years in which a campus takes part in it."""

    family: str
    name: str
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Trait:
    """A number of campuses of which less is better, with its median over all `sites` that have it."""

    key: str
    label: str
    unit: str
    median: float
    sites: int


@dataclass(frozen=True, slots=True)
class TraitValue:
    """What a campus has of a trait, and how many campuses have less (are better) or more."""

    key: str
    value: float
    better: int
    worse: int


@dataclass(frozen=True, slots=True)
class SiteView:
    """One campus, chosen or not."""

    site: str
    name: str
    short_name: str
    country: str
    country_name: str
    bloc: str
    operator: str
    operator_hq: str
    grid: str
    """Identifier of the grid region, as in the limits table."""
    grid_region: str
    """Its name."""
    latitude: float
    longitude: float
    outcome: str
    """``new``, ``committed``, ``extended`` or ``not_chosen``."""
    standing: str
    """Status of the site in the instance: operating, announced, candidate ..."""
    confidence: str
    source: str
    max_gw: float
    main_power: str
    opened: str
    first_energised: str
    capital_busd: float
    online_gw: Yearly
    committed_gw: Yearly
    """Part of `online_gw` that is a fact of the instance and not a decision."""
    installed_gw: Yearly
    compute_h100e_million: Yearly
    chips_installed_million: tuple[Series, ...]
    chips_working_million: tuple[Series, ...]
    power_gw: tuple[Series, ...]
    """By source, end of year; of storage its power."""
    energy_twh: tuple[Series, ...]
    """By source, as made: less what storage loses it is what is delivered."""
    phases: tuple[PhaseView, ...]
    parent_country: str
    """Country of the operator's ultimate parent."""
    laws: tuple[ChipLaw, ...]
    """By chip, newest first; empty without rules."""
    arrivals: tuple[Arrivals, ...]
    """Of chips that come under a permit in some year; the others of `chips_installed_million` need none."""
    account: SiteAccount | None = None
    """None without cash, and where campuses do not add up to the cash table."""
    limits: tuple[int, ...] = ()
    """Positions in `MapPlan.site_limits`."""
    traits: tuple[TraitValue, ...] = ()
    supply: SiteSupply | None = None
    """None for campuses that take no power."""


@dataclass(frozen=True, slots=True)
class ConstraintYear:
    """The tightest row of a limit or rule in a year."""

    year: int
    when: str
    used: float
    limit: float
    slack: float
    share: float | None
    """Used over limit (limit over used for floors): 1 when nothing is left; None when both are nothing."""
    binding_rows: int
    rows: int
    group: str
    """Of rules: the group whose row it is (SEMANTICS 7.9)."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A limit over the years."""

    family: str
    name: str
    """As in the limits table."""
    label: str
    """What it limits, in words: the chip, grid region or market by its name."""
    unit: str
    floor: bool
    years: tuple[ConstraintYear, ...]

    @property
    def binding_years(self) -> tuple[int, ...]:
        """Years in which at least one row leaves nothing."""
        return tuple(entry.year for entry in self.years if entry.binding_rows)


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule of the active regime, and how much of it the plan uses."""

    rule: str
    title: str
    jurisdiction: str
    effect: str
    destination: str
    owner: str
    chip_test: str
    quantity: float | None
    unit: str
    effective_from: str
    effective_to: str
    standing: str
    citation: str
    years: tuple[ConstraintYear, ...]
    allows: str
    """How much it allows, takes or asks for, with its changes over time; empty without a quantity."""
    probability: float | None
    """Of a licence being granted; None for rules that are no licence."""
    lag_months: int
    per: str
    """What the rule holds for apart: all, country, operator or operator_country (SEMANTICS 7.9)."""
    in_force: tuple[bool, ...]
    """Whether it holds in the last period of each year."""
    idle_because: str
    """Why it has no effect in this instance; empty if it has one."""


@dataclass(frozen=True, slots=True)
class Market:
    """Demand of a region over all workloads [million H100e-years, B USD]."""

    region: str
    name: str
    offered: Yearly
    sold: Yearly
    revenue_busd: Yearly


@dataclass(frozen=True, slots=True)
class Headline:
    """Figures of the manifest; None where it has none."""

    status: str
    stopped_because: str
    npv_busd: float | None
    bound_busd: float | None
    gap_rel: float | None
    capital_busd: float
    chips_million: float
    tokens_trillion_per_month_end: float | None
    regime: str
    objective: str
    instance_sha256: str
    software: str
    fractions: str  # which modules may be fractions, in words; "" if none


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all sites."""

    online_gw: Yearly
    committed_gw: Yearly
    compute_h100e_million: Yearly
    gw_by_bloc: tuple[Series, ...]
    gw_by_country: tuple[Series, ...]
    chips_installed_million: tuple[Series, ...]
    chips_working_million: tuple[Series, ...]
    power_gw: tuple[Series, ...]
    energy_twh: tuple[Series, ...]
    carbon_mt: Yearly
    water_million_m3: Yearly
    cash_busd: tuple[Series, ...]
    cash_pv_busd: tuple[tuple[str, float], ...]
    tokens_trillion: Yearly


@dataclass(frozen=True, slots=True)
class MapPlan:
    """A plan as the maps show it."""

    name: str
    title: str
    start: str
    years: tuple[int, ...]
    year_ends: tuple[str, ...]
    """Label of the last period of each year."""
    headline: Headline
    totals: Totals
    sites: tuple[SiteView, ...]
    markets: tuple[Market, ...]
    constraints: tuple[Constraint, ...]
    rules: tuple[RuleView, ...]
    chips: tuple[ChipView, ...]
    """Oldest first."""
    flagships: tuple[str, ...]
    """The most powerful chip on sale in the last period of each year; empty if there is none."""
    rooms: tuple[RuleRoom, ...]
    policy: PolicyView
    site_limits: tuple[SiteLimit, ...] = ()
    """Limits that campuses draw on while they leave nothing; most are those of many campuses."""
    site_categories: tuple[str, ...] = ()
    """Cash categories of the accounts of campuses."""
    traits: tuple[Trait, ...] = ()
    power_sources: tuple[PowerSourceView, ...] = ()
    """Every source that the plan uses, in the order of legends."""
    supply: PlanSupply | None = None
    """None for plans without power."""

    def limits_of(self, site: SiteView) -> tuple[SiteLimit, ...]:
        """Limits and rules that leave nothing while a campus takes part in them."""
        return tuple(self.site_limits[position] for position in site.limits)

    def index_of(self, year: int) -> int:
        """Position of a year in every `Yearly`.

        Raises
        ------
        ValueError
            If the plan does not touch the year.
        """
        if year not in self.years:
            msg = f"the plan covers {self.years[0]} to {self.years[-1]}, not {year}"
            raise ValueError(msg)
        return self.years.index(year)
