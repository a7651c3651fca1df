"""A plan as an Excel workbook: a first sheet that explains it, years at a glance, and one sheet a table.

All text of an instance is data: it is stored as text, whatever it begins with, so that no program computes it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from optimizer.plan.full_year import FullYearCheck
from optimizer.plan.power_report import Energisation, PowerSource, PowerYear
from optimizer.plan.scarcity import scarcity_by_year
from optimizer.plan.tables import ROW_TYPES, PlanTables
from optimizer.plan.workbook_words import TABLE_TEXTS, Heading, heading_of, unit_words

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

    from optimizer.plan.power_outcome import PowerOutcome

#: Signs that spreadsheet programs read as the start of a formula or command, in every width.
_STARTS_FORMULA: Final = frozenset("=+-@|%\t\r\n\uff1d\uff0b\uff0d\uff20")
#: What a sheet cannot hold: control characters other than tab and line ends, halves of pairs, and non-characters.
_UNSTORABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST_TEXT: Final = 32_767  # characters in a cell
_MOST_ROWS: Final = 1_048_575  # below the header
_WIDEST: Final = 46
_CAPITAL: Final = frozenset(("site_opening", "modules", "committed_modules", "power_capex", "chips", "chip_taxes"))
_INK, _PAPER, _QUIET = "FF17202B", "FFE8EFF4", "FF55606D"

_YEAR_HEADINGS: Final = (
    Heading("Year", "", "0"),
    Heading("IT capacity on line at the end of the year", "GW", "#,##0.00"),
    Heading("Capital", "B USD", "#,##0.0"),
    Heading("Revenue", "B USD", "#,##0.0"),
    Heading("Chips installed", "million", "#,##0.000"),
    Heading("Energy", "TWh", "#,##0.0"),
    Heading("Carbon", "Mt", "#,##0.00"),
    Heading("Tokens", "trillion", "#,##0"),
    Heading("Demand served", "", "0%"),
    Heading("What was scarce", ""),
)


def is_guarded(text: str) -> bool:
    """Whether a text could be read as a formula, and is therefore marked as text in the workbook."""
    bare = text.lstrip(" \u00a0\u200b\ufeff")
    return bool(bare) and (text[0] in _STARTS_FORMULA or bare[0] in _STARTS_FORMULA)


def storable(text: str) -> str:
    """Text without what a cell cannot hold, cut to the longest that it can."""
    return _UNSTORABLE.sub("\ufffd", text)[:_LONGEST_TEXT]


def write_workbook(
    title: str, tables: PlanTables, manifest: Mapping[str, Any], path: Path | str, power: PowerOutcome | None = None
) -> Path:
    """Write a plan as a workbook; an existing file is replaced.

    Parameters
    ----------
    title
        Title of the instance.
    manifest
        Contents of ``manifest.json``; figures that it lacks are shown as missing.
    path
        File that ends in ``.xlsx``.
    power
        The tables about power; their sheets are left out without it.

    Raises
    ------
    ValueError
        If a table has more rows than a sheet can hold.
    OSError
        If the file cannot be written.
    """
    from openpyxl import Workbook

    path = Path(path)
    book = Workbook(write_only=True)
    contents = [*_plan_tables(tables), *_power_tables(power)]
    _summary_sheet(book.create_sheet("Summary"), title, tables, manifest, contents)
    _table_sheet(book.create_sheet("By year"), _YEAR_HEADINGS, list(_years(tables)))
    for table in contents:
        if len(table.rows) > _MOST_ROWS:
            message = f"table '{table.name}' has {len(table.rows):,} rows; a sheet holds {_MOST_ROWS:,}"
            raise ValueError(message)
        columns = [column.name for column in fields(table.row_type)]
        values = ([_shown(column, getattr(row, column)) for column in columns] for row in table.rows)
        headings = [heading_of(table.name, column) for column in columns]
        _table_sheet(book.create_sheet(TABLE_TEXTS[table.name].sheet), headings, list(values))
    book.save(path)
    return path


@dataclass(frozen=True)
class _Table:
    """A table of the plan that becomes a sheet."""

    name: str
    row_type: type
    rows: Sequence[object]


def _plan_tables(tables: PlanTables) -> Iterator[_Table]:
    for name, row_type in ROW_TYPES.items():
        yield _Table(name, row_type, getattr(tables, name))


def _power_tables(power: PowerOutcome | None) -> Iterator[_Table]:
    """Tables about power; that of the full years only where it has rows."""
    if power is None:
        return
    yield _Table(PowerSource.table, PowerSource, power.mix)
    yield _Table(PowerYear.table, PowerYear, power.years)
    yield _Table(Energisation.table, Energisation, power.energisations)
    if power.full_year:
        yield _Table(FullYearCheck.table, FullYearCheck, power.full_year)


def _shown(column: str, value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return unit_words(value) if column == "unit" and isinstance(value, str) else value


@dataclass(frozen=True)
class _Writer:
    """Makes cells of one sheet."""

    sheet: WriteOnlyWorksheet

    def cell(self, value: object, number_format: str = "", **style: object) -> Cell:
        """A cell; text stays text."""
        from openpyxl.cell import WriteOnlyCell

        text = storable(value) if isinstance(value, str) else None
        cell = WriteOnlyCell(self.sheet, value=value if text is None else text)
        if text is not None:
            cell.data_type = "s"  # openpyxl has read a formula or an error code into some texts
            cell.quotePrefix = is_guarded(text)
        elif number_format and value is not None:
            cell.number_format = number_format
        for name, look in style.items():
            setattr(cell, name, look)
        return cell

    def row(self, *cells: object) -> None:
        """Append a row of values and cells."""
        from openpyxl.cell import Cell

        self.sheet.append([cell if isinstance(cell, Cell) else self.cell(cell) for cell in cells])


def _table_sheet(sheet: WriteOnlyWorksheet, headings: Sequence[Heading], rows: Sequence[Sequence[object]]) -> None:
    """Header with units, frozen and with filters; columns as wide as what they hold."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    writer = _Writer(sheet)
    sheet.freeze_panes = "B2"
    sheet.row_dimensions[1].height = 45
    for number, heading in enumerate(headings, start=1):
        longest = max((_length(row[number - 1], heading) for row in rows[:2000]), default=0)
        least = max(9, *(len(word) for word in heading.text.split()), len(heading.unit) + 2)
        sheet.column_dimensions[get_column_letter(number)].width = min(_WIDEST, max(least, longest)) + 2.5
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headings))}{len(rows) + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    look = {
        "font": Font(bold=True, color=_INK), "fill": PatternFill("solid", fgColor=_PAPER),
        "alignment": Alignment(wrap_text=True, vertical="top"),
    }  # fmt: skip
    writer.row(*(writer.cell(heading.words, **look) for heading in headings))
    for row in rows:
        writer.row(*(writer.cell(value, heading.number_format) for value, heading in zip(row, headings, strict=True)))


def _length(value: object, heading: Heading) -> int:
    if isinstance(value, float):
        decimals = len(heading.number_format.partition(".")[2])
        return len(f"{value:,.{decimals}f}")
    return len(str(value))


def _years(tables: PlanTables) -> Iterator[tuple[object, ...]]:
    """One row a year: stocks at its end, flows over it."""
    online = _online_by_year(tables)
    capital = _sums((int(row.period[:4]), -row.busd) for row in tables.cash if row.category in _CAPITAL)
    revenue = _sums((int(row.period[:4]), row.busd) for row in tables.cash if row.category == "revenue")
    chips = _sums((int(row.period[:4]), row.installed_million) for row in tables.chips)
    energy = _sums((row.year, row.energy_twh) for row in tables.energy)
    carbon = _sums((row.year, row.carbon_mt) for row in tables.energy)
    tokens = _sums((row.year, row.tokens_trillion) for row in tables.serving)
    for row in scarcity_by_year(tables):
        year = row.year
        flows = (source[year] for source in (online, capital, revenue, chips, energy, carbon, tokens))
        yield year, *flows, row.demand_served, ", ".join(row.scarce) or "nothing"


def _sums(amounts: Iterable[tuple[int, float]]) -> Mapping[int, float]:
    total: dict[int, float] = defaultdict(float)
    for year, amount in amounts:
        total[year] += amount
    return total


def _online_by_year(tables: PlanTables) -> Mapping[int, float]:
    last: dict[int, str] = {}
    for row in tables.operations:
        year = int(row.period[:4])
        last[year] = max(last.get(year, ""), row.period)
    ends = frozenset(last.values())
    return _sums((int(row.period[:4]), row.online_gw) for row in tables.operations if row.period in ends)


def _summary_sheet(
    sheet: WriteOnlyWorksheet, title: str, tables: PlanTables, manifest: Mapping[str, Any], contents: Sequence[_Table]
) -> None:
    """What the plan is, how good, how checked, and what stands on the other sheets."""
    from openpyxl.styles import Alignment, Font

    writer = _Writer(sheet)
    sheet.column_dimensions["A"].width = 42
    sheet.column_dimensions["B"].width = 18
    sheet.column_dimensions["C"].width = 96
    bold, quiet = Font(bold=True, color=_INK), Font(color=_QUIET)
    writer.row(writer.cell(title, font=Font(bold=True, size=16, color=_INK)))
    writer.row(writer.cell("Plan made with gigasite; every number is that of the plan tables.", font=quiet))
    writer.row()
    right = Alignment(horizontal="right")
    for label, value, number_format, note in _facts(manifest):
        amount = writer.cell("not known" if value is None else value, number_format, alignment=right)
        writer.row(writer.cell(label, font=bold), amount, writer.cell(note, font=quiet))
    writer.row()
    writer.row(*(writer.cell(text, font=bold) for text in ("Sheet", "Rows", "What it holds")))
    writer.row("By year", len({row.year for row in tables.demand}), "The plan year by year, and what was scarce")
    for table in contents:
        text = TABLE_TEXTS[table.name]
        writer.row(text.sheet, writer.cell(len(table.rows), "#,##0"), text.holds)
    writer.row()
    for line in _NOTES:
        writer.row(writer.cell(line, font=quiet))


_NOTES: Final = (
    "Units stand in every header. B USD is 1e9 USD, not discounted unless a header says so; inflows are positive.",
    "H100e: what one H100 computes. A stock of a year is that of its last period; a flow is the sum over its periods.",
    "The gap is a proof about this instance: no plan for it is better by more. It says nothing about the assumptions.",
    "Definitions of all numbers: instances/SEMANTICS.md of gigasite.",
)  # fmt: skip


def _facts(manifest: Mapping[str, Any]) -> Iterator[tuple[str, object, str, str]]:
    """Label, value, number format and note of each figure of the manifest."""
    head: Mapping[str, Any] = manifest.get("headline") or {}
    audit: Mapping[str, Any] = manifest.get("audit") or {}
    identity: Mapping[str, Any] = manifest.get("instance") or {}
    yield "Status", manifest.get("status"), "", str(manifest.get("stopped_because") or "")
    yield "Net present value [B USD]", manifest.get("npv_busd"), "#,##0.0", "of the plan, never of a relaxation"
    yield "Best possible [B USD]", manifest.get("bound_busd"), "#,##0.0", "proven: no plan for this instance is better"
    yield "Gap [B USD]", manifest.get("gap_busd"), "#,##0.0", ""
    yield "Gap", manifest.get("gap_rel"), "0.00%", "of the value of the plan"
    yield "Audit", _verdict(audit), "", _audit_note(audit)
    yield "Campuses with capacity on line", head.get("sites_opened"), "#,##0", ""
    yield "IT capacity on line at the end [GW]", head.get("gw_online_end"), "#,##0.0", ""
    yield "Capital [B USD]", head.get("capex_busd"), "#,##0", "undiscounted, over the plan"
    yield "Chips installed [million]", head.get("chips_million"), "#,##0.00", ""
    tokens = head.get("tokens_trillion_per_month_end")
    yield "Tokens a month in the last year [trillion]", tokens, "#,##0", ""
    yield from _power_facts(manifest.get("power") or {})
    yield "Instance", identity.get("name"), "", f"SHA-256 {identity.get('sha256', 'not known')}"
    versions = (manifest.get("software") or {}).items()
    yield "Made with", "gigasite", "", ", ".join(f"{name} {version}" for name, version in versions)


def _power_facts(power: Mapping[str, Any]) -> Iterator[tuple[str, object, str, str]]:
    """Figures on power; none of plans that say nothing of it."""
    if not power.get("energy_twh"):
        return
    yield "Energy delivered [TWh]", power["energy_twh"], "#,##0", "over the plan"
    cost = power["delivered_usd_per_mwh"]
    yield "Cost of delivered power [USD/MWh]", cost, "#,##0.0", "energy with tax, fixed cost, capital as annuity"
    yield "Carbon [t/MWh]", power["carbon_t_per_mwh"], "0.000", ""
    yield "Clean share", power["clean_share"], "0.0%", "what comes from the grid counts as not clean"
    gained = f"{power['months_gained']:,} months together"
    yield "Campuses that start earlier by bridge power", power["bridged_sites"], "#,##0", gained
    slots = [row for row in power["binding"] if row["family"] == "slots"]
    named = "; ".join(f"{row['name']}: {', '.join(row['years'])}" for row in slots)
    yield "Delivery slots that bind", len(slots), "#,##0", named
    check = power["full_year"]
    if check is not None:
        off = f"over every hour of the years, less the plan; {len(check['warnings'])} campus-years to look at"
        yield "Cost of computed power [B USD]", check["cost_difference_busd"], "+#,##0.00;-#,##0.00", off


def _verdict(audit: Mapping[str, Any]) -> str | None:
    return {True: "passed", False: "FAILED"}.get(audit.get("ok"))  # type: ignore[arg-type]


def _audit_note(audit: Mapping[str, Any]) -> str:
    checks = audit.get("checks")
    return (
        ""
        if checks is None
        else f"{checks:,} balances, limits, dates and dollars recomputed independently of the model"
    )
