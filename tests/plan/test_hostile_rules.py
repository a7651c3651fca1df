"""Rules as a hostile lawyer would write them: policy, model and audit agree on what is lawful, and with the text.

Every case states for each campus in which of the years 2027 to 2029 the chip may be installed there. `legality`, the
installations that the model has, what the solver does and what the audit passes must all say the same. Drawn
instances are put to the same test without an expectation.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest

from optimizer.instance.instance import Instance
from optimizer.instance.schema import PERMITS, Rule
from optimizer.model.build import build_model
from optimizer.policy.legality import Standing, legality
from optimizer.policy.regime import ActiveRegime
from tests import instances as make
from tests.full_path import solve_and_audit
from tests.plan.rulings import arrival, permit, ruling
from tests.random_instances import random_instance

Installation = tuple[str, str, str]
"""Site, chip and period."""

YEARS = ("2027", "2028", "2029")
ALWAYS, NEVER = YEARS, ()
#: Whether an installation is lawful, whatever quantities say.
LAWFUL = {"rules.deny", "permits.cover", "permits.needed", "permits.granted", "permits.in_force", "permits.selects"}
SITES = {
    # country, headquarters, parent, operator
    "texas": ("USA", "USA", None, "Big Cloud"),
    "dubai": ("ARE", "ARE", None, "Sand Cloud"),
    "dubai-us": ("ARE", "USA", None, "Big Cloud"),
    "johor": ("MYS", "USA", None, "Big Cloud"),
    "johor-cn": ("MYS", "SGP", "CHN", "Lion Cloud"),
    "johor-sold": ("MYS", "CHN", "USA", "Once Cloud"),
}
PLACES = {"USA": (32.0, -97.0), "ARE": (24.0, 54.0), "MYS": (1.6, 103.6)}


def licence(name: str = "L", **changes: Any) -> Rule:
    """A licence for everybody abroad that is refused, unless changed."""
    return make.rule(name, "licence", **{"destination": "any - USA", "probability": 0, **changes})


def allow(name: str = "A", **changes: Any) -> Rule:
    return make.rule(name, "allow", **changes)


def deny(name: str = "D", **changes: Any) -> Rule:
    return make.rule(name, "deny", **changes)


@dataclass(frozen=True)
class Case:
    """Rules, and in which years each campus may install chips; at home always, unless said.

    Attributes
    ----------
    elsewhere
        Years of the campuses that are not named.
    """

    name: str
    rules: tuple[Rule, ...]
    lawful: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ALWAYS
    tables: Mapping[str, Any] = field(default_factory=dict)

    def years(self, site: str) -> tuple[str, ...]:
        return self.lawful.get(site, ALWAYS if site == "texas" else self.elsewhere)

    def instance(self) -> Instance:
        sites = [
            make.site(name, country=country, operator_hq=headquarters, parent_hq=parent, operator=operator,
                      latitude=PLACES[country][0], longitude=PLACES[country][1], grid_region=country)
            for name, (country, headquarters, parent, operator) in SITES.items()
        ]  # fmt: skip
        tables: dict[str, Any] = {
            "settings": make.settings(policy={"regime": "test", "minimum_licence_probability": 0.5}),
            "sites": sites,
            "committed": [make.committed(site.site) for site in sites],
            "chips": [make.chip(life_months=12)],
            "chip_prices": [make.price(price_usd=1000)],
            "chip_supply": [make.supply(during=year, units=1e8) for year in YEARS],
            "demand": [make.demand(year=int(year), quantity_h100e_million=100) for year in YEARS],
            "rules": self.rules,
            "regimes": [make.regime(rule.rule) for rule in self.rules],
            **self.tables,
        }
        return make.instance(**tables)


def years(*wanted: int) -> tuple[str, ...]:
    return tuple(str(year) for year in wanted)


JOINS = {"country_groups": [make.member("bloc", "MYS", member_from="2028-02"), make.member("bloc", "RUS")]}
LEAVES = {"country_groups": [make.member("bloc", "MYS", member_to="2028-02"), make.member("bloc", "RUS")]}
OWNERS = {"country_groups": [make.member("bloc", "CHN", member_from="2028"), make.member("bloc", "RUS")]}

CASES = (
    # two licences
    Case("the granted one of two overlapping licences serves what both ask for",
         (licence(), licence("GULF", destination="ARE", probability=0.9)),
         {"dubai": ALWAYS, "dubai-us": ALWAYS}, NEVER),
    Case("a licence serves only what it selects itself",
         (licence(), licence("US-FIRMS", owner="USA", owner_test="headquarters", probability=0.9)),
         {"dubai-us": ALWAYS, "johor": ALWAYS}, NEVER),
    Case("of two jurisdictions both must grant",
         (licence(probability=1), licence("IMPORT", jurisdiction="MYS", destination="MYS")),
         {"dubai": ALWAYS, "dubai-us": ALWAYS}, NEVER),
    Case("a licence of probability one half is granted at a minimum of one half", (licence(probability=0.5),)),
    Case("a licence of a little less is refused", (licence(probability=0.499),), {}, NEVER),
    Case("a licence with a quantity is granted however unlikely",
         (licence(probability=0.01, quantity=1e6, measure="chips_million", period="yearly"),)),
    Case("a licence that expires leaves no need for one", (licence(effective_to="2028"),), {}, years(2028, 2029)),
    Case("a licence that begins later leaves the first years free", (licence(effective_from="2028"),), {},
         years(2027)),
    # denials inside licences and exceptions
    Case("a denial inside a granted licence stands",
         (licence(probability=1), deny(destination="MYS", owner="CHN", owner_test="parent")), {"johor-cn": NEVER}),
    Case("a denial inside an exception inside a refused licence stands",
         (licence(), allow(operators="Big Cloud"), deny(destination="MYS", operators="Big Cloud")),
         {"dubai-us": ALWAYS}, NEVER),
    Case("a denial of one jurisdiction is not lifted by another",
         (deny(jurisdiction="CHN", destination="MYS"), allow(destination="MYS"), licence(destination="MYS")),
         {"johor": NEVER, "johor-cn": NEVER, "johor-sold": NEVER}),
    Case("an exception of another jurisdiction serves nobody", (licence(), allow(jurisdiction="MYS")), {}, NEVER),
    # dates within a period
    Case("a denial that ends in mid-year holds for the year it began in", (deny(destination="ARE",
         effective_to="2028-07"),), {"dubai": years(2029), "dubai-us": years(2029)}),
    Case("a denial that begins in mid-year holds from the next", (deny(destination="ARE", effective_from="2028-02"),),
         {"dubai": years(2027, 2028), "dubai-us": years(2027, 2028)}),
    Case("a denial within a year never holds", (deny(effective_from="2028-02", effective_to="2029"),)),
    Case("a denial of one month holds for the year that starts in it",
         (deny(effective_from="2028-01", effective_to="2028-02"),), {"texas": years(2027, 2029)}, years(2027, 2029)),
    Case("an exception that ends in mid-year serves the whole of it", (licence(), allow(effective_to="2028-02")), {},
         years(2027, 2028)),
    Case("an exception that begins in mid-year serves from the next", (licence(), allow(effective_from="2027-02")), {},
         years(2028, 2029)),
    Case("a lag that ends in mid-year serves from the next",
         (licence(), allow(lag_months=13)), {}, years(2029)),
    Case("a lag counts from the start of the plan for old exceptions and from effect for new ones",
         (licence(), allow("OLD", destination="MYS", lag_months=12),
          allow("NEW", destination="ARE", effective_from="2028", lag_months=12)),
         {"dubai": years(2029), "dubai-us": years(2029)}, years(2028, 2029)),
    Case("an exception may end before its lag is over", (licence(), allow(lag_months=24, effective_to="2029")), {},
         NEVER),
    Case("one exception takes over from another",
         (licence(), allow("FIRST", effective_to="2028"), allow("SECOND", effective_from="2029")), {},
         years(2027, 2029)),
    # memberships
    Case("a country that joins in mid-year is free to its end", (deny(destination="bloc"),),
         {name: years(2027, 2028) for name in ("johor", "johor-cn", "johor-sold")}, tables=JOINS),
    Case("a country that leaves in mid-year is bound to its end", (deny(destination="bloc"),),
         {name: years(2029) for name in ("johor", "johor-cn", "johor-sold")}, tables=LEAVES),
    Case("an exception for members serves while they are members", (licence(), allow(destination="bloc")),
         {name: years(2029) for name in ("johor", "johor-cn", "johor-sold")}, NEVER, JOINS),
    Case("everybody but members", (deny(destination="any - bloc"),),
         {"texas": NEVER, **{name: years(2029) for name in ("johor", "johor-cn", "johor-sold")}}, NEVER, JOINS),
    Case("an owner's country joins", (deny(destination="any - USA", owner="bloc"),),
         {"johor-cn": years(2027), "johor-sold": years(2027)}, tables=OWNERS),
    # owners
    Case("a parent in an embargoed country", (deny(owner="CHN", owner_test="parent"),), {"johor-cn": NEVER}),
    Case("headquarters in an embargoed country", (deny(owner="CHN", owner_test="headquarters"),),
         {"johor-sold": NEVER}),
    Case("either of them", (deny(owner="CHN"),), {"johor-cn": NEVER, "johor-sold": NEVER}),
    Case("both of them, which nobody here has", (deny("D", owner="CHN", owner_test="both"), deny("E", owner="ARE",
         owner_test="both", destination="any")), {"dubai": NEVER}),
    Case("an exception for owners whose parent and headquarters are friendly",
         (licence(), allow(owner="USA | SGP", owner_test="both")), {"dubai-us": ALWAYS, "johor": ALWAYS}, NEVER),
    Case("an exception for friendly owners, whichever of the two is",
         (licence(), allow(owner="USA | SGP", owner_test="either")),
         {"dubai-us": ALWAYS, "johor": ALWAYS, "johor-cn": ALWAYS, "johor-sold": ALWAYS}, NEVER),
    Case("operators are listed by their whole names",
         (deny(operators=" Lion Cloud ; Sand Cloud "),), {"johor-cn": NEVER, "dubai": NEVER}),
    # chips
    Case("just what the limit says", (deny(chip_test="tpp > 15832"),)),
    Case("at the limit and above", (deny(chip_test="tpp >= 15832"),), {"texas": NEVER}, NEVER),
    Case("'and' binds before 'or'",
         (deny(chip_test="tpp >= 1 or tpp >= 1600 and performance_density >= 5.92 and not us_controlled"),),
         {"texas": NEVER}, NEVER),
    Case("parentheses first",
         (deny(chip_test="(tpp >= 1 or tpp >= 1600) and performance_density >= 5.92 and not us_controlled"),)),
)  # fmt: skip


def installations(instance: Instance) -> Iterator[Installation]:
    labels = zip(instance.calendar.labels, instance.calendar.periods, strict=True)
    on_sale = [
        (chip.chip, label)
        for label, span in labels
        for chip in instance.chips
        if chip.release < span.end and span.start < chip.end_of_sale
    ]
    return ((site.site, *pair) for site in instance.sites for pair in on_sale)


def lawful_by_policy(instance: Instance) -> set[Installation]:
    """What `legality` does not call denied."""
    regime = ActiveRegime(instance)
    starts = dict(
        zip(instance.calendar.labels, (span.start for span in instance.calendar.periods), strict=True)
    )  # fmt: skip
    return {
        (site, chip, period)
        for site, chip, period in installations(instance)
        if legality(regime, instance.site_by_id[site], instance.chip_by_id[chip], starts[period]).standing
        is not Standing.DENIED
    }


def lawful_by_audit(instance: Instance) -> set[Installation]:
    """What the audit passes under some permits, one of each jurisdiction."""
    by_jurisdiction: dict[str, list[str]] = {}
    for rule in instance.active_rules:
        if rule.effect in PERMITS:
            by_jurisdiction.setdefault(rule.jurisdiction, []).append(rule.rule)
    claims = list(product(*([None, *names] for names in by_jurisdiction.values())))

    def passes(place: Installation) -> bool:
        site, chip, period = place
        few = arrival(period, 1e-4, site, chip)
        found = (
            ruling(instance, [few], [permit(name, period, 1e-4, site, chip) for name in claim if name is not None])
            for claim in claims
        )
        return any(not LAWFUL & one.checks for one in found)

    return {place for place in installations(instance) if passes(place)}


def lawful_by_model(instance: Instance) -> set[Installation]:
    """What the model has a column for."""
    plan = build_model(instance)
    sites = {zone.name: zone.sites for zone in plan.context.zones}
    return {(site.site, chip, t.label) for zone, chip, t in plan.pyomo.installed for site in sites[zone]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_policy_model_solver_and_audit_read_the_rules_as_they_are_written(case: Case) -> None:
    instance = case.instance()
    expected = {(site, "C1", year) for site in SITES for year in case.years(site)}
    assert lawful_by_policy(instance) == expected
    assert lawful_by_audit(instance) == expected
    assert lawful_by_model(instance) == expected
    # Chips live for a year and earn more than they cost, so that every lawful place is filled.
    assert {place for place, million in solve_and_audit(instance).installed().items() if million > 0.5} == expected


def test_policy_and_audit_agree_on_drawn_instances_and_the_model_has_nothing_else() -> None:
    """The model may have less, where a site cannot be on line or nothing is on offer."""
    denied = permitted = 0
    for seed in range(160):
        instance = random_instance(random.Random(f"hostile {seed}"))
        if not instance.rules:
            continue
        lawful = lawful_by_policy(instance)
        assert lawful_by_audit(instance) == lawful, f"seed {seed}"
        assert lawful_by_model(instance) <= lawful, f"seed {seed}"
        denied += len(set(installations(instance)) - lawful)
        permitted += sum(rule.effect in PERMITS for rule in instance.active_rules)
    assert denied > 150
    assert permitted > 50
