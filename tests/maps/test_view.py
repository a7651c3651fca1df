"""The view must say what the tables say: every sum is recomputed here from the rows."""

from __future__ import annotations

import pytest

from maps.names import shorten
from maps.view import plan_view
from maps.view.chips import installed_by_year, working_by_year
from maps.view.constraints import constraint_views, limit_label, rule_views
from optimizer.instance.calendar import Calendar, Span
from optimizer.plan.tables import ChipInstallation, LimitUse, PolicyUse
from tests import instances as make
from tests.maps.plans import MadePlan, make_plan


@pytest.fixture(scope="module")
def made() -> MadePlan:
    return make_plan(30)


@pytest.fixture(scope="module")
def plan(made):
    return plan_view(made.instance, made.tables, made.manifest)


def test_gw_of_a_year_is_that_of_its_last_period(made, plan):
    for year in plan.years:
        last = f"{year}Q4"
        expected = sum(row.online_gw for row in made.tables.operations if row.period == last)
        assert plan.totals.online_gw[plan.index_of(year)] == pytest.approx(expected)
        assert sum(s.values[plan.index_of(year)] for s in plan.totals.gw_by_bloc) == pytest.approx(expected)
        assert sum(s.values[plan.index_of(year)] for s in plan.totals.gw_by_country) == pytest.approx(expected)


def test_last_year_agrees_with_the_sites_table(made, plan):
    shown = {site.site: site for site in plan.sites}
    for row in made.tables.sites:
        assert shown[row.site].online_gw[-1] == pytest.approx(row.it_gw_end)
        assert shown[row.site].compute_h100e_million[-1] == pytest.approx(row.compute_h100e_million_end)
        assert shown[row.site].capital_busd == row.capital_busd


def test_committed_part_counts_facts_from_the_year_they_come_on_line(made, plan):
    module = {site.site: site.module_gw for site in made.instance.sites}
    facts = {build.site for build in made.instance.committed}
    for site in plan.sites:
        expected = module[site.site] if site.site in facts else 0.0
        assert site.committed_gw == pytest.approx((expected,) * len(plan.years))
        assert all(part <= whole + 1e-9 for part, whole in zip(site.committed_gw, site.online_gw, strict=True))


def test_working_chips_make_the_compute_of_the_operations_table(made, plan):
    performance = {chip.chip: chip.performance_h100e for chip in made.instance.chips}
    for site in plan.sites:
        for t, compute in enumerate(site.compute_h100e_million):
            made_by_chips = sum(series.values[t] * performance[series.key] for series in site.chips_working_million)
            assert made_by_chips == pytest.approx(compute, abs=1e-12)


def test_chips_energy_cash_and_tokens_add_up_to_the_tables(made, plan):
    tables, totals = made.tables, plan.totals
    installed = sum(sum(series.values) for series in totals.chips_installed_million)
    assert installed == pytest.approx(sum(row.installed_million for row in tables.chips))
    assert installed == pytest.approx(plan.headline.chips_million)
    assert sum(sum(s.values) for s in totals.energy_twh) == pytest.approx(sum(r.energy_twh for r in tables.energy))
    assert sum(totals.carbon_mt) == pytest.approx(sum(r.carbon_mt for r in tables.energy))
    assert sum(totals.water_million_m3) == pytest.approx(sum(r.water_million_m3 for r in tables.energy))
    assert sum(sum(s.values) for s in totals.cash_busd) == pytest.approx(sum(r.busd for r in tables.cash))
    assert sum(value for _, value in totals.cash_pv_busd) == pytest.approx(plan.headline.npv_busd)
    assert sum(totals.tokens_trillion) == pytest.approx(sum(r.tokens_trillion for r in tables.serving))
    assert sum(sum(m.revenue_busd) for m in plan.markets) == pytest.approx(sum(r.revenue_busd for r in tables.demand))


def test_power_capacity_is_cumulative(made, plan):
    for site in plan.sites:
        for series in site.power_gw:
            rows = [row for row in made.tables.power if (row.site, row.kind) == (site.site, series.key)]
            assert series.values[-1] == pytest.approx(rows[-1].capacity_gw)
            assert list(series.values) == sorted(series.values)


def test_figures_that_the_manifest_lacks_are_missing_and_not_nought(made):
    headline = plan_view(made.instance, made.tables, {}).headline
    assert headline.npv_busd is None
    assert headline.gap_rel is None
    assert headline.tokens_trillion_per_month_end is None
    assert headline.status == ""


def test_year_outside_the_plan_is_refused(plan):
    with pytest.raises(ValueError, match="covers 2027 to 2036, not 2050"):
        plan.index_of(2050)


def _quarters(count: int) -> Calendar:
    start = make.month("2027")
    return Calendar(tuple(Span(start + 3 * t, start + 3 * t + 3) for t in range(count)), (0,))


def _arrival(period: str, million: float, early: float = 0.0) -> ChipInstallation:
    return ChipInstallation("s", "c", period, million, early, 0.0, 0.0, 0.0, 0.0)


def test_chips_leave_at_the_first_period_after_their_life():
    rows = [_arrival("2027Q2", 3.0), _arrival("2028Q1", 1.0)]
    # 12 months from 2027Q2: they still work in 2028Q1 and are gone in 2028Q2.
    assert working_by_year(rows, 12, _quarters(5)) == (3.0, 4.0)
    assert working_by_year(rows, 12, _quarters(8)) == (3.0, 1.0)
    assert installed_by_year(rows, _quarters(8)) == (3.0, 1.0)


def test_early_retirement_takes_the_oldest_chips():
    rows = [_arrival("2027Q1", 2.0), _arrival("2027Q3", 2.0), _arrival("2027Q4", 0.0, early=3.0)]
    # What is left (1 million) came in 2027Q3 and works to the end of 2028Q2.
    assert working_by_year(rows, 12, _quarters(6)) == (1.0, 1.0)
    assert working_by_year(rows, 12, _quarters(7)) == (1.0, 0.0)


def test_tightest_row_of_a_year_is_shown_and_binding_rows_are_counted():
    rows = [
        LimitUse("chip_supply", "C1", "2027Q1", 0.5, 1.0, 0.5, "chips_million", False),
        LimitUse("chip_supply", "C1", "2027Q2", 1.0, 1.0, 0.0, "chips_million", True),
        LimitUse("chip_supply", "C1", "2028Q1", 0.0, 0.0, 0.0, "chips_million", False),
        LimitUse("sovereignty", "eu/work", "2028", 0.8, 0.4, 0.4, "h100e_million_years", False),
    ]
    supply, sovereignty = constraint_views(make.instance(), rows)
    assert [(y.year, y.when, y.share, y.binding_rows, y.rows) for y in supply.years] == [
        (2027, "2027Q2", 1.0, 1, 2),
        (2028, "2028Q1", None, 0, 1),
    ]
    assert supply.binding_years == (2027,)
    assert sovereignty.floor
    assert sovereignty.years[0].share == pytest.approx(0.5)
    assert sovereignty.years[0].slack == pytest.approx(0.4)


def test_limits_are_called_by_the_names_of_the_instance():
    instance = make.instance(
        sites=[make.site("alpha").model_copy(update={"name": "Alpha Park (Builder)"})],
        chips=[make.chip("C1").model_copy(update={"name": "Chip One"})],
        grid_regions=[make.grid_region("grid").model_copy(update={"name": "Northern Grid"})],
        demand_regions=[make.region("europe").model_copy(update={"name": "Europe, all"})],
        limits=[make.limit("wells", "water_million_m3", "basin:upper_gila", 2027, 1),
                make.limit("pipes", "gas_gw", "grid:grid", 2027, 1), make.limit("air", "carbon_mt", "*", 2027, 1)],
    )  # fmt: skip
    expected = {
        ("water_million_m3", "wells"): "wells, basin upper gila",
        ("gas_gw", "pipes"): "pipes, grid region grid",
        ("carbon_mt", "air"): "air",
        ("slots", "wells"): "wells",
        ("chip_supply", "C1"): "Chip One",
        ("grid_headroom", "grid"): "Northern Grid",
        ("sovereignty", "europe/work"): "Europe, all, work",
        ("technology_limits", "alpha/gas_engine"): "gas engine at Alpha Park",
        ("slots", "hv_transformers"): "hv transformers",
        ("carbon_mt", "C1"): "C1",
    }
    assert {key: limit_label(instance, *key) for key in expected} == expected


def test_technologies_of_campuses_are_shown_where_they_bind():
    def use(name, binding):
        return LimitUse("technology_limits", name, "2027", 1.0, 1.0 + (not binding), float(not binding), "gw", binding)

    uses = [use("alpha/sun", False), use("alpha/wind", False), use("alpha/wind", True)]
    (shown,) = constraint_views(make.instance(), uses)
    assert shown.name == "alpha/wind"


def test_deny_rules_are_shown_without_numbers():
    rules = [make.rule("no", title="No flow"), make.rule("cap", "cap_stock", quantity=2.0, measure="chips_million")]
    uses = [PolicyUse("cap", "cap_stock", "", "", "2027Q1", 1.0, 2.0, 1.0, "chips_million", False)]
    instance = make.instance(
        settings=make.settings(policy={"regime": "test"}), rules=rules, regimes=[make.regime(r.rule) for r in rules]
    )
    deny, cap = rule_views(instance, uses)
    assert deny.years == ()
    assert cap.years[0].share == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Stargate Abilene (Crusoe/Lancium; Oracle lease)", "Stargate Abilene"),
        ("Galaxy Helios, Dickens County", "Galaxy Helios"),
        ("Vantage Lighthouse and Stargate Wisconsin Campus", "Vantage Lighthouse and…"),
        ("(odd) name", "(odd) name"),
        ("line\nbreak\x00and\u202eturn", "line break and turn"),
    ],
)
def test_names_are_cut_for_the_map(name, expected):
    assert shorten(name) == expected
