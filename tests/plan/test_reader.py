"""Reading plan tables back from a result folder."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from optimizer.plan.full_year import FullYearCheck
from optimizer.plan.reader import PlanReadError, read_plan, read_table
from optimizer.plan.tables import OPTIONAL_TABLES, ROW_TYPES, PlanTables
from optimizer.plan.writer import write_tables
from tests.plan.by_hand import plan_by_hand


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_tables(plan_by_hand(), tmp_path)
    return tmp_path


def edit(folder: Path, table: str, old: str, new: str) -> None:
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def problems(folder: Path) -> list[tuple[str, int, str, str]]:
    with pytest.raises(PlanReadError) as caught:
        read_plan(folder)
    return [(p.file, p.line, p.column, p.message) for p in caught.value.problems]


def test_what_was_written_is_read_back(folder: Path) -> None:
    plan = read_plan(folder)
    assert plan == plan_by_hand()
    assert isinstance(plan.phases[0].fact, bool)
    assert isinstance(plan.energy[0].year, int)
    assert isinstance(plan.sites[0].latitude, float)


def test_texts_with_commas_quotes_and_line_breaks_survive(tmp_path: Path) -> None:
    plan = plan_by_hand()
    name = 'Al,"pha"\nNorth é'
    sites = (dataclasses.replace(plan.sites[0], name=name), *plan.sites[1:])
    write_tables(dataclasses.replace(plan, sites=sites), tmp_path)
    assert read_plan(tmp_path).sites[0].name == name


def test_columns_may_stand_in_any_order_and_lines_end_in_any_way(folder: Path) -> None:
    path = folder / "cash.csv"
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    text = "\r\n".join(",".join(reversed(cells)) for cells in lines) + "\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_plan(folder) == plan_by_hand()


def test_all_problems_are_listed(folder: Path) -> None:
    edit(folder, "phases", "false", "no")
    edit(folder, "energy", ",2028,", ",soon,")
    edit(folder, "chips", "7.2", "7;2")
    edit(folder, "power", "1.5", "inf")
    edit(folder, "serving", "sold_h100e_million_years", "sold")
    (folder / "limits.csv").unlink()
    with (folder / "cash.csv").open("a", encoding="utf-8") as file:
        file.write("2027,revenue\n")
    assert problems(folder) == [
        ("phases.csv", 2, "fact", "expected true or false, found 'no'"),
        ("chips.csv", 2, "cost_busd", "expected a number, found '7;2'"),
        ("power.csv", 2, "added_gw", "expected a finite number, found 'inf'"),
        ("energy.csv", 2, "year", "expected a whole number, found 'soon'"),
        ("serving.csv", 1, "sold_h100e_million_years", "the column is missing"),
        ("serving.csv", 1, "sold", "no such column"),
        ("limits.csv", 0, "", "the file is missing"),
        ("cash.csv", 20, "", "expected 5 cells, found 2"),
    ]


def test_lines_are_those_of_the_file(folder: Path) -> None:
    edit(folder, "sites", "Alpha", '"Al\npha"')
    edit(folder, "sites", "committed,1", "committed,one")
    assert problems(folder) == [("sites.csv", 4, "modules_committed", "expected a whole number, found 'one'")]


def test_repeated_columns_and_text_that_is_not_utf8(folder: Path) -> None:
    edit(folder, "cash", "pv_busd", "busd")
    (folder / "sites.csv").write_bytes(b"\xff\xfe")
    assert ("cash.csv", 1, "busd", "the column appears twice") in problems(folder)
    assert ("sites.csv", 0, "", "not UTF-8 text (invalid start byte at byte 0)") in problems(folder)


def test_an_open_quote_is_a_problem(folder: Path) -> None:
    edit(folder, "cash", "2027,site_opening", '2027,"site_opening')
    (found,) = problems(folder)
    assert found[0] == "cash.csv"
    assert found[3].startswith("not a CSV line")


def test_every_table_is_read(folder: Path) -> None:
    fields = {field.name for field in dataclasses.fields(PlanTables)}
    assert fields == set(ROW_TYPES)
    for table in fields - OPTIONAL_TABLES:
        assert getattr(read_plan(folder), table)


def test_columns_that_earlier_results_lack_have_their_default(tmp_path: Path) -> None:
    path = tmp_path / "full_year.csv"
    names = [field.name for field in dataclasses.fields(FullYearCheck)]
    path.write_text(",".join(names[:-2]) + "\nalpha,2030,1,0,0.1,0,0,0.2,0\n", encoding="utf-8")
    (row,) = read_table(path, FullYearCheck)
    assert names[-2:] == ["cut_twh", "hours_with_cuts"]
    assert (row.site, row.carbon_mt, row.cut_twh, row.hours_with_cuts) == ("alpha", 0.2, 0, 0)
    path.write_text(",".join(names[1:]) + "\n", encoding="utf-8")
    with pytest.raises(PlanReadError, match="site: the column is missing"):
        read_table(path, FullYearCheck)
