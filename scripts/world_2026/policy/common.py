"""What rules of all origins share: chip classes, country sets, judged probabilities and lags."""

from __future__ import annotations

from typing import Final

from optimizer.instance.calendar import parse_month
from optimizer.instance.schema import Rule, RuleEffect

#: ECCN 3A090.a as amended in October 2023.
CLASS_A: Final = "us_controlled and (tpp >= 4800 or tpp >= 1600 and performance_density >= 5.92)"
#: ECCN 3A090.b of October 2023, the class below.
CLASS_B: Final = (
    "us_controlled and tpp >= 1600 and tpp < 4800 and performance_density < 5.92 and "
    "(tpp >= 2400 and performance_density >= 1.6 or performance_density >= 3.2)"
)
CLASS_A_OR_B: Final = f"{CLASS_A} or {CLASS_B}"
#: The class of January 2026 that China may receive case by case.
CASE_BY_CASE: Final = f'{CLASS_A} and tpp < 21000 and memory_bandwidth_tb_s < 6.5 and release <= "2026-01"'
#: H20 and MI308: below 3A090, stopped by letter in April 2025 for their bandwidth.
H20_CLASS: Final = "us_controlled and tpp < 4800 and (memory_bandwidth_tb_s >= 4 or interconnect_gb_s >= 900)"

#: Country Group D:5 and Macau: presumption of denial.
DENIED: Final = "D:5 | MAC"
#: Owners that no rule on headquarters or parents stops.
NOT_DENIED: Final = "any - D:5 - MAC"
#: Tier 2 of the Diffusion rule: all but Tier 1, the United States and the denied.
TIER2: Final = "any - TIER1 - USA - D:5 - MAC"

#: Presumption of approval. The facts give the policy, not the odds.
APPROVAL: Final = 0.9
#: Presumption of denial.
DENIAL: Final = 0.0
#: Case-by-case review: neither presumption.
REVIEW: Final = 0.5
#: The facts give one to four quarters.
LICENCE_LAG_MONTHS: Final = 6

#: TPP of an H100 and of a GB300, to which quantities are converted (SEMANTICS 7.8).
TPP_OF_H100: Final = 15_832.0
A100_TPP: Final = 4_992.0


def million_h100(tpp: float) -> float:
    """Quantity of a rule that counts TPP, in millions of H100s of TPP, to the last unit."""
    return round(tpp / TPP_OF_H100 / 1e6, 9)


def rule(
    name: str, title: str, effect: RuleEffect, since: str, citation: str, facts: str, *, until: str = "", **more: object
) -> Rule:
    """A rule of the United States, unless ``jurisdiction`` says otherwise. ``facts`` names rows of export_rules.csv."""
    columns: dict[str, object] = {
        "rule": name,
        "jurisdiction": "USA",
        "title": title,
        "effect": effect,
        "effective_from": since,
        "effective_to": until or None,
        "citation": citation,
        "source": f"export_rules.csv {facts}",
    }
    return Rule.model_validate({**columns, **more})


def held(law: Rule, name: str, since: str, title: str, source: str, **changes: object) -> Rule:
    """A law that is over, as if it held from a month on without end: a scenario."""
    return law.model_copy(
        update={
            "rule": name,
            "title": title,
            "effective_from": parse_month(since),
            "effective_to": None,
            "status": "scenario",
            "source": f"{law.source}; {source}",
            **changes,
        }
    )
