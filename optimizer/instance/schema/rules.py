"""Export control as data: one row a rule, regimes as named sets of rules."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from optimizer.instance.schema.base import Identifier, Iso3, Month, NonNegative, Row, Source


class RuleEffect(StrEnum):
    """What a rule does to the flows that its tests select."""

    DENY = "deny"  # no such flow
    CAP_CUMULATIVE = "cap_cumulative"  # all flow since effective_from, up to any date, at most quantity
    CAP_YEARLY = "cap_yearly"  # flow of every calendar year at most quantity
    CAP_STOCK = "cap_stock"  # installed at any time at most quantity
    SHARE_CAP = "share_cap"  # installed at any time at most quantity x what base_destination holds
    VOLUME_RATIO = "volume_ratio"  # cumulative flow of each chip at most quantity x its flow to base_destination
    MATCHING_INVESTMENT = (
        "matching_investment"  # cumulative capital in base_destination at least quantity x capital here
    )


class RuleMeasure(StrEnum):
    """What a rule counts."""

    CHIPS_MILLION = "chips_million"
    TPP_MILLION_H100 = "tpp_million_h100"  # TPP over that of one H100 (15,832), in millions
    H100E_MILLION = "h100e_million"
    GB300E_MILLION = "gb300e_million"  # TPP over 60,000, in millions
    CAPITAL_BUSD = "capital_busd"


class Rule(Row):
    """Who may not receive what, or how much of it, from when to when."""

    table: ClassVar = "rules"
    key: ClassVar = ("rule",)

    rule: Identifier = Field(description="identifier of the rule")
    jurisdiction: Iso3 = Field(description="whose rule it is")
    title: str = Field(min_length=3, description="what it says, in short")
    effect: RuleEffect = Field(description="what it does to the installations that it selects (SEMANTICS 7.4 to 7.7)")
    chip_test: str = Field(
        default="any",
        description="e.g. 'us_controlled and (tpp >= 4800 or tpp >= 1600 and performance_density >= 5.92)'",
    )
    destination: str = Field(default="any", description="country set in which the site lies, e.g. 'D:5 | MAC'")
    owner: str = Field(default="any", description="country set of the operator's headquarters")
    operators: str = Field(default="any", description="operators it covers, separated by ';', or 'any'")
    quantity: NonNegative | None = Field(
        default=None, description="in the unit of measure; a share for share and ratio rules"
    )
    measure: RuleMeasure | None = Field(default=None, description="what is counted (SEMANTICS 7.8)")
    base_destination: str = Field(
        default="any", description="country set of the denominator of shares, ratios and matching"
    )
    effective_from: Month = Field(description="first month in which it holds")
    effective_to: Month | None = Field(default=None, description="first month in which it no longer holds")
    status: str = Field(default="in force", description="legal status, for readers")
    citation: str = Field(min_length=3, description="where the law stands")
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
