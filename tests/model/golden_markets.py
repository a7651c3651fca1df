"""Golden rows of markets, rules, limits, money and the objective."""

# ruff: noqa: E501 - a row stays on one line
from __future__ import annotations

from optimizer.instance.instance import Instance
from tests import instances as make
from tests.model.golden import OBJECTIVE, GoldenCase

TWO_PLACES = (make.site("home"), make.site("away", country="ARE", latency_zone="gulf", operator_hq="ARE"))


def two_markets() -> Instance:
    """Half of what is installed can be sold; the far market is out of reach of one zone and wants half from home."""
    return make.instance(
        settings=make.settings(months=6, count=2),
        sites=TWO_PLACES,
        demand_regions=[make.region("near"), make.region("far")],
        workloads=[make.workload(utilisation=0.5, max_latency_ms=100)],
        price_blocks=[make.block(number=1, quantity_share=0.6), make.block(number=2, quantity_share=0.5)],
        latency=[
            make.latency("zone", "near", 10),
            make.latency("zone", "far", 150),
            make.latency("gulf", "near", 90),
            make.latency("gulf", "far", 20),
        ],
        sovereignty=[make.sovereignty("near", "USA", 0.25), make.sovereignty("far", "USA", 1)],
    )


def _ruled(effect: str, **changes: object) -> Instance:
    rule = make.rule("R", effect, **{"destination": "ARE", "base_destination": "USA", **changes})
    chips = [make.chip("C1", performance_h100e=2, tpp=31_664), make.chip("C2", tpp=100, life_months=12)]
    return make.instance(
        settings=make.settings(count=2, policy={"regime": "test"}),
        sites=TWO_PLACES,
        chips=chips,
        rules=[rule],
        regimes=[make.regime("R")],
        installed_base=[make.base("USA", "us", 2026, 10), make.base("ARE", "us", 2028, 1)],
        demand=[],
    )


def cumulative_cap() -> Instance:
    """TPP of chips above a threshold, since the first day."""
    return _ruled("cap_cumulative", chip_test="tpp >= 4800", quantity=0.5, measure="tpp_million_h100")


def yearly_cap() -> Instance:
    """Chips of any kind for foreign owners, in the second year only."""
    return _ruled("cap_yearly", owner="any - USA", quantity=0.3, measure="chips_million", effective_from="2028")


def stock_cap() -> Instance:
    """Compute at work at the end of the first year and later."""
    return _ruled("cap_stock", quantity=0.7, measure="h100e_million", effective_from="2028")


def share_cap() -> Instance:
    """A tenth of what stands at home, installed base on both sides."""
    return _ruled("share_cap", quantity=0.1, measure="gb300e_million", chip_test="tpp >= 4800")


def volume_ratio() -> Instance:
    """Half as many of each chip as go home."""
    return _ruled("volume_ratio", chip_test="tpp >= 4800", quantity=0.5)


def matching() -> Instance:
    """Twice the capital at home; modules at home cost 10, away 9 (with a tenth of credit), an opening 1."""
    rule = make.rule("R", "matching_investment", destination="ARE", base_destination="USA", quantity=2,
                     measure="capital_busd")  # fmt: skip
    return make.instance(
        settings=make.settings(count=2, policy={"regime": "test"}),
        sites=[TWO_PLACES[0], TWO_PLACES[1].model_copy(update={"open_cost_musd": 1000})],
        countries=[
            make.country("USA", wacc_fraction=0),
            make.country("ARE", wacc_fraction=0, investment_credit_fraction=0.1),
        ],
        rules=[rule],
        regimes=[make.regime("R")],
        demand=[],
    )


def licensed() -> Instance:
    """Foreign owners need a permit: a licence of 0.6 with even odds, or an exception for big chips by the year."""
    need = make.rule("L", "licence", owner="any - USA", quantity=0.6, measure="chips_million", period="cumulative",
                     probability=0.5)  # fmt: skip
    spare = make.rule("A", "allow", chip_test="tpp >= 4800", quantity=0.8, measure="tpp_million_h100", period="yearly",
                      effective_from="2028")  # fmt: skip
    chips = [make.chip("C1", performance_h100e=2, tpp=31_664), make.chip("C2", tpp=100)]
    return make.instance(
        settings=make.settings(count=2, policy={"regime": "test"}),
        sites=TWO_PLACES,
        chips=chips,
        rules=[need, spare],
        regimes=[make.regime("L"), make.regime("A")],
        demand=[],
    )


def answered() -> Instance:
    """Half of what the market wanted and did not get comes as chips in the next year; these are not kept."""
    return make.instance(
        settings=make.settings(months=6, count=4, model={"chip_carry_months": 6}),
        chip_supply=[make.supply(during="2027", units=400_000), make.supply(during="2028", units=200_000)],
        supply_response=[make.supply_response("C1", "market", 0.5)],
        demand=[make.demand(year=2027, quantity_h100e_million=3), make.demand(year=2028, quantity_h100e_million=1)],
    )


def limited() -> Instance:
    """One module stands at home; limits on IT power, carbon, water and exposure; a cost objective."""
    return make.instance(
        settings=make.settings(count=2, objective="cost"),
        sites=[make.site("home", max_modules=2, water_m3_per_mwh=0.5, basin="gila"), TWO_PLACES[1]],
        committed=[make.committed("home")],
        power_options=[make.power_option("home", carbon_t_per_mwh=0.4, water_m3_per_mwh=1), make.power_option("away")],
        limits=[
            make.limit("all", "it_gw", "*", 2028, 2.5),
            make.limit("grid", "it_gw", "grid:grid", 2027, 1.75),
            make.limit("air", "carbon_mt", "USA", 2027, 3),
            make.limit("river", "water_million_m3", "USA | ARE", 2028, 4),
            make.limit("wells", "water_million_m3", "basin:gila", 2027, 6),
            make.limit("exposure", "capital_share", "ARE", 2028, 0.4),
        ],
        required_compute=[make.required_compute(2028, 0.8)],
        demand=[],
    )


def staged_payments() -> Instance:
    """Payments in two years, two pools, chips with taxes, power capex, a committed build half paid."""
    return make.instance(
        settings=make.settings(
            count=2, finance={"carry_over_share": 0.5, "discount_rate": 0.1, "terminal_value": True}
        ),
        sites=[
            make.site("home", lead_months=12, spend_profile="staged", open_cost_musd=500),
            make.site("away", country="ARE", pool="gulf", max_modules=1),
        ],
        committed=[make.committed("away", online_from="2028", remaining_cost_share=0.5)],
        spend_profiles=[make.milestone(share=0.25), make.milestone(months_after_commitment=12, share=0.75)],
        countries=[
            make.country("USA", wacc_fraction=0.1, investment_credit_fraction=0.2, property_tax_fraction_per_year=0.01),
            make.country("ARE", wacc_fraction=0.1, it_sales_tax_fraction=0.05, import_tariff_fraction=0.15),
        ],
        power_options=[
            make.power_option("home", capex_usd_per_kw=500, fixed_usd_per_kw_year=20, energy_usd_per_mwh=30),
            make.power_option("away", capex_usd_per_kw=400),
        ],
        budgets=[make.budget(pool, year, 30) for pool in ("global", "gulf") for year in (2027, 2028)],
        demand=[make.demand(year=2028)],
    )


CASES = (
    GoldenCase(
        "sales_fill_blocks",
        two_markets,
        """
sales_fill_blocks[near,work,2027]: -1 bought[near,work,2027,1] -1 bought[near,work,2027,2] +1 sold[ARE/gulf,us,near,work,2027] +1 sold[USA/zone,us,near,work,2027] = 0
sales_fill_blocks[far,work,2027]: -1 bought[far,work,2027,1] -1 bought[far,work,2027,2] +1 sold[ARE/gulf,us,far,work,2027] = 0
""",
    ),
    GoldenCase(
        "sales_within_compute",
        two_markets,
        """
sales_within_compute[USA/zone,us,2027]: -0.5 compute[home,us,2027H1] -0.5 compute[home,us,2027H2] +2 sold[USA/zone,us,near,work,2027] <= 0
sales_within_compute[ARE/gulf,us,2027]: -0.5 compute[away,us,2027H1] -0.5 compute[away,us,2027H2] +2 sold[ARE/gulf,us,far,work,2027] +2 sold[ARE/gulf,us,near,work,2027] <= 0
""",
    ),
    GoldenCase(
        "sovereignty",
        two_markets,
        """
sovereignty[near,work,2027]: -0.25 sold[ARE/gulf,us,near,work,2027] +0.75 sold[USA/zone,us,near,work,2027] >= 0
sovereignty[far,work,2027]: -1 sold[ARE/gulf,us,far,work,2027] >= 0
""",
    ),
    GoldenCase(
        "market_link",
        two_markets,
        """
market_link[USA/zone,us,near,work,2027]: -1.1 modules[home,2027H1] +1 sold[USA/zone,us,near,work,2027] <= 0
market_link[ARE/gulf,us,near,work,2027]: -1.1 modules[away,2027H1] +1 sold[ARE/gulf,us,near,work,2027] <= 0
market_link[ARE/gulf,us,far,work,2027]: -1.1 modules[away,2027H1] +1 sold[ARE/gulf,us,far,work,2027] <= 0
""",
    ),
    GoldenCase(
        "export_flow_cap",
        cumulative_cap,
        """
export_flow_cap[R,all]: +2 installed[away,C1,2027] +2 installed[away,C1,2028] <= 0.5
""",
    ),
    GoldenCase(
        "export_flow_cap",
        yearly_cap,
        """
export_flow_cap[R,2028]: +1 installed[away,C1,2028] +1 installed[away,C2,2028] <= 0.3
""",
    ),
    GoldenCase(
        "export_stock_cap",
        stock_cap,
        """
export_stock_cap[R,2028]: +1 export_stock[R,away,2028] <= 0.7
""",
    ),
    GoldenCase(
        "export_stock_balance",
        stock_cap,
        """
export_stock_balance[R,home,2027]: +1 export_stock[R,home,2027] -2 installed[home,C1,2027] -1 installed[home,C2,2027] = 0
export_stock_balance[R,home,2028]: -1 export_stock[R,home,2027] +1 export_stock[R,home,2028] -2 installed[home,C1,2028] +1 installed[home,C2,2027] -1 installed[home,C2,2028] = 0
export_stock_balance[R,away,2027]: +1 export_stock[R,away,2027] -2 installed[away,C1,2027] -1 installed[away,C2,2027] = 0
export_stock_balance[R,away,2028]: -1 export_stock[R,away,2027] +1 export_stock[R,away,2028] -2 installed[away,C1,2028] +1 installed[away,C2,2027] -1 installed[away,C2,2028] = 0
""",
    ),
    GoldenCase(
        "export_share_cap",
        share_cap,
        """
export_share_cap[R,2027]: +1 export_stock[R,away,2027] -0.1 export_stock[R,home,2027] <= 0.263867
export_share_cap[R,2028]: +1 export_stock[R,away,2028] -0.1 export_stock[R,home,2028] <= 0
""",
    ),
    GoldenCase(
        "volume_ratio",
        volume_ratio,
        """
volume_ratio[R,C1,2027]: -1 installed[away,C1,2027] +0.5 installed[home,C1,2027] +1 volume_margin[R,C1,2027] = 0
volume_ratio[R,C1,2028]: -1 installed[away,C1,2028] +0.5 installed[home,C1,2028] -1 volume_margin[R,C1,2027] +1 volume_margin[R,C1,2028] = 0
""",
    ),
    GoldenCase(
        "matching_investment",
        matching,
        """
matching_investment[R,2027]: -18 modules[away,2027] +10 modules[home,2027] -2 opened[away,2027] >= 0
matching_investment[R,2028]: -18 modules[away,2028] +10 modules[home,2028] -2 opened[away,2028] >= 0
""",
    ),
    GoldenCase(
        "it_gw",
        limited,
        """
it_gw[all,2028]: +1 modules[away,2028] +1 modules[home,2028] <= 1.5
it_gw[grid,2027]: +1 modules[away,2027] +1 modules[home,2027] <= 0.75
""",
    ),
    GoldenCase(
        "export_permission",
        licensed,
        """
export_permission[USA,away,C1,2027]: +1 installed[away,C1,2027] -1 permitted[L,away,C1,2027] <= 0
export_permission[USA,away,C1,2028]: +1 installed[away,C1,2028] -1 permitted[A,away,C1,2028] -1 permitted[L,away,C1,2028] <= 0
export_permission[USA,away,C2,2027]: +1 installed[away,C2,2027] -1 permitted[L,away,C2,2027] <= 0
export_permission[USA,away,C2,2028]: +1 installed[away,C2,2028] -1 permitted[L,away,C2,2028] <= 0
""",
    ),
    GoldenCase(
        "export_permit",
        licensed,
        """
export_permit[L,all]: +1 permitted[L,away,C1,2027] +1 permitted[L,away,C1,2028] +1 permitted[L,away,C2,2027] +1 permitted[L,away,C2,2028] <= 0.3
export_permit[A,2028]: +2 permitted[A,away,C1,2028] <= 0.8
""",
    ),
    GoldenCase(
        "kept_supply",
        answered,
        """
kept_supply[C1,2028H1]: -1 unsold[C1,2027H2] +1 unsold[C1,2028H1] <= 0.1
kept_supply[C1,2028H2]: -1 unsold[C1,2028H1] +1 unsold[C1,2028H2] <= 0.1
""",
    ),
    GoldenCase(
        "supply_response",
        answered,
        """
supply_response[C1,2028]: +0.5 bought[market,work,2027,1] +1 extra_supply[C1,2028] <= 1.5
""",
    ),
    GoldenCase(
        "carbon_mt",
        limited,
        """
carbon_mt[air,2027]: +0.4 energy[home,grid_firm,2027] <= 3
""",
    ),
    GoldenCase(
        "water_million_m3",
        limited,
        """
water_million_m3[river,2028]: +1.5 energy[home,grid_firm,2028] <= 4
water_million_m3[wells,2027]: +1.5 energy[home,grid_firm,2027] <= 6
""",
    ),
    GoldenCase(
        "capital_share",
        limited,
        """
capital_share[exposure,2028]: +0.6 capital[global,ARE,2027] +0.6 capital[global,ARE,2028] -0.4 capital[global,USA,2027] -0.4 capital[global,USA,2028] <= 0
""",
    ),
    GoldenCase(
        "required_compute",
        limited,
        """
required_compute[2028]: +1 compute[away,us,2028] +1 compute[home,us,2028] >= 0.8
""",
    ),
    GoldenCase(
        "capital_spent",
        staged_payments,
        """
capital_spent[global,USA,2027]: +1 capital[global,USA,2027] -2 modules[home,2027] -0.5 opened[home,2027] = 0
capital_spent[global,USA,2028]: -0.5 capacity[home,grid_firm,2028] +1 capital[global,USA,2028] -10 installed[home,C1,2028] -6 modules[home,2027] = 0
capital_spent[gulf,ARE,2027]: +1 capital[gulf,ARE,2027] = 5
capital_spent[gulf,ARE,2028]: -0.4 capacity[away,grid_firm,2028] +1 capital[gulf,ARE,2028] -12 installed[away,C1,2028] = 0
""",
    ),
    GoldenCase(
        "budget",
        staged_payments,
        """
budget[global,2027]: +1 capital[global,USA,2027] +1 carried[global,2027] <= 30
budget[global,2028]: +1 capital[global,USA,2028] -0.5 carried[global,2027] +1 carried[global,2028] <= 30
budget[gulf,2027]: +1 capital[gulf,ARE,2027] +1 carried[gulf,2027] <= 30
budget[gulf,2028]: +1 capital[gulf,ARE,2028] -0.5 carried[gulf,2027] +1 carried[gulf,2028] <= 30
""",
    ),
    GoldenCase(
        OBJECTIVE,
        staged_payments,
        """
objective: +15.1861 bought[market,work,2028,1] -0.0326641 capacity[away,grid_firm,2028] -0.0581658 capacity[home,grid_firm,2028] -0.0260035 energy[home,grid_firm,2028] -10.4014 installed[away,C1,2028] -8.66784 installed[home,C1,2028] -0.913317 modules[home,2027] -0.10483 opened[home,2027] -4.76731
""",
    ),
)
