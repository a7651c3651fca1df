"""The AI Diffusion rule of January 2025: as it stood for four months, and as written from the start of the plan.

The text's schedule runs from 2025 to 2027. The copies for the regime *as written* restart it in 2027: allocations of
three years follow one another, and the installed-base caps of validated end users rise from quarter to quarter until
2029.
"""

# ruff: noqa: E501  (a row of a table reads best on one line)

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.calendar import format_month, parse_month
from optimizer.instance.schema import Grouping, OwnerTest, PermitPeriod, Rule, RuleEffect, RuleMeasure, RuleStep
from scripts.world_2026.policy.common import (
    APPROVAL,
    CLASS_A,
    DENIAL,
    DENIED,
    LICENCE_LAG_MONTHS,
    NOT_DENIED,
    TIER2,
    held,
    million_h100,
    rule,
)

_TEXT = "90 FR 4544 (Jan 15 2025)"
_FROM, _TO = "2025-01", "2025-05"
_STATUS = "not enforced since May 2025"
_TPP = RuleMeasure.TPP_MILLION_H100
#: Years by which the schedule moves for the regime as written.
_SHIFT_MONTHS = 24
#: Table 1 of 748.15: installed TPP of a validated end user in one country, by quarter from 2025.
NATIONAL_VEU_TPP = (
    633_000_000, 949_500_000, 1_266_000_000, 1_582_500_000,
    1_899_000_000, 2_690_250_000, 3_481_500_000, 4_272_750_000,
    5_064_000_000, 5_064_000_000, 5_064_000_000, 5_064_000_000,
)  # fmt: skip
COUNTRY_ALLOCATION_TPP = 790_000_000
LOW_PERFORMANCE_TPP = 26_900_000
#: Operators taken to hold the Universal VEU status: the American owners of most compute (Epoch).
UNIVERSAL_VEU = "Amazon;Google;Meta;Microsoft;OpenAI;Oracle;xAI"

AS_PUBLISHED: tuple[Rule, ...] = (
    rule(
        "DIF-0", "3A090.a needs a licence or an exception in every country", RuleEffect.LICENCE, _FROM,
        f"{_TEXT}; 15 CFR 742.6(a)(6)(iii)(A)", "DIF-0", until=_TO, chip_test=CLASS_A, destination="any - USA", probability=DENIAL,
        status=_STATUS,
    ),
    rule(
        "DIF-1", "Exception AIA: Tier 1 firms in Tier 1 without limit", RuleEffect.ALLOW, _FROM, f"{_TEXT}; 15 CFR 740.27",
        "DIF-1", until=_TO, chip_test=CLASS_A, destination="TIER1", owner="TIER1 | USA", owner_test=OwnerTest.BOTH, status=_STATUS,
    ),
    rule(
        "DIF-2", "Other firms in Tier 1: presumption of approval", RuleEffect.LICENCE, _FROM, f"{_TEXT}; 15 CFR 742.6(b)(10)(iii)",
        "DIF-2; 0.9 and 6 months are assumed", until=_TO, chip_test=CLASS_A, destination="TIER1", owner=NOT_DENIED,
        owner_test=OwnerTest.BOTH, probability=APPROVAL, lag_months=LICENCE_LAG_MONTHS, status=_STATUS,
    ),
    rule(
        "DIF-3", "Tier 3: presumption of denial", RuleEffect.LICENCE, _FROM, f"{_TEXT}; 15 CFR 742.6(b)(10)(iii)", "DIF-3", until=_TO,
        chip_test=CLASS_A, destination=DENIED, probability=DENIAL, status=_STATUS,
    ),
    rule(
        "DIF-3-HQ", "Firms of Tier 3 anywhere: presumption of denial", RuleEffect.LICENCE, _FROM, f"{_TEXT}; 15 CFR 742.6(b)(10)(iii)",
        "DIF-3", until=_TO, chip_test=CLASS_A, destination="any - USA", owner=DENIED, probability=DENIAL, status=_STATUS,
    ),
    rule(
        "DIF-4", "Tier 2: 790 million TPP for each country in three years", RuleEffect.ALLOW, _FROM, f"{_TEXT}; 15 CFR 742.6(b)(10)(iii)",
        "DIF-4", until=_TO, chip_test=CLASS_A, destination=TIER2, owner=NOT_DENIED, owner_test=OwnerTest.BOTH,
        quantity=million_h100(COUNTRY_ALLOCATION_TPP), measure=_TPP, per=Grouping.COUNTRY, period=PermitPeriod.TERM, validity_months=36,
        status=_STATUS,
    ),
    rule(
        "DIF-5", "Tier 2: a government agreement doubles the allocation of a country", RuleEffect.QUOTA_STEP, _FROM,
        f"{_TEXT}; 15 CFR 742.6(b)(10)(iii)(C)", "DIF-5; price of an agreement assumed", until=_TO, destination=TIER2,
        quantity=million_h100(COUNTRY_ALLOCATION_TPP), per=Grouping.COUNTRY, raises="DIF-4", cost_busd=0.5, status=_STATUS,
    ),
    rule(
        "DIF-6", "Exception LPP: 26.9 million TPP for each consignee and year", RuleEffect.ALLOW, _FROM, f"{_TEXT}; 15 CFR 740.29",
        "DIF-6; the operator stands for the ultimate consignee", until=_TO, chip_test=CLASS_A, destination="any - USA - D:5 - MAC",
        owner=NOT_DENIED, owner_test=OwnerTest.BOTH, quantity=million_h100(LOW_PERFORMANCE_TPP), measure=_TPP, per=Grouping.OPERATOR,
        period=PermitPeriod.YEARLY, status=_STATUS,
    ),
    rule(
        "DIF-7", "National VEU: installed TPP of each company in each Tier 2 country", RuleEffect.ALLOW, _FROM,
        f"{_TEXT}; 15 CFR 748.15(a)(2)(iii)(B) Table 1", "DIF-7-2025Q1 to DIF-7-2027Q4", until=_TO, chip_test=CLASS_A, destination=TIER2,
        owner="TIER1 | USA", owner_test=OwnerTest.BOTH, quantity=million_h100(NATIONAL_VEU_TPP[0]), measure=_TPP,
        per=Grouping.OPERATOR_COUNTRY, period=PermitPeriod.STOCK, status=_STATUS,
    ),
    rule(
        "DIF-UVEU", "Universal VEU: approved firms in Tier 2, within the shares of DIF-8 to DIF-10", RuleEffect.ALLOW, _FROM,
        f"{_TEXT}; Supp. 10 to Part 748", "DIF-8, DIF-9, DIF-10; holders assumed", until=_TO, chip_test=CLASS_A, destination=TIER2,
        operators=UNIVERSAL_VEU, status=_STATUS,
    ),
    rule(
        "DIF-8", "Universal VEU: at most a quarter of a holder's compute outside Tier 1", RuleEffect.SHARE_CAP, _FROM,
        f"{_TEXT}; Supp. 10 to Part 748 para 6", "DIF-8; holders assumed", until=_TO, chip_test=CLASS_A, destination="any - TIER1 - USA",
        operators=UNIVERSAL_VEU, quantity=0.25, measure=_TPP, per=Grouping.OPERATOR, status=_STATUS,
    ),
    rule(
        "DIF-9", "Universal VEU: at most 7 % of a holder's compute in one country outside Tier 1", RuleEffect.SHARE_CAP, _FROM,
        f"{_TEXT}; Supp. 10 to Part 748 para 6", "DIF-9; holders assumed", until=_TO, chip_test=CLASS_A, destination="any - TIER1 - USA",
        operators=UNIVERSAL_VEU, quantity=0.07, measure=_TPP, per=Grouping.OPERATOR_COUNTRY, status=_STATUS,
    ),
    rule(
        "DIF-10", "Universal VEU: American holders keep half of their compute at home", RuleEffect.SHARE_CAP, _FROM,
        f"{_TEXT}; Supp. 10 to Part 748 para 6", "DIF-10; holders assumed", until=_TO, chip_test=CLASS_A, destination="any - USA",
        owner="USA", operators=UNIVERSAL_VEU, quantity=0.5, measure=_TPP, per=Grouping.OPERATOR, status=_STATUS,
    ),
)  # fmt: skip


def _as_written() -> Iterator[Rule]:
    for law in AS_PUBLISHED:
        changes = {"raises": f"{law.raises}-W"} if law.raises else {}
        yield held(
            law, f"{law.rule}-W", "2027", f"{law.title} (as written, from 2027)", "scenario: schedule restarts in 2027", **changes
        )  # fmt: skip


AS_WRITTEN: tuple[Rule, ...] = tuple(_as_written())


def step_rows() -> Iterator[RuleStep]:
    """The rising caps of national validated end users, of the text and as written."""
    for name, shift in (("DIF-7", 0), ("DIF-7-W", _SHIFT_MONTHS)):
        for quarter, tpp in enumerate(NATIONAL_VEU_TPP):
            since = parse_month("2025") + 3 * quarter + shift
            is_change = quarter and tpp != NATIONAL_VEU_TPP[quarter - 1]
            if is_change and (shift or since < parse_month(_TO)):
                yield RuleStep.model_validate(
                    {
                        "rule": name,
                        "since": format_month(since),
                        "quantity": million_h100(tpp),
                        "source": f"export_rules.csv DIF-7-{2025 + quarter // 4}Q{quarter % 4 + 1}"
                        + ("; two years later" if shift else ""),
                    }
                )
