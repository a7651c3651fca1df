"""Stable codes of everything that can be wrong with an instance.

A code is never used again for something else. `instances/README.md` lists them.
"""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """Whether the instance can be used all the same."""

    ERROR = "error"
    WARNING = "warning"


class Code(StrEnum):
    """What is wrong.

    The letter says of what kind it is: files F, settings S, cells T, references R, orphans O, dates D,
    shares and amounts P, places L, rules G, magnitudes M, changes C.
    """

    meaning: str
    severity: Severity
    acceptable: bool

    def __new__(cls, value: str, meaning: str, severity: Severity = Severity.ERROR, acceptable: bool = False) -> Code:
        """Make a code with its meaning, severity, and whether `[checks] accept` may turn it into a warning."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        member.severity = severity
        member.acceptable = acceptable
        return member

    NO_INSTANCE = "F001", "there is no instance.toml at the path"
    TOML_SYNTAX = "F002", "instance.toml is not valid TOML"
    NOT_UTF8 = "F003", "a file is not UTF-8 text"
    UNKNOWN_FILE = "F004", "a CSV file in the folder is not a table of the format"
    MISSING_TABLE = "F005", "a table that every instance needs is missing"
    NO_HEADER = "F006", "a CSV file has no header line"
    CELL_COUNT = "F007", "a row has more or fewer cells than the header"
    NO_ROWS = "F008", "a table that every instance needs has no rows"
    CSV_SYNTAX = "F009", "a CSV file cannot be split into cells, e.g. a quote is never closed"

    UNKNOWN_SETTING = "S101", "instance.toml has a key that the format does not know"
    MISSING_SETTING = "S102", "instance.toml lacks a key"
    BAD_SETTING = "S103", "a value in instance.toml is not allowed"
    YEAR_END = "S104", "a period crosses the end of a calendar year"
    UNKNOWN_SCENARIO = "S105", "the scenario asked for does not exist"
    UNKNOWN_REGIME = "S106", "policy.regime is not a regime of regimes.csv"
    NO_REQUIREMENT = "S107", "the objective 'cost' needs required_compute.csv"
    UNKNOWN_CODE = "S108", "checks.accept names a code that does not exist or cannot be accepted"
    INTEGER_UNTIL = "S109", "model.integer_until does not end with a period of the plan"
    INTEGER_UNTIL_UNUSED = "S110", "model.integer_until says nothing, as no module need be whole", Severity.WARNING

    UNKNOWN_COLUMN = "T201", "a column is not one of the table's"
    MISSING_COLUMN = "T202", "a column that the table needs is missing"
    REPEATED_COLUMN = "T203", "a column stands twice in the header"
    COLUMN_IN_TWO_UNITS = "T204", "a quantity is given in two columns of different units"
    DUPLICATE_KEY = "T205", "two rows have the same key"
    EMPTY_CELL = "T206", "a cell that must be filled is empty"
    UNIT_IN_CELL = "T207", "a number carries a unit, a currency sign or thousands separators"
    NOT_A_NUMBER = "T208", "a cell should be a number"
    OUT_OF_RANGE = "T209", "a number lies outside the range the format allows"
    BAD_DATE = "T210", "a cell should be a date such as 2027, 2027H1, 2027Q2 or 2027-04"
    UNKNOWN_CHOICE = "T211", "a cell is not one of the values allowed"
    BAD_TEXT = "T212", "a name or code is not formed as it should be"
    NOT_WHOLE = "T213", "a number must be whole"
    NOT_A_FLAG = "T214", "a cell should be true or false"
    NOT_FINITE = "T215", "a number is NaN or infinite"

    UNKNOWN_COUNTRY = "R301", "a country is not in countries.csv"
    UNKNOWN_GRID_REGION = "R302", "a grid region is not in grid_regions.csv"
    UNKNOWN_ZONE = "R303", "a latency zone is not that of any site"
    UNKNOWN_REGION = "R304", "a market is not in demand_regions.csv"
    UNKNOWN_WORKLOAD = "R305", "a workload is not in workloads.csv"
    UNKNOWN_CHIP = "R306", "a chip is not in chips.csv"
    UNKNOWN_PROFILE = "R307", "a spend profile is not in spend_profiles.csv"
    UNKNOWN_CURVE = "R308", "a resale curve is not in resale_curves.csv"
    UNKNOWN_STACK = "R309", "a software stack is that of no chip"
    UNKNOWN_POOL = "R310", "a pool has no budget in budgets.csv"
    UNKNOWN_SITE = "R311", "a site is not in sites.csv"
    UNKNOWN_OPTION = "R312", "a power option is not in power_options.csv"
    UNKNOWN_RULE = "R314", "a rule is not in rules.csv"
    UNKNOWN_SET_NAME = "R315", "a country set names neither a group nor a country"
    UNKNOWN_OPERATOR = "R316", "a rule or the installed base names an operator that no site has"
    UNKNOWN_RESOURCE = "R317", "slot_use.csv or technologies.csv names a resource without slots"
    UNKNOWN_TEST_VALUE = "R318", "a chip test compares with a text that no chip has", Severity.WARNING
    NOT_A_COUNTRY = "R319", "a code is not an ISO 3166-1 alpha-3 country code"

    UNKNOWN_TECHNOLOGY = "R324", "a technology is not in technologies.csv"
    UNKNOWN_CLIMATE = "R325", "a climate is not in climates.csv"
    UNKNOWN_FUEL = "R326", "a fuel is not in fuel_prices.csv"
    UNKNOWN_FUEL_REGION = "R327", "a fuel region is not in fuel_prices.csv"
    UNKNOWN_HOURLY_PROFILE = "R328", "a profile of hours is not in hourly_profiles.csv"
    UNKNOWN_BASIN = "R329", "a limit is on a basin that no site draws from"

    BAD_COUNTRY_SET = "R321", "a country set cannot be read"
    BAD_CHIP_TEST = "R322", "a chip test cannot be read"
    BAD_KNOB = "R323", "the knob of an assumption cannot be read or matches nothing"

    CHIP_WITHOUT_PRICE = "O401", "a chip has no price"
    CHIP_WITHOUT_SUPPLY = "O402", "a chip is never supplied"
    PRICED_LATE = "O403", "a chip is supplied before its first price", Severity.WARNING
    SITE_WITHOUT_POWER = "O404", "a site has no power option"
    SITE_REACHES_NOBODY = "O405", "no market can be served from a site"
    MARKET_UNREACHED = "O406", "no site can serve a market's demand"
    UNUSED_PROFILE = "O407", "no site uses a spend profile", Severity.WARNING
    UNUSED_CURVE = "O408", "no chip uses a resale curve", Severity.WARNING
    UNUSED_GRID_REGION = "O409", "no site lies in a grid region", Severity.WARNING
    UNUSED_POOL = "O410", "no site is paid from a pool", Severity.WARNING
    SUPPLY_OFF_SALE = "O411", "chips are supplied while the chip is not on sale"
    NO_PRICE_BLOCK = "O412", "demand for a workload has no price blocks"
    UNWANTED_WORKLOAD = "O413", "no market wants a workload", Severity.WARNING
    RULE_WITHOUT_REGIME = "O414", "a rule belongs to no regime", Severity.WARNING
    TECHNOLOGY_WITHOUT_COST = "O420", "a technology has no cost"
    FUEL_WITHOUT_PRICE = "O421", "a fuel has no price in the region of a site that may burn it"
    HOURS_OF_PROFILE = "O422", "a profile does not have each hour of a year of 8,760 once"
    HOUR_ABOVE_ONE = "O423", "a profile of shares has an hour above 1"
    CUTS_WITHOUT_COST = "O425", "load of a site may be cut, but cuts have no cost"
    NOTHING_CLEAN = "O426", "a site must be clean in every hour and has no clean technology"
    CHARGE_WITHOUT_GRID = "O427", "a site pays for its draw from the grid and has no grid", Severity.WARNING
    UNUSED_HOURLY_PROFILE = "O424", "no site uses a profile of hours", Severity.WARNING
    UNUSED_SLOTS = "O415", "no kind of power takes a long-lead item", Severity.WARNING
    REGION_WITHOUT_DEMAND = "O417", "a market wants nothing", Severity.WARNING
    RESPONSE_NEVER_COMES = "O418", "supply of a chip can never answer unmet demand", Severity.WARNING
    STACK_NOT_TAKEN = "O419", "a stack has a price in a market that does not take it", Severity.WARNING

    SALE_ENDS_FIRST = "D501", "a chip's sale ends before it begins"
    RULE_ENDS_FIRST = "D502", "a rule ends before it begins"
    MEMBERSHIP_ENDS_FIRST = "D503", "a group membership ends before it begins"
    STEP_BEFORE_OPTION = (
        "D504",
        "a grid step comes before its power option and so replaces its max_mw",
        Severity.WARNING,
    )
    STEP_FALLS = "D505", "a grid step carries less than the step before", Severity.WARNING
    OUTSIDE_PLAN = "D506", "no row of a table falls into the years of the plan"
    BUDGET_YEAR_MISSING = "D507", "a pool has no budget for a year of the plan"
    SLOT_YEAR_MISSING = "D508", "a long-lead item has no row for a year of the plan and would be unlimited in it"
    SITE_TOO_LATE = "D509", "a site cannot be on line within the plan", Severity.WARNING
    CHIP_OUTSIDE_PLAN = "D510", "a chip is not on sale within the plan", Severity.WARNING
    DEMAND_YEAR_MISSING = "D511", "demand has a gap in a year of the plan", Severity.WARNING
    SUPPLY_OVERLAPS = "D512", "two supply rows of a chip cover the same months"
    MEMBERSHIPS_OVERLAP = "D513", "two memberships of a country in a group cover the same months"
    HEADROOM_FALLS = "D514", "grid headroom falls from one year to a later one", Severity.WARNING
    BUILT_OUTSIDE_PLAN = "D515", "committed modules come on line after the plan", Severity.WARNING

    PROFILE_SUM = "P601", "the shares of a spend profile do not add up to 1"
    PRICES_RISE = "P602", "price multipliers do not fall from block to block"
    RESALE_RISES = "P603", "a resale curve rises with age"
    QUANTITY_SUM = "P604", "the quantity shares of a workload's price blocks do not add up to 1", Severity.WARNING
    MILESTONE_LATE = "P605", "a payment falls after the lead time of a site"
    TOO_MANY_COMMITTED = "P606", "more modules are committed than fit on a site"
    RESALE_ABOVE_PRICE = "P607", "a chip can be resold for more than it costs"
    TAKE_OR_PAY_ABOVE_SUPPLY = "P608", "more chips must be taken than are supplied"
    PEAK_BELOW_AVERAGE = "P609", "the PUE of the worst hour is below the average"
    SHARE_ABOVE_ONE = "P610", "a share is above 1"
    NO_SOVEREIGN_SITE = "P611", "no site lies in the countries that must serve a market", Severity.WARNING
    RANGE_DISORDER = "P612", "an assumption's low, central and high are not in order"
    SHARE_OF_PLACE = "P613", "a limit on the share of capital is on a grid region or a basin, but capital is by country"

    SWAPPED_COORDINATES = "L901", "latitude and longitude look swapped", Severity.ERROR, True
    NULL_ISLAND = "L902", "a site lies at 0, 0", Severity.ERROR, True
    OUTSIDE_COUNTRY = "L903", "a site lies outside its country", Severity.ERROR, True

    QUANTITY_MISSING = "G801", "a rule lacks the quantity its effect needs"
    QUANTITY_FORBIDDEN = "G802", "a rule has a quantity or measure that its effect does not use"
    MEASURE_MISSING = "G803", "a rule lacks the measure its effect needs"
    MEASURE_INVALID = "G804", "a rule's measure does not go with its effect"
    RULE_SHARE_ABOVE_ONE = "G805", "the share of a share cap is above 1"
    RESERVED_REGIME = "G806", "regimes.csv uses the name 'none', which stands for no rules"
    RESERVED_GROUP = "G807", "a group has the name of a country, or is called 'any'"
    RULE_COLUMN_UNREAD = "G808", "a rule sets a column that its effect does not use"
    PERIOD_MISSING = "G809", "a permit with a quantity does not say over which period it counts"
    VALIDITY_MISSING = "G810", "a permit counted by term has no term"
    STEP_RAISES_NOTHING = "G811", "a quota step raises no cap and no permit with a quantity"
    STEP_MISMATCH = "G812", "a quota step differs from the rule it raises in per, jurisdiction or measure"
    LEVY_SIZE = "G813", "a levy is more than the price of the chip: write a share, not a percentage", Severity.WARNING
    STEP_WITHOUT_QUANTITY = "G814", "rule_steps.csv steps a rule that has no quantity"
    STEP_DISORDER = "G815", "the steps of a rule are not in the order of their dates", Severity.WARNING
    STEP_OUTSIDE_RULE = "G816", "a step falls outside the dates of its rule", Severity.WARNING
    PER_INVALID = "G817", "a rule is held apart for something that its effect cannot tell apart"
    ALLOW_UNNEEDED = "G818", "an allow rule that no licence rule asks for", Severity.WARNING

    MODULE_SIZE = "M701", "the size of a module is implausible: check the unit", Severity.ERROR, True
    CAPITAL_SIZE = "M702", "an amount of capital is implausible: check the unit", Severity.ERROR, True
    CHIP_PRICE_SIZE = "M703", "the price of a chip is implausible: check the unit", Severity.ERROR, True
    CHIP_POWER_SIZE = "M704", "the power of a chip is implausible: check the unit", Severity.ERROR, True
    ENERGY_PRICE_SIZE = "M705", "the price of energy is implausible: check the unit", Severity.ERROR, True
    POWER_CAPEX_SIZE = "M706", "the cost of power capacity is implausible: check the unit", Severity.ERROR, True
    MODULE_COST_SIZE = "M707", "the cost of a module is implausible: check the unit", Severity.ERROR, True
    TPP_SIZE = "M708", "a chip's TPP or performance is implausible: check the unit", Severity.ERROR, True
    LATENCY_SIZE = "M709", "a round trip is implausible: check the unit", Severity.ERROR, True
    COMPUTE_SIZE = "M710", "an amount of compute is implausible: check the unit", Severity.ERROR, True
    RATE_SIZE = "M711", "a cost of capital or discount rate is implausible: check the unit", Severity.ERROR, True
    YEARLY_COST_SIZE = "M712", "a yearly cost per kW is implausible: check the unit", Severity.ERROR, True
    CARBON_SIZE = "M713", "emissions per MWh are implausible: check the unit", Severity.ERROR, True
    WATER_SIZE = "M714", "water per MWh is implausible: check the unit", Severity.ERROR, True
    COMPUTE_PRICE_SIZE = "M715", "a price of compute is implausible: check the unit", Severity.ERROR, True
    POWER_SIZE = "M716", "an amount of power is implausible: check the unit", Severity.ERROR, True
    OPENING_COST_SIZE = "M717", "the cost of opening a site is implausible: check the unit", Severity.ERROR, True
    SUPPLY_SIZE = "M718", "a number of chips is implausible: check the unit", Severity.ERROR, True
    LEAD_TIME_SIZE = "M719", "a lead time is implausible: check the unit", Severity.ERROR, True
    UTILISATION_SIZE = "M720", "a utilisation is implausible: check the unit", Severity.ERROR, True

    CHANGE_SYNTAX = "C001", "a change is not of the form `knob = value`, `knob += value` or `knob *= value`"
    UNKNOWN_KNOB = "C002", "a change names a setting, table or column that does not exist"
    SELECTS_NOTHING = "C003", "the selector of a change matches no row"
    BAD_OPERATION = "C004", "the knob of a change cannot be changed in this way"
    BAD_CHANGED_VALUE = "C005", "a change leads to a value that is not allowed"
    ROUNDED = "C006", "a changed whole number was rounded", Severity.WARNING
