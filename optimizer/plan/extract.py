"""From a solved model to the plan tables."""

from __future__ import annotations

from optimizer.instance.instance import Instance
from optimizer.model.build import PlanModel
from optimizer.plan.cash_table import cash_rows
from optimizer.plan.decisions import read_decisions
from optimizer.plan.dispatch_reading import read_dispatch
from optimizer.plan.limit_table import limit_rows
from optimizer.plan.market_tables import demand_rows, serving_rows
from optimizer.plan.permit_tables import permit_rows, step_rows
from optimizer.plan.policy_table import policy_rows
from optimizer.plan.site_tables import (
    chip_rows,
    dispatch_rows,
    energy_rows,
    operation_rows,
    phase_rows,
    power_rows,
    service_rows,
    site_rows,
)
from optimizer.plan.state import PlanState
from optimizer.plan.tables import PlanTables


def plan_tables(model: PlanModel) -> PlanTables:
    """Make the tables of the plan that the model's variables hold; its modes are those of `instance_of_plan`."""
    dispatch = read_dispatch(model)
    state = PlanState.of(model, read_decisions(model, dispatch), dispatch.instance)
    running, service = tuple(dispatch_rows(state)), tuple(service_rows(state))
    energy, serving, demand = tuple(energy_rows(state)), tuple(serving_rows(state)), tuple(demand_rows(state))
    return PlanTables(
        sites=tuple(site_rows(state)),
        phases=tuple(phase_rows(state)),
        operations=tuple(operation_rows(state)),
        chips=tuple(chip_rows(state)),
        power=tuple(power_rows(state)),
        energy=energy,
        serving=serving,
        demand=demand,
        policy=tuple(policy_rows(state)),
        permits=tuple(permit_rows(state)),
        quota_steps=tuple(step_rows(state)),
        limits=tuple(limit_rows(state, energy, serving, demand, running)),
        cash=tuple(cash_rows(state, energy, serving, demand, running, service)),
        dispatch=running,
        load_service=service,
    )


def instance_of_plan(model: PlanModel) -> Instance:
    """The instance of a solved model, with the dispatch modes that its plan runs in."""
    return read_dispatch(model).instance
