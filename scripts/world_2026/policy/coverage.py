"""What became of each row of export_rules.csv: the rules that hold it, or why it is none, and where it is exercised."""

# ruff: noqa: E501  (a row of a table reads best on one line)

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from optimizer.instance.instance import Instance
from optimizer.instance.schema import RuleEffect
from optimizer.policy.owners import Owner
from optimizer.policy.rules import ActiveRule

_QUARTERS = tuple(f"{year}Q{quarter}" for year in (2025, 2026, 2027) for quarter in (1, 2, 3, 4))


@dataclass(frozen=True)
class Fate:
    """One fact rule: the rules that encode it, empty if none, and what a reader must know."""

    fact: str
    rules: str
    note: str


FATES: tuple[Fate, ...] = (
    Fate("US22-1", "US22-1;US22-1-HELD", "over; the second as if it had stayed"),
    Fate("US23-1", "US23-1", "a licence rule that is never granted, so that JAN26-1 can open it"),
    Fate("US23-2", "US23-2", "presumption of approval as probability 0.9 and a lag of 6 months (assumed)"),
    Fate("US23-3", "US23-3;US23-3-NAC;US23-3-ACA", "the requirement, and its two exceptions as permits"),
    Fate("US23-4", "US23-4", "owner test on headquarters and parent, anywhere but the United States"),
    Fate("US24-1", "US24-1", "authorisation of named operators; none is public, so the holders are assumed"),
    Fate("US24-2", "", "memory for Chinese chip makers: limits what they can build, so it is part of the Chinese chip_supply"),
    Fate("US25-FDD", "", "foundry services for Chinese designers: part of the Chinese chip_supply"),
    Fate("DIF-0", "DIF-0;DIF-0-W", "as published, over; -W as written from 2027"),
    Fate("DIF-1", "DIF-1;DIF-1-W", "reporting from 253 million TPP is a duty without effect on quantities"),
    Fate("DIF-2", "DIF-2;DIF-2-W", "presumption of approval as probability 0.9 and a lag of 6 months (assumed)"),
    Fate("DIF-3", "DIF-3;DIF-3-HQ;DIF-3-W;DIF-3-HQ-W", "destination and headquarters"),
    Fate("DIF-4", "DIF-4;DIF-4-W", "a permit counted by term of 36 months: allocations of three years follow one another; what travels under other permits does not count"),
    Fate("DIF-5", "DIF-5;DIF-5-W", "a quota step for each country; price of the agreement assumed"),
    Fate("DIF-6", "DIF-6;DIF-6-W", "a permit for each operator and year; notice from 3.2 million TPP is a duty without effect on quantities"),
    *(Fate(f"DIF-7-{quarter}", "DIF-7;DIF-7-W", "one rule for the twelve quarters, with rule_steps.csv; two years later as written") for quarter in _QUARTERS),
    Fate("DIF-8", "DIF-UVEU;DIF-8;DIF-UVEU-W;DIF-8-W", "the permit of the status, and its share cap for each holder with the installed base; holders assumed"),
    Fate("DIF-9", "DIF-9;DIF-9-W", "share cap for each holder and country"),
    Fate("DIF-10", "DIF-10;DIF-10-W", "share cap for each American holder"),
    Fate("DIF-11", "", "model weights, not chips: the plan does not know which models are trained where"),
    Fate("DIF-12", "DIF-0", "the end of the dates of DIF-0 to DIF-10 (regime diffusion_as_enforced)"),
    Fate("US25-GP10", "US25-GP10", "a risk treated as a denial; regime S0_chinese_exports lifts it"),
    Fate("US25-H20", "US25-H20;US25-H20-HQ", "over"),
    Fate("US25-REV", "US25-REV", "on H20-class chips, of which this instance has none on sale"),
    Fate("US25-H200A", "US25-H200A", "over; US26-232A took its place"),
    Fate("JAN26-1", "JAN26-1", "case by case as probability 0.5 (assumed); a permit beside US23-1 and US23-4"),
    Fate("JAN26-2", "JAN26-2", "ratio for each chip; shipments before the plan are its base_quantity (judged)"),
    Fate("JAN26-3", "", "priority of US orders: an order of preference between buyers, no limit; the ratio JAN26-2 holds the quantity"),
    Fate("JAN26-4", "JAN26-1;US26-232A;US26-232B", "a procedure: its time is in the lag of JAN26-1, its route through the United States in the tariff"),
    Fate("JAN26-5", "", "uses and users, not quantities: the plan does not know what a chip is used for"),
    Fate("US26-232A", "US26-232A", "on chips in transit to China; US data centres are exempt"),
    Fate("US26-232B", "US26-232B", "as US26-232A; no chip of this class is on sale here"),
    Fate("US26-232C", "US26-232C", "scenario at the low end, without exemption; regime S0_tariff"),
    Fate("US26-GLB", "GLB-0;GLB-1;GLB-2;GLB-3;GLB-4", "permit with two quota steps for each company and country; the agreement is paid by each company, and matching holds for all foreign owners together instead of above 200,000 only"),
    Fate("US26-HQ", "US26-HQ", "as US23-4"),
    Fate("US26-UAE1", "US26-UAE1", "probability 0.9 and a lag of 6 months (assumed)"),
    Fate("US26-UAE2", "US26-UAE2;US26-UAE2-G42", "named operators that run a campus here; G42 until April 2027"),
    Fate("US25-AFF", "US25-AFF;US25-AFF-BACK", "of listed owners only Huawei is an operator here; regime S0_affiliates"),
    Fate("US26-KH", "", "a change of groups: country_groups.csv, KHM leaves D:5 in February 2026"),
    Fate("BIL-AE1", "BIL-AE1;BIL-AE1-G42", "statement-level; caps in regimes S0_gulf_quota and gulf_2025"),
    Fate("BIL-AE2", "BIL-AE2", "statement-level; all owners of the Emirates together"),
    Fate("BIL-AE3", "BIL-AE3;BIL-AE3-HELD", "over; the second as if it had stayed"),
    Fate("BIL-SA1", "BIL-SA1", "a cap on the owner, as further licences are not known; to 2028 (assumed)"),
    Fate("BIL-AE4", "BIL-AE4", "a permit; it adds nothing while US26-UAE2 holds"),
    Fate("BILL-GAIN", "BILL-GAIN", "a priority for US buyers has no linear form; taken as denial"),
    Fate("BILL-SAFE", "BILL-SAFE", "regime S0_safe"),
    Fate("BILL-OW", "BILL-OW", "mandatory denial of the best chips; the review of others by Congress has no effect beside denial"),
    Fate("BILL-CSA", "BILL-CSA", "no effect on quantities; its cost as a levy of 1 % (assumed)"),
    Fate("BILL-RAS", "", "remote access: which campus serves whom is settled by latency.csv, and nothing outside serves China"),
    Fate("CN-1", "CN-1", "on H20-class chips, of which this instance has none on sale"),
    Fate("CN-2", "CN-2", "operators of the public hubs"),
    Fate("CN-3", "CN-3;CN-4-ENTRY", "over by its dates; as a requirement of permission it goes on beside CN-4"),
    Fate("CN-4", "CN-4;CN-4-ENTRY", "10,000 for each firm and year (assumed to repeat)"),
    Fate("CN-5", "CN-2", "half of the chips of public hubs: CN-2 allows the same hubs none, so it cannot bind"),
    Fate("MY-1", "MY-1", "a plan knows where chips go, not from where: campuses abroad of Malaysian firms stand for exports"),
    Fate("KR-1", "KR-1", "as MY-1, for Korean firms"),
)  # fmt: skip

#: Rules that select something in this instance within the plan; the others are exercised in a made-up instance.
EXERCISE_IN_WORLD = "world-2026"
EXERCISE_MADE_UP = "made-up instance"


def rules_at_work(instance: Instance) -> frozenset[str]:
    """Rules that select some installation, or some site, in a period of the plan, whatever the regime."""
    return frozenset(rule.rule for rule in instance.rules if _works(ActiveRule(rule, instance)))


def _works(rule: ActiveRule) -> bool:
    instance = rule.instance
    reads_chips = rule.effect not in (RuleEffect.MATCHING_INVESTMENT, RuleEffect.QUOTA_STEP)
    for start in (span.start for span in instance.calendar.periods if rule.in_force(span.start)):
        on_sale = (chip for chip in instance.chips if chip.release <= start < chip.end_of_sale)
        if reads_chips and not any(rule.passes_chip(chip) for chip in on_sale):
            continue
        if any(rule.covers(site.country, Owner.of(site), start) for site in instance.sites):
            return True
    return False


def coverage_text(in_world: frozenset[str]) -> str:
    """Text of rule_coverage.csv; ``in_world`` are the rules that select something in the instance."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["fact_rule", "encoded_as", "note", "exercised_in"])
    for fate in FATES:
        names = fate.rules.split(";") if fate.rules else []
        where = EXERCISE_IN_WORLD if in_world & set(names) else EXERCISE_MADE_UP
        writer.writerow([fate.fact, fate.rules, fate.note, where if names else ""])
    return text.getvalue()
