"""Recomputes what is built: modules, dates, openings and their cost (SEMANTICS 2, 6.4, 6.5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.instance.schema import CommittedBuild, Site
from optimizer.plan.audit.clock import Clock, Series
from optimizer.plan.audit.ledger import NOTHING, Ledger
from optimizer.plan.tables import Phase


@dataclass(frozen=True)
class SiteBuild:
    """What is built on one site, by period.

    Attributes
    ----------
    new_modules
        Modules committed on the first day of a period.
    online_modules
        Modules on line, committed builds included.
    opening, modules, committed_modules
        Payments [B USD].
    pledged
        Opening and full net module cost on the date of commitment [B USD], for matching rules.
    opening_left, modules_left
        Share-weighted cost left at the end of the plan, before financing [B USD].
    """

    new_modules: Series
    online_modules: Series
    online_gw: Series
    opening: Series
    modules: Series
    committed_modules: Series
    pledged: Series
    opening_left: float
    modules_left: float

    @property
    def opened(self) -> int | None:
        """Period of the first new module, or None."""
        return first_positive(self.new_modules)


def first_positive(series: Series) -> int | None:
    """First period in which a series is positive, or None."""
    positive = np.flatnonzero(series > NOTHING)
    return int(positive[0]) if len(positive) else None


def net_module_cost(instance: Instance, site: Site) -> float:
    """Cost of one module after the investment credit [B USD] (2.7)."""
    return site.module_cost_busd * (1 - instance.country_by_code[site.country].investment_credit_fraction)


def audit_building(ledger: Ledger, instance: Instance, clock: Clock, phases: Sequence[Phase]) -> dict[str, SiteBuild]:
    """Check every phase and every limit on modules; return what each site has, by period."""
    decided: dict[str, list[Phase]] = defaultdict(list)
    stated_facts: dict[str, list[Phase]] = defaultdict(list)
    for phase in phases:
        (stated_facts if phase.fact else decided)[phase.site].append(phase)
    facts: dict[str, list[CommittedBuild]] = defaultdict(list)
    for build in instance.committed:
        facts[build.site].append(build)
    profiles = _profiles(instance)
    builds: dict[str, SiteBuild] = {}
    for site in instance.sites:
        name = site.site
        _audit_facts(ledger, instance, clock, site, facts[name], stated_facts[name])
        usable = _audit_decided(ledger, instance, clock, site, decided[name], has_facts=bool(facts[name]))
        builds[name] = _site_build(instance, clock, site, usable, facts[name], profiles[site.spend_profile])
        _audit_counts(ledger, clock, site, builds[name], sum(build.modules for build in facts[name]))
    return builds


def _profiles(instance: Instance) -> Mapping[str, list[tuple[int, float]]]:
    profiles: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for milestone in instance.spend_profiles:
        profiles[milestone.profile].append((milestone.months_after_commitment, milestone.share))
    profiles.setdefault("at_commitment", [(0, 1.0)])
    return profiles


def _audit_facts(
    ledger: Ledger, instance: Instance, clock: Clock, site: Site, facts: Sequence[CommittedBuild], stated: list[Phase]
) -> None:
    """Compare the rows of facts with committed.csv, one for one (2.3, 2.8, 10.2)."""

    def energised(build: CommittedBuild) -> str:
        t = clock.first_from(build.online_from)
        return "" if t is None else clock.labels[t]

    expected = sorted((energised(build), build.modules, build.remaining_cost_share) for build in facts)
    cost = net_module_cost(instance, site)
    ordered = sorted(stated, key=lambda phase: (phase.energised, phase.modules, phase.module_cost_busd))
    surplus = Counter(phase.energised for phase in stated) - Counter(label for label, _, _ in expected)
    missing = Counter(label for label, _, _ in expected) - Counter(phase.energised for phase in stated)
    for label in missing:
        ledger.absent("building.committed_rows", "phases", f"{site.site} {label}", "a row of committed.csv is not here")
    if surplus or missing:
        for phase in ordered:
            message = "committed.csv has no such build"
            ledger.holds("building.committed_rows", phase, "energised", not surplus[phase.energised], message)
        return
    for phase, (_, modules, share) in zip(ordered, expected, strict=True):
        ledger.text("building.committed_date", phase, "committed", "")
        ledger.number("building.modules", phase, "modules", modules)
        ledger.number("building.it_gw", phase, "it_gw", modules * site.module_gw)
        ledger.number("building.opening_cost", phase, "opening_cost_busd", 0.0)
        ledger.number("building.module_cost", phase, "module_cost_busd", modules * share * cost)


def _audit_decided(
    ledger: Ledger, instance: Instance, clock: Clock, site: Site, phases: Sequence[Phase], *, has_facts: bool
) -> list[Phase]:
    """Check dates, wholeness and cost of new phases (2.1, 2.2, 2.6, 2.7); return those with a date."""
    dated = [phase for phase in phases if ledger.holds("building.date", phase, "committed", phase.committed != "", "")]
    dated.sort(key=lambda phase: clock.index[phase.committed])
    cost = net_module_cost(instance, site)
    minimum = instance.settings.model.minimum_operating_months
    for position, phase in enumerate(dated):
        start = clock.starts[clock.index[phase.committed]]
        whole = float(phase.modules).is_integer() or not _must_be_whole(instance, clock, site, start)
        ledger.holds("building.whole_modules", phase, "modules", whole, "is not a whole number of modules")
        ledger.holds("building.modules", phase, "modules", phase.modules > NOTHING, "a phase without modules")
        message = "is committed before the site's earliest start"
        ledger.holds("building.earliest_start", phase, "committed", start >= site.earliest_start, message)
        online = clock.first_from(start + site.lead_months)
        ledger.text("building.energised", phase, "energised", "" if online is None else clock.labels[online])
        message = "does not come on line within the plan"
        if ledger.holds("building.within_plan", phase, "energised", online is not None, message) and online is not None:
            operates = clock.end - clock.starts[online]
            message = f"operates {operates} months, less than {minimum}"
            ledger.holds("building.minimum_operation", phase, "energised", operates >= minimum, message)
        ledger.number("building.it_gw", phase, "it_gw", phase.modules * site.module_gw)
        opening = 0.0 if has_facts else _opening_cost(instance, clock, site, dated, position)
        ledger.number("building.opening_cost", phase, "opening_cost_busd", opening)
        ledger.number("building.module_cost", phase, "module_cost_busd", phase.modules * cost)
    return dated


def _audit_counts(ledger: Ledger, clock: Clock, site: Site, build: SiteBuild, committed: int) -> None:
    """Check the number of modules in all and of starts in a year (2.4)."""
    total = committed + float(build.new_modules.sum())
    ledger.at_most("building.max_modules", "phases", site.site, total, site.max_modules)
    if site.max_starts_per_year is None:
        return
    for year, periods in clock.periods_of_year.items():
        started = float(build.new_modules[list(periods)].sum())
        ledger.at_most("building.max_starts", "phases", f"{site.site} {year}", started, site.max_starts_per_year)


def _site_build(
    instance: Instance,
    clock: Clock,
    site: Site,
    phases: Sequence[Phase],
    facts: Sequence[CommittedBuild],
    profile: Sequence[tuple[int, float]],
) -> SiteBuild:
    cost = net_module_cost(instance, site)
    life = instance.settings.finance.shell_life_years
    new, arriving, opening, paid, pledged = (clock.zeros() for _ in range(5))
    opening_left = modules_left = 0.0
    for position, phase in enumerate(phases):
        t = clock.index[phase.committed]
        new[t] += phase.modules
        pledged[t] += phase.modules * cost
        if not facts:
            busd = _opening_cost(instance, clock, site, phases, position)
            opening[t] += busd
            pledged[t] += busd
            opening_left += busd * _share_left(clock, clock.starts[t], life)
        for months, share in profile:
            payday = clock.containing(clock.starts[t] + months)
            if payday is not None:
                paid[payday] += share * phase.modules * cost
        online = clock.first_from(clock.starts[t] + site.lead_months)
        if online is not None:
            arriving[online] += phase.modules
            modules_left += phase.modules * cost * _share_left(clock, clock.starts[online], life)
    committed_paid = clock.zeros()
    for build in facts:
        online = clock.first_from(build.online_from)
        if online is not None:
            arriving[online] += build.modules
        committed_paid += build.modules * build.remaining_cost_share * cost * _evenly(clock, build.online_from)
    modules = clock.held(arriving)
    return SiteBuild(
        new, modules, modules * site.module_gw, opening, paid, committed_paid, pledged, opening_left, modules_left
    )


def _must_be_whole(instance: Instance, clock: Clock, site: Site, committed: int) -> bool:
    """Whether modules committed in a month may be no fractions (2.9)."""
    model, online = instance.settings.model, clock.first_from(committed + site.lead_months)
    if model.integer_until is None or online is None:
        return model.integer_modules
    return model.integer_modules and clock.starts[online] < model.integer_until.end


def _opening_cost(instance: Instance, clock: Clock, site: Site, phases: Sequence[Phase], position: int) -> float:
    """Opening cost paid with a phase of a site without committed builds, phases in order of date (2.6) [B USD]."""
    if _must_be_whole(instance, clock, site, clock.starts[clock.index[phases[0].committed]]):
        return site.open_cost_busd if position == 0 else 0.0
    return site.open_cost_busd * phases[position].modules / site.max_modules


def _share_left(clock: Clock, since: int, life_years: float) -> float:
    """Share of an asset's cost left at the end of the plan, straight-line (6.5)."""
    return max(0.0, 1 - (clock.end - since) / 12 / life_years)


def _evenly(clock: Clock, until: int) -> Series:
    """Shares of a payment that falls evenly by month from the start of the plan to ``until`` (2.8)."""
    shares = clock.zeros()
    if until <= clock.start:
        shares[0] = 1.0
        return shares
    for t in range(len(clock)):
        shares[t] = clock.overlap(t, clock.start, until) / (until - clock.start)
    return shares
