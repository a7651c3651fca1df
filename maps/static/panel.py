"""One map inside a figure: land, site marks, labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.patheffects import Stroke

from maps.basemap import Detail, Layer, layer
from maps.names import kind_colour
from maps.regions import Region
from maps.static.labels import Box, Disc, Placed, Request, place_labels
from maps.static.projection import Projection
from maps.view.model import SiteView
from maps.words import gigawatts

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from maps.static.basemap import UserBasemap

SEA, LAND, EDGE, GRATICULE = "#E8EFF4", "#FBFAF6", "#C3C9D0", "#DAE3E9"
INK, QUIET, CANDIDATE = "#17202B", "#55606D", "#7D8793"

_POINTS_PER_ROOT_GW = 10.0  # diameter of a 1 GW mark [points]
_SMALLEST_POINTS = 3.2


def diameter(gw: float) -> float:
    """Diameter in points of a mark whose area is proportional to ``gw``."""
    return max(_SMALLEST_POINTS, _POINTS_PER_ROOT_GW * float(np.sqrt(max(gw, 0.0))))


@dataclass(frozen=True)
class Mark:
    """A site at its place on a panel."""

    site: SiteView
    online_gw: float
    committed_gw: float
    x: float
    y: float


@dataclass(frozen=True)
class Panel:
    """A map axes that shows one region and fills its box exactly."""

    axes: Axes
    projection: Projection
    mark_scale: float = 1.0
    basemap: UserBasemap | None = None

    @property
    def region(self) -> Region:
        """What it shows."""
        return self.projection.region

    def frame_degrees(self, south: float, north: float) -> None:
        """Set the limits to show the region between two latitudes, widened to the shape of the axes."""
        x0, x1, y0, y1 = self.projection.extent(south, north)
        box = self.axes.get_window_extent()
        aspect = box.width / box.height
        width, height = max(x1 - x0, (y1 - y0) * aspect) * 1.02, max(y1 - y0, (x1 - x0) / aspect) * 1.02
        self.axes.set_xlim((x0 + x1 - width) / 2, (x0 + x1 + width) / 2)
        self.axes.set_ylim((y0 + y1 - height) / 2, (y0 + y1 + height) / 2)

    def draw_base(self, *, states: bool) -> None:
        """Sea, land, borders, lakes."""
        detail = Detail.FINE
        if self.region.is_world:
            from geopandas import GeoSeries

            self.axes.set_axis_off()
            self._plot(GeoSeries([self.projection.outline()]), color=SEA, zorder=0)
            self._plot(self.projection.graticule(), color=GRATICULE, linewidth=0.5, zorder=1)
        else:
            self.axes.set_facecolor(SEA)
            self.axes.set(xticks=[], yticks=[])
            for spine in self.axes.spines.values():
                spine.set_edgecolor(EDGE)
        limits = self.axes.get_xlim(), self.axes.get_ylim()
        if self.basemap is not None:
            own = self.projection.layer(self.basemap.shapes)
            self._plot(own, facecolor=LAND, edgecolor=EDGE, linewidth=0.45, zorder=2)
        else:
            self._draw_natural_earth(detail, states=states)
        self.axes.set(xlim=limits[0], ylim=limits[1], xlabel="", ylabel="")

    def _draw_natural_earth(self, detail: Detail, *, states: bool) -> None:
        land = self.projection.layer(layer(detail, Layer.COUNTRIES).geometry)
        self._plot(land, facecolor=LAND, edgecolor=EDGE, linewidth=0.45, zorder=2)
        if states:
            borders = self.projection.layer(layer(detail, Layer.STATES).geometry)
            self._plot(borders, facecolor="none", edgecolor=EDGE, linewidth=0.35, zorder=2.1)
        lakes = self.projection.layer(layer(detail, Layer.LAKES).geometry)
        self._plot(lakes, color=SEA, zorder=2.2)

    def _plot(self, shapes: gpd.GeoSeries, **style: object) -> None:
        if len(shapes):  # geopandas warns about layers without shapes, and some regions have no lakes or states
            shapes.plot(ax=self.axes, aspect=None, **style)

    def marks(self, sites: Sequence[SiteView], year_index: int) -> list[Mark]:
        """Sites that lie on the panel, largest first."""
        if not sites:
            return []
        at = self.projection.points(
            np.array([site.longitude for site in sites]), np.array([site.latitude for site in sites])
        )
        (x0, x1), (y0, y1) = self.axes.get_xlim(), self.axes.get_ylim()
        found = [
            Mark(site, site.online_gw[year_index], site.committed_gw[year_index], float(x), float(y))
            for site, (x, y) in zip(sites, at, strict=True)
            if x0 <= x <= x1 and y0 <= y <= y1
        ]
        return sorted(found, key=lambda mark: (-mark.online_gw, mark.site.site))

    def draw_marks(self, marks: Sequence[Mark]) -> None:
        """Discs for what is on line, with a dark ring round the committed part; small circles for the rest."""
        waiting = [mark for mark in marks if mark.online_gw <= 0]
        online = [mark for mark in marks if mark.online_gw > 0]
        self._scatter(
            waiting, [_SMALLEST_POINTS] * len(waiting), "candidates",
            facecolors=LAND, edgecolors=CANDIDATE, linewidths=0.7, zorder=4,
        )  # fmt: skip
        self._scatter(
            online, [self._points(mark.online_gw) for mark in online], "sites",
            facecolors=[kind_colour(mark.site.main_power) for mark in online],
            edgecolors="white", linewidths=0.7, zorder=5,
        )  # fmt: skip
        committed = [mark for mark in online if mark.committed_gw > 0]
        self._scatter(
            committed, [self._points(mark.committed_gw) for mark in committed], "committed",
            facecolors="none", edgecolors=INK, linewidths=0.9, zorder=6,
        )  # fmt: skip

    def _points(self, gw: float) -> float:
        return diameter(gw) * self.mark_scale

    def _scatter(self, marks: Sequence[Mark], diameters: Sequence[float], gid: str, **style: object) -> None:
        if not marks:
            return
        drawn = self.axes.scatter(
            [mark.x for mark in marks], [mark.y for mark in marks], s=[d**2 for d in diameters], **style  # type: ignore[arg-type]
        )  # fmt: skip
        drawn.set_gid(gid)

    def discs(self, marks: Sequence[Mark]) -> list[Disc]:
        """Marks in pixels of the figure."""
        per_point = self.axes.figure.dpi / 72
        at: NDArray[np.float64] = self.axes.transData.transform([(mark.x, mark.y) for mark in marks])
        return [
            Disc(
                float(x), float(y),
                (self._points(mark.online_gw) if mark.online_gw > 0 else _SMALLEST_POINTS) / 2 * per_point + 1,
            )
            for mark, (x, y) in zip(marks, at, strict=True)
        ]  # fmt: skip

    def draw_labels(
        self, marks: Sequence[Mark], renderer: RendererAgg, *, most: int, taken: Sequence[Box] = (),
        unlabelled: frozenset[str] = frozenset(), size: float = 7.2,
    ) -> tuple[Placed, ...]:  # fmt: skip
        """Name the largest campuses where there is room; returns what was placed."""
        if not marks:
            return ()
        discs = self.discs(marks)
        chosen = [
            (mark, disc)
            for mark, disc in zip(marks, discs, strict=True)
            if mark.online_gw > 0 and mark.site.site not in unlabelled
        ][:most]
        texts = {mark.site.site: f"{mark.site.short_name}\n{gigawatts(mark.online_gw)} GW" for mark, _ in chosen}
        requests = [
            Request(mark.site.site, disc, *self._measure(texts[mark.site.site], size, renderer))
            for mark, disc in chosen
        ]
        edge = self.axes.get_window_extent()
        per_point = self.axes.figure.dpi / 72
        placed = place_labels(
            requests, discs, Box(edge.x0 + 2, edge.y0 + 2, edge.x1 - 2, edge.y1 - 2),
            taken=taken, gap=1.6 * per_point, longest_leader=24 * per_point,
        )  # fmt: skip
        for label in placed:
            self._draw_label(label, texts[label.key], size)
        return placed

    def _measure(self, text: str, size: float, renderer: RendererAgg) -> tuple[float, float]:
        probe = self.axes.text(0, 0, text, fontsize=size, linespacing=0.95)
        extent = probe.get_window_extent(renderer)
        probe.remove()
        return extent.width + 2, extent.height + 2

    def _draw_label(self, label: Placed, text: str, size: float) -> None:
        to_data = self.axes.transData.inverted()
        centre = label.box.centre
        x, y = to_data.transform(centre)
        words: dict[str, Any] = {
            "fontsize": size, "linespacing": 0.95, "ha": "center", "va": "center", "multialignment": "center",
        }  # fmt: skip
        # The halo is a text of its own: an effect turns text into outlines, and the label must stay text in SVG.
        halo = [Stroke(linewidth=1.6, foreground=LAND, alpha=0.9)]
        self.axes.text(x, y, text, color=LAND, zorder=7.9, path_effects=halo, **words)
        self.axes.text(x, y, text, color=INK, zorder=8, **words).set_gid(f"label:{label.key}")
        if label.needs_leader:
            dx, dy = centre[0] - label.disc.x, centre[1] - label.disc.y
            reach = float(np.hypot(dx, dy))
            start = (label.disc.x + dx / reach * label.disc.radius, label.disc.y + dy / reach * label.disc.radius)
            end = (
                min(max(label.disc.x, label.box.x0), label.box.x1),
                min(max(label.disc.y, label.box.y0), label.box.y1),
            )
            xy = to_data.transform([start, end])
            self.axes.plot(xy[:, 0], xy[:, 1], color=QUIET, linewidth=0.6, zorder=7, solid_capstyle="round")
