"""Snapshots read back as the same instance, and the hash names the content alone."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.instance import instance_hash, load_instance, write_instance
from optimizer.instance.csv_file import split_csv
from optimizer.instance.schema import Settings, Site
from optimizer.instance.settings_reader import read_settings
from optimizer.instance.table_reader import read_table
from optimizer.instance.toml_file import read_toml
from optimizer.instance.writer import canonical_settings, canonical_table
from tests import instances as make
from tests.instance.small import Folder, small_instance

INSTANCES = Path(__file__).parents[2] / "instances"


def test_small_instance_survives(tmp_path):
    write_instance(small_instance(), tmp_path / "a" / "b")
    assert load_instance(tmp_path / "a" / "b") == small_instance()


@pytest.mark.parametrize("name", ["three-regions", "world-2026"])
def test_worked_instances_survive(tmp_path, name):
    instance = load_instance(INSTANCES / name)
    write_instance(instance, tmp_path)
    again = load_instance(tmp_path)
    assert again == instance
    assert instance_hash(again) == instance_hash(instance)


def test_changed_instance_survives(tmp_path):
    folder = Folder.write(tmp_path / "a")
    instance = load_instance(folder.path, "slow", ["sites[*].module_mw *= 0.333"])
    write_instance(instance, tmp_path / "b")
    assert load_instance(tmp_path / "b") == instance


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=3, max_size=20).map(str.strip).filter(
    lambda text: len(text) >= 3
)  # fmt: skip
NUMBERS = st.floats(min_value=1e-9, max_value=1e15, allow_nan=False)


@given(name=TEXTS, source=st.tuples(TEXTS, TEXTS).map("\n".join), size=NUMBERS, modules=st.integers(1, 100))
def test_any_row_survives(name, source, size, modules):
    row = make.site(name="x", source=source, module_mw=size, max_modules=modules).model_copy(update={"name": name})
    read = read_table(split_csv(canonical_table(Site, (row,)), "sites.csv"), Site)
    assert read.diagnostics == ()
    assert read.rows == (row,)


@given(title=st.text(st.characters(exclude_categories=["Cs"])), gap=st.floats(0, 0.99), scenario=TEXTS)
def test_any_settings_survive(title, gap, scenario):
    document = make.settings(title=title, solver={"gap": gap}).model_dump(mode="json")
    document["scenarios"] = {scenario: {"description": title, "changes": [title]}}
    settings = Settings.model_validate(document)
    text = canonical_settings(replace(small_instance(), settings=settings))
    again, diagnostics = read_settings(read_toml(text.encode(), "instance.toml"))
    assert diagnostics == ()
    assert again == settings


def test_hash_ignores_folder_format_column_order_and_empty_tables(tmp_path):
    folder = Folder.write(tmp_path / "elsewhere")
    folder.save("sites", [list(reversed(row)) for row in folder.rows("sites")])
    folder.cell("chips", 0, "tpp", "15832.0")
    folder.cell("chips", 0, "release", "2026Q1")
    folder.raw("instance.toml", "# comment\n" + (folder.path / "instance.toml").read_text(encoding="utf-8"))
    assert instance_hash(load_instance(folder.path)) == instance_hash(small_instance())


@pytest.mark.parametrize(
    "edit",
    [
        lambda f: f.cell("sites", 0, "module_mw", "999"),
        lambda f: f.cell("sites", 0, "source", "another source"),
        lambda f: f.settings("gap = 0.0\n", "gap = 0.5\n"),
        lambda f: f.save("sites", [f.rows("sites")[i] for i in (0, 2, 1)]),
    ],
)
def test_hash_sees_content_and_row_order(tmp_path, edit):
    folder = Folder.write(tmp_path / "small")
    edit(folder)
    assert instance_hash(load_instance(folder.path)) != instance_hash(small_instance())
