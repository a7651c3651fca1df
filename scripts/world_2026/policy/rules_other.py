"""Rules of China, Malaysia and Korea; and American rules that are drafts, bills or assumptions."""

# ruff: noqa: E501  (a row of a table reads best on one line)

from __future__ import annotations

from optimizer.instance.schema import Grouping, OwnerTest, PermitPeriod, Rule, RuleEffect, RuleMeasure
from scripts.world_2026.policy.common import (
    APPROVAL,
    CASE_BY_CASE,
    CLASS_A,
    DENIAL,
    DENIED,
    H20_CLASS,
    NOT_DENIED,
    rule,
)

_STATE_FUNDED = "China Mobile;Huawei;various"
_ABROAD = "any - USA - D:5 - MAC"

#: The buying country's own rules. Mainland only: Hong Kong and Macau are not included.
CHINA: tuple[Rule, ...] = (
    rule(
        "CN-1", "Firms are told to stop buying H20-class chips", RuleEffect.DENY, "2025-09", "FT, Aug-Sep 2025",
        "CN-1; from memory", jurisdiction="CHN", chip_test=H20_CLASS, destination="CHN", status="guidance",
    ),
    rule(
        "CN-2", "State-funded data centres use domestic chips", RuleEffect.DENY, "2025-11", "Reuters Nov 5 2025",
        "CN-2, CN-5; operators of the public hubs", jurisdiction="CHN", chip_test='design_country != "CHN"', destination="CHN",
        operators=_STATE_FUNDED, status="guidance",
    ),
    rule(
        "CN-3", "Customs block H200", RuleEffect.DENY, "2026-01", "Reuters and FT, Jan 2026", "CN-3", until="2026-07", jurisdiction="CHN",
        chip_test='chip == "h200"', destination="CHN", status="reported",
    ),
    rule(
        "CN-4-ENTRY", "Foreign accelerators enter with permission only", RuleEffect.LICENCE, "2026-07", "FT Aug 19 2026",
        "CN-3, CN-4; the block goes on but for the permits of CN-4", jurisdiction="CHN", chip_test='design_country != "CHN"',
        destination="CHN", probability=DENIAL, status="reported",
    ),
    rule(
        "CN-4", "Customs let in 10,000 H200-class chips for each firm and year", RuleEffect.ALLOW, "2026-07", "FT Aug 19 2026",
        "CN-4; reported for ByteDance and Tencent in summer 2026; taken for every firm and year (assumed)", jurisdiction="CHN",
        chip_test=CASE_BY_CASE, destination="CHN", quantity=0.01, measure=RuleMeasure.CHIPS_MILLION, per=Grouping.OPERATOR,
        period=PermitPeriod.YEARLY, status="reported",
    ),
    rule(
        "CN-DECOUPLED", "No American chips in China", RuleEffect.DENY, "2027", "scenario S5", "none: chips-and-export-controls.md section C",
        jurisdiction="CHN", chip_test='design_country != "CHN"', destination="CHN", status="scenario",
    ),
)  # fmt: skip

#: Third jurisdictions. A plan knows where chips go, not from where: the campuses abroad of a country's own firms stand
#: for its exports.
THIRD: tuple[Rule, ...] = (
    rule(
        "MY-1", "Malaysia: 30 days' notice before American AI chips leave", RuleEffect.LICENCE, "2025-07", "MITI statement Jul 14 2025",
        "MY-1; from memory; exports to campuses of Malaysian firms abroad", jurisdiction="MYS", chip_test=CLASS_A, destination="any - MYS",
        owner="MYS", lag_months=1,
    ),
    rule(
        "KR-1", "Korea: licence for AI chips that leave the country", RuleEffect.LICENCE, "2026-09", "as reported",
        "KR-1; exports to campuses of Korean firms abroad; 0.9 and 3 months assumed", jurisdiction="KOR", chip_test="tpp >= 4800",
        destination="any - KOR", owner="KOR", probability=APPROVAL, lag_months=3,
    ),
)  # fmt: skip

#: The withdrawn draft of 2026: a company may have so much in a country, and more at a price.
DRAFT: tuple[Rule, ...] = (
    rule(
        "GLB-0", "Draft global rule: 3A090.a needs a licence everywhere", RuleEffect.LICENCE, "2027", "draft at OIRA, withdrawn Mar 13 2026",
        "US26-GLB", chip_test=CLASS_A, destination=_ABROAD, probability=DENIAL, status="scenario",
    ),
    rule(
        "GLB-1", "Draft global rule: 1,000 GB300 equivalents of a company in a country after simple review", RuleEffect.ALLOW, "2027",
        "draft at OIRA, withdrawn Mar 13 2026", "US26-GLB; counted as installed", chip_test=CLASS_A, destination=_ABROAD, owner=NOT_DENIED,
        owner_test=OwnerTest.BOTH, quantity=0.001, measure=RuleMeasure.GB300E_MILLION, per=Grouping.OPERATOR_COUNTRY,
        period=PermitPeriod.STOCK, status="scenario",
    ),
    rule(
        "GLB-2", "Draft global rule: pre-clearance and site visits raise it to 200,000", RuleEffect.QUOTA_STEP, "2027",
        "draft at OIRA, withdrawn Mar 13 2026", "US26-GLB; price of a security upgrade assumed", destination=_ABROAD, owner=NOT_DENIED,
        owner_test=OwnerTest.BOTH, quantity=0.199, per=Grouping.OPERATOR_COUNTRY, raises="GLB-1", cost_busd=0.05, status="scenario",
    ),
    rule(
        "GLB-3", "Draft global rule: a government agreement lifts it (to 5 million)", RuleEffect.QUOTA_STEP, "2027",
        "draft at OIRA, withdrawn Mar 13 2026", "US26-GLB; price and ceiling assumed; paid by each company and country", destination=_ABROAD,
        owner=NOT_DENIED, owner_test=OwnerTest.BOTH, quantity=4.8, per=Grouping.OPERATOR_COUNTRY, raises="GLB-1", cost_busd=1.0,
        lag_months=12, status="scenario",
    ),
    rule(
        "GLB-4", "Draft global rule: foreign owners abroad are matched by capital in the United States", RuleEffect.MATCHING_INVESTMENT, "2027",
        "draft at OIRA, withdrawn Mar 13 2026", "US26-GLB; a dollar for a dollar, all owners together, below 200,000 too (assumed)",
        destination=_ABROAD, owner="any - USA", quantity=1.0, base_destination="USA", status="scenario",
    ),
)  # fmt: skip

#: The liberal scenario: a higher ceiling, a share of revenue, no ratio.
LIBERAL: tuple[Rule, ...] = (
    rule(
        "LIB-1", "Chips up to 30,000 TPP (B30A class) to China and Macau: presumption of approval", RuleEffect.LICENCE, "2027", "scenario S4",
        "none: chips-and-export-controls.md section C", chip_test=f"{CLASS_A} and tpp <= 30000", destination="CHN | MAC",
        owner="any - (D:5 - CHN)", owner_test=OwnerTest.BOTH, probability=APPROVAL, lag_months=3, status="scenario",
    ),
    rule(
        "LIB-2", "A fifth of the revenue of chips to China", RuleEffect.REVENUE_SHARE, "2027", "scenario S4",
        "none: chips-and-export-controls.md section C, 15 to 25 %", chip_test=CLASS_A, destination="CHN | MAC", quantity=0.2, status="scenario",
    ),
)  # fmt: skip

#: Bills that are not law, as if enacted at the start of the plan.
BILLS: tuple[Rule, ...] = (
    rule(
        "BILL-GAIN", "GAIN AI Act: nothing for countries of concern while American buyers want it", RuleEffect.LICENCE, "2027",
        "FY26 NDAA (Senate amendment)", "BILL-GAIN; a priority for US buyers, taken as denial while chips are scarce", chip_test=CLASS_A,
        destination=DENIED, probability=DENIAL, status="bill",
    ),
    rule(
        "BILL-SAFE", "SAFE Chips Act: 30 months without chips above the baseline", RuleEffect.DENY, "2027", "bill introduced Dec 2025",
        "BILL-SAFE; baseline taken as 3A090.a", until="2029-07", chip_test=CLASS_A, destination="CHN | RUS | IRN | PRK", status="bill",
    ),
    rule(
        "BILL-OW", "AI OVERWATCH Act: the best chips are denied", RuleEffect.DENY, "2027", "H.R. 6875",
        "BILL-OW; best: beyond the case-by-case class", chip_test=f"{CLASS_A} and (tpp >= 21000 or memory_bandwidth_tb_s >= 6.5)",
        destination=DENIED, status="bill",
    ),
    rule(
        "BILL-CSA", "Chip Security Act: exported chips carry location verification", RuleEffect.TARIFF, "2027-07", "H.R. 3447; S. 1705",
        "BILL-CSA; 180 days after enactment; cost of 1 % of the price assumed", chip_test=CLASS_A, destination="any - USA", quantity=0.01,
        status="bill",
    ),
)  # fmt: skip
