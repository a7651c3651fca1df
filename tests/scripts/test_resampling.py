"""Instances of any size: reproducible, valid, in proportion, and solvable."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from optimizer.instance import load_instance, write_instance
from optimizer.instance.checks import check_instance
from optimizer.instance.codes import Code, Severity
from optimizer.instance.periods import make_calendar
from optimizer.power.join import load_powered
from scripts.resampling.build import Size, SizeError, draw_instance
from scripts.resampling.chips import supplied_gw
from scripts.resampling.draw import Draw
from scripts.resampling.given_power import with_given_power
from scripts.resampling.shared import known_owners
from scripts.resampling.sites import Growth, draw_sites
from tests.instances import base
from tests.solving import solve_small

WORLD = Path(__file__).parents[2] / "instances" / "world-2026"


@pytest.fixture(scope="module")
def world():
    return load_powered(WORLD).instance


def drawn(world, sites, chips, quarters, seed=1):
    return draw_instance(world, Size(sites, chips, quarters, seed))


def texts(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(world, tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        write_instance(drawn(world, 12, 5, 24, seed), tmp_path / name)
    assert texts(tmp_path / "a") == texts(tmp_path / "b")
    assert texts(tmp_path / "a")["sites.csv"] != texts(tmp_path / "c")["sites.csv"]
    assert texts(tmp_path / "a")["chips.csv"] != texts(tmp_path / "c")["chips.csv"]


@pytest.mark.parametrize(
    ("sites", "chips", "quarters", "seed"),
    [(1, 2, 16, 1), (1, 2, 17, 2), (7, 3, 20, 3), (20, 6, 24, 1), (60, 40, 40, 5), (170, 26, 60, 6), (35, 70, 30, 7)],
)
def test_what_is_drawn_has_the_size_asked_for_and_no_error(world, sites, chips, quarters, seed):
    instance = drawn(world, sites, chips, quarters, seed)
    assert (len(instance.sites), len(instance.chips), len(instance.calendar)) == (sites, chips, quarters)
    assert len({site.site for site in instance.sites}) == sites
    assert len({chip.chip for chip in instance.chips}) == chips
    findings = check_instance(instance)
    assert [str(finding) for finding in findings if finding.severity is Severity.ERROR] == []


def test_what_was_computed_may_cost_less_than_anyone_would_type(world, tmp_path):
    cheap = tuple(
        option.model_copy(update={"energy_usd_per_mwh": 0.02, "carbon_t_per_mwh": 1e-5})
        for option in world.power_options
    )
    instance = drawn(replace(world, power_options=cheap), 9, 4, 20)
    write_instance(instance, tmp_path / "drawn")
    assert load_instance(tmp_path / "drawn").power_options == instance.power_options
    assert {finding.severity for finding in check_instance(instance) if finding.code is Code.ENERGY_PRICE_SIZE} == {
        Severity.WARNING
    }


def test_what_is_written_can_be_read(world, tmp_path):
    instance = drawn(world, 9, 4, 20)
    write_instance(instance, tmp_path / "drawn")
    assert load_instance(tmp_path / "drawn").sites == instance.sites


def test_countries_keep_their_shares(world):
    before, after = (Counter(site.country for site in sites) for sites in (world.sites, drawn(world, 462, 2, 16).sites))
    assert before.keys() == after.keys()
    assert all(after[country] == 3 * number for country, number in before.items())


def test_numbers_differ_from_the_original_but_not_by_much(world):
    originals = world.site_by_id
    ratios = [
        site.module_cost_usd_per_kw / originals[site.site].module_cost_usd_per_kw
        for site in drawn(world, len(world.sites), 2, 40).sites
    ]
    assert len(set(ratios)) > 100
    assert 0.97 < sum(ratios) / len(ratios) < 1.03
    assert 0.6 < min(ratios) < max(ratios) < 1.6


def test_power_suffices_as_it_did_in_the_world(world):
    given = with_given_power(world)
    instance = drawn(world, 200, 2, 40)
    for site in instance.sites:
        carried = sum(option.max_mw * option.firm_credit for option in instance.options_of_site[site.site])
        original = site.site.rpartition("-")[0] if site.site not in world.site_by_id else site.site
        before = sum(option.max_mw * option.firm_credit for option in given.options_of_site[original])
        size = world.site_by_id[original].module_mw * world.site_by_id[original].max_modules
        assert carried / (site.module_mw * site.max_modules) == pytest.approx(before / size, rel=1e-3)


def test_what_is_shared_grows_with_the_sites(world):
    size = Size(300, 9, 40, 2)
    instance = draw_instance(world, size)
    growth = Growth.of(world, draw_sites(world, 300, instance.calendar, Draw.of(2, "sites")))
    assert 1.5 < growth.total < 2.5

    def total(rows, column, **wanted):
        return sum(getattr(row, column) for row in rows if all(getattr(row, k) == v for k, v in wanted.items()))

    for table, column in (("demand", "quantity_h100e_million"), ("slots", "mw"), ("installed_base", "h100e_million")):
        before, after = (total(getattr(i, table), column) for i in (world, instance))
        assert after / before == pytest.approx(growth.total, rel=1e-3)
    for pool, factor in growth.by_pool.items():
        before, after = (total(i.budgets, "capital_busd", pool=pool) for i in (world, instance))
        assert after / before == pytest.approx(factor, rel=1e-3)
    shares = {row.limit: row.value for row in world.limits if row.kind == "capital_share" and row.year == 2030}
    assert shares == {
        row.limit: row.value for row in instance.limits if row.kind == "capital_share" and row.year == 2030
    }


@pytest.mark.parametrize("chips", [2, 8, 26, 50])
def test_any_number_of_chips_shares_the_supply_of_each_stack(world, chips):
    instance = drawn(world, 20, chips, 40)
    growth = Growth.of(world, draw_sites(world, 20, instance.calendar, Draw.of(1, "sites"))).total
    for stack in ("us", "cn"):
        for span in instance.calendar.periods[:: 13 if chips > 2 else 1]:
            assert supplied_gw(instance, stack, span) == pytest.approx(
                growth * supplied_gw(world, stack, span), rel=1e-3
            )


def test_a_longer_plan_goes_on_as_the_world_ended(world):
    instance = drawn(world, 20, 8, 60)
    years = {row.year for row in instance.demand}
    assert years == set(range(2027, 2042))
    series = {row.year: row for row in instance.demand if (row.region, row.workload) == ("us_east", "interactive")}
    assert 0.85 <= series[2037].price_usd_per_h100e_hour / series[2036].price_usd_per_h100e_hour <= 1
    assert 1 <= series[2037].quantity_h100e_million / series[2036].quantity_h100e_million <= 1.101
    assert supplied_gw(instance, "us", instance.calendar.periods[-1]) > 0


@pytest.mark.parametrize(
    ("arguments", "words"), [((0, 2, 16, 1), "sites"), ((1, 1, 16, 1), "chips"), ((1, 2, 15, 1), "quarters")]
)
def test_sizes_that_make_no_sense_are_refused(arguments, words):
    with pytest.raises(SizeError, match=f"{words}: at least"):
        Size(*arguments)


def test_a_drawn_instance_has_a_plan_that_earns_money(world):
    instance = drawn(world, 8, 3, 20)
    assert instance.calendar == make_calendar(instance.settings.calendar)
    solved = solve_small(instance)
    assert solved.objective > 1
    assert sum(solved.installed().values()) > 0


def test_compute_of_owners_without_a_site_still_counts():
    rows = [
        base("USA", "us", 2027, 3), base("USA", "us", 2029, 5), base("USA", "us", 2028, 2, operator="Gone"),
        base("USA", "us", 2027, 7, operator="Here"),
    ]  # fmt: skip
    found = {(row.operator, row.year): row.h100e_million for row in known_owners(rows, {"Here"})}
    assert found == {("Here", 2027): 7, ("", 2027): 3, ("", 2028): 5, ("", 2029): 7}


def test_quotas_grow_with_the_sites_and_shares_do_not(world):
    drawn_rules = {rule.rule: rule for rule in drawn(world, 462, 26, 40).rules}
    before = {rule.rule: rule for rule in world.rules}
    ratios = {name: rule.quantity / before[name].quantity for name, rule in drawn_rules.items() if rule.quantity}
    grown = {name for name, ratio in ratios.items() if ratio > 1.01}
    assert grown
    assert max(ratios[name] for name in grown) == pytest.approx(min(ratios[name] for name in grown), rel=1e-3)
    assert all(before[name].effect not in {"share_cap", "volume_ratio", "tariff", "revenue_share"} for name in grown)
    assert {name for name in ratios if before[name].raises in grown} <= grown


def test_computed_power_becomes_given_up_to_what_its_technologies_may_be(world):
    given = with_given_power(world)
    assert given.site_power == given.portfolio_parts == given.technology_limits == ()
    assert len(given.power_options) == len(world.power_options)
    engines = [
        row
        for row in given.power_options
        if len(world.parts_of_option.get((row.site, row.option), ())) == 1 and row.option.startswith("gas_engine:")
    ]
    assert engines
    for row in engines:
        (part,) = world.parts_of_option[row.site, row.option]
        (limit,) = [
            limit for limit in world.technology_limits if (limit.site, limit.technology) == (row.site, part.technology)
        ]
        assert row.max_mw * part.mw_per_mw == pytest.approx(limit.cumulative_mw, rel=1e-2)
