"""Changes: what they select, how they reckon, and that the changed instance is checked again."""

import pytest

from optimizer.instance import InstanceError, apply_changes, load_instance
from tests import instances as make
from tests.instance.small import Folder, small_instance


def changed(*changes):
    """The small instance after changes."""
    return apply_changes(small_instance(), changes)


def lead_months(instance):
    """Lead time by site."""
    return {site.site: site.lead_months for site in instance.sites}


def codes(*changes):
    """Codes of what is wrong with changes."""
    with pytest.raises(InstanceError) as caught:
        changed(*changes)
    return [d.code.value for d in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("*", {"texas": 30, "gulf": 18}),
        ("texas", {"texas": 30, "gulf": 0}),
        ("g*", {"texas": 12, "gulf": 18}),
        ("?ulf", {"texas": 12, "gulf": 18}),
        ("[gt]*", {"texas": 30, "gulf": 18}),
    ],
)
def test_selectors(selector, expected):
    assert lead_months(changed(f"sites[{selector}].lead_months += 18")) == expected


@pytest.mark.parametrize(
    ("selector", "years"),
    [
        ("C1,2028", {("C1", 2028)}),
        ("C1,2028-01", set()),
        ("C1", {("C1", 2027), ("C1", 2028), ("C1", 2029)}),
        ("*,2029", {("C1", 2029), ("C2", 2029)}),
        ("C2,20*", {("C2", 2027), ("C2", 2028), ("C2", 2029)}),
        ("*, 2027", {("C1", 2027), ("C2", 2027)}),
    ],
)
def test_selectors_with_dates(selector, years):
    change = f"chip_supply[{selector}].units *= 0.5"
    if not years:
        assert codes(change) == ["C003"]
        return
    halved = {(s.chip, s.during.start // 12) for s in changed(change).chip_supply if s.units == 500_000}
    assert halved == years


def test_a_month_key_matches_in_any_form():
    for form in ("2028", "2028Q1", "2028-01", "2028*"):
        assert changed(f"grid_steps[gulf,gas,{form}].cumulative_mw = 2500").grid_steps[0].cumulative_mw == 2500


def test_set_add_and_scale():
    assert changed("sites[gulf].module_mw = 500").site_by_id["gulf"].module_mw == 500
    assert changed("sites[gulf].module_mw += -100").site_by_id["gulf"].module_mw == 900
    assert changed("sites[gulf].module_mw *= 1.5").site_by_id["gulf"].module_mw == 1500


def test_changes_follow_one_another():
    assert changed("sites[gulf].module_mw *= 2", "sites[gulf].module_mw += 10").site_by_id["gulf"].module_mw == 2010
    assert changed("sites[gulf].module_mw += 10", "sites[gulf].module_mw *= 2").site_by_id["gulf"].module_mw == 2020


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("sites[gulf].module_gw = 0.5", 500),
        ("sites[gulf].module_gw += 0.25", 1250),
        ("sites[gulf].module_kw = 700000", 700),
        ("sites[gulf].module_gw *= 3", 3000),
    ],
)
def test_other_units(change, expected):
    assert changed(change).site_by_id["gulf"].module_mw == expected


def test_whole_numbers_stay_whole():
    instance = changed("sites[gulf].lead_years = 1.5")
    assert lead_months(instance)["gulf"] == 18
    assert isinstance(lead_months(instance)["gulf"], int)


def test_rounding_is_told():
    instance = changed("chips[C1].life_months *= 0.99")
    assert instance.chip_by_id["C1"].life_months == 59
    assert [w.message for w in instance.warnings] == ["chips[C1].life_months: 59.4 was rounded to 59"]


def test_dates_flags_texts_and_none():
    instance = changed(
        "power_options[gulf,gas].available_from += 6",
        "sites[gulf].earliest_start = 2028Q3",
        "chips[C2].us_controlled = true",
        "power_options[gulf,gas].kind = gas_engine",
        "sites[gulf].name = 'New name'",
        "sites[gulf].max_starts_per_year = 2",
        "chips[C1].resale_curve = none",
        "resale_curves[*].share = 0",
    )
    gas = next(option for option in instance.power_options if option.option == "gas")
    assert gas.available_from == make.month("2027-07")
    assert gas.kind == "gas_engine"
    assert instance.site_by_id["gulf"].earliest_start == make.month("2028-07")
    assert instance.site_by_id["gulf"].name == "New name"
    assert instance.site_by_id["gulf"].max_starts_per_year == 2
    assert instance.chip_by_id["C2"].us_controlled
    assert instance.chip_by_id["C1"].resale_curve is None


def test_settings():
    instance = changed(
        "finance.discount_rate += 0.02",
        "policy.regime = none",
        "model.early_retirement = true",
        "solver.threads = 3",
        "objective = compute",
    )
    assert instance.settings.finance.discount_rate == pytest.approx(0.10)
    assert instance.settings.model.early_retirement
    assert instance.settings.solver.threads == 3
    assert instance.settings.objective == "compute"
    assert instance.active_rules == ()


def test_a_changed_calendar_is_a_changed_calendar():
    instance = changed("calendar.decision_every_months = 6", "finance.terminal_value = false")
    assert instance.calendar.decision_periods == (0, 1, 2)
    wider = make.settings(months=6, count=6)
    halves = apply_changes(make.instance(settings=wider), ["calendar.decision_every_months = 6"])
    assert halves.calendar.decision_periods == (0, 1, 2, 3, 4, 5)


def test_the_original_stays_as_it_was():
    before = small_instance()
    apply_changes(before, ["sites[*].lead_months += 6"])
    assert before == small_instance()


def test_the_changed_instance_is_checked_again():
    assert codes("sites[gulf].country = USA") == ["L903"]
    assert codes("power_options[gulf,gas].energy_usd_per_mwh = 0.05") == ["M705"]
    assert codes("spend_profiles[staged,0].share = 0.9") == ["P601"]
    assert codes("policy.regime = tset") == ["S106"]


def test_a_failed_check_points_at_the_change():
    with pytest.raises(InstanceError) as caught:
        changed("sites[gulf].pue_peak = 1.3", "sites[gulf].pue_peak = 1.1")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code.value == "P609"
    assert (diagnostic.file, diagnostic.line) == ("change", 2)
    assert diagnostic.place.source == "sites[gulf].pue_peak = 1.1"


def test_all_wrong_changes_are_reported():
    assert codes("a.b = 1", "sites[x].lead_months = 1", "sites[*].module_mw = big") == ["C002", "C003", "C005"]


def test_scenario_then_changes(tmp_path):
    folder = Folder.write(tmp_path / "small")
    instance = load_instance(folder.path, scenario="slow", changes=["sites[texas].lead_months += 1"])
    assert lead_months(instance) == {"texas": 19, "gulf": 6}


def test_a_wrong_scenario_points_into_the_toml_even_if_not_asked_for(tmp_path):
    folder = Folder.write(tmp_path / "small")
    folder.settings("sites[*].lead_months += 6", "sites[*].lead_moths += 6")
    with pytest.raises(InstanceError) as caught:
        load_instance(folder.path)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code.value == "C002"
    assert diagnostic.file.endswith("instance.toml")
    start = diagnostic.column - 1
    assert diagnostic.place.source[start : start + len("lead_moths")] == "lead_moths"
