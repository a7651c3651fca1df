"""Mistakes, each with the one diagnostic that it must give."""

from collections.abc import Callable
from dataclasses import dataclass, field

from optimizer.instance import Severity
from tests.instance.small import Folder


@dataclass(frozen=True)
class Case:
    """An edit of the small instance, and the one diagnostic that it must give.

    `at` is the text that the caret must underline, `file` the file it must stand in.
    """

    code: str
    edit: Callable[[Folder], None]
    file: str = ""
    at: str = ""
    hint: str = ""
    load: dict = field(default_factory=dict)
    severity: Severity | None = None
    count: int = 1


def cell(code: str, table: str, row: int, column: str, text: str, hint: str = "", **more) -> Case:
    """Case of one changed cell; the caret stands there unless `at` and `file` say otherwise."""
    at, file = more.pop("at", text), more.pop("file", f"{table}.csv")
    return Case(code, lambda f: f.cell(table, row, column, text), file, at, hint, **more)


def fuel_of_another_region(folder: Folder) -> None:
    """The fuel of the small instance is priced only where no site is."""
    folder.copy_row("fuel_prices", 0, fuel_region="elsewhere")
    folder.cell("fuel_prices", 0, "fuel", "coal")


def own_hours(*, hours: int = 8760, value: str = "0.5", site: str = "mine") -> Callable[[Folder], None]:
    """Hours of sun of one's own, which the site names, unless it names another profile or none."""

    def edit(folder: Folder) -> None:
        rows = "".join(f"mine,{hour},{value if hour == 7 else 0.5}\n" for hour in range(hours))
        (folder.path / "hourly_profiles.csv").write_text(f"profile,hour,value\n{rows}")
        folder.cell("site_power", 0, "solar_profile", site)

    return edit


def setting(code: str, old: str, new: str, at: str, hint: str = "", **more) -> Case:
    """Case of one changed setting."""
    return Case(code, lambda f: f.settings(old, new), "instance.toml", at, hint, **more)


def change(code: str, text: str, at: str = "", hint: str = "", **more) -> Case:
    """Case of one change made while loading."""
    return Case(code, lambda f: None, "change", at, hint, load={"changes": [text]}, **more)


def edits(*steps: tuple) -> Callable[[Folder], None]:
    """Several edits: (method, arguments...)."""

    def edit(folder: Folder) -> None:
        for method, *arguments in steps:
            getattr(folder, method)(*arguments)

    return edit


def _spare_pool(folder: Folder) -> None:
    for row in range(3):
        folder.copy_row("budgets", row, pool="spare")


def _turbines_for_nothing(folder: Folder) -> None:
    """Neither a kind of power nor a technology takes turbines."""
    folder.delete("slot_use.csv")
    folder.cell("technologies", 0, "resource", "")


def _east_too_far(folder: Folder) -> None:
    folder.column("workloads", "max_latency_ms", "900")
    for row in (1, 3):
        folder.cell("latency", row, "rtt_ms", "999")


def _second_workload(folder: Folder) -> None:
    folder.copy_row("workloads", 0, workload="extra")


def _second_workload_without_blocks(folder: Folder) -> None:
    _second_workload(folder)
    for row in range(3):
        folder.copy_row("demand", row, workload="extra")


def _second_chip_after_the_plan(folder: Folder) -> None:
    folder.cell("chips", 1, "release", "2035")
    for row, year in ((3, "2036"), (4, "2037"), (5, "2038")):
        folder.cell("chip_supply", row, "during", year)


FILES = [
    Case("F001", lambda f: f.delete("instance.toml"), "instance.toml"),
    setting("F002", 'name = "tiny"', "name = tiny", "t"),
    Case("F003", lambda f: f.raw("chips.csv", b"chip,name\nA,caf\xe9\n"), "chips.csv", "�", "UTF-8"),
    Case("F003", lambda f: f.raw("instance.toml", b"name = 'caf\xe9'\n"), "instance.toml"),
    Case("F004", lambda f: f.raw("site.csv", "site\n"), "site.csv", hint="did you mean"),
    Case("F005", lambda f: f.delete("latency.csv"), "latency.csv"),
    Case("F006", lambda f: f.raw("slots.csv", "\n\n"), "slots.csv"),
    Case(
        "F007", lambda f: f.raw("regimes.csv", "regime,rule,source\ntest,no_big,a, b\n"), "regimes.csv", "b", "quotes"
    ),
    Case("F007", lambda f: f.raw("regimes.csv", "regime,rule,source\ntest,no_big\n"), "regimes.csv", "test,no_big"),
    Case("F008", lambda f: f.keep("demand"), "demand.csv"),
    Case("F009", lambda f: f.raw("regimes.csv", 'regime,rule,source\ntest,"no_big,x\n'), "regimes.csv"),
]

SETTINGS = [
    setting("S101", "discount_rate", "discount_rte", "discount_rte", "discount_rate", count=2),
    setting("S101", "[power]", "[powr]", "powr", "did you mean 'power'?"),
    setting("S102", "discount_rate = 0.08\n", "", "finance"),
    setting("S103", "discount_rate = 0.08", "discount_rate = -1", "-1"),
    setting("S103", "discount_rate = 0.08", 'discount_rate = "8 %"', '"8 %"'),
    setting("S103", "{ months = 12", "{ months = 5", "months = 5"),
    setting("S103", 'objective = "npv"', 'objective = "profit"', '"profit"'),
    setting("S104", 'start = "2027-01"', 'start = "2027-04"', "periods", "1 January"),
    Case("S105", lambda f: None, "instance.toml", hint="did you mean 'slow'?", load={"scenario": "slwo"}),
    setting("S106", 'regime = "test"', 'regime = "tset"', '"tset"', "did you mean 'test'?"),
    Case(
        "S107",
        edits(("settings", 'objective = "npv"', 'objective = "cost"'), ("delete", "required_compute.csv")),
        "instance.toml",
        '"cost"',
    ),
    setting("S108", "accept = []", 'accept = ["M999"]', '["M999"]', "M7"),
    setting("S108", "accept = []", 'accept = ["R301"]', '["R301"]', "M7"),
    setting(
        "S109", "integer_modules = true", 'integer_modules = true\ninteger_until = "2028-05"', '"2028-05"', "is '2027'"
    ),
    setting("S110", "integer_modules = true", 'integer_modules = false\ninteger_until = "2028"', '"2028"'),
]

CELLS = [
    Case("T201", lambda f: f.add_column("sites", "colour", "red"), "sites.csv", "colour"),
    Case(
        "T201",
        lambda f: f.rename("chips", "us_controlled", "us_controled"),
        "chips.csv",
        "us_controled",
        "us_controlled",
    ),
    Case("T202", lambda f: f.drop_column("sites", "lead_months"), "sites.csv"),
    Case("T203", lambda f: f.add_column("sites", "pool", "global"), "sites.csv", "pool"),
    Case("T204", lambda f: f.add_column("sites", "module_gw", "1"), "sites.csv", "module_gw", "keep one"),
    Case("T205", lambda f: f.copy_row("sites", 0), "sites.csv", "texas", "first defined at"),
    Case("T205", lambda f: f.copy_row("chip_prices", 0, since="2026Q1"), "chip_prices.csv", "C1", "chip_prices.csv:2"),
    cell("T206", "sites", 1, "lead_months", ""),
    cell("T206", "chips", 0, "source", ""),
    cell("T207", "sites", 0, "module_mw", "1.5GW", "write 1500, or name the column module_gw"),
    cell("T207", "sites", 0, "lead_months", "30 months", "write 30"),
    cell("T207", "sites", 0, "lead_months", "2 years", "write 24, or name the column lead_years"),
    cell("T207", "sites", 0, "open_cost_musd", "$5", "the column is in musd"),
    cell("T207", "sites", 0, "open_cost_musd", "5M$", "the column is in musd"),
    cell("T207", "chip_supply", 0, "units", "1,000", "write 1000", at='"1,000"'),
    cell("T207", "chip_supply", 0, "units", "1 000 000", "write 1000000"),
    cell("T207", "chip_supply", 0, "units", "1_000", "write 1000"),
    cell("T207", "demand", 0, "price_usd_per_h100e_hour", "2,5", "write 2.5", at='"2,5"'),
    cell("T207", "countries", 0, "wacc_fraction", "8%", "write 0.08"),
    cell("T207", "committed", 0, "remaining_cost_share", "50 %", "write 0.05 for 5 %"),
    cell("T208", "sites", 0, "module_mw", "big"),
    cell("T208", "sites", 0, "module_mw", "1.2.3"),
    cell("T208", "sites", 0, "lead_months", "--3"),
    cell("T209", "sites", 0, "module_mw", "-100"),
    cell("T209", "sites", 0, "latitude", "-97", "swapped"),
    cell("T209", "committed", 0, "remaining_cost_share", "50", "not a percentage: write 0.5"),
    cell("T209", "budgets", 0, "year", "20277"),
    cell("T210", "chips", 0, "release", "2027Q5"),
    cell("T210", "chips", 0, "release", "March 2027"),
    cell("T210", "chip_supply", 0, "during", "2027-13"),
    cell("T211", "power_options", 0, "kind", "grid_frm", "did you mean 'grid_firm'?"),
    cell("T211", "rules", 0, "effect", "Deny", "did you mean 'deny'?"),
    cell("T212", "sites", 0, "country", "US", "did you mean 'USA'?"),
    cell("T212", "committed", 0, "site", "gulf site"),
    cell("T212", "sites", 1, "source", "x"),
    cell("T213", "sites", 0, "max_modules", "1.5"),
    cell("T214", "chips", 0, "us_controlled", "maybe"),
    cell("T215", "sites", 0, "module_mw", "nan"),
    cell("T215", "rules", 1, "quantity", "inf"),
    Case(
        "T213",
        edits(("convert", "sites", "lead_months", "lead_years", 12), ("cell", "sites", 0, "lead_years", "1.3")),
        "sites.csv",
        "1.3",
    ),
]

REFERENCES = [
    cell("R301", "sites", 0, "country", "USB", "did you mean 'USA'?"),
    cell("R302", "sites", 0, "grid_region", "gird", "did you mean 'grid'?", count=2),
    cell("R302", "limits", 1, "scope", "grid:gird", "did you mean 'grid'?", at="gird"),
    cell("R302", "grid_headroom", 0, "grid_region", "gird", "did you mean 'grid'?"),
    cell("R329", "limits", 2, "scope", "basin:colrado", "did you mean 'colorado'?", at="colrado"),
    cell("R329", "limits", 2, "scope", "basin:", "known: colorado", at=""),
    cell("R329", "sites", 0, "basin", "", "in the column 'basin' of sites.csv", file="limits.csv", at="colorado"),
    cell("R315", "limits", 2, "scope", "basn:colorado", "did you mean 'basin:colorado'?"),
    cell("R315", "limits", 1, "scope", "gird:grid", "did you mean 'grid:grid'?"),
    cell("T212", "sites", 0, "basin", "Rio Grande"),
    Case(
        "R303", lambda f: f.copy_row("latency", 0, latency_zone="zome"), "latency.csv", "zome", "did you mean 'zone'?"
    ),
    Case("R304", lambda f: f.copy_row("demand", 0, region="esat"), "demand.csv", "esat", "did you mean 'east'?"),
    Case(
        "R305",
        lambda f: f.copy_row("price_blocks", 0, workload="wrok"),
        "price_blocks.csv",
        "wrok",
        "did you mean 'work'?",
        count=2,
    ),
    Case("R306", lambda f: f.copy_row("chip_supply", 0, chip="C11"), "chip_supply.csv", "C11", "did you mean 'C1'?"),
    Case(
        "R307", lambda f: f.cell("sites", 1, "spend_profile", "stagd"), "sites.csv", "stagd", "did you mean 'staged'?"
    ),
    Case("R308", lambda f: f.cell("chips", 1, "resale_curve", "fats"), "chips.csv", "fats", "did you mean 'fast'?"),
    cell("R309", "demand_regions", 1, "stacks", "us; cnn", "did you mean 'cn'?", at="cnn"),
    cell("R309", "installed_base", 0, "stack", "uss", "did you mean 'us'?"),
    cell("R309", "stack_prices", 0, "stack", "cnn", "did you mean 'cn'?"),
    cell("R304", "stack_prices", 0, "region", "esat", "did you mean 'east'?"),
    cell("R304", "supply_response", 0, "region", "esat", "did you mean 'east'?"),
    cell("R306", "supply_response", 0, "chip", "C21", "did you mean 'C2'?"),
    cell("R310", "sites", 0, "pool", "globla", "did you mean 'global'?"),
    cell("R311", "committed", 0, "site", "golf", "did you mean 'gulf'?"),
    cell("R312", "grid_steps", 0, "option", "gsa", "did you mean 'gas'?"),
    Case("R314", lambda f: f.copy_row("regimes", 0, rule="no_bg"), "regimes.csv", "no_bg", "did you mean 'no_big'?"),
    cell("R314", "rules", 5, "raises", "qouta", "did you mean 'quota'?"),
    cell("R314", "rule_steps", 0, "rule", "qouta", "did you mean 'quota'?"),
    cell("R315", "rules", 1, "destination", "USA | EUU", at="EUU"),
    cell("R315", "rules", 3, "owner", "D:6 | CHN", "did you mean 'D:5'?", at="D:6"),
    cell("R315", "rules", 2, "base_destination", "any - USB", at="USB"),
    cell("R315", "rules", 1, "destination", "D:6 - CHN", "did you mean 'D:5'?", at="D:6"),
    cell("R315", "rules", 1, "destination", "any - D:5-CHN", "blank on each side", at="D:5-CHN"),
    cell("R315", "sovereignty", 0, "allowed", "ARE | USB", at="USB"),
    cell("R316", "rules", 1, "operators", "Gulf; Glf", "did you mean 'Gulf'?", at="Glf"),
    cell("R316", "installed_base", 1, "operator", "Glf", "did you mean 'Gulf'?"),
    cell("R316", "installed_base", 1, "operator", "Nobody & Sons", "leave the cell empty"),
    Case(
        "R317",
        lambda f: f.copy_row("slot_use", 0, resource="turbin"),
        "slot_use.csv",
        "turbin",
        "did you mean 'turbine'?",
    ),
    cell(
        "R318",
        "rules",
        0,
        "chip_test",
        "vendor == 'Vndor'",
        "did you mean 'Vendor'?",
        at="'Vndor'",
        severity=Severity.WARNING,
    ),
    cell(
        "R318",
        "rules",
        0,
        "chip_test",
        "chip_class == 'datacentre'",
        "did you mean 'datacenter'?",
        at="'datacentre'",
        severity=Severity.WARNING,
    ),
    cell("R324", "technology_costs", 0, "technology", "turbine_plan", "did you mean 'turbine_plant'?", count=2),
    cell("R324", "technology_limits", 0, "technology", "turbine_plan", "did you mean 'turbine_plant'?"),
    cell("R325", "site_power", 0, "climate", "dessert", "did you mean 'desert'?"),
    cell("R326", "technologies", 0, "fuel", "gass", "did you mean 'gas'?"),
    cell("R327", "site_power", 0, "fuel_region", "golf", "did you mean 'gulf'?"),
    cell("R311", "technology_limits", 0, "site", "gulff", "did you mean 'gulf'?"),
    cell("R311", "power_needs", 0, "site", "gulff", "did you mean 'gulf'?"),
    cell("R311", "dispatch_loads", 0, "site", "gulff", "did you mean 'gulf'?"),
    cell("R317", "technologies", 0, "resource", "turbin", "did you mean 'turbine'?"),
    cell("R319", "sites", 0, "operator_hq", "USS", "did you mean 'USA'?"),
    cell("R319", "sites", 0, "parent_hq", "USS", "did you mean 'USA'?"),
    cell("R319", "rules", 0, "jurisdiction", "USS", "did you mean 'USA'?"),
    cell("R319", "country_groups", 0, "country", "CHX"),
    cell("R321", "rules", 1, "destination", "(ARE | SAU", "", at="("),
    cell("R321", "limits", 0, "scope", "ARE SAU", "", at="SAU"),
    cell("R322", "rules", 0, "chip_test", "us_controlled and tp > 5", "did you mean 'tpp'?", at="tp"),
    cell("R322", "rules", 0, "chip_test", "vendor == 'a,b' and tpp = 5", "write '=='", at="="),
    cell("R322", "rules", 0, "chip_test", "release < '2026-13'", "write it as 2026-02", at="'2026-13'"),
    cell("R323", "assumptions", 0, "knob", "chips[*].life_moths", "did you mean 'life_months'?", at="life_moths"),
    cell("R323", "assumptions", 0, "knob", "chips[X*].life_months", "", at="X*"),
]

ORPHANS = [
    Case("O401", lambda f: f.keep("chip_prices", 0), "chips.csv", "C2"),
    Case("O402", lambda f: f.keep("chip_supply", 0, 1, 2), "chips.csv", "C2"),
    cell("O403", "chip_prices", 1, "since", "2028", at="2027", file="chip_supply.csv"),
    Case("O420", lambda f: f.keep("technology_costs"), "technologies.csv", "turbine_plant"),
    Case("O421", fuel_of_another_region, "technology_limits.csv", "turbine_plant"),
    Case("R328", own_hours(site="mein"), "site_power.csv", "mein", "did you mean 'mine'?", count=2),
    Case("O422", own_hours(hours=8759), "hourly_profiles.csv", "8758"),
    Case("O423", own_hours(value="1.5"), "hourly_profiles.csv", "1.5"),
    Case("O424", own_hours(site=""), "hourly_profiles.csv", "mine"),
    cell("O425", "power_needs", 0, "curtailment_depth", "0.2"),
    cell("O426", "power_needs", 0, "hourly_clean_share", "0.5"),
    cell("O427", "power_needs", 0, "demand_charge_usd_per_kw_year", "10"),
    Case("O404", lambda f: f.keep("power_options", 1, 2), "sites.csv", "texas"),
    Case("O405", lambda f: f.keep("latency", 2, 3), "sites.csv", "zone"),
    Case("O406", lambda f: f.keep("latency", 0, 2), "demand_regions.csv", "east"),
    Case("O406", _east_too_far, "demand_regions.csv", "east"),
    cell("O407", "sites", 0, "spend_profile", "at_commitment", at="staged", file="spend_profiles.csv"),
    cell("O408", "chips", 0, "resale_curve", "", at="fast", file="resale_curves.csv"),
    Case("O409", lambda f: f.copy_row("grid_regions", 0, grid_region="other"), "grid_regions.csv", "other"),
    Case("O410", _spare_pool, "budgets.csv", "spare"),
    cell("O411", "chips", 1, "release", "2028", "2028-01", at="2027", file="chip_supply.csv"),
    cell(
        "O411",
        "chips",
        1,
        "release",
        "2027-06",
        "2027-06",
        at="2027",
        file="chip_supply.csv",
        severity=Severity.WARNING,
    ),
    Case("O412", _second_workload_without_blocks, "workloads.csv", "extra"),
    Case("O413", _second_workload, "workloads.csv", "extra"),
    Case("O414", lambda f: f.keep("regimes", 0, 1, 3, 4, 5, 6), "rules.csv", "share"),
    Case("O415", _turbines_for_nothing, "slots.csv", "turbine"),
    cell("O418", "supply_response", 0, "lag_years", "3", at="C2"),
    cell("O418", "supply_response", 0, "region", "market", at="C2"),
    cell("O419", "stack_prices", 0, "region", "market", "it takes us", at="cn"),
    Case("O417", lambda f: f.copy_row("demand_regions", 0, region="west"), "demand_regions.csv", "west"),
]


DATES = [
    cell("D501", "chips", 1, "end_of_sale", "2025"),
    cell("D502", "rules", 1, "effective_to", "2020-01"),
    cell("D503", "country_groups", 1, "member_to", "1999"),
    cell("D504", "grid_steps", 0, "available_from", "2026"),
    cell("D505", "grid_steps", 1, "cumulative_mw", "1500"),
    Case("D506", edits(*(("cell", "demand", row, "year", str(2040 + row)) for row in range(6))), "demand.csv"),
    cell("D506", "rules", 1, "effective_from", "2040", severity=Severity.WARNING),
    Case(
        "D506",
        edits(*(("cell", "limits", row, "year", "2040") for row in range(3))),
        "limits.csv",
        severity=Severity.WARNING,
    ),
    Case("D507", lambda f: f.keep("budgets", 0, 2), "budgets.csv", "global"),
    Case("D508", lambda f: f.keep("slots", 0, 1), "slots.csv", "turbine"),
    cell("D509", "sites", 1, "earliest_start", "2030", at="2030"),
    Case("D510", _second_chip_after_the_plan, "chips.csv", "2035"),
    Case("D511", lambda f: f.keep("demand", 0, 2, 3, 4, 5), "demand.csv", "2027"),
    Case("D512", lambda f: f.copy_row("chip_supply", 0, during="2027H2"), "chip_supply.csv", "2027H2"),
    Case(
        "D513",
        lambda f: f.copy_row("country_groups", 1, member_from="2030-01", member_to=""),
        "country_groups.csv",
        "2030-01",
    ),
    cell("D514", "grid_headroom", 1, "cumulative_mw", "500"),
    cell("D515", "committed", 0, "online_from", "2031"),
]

AMOUNTS = [
    cell("P601", "spend_profiles", 0, "share", "0.5", at="0.5"),
    cell("P602", "price_blocks", 1, "price_multiplier", "1.3"),
    cell("P602", "price_blocks", 1, "price_multiplier", "1.2"),
    cell("P603", "resale_curves", 1, "share", "0.95"),
    cell("P604", "price_blocks", 0, "quantity_share", "0.7"),
    cell("P605", "sites", 0, "lead_months", "6", at="staged"),
    cell("P606", "committed", 0, "modules", "4"),
    Case("P607", lambda f: f.copy_row("chip_prices", 0, since="2026-07", price_usd="2000"), "chips.csv", "fast"),
    cell("P608", "chip_supply", 0, "minimum_units", "2000000"),
    cell("P609", "sites", 1, "pue_peak", "1.1"),
    cell("P610", "limits", 0, "value", "50"),
    cell("P611", "sovereignty", 0, "allowed", "DEU"),
    cell("P612", "assumptions", 0, "low", "61", at="60"),
    cell("P613", "limits", 0, "scope", "grid:grid", "write '*' or a country set"),
    cell("P613", "limits", 0, "scope", "basin:colorado"),
]

PLACES = [
    Case(
        "L901",
        edits(("cell", "sites", 1, "latitude", "54"), ("cell", "sites", 1, "longitude", "24")),
        "sites.csv",
        "54",
        "latitude 24",
    ),
    Case(
        "L902", edits(("cell", "sites", 1, "latitude", "0"), ("cell", "sites", 1, "longitude", "0")), "sites.csv", "0"
    ),
    cell("L903", "sites", 0, "longitude", "97", "longitude seems to lack its sign", at="32"),
    cell("L903", "sites", 1, "country", "USA", at="24"),
]

RULES = [
    cell("G801", "rules", 1, "quantity", ""),
    cell("G802", "rules", 0, "quantity", "0.5"),
    cell("G802", "rules", 0, "measure", "chips_million"),
    cell("G803", "rules", 1, "measure", ""),
    cell("G804", "rules", 1, "measure", "capital_busd"),
    cell("G805", "rules", 2, "quantity", "50", "write 0.5 for 50"),
    Case("G806", lambda f: f.copy_row("regimes", 0, regime="none"), "regimes.csv", "none"),
    Case("G807", lambda f: f.copy_row("country_groups", 0, group="SGP"), "country_groups.csv", "SGP"),
    Case("G807", lambda f: f.copy_row("country_groups", 0, group="any"), "country_groups.csv", "any"),
]

RULE_COLUMNS = [
    *(
        cell("G808", "rules", row, column, text, hint)
        for row, column, text, hint in (
            (0, "per", "country", "used by allow, cap"),
            (0, "period", "yearly", "used by allow, licence"),
            (0, "probability", "0.9", "used by licence"),
            (4, "probability", "0.9", "used by licence"),
            (1, "lag_months", "6", "used by allow, licence, quota_step"),
            (1, "validity_months", "12", "used by allow, licence"),
            (3, "validity_months", "12", "set period to 'term'"),
            (3, "measure", "chips_million", "give a quantity"),
            (3, "period", "yearly", "give a quantity"),
            (3, "per", "country", "give a quantity"),
            (1, "raises", "quota", "used by quota_step"),
            (1, "cost_busd", "2", "used by quota_step"),
            (1, "pass_through", "0.5", "used by revenue_share, tariff"),
            (1, "base_quantity", "2", "used by share_cap, volume_ratio"),
            (1, "base_destination", "USA", "used by matching_investment, share_cap, volume_ratio"),
            (5, "chip_test", "us_controlled", "used by allow"),
        )
    ),
    Case(
        "G808",
        edits(
            ("cell", "rules", 2, "effect", "volume_ratio"),
            ("cell", "rules", 2, "measure", ""),
            ("cell", "rules", 2, "per", "country"),
        ),
        "rules.csv",
        "country",
    ),
    Case(
        "G817",
        edits(
            ("cell", "rules", 2, "effect", "matching_investment"),
            ("cell", "rules", 2, "measure", ""),
            ("cell", "rules", 2, "per", "country"),
        ),
        "rules.csv",
        "country",
    ),
    cell("G803", "rules", 4, "measure", ""),
    cell("G809", "rules", 4, "period", "", at="", count=2),
    cell("G810", "rules", 4, "validity_months", ""),
    cell("G811", "rules", 5, "raises", ""),
    cell("G811", "rules", 5, "raises", "licence"),
    cell("G811", "rules", 5, "raises", "share"),
    cell("G812", "rules", 5, "per", "operator"),
    cell("G812", "rules", 5, "jurisdiction", "ARE"),
    cell("G812", "rules", 5, "measure", "chips_million"),
    cell("G813", "rules", 6, "quantity", "25", "write 0.25 for 25"),
    Case("G814", lambda f: f.copy_row("rule_steps", 0, rule="licence"), "rule_steps.csv", "licence"),
    cell("G815", "rule_steps", 0, "since", "2030", at="2029-01"),
    cell("G816", "rule_steps", 0, "since", "2019"),
    cell("G816", "rules", 4, "effective_to", "2029", "to before 2029-01", file="rule_steps.csv", at="2029-01"),
    cell("G818", "rules", 3, "jurisdiction", "ARE", at="allow"),
    cell("G818", "rules", 3, "chip_test", "chip == 'C1' and not us_controlled", at=""),
    Case("G818", lambda f: f.cell("regimes", 3, "regime", "other"), "rules.csv", "allow"),
]

MAGNITUDES = [
    cell("M701", "sites", 0, "module_mw", "0.5", "M701"),
    cell("M701", "sites", 0, "module_mw", "500000"),
    cell("M702", "budgets", 0, "capital_busd", "500000"),
    cell("M702", "budgets", 0, "capital_busd", "0.0001"),
    cell("M703", "chip_prices", 1, "price_usd", "30"),
    cell("M704", "chips", 1, "it_power_kw", "1400"),
    cell("M705", "power_options", 0, "energy_usd_per_mwh", "0.05"),
    cell("M706", "power_options", 2, "capex_usd_per_kw", "1200000"),
    cell("M707", "sites", 0, "module_cost_usd_per_kw", "11"),
    cell("M708", "chips", 1, "tpp", "15.8"),
    cell("M708", "chips", 1, "performance_h100e", "2000"),
    cell("M709", "latency", 0, "rtt_ms", "0.0001"),
    cell("M710", "demand", 0, "quantity_h100e_million", "2000000"),
    cell("M711", "countries", 0, "wacc_fraction", "0.5"),
    setting("M711", "discount_rate = 0.08", "discount_rate = 0.8", "0.8"),
    cell("M712", "sites", 0, "om_usd_per_kw_year", "200000"),
    cell("M713", "power_options", 0, "carbon_t_per_mwh", "380"),
    cell("M714", "sites", 0, "water_m3_per_mwh", "1800"),
    cell("M715", "demand", 0, "price_usd_per_h100e_hour", "200"),
    cell("M716", "power_options", 0, "max_mw", "0.5"),
    cell("M717", "sites", 0, "open_cost_musd", "200000000"),
    cell("M718", "chip_supply", 0, "units", "0.4"),
    cell("M719", "sites", 1, "lead_months", "150", count=2),
    cell("M720", "workloads", 0, "utilisation", "0.005"),
]

CHANGES = [
    change("C001", "finance.discount_rate", "finance.discount_rate", "knob = value"),
    change("C001", "sites[*].lead_months -= 6", "-=", "'+=' with a negative value"),
    change("C001", "sites[texas,2027].lead_months = 6", "texas,2027", "its key is site"),
    change("C001", "chips.life_months = 6", "chips.life_months", "chips[*].life_months"),
    change("C002", "finance.discont_rate = 0.1", "finance.discont_rate", "did you mean 'finance.discount_rate'?"),
    change("C002", "site[*].lead_months = 6", "site", "did you mean 'sites'?"),
    change("C002", "sites[*].lead_moths = 6", "lead_moths", "did you mean 'lead_months'?"),
    change("C003", "sites[us_*].lead_months = 6", "us_*"),
    change("C003", "sites[gulff].lead_months = 6", "gulff", "did you mean 'gulf'?"),
    change("C003", "chip_supply[C1,2031].units = 6", "C1,2031"),
    change("C004", "sites[*].name += x", "sites[*].name += x"),
    change("C004", "sites[*].site = x", "site"),
    change("C004", "sites[texas].max_starts_per_year += 1", hint="set it with '='"),
    change("C004", "policy.regime *= 2"),
    change("C004", "calendar.periods = 3"),
    change("C005", "sites[*].module_mw = 1.5GW", "1.5GW", "write 1500"),
    change("C005", "sites[*].lead_months = 500", "500"),
    change("C005", "sites[*].earliest_start = soon", "soon"),
    change("C005", "finance.discount_rate = 2", "2"),
    change("C005", "calendar.start = 2027-05", "2027-05"),
    change("C005", "sites[*].earliest_start += 0.5", "0.5"),
    change("C006", "chips[C2].life_months *= 0.99", severity=Severity.WARNING),
    Case(
        "C003",
        lambda f: f.settings("sites[*].lead_months += 6", "sites[x*].lead_months += 6"),
        "instance.toml",
        "x*",
        load={"scenario": "slow"},
    ),
]

CASES = [
    *FILES,
    *SETTINGS,
    *CELLS,
    *REFERENCES,
    *ORPHANS,
    *DATES,
    *AMOUNTS,
    *PLACES,
    *RULES,
    *RULE_COLUMNS,
    *MAGNITUDES,
    *CHANGES,
]
