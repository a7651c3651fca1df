"""The sentences on maps and briefs: the finding, the proof, what binds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from maps.names import bloc_label, family_label
from maps.view.model import Constraint, MapPlan, SiteView


def money(busd: float) -> str:
    """``$1.23 tn``, ``$45.6 bn`` or ``$0.78 bn``, with a minus sign in front."""
    sign = "\N{MINUS SIGN}" if busd < 0 else ""
    size = abs(busd)
    if size >= 999.5:
        return f"{sign}${size / 1000:.2f} tn"
    return (
        f"{sign}${size:.0f} bn"
        if size >= 99.95
        else f"{sign}${size:.1f} bn"
        if size >= 9.95
        else f"{sign}${size:.2f} bn"
    )


def gigawatts(gw: float) -> str:
    """GW with the digits that matter: ``123``, ``45.6``, ``0.78``.

    Halves are rounded up, as the map page rounds them, and sums in any order give the same digits.
    """
    digits = 0 if gw >= 99.95 else 1 if gw >= 9.95 else 2
    exact = Decimal(f"{gw:.6f}").quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{exact:f}" if digits < 2 else f"{exact:f}".rstrip("0").rstrip(".")


def finding(sites: Sequence[SiteView], year: int, index: int, *, place: str = "") -> str:
    """Title of a map: how much, at how many campuses, and where most of it stands."""
    online = [site for site in sites if site.online_gw[index] > 0]
    total = sum(site.online_gw[index] for site in online)
    lead = f"{place}, {year}" if place else str(year)
    if not online:
        return f"{lead}: nothing on line yet"
    campuses = "1 campus" if len(online) == 1 else f"{len(online)} campuses"
    text = f"{lead}: {gigawatts(total)} GW on line at {campuses}"
    share_of: dict[str, float] = {}
    for site in online:
        key = site.country_name if place else bloc_label(site.bloc)
        share_of[key] = share_of.get(key, 0.0) + site.online_gw[index] / total
    first, *rest = sorted(share_of, key=lambda key: (-share_of[key], key))
    if not rest:
        return f"{text}, all in {first}"
    return f"{text}; {share_of[first]:.0%} in {first}, {share_of[rest[0]]:.0%} in {rest[0]}"


_STATUS_WORDS = {
    "optimal": "optimal within the gap asked",
    "feasible": "feasible, not proven best",
    "infeasible": "infeasible",
    "no_plan": "no plan",
}


def status_words(status: str) -> str:
    """Status of the manifest in words."""
    return _STATUS_WORDS.get(status, status)


def binding_years(constraints: Sequence[Constraint]) -> dict[str, int]:
    """For each family of limits that ever binds, the number of years in which any of its limits does."""
    years: dict[str, set[int]] = {}
    for constraint in constraints:
        years.setdefault(constraint.family, set()).update(constraint.binding_years)
    return {family: len(found) for family, found in years.items() if found}


def proof(plan: MapPlan) -> str:
    """Subtitle: worth, gap, status and the limit that binds most often."""
    headline = plan.headline
    parts = []
    if headline.npv_busd is not None:
        parts.append(f"NPV {money(headline.npv_busd)}")
    if headline.gap_rel is not None:
        parts.append(f"gap {headline.gap_rel:.2%}")
    if headline.status:
        parts.append(status_words(headline.status))
    if headline.fractions:
        parts.append(headline.fractions)
    binding = binding_years(plan.constraints)
    if not binding:
        parts.append("no limit binds")
    else:
        family = max(binding, key=lambda name: binding[name])
        parts.append(f"binds most often: {family_label(family)} ({binding[family]} of {len(plan.years)} years)")
    return " · ".join(parts)


def headline_facts(plan: MapPlan, manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and value, with unit, of each figure that stands for the whole plan."""
    headline, end = plan.headline, plan.years[-1]
    campuses = sum(site.online_gw[-1] > 0 for site in plan.sites)
    yield "IT capacity", f"{gigawatts(plan.totals.online_gw[-1])} GW on line at {campuses} campuses, end of {end}"
    yield "Capital", f"{money(headline.capital_busd)} over the plan, not discounted"
    yield "Chips", f"{headline.chips_million:,.1f} million installed"
    if headline.tokens_trillion_per_month_end is not None:
        yield "Tokens", f"{headline.tokens_trillion_per_month_end:,.0f} trillion a month in {end}"
    if headline.npv_busd is not None:
        yield "Net present value", money(headline.npv_busd)
    if plan.supply is not None:
        power = plan.supply
        yield (
            "Power",
            f"{power.energy_twh:,.0f} TWh over the plan, ${power.usd_per_mwh:,.1f} and {power.carbon_t_per_mwh:.2f} t "
            f"of CO\N{SUBSCRIPT TWO} per MWh delivered, {power.clean_share:.1%} clean",
        )
    yield "Proof", gap_words(plan)
    yield "Audit", audit_words(manifest)
    yield "Export rules", "none" if headline.regime == "none" else f"regime {headline.regime}"


def gap_words(plan: MapPlan) -> str:
    """How near the plan is to the best possible one."""
    headline = plan.headline
    words = status_words(headline.status) or "status not known"
    fractions = f"; {headline.fractions}" if headline.fractions else ""
    if headline.gap_rel is None:
        return f"{words}; gap not known{fractions}"
    return f"{words}; within {headline.gap_rel:.2%} of the best possible{fractions}"


def audit_words(manifest: Mapping[str, Any]) -> str:
    """What the independent recomputation found."""
    audit: Mapping[str, Any] = manifest.get("audit") or {}
    if "ok" not in audit:
        return "no audit is recorded"
    checks = f"{audit['checks']:,} checks" if "checks" in audit else "an unknown number of checks"
    return f"passed, {checks} recomputed without the model" if audit["ok"] else f"FAILED, {checks}"
