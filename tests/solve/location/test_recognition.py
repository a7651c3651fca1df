"""Which models are location problems, what is read from them, and that all others are left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from optimizer.instance.periods import make_calendar
from optimizer.model import market_links
from optimizer.model.build import build_model
from optimizer.solve.location.elimination import reduced
from optimizer.solve.location.recognition import recognise
from optimizer.solve.standard_form import StandardForm, standard_form
from scripts.location.convert import CHIP, YEAR, Scale, to_instance
from tests.scripts.test_location import problem


def form_of(instance) -> StandardForm:
    return standard_form(build_model(instance).pyomo)


def plain() -> StandardForm:
    return form_of(to_instance(problem(facilities=3, customers=4, fixed_cost=np.array([5.0, 9.0, 0.0]))))


def column(form, name):
    return form.column_names.index(name)


def with_row(form, columns, values, lower, upper):
    row = sparse.csc_array((values, (np.zeros(len(columns), dtype=int), columns)), shape=(1, len(form.cost)))
    return replace(
        form,
        matrix=sparse.csc_array(sparse.vstack([form.matrix, row])),
        row_lower=np.append(form.row_lower, lower),
        row_upper=np.append(form.row_upper, upper),
        row_names=[*form.row_names, "another"],
    )


def with_entry(form, row, name, value):
    matrix = form.matrix.tolil()
    matrix[form.row_names.index(row), column(form, name)] = value
    return replace(form, matrix=sparse.csc_array(matrix))


def changed(form, part, where, value):
    array = getattr(form, part).copy()
    array[where] = value
    return replace(form, **{part: array})


DRAWN = st.builds(
    problem,
    st.integers(0, 10**6),
    facilities=st.integers(2, 5),
    customers=st.integers(2, 6),
)


@given(DRAWN, st.booleans(), st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_what_is_read_is_the_problem_that_was_converted_and_every_plan_of_it_one_of_the_model(drawn, free, seed):
    if drawn.capacity.sum() < drawn.demand.sum():
        return
    if free:
        drawn = replace(drawn, fixed_cost=np.append(drawn.fixed_cost[:-1], 0.0))
    found, scale = recognise(form_of(to_instance(drawn))), Scale.of(drawn)
    assert found is not None
    read, total = found.problem, drawn.demand.sum()
    np.testing.assert_allclose(read.capacity, np.minimum(drawn.capacity, total), rtol=1e-9)
    np.testing.assert_allclose(read.demand, drawn.demand, rtol=1e-12)
    np.testing.assert_allclose(read.fixed_cost / scale.busd, drawn.fixed_cost, rtol=1e-9)
    # Serving a customer may be dearer by a constant everywhere, which the model's constant gives back.
    moved = read.unit_cost / scale.busd - drawn.unit_cost
    np.testing.assert_allclose(moved, np.broadcast_to(moved[0], moved.shape), atol=1e-9)
    constant = found.constant / scale.busd - moved[0] @ drawn.demand
    assert constant == pytest.approx(0, abs=1e-7)
    # Any plan: everything open, each customer served in proportion to capacity.
    used = np.ones(len(read.capacity), dtype=np.bool_)
    amounts = np.outer(drawn.capacity / drawn.capacity.sum(), drawn.demand)
    values = found.columns(used, amounts)
    assert found.breaks(values) < 1e-12
    cost = float(read.fixed_cost.sum() + (read.unit_cost * amounts).sum())
    assert found.form.cost @ values + found.form.offset == pytest.approx(found.worth(cost), rel=1e-9)


def test_rows_that_whole_modules_imply_may_be_missing(monkeypatch):
    whole = recognise(plain())
    monkeypatch.setattr(market_links, "MOST_ROWS", 1)
    form = plain()
    assert not any(name.startswith("market_link") for name in form.row_names)
    found = recognise(form)
    assert whole is not None
    assert found is not None
    np.testing.assert_allclose(found.problem.unit_cost, whole.problem.unit_cost)


SOLD = f"sold[USA/f0002,us,c0003,service,{YEAR}]"
MODULES = f"modules[f0001,{YEAR}]"


def _extra_row(form):
    return with_row(form, [column(form, MODULES), column(form, SOLD)], [1.0, 1.0], -np.inf, 1.0)


def _at_most_one_site(form):
    return with_row(form, np.flatnonzero(form.integer), np.ones(int(form.integer.sum())), -np.inf, 1.0)


def _least_service(form):
    return with_row(form, [column(form, SOLD)], [1.0], 0.1, np.inf)


def _limited_service(form):
    return changed(form, "upper", column(form, SOLD), 0.5)


def _whole_service(form):
    return changed(form, "integer", column(form, SOLD), True)


def _two_modules(form):
    return changed(form, "upper", column(form, MODULES), 2.0)


def _site_that_must_open(form):
    return changed(form, "lower", column(form, MODULES), 1.0)


def _opening_that_earns(form):
    return changed(form, "cost", column(form, MODULES), 0.1)


def _service_that_loses(form):
    return changed(form, "cost", column(form, SOLD), -400.0)


def _chips_that_earn(form):
    return changed(form, "cost", column(form, f"installed[f0001,{CHIP},{YEAR}]"), 1.0)


def _shared_service(form):
    """The last site serves the first customer at half the effort."""
    return with_entry(form, f"sales_within_compute[USA/f0002,us,{YEAR}]", SOLD, 0.5)


def _weak_link(form):
    """A site may serve half of a customer only."""
    row = f"market_link[USA/f0002,us,c0003,service,{YEAR}]"
    low = form.matrix.tocsr()[[form.row_names.index(row)]].min()
    return with_entry(form, row, f"modules[f0002,{YEAR}]", low / 2)


def _link_to_another_site(form):
    row = f"market_link[USA/f0002,us,c0003,service,{YEAR}]"
    low = form.matrix.tocsr()[[form.row_names.index(row)]].min()
    return with_entry(with_entry(form, row, f"modules[f0002,{YEAR}]", 0.0), row, MODULES, low)


def _fewer_chips_asked(form):
    row = form.row_names.index(f"take_or_pay[{CHIP},'{YEAR}']")
    return changed(form, "row_lower", row, 0.9 * form.row_lower[row])


def _small_budget(form):
    row = form.row_names.index(f"budget[global,{YEAR}]")
    return changed(form, "row_upper", row, _most_capital(form) * (1 - 1e-6))


def _scarce_chips(form):
    """Fewer chips than all sites could take, though more than are needed."""
    row = form.row_names.index(f"chip_supply[{CHIP},{YEAR}]")
    return changed(form, "row_upper", row, 0.99 * form.row_upper[row])


def _most_capital(form):
    """Capital for all modules and the chips that must be taken."""
    row = form.row_names.index(f"capital_spent[global,USA,{YEAR}]")
    spent = -form.matrix.tocsr()[[row]].toarray()[0]
    needed = form.row_lower[form.row_names.index(f"take_or_pay[{CHIP},'{YEAR}']")]
    return spent[form.integer].sum() + needed * spent[column(form, f"installed[f0001,{CHIP},{YEAR}]")]


CHANGES = [
    _extra_row, _at_most_one_site, _least_service, _limited_service, _whole_service, _two_modules, _site_that_must_open,
    _opening_that_earns, _service_that_loses, _chips_that_earn, _shared_service, _weak_link, _link_to_another_site,
    _fewer_chips_asked, _small_budget, _scarce_chips,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_model_with_anything_else_in_it_is_no_location_problem(change):
    form = plain()
    assert recognise(form) is not None
    assert recognise(change(form)) is None


def _two_years(instance):
    once = instance.settings.calendar
    calendar = type(once).model_validate({"start": YEAR, "periods": [{"months": 12, "count": 2}]})
    return replace(
        instance,
        settings=instance.settings.model_copy(update={"calendar": calendar}),
        calendar=make_calendar(calendar),
    )


def _missing_pair(instance):
    return replace(instance, latency=instance.latency[1:])


def _two_chips(instance):
    (chip,), (price,) = instance.chips, instance.chip_prices
    supply = instance.chip_supply[0]
    return replace(
        instance,
        chips=(chip, chip.model_copy(update={"chip": "other", "it_power_kw": 2 * chip.it_power_kw})),
        chip_prices=(price, price.model_copy(update={"chip": "other"})),
        chip_supply=(
            supply,
            supply.model_copy(update={"chip": "other", "minimum_units": 0.0}),
        ),
    )


def _cost_of_opening(instance):
    first, *others = instance.sites
    return replace(instance, sites=(first.model_copy(update={"open_cost_musd": 5.0, "max_modules": 2}), *others))


def _shared_market_node(instance):
    first, second, *others = instance.sites
    return replace(instance, sites=(first, second.model_copy(update={"latency_zone": first.latency_zone}), *others))


@pytest.mark.parametrize("change", [_two_years, _missing_pair, _two_chips, _cost_of_opening, _shared_market_node])
def test_an_instance_with_anything_else_in_it_is_no_location_problem(change):
    instance = to_instance(problem(facilities=3, customers=4))
    assert recognise(form_of(instance)) is not None
    assert recognise(form_of(change(instance))) is None


def test_reduction_keeps_the_best_plan():
    """Every step of it is exact, also on a model that is no location problem."""
    form = _small_budget(plain())
    less = reduced(form)
    kinds = (form.integer, less.integer)
    from scipy.optimize import Bounds, LinearConstraint, milp

    whole, part = (
        milp(-cost, integrality=kind.astype(int), bounds=Bounds(low, high), constraints=LinearConstraint(rows, a, b))
        for cost, kind, low, high, rows, a, b in (
            (form.cost, kinds[0], form.lower, form.upper, form.matrix, form.row_lower, form.row_upper),
            (less.cost, kinds[1], less.lower, less.upper, less.rows.tocsc(), less.row_lower, less.row_upper),
        )
    )
    assert len(less.cost) < len(form.cost)
    assert whole.fun == pytest.approx(part.fun, rel=1e-9)
    assert recognise(form) is None
