"""Exact power on its way into a solve: what is chosen, kept, made again, refused and remembered."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from optimizer.instance import InstanceError, instance_hash, write_instance
from optimizer.instance.schema import PowerMethod
from optimizer.power.dispatched import chosen_method
from optimizer.power.join import apply_changes, load_powered, powered
from optimizer.power.modes import RememberingStore, SiteModes
from optimizer.power.store import DiskStore, NoStore
from optimizer.solve.exact_power import ExactPower
from optimizer.studies.edits import difference
from tests import instances as make
from tests.power.computed import instance, limits


def settings(method, **sections):
    return make.settings(power={"average_load_share": 0.8, "method": method}, **sections)


@pytest.fixture(scope="module")
def two_sites():
    return powered(instance(("alpha", "beta"), settings=settings("columns"))).instance


def modes(given, site):
    return given.modes_of_site[site]


def test_technologies_are_options_and_storage_has_durations(two_sites):
    names = [option.option for option in two_sites.options_of_site["alpha"]]
    assert names == ["grid", "gas", "sun", "battery:1h", "battery:4h", "battery:24h"]
    by_year = {row.year: row.capex_usd_per_kw for row in two_sites.option_years
               if (row.site, row.option) == ("alpha", "sun")}  # fmt: skip
    assert by_year == {2027: 1000, 2028: pytest.approx(700), 2029: pytest.approx(400)}
    credits_of = {o.option: o.firm_credit for o in two_sites.options_of_site["alpha"]}
    assert [credits_of[f"battery:{hours}h"] for hours in (1, 4, 24)] == [0.125, 0.5, 0.5]


def test_a_snapshot_is_solved_again_as_it_was(two_sites, tmp_path):
    write_instance(two_sites, tmp_path)
    again = load_powered(tmp_path).instance
    assert instance_hash(again) == instance_hash(two_sites)


def test_prices_leave_modes_as_they_are_and_are_edited_in_place(two_sites):
    dearer = apply_changes(two_sites, ["fuel_prices[fuels,gas,*].price_usd_per_mwh *= 2"])
    assert dearer.dispatch_modes == two_sites.dispatch_modes
    gas = [
        {row.year: row.energy_usd_per_mwh for row in given.option_years if (row.site, row.option) == ("alpha", "gas")}
        for given in (two_sites, dearer)
    ]
    assert all(gas[1][year] - gas[0][year] == pytest.approx(25 / 0.4) for year in gas[0])
    found = difference(two_sites, dearer)
    assert found.structural == ()
    assert found.effect.money


def test_modes_of_another_physics_are_made_again(two_sites):
    hotter = apply_changes(two_sites, ["sites[beta].pue_average = 1.25"])
    assert modes(hotter, "alpha") == modes(two_sites, "alpha")
    assert modes(hotter, "beta") != modes(two_sites, "beta")
    assert {row.source for row in hotter.dispatch_modes if row.site == "beta"}.isdisjoint(
        row.source for row in two_sites.dispatch_modes
    )


def test_amounts_of_technologies_leave_modes_as_they_are(two_sites):
    less = apply_changes(two_sites, ["technology_limits[alpha,gas,*].cumulative_mw = 100"])
    assert less.dispatch_modes == two_sites.dispatch_modes


def test_changes_that_years_stand_in_for_are_refused(two_sites):
    with pytest.raises(InstanceError, match=r"option_years\[alpha"):
        apply_changes(two_sites, ["power_options[alpha,sun].capex_usd_per_kw *= 2"])
    dear = apply_changes(two_sites, ["option_years[alpha,sun,*].capex_usd_per_kw *= 2"])
    assert [row.capex_usd_per_kw for row in dear.option_years if row.option == "sun"][:2] == [2000, 1400]


@pytest.mark.parametrize(
    ("sites", "method", "why"),
    [
        (1, PowerMethod.EMBEDDED, "4 technologies at sites x 3 years are 12, at most 24"),
        (2, PowerMethod.EMBEDDED, "8 technologies at sites x 3 years are 24, at most 24"),
        (
            3,
            PowerMethod.COLUMNS,
            "12 technologies at sites x 3 years are 36, above 24, and 3 sites x 3 years 9, at most 400",
        ),
        (134, PowerMethod.STATIC, "134 sites x 3 years are 402, above 400"),
    ],
)
def test_auto_goes_by_size_and_says_so(sites, method, why):
    names = tuple(f"site{n}" for n in range(sites))
    choice = chosen_method(instance(names, settings=settings("auto")))
    assert (choice.method, choice.reason) == (method, why)


def test_the_note_says_what_was_chosen_and_why():
    note = powered(instance(settings=settings("auto"))).note
    assert "1 sites exact" in note
    assert "dispatched by the hour within the model" in note
    assert note.endswith("; embedded chosen by auto, as 4 technologies at sites x 3 years are 12, at most 24")


@pytest.mark.parametrize("method", ["static", "columns"])
def test_the_note_says_which_method_was_asked_for(method):
    assert powered(instance(settings=settings(method))).note.endswith(f"; {method} used, as power.method asks")


def test_contracted_power_stays_beside_technologies():
    contract = make.power_option("alpha", "contract", beside_computed=True, max_mw=100)
    given = powered(instance(settings=settings("columns"), power_options=[contract])).instance
    assert given.options_of_site["alpha"][0] == contract
    assert not given.is_dispatched(contract)


def test_a_site_that_nothing_can_ever_stand_at_is_bad_input():
    late = [row.model_copy(update={"cumulative_mw": 0.0}) for row in limits("alpha")]
    with pytest.raises(InstanceError, match="site 'alpha'"):
        powered(instance(technology_limits=late, settings=settings("columns")))


def test_modes_found_by_a_solve_are_there_in_the_next_run(two_sites, tmp_path):
    store = DiskStore(tmp_path)
    power = ExactPower(two_sites, store, lambda _: None, threading.Event())
    complete = power.complete()
    assert len(complete.dispatch_modes) > len(two_sites.dispatch_modes)
    assert power.relaxed.rounds[-1].gap <= 1e-4
    again = SiteModes(replace(two_sites, dispatch_modes=()), store)
    assert {use for mode in again.pool("alpha").modes for use in mode} == {
        use for mode in power.modes.pool("alpha").modes for use in mode
    }
    second = ExactPower(two_sites, store, lambda _: None, threading.Event())
    second.complete()
    assert len(second.relaxed.rounds) < len(power.relaxed.rounds)
    assert second.relaxed.rounds[-1].objective == pytest.approx(power.relaxed.rounds[-1].objective, rel=1e-4)


def test_alike_sites_share_their_modes(two_sites):
    pools = SiteModes(two_sites, NoStore())
    assert pools.pool("alpha") is pools.pool("beta")
    assert [row.technology for row in two_sites.dispatch_modes if row.site == "alpha"] == [
        row.technology for row in two_sites.dispatch_modes if row.site == "beta"
    ]


def test_a_study_remembers_what_no_disk_keeps(two_sites):
    store = RememberingStore(NoStore())
    pools = SiteModes(two_sites, store)
    pools.keep()
    key = pools.physics["alpha"].key
    assert len(SiteModes(replace(two_sites, dispatch_modes=()), store).pool("alpha").modes) == pools.count
    assert NoStore().get(key) is None
