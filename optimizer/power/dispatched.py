"""An instance whose computed sites are dispatched: technologies as options, and the modes that are known."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from optimizer.instance.instance import Instance
from optimizer.instance.schema import DispatchLoad, OptionYear, PortfolioPart, PowerMethod, PowerOption
from optimizer.power.modes import SiteModes
from optimizer.power.portfolios import SitePowerError
from optimizer.power.store import Store
from optimizer.power.technology_options import source_of, technology_options

#: Technologies of all sites x years up to which the hours of dispatch are part of the model. There both forms take
#: 1 to 2 s; at twice as many modes take 1.4 s to the end, and the hours stand at a gap of 15 % after 40 s.
EMBEDDED_UP_TO = 24
#: Sites x years beyond which mixes are made beforehand, so that the model keeps its size.
STATIC_BEYOND = 400


@dataclass(frozen=True)
class Choice:
    """How computed power is to be modelled, and why."""

    method: PowerMethod
    reason: str


def chosen_method(instance: Instance) -> Choice:
    """The method asked for; for `auto` by the size of what would be dispatched."""
    wanted = instance.settings.power.method
    if wanted is not PowerMethod.AUTO:
        return Choice(wanted, "power.method asks")
    years, sites = len(instance.calendar.years), len(instance.site_power)
    offered = len({(limit.site, limit.technology) for limit in instance.technology_limits})
    hourly, yearly = years * offered, years * sites
    technologies = f"{offered} technologies at sites x {years} years"
    if hourly <= EMBEDDED_UP_TO:
        return Choice(PowerMethod.EMBEDDED, f"{technologies} are {hourly}, at most {EMBEDDED_UP_TO}")
    computed = f"{sites} sites x {years} years"
    if yearly <= STATIC_BEYOND:
        reason = (
            f"{technologies} are {hourly}, above {EMBEDDED_UP_TO}, and {computed} {yearly}, at most {STATIC_BEYOND}"
        )
        return Choice(PowerMethod.COLUMNS, reason)
    return Choice(PowerMethod.STATIC, f"{computed} are {yearly}, above {STATIC_BEYOND}")


def with_method(instance: Instance, method: PowerMethod) -> Instance:
    """The instance with a method that is settled."""
    power = instance.settings.power.model_copy(update={"method": method})
    return replace(instance, settings=instance.settings.model_copy(update={"power": power}))


@dataclass(frozen=True)
class Dispatched:
    """An instance with technologies as options of its computed sites, and its modes.

    Attributes
    ----------
    from_store
        Modes that were known from earlier runs.
    """

    instance: Instance
    modes: SiteModes
    options: int
    from_store: int
    seconds: float

    def line(self) -> str:
        """One line for the log."""
        sites, power = len(self.instance.site_power), self.instance.settings.power
        if power.method is PowerMethod.EMBEDDED:
            how = "dispatched by the hour within the model"
        else:
            how = f"{self.modes.count} dispatch modes to begin with, {self.from_store} of them from cache"
        return f"power: {sites} sites exact, {self.options} technologies as options, {how}, {self.seconds:.1f} s"


def with_dispatched_power(instance: Instance, store: Store) -> Dispatched:
    """Replace the options of computed sites by technologies, and make the first modes.

    Options that were computed from the same inputs stay as they are, with what was changed in them since; so do
    modes of the same physics.

    Raises
    ------
    SitePowerError
        If a site can never have any technology, or its weather cannot be made.
    """
    began = time.monotonic()
    computed = {row.site for row in instance.site_power}
    options: list[PowerOption] = [o for o in instance.power_options if o.site not in computed or o.beside_computed]
    parts: list[PortfolioPart] = []
    years: list[OptionYear] = []
    for row in instance.site_power:
        known = [option for option in instance.options_of_site[row.site] if not option.beside_computed]
        source = source_of(instance, row)
        if known and all(option.source == source for option in known):
            options += known
            parts += [part for part in instance.portfolio_parts if part.site == row.site]
            years += [in_year for in_year in instance.option_years if in_year.site == row.site]
            continue
        made = technology_options(instance, row)
        if not made.options:
            raise SitePowerError(row.site, "technology_limits.csv offers it nothing within the plan")
        options += made.options
        parts += made.parts
        years += made.years
    there = {(option.site, option.option) for option in options}
    changed = replace(
        instance,
        power_options=tuple(options),
        portfolio_parts=tuple(parts),
        option_years=tuple(years),
        grid_steps=tuple(step for step in instance.grid_steps if (step.site, step.option) in there),
        dispatch_loads=tuple(row for row in instance.dispatch_loads if _is_of_mode(instance, row)),
    )
    modes = SiteModes(changed, store)
    if changed.settings.power.method is PowerMethod.COLUMNS:
        modes.begin()
        changed = modes.within(changed)
    count = sum(changed.is_dispatched(option) for option in options)
    return Dispatched(changed, modes, count, modes.from_store, time.monotonic() - began)


def _is_of_mode(instance: Instance, row: DispatchLoad) -> bool:
    return row.dispatch in instance.modes_of_site.get(row.site, {})


__all__ = ["Choice", "Dispatched", "chosen_method", "with_dispatched_power", "with_method"]
