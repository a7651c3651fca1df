"""United States: the rules of 2022 and 2023, letters of 2025, the case-by-case rule and tariff of 2026, the Emirates."""

# ruff: noqa: E501  (a row of a table reads best on one line)

from __future__ import annotations

from optimizer.instance.schema import OwnerTest, PermitPeriod, Rule, RuleEffect, RuleMeasure
from scripts.world_2026.policy.common import (
    A100_TPP,
    APPROVAL,
    CASE_BY_CASE,
    CLASS_A,
    CLASS_A_OR_B,
    CLASS_B,
    DENIAL,
    DENIED,
    H20_CLASS,
    LICENCE_LAG_MONTHS,
    NOT_DENIED,
    REVIEW,
    held,
    million_h100,
    rule,
)

_OCT_2023, _JAN_2026, _UAE_2026 = "88 FR 73458 (Oct 25 2023)", "91 FR 1684 (Jan 15 2026)", "91 FR 43034 (Jul 14 2026)"
_CHINA = "CHN | MAC"
#: Case by case for China: not for firms of other D:5 countries.
_CHINA_BUYERS = "any - (D:5 - CHN)"
_LICENSED = "(D:1 | D:4) - D:5 - MAC - A:5 - A:6"
_ALL_LICENSED = "(D:1 | D:4 | D:5 | MAC) - A:5 - A:6"

_OCT_2022_RULE = rule(
    "US22-1", "Chips of 600 GB/s and 4,800 TPP to China, Hong Kong and Macau (2022 form)", RuleEffect.LICENCE, "2022-10",
    "87 FR 62186 (Oct 13 2022)", "US22-1", until="2023-11", chip_test="us_controlled and interconnect_gb_s >= 600 and tpp >= 4800",
    destination="CHN | HKG | MAC", probability=DENIAL, status="superseded November 2023",
)  # fmt: skip

#: 3A090 as of October 2023, with the headquarters rule.
OCTOBER: tuple[Rule, ...] = (
    _OCT_2022_RULE,
    held(_OCT_2022_RULE, "US22-1-HELD", "2027", "Chips of 600 GB/s and 4,800 TPP to China: the 2022 form, had it stayed",
         "scenario: holds from the start of the plan"),
    rule(
        "US23-1", "3A090.a to arms-embargoed countries and Macau: presumption of denial", RuleEffect.LICENCE, "2023-11",
        f"{_OCT_2023}; 15 CFR 742.6(a)(6),(b)(10)", "US23-1", chip_test=CLASS_A, destination=DENIED, probability=DENIAL,
    ),
    rule(
        "US23-2", "3A090.a to other D:1 and D:4 countries: presumption of approval", RuleEffect.LICENCE, "2023-11",
        f"{_OCT_2023}; 15 CFR 742.6(b)(10)", "US23-2; 0.9 and 6 months are assumed", chip_test=CLASS_A, destination=_LICENSED,
        owner=NOT_DENIED, owner_test=OwnerTest.BOTH, probability=APPROVAL, lag_months=LICENCE_LAG_MONTHS,
    ),
    rule(
        "US23-3", "3A090.b to D:1, D:4 and D:5 countries and Macau needs a licence or an exception", RuleEffect.LICENCE, "2023-11",
        f"{_OCT_2023}; 15 CFR 742.6(a)(6)", "US23-3", chip_test=CLASS_B, destination=_ALL_LICENSED, probability=DENIAL,
    ),
    rule(
        "US23-3-NAC", "Exception NAC: 3A090.b to D:5 and Macau after 25 days' notice", RuleEffect.ALLOW, "2023-11",
        f"{_OCT_2023}; 15 CFR 740.8", "US23-3; 25 days rounded up to a month", chip_test=CLASS_B, destination=DENIED, lag_months=1,
    ),
    rule(
        "US23-3-ACA", "Exception ACA: 3A090.b to other D:1 and D:4 countries without notice", RuleEffect.ALLOW, "2024-04",
        "89 FR 23876 (eff. 2024-04-04); 15 CFR 740.8", "US23-3", chip_test=CLASS_B, destination=_LICENSED,
        owner=NOT_DENIED, owner_test=OwnerTest.BOTH,
    ),
    rule(
        "US23-4", "Firms with headquarters or parent in D:5 or Macau, anywhere but the United States: presumption of denial",
        RuleEffect.LICENCE, "2023-11", f"{_OCT_2023}; 15 CFR 742.6(a)(6)(i)-(ii)", "US23-4", chip_test=CLASS_A_OR_B,
        destination="any - USA", owner=DENIED, probability=DENIAL,
    ),
    rule(
        "US26-HQ", "Guidance: the headquarters rule holds for any destination outside the United States", RuleEffect.LICENCE, "2026-06",
        "BIS guidance May 31 2026", "US26-HQ", chip_test=CLASS_A_OR_B, destination="any - USA", owner=DENIED, probability=DENIAL,
        status="guidance",
    ),
)  # fmt: skip

_AFFILIATES = rule(
    "US25-AFF", "Affiliates rule: firms half owned by listed parties need a licence for anything", RuleEffect.LICENCE, "2025-09",
    "90 FR 47201; stayed by 90 FR 50857", "US25-AFF; Huawei is the one listed owner among the operators", until="2025-11",
    chip_test="us_controlled", operators="Huawei", probability=DENIAL, status="stayed from November 2025",
)  # fmt: skip
_VEU_HOLDERS = "Amazon;Google;Meta;Microsoft;Oracle"

#: Letters, arrangements and guidance of 2024 to 2026.
LETTERS: tuple[Rule, ...] = (
    rule(
        "US24-1", "Data Center VEU: approved operators need no licence", RuleEffect.ALLOW, "2024-10", "89 FR 80080",
        "US24-1; no approval is public: five American operators are assumed", chip_test=CLASS_A, destination=NOT_DENIED,
        operators=_VEU_HOLDERS, status="in force; holders assumed",
    ),
    rule(
        "US25-H20", "H20 and MI308 letter: licence for D:5 and Macau", RuleEffect.LICENCE, "2025-04", "BIS letter Apr 9 2025; 8-K Apr 15 2025",
        "US25-H20", until="2025-08", chip_test=H20_CLASS, destination=DENIED, probability=DENIAL, status="ended August 2025",
    ),
    rule(
        "US25-H20-HQ", "H20 and MI308 letter: firms of D:5 and Macau anywhere", RuleEffect.LICENCE, "2025-04",
        "BIS letter Apr 9 2025; 8-K Apr 15 2025", "US25-H20", until="2025-08", chip_test=H20_CLASS, destination="any - USA", owner=DENIED,
        probability=DENIAL, status="ended August 2025",
    ),
    rule(
        "US25-REV", "15 % of the revenue of H20 and MI308 in China", RuleEffect.REVENUE_SHARE, "2025-08", "public statements; NVIDIA CFO remarks",
        "US25-REV; never codified; all of it passed on (assumed)", chip_test=H20_CLASS, destination="CHN | HKG | MAC", quantity=0.15,
        status="arrangement",
    ),
    rule(
        "US25-H200A", "25 % of the value of H200 to China", RuleEffect.REVENUE_SHARE, "2025-12", "announcement Dec 8 2025",
        "US25-H200A; became the tariff US26-232A", until="2026-01", chip_test=CASE_BY_CASE, destination="CHN", quantity=0.25,
        status="replaced January 2026",
    ),
    rule(
        "US25-GP10", "Chinese advanced chips outside China risk General Prohibition 10", RuleEffect.DENY, "2025-05", "BIS guidance May 13 2025",
        "US25-GP10; a risk treated as a denial", chip_test='design_country == "CHN" and tpp >= 4800', destination="any - CHN", status="guidance",
    ),
    _AFFILIATES,
    held(_AFFILIATES, "US25-AFF-BACK", "2027", "Affiliates rule, had it come back", "scenario: in force again"),
    rule(
        "US-TRAINIUM", "Trainium goes to American operators only", RuleEffect.DENY, "2025", "Amazon does not sell its chips",
        "none: chips.csv note; not an export rule", chip_test='vendor == "Amazon"', owner="any - USA", status="commercial practice",
    ),
)  # fmt: skip

#: The case-by-case rule and the tariff of January 2026.
CASE_BY_CASE_2026: tuple[Rule, ...] = (
    rule(
        "JAN26-1", "Chips under 21,000 TPP and 6.5 TB/s to China and Macau: case by case", RuleEffect.LICENCE, "2026-01",
        f"{_JAN_2026}; Supp. 2 to Part 748 (dd)", "JAN26-1, JAN26-4; 0.5 and 3 months (US tests) are assumed", chip_test=CASE_BY_CASE,
        destination=_CHINA, owner=_CHINA_BUYERS, owner_test=OwnerTest.BOTH, probability=REVIEW, lag_months=3,
    ),
    rule(
        "JAN26-2", "At most half of what the United States received of the same chip", RuleEffect.VOLUME_RATIO, "2026-01",
        "Supp. 2 to Part 748 (dd)(1)(iii)", "JAN26-2; base of shipments to 2026 judged: half of the H100 and H200 of Q3 2024 to 2025, 65 % to the US",
        chip_test=CASE_BY_CASE, destination=_CHINA, quantity=0.5, base_destination="USA", base_quantity=0.7,
    ),
    rule(
        "US26-232A", "Section 232: 25 % on H200-class chips on their way to China through US customs", RuleEffect.TARIFF, "2026-01",
        "Proclamation 11002; HTS 9903.79.01; US note 39(b)", "US26-232A; US data centres are exempt, other routes avoid US customs",
        chip_test="us_controlled and tpp > 14000 and tpp < 17500 and memory_bandwidth_tb_s > 4.5 and memory_bandwidth_tb_s < 5",
        destination=_CHINA, quantity=0.25,
    ),
    rule(
        "US26-232B", "Section 232: 25 % on MI325X-class chips on their way to China through US customs", RuleEffect.TARIFF, "2026-01",
        "Proclamation 11002; US note 39(b)", "US26-232B; as band A",
        chip_test="us_controlled and tpp > 20800 and tpp < 21100 and memory_bandwidth_tb_s > 5.8 and memory_bandwidth_tb_s < 6.2",
        destination=_CHINA, quantity=0.25,
    ),
    rule(
        "US26-232C", "Section 232, phase 2: 25 % on all chips imported into the United States", RuleEffect.TARIFF, "2027",
        "Proclamation 11002, section 232 process", "US26-232C; pending, low end of 0.25 to 1.00, no exemption, start assumed",
        chip_test="any", destination="USA", quantity=0.25, status="scenario",
    ),
)  # fmt: skip

#: The Emirates rule of July 2026, and what was agreed with Gulf states before.
GULF: tuple[Rule, ...] = (
    rule(
        "US26-UAE1", "Emirates in A:5, but 3A090.a still needs a licence: presumption of approval", RuleEffect.LICENCE, "2026-07",
        _UAE_2026, "US26-UAE1; approval presumed, 0.9 and 6 months assumed", chip_test=CLASS_A, destination="ARE", owner=NOT_DENIED,
        owner_test=OwnerTest.BOTH, probability=APPROVAL, lag_months=LICENCE_LAG_MONTHS,
    ),
    rule(
        "US26-UAE2", "Emirates: named American firms need no licence", RuleEffect.ALLOW, "2026-07", f"{_UAE_2026}; Supp. 8 to Part 740",
        "US26-UAE2; those named that run a campus here", chip_test=CLASS_A, destination="ARE",
        operators="Amazon;Google;Meta;Microsoft;OpenAI;Oracle;xAI",
    ),
    rule(
        "US26-UAE2-G42", "Emirates: G42 needs no licence until April 2027", RuleEffect.ALLOW, "2026-07", f"{_UAE_2026}; Supp. 8 to Part 740",
        "US26-UAE2; expires 2027-04-06 unless renewed", until="2027-04", chip_test=CLASS_A, destination="ARE", operators="G42",
    ),
    rule(
        "BIL-AE1", "Emirates framework: 500,000 chips a year", RuleEffect.CAP_YEARLY, "2025-05", "US/UAE statements May 2025",
        "BIL-AE1; counted in packages; to 2030 as reported", until="2031", chip_test=CLASS_A, destination="ARE", quantity=0.5,
        measure=RuleMeasure.CHIPS_MILLION, status="framework",
    ),
    rule(
        "BIL-AE1-G42", "Emirates framework: a fifth of the chips to G42", RuleEffect.CAP_YEARLY, "2025-05", "US/UAE statements May 2025",
        "BIL-AE1; counted in packages; to 2030 as reported", until="2031", chip_test=CLASS_A, destination="ARE", operators="G42",
        quantity=0.1, measure=RuleMeasure.CHIPS_MILLION, status="framework",
    ),
    rule(
        "BIL-AE2", "Owners of the Emirates invest a dollar in the United States for each at home", RuleEffect.MATCHING_INVESTMENT, "2025-05",
        "US/UAE statements May 2025", "BIL-AE2; any capital in the United States counts as a match", destination="ARE", owner="ARE",
        quantity=1.0, base_destination="USA", status="framework",
    ),
    _G42 := rule(
        "BIL-AE3", "G42 licence: 35,000 GB300 equivalents", RuleEffect.CAP_CUMULATIVE, "2025-11", "US Commerce statement Nov 19 2025",
        "BIL-AE3", until="2026-07", chip_test=CLASS_A, destination="ARE", operators="G42", quantity=0.035,
        measure=RuleMeasure.GB300E_MILLION, status="overtaken July 2026",
    ),
    held(_G42, "BIL-AE3-HELD", "2027", "G42 licence of 35,000 GB300 equivalents, had it not been overtaken", "scenario: holds without end"),
    rule(
        "BIL-SA1", "Humain licence: 35,000 GB300 equivalents", RuleEffect.CAP_CUMULATIVE, "2025-11", "US Commerce statement Nov 19 2025",
        "BIL-SA1; taken to last until further licences in 2028", until="2028", chip_test=CLASS_A, destination="SAU", operators="Humain",
        quantity=0.035, measure=RuleMeasure.GB300E_MILLION,
    ),
    rule(
        "BIL-SA-TRANCHES", "Saudi licences from 2028: 200,000 chips a year", RuleEffect.CAP_YEARLY, "2028",
        "none: in proportion to the framework with the Emirates", "none: assumption, see assumptions.csv", until="2032", chip_test=CLASS_A,
        destination="SAU", quantity=0.2, measure=RuleMeasure.CHIPS_MILLION, status="assumed",
    ),
    rule(
        "BIL-AE4", "Microsoft licences for the Emirates: 81,900 A100 equivalents", RuleEffect.ALLOW, "2025-09", "Microsoft statement Nov 3 2025",
        "BIL-AE4; 4,992 TPP an A100", chip_test=CLASS_A, destination="ARE", operators="Microsoft", quantity=million_h100(81_900 * A100_TPP),
        measure=RuleMeasure.TPP_MILLION_H100, period=PermitPeriod.CUMULATIVE, status="issued",
    ),
)  # fmt: skip
