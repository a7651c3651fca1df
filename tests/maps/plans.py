"""Plans made up for tests of the maps: consistent tables over 40 quarters, for any number of sites."""

from __future__ import annotations

import dataclasses
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from maps import Scenario, plan_view
from optimizer.instance.instance import Instance
from optimizer.plan.tables import (
    CashFlow,
    ChipInstallation,
    DemandServed,
    LimitUse,
    PermitUse,
    Phase,
    PlanTables,
    PolicyUse,
    PowerCapacity,
    PowerEnergy,
    QuotaStepUse,
    Serving,
    SiteOperation,
    SitePlan,
)
from tests import instances as make
from tests.maps.made_instance import CHIPS, EMIRATES_QUOTA, KINDS, LIFE_MONTHS, QUARTERS, make_instance


@dataclass(frozen=True)
class MadePlan:
    """An instance with a plan for it."""

    instance: Instance
    tables: PlanTables
    manifest: dict[str, Any]


def make_plan(sites: int = 12, seed: int = 3, names: Sequence[str] = (), title: str = "A made-up world") -> MadePlan:
    """A plan with `sites` sites of which about a fifth are not chosen; `names` replace the first names."""
    instance = make_instance(sites, random.Random(seed), names, title)
    tables = _Tables(instance, random.Random(seed + 1)).fill()
    return MadePlan(instance, tables, _manifest(tables))


def without_rules(made: MadePlan) -> MadePlan:
    """The same decisions where there are no rules."""
    settings = made.instance.settings.model_copy(
        update={"policy": made.instance.settings.policy.model_copy(update={"regime": "none"})}
    )
    tables = dataclasses.replace(made.tables, policy=(), permits=(), quota_steps=())
    return MadePlan(dataclasses.replace(made.instance, settings=settings), tables, {**made.manifest, "vacuous": []})


def another_plan(made: MadePlan, seed: int) -> MadePlan:
    """Other decisions for the same instance."""
    tables = _Tables(made.instance, random.Random(seed)).fill()
    return MadePlan(made.instance, tables, _manifest(tables))


def make_scenarios(
    sites: int, titles: Sequence[str], names: Sequence[str] = ()
) -> tuple[list[MadePlan], list[Scenario]]:
    """Plans of one instance, one a title, and the scenarios that a page makes of them."""
    first = make_plan(sites, names=names)
    made = [first, *(another_plan(first, seed) for seed in range(20, 19 + len(titles)))]
    views = [plan_view(one.instance, one.tables, one.manifest) for one in made]
    scenarios = [
        Scenario(title, view, () if number == 0 else (f"budgets[*].capital_busd *= 0.{number}", "finance.seed = 1"))
        for number, (title, view) in enumerate(zip(titles, views, strict=True))
    ]
    return made, scenarios


class _Tables:
    """Builds the tables of a plan, site by site."""

    def __init__(self, instance: Instance, dice: random.Random) -> None:
        self.instance = instance
        self.dice = dice
        self.calendar = instance.calendar
        self.labels = self.calendar.labels
        self.rows: dict[str, list[Any]] = defaultdict(list)
        self.cash: dict[tuple[int, str], float] = defaultdict(float)
        self.compute = [0.0] * QUARTERS

    def fill(self) -> PlanTables:
        facts = {build.site for build in self.instance.committed}
        for i, site in enumerate(self.instance.sites):
            self._site(site, fact=site.site in facts, chosen=i % 5 != 4)
        self._markets()
        self._uses()
        self._cash()
        return PlanTables(**{name: tuple(self.rows[name]) for name in PlanTables.__dataclass_fields__})

    def _site(self, site: Any, *, fact: bool, chosen: bool) -> None:
        starts: list[tuple[int, int]] = []  # (period energised, modules)
        if fact:
            starts.append((2, 1))
            cost = 0.4 * site.module_cost_busd
            self._spend(0, "committed_modules", cost)
            self.rows["phases"].append(Phase(site.site, True, "", self.labels[2], 1, site.module_gw, 0.0, cost))
        left, t = site.max_modules - int(fact), self.dice.randrange(0, 12, 2)
        while chosen and left > 0 and t < 34:
            modules = min(left, self.dice.randint(1, 3))
            cost = modules * site.module_cost_busd
            opening = 0.2 if not any(not row.fact and row.site == site.site for row in self.rows["phases"]) else 0.0
            self._spend(t, "modules", cost)
            self._spend(t, "site_opening", opening)
            starts.append((t + 4, modules))
            self.rows["phases"].append(
                Phase(
                    site.site,
                    False,
                    self.labels[t],
                    self.labels[t + 4],
                    modules,
                    modules * site.module_gw,
                    opening,
                    cost,
                )
            )
            left, t = left - modules, t + self.dice.choice([2, 4, 8])
        online = [sum(m for first, m in starts if first <= t) * site.module_gw for t in range(QUARTERS)]
        capital = sum(
            row.opening_cost_busd + row.module_cost_busd for row in self.rows["phases"] if row.site == site.site
        )
        capital += self._chips(site, online) + self._power(site, online)
        self._site_row(site, online, capital, fact=fact)

    def _chips(self, site: Any, online: list[float]) -> float:
        stack = "cn" if site.country == "CHN" else "us"
        cohorts: list[tuple[int, Any, float]] = []
        spent = 0.0
        for t in range(QUARTERS):
            cohorts = [c for c in cohorts if t - c[0] < LIFE_MONTHS // 3]
            busy = sum(million * chip.it_power_kw for _, chip, million in cohorts)
            ready = [c for c in self.instance.chips if c.stack == stack and c.release <= self.calendar.periods[t].start]
            ready = [c for c in ready if site.country != "IND" or c.chip != "F300"]
            if online[t] - busy > 1e-9 and ready:
                chip = max(ready, key=lambda c: c.performance_h100e)
                million = (online[t] - busy) / chip.it_power_kw
                cost = million * 30 * chip.performance_h100e**0.7
                self.rows["chips"].append(
                    ChipInstallation(
                        site.site, chip.chip, self.labels[t], million, 0.0, online[t] - busy, cost, 0.02 * cost, 0.0
                    )
                )
                self._spend(t, "chips", cost)
                self._spend(t, "chip_taxes", 0.02 * cost)
                spent += 1.02 * cost
                cohorts.append((t, chip, million))
                self._permits(site, chip.chip, self.labels[t], million)
            self._operation(site, t, online[t], cohorts)
        return spent

    def _permits(self, site: Any, chip: str, label: str, million: float) -> None:
        """In the Gulf everything travels under a licence, in the Emirates a quarter of it under the quota."""
        shares = {"SAU": {"gulf_licence": 1.0}, "ARE": {"gulf_licence": 0.75, "emirates_quota": 0.25}}
        for rule, share in shares.get(site.country, {}).items():
            self.rows["permits"].append(PermitUse(rule, site.site, chip, label, share * million))

    def _operation(self, site: Any, t: int, online: float, cohorts: list[tuple[int, Any, float]]) -> None:
        installed = sum(million * chip.it_power_kw for _, chip, million in cohorts)
        compute = sum(million * chip.performance_h100e for _, chip, million in cohorts)
        self.compute[t] += compute
        if online > 0:
            self.rows["operations"].append(
                SiteOperation(
                    site.site, self.labels[t], online, installed, compute, 1.4 * online, 1.3 * online, 1.3 * installed
                )
            )

    def _power(self, site: Any, online: list[float]) -> float:
        kinds = self.dice.sample(KINDS, 2)
        capital = 0.0
        held = dict.fromkeys(kinds, 0.0)
        for t in range(0, QUARTERS, 2):
            need = 1.4 * max(online[t : t + 2])
            for kind, share in zip(kinds, (0.7, 0.3), strict=True):
                grown = share * need - held[kind]
                if grown > 1e-9:
                    held[kind] += grown
                    capex = 1.6 * grown
                    capital += capex
                    self._spend(t, "power_capex", capex)
                    self.rows["power"].append(
                        PowerCapacity(site.site, kind, kind, self.labels[t], grown, held[kind], capex)
                    )
        for year, periods in self.calendar.periods_of_year.items():
            load = sum(online[t] * 0.25 for t in periods) * 8.76 * 0.8 * 1.2
            for kind, share in zip(kinds, (0.7, 0.3), strict=True):
                if load > 0:
                    twh = share * load
                    self.rows["energy"].append(
                        PowerEnergy(site.site, kind, kind, year, twh, 0.05 * twh, 0.01 * twh, 0.3 * twh, 0.2 * twh)
                    )
                    for t in periods:
                        self._spend(t, "power_energy", 0.05 * twh / len(periods))
                        self._spend(t, "power_fixed", 0.01 * twh / len(periods))
        return capital

    def _site_row(self, site: Any, online: list[float], capital: float, *, fact: bool) -> None:
        phases = [row for row in self.rows["phases"] if row.site == site.site]
        new = [row for row in phases if not row.fact]
        energy: dict[str, float] = defaultdict(float)
        for row in self.rows["energy"]:
            if row.site == site.site:
                energy[row.kind] += row.energy_twh
        status = ("extended" if new else "committed") if fact else ("new" if new else "not_chosen")
        last = next((row for row in reversed(self.rows["operations"]) if row.site == site.site), None)
        self.rows["sites"].append(
            SitePlan(
                site.site, site.name, site.country, site.operator, site.operator_hq, site.grid_region, site.latitude,
                site.longitude, status, int(fact), sum(row.modules for row in new), new[0].committed if new else "",
                next((self.labels[t] for t in range(QUARTERS) if online[t] > 0), ""), online[-1],
                last.peak_load_gw if last else 0.0, last.compute_h100e_million if last else 0.0, capital,
                max(energy, key=lambda kind: energy[kind]) if energy else "",
            )
        )  # fmt: skip

    def _markets(self) -> None:
        for year, periods in self.calendar.periods_of_year.items():
            offered = sum(self.compute[t] * 0.25 for t in periods)
            for region, share in (("america", 0.7), ("europe", 0.3)):
                sold = 0.5 * share * offered
                self.rows["serving"].append(
                    Serving("USA", "zone", "us", region, "work", year, sold, 40 * sold, 0.1 * sold, 0.0)
                )
                self.rows["demand"].append(DemandServed(region, "work", year, 1, 1.4 * sold, sold, 2.4, 21.0 * sold))
                for t in periods:
                    self._earn(t, "revenue", 21.0 * sold / len(periods))
                    self._spend(t, "serving", 0.1 * sold / len(periods))
        self._earn(QUARTERS - 1, "terminal_value", 25.0)

    def _uses(self) -> None:
        for t, label in enumerate(self.labels):
            for chip, _, _, release, _, _ in CHIPS:
                if make.month(release) <= self.calendar.periods[t].start:
                    self._limit("chip_supply", chip, label, min(1.0, 0.4 + t / 40), 1.0, "chips_million")
            used = min(1.2, t / 15)
            self.rows["policy"].append(
                PolicyUse("gulf_cap", "cap_stock", "", "", label, used, 1.5, 1.5 - used, "h100e_million", used >= 1.5)
            )
        self._emirates()
        for i, year in enumerate(self.calendar.years):
            self._limit("budget", "global", str(year), 400 - 20 * i, 400, "busd")
            self._limit("slots", "turbines", str(year), 3.0 if i < 3 else 2.0, 3.0, "gw")
            self._limit("sovereignty", "europe/work", str(year), 0.3 + 0.1 * i, 0.3, "h100e_million_years", floor=True)
            self._limit("carbon_mt", "world_cap", str(year), 0.0, 0.0, "mt")
            for country in {site.country for site in self.instance.sites}:
                self._limit("grid_headroom", f"grid_{country}", str(year), 0.8 + 0.02 * i, 1.0, "gw")
            asia = 0.5 + 1e-13 if year == 2036 else 0.1  # used up, to the rounding of a solver
            self.rows["policy"].append(
                PolicyUse(
                    "asia_yearly", "cap_yearly", "", "", str(year), asia, 0.5, 0.5 - asia, "chips_million", asia >= 0.5
                )
            )

    def _emirates(self) -> None:
        """Use of the quota by each operator of the Emirates, who buys more if it runs out."""
        operator_of = {site.site: site.operator for site in self.instance.sites}
        quota = [row for row in self.rows["permits"] if row.rule == "emirates_quota"]
        for operator in dict.fromkeys(site.operator for site in self.instance.sites if site.country == "ARE"):
            own = [row for row in quota if operator_of[row.site] == operator]
            bought = sum(row.permitted_million for row in own) > EMIRATES_QUOTA
            group = f"{operator}/ARE"
            self.rows["quota_steps"].append(QuotaStepUse("emirates_more", group, "emirates_quota", bought, 2.5))
            limit = EMIRATES_QUOTA + bought
            for label in self.labels:
                used = sum(row.permitted_million for row in own if row.period <= label)
                self.rows["policy"].append(
                    PolicyUse(
                        "emirates_quota", "allow", group, "", label, used, limit, limit - used, "chips_million",
                        limit - used < 1e-6,
                    )
                )  # fmt: skip

    def _limit(
        self, family: str, name: str, when: str, used: float, limit: float, unit: str, floor: bool = False
    ) -> None:
        slack = used - limit if floor else limit - used
        binding = slack < 1e-6 * max(1, limit) and (used > 0 or limit > 0)
        self.rows["limits"].append(LimitUse(family, name, when, used, limit, slack, unit, binding))

    def _spend(self, t: int, category: str, busd: float) -> None:
        self.cash[t, category] -= busd

    def _earn(self, t: int, category: str, busd: float) -> None:
        self.cash[t, category] += busd

    def _cash(self) -> None:
        for (t, category), busd in self.cash.items():
            years = QUARTERS / 4 if category == "terminal_value" else (t + 0.5) / 4
            factor = 1.09**-years
            self.rows["cash"].append(CashFlow(self.labels[t], category, busd, factor, busd * factor))


def _manifest(tables: PlanTables) -> dict[str, Any]:
    npv = sum(row.pv_busd for row in tables.cash)
    return {
        "schema": 1,
        "instance": {"name": "made_up", "sha256": "0" * 64},
        "software": {"gigasite": "1.0", "highspy": "1.16"},
        "status": "optimal",
        "stopped_because": "gap reached",
        "npv_busd": npv,
        "bound_busd": npv * 1.006,
        "gap_busd": npv * 0.006,
        "gap_rel": 0.006,
        "headline": {
            "tokens_trillion_per_month_end": sum(r.tokens_trillion for r in tables.serving if r.year == 2036) / 12
        },
        "vacuous": [
            {"table": "rules", "row": "bygone", "reason": "no period of the plan lies in its span"},
            {"table": "slots", "row": "turbines/2027", "reason": "nothing that uses it can be added in that year"},
        ],
    }
