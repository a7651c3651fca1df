"""Why an installation is legal: every voice that speaks about it, and which of them decide (SEMANTICS 7.11)."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.instance.instance import Instance
from optimizer.policy.legality import Legality, Role, Standing, legality
from optimizer.policy.owners import Owner
from optimizer.policy.regime import ActiveRegime
from tests import instances as make

#: The rules of October 2023, of January 2026 and of July 2026 in short, and a ban of the buying country.
ADVANCED = "us_controlled and (tpp >= 4800 or tpp >= 1600 and performance_density >= 5.92)"
CASE_BY_CASE = f"({ADVANCED}) and tpp < 21000 and memory_bandwidth_tb_s < 6.5"
RULES = (
    make.rule("DEST", "licence", chip_test=ADVANCED, destination="D5", probability=0),
    make.rule("HQ", "licence", chip_test=ADVANCED, destination="any - USA", owner="D5", probability=0),
    make.rule("GULF", "licence", chip_test=ADVANCED, destination="GULF", probability=0.9, lag_months=6),
    make.rule("FREE-FIRMS", "allow", chip_test=ADVANCED, destination="ARE", operators="G42", effective_to="2027-04"),
    make.rule("WINDOW", "licence", chip_test=CASE_BY_CASE, destination="CHN", owner="any - RUS", probability=0.6),
    make.rule("QUOTA", "cap_yearly", chip_test=ADVANCED, destination="ARE", quantity=0.5, measure="chips_million"),
    make.rule("TARIFF", "tariff", chip_test=CASE_BY_CASE, destination="CHN", quantity=0.25),
    make.rule("STATE", "deny", jurisdiction="CHN", destination="CHN", operators="Public Hub"),
)
PLACES = {
    # site: (country, headquarters, parent, operator)
    "us_at_home": ("USA", "USA", None, "Big Cloud"),
    "us_in_malaysia": ("MYS", "USA", None, "Big Cloud"),
    "chinese_in_malaysia": ("MYS", "CHN", None, "Dragon Cloud"),
    "chinese_parent_in_malaysia": ("MYS", "SGP", "CHN", "Lion Cloud"),
    "chinese_in_america": ("USA", "CHN", None, "Dragon Cloud"),
    "chinese_at_home": ("CHN", "CHN", None, "Dragon Cloud"),
    "state_in_china": ("CHN", "CHN", None, "Public Hub"),
    "us_in_russia": ("RUS", "USA", None, "Big Cloud"),
    "g42_in_emirates": ("ARE", "ARE", None, "G42"),
    "other_in_emirates": ("ARE", "ARE", None, "Sand Cloud"),
    "german_in_malaysia": ("MYS", "DEU", None, "Rhine Cloud"),
}
#: (site, chip, month) -> standing and the rules that decide.
PAIRS = (
    ("us_at_home", "BIG", "2028", Standing.FREE, ()),
    ("us_in_malaysia", "BIG", "2028", Standing.FREE, ()),
    ("german_in_malaysia", "BIG", "2028", Standing.FREE, ()),
    ("chinese_in_malaysia", "BIG", "2028", Standing.DENIED, ("HQ",)),
    ("chinese_parent_in_malaysia", "BIG", "2028", Standing.DENIED, ("HQ",)),
    ("chinese_in_malaysia", "SMALL", "2028", Standing.FREE, ()),
    ("chinese_in_malaysia", "DOMESTIC", "2028", Standing.FREE, ()),
    ("chinese_in_america", "BIG", "2028", Standing.FREE, ()),
    ("chinese_at_home", "BIG", "2028", Standing.DENIED, ("DEST", "HQ")),
    ("chinese_at_home", "H20X", "2028", Standing.PERMITTED, ("WINDOW",)),
    ("state_in_china", "H20X", "2028", Standing.DENIED, ("STATE",)),
    ("us_in_russia", "H20X", "2028", Standing.DENIED, ("DEST",)),
    ("g42_in_emirates", "BIG", "2027-01", Standing.PERMITTED, ("FREE-FIRMS",)),
    ("other_in_emirates", "BIG", "2027-01", Standing.DENIED, ("GULF",)),
    ("other_in_emirates", "BIG", "2027-07", Standing.PERMITTED, ("GULF",)),
    ("g42_in_emirates", "BIG", "2027-07", Standing.PERMITTED, ("GULF",)),
)


def world(**changes: Any) -> Instance:
    """Sites of many owners in many countries, under one regime."""
    sites = [
        make.site(name, country=country, operator_hq=headquarters, parent_hq=parent, operator=operator)
        for name, (country, headquarters, parent, operator) in PLACES.items()
    ]
    countries = sorted({country for country, *_ in PLACES.values()})
    return make.instance(
        settings=make.settings(policy={"regime": "test"}),
        sites=sites,
        countries=[make.country(code) for code in countries],
        chips=[
            make.chip("BIG", tpp=60_000, performance_density=37, memory_bandwidth_tb_s=8),
            make.chip("H20X", tpp=15_832, performance_density=19, memory_bandwidth_tb_s=4.8),
            make.chip("SMALL", tpp=1_000, performance_density=1),
            make.chip("DOMESTIC", tpp=12_000, us_controlled=False, design_country="CHN"),
        ],
        rules=RULES,
        regimes=[make.regime(rule.rule) for rule in RULES],
        country_groups=[make.member("D5", "CHN"), make.member("D5", "RUS"), make.member("GULF", "ARE")],
        **changes,
    )


def ask(site: str, chip: str, month: str, **changes: Any) -> Legality:
    """Legality of chips of a kind at a site."""
    instance = world(**changes)
    return legality(ActiveRegime(instance), instance.site_by_id[site], instance.chip_by_id[chip], make.month(month))


@pytest.mark.parametrize(("site", "chip", "month", "standing", "deciding"), PAIRS)
def test_pairs_of_owner_and_place(
    site: str, chip: str, month: str, standing: Standing, deciding: tuple[str, ...]
) -> None:
    found = ask(site, chip, month)
    assert found.standing is standing
    assert tuple(voice.rule.name for voice in found.deciding) == deciding


def test_every_rule_that_speaks_is_heard() -> None:
    found = ask("chinese_at_home", "H20X", "2028")
    said = {(voice.rule.name, voice.role) for voice in found.voices}
    assert said == {
        ("DEST", Role.NEEDS_PERMIT), ("HQ", Role.NEEDS_PERMIT), ("WINDOW", Role.NEEDS_PERMIT),
        ("WINDOW", Role.PERMITS), ("TARIFF", Role.LEVIES),
    }  # fmt: skip


def test_caps_speak_without_deciding() -> None:
    found = ask("g42_in_emirates", "BIG", "2028")
    assert ("QUOTA", Role.CAPS) in {(voice.rule.name, voice.role) for voice in found.voices}
    assert "QUOTA" not in {voice.rule.name for voice in found.deciding}


def test_the_standing_is_that_of_the_regime() -> None:
    """What the model takes as impossible is what is called denied, and nothing else."""
    instance = world()
    regime = ActiveRegime(instance)
    for site in instance.sites:
        for chip in instance.chips:
            for month in range(make.month("2027"), make.month("2029"), 3):
                denied = regime.denies(site.country, Owner.of(site), chip, month)
                assert (legality(regime, site, chip, month).standing is Standing.DENIED) is denied


def test_a_regime_that_was_asked_before_says_the_same_as_a_new_one() -> None:
    """The law is remembered between its changes: none of them may be missed."""
    instance = world()
    known = ActiveRegime(instance)
    site = instance.site_by_id
    for place, chip in (("chinese_at_home", "H20X"), ("g42_in_emirates", "BIG"), ("us_in_malaysia", "BIG")):
        asked = (site[place].country, Owner.of(site[place]), instance.chip_by_id[chip])
        for month in range(make.month("2026"), make.month("2030")):
            law, new = known.law(*asked, month), ActiveRegime(instance).law(*asked, month)
            assert [rule.name for rule in law.rules] == [rule.name for rule in new.rules]
            assert (law.denies, law.levy_rate) == (new.denies, new.levy_rate)
            permits, others = (
                [(need.jurisdiction, [permit.name for permit in need.permits]) for need in one.requirements]
                for one in (law, new)
            )
            assert permits == others
