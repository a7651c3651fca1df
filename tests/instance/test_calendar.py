"""Periods and decision dates follow from the calendar settings (SEMANTICS 1.1, 1.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.instance.calendar import Span, format_span, parse_month, parse_span
from optimizer.instance.periods import make_calendar
from tests import instances as make


def calendar(start="2027", blocks=((12, 3),), every=12):
    """Calendar of (months, count) blocks."""
    return make_calendar(make.settings(start=start, blocks=blocks, decision_every_months=every).calendar)


def test_yearly():
    years = calendar()
    assert years.labels == ("2027", "2028", "2029")
    assert years.decision_periods == (0, 1, 2)
    assert (years.start, years.end) == (parse_month("2027"), parse_month("2030"))


def test_periods_of_different_length():
    mixed = calendar(blocks=((3, 4), (6, 2), (12, 2)), every=6)
    assert mixed.labels == ("2027Q1", "2027Q2", "2027Q3", "2027Q4", "2028H1", "2028H2", "2029", "2030")
    assert mixed.decision_periods == (0, 2, 4, 5, 6, 7)
    assert mixed.periods_of_year[2027] == (0, 1, 2, 3)
    assert sum(mixed.years_in(t) for t in mixed) == 4


def test_decision_dates_count_from_the_start_of_the_plan():
    shifted = calendar(start="2027-04", blocks=((3, 7),), every=12)
    assert [shifted.labels[t] for t in shifted.decision_periods] == ["2027Q2", "2028Q2"]


def test_decision_dates_need_a_period_that_starts_on_them():
    assert calendar(blocks=((12, 3),), every=6).decision_periods == (0, 1, 2)


@pytest.mark.parametrize(("start", "blocks"), [("2027-02", ((12, 1),)), ("2027Q4", ((3, 1), (3, 3), (6, 1), (12, 1)))])
def test_no_period_crosses_a_year_end(start, blocks):
    with pytest.raises(ValueError, match="crosses the end of a year"):
        calendar(start=start, blocks=blocks)


@given(st.integers(1990 * 12, 2149 * 12), st.integers(1, 99))
def test_spans_are_written_as_they_are_read(start, months):
    span = Span(start, start + months)
    assert parse_span(format_span(span)) == span


@pytest.mark.parametrize("text", ["", "27", "2027Q5", "2027-13", "2027-00", "2027/04", "1800", "2027-4", "\uff12027"])
def test_other_dates_are_refused(text):
    with pytest.raises(ValueError, match="expected a"):
        parse_span(text)
