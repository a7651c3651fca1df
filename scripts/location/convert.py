"""A capacitated location problem as an instance: one year, one chip, free power, nothing discounted.

A facility is a site with one module as large as its capacity, in a latency zone of its own; a customer is
a market; the cost of serving a unit is the serving cost of the pair in latency.csv. Two devices make the
plan of most net present value the plan of least cost:

- Chips for all demand must be taken (`minimum_units`), and every unit sold earns more than it costs to serve.
  Chips that are there are therefore sold: all demand is served.
- A year of sales earns exactly the price of the chips. Both cancel, so the net present value is minus the
  cost of the problem, in other units.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.instance.calendar import Span
from optimizer.instance.codes import Code
from optimizer.instance.instance import Instance
from optimizer.instance.periods import make_calendar
from optimizer.instance.schema import (
    Budget,
    Chip,
    ChipPrice,
    ChipSupply,
    CommittedBuild,
    Country,
    Demand,
    DemandRegion,
    GridRegion,
    Latency,
    PowerKind,
    PowerOption,
    PriceBlock,
    Row,
    Settings,
    Site,
    Workload,
)
from optimizer.units import BUSD_PER_MILLION_H100E_YEAR, HOURS_PER_YEAR
from scripts.location.problem import LocationProblem

YEAR = 2027
CHIP = "unit"
#: Compute of the chip [H100e]: an IT power of 1 GW serves a thousand units of demand, or `power_scale` times as many.
PERFORMANCE = 1000
#: Largest module, module cost and serving cost that pass as plausible, so that scaled numbers look like real ones.
LARGEST_MW, DEAREST_MODULE_USD_PER_KW, DEAREST_SERVING_USD = 5000.0, 1e5, 0.1
#: Sales earn this many times the dearest serving cost: any factor above 1 serves everybody.
MARGIN = 1.25
#: Findings that test problems may give: their numbers are no one's prices.
ACCEPTED = (Code.MODULE_SIZE, Code.CAPITAL_SIZE, Code.CHIP_PRICE_SIZE, Code.CHIP_POWER_SIZE, Code.MODULE_COST_SIZE,
            Code.COMPUTE_SIZE, Code.COMPUTE_PRICE_SIZE, Code.POWER_SIZE, Code.SUPPLY_SIZE)  # fmt: skip


class TooSmallError(ValueError):
    """The facilities together cannot serve all demand."""


@dataclass(frozen=True)
class Scale:
    """Units of the problem in units of the instance; powers of ten.

    Attributes
    ----------
    busd
        One unit of cost [B USD].
    mw
        One unit of capacity [MW of IT]. One unit of demand is always 1 million H100e for a year.
    """

    busd: float
    mw: float

    @classmethod
    def of(cls, problem: LocationProblem) -> Scale:
        """Find the largest powers of ten with plausible modules, module costs and serving costs."""
        mw = min(1.0, _power_of_ten(LARGEST_MW / problem.capacity.max()))
        per_kw = (problem.fixed_cost / np.maximum(problem.capacity, 1e-9)).max() * 1e6 / mw
        per_hour = problem.unit_cost.max() / BUSD_PER_MILLION_H100E_YEAR
        sizes = ((DEAREST_MODULE_USD_PER_KW, per_kw), (DEAREST_SERVING_USD, per_hour))
        busd = min((most / size for most, size in sizes if size > 0), default=1.0)
        return cls(busd=_power_of_ten(busd), mw=mw)

    def cost(self, npv_busd: float) -> float:
        """Cost of a plan in the problem's unit, from its net present value [B USD]."""
        return -npv_busd / self.busd


def _power_of_ten(value: float) -> float:
    """Largest power of ten up to a value."""
    return float(f"1e{math.floor(math.log10(value))}")


def to_instance(problem: LocationProblem, gap: float = 1e-4, time_limit_seconds: float = 600) -> Instance:
    """Convert a problem.

    Raises
    ------
    TooSmallError
        If the facilities together cannot serve all demand.
    """
    if problem.capacity.sum() < problem.demand.sum():
        message = f"{problem.name}: capacity {problem.capacity.sum():g} for a demand of {problem.demand.sum():g}"
        raise TooSmallError(message)
    scale = Scale.of(problem)
    settings = _settings(problem, scale, gap, time_limit_seconds)
    source = f"capacitated location problem {problem.name}"
    tables: dict[str, list[Row]] = {}
    for row in (
        *_common_rows(source),
        *_facility_rows(problem, scale, source),
        *_chip_rows(problem, scale, source),
        *_customer_rows(problem, scale, source),
    ):
        tables.setdefault(row.table, []).append(row)
    content: dict[str, Any] = {name: tuple(rows) for name, rows in tables.items()}
    return Instance(settings=settings, calendar=make_calendar(settings.calendar), **content)


def _settings(problem: LocationProblem, scale: Scale, gap: float, time_limit_seconds: float) -> Settings:
    facilities, customers = problem.unit_cost.shape
    return Settings.model_validate(
        {
            "schema_version": 1,
            "name": problem.name,
            "title": (
                f"Location problem {problem.name}: {facilities} facilities, {customers} customers; "
                f"cost = -NPV in B USD x {1 / scale.busd:g}; places on the map mean nothing"
            ),
            "calendar": {"start": YEAR, "periods": [{"months": 12, "count": 1}], "decision_every_months": 12},
            "finance": {"discount_rate": 0.0, "terminal_value": False},
            "power": {"average_load_share": 1.0},
            "model": {"chip_carry_months": 0},
            "solver": {"gap": gap, "time_limit_seconds": time_limit_seconds},
            "checks": {"accept": [code.value for code in ACCEPTED]},
        }
    )


def _facility(index: int) -> str:
    return f"f{index + 1:04}"


def _customer(index: int) -> str:
    return f"c{index + 1:04}"


def _common_rows(source: str) -> Iterator[Row]:
    yield Country(country="USA", name="Plane", bloc="Plane", wacc_fraction=0, source=source)
    yield GridRegion(grid_region="plane", name="Plane", country="USA", source=source)
    yield Workload(
        workload="service", name="Service", max_latency_ms=1, utilisation=1, tokens_per_h100e_second=0, source=source
    )
    yield PriceBlock(workload="service", block=1, quantity_share=1, price_multiplier=1, source=source)


def _facility_rows(problem: LocationProblem, scale: Scale, source: str) -> Iterator[Row]:
    """Sites with their power. One whose fixed cost is 0 stands from the beginning."""
    columns = math.ceil(math.sqrt(len(problem.capacity)))
    for i in np.flatnonzero(problem.capacity > 0).tolist():
        mw = problem.capacity[i] * scale.mw
        usd_per_kw = problem.fixed_cost[i] * scale.busd * 1e6 / mw
        row, column = divmod(i, columns)
        yield Site(
            site=_facility(i), name=f"Facility {i + 1}", country="USA", grid_region="plane",
            latency_zone=_facility(i), latitude=round(44 - 8 * row / columns, 3),
            longitude=round(-104 + 12 * column / columns, 3), operator="Operator", operator_hq="USA",
            module_mw=mw, max_modules=1, earliest_start=12 * YEAR, lead_months=0, open_cost_musd=0,
            # A module costs something; that of a facility which is free is paid already.
            module_cost_usd_per_kw=usd_per_kw or 1000, om_usd_per_kw_year=0, pue_average=1, pue_peak=1, source=source,
        )  # fmt: skip
        yield PowerOption(
            site=_facility(i), option="power", kind=PowerKind.GRID_FIRM, available_from=12 * YEAR, max_mw=mw,
            capex_usd_per_kw=0, fixed_usd_per_kw_year=0, energy_usd_per_mwh=0, carbon_t_per_mwh=0, firm_credit=1,
            energy_availability=1, source=source,
        )  # fmt: skip
        if usd_per_kw == 0:
            yield CommittedBuild(
                site=_facility(i), online_from=12 * YEAR, modules=1, remaining_cost_share=0, source=source
            )


def _price(problem: LocationProblem, scale: Scale) -> float:
    """What a unit of service earns [USD per H100e-hour]; the chips for it cost as much as it earns in the year."""
    return MARGIN * float(problem.unit_cost.max()) * scale.busd / BUSD_PER_MILLION_H100E_YEAR or 0.01


def _chip_rows(problem: LocationProblem, scale: Scale, source: str) -> Iterator[Row]:
    price_usd = _price(problem, scale) * HOURS_PER_YEAR * PERFORMANCE
    units, needed = (float(total) * 1e6 / PERFORMANCE for total in (problem.capacity.sum(), problem.demand.sum()))
    capital = float(problem.fixed_cost.sum()) * scale.busd + units * price_usd / 1e9
    yield Chip(
        chip=CHIP, name="Unit of service", vendor="Vendor", stack="us", design_country="USA", release=12 * YEAR,
        end_of_sale=12 * YEAR + 12, performance_h100e=PERFORMANCE, tpp=15_832 * PERFORMANCE, it_power_kw=scale.mw,
        life_months=12, source=source,
    )  # fmt: skip
    yield ChipPrice(chip=CHIP, since=12 * YEAR, price_usd=price_usd, source=source)
    yield ChipSupply(
        chip=CHIP, during=Span(12 * YEAR, 12 * YEAR + 12), units=units, minimum_units=needed, source=source
    )
    yield Budget(pool="global", year=YEAR, capital_busd=math.ceil(capital + 1), source=source)


def _customer_rows(problem: LocationProblem, scale: Scale, source: str) -> Iterator[Row]:
    price = _price(problem, scale)
    serving = problem.unit_cost * (scale.busd / BUSD_PER_MILLION_H100E_YEAR)
    facilities = np.flatnonzero(problem.capacity > 0).tolist()
    for j in np.flatnonzero(problem.demand > 0).tolist():
        yield DemandRegion(
            region=_customer(j), name=f"Customer {j + 1}", stacks="us", latitude=40, longitude=-98, source=source
        )
        yield Demand(
            region=_customer(j), workload="service", year=YEAR, quantity_h100e_million=problem.demand[j],
            price_usd_per_h100e_hour=price, source=source,
        )  # fmt: skip
        for i in facilities:
            yield Latency(
                latency_zone=_facility(i), region=_customer(j), rtt_ms=1,
                serving_cost_usd_per_h100e_hour=serving[i, j], source=source,
            )  # fmt: skip
