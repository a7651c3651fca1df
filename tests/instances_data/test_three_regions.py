"""The teaching instance loads, and the arithmetic of its README holds."""

import pytest

from optimizer.instance.reader import load_instance
from optimizer.units import BUSD_PER_MILLION_H100E_YEAR

FOLDER = "instances/three-regions"


@pytest.fixture(scope="module")
def instance():
    return load_instance(FOLDER)


def test_shape(instance):
    assert [site.grid_region for site in instance.sites] == ["texas"] * 2 + ["gulf"] * 2 + ["nordic"] * 2
    assert len(instance.chips) == 2
    assert len(instance.demand_regions) == 2
    assert {2, 3} >= {len(options) for options in instance.options_of_site.values()}
    assert {row.pool for row in instance.budgets} == {"global"}
    for scenario in instance.settings.scenarios:
        assert load_instance(FOLDER, scenario).sites


def _present_value_of_revenue(instance, chip_id, first_year):
    """B USD at the start of 2027 of one GW sold in America from a year to the end."""
    chip = instance.chip_by_id[chip_id]
    sold = chip.performance_h100e / chip.it_power_kw * instance.workloads[0].utilisation
    prices = {row.year: row.price_usd_per_h100e_hour for row in instance.demand if row.region == "america"}
    rate = instance.settings.finance.discount_rate
    return sum(
        sold * BUSD_PER_MILLION_H100E_YEAR * prices[year] * (1 + rate) ** -(year - 2027 + 0.5)
        for year in range(first_year, 2035)
    )


@pytest.mark.parametrize(
    ("chip", "year", "expected"),
    [
        ("gen1", 2028, 51.1),
        ("gen1", 2029, 39.3),
        ("gen1", 2030, 29.4),
        ("gen1", 2031, 21.0),
        ("gen2", 2030, 58.8),
        ("gen2", 2031, 42.1),
        ("gen2", 2032, 28.1),
    ],
)
def test_revenue_table_of_the_readme(instance, chip, year, expected):
    assert _present_value_of_revenue(instance, chip, year) == pytest.approx(expected, abs=0.05)


def test_share_rule_binds_at_the_round_numbers_of_the_readme(instance):
    share = next(rule for rule in instance.rules if rule.rule == "GULF-SHARE").quantity
    abilene, amarillo, gulf = 1.0 * 2.5, 0.2 * 2.5, 0.8 * 2.5
    assert gulf == pytest.approx(share * (abilene + amarillo + gulf))
