"""What every part of the oracle needs: time and money (SEMANTICS 1, 6)."""

from __future__ import annotations

from collections import defaultdict

from optimizer.instance.country_sets import parse_country_set
from optimizer.instance.instance import Instance
from optimizer.instance.schema import Site
from tests.oracle.lp import Key, Lp, Terms


class Basis:
    """An instance, its time, and the LP under construction."""

    def __init__(self, instance: Instance) -> None:
        self.data = instance
        self.settings = instance.settings
        self.lp = Lp()
        self.spans = [(span.start, span.end) for span in instance.calendar.periods]
        self.T = range(len(self.spans))
        self.first, self.end = self.spans[0][0], self.spans[-1][1]
        every = self.settings.calendar.decision_every_months
        self.D = [t for t in self.T if (self.start(t) - self.first) % every == 0]
        self.r = self.settings.finance.discount_rate
        self.chips = {chip.chip: chip for chip in instance.chips}
        self.committed = {s.site: [b for b in instance.committed if b.site == s.site] for s in instance.sites}
        self.capital: dict[tuple[str, str, int], Terms] = defaultdict(list)
        self.fixed_capital: dict[tuple[str, str, int], float] = defaultdict(float)
        self.money = self.settings.objective != "compute"
        self.sales_count = self.settings.objective == "npv"

    def start(self, t: int) -> int:
        return self.spans[t][0]

    def years(self, t: int) -> float:
        return (self.spans[t][1] - self.spans[t][0]) / 12

    def year(self, t: int) -> int:
        return self.start(t) // 12

    def disc(self, t: int) -> float:
        middle = (self.spans[t][0] + self.spans[t][1]) / 2
        return float((1 + self.r) ** (-(middle - self.first) / 12))

    @property
    def final(self) -> float:
        return float((1 + self.r) ** (-(self.end - self.first) / 12))

    def of_year(self, year: int) -> list[int]:
        return [t for t in self.T if self.year(t) == year]

    @property
    def plan_years(self) -> list[int]:
        return sorted({self.year(t) for t in self.T})

    def year_disc(self, year: int) -> float:
        periods = self.of_year(year)
        return sum(self.disc(t) * self.years(t) for t in periods) / sum(self.years(t) for t in periods)

    def first_from(self, month: int) -> int | None:
        return next((t for t in self.T if self.start(t) >= month), None)

    def decided_by(self, t: int) -> int:
        return max(d for d in self.D if d <= t)

    def inside(self, test: str, country: str, month: int) -> bool:
        return parse_country_set(test).contains(country, month, self.data.groups)

    def premium(self, country: str, life: float) -> float:
        def crf(i: float) -> float:
            return 1 / life if i == 0 else i / (1 - (1 + i) ** -life)

        return max(0.0, crf(self.data.country_by_code[country].wacc_fraction) / crf(self.r) - 1)

    def earn(self, busd: float, key: Key | None) -> None:
        if self.money and key is None:
            self.lp.constant += busd
        elif self.money and key is not None:
            self.lp.value[key] += busd

    def pay(self, site: Site, t: int, busd: float, life: float, key: Key | None) -> None:
        account = (site.pool, site.country, self.year(t))
        self.earn(-self.disc(t) * busd * (1 + self.premium(site.country, life)), key)
        if key is None:
            self.fixed_capital[account] += busd
        else:
            self.capital[account].append((busd, key))

    def keep(self, country: str, busd: float, since: int, life: float, key: Key) -> None:
        if self.settings.finance.terminal_value:
            left = max(0.0, 1 - (self.end - since) / 12 / life)
            self.earn(self.final * left * busd * (1 + self.premium(country, life)), key)
