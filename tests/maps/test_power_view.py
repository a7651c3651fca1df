"""Power by source in what the maps show: as the tables about power say, down to the parts of computed options."""

from __future__ import annotations

import dataclasses

import pytest

from maps import plan_view
from maps.names import POWER_KINDS, POWER_SOURCES, source_look
from optimizer.plan.full_year import FullYearCheck
from optimizer.plan.power_report import PowerReport
from optimizer.plan.tables import LoadService
from tests import instances as make
from tests.maps.plans import make_plan

TECHNOLOGIES = (
    make.technology("engine", kind="gas_engine"),
    make.technology("sun", kind="solar", clean=True),
    make.technology("old_wind", kind="onshore_wind", clean=True),
    make.technology("new_wind", kind="onshore_wind", clean=True),
    make.technology("battery", kind="lithium_storage"),
)
PARTS = {"engine": (0.7, 0.0, 0.6), "sun": (0.9, 0.0, 0.3), "new_wind": (0.4, 0.0, 0.2), "battery": (0.3, 1.2, 0.1)}


@pytest.fixture(scope="module")
def made():
    return make_plan(16)


@pytest.fixture(scope="module")
def report(made):
    return PowerReport(made.instance, made.tables)


@pytest.fixture(scope="module")
def view(made):
    return plan_view(made.instance, made.tables, made.manifest)


def with_parts(made):
    """The same plan, with one option of the first site with power computed from technologies."""
    row = made.tables.energy[0]
    parts = tuple(
        make.portfolio_part(row.site, row.option, name, mw_per_mw=mw, storage_mwh_per_mw=held, mwh_per_mwh=mwh)
        for name, (mw, held, mwh) in PARTS.items()
    )
    return row, dataclasses.replace(made.instance, technologies=TECHNOLOGIES, portfolio_parts=parts)


def test_years_of_a_site_are_those_of_the_report(report, view):
    rows = {(row.site, row.year): row for row in report.years()}
    assert rows
    for site in view.sites:
        for at, year in enumerate(view.years):
            row, supply = rows.get((site.site, year)), site.supply
            if row is None:
                assert supply is None or supply.delivered.usd_per_mwh[at] is None
                continue
            found = supply.delivered
            assert found.usd_per_mwh[at] == row.delivered_usd_per_mwh
            assert found.carbon_t_per_mwh[at] == row.carbon_t_per_mwh
            assert found.clean_share[at] == row.clean_share
            assert supply.interrupted_hours[at] == row.interrupted_hours
            assert sum(part.values[at] for part in site.energy_twh) == pytest.approx(row.energy_twh)


def test_averages_are_by_energy(made, view):
    for at, year in enumerate(view.years):
        rows = [row for row in made.tables.energy if row.year == year]
        energy = sum(row.energy_twh for row in rows)
        assert view.supply.delivered.carbon_t_per_mwh[at] == pytest.approx(sum(row.carbon_mt for row in rows) / energy)
    energy = sum(row.energy_twh for row in made.tables.energy)
    assert view.supply.energy_twh == pytest.approx(energy)
    assert view.supply.carbon_t_per_mwh == pytest.approx(sum(row.carbon_mt for row in made.tables.energy) / energy)


def test_months_gained_are_those_of_the_report(report, view):
    rows = {row.site: row for row in report.energisations()}
    assert {site.site for site in view.sites if site.supply} == rows.keys()
    for site in view.sites:
        if site.supply:
            row, bridge = rows[site.site], site.supply.bridge
            assert (bridge.energised, bridge.without, bridge.months_gained) == (
                row.energised, row.without_bridge, row.months_gained
            )  # fmt: skip
            assert bridge.sources == row.bridge.replace("_", " ").replace("+", ", ")
    gained = [row.months_gained for row in rows.values() if row.months_gained]
    assert (view.supply.bridged_sites, view.supply.months_gained) == (len(gained), sum(gained))
    assert gained


def test_computed_options_are_told_by_their_technologies(made, view):
    row, instance = with_parts(made)
    site = next(s for s in plan_view(instance, made.tables, made.manifest).sites if s.site == row.site)
    before = next(s for s in view.sites if s.site == row.site)
    other = {part.key: part.values for part in site.energy_twh}
    given = next(part for part in before.energy_twh if part.key == row.kind)
    for name, (_, _, share) in PARTS.items():
        if name == "battery":
            assert name not in other, "storage makes nothing"
        else:
            assert other[name] == pytest.approx([share * value for value in given.values])
    capacity = {part.key: part.values for part in site.power_gw}
    held = next(part for part in before.power_gw if part.key == row.kind)
    for name, (mw, _, _) in PARTS.items():
        assert capacity[name] == pytest.approx([mw * value for value in held.values])
    assert row.kind not in capacity


def test_sources_are_named_by_what_they_are_unless_two_are_alike(made):
    _, instance = with_parts(made)
    view = plan_view(instance, made.tables, made.manifest)
    found = {source.key: source for source in view.power_sources}
    assert found["sun"].label == "sun"
    assert found["engine"].label == "gas engine"
    assert found["new_wind"].label == "new wind"
    assert [source.key for source in view.power_sources if source.stores] == ["battery"]
    order = [kind for kind, *_ in POWER_SOURCES]
    places = [order.index(source.kind) for source in view.power_sources]
    assert places == sorted(places)


def test_every_kind_has_its_colour_and_no_two_technologies_look_alike_unless_they_are():
    assert all(source_look(kind) == (colour, False) for kind, _, colour in POWER_KINDS)
    looks: dict[tuple[str, bool], set[str]] = {}
    for kind, label, colour, hatched in POWER_SOURCES:
        looks.setdefault((colour, hatched), set()).add(label)
        assert source_look(kind) == (colour, hatched)
    # Kinds of given options and technologies do not meet at one campus: only there two may look alike.
    shared = {frozenset(labels) for labels in looks.values() if len(labels) > 1}
    assert shared == {
        frozenset({"nuclear", "large nuclear"}),
        frozenset({"renewables + storage", "wind"}),
        frozenset({"hydro", "hydro contract"}),
        frozenset({"gas turbine", "open-cycle gas"}),
    }
    assert len({label for _, label, _, _ in POWER_SOURCES}) == len(POWER_SOURCES)


def test_hours_of_the_year_stand_at_their_site(made):
    row = made.tables.energy[0]
    check = FullYearCheck(row.site, row.year, row.energy_twh, 0.002, 1.0, -0.5, -0.054, 3.0, 0.25)
    view = plan_view(made.instance, made.tables, made.manifest, (check,))
    site = next(site for site in view.sites if site.site == row.site)
    (hours,) = site.supply.hours
    assert dataclasses.astuple(hours) == (row.year, 0.002, -0.054, 0.25)
    found = view.supply.hours
    assert (found.sites, found.unserved_twh, found.cost_difference_busd) == (1, 0.002, -0.5)
    assert found.most_cheaper_share == 0.054
    assert found.warnings == 1, "cheaper than the tolerance allows and short of energy: one campus and year"


def test_options_that_the_instance_lacks_leave_costs_unknown(made):
    instance = dataclasses.replace(made.instance, power_options=())
    view = plan_view(instance, made.tables, made.manifest)
    assert view.supply is None
    assert all(site.supply is None for site in view.sites)
    total = sum(sum(part.values) for part in view.totals.energy_twh)
    assert total == pytest.approx(sum(row.energy_twh for row in made.tables.energy))


def test_hours_of_cuts_are_those_of_the_report(made):
    """Load of one campus is cut; all others have no such numbers."""
    row = made.tables.energy[0]
    needs = make.power_needs(row.site, curtailment_depth=0.5, curtailment_cost_usd_per_mwh=10)
    cut = LoadService(row.site, row.option, row.year, row.energy_twh / 0.98, row.energy_twh / 49, 0.1, 0.0)
    instance = dataclasses.replace(made.instance, power_needs=(needs,))
    tables = dataclasses.replace(made.tables, load_service=(cut,))
    view = plan_view(instance, tables, made.manifest)
    supplies = {site.site: site.supply for site in view.sites if site.supply}
    at = view.years.index(row.year)
    (year,) = (y for y in PowerReport(instance, tables).years() if (y.site, y.year) == (row.site, row.year))
    assert supplies[row.site].cut_hours[at] == year.cut_hours > 0
    assert year.cut_hours == pytest.approx(8760 * year.cut_twh / (year.energy_twh + year.cut_twh) / 0.5)
    assert {supply.cut_hours for site, supply in supplies.items() if site != row.site} == {()}
