"""The static map: the world with insets where campuses crowd, or one region alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from maps.names import BOUNDARY_NOTE, shorten
from maps.regions import REGIONS, Region
from maps.static.areas import area_by_key
from maps.static.basemap import UserBasemap
from maps.static.keys import gw_chart, legends
from maps.static.labels import Box
from maps.static.panel import INK, QUIET, Panel
from maps.static.projection import Projection
from maps.view.model import MapPlan, SiteView
from maps.words import finding, proof

#: Settings that make a figure look the same everywhere. A dollar sign in a name must not start a formula.
STYLE: dict[Any, object] = {
    "font.family": ["DejaVu Sans"],
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "gigasite",
    "pdf.fonttype": 42,
}
_MOST_INSETS = 3
_INSET_NEEDS_SITES = 5
_CLOSE_UP_NEEDS_SITES = 4
_INSET_REGIONS = ("north_america", "europe", "gulf", "east_asia", "south_asia")

# The layout in inches: titles, the world, a row of insets beside the chart, legends.
_WIDTH, _MARGIN, _GAP = 13.2, 0.24, 0.13
_TITLES, _WORLD_HEIGHT, _LEGENDS = 0.86, 4.3, 0.82
_CHART_WIDTH = 2.9
_ROW_HEIGHTS = (2.5, 3.3)


@dataclass(frozen=True)
class _Slot:
    """A place in the figure, in inches from its lower left corner."""

    left: float
    bottom: float
    width: float
    height: float

    def axes(self, figure: Figure) -> Axes:
        """New axes at this place."""
        wide, high = figure.get_size_inches()
        return figure.add_axes((self.left / wide, self.bottom / high, self.width / wide, self.height / high))


class _PatientCanvas(FigureCanvasAgg):
    """A canvas that draws when it is saved and not, as geopandas asks, after every layer."""

    def draw_idle(self, *args: object, **kwargs: object) -> None:
        """Wait."""


def draw(plan: MapPlan, region: str = "world", year: int | None = None, basemap: UserBasemap | None = None) -> Figure:
    """Draw a plan (see `maps.static.static_map`); call it inside ``rc_context(STYLE)``."""
    shown = area_by_key(region)
    year = plan.years[-1] if year is None else year
    index = plan.index_of(year)
    if shown.is_world:
        return _draw_world(plan, shown, year, index, basemap)
    return _draw_region(plan, shown, year, index, basemap)


def _draw_world(plan: MapPlan, region: Region, year: int, index: int, basemap: UserBasemap | None) -> Figure:
    insets = _inset_slots(_crowded_regions(plan.sites, index))
    row = max((slot.height + _GAP for slot in insets.values()), default=0.0)
    figure, renderer = _new_figure(_TITLES + (_WORLD_HEIGHT if insets else 5.6) + row + _LEGENDS)
    _titles(figure, plan, finding(plan.sites, year, index), _boundary_note(basemap))
    high = figure.get_size_inches()[1]
    world = _Slot(_MARGIN, _LEGENDS + row, _WIDTH - 2 * _MARGIN, high - _TITLES - _LEGENDS - row)
    panel = Panel(world.axes(figure), Projection(region), basemap=basemap)
    latitudes = [site.latitude for site in plan.sites] or [0.0]
    panel.frame_degrees(min(-42.0, min(latitudes) - 4), max(72.0, max(latitudes) + 4))
    panel.draw_base(states=False)
    marks = panel.marks(plan.sites, index)
    panel.draw_marks(marks)
    named_below: set[str] = set()
    taken = []
    for shown, slot in insets.items():
        named_below |= _draw_inset(figure, plan, shown, slot, index, renderer, basemap)
        _outline(panel, shown)
        taken.append(_outline_name(panel, shown, renderer))
    if insets:
        edge = max(slot.left + slot.width for slot in insets.values())
        chart = _Slot(edge + 0.62, _LEGENDS + 0.28, _WIDTH - edge - 0.62 - _MARGIN, row - 0.62)
    else:
        chart = _Slot(7.2, _LEGENDS + 0.75, 2.4, 1.5)
        taken.append(_pixels(figure, _Slot(6.7, _LEGENDS + 0.3, 3.2, 2.4)))
    panel.draw_labels(marks, renderer, most=60, unlabelled=frozenset(named_below), taken=taken)
    gw_chart(chart.axes(figure), plan.sites, plan.years, index)
    legends(figure, plan.sites, index, margin=_MARGIN / _WIDTH, bottom=0.2 / high)
    return figure


def _draw_region(plan: MapPlan, region: Region, year: int, index: int, basemap: UserBasemap | None) -> Figure:
    figure, renderer = _new_figure(8.2)
    panel = Panel(
        _Slot(_MARGIN, _LEGENDS, 10.0, 8.2 - _TITLES - _LEGENDS).axes(figure), Projection(region), basemap=basemap
    )
    panel.frame_degrees(region.south, region.north)
    panel.draw_base(states=True)
    marks = panel.marks(plan.sites, index)
    here = [site for site in plan.sites if _inside(site, region)]
    counted = (
        f"Figures count sites from {_degrees(region.south, 'N', 'S')} to {_degrees(region.north, 'N', 'S')}, "
        f"{_degrees(region.west, 'E', 'W')} to {_degrees(region.east, 'E', 'W')} · {_boundary_note(basemap)}"
    )
    _titles(figure, plan, finding(here, year, index, place=region.title), counted)
    panel.draw_marks(marks)
    crowd = crowded_part(here, region, index)
    named_beside: set[str] = set()
    if crowd is not None:
        slot = _Slot(10.37, _LEGENDS, _WIDTH - 10.37 - _MARGIN, 3.35)
        named_beside = _draw_inset(figure, plan, crowd, slot, index, renderer, basemap)
        _outline(panel, crowd)
    panel.draw_labels(marks, renderer, most=80, size=7.6, unlabelled=frozenset(named_beside))
    gw_chart(_Slot(10.75, 4.75, 2.2, 2.15).axes(figure), here, plan.years, index)
    legends(figure, here, index, margin=_MARGIN / _WIDTH, bottom=0.2 / 8.2)
    return figure


def _new_figure(height: float) -> tuple[Figure, RendererAgg]:
    figure = Figure(figsize=(_WIDTH, height), dpi=150, facecolor="white")
    renderer: RendererAgg = _PatientCanvas(figure).get_renderer()  # type: ignore[no-untyped-call]
    return figure, renderer


def _pixels(figure: Figure, slot: _Slot) -> Box:
    dpi = figure.dpi
    return Box(
        slot.left * dpi, slot.bottom * dpi, (slot.left + slot.width) * dpi, (slot.bottom + slot.height) * dpi
    )  # fmt: skip


def _titles(figure: Figure, plan: MapPlan, title: str, note: str) -> None:
    high, left = figure.get_size_inches()[1], _MARGIN / _WIDTH
    _fitting(figure, figure.text(left, 1 - 0.28 / high, title, fontsize=16, weight="bold", color=INK, va="center"))
    figure.text(left, 1 - 0.60 / high, proof(plan), fontsize=9.6, color=QUIET, va="center")
    source = f"Source: {shorten(plan.title, 60)} · GW of IT on line at the end of the year · equal-area projection"
    _fitting(figure, figure.text(left, 0.1 / high, f"{source} · {note}", fontsize=5.8, color=QUIET, va="center"))


def _fitting(figure: Figure, text: Text) -> None:
    """Shrink a text that would leave the figure."""
    room = figure.bbox.width * (1 - 2 * _MARGIN / _WIDTH)
    width = text.get_window_extent(figure.canvas.get_renderer()).width  # type: ignore[attr-defined]
    text.set_fontsize(float(text.get_fontsize()) * min(1.0, 0.96 * room / max(width, 1.0)))


def _boundary_note(basemap: UserBasemap | None) -> str:
    return BOUNDARY_NOTE if basemap is None else basemap.note


def _degrees(value: float, positive: str, negative: str) -> str:
    return f"{abs(value):g}°{positive if value >= 0 else negative}"


def _inside(site: SiteView, region: Region) -> bool:
    return region.west <= site.longitude <= region.east and region.south <= site.latitude <= region.north


def _crowded_regions(sites: Sequence[SiteView], index: int) -> list[Region]:
    """Regions with so many campuses on line that the world map cannot name them, most crowded first."""
    count = {
        region: sum(_inside(site, region) and site.online_gw[index] > 0 for site in sites)
        for region in REGIONS
        if region.key in _INSET_REGIONS
    }
    crowded = [region for region in count if count[region] >= _INSET_NEEDS_SITES]
    return sorted(crowded, key=lambda region: -count[region])[:_MOST_INSETS]


def crowded_part(sites: Sequence[SiteView], region: Region, index: int) -> Region | None:
    """Part of a region, a ninth as wide, with most campuses on line; None if nowhere enough of them crowd."""
    online = sorted((site for site in sites if site.online_gw[index] > 0), key=lambda site: site.site)
    half_width, half_height = (region.east - region.west) / 18, (region.north - region.south) / 14

    def around(x: float, y: float, wider: float = 1.0) -> Region:
        across, up = half_width * wider, half_height * wider
        return Region("close_up", "Close-up (dashed frame)", x - across, x + across, y - up, y + up, x)

    parts = [around(site.longitude, site.latitude) for site in online]
    counts = [sum(_inside(site, part) for site in online) for part in parts]
    if max(counts, default=0) < _CLOSE_UP_NEEDS_SITES:
        return None
    inside = [site for site in online if _inside(site, parts[counts.index(max(counts))])]
    west, east = min(site.longitude for site in inside), max(site.longitude for site in inside)
    south, north = min(site.latitude for site in inside), max(site.latitude for site in inside)
    return around((west + east) / 2, (south + north) / 2, wider=1.1)


def _aspect(region: Region) -> float:
    x0, x1, y0, y1 = Projection(region).extent(region.south, region.north)
    return (x1 - x0) / (y1 - y0)


def _inset_slots(regions: Sequence[Region]) -> dict[Region, _Slot]:
    """Places of the insets: side by side, of equal height, each in the shape of its region."""
    if not regions:
        return {}
    aspects = [_aspect(region) for region in regions]
    room = _WIDTH - 2 * _MARGIN - _CHART_WIDTH - _GAP * len(regions)
    low, high = _ROW_HEIGHTS
    height = min(high, max(low, room / sum(aspects)))
    squeeze = min(1.0, room / (height * sum(aspects)))
    slots, left = {}, _MARGIN
    for region, aspect in zip(regions, aspects, strict=True):
        slots[region] = _Slot(left, _LEGENDS, aspect * height * squeeze, height)
        left += aspect * height * squeeze + _GAP
    return slots


def _draw_inset(
    figure: Figure, plan: MapPlan, region: Region, slot: _Slot, index: int, renderer: RendererAgg,
    basemap: UserBasemap | None,
) -> set[str]:  # fmt: skip
    """Draw a regional map; returns the sites on it."""
    panel = Panel(slot.axes(figure), Projection(region), basemap=basemap)
    panel.frame_degrees(region.south, region.north)
    panel.draw_base(states=region.key in ("north_america", "close_up"))
    marks = panel.marks(plan.sites, index)
    panel.draw_marks(marks)
    title = panel.axes.text(
        0.012, 0.975, region.title, transform=panel.axes.transAxes, fontsize=8.4, weight="bold", color=INK,
        va="top", zorder=9, bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
    )  # fmt: skip
    extent = title.get_window_extent(renderer)
    corner = Box(extent.x0 - 4, extent.y0 - 4, extent.x1 + 4, extent.y1 + 4)
    panel.draw_labels(marks, renderer, most=60, taken=[corner], size=6.4)
    return {mark.site.site for mark in marks}


def _outline(world: Panel, region: Region) -> None:
    """Draw the frame of an inset on the larger map."""
    across, up = np.linspace(region.west, region.east, 40), np.linspace(region.south, region.north, 40)
    longitude = np.concatenate([across, np.full(40, region.east), across[::-1], np.full(40, region.west)])
    latitude = np.concatenate([np.full(40, region.south), up, np.full(40, region.north), up[::-1]])
    xy = world.projection.points(longitude, latitude)
    world.axes.plot(xy[:, 0], xy[:, 1], color=QUIET, linewidth=0.7, linestyle=(0, (4, 3)), zorder=3)


def _outline_name(world: Panel, region: Region, renderer: RendererAgg) -> Box:
    """Write the name of an inset under its frame on the world map; returns the place that it takes."""
    at = world.projection.points(np.array([region.west]), np.array([region.south]))[0]
    text = world.axes.text(
        at[0], at[1], region.title, fontsize=6.8, color=QUIET, va="top", zorder=3, style="italic"
    )  # fmt: skip
    extent = text.get_window_extent(renderer)
    return Box(extent.x0, extent.y0, extent.x1, extent.y1)
