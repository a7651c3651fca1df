"""The audit: recomputes a plan from the instance and the plan tables alone, following `instances/SEMANTICS.md`.

It shares no code with the model, the solver or the extraction of the plan, and was written without looking at
them, so that a mistake in one of them shows as a difference. It uses only the schema, dates, country sets and
chip tests of `optimizer.instance`, and `optimizer.units`.
"""

from __future__ import annotations

from optimizer.instance.instance import Instance
from optimizer.plan.audit.building import audit_building
from optimizer.plan.audit.chips import audit_chips
from optimizer.plan.audit.clock import Clock, Memberships
from optimizer.plan.audit.demand import audit_demand
from optimizer.plan.audit.dispatch import audit_dispatch, audit_runs
from optimizer.plan.audit.ledger import AuditReport, Failure, Ledger, Worst
from optimizer.plan.audit.limits import audit_limits
from optimizer.plan.audit.money import audit_cash, cash_by_category, net_present_value, site_money
from optimizer.plan.audit.portfolios import audit_portfolios
from optimizer.plan.audit.power import audit_energy_balance, audit_operations, audit_power, site_states
from optimizer.plan.audit.recomputed import Recomputed
from optimizer.plan.audit.rules import audit_rules
from optimizer.plan.audit.rules.entries import PlanFlows
from optimizer.plan.audit.rules.steps import audit_steps
from optimizer.plan.audit.selection import RuleBook
from optimizer.plan.audit.service import audit_service
from optimizer.plan.audit.structure import usable_tables
from optimizer.plan.audit.summary import Manifest, audit_manifest, audit_sites
from optimizer.plan.audit.supply import audit_supply, chip_offers
from optimizer.plan.tables import PlanTables

__all__ = ["AuditReport", "Failure", "Manifest", "Worst", "audit_plan"]


def audit_plan(instance: Instance, plan: PlanTables, manifest: Manifest | None = None) -> AuditReport:
    """Recompute every balance, cap, ratio, date and dollar of a plan.

    Parameters
    ----------
    instance
        What the plan was made for.
    plan
        Its tables, as `optimizer.plan.reader.read_plan` reads them.
    manifest
        Content of its manifest.json; None to audit the tables alone.

    Returns
    -------
    AuditReport
        All failures, never an exception for a wrong plan: rows that name unknown things are reported and
        left out of the recomputation.
    """
    ledger = Ledger(plan)
    clock, memberships = Clock.of(instance), Memberships(instance)
    tables = usable_tables(ledger, instance, clock, plan)
    builds = audit_building(ledger, instance, clock, tables.phases)
    fleets = audit_chips(ledger, instance, clock, tables.chips)
    dispatched = audit_dispatch(ledger, instance, tables.dispatch)
    supplies = audit_power(ledger, instance, clock, tables.power, tables.energy, dispatched)
    audit_runs(ledger, instance, clock, supplies, dispatched)
    service = audit_service(ledger, instance, clock, tables.load_service, tables.dispatch, supplies)
    audit_portfolios(ledger, instance, clock, supplies)
    states = site_states(instance, clock, fleets, supplies)
    audit_operations(ledger, instance, clock, tables.operations, builds, states)
    audit_energy_balance(ledger, instance, clock, states, supplies, dispatched)
    markets = (tables.serving, tables.demand)
    sales = audit_demand(ledger, instance, clock, memberships, fleets.values(), markets)
    audit_supply(ledger, clock, chip_offers(instance, clock, fleets.values(), sales.unmet))
    book = RuleBook(instance, clock, memberships)
    steps = audit_steps(ledger, book, tables.quota_steps)
    money = site_money(instance, clock, builds, fleets, supplies)
    plan_again = Recomputed(
        instance, clock, memberships, builds, fleets, supplies, dispatched.loads, service, sales, money, steps.payments
    )
    cash = cash_by_category(plan_again)
    audit_cash(ledger, clock, tables.cash, cash)
    flows = PlanFlows(book, tuple(fleets.values()), builds, steps.raised)
    audit_rules(ledger, flows, tables)
    audit_limits(ledger, plan_again, tables.limits)
    audit_sites(ledger, plan_again, states, tables.sites)
    if manifest is not None:
        turnover = sum(float(abs(series).sum()) for series in cash.values())
        audit_manifest(ledger, plan_again, net_present_value(clock, cash), turnover, manifest)
    return ledger.report()
