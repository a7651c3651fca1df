"""What explains a static map: the chart of GW by year and the legends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from maps.names import POWER_KINDS, kind_colour
from maps.static.panel import CANDIDATE, EDGE, INK, LAND, QUIET, diameter
from maps.view.model import SiteView
from maps.words import gigawatts


def gw_chart(axes: Axes, sites: Sequence[SiteView], years: Sequence[int], index: int) -> None:
    """GW on line by year, stacked by main power, with the committed part as a line."""
    axes.patch.set_alpha(0)
    base = np.zeros(len(years))
    for kind, _, colour in (*POWER_KINDS, ("", "", kind_colour(""))):
        gw = np.sum([site.online_gw for site in sites if site.main_power == kind], axis=0) + np.zeros(len(years))
        if gw.any():
            axes.bar(years, gw, bottom=base, width=0.82, color=colour, zorder=2)
            base += gw
    committed = np.sum([site.committed_gw for site in sites], axis=0) + np.zeros(len(years))
    for year, gw in zip(years, committed, strict=True):
        if gw > 0:
            axes.plot([year - 0.41, year + 0.41], [gw, gw], color=INK, linewidth=1.4, zorder=3)
    axes.set_title(
        "GW on line by year" + ("  (line: committed part)" if committed.any() else ""),
        fontsize=7.6,
        color=INK,
        loc="left",
    )
    axes.set_xticks(sorted({years[0], years[index], years[-1]}))
    axes.tick_params(colors=QUIET, labelsize=7, length=0)
    axes.grid(axis="y", color=EDGE, linewidth=0.5, zorder=0)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.add_patch(
        Rectangle(
            (years[index] - 0.47, 0), 0.94, float(base[index]), fill=False, edgecolor=INK, linewidth=0.8, zorder=4
        )
    )
    axes.annotate(
        gigawatts(float(base[index])), (years[index], float(base[index])), (0, 3), textcoords="offset points",
        ha="center", fontsize=7.4, weight="bold", color=INK,
    )  # fmt: skip
    axes.set_ylim(0, max(float(base.max()) * 1.12, 0.1))


def _disc(size: float, face: str, edge: str, label: str) -> Line2D:
    return Line2D(
        [], [], marker="o", linestyle="", markersize=size, markerfacecolor=face, markeredgecolor=edge, label=label
    )  # fmt: skip


def legends(figure: Figure, sites: Sequence[SiteView], index: int, *, margin: float, bottom: float) -> None:
    """Colours, rings and sizes, in fractions of the figure from its lower corners."""
    used = {site.main_power for site in sites if site.online_gw[index] > 0}
    handles = [_disc(8, colour, "white", label) for kind, label, colour in POWER_KINDS if kind in used]
    if "" in used:
        handles.append(_disc(8, kind_colour(""), "white", "no energy yet"))
    if any(site.committed_gw[index] > 0 for site in sites):
        handles.append(_disc(8, "none", INK, "committed part"))
    handles.append(_disc(4, LAND, CANDIDATE, "candidate, not on line"))
    words = {"frameon": False, "labelcolor": INK, "alignment": "left", "borderpad": 0.0, "fontsize": 7.6}
    kinds = figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(margin, bottom), ncol=len(handles), handletextpad=0.3,
        columnspacing=1.1, title="Power that delivers most energy", title_fontsize=8, **words,
    )  # fmt: skip
    sizes = [_disc(diameter(gw), "none", QUIET, f"{gw:g}") for gw in (0.3, 1, 3)]
    areas = figure.legend(
        handles=sizes, loc="lower right", bbox_to_anchor=(1 - margin, bottom), ncol=3, handletextpad=0.7,
        columnspacing=1.6, title="GW on line (area)", title_fontsize=8, handleheight=diameter(3) / 7.6, **words,
    )  # fmt: skip
    for legend in (kinds, areas):
        legend.get_title().set(color=INK, weight="bold")
