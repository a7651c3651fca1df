"""Rows that buy quota steps whole: true of every plan, and broken by parts of steps."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.instance.instance import Instance
from optimizer.model.build import build_model
from optimizer.model.export_permits import raised_stocks
from optimizer.solve.standard_form import standard_form
from optimizer.solve.step_rows import RaisedLimit, most_broken, raised_limits
from tests import instances as make

NUMBERS = st.floats(0.1, 10.0)


def old_and_new(*, step: float = 100.0, early_retirement: bool = False, period: str = "stock") -> Instance:
    """Chips of one kW abroad, on two modules of a GW: new ones count ten times the old, and a step lifts a limit."""
    return make.instance(
        settings=make.settings(count=3, policy={"regime": "test"}, model={"early_retirement": early_retirement}),
        sites=[make.site("away", country="ARE", max_modules=2, latitude=24.2, longitude=54.5)],
        chips=[make.chip("old"), make.chip("new", performance_h100e=10)],
        chip_prices=[make.price("old"), make.price("new")],
        chip_supply=[make.supply("old", units=3_000_000), make.supply("new", "2028", units=100_000)],
        demand=[make.demand(year=year, quantity_h100e_million=5) for year in (2027, 2028, 2029)],
        rules=[
            make.rule("P", "licence", destination="ARE", quantity=0.1, measure="h100e_million", period=period),
            make.rule("STEP", "quota_step", raises="P", quantity=step, cost_busd=0.5),
        ],
        regimes=[make.regime("P"), make.regime("STEP")],
    )


def limits_of(instance: Instance) -> tuple[RaisedLimit, ...]:
    model = build_model(instance)
    return raised_limits(model, standard_form(model.pyomo))


@st.composite
def raised(draw: st.DrawFn) -> RaisedLimit:
    """A limit on four columns that one or two steps raise."""
    steps = draw(st.integers(1, 2))
    return RaisedLimit(
        group=0,
        columns=np.arange(4),
        gw=np.array(draw(st.lists(NUMBERS, min_size=4, max_size=4))),
        measured=np.array(draw(st.lists(NUMBERS, min_size=4, max_size=4))),
        most_gw=draw(NUMBERS),
        quantity=draw(NUMBERS),
        steps=np.arange(4, 4 + steps),
        added=np.array(draw(st.lists(NUMBERS, min_size=steps, max_size=steps))),
    )


@settings(max_examples=200, deadline=None)
@given(limit=raised(), shares=st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4), density=NUMBERS)
def test_what_steps_allow_and_sites_hold_breaks_no_row(limit: RaisedLimit, shares: list[float], density: float) -> None:
    count = len(limit.steps)
    for known in (np.zeros(count, dtype=bool), *np.eye(count, dtype=bool)):
        row = limit.row(density, known)
        for number in range(count + 1):
            for bought in combinations(range(count), number):
                values = np.concatenate([np.array(shares), np.zeros(count)])
                values[limit.steps[list(bought)]] = 1.0
                allowed = limit.quantity + limit.added[list(bought)].sum()
                standing = np.array(shares) + 1e-9
                largest = min(allowed / (limit.measured @ standing), limit.most_gw / (limit.gw @ standing))
                values[:4] = largest * standing
                assert row.excess(values) <= 1e-9 * (1 + abs(row.upper))


def test_at_the_density_of_what_stands_a_full_site_has_bought_the_step() -> None:
    limit = limits_of(old_and_new())[-1]
    row = limit.row(1.0, np.zeros(1, dtype=bool))
    # Full of old chips: 2 GW, of which 0.1 may stand without the step; the permit alone asks for a tenth of it.
    assert row.upper == pytest.approx(0.1)
    assert row.coefficients[-1] == pytest.approx(-(2.0 - 0.1))
    assert set(row.coefficients[:-1]) == {1.0}


def test_only_broken_rows_are_taken_and_only_where_a_step_is_bought_in_part() -> None:
    limits = limits_of(old_and_new())
    form = standard_form(build_model(old_and_new()).pyomo)
    values = np.zeros(len(form.cost))
    old = limits[-1].columns[limits[-1].measured == limits[-1].measured.min()]
    values[old] = 2.0 / len(old)
    (step,) = limits[-1].steps
    values[step] = 0.2
    broken = most_broken(limits, values, 3)
    assert 0 < len(broken) <= 3
    assert all(row.excess(values) > 0 for row in broken)
    assert not most_broken(limits, replace_value(values, step, 1.0), 3)
    assert not most_broken(limits, replace_value(values, step, 0.0), 3), "a whole step is for branching"


def replace_value(values: np.ndarray, column: int, value: float) -> np.ndarray:
    changed = values.copy()
    changed[column] = value
    return changed


@pytest.mark.parametrize(
    "instance",
    [old_and_new(early_retirement=True), old_and_new(period="cumulative"), replace(old_and_new(), regimes=())],
)
def test_only_stocks_that_steps_raise_have_such_rows(instance: Instance) -> None:
    assert not list(raised_stocks(build_model(instance).context))
