"""The last responsible moment of a commitment: after it, its modules cannot be on line when the plan wants them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from optimizer.instance.calendar import Calendar, parse_span
from optimizer.instance.instance import Instance
from optimizer.plan.tables import Phase

#: Modules beyond a limit that are rounding, where they may be fractions.
_NOISE = 1e-6


def last_moment(calendar: Calendar, lead_months: int, energised: str) -> str:
    """Label of the last decision date from which modules are on line in the period named (SEMANTICS 2.1).

    Raises
    ------
    ValueError
        If no decision date leads to that period.
    """
    wanted = calendar.index_of_label[energised]
    for decision in reversed(calendar.decision_periods):
        if calendar.first_period_from(calendar.periods[decision].start + lead_months) == wanted:
            return calendar.labels[decision]
    msg = f"no decision date leads to {energised} with a lead of {lead_months} months"
    raise ValueError(msg)


def last_moments(instance: Instance, phases: Iterable[Phase]) -> dict[tuple[str, str], str]:
    """Last responsible moment of every new phase, by site and decision period.

    It brings the modules on line in the same period, and a site that may start only so many modules in a calendar year
    still keeps to that, its other phases as they are (SEMANTICS 2.1, 2.4).
    """
    decided = [phase for phase in phases if not phase.fact]
    started = defaultdict[tuple[str, int], float](float)
    for phase in decided:
        started[phase.site, _year(phase.committed)] += phase.modules
    return {(phase.site, phase.committed): _last_moment(instance, phase, started) for phase in decided}


def _last_moment(instance: Instance, phase: Phase, started: Mapping[tuple[str, int], float]) -> str:
    site, calendar = instance.site_by_id[phase.site], instance.calendar
    latest = last_moment(calendar, site.lead_months, phase.energised)
    most, planned = site.max_starts_per_year, calendar.index_of_label[phase.committed]
    dates = [t for t in calendar.decision_periods if planned <= t <= calendar.index_of_label[latest]]
    for decision in reversed(dates):
        year = calendar.year_of(decision)
        own = phase.modules if year == _year(phase.committed) else 0.0
        others = started.get((phase.site, year), 0.0) - own
        if most is None or others + phase.modules <= most + _NOISE:
            return calendar.labels[decision]
    return phase.committed


def _year(label: str) -> int:
    return parse_span(label).start // 12
