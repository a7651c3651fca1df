"""A live model that is edited holds, entry by entry, what a model built from the changed instance holds."""

import random
import threading
from dataclasses import replace

import numpy as np
import pytest

from optimizer.instance.columns import NUMERIC_KINDS, columns_of
from optimizer.instance.knobs import TABLE_BY_NAME
from optimizer.studies.edits import EDITABLE, RebuildReason, difference
from optimizer.studies.live import LiveModel
from tests import instances as make
from tests.random_instances import random_instance

SEEDS = range(400)
WANTED = 4  # random instances with such a cell


def live(instance):
    model = LiveModel(threads=1, seed=1, stop=threading.Event())
    model.move_to(instance)
    return model


def contents(model):
    """Everything in HiGHS, by name."""
    lp = model.session._highs.getLp()
    names = [variable.name for variable in model.form.variables]
    columns = {
        name: (lp.col_lower_[j], lp.col_upper_[j], lp.col_cost_[j], str(lp.integrality_[j]) if lp.integrality_ else "")
        for j, name in enumerate(names)
    }
    rows = {name: (lp.row_lower_[i], lp.row_upper_[i]) for i, name in enumerate(model.form.row_names)}
    entries = {
        (name, names[column]): value
        for i, name in enumerate(model.form.row_names)
        for column, value in model.session.row(i).items()
        if value and not names[column].endswith("_nothing")  # fixed at 0: stands for an empty sum
    }
    return {"columns": columns, "rows": rows, "entries": entries, "offset": {"": (lp.offset_,)}}


def assert_same(edited, rebuilt):
    for part, wanted in contents(rebuilt).items():
        found = contents(edited)[part]
        assert found.keys() == wanted.keys(), (part, found.keys() ^ wanted.keys())
        for name, value in wanted.items():
            old, new = np.atleast_1d(found[name]), np.atleast_1d(value)
            for a, b in zip(old, new, strict=True):
                if isinstance(b, str | np.str_):
                    assert a == b, (part, name)
                else:
                    assert float(a) == pytest.approx(float(b), rel=1e-12, abs=1e-12), (part, name)


def changed_cell(rng, table, column, value):
    """Another value of a cell, within the format."""
    if isinstance(value, bool):
        return not value
    if value is None:
        return None
    if (table, column) == ("finance", "discount_rate"):
        return value + 0.01
    factor = rng.choice([0.5, 0.75, 0.9])
    return value * factor if isinstance(value, float) else max(1, int(value * factor))


def changed_instance(rng, instance, table, column):
    """The instance with that cell changed in some rows or in its section; None if it has no such row."""
    if table not in TABLE_BY_NAME:
        section = getattr(instance.settings, table)
        value = changed_cell(rng, table, column, getattr(section, column))
        settings = instance.settings.model_copy(update={table: section.model_copy(update={column: value})})
        return replace(instance, settings=settings)
    rows = list(getattr(instance, table))
    if not rows:
        return None
    for index in rng.sample(range(len(rows)), rng.randint(1, len(rows))):
        value = getattr(rows[index], column)
        rows[index] = rows[index].model_copy(update={column: changed_cell(rng, table, column, value)})
    changed = replace(instance, **{table: tuple(rows)})
    return None if getattr(changed, table) == getattr(instance, table) else changed


def with_parts(instance):
    """Every option made of one technology, of which a site may have more from the second year on."""
    months = ("2027", "2028")
    return replace(
        instance,
        technologies=(make.technology("plant"),),
        technology_limits=tuple(
            make.technology_limit(site.site, "plant", month, cumulative_mw=500.0 * number)
            for site in instance.sites
            for number, month in enumerate(months, start=1)
        ),
        portfolio_parts=tuple(make.portfolio_part(o.site, o.option, "plant") for o in instance.power_options),
    )


def with_years(instance):
    """Every option with numbers of its own in each year."""
    years = [
        make.option_year(o.site, o.option, year, 900 + year - 2020, firm_credit=o.firm_credit)
        for o in instance.power_options
        for year in instance.calendar.years
    ]
    return replace(instance, option_years=tuple(years))


def with_prices(instance):
    """Costs and fuels from which no option is computed."""
    return replace(
        instance,
        technology_costs=(
            make.technology_cost("plant", energy_capex_usd_per_kwh=50, fixed_usd_per_kw_year=9, variable_usd_per_mwh=5),
        ),
        fuel_prices=(make.fuel_price("here", "gas", carbon_t_per_mwh=0.2),),
    )


def with_needs(instance):
    """Every site with a limit on carbon, and with load that may be cut at a cost."""
    asked = {"curtailment_depth": 0.1, "curtailment_cost_usd_per_mwh": 90, "carbon_limit_t_per_mwh": 0.3}
    return replace(instance, power_needs=tuple(make.power_needs(site.site, **asked) for site in instance.sites))


#: What an instance needs to have any of a table.
NEEDS = {
    "technology_limits": with_parts,
    "option_years": with_years,
    "technology_costs": with_prices,
    "fuel_prices": with_prices,
    "power_needs": with_needs,
}


@pytest.mark.parametrize("cell", sorted(EDITABLE), ids=".".join)
def test_edits_equal_a_rebuilt_model(cell):
    table, column = cell
    compared = edited = 0
    for seed in SEEDS:
        rng = random.Random(f"{table}.{column} {seed}")
        instance = NEEDS.get(table, lambda given: given)(random_instance(rng))
        changed = changed_instance(rng, instance, table, column)
        if changed is None:
            continue
        model = live(instance)
        transition = model.move_to(changed)
        assert_same(model, live(changed))
        edited += transition.rebuild is None
        compared += 1
        back = model.move_to(instance)
        assert_same(model, live(instance))
        assert back.rebuild in (None, RebuildReason.MEMBERSHIP)
        if compared == WANTED:
            break
    assert compared == WANTED, f"only {compared} of the random instances have {table}.{column}"
    assert edited, "every change forced a rebuild"


def test_several_cells_at_once_along_a_walk():
    rng = random.Random(7)
    for seed in range(3):
        instance = random_instance(random.Random(seed))
        model = live(instance)
        for _ in range(6):
            for table, column in rng.sample(sorted(EDITABLE), 4):
                changed = changed_instance(rng, instance, table, column)
                instance = instance if changed is None else changed
            model.move_to(instance)
            assert_same(model, live(instance))


def test_every_editable_cell_exists():
    for table, column in EDITABLE:
        if table in TABLE_BY_NAME:
            assert columns_of(TABLE_BY_NAME[table])[column].kind in NUMERIC_KINDS, (table, column)
        else:
            assert hasattr(getattr(make.settings(), table), column), (table, column)


def test_labels_and_assumptions_change_nothing():
    before = make.instance()
    after = replace(
        before,
        sites=(before.sites[0].model_copy(update={"name": "another", "source": "another source"}),),
        assumptions=(make.assumption("a", "sites[*].lead_months", 1, 0, 2),),
    )
    found = difference(before, after)
    assert not found.structural
    assert not found.effect.families
    assert not found.effect.money


@pytest.mark.parametrize(
    "change",
    [
        {"sites": [make.site(lead_months=12)]},
        {"sites": [make.site(), make.site("beta")]},
        {"settings": make.settings(power={"average_load_share": 0.5})},
        {"chips": [make.chip(performance_h100e=2)]},
    ],
)
def test_what_moves_structure_rebuilds_and_says_why(change):
    model = live(make.instance())
    changed = make.instance(**change)
    transition = model.move_to(changed)
    assert transition.rebuild is RebuildReason.STRUCTURE
    assert transition.detail
    assert_same(model, live(changed))
