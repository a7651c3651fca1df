"""The world plan as an expert would check it: orders of magnitude, dates, and who has what."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from pathlib import Path

import pytest

from optimizer.instance import load_instance
from optimizer.plan.audit import audit_plan
from optimizer.plan.reader import read_plan
from optimizer.plan.scarcity import scarcity_by_year
from optimizer.power.join import load_powered
from optimizer.run import run_instance

WORLD = Path(__file__).parents[1] / "instances" / "world-2026"
GULF = {"ARE", "SAU", "QAT", "KWT", "OMN", "BHR"}
NORDICS = {"NOR", "SWE", "FIN", "DNK", "ISL"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """Result folder of a solve to 2 %."""
    instance = load_powered(WORLD, changes=["solver.gap = 0.02", "solver.time_limit_seconds = 600"]).instance
    folder = tmp_path_factory.mktemp("world") / "plan"
    run = run_instance(instance, folder, observer=lambda _: None, stop=threading.Event(), draw=None)
    assert run.exit_code == 0, run.explanation
    return folder


@pytest.fixture(scope="module")
def tables(result):
    return read_plan(result)


@pytest.fixture(scope="module")
def manifest(result):
    return json.loads((result / "manifest.json").read_text())


@pytest.fixture(scope="module")
def gw_by_country(tables):
    gw: dict[str, float] = defaultdict(float)
    for row in tables.sites:
        gw[row.country] += row.it_gw_end
    return gw


def test_the_plan_is_proven_and_survives_a_second_audit(result, tables, manifest):
    assert manifest["status"] == "optimal"
    assert 0 <= manifest["gap_rel"] <= 0.02
    assert audit_plan(load_instance(result / "instance"), tables, manifest).ok


def test_a_gigawatt_costs_40_to_80_billion_and_chips_are_most_of_it(tables):
    phases = [row for row in tables.phases if not row.fact]
    shell = sum(row.opening_cost_busd + row.module_cost_busd for row in phases) / sum(row.it_gw for row in phases)
    power = sum(row.capex_busd for row in tables.power) / sum(row.it_gw for row in tables.phases)
    chips = sum(row.cost_busd + row.taxes_busd for row in tables.chips) / sum(row.installed_gw for row in tables.chips)
    assert 40 <= shell + power + chips <= 80
    assert 0.50 <= chips / (shell + power + chips) <= 0.70


def test_a_decade_costs_trillions_and_a_gigawatt_makes_trillions_of_tokens(manifest):
    head = manifest["headline"]
    assert 2_000 <= head["capex_busd"] <= 10_000
    assert head["tokens_trillion_per_month_end"] / head["gw_online_end"] >= 1


def test_no_site_is_energised_before_its_power(tables):
    assert tables.operations
    for row in tables.operations:
        assert row.firm_power_gw >= row.peak_load_gw - 1e-6, (row.site, row.period)
        if row.installed_gw > 1e-6:
            assert row.power_capacity_gw > 0, (row.site, row.period)


def test_gigawatts_lie_where_an_expert_expects_them(gw_by_country):
    total = sum(gw_by_country.values())
    ranked = sorted(gw_by_country, key=gw_by_country.__getitem__, reverse=True)
    assert 50 <= total <= 200
    assert ranked[:2] == ["USA", "CHN"]
    assert 0.35 <= gw_by_country["USA"] / total <= 0.65
    assert 0.08 <= gw_by_country["CHN"] / total <= 0.30
    assert all(gw_by_country[country] <= 0.12 * total for country in ranked[2:])
    assert 2 <= sum(gw_by_country[country] for country in GULF) <= 20
    assert 2 <= sum(gw_by_country[country] for country in NORDICS) <= 15
    assert sum(1 for gw in gw_by_country.values() if gw > 0) >= 12


def test_scarcity_moves_over_the_decade(tables):
    scarce = {row.year: set(row.scarce) for row in scarcity_by_year(tables)}
    named = set().union(*scarce.values())
    assert {"chips", "capital", "power", "rules"} <= named
    assert scarce[min(scarce)] != scarce[max(scarce)]


def test_capacity_on_line_is_filled(tables):
    last = [row for row in tables.operations if row.period == "2034Q4"]
    assert sum(row.installed_gw for row in last) >= 0.9 * sum(row.online_gw for row in last)


def test_power_is_what_an_energy_planner_expects(manifest):
    """Mostly grid and gas, sun where it is cheap, at what large customers pay; new plants run on less carbon."""
    power = manifest["power"]
    mix = power["mix_twh"]
    assert 45 <= power["delivered_usd_per_mwh"] <= 75
    assert 0.25 <= power["carbon_t_per_mwh"] <= 0.45
    assert 0.05 <= power["clean_share"] <= 0.35

    def share(*words):
        return sum(twh for source, twh in mix.items() if any(word in source for word in words)) / power["energy_twh"]

    assert 0.25 <= share("grid_firm", "grid_interruptible") <= 0.60
    assert 0.25 <= share("gas_", "fuel_cell") <= 0.60
    assert 0.03 <= share("solar", "wind") <= 0.30
    assert share("nuclear", "geothermal") <= 0.05
    assert power["bridged_sites"] >= 3
    assert 6 <= power["months_gained"] / power["bridged_sites"] <= 48


def test_every_hour_of_the_year_costs_about_what_the_plan_says(manifest):
    check = manifest["power"]["full_year"]
    assert check["sites"] >= 20
    assert check["energy_share"] >= 0.10
    assert check["most_dearer_share"] <= 0.05
    assert check["unserved_twh"] <= 1e-4 * manifest["power"]["energy_twh"]


def test_technologies_take_their_time(tables, result):
    """No turbine of a campus's own, but contracted ones, before two years have passed; engines sooner."""
    instance = load_instance(result / "instance")
    turbines = {
        (part.site, part.option) for part in instance.portfolio_parts if part.technology.startswith("gas_turbine")
    }
    first = min(row.period for row in tables.power if (row.site, row.option) in turbines)
    assert first >= "2029"
