"""What is written about the format agrees with the format."""

import json
import os
import re
import tomllib
from pathlib import Path

import pytest

from optimizer.instance import Code, InstanceError, apply_changes, format_reference, json_schema, load_instance
from optimizer.instance.changes import parse_change
from optimizer.instance.chip_tests import parse_chip_test
from optimizer.instance.columns import columns_of
from optimizer.instance.country_sets import parse_country_set
from optimizer.instance.reference import section_of
from optimizer.instance.schema import TABLES
from optimizer.instance.writer import canonical_settings
from tests.instance.small import Folder, small_instance

README = Path(__file__).parents[2] / "instances" / "README.md"
TEXT = README.read_text(encoding="utf-8")


def spoil(folder: Folder) -> None:
    """The mistakes of the sample in the README."""
    folder.cell("sites", 1, "module_mw", "1.5GW")
    folder.cell("power_options", 2, "kind", "gas_turbin")
    folder.copy_row("chip_supply", 0, chip="C11")


def sample(tmp_path: Path) -> str:
    """Output for the sample, with short paths."""
    folder = Folder.write(tmp_path / "my-case")
    spoil(folder)
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        with pytest.raises(InstanceError) as caught:
            load_instance("my-case")
    finally:
        os.chdir(before)
    return caught.value.render()


def test_the_reference_in_the_readme_is_current():
    assert section_of(TEXT, "reference") == format_reference(), "run scripts/write_format_reference"


def test_the_sample_in_the_readme_is_real(tmp_path):
    lines = section_of(TEXT, "sample").strip("\n").splitlines()
    assert [line.removeprefix("    ") for line in lines] == sample(tmp_path).splitlines()


def test_the_readme_counts_tables():
    required = sum(row_type.required_table for row_type in TABLES)
    assert f"{len(TABLES)} tables in all, {required} of them required" in TEXT


def test_the_reference_names_everything():
    reference = format_reference()
    for row_type in TABLES:
        section = reference.split(f"### {row_type.table}.csv\n")[1].split("\n### ")[0]
        assert all(f"| `{name}` |" in section for name in columns_of(row_type))
    assert all(f"| {code.value} |" in reference for code in Code)


def test_every_column_is_explained():
    blank = [(row.table, c.name) for row in TABLES for c in columns_of(row).values() if not c.meaning]
    assert blank == []


def test_changes_in_the_readme_can_be_read():
    changes = re.findall(r"^\| `([^`]+\*?[+*]?= [^`]+)` \|", TEXT, flags=re.MULTILINE)
    assert len(changes) == 9
    for change in changes:
        parse_change(change)
    scenario = TEXT[TEXT.index("    [scenarios.power_late]") :].split("\n\n")[0]
    document = tomllib.loads(re.sub(r"^    ", "", scenario, flags=re.MULTILINE))
    apply_changes(small_instance(), document["scenarios"]["power_late"]["changes"])


def test_expressions_in_the_readme_can_be_read():
    parse_country_set("any - D:5 - MAC")
    parse_country_set("(D:1 | D:4) - A:5 | SAU")
    test = "us_controlled and (tpp >= 4800 or tpp >= 1600 and performance_density >= 5.92)"
    parse_chip_test(test)
    assert all(text in TEXT for text in ("any - D:5 - MAC", "(D:1 | D:4) - A:5 | SAU", test))


def test_json_schema_covers_settings_and_tables():
    schema = json.loads(json.dumps(json_schema()))
    assert set(schema["properties"]) == {"instance.toml", *(f"{row.table}.csv" for row in TABLES)}
    sites = schema["properties"]["sites.csv"]["items"]
    assert sites["additionalProperties"] is False
    assert sites["properties"]["module_mw"]["x-unit"] == "mw"
    assert sites["properties"]["module_mw"]["x-unit-variants"]["module_gw"] == 1000
    assert sites["x-key"] == ["site"]
    assert "lead_months" in sites["required"]
    assert "pool" not in sites["required"]


def test_json_schema_allows_what_is_written():
    settings = tomllib.loads(canonical_settings(small_instance()))
    properties = json_schema()["properties"]["instance.toml"]["properties"]
    assert set(settings) <= set(properties)
    for row_type in TABLES:
        columns = json_schema()["properties"][f"{row_type.table}.csv"]["items"]["properties"]
        assert list(columns) == list(columns_of(row_type))
