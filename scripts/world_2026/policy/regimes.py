"""Regimes: which rules hold together. The names S0 to S5 are those of chips-and-export-controls.md, section C."""

# ruff: noqa: E501  (a regime reads best on one line)

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.instance.schema import Regime

_OCT_2023 = ("US23-1", "US23-2", "US23-3", "US23-3-NAC", "US23-3-ACA", "US23-4")
_CASE_BY_CASE = ("JAN26-1", "JAN26-2", "US26-232A", "US26-232B")
_UAE_2026 = ("US26-UAE1", "US26-UAE2", "US26-UAE2-G42")
_CHINA = ("CN-1", "CN-2", "CN-4-ENTRY", "CN-4")
_THIRD = ("MY-1", "KR-1")
#: Over before the plan begins.
_ENDED = ("US22-1", "US25-H20", "US25-H20-HQ", "US25-H200A", "US25-AFF", "BIL-AE3", "CN-3")
_DIFFUSION = (
    "DIF-0", "DIF-1", "DIF-2", "DIF-3", "DIF-3-HQ", "DIF-4", "DIF-5", "DIF-6", "DIF-7", "DIF-UVEU", "DIF-8", "DIF-9", "DIF-10",
)  # fmt: skip
#: What holds in every regime of this instance but the built-in `none`: Chinese chips stay home, Trainium too.
_STACKS, _PRACTICE = ("US25-GP10",), ("US-TRAINIUM",)
_S0 = (
    *_OCT_2023, "US26-HQ", "US25-REV", *_CASE_BY_CASE, *_UAE_2026, "BIL-AE4", "BIL-SA1", *_STACKS, *_CHINA, *_THIRD, *_PRACTICE,
)  # fmt: skip
_AS_WRITTEN = (
    *(f"{name}-W" for name in _DIFFUSION), "US23-1", "US23-3", "US23-3-NAC", "US23-3-ACA", "US23-4", *_STACKS, *_CHINA, *_PRACTICE,
)  # fmt: skip


@dataclass(frozen=True)
class Set:
    """A regime: its name, what it stands for, and its rules."""

    name: str
    meaning: str
    rules: tuple[str, ...]


REGIMES: tuple[Set, ...] = (
    Set("S0", "status quo of November 2026", _S0),
    Set("S1", "Diffusion rule as written, from 2027", _AS_WRITTEN),
    Set("S2", "strict: October 2023 only, no case-by-case window, no exceptions for the Emirates",
        (*_OCT_2023, "US26-HQ", "US26-UAE1", *_STACKS, *_CHINA, *_PRACTICE)),
    Set("S3", "withdrawn global draft: tiers for each company and country, agreements, matching",
        ("US23-1", "US23-3", "US23-3-NAC", "US23-3-ACA", "US23-4", "US26-HQ", "GLB-0", "GLB-1", "GLB-2", "GLB-3", "GLB-4",
         *_STACKS, *_CHINA, *_PRACTICE)),
    Set("S4", "liberalised: B30A class to China for a share of revenue, no ratio; only state-funded buyers barred",
        (*_OCT_2023, "US26-HQ", "LIB-1", "LIB-2", *_UAE_2026, "BIL-SA1", *_STACKS, "CN-2", *_PRACTICE)),
    Set("S5", "hard decoupling: bills on, no American chips in China",
        (*_OCT_2023, "US26-HQ", "BILL-GAIN", "BILL-OW", "BILL-CSA", *_UAE_2026, "BIL-SA1", *_STACKS, "CN-DECOUPLED", *_THIRD, *_PRACTICE)),
    Set("us_oct2022", "the rule of October 2022, had it stayed", ("US22-1-HELD", *_PRACTICE)),
    Set("us_oct2023", "the rules of October 2023 alone", (*_OCT_2023, "US26-UAE1", *_PRACTICE)),
    Set("diffusion_as_written", "Diffusion rule as written, from 2027 (as S1)", _AS_WRITTEN),
    Set("diffusion_as_enforced", "Diffusion rule with the dates it was applied: over since May 2025, October 2023 stays",
        (*_DIFFUSION, *_OCT_2023, "US26-HQ", "US26-UAE1", *_STACKS, *_CHINA, *_PRACTICE)),
    Set("gulf_2025", "Gulf licences as of November 2025, before the rule for the Emirates",
        (*_OCT_2023, "US26-HQ", "US26-UAE1", "BIL-AE3-HELD", "BIL-AE4", "BIL-SA1", "BIL-AE1", "BIL-AE2", *_STACKS, *_CHINA, *_PRACTICE)),
    Set("S0_gulf_quota", "S0 with the framework of the Emirates and Saudi tranches as caps",
        (*_S0, "BIL-AE1", "BIL-AE1-G42", "BIL-AE2", "BIL-SA-TRANCHES")),
    Set("S0_tariff", "S0 with phase 2 of the section 232 tariff", (*_S0, "US26-232C")),
    Set("S0_affiliates", "S0 with the affiliates rule back", (*_S0, "US25-AFF-BACK")),
    Set("S0_validated", "S0 with five American data-centre operators validated", (*_S0, "US24-1")),
    Set("S0_safe", "S0 with the SAFE Chips Act", (*_S0, "BILL-SAFE")),
    Set("S0_chinese_exports", "S0 without the guidance on Chinese chips abroad: third markets may choose",
        tuple(name for name in _S0 if name not in _STACKS)),
    Set("S0_dated", "S0 with every rule of 2022 to 2026 that is over, under its own dates", (*_S0, *_ENDED, *_DIFFUSION)),
    Set("open", "no export control; commercial practice stays", _PRACTICE),
)  # fmt: skip


def regime_rows() -> Iterator[Regime]:
    """Rows of regimes.csv."""
    for group in REGIMES:
        for name in group.rules:
            yield Regime(regime=group.name, rule=name, source=group.meaning)


def scenario_text() -> str:
    """A scenario of instance.toml for each regime, under its name."""
    return "\n".join(
        f'[scenarios.{group.name}]\ndescription = "Export control: {group.meaning}"\n'
        f'changes = ["policy.regime = {group.name}"]\n'
        for group in REGIMES
    )
