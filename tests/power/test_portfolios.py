"""Static portfolios: feasible, at the costs of their parts, and never cheaper than the exact site LP."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog

from optimizer.power.assemble import KEEP_HIGHEST, KEEP_LOWEST, Terms, series_of, site_problem
from optimizer.power.choices import choices
from optimizer.power.days import representative_days
from optimizer.power.dispatch import size_site
from optimizer.power.portfolios import with_computed_power
from optimizer.power.rows import PowerError
from optimizer.power.technologies import offers_of_site
from tests import instances as make
from tests.power.computed import FUELS, YEARS, instance, limits

STARTS = [12 * year for year in YEARS]
SHARE = 0.8


#: Every portfolio becomes an option.
ALL = make.settings(power={"average_load_share": SHARE, "method": "static", "portfolios_per_site": 1000})


@pytest.fixture(scope="module")
def computed():
    return with_computed_power(instance(settings=ALL))


def exact(given, installed_gw):
    """Least cost of the site for installed IT power by year, in undiscounted years of annuities at 0 %."""
    site = given.site_by_id["alpha"]
    series = series_of(given.climates[0], site.pue_average, site.pue_peak)
    days = representative_days(series, 3, keep_highest=KEEP_HIGHEST, keep_lowest=KEEP_LOWEST)
    problem = site_problem(offers_of_site(given, "alpha", STARTS), days, Terms(np.ones(3), 0.0, site.pue_peak))
    needs = replace(problem.needs, pue_peak=site.pue_peak / SHARE)
    return size_site(replace(problem, needs=needs), SHARE * np.array(installed_gw)).cost


def static(given, installed_gw):
    """The same with computed options: capacity x(o, i) that never falls, energy e(o, i), technologies limited."""
    result = with_computed_power(given).instance
    site, options = result.site_by_id["alpha"], result.power_options
    n, count = len(options), len(options) * len(YEARS)
    capital = np.array([o.capex_usd_per_kw / 1e3 / o.life_years + o.fixed_usd_per_kw_year / 1e3 for o in options])
    cost = np.concatenate([np.tile(capital, 3), np.tile([o.energy_usd_per_mwh / 1e3 for o in options], 3)])
    upper = [np.inf if o.available_from <= month else 0 for month in STARTS for o in options] + [np.inf] * count
    rows, most = [], []

    def row(entries, limit):
        line = np.zeros(2 * count)
        for at, factor in entries:
            line[at] += factor
        rows.append(line)
        most.append(limit)

    for i, load in enumerate(installed_gw):
        row([(i * n + k, -o.firm_credit) for k, o in enumerate(options)], -site.pue_peak * load)
        row([(count + i * n + k, -1) for k in range(n)], -site.pue_average * SHARE * 8.76 * load)
        for k, o in enumerate(options):
            row([(count + i * n + k, 1), (i * n + k, -8.76 * o.energy_availability)], 0)
            if i:
                row([((i - 1) * n + k, 1), (i * n + k, -1)], 0)
        for offer in offers_of_site(result, "alpha", STARTS):
            name = offer.row.technology
            parts = {part.option: part.mw_per_mw for part in result.portfolio_parts if part.technology == name}
            row([(i * n + k, parts.get(o.option, 0)) for k, o in enumerate(options)], offer.limit_gw[i])
    outcome = linprog(cost, A_ub=np.array(rows), b_ub=most, bounds=list(zip(np.zeros(2 * count), upper, strict=True)))
    assert outcome.status == 0, outcome.message
    return outcome.fun


def test_one_line_for_the_log(computed):
    assert computed.made == ("alpha",)
    assert computed.portfolios == len(computed.instance.power_options) > 5
    assert "1 sites computed" in computed.line()


def test_parts_carry_what_the_option_promises(computed):
    result = computed.instance
    firm = {row.technology: row.firm_credit for row in result.technologies}
    for option in result.power_options:
        parts = result.parts_of_option["alpha", option.option]
        assert sum(firm[part.technology] * part.mw_per_mw for part in parts) >= 1 - 1e-7, option.option
        assert sum(part.mwh_per_mwh for part in parts) >= 1 - 1e-7
        assert option.energy_availability == pytest.approx(1.2 * SHARE / 1.35)


def test_gas_alone_by_hand(computed):
    """N+1 of a 50 MW machine per module of 500 MW: (1.35 + 0.1) / 1.35 / 0.72 GW per GW; fuel at 40 %."""
    result = computed.instance
    (gas,) = [o for o in result.power_options if o.option == "gas:2028"]
    (part,) = result.parts_of_option["alpha", "gas:2028"]
    assert part.mw_per_mw == pytest.approx((1.35 + 0.1) / 1.35 / 0.72, rel=1e-6)
    assert gas.capex_usd_per_kw == pytest.approx(1400 * part.mw_per_mw)
    assert gas.energy_usd_per_mwh == pytest.approx(6 + 25 / 0.4)
    assert gas.carbon_t_per_mwh == pytest.approx(0.2 / 0.4)
    assert gas.water_m3_per_mwh == pytest.approx(0.5)
    assert gas.kind == "gas_turbine"


def test_nothing_before_its_lead_time(computed):
    result = computed.instance
    for option in result.power_options:
        if any(part.technology == "gas" for part in result.parts_of_option["alpha", option.option]):
            assert option.available_from >= make.month("2028")


def test_cheaper_sun_is_an_option_of_its_own_year(computed):
    """Its capital falls every year, so each year has its own option; gas and grid cost the same and have one."""
    names = [option.option for option in computed.instance.power_options]
    assert [name for name in names if name.startswith("grid:")] == ["grid:2027"]
    assert {name[-4:] for name in names if "sun" in name} == {"2027", "2028", "2029"}


@pytest.mark.parametrize(
    "installed", [(0.2, 0.2, 0.2), (0.1, 0.5, 0.5), (0.2, 0.8, 1.0), (0.0, 0.0, 1.0), (0.0, 0.6, 0.6)]
)
def test_never_cheaper_than_the_exact_site(installed):
    given = replace(
        instance(), technologies=tuple(t.model_copy(update={"unit_mw": 0}) for t in instance().technologies)
    )
    conservative, optimum = static(given, installed), exact(given, installed)
    assert optimum * (1 - 1e-7) <= conservative <= optimum * 1.25


def test_equal_to_the_exact_site_where_one_mix_is_best_for_good():
    """Without limits that bind and with constant costs, one portfolio for one load is the optimum."""
    given = instance(
        technology_costs=[cost for cost in instance().technology_costs if cost.year == 2027],
        technology_limits=[row.model_copy(update={"cumulative_mw": 1e5}) for row in limits("alpha")],
        technologies=[t.model_copy(update={"unit_mw": 0, "lead_months": 0}) for t in instance().technologies],
    )
    assert static(given, (1.0, 1.0, 1.0)) == pytest.approx(exact(given, (1.0, 1.0, 1.0)), rel=1e-6)


def test_twice_is_once(computed):
    again = with_computed_power(computed.instance)
    assert again.instance == computed.instance


def test_given_options_of_other_sites_stay():
    given = instance(sites=[make.site("alpha"), make.site("beta")], power_options=[
        make.power_option("alpha"), make.power_option("beta")])  # fmt: skip
    result = with_computed_power(given).instance
    assert [o.option for o in result.power_options if o.site == "beta"] == ["grid_firm"]
    assert "grid_firm" not in [o.option for o in result.power_options if o.site == "alpha"]


def test_contracted_power_stays_beside_computed_one():
    given = instance(
        power_options=[
            make.power_option("alpha", "contracted", beside_computed=True, max_mw=50),
            make.power_option("alpha", "grid_firm"),
        ],
        grid_steps=[make.grid_step("alpha", "2028", 60, option=name) for name in ("contracted", "grid_firm")],
    )
    result = with_computed_power(given).instance
    names = [o.option for o in result.options_of_site["alpha"]]
    assert names.count("contracted") == 1
    assert "grid_firm" not in names
    assert "grid:2027" in names
    assert result.parts_of_option.keys() == {("alpha", name) for name in names if name != "contracted"}
    assert [step.option for step in result.grid_steps] == ["contracted"]
    assert with_computed_power(result).instance == result
    again = with_computed_power(replace(result, technologies=dearer(result.technologies))).instance
    assert [o.option for o in again.options_of_site["alpha"]].count("contracted") == 1
    old = {o.source for o in result.power_options if not o.beside_computed}
    assert old.isdisjoint({o.source for o in again.power_options})


def dearer(technologies):
    """Gas turbines that burn more."""
    return tuple(t.model_copy(update={"efficiency": 0.3}) if t.technology == "gas" else t for t in technologies)


def test_a_site_has_one_connection_to_the_grid():
    given = instance(
        technologies=[*instance().technologies, make.technology("cut", kind="grid_interruptible", fuel="grid")],
        technology_costs=[*instance().technology_costs, make.technology_cost("cut")],
        technology_limits=[*limits("alpha"), make.technology_limit("alpha", "cut")],
    )
    sets = [{o.row.technology for o in chosen} for chosen in choices(offers_of_site(given, "alpha", STARTS))]
    assert {"grid", "gas", "sun", "battery"} in sets
    assert {"cut", "gas", "sun", "battery"} in sets
    assert not any({"grid", "cut"} <= chosen for chosen in sets)


def test_a_site_that_nothing_can_carry_is_refused():
    only_sun = [row for row in limits("alpha") if row.technology == "sun"]
    with pytest.raises(PowerError, match="site 'alpha'"):
        with_computed_power(instance(technology_limits=only_sun))


def test_a_higher_price_of_fuel_later_counts_from_the_start():
    dear = make.fuel_price("fuels", "gas", 50, year=2029, carbon_t_per_mwh=0.2)
    result = with_computed_power(instance(fuel_prices=[*FUELS, dear], settings=ALL)).instance
    (gas,) = [o for o in result.power_options if o.option == "gas:2028"]
    assert gas.energy_usd_per_mwh == pytest.approx(6 + 50 / 0.4)
