"""Golden rows of siting, chips and power."""

# ruff: noqa: E501 - a row stays on one line
from __future__ import annotations

from dataclasses import replace

from optimizer.instance.instance import Instance
from tests import instances as make
from tests.model.golden import GoldenCase


def phased_site() -> Instance:
    """Three modules, one start a year, half-year decisions, an opening cost, a year of lead."""
    return make.instance(
        settings=make.settings(months=6, count=4, decision_every_months=6),
        sites=[make.site(max_modules=3, max_starts_per_year=1, open_cost_musd=2000, lead_months=6)],
        demand=[],
    )


def phased_site_in_parts() -> Instance:
    """The same with fractions of modules on line from 2028 on: those of the second date and the third."""
    instance = phased_site()
    model = instance.settings.model.model_copy(update={"integer_until": instance.calendar.periods[1]})
    return replace(instance, settings=instance.settings.model_copy(update={"model": model}))


def two_sites_one_zone() -> Instance:
    """Half-size modules of which one stands; a chip of 2 H100e and 1.5 kW that lives for a year."""
    return make.instance(
        settings=make.settings(count=2),
        sites=[make.site(module_mw=500, max_modules=2), make.site("beta", module_mw=500)],
        committed=[make.committed()],
        chips=[make.chip("C2", performance_h100e=2, it_power_kw=1.5, life_months=12)],
        demand=[],
    )


def carried_chips() -> Instance:
    """Half-yearly periods; half a year of output may be kept; half of the year's chips must be taken."""
    return make.instance(
        settings=make.settings(months=6, count=4, decision_every_months=12, model={"chip_carry_months": 6}),
        chip_supply=[
            make.supply("C1", "2027", units=1_000_000, minimum_units=500_000),
            make.supply("C1", "2028Q1", units=300_000),
        ],
        demand=[],
    )


def retiring_chips() -> Instance:
    """Chips that live for two of three years and may be sold before."""
    return make.instance(
        settings=make.settings(model={"early_retirement": True}),
        chips=[make.chip(life_months=24)],
        demand=[],
    )


def hungry_site() -> Instance:
    """Firm grid from the second half of the year and gas from the start, half-yearly periods, peak above average."""
    return make.instance(
        settings=make.settings(months=6, count=2, decision_every_months=6, power={"average_load_share": 0.5}),
        sites=[make.site(pue_average=1.2, pue_peak=1.5)],
        power_options=[
            make.power_option(available_from="2027-07", energy_availability=0.75),
            make.power_option(option="gas", kind="gas_turbine", firm_credit=0.9),
        ],
        grid_headroom=[make.headroom(year=2026, cumulative_mw=700), make.headroom(year=2027, cumulative_mw=900)],
        slots=[make.slots(mw=250)],
        slot_use=[make.slot_use(mw_per_mw=1.25), make.slot_use(kind="grid_firm", mw_per_mw=0.5)],
        demand=[],
    )


CASES = (
    GoldenCase(
        "modules_never_fall",
        phased_site,
        """
modules_never_fall[alpha,2027H2]: -1 modules[alpha,2027H1] +1 modules[alpha,2027H2] >= 0
modules_never_fall[alpha,2028H1]: -1 modules[alpha,2027H2] +1 modules[alpha,2028H1] >= 0
""",
    ),
    GoldenCase(
        "site_stays_open",
        phased_site,
        """
site_stays_open[alpha,2027H2]: -1 opened[alpha,2027H1] +1 opened[alpha,2027H2] >= 0
site_stays_open[alpha,2028H1]: -1 opened[alpha,2027H2] +1 opened[alpha,2028H1] >= 0
""",
    ),
    GoldenCase(
        "modules_need_an_open_site",
        phased_site,
        """
modules_need_an_open_site[alpha,2027H1]: +1 modules[alpha,2027H1] -3 opened[alpha,2027H1] <= 0
modules_need_an_open_site[alpha,2027H2]: +1 modules[alpha,2027H2] -3 opened[alpha,2027H2] <= 0
modules_need_an_open_site[alpha,2028H1]: +1 modules[alpha,2028H1] -3 opened[alpha,2028H1] <= 0
""",
    ),
    GoldenCase(
        "open_site_has_modules",
        phased_site,
        """
open_site_has_modules[alpha,2027H1]: -1 modules[alpha,2027H1] +1 opened[alpha,2027H1] <= 0
open_site_has_modules[alpha,2027H2]: -1 modules[alpha,2027H2] +1 opened[alpha,2027H2] <= 0
open_site_has_modules[alpha,2028H1]: -1 modules[alpha,2028H1] +1 opened[alpha,2028H1] <= 0
""",
    ),
    GoldenCase(
        "open_site_has_modules",
        phased_site_in_parts,
        """
open_site_has_modules[alpha,2027H1]: -1 modules[alpha,2027H1] +1 opened[alpha,2027H1] <= 0
open_site_has_modules[alpha,2027H2]: -0.333333 modules[alpha,2027H2] -1 opened[alpha,2027H1] +1 opened[alpha,2027H2] <= 0
open_site_has_modules[alpha,2028H1]: -0.333333 modules[alpha,2028H1] -1 opened[alpha,2027H1] +1 opened[alpha,2028H1] <= 0
""",
    ),
    GoldenCase(
        "starts_per_year",
        phased_site,
        """
starts_per_year[alpha,2027]: +1 modules[alpha,2027H2] <= 1
starts_per_year[alpha,2028]: -1 modules[alpha,2027H2] +1 modules[alpha,2028H1] <= 1
""",
    ),
    GoldenCase(
        "chips_fit_capacity",
        phased_site,
        """
chips_fit_capacity[alpha,2027H2]: -1 modules[alpha,2027H1] +1 working_gw[alpha,2027H2] <= 0
chips_fit_capacity[alpha,2028H1]: -1 modules[alpha,2027H2] +1 working_gw[alpha,2028H1] <= 0
chips_fit_capacity[alpha,2028H2]: -1 modules[alpha,2028H1] +1 working_gw[alpha,2028H2] <= 0
""",
    ),
    GoldenCase(
        "chips_fit_capacity",
        two_sites_one_zone,
        """
chips_fit_capacity[alpha,2027]: -0.5 modules[alpha,2027] +1 working_gw[alpha,2027] <= 0.5
chips_fit_capacity[alpha,2028]: -0.5 modules[alpha,2028] +1 working_gw[alpha,2028] <= 0.5
chips_fit_capacity[beta,2027]: -0.5 modules[beta,2027] +1 working_gw[beta,2027] <= 0
chips_fit_capacity[beta,2028]: -0.5 modules[beta,2028] +1 working_gw[beta,2028] <= 0
""",
    ),
    GoldenCase(
        "power_of_working_chips",
        two_sites_one_zone,
        """
power_of_working_chips[alpha,2027]: -1 arriving_gw[alpha,12,2027] +1 working_gw[alpha,2027] = 0
power_of_working_chips[alpha,2028]: +1 arriving_gw[alpha,12,2027] -1 arriving_gw[alpha,12,2028] -1 working_gw[alpha,2027] +1 working_gw[alpha,2028] = 0
power_of_working_chips[beta,2027]: -1 arriving_gw[beta,12,2027] +1 working_gw[beta,2027] = 0
power_of_working_chips[beta,2028]: +1 arriving_gw[beta,12,2027] -1 arriving_gw[beta,12,2028] -1 working_gw[beta,2027] +1 working_gw[beta,2028] = 0
""",
    ),
    GoldenCase(
        "arrivals_match_chips",
        two_sites_one_zone,
        """
arrivals_match_chips[alpha+1,12,2027]: +1 arriving_gw[alpha,12,2027] +1 arriving_gw[beta,12,2027] -1.5 installed[alpha+1,C2,2027] = 0
arrivals_match_chips[alpha+1,12,2028]: +1 arriving_gw[alpha,12,2028] +1 arriving_gw[beta,12,2028] -1.5 installed[alpha+1,C2,2028] = 0
""",
    ),
    GoldenCase(
        "compute_of_working_chips",
        two_sites_one_zone,
        """
compute_of_working_chips[alpha+1,us,2027]: +1 compute[alpha+1,us,2027] -2 installed[alpha+1,C2,2027] = 0
compute_of_working_chips[alpha+1,us,2028]: -1 compute[alpha+1,us,2027] +1 compute[alpha+1,us,2028] +2 installed[alpha+1,C2,2027] -2 installed[alpha+1,C2,2028] = 0
""",
    ),
    GoldenCase(
        "chip_supply",
        carried_chips,
        """
chip_supply[C1,2027H1]: +1 installed[alpha,C1,2027H1] +1 unsold[C1,2027H1] <= 0.5
chip_supply[C1,2027H2]: +1 installed[alpha,C1,2027H2] -1 unsold[C1,2027H1] +1 unsold[C1,2027H2] <= 0.5
chip_supply[C1,2028H1]: +1 installed[alpha,C1,2028H1] -1 unsold[C1,2027H2] +1 unsold[C1,2028H1] <= 0.3
chip_supply[C1,2028H2]: +1 installed[alpha,C1,2028H2] -1 unsold[C1,2028H1] <= 0
""",
    ),
    GoldenCase(
        "take_or_pay",
        carried_chips,
        """
take_or_pay[C1,'2027']: +1 installed[alpha,C1,2027H1] +1 installed[alpha,C1,2027H2] >= 0.5
""",
    ),
    GoldenCase(
        "chips_bought_so_far",
        retiring_chips,
        """
chips_bought_so_far[alpha,C1,2027]: -1 installed[alpha,C1,2027] +1 installed_so_far[alpha,C1,2027] = 0
chips_bought_so_far[alpha,C1,2028]: -1 installed[alpha,C1,2028] -1 installed_so_far[alpha,C1,2027] +1 installed_so_far[alpha,C1,2028] = 0
chips_bought_so_far[alpha,C1,2029]: -1 installed[alpha,C1,2029] -1 installed_so_far[alpha,C1,2028] +1 installed_so_far[alpha,C1,2029] = 0
""",
    ),
    GoldenCase(
        "chips_left_so_far",
        retiring_chips,
        """
chips_left_so_far[alpha,C1,2028]: -1 expired[alpha,C1,2028] +1 left_so_far[alpha,C1,2028] -1 sold_early[alpha,C1,2028] = 0
chips_left_so_far[alpha,C1,2029]: -1 expired[alpha,C1,2029] -1 left_so_far[alpha,C1,2028] +1 left_so_far[alpha,C1,2029] -1 sold_early[alpha,C1,2029] = 0
""",
    ),
    GoldenCase(
        "chips_leave_at_end_of_life",
        retiring_chips,
        """
chips_leave_at_end_of_life[alpha,C1,2029]: +1 expired[alpha,C1,2029] -1 installed_so_far[alpha,C1,2027] +1 left_so_far[alpha,C1,2028] >= 0
""",
    ),
    GoldenCase(
        "only_working_chips_leave",
        retiring_chips,
        """
only_working_chips_leave[alpha,C1,2028]: -1 installed_so_far[alpha,C1,2027] +1 left_so_far[alpha,C1,2028] <= 0
only_working_chips_leave[alpha,C1,2029]: -1 installed_so_far[alpha,C1,2028] +1 left_so_far[alpha,C1,2029] <= 0
""",
    ),
    GoldenCase(
        "power_of_working_chips",
        retiring_chips,
        """
power_of_working_chips[alpha,2027]: -1 arriving_gw[alpha,24,2027] +1 working_gw[alpha,2027] = 0
power_of_working_chips[alpha,2028]: -1 arriving_gw[alpha,24,2028] +1 expired[alpha,C1,2028] +1 sold_early[alpha,C1,2028] -1 working_gw[alpha,2027] +1 working_gw[alpha,2028] = 0
power_of_working_chips[alpha,2029]: -1 arriving_gw[alpha,24,2029] +1 expired[alpha,C1,2029] +1 sold_early[alpha,C1,2029] -1 working_gw[alpha,2028] +1 working_gw[alpha,2029] = 0
""",
    ),
    GoldenCase(
        "capacity_never_falls",
        hungry_site,
        """
capacity_never_falls[alpha,gas,2027H2]: -1 capacity[alpha,gas,2027H1] +1 capacity[alpha,gas,2027H2] >= 0
""",
    ),
    GoldenCase(
        "power_on_the_worst_hour",
        hungry_site,
        """
power_on_the_worst_hour[alpha,2027H1]: +0.9 capacity[alpha,gas,2027H1] -1.5 working_gw[alpha,2027H1] >= 0
power_on_the_worst_hour[alpha,2027H2]: +0.9 capacity[alpha,gas,2027H2] +1 capacity[alpha,grid_firm,2027H2] -1.5 working_gw[alpha,2027H2] >= 0
""",
    ),
    GoldenCase(
        "energy_meets_load",
        hungry_site,
        """
energy_meets_load[alpha,2027]: +1 energy[alpha,gas,2027] +1 energy[alpha,grid_firm,2027] -2.628 working_gw[alpha,2027H1] -2.628 working_gw[alpha,2027H2] = 0
""",
    ),
    GoldenCase(
        "energy_within_capacity",
        hungry_site,
        """
energy_within_capacity[alpha,grid_firm,2027]: -3.285 capacity[alpha,grid_firm,2027H2] +1 energy[alpha,grid_firm,2027] <= 0
energy_within_capacity[alpha,gas,2027]: -4.38 capacity[alpha,gas,2027H1] -4.38 capacity[alpha,gas,2027H2] +1 energy[alpha,gas,2027] <= 0
""",
    ),
    GoldenCase(
        "grid_headroom",
        hungry_site,
        """
grid_headroom[grid,2027H2]: +1 capacity[alpha,grid_firm,2027H2] <= 0.9
""",
    ),
    GoldenCase(
        "slots",
        hungry_site,
        """
slots[turbine,2027]: +1.25 capacity[alpha,gas,2027H2] +0.5 capacity[alpha,grid_firm,2027H2] <= 0.25
""",
    ),
)
