"""Power of a plan by source: capacity, energy, what it costs and emits, and the months that bridges gain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from maps.names import source_label, source_order
from maps.view.model import Series
from maps.view.supply import (
    BridgeView,
    DeliveredPower,
    HoursCheck,
    HoursOfYear,
    PlanSupply,
    PowerSourceView,
    SiteSupply,
    YearlyKnown,
)
from optimizer.instance.instance import Instance
from optimizer.instance.schema import TechnologyKind
from optimizer.plan.tables import PlanTables, PowerCapacity, PowerEnergy

if TYPE_CHECKING:
    from optimizer.plan.full_year import FullYearCheck
    from optimizer.plan.power_outcome import PowerOutcome
    from optimizer.plan.power_report import PowerYear


class _OfSite(Protocol):
    @property
    def site(self) -> str: ...


_SiteRow = TypeVar("_SiteRow", bound=_OfSite)


def options_are_known(instance: Instance, tables: PlanTables) -> bool:
    """Whether every power option of the tables stands in the instance; what follows from both needs that."""
    known = {(option.site, option.option) for option in instance.power_options}
    return all((row.site, row.option) in known for rows in (tables.power, tables.energy) for row in rows)


@dataclass(frozen=True)
class PowerBook:
    """Power of every site of a plan."""

    instance: Instance
    tables: PlanTables
    full_year: Sequence[FullYearCheck] = ()

    @property
    def sources(self) -> tuple[PowerSourceView, ...]:
        """All sources that the plan uses, in the order of legends."""
        return tuple(sorted(self._sources.values(), key=lambda source: (source_order(source.kind), source.key)))

    def capacity(self, site: str) -> tuple[Series, ...]:
        """GW of each source at the end of each year; of storage its power."""
        found: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        for row in self._capacity_rows.get(site, ()):
            for source, per_mw, _ in self._made_of(row.site, row.option, row.kind):
                found[source][int(row.period[:4])] += per_mw * row.added_gw
        years = self.instance.calendar.years
        return self._series(
            found, lambda added: tuple(sum(gw for first, gw in added.items() if first <= y) for y in years)
        )

    def energy(self, site: str) -> tuple[Series, ...]:
        """TWh made by each source in each year; storage makes none."""
        found: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        for row in self._energy_rows.get(site, ()):
            for source, _, per_mwh in self._made_of(row.site, row.option, row.kind):
                if not self._sources[source].stores:
                    found[source][row.year] += per_mwh * row.energy_twh
        years = self.instance.calendar.years
        return self._series(found, lambda made: tuple(made.get(year, 0.0) for year in years))

    def supply(self, site: str) -> SiteSupply | None:
        """What the power of a site costs and emits; None for sites that take none."""
        years = self._years.get(site, ())
        if not years:
            return None
        return SiteSupply(
            delivered=_delivered(self.instance.calendar.years, years),
            interrupted_hours=_by_year(self.instance.calendar.years, years, lambda rows: rows[0].interrupted_hours),
            cut_hours=self._cut_hours(years),
            bridge=self._bridges.get(site),
            hours=tuple(
                HoursOfYear(row.year, row.unserved_twh, row.cost_difference_share, row.carbon_difference_mt)
                for row in self.full_year
                if row.site == site
            ),
        )

    def _cut_hours(self, years: Sequence[PowerYear]) -> YearlyKnown:
        if not any(row.cut_hours for row in years):
            return ()
        return _by_year(self.instance.calendar.years, years, lambda rows: rows[0].cut_hours)

    def plan_supply(self) -> PlanSupply | None:
        """The same over all sites; None for plans without power."""
        if self._outcome is None or not self._outcome.years:
            return None
        facts = self._outcome.as_dict()
        return PlanSupply(
            delivered=_delivered(self.instance.calendar.years, self._outcome.years),
            energy_twh=facts["energy_twh"],
            usd_per_mwh=facts["delivered_usd_per_mwh"],
            carbon_t_per_mwh=facts["carbon_t_per_mwh"],
            clean_share=facts["clean_share"],
            bridged_sites=facts["bridged_sites"],
            months_gained=facts["months_gained"],
            hours=_hours_check(facts["full_year"]),
        )

    def _series(
        self, found: Mapping[str, Mapping[int, float]], values: Callable[[Mapping[int, float]], tuple[float, ...]]
    ) -> tuple[Series, ...]:
        return tuple(Series(source, self._sources[source].label, values(by_year)) for source, by_year in found.items())

    def _made_of(self, site: str, option: str, kind: str) -> Iterator[tuple[str, float, float]]:
        """Source, MW per MW and MWh per MWh of what an option is made of; a given one is of its kind."""
        parts = self.instance.parts_of_option.get((site, option), ())
        if not parts:
            yield kind, 1.0, 1.0
        for part in parts:
            yield part.technology, part.mw_per_mw, part.mwh_per_mwh

    @cached_property
    def _sources(self) -> Mapping[str, PowerSourceView]:
        used = {(row.site, row.option, row.kind) for rows in (self.tables.power, self.tables.energy) for row in rows}
        keys = {key for option in used for key, _, _ in self._made_of(*option)}
        kinds = {row.technology: row.kind for row in self.instance.technologies}
        return {key: _source(key, kinds) for key in sorted(keys)}

    @cached_property
    def _capacity_rows(self) -> Mapping[str, list[PowerCapacity]]:
        return _of_site(self.tables.power)

    @cached_property
    def _energy_rows(self) -> Mapping[str, list[PowerEnergy]]:
        return _of_site(self.tables.energy)

    @cached_property
    def _outcome(self) -> PowerOutcome | None:
        """The tables about power that follow from the plan; None if an option is not known."""
        if not options_are_known(self.instance, self.tables):
            return None
        from optimizer.plan.power_outcome import PowerOutcome

        return PowerOutcome.checked(self.instance, self.tables, tuple(self.full_year))

    @cached_property
    def _years(self) -> Mapping[str, list[PowerYear]]:
        return {} if self._outcome is None else _of_site(self._outcome.years)

    @cached_property
    def _bridges(self) -> Mapping[str, BridgeView]:
        rows = () if self._outcome is None else self._outcome.energisations
        return {
            row.site: BridgeView(
                row.energised,
                ", ".join(self._sources[source].label for source in row.bridge.split("+") if source),
                row.without_bridge,
                row.months_gained,
            )
            for row in rows
        }


def _source(key: str, kinds: Mapping[str, TechnologyKind]) -> PowerSourceView:
    """A technology goes by the name of its kind, unless another one is of that kind too."""
    kind = kinds.get(key)
    if kind is None:
        return PowerSourceView(key, source_label(key), key, stores=False)
    alone = list(kinds.values()).count(kind) == 1
    label = source_label(kind) if alone else key.replace("_", " ")
    return PowerSourceView(key, label, str(kind), stores=kind is TechnologyKind.LITHIUM_STORAGE)


def _of_site(rows: Iterable[_SiteRow]) -> Mapping[str, list[_SiteRow]]:
    found: dict[str, list[_SiteRow]] = defaultdict(list)
    for row in rows:
        found[row.site].append(row)
    return found


def _by_year(years: Sequence[int], rows: Iterable[PowerYear], value: Callable[[list[PowerYear]], float]) -> YearlyKnown:
    """A value of the rows of each year; None where there are none."""
    found: dict[int, list[PowerYear]] = defaultdict(list)
    for row in rows:
        found[row.year].append(row)
    return tuple(value(found[year]) if year in found else None for year in years)


def _delivered(years: Sequence[int], rows: Sequence[PowerYear]) -> DeliveredPower:
    """Averages of each year by energy."""

    def average(of: Callable[[PowerYear], float]) -> YearlyKnown:
        def weighted(found: list[PowerYear]) -> float:
            return sum(of(row) * row.energy_twh for row in found) / sum(row.energy_twh for row in found)

        return _by_year(years, rows, weighted)

    return DeliveredPower(
        usd_per_mwh=average(lambda row: row.delivered_usd_per_mwh),
        carbon_t_per_mwh=average(lambda row: row.carbon_t_per_mwh),
        clean_share=average(lambda row: row.clean_share),
    )


def _hours_check(facts: Mapping[str, Any] | None) -> HoursCheck | None:
    if facts is None:
        return None
    counted = {**facts, "warnings": len(facts["warnings"])}
    return HoursCheck(**counted)
