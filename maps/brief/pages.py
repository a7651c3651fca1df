"""The two pages of a brief."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from matplotlib.figure import Figure

from maps.brief.findings import binding_rows, commitments, policy_words, power_words, proof_words, year_rows
from maps.brief.paper import INNER, MARGIN, Column, Sheet, cut
from maps.brief.prices import KnownPrice
from maps.names import BOUNDARY_NOTE
from maps.plan import Plan
from maps.regions import WORLD
from maps.static.charts import capacity_chart, chips_chart, commitments_chart, kinds_in, power_chart
from maps.static.panel import INK, QUIET, Panel
from maps.static.projection import Projection
from maps.view.model import MapPlan
from maps.words import finding, gigawatts, money

_TILE = 0.62
_MAP_HEIGHT = 3.4
_FIRST_COMMITMENTS = 14
_MOST_PRICES = 6
_MOST_POLICY = 5
_MOST_LABELS = 18
_KEY_COLUMNS, _KEY_LINE = 2, 0.16  # of a chart; inches


def first_page(plan: Plan) -> Figure:
    """Headline, map, capacity and chips, and what has to be decided first."""
    sheet, view = Sheet(), plan.view
    _header(sheet, view, finding(view.sites, view.years[-1], len(view.years) - 1))
    _tiles(sheet, plan)
    _map(sheet, view)
    sheet.skip(0.22)
    half = INNER / 2
    capacity_chart(sheet.axes(0.15, half - 0.45, 1.35), view, columns=4)
    chips_chart(sheet.axes(half + 0.25, half - 0.45, 1.35), view, columns=3)
    sheet.skip(2.08)
    _first_commitments(sheet, plan)
    _footer(sheet, view, 1)
    return sheet.figure


def second_page(plan: Plan, prices: Sequence[KnownPrice]) -> Figure:
    """Year by year, what binds and what it is worth, policy, power, commitments, proof."""
    sheet, view = Sheet(), plan.view
    sheet.heading("Year by year")
    sheet.table(
        (
            Column("year", 0, 6),
            Column("GW on line", 1.05, 10, right_aligned=True),
            Column("chips, million", 1.95, 14, right_aligned=True),
            Column("capital, B USD", 2.9, 14, right_aligned=True),
            Column("revenue, B USD", 3.85, 14, right_aligned=True),
            Column("demand served", 4.75, 14, right_aligned=True),
            Column("scarce", 4.95, 42),
        ),
        list(year_rows(plan)),
    )  # fmt: skip
    sheet.skip(0.1)
    sheet.heading("What binds (in brackets: years)")
    sheet.table(
        (Column("limit", 0, 28), Column("how many", 1.75, 12), Column("years", 2.5, 24), Column("longest", 3.95, 62)),
        list(binding_rows(view)) or [("nothing binds", "", "", "")],
    )
    sheet.skip(0.1)
    _prices(sheet, prices)
    sheet.heading("Export rules")
    for line in list(policy_words(view))[:_MOST_POLICY]:
        sheet.paragraph(cut(line, 126))
    sheet.skip(0.1)
    sheet.heading("Power")
    for line in power_words(view):
        sheet.paragraph(line)
    sheet.skip(0.1)
    _commitments_and_power(sheet, view)
    sheet.heading("Proof and audit")
    for line in proof_words(plan):
        sheet.paragraph(line)
    _footer(sheet, view, 2)
    return sheet.figure


def _header(sheet: Sheet, view: MapPlan, found: str) -> None:
    sheet.text(0, cut(view.title, 68), size=15, weight="bold")
    sheet.skip(0.3)
    sheet.text(0, cut(found, 100), size=9.5, color=QUIET)
    sheet.skip(0.3)


def _tiles(sheet: Sheet, plan: Plan) -> None:
    """Eight figures in two rows."""
    tiles = list(_figures(plan))
    for start in (0, 4):
        for number, (value, label) in enumerate(tiles[start : start + 4]):
            left = number * INNER / 4
            sheet.text(left, value, size=13, weight="bold")
            sheet.figure.text(
                (MARGIN + left) / sheet.figure.get_figwidth(), (sheet.top - 0.25) / sheet.figure.get_figheight(), label,
                fontsize=6.6, color=QUIET, va="top",
            )  # fmt: skip
        sheet.skip(_TILE - 0.1)


def _figures(plan: Plan) -> Sequence[tuple[str, str]]:
    view, headline, audit = plan.view, plan.view.headline, plan.manifest.get("audit") or {}
    unknown = "not known"
    tokens, worth, gap = headline.tokens_trillion_per_month_end, headline.npv_busd, headline.gap_rel
    end = view.years[-1]
    verdict = {True: "passed", False: "FAILED"}.get(audit.get("ok"), unknown)  # type: ignore[arg-type]
    return (
        (f"{gigawatts(view.totals.online_gw[-1])} GW", f"of IT on line, end of {end}"),
        (str(sum(site.online_gw[-1] > 0 for site in view.sites)), f"campuses, of {len(view.sites)} considered"),
        (money(headline.capital_busd), "capital, not discounted"),
        (f"{headline.chips_million:,.1f} million", "chips installed"),
        (unknown if tokens is None else f"{tokens:,.0f}", f"trillion tokens a month in {end}"),
        (unknown if worth is None else money(worth), "net present value of the plan"),
        (unknown if gap is None else f"{gap:.2%}", "proven gap to the best possible"),
        (verdict, f"audit of {audit['checks']:,} checks" if "checks" in audit else "audit"),
    )


def _map(sheet: Sheet, view: MapPlan) -> None:
    panel = Panel(sheet.axes(0, INNER, _MAP_HEIGHT), Projection(WORLD), mark_scale=0.7)
    panel.frame_degrees(-42, 72)
    panel.draw_base(states=False)
    marks = panel.marks(view.sites, len(view.years) - 1)
    panel.draw_marks(marks)
    renderer = sheet.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    panel.draw_labels(marks, renderer, most=_MOST_LABELS, size=5.4)
    sheet.skip(_MAP_HEIGHT + 0.05)
    online = [site for site in view.sites if site.online_gw[-1] > 0]
    sheet.text(
        0,
        "Area: GW on line; ring: committed before; small circles: candidates. Colour: power that delivers most.",
        size=6.2,
    )
    sheet.skip(0.13)
    sheet.figure.legend(
        handles=kinds_in(online), loc="upper left", ncol=9, frameon=False, fontsize=6.2, labelcolor=INK, borderpad=0,
        bbox_to_anchor=(MARGIN / sheet.figure.get_figwidth(), (sheet.top + 0.02) / sheet.figure.get_figheight()),
        handlelength=0.9, columnspacing=0.8, handletextpad=0.4,
    )  # fmt: skip
    sheet.skip(0.12)


def _first_commitments(sheet: Sheet, plan: Plan) -> None:
    rows = commitments(plan)
    sheet.heading("What has to be decided first")
    sheet.table(
        (
            Column("decide by", 0, 10), Column("campus", 0.9, 34), Column("country", 3.1, 8),
            Column("GW of IT", 4.4, 9, right_aligned=True), Column("shell and opening", 5.6, 18, right_aligned=True),
            Column("on line from", 5.9, 12),
        ),
        [
            (row.decide_by, row.site, row.country, f"{row.it_gw:.2f}", money(row.cost_busd), row.energised)
            for row in rows[:_FIRST_COMMITMENTS]
        ] or [("nothing is left to decide", "", "", "", "", "")],
    )  # fmt: skip
    more = f" {len(rows) - _FIRST_COMMITMENTS} more follow." if len(rows) > _FIRST_COMMITMENTS else ""
    sheet.text(
        0, f"Decide by: the last date that still puts the modules on line on the day planned.{more}", color=QUIET
    )


def _prices(sheet: Sheet, prices: Sequence[KnownPrice]) -> None:
    sheet.heading("What a little more would be worth")
    if not prices:
        sheet.paragraph("Not known: no price study was given. `gigasite price` finds what each limit is worth.")
    else:
        unit = prices[0].value_unit
        sheet.table(
            (
                Column("limit", 0, 42), Column("step", 2.45, 32),
                Column(f"worth, {unit}", 5.2, 24, right_aligned=True), Column("known by", 5.4, 30),
            ),
            [
                (row.limit, row.step, f"{row.value:,.4g}", row.known_by.replace("_", " "))
                for row in prices[:_MOST_PRICES]
            ],
        )  # fmt: skip
    sheet.skip(0.1)


def _commitments_and_power(sheet: Sheet, view: MapPlan) -> None:
    """Charts in the room that is left above the proof."""
    height = max(0.9, sheet.top - 2.15)
    sheet.heading("Timeline and energy")
    sheet.skip(0.2)
    inner = height - 0.75
    most = max(3, int(inner / 0.15))
    decided = sum(any(not phase.fact for phase in site.phases) for site in view.sites)
    inner = min(inner, max(1.7, 0.3 * decided))
    commitments_chart(sheet.axes(1.75, 2.6, inner), view, most=most, size=5.2)
    keys = ceil(sum(any(part.values) for part in view.totals.energy_twh) / _KEY_COLUMNS)
    power_chart(sheet.axes(4.85, 2.3, min(inner - 0.1 - _KEY_LINE * keys, 1.7)), view, columns=_KEY_COLUMNS)
    sheet.skip(inner + 0.25)


def _footer(sheet: Sheet, view: MapPlan, number: int) -> None:
    sheet.top = 0.46
    sheet.text(0, f"{cut(view.title, 90)} · page {number} of 2", size=5.4, color=QUIET)
    sheet.skip(0.11)
    sheet.text(0, BOUNDARY_NOTE, size=5.4, color=QUIET)
