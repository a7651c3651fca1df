"""Water of a basin: cooling and power of the sites that draw from it, counted year by year (SEMANTICS 8.2, 8.3)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings

from optimizer.instance.instance import Instance
from optimizer.instance.schema import Limit
from optimizer.plan.audit import audit_plan
from optimizer.plan.power_outcome import PowerOutcome
from optimizer.plan.power_summary import power_lines
from optimizer.studies.limit_index import limit_rows
from tests import instances as make
from tests.model.golden import family_text
from tests.solving import solve_small
from tests.strategies import instances

EXACT = 1e-9
REVENUE = 17.52
YEARS = (2027, 2028)


def three_sites(first: float, second: float) -> Instance:
    """1 GW each. Alpha (cooled) and beta (its plant drinks twice as much) draw from the Gila, gamma from the Rio."""
    return make.instance(
        settings=make.settings(count=2),
        sites=[
            make.site("alpha", water_m3_per_mwh=0.5, basin="gila"),
            make.site("beta", basin="gila"),
            make.site("gamma", water_m3_per_mwh=0.5, basin="rio"),
        ],
        power_options=[
            make.power_option("alpha"),
            make.power_option("beta", water_m3_per_mwh=1.0),
            make.power_option("gamma"),
        ],
        chip_supply=[make.supply(during=str(year), units=3_000_000) for year in YEARS],
        demand=[make.demand(year=year, quantity_h100e_million=3) for year in YEARS],
        limits=[
            make.limit("wells", "water_million_m3", "basin:gila", 2027, first),
            make.limit("wells", "water_million_m3", "basin:gila", 2028, second),
            make.limit("river", "water_million_m3", "basin:rio", 2027, 5),
        ],
    )


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_basin_holds_its_sites_to_its_water_in_each_year(quarters: int) -> None:
    """Of the 13.14 Mm3 that both would take in 2027 a quarter of beta's 8.76 is there; 2028 has plenty.

    Beta's module costs 10 and each of its chips earns 17.52 a year, less 10 once: it takes more than a year.
    """
    beta = quarters / 4
    solved = solve_small(three_sites(4.38 + 8.76 * beta, 20))
    by_hand = 2 * (2 * REVENUE - 20) + max(0.0, (1 + beta) * REVENUE - 20)
    assert solved.objective == pytest.approx(by_hand, abs=EXACT)
    uses = {(row.name, row.when): row for row in solved.tables.limits if row.family == "water_million_m3"}
    assert uses["wells", "2027"].used == pytest.approx(4.38 + 8.76 * beta)
    assert uses["wells", "2028"].used == pytest.approx(13.14 if quarters else 4.38)
    assert uses["river", "2027"].used == pytest.approx(4.38)
    assert [key for key, row in uses.items() if row.binding] == [("wells", "2027")]
    assert audit_plan(solved.instance, solved.tables).ok


def test_water_is_worth_what_the_thirstiest_site_earns_with_it() -> None:
    """A million m3 more cools 1 / 8.76 GW at beta: 2 B USD."""
    step = 1e-3
    more, less = (solve_small(three_sites(6.57 + move, 20)).objective for move in (step, -step))
    assert (more - less) / (2 * step) == pytest.approx(REVENUE / 8.76, rel=1e-6)


def test_a_plan_that_draws_too_much_from_a_basin_fails_its_audit() -> None:
    """The audit reads the basin on its own path: only the basin that is overdrawn is named."""
    solved = solve_small(three_sites(20, 20))
    dry = three_sites(13.13, 20)
    failures = audit_plan(dry, solved.tables).failures
    assert {failure.check for failure in failures} == {"limits.water_million_m3", "limits.limit"}
    assert all("wells" in failure.key for failure in failures)


def test_the_basin_that_binds_is_told_by_its_name() -> None:
    given_instance = three_sites(6.57, 20)
    solved = solve_small(given_instance)
    rows = limit_rows(solved.model, solved.form)
    assert {row.limit.words for row in rows if row.limit.family == "water_million_m3"} == {
        "water limit wells (basin gila)",
        "water limit river (basin rio)",
    }
    told = PowerOutcome.of(given_instance, solved.tables).as_dict()
    water = [row for row in told["binding"] if row["family"] == "water_million_m3"]
    assert water == [{"family": "water_million_m3", "name": "wells", "where": "basin gila", "years": ["2027"]}]
    assert "Limits on water that bind: wells (basin gila) 2027" in map(str, power_lines(told))


def with_water(instance: Instance, scopes: dict[str, str], value: float) -> Instance:
    """Water limits alone, one for each scope in every year; sites keep their basins."""
    rows = [
        make.limit(name, "water_million_m3", scope, year, value)
        for name, scope in scopes.items()
        for year in instance.calendar.years
    ]
    assert all(isinstance(row, Limit) for row in rows)
    return replace(instance, limits=tuple(rows))


@settings(max_examples=15, deadline=None)
@given(instance=instances(objective="npv"))
def test_basins_part_the_water_of_the_world(instance: Instance) -> None:
    """A basin is any set of sites: of one grid region it means that region, and all basins together use everything."""
    sites = tuple(site.model_copy(update={"basin": site.grid_region}) for site in instance.sites)
    regions = sorted({site.grid_region for site in sites})
    by_basin = with_water(replace(instance, sites=sites), {name: f"basin:{name}" for name in regions}, 4.0)
    by_grid = with_water(instance, {name: f"grid:{name}" for name in regions}, 4.0)
    assert family_text(by_basin, "water_million_m3") == family_text(by_grid, "water_million_m3")
    whole = {"world": "*", **{name: f"basin:{name}" for name in regions}}
    solved = solve_small(with_water(replace(instance, sites=sites), whole, 100.0))
    assume(solved.feasible)
    used = {(row.name, row.when): row.used for row in solved.tables.limits if row.family == "water_million_m3"}
    for year in map(str, instance.calendar.years):
        assert sum(used[name, year] for name in regions) == pytest.approx(used["world", year], abs=1e-9)
    most = max((used[name, year] for name in regions for year in map(str, instance.calendar.years)), default=0.0)
    tight = solve_small(with_water(replace(instance, sites=sites), whole, most / 2))
    if tight.feasible:
        assert tight.solution.incumbent <= solved.solution.incumbent + 1e-6 * max(1.0, abs(solved.solution.incumbent))
        assert audit_plan(tight.instance, tight.tables).ok
