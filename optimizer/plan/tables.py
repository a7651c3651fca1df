"""Rows of the plan tables, one class a CSV file.

Column names carry their units; `instances/SEMANTICS.md` defines the numbers.

Periods and decision dates appear by their label (``2028Q3``), never by an index.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SitePlan:
    """What became of one site (every site of the instance has a row)."""

    table: ClassVar = "sites"

    site: str
    name: str
    country: str
    operator: str
    operator_hq: str
    grid_region: str
    latitude: float
    longitude: float
    status: str  # new | committed | extended (committed and new modules) | not_chosen
    modules_committed: int
    modules_new: float  # whole, but for the fractions of SEMANTICS 2.9
    opened: str  # label of the decision period of the first new module, or ""
    first_energised: str  # label of the first period with capacity on line, or ""
    it_gw_end: float  # IT capacity on line in the last period
    facility_peak_gw_end: float  # pue_peak x installed_gw of the last period
    compute_h100e_million_end: float
    capital_busd: float  # undiscounted capital (SEMANTICS 6.1) of the site over the plan
    main_power: str  # kind of the option that delivers most energy over the plan, or ""


@dataclass(frozen=True, slots=True)
class Phase:
    """Modules of one site that are committed together."""

    table: ClassVar = "phases"

    site: str
    fact: bool  # True for committed.csv, False for a decision
    committed: str  # label of the decision period; "" for facts
    energised: str  # label of the first period on line; "" for facts that never come on line within the plan
    modules: float  # whole, but for the fractions of SEMANTICS 2.9
    it_gw: float
    opening_cost_busd: float
    module_cost_busd: float  # net of investment credit; for facts the remaining share


@dataclass(frozen=True, slots=True)
class SiteOperation:
    """State of a site in a period (only periods with capacity on line or power)."""

    table: ClassVar = "operations"

    site: str
    period: str
    online_gw: float
    installed_gw: float
    compute_h100e_million: float
    power_capacity_gw: float  # sum over options
    firm_power_gw: float  # sum of firm_credit x capacity, net of the reserve margin (SEMANTICS 12.7)
    peak_load_gw: float  # pue_peak x installed_gw


@dataclass(frozen=True, slots=True)
class ChipInstallation:
    """Chips of one kind that arrive at, or leave early from, a site in a period."""

    table: ClassVar = "chips"

    site: str
    chip: str
    period: str
    installed_million: float
    retired_early_million: float
    installed_gw: float  # IT power of the arrivals
    cost_busd: float  # price only
    taxes_busd: float
    resale_busd: float  # proceeds of early retirement


@dataclass(frozen=True, slots=True)
class PowerCapacity:
    """Capacity of a power option at a site after a decision date on which it grew."""

    table: ClassVar = "power"

    site: str
    option: str
    kind: str
    period: str
    added_gw: float
    capacity_gw: float
    capex_busd: float


@dataclass(frozen=True, slots=True)
class PowerEnergy:
    """A power option at a site in a year (rows where capacity or energy is positive)."""

    table: ClassVar = "energy"

    site: str
    option: str
    kind: str
    year: int
    energy_twh: float
    energy_cost_busd: float  # with power tax, but where `dispatch` has it
    fixed_cost_busd: float
    carbon_mt: float
    water_million_m3: float


@dataclass(frozen=True, slots=True)
class SiteDispatch:
    """Load of a computed site that runs in a dispatch mode in a year (only sites whose technologies are options)."""

    table: ClassVar = "dispatch"

    site: str
    mode: str  # of dispatch_modes of the instance
    year: int
    level_twh: float  # facility energy of the load
    power_tax_busd: float
    cooling_water_million_m3: float


@dataclass(frozen=True, slots=True)
class LoadService:
    """How a dispatch mode, or a computed option, serves load of a site that asks for more than energy (12.16)."""

    table: ClassVar = "load_service"

    site: str
    dispatch: str  # of dispatch_loads of the instance: a mode, or a computed option
    year: int
    load_twh: float  # facility energy that the load asks for
    cut_twh: float
    cut_cost_busd: float  # of an option part of its energy cost, of a mode on top of it
    demand_charge_busd: float  # of an option part of its fixed cost, of a mode on top of it


@dataclass(frozen=True, slots=True)
class Serving:
    """Compute sold from a place to a market."""

    table: ClassVar = "serving"

    country: str
    latency_zone: str
    stack: str
    region: str
    workload: str
    year: int
    sold_h100e_million_years: float
    tokens_trillion: float
    serving_cost_busd: float
    stack_discount_busd: float  # what the market pays less for this stack (SEMANTICS 7.15); revenue of blocks is before


@dataclass(frozen=True, slots=True)
class DemandServed:
    """A price block of a market (every block has a row)."""

    table: ClassVar = "demand"

    region: str
    workload: str
    year: int
    block: int
    offered_h100e_million_years: float
    sold_h100e_million_years: float
    price_usd_per_h100e_hour: float
    revenue_busd: float  # at the price of the block, before stack discounts


@dataclass(frozen=True, slots=True)
class PolicyUse:
    """How much of a rule is used when it holds, in one of its groups. Rules without a quantity have no row."""

    table: ClassVar = "policy"

    rule: str
    effect: str
    group: str  # country, operator or operator/country that the rule holds for apart (SEMANTICS 7.9); "" for all
    chip: str  # volume_ratio only, else ""
    when: str  # label of a period; year of what counts yearly; first month of a licence term
    used: float
    limit: float  # right-hand side at the plan, quota steps included, in the same unit
    headroom: float
    unit: str
    binding: bool  # headroom below 1e-6 x max(1, limit), and used or limit positive


@dataclass(frozen=True, slots=True)
class PermitUse:
    """Chips that travel to a site under a permit (SEMANTICS 7.11)."""

    table: ClassVar = "permits"

    rule: str  # the permit: an `allow` rule, or a `licence` rule that is granted
    site: str
    chip: str
    period: str
    permitted_million: float


@dataclass(frozen=True, slots=True)
class QuotaStepUse:
    """A quota step that may be bought, and whether it is (SEMANTICS 7.13)."""

    table: ClassVar = "quota_steps"

    rule: str
    group: str  # group of the rule that it raises; "" for all
    raises: str
    bought: bool
    cost_busd: float  # price, also of a step that is not bought


@dataclass(frozen=True, slots=True)
class LimitUse:
    """How much of a physical, financial or environmental limit is used."""

    table: ClassVar = "limits"

    # budget | chip_supply | supply_response | take_or_pay | slots | grid_headroom | technology_limits | site_carbon |
    # sovereignty | capital_share | it_gw | gas_gw | carbon_mt | water_million_m3 | required_compute
    family: str
    name: str  # pool, chip, resource, grid region, "region/workload", limit
    when: str  # year, period label, or span of the take-or-pay row
    used: float
    limit: float
    slack: float  # limit - used, or used - limit for floors (take_or_pay, sovereignty, required_compute)
    unit: str
    binding: bool  # slack below 1e-6 x max(1, limit), and used or limit positive


@dataclass(frozen=True, slots=True)
class CashFlow:
    """Cash of one category in one period (SEMANTICS 6.6); `terminal_value` stands in the last period."""

    table: ClassVar = "cash"

    period: str
    category: str
    busd: float  # inflow positive, undiscounted
    discount_factor: float
    pv_busd: float


@dataclass(frozen=True)
class PlanTables:
    """All tables of a plan."""

    sites: tuple[SitePlan, ...]
    phases: tuple[Phase, ...]
    operations: tuple[SiteOperation, ...]
    chips: tuple[ChipInstallation, ...]
    power: tuple[PowerCapacity, ...]
    energy: tuple[PowerEnergy, ...]
    serving: tuple[Serving, ...]
    demand: tuple[DemandServed, ...]
    policy: tuple[PolicyUse, ...]
    permits: tuple[PermitUse, ...]
    quota_steps: tuple[QuotaStepUse, ...]
    limits: tuple[LimitUse, ...]
    cash: tuple[CashFlow, ...]
    dispatch: tuple[SiteDispatch, ...] = ()
    load_service: tuple[LoadService, ...] = ()


#: Row class of every table, by the name of its field and file.
ROW_TYPES: dict[str, type] = {
    row.table: row
    for row in (
        SitePlan, Phase, SiteOperation, ChipInstallation, PowerCapacity, PowerEnergy,
        Serving, DemandServed, PolicyUse, PermitUse, QuotaStepUse, LimitUse, CashFlow, SiteDispatch,
        LoadService,
    )
}  # fmt: skip

#: Tables that are written only if they have rows.
OPTIONAL_TABLES = frozenset({SiteDispatch.table, LoadService.table})
