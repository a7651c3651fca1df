"""Reading numbers back from a page of several plans, and from the tables of a plan."""

from __future__ import annotations


def figure_text(page, key: str) -> str:
    return page.locator(f"[data-figure={key}] dd").inner_text()


def number_of(text: str) -> float:
    """A number as the page writes it: 1,234, +3, $1.23 tn, $45.6 bn, with a minus sign."""
    plain = text.replace(",", "").replace("\u2212", "-").replace("+", "").replace("$", "").strip()
    return float(plain[:-3]) * 1000 if plain.endswith(" tn") else float(plain.removesuffix(" bn"))


def online_gw(made, year: int) -> dict[str, float]:
    """GW of each site at the end of a year, from the table of the plan."""
    return {row.site: row.online_gw for row in made.tables.operations if row.period == f"{year}Q4"}


def table_rows(page, table: str) -> dict[str, list[str]]:
    rows = page.locator(f"[data-table={table}] tbody tr")
    return {row.locator("th").inner_text().split("\n")[0]: row.locator("td").all_inner_texts() for row in rows.all()}
