"""A small valid instance on disk that uses every table, and edits that break it in one place."""

import csv
import io
from dataclasses import dataclass, replace
from pathlib import Path

from optimizer.instance import Instance, write_instance
from tests import instances as make


def small_instance() -> Instance:
    """Two sites, two chips, two markets, three years, and at least one row in every table."""
    settings = make.settings(
        policy={"regime": "test"},
        scenarios={"slow": {"description": "later", "changes": ["sites[*].lead_months += 6"]}},
        finance={"discount_rate": 0.08, "terminal_value": True},
    )
    sites = [
        make.site("texas", spend_profile="staged", lead_months=12, basin="colorado", water_m3_per_mwh=0.5),
        make.site(
            "gulf",
            country="ARE",
            operator_hq="ARE",
            operator="Gulf",
            grid_region="gulf_grid",
            latency_zone="gulf_zone",
            latitude=24,
            longitude=54,
            max_modules=3,
            pue_average=1.2,
            pue_peak=1.3,
        ),
    ]
    base = make.instance(
        settings=settings,
        free_capital=False,
        sites=sites,
        chips=[make.chip("C1", resale_curve="fast"), make.chip("C2", stack="cn", us_controlled=False)],
        demand_regions=[make.region(), make.region("east", stacks="us; cn")],
        power_options=[make.power_option("texas"), make.power_option("gulf"), _gas("gulf")],
        price_blocks=[
            make.block(number=1, quantity_share=0.6, price_multiplier=1.2),
            make.block(number=2, quantity_share=0.4),
        ],
    )
    return replace(
        base,
        committed=(make.committed("gulf", remaining_cost_share=0.5),),
        spend_profiles=(make.milestone("staged", 0, 0.4), make.milestone("staged", 12, 0.6)),
        grid_steps=(
            make.grid_step("gulf", "2028", 2000, option="gas"),
            make.grid_step("gulf", "2029", 3000, option="gas"),
        ),
        grid_headroom=(make.headroom(year=2027), make.headroom(year=2029, cumulative_mw=3000)),
        slots=tuple(make.slots(year=year) for year in (2027, 2028, 2029)),
        slot_use=(make.slot_use(),),
        technologies=(make.technology("turbine_plant", fuel="gas", resource="turbine", efficiency=0.4),),
        technology_costs=(make.technology_cost("turbine_plant"),),
        fuel_prices=(make.fuel_price("gulf", "gas"),),
        climates=(make.climate("desert"),),
        site_power=(make.site_power("gulf", "desert", "gulf"),),
        power_needs=(make.power_needs("gulf", reserve_margin=0.1),),
        technology_limits=(make.technology_limit("gulf", "turbine_plant"),),
        portfolio_parts=(make.portfolio_part("gulf", "grid_firm", "turbine_plant"),),
        option_years=(make.option_year("gulf", "grid_firm"),),
        dispatch_modes=(make.dispatch_mode("gulf", "m1", "turbine_plant"),),
        dispatch_loads=(make.dispatch_load("gulf", "m1"),),
        supply_response=(make.supply_response("C2", "east", 0.1),),
        stack_prices=(make.stack_price("east", "cn", 0.8),),
        resale_curves=(make.resale("fast", 0, 0.9), make.resale("fast", 48, 0)),
        installed_base=(make.base("USA", "us", 2026, 5), make.base("ARE", "us", 2026, 1)),
        sovereignty=(make.sovereignty("east", "ARE | USA", 0.2),),
        required_compute=(make.required_compute(2028, 0.5),),
        limits=(
            make.limit("share", "capital_share", "ARE", 2028, 0.9),
            make.limit("grid", "it_gw", "grid:grid", 2028, 5),
            make.limit("river", "water_million_m3", "basin:colorado", 2028, 9),
        ),
        rules=(
            make.rule("no_big", chip_test="us_controlled and tpp >= 99999", destination="D:5 | MAC"),
            make.rule(
                "cap", "cap_cumulative", quantity=1, measure="chips_million", destination="ARE", operators="Gulf"
            ),
            make.rule("share", "share_cap", quantity=0.5, measure="h100e_million", destination="ARE"),
            make.rule("licence", "licence", destination="ARE", probability=0.9, lag_months=6),
            make.rule(
                "quota",
                "allow",
                destination="ARE",
                operators="Gulf",
                quantity=1,
                measure="gb300e_million",
                period="term",
                validity_months=24,
            ),
            make.rule("step", "quota_step", destination="ARE", quantity=2, raises="quota", cost_busd=0.5),
            make.rule("levy", "tariff", destination="ARE", quantity=0.25, pass_through=0.5),
        ),
        rule_steps=(make.rule_step("quota", "2028", 2), make.rule_step("quota", "2029", 3)),
        regimes=tuple(make.regime(name) for name in ("no_big", "cap", "share", "licence", "quota", "step", "levy")),
        country_groups=(make.member("D:5", "CHN"), make.member("D:5", "PRK", member_to="2035")),
        assumptions=(make.assumption("life", "chips[*].life_months", 60, 48, 72),),
    )


def _gas(site: str) -> make.Row:
    return make.power_option(site, "gas", kind="gas_turbine", available_from="2027", max_mw=1000, capex_usd_per_kw=1000)


@dataclass(frozen=True)
class Folder:
    """The small instance in a folder, with edits."""

    path: Path

    @classmethod
    def write(cls, path: Path) -> "Folder":
        """Write the small instance."""
        write_instance(small_instance(), path)
        return cls(path)

    def rows(self, table: str) -> list[list[str]]:
        """Header and rows of a table."""
        return list(csv.reader(io.StringIO((self.path / f"{table}.csv").read_text(encoding="utf-8"), newline="")))

    def save(self, table: str, rows: list[list[str]]) -> None:
        """Replace a table."""
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(rows)
        self.raw(f"{table}.csv", text.getvalue())

    def raw(self, name: str, text: str | bytes) -> None:
        """Replace a file."""
        (self.path / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    def cell(self, table: str, row: int, column: str, text: str) -> None:
        """Set a cell; rows count from 0."""
        rows = self.rows(table)
        rows[row + 1][rows[0].index(column)] = text
        self.save(table, rows)

    def column(self, table: str, column: str, text: str) -> None:
        """Set all cells of a column."""
        for row in range(len(self.rows(table)) - 1):
            self.cell(table, row, column, text)

    def rename(self, table: str, column: str, name: str) -> None:
        """Rename a column."""
        rows = self.rows(table)
        rows[0][rows[0].index(column)] = name
        self.save(table, rows)

    def convert(self, table: str, column: str, name: str, factor: float) -> None:
        """Give a column in another unit: its numbers divided by ``factor``."""
        rows = self.rows(table)
        index = rows[0].index(column)
        for row in rows[1:]:
            row[index] = repr(float(row[index]) / factor) if row[index] else ""
        rows[0][index] = name
        self.save(table, rows)

    def add_column(self, table: str, name: str, text: str) -> None:
        """Add a column with the same text in each row."""
        rows = self.rows(table)
        self.save(table, [[*rows[0], name], *([*row, text] for row in rows[1:])])

    def drop_column(self, table: str, column: str) -> None:
        """Remove a column."""
        rows = self.rows(table)
        index = rows[0].index(column)
        self.save(table, [row[:index] + row[index + 1 :] for row in rows])

    def keep(self, table: str, *rows: int) -> None:
        """Keep only these rows."""
        all_rows = self.rows(table)
        self.save(table, [all_rows[0], *(all_rows[row + 1] for row in rows)])

    def copy_row(self, table: str, row: int, **cells: str) -> None:
        """Append a copy of a row with some cells changed."""
        rows = self.rows(table)
        added = list(rows[row + 1])
        for column, text in cells.items():
            added[rows[0].index(column)] = text
        self.save(table, [*rows, added])

    def delete(self, name: str) -> None:
        """Remove a file."""
        (self.path / name).unlink()

    def settings(self, old: str, new: str) -> None:
        """Replace a text that stands once in instance.toml."""
        text = (self.path / "instance.toml").read_text(encoding="utf-8")
        assert text.count(old) == 1, (old, text)
        self.raw("instance.toml", text.replace(old, new))
