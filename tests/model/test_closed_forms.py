"""Optima that can be worked out with pencil and paper (formulation.md 3.1)."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import chain, combinations

import pytest

from optimizer.instance.instance import Instance
from optimizer.model.build import build_model
from optimizer.solve.session import HighsSession
from optimizer.solve.standard_form import standard_form
from tests import instances as make
from tests.solving import Solved, solve_small

EXACT = 1e-9
DERIVATIVE = 1e-6
"""A central difference over 1e-3 is exact to the square of the step times the third derivative."""


# C1: when to build


@pytest.mark.parametrize("growth", [0.9, 1.0, 1.3, 1.6])
@pytest.mark.parametrize("lead_years", [0, 1])
def test_c1_build_when_the_margin_has_grown_enough(growth: float, lead_years: int) -> None:
    """One module, one load of chips: the best pair of dates by enumeration, cash in the middle of each year."""
    years, rate = 6, 0.08
    price = [0.55 * growth**u for u in range(years)]
    instance = make.instance(
        settings=make.settings(count=years, finance={"discount_rate": rate}),
        sites=[make.site(lead_months=12 * lead_years)],
        chips=[make.chip(life_months=240)],
        demand=[make.demand(year=2027 + u, price_usd_per_h100e_hour=price[u]) for u in range(years)],
    )

    def npv(committed: int, filled: int) -> float:
        paid = 10 * (1 + rate) ** -(committed + 0.5) + 10 * (1 + rate) ** -(filled + 0.5)
        return float(sum(8.76 * price[u] * (1 + rate) ** -(u + 0.5) for u in range(filled, years)) - paid)

    dates = [(d, t) for d in range(years) for t in range(d + lead_years, years)]
    best = max(dates, key=lambda pair: npv(*pair))
    solved = solve_small(instance)
    if npv(*best) <= 0:
        assert solved.objective == pytest.approx(0, abs=EXACT)
        assert solved.modules() == {}
        return
    assert solved.objective == pytest.approx(npv(*best), abs=EXACT)
    assert solved.modules() == {("alpha", str(2027 + best[0])): 1}
    assert list(solved.installed()) == [("alpha", "C1", str(2027 + best[1]))]


# C2: which chips, when power and chips are scarce


def test_c2_scarce_power_goes_to_the_chips_with_most_margin_per_kw() -> None:
    """Fractional knapsack: 2 GW filled in order of (revenue - price) / kW, each chip up to its supply."""
    kinds = {"slow": (1.0, 1.0, 9_000, 1.0), "dense": (2.5, 1.6, 18_000, 0.5), "cheap": (1.2, 1.5, 6_000, 0.5)}
    instance = make.instance(
        settings=make.settings(count=1),
        sites=[make.site(max_modules=2)],
        committed=[make.committed(modules=2)],
        chips=[make.chip(name, performance_h100e=h, it_power_kw=kw) for name, (h, kw, _, _) in kinds.items()],
        chip_prices=[make.price(name, price_usd=usd) for name, (_, _, usd, _) in kinds.items()],
        chip_supply=[make.supply(name, units=1e6 * million) for name, (_, _, _, million) in kinds.items()],
        demand=[make.demand(quantity_h100e_million=100)],
    )
    margin = {name: (17.52 * h - usd / 1e3) / kw for name, (h, kw, usd, _) in kinds.items()}
    left, expected, value = 2.0, {}, 0.0
    for name in sorted(kinds, key=lambda name: -margin[name]):
        gw = min(left, kinds[name][3] * kinds[name][1])
        if gw > 0:
            expected["alpha", name, "2027"] = gw / kinds[name][1]
        value, left = value + gw * margin[name], left - gw
    solved = solve_small(instance)
    assert len(expected) == 3
    assert left == pytest.approx(0)
    assert solved.objective == pytest.approx(value, abs=EXACT)
    assert solved.installed() == pytest.approx(expected, abs=EXACT)


def test_c2_scarce_chips_go_to_the_sites_with_most_margin_per_chip() -> None:
    """Half a million chips, two sites of 0.3 GW: the one with cheap energy is filled first."""
    instance = make.instance(
        settings=make.settings(count=1),
        sites=[make.site("dear", module_mw=300), make.site("cheap", module_mw=300)],
        committed=[make.committed("dear"), make.committed("cheap")],
        power_options=[
            make.power_option("dear", energy_usd_per_mwh=80),
            make.power_option("cheap", energy_usd_per_mwh=30),
        ],
        chip_supply=[make.supply(units=500_000)],
    )
    solved = solve_small(instance)
    assert solved.objective == pytest.approx(0.5 * 7.52 - 8.76 * (0.3 * 0.03 + 0.2 * 0.08), abs=EXACT)
    expected = {("cheap", "C1", "2027"): 0.3, ("dear", "C1", "2027"): 0.2}
    assert solved.installed() == pytest.approx(expected, abs=EXACT)


# C3: how long to keep chips


@pytest.mark.parametrize("growth", [1.05, 1.35, 2.0])
def test_c3_replace_chips_when_the_best_cycle_says_so(growth: float) -> None:
    """One full gigawatt, a better chip every year: the best of all 63 sequences of replacement dates."""
    years, rate, price, life = 6, 0.08, 6.0, 4
    curve = [(0, 0.9), (12, 0.6), (24, 0.35), (36, 0.2), (48, 0.1), (60, 0.05), (72, 0.0)]
    chips = [
        make.chip(
            f"G{u}",
            release=f"{2027 + u}",
            end_of_sale=f"{2028 + u}",
            performance_h100e=0.5 * growth**u,
            life_months=12 * life,
            resale_curve="used",
        )
        for u in range(years)
    ]
    instance = make.instance(
        settings=make.settings(
            count=years, model={"early_retirement": True}, finance={"discount_rate": rate, "terminal_value": True}
        ),
        committed=[make.committed()],
        chips=chips,
        chip_prices=[make.price(chip.chip, price_usd=1000 * price) for chip in chips],
        resale_curves=[make.resale("used", age, share) for age, share in curve],
        demand=[make.demand(year=2027 + u, quantity_h100e_million=1000, price_usd_per_h100e_hour=0.6)
                for u in range(years)],
    )  # fmt: skip

    def middle(u: int) -> float:
        return float((1 + rate) ** -(u + 0.5))

    def value_of(dates: tuple[int, ...]) -> float:
        total = 0.0
        for bought, following in zip(dates, [*dates[1:], years], strict=True):
            gone = min(following, bought + life)
            total -= price * middle(bought)
            total += sum(0.5 * growth**bought * 0.6 * 8.76 * middle(u) for u in range(bought, gone))
            if gone == years:
                total += price * dict(curve)[12 * (years - bought)] * (1 + rate) ** -years
            elif gone == following and gone < bought + life:
                total += price * dict(curve)[12 * (gone - bought)] * middle(gone)
        return total

    plans = chain.from_iterable(combinations(range(years), count) for count in range(1, years + 1))
    best = max(plans, key=value_of)
    solved = solve_small(instance)
    assert solved.objective == pytest.approx(value_of(best), abs=EXACT)
    arrivals = {chip for (_, chip, _), count in solved.installed().items() if count > 0}
    assert arrivals == {f"G{u}" for u in best}


# C5: a share of what stands at home


def _ratio_instance(share: float) -> Instance:
    """2 GW at home earn 5 B USD per GW less than the unlimited chips abroad."""
    return make.instance(
        settings=make.settings(count=1, policy={"regime": "test"}),
        sites=[make.site("home", max_modules=2), make.site("away", country="ARE", max_modules=50)],
        committed=[make.committed("home", modules=2), make.committed("away", modules=50)],
        power_options=[make.power_option("home", fixed_usd_per_kw_year=5000), make.power_option("away")],
        chip_supply=[make.supply(units=1e9)],
        demand=[make.demand(quantity_h100e_million=1000)],
        rules=[make.rule("R", "share_cap", destination="ARE", quantity=share, measure="h100e_million")],
        regimes=[make.regime("R")],
    )


HOME_GW, HOME_MARGIN, AWAY_MARGIN = 2.0, 2.52, 7.52


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.9])
def test_c5_foreign_compute_fills_its_share_of_the_total(share: float) -> None:
    foreign = share / (1 - share) * HOME_GW
    solved = solve_small(_ratio_instance(share))
    assert solved.objective == pytest.approx(HOME_MARGIN * HOME_GW + AWAY_MARGIN * foreign, rel=EXACT)
    expected = {("home", "C1", "2027"): HOME_GW, ("away", "C1", "2027"): foreign}
    assert solved.installed() == pytest.approx(expected, rel=EXACT)


def test_c5_a_point_of_share_is_worth_its_closed_form_and_its_dual_times_the_total() -> None:
    share, step = 0.3, 1e-3
    expected = AWAY_MARGIN * HOME_GW / (1 - share) ** 2
    up, down = solve_small(_ratio_instance(share + step)), solve_small(_ratio_instance(share - step))
    third = 6 * AWAY_MARGIN * HOME_GW / (1 - share - step) ** 4
    difference = (up.objective - down.objective) / (2 * step)
    assert difference == pytest.approx(expected, abs=third / 6 * step**2 + DERIVATIVE)
    form = standard_form(build_model(_ratio_instance(share)).pyomo)
    session = HighsSession(form, threads=1, seed=1, stop=threading.Event())
    relaxed = session.solve_relaxation(interior_point=False, time_limit=10)
    dual = relaxed.row_duals[form.row_names.index("export_share_cap[R,2027]")]
    assert dual * HOME_GW / (1 - share) == pytest.approx(expected, rel=EXACT)


# C6: falling prices


@pytest.mark.parametrize("cost", [4.0, 7.0, 14.0, 20.0])
def test_c6_every_block_that_pays_more_than_the_cost_is_sold(cost: float) -> None:
    """Blocks pay 1.5, 1 and 0.5 times 8.76 B USD a year; a chip that lives for a year is the marginal cost."""
    sizes, multipliers = (0.2, 0.5, 0.3), (1.5, 1.0, 0.5)
    instance = make.instance(
        settings=make.settings(count=1),
        committed=[make.committed()],
        chips=[make.chip(life_months=12)],
        chip_prices=[make.price(price_usd=1000 * cost)],
        demand=[make.demand(price_usd_per_h100e_hour=1)],
        price_blocks=[make.block("work", k + 1, sizes[k], multipliers[k]) for k in range(3)],
    )
    solved = solve_small(instance)
    expected = [size if 8.76 * factor > cost else 0.0 for size, factor in zip(sizes, multipliers, strict=True)]
    assert [row.sold_h100e_million_years for row in solved.tables.demand] == pytest.approx(expected, abs=EXACT)
    surplus = sum(size * max(0.0, 8.76 * factor - cost) for size, factor in zip(sizes, multipliers, strict=True))
    assert solved.objective == pytest.approx(surplus, abs=EXACT)


# C9: the price of time and of risk


def _abroad(wacc: float, rate: float) -> Instance:
    return make.instance(
        settings=make.settings(finance={"discount_rate": rate, "shell_life_years": 15}),
        countries=[make.country(wacc_fraction=wacc)],
        chips=[make.chip(life_months=48)],
        power_options=[make.power_option(capex_usd_per_kw=500, life_years=10)],
    )


@pytest.mark.parametrize(("wacc", "rate"), [(0.12, 0.08), (0.08, 0.08), (0.1, 0.0), (0.05, 0.08)])
def test_c9_premium_is_what_paying_the_countrys_annuity_costs_more(wacc: float, rate: float) -> None:
    """Paying off a dollar at the country's rate over the asset's life, discounted at the portfolio's rate."""

    def paid_off(years: int) -> float:
        annuity = wacc / (1 - (1 + wacc) ** -years)
        return sum(annuity * (1 + rate) ** -k for k in range(1, years + 1))

    solved = solve_small(_abroad(wacc, rate))
    costs = {"modules": (10.0, 15), "power_capex": (0.5, 10), "chips": (10.0, 4)}
    for category, (busd, _) in costs.items():
        assert solved.cash(category) == pytest.approx(-busd, abs=EXACT)
    premium = sum(busd * max(0.0, paid_off(years) - 1) for busd, years in costs.values())
    assert solved.cash("financing_premium") == pytest.approx(-premium, abs=EXACT)
    revenue = 17.52 * sum((1 + rate) ** -(u + 0.5) for u in range(3))
    assert solved.objective == pytest.approx(revenue - (20.5 + premium) * (1 + rate) ** -0.5, abs=EXACT)


def test_c9_quarters_discount_the_same_flow_within_the_year() -> None:
    """A year's flow counts the mean of its quarters' mid-period factors, not that of mid-year."""
    rate = 0.1
    yearly = make.settings(count=2, finance={"discount_rate": rate})
    quarterly = make.settings(months=3, count=8, finance={"discount_rate": rate})
    by_year, by_quarter = (
        solve_small(
            make.instance(settings=settings, committed=[make.committed()], chip_supply=[make.supply(during=first)])
        )
        for settings, first in ((yearly, "2027"), (quarterly, "2027Q1"))
    )
    for solved, periods in ((by_year, 2), (by_quarter, 8)):
        length = 2 / periods
        revenue = sum(17.52 * length * (1 + rate) ** -(length * (k + 0.5)) for k in range(periods))
        assert sum(row.pv_busd for row in solved.tables.cash if row.category == "revenue") == pytest.approx(
            revenue, abs=EXACT
        )
    sold = [row.sold_h100e_million_years for row in by_quarter.tables.demand]
    assert sold[1] == pytest.approx(1, abs=EXACT)


def test_c9_a_quarter_later_costs_a_quarters_interest_less() -> None:
    """Payments are discounted by quarter; revenue by the mean of its year, over which it is spread."""
    rate = 0.1

    def year(k: int) -> float:
        return float(sum((1 + rate) ** -(k + 0.25 * q + 0.125) for q in range(4)) / 4)

    def solved_from(earliest: str) -> Solved:
        settings = make.settings(months=3, count=8, decision_every_months=3, finance={"discount_rate": rate})
        instance = make.instance(
            settings=settings,
            sites=[make.site(earliest_start=earliest)],
            chips=[make.chip(life_months=12)],
            chip_supply=[make.supply(during=earliest)],
            demand=[make.demand(year=y, price_usd_per_h100e_hour=4) for y in (2027, 2028)],
        )
        return solve_small(instance)

    now, later = solved_from("2027-01"), solved_from("2027-04")
    paid = 20 * (1 + rate) ** -0.125
    assert now.objective == pytest.approx(35.04 * year(0) - paid, abs=EXACT)
    delayed = 35.04 * (0.75 * year(0) + 0.25 * year(1)) - paid * (1 + rate) ** -0.25
    assert later.objective == pytest.approx(delayed, abs=EXACT)


# C12: matching capital


@pytest.mark.parametrize(("home_cost", "away_cost"), [(10, 10), (10, 5), (10, 4), (4, 10)])
def test_c12_capital_abroad_never_exceeds_matched_capital_at_home(home_cost: int, away_cost: int) -> None:
    """Home modules earn nothing; abroad they do: as many go there as k1/k2 x home modules allow, at every date."""
    years, home_most, away_most = 3, 3, 6
    instance = make.instance(
        settings=make.settings(count=years, policy={"regime": "test"}),
        sites=[
            make.site("home", max_modules=home_most, max_starts_per_year=1, module_cost_usd_per_kw=1000 * home_cost,
                      latency_zone="nowhere"),
            make.site("away", country="ARE", max_modules=away_most, module_cost_usd_per_kw=1000 * away_cost),
        ],
        latency=[make.latency("zone", "market")],
        chip_supply=[make.supply(during=str(2027 + u), units=1e8) for u in range(years)],
        demand=[make.demand(year=2027 + u, quantity_h100e_million=100, price_usd_per_h100e_hour=4)
                for u in range(years)],
        rules=[make.rule("R", "matching_investment", destination="ARE", base_destination="USA", quantity=1,
                         measure="capital_busd")],
        regimes=[make.regime("R")],
    )  # fmt: skip
    # A module abroad earns 35.04 a year; a second home module is worth its cost where it allows another abroad.
    matched = [min(away_most, (home * home_cost) // away_cost) for home in range(home_most + 1)]

    def value(starts: tuple[int, ...]) -> float:
        total, home, away = 0.0, 0, 0
        for u in range(years):
            home += u in starts
            added = matched[home] - away
            away += added
            worth = added * (35.04 * (years - u) - 10 - away_cost)
            total += worth - home_cost * (u in starts)
        return total

    plans = [starts for count in range(home_most + 1) for starts in combinations(range(years), count)]
    best = max(plans, key=value)
    solved = solve_small(instance)
    assert solved.objective == pytest.approx(value(best), abs=EXACT)
    cumulative = {"home": 0.0, "away": 0.0}
    for u in range(years):
        for site in cumulative:
            cumulative[site] += solved.modules().get((site, str(2027 + u)), 0)
        assert cumulative["away"] * away_cost <= cumulative["home"] * home_cost + EXACT
    assert cumulative["away"] > 0


def test_c12_without_the_rule_nothing_is_built_at_home() -> None:
    instance = make.instance(
        sites=[make.site("home", latency_zone="nowhere"), make.site("away", country="ARE")],
        latency=[make.latency("zone", "market")],
        demand=[make.demand(year=year, price_usd_per_h100e_hour=4) for year in (2027, 2028, 2029)],
    )
    ruled = replace(
        instance,
        settings=make.settings(policy={"regime": "test"}),
        rules=(make.rule("R", "matching_investment", destination="ARE", base_destination="USA", quantity=1,
                         measure="capital_busd"),),
        regimes=(make.regime("R"),),
    )  # fmt: skip
    assert {site for site, _ in solve_small(instance).modules()} == {"away"}
    assert {site for site, _ in solve_small(ruled).modules()} == {"home", "away"}
