"""From the calendar section of instance.toml to the periods of the plan (SEMANTICS 1.1 and 1.2)."""

from __future__ import annotations

from optimizer.instance.calendar import Calendar, Span, format_span
from optimizer.instance.schema.settings import CalendarSettings


def period_spans(settings: CalendarSettings) -> tuple[Span, ...]:
    """Consecutive spans that the period blocks describe, without any check."""
    spans: list[Span] = []
    start = settings.start
    for block in settings.periods:
        for _ in range(block.count):
            spans.append(Span(start, start + block.months))
            start += block.months
    return tuple(spans)


def first_span_crossing_year_end(spans: tuple[Span, ...]) -> Span | None:
    """First span that starts in one calendar year and ends in the next, or None."""
    return next((span for span in spans if span.start // 12 != (span.end - 1) // 12), None)


def make_calendar(settings: CalendarSettings) -> Calendar:
    """Periods and decision dates of the plan.

    Raises
    ------
    ValueError
        If a period crosses the end of a calendar year.
    """
    spans = period_spans(settings)
    crossing = first_span_crossing_year_end(spans)
    if crossing is not None:
        msg = f"the period {format_span(crossing)} crosses the end of a year"
        raise ValueError(msg)
    every = settings.decision_every_months
    decisions = tuple(t for t, span in enumerate(spans) if (span.start - settings.start) % every == 0)
    return Calendar(periods=spans, decision_periods=decisions)
