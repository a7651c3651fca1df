"""Puts a drawn instance together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from optimizer.instance.calendar import Calendar
from optimizer.instance.codes import Code
from optimizer.instance.instance import Instance
from optimizer.instance.periods import make_calendar
from optimizer.instance.schema import Assumption, Settings, SupplyResponse
from optimizer.instance.schema.settings import CalendarSettings, ChecksSettings, PeriodBlock
from scripts.resampling.chips import draw_chips
from scripts.resampling.draw import Draw
from scripts.resampling.given_power import with_given_power
from scripts.resampling.shared import shared_tables
from scripts.resampling.sites import Growth, draw_sites

#: The shortest plan: lead times are up to three years, and modules must run for two.
FEWEST_QUARTERS = 16
FEWEST_CHIPS = 2
#: Numbers of options that were computed may be what nobody would type: a mix that is sun and storage but for a few
#: hours pays and emits next to nothing per MWh.
COMPUTED_SIZES = (Code.ENERGY_PRICE_SIZE.value, Code.CARBON_SIZE.value, Code.WATER_SIZE.value)


class SizeError(ValueError):
    """An instance of this size makes no sense."""


@dataclass(frozen=True)
class Size:
    """Size and seed of an instance.

    Raises
    ------
    SizeError
        If there is no site, less than one chip for each stack, or too short a plan.
    """

    sites: int
    chips: int
    quarters: int
    seed: int

    def __post_init__(self) -> None:
        for name, least in (("sites", 1), ("chips", FEWEST_CHIPS), ("quarters", FEWEST_QUARTERS), ("seed", 0)):
            if getattr(self, name) < least:
                message = f"{name}: at least {least}, not {getattr(self, name)}"
                raise SizeError(message)

    @property
    def name(self) -> str:
        """Name of the instance and its folder."""
        return f"drawn-{self.sites}-sites-{self.chips}-chips-{self.quarters}-quarters-{self.seed}"


def draw_instance(world: Instance, size: Size) -> Instance:
    """Draw an instance of a given size around the numbers of another whose power is computed or given.

    Sites are drawn with all that belongs to them, so that rules, groups, latency and demand keep their
    meaning; what they share grows with the IT power that fits on them. The same seed gives the same instance.
    """
    world = with_given_power(world)
    settings = _settings(world, size)
    calendar: Calendar = make_calendar(settings.calendar)
    copies = draw_sites(world, size.sites, calendar, Draw.of(size.seed, "sites"))
    growth = Growth.of(world, copies)
    chips = draw_chips(world, size.chips, calendar, growth.total, Draw.of(size.seed, "chips"))
    sites = tuple(copy.site for copy in copies)
    drawn = replace(
        world,
        settings=settings,
        calendar=calendar,
        sites=sites,
        power_options=tuple(row for copy in copies for row in copy.options),
        grid_steps=tuple(row for copy in copies for row in copy.steps),
        committed=tuple(row for copy in copies for row in copy.committed),
        chips=chips.chips,
        chip_prices=chips.prices,
        chip_supply=chips.supply,
        **shared_tables(world, sites, calendar, growth),
        folder=None,
    )
    drawn = replace(drawn, supply_response=tuple(_answers(world, drawn)))
    return replace(drawn, assumptions=tuple(row for row in world.assumptions if _still_applies(row, drawn)))


def _answers(world: Instance, drawn: Instance) -> Iterator[SupplyResponse]:
    """Answers of supply that can still come: the chip was drawn and is on sale when they would."""
    for row in world.supply_response:
        chip, first = drawn.chip_by_id.get(row.chip), 12 * (drawn.calendar.years[0] + row.lag_years)
        sold_until = 0 if chip is None else min(chip.end_of_sale, drawn.calendar.end)
        if chip is not None and row.region in drawn.region_by_id and max(chip.release, first) < sold_until:
            yield row


def _still_applies(assumption: Assumption, drawn: Instance) -> bool:
    """Whether its table has rows; the range of a rule's quantity would have to grow with the quantity."""
    table, bracket, _ = assumption.knob.partition("[")
    return not bracket or (table != "rules" and bool(getattr(drawn, table)))


def _settings(world: Instance, size: Size) -> Settings:
    accepted = world.settings.checks.accept
    calendar = CalendarSettings(
        start=world.settings.calendar.start,
        periods=(PeriodBlock(months=3, count=size.quarters),),
        decision_every_months=world.settings.calendar.decision_every_months,
    )
    return world.settings.model_copy(
        update={
            "name": size.name,
            "title": f"{size.sites} sites and {size.chips} chips drawn around {world.name}, seed {size.seed}",
            "calendar": calendar,
            "scenarios": {},
            "checks": ChecksSettings(accept=(*accepted, *(code for code in COMPUTED_SIZES if code not in accepted))),
        }
    )
