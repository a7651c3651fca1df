"""Random tiny instances in which every feature of the format turns up, small enough to try every building plan.

Numbers are round, so that optima are well conditioned, and prices are such that building usually pays.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from math import comb, prod
from typing import Any, TypeVar

from optimizer.instance.instance import Instance
from optimizer.instance.schema import Grouping, OwnerTest, Row, Rule, Settings, Site
from tests import instances as make

Choice = TypeVar("Choice")

COUNTRIES = ("USA", "ARE", "CHN")
CURVE = "used"


class Dice:
    """Draws of one instance."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def one(self, options: Sequence[Choice]) -> Choice:
        return options[self._rng.randrange(len(options))]

    def some(self, options: Sequence[Choice], most: int) -> list[Choice]:
        count = self._rng.randint(1, most)
        return [options[k] for k in sorted(self._rng.sample(range(len(options)), min(count, len(options))))]

    def odds(self, chance: float) -> bool:
        return self._rng.random() < chance

    def whole(self, least: int, most: int) -> int:
        return self._rng.randint(least, most)


def random_instance(rng: random.Random, *, rules: bool = True, **sections: Any) -> Instance:
    """Make a valid instance of 1-3 sites, 1-2 chips, 1-2 markets and 2-4 periods.

    Parameters
    ----------
    rules
        False for an instance without export rules.
    sections
        Sections of instance.toml to replace or extend, as in `tests.instances.settings`.
    """
    dice = Dice(rng)
    settings = _settings(dice, sections)
    years = sorted({settings.calendar.start // 12 + k for k in range(_plan_years(settings))})
    sites = _sites(dice, settings)
    tables: dict[str, Any] = {
        "sites": list(sites),
        "countries": [_country(dice, code) for code in COUNTRIES],
        "grid_regions": [make.grid_region("north"), make.grid_region("south")],
        "committed": _committed(dice, sites),
        "spend_profiles": [
            make.milestone("staged", 0, 0.25),
            make.milestone("staged", 6, 0.5),
            make.milestone("staged", 12, 0.25),
        ],
        **_power(dice, sites, years),
        **_chips(dice, years),
        **_markets(dice, years),
        **_money(dice, years),
        **(_rules(dice) if rules else {}),
    }
    if rules:
        tables |= _policy(dice, settings, tables)
    if dice.odds(0.3):
        tables["stack_prices"] = [
            make.stack_price(row.region, stack, dice.one([0.5, 0.8, 1.0]))
            for row in tables["demand_regions"]
            for stack in row.accepted_stacks
        ]
    if dice.odds(0.25):
        tables["supply_response"] = _response(dice, tables)
    return make.instance(settings=settings, **tables)


def _response(dice: Dice, tables: dict[str, Any]) -> list[Row]:
    """Supply of a chip that answers unmet demand of one market or two."""
    chip = dice.one(tables["chips"]).chip
    regions = dice.some(tables["demand_regions"], 2)
    return [make.supply_response(chip, row.region, dice.one([0.0, 0.5, 2.0]), lag_years=dice.one([1, 1, 2]))
            for row in regions]  # fmt: skip


def _plan_years(settings: Settings) -> int:
    months = sum(block.months * block.count for block in settings.calendar.periods)
    return -(-months // 12)


def _settings(dice: Dice, sections: dict[str, Any]) -> Settings:
    calendar = dice.one([(12, 2, 12), (12, 3, 12), (12, 4, 12), (6, 3, 6), (6, 4, 12), (6, 5, 12)])
    drawn: dict[str, Any] = {
        "finance": {
            "discount_rate": dice.one([0.0, 0.08]),
            "carry_over_share": dice.one([0.0, 0.5, 1.0]),
            "terminal_value": dice.odds(0.6),
            "shell_life_years": dice.one([3, 20]),
        },
        "power": {"average_load_share": dice.one([0.7, 1.0])},
        "model": {
            "early_retirement": dice.odds(0.25),
            "chip_carry_months": dice.one([0, 6, 12]),
            "minimum_operating_months": dice.one([0, 0, 12]),
        },
        "policy": {"regime": "test"},
        "objective": dice.one(["npv"] * 8 + ["compute", "cost"]),
    }
    for name, value in sections.items():
        drawn[name] = {**drawn[name], **value} if isinstance(value, dict) and name in drawn else value
    months, count, every = calendar
    return make.settings(months=months, count=count, decision_every_months=every, **drawn)


def _country(dice: Dice, code: str) -> Row:
    return make.country(
        code,
        wacc_fraction=dice.one([0.0, 0.08, 0.1]),
        it_sales_tax_fraction=dice.one([0, 0.05]),
        import_tariff_fraction=dice.one([0, 0.25]),
        investment_credit_fraction=dice.one([0, 0.25]),
        property_tax_fraction_per_year=dice.one([0, 0.01]),
        power_tax_usd_per_mwh=dice.one([0, 5, -5]),
    )


def _sites(dice: Dice, settings: Settings) -> tuple[Site, ...]:
    count = dice.whole(1, 3)
    most = {1: 3, 2: 2, 3: 1}[count]
    sites = tuple(_site(dice, name, most) for name in ("alpha", "beta", "gamma")[:count])
    dates = -(-_plan_years(settings) * 12 // settings.calendar.decision_every_months)
    plans = prod(comb(dates + site.max_modules, site.max_modules) for site in sites)
    if plans <= 200:
        return sites
    return tuple(site.model_copy(update={"max_modules": 1}) for site in sites)


def _site(dice: Dice, name: str, most: int) -> Site:
    hq = dice.one(["USA", "USA", "CHN"])
    return make.site(
        name,
        country=dice.one(COUNTRIES),
        operator=dice.one(["Alef", "Bet"]),
        operator_hq=hq,
        pool=dice.one(["global", "global", "other"]),
        grid_region=dice.one(["north", "south"]),
        latency_zone=dice.one(["near", "far"]),
        module_mw=dice.one([500, 1000]),
        max_modules=dice.whole(1, most),
        earliest_start=dice.one(["2026", "2027", "2027-07", "2028"]),
        lead_months=(lead := dice.one([0, 0, 6, 12])),
        max_starts_per_year=dice.one([None, None, 1]),
        open_cost_musd=dice.one([0, 1000, 3000]),
        module_cost_usd_per_kw=dice.one([8000, 12_000]),
        om_usd_per_kw_year=dice.one([0, 200]),
        pue_average=dice.one([1.1, 1.2]),
        pue_peak=dice.one([1.2, 1.4]),
        water_m3_per_mwh=dice.one([0, 1]),
        basin={"alpha": "gila", "beta": "rio", "gamma": "gila"}[name],
        spend_profile="staged" if lead >= 12 and dice.odds(0.6) else "at_commitment",
    )


def _committed(dice: Dice, sites: Sequence[Site]) -> list[Row]:
    chosen = [site for site in sites if dice.odds(0.25)]
    return [
        make.committed(
            site.site,
            online_from=dice.one(["2025", "2027", "2028", "2028-04"]),
            remaining_cost_share=dice.one([0, 0.5]),
        )
        for site in chosen
    ]


def _power(dice: Dice, sites: Sequence[Site], years: Sequence[int]) -> dict[str, list[Row]]:
    options: list[Row] = []
    steps: list[Row] = []
    for site in sites:
        kinds = dice.some(["grid_firm", "grid_interruptible", "gas_turbine", "renewables_storage"], 2)
        for kind in kinds:
            most = dice.one([400, 1200, 5000])
            options.append(
                make.power_option(
                    site.site,
                    kind,
                    kind=kind,
                    available_from=dice.one(["2020", "2027", "2027-07", "2028"]),
                    max_mw=most,
                    capex_usd_per_kw=dice.one([0, 300, 1000]),
                    fixed_usd_per_kw_year=dice.one([0, 50]),
                    energy_usd_per_mwh=dice.one([30, 60]),
                    carbon_t_per_mwh=dice.one([0, 0.4]),
                    firm_credit=dice.one([0.5, 1.0]),
                    energy_availability=dice.one([0.6, 1.0]),
                    life_years=dice.one([2, 20]),
                    water_m3_per_mwh=dice.one([0, 0.5]),
                )
            )
            if dice.odds(0.2):
                steps.append(make.grid_step(site.site, "2028", most + 500, option=kind))
    headroom = [make.headroom("north", 2027, 800), make.headroom("north", 2028, 1500)] if dice.odds(0.4) else []
    slots = [make.slots("turbine", year, dice.one([300, 800])) for year in years] if dice.odds(0.5) else []
    return {
        "power_options": options,
        "grid_steps": steps,
        "grid_headroom": list(headroom),
        "slots": list(slots),
        "slot_use": [make.slot_use("turbine", "gas_turbine", 1), make.slot_use("turbine", "grid_firm", 0.5)],
    }


def _chips(dice: Dice, years: Sequence[int]) -> dict[str, list[Row]]:
    chips: list[Row] = [
        make.chip(
            "C1",
            stack="us",
            it_power_kw=dice.one([0.8, 1.0]),
            life_months=dice.one([12, 24, 60]),
            release="2026",
            resale_curve=dice.one([None, CURVE]),
        )
    ]
    prices: list[Row] = [make.price("C1", "2026", dice.one([8000, 12_000])), make.price("C1", "2028", 7000)]
    if dice.odds(0.6):
        stack = dice.one(["us", "cn"])
        chips.append(
            make.chip(
                "C2",
                stack=stack,
                design_country="CHN" if stack == "cn" else "USA",
                us_controlled=stack == "us",
                performance_h100e=2,
                tpp=30_000,
                it_power_kw=1.5,
                release=dice.one(["2026", "2027-07", "2028"]),
                end_of_sale=dice.one(["2029", "2050"]),
                life_months=dice.one([24, 60]),
                resale_curve=dice.one([None, CURVE]),
            )
        )
        prices.append(make.price("C2", "2026", dice.one([15_000, 20_000])))
    supply: list[Row] = []
    for kind in [row.key_values[0] for row in chips]:
        for year in years:
            units = dice.one([0, 500_000, 1_000_000, 3_000_000])
            least = units * 0.2 if dice.odds(0.04) else 0
            supply.append(make.supply(kind, during=str(year), units=units, minimum_units=least))
    curve = [make.resale(CURVE, 0, 0.9), make.resale(CURVE, 24, 0.5), make.resale(CURVE, 48, 0.1)]
    base = [make.base(code, "us", 2026, size) for code, size in (("USA", 2.0), ("ARE", 0.1), ("CHN", 0.3))]
    return {
        "chips": chips,
        "chip_prices": prices,
        "chip_supply": supply,
        "resale_curves": list(curve),
        "installed_base": list(base),
    }


def _markets(dice: Dice, years: Sequence[int]) -> dict[str, list[Row]]:
    regions = [make.region("home", stacks="us"), make.region("abroad", stacks=dice.one(["us;cn", "cn"]))]
    regions = regions[: dice.whole(1, 2)]
    workloads = [
        make.workload("work", utilisation=dice.one([0.6, 1.0])),
        make.workload("chat", utilisation=0.5, max_latency_ms=50),
    ][: dice.whole(1, 2)]
    demand = [
        make.demand(
            region.region,
            workload.workload,
            year,
            quantity_h100e_million=dice.one([0.2, 0.5, 1.5]),
            price_usd_per_h100e_hour=dice.one([1.0, 2.5, 4.0]),
        )
        for region in regions
        for workload in workloads
        for year in years
        if dice.odds(0.9)
    ]
    blocks = [
        make.block(workload.workload, number, share, multiplier)
        for workload in workloads
        for number, share, multiplier in ((1, 0.6, 1.2), (2, 0.8, 0.7))
    ]
    latency = [
        make.latency(zone, region.region, rtt_ms=rtt, serving_cost_usd_per_h100e_hour=cost)
        for region in regions
        for zone, rtt, cost in (("near", 20, 0.0), ("far", 80, 0.05))
    ]
    sovereignty = [make.sovereignty(regions[0].region, dice.one(["USA", "USA | ARE"]), dice.one([0.3, 1.0]),
                                    first_year=2028)]  # fmt: skip
    return {
        "demand_regions": list(regions),
        "workloads": list(workloads),
        "demand": list(demand),
        "price_blocks": list(blocks),
        "latency": list(latency),
        "sovereignty": list(sovereignty) if dice.odds(0.3) else [],
        "required_compute": [make.required_compute(years[-1], dice.one([0.1, 0.4]))],
    }


def _money(dice: Dice, years: Sequence[int]) -> dict[str, list[Row]]:
    budgets = [make.budget(pool, year, dice.one([8, 20, 100])) for pool in ("global", "other") for year in years]
    kinds = {
        "capital_share": ("ARE", 0.5),
        "it_gw": ("grid:north", 1.0),
        "carbon_mt": ("*", 2.0),
        "water_million_m3": ("USA | CHN", 6.0),
    }
    limits = [
        make.limit(f"cap-{kind}", kind, "basin:gila" if kind == "water_million_m3" and year % 2 else scope, year, value)
        for kind, (scope, value) in kinds.items()
        if dice.odds(0.2)
        for year in years
    ]
    return {"budgets": list(budgets), "limits": list(limits)}


def _rules(dice: Dice) -> dict[str, list[Row]]:
    """Up to two rules of any effect, for a place, an owner or an operator."""
    rules: list[Row] = []
    effects = ["deny", "cap_cumulative", "cap_yearly", "cap_stock", "share_cap", "volume_ratio", "matching_investment"]
    for number in range(dice.whole(0, 2)):
        effect = dice.one(effects)
        changes: dict[str, Any] = {
            "chip_test": dice.one(["any", "us_controlled", "tpp >= 20000"]),
            "destination": dice.one(["ARE", "club", "any - USA"]),
            "effective_from": dice.one(["2020", "2027-07", "2028"]),
            "effective_to": dice.one([None, None, "2029"]),
        }
        if dice.odds(0.3):
            changes["owner"] = dice.one(["USA", "any - USA"])
        elif dice.odds(0.3):
            changes["operators"] = "Alef"
        if effect != "deny":
            changes["base_destination"] = "USA"
            # A share below that of the base itself is tested apart: the oracle's LP cannot say "or none at all".
            changes["quantity"] = dice.one([0.25, 0.5, 1.0] if effect == "share_cap" else [0.0, 0.25, 0.5, 1.0])
        if effect.startswith("cap") or effect == "share_cap":
            changes["measure"] = dice.one(["chips_million", "tpp_million_h100", "h100e_million", "gb300e_million"])
        if effect == "matching_investment":
            changes |= {"measure": "capital_busd", "chip_test": "any"}
        rules.append(make.rule(f"R{number}", effect, **changes))
    groups = [make.member("club", "ARE"), make.member("club", "CHN", member_from="2028")]
    return {
        "rules": rules,
        "regimes": [make.regime(rule.key_values[0]) for rule in rules],
        "country_groups": list(groups),
    }


#: Effects with a quantity that may be held for groups apart, and the groupings that each may have.
_GROUPED = {
    "cap_cumulative": ("all", "country", "operator", "operator_country"),
    "cap_yearly": ("all", "country", "operator", "operator_country"),
    "cap_stock": ("all", "country", "operator", "operator_country"),
    "share_cap": ("all", "country", "operator", "operator_country"),
    "matching_investment": ("all", "operator"),
}


def _policy(dice: Dice, settings: Settings, tables: dict[str, Any]) -> dict[str, Any]:
    """Groups, steps and parents for the rules there are; licences, permits, levies and quota steps besides."""
    operators = {site.operator for site in tables["sites"]}
    rules = [_detailed(dice, rule) for rule in tables["rules"]]
    if dice.odds(0.5):
        rules += _licensing(dice)
    if dice.odds(0.2):
        rules.append(_levy(dice))
    if dice.odds(0.5):
        rules += _quota_steps(dice, rules, len(tables["sites"]))
    base = [make.base(place, "us", 2026, size, operator="Alef") for place, size in (("USA", 1.0), ("ARE", 0.2))]
    return {
        "sites": [_with_parent(dice, site) for site in tables["sites"]],
        "rules": rules,
        "regimes": [make.regime(rule.key_values[0]) for rule in rules],
        "rule_steps": [step for rule in rules for step in _rule_steps(dice, rule)],
        "installed_base": [*tables["installed_base"], *(base if "Alef" in operators and dice.odds(0.5) else [])],
    }


def _with_parent(dice: Dice, site: Site) -> Site:
    return site.model_copy(update={"parent_hq": dice.one([None, "USA", "CHN"])})


def _detailed(dice: Dice, rule: Rule) -> Rule:
    changes: dict[str, Any] = {"owner_test": OwnerTest(dice.one(["either", "headquarters", "parent", "both"]))}
    if rule.effect in _GROUPED and dice.odds(0.4):
        changes["per"] = Grouping(dice.one(_GROUPED[rule.effect]))
    if rule.effect in ("share_cap", "volume_ratio") and dice.odds(0.4):
        changes["base_quantity"] = dice.one([0.1, 0.5])
    return rule.model_copy(update=changes)


def _rule_steps(dice: Dice, rule: Rule) -> list[Row]:
    if rule.quantity is None or dice.odds(0.6):
        return []
    # A share below that of the base is tested apart, see `_rules`.
    quantities = [0.25, 0.5, 1.0] if rule.effect == "share_cap" else [0.0, 0.25, 0.75]
    return [
        make.rule_step(rule.rule, since, dice.one(quantities)) for since in dice.some(["2027-07", "2028", "2029"], 2)
    ]


def _licensing(dice: Dice) -> list[Rule]:
    """A licence rule or two of one jurisdiction or two, with up to two permits of them."""
    rules: list[Rule] = []
    for number in range(dice.whole(1, 2)):
        changes: dict[str, Any] = {"probability": dice.one([None, 0.0, 0.25, 0.75])}
        if dice.odds(0.5):
            changes |= _permit_quantity(dice)
        rules.append(_permit(dice, f"L{number}", "licence", **changes))
    for number in range(dice.whole(0, 2)):
        changes = _permit_quantity(dice) if dice.odds(0.7) else {}
        rules.append(_permit(dice, f"A{number}", "allow", **changes))
    return rules


def _permit(dice: Dice, name: str, effect: str, **changes: Any) -> Rule:
    if dice.odds(0.3):
        changes["owner"] = dice.one(["USA", "any - CHN"])
        changes["owner_test"] = dice.one(["either", "headquarters", "parent", "both"])
    elif dice.odds(0.2):
        changes["operators"] = "Alef"
    drawn = {
        "jurisdiction": dice.one(["USA", "USA", "CHN"]),
        "chip_test": dice.one(["any", "any", "us_controlled"]),
        "destination": dice.one(["any", "any - USA", "ARE | USA"]),
        "effective_from": dice.one(["2020", "2027-04", "2028"]),
        "effective_to": dice.one([None, None, None, "2029"]),
        "lag_months": dice.one([0, 0, 6]),
    }
    return make.rule(name, effect, **drawn, **changes)


def _permit_quantity(dice: Dice) -> dict[str, Any]:
    period = dice.one(["cumulative", "yearly", "stock", "term"])
    return {
        "quantity": dice.one([0.1, 0.3, 1.0]),
        "measure": dice.one(["chips_million", "tpp_million_h100", "h100e_million"]),
        "period": period,
        "validity_months": dice.one([12, 18]) if period == "term" else None,
        "per": dice.one(["all", "all", "country", "operator", "operator_country"]),
    }


def _levy(dice: Dice) -> Rule:
    drawn = {
        "quantity": dice.one([0.1, 0.25]),
        "pass_through": dice.one([0.5, 1.0]),
        "destination": dice.one(["any", "ARE | CHN"]),
        "chip_test": dice.one(["any", "us_controlled"]),
        "effective_from": dice.one(["2020", "2028"]),
    }
    return make.rule("T0", dice.one(["tariff", "revenue_share"]), **drawn)


def _quota_steps(dice: Dice, rules: Sequence[Rule], sites: int) -> list[Rule]:
    """A step for a rule with a quantity; rarely two, since every choice is tried."""
    effects = ("cap_cumulative", "cap_yearly", "cap_stock", "licence", "allow")
    raisable = [rule for rule in rules if rule.effect in effects and rule.quantity is not None]
    count = dice.whole(1, 2 if sites < 3 else 1)
    return [
        make.rule(
            f"Q{number}",
            "quota_step",
            raises=raised.rule,
            per=raised.per,
            jurisdiction=raised.jurisdiction,
            destination=dice.one(["any", "ARE | USA"]),
            quantity=dice.one([0.1, 0.5]),
            measure=raised.measure,
            cost_busd=dice.one([0.0, 0.5, 3.0]),
            effective_from=dice.one(["2020", "2027-07", "2028"]),
            effective_to=dice.one([None, None, "2029"]),
            lag_months=dice.one([0, 0, 6]),
        )
        for number, raised in enumerate(dice.some(raisable, count) if raisable else [])
    ]


def with_settings(instance: Instance, section: str, **changes: Any) -> Instance:
    """The same instance with some settings of a section changed."""
    part = getattr(instance.settings, section).model_copy(update=changes)
    return replace(instance, settings=instance.settings.model_copy(update={section: part}))
