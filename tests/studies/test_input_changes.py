"""Differences between instances are those of what was put in, not of what was computed from it."""

from optimizer.studies.input_changes import input_changes
from tests import instances as make


def instance(options=("mix",), capex=100.0, source="inputs 1", given=200.0):
    """A site with computed options and a given one."""
    computed = [
        make.power_option("alpha", name, capex_usd_per_kw=capex, source=source, kind="gas_turbine") for name in options
    ]
    return make.instance(
        power_options=[*computed, make.power_option("alpha", "grid_firm", capex_usd_per_kw=given)],
        portfolio_parts=[make.portfolio_part("alpha", name, "gas", source=source) for name in options],
    )


def cells(before, after):
    return [change.cell for change in input_changes(before, after)]


def test_options_that_were_computed_from_other_inputs_do_not_count():
    assert cells(instance(), instance(options=("mix", "more"))) == []
    assert cells(instance(options=("mix", "more")), instance()) == []
    assert cells(instance(), instance(capex=150.0, source="inputs 2")) == []


def test_what_was_changed_by_hand_counts():
    assert cells(instance(), instance(capex=150.0)) == ["power_options[alpha, mix].capex_usd_per_kw"]
    assert cells(instance(), instance(given=250.0)) == ["power_options[alpha, grid_firm].capex_usd_per_kw"]
