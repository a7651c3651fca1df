"""What an executive reads on the console: the headline, what to build first, what it costs and earns, what binds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from optimizer.plan.power_summary import power_lines
from optimizer.plan.scarcity import scarcity_by_year
from optimizer.plan.tables import Phase, PlanTables

#: Commitments shown under "Build first".
FIRST_COMMITMENTS = 12


@dataclass(frozen=True)
class PlanSummary:
    """A plan as people want to hear it."""

    title: str
    manifest: Mapping[str, Any]
    tables: PlanTables
    fractions: str = ""

    def print(self, console: Console) -> None:
        """Print the summary."""
        console.print(Group(*self._parts()))

    def _parts(self) -> Iterator[RenderableType]:
        yield Text(self.title, style="bold")
        yield from self._headline()
        yield from (Text(""), self._first_commitments(), Text(""), self._by_year(), Text(""), self._money(), Text(""))
        yield self._markets()
        if self.manifest.get("power") is not None:
            yield Text("")
            yield from power_lines(self.manifest["power"])
        yield from self._vacuous()

    def _headline(self) -> Iterator[RenderableType]:
        manifest, head = self.manifest, self.manifest["headline"]
        yield Text(
            f"{head['sites_opened']} campuses, {head['gw_online_end']:,.1f} GW of IT on line at the end, "
            f"{head['chips_million']:,.1f} million chips, {_money(head['capex_busd'])} of capital, "
            f"{head['tokens_trillion_per_month_end']:,.0f} trillion tokens a month at the end"
        )
        gap = manifest["gap_rel"]
        proof = "" if gap is None else f", within {gap:.2%} of the best possible"
        if manifest["gap_busd"] is not None and gap:
            proof += f" (at most {_money(manifest['gap_busd'])} better)"
        audit = manifest["audit"]
        fractions = f"; {self.fractions}" if self.fractions else ""
        yield Text(
            f"Net present value {_money(manifest['npv_busd'])}{proof}{fractions}; {manifest['stopped_because']}. "
            f"Audit: {audit['checks']:,} checks passed."
        )

    def _first_commitments(self) -> RenderableType:
        table = Table(title="Build first", title_justify="left", box=None, pad_edge=False)
        for name in ("commit", "on line", "site", "country"):
            table.add_column(name)
        table.add_column("GW of IT", justify="right")
        table.add_column("shell", justify="right")
        table.add_column("main power")
        table.add_column("chips")
        sites = {row.site: row for row in self.tables.sites}
        decided = sorted(
            (row for row in self.tables.phases if not row.fact), key=lambda row: (row.committed, -row.it_gw)
        )
        for phase in decided[:FIRST_COMMITMENTS]:
            site = sites[phase.site]
            cost = _money(phase.opening_cost_busd + phase.module_cost_busd)
            chips = self._first_chips(phase)
            power = site.main_power.replace("_", " ")
            table.add_row(
                phase.committed, phase.energised, site.name, site.country, f"{phase.it_gw:.2f}", cost, power, chips
            )
        more = len(decided) - FIRST_COMMITMENTS
        if more > 0:
            table.caption, table.caption_justify = f"{more} later commitments are in phases.csv", "left"
        return table

    def _first_chips(self, phase: Phase) -> str:
        """Chip that arrives most in the year after the phase is energised."""
        arrivals: dict[str, float] = defaultdict(float)
        a_year_later = str(int(phase.energised[:4]) + 1) + phase.energised[4:]
        for row in self.tables.chips:
            if row.site == phase.site and phase.energised <= row.period < a_year_later:
                arrivals[row.chip] += row.installed_gw
        return max(arrivals, key=arrivals.__getitem__) if arrivals else "none within a year"

    def _by_year(self) -> RenderableType:
        table = Table(title="Year by year, and what was scarce", title_justify="left", box=None, pad_edge=False)
        table.add_column("year")
        columns = (
            "GW on line",
            "with chips",
            "capital",
            "revenue",
            "from sold-out supply",
            "budget used",
            "demand served",
        )
        for name in columns:
            table.add_column(name, justify="right")
        table.add_column("scarce")
        online, capital, revenue = self._online_by_year(), self._capital_by_year(), self._revenue_by_year()
        for row in scarcity_by_year(self.tables):
            money = (_money(capital[row.year]), _money(revenue[row.year]))
            shares = (f"{share:.0%}" for share in (row.chips_sold_out, row.capital_used, row.demand_served))
            scarce = ", ".join(row.scarce) or "nothing"
            table.add_row(str(row.year), f"{online[row.year]:,.1f}", f"{row.filled:.0%}", *money, *shares, scarce)
        return table

    def _online_by_year(self) -> Mapping[int, float]:
        last: dict[int, str] = {}
        for row in self.tables.operations:
            year = int(row.period[:4])
            last[year] = max(last.get(year, ""), row.period)
        online: dict[int, float] = defaultdict(float)
        for row in self.tables.operations:
            if row.period == last[int(row.period[:4])]:
                online[int(row.period[:4])] += row.online_gw
        return online

    def _capital_by_year(self) -> Mapping[int, float]:
        capital: dict[int, float] = defaultdict(float)
        for row in self.tables.limits:
            if row.family == "budget":
                capital[int(row.when)] += row.used
        return capital

    def _revenue_by_year(self) -> Mapping[int, float]:
        revenue: dict[int, float] = defaultdict(float)
        for row in self.tables.demand:
            revenue[row.year] += row.revenue_busd
        for flow in self.tables.serving:
            revenue[flow.year] -= flow.stack_discount_busd
        return revenue

    def _money(self) -> RenderableType:
        table = Table(title="Money over the plan", title_justify="left", box=None, pad_edge=False)
        table.add_column("")
        table.add_column("undiscounted", justify="right")
        table.add_column("present value", justify="right")
        flat: dict[str, float] = defaultdict(float)
        present: dict[str, float] = defaultdict(float)
        for row in self.tables.cash:
            flat[row.category] += row.busd
            present[row.category] += row.pv_busd
        for category in sorted(present, key=present.__getitem__, reverse=True):
            table.add_row(category.replace("_", " "), _money(flat[category]), _money(present[category]))
        table.add_row("net", _money(sum(flat.values())), _money(sum(present.values())), style="bold")
        return table

    def _markets(self) -> RenderableType:
        table = Table(title="Where", title_justify="left", box=None, pad_edge=False)
        table.add_column("country")
        for name in ("campuses", "GW of IT at the end", "capital"):
            table.add_column(name, justify="right")
        gw: dict[str, float] = defaultdict(float)
        for row in self.tables.sites:
            gw[row.country] += row.it_gw_end
        for country in sorted((code for code in gw if gw[code] > 0), key=lambda code: -gw[code]):
            rows = [row for row in self.tables.sites if row.country == country and row.first_energised]
            capital = sum(row.capital_busd for row in rows)
            table.add_row(country, str(len(rows)), f"{gw[country]:,.2f}", _money(capital))
        return table

    def _vacuous(self) -> Iterator[RenderableType]:
        rows = self.manifest["vacuous"]
        if rows:
            yield Text(
                f"\n{len(rows)} rows of the instance have no effect here; manifest.json lists them with the reason."
            )


def _money(busd: float) -> str:
    """Money with a unit that keeps three digits readable."""
    if abs(busd) >= 1000:
        return f"{busd / 1000:,.2f} T USD"
    return f"{busd:,.1f} B USD" if abs(busd) >= 1 else f"{busd * 1000:,.0f} M USD"
