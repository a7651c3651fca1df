"""Unit variants: every column may be given in other units and the instance stays the same."""

from fractions import Fraction

import pytest

from optimizer.instance import instance_hash, load_instance
from optimizer.instance.columns import NUMERIC_KINDS, columns_of
from optimizer.instance.schema import TABLES
from optimizer.units import UNITS, convert_text, unit_of_column, unit_variants
from tests.instance.small import Folder, small_instance

VARIANTS = [
    (row_type.table, column.name, name, factor)
    for row_type in TABLES
    for column in columns_of(row_type).values()
    for name, factor in column.variants.items()
]


@pytest.mark.parametrize(
    ("column", "variant", "factor"),
    [
        ("module_mw", "module_gw", 1000),
        ("module_mw", "module_kw", Fraction(1, 1000)),
        ("open_cost_musd", "open_cost_busd", 1000),
        ("open_cost_musd", "open_cost_usd", Fraction(1, 10**6)),
        ("module_cost_usd_per_kw", "module_cost_musd_per_mw", 1000),
        ("module_cost_usd_per_kw", "module_cost_busd_per_gw", 1000),
        ("energy_usd_per_mwh", "energy_usd_per_kwh", 1000),
        ("om_usd_per_kw_year", "om_usd_per_kw_month", 12),
        ("om_usd_per_kw_year", "om_musd_per_mw_year", 1000),
        ("price_usd_per_h100e_hour", "price_usd_per_h100e_year", Fraction(1, 8760)),
        ("lead_months", "lead_years", 12),
        ("life_years", "life_months", Fraction(1, 12)),
        ("carbon_t_per_mwh", "carbon_kg_per_mwh", Fraction(1, 1000)),
        ("water_m3_per_mwh", "water_l_per_kwh", 1),
        ("memory_bandwidth_tb_s", "memory_bandwidth_gb_s", Fraction(1, 1000)),
        ("h100e_million", "h100e", Fraction(1, 10**6)),
        ("quantity_h100e_million", "quantity_h100e_thousand", Fraction(1, 1000)),
        ("units", "units_million", 10**6),
        ("minimum_units", "minimum_units_thousand", 1000),
        ("capital_busd", "capital_usd", Fraction(1, 10**9)),
        ("rtt_ms", "rtt_s", 1000),
        ("wacc_fraction", "wacc_percent", Fraction(1, 100)),
        ("mw", "gw", 1000),
    ],
)
def test_factors(column, variant, factor):
    assert unit_variants(column)[variant] == factor


@pytest.mark.parametrize(
    "column",
    ["year", "mw_per_mw", "tpp", "block", "share", "latitude", "months_after_commitment", "first_year", "name"],
)
def test_columns_without_variants(column):
    assert unit_of_column(column) is None
    assert unit_variants(column) == {}


def test_no_variant_is_a_column_of_the_same_table():
    for row_type in TABLES:
        names = set(columns_of(row_type))
        for column in columns_of(row_type).values():
            assert not names & set(column.variants)


def test_variants_of_a_table_are_unambiguous():
    for row_type in TABLES:
        names = [name for column in columns_of(row_type).values() for name in column.variants]
        assert len(names) == len(set(names))


def test_unit_names_are_unique():
    assert len({unit.name for unit in UNITS}) == len(UNITS)


def test_there_and_back_is_exact():
    for _, column, name, factor in VARIANTS:
        assert unit_variants(name)[column] * factor == 1


def test_conversion_rounds_once():
    assert convert_text("0.1", Fraction(1000)) == 100
    assert convert_text("1.1", Fraction(1, 1000)) == 0.0011


@pytest.mark.parametrize(("table", "column", "name", "factor"), VARIANTS, ids=str)
def test_instance_is_the_same_in_other_units(tmp_path, table, column, name, factor):
    folder = Folder.write(tmp_path / "small")
    folder.convert(table, column, name, float(factor))
    expected, found = small_instance(), load_instance(folder.path)
    for old, new in zip(getattr(expected, table), getattr(found, table), strict=True):
        before, after = getattr(old, column), getattr(new, column)
        assert after == (None if before is None else pytest.approx(before, rel=1e-12, abs=0))
        assert type(after) is type(before)


def test_round_numbers_in_other_units_give_the_same_hash(tmp_path):
    folder = Folder.write(tmp_path / "small")
    folder.convert("sites", "module_mw", "module_gw", 1000)
    folder.convert("sites", "lead_months", "lead_years", 12)
    folder.convert("chip_supply", "units", "units_million", 1e6)
    folder.convert("budgets", "capital_busd", "capital_musd", 1e-3)
    assert instance_hash(load_instance(folder.path)) == instance_hash(small_instance())


def test_every_dimensional_column_is_numeric():
    for row_type in TABLES:
        for column in columns_of(row_type).values():
            assert not column.variants or column.kind in NUMERIC_KINDS
