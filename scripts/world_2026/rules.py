"""Export rules, regimes, country groups, budgets and limits."""

# ruff: noqa: E501  (a row of a table reads best on one line)

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.calendar import parse_month
from optimizer.instance.schema import (
    Budget,
    GroupMembership,
    Limit,
    LimitKind,
    Regime,
    Row,
    Rule,
    RuleEffect,
    RuleMeasure,
)
from scripts.world_2026 import choices
from scripts.world_2026.choices import PLAN_YEARS
from scripts.world_2026.facts import Facts, Record
from scripts.world_2026.sites import Campus

#: ECCN 3A090.a as amended in October 2023.
CONTROLLED = "us_controlled and (tpp >= 4800 or tpp >= 1600 and performance_density >= 5.92)"
#: The class of January 2026 that China may receive case by case; sold by NVIDIA only, so far.
CASE_BY_CASE = 'us_controlled and vendor == "NVIDIA" and tpp < 21000 and memory_bandwidth_tb_s < 6.5'
_DENIED_PLACES = "D:5 | MAC"
_STATE_FUNDED = "China Mobile;Huawei;various"

RULES: tuple[Rule, ...] = (
    Rule(
        rule="US-AC-DEST", jurisdiction="USA", title="Advanced chips to arms-embargoed countries and Macau, outside the case-by-case class",
        effect=RuleEffect.DENY, chip_test=f"{CONTROLLED} and not ({CASE_BY_CASE})", destination=_DENIED_PLACES,
        effective_from=parse_month("2026-01"), citation="15 CFR 742.6(a)(6),(b)(10); 88 FR 73458; 91 FR 1684",
        source="export_rules.csv US23-1, JAN26-1",
    ),
    Rule(
        rule="US-AC-DEST-2023", jurisdiction="USA", title="Advanced chips to arms-embargoed countries and Macau, no exception",
        effect=RuleEffect.DENY, chip_test=CONTROLLED, destination=_DENIED_PLACES,
        effective_from=parse_month("2023-11"), citation="88 FR 73458 (Oct 25 2023)", source="export_rules.csv US23-1",
    ),
    Rule(
        rule="US-AC-HQ", jurisdiction="USA", title="Advanced chips to firms with headquarters in those countries, anywhere but the United States",
        effect=RuleEffect.DENY, chip_test=CONTROLLED, destination=f"any - USA - ({_DENIED_PLACES})", owner=_DENIED_PLACES,
        effective_from=parse_month("2023-11"), citation="15 CFR 742.6(a)(6)(i)-(ii); BIS guidance May 31 2026",
        source="export_rules.csv US23-4, US26-HQ",
    ),
    Rule(
        rule="US-CN-RATIO", jurisdiction="USA", title="Case-by-case class to China: at most half of what is sold of it in the United States",
        effect=RuleEffect.VOLUME_RATIO, chip_test=CASE_BY_CASE, destination="CHN | MAC", quantity=0.5, base_destination="USA",
        effective_from=parse_month("2026-01"), citation="Supp. 2 to Part 748 (dd)(1)(iii); 91 FR 1684",
        source="export_rules.csv JAN26-2; only chips of this plan count, shipments before 2027 do not",
    ),
    Rule(
        rule="US-UAE-FRAMEWORK", jurisdiction="USA", title="UAE framework: 500,000 chips a year",
        effect=RuleEffect.CAP_YEARLY, chip_test=CONTROLLED, destination="ARE", quantity=0.5, measure=RuleMeasure.CHIPS_MILLION,
        effective_from=parse_month("2025-05"), effective_to=parse_month("2031"), status="framework",
        citation="US/UAE statements May 2025", source="export_rules.csv BIL-AE1; counted in packages; to 2030 as reported",
    ),
    Rule(
        rule="US-UAE-G42", jurisdiction="USA", title="UAE framework: a fifth of the chips to G42",
        effect=RuleEffect.CAP_YEARLY, chip_test=CONTROLLED, destination="ARE", operators="G42", quantity=0.1,
        measure=RuleMeasure.CHIPS_MILLION, effective_from=parse_month("2025-05"), effective_to=parse_month("2031"), status="framework",
        citation="US/UAE statements May 2025; 91 FR 43034 (licence-free to 2027-04-06 for G42)", source="export_rules.csv BIL-AE1, US26-UAE2",
    ),
    Rule(
        rule="US-UAE-MATCHING", jurisdiction="USA", title="UAE owners invest a dollar in the United States for each at home",
        effect=RuleEffect.MATCHING_INVESTMENT, destination="ARE", owner="ARE", quantity=1.0, measure=RuleMeasure.CAPITAL_BUSD,
        base_destination="USA", effective_from=parse_month("2025-05"), status="framework",
        citation="US/UAE statements May 2025", source="export_rules.csv BIL-AE2; any capital in the United States counts as a match",
    ),
    Rule(
        rule="US-G42-35K", jurisdiction="USA", title="G42 licence: 35,000 GB300 equivalents",
        effect=RuleEffect.CAP_CUMULATIVE, chip_test=CONTROLLED, destination="ARE", operators="G42", quantity=0.035,
        measure=RuleMeasure.GB300E_MILLION, effective_from=parse_month("2025-11"), status="overtaken July 2026",
        citation="US Commerce statement Nov 19 2025", source="export_rules.csv BIL-AE3; in the regime gulf_2025 only",
    ),
    Rule(
        rule="US-HUMAIN-35K", jurisdiction="USA", title="Humain licence: 35,000 GB300 equivalents",
        effect=RuleEffect.CAP_CUMULATIVE, chip_test=CONTROLLED, destination="SAU", operators="Humain", quantity=0.035,
        measure=RuleMeasure.GB300E_MILLION, effective_from=parse_month("2025-11"), effective_to=parse_month("2028"),
        citation="US Commerce statement Nov 19 2025", source="export_rules.csv BIL-SA1; taken to last until a next tranche in 2028",
    ),
    Rule(
        rule="US-SAU-TRANCHES", jurisdiction="USA", title="Saudi licences from 2028, 200,000 chips a year (assumed)",
        effect=RuleEffect.CAP_YEARLY, chip_test=CONTROLLED, destination="SAU", quantity=0.2, measure=RuleMeasure.CHIPS_MILLION,
        effective_from=parse_month("2028"), effective_to=parse_month("2032"), status="assumed",
        citation="none: assumption in proportion to the UAE framework", source="assumption; see assumptions.csv",
    ),
    Rule(
        rule="US-GP10", jurisdiction="USA", title="Chinese advanced chips outside China risk General Prohibition 10",
        effect=RuleEffect.DENY, chip_test='design_country == "CHN"', destination="any - CHN",
        effective_from=parse_month("2025-05"), status="guidance", citation="BIS guidance May 13 2025",
        source="export_rules.csv US25-GP10; a risk treated as a denial",
    ),
    Rule(
        rule="US-TRAINIUM", jurisdiction="USA", title="Trainium goes to American operators only",
        effect=RuleEffect.DENY, chip_test='vendor == "Amazon"', owner="any - USA",
        effective_from=parse_month("2025"), status="commercial practice", citation="Amazon does not sell its chips",
        source="chips.csv note; not an export rule, but holds in every regime",
    ),
    Rule(
        rule="CN-STATE-FUNDED", jurisdiction="CHN", title="State-funded data centres use domestic chips",
        effect=RuleEffect.DENY, chip_test="us_controlled", destination="CHN", operators=_STATE_FUNDED,
        effective_from=parse_month("2025-11"), citation="Reuters Nov 5 2025", source="export_rules.csv CN-2; operators of the public hubs",
    ),
    Rule(
        rule="CN-ENTRY", jurisdiction="CHN", title="Customs lets in few H200-class chips",
        effect=RuleEffect.CAP_YEARLY, chip_test="us_controlled", destination="CHN", quantity=0.06, measure=RuleMeasure.CHIPS_MILLION,
        effective_from=parse_month("2026-07"), citation="FT Aug 19 2026", status="reported",
        source="export_rules.csv CN-3, CN-4: some 20,000 in two months; 60,000 a year assumed",
    ),
    Rule(
        rule="CN-DECOUPLED", jurisdiction="CHN", title="No American chips in China",
        effect=RuleEffect.DENY, chip_test="us_controlled", destination="CHN", effective_from=parse_month("2027"), status="scenario",
        citation="scenario S5: GAIN, AI OVERWATCH and Chip Security Acts", source="chips-and-export-controls.md section C; bills not enacted",
    ),
    Rule(
        rule="US-DIF-25", jurisdiction="USA", title="Diffusion rule: a quarter of controlled compute outside Tier 1",
        effect=RuleEffect.SHARE_CAP, chip_test=CONTROLLED, destination="any - TIER1 - USA", quantity=0.25, measure=RuleMeasure.TPP_MILLION_H100,
        base_destination="any", effective_from=parse_month("2025-05"), status="not enforced",
        citation="90 FR 4544, Supp. 10 to Part 748", source="export_rules.csv DIF-8, taken for all owners together",
    ),
    Rule(
        rule="US-DIF-50", jurisdiction="USA", title="Diffusion rule: half of the controlled compute of American firms at home",
        effect=RuleEffect.SHARE_CAP, chip_test=CONTROLLED, destination="any - USA", owner="USA", quantity=0.5,
        measure=RuleMeasure.TPP_MILLION_H100, base_destination="any", effective_from=parse_month("2025-05"), status="not enforced",
        citation="90 FR 4544, Supp. 10 to Part 748", source="export_rules.csv DIF-10, taken for all American firms together",
    ),
)  # fmt: skip

_CHINA_SIDE = ("CN-STATE-FUNDED", "CN-ENTRY")
_ALWAYS = ("US-TRAINIUM",)
REGIMES: dict[str, tuple[str, ...]] = {
    "status_quo": (
        "US-AC-DEST", "US-AC-HQ", "US-CN-RATIO", "US-UAE-FRAMEWORK", "US-UAE-G42", "US-UAE-MATCHING", "US-HUMAIN-35K",
        "US-SAU-TRANCHES", "US-GP10", *_CHINA_SIDE, *_ALWAYS,
    ),
    "strict_2023": ("US-AC-DEST-2023", "US-AC-HQ", "US-GP10", *_CHINA_SIDE, *_ALWAYS),
    "gulf_2025": (
        "US-AC-DEST-2023", "US-AC-HQ", "US-G42-35K", "US-HUMAIN-35K", "US-UAE-FRAMEWORK", "US-UAE-MATCHING", "US-GP10",
        *_CHINA_SIDE, *_ALWAYS,
    ),
    "hard_decoupling": (
        "US-AC-DEST-2023", "US-AC-HQ", "US-UAE-FRAMEWORK", "US-UAE-G42", "US-UAE-MATCHING", "US-HUMAIN-35K", "US-SAU-TRANCHES",
        "US-GP10", "CN-DECOUPLED", *_ALWAYS,
    ),
    "diffusion": ("US-AC-DEST-2023", "US-AC-HQ", "US-DIF-25", "US-DIF-50", "US-GP10", *_CHINA_SIDE, *_ALWAYS),
    "open": _ALWAYS,
}  # fmt: skip
_REGIME_SOURCES = {
    "status_quo": "S0: status quo November 2026", "strict_2023": "S2: October 2023 rules only",
    "gulf_2025": "licences of November 2025, before the UAE rule of July 2026", "hard_decoupling": "S5: bills on, no American chips in China",
    "diffusion": "S1: Diffusion rule, share caps only (country allocations end with 2027)", "open": "no export control; commercial practice stays",
}  # fmt: skip


def _memberships(facts: Facts, codes: set[str]) -> Iterator[tuple[str, Record, bool]]:
    columns = {"D:1": "D1_2026_11", "D:4": "D4_2026_11", "D:5": "D5_2026_11", "A:5": "A5_2026_11"}
    for row in facts.groups:
        for group, column in columns.items():
            if row[column] == "1" and (group == "D:5" or row["iso3"] in codes):
                yield group, row, group.startswith("A")
        if row["ai_diffusion_tier"] == "1" and row["iso3"] in codes:
            yield "TIER1", row, True
        for bloc in ("EU", "GCC"):
            if bloc in row["blocs"].replace(";", " ").split() and row["iso3"] in codes:
                yield bloc, row, True


def group_rows(facts: Facts, campuses: tuple[Campus, ...]) -> Iterator[GroupMembership]:
    """Groups of the countries of campuses and of their owners, and all of D:5."""
    codes = {campus.country for campus in campuses} | {campus.operator_hq for campus in campuses}
    for group, row, certain in _memberships(facts, codes):
        joined = "2026-07" if (group, row["iso3"]) == ("A:5", "ARE") else "2025-01"
        yield GroupMembership(
            group=group, country=row["iso3"], member_from=parse_month(joined), certain=certain,
            source="country_groups.csv, Nov 2026" if certain else "country_groups.csv, Nov 2026: D groups from memory",
        )  # fmt: skip


def policy_rows(facts: Facts, campuses: tuple[Campus, ...]) -> Iterator[Row]:
    """Rows of rules.csv, regimes.csv and country_groups.csv."""
    yield from RULES
    for regime, members in REGIMES.items():
        for rule in members:
            yield Regime(regime=regime, rule=rule, source=_REGIME_SOURCES[regime])
    yield from group_rows(facts, campuses)


def money_rows() -> Iterator[Budget]:
    """Capital by pool and year."""
    for year, amount in zip(PLAN_YEARS, choices.GLOBAL_BUDGET_BUSD, strict=True):
        yield Budget(
            pool="global", year=year, capital_busd=float(amount),
            source="six largest spenders 870 B USD in 2026 and 1.3 T in 2027 (costs.csv); a quarter to a third to these campuses, growth slowing",
        )  # fmt: skip
    for year, amount in zip(PLAN_YEARS, choices.CHINA_BUDGET_BUSD, strict=True):
        yield Budget(
            pool="china", year=year, capital_busd=float(amount),
            source="national programme 295 B USD over 5 years and chip demand 69 B in 2027 (costs.csv, supply.csv); campus share judged",
        )  # fmt: skip


def limit_rows() -> Iterator[Limit]:
    """Exposure, carbon and local limits."""
    shares = (
        ("capital_gulf", "GCC", 0.12),
        ("capital_uae", "ARE", 0.07),
        ("capital_saudi", "SAU", 0.05),
        ("capital_india", "IND", 0.08),
    )
    for year in PLAN_YEARS:
        for name, scope, value in shares:
            yield Limit(
                limit=name, kind=LimitKind.CAPITAL_SHARE, scope=scope, year=year, value=value,
                source="assumption: country exposure an investment committee would accept",
            )  # fmt: skip
        for name, scope, first, last in (("carbon_world", "*", 80, 330), ("carbon_eu", "EU", 3, 12)):
            yield Limit(
                limit=name, kind=LimitKind.CARBON_MT, scope=scope, year=year, value=round(first + (last - first) * (year - 2027) / 9, 1),
                source="assumption: room for growth at falling intensity",
            )  # fmt: skip
        for name, country, value in (("load_ireland", "IRL", 0.3), ("load_netherlands", "NLD", 0.5)):
            yield Limit(
                limit=name, kind=LimitKind.IT_GW, scope=country, year=year, value=value,
                source="assumption: connection policy for data centres (congestion, local moratoria)",
            )  # fmt: skip
