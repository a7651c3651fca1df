"""How the audit follows chips: lives, early departures, stocks of the vendor, prices (SEMANTICS 3)."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.plan.audit.chips import Market, audit_chips
from optimizer.plan.audit.clock import Clock
from optimizer.plan.audit.ledger import Ledger
from optimizer.plan.audit.supply import chip_offers
from optimizer.plan.tables import ChipInstallation, PlanTables
from tests import instances as make

NO_PLAN = PlanTables(*((),) * 13)
EARLY = make.settings(count=4, model={"early_retirement": True})


def row(period: str, installed: float, retired: float = 0.0, chip: str = "C1") -> ChipInstallation:
    resale = 0.0
    return ChipInstallation("alpha", chip, period, installed, retired, installed, 10 * installed, 0.0, resale)


def working(rows: list[ChipInstallation], life_months: int) -> tuple[list[float], set[str]]:
    instance = make.instance(settings=EARLY, chips=[make.chip(life_months=life_months)])
    ledger = Ledger(NO_PLAN)
    fleets = audit_chips(ledger, instance, Clock.of(instance), rows)
    return list(fleets["alpha", "C1"].working), {failure.check for failure in ledger.report().failures}


def test_chips_leave_at_the_end_of_their_life() -> None:
    assert working([row("2027", 1.0), row("2029", 0.5)], 24) == ([1.0, 1.0, 0.5, 0.5], set())
    assert working([row("2027", 1.0)], 25) == ([1.0, 1.0, 1.0, 0.0], set())


def test_the_oldest_chips_leave_first() -> None:
    stock, failures = working([row("2027", 1.0), row("2028", 0.5), row("2029", 0.0, 0.4)], 36)
    assert stock == pytest.approx(
        [1.0, 1.5, 1.1, 0.5]
    )  # in 2030 the 0.6 left of the first arrival have lived 36 months
    assert failures == set()


def test_chips_do_not_leave_in_the_period_in_which_they_arrive() -> None:
    assert "chips.retired_early" in working([row("2027", 1.0, 0.5)], 36)[1]


def test_chips_at_the_end_of_their_life_cannot_be_sold() -> None:
    assert "chips.retired_early" in working([row("2027", 1.0), row("2029", 0.0, 0.1)], 24)[1]


@pytest.mark.parametrize(
    ("carry_months", "expected"),
    [(0, [0.4, 0.4, 0.4, 0.4]), (6, [0.4, 0.8, 0.8, 0.5]), (12, [0.4, 0.8, 1.2, 0.9]), (3, [0.4, 0.4, 0.4, 0.4])],
)
def test_the_vendor_keeps_recent_output_only(carry_months: int, expected: list[float]) -> None:
    # Half-years: with 6 months the output of the half-year that ends is kept, with 3 months none of it.
    settings = make.settings(months=6, count=4, decision_every_months=6, model={"chip_carry_months": carry_months})
    supply = [make.supply(during=year, units=800_000) for year in ("2027", "2028")]
    instance = make.instance(settings=settings, chip_supply=supply)
    clock = Clock.of(instance)
    fleets = audit_chips(Ledger(NO_PLAN), instance, clock, [row("2028H1", 0.7)])
    offer = chip_offers(instance, clock, fleets.values(), {})[0]
    assert list(offer.offered) == pytest.approx(expected)


def test_prices_and_resale() -> None:
    curve = [make.resale("used", 12, 0.8), make.resale("used", 36, 0.4)]
    instance = make.instance(
        chips=[make.chip(resale_curve="used"), make.chip("C2")],
        chip_prices=[make.price(since="2028", price_usd=8000), make.price(since="2027", price_usd=10_000),
                     make.price("C2", since="2030", price_usd=20_000)],
        resale_curves=curve,
    )  # fmt: skip
    market = Market.of(instance, instance.chips[0])
    dates = [make.month(text) for text in ("2026", "2027", "2027-12", "2028", "2029")]
    assert [market.price(date) for date in dates] == [10, 10, 10, 8, 8]
    ages = [make.month(text) for text in ("2026", "2027", "2028", "2029", "2035")]
    assert np.allclose([market.resale(date) for date in ages], [8, 8, 6, 4, 4])
    other = Market.of(instance, instance.chips[1])
    assert other.price(make.month("2027")) == 20
    assert other.resale(make.month("2027")) == 0
