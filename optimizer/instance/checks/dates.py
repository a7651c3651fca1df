"""Dates out of order, years that are missing, and rows that fall outside the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

from optimizer.instance.calendar import format_month, format_span
from optimizer.instance.checks.context import Context
from optimizer.instance.codes import Code, Severity
from optimizer.instance.instance import Instance
from optimizer.instance.places import CellRef, Finding, SettingRef, TableRef
from optimizer.instance.schema import Budget, Demand, GridHeadroom, Objective, PowerOption, Slots

Item = TypeVar("Item")


def _grouped(rows: Sequence[Item], key: Callable[[Item], str]) -> dict[str, list[tuple[int, Item]]]:
    """Rows with their index, by key, in file order."""
    groups: dict[str, list[tuple[int, Item]]] = {}
    for index, row in enumerate(rows):
        groups.setdefault(key(row), []).append((index, row))
    return groups


def check_order(instance: Instance, context: Context) -> Iterator[Finding]:  # noqa: ARG001 - rows stand alone
    """Ends before beginnings."""
    for index, chip in enumerate(instance.chips):
        if chip.release >= chip.end_of_sale:
            message = f"chip '{chip.chip}': sale ends in {format_month(chip.end_of_sale)}, before it begins"
            yield Finding(Code.SALE_ENDS_FIRST, CellRef("chips", index, "end_of_sale"), message)
    for index, rule in enumerate(instance.rules):
        if rule.effective_to is not None and rule.effective_from >= rule.effective_to:
            message = f"rule '{rule.rule}' ends in {format_month(rule.effective_to)}, before it begins"
            yield Finding(Code.RULE_ENDS_FIRST, CellRef("rules", index, "effective_to"), message)
    for index, member in enumerate(instance.country_groups):
        if member.member_to is not None and member.member_from >= member.member_to:
            message = f"{member.country} leaves '{member.group}' in {format_month(member.member_to)}, before it joins"
            yield Finding(Code.MEMBERSHIP_ENDS_FIRST, CellRef("country_groups", index, "member_to"), message)


def check_grid_steps(instance: Instance, context: Context) -> Iterator[Finding]:
    """Steps before their option, and steps that carry less than what came before."""
    if not context.is_whole("power_options"):
        return
    options: dict[str, PowerOption] = {f"{o.site}/{o.option}": o for o in instance.power_options}
    for name, steps in _grouped(instance.grid_steps, lambda step: f"{step.site}/{step.option}").items():
        option = options.get(name)
        if option is None:
            continue
        carried = option.max_mw
        for index, step in sorted(steps, key=lambda item: item[1].available_from):
            if step.available_from <= option.available_from:
                message = (
                    f"step of '{name}' in {format_month(step.available_from)} does not come after the option itself, "
                    f"{format_month(option.available_from)}"
                )
                at = CellRef("grid_steps", index, "available_from")
                yield Finding(Code.STEP_BEFORE_OPTION, at, message, hint="put it into max_mw of power_options.csv")
            elif step.cumulative_mw < carried:
                message = f"step of '{name}' carries {step.cumulative_mw} MW, less than {carried} MW before it"
                yield Finding(Code.STEP_FALLS, CellRef("grid_steps", index, "cumulative_mw"), message)
            carried = step.cumulative_mw


def check_headroom(instance: Instance, context: Context) -> Iterator[Finding]:  # noqa: ARG001 - one table
    """Headroom that falls, although capacity never does."""
    by_region: dict[str, list[tuple[int, GridHeadroom]]] = _grouped(instance.grid_headroom, lambda row: row.grid_region)
    for region, rows in by_region.items():
        ordered = sorted(rows, key=lambda item: item[1].year)
        for (_, before), (index, row) in pairwise(ordered):
            if row.cumulative_mw < before.cumulative_mw:
                message = f"headroom of '{region}' falls from {before.cumulative_mw} to {row.cumulative_mw} MW"
                yield Finding(Code.HEADROOM_FALLS, CellRef("grid_headroom", index, "cumulative_mw"), message)


def _missing(years: Sequence[int], given: set[int]) -> str:
    return ", ".join(str(year) for year in years if year not in given)


def check_years(instance: Instance, context: Context) -> Iterator[Finding]:
    """Years of the plan without budget, slots or demand."""
    if not context.settings_known:
        return
    years = instance.calendar.years
    if context.is_whole("budgets"):
        budgets: dict[str, list[tuple[int, Budget]]] = _grouped(instance.budgets, lambda row: row.pool)
        for pool, rows in budgets.items():
            if missing := _missing(years, {row.year for _, row in rows}):
                message = f"pool '{pool}' has no budget for {missing}"
                hint = "write 0 for a year in which nothing may be spent"
                yield Finding(Code.BUDGET_YEAR_MISSING, CellRef("budgets", rows[0][0], "pool"), message, hint=hint)
    if context.is_whole("slots"):
        slots: dict[str, list[tuple[int, Slots]]] = _grouped(instance.slots, lambda row: row.resource)
        for resource, items in slots.items():
            if missing := _missing(years, {row.year for _, row in items}):
                message = f"'{resource}' has no row for {missing} and would be unlimited then"
                yield Finding(Code.SLOT_YEAR_MISSING, CellRef("slots", items[0][0], "resource"), message)
    if context.is_whole("demand"):
        series: dict[str, list[tuple[int, Demand]]] = _grouped(instance.demand, lambda d: f"{d.region}/{d.workload}")
        for name, wanted in series.items():
            given = {row.year for _, row in wanted}
            missing = _missing(years, given)
            first = wanted[0][1]
            is_known = first.region in instance.region_by_id and first.workload in instance.workload_by_id
            if missing and is_known and given & set(years):
                message = f"demand '{name}' has no row for {missing}: nothing can be sold then"
                yield Finding(Code.DEMAND_YEAR_MISSING, CellRef("demand", wanted[0][0], "year"), message)


def check_overlaps(instance: Instance, context: Context) -> Iterator[Finding]:  # noqa: ARG001 - rows stand alone
    """Supply rows and memberships that count the same months twice."""
    for chip, rows in _grouped(instance.chip_supply, lambda row: row.chip).items():
        ordered = sorted(rows, key=lambda item: item[1].during)
        for (_, before), (index, row) in pairwise(ordered):
            if row.during.overlap(before.during):
                message = (
                    f"supply of '{chip}' in {format_span(row.during)} overlaps that in {format_span(before.during)}"
                )
                yield Finding(Code.SUPPLY_OVERLAPS, CellRef("chip_supply", index, "during"), message)
    for name, members in _grouped(instance.country_groups, lambda row: f"{row.country} in {row.group}").items():
        in_order = sorted(members, key=lambda item: item[1].member_from)
        for (_, earlier), (index, member) in pairwise(in_order):
            if earlier.member_to is None or member.member_from < earlier.member_to:
                message = f"membership of {name} begins before the earlier one ends"
                yield Finding(Code.MEMBERSHIPS_OVERLAP, CellRef("country_groups", index, "member_from"), message)


def check_within_plan(instance: Instance, context: Context) -> Iterator[Finding]:
    """Tables that say nothing about the years of the plan."""
    if not context.settings_known:
        return
    calendar = instance.calendar
    last = calendar.end - 1
    plan = f"the plan runs from {format_month(calendar.start)} to {format_month(last)}"
    years = set(calendar.years)
    covered = {
        "demand": any(row.year in years for row in instance.demand),
        "chip_supply": any(
            row.during.start < calendar.end and row.during.end > calendar.start for row in instance.chip_supply
        ),
        "limits": any(row.year in years for row in instance.limits),
        "required_compute": any(row.year in years for row in instance.required_compute),
    }
    for table, is_covered in covered.items():
        if getattr(instance, table) and context.is_whole(table) and not is_covered:
            serious = table in ("demand", "chip_supply") or _is_required(instance, table)
            severity = Severity.ERROR if serious else Severity.WARNING
            message = f"no row of {table}.csv falls into the plan"
            yield Finding(Code.OUTSIDE_PLAN, TableRef(table), message, hint=plan, severity=severity)
    for index, rule in enumerate(instance.rules):
        is_over = rule.effective_to is not None and rule.effective_from < rule.effective_to <= calendar.start
        if rule in instance.active_rules and (is_over or rule.effective_from > last):
            at = CellRef("rules", index, "effective_from")
            message = f"rule '{rule.rule}' is never in force within the plan"
            yield Finding(Code.OUTSIDE_PLAN, at, message, hint=plan, severity=Severity.WARNING)


def _is_required(instance: Instance, table: str) -> bool:
    return table == "required_compute" and instance.settings.objective is Objective.COST


def check_requirement(instance: Instance, context: Context) -> Iterator[Finding]:
    """The objective 'cost' needs something to be bought."""
    is_cost = instance.settings.objective is Objective.COST
    if is_cost and context.is_whole("required_compute") and not instance.required_compute:
        message = "the objective 'cost' has nothing to reach: required_compute.csv is missing or empty"
        yield Finding(Code.NO_REQUIREMENT, SettingRef(("objective",)), message)


def check_late(instance: Instance, context: Context) -> Iterator[Finding]:
    """Sites, committed builds and chips that come too late for the plan, or chips that went too early."""
    if not context.settings_known:
        return
    calendar = instance.calendar
    dates = [calendar.periods[t].start for t in calendar.decision_periods]
    for index, site in enumerate(instance.sites):
        start = next((date for date in dates if date >= site.earliest_start), None)
        if start is None or calendar.first_period_from(start + site.lead_months) >= len(calendar):
            message = f"site '{site.site}' cannot have a new module on line within the plan"
            yield Finding(Code.SITE_TOO_LATE, CellRef("sites", index, "earliest_start"), message)
    for index, build in enumerate(instance.committed):
        if calendar.first_period_from(build.online_from) >= len(calendar):
            message = f"committed modules of '{build.site}' come on line after the plan"
            yield Finding(Code.BUILT_OUTSIDE_PLAN, CellRef("committed", index, "online_from"), message)
    for index, chip in enumerate(instance.chips):
        if chip.release >= calendar.end or chip.release < chip.end_of_sale <= calendar.start:
            message = f"chip '{chip.chip}' is not on sale within the plan"
            yield Finding(Code.CHIP_OUTSIDE_PLAN, CellRef("chips", index, "release"), message)


def check_integer_until(instance: Instance, context: Context) -> Iterator[Finding]:
    """The date up to which modules are whole must be the end of a period, and there must be whole modules."""
    model, calendar = instance.settings.model, instance.calendar
    if not context.settings_known or model.integer_until is None:
        return
    at, given = SettingRef(("model", "integer_until")), model.integer_until
    ends = [span.end for span in calendar.periods]
    if given.end not in ends:
        nearest = calendar.labels[min(range(len(ends)), key=lambda t: abs(ends[t] - given.end))]
        message = f"model.integer_until: '{format_span(given)}' does not end with a period of the plan"
        yield Finding(Code.INTEGER_UNTIL, at, message, format_span(given), hint=f"the nearest is '{nearest}'")
    elif not model.integer_modules:
        message = "model.integer_until says nothing where model.integer_modules = false"
        yield Finding(Code.INTEGER_UNTIL_UNUSED, at, message, severity=Severity.WARNING)


CHECKS = (
    check_order,
    check_grid_steps,
    check_headroom,
    check_years,
    check_overlaps,
    check_within_plan,
    check_requirement,
    check_late,
    check_integer_until,
)
