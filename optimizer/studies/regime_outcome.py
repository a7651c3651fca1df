"""What a regime does to a plan: who computes where on which stack, who sells chips to whom, what lies idle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from optimizer.instance.instance import Instance
from optimizer.instance.schema import Chip
from optimizer.plan.audit.chips import Fleet, audit_chips
from optimizer.plan.audit.clock import Clock
from optimizer.plan.audit.ledger import Ledger
from optimizer.plan.tables import PlanTables
from optimizer.studies.country_cash import cash_by_country
from optimizer.units import millions

#: Less idle capacity of a site than this is rounding [GW].
_NOTHING_GW = 1e-9


@dataclass(frozen=True)
class ComputePlace:
    """Who computes where."""

    country: str
    bloc: str
    owner: str
    """Country of the operator's headquarters."""
    stack: str


@dataclass(frozen=True)
class Compute:
    """Working compute of a place: at the end [million H100e] and over the plan [million H100e-years]."""

    at_end: float
    over_plan: float


@dataclass(frozen=True)
class ChipFlow:
    """Chips of one kind that a bloc buys over the plan: million chips, and B USD without taxes, undiscounted."""

    chip: str
    bloc: str
    million: float
    busd: float


@dataclass(frozen=True)
class MarketService:
    """Compute that a market buys over the plan from a bloc on a stack [million H100e-years]."""

    region: str
    bloc: str
    stack: str
    sold: float


@dataclass(frozen=True)
class RegimeOutcome:
    """What a plan under a regime amounts to.

    Attributes
    ----------
    value_busd
        Present value of all cash by country.
    idle_gw_years, idle_gw_end
        IT capacity on line that holds no chips, over the plan and in its last period.
    unsold
        Chips on offer within the plan that nobody installs, by chip [million].
    """

    instance: Instance
    compute: Mapping[ComputePlace, Compute]
    purchases: tuple[ChipFlow, ...]
    service: tuple[MarketService, ...]
    value_busd: Mapping[str, float]
    idle_gw_years: float
    idle_gw_end: float
    unsold: Mapping[str, float]

    @staticmethod
    def of(instance: Instance, plan: PlanTables) -> RegimeOutcome:
        """Outcome of a plan, recomputed from its tables."""
        clock = Clock.of(instance)
        fleets = tuple(audit_chips(Ledger(plan), instance, clock, plan.chips).values())
        value: dict[str, float] = defaultdict(float)
        for (_, country), busd in cash_by_country(instance, plan).items():
            value[country] += busd
        idle = _idle(clock, plan)
        return RegimeOutcome(
            instance=instance,
            compute=_compute(instance, clock, fleets),
            purchases=_purchases(instance, plan),
            service=_service(instance, plan),
            value_busd=value,
            idle_gw_years=sum(gw * years for gw, years in idle),
            idle_gw_end=idle[-1][0],
            unsold=_unsold(instance, fleets),
        )

    def bloc(self, country: str) -> str:
        """Bloc of a country, as reports group it."""
        return bloc_of(self.instance, country)

    def compute_at_end(self, *, stack: str | None = None) -> float:
        """Compute that works in the last period [million H100e]."""
        return sum(one.at_end for place, one in self.compute.items() if stack in (None, place.stack))

    def sales_busd(self, design_country: str) -> float:
        """What is paid for chips designed in a country, taxes and discounting left out [B USD]."""
        designed = {chip.chip for chip in self.instance.chips if chip.design_country == design_country}
        return sum(flow.busd for flow in self.purchases if flow.chip in designed)


def bloc_of(instance: Instance, country: str) -> str:
    """Bloc of a country, as reports group it."""
    row = instance.country_by_code.get(country)
    return country if row is None else row.bloc


def _compute(instance: Instance, clock: Clock, fleets: Iterable[Fleet]) -> dict[ComputePlace, Compute]:
    found: dict[ComputePlace, Compute] = {}
    for fleet in fleets:
        site = fleet.site
        place = ComputePlace(site.country, bloc_of(instance, site.country), site.operator_hq, fleet.chip.stack)
        before = found.get(place, Compute(0.0, 0.0))
        over_plan = float((fleet.compute * clock.lengths).sum())
        found[place] = Compute(before.at_end + float(fleet.compute[-1]), before.over_plan + over_plan)
    return found


def _purchases(instance: Instance, plan: PlanTables) -> tuple[ChipFlow, ...]:
    million: dict[tuple[str, str], float] = defaultdict(float)
    busd: dict[tuple[str, str], float] = defaultdict(float)
    for row in plan.chips:
        key = (row.chip, bloc_of(instance, instance.site_by_id[row.site].country))
        million[key] += row.installed_million
        busd[key] += row.cost_busd
    return tuple(ChipFlow(chip, bloc, million[chip, bloc], busd[chip, bloc]) for chip, bloc in sorted(million))


def _service(instance: Instance, plan: PlanTables) -> tuple[MarketService, ...]:
    sold: dict[tuple[str, str, str], float] = defaultdict(float)
    for row in plan.serving:
        sold[row.region, bloc_of(instance, row.country), row.stack] += row.sold_h100e_million_years
    return tuple(MarketService(*key, amount) for key, amount in sorted(sold.items()))


def _idle(clock: Clock, plan: PlanTables) -> list[tuple[float, float]]:
    """IT capacity on line without chips [GW] and length [years] of each period."""
    idle: dict[str, float] = defaultdict(float)
    for row in plan.operations:
        gap = row.online_gw - row.installed_gw
        idle[row.period] += gap if gap > _NOTHING_GW else 0.0
    return [(idle[label], float(years)) for label, years in zip(clock.labels, clock.lengths, strict=True)]


def _unsold(instance: Instance, fleets: Iterable[Fleet]) -> dict[str, float]:
    installed: dict[str, float] = defaultdict(float)
    for fleet in fleets:
        installed[fleet.chip.chip] += float(fleet.installed.sum())
    left = {chip.chip: _on_offer(instance, chip) - installed[chip.chip] for chip in instance.chips}
    return {chip: max(0.0, million) for chip, million in left.items()}


def _on_offer(instance: Instance, chip: Chip) -> float:
    """Supply within the plan and the chip's time of sale [million chips]."""
    first = max(instance.calendar.start, chip.release)
    last = min(instance.calendar.end, chip.end_of_sale)
    total = 0.0
    for row in instance.chip_supply:
        if row.chip == chip.chip:
            months = max(0, min(last, row.during.end) - max(first, row.during.start))
            total += millions(row.units) * months / (row.during.end - row.during.start)
    return total
