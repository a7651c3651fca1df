"""Early interruptible power against late firm power, bridges that become backup, and what is told of them: by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from optimizer.plan.audit import audit_plan
from optimizer.plan.full_year import check_full_years
from optimizer.plan.power_outcome import PowerOutcome
from optimizer.plan.power_report import PowerReport
from optimizer.plan.power_summary import power_lines
from optimizer.power.join import powered
from tests import instances as make
from tests.solving import solve_small

PRICE = 0.5
#: Revenue of a GW-year at that price [B USD].
REVENUE = 8.76 * PRICE


#: Ways to compute power that give the same plan where technologies do not run together.
METHODS = ("static", "columns", "embedded")


def site_of(early, late, *, modules=1, method="static"):
    """Two years at no interest; a technology from 2027 and another from 2028; shell and chips cost 1 B USD a GW."""
    (early_row, early_cost), (late_row, late_cost) = early, late
    return powered(
        make.instance(
            settings=make.settings(count=2, power={"method": method}),
            sites=[make.site(max_modules=modules, module_cost_usd_per_kw=500)],
            chip_prices=[make.price(price_usd=500)],
            chip_supply=[make.supply(during=str(year)) for year in (2027, 2028)],
            demand=[
                make.demand(year=2027, price_usd_per_h100e_hour=PRICE),
                make.demand(year=2028, price_usd_per_h100e_hour=PRICE, quantity_h100e_million=modules),
            ],
            technologies=[early_row, late_row],
            technology_costs=[early_cost, late_cost],
            climates=[make.climate()],
            site_power=[make.site_power("alpha")],
            fuel_prices=[make.fuel_price("fuels", "none")],
            technology_limits=[
                make.technology_limit("alpha", early_row.technology),
                make.technology_limit("alpha", late_row.technology, "2028"),
            ],
        )
    ).instance


def interruptible_or_firm(capex, method):
    """Both at 50 USD per MWh; the early one costs a connection of its own, the late one nothing."""
    return site_of(
        (
            make.technology("early", kind="grid_interruptible"),
            make.technology_cost("early", capex_usd_per_kw=capex, variable_usd_per_mwh=50),
        ),
        (
            make.technology("firm", kind="grid_firm"),
            make.technology_cost("firm", capex_usd_per_kw=0, variable_usd_per_mwh=50),
        ),
        method=method,
    )


def gas_then_grid(modules=1, method="static"):
    """Gas of 1,000 USD per kW and 80 USD per MWh; a year later grid of 100 and 20."""
    return site_of(
        (
            make.technology("gas", kind="gas_engine", resource="engine", slots_mw_per_mw=2),
            make.technology_cost("gas", capex_usd_per_kw=1000, variable_usd_per_mwh=80, fixed_usd_per_kw_year=10),
        ),
        (
            make.technology("grid", kind="grid_firm", clean=True),
            make.technology_cost("grid", capex_usd_per_kw=100, variable_usd_per_mwh=20),
        ),
        modules=modules,
        method=method,
    )


@pytest.fixture(scope="module", params=METHODS)
def backup(request):
    solved = solve_small(gas_then_grid(method=request.param))
    return solved.instance, solved


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("factor", "year"), [(0.999, "2027"), (1.001, "2028")])
def test_interruptible_early_beats_firm_late_up_to_the_margin_of_the_year_gained(factor, year, method):
    margin = REVENUE - 8.76 * 0.05
    solved = solve_small(interruptible_or_firm(1e3 * factor * margin, method))
    assert [row.period for row in solved.tables.chips] == [year]
    late = REVENUE - 1 - 8.76 * 0.05
    assert solved.npv == pytest.approx(late + max(0.0, (1 - factor) * margin), abs=1e-6)


def test_a_bridge_becomes_backup_and_is_paid_once(backup):
    given, solved = backup
    assert audit_plan(given, solved.tables).ok
    first = REVENUE - 1 - 1 - 0.01 - 8.76 * 0.08
    second = REVENUE - 0.1 - 0.01 - 8.76 * 0.02
    assert solved.npv == pytest.approx(first + second, abs=1e-6)
    mix = {(row.source, row.year): row for row in PowerReport(given, solved.tables).mix()}
    assert mix["gas", 2028].capacity_gw == pytest.approx(1)
    assert mix["gas", 2028].energy_twh == pytest.approx(0, abs=1e-6)
    assert mix["grid", 2028].energy_twh == pytest.approx(8.76)


@pytest.mark.parametrize("method", METHODS)
def test_a_bridge_carries_the_next_module_instead_of_new_power(method):
    """The grid carries one GW only: gas of the first year serves the second GW, and none is bought again."""
    given = gas_then_grid(modules=2, method=method)
    solved = solve_small(given)
    added = {(row.option.split(":")[0], row.period): row.added_gw for row in solved.tables.power}
    assert sum(added.values()) == pytest.approx(2)
    assert sum(gw for (_, year), gw in added.items() if year == "2027") == pytest.approx(1)
    first = REVENUE - 1 - 1 - 0.01 - 8.76 * 0.08
    second = 2 * REVENUE - 1 - 0.1 - 0.01 - 8.76 * (0.08 + 0.02)
    assert solved.npv == pytest.approx(first + second, abs=1e-6)


def test_months_gained_and_cost_of_delivered_power(backup):
    report = PowerReport(backup[0], backup[1].tables)
    (gained,) = report.energisations()
    assert (gained.energised, gained.bridge, gained.without_bridge, gained.months_gained) == ("2027", "gas", "2028", 12)
    years = {row.year: row for row in report.years()}
    wacc = backup[0].country_by_code["USA"].wacc_fraction
    annuity = 1 / 20 if wacc == 0 else wacc / (1 - (1 + wacc) ** -20)
    assert years[2027].delivered_usd_per_mwh == pytest.approx(80 + (10 + 1000 * annuity) / 8.76)
    assert years[2028].delivered_usd_per_mwh == pytest.approx(20 + (10 + 1100 * annuity) / 8.76)
    assert (years[2027].clean_share, years[2028].clean_share) == (0, pytest.approx(1))


def test_without_a_bridge_nothing_is_gained():
    given = interruptible_or_firm(100, "static")
    (row,) = PowerReport(given, solve_small(given).tables).energisations()
    assert (row.bridge, row.without_bridge, row.months_gained) == ("", "2027", 0)


def test_every_hour_of_the_year_costs_what_the_plan_says(backup):
    """A flat load on gas, then grid: no weather, no difference."""
    for row in check_full_years(backup[0], backup[1].tables):
        assert row.unserved_twh == pytest.approx(0, abs=1e-9)
        assert row.cost_difference_share == pytest.approx(0, abs=1e-6)


def test_half_of_the_gas_shows_as_missing_energy():
    """Half of the gas that the plan counts on is not there: half of the energy is missing."""
    given = gas_then_grid()
    solved = solve_small(given)
    half = [
        part.model_copy(update={"mw_per_mw": 0.5}) if part.technology == "gas" else part
        for part in given.portfolio_parts
    ]
    wrong = replace(given, portfolio_parts=tuple(half))
    (first, _) = check_full_years(wrong, solved.tables)
    assert first.unserved_twh == pytest.approx(8.76 / 2, rel=1e-6)
    outcome = PowerOutcome.of(wrong, solved.tables)
    assert any("missing" in warning for warning in outcome.warnings())
    assert any("cheaper" in warning for warning in outcome.warnings())


def test_tables_manifest_and_summary(backup, tmp_path):
    outcome = PowerOutcome.of(backup[0], backup[1].tables)
    outcome.write(tmp_path)
    for name in ("power_mix", "power_years", "energisation", "full_year"):
        assert len((tmp_path / f"{name}.csv").read_text().splitlines()) > 1
    told = json.loads(json.dumps(outcome.as_dict()))
    assert told["mix_twh"] == {"gas": pytest.approx(8.76), "grid": pytest.approx(8.76)}
    assert (told["bridged_sites"], told["months_gained"]) == (1, 12)
    assert told["full_year"]["warnings"] == []
    text = "\n".join(map(str, power_lines(told)))
    assert "by 12 months on average" in text
    assert "50% gas" in text


@pytest.mark.parametrize(
    ("change", "family"),
    [
        ({"limits": (make.limit("pipe", "gas_gw", "grid:grid", 2027, 0.4),)}, "gas_gw"),
        ({"slots": (make.slots("engine", 2027, 800),)}, "slots"),
    ],
)
def test_pipelines_and_slots_hold_back_what_the_parts_of_an_option_take(backup, change, family):
    """0.4 GW of gas in the first year: by its pipeline, or as each MW takes two of 0.8 GW of engines."""
    given = replace(backup[0], **change)
    solved = solve_small(given)
    tables = solved.tables
    assert sum(row.added_gw for row in tables.power if row.period == "2027") == pytest.approx(0.4)
    assert sum(row.installed_million for row in tables.chips if row.period == "2027") == pytest.approx(0.4)
    (row,) = [row for row in tables.limits if row.family == family]
    assert row.binding
    assert audit_plan(solved.instance, tables).ok
    assert f"limits.{family}" in {failure.check for failure in audit_plan(given, backup[1].tables).failures}
