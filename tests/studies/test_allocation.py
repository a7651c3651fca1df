"""Explanations of allocations and of regimes, against small instances whose rules can be read off."""

import csv
import json

import pytest
from typer.testing import CliRunner

from optimizer.cli import app
from optimizer.instance import write_instance
from optimizer.policy.legality import Role, Standing
from optimizer.studies.allocation import AllocationBook
from optimizer.studies.rule_book import rule_book
from tests import instances as make
from tests.solving import solve_small
from tests.studies.sweeps import small_instance

YEAR = "2027"


def ruled(*rules, **tables):
    """Two sites in one country, under rules."""
    return small_instance(
        settings=make.settings(solver={"gap": 0.0, "threads": 1}, policy={"regime": "test"}),
        rules=list(rules),
        regimes=[make.regime(rule.rule) for rule in rules],
        assumptions=[],
        **tables,
    )


def book_of(instance):
    """Book of the best plan of an instance."""
    return AllocationBook(instance, solve_small(instance).tables)


def test_chips_that_no_rule_mentions_are_free():
    book = book_of(ruled(make.rule("ELSEWHERE", destination="DEU")))
    found = book.of_plan()
    assert found
    assert {one.standing for one in found} == {Standing.FREE}
    assert {one.headroom_chips_million for one in found} == {None}


def test_headroom_of_a_yearly_cap_is_what_the_year_leaves():
    cap = make.rule("CAP", "cap_yearly", quantity=0.3, measure="chips_million")
    book = book_of(ruled(cap))
    bought: dict[str, float] = {}
    for one in book.of_plan():
        bought[one.period[:4]] = bought.get(one.period[:4], 0.0) + one.installed_million
    for one in book.of_plan():
        assert one.headroom_chips_million == pytest.approx(0.3 - bought[one.period[:4]], abs=1e-9)
        (line,) = one.lines
        assert (line.rule, line.role) == ("CAP", Role.CAPS)


def test_headroom_of_a_cumulative_cap_is_that_of_the_last_date():
    cap = make.rule("CAP", "cap_cumulative", quantity=0.7, measure="chips_million")
    book = book_of(ruled(cap))
    total = sum(row.installed_million for row in book.plan.chips)
    for one in book.of_plan():
        assert one.headroom_chips_million == pytest.approx(0.7 - total, abs=1e-9)


def test_headroom_is_told_in_chips_of_the_kind():
    cap = make.rule("CAP", "cap_cumulative", quantity=5.0, measure="h100e_million")
    book = book_of(ruled(cap, chips=[make.chip(performance_h100e=2.5)]))
    total = 2.5 * sum(row.installed_million for row in book.plan.chips)
    for one in book.of_plan():
        assert one.headroom_chips_million == pytest.approx((5.0 - total) / 2.5, abs=1e-9)


def test_permits_add_up_within_a_jurisdiction_and_the_least_jurisdiction_decides():
    book = book_of(
        ruled(
            make.rule("NEED", "licence", probability=0),
            make.rule("SMALL", "allow", quantity=0.2, measure="chips_million", period="cumulative"),
            make.rule("LARGE", "allow", quantity=0.5, measure="chips_million", period="cumulative"),
        )
    )
    total = sum(row.installed_million for row in book.plan.chips)
    assert total <= 0.7 + 1e-9
    for one in book.of_plan():
        assert one.standing is Standing.PERMITTED
        assert one.headroom_chips_million == pytest.approx(0.7 - total, abs=1e-9)
        travels = sum(line.travels_million for line in one.lines if line.role is Role.PERMITS)
        assert travels == pytest.approx(one.installed_million)


def test_what_the_plan_could_not_install_is_explained_too():
    book = book_of(ruled(make.rule("NEVER", destination="USA", citation="99 FR 1234")))
    assert not book.of_plan()
    one = book.allocation("alpha", "C1", YEAR)
    assert one.standing is Standing.DENIED
    assert one.headroom_chips_million == 0
    assert one.lines[0].citation == "99 FR 1234"


def test_the_rule_book_counts_rows_and_names_what_does_nothing():
    instance = ruled(
        make.rule("CAP", "cap_yearly", quantity=0.3, measure="chips_million"),
        make.rule("PAST", effective_to="2026"),
        make.rule("NEVER", chip_test='chip == "C1"', destination="any - USA"),
    )
    cap, past, never = rule_book(instance)
    assert cap.rows == 3  # one a year
    assert cap.selected == 2 * 3  # sites x years
    assert not cap.vacuous
    assert past.vacuous
    assert never.vacuous
    assert past.selected == never.selected == past.rows == 0


def test_what_a_permit_says_depends_on_its_kind_and_date():
    book = book_of(
        ruled(
            make.rule("NEED", "licence", probability=0),
            make.rule("LATE", "licence", lag_months=18),
            make.rule("FREE", "allow", operators="Operator", effective_from="2029"),
        )
    )
    early, late = (book.allocation("alpha", "C1", str(year)) for year in (2027, 2029))
    assert [(line.rule, line.says) for line in early.lines] == [
        ("NEED", "asks for a licence, grants none itself"),
        ("LATE", "asks for a licence and grants none before 2028-07"),
    ]
    assert [(line.rule, line.says, line.serves_from) for line in late.lines[1:]] == [
        ("LATE", "asks for a licence", "2028-07"),
        ("LATE", "grants a licence", "2028-07"),
        ("FREE", "lets it in without a licence", "2029-01"),
    ]
    assert (early.standing, late.standing) == (Standing.DENIED, Standing.PERMITTED)


def test_what_needs_no_licence_is_not_listed_under_one():
    """A licence and an exception serve the same: the exception is named, whatever their order in the file."""
    book = book_of(ruled(make.rule("LICENCE", "licence"), make.rule("FREE", "allow")))
    travels = {
        line.rule: line.travels_million for one in book.of_plan() for line in one.lines if line.role is Role.PERMITS
    }
    assert travels["LICENCE"] == 0
    assert travels["FREE"] > 0
    assert {row.rule for row in book.plan.permits} == {"FREE"}


def test_what_is_left_is_told_with_its_unit():
    ratio = make.rule("RATIO", "volume_ratio", quantity=5, base_quantity=1, destination="USA", base_destination="DEU")
    one = book_of(ruled(ratio)).of_plan()[0]
    (line,) = one.lines
    assert line.unit == "chips_million"
    assert line.allows == "500 % of the chips of the same kind in DEU, 1,000,000 chips from outside the plan included"


def test_the_rule_book_says_what_rules_cover_allow_and_do():
    instance = ruled(
        make.rule("NEED", "licence", probability=0, chip_test="tpp > 1"),
        make.rule("QUOTA", "allow", operators="Operator", quantity=0.2, measure="h100e_million", period="cumulative"),
        make.rule("MORE", "quota_step", raises="QUOTA", quantity=0.1, cost_busd=2),
        rule_steps=[make.rule_step("QUOTA", "2028", 0.3)],
    )
    need, quota, more = rule_book(instance)
    assert need.scope == "1 of 1 kinds of chip"
    assert need.allows == "granted with probability 0"
    assert (
        need.does == "asks a licence for 6 installations and refuses it: 0 are impossible; 6 have another permit of USA"
    )
    assert quota.scope == "operators Operator"
    assert quota.allows == "200,000 H100e in all; from 2028-01 300,000"
    assert quota.does == "lets in 6 installations, within its quantity (2 limits in the model)"
    assert more.allows == "100,000 H100e more under QUOTA for 2 B USD"
    assert more.does == "may be bought, which raises QUOTA"


def test_rows_of_a_rule_held_for_each_country_apart_are_counted_together():
    """Two countries, three years each."""
    away = make.site("beta", country="DEU", operator_hq="DEU", latitude=50, longitude=9)
    cap = make.rule("CAP", "cap_yearly", quantity=0.1, measure="chips_million", per="country")
    (entry,) = rule_book(ruled(cap, sites=[make.site(), away], countries=[make.country(), make.country("DEU")]))
    assert entry.rows == 2 * 3


# --- commands --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explained")
    write_instance(
        ruled(make.rule("CAP", "cap_yearly", quantity=0.3, measure="chips_million", citation="90 FR 1")),
        folder / "instance",
    )
    solved = gigasite("solve", folder / "instance", "--out", folder / "result", "--no-map")
    assert solved.exit_code == 0, solved.output
    return folder / "result"


def gigasite(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def test_explain_answers_as_text_json_and_csv(result, tmp_path):
    text = gigasite("explain", result, "--allocation", "--csv", tmp_path / "why.csv")
    assert text.exit_code == 0
    assert "90 FR 1" in text.stdout
    document = json.loads(gigasite("explain", result, "--json").stdout)
    rows = list(csv.DictReader((tmp_path / "why.csv").read_text().splitlines()))
    assert len(rows) == len(document["allocations"]) > 0
    assert {row["rule"] for row in rows} == {"CAP"}
    assert float(rows[0]["headroom_chips_million"]) == pytest.approx(
        document["allocations"][0]["headroom_chips_million"]
    )


def test_explain_refuses_unknown_names_with_the_nearest(result):
    refused = gigasite("explain", result, "--site", "alpa", "--chip", "C2", "--when", "2072")
    assert refused.exit_code == 2
    for nearest in ("alpha", "C1", "2029"):
        assert nearest in refused.output


def test_rules_prints_the_regime(result):
    document = json.loads(gigasite("rules", result / "instance", "--json").stdout)
    assert [rule["rule"] for rule in document["rules"]] == ["CAP"]
    assert document["rules"][0]["does"] == "limits 6 installations (3 limits in the model)"
    assert document["rules"][0]["allows"] == "300,000 chips a calendar year"
    assert gigasite("rules", result / "instance").exit_code == 0
