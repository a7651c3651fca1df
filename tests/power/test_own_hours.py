"""Hours of the user's own take the place of drawn ones; files of them that are wrong are refused with their place."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer.instance.codes import Code
from optimizer.instance.diagnostics import InstanceError
from optimizer.instance.reader import load_instance
from optimizer.instance.writer import write_instance
from optimizer.power.assemble import SiteHours, Terms, series_of, site_problem
from optimizer.power.days import all_days
from optimizer.power.own_hours import own_hours_of
from optimizer.power.portfolios import SitePowerError, with_computed_power
from optimizer.power.profiles import HOURS, ProfileError
from optimizer.power.technologies import offers_of_site
from tests import instances as make

HALF_DAY = np.tile(np.repeat([1.0, 0.5], 12), 365)


def instance(values=HALF_DAY, **names):
    grid = make.technology("grid", kind="grid_firm", fuel="grid")
    return make.instance(
        settings=make.settings(power={"average_load_share": 0.7, "method": "static"}),
        technologies=[grid, make.technology("sun", kind="solar")],
        technology_costs=[make.technology_cost("grid"), make.technology_cost("sun")],
        fuel_prices=[make.fuel_price("fuels", "grid", 50)],
        climates=[make.climate()],
        site_power=[make.site_power("alpha", **(names or {"wind_profile": "mine"}))],
        technology_limits=[make.technology_limit("alpha", "grid"), make.technology_limit("alpha", "sun")],
        hourly_profiles=make.own_hours("mine", values),
    )


def written(tmp_path, lines=None, **names):
    """A folder of the instance, with the lines of its profile changed."""
    folder = tmp_path / "own"
    write_instance(instance(**names), folder)
    path = folder / "hourly_profiles.csv"
    text = path.read_text().splitlines()
    path.write_text("\n".join(lines(text) if lines else text) + "\n")
    return folder


def refusal(folder):
    with pytest.raises(InstanceError) as caught:
        load_instance(folder)
    assert len(caught.value.diagnostics) == 1
    return caught.value.diagnostics[0]


def test_own_hours_come_back_from_a_file(tmp_path):
    own = own_hours_of(load_instance(written(tmp_path)), (None, "mine", None, None))
    assert np.array_equal(own.wind, HALF_DAY)
    assert own.solar is own.price is own.load is None


def test_own_hours_take_the_place_of_drawn_ones():
    climate = make.climate()
    names = ("solar", "wind", "price", "load")
    drawn = series_of(climate, 1.2, 1.35)
    assert not {"price", "load"} & set(drawn)
    for name in names:
        own = own_hours_of(instance(), ("mine" if other == name else None for other in names))
        series = series_of(climate, 1.2, 1.35, own=own)
        assert np.ptp(series[name] / HALF_DAY) < 1e-12
        assert all(np.array_equal(series[other], drawn[other]) for other in drawn if other not in (name, "spare"))


def test_price_and_load_reach_the_dispatch():
    both = instance(price_profile="mine", load_profile="mine")
    series = SiteHours.of(both, both.site_power[0]).series(both)
    site = site_problem(offers_of_site(both, "alpha", [12 * 2027]), all_days(series), Terms(np.ones(1), 0.08, 1.35))
    grid, sun = site.suppliers
    assert np.array_equal(grid.shape, HALF_DAY)
    assert (sun.shape == 1).all()
    assert np.array_equal(site.needs.pue, series["pue"] * series["load"])
    assert site.needs.pue.mean() == pytest.approx(series["pue"].mean())
    assert site.needs.pue_peak == 1.35


@pytest.mark.parametrize("bad", ["nan", "-0.1", "x", "inf", ""])
def test_a_cell_that_is_no_number(tmp_path, bad):
    def spoil(text):
        text[42] = f"mine,41,{bad}"
        return text

    found = refusal(written(tmp_path, spoil))
    assert found.file.endswith("hourly_profiles.csv")
    assert (found.line, found.column) == (43, 9)
    assert found.value == bad
    assert found.expected


def test_a_gap_is_shown_where_it_is(tmp_path):
    found = refusal(written(tmp_path, lambda text: text[:101] + text[102:]))
    assert found.code is Code.HOURS_OF_PROFILE
    assert "8759 hours instead of 8760: hour 100 is missing" in found.message
    assert (found.line, found.value) == (101, "99")


def test_a_leap_year(tmp_path):
    found = refusal(written(tmp_path, lambda text: [*text, *(f"mine,{hour},1" for hour in range(8760, 8784))]))
    assert "leap year; leave out 29 February" in found.message


def test_too_many_hours(tmp_path):
    found = refusal(written(tmp_path, lambda text: [*text, "mine,8760,1"]))
    assert "8761 hours instead of 8760: the last hour is 8,759" in found.message
    assert found.line == 8762


def test_an_hour_given_twice(tmp_path):
    found = refusal(written(tmp_path, lambda text: [*text, "mine,8759,1"]))
    assert found.line == 8762


def test_a_share_above_one(tmp_path):
    def spoil(text):
        text[11] = "mine,10,1.5"
        return text

    found = refusal(written(tmp_path, spoil))
    assert (found.code, found.line, found.value) == (Code.HOUR_ABOVE_ONE, 12, "1.5")
    assert load_instance(written(tmp_path / "price", spoil, price_profile="mine"))


def test_a_name_that_is_nearly_right(tmp_path):
    found = refusal(written(tmp_path, wind_profile="mine", solar_profile="mina"))
    assert (found.code, found.value) == (Code.UNKNOWN_HOURLY_PROFILE, "mina")
    assert "did you mean 'mine'?" in found.hint


def test_a_profile_that_nobody_names(tmp_path):
    folder = written(tmp_path, lambda text: [*text, *(line.replace("mine", "spare") for line in text[1:])])
    assert [warning.code for warning in load_instance(folder).warnings] == [Code.UNUSED_HOURLY_PROFILE]


def test_a_load_that_is_never_there(tmp_path):
    folder = written(
        tmp_path, lambda text: [text[0], *(f"mine,{hour},0" for hour in range(HOURS))], load_profile="mine"
    )
    assert "0 in every hour" in refusal(folder).message


def test_hours_in_memory_are_checked_too():
    short = instance()
    with pytest.raises(ProfileError, match="8759 hours"):
        own_hours_of(replace(short, hourly_profiles=short.hourly_profiles[1:]), (None, "mine", None, None))


def test_a_load_above_what_is_installed_is_refused():
    rare = np.where(np.arange(HOURS) % 24 == 0, 1.0, 0.1)
    with pytest.raises(SitePowerError, match=r"'mine' asks for 5\.09"):
        with_computed_power(instance(rare, load_profile="mine"))


# --- a price of one's own -----------------------------------------------------------------------------

#: Three times the price from noon to midnight, once before.
DEAR_HALF = np.tile(np.repeat([1.0, 3.0], 12), 365)


def priced(values=DEAR_HALF, storage=False, **names):
    """Grid alone, or with storage that costs next to nothing, at prices of its own."""
    given = instance(values, **(names or {"price_profile": "mine"}))
    grid = next(row for row in given.technologies if row.technology == "grid")
    battery = make.technology("battery", kind="lithium_storage", efficiency=0.9, firm_credit=0.5)
    cost = make.technology_cost("battery", capex_usd_per_kw=1, energy_capex_usd_per_kwh=1)
    return replace(
        given,
        sites=tuple(site.model_copy(update={"pue_average": 1.2, "pue_peak": 1.2}) for site in given.sites),
        technologies=(grid, battery) if storage else (grid,),
        technology_costs=(*(c for c in given.technology_costs if c.technology == "grid"), *([cost] * storage)),
        technology_limits=tuple(
            make.technology_limit("alpha", name) for name in ("grid", *(["battery"] if storage else []))
        ),
    )


def options(given):
    result = with_computed_power(given).instance
    return [(o, result.parts_of_option[o.site, o.option]) for o in result.power_options]


def test_a_flat_load_pays_the_mean_of_the_price():
    ((option, (part,)),) = options(priced())
    assert part.price_factor == pytest.approx(2.0, rel=1e-6)
    assert option.energy_usd_per_mwh == pytest.approx(2 * 50, rel=1e-6)


def test_a_price_without_a_profile_is_as_it_stands():
    ((option, (part,)),) = options(priced(wind_profile="mine"))
    assert part.price_factor == 1
    assert option.energy_usd_per_mwh == pytest.approx(50)


def test_storage_buys_in_the_cheap_hours():
    """With cheap storage all is bought at the low price: the dear half once more with the loss of a round trip."""
    found = options(priced(storage=True))
    (option, parts), *_ = [one for one in found if len(one[1]) == 2]
    grid = next(part for part in parts if part.technology == "grid")
    assert grid.price_factor == pytest.approx(1.0, abs=1e-6)
    assert grid.mwh_per_mwh == pytest.approx(0.5 + 0.5 / 0.9, rel=1e-6)
    assert option.energy_usd_per_mwh == pytest.approx(50 * (0.5 + 0.5 / 0.9), rel=1e-6)


def test_a_load_in_the_dear_hours_pays_more_than_their_mean():
    double = np.tile(np.repeat([0.5, 1.0], 12), 365)
    given = priced(price_profile="mine", load_profile="late")
    given = replace(given, hourly_profiles=(*given.hourly_profiles, *make.own_hours("late", double)))
    ((option, (part,)),) = options(given)
    assert part.price_factor == pytest.approx((1 * 1 + 3 * 2) / 3, rel=1e-6)
    assert option.energy_usd_per_mwh == pytest.approx(50 * 7 / 3, rel=1e-6)
