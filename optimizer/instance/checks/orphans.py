"""Rows that can have no effect: unserved markets, sites without power, chips nobody can buy, unused curves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from optimizer.instance.checks.context import Context
from optimizer.instance.checks.references import AT_COMMITMENT
from optimizer.instance.codes import Code, Severity
from optimizer.instance.instance import Instance
from optimizer.instance.places import CellRef, Finding
from optimizer.instance.schema import Objective


def check_chips(instance: Instance, context: Context) -> Iterator[Finding]:
    """Chips without price or supply."""
    if not context.is_whole("chips", "chip_prices", "chip_supply"):
        return
    first_price: dict[str, int] = {}
    for price in instance.chip_prices:
        first_price[price.chip] = min(price.since, first_price.get(price.chip, price.since))
    supplied = {supply.chip for supply in instance.chip_supply}
    for index, chip in enumerate(instance.chips):
        at = CellRef("chips", index, "chip")
        if chip.chip not in first_price:
            yield Finding(Code.CHIP_WITHOUT_PRICE, at, f"chip '{chip.chip}' has no row in chip_prices.csv", chip.chip)
        if chip.chip not in supplied:
            yield Finding(Code.CHIP_WITHOUT_SUPPLY, at, f"chip '{chip.chip}' has no row in chip_supply.csv", chip.chip)
    warned: set[str] = set()
    for index, supply in enumerate(instance.chip_supply):
        since = first_price.get(supply.chip)
        chip_row = instance.chip_by_id.get(supply.chip)
        if since is None or chip_row is None or supply.chip in warned:
            continue
        if since > max(supply.during.start, chip_row.release):
            warned.add(supply.chip)
            message = f"chip '{supply.chip}' is supplied before its first price, which is used for it"
            yield Finding(Code.PRICED_LATE, CellRef("chip_supply", index, "during"), message)


def check_supply_on_sale(instance: Instance, context: Context) -> Iterator[Finding]:
    """Supply outside the time a chip is on sale: an error if all of the row is, a warning if part of it is."""
    if not context.is_whole("chips"):
        return
    warned: set[str] = set()
    for index, supply in enumerate(instance.chip_supply):
        chip = instance.chip_by_id.get(supply.chip)
        if chip is None or not supply.units or chip.release >= chip.end_of_sale:
            continue
        at = CellRef("chip_supply", index, "during")
        if supply.during.end <= chip.release or supply.during.start >= chip.end_of_sale:
            message = f"supply of '{supply.chip}' in {supply.key_values[1]} falls outside its time of sale"
            yield Finding(Code.SUPPLY_OFF_SALE, at, message, supply.key_values[1], hint=_sale(instance, supply.chip))
        elif (supply.during.start < chip.release or supply.during.end > chip.end_of_sale) and chip.chip not in warned:
            warned.add(chip.chip)
            message = f"part of the supply of '{supply.chip}' in {supply.key_values[1]} falls outside its time of sale"
            hint = _sale(instance, supply.chip)
            yield Finding(Code.SUPPLY_OFF_SALE, at, message, supply.key_values[1], hint=hint, severity=Severity.WARNING)


def _sale(instance: Instance, chip: str) -> str:
    written = instance.chip_by_id[chip].model_dump(mode="json", include={"release", "end_of_sale"})
    return f"chips.csv: on sale from {written['release']} to before {written['end_of_sale']}"


def check_site_power(instance: Instance, context: Context) -> Iterator[Finding]:
    """Sites without any power option, neither given nor to be computed."""
    if not context.is_whole("power_options", "site_power"):
        return
    powered = {option.site for option in instance.power_options} | {row.site for row in instance.site_power}
    for index, site in enumerate(instance.sites):
        if site.site not in powered:
            message = f"site '{site.site}' has no row in power_options.csv or site_power.csv and can never run"
            yield Finding(Code.SITE_WITHOUT_POWER, CellRef("sites", index, "site"), message, site.site)


def _demand_severity(instance: Instance) -> Severity:
    """Demand decides nothing unless the plan earns money."""
    return Severity.ERROR if instance.settings.objective is Objective.NPV else Severity.WARNING


def _arcs(instance: Instance) -> set[tuple[str, str, str]]:
    """(zone, region, workload) between which some chip's stack can be sold, whatever the date."""
    stacks = {chip.stack for chip in instance.chips}
    open_regions = {r.region for r in instance.demand_regions if stacks & set(r.accepted_stacks)}
    workloads_of: dict[str, set[str]] = {}
    for row in instance.demand:
        workloads_of.setdefault(row.region, set()).add(row.workload)
    longest = {workload.workload: workload.max_latency_ms for workload in instance.workloads}
    return {
        (arc.latency_zone, arc.region, workload)
        for arc in instance.latency
        if arc.region in open_regions
        for workload in workloads_of.get(arc.region, ())
        if arc.rtt_ms <= longest.get(workload, 0)
    }


def check_reach(instance: Instance, context: Context) -> Iterator[Finding]:
    """Sites that can serve nobody, and demand that no site can serve."""
    if not context.is_whole("sites", "chips", "demand_regions", "workloads", "demand", "latency"):
        return
    severity = _demand_severity(instance)
    arcs = _arcs(instance)
    reaching = {zone for zone, _, _ in arcs}
    for index, site in enumerate(instance.sites):
        if site.latency_zone not in reaching:
            message = f"site '{site.site}': no market can be served from latency zone '{site.latency_zone}'"
            at = CellRef("sites", index, "latency_zone")
            hint = "latency.csv needs a row from this zone to a market, short enough for a workload wanted there"
            yield Finding(Code.SITE_REACHES_NOBODY, at, message, site.latency_zone, hint=hint, severity=severity)
    yield from _unreached(instance, arcs, severity)


def _unreached(instance: Instance, arcs: set[tuple[str, str, str]], severity: Severity) -> Iterator[Finding]:
    zones = {site.latency_zone for site in instance.sites}
    served = {(region, workload) for zone, region, workload in arcs if zone in zones}
    served_regions = {region for region, _ in served}
    wanted = {(row.region, row.workload): None for row in instance.demand if row.quantity_h100e_million}
    wanted_regions = {region for region, _ in wanted}
    for index, row in enumerate(instance.demand_regions):
        at = CellRef("demand_regions", index, "region")
        if row.region in wanted_regions and row.region not in served_regions:
            message = f"no site can serve market '{row.region}'"
            hint = "check its rows in latency.csv, the longest round trip of its workloads, and the stacks it accepts"
            yield Finding(Code.MARKET_UNREACHED, at, message, row.region, hint=hint, severity=severity)
        for region, workload in wanted:
            if region == row.region and region in served_regions and (region, workload) not in served:
                message = f"no site can serve market '{region}' with workload '{workload}'"
                yield Finding(Code.MARKET_UNREACHED, at, message, region, severity=Severity.WARNING)


def check_demand_tables(instance: Instance, context: Context) -> Iterator[Finding]:
    """Demand without price blocks, workloads without demand, markets without demand."""
    if not context.is_whole("demand", "price_blocks", "workloads", "demand_regions"):
        return
    priced = {block.workload for block in instance.price_blocks}
    wanted = {row.workload for row in instance.demand}
    for index, workload in enumerate(instance.workloads):
        at = CellRef("workloads", index, "workload")
        if workload.workload not in wanted:
            message = f"no market wants workload '{workload.workload}'"
            yield Finding(Code.UNWANTED_WORKLOAD, at, message, workload.workload)
        elif workload.workload not in priced:
            message = f"workload '{workload.workload}' has no row in price_blocks.csv, so nothing of it can be sold"
            yield Finding(Code.NO_PRICE_BLOCK, at, message, workload.workload, severity=_demand_severity(instance))
    regions = {row.region for row in instance.demand}
    for index, region in enumerate(instance.demand_regions):
        if region.region not in regions:
            at = CellRef("demand_regions", index, "region")
            yield Finding(
                Code.REGION_WITHOUT_DEMAND, at, f"market '{region.region}' has no row in demand.csv", region.region
            )


def _unused(table: str, column: str, names: Iterable[str], used: set[str], code: Code, text: str) -> Iterator[Finding]:
    """One finding, at its first row, for each name that nothing uses."""
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name not in used and name not in seen:
            seen.add(name)
            yield Finding(code, CellRef(table, index, column), text.format(name), name)


def check_unused(instance: Instance, context: Context) -> Iterator[Finding]:
    """Profiles, curves, pools, grid regions and slots that nothing uses."""
    if not context.is_whole("sites", "chips", "slot_use"):
        return
    sites, profiles = instance.sites, {site.spend_profile for site in instance.sites} | {AT_COMMITMENT}
    yield from _unused(
        "spend_profiles", "profile", (row.profile for row in instance.spend_profiles), profiles,
        Code.UNUSED_PROFILE, "no site uses spend profile '{}'",
    )  # fmt: skip
    yield from _unused(
        "resale_curves", "curve", (row.curve for row in instance.resale_curves),
        {chip.resale_curve or "" for chip in instance.chips}, Code.UNUSED_CURVE, "no chip uses resale curve '{}'",
    )  # fmt: skip
    yield from _unused(
        "budgets", "pool", (row.pool for row in instance.budgets), {site.pool for site in sites},
        Code.UNUSED_POOL, "no site is paid from pool '{}'",
    )  # fmt: skip
    yield from _unused(
        "grid_regions", "grid_region", (row.grid_region for row in instance.grid_regions),
        {site.grid_region for site in sites}, Code.UNUSED_GRID_REGION, "no site lies in grid region '{}'",
    )  # fmt: skip
    yield from _unused(
        "slots", "resource", (row.resource for row in instance.slots),
        {row.resource for row in instance.slot_use} | {row.resource or "" for row in instance.technologies},
        Code.UNUSED_SLOTS, "no kind of power takes '{}', so its slots limit nothing",
    )  # fmt: skip


def check_rules_in_regimes(instance: Instance, context: Context) -> Iterator[Finding]:
    """Rules that no regime holds."""
    if not context.is_whole("regimes"):
        return
    held = {row.rule for row in instance.regimes}
    for index, rule in enumerate(instance.rules):
        if rule.rule not in held:
            at = CellRef("rules", index, "rule")
            yield Finding(Code.RULE_WITHOUT_REGIME, at, f"rule '{rule.rule}' is in no regime of regimes.csv", rule.rule)


CHECKS = (
    check_chips,
    check_supply_on_sale,
    check_site_power,
    check_reach,
    check_demand_tables,
    check_unused,
    check_rules_in_regimes,
)
