"""What load asks for beside energy, from the instance to the plan: answers worked out by hand, in every method."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.plan.audit import audit_plan
from optimizer.plan.full_year import check_full_years
from optimizer.plan.power_report import PowerReport
from optimizer.power.assemble import SiteHours
from optimizer.power.hard_days import site_days
from optimizer.power.store import NoStore
from tests import instances as make
from tests.power.test_bridges import PRICE, REVENUE
from tests.power.test_exact_plans import EXACT, firm, site_with
from tests.solving import solve_small

ALL = ("static", *EXACT)


def audited(given):
    """A solved plan that passes its audit."""
    solved = solve_small(given)
    report = audit_plan(solved.instance, solved.tables)
    assert report.ok, report.lines()
    return solved


def only(rows):
    (row,) = rows
    return row


@pytest.mark.parametrize("budget", [0.0625, 0.125, 0.25])
@pytest.mark.parametrize("method", ALL)
def test_headroom_under_a_curtailment_budget(method, budget):
    """C11: others load the line from 1 down to 0.5, linearly. A flat load L is cut by L^2, so L = the budget.

    The line runs over the 24 hours of a day, each hour at its mean: exact where the load meets the line between hours.
    """
    free = 0.5 * (np.arange(24) + 0.5) / 24
    spare = make.technology("spare", kind="solar"), make.technology_cost("spare", capex_usd_per_kw=10)
    given = site_with(
        [spare],
        method=method,
        sites=[make.site(module_cost_usd_per_kw=1)],
        chip_prices=[make.price(price_usd=1)],
        site_power=[make.site_power("alpha", solar_profile="line")],
        hourly_profiles=make.own_hours("line", np.tile(free, 365)),
        technology_limits=[make.technology_limit("alpha", "spare", cumulative_mw=1000)],
        power_needs=[
            make.power_needs(
                "alpha", curtailment_depth=1, curtailment_energy_share=budget, curtailment_cost_usd_per_mwh=0.1
            )
        ],
    )
    solved = audited(given)
    assert only(solved.tables.operations).installed_gw == pytest.approx(budget, rel=1e-6)
    service = only(solved.tables.load_service)
    assert service.cut_twh == pytest.approx(8.76 * budget**2, rel=1e-6)
    assert service.cut_cost_busd == pytest.approx(1e-4 * 8.76 * budget**2, rel=1e-6)
    assert only(PowerReport(solved.instance, solved.tables).years()).cut_hours == pytest.approx(8760 * budget)
    year = only(check_full_years(solved.instance, solved.tables))
    # The load meets the line between hours: the hour at whose end it does is free of cuts.
    assert year.hours_with_cuts == 365 * round(24 * 2 * budget)
    assert year.cut_twh == pytest.approx(service.cut_twh, rel=1e-6)
    assert year.unserved_twh == pytest.approx(0, abs=1e-9)
    assert year.cost_difference_busd == pytest.approx(0, abs=1e-9)


def early_or_late(method, price):
    """For a year a connection that is away in the hottest fifth of the hours, when load is cut; then a firm one."""
    spot = firm("spot", 50, 60, kind="grid_interruptible", availability=0.8)
    grid = firm("grid", 100, 50, kind="grid_firm")
    return site_with(
        [spot, grid],
        method=method,
        years=2,
        since={"grid": "2028"},
        demand=[
            make.demand(year=2027, price_usd_per_h100e_hour=price),
            make.demand(year=2028, price_usd_per_h100e_hour=PRICE),
        ],
        chip_supply=[make.supply(during="2027"), make.supply(during="2028")],
        power_needs=[
            make.power_needs("alpha", curtailment_depth=1, curtailment_hours=2200, curtailment_cost_usd_per_mwh=200)
        ],
    )


def threshold(given):
    """Least cost of the first year: two years of the connection, which is never given back, energy and cuts [B USD].

    On a typical day the connection may be there for a part; then somewhat more of it than the load may pay.
    """
    row = given.site_power[0]
    days = site_days(given, SiteHours.of(given, row), given.technologies, given.needs(row.site), NoStore())
    there = days.series["interruptible"]
    assert float(days.hours @ there) == pytest.approx(0.8 * 8760, rel=0.01)

    def cost(size):
        energy = float(days.hours @ np.minimum(1.0, size * there)) / 1e3
        return 2 * 0.05 * size + 0.06 * energy + 0.2 * (8.76 - energy)

    return min(cost(1 / share) for share in set(there[there > 0]))


@pytest.mark.parametrize(("more", "early"), [(1e-4, True), (-1e-4, False)])
@pytest.mark.parametrize("method", EXACT)
def test_interruptible_early_against_firm_late(method, more, early):
    """The first year is worth having exactly where it earns more than the early connection costs in all."""
    price = PRICE * (threshold(early_or_late(method, PRICE)) + more) / REVENUE
    solved = audited(early_or_late(method, price))
    installed = {row.period: row.installed_gw for row in solved.tables.operations}
    assert installed.get("2027", 0.0) == pytest.approx(1.0 if early else 0.0, abs=1e-6)
    assert installed["2028"] == pytest.approx(1)
    late = REVENUE - 1 - 0.1 - 8.76 * 0.05
    assert solved.npv == pytest.approx(late + (more if early else 0.0), abs=1e-6)


@pytest.mark.parametrize("method", ALL)
def test_reserve_margin(method):
    """A margin of 25 % on a peak of 1 GW: 1.25 GW of what counts fully; without a grid a spare machine on top."""
    needs = [make.power_needs("alpha", reserve_margin=0.25)]
    solved = audited(site_with([firm("grid", 400, 0, kind="grid_firm")], method=method, power_needs=needs))
    assert solved.npv == pytest.approx(REVENUE - 1 - 0.4 * 1.25)
    machines = firm("machines", 400, 0, kind="gas_engine", unit_mw=100)
    islanded = audited(site_with([machines], method=method, power_needs=needs))
    assert islanded.npv == pytest.approx(REVENUE - 1 - 0.4 * (1.25 + 0.1))


@pytest.mark.parametrize("method", ALL)
def test_margin_on_power_that_is_given(method):
    """Of contracted power beside computed options a margin is held back as well."""
    contract = make.power_option(option="contract", beside_computed=True, max_mw=500)
    given = site_with(
        [firm("grid", 400, 0, kind="grid_firm")],
        method=method,
        power_options=[contract],
        power_needs=[make.power_needs("alpha", reserve_margin=0.25)],
    )
    solved = audited(given)
    assert solved.npv == pytest.approx(REVENUE - 1 - 0.4 * (1.25 - 0.5))
    assert only(solved.tables.operations).firm_power_gw == pytest.approx(1)


@pytest.mark.parametrize("method", ALL)
def test_carbon_limit(method):
    """Half of the energy may be of 0.4 t/MWh if the limit is 0.2; the rest is dear and clean."""
    given = site_with(
        [firm("dirty", 0, 50, carbon_t_per_mwh=0.4), firm("clean", 0, 100, clean=True)],
        method=method,
        power_needs=[make.power_needs("alpha", carbon_limit_t_per_mwh=0.2)],
    )
    solved = audited(given)
    assert solved.npv == pytest.approx(REVENUE - 1 - 8.76 * 0.075)
    limit = only(row for row in solved.tables.limits if row.family == "site_carbon")
    assert (limit.name, limit.used, limit.binding) == ("alpha", pytest.approx(0.2 * 8.76), True)


@pytest.mark.parametrize(("method", "first_year"), [("static", 0.075), ("columns", 0.05), ("embedded", 0.05)])
def test_carbon_that_grows(method, first_year):
    """What is within the limit now may be so for half of the energy a year later: a portfolio keeps to that at once."""
    coal = make.technology("dirty", fuel="coal"), make.technology_cost("dirty", capex_usd_per_kw=0)
    given = site_with(
        [coal, firm("clean", 0, 100, clean=True)],
        method=method,
        years=2,
        fuel_prices=[
            make.fuel_price("fuels", "coal", 50, year=year, carbon_t_per_mwh=carbon)
            for year, carbon in ((2027, 0.2), (2028, 0.4))
        ],
        chip_supply=[make.supply(during="2027")],
        power_needs=[make.power_needs("alpha", carbon_limit_t_per_mwh=0.2)],
    )
    solved = audited(given)
    assert solved.npv == pytest.approx(2 * REVENUE - 1 - 8.76 * (first_year + 0.075))
    emitted = {row.when: row.used / row.limit for row in solved.tables.limits if row.family == "site_carbon"}
    assert emitted["2028"] == pytest.approx(1)


@pytest.mark.parametrize("method", ALL)
def test_clean_in_every_hour(method):
    """80 % clean in each hour: sun by day, a dear source by night, and a fifth of cheap gas in both."""
    given = site_with(
        [
            (make.technology("sun", kind="solar", clean=True), make.technology_cost("sun", capex_usd_per_kw=0)),
            firm("gas", 0, 30),
            firm("hydro", 0, 200, clean=True),
        ],
        method=method,
        site_power=[make.site_power("alpha", solar_profile="square")],
        hourly_profiles=make.own_hours("square", np.tile([1.0] * 12 + [0.0] * 12, 365)),
        power_needs=[make.power_needs("alpha", hourly_clean_share=0.8)],
    )
    solved = audited(given)
    assert solved.npv == pytest.approx(REVENUE - 1 - 8.76 / 2 * (0.2 * 0.03 + 0.8 * 0.2))


@pytest.mark.parametrize("method", ALL)
def test_demand_charge(method):
    """The charge is on the highest draw of the year: gas at 90 USD per MWh shaves the six hours of 1 GW to 0.5 GW.

    Six hours a day on gas cost 2.19 TWh x 0.06 more a GW; the charge is 0.2, or 0.1 if there is nothing to gain.
    """
    shape = np.tile([0.5] * 18 + [1.0] * 6, 365)
    average = float(shape.mean())

    def plan(charge):
        return audited(
            site_with(
                [firm("grid", 0, 30, kind="grid_firm"), firm("gas", 0, 90)],
                method=method,
                share=average,
                site_power=[make.site_power("alpha", load_profile="steps")],
                hourly_profiles=make.own_hours("steps", shape),
                power_needs=[make.power_needs("alpha", demand_charge_usd_per_kw_year=charge)],
            )
        )

    energy = 8.76 * average * 0.03
    shaved, drawn = plan(200), plan(100)
    assert shaved.npv == pytest.approx(REVENUE - 1 - energy - 0.2 * 0.5 - 0.5 * 2.19 * 0.06)
    assert drawn.npv == pytest.approx(REVENUE - 1 - energy - 0.1)
    if method != "static":
        assert drawn.cash("power_fixed") == pytest.approx(-0.1)
    assert only(drawn.tables.load_service).demand_charge_busd == pytest.approx(0.1)
