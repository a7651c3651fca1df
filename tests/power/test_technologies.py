"""Offers of a site: costs by date with fuel, limits by date with lead time."""

import pytest

from optimizer.power.technologies import annuity_factor, offers_of_site
from tests import instances as make

YEARS = (2027, 2028, 2029)
STARTS = [12 * year for year in YEARS]


def instance(**changes):
    tables = {
        "technologies": [
            make.technology("ccgt", fuel="gas", efficiency=0.5, lead_months=12, carbon_t_per_mwh=0.01),
            make.technology("idle"),
        ],
        "technology_costs": [
            make.technology_cost("ccgt", 2027, 2000, fixed_usd_per_kw_year=40, variable_usd_per_mwh=5),
            make.technology_cost("ccgt", 2029, 1000),
            make.technology_cost("idle"),
        ],
        "fuel_prices": [
            make.fuel_price("fuels", "gas", 10, carbon_t_per_mwh=0.2),
            make.fuel_price("elsewhere", "gas", 99),
        ],
        "climates": [make.climate()],
        "site_power": [make.site_power("alpha")],
        "technology_limits": [
            make.technology_limit("alpha", "ccgt", cumulative_mw=500),
            make.technology_limit("alpha", "ccgt", "2029", cumulative_mw=2000),
        ],
    }
    return make.instance(**{**tables, **changes})


def test_only_what_is_offered():
    assert [offer.row.technology for offer in offers_of_site(instance(), "alpha", STARTS)] == ["ccgt"]


def test_limits_by_date_after_the_lead_time():
    assert offers_of_site(instance(), "alpha", STARTS)[0].limit_gw == (0, 0.5, 2)


def test_costs_by_date():
    """Capex halfway in 2028; energy 5 + 10 / 0.5 = 25 USD/MWh in 2027 and 20 in 2029; carbon 0.01 + 0.2 / 0.5."""
    costs = offers_of_site(instance(), "alpha", STARTS)[0].costs
    assert [cost.capex for cost in costs] == pytest.approx([2, 1.5, 1])
    assert [cost.energy for cost in costs] == pytest.approx([0.025, 0.0225, 0.02])
    assert [cost.fixed for cost in costs] == pytest.approx([0.04, 0.02, 0])
    assert [cost.carbon for cost in costs] == pytest.approx([0.41] * 3)


def test_annuity():
    """Ten payments discounted at 8 % are worth the capital."""
    payment = annuity_factor(0.08, 10)
    assert sum(payment / 1.08**year for year in range(1, 11)) == pytest.approx(1, abs=1e-12)
    assert annuity_factor(0, 20) == pytest.approx(0.05)
    with pytest.raises(ValueError, match="no annuity"):
        annuity_factor(0.08, 0)
