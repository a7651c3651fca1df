"""The world instance loads, is as large as it claims, and is plausible where plausibility can be checked."""

from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from optimizer.instance.calendar import parse_month
from optimizer.instance.reader import load_instance
from optimizer.instance.schema import TechnologyKind

FOLDER = "instances/world-2026"


@pytest.fixture(scope="module")
def world():
    return load_instance(FOLDER)


def test_counts(world):
    countries = {site.country for site in world.sites}
    assert len(world.sites) >= 120
    assert len(countries) >= 35
    assert {"USA", "CHN", "IND", "JPN", "ARE", "SAU", "NOR", "SWE", "FIN", "FRA", "DEU", "BRA", "ZAF"} <= countries
    assert sum(site.site.startswith("us_tx_") for site in world.sites) >= 10
    assert len(world.calendar) == 40
    assert len(world.calendar.decision_periods) == 20
    assert len(world.chips) >= 10
    assert {chip.stack for chip in world.chips} == {"us", "cn"}
    assert not world.warnings
    assert len(world.demand_regions) == 20
    assert len(world.workloads) == 3
    assert len({option.kind for option in world.power_options}) >= 5


def test_scenarios_load(world):
    regimes = {row.regime for row in world.regimes}
    assert {"chips_short", "power_late", "capital_tight", "demand_low", "china_answers", *regimes} == set(
        world.settings.scenarios
    )
    for scenario in world.settings.scenarios:
        assert load_instance(FOLDER, scenario).sites


def test_every_row_names_a_source(world):
    power = (world.power_options, world.technologies, world.technology_costs, world.fuel_prices, world.climates)
    power = (*power, world.site_power, world.technology_limits)
    for table in (world.sites, *power, world.chips, world.rules, world.demand, world.budgets):
        assert all(len(row.source) > 10 for row in table)


def test_every_campus_has_power_for_all_of_its_modules(world):
    """Contracted and own power, and of the technologies those that need no sun, wind or storage."""
    firm = {
        row.technology: row.firm_credit
        for row in world.technologies
        if not row.kind.follows_weather and row.kind is not TechnologyKind.LITHIUM_STORAGE
    }
    for site in world.sites:
        carried = sum(option.max_mw * option.firm_credit for option in world.options_of_site.get(site.site, ()))
        for limit in world.technology_limits:
            if limit.site == site.site:
                carried += firm.get(limit.technology, 0.0) * limit.cumulative_mw
        assert carried >= site.module_mw * site.max_modules * site.pue_peak, site.site


def test_only_what_belongs_to_a_campus_is_given(world):
    assert {row.site for row in world.site_power} == {site.site for site in world.sites}
    assert all(option.beside_computed for option in world.power_options)
    assert all(option.option == "contracted" or option.option.startswith("own_") for option in world.power_options)


def test_power_comes_when_the_facts_say(world):
    """Interruptible before firm; turbines in two years, engines in 18 months, nuclear in seven years or more."""
    kind = {row.technology: row.kind for row in world.technologies}
    today = parse_month("2026-11")
    first = defaultdict(dict)
    for limit in world.technology_limits:
        first[limit.site][kind[limit.technology]] = limit.available_from - today
    for site, months in first.items():
        assert months[TechnologyKind.GRID_FIRM] >= 2, site
        early = months.get(TechnologyKind.GRID_INTERRUPTIBLE)
        assert early is None or early < months[TechnologyKind.GRID_FIRM], site
        for gas, wait in ((TechnologyKind.OPEN_CYCLE_GAS, 24), (TechnologyKind.GAS_ENGINE, 18)):
            assert months.get(gas, wait) == wait, site
        assert months.get(TechnologyKind.COMBINED_CYCLE_GAS, 60) == 60
        assert months.get(TechnologyKind.NUCLEAR_SMALL, 96) >= 84
    assert sum(TechnologyKind.GRID_INTERRUPTIBLE in months for months in first.values()) > 120


def test_a_flat_load_pays_about_the_tariff_of_its_region(world):
    """Capacity charge and energy of firm grid together, at the load of a campus, make up the price of a large load."""
    price = {row.fuel_region: row.price_usd_per_mwh for row in world.fuel_prices if row.fuel == "grid"}
    (charge,) = {c.fixed_usd_per_kw_year for c in world.technology_costs if c.technology == "grid_firm"}
    for row in world.site_power:
        site = world.site_by_id[row.site]
        taken = 8.76 * 0.8 * site.pue_average / site.pue_peak
        whole = price[row.fuel_region] + charge / taken
        assert 25 <= whole <= 160, row.site
    texas = world.site_by_id["us_tx_milam"]
    taken = 8.76 * 0.8 * texas.pue_average / texas.pue_peak
    assert price["US-ERCOT"] + (charge - 10) / taken == pytest.approx(66.3, abs=0.8)


def test_gas_is_burned_where_it_is_cheap_and_heat_costs_turbines(world):
    credit = {row.technology: row.firm_credit for row in world.technologies}
    assert credit["gas_turbine_desert"] < credit["gas_turbine_hot"] < credit["gas_turbine"] < 0.85
    assert credit["gas_turbine_desert"] == pytest.approx(0.85 * 0.77, abs=1e-3)
    burning = {limit.site for limit in world.technology_limits if limit.technology.startswith("gas_")}
    countries = {world.site_by_id[site].country for site in burning}
    assert {"USA", "SAU", "ARE", "CAN"} <= countries
    assert not {"CHN", "JPN", "DEU", "GBR", "NOR"} & countries


def test_late_power_moves_technologies_and_no_contract(world):
    late = load_instance(FOLDER, "power_late")
    for before, after in zip(world.technology_limits, late.technology_limits, strict=True):
        assert after.holds_from == before.holds_from + 12
    assert late.power_options == world.power_options


def test_committed_modules_have_power_when_they_come_on_line(world):
    dates = [world.calendar.periods[t].start for t in world.calendar.decision_periods]
    steps = {(step.site, step.option): [] for step in world.grid_steps}
    for step in world.grid_steps:
        steps[step.site, step.option].append((step.available_from, step.cumulative_mw))
    modules = Counter()
    for build in sorted(world.committed, key=lambda row: row.online_from):
        modules[build.site] += build.modules
        site = world.site_by_id[build.site]
        option = next(row for row in world.options_of_site[build.site] if row.option == "contracted")
        period = world.calendar.first_period_from(build.online_from)
        if period == len(world.calendar):
            continue
        decided = max(date for date in dates if date <= world.calendar.periods[period].start)
        limit = option.max_mw if option.available_from <= decided else 0.0
        for available_from, cumulative in sorted(steps.get((build.site, "contracted"), [])):
            limit = cumulative if available_from <= decided else limit
        assert limit * option.firm_credit >= 0.999 * modules[build.site] * site.module_mw * site.pue_peak, build


def test_a_gigawatt_of_chips_costs_what_the_facts_say(world):
    first = {}
    for row in sorted(world.chip_prices, key=lambda row: row.since):
        first.setdefault(row.chip, row.price_usd)
    for chip in world.chips:
        busd_per_gw = first[chip.chip] / chip.it_power_kw / 1e3
        assert 12 <= busd_per_gw <= 40, chip.chip


def test_supply_is_tens_of_gigawatts_a_year_and_china_has_far_less(world):
    gigawatts = defaultdict(float)
    for row in world.chip_supply:
        chip = world.chip_by_id[row.chip]
        gigawatts[row.during.start // 12, chip.stack] += row.units * chip.it_power_kw / 1e6
    for year in range(2027, 2037):
        assert 10 <= gigawatts[year, "us"] <= 35
        assert 0.5 <= gigawatts[year, "cn"] <= 0.3 * gigawatts[year, "us"]


def test_prices_of_compute_fall_every_year(world):
    prices = defaultdict(dict)
    for row in world.demand:
        prices[row.region, row.workload][row.year] = row.price_usd_per_h100e_hour
    for by_year in prices.values():
        years = sorted(by_year)
        assert years == list(range(2027, 2037))
        assert all(by_year[later] < by_year[year] for year, later in pairwise(years))


def test_china_serves_itself_and_nobody_else_does(world):
    for row in world.latency:
        assert row.latency_zone.startswith("china") == (row.region == "china")


def test_only_new_capacity_counts(world):
    assert all(build.online_from >= parse_month("2027-01") for build in world.committed)


def test_a_scenario_of_a_regime_is_the_regime(world):
    for regime in {row.regime for row in world.regimes}:
        loaded = load_instance(FOLDER, regime)
        assert loaded.settings.policy.regime == regime
        assert loaded.active_rules


def test_the_readme_lists_every_regime(world):
    text = (world.folder / "README.md").read_text(encoding="utf-8")
    for regime in {row.regime for row in world.regimes}:
        assert f"| {regime} | " in text


def test_readme_lists_every_assumption(world):
    text = (world.folder / "README.md").read_text(encoding="utf-8")
    for row in world.assumptions:
        assert f"| {row.assumption} | `{row.knob}` |" in text
        assert min(row.low, row.high) <= row.central <= max(row.low, row.high)
