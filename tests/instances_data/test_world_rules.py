"""Export control of world-2026: every fact is encoded or explained, and every rule does what its text says."""

import csv
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from optimizer.instance.calendar import parse_month
from optimizer.instance.reader import load_instance
from optimizer.instance.schema import Grouping, PermitPeriod, RuleEffect
from optimizer.policy.regime import ActiveRegime, ActiveRule, Owner
from optimizer.units import TPP_PER_GB300, TPP_PER_H100
from tests.instances_data.flows import CHIPS, EXAMPLES, flow

FOLDER = Path("instances/world-2026")
#: Rows of export_rules.csv.
FACT_TEXT = (
    "US22-1 US23-1 US23-2 US23-3 US23-4 US24-1 US24-2 US25-FDD DIF-0 DIF-1 DIF-2 DIF-3 DIF-4 DIF-5 DIF-6 "
    "DIF-7-2025Q1 DIF-7-2025Q2 DIF-7-2025Q3 DIF-7-2025Q4 DIF-7-2026Q1 DIF-7-2026Q2 DIF-7-2026Q3 DIF-7-2026Q4 "
    "DIF-7-2027Q1 DIF-7-2027Q2 DIF-7-2027Q3 DIF-7-2027Q4 DIF-8 DIF-9 DIF-10 DIF-11 DIF-12 US25-GP10 US25-H20 US25-REV "
    "US25-H200A JAN26-1 JAN26-2 JAN26-3 JAN26-4 JAN26-5 US26-232A US26-232B US26-232C US26-GLB US26-HQ US26-UAE1 "
    "US26-UAE2 US25-AFF US26-KH BIL-AE1 BIL-AE2 BIL-AE3 BIL-SA1 BIL-AE4 BILL-GAIN BILL-SAFE BILL-OW BILL-CSA BILL-RAS "
    "CN-1 CN-2 CN-3 CN-4 CN-5 MY-1 KR-1"
)
FACTS = FACT_TEXT.split()
#: Facts that are no constraint on chips.
NO_RULE = {"US24-2", "US25-FDD", "DIF-11", "JAN26-3", "JAN26-5", "US26-KH", "BILL-RAS"}
#: Rules that stand for no row of the facts: practice, assumptions, and the scenarios of section C.
NO_FACT = {"US-TRAINIUM", "BIL-SA-TRANCHES", "LIB-1", "LIB-2", "CN-DECOUPLED"}


@cache
def world():
    return load_instance(FOLDER)


@cache
def rule(name):
    """A rule of the instance, whatever the regime."""
    (found,) = [row for row in world().rules if row.rule == name]
    return found


@cache
def regime(name):
    """A regime of the instance."""
    settings = world().settings
    policy = settings.policy.model_copy(update={"regime": name})
    return ActiveRegime(replace(world(), settings=settings.model_copy(update={"policy": policy})))


@cache
def coverage():
    with (FOLDER / "notes" / "rule_coverage.csv").open(encoding="utf-8", newline="") as stream:
        return {row["fact_rule"]: row for row in csv.DictReader(stream)}


def encoding(fact):
    """Rules that encode a fact."""
    return {name for name in coverage()[fact]["encoded_as"].split(";") if name}


# --- every fact -----------------------------------------------------------------------------------


def test_the_table_covers_the_facts():
    assert len(FACTS) == 67
    assert list(coverage()) == FACTS


@pytest.mark.parametrize("fact", FACTS)
def test_every_fact_is_encoded_or_explained(fact):
    row = coverage()[fact]
    assert encoding(fact) <= {one.rule for one in world().rules}
    assert bool(encoding(fact)) is (fact not in NO_RULE)
    assert bool(row["exercised_in"]) is bool(encoding(fact))
    assert len(row["note"]) >= 4
    if not encoding(fact):
        assert len(row["note"]) > 30


def test_every_rule_stands_for_a_fact_or_says_that_it_does_not():
    encoded = set().union(*(encoding(fact) for fact in FACTS))
    assert {row.rule for row in world().rules} - encoded == NO_FACT


def test_every_rule_is_in_a_regime_and_has_an_example():
    names = {row.rule for row in world().rules}
    assert {row.rule for row in world().regimes} == names == set(EXAMPLES)
    assert set(RuleEffect) - {row.effect for row in world().rules} == {RuleEffect.CAP_STOCK}


# --- every rule -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_rule_selects_what_its_text_says_and_spares_the_rest(name):
    month, selected, spared = EXAMPLES[name]
    active = ActiveRule(rule(name), world())
    for text, expected in ((selected, True), (spared, False)):
        one = flow(text, month)
        assert active.in_force(one.month)
        assert active.selects(one.country, one.owner, CHIPS[one.chip], one.month) is expected, text


@pytest.mark.parametrize("row", world().rules, ids=lambda row: row.rule)
def test_what_the_coverage_says_of_the_world_is_so(row):
    """A fact is exercised in the world if a rule of it selects something there."""
    active = ActiveRule(row, world())
    works = any(
        active.selects(site.country, Owner.of(site), chip, span.start)
        for span in world().calendar.periods
        if active.in_force(span.start)
        for chip in world().chips
        if chip.release <= span.start < chip.end_of_sale and active.passes_chip(chip)
        for site in world().sites
    )
    facts = [fact for fact in FACTS if row.rule in encoding(fact)]
    if works:
        assert {coverage()[fact]["exercised_in"] for fact in facts} <= {"world-2026"}
    elif facts and all(encoding(fact) == {row.rule} for fact in facts):
        assert {coverage()[fact]["exercised_in"] for fact in facts} == {"made-up instance"}


# --- quantities -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "tpp", "h100", "gb300"),
    [("DIF-4", 790e6, 49_899, 13_167), ("DIF-6", 26.9e6, 1_699, 448), ("DIF-7", 633e6, 39_982, 10_550)],
)
def test_quantities_of_the_diffusion_rule(name, tpp, h100, gb300):
    for law in (rule(name), rule(f"{name}-W")):
        assert law.quantity * 1e6 * TPP_PER_H100 == pytest.approx(tpp, rel=1e-6)
        assert law.quantity * 1e6 == pytest.approx(h100, abs=0.51)
        assert law.quantity * 1e6 * TPP_PER_H100 / TPP_PER_GB300 == pytest.approx(gb300, abs=0.51)


def test_the_last_step_of_national_end_users_is_84_400_gb300():
    last = max((row for row in world().rule_steps if row.rule == "DIF-7-W"), key=lambda row: row.since)
    assert last.quantity * 1e6 * TPP_PER_H100 == pytest.approx(5.064e9, rel=1e-6)
    assert last.quantity * 1e6 * TPP_PER_H100 / TPP_PER_GB300 == pytest.approx(84_400, abs=0.5)
    assert last.quantity * 1e6 == pytest.approx(319_858.5, abs=1)


def test_the_schedule_as_written_is_that_of_the_text_two_years_later():
    active = ActiveRule(rule("DIF-7-W"), world())
    expected = {"2027Q1": 633, "2027Q4": 1582.5, "2028Q1": 1899, "2028Q3": 3481.5, "2029Q1": 5064, "2036Q4": 5064}
    for quarter, million in expected.items():
        assert active.quantity_at(parse_month(quarter)) * TPP_PER_H100 == pytest.approx(million, rel=1e-6), quarter


def test_other_quantities():
    assert rule("BIL-AE4").quantity * 1e6 * TPP_PER_H100 == pytest.approx(81_900 * 4_992, rel=1e-6)
    assert rule("GLB-1").quantity * 1e6 * TPP_PER_GB300 == pytest.approx(60e6)
    assert (rule("GLB-1").quantity + rule("GLB-2").quantity) * 1e6 * TPP_PER_GB300 == pytest.approx(12e9)
    assert rule("DIF-5-W").quantity == rule("DIF-4-W").quantity
    assert (rule("BIL-SA1").quantity, rule("BIL-AE3").quantity) == (0.035, 0.035)
    assert (rule("DIF-4-W").per, rule("DIF-4-W").period) == (Grouping.COUNTRY, PermitPeriod.TERM)
    assert rule("DIF-4-W").validity_months == 36


# --- groups ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "country", "month", "expected"),
    [
        ("D:5", "KHM", "2026-01", True),
        ("D:5", "KHM", "2026-02", False),
        ("D:1", "KHM", "2026-02", True),
        ("A:5", "ARE", "2026-06", False),
        ("A:5", "ARE", "2026-07", True),
        ("D:4", "ARE", "2026-06", True),
        ("D:4", "ARE", "2026-07", False),
        ("A:6", "ISR", "2027", True),
        ("TIER1", "TWN", "2025", True),
        ("TIER2", "IND", "2025", True),
        ("TIER3", "CHN", "2025", True),
        ("TIER1", "USA", "2025", False),
    ],
)
def test_memberships_have_dates(group, country, month, expected):
    at = parse_month(month)
    rows = [row for row in world().groups[group] if row.country == country]
    assert any(row.member_from <= at and (row.member_to is None or at < row.member_to) for row in rows) is expected


def test_tier_1_is_that_of_the_text():
    text = "AUS BEL CAN DNK FIN FRA DEU IRL ITA JPN NLD NZL NOR KOR ESP SWE TWN GBR"
    assert {row.country for row in world().groups["TIER1"]} == set(text.split())


def test_memberships_from_memory_are_marked():
    for group, rows in world().groups.items():
        assert all(row.certain is not group.startswith("D:") for row in rows), group


# --- regimes --------------------------------------------------------------------------------------

ALIBABA, HUAWEI = Owner("Alibaba", "CHN"), Owner("Huawei", "CHN")
G42, OPENAI, BYTEDANCE, YTL = (
    Owner("G42", "ARE"),
    Owner("OpenAI", "USA"),
    Owner("ByteDance", "CHN"),
    Owner("YTL", "MYS"),
)


@pytest.mark.parametrize(
    ("name", "country", "owner", "chip", "month", "denied"),
    [
        ("S0", "CHN", ALIBABA, "h200", "2028", False),
        ("S0", "CHN", ALIBABA, "h200", "2027", True),  # the wait for the American licence
        ("S0", "CHN", HUAWEI, "h200", "2028", True),  # state-funded
        ("S0", "CHN", ALIBABA, "gb300", "2028", True),
        ("S2", "CHN", ALIBABA, "h200", "2028", True),
        ("S4", "CHN", ALIBABA, "b30a", "2028", False),
        ("S0", "CHN", ALIBABA, "b30a", "2028", True),
        ("S5", "CHN", ALIBABA, "h200", "2028", True),
        ("open", "CHN", ALIBABA, "gb300", "2028", False),
        ("S0", "MYS", BYTEDANCE, "gb300", "2028", True),
        ("S0", "MYS", YTL, "gb300", "2028", False),
        ("us_oct2022", "MYS", BYTEDANCE, "gb300", "2028", False),
        ("us_oct2022", "CHN", ALIBABA, "a800", "2028", False),
        ("us_oct2023", "CHN", ALIBABA, "a800", "2028", True),
        ("S0", "ARE", OPENAI, "gb300", "2027", False),
        ("S0", "ARE", G42, "gb300", "2027", False),
        ("S0", "ARE", G42, "gb300", "2027-04", True),  # exception over, licence not yet there
        ("S0", "ARE", G42, "gb300", "2027-07", False),
        ("S2", "ARE", OPENAI, "gb300", "2027", True),
        ("S2", "ARE", OPENAI, "gb300", "2027-07", False),
        ("S1", "IND", Owner("Reliance", "IND"), "gb300", "2028", False),
        ("S1", "BRA", BYTEDANCE, "gb300", "2028", True),
        ("diffusion_as_enforced", "IND", Owner("Reliance", "IND"), "gb300", "2028", False),
        ("S3", "FRA", Owner("Nebius", "NLD"), "gb300", "2028", False),
        ("S0", "MYS", YTL, "ascend", "2028", True),
        ("S0_chinese_exports", "MYS", YTL, "ascend", "2028", False),
        ("S0", "CHN", HUAWEI, "ascend", "2028", False),
        ("S0", "MAR", Owner("Naver", "KOR"), "gb300", "2027", True),  # Korea's licence takes three months
        ("S0", "MAR", Owner("Naver", "KOR"), "gb300", "2027-04", False),
        ("S0", "SAU", Owner("Humain", "SAU"), "trainium", "2029", True),
    ],
)  # fmt: skip
def test_who_may_have_what(name, country, owner, chip, month, denied):
    assert regime(name).denies(country, owner, CHIPS[chip], parse_month(month)) is denied


def test_the_diffusion_rule_is_over_as_enforced_and_holds_as_written():
    months = [span.start for span in world().calendar.periods]
    published = [one for one in regime("diffusion_as_enforced").rules if one.name.startswith("DIF-")]
    written = [one for one in regime("diffusion_as_written").rules if one.name.startswith("DIF-")]
    assert len(published) == len(written) == 13
    assert not any(one.in_force(month) for one in published for month in months)
    assert all(one.in_force(month) for one in written for month in months)
    assert regime("S1").rules == tuple(
        replace(one, instance=regime("S1").instance) for one in regime("diffusion_as_written").rules
    )


def test_levies():
    month = parse_month("2028")
    assert regime("S0").levy_rate("CHN", ALIBABA, CHIPS["h200"], month) == pytest.approx(0.25)
    assert regime("S4").levy_rate("CHN", ALIBABA, CHIPS["b30a"], month) == pytest.approx(0.2)
    assert regime("S5").levy_rate("NOR", Owner("Google", "USA"), CHIPS["gb300"], month) == pytest.approx(0.01)
    assert regime("S0").levy_rate("USA", Owner("Google", "USA"), CHIPS["h200"], month) == 0
    assert regime("S0_tariff").levy_rate("USA", Owner("Google", "USA"), CHIPS["gb300"], month) == pytest.approx(0.25)


# --- two stacks and what stands already ---------------------------------------------------------------


def test_third_markets_choose_between_stacks_at_a_discount_for_the_chinese_one():
    priced = {row.region: row.price_multiplier for row in world().stack_prices if row.stack == "cn"}
    taking = {row.region for row in world().demand_regions if "cn" in row.accepted_stacks} - {"china"}
    assert set(priced) == taking
    assert {"gulf", "south_east_asia", "africa"} <= taking
    assert all(0 < multiplier < 1 for multiplier in priced.values())


def test_china_does_not_answer_unless_asked():
    assert world().supply_response
    assert all(row.chips_per_unmet_h100e == 0 for row in world().supply_response)
    answers = load_instance(FOLDER, "china_answers")
    assert all(row.chips_per_unmet_h100e > 0 for row in answers.supply_response)


def test_owners_in_the_installed_base_have_their_share_of_the_american_one():
    rows = [row for row in world().installed_base if row.country == "USA" and row.year == 2027]
    whole = sum(row.h100e_million for row in rows)
    assert whole == pytest.approx(0.7 * 27, rel=1e-3)
    shares = {row.operator: row.h100e_million / whole for row in rows if row.operator}
    assert shares == pytest.approx(
        {"Microsoft": 0.225, "Meta": 0.138, "Amazon": 0.108, "Google": 0.089, "Oracle": 0.085}, rel=5e-3
    )
