"""What the page says of rules and chips is what `gigasite explain` says, and adds up to the tables."""

from __future__ import annotations

from collections import defaultdict

import pytest

from maps.view import plan_view
from maps.view.standing import LawBook
from optimizer.plan.tables import PlanTables, PolicyUse
from optimizer.studies.allocation import AllocationBook
from tests import instances as make
from tests.maps.plans import MadePlan, make_plan


@pytest.fixture(scope="module")
def made() -> MadePlan:
    return make_plan(30)


@pytest.fixture(scope="module")
def plan(made):
    return plan_view(made.instance, made.tables, made.manifest)


def test_every_verdict_is_that_of_explain_at_the_end_of_the_year(made, plan):
    book = AllocationBook(made.instance, made.tables)
    seen = set()
    for site in plan.sites:
        for law in site.laws:
            for t, end in enumerate(plan.year_ends):
                asked = book.allocation(site.site, law.chip, end)
                verdict = law.verdict(plan.years[t])
                assert (verdict is not None) == asked.on_sale
                if verdict is None:
                    continue
                seen.add(verdict.standing)
                assert verdict.standing == asked.standing
                assert [(v.rule, v.role, v.says) for v in verdict.voices] == [
                    (line.rule, line.role, line.says) for line in asked.lines
                ]
                for voice, line in zip(verdict.voices, asked.lines, strict=True):
                    assert line.allows == voice.allows + (f" for {line.group}" if line.allows and line.group else "")
                assert law.room_million[t] == asked.headroom_chips_million
    assert seen == {"free", "permitted", "denied"}


def test_the_rules_that_decide_are_marked(plan):
    india = next(site for site in plan.sites if site.country == "IND")
    law = next(law for law in india.laws if law.chip == "F300")
    before, after = law.verdict(2030), law.verdict(2031)
    assert (before.standing, before.voices) == ("free", ())
    assert (after.standing, [(v.rule, v.decides) for v in after.voices]) == ("denied", [("india_refused", True)])
    gulf = next(site for site in plan.sites if site.country == "SAU")
    verdict = gulf.laws[0].verdict(2036)
    decides = {(voice.rule, voice.role): voice.decides for voice in verdict.voices}
    assert decides == {
        ("gulf_cap", "limits it"): False,
        ("gulf_licence", "wants a permit"): False,
        ("gulf_licence", "permits it"): True,
    }


def test_arrivals_add_up_to_the_installations_and_to_the_permits(made, plan):
    installed, permitted = defaultdict(float), defaultdict(float)
    for row in made.tables.chips:
        installed[row.site, row.chip, int(row.period[:4])] += row.installed_million
    for row in made.tables.permits:
        permitted[row.site, row.chip, row.rule, int(row.period[:4])] += row.permitted_million
    assert permitted
    for site in plan.sites:
        arrived = defaultdict(float)
        for row in site.arrivals:
            for year, million in zip(plan.years, row.values, strict=True):
                arrived[site.site, row.chip, year] += million
                if row.permit:
                    assert million == pytest.approx(permitted[site.site, row.chip, row.permit, year])
        kinds = {row.chip for row in made.tables.permits if row.site == site.site}
        wanted = {key: million for key, million in installed.items() if key[0] == site.site and key[1] in kinds}
        assert {key: million for key, million in arrived.items() if million} == pytest.approx(wanted)


def test_headroom_of_a_rule_is_that_of_the_policy_table_from_then_on(made, plan):
    (room,) = [room for room in plan.rooms if room.rule == "gulf_cap"]
    for end, headroom in zip(plan.year_ends, room.headroom, strict=True):
        later = [row.headroom for row in made.tables.policy if row.rule == "gulf_cap" and row.when >= end]
        assert headroom == pytest.approx(max(0.0, min(later)))
    groups = {room.group for room in plan.rooms if room.rule == "emirates_quota"}
    assert groups == {f"{site.operator}/ARE" for site in plan.sites if site.country == "ARE"}


def test_used_share_is_that_of_the_tightest_cap_and_of_the_least_used_permit(made, plan):
    used = {row.when: row.used / row.limit for row in made.tables.policy if row.rule == "gulf_cap"}
    gulf = next(site for site in plan.sites if site.country == "ARE")
    shares = next(law for law in gulf.laws if law.chip == "R200").quota_used
    for year, end, share in zip(plan.years, plan.year_ends, shares, strict=True):
        # Beside the quota there is a licence without one, so that the quota leaves nobody out.
        assert share == pytest.approx(used[end]), year
    free = next(site for site in plan.sites if site.country == "USA")
    assert set(free.laws[0].quota_used) == {None}


def test_a_quota_of_a_term_counts_in_every_year_of_the_term():
    rule = make.rule(
        "term", "licence", quantity=2, measure="chips_million", period="term", validity_months=24,
        effective_from="2027",
    )  # fmt: skip
    instance = make.tiny_instance(
        settings=make.settings(months=12, count=3, policy={"regime": "test"}), rules=[rule],
        regimes=[make.regime("term")],
    )  # fmt: skip
    uses = (
        PolicyUse("term", "licence", "", "", "2027-01", 1.5, 2.0, 0.5, "chips_million", False),
        PolicyUse("term", "licence", "", "", "2029-01", 2.0, 2.0, 0.0, "chips_million", True),
    )
    empty = dict.fromkeys(PlanTables.__dataclass_fields__, ())
    book = LawBook(instance, PlanTables(**{**empty, "policy": uses}))
    (law,) = book.laws(instance.sites[0])
    assert law.quota_used == (0.75, 0.75, 1.0)
    assert law.room_million == (0.5, 0.5, 0.0)


def test_without_rules_there_is_nothing_to_say():
    instance = make.tiny_instance()
    book = LawBook(instance, PlanTables(**dict.fromkeys(PlanTables.__dataclass_fields__, ())))
    assert book.laws(instance.sites[0]) == ()
    assert book.arrivals(instance.sites[0].site) == ()
    assert book.rooms == ()


def test_the_flagship_is_the_most_powerful_chip_on_sale(plan):
    shown = dict(zip(plan.years, plan.flagships, strict=True))
    assert (shown[2027], shown[2029], shown[2030]) == ("R200", "R200", "F300")
