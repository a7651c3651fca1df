"""The brief: two pages whose numbers are those of the plan, and nothing off the paper."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
from matplotlib import rc_context

from maps import Plan
from maps.brief import read_prices, write_brief
from maps.brief.findings import binding_rows, commitments, policy_words, power_words, spans, year_rows
from maps.brief.pages import first_page, second_page
from maps.brief.paper import MARGIN, WIDTH, cut
from maps.brief.prices import KnownPrice
from maps.names import kind_label
from maps.static.figure import STYLE
from maps.view.moments import last_moment
from maps.words import gigawatts, money
from optimizer.commands.brief import brief
from optimizer.commands.exit_codes import ExitCode
from optimizer.instance import load_instance, write_instance
from optimizer.model.timing import Timing
from optimizer.plan.full_year import FullYearCheck
from optimizer.plan.power_outcome import PowerOutcome
from optimizer.plan.writer import write_result
from tests.maps.plans import make_plan, without_rules
from tests.maps.test_static_more import _collisions
from tests.solving import solve_small

THREE_REGIONS = Path(__file__).parents[2] / "instances" / "three-regions"
AUDITED = {"status": "optimal", "audit": {"ok": True, "checks": 1234}, "instance": {"name": "x", "sha256": "abc"}}


@pytest.fixture(scope="module")
def plan():
    instance = load_instance(THREE_REGIONS)
    return Plan(instance, solve_small(instance).tables, AUDITED)


@pytest.fixture(scope="module")
def crowd():
    made = make_plan(120)
    return Plan(made.instance, made.tables, {**made.manifest, "audit": {"ok": True, "checks": 1234}})


@pytest.fixture(scope="module")
def result(plan, tmp_path_factory):
    folder = tmp_path_factory.mktemp("brief") / "result"
    write_result(folder, plan.instance, plan.tables, lambda: plan.manifest, [])
    return folder


def _texts(figure):
    return [text.get_text() for text in figure.texts]


def _pages(plan, prices=()):
    with rc_context(STYLE):
        return first_page(plan), second_page(plan, prices)


def _crowded(crowd):
    """Labels of a made-up plan lie on its own calendar: lead times are one year there."""
    sites = tuple(site.model_copy(update={"lead_months": 12}) for site in crowd.instance.sites)
    return Plan(dataclasses.replace(crowd.instance, sites=sites), crowd.tables, crowd.manifest)


def test_a_brief_has_two_pages_and_the_same_bytes_each_time(plan, tmp_path):
    first = write_brief(plan, tmp_path / "one.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b", first)) == 2
    assert b"/CreationDate" not in first
    assert first == write_brief(plan, tmp_path / "two.pdf").read_bytes()


def test_headline_figures_are_those_of_the_plan(plan):
    texts = _texts(_pages(plan)[0])
    assert f"{gigawatts(sum(row.it_gw_end for row in plan.tables.sites))} GW" in texts
    assert money(sum(row.capital_busd for row in plan.tables.sites)) in texts
    assert f"{sum(row.installed_million for row in plan.tables.chips):,.1f} million" in texts
    assert "passed" in texts
    assert "audit of 1,234 checks" in texts
    assert "not known" in texts  # the manifest names no gap


def test_a_failed_audit_leaps_to_the_eye(plan):
    failed = dataclasses.replace(plan, manifest={**AUDITED, "audit": {"ok": False, "checks": 5}})
    first, second = _pages(failed)
    assert "FAILED" in _texts(first)
    assert any("Audit: FAILED, 5 checks" in text for text in _texts(second))


@pytest.mark.parametrize("title", ["A plan", "A plan whose title goes on and on " * 4])
def test_nothing_leaves_the_paper(crowd, title):
    settings = crowd.instance.settings.model_copy(update={"title": title})
    long = _crowded(crowd)
    long = dataclasses.replace(long, instance=dataclasses.replace(long.instance, settings=settings))
    for page in _pages(long):
        page.canvas.draw()
        edge = (WIDTH - MARGIN) * page.dpi + 2
        for text in page.texts:
            box = text.get_window_extent()
            assert box.x1 <= edge
            assert box.y0 > 0


def test_texts_of_a_page_do_not_overlap(crowd):
    for page in _pages(_crowded(crowd)):
        page.canvas.draw()
        keys = [key for axes in page.axes if axes.get_legend() for key in axes.get_legend().get_texts()]
        texts = [*page.texts, *keys]
        boxes = [(text.get_text(), text.get_window_extent()) for text in texts if text.get_text()]
        for i, (one, first) in enumerate(boxes):
            for other, second in boxes[i + 1 :]:
                shared_x = min(first.x1, second.x1) - max(first.x0, second.x0)
                shared_y = min(first.y1, second.y1) - max(first.y0, second.y0)
                assert shared_x <= 1 or shared_y <= 3, (one, other)


def test_labels_of_the_map_meet_nothing(crowd):
    with rc_context(STYLE):
        assert _collisions(first_page(_crowded(crowd))) == []


def test_decide_by_is_the_last_date_that_gives_the_same_day(plan):
    timing = Timing.of(plan.instance)
    rows = commitments(plan)
    assert len(rows) == sum(not row.fact for row in plan.tables.phases)
    calendar = plan.instance.calendar
    for site in plan.instance.sites:
        for row in plan.tables.phases:
            if row.site != site.site or row.fact:
                continue
            latest = calendar.index_of_label[last_moment(calendar, site.lead_months, row.energised)]
            assert latest >= calendar.index_of_label[row.committed]
            assert str(timing.online_period(latest, site.lead_months)) == str(
                timing.periods[calendar.index_of_label[row.energised]]
            )
            later = [d for d in calendar.decision_periods if d > latest]
            for decision in later:
                assert (
                    timing.online_period(decision, site.lead_months)
                    != timing.periods[calendar.index_of_label[row.energised]]
                )


def test_no_date_is_invented(plan):
    with pytest.raises(ValueError, match="no decision date leads to"):
        last_moment(plan.instance.calendar, 1200, plan.instance.calendar.labels[-1])


def test_years_add_up(plan):
    rows = list(year_rows(plan))
    assert [row[0] for row in rows] == [str(year) for year in plan.view.years]
    capital = sum(row.capital_busd for row in plan.tables.sites)
    assert sum(float(row[3].replace(",", "")) for row in rows) == pytest.approx(capital, abs=0.5 * len(rows))
    assert not any(cell.startswith("-") for row in rows for cell in row)


def test_what_binds_is_counted_from_the_limits(crowd):
    rows = {row[0]: row for row in binding_rows(crowd.view)}
    binding = {row.name for row in crowd.tables.limits if row.family == "chip_supply" and row.binding}
    kinds = {row.name for row in crowd.tables.limits if row.family == "chip_supply"}
    assert rows["chip supply"][1] == f"{len(binding)} of {len(kinds)}"
    assert "export rules with a quantity" in rows


def test_power_is_told_with_what_it_costs_emits_and_gains(crowd):
    power = PowerOutcome.checked(crowd.instance, crowd.tables, ())
    facts = power.as_dict()
    mix, bridges = power_words(crowd.view)
    assert mix.startswith(f"{facts['energy_twh']:,.0f} TWh over the plan: ")
    assert f"${facts['delivered_usd_per_mwh']:,.1f} and {facts['carbon_t_per_mwh']:.2f} t" in mix
    assert f"{facts['clean_share']:.1%} is clean" in mix
    source, twh = next(iter(facts["mix_twh"].items()))
    assert f": {twh / facts['energy_twh']:.0%} {kind_label(source)}, " in mix
    assert f"lets {facts['bridged_sites']} campuses start earlier" in bridges
    assert "Delivery slots that bind: turbines 2027-2029." in bridges


def test_what_the_hours_of_the_year_say_of_power_is_told(crowd):
    row = crowd.tables.energy[0]
    check = FullYearCheck(row.site, row.year, 5.0, 0.003, 1.0, -0.5, -0.0541, 3.0, 0.25)
    *_, words = power_words(dataclasses.replace(crowd, full_year=(check,)).view)
    assert "of all energy) costs $0.50 bn less than planned and 3.0 GWh are missing; 1 campus-year is off" in words
    later = dataclasses.replace(check, year=row.year + 1)
    *_, words = power_words(dataclasses.replace(crowd, full_year=(check, later)).view)
    assert "6.0 GWh are missing; 2 campus-years are off by more than 2%, or short of energy." in words
    unknown = dataclasses.replace(crowd, instance=dataclasses.replace(crowd.instance, power_options=()))
    assert list(power_words(unknown.view)) == ["What power costs and emits is not known of this plan."]


def test_years_are_written_as_runs():
    assert spans([2028, 2029, 2030, 2033]) == "2028-2030, 2033"
    assert spans([]) == ""


def test_permits_are_summed_and_a_world_without_rules_says_so(crowd):
    total = sum(row.permitted_million for row in crowd.tables.permits if row.rule == "gulf_licence")
    assert any(f"{total:,.3g} million chips travel under gulf_licence" in line for line in policy_words(crowd.view))
    free = without_rules(make_plan(12))
    assert list(policy_words(Plan(free.instance, free.tables, free.manifest).view)) == [
        "No export rules are in force in this plan."
    ]


def _study(folder, instance, **changes):
    write_instance(instance, folder / "points" / "base" / "instance")
    row = {"limit": "chip supply gen1", "step": "1 % more", "value": 1.5, "known_by": "re-solved"}
    document = {
        "study": "price", "unit": "B USD", "base": {"key": "base"},
        "prices": [row, {**row, "limit": "budget", "value": 9.25}], **changes,
    }  # fmt: skip
    (folder / "study.json").write_text(json.dumps(document))
    return folder


def _changed(instance, part, **values):
    settings = instance.settings
    changed = getattr(settings, part).model_copy(update=values)
    return dataclasses.replace(instance, settings=settings.model_copy(update={part: changed}))


def test_prices_of_the_same_instance_are_shown(plan, tmp_path):
    other_limit = _changed(plan.instance, "solver", time_limit_seconds=7.0)
    prices = read_prices(_study(tmp_path / "study", other_limit), plan.instance)
    assert [price.limit for price in prices] == ["budget", "chip supply gen1"]
    texts = _texts(_pages(plan, prices)[1])
    assert "9.25" in texts
    assert "worth, B USD" in texts
    assert not any("no price study" in text for text in texts)
    assert any("no price study" in text for text in _texts(_pages(plan)[1]))


def test_other_prices_are_refused(plan, tmp_path):
    instance = plan.instance
    with pytest.raises(ValueError, match="another instance"):
        read_prices(_study(tmp_path / "other", _changed(instance, "finance", discount_rate=0.2)), instance)
    with pytest.raises(ValueError, match="holds no price study"):
        read_prices(_study(tmp_path / "sweep", instance, study="sweep"), instance)
    with pytest.raises(ValueError, match="cannot be read"):
        read_prices(_study(tmp_path / "odd", instance, prices=[{"limit": "x"}]), instance)
    with pytest.raises(ValueError, match="cannot be read"):
        read_prices(tmp_path / "missing", instance)


def test_many_prices_are_cut_not_squeezed(plan):
    prices = [KnownPrice(f"limit {i}", "1 more", 10.0 - i, "B USD", "resolved") for i in range(10)]
    texts = _texts(_pages(plan, prices)[1])
    assert "limit 5" in texts
    assert "limit 6" not in texts


def test_the_command_writes_into_the_result(result, tmp_path, capsys):
    assert brief(result, None, None) == ExitCode.DONE
    assert (result / "brief.pdf").read_bytes().startswith(b"%PDF")
    assert "two pages" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("out", "prices", "message"),
    [("plan.txt", None, "ends in .pdf"), ("none/plan.pdf", None, "no folder"), ("p.pdf", "none", "cannot be read")],
)
def test_the_command_refuses_what_it_cannot_do(result, tmp_path, capsys, out, prices, message):
    assert brief(result, tmp_path / out, prices and tmp_path / prices) == ExitCode.BAD_INPUT
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_lines_are_cut_to_what_fits():
    assert cut("a\nb\x00c", 10) == "a b c"
    assert cut("abcdef", 4) == "abc…"
