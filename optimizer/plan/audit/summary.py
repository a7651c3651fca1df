"""Recomputes the table of sites and the manifest: what people read first."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from optimizer.instance.schema import Objective, Site
from optimizer.plan.audit.building import SiteBuild, first_positive
from optimizer.plan.audit.ledger import CONSTRAINT_TOLERANCE, NUMBER_TOLERANCE, ROUNDING, Ledger
from optimizer.plan.audit.power import SiteState
from optimizer.plan.audit.recomputed import Recomputed
from optimizer.plan.tables import SitePlan

Manifest = Mapping[str, object]
"""The content of manifest.json."""


def audit_sites(ledger: Ledger, plan: Recomputed, states: Mapping[str, SiteState], rows: Sequence[SitePlan]) -> None:
    """Check that every site has a row, and every column of it."""
    stated = {row.site: row for row in rows}
    committed: dict[str, int] = defaultdict(int)
    for build in plan.instance.committed:
        committed[build.site] += build.modules
    for site in plan.instance.sites:
        row = stated.get(site.site)
        if row is None:
            ledger.absent("sites.rows", "sites", site.site, "this site has no row")
            continue
        for column in ("name", "country", "operator", "operator_hq", "grid_region", "latitude", "longitude"):
            ledger.text("sites.facts", row, column, getattr(site, column))
        _audit_site(ledger, plan, site, states[site.site], row, committed[site.site])


def _audit_site(ledger: Ledger, plan: Recomputed, site: Site, state: SiteState, row: SitePlan, committed: int) -> None:
    build, labels = plan.builds[site.site], plan.clock.labels
    new = float(build.new_modules.sum())
    opened, energised = build.opened, first_positive(build.online_modules)
    ledger.text("sites.status", row, "status", _status(build, committed))
    ledger.text("sites.modules_committed", row, "modules_committed", committed)
    ledger.number("sites.modules_new", row, "modules_new", new)
    ledger.text("sites.opened", row, "opened", "" if opened is None else labels[opened])
    ledger.text("sites.first_energised", row, "first_energised", "" if energised is None else labels[energised])
    ledger.number("sites.it_gw_end", row, "it_gw_end", float(build.online_gw[-1]))
    peak = site.pue_peak * float(state.installed_gw[-1])
    ledger.number("sites.facility_peak_gw_end", row, "facility_peak_gw_end", peak)
    ledger.number("sites.compute_end", row, "compute_h100e_million_end", float(state.compute[-1]))
    ledger.number("sites.capital", row, "capital_busd", float(plan.money[site.site].capital.sum()))
    main = _main_kinds(plan, site)
    message = f"most energy comes from {' or '.join(sorted(main)) or 'nothing'}"
    ledger.holds("sites.main_power", row, "main_power", row.main_power in (main or {""}), message)


def _status(build: SiteBuild, committed: int) -> str:
    if build.opened is not None:
        return "extended" if committed else "new"
    return "committed" if committed else "not_chosen"


def _main_kinds(plan: Recomputed, site: Site) -> set[str]:
    """Kinds of the options that deliver most energy over the plan; several when they tie."""
    delivered = {
        supply.option: sum(supply.energy.values()) for supply in plan.supplies.values() if supply.site.site == site.site
    }
    most = max(delivered.values(), default=0.0)
    if most <= 0:
        return set()
    return {option.kind.value for option, energy in delivered.items() if energy >= most * (1 - CONSTRAINT_TOLERANCE)}


def audit_manifest(ledger: Ledger, plan: Recomputed, npv: float, turnover: float, manifest: Manifest) -> None:
    """Check what manifest.json says of the plan.

    Parameters
    ----------
    npv
        Recomputed net present value [B USD].
    turnover
        Sum of the magnitudes of all discounted cash [B USD]: what NPV is rounded against.
    """
    stated = _Stated(ledger, manifest)
    stated.text("manifest.name", "instance.name", plan.instance.name)
    stated.text("manifest.sha256", "instance.sha256", _hash(plan))
    stated.text("manifest.objective", "objective.kind", plan.instance.settings.objective.value)
    stated.number("manifest.npv", "npv_busd", npv, turnover)
    for name, value in _headline(plan).items():
        stated.number("manifest.headline", f"headline.{name}", value, abs(value))
    if plan.instance.settings.objective is Objective.NPV:
        _audit_bound(stated, plan, npv, turnover)


def _hash(plan: Recomputed) -> str:
    from optimizer.instance import instance_hash

    return instance_hash(plan.instance)


def _headline(plan: Recomputed) -> dict[str, float]:
    builds = plan.builds.values()
    last_year = plan.clock.year_of[-1]
    return {
        "sites_opened": sum(1 for build in builds if first_positive(build.online_modules) is not None),
        "gw_online_end": sum(float(build.online_gw[-1]) for build in builds),
        "capex_busd": sum(float(one.capital.sum()) for one in plan.money.values()),
        "chips_million": sum(float(fleet.installed.sum()) for fleet in plan.fleets.values()),
        "tokens_trillion_per_month_end": plan.sales.tokens[last_year] / 12,
    }


def _audit_bound(stated: _Stated, plan: Recomputed, npv: float, turnover: float) -> None:
    """Check that value, bound, gap and status of the objective ``npv`` agree with each other and with the plan."""
    tolerance = CONSTRAINT_TOLERANCE * max(1.0, turnover)
    value = stated.find("objective.value")
    if value is not None:
        stated.within("manifest.objective", "objective.value", abs(value - npv), tolerance, npv)
    bound = stated.find("bound_busd", optional=True)
    if bound is None or value is None:
        return
    stated.within("manifest.bound", "bound_busd", npv - bound, tolerance, npv)
    stated.number("manifest.bound", "objective.bound", bound, abs(bound))
    gap = max(0.0, bound - value)
    stated.number("manifest.gap", "gap_busd", gap, turnover)
    relative = gap / max(abs(value), 1e-9)
    stated.number("manifest.gap", "gap_rel", relative, 1.0)
    solver = plan.instance.settings.solver
    if stated.manifest.get("status") == "optimal":
        excess = min(gap - solver.gap_busd, gap - solver.gap * abs(value))
        stated.within("manifest.status", "status", excess, tolerance, gap)


class _Stated:
    """Looks numbers up in a manifest and compares them."""

    def __init__(self, ledger: Ledger, manifest: Manifest) -> None:
        self.ledger = ledger
        self.manifest = manifest

    def find(self, path: str, *, optional: bool = False) -> float | None:
        """Number at a dotted path; a failure, and None, when there is none."""
        value = self._at(path)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        if not (optional and value is None):
            self.ledger.absent("manifest.number", "manifest", path, f"expected a number, found {value!r}")
        return None

    def number(self, check: str, path: str, recomputed: float, scale: float) -> None:
        """Compare a number with its recomputation."""
        value = self.find(path)
        if value is not None:
            tolerance = NUMBER_TOLERANCE * abs(recomputed) + ROUNDING * max(1.0, scale)
            self.within(check, path, abs(value - recomputed), tolerance, recomputed)

    def text(self, check: str, path: str, recomputed: str) -> None:
        """Compare a text with its recomputation."""
        value = self._at(path)
        if value != recomputed:
            self.ledger.absent(check, "manifest", path, f"states {value!r}, recomputed {recomputed!r}")

    def within(self, check: str, path: str, violation: float, tolerance: float, recomputed: float) -> None:
        """Require a violation to stay within its tolerance."""
        stated = f"states {self._at(path)!r}, recomputed {recomputed!r}"
        self.ledger.tolerates(check, "manifest", path, violation, tolerance, stated)

    def _at(self, path: str) -> object:
        value: object = self.manifest
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value
