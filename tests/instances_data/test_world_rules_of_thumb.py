"""The rules of thumb that turn facts into the world instance."""

import pytest

from scripts.world_2026.choices import PLAN_START
from scripts.world_2026.demand import anchor_price, round_trip_ms
from scripts.world_2026.power import decision_date_serving, heat_derating, large_load_price
from scripts.world_2026.sites import peak_ratio


def test_large_loads_pay_the_average_only_when_it_is_low():
    assert large_load_price(60) == 60
    assert large_load_price(230) == pytest.approx(90 + 0.35 * 140)


def test_peak_ratio_stays_within_the_observed_range():
    assert peak_ratio(15) == 1.2
    assert peak_ratio(36) == pytest.approx(1.3)
    assert peak_ratio(60) == 1.4


def test_turbines_lose_what_the_emirates_report():
    assert heat_derating(46) == pytest.approx(0.77)
    assert heat_derating(20) == 1


def test_round_trips_between_known_places():
    assert round_trip_ms(32.8, -96.8, 32.8, -96.8) == pytest.approx(10, abs=1e-3)
    assert 75 < round_trip_ms(38.9, -77.4, 51.5, -0.1) < 110  # Virginia to London: 75 ms on the best cables


def test_power_of_a_committed_build_is_decided_no_later_than_its_first_quarter():
    assert decision_date_serving(2027 * 12 + 8) == 2027 * 12 + 6  # September: on line in October, decided in July
    assert decision_date_serving(2027 * 12 + 10) == 2028 * 12  # November: on line in January
    assert decision_date_serving(PLAN_START - 5) == PLAN_START


def test_price_falls_a_fifth_a_year():
    assert anchor_price(2030, china=False) == pytest.approx(1.5 * 0.8**3)
    assert anchor_price(2030, china=True) > anchor_price(2030, china=False)
