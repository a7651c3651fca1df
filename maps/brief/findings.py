"""The rows and sentences of a brief, computed from the plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from maps.names import family_label
from maps.plan import Plan
from maps.view.model import MapPlan
from maps.words import audit_words, gap_words, money
from optimizer.instance.calendar import parse_span
from optimizer.plan.scarcity import scarcity_by_year

_MOST_SOURCES, _LEAST_SHARE = 5, 0.005


@dataclass(frozen=True, slots=True)
class Commitment:
    """Modules that the plan commits, and the last date on which that still gives the same day on line."""

    site: str
    country: str
    decide_by: str
    committed: str
    energised: str
    it_gw: float
    cost_busd: float


def commitments(plan: Plan) -> tuple[Commitment, ...]:
    """All decisions of the plan, by last responsible moment, then the largest first."""
    found = [
        Commitment(
            site.short_name, site.country,
            phase.decide_by, phase.committed, phase.energised, phase.it_gw, phase.cost_busd,
        )
        for site in plan.view.sites
        for phase in site.phases
        if not phase.fact
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda row: (parse_span(row.decide_by).start, -row.it_gw, row.site)))


def year_rows(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Year, GW on line, chips, capital, revenue, demand served, what was scarce."""
    view = plan.view
    scarce = {row.year: row for row in scarcity_by_year(plan.tables)}
    cash = {series.key: series.values for series in view.totals.cash_busd}
    capital = ("site_opening", "modules", "committed_modules", "power_capex", "chips", "chip_taxes")
    nothing = (0.0,) * len(view.years)
    for i, year in enumerate(view.years):
        chips = sum(series.values[i] for series in view.totals.chips_installed_million)
        spent = _settled(-sum(cash.get(category, nothing)[i] for category in capital))
        row = scarce.get(year)
        yield (
            str(year), f"{_settled(view.totals.online_gw[i]):,.1f}", f"{chips:,.2f}", f"{spent:,.0f}",
            f"{cash.get('revenue', nothing)[i]:,.0f}", "" if row is None else f"{row.demand_served:.0%}",
            "" if row is None else ", ".join(row.scarce) or "nothing",
        )  # fmt: skip


def _settled(value: float) -> float:
    """Value without the last bits of a sum, which decide how halves are rounded, and without a minus before nought."""
    return round(value, 6) + 0.0


def binding_rows(view: MapPlan) -> Iterator[tuple[str, ...]]:
    """Kind of limit, how many of them bind, in which years, and which bind longest; most often binding first."""
    families = dict.fromkeys(constraint.family for constraint in view.constraints)
    counted = []
    for family in families:
        own = [constraint for constraint in view.constraints if constraint.family == family]
        binding = sorted((c for c in own if c.binding_years), key=lambda c: (-len(c.binding_years), c.name))
        years = sorted({year for constraint in binding for year in constraint.binding_years})
        if binding:
            names = ", ".join(f"{c.label} ({len(c.binding_years)})" for c in binding)
            counted.append((len(years), family_label(family), f"{len(binding)} of {len(own)}", spans(years), names))
    rules = [(rule, [entry.year for entry in rule.years if entry.binding_rows]) for rule in view.rules]
    bound = sorted(((rule, years) for rule, years in rules if years), key=lambda pair: -len(pair[1]))
    if bound:
        years = sorted({year for _, found in bound for year in found})
        names = ", ".join(f"{rule.rule} ({len(found)})" for rule, found in bound)
        counted.append(
            (len(years), "export rules with a quantity", f"{len(bound)} of {len(rules)}", spans(years), names)
        )
    for _, *row in sorted(counted, key=lambda row: -row[0]):
        yield tuple(row)


def spans(years: Sequence[int]) -> str:
    """Years as runs: ``2028-2030, 2033``."""
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def policy_words(view: MapPlan) -> Iterator[str]:
    """The regime, what travels under permits, and steps bought."""
    if not view.rules:
        yield "No export rules are in force in this plan."
        return
    forbids = sum(rule.effect == "deny" for rule in view.rules)
    idle = sum(bool(rule.idle_because) for rule in view.rules)
    yield (
        f"Regime {view.headline.regime}: {len(view.rules)} rules, {forbids} of them denials; "
        f"{idle} have no effect in this instance."
    )
    title = {rule.rule: rule.title for rule in view.rules}
    flows = [(flow, sum(flow.values)) for flow in view.policy.permits if flow.permit]
    for flow, total in sorted(flows, key=lambda pair: -pair[1]):
        if total > 0:
            under = f"{flow.permit}, {title.get(flow.permit, '')} ({flow.jurisdiction})"
            yield f"{total:,.3g} million chips travel under {under}."
    bought = [step for step in view.policy.steps if step.bought]
    if bought:
        cost = money(sum(step.cost_busd for step in bought))
        yield f"{len(bought)} of {len(view.policy.steps)} quota steps are bought, for {cost}."


def power_words(view: MapPlan) -> Iterator[str]:
    """Mix, cost, carbon and clean share of what is delivered, what bridges gain, slots that bind, and the full year."""
    supply = view.supply
    if supply is None:
        yield "What power costs and emits is not known of this plan."
        return
    made = sorted(((sum(part.values), part.label) for part in view.totals.energy_twh), reverse=True)
    total = sum(twh for twh, _ in made)
    mix = ", ".join(f"{twh / total:.0%} {label}" for twh, label in made[:_MOST_SOURCES] if twh >= _LEAST_SHARE * total)
    yield (
        f"{supply.energy_twh:,.0f} TWh over the plan: {mix}. Delivered at ${supply.usd_per_mwh:,.1f} and "
        f"{supply.carbon_t_per_mwh:.2f} t of CO\N{SUBSCRIPT TWO} per MWh; {supply.clean_share:.1%} is clean (the grid "
        "counts as not clean)."
    )
    yield _bridge_words(view)
    if supply.hours is not None:
        hours = supply.hours
        campus_years = "1 campus-year is" if hours.warnings == 1 else f"{hours.warnings} campus-years are"
        yield (
            f"Dispatched over every hour of the years, computed power ({hours.energy_share:.0%} of all energy) costs "
            f"{money(abs(hours.cost_difference_busd))} "
            f"{'less' if hours.cost_difference_busd < 0 else 'more'} than planned and {1e3 * hours.unserved_twh:,.1f} "
            f"GWh are missing; {campus_years} off by more than {hours.tolerance:.0%}, or short of energy."
        )


def _bridge_words(view: MapPlan) -> str:
    assert view.supply is not None
    slots = [row for row in view.constraints if row.family == "slots" and row.binding_years]
    bound = ", ".join(f"{row.label} {spans(row.binding_years)}" for row in slots)
    binds = f"Delivery slots that bind: {bound}." if slots else "No delivery slot binds."
    if not view.supply.bridged_sites:
        return f"No campus starts earlier for bridge power. {binds}"
    mean = view.supply.months_gained / view.supply.bridged_sites
    campuses = "1 campus" if view.supply.bridged_sites == 1 else f"{view.supply.bridged_sites} campuses"
    return f"Bridge power lets {campuses} start earlier, by {mean:,.1f} months on average. {binds}"


def proof_words(plan: Plan) -> Iterator[str]:
    """What is proven, what was checked, and what that does not say."""
    headline = plan.view.headline
    worth = "" if headline.npv_busd is None else f"Net present value {money(headline.npv_busd)}. "
    bound = "" if headline.bound_busd is None else f" (no plan is worth more than {money(headline.bound_busd)})"
    stopped = f" The search stopped because: {headline.stopped_because}." if headline.stopped_because else ""
    yield f"{worth}Status: {gap_words(plan.view)}{bound}.{stopped}"
    audit = plan.manifest.get("audit") or {}
    worst = audit.get("worst") or {}
    detail = ""
    if "violation" in worst:
        detail = (
            f"; worst deviation {worst['violation']:.2g} of a tolerance of {worst.get('tolerance', float('nan')):.2g}"
        )
    yield f"Audit: {audit_words(plan.manifest)}{detail}."
    yield (
        "The gap is a proof about this instance: it says nothing about its assumptions, which are tested by changing "
        "them. Money is in US dollars, not discounted unless called present value."
    )
    identity = headline.instance_sha256 or "not known"
    yield f"Instance {plan.view.name}, SHA-256 {identity}; made with {headline.software or 'unknown versions'}."
