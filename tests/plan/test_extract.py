"""The plan tables say what the model decided, and cost what it says."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from optimizer.instance import instance_hash
from optimizer.instance.instance import Instance
from optimizer.plan.audit import audit_plan
from optimizer.plan.manifest import SolveFacts, build_manifest
from tests import instances as make
from tests.random_instances import random_instance
from tests.solving import Solved, solve_small

EXACT = 1e-9
NOT_A_COST = {"revenue", "serving"}


def objective_of_tables(solved: Solved) -> float:
    """Objective of SEMANTICS 9 computed from the tables alone."""
    instance, tables = solved.model.context.instance, solved.tables
    match instance.settings.objective:
        case "npv":
            return solved.npv
        case "cost":
            return sum(row.pv_busd for row in tables.cash if row.category not in NOT_A_COST)
        case _:
            years = dict(zip(instance.calendar.labels, map(instance.calendar.years_in, instance.calendar), strict=True))
            return sum(row.compute_h100e_million * years[row.period] for row in tables.operations)


@pytest.mark.parametrize("objective", ["npv", "cost", "compute"])
@pytest.mark.parametrize("seeds", [range(200, 225), range(225, 250)], ids=str)
def test_the_tables_add_up_to_the_objective(objective: str, seeds: range) -> None:
    built = 0
    for seed in seeds:
        solved = solve_small(random_instance(random.Random(seed), objective=objective))
        if solved.feasible:
            found = objective_of_tables(solved)
            assert found == pytest.approx(solved.solution.incumbent, rel=EXACT, abs=1e-7), f"seed {seed}"
            built += bool(solved.modules())
    assert built >= 2


def audited(instance: Instance, solved: Solved) -> None:
    facts = SolveFacts(
        status="optimal",
        stopped_because="",
        objective=solved.solution.incumbent,
        bound=solved.solution.bound,
        seconds={},
        size={},
    )
    manifest = build_manifest(
        name=instance.name,
        sha256=instance_hash(instance),
        objective=instance.settings.objective,
        facts=facts,
        tables=solved.tables,
        audit=None,
        vacuous=[],
    )
    report = audit_plan(instance, solved.tables, manifest)
    assert report.ok, "\n".join(report.lines())


@pytest.mark.parametrize("seeds", [range(300, 340), range(340, 380)], ids=str)
def test_the_audit_agrees_with_every_table(seeds: range) -> None:
    """Two programs written apart from SEMANTICS agree on all numbers of plans with every feature."""
    for seed in seeds:
        instance = random_instance(random.Random(seed))
        solved = solve_small(instance)
        if solved.feasible:
            audited(instance, solved)


@pytest.mark.parametrize("seed", range(400, 415))
def test_fractions_of_modules_cost_what_the_model_says(seed: int) -> None:
    """Openings included: each module pays its share (SEMANTICS 2.6)."""
    instance = random_instance(random.Random(seed), objective="npv", model={"integer_modules": False})
    solved = solve_small(instance)
    if solved.feasible:
        assert solved.npv == pytest.approx(solved.solution.incumbent, rel=EXACT, abs=1e-7)
        audited(instance, solved)


@pytest.mark.parametrize("seed", range(415, 435))
def test_plans_with_late_fractions_pass_the_audit(seed: int) -> None:
    """Whole up to the first period, fractions and parts of openings after it (SEMANTICS 2.9)."""
    instance = random_instance(random.Random(seed), objective="npv", model={"integer_until": "2027"})
    if instance.calendar.periods[0].end != instance.settings.model.integer_until.end:  # half-years
        first = instance.calendar.labels[0]
        instance = random_instance(random.Random(seed), objective="npv", model={"integer_until": first})
    solved = solve_small(instance)
    if solved.feasible:
        assert solved.npv == pytest.approx(solved.solution.incumbent, rel=EXACT, abs=1e-7)
        audited(instance, solved)


def test_a_demand_that_ends_before_the_plan_leaves_no_tokens_in_the_headline() -> None:
    instance = make.instance(demand=[make.demand(year=2027, price_usd_per_h100e_hour=4), make.demand(year=2028)])
    solved = solve_small(instance)
    assert solved.modules()
    audited(instance, solved)


# Zones


def _twins() -> Instance:
    """Two sites that only their power and their operators tell apart, two chips, scarce power and chips."""
    sites = [
        make.site("alpha", max_modules=2, module_mw=500, operator="Alef", pue_peak=1.2),
        make.site("beta", max_modules=3, module_mw=400, operator="Bet", lead_months=12),
    ]
    chips = [make.chip("C1", life_months=24), make.chip("C2", performance_h100e=2, it_power_kw=1.5, life_months=24)]
    return make.instance(
        settings=make.settings(months=6, count=6, decision_every_months=6, finance={"discount_rate": 0.08},
                               policy={"regime": "test"}),
        sites=sites,
        chips=chips,
        chip_supply=[make.supply(c.chip, str(year), units=400_000) for c in chips for year in (2027, 2028, 2029)],
        power_options=[
            make.power_option("alpha", max_mw=900, energy_usd_per_mwh=60),
            make.power_option("beta", max_mw=900, energy_usd_per_mwh=40),
        ],
        demand=[make.demand(year=year, quantity_h100e_million=3, price_usd_per_h100e_hour=3)
                for year in (2027, 2028, 2029)],
    )  # fmt: skip


def test_sites_in_one_zone_earn_what_they_earn_apart() -> None:
    """A rule that names an operator without ever binding takes the twins into two zones (zones.py)."""
    together = _twins()
    rule = make.rule("R", "cap_cumulative", operators="Alef", quantity=1000, measure="chips_million")
    apart = replace(together, rules=(rule,), regimes=(make.regime("R"),))
    shared, split = solve_small(together), solve_small(apart)
    assert [len(zone.sites) for zone in shared.model.context.zones] == [2]
    assert [len(zone.sites) for zone in split.model.context.zones] == [1, 1]
    assert shared.objective == pytest.approx(split.objective, rel=1e-7)
    assert {site for site, _ in shared.modules()} == {"alpha", "beta"}
    for solved, instance in ((shared, together), (split, apart)):
        audited(instance, solved)


def test_a_zones_chips_are_split_by_the_power_that_each_site_gains() -> None:
    solved = solve_small(_twins())
    chips = {chip.chip: chip.it_power_kw for chip in solved.model.context.instance.chips}
    zone = solved.model.context.zones[0].name
    installed = solved.installed()
    for label, t in ((t.label, t) for t in solved.model.context.timing.periods):
        for chip in chips:
            placed = solved.model.pyomo.installed
            in_model = placed[zone, chip, t].value if (zone, chip, t) in placed else 0
            total = sum(count for (_, c, period), count in installed.items() if (c, period) == (chip, label))
            assert total == pytest.approx(in_model, abs=1e-8)
        for site in ("alpha", "beta"):
            gained = sum(chips[c] * n for (s, c, period), n in installed.items() if (s, period) == (site, label))
            arriving = solved.model.pyomo.arriving_gw
            in_model = arriving[site, 24, t].value if (site, 24, t) in arriving else 0
            assert gained == pytest.approx(in_model, abs=1e-8)


# Objectives


def test_cost_buys_just_the_compute_that_is_required() -> None:
    """Money later costs less, so that nothing is bought before it must be."""
    required, rate = {2027: 0.0, 2028: 0.4, 2029: 0.7}, 0.1
    instance = make.instance(
        settings=make.settings(objective="cost", finance={"discount_rate": rate}),
        required_compute=[make.required_compute(year, h100e) for year, h100e in required.items()],
        demand=[make.demand(year=year, price_usd_per_h100e_hour=100) for year in required],
    )
    solved = solve_small(instance)
    compute = {row.period: row.compute_h100e_million for row in solved.tables.operations}
    assert [compute.get(str(year), 0.0) for year in required] == pytest.approx(list(required.values()), abs=EXACT)
    assert solved.objective == pytest.approx(-(10 + 4) * (1 + rate) ** -1.5 - 3 * (1 + rate) ** -2.5)
    floors = {row.when: row.used for row in solved.tables.limits if row.family == "required_compute"}
    assert floors == pytest.approx({str(year): h100e for year, h100e in required.items()}, abs=EXACT)


def test_compute_installs_all_it_can_whatever_the_price() -> None:
    instance = make.instance(
        settings=make.settings(objective="compute"),
        chip_supply=[make.supply(during=str(year), units=300_000) for year in (2027, 2028, 2029)],
        demand=[make.demand(year=year, price_usd_per_h100e_hour=0.01) for year in (2027, 2028, 2029)],
    )
    solved = solve_small(instance)
    assert solved.objective == pytest.approx(0.3 + 0.6 + 0.9)
    assert [row.compute_h100e_million for row in solved.tables.operations] == pytest.approx([0.3, 0.6, 0.9])


# Early retirement


def test_chips_sold_early_are_in_the_tables_with_their_proceeds() -> None:
    """A better chip in the second year takes the only gigawatt; the first is sold at half its price."""
    chips = [
        make.chip("old", end_of_sale="2028", resale_curve="used"),
        make.chip("new", release="2028", performance_h100e=4),
    ]
    instance = make.instance(
        settings=make.settings(count=2, model={"early_retirement": True}),
        committed=[make.committed()],
        chips=chips,
        resale_curves=[make.resale("used", 0, 1), make.resale("used", 24, 0.5), make.resale("used", 36, 0)],
        demand=[make.demand(year=year, quantity_h100e_million=10) for year in (2027, 2028)],
    )
    solved = solve_small(instance)
    rows = {(row.chip, row.period): row for row in solved.tables.chips}
    assert rows["old", "2027"].installed_million == pytest.approx(1)
    assert rows["old", "2028"].retired_early_million == pytest.approx(1)
    assert rows["old", "2028"].resale_busd == pytest.approx(5)
    assert rows["new", "2028"].installed_million == pytest.approx(1)
    assert solved.cash("chip_resale") == pytest.approx(5)
    assert solved.objective == pytest.approx(17.52 * 5 - 20 + 5)
    audited(instance, solved)
