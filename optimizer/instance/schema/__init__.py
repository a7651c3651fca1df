"""The tables of an instance, one class a table. `instances/README.md` explains them to users."""

from __future__ import annotations

from optimizer.instance.schema.base import Row
from optimizer.instance.schema.chips import Chip, ChipPrice, ChipSupply, InstalledBase, ResalePoint
from optimizer.instance.schema.demand import (
    Demand,
    DemandRegion,
    Latency,
    PriceBlock,
    RequiredCompute,
    Sovereignty,
    Workload,
)
from optimizer.instance.schema.limits import Assumption, Budget, Limit, LimitKind
from optimizer.instance.schema.power import GridHeadroom, GridRegion, GridStep, PowerKind, PowerOption, Slots, SlotUse
from optimizer.instance.schema.rules import GroupMembership, Regime, Rule, RuleEffect, RuleMeasure
from optimizer.instance.schema.settings import Objective, Settings
from optimizer.instance.schema.sites import CommittedBuild, Country, Site, SpendMilestone

#: Every table of an instance, in the order in which the documentation explains them.
TABLES: tuple[type[Row], ...] = (
    Site, CommittedBuild, SpendMilestone, Country,
    PowerOption, GridStep, GridRegion, GridHeadroom, Slots, SlotUse,
    Chip, ChipPrice, ChipSupply, ResalePoint, InstalledBase,
    DemandRegion, Workload, Demand, PriceBlock, Latency, Sovereignty, RequiredCompute,
    Budget, Limit, Rule, Regime, GroupMembership, Assumption,
)  # fmt: skip

__all__ = [
    "TABLES", "Assumption", "Budget", "Chip", "ChipPrice", "ChipSupply", "CommittedBuild", "Country", "Demand",
    "DemandRegion", "GridHeadroom", "GridRegion", "GridStep", "GroupMembership", "InstalledBase", "Latency", "Limit",
    "LimitKind", "Objective", "PowerKind", "PowerOption", "PriceBlock", "Regime", "RequiredCompute", "ResalePoint",
    "Row", "Rule", "RuleEffect", "RuleMeasure", "Settings", "Site", "SlotUse", "Slots", "Sovereignty",
    "SpendMilestone", "Workload",
]  # fmt: skip
