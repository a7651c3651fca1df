"""The same facts in other units give the same plan (formulation.md 3.3, M13)."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import pytest

from optimizer.instance import load_instance
from optimizer.instance.writer import write_instance
from optimizer.units import unit_variants
from tests.solving import solve_small

THREE_REGIONS = Path(__file__).parents[2] / "instances" / "three-regions"


def convert_units(table: Path, pick: int) -> int:
    """Rewrite a table with another unit in every column that has one; return the number of columns changed."""
    with table.open(newline="") as file:
        header, *rows = list(csv.reader(file))
    converted = 0
    for position, column in enumerate(header):
        variants = sorted(unit_variants(column).items())
        if not variants:
            continue
        name, factor = variants[pick % len(variants)]
        header[position] = name
        converted += 1
        for row in rows:
            if row[position] != "":
                row[position] = _decimal(Fraction(row[position]) / factor)
    with table.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return converted


def _decimal(value: Fraction) -> str:
    return format(float(value), ".17g")


@pytest.mark.parametrize("pick", [0, 1, 5])
def test_other_units_in_every_column_give_the_same_plan(tmp_path: Path, pick: int) -> None:
    original = load_instance(THREE_REGIONS)
    write_instance(original, tmp_path / "copy")
    converted = sum(convert_units(table, pick) for table in sorted((tmp_path / "copy").glob("*.csv")))
    assert converted >= 20
    copy = load_instance(tmp_path / "copy")
    before, after = solve_small(original), solve_small(copy)
    assert after.modules() == before.modules()
    assert after.npv == pytest.approx(before.npv, rel=1e-9)
