"""Chips: supply, allocation to zones, the power they draw at sites, the compute they give, and their end (SEMANTICS 3).

The working stock is held as two aggregates, IT power per site and compute per zone and stack, and
not per chip: the measured form of formulation.md 4.4 (3)-(6), grouped as in solve-notes.md section 2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyomo.environ as pyo

from optimizer.instance.calendar import format_span
from optimizer.instance.schema import Chip
from optimizer.model.cashbook import CapitalAccount, CashCategory
from optimizer.model.context import ModelContext, Vacuous
from optimizer.model.expressions import Term, linear
from optimizer.model.rows import LinearRow, Rows
from optimizer.model.siting import Siting
from optimizer.model.timing import PeriodIndex
from optimizer.model.zones import AllocationZone
from optimizer.units import millions

#: Zone name, chip and period of an installation.
Tuple3 = tuple[str, str, PeriodIndex]


@dataclass(frozen=True)
class Fleet:
    """Chip decisions, and the stocks that follow from them.

    Variables
    ---------
    installed[zone, chip, t]
        Million chips put to work at the start of t.
    arriving_gw[site, life, t]
        IT power of the arrivals with a given life [months] at a site [GW].
    working_gw[site, t]
        IT power of the working chips of a site [GW].
    compute[zone, stack, t]
        Compute of the working chips of a zone [million H100e].
    unsold[chip, t]
        Chips that stay with the vendor after t [million].
    expired, sold_early[zone, chip, t]
        Chips that leave at the end of their life, and earlier (only with early retirement) [million].
    installed_so_far, left_so_far[zone, chip, t]
        Chips that came and went up to t (only with early retirement) [million].
    """

    context: ModelContext
    siting: Siting
    tuples: tuple[Tuple3, ...]
    supply: Mapping[tuple[str, PeriodIndex], float]

    @property
    def early_retirement(self) -> bool:
        """Whether chips may leave before the end of their life."""
        return self.context.instance.settings.model.early_retirement

    @cached_property
    def by_zone(self) -> Mapping[str, tuple[tuple[Chip, PeriodIndex], ...]]:
        """Lawful, supplied installations of each zone."""
        grouped: dict[str, list[tuple[Chip, PeriodIndex]]] = defaultdict(list)
        for zone, chip, t in self.tuples:
            grouped[zone].append((self.context.instance.chip_by_id[chip], t))
        return {zone: tuple(entries) for zone, entries in grouped.items()}

    def arrivals(self, zone: AllocationZone, period: PeriodIndex) -> list[tuple[Chip, object]]:
        """Chips and variables of the installations of a zone at the start of a period."""
        return self._arrivals.get((zone.name, period), [])

    def departures(self, zone: AllocationZone, period: PeriodIndex) -> list[tuple[Chip, object]]:
        """Chips and variables of what leaves a zone at the start of a period."""
        return self._departures.get((zone.name, period), [])

    @cached_property
    def _arrivals(self) -> dict[tuple[str, PeriodIndex], list[tuple[Chip, object]]]:
        grouped: dict[tuple[str, PeriodIndex], list[tuple[Chip, object]]] = defaultdict(list)
        for zone, entries in self.by_zone.items():
            for chip, t in entries:
                grouped[zone, t].append((chip, self.context.model.installed[zone, chip.chip, t]))
        return grouped

    @cached_property
    def _departures(self) -> dict[tuple[str, PeriodIndex], list[tuple[Chip, object]]]:
        model, timing = self.context.model, self.context.timing
        grouped: dict[tuple[str, PeriodIndex], list[tuple[Chip, object]]] = defaultdict(list)
        if self.early_retirement:
            for zone, chip_id, t in model.expired:
                chip = self.context.instance.chip_by_id[chip_id]
                grouped[zone, t] += [
                    (chip, model.expired[zone, chip_id, t]),
                    (chip, model.sold_early[zone, chip_id, t]),
                ]
            return grouped
        for zone, entries in self.by_zone.items():
            for chip, t in entries:
                leaves = timing.departure(chip, t)
                if leaves is not None:
                    grouped[zone, leaves].append((chip, model.installed[zone, chip.chip, t]))
        return grouped

    def stock_change(self, zone: AllocationZone, period: PeriodIndex, weight: Mapping[str, float]) -> list[Term]:
        """Change of a weighted working stock at the start of a period; chips without a weight do not count."""
        gained = [
            (weight[chip.chip], variable) for chip, variable in self.arrivals(zone, period) if chip.chip in weight
        ]
        lost = [
            (-weight[chip.chip], variable) for chip, variable in self.departures(zone, period) if chip.chip in weight
        ]
        return gained + lost


def chip_supply(context: ModelContext) -> dict[tuple[str, PeriodIndex], float]:
    """Million chips of each kind on offer in each period (SEMANTICS 3.4)."""
    supply: dict[tuple[str, PeriodIndex], float] = defaultdict(float)
    for row in context.instance.chip_supply:
        for t in context.timing.periods:
            overlap = context.timing.calendar.periods[t].overlap(row.during)
            if overlap:
                supply[row.chip, t] += millions(row.units) * overlap / row.during.months
    return dict(supply)


def add_fleet(context: ModelContext, siting: Siting) -> Fleet:
    """Add chip variables and their rows."""
    supply = chip_supply(context)
    fleet = Fleet(context, siting, tuple(_lawful_installations(context, siting, supply)), supply)
    _add_installations(fleet)
    if fleet.early_retirement:
        _add_early_retirement(fleet)
    _add_unsold(fleet)
    _add_power_draw(fleet)
    _add_compute(fleet)
    return fleet


def _lawful_installations(
    context: ModelContext, siting: Siting, supply: Mapping[tuple[str, PeriodIndex], float]
) -> Iterable[Tuple3]:
    """Zone, chip and period of every installation that supply, dates and denials leave open (SEMANTICS 3.1)."""
    timing, regime = context.timing, context.regime
    for chip in context.instance.chips:
        periods = list(timing.on_sale(chip))
        on_offer = next((t for t in timing.periods if supply.get((chip.chip, t), 0.0) > 0), None)
        if on_offer is None:
            context.vacuous.append(Vacuous("chips", chip.chip, "no supply within the plan"))
            continue
        allowed = False
        for zone in context.zones:
            first = min(
                (siting.first_online[s.site] for s in zone.sites if s.site in siting.first_online), default=None
            )
            if first is None:
                continue
            for t in periods:
                lawful = t >= max(first, on_offer) and not regime.denies(
                    zone.country, zone.owner, chip, timing.start(t)
                )
                if lawful:
                    allowed = True
                    yield zone.name, chip.chip, t
        if not allowed:
            context.vacuous.append(Vacuous("chips", chip.chip, "no site may receive it"))


def _add_installations(fleet: Fleet) -> None:
    fleet.context.model.installed = pyo.Var(fleet.tuples, within=pyo.NonNegativeReals)


def _add_unsold(fleet: Fleet) -> None:
    kept = unsold_limits(fleet)
    fleet.context.model.unsold = pyo.Var(
        list(kept), within=pyo.NonNegativeReals, bounds=lambda _, chip, t: (0, kept[chip, t])
    )


def chip_supply_rows(fleet: Fleet) -> Rows:
    """Installed + unsold - unsold before <= supply of the period; formulation.md 2.4 and (6).

    The rest lapses: what the vendor may keep is bounded.
    """
    model, periods = fleet.context.model, fleet.context.timing.periods
    rows: dict[tuple[str, PeriodIndex], list[Term]] = {}
    for zone, chip, t in fleet.tuples:
        rows.setdefault((chip, t), []).append((1.0, model.installed[zone, chip, t]))
    for chip, t in model.unsold:
        rows.setdefault((chip, t), []).append((1.0, model.unsold[chip, t]))
        if t + 1 < len(periods) and ((chip, periods[t + 1]) in rows or (chip, periods[t + 1]) in model.unsold):
            rows.setdefault((chip, periods[t + 1]), []).append((-1.0, model.unsold[chip, t]))
    ordered = sorted(rows, key=lambda key: (key[0], int(key[1])))
    return {key: LinearRow(rows[key], upper=fleet.supply.get(key, 0.0)) for key in ordered}


def unsold_limits(fleet: Fleet) -> dict[tuple[str, PeriodIndex], float]:
    """Most that the vendor may keep after each period, where that is anything (SEMANTICS 3.4) [million chips]."""
    timing = fleet.context.timing
    carry = fleet.context.instance.settings.model.chip_carry_months

    def most(chip: str, period: PeriodIndex) -> float:
        oldest = timing.calendar.periods[period].end - carry
        return sum(fleet.supply.get((chip, t), 0.0) for t in timing.periods[: period + 1] if timing.start(t) >= oldest)

    return {key: limit for key in fleet.supply if (limit := most(*key)) > 0}


def take_or_pay_rows(fleet: Fleet) -> Rows:
    """Installations that start within the row's span >= minimum_units (SEMANTICS 3.5)."""
    timing, model = fleet.context.timing, fleet.context.model
    rows: dict[tuple[str, str], LinearRow] = {}
    for row in fleet.context.instance.chip_supply:
        within = [t for t in timing.periods if row.during.start <= timing.start(t) < row.during.end]
        if row.minimum_units > 0 and within:
            terms = [(1.0, model.installed[key]) for key in fleet.tuples if key[1] == row.chip and key[2] in within]
            rows[row.chip, format_span(row.during)] = LinearRow(terms, lower=millions(row.minimum_units))
    return rows


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
            tax = context.prices.chip_tax(chip, zone.country)
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
