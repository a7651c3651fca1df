"""Whole figures of charts."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from maps.names import shorten
from maps.static.charts import (
    capacity_chart,
    chips_chart,
    commitments_chart,
    decided_sites,
    kinds_in,
    power_chart,
)
from maps.static.panel import INK, QUIET
from maps.view.model import MapPlan
from maps.words import proof

_WIDTH, _MARGIN = 13.2, 0.24
_ROW = 0.2  # inches of a site in the Gantt
_MOST_SITES = 30


def charts_figure(plan: MapPlan) -> Figure:
    """GW, chips and energy by year side by side, and the commitments below."""
    sites = decided_sites(plan, _MOST_SITES)
    gantt = max(1.0, _ROW * len(sites))
    high = 5.3 + gantt
    figure = Figure(figsize=(_WIDTH, high), dpi=150, facecolor="white")
    left = _MARGIN / _WIDTH
    title = f"{shorten(plan.title, 70)}: capacity, chips, power and commitments"
    figure.text(left, 1 - 0.28 / high, title, fontsize=16, weight="bold", color=INK, va="center")
    figure.text(left, 1 - 0.60 / high, proof(plan), fontsize=9.6, color=QUIET, va="center")
    for number, chart in enumerate((capacity_chart, chips_chart, power_chart)):
        axes = _axes(figure, 0.55 + number * 4.28, high - 3.25, 3.75, 2.2)
        chart(axes, plan)
    below = _axes(figure, 3.1, 0.45, _WIDTH - 3.1 - _MARGIN, gantt)
    commitments_chart(below, plan, most=_MOST_SITES)
    figure.legend(
        handles=kinds_in(sites), loc="lower left", bbox_to_anchor=(left, 0.06 / high), ncol=9, frameon=False,
        fontsize=7, labelcolor=INK, borderpad=0, handlelength=1.0,
    )  # fmt: skip
    return figure


def _axes(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Axes at a place in inches."""
    wide, high = figure.get_size_inches()
    return figure.add_axes((left / wide, bottom / high, width / wide, height / high))
