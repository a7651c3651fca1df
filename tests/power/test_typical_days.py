"""How many typical days stand for a year, and which years of which sites are checked hour by hour."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from pydantic import ValidationError

from optimizer.plan.full_year import _chosen
from optimizer.power.assemble import SiteHours
from optimizer.power.inputs import inputs_hash
from optimizer.power.join import apply_changes, powered
from optimizer.power.mix_table import representative_site_days
from optimizer.power.modes import SiteModes
from optimizer.power.store import NoStore
from tests import instances as make
from tests.power.computed import instance


def with_days(method, *sites, **power):
    settings = make.settings(power={"average_load_share": 0.8, "method": method, **power})
    return powered(instance(sites or ("alpha",), settings=settings)).instance


def days_of(given):
    return representative_site_days(given, SiteHours.of(given, given.site_power[0]), NoStore())


def test_more_typical_days_are_more_days_and_other_physics():
    few, more = with_days("columns"), with_days("columns", typical_days=9)
    assert days_of(more).count > days_of(few).count + 3
    assert days_of(more).hours.sum() == days_of(few).hours.sum() == 8760
    keys = [SiteModes(one, NoStore()).physics["alpha"].key for one in (few, more, with_days("columns", typical_days=3))]
    assert keys[0] == keys[2] != keys[1]
    hashes = [inputs_hash(one, one.site_power[0]) for one in (few, more)]
    assert hashes[0] != hashes[1]


def test_a_change_of_days_computes_power_again():
    given = with_days("columns")
    changed = apply_changes(given, ["power.typical_days = 8"])
    assert {row.source for row in changed.dispatch_modes}.isdisjoint(row.source for row in given.dispatch_modes)
    mixes = with_days("static")
    assert apply_changes(mixes, ["power.typical_days = 8"]).power_options != mixes.power_options


def test_no_days_are_refused():
    with pytest.raises(ValidationError, match="typical_days"):
        make.settings(power={"typical_days": 0})


@dataclass(frozen=True)
class Dispatch:
    """A site in a year as far as the choice of programs goes."""

    key: str
    site: str
    energy: float
    is_program: bool = True

    @property
    def year(self):
        return self


def test_every_site_is_checked_before_another_year_of_one():
    large = [Dispatch(f"large {year}", "large", 9 + year / 10) for year in range(5)]
    small = [Dispatch("small 0", "small", 1), Dispatch("small 1", "small", 2), Dispatch("free", "small", 50, False)]
    assert _chosen([*large, *small], 2) == {"large 4", "small 1"}
    assert _chosen([*large, *small], 3) == {"large 4", "large 3", "small 1"}
    # What two sites share counts for both.
    alike = Dispatch("large 0", "other", 30)
    assert _chosen([*large, *small, alike], 2) == {"large 0", "small 1"}
    assert _chosen([*large, *small, alike], 100) == {case.key for case in (*large, *small) if case.is_program}
