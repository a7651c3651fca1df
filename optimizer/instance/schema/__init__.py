"""The tables of an instance, one class a table. `instances/README.md` explains them to users."""

from __future__ import annotations

from optimizer.instance.schema.base import Row
from optimizer.instance.schema.chips import Chip, ChipPrice, ChipSupply, InstalledBase, ResalePoint, SupplyResponse
from optimizer.instance.schema.demand import (
    Demand,
    DemandRegion,
    Latency,
    PriceBlock,
    RequiredCompute,
    Sovereignty,
    StackPrice,
    Workload,
)
from optimizer.instance.schema.hourly import HourlyValue
from optimizer.instance.schema.limits import Assumption, Budget, Limit, LimitKind
from optimizer.instance.schema.power import GridHeadroom, GridRegion, GridStep, PowerKind, PowerOption, Slots, SlotUse
from optimizer.instance.schema.power_needs import DispatchLoad, PowerNeeds
from optimizer.instance.schema.rules import (
    LEVIES,
    PERMITS,
    Grouping,
    GroupMembership,
    OwnerTest,
    PermitPeriod,
    Regime,
    Rule,
    RuleEffect,
    RuleMeasure,
    RuleStep,
)
from optimizer.instance.schema.settings import Objective, PowerMethod, Settings
from optimizer.instance.schema.sites import CommittedBuild, Country, Site, SpendMilestone
from optimizer.instance.schema.technologies import (
    Climate,
    DispatchMode,
    FuelPrice,
    OptionYear,
    PortfolioPart,
    SitePower,
    TechnologyCost,
    TechnologyKind,
    TechnologyLimit,
    TechnologyRow,
)

#: Every table of an instance, in the order in which the documentation explains them.
TABLES: tuple[type[Row], ...] = (
    Site, CommittedBuild, SpendMilestone, Country,
    PowerOption, GridStep, GridRegion, GridHeadroom, Slots, SlotUse,
    TechnologyRow, TechnologyCost, FuelPrice, Climate, SitePower, PowerNeeds, TechnologyLimit, HourlyValue,
    PortfolioPart, OptionYear, DispatchMode, DispatchLoad,
    Chip, ChipPrice, ChipSupply, SupplyResponse, ResalePoint, InstalledBase,
    DemandRegion, Workload, Demand, PriceBlock, StackPrice, Latency, Sovereignty, RequiredCompute,
    Budget, Limit, Rule, RuleStep, Regime, GroupMembership, Assumption,
)  # fmt: skip

__all__ = [
    "LEVIES",
    "PERMITS",
    "TABLES",
    "Assumption",
    "Budget",
    "Chip",
    "ChipPrice",
    "ChipSupply",
    "Climate",
    "CommittedBuild",
    "Country",
    "Demand",
    "DemandRegion",
    "DispatchLoad",
    "DispatchMode",
    "FuelPrice",
    "GridHeadroom",
    "GridRegion",
    "GridStep",
    "GroupMembership",
    "Grouping",
    "HourlyValue",
    "InstalledBase",
    "Latency",
    "Limit",
    "LimitKind",
    "Objective",
    "OptionYear",
    "OwnerTest",
    "PermitPeriod",
    "PortfolioPart",
    "PowerKind",
    "PowerMethod",
    "PowerNeeds",
    "PowerOption",
    "PriceBlock",
    "Regime",
    "RequiredCompute",
    "ResalePoint",
    "Row",
    "Rule",
    "RuleEffect",
    "RuleMeasure",
    "RuleStep",
    "Settings",
    "Site",
    "SitePower",
    "SlotUse",
    "Slots",
    "Sovereignty",
    "SpendMilestone",
    "StackPrice",
    "SupplyResponse",
    "TechnologyCost",
    "TechnologyKind",
    "TechnologyLimit",
    "TechnologyRow",
    "Workload",
]
