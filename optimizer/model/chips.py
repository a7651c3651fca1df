"""Chips: supply, allocation to zones, the power they draw at sites, the compute they give, and their end (SEMANTICS 3).

The working stock is held as two aggregates, IT power per site and compute per zone and stack, and
not per chip: the measured form of formulation.md 4.4 (3)-(6), grouped as in solve-notes.md section 2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from optimizer.algebra import pyo
from optimizer.model.cashbook import CapitalAccount, CashCategory
from optimizer.model.chip_supply import add_unsold, chip_supply
from optimizer.model.context import ModelContext
from optimizer.model.expressions import Term, linear
from optimizer.model.fleet import Fleet
from optimizer.model.installations import lawful_installations
from optimizer.model.siting import Siting
from optimizer.model.timing import PeriodIndex


def add_fleet(context: ModelContext, siting: Siting) -> Fleet:
    """Add chip variables and their rows."""
    supply = chip_supply(context)
    fleet = Fleet(context, siting, lawful_installations(context, siting, supply), supply)
    _add_installations(fleet)
    if fleet.early_retirement:
        _add_early_retirement(fleet)
    add_unsold(fleet)
    _add_power_draw(fleet)
    _add_compute(fleet)
    return fleet


def _add_installations(fleet: Fleet) -> None:
    fleet.context.model.installed = pyo.Var(fleet.tuples, within=pyo.NonNegativeReals)


def _add_power_draw(fleet: Fleet) -> None:
    """IT power of the working chips, shared among the sites of a zone; formulation.md (3) and (5)."""
    context, siting, model = fleet.context, fleet.siting, fleet.context.model
    sites = {s.site: (s, zone) for zone in context.zones for s in zone.sites if s.site in siting.first_online}
    states = [(name, t) for name in sites for t in context.timing.periods[siting.first_online[name] :]]
    lives: dict[tuple[str, PeriodIndex], set[int]] = defaultdict(set)
    for zone, chip, t in fleet.tuples:
        lives[zone, t].add(context.instance.chip_by_id[chip].life_months)
    landings = [(name, life, t) for name, t in states for life in sorted(lives[sites[name][1].name, t])]
    model.arriving_gw = pyo.Var(landings, within=pyo.NonNegativeReals)
    model.working_gw = pyo.Var(states, within=pyo.NonNegativeReals)
    leaving = _leaving_gw(fleet, landings)

    def power_of_working_chips(_: pyo.ConcreteModel, name: str, t: PeriodIndex) -> object:
        """working_gw[s,t] = working_gw[s,t-1] + arrivals - departures."""
        terms: list[Term] = [(1.0, model.working_gw[name, t])]
        if t > siting.first_online[name]:
            terms.append((-1.0, model.working_gw[name, context.timing.periods[t - 1]]))
        terms += [(-1.0, model.arriving_gw[name, life, t]) for life in sorted(lives[sites[name][1].name, t])]
        terms += leaving[name, t]
        return linear(terms) == 0

    def chips_fit_capacity(_: pyo.ConcreteModel, name: str, t: PeriodIndex) -> object:
        """working_gw[s,t] <= module_gw[s] x modules on line."""
        terms, committed = siting.capacity(sites[name][0], t)
        return linear([(1.0, model.working_gw[name, t]), *((-gw, variable) for gw, variable in terms)]) <= committed

    model.power_of_working_chips = pyo.Constraint(states, rule=power_of_working_chips)
    model.chips_fit_capacity = pyo.Constraint(states, rule=chips_fit_capacity)
    _add_zone_sharing(fleet, landings)


def _leaving_gw(
    fleet: Fleet, landings: Sequence[tuple[str, int, PeriodIndex]]
) -> Mapping[tuple[str, PeriodIndex], list[Term]]:
    """Terms of the IT power that leaves each site at the start of each period."""
    context = fleet.context
    leaving: dict[tuple[str, PeriodIndex], list[Term]] = defaultdict(list)
    if fleet.early_retirement:
        for zone in context.zones:
            for t in context.timing.periods:
                leaving[zone.sites[0].site, t] = [
                    (chip.it_power_kw, variable) for chip, variable in fleet.departures(zone, t)
                ]
        return leaving
    for name, life, t in landings:
        gone = context.timing.first_period_from(context.timing.start(t) + life)
        if gone is not None:
            leaving[name, gone].append((1.0, context.model.arriving_gw[name, life, t]))
    return leaving


def _add_zone_sharing(fleet: Fleet, landings: Sequence[tuple[str, int, PeriodIndex]]) -> None:
    """Arrivals at the sites of a zone draw what the zone's chips of that life draw."""
    context, model = fleet.context, fleet.context.model
    zone_of_site = {s.site: zone.name for zone in context.zones for s in zone.sites}
    at_sites: dict[tuple[str, int, PeriodIndex], list[Term]] = defaultdict(list)
    for name, life, t in landings:
        at_sites[zone_of_site[name], life, t].append((1.0, model.arriving_gw[name, life, t]))
    in_zone: dict[tuple[str, int, PeriodIndex], list[Term]] = defaultdict(list)
    for zone, chip_id, t in fleet.tuples:
        chip = context.instance.chip_by_id[chip_id]
        in_zone[zone, chip.life_months, t].append((-chip.it_power_kw, model.installed[zone, chip_id, t]))

    def arrivals_match_chips(_: pyo.ConcreteModel, zone: str, life: int, t: PeriodIndex) -> object:
        """Sum over sites of arriving_gw = sum over chips of it_power x installed."""
        return linear(at_sites[zone, life, t] + in_zone[zone, life, t]) == 0

    model.arrivals_match_chips = pyo.Constraint(list(in_zone), rule=arrivals_match_chips)


def _add_compute(fleet: Fleet) -> None:
    """compute[z,k,t] = compute[z,k,t-1] + performance of arrivals - of departures; formulation.md (4)."""
    context, model = fleet.context, fleet.context.model
    first: dict[tuple[str, str], PeriodIndex] = {}
    for zone, chip, t in fleet.tuples:
        key = (zone, context.instance.chip_by_id[chip].stack)
        first[key] = min(first.get(key, t), t)
    states = [(zone, stack, t) for (zone, stack), start in first.items() for t in context.timing.periods[start:]]
    model.compute = pyo.Var(states, within=pyo.NonNegativeReals)
    zones = {zone.name: zone for zone in context.zones}
    performance = {
        stack: {chip.chip: chip.performance_h100e for chip in context.instance.chips if chip.stack == stack}
        for stack in {chip.stack for chip in context.instance.chips}
    }

    def compute_of_working_chips(_: pyo.ConcreteModel, zone: str, stack: str, t: PeriodIndex) -> object:
        before: list[Term] = [(1.0, model.compute[zone, stack, t])]
        if t > first[zone, stack]:
            before.append((-1.0, model.compute[zone, stack, context.timing.periods[t - 1]]))
        change = fleet.stock_change(zones[zone], t, performance[stack])
        return linear(before + [(-weight, variable) for weight, variable in change]) == 0

    model.compute_of_working_chips = pyo.Constraint(states, rule=compute_of_working_chips)


def _add_early_retirement(fleet: Fleet) -> None:
    """Chips that leave at the end of their life or are sold before it, the oldest first (SEMANTICS 3.2).

    With A the installations and G all departures up to a period, both cumulative, and d(t) the
    installations whose life ends by t: G[t-1] + expired[t] >= A[d(t)] and G[t] <= A[t-1].
    """
    context, model = fleet.context, fleet.context.model
    first: dict[tuple[str, str], PeriodIndex] = {}
    for zone, chip, t in fleet.tuples:
        first.setdefault((zone, chip), t)
    states = [(z, c, t) for (z, c), start in first.items() for t in context.timing.periods[start + 1 :]]
    model.expired = pyo.Var(states, within=pyo.NonNegativeReals)
    model.sold_early = pyo.Var(states, within=pyo.NonNegativeReals)
    model.left_so_far = pyo.Var(states, within=pyo.NonNegativeReals)
    model.installed_so_far = pyo.Var(
        [(z, c, t) for (z, c), start in first.items() for t in context.timing.periods[start:]],
        within=pyo.NonNegativeReals,
    )
    _add_retirement_rows(fleet, first)


def _add_retirement_rows(fleet: Fleet, first: Mapping[tuple[str, str], PeriodIndex]) -> None:
    context, model, periods = fleet.context, fleet.context.model, fleet.context.timing.periods

    def chips_bought_so_far(_: pyo.ConcreteModel, z: str, c: str, t: PeriodIndex) -> object:
        """A[t] = A[t-1] + installed[t]."""
        terms: list[Term] = [(1.0, model.installed_so_far[z, c, t])]
        if t > first[z, c]:
            terms.append((-1.0, model.installed_so_far[z, c, periods[t - 1]]))
        if (z, c, t) in model.installed:
            terms.append((-1.0, model.installed[z, c, t]))
        return linear(terms) == 0

    def chips_left_so_far(_: pyo.ConcreteModel, z: str, c: str, t: PeriodIndex) -> object:
        """G[t] = G[t-1] + expired[t] + sold[t]."""
        gone: list[Term] = [(-1.0, model.expired[z, c, t]), (-1.0, model.sold_early[z, c, t])]
        terms: list[Term] = [(1.0, model.left_so_far[z, c, t]), *gone]
        if (z, c, periods[t - 1]) in model.left_so_far:
            terms.append((-1.0, model.left_so_far[z, c, periods[t - 1]]))
        return linear(terms) == 0

    def chips_leave_at_end_of_life(_: pyo.ConcreteModel, z: str, c: str, t: PeriodIndex) -> object:
        """G[t-1] + expired[t] >= A[d(t)]."""
        chip = context.instance.chip_by_id[c]
        over = [
            tau
            for tau in periods[first[z, c] : t]
            if (gone := context.timing.departure(chip, tau)) is not None and gone <= t
        ]
        if not over:
            return pyo.Constraint.Skip
        terms: list[Term] = [(1.0, model.expired[z, c, t]), (-1.0, model.installed_so_far[z, c, over[-1]])]
        if (z, c, periods[t - 1]) in model.left_so_far:
            terms.append((1.0, model.left_so_far[z, c, periods[t - 1]]))
        return linear(terms) >= 0

    def only_working_chips_leave(_: pyo.ConcreteModel, z: str, c: str, t: PeriodIndex) -> object:
        """G[t] <= A[t-1]."""
        return linear([(1.0, model.left_so_far[z, c, t]), (-1.0, model.installed_so_far[z, c, periods[t - 1]])]) <= 0

    model.chips_bought_so_far = pyo.Constraint(list(model.installed_so_far), rule=chips_bought_so_far)
    model.chips_left_so_far = pyo.Constraint(list(model.left_so_far), rule=chips_left_so_far)
    model.chips_leave_at_end_of_life = pyo.Constraint(list(model.left_so_far), rule=chips_leave_at_end_of_life)
    model.only_working_chips_leave = pyo.Constraint(list(model.left_so_far), rule=only_working_chips_leave)


def record_chip_cash(fleet: Fleet) -> None:
    """Record price, taxes, financing, resale and terminal value of every installation."""
    context, model, timing = fleet.context, fleet.context.model, fleet.context.timing
    keeps = context.instance.settings.finance.terminal_value
    for zone in context.zones:
        for chip, t in fleet.by_zone.get(zone.name, ()):
            variable = model.installed[zone.name, chip.chip, t]
            account = CapitalAccount(zone.country, zone.pool, timing.year(t))
            price = context.prices.chip_price(chip, timing.start(t))
            levies = context.regime.levy_rate(zone.country, zone.owner, chip, timing.start(t))
            tax = context.prices.chip_tax(chip, zone.country) + levies
            life = chip.life_months / 12
            context.spend(CashCategory.CHIPS, account, t, price, life, variable)
            context.spend(CashCategory.CHIP_TAXES, account, t, price * tax, life, variable)
            if keeps and (fleet.early_retirement or timing.departure(chip, t) is None):
                final = timing.final_discount * context.prices.resale_value(chip, timing.calendar.end)
                context.cash.add(CashCategory.TERMINAL_VALUE, final, variable)
    if fleet.early_retirement:
        _record_resale(fleet)


def _record_resale(fleet: Fleet) -> None:
    context, model, timing = fleet.context, fleet.context.model, fleet.context.timing
    final = timing.final_discount if context.instance.settings.finance.terminal_value else 0.0
    for zone, chip_id, t in model.sold_early:
        chip = context.instance.chip_by_id[chip_id]
        value = context.prices.resale_value(chip, timing.start(t))
        context.cash.add(CashCategory.CHIP_RESALE, timing.discount[t] * value, model.sold_early[zone, chip_id, t])
        lost = -final * context.prices.resale_value(chip, timing.calendar.end)
        for variable in (model.sold_early[zone, chip_id, t], model.expired[zone, chip_id, t]):
            context.cash.add(CashCategory.TERMINAL_VALUE, lost, variable)
