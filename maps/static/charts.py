"""Charts beside the maps: chips, power and commitments over the years."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from maps.names import kind_colour, kind_label, shorten, source_look, source_order
from maps.static.panel import EDGE, INK, QUIET
from maps.view.model import MapPlan, Series, SiteView
from maps.words import gigawatts
from optimizer.instance.calendar import parse_span

#: Colours of chips, oldest first (Tol's vibrant and muted schemes, safe for colour-blind readers).
_CHIP_COLOURS = ("#332288", "#88CCEE", "#44AA99", "#117733", "#DDCC77", "#CC6677", "#AA4499", "#882255")
_OTHER_COLOUR = "#BBBBBB"
_LAST_MOMENT = "#C8102E"
_MOST_SERIES = len(_CHIP_COLOURS)


def _plain(axes: Axes, title: str, years: Sequence[int] = ()) -> None:
    axes.set_title(title, fontsize=8, color=INK, loc="left", weight="bold")
    axes.tick_params(colors=QUIET, labelsize=7, length=0)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if years:
        _year_ticks(axes, years, 7)
        axes.grid(axis="y", color=EDGE, linewidth=0.5)


def _year_ticks(axes: Axes, years: Sequence[int], size: float) -> None:
    """Name every year, or every second, third ... where there is less room, the last one always."""
    assert axes.figure is not None
    points = axes.get_window_extent().width / axes.figure.dpi * 72
    step = max(1, ceil(len(years) * 3.1 * size / points))
    shown = list(years)[::-1][::step]
    axes.set_xticks(shown, [str(year) for year in shown])


def stacked_bars(
    axes: Axes,
    title: str,
    years: Sequence[int],
    series: Sequence[Series],
    colours: Sequence[str],
    *,
    hatched: Sequence[bool] = (),
    columns: int = 3,
    more_keys: Sequence[Artist] = (),
) -> None:
    """Bars stacked in order, the total of the highest year written on it, the key below."""
    _plain(axes, title, years)
    base = np.zeros(len(years))
    hatches = ["////" if lines else "" for lines in hatched] or [""] * len(series)
    looks = list(zip(series, colours, hatches, strict=True))
    for part, colour, hatch in looks:
        axes.bar(
            years, part.values, bottom=base, width=0.8, color=colour, edgecolor="white", linewidth=0.4, hatch=hatch
        )
        base += np.asarray(part.values)
    top = int(np.argmax(base))
    if base[top] > 0:
        axes.annotate(
            gigawatts(float(base[top])), (years[top], float(base[top])), (0, 2), textcoords="offset points",
            ha="center", fontsize=7, color=INK,
        )  # fmt: skip
    axes.set_ylim(0, max(1.12 * float(base.max()), 1e-9))
    patches = [
        Patch(facecolor=colour, edgecolor="white", linewidth=0, hatch=hatch, label=shorten(part.label, 22))
        for part, colour, hatch in looks
    ]
    handles = [*patches, *more_keys]
    if handles:
        axes.legend(
            handles=handles, loc="upper left", bbox_to_anchor=(0, -0.1), ncol=columns, frameon=False, fontsize=6.6,
            labelcolor=INK, handlelength=1.0, handleheight=0.9, columnspacing=1.0, borderpad=0,
        )  # fmt: skip


def chips_chart(axes: Axes, plan: MapPlan, *, columns: int = 3) -> None:
    """Million chips installed in each year, by chip; the least common ones together."""
    series, colours = _most_common(plan.totals.chips_installed_million)
    stacked_bars(axes, "Chips installed [million a year]", plan.years, series, colours, columns=columns)


def _most_common(series: Sequence[Series]) -> tuple[list[Series], list[str]]:
    """At most as many series as there are colours, in their order, then what is left as one."""
    used = [part for part in series if any(part.values)]
    kept = sorted(used, key=lambda part: -sum(part.values))[:_MOST_SERIES]
    shown = [part for part in used if part in kept]
    colours = list(_CHIP_COLOURS[: len(shown)])
    rest = [part.values for part in used if part not in kept]
    if rest:
        shown.append(Series("", f"{len(rest)} others", tuple(map(sum, zip(*rest, strict=True)))))
        colours.append(_OTHER_COLOUR)
    return shown, colours


def power_chart(axes: Axes, plan: MapPlan, *, columns: int = 3) -> None:
    """TWh made in each year, by source."""
    kinds = {source.key: source.kind for source in plan.power_sources}
    used = (part for part in plan.totals.energy_twh if any(part.values))
    series = sorted(used, key=lambda part: source_order(kinds[part.key]))
    looks = [source_look(kinds[part.key]) for part in series]
    stacked_bars(
        axes, "Energy by source [TWh a year]", plan.years, series, [colour for colour, _ in looks],
        hatched=[hatched for _, hatched in looks], columns=columns,
    )  # fmt: skip


def capacity_chart(axes: Axes, plan: MapPlan, *, columns: int = 3) -> None:
    """GW on line at the end of each year, by bloc; the line is what was committed before the plan."""
    series, colours = _most_common(plan.totals.gw_by_bloc)
    line = Line2D([], [], color=INK, linewidth=1.4, label="committed before")
    title = "IT on line, end of year [GW]"
    own_key = [line] if any(plan.totals.committed_gw) else []
    stacked_bars(axes, title, plan.years, series, colours, columns=columns, more_keys=own_key)
    for year, gw in zip(plan.years, plan.totals.committed_gw, strict=True):
        if gw > 0:
            axes.plot([year - 0.4, year + 0.4], [gw, gw], color=INK, linewidth=1.4, solid_capstyle="butt")


def decided_sites(plan: MapPlan, most: int) -> list[SiteView]:
    """Sites with phases that are decisions: the largest ones, earliest commitment first."""
    decided = [site for site in plan.sites if any(not phase.fact for phase in site.phases)]
    largest = sorted(decided, key=lambda site: (-_decided_gw(site), site.site))[:most]
    return sorted(largest, key=lambda site: (_first_commitment(site), -_decided_gw(site), site.site))


def _decided_gw(site: SiteView) -> float:
    return sum(phase.it_gw for phase in site.phases if not phase.fact)


def _first_commitment(site: SiteView) -> int:
    return min(parse_span(phase.committed).start for phase in site.phases if not phase.fact)


def _year(label: str) -> float:
    return parse_span(label).start / 12


def commitments_chart(axes: Axes, plan: MapPlan, *, most: int = 24, size: float = 7) -> None:
    """Gantt of what the plan decides: from each commitment to the day on which its modules are on line.

    A diamond is the date on which the plan commits modules; its bar is the lead time; the steps after it are the GW
    on line. An upright line is the last responsible moment, where the plan commits earlier than that.
    """
    sites = decided_sites(plan, most)
    total = sum(any(not phase.fact for phase in site.phases) for site in plan.sites)
    _plain(axes, f"Commitments ({len(sites)} largest of {total} campuses)" if total > len(sites) else "Commitments")
    early = any(phase.decide_by != phase.committed for site in sites for phase in site.phases if not phase.fact)
    moments = " · red line: last responsible moment, if later" if early else ", at the last responsible moment"
    key = f"diamond: modules committed{moments} · pale: lead time · dark: GW on line"
    axes.set_xlabel(key, fontsize=size, color=QUIET)
    end = plan.years[-1] + 1
    for row, site in enumerate(sites):
        _gantt_row(axes, row, site, end, size)
    names = [f"{site.short_name}, {site.country}  {gigawatts(_decided_gw(site))} GW" for site in sites]
    axes.set_yticks(range(len(sites)), names, fontsize=size, color=INK)
    axes.set_ylim(max(len(sites), 1) - 0.4, -0.6)
    axes.set_xlim(plan.years[0] - 0.1, end)
    _year_ticks(axes, plan.years, size)
    axes.xaxis.tick_top()
    axes.tick_params(axis="x", labelsize=size)
    axes.grid(axis="x", color=EDGE, linewidth=0.5)


def _gantt_row(axes: Axes, row: int, site: SiteView, end: float, size: float) -> None:
    colour = kind_colour(site.main_power)
    phases = [phase for phase in site.phases if not phase.fact]
    for phase in phases:
        start, online = _year(phase.committed), _year(phase.energised)
        axes.barh(row, online - start, left=start, height=0.34, color=colour, alpha=0.28, linewidth=0)
    total = _decided_gw(site)
    for phase in phases:
        online = _year(phase.energised)
        share = 0.75 * phase.it_gw / total
        lower = sum(0.75 * other.it_gw / total for other in phases if _year(other.energised) < online)
        lower += sum(
            0.75 * other.it_gw / total for other in phases[: phases.index(phase)] if _year(other.energised) == online
        )
        axes.barh(row + 0.375 - lower - share / 2, end - online, left=online, height=share, color=colour, linewidth=0)
    axes.scatter(
        [_year(phase.committed) for phase in phases], [row] * len(phases), marker="D", s=size * 2.2, color=INK,
        zorder=5, linewidths=0,
    )  # fmt: skip
    for phase in phases:
        if phase.decide_by != phase.committed:
            last = _year(phase.decide_by)
            axes.plot(
                [last, last], [row - 0.4, row + 0.4], color=_LAST_MOMENT, linewidth=1.3, zorder=6, gid="last moment"
            )


def kinds_in(sites: Sequence[SiteView]) -> list[Patch]:
    """Key of the colours of main power."""
    kinds = dict.fromkeys(site.main_power for site in sites)
    return [Patch(color=kind_colour(kind), label=kind_label(kind) if kind else "no energy yet") for kind in kinds]
