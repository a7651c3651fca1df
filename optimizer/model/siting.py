"""Which sites open, how many modules they get, and when the modules come on line (SEMANTICS 2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import pyomo.environ as pyo

from optimizer.instance.instance import Instance
from optimizer.instance.schema import CommittedBuild, Site
from optimizer.model.cashbook import CapitalAccount, CashCategory
from optimizer.model.context import ModelContext
from optimizer.model.expressions import Term, linear
from optimizer.model.timing import PeriodIndex


@dataclass(frozen=True)
class Siting:
    """Building decisions, and the capacity that follows from them.

    Variables
    ---------
    modules[site, d]
        Modules committed up to decision date d (never falling; integer where they must be whole, SEMANTICS 2.9).
    opened[site, d]
        Whether the site's first module is committed by d (binary while modules are whole, else the share of the
        opening that is paid; only where opening costs something and some date's modules are whole: fractions of
        modules pay fractions of the opening, SEMANTICS 2.6).
    """

    context: ModelContext
    dates: Mapping[str, tuple[PeriodIndex, ...]]
    committed: Mapping[str, tuple[CommittedBuild, ...]]

    def new_modules_limit(self, site: Site) -> int:
        """Modules that may still be decided."""
        return site.max_modules - sum(build.modules for build in self.committed[site.site])

    def needs_opening(self, site: Site) -> bool:
        """Whether the model must know if the site is opened."""
        return self.pays_opening(site) and bool(self.whole_dates(site.site))

    def is_whole(self, site: str, decision: PeriodIndex) -> bool:
        """Whether the modules of a site that are committed on a decision date must be whole (SEMANTICS 2.9)."""
        online = self._online[site, decision]
        return self.context.instance.settings.model.is_whole(self.context.timing.start(online))

    def whole_dates(self, site: str) -> tuple[PeriodIndex, ...]:
        """Decision dates of a site on which modules must be whole: the first ones, if any."""
        return tuple(d for d in self.dates[site] if self.is_whole(site, d))

    def pays_opening(self, site: Site) -> bool:
        """Whether opening the site costs something."""
        return site.open_cost_busd > 0 and not self.committed[site.site]

    def is_whole_online(self, site: Site, period: PeriodIndex) -> bool:
        """Whether the modules of a site that are on line in a period must be whole."""
        return self.context.instance.settings.model.is_whole(self.context.timing.start(period)) or not any(
            self._online[site.site, d] <= period for d in self.dates[site.site] if not self.is_whole(site.site, d)
        )

    def modules_online(self, site: Site, period: PeriodIndex) -> list[Term]:
        """Term of the decided modules that are on line in a period (none before the first)."""
        online = [d for d in self.dates[site.site] if self._online[site.site, d] <= period]
        return [(1.0, self.context.model.modules[site.site, online[-1]])] if online else []

    def committed_online(self, site: Site, period: PeriodIndex) -> int:
        """Modules of committed.csv that are on line in a period."""
        return sum(
            build.modules
            for build in self.committed[site.site]
            if self.context.timing.calendar.first_period_from(build.online_from) <= period
        )

    def capacity(self, site: Site, period: PeriodIndex) -> tuple[list[Term], float]:
        """IT capacity on line in a period [GW]: terms of decided modules, and the committed constant."""
        terms = [
            (coefficient * site.module_gw, variable) for coefficient, variable in self.modules_online(site, period)
        ]
        return terms, self.committed_online(site, period) * site.module_gw

    def committed_between(self, site: Site, since: PeriodIndex, until: PeriodIndex) -> list[Term]:
        """Terms of the modules committed on decision dates from ``since`` up to ``until``, both included."""
        model = self.context.model
        before = [d for d in self.dates[site.site] if d < since]
        up_to = [d for d in self.dates[site.site] if d <= until]
        if not up_to or up_to[-1] < since:
            return []
        terms: list[Term] = [(1.0, model.modules[site.site, up_to[-1]])]
        if before:
            terms.append((-1.0, model.modules[site.site, before[-1]]))
        return terms

    def opened_between(self, site: Site, since: PeriodIndex, until: PeriodIndex) -> list[Term]:
        """Terms of the opening of a site on decision dates from ``since`` up to ``until``, both included."""
        if not self.pays_opening(site):
            return []
        if not self.needs_opening(site):
            share = 1 / self.new_modules_limit(site)
            return [(sign * share, variable) for sign, variable in self.committed_between(site, since, until)]
        opened = self.context.model.opened
        return [
            (coefficient, opened[variable.index()])
            for coefficient, variable in self.committed_between(site, since, until)
        ]

    @cached_property
    def first_online(self) -> Mapping[str, PeriodIndex]:
        """First period in which each site can have capacity; sites that never can are absent."""
        timing = self.context.timing
        first: dict[str, PeriodIndex] = {}
        for site in self.context.instance.sites:
            candidates = [self._online[site.site, d] for d in self.dates[site.site][:1]]
            candidates += [
                period
                for build in self.committed[site.site]
                if (period := timing.first_period_from(build.online_from)) is not None
            ]
            if candidates:
                first[site.site] = min(candidates)
        return first

    @cached_property
    def _online(self) -> Mapping[tuple[str, PeriodIndex], PeriodIndex]:
        timing = self.context.timing
        return {
            (site.site, d): online
            for site in self.context.instance.sites
            for d in self.dates[site.site]
            if (online := timing.online_period(d, site.lead_months)) is not None
        }

    def online_period(self, site: Site, decision: PeriodIndex) -> PeriodIndex:
        """First period in which modules committed on a decision date are on line."""
        return self._online[site.site, decision]


def committed_by_site(instance: Instance) -> Mapping[str, tuple[CommittedBuild, ...]]:
    """Committed builds of every site."""
    committed: dict[str, list[CommittedBuild]] = {site.site: [] for site in instance.sites}
    for build in instance.committed:
        committed[build.site].append(build)
    return {site: tuple(builds) for site, builds in committed.items()}


def add_siting(context: ModelContext) -> Siting:
    """Add building variables and their rows."""
    instance, timing = context.instance, context.timing
    committed = committed_by_site(instance)
    limits = {
        site.site: site.max_modules - sum(build.modules for build in committed[site.site]) for site in instance.sites
    }
    dates = {site.site: timing.building_dates(site) if limits[site.site] > 0 else () for site in instance.sites}
    siting = Siting(context, dates, committed)
    _add_variables(siting)
    _add_rows(siting)
    return siting


def record_siting_cash(siting: Siting) -> None:
    """Record what building and running sites costs, and what shells are worth at the end."""
    for site in siting.context.instance.sites:
        _record_building_cash(siting, site)
        _record_committed_cash(siting, site)
        _record_running_cash(siting, site)


def _add_variables(siting: Siting) -> None:
    instance, model = siting.context.instance, siting.context.model
    whole = {(site.site, d) for site in instance.sites for d in siting.whole_dates(site.site)}
    steps = [(site.site, d) for site in instance.sites for d in siting.dates[site.site]]
    opening = [(site.site, d) for site in instance.sites if siting.needs_opening(site) for d in siting.dates[site.site]]
    limit = {site.site: siting.new_modules_limit(site) for site in instance.sites}
    counts = {key: pyo.NonNegativeIntegers if key in whole else pyo.NonNegativeReals for key in steps}
    shares = {key: pyo.Binary if key in whole else pyo.UnitInterval for key in opening}
    model.modules = pyo.Var(
        steps, within=lambda _, site, d: counts[site, d], bounds=lambda _, site, __: (0, limit[site])
    )
    model.opened = pyo.Var(opening, within=lambda _, site, d: shares[site, d])


def _add_rows(siting: Siting) -> None:
    model = siting.context.model
    modules, opened = model.modules, model.opened
    later = {(site, d): before for site, dates in siting.dates.items() for before, d in pairwise(dates)}
    last_whole = {site: dates[-1] for site in siting.dates if (dates := siting.whole_dates(site))}

    def modules_never_fall(_: pyo.ConcreteModel, site: str, d: PeriodIndex) -> object:
        """modules[s,d] >= modules[s,d-1]; formulation.md (1)."""
        return linear([(1.0, modules[site, d]), (-1.0, modules[site, later[site, d]])]) >= 0

    def site_stays_open(_: pyo.ConcreteModel, site: str, d: PeriodIndex) -> object:
        """opened[s,d] >= opened[s,d-1]; formulation.md (1)."""
        return linear([(1.0, opened[site, d]), (-1.0, opened[site, later[site, d]])]) >= 0

    def modules_need_an_open_site(_: pyo.ConcreteModel, site: str, d: PeriodIndex) -> object:
        """modules[s,d] <= max_modules[s] x opened[s,d]; formulation.md (1)."""
        return linear([(1.0, modules[site, d]), (-modules[site, d].ub, opened[site, d])]) <= 0

    def open_site_has_modules(_: pyo.ConcreteModel, site: str, d: PeriodIndex) -> object:
        """opened[s,d] <= modules[s,d]; formulation.md (1). No opening ahead of time, or for nothing.

        Where modules may be fractions, with u the last date on which they may not:
        opened[s,d] <= opened[s,u] + modules[s,d] / max_modules[s]. With the rows above, a site open by u stays as it
        is, and any other pays its share of the opening exactly (SEMANTICS 2.6).
        """
        if d <= last_whole[site]:
            return linear([(1.0, opened[site, d]), (-1.0, modules[site, d])]) <= 0
        whole, share = opened[site, last_whole[site]], 1 / modules[site, d].ub
        return linear([(1.0, opened[site, d]), (-1.0, whole), (-share, modules[site, d])]) <= 0

    model.modules_never_fall = pyo.Constraint(list(later), rule=modules_never_fall)
    model.site_stays_open = pyo.Constraint([key for key in later if key in opened], rule=site_stays_open)
    model.modules_need_an_open_site = pyo.Constraint(list(opened), rule=modules_need_an_open_site)
    model.open_site_has_modules = pyo.Constraint(list(opened), rule=open_site_has_modules)
    _add_start_limit(siting)


def _add_start_limit(siting: Siting) -> None:
    """Modules committed within a calendar year <= max_starts_per_year (SEMANTICS 2.4)."""
    context = siting.context
    limited = {site.site: site for site in context.instance.sites if site.max_starts_per_year is not None}
    pairs = [
        (name, year)
        for name, site in limited.items()
        for year in sorted({context.timing.year(d) for d in siting.dates[name]})
        if site.max_starts_per_year is not None and site.max_starts_per_year < siting.new_modules_limit(site)
    ]

    def starts_per_year(_: pyo.ConcreteModel, name: str, year: int) -> object:
        of_year = context.timing.of_year(year)
        return (
            linear(siting.committed_between(limited[name], of_year[0], of_year[-1]))
            <= limited[name].max_starts_per_year
        )

    context.model.starts_per_year = pyo.Constraint(pairs, rule=starts_per_year)


def _record_building_cash(siting: Siting, site: Site) -> None:
    """Opening and module payments, and what they are worth at the end."""
    context = siting.context
    timing, life = context.timing, context.shell_life_years
    cost = context.prices.module_cost(site)
    for d in siting.dates[site.site]:
        account = CapitalAccount(site.country, site.pool, timing.year(d))
        for sign, variable in siting.opened_between(site, d, d):
            context.spend(CashCategory.SITE_OPENING, account, d, sign * site.open_cost_busd, life, variable)
            context.keep(sign * site.open_cost_busd, timing.start(d), life, site.country, variable)
        for sign, variable in siting.committed_between(site, d, d):
            for months, share in context.prices.spend_milestones(site):
                paid = timing.calendar.period_containing(timing.start(d) + months)
                if paid is not None:
                    payer = CapitalAccount(site.country, site.pool, timing.year(paid))
                    context.spend(
                        CashCategory.MODULES, payer, timing.periods[paid], sign * share * cost, life, variable
                    )
            online = siting.online_period(site, d)
            context.keep(sign * cost, timing.start(online), life, site.country, variable)


def remaining_payments(context: ModelContext, site: Site, build: CommittedBuild) -> Iterable[tuple[PeriodIndex, float]]:
    """Payments still due on a committed build (SEMANTICS 2.8): period and B USD."""
    timing = context.timing
    due = build.remaining_cost_share * build.modules * context.prices.module_cost(site)
    start, until = timing.calendar.start, build.online_from
    if until <= start:
        yield timing.periods[0], due
        return
    for t in timing.periods:
        span = timing.calendar.periods[t]
        months = max(0, min(span.end, until) - span.start)
        if months:
            yield t, due * months / (until - start)


def _record_committed_cash(siting: Siting, site: Site) -> None:
    """What is still to be paid for construction under way; no decision changes it."""
    context = siting.context
    premium = context.prices.financing_premium(site.country, context.shell_life_years)
    for build in siting.committed[site.site]:
        for t, busd in remaining_payments(context, site, build):
            present_value = context.timing.discount[t] * busd
            context.cash.add_fixed(CashCategory.COMMITTED_MODULES, -present_value)
            context.cash.add_fixed(CashCategory.FINANCING_PREMIUM, -premium * present_value)
            context.cash.add_fixed_capital(CapitalAccount(site.country, site.pool, context.timing.year(t)), busd)


def _record_running_cash(siting: Siting, site: Site) -> None:
    """Fixed O&M and property tax on the capacity on line (SEMANTICS 6.4)."""
    context = siting.context
    tax = context.instance.country_by_code[site.country].property_tax_fraction_per_year
    yearly = {
        CashCategory.SITE_OM: site.om_busd_per_gw_year * site.module_gw,
        CashCategory.PROPERTY_TAX: tax * site.module_cost_busd,
    }
    for t in context.timing.periods:
        weight = context.timing.discount[t] * context.timing.length(t)
        for category, busd_per_module in yearly.items():
            context.cash.add_fixed(category, -weight * busd_per_module * siting.committed_online(site, t))
            for coefficient, variable in siting.modules_online(site, t):
                context.cash.add(category, -weight * busd_per_module * coefficient, variable)
