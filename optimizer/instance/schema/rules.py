"""Export control as data: one row a rule, regimes as named sets of rules."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from optimizer.instance.schema.base import Identifier, Iso3, Month, NonNegative, Row, Share, Source


class RuleEffect(StrEnum):
    """What a rule does to the flows that its tests select."""

    DENY = "deny"  # no such flow, whatever else allows it
    LICENCE = "licence"  # such flow needs a permit; the rule is one itself if licences are granted
    ALLOW = "allow"  # a permit: an exception, an authorisation, a quota that needs no licence
    CAP_CUMULATIVE = "cap_cumulative"  # all flow since effective_from, up to any date, at most quantity
    CAP_YEARLY = "cap_yearly"  # flow of every calendar year at most quantity
    CAP_STOCK = "cap_stock"  # installed at any time at most quantity
    SHARE_CAP = "share_cap"  # installed at any time at most quantity x what base_destination holds
    VOLUME_RATIO = "volume_ratio"  # cumulative flow of each chip at most quantity x its flow to base_destination
    MATCHING_INVESTMENT = (
        "matching_investment"  # cumulative capital in base_destination at least quantity x capital here
    )
    QUOTA_STEP = "quota_step"  # raises the quantity of another rule, for a price
    TARIFF = "tariff"  # share of the price, paid on import
    REVENUE_SHARE = "revenue_share"  # share of the price that the vendor owes and passes on


#: Effects under which chips travel.
PERMITS = (RuleEffect.LICENCE, RuleEffect.ALLOW)
#: Effects that add to the price of a chip.
LEVIES = (RuleEffect.TARIFF, RuleEffect.REVENUE_SHARE)


class RuleMeasure(StrEnum):
    """What a rule counts."""

    CHIPS_MILLION = "chips_million"
    TPP_MILLION_H100 = "tpp_million_h100"  # TPP over that of one H100 (15,832), in millions
    H100E_MILLION = "h100e_million"
    GB300E_MILLION = "gb300e_million"  # TPP over 60,000, in millions
    CAPITAL_BUSD = "capital_busd"


class OwnerTest(StrEnum):
    """Which of an owner's two countries an owner test looks at."""

    HEADQUARTERS = "headquarters"
    PARENT = "parent"
    EITHER = "either"
    BOTH = "both"


class Grouping(StrEnum):
    """What a rule is held for apart."""

    ALL = "all"
    COUNTRY = "country"  # each country of sites
    OPERATOR = "operator"
    OPERATOR_COUNTRY = "operator_country"


class PermitPeriod(StrEnum):
    """What the quantity of a permit counts."""

    CUMULATIVE = "cumulative"
    YEARLY = "yearly"
    STOCK = "stock"
    TERM = "term"  # each span of validity_months


class Rule(Row):
    """Who may not receive what, or how much of it, from when to when."""

    table: ClassVar = "rules"
    key: ClassVar = ("rule",)

    rule: Identifier = Field(description="identifier of the rule")
    jurisdiction: Iso3 = Field(description="whose rule it is")
    title: str = Field(min_length=3, description="what it says, in short")
    effect: RuleEffect = Field(description="what it does to the installations it selects (SEMANTICS 7.4 to 7.14)")
    chip_test: str = Field(
        default="any",
        description="e.g. 'us_controlled and (tpp >= 4800 or tpp >= 1600 and performance_density >= 5.92)'",
    )
    destination: str = Field(default="any", description="country set in which the site lies, e.g. 'D:5 | MAC'")
    owner: str = Field(default="any", description="country set of the owner's headquarters or parent")
    owner_test: OwnerTest = Field(
        default=OwnerTest.EITHER, description="which of the owner's countries must lie in the set"
    )
    operators: str = Field(default="any", description="operators it covers, separated by ';', or 'any'")
    quantity: NonNegative | None = Field(
        default=None, description="in the unit of measure; a share for share and ratio rules, a rate for levies"
    )
    measure: RuleMeasure | None = Field(default=None, description="what is counted (SEMANTICS 7.8)")
    per: Grouping = Field(default=Grouping.ALL, description="what the quantity holds for apart (SEMANTICS 7.9)")
    period: PermitPeriod | None = Field(
        default=None, description="what the quantity of a permit counts (SEMANTICS 7.12)"
    )
    base_destination: str = Field(
        default="any", description="country set of the denominator of shares, ratios and matching"
    )
    base_quantity: NonNegative = Field(
        default=0, description="added to the base of shares and ratios, in the measure; chips in millions for ratios"
    )
    probability: Share | None = Field(default=None, description="of a licence being granted; none: certain")
    lag_months: int = Field(default=0, ge=0, le=120, description="from application to the first delivery")
    validity_months: int | None = Field(
        default=None, ge=1, le=240, description="term of a licence, for permits counted by term"
    )
    raises: Identifier | None = Field(default=None, description="rule whose quantity a quota step raises")
    cost_busd: NonNegative = Field(default=0, description="price of a quota step")
    pass_through: Share = Field(default=1, description="share of a levy that the buyer pays")
    effective_from: Month = Field(description="first month in which it holds")
    effective_to: Month | None = Field(default=None, description="first month in which it no longer holds")
    status: str = Field(default="in force", description="legal status, for readers")
    citation: str = Field(min_length=3, description="where the law stands")
    source: Source


class RuleStep(Row):
    """Quantity of a rule from a month on."""

    table: ClassVar = "rule_steps"
    key: ClassVar = ("rule", "since")

    rule: Identifier = Field(description="row of rules.csv, one with a quantity")
    since: Month = Field(description="month from which the quantity holds")
    quantity: NonNegative = Field(description="in the measure of the rule")
    source: Source


class Regime(Row):
    """Membership of a rule in a named regime."""

    table: ClassVar = "regimes"
    key: ClassVar = ("regime", "rule")

    regime: Identifier = Field(description="name that policy.regime may give; 'none' is taken")
    rule: Identifier = Field(description="row of rules.csv")
    source: Source


class GroupMembership(Row):
    """A country's membership of a group, for a time."""

    table: ClassVar = "country_groups"
    key: ClassVar = ("group", "country", "member_from")

    group: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9:_-]*$", description="name of the group, for country sets")
    country: Iso3
    member_from: Month = Field(description="first month of membership")
    member_to: Month | None = Field(default=None, description="first month outside the group")
    certain: bool = Field(default=True, description="false where the membership was not checked against the law")
    source: Source
